package desk

import (
	"errors"

	"wapas/ledger"
)

// checkRows checks the next n rows: each is done, looked at, and forgotten again,
// so that the check and what comes after cannot differ in what they refuse. Rows
// about the same payment or customer are done in their order before it, as they
// will be. The merchant's balance is taken to be enough: what would leave it is
// told, and money may come in before the start.
func (c *change) checkRows(j Job, n int64, names []jobName) (Job, error) {
	c.dry = true
	defer func() { c.dry = false }()
	checked := make([]JobRow, n)
	for i := range n {
		r, err := need[JobRow](c, JobRowID(j.ID, j.Next+i), "")
		if err != nil {
			return j, err
		}
		j.count(r, -1)
		j.quote(r, -1)
		r = r.unchecked()
		var found jobName
		if names != nil {
			found = names[i]
		}
		if r, err = c.checkRow(j, r, found, checked[:i]); err != nil {
			return j, err
		}
		j.count(r, 1)
		j.quote(r, 1)
		checked[i] = r
	}
	for _, r := range checked { // it was read before; what a check wrote is forgotten, and what it read is not
		c.Put(r)
	}
	j.Next += n
	return j, nil
}

// checkRow checks one row, of which before are those of the same step. It leaves
// nothing written.
func (c *change) checkRow(j Job, r JobRow, found jobName, before []JobRow) (JobRow, error) {
	about := ID(r.Names)
	if j.What == JobRefunds {
		if found.refusal != nil {
			return r.refused(RowBad, found.refusal, c.now), nil
		}
		r.Payment, r.Order, about = found.payment, string(found.order), found.payment
	}
	twins, err := c.twinsBefore(j, r, twinsOf(j.ID, about), before)
	if err != nil {
		return r, err
	}
	if len(twins) > 0 {
		r.Twin = twins[0].No
	}
	if len(twins) >= maxTwins {
		return r.refused(RowBad, ledger.Refuse(ledger.Exceeds, WhyJobTwins, "%d rows before are about the same", len(twins)).In(nameField(j.What)), c.now), nil
	}
	defer c.Reset()
	for _, t := range twins {
		if _, err = c.doRow(j, t, t.Amount); err != nil {
			break
		}
	}
	var had, has ledger.Amount
	if err == nil {
		had, err = c.ofMerchant()
	}
	tried := r
	if err == nil {
		tried, err = c.doRow(j, r, r.Asked)
	}
	if err == nil {
		has, err = c.ofMerchant()
	}
	var e *ledger.Error
	switch {
	case err == nil:
		tried.State, tried.Made, tried.Merchant, tried.Twins = RowReady, "", had-has, twinsOf(j.ID, about)
		return tried, nil
	case errors.As(err, &e) && e.Code != ledger.Internal:
		return r.refused(RowBad, e, c.now), nil
	}
	return r, err
}

// twinsBefore are the good rows before one that are about the same, in their
// order. Those of the same step are not kept yet.
func (c *change) twinsBefore(j Job, r JobRow, twins ID, before []JobRow) ([]JobRow, error) {
	kept, err := under[JobRow](c, twins)
	if err != nil {
		return nil, err
	}
	var all []JobRow
	for _, t := range kept {
		if t.No < j.Next {
			all = append(all, t)
		}
	}
	for _, t := range before {
		if t.Twins == twins {
			all = append(all, t)
		}
	}
	return all, nil
}

// twinsOf names the rows of a job that are about the same.
func twinsOf(job, about ID) ID { return job + "/" + about }

// ofMerchant is what the merchant has for refunds.
func (c *change) ofMerchant() (ledger.Amount, error) {
	as, err := c.Accounts(ledger.Available, ledger.RefundCredits)
	return as[ledger.Available].Amount + as[ledger.RefundCredits].Amount, err
}
