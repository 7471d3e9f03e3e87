package desk

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
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

// When a person is told of an order that has not ended. When the rail is asked
// about it is for its schedule to say (rail.ScheduleOf).
const (
	UnknownDeadline = 24 * time.Hour     // from sending, for an order nobody knows about
	PendingDeadline = 7 * 24 * time.Hour // from sending, for one the rail says it has
	RailTimeout     = 30 * time.Second   // for one call of a rail
	FirstAsk        = 90 * time.Second   // after sending, if nothing at all was heard: the process died
)

// The rules of recording outcomes.
const (
	WhyOutcome      ledger.Why = "outcome"       // Invalid: a person can only say done, refused or returned
	WhyPerson       ledger.Why = "person"        // Invalid: the word of two people is asked for, and nobody says whose this is
	WhyScenario     ledger.Why = "scenario"      // Invalid: no such scenario of the simulated rail
	WhyNotSent      ledger.Why = "not_sent"      // WrongState: the order has not been sent
	WhyOutcomeFinal ledger.Why = "outcome_final" // WrongState: it went; that it came back is another word
	WhyNotDone      ledger.Why = "not_done"      // WrongState: it has not gone, so it cannot have come back
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

	"remittance": {remittanceSlowed, remittanceDone, remittanceRefused, remittanceLate, remittanceReturned, remittanceProved},
}

// waits hear that an order is still under way.
var waits = map[string]func(c *change, o RailOrder, a rail.Answer) error{"remittance": remittanceWaits}

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

// sendLater writes down an order that is to be sent after this change. In a
// test book a stored scenario may say how it is to end, unless the request did;
// it is found by the order's own reference, by what it is about, and by its id.
func (c *change) sendLater(o RailOrder) error {
	o.State, o.CreatedAt = "waiting", c.now
	switch {
	case c.book.Mode != Test:
		o.Outcome = ""
	case o.Outcome == "":
		s, ok, err := c.play(o.What, o.Amount, o.Ref, string(o.Of), string(o.ID))
		if err != nil {
			return err
		}
		if ok {
			o.Outcome, o.PlayCode, o.PlayReason, o.PlayAfter = s.Outcome, s.Code, s.Reason, s.After
		}
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
	case "rmt":
		reads = append(reads, ref[Remittance](id), refUnder[Consent](id), ref[Timer](timer("remittance.hold", id, 0).ID))
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
		Room: o.Room, Amount: o.Amount, SentAt: o.SentAt,
		Scenario: o.Outcome, Code: o.PlayCode, Reason: o.PlayReason, After: time.Duration(o.PlayAfter) * time.Second,
	}
}

// heard makes Unknown of an answer that is none, with a code that says whether
// it was a silence or a failure.
func (d *Desk) heard(o RailOrder, a rail.Answer, err error) rail.Answer {
	if err == nil {
		return a
	}
	level := slog.LevelWarn
	if o.Rail == SimRail { // it was told not to
		level = slog.LevelDebug
	}
	d.Log.Log(context.Background(), level, "a rail did not answer", "rail", o.Rail, "order", o.ID, "err", err)
	code := rail.CodeFault
	var slow interface{ Timeout() bool }
	if errors.Is(err, rail.ErrTimeout) || errors.As(err, &slow) && slow.Timeout() {
		code = rail.CodeTimeout
	}
	return rail.Answer{Outcome: rail.Unknown, Code: code}
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
		_, err = c.outcome(o, a, "")
		return err
	})
}

// outcome moves an order by what was said of it, by a person or, if by is
// empty, by the rail. What it heard before changes nothing, so the same answer
// may come any number of times.
func (c *change) outcome(o RailOrder, a rail.Answer, by string) (RailOrder, error) {
	end := endings[o.What]
	was := o.State
	o.Asked++
	o.HeardAt = c.now
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
		o.State, o.Reference, o.Code, o.Reason, o.EndedAt, o.By = "done", a.Reference, "", "", c.now, by
		if was == "refused" {
			err = end.late(c, o, a)
		} else {
			err = end.done(c, o, a)
		}

	case a.Outcome == rail.Refused && was == "done":
		a.Code = cmp.Or(a.Code, rail.CodeReturned)
		o.State, o.Code, o.Reason, o.EndedAt, o.By = "refused", a.Code, a.Reason, c.now, by
		err = end.returned(c, o, a)
	case a.Outcome == rail.Refused && was != "refused":
		o.State, o.Code, o.Reason, o.EndedAt, o.By = "refused", a.Code, a.Reason, c.now, by
		err = end.refused(c, o, a)

	case was == "sent" || was == "unknown":
		o.State, o.Code = "unknown", a.Code
		if a.Outcome == rail.Pending {
			o.State = "sent"
			if o.Speed == "optimum" && !a.Instant {
				o.Speed = "normal"
				err = end.slowed(c, o)
			}
		}
		if wait, ok := waits[o.What]; ok && err == nil {
			err = wait(c, o, a)
		}
	}
	if err != nil {
		return o, err
	}
	c.Put(o)
	return o, c.askAgain(o, a)
}

// Check is the rule of a rail order row.
func (r RailOrder) Check() error {
	switch r.State {
	case "waiting", "sent", "done", "refused", "unknown":
		ended := r.State == "done" || r.State == "refused"
		if r.Amount > 0 && r.Rail != "" && (r.State == "waiting") == (r.SentAt == 0) && ended == (r.EndedAt != 0) &&
			r.PlayAfter >= 0 && (r.Sheet == "") == (r.ExportedAt == 0) {
			return nil
		}
	}
	return ledger.Refuse(ledger.Internal, "rail_order", "%s is %q, sent at %d and ended at %d, with %d paise on rail %q",
		r.ID, r.State, r.SentAt, r.EndedAt, r.Amount, r.Rail)
}
