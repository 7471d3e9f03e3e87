package eko

import (
	"strings"
	"testing"

	"wapas/ledger"
)

func TestRupees(t *testing.T) {
	for _, c := range []struct {
		in   string
		want ledger.Amount
		ok   bool
	}{
		{"5000", 5000_00, true}, {"5000.5", 5000_50, true}, {"5000.00", 5000_00, true}, {"0.01", 1, true}, {"1.10000", 1_10, true},
		{"0", 0, true}, {"007.5", 7_50, true}, {"10000000000", 1_000_000_000_000, true}, {"4503599627370.49", 0, false}, {"33.33", 33_33, true},
		{"10000000000.01", 0, false}, {"1.001", 0, false}, {"", 0, false}, {".", 0, false}, {".5", 0, false}, {"5.", 0, false}, {"-1", 0, false},
		{"+1", 0, false}, {"1e3", 0, false}, {"1,000", 0, false}, {" 1", 0, false}, {"१", 0, false}, {"NaN", 0, false}, {"0x10", 0, false},
		{strings.Repeat("9", 40), 0, false},
	} {
		if got, ok := parseRupees(c.in); ok != c.ok || ok && got != c.want {
			t.Errorf("parseRupees(%q) = %d, %t, want %d, %t", c.in, got, ok, c.want, c.ok)
		}
	}
	for a, want := range map[ledger.Amount]string{0: "0.0", 50_00: "50.0", 7_10: "7.1", 28_38: "28.38", 76: "0.76", 1: "0.01", 1045_00: "1045.0"} {
		if got := short(a); got != want {
			t.Errorf("short(%d) = %s, want %s", a, got, want)
		}
	}
}

// FuzzRupees looks for an amount that is not what it says, digit for digit.
func FuzzRupees(f *testing.F) {
	for _, s := range []string{"5000.00", "0.1", "1.100", "9999999999.99", "1e5", "-0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, ok := parseRupees(s)
		if !ok {
			return
		}
		whole, part, _ := strings.Cut(s, ".")
		want := strings.TrimLeft(whole, "0") + "." + (strings.TrimRight(part, "0") + "00")[:max(2, len(strings.TrimRight(part, "0")))]
		if want[0] == '.' {
			want = "0" + want
		}
		if a.String() != want || a < 0 || a > ledger.MaxAmount {
			t.Fatalf("%q was read as %s", s, a)
		}
		if b, ok := parseRupees(a.String()); !ok || b != a {
			t.Fatalf("%s reads as %d, %t", a, b, ok)
		}
		if b, ok := parseRupees(short(a)); !ok || b != a {
			t.Fatalf("%s reads as %d, %t", short(a), b, ok)
		}
	})
}
