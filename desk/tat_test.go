package desk_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
	"wapas/rail"
)

// on lets time pass until noon in India of a day.
func (s *shop) on(day ledger.Day) {
	s.t.Helper()
	s.after(time.Duration(day.Start().Add(12*time.Hour)-ledger.At(s.Desk.Now())) * time.Microsecond)
}

// tat starts a clock by hand.
func (s *shop) tat(q desk.TATRequest) desk.TAT {
	s.t.Helper()
	return must(s.Desk.StartTAT(s.ctx, s.Book, q))(s.t)
}

// The days that are late are calendar days in India, counted from the day after
// the last one that is allowed.
func TestTATDays(t *testing.T) {
	s := newShop(t)
	s.on(20260410)
	for _, tt := range []struct {
		rule           string
		day, due, back ledger.Day
		late           int64
		state          string
	}{
		{"UPI_P2M", 20260302, 20260307, 20260310, 3, desk.TATBreached},
		{"UPI_P2M", 20260302, 20260307, 20260307, 0, desk.TATMet},
		{"UPI_P2M", 20260302, 20260307, 20260308, 1, desk.TATBreached},
		{"UPI_P2M", 20260302, 20260307, 20260302, 0, desk.TATMet},
		{"PPI_ONUS", 20260228, 20260301, 20260301, 0, desk.TATMet},
		{"PPI_ONUS", 20260228, 20260301, 20260302, 1, desk.TATBreached},
		{"IMPS", 20251231, 20260101, 20260105, 4, desk.TATBreached},
		{"ATM", 20240227, 20240303, 20240304, 1, desk.TATBreached}, // a leap year
	} {
		c := s.tat(desk.TATRequest{Rule: tt.rule, Subject: s.pay("upi", 10000).ID, Day: tt.day})
		if c.Due != tt.due || c.State != desk.TATBreached || c.Late != ledger.Day(20260410).Since(tt.due) {
			t.Errorf("%s of %s, a month and more later: due on %s, %s by %d days; want %s", tt.rule, tt.day, c.Due, c.State, c.Late, tt.due)
		}
		c = must(s.Desk.StopTAT(s.ctx, s.Book, desk.TATStop{TAT: c.ID, Day: tt.back}))(t)
		if c.Late != tt.late || c.Accrued != ledger.Amount(tt.late)*10000 || c.State != tt.state || c.Stopped != tt.back {
			t.Errorf("%s of %s, back on %s: got %+v, want %d days", tt.rule, tt.day, tt.back, c, tt.late)
		}
	}
	s.holds(map[ledger.AccountID]ledger.Amount{ledger.Compensation: 100000, ledger.TATCost: 100000})
}

