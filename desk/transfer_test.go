package desk_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

// check compares a refusal, or its absence, with what a table says.
func checkRefused(t *testing.T, what string, err error, code ledger.Code, why ledger.Why) {
	t.Helper()
	var e *ledger.Error
	switch {
	case err == nil && code == "":
	case !errors.As(err, &e) || e.Code != code || e.Why != why:
		t.Errorf("%s: got %v, want %s (%s)", what, err, code, why)
	}
}

// Every rule of a transfer from a payment, in the order in which they refuse.
// Rows break later rules too where they can.
func TestTransferPaymentRefuses(t *testing.T) {
	s := newShop(t)
	s.terms(func(t *desk.Terms) { t.TransferBps, t.MaxBalance = 25, 50_000 })
	a, gone := s.linked("a@example.com"), s.linked("gone@example.com")
	must(s.Desk.SuspendLinked(s.ctx, s.Book, gone))(t)
	c := s.customer(0, 0)
	paid := s.pay("card", 100_000)
	refunded := s.pay("card", 100_000)
	s.refund(desk.RefundRequest{Payment: refunded.ID, Amount: 100})
	open := s.payFor(s.order(100_000, false), "card") // authorised, not captured
	partial, _, err := s.Desk.CreateOrder(s.ctx, s.Book, desk.OrderRequest{Amount: 100_000, Capture: true, Partial: true})
	if err != nil {
		t.Fatal(err)
	}
	inParts := s.payFor(partial, "card")
	big := s.pay("card", 5_000_000)
	s.transfer(big.ID, desk.TransferTo{Recipient: a, Amount: 4_900_000})

	many := make([]desk.TransferTo, desk.MaxTransfers+1)
	for i := range many {
		many[i] = desk.TransferTo{Recipient: a, Amount: 100}
	}
	to := func(id desk.ID, amount ledger.Amount) []desk.TransferTo {
		return []desk.TransferTo{{Recipient: id, Amount: amount}}
	}
	none := desk.ID("pay_00000000000000")
	for _, row := range []struct {
		what    string
		payment desk.ID
		to      []desk.TransferTo
		code    ledger.Code
		why     ledger.Why
	}{
		{"nothing asked for, no payment", none, nil, ledger.Invalid, desk.WhyTransferNone},
		{"too many", none, many, ledger.Invalid, desk.WhyTransferMany},
		{"nobody to give to, too little", none, to("", 1), ledger.Invalid, desk.WhyTransferRecipient},
		{"to a payment", none, to(paid.ID, 1), ledger.Invalid, desk.WhyTransferRecipient},
		{"99 paise, no payment", none, to(a, 99), ledger.Invalid, desk.WhyTransferMin},
		{"less than nothing", none, to(a, -100), ledger.Invalid, desk.WhyTransferMin},
		{"more than any amount", none, to(a, ledger.MaxAmount+1), ledger.Invalid, desk.WhyTransferMax},
		{"an end of no hold", none, []desk.TransferTo{{Recipient: a, Amount: 100, HoldUntil: 1}}, ledger.Invalid, desk.WhyHoldUntil},
		{"a held wallet", none, []desk.TransferTo{{Recipient: c.ID, Amount: 100, OnHold: true}}, ledger.Invalid, desk.WhyHoldUntil},
		{"two customers", none, append(to(c.ID, 100), to(c.ID, 100)...), ledger.Invalid, desk.WhyTransferOneWallet},
		{"a customer and an account", none, append(to(a, 100), to(c.ID, 100)...), ledger.Invalid, desk.WhyTransferOneWallet},
		{"no payment, no account", none, to("acc_00000000000000", 100), ledger.NotFound, desk.WhyUnknownID},
		{"no account, payment refunded", refunded.ID, to("acc_00000000000000", 100), ledger.NotFound, desk.WhyUnknownID},
		{"no customer", paid.ID, to("cust_00000000000000", 100), ledger.NotFound, desk.WhyUnknownID},
		{"refunded, suspended, too much", refunded.ID, to(gone, 1_000_000), ledger.WrongState, desk.WhyTransferAfterRefund},
		{"not captured, suspended", open.ID, to(gone, 1_000_000), ledger.WrongState, desk.WhyTransferUncaptured},
		{"of an order in parts, suspended", inParts.ID, to(gone, 1_000_000), ledger.WrongState, desk.WhyTransferPartialOrder},
		{"suspended, too much", paid.ID, to(gone, 1_000_000), ledger.WrongState, desk.WhyLinkedSuspended},
		{"all of it, and the fee above it", paid.ID, to(a, 100_000), ledger.Exceeds, desk.WhyTransferExceeds},
		{"the second is too much", paid.ID, append(to(a, 99_000), to(a, 1_000)...), ledger.Exceeds, desk.WhyTransferExceeds},
		{"together with what was taken before", big.ID, to(a, 100_000), ledger.Exceeds, desk.WhyTransferExceeds},
		{"more than the wallet may hold", paid.ID, to(c.ID, 50_001), ledger.Exceeds, desk.WhyMaxBalance},
	} {
		_, err := s.Desk.TransferPayment(s.ctx, s.Book, desk.PaymentTransferRequest{Payment: row.payment, To: row.to})
		checkRefused(t, row.what, err, row.code, row.why)
	}

	// Last of all: the money is gone elsewhere.
	s.settleAll()
	_, err = s.Desk.TransferPayment(s.ctx, s.Book, desk.PaymentTransferRequest{Payment: paid.ID, To: to(a, 100)})
	checkRefused(t, "nothing is left to give", err, ledger.Insufficient, desk.WhyTransferShort)
	if ts := must(desk.List[desk.Transfer](s.ctx, s.Desk, desk.Query{Book: s.Book, Parent: paid.ID, Count: 10}))(t); len(ts) != 0 {
		t.Errorf("refused transfers left %v", ts)
	}
}

