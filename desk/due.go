package desk

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"wapas/ledger"
)

// duties say what is done when a timer is due. Each does it as a change of its
// own (or two, with a rail between) that ends the timer or moves it, and does
// nothing if it was done already: two servers may find the same timer due.
var duties = map[string]func(d *Desk, ctx context.Context, book BookID, subject ID) error{
	"rail.send":          (*Desk).sendOrder,
	"rail.ask":           (*Desk).askOrder,
	"payment.expire":     (*Desk).expirePayment,
	"payment.answer":     (*Desk).answerPayment,
	"payment.available":  (*Desk).makeAvailable,
	"transfer.release":   (*Desk).releaseHold,
	"credit.expire":      (*Desk).expireCredit,
	"transfer.retry":     (*Desk).retryTransfer,
	"settlement.process": (*Desk).processSettlement,
	"tat.accrue":         (*Desk).accrueTAT,
	"booking.expire":     (*Desk).expireBooking,
	"remittance.hold":    (*Desk).holdRemittance,
	"message.send":       (*Desk).sendMessage,
	proposalEnds:         (*Desk).expireProposal,
	"job.work":           (*Desk).workJob,
	"job.expire":         (*Desk).expireJob,
}

// How the worker goes about.
const (
	pollEvery  = 250 * time.Millisecond // between looks for books that are due
	sweepEvery = 5 * time.Minute        // between looks into every book
	booksAtOne = 256                    // books taken up in one look
	bookLanes  = 64                     // books worked on at the same time
	dueLanes   = 64                     // timers of one book worked on at the same time
	dueAtOnce  = 256                    // timers read in one go
	dueRounds  = 16                     // such goes at a book before it is another's turn
	setback    = 5 * time.Minute        // of the book's time: until a timer that failed is tried again

	takenOverIn = 10 * time.Second // until another server looks at what one was at that died
)

// A bell wakes the worker of this process when a change has made something
// due. It holds one ring, however often it is rung.
type bell struct {
	once sync.Once
	ch   chan struct{}
}

func (b *bell) chime() chan struct{} {
	b.once.Do(func() { b.ch = make(chan struct{}, 1) })
	return b.ch
}

func (b *bell) ring() {
	select {
	case b.chime() <- struct{}{}:
	default:
	}
}

