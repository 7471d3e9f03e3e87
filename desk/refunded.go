package desk

import (
	"math"

	"wapas/ledger"
	"wapas/rail"
)

// What the end of a rail order means to the refund it moves.

// refundOf reads the refund of an order with its payment.
func (c *change) refundOf(o RailOrder) (Refund, Payment, error) {
	r, err := need[Refund](c, o.ID, "")
	if err != nil {
		return r, Payment{}, err
	}
	p, err := need[Payment](c, r.Payment, "")
	return r, p, err
}

// refundSlowed says that a refund that was to be instant goes at normal speed:
// its fee is returned (J17).
func refundSlowed(c *change, o RailOrder) error {
	r, p, err := c.refundOf(o)
	if err != nil {
		return err
	}
	if r, err = c.slow(r, p); err != nil {
		return err
	}
	c.Put(r)
	return nil
}

func (c *change) slow(r Refund, p Payment) (Refund, error) {
	if r.Done != Instant {
		return r, nil
	}
	r, err := c.returnInstantFee(r)
	if err != nil {
		return r, err
	}
	r.Done, r.Proof = Normal, proofOf(p.Method)
	c.emit("refund.speed_changed", r, p)
	return r, nil
}

// returnInstantFee and keepInstantFee end what was taken for an instant refund.
// A refund without a fee writes nothing.
func (c *change) returnInstantFee(r Refund) (Refund, error) {
	fee, err := c.feeTaken(r.Fee, r.Tax, r.CreatedAt)
	if err != nil {
		return r, err
	}
	_, err = c.post(ledger.InstantFeeBack, r.ID, ledger.ReturnInstantFee(fee))
	r.Fee, r.Tax = 0, 0
	return r, err
}

func (c *change) keepInstantFee(r Refund) error {
	fee, err := c.feeTaken(r.Fee, r.Tax, r.CreatedAt)
	if err != nil {
		return err
	}
	_, err = c.post(ledger.InstantFeeKept, r.ID, ledger.KeepInstantFee(fee))
	return err
}

// feeTaken is a fee that was taken at a moment, with its tax split as the terms
// of that moment had it. An odd tax was never two halves.
func (c *change) feeTaken(total, tax ledger.Amount, at ledger.Time) (ledger.Fee, error) {
	all, err := under[Terms](c, termsParent)
	return ledger.FeeOf(total, tax, inForce(all, at).Interstate || tax%2 == 1), err
}

// refundDone says that a refund went (J14). If it went the fast way its fee is
// earned (J17).
func refundDone(c *change, o RailOrder, a rail.Answer) error {
	r, p, err := c.refundOf(o)
	if err != nil {
		return err
	}
	reason := ledger.RefundDone
	if r.Unsettled {
		reason = ledger.AutoRefundDone
	}
	if _, err := c.post(reason, r.ID, ledger.RefundGone(r.Provider, r.Amount)); err != nil {
		return err
	}
	if !a.Instant {
		r, err = c.slow(r, p)
	} else {
		err = c.keepInstantFee(r)
	}
	if err != nil {
		return err
	}
	r.State, r.Reference, r.ProcessedAt = "done", a.Reference, c.now
	p.RefundPending -= r.Amount
	p.Refunded += r.Amount
	c.Put(r, p)
	c.emit("refund.processed", r, p)
	return nil
}

// refundRefused says that a refund did not go (J15): the merchant has the money
// again, and an instant fee with it. What was never captured is put before a
// person, for it is owed to the customer still.
func refundRefused(c *change, o RailOrder, a rail.Answer) error {
	r, p, err := c.refundOf(o)
	if err != nil {
		return err
	}
	if _, err := c.post(ledger.RefundFailed, r.ID, ledger.RefundBack(r.From(), r.Provider, r.Amount)); err != nil {
		return err
	}
	if r, err = c.returnInstantFee(r); err != nil {
		return err
	}
	r.State, r.Reason = "failed", a.Reason
	p.RefundPending -= r.Amount
	if err := c.orderRefunded(r, -r.Amount); err != nil {
		return err
	}
	if p, err = c.recount(p.refunded()); err != nil {
		return err
	}
	c.Put(r, p)
	if r.Unsettled {
		if err := c.raise(ExceptionStranded, r.ID, "a payment that was never captured could not be given back: "+a.Reason); err != nil {
			return err
		}
	}
	c.emit("refund.failed", r, p, o)
	return nil
}

// refundLate says that a refund went after it had failed (J16). It cannot be
// undone, so it is posted whatever the merchant's balance is, even if the money
// was given back another way meanwhile: what is beyond the payment is counted
// apart, and a person is told.
func refundLate(c *change, o RailOrder, a rail.Answer) error {
	r, p, err := c.refundOf(o)
	if err != nil {
		return err
	}
	if r.State == "done" {
		// It had gone, came back and has gone again: the books never took it
		// back, so there is nothing to post.
		return c.lower(r.ID, ExceptionReturned)
	}
	from := r.From()
	if r.Credits {
		from = ledger.Available // the credits may be spent; the balance may go below zero
	}
	below := map[ledger.AccountID]ledger.Amount{ledger.AccountID(from): math.MinInt64}
	if _, err := c.postOver(ledger.RefundLate, r.ID, ledger.RefundLateSuccess(from, r.Provider, r.Amount), below); err != nil {
		return err
	}
	counted := min(r.Amount, p.Budget().Left())
	r.State, r.Reference, r.Reason, r.ProcessedAt = "done", a.Reference, "", c.now
	p.Refunded += counted
	p.Excess += r.Amount - counted
	p = p.refunded()
	c.Put(r, p)
	if err := c.orderRefunded(r, counted); err != nil {
		return err
	}
	if err := c.lower(r.ID, ExceptionStranded); err != nil {
		return err
	}
	if err := c.raise(ExceptionLate, r.ID, "a refund of "+r.Amount.String()+" rupees went after it had failed"); err != nil {
		return err
	}
	if counted < r.Amount {
		beyond := r.Amount - counted
		if err := c.raise(ExceptionExcess, p.ID, beyond.String()+" rupees more than the payment have been given back"); err != nil {
			return err
		}
	}
	c.emit("refund.processed", r, p)
	return nil
}

// recount counts of the payment what was given back beyond it, as far as it has
// something left again: another refund of it failed, or a dispute was won.
// Otherwise the same money could be given back once more.
func (c *change) recount(p Payment) (Payment, error) {
	fits := min(p.Excess, p.Budget().Left())
	if fits == 0 {
		return p, nil
	}
	p.Refunded += fits
	p.Excess -= fits
	if err := c.orderRefunded(Refund{Order: p.Order}, fits); err != nil {
		return p, err
	}
	if p.Excess == 0 {
		if err := c.lower(p.ID, ExceptionExcess); err != nil {
			return p, err
		}
	}
	return p.refunded(), nil
}

// refundReturned says that a refund came back after it had gone. A refund that
// was processed stays so; a person finds the customer.
func refundReturned(c *change, o RailOrder, a rail.Answer) error {
	return c.raise(ExceptionReturned, o.ID, "a refund of "+o.Amount.String()+" rupees came back: "+a.Reason)
}

// refundProved keeps a proof that came after the refund was done.
func refundProved(c *change, o RailOrder) error {
	r, p, err := c.refundOf(o)
	if err != nil {
		return err
	}
	r.Reference = o.Reference
	c.Put(r)
	c.emit("refund.reference_updated", r, p)
	return nil
}
