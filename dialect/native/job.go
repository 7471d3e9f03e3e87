package native

import (
	"cmp"
	"context"
	"errors"
	"io"
	"strconv"
	"strings"

	"wapas/desk"
	"wapas/export"
	"wapas/ledger"
)

// A job is a long list of refunds or credits that is done as a whole.
type job struct {
	ID         desk.ID       `json:"id" doc:"job_ and 14 characters."`
	What       string        `json:"what" enum:"refund|credit"`
	State      string        `json:"state" enum:"draft|checking|checked|asked|running|paused|done|cancelled|failed" doc:"draft is being filled; asked waits for another credential to agree; paused says why in reason; failed is our fault, and may be resumed."`
	Note       string        `json:"note,omitempty" doc:"What it is for."`
	By         string        `json:"by" doc:"Who made it."`
	StartedBy  string        `json:"started_by,omitempty"`
	AgreedBy   string        `json:"agreed_by,omitempty" doc:"Who agreed, where it takes two."`
	Speed      string        `json:"speed,omitempty" enum:"normal|optimum" doc:"Of refunds."`
	ReverseAll bool          `json:"reverse_all" doc:"Of refunds: the payments' transfers are pulled back first."`
	Budget     ledger.Amount `json:"budget,omitempty" doc:"Paise: it pauses before the row that would go above it."`
	Rows       int64         `json:"rows" doc:"All of them. Each is counted in one of the next five."`
	Waiting    int64         `json:"waiting" doc:"Not checked yet."`
	Bad        int64         `json:"bad" doc:"Refused by the check: they are not done."`
	Ready      int64         `json:"ready" doc:"Good, and not done yet."`
	Done       int64         `json:"done"`
	Refused    int64         `json:"refused" doc:"Refused although the check found them good, for the books had gone on."`
	Twins      int64         `json:"twins" doc:"Rows about a payment or customer that an earlier row is about."`
	Left       ledger.Amount `json:"left" doc:"Paise of the rows that are ready: the total that a start quotes."`
	Moved      ledger.Amount `json:"moved" doc:"Paise of the rows that are done."`
	Quoted     ledger.Amount `json:"quoted,omitempty" doc:"left, when it was started."`
	Preview    *preview      `json:"preview,omitempty" doc:"What the check found of the rows that were good."`
	Reason     string        `json:"reason,omitempty" doc:"Why it is paused, cancelled or has failed."`
	CreatedAt  moment        `json:"created_at"`
	CheckedAt  moment        `json:"checked_at,omitempty"`
	StartedAt  moment        `json:"started_at,omitempty"`
	EndedAt    moment        `json:"ended_at,omitempty"`
}

// A preview is what a job would do.
type preview struct {
	ToSource ledger.Amount `json:"to_source" doc:"Paise that go back the way they came."`
	ToWallet ledger.Amount `json:"to_wallet" doc:"Paise that go to wallets."`
	ToCredit ledger.Amount `json:"to_credit" doc:"Paise of store credit."`
	Fees     ledger.Amount `json:"fees" doc:"Of instant refunds, with tax."`
	Merchant ledger.Amount `json:"merchant" doc:"What leaves the merchant's balance and refund credits: less than the rest where transfers are pulled back, or credit is promised."`
}

func showJob(_ *request, j desk.Job) (job, error) { return wireJob(j), nil }

func wireJob(j desk.Job) job {
	w := job{
		ID: j.ID, What: j.What, State: j.State, Note: j.Note, By: j.By, StartedBy: j.Starter, AgreedBy: j.Second, Speed: j.Speed, ReverseAll: j.ReverseAll,
		Budget: j.Budget, Rows: j.Rows, Waiting: j.Waiting(), Bad: j.Bad, Ready: j.Ready, Done: j.Done, Refused: j.Refused, Twins: j.Twins,
		Left: j.Left, Moved: j.Moved, Quoted: j.Quoted, Reason: j.Reason,
		CreatedAt: moment(j.CreatedAt), CheckedAt: moment(j.CheckedAt), StartedAt: moment(j.StartedAt), EndedAt: moment(j.EndedAt),
	}
	if j.CheckedAt != 0 {
		w.Preview = &preview{j.ToSource, j.ToWallet, j.ToCredit, j.Fees, j.Merchant}
	}
	return w
}

