package console

import (
	"wapas/desk"
	"wapas/ledger"
)

func paymentPages() []page {
	return []page{
		{at: "GET /payments", right: desk.RightSee, show: showPayments},
		{at: "GET /payments/{id}", right: desk.RightSee, show: showPayment},
		{at: "GET /orders", right: desk.RightSee, show: showOrders},
		{at: "GET /orders/{id}", right: desk.RightSee, show: showOrder},
	}
}

func showPayments(q *visit) error {
	from, to, since, until := q.days()
	filters := []filter{q.choice("state", "State", "captured", "authorized", "refunded", "failed", "created"), from, to}
	query := desk.Query{Where: where(map[string]string{"state": "status"}, filters...)}
	q.between(&query, "pay", since, until)
	page, err := rowsOf[desk.Payment](q, query, filters...)
	if err != nil {
		return err
	}
	return q.show("payments", "Payments", page)
}

// A paymentPage is a payment with where its money went.
type paymentPage struct {
	desk.Payment
	trail
	Budget    budgetView
	Refunds   []desk.Refund
	Transfers []desk.Transfer
	Flow      flow
	Open      []desk.Exception
}

func showPayment(q *visit) error {
	x, err := desk.Find[desk.Payment](q.Context(), q.desk(), q.book.ID, q.id("id"))
	if err != nil {
		return err
	}
	p := paymentPage{Payment: x}
	if p.Budget, p.Refunds, err = q.budgetOf(x); err != nil {
		return err
	}
	of := desk.Query{Book: q.book.ID, Parent: x.ID, Count: maxWays, Oldest: true}
	if p.Transfers, err = desk.List[desk.Transfer](q.Context(), q.desk(), of); err != nil {
		return err
	}
	if p.Open, err = desk.List[desk.Exception](q.Context(), q.desk(), of); err != nil {
		return err
	}
	if p.trail, err = q.trailOf(x.ID); err != nil {
		return err
	}
	if x.Captured || x.Status == "refunded" {
		names := map[desk.ID]string{}
		for _, t := range p.Transfers[:min(len(p.Transfers), maxBranches)] {
			if names[t.Recipient], err = q.recipient(t.Recipient); err != nil {
				return err
			}
		}
		p.Flow = flowOf(x, p.Transfers, p.Refunds, names)
	}
	return q.show("payment", "Payment of "+rupees(x.Amount), p)
}

// recipient is what whom a transfer goes to is called: a linked account by its
// name.
func (q *visit) recipient(id desk.ID) (string, error) {
	if id.Prefix() != "acc" {
		return "a wallet", nil
	}
	a, err := desk.Find[desk.Linked](q.Context(), q.desk(), q.book.ID, id)
	if ledger.CodeOf(err) == ledger.NotFound || err == nil && a.LegalName == "" {
		return short(id), nil
	}
	return a.LegalName, err
}
