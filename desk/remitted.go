package desk

import (
	"context"
	"math"
	"time"

	"wapas/ledger"
	"wapas/rail"
)

// What the end of a rail order means to the remittance it moves.

// remittanceOf reads the remittance of an order with the fee that was taken
// for it.
func (c *change) remittanceOf(o RailOrder) (Remittance, ledger.Fee, error) {
	r, err := need[Remittance](c, o.ID, "")
	if err != nil {
		return r, ledger.Fee{}, err
	}
	fee, err := c.feeTaken(r.Fee, r.Tax, r.CreatedAt)
	return r, fee, err
}

// remittanceSlowed means nothing: a remittance has one speed.
func remittanceSlowed(*change, RailOrder) error { return nil }

// remittanceWaits hears that a remittance is still on its way. If nobody knows
// where it is, or if it waits for somebody, it is on hold at once; otherwise
// when it has taken too long.
func remittanceWaits(c *change, o RailOrder, a rail.Answer) error {
	r, err := need[Remittance](c, o.ID, "")
	if err != nil || r.State != RemitInitiated {
		return err
	}
	if a.Outcome == rail.Unknown || a.Code == rail.CodeHold {
		return c.keepHold(r)
	}
	return c.wait("remittance.hold", r.ID, r.CreatedAt.Add(time.Duration(r.HoldAfter)*time.Second))
}

// holdRemittance is what is due at "remittance.hold".
func (d *Desk) holdRemittance(ctx context.Context, book BookID, id ID) error {
	return d.change(ctx, book, []Ref{ref[Remittance](id), ref[Timer](timer("remittance.hold", id, 0).ID)}, func(c *change) error {
		r, err := need[Remittance](c, id, "")
		if err != nil {
			return err
		}
		if r.State != RemitInitiated {
			return c.unwait("remittance.hold", id)
		}
		return c.keepHold(r)
	})
}

func (c *change) keepHold(r Remittance) error {
	r, err := c.to(r, RemitHeld)
	if err != nil {
		return err
	}
	c.Put(r)
	c.emit("remittance.held", r)
	return c.unwait("remittance.hold", r.ID)
}

// remittanceDone says that a remittance arrived (J28s) and its fee is earned.
func remittanceDone(c *change, o RailOrder, a rail.Answer) error {
	r, fee, err := c.remittanceOf(o)
	if err != nil {
		return err
	}
	if _, err := c.post(ledger.RemittanceDone, r.ID, ledger.RemittanceGone(string(r.Agent), r.Partner, r.Amount, fee)); err != nil {
		return err
	}
	return c.arrived(r, a)
}

// arrived marks a remittance as arrived.
func (c *change) arrived(r Remittance, a rail.Answer) error {
	r, err := c.to(r, RemitDone)
	if err != nil {
		return err
	}
	r.BankRef, r.Reason = a.Reference, ""
	c.Put(r)
	c.emit("remittance.processed", r)
	return c.unwait("remittance.hold", r.ID)
}

// remittanceRefused says that a remittance did not arrive (J28f). The customer
// is sent the code by which the cash is given back.
func remittanceRefused(c *change, o RailOrder, a rail.Answer) error {
	r, fee, err := c.remittanceOf(o)
	if err != nil {
		return err
	}
	if _, err := c.post(ledger.RemittanceRefused, r.ID, ledger.RemittanceFailed(string(r.Agent), r.Amount, fee)); err != nil {
		return err
	}
	if r, err = c.to(r, RemitOwed); err != nil {
		return err
	}
	r.Reason = a.Reason
	c.Put(r)
	if err := c.remittanceFailed(r); err != nil {
		return err
	}
	if _, err := c.challenge(r.refundBinding(), r.refundText); err != nil {
		return err
	}
	c.emit("remittance.failed", r)
	return c.unwait("remittance.hold", r.ID)
}

// remittanceLate says that a remittance arrived after it had failed. If the
// customer has not the cash back yet, it ends well, and nobody may give the cash
// back any more. If the customer has, the money was given twice: that is
// posted as it is, and the remittance stays refunded. A person is told of
// either.
func remittanceLate(c *change, o RailOrder, a rail.Answer) error {
	r, fee, err := c.remittanceOf(o)
	if err != nil {
		return err
	}
	switch {
	case r.Back > 0: // it had arrived, came back and has arrived again
		if _, err := c.post(ledger.RemittanceLate, r.ID, ledger.RemittanceBackGone(r.Partner, r.Back)); err != nil {
			return err
		}
		r.Back, r.BankRef = 0, a.Reference
		c.Put(r)
		return c.lower(r.ID, ExceptionReturned)

	case r.State == RemitRefunded:
		below := map[ledger.AccountID]ledger.Amount{ledger.Available: math.MinInt64}
		if _, err := c.postOver(ledger.RemittanceLate, r.ID, ledger.RemittanceTwice(r.Partner, r.Amount), below); err != nil {
			return err
		}
		r.Lost, r.BankRef = r.Amount, a.Reference
		c.Put(r)
		return c.raise(ExceptionLate, r.ID, "a remittance of "+r.Amount.String()+" rupees arrived after the customer had the cash back")
	}
	if _, err := c.post(ledger.RemittanceLate, r.ID, ledger.RemittanceLateSuccess(string(r.Agent), r.Partner, r.Amount, fee)); err != nil {
		return err
	}
	if err := c.endConsents(r.ID, consentVoid); err != nil {
		return err
	}
	if err := c.reversedTAT(r.ID); err != nil {
		return err
	}
	if err := c.arrived(r, a); err != nil {
		return err
	}
	return c.raise(ExceptionLate, r.ID, "a remittance of "+r.Amount.String()+" rupees arrived after it had failed; the customer must not be given the cash")
}

