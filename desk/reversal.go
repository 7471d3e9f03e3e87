package desk

import (
	"context"

	"wapas/ledger"
)

// The rules of reversals.
const (
	WhyReversalMin     ledger.Why = "reversal_minimum"      // Invalid: less than a rupee
	WhyTransferNotMade ledger.Why = "transfer_not_made"     // WrongState: it waits, or it failed: there is nothing to pull back
	WhyReversalExceeds ledger.Why = "reversal_exceeds"      // Exceeds: more than is left of the transfer
	WhyLinkedShort     ledger.Why = "linked_account_short"  // Insufficient: the recipient does not have it any more
	WhyReverseNothing  ledger.Why = "transfer_all_reversed" // WrongState: nothing is left of it
)

// MinTransfer is the least a caller may move by transfer, or pull back: a
// rupee. What a refund pulls back along with it may be less.
const MinTransfer ledger.Amount = 100

// A ReversalRequest asks to pull a transfer back. Amount zero means all that
// is left of it.
type ReversalRequest struct {
	Transfer ID
	Amount   ledger.Amount
	Notes    Notes
}

// Reverse pulls a transfer back, in whole or part: the money moves from its
// recipient to the merchant at once. A transfer may be reversed several times.
// The fee of the transfer is not returned.
//
// It refuses, in this order: Invalid; NotFound; WrongState if the transfer was
// not made or nothing is left of it; Exceeds; Insufficient if the recipient
// does not have the money any more.
func (d *Desk) Reverse(ctx context.Context, book BookID, q ReversalRequest) (Reversal, error) {
	if q.Amount != 0 && q.Amount < MinTransfer {
		return Reversal{}, ledger.Refuse(ledger.Invalid, WhyReversalMin, "%d", q.Amount).In("amount")
	}
	var r Reversal
	reads := []Ref{ref[Transfer](q.Transfer), refAccount(ledger.Available)}
	err := d.change(ctx, book, reads, func(c *change) error {
		t, err := need[Transfer](c, q.Transfer, "")
		if err != nil {
			return err
		}
		amount := q.Amount
		if amount == 0 {
			amount = t.Left()
		}
		_, r, err = c.reverse(t, amount, "", q.Notes)
		return err
	})
	return r, err
}

// reverse pulls amount of a transfer back, as an entry of its own (J12), on
// behalf of a refund if one is named. It refuses as Reverse does.
func (c *change) reverse(t Transfer, amount ledger.Amount, refund ID, notes Notes) (Transfer, Reversal, error) {
	from := t.lies()
	have, err := c.balance(from)
	switch {
	case err != nil:
		return t, Reversal{}, err
	case !t.made():
		return t, Reversal{}, ledger.Refuse(ledger.WrongState, WhyTransferNotMade, "%s is %s", t.ID, t.State)
	case t.Left() == 0:
		return t, Reversal{}, ledger.Refuse(ledger.WrongState, WhyReverseNothing, "%s", t.ID)
	case amount < 1:
		return t, Reversal{}, ledger.Refuse(ledger.Invalid, WhyReversalMin, "%d", amount).In("amount")
	case amount > t.Left():
		return t, Reversal{}, ledger.Refuse(ledger.Exceeds, WhyReversalExceeds, "%d is left of %s", t.Left(), t.ID).In("amount")
	case amount > have:
		return t, Reversal{}, ledger.Refuse(ledger.Insufficient, WhyLinkedShort, "%s has %d", t.Recipient, have)
	}

	r := Reversal{ID: c.NewID("rvrsl"), Transfer: t.ID, Refund: refund, Amount: amount, Notes: notes, CreatedAt: c.now}
	entry, err := c.post(ledger.Reversed, r.ID, ledger.Reverse(from, amount))
	if err != nil {
		return t, Reversal{}, err
	}
	if t.toWallet() {
		w, err := need[Wallet](c, t.Recipient, "")
		if err != nil {
			return t, Reversal{}, err
		}
		if _, err := c.walletLine(w, entry, t.ID, LineTransfer, 0, amount, "Transfer reversed"); err != nil {
			return t, Reversal{}, err
		}
	}
	t.Reversed += amount
	t.State = "partially_reversed"
	if t.Reversed == t.Amount {
		t.State = "reversed" // releaseHold, if it still comes, will find nothing to release
	}
	c.Put(t, r)
	c.emit("reversal.created", r, t)
	return t, r, nil
}

// Check is the rule of a reversal row.
func (r Reversal) Check() error {
	if r.Amount < 1 || r.Transfer == "" {
		return ledger.Refuse(ledger.Internal, ledger.WhyInvariant, "%s of %d paise of transfer %q", r.ID, r.Amount, r.Transfer)
	}
	return nil
}
