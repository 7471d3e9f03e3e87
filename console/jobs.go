package console

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"wapas/desk"
	"wapas/export"
	"wapas/ledger"
)

func jobPages() []page {
	return []page{
		{at: "GET /jobs", right: desk.RightSee, show: showJobs},
		{at: "GET /jobs/new", right: desk.RightRefundAny, show: showNewJob},
		{at: "POST /jobs/new", right: desk.RightRefundAny, show: makeJob},
		{at: "GET /jobs/{id}", right: desk.RightSee, show: showJob},
		{at: "POST /jobs/{id}", right: desk.RightRefundAny, show: moveJob},
		{at: "GET /jobs/{id}/report.csv", right: desk.RightExport, show: jobReport},
	}
}

func showJobs(q *visit) error {
	page, err := rowsOf[desk.Job](q, desk.Query{})
	if err != nil {
		return err
	}
	return q.show("jobs", "Jobs", page)
}

// jobTitle is what a job is called.
func jobTitle(j desk.Job) string {
	what := map[string]string{desk.JobRefunds: "refund", desk.JobCredits: "store credit"}[j.What]
	if j.Rows != 1 {
		what += "s"
	}
	return "Job of " + count(j.Rows) + " " + what
}

// A newJobPage is the form that makes a job, and what was wrong with its file.
type newJobPage struct {
	Refunds, Credits [2][]string // the columns that are needed, and those that may be there
	Wrong            []wrongRow
	More             int // rows that are wrong and not shown
}

// A wrongRow is a line of a file that cannot be read.
type wrongRow struct {
	Line int
	Why  string
}

// maxWrong is how many wrong rows a page shows.
const maxWrong = 50

func showNewJob(q *visit) error { return q.newJob(newJobPage{}) }

func (q *visit) newJob(p newJobPage) error {
	p.Refunds = [2][]string{export.RefundColumns, export.RefundOptional}
	p.Credits = [2][]string{export.CreditColumns, export.CreditOptional}
	return q.show("newjob", "A new job", p)
}

// makeJob reads a file, makes a job of it and has it checked. The same form sent
// again goes on with the same job.
func makeJob(q *visit) error {
	text, err := q.upload("file", "csv", maxJobFile)
	ask := desk.JobRequest{What: q.value("what"), Note: q.value("note"), By: q.by(), ReverseAll: q.value("reverse_all") != ""}
	var rows []desk.JobRowRequest
	var p newJobPage
	switch {
	case err != nil:
	case ask.What != desk.JobRefunds && ask.What != desk.JobCredits:
		err = ledger.Refuse(ledger.Invalid, desk.WhyJobWhat, "say what the rows ask for").In("what")
	case strings.TrimSpace(text) == "":
		err = ledger.Refuse(ledger.Invalid, "file", "choose the file first").In("file")
	case q.value("budget") != "":
		ask.Budget, err = q.amount("budget")
	}
	if err == nil {
		rows, p, err = readJob(text, ask.What)
	}
	var j desk.Job
	if err == nil && len(p.Wrong) == 0 {
		ask.Key = q.once(ask, desk.Digest(text))
		j, err = q.fillJob(ask, rows)
	}
	switch {
	case q.refused(err):
		return q.newJob(p)
	case err != nil:
		return err
	case len(p.Wrong) > 0:
		return q.newJob(p)
	}
	return q.done("jobs/"+string(j.ID), "The job was made. Its rows are being checked: no money moves before you start it.")
}

// maxJobFile is how many bytes of rows are read.
const maxJobFile = 7 << 20

