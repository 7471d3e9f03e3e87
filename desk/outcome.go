package desk

import (
	"context"
	"time"

	"wapas/ledger"
	"wapas/rail"
)

// Outside money never moves inside a change. A change writes down a rail order
// (waiting). The worker marks it as sent in a change of its own, and only then
// sends it: if the process dies between the two, the order stands as sent, and
// is asked about, never sent again. What the rail says is another change.
//
//	waiting → sent → done
//	           ↕   ↘ refused → done     (a late success)
//	        unknown                     (asked again, then put before a person)
//	          done → refused            (it came back)

// The names of the rails that a book may use without any being set up.
const (
	SimRail    = "sim"    // of test books
	ManualRail = "manual" // of live books: a person
)

// When a rail that has not said how an order ended is asked, and when a person
// is told.
const (
	FirstAsk        = 90 * time.Second   // after sending; then twice as long each time
	LongestAsk      = 6 * time.Hour      // between two questions
	UnknownDeadline = 24 * time.Hour     // from sending, for an order nobody knows about
	PendingDeadline = 7 * 24 * time.Hour // from sending, for one the rail says it has
	RailTimeout     = 30 * time.Second   // for one call of a rail
)

// The rules of recording outcomes.
const (
	WhyOutcome      ledger.Why = "outcome"       // Invalid: a person can only say done or refused
	WhyScenario     ledger.Why = "scenario"      // Invalid: no such scenario of the simulated rail
	WhyNotSent      ledger.Why = "not_sent"      // WrongState: the order has not been sent
	WhyOutcomeFinal ledger.Why = "outcome_final" // WrongState: it has ended the other way, and that cannot change
)

// An ending is what the end of an order means to the thing it moves. Each is
// called at most once for one end.
type ending struct {
	slowed   func(c *change, o RailOrder) error                // it will not go the fast way
	done     func(c *change, o RailOrder, a rail.Answer) error // it went
	refused  func(c *change, o RailOrder, a rail.Answer) error // it did not
	late     func(c *change, o RailOrder, a rail.Answer) error // it went after it was refused
	returned func(c *change, o RailOrder, a rail.Answer) error // it came back after it was done
	proved   func(c *change, o RailOrder) error                // its proof arrived after it was done
}

var endings = map[string]ending{
	"refund": {refundSlowed, refundDone, refundRefused, refundLate, refundReturned, refundProved},
	"payout": {payoutSlowed, payoutDone, payoutRefused, payoutLate, payoutReturned, payoutProved},
}

// railFor is the rail that moves money of this book with a provider.
func (c *change) railFor(provider string) string {
	if c.book.Mode == Test {
		return SimRail
	}
	if _, ok := c.desk.Rails[provider]; ok && provider != SimRail {
		return provider
	}
	return ManualRail
}

// sendLater writes down an order that is to be sent after this change.
func (c *change) sendLater(o RailOrder) error {
	o.State, o.CreatedAt = "waiting", c.now
	if c.book.Mode != Test {
		o.Outcome = ""
	}
	c.Put(o, timer("rail.send", o.ID, c.now)) // both new
	return c.wake(c.now)
}

// railReads names what a change that moves an order will look at.
func railReads(id ID) []Ref {
	reads := []Ref{
		ref[RailOrder](id), refUnder[Exception](id), refUnder[Terms](termsParent),
		ref[Timer](timer("rail.send", id, 0).ID), ref[Timer](timer("rail.ask", id, 0).ID),
	}
	switch id.Prefix() {
	case "rfnd":
		reads = append(reads, ref[Refund](id))
	case "pout":
		reads = append(reads, ref[Payout](id))
	}
	return reads
}

// checkScenario refuses a scenario that the simulated rail does not play.
func checkScenario(name string) error {
	if name == "" {
		return nil
	}
	for _, s := range rail.Scenarios {
		if s == name {
			return nil
		}
	}
	return ledger.Refuse(ledger.Invalid, WhyScenario, "%s", name).In("notes")
}

