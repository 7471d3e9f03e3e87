package desk

import (
	"context"
	"strings"
	"time"

	"wapas/ledger"
)

// What is done by hand, and what takes two people: giving somebody more than the
// terms' limit by an adjustment, as cashback or out of a receipt that nobody
// knew, and letting somebody off a compensation. The first asks, and another
// agrees within a day; nothing is posted before that.

// WhyMoneySame refuses a second person who is the first.
const WhyMoneySame ledger.Why = "money_same_person" // Denied

// secondWithin is how long what one person asked waits for another.
const secondWithin = 24 * time.Hour

// An Adjustment moves money by hand from one account to another, for a reason
// that a note gives.
type Adjustment struct {
	MoneyRequest
	Debit, Credit ledger.AccountID
}

// Adjust corrects the books by hand (J30). No hand may touch an account that
// says what is under way or whose money stands in rows of its own; a wallet's
// or an agent's it may, and a wallet's statement then tells of it. Above the
// terms' TwoPeopleAbove it is only asked, and done once Agree is called.
//
// It refuses, in this order: Invalid; Duplicate or Mismatch for the reference;
// NotFound for the owners of the accounts; Insufficient if an account would
// fall below its floor.
func (d *Desk) Adjust(ctx context.Context, book BookID, q Adjustment) (Booking, error) {
	b := q.booking(ledger.Adjusted)
	b.Debit, b.Credit = string(q.Debit), string(q.Credit)
	return d.enter(ctx, book, q.Key, b)
}

// takesSecond says whether a booking takes another person's word. What was
// identified of a receipt before counts, or else many small parts would go round
// the limit.
func (c *change) takesSecond(b Booking) (bool, error) {
	a := b.Amount
	switch ledger.Reason(b.What) {
	case ledger.ReceiptIdentified:
		r, _, err := get[Booking](c, b.Of) // that there is none is said later
		if err != nil {
			return false, err
		}
		a = a.Add(r.Identified)
	case ledger.Adjusted, ledger.CashbackOwn:
	default: // what a bank or a provider did
		return false, nil
	}
	t, err := c.terms()
	return t.TwoPeopleAbove > 0 && a > t.TwoPeopleAbove, err
}

// A Waiver asks that no compensation is paid for a clock.
type Waiver struct {
	TAT      ID
	By, Note string
}

// WaiveTAT asks to let the operator off the compensation that a clock owes: it
// always takes another person, who calls Agree.
//
// It refuses, in this order: Invalid; NotFound; WrongState if the clock owes
// nothing.
func (d *Desk) WaiveTAT(ctx context.Context, book BookID, q Waiver) (Booking, error) {
	b := Booking{What: string(ledger.CompensationWaived), Of: q.TAT, Amount: 1, By: strings.TrimSpace(q.By), Note: strings.TrimSpace(q.Note)}
	if err := b.check(); err != nil {
		return b, ledger.Refuse(ledger.Invalid, WhyTATReason, "who says so, and why").In("note")
	}
	err := d.change(ctx, book, []Ref{ref[TAT](q.TAT)}, func(c *change) error {
		t, err := need[TAT](c, q.TAT, "id")
		if err != nil {
			return err
		}
		if !t.owes() {
			return ledger.Refuse(ledger.WrongState, WhyTATState, "%s is %s", t.ID, t.State)
		}
		b.ID, b.Amount, b.CreatedAt = c.NewID("bok"), t.Accrued, c.now
		return c.asked(&b)
	})
	return b, err
}

// asked keeps a booking that waits for another person.
func (c *change) asked(b *Booking) error {
	b.State = BookingAsked
	c.Put(*b)
	return c.wait("booking.expire", b.ID, c.now.Add(secondWithin))
}

// An Agreement is the word of another person on what one has asked.
type Agreement struct {
	Booking ID
	By      string
}

