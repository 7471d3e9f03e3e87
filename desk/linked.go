package desk

import (
	"context"
	"strings"

	"wapas/ledger"
)

// The rules of linked accounts and what belongs to them.
const (
	WhyLinkedEmail     ledger.Why = "linked_email"     // Duplicate: another account of the merchant has the address; Detail is its id
	WhyLinkedUnknown   ledger.Why = "linked_unknown"   // NotFound: no such linked account
	WhyStakeholderOne  ledger.Why = "stakeholder_one"  // WrongState: a Route account has one stakeholder
	WhyStakeholderNone ledger.Why = "stakeholder_none" // NotFound: no such stakeholder of this account
	WhyProductNone     ledger.Why = "product_none"     // NotFound: no such product of this account
)

// The states of a linked account.
const (
	LinkedCreated   = "created"
	LinkedSuspended = "suspended" // it keeps its money and gets no more
)

// Account is the merchant's own id among the accounts: what a direct transfer
// comes from and events are sent for.
func (b Book) Account() ID { return "acc_" + b.Merchant }

// CreateLinked adds a linked account; its id, state and time are given here.
// It refuses Duplicate if the merchant has an account with this address.
func (d *Desk) CreateLinked(ctx context.Context, book BookID, a Linked) (Linked, error) {
	// The address is claimed by a row of its own, so that two accounts with
	// one address cannot be made in the same moment.
	claim := linkedName(a.Email)
	err := d.change(ctx, book, []Ref{{Kind: KindKey, ID: claim}}, func(c *change) error {
		k, taken, err := get[Key](c, claim)
		switch {
		case err != nil:
			return err
		case taken:
			return ledger.Refuse(ledger.Duplicate, WhyLinkedEmail, "%s", strings.TrimPrefix(k.Digest, "acc_")).In("email")
		}
		a.ID, a.Status, a.CreatedAt, a.SuspendedAt = c.NewID("acc"), LinkedCreated, c.now, 0
		c.Put(a, Key{ID: claim, Digest: string(a.ID), CreatedAt: c.now})
		return nil
	})
	return a, err
}

// EditLinked changes the profile of a linked account: edit is given the
// account as it stands and returns it as it shall be. Its id, address and
// state stay. It refuses NotFound, and whatever edit refuses.
func (d *Desk) EditLinked(ctx context.Context, book BookID, id ID, edit func(Linked) (Linked, error)) (Linked, error) {
	var a Linked
	err := d.change(ctx, book, []Ref{ref[Linked](id)}, func(c *change) error {
		was, err := c.linked(id)
		if err != nil {
			return err
		}
		if a, err = edit(was); err != nil {
			return err
		}
		a.ID, a.Email, a.Status, a.CreatedAt, a.SuspendedAt = was.ID, was.Email, was.Status, was.CreatedAt, was.SuspendedAt
		c.Put(a)
		return nil
	})
	return a, err
}

// SuspendLinked ends a linked account: it gets no more transfers. What it has
// stays its own and can be settled or reversed. It refuses NotFound; an account
// that is suspended already stays as it is.
func (d *Desk) SuspendLinked(ctx context.Context, book BookID, id ID) (Linked, error) {
	var a Linked
	err := d.change(ctx, book, []Ref{ref[Linked](id)}, func(c *change) (err error) {
		if a, err = c.linked(id); err != nil || a.Status == LinkedSuspended {
			return err
		}
		a.Status, a.SuspendedAt = LinkedSuspended, c.now
		c.Put(a)
		return nil
	})
	return a, err
}

// linked is a linked account that is named as such: its absence has words of
// its own.
func (c *change) linked(id ID) (Linked, error) {
	a, ok, err := get[Linked](c, id)
	if err == nil && !ok {
		err = ledger.Refuse(ledger.NotFound, WhyLinkedUnknown, "%s", id)
	}
	return a, err
}

// Linked reads a linked account: NotFound (WhyLinkedUnknown) if there is none.
func (d *Desk) Linked(ctx context.Context, book BookID, id ID) (Linked, error) {
	return findAs[Linked](ctx, d, book, id, WhyLinkedUnknown)
}

// linkedName is the name that an e-mail address is for one linked account.
func linkedName(email string) ID { return ID("linked.email/" + strings.ToLower(email)) }

// LinkedCalled is the linked account that has an e-mail address: NotFound
// (WhyLinkedUnknown) if none has.
func (d *Desk) LinkedCalled(ctx context.Context, book BookID, email string) (Linked, error) {
	k, err := findAs[Key](ctx, d, book, linkedName(email), WhyLinkedUnknown)
	if err != nil {
		return Linked{}, err
	}
	return d.Linked(ctx, book, ID(k.Digest))
}

// findAs is Find where the absence of the row has words of its own.
func findAs[R Row](ctx context.Context, d *Desk, book BookID, id ID, why ledger.Why) (R, error) {
	row, err := find[R](ctx, d, book, id)
	if ledger.CodeOf(err) == ledger.NotFound {
		err = ledger.Refuse(ledger.NotFound, why, "%s", id)
	}
	return row, err
}

