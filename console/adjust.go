package console

import (
	"context"

	"wapas/desk"
	"wapas/ledger"
)

// An adjustPage is the form by which a wallet is credited or debited by hand,
// and, once it was looked at, what it would do.
type adjustPage struct {
	Customer desk.Customer
	Balance  desk.WalletBalance
	Sides    []otherSide
	Asked    *adjustment   // what was understood; nil before
	Entries  []entryLines  // that would be posted, or will be once somebody agrees
	Two      bool          // somebody else must agree
	Above    ledger.Amount // what one person may do alone
	Over     bool          // the wallet would hold more than it may
}

// An otherSide is where the money of a correction comes from, or goes to.
type otherSide struct{ Code, Name string }

// otherSides are the accounts that a wallet is corrected against.
var otherSides = []otherSide{
	{ledger.Available, "The merchant's balance"},
	{ledger.WriteOff, "Our own cost (written off)"},
	{ledger.BankEscrow, "The bank account in escrow"},
}

// An adjustment is a correction as the form says it.
type adjustment struct {
	Way, Of, Against string // credit or debit; cash or cashback; a code
	Amount           ledger.Amount
	Note, Reference  string
}

// showAdjust is the empty form.
func showAdjust(q *visit) error { return q.adjustForm(adjustPage{}) }

func (q *visit) adjustForm(p adjustPage) (err error) {
	if p.Customer, err = desk.Find[desk.Customer](q.Context(), q.desk(), q.book.ID, q.id("id")); err != nil {
		return err
	}
	if p.Balance, err = q.desk().WalletBalance(q.Context(), q.book.ID, p.Customer.ID); err != nil {
		return err
	}
	p.Sides, p.Above = otherSides, p.Balance.Terms.TwoPeopleAbove
	return q.show("adjust", "Credit or debit by hand", p)
}

// adjustment reads the form. It refuses Invalid, in the field at fault.
func (q *visit) adjustment() (a adjustment, err error) {
	a = adjustment{Way: q.value("way"), Of: q.value("of"), Against: q.value("against"), Note: q.value("note"), Reference: q.value("reference")}
	known := false
	for _, s := range otherSides {
		known = known || s.Code == a.Against
	}
	switch {
	case a.Way != "credit" && a.Way != "debit":
		return a, ledger.Refuse(ledger.Invalid, "way", "say whether it is a credit or a debit").In("way")
	case a.Of != "cash" && a.Of != "cashback":
		return a, ledger.Refuse(ledger.Invalid, "of", "say whether it is cash or cashback").In("of")
	case !known:
		return a, ledger.Refuse(ledger.Invalid, "against", "say where the money comes from, or goes to").In("against")
	}
	a.Amount, err = q.amount("amount")
	return a, err
}

// ask is what the desk is asked for.
func (a adjustment) ask(q *visit, customer desk.ID) desk.Adjustment {
	code := ledger.WalletCash
	if a.Of == "cashback" {
		code = ledger.WalletPromo
	}
	ask := desk.Adjustment{
		MoneyRequest: desk.MoneyRequest{Amount: a.Amount, Reference: a.Reference, Note: a.Note, By: q.by(), Key: q.once(customer, a)},
		Debit:        ledger.AccountID(a.Against), Credit: ledger.Account(code, string(customer)),
	}
	if a.Way == "debit" {
		ask.Debit, ask.Credit = ask.Credit, ask.Debit
	}
	return ask
}

// adjustWallet shows what a correction would do, and, once that was seen, does
// it or asks for a second person.
func adjustWallet(q *visit) error {
	customer := q.id("id")
	a, err := q.adjustment()
	if err != nil {
		q.refused(err)
		return q.adjustForm(adjustPage{})
	}
	ask := a.ask(q, customer)
	if q.value("step") != "do" {
		p, err := q.previewAdjust(a, ask)
		if q.refused(err) {
			return q.adjustForm(adjustPage{})
		}
		if err != nil {
			return err
		}
		return q.adjustForm(p)
	}
	b, err := q.desk().Adjust(q.Context(), q.book.ID, ask)
	switch {
	case q.refused(err):
		return q.adjustForm(adjustPage{})
	case err != nil:
		return err
	case b.State == desk.BookingAsked:
		return q.done("customers/"+string(customer), "%s waits for a second person, who has a day to agree.", rupees(b.Amount))
	case a.Way == "debit":
		return q.done("customers/"+string(customer), "%s was taken from the wallet.", rupees(b.Amount))
	}
	return q.done("customers/"+string(customer), "%s was put into the wallet.", rupees(b.Amount))
}

// previewAdjust does a correction and throws it away. One that takes two people
// posts nothing yet: then the entry is worked out that will be, with the
// balances as they are now.
func (q *visit) previewAdjust(a adjustment, ask desk.Adjustment) (adjustPage, error) {
	p := adjustPage{Asked: &a}
	tried, err := q.desk().Preview(q.Context(), func(ctx context.Context) error {
		b, err := q.desk().Adjust(ctx, q.book.ID, ask)
		p.Two = b.State == desk.BookingAsked
		return err
	})
	if err != nil {
		return p, err
	}
	for _, r := range tried.Rows {
		if w, ok := r.(desk.Wallet); ok {
			p.Over = w.OverLimit
		}
	}
	for _, e := range tried.Entries {
		e.No = 0 // it has no number before it is posted
		p.Entries = append(p.Entries, entriesOf([]desk.EntryLines{e})...)
	}
	if !p.Two {
		return p, nil
	}
	j := ledger.Adjust(ask.Debit, ask.Credit, ask.Amount)
	as, err := q.desk().Store.Balances(q.Context(), q.book.ID, ask.Debit, ask.Credit)
	if err != nil {
		return p, err
	}
	lines, _, err := as.Apply(j, nil)
	if err != nil {
		return p, err
	}
	p.Entries = entriesOf([]desk.EntryLines{{Entry: desk.Entry{Reason: ledger.Adjusted, At: q.now()}, Lines: lines}})
	return p, nil
}