// sendOrder is what is due at "rail.send".
func (d *Desk) sendOrder(ctx context.Context, book BookID, id ID) error {
	var o RailOrder
	mine := false
	err := d.change(ctx, book, railReads(id), func(c *change) (err error) {
		mine = false
		if o, err = need[RailOrder](c, id, ""); err != nil {
			return err
		}
		if err := c.unwait("rail.send", id); err != nil || o.State != "waiting" {
			return err
		}
		mine = true
		o.State, o.SentAt = "sent", c.now
		c.Put(o)
		return c.wait("rail.ask", id, c.now.Add(FirstAsk))
	})
	if err != nil || !mine {
		return err
	}
	call, cancel := context.WithTimeout(ctx, RailTimeout)
	defer cancel()
	a, err := d.rail(o).Send(call, o.order(), o.SentAt)
	return d.record(ctx, book, o, d.heard(o, a, err))
}

// askOrder is what is due at "rail.ask".
func (d *Desk) askOrder(ctx context.Context, book BookID, id ID) error {
	o, err := find[RailOrder](ctx, d, book, id)
	if err != nil {
		return err
	}
	b, err := d.Store.Book(ctx, book)
	if err != nil {
		return err
	}
	call, cancel := context.WithTimeout(ctx, RailTimeout)
	defer cancel()
	a, err := d.rail(o).Ask(call, o.order(), b.Clock.Now(ledger.At(d.Now())))
	return d.record(ctx, book, o, d.heard(o, a, err))
}

// rail is the door an order goes through.
func (d *Desk) rail(o RailOrder) rail.Rail {
	if r, ok := d.Rails[o.Rail]; ok {
		return r
	}
	return rail.Manual{}
}

// order is what the rail is told.
func (o RailOrder) order() rail.Order {
	return rail.Order{
		Reference: string(o.ID), What: o.What, Method: o.Method, To: o.To, Speed: o.Speed,
		Amount: o.Amount, Scenario: o.Outcome, SentAt: o.SentAt,
	}
}

// heard makes Unknown of an answer that is none.
func (d *Desk) heard(o RailOrder, a rail.Answer, err error) rail.Answer {
	if err != nil {
		d.Log.Warn("a rail did not answer", "rail", o.Rail, "order", o.ID, "err", err)
		return rail.Answer{Outcome: rail.Unknown}
	}
	return a
}

// record keeps what a rail said of an order as it was when the rail was asked.
// If the order was heard of since and ended the other way, nobody knows which
// of the two words is the later one, and money must not move twice for an old
// one: then nothing is kept and the rail is asked again.
func (d *Desk) record(ctx context.Context, book BookID, asked RailOrder, a rail.Answer) error {
	return d.change(ctx, book, railReads(asked.ID), func(c *change) error {
		o, err := need[RailOrder](c, asked.ID, "")
		if err != nil {
			return err
		}
		other := o.State == "done" && a.Outcome == rail.Refused || o.State == "refused" && a.Outcome == rail.Done
		if other && o.Asked != asked.Asked {
			return c.wait("rail.ask", o.ID, c.now.Add(FirstAsk))
		}
		_, err = c.outcome(o, a)
		return err
	})
}

// outcome moves an order by what was said of it. What it heard before changes
// nothing, so the same answer may come any number of times.
func (c *change) outcome(o RailOrder, a rail.Answer) (RailOrder, error) {
	end := endings[o.What]
	was := o.State
	o.Asked++
	var err error
	switch {
	case was == "waiting":
		return o, ledger.Refuse(ledger.WrongState, WhyNotSent, "%s", o.ID)

	case a.Outcome == rail.Done && was == "done":
		if a.Reference != "" && a.Reference != o.Reference {
			o.Reference = a.Reference
			err = end.proved(c, o)
		}
	case a.Outcome == rail.Done:
		o.State, o.Reference, o.Reason, o.EndedAt = "done", a.Reference, "", c.now
		if was == "refused" {
			err = end.late(c, o, a)
		} else {
			err = end.done(c, o, a)
		}

	case a.Outcome == rail.Refused && was == "done":
		o.State, o.Reason, o.EndedAt = "refused", a.Reason, c.now
		err = end.returned(c, o, a)
	case a.Outcome == rail.Refused && was != "refused":
		o.State, o.Reason, o.EndedAt = "refused", a.Reason, c.now
		err = end.refused(c, o, a)

	case was == "sent" || was == "unknown":
		o.State = "unknown"
		if a.Outcome == rail.Pending {
			o.State = "sent"
			if o.Speed == "optimum" && !a.Instant {
				o.Speed = "normal"
				err = end.slowed(c, o)
			}
		}
	}
	if err != nil {
		return o, err
	}
	c.Put(o)
	return o, c.askAgain(o, a)
}

