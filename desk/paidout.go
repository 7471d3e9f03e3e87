package desk

import (
	"math"

	"wapas/ledger"
	"wapas/rail"
)

// What the end of a rail order means to the payout it moves.

// payoutOf reads the payout of an order with the fee that was taken for it.
func (c *change) payoutOf(o RailOrder) (Payout, ledger.Fee, error) {
	p, err := need[Payout](c, o.ID, "")
	if err != nil {
		return p, ledger.Fee{}, err
	}
	fee, err := c.feeTaken(p.Fee, p.Tax, p.CreatedAt)
	return p, fee, err
}

// payoutSlowed means nothing: a payout has one speed.
func payoutSlowed(*change, RailOrder) error { return nil }

// payoutDone says that a payout arrived (J19) and its fee is earned.
func payoutDone(c *change, o RailOrder, a rail.Answer) error {
	p, fee, err := c.payoutOf(o)
	if err != nil {
		return err
	}
	if _, err := c.post(ledger.PayoutDone, p.ID, ledger.PayoutGone(o.Rail, p.Amount, fee)); err != nil {
		return err
	}
	c.paidOut(p, o, a)
	return nil
}

// paidOut marks a payout as arrived. Its UTR is an event of its own.
func (c *change) paidOut(p Payout, o RailOrder, a rail.Answer) {
	p.State, p.Mode, p.Reason, p.ProcessedAt = "processed", o.Method, "", c.now
	c.emit("payout.processed", p)
	if a.Reference != "" {
		p.UTR = a.Reference
		c.emit("payout.updated", p)
	}
	c.Put(p)
}

// payoutRefused says that a payout did not go (J20).
func payoutRefused(c *change, o RailOrder, a rail.Answer) error {
	p, fee, err := c.payoutOf(o)
	if err != nil {
		return err
	}
	return c.payBack(p, a, ledger.PayoutReversed, ledger.PayoutBack(string(p.Customer), o.Rail, p.Amount, fee, p.feeFrom()))
}

// payoutReturned says that a payout came back after it had arrived (J21).
func payoutReturned(c *change, o RailOrder, a rail.Answer) error {
	p, fee, err := c.payoutOf(o)
	if err != nil {
		return err
	}
	j := ledger.PayoutReturn(string(p.Customer), o.Rail, p.Amount, fee, p.feeFrom())
	if p.Borne > 0 { // it had arrived late, so there is no fee
		j = ledger.PayoutLateReturn(string(p.Customer), o.Rail, p.Amount, p.Amount-p.Borne)
	}
	return c.payBack(p, a, ledger.PayoutReturned, j)
}

// payBack puts a payout's money into the wallet again. Its fee returns to who
// bore it, and so does what the merchant bore of a late success.
func (c *change) payBack(p Payout, a rail.Answer, reason ledger.Reason, j ledger.Journal) error {
	entry, err := c.post(reason, p.ID, j)
	if err != nil {
		return err
	}
	if back := p.fromWallet() - p.Borne; back > 0 {
		w, err := need[Wallet](c, p.Customer, "")
		if err != nil {
			return err
		}
		if _, err := c.walletLine(w, entry, p.ID, LineRefund, back, 0, p.Narration); err != nil {
			return err
		}
	}
	p.State, p.Reason = "reversed", a.Reason
	p.Fee, p.Tax, p.Borne = 0, 0, 0
	c.Put(p)
	c.emit("payout.reversed", p)
	return c.payoutFailed(p)
}

// payoutFailed runs the clock of a payout that failed, which the wallet has back
// now. Wallets of a closed programme are no payment instruments, and have none.
func (c *change) payoutFailed(p Payout) error {
	t, err := c.terms()
	if err != nil || t.Programme == "closed" {
		return err
	}
	if err := c.failedTAT("IMPS", p.ID, p.Customer, p.CreatedAt.Day()); err != nil {
		return err
	}
	return c.reversedTAT(p.ID)
}

// payoutLate says that a payout arrived after it had been given back. The
// wallet pays again as far as it can; the merchant bears the rest, whatever the
// balance is. The fee stays returned. A person is told.
func payoutLate(c *change, o RailOrder, a rail.Answer) error {
	p, _, err := c.payoutOf(o)
	if err != nil {
		return err
	}
	m, err := c.money(p.Customer)
	if err != nil {
		return err
	}
	again := min(m.Cash, p.Amount)
	below := map[ledger.AccountID]ledger.Amount{ledger.Available: math.MinInt64}
	entry, err := c.postOver(ledger.PayoutLate, p.ID, ledger.PayoutLateSuccess(string(p.Customer), o.Rail, p.Amount, ledger.Fee{}, again), below)
	if err != nil {
		return err
	}
	if again > 0 {
		w, err := need[Wallet](c, p.Customer, "")
		if err != nil {
			return err
		}
		if _, err := c.walletLine(w, entry, p.ID, LineTransfer, 0, again, p.Narration); err != nil {
			return err
		}
	}
	p.Borne = p.Amount - again
	c.paidOut(p, o, a)
	return c.raise(ExceptionLate, p.ID, "a payout of "+p.Amount.String()+" rupees arrived after it had been given back: "+
		again.String()+" were taken from the wallet again, "+p.Borne.String()+" from the merchant")
}

// payoutProved keeps a UTR that came after the payout was done.
func payoutProved(c *change, o RailOrder) error {
	p, err := need[Payout](c, o.ID, "")
	if err != nil {
		return err
	}
	p.UTR = o.Reference
	c.Put(p)
	c.emit("payout.updated", p)
	return nil
}
