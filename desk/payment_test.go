package desk_test

import (
	"slices"
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

func (s *shop) createPayment(q desk.PaymentRequest) (desk.Payment, error) {
	return s.Desk.CreatePayment(s.ctx, s.Book, q)
}

func (s *shop) capture(p desk.ID, a ledger.Amount) (desk.Payment, error) {
	return s.Desk.CapturePayment(s.ctx, s.Book, desk.CaptureRequest{Payment: p, Amount: a})
}

// The refusals of a payment, in their order.
func TestPaymentRefusals(t *testing.T) {
	s := newShop(t)
	s.terms(func(t *desk.Terms) { t.PaymentFlat = 400 })
	paid, open, fresh, small := s.order(1000, true), s.order(1000, false), s.order(1000, true), s.order(200, true)
	s.payFor(paid, "upi")
	s.payFor(open, "upi")
	pay := func(o desk.ID, a ledger.Amount) desk.PaymentRequest {
		return desk.PaymentRequest{Order: o, Amount: a, Method: "upi", VPA: "success@razorpay"}
	}
	by := func(edit func(q *desk.PaymentRequest)) desk.PaymentRequest {
		q := pay("order_none", 1000)
		edit(&q)
		return q
	}
	for _, tt := range []struct {
		what string
		q    desk.PaymentRequest
		code ledger.Code
		why  ledger.Why
	}{
		{"too little, by nothing", desk.PaymentRequest{Order: "order_none", Amount: 99}, ledger.Invalid, desk.WhyPaymentMin},
		{"too much", pay("order_none", ledger.MaxAmount+1), ledger.Invalid, desk.WhyPaymentMax},
		{"by nothing", by(func(q *desk.PaymentRequest) { q.Method = "" }), ledger.Invalid, desk.WhyMethod},
		{"by a wallet of others", by(func(q *desk.PaymentRequest) { q.Method = "wallet" }), ledger.Invalid, desk.WhyMethod},
		{"by no card", by(func(q *desk.PaymentRequest) { q.Method = "card" }), ledger.Invalid, desk.WhyTestCard},
		{"by no address", by(func(q *desk.PaymentRequest) { q.VPA = "success" }), ledger.Invalid, desk.WhyVPA},
		{"by no bank", by(func(q *desk.PaymentRequest) { q.Method, q.Bank = "netbanking", "NONE" }), ledger.Invalid, desk.WhyBank},
		{"no such order, no such customer", by(func(q *desk.PaymentRequest) { q.Customer = "cust_none" }), ledger.NotFound, desk.WhyUnknownID},
		{"no such customer, order paid", desk.PaymentRequest{Order: paid.ID, Customer: "cust_none", Amount: 999, Method: "upi", VPA: "success@razorpay"}, ledger.NotFound, desk.WhyUnknownID},
		{"order paid, another amount", pay(paid.ID, 999), ledger.WrongState, desk.WhyOrderIsPaid},
		{"payment waits, another amount", pay(open.ID, 999), ledger.WrongState, desk.WhyOrderOpen},
		{"another amount", pay(fresh.ID, 999), ledger.Exceeds, desk.WhyOrderAmount},
		{"less than the fee", pay(small.ID, 200), ledger.Exceeds, desk.WhyFeeAboveAmount},
	} {
		_, err := s.createPayment(tt.q)
		refused(t, tt.what, err, tt.code, tt.why)
	}
	if o := row[desk.Order](s, fresh.ID); o.Attempts != 0 || o.Status != desk.OrderCreated {
		t.Errorf("refused, and counted: %+v", o)
	}
}

// A live book's payments come from a provider: nobody may make them up.
func TestLivePayments(t *testing.T) {
	s := newShop(t)
	o, _, err := s.Desk.CreateOrder(s.ctx, s.Live, desk.OrderRequest{Amount: 1000})
	must(o, err)(t)
	_, err = s.Desk.CreatePayment(s.ctx, s.Live, desk.PaymentRequest{Order: o.ID, Amount: 999, Method: "upi", VPA: "success@razorpay"})
	refused(t, "a payment", err, ledger.WrongState, desk.WhyLivePayment)
}

// J01 and J03: less the fee, and available after the terms' wait.
func TestCapture(t *testing.T) {
	s := newShop(t)
	s.terms(func(t *desk.Terms) { t.PaymentBps, t.AvailableAfter = 200, 3600 })
	o := s.order(100000, false)
	p := s.payFor(o, "card")
	if p.Status != desk.PaymentAuthorized || p.Fee != 0 || len(p.Reference) != 6 {
		t.Errorf("authorised: %+v", p)
	}
	for _, tt := range []struct {
		what    string
		payment desk.ID
		amount  ledger.Amount
		code    ledger.Code
		why     ledger.Why
	}{
		{"no such payment", "pay_none", 0, ledger.NotFound, desk.WhyUnknownID},
		{"more", p.ID, 100001, ledger.Exceeds, desk.WhyCaptureAmount},
		{"a part", p.ID, 99999, ledger.Exceeds, desk.WhyCaptureAmount},
	} {
		_, err := s.capture(tt.payment, tt.amount)
		refused(t, tt.what, err, tt.code, tt.why)
	}
	p = must(s.capture(p.ID, 100000))(t)
	if p.Status != desk.PaymentCaptured || p.Fee != 2360 || p.Tax != 360 {
		t.Errorf("captured: %+v", p)
	}
	s.holds(map[ledger.AccountID]ledger.Amount{
		ledger.PSPReceivable + "/sim": 100000, ledger.Pending: 97640, ledger.Available: 0,
		ledger.FeePayment: 2000, ledger.CGST: 180, ledger.SGST: 180,
	})
	_, err := s.capture(p.ID, 99)
	refused(t, "captured before, another amount", err, ledger.WrongState, desk.WhyCaptured)
	s.after(time.Hour - time.Second)
	s.holds(map[ledger.AccountID]ledger.Amount{ledger.Pending: 97640})
	s.after(time.Second)
	s.holds(map[ledger.AccountID]ledger.Amount{ledger.Pending: 0, ledger.Available: 97640})
	s.after(1000 * time.Hour)
	s.holds(map[ledger.AccountID]ledger.Amount{ledger.Pending: 0, ledger.Available: 97640})
	if got, want := s.events(p.ID), []string{"payment.authorized", "payment.captured", "order.paid"}; !slices.Equal(got, want) {
		t.Errorf("events: %v, want %v", got, want)
	}
	failed := must(s.createPayment(desk.PaymentRequest{Order: s.order(1000, true).ID, Amount: 1000, Method: "upi", VPA: desk.FailingVPA}))(t)
	_, err = s.capture(failed.ID, 1000)
	refused(t, "a failed payment", err, ledger.WrongState, desk.WhyNotAuthorized)
}

// What fails is a payment too, and an attempt; the order may be paid again.
func TestFailedPayment(t *testing.T) {
	s := newShop(t)
	card, ok := desk.TestCard("4100 2800 0008 0001", "Asha")
	if !ok || card.Last4 != "0001" || card.IIN != "410028" || card.Name != "Asha" {
		t.Fatalf("card: %+v", card)
	}
	if _, ok := desk.TestCard("4539 1488 0343 6467", ""); ok {
		t.Error("a card that is not for tests was taken")
	}
	o := s.order(1000, true)
	for _, tt := range []struct {
		what   string
		q      desk.PaymentRequest
		reason string
	}{
		{"an address that fails", desk.PaymentRequest{Method: "upi", VPA: "failure@razorpay"}, "payment_failed"},
		{"a card that fails, when asked to", desk.PaymentRequest{Method: "card", Card: card, Fails: true}, "insufficient_fund"},
		{"a bank that fails", desk.PaymentRequest{Method: "netbanking", Bank: "HDFC", Fails: true}, "payment_failed"},
	} {
		tt.q.Order, tt.q.Amount = o.ID, 1000
		p := must(s.createPayment(tt.q))(t)
		if p.Status != desk.PaymentFailed || p.ErrorReason != tt.reason || p.ErrorCode == "" || p.AuthorizedAt != 0 {
			t.Errorf("%s: %+v", tt.what, p)
		}
		if got := s.events(p.ID); !slices.Equal(got, []string{"payment.failed"}) {
			t.Errorf("%s: events %v", tt.what, got)
		}
	}
	s.payFor(o, "upi")
	if o := row[desk.Order](s, o.ID); o.Attempts != 4 || o.Status != desk.OrderPaid {
		t.Errorf("order: %+v", o)
	}
}

// A card waits for its OTP: four to ten digits are right.
func TestOTP(t *testing.T) {
	s := newShop(t)
	card, _ := desk.TestCard("4100280000001007", "")
	waiting := func() desk.Payment {
		return must(s.createPayment(desk.PaymentRequest{Order: s.order(1000, true).ID, Amount: 1000, Method: "card", Card: card, Waits: true}))(t)
	}
	for otp, want := range map[string]string{
		"1234": "captured", "1234567890": "captured", "123": "failed", "12345678901": "failed", "12a4": "failed", "": "failed",
	} {
		p := waiting()
		if p.Status != desk.PaymentCreated {
			t.Fatalf("waiting: %+v", p)
		}
		p = must(s.Desk.SubmitOTP(s.ctx, s.Book, p.ID, otp))(t)
		if p.Status != want {
			t.Errorf("OTP %q: %s, want %s", otp, p.Status, want)
		}
		_, err := s.Desk.SubmitOTP(s.ctx, s.Book, p.ID, "")
		refused(t, "a second OTP", err, ledger.WrongState, desk.WhyPaymentState)
	}
	_, err := s.Desk.SubmitOTP(s.ctx, s.Book, "pay_none", "1234")
	refused(t, "no such payment", err, ledger.NotFound, desk.WhyUnknownID)

	p := waiting()
	s.after(15 * time.Minute) // the customer has gone
	if p = row[desk.Payment](s, p.ID); p.Status != desk.PaymentFailed || p.ErrorReason != "payment_timed_out" {
		t.Errorf("after the customer's time: %+v", p)
	}
	if p = must(s.Desk.FinishPayment(s.ctx, s.Book, p.ID, true))(t); p.Status != desk.PaymentCaptured || p.ErrorCode != "" {
		t.Errorf("authorised late: %+v", p)
	}
}

// Money that is authorised and that nobody captures, or can use any more, goes
// back without the merchant's balance having seen it (J04).
func TestGiveBack(t *testing.T) {
	for _, tt := range []struct {
		what string
		edit func(q *desk.OrderRequest)
		wait time.Duration
	}{
		{"the terms' window", func(q *desk.OrderRequest) {}, 72 * time.Hour},
		{"the order's window", func(q *desk.OrderRequest) { q.ManualExpiry, q.RefundSpeed = 120, "optimum" }, 2 * time.Hour},
	} {
		t.Run(tt.what, func(t *testing.T) {
			s := newShop(t)
			q := desk.OrderRequest{Amount: 1000}
			tt.edit(&q)
			o, _, err := s.createOrder(q)
			p := s.payFor(must(o, err)(t), "upi")
			s.after(tt.wait - time.Second)
			if p := row[desk.Payment](s, p.ID); p.Status != desk.PaymentAuthorized {
				t.Fatalf("a second before: %+v", p)
			}
			s.after(time.Second) // it is sent
			s.after(time.Hour)   // and done
			p = row[desk.Payment](s, p.ID)
			if p.Status != desk.PaymentRefunded || p.Captured || p.Refunded != 1000 || p.RefundPending != 0 {
				t.Errorf("after: %+v", p)
			}
			s.holds(map[ledger.AccountID]ledger.Amount{ledger.Available: 0, ledger.PSPReceivable + "/sim": 0, ledger.RefundClearing + "/sim": 0})
			o = row[desk.Order](s, o.ID)
			if o.Open != "" || o.Status != desk.OrderAttempted || o.Refunded != 0 {
				t.Errorf("order: %+v", o)
			}
			s.payFor(o, "upi") // it may be paid again
		})
	}

	t.Run("two at once", func(t *testing.T) {
		s := newShop(t)
		card, _ := desk.TestCard("4100280000001007", "")
		o := s.order(1000, true)
		var ps []desk.Payment
		for range 2 { // both wait for their OTP
			ps = append(ps, must(s.createPayment(desk.PaymentRequest{Order: o.ID, Amount: 1000, Method: "card", Card: card, Waits: true}))(t))
		}
		first := must(s.Desk.SubmitOTP(s.ctx, s.Book, ps[0].ID, "1234"))(t)
		second := must(s.Desk.SubmitOTP(s.ctx, s.Book, ps[1].ID, "1234"))(t)
		if first.Status != desk.PaymentCaptured || second.Status != desk.PaymentRefunded || second.Captured {
			t.Errorf("first %s, second %s", first.Status, second.Status)
		}
		s.sent()
		s.after(time.Hour)
		if o := row[desk.Order](s, o.ID); o.Paid != 1000 || o.Attempts != 2 {
			t.Errorf("order: %+v", o)
		}
		s.holds(map[ledger.AccountID]ledger.Amount{ledger.Available: 1000, ledger.PSPReceivable + "/sim": 1000})
	})
}

// An order that captures by itself does so for payments that are authorised in
// time; later ones wait for a capture.
func TestAutomaticExpiry(t *testing.T) {
	s := newShop(t)
	card, _ := desk.TestCard("4100280000001007", "")
	for _, tt := range []struct {
		wait time.Duration
		want string
	}{
		{12 * time.Minute, desk.PaymentCaptured},
		{12*time.Minute + time.Second, desk.PaymentAuthorized},
		{25 * time.Minute, desk.PaymentAuthorized}, // after it had failed
	} {
		o, _, err := s.createOrder(desk.OrderRequest{Amount: 1000, Capture: true, AutoExpiry: 12, ManualExpiry: 30})
		must(o, err)(t)
		p := must(s.createPayment(desk.PaymentRequest{Order: o.ID, Amount: 1000, Method: "card", Card: card, Waits: true}))(t)
		s.after(tt.wait)
		p = must(s.Desk.FinishPayment(s.ctx, s.Book, p.ID, true))(t)
		if p.Status != tt.want {
			t.Errorf("after %v: %s, want %s", tt.wait, p.Status, tt.want)
		}
		s.after(30*time.Minute - tt.wait) // since it was made
		if p = row[desk.Payment](s, p.ID); tt.want == desk.PaymentAuthorized && p.Status != desk.PaymentRefunded {
			t.Errorf("after %v and the rest of its time: %s", tt.wait, p.Status)
		}
	}
}

func TestEditPayment(t *testing.T) {
	s := newShop(t)
	_, err := s.Desk.EditPayment(s.ctx, s.Book, "pay_none", "")
	refused(t, "no such payment", err, ledger.NotFound, desk.WhyUnknownID)
	p := s.pay("upi", 1000)
	if p := must(s.Desk.EditPayment(s.ctx, s.Book, p.ID, `{"a":"b"}`))(t); p.Notes != `{"a":"b"}` {
		t.Errorf("edited: %+v", p)
	}
}
