package console

import "wapas/desk"

func showOrders(q *visit) error {
	from, to, since, until := q.days()
	query := desk.Query{}
	q.between(&query, "order", since, until)
	page, err := rowsOf[desk.Order](q, query, from, to)
	if err != nil {
		return err
	}
	return q.show("orders", "Orders", page)
}

// An orderPage is an order with what was paid and given back for it.
type orderPage struct {
	desk.Order
	trail
	Payments  []desk.Payment
	Refunds   []desk.Refund
	Transfers []desk.Transfer // that wait for it to be paid
}

func showOrder(q *visit) error {
	x, err := desk.Find[desk.Order](q.Context(), q.desk(), q.book.ID, q.id("id"))
	if err != nil {
		return err
	}
	p := orderPage{Order: x}
	under := desk.Query{Book: q.book.ID, Parent: x.ID, Count: maxWays}
	if p.Payments, err = desk.List[desk.Payment](q.Context(), q.desk(), under); err != nil {
		return err
	}
	if p.Transfers, err = desk.List[desk.Transfer](q.Context(), q.desk(), under); err != nil {
		return err
	}
	of := desk.Query{Book: q.book.ID, Where: map[string]string{"order_id": string(x.ID)}, Count: maxWays}
	if p.Refunds, err = desk.List[desk.Refund](q.Context(), q.desk(), of); err != nil {
		return err
	}
	if p.trail, err = q.trailOf(x.ID); err != nil {
		return err
	}
	return q.show("order", "Order of "+rupees(x.Amount), p)
}
