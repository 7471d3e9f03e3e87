package desk

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"wapas/ledger"
)

// A Job is a long list of refunds or store credits that is done as a whole: the
// hundred thousand refunds of an event that was called off. It is filled with
// rows page by page, checked (which says what each row would do, and writes no
// money), started by somebody who says the total that the check found, and then
// done row by row by the worker, in their order, until it is done, paused or
// cancelled. A row and what it makes are kept in one change, so that a crash
// neither loses a row nor does it twice.
type Job struct {
	ID         ID     // job_
	What       string // JobRefunds, JobCredits
	State      string
	Note       string
	By         string // who made it
	Starter    string // who asked for its start
	Second     string // who agreed, where it takes two
	Speed      string // of refunds: Normal, Optimum
	ReverseAll bool   // of refunds: the payments' transfers are pulled back first
	Budget     ledger.Amount
	// Next is the row to be looked at next. Of the others each counts rows in one
	// state; what is left of Rows was not checked yet.
	Next, Rows, Bad, Ready, Done, Refused int64
	Twins                                 int64         // rows about what an earlier row is about
	Left                                  ledger.Amount // of the rows that are ready
	Moved                                 ledger.Amount // of the rows that are done
	Quoted                                ledger.Amount // Left, when it was started
	// What the check found of the rows that were ready: where their money goes,
	// the fees of instant refunds, and what leaves the merchant's balance and refund
	// credits, which is less where transfers are pulled back or credit is promised.
	ToSource, ToWallet, ToCredit, Fees, Merchant ledger.Amount
	Reason                                       string // why it is paused or has failed
	CreatedAt, CheckedAt, StartedAt, EndedAt     ledger.Time
}

func (r Job) Kind() Kind { return KindJob }
func (r Job) RowID() ID  { return r.ID }
func (r Job) Parent() ID { return "" }

// What a job's rows ask for.
const (
	JobRefunds = "refund"
	JobCredits = "credit"
)

// The states of a job.
const (
	JobDraft     = "draft"    // it is being filled
	JobChecking  = "checking" // its rows are being checked
	JobChecked   = "checked"  // it may be started
	JobAsked     = "asked"    // its start takes another person
	JobRunning   = "running"
	JobPaused    = "paused" // by a person, its budget, or the merchant's balance
	JobDone      = "done"
	JobCancelled = "cancelled"
	JobFailed    = "failed" // by a fault of this program; it may be resumed
)

// The rules of jobs.
const (
	WhyJobWhat   ledger.Why = "job_what"   // Invalid: neither refunds nor credits, or refunds' options for credits
	WhyJobText   ledger.Why = "job_text"   // Invalid: a text that is too long, empty or none
	WhyJobAmount ledger.Why = "job_amount" // Invalid: no amount, or beyond any
	WhyJobPage   ledger.Why = "job_page"   // Invalid: no rows, or too many at once
	WhyJobFirst  ledger.Why = "job_first"  // WrongState: the page's first row is not the next
	WhyJobState  ledger.Why = "job_state"  // WrongState: not in this state
	WhyJobEmpty  ledger.Why = "job_empty"  // WrongState: there is no row to check, or none that may be done
	WhyJobTotal  ledger.Why = "job_total"  // WrongState: another total than the check found
	WhyJobSame   ledger.Why = "job_same"   // Denied: the second person is the first
	WhyJobLong   ledger.Why = "job_long"   // Exceeds: more rows than a job may have
	WhyJobTwins  ledger.Why = "job_twins"  // Exceeds: too many rows about the same
)

// The limits of jobs.
const (
	MaxJobRows = 1_000_000
	MaxJobPage = MaxBulk // rows that are added at once
	MaxJobNote = 255
	maxTwins   = 20 // rows of a job about the same payment or customer
)

// Working says whether the worker is at it.
func (r Job) Working() bool { return r.State == JobChecking || r.State == JobRunning }

// Over says whether nothing will become of it any more.
func (r Job) Over() bool { return r.State == JobDone || r.State == JobCancelled }

// Waiting is how many rows were not checked yet.
func (r Job) Waiting() int64 { return r.Rows - r.Bad - r.Ready - r.Done - r.Refused }

