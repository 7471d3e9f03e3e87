package desk_test

import (
	"testing"

	"wapas/desk"
	"wapas/ledger"
)

// A dispute takes money from the first day, whatever the balance is, and what
// it takes cannot be refunded.
func TestDisputes(t *testing.T) {
	s := newShop(t)
	p := s.pay("card", 100_00)
	s.transfer(p.ID, desk.TransferTo{Recipient: s.linked("a@example.com"), Amount: 90_00})
	ask := func(a ledger.Amount) desk.DisputeRequest { return desk.DisputeRequest{Payment: p.ID, Amount: a} }

	must(s.Desk.OpenDispute(s.ctx, s.Book, ask(70_00)))(t)
	s.holds(map[ledger.AccountID]ledger.Amount{ledger.Available: -60_00, ledger.DisputeHold: 70_00})
	_, err := s.Desk.OpenDispute(s.ctx, s.Book, ask(30_01))
	refused(t, "more than is left", err, ledger.Exceeds, desk.WhyDisputeOver)
	must(s.Desk.WinDispute(s.ctx, s.Book, ask(30_00)))(t)
	s.holds(map[ledger.AccountID]ledger.Amount{ledger.Available: -30_00, ledger.DisputeHold: 40_00})
	must(s.Desk.LoseDispute(s.ctx, s.Book, ask(40_00)))(t)
	s.holds(map[ledger.AccountID]ledger.Amount{ledger.Available: -30_00, ledger.DisputeHold: 0, ledger.Account(ledger.PSPReceivable, sim): 60_00})
	if p := row[desk.Payment](s, p.ID); p.Disputed != 40_00 || p.DisputeOpen != 0 || p.Budget().Left() != 60_00 {
		t.Errorf("in the end %+v", p)
	}
	_, err = s.Desk.WinDispute(s.ctx, s.Book, ask(1))
	refused(t, "nothing is in dispute", err, ledger.Exceeds, desk.WhyDisputeOver)
	_, err = s.Desk.OpenDispute(s.ctx, s.Book, desk.DisputeRequest{Payment: "pay_00000000000000"})
	refused(t, "nothing, of no payment", err, ledger.Invalid, desk.WhyDisputeAmount)
	_, err = s.Desk.OpenDispute(s.ctx, s.Book, desk.DisputeRequest{Payment: "pay_00000000000000", Amount: 1})
	refused(t, "no payment", err, ledger.NotFound, desk.WhyUnknownID)
	held := s.payFor(s.order(1_00, false), "card")
	_, err = s.Desk.LoseDispute(s.ctx, s.Book, desk.DisputeRequest{Payment: held.ID, Amount: 5_00})
	refused(t, "not captured", err, ledger.WrongState, desk.WhyDisputeState)
}
