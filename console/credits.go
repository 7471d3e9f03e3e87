package console

import (
	"wapas/desk"
	"wapas/ledger"
)

// A creditPage is one transaction of store credit: what it was given for and
// what is left of it, or which credits it took from.
type creditPage struct {
	desk.Credit
	Kind    string
	Given   bool
	Who     desk.Member
	From    []taken
	Entries []entryLines
}

// A taken is how much of a credit that was given went into a transaction.
type taken struct {
	Lot    desk.ID
	Amount ledger.Amount
}

// creditKinds are what a transaction of store credit is, by its purpose.
var creditKinds = map[string]string{
	desk.CreditRefund: "Refund as store credit", desk.CreditGift: "Gift", desk.CreditGoodwill: "Goodwill",
	desk.CreditSpend: "Spent", desk.CreditReturn: "Came back of a purchase", desk.CreditExpiry: "Expired",
}

func showCredit(q *visit) error {
	x, err := desk.Find[desk.Credit](q.Context(), q.desk(), q.book.ID, q.id("id"))
	if err != nil {
		return err
	}
	p := creditPage{Credit: x, Kind: creditKinds[x.Purpose], Given: x.Source != ""}
	for lot, a := range x.TakenFrom() {
		p.From = append(p.From, taken{lot, a})
	}
	if p.Who, err = desk.Find[desk.Member](q.Context(), q.desk(), q.book.ID, x.Member); err != nil {
		return err
	}
	cause := x.ID
	if r := x.Refund(); r != "" {
		cause = r
	}
	entries, err := q.desk().Store.Entries(q.Context(), desk.Query{Book: q.book.ID, Parent: cause, Count: beside, Oldest: true})
	if err != nil {
		return err
	}
	p.Entries = entriesOf(entries)
	return q.show("credit", p.Kind, p)
}