// readJob reads the rows of a file, and says which cannot be read.
func readJob(text, what string) (rows []desk.JobRowRequest, p newJobPage, err error) {
	needed, known := export.JobColumns(what)
	table, err := export.Table(strings.NewReader(text), needed, known, desk.MaxJobRows)
	if err != nil {
		return nil, p, ledger.Refuse(ledger.Invalid, "file", "The file cannot be read: %v", err).In("file")
	}
	for _, r := range table {
		row, err := export.JobRow(r)
		if err == nil {
			err = row.Check(what)
		}
		if err != nil {
			if e := problemIn(err); e != nil {
				err = errors.New(e.Detail)
			}
			if len(p.Wrong) == maxWrong {
				p.More++
			} else {
				p.Wrong = append(p.Wrong, wrongRow{r.Line, err.Error()})
			}
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return nil, p, ledger.Refuse(ledger.Invalid, "file", "there is no row below the names of the columns").In("file")
	}
	return rows, p, nil
}

// fillJob makes a job, fills it and has it checked. What was done of that before
// is not done again. The books say once who did it, not with every page.
func (q *visit) fillJob(ask desk.JobRequest, rows []desk.JobRowRequest) (desk.Job, error) {
	d, ctx := q.desk(), desk.Unwatched(q.Context())
	made, err := d.CreateJob(q.Context(), q.book.ID, ask)
	if err != nil {
		return made, err
	}
	j, err := d.Job(ctx, q.book.ID, made.ID)
	for err == nil && j.State == desk.JobDraft && int(j.Rows) < len(rows) {
		from := int(j.Rows)
		j, err = d.AddJobRows(ctx, q.book.ID, desk.JobPage{Job: j.ID, First: j.Rows + 1, Rows: rows[from:min(from+desk.MaxJobPage, len(rows))]})
	}
	if err == nil && j.State == desk.JobDraft {
		j, err = d.PreviewJob(ctx, q.book.ID, j.ID)
	}
	return j, err
}

// A jobPage is a job and a page of its rows.
type jobPage struct {
	desk.Job
	Percent  int64
	Refusing bool // only rows that were refused are shown
	Lines    []jobLine
	Next     string // the number behind which the next page begins
	Deep     bool
	Mine     bool          // who looks asked for the start
	Short    ledger.Amount // what the merchant's balance is short of
	Balance  ledger.Amount
	Parts    []jobPart
}

// A jobLine is a row of a job with why it was refused.
type jobLine struct {
	desk.JobRow
	Wrong string
}

// A jobPart is how many rows of a job are in one state, as a part of a bar that
// is a thousand wide.
type jobPart struct {
	Name, Class string
	Rows        int64
	At, Width   int64
}

func jobParts(j desk.Job) (parts []jobPart) {
	var before int64
	for _, p := range []jobPart{{Name: "done", Class: "s1", Rows: j.Done}, {Name: "ready", Class: "s3", Rows: j.Ready}, {Name: "refused", Class: "s2", Rows: j.Bad + j.Refused}, {Name: "not checked yet", Class: "rest", Rows: j.Waiting()}} {
		if p.Rows > 0 {
			p.At, p.Width = before*1000/j.Rows, p.Rows*1000/j.Rows
			parts = append(parts, p)
		}
		before += p.Rows
	}
	return parts
}

func showJob(q *visit) error {
	j, err := q.desk().Job(q.Context(), q.book.ID, q.id("id"))
	if err != nil {
		return err
	}
	p := jobPage{Job: j, Refusing: q.value("show") == "refused", Deep: q.value("after") != "", Mine: strings.EqualFold(j.Starter, q.by())}
	if j.Rows > 0 {
		p.Percent = (j.Next - 1) * 100 / j.Rows
	}
	p.Parts = jobParts(j)
	if j.State == desk.JobChecked || j.State == desk.JobAsked {
		as, err := q.desk().Store.Balances(q.Context(), q.book.ID, ledger.AccountID(ledger.Available), ledger.AccountID(ledger.RefundCredits))
		if err != nil {
			return err
		}
		p.Balance = as[ledger.AccountID(ledger.Available)].Amount.Add(as[ledger.AccountID(ledger.RefundCredits)].Amount)
		p.Short = max(0, j.Merchant-p.Balance)
	}
	behind := q.number("after", 0)
	rows, err := q.desk().JobRows(q.Context(), q.book.ID, j.ID, behind, perPage+1, p.Refusing)
	if err != nil {
		return err
	}
	if len(rows) > perPage {
		rows = rows[:perPage]
		p.Next = strconv.FormatInt(rows[perPage-1].No, 10)
	}
	for _, r := range rows {
		l := jobLine{JobRow: r}
		if e := r.Refusal(); e != nil {
			if said := problemOf(e); said.Detail != "" {
				l.Wrong = said.Title + ": " + said.Detail
			} else {
				l.Wrong = said.Title
			}
		}
		p.Lines = append(p.Lines, l)
	}
	return q.show("job", jobTitle(j), p)
}

// moveJob does what a person says to a job.
func moveJob(q *visit) error {
	id, d := q.id("id"), q.desk()
	word := desk.JobWord{Job: id, By: q.by()}
	var said string
	var err error
	var j desk.Job
	budget, err := q.budget()
	if err != nil {
		q.refused(err)
		return showJob(q)
	}
	switch q.value("do") {
	case "check":
		_, err = d.PreviewJob(q.Context(), q.book.ID, id)
		said = "Its rows are being checked again."
	case "start":
		var total ledger.Amount
		if total, err = q.amount("total"); err == nil {
			j, err = d.StartJob(q.Context(), q.book.ID, desk.JobStart{Job: id, Total: total, By: q.by(), Budget: budget})
		}
		said = "The job was started."
		if j.State == desk.JobAsked {
			said = "It waits for a second person, who has a day to agree."
		}
	case "agree":
		if !q.person.May(desk.RightAgree) {
			return ledger.Refuse(ledger.Denied, whyRight, "a %s does not do this", q.person.Role)
		}
		_, err = d.AgreeJob(q.Context(), q.book.ID, word)
		said = "You agreed, and the job was started."
	case "pause":
		_, err = d.PauseJob(q.Context(), q.book.ID, word)
		said = "The job is paused. No further row is done."
	case "resume":
		_, err = d.ResumeJob(q.Context(), q.book.ID, desk.JobResume{JobWord: word, Budget: budget})
		said = "The job goes on."
	case "cancel":
		_, err = d.CancelJob(q.Context(), q.book.ID, word)
		said = "The job was cancelled. What was done stays done."
	default:
		err = ledger.Refuse(ledger.Invalid, "do", "nothing was asked for")
	}
	if q.refused(err) {
		return showJob(q)
	}
	if err != nil {
		return err
	}
	return q.done("jobs/"+string(id), "%s", said)
}

// budget is another budget, if the form says one.
func (q *visit) budget() (*ledger.Amount, error) {
	if q.value("budget") == "" {
		return nil, nil
	}
	a, err := q.amount("budget")
	if err != nil {
		err = ledger.Refuse(ledger.Invalid, "budget", "write rupees, such as 499 or 1,234.50").In("budget")
	}
	return &a, err
}

// jobReport is the file of all rows of a job. It holds customers' numbers, so
// the books say who took it.
func jobReport(q *visit) error {
	j, err := q.desk().Job(q.Context(), q.book.ID, q.id("id"))
	if err != nil {
		return err
	}
	if err := q.desk().Witness(q.noting(map[string]string{"rows": fmt.Sprint(j.Rows)}), q.book.ID, j.ID); err != nil {
		return err
	}
	file := export.Job{Desk: q.desk(), Book: q.book.ID, Format: export.CSV}
	if err := file.JobRows(q.Context(), j.ID, q.file(string(j.ID)+".csv", "text/csv; charset=utf-8")); err != nil {
		q.room.cfg.Log.Warn("a report broke off", "job", j.ID, "err", err)
		panic(http.ErrAbortHandler) // so that nobody takes it for the whole
	}
	return nil
}