// settleAll empties the merchant's balance.
func (s *shop) settleAll() {
	s.t.Helper()
	must(s.Desk.Settle(s.ctx, s.Book, ""))(s.t)
}

// Direct transfers refuse in the same order.
func TestTransferDirectRefuses(t *testing.T) {
	s := newShop(t)
	s.terms(func(t *desk.Terms) { t.TransferBps, t.MaxBalance = 25, 50_000 })
	a, gone, c := s.linked("a@example.com"), s.linked("gone@example.com"), s.customer(0, 0)
	must(s.Desk.SuspendLinked(s.ctx, s.Book, gone))(t)
	landline := must(s.Desk.CreateCustomer(s.ctx, s.Book, desk.CustomerRequest{Name: "Ila", Contact: "+912228300001"}))(t)
	s.pay("card", 10_000)
	for _, row := range []struct {
		what string
		to   desk.TransferTo
		code ledger.Code
		why  ledger.Why
	}{
		{"nobody", desk.TransferTo{Amount: 1}, ledger.Invalid, desk.WhyTransferRecipient},
		{"too little, no account", desk.TransferTo{Recipient: "acc_00000000000000", Amount: 99}, ledger.Invalid, desk.WhyTransferMin},
		{"no account", desk.TransferTo{Recipient: "acc_00000000000000", Amount: 100}, ledger.NotFound, desk.WhyUnknownID},
		{"no customer", desk.TransferTo{Recipient: "cust_00000000000000", Amount: 100}, ledger.NotFound, desk.WhyUnknownID},
		{"a customer without a mobile", desk.TransferTo{Recipient: landline.ID, Amount: 100}, ledger.Invalid, desk.WhyContact},
		{"suspended, too much", desk.TransferTo{Recipient: gone, Amount: 10_001}, ledger.WrongState, desk.WhyLinkedSuspended},
		{"too much for the wallet and for the balance", desk.TransferTo{Recipient: c.ID, Amount: 50_001}, ledger.Exceeds, desk.WhyMaxBalance},
		{"the fee is not there", desk.TransferTo{Recipient: a, Amount: 9_976}, ledger.Insufficient, desk.WhyTransferShort},
		{"amount and fee are there", desk.TransferTo{Recipient: a, Amount: 9_970}, "", ""},
	} {
		_, err := s.Desk.TransferDirect(s.ctx, s.Book, desk.DirectTransferRequest{To: row.to})
		checkRefused(t, row.what, err, row.code, row.why)
	}
	s.holds(map[ledger.AccountID]ledger.Amount{
		ledger.Available: 10_000 - 9_970 - 29, // 25 and two times 2
		ledger.Account(ledger.LinkedFree, string(a)): 9_970,
	})
}