// A jobRow is one thing that a job asks for, and what became of it.
type jobRow struct {
	No        int64         `json:"no" doc:"From 1."`
	Payment   string        `json:"payment,omitempty" doc:"Of a refund: what names the payment, as it was given."`
	Partner   string        `json:"partner_user_id,omitempty" doc:"Of a credit: what the merchant calls the customer."`
	State     string        `json:"state" enum:"waiting|bad|ready|done|refused"`
	PaymentID desk.ID       `json:"payment_id,omitempty" doc:"The payment that was found."`
	To        string        `json:"to,omitempty" enum:"source|wallet|credit" doc:"Where the money goes."`
	Asked     ledger.Amount `json:"asked,omitempty" doc:"Paise that were asked for; left out if all that is left was."`
	Amount    ledger.Amount `json:"amount,omitempty" doc:"Paise as the check found it; of a row that is done, what was moved."`
	Reference string        `json:"reference,omitempty"`
	Twin      int64         `json:"twin,omitempty" doc:"An earlier row about the same."`
	MadeID    desk.ID       `json:"made_id,omitempty" doc:"The refund or credit."`
	Refusal   *rowRefusal   `json:"refusal,omitempty" doc:"Why it was refused."`
	EndedAt   moment        `json:"ended_at,omitempty"`
}

// A rowRefusal is why a row was refused: the same words as a problem's.
type rowRefusal struct {
	Code   string `json:"code" doc:"As a problem's."`
	Rule   string `json:"rule,omitempty" doc:"As a problem's."`
	Field  string `json:"field,omitempty" doc:"The field of the row at fault."`
	Detail string `json:"detail"`
}

func wireJobRow(r desk.JobRow) jobRow {
	w := jobRow{
		No: r.No, State: r.State, PaymentID: r.Payment, To: r.To, Asked: r.Asked, Amount: r.Amount, Reference: r.Reference, Twin: r.Twin, MadeID: r.Made,
		EndedAt: moment(r.EndedAt),
	}
	if r.Purpose != "" {
		w.Partner = r.Names
	} else {
		w.Payment = r.Names
	}
	if e := r.Refusal(); e != nil {
		p := problemOf(e)
		w.Refusal = &rowRefusal{p.Code, p.Rule, p.Field, p.Detail}
	}
	return w
}

func jobRoutes() []route {
	return under("Jobs",
		read("/jobs", "listJobs", refundRead, "List jobs", listJobs).says("Newest first."),
		write("POST /jobs", "createJob", refundWrite, "Make an empty job", createJob, showJob).created().
			says("A job of 100,000 refunds: fill it page by page, preview it, look at what it would do, start it by quoting the total, and read the report. The server does its rows one after another, each once, through any restart. Jobs of credits need credit:write, too."),
		read("/jobs/{job_id}", "getJob", refundRead, "Read a job", getJob).says("Poll it with If-None-Match."),
		write("POST /jobs/{job_id}/rows", "addJobRows", refundWrite, "Add up to 1,000 rows", addJobRows, showJob).
			says("All of the page or none. A job that was checked is a draft again."),
		download("/jobs/{job_id}/report", "exportJob", refundRead, "A job's rows as a file", []string{export.Media[export.CSV], export.Media[export.Lines]}, exportJob).
			says("In their order, written while it is read. Columns: "+strings.Join(export.Columns[export.JobLine](), ", ")+". Amounts are rupees, times are India's."),
		read("/jobs/{job_id}/rows", "listJobRows", refundRead, "List a job's rows: the report", listJobRows).says("In their order."),
		write("POST /jobs/{job_id}/preview", "previewJob", refundWrite, "Have all rows checked", previewJob, showJob).
			says("Each row is tried and forgotten: it is ready, with what it would move, or bad, with why. No money is written. It is over when the state is checked. The merchant's balance is taken to be enough: compare preview.merchant with it."),
		write("POST /jobs/{job_id}/start", "startJob", refundWrite, "Start a job that was checked", startJob, showJob).money().
			says("With the total that the preview found. Above the terms' two_people_above it is asked, and starts once another credential agrees within a day."),
		write("POST /jobs/{job_id}/agree", "agreeJob", refundWrite, "Agree to a start that another asked for", agreeJob, showJob).money(),
		write("POST /jobs/{job_id}/pause", "pauseJob", refundWrite, "Stop before the next row", pauseJob, showJob),
		write("POST /jobs/{job_id}/resume", "resumeJob", refundWrite, "Go on with the next row", resumeJob, showJob).money(),
		write("POST /jobs/{job_id}/cancel", "cancelJob", refundWrite, "End a job", cancelJob, showJob).
			says("What was done stays done."),
	)
}

