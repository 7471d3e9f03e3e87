package desk_test

import (
	"testing"

	"wapas/desk"
	"wapas/ledger"
)

// freeze freezes a customer's wallet.
func (s *shop) freeze(c desk.Customer) desk.Wallet {
	s.t.Helper()
	return must(s.Desk.FreezeWallet(s.ctx, s.Book, desk.FreezeRequest{Holder: c.ID, Frozen: true, Reason: " a phone was stolen "}))(s.t)
}

// Nothing is paid from a frozen wallet, paid out or loaded, by whichever way.
func TestFrozenWallet(t *testing.T) {
	s := newShop(t)
	s.payouts()
	c := s.customer(100_00, 10_00)
	f := s.account(c)
	w := s.freeze(c)
	if !w.Frozen || w.FrozenFor != "a phone was stolen" || w.FrozenAt == 0 {
		t.Fatalf("frozen: %+v", w)
	}
	paid := s.pay("card", 50_00)
	to := desk.TransferTo{Recipient: c.ID, Amount: 20_00}
	for what, do := range map[string]func() error{
		"a payment": func() error { _, err := s.payWallet(s.order(10_00, true), c.ID, 10_00); return err },
		"a hold":    func() error { _, err := s.payWallet(s.order(10_00, false), c.ID, 10_00); return err },
		"a payment of what it does not hold": func() error {
			_, err := s.payWallet(s.order(999_00, true), c.ID, 999_00)
			return err
		},
		"a payout": func() error {
			_, err := s.Desk.CreatePayout(s.ctx, s.Book, desk.PayoutRequest{Customer: c.ID, FundAccount: f.ID, Amount: 20_00, Purpose: "refund"})
			return err
		},
		"a load": func() error {
			_, err := s.Desk.TransferPayment(s.ctx, s.Book, desk.PaymentTransferRequest{Payment: paid.ID, To: []desk.TransferTo{to}})
			return err
		},
		"cashback": func() error {
			_, err := s.Desk.TransferDirect(s.ctx, s.Book, desk.DirectTransferRequest{To: to})
			return err
		},
		"the operator's cashback": func() error {
			_, err := s.Desk.GiveOwnCashback(s.ctx, s.Book, desk.OwnCashback{MoneyRequest: desk.MoneyRequest{Amount: 5_00, By: "Asha"}, Customer: c.ID})
			return err
		},
	} {
		refused(t, what, do(), ledger.WrongState, desk.WhyWalletFrozen)
	}
	if b := must(s.Desk.WalletBalance(s.ctx, s.Book, c.ID))(t); b.Free() != 110_00 || b.Held != 0 || !b.Wallet.Frozen {
		t.Errorf("it holds %+v", b)
	}
	if p := row[desk.Payment](s, paid.ID); p.Transferred != 0 {
		t.Errorf("transferred: %d", p.Transferred)
	}
	thawed := must(s.Desk.FreezeWallet(s.ctx, s.Book, desk.FreezeRequest{Holder: c.ID}))(t)
	if thawed.Frozen || thawed.FrozenFor != "" || thawed.FrozenAt != 0 {
		t.Errorf("thawed: %+v", thawed)
	}
	s.spend(c, 10_00)
	if got := s.events(c.ID); len(got) != 2 || got[0] != "wallet.frozen" || got[1] != "wallet.thawed" {
		t.Errorf("events: %v", got)
	}
}

// Money that goes back arrives in a frozen wallet, and what was agreed before
// goes on to its end.
func TestFrozenWalletTakesBack(t *testing.T) {
	s := newShop(t)
	s.payouts()
	c := s.customer(200_00, 0)
	spent := s.spend(c, 50_00)
	f := s.account(c)
	back := must(s.Desk.CreatePayout(s.ctx, s.Book, desk.PayoutRequest{
		Customer: c.ID, FundAccount: f.ID, Amount: 20_00, Purpose: "refund", Outcome: "refused",
	}))(t)
	taken, let := s.order(10_00, false), s.order(5_00, false)
	hold := must(s.payWallet(taken, c.ID, 10_00))(t)
	must(s.payWallet(let, c.ID, 5_00))(t)
	s.freeze(c)
	s.refund(desk.RefundRequest{Payment: spent.ID, Amount: 30_00})
	must(s.Desk.CapturePayment(s.ctx, s.Book, desk.CaptureRequest{Payment: hold.ID, Amount: 10_00}))(t)
	s.after(73 * 3600e9) // the other hold is let go, the payout came back
	if p := row[desk.Payout](s, back.ID); p.State != "reversed" {
		t.Errorf("payout: %+v", p)
	}
	if b := must(s.Desk.WalletBalance(s.ctx, s.Book, c.ID))(t); b.Cash != 170_00 || b.Held != 0 {
		t.Errorf("it holds %+v", b)
	}
	// A hand may still correct the books.
	must(s.Desk.Adjust(s.ctx, s.Book, desk.Adjustment{
		MoneyRequest: desk.MoneyRequest{Amount: 1_00, By: "Asha", Note: "order of a court"},
		Debit:        ledger.Account(ledger.WalletCash, string(c.ID)), Credit: ledger.Available,
	}))(t)
}

func TestFreezeRefusals(t *testing.T) {
	s := newShop(t)
	freeze := func(id desk.ID, reason string) error {
		_, err := s.Desk.FreezeWallet(s.ctx, s.Book, desk.FreezeRequest{Holder: id, Frozen: true, Reason: reason})
		return err
	}
	none := desk.ID("cust_00000000000000")
	refusedIn(t, freeze(none, " "), ledger.Invalid, desk.WhyFreezeReason, "reason")
	refusedIn(t, freeze(none, string(make([]byte, 201))), ledger.Invalid, desk.WhyFreezeReason, "reason")
	refusedIn(t, freeze(none, "why"), ledger.NotFound, desk.WhyUnknownID, "customer")
	lila := must(s.Desk.CreateCustomer(s.ctx, s.Book, desk.CustomerRequest{Name: "Lila"}))(t)
	refusedIn(t, freeze(lila.ID, "why"), ledger.Invalid, desk.WhyContact, "contact")
	_, err := s.Desk.FreezeMember(s.ctx, s.Book, desk.FreezeRequest{Holder: "iuser_00000000000000", Frozen: true})
	refusedIn(t, err, ledger.Invalid, desk.WhyFreezeReason, "reason")
	_, err = s.Desk.FreezeMember(s.ctx, s.Book, desk.FreezeRequest{Holder: "iuser_00000000000000"})
	refusedIn(t, err, ledger.NotFound, desk.WhyUnknownID, "member")

	// Of who has no wallet the one that is to come is frozen; saying so again
	// changes the reason and not since when.
	c := s.customer(0, 0)
	first := s.freeze(c)
	s.after(3600e9)
	again := must(s.Desk.FreezeWallet(s.ctx, s.Book, desk.FreezeRequest{Holder: c.ID, Frozen: true, Reason: "a court said so"}))(t)
	if again.FrozenAt != first.FrozenAt || again.FrozenFor != "a court said so" {
		t.Errorf("frozen again: %+v", again)
	}
	all := must(desk.List[desk.Wallet](s.ctx, s.Desk, desk.Query{Book: s.Book, Where: map[string]string{"frozen": "true"}, Count: 10}))(t)
	if len(all) != 1 || all[0].ID != c.ID {
		t.Errorf("frozen wallets: %+v", all)
	}
}
