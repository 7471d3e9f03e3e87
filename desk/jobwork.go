package desk

import (
	"context"
	"errors"
	"fmt"

	"wapas/ledger"
)

// How the worker goes about a job. One step at a time keeps the book free for
// everybody else: whatever waits for the book meanwhile is taken up between two
// steps, or together with one.
const (
	jobStep  = 50 // rows of one change
	jobSteps = 10 // changes until it is the turn of whatever else is due
)

// workJob is what the worker does of a job when it is its turn.
func (d *Desk) workJob(ctx context.Context, book BookID, id ID) error {
	_, err := d.WorkJob(ctx, book, id)
	return err
}

// WorkJob does a stretch of a job that is being checked or runs: some hundred
// rows, in their order. The worker of any server does so by itself; where none
// runs, call it until the job stops Working. Two may be at the same job.
func (d *Desk) WorkJob(ctx context.Context, book BookID, id ID) (Job, error) {
	ctx = Unwatched(Alone(ctx)) // whoever asks for it does not do it
	for n := 1; ; n++ {
		j, err := d.stepJob(ctx, book, id, n == jobSteps)
		var fault *ledger.Error
		if errors.As(err, &fault) && fault.Code == ledger.Internal {
			d.Log.Error("a job failed", "book", book, "job", id, "row", j.Next, "err", err)
			return d.failJob(ctx, book, id, j.Next)
		}
		if err != nil || !j.Working() || n == jobSteps {
			return j, err
		}
	}
}

// failJob stops a job that met a fault of ours: it would meet it again.
func (d *Desk) failJob(ctx context.Context, book BookID, id ID, row int64) (Job, error) {
	return d.jobChange(ctx, book, id, func(c *change, j *Job) error {
		if !j.Working() {
			return nil
		}
		j.State, j.Reason = JobFailed, fmt.Sprintf("a fault of the program at row %d or behind it: the log has it", row)
		c.emit("job.failed", *j)
		return c.unwait(jobWork, j.ID)
	})
}

// stepJob checks or does the next rows, as one change. If somebody else was
// faster it does nothing. Last says that it is others' turn then.
func (d *Desk) stepJob(ctx context.Context, book BookID, id ID, last bool) (Job, error) {
	was, err := d.Job(ctx, book, id)
	if err != nil || !was.Working() {
		return was, err
	}
	rows, err := d.JobRows(ctx, book, id, was.Next-1, jobStep, false)
	if err != nil {
		return was, err
	}
	var names []jobName
	if was.State == JobChecking && was.What == JobRefunds {
		if names, err = d.nameRows(ctx, book, rows); err != nil {
			return was, err
		}
	}
	j := was
	err = d.change(ctx, book, stepReads(was, rows, names), func(c *change) (err error) {
		if j, err = need[Job](c, id, ""); err != nil {
			return err
		}
		if j.State != was.State || j.Next != was.Next {
			return nil
		}
		if j.State == JobChecking {
			j, err = c.checkRows(j, int64(len(rows)), names)
		} else {
			j, err = c.doRows(j, int64(len(rows)))
		}
		if err != nil {
			return err
		}
		if j.Working() && j.Next > j.Rows {
			err = c.finish(&j)
		} else if j.Working() && last {
			err = c.again(j)
		}
		c.Put(j)
		return err
	})
	if err != nil {
		return was, err
	}
	return j, nil
}

// stepReads names what a step will look at.
func stepReads(j Job, rows []JobRow, names []jobName) []Ref {
	reads := append(jobReads(j.ID), refAccount(ledger.Available), refAccount(ledger.RefundCredits), refUnder[Scenario](scenariosOpen))
	for i, r := range rows {
		reads = append(reads, ref[JobRow](r.ID))
		if j.What == JobCredits {
			q := r.credit()
			reads = append(append(reads, q.reads()...), Ref{Kind: KindKey, ID: ID(q.key().Scope + "/" + q.key().Key)}, refUnder[JobRow](twinsOf(j.ID, ID(r.Names))))
			continue
		}
		if names != nil {
			r.Payment, r.Order = names[i].payment, string(names[i].order)
			reads = append(reads, refUnder[JobRow](twinsOf(j.ID, r.Payment)))
		}
		if r.Payment == "" {
			continue
		}
		reads = append(append(reads, r.refund(j, 0).reads()...), ref[Order](ID(r.Order)))
	}
	return reads
}

// finish ends what the worker was at.
func (c *change) finish(j *Job) error {
	if j.State == JobChecking {
		j.State, j.CheckedAt = JobChecked, c.now
		c.emit("job.checked", *j)
	} else {
		j.State, j.EndedAt = JobDone, c.now
		c.emit("job.done", *j)
	}
	return c.unwait(jobWork, j.ID)
}