// A payment is split over two accounts, one held, and its money is where it
// should be: G10 and G11 of the golden scenario.
func TestTransferPayment(t *testing.T) {
	s := newShop(t)
	s.terms(func(t *desk.Terms) { t.TransferBps = 25 })
	p := s.pay("card", 500_000)
	l1, l2 := s.linked("l1@example.com"), s.linked("l2@example.com")
	ts := s.transfer(p.ID,
		desk.TransferTo{Recipient: l1, Amount: 200_000, Notes: `{"branch":"north"}`, LinkedNotes: `["branch"]`},
		desk.TransferTo{Recipient: l2, Amount: 150_000, OnHold: true})
	s.holds(map[ledger.AccountID]ledger.Amount{
		ledger.Available: 500_000 - 200_590 - 150_443,
		ledger.Account(ledger.LinkedFree, string(l1)): 200_000,
		ledger.Account(ledger.LinkedHeld, string(l2)): 150_000,
		ledger.FeeTransfer:                            875,
		ledger.CGST:                                   79,
		ledger.SGST:                                   79,
	})
	if got := row[desk.Payment](s, p.ID); got.Transferred != 350_000 {
		t.Errorf("transferred %d of the payment", got.Transferred)
	}
	first, second := row[desk.Transfer](s, ts[0].ID), row[desk.Transfer](s, ts[1].ID)
	if first.State != "processed" || first.Fee != 590 || first.Tax != 90 || first.SettlementState != "pending" || first.Source != p.ID {
		t.Errorf("first is %+v", first)
	}
	if second.Fee != 443 || second.SettlementState != "on_hold" || !second.OnHold {
		t.Errorf("second is %+v", second)
	}
	if got := s.events(first.ID); !slices.Equal(got, []string{"transfer.processed"}) {
		t.Errorf("events %v", got)
	}
}

// Loads are cash and cashback is cashback; both are on the statement.
func TestTransferToWallet(t *testing.T) {
	s := newShop(t)
	c := s.customer(400_00, 50_00)
	cash, promo := ledger.Account(ledger.WalletCash, string(c.ID)), ledger.Account(ledger.WalletPromo, string(c.ID))
	s.holds(map[ledger.AccountID]ledger.Amount{cash: 400_00, promo: 50_00, ledger.Available: 0})
	lines := must(s.Desk.Statement(s.ctx, desk.Query{Book: s.Book, Parent: c.ID, Count: 10}))(t)
	if len(lines) != 2 || lines[0].Credit != 50_00 || lines[0].Balance != 450_00 || lines[1].Credit != 400_00 ||
		lines[1].Source.Prefix() != "trf" || lines[1].Type != "transfer" || lines[1].Description != "NA" {
		t.Errorf("statement %+v", lines)
	}
	direct := row[desk.Transfer](s, lines[0].Source)
	if direct.Source != "acc_"+s.Merchant || !direct.Promo || direct.State != "processed" {
		t.Errorf("cashback is %+v", direct)
	}
}

// The same key is the same transfer; its refusal for the state of the books is
// remembered too; another request under it is refused.
func TestTransferDirectOnce(t *testing.T) {
	s := newShop(t)
	c := s.customer(0, 0)
	ask := func(key, digest string, a ledger.Amount) (desk.Transfer, error) {
		return s.Desk.TransferDirect(s.ctx, s.Book, desk.DirectTransferRequest{
			To: desk.TransferTo{Recipient: c.ID, Amount: a}, Once: desk.Once{Scope: "test", Key: key, Digest: digest, Busy: true},
		})
	}
	_, err := ask("early", "x", 100)
	checkRefused(t, "no money yet", err, ledger.Insufficient, desk.WhyTransferShort)
	s.pay("upi", 1_000)
	_, err = ask("early", "x", 100)
	checkRefused(t, "the same again", err, ledger.Insufficient, desk.WhyTransferShort)
	first := must(ask("late", "y", 100))(t)
	again := must(ask("late", "y", 100))(t)
	if again != first {
		t.Errorf("the same request made %+v, then %+v", first, again)
	}
	_, err = ask("late", "z", 200)
	checkRefused(t, "another request", err, ledger.Mismatch, desk.WhyKeyMismatch)
	s.holds(map[ledger.AccountID]ledger.Amount{ledger.Available: 900})
}