// A clock counts by itself, a day at its midnight and each once, and pays the
// wallet when it is stopped.
func TestTATAccrues(t *testing.T) {
	s := newShop(t)
	s.terms(func(t *desk.Terms) { t.MaxBalance = 10000 })
	c := s.customer(10000, 0)
	p := s.spend(c, 5000)
	s.on(20260227)
	clock := s.tat(desk.TATRequest{Rule: "PPI_ONUS", Subject: p.ID, Holder: c.ID})
	if clock.State != desk.TATRunning || clock.Due != 20260228 {
		t.Fatalf("started: %+v", clock)
	}
	owes := func(when string, a ledger.Amount) {
		t.Helper()
		s.sent()
		s.sent()
		if got := row[desk.TAT](s, clock.ID); got.Accrued != a || s.balance(ledger.Compensation) != a {
			t.Errorf("%s: %s owed, %s in the books; want %s", when, got.Accrued, s.balance(ledger.Compensation), a)
		}
	}
	s.on(20260228)
	s.after(12*time.Hour - time.Microsecond)
	owes("at the end of the last day", 0)
	s.after(time.Microsecond)
	owes("a day late, across the end of a month", 10000)
	s.after(24*time.Hour - time.Microsecond)
	owes("still one day late", 10000)
	s.on(20260303)
	owes("three days late", 30000)
	if got := s.events(clock.ID); !slices.Equal(got, []string{"tat.breached"}) {
		t.Errorf("events: %v", got)
	}

	clock = must(s.Desk.StopTAT(s.ctx, s.Book, desk.TATStop{TAT: clock.ID}))(t)
	if clock.State != desk.TATCompensated || clock.PaidTo != "2100/"+string(c.ID) || clock.Late != 3 || clock.Stopped != 20260303 {
		t.Errorf("stopped: %+v", clock)
	}
	s.holds(map[ledger.AccountID]ledger.Amount{
		ledger.Compensation: 0, ledger.TATCost: 30000, ledger.BankOperating: -30000, ledger.BankEscrow: 30000,
		ledger.Account("2100", string(c.ID)): 35000, // above what the wallet may hold: it is owed all the same
	})
	lines := must(s.Desk.Statement(s.ctx, desk.Query{Book: s.Book, Parent: c.ID}))(t)
	if l := lines[0]; l.Credit != 30000 || l.Balance != 35000 || l.Source != clock.ID || l.Description != "Compensation for a late reversal" {
		t.Errorf("the statement: %+v", l)
	}
	if !row[desk.Wallet](s, c.ID).OverLimit {
		t.Error("the wallet is not marked as over its limit")
	}
	s.on(20260401)
	if got := row[desk.TAT](s, clock.ID); got != clock {
		t.Errorf("a month later: %+v", got)
	}
	if got := s.events(clock.ID); !slices.Equal(got, []string{"tat.breached", "tat.compensated"}) {
		t.Errorf("events: %v", got)
	}
	var entries []string
	for _, e := range must(s.Desk.Store.Entries(s.ctx, desk.Query{Book: s.Book, Parent: clock.ID, Oldest: true}))(t) {
		entries = append(entries, string(e.Reason))
	}
	if got := strings.Join(entries, " "); got != "compensation_accrued compensation_accrued compensation_paid" {
		t.Errorf("entries: %s", got) // the second of March went by unseen: the third counted both
	}
}

// What nobody's account here can take stays payable, until the operator's bank
// pays it or an account is named.
func TestTATPayable(t *testing.T) {
	s := newShop(t)
	c := s.customer(0, 0)
	abroad := must(s.Desk.CreateCustomer(s.ctx, s.Book, desk.CustomerRequest{Name: "Zoe", Contact: "+4915112345678"}))(t)
	late := func(holder desk.ID) desk.TAT {
		clock := s.tat(desk.TATRequest{Rule: "UPI_P2M", Subject: s.pay("upi", 10000).ID, Holder: holder, Day: 20251220})
		return must(s.Desk.StopTAT(s.ctx, s.Book, desk.TATStop{TAT: clock.ID}))(t)
	}
	first, second, third := late(""), late(abroad.ID), late("")
	for _, clock := range []desk.TAT{first, second, third} {
		if clock.State != desk.TATBreached || clock.Late != 4 || clock.Stopped == 0 {
			t.Errorf("stopped: %+v", clock)
		}
	}
	s.holds(map[ledger.AccountID]ledger.Amount{ledger.Compensation: 120000})
	first = must(s.Desk.PayTAT(s.ctx, s.Book, desk.TATPayment{TAT: first.ID, Reference: "HDFCN52026010112345"}))(t)
	if first.State != desk.TATCompensated || first.PaidTo != "bank" || first.Reference != "HDFCN52026010112345" {
		t.Errorf("paid by the bank: %+v", first)
	}
	s.holds(map[ledger.AccountID]ledger.Amount{ledger.Compensation: 80000, ledger.BankOperating: -40000, ledger.BankEscrow: 0})
	second = must(s.Desk.PayTAT(s.ctx, s.Book, desk.TATPayment{TAT: second.ID, To: c.ID}))(t)
	if second.State != desk.TATCompensated || second.Holder != c.ID || s.balance(ledger.Account("2100", string(c.ID))) != 40000 {
		t.Errorf("paid to a wallet: %+v", second)
	}

	running := s.tat(desk.TATRequest{Rule: "UPI_P2M", Subject: s.pay("upi", 10000).ID})
	for _, tt := range []struct {
		what string
		q    desk.TATPayment
		code ledger.Code
		why  ledger.Why
	}{
		{"to nobody, no such clock", desk.TATPayment{TAT: "tat_none"}, ledger.Invalid, desk.WhyTATNobody},
		{"no such clock, no such customer", desk.TATPayment{TAT: "tat_none", To: "cust_none"}, ledger.NotFound, desk.WhyUnknownID},
		{"paid already, no such customer", desk.TATPayment{TAT: first.ID, To: "cust_none"}, ledger.WrongState, desk.WhyTATState},
		{"still running", desk.TATPayment{TAT: running.ID, To: c.ID}, ledger.WrongState, desk.WhyTATState},
		{"no such customer", desk.TATPayment{TAT: third.ID, To: "cust_none"}, ledger.NotFound, desk.WhyUnknownID},
		{"no wallet abroad", desk.TATPayment{TAT: third.ID, To: abroad.ID}, ledger.WrongState, desk.WhyTATContact},
	} {
		_, err := s.Desk.PayTAT(s.ctx, s.Book, tt.q)
		refusedAs(t, tt.what, err, tt.code, tt.why)
	}
}

