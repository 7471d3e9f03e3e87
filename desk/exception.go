package desk

import (
	"context"
	"slices"

	"wapas/ledger"
)

// What exceptions are about.
const (
	ExceptionByHand   = "by_hand"          // no rail is set up: a person moves the money and records what became of it
	ExceptionUnknown  = "outcome_unknown"  // nobody knows whether the money moved
	ExceptionPending  = "outcome_pending"  // the rail has had it for too long
	ExceptionLate     = "late_success"     // it went although it had failed
	ExceptionReturned = "returned"         // it came back although it had gone
	ExceptionStranded = "refund_stranded"  // money of a payment never captured could not go back
	ExceptionExcess   = "refunded_in_full" // a late success gave back more than was captured
)

// ExceptionSorts are all that exceptions are about.
var ExceptionSorts = []string{
	ExceptionByHand, ExceptionUnknown, ExceptionPending, ExceptionLate, ExceptionReturned, ExceptionStranded, ExceptionExcess, ExceptionEndpoint,
}

// raise puts something before a person. What already stands open about the
// subject is not raised twice.
func (c *change) raise(what string, subject ID, detail string) error {
	open, err := under[Exception](c, subject)
	if err != nil {
		return err
	}
	for _, e := range open {
		if e.What == what && e.ClosedAt == 0 {
			return nil
		}
	}
	e := Exception{ID: c.NewID("exc"), What: what, Subject: subject, Detail: detail, CreatedAt: c.now}
	c.Put(e)
	c.emit("exception.raised", e)
	return nil
}

// lower closes what stands open about a subject, of these sorts.
func (c *change) lower(subject ID, whats ...string) error {
	open, err := under[Exception](c, subject)
	if err != nil {
		return err
	}
	for _, e := range open {
		for _, what := range whats {
			if e.What == what && e.ClosedAt == 0 {
				e.ClosedAt = c.now
				c.Put(e)
			}
		}
	}
	return nil
}

// CloseException is a person's word that an exception has been dealt with.
// Closing a closed one changes nothing. It refuses NotFound.
func (d *Desk) CloseException(ctx context.Context, book BookID, id ID) (Exception, error) {
	var e Exception
	err := d.change(ctx, book, []Ref{ref[Exception](id)}, func(c *change) (err error) {
		if e, err = need[Exception](c, id, ""); err != nil || e.ClosedAt != 0 {
			return err
		}
		e.ClosedAt = c.now
		c.Put(e)
		return nil
	})
	return e, err
}

// Check is the rule of an exception row.
func (r Exception) Check() error {
	if !slices.Contains(ExceptionSorts, r.What) || r.Subject == "" {
		return ledger.Refuse(ledger.Internal, "exception", "%s is about %q of %q", r.ID, r.What, r.Subject)
	}
	return nil
}