// Agree does what another person asked: exactly that, held against the books as
// they are now.
//
// It refuses, in this order: Invalid if nobody says so; NotFound; WrongState if
// it is done or has expired; Denied if it is the same person; and what the
// booking itself is refused for.
func (d *Desk) Agree(ctx context.Context, book BookID, q Agreement) (Booking, error) {
	if q.By = strings.TrimSpace(q.By); q.By == "" || !isName(q.By) {
		return Booking{}, ledger.Refuse(ledger.Invalid, WhyMoneyPerson, "who agrees?").In("by")
	}
	var b Booking
	err := d.change(ctx, book, []Ref{ref[Booking](q.Booking), ref[Timer]("booking.expire/" + q.Booking)}, func(c *change) (err error) {
		if b, err = need[Booking](c, q.Booking, "id"); err != nil {
			return err
		}
		switch {
		case b.State != BookingAsked:
			return ledger.Refuse(ledger.WrongState, WhyMoneyState, "%s is %s", b.ID, b.State)
		case c.now >= b.CreatedAt.Add(secondWithin):
			return ledger.Refuse(ledger.WrongState, WhyMoneyState, "%s is %s", b.ID, BookingExpired)
		case samePerson(q.By, b.By):
			return ledger.Refuse(ledger.Denied, WhyMoneySame, "%s asked for it", b.By).In("by")
		}
		b.Second = q.By
		if err := c.unwait("booking.expire", b.ID); err != nil {
			return err
		}
		if ledger.Reason(b.What) == ledger.CompensationWaived {
			if err := c.waiveTAT(b); err != nil {
				return err
			}
			b.State, b.DoneAt = BookingDone, c.now
			c.Put(b)
			return nil
		}
		if err := c.admit(b); err != nil {
			return err
		}
		b, err = c.done(b)
		return err
	})
	return b, err
}

// expireBooking ends what nobody agreed to.
func (d *Desk) expireBooking(ctx context.Context, book BookID, id ID) error {
	return d.change(ctx, book, []Ref{ref[Booking](id), ref[Timer]("booking.expire/" + id)}, func(c *change) error {
		b, err := need[Booking](c, id, "")
		if err != nil {
			return err
		}
		if b.State == BookingAsked {
			b.State = BookingExpired
			c.Put(b)
		}
		return c.unwait("booking.expire", id)
	})
}

// touchable are the codes of the accounts that a hand may touch. The others say
// what is under way, or stand for rows of their own, and would contradict them.
var touchable = map[string]bool{
	ledger.BankEscrow: true, ledger.BankOperating: true, ledger.PSPReceivable: true, ledger.PayoutFloat: true,
	ledger.GSTInput: true, ledger.TDSReceivable: true, ledger.SuspenseDebit: true,
	ledger.Available: true, ledger.Reserve: true, ledger.LinkedFree: true, ledger.WalletCash: true, ledger.WalletPromo: true, ledger.AgentValue: true,
	ledger.CGST: true, ledger.SGST: true, ledger.IGST: true, ledger.TCSPayable: true, ledger.TDSPayable: true, ledger.Equity: true,
	ledger.FeePayment: true, ledger.FeeTransfer: true, ledger.FeePayout: true, ledger.FeeInstant: true, ledger.FeeDMT: true, ledger.FeeDispute: true, ledger.Breakage: true,
	ledger.PSPCost: true, ledger.PayoutCost: true, ledger.WriteOff: true, ledger.PromoPlatform: true, ledger.AgentCommission: true,
}

// mayByHand says whether there is such an account and a hand may touch it.
func mayByHand(id ledger.AccountID) bool {
	h, ok := ledger.HeadingOf(id.Code())
	return ok && touchable[h.Code] && h.Owned == (id.Owner() != "") && (!h.Owned || partyForm.MatchString(id.Owner()))
}

// ownerByHand makes sure that the owner of an account is there: NotFound if
// not. A customer without a wallet is given one.
func (c *change) ownerByHand(id ledger.AccountID) error {
	owner := ID(id.Owner())
	switch id.Code() {
	case ledger.WalletCash, ledger.WalletPromo:
		_, err := c.walletByHand(owner, 0, false)
		return err
	case ledger.LinkedFree:
		_, err := need[Linked](c, owner, "account")
		return err
	case ledger.AgentValue:
		r, err := c.Get(KindAgent, owner)
		if err == nil && r == nil {
			err = ledger.Refuse(ledger.NotFound, WhyUnknownID, "%s", owner).In("account")
		}
		return err
	}
	return nil
}

// walletByHand opens a customer's wallet; limited says that a is held against
// its limits, and refused if it is frozen.
func (c *change) walletByHand(customer ID, a ledger.Amount, limited bool) (Wallet, error) {
	cust, err := need[Customer](c, customer, "customer")
	if err != nil {
		return Wallet{}, err
	}
	w, err := c.openWallet(cust)
	if err != nil {
		return w, err
	}
	if limited {
		if err := w.usable(); err != nil {
			return w, err
		}
		t, err := c.terms()
		if err != nil {
			return w, err
		}
		if err := c.mayLoad(t, w, a); err != nil {
			return w, err
		}
	}
	c.Put(w)
	return w, nil
}
