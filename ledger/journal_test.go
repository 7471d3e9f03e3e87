package ledger_test

import (
	"math/rand/v2"
	"testing"

	. "wapas/ledger"
)

// What a journal is made of in these tests: an amount, a part of it, a fee on
// it, and a flag.
type draw struct {
	a, part Amount
	fee     Fee
	flag    bool
}

// random draws small amounts as often as large ones.
func random(r *rand.Rand) draw {
	a := Amount(1 + r.Int64N(1<<(1+r.IntN(30))))
	rate := Rate{Bps: r.Int64N(500), Flat: Amount(r.Int64N(50))}
	return draw{a: a, part: Amount(r.Int64N(int64(a) + 1)), fee: rate.On(a, r.IntN(4) == 0), flag: r.IntN(2) == 0}
}

func (d draw) feeFrom() AccountID {
	if d.flag {
		return Available
	}
	return "2100/w"
}

// Every journal there is, with what 4.3 of the accounting model calls it.
var journals = []struct {
	name string
	make func(d draw) Journal
}{
	{"own funds", func(d draw) Journal { return BringOwnFunds(d.a) }},
	{"J01", func(d draw) Journal { return Capture("p", d.a, d.fee, d.flag) }},
	{"J02", func(d draw) Journal { return ProviderSettles("p", d.a, d.part/2, d.part/3) }},
	{"J03", func(d draw) Journal { return Becomes(d.a) }},
	{"J04", func(d draw) Journal { return AutoRefund("p", d.a) }},
	{"J05", func(d draw) Journal { return Load("w", d.a, d.fee) }},
	{"J06", func(d draw) Journal { return Transfer("l", d.a, d.fee, d.flag) }},
	{"J06h", func(d draw) Journal { return ReleaseHold("l", d.a) }},
	{"J06h back", func(d draw) Journal { return PlaceHold("l", d.a) }},
	{"J07", func(d draw) Journal { return GiveCashback("w", d.a, d.fee) }},
	{"J08", func(d draw) Journal { return Spend("w", d.a, d.part, d.fee) }},
	{"J09 held", func(d draw) Journal { return Hold("w", d.a, d.part) }},
	{"J09 captured", func(d draw) Journal { return CaptureHeld("w", d.a, d.fee) }},
	{"J09 released", func(d draw) Journal { return Release("w", d.a, d.part) }},
	{"J10", func(d draw) Journal { return RefundToWallet(Available, "w", d.a, d.part) }},
	{"J10 from credits", func(d draw) Journal { return RefundToWallet(RefundCredits, "w", d.a, d.part) }},
	{"J11", func(d draw) Journal { return AcceptRefund(Available, "p", d.a) }},
	{"J12 linked", func(d draw) Journal { return Reverse(LinkedAccount("l", d.flag), d.a) }},
	{"J12 wallet", func(d draw) Journal { return Reverse("2100/w", d.a) }},
	{"J14", func(d draw) Journal { return RefundGone("p", d.a) }},
	{"J15", func(d draw) Journal { return RefundBack(Available, "p", d.a) }},
	{"J16", func(d draw) Journal { return RefundLateSuccess(Available, "p", d.a) }},
	{"J17 taken", func(d draw) Journal { return TakeInstantFee(d.fee) }},
	{"J17 returned", func(d draw) Journal { return ReturnInstantFee(d.fee) }},
	{"J17 kept", func(d draw) Journal { return KeepInstantFee(d.fee) }},
	{"J18", func(d draw) Journal { return SendPayout("w", "b", d.a, d.fee, d.feeFrom()) }},
	{"J19", func(d draw) Journal { return PayoutGone("b", d.a, d.fee) }},
	{"J20", func(d draw) Journal { return PayoutBack("w", "b", d.a, d.fee, d.feeFrom()) }},
	{"J21", func(d draw) Journal { return PayoutReturn("w", "b", d.a, d.fee, d.feeFrom()) }},
	{"J21 late", func(d draw) Journal { return PayoutLateSuccess("w", "b", d.a, d.fee, d.part) }},
	{"J22", func(d draw) Journal { return OpenDispute(d.a) }},
	{"J23", func(d draw) Journal { return LoseDispute("p", d.a) }},
	{"J24", func(d draw) Journal { return WinDispute(d.a) }},
	{"J29 sent", func(d draw) Journal { return SendSettlement(d.a, d.fee) }},
	{"J29 linked", func(d draw) Journal { return SettleLinked("l", d.a) }},
	{"J29 linked failed", func(d draw) Journal { return SettleLinkedReturned("l", d.a) }},
	{"J29 arrived", func(d draw) Journal { return SettlementArrived(d.a) }},
	{"J29 failed", func(d draw) Journal { return SettlementReturned(d.a) }},
	{"float", func(d draw) Journal { return TopUpFloat("b", d.a) }},
	{"J07p", func(d draw) Journal { return GiveOwnCashback("w", d.a) }},
	{"J25", func(d draw) Journal { return LoadCredit(ProgrammeOwes, "promised", d.a) }},
	{"J25f", func(d draw) Journal { return LoadCredit(Available, "funded", d.a) }},
	{"J25s", func(d draw) Journal { return SpendCredit("promised", d.a, 0) }},
	{"J25t", func(d draw) Journal { return SpendCredit("funded", 0, d.a) }},
	{"J25s returned", func(d draw) Journal { return ReturnCredit("promised", d.a, 0) }},
	{"J25t returned", func(d draw) Journal { return ReturnCredit("funded", 0, d.a) }},
	{"J25s expired", func(d draw) Journal { return ExpireCredit("promised", d.a, 0) }},
	{"J25t expired", func(d draw) Journal { return ExpireCredit("funded", 0, d.a) }},
	{"J26 accrued", func(d draw) Journal { return AccrueCompensation(d.a) }},
	{"J26 paid", func(d draw) Journal { return PayCompensation("2100/w", d.a) }},
	{"J26 sent", func(d draw) Journal { return SendCompensation(d.a) }},
	{"J26 waived", func(d draw) Journal { return WaiveCompensation(d.a) }},
	{"J27", func(d draw) Journal { return BuyValue("g", d.a) }},
	{"J28", func(d draw) Journal { return SendRemittance("g", d.a, d.fee) }},
	{"J28s", func(d draw) Journal { return RemittanceGone("g", "b", d.a, d.fee) }},
	{"J28f", func(d draw) Journal { return RemittanceFailed("g", d.a, d.fee) }},
	{"J28r", func(d draw) Journal { return RemittanceRestored("g", d.a, d.fee) }},
	{"J28 late", func(d draw) Journal { return RemittanceLateSuccess("g", "b", d.a, d.fee) }},
	{"J28 twice", func(d draw) Journal { return RemittanceTwice("b", d.a) }},
	{"J28 twice, back", func(d draw) Journal { return RemittanceTwiceBack("b", d.a) }},
	{"J28 back", func(d draw) Journal { return RemittanceBack("b", d.a) }},
	{"J28 back, gone", func(d draw) Journal { return RemittanceBackGone("b", d.a) }},
	{"commission", func(d draw) Journal { return GiveCommission("g", d.a, d.part) }},
	{"commission back", func(d draw) Journal { return TakeCommission("g", d.a, d.part) }},
	{"J30 received", func(d draw) Journal { return ReceiveUnknown(d.a) }},
	{"J30 identified", func(d draw) Journal { return IdentifyReceipt("2100/w", d.a) }},
	{"J30 adjusted", func(d draw) Journal { return Adjust("5040", "2100/w", d.a) }},
	{"J33", func(d draw) Journal { return SweepFees(d.a) }},
}

