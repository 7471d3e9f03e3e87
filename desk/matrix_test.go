package desk_test

import (
	"slices"
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
	"wapas/rail"
)

// A mover is a thing whose money a rail moves, and what its end looks like.
type mover struct {
	what    string
	refused string                                  // the code of a plain refusal
	start   func(s *shop, scenario string) desk.ID  // of 200 rupees
	state   func(s *shop, id desk.ID) string        // of the thing
	had     func(s *shop, id desk.ID) ledger.Amount // by whom the money came from, compared to before
	moving  ledger.AccountID                        // where it is meanwhile
	open    string                                  // states: on its way
	gone    string
	back    string
	backHad ledger.Amount
	came    string // gone, and came back
	cameHad ledger.Amount
	cameExc []string
	lateExc []string
}

const moved = 200_00

// movers are what rails move.
var movers = []mover{
	{
		what: "refund", refused: rail.CodeCreditFailed,
		start: func(s *shop, scenario string) desk.ID {
			return s.refund(desk.RefundRequest{Payment: s.pay("card", 500_00).ID, Amount: moved, Outcome: scenario}).ID
		},
		state:  func(s *shop, id desk.ID) string { return row[desk.Refund](s, id).State },
		had:    func(s *shop, _ desk.ID) ledger.Amount { return s.balance(ledger.Available) - 500_00 },
		moving: ledger.Account(ledger.RefundClearing, sim),
		open:   "pending", gone: "done", back: "failed",
		came: "done", cameHad: -moved, cameExc: []string{desk.ExceptionReturned}, lateExc: []string{desk.ExceptionLate},
	},
	{
		what: "payout", refused: rail.CodeNotFound,
		start: func(s *shop, scenario string) desk.ID {
			s.terms(func(t *desk.Terms) { t.AllowPayout = true })
			cust := s.customer(1000_00, 0)
			q := desk.PayoutRequest{Customer: cust.ID, FundAccount: s.account(cust).ID, Amount: moved, Purpose: "refund", Outcome: scenario}
			return must(s.Desk.CreatePayout(s.ctx, s.Book, q))(s.t).ID
		},
		state: func(s *shop, id desk.ID) string { return row[desk.Payout](s, id).State },
		had: func(s *shop, id desk.ID) ledger.Amount {
			return s.balance(ledger.Account(ledger.WalletCash, string(row[desk.Payout](s, id).Customer))) - 1000_00
		},
		moving: ledger.Account(ledger.PayoutClearing, sim),
		open:   "processing", gone: "processed", back: "reversed",
		came: "reversed", lateExc: []string{desk.ExceptionLate},
	},
	{ // What did not arrive is owed to the customer: the agent has its e-value again with the customer's consent.
		what: "remittance", refused: rail.CodeNotFound,
		start: func(s *shop, scenario string) desk.ID {
			a := must(s.Desk.OpenAgent(s.ctx, s.Book, desk.AgentRequest{Code: "20810200", Initiator: "9962981729"}))(s.t)
			must(s.Desk.BuyValue(s.ctx, s.Book, desk.ValueRequest{Agent: a.ID, Amount: 1000_00}))(s.t)
			q := desk.RemitRequest{Agent: a.ID, Customer: "9123456789", Ref: "REF1", Recipient: "10012", Channel: desk.NEFT, Amount: moved, Outcome: scenario}
			return must(s.Desk.Remit(s.ctx, s.Book, q))(s.t).ID
		},
		state: func(s *shop, id desk.ID) string {
			r := row[desk.Remittance](s, id)
			if r.Open() {
				return "open" // initiated, or on hold
			}
			return r.State
		},
		had: func(s *shop, id desk.ID) ledger.Amount {
			return s.balance(ledger.Account(ledger.AgentValue, string(row[desk.Remittance](s, id).Agent))) - 1000_00
		},
		moving: ledger.DMTInFlight,
		open:   "open", gone: desk.RemitDone, back: desk.RemitOwed, backHad: -moved,
		came: desk.RemitDone, cameHad: -moved, cameExc: []string{desk.ExceptionReturned}, lateExc: []string{desk.ExceptionLate},
	},
}

