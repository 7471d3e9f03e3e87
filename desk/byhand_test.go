package desk_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
	"wapas/rail"
)

// byHand gives the shop's test book no rail, and a refund of so much that waits.
func (s *shop) byHand(amounts ...ledger.Amount) (ids []desk.ID) {
	s.t.Helper()
	delete(s.Desk.Rails, sim)
	for _, a := range amounts {
		ids = append(ids, s.refund(desk.RefundRequest{Payment: s.pay("upi", a).ID, Full: true}).ID)
	}
	s.sent()
	return ids
}

// A word of so many people on one order, and what comes of each.
func TestTwoPeople(t *testing.T) {
	type word struct {
		by, outcome, reference, reason string
		wait                           time.Duration // after it
		state                          string        // of the order then
		words                          []string      // that stand then
	}
	for _, c := range []struct {
		name   string
		amount ledger.Amount
		words  []word
		by     string
	}{
		{"at the limit one is enough", 1000_00, []word{{"asha", "done", "412345678901", "", 0, "done", nil}}, "asha"},
		{"above it two must say the same", 1000_01, []word{
			{"asha", "done", "412345678901", "", 0, "sent", []string{"asha"}},
			{"ravi", "done", "412345678901", "", 0, "done", nil}}, "asha, ravi"},
		{"the same person twice is one", 1000_01, []word{
			{"asha", "done", "412345678901", "", 0, "sent", []string{"asha"}},
			{"asha", "done", "412345678901", "", 0, "sent", []string{"asha"}},
			{" ASHA ", "done", "412345678901", "", 0, "sent", []string{"asha"}}}, ""},
		{"another reference is another word", 1000_01, []word{
			{"asha", "done", "412345678901", "", 0, "sent", []string{"asha"}},
			{"ravi", "done", "412345678902", "", 0, "sent", []string{"asha", "ravi"}},
			{"meera", "done", "412345678902", "", 0, "done", nil}}, "ravi, meera"},
		{"another outcome too", 1000_01, []word{
			{"asha", "done", "412345678901", "", 0, "sent", []string{"asha"}},
			{"ravi", "refused", "", "closed", 0, "sent", []string{"asha", "ravi"}},
			{"asha", "refused", "", "closed", 0, "refused", nil}}, "ravi, asha"},
		{"a person may think again", 1000_01, []word{
			{"asha", "done", "412345678901", "", 0, "sent", []string{"asha"}},
			{"asha", "done", "412345678902", "", 0, "sent", []string{"asha"}},
			{"ravi", "done", "412345678901", "", 0, "sent", []string{"asha", "ravi"}}}, ""},
		{"a word lives for a day", 1000_01, []word{
			{"asha", "done", "412345678901", "", desk.WordLife - time.Second, "sent", []string{"asha"}},
			{"asha", "done", "412345678901", "", time.Second, "sent", nil},
			{"ravi", "done", "412345678901", "", 0, "sent", []string{"ravi"}},
			{"asha", "done", "412345678901", "", 0, "done", nil}}, "ravi, asha"},
		{"what follows takes two as well", 1000_01, []word{
			{"asha", "refused", "", "closed", 0, "sent", []string{"asha"}},
			{"ravi", "refused", "", "closed", 0, "refused", nil},
			{"ravi", "refused", "", "gone", 0, "refused", nil},
			{"asha", "done", "412345678901", "", 0, "refused", []string{"asha"}},
			{"ravi", "done", "412345678901", "", 0, "done", nil},
			{"ravi", "done", "412345678909", "", 0, "done", []string{"ravi"}},
			{"asha", "returned", "", "no such account", 0, "done", []string{"ravi", "asha"}},
			{"ravi", "returned", "", "no such account", 0, "refused", nil}}, "asha, ravi"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShop(t)
			s.terms(func(t *desk.Terms) { t.TwoPeopleAbove = 1000_00 })
			id := s.byHand(c.amount)[0]
			for i, w := range c.words {
				q := desk.OutcomeRequest{Order: id, Outcome: rail.Outcome(w.outcome), Reference: w.reference, Reason: w.reason, By: w.by}
				must(s.Desk.RecordOutcome(s.ctx, s.Book, q))(t)
				s.after(w.wait)
				var stand []string
				for _, w := range must(s.Desk.Words(s.ctx, s.Book, id))(t) {
					stand = append(stand, w.By)
				}
				if o := row[desk.RailOrder](s, id); o.State != w.state || !slices.Equal(stand, w.words) {
					t.Errorf("word %d: the order is %s with words of %v, want %s with %v", i+1, o.State, stand, w.state, w.words)
				}
			}
			if o := row[desk.RailOrder](s, id); o.By != c.by {
				t.Errorf("it ended on the word of %q, want %q", o.By, c.by)
			}
		})
	}
}

