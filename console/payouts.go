package console

import (
	"wapas/desk"
	"wapas/ledger"
)

func payoutPages() []page {
	return []page{
		{at: "GET /payouts", right: desk.RightSee, show: showPayouts},
		{at: "GET /payouts/{id}", right: desk.RightSee, show: showPayout},
		{at: "POST /payouts/{id}/ask", right: desk.RightRefund, show: askPayout},
	}
}

func showPayouts(q *visit) error {
	from, to, since, until := q.days()
	filters := []filter{q.choice("state", "State", "processing", "processed", "reversed"), from, to}
	query := desk.Query{Where: where(map[string]string{"state": "state"}, filters...)}
	q.between(&query, "pout", since, until)
	page, err := rowsOf[desk.Payout](q, query, filters...)
	if err != nil {
		return err
	}
	return q.show("payouts", "Payouts", page)
}

// A payoutPage is a payout with whom it is for and what its rail said.
type payoutPage struct {
	desk.Payout
	trail
	Customer desk.Customer
	Account  desk.FundAccount
	Rail     *desk.RailOrder
	Steps    []refundStep
	Ask      bool // the rail can be asked
}

func showPayout(q *visit) error {
	x, err := desk.Find[desk.Payout](q.Context(), q.desk(), q.book.ID, q.id("id"))
	if err != nil {
		return err
	}
	p := payoutPage{Payout: x}
	if p.Customer, err = desk.Find[desk.Customer](q.Context(), q.desk(), q.book.ID, x.Customer); err != nil {
		return err
	}
	if p.Account, err = desk.Find[desk.FundAccount](q.Context(), q.desk(), q.book.ID, x.FundAccount); err != nil {
		return err
	}
	o, err := desk.Find[desk.RailOrder](q.Context(), q.desk(), q.book.ID, x.ID)
	if err != nil && ledger.CodeOf(err) != ledger.NotFound {
		return err
	}
	if err == nil {
		p.Rail = &o
		p.Ask = (o.State == "sent" || o.State == "unknown") && q.desk().MayAsk(o) == nil
	}
	if p.trail, err = q.trailOf(x.ID); err != nil {
		return err
	}
	p.Steps = p.steps()
	return q.show("payout", "Payout of "+rupees(x.Amount), p)
}

// steps tell the payout's story, the oldest first.
func (p payoutPage) steps() []refundStep {
	all := []refundStep{{At: p.CreatedAt, Tone: "good", Text: "Asked for", Small: "taken from the wallet"}}
	if p.Rail != nil {
		all = append(all, railSteps(*p.Rail)...)
	}
	switch p.State {
	case "processed":
		last := refundStep{At: p.ProcessedAt, Tone: "good", Text: "Arrived"}
		if p.UTR != "" {
			last.Small = "UTR " + p.UTR
		}
		all = append(all, last)
	case "reversed":
		last := refundStep{Tone: "bad", Text: "Came back to the wallet", Small: p.Reason}
		if p.Rail != nil {
			last.At = p.Rail.EndedAt
		}
		all = append(all, last)
	default:
		all = append(all, refundStep{Tone: "busy", Text: "Not there yet"})
	}
	return all
}

// askPayout asks the rail now what became of a payout.
func askPayout(q *visit) error {
	id := q.id("id")
	if _, err := desk.Find[desk.Payout](q.Context(), q.desk(), q.book.ID, id); err != nil {
		return err
	}
	o, err := q.desk().AskRail(q.Context(), q.book.ID, id)
	if err != nil {
		if q.refused(err) {
			return showPayout(q)
		}
		return err
	}
	return q.done("payouts/"+string(id), "The rail was asked: it says %s.", plain(o.State))
}
