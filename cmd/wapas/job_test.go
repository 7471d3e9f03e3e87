package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wapas/desk"
)

// A file of refunds is a job: checked, started by its total, stopped by its budget,
// gone on with by running the same again, and reported row by row.
func TestJob(t *testing.T) {
	s := newShell(t)
	s.ok("merchant", "create", "Chai Point")
	var payments strings.Builder
	payments.WriteString("provider,reference,amount,method,captured_at,order\n")
	for i := range 4 {
		fmt.Fprintf(&payments, "bank,P%d,100.00,upi,%s,SEAT-%d\n", i, time.Now().Add(-time.Hour).Format(time.RFC3339), i)
	}
	s.ok("import", "payments", s.file("payments.csv", payments.String()))

	for _, tt := range []struct {
		what, text string
		words      []string
	}{
		{"no payment", "amount\n1\n", []string{`the column "payment" is missing`}},
		{"nothing in it", "payment\n", []string{"has no rows"}},
		{"nobody's row", "payment,amount\n,5\n", []string{"(payment)"}},
		{"wrong rows", "payment,amount\nSEAT-1,0\n,5\nSEAT-2,1\n", []string{":2: amount", ":3: ", "2 of 3 rows are wrong; nothing was done"}},
	} {
		s.fails(exitFailed, tt.words, "job", "run", s.file("wrong.csv", tt.text), "--yes")
	}
	s.fails(exitUsage, []string{"refund or credit"}, "job", "create", s.file("a.csv", "payment\nx\n"), "--what", "gift")
	s.fails(exitUsage, []string{"--speed is normal or optimum"}, "job", "run", s.file("a.csv", "payment\nx\n"), "--speed", "fast")

	file := s.file("refunds.csv", "payment,amount,reference,note\nSEAT-0,,R-0,the concert\nSEAT-1,60.00,,\nSEAT-2,,,\n")
	var j shownJob
	s.json(&j, "job", "create", file, "--note", "The concert is off")
	id := string(j.ID)
	if j.State != desk.JobDraft || j.Rows != 3 || j.Note != "The concert is off" {
		t.Errorf("created it is %+v", j)
	}
	s.fails(exitFailed, []string{"is draft"}, "job", "start", id, "260")
	s.json(&j, "job", "preview", id)
	if j.State != desk.JobChecked || j.Ready != 3 || j.Left != 260_00 || j.Merchant != 260_00 {
		t.Errorf("checked it is %+v", j)
	}
	s.fails(exitFailed, []string{"26000 paise, not 20000"}, "job", "start", id, "200")
	s.fails(exitFailed, []string{"--yes", "job start " + id + " 260.00"}, "job", "run", file) // nobody is asked here
	s.fails(exitFailed, []string{"there is no job"}, "job", "show", "job_00000000000000")

	code, out, said := s.run("job", "run", file, "--yes", "--budget", "150.00")
	if code != exitFailed || !strings.Contains(out, "the budget: row 2 is of 6000 paise, and 5000 are left of it") {
		t.Errorf("at its budget: exit %d\n%s%s", code, out, said)
	}
	report := filepath.Join(t.TempDir(), "report.csv")
	// Ctrl-C while it works: it is paused, and that is said.
	ctx, stop := context.WithCancel(t.Context())
	var shown, heard bytes.Buffer
	code = run(ctx, []string{"job", "run", file, "--budget", "300", "--report", report}, s.env, &shown, writerFunc(func(b []byte) (int, error) {
		if bytes.Contains(b, []byte("doing ")) {
			stop()
		}
		return heard.Write(b)
	}))
	if code != exitFailed || !strings.Contains(shown.String(), ", paused") || !strings.Contains(shown.String(), "Next: wapas job resume "+id) || strings.Contains(heard.String(), "cancel") {
		t.Errorf("after Ctrl-C: exit %d\n%s%s", code, &shown, &heard)
	}
	if text, err := os.ReadFile(report); err != nil || !strings.Contains(string(text), "SEAT-1") {
		t.Errorf("after Ctrl-C the report is %q (%v)", text, err)
	}
	out = s.ok("job", "run", file, "--budget", "300", "--report", report) // it was started already
	if !strings.Contains(out, "3  260.00 rupees") || !strings.Contains(out, ", done") {
		t.Errorf("at the end: %s", out)
	}
	text, err := os.ReadFile(report)
	lines := strings.Split(string(text), "\n")
	if err != nil || len(lines) != 5 || !strings.HasPrefix(lines[0], "row,names,asked,reference,state,amount,") ||
		!strings.HasPrefix(lines[1], "1,SEAT-0,,R-0,done,100.00,source,pay_") || !strings.HasPrefix(lines[2], "2,SEAT-1,60.00,,done,60.00,source,pay_") {
		t.Errorf("the report is %q (%v)", text, err)
	}
	if again := s.ok("job", "report", id); again != string(text) {
		t.Errorf("printed it is %q", again)
	}
	var all []shownJob
	if s.json(&all, "job", "list"); len(all) != 1 || all[0].State != desk.JobDone {
		t.Errorf("there are %+v", all)
	}
	// The same once more, on purpose: there is less left.
	code, _, said = s.run("job", "run", file, "--again", "b", "--dry-run")
	if code != exitFailed || !strings.Contains(said, "row 1, SEAT-0: the payment has a refund with this reference") || !strings.Contains(said, "row 3, SEAT-2: all of it was given back") {
		t.Errorf("again: exit %d\n%s", code, said)
	}
	s.json(&all, "job", "list")
	s.json(&j, "job", "cancel", string(all[0].ID))
	if j.State != desk.JobCancelled || j.Bad != 3 || j.EndedAt == "" {
		t.Errorf("cancelled it is %+v", j)
	}
	if out := s.ok("verify"); !strings.Contains(out, "all of it adds up") {
		t.Error(out)
	}
}

// A writerFunc is told what is written.
type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

// Above the limit of the terms it takes two people at the terminal, too; credits
// are a job as refunds are; a running one is paused and goes on.
func TestJobOfTwo(t *testing.T) {
	s := newShell(t)
	s.ok("merchant", "create", "Chai Point")
	s.ok("terms", "set", "two_people_above=100")
	file := s.file("credits.csv", "customer,contact,amount,purpose\nc1,9876543210,50.00,goodwill\nc2,9876543211,70.00,gift\n")
	var j shownJob
	code, out, said := s.run("job", "run", file, "--what", "credit", "--yes", "--as", "asha")
	if code != exitFailed || !strings.Contains(out, "Next: wapas job agree") {
		t.Fatalf("started: exit %d\n%s%s", code, out, said)
	}
	var all []shownJob
	s.json(&all, "job", "list")
	id := string(all[0].ID)
	s.fails(exitFailed, []string{"another person", "--as"}, "job", "agree", id, "--as", "Asha")
	s.json(&j, "job", "agree", id, "--as", "ravi")
	if j.State != desk.JobRunning || j.Starter != "asha" || j.Second != "ravi" {
		t.Errorf("agreed it is %+v", j)
	}
	if s.json(&j, "job", "pause", id, "--as", "ravi"); j.State != desk.JobPaused || j.Reason != "by ravi" {
		t.Errorf("paused it is %+v", j)
	}
	if s.json(&j, "job", "resume", id, "--wait"); j.State != desk.JobDone || j.Done != 2 || j.ToCredit != 120_00 {
		t.Errorf("at the end it is %+v", j)
	}
}
