package ledger_test

import (
	"testing"
	"time"

	. "wapas/ledger"
)

// Days are India's: they begin at 18:30 UTC of the day before.
func TestDay(t *testing.T) {
	for _, tt := range []struct {
		at   time.Time
		want Day
	}{
		{time.Date(2026, 3, 1, 18, 29, 59, 999_999_000, time.UTC), 20260301},
		{time.Date(2026, 3, 1, 18, 30, 0, 0, time.UTC), 20260302},
		{time.Date(2025, 12, 31, 18, 30, 0, 0, time.UTC), 20260101},
	} {
		if got := At(tt.at).Day(); got != tt.want {
			t.Errorf("the day of %s: got %d, want %d", tt.at, got, tt.want)
		}
	}
	if got := Day(20260302).Start().Std(); !got.Equal(time.Date(2026, 3, 1, 18, 30, 0, 0, time.UTC)) {
		t.Errorf("2 March begins at %s", got)
	}
	for _, tt := range []struct {
		from, to Day
		days     int64
	}{
		{20260228, 20260301, 1}, {20240228, 20240301, 2}, {20251231, 20260105, 5}, {20260310, 20260307, -3}, {20260307, 20260307, 0},
	} {
		if got := tt.to.Since(tt.from); got != tt.days {
			t.Errorf("%s since %s: got %d, want %d", tt.to, tt.from, got, tt.days)
		}
		if got := tt.from.Add(tt.days); got != tt.to {
			t.Errorf("%s and %d days: got %s, want %s", tt.from, tt.days, got, tt.to)
		}
	}
	for text, want := range map[string]Day{"2026-03-07": 20260307, "2024-02-29": 20240229} {
		if got, ok := ParseDay(text); !ok || got != want || got.String() != text {
			t.Errorf("ParseDay(%q): %d, %t, and back %q", text, got, ok, got)
		}
	}
	for _, text := range []string{"", "2026-02-29", "2026-3-7", "yesterday", "20260307"} {
		if got, ok := ParseDay(text); ok {
			t.Errorf("ParseDay(%q) is %d", text, got)
		}
	}
	for d, want := range map[Day]bool{20260307: true, 20260229: false, 0: false, -5: false, 20261301: false} {
		if d.Real() != want {
			t.Errorf("Day(%d).Real() is %t", d, !want)
		}
	}
}
