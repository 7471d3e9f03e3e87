package desk_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
	"wapas/rail"
)

// An agency is a shop with an agent who has e-value of 10,000 rupees, whose
// remittances cost one percent.
type agency struct {
	*shop
	agent desk.Agent
	n     int
}

const sender = "9123456789" // the mobile of the customer of these tests

func newAgency(t *testing.T, edit func(t *desk.Terms)) *agency {
	t.Helper()
	s := newShop(t)
	s.terms(func(terms *desk.Terms) {
		terms.RemitBps = 100
		if edit != nil {
			edit(terms)
		}
	})
	a := must(s.Desk.OpenAgent(s.ctx, s.Book, desk.AgentRequest{Code: "20810200", Initiator: "9962981729"}))(t)
	must(s.Desk.BuyValue(s.ctx, s.Book, desk.ValueRequest{Agent: a.ID, Amount: 10_000_00}))(t)
	return &agency{shop: s, agent: a}
}

func (s *agency) request(a ledger.Amount) desk.RemitRequest {
	s.n++
	return desk.RemitRequest{Agent: s.agent.ID, Customer: sender, Ref: fmt.Sprintf("REF%04d", s.n), Recipient: "10012", Amount: a}
}

// remit makes a remittance and does what is due.
func (s *agency) remit(a ledger.Amount) desk.Remittance {
	s.t.Helper()
	r := must(s.Desk.Remit(s.ctx, s.Book, s.request(a)))(s.t)
	s.Advance(s.t, 0)
	return s.again(r)
}

func (s *agency) again(r desk.Remittance) desk.Remittance {
	s.t.Helper()
	return must(desk.Find[desk.Remittance](s.ctx, s.Desk, s.Book, r.ID))(s.t)
}

func (s *agency) restore(r desk.Remittance, code desk.Code) (desk.Restored, error) {
	return s.Desk.RefundRemittance(s.ctx, s.Book, desk.RestoreRequest{Remittance: r.ID, Agent: s.agent.ID, Code: code, Room: "eko"})
}

func (s *agency) value() ledger.Amount {
	s.t.Helper()
	return must(s.Desk.ValueOf(s.ctx, s.Book, s.agent))(s.t)
}

func (s *agency) balances(want map[ledger.AccountID]ledger.Amount) {
	s.t.Helper()
	as := must(s.Desk.Store.Balances(s.ctx, s.Book))(s.t)
	for id, a := range want {
		if as[id].Amount != a {
			s.t.Errorf("%s holds %d, want %d", id, as[id].Amount, a)
		}
	}
}

var right = desk.Code{Digits: desk.TestCode}

// Steps G27 to G32 of the golden scenario, with the memo of the cash.
func TestRemittanceGolden(t *testing.T) {
	s := newAgency(t, func(terms *desk.Terms) { terms.RemitMax = 0 })
	agt := string(s.agent.ID)
	value, flight, owed := ledger.Account("2400", agt), ledger.Account("2410", agt), ledger.Account("2420", agt)

	r := must(s.Desk.Remit(s.ctx, s.Book, s.request(5000_13)))(t)
	if r.State != desk.RemitInitiated || r.Fee != 50_01 || r.Tax != 7_62 {
		t.Fatalf("sent %+v", r)
	}
	s.balances(map[ledger.AccountID]ledger.Amount{value: 10_000_00 - 5050_14, flight: 5000_13, "2230": 50_01, "9010": 5050_14, "9011": 5050_14})
	s.Advance(t, 0)
	if r = s.again(r); r.State != desk.RemitOwed || r.Was != desk.RemitInitiated || r.Owed != sender || r.Reason == "" {
		t.Fatalf("refused: %+v", r)
	}
	s.balances(map[ledger.AccountID]ledger.Amount{value: 10_000_00 - 5050_14, flight: 0, owed: 5050_14, "2230": 0})

	out, err := s.restore(r, right)
	if err != nil {
		t.Fatal(err)
	}
	s.balances(map[ledger.AccountID]ledger.Amount{value: 10_000_00, owed: 0, "9010": 0, "9011": 0})
	f := out.Refund
	if f.Amount != 5050_14 || f.To != "agent" || f.Holder != s.agent.ID || f.State != "done" || f.Room != "eko" || f.Reference == r.TID || out.Value != 10_000_00 {
		t.Errorf("restored %+v", out)
	}

	r = s.remit(1000_00)
	if r.State != desk.RemitDone || len(r.BankRef) != 12 || r.EndedAt == 0 {
		t.Errorf("arrived %+v", r)
	}
	s.balances(map[ledger.AccountID]ledger.Amount{
		value: 10_000_00 - 1010_00, flight: 0, "1110/sim": -1000_00, "2230": 0, "4050": 8_48, "2301": 76, "2302": 76, "9010": 0,
	})
}

