package desk

import (
	"context"
	"strings"

	"wapas/ledger"
)

// What a person does with a job, once it is filled.

// The timers of a job: for the worker, and for a start that nobody agrees to.
const (
	jobWork   = "job.work"
	jobExpire = "job.expire"
)

// jobReads name what a change of a job will look at.
func jobReads(id ID) []Ref {
	return []Ref{ref[Job](id), ref[Timer](timer(jobWork, id, 0).ID), ref[Timer](timer(jobExpire, id, 0).ID), refUnder[Terms](termsParent)}
}

// jobChange changes a job.
func (d *Desk) jobChange(ctx context.Context, book BookID, id ID, do func(c *change, j *Job) error) (Job, error) {
	var j Job
	err := d.change(ctx, book, jobReads(id), func(c *change) (err error) {
		if j, err = need[Job](c, id, "job_id"); err != nil {
			return err
		}
		if err := do(c, &j); err != nil {
			return err
		}
		c.Put(j)
		return nil
	})
	return j, err
}

// PreviewJob has the worker check all rows of a job, or once more: what each
// would do, or why it would be refused. No money is written. It is over when the
// job is checked.
//
// It refuses, in this order: NotFound; WrongState if the job is past that, or has
// no rows.
func (d *Desk) PreviewJob(ctx context.Context, book BookID, id ID) (Job, error) {
	return d.jobChange(ctx, book, id, func(c *change, j *Job) error {
		if err := j.in(JobDraft, JobChecked); err != nil {
			return err
		}
		if j.Rows == 0 {
			return ledger.Refuse(ledger.WrongState, WhyJobEmpty, "%s has no rows", j.ID)
		}
		j.State, j.Next = JobChecking, 1
		return c.wait(jobWork, j.ID, c.now)
	})
}

// A JobStart starts a job that was checked.
type JobStart struct {
	Job   ID
	Total ledger.Amount // what the check found: Job.Left
	By    string
	// Budget is another budget than the job was made with; nil: that one.
	Budget *ledger.Amount
}

// StartJob starts a job: the worker does the rows that the check found good.
// Whoever starts it says the total that the check found, so that nobody starts
// another file than the one they looked at. Above the terms' TwoPeopleAbove it is
// only asked, and starts when somebody else agrees within a day.
//
// It refuses, in this order: Invalid; NotFound; WrongState if it was not checked,
// no row is good, or the total is another; Invalid for the budget.
func (d *Desk) StartJob(ctx context.Context, book BookID, q JobStart) (Job, error) {
	q.By = strings.TrimSpace(q.By)
	if err := checkPerson(q.By); err != nil {
		return Job{}, err
	}
	return d.jobChange(ctx, book, q.Job, func(c *change, j *Job) error {
		if err := j.in(JobChecked); err != nil {
			return err
		}
		switch {
		case j.Ready == 0:
			return ledger.Refuse(ledger.WrongState, WhyJobEmpty, "none of the %d rows of %s may be done", j.Rows, j.ID)
		case q.Total != j.Left:
			return ledger.Refuse(ledger.WrongState, WhyJobTotal, "the rows make %d paise, not %d", j.Left, q.Total).In("total")
		}
		t, err := c.terms()
		if err != nil {
			return err
		}
		if err := j.allow(q.Budget); err != nil {
			return err
		}
		j.Starter, j.Second = q.By, ""
		if t.TwoPeopleAbove > 0 && j.Left > t.TwoPeopleAbove {
			j.State = JobAsked
			return c.wait(jobExpire, j.ID, c.now.Add(secondWithin))
		}
		return c.begin(j)
	})
}

// allow gives a job another budget, if there is one.
func (r *Job) allow(budget *ledger.Amount) error {
	if budget == nil {
		return nil
	}
	if b := *budget; b < 0 || b > ledger.MaxAmount || b != 0 && b < r.Moved {
		return ledger.Refuse(ledger.Invalid, WhyJobAmount, "a budget is between the %d paise that were moved already and %d, or 0 for none", r.Moved, ledger.MaxAmount).In("budget")
	}
	r.Budget = *budget
	return nil
}

// begin has the worker begin with a job.
func (c *change) begin(j *Job) error {
	j.State, j.Quoted, j.Next, j.StartedAt = JobRunning, j.Left, 1, c.now
	c.emit("job.started", *j)
	return c.wait(jobWork, j.ID, c.now)
}

// A JobWord is what a person says of a job.
type JobWord struct {
	Job ID
	By  string
}