func listJobs(q *request, in listing) (page[job], error) { return list(q, in, nil, wireJob) }

type jobPath struct {
	ID desk.ID `path:"job_id" form:"id" doc:"The job's id."`
}

func getJob(q *request, in jobPath) (job, error) {
	j, err := q.desk().Job(q.Context(), q.book(), in.ID)
	return wireJob(j), err
}

type newJob struct {
	What       string        `json:"what" enum:"refund|credit"`
	Note       string        `json:"note,omitempty" doc:"What it is for."`
	Speed      string        `json:"speed,omitempty" enum:"normal|optimum" doc:"Of refunds."`
	ReverseAll bool          `json:"reverse_all,omitempty" doc:"Of refunds: pull the payments' transfers back first."`
	Budget     ledger.Amount `json:"budget,omitempty" min:"0" doc:"Paise: pause before the row that would go above it; none if it is not given."`
}

func createJob(q *request, in newJob) (desk.Job, error) {
	if err := q.mayDo(desk.Job{What: in.What}); err != nil {
		return desk.Job{}, err
	}
	return q.desk().CreateJob(q.Context(), q.book(), desk.JobRequest{
		What: in.What, Note: in.Note, By: q.person(), Speed: in.Speed, ReverseAll: in.ReverseAll, Budget: in.Budget,
	})
}

// mayDo refuses Denied who may not give credits, but would by a job.
func (q *request) mayDo(j desk.Job) error {
	if j.What == desk.JobCredits && !allowed(q.caller, creditWrite) {
		return ledger.Refuse(ledger.Denied, whyScope, "this credential is not allowed %s", creditWrite)
	}
	return nil
}

// mayWork is mayDo for a job that is there.
func (q *request) mayWork(id desk.ID) error {
	j, err := q.desk().Job(q.Context(), q.book(), id)
	if err != nil {
		return err
	}
	return q.mayDo(j)
}

type newJobRow struct {
	Payment   string        `json:"payment,omitempty" doc:"Of a refund: an id of the payment or its order, an order's receipt, your own or the provider's name of it, or the bank's number."`
	Partner   string        `json:"partner_user_id,omitempty" doc:"Of a credit: what you call the customer."`
	Contact   string        `json:"contact,omitempty" doc:"Of a credit: ten digits." eg:"9876543210"`
	Email     string        `json:"email,omitempty" form:"email" len:"254" doc:"Of a credit: the customer's."`
	Purpose   string        `json:"purpose,omitempty" enum:"refund|gift|goodwill" doc:"Of a credit; refund if it is not given."`
	Order     string        `json:"order,omitempty" doc:"Of a credit: what you call the order."`
	Amount    ledger.Amount `json:"amount,omitempty" min:"1" doc:"Paise; of a refund all that is left if it is not given."`
	Reference string        `json:"reference,omitempty" doc:"Your own. Of a refund once for each payment; of a credit its key, for good."`
	Notes     labels        `json:"notes,omitempty" doc:"Your labels: up to 15 texts."`
}

type newJobRows struct {
	jobPath
	First int64       `json:"first,omitempty" min:"1" doc:"The number that the first of them is to have: refused if another comes next, so that no page is lost or added twice."`
	Rows  []newJobRow `json:"rows" len:"1000" doc:"At most 1,000."`
}

func addJobRows(q *request, in newJobRows) (desk.Job, error) {
	if len(in.Rows) == 0 {
		return desk.Job{}, faults{{"rows", "must not be empty"}}
	}
	if err := q.mayWork(in.ID); err != nil {
		return desk.Job{}, err
	}
	rows := make([]desk.JobRowRequest, len(in.Rows))
	var bad faults
	for i, r := range in.Rows {
		if r.Payment != "" && r.Partner != "" {
			bad.add("rows."+strconv.Itoa(i)+".partner_user_id", "is not said beside payment")
		}
		rows[i] = desk.JobRowRequest{
			Names: cmp.Or(r.Payment, r.Partner), Amount: r.Amount, Reference: r.Reference, Notes: desk.Notes(r.Notes),
			Contact: r.Contact, Email: r.Email, Purpose: r.Purpose, Order: r.Order,
		}
	}
	if len(bad) > 0 {
		return desk.Job{}, bad
	}
	j, err := q.desk().AddJobRows(q.Context(), q.book(), desk.JobPage{Job: in.ID, First: in.First, Rows: rows})
	return j, inRow(err)
}

