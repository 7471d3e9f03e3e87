package desk

import (
	"fmt"
	"strings"

	"wapas/ledger"
	"wapas/rail"
)

// askAgain sets when an order is asked about next, and tells a person what the
// rail cannot.
func (c *change) askAgain(o RailOrder, a rail.Answer) error {
	if o.State == "done" || o.State == "refused" {
		return c.askEnded(o, a)
	}
	door := c.desk.rail(o)
	if _, byHand := door.(rail.Manual); byHand {
		if err := c.raise(ExceptionByHand, o.ID, o.What+" of "+o.Amount.String()+" rupees to "+o.To); err != nil {
			return err
		}
		return c.unwait("rail.ask", o.ID)
	}
	what, deadline := ExceptionUnknown, o.SentAt.Add(UnknownDeadline)
	if o.State == "sent" {
		what, deadline = ExceptionPending, o.SentAt.Add(PendingDeadline)
	}
	if c.now >= deadline {
		all, err := c.allKnown(o)
		if err != nil {
			return err
		}
		if err := c.raise(what, o.ID, all); err != nil {
			return err
		}
	}
	next := a.AskAt
	if next <= c.now {
		next = rail.ScheduleOf(door, o.order()).Next(o.SentAt, c.now)
	}
	switch {
	case next == 0 && c.now >= deadline: // only a person can end it now
		return c.unwait("rail.ask", o.ID)
	case c.now < deadline && (next == 0 || next > deadline): // whatever the schedule says, a person is told in time
		next = deadline
	}
	return c.wait("rail.ask", o.ID, next)
}

// askEnded sets when an order that has ended is asked about once more: when the
// rail said, or, if the rail now knows nothing of it, for a while on its
// schedule. What stood before a person because nobody knew its end does not any
// more.
func (c *change) askEnded(o RailOrder, a rail.Answer) error {
	if err := c.lower(o.ID, ExceptionByHand, ExceptionUnknown, ExceptionPending); err != nil {
		return err
	}
	next := a.AskAt
	lost := a.Outcome == rail.Unknown || a.Outcome == rail.Pending
	if next <= c.now && lost && c.now < o.EndedAt.Add(PendingDeadline) {
		next = rail.ScheduleOf(c.desk.rail(o), o.order()).Next(o.SentAt, c.now)
	}
	if next <= c.now {
		return c.unwait("rail.ask", o.ID)
	}
	return c.wait("rail.ask", o.ID, next)
}

// allKnown is all that a person needs who is to find out what became of an
// order.
func (c *change) allKnown(o RailOrder) (string, error) {
	var b strings.Builder
	if o.State == "unknown" {
		fmt.Fprintf(&b, "the rail %s has not said whether %s rupees moved", o.Rail, o.Amount)
	} else {
		fmt.Fprintf(&b, "the rail %s has had %s rupees for a week", o.Rail, o.Amount)
	}
	fmt.Fprintf(&b, "; %s to %s", o.What, o.To)
	if o.Ref != "" {
		fmt.Fprintf(&b, ", reference %q", o.Ref)
	}
	switch o.Of.Prefix() {
	case "pay":
		p, err := need[Payment](c, o.Of, "")
		if err != nil {
			return "", err
		}
		for _, id := range []ID{p.ID, p.Order, p.Customer} {
			if id != "" {
				fmt.Fprintf(&b, ", %s", id)
			}
		}
		if p.Reference != "" {
			fmt.Fprintf(&b, ", paid under %s", p.Reference)
		}
	case "":
	default:
		fmt.Fprintf(&b, ", %s", o.Of)
	}
	last := "no answer"
	if o.State == "sent" {
		last = "pending"
	}
	if o.Code != "" {
		last += " (" + o.Code + ")"
	}
	// The first word was the answer to sending.
	fmt.Fprintf(&b, "; sent %s, asked %d times, last at %s: %s", inIndia(o.SentAt), o.Asked-1, inIndia(o.HeardAt), last)
	return b.String(), nil
}

// inIndia is a moment as a person reads it.
func inIndia(at ledger.Time) string {
	return at.Std().In(ist).Format("2006-01-02 15:04:05 MST")
}
