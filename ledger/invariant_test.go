package ledger_test

import (
	"slices"
	"testing"

	. "wapas/ledger"
)

func TestTrialBalance(t *testing.T) {
	as := Accounts{"1100/p": {Amount: -50, N: 1}, Available: {Amount: 200, N: 1}, BankEscrow: {Amount: 250, N: 1}, Pending: {N: 2}}
	lines, debit, credit, err := TrialBalance(as)
	want := []TrialLine{{"1010", 250, 0}, {"1100/p", 0, 50}, {"2010", 0, 200}}
	if err != nil || debit != 250 || credit != 250 || !slices.Equal(lines, want) {
		t.Errorf("got %v, %d, %d, %v", lines, debit, credit, err)
	}
	as[Available] = Balance{Amount: 201, N: 1}
	_, _, _, err = TrialBalance(as)
	checkRefusal(t, err, Internal, WhyInvariant)
	_, _, _, err = TrialBalance(Accounts{"2099": {}})
	checkRefusal(t, err, Internal, WhyInvariant)
}

func TestFollow(t *testing.T) {
	b := Balance{Amount: 100, N: 3}
	for _, tt := range []struct {
		name string
		line Line
		want Balance
		code Code
	}{
		{"a credit", Line{Posting{Available, Credit, 5}, 4, 105}, Balance{105, 4}, ""},
		{"a debit", Line{Posting{Available, Debit, 5}, 4, 95}, Balance{95, 4}, ""},
		{"a debit of a debit account", Line{Posting{"1100/p", Debit, 5}, 4, 105}, Balance{105, 4}, ""},
		{"a gap", Line{Posting{Available, Credit, 5}, 5, 105}, b, Internal},
		{"a line twice", Line{Posting{Available, Credit, 5}, 3, 105}, b, Internal},
		{"a changed amount", Line{Posting{Available, Credit, 6}, 4, 105}, b, Internal},
		{"a changed side", Line{Posting{Available, Debit, 5}, 4, 105}, b, Internal},
		{"a changed balance", Line{Posting{Available, Credit, 5}, 4, 106}, b, Internal},
	} {
		got, err := b.Follow(tt.line)
		if got != tt.want || CodeOf(err) != tt.code {
			t.Errorf("%s: %v, %v; want %v, %q", tt.name, got, err, tt.want, tt.code)
		}
	}
}

func TestEscrow(t *testing.T) {
	for _, tt := range []struct {
		name string
		as   Accounts
		want Coverage
		code Code
	}{
		{"a captured payment that went to a wallet is not at the bank yet",
			Accounts{"1100/p": {Amount: 100}, "2100/w": {Amount: 98}, FeePayment: {Amount: 1}, IGST: {Amount: 1}},
			Coverage{Held: 100, Owed: 98, Wallets: 98, Own: 2, Shortfall: 98}, ""},
		{"store credit on a promise",
			Accounts{ProgrammeOwes: {Amount: 60}, "2105/s": {Amount: 60}},
			Coverage{Promised: 60, Unfunded: 60}, ""},
		{"store credit, half of it funded",
			Accounts{BankEscrow: {Amount: 40}, ProgrammeOwes: {Amount: 60}, "2105/s": {Amount: 100}},
			Coverage{Bank: 40, Held: 40, Owed: 40, Promised: 60, Unfunded: 60}, ""},
		{"a promise without store credit",
			Accounts{BankEscrow: {Amount: -60}, ProgrammeOwes: {Amount: 60}},
			Coverage{Bank: -60, Held: -60, Owed: -60, Promised: 60, Shortfall: 60}, Internal},
		{"money that is nobody's",
			Accounts{BankEscrow: {Amount: 1}},
			Coverage{Bank: 1, Held: 1, Surplus: 1}, Internal},
		{"a merchant who owes us",
			Accounts{"1100/p": {Amount: -25}, Available: {Amount: -25}},
			Coverage{Held: -25, Owed: -25}, ""},
		{"memos are aside", Accounts{CashAtAgent: {Amount: 9}, CashAtAgentC: {Amount: 9}}, Coverage{}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := Escrow(tt.as)
			if got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
			if err := got.Check(); CodeOf(err) != tt.code {
				t.Errorf("Check: %v, want %q", err, tt.code)
			}
		})
	}
}

// Every account of the chart is somewhere in the coverage of escrow but for
// the memo pairs: a balance on it moves one of the sums.
func TestEscrowKnowsTheChart(t *testing.T) {
	for _, h := range Chart() {
		id := Account(h.Code, "")
		if h.Owned {
			id = Account(h.Code, "x")
		}
		known := Escrow(Accounts{id: {Amount: 7, N: 1}}) != Coverage{}
		if memo := h.Code >= "9000"; known == memo {
			t.Errorf("%s %s: known to the coverage: %v", h.Code, h.Name, known)
		}
	}
}

func TestFloored(t *testing.T) {
	for id, want := range map[AccountID]bool{
		"2100/w": true, "2101/w": true, "2102/w": true, "2105/w": true, "2400/g": true, "2020/l": true, "2021/l": true,
		"2200/p": true, Available: false, "1100/p": false, FeePayment: false,
	} {
		if Floored(id) != want {
			t.Errorf("Floored(%s) = %v", id, !want)
		}
	}
}

func TestSmallInvariants(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  error
		bad  bool
	}{
		{"a fee", CheckFee(118, 18), false},
		{"no fee", CheckFee(0, 0), false},
		{"a fee less than its tax", CheckFee(17, 18), true},
		{"a negative tax", CheckFee(17, -1), true},
		{"nothing reversed", CheckReversed(100, 0), false},
		{"all reversed", CheckReversed(100, 100), false},
		{"more reversed", CheckReversed(100, 101), true},
		{"less than nothing reversed", CheckReversed(100, -1), true},
		{"no rounding", CheckRounding(Accounts{Available: {Amount: 1, N: 1}}), false},
		{"rounding", CheckRounding(Accounts{Rounding: {Amount: 1, N: 1}}), true},
		{"rounding there and back", CheckRounding(Accounts{Rounding: {N: 2}}), true},
	} {
		want := Code("")
		if tt.bad {
			want = Internal
		}
		if CodeOf(tt.err) != want {
			t.Errorf("%s: %v", tt.name, tt.err)
		}
	}
}

func TestAmount(t *testing.T) {
	for a, want := range map[Amount]string{0: "0.00", 5: "0.05", 123450: "1234.50", -7: "-0.07", -1 << 63: "-92233720368547758.08"} {
		if got := a.String(); got != want {
			t.Errorf("%d is written %q, want %q", int64(a), got, want)
		}
	}
	for _, f := range []func(){
		func() { Amount(1 << 62).Add(1 << 62) },
		func() { Amount(-1 << 62).Add(-1<<62 - 1) },
		func() { Amount(-2).Sub(1<<63 - 1) },
		func() { Amount(0).Sub(-1 << 63) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("an overflow went unnoticed")
				}
			}()
			f()
		}()
	}
	if got := Amount(1<<62 - 1).Add(1 << 62); got != 1<<63-1 {
		t.Errorf("the largest amount is %d", got)
	}
}

// Months are those of India: they begin five and a half hours before UTC's.
func TestMonth(t *testing.T) {
	for s, want := range map[int64]int64{
		1772303399: 202602, // 28 February 2026, 23:59:59 in India
		1772303400: 202603,
		1767205799: 202512,
		1767205800: 202601,
	} {
		if got := Seconds(s).Month(); got != want {
			t.Errorf("%v is in %d, want %d", Seconds(s).Std(), got, want)
		}
	}
}
