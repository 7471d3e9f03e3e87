package desk_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
	"wapas/rail"
)

// What becomes of a refund for every rule of the simulated rail, looked at
// after each wait. No test sleeps: the clock is moved.
func TestRefundOutcomes(t *testing.T) {
	type look struct {
		after     time.Duration // since the look before
		state     string
		order     string
		available ledger.Amount // compared to before the refund
		status    string        // of the payment
	}
	const a, day = 100_00, 24 * time.Hour
	for _, c := range []struct {
		name    string
		paise   ledger.Amount
		outcome string
		looks   []look
		events  []string
		open    []string // exceptions, in the end
	}{
		{"whole rupees", 0, "", []look{
			{0, "pending", "sent", -a, "captured"},
			{2 * time.Second, "done", "done", -a, "captured"},
		}, []string{"refund.created", "refund.processed"}, nil},
		{".13 refused", 13, "", []look{
			{0, "failed", "refused", 0, "captured"},
			{30 * day, "failed", "refused", 0, "captured"},
		}, []string{"refund.created", "refund.failed"}, nil},
		{".17 pending", 17, "", []look{
			{0, "pending", "sent", -a - 17, "captured"},
			{59 * time.Minute, "pending", "sent", -a - 17, "captured"},
			{time.Minute, "done", "done", -a - 17, "captured"},
		}, []string{"refund.created", "refund.processed"}, nil},
		{".19 timeout", 19, "", []look{
			{0, "pending", "unknown", -a - 19, "captured"},
			{119 * time.Second, "pending", "unknown", -a - 19, "captured"},
			{time.Second, "done", "done", -a - 19, "captured"},
		}, []string{"refund.created", "refund.processed"}, nil},
		{".23 late", 23, "", []look{
			{0, "failed", "refused", 0, "captured"},
			{day - time.Second, "failed", "refused", 0, "captured"},
			{time.Second, "done", "done", -a - 23, "captured"},
		}, []string{"refund.created", "refund.failed", "refund.processed"}, []string{desk.ExceptionLate}},
		{".29 silence", 29, "", []look{
			{0, "pending", "unknown", -a - 29, "captured"},
			{time.Hour, "pending", "unknown", -a - 29, "captured"},
			{day, "pending", "unknown", -a - 29, "captured"},
		}, []string{"refund.created"}, []string{desk.ExceptionUnknown}},
		{"scenario over paise", 13, "done", []look{
			{0, "pending", "sent", -a - 13, "captured"},
			{2 * time.Second, "done", "done", -a - 13, "captured"},
		}, []string{"refund.created", "refund.processed"}, nil},
		{"scenario returned", 0, "returned", []look{
			{0, "pending", "sent", -a, "captured"},
			{2 * time.Second, "done", "done", -a, "captured"},
			{day, "done", "refused", -a, "captured"},
		}, []string{"refund.created", "refund.processed"}, []string{desk.ExceptionReturned}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShop(t)
			p := s.pay("card", 500_00)
			before := s.balance(ledger.Available)
			r := s.refund(desk.RefundRequest{Payment: p.ID, Amount: a + c.paise, Outcome: c.outcome})
			for i, l := range c.looks {
				s.after(l.after)
				r, o, p := row[desk.Refund](s, r.ID), row[desk.RailOrder](s, r.ID), row[desk.Payment](s, p.ID)
				if got := (look{l.after, r.State, o.State, s.balance(ledger.Available) - before, p.Status}); got != l {
					t.Errorf("look %d: got %+v, want %+v", i, got, l)
				}
				if (r.State == "done") != (r.Reference != "") || (r.State == "failed") != (r.Reason != "") {
					t.Errorf("look %d: %s with reference %q and reason %q", i, r.State, r.Reference, r.Reason)
				}
			}
			if got := s.events(r.ID); !slices.Equal(got, c.events) {
				t.Errorf("events %v, want %v", got, c.events)
			}
			if got := s.exceptions(r.ID); !slices.Equal(got, c.open) {
				t.Errorf("exceptions %v, want %v", got, c.open)
			}
		})
	}
}

