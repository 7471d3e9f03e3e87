package desk

import (
	"context"

	"wapas/ledger"
)

// The rules of holds of transfers.
const (
	WhyHoldUntil   ledger.Why = "hold_until"   // Invalid: an end of a hold without a hold
	WhyHoldNothing ledger.Why = "hold_nothing" // Invalid: an edit that edits nothing
	WhyHoldState   ledger.Why = "hold_state"   // WrongState: settled, ended, or to a wallet: it cannot be held
)

// A HoldRequest changes the hold of a transfer; nil leaves a field as it is.
type HoldRequest struct {
	Transfer  ID
	OnHold    *bool
	HoldUntil *ledger.Time
}

// EditTransfer puts a transfer to a linked account on hold, moves the end of
// its hold, or releases it. A transfer that waits for its order is changed
// too: it will be made that way.
//
// It refuses, in this order: Invalid; NotFound; WrongState if the transfer is
// to a wallet, settled, failed or reversed; Insufficient if the account has
// spent the money that is to be held.
func (d *Desk) EditTransfer(ctx context.Context, book BookID, q HoldRequest) (Transfer, error) {
	if q.OnHold == nil && q.HoldUntil == nil {
		return Transfer{}, ledger.Refuse(ledger.Invalid, WhyHoldNothing, "").In("on_hold")
	}
	if q.OnHold != nil && !*q.OnHold && q.HoldUntil != nil && *q.HoldUntil != 0 {
		return Transfer{}, ledger.Refuse(ledger.Invalid, WhyHoldUntil, "").In("on_hold_until")
	}
	var t Transfer
	err := d.change(ctx, book, []Ref{ref[Transfer](q.Transfer)}, func(c *change) (err error) {
		if t, err = need[Transfer](c, q.Transfer, ""); err != nil {
			return err
		}
		onHold, until := t.OnHold, t.HoldUntil
		if q.OnHold != nil {
			onHold = *q.OnHold
		}
		if q.HoldUntil != nil {
			until = *q.HoldUntil
		}
		switch {
		case t.toWallet(), t.Settlement != "", t.State == "failed", t.State == "reversed":
			return ledger.Refuse(ledger.WrongState, WhyHoldState, "%s is %s", t.ID, t.State)
		case !onHold && q.HoldUntil != nil && until != 0:
			return ledger.Refuse(ledger.Invalid, WhyHoldUntil, "%s is not on hold", t.ID).In("on_hold_until")
		case !onHold:
			until = 0
		}
		t, err = c.hold(t, onHold, until)
		return err
	})
	return t, err
}

// releaseHold ends a hold whose time has come.
func (d *Desk) releaseHold(ctx context.Context, book BookID, id ID) error {
	return d.change(ctx, book, []Ref{ref[Transfer](id)}, func(c *change) error {
		t, err := need[Transfer](c, id, "")
		switch {
		case err != nil:
			return err
		case !t.OnHold || t.HoldUntil == 0 || !t.made():
			return c.unwait("transfer.release", id)
		case t.HoldUntil > c.now: // it was moved
			return c.wait("transfer.release", id, t.HoldUntil)
		}
		_, err = c.hold(t, false, 0)
		return err
	})
}

// hold sets the hold of a transfer, moves what is left of it between the
// account's free and held money, and sets the timer.
func (c *change) hold(t Transfer, onHold bool, until ledger.Time) (Transfer, error) {
	if t.made() && onHold != t.OnHold {
		reason, journal := ledger.HoldReleased, ledger.ReleaseHold(string(t.Recipient), t.Left())
		if onHold {
			reason, journal = ledger.HoldPlaced, ledger.PlaceHold(string(t.Recipient), t.Left())
		}
		have, err := c.balance(t.lies())
		if err != nil {
			return t, err
		}
		if have < t.Left() {
			return t, ledger.Refuse(ledger.Insufficient, WhyLinkedShort, "%s has %d", t.Recipient, have)
		}
		if _, err := c.post(reason, t.ID, journal); err != nil {
			return t, err
		}
		t.SettlementState = settlementState(onHold)
	}
	t.OnHold, t.HoldUntil = onHold, until
	c.Put(t)
	if t.made() && onHold && until != 0 {
		return t, c.wait("transfer.release", t.ID, until)
	}
	return t, c.unwait("transfer.release", t.ID)
}

// settlementState is that of a transfer to a linked account until it is
// settled.
func settlementState(onHold bool) string {
	if onHold {
		return "on_hold"
	}
	return "pending"
}
