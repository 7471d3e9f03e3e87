package webhook

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

const (
	flushAfter   = 50 * time.Millisecond // what was done is written down at the latest
	flushSome    = 128                   // attempts, or earlier
	saveAfter    = time.Second           // the same for events that went to nobody
	refreshAfter = time.Second           // how old what is known of endpoints may be
	putOff       = time.Minute           // of the book's time: until a message that could not be written is tried again
	starvedFor   = 20 * time.Millisecond // until free slots are looked for again
)

// A carrier delivers the events of one book while it holds the book's lease.
// One goroutine does all but the attempts themselves.
type carrier struct {
	post  *Post
	id    desk.BookID
	bell  chan struct{}
	stale atomic.Bool // endpoints or runs may be others

	book   desk.Book // as it was last read
	lines  map[desk.ID]*line
	order  []*line
	feed   feed
	flying int
	done   chan result

	attempts   []desk.Attempt // done, and not yet written down
	deliveries map[desk.ID]desk.Delivery
	first      time.Time // when the first of them was done
	saved      time.Time // when the runs were last written down

	refreshed, renewed time.Time
	held               bool
	starved, blocked   bool
	rung               bool // the book's row may be another
}

// A result is how an attempt went.
type result struct {
	*task
	told    bool
	ok      bool
	attempt desk.Attempt
	err     error // the message could not be written
}

func newCarrier(p *Post, book desk.BookID) *carrier {
	c := &carrier{
		post: p, id: book, bell: make(chan struct{}, 1), lines: map[desk.ID]*line{}, done: make(chan result, 1024),
		deliveries: map[desk.ID]desk.Delivery{},
	}
	c.feed.c = c
	return c
}

// poke says that there may be something new; with endpoints, also who it is
// for.
func (c *carrier) poke(endpoints bool) {
	if endpoints {
		c.stale.Store(true)
	}
	select {
	case c.bell <- struct{}{}:
	default:
	}
}

// clock is what leases and pauses go by.
func (c *carrier) clock() time.Time { return c.post.opt.Clock() }

// now is the book's time.
func (c *carrier) now() ledger.Time { return c.book.Clock.Now(ledger.At(c.post.desk.Now())) }

// work delivers until ctx ends, the lease is lost, or there has been nothing to
// do for a while; with once, until there is nothing to do.
func (c *carrier) work(ctx context.Context, once bool) error {
	if err := c.renew(ctx); err != nil {
		return err
	}
	if !c.held {
		return errLeased
	}
	after := context.WithoutCancel(ctx) // what was done is written down though ctx has ended
	defer func() {
		if c.held {
			c.post.desk.Store.Lease(after, c.id, c.post.holder, 0, 0)
		}
	}()
	c.saved = c.clock()
	var idle time.Time
	err := c.refresh(ctx)
	for {
		stop := ctx.Err() != nil || !c.held
		if err == nil && c.full() {
			err = c.flush(after)
		}
		if err == nil && !stop {
			err = c.fill(ctx)
		}
		if c.flying == 0 {
			err = errors.Join(err, c.flush(after))
		}
		if err != nil && (once || stop) && c.flying == 0 {
			return err
		}
		if c.flying == 0 && (stop || !c.starved) && err == nil {
			switch {
			case stop:
				return nil
			case once:
				before := c.book.Event
				if err := c.refresh(ctx); err != nil || c.book.Event == before {
					return err
				}
				continue
			case idle.IsZero():
				idle = c.clock()
			case c.clock().Sub(idle) >= lingerFor && !c.blocked && c.untilDue() > lingerFor:
				return nil
			}
		} else if err == nil {
			idle = time.Time{}
		}
		wait := c.wait()
		if err != nil { // do not hammer a store that is in trouble
			if ctx.Err() == nil {
				c.post.desk.Log.Error("delivering is held up", "book", c.id, "err", err)
			}
			wait, err = time.Second, nil
		}
		c.sleep(ctx, stop, wait)
		if !stop {
			err = c.keepUp(ctx)
		}
	}
}

// sleep waits for a result, a ring or a while, and settles what has come.
func (c *carrier) sleep(ctx context.Context, stop bool, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	over := ctx.Done()
	if stop {
		over = nil
	}
	select {
	case r := <-c.done:
		c.settle(ctx, r)
	case <-c.bell:
		c.rung = true
	case <-timer.C:
	case <-over:
	}
	for {
		select {
		case r := <-c.done:
			c.settle(ctx, r)
		default:
			return
		}
	}
}

// keepUp renews the lease and looks for what is new, each in its time.
func (c *carrier) keepUp(ctx context.Context) error {
	if c.clock().Sub(c.renewed) >= c.post.opt.Lease/3 {
		if err := c.renew(ctx); err != nil {
			return err
		}
	}
	if c.stale.Swap(false) || c.clock().Sub(c.refreshed) >= refreshAfter {
		return c.refresh(ctx)
	}
	if !c.rung {
		return nil
	}
	b, err := c.post.desk.Store.Book(ctx, c.id)
	if err == nil {
		c.book, c.rung = b, false
	}
	return err
}