// again lets others have their turn. The timer stays the oldest of those that are
// due, so that what the rows caused does not come before the rows: it is set to
// a moment before the one it had, for a timer that stays where it is is over.
func (c *change) again(j Job) error {
	t, err := need[Timer](c, timer(jobWork, j.ID, 0).ID, "")
	if err != nil {
		return err
	}
	return c.wait(jobWork, j.ID, t.At-1)
}

// doRows does the next n rows. A row that is refused half way has written
// something already, and nothing of it may be kept: then the change begins anew,
// knowing what that row will hear.
func (c *change) doRows(j Job, n int64) (Job, error) {
	refused := map[int64]*ledger.Error{}
	for {
		done, at, err := c.doStretch(j, j.Next+n-1, refused)
		var e *ledger.Error
		if err == nil || !errors.As(err, &e) || e.Code == ledger.Internal || at == 0 {
			return done, err
		}
		refused[at] = e
		c.Reset()
	}
}

// doStretch does the rows up to one of them, or until the job has to pause. At is
// the row that is at fault.
func (c *change) doStretch(j Job, to int64, refused map[int64]*ledger.Error) (_ Job, at int64, err error) {
	for ; j.Next <= to; j.Next++ {
		was, err := need[JobRow](c, JobRowID(j.ID, j.Next), "")
		if err != nil {
			return j, 0, err
		}
		if was.State != RowReady {
			continue
		}
		r := was
		switch e := refused[was.No]; {
		case e != nil && ofTheMerchant(e):
			return j, 0, c.pause(&j, "the merchant's balance is short of row "+fmt.Sprint(was.No))
		case e != nil:
			r = was.refused(RowRefused, e, c.now)
		default:
			ask, err := c.most(j, was)
			if err != nil {
				return j, was.No, err
			}
			if j.Budget > 0 && ask > j.Budget-j.Moved {
				return j, 0, c.pause(&j, fmt.Sprintf("the budget: row %d is of %d paise, and %d are left of it", was.No, ask, j.Budget-j.Moved))
			}
			if r, err = c.doRow(j, was, ask); err != nil {
				return j, was.No, err
			}
			r.State, r.EndedAt = RowDone, c.now
		}
		j.count(was, -1)
		j.count(r, 1)
		c.Put(r)
	}
	return j, 0, nil
}

// ofTheMerchant says whether a refusal is for want of the merchant's own money:
// then the rows that come hear it too, until there is some.
func ofTheMerchant(e *ledger.Error) bool {
	return e.Why == WhyRefundUnavailable || e.Why == WhyCreditFunds
}

// most is what a row that is ready will move: what the check found, or what is
// left of its payment now if all that is left was asked for and that is less.
func (c *change) most(j Job, r JobRow) (ledger.Amount, error) {
	if j.What == JobCredits || r.Asked > 0 {
		return r.Amount, nil
	}
	p, err := need[Payment](c, r.Payment, "payment")
	if left := p.Budget().Left(); err == nil && left > 0 && left < r.Amount {
		return left, nil
	}
	return r.Amount, err
}

// doRow does what a row asks for: a of its payment, all that is left if that is
// zero, or the credit.
func (c *change) doRow(j Job, r JobRow, a ledger.Amount) (JobRow, error) {
	if j.What == JobCredits {
		q := r.credit()
		key := q.key()
		k, used, err := get[Key](c, ID(key.Scope+"/"+key.Key))
		switch {
		case err != nil:
			return r, err
		case used && k.Digest == key.Digest:
			return r, ledger.Refuse(ledger.Duplicate, WhyKeyUsed, "%s", q.Reference).In("reference")
		}
		x, err := oncePart(c, key, func() (Credit, error) { return c.loadCredit(q) })
		r.To, r.Amount, r.Made = "credit", x.Amount, x.ID
		return r, err
	}
	x, err := c.refund(r.refund(j, a))
	r.To, r.Amount, r.Fee, r.Made = x.To, x.Amount, x.Fee, x.ID
	return r, err
}

// refund is what a row of a job of refunds asks for: a, or all that is left if
// that is zero.
func (r JobRow) refund(j Job, a ledger.Amount) RefundRequest {
	return RefundRequest{
		Payment: r.Payment, Amount: a, Full: a == 0, Speed: j.Speed, Receipt: r.Reference, ReverseAll: j.ReverseAll, Notes: r.Notes,
		Called: Called{Room: jobRoom, Ref: r.Reference},
	}
}
