package ledger

import (
	"math/big"
	"regexp"
	"testing"
	"time"
)

// What is read as rupees is that number to the paisa, by an arithmetic that is
// not ours, and is written the same again.
func FuzzParseRupees(f *testing.F) {
	for _, s := range []string{"0", "499", "499.5", "499.05", "0.01", "10000000000.00", "10000000000.01", "007.10", "१२", "４９９", "1e2", "-1", "+1", ".5", "5.", "1,000", "9223372036854775807", "", "0x10", " 1", "1_0"} {
		f.Add(s)
	}
	form := regexp.MustCompile(`^[0-9]{1,13}(\.[0-9]{1,2})?$`)
	f.Fuzz(func(t *testing.T, text string) {
		a, ok := ParseRupees(text)
		if !form.MatchString(text) {
			if ok {
				t.Fatalf("%q is %d", text, a)
			}
			return
		}
		want, _ := new(big.Rat).SetString(text)
		want.Mul(want, big.NewRat(100, 1))
		if fits := want.Cmp(new(big.Rat).SetInt64(int64(MaxAmount))) <= 0; ok != fits || ok && want.Cmp(new(big.Rat).SetInt64(int64(a))) != 0 {
			t.Fatalf("%q is %d, %t; it is %s paise", text, a, ok, want)
		}
		if again, _ := ParseRupees(a.String()); ok && again != a {
			t.Fatalf("%q is %s and then %s", text, a, again)
		}
	})
}

// A day is read as it is written, and only then.
func FuzzParseDay(f *testing.F) {
	for _, s := range []string{"2026-03-07", "2024-02-29", "2026-02-29", "2026-13-01", "0001-01-01", "9999-12-31", "2026-3-7", "२०२६-०३-०७", "2026-03-07 ", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, ok := ParseDay(text)
		_, err := time.Parse(time.DateOnly, text)
		if ok != (err == nil) {
			t.Fatalf("%q: %t, %v", text, ok, err)
		}
		if ok && d != 0 && d.String() != text {
			t.Fatalf("%q is %s", text, d)
		}
	})
}
