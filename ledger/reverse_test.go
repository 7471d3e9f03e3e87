package ledger_test

import (
	"slices"
	"testing"

	. "wapas/ledger"
)

func TestReverseAll(t *testing.T) {
	as := func(a ...Amount) []Amount { return a }
	for _, tt := range []struct {
		name         string
		refund, left Amount
		remaining    []Amount
		want         []Amount
		code         Code
		why          Why
	}{
		{"full: all of every transfer", 500000, 500000, as(150000, 150000), as(150000, 150000), "", ""},
		{"full, one reversed before", 500000, 500000, as(0, 150000), as(0, 150000), "", ""},
		{"the rest after earlier refunds is full too", 300000, 300000, as(150000, 150000), as(150000, 150000), "", ""},
		{"full, although the transfers hold more than is left", 100, 100, as(150000, 150000), as(150000, 150000), "", ""},
		{"partial with two", 100, 500000, as(150000, 150000), nil, Invalid, WhyReverseAll},
		{"partial, one paisa short of full", 499999, 500000, as(150000, 150000), nil, Invalid, WhyReverseAll},
		{"partial, the other reversed before", 100000, 500000, as(0, 150000), as(0, 100000), "", ""},
		{"partial with one", 100, 500000, as(150000), as(100), "", ""},
		{"partial with one that holds less", 200000, 500000, as(150000), as(150000), "", ""},
		{"partial with none", 100, 500000, nil, as(), "", ""},
		{"partial, all reversed before", 100, 500000, as(0, 0), as(0, 0), "", ""},
		{"full with none", 500000, 500000, nil, as(), "", ""},
		{"too much wins over two", 500001, 500000, as(150000, 150000), nil, Exceeds, WhyOverBudget},
		{"nothing left", 1, 0, as(150000), nil, Exceeds, WhyOverBudget},
		{"nothing asked wins over all", 0, 0, as(1, 1), nil, Invalid, ""},
		{"a transfer below zero is our fault", 1, 1, as(-1), nil, Internal, WhyInvariant},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ReverseAll(tt.refund, tt.left, tt.remaining)
			checkRefusal(t, err, tt.code, tt.why)
			if !slices.Equal(got, tt.want) {
				t.Errorf("ReverseAll(%d, %d, %v) = %v, want %v", tt.refund, tt.left, tt.remaining, got, tt.want)
			}
		})
	}
}

// The vector of the accounting model, to the end: L1 200000 of which 50000 is
// reversed, L2 150000, and a full refund of 500000 leaves the merchant 200000
// poorer.
func TestReverseAllNet(t *testing.T) {
	back, err := ReverseAll(500000, 500000, []Amount{200000 - 50000, 150000})
	if err != nil {
		t.Fatal(err)
	}
	if net := back[0] + back[1] - 500000; net != -200000 {
		t.Errorf("the merchant's net is %d, want -200000", net)
	}
}
