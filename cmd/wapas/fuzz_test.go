package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wapas/desk"
	"wapas/export"
	"wapas/ledger"
)

// A file of settings is understood or refused with its line; what is in force is
// a setting that there is, and no secret of it is shown.
func FuzzConfig(f *testing.F) {
	for _, s := range []string{"listen = 127.0.0.1:0\n", "# a\n\nKEY=00\n", "request_log=off\nrate=5", "db = postgres://u:p@h/n?x=%zz", "no line", "timeout=-1s", "webhoo\u212a-http=true", "key=" + strings.Repeat("a", 70_000), "\x00=\xff", "a=b=c\nlisten==", "sms-secret=hush\nsms-url=https://x/"} {
		f.Add(s)
	}
	path := filepath.Join(f.TempDir(), "wapas.conf")
	f.Fuzz(func(t *testing.T, text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		p := &program{env: map[string]string{}, out: io.Discard, err: io.Discard, flags: map[string]string{}, config: path}
		c, err := p.load()
		if c == nil {
			if err == nil {
				t.Fatal("neither settings nor a refusal")
			}
			return
		}
		known := map[string]setting{}
		for _, s := range settings {
			known[s.name] = s
		}
		for name, value := range c.value {
			s, ok := known[name]
			if !ok || strings.TrimSpace(value) != value && c.from[name] != "default" {
				t.Fatalf("%q is in force as %q", name, value)
			}
			if shown := c.shown(s); s.secret && len(value) > 3 && strings.Contains(shown, value) {
				t.Fatalf("%s is shown as %q", name, shown)
			}
		}
		if err == nil && (c.number("max-body") < 0 || c.duration("timeout") < 0) {
			t.Fatalf("%q is taken", text)
		}
	})
}

// A row of a file of payments or of wallets is money to the paisa, or refused.
func FuzzImportRow(f *testing.F) {
	f.Add("payments", "499.00", "1.18", "2025-12-29T14:50:00+05:30", "R1")
	f.Add("payments", "४९९", "", "2025-12-29", "\x00")
	f.Add("wallets", "1e2", "0.5", "", "W 1")
	f.Fuzz(func(t *testing.T, what, one, two, at, reference string) {
		paise := func(text string) (ledger.Amount, bool) {
			if text == "" {
				return 0, true
			}
			return ledger.ParseRupees(text)
		}
		a, isA := paise(one)
		b, isB := paise(two)
		if what == "wallets" {
			q, err := walletOf(sheetRow(export.Row{Cells: map[string]string{"cash": one, "promo": two, "reference": reference}}))
			if (err == nil) != (isA && isB) || err == nil && (q.Cash != a || q.Promo != b || q.Reference != reference) {
				t.Fatalf("%q and %q: %+v, %v", one, two, q, err)
			}
			return
		}
		q, err := paymentOf(sheetRow(export.Row{Cells: map[string]string{"amount": one, "fee": two, "captured_at": at, "reference": reference}}))
		if err == nil && (!isA || !isB || q.Amount != a || q.Fee != b || q.Reference != reference) {
			t.Fatalf("%q and %q: %+v", one, two, q)
		}
	})
}

// NAME=VALUE of the terms is a clause and a value of its sort, or refused.
func FuzzTerms(f *testing.F) {
	for _, c := range clauses {
		f.Add(c.name + "=1")
	}
	f.Add("refund.min=१")
	f.Add("=")
	f.Add("x=y=z")
	f.Fuzz(func(t *testing.T, word string) {
		terms := desk.DefaultTerms()
		err := setClause(&terms, word)
		name, _, ok := strings.Cut(word, "=")
		known := false
		for _, c := range clauses {
			known = known || c.name == name
		}
		if err == nil && !(ok && known) || err != nil && terms != desk.DefaultTerms() {
			t.Fatalf("%q: %v", word, err)
		}
	})
}
