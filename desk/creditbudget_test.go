package desk_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

// creditFor asks for a credit that names an order.
func (s *shop) creditFor(order string, a ledger.Amount) (desk.Credit, error) {
	s.t.Helper()
	q := ask("for " + order + " " + a.String())
	q.Order, q.Amount = order, a
	return s.Desk.LoadCredit(s.ctx, s.Book, q)
}

// A credit that names an order of this book takes from what may be given back
// of it, together with every other channel.
func TestCreditCountsOrder(t *testing.T) {
	s := newShop(t)
	s.programme(func(p *desk.Programme) { p.CountsOrders = true })
	p := s.pay("card", 50000)
	s.refund(desk.RefundRequest{Payment: p.ID, Amount: 10000})
	x := must(s.creditFor(string(p.Order), 30000))(t)
	r := row[desk.Refund](s, x.Refund())
	if r.Payment != p.ID || r.Order != p.Order {
		t.Errorf("its refund is %+v", r)
	}
	p, o := row[desk.Payment](s, p.ID), row[desk.Order](s, p.Order)
	if p.Refunded != 30000 || p.RefundPending != 10000 || o.Refunded != 40000 || p.Status != desk.PaymentCaptured {
		t.Errorf("payment %+v, order %+v", p, o)
	}
	if names := s.events(r.ID); !slices.Equal(names, []string{"refund.created", "refund.processed"}) {
		t.Errorf("events %v", names)
	}
	_, err := s.creditFor(string(p.Order), 10001)
	refusedIn(t, err, ledger.Exceeds, ledger.WhyOverBudget, "amount")
	_, err = s.Desk.Refund(s.ctx, s.Book, desk.RefundRequest{Payment: p.ID, Amount: 10001})
	refusedIn(t, err, ledger.Exceeds, ledger.WhyOverBudget, "amount")
	must(s.creditFor(string(p.Order), 10000))(t)
	if p = row[desk.Payment](s, p.ID); p.Status != desk.PaymentRefunded {
		t.Errorf("all of it was given back, and it is %s", p.Status)
	}
	_, err = s.creditFor(string(p.Order), 100)
	refusedIn(t, err, ledger.Exceeds, ledger.WhyFullyRefunded, "amount")
	_, err = s.Desk.Refund(s.ctx, s.Book, desk.RefundRequest{Payment: p.ID, Full: true})
	refusedIn(t, err, ledger.Exceeds, ledger.WhyFullyRefunded, "amount")
	s.sent()
}

// A credit may be asked for against one payment of an order: it counts against
// that one, or is refused.
func TestCreditCountsPayment(t *testing.T) {
	s := newShop(t)
	o, _, err := s.Desk.CreateOrder(s.ctx, s.Book, desk.OrderRequest{Amount: 50000, Capture: true, Partial: true})
	must(o, err)(t)
	first := must(s.Desk.CreatePayment(s.ctx, s.Book, desk.PaymentRequest{Order: o.ID, Amount: 30000, Method: "upi", VPA: "success@razorpay"}))(t)
	second := must(s.Desk.CreatePayment(s.ctx, s.Book, desk.PaymentRequest{Order: o.ID, Amount: 20000, Method: "upi", VPA: "success@razorpay"}))(t)
	credit := func(p desk.ID, a ledger.Amount) (desk.Credit, error) {
		q := ask("for " + string(p) + " " + a.String())
		q.Order, q.Payment, q.Amount = string(o.ID), p, a
		return s.Desk.LoadCredit(s.ctx, s.Book, q)
	}
	_, err = credit(second.ID, 20000)
	refusedIn(t, err, ledger.WrongState, desk.WhyCreditUncounted, "to")
	s.programme(func(p *desk.Programme) { p.CountsOrders = true })
	_, err = credit(s.pay("upi", 20000).ID, 20000)
	refusedIn(t, err, ledger.WrongState, desk.WhyCreditUnpaid, "notes.order_id")
	_, err = credit(second.ID, 20001)
	refusedIn(t, err, ledger.Exceeds, ledger.WhyOverBudget, "amount")
	x := must(credit(second.ID, 20000))(t)
	if r := row[desk.Refund](s, x.Refund()); r.Payment != second.ID || row[desk.Payment](s, first.ID).Refunded != 0 {
		t.Errorf("its refund is %+v", r)
	}
}

// The order may be named by its receipt. What is no order of this book is a
// note, and so is any order if the programme does not count.
func TestCreditNamesOrder(t *testing.T) {
	s := newShop(t)
	o, _, err := s.Desk.CreateOrder(s.ctx, s.Book, desk.OrderRequest{Amount: 50000, Capture: true, Receipt: "merchant_order_id"})
	must(o, err)(t)
	p := s.payFor(o, "upi")
	must(s.creditFor("merchant_order_id", 50000))(t)
	if n := row[desk.Payment](s, p.ID).Refunded; n != 0 {
		t.Errorf("%d counted although the programme does not", n)
	}
	s.programme(func(p *desk.Programme) { p.CountsOrders = true })
	for _, other := range []string{"", "no such order", "order_00000000000000", "receipt/merchant_order_id", string(p.ID)} {
		if x := must(s.creditFor(other, 60000))(t); row[desk.Refund](s, x.Refund()).Payment != "" {
			t.Errorf("%q was taken for the order", other)
		}
	}
	x := must(s.creditFor("merchant_order_id", 40000))(t)
	if r := row[desk.Refund](s, x.Refund()); r.Payment != p.ID || r.Order != o.ID {
		t.Errorf("by its receipt: %+v", r)
	}
	q := ask("a gift")
	q.Purpose, q.Order = desk.CreditGift, "merchant_order_id"
	must(s.Desk.LoadCredit(s.ctx, s.Book, q))(t)
	if n := row[desk.Payment](s, p.ID).Refunded; n != 40000 {
		t.Errorf("%d counted, want 40000", n)
	}
}

