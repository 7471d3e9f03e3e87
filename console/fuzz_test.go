package console

import (
	"net/url"
	"strings"
	"testing"

	"wapas/desk"
)

// The door sends nobody elsewhere: where it leads to is below the console, as a
// browser understands the address.
func FuzzInside(f *testing.F) {
	for _, s := range []string{"/console/", "/console/test/refunds?q=1", "//evil.example/console/", "/console/../r/x", "/console/%2e%2e/%2e%2e/x", "/console\\@evil.example", "https://evil.example/console/", "/console/\t//evil", "javascript:alert(1)//console/", "/consolex/", ""} {
		f.Add(s)
	}
	here, _ := url.Parse("https://refunds.example.in/console/login")
	f.Fuzz(func(t *testing.T, to string) {
		if !inside(to) {
			return
		}
		as := strings.NewReplacer("\t", "", "\n", "", "\r", "", "\\", "/").Replace(to) // which browsers leave out, or take for a slash
		u, err := url.Parse(as)
		if err != nil {
			return
		}
		if got := here.ResolveReference(u); got.Host != here.Host || got.Scheme != here.Scheme || !strings.HasPrefix(got.Path, Base) {
			t.Fatalf("%q leads to %s", to, got)
		}
	})
}

// A time is read as it is written, in ASCII, and never wraps.
func FuzzSpan(f *testing.F) {
	for _, s := range []string{"3 days", "3d", "72h", "90 seconds", "1 minute", "0", "7", "٣ days", "9223372036854775807 s", "106751 days", "106752 days", "", " s", "-1 day"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, ok := readSpan(text)
		if !ok {
			return
		}
		if n < 0 || strings.ContainsFunc(text, func(c rune) bool { return c > '~' && c != '\u00a0' && c != '\u0085' }) && !strings.EqualFold(strings.TrimSpace(text), text) {
			t.Fatalf("%q is %d seconds", text, n)
		}
		if again, ok := readSpan(span(n)); !ok || again != n {
			t.Fatalf("%q is %d seconds, %q, which is %d", text, n, span(n), again)
		}
	})
}

// A clause takes what it writes itself, and whatever it takes it writes such
// that it takes it again.
func FuzzClause(f *testing.F) {
	f.Add(0, "10")
	f.Add(3, "₹ 1,234.50")
	f.Add(7, "2.50%")
	f.Add(9, "yes")
	f.Fuzz(func(t *testing.T, which int, text string) {
		all := clauses
		c := all[(which%len(all)+len(all))%len(all)]
		terms := desk.DefaultTerms()
		if c.set(&terms, text) != nil {
			return
		}
		again := desk.DefaultTerms()
		if err := c.set(&again, c.Written(terms)); err != nil || c.Written(again) != c.Written(terms) {
			t.Fatalf("%s takes %q, and writes it %q: %v", c.Name, text, c.Written(terms), err)
		}
	})
}

// A file of a job's rows is read or refused in words: each row is one, and what
// is wrong with many is not all told.
func FuzzJobFile(f *testing.F) {
	for _, s := range []string{"payment,amount\npay_00000000000000,10.00\n", "customer,contact,amount,purpose\nc1,9876500003,5,goodwill\n", "payment\n", "payment,amount\n" + strings.Repeat(",x\n", 200), "\ufeff\"payment\"\n\"\n\"", ""} {
		f.Add(s, true)
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, text string, credits bool) {
		what := desk.JobRefunds
		if credits {
			what = desk.JobCredits
		}
		rows, p, err := readJob(text, what)
		if err == nil && (len(rows) == 0 || len(p.Wrong) > maxWrong || len(p.Wrong)+p.More > len(rows)) {
			t.Fatalf("%q: %d rows, %d wrong, %d more", text, len(rows), len(p.Wrong), p.More)
		}
	})
}