// renew takes or renews the lease. While the store does not answer it counts
// as held until its time is up.
func (c *carrier) renew(ctx context.Context) error {
	now := c.clock() // not the desk's, which a test may stop
	held, err := c.post.desk.Store.Lease(ctx, c.id, c.post.holder, ledger.At(now), ledger.At(now.Add(c.post.opt.Lease)))
	if err != nil {
		c.held = c.held && now.Sub(c.renewed) < c.post.opt.Lease
		return fmt.Errorf("renew the lease: %w", err)
	}
	c.held, c.renewed = held, now
	return nil
}

// refresh reads the book's row, its endpoints and its runs.
func (c *carrier) refresh(ctx context.Context) error {
	d := c.post.desk
	b, err := d.Store.Book(ctx, c.id)
	if err != nil {
		return err
	}
	endpoints, err := d.ActiveEndpoints(ctx, c.id)
	if err != nil {
		return err
	}
	runs, err := d.Store.Runs(ctx, c.id)
	if err != nil {
		return err
	}
	c.book, c.refreshed, c.rung = b, c.clock(), false
	for _, l := range c.lines {
		l.gone = true
	}
	for _, e := range endpoints {
		l := c.lines[e.ID]
		if l == nil {
			l = &line{c: c, window: firstWindow, flying: map[desk.ID]bool{}}
			l.next = 1 // read what waits
			c.lines[e.ID] = l
			c.order = append(c.order, l)
		}
		l.e, l.gone = e, false
		l.begin(runs)
	}
	live := c.order[:0]
	for _, l := range c.order {
		if l.gone {
			delete(c.lines, l.e.ID)
			continue
		}
		live = append(live, l)
	}
	clear(c.order[len(live):])
	c.order = live
	return c.dropOrphans(ctx)
}

// fill starts attempts, one for each line in turn, until no line wants more.
func (c *carrier) fill(ctx context.Context) error {
	c.starved, c.blocked = false, false
	for more := true; more; {
		more = false
		for _, l := range c.order {
			slot := false
			if len(l.flying) > 0 { // the first needs none: nobody's slowness keeps an endpoint waiting
				select {
				case c.post.slots <- struct{}{}:
					slot = true
				default:
					c.starved = true
					continue
				}
			}
			t, blocked, err := l.take(ctx)
			c.blocked = c.blocked || blocked
			if t == nil {
				if slot {
					<-c.post.slots
				}
				if err != nil {
					return err
				}
				continue
			}
			t.slot = slot
			c.start(ctx, t)
			more = true
		}
	}
	return nil
}

// start makes an attempt in its own time.
func (c *carrier) start(ctx context.Context, t *task) {
	t.line.flying[t.d.ID] = true
	c.flying++
	ctx = context.WithoutCancel(ctx) // what was begun is finished
	b, e := c.book, t.line.e
	go func() {
		r := result{task: t}
		defer func() {
			if p := recover(); p != nil {
				r.err = fmt.Errorf("panic in the herald of room %q: %v", e.Room, p)
			}
			c.done <- r
		}()
		if t.ev.No == 0 {
			evs, err := c.post.desk.Store.Events(ctx, c.id, t.d.Event-1, 1)
			if err != nil || len(evs) == 0 {
				r.err = fmt.Errorf("read event %d: %w", t.d.Event, err)
				return
			}
			t.ev = evs[0]
		}
		m, err := c.post.tell(ctx, b, t.ev, e)
		if err != nil || m == nil || m.URL == "" && e.URL == "" {
			r.err = err
			return
		}
		r.told = true
		r.attempt, r.ok = c.post.sender.send(ctx, b, e, m, desk.Attempt{
			Delivery: t.d.ID, Endpoint: e.ID, Event: t.d.Event, EventID: t.d.EventID, Name: t.d.Name,
		})
	}()
}

// wait is how long nothing needs to be done but to hear of results.
func (c *carrier) wait() time.Duration {
	now := c.clock()
	wait := min(c.renewed.Add(c.post.opt.Lease/3).Sub(now), c.refreshed.Add(refreshAfter).Sub(now), c.saved.Add(saveAfter).Sub(now))
	if len(c.deliveries) > 0 {
		wait = min(wait, c.first.Add(flushAfter).Sub(now))
	}
	if c.starved {
		wait = min(wait, starvedFor)
	}
	return max(min(wait, c.untilDue()), time.Millisecond)
}

// untilDue is how long it is until something that waits is due.
func (c *carrier) untilDue() time.Duration {
	until := time.Duration(math.MaxInt64)
	wall := ledger.At(c.post.desk.Now())
	for _, l := range c.order {
		if l.next == 0 || l.busy() { // a result comes before
			continue
		}
		if w := c.book.Clock.Wall(l.next, wall); w != 0 {
			until = min(until, time.Duration(w-wall)*time.Microsecond)
		}
	}
	return until
}
