package desk_test

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
	"wapas/rail"
)

// Every way in which a code can be no good, each with its own name.
func TestConsentRefusals(t *testing.T) {
	s := newAgency(t, nil)
	r, other := s.remit(100_13), s.remit(200_13)
	consents := func(r desk.Remittance) []desk.Consent {
		t.Helper()
		return must(desk.List[desk.Consent](s.ctx, s.Desk, desk.Query{Book: s.Book, Parent: r.ID, Oldest: true}))(t)
	}
	ask := func(what string, code desk.Code, why ledger.Why) {
		t.Helper()
		_, err := s.restore(r, code)
		refused(t, what, err, ledger.WrongState, why)
	}
	theirs := consents(other)[0].Ref
	first := consents(r)[0].Ref
	ask("another transaction's challenge", desk.Code{Digits: desk.TestCode, Ref: theirs}, desk.WhyConsentForeign)
	ask("no challenge at all", desk.Code{Digits: desk.TestCode, Ref: "x"}, desk.WhyConsentForeign)
	ask("a wrong code", desk.Code{Digits: "123457", Ref: first}, desk.WhyConsentWrong)
	ask("a number that lost its zeros", desk.Code{Digits: "0123456"}, desk.WhyConsentWrong)
	if got := consents(r)[0].Tries; got != 2 {
		t.Errorf("%d tries were counted, want 2: only codes that were looked at", got)
	}
	s.Advance(t, desk.ConsentLife)
	ask("an old code", right, desk.WhyConsentExpired)
	second := must(s.Desk.SendRefundOTP(s.ctx, s.Book, r.ID, s.agent.ID))(t)
	ask("the challenge before", desk.Code{Digits: desk.TestCode, Ref: first}, desk.WhyConsentReplaced)
	s.Advance(t, desk.ConsentLife-time.Second)
	out := must(s.restore(r, desk.Code{Digits: desk.TestCode, Ref: second.Ref}))(t)
	ask("again", desk.Code{Digits: desk.TestCode, Ref: second.Ref}, desk.WhyRemitRefunded)
	if out.Remittance.State != desk.RemitRefunded {
		t.Errorf("restored %+v", out.Remittance)
	}

	stranger := must(s.Desk.OpenAgent(s.ctx, s.Book, desk.AgentRequest{Code: "30", Initiator: "9962981729"}))(t)
	_, err := s.Desk.RefundRemittance(s.ctx, s.Book, desk.RestoreRequest{Remittance: other.ID, Agent: stranger.ID, Code: right})
	refused(t, "another agent", err, ledger.WrongState, desk.WhyForeignAgent)
	_, err = s.Desk.SendRefundOTP(s.ctx, s.Book, other.ID, stranger.ID)
	refused(t, "another agent asks for a code", err, ledger.WrongState, desk.WhyForeignAgent)
	_, err = s.Desk.SendRefundOTP(s.ctx, s.Book, r.ID, s.agent.ID)
	refused(t, "a code for what is refunded", err, ledger.WrongState, desk.WhyRemitRefunded)
	_, err = s.Desk.SendRefundOTP(s.ctx, s.Book, "rmt_none", s.agent.ID)
	refused(t, "a code for nothing", err, ledger.NotFound, desk.WhyUnknownID)
	_, err = s.Desk.SendRefundOTP(s.ctx, s.Book, s.remit(100_00).ID, s.agent.ID)
	refused(t, "a code for what arrived", err, ledger.WrongState, desk.WhyRemitState)
}

// Codes are sent again after half a minute, three times in a day for one
// thing and ten times to one mobile; the next day it goes on.
func TestResends(t *testing.T) {
	s := newAgency(t, nil)
	rs := []desk.Remittance{s.remit(100_13), s.remit(100_13), s.remit(100_13)}
	again := func(r desk.Remittance) error {
		s.Advance(t, desk.ResendAfter)
		_, err := s.Desk.SendRefundOTP(s.ctx, s.Book, r.ID, s.agent.ID)
		return err
	}
	_, err := s.Desk.SendRefundOTP(s.ctx, s.Book, rs[0].ID, s.agent.ID)
	refused(t, "at once", err, ledger.Limited, desk.WhyConsentSoon)
	for i := range 7 { // with the first of each that makes ten
		if err := again(rs[i/3]); err != nil {
			t.Fatalf("resend %d: %v", i, err)
		}
	}
	refused(t, "the fourth of one thing", again(rs[0]), ledger.Limited, desk.WhyConsentMany)
	refused(t, "the eleventh of a mobile", again(rs[2]), ledger.Limited, desk.WhyConsentDaily)
	s.Advance(t, 24*time.Hour)
	if err := again(rs[0]); err != nil {
		t.Errorf("the next day: %v", err)
	}
}

