package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"wapas/ledger"
)

// A transfer of an order that cannot be made when the order is paid is tried
// again once a day, this many times.
const (
	transferTries = 3
	transferPause = 24 * time.Hour
)

// orderTransfers keeps the transfers that an order asks for: they are made
// when it is paid. It refuses, in this order: Invalid for a wish, or a wallet
// among them; NotFound; WrongState if the order may be paid in parts or an
// account is suspended; Exceeds if they are more than the order.
func (c *change) orderTransfers(o Order, to []TransferTo) ([]Transfer, error) {
	if err := checkTransfers(to); err != nil {
		return nil, err
	}
	var sum ledger.Amount
	for i, q := range to {
		if q.Recipient.Prefix() != "acc" {
			return nil, ledger.Refuse(ledger.Invalid, WhyTransferRecipient, "%s", q.Recipient).In(fmt.Sprintf("transfers.%d.account", i))
		}
		sum = sum.Add(q.Amount)
	}
	parties, err := c.parties(to)
	if err != nil {
		return nil, err
	}
	if o.Partial {
		return nil, ledger.Refuse(ledger.WrongState, WhyTransferPartialOrder, "%s", o.ID).In("transfers")
	}
	for _, y := range parties {
		if err := y.open(); err != nil {
			return nil, err
		}
	}
	if sum > o.Amount {
		return nil, ledger.Refuse(ledger.Exceeds, WhyTransferExceeds, "%d of %d", sum, o.Amount).In("transfers")
	}
	ts := make([]Transfer, len(to))
	for i, q := range to {
		ts[i] = q.transfer(c, o.ID, o.ID)
		c.Put(ts[i])
	}
	return ts, nil
}

// orderPaid makes the transfers that waited for the order, now that p has paid
// it, and returns p with what was transferred. One that cannot be made is kept
// as failed, with the reason, and tried again later: the customer's payment
// must not fail for it.
func (c *change) orderPaid(tm Terms, o Order, p Payment) (Payment, error) {
	if !o.HasTransfers {
		return p, nil
	}
	ts, err := under[Transfer](c, o.ID)
	if err != nil {
		return p, err
	}
	for _, t := range ts {
		t.Of = p.ID
		if p, err = c.attempt(tm, p, t); err != nil {
			return p, err
		}
	}
	return p, nil
}

// attempt makes a transfer of an order out of the payment that paid it, or
// keeps why it could not.
func (c *change) attempt(tm Terms, p Payment, t Transfer) (Payment, error) {
	first := t.State == "created"
	y, err := c.party(t.Recipient, "")
	if err != nil {
		return p, err
	}
	err = c.possible(tm, p, t, y)
	var no *ledger.Error
	switch {
	case err == nil:
		if t, err = c.move(tm, t, y); err != nil {
			return p, err
		}
		p.Transferred = p.Transferred.Add(t.Amount)
		return p, nil
	case !errors.As(err, &no) || no.Code == ledger.Internal:
		return p, err
	}
	t.State = "failed"
	t.fail(no.Why)
	c.Put(t)
	if first {
		c.emit("transfer.failed", t)
	}
	if t.Tries < transferTries {
		return p, c.wait("transfer.retry", t.ID, c.now.Add(transferPause))
	}
	return p, nil
}

// possible says why a transfer of an order cannot be made now.
func (c *change) possible(tm Terms, p Payment, t Transfer, y party) error {
	if err := y.open(); err != nil {
		return err
	}
	used, err := c.transferred(p)
	if err != nil {
		return err
	}
	total := t.Amount.Add(tm.Transfer().On(t.Amount, tm.Interstate).Total())
	if used.Add(total) > p.Amount {
		return ledger.Refuse(ledger.Exceeds, WhyTransferExceeds, "%d of %d is taken", used, p.Amount)
	}
	return c.afford(total)
}

// fail writes down why a transfer could not be made, in the public words of
// its API.
func (t *Transfer) fail(why ledger.Why) {
	switch why {
	case WhyTransferExceeds:
		t.ErrorCode = "BAD_REQUEST_PAYMENT_FEES_GREATER_THAN_AMOUNT"
		t.ErrorDescription = "Transfer amount was greater than amount available for transfer"
		t.ErrorReason, t.ErrorStep, t.ErrorSource = "transfer_amount_higher_than_balance", "amount_validation", ""
	case WhyLinkedSuspended: // not in the public list
		t.ErrorCode = "BAD_REQUEST_ERROR"
		t.ErrorDescription = "Transfer failed because the linked account is suspended"
		t.ErrorReason, t.ErrorStep, t.ErrorSource = "linked_account_suspended", "account_validation", "transfer"
	default:
		t.ErrorCode = "BAD_REQUEST_TRANSFER_INSUFFICIENT_BALANCE"
		t.ErrorDescription = "Transfer failed due to insufficient balance"
		t.ErrorReason, t.ErrorStep, t.ErrorSource = "insufficient_balance", "balance_check", "transfer"
	}
}

// retryTransfer tries a failed transfer of an order again, unless a refund of
// the payment was started meanwhile.
func (d *Desk) retryTransfer(ctx context.Context, book BookID, id ID) error {
	reads := []Ref{ref[Transfer](id), refUnder[Terms](termsParent), refAccount(ledger.Available)}
	return d.change(ctx, book, reads, func(c *change) error {
		if err := c.unwait("transfer.retry", id); err != nil {
			return err
		}
		t, err := need[Transfer](c, id, "")
		if err != nil || t.State != "failed" {
			return err
		}
		p, err := need[Payment](c, t.Of, "")
		if err != nil || p.refundStarted() {
			return err
		}
		tm, err := c.terms()
		if err != nil {
			return err
		}
		t.Tries++
		paid, err := c.attempt(tm, p, t)
		if err == nil && paid != p {
			c.Put(paid)
		}
		return err
	})
}
