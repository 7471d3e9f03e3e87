package desk_test

import (
	"fmt"
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
	"wapas/rail"
)

// ask asks a customer to pay under a name of the caller's.
func (s *shop) ask(name string, a ledger.Amount, edit ...func(q *desk.ChargeRequest)) desk.Payment {
	s.t.Helper()
	q := charge(name, a)
	for _, f := range edit {
		f(&q)
	}
	return must(s.Desk.Charge(s.ctx, s.Book, q))(s.t)
}

func charge(name string, a ledger.Amount) desk.ChargeRequest {
	return desk.ChargeRequest{
		Amount: a, Receipt: "order of " + name, Life: 10 * time.Minute, Asked: true,
		Called: desk.Called{
			Room: "phonepe", Handle: desk.Handle{ID: desk.HandleID("phonepe", name), Wire: `{"a":1}`}, Ref: name,
			Aliases: func(id desk.ID) []desk.ID { return []desk.ID{desk.HandleID("phonepe.ref", string(id))} },
		},
	}
}

// What the simulated customer says, and when, by everything that decides it.
func TestChargeAnswers(t *testing.T) {
	type at struct {
		after  time.Duration
		status string
		reason string
	}
	paid, waits := at{5 * time.Second, "captured", ""}, at{5 * time.Second, "created", ""}
	declined := at{5 * time.Second, "failed", desk.ReasonDeclined}
	late := at{10 * time.Minute, "failed", desk.ReasonTimedOut}
	address := func(vpa string) func(q *desk.ChargeRequest) {
		return func(q *desk.ChargeRequest) { q.VPA = vpa }
	}
	for _, c := range []struct {
		name   string
		amount ledger.Amount
		edit   func(q *desk.ChargeRequest)
		then   []at
	}{
		{"whole rupees", 500_00, nil, []at{{4 * time.Second, "created", ""}, {time.Second, "captured", ""}, {24 * time.Hour, "captured", ""}}},
		{"the address says yes, whatever the paise", 500_13, address("success@ybl"), []at{paid}},
		{"the address says no", 500_00, address("failed@ybl"), []at{declined, {24 * time.Hour, "failed", desk.ReasonDeclined}}},
		{"the address says nothing", 500_00, address("pending@ybl"), []at{waits, late}},
		{"any other address", 500_00, address("asha@okbank"), []at{paid}},
		{"declined", 500_13, nil, []at{declined, {24 * time.Hour, "failed", desk.ReasonDeclined}}},
		{"later than there is time", 500_17, nil, []at{waits, late, {2 * time.Hour, "failed", desk.ReasonTimedOut}}},
		{"in an hour", 500_17, func(q *desk.ChargeRequest) { q.Life = 2 * time.Hour }, []at{waits, {time.Hour, "captured", ""}}},
		{"asked again", 500_19, nil, []at{paid}},
		{"declined, and gone a day later", 500_23, nil, []at{declined, {24 * time.Hour, "captured", ""}}},
		{"never", 500_29, nil, []at{waits, late}},
		{"a page is not answered by itself", 500_00, func(q *desk.ChargeRequest) { q.Asked = false }, []at{waits, late}},
		{"no time to look", 500_00, func(q *desk.ChargeRequest) { q.Life = time.Second }, []at{{time.Second, "failed", desk.ReasonTimedOut}, {time.Hour, "failed", desk.ReasonTimedOut}}},
		{"just no time to look", 500_00, func(q *desk.ChargeRequest) { q.Life = desk.PayerTakes }, []at{{time.Minute, "failed", desk.ReasonTimedOut}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShop(t)
			edit := c.edit
			if edit == nil {
				edit = func(*desk.ChargeRequest) {}
			}
			p := s.ask("T1", c.amount, edit)
			if p.Status != "created" || p.Method != "upi" || p.Provider != desk.SimRail {
				t.Errorf("the payment is %+v", p)
			}
			for _, want := range c.then {
				s.after(want.after)
				got := row[desk.Payment](s, p.ID)
				if got.Status != want.status || got.ErrorReason != want.reason {
					t.Fatalf("after %s it is %s for %q, want %s for %q", want.after, got.Status, got.ErrorReason, want.status, want.reason)
				}
			}
			o := row[desk.Order](s, p.Order)
			if paid := row[desk.Payment](s, p.ID).Captured; o.Receipt != "order of T1" || (o.Status == desk.OrderPaid) != paid {
				t.Errorf("the order is %+v", o)
			}
		})
	}
}

