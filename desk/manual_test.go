package desk_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
	"wapas/rail"
)

// giveBack asks for a refund by hand, and stops the test if that is refused.
func (s *shop) giveBack(q desk.ManualRefund) desk.Refund {
	s.t.Helper()
	return must(s.Desk.RefundByHand(s.ctx, s.Book, desk.Once{}, q))(s.t)
}

// counting opens a programme that counts credit against its payment.
func (s *shop) counting() {
	s.t.Helper()
	p := desk.DefaultProgramme()
	p.CountsOrders = true
	must(s.Desk.SetProgramme(s.ctx, s.Book, p))(s.t)
}

// A refund by hand goes wherever the payment may go back to, once for its key.
func TestRefundByHand(t *testing.T) {
	s := newShop(t)
	s.counting()
	card := s.pay("card", 500_00)
	purse := s.spend(s.customer(300_00, 0), 200_00)

	key := desk.Once{Scope: "console", Key: "k", Digest: "d"}
	q := desk.ManualRefund{Payment: card.ID, Amount: 100_00, To: desk.ToSource}
	first := must(s.Desk.RefundByHand(s.ctx, s.Book, key, q))(t)
	if again := must(s.Desk.RefundByHand(s.ctx, s.Book, key, q))(t); again.ID != first.ID || first.Room != desk.ManualRoom || first.State != "pending" {
		t.Errorf("twice under a key: %+v and %+v", first, again)
	}
	if r := s.giveBack(desk.ManualRefund{Payment: purse.ID, Amount: 50_00, To: desk.ToWallet}); r.State != "done" || r.To != "wallet" {
		t.Errorf("to a wallet: %+v", r)
	}
	credit := desk.ManualRefund{Payment: card.ID, Amount: 150_00, To: desk.ToCredit, Receipt: "RET-1", Partner: "asha", Contact: "9876543210"}
	r := s.giveBack(credit)
	if r.State != "done" || r.To != "credit" || r.Payment != card.ID {
		t.Errorf("as credit: %+v", r)
	}
	if left := row[desk.Payment](s, card.ID).Budget().Left(); left != 250_00 {
		t.Errorf("%d is left, want 25000", left)
	}

	for _, tt := range []struct {
		why  ledger.Why
		edit func(q *desk.ManualRefund)
	}{
		{desk.WhyManualTo, func(q *desk.ManualRefund) { q.To = "moon" }},
		{desk.WhyRefundZero, func(q *desk.ManualRefund) { q.Amount = 0 }},
		{desk.WhyUnknownID, func(q *desk.ManualRefund) { q.Payment = "pay_nothing" }},
		{desk.WhyManualTo, func(q *desk.ManualRefund) { q.To = desk.ToWallet }},
		{ledger.WhyOverBudget, func(q *desk.ManualRefund) { q.Amount = 250_01 }},
		{desk.WhyManualCredit, func(q *desk.ManualRefund) { *q = credit; q.ReverseAll = true }},
		{desk.WhyKeyUsed, func(q *desk.ManualRefund) { *q = credit }},
		{desk.WhyRetryState, func(q *desk.ManualRefund) { q.Again = first.ID }},
	} {
		q := desk.ManualRefund{Payment: card.ID, Amount: 10_00, To: desk.ToSource}
		tt.edit(&q)
		_, err := s.Desk.RefundByHand(s.ctx, s.Book, desk.Once{}, q)
		if e, _ := err.(*ledger.Error); e == nil || e.Why != tt.why {
			t.Errorf("%+v: %v, want %s", q, err, tt.why)
		}
	}
}

