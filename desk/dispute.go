package desk

import (
	"context"
	"math"

	"wapas/ledger"
)

// The rules of disputes.
const (
	WhyDisputeAmount ledger.Why = "dispute_amount" // Invalid: nothing
	WhyDisputeState  ledger.Why = "dispute_state"  // WrongState: the payment was not captured, or a wallet of ours paid: no bank can dispute it
	WhyDisputeOver   ledger.Why = "dispute_over"   // Exceeds: more than the payment has left, or than is in dispute
)

// A DisputeRequest names an amount of a payment that its customer's bank wants
// back.
type DisputeRequest struct {
	Payment ID
	Amount  ledger.Amount
}

// OpenDispute sets an amount of a payment aside because its bank disputes it
// (J22): it cannot be refunded, and has left the merchant's balance, which it
// may take below zero. What was refunded before is not set aside again: the
// refund's proof answers the bank.
//
// It refuses, in this order: Invalid; NotFound; WrongState if the payment was
// not captured or came from a wallet of ours; Exceeds if it is more than is left
// of the payment.
func (d *Desk) OpenDispute(ctx context.Context, book BookID, q DisputeRequest) (Payment, error) {
	return d.dispute(ctx, book, q, "payment.dispute.created", func(c *change, p Payment) (Payment, ledger.Reason, ledger.Journal, error) {
		if left := p.Budget().Left(); q.Amount > left {
			return p, "", nil, ledger.Refuse(ledger.Exceeds, WhyDisputeOver, "%d is left of %s", left, p.ID).In("amount")
		}
		p.Disputed += q.Amount
		p.DisputeOpen += q.Amount
		return p, ledger.DisputeOpened, ledger.OpenDispute(q.Amount), nil
	})
}

// LoseDispute gives an amount in dispute to the provider, who has paid it back
// (J23); WinDispute gives it back to the merchant (J24). Both refuse as
// OpenDispute does; Exceeds if it is more than is in dispute.
func (d *Desk) LoseDispute(ctx context.Context, book BookID, q DisputeRequest) (Payment, error) {
	return d.dispute(ctx, book, q, "payment.dispute.lost", func(c *change, p Payment) (Payment, ledger.Reason, ledger.Journal, error) {
		p, err := p.decided(q.Amount)
		return p, ledger.DisputeLost, ledger.LoseDispute(p.Provider, q.Amount), err
	})
}

// WinDispute: see LoseDispute.
func (d *Desk) WinDispute(ctx context.Context, book BookID, q DisputeRequest) (Payment, error) {
	return d.dispute(ctx, book, q, "payment.dispute.won", func(c *change, p Payment) (Payment, ledger.Reason, ledger.Journal, error) {
		p, err := p.decided(q.Amount)
		if err != nil {
			return p, "", nil, err
		}
		p.Disputed -= q.Amount
		p, err = c.recount(p)
		return p, ledger.DisputeWon, ledger.WinDispute(q.Amount), err
	})
}

// decided is the payment with a of its open dispute ended.
func (p Payment) decided(a ledger.Amount) (Payment, error) {
	if a > p.DisputeOpen {
		return p, ledger.Refuse(ledger.Exceeds, WhyDisputeOver, "%d of %s is in dispute", p.DisputeOpen, p.ID).In("amount")
	}
	p.DisputeOpen -= a
	return p, nil
}

// dispute is one step of a dispute: check, post, keep, tell.
func (d *Desk) dispute(ctx context.Context, book BookID, q DisputeRequest, event string,
	step func(c *change, p Payment) (Payment, ledger.Reason, ledger.Journal, error)) (Payment, error) {
	if q.Amount < 1 {
		return Payment{}, ledger.Refuse(ledger.Invalid, WhyDisputeAmount, "%d", q.Amount).In("amount")
	}
	var p Payment
	reads := []Ref{ref[Payment](q.Payment), refAccount(ledger.Available), refAccount(ledger.DisputeHold)}
	err := d.change(ctx, book, reads, func(c *change) (err error) {
		if p, err = need[Payment](c, q.Payment, "payment_id"); err != nil {
			return err
		}
		switch {
		case !p.Captured:
			return ledger.Refuse(ledger.WrongState, WhyDisputeState, "%s is %s", p.ID, p.Status)
		case p.fromWallet():
			return ledger.Refuse(ledger.WrongState, WhyDisputeState, "%s was paid from a wallet", p.ID)
		}
		next, reason, j, err := step(c, p)
		if err != nil {
			return err
		}
		below := map[ledger.AccountID]ledger.Amount{ledger.Available: math.MinInt64}
		if _, err := c.postOver(reason, p.ID, j, below); err != nil {
			return err
		}
		p = next
		c.Put(p)
		c.emit(event, p)
		return nil
	})
	return p, err
}