// A refund that went after it had failed, while its money was given back by
// another: the books keep both, and a person is told.
func TestLateAndTwice(t *testing.T) {
	s := newShop(t)
	p := s.pay("card", 100_23)
	late := s.refund(desk.RefundRequest{Payment: p.ID, Full: true})
	s.sent()
	if p := row[desk.Payment](s, p.ID); p.Status != "captured" || p.RefundPending != 0 {
		t.Errorf("after the failure the payment is %+v", p)
	}
	s.refund(desk.RefundRequest{Payment: p.ID, Amount: 60_00})
	s.after(24 * time.Hour)
	p = row[desk.Payment](s, p.ID)
	if p.Refunded+p.RefundPending != 100_23 || p.Excess != 60_00 || p.Status != "refunded" {
		t.Errorf("the payment is %+v", p)
	}
	s.holds(map[ledger.AccountID]ledger.Amount{ledger.Available: -60_00})
	if o := row[desk.Order](s, p.Order); o.Refunded != 100_23 {
		t.Errorf("the order counts %d", o.Refunded)
	}
	if got := s.exceptions(late.ID); !slices.Equal(got, []string{desk.ExceptionLate}) {
		t.Errorf("exceptions of the refund: %v", got)
	}
	if got := s.exceptions(p.ID); !slices.Equal(got, []string{desk.ExceptionExcess}) {
		t.Errorf("exceptions of the payment: %v", got)
	}
	s.after(24 * time.Hour)
}

// What went beyond a payment counts as given back of it as soon as something is
// left of it again, or it could be given back twice.
func TestExcessCounts(t *testing.T) {
	for _, c := range []struct {
		name string
		hold func(s *shop, p desk.ID) (free func())
	}{
		{"another refund fails", func(s *shop, p desk.ID) func() {
			r := s.refund(desk.RefundRequest{Payment: p, Amount: 80_00, Outcome: "silence"})
			s.sent()
			return func() {
				must(s.Desk.RecordOutcome(s.ctx, s.Book, desk.OutcomeRequest{Order: r.ID, Outcome: rail.Refused, Reason: "closed"}))(s.t)
			}
		}},
		{"a dispute is won", func(s *shop, p desk.ID) func() {
			q := desk.DisputeRequest{Payment: p, Amount: 80_00}
			must(s.Desk.OpenDispute(s.ctx, s.Book, q))(s.t)
			return func() { must(s.Desk.WinDispute(s.ctx, s.Book, q))(s.t) }
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShop(t)
			s.pay("card", 500_00)
			p := s.pay("card", 100_00)
			s.refund(desk.RefundRequest{Payment: p.ID, Full: true, Outcome: "late"})
			s.sent()
			free := c.hold(s, p.ID)
			s.after(24 * time.Hour)
			if p := row[desk.Payment](s, p.ID); p.Refunded != 20_00 || p.Excess != 80_00 {
				t.Errorf("after the late success %+v", p)
			}
			free()
			if p := row[desk.Payment](s, p.ID); p.Refunded != 100_00 || p.Excess != 0 || p.Status != "refunded" {
				t.Errorf("in the end %+v", p)
			}
			if o := row[desk.Order](s, p.Order); o.Refunded != 100_00 {
				t.Errorf("the order counts %d", o.Refunded)
			}
			if got := s.exceptions(p.ID); got != nil {
				t.Errorf("exceptions of the payment: %v", got)
			}
			_, err := s.Desk.Refund(s.ctx, s.Book, desk.RefundRequest{Payment: p.ID, Amount: 1})
			refused(t, "once more", err, ledger.Exceeds, ledger.WhyFullyRefunded)
		})
	}
}

