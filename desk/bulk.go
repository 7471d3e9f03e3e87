package desk

import (
	"context"
	"fmt"

	"wapas/ledger"
)

// Many refunds or credits asked for at once, as one change: all of them, or
// none. (Each for itself, they are asked for one by one: changes to a book that
// wait together are written together anyway.)

// MaxBulk is how many things one change does at most.
const MaxBulk = 1000

// WhyBulk refuses more, or none: Invalid.
const WhyBulk ledger.Why = "bulk"

// An ItemError says which of many was refused, and how.
type ItemError struct {
	Item int // from 0
	Err  error
}

func (e *ItemError) Error() string { return fmt.Sprintf("item %d: %v", e.Item, e.Err) }
func (e *ItemError) Unwrap() error { return e.Err }

// Refunds are many refunds as one change. It refuses what Refund refuses the
// first of them for that cannot be: as an ItemError, and none is made.
func (d *Desk) Refunds(ctx context.Context, book BookID, qs []RefundRequest) ([]Refund, error) {
	return bulk(ctx, d, book, qs, RefundRequest.check, RefundRequest.reads, (*change).refund)
}

// LoadCredits are many credits as one change. A reference that was used before
// hears its credit again, as with LoadCredit. It refuses as Refunds does.
func (d *Desk) LoadCredits(ctx context.Context, book BookID, qs []CreditRequest) ([]Credit, error) {
	reads := func(q CreditRequest) []Ref { return append(q.reads(), ref[Key](q.key().id())) }
	return bulk(ctx, d, book, qs, CreditRequest.check, reads, func(c *change, q CreditRequest) (Credit, error) {
		return oncePart(c, q.key(), func() (Credit, error) { return c.loadCredit(q) })
	})
}

func bulk[Q any, R Row](ctx context.Context, d *Desk, book BookID, qs []Q, check func(Q) error, reads func(Q) []Ref, do func(*change, Q) (R, error)) ([]R, error) {
	if len(qs) == 0 || len(qs) > MaxBulk {
		return nil, ledger.Refuse(ledger.Invalid, WhyBulk, "1 to %d at once", MaxBulk).In("items")
	}
	var all []Ref
	for i, q := range qs {
		if err := check(q); err != nil {
			return nil, &ItemError{i, err}
		}
		all = append(all, reads(q)...)
	}
	var out []R
	err := d.change(ctx, book, all, func(c *change) error {
		out = make([]R, len(qs))
		for i, q := range qs {
			if err := c.Part(func() (err error) { out[i], err = do(c, q); return err }); err != nil {
				return &ItemError{i, err}
			}
		}
		return nil
	})
	return out, err
}

// oncePart is once for a part of a change: what was done under the key is
// answered again, and what is done is remembered. A refusal is not, because it
// undoes the whole change.
func oncePart[R Row](c *change, key Once, do func() (R, error)) (R, error) {
	var none R
	id := key.id()
	k, seen, err := get[Key](c, id)
	switch {
	case err != nil:
		return none, err
	case seen && k.Digest != key.Digest:
		return none, ledger.Refuse(ledger.Mismatch, WhyKeyMismatch, "%s", key.Key)
	case seen && k.Code != "":
		return none, k.refusal()
	case seen:
		rows, err := c.Restore(k.Refs)
		if err != nil {
			return none, err
		}
		return rows[0].(R), nil
	}
	r, err := do()
	if err == nil {
		c.Put(Key{ID: id, Digest: key.Digest, Refs: c.Snapshot(r), CreatedAt: c.now})
	}
	return r, err
}
