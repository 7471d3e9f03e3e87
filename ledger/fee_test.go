package ledger_test

import (
	"math/big"
	"testing"

	. "wapas/ledger"
)

// The vectors of published samples: bases and the fee and tax printed with
// them. 18 percent in one step would give other paise for most.
func TestFeeVectors(t *testing.T) {
	for _, tt := range []struct{ base, total, tax Amount }{
		{250, 296, 46}, {20, 24, 4}, {18, 22, 4}, {60, 70, 10}, {2390, 2820, 430},
		{500, 590, 90}, {200, 236, 36}, {1, 1, 0}, {2, 2, 0}, {0, 0, 0},
		{2000, 2360, 360}, {100, 118, 18}, {13, 15, 2}, {375, 443, 68}, // of the golden scenario
	} {
		f := Rate{Flat: tt.base}.On(100, false)
		if f.Base != tt.base || f.Total() != tt.total || f.Tax() != tt.tax || f.CGST != f.SGST || f.IGST != 0 {
			t.Errorf("a base of %d: %+v, total %d, tax %d; want %d and %d", tt.base, f, f.Total(), f.Tax(), tt.total, tt.tax)
		}
	}
}

func TestFeeInterstate(t *testing.T) {
	for _, tt := range []struct{ base, tax Amount }{
		{250, 45}, {20, 4}, {18, 3}, {60, 11}, {2390, 430}, {500, 90}, {2, 0}, {3, 1},
	} {
		f := Rate{Flat: tt.base}.On(100, true)
		if f.IGST != tt.tax || f.Tax() != tt.tax || f.CGST != 0 || f.SGST != 0 {
			t.Errorf("a base of %d between states: %+v, want a tax of %d", tt.base, f, tt.tax)
		}
	}
}

func TestRate(t *testing.T) {
	for _, tt := range []struct {
		rate   Rate
		amount Amount
		base   Amount
	}{
		{Rate{Bps: 200}, 100000, 2000},
		{Rate{Bps: 25}, 40000, 100},
		{Rate{Bps: 25}, 5000, 13}, // 12.5 is rounded up
		{Rate{Bps: 25}, 1, 1},     // and so is a four hundredth of a paisa
		{Rate{Bps: 25}, 0, 0},
		{Rate{Bps: 200, Flat: 300}, 100, 302},
		{Rate{Bps: MaxBps}, MaxAmount, MaxAmount},
		{Rate{}, 100000, 0},
	} {
		if got := tt.rate.On(tt.amount, false).Base; got != tt.base {
			t.Errorf("%+v.On(%d).Base = %d, want %d", tt.rate, tt.amount, got, tt.base)
		}
	}
}

func TestInclusive(t *testing.T) {
	for _, tt := range []struct{ total, base, half Amount }{
		{1000, 848, 76}, {5000, 4238, 381}, {590, 500, 45}, {118, 100, 9}, {1, 1, 0}, {0, 0, 0}, {7, 5, 1},
	} {
		f := Inclusive(tt.total)
		if f.Base != tt.base || f.CGST != tt.half || f.SGST != tt.half || f.Total() != tt.total {
			t.Errorf("Inclusive(%d) = %+v, want a base of %d and halves of %d", tt.total, f, tt.base, tt.half)
		}
	}
}

// What a fee is made of survives being kept as a total and its tax, also if
// the two were made between states and are read back within one.
func TestFeeOf(t *testing.T) {
	for base := Amount(0); base < 500; base++ {
		for _, interstate := range []bool{false, true} {
			f := Rate{Flat: base}.On(100, interstate)
			if got := FeeOf(f.Total(), f.Tax(), interstate); got != f {
				t.Fatalf("FeeOf(%d, %d) = %+v, want %+v", f.Total(), f.Tax(), got, f)
			}
			if got := FeeOf(f.Total(), f.Tax(), !interstate); got.Total() != f.Total() || got.Tax() != f.Tax() {
				t.Fatalf("FeeOf(%d, %d) read back otherwise is %+v", f.Total(), f.Tax(), got)
			}
		}
	}
}

// FuzzFee compares with the definitions, in numbers that cannot overflow.
func FuzzFee(f *testing.F) {
	f.Add(int64(100000), int64(200), int64(0))
	f.Add(int64(5000), int64(25), int64(500))
	f.Add(int64(MaxAmount), int64(MaxBps), int64(MaxAmount))
	f.Fuzz(func(t *testing.T, amount, bps, flat int64) {
		if amount < 0 || amount > int64(MaxAmount) || bps < 0 || bps > MaxBps || flat < 0 || flat > int64(MaxAmount) {
			t.Skip()
		}
		rate := Rate{Bps: bps, Flat: Amount(flat)}
		base := ceil(big.NewInt(amount), bps, 10_000)
		base.Add(base, big.NewInt(flat))
		in, out := rate.On(Amount(amount), false), rate.On(Amount(amount), true)
		if big.NewInt(int64(in.Base)).Cmp(base) != 0 || out.Base != in.Base {
			t.Fatalf("%+v.On(%d): base %d, want %v", rate, amount, in.Base, base)
		}
		if half := round(base, 9); big.NewInt(int64(in.CGST)).Cmp(half) != 0 || in.CGST != in.SGST {
			t.Fatalf("%+v.On(%d): halves %d and %d, want %v", rate, amount, in.CGST, in.SGST, half)
		}
		if all := round(base, 18); big.NewInt(int64(out.IGST)).Cmp(all) != 0 {
			t.Fatalf("%+v.On(%d): %d between states, want %v", rate, amount, out.IGST, all)
		}
		if in.Total()-in.Base != in.Tax() {
			t.Fatalf("%+v: the total is not the base and the tax", in)
		}
		// An inclusive price is split without losing a paisa, and its tax is
		// within a paisa of what its base would be charged.
		split := Inclusive(Amount(amount))
		again := Rate{Flat: split.Base}.On(0, false)
		if split.Total() != Amount(amount) || split.Base < 0 || split.CGST < 0 || abs(again.CGST-split.CGST) > 1 {
			t.Fatalf("Inclusive(%d) = %+v, charged on its base %+v", amount, split, again)
		}
	})
}

func ceil(a *big.Int, b, c int64) *big.Int {
	p := new(big.Int).Mul(a, big.NewInt(b))
	p.Add(p, big.NewInt(c-1))
	return p.Div(p, big.NewInt(c))
}

func round(base *big.Int, percent int64) *big.Int {
	p := new(big.Int).Mul(base, big.NewInt(percent))
	p.Add(p, big.NewInt(50))
	return p.Div(p, big.NewInt(100))
}

func abs(a Amount) Amount { return max(a, -a) }