// Every journal balances, whatever the amounts, down to a flat fee that is
// more than the amount, and posts the tax of its fee or none.
func TestJournalsBalance(t *testing.T) {
	for _, tt := range journals {
		t.Run(tt.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(2, 3))
			for range 2000 {
				d := random(r)
				j := tt.make(d)
				if len(j) == 0 && d.fee.Total() == 0 {
					continue // a fee of nothing is no entry
				}
				if err := CheckPostings(j); err != nil {
					t.Fatalf("%+v: %v: %v", d, err, j)
				}
				if tax := taxOf(j); tax != 0 && tax != d.fee.Tax() && tax != -d.fee.Tax() {
					t.Fatalf("%+v: a tax of %d: %v", d, tax, j)
				}
			}
		})
	}
}

// Journals that undo each other leave every balance where it was.
func TestJournalsUndo(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 5))
	for range 500 {
		d := random(r)
		for name, pair := range map[string][]Journal{
			"hold and release":             {Hold("w", d.a, d.part), Release("w", d.a, d.part)},
			"payout sent and reversed":     {SendPayout("w", "b", d.a, d.fee, d.feeFrom()), PayoutBack("w", "b", d.a, d.fee, d.feeFrom())},
			"payout sent, gone, returned":  {SendPayout("w", "b", d.a, d.fee, d.feeFrom()), PayoutGone("b", d.a, d.fee), PayoutReturn("w", "b", d.a, d.fee, d.feeFrom())},
			"refund accepted and failed":   {AcceptRefund(Available, "p", d.a), RefundBack(Available, "p", d.a)},
			"instant fee and its return":   {TakeInstantFee(d.fee), ReturnInstantFee(d.fee)},
			"dispute opened and won":       {OpenDispute(d.a), WinDispute(d.a)},
			"settlement sent and returned": {SendSettlement(d.a, Fee{}), SettlementReturned(d.a)},
			"automatic refund":             {AutoRefund("p", d.a), RefundGone("p", d.a)},
			"hold placed and released":     {PlaceHold("l", d.a), ReleaseHold("l", d.a)},
			"credit given and expired":     {LoadCredit(ProgrammeOwes, "w", d.a), ExpireCredit("w", d.a, 0)},
			"credit spent and returned":    {SpendCredit("w", d.part, d.a), ReturnCredit("w", d.part, d.a)},
			"compensation waived":          {AccrueCompensation(d.a), WaiveCompensation(d.a)},
			"remittance refunded":          {SendRemittance("g", d.a, d.fee), RemittanceFailed("g", d.a, d.fee), RemittanceRestored("g", d.a, d.fee)},
			"commission given and taken":   {GiveCommission("g", d.a, d.part), TakeCommission("g", d.a, d.part)},
			"twice, and back":              {RemittanceTwice("b", d.a), RemittanceTwiceBack("b", d.a)},
			"back, and gone again":         {RemittanceBack("b", d.a), RemittanceBackGone("b", d.a)},
		} {
			sums := map[AccountID]Amount{}
			for _, j := range pair {
				for _, p := range j {
					sums[p.Account] += Amount(p.Side) * p.Amount
				}
			}
			for id, sum := range sums {
				if sum != 0 {
					t.Fatalf("%s with %+v leaves %d on %s", name, d, sum, id)
				}
			}
		}
	}
}

