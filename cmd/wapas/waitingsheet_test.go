package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wapas/desk"
	"wapas/export"
	"wapas/ledger"
)

// inLive makes refunds that wait for a person in the live book, each of a UPI
// payment of its own but the last, which was paid by card.
func (s *shell) inLive(terms func(t *desk.Terms), amounts ...ledger.Amount) (ids []desk.ID) {
	s.t.Helper()
	s.stock(desk.Live, func(ctx context.Context, h *house, book desk.BookID) error {
		t := desk.DefaultTerms()
		terms(&t)
		_, err := h.desk.SetTerms(ctx, book, t)
		for i, a := range amounts {
			q := desk.ImportPaymentRequest{Provider: "bank", Reference: fmt.Sprint("P", i), Amount: a, Method: "upi", Source: fmt.Sprintf("asha%d@upi", i),
				CapturedAt: ledger.At(h.desk.Now()).Add(-1)}
			if i == len(amounts)-1 {
				q.Method, q.Source = "card", "=1111"
			}
			p, err2 := h.desk.ImportPayment(ctx, book, q)
			r, err3 := h.desk.Refund(ctx, book, desk.RefundRequest{Payment: p.ID, Full: true})
			ids, err = append(ids, r.ID), errors.Join(err, err2, err3)
		}
		return errors.Join(err, h.desk.RunDue(ctx, book))
	})
	return ids
}