// An order's transfers wait for its payment. One that cannot be made does not
// harm the payment; it is tried again three times, a day apart.
func TestOrderTransfers(t *testing.T) {
	s := newShop(t)
	s.terms(func(t *desk.Terms) { t.TransferBps, t.PaymentBps = 25, 200 })
	a, b := s.linked("a@example.com"), s.linked("b@example.com")
	order := func(to ...desk.TransferTo) (desk.Order, []desk.Transfer) {
		o, ts, err := s.Desk.CreateOrder(s.ctx, s.Book, desk.OrderRequest{Amount: 100_000, Capture: true, Transfers: to})
		if err != nil {
			t.Fatal(err)
		}
		return o, ts
	}

	o, ts := order(desk.TransferTo{Recipient: a, Amount: 30_000}, desk.TransferTo{Recipient: b, Amount: 20_000, OnHold: true})
	if ts[0].State != "created" || ts[0].Of != o.ID || s.balance(ledger.Account(ledger.LinkedFree, string(a))) != 0 {
		t.Errorf("before the payment: %+v", ts[0])
	}
	p := s.payFor(o, "upi")
	for _, want := range []struct {
		id    desk.ID
		state string
	}{{ts[0].ID, "pending"}, {ts[1].ID, "on_hold"}} {
		if got := row[desk.Transfer](s, want.id); got.State != "processed" || got.Of != p.ID || got.Source != o.ID || got.SettlementState != want.state {
			t.Errorf("after the payment: %+v", got)
		}
	}
	if got := row[desk.Payment](s, p.ID); got.Transferred != 50_000 {
		t.Errorf("transferred %d", got.Transferred)
	}

	// Two that need more than is left after the payment's own fee.
	s.settleAll()
	o, ts = order(desk.TransferTo{Recipient: a, Amount: 60_000}, desk.TransferTo{Recipient: b, Amount: 40_000})
	p = s.payFor(o, "upi")
	if p.Status != "captured" {
		t.Fatalf("the payment is %s", p.Status)
	}
	made, failed := row[desk.Transfer](s, ts[0].ID), row[desk.Transfer](s, ts[1].ID)
	if made.State != "processed" || failed.State != "failed" || failed.ErrorCode != "BAD_REQUEST_PAYMENT_FEES_GREATER_THAN_AMOUNT" {
		t.Errorf("made %+v\nfailed %+v", made, failed)
	}

	// One that the merchant's balance cannot pay, until it can.
	s.settleAll()
	o, ts = order(desk.TransferTo{Recipient: a, Amount: 99_000})
	s.payFor(o, "upi")
	short := row[desk.Transfer](s, ts[0].ID)
	if short.State != "failed" || short.ErrorCode != "BAD_REQUEST_TRANSFER_INSUFFICIENT_BALANCE" || short.Tries != 0 {
		t.Errorf("short is %+v", short)
	}
	s.after(24 * time.Hour)
	if again := row[desk.Transfer](s, short.ID); again.State != "failed" || again.Tries != 1 {
		t.Errorf("after a day: %+v", again)
	}
	s.pay("upi", 100_000)
	s.after(24 * time.Hour)
	if again := row[desk.Transfer](s, short.ID); again.State != "processed" || again.ErrorCode != "" || again.Tries != 2 {
		t.Errorf("after two: %+v", again)
	}
	if got := s.events(short.ID); !slices.Equal(got, []string{"transfer.failed", "transfer.processed"}) {
		t.Errorf("events %v", got)
	}
	// Nor is one tried again once a refund was started.
	s.settleAll()
	o, ts = order(desk.TransferTo{Recipient: a, Amount: 99_000})
	p = s.payFor(o, "upi")
	s.refund(desk.RefundRequest{Payment: p.ID, Amount: 100})
	s.pay("upi", 100_000)
	s.after(24 * time.Hour)
	if late := row[desk.Transfer](s, ts[0].ID); late.State != "failed" || late.Tries != 0 {
		t.Errorf("after a refund: %+v", late)
	}
	// The other one never worked out, and is not tried for ever.
	for range 6 {
		s.after(24 * time.Hour)
	}
	if got := row[desk.Transfer](s, failed.ID); got.State != "failed" || got.Tries != 3 {
		t.Errorf("at the end: %+v", got)
	}
}

