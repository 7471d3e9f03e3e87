package storetest_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
	"wapas/rail"
	"wapas/storetest"
)

// The golden scenario of the accounting model, through the desk and on every
// engine: the steps of what is built (G00 to G20, G23 to G26, G35 and G36). The
// postings of each are compared with the model's, and the trial balance at the
// end, to the paisa.
func TestGolden(t *testing.T) {
	onEach(t, func(t *testing.T, e storetest.Engine) {
		w := newTown(t, e)
		playGolden(t, w)
		clean(t, w.store)
	})
}

// playGolden plays the scenario in a new town. It returns the ids of pay_A and
// pay_B and of the customer W.
func playGolden(t *testing.T, w *town) (payA, payB, custW desk.ID) {
	const p = desk.SimRail
	var seen int64
	// step holds what was written since the last step against the model, whatever
	// the order of the postings, and however many entries they are in.
	step := func(name string, j ledger.Journal, more ...ledger.Journal) {
		t.Helper()
		entries := got(w.store.Entries(w.ctx, desk.Query{Book: w.book, Oldest: true, Skip: int(seen)}))(t)
		sums := map[ledger.AccountID]ledger.Amount{}
		for _, e := range entries {
			for _, l := range e.Lines {
				sums[l.Account] += ledger.Amount(l.Side) * l.Amount
			}
			seen = e.No
		}
		for _, l := range slices.Concat(append(more, j)...) {
			sums[l.Account] -= ledger.Amount(l.Side) * l.Amount
		}
		for id, off := range sums {
			if off != 0 {
				t.Errorf("%s: %s is off by %d paise", name, id, off)
			}
		}
	}
	j := func() ledger.Journal { return nil }

	terms := desk.DefaultTerms()
	terms.Programme = "full_kyc"
	terms.PaymentBps, terms.TransferBps, terms.PayoutFlat = 200, 25, 500
	terms.AvailableAfter = int64((24 * time.Hour).Seconds())
	got(w.SetTerms(w.ctx, w.book, terms))(t)
	W := w.customer("9876543210")
	wallet := func(code string) ledger.AccountID { return ledger.Account(code, string(W.ID)) }
	linked := func(email string) desk.Linked {
		return got(w.CreateLinked(w.ctx, w.book, desk.Linked{Email: email, Phone: "9000090000", LegalName: "A seller", BusinessType: "partnership", ContactName: "Asha"}))(t)
	}
	L1, L2 := linked("one@example.com"), linked("two@example.com")

	w.operator(ledger.OwnFunds, ledger.BringOwnFunds(100000))
	step("G00", j().Dr("1020", 100000).Cr("3000", 100000))
	A := w.paid(100000)
	step("G01", j().Dr("1100/"+p, 100000).Cr("2011", 97640).Cr("4010", 2000).Cr("2301", 180).Cr("2302", 180))
	w.operator(ledger.ProviderSettled, ledger.ProviderSettles(p, 100000, 1500, 270))
	step("G02", j().Dr("1010", 98230).Dr("5010", 1500).Dr("1300", 270).Cr("1100/"+p, 100000))
	w.wait(24*time.Hour - time.Microsecond)
	step("G03, too early", nil)
	w.wait(time.Microsecond)
	step("G03", j().Dr("2011", 97640).Cr("2010", 97640))
	terms.AvailableAfter = 0
	got(w.SetTerms(w.ctx, w.book, terms))(t)

	got(w.TransferPayment(w.ctx, w.book, desk.PaymentTransferRequest{Payment: A.ID, To: []desk.TransferTo{{Recipient: W.ID, Amount: 40000}}}))(t)
	step("G04", j().Dr("2010", 40118).Cr(wallet("2100"), 40000).Cr("4020", 100).Cr("2301", 9).Cr("2302", 9))
	got(w.TransferDirect(w.ctx, w.book, desk.DirectTransferRequest{To: desk.TransferTo{Recipient: W.ID, Amount: 5000}}))(t)
	step("G05", j().Dr("2010", 5015).Cr(wallet("2101"), 5000).Cr("4020", 13).Cr("2301", 1).Cr("2302", 1))

	o, _, err := w.CreateOrder(w.ctx, w.book, desk.OrderRequest{Amount: 30000, Capture: true})
	if err != nil {
		t.Fatal(err)
	}
	S := got(w.PayFromWallet(w.ctx, w.book, desk.WalletPaymentRequest{Order: o.ID, Customer: W.ID, Amount: 30000}))(t)
	step("G06", j().Dr(wallet("2101"), 5000).Dr(wallet("2100"), 25000).Cr("2010", 30000))
	got(w.Refund(w.ctx, w.book, desk.RefundRequest{Payment: S.ID, Amount: 12000}))(t)
	step("G07", j().Dr("2010", 12000).Cr(wallet("2100"), 12000))
	got(w.Refund(w.ctx, w.book, desk.RefundRequest{Payment: S.ID, Full: true}))(t)
	step("G08", j().Dr("2010", 18000).Cr(wallet("2100"), 13000).Cr(wallet("2101"), 5000))

	B := w.paid(500000)
	step("G09", j().Dr("1100/"+p, 500000).Cr("2010", 488200).Cr("4010", 10000).Cr("2301", 900).Cr("2302", 900))
	l1 := got(w.TransferPayment(w.ctx, w.book, desk.PaymentTransferRequest{Payment: B.ID, To: []desk.TransferTo{{Recipient: L1.ID, Amount: 200000}}}))(t)[0]
	step("G10", j().Dr("2010", 200590).Cr("2020/"+ledger.AccountID(L1.ID), 200000).Cr("4020", 500).Cr("2301", 45).Cr("2302", 45))
	got(w.TransferPayment(w.ctx, w.book, desk.PaymentTransferRequest{Payment: B.ID, To: []desk.TransferTo{{Recipient: L2.ID, Amount: 150000}}}))(t)
	step("G11", j().Dr("2010", 150443).Cr("2020/"+ledger.AccountID(L2.ID), 150000).Cr("4020", 375).Cr("2301", 34).Cr("2302", 34))
	got(w.Reverse(w.ctx, w.book, desk.ReversalRequest{Transfer: l1.ID, Amount: 50000}))(t)
	step("G12", j().Dr("2020/"+ledger.AccountID(L1.ID), 50000).Cr("2010", 50000))
	_, err = w.Refund(w.ctx, w.book, desk.RefundRequest{Payment: B.ID, Amount: 100, ReverseAll: true})
	if e, ok := err.(*ledger.Error); !ok || e.Why != ledger.WhyReverseAll {
		t.Errorf("a part of pay_B with reverse_all: %v", err)
	}
	step("before G13", nil)
	got(w.Refund(w.ctx, w.book, desk.RefundRequest{Payment: B.ID, Full: true, ReverseAll: true}))(t)
	step("G13 and G14",
		j().Dr("2020/"+ledger.AccountID(L1.ID), 150000).Dr("2020/"+ledger.AccountID(L2.ID), 150000).Cr("2010", 300000),
		j().Dr("2010", 500000).Cr("2200/"+p, 500000))
	w.wait(time.Hour)
	step("G15", j().Dr("2200/"+p, 500000).Cr("1100/"+p, 500000))

	w.operator(ledger.FloatToppedUp, ledger.TopUpFloat(p, 200000))
	step("G16", j().Dr("1110/"+p, 200000).Cr("1010", 200000))
	f := got(w.CreateFundAccount(w.ctx, w.book, desk.FundAccountRequest{
		Customer: W.ID, Type: "bank_account", Name: "Asha", IFSC: "HDFC0000053", Number: "11214311215411",
	}))(t)
	pay := func(a ledger.Amount, outcome string) {
		got(w.CreatePayout(w.ctx, w.book, desk.PayoutRequest{Customer: W.ID, FundAccount: f.ID, Amount: a, Purpose: "refund", Outcome: outcome}))(t)
	}
	pay(20000, "")
	step("G17", j().Dr(wallet("2100"), 20590).Cr("2210/"+p, 20000).Cr("2230", 590))
	w.wait(time.Hour)
	step("G18", j().Dr("2210/"+p, 20000).Cr("1110/"+p, 20000).Dr("2230", 590).Cr("4030", 500).Cr("2301", 45).Cr("2302", 45))
	pay(10000, rail.ScenarioRefused)
	step("G19", j().Dr(wallet("2100"), 10590).Cr("2210/"+p, 10000).Cr("2230", 590))
	w.wait(time.Hour)
	step("G20", j().Dr("2210/"+p, 10000).Dr("2230", 590).Cr(wallet("2100"), 10590))

	got(w.Refund(w.ctx, w.book, desk.RefundRequest{Payment: A.ID, Amount: 10000, Outcome: rail.ScenarioRefused}))(t)
	step("G23", j().Dr("2010", 10000).Cr("2200/"+p, 10000))
	w.wait(time.Hour)
	step("G24", j().Dr("2200/"+p, 10000).Cr("2010", 10000))
	got(w.Refund(w.ctx, w.book, desk.RefundRequest{Payment: A.ID, Amount: 10000}))(t)
	step("G25", j().Dr("2010", 10000).Cr("2200/"+p, 10000))
	w.wait(time.Hour)
	step("G26", j().Dr("2200/"+p, 10000).Cr("1100/"+p, 10000))
	got(w.OpenDispute(w.ctx, w.book, desk.DisputeRequest{Payment: A.ID, Amount: 25000}))(t)
	step("G35", j().Dr("2010", 25000).Cr("2014", 25000))
	got(w.LoseDispute(w.ctx, w.book, desk.DisputeRequest{Payment: A.ID, Amount: 25000}))(t)
	step("G36", j().Dr("2014", 25000).Cr("1100/"+p, 25000))

	as := got(w.store.Balances(w.ctx, w.book))(t)
	lines, debit, credit, err := ledger.TrialBalance(as)
	if err != nil {
		t.Error(err)
	}
	want := []ledger.TrialLine{
		{Account: "1010", Credit: 101770}, // the model's 518230 less what agents and the operator bring in later
		{Account: "1020", Debit: 100000},
		{Account: "1100/" + p, Credit: 35000},
		{Account: "1110/" + p, Debit: 180000},
		{Account: "1300", Debit: 270},
		{Account: "2010", Credit: 4674},
		{Account: wallet("2100"), Credit: 19410}, // 39410 less the compensation of 20000
		{Account: wallet("2101"), Credit: 5000},
		{Account: "2301", Credit: 1214},
		{Account: "2302", Credit: 1214},
		{Account: "3000", Credit: 100000},
		{Account: "4010", Credit: 12000},
		{Account: "4020", Credit: 988},
		{Account: "4030", Credit: 500},
		{Account: "5010", Debit: 1500},
	}
	if !slices.Equal(lines, want) || debit != 281770 || credit != 281770 {
		t.Errorf("trial balance %v, %d and %d; want %v", lines, debit, credit, want)
	}
	if left := w.payment(A.ID).Budget().Left(); left != 65000 {
		t.Errorf("pay_A: %d left to refund, want 65000", left)
	}
	if left := w.payment(B.ID).Budget().Left(); left != 0 {
		t.Errorf("pay_B: %d left to refund, want 0", left)
	}
	var told string
	for _, l := range got(w.Statement(w.ctx, desk.Query{Book: w.book, Parent: W.ID, Oldest: true}))(t) {
		told += fmt.Sprintf("%+d=%d ", l.Credit-l.Debit, l.Balance)
	}
	const wantTold = "+40000=40000 +5000=45000 -30000=15000 +12000=27000 +18000=45000 -20590=24410 -10590=13820 +10590=24410 "
	if told != wantTold {
		t.Errorf("the statement of W: %s, want %s", told, wantTold)
	}
	return A.ID, B.ID, W.ID
}
