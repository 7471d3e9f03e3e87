package desk

import (
	"context"
	"time"

	"wapas/ledger"
)

// The rules of clocks.
const (
	WhyClock     ledger.Why = "clock"      // Invalid: not something a clock can do
	WhyLiveClock ledger.Why = "live_clock" // WrongState: a live book's time is the real one
)

// The moments a clock may be set to: those the wires can say.
var (
	FirstMoment = ledger.Seconds(946_684_800)   // 2000
	LastMoment  = ledger.Seconds(4_765_046_400) // 2121
)

// What may be done to the clock of a test book.
const (
	ClockFreeze = "freeze" // stand still: at At, or where it is
	ClockMove   = "move"   // go By ahead
	ClockSet    = "set"    // show At, and stand or run as before
	ClockRun    = "run"    // run on from where it stands
	ClockReal   = "real"   // show the real time again
)

// A ClockRequest asks for something to be done to a test book's clock.
type ClockRequest struct {
	Do string
	At ledger.Time
	By time.Duration
}

// A ClockFace is what a book's clock shows.
type ClockFace struct {
	Now    ledger.Time
	Frozen bool
	Ahead  time.Duration // of the real time; less than zero behind it
}

func faceOf(c Clock, wall ledger.Time) ClockFace {
	now := c.Now(wall)
	return ClockFace{Now: now, Frozen: c.Frozen != 0, Ahead: time.Duration(now-wall) * time.Microsecond}
}

// Clock shows a book's clock.
func (d *Desk) Clock(ctx context.Context, book BookID) (ClockFace, error) {
	b, err := d.Store.Book(ctx, book)
	return faceOf(b.Clock, ledger.At(d.Now())), err
}

// SetClock changes a test book's clock, and then does everything that is due
// by the time it shows. It refuses, in this order: Invalid; WrongState for a
// live book; Invalid if it would show a moment that no wire can say.
func (d *Desk) SetClock(ctx context.Context, book BookID, q ClockRequest) (ClockFace, error) {
	if err := q.check(); err != nil {
		return ClockFace{}, err
	}
	err := d.change(ctx, book, nil, func(c *change) error {
		if c.book.Mode != Test {
			return ledger.Refuse(ledger.WrongState, WhyLiveClock, "a live book's time is the real one")
		}
		b, wall := c.Book(), ledger.At(d.Now())
		b.Clock = b.Clock.after(q, wall)
		if now := b.Clock.Now(wall); now < FirstMoment || now > LastMoment {
			return ledger.Refuse(ledger.Invalid, WhyClock, "it would show %s", now.Std().Format(time.RFC3339)).In("at")
		}
		b.Wake = wall // the worker finds out when it is really due
		c.PutBook(b)
		return nil
	})
	if err != nil {
		return ClockFace{}, err
	}
	d.news.of(book, true)
	if err := d.RunDue(ctx, book); err != nil {
		return ClockFace{}, err
	}
	return d.Clock(ctx, book)
}

func (q ClockRequest) check() error {
	switch q.Do {
	case ClockFreeze, ClockRun, ClockReal:
		return nil
	case ClockSet:
		if q.At == 0 {
			return ledger.Refuse(ledger.Invalid, WhyClock, "set it to which moment?").In("at")
		}
		return nil
	case ClockMove:
		if q.By <= 0 {
			return ledger.Refuse(ledger.Invalid, WhyClock, "a clock is moved ahead").In("by")
		}
		return nil
	}
	return ledger.Refuse(ledger.Invalid, WhyClock, "a clock cannot %q", q.Do).In("do")
}

// after is the clock once it has been done what q asks, at a moment of the
// wall's.
func (c Clock) after(q ClockRequest, wall ledger.Time) Clock {
	show := func(at ledger.Time) Clock {
		if c.Frozen != 0 {
			return Clock{Frozen: at}
		}
		return Clock{Ahead: time.Duration(at-wall) * time.Microsecond}
	}
	switch q.Do {
	case ClockFreeze:
		if q.At != 0 {
			return Clock{Frozen: q.At}
		}
		return Clock{Frozen: c.Now(wall)}
	case ClockMove:
		return show(c.Now(wall).Add(q.By))
	case ClockSet:
		return show(q.At)
	case ClockRun:
		return Clock{Ahead: time.Duration(c.Now(wall)-wall) * time.Microsecond}
	}
	return Clock{}
}