// A person may end what the rail cannot, once, and say a proof later.
func TestRecordOutcome(t *testing.T) {
	s := newShop(t)
	delete(s.Desk.Rails, sim) // by hand
	p := s.pay("upi", 100_00)
	yes := s.refund(desk.RefundRequest{Payment: p.ID, Amount: 30_00})
	no := s.refund(desk.RefundRequest{Payment: p.ID, Amount: 40_00})
	record := func(id desk.ID, o rail.Outcome, reference string) error {
		_, err := s.Desk.RecordOutcome(s.ctx, s.Book, desk.OutcomeRequest{Order: id, Outcome: o, Reference: reference, Reason: "closed account"})
		return err
	}
	refused(t, "before it was sent", record(yes.ID, rail.Done, ""), ledger.WrongState, desk.WhyNotSent)
	s.after(time.Hour)
	if got := s.exceptions(yes.ID); !slices.Equal(got, []string{desk.ExceptionByHand}) {
		t.Errorf("exceptions: %v", got)
	}
	refused(t, "neither", record("rfnd_00000000000000", rail.Pending, ""), ledger.Invalid, desk.WhyOutcome)
	refused(t, "no order", record("rfnd_00000000000000", rail.Done, ""), ledger.NotFound, desk.WhyUnknownID)
	for _, err := range []error{
		record(yes.ID, rail.Done, ""),
		record(yes.ID, rail.Done, "612100000001"),
		record(yes.ID, rail.Done, "612100000001"),
		record(no.ID, rail.Refused, ""),
		record(no.ID, rail.Refused, ""),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	refused(t, "the other way", record(yes.ID, rail.Refused, ""), ledger.WrongState, desk.WhyOutcomeFinal)
	if r := row[desk.Refund](s, yes.ID); r.State != "done" || r.Reference != "612100000001" {
		t.Errorf("done as %+v", r)
	}
	if r := row[desk.Refund](s, no.ID); r.State != "failed" || r.Reason != "closed account" {
		t.Errorf("refused as %+v", r)
	}
	if got := s.events(yes.ID); !slices.Equal(got, []string{"refund.created", "refund.processed", "refund.reference_updated"}) {
		t.Errorf("events %v", got)
	}
	if got := s.exceptions(yes.ID); got != nil {
		t.Errorf("exceptions left: %v", got)
	}
	if err := record(no.ID, rail.Done, ""); err != nil {
		t.Errorf("it went after all: %v", err)
	}
	if got := s.exceptions(no.ID); !slices.Equal(got, []string{desk.ExceptionLate}) {
		t.Errorf("exceptions: %v", got)
	}
	e := must(desk.List[desk.Exception](s.ctx, s.Desk, desk.Query{Book: s.Book, Parent: no.ID, Count: 1}))(t)[0]
	if e = must(s.Desk.CloseException(s.ctx, s.Book, e.ID))(t); e.ClosedAt == 0 {
		t.Error("the exception is still open")
	}
	_, err := s.Desk.CloseException(s.ctx, s.Book, "exc_00000000000000")
	refused(t, "no exception", err, ledger.NotFound, desk.WhyUnknownID)
}

// A rail that dies with the process when it is sent something: the order has
// gone out or not, nobody knows.
type dyingRail struct {
	sends, asks atomic.Int64
	die         context.CancelFunc
	says        rail.Answer
}

func (r *dyingRail) Send(context.Context, rail.Order, ledger.Time) (rail.Answer, error) {
	r.sends.Add(1)
	r.die()
	return rail.Answer{}, errors.New("the process died")
}

func (r *dyingRail) Ask(context.Context, rail.Order, ledger.Time) (rail.Answer, error) {
	r.asks.Add(1)
	return r.says, nil
}

// After a crash between sending and keeping the answer the order is asked
// about, and never sent again.
func TestNeverSentTwice(t *testing.T) {
	s := newShop(t)
	r := &dyingRail{says: rail.Answer{Outcome: rail.Done, Reference: "70000000000000000000000"}}
	s.Desk.Rails[sim] = r
	p := s.pay("card", 100_00)
	refund := s.refund(desk.RefundRequest{Payment: p.ID, Full: true})

	dying, die := context.WithCancel(s.ctx)
	r.die = die
	if err := s.Desk.RunDue(dying, s.Book); err == nil {
		t.Fatal("nothing died")
	}
	if o := row[desk.RailOrder](s, refund.ID); o.State != "sent" {
		t.Fatalf("the order is %s", o.State)
	}
	s.after(time.Second)
	s.after(desk.FirstAsk)
	if got := row[desk.Refund](s, refund.ID); got.State != "done" {
		t.Errorf("the refund is %s", got.State)
	}
	if r.sends.Load() != 1 || r.asks.Load() != 1 {
		t.Errorf("sent %d times, asked %d times", r.sends.Load(), r.asks.Load())
	}
}

// A slowRail is asked, hears of other things meanwhile, and then says what it
// knew when it was asked.
type slowRail struct {
	meanwhile func()
	says      []rail.Answer // to one question after the other
}

func (r *slowRail) Send(context.Context, rail.Order, ledger.Time) (rail.Answer, error) {
	return rail.Answer{Outcome: rail.Unknown}, nil
}

func (r *slowRail) Ask(context.Context, rail.Order, ledger.Time) (rail.Answer, error) {
	a := r.says[0]
	if r.says = r.says[1:]; r.meanwhile != nil {
		r.meanwhile()
		r.meanwhile = nil
	}
	return a, nil
}

// An answer that was overtaken by the opposite moves no money: the rail is asked
// again.
func TestOldAnswer(t *testing.T) {
	for _, c := range []struct {
		name  string
		fresh rail.Answer
		state string
		cash  ledger.Amount
	}{
		{"it went", rail.Answer{Outcome: rail.Done, Reference: "412345678901"}, "processed", 800_00},
		{"it did not", rail.Answer{Outcome: rail.Refused, Reason: "closed"}, "reversed", 1000_00},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShop(t)
			s.terms(func(t *desk.Terms) { t.Programme = "full_kyc" })
			cust := s.customer(1000_00, 0)
			r := &slowRail{says: []rail.Answer{{Outcome: rail.Refused, Reason: "closed"}, c.fresh}}
			s.Desk.Rails[sim] = r
			p := must(s.Desk.CreatePayout(s.ctx, s.Book, desk.PayoutRequest{Customer: cust.ID, FundAccount: s.account(cust).ID, Amount: 200_00, Purpose: "refund"}))(t)
			r.meanwhile = func() {
				must(s.Desk.RecordOutcome(s.ctx, s.Book, desk.OutcomeRequest{Order: p.ID, Outcome: rail.Done, Reference: "412345678901"}))(t)
			}
			s.after(rail.Doubling.First)
			if got := row[desk.Payout](s, p.ID); got.State != "processed" {
				t.Errorf("by an old answer it is %s", got.State)
			}
			s.after(desk.FirstAsk)
			if got := row[desk.Payout](s, p.ID); got.State != c.state || len(r.says) != 0 {
				t.Errorf("by a fresh answer it is %s, %d answers unheard", got.State, len(r.says))
			}
			s.holds(map[ledger.AccountID]ledger.Amount{ledger.Account(ledger.WalletCash, string(cust.ID)): c.cash})
		})
	}
}

