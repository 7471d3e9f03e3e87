package desk_test

import (
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
	"wapas/rail"
)

// Which of the scenarios that stand is played: what the request says, then what
// is stored by a name, then by an amount, then for a sort; among equals the last.
// Otherwise the paise decide.
func TestScenarioOrder(t *testing.T) {
	type set = desk.ScenarioRequest
	refused := func(q set, code string) set { q.Outcome, q.Code = rail.ScenarioRefused, code; return q }
	for _, c := range []struct {
		name    string
		sets    []set
		amount  ledger.Amount
		receipt string
		outcome string
		state   string
		code    string
	}{
		{"nothing is set", nil, 100_13, "R-1", "", "refused", rail.CodeCreditFailed},
		{"by amount", []set{refused(set{Amount: 100_00}, "risk")}, 100_00, "R-1", "", "refused", "risk"},
		{"by another amount", []set{refused(set{Amount: 100_01}, "risk")}, 100_00, "R-1", "", "sent", ""},
		{"over the paise", []set{{Amount: 100_13, Outcome: rail.ScenarioDone}}, 100_13, "R-1", "", "sent", ""},
		{"by the caller's reference", []set{refused(set{Ref: "R-1"}, "risk")}, 100_00, "R-1", "", "refused", "risk"},
		{"by another's", []set{refused(set{Ref: "R-2"}, "risk")}, 100_00, "R-1", "", "sent", ""},
		{"by reference before amount", []set{refused(set{Ref: "R-1"}, "risk"), refused(set{Amount: 100_00}, "compliance")}, 100_00, "R-1", "", "refused", "risk"},
		{"by both before one", []set{refused(set{Ref: "R-1", Amount: 100_00}, "risk"), refused(set{Ref: "R-1"}, "compliance")}, 100_00, "R-1", "", "refused", "risk"},
		{"by amount before sort", []set{refused(set{Amount: 100_00}, "risk"), refused(set{What: "refund"}, "compliance")}, 100_00, "R-1", "", "refused", "risk"},
		{"by sort before any", []set{refused(set{What: "refund"}, "risk"), refused(set{}, "compliance")}, 100_00, "R-1", "", "refused", "risk"},
		{"of another sort", []set{refused(set{What: "payout"}, "risk")}, 100_00, "R-1", "", "sent", ""},
		{"any", []set{refused(set{}, "risk")}, 100_00, "", "", "refused", "risk"},
		{"the last of equals", []set{refused(set{Amount: 100_00}, "risk"), refused(set{Amount: 100_00}, "compliance")}, 100_00, "R-1", "", "refused", "compliance"},
		{"the request over all", []set{refused(set{Ref: "R-1"}, "risk")}, 100_00, "R-1", rail.ScenarioDone, "sent", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShop(t)
			for _, q := range c.sets {
				must(s.Desk.SetScenario(s.ctx, s.Book, q))(t)
			}
			r := s.refund(desk.RefundRequest{Payment: s.pay("card", 200_00).ID, Amount: c.amount, Receipt: c.receipt, Outcome: c.outcome})
			s.sent()
			if o := row[desk.RailOrder](s, r.ID); o.State != c.state || o.Code != c.code {
				t.Errorf("the order is %s %q, want %s %q", o.State, o.Code, c.state, c.code)
			}
		})
	}
}

// A scenario says how long things take and why they are refused, in its own
// words, and for what it is known by an id of ours.
func TestScenarioParts(t *testing.T) {
	s := newShop(t)
	p := s.pay("card", 500_00)
	must(s.Desk.SetScenario(s.ctx, s.Book, desk.ScenarioRequest{
		Ref: string(p.ID), Outcome: rail.ScenarioRefused, Code: "tuesday", Reason: "Not on a Tuesday", After: 3600}))(t)
	r := s.refund(desk.RefundRequest{Payment: p.ID, Amount: 100_00})
	s.after(59 * time.Minute)
	if o := row[desk.RailOrder](s, r.ID); o.State != "sent" {
		t.Errorf("before its time it is %s", o.State)
	}
	s.after(time.Minute)
	if o, r := row[desk.RailOrder](s, r.ID), row[desk.Refund](s, r.ID); o.Code != "tuesday" || r.State != "failed" || r.Reason != "Not on a Tuesday" {
		t.Errorf("refused as %+v, %+v", o, r)
	}
	must(s.Desk.SetScenario(s.ctx, s.Book, desk.ScenarioRequest{Ref: string(p.ID), Outcome: rail.ScenarioTimeout, After: 1800}))(t)
	r = s.refund(desk.RefundRequest{Payment: p.ID, Amount: 100_00})
	s.after(29 * time.Minute)
	if o := row[desk.RailOrder](s, r.ID); o.State != "unknown" || o.Code != rail.CodeTimeout {
		t.Errorf("in the silence it is %s %q", o.State, o.Code)
	}
	s.after(40 * time.Minute) // on the schedule
	if o := row[desk.RailOrder](s, r.ID); o.State != "done" {
		t.Errorf("after the silence it is %s", o.State)
	}
}