// A stored scenario decides, by the caller's reference or the amount.
func TestChargePlays(t *testing.T) {
	s := newShop(t)
	must(s.Desk.SetScenario(s.ctx, s.Book, desk.ScenarioRequest{What: "payment", Ref: "NO", Outcome: rail.ScenarioRefused}))(t)
	must(s.Desk.SetScenario(s.ctx, s.Book, desk.ScenarioRequest{What: "payment", Amount: 700_00, Outcome: rail.ScenarioPending, After: 120}))(t)
	must(s.Desk.SetScenario(s.ctx, s.Book, desk.ScenarioRequest{What: "refund", Outcome: rail.ScenarioRefused}))(t)
	no, slow, other := s.ask("NO", 500_00), s.ask("SLOW", 700_00), s.ask("OTHER", 500_00)
	for _, c := range []struct {
		after           time.Duration
		no, slow, other string
	}{
		{10 * time.Second, "failed", "created", "captured"},
		{120 * time.Second, "failed", "captured", "captured"},
	} {
		s.after(c.after)
		for id, want := range map[desk.ID]string{no.ID: c.no, slow.ID: c.slow, other.ID: c.other} {
			if got := row[desk.Payment](s, id); got.Status != want {
				t.Errorf("after %s %s of %d is %s, want %s", c.after, id, got.Amount, got.Status, want)
			}
		}
	}
}

// The refusals of a charge, in their order; what was refused leaves nothing.
func TestChargeRefuses(t *testing.T) {
	s := newShop(t)
	s.terms(func(t *desk.Terms) { t.UniqueReceipt = true })
	s.ask("TAKEN", 500_00)
	for _, c := range []struct {
		name string
		book desk.BookID
		edit func(q *desk.ChargeRequest)
		code ledger.Code
		why  ledger.Why
	}{
		{"an address before the time", s.Book, func(q *desk.ChargeRequest) { q.VPA, q.Life = "x", 0 }, ledger.Invalid, desk.WhyVPA},
		{"a method", s.Book, func(q *desk.ChargeRequest) { q.Method, q.Life = "cash", 0 }, ledger.Invalid, desk.WhyMethod},
		{"a bank", s.Book, func(q *desk.ChargeRequest) { q.Method, q.Bank = "netbanking", "XXXX" }, ledger.Invalid, desk.WhyBank},
		{"no time before the amount", s.Book, func(q *desk.ChargeRequest) { q.Life, q.Amount = 0, 99 }, ledger.Invalid, desk.WhyChargeLife},
		{"too much time", s.Book, func(q *desk.ChargeRequest) { q.Life = desk.MaxChargeLife + 1 }, ledger.Invalid, desk.WhyChargeLife},
		{"too little before the name", s.Book, func(q *desk.ChargeRequest) { q.Amount = 99; q.Handle.ID = "phonepe/TAKEN" }, ledger.Invalid, desk.WhyPaymentMin},
		{"too much", s.Book, func(q *desk.ChargeRequest) { q.Amount = ledger.MaxAmount + 1 }, ledger.Invalid, desk.WhyPaymentMax},
		{"a name before the receipt", s.Book, func(q *desk.ChargeRequest) { q.Handle.ID, q.Receipt = "phonepe/TAKEN", "order of TAKEN" }, ledger.Duplicate, desk.WhyHandleUsed},
		{"a receipt", s.Book, func(q *desk.ChargeRequest) { q.Receipt = "order of TAKEN" }, ledger.Duplicate, desk.WhyReceipt},
		{"a live book", s.Live, func(q *desk.ChargeRequest) {}, ledger.WrongState, desk.WhyLivePayment},
	} {
		q := charge("NEW", 500_00)
		c.edit(&q)
		_, err := s.Desk.Charge(s.ctx, c.book, q)
		if !refusedFor(err, c.code, c.why) {
			t.Errorf("%s: %v, want %s (%s)", c.name, err, c.code, c.why)
		}
	}
	s.ask("NEW", 500_00)
}

func refusedFor(err error, code ledger.Code, why ledger.Why) bool {
	e, ok := err.(*ledger.Error)
	return ok && e.Code == code && e.Why == why
}

