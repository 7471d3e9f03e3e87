package desk_test

import (
	"testing"

	"wapas/desk"
	"wapas/ledger"
)

func (s *shop) createOrder(q desk.OrderRequest) (desk.Order, []desk.Transfer, error) {
	return s.Desk.CreateOrder(s.ctx, s.Book, q)
}

func TestOrderRefusals(t *testing.T) {
	s := newShop(t)
	acc := s.linked("seller@example.com")
	to := func(a ledger.Amount) []desk.TransferTo { return []desk.TransferTo{{Recipient: acc, Amount: a}} }
	for _, tt := range []struct {
		what string
		q    desk.OrderRequest
		code ledger.Code
		why  ledger.Why
	}{
		{"too little", desk.OrderRequest{Amount: 99}, ledger.Invalid, desk.WhyOrderMin},
		{"too little, and less than nothing first", desk.OrderRequest{Amount: -1, FirstMin: 1}, ledger.Invalid, desk.WhyOrderMin},
		{"too much", desk.OrderRequest{Amount: ledger.MaxAmount + 1}, ledger.Invalid, desk.WhyOrderMax},
		{"a first part without parts", desk.OrderRequest{Amount: 1000, FirstMin: 500}, ledger.Invalid, desk.WhyFirstMin},
		{"a first part above the whole", desk.OrderRequest{Amount: 1000, Partial: true, FirstMin: 1001}, ledger.Invalid, desk.WhyFirstMin},
		{"a first part below a rupee", desk.OrderRequest{Amount: 1000, Partial: true, FirstMin: 99}, ledger.Invalid, desk.WhyFirstMin},
		{"too little time to capture", desk.OrderRequest{Amount: 1000, AutoExpiry: 11}, ledger.Invalid, desk.WhyCaptureTime},
		{"too much time to capture", desk.OrderRequest{Amount: 1000, ManualExpiry: 7201}, ledger.Invalid, desk.WhyCaptureTime},
		{"less time than the automatic capture has", desk.OrderRequest{Amount: 1000, AutoExpiry: 60, ManualExpiry: 59}, ledger.Invalid, desk.WhyCaptureTime},
		{"a transfer below a rupee", desk.OrderRequest{Amount: 1000, Transfers: to(99)}, ledger.Invalid, desk.WhyTransferMin},
		{"no such account", desk.OrderRequest{Amount: 1000, Transfers: []desk.TransferTo{{Recipient: "acc_none", Amount: 100}}}, ledger.NotFound, desk.WhyUnknownID},
		{"transfers and parts", desk.OrderRequest{Amount: 1000, Partial: true, Transfers: to(100)}, ledger.WrongState, desk.WhyTransferPartialOrder},
		{"transfers above the order", desk.OrderRequest{Amount: 1000, Transfers: to(1001)}, ledger.Exceeds, desk.WhyTransferExceeds},
	} {
		_, _, err := s.createOrder(tt.q)
		refused(t, tt.what, err, tt.code, tt.why)
	}
	if os := must(desk.List[desk.Order](s.ctx, s.Desk, desk.Query{Book: s.Book, Count: 10}))(t); len(os) != 0 {
		t.Errorf("refused, and kept: %+v", os)
	}
}

// A receipt may be used as often as one likes, unless the request or the terms
// say that it names the order.
func TestReceipt(t *testing.T) {
	s := newShop(t)
	create := func(unique bool, a ledger.Amount) (desk.Order, error) {
		o, _, err := s.createOrder(desk.OrderRequest{Amount: a, Receipt: "r1", Unique: unique, Capture: true})
		return o, err
	}
	first := must(create(false, 1000))(t)
	if second := must(create(false, 1000))(t); second.ID == first.ID {
		t.Error("a receipt made an order unique that did not ask for it")
	}
	s.payFor(first, "upi")
	if same := must(create(true, 1000))(t); same.ID != first.ID || same.Status != desk.OrderPaid {
		t.Errorf("the same receipt: %+v, want %s as it is now", same, first.ID)
	}
	_, err := create(true, 1001)
	refused(t, "the same receipt for another amount", err, ledger.Duplicate, desk.WhyReceipt)
	s.terms(func(t *desk.Terms) { t.UniqueReceipt = true })
	_, err = create(false, 1000)
	refused(t, "the terms", err, ledger.Duplicate, desk.WhyReceipt)
	if same := must(create(true, 1000))(t); same.ID != first.ID {
		t.Errorf("the same receipt: %+v", same)
	}
}