// refusedAs compares a refusal.
func refusedAs(t *testing.T, what string, err error, code ledger.Code, why ledger.Why) {
	t.Helper()
	e, ok := err.(*ledger.Error)
	if !ok || e.Code != code || e.Why != why {
		t.Errorf("%s: got %v, want %s (%s)", what, err, code, why)
	}
}

// Nothing is waived on the word of one.
func TestTATWaived(t *testing.T) {
	s := newShop(t)
	clock := s.tat(desk.TATRequest{Rule: "UPI_P2M", Subject: s.pay("upi", 10000).ID, Day: 20251220})
	met := s.tat(desk.TATRequest{Rule: "UPI_P2M", Subject: s.pay("upi", 10000).ID})
	_, err := s.Desk.WaiveTAT(s.ctx, s.Book, desk.Waiver{TAT: "tat_none", By: "Asha"})
	refusedAs(t, "no reason, no such clock", err, ledger.Invalid, desk.WhyTATReason)
	_, err = s.Desk.WaiveTAT(s.ctx, s.Book, desk.Waiver{TAT: "tat_none", By: "Asha", Note: "the customer's fault"})
	refusedAs(t, "no such clock", err, ledger.NotFound, desk.WhyUnknownID)
	_, err = s.Desk.WaiveTAT(s.ctx, s.Book, desk.Waiver{TAT: met.ID, By: "Asha", Note: "the customer's fault"})
	refusedAs(t, "nothing is owed", err, ledger.WrongState, desk.WhyTATState)

	ask := func() desk.Booking {
		return must(s.Desk.WaiveTAT(s.ctx, s.Book, desk.Waiver{TAT: clock.ID, By: "Asha", Note: "the customer's fault"}))(t)
	}
	b := ask()
	if b.State != desk.BookingAsked || b.Amount != 40000 || row[desk.TAT](s, clock.ID).State != desk.TATBreached {
		t.Fatalf("asked: %+v", b)
	}
	_, err = s.Desk.Agree(s.ctx, s.Book, desk.Agreement{Booking: b.ID})
	refusedAs(t, "nobody agrees", err, ledger.Invalid, desk.WhyMoneyPerson)
	_, err = s.Desk.Agree(s.ctx, s.Book, desk.Agreement{Booking: b.ID, By: "Asha"})
	refusedAs(t, "the same person", err, ledger.Denied, desk.WhyMoneySame)
	s.after(24 * time.Hour)
	_, err = s.Desk.Agree(s.ctx, s.Book, desk.Agreement{Booking: b.ID, By: "Ravi"})
	refusedAs(t, "a day later", err, ledger.WrongState, desk.WhyMoneyState)
	if got := row[desk.Booking](s, b.ID); got.State != desk.BookingExpired {
		t.Errorf("a day later: %+v", got)
	}
	b = ask()
	s.after(18 * time.Hour) // past midnight
	_, err = s.Desk.Agree(s.ctx, s.Book, desk.Agreement{Booking: b.ID, By: "Ravi"})
	refusedAs(t, "another day is owed", err, ledger.WrongState, desk.WhyTATState)
	b = ask()
	b = must(s.Desk.Agree(s.ctx, s.Book, desk.Agreement{Booking: b.ID, By: "Ravi"}))(t)
	clock = row[desk.TAT](s, clock.ID)
	if b.State != desk.BookingDone || b.Second != "Ravi" || clock.State != desk.TATWaived || clock.Reason != "the customer's fault" || b.Amount != 60000 || clock.Accrued != 60000 {
		t.Errorf("agreed: %+v, %+v", b, clock)
	}
	s.holds(map[ledger.AccountID]ledger.Amount{ledger.Compensation: 0, ledger.TATCost: 0})
	_, err = s.Desk.Agree(s.ctx, s.Book, desk.Agreement{Booking: b.ID, By: "Ravi"})
	refusedAs(t, "twice", err, ledger.WrongState, desk.WhyMoneyState)
	s.after(48 * time.Hour)
	if got := row[desk.TAT](s, clock.ID); got != clock {
		t.Errorf("two days later: %+v", got)
	}
}