// How each outcome of the rail looks, at once and later, and what the books
// hold.
func TestRemittanceOutcomes(t *testing.T) {
	for _, c := range []struct {
		paise       ledger.Amount
		soon, later string
		after       time.Duration
	}{
		{0, desk.RemitDone, desk.RemitDone, time.Hour},
		{13, desk.RemitOwed, desk.RemitOwed, 48 * time.Hour},
		{17, desk.RemitInitiated, desk.RemitHeld, 31 * time.Minute},
		{17, desk.RemitInitiated, desk.RemitDone, time.Hour},
		{19, desk.RemitHeld, desk.RemitDone, time.Hour},
		{23, desk.RemitOwed, desk.RemitDone, 25 * time.Hour},
		{29, desk.RemitHeld, desk.RemitHeld, 48 * time.Hour},
	} {
		t.Run(fmt.Sprintf("%d to %s", c.paise, c.later), func(t *testing.T) {
			t.Parallel()
			s := newAgency(t, func(terms *desk.Terms) { terms.CommissionBps, terms.TDSBps = 57, 2500 })
			r := s.remit(1000_00 + c.paise)
			if r.State != c.soon {
				t.Errorf("soon it is %s, want %s", r.State, c.soon)
			}
			s.Advance(t, c.after)
			if r = s.again(r); r.State != c.later {
				t.Errorf("later it is %s, want %s", r.State, c.later)
			}
			if r.Commission != 5_70 || r.TDS != 1_43 {
				t.Errorf("commission %d, tds %d", r.Commission, r.TDS)
			}
		})
	}
}

// What a stored scenario says wins over the paise, by the caller's reference.
func TestRemittanceScenario(t *testing.T) {
	s := newAgency(t, nil)
	must(s.Desk.SetScenario(s.ctx, s.Book, desk.ScenarioRequest{What: "remittance", Ref: "REF0001", Outcome: rail.ScenarioHold}))(t)
	if r := s.remit(100_00); r.State != desk.RemitHeld || r.Was != desk.RemitInitiated {
		t.Errorf("it is %s", r.State)
	}
	must(s.Desk.SetScenario(s.ctx, s.Book, desk.ScenarioRequest{What: "otp", Ref: sender, Outcome: rail.ScenarioDone, Code: "004711"}))(t)
	r := s.remit(100_13)
	_, err := s.restore(r, right)
	refused(t, "the usual code", err, ledger.WrongState, desk.WhyConsentWrong)
	must(s.restore(r, desk.Code{Digits: "004711"}))(t)
}

// A success after the refund was given is posted as it is, and put before a
// person; before the refund it ends the claim, and the code is worth nothing.
func TestRemittanceLate(t *testing.T) {
	s := newAgency(t, func(terms *desk.Terms) { terms.CommissionFlat = 10_00 })
	given := s.remit(1000_23)
	if _, err := s.restore(given, right); err != nil {
		t.Fatal(err)
	}
	owed := s.remit(2000_23)
	s.Advance(t, 25*time.Hour)
	given, owed = s.again(given), s.again(owed)
	if given.State != desk.RemitRefunded || given.Lost != 1000_23 || given.BankRef == "" {
		t.Errorf("given twice: %+v", given)
	}
	if owed.State != desk.RemitDone || owed.Was != desk.RemitOwed || owed.Owed != "" {
		t.Errorf("late: %+v", owed)
	}
	s.balances(map[ledger.AccountID]ledger.Amount{"2010": -1000_23, "1110/sim": -3000_46, "5060": 10_00})
	_, err := s.restore(owed, right)
	refused(t, "a refund of what arrived", err, ledger.WrongState, desk.WhyRemitState)
	for _, r := range []desk.Remittance{given, owed} {
		open, err := desk.List[desk.Exception](s.ctx, s.Desk, desk.Query{Book: s.Book, Parent: r.ID})
		if err != nil || len(open) != 1 || open[0].What != desk.ExceptionLate {
			t.Errorf("exceptions of %s: %v, %v", r.TID, open, err)
		}
	}
}