// What failed is tried again by one refund at a time, all of it.
func TestRetryByHand(t *testing.T) {
	s := newShop(t)
	p := s.pay("card", 500_00)
	failed := s.refund(desk.RefundRequest{Payment: p.ID, Amount: 200_00, Outcome: rail.ScenarioRefused})
	s.sent()
	if x := row[desk.Refund](s, failed.ID); x.State != "failed" {
		t.Fatalf("it is %s", x.State)
	}
	q := desk.ManualRefund{Payment: p.ID, Amount: 200_00, To: desk.ToSource, Again: failed.ID, Receipt: "again-1"}
	part := q
	part.Amount = 100_00
	if _, err := s.Desk.RefundByHand(s.ctx, s.Book, desk.Once{}, part); ledger.CodeOf(err) != ledger.Invalid {
		t.Errorf("a part of it: %v", err)
	}
	again := s.giveBack(q)
	if again.Again != failed.ID || again.ID == failed.ID {
		t.Errorf("tried again: %+v", again)
	}
	q.Receipt = "again-2"
	if _, err := s.Desk.RefundByHand(s.ctx, s.Book, desk.Once{}, q); ledger.CodeOf(err) != ledger.Duplicate {
		t.Errorf("while one is under way: %v", err)
	}
	s.after(time.Minute)
	if x := row[desk.Refund](s, again.ID); x.State != "done" {
		t.Errorf("the second is %s", x.State)
	}
}

// What failed is tried again once, however often the tries fail: two who try
// again, one the refund and one its retry, do not both give the money back.
func TestRetryOfRetry(t *testing.T) {
	s := newShop(t)
	p := s.pay("card", 500_00)
	first := s.refund(desk.RefundRequest{Payment: p.ID, Amount: 100_00, Outcome: rail.ScenarioRefused})
	s.sent()
	second := s.giveBack(desk.ManualRefund{Payment: p.ID, Amount: 100_00, To: desk.ToSource, Again: first.ID, Outcome: rail.ScenarioRefused})
	s.sent()
	if x := row[desk.Refund](s, second.ID); x.State != "failed" {
		t.Fatal(x.State)
	}
	s.giveBack(desk.ManualRefund{Payment: p.ID, Amount: 100_00, To: desk.ToSource, Again: second.ID})
	_, err := s.Desk.RefundByHand(s.ctx, s.Book, desk.Once{}, desk.ManualRefund{Payment: p.ID, Amount: 100_00, To: desk.ToSource, Again: first.ID})
	if ledger.CodeOf(err) != ledger.Duplicate {
		t.Errorf("the first again, while the second is tried again: %v", err)
	}
	s.after(time.Minute)
}

// The first went after all: nobody tries its retry again.
func TestRetryOfRetryLate(t *testing.T) {
	s := newShop(t)
	p := s.pay("card", 500_00)
	first := s.refund(desk.RefundRequest{Payment: p.ID, Amount: 100_00, Outcome: rail.ScenarioLate})
	s.after(time.Minute)
	if x := row[desk.Refund](s, first.ID); x.State != "failed" {
		t.Fatal(x.State)
	}
	second := s.giveBack(desk.ManualRefund{Payment: p.ID, Amount: 100_00, To: desk.ToSource, Again: first.ID, Outcome: rail.ScenarioRefused})
	s.after(25 * time.Hour)
	if x := row[desk.Refund](s, first.ID); x.State != "done" {
		t.Fatal(x.State)
	}
	_, err := s.Desk.RefundByHand(s.ctx, s.Book, desk.Once{}, desk.ManualRefund{Payment: p.ID, Amount: 100_00, To: desk.ToSource, Again: second.ID})
	if ledger.CodeOf(err) != ledger.Duplicate {
		t.Errorf("the second again, although the first went: %v", err)
	}
}

