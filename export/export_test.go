package export

import (
	"bytes"
	"testing"

	"wapas/ledger"
)

// A text that begins like a formula is guarded; an amount below zero is not, for
// it must stay a number.
func TestLineWriter(t *testing.T) {
	var out bytes.Buffer
	w := newLineWriter[JournalLine](&out, "csv")
	if err := w.write(JournalLine{Entry: 1, Cause: "=pay", Line: 1, Balance: -350_00}); err != nil {
		t.Fatal(err)
	}
	if err := w.end(); err != nil {
		t.Fatal(err)
	}
	want := "entry,at,reason,cause,line,account,account_name,debit,credit,balance\n1,,,'=pay,1,,,0.00,0.00,-350.00\n"
	if out.String() != want {
		t.Errorf("written: %s", out.String())
	}
}

func TestIndian(t *testing.T) {
	for a, want := range map[ledger.Amount]string{
		0: "₹0.00", 5: "₹0.05", 999_99: "₹999.99", 1000_00: "₹1,000.00", 1_00_000_00: "₹1,00,000.00", 12_34_567_50: "₹12,34,567.50", -1_000_01: "-₹1,000.01",
	} {
		if got := indian(a); got != want {
			t.Errorf("indian(%d) = %s, want %s", a, got, want)
		}
	}
}
