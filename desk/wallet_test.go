package desk_test

import (
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

func TestIndianMobile(t *testing.T) {
	for _, tt := range []struct{ contact, want string }{
		{"9876543210", "9876543210"},
		{"+919876543210", "9876543210"},
		{"+91 98765 43210", "9876543210"},
		{"0091-98765-43210", "9876543210"},
		{"919876543210", "9876543210"},
		{"09876543210", "9876543210"},
		{"6000000000", "6000000000"},
		{"5876543210", ""},   // no mobile begins with 5
		{"+9876543210", ""},  // a number in Iran
		{"987654321", ""},    // too short
		{"98765432101", ""},  // too long
		{"98765x3210", ""},   // a letter
		{"+14155552671", ""}, // a number in the United States
		{"९८७६५४३२१०", ""},   // digits, but not those of a phone number on a wire
		{"", ""},
	} {
		if got, ok := desk.IndianMobile(tt.contact); got != tt.want || ok != (tt.want != "") {
			t.Errorf("IndianMobile(%q) = %q, %v, want %q", tt.contact, got, ok, tt.want)
		}
	}
}

// payWallet asks for a payment of an order from a wallet.
func (s *shop) payWallet(o desk.Order, c desk.ID, a ledger.Amount) (desk.Payment, error) {
	return s.Desk.PayFromWallet(s.ctx, s.Book, desk.WalletPaymentRequest{Order: o.ID, Customer: c, Amount: a, Description: "Tea"})
}

// A wallet payment spends cashback first. With an order that captures by
// itself the money is the merchant's at once.
func TestPayFromWallet(t *testing.T) {
	s := newShop(t)
	c := s.customer(40000, 5000)
	before := s.balance(ledger.Available)
	o := s.order(30000, true)
	p := must(s.payWallet(o, c.ID, 30000))(t)
	if p.Status != desk.PaymentCaptured || !p.Captured || p.Promo != 5000 || p.Fee != 0 {
		t.Errorf("payment: %+v", p)
	}
	s.holds(map[ledger.AccountID]ledger.Amount{
		ledger.Account(ledger.WalletCash, string(c.ID)):  15000,
		ledger.Account(ledger.WalletPromo, string(c.ID)): 0,
		ledger.Account(ledger.WalletHeld, string(c.ID)):  0,
		ledger.Available: before + 30000,
	})
	if o := row[desk.Order](s, o.ID); o.Status != desk.OrderPaid || o.Paid != 30000 || o.Attempts != 1 || !o.Authorized {
		t.Errorf("order: %+v", o)
	}
	lines := must(s.Desk.Statement(s.ctx, desk.Query{Book: s.Book, Parent: c.ID, Count: 10}))(t)
	if l := lines[0]; l.Source != p.ID || l.Debit != 30000 || l.Balance != 15000 || l.Type != desk.LineTransfer || l.Description != "Tea" || l.N != 3 {
		t.Errorf("the last line is %+v", l)
	}
	if l := lines[2]; l.Credit != 40000 || l.Balance != 40000 || l.Description != "NA" {
		t.Errorf("the first line is %+v", l)
	}
	if got := s.events(p.ID); len(got) != 3 || got[0] != "payment.authorized" || got[1] != "payment.captured" || got[2] != "order.paid" {
		t.Errorf("events: %v", got)
	}
}

// Without it the money is held, and taken by the capture.
func TestWalletHold(t *testing.T) {
	s := newShop(t)
	c := s.customer(40000, 5000)
	before := s.balance(ledger.Available)
	o := s.order(30000, false)
	p := must(s.payWallet(o, c.ID, 30000))(t)
	if p.Status != desk.PaymentAuthorized || p.Captured {
		t.Errorf("payment: %+v", p)
	}
	s.holds(map[ledger.AccountID]ledger.Amount{
		ledger.Account(ledger.WalletCash, string(c.ID)): 15000,
		ledger.Account(ledger.WalletHeld, string(c.ID)): 30000,
		ledger.Available: before,
	})
	b := must(s.Desk.WalletBalance(s.ctx, s.Book, c.ID))(t)
	if b.Free() != 15000 || b.Total() != 45000 || b.Usage != 30000 || b.Max != 2_000_000 {
		t.Errorf("balance: %+v", b)
	}
	_, err := s.payWallet(o, c.ID, 30000)
	refused(t, "another payment meanwhile", err, ledger.WrongState, desk.WhyOrderOpen)

	p = must(s.Desk.CapturePayment(s.ctx, s.Book, desk.CaptureRequest{Payment: p.ID, Amount: 30000}))(t)
	if p.Status != desk.PaymentCaptured || p.CapturedAt == 0 {
		t.Errorf("captured: %+v", p)
	}
	s.holds(map[ledger.AccountID]ledger.Amount{
		ledger.Account(ledger.WalletHeld, string(c.ID)): 0,
		ledger.Available: before + 30000,
	})
	s.after(100 * time.Hour) // nothing waits any more
	if p := row[desk.Payment](s, p.ID); p.Status != desk.PaymentCaptured {
		t.Errorf("after the window: %+v", p)
	}
}

// A wallet payment that nobody captures goes back as it came: cashback as
// cashback, and it was not used after all.
func TestWalletRelease(t *testing.T) {
	s := newShop(t)
	c := s.customer(40000, 5000)
	o := s.order(30000, false)
	p := must(s.payWallet(o, c.ID, 30000))(t)
	s.after(72*time.Hour - time.Second)
	if p := row[desk.Payment](s, p.ID); p.Status != desk.PaymentAuthorized {
		t.Fatalf("before the window has passed: %+v", p)
	}
	s.after(time.Second)
	p = row[desk.Payment](s, p.ID)
	if p.Status != desk.PaymentRefunded || p.Captured || p.Refunded != 30000 || p.PromoBack != 5000 {
		t.Errorf("payment: %+v", p)
	}
	s.holds(map[ledger.AccountID]ledger.Amount{
		ledger.Account(ledger.WalletCash, string(c.ID)):  40000,
		ledger.Account(ledger.WalletPromo, string(c.ID)): 5000,
		ledger.Account(ledger.WalletHeld, string(c.ID)):  0,
	})
	rs := must(desk.List[desk.Refund](s.ctx, s.Desk, desk.Query{Book: s.Book, Parent: p.ID, Count: 10}))(t)
	if len(rs) != 1 || rs[0].State != "done" || !rs[0].Unsettled || rs[0].Amount != 30000 || rs[0].Promo != 5000 || rs[0].To != "wallet" {
		t.Errorf("refunds: %+v", rs)
	}
	if w := row[desk.Wallet](s, c.ID); w.Lines != 4 {
		t.Errorf("wallet: %+v", w)
	}
	if o := row[desk.Order](s, o.ID); o.Open != "" || o.Status != desk.OrderAttempted {
		t.Errorf("order: %+v", o)
	}
	must(s.payWallet(o, c.ID, 30000))(t) // the order may be paid again
	_, err := s.Desk.CapturePayment(s.ctx, s.Book, desk.CaptureRequest{Payment: p.ID, Amount: 30000})
	refused(t, "a capture too late", err, ledger.WrongState, desk.WhyVoided)
}

// The refusals of a wallet payment, in their order.
func TestPayFromWalletRefusals(t *testing.T) {
	s := newShop(t)
	s.terms(func(t *desk.Terms) { t.MonthlySpend = 20000 })
	rich, poor := s.customer(30000, 0), must(s.Desk.CreateCustomer(s.ctx, s.Book, desk.CustomerRequest{Name: "Zoya"}))(t)
	paid, open, fresh, big := s.order(1000, true), s.order(1000, false), s.order(1000, true), s.order(20100, true)
	must(s.payWallet(paid, rich.ID, 1000))(t)
	must(s.payWallet(open, rich.ID, 1000))(t)
	for _, tt := range []struct {
		what     string
		order    desk.Order
		customer desk.ID
		amount   ledger.Amount
		code     ledger.Code
		why      ledger.Why
	}{
		{"too little, no such order", desk.Order{ID: "order_none"}, "cust_none", 99, ledger.Invalid, desk.WhyPaymentMin},
		{"too much of anything", paid, "cust_none", ledger.MaxAmount + 1, ledger.Invalid, desk.WhyPaymentMax},
		{"no such order, no such customer", desk.Order{ID: "order_none"}, "cust_none", 1000, ledger.NotFound, desk.WhyUnknownID},
		{"no such customer, order paid", paid, "cust_none", 1000, ledger.NotFound, desk.WhyUnknownID},
		{"order paid, another amount", paid, poor.ID, 999, ledger.WrongState, desk.WhyOrderIsPaid},
		{"payment waits, another amount", open, poor.ID, 999, ledger.WrongState, desk.WhyOrderOpen},
		{"another amount, empty wallet", fresh, poor.ID, 999, ledger.Exceeds, desk.WhyOrderAmount},
		{"more than a month's, more than the wallet holds", big, poor.ID, 20100, ledger.Exceeds, desk.WhyMonthlySpend},
		{"empty wallet", fresh, poor.ID, 1000, ledger.Insufficient, desk.WhyWalletShort},
	} {
		_, err := s.payWallet(tt.order, tt.customer, tt.amount)
		refused(t, tt.what, err, tt.code, tt.why)
	}
	// Only the last was an attempt, and left a failed payment behind.
	if o := row[desk.Order](s, fresh.ID); o.Attempts != 1 || o.Status != desk.OrderAttempted {
		t.Errorf("order: %+v", o)
	}
	ps := must(desk.List[desk.Payment](s.ctx, s.Desk, desk.Query{Book: s.Book, Parent: fresh.ID, Count: 10}))(t)
	if len(ps) != 1 || ps[0].Status != desk.PaymentFailed || ps[0].ErrorReason != "insufficient_funds" {
		t.Errorf("payments: %+v", ps)
	}
	must(s.payWallet(fresh, rich.ID, 1000))(t)
}

// The limits of wallets: what may be loaded, and that refunds do not ask.
func TestWalletLimits(t *testing.T) {
	s := newShop(t)
	s.terms(func(t *desk.Terms) { t.MaxBalance, t.MonthlyLoad = 50000, 80000 })
	c := s.customer(40000, 0)
	load := func(a ledger.Amount) error {
		_, err := s.Desk.TransferPayment(s.ctx, s.Book, desk.PaymentTransferRequest{
			Payment: s.pay("upi", a).ID, To: []desk.TransferTo{{Recipient: c.ID, Amount: a}},
		})
		return err
	}
	refused(t, "above the balance", load(10001), ledger.Exceeds, desk.WhyMaxBalance)
	if err := load(10000); err != nil { // to the brim
		t.Fatal(err)
	}
	p := s.spend(c, 45000)
	refused(t, "above the month", load(30001), ledger.Exceeds, desk.WhyMonthlyLoad)
	if err := load(30000); err != nil {
		t.Fatal(err)
	}
	s.refund(desk.RefundRequest{Payment: p.ID, Full: true}) // 35,000 + 45,000: above all limits
	if w := row[desk.Wallet](s, c.ID); !w.OverLimit || w.Loaded != 80000 || w.Usage != 45000 {
		t.Errorf("wallet: %+v", w)
	}
	s.after(31 * 24 * time.Hour) // another month
	refused(t, "above the balance still", load(100), ledger.Exceeds, desk.WhyMaxBalance)
	s.spend(c, 40000)
	if err := load(100); err != nil {
		t.Fatal(err)
	}
	if w := row[desk.Wallet](s, c.ID); w.OverLimit || w.Loaded != 100 || w.Usage != 40000 {
		t.Errorf("wallet in the next month: %+v", w)
	}
}

// The month of the limits is India's: it changes at 18:30 UTC.
func TestWalletMonth(t *testing.T) {
	s := newShop(t)
	s.terms(func(t *desk.Terms) { t.MaxBalance, t.MonthlyLoad = 0, 40000 })
	c := s.customer(40000, 0)
	end := time.Date(2025, 12, 31, 18, 30, 0, 0, time.UTC)
	load := func() error {
		_, err := s.Desk.TransferDirect(s.ctx, s.Book, desk.DirectTransferRequest{To: desk.TransferTo{Recipient: c.ID, Amount: 100}})
		return err
	}
	s.pay("upi", 1000)
	s.after(end.Add(-time.Second).Sub(s.Desk.Now()))
	refused(t, "in the last second of the month", load(), ledger.Exceeds, desk.WhyMonthlyLoad)
	s.after(time.Second)
	if err := load(); err != nil {
		t.Fatal(err)
	}
}

// A wallet needs an Indian mobile number, and is there from the first load on.
func TestOpenWallet(t *testing.T) {
	s := newShop(t)
	c := must(s.Desk.CreateCustomer(s.ctx, s.Book, desk.CustomerRequest{Name: "Ann", Contact: "+14155552671"}))(t)
	p := s.pay("upi", 1000)
	load := func() error {
		_, err := s.Desk.TransferPayment(s.ctx, s.Book, desk.PaymentTransferRequest{Payment: p.ID, To: []desk.TransferTo{{Recipient: c.ID, Amount: 500}}})
		return err
	}
	refused(t, "a number from abroad", load(), ledger.Invalid, desk.WhyContact)
	if b := must(s.Desk.WalletBalance(s.ctx, s.Book, c.ID))(t); b.Total() != 0 || b.Usage != 0 {
		t.Errorf("no wallet: %+v", b)
	}
	_, err := s.Desk.WalletBalance(s.ctx, s.Book, "cust_none")
	refused(t, "no such customer", err, ledger.NotFound, desk.WhyUnknownID)
	_, err = s.Desk.Statement(s.ctx, desk.Query{Book: s.Book, Parent: "cust_none", Count: 10})
	refused(t, "no such customer", err, ledger.NotFound, desk.WhyUnknownID)
	contact := "9876543210"
	must(s.Desk.EditCustomer(s.ctx, s.Book, desk.CustomerEdit{Customer: c.ID, Contact: &contact}))(t)
	if err := load(); err != nil {
		t.Fatal(err)
	}
	if b := must(s.Desk.WalletBalance(s.ctx, s.Book, c.ID))(t); b.Free() != 500 {
		t.Errorf("loaded: %+v", b)
	}
}

// Money that was held leaves a wallet when it is captured, and with it the mark
// that the wallet holds more than it may.
func TestOverLimitHeld(t *testing.T) {
	s := newShop(t)
	cust := s.customer(300_00, 0)
	q := desk.WalletPaymentRequest{Order: s.order(200_00, false).ID, Customer: cust.ID, Amount: 200_00}
	held := must(s.Desk.PayFromWallet(s.ctx, s.Book, q))(t)
	s.terms(func(t *desk.Terms) { t.MaxBalance = 150_00 })
	s.refund(desk.RefundRequest{Payment: s.spend(cust, 50_00).ID, Full: true})
	if !row[desk.Wallet](s, cust.ID).OverLimit {
		t.Error("300.00, of which 200.00 are held, are not over 150.00")
	}
	must(s.Desk.CapturePayment(s.ctx, s.Book, desk.CaptureRequest{Payment: held.ID, Amount: 200_00}))(t)
	if row[desk.Wallet](s, cust.ID).OverLimit {
		t.Error("100.00 are over 150.00")
	}
}