// The money of a payment that was never captured lies in suspense once its
// refund has failed, and goes from there when it is tried again.
func TestRetryUncaptured(t *testing.T) {
	s := newShop(t)
	for _, end := range []string{"done", "failed"} {
		p := s.payFor(s.order(300_13, false), "card") // .13: the simulated rail refuses it
		s.after(4 * 24 * time.Hour)                   // it was never captured
		all := must(desk.List[desk.Refund](s.ctx, s.Desk, desk.Query{Book: s.Book, Parent: p.ID, Count: 9}))(t)
		if len(all) != 1 || all[0].State != "failed" || !all[0].Unsettled {
			t.Fatalf("the refund is %+v", all)
		}
		before := s.balance(ledger.SuspenseCredit)
		q := desk.ManualRefund{Payment: p.ID, Amount: 300_13, To: desk.ToSource, Again: all[0].ID, Outcome: rail.ScenarioDone}
		if end == "failed" {
			q.Outcome = rail.ScenarioRefused
		}
		r := s.giveBack(q)
		if got := before - s.balance(ledger.SuspenseCredit); got != 300_13 || len(s.exceptions(all[0].ID)) != 0 {
			t.Errorf("%d left suspense, %v stands open", got, s.exceptions(all[0].ID))
		}
		s.after(time.Minute)
		if x := row[desk.Refund](s, r.ID); x.State != end {
			t.Errorf("it is %s, want %s", x.State, end)
		}
		s.Audit(t)
	}
}

// A proposal moves nothing until somebody else agrees; then it is exactly what
// was asked. Nobody agrees to their own, and a day later it is too late.
func TestProposals(t *testing.T) {
	s := newShop(t)
	p := s.pay("card", 900_00)
	ask := func(a ledger.Amount) (desk.Proposal, error) {
		return s.Desk.ProposeRefund(s.ctx, s.Book, desk.Once{}, desk.ProposalRequest{
			ManualRefund: desk.ManualRefund{Payment: p.ID, Amount: a, To: desk.ToSource, Receipt: "R-1", Notes: `{"reason":"broken"}`},
			By:           "Asha", Note: "the cup was broken",
		})
	}
	if _, err := ask(1000_00); ledger.CodeOf(err) != ledger.Exceeds {
		t.Errorf("more than there is: %v", err)
	}
	one := must(ask(400_00))(t)
	if got := row[desk.Payment](s, p.ID); got.RefundPending != 0 || one.State != desk.ProposalAsked {
		t.Errorf("asking moved %d, and is %s", got.RefundPending, one.State)
	}
	if _, err := s.Desk.AgreeRefund(s.ctx, s.Book, one.ID, " asha "); ledger.CodeOf(err) != ledger.Denied {
		t.Errorf("one's own: %v", err)
	}
	one = must(s.Desk.AgreeRefund(s.ctx, s.Book, one.ID, "Ravi"))(t)
	r := row[desk.Refund](s, one.Refund)
	if r.Amount != 400_00 || r.Receipt != "R-1" || one.State != desk.ProposalAgreed || one.Second != "Ravi" {
		t.Errorf("agreed: %+v made %+v", one, r)
	}
	if _, err := s.Desk.AgreeRefund(s.ctx, s.Book, one.ID, "Ravi"); ledger.CodeOf(err) != ledger.WrongState {
		t.Errorf("agreed twice: %v", err)
	}
	if _, err := ask(100_00); ledger.CodeOf(err) != ledger.Duplicate {
		t.Errorf("with a receipt that was used: %v", err)
	}

	no := func(a ledger.Amount, receipt string) desk.Proposal {
		q := desk.ManualRefund{Payment: p.ID, Amount: a, To: desk.ToSource, Receipt: receipt}
		return must(s.Desk.ProposeRefund(s.ctx, s.Book, desk.Once{}, desk.ProposalRequest{ManualRefund: q, By: "Asha", Note: "why not"}))(t)
	}
	declined := no(50_00, "R-2")
	declined = must(s.Desk.DeclineRefund(s.ctx, s.Book, declined.ID, "Asha"))(t)
	late := no(60_00, "R-3")
	s.after(25 * time.Hour)
	if _, err := s.Desk.AgreeRefund(s.ctx, s.Book, late.ID, "Ravi"); ledger.CodeOf(err) != ledger.WrongState {
		t.Errorf("too late: %v", err)
	}
	if got := row[desk.Proposal](s, late.ID); declined.State != desk.ProposalDeclined || got.State != desk.ProposalExpired {
		t.Errorf("they are %s and %s", declined.State, got.State)
	}
	if n := len(must(desk.List[desk.Refund](s.ctx, s.Desk, desk.Query{Book: s.Book, Parent: p.ID, Count: 9}))(t)); n != 1 {
		t.Errorf("%d refunds were made, want 1", n)
	}
}

