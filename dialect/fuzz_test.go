package dialect

import (
	"math/big"
	"regexp"
	"testing"
	"unicode/utf8"
)

// A number stands for the integer that it is by an arithmetic that is not ours,
// or for none.
func FuzzWhole(f *testing.F) {
	for _, s := range []string{"100", "100.0", "1e2", "1.25e2", "-0", "0e99999999999999999999", "10000e-2", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "1e400", "1e-400", "0.000001e6", "१०", "+5", "-", ".", "e5", "1_0", "0x1F", ".5e1", "00", "1e+40"} {
		f.Add(s)
	}
	form := regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)
	f.Fuzz(func(t *testing.T, text string) {
		n, ok := Number(text).Whole()
		if !form.MatchString(text) || len(text) > 60 { // no number of JSON's, or one that the other may take long for
			return
		}
		r, _ := new(big.Float).SetPrec(512).SetString(text)
		if r == nil || r.IsInf() {
			return
		}
		i, exact := r.Int64()
		if is := r.IsInt() && exact == big.Exact; ok && (!is || i != n) {
			t.Fatalf("%q stands for %d, %t; it is %s", text, n, ok, r.Text('g', 30))
		} else if is && !ok && len(text) < 25 {
			t.Fatalf("%q stands for nothing; it is %d", text, i)
		}
	})
}

// A shortened text is the front of what it was, whole characters of it.
func FuzzShorten(f *testing.F) {
	f.Add("नमस्ते", 3)
	f.Add("a\xffb", 2)
	f.Add("", 0)
	f.Fuzz(func(t *testing.T, s string, n int) {
		n = (n%300 + 300) % 300
		got := Shorten(s, n)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > n {
			t.Fatalf("%q in %d is %q", s, n, got)
		}
		if utf8.ValidString(s) && s[:len(got)] != got {
			t.Fatalf("%q in %d is %q", s, n, got)
		}
	})
}
