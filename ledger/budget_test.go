package ledger_test

import (
	"testing"

	. "wapas/ledger"
)

func TestBudget(t *testing.T) {
	for _, tt := range []struct {
		name string
		b    Budget
		left Amount
		ask  Amount
		code Code
		why  Why
	}{
		{"all of it", Budget{Captured: 100000}, 100000, 100000, "", ""},
		{"the golden pay_A: refund and lost chargeback", Budget{Captured: 100000, Done: 10000, Disputed: 25000}, 65000, 65000, "", ""},
		{"and one paisa more", Budget{Captured: 100000, Done: 10000, Disputed: 25000}, 65000, 65001, Exceeds, WhyDisputed},
		{"more than the dispute explains", Budget{Captured: 100000, Done: 10000, Disputed: 25000}, 65000, 90001, Exceeds, WhyOverBudget},
		{"the golden pay_B", Budget{Captured: 500000, Done: 500000}, 0, 1, Exceeds, WhyFullyRefunded},
		{"pending counts at once", Budget{Captured: 500, Pending: 300, Done: 100}, 100, 101, Exceeds, WhyOverBudget},
		{"the last paisa", Budget{Captured: 500, Pending: 300, Done: 100}, 100, 100, "", ""},
		{"nothing captured", Budget{}, 0, 1, Exceeds, WhyFullyRefunded},
		{"all of it disputed", Budget{Captured: 500, Disputed: 500}, 0, 500, Exceeds, WhyDisputed},
		{"nothing asked", Budget{Captured: 500}, 500, 0, Invalid, ""},
		{"less than nothing, with nothing left", Budget{}, 0, -1, Invalid, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.b.Left(); got != tt.left {
				t.Errorf("%+v.Left() = %d, want %d", tt.b, got, tt.left)
			}
			checkRefusal(t, tt.b.Allow(tt.ask), tt.code, tt.why)
			checkRefusal(t, tt.b.Check(), "", "")
		})
	}
}

func TestBudgetCheck(t *testing.T) {
	for _, b := range []Budget{
		{Captured: 99, Done: 100},
		{Captured: 100, Pending: 50, Done: 50, Disputed: 1},
		{Captured: -1},
		{Captured: 100, Pending: -1},
		{Captured: 100, Pending: 101, Done: -1},
		{Captured: 100, Disputed: -100},
	} {
		checkRefusal(t, b.Check(), Internal, WhyInvariant)
	}
}

// checkRefusal holds an error against the code and the rule it should have; no
// code means no error.
func checkRefusal(t *testing.T, err error, code Code, why Why) {
	t.Helper()
	if CodeOf(err) != code {
		t.Errorf("got %v, want code %q", err, code)
		return
	}
	if e, ok := err.(*Error); ok && e.Why != why {
		t.Errorf("got %v, want why %q", err, why)
	}
}
