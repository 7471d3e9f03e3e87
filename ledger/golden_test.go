package ledger_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	. "wapas/ledger"
)

// The golden scenario of the accounting model (4.5): each step as the model
// prints it, and as the function for it makes it. The memo of the cash at agents
// is not printed there.
func TestGolden(t *testing.T) {
	var (
		payment  = Rate{Bps: 200}
		transfer = Rate{Bps: 25}
		payout   = Rate{Flat: 500}
	)
	// G13 is worked out: L1 has 150000 left of its 200000, L2 all of its 150000.
	back, err := ReverseAll(500000, Budget{Captured: 500000}.Left(), []Amount{150000, 150000})
	if err != nil {
		t.Fatal(err)
	}
	as := Accounts{}
	for _, step := range []struct {
		name    string
		printed Journal
		made    Journal
	}{
		{"G00 Operator seeds own funds",
			Journal{}.Dr("1020", 100000).Cr("3000", 100000),
			BringOwnFunds(100000)},
		{"G01 pay_A captured 1,000.00; contract fee 2% + GST",
			Journal{}.Dr("1100/p", 100000).Cr("2011", 97640).Cr("4010", 2000).Cr("2301", 180).Cr("2302", 180),
			Capture("p", 100000, payment.On(100000, false), true)},
		{"G02 PSP settles pay_A net of its own cost 15.00 + 2.70 GST",
			Journal{}.Dr("1010", 98230).Dr("5010", 1500).Dr("1300", 270).Cr("1100/p", 100000),
			ProviderSettles("p", 100000, 1500, 270)},
		{"G03 pay_A funds become available",
			Journal{}.Dr("2011", 97640).Cr("2010", 97640),
			Becomes(97640)},
		{"G04 Transfer 400.00 of pay_A to wallet W, fee 0.25%",
			Journal{}.Dr("2010", 40118).Cr("2100/W", 40000).Cr("4020", 100).Cr("2301", 9).Cr("2302", 9),
			Load("W", 40000, transfer.On(40000, false))},
		{"G05 Direct transfer (cashback) 50.00 to W",
			Journal{}.Dr("2010", 5015).Cr("2101/W", 5000).Cr("4020", 13).Cr("2301", 1).Cr("2302", 1),
			GiveCashback("W", 5000, transfer.On(5000, false))},
		{"G06 W pays 300.00 for an order (promo first)",
			Journal{}.Dr("2101/W", 5000).Dr("2100/W", 25000).Cr("2010", 30000),
			Spend("W", 30000, 5000, Fee{})},
		{"G07 Partial refund 120.00 to W (cash restored first)",
			Journal{}.Dr("2010", 12000).Cr("2100/W", 12000),
			RefundToWallet(Available, "W", 12000, 0)},
		{"G08 Remaining refund 180.00 to W",
			Journal{}.Dr("2010", 18000).Cr("2100/W", 13000).Cr("2101/W", 5000),
			RefundToWallet(Available, "W", 18000, 5000)},
		{"G09 pay_B captured 5,000.00, fee 2% + GST",
			Journal{}.Dr("1100/p", 500000).Cr("2010", 488200).Cr("4010", 10000).Cr("2301", 900).Cr("2302", 900),
			Capture("p", 500000, payment.On(500000, false), false)},
		{"G10 Transfer 2,000.00 of pay_B to L1, fee 0.25%",
			Journal{}.Dr("2010", 200590).Cr("2020/L1", 200000).Cr("4020", 500).Cr("2301", 45).Cr("2302", 45),
			Transfer("L1", 200000, transfer.On(200000, false), false)},
		{"G11 Transfer 1,500.00 of pay_B to L2, fee 0.25%",
			Journal{}.Dr("2010", 150443).Cr("2020/L2", 150000).Cr("4020", 375).Cr("2301", 34).Cr("2302", 34),
			Transfer("L2", 150000, transfer.On(150000, false), false)},
		{"G12 Reverse 500.00 of the L1 transfer",
			Journal{}.Dr("2020/L1", 50000).Cr("2010", 50000),
			Reverse("2020/L1", 50000)},
		{"G13 Full refund of pay_B with reverse_all: reversals",
			Journal{}.Dr("2020/L1", 150000).Dr("2020/L2", 150000).Cr("2010", 300000),
			append(Reverse("2020/L1", back[0]), Reverse("2020/L2", back[1])...)},
		{"G14 ... and the refund itself (pending)",
			Journal{}.Dr("2010", 500000).Cr("2200/p", 500000),
			AcceptRefund(Available, "p", 500000)},
		{"G15 Refund of pay_B processed (ARN/RRN received)",
			Journal{}.Dr("2200/p", 500000).Cr("1100/p", 500000),
			RefundGone("p", 500000)},
		{"G16 Top up payout float",
			Journal{}.Dr("1110/b", 200000).Cr("1010", 200000),
			TopUpFloat("b", 200000)},
		{"G17 Payout 200.00 from W, fee 5.00 + 0.90 GST (processing)",
			Journal{}.Dr("2100/W", 20590).Cr("2210/b", 20000).Cr("2230", 590),
			SendPayout("W", "b", 20000, payout.On(20000, false), "2100/W")},
		{"G18 Payout processed (UTR received)",
			Journal{}.Dr("2210/b", 20000).Cr("1110/b", 20000).Dr("2230", 590).Cr("4030", 500).Cr("2301", 45).Cr("2302", 45),
			PayoutGone("b", 20000, payout.On(20000, false))},
		{"G19 Second payout 100.00 (processing)",
			Journal{}.Dr("2100/W", 10590).Cr("2210/b", 10000).Cr("2230", 590),
			SendPayout("W", "b", 10000, payout.On(10000, false), "2100/W")},
		{"G20 Second payout reversed (amount and fee return)",
			Journal{}.Dr("2210/b", 10000).Dr("2230", 590).Cr("2100/W", 10590),
			PayoutBack("W", "b", 10000, payout.On(10000, false), "2100/W")},
		{"G21 Engage-style load 100.00 store credit (merchant-backed)",
			Journal{}.Dr("1220", 10000).Cr("2105/S", 10000),
			LoadCredit(ProgrammeOwes, "S", 10000)},
		{"G22 S spends 40.00 of store credit",
			Journal{}.Dr("2105/S", 4000).Cr("1220", 4000),
			SpendCredit("S", 4000, 0)},
		{"G23 Back-to-source refund 100.00 on pay_A: pending",
			Journal{}.Dr("2010", 10000).Cr("2200/p", 10000),
			AcceptRefund(Available, "p", 10000)},
		{"G24 ... fails",
			Journal{}.Dr("2200/p", 10000).Cr("2010", 10000),
			RefundBack(Available, "p", 10000)},
		{"G25 Retry with a new transaction id: pending",
			Journal{}.Dr("2010", 10000).Cr("2200/p", 10000),
			AcceptRefund(Available, "p", 10000)},
		{"G26 ... succeeds (netted from next PSP settlement)",
			Journal{}.Dr("2200/p", 10000).Cr("1100/p", 10000),
			RefundGone("p", 10000)},
		{"G27 Agent buys e-value 6,000.00",
			Journal{}.Dr("1010", 600000).Cr("2400/g", 600000),
			BuyValue("g", 600000)},
		{"G28 DMT 5,000.00 + fee 50.00 initiated",
			Journal{}.Dr("2400/g", 505000).Cr("2410/g", 500000).Cr("2230", 5000),
			SendRemittance("g", 500000, Inclusive(5000))},
		{"G29 DMT fails (refund pending)",
			Journal{}.Dr("2410/g", 500000).Dr("2230", 5000).Cr("2420/g", 505000),
			RemittanceFailed("g", 500000, Inclusive(5000))},
		{"G30 Customer OTP accepted: e-value restored",
			Journal{}.Dr("2420/g", 505000).Cr("2400/g", 505000),
			RemittanceRestored("g", 500000, Inclusive(5000))},
		{"G31 DMT 1,000.00 + fee 10.00 initiated",
			Journal{}.Dr("2400/g", 101000).Cr("2410/g", 100000).Cr("2230", 1000),
			SendRemittance("g", 100000, Inclusive(1000))},
		{"G32 DMT succeeds; fee earned (GST-inclusive split)",
			Journal{}.Dr("2410/g", 100000).Cr("1110/b", 100000).Dr("2230", 1000).Cr("4050", 848).Cr("2301", 76).Cr("2302", 76),
			RemittanceGone("g", "b", 100000, Inclusive(1000))},
		{"G33 TAT breach of 2 days on a failed wallet payment: accrue",
			Journal{}.Dr("5030", 20000).Cr("2500", 20000),
			AccrueCompensation(20000)},
		{"G34 Compensation credited to W, own money moved to escrow",
			Journal{}.Dr("2500", 20000).Cr("2100/W", 20000).Dr("1010", 20000).Cr("1020", 20000),
			PayCompensation("2100/W", 20000)},
		{"G35 Chargeback 250.00 opened on pay_A",
			Journal{}.Dr("2010", 25000).Cr("2014", 25000),
			OpenDispute(25000)},
		{"G36 Chargeback lost",
			Journal{}.Dr("2014", 25000).Cr("1100/p", 25000),
			LoseDispute("p", 25000)},
	} {
		// Compared by account: a journal of ours may credit one account twice
		// where the model has one sum.
		if made := sum(step.made); !maps.Equal(printed(made), sum(step.printed)) || made[CashAtAgent] != -made[CashAtAgentC] {
			t.Errorf("%s: made %v, the model has %v", step.name, step.made, step.printed)
		}
		lines, after, err := as.Apply(step.printed, nil)
		if err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		for _, l := range lines {
			if after[l.Account].N == l.N && after[l.Account].Amount != l.Balance {
				t.Errorf("%s: %v leaves %v", step.name, l, after[l.Account])
			}
		}
		maps.Copy(as, after)
	}

	lines, debit, credit, err := TrialBalance(as)
	if err != nil {
		t.Error(err)
	}
	want := []TrialLine{
		{"1010", 518230, 0},
		{"1020", 80000, 0},
		{"1100/p", 0, 35000},
		{"1110/b", 80000, 0},
		{"1220", 6000, 0},
		{"1300", 270, 0},
		{"2010", 0, 4674},
		{"2100/W", 0, 39410},
		{"2101/W", 0, 5000},
		{"2105/S", 0, 6000},
		{"2301", 0, 1290},
		{"2302", 0, 1290},
		{"2400/g", 0, 499000},
		{"3000", 0, 100000},
		{"4010", 0, 12000},
		{"4020", 0, 988},
		{"4030", 0, 500},
		{"4050", 0, 848},
		{"5010", 1500, 0},
		{"5030", 20000, 0},
	}
	if !slices.Equal(lines, want) {
		t.Errorf("trial balance\n%s\nwant\n%s", table(lines), table(want))
	}
	if debit != 706000 || credit != 706000 {
		t.Errorf("the trial balance adds up to %d and %d, want 706000", debit, credit)
	}

	c := Escrow(as)
	if err := c.Check(); err != nil {
		t.Error(err)
	}
	if c.Held != 563230 || c.Owed != 548084 || c.Own != 15146 || c.Wallets != 44410 || c.Bank != 518230 || c.Shortfall != 0 || c.Promised != 6000 {
		t.Errorf("escrow check: %+v", c)
	}
	if err := CheckRounding(as); err != nil {
		t.Error(err)
	}
	if left := (Budget{Captured: 100000, Done: 10000, Disputed: 25000}).Left(); left != 65000 {
		t.Errorf("pay_A: %d left to refund, want 65000", left)
	}
}

// printed are the sums without the memo of the cash at agents.
func printed(sums map[AccountID]Amount) map[AccountID]Amount {
	sums = maps.Clone(sums)
	delete(sums, CashAtAgent)
	delete(sums, CashAtAgentC)
	return sums
}

func table(lines []TrialLine) (s string) {
	for _, l := range lines {
		s += fmt.Sprintf("%-10s %10d %10d\n", l.Account, l.Debit, l.Credit)
	}
	return s
}
