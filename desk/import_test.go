package desk_test

import (
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

// A payment captured elsewhere comes in once, and is refunded like one that was
// taken here.
func TestImportPayment(t *testing.T) {
	s := newShop(t)
	at := ledger.At(s.Desk.Now()).Add(-48 * time.Hour)
	q := desk.ImportPaymentRequest{
		Provider: "phonepe", Reference: "T2611200101010000000001", ID: "pay_Imported000001", Transaction: "TX1", Order: "OD1",
		Amount: 100_00, Fee: 2_36, Tax: 36, Method: "upi", Source: "asha@upi", Proof: "632500000001", CapturedAt: at,
	}
	p := must(s.Desk.ImportPayment(s.ctx, s.Book, q))(t)
	if p.ID != q.ID || p.Status != desk.PaymentCaptured || p.CreatedAt != at || p.VPA != "asha@upi" || p.Reference != q.Proof {
		t.Errorf("imported: %+v", p)
	}
	o := row[desk.Order](s, p.Order)
	if o.Status != desk.OrderPaid || o.Receipt != "OD1" || o.Paid != q.Amount {
		t.Errorf("its order: %+v", o)
	}
	for _, name := range []string{"phonepe/TX1", "phonepe.ref/T2611200101010000000001"} {
		if h := must(s.Desk.Handle(s.ctx, s.Book, desk.ID(name)))(t); h.Of != p.ID {
			t.Errorf("%s is %s", name, h.Of)
		}
	}
	if again := must(s.Desk.ImportPayment(s.ctx, s.Book, q))(t); again.ID != p.ID {
		t.Errorf("imported again: %+v", again)
	}
	s.holds(map[ledger.AccountID]ledger.Amount{"1100/phonepe": 100_00, "2010": 97_64, "4010": 2_00})

	other := q
	other.Amount++
	_, err := s.Desk.ImportPayment(s.ctx, s.Book, other)
	refused(t, "another payment under the same reference", err, ledger.Mismatch, desk.WhyKeyMismatch)
	other.Reference = "T2"
	_, err = s.Desk.ImportPayment(s.ctx, s.Book, other)
	refused(t, "an id that is taken", err, ledger.Duplicate, desk.WhyImportTaken)
	other.ID, other.Reference = "", "T3"
	_, err = s.Desk.ImportPayment(s.ctx, s.Book, other)
	refused(t, "a transaction that is taken", err, ledger.Duplicate, desk.WhyHandleUsed)

	s.refund(desk.RefundRequest{Payment: p.ID, Amount: 40_00})
	s.after(time.Minute)
	if p = row[desk.Payment](s, p.ID); p.Refunded != 40_00 {
		t.Errorf("after a refund of 40 rupees: %+v", p)
	}
	s.holds(map[ledger.AccountID]ledger.Amount{"1100/phonepe": 60_00, "2010": 57_64})
}

// Store credit that names the merchant's order counts against what was imported
// for it, and what a second import has for it is another order.
func TestImportPaymentCredit(t *testing.T) {
	s := newShop(t)
	s.programme(func(p *desk.Programme) { p.CountsOrders = true })
	q := desk.ImportPaymentRequest{
		Provider: "other", Reference: "R1", Order: "OD1", Amount: 100_00, Method: "upi", Source: "asha@upi",
		CapturedAt: ledger.At(s.Desk.Now()).Add(-time.Hour),
	}
	p := must(s.Desk.ImportPayment(s.ctx, s.Book, q))(t)
	q.Reference = "R2"
	must(s.Desk.ImportPayment(s.ctx, s.Book, q))(t)
	x := must(s.creditFor("OD1", 60_00))(t)
	if r := row[desk.Refund](s, x.Refund()); r.Payment != p.ID || r.Order != p.Order {
		t.Errorf("its refund is %+v", r)
	}
	_, err := s.Desk.Refund(s.ctx, s.Book, desk.RefundRequest{Payment: p.ID, Amount: 40_01})
	refused(t, "more than is left", err, ledger.Exceeds, ledger.WhyOverBudget)
}

func TestImportPaymentChecks(t *testing.T) {
	now := ledger.At(time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC))
	good := desk.ImportPaymentRequest{Provider: "razorpay", Reference: "r", Amount: 100, Method: "card", CapturedAt: now}
	if err := good.Check(now); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		field string
		why   ledger.Why
		spoil func(q *desk.ImportPaymentRequest)
	}{
		{"provider", desk.WhyImportProvider, func(q *desk.ImportPaymentRequest) { q.Provider = "" }},
		{"provider", desk.WhyImportProvider, func(q *desk.ImportPaymentRequest) { q.Provider = "Razor Pay" }},
		{"provider", desk.WhyImportProvider, func(q *desk.ImportPaymentRequest) { q.Provider = desk.OpenWallet }},
		{"reference", desk.WhyImportReference, func(q *desk.ImportPaymentRequest) { q.Reference = "" }},
		{"reference", desk.WhyImportReference, func(q *desk.ImportPaymentRequest) { q.Reference = "a b" }},
		{"id", desk.WhyImportID, func(q *desk.ImportPaymentRequest) { q.ID = "rfnd_00000000000001" }},
		{"transaction", desk.WhyImportReference, func(q *desk.ImportPaymentRequest) { q.Transaction = "a\n" }},
		{"order", desk.WhyImportReference, func(q *desk.ImportPaymentRequest) { q.Order = "a b" }},
		{"amount", desk.WhyImportMoney, func(q *desk.ImportPaymentRequest) { q.Amount = 0 }},
		{"amount", desk.WhyImportMoney, func(q *desk.ImportPaymentRequest) { q.Amount = ledger.MaxAmount + 1 }},
		{"fee", desk.WhyImportFee, func(q *desk.ImportPaymentRequest) { q.Fee = 101 }},
		{"tax", desk.WhyImportFee, func(q *desk.ImportPaymentRequest) { q.Fee, q.Tax = 10, 11 }},
		{"method", desk.WhyMethod, func(q *desk.ImportPaymentRequest) { q.Method = "shells" }},
		{"captured_at", desk.WhyImportTime, func(q *desk.ImportPaymentRequest) { q.CapturedAt = now + 1 }},
		{"captured_at", desk.WhyImportTime, func(q *desk.ImportPaymentRequest) { q.CapturedAt = 0 }},
	} {
		q := good
		tt.spoil(&q)
		refused(t, tt.field, q.Check(now), ledger.Invalid, tt.why)
	}
}