// AgreeJob starts a job that another person asked to start.
//
// It refuses, in this order: Invalid; NotFound; WrongState if nobody has asked, or
// more than a day ago; Denied if it is the same person.
func (d *Desk) AgreeJob(ctx context.Context, book BookID, q JobWord) (Job, error) {
	q.By = strings.TrimSpace(q.By)
	if err := checkPerson(q.By); err != nil {
		return Job{}, err
	}
	return d.jobChange(ctx, book, q.Job, func(c *change, j *Job) error {
		if err := j.in(JobAsked); err != nil {
			return err
		}
		t, err := need[Timer](c, timer(jobExpire, j.ID, 0).ID, "")
		switch {
		case err != nil:
			return err
		case c.now >= t.At: // nobody has seen to it yet
			return ledger.Refuse(ledger.WrongState, WhyJobState, "the start of %s was asked for too long ago", j.ID)
		case samePerson(q.By, j.Starter):
			return ledger.Refuse(ledger.Denied, WhyJobSame, "%s asked for it", j.Starter).In("by")
		}
		j.Second = q.By
		if err := c.unwait(jobExpire, j.ID); err != nil {
			return err
		}
		return c.begin(j)
	})
}

// expireJob takes back a start that nobody agreed to.
func (d *Desk) expireJob(ctx context.Context, book BookID, id ID) error {
	_, err := d.jobChange(ctx, book, id, func(c *change, j *Job) error {
		if j.State == JobAsked {
			j.State = JobChecked
		}
		return c.unwait(jobExpire, id)
	})
	return err
}

// PauseJob stops the worker before the next row. It refuses, in this order:
// Invalid; NotFound; WrongState unless the job runs.
func (d *Desk) PauseJob(ctx context.Context, book BookID, q JobWord) (Job, error) {
	q.By = strings.TrimSpace(q.By)
	if err := checkPerson(q.By); err != nil {
		return Job{}, err
	}
	return d.jobChange(ctx, book, q.Job, func(c *change, j *Job) error {
		if err := j.in(JobRunning); err != nil {
			return err
		}
		return c.pause(j, "by "+q.By)
	})
}

// pause stops a job, and says why.
func (c *change) pause(j *Job, why string) error {
	j.State, j.Reason = JobPaused, why
	c.emit("job.paused", *j)
	return c.unwait(jobWork, j.ID)
}

// A JobResume has a job go on.
type JobResume struct {
	JobWord
	Budget *ledger.Amount // another budget; nil: the one it has
}

// ResumeJob has a job go on that is paused or has failed: with the next row, as if
// it had never stopped.
//
// It refuses, in this order: Invalid; NotFound; WrongState unless the job is paused
// or failed; Invalid if the budget is less than what was moved.
// Of a job that took two people, Denied if who asked for its start gives it more
// than the other has agreed to.
func (d *Desk) ResumeJob(ctx context.Context, book BookID, q JobResume) (Job, error) {
	q.By = strings.TrimSpace(q.By)
	if err := checkPerson(q.By); err != nil {
		return Job{}, err
	}
	return d.jobChange(ctx, book, q.Job, func(c *change, j *Job) error {
		if err := j.in(JobPaused, JobFailed); err != nil {
			return err
		}
		agreed := j.Budget
		if err := j.allow(q.Budget); err != nil {
			return err
		}
		if more := agreed != 0 && (j.Budget == 0 || j.Budget > agreed); more && j.Second != "" && samePerson(q.By, j.Starter) {
			return ledger.Refuse(ledger.Denied, WhyJobSame, "%s asked for it, and %s agreed to the budget it had", j.Starter, j.Second).In("by")
		}
		j.State, j.Reason = JobRunning, ""
		if j.StartedAt == 0 { // it failed while it was checked
			j.State = JobChecking
		}
		return c.wait(jobWork, j.ID, c.now)
	})
}

// CancelJob ends a job: what was done stays done, and what is left is not. It
// refuses, in this order: Invalid; NotFound; WrongState if it is over.
func (d *Desk) CancelJob(ctx context.Context, book BookID, q JobWord) (Job, error) {
	q.By = strings.TrimSpace(q.By)
	if err := checkPerson(q.By); err != nil {
		return Job{}, err
	}
	return d.jobChange(ctx, book, q.Job, func(c *change, j *Job) error {
		if j.Over() {
			return j.in()
		}
		j.State, j.Reason, j.EndedAt = JobCancelled, "by "+q.By, c.now
		c.emit("job.cancelled", *j)
		if err := c.unwait(jobExpire, j.ID); err != nil {
			return err
		}
		return c.unwait(jobWork, j.ID)
	})
}