// Unknown is asked about on the schedule, and after a day a person is told all
// that is known. After the last question the order is left to that person.
func TestAskedLessAndLess(t *testing.T) {
	s := newShop(t)
	r := &dyingRail{die: func() {}, says: rail.Answer{Outcome: rail.Unknown}}
	s.Desk.Rails[sim] = r
	p := s.pay("upi", 100_00)
	refund := s.refund(desk.RefundRequest{Payment: p.ID, Full: true, Receipt: "R-1"})
	s.sent()
	sent := row[desk.RailOrder](s, refund.ID).SentAt
	var asked []time.Duration
	for at := sent; at < sent.Add(25*time.Hour); at = at.Add(time.Minute) {
		before := r.asks.Load()
		s.after(time.Minute)
		if r.asks.Load() > before {
			asked = append(asked, time.Duration(row[desk.RailOrder](s, refund.ID).HeardAt-sent)*time.Microsecond)
		}
	}
	want := []time.Duration{2 * time.Minute, 6 * time.Minute, 14 * time.Minute, 30 * time.Minute, 62 * time.Minute,
		126 * time.Minute, 254 * time.Minute, 510 * time.Minute, 1022 * time.Minute, 24 * time.Hour}
	if !slices.Equal(asked, want) {
		t.Errorf("asked after %v, want %v", asked, want)
	}
	if got := s.exceptions(refund.ID); !slices.Equal(got, []string{desk.ExceptionUnknown}) {
		t.Fatalf("exceptions %v", got)
	}
	e := must(desk.List[desk.Exception](s.ctx, s.Desk, desk.Query{Book: s.Book, Parent: refund.ID, Count: 1}))(t)[0]
	for _, known := range []string{"100.00 rupees", "refund to success@razorpay", `reference "R-1"`, string(p.ID), string(p.Order), p.Reference, "asked 10 times", "no answer", "rail sim", " IST"} {
		if !strings.Contains(e.Detail, known) {
			t.Errorf("a person is not told %q: %s", known, e.Detail)
		}
	}
	for range 60 {
		s.after(24 * time.Hour)
	}
	last, asks := row[desk.RailOrder](s, refund.ID), r.asks.Load()
	if late := time.Duration(last.HeardAt-sent) * time.Microsecond; late > 31*24*time.Hour || asks > 40 {
		t.Errorf("asked %d times, the last time after %s", asks, late)
	}
	if last.State != "unknown" || len(s.exceptions(refund.ID)) != 1 {
		t.Errorf("in the end it is %s, before a person: %v", last.State, s.exceptions(refund.ID))
	}
}