// What comes back after it had arrived stays success; its money waits for a
// person.
func TestRemittanceReturned(t *testing.T) {
	s := newAgency(t, nil)
	q := s.request(100_00)
	q.Outcome = rail.ScenarioReturned
	r := must(s.Desk.Remit(s.ctx, s.Book, q))(t)
	s.Advance(t, time.Minute)
	s.Advance(t, 25*time.Hour)
	if r = s.again(r); r.State != desk.RemitDone || r.Back != 100_00 {
		t.Errorf("returned: %+v", r)
	}
	s.balances(map[ledger.AccountID]ledger.Amount{"2900": 100_00, "1110/sim": 0})
	s.Audit(t)

	// A person has found the recipient's right account, and sent it again.
	must(s.Desk.RecordOutcome(s.ctx, s.Book, desk.OutcomeRequest{Order: r.ID, Outcome: rail.Done, Reference: "412345678901"}))(t)
	if r = s.again(r); r.State != desk.RemitDone || r.Back != 0 || r.BankRef != "412345678901" {
		t.Errorf("sent again: %+v", r)
	}
	if open := s.exceptions(r.ID); len(open) != 0 {
		t.Errorf("still before a person: %v", open)
	}
	s.balances(map[ledger.AccountID]ledger.Amount{"2900": 0, "1110/sim": -100_00})
	s.Audit(t)
}

// The reasons for which a remittance is declined, in their order: nothing moves
// and the reference is used up.
func TestRemittanceDeclined(t *testing.T) {
	s := newAgency(t, func(terms *desk.Terms) { terms.RemitMonthly, terms.RemitConsent = 9000_00, true })
	code := desk.Code{}
	decline := func(what string, a ledger.Amount, want string) {
		t.Helper()
		q := s.request(a)
		q.Code = code
		before := s.value()
		r := must(s.Desk.Remit(s.ctx, s.Book, q))(t)
		if r.State != desk.RemitFailed || r.Reason != want || s.value() != before {
			t.Errorf("%s: %s (%s), want it declined: %s", what, r.State, r.Reason, want)
		}
		_, err := s.Desk.Remit(s.ctx, s.Book, q)
		refused(t, what+", again", err, ledger.Duplicate, desk.WhyRemitRefTaken)
	}
	send := func(a ledger.Amount) {
		t.Helper()
		s.Advance(t, time.Minute)
		ask := desk.RemitOTPRequest{Agent: s.agent.ID, Customer: sender, Recipient: "10012", Amount: a}
		must(s.Desk.SendRemitOTP(s.ctx, s.Book, ask))(t)
	}
	decline("more than one may be", 5000_01, desk.DeclinedAmount)
	decline("no code", 5000_00, desk.DeclinedConsent)
	code = right
	decline("none was sent", 5000_00, string(desk.WhyConsentNone))
	send(5000_00)
	decline("sent for another amount", 4000_00, string(desk.WhyConsentForeign))
	code.Digits = "000000"
	decline("a wrong code", 5000_00, string(desk.WhyConsentWrong))
	code = right
	q := s.request(5000_00)
	q.Code = code
	if r := must(s.Desk.Remit(s.ctx, s.Book, q))(t); r.State != desk.RemitInitiated {
		t.Fatalf("not sent: %+v", r)
	}
	s.Advance(t, 0)
	decline("spent", 1000_00, string(desk.WhyConsentSpent))
	decline("more than the month has left", 4000_01, desk.DeclinedMonthly)
	must(s.Desk.BuyValue(s.ctx, s.Book, desk.ValueRequest{Agent: s.agent.ID, Amount: 1}))(t)
	send(4000_00)
	q = s.request(4000_00)
	q.Code = code
	must(s.Desk.Remit(s.ctx, s.Book, q))(t)
	s.Advance(t, 35*24*time.Hour) // another month
	decline("more than the e-value", 1000_00, desk.DeclinedShort)
}

