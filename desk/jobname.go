package desk

import (
	"context"
	"strings"

	"wapas/ledger"
)

// jobLanes is how many rows of a job are looked up at the same time.
const jobLanes = 8

// A jobName is what a row of a job of refunds names: a payment, or why it names
// none. Order is the payment's.
type jobName struct {
	payment, order ID
	refusal        *ledger.Error
}

// nameRows finds the payments that rows name, outside of a change.
func (d *Desk) nameRows(ctx context.Context, book BookID, rows []JobRow) ([]jobName, error) {
	found := make([]jobName, len(rows))
	errs := make([]error, len(rows))
	inLanes(jobLanes, len(rows), func(i int) {
		found[i], errs[i] = d.nameRow(ctx, book, strings.TrimSpace(rows[i].Names))
	})
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// nameRow finds the payment that a text names. The first of these that finds
// something is what it means: an id of ours; a merchant's receipt of an order;
// what a room's caller, or a provider, calls a payment or an order; the bank's
// number of a payment. Every step is an index's. An order means its one captured
// payment.
//
// It refuses NotFound if nothing is called so, Invalid (WhyRefundNames) if more
// than one payment is, and WrongState if nothing was captured of an order.
func (d *Desk) nameRow(ctx context.Context, book BookID, text string) (jobName, error) {
	s := &search{ctx: ctx, d: d, book: book}
	switch ID(text).Prefix() {
	case "pay":
		if p := one[Payment](s, ID(text)); p != nil {
			return jobName{payment: p.ID, order: p.Order}, s.err
		}
	case "order":
		if o := one[Order](s, ID(text)); o != nil {
			return s.ofOrders(text, o.ID)
		}
	}
	var orders []ID
	for _, o := range rows[Order](s, "receipt", text) {
		orders = append(orders, o.ID)
	}
	if len(orders) > 0 {
		return s.ofOrders(text, orders...)
	}
	for _, space := range namespaces {
		h := one[Handle](s, HandleID(space, text))
		switch {
		case h == nil:
		case h.Of.Prefix() == "order":
			return s.ofOrders(text, h.Of)
		case h.Of.Prefix() == "pay":
			p := one[Payment](s, h.Of)
			if p != nil {
				return jobName{payment: p.ID, order: p.Order}, s.err
			}
		}
	}
	all := rows[Payment](s, "reference", text)
	if len(all) == 0 && s.err == nil {
		return jobName{refusal: ledger.Refuse(ledger.NotFound, WhyUnknownID, "%s", text).In("payment")}, nil
	}
	return s.only(text, all)
}

// ofOrders is the captured payment of the orders that a text names.
func (s *search) ofOrders(text string, orders ...ID) (jobName, error) {
	var all []Payment
	for _, id := range orders {
		if s.err != nil {
			break
		}
		var some []Payment
		some, s.err = List[Payment](s.ctx, s.d, Query{Book: s.book, Parent: id, Count: maxFound, Oldest: true})
		for _, p := range some {
			if p.Captured {
				all = append(all, p)
			}
		}
	}
	if len(all) == 0 && s.err == nil {
		return jobName{refusal: ledger.Refuse(ledger.WrongState, WhyRefundUncaptured, "nothing was paid for %s", text).In("payment")}, nil
	}
	return s.only(text, all)
}

// only is the one payment that a text names.
func (s *search) only(text string, all []Payment) (jobName, error) {
	switch {
	case s.err != nil:
		return jobName{}, s.err
	case len(all) > 1:
		return jobName{refusal: ledger.Refuse(ledger.Invalid, WhyRefundNames, "%s names %d payments, %s and %s among them", text, len(all), all[0].ID, all[1].ID).In("payment")}, nil
	}
	return jobName{payment: all[0].ID, order: all[0].Order}, nil
}