// A word that was said before the rail was heard does not meet one that is said
// after.
func TestWordOfAnotherTime(t *testing.T) {
	s := newShop(t)
	s.terms(func(t *desk.Terms) { t.TwoPeopleAbove = 1 })
	r := &dyingRail{die: func() {}, says: rail.Answer{Outcome: rail.Refused, Reason: "closed"}}
	s.Desk.Rails[sim] = r
	id := s.refund(desk.RefundRequest{Payment: s.pay("upi", 100_00).ID, Full: true}).ID
	s.sent()
	say := func(by string) string {
		t.Helper()
		must(s.Desk.RecordOutcome(s.ctx, s.Book, desk.OutcomeRequest{Order: id, Outcome: rail.Done, Reference: "412345678901", By: by}))(t)
		return row[desk.RailOrder](s, id).State
	}
	if got := say("asha"); got != "unknown" {
		t.Fatalf("after one word it is %s", got)
	}
	s.after(2 * time.Minute) // the rail says no
	if got := say("ravi"); got != "refused" {
		t.Errorf("a word from before counted: it is %s", got)
	}
	if got := say("asha"); got != "done" {
		t.Errorf("after two words it is %s", got)
	}
}

func TestWordRefusals(t *testing.T) {
	s := newShop(t)
	s.terms(func(t *desk.Terms) { t.TwoPeopleAbove = 50_00 })
	ids := s.byHand(100_00, 10_00)
	must(s.Desk.RecordOutcome(s.ctx, s.Book, desk.OutcomeRequest{Order: ids[1], Outcome: rail.Done}))(t)
	for _, c := range []struct {
		name string
		q    desk.OutcomeRequest
		code ledger.Code
		why  ledger.Why
	}{
		{"no outcome, no order", desk.OutcomeRequest{Order: "rfnd_00000000000000", Outcome: "maybe"}, ledger.Invalid, desk.WhyOutcome},
		{"a name nobody can read", desk.OutcomeRequest{Order: "rfnd_00000000000000", Outcome: rail.Done, By: "a\x00b"}, ledger.Invalid, desk.WhyPerson},
		{"no order", desk.OutcomeRequest{Order: "rfnd_00000000000000", Outcome: rail.Done, Amount: 1}, ledger.NotFound, desk.WhyUnknownID},
		{"another amount, and it never went", desk.OutcomeRequest{Order: ids[0], Outcome: desk.Returned, Amount: 1}, ledger.Mismatch, desk.WhyAmountDiffers},
		{"it never went", desk.OutcomeRequest{Order: ids[0], Outcome: desk.Returned}, ledger.WrongState, desk.WhyNotDone},
		{"it went", desk.OutcomeRequest{Order: ids[1], Outcome: rail.Refused}, ledger.WrongState, desk.WhyOutcomeFinal},
		{"nobody said it", desk.OutcomeRequest{Order: ids[0], Outcome: rail.Done}, ledger.Invalid, desk.WhyPerson},
	} {
		_, err := s.Desk.RecordOutcome(s.ctx, s.Book, c.q)
		refused(t, c.name, err, c.code, c.why)
	}
}

// What a bank sends back a person may say, of a refund and of a payout.
func TestReturnedByHand(t *testing.T) {
	for _, m := range movers {
		t.Run(m.what, func(t *testing.T) {
			s := newShop(t)
			delete(s.Desk.Rails, sim)
			id := m.start(s, "")
			s.sent()
			say := func(o rail.Outcome, reference string) desk.RailOrder {
				t.Helper()
				return must(s.Desk.RecordOutcome(s.ctx, s.Book, desk.OutcomeRequest{Order: id, Outcome: o, Reference: reference, Reason: "no such account"}))(t)
			}
			say(rail.Done, "412345678901")
			for range 2 {
				if o := say(desk.Returned, ""); o.State != "refused" || o.Code != rail.CodeReturned || o.Reason != "no such account" {
					t.Errorf("it came back as %+v", o)
				}
			}
			if got := m.state(s, id); got != m.came {
				t.Errorf("the %s is %s", m.what, got)
			}
			if got := s.exceptions(id); !slices.Equal(got, m.cameExc) {
				t.Errorf("before a person: %v, want %v", got, m.cameExc)
			}
			if o := say(rail.Done, "412345678902"); o.State != "done" { // sent again by the bank
				t.Errorf("sent again it is %+v", o)
			}
			if got := m.state(s, id); got != m.gone {
				t.Errorf("sent again the %s is %s", m.what, got)
			}
		})
	}
}