// A payment is found by every name of it, and each name is its own for good.
func TestChargeNames(t *testing.T) {
	s := newShop(t)
	p := s.ask("T1", 500_00)
	for _, id := range []desk.ID{"phonepe/T1", desk.HandleID("phonepe.ref", string(p.ID))} {
		if h := must(s.Desk.Handle(s.ctx, s.Book, id))(t); h.Of != p.ID {
			t.Errorf("%s is %s's", id, h.Of)
		}
	}
	if all := must(s.Desk.Handles(s.ctx, s.Book, p.ID))(t); len(all) != 2 || all[1].Wire != `{"a":1}` {
		t.Errorf("names: %+v", all)
	}
	if _, err := s.Desk.Charge(s.ctx, s.Book, charge("T1", 900_00)); !refusedFor(err, ledger.Duplicate, desk.WhyHandleUsed) {
		t.Errorf("the name again: %v", err)
	}
	// A refund may not have a payment's name either.
	s.after(10 * time.Second)
	q := desk.RefundRequest{Payment: p.ID, Amount: 100, Called: desk.Called{Room: "phonepe", Handle: desk.Handle{ID: "phonepe/T1"}}}
	if _, err := s.Desk.Refund(s.ctx, s.Book, q); !refusedFor(err, ledger.Duplicate, desk.WhyHandleUsed) {
		t.Errorf("a payment's name for a refund: %v", err)
	}
}

// What was asked for can be taken back until it is answered.
func TestWithdrawPayment(t *testing.T) {
	s := newShop(t)
	p := s.ask("T1", 500_00)
	got := must(s.Desk.WithdrawPayment(s.ctx, s.Book, p.ID))(t)
	if got.Status != desk.PaymentFailed || got.ErrorReason != desk.ReasonCancelled {
		t.Errorf("it is %s for %s", got.Status, got.ErrorReason)
	}
	s.after(time.Hour) // nobody answers it any more
	if got := row[desk.Payment](s, p.ID); got.Status != desk.PaymentFailed {
		t.Errorf("then it is %s", got.Status)
	}
	if _, err := s.Desk.WithdrawPayment(s.ctx, s.Book, p.ID); !refusedFor(err, ledger.WrongState, desk.WhyPaymentState) {
		t.Errorf("twice: %v", err)
	}
	paid := s.ask("T2", 500_00)
	s.after(10 * time.Second)
	if _, err := s.Desk.WithdrawPayment(s.ctx, s.Book, paid.ID); !refusedFor(err, ledger.WrongState, desk.WhyPaymentState) {
		t.Errorf("a paid one: %v", err)
	}
	if _, err := s.Desk.WithdrawPayment(s.ctx, s.Book, "pay_00000000000000"); ledger.CodeOf(err) != ledger.NotFound {
		t.Errorf("none: %v", err)
	}
}