// remittanceReturned says that a remittance came back after it had arrived.
// What was said to have arrived stays so; its money is nobody's until a person
// has found the customer. If it had been given twice, the merchant has its
// part again.
func remittanceReturned(c *change, o RailOrder, a rail.Answer) error {
	r, err := need[Remittance](c, o.ID, "")
	if err != nil {
		return err
	}
	if r.Lost > 0 {
		if _, err := c.post(ledger.RemittanceReturned, r.ID, ledger.RemittanceTwiceBack(r.Partner, r.Lost)); err != nil {
			return err
		}
		r.Lost = 0
		c.Put(r)
		return c.lower(r.ID, ExceptionLate)
	}
	if _, err := c.post(ledger.RemittanceReturned, r.ID, ledger.RemittanceBack(r.Partner, r.Amount)); err != nil {
		return err
	}
	r.Back = r.Amount
	c.Put(r)
	return c.raise(ExceptionReturned, r.ID, "a remittance of "+r.Amount.String()+" rupees came back: "+a.Reason)
}

// remittanceProved keeps a bank's number that came after the remittance was
// done.
func remittanceProved(c *change, o RailOrder) error {
	r, err := need[Remittance](c, o.ID, "")
	if err != nil {
		return err
	}
	r.BankRef = o.Reference
	c.Put(r)
	return nil
}

// remittanceEffect is what the entries that a remittance caused add up to. What
// gives the e-value back is caused by the refund.
func remittanceEffect(r Remittance) (j ledger.Journal) {
	if r.State == RemitFailed {
		return nil
	}
	fee := kept(r.Fee, r.Tax)
	j = ledger.SendRemittance("", r.Amount, fee)
	switch r.State {
	case RemitDone:
		j = append(j, ledger.RemittanceGone("", "", r.Amount, fee)...)
	case RemitOwed, RemitRefunded:
		j = append(j, ledger.RemittanceFailed("", r.Amount, fee)...)
	}
	if r.State != RemitRefunded {
		j = append(j, ledger.GiveCommission("", r.Commission, r.TDS)...)
	}
	return append(append(j, ledger.RemittanceTwice("", r.Lost)...), ledger.RemittanceBack("", r.Back)...)
}

// The sums that remittances, their refunds and their consents tell.
const (
	consentsSpent = "consents spent"
	consentsFor   = "agreed to by consent"
	givenBack     = "given back by consent"
	earned        = "commission given"
	withheld      = "tax kept back from that"
)

// compareRemittance holds a remittance against its refund, its consents and
// the accounts of what is under way.
func compareRemittance(t *tally, r Remittance) {
	agent := string(r.Agent)
	if r.State != RemitFailed {
		t.says("I-8", string(r.ID), railMoves, r.Amount)
		t.says("I-11", string(r.ID), earned, r.Commission)
		t.says("I-11", string(r.ID), withheld, r.TDS)
	}
	t.adds("I-8", ledger.SuspenseCredit, underWay, r.Back)
	if r.Open() || r.State == RemitOwed {
		t.adds("I-8", ledger.CashAtAgent, underWay, r.Total())
	}
	switch {
	case r.Open():
		t.says("I-8", string(r.ID), railOrders, 1)
		t.adds("I-8", clearing(ledger.Account(ledger.DMTInFlight, agent)), underWay, r.Amount)
		t.adds("I-8", ledger.FeeDeferred, underWay, r.Fee)
	case r.State == RemitOwed:
		t.adds("I-8", clearing(ledger.Account(ledger.DMTRefund, agent)), underWay, r.Total())
	case r.State == RemitRefunded:
		t.says("I-11", string(r.Refund), givenBack, r.Total())
		t.says("I-11", string(r.ID), consentsSpent, 1)
		t.says("I-11", string(r.ID), consentsFor, r.Total())
	}
}

// commissionPosting counts what an agent was given for a remittance, whether or
// not it was taken back later.
func commissionPosting(t *tally, e Entry, p ledger.Posting) {
	if e.Reason != ledger.CommissionGiven {
		return
	}
	switch p.Account.Code() {
	case ledger.AgentCommission:
		t.adds("I-11", string(e.Cause), earned, p.Amount)
	case ledger.TDSPayable:
		t.adds("I-11", string(e.Cause), withheld, p.Amount)
	}
}

// compareConsent counts a consent that gave something back.
func compareConsent(t *tally, r Consent) {
	if r.Purpose == ToRefund && r.State == consentSpent {
		t.adds("I-11", string(r.Subject), consentsSpent, 1)
		t.adds("I-11", string(r.Subject), consentsFor, r.Amount)
	}
}