// Every scenario of the simulated rail, for everything that rails move: the
// state of the order, of the thing and of the money when it was sent, ten
// minutes later, a day and an hour later, and eight days later; what stands
// before a person in the end; and books that add up (the shop sees to that).
// What no rail ends a person then does, either way.
func TestMatrix(t *testing.T) {
	const (
		open = iota
		gone
		back
		came
	)
	type look struct {
		order, code string
		is          int
	}
	still := func(l look) []look { return []look{l, l, l, l} }
	looks := []time.Duration{0, 10 * time.Minute, 25 * time.Hour, 8 * 24 * time.Hour}
	sent, unknown, done := look{"sent", "", open}, look{"unknown", rail.CodeTimeout, open}, look{"done", "", gone}
	for _, m := range movers {
		for _, c := range []struct {
			scenario string
			looks    []look
			before   []string // before a person in the end
		}{
			{rail.ScenarioDone, []look{sent, done, done, done}, nil},
			{rail.ScenarioSlow, []look{sent, done, done, done}, nil},
			{rail.ScenarioRefused, still(look{"refused", m.refused, back}), nil},
			{rail.ScenarioNotActivated, still(look{"refused", rail.CodeNotActivated, back}), nil},
			{rail.ScenarioWindow, still(look{"refused", rail.CodeWindow, back}), nil},
			{rail.ScenarioPending, []look{sent, sent, done, done}, nil},
			{rail.ScenarioHold, still(look{"sent", rail.CodeHold, open}), []string{desk.ExceptionPending}},
			{rail.ScenarioTimeout, []look{unknown, done, done, done}, nil},
			{rail.ScenarioFault, []look{{"unknown", rail.CodeFault, open}, done, done, done}, nil},
			{rail.ScenarioLate, []look{{"refused", m.refused, back}, {"refused", m.refused, back}, done, done}, m.lateExc},
			{rail.ScenarioReturned, []look{sent, done, {"refused", rail.CodeReturned, came}, {"refused", rail.CodeReturned, came}}, m.cameExc},
			{rail.ScenarioSilence, still(unknown), []string{desk.ExceptionUnknown}},
		} {
			ends := []rail.Outcome{""}
			if c.looks[3].is == open { // for a person to end
				ends = []rail.Outcome{rail.Done, rail.Refused}
			}
			for _, end := range ends {
				t.Run(m.what+" "+c.scenario+" "+string(end), func(t *testing.T) {
					s := newShop(t)
					id := m.start(s, c.scenario)
					check := func(when string, l look) {
						t.Helper()
						o := row[desk.RailOrder](s, id)
						if o.State != l.order || o.Code != l.code {
							t.Errorf("%s: the order is %s %q, want %s %q", when, o.State, o.Code, l.order, l.code)
						}
						state := []string{m.open, m.gone, m.back, m.came}[l.is]
						had := []ledger.Amount{-moved, -moved, m.backHad, m.cameHad}[l.is]
						moving := []ledger.Amount{moved, 0, 0, 0}[l.is]
						if got := m.state(s, id); got != state {
							t.Errorf("%s: the %s is %s, want %s", when, m.what, got, state)
						}
						if got := m.had(s, id); got != had {
							t.Errorf("%s: the money it came from changed by %d, want %d", when, got, had)
						}
						if got := s.allOn(m.moving); got != moving {
							t.Errorf("%s: %d are on their way, want %d", when, got, moving)
						}
					}
					for i, d := range looks {
						s.after(d)
						check("after "+d.String(), c.looks[i])
					}
					if got := s.exceptions(id); !slices.Equal(got, c.before) {
						t.Errorf("before a person: %v, want %v", got, c.before)
					}
					if end == "" {
						return
					}
					must(s.Desk.RecordOutcome(s.ctx, s.Book, desk.OutcomeRequest{Order: id, Outcome: end, Reason: "closed", Code: rail.CodeClosed, Reference: "412345678901", By: "asha"}))(t)
					l := done
					if end == rail.Refused {
						l = look{"refused", rail.CodeClosed, back}
					}
					check("by hand", l)
					if o := row[desk.RailOrder](s, id); o.By != "asha" || o.EndedAt == 0 {
						t.Errorf("by hand it ended as %+v", o)
					}
					s.after(40 * 24 * time.Hour)
					check("long after", l)
					if got := s.exceptions(id); got != nil {
						t.Errorf("still before a person: %v", got)
					}
				})
			}
		}
	}
}

// allOn is what all accounts with a code hold, or the one account.
func (s *shop) allOn(id ledger.AccountID) (sum ledger.Amount) {
	s.t.Helper()
	for one, b := range must(s.Desk.Store.Balances(s.ctx, s.Book))(s.t) {
		if one == id || one.Code() == string(id) {
			sum += b.Amount
		}
	}
	return sum
}
