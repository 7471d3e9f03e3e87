package ledger_test

import (
	"maps"
	"testing"

	. "wapas/ledger"
)

// The journals of the operator's own money and of the rooms that lend theirs to
// others, as 4.3 of the accounting model prints them, line by line.
func TestModel(t *testing.T) {
	const a, c = Amount(10000), Amount(30000)
	f := Inclusive(1000) // 848, and 76 of tax twice
	for _, tt := range []struct {
		name    string
		made    Journal
		printed Journal
	}{
		{"J07p operator-funded cashback", GiveOwnCashback("W", a),
			Journal{}.Dr("5050", a).Dr("1010", a).Cr("2101/W", a).Cr("1020", a)},
		{"J25 load, merchant-backed", LoadCredit(ProgrammeOwes, "S", a), Journal{}.Dr("1220", a).Cr("2105/S", a)},
		{"J25f load, prefunded", LoadCredit(Available, "S", a), Journal{}.Dr("2010", a).Cr("2105/S", a)},
		{"J25f load, from refund credits", LoadCredit(RefundCredits, "S", a), Journal{}.Dr("2012", a).Cr("2105/S", a)},
		{"J25s spent, merchant-backed", SpendCredit("S", a, 0), Journal{}.Dr("2105/S", a).Cr("1220", a)},
		{"J25t spent, prefunded", SpendCredit("S", 0, a), Journal{}.Dr("2105/S", a).Cr("2010", a)},
		{"J25s, J25t spent, some of either", SpendCredit("S", a, c), Journal{}.Dr("2105/S", a+c).Cr("1220", a).Cr("2010", c)},
		{"J25s expired, merchant-backed", ExpireCredit("S", a, 0), Journal{}.Dr("2105/S", a).Cr("1220", a)},
		{"J25t expired, prefunded", ExpireCredit("S", 0, a), Journal{}.Dr("2105/S", a).Cr("2010", a)},
		{"J26 accrues", AccrueCompensation(c), Journal{}.Dr("5030", c).Cr("2500", c)},
		{"J26 paid to wallet", PayCompensation("2100/W", c), Journal{}.Dr("2500", c).Dr("1010", c).Cr("2100/W", c).Cr("1020", c)},
		{"J27 agent buys e-value", BuyValue("g", a), Journal{}.Dr("1010", a).Cr("2400/g", a)},
		{"J28 initiated (memo: 9010 A+F / 9011)", SendRemittance("g", a, f),
			Journal{}.Dr("2400/g", a+1000).Cr("2410/g", a).Cr("2230", 1000).Dr("9010", a+1000).Cr("9011", a+1000)},
		{"J28s success", RemittanceGone("g", "b", a, f),
			Journal{}.Dr("2410/g", a).Dr("2230", 1000).Cr("1110/b", a).Cr("4050", 848).Cr("2301", 76).Cr("2302", 76).Dr("9011", a+1000).Cr("9010", a+1000)},
		{"J28f failed, refund pending", RemittanceFailed("g", a, f), Journal{}.Dr("2410/g", a).Dr("2230", 1000).Cr("2420/g", a+1000)},
		{"J28r OTP accepted (memo reversed)", RemittanceRestored("g", a, f),
			Journal{}.Dr("2420/g", a+1000).Cr("2400/g", a+1000).Dr("9011", a+1000).Cr("9010", a+1000)},
		{"J30 unknown receipt", ReceiveUnknown(a), Journal{}.Dr("1010", a).Cr("2900", a)},
		{"J30 identified", IdentifyReceipt("2100/W", a), Journal{}.Dr("2900", a).Cr("2100/W", a)},
		{"J33 sweep earned fees out of escrow", SweepFees(a), Journal{}.Dr("1020", a).Cr("1010", a)},
		{"J34 GST paid", PayGST(1290, 1290, 0, 270), Journal{}.Dr("2301", 1290).Dr("2302", 1290).Cr("1300", 270).Cr("1020", 2310)},
		{"J34 between states", PayGST(0, 0, 500, 0), Journal{}.Dr("2303", 500).Cr("1020", 500)},
	} {
		if !maps.Equal(sum(tt.made), sum(tt.printed)) {
			t.Errorf("%s: made %v, the model has %v", tt.name, tt.made, tt.printed)
		}
		if err := CheckPostings(tt.made); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// The journals of all rooms keep I-7, whatever stands behind store credit, and
// what is promised is told from what is funded.
func TestEscrowOfRooms(t *testing.T) {
	as := Accounts{}
	for _, j := range []Journal{
		BringOwnFunds(100000), BuyValue("g", 600000), LoadCredit(ProgrammeOwes, "S", 10000),
		Capture("p", 50000, Fee{}, false), LoadCredit(Available, "S", 7000), SpendCredit("S", 4000, 1000),
		SendRemittance("g", 100000, Inclusive(1000)), RemittanceFailed("g", 100000, Inclusive(1000)),
		SendRemittance("g", 100000, Inclusive(1000)), RemittanceGone("g", "b", 100000, Inclusive(1000)),
		GiveCommission("g", 500, 25), AccrueCompensation(30000), ReceiveUnknown(8000), IdentifyReceipt("2100/W", 3000),
		GiveOwnCashback("W", 2000), PayCompensation("2100/W", 20000), SendCompensation(10000), SweepFees(100), PayGST(76, 0, 0, 0),
	} {
		_, after, err := as.Apply(j, nil)
		if err != nil {
			t.Fatal(err)
		}
		maps.Copy(as, after)
		if err := Escrow(as).Check(); err != nil {
			t.Fatalf("after %v: %v", j, err)
		}
	}
	c := Escrow(as)
	// 2010 43000+1000, 2100 and 2101 25000, 2105 funded 6000, 2400 600000-202000+475, 2420 101000, 2320 25, 2900 5000
	if c.Promised != 6000 || c.Owed != 44000+25000+6000+398475+101000+25+5000 || c.Wallets != 25000 {
		t.Errorf("coverage: %+v", c)
	}
	if a := as[CashAtAgent].Amount; a != 101000 || as[CashAtAgentC].Amount != a {
		t.Errorf("the memo says that agents hold %d", a)
	}
	if err := CheckMemos(as); err != nil {
		t.Error(err)
	}
	if err := CheckMemos(Accounts{CashAtAgent: {Amount: 2, N: 1}, CashAtAgentC: {Amount: 1, N: 1}}); err == nil {
		t.Error("a memo without its contra is accepted")
	}
	own := map[AccountID]bool{}
	for _, id := range OwnAccounts() {
		own[id] = true
	}
	for id := range as {
		if !own[id] && id != BankEscrow && id.Code() != "1100" && id.Code() != "1110" {
			delete(as, id)
		}
	}
	if got := Escrow(as).Own; got != c.Own || got == 0 {
		t.Errorf("the accounts of our own add up to %d, want %d", got, c.Own)
	}
}