func TestOrderTransfersRefuse(t *testing.T) {
	s := newShop(t)
	a, gone, c := s.linked("a@example.com"), s.linked("gone@example.com"), s.customer(0, 0)
	must(s.Desk.SuspendLinked(s.ctx, s.Book, gone))(t)
	for _, row := range []struct {
		what    string
		partial bool
		to      []desk.TransferTo
		code    ledger.Code
		why     ledger.Why
	}{
		{"too little", true, []desk.TransferTo{{Recipient: a, Amount: 1}}, ledger.Invalid, desk.WhyTransferMin},
		{"a wallet", true, []desk.TransferTo{{Recipient: c.ID, Amount: 100}}, ledger.Invalid, desk.WhyTransferRecipient},
		{"no account", false, []desk.TransferTo{{Recipient: "acc_00000000000000", Amount: 100}}, ledger.NotFound, desk.WhyUnknownID},
		{"in parts, suspended", true, []desk.TransferTo{{Recipient: gone, Amount: 100}}, ledger.WrongState, desk.WhyTransferPartialOrder},
		{"suspended, more than the order", false, []desk.TransferTo{{Recipient: gone, Amount: 1_001}}, ledger.WrongState, desk.WhyLinkedSuspended},
		{"more than the order", false, []desk.TransferTo{{Recipient: a, Amount: 900}, {Recipient: a, Amount: 101}}, ledger.Exceeds, desk.WhyTransferExceeds},
	} {
		_, _, err := s.Desk.CreateOrder(s.ctx, s.Book, desk.OrderRequest{Amount: 1_000, Partial: row.partial, Transfers: row.to})
		checkRefused(t, row.what, err, row.code, row.why)
	}
}

// Holds are placed, moved, ended by hand and by time.
func TestHolds(t *testing.T) {
	s := newShop(t)
	a, c := s.linked("a@example.com"), s.customer(0, 0)
	free, held := ledger.Account(ledger.LinkedFree, string(a)), ledger.Account(ledger.LinkedHeld, string(a))
	p := s.pay("card", 100_000)
	now := row[desk.Payment](s, p.ID).CreatedAt
	soon, later := now.Add(time.Hour), now.Add(2*time.Hour)
	yes, no := true, false

	tr := s.transfer(p.ID, desk.TransferTo{Recipient: a, Amount: 1_000, OnHold: true, HoldUntil: soon})[0]
	s.holds(map[ledger.AccountID]ledger.Amount{free: 0, held: 1_000})
	must(s.Desk.EditTransfer(s.ctx, s.Book, desk.HoldRequest{Transfer: tr.ID, HoldUntil: &later}))(t)
	s.after(time.Hour)
	s.holds(map[ledger.AccountID]ledger.Amount{free: 0, held: 1_000})
	must(s.Desk.Reverse(s.ctx, s.Book, desk.ReversalRequest{Transfer: tr.ID, Amount: 400}))(t)
	s.after(time.Hour)
	s.holds(map[ledger.AccountID]ledger.Amount{free: 600, held: 0})
	if got := row[desk.Transfer](s, tr.ID); got.OnHold || got.HoldUntil != 0 || got.SettlementState != "pending" || got.State != "partially_reversed" {
		t.Errorf("released: %+v", got)
	}
	must(s.Desk.EditTransfer(s.ctx, s.Book, desk.HoldRequest{Transfer: tr.ID, OnHold: &yes}))(t)
	s.holds(map[ledger.AccountID]ledger.Amount{free: 0, held: 600})
	must(s.Desk.EditTransfer(s.ctx, s.Book, desk.HoldRequest{Transfer: tr.ID, OnHold: &no}))(t)
	s.holds(map[ledger.AccountID]ledger.Amount{free: 600, held: 0})

	// A hold that ended before it began, as in old examples, is let go at once.
	past := s.transfer(p.ID, desk.TransferTo{Recipient: a, Amount: 500, OnHold: true, HoldUntil: ledger.Seconds(1671222870)})[0]
	s.after(0)
	if got := row[desk.Transfer](s, past.ID); got.OnHold {
		t.Errorf("an old hold stays: %+v", got)
	}

	load := s.transfer(p.ID, desk.TransferTo{Recipient: c.ID, Amount: 1_000})[0]
	gone := s.transfer(p.ID, desk.TransferTo{Recipient: a, Amount: 1_000})[0]
	must(s.Desk.Reverse(s.ctx, s.Book, desk.ReversalRequest{Transfer: gone.ID}))(t)
	settled := s.transfer(p.ID, desk.TransferTo{Recipient: s.linked("b@example.com"), Amount: 1_000})[0]
	must(s.Desk.Settle(s.ctx, s.Book, settled.Recipient))(t)
	for _, row := range []struct {
		what string
		q    desk.HoldRequest
		code ledger.Code
		why  ledger.Why
	}{
		{"nothing, nowhere", desk.HoldRequest{Transfer: "trf_00000000000000"}, ledger.Invalid, desk.WhyHoldNothing},
		{"released until", desk.HoldRequest{Transfer: "trf_00000000000000", OnHold: &no, HoldUntil: &later}, ledger.Invalid, desk.WhyHoldUntil},
		{"no transfer", desk.HoldRequest{Transfer: "trf_00000000000000", OnHold: &yes}, ledger.NotFound, desk.WhyUnknownID},
		{"a wallet", desk.HoldRequest{Transfer: load.ID, OnHold: &yes}, ledger.WrongState, desk.WhyHoldState},
		{"reversed", desk.HoldRequest{Transfer: gone.ID, OnHold: &yes}, ledger.WrongState, desk.WhyHoldState},
		{"settled", desk.HoldRequest{Transfer: settled.ID, OnHold: &yes}, ledger.WrongState, desk.WhyHoldState},
		{"an end of no hold", desk.HoldRequest{Transfer: tr.ID, HoldUntil: &later}, ledger.Invalid, desk.WhyHoldUntil},
	} {
		_, err := s.Desk.EditTransfer(s.ctx, s.Book, row.q)
		checkRefused(t, row.what, err, row.code, row.why)
	}
}