// From a list of what waits to a bank's file, to a file of results, by two
// people where the amount asks for it.
func TestWaitingByFile(t *testing.T) {
	s := newShell(t)
	s.ok("merchant", "create", "Chai Point")
	ids := s.inLive(func(t *desk.Terms) { t.TwoPeopleAbove = 1000_00 }, 100_00, 200_00, 2000_00, 300_00)
	file := func(name string) string { return filepath.Join(s.dir, name) }
	read := func(name string) [][]string {
		t.Helper()
		f, err := os.Open(file(name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		rows, err := csv.NewReader(f).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	write := func(name string, rows ...string) string {
		t.Helper()
		if err := os.WriteFile(file(name), []byte(strings.Join(rows, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return file(name)
	}

	s.fails(exitUsage, []string{"bank or list"}, "waiting", "export", "--format", "xml", "--mode", "live")
	_, said, told := s.run("waiting", "export", "--out", file("bank.csv"), "--mode", "live")
	if said != "" || !strings.Contains(told, "3 orders, 2300.00 rupees") || !strings.Contains(told, "1 go back to where they came from") {
		t.Errorf("export says %q, %q", said, told)
	}
	rows := read("bank.csv")
	if len(rows) != 4 || !slices.Equal(rows[0], export.BankColumns) || rows[1][0] != string(ids[0]) || rows[1][1] != "100.00" || rows[1][5] != "asha0@upi" {
		t.Errorf("the bank's file: %v", rows)
	}
	if info, err := os.Stat(file("bank.csv")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the bank's file is %v, %v", info, err)
	}
	s.fails(exitFailed, []string{"exists"}, "waiting", "export", "--out", file("bank.csv"), "--mode", "live")
	if _, said, told := s.run("waiting", "export", "--mode", "live"); said != "" || !strings.Contains(told, "Nothing waits for you") {
		t.Errorf("a second export says %q, %q", said, told)
	}
	if _, err := os.Stat(file("none.csv")); err == nil {
		t.Error("an empty file was left")
	}
	said = s.ok("waiting", "export", "--format", "list", "--mode", "live")
	if lines := strings.Split(strings.TrimSpace(said), "\n"); len(lines) != 2 || lines[0] != strings.Join(export.ListColumns, ",") || !strings.HasPrefix(lines[1], string(ids[3])+",,,,300.00,refund") {
		t.Errorf("the list: %q", said)
	}
	w := s.waits(desk.Live)
	sheet := w.Orders[0].Sheet
	if sheet == "" || w.Orders[1].Sheet != sheet || w.Orders[3].Sheet == sheet || w.Orders[0].ExportedAt == "" || w.Orders[0].About == "" {
		t.Errorf("waiting list: %+v", w.Orders)
	}
	var again sheetShown
	s.json(&again, "waiting", "export", "--again", string(sheet), "--mode", "live")
	if again.ID != sheet || len(again.Orders) != 3 || again.Total != 2300_00 || again.Orders[0].VPA != "asha0@upi" {
		t.Errorf("again: %+v", again)
	}
	s.fails(exitFailed, []string{"no sheet sht_nope"}, "waiting", "export", "--again", "sht_nope", "--mode", "live")

	// A file with anything wrong in it does nothing.
	head := "reference,outcome,utr,reason,amount"
	good := string(ids[0]) + ",done,412345678901,,100.00"
	for _, x := range []struct{ name, row, says string }{
		{"no such outcome", string(ids[1]) + ",gone,,,", `:3: outcome: "gone" is not done`},
		{"no reason", string(ids[1]) + ",refused,,,", ":3: reason"},
		{"no order", "rfnd_00000000000000,done,,,", ":3: no refund to a source"},
		{"no reference", ",done,,,", ":3: reference"},
		{"no UTR", string(ids[1]) + ",done,12,,", ":3: utr"},
		{"no amount", string(ids[1]) + ",done,,,1.234", ":3: amount"},
		{"another amount", string(ids[1]) + ",done,,,200.01", ":3: mismatch: " + string(ids[1]) + " is of 200.00 rupees, not 200.01"},
		{"twice", string(ids[0]) + ",done,412345678902,,", ":3: duplicate: " + string(ids[0]) + " is there twice"},
		{"one proof for two", string(ids[1]) + ",done,412345678901,,", ":3: duplicate: 412345678901 is the proof of " + string(ids[0])},
		{"it never went", string(ids[1]) + ",returned,,closed,", ":3: " + string(ids[1]) + " is sent has not gone"},
	} {
		s.fails(exitFailed, []string{x.says, "1 of 2 rows are wrong; nothing was recorded"}, "waiting", "import", write("bad.csv", head, good, x.row), "--mode", "live")
	}
	s.fails(exitFailed, []string{`nobody knows the column "outcom"`}, "waiting", "import", write("bad.csv", "reference,outcom", "a,b"), "--mode", "live")
	if w := s.waits(desk.Live); len(w.Orders) != 4 {
		t.Errorf("a bad file recorded something: %+v", w)
	}

	results := write("results.csv", head, good,
		string(ids[1])+`,refused,,"'=the account is closed",200.00`,
		string(ids[2])+",done,412345678903,,2000.00",
		string(ids[3])+",,,,")
	var sum outcomeSum
	s.json(&sum, "waiting", "import", results, "--mode", "live", "--as", "asha")
	if sum.Rows != 4 || sum.Recorded != 2 || sum.Awaiting != 1 || sum.None != 1 || sum.Refused != 0 || sum.Results[2].Result != desk.ResultSecond {
		t.Errorf("the results: %+v", sum)
	}
	if said := s.ok("waiting", "import", results, "--mode", "live", "--as", "asha"); !strings.Contains(said, "4 rows: 0 recorded, 2 known before, 1 wait for another's word, 1 have no result yet, 0 refused") {
		t.Errorf("the same again: %s", said)
	}
	w = s.waits(desk.Live)
	if len(w.Orders) != 2 || len(w.Orders[0].Words) != 1 || w.Orders[0].Words[0].By != "asha" || !strings.Contains(s.ok("waiting", "list", "--mode", "live"), "asha says done 412345678903, another must say the same") {
		t.Errorf("then there wait %+v", w.Orders)
	}
	if said := s.ok("waiting", "import", results, "--mode", "live", "--as", "ravi"); !strings.Contains(said, string(ids[2])+" is done") || !strings.Contains(said, "1 recorded, 2 known before, 0 wait") {
		t.Errorf("by another: %s", said)
	}
	s.stock(desk.Live, func(ctx context.Context, h *house, book desk.BookID) error {
		for i, want := range []string{"done", "failed", "done", "pending"} {
			if r, err := desk.Find[desk.Refund](ctx, h.desk, book, ids[i]); err != nil || r.State != want || i == 1 && r.Reason != "=the account is closed" {
				t.Errorf("refund %d is %+v, %v; want it %s", i, r, err, want)
			}
		}
		return nil
	})
	s.ok("verify")
}

// One person cannot end what takes two, whatever they are called.
func TestWaitingTwoPeople(t *testing.T) {
	s := newShell(t)
	s.ok("merchant", "create", "Chai Point")
	ids := s.inLive(func(t *desk.Terms) {}, 100_00, 200_00)
	s.ok("terms", "set", "two_people_above=15000", "--mode", "live")
	id := string(ids[1])
	if said := s.ok("waiting", "done", string(ids[0]), "412345678900", "--mode", "live"); !strings.Contains(said, "is done") {
		t.Errorf("below the limit: %s", said)
	}
	s.fails(exitUsage, []string{"--as NAME"}, "waiting", "done", id, "412345678901", "--mode", "live", "--as", "")
	for _, who := range []string{"asha", "Asha"} {
		said := s.ok("waiting", "done", id, "412345678901", "--mode", "live", "--as", who)
		if !strings.Contains(said, "take the word of two people") || !strings.Contains(said, "asha says done 412345678901, until ") {
			t.Errorf("%s: %s", who, said)
		}
	}
	if said := s.ok("waiting", "refused", id, "closed", "--mode", "live", "--as", "ravi"); !strings.Contains(said, "asha says done 412345678901") || !strings.Contains(said, "ravi says refused (closed)") {
		t.Errorf("they disagree: %s", said)
	}
	var got awaited
	s.json(&got, "waiting", "done", id, "412345678901", "--mode", "live", "--as", "ravi")
	if got.State != "done" || got.EndedBy != "asha, ravi" || got.Words != nil {
		t.Errorf("they agree: %+v", got)
	}
	for _, who := range []string{"asha", "ravi"} {
		s.ok("waiting", "returned", id, "no such account", "--mode", "live", "--as", who)
	}
	if w := s.waits(desk.Live); len(w.Exceptions) != 1 || w.Exceptions[0].What != desk.ExceptionReturned {
		t.Errorf("it came back: %+v", w)
	}
	s.fails(exitFailed, []string{"has not gone, so it cannot have come back"}, "waiting", "returned", string(s.inLiveAgain()), "x", "--mode", "live")
	s.ok("verify")
}

// inLiveAgain is one more refund that waits in the live book.
func (s *shell) inLiveAgain() (id desk.ID) {
	s.t.Helper()
	s.stock(desk.Live, func(ctx context.Context, h *house, book desk.BookID) error {
		p, err := h.desk.ImportPayment(ctx, book, desk.ImportPaymentRequest{Provider: "bank", Reference: "again", Amount: 100, Method: "upi", Source: "a@upi",
			CapturedAt: ledger.At(h.desk.Now()).Add(-1)})
		r, err2 := h.desk.Refund(ctx, book, desk.RefundRequest{Payment: p.ID, Full: true})
		id = r.ID
		return errors.Join(err, err2, h.desk.RunDue(ctx, book))
	})
	return id
}

// No cell of ours is a formula to a spreadsheet, and what was guarded comes back
// as it was.
func TestHarmless(t *testing.T) {
	for _, x := range []struct{ cell, want string }{
		{"Asha", "Asha"}, {"", ""}, {"12-34", "12-34"}, {"asha@upi", "asha@upi"},
		{"=1+1", "'=1+1"}, {"+91", "'+91"}, {"-1", "'-1"}, {"@SUM(A1)", "'@SUM(A1)"}, {" =1", "'=1"}, {"＝1", "'＝1"},
		{"\t=1", "'=1"}, {"a\r\n=1", "a  =1"}, {"'quoted'", "'quoted'"},
	} {
		got := export.Harmless(x.cell)
		if got != x.want {
			t.Errorf("%q becomes %q, want %q", x.cell, got, x.want)
		}
		if back := export.Unharmed(got); got != x.cell && export.Risky(back) != strings.HasPrefix(got, "'") {
			t.Errorf("%q came back as %q", got, back)
		}
	}
}