// Many words at once: all are checked before one is recorded, and the same
// words may come again.
func TestRecordOutcomes(t *testing.T) {
	s := newShop(t)
	s.terms(func(t *desk.Terms) { t.TwoPeopleAbove = 250_00 })
	ids := s.byHand(100_00, 200_00, 300_00)
	yes := func(i int, utr string) desk.OutcomeRequest {
		return desk.OutcomeRequest{Order: ids[i], Outcome: rail.Done, Reference: utr, By: "asha"}
	}
	no := desk.OutcomeRequest{Order: ids[1], Outcome: rail.Refused, Reason: "closed", By: "asha", Amount: 200_00}
	for _, c := range []struct {
		name string
		qs   []desk.OutcomeRequest
		whys []ledger.Why
	}{
		{"no order", []desk.OutcomeRequest{yes(0, "412345678901"), {Order: "rfnd_00000000000000", Outcome: rail.Done}}, []ledger.Why{"", desk.WhyUnknownID}},
		{"an order twice", []desk.OutcomeRequest{yes(0, "412345678901"), yes(0, "412345678902")}, []ledger.Why{"", desk.WhyResultTwice}},
		{"a proof twice", []desk.OutcomeRequest{yes(0, "412345678901"), yes(2, "412345678901")}, []ledger.Why{"", desk.WhyProofTwice}},
		{"another amount", []desk.OutcomeRequest{yes(0, "412345678901"), {Order: ids[1], Outcome: rail.Done, Amount: 199_99}}, []ledger.Why{"", desk.WhyAmountDiffers}},
		{"nobody", []desk.OutcomeRequest{yes(0, "412345678901"), {Order: ids[2], Outcome: rail.Done}}, []ledger.Why{"", desk.WhyPerson}},
	} {
		rs, ok, err := s.Desk.RecordOutcomes(s.ctx, s.Book, c.qs)
		if err != nil || ok {
			t.Errorf("%s: taken: %v, %v", c.name, ok, err)
		}
		for i, r := range rs {
			if r.State != "" || (c.whys[i] == "") != (r.Err == nil) || why(r.Err) != c.whys[i] {
				t.Errorf("%s: word %d: %q, %v; want %s", c.name, i, r.State, r.Err, c.whys[i])
			}
		}
		if o := row[desk.RailOrder](s, ids[0]); o.State != "sent" {
			t.Errorf("%s: the good word was recorded", c.name)
		}
	}
	for i, want := range [][]string{
		{desk.ResultNew, desk.ResultNew, desk.ResultSecond},
		{desk.ResultKnown, desk.ResultKnown, desk.ResultSecond},
	} {
		rs, ok, err := s.Desk.RecordOutcomes(s.ctx, s.Book, []desk.OutcomeRequest{yes(0, "412345678901"), no, yes(2, "412345678903")})
		if err != nil || !ok {
			t.Fatal(rs, err)
		}
		for n, r := range rs {
			if r.State != want[n] {
				t.Errorf("round %d: word %d is %s, want %s", i, n, r.State, want[n])
			}
		}
	}
	other := yes(2, "412345678903")
	other.By = "ravi"
	rs, ok, err := s.Desk.RecordOutcomes(s.ctx, s.Book, []desk.OutcomeRequest{other})
	if err != nil || !ok || rs[0].State != desk.ResultNew || rs[0].Order.By != "asha, ravi" {
		t.Errorf("by another: %+v, %v, %v", rs, ok, err)
	}
	_, _, err = s.Desk.RecordOutcomes(s.ctx, s.Book, make([]desk.OutcomeRequest, desk.MaxResults+1))
	refused(t, "too many", err, ledger.Invalid, desk.WhyTooManyResults)
}

// why is the rule that refused.
func why(err error) ledger.Why {
	var e *ledger.Error
	if errors.As(err, &e) {
		return e.Why
	}
	return ""
}
