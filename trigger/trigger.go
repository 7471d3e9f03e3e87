// Package trigger makes events really happen in a test book: with the order,
// the payment and all else that leads to one in life, so that the books move and
// whoever listens is told. The command line and the console play with it
// through the native API.
package trigger

import (
	"context"
	"fmt"
	"slices"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

// An Event is one that can be made to happen.
type Event struct {
	Name string
	How  string // what is made to happen, in a sentence
	As   string // the name that it is recorded under, if that is another: rooms tell it to those who ask for Name
	do   func(p *play)
}

// Recorded is the name that the event has in the book.
func (e Event) Recorded() string {
	if e.As != "" {
		return e.As
	}
	return e.Name
}

// Events are all there are, in the order of the documents.
func Events() []Event { return slices.Clone(events) }

// The rules of triggers.
const (
	WhyUnknown  ledger.Why = "trigger_unknown" // NotFound: nobody can make that happen
	WhyTestBook ledger.Why = "trigger_live"    // WrongState: not in a live book
	WhyAmount   ledger.Why = "trigger_amount"  // Invalid: below MinAmount
)

// Amounts: what is played with unless something else is asked for, and the
// least that is enough for all of them.
const (
	DefaultAmount ledger.Amount = 499_00
	MinAmount     ledger.Amount = 2_00
)

// A Request asks for an event.
type Request struct {
	Event  string
	Amount ledger.Amount // zero: DefaultAmount
	// Wait is how long the event may take that needs a moment of the book's time,
	// such as a bank's; zero does not wait.
	Wait time.Duration
}

// A Result is what became of it.
type Result struct {
	Behind int64       // the number of the last event before
	Event  *desk.Event // nil if it has not happened yet
	Frozen bool        // the clock stands still: it will not by itself
}

// lookEvery is the time between two looks while an event is waited for.
const lookEvery = 200 * time.Millisecond

// Do makes an event happen. It refuses, in this order: NotFound for the event;
// Invalid for the amount; WrongState in a live book; and whatever refuses what
// leads to the event, which then stands half done, as in life.
func Do(ctx context.Context, d *desk.Desk, book desk.BookID, q Request) (Result, error) {
	i := slices.IndexFunc(events, func(e Event) bool { return e.Name == q.Event })
	if i < 0 {
		return Result{}, ledger.Refuse(ledger.NotFound, WhyUnknown, "nobody can make %.80s happen", q.Event).In("event")
	}
	if q.Amount == 0 {
		q.Amount = DefaultAmount
	}
	if q.Amount < MinAmount || q.Amount > ledger.MaxAmount/4 {
		return Result{}, ledger.Refuse(ledger.Invalid, WhyAmount, "an amount is %s rupees at least", MinAmount).In("amount")
	}
	b, err := d.Store.Book(ctx, book)
	switch {
	case err != nil:
		return Result{}, err
	case b.Mode != desk.Test:
		return Result{}, ledger.Refuse(ledger.WrongState, WhyTestBook, "things are only made to happen in a test book")
	}
	p := &play{ctx: ctx, desk: d, book: book, account: b.Account(), amount: q.Amount, now: b.Clock.Now(ledger.At(d.Now()))}
	if events[i].do(p); p.err != nil {
		return Result{}, p.err
	}
	out := Result{Behind: b.Event, Frozen: b.Clock.Frozen != 0}
	after := b.Event
	for end := time.Now().Add(q.Wait); ; { // not the desk's clock, which a test may stop
		if err := d.RunDue(ctx, book); err != nil {
			return out, err
		}
		found, last, err := find(ctx, d, book, after, events[i].Recorded())
		if err != nil || found != nil || out.Frozen {
			out.Event = found
			return out, err
		}
		if after = last; !time.Now().Before(end) {
			return out, nil
		}
		select {
		case <-ctx.Done():
			return out, ctx.Err()
		case <-time.After(lookEvery):
		}
	}
}

// find is the first event of a name behind a number; last is how far it looked.
func find(ctx context.Context, d *desk.Desk, book desk.BookID, after int64, name string) (found *desk.Event, last int64, err error) {
	for {
		page, err := d.Store.Events(ctx, book, after, 100)
		if err != nil || len(page) == 0 {
			return nil, after, err
		}
		for _, e := range page {
			if after = e.No; e.Name == name {
				return &e, after, nil
			}
		}
	}
}

// A play does one thing after another in a test book, until one fails.
type play struct {
	ctx     context.Context
	desk    *desk.Desk
	book    desk.BookID
	account desk.ID // the merchant's own
	amount  ledger.Amount
	now     ledger.Time
	err     error
}

// step does something, unless a step before it failed.
func step[R any](p *play, do func() (R, error)) (r R) {
	if p.err == nil {
		r, p.err = do()
	}
	return r
}

// unique is a name that nothing has yet.
func unique(prefix string) string { return prefix + desk.Letters(14) }

// mobile is a number that is nobody's: one for each play, so that no limit of a
// customer is met.
func mobile() string { return fmt.Sprintf("9%09d", time.Now().UnixNano()/1000%1_000_000_000) }
