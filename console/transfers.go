package console

import (
	"wapas/desk"
	"wapas/ledger"
)

func transferPages() []page {
	return []page{
		{at: "GET /transfers", right: desk.RightSee, show: showTransfers},
		{at: "GET /transfers/{id}", right: desk.RightSee, show: showTransfer},
		{at: "GET /reversals", right: desk.RightSee, show: showReversals},
		{at: "GET /reversals/{id}", right: desk.RightSee, show: showReversal},
	}
}

func showTransfers(q *visit) error {
	from, to, since, until := q.days()
	filters := []filter{q.text("recipient", "To (acc_… or cust_…)"), from, to}
	query := desk.Query{Where: where(map[string]string{"recipient": "recipient"}, filters...)}
	q.between(&query, "trf", since, until)
	page, err := rowsOf[desk.Transfer](q, query, filters...)
	if err != nil {
		return err
	}
	return q.show("transfers", "Transfers", page)
}

// A transferPage is a transfer with what was pulled back of it.
type transferPage struct {
	desk.Transfer
	trail
	Linked    *desk.Linked
	Reversals []desk.Reversal
}

func showTransfer(q *visit) error {
	x, err := desk.Find[desk.Transfer](q.Context(), q.desk(), q.book.ID, q.id("id"))
	if err != nil {
		return err
	}
	p := transferPage{Transfer: x}
	if x.Recipient.Prefix() == "acc" {
		a, err := desk.Find[desk.Linked](q.Context(), q.desk(), q.book.ID, x.Recipient)
		if err != nil && ledger.CodeOf(err) != ledger.NotFound {
			return err
		}
		p.Linked = &a
	}
	if p.Reversals, err = desk.List[desk.Reversal](q.Context(), q.desk(), desk.Query{Book: q.book.ID, Parent: x.ID, Count: maxWays, Oldest: true}); err != nil {
		return err
	}
	causes := []desk.ID{x.ID}
	for _, r := range p.Reversals[:min(len(p.Reversals), maxBranches)] {
		causes = append(causes, r.ID)
	}
	if p.trail, err = q.trailOf(x.ID, causes...); err != nil {
		return err
	}
	return q.show("transfer", "Transfer of "+rupees(x.Amount), p)
}

// A reversalRow is a reversal with the transfer that it is of.
type reversalRow struct {
	desk.Reversal
	Of desk.Transfer
}

func showReversals(q *visit) error {
	from, to, since, until := q.days()
	query := desk.Query{}
	q.between(&query, "rvrsl", since, until)
	page, err := rowsOf[desk.Reversal](q, query, from, to)
	if err != nil {
		return err
	}
	rows := make([]reversalRow, len(page.Rows))
	for i, r := range page.Rows {
		if rows[i], err = q.withTransfer(r); err != nil {
			return err
		}
	}
	return q.show("reversals", "Reversals", listed[reversalRow]{page.Filters, rows, page.Older, page.Deep})
}

func (q *visit) withTransfer(r desk.Reversal) (reversalRow, error) {
	t, err := desk.Find[desk.Transfer](q.Context(), q.desk(), q.book.ID, r.Transfer)
	return reversalRow{r, t}, err
}

// A reversalPage is a reversal with what it left behind.
type reversalPage struct {
	reversalRow
	trail
}

func showReversal(q *visit) error {
	x, err := desk.Find[desk.Reversal](q.Context(), q.desk(), q.book.ID, q.id("id"))
	if err != nil {
		return err
	}
	var p reversalPage
	if p.reversalRow, err = q.withTransfer(x); err != nil {
		return err
	}
	if p.trail, err = q.trailOf(x.ID); err != nil {
		return err
	}
	return q.show("reversal", "Reversal of "+rupees(x.Amount), p)
}