// in refuses WrongState unless the job is in one of these states.
func (r Job) in(states ...string) error {
	for _, s := range states {
		if r.State == s {
			return nil
		}
	}
	return ledger.Refuse(ledger.WrongState, WhyJobState, "%s is %s", r.ID, r.State)
}

// count adds a row to the counts of its state, or takes it off.
func (r *Job) count(row JobRow, by int64) {
	a := ledger.Amount(by) * row.Amount
	switch row.State {
	case RowBad:
		r.Bad += by
	case RowReady:
		r.Ready += by
		r.Left += a
	case RowDone:
		r.Done += by
		r.Moved += a
	case RowRefused:
		r.Refused += by
	}
}

// quote adds what the check found of a row, or takes it off.
func (r *Job) quote(row JobRow, by int64) {
	if row.Twin != 0 {
		r.Twins += by
	}
	if row.State != RowReady {
		return
	}
	a := ledger.Amount(by)
	switch row.To {
	case "source":
		r.ToSource += a * row.Amount
	case "wallet":
		r.ToWallet += a * row.Amount
	case "credit":
		r.ToCredit += a * row.Amount
	}
	r.Fees += a * row.Fee
	r.Merchant += a * row.Merchant
}

// Check is the rule of a job.
func (r Job) Check() error {
	ok := r.What == JobRefunds || r.What == JobCredits
	switch r.State {
	case JobDraft, JobChecking, JobChecked, JobAsked:
		ok = ok && r.Done == 0 && r.Refused == 0 && r.EndedAt == 0
	case JobRunning, JobPaused, JobFailed:
		ok = ok && r.EndedAt == 0
	case JobDone:
		ok = ok && r.EndedAt != 0 && r.Ready == 0
	case JobCancelled:
		ok = ok && r.EndedAt != 0
	default:
		ok = false
	}
	ok = ok && r.Waiting() >= 0 && min(r.Bad, r.Ready, r.Done, r.Refused, r.Twins) >= 0 && min(r.Left, r.Moved, r.Budget) >= 0
	if started := r.StartedAt != 0; ok && started {
		ok = r.Moved+r.Left <= r.Quoted && (r.Budget == 0 || r.Moved <= r.Budget)
	}
	if !ok {
		return ledger.Refuse(ledger.Internal, ledger.WhyInvariant, "%s is %q with %d of %d rows done, %d paise moved and %d left", r.ID, r.State, r.Done, r.Rows, r.Moved, r.Left)
	}
	return nil
}

// A JobRequest makes a job.
type JobRequest struct {
	What       string // JobRefunds, JobCredits
	Note       string // what it is for
	By         string // who makes it
	Speed      string // of refunds; empty is Normal
	ReverseAll bool   // of refunds
	Budget     ledger.Amount
	Key        Once
}

func (q JobRequest) check() error {
	switch {
	case q.What != JobRefunds && q.What != JobCredits:
		return ledger.Refuse(ledger.Invalid, WhyJobWhat, "a job is of refunds or credits, not %q", q.What).In("what")
	case q.Speed != "" && q.Speed != Normal && q.Speed != Optimum:
		return ledger.Refuse(ledger.Invalid, WhyRefundSpeed, "%s", q.Speed).In("speed")
	case q.What == JobCredits && (q.Speed != "" || q.ReverseAll):
		return ledger.Refuse(ledger.Invalid, WhyJobWhat, "credit is given at once, and by no rail").In("speed")
	case !isLabel(q.Note, MaxJobNote):
		return ledger.Refuse(ledger.Invalid, WhyJobText, "a note is text of up to %d characters", MaxJobNote).In("note")
	case q.Budget < 0 || q.Budget > ledger.MaxAmount:
		return ledger.Refuse(ledger.Invalid, WhyJobAmount, "%d", q.Budget).In("budget")
	}
	return checkPerson(q.By)
}

// checkPerson refuses Invalid what is no name of a person.
func checkPerson(by string) error {
	if strings.TrimSpace(by) == "" || !isName(by) {
		return ledger.Refuse(ledger.Invalid, WhyPerson, "a name is 1 to 64 characters that can be read").In("by")
	}
	return nil
}

