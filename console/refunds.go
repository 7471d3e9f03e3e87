package console

import (
	"time"

	"wapas/desk"
	"wapas/ledger"
)

func refundPages() []page {
	return []page{
		{at: "GET /refunds", right: desk.RightSee, show: showRefunds},
		{at: "GET /refunds/new", right: desk.RightRefund, show: showNewRefund},
		{at: "POST /refunds/new", right: desk.RightRefund, show: makeRefund},
		{at: "GET /refunds/{id}", right: desk.RightSee, show: showRefund},
		{at: "POST /refunds/{id}/ask", right: desk.RightRefund, show: askRefund},
	}
}

// A refundRow is a refund in a list, with the payment that it is of, if it is of
// one.
type refundRow struct {
	desk.Refund
	Of desk.Payment
}

// A refundList is a page of refunds with the ways to look at them that are asked
// for most.
type refundList struct {
	listed[refundRow]
	Oldest bool
	Quick  []quick
}

// A quick is a link to a list as somebody often wants it.
type quick struct {
	Name, To string
	Here     bool
}

// showRefunds is the list of refunds over all rooms.
func showRefunds(q *visit) error {
	from, to, since, until := q.days()
	filters := []filter{
		q.choice("state", "State", "pending", "done", "failed"),
		q.choice("room", "Through", "razorpay", "engage", "phonepe", "eko", "native", "console"),
		q.choice("to_where", "Goes to", "source", "wallet", "credit", "agent"),
		from, to,
	}
	query := desk.Query{Where: where(map[string]string{"state": "state", "to_where": "destination"}, filters...), Oldest: q.value("order") == "oldest"}
	q.between(&query, "rfnd", since, until)
	if room := filters[1].Value; room != "" {
		if query.Where["room"] = room; room == "razorpay" {
			query.Where["room"] = ""
		}
	}
	page, err := rowsOf[desk.Refund](q, query, filters...)
	if err != nil {
		return err
	}
	rows, err := q.withPayments(page.Rows)
	if err != nil {
		return err
	}
	week := q.now().Add(-6 * 24 * time.Hour).Std().In(india).Format(time.DateOnly)
	list := refundList{listed[refundRow]{page.Filters, rows, page.Older, page.Deep}, query.Oldest, []quick{
		{"All", "", !page.Filtered() && !query.Oldest},
		{"Oldest pending", "?state=pending&order=oldest", query.Oldest && filters[0].Value == "pending"},
		{"Failed this week", "?state=failed&from=" + week, filters[0].Value == "failed" && from.Value == week},
	}}
	return q.show("refunds", "Refunds", list)
}

// withPayments reads the payments that refunds are of, each once.
func (q *visit) withPayments(all []desk.Refund) ([]refundRow, error) {
	known := map[desk.ID]desk.Payment{}
	rows := make([]refundRow, len(all))
	for i, r := range all {
		p, seen := known[r.Payment]
		if !seen && r.Payment != "" {
			var err error
			if p, err = desk.Find[desk.Payment](q.Context(), q.desk(), q.book.ID, r.Payment); err != nil && ledger.CodeOf(err) != ledger.NotFound {
				return nil, err
			}
			known[r.Payment] = p
		}
		rows[i] = refundRow{r, p}
	}
	return rows, nil
}

// between asks for what was created from one moment up to another. Rows are
// found by their ids, which sort by when they were minted: never before the row
// was created. In a live book a refund's or payout's was then and no later; a
// test book's clock may be set back, and a payment may be older than its import.
func (q *visit) between(query *desk.Query, prefix string, since, until ledger.Time) {
	query.From, query.To = since, until
	if since != 0 {
		query.Least = desk.FirstID(prefix, since)
	}
	if until != 0 && q.book.Mode == desk.Live && prefix != "pay" {
		query.Until = desk.FirstID(prefix, until.Add(time.Second))
	}
}
