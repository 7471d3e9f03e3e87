package console_test

import (
	"encoding/csv"
	"strconv"
	"strings"
	"testing"

	"wapas/desk"
	"wapas/rail"
)

func decimal(n int64) string { return strconv.FormatInt(n, 10) }

// work does a job until it stands still.
func (w *worker) work(id desk.ID) desk.Job {
	w.t.Helper()
	for {
		j, err := w.Desk.WorkJob(w.ctx, w.Book, id)
		w.must(err)
		if !j.Working() {
			return j
		}
	}
}

// A file becomes a job, is checked, started by saying the total, and reported
// row by row.
func TestJobsPage(t *testing.T) {
	w := newWorker(t, desk.Test)
	w.twoAbove(1000_00)
	var payments []string
	for range 3 {
		r := w.refund(100_00, rail.ScenarioRefused)
		payments = append(payments, string(r.Payment))
	}
	w.later(1)
	w.sees("viewer", "jobs", "No job yet", "!New job")
	w.denied("viewer", "jobs/new")
	w.denied("support", "jobs/new", "what", "refund")
	page := w.sees("finance", "jobs/new", "What is in the file")
	key := w.value(page, "key")
	w.hears("finance", "jobs/new", 422, []string{"what", "", "file", "payment\nx\n", "key", key}, "say what the rows ask for")
	w.hears("finance", "jobs/new", 422, []string{"what", "refund", "key", key}, "choose the file first")
	w.hears("finance", "jobs/new", 422, []string{"what", "refund", "file", "paiment\nx\n", "key", key}, `nobody knows the column "paiment"`)
	w.hears("finance", "jobs/new", 422, []string{"what", "refund", "file", "payment\n", "key", key}, "no row below")
	if a := w.hears("finance", "jobs/new", 422, []string{"what", "refund", "note", "the concert", "budget", "lots", "file", "payment\nx\n", "key", key}, "write rupees"); !strings.Contains(a.Body.String(), `value="the concert"`) {
		t.Errorf("what was typed is lost: %s", a.Body)
	}
	w.hears("finance", "jobs/new", 200, []string{"what", "refund", "file", "payment,amount\n" + payments[0] + ",1.234\n", "key", key}, "Some rows cannot be read", "1.234")
	if all, err := desk.List[desk.Job](w.ctx, w.Desk, desk.Query{Book: w.Book}); err != nil || len(all) != 0 {
		t.Fatalf("a bad file made a job: %+v, %v", all, err)
	}
	file := "payment,amount,reference\n" + payments[0] + ",40.00,A1\n" + payments[1] + ",,A2\n" + payments[2] + ",500.00,A3\n"
	sent := []string{"what", "refund", "note", "the concert is off", "budget", "1,000", "file", file, "key", key}
	path := w.does("finance", "jobs/new", sent...)
	if again := w.does("finance", "jobs/new", sent...); again != path {
		t.Errorf("sent twice it leads to %s and %s", path, again)
	}
	id := desk.ID(strings.TrimPrefix(path, "jobs/"))
	w.sees("viewer", path, "being tried and forgotten", "the concert is off", "!Start the job", "!Cancel the job")
	w.work(id)
	w.sees("finance", path, "2 rows would move ₹140 .00", "1 rows cannot be done", "Type the total", "Back to the source")
	w.sees("finance", path+"?show=refused", "That is more than there may be", "!"+payments[0])
	w.denied("support", path, "do", "start", "total", "140.00")
	w.hears("finance", path, 422, []string{"do", "start", "total", "a lot"}, "write rupees")
	w.hears("finance", path, 409, []string{"do", "start", "total", "139.00"}, "the rows make 14000 paise")
	w.does("finance", path, "do", "start", "total", "140")
	w.does("finance", path, "do", "pause")
	w.sees("finance", path, "Paused by finance@example.in", "Go on")
	w.hears("finance", path, 422, []string{"do", "resume", "budget", "x"}, "write rupees")
	w.does("finance", path, "do", "resume")
	if j := w.work(id); j.State != desk.JobDone || j.Moved != 140_00 {
		t.Fatalf("the job is %+v", j)
	}
	w.sees("viewer", path, "It is over", "2 rows moved ₹140 .00")
	w.sees("viewer", "jobs", "the concert is off", "done")
	w.denied("viewer", path+"/report.csv")
	a := w.ask("finance", path+"/report.csv")
	if rows, err := csv.NewReader(a.Body).ReadAll(); err != nil || len(rows) != 4 || rows[1][1] != payments[0] || rows[3][4] != "bad" {
		t.Errorf("the report: %d %v, %v", a.Code, rows, err)
	}
	w.hears("finance", path, 409, []string{"do", "cancel"}, "not in a state")
	if a := w.ask("admin", "jobs/job_00000000000000"); a.Code != 404 {
		t.Errorf("no such job: %d", a.Code)
	}
	w.mode = desk.Live
	if a := w.ask("admin", path); a.Code != 404 {
		t.Errorf("the other book's job: %d", a.Code)
	}
}

// Who may not see people's data reads no phone number and no e-mail in what a job
// is for, nor in what its rows name, nor in why one was refused.
func TestJobHidesPeople(t *testing.T) {
	w := newWorker(t, desk.Test)
	path := w.does("finance", "jobs/new", "what", "credit", "key", "k", "note", "call asha@example.com", "file", "customer,contact,amount\n9876501234,9876501234,5.00\nravi@example.com,9876501235,5.00\n")
	w.work(desk.ID(strings.TrimPrefix(path, "jobs/")))
	w.sees("support", path, "9876501234", "ravi@example.com", "asha@example.com")
	w.sees("viewer", path, "••1234", "!9876501234", "!ravi@example.com", "!asha@example.com")
	w.sees("viewer", "jobs", "call", "!asha@example.com")
}

// A large job starts when two people want it.
func TestJobByTwo(t *testing.T) {
	w := newWorker(t, desk.Test)
	w.twoAbove(50_00)
	p := w.refund(100_00, rail.ScenarioRefused).Payment
	w.later(1)
	path := w.does("finance", "jobs/new", "what", "refund", "key", "k", "file", "payment\n"+string(p)+"\n")
	id := desk.ID(strings.TrimPrefix(path, "jobs/"))
	w.work(id)
	w.does("finance", path, "do", "start", "total", "100.00")
	w.sees("finance", path, "You asked, so somebody else must agree", "!Agree, and start it")
	w.hears("finance", path, 403, []string{"do", "agree"}, "asked for it")
	w.sees("admin", "waiting?sort=approvals", "Job of 1 refund", "finance@example.in asks")
	w.does("admin", path, "do", "agree")
	if j := w.work(id); j.State != desk.JobDone || j.Second != "admin@example.in" {
		t.Errorf("the job is %+v", j)
	}
}
