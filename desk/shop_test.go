package desk_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"wapas/desk"
	"wapas/dialecttest"
	"wapas/ledger"
)

// A shop is a merchant with a test book on a real store, whose clock only its
// test moves. When the test ends its books must add up.
type shop struct {
	*dialecttest.House
	t   *testing.T
	ctx context.Context
}

func newShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{dialecttest.Open(t), t, context.Background()}
	t.Cleanup(func() {
		if !t.Failed() {
			s.Audit(t)
		}
	})
	return s
}

// must gives the result of a call, and stops the test if it failed:
// must(s.Desk.Refund(…))(t).
func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// terms puts terms in force, changed from the usual ones by edit.
func (s *shop) terms(edit func(t *desk.Terms)) {
	s.t.Helper()
	terms := desk.DefaultTerms()
	edit(&terms)
	must(s.Desk.SetTerms(s.ctx, s.Book, terms))(s.t)
}

// order makes an order; auto says that its payments are captured at once.
func (s *shop) order(a ledger.Amount, auto bool) desk.Order {
	s.t.Helper()
	o, _, err := s.Desk.CreateOrder(s.ctx, s.Book, desk.OrderRequest{Amount: a, Capture: auto})
	return must(o, err)(s.t)
}

// pay makes a captured payment by card, upi or netbanking.
func (s *shop) pay(method string, a ledger.Amount) desk.Payment {
	s.t.Helper()
	return s.payFor(s.order(a, true), method)
}

func (s *shop) payFor(o desk.Order, method string) desk.Payment {
	s.t.Helper()
	q := desk.PaymentRequest{Order: o.ID, Amount: o.Amount, Method: method, Email: "asha@example.com", Contact: "+919876543210"}
	switch method {
	case "card":
		q.Card = desk.Card{Name: "Asha", Last4: "1111", Network: "Visa", Type: "credit"}
	case "upi":
		q.VPA = "success@razorpay"
	case "netbanking":
		q.Bank = "HDFC"
	}
	return must(s.Desk.CreatePayment(s.ctx, s.Book, q))(s.t)
}

// customer makes a customer whose wallet holds cash and cashback.
func (s *shop) customer(cash, promo ledger.Amount) desk.Customer {
	s.t.Helper()
	c := must(s.Desk.CreateCustomer(s.ctx, s.Book, desk.CustomerRequest{Name: "Ravi", Contact: "+919876500001"}))(s.t)
	if cash > 0 {
		s.transfer(s.pay("card", cash).ID, desk.TransferTo{Recipient: c.ID, Amount: cash})
	}
	if promo > 0 {
		s.pay("card", promo)
		must(s.Desk.TransferDirect(s.ctx, s.Book, desk.DirectTransferRequest{To: desk.TransferTo{Recipient: c.ID, Amount: promo}}))(s.t)
	}
	return c
}

// spend makes a captured payment from a wallet.
func (s *shop) spend(c desk.Customer, a ledger.Amount) desk.Payment {
	s.t.Helper()
	q := desk.WalletPaymentRequest{Order: s.order(a, true).ID, Customer: c.ID, Amount: a, Description: "Tea"}
	return must(s.Desk.PayFromWallet(s.ctx, s.Book, q))(s.t)
}

// linked makes a linked account.
func (s *shop) linked(email string) desk.ID {
	s.t.Helper()
	a := desk.Linked{Email: email, Type: "route", LegalName: "Seller", BusinessType: "partnership"}
	return must(s.Desk.CreateLinked(s.ctx, s.Book, a))(s.t).ID
}

// transfer passes a payment on.
func (s *shop) transfer(p desk.ID, to ...desk.TransferTo) []desk.Transfer {
	s.t.Helper()
	return must(s.Desk.TransferPayment(s.ctx, s.Book, desk.PaymentTransferRequest{Payment: p, To: to}))(s.t)
}

// refund refunds, and stops the test if that is refused.
func (s *shop) refund(q desk.RefundRequest) desk.Refund {
	s.t.Helper()
	return must(s.Desk.Refund(s.ctx, s.Book, q))(s.t)
}

// after lets time pass and does what has come due.
func (s *shop) after(d time.Duration) { s.t.Helper(); s.Advance(s.t, d) }

// sent does what is due without waiting: what waits to be sent is.
func (s *shop) sent() { s.t.Helper(); s.after(0) }

// row reads a row as it stands now.
func row[R desk.Row](s *shop, id desk.ID) R {
	s.t.Helper()
	return must(desk.Find[R](s.ctx, s.Desk, s.Book, id))(s.t)
}

// balance reads one account.
func (s *shop) balance(id ledger.AccountID) ledger.Amount {
	s.t.Helper()
	return must(s.Desk.Store.Balances(s.ctx, s.Book, id))(s.t)[id].Amount
}

// holds compares balances.
func (s *shop) holds(want map[ledger.AccountID]ledger.Amount) {
	s.t.Helper()
	for id, w := range want {
		if got := s.balance(id); got != w {
			s.t.Errorf("account %s holds %d, want %d", id, got, w)
		}
	}
}

// events are the names of all events about a thing, in their order.
func (s *shop) events(id desk.ID) (names []string) {
	s.t.Helper()
	for _, e := range must(s.Desk.Store.Events(s.ctx, s.Book, 0, 1000))(s.t) {
		if slices.ContainsFunc(e.About, func(r desk.Row) bool { return r.RowID() == id }) {
			names = append(names, e.Name)
		}
	}
	return names
}

// exceptions are what stands open before a person about a thing.
func (s *shop) exceptions(id desk.ID) (open []string) {
	s.t.Helper()
	q := desk.Query{Book: s.Book, Parent: id, Count: 100, Oldest: true}
	for _, e := range must(desk.List[desk.Exception](s.ctx, s.Desk, q))(s.t) {
		if e.ClosedAt == 0 {
			open = append(open, e.What)
		}
	}
	return open
}