// The code is in no row; the inbox of a test book shows it all the same, and
// with what a tester set.
func TestCodes(t *testing.T) {
	s := newAgency(t, nil)
	set := func(code string) error { return s.Desk.SetOTP(s.ctx, s.Book, sender, code) }
	if err := set("001234"); err != nil {
		t.Fatal(err)
	}
	r := s.remit(100_13)
	s.Advance(t, 0)
	m := must(s.Desk.Inbox(s.ctx, s.Book, sender, "", 1))(t)[0]
	if !strings.Contains(m.Text, "001234") || !strings.Contains(m.Text, r.TID) || !strings.Contains(m.Text, "101.14") || m.State != "sent" {
		t.Errorf("the inbox says %+v", m)
	}
	_, err := s.restore(r, desk.Code{Digits: "1234"})
	refused(t, "without the zeros", err, ledger.WrongState, desk.WhyConsentWrong)
	must(s.restore(r, desk.Code{Digits: "001234"}))(t)

	if err := set(desk.RandomCodes); err != nil {
		t.Fatal(err)
	}
	r = s.remit(100_13)
	s.Advance(t, 0)
	m = must(s.Desk.Inbox(s.ctx, s.Book, sender, "", 1))(t)[0]
	code := regexp.MustCompile(`\b[1-9]\d{5}\b`).FindString(m.Text)
	must(s.restore(r, desk.Code{Digits: code}))(t)

	if err := set(desk.NoCodes); err != nil {
		t.Fatal(err)
	}
	r = s.remit(100_13)
	_, err = s.restore(r, right)
	refused(t, "no code was sent", err, ledger.WrongState, desk.WhyConsentNone)
	if c := must(s.Desk.SendRefundOTP(s.ctx, s.Book, r.ID, s.agent.ID))(t); c.Ref != "" {
		t.Errorf("a challenge was sent: %+v", c)
	}

	refused(t, "five digits", set("12345"), ledger.Invalid, desk.WhyCode)
	refused(t, "letters", set("abcdef"), ledger.Invalid, desk.WhyCode)
	refused(t, "no mobile", s.Desk.SetOTP(s.ctx, s.Book, "1", ""), ledger.Invalid, desk.WhyMobile)
	refused(t, "a live book", s.Desk.SetOTP(s.ctx, s.Live, sender, ""), ledger.WrongState, desk.WhyLiveCode)
	_, err = s.Desk.Inbox(s.ctx, s.Live, "", "", 10)
	refused(t, "the inbox of a live book", err, ledger.WrongState, desk.WhyLiveCode)
}

// A refuser is a rail that refuses everything; a gateway is a sender that fails
// as often as it is told to.
type refuser struct{ rail.Manual }

func (refuser) Send(context.Context, rail.Order, ledger.Time) (rail.Answer, error) {
	return rail.Answer{Outcome: rail.Refused, Reason: "no such account"}, nil
}

type gateway struct {
	fails atomic.Int32
	calls atomic.Int32
	last  atomic.Pointer[desk.Text]
}

func (g *gateway) Send(_ context.Context, t desk.Text) error {
	g.calls.Add(1)
	if g.fails.Add(-1) >= 0 {
		return errors.New("gateway: busy")
	}
	g.last.Store(&t)
	return nil
}

// In a live book texts go through the sender, again if it fails, until they
// would come too late; once one is sent, nothing of it is kept.
func TestSender(t *testing.T) {
	for _, c := range []struct {
		name         string
		fails, calls int32
		state        string
	}{
		{"at once", 0, 1, "sent"},
		{"at the third try", 2, 3, "sent"},
		{"never", 100, 6, "failed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShop(t)
			var g gateway
			g.fails.Store(c.fails)
			s.Desk.Sender = &g
			s.Desk.Rails["remittance"] = refuser{}
			s.Desk.Rails["manual"] = refuser{}
			a := must(s.Desk.OpenAgent(s.ctx, s.Live, desk.AgentRequest{Code: "20", Initiator: "9962981729"}))(t)
			must(s.Desk.BuyValue(s.ctx, s.Live, desk.ValueRequest{Agent: a.ID, Amount: 1000_00}))(t)
			r := must(s.Desk.Remit(s.ctx, s.Live, desk.RemitRequest{Agent: a.ID, Customer: sender, Ref: "R1", Recipient: "1", Amount: 100_00}))(t)
			run := func(d time.Duration) {
				t.Helper()
				s.Advance(t, d)
				if err := s.Desk.RunDue(s.ctx, s.Live); err != nil {
					t.Fatal(err)
				}
			}
			run(0)
			if len(s.messages()) != 1 {
				t.Fatalf("%d messages", len(s.messages()))
			}
			for range 20 {
				run(10 * time.Second)
			}
			m := s.messages()[0]
			if m.State != c.state || m.Text != "" || g.calls.Load() != c.calls {
				t.Errorf("after %d calls it is %+v, want %s after %d", g.calls.Load(), m, c.state, c.calls)
			}
			if c.state == "failed" {
				if m.Reason != "gateway: busy" {
					t.Errorf("the reason is %q", m.Reason)
				}
				return
			}
			sent := g.last.Load()
			code := regexp.MustCompile(`^[1-9]\d{5}\b`).FindString(sent.Body)
			if sent.ID != m.ID || sent.To != sender || code == "" || code == desk.TestCode {
				t.Errorf("sent %+v", sent)
			}
			_, err := s.Desk.RefundRemittance(s.ctx, s.Live, desk.RestoreRequest{Remittance: r.ID, Agent: a.ID, Code: desk.Code{Digits: code}})
			if err != nil {
				t.Errorf("the code that was sent: %v", err)
			}
		})
	}
}

func (s *shop) messages() []desk.Message {
	s.t.Helper()
	return must(desk.List[desk.Message](s.ctx, s.Desk, desk.Query{Book: s.Live}))(s.t)
}
