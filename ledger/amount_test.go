package ledger

import "testing"

func TestParseRupees(t *testing.T) {
	for _, c := range []struct {
		in   string
		want Amount
		ok   bool
	}{
		{"0", 0, true},
		{"0.01", 1, true},
		{"1", 100, true},
		{"1234.5", 1234_50, true},
		{"1234.50", 1234_50, true},
		{"0007.07", 7_07, true},
		{"10000000000.00", MaxAmount, true},
		{"10000000000.01", 0, false},
		{"99999999999999", 0, false},
		{"1.", 0, false},
		{".5", 0, false},
		{"1.234", 0, false},
		{"1.2.3", 0, false},
		{"1,000", 0, false},
		{"-1", 0, false},
		{"+1", 0, false},
		{"1e3", 0, false},
		{" 1", 0, false},
		{"१", 0, false},
		{"", 0, false},
	} {
		got, ok := ParseRupees(c.in)
		if ok != c.ok || ok && got != c.want {
			t.Errorf("ParseRupees(%q) = %d, %t, want %d, %t", c.in, got, ok, c.want, c.ok)
		}
	}
}