// Refusals before anything is written, each breaking what comes after it too.
func TestRemittanceRefusals(t *testing.T) {
	s := newAgency(t, nil)
	idle := must(s.Desk.OpenAgent(s.ctx, s.Book, desk.AgentRequest{Code: "20810201", Initiator: "9962981729"}))(t)
	must(s.Desk.EnableAgent(s.ctx, s.Book, idle.ID, false))(t)
	for _, c := range []struct {
		what string
		edit func(q *desk.RemitRequest)
		code ledger.Code
		why  ledger.Why
	}{
		{"no reference", func(q *desk.RemitRequest) { q.Ref, q.Customer = "", "" }, ledger.Invalid, desk.WhyRemitRef},
		{"a long reference", func(q *desk.RemitRequest) { q.Ref = strings.Repeat("R", 21) }, ledger.Invalid, desk.WhyRemitRef},
		{"a short mobile", func(q *desk.RemitRequest) { q.Customer, q.Amount = "912345678", 0 }, ledger.Invalid, desk.WhyMobile},
		{"nothing", func(q *desk.RemitRequest) { q.Amount, q.Channel = 99, "RTGS" }, ledger.Invalid, desk.WhyRemitAmount},
		{"a channel", func(q *desk.RemitRequest) { q.Channel, q.Agent = "RTGS", "agt_none" }, ledger.Invalid, desk.WhyRemitChannel},
		{"a long hold", func(q *desk.RemitRequest) { q.HoldAfter = 25 * time.Hour }, ledger.Invalid, desk.WhyRemitHold},
		{"a scenario", func(q *desk.RemitRequest) { q.Outcome = "rain" }, ledger.Invalid, desk.WhyScenario},
		{"no agent", func(q *desk.RemitRequest) { q.Agent = "agt_none" }, ledger.NotFound, desk.WhyUnknownID},
		{"an idle agent", func(q *desk.RemitRequest) { q.Agent = idle.ID }, ledger.WrongState, desk.WhyAgentInactive},
	} {
		q := s.request(100_00)
		c.edit(&q)
		_, err := s.Desk.Remit(s.ctx, s.Book, q)
		refused(t, c.what, err, c.code, c.why)
	}
}

func TestAgents(t *testing.T) {
	s := newAgency(t, nil)
	open := func(q desk.AgentRequest) error {
		_, err := s.Desk.OpenAgent(s.ctx, s.Book, q)
		return err
	}
	refused(t, "no code", open(desk.AgentRequest{}), ledger.Invalid, desk.WhyAgentCode)
	refused(t, "a code with a slash", open(desk.AgentRequest{Code: "a/b", Initiator: "9962981729"}), ledger.Invalid, desk.WhyAgentCode)
	refused(t, "no initiator", open(desk.AgentRequest{Code: "20810200"}), ledger.Invalid, desk.WhyMobile)
	refused(t, "the code of another", open(desk.AgentRequest{Code: "20810200", Initiator: "9000000000"}), ledger.Duplicate, desk.WhyAgentExists)

	of := func(initiator, code string) error {
		_, err := s.Desk.AgentOf(s.ctx, s.Book, initiator, code)
		return err
	}
	refused(t, "no such initiator", of("9000000000", "20810200"), ledger.NotFound, desk.WhyInitiator)
	refused(t, "no such code", of("9962981729", "1"), ledger.NotFound, desk.WhyUserCode)
	if err := open(desk.AgentRequest{Code: "30", Initiator: "9000000000"}); err != nil {
		t.Fatal(err)
	}
	refused(t, "the code of another's agent", of("9000000000", "20810200"), ledger.NotFound, desk.WhyUserCode)
	must(s.Desk.EnableAgent(s.ctx, s.Book, s.agent.ID, false))(t)
	refused(t, "an idle one", of("9962981729", "20810200"), ledger.WrongState, desk.WhyAgentInactive)
	must(s.Desk.EnableAgent(s.ctx, s.Book, s.agent.ID, true))(t)

	for _, service := range []string{"4", "53", "4"} {
		must(s.Desk.ActivateService(s.ctx, s.Book, s.agent.ID, service))(t)
	}
	if a := must(s.Desk.AgentOf(s.ctx, s.Book, "9962981729", "20810200"))(t); a.Services != "4 53" || !a.Serves("53") || a.Serves("5") {
		t.Errorf("services %q", a.Services)
	}
	_, err := s.Desk.ActivateService(s.ctx, s.Book, s.agent.ID, "a b")
	refused(t, "no service", err, ledger.Invalid, desk.WhyService)

	_, err = s.Desk.BuyValue(s.ctx, s.Book, desk.ValueRequest{Agent: s.agent.ID})
	refused(t, "nothing", err, ledger.Invalid, desk.WhyValueAmount)
	_, err = s.Desk.BuyValue(s.ctx, s.Book, desk.ValueRequest{Agent: "agt_none", Amount: 1})
	refused(t, "no agent", err, ledger.NotFound, desk.WhyUnknownID)
	key := desk.Once{Scope: "value", Key: "k", Digest: "d"}
	for range 2 {
		if v := must(s.Desk.BuyValue(s.ctx, s.Book, desk.ValueRequest{Agent: s.agent.ID, Amount: 5, Key: key}))(t); v != 10_000_05 {
			t.Errorf("bought once, has %d", v)
		}
	}
}