// Refusals to start and to stop a clock, in the order of the checks.
func TestTATRefusals(t *testing.T) {
	s := newShop(t)
	p, c := s.pay("upi", 10000), s.customer(0, 0)
	clock := s.tat(desk.TATRequest{Rule: "UPI_P2M", Subject: p.ID})
	for _, tt := range []struct {
		what string
		q    desk.TATRequest
		code ledger.Code
		why  ledger.Why
	}{
		{"a rule that is that of another system, a day that is none", desk.TATRequest{Rule: "PPI_OFFUS", Subject: "pay_none", Day: 20260230}, ledger.Invalid, desk.WhyTATRule},
		{"a day that is none, no such payment", desk.TATRequest{Rule: "IMPS", Subject: "pay_none", Day: 20250230}, ledger.Invalid, desk.WhyTATDay},
		{"tomorrow", desk.TATRequest{Rule: "IMPS", Subject: "pay_none", Day: 20251230}, ledger.Invalid, desk.WhyTATDay},
		{"before the rule", desk.TATRequest{Rule: "IMPS", Subject: "pay_none", Day: 20191014}, ledger.Invalid, desk.WhyTATRule},
		{"no such payment, no such holder", desk.TATRequest{Rule: "IMPS", Subject: "pay_none", Holder: "cust_none"}, ledger.NotFound, desk.WhyUnknownID},
		{"a thing that cannot fail", desk.TATRequest{Rule: "IMPS", Subject: c.ID}, ledger.NotFound, desk.WhyUnknownID},
		{"no such holder, twice", desk.TATRequest{Rule: "UPI_P2M", Subject: p.ID, Holder: "cust_none"}, ledger.NotFound, desk.WhyUnknownID},
		{"no such agent", desk.TATRequest{Rule: "UPI_P2M", Subject: p.ID, Holder: "agt_none"}, ledger.NotFound, desk.WhyUnknownID},
		{"twice", desk.TATRequest{Rule: "UPI_P2M", Subject: p.ID, Holder: c.ID}, ledger.Duplicate, desk.WhyTATTwice},
	} {
		_, err := s.Desk.StartTAT(s.ctx, s.Book, tt.q)
		refusedAs(t, tt.what, err, tt.code, tt.why)
	}
	s.tat(desk.TATRequest{Rule: "CARD_CNP", Subject: p.ID}) // another rule is another clock
	for _, tt := range []struct {
		what string
		q    desk.TATStop
		code ledger.Code
		why  ledger.Why
	}{
		{"tomorrow, no such clock", desk.TATStop{TAT: "tat_none", Day: 20251230}, ledger.Invalid, desk.WhyTATDay},
		{"no such clock", desk.TATStop{TAT: "tat_none"}, ledger.NotFound, desk.WhyUnknownID},
		{"before the transaction", desk.TATStop{TAT: clock.ID, Day: 20251228}, ledger.Invalid, desk.WhyTATDay},
	} {
		_, err := s.Desk.StopTAT(s.ctx, s.Book, tt.q)
		refusedAs(t, tt.what, err, tt.code, tt.why)
	}
	must(s.Desk.StopTAT(s.ctx, s.Book, desk.TATStop{TAT: clock.ID}))(t)
	_, err := s.Desk.StopTAT(s.ctx, s.Book, desk.TATStop{TAT: clock.ID})
	refusedAs(t, "stopped twice", err, ledger.WrongState, desk.WhyTATState)
}

