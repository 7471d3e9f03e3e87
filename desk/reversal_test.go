package desk_test

import (
	"testing"

	"wapas/desk"
	"wapas/ledger"
)

// Reversals refuse in this order, and take what is left if no amount is named.
func TestReverse(t *testing.T) {
	s := newShop(t)
	a, c := s.linked("a@example.com"), s.customer(300, 200)
	free := ledger.Account(ledger.LinkedFree, string(a))
	p := s.pay("card", 100_000)
	tr := s.transfer(p.ID, desk.TransferTo{Recipient: a, Amount: 10_000})[0]
	_, waiting, err := s.Desk.CreateOrder(s.ctx, s.Book, desk.OrderRequest{Amount: 1_000, Transfers: []desk.TransferTo{{Recipient: a, Amount: 500}}})
	if err != nil {
		t.Fatal(err)
	}
	gone := s.transfer(p.ID, desk.TransferTo{Recipient: a, Amount: 500})[0]
	whole := must(s.Desk.Reverse(s.ctx, s.Book, desk.ReversalRequest{Transfer: gone.ID}))(t)
	if whole.Amount != 500 || whole.Refund != "" || row[desk.Transfer](s, gone.ID).State != "reversed" {
		t.Errorf("all of it: %+v", whole)
	}
	for _, row := range []struct {
		what   string
		id     desk.ID
		amount ledger.Amount
		code   ledger.Code
		why    ledger.Why
	}{
		{"too little, no transfer", "trf_00000000000000", 99, ledger.Invalid, desk.WhyReversalMin},
		{"less than nothing", "trf_00000000000000", -1, ledger.Invalid, desk.WhyReversalMin},
		{"no transfer", "trf_00000000000000", 100, ledger.NotFound, desk.WhyUnknownID},
		{"not made yet, too much", waiting[0].ID, 501, ledger.WrongState, desk.WhyTransferNotMade},
		{"reversed before, too much", gone.ID, 100, ledger.WrongState, desk.WhyReverseNothing},
		{"reversed before, all that is left", gone.ID, 0, ledger.WrongState, desk.WhyReverseNothing},
		{"too much", tr.ID, 10_001, ledger.Exceeds, desk.WhyReversalExceeds},
		{"some", tr.ID, 4_000, "", ""},
		{"more than is left now", tr.ID, 6_001, ledger.Exceeds, desk.WhyReversalExceeds},
	} {
		_, err := s.Desk.Reverse(s.ctx, s.Book, desk.ReversalRequest{Transfer: row.id, Amount: row.amount})
		checkRefused(t, row.what, err, row.code, row.why)
	}
	s.holds(map[ledger.AccountID]ledger.Amount{free: 6_000})
	if got := row[desk.Transfer](s, tr.ID); got.State != "partially_reversed" || got.Reversed != 4_000 {
		t.Errorf("partly: %+v", got)
	}

	// What was settled is not there to be pulled back, until more comes.
	must(s.Desk.Settle(s.ctx, s.Book, a))(t)
	_, err = s.Desk.Reverse(s.ctx, s.Book, desk.ReversalRequest{Transfer: tr.ID})
	checkRefused(t, "settled", err, ledger.Insufficient, desk.WhyLinkedShort)
	next := s.transfer(p.ID, desk.TransferTo{Recipient: a, Amount: 7_000})[0]
	must(s.Desk.Reverse(s.ctx, s.Book, desk.ReversalRequest{Transfer: tr.ID}))(t)
	s.holds(map[ledger.AccountID]ledger.Amount{free: 1_000})
	yes := true
	_, err = s.Desk.EditTransfer(s.ctx, s.Book, desk.HoldRequest{Transfer: next.ID, OnHold: &yes})
	checkRefused(t, "hold what was pulled back", err, ledger.Insufficient, desk.WhyLinkedShort)
	if rest := must(s.Desk.Settle(s.ctx, s.Book, a))(t); rest.Amount != 1_000 {
		t.Errorf("settled %d of the 1000 that are there", rest.Amount)
	}

	// From a wallet it is taken from where it was put, and stands on the statement.
	lines := must(s.Desk.Statement(s.ctx, desk.Query{Book: s.Book, Parent: c.ID, Count: 10}))(t)
	must(s.Desk.Reverse(s.ctx, s.Book, desk.ReversalRequest{Transfer: lines[0].Source, Amount: 150}))(t) // the cashback
	s.holds(map[ledger.AccountID]ledger.Amount{
		ledger.Account(ledger.WalletCash, string(c.ID)):  300,
		ledger.Account(ledger.WalletPromo, string(c.ID)): 50,
	})
	lines = must(s.Desk.Statement(s.ctx, desk.Query{Book: s.Book, Parent: c.ID, Count: 10}))(t)
	if l := lines[0]; l.Debit != 150 || l.Balance != 350 || l.Type != "transfer" {
		t.Errorf("statement line %+v", l)
	}
	s.spend(c, 100)
	_, err = s.Desk.Reverse(s.ctx, s.Book, desk.ReversalRequest{Transfer: lines[0].Source})
	checkRefused(t, "spent", err, ledger.Insufficient, desk.WhyLinkedShort)
}
