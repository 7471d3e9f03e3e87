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

// The golden scenario of the accounting model, whole, through the desk and on
// every engine. The postings of each step are compared with the model's, and the
// trial balance at the end, to the paisa.
func TestGolden(t *testing.T) {
	onEach(t, func(t *testing.T, e storetest.Engine) {
		w := newTown(t, e)
		playGolden(t, w, deskHands{w})
		clean(t, w.store)
	})
}

// The cast of the scenario, when it has been played.
type cast struct {
	payA, payB, custW, agent, tat desk.ID
	member                        desk.ID // S
	failed, sent                  desk.ID // the remittances
}

// playGolden plays the scenario in a new town by somebody's hands.
func playGolden(t *testing.T, w *town, by hands) (who cast) {
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
		if sums[ledger.CashAtAgent] != -sums[ledger.CashAtAgentC] {
			t.Errorf("%s: the memo pair is off", name)
		}
		for id, off := range sums {
			if memo := id == ledger.CashAtAgent || id == ledger.CashAtAgentC; off != 0 && !memo { // the model does not print it
				t.Errorf("%s: %s is off by %d paise", name, id, off)
			}
		}
	}
	j := func() ledger.Journal { return nil }

	terms := desk.DefaultTerms()
	terms.Programme = "full_kyc"
	terms.PaymentBps, terms.TransferBps, terms.PayoutFlat = 200, 25, 500
	terms.RemitBps = 100
	terms.AvailableAfter = int64((24 * time.Hour).Seconds())
	got(w.SetTerms(w.ctx, w.book, terms))(t)
	W := w.customer("9876543210")
	wallet := func(code string) ledger.AccountID { return ledger.Account(code, string(W.ID)) }
	linked := func(email string) desk.Linked {
		return got(w.CreateLinked(w.ctx, w.book, desk.Linked{Email: email, Phone: "9000090000", LegalName: "A seller", BusinessType: "partnership", ContactName: "Asha"}))(t)
	}
	L1, L2 := linked("one@example.com"), linked("two@example.com")

	book := func(b desk.Booking, err error) { t.Helper(); got(b, err)(t) }
	money := func(a ledger.Amount, reference string) desk.MoneyRequest {
		return desk.MoneyRequest{Amount: a, Reference: reference}
	}

	book(w.OwnFunds(w.ctx, w.book, money(100000, "HDFCN52026010500001")))
	step("G00", j().Dr("1020", 100000).Cr("3000", 100000))
	A := by.paid(100000)
	step("G01", j().Dr("1100/"+p, 100000).Cr("2011", 97640).Cr("4010", 2000).Cr("2301", 180).Cr("2302", 180))
	book(w.ProviderSettled(w.ctx, w.book, desk.ProviderSettlement{MoneyRequest: money(100000, "setl_1"), Provider: p, Cost: 1500, Tax: 270}))
	step("G02", j().Dr("1010", 98230).Dr("5010", 1500).Dr("1300", 270).Cr("1100/"+p, 100000))
	w.wait(24*time.Hour - time.Microsecond)
	step("G03, too early", nil)
	w.wait(time.Microsecond)
	step("G03", j().Dr("2011", 97640).Cr("2010", 97640))
	terms.AvailableAfter = 0
	got(w.SetTerms(w.ctx, w.book, terms))(t)

	by.transfer(A, W.ID, 40000)
	step("G04", j().Dr("2010", 40118).Cr(wallet("2100"), 40000).Cr("4020", 100).Cr("2301", 9).Cr("2302", 9))
	by.cashback(W.ID, 5000)
	step("G05", j().Dr("2010", 5015).Cr(wallet("2101"), 5000).Cr("4020", 13).Cr("2301", 1).Cr("2302", 1))

	S := by.spend(W.ID, 30000)
	step("G06", j().Dr(wallet("2101"), 5000).Dr(wallet("2100"), 25000).Cr("2010", 30000))
	by.refund(S, 12000, false)
	step("G07", j().Dr("2010", 12000).Cr(wallet("2100"), 12000))
	by.refund(S, 0, false)
	step("G08", j().Dr("2010", 18000).Cr(wallet("2100"), 13000).Cr(wallet("2101"), 5000))

	B := by.paid(500000)
	step("G09", j().Dr("1100/"+p, 500000).Cr("2010", 488200).Cr("4010", 10000).Cr("2301", 900).Cr("2302", 900))
	l1 := by.transfer(B, L1.ID, 200000)
	step("G10", j().Dr("2010", 200590).Cr("2020/"+ledger.AccountID(L1.ID), 200000).Cr("4020", 500).Cr("2301", 45).Cr("2302", 45))
	by.transfer(B, L2.ID, 150000)
	step("G11", j().Dr("2010", 150443).Cr("2020/"+ledger.AccountID(L2.ID), 150000).Cr("4020", 375).Cr("2301", 34).Cr("2302", 34))
	by.reverse(l1, 50000)
	step("G12", j().Dr("2020/"+ledger.AccountID(L1.ID), 50000).Cr("2010", 50000))
	_, err := w.Refund(w.ctx, w.book, desk.RefundRequest{Payment: B, Amount: 100, ReverseAll: true})
	if e, ok := err.(*ledger.Error); !ok || e.Why != ledger.WhyReverseAll {
		t.Errorf("a part of pay_B with reverse_all: %v", err)
	}
	step("before G13", nil)
	by.refund(B, 0, true)
	step("G13 and G14",
		j().Dr("2020/"+ledger.AccountID(L1.ID), 150000).Dr("2020/"+ledger.AccountID(L2.ID), 150000).Cr("2010", 300000),
		j().Dr("2010", 500000).Cr("2200/"+p, 500000))
	w.wait(time.Hour)
	step("G15", j().Dr("2200/"+p, 500000).Cr("1100/"+p, 500000))

	book(w.TopUpFloat(w.ctx, w.book, desk.TopUp{MoneyRequest: money(200000, "HDFCN52026010500002"), Partner: p}))
	step("G16", j().Dr("1110/"+p, 200000).Cr("1010", 200000))
	f := got(w.CreateFundAccount(w.ctx, w.book, desk.FundAccountRequest{
		Customer: W.ID, Type: "bank_account", Name: "Asha", IFSC: "HDFC0000053", Number: "11214311215411",
	}))(t)
	by.payout(W.ID, f.ID, 20000)
	step("G17", j().Dr(wallet("2100"), 20590).Cr("2210/"+p, 20000).Cr("2230", 590))
	w.wait(time.Hour)
	step("G18", j().Dr("2210/"+p, 20000).Cr("1110/"+p, 20000).Dr("2230", 590).Cr("4030", 500).Cr("2301", 45).Cr("2302", 45))
	w.ends("payout", 10000, rail.ScenarioRefused)
	by.payout(W.ID, f.ID, 10000)
	step("G19", j().Dr(wallet("2100"), 10590).Cr("2210/"+p, 10000).Cr("2230", 590))
	w.wait(time.Hour)
	step("G20", j().Dr("2210/"+p, 10000).Dr("2230", 590).Cr(wallet("2100"), 10590))

	who.member = by.credit("user_S", "LOAD-1", 10000)
	credit := ledger.Account("2105", string(who.member))
	step("G21", j().Dr("1220", 10000).Cr(credit, 10000))
	by.spendCredit(who.member, 4000)
	step("G22", j().Dr(credit, 4000).Cr("1220", 4000))

	w.ends("refund", 10000, rail.ScenarioRefused)
	by.backToSource("BTS-1", A, 10000)
	step("G23", j().Dr("2010", 10000).Cr("2200/"+p, 10000))
	w.wait(time.Hour)
	step("G24", j().Dr("2200/"+p, 10000).Cr("2010", 10000))
	by.backToSource("BTS-2", A, 10000)
	step("G25", j().Dr("2010", 10000).Cr("2200/"+p, 10000))
	w.wait(time.Hour)
	step("G26", j().Dr("2200/"+p, 10000).Cr("1100/"+p, 10000))

	g := got(w.OpenAgent(w.ctx, w.book, desk.AgentRequest{Code: "20810200", Initiator: "9962981729", Name: "Asha Stores"}))(t)
	value, flight, owed := ledger.Account("2400", string(g.ID)), ledger.Account("2410", string(g.ID)), ledger.Account("2420", string(g.ID))
	got(w.BuyValue(w.ctx, w.book, desk.ValueRequest{Agent: g.ID, Amount: 600000}))(t)
	step("G27", j().Dr("1010", 600000).Cr(value, 600000))
	w.ends("remittance", 500000, rail.ScenarioPending)
	r1 := by.remit(g, "DMT-1", 500000)
	step("G28", j().Dr(value, 505000).Cr(flight, 500000).Cr("2230", 5000))
	w.wait(time.Minute)
	got(w.RecordOutcome(w.ctx, w.book, desk.OutcomeRequest{Order: r1.ID, Outcome: rail.Refused, Reason: "the account is closed"}))(t)
	step("G29", j().Dr(flight, 500000).Dr("2230", 5000).Cr(owed, 505000))
	by.consent(g, r1)
	step("G30", j().Dr(owed, 505000).Cr(value, 505000))
	r2 := by.remit(g, "DMT-2", 100000)
	step("G31", j().Dr(value, 101000).Cr(flight, 100000).Cr("2230", 1000))
	w.wait(time.Hour)
	step("G32", j().Dr(flight, 100000).Cr("1110/"+p, 100000).Dr("2230", 1000).Cr("4050", 848).Cr("2301", 76).Cr("2302", 76))

	clock := got(w.StartTAT(w.ctx, w.book, desk.TATRequest{Rule: "PPI_ONUS", Subject: S, Holder: W.ID}))(t)
	w.wait(2 * 24 * time.Hour)
	w.wait(24 * time.Hour)
	step("G33", j().Dr("5030", 20000).Cr("2500", 20000))
	got(w.StopTAT(w.ctx, w.book, desk.TATStop{TAT: clock.ID}))(t)
	step("G34", j().Dr("2500", 20000).Cr(wallet("2100"), 20000).Dr("1010", 20000).Cr("1020", 20000))

	got(w.OpenDispute(w.ctx, w.book, desk.DisputeRequest{Payment: A, Amount: 25000}))(t)
	step("G35", j().Dr("2010", 25000).Cr("2014", 25000))
	got(w.LoseDispute(w.ctx, w.book, desk.DisputeRequest{Payment: A, Amount: 25000}))(t)
	step("G36", j().Dr("2014", 25000).Cr("1100/"+p, 25000))

	as := got(w.store.Balances(w.ctx, w.book))(t)
	lines, debit, credited, err := ledger.TrialBalance(as)
	if err != nil {
		t.Error(err)
	}
	want := []ledger.TrialLine{
		{Account: "1010", Debit: 518230},
		{Account: "1020", Debit: 80000},
		{Account: "1100/" + p, Credit: 35000},
		{Account: "1110/" + p, Debit: 80000},
		{Account: "1220", Debit: 6000},
		{Account: "1300", Debit: 270},
		{Account: "2010", Credit: 4674},
		{Account: wallet("2100"), Credit: 39410},
		{Account: wallet("2101"), Credit: 5000},
		{Account: credit, Credit: 6000},
		{Account: "2301", Credit: 1290},
		{Account: "2302", Credit: 1290},
		{Account: value, Credit: 499000},
		{Account: "3000", Credit: 100000},
		{Account: "4010", Credit: 12000},
		{Account: "4020", Credit: 988},
		{Account: "4030", Credit: 500},
		{Account: "4050", Credit: 848},
		{Account: "5010", Debit: 1500},
		{Account: "5030", Debit: 20000},
	}
	if !slices.Equal(lines, want) || debit != 706000 || credited != 706000 {
		t.Errorf("trial balance %v, %d and %d; want %v", lines, debit, credited, want)
	}
	if c := ledger.Escrow(as); c.Check() != nil || c.Held != 563230 || c.Owed != 548084 || c.Own != 15146 || c.Promised != 6000 {
		t.Errorf("escrow check: %+v", c)
	}
	if left := w.payment(A).Budget().Left(); left != 65000 {
		t.Errorf("pay_A: %d left to refund, want 65000", left)
	}
	if left := w.payment(B).Budget().Left(); left != 0 {
		t.Errorf("pay_B: %d left to refund, want 0", left)
	}
	var told string
	for _, l := range got(w.Statement(w.ctx, desk.Query{Book: w.book, Parent: W.ID, Oldest: true}))(t) {
		told += fmt.Sprintf("%+d=%d ", l.Credit-l.Debit, l.Balance)
	}
	const wantTold = "+40000=40000 +5000=45000 -30000=15000 +12000=27000 +18000=45000 -20590=24410 -10590=13820 +10590=24410 +20000=44410 "
	if told != wantTold {
		t.Errorf("the statement of W: %s, want %s", told, wantTold)
	}
	who.payA, who.payB, who.custW, who.agent, who.tat, who.failed, who.sent = A, B, W.ID, g.ID, clock.ID, r1.ID, r2.ID
	return who
}