// However it is cut up and however many come at once, what people give back of a
// payment each on their own word stays within what they may; the rest is asked
// for. A form that comes twice is done once, whichever it became.
func TestGiveBackInParts(t *testing.T) {
	s := newShop(t)
	s.terms(func(t *desk.Terms) { t.SameRefundGuard = 0 })
	p := s.pay("card", 900_00)
	give := func(key string, a ledger.Amount, by string) (desk.Row, error) {
		return s.Desk.GiveBack(s.ctx, s.Book, desk.Once{Scope: "console", Key: key, Digest: key}, desk.ProposalRequest{
			ManualRefund: desk.ManualRefund{Payment: p.ID, Amount: a, To: desk.ToSource}, By: by, Note: "broken", Alone: 100_00,
		})
	}
	var all sync.WaitGroup
	rows := make([]desk.Row, 16)
	for i := range rows {
		all.Go(func() {
			r, err := give(fmt.Sprint("k", i), 30_00, fmt.Sprint("agent", i%3))
			if rows[i] = r; err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	made, asked := 0, desk.Proposal{}
	for i, r := range rows {
		switch r := r.(type) {
		case desk.Refund:
			made++
		case desk.Proposal:
			asked = r
		}
		again, err := give(fmt.Sprint("k", i), 30_00, fmt.Sprint("agent", i%3))
		if err != nil || again.RowID() != r.RowID() {
			t.Errorf("%s came twice, and was %v the second time, %v", r.RowID(), again, err)
		}
	}
	if made != 3 || row[desk.Payment](s, p.ID).RefundPending != 90_00 {
		t.Errorf("%d of sixteen were made, want 3; %d are on their way", made, row[desk.Payment](s, p.ID).RefundPending)
	}

	// Of many who agree at once one does it.
	var agreed, late atomic.Int64
	for i := range 8 {
		all.Go(func() {
			switch _, err := s.Desk.AgreeRefund(s.ctx, s.Book, asked.ID, fmt.Sprint("second", i)); ledger.CodeOf(err) {
			case "":
				agreed.Add(1)
			case ledger.WrongState:
				late.Add(1)
			}
		})
	}
	all.Wait()
	if agreed.Load() != 1 || late.Load() != 7 || row[desk.Payment](s, p.ID).RefundPending != 120_00 {
		t.Errorf("%d agreed and %d were late; %d are on their way", agreed.Load(), late.Load(), row[desk.Payment](s, p.ID).RefundPending)
	}
	// What two people gave back is nobody's own word: there are ten rupees left.
	for a, want := range map[ledger.Amount]desk.Kind{10_01: desk.KindProposal, 10_00: desk.KindRefund} {
		if r := must(give(fmt.Sprint("rest", a), a, "Asha"))(t); r.Kind() != want {
			t.Errorf("%d more is %+v", a, r)
		}
	}
}

// A rail is asked when somebody wants to know, and what it says is kept.
func TestAskRail(t *testing.T) {
	s := newShop(t)
	p := s.pay("card", 500_00)
	r := s.refund(desk.RefundRequest{Payment: p.ID, Amount: 100_00, Outcome: rail.ScenarioTimeout})
	if _, err := s.Desk.AskRail(s.ctx, s.Book, r.ID); ledger.CodeOf(err) != ledger.WrongState {
		t.Errorf("before it was sent: %v", err)
	}
	s.sent()
	if o := row[desk.RailOrder](s, r.ID); o.State != "unknown" {
		t.Fatalf("the order is %s", o.State)
	}
	s.after(3 * time.Second) // its schedule asks later
	o := must(s.Desk.AskRail(desk.As(context.Background(), desk.Actor{By: "per_1", Name: "Asha", What: "console.refunds.ask"}), s.Book, r.ID))(t)
	if x := row[desk.Refund](s, r.ID); o.State != "done" || x.State != "done" {
		t.Errorf("after asking the order is %s, the refund %s", o.State, x.State)
	}
}