// A payout that the bank gives back late is compensated at once, unless wallets
// of the programme are no payment instruments.
func TestTATOfPayout(t *testing.T) {
	for _, tt := range []struct {
		programme string
		wait      time.Duration
		late      int64
		clocks    int
	}{
		{"full_kyc", 0, 0, 1},
		{"full_kyc", 35 * time.Hour, 0, 1},
		{"full_kyc", 5 * 24 * time.Hour, 4, 1},
		{"closed", 5 * 24 * time.Hour, 0, 0},
	} {
		t.Run(fmt.Sprint(tt.programme, " ", tt.wait), func(t *testing.T) {
			s := newShop(t)
			s.terms(func(t *desk.Terms) { t.Programme, t.AllowPayout = tt.programme, true })
			s.on(20260105)
			c := s.customer(50000, 0)
			f := must(s.Desk.CreateFundAccount(s.ctx, s.Book, desk.FundAccountRequest{Customer: c.ID, Type: "bank_account", Name: "Ravi", IFSC: "HDFC0000053", Number: "11214311215411"}))(t)
			p := must(s.Desk.CreatePayout(s.ctx, s.Book, desk.PayoutRequest{Customer: c.ID, FundAccount: f.ID, Amount: 20000, Purpose: "refund", Outcome: rail.ScenarioSilence}))(t)
			s.after(tt.wait)
			must(s.Desk.RecordOutcome(s.ctx, s.Book, desk.OutcomeRequest{Order: p.ID, Outcome: rail.Refused, Reason: "account closed", By: "Asha"}))(t)
			clocks := must(desk.List[desk.TAT](s.ctx, s.Desk, desk.Query{Book: s.Book, Parent: p.ID, Count: 10}))(t)
			if len(clocks) != tt.clocks {
				t.Fatalf("clocks: %+v", clocks)
			}
			for _, k := range clocks {
				if k.Rule != "IMPS" || k.Day != 20260105 || k.Late != tt.late || k.EndedAt == 0 {
					t.Errorf("the clock: %+v", k)
				}
			}
			if got, want := s.balance(ledger.Account("2100", string(c.ID))), 50000+ledger.Amount(tt.late)*10000; got != want {
				t.Errorf("the wallet holds %s, want %s", got, want)
			}
		})
	}
}