// A wallet's old balance comes in once, with its customer.
func TestImportWallet(t *testing.T) {
	s := newShop(t)
	s.terms(func(t *desk.Terms) { t.MaxBalance = 500_00 })
	q := desk.ImportWalletRequest{Reference: "old-1", Name: "Asha", Email: "asha@example.com", Contact: "9876543210", Cash: 400_00, Promo: 150_00}
	w := must(s.Desk.ImportWallet(s.ctx, s.Book, q))(t)
	if w.Lines != 1 || !w.OverLimit || w.Loaded != 0 {
		t.Errorf("imported: %+v", w)
	}
	cash, promo := ledger.Account(ledger.WalletCash, string(w.ID)), ledger.Account(ledger.WalletPromo, string(w.ID))
	s.holds(map[ledger.AccountID]ledger.Amount{"1010": 550_00, cash: 400_00, promo: 150_00})
	if again := must(s.Desk.ImportWallet(s.ctx, s.Book, q))(t); again != w {
		t.Errorf("imported again: %+v", again)
	}
	q.Reference, q.Cash, q.Promo = "old-2", 1_00, 0
	if second := must(s.Desk.ImportWallet(s.ctx, s.Book, q))(t); second.ID != w.ID || second.Lines != 2 {
		t.Errorf("a second balance of the same customer: %+v", second)
	}
	q.Reference, q.ID = "old-3", "cust_Imported000001"
	_, err := s.Desk.ImportWallet(s.ctx, s.Book, q)
	refused(t, "an id of a customer who has another", err, ledger.Duplicate, desk.WhyImportCustomer)
	q.Email = "b@example.com"
	if third := must(s.Desk.ImportWallet(s.ctx, s.Book, q))(t); third.ID != q.ID {
		t.Errorf("with an id: %+v", third)
	}
	q.Reference, q.Email = "old-4", "c@example.com"
	_, err = s.Desk.ImportWallet(s.ctx, s.Book, q)
	refused(t, "an id that is taken", err, ledger.Duplicate, desk.WhyImportCustomer)
	q.Cash++
	q.Reference = "old-1"
	_, err = s.Desk.ImportWallet(s.ctx, s.Book, q)
	refused(t, "another balance under the same reference", err, ledger.Mismatch, desk.WhyKeyMismatch)
	for field, spoil := range map[string]func(q *desk.ImportWalletRequest){
		"contact": func(q *desk.ImportWalletRequest) { q.Contact = "12345" },
		"cash":    func(q *desk.ImportWalletRequest) { q.Cash = -1 },
		"promo":   func(q *desk.ImportWalletRequest) { q.Cash, q.Promo = 0, 0 },
		"id":      func(q *desk.ImportWalletRequest) { q.ID = "pay_00000000000001" },
	} {
		bad := q
		spoil(&bad)
		if err := bad.Check(); ledger.CodeOf(err) != ledger.Invalid {
			t.Errorf("%s: %v", field, err)
		}
	}
}