// A scenario is played as often as it says, and not after it was ended.
func TestScenarioTimes(t *testing.T) {
	s := newShop(t)
	p := s.pay("card", 500_00)
	ends := func() string {
		t.Helper()
		r := s.refund(desk.RefundRequest{Payment: p.ID, Amount: 10_00})
		s.sent()
		return row[desk.RailOrder](s, r.ID).State
	}
	twice := must(s.Desk.SetScenario(s.ctx, s.Book, desk.ScenarioRequest{What: "refund", Outcome: rail.ScenarioRefused, Times: 2}))(t)
	for i, want := range []string{"refused", "refused", "sent"} {
		if got := ends(); got != want {
			t.Errorf("time %d: %s, want %s", i+1, got, want)
		}
	}
	if got := row[desk.Scenario](s, twice.ID); got.Used != 2 || got.EndedAt == 0 {
		t.Errorf("played out it is %+v", got)
	}
	ever := must(s.Desk.SetScenario(s.ctx, s.Book, desk.ScenarioRequest{What: "refund", Outcome: rail.ScenarioRefused}))(t)
	ends()
	if all := must(s.Desk.Scenarios(s.ctx, s.Book))(t); len(all) != 1 || all[0].ID != ever.ID || all[0].Used != 1 {
		t.Errorf("those that stand: %+v", all)
	}
	for range 2 {
		if got := must(s.Desk.EndScenario(s.ctx, s.Book, ever.ID))(t); got.EndedAt == 0 {
			t.Errorf("ended it is %+v", got)
		}
	}
	if got := ends(); got != "sent" {
		t.Errorf("after it was ended: %s", got)
	}
	_, err := s.Desk.EndScenario(s.ctx, s.Book, "scn_00000000000000")
	refused(t, "no scenario", err, ledger.NotFound, desk.WhyUnknownID)
}

func TestScenarioRefusals(t *testing.T) {
	s := newShop(t)
	for _, c := range []struct {
		name string
		book desk.BookID
		q    desk.ScenarioRequest
		code ledger.Code
		why  ledger.Why
	}{
		{"none, of a sort there is not", s.Live, desk.ScenarioRequest{What: "tea"}, ledger.Invalid, desk.WhyScenario},
		{"of a sort there is not", s.Live, desk.ScenarioRequest{What: "tea", Outcome: "done"}, ledger.Invalid, desk.WhyScenarioParts},
		{"a negative amount", s.Live, desk.ScenarioRequest{Amount: -1, Outcome: "done"}, ledger.Invalid, desk.WhyScenarioParts},
		{"a code with blanks", s.Live, desk.ScenarioRequest{Code: "so so", Outcome: "done"}, ledger.Invalid, desk.WhyScenarioParts},
		{"back in time", s.Live, desk.ScenarioRequest{After: -1, Outcome: "done"}, ledger.Invalid, desk.WhyScenarioParts},
		{"less than never", s.Live, desk.ScenarioRequest{Times: -1, Outcome: "done"}, ledger.Invalid, desk.WhyScenarioParts},
		{"an outcome there is not", s.Live, desk.ScenarioRequest{Outcome: "maybe"}, ledger.Invalid, desk.WhyScenario},
		{"in a live book", s.Live, desk.ScenarioRequest{Outcome: "done"}, ledger.WrongState, desk.WhyLiveScenario},
	} {
		_, err := s.Desk.SetScenario(s.ctx, c.book, c.q)
		refused(t, c.name, err, c.code, c.why)
	}
	for range desk.MaxScenarios {
		must(s.Desk.SetScenario(s.ctx, s.Book, desk.ScenarioRequest{Amount: 1, Outcome: "done"}))(t)
	}
	_, err := s.Desk.SetScenario(s.ctx, s.Book, desk.ScenarioRequest{Amount: 1, Outcome: "done"})
	refused(t, "one too many", err, ledger.Exceeds, desk.WhyScenarioExcess)
}