// A thing has one clock of a rule, so that no day is compensated twice: not when
// somebody was quicker with the clock than the bank with its answer, and not
// when a payout fails, arrives and comes back.
func TestTATOnce(t *testing.T) {
	for _, byHand := range []bool{false, true} {
		t.Run(fmt.Sprint("by hand ", byHand), func(t *testing.T) {
			s := newShop(t)
			s.terms(func(t *desk.Terms) { t.Programme = "full_kyc" })
			s.on(20260105)
			c := s.customer(50000, 0)
			f := must(s.Desk.CreateFundAccount(s.ctx, s.Book, desk.FundAccountRequest{Customer: c.ID, Type: "bank_account", Name: "Ravi", IFSC: "HDFC0000053", Number: "11214311215411"}))(t)
			p := must(s.Desk.CreatePayout(s.ctx, s.Book, desk.PayoutRequest{Customer: c.ID, FundAccount: f.ID, Amount: 20000, Purpose: "refund", Outcome: rail.ScenarioSilence}))(t)
			s.after(48 * time.Hour)
			if byHand {
				s.tat(desk.TATRequest{Rule: "IMPS", Subject: p.ID, Holder: c.ID, Day: 20260105})
			}
			for _, outcome := range []rail.Outcome{rail.Refused, rail.Done, desk.Returned} {
				s.after(24 * time.Hour)
				must(s.Desk.RecordOutcome(s.ctx, s.Book, desk.OutcomeRequest{Order: p.ID, Outcome: outcome, By: "Asha"}))(t)
			}
			clocks := must(desk.List[desk.TAT](s.ctx, s.Desk, desk.Query{Book: s.Book, Parent: p.ID, Count: 10}))(t)
			if len(clocks) != 1 || clocks[0].Late != 2 || clocks[0].State != desk.TATCompensated {
				t.Errorf("clocks: %+v", clocks)
			}
			s.holds(map[ledger.AccountID]ledger.Amount{ledger.Account("2100", string(c.ID)): 50000 + 20000, ledger.Compensation: 0})
		})
	}
}

// A remittance by IMPS that failed runs its clock until the agent has the
// e-value again, or until it has arrived after all; what accrues is nobody's
// account's.
func TestTATOfRemittance(t *testing.T) {
	for _, tt := range []struct {
		channel string
		wait    time.Duration
		late    int64
		state   string // of the clock; empty: there is none
	}{
		{desk.IMPS, time.Hour, 0, desk.TATMet},
		{desk.IMPS, 3 * 24 * time.Hour, 2, desk.TATBreached},
		{desk.NEFT, 3 * 24 * time.Hour, 0, ""},
	} {
		t.Run(fmt.Sprint(tt.channel, " ", tt.wait), func(t *testing.T) {
			s := newShop(t)
			s.on(20260105)
			agent := must(s.Desk.OpenAgent(s.ctx, s.Book, desk.AgentRequest{Code: "20810200", Initiator: "9962981729"}))(t)
			must(s.Desk.BuyValue(s.ctx, s.Book, desk.ValueRequest{Agent: agent.ID, Amount: 600000}))(t)
			r := must(s.Desk.Remit(s.ctx, s.Book, desk.RemitRequest{
				Agent: agent.ID, Customer: "9876543212", Ref: "R1", Recipient: "1", Channel: tt.channel, Amount: 100000, Outcome: rail.ScenarioRefused,
			}))(t)
			s.after(tt.wait)
			must(s.Desk.SendRefundOTP(s.ctx, s.Book, r.ID, agent.ID))(t)
			must(s.Desk.RefundRemittance(s.ctx, s.Book, desk.RestoreRequest{Remittance: r.ID, Agent: agent.ID, Code: desk.Code{Digits: desk.TestCode}}))(t)
			clocks := must(desk.List[desk.TAT](s.ctx, s.Desk, desk.Query{Book: s.Book, Parent: r.ID, Count: 10}))(t)
			if tt.state == "" {
				if len(clocks) != 0 {
					t.Errorf("clocks: %+v", clocks)
				}
				return
			}
			if len(clocks) != 1 || clocks[0].Rule != "IMPS" || clocks[0].Day != 20260105 || clocks[0].Late != tt.late || clocks[0].State != tt.state || clocks[0].Stopped == 0 || clocks[0].Holder != "" {
				t.Errorf("clocks: %+v", clocks)
			}
			s.holds(map[ledger.AccountID]ledger.Amount{ledger.Compensation: ledger.Amount(tt.late) * 10000, agent.Value(): 600000})
		})
	}
}
