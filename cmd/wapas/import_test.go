package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func (s *shell) file(name, text string) string {
	path := filepath.Join(s.t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return path
}

// Payments and balances come in from files: checked first, done once, and said
// what became of each row.
func TestImport(t *testing.T) {
	s := newShell(t)
	var m madeMerchant
	s.json(&m, "merchant", "create", "Chai Point")
	head := "provider,reference,amount,method,captured_at,fee,tax,id,transaction\n"
	one := "razorpay,r1,499.00,upi,2026-01-02T10:00:00+05:30,11.78,1.80,pay_Imported000001,\n"
	two := "phonepe,T1,100.50,upi,2026-01-02T11:00:00+05:30,,,,TX1\n"
	for _, tt := range []struct {
		what, text string
		words      []string
	}{
		{"an empty file", "", []string{"is empty", "provider,reference,amount"}},
		{"a column that nobody knows", "provider,refrence\n", []string{`nobody knows the column "refrence"`}},
		{"a column twice", "provider,provider\n", []string{"comes twice"}},
		{"a missing column", "provider,reference,amount,method\n", []string{`the column "captured_at" is missing`}},
		{"rows with too few cells", head + "razorpay,r1\n", []string{"wrong number of fields"}},
		{"wrong rows", head + one + "razorpay,r2,4.999,upi,2026-01-02T10:00:00+05:30,,,,\nrazorpay,r3,5,upi,yesterday,,,,\nrazorpay,r4,5,shells,2026-01-02T10:00:00+05:30,,,,\n" + one,
			[]string{":3: amount", ":4: captured_at", ":5: ", "a method is one of", ":6: reference", "stands on line 2", "4 of 5 rows are wrong; nothing was done"}},
	} {
		t.Run(tt.what, func(t *testing.T) {
			s.fails(exitFailed, tt.words, "import", "payments", s.file("p.csv", tt.text), "--mode", "live")
		})
	}

	good := s.file("payments.csv", "\ufeff"+head+one+two)
	if out := s.ok("import", "payments", good, "--mode", "live", "--dry-run"); !strings.Contains(out, "2 rows, all right; nothing was done") {
		t.Errorf("a dry run says %q", out)
	}
	report := filepath.Join(t.TempDir(), "report.csv")
	for range 2 {
		var sum imported
		s.json(&sum, "import", "payments", good, "--mode", "live", "--report", report)
		if sum.Done != 2 || sum.Refused != 0 || sum.Results[0].ID != "pay_Imported000001" || sum.Results[0].Line != 2 {
			t.Errorf("imported: %+v", sum)
		}
	}
	if text, err := os.ReadFile(report); err != nil || !strings.HasPrefix(string(text), "line,reference,result,id,reason\n2,r1,done,pay_Imported000001,\n3,T1,done,pay_") {
		t.Errorf("the report is %q (%v)", text, err)
	}
	// A row that is refused stops no other.
	again := s.file("again.csv", head+"razorpay,r9,1,upi,2026-01-02T10:00:00+05:30,,,pay_Imported000001,\nrazorpay,r10,1,upi,2026-01-02T10:00:00+05:30,,,,\n")
	code, out, errs := s.run("import", "payments", again, "--mode", "live")
	if code != exitFailed || !strings.Contains(out, "1 rows are in the book, 1 were refused") || !strings.Contains(errs, ":2: r9: duplicate: there is a payment pay_Imported000001") {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}

	wallets := s.file("wallets.csv", "reference,contact,cash,promo,email,name\nw1,9876543210,250.00,12.50,asha@example.com,Asha\nw2,+91 98765 43211,1,,,\n")
	for range 2 {
		if out := s.ok("import", "wallets", wallets, "--mode", "live"); !strings.Contains(out, "2 rows are in the book, 0 were refused") {
			t.Errorf("importing wallets says %q", out)
		}
	}
	s.fails(exitFailed, []string{"a wallet needs an Indian mobile number"}, "import", "wallets", s.file("w.csv", "reference,contact,cash\nw3,123,1\n"))
	s.ok("verify")
}