// inRow names the row at fault in a refusal of a page.
func inRow(err error) error {
	var at *desk.ItemError
	var e *ledger.Error
	if !errors.As(err, &at) || !errors.As(err, &e) {
		return err
	}
	told := *e
	told.Field = "rows." + strconv.Itoa(at.Item) + "." + e.Field
	return &told
}

type jobRowFilter struct {
	jobPath
	Limit   int    `query:"limit" min:"1" max:"1000" doc:"How many items at most: 1 to 1,000; 20 if it is not said." eg:"20"`
	After   string `query:"after" len:"400" doc:"What next said in the answer before: the items behind those."`
	Refused bool   `query:"refused" doc:"Only those that are bad or refused."`
}

func listJobRows(q *request, in jobRowFilter) (page[jobRow], error) {
	p, err := q.numbered(listing{in.Limit, in.After})
	if err != nil {
		return page[jobRow]{}, err
	}
	behind, _ := strconv.ParseInt(p.After, 10, 64) // it has digits only, or is empty
	rows, err := q.desk().JobRows(q.Context(), q.book(), in.ID, behind, p.Count, in.Refused)
	if err != nil {
		return page[jobRow]{}, err
	}
	return paged(q, p, rows, func(r desk.JobRow) string { return strconv.FormatInt(r.No, 10) }, wireJobRow), nil
}

type jobReport struct {
	jobPath
	Format string `query:"format" enum:"csv|jsonl" doc:"csv if it is not said."`
}

func exportJob(q *request, in jobReport) (file, error) {
	if _, err := q.desk().Job(q.Context(), q.book(), in.ID); err != nil {
		return file{}, err
	}
	j := exportPeriod{}.job(q, in.Format)
	return fileOf(j, string(in.ID), func(ctx context.Context, w io.Writer) error { return j.JobRows(ctx, in.ID, w) }), nil
}

func previewJob(q *request, in jobPath) (desk.Job, error) {
	return q.desk().PreviewJob(q.Context(), q.book(), in.ID)
}

type jobStart struct {
	jobPath
	Total  ledger.Amount  `json:"total" min:"1" doc:"Paise: what left says."`
	Budget *ledger.Amount `json:"budget,omitempty" min:"0" doc:"Another budget than it was made with, in paise; 0 is none."`
}

func startJob(q *request, in jobStart) (desk.Job, error) {
	if err := q.mayWork(in.ID); err != nil {
		return desk.Job{}, err
	}
	return q.desk().StartJob(q.Context(), q.book(), desk.JobStart{Job: in.ID, Total: in.Total, By: q.person(), Budget: in.Budget})
}

func (q *request) jobWord(in jobPath) desk.JobWord { return desk.JobWord{Job: in.ID, By: q.person()} }

func agreeJob(q *request, in jobPath) (desk.Job, error) {
	if err := q.mayWork(in.ID); err != nil {
		return desk.Job{}, err
	}
	return q.desk().AgreeJob(q.Context(), q.book(), q.jobWord(in))
}

func pauseJob(q *request, in jobPath) (desk.Job, error) {
	return q.desk().PauseJob(q.Context(), q.book(), q.jobWord(in))
}

type jobResume struct {
	jobPath
	Budget *ledger.Amount `json:"budget,omitempty" min:"0" doc:"Another budget, in paise; 0 is none."`
}

func resumeJob(q *request, in jobResume) (desk.Job, error) {
	if err := q.mayWork(in.ID); err != nil {
		return desk.Job{}, err
	}
	return q.desk().ResumeJob(q.Context(), q.book(), desk.JobResume{JobWord: q.jobWord(in.jobPath), Budget: in.Budget})
}

func cancelJob(q *request, in jobPath) (desk.Job, error) {
	return q.desk().CancelJob(q.Context(), q.book(), q.jobWord(in))
}
