package desk

import (
	"context"
	"strings"

	"wapas/ledger"
)

// A freeze keeps what a holder has with us where it is, on somebody's word and
// for a reason: a phone that was stolen, an account that was taken over, an
// order of a court.
//
// From a frozen wallet nothing is paid, held or paid out, and nothing is loaded
// into it, cashback neither; a frozen member spends nothing. Money that goes
// back is never refused: refunds, holds that are let go, payouts that come back
// and compensation arrive as ever, and a member is given what it is owed. What
// was agreed before the freeze goes on to its end: a hold may be captured, a
// payout that was sent arrives. The operator may still pull a transfer back and
// correct the books by hand.

// The rules of freezing. That of members is WhyMemberFrozen.
const (
	WhyWalletFrozen ledger.Why = "wallet_frozen" // WrongState: nothing is paid from it, paid out or loaded
	WhyFreezeReason ledger.Why = "freeze_reason" // Invalid: no reason, or one that is too long
)

// maxFreezeReason is how many characters the reason of a freeze may have.
const maxFreezeReason = 200

// usable says whether a wallet may be paid from, paid out or loaded, as far as a
// freeze is concerned. It refuses WrongState (WhyWalletFrozen).
func (w Wallet) usable() error {
	if w.Frozen {
		return ledger.Refuse(ledger.WrongState, WhyWalletFrozen, "the wallet of %s is frozen", w.ID)
	}
	return nil
}

// usable says whether a member may spend. It refuses WrongState
// (WhyMemberFrozen), in field member.
func (r Member) usable() error {
	if r.Frozen {
		return ledger.Refuse(ledger.WrongState, WhyMemberFrozen, "%s", r.ID).In("member")
	}
	return nil
}

// frozenWell says whether what a row tells of a freeze fits together. Members
// that were frozen before reasons were kept have none.
func frozenWell(id ID, frozen bool, why string, at ledger.Time) error {
	if !frozen && (why != "" || at != 0) {
		return ledger.Refuse(ledger.Internal, ledger.WhyInvariant, "%s is not frozen, since %d for %q", id, at, why)
	}
	return nil
}

// A FreezeRequest asks to freeze what a holder has, or to thaw it.
type FreezeRequest struct {
	Holder ID     // of a wallet cust_, of store credit iuser_
	Frozen bool   // false thaws
	Reason string // of a freeze: why, for whoever asks later
}

// check is what is wrong with the request itself; it tidies the reason.
func (q *FreezeRequest) check() error {
	q.Reason = strings.TrimSpace(q.Reason)
	if q.Frozen && (q.Reason == "" || len([]rune(q.Reason)) > maxFreezeReason) {
		return ledger.Refuse(ledger.Invalid, WhyFreezeReason, "say why, in at most %d characters", maxFreezeReason).In("reason")
	}
	return nil
}

// put writes what is asked on a row's fields, and says whether that was new.
// Another reason for what is frozen already replaces the first.
func (q FreezeRequest) put(now ledger.Time, frozen *bool, why *string, at *ledger.Time) (changed bool) {
	switch {
	case q.Frozen == *frozen && (!q.Frozen || q.Reason == *why):
		return false
	case !q.Frozen:
		*frozen, *why, *at = false, "", 0
	case *frozen:
		*why = q.Reason
	default:
		*frozen, *why, *at = true, q.Reason, now
	}
	return true
}

// event is what has happened, by the name of an event.
func (q FreezeRequest) event(of string) string {
	if q.Frozen {
		return of + ".frozen"
	}
	return of + ".thawed"
}

// FreezeWallet freezes a customer's wallet or thaws it. A customer who may have
// a wallet and has none is given one, so that nothing can be loaded later. What
// is so already changes nothing.
//
// It refuses, in this order: Invalid; NotFound for the customer; Invalid
// (WhyContact) if there can be no wallet.
func (d *Desk) FreezeWallet(ctx context.Context, book BookID, q FreezeRequest) (Wallet, error) {
	if err := q.check(); err != nil {
		return Wallet{}, err
	}
	var w Wallet
	err := d.change(ctx, book, []Ref{ref[Customer](q.Holder), ref[Wallet](q.Holder)}, func(c *change) error {
		cust, err := need[Customer](c, q.Holder, "customer")
		if err != nil {
			return err
		}
		if w, err = c.openWallet(cust); err != nil || !q.put(c.now, &w.Frozen, &w.FrozenFor, &w.FrozenAt) {
			return err
		}
		c.Put(w)
		c.emit(q.event("wallet"), w)
		return nil
	})
	return w, err
}

// FreezeMember freezes what a member holds or thaws it. It refuses, in this
// order: Invalid; NotFound.
func (d *Desk) FreezeMember(ctx context.Context, book BookID, q FreezeRequest) (Member, error) {
	if err := q.check(); err != nil {
		return Member{}, err
	}
	var m Member
	err := d.change(ctx, book, []Ref{ref[Member](q.Holder)}, func(c *change) (err error) {
		if m, err = need[Member](c, q.Holder, "member"); err != nil || !q.put(c.now, &m.Frozen, &m.FrozenFor, &m.FrozenAt) {
			return err
		}
		m.UpdatedAt = c.now
		c.Put(m)
		c.emit(q.event("member"), m)
		return nil
	})
	return m, err
}