// Sixty-four clients at one wallet: cashback goes in, cashback is pulled back,
// payments are made and refunded. Every request is answered, by a success or by
// a refusal that the books explain; nothing falls below zero, and the statement
// adds up (newShop audits the books at the end).
func TestOneWalletManyClients(t *testing.T) {
	s := newShop(t)
	s.terms(func(t *desk.Terms) { t.MaxBalance = 0 })
	c := s.customer(5_000, 0)
	s.pay("card", 20_000)
	const clients, each = 64, 6
	var wg sync.WaitGroup
	faults := make(chan error, clients*each)
	for i := range clients {
		wg.Go(func() {
			for j := range each {
				if err := s.oneMove(c.ID, i*each+j); err != nil && ledger.CodeOf(err) != ledger.Insufficient {
					faults <- fmt.Errorf("client %d: %w", i, err)
				}
			}
		})
	}
	wg.Wait()
	close(faults)
	for err := range faults {
		t.Error(err)
	}
	cash, promo := ledger.Account(ledger.WalletCash, string(c.ID)), ledger.Account(ledger.WalletPromo, string(c.ID))
	for _, id := range []ledger.AccountID{cash, promo, ledger.Available} {
		all := must(s.Desk.Store.Lines(s.ctx, desk.Query{Book: s.Book, Parent: desk.ID(id), Count: 10_000}))(t)
		for _, l := range all {
			if l.Balance < 0 {
				t.Errorf("%s fell to %d", id, l.Balance)
			}
		}
	}
	lines := must(s.Desk.Statement(s.ctx, desk.Query{Book: s.Book, Parent: c.ID, Count: 10_000}))(t)
	var sum ledger.Amount
	for _, l := range lines {
		sum += l.Credit - l.Debit
	}
	if have := s.balance(cash) + s.balance(promo); sum != have || lines[0].Balance != have {
		t.Errorf("the statement adds up to %d and ends at %d; the wallet holds %d", sum, lines[0].Balance, have)
	}
}

// oneMove does the nth thing with a wallet.
func (s *shop) oneMove(c desk.ID, n int) error {
	amount := ledger.Amount(100 + n*7%900)
	switch n % 3 {
	case 0:
		_, err := s.Desk.TransferDirect(s.ctx, s.Book, desk.DirectTransferRequest{To: desk.TransferTo{Recipient: c, Amount: amount}})
		return err
	case 1:
		t, err := s.Desk.TransferDirect(s.ctx, s.Book, desk.DirectTransferRequest{To: desk.TransferTo{Recipient: c, Amount: amount}})
		if err != nil {
			return err
		}
		_, err = s.Desk.Reverse(s.ctx, s.Book, desk.ReversalRequest{Transfer: t.ID})
		return err
	}
	o, _, err := s.Desk.CreateOrder(s.ctx, s.Book, desk.OrderRequest{Amount: amount, Capture: true})
	if err != nil {
		return err
	}
	p, err := s.Desk.PayFromWallet(s.ctx, s.Book, desk.WalletPaymentRequest{Order: o.ID, Customer: c, Amount: amount})
	if err != nil {
		return err
	}
	_, err = s.Desk.Refund(s.ctx, s.Book, desk.RefundRequest{Payment: p.ID, Full: true})
	return err
}