// Sixty-four callers at once, all with the right code: one refund, one credit,
// and the rest hear that it is done.
func TestRestoreOnce(t *testing.T) {
	s := newAgency(t, nil)
	r := s.remit(100_13)
	before := s.value()
	var wg sync.WaitGroup
	errs := make([]error, 64)
	for i := range errs {
		wg.Go(func() { _, errs[i] = s.restore(r, right) })
	}
	wg.Wait()
	done := 0
	for _, err := range errs {
		if err == nil {
			done++
			continue
		}
		refused(t, "a repeat", err, ledger.WrongState, desk.WhyRemitRefunded)
	}
	if done != 1 || s.value() != before+r.Total() {
		t.Errorf("%d refunds, %d more e-value, want 1 and %d", done, s.value()-before, r.Total())
	}
}

// Sixty-four wrong guesses at once: five are counted, the others find it dead,
// and the right code is worth nothing after them.
func TestGuesses(t *testing.T) {
	s := newAgency(t, nil)
	r := s.remit(100_13)
	var wg sync.WaitGroup
	errs := make([]error, 64)
	for i := range errs {
		wg.Go(func() { _, errs[i] = s.restore(r, desk.Code{Digits: fmt.Sprintf("%06d", 200_000+i)}) })
	}
	wg.Wait()
	counts := map[ledger.Why]int{}
	for _, err := range errs {
		var e *ledger.Error
		if !errors.As(err, &e) {
			t.Fatalf("a guess: %v", err)
		}
		counts[e.Why]++
	}
	if counts[desk.WhyConsentWrong] != desk.MaxTries || counts[desk.WhyConsentDead] != 64-desk.MaxTries {
		t.Errorf("guesses were answered %v", counts)
	}
	_, err := s.restore(r, right)
	refused(t, "the right code of a dead one", err, ledger.WrongState, desk.WhyConsentDead)
	s.Advance(t, time.Minute)
	must(s.Desk.SendRefundOTP(s.ctx, s.Book, r.ID, s.agent.ID))(t)
	must(s.restore(r, right))(t)
}

// A sloth is a rail that answers when it is told to.
type sloth struct {
	rail.Manual
	wake chan struct{}
}

func (r sloth) Send(context.Context, rail.Order, ledger.Time) (rail.Answer, error) {
	<-r.wake
	return rail.Answer{Outcome: rail.Done, Reference: "612100000001"}, nil
}

// A caller that waits for the first word waits no longer than its patience;
// the order goes on without it.
func TestHasten(t *testing.T) {
	s := newAgency(t, nil)
	slow := sloth{wake: make(chan struct{})}
	s.Desk.Rails["sim"] = slow
	r := must(s.Desk.Remit(s.ctx, s.Book, s.request(100_00)))(t)
	began := time.Now()
	s.Desk.Hasten(s.ctx, s.Book, r.ID, 20*time.Millisecond)
	if took := time.Since(began); took > 5*time.Second || s.again(r).State != desk.RemitInitiated {
		t.Errorf("after %s it is %s", took, s.again(r).State)
	}
	close(slow.wake)
	s.Desk.Hasten(s.ctx, s.Book, r.ID, time.Minute) // the first one's word comes
	if r = s.again(r); r.State != desk.RemitDone || r.BankRef != "612100000001" {
		t.Errorf("then it is %+v", r)
	}
}