// A credit is of one payment of its order: the oldest that has enough left.
func TestCreditOfParts(t *testing.T) {
	s := newShop(t)
	s.programme(func(p *desk.Programme) { p.CountsOrders = true })
	o, _, err := s.Desk.CreateOrder(s.ctx, s.Book, desk.OrderRequest{Amount: 60000, Capture: true, Partial: true})
	must(o, err)(t)
	_, err = s.creditFor(string(o.ID), 100)
	refusedIn(t, err, ledger.WrongState, desk.WhyCreditUnpaid, "notes.order_id")
	part := func(a ledger.Amount) desk.Payment {
		q := desk.PaymentRequest{Order: o.ID, Amount: a, Method: "upi", VPA: "success@razorpay", Email: "a@example.com", Contact: "+919876543210"}
		return must(s.Desk.CreatePayment(s.ctx, s.Book, q))(t)
	}
	one, two := part(20000), part(40000)
	_, err = s.creditFor(string(o.ID), 50000)
	refusedIn(t, err, ledger.Exceeds, desk.WhyCreditSplit, "amount")
	if e := err.(*ledger.Error); e.Detail != "40000" {
		t.Errorf("the most is said to be %s", e.Detail)
	}
	_, err = s.creditFor(string(o.ID), 60001)
	refusedIn(t, err, ledger.Exceeds, ledger.WhyOverBudget, "amount")
	of := func(a ledger.Amount) desk.ID {
		return row[desk.Refund](s, must(s.creditFor(string(o.ID), a))(t).Refund()).Payment
	}
	if of(15000) != one.ID || of(6000) != two.ID || of(5000) != one.ID || of(34000) != two.ID {
		t.Error("a credit went to another payment than the oldest with enough left")
	}
	_, err = s.creditFor(string(o.ID), 101)
	refusedIn(t, err, ledger.Exceeds, ledger.WhyFullyRefunded, "amount")
}

// A payment that was authorised and went back was never captured.
func TestCreditOfUncaptured(t *testing.T) {
	s := newShop(t)
	s.programme(func(p *desk.Programme) { p.CountsOrders = true })
	p := s.payFor(s.order(50000, false), "upi")
	_, err := s.creditFor(string(p.Order), 100)
	refusedIn(t, err, ledger.WrongState, desk.WhyCreditUnpaid, "notes.order_id")
	s.after(80 * time.Hour)
	s.after(time.Hour)
	if p = row[desk.Payment](s, p.ID); p.Status != desk.PaymentRefunded || p.Captured {
		t.Fatalf("the payment is %+v", p)
	}
	_, err = s.creditFor(string(p.Order), 100)
	refusedIn(t, err, ledger.WrongState, desk.WhyCreditUnpaid, "notes.order_id")
}

// What a dispute holds is not given as credit.
func TestCreditAndDispute(t *testing.T) {
	s := newShop(t)
	s.programme(func(p *desk.Programme) { p.CountsOrders = true })
	p := s.pay("card", 50000)
	must(s.Desk.OpenDispute(s.ctx, s.Book, desk.DisputeRequest{Payment: p.ID, Amount: 20000}))(t)
	_, err := s.creditFor(string(p.Order), 30001)
	refusedIn(t, err, ledger.Exceeds, ledger.WhyDisputed, "amount")
	must(s.creditFor(string(p.Order), 30000))(t)
}

// Credit for a payment from a wallet takes what cash paid first, so that a
// refund to the wallet after it gives back the rest as it was paid.
func TestCreditOfWalletPayment(t *testing.T) {
	s := newShop(t)
	s.programme(func(p *desk.Programme) { p.CountsOrders = true })
	c := s.customer(2000, 8000)
	p := s.spend(c, 10000) // 8000 of it cashback
	x := must(s.creditFor(string(p.Order), 5000))(t)
	if r := row[desk.Refund](s, x.Refund()); r.Promo != 3000 {
		t.Errorf("%d of it counts as cashback, want 3000", r.Promo)
	}
	r := s.refund(desk.RefundRequest{Payment: p.ID, Full: true})
	if r.Amount != 5000 || r.Promo != 5000 {
		t.Errorf("the rest went back as %+v", r)
	}
}

// One order, two channels, many at once: no more is given back than came in.
func TestCreditBudgetAtOnce(t *testing.T) {
	s := newShop(t)
	s.programme(func(p *desk.Programme) { p.CountsOrders = true })
	p := s.pay("card", 10000)
	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() { s.creditFor(string(p.Order), ledger.Amount(1000+i)) })
		wg.Go(func() {
			s.Desk.Refund(s.ctx, s.Book, desk.RefundRequest{Payment: p.ID, Amount: ledger.Amount(1000 + i)})
		})
	}
	wg.Wait()
	p = row[desk.Payment](s, p.ID)
	if sum := p.Refunded + p.RefundPending; sum > 10000 || sum < 9000 || row[desk.Order](s, p.Order).Refunded != sum {
		t.Errorf("given back %d of 10000, the order says %d", sum, row[desk.Order](s, p.Order).Refunded)
	}
	s.sent()
}