// An order that is pending for longer than the rail's own word for it is put
// before a person in time, whatever the rail promised.
func TestPendingForTooLong(t *testing.T) {
	s := newShop(t)
	must(s.Desk.SetScenario(s.ctx, s.Book, desk.ScenarioRequest{Outcome: rail.ScenarioPending, After: 20 * 24 * 3600}))(t)
	r := s.refund(desk.RefundRequest{Payment: s.pay("card", 100_00).ID, Full: true})
	s.after(desk.PendingDeadline - time.Second)
	if got := s.exceptions(r.ID); got != nil {
		t.Errorf("too soon: %v", got)
	}
	s.after(time.Second)
	if got := s.exceptions(r.ID); !slices.Equal(got, []string{desk.ExceptionPending}) {
		t.Errorf("after a week: %v", got)
	}
	s.after(13 * 24 * time.Hour)
	if got := row[desk.Refund](s, r.ID); got.State != "done" || s.exceptions(r.ID) != nil {
		t.Errorf("in the end it is %s, before a person: %v", got.State, s.exceptions(r.ID))
	}
}

// A payment that nobody captures goes back without the merchant's balance
// having seen it (J04), and stays before a person if it cannot.
func TestAutoRefund(t *testing.T) {
	for _, c := range []struct {
		name    string
		amount  ledger.Amount
		state   string
		stays   ledger.Amount // owed to a customer nobody found
		open    []string
		refunds int
	}{
		{"goes", 100_00, "done", 0, nil, 1},
		{"cannot go", 100_13, "failed", 100_13, []string{desk.ExceptionStranded}, 1},
		{"goes late", 100_23, "failed", 100_23, []string{desk.ExceptionStranded}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShop(t)
			p := s.payFor(s.order(c.amount, false), "upi")
			s.after(72 * time.Hour)
			s.after(2 * time.Second)
			rs := must(desk.List[desk.Refund](s.ctx, s.Desk, desk.Query{Book: s.Book, Parent: p.ID, Count: 10}))(t)
			if len(rs) != 1 || rs[0].State != c.state || !rs[0].Unsettled {
				t.Fatalf("refunds %+v", rs)
			}
			s.holds(map[ledger.AccountID]ledger.Amount{
				ledger.Available:                           0,
				ledger.SuspenseCredit:                      c.stays,
				ledger.Account(ledger.RefundClearing, sim): 0,
			})
			if got := s.exceptions(rs[0].ID); !slices.Equal(got, c.open) {
				t.Errorf("exceptions %v, want %v", got, c.open)
			}
			if p := row[desk.Payment](s, p.ID); p.Status != "refunded" || p.Captured {
				t.Errorf("the payment is %+v", p)
			}
			if c.amount%100 == 23 {
				s.after(24 * time.Hour)
				s.holds(map[ledger.AccountID]ledger.Amount{ledger.SuspenseCredit: 0})
				if r := row[desk.Refund](s, rs[0].ID); r.State != "done" {
					t.Errorf("a day later it is %s", r.State)
				}
				if got := s.exceptions(rs[0].ID); !slices.Equal(got, []string{desk.ExceptionLate}) {
					t.Errorf("a day later a person sees %v", got)
				}
			}
		})
	}
}