// CreateStakeholder adds the stakeholder of a linked account. It refuses, in
// this order: NotFound; WrongState if there is one already.
func (d *Desk) CreateStakeholder(ctx context.Context, book BookID, s Stakeholder) (Stakeholder, error) {
	reads := []Ref{ref[Linked](s.Account), refUnder[Stakeholder](s.Account)}
	err := d.change(ctx, book, reads, func(c *change) error {
		if _, err := c.linked(s.Account); err != nil {
			return err
		}
		all, err := under[Stakeholder](c, s.Account)
		if err != nil {
			return err
		}
		if len(all) > 0 {
			return ledger.Refuse(ledger.WrongState, WhyStakeholderOne, "%s", s.Account)
		}
		s.ID, s.CreatedAt = c.NewID("sth"), c.now
		c.Put(s)
		return nil
	})
	return s, err
}

// EditStakeholder changes a stakeholder as EditLinked changes an account. It
// refuses NotFound for the account, then for the stakeholder of it.
func (d *Desk) EditStakeholder(ctx context.Context, book BookID, account, id ID, edit func(Stakeholder) (Stakeholder, error)) (Stakeholder, error) {
	var s Stakeholder
	err := d.change(ctx, book, []Ref{ref[Linked](account), ref[Stakeholder](id)}, func(c *change) error {
		if _, err := c.linked(account); err != nil {
			return err
		}
		was, err := c.stakeholder(account, id)
		if err != nil {
			return err
		}
		if s, err = edit(was); err != nil {
			return err
		}
		s.ID, s.Account, s.CreatedAt = was.ID, was.Account, was.CreatedAt
		c.Put(s)
		return nil
	})
	return s, err
}

// stakeholder is a stakeholder of this account and no other.
func (c *change) stakeholder(account, id ID) (Stakeholder, error) {
	s, ok, err := get[Stakeholder](c, id)
	if err == nil && (!ok || s.Account != account) {
		err = ledger.Refuse(ledger.NotFound, WhyStakeholderNone, "%s", id)
	}
	return s, err
}

// Stakeholder reads a stakeholder of a linked account: NotFound for the
// account, then for the stakeholder of it.
func (d *Desk) Stakeholder(ctx context.Context, book BookID, account, id ID) (Stakeholder, error) {
	if _, err := d.Linked(ctx, book, account); err != nil {
		return Stakeholder{}, err
	}
	s, err := findAs[Stakeholder](ctx, d, book, id, WhyStakeholderNone)
	if err == nil && s.Account != account {
		return Stakeholder{}, ledger.Refuse(ledger.NotFound, WhyStakeholderNone, "%s", id)
	}
	return s, err
}

// A ProductEdit says what a product is to be, given what it is and the book's
// time in Unix seconds.
type ProductEdit func(was Product, now int64) (Product, error)

// RequestProduct asks for a product for a linked account. Asking again for a
// product answers with the one there is. It refuses NotFound, and whatever edit
// refuses; edit says what the product needs and how far it is.
func (d *Desk) RequestProduct(ctx context.Context, book BookID, account ID, name string, edit ProductEdit) (Product, error) {
	var p Product
	err := d.change(ctx, book, []Ref{ref[Linked](account), refUnder[Product](account)}, func(c *change) error {
		if _, err := c.linked(account); err != nil {
			return err
		}
		all, err := under[Product](c, account)
		if err != nil {
			return err
		}
		was := Product{Account: account, Name: name, CreatedAt: c.now}
		for _, have := range all {
			if have.Name == name {
				was = have
			}
		}
		if was.ID == "" {
			was.ID = c.NewID("acc_prd")
		}
		p, err = c.product(was, edit)
		return err
	})
	return p, err
}

// EditProduct changes a product of a linked account. It refuses NotFound for
// the account, then for the product of it, and whatever edit refuses.
func (d *Desk) EditProduct(ctx context.Context, book BookID, account, id ID, edit ProductEdit) (Product, error) {
	var p Product
	err := d.change(ctx, book, []Ref{ref[Linked](account), ref[Product](id)}, func(c *change) error {
		if _, err := c.linked(account); err != nil {
			return err
		}
		was, ok, err := get[Product](c, id)
		switch {
		case err != nil:
			return err
		case !ok || was.Account != account:
			return ledger.Refuse(ledger.NotFound, WhyProductNone, "%s", id)
		}
		p, err = c.product(was, edit)
		return err
	})
	return p, err
}

// product keeps an edited product, with an event if its state has changed.
func (c *change) product(was Product, edit ProductEdit) (Product, error) {
	p, err := edit(was, c.now.Unix())
	if err != nil {
		return p, err
	}
	p.ID, p.Account, p.Name, p.CreatedAt = was.ID, was.Account, was.Name, was.CreatedAt
	c.Put(p)
	if p.Status != was.Status {
		c.emit("product.route."+p.Status, p)
	}
	return p, nil
}

// Product reads a product of a linked account: NotFound for the account, then
// for the product of it.
func (d *Desk) Product(ctx context.Context, book BookID, account, id ID) (Product, error) {
	if _, err := d.Linked(ctx, book, account); err != nil {
		return Product{}, err
	}
	p, err := findAs[Product](ctx, d, book, id, WhyProductNone)
	if err == nil && p.Account != account {
		return Product{}, ledger.Refuse(ledger.NotFound, WhyProductNone, "%s", id)
	}
	return p, err
}
