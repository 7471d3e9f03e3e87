package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"wapas/ledger"
)

// What is exported is what the books hold: every posting, with debits that
// equal credits; every refund; a statement that ends at the balance.
func TestExport(t *testing.T) {
	s := newShell(t)
	var m madeMerchant
	s.json(&m, "merchant", "create", "Chai Point")
	p := start(t, s.dir, s.env, "serve", "--listen", "127.0.0.1:0")
	api := p.api(m.Keys[0].Name, m.Keys[0].Secret)
	do := func(method, path string, body doc) doc {
		t.Helper()
		d, err := api.do(t.Context(), method, path, body)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	who := do("POST", "/v1/customers", doc{"name": "Renée नायर", "email": "renee@example.com", "contact": "9876543210"}).text("id")
	pay, err := (&chronicle{api: api}).paidOrder(t.Context(), api, 5_00_000)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		do("POST", "/v1/payments/"+pay+"/transfers", doc{"transfers": []doc{{"customer": who, "amount": 50_000, "currency": "INR", "notes": doc{}}}})
	}
	do("POST", "/v1/payments/"+pay+"/refund", doc{"amount": 10_050, "receipt": "=1+1"})
	p.signal(syscall.SIGTERM)
	p.end()

	var v verdict
	s.json(&v, "verify")
	rows := sheetOf(t, s.ok("export", "journal"))
	var debit, credit ledger.Amount
	for _, r := range rows {
		debit, credit = debit+rupeesOf(t, r["debit"]), credit+rupeesOf(t, r["credit"])
	}
	if int64(len(rows)) != v.Postings || debit != credit || debit == 0 || rows[0]["account_name"] == "" || !strings.HasSuffix(rows[0]["at"], "+05:30") {
		t.Errorf("%d postings of %d, debits %d, credits %d, first %v", len(rows), v.Postings, debit, credit, rows[0])
	}
	lines := strings.Split(strings.TrimSpace(s.ok("export", "journal", "--format", "jsonl")), "\n")
	var first map[string]any
	if err := json.Unmarshal([]byte(lines[0]), &first); err != nil || len(lines) != len(rows) || first["debit"] != rows[0]["debit"] || first["cause"] != rows[0]["cause"] {
		t.Errorf("JSON lines: %d of %d, the first %v (%v)", len(lines), len(rows), first, err)
	}
	if left := sheetOf(t, s.ok("export", "journal", "--from", "2020-01-01", "--to", "2020-12-31")); len(left) != 0 {
		t.Errorf("%d postings of a year before the book", len(left))
	}

	refunds := sheetOf(t, s.ok("export", "refunds"))
	if len(refunds) != 1 || refunds[0]["amount"] != "100.50" || refunds[0]["room"] != "razorpay" || refunds[0]["receipt"] != "'=1+1" {
		t.Errorf("refunds: %v", refunds)
	}

	statement := sheetOf(t, s.ok("export", "statement", who))
	if len(statement) != 3 || statement[2]["balance"] != "1500.00" || statement[2]["credit"] != "500.00" {
		t.Errorf("statement: %v", statement)
	}
	file := filepath.Join(s.dir, "statement.pdf")
	s.ok("export", "statement", who, "--format", "pdf", "--out", file)
	if page, err := os.ReadFile(file); err != nil || !bytes.HasPrefix(page, []byte("%PDF-")) || !bytes.HasSuffix(bytes.TrimSpace(page), []byte("%%EOF")) {
		t.Errorf("the statement's PDF: %d bytes (%v)", len(page), err)
	}
	s.fails(exitFailed, []string{"not found"}, "export", "statement", "cust_00000000000009", "--format", "pdf", "--out", filepath.Join(s.dir, "no.pdf"))
	if left, _ := filepath.Glob(filepath.Join(s.dir, "no.pdf*")); len(left) != 0 {
		t.Errorf("an export that failed left %v", left)
	}
	s.fails(exitUsage, []string{"--format is csv or jsonl"}, "export", "journal", "--format", "pdf")
	s.fails(exitUsage, []string{"is no day"}, "export", "journal", "--from", "April")
	s.fails(exitUsage, []string{"ends before it begins"}, "export", "journal", "--from", "2026-04-02", "--to", "2026-04-01")
}

func sheetOf(t *testing.T, text string) []map[string]string {
	t.Helper()
	all, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(all) == 0 {
		t.Fatalf("no CSV: %v in %q", err, text)
	}
	var rows []map[string]string
	for _, cells := range all[1:] {
		r := map[string]string{}
		for i, c := range cells {
			r[all[0][i]] = c
		}
		rows = append(rows, r)
	}
	return rows
}

func rupeesOf(t *testing.T, text string) ledger.Amount {
	t.Helper()
	a, ok := ledger.ParseRupees(text)
	if !ok {
		t.Fatalf("%q is no amount", text)
	}
	return a
}
