package desk

import (
	"context"
	"strings"

	"wapas/ledger"
)

// The rules that customers refuse by.
const (
	WhyCustomerExists ledger.Why = "customer_exists" // Duplicate: another customer has this email and contact
)

// A CustomerRequest asks for a customer. Reuse makes a request for a customer
// that is there already hear that one instead of a refusal.
type CustomerRequest struct {
	Name, Email, Contact, GSTIN string
	Notes                       Notes
	Reuse                       bool
}

// CreateCustomer adds a customer. Email and contact together name a person:
// it refuses Duplicate (WhyCustomerExists) if a customer has both, unless
// q.Reuse, which answers with that customer as it is. Customers without either
// are never the same.
func (d *Desk) CreateCustomer(ctx context.Context, book BookID, q CustomerRequest) (Customer, error) {
	var cust Customer
	key := customerKey(q.Email, q.Contact)
	err := d.change(ctx, book, keyRef(key), func(c *change) error {
		there, err := c.claimed(key)
		switch {
		case err != nil:
			return err
		case there != "" && !q.Reuse:
			return ledger.Refuse(ledger.Duplicate, WhyCustomerExists, "%s", there)
		case there != "":
			cust, err = need[Customer](c, there, "")
			return err
		}
		cust = Customer{
			ID: c.NewID("cust"), Name: q.Name, Email: q.Email, Contact: q.Contact, GSTIN: q.GSTIN,
			Notes: q.Notes, CreatedAt: c.now,
		}
		c.Put(cust)
		return c.claim(key, cust.ID)
	})
	return cust, err
}

// A CustomerEdit changes what is not nil.
type CustomerEdit struct {
	Customer             ID
	Name, Email, Contact *string
}

// EditCustomer changes a customer's name, email or contact. It refuses, in
// this order: NotFound; Duplicate (WhyCustomerExists) if another customer has
// the email and contact.
func (d *Desk) EditCustomer(ctx context.Context, book BookID, q CustomerEdit) (Customer, error) {
	var cust Customer
	err := d.change(ctx, book, []Ref{ref[Customer](q.Customer)}, func(c *change) (err error) {
		if cust, err = need[Customer](c, q.Customer, ""); err != nil {
			return err
		}
		old := customerKey(cust.Email, cust.Contact)
		set(&cust.Name, q.Name)
		set(&cust.Email, q.Email)
		set(&cust.Contact, q.Contact)
		key := customerKey(cust.Email, cust.Contact)
		there, err := c.claimed(key)
		switch {
		case err != nil:
			return err
		case there != "" && there != cust.ID:
			return ledger.Refuse(ledger.Duplicate, WhyCustomerExists, "%s", there)
		}
		c.Put(cust)
		if key == old {
			return nil
		}
		if err := c.claim(old, ""); err != nil {
			return err
		}
		return c.claim(key, cust.ID)
	})
	return cust, err
}

func set(field *string, to *string) {
	if to != nil {
		*field = *to
	}
}

// customerKey is what may be held by one customer only; empty if there is
// nothing to go by.
func customerKey(email, contact string) ID {
	if email == "" && contact == "" {
		return ""
	}
	return ID("customer/" + strings.ToLower(email) + "/" + contact)
}

// A name is a Key row that says who holds something that may be held once: an
// email with a contact, a receipt. Refs is the holder's id; rows are never
// deleted, so what was let go has an empty one.

// claimed is who holds a name; empty if nobody does.
func (c *change) claimed(name ID) (ID, error) {
	if name == "" {
		return "", nil
	}
	k, _, err := get[Key](c, name)
	return ID(k.Refs), err
}

// claim gives a name to a holder, or, if that is empty, lets it go.
func (c *change) claim(name, holder ID) error {
	if name == "" {
		return nil
	}
	k, ok, err := get[Key](c, name)
	if err != nil {
		return err
	}
	if !ok {
		k = Key{ID: name, CreatedAt: c.now}
	}
	k.Refs = string(holder)
	c.Put(k)
	return nil
}

// keyRef names a Key that a change will look at, if there is one.
func keyRef(name ID) []Ref {
	if name == "" {
		return nil
	}
	return []Ref{ref[Key](name)}
}

// A BankAccountRequest asks for a bank account of a customer.
type BankAccountRequest struct {
	Customer                                                      ID
	IFSC, Name, Number                                            string
	Line1, Line2, Line3, City, State, Country, PIN, Email, Mobile string
}

// AddBankAccount keeps a bank account of a customer: NotFound if there is no
// such customer. What the numbers look like is for the room to check.
func (d *Desk) AddBankAccount(ctx context.Context, book BookID, q BankAccountRequest) (BankAccount, error) {
	var b BankAccount
	err := d.change(ctx, book, []Ref{ref[Customer](q.Customer)}, func(c *change) error {
		if _, err := need[Customer](c, q.Customer, ""); err != nil {
			return err
		}
		b = BankAccount{
			ID: c.NewID("ba"), Customer: q.Customer, IFSC: q.IFSC, BankName: BankName(q.IFSC), Name: q.Name, Number: q.Number,
			Line1: q.Line1, Line2: q.Line2, Line3: q.Line3, City: q.City, State: q.State, Country: q.Country, PIN: q.PIN,
			Email: q.Email, Mobile: q.Mobile, CreatedAt: c.now,
		}
		c.Put(b)
		return nil
	})
	return b, err
}

// DeleteBankAccount marks a bank account of a customer as deleted. It refuses
// NotFound if there is no such customer, if the account is not theirs, or if it
// was deleted before.
func (d *Desk) DeleteBankAccount(ctx context.Context, book BookID, customer, id ID) (BankAccount, error) {
	var b BankAccount
	err := d.change(ctx, book, []Ref{ref[Customer](customer), ref[BankAccount](id)}, func(c *change) (err error) {
		if _, err := need[Customer](c, customer, ""); err != nil {
			return err
		}
		if b, err = need[BankAccount](c, id, ""); err != nil {
			return err
		}
		if b.Customer != customer || b.Deleted {
			return ledger.Refuse(ledger.NotFound, WhyUnknownID, "%s", id)
		}
		b.Deleted = true
		c.Put(b)
		return nil
	})
	return b, err
}