// A late success of a refund or a payout ends where a timely one would have.
func TestLateSuccess(t *testing.T) {
	const a = Amount(10000)
	fee := Rate{Flat: 500}.On(a, false)
	for _, tt := range []struct {
		name         string
		timely, late map[AccountID]Amount
	}{
		{"payout",
			sum(SendPayout("w", "b", a, fee, "2100/w"), PayoutGone("b", a, fee)),
			sum(SendPayout("w", "b", a, fee, "2100/w"), PayoutBack("w", "b", a, fee, "2100/w"), PayoutLateSuccess("w", "b", a, fee, a+fee.Total()))},
		{"refund",
			sum(AcceptRefund(Available, "p", a), RefundGone("p", a)),
			sum(AcceptRefund(Available, "p", a), RefundBack(Available, "p", a), RefundLateSuccess(Available, "p", a))},
		{"remittance",
			sum(SendRemittance("g", a, fee), RemittanceGone("g", "b", a, fee)),
			sum(SendRemittance("g", a, fee), RemittanceFailed("g", a, fee), RemittanceLateSuccess("g", "b", a, fee))},
	} {
		for id, want := range tt.timely {
			if tt.late[id] != want {
				t.Errorf("%s: %s ends at %d, want %d", tt.name, id, tt.late[id], want)
			}
		}
	}
}

func sum(js ...Journal) map[AccountID]Amount {
	sums := map[AccountID]Amount{}
	for _, j := range js {
		for _, p := range j {
			sums[p.Account] += Amount(p.Side) * p.Amount
		}
	}
	return sums
}

// A flat fee above the amount is charged to the merchant, and nothing pends.
func TestFeeAboveAmount(t *testing.T) {
	f := Rate{Flat: 500}.On(100, false)
	got := sum(Capture("p", 100, f, true))
	if got[Available] != 490 || got[Pending] != 0 || got["1100/p"] != 100 {
		t.Errorf("a capture of 100 with a fee of %d: %v", f.Total(), got)
	}
}

// taxOf is the tax that an entry posted: what its lines on 2301, 2302 and 2303
// add, less what they take back (I-9).
func taxOf(ps []Posting) Amount {
	var tax Amount
	for _, p := range ps {
		switch p.Account.Code() {
		case CGST, SGST, IGST:
			if p.Side == Credit {
				tax = tax.Add(p.Amount)
			} else {
				tax = tax.Sub(p.Amount)
			}
		}
	}
	return tax
}