// Work does what becomes due in all books, until ctx ends: it sends rail
// orders and asks about them, lets payments expire, releases holds. Any number
// of servers may do so on one database.
//
// A book says in its row when it wants to be looked at (Book.Wake). That is
// set with every timer, and set forward again when nothing is due; in case a
// server died between the two, timers that are due are looked for in every book now
// and then anyway.
func (d *Desk) Work(ctx context.Context) error {
	w := worker{desk: d, busy: map[BookID]bool{}, free: make(chan struct{}, bookLanes)}
	defer w.Wait()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	var swept time.Time
	for {
		var books []BookID
		var err error
		if now := d.Now(); now.Sub(swept) >= sweepEvery || now.Before(swept) {
			books, err = d.Store.Overdue(ctx, ledger.At(now))
			swept = now
		} else {
			books, err = d.Store.Awake(ctx, ledger.At(now), booksAtOne)
		}
		if err != nil && ctx.Err() == nil {
			d.Log.Error("could not look for books that are due", "err", err)
		}
		for _, book := range books {
			w.take(ctx, book)
		}
		if err != nil { // do not hammer a store that is in trouble
			select {
			case <-ctx.Done():
			case <-tick.C:
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-d.bell.chime():
		case q := <-d.checkups.queue():
			w.Go(func() { d.checkUp(ctx, q) })
		case <-tick.C:
		}
	}
}

// A worker works on some books at a time and on each only once, so that a rail
// that hangs holds up nobody else's.
type worker struct {
	sync.WaitGroup
	desk *Desk
	free chan struct{}
	mu   sync.Mutex
	busy map[BookID]bool
}

// take starts to work on a book, unless that is under way.
func (w *worker) take(ctx context.Context, book BookID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.busy[book] {
		return
	}
	w.busy[book] = true
	w.Go(func() {
		w.free <- struct{}{}
		err := w.desk.runDue(ctx, book, dueLanes, dueRounds)
		<-w.free
		w.mu.Lock()
		delete(w.busy, book)
		w.mu.Unlock()
		switch {
		case err == nil:
			w.desk.bell.ring() // something may have become due while we were at it
		case ctx.Err() == nil:
			w.desk.Log.Error("could not do all that was due", "book", book, "err", err)
		}
	})
}

// inLanes calls do for 0 to n-1, some at the same time, and returns when all
// are done.
func inLanes(lanes, n int, do func(i int)) {
	var wg sync.WaitGroup
	free := make(chan struct{}, lanes)
	for i := range n {
		free <- struct{}{}
		wg.Go(func() {
			defer func() { <-free }()
			do(i)
		})
	}
	wg.Wait()
}

// RunDue does everything that is due in a book now, by the book's time, and
// what becomes due by doing it, one after another in the order of their
// moments. It returns when nothing is due. What fails is tried again later and
// does not stop the rest.
func (d *Desk) RunDue(ctx context.Context, book BookID) error {
	return d.runDue(ctx, book, 1, math.MaxInt)
}

func (d *Desk) runDue(ctx context.Context, book BookID, lanes, rounds int) error {
	ctx = Unwatched(ctx) // time does it, and nobody's hand
	b, due, err := d.due(ctx, book, 1)
	if err != nil {
		return err
	}
	stale := b.Wake != 0 && b.Wake <= ledger.At(d.Now())
	if len(due) == 0 && !stale {
		return nil
	}
	if stale { // should this server die meanwhile, another takes over
		err := d.setWake(ctx, book, func(_ Book, wall ledger.Time) ledger.Time { return wall.Add(takenOverIn) })
		if err != nil {
			return err
		}
	}
	failed := d.doDue(ctx, book, lanes, rounds)
	next, err := d.Store.Due(ctx, book, math.MaxInt64, 1)
	if err == nil && stale {
		err = d.setWake(ctx, book, func(b Book, wall ledger.Time) ledger.Time {
			if len(next) == 0 {
				return 0
			}
			return b.Clock.Wall(next[0].At, wall)
		})
		if err == nil { // a timer may have been set since it was read
			next, err = d.Store.Due(ctx, book, math.MaxInt64, 1)
		}
	}
	if err == nil && len(next) > 0 {
		err = d.change(ctx, book, nil, func(c *change) error { return c.wake(next[0].At) })
	}
	return errors.Join(failed, err)
}

// due reads the first timers of a book that are due now.
func (d *Desk) due(ctx context.Context, book BookID, count int) (Book, []Timer, error) {
	b, err := d.Store.Book(ctx, book)
	if err != nil {
		return b, nil, err
	}
	ts, err := d.Store.Due(ctx, book, b.Clock.Now(ledger.At(d.Now())), count)
	return b, ts, err
}

// doDue does what is due until nothing is, or for so many rounds.
func (d *Desk) doDue(ctx context.Context, book BookID, lanes, rounds int) error {
	var mu sync.Mutex
	var failed error
	done := map[ID]ledger.Time{} // timers that were seen to, and when they were due
	for ; rounds > 0 && ctx.Err() == nil; rounds-- {
		_, due, err := d.due(ctx, book, dueAtOnce)
		if err != nil || len(due) == 0 {
			return errors.Join(failed, err)
		}
		standing := 0 // timers that could not even be set back, and are due still
		inLanes(lanes, len(due), func(i int) {
			t := due[i]
			mu.Lock()
			at, again := done[t.ID]
			done[t.ID] = t.At
			mu.Unlock()
			var err error
			if again && at == t.At { // its duty left it standing: it is over
				err = d.moveTimer(ctx, book, t, 0)
			} else if err = d.do(ctx, book, t); err != nil && ctx.Err() == nil {
				d.Log.Error("what was due failed", "book", book, "timer", t.ID, "err", err)
				err = fmt.Errorf("%s: %w", t.ID, err)
				if bad := d.moveTimer(ctx, book, t, setback); bad != nil {
					err = errors.Join(err, bad)
					mu.Lock()
					standing++
					mu.Unlock()
				}
			}
			if err != nil {
				mu.Lock()
				failed = errors.Join(failed, err)
				mu.Unlock()
			}
		})
		if standing == len(due) { // nothing can be written: whoever comes next tries again
			break
		}
	}
	return errors.Join(failed, ctx.Err())
}

// do does what a timer waited for.
func (d *Desk) do(ctx context.Context, book BookID, t Timer) error {
	duty, ok := duties[t.What]
	if !ok {
		return fmt.Errorf("nobody knows what to do")
	}
	return duty(d, ctx, book, t.Subject)
}

// moveTimer sets a timer back by some of the book's time, or ends it if that is
// zero. A timer that was moved meanwhile stays where it is.
func (d *Desk) moveTimer(ctx context.Context, book BookID, t Timer, by time.Duration) error {
	return d.change(ctx, book, []Ref{ref[Timer](t.ID)}, func(c *change) error {
		now, ok, err := get[Timer](c, t.ID)
		switch {
		case err != nil, !ok, now.At != t.At:
			return err
		case by == 0:
			return c.unwait(t.What, t.Subject)
		}
		return c.wait(t.What, t.Subject, c.now.Add(by))
	})
}

// setWake says in the book's row when to look at it next, on the wall's clock,
// whatever the row says now; zero is never.
func (d *Desk) setWake(ctx context.Context, book BookID, when func(b Book, wall ledger.Time) ledger.Time) error {
	return d.change(ctx, book, nil, func(c *change) error {
		b := c.Book()
		b.Wake = when(b, ledger.At(d.Now()))
		c.PutBook(b)
		return nil
	})
}
