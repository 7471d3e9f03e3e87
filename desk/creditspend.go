package desk

import (
	"context"

	"wapas/ledger"
)

// The rules of spending store credit.
const (
	WhyCreditAmount   ledger.Why = "credit_amount"   // Invalid: nothing, or beyond any amount
	WhyCreditShort    ledger.Why = "credit_short"    // Insufficient: the member holds less
	WhyCreditReturned ledger.Why = "credit_returned" // Exceeds: more than is left of the spend
)

// A SpendRequest asks to pay the merchant with store credit.
type SpendRequest struct {
	Member    ID
	Amount    ledger.Amount
	Order     string // what the merchant calls the order that it pays for
	Reference string
	Notes     Notes
	Key       Once
}

// check is what is wrong with the request itself.
func (q SpendRequest) check() error {
	switch {
	case q.Amount < 1 || q.Amount > ledger.MaxAmount:
		return ledger.Refuse(ledger.Invalid, WhyCreditAmount, "%d", q.Amount).In("amount")
	case len([]rune(q.Order)) > MaxCreditOrder:
		return ledger.Refuse(ledger.Invalid, WhyCreditOrder, "%d", MaxCreditOrder).In("order")
	case len([]rune(q.Reference)) > MaxCreditReference:
		return ledger.Refuse(ledger.Invalid, WhyCreditReference, "%d", MaxCreditReference).In("reference")
	}
	return nil
}

// SpendCredit pays the merchant with what a member holds, of which that goes
// first that ends first.
//
// It refuses, in this order: Invalid; NotFound; WrongState if the member is
// frozen; Insufficient if it holds less.
func (d *Desk) SpendCredit(ctx context.Context, book BookID, q SpendRequest) (Credit, error) {
	if err := q.check(); err != nil {
		return Credit{}, err
	}
	return once(ctx, d, book, q.Key, creditReads(q.Member), func(c *change) (Credit, error) {
		m, err := need[Member](c, q.Member, "member")
		if err == nil {
			err = m.usable()
		}
		if err != nil {
			return Credit{}, err
		}
		lots, err := c.liveLots(m.ID)
		if err != nil {
			return Credit{}, err
		}
		var have ledger.Amount
		for _, lot := range lots {
			have = have.Add(lot.Left)
		}
		if q.Amount > have {
			return Credit{}, ledger.Refuse(ledger.Insufficient, WhyCreditShort, "%d paise asked, %d held", q.Amount, have).In("amount")
		}
		x := Credit{
			ID: c.NewID("ientxn"), Member: m.ID, Type: CreditOut, Purpose: CreditSpend, Amount: q.Amount, Balance: have.Sub(q.Amount),
			Reference: q.Reference, Order: q.Order, Notes: q.Notes, CreatedAt: c.now,
		}
		var parts []part
		for left := q.Amount; left > 0; {
			lot := lots[len(parts)]
			a := min(left, lot.Left)
			if _, err := c.take(lot, a); err != nil {
				return x, err
			}
			if lot.Backed > 0 {
				x.Backed = x.Backed.Add(a)
			}
			x.Programme = lot.Programme
			parts, left = append(parts, part{lot.ID, a}), left.Sub(a)
		}
		x.Lots = lotsText(parts)
		if _, err := c.post(ledger.CreditSpent, x.ID, ledger.SpendCredit(string(m.ID), x.Backed, x.Amount-x.Backed)); err != nil {
			return x, err
		}
		c.Put(x)
		c.emit("credit.spent", x)
		return x, nil
	})
}

// liveLots are a member's lots that have not ended. Those that have, and that
// nobody has seen to yet, end now.
func (c *change) liveLots(member ID) ([]Credit, error) {
	lots, err := c.lots(member)
	if err != nil {
		return nil, err
	}
	for len(lots) > 0 && lots[0].ExpiresAt != 0 && lots[0].ExpiresAt <= c.now {
		if err := c.expire(lots[0]); err != nil {
			return nil, err
		}
		lots = lots[1:]
	}
	return lots, nil
}

// A ReturnRequest asks to undo a spend, or a part of it.
type ReturnRequest struct {
	Spend     ID
	Amount    ledger.Amount
	Full      bool // all that is left of it, instead of Amount
	Reference string
	Notes     Notes
	Key       Once
}

func (q ReturnRequest) check() error {
	switch {
	case !q.Full && (q.Amount < 1 || q.Amount > ledger.MaxAmount):
		return ledger.Refuse(ledger.Invalid, WhyCreditAmount, "%d", q.Amount).In("amount")
	case len([]rune(q.Reference)) > MaxCreditReference:
		return ledger.Refuse(ledger.Invalid, WhyCreditReference, "%d", MaxCreditReference).In("reference")
	}
	return nil
}

