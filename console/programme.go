package console

import (
	"wapas/desk"
	"wapas/ledger"
)

// A programmePage is what the merchant's store credit is.
type programmePage struct {
	desk.Programme
	Holds    string // the most a member holds, in words
	Lives    string // how long a credit lives, in words
	Types    []option
	Fundings []option
}

var (
	typeWords    = []option{{desk.ClosedProgramme, "Closed: refunds, gifts and goodwill, spent with you only"}, {desk.GiftProgramme, "Gifts and goodwill only, no refunds"}}
	fundingWords = []option{{desk.Backed, "Your promise to honour it"}, {desk.Prefunded, "Your money, taken when credit is given"}}
)

func said(options []option, value string) string {
	for _, o := range options {
		if o.Value == value {
			return o.Label
		}
	}
	return plain(value)
}

// TypeSaid and FundingSaid are the programme's in words.
func (p programmePage) TypeSaid() string    { return said(typeWords, p.Type) }
func (p programmePage) FundingSaid() string { return said(fundingWords, p.Funding) }

// Max and Life fill the form.
func (p programmePage) Max() string {
	if p.MaxBalance == 0 {
		return ""
	}
	return p.MaxBalance.String()
}

func (p programmePage) Life() string {
	if p.Expiry == 0 {
		return ""
	}
	return span(p.Expiry)
}

func showProgramme(q *visit) error {
	p, err := q.desk().Programme(q.Context(), q.book.ID)
	if err != nil {
		return err
	}
	page := programmePage{Programme: p, Holds: "as much as they are given", Lives: "for ever", Types: typeWords, Fundings: fundingWords}
	if p.MaxBalance != 0 {
		page.Holds = rupees(p.MaxBalance)
	}
	if p.Expiry != 0 {
		page.Lives = span(p.Expiry)
	}
	return q.show("programme", "Store credit", page)
}

func setProgramme(q *visit) error {
	p := desk.Programme{
		Type: q.value("kind"), Funding: q.value("funding"), CountsOrders: q.value("counts_orders") != "",
		ThirdParty: q.value("third_party") != "", Basis: q.value("closed_loop_basis"),
	}
	var err error
	if q.value("max_balance") != "" {
		p.MaxBalance, err = q.amount("max_balance")
	}
	if text := q.value("expiry"); err == nil && text != "" {
		var ok bool
		if p.Expiry, ok = readSpan(text); !ok {
			err = ledger.Refuse(ledger.Invalid, desk.WhyProgramme, "write a time, such as 365 days").In("expiry")
		}
	}
	if err == nil {
		_, err = q.desk().SetProgramme(q.Context(), q.book.ID, p)
	}
	if err != nil {
		if q.refused(err) {
			return showProgramme(q)
		}
		return err
	}
	return q.done("/settings/programme", "Store credit is this from now on. What was given before keeps the end it has.")
}