// The transfers of an order wait for it to be paid; a unique receipt hears of
// the same ones again.
func TestOrderWithTransfers(t *testing.T) {
	s := newShop(t)
	acc := s.linked("seller@example.com")
	q := desk.OrderRequest{Amount: 1000, Receipt: "r1", Unique: true, Capture: true, Transfers: []desk.TransferTo{{Recipient: acc, Amount: 400}}}
	o, ts, err := s.createOrder(q)
	if err != nil || len(ts) != 1 || ts[0].State != "created" || ts[0].Source != o.ID || ts[0].Of != o.ID || !o.HasTransfers {
		t.Fatalf("order: %+v, transfers: %+v, %v", o, ts, err)
	}
	if _, again, err := s.createOrder(q); err != nil || len(again) != 1 || again[0].ID != ts[0].ID {
		t.Errorf("again: %+v, %v", again, err)
	}
	p := s.payFor(o, "upi")
	if tr := row[desk.Transfer](s, ts[0].ID); tr.State != "processed" || tr.Source != o.ID || tr.Of != p.ID || p.Transferred != 400 {
		t.Errorf("transfer: %+v of payment %+v", tr, p)
	}
	s.holds(map[ledger.AccountID]ledger.Amount{ledger.Account(ledger.LinkedFree, string(acc)): 400, ledger.Available: 600})
}

func TestEditOrder(t *testing.T) {
	s := newShop(t)
	_, err := s.Desk.EditOrder(s.ctx, s.Book, "order_none", `{"a":"b"}`)
	refused(t, "no such order", err, ledger.NotFound, desk.WhyUnknownID)
	o := s.order(1000, true)
	if o := must(s.Desk.EditOrder(s.ctx, s.Book, o.ID, `{"a":"b"}`))(t); o.Notes != `{"a":"b"}` {
		t.Errorf("edited: %+v", o)
	}
}

// An order in parts is paid when all of it is.
func TestPartialOrder(t *testing.T) {
	s := newShop(t)
	o, _, err := s.createOrder(desk.OrderRequest{Amount: 1000, Partial: true, FirstMin: 300, Capture: true})
	must(o, err)(t)
	pay := func(a ledger.Amount) (desk.Payment, error) {
		return s.Desk.CreatePayment(s.ctx, s.Book, desk.PaymentRequest{Order: o.ID, Amount: a, Method: "upi", VPA: "success@razorpay"})
	}
	_, err = pay(299)
	refused(t, "less than the first part", err, ledger.Exceeds, desk.WhyUnderFirstMin)
	_, err = pay(1001)
	refused(t, "more than is due", err, ledger.Exceeds, desk.WhyOverDue)
	must(pay(400))(t)
	if o := row[desk.Order](s, o.ID); o.Status != desk.OrderAttempted || o.Paid != 400 || o.Due() != 600 {
		t.Errorf("after a part: %+v", o)
	}
	must(pay(100))(t)
	_, err = pay(501)
	refused(t, "more than is due", err, ledger.Exceeds, desk.WhyOverDue)
	p := must(pay(500))(t)
	if o := row[desk.Order](s, o.ID); o.Status != desk.OrderPaid || o.Attempts != 3 {
		t.Errorf("after all: %+v", o)
	}
	if got := s.events(o.ID); len(got) != 1 || got[0] != "order.paid" || len(s.events(p.ID)) != 3 {
		t.Errorf("events: %v", got)
	}
}