// ReturnCredit undoes a spend, at once or in several parts: what it took last
// goes back first, each part to where it came from, so that it ends when it
// always did (but see ReturnedLife). No limit of the programme stops it, and
// frozen members get theirs.
//
// It refuses, in this order: Invalid; NotFound; Exceeds if it is more than is
// left of the spend; Insufficient if the credit was prefunded and the merchant
// is short.
func (d *Desk) ReturnCredit(ctx context.Context, book BookID, q ReturnRequest) (Credit, error) {
	if err := q.check(); err != nil {
		return Credit{}, err
	}
	reads := []Ref{ref[Credit](q.Spend), refUnder[Terms](termsParent), refAccount(ledger.ProgrammeOwes), refAccount(ledger.Available)}
	return once(ctx, d, book, q.Key, reads, func(c *change) (Credit, error) {
		spend, err := need[Credit](c, q.Spend, "spend")
		if err == nil && spend.Purpose != CreditSpend {
			err = ledger.Refuse(ledger.NotFound, WhyUnknownID, "%s", q.Spend).In("spend")
		}
		if err != nil {
			return Credit{}, err
		}
		left := spend.Amount.Sub(spend.Returned)
		amount := q.Amount
		if q.Full {
			amount = max(left, 1) // if nothing is left, one paisa is too much
		}
		if amount > left {
			return Credit{}, ledger.Refuse(ledger.Exceeds, WhyCreditReturned, "%d paise asked, %d left", amount, left).In("amount")
		}
		t, err := c.terms()
		if err != nil {
			return Credit{}, err
		}
		if _, err := c.liveLots(spend.Member); err != nil {
			return Credit{}, err
		}
		held, err := c.balance(creditAccount(spend.Member))
		if err != nil {
			return Credit{}, err
		}
		x := Credit{
			ID: c.NewID("ientxn"), Member: spend.Member, Programme: spend.Programme, Type: CreditIn, Purpose: CreditReturn,
			Amount: amount, Balance: held.Add(amount), Reference: q.Reference, Linked: spend.ID, Order: spend.Order,
			Notes: q.Notes, CreatedAt: c.now,
		}
		parts := backwards(spend.parts(), spend.Returned, amount)
		for _, p := range parts {
			lot, err := need[Credit](c, p.lot, "")
			if err != nil {
				return x, err
			}
			if lot.Backed > 0 {
				x.Backed = x.Backed.Add(p.Amount)
			}
			if err := c.refill(lot, p.Amount); err != nil {
				return x, err
			}
		}
		x.Lots = lotsText(parts)
		j := ledger.ReturnCredit(string(x.Member), x.Backed, x.Amount-x.Backed)
		if _, err := c.postOver(ledger.CreditReturned, x.ID, j, t.floors()); err != nil {
			return x, merchantShort(err, WhyCreditFunds)
		}
		spend.Returned = spend.Returned.Add(amount)
		c.Put(spend, x)
		c.emit("credit.returned", x, spend)
		return x, nil
	})
}

// backwards are the parts of a spend that make up a, from the last one on,
// after so much of it has come back already.
func backwards(parts []part, back, a ledger.Amount) (some []part) {
	for i := len(parts) - 1; i >= 0 && a > 0; i-- {
		gone := min(parts[i].Amount, back)
		back = back.Sub(gone)
		if take := min(parts[i].Amount.Sub(gone), a); take > 0 {
			some = append(some, part{parts[i].lot, take})
			a = a.Sub(take)
		}
	}
	return some
}

// expireCredit is what is due at "credit.expire".
func (d *Desk) expireCredit(ctx context.Context, book BookID, id ID) error {
	reads := []Ref{ref[Credit](id), ref[Timer](timer(creditEnds, id, 0).ID), refAccount(ledger.ProgrammeOwes), refAccount(ledger.Available)}
	return d.change(ctx, book, reads, func(c *change) error {
		lot, err := need[Credit](c, id, "")
		switch {
		case err != nil:
			return err
		case lot.Left == 0:
			return c.unwait(creditEnds, id)
		case lot.ExpiresAt > c.now: // the book's clock was set back
			return c.wait(creditEnds, id, lot.ExpiresAt)
		}
		return c.expire(lot)
	})
}

// expire ends a lot: what is left of it is the merchant's again.
func (c *change) expire(lot Credit) error {
	held, err := c.balance(creditAccount(lot.Member))
	if err != nil {
		return err
	}
	a := lot.Left
	x := Credit{
		ID: c.NewID("ientxn"), Member: lot.Member, Programme: lot.Programme, Type: CreditOut, Purpose: CreditExpiry,
		Amount: a, Balance: held.Sub(a), Reference: lot.Reference, Linked: lot.ID, Order: lot.Order,
		Lots: lotsText([]part{{lot.ID, a}}), CreatedAt: c.now,
	}
	if lot.Backed > 0 {
		x.Backed = a
	}
	if lot, err = c.take(lot, a); err != nil {
		return err
	}
	if _, err := c.post(ledger.CreditExpired, x.ID, ledger.ExpireCredit(string(lot.Member), x.Backed, x.Amount-x.Backed)); err != nil {
		return err
	}
	c.Put(x)
	c.emit("credit.expired", x, lot)
	return nil
}
