package export

import (
	"encoding/csv"
	"strings"
	"testing"
	"unicode"

	"wapas/desk"
	"wapas/ledger"
	"wapas/rail"
)

// A table has the cells that another reader of CSV finds, each under its
// column's name, and no more rows than are allowed.
func FuzzTable(f *testing.F) {
	for _, s := range []string{
		"reference,outcome\npout_1,done\n", "\ufeffReference , OUTCOME,utr\r\n\"a\nb\",refused,\"\"\"x\"\"\"\r\n", "reference,reference\n", "outcome\n", "", "reference,outcome\na\n",
		"reference,outcome\n" + strings.Repeat("a,b\n", 12), "reference,outcome,évil\n", "reference;outcome\n", "\"", "reference,outcome\n=cmd,'+1\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rows, err := Table(strings.NewReader(text), ResultColumns, ResultOptional, 10)
		if err != nil {
			return
		}
		all, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil || len(rows) > 10 || len(all) != len(rows)+1 {
			t.Fatalf("%q has %d rows; it has %d, %v", text, len(rows), len(all), err)
		}
		for i, r := range rows {
			if len(r.Cells) != len(all[0]) || r.Line < 2 {
				t.Fatalf("%q: row %d has %d cells at line %d", text, i, len(r.Cells), r.Line)
			}
			for j, cell := range all[i+1] {
				column := strings.ToLower(strings.TrimSpace(strings.TrimPrefix(all[0][j], "\ufeff")))
				if got := r.Get(column); got != strings.TrimSpace(cell) {
					t.Fatalf("%q: row %d has %q under %s", text, i, got, column)
				}
			}
			_, _, _ = Result(r, "somebody") // whatever is in it
		}
	})
}

// A row of a bank's results is taken as one of three outcomes, with proof of the
// published form and money that is money, or not at all.
func FuzzResult(f *testing.F) {
	f.Add("pout_1", "done", "UTR123456", "", "499.00")
	f.Add("pout_1", "refused", "", "closed account", "")
	f.Add("", "returned", "=1", "'=x", "१")
	f.Add("x", "", "\x00", "\xff", "-1")
	f.Fuzz(func(t *testing.T, reference, outcome, utr, reason, amount string) {
		q, ok, err := Result(Row{Cells: map[string]string{"reference": reference, "outcome": outcome, "utr": utr, "reason": reason, "amount": amount}}, "by")
		if !ok || err != nil {
			return
		}
		switch q.Outcome {
		case rail.Done:
			if q.Reference != "" && !BankReference.MatchString(q.Reference) {
				t.Fatalf("it takes the proof %q", q.Reference)
			}
		case rail.Refused, desk.Returned:
			if q.Reason == "" || q.Reference != "" {
				t.Fatalf("it takes %+v", q)
			}
		default:
			t.Fatalf("it takes the outcome %q", q.Outcome)
		}
		if want, is := ledger.ParseRupees(amount); amount != "" && (!is || q.Amount != want) || q.Order == "" || q.By != "by" {
			t.Fatalf("%q: %+v", amount, q)
		}
	})
}

// No cell that we write is a formula, or holds what is not printed; and what is
// taken off again leaves what was there.
func FuzzHarmless(f *testing.F) {
	for _, s := range []string{"=1+1", "＝cmd", "@x", " -1", "\t=1", "a\nb", "'=a", "", "\u202e=x", "\xff", "'", "''=a", "\u00a0=1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Harmless(s)
		if Risky(got) || Risky(strings.TrimSpace(got)) || strings.ContainsFunc(got, func(c rune) bool { return !unicode.IsPrint(c) }) {
			t.Fatalf("%q is written %q", s, got)
		}
		if again := Harmless(Unharmed(got)); again != got && !strings.HasPrefix(s, "'") {
			t.Fatalf("%q is written %q and then %q", s, got, again)
		}
	})
}

// A row of a job is an amount that is money, and notes that are JSON, or is
// refused.
func FuzzJobRow(f *testing.F) {
	f.Add("pay_1", "10.00", "R1", "a \"note\"\x00")
	f.Add("'=x", "0", "", "")
	f.Add("", "१०", "\xff", "\u2028")
	f.Fuzz(func(t *testing.T, payment, amount, reference, note string) {
		q, err := JobRow(Row{Cells: map[string]string{"payment": payment, "amount": amount, "reference": reference, "note": note}})
		if err != nil {
			return
		}
		if want, is := ledger.ParseRupees(amount); amount != "" && (!is || want == 0 || q.Amount != want) || amount == "" && q.Amount != 0 {
			t.Fatalf("%q is %d", amount, q.Amount)
		}
		if note != "" && !strings.HasPrefix(string(q.Notes), `{"note":"`) && Unharmed(note) != "" {
			t.Fatalf("%q is noted as %s", note, q.Notes)
		}
	})
}