// isLabel says whether a text can be kept and is not too long.
func isLabel(text string, most int) bool {
	return utf8.ValidString(text) && !strings.ContainsRune(text, 0) && utf8.RuneCountInString(text) <= most
}

// CreateJob makes an empty job. It refuses Invalid.
func (d *Desk) CreateJob(ctx context.Context, book BookID, q JobRequest) (Job, error) {
	q.By, q.Note = strings.TrimSpace(q.By), strings.TrimSpace(q.Note)
	if err := q.check(); err != nil {
		return Job{}, err
	}
	return once(ctx, d, book, q.Key, nil, func(c *change) (Job, error) {
		j := Job{
			ID: c.NewID("job"), What: q.What, State: JobDraft, Note: q.Note, By: q.By, ReverseAll: q.ReverseAll, Budget: q.Budget,
			Next: 1, CreatedAt: c.now,
		}
		if j.What == JobRefunds {
			j.Speed = Normal
			if q.Speed == Optimum {
				j.Speed = Optimum
			}
		}
		c.Put(j)
		return j, nil
	})
}

// A JobPage is rows that are added to a job.
type JobPage struct {
	Job   ID
	First int64 // the number that the first of them is to have; 0: whichever comes next
	Rows  []JobRowRequest
	Key   Once
}

// AddJobRows adds rows to a job, all or none. A job that was checked is a draft
// again.
//
// It refuses, in this order: Invalid, as an ItemError where a row is at fault;
// NotFound; WrongState if the job is past being filled, or First is
// not the next row; Exceeds if there would be too many.
func (d *Desk) AddJobRows(ctx context.Context, book BookID, q JobPage) (Job, error) {
	if len(q.Rows) == 0 || len(q.Rows) > MaxJobPage {
		return Job{}, ledger.Refuse(ledger.Invalid, WhyJobPage, "1 to %d rows at once", MaxJobPage).In("rows")
	}
	j, err := d.Job(ctx, book, q.Job)
	if err != nil {
		return j, err
	}
	for i := range q.Rows {
		if err := q.Rows[i].Check(j.What); err != nil {
			return j, &ItemError{i, err}
		}
	}
	return once(ctx, d, book, q.Key, []Ref{ref[Job](q.Job)}, func(c *change) (Job, error) {
		j, err := need[Job](c, q.Job, "job_id")
		if err != nil {
			return j, err
		}
		if err := j.in(JobDraft, JobChecked); err != nil {
			return j, err
		}
		switch {
		case q.First != 0 && q.First != j.Rows+1:
			return j, ledger.Refuse(ledger.WrongState, WhyJobFirst, "row %d comes next, not %d", j.Rows+1, q.First).In("first")
		case j.Rows+int64(len(q.Rows)) > MaxJobRows:
			return j, ledger.Refuse(ledger.Exceeds, WhyJobLong, "a job has at most %d rows", MaxJobRows).In("rows")
		}
		for _, r := range q.Rows {
			j.Rows++
			c.Put(r.row(j, c.now)) // new: rows are numbered under the job
		}
		j.State = JobDraft
		c.Put(j)
		return j, nil
	})
}

// Job reads a job.
func (d *Desk) Job(ctx context.Context, book BookID, id ID) (Job, error) {
	return find[Job](ctx, d, book, id)
}

// JobRows reads a page of a job's rows, in their order, behind the one with a
// number. Refused says to read only those that the check or the books refused.
func (d *Desk) JobRows(ctx context.Context, book BookID, id ID, behind int64, count int, refused bool) ([]JobRow, error) {
	j, err := d.Job(ctx, book, id)
	if err != nil {
		return nil, err
	}
	q := Query{Book: book, After: string(JobRowID(id, behind)), Oldest: true, Count: count}
	if refused {
		q.Where = map[string]string{"refused_of": string(id)}
	} else if q.Count = int(min(int64(count), j.Rows-behind)); q.Count <= 0 { // the next job's rows come behind the last
		return nil, nil
	}
	return List[JobRow](ctx, d, q)
}

// JobRowID is the id of a job's row: they sort by their numbers.
func JobRowID(job ID, no int64) ID { return ID(fmt.Sprintf("%s/%07d", job, no)) }