// A refund finds its payment by its caller's names of it, and refuses in the
// order that is documented: the name, the payment, its state, the amount.
func TestRefundByName(t *testing.T) {
	s := newShop(t)
	p, other := s.ask("T1", 500_00), s.ask("T2", 500_00)
	early := s.ask("T3", 500_29)
	s.after(10 * time.Second)
	ref := desk.HandleID("phonepe.ref", string(p.ID))
	called := func(name string) desk.Called {
		return desk.Called{
			Room: "phonepe", Handle: desk.Handle{ID: desk.HandleID("phonepe", name), Wire: "{}"}, Ref: name,
			Aliases: func(id desk.ID) []desk.ID { return []desk.ID{desk.HandleID("phonepe.ref", string(id))} },
		}
	}
	for i, of := range [][]desk.ID{{"phonepe/T1"}, {ref}, {p.ID}, {"phonepe/T1", ref}, {ref, p.ID}} {
		x := s.refund(desk.RefundRequest{Of: of, Amount: 10_00, Called: called(fmt.Sprint("R", i))})
		if x.Payment != p.ID || x.Room != "phonepe" || x.State != "pending" {
			t.Errorf("%v: %+v", of, x)
		}
		for _, id := range []desk.ID{desk.HandleID("phonepe", fmt.Sprint("R", i)), desk.HandleID("phonepe.ref", string(x.ID))} {
			if h := must(s.Desk.Handle(s.ctx, s.Book, id))(t); h.Of != x.ID {
				t.Errorf("%s is %s's", id, h.Of)
			}
		}
		if o := row[desk.RailOrder](s, x.ID); o.Ref != fmt.Sprint("R", i) {
			t.Errorf("the rail is told %q", o.Ref)
		}
	}
	for _, c := range []struct {
		name string
		q    desk.RefundRequest
		code ledger.Code
		why  ledger.Why
	}{
		{"a used name wins over everything", desk.RefundRequest{Of: []desk.ID{"phonepe/NOBODY"}, Amount: 900_00, Called: called("R0")}, ledger.Duplicate, desk.WhyHandleUsed},
		{"no such name", desk.RefundRequest{Of: []desk.ID{"phonepe/NOBODY"}, Amount: 900_00, Called: called("N")}, ledger.NotFound, desk.WhyUnknownID},
		{"no such payment", desk.RefundRequest{Of: []desk.ID{"pay_00000000000000"}, Amount: 900_00, Called: called("N")}, ledger.NotFound, desk.WhyUnknownID},
		{"a refund's name", desk.RefundRequest{Of: []desk.ID{"phonepe/R0"}, Amount: 1, Called: called("N")}, ledger.NotFound, desk.WhyUnknownID},
		{"two payments", desk.RefundRequest{Of: []desk.ID{"phonepe/T1", other.ID}, Amount: 900_00, Called: called("N")}, ledger.Invalid, desk.WhyRefundNames},
		{"nothing was paid", desk.RefundRequest{Of: []desk.ID{early.ID}, Amount: 900_00, Called: called("N")}, ledger.WrongState, desk.WhyRefundUncaptured},
		{"too much", desk.RefundRequest{Of: []desk.ID{"phonepe/T1"}, Amount: 450_01, Called: called("N")}, ledger.Exceeds, ledger.WhyOverBudget},
	} {
		if _, err := s.Desk.Refund(s.ctx, s.Book, c.q); !refusedFor(err, c.code, c.why) {
			t.Errorf("%s: %v, want %s (%s)", c.name, err, c.code, c.why)
		}
	}
	// What was refused has taken no name.
	s.refund(desk.RefundRequest{Of: []desk.ID{"phonepe/T1"}, Amount: 450_00, Called: called("N")})
}

// An id says when it was minted, to the nanosecond.
func TestMoment(t *testing.T) {
	s := newShop(t)
	a, b := s.ask("T1", 500_00).ID, s.ask("T2", 500_00).ID
	at, ok := a.Moment()
	then, also := b.Moment()
	if !ok || !also || !then.After(at) || at.Unix() != row[desk.Payment](s, a).CreatedAt.Unix() {
		t.Errorf("%s was minted at %s, %s at %s", a, at, b, then)
	}
	for _, id := range []desk.ID{"", "pay", "phonepe/********************"} {
		if _, ok := id.Moment(); ok {
			t.Errorf("%q was minted", id)
		}
	}
}

// A payment that waits for a page may be made by other means than UPI.
func TestChargeMethods(t *testing.T) {
	s := newShop(t)
	for _, c := range []struct {
		name string
		edit func(q *desk.ChargeRequest)
		want desk.Payment
		why  ledger.Why
	}{
		{"upi", func(q *desk.ChargeRequest) {}, desk.Payment{Method: "upi"}, ""},
		{"bank", func(q *desk.ChargeRequest) { q.Method, q.Bank = "netbanking", "SBIN" }, desk.Payment{Method: "netbanking", Bank: "SBIN"}, ""},
		{"card", func(q *desk.ChargeRequest) { q.Method, q.Card = "card", desk.Card{Network: "Unknown", Last4: "1234"} },
			desk.Payment{Method: "card", CardNetwork: "Unknown", CardLast4: "1234"}, ""},
		{"no bank", func(q *desk.ChargeRequest) { q.Method, q.Bank = "netbanking", "GRIN" }, desk.Payment{}, desk.WhyBank},
		{"barter", func(q *desk.ChargeRequest) { q.Method = "barter" }, desk.Payment{}, desk.WhyMethod},
	} {
		q := charge("method-"+c.name, 500_00)
		q.Asked = false
		c.edit(&q)
		p, err := s.Desk.Charge(s.ctx, s.Book, q)
		if c.why != "" {
			refused(t, c.name, err, ledger.Invalid, c.why)
			continue
		}
		if err != nil || p.Method != c.want.Method || p.Bank != c.want.Bank || p.CardNetwork != c.want.CardNetwork || p.CardLast4 != c.want.CardLast4 {
			t.Errorf("%s: got %+v, %v", c.name, p, err)
		}
	}
}