// askAgain sets when an order is asked about next, and tells a person what the
// rail cannot.
func (c *change) askAgain(o RailOrder, a rail.Answer) error {
	open := o.State == "sent" || o.State == "unknown"
	if !open {
		if err := c.lower(o.ID, ExceptionByHand, ExceptionUnknown, ExceptionPending); err != nil {
			return err
		}
	}
	_, byHand := c.desk.rail(o).(rail.Manual)
	lost := a.Outcome == rail.Unknown || a.Outcome == rail.Pending // an ended order of which the rail knows nothing now
	switch {
	case open && byHand:
		if err := c.raise(ExceptionByHand, o.ID, o.What+" of "+o.Amount.String()+" rupees to "+o.To); err != nil {
			return err
		}
		return c.unwait("rail.ask", o.ID)
	case open && o.State == "unknown" && c.now >= o.SentAt.Add(UnknownDeadline):
		if err := c.raise(ExceptionUnknown, o.ID, "the rail has not said whether "+o.Amount.String()+" rupees moved"); err != nil {
			return err
		}
	case open && o.State == "sent" && c.now >= o.SentAt.Add(PendingDeadline):
		if err := c.raise(ExceptionPending, o.ID, "the rail has had "+o.Amount.String()+" rupees for a week"); err != nil {
			return err
		}
	case !open && a.AskAt <= c.now && (!lost || c.now >= o.EndedAt.Add(PendingDeadline)):
		return c.unwait("rail.ask", o.ID)
	}
	if a.AskAt > c.now {
		return c.wait("rail.ask", o.ID, a.AskAt)
	}
	pause := FirstAsk << min(o.Asked-1, 16)
	return c.wait("rail.ask", o.ID, c.now.Add(min(pause, LongestAsk)))
}

// An OutcomeRequest is a person's word on how an order ended.
type OutcomeRequest struct {
	Order     ID           // the refund's or payout's
	Outcome   rail.Outcome // Done or Refused
	Reason    string       // why it was refused
	Reference string       // the proof that it went
}

// RecordOutcome ends an order on the word of a person: one of a live book
// without a rail, or one that its rail has lost. Saying again what is known
// changes nothing, except that a proof may be added.
//
// It refuses, in this order: Invalid; NotFound; WrongState if the order has
// not been sent, or if it went and is now said not to have: only a rail may say
// that. That a refused one went after all, a person may say too.
func (d *Desk) RecordOutcome(ctx context.Context, book BookID, q OutcomeRequest) (RailOrder, error) {
	if q.Outcome != rail.Done && q.Outcome != rail.Refused {
		return RailOrder{}, ledger.Refuse(ledger.Invalid, WhyOutcome, "%s", q.Outcome).In("outcome")
	}
	var o RailOrder
	err := d.change(ctx, book, railReads(q.Order), func(c *change) (err error) {
		if o, err = need[RailOrder](c, q.Order, "order"); err != nil {
			return err
		}
		switch {
		case o.State == "done" && q.Outcome == rail.Refused:
			return ledger.Refuse(ledger.WrongState, WhyOutcomeFinal, "%s is %s", o.ID, o.State)
		case o.State == string(q.Outcome) && (q.Reference == "" || q.Reference == o.Reference):
			return nil
		}
		o, err = c.outcome(o, rail.Answer{Outcome: q.Outcome, Reason: q.Reason, Reference: q.Reference, Instant: o.Speed == "optimum"})
		return err
	})
	return o, err
}

// Check is the rule of a rail order row.
func (r RailOrder) Check() error {
	switch r.State {
	case "waiting", "sent", "done", "refused", "unknown":
		if r.Amount > 0 && r.Rail != "" && (r.State == "waiting") == (r.SentAt == 0) {
			return nil
		}
	}
	return ledger.Refuse(ledger.Internal, "rail_order", "%s is %q with %d paise on rail %q", r.ID, r.State, r.Amount, r.Rail)
}
