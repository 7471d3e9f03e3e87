package webhook

import (
	"context"
	"fmt"
	"math"

	"wapas/desk"
	"wapas/ledger"
)

const (
	firstWindow = 8    // attempts at one endpoint at the same time, at first
	maxWindow   = 32   // and once it has shown that it keeps up
	maxWaiting  = 1000 // deliveries of an endpoint that wait while none succeeds, before new events wait their turn
	streakOf    = 10   // failures in a row that make it so
	pageOf      = 256  // events or deliveries read at once
)

// A line is what goes on with one endpoint: the runs it is on, and what waits
// to be tried again.
type line struct {
	c       *carrier
	e       desk.Endpoint
	courses []*course
	queue   []desk.Delivery  // due now
	next    ledger.Time      // when more may be due, by the book's time; zero if nothing waits
	waiting int              // how many wait, at least
	flying  map[desk.ID]bool // deliveries under way
	window  int
	streak  int  // failures since the last success
	gone    bool // the endpoint hears no more
}

// A course is a run with what was handed out of it and not yet finished.
type course struct {
	desk.Run
	saved int64          // Event, as it was last written down
	given int64          // number of the last event that was handed out
	done  map[int64]bool // numbers above Event that are finished
	page  []desk.Event   // read ahead, from given+1 on
}

// finish notes that an event has been seen to.
func (k *course) finish(no int64) {
	k.done[no] = true
	for k.done[k.Event+1] {
		k.Event++
		delete(k.done, k.Event)
	}
}

// end is the number of the last event to hand out.
func (k *course) end(book int64) int64 {
	if k.Last > 0 {
		return min(k.Last, book)
	}
	return book
}

// begin makes the endpoint's own run, and those of its replays, courses. What
// is under way on a course goes on.
func (l *line) begin(runs []desk.Run) {
	known := map[desk.ID]*course{}
	for _, k := range l.courses {
		known[k.ID] = k
	}
	own := desk.Run{ID: l.e.ID, Endpoint: l.e.ID, Event: l.e.Since, CreatedAt: l.e.CreatedAt}
	mine := []desk.Run{own}
	for _, r := range runs {
		switch {
		case r.ID == own.ID:
			mine[0].Event = max(own.Event, r.Event)
		case r.Endpoint == l.e.ID:
			mine = append(mine, r)
		}
	}
	l.courses = l.courses[:0]
	for _, r := range mine {
		k := known[r.ID]
		if k == nil || r.Last == 0 && k.given < l.e.Since { // switched off and on: what it missed is not sent
			k = &course{Run: r, saved: r.Event, given: r.Event, done: map[int64]bool{}}
		}
		l.courses = append(l.courses, k)
	}
}

// A task is one attempt to be made.
type task struct {
	line *line
	of   *course // nil if it is tried again
	ev   desk.Event
	d    desk.Delivery
	slot bool // it holds one of the post's
}

// take is the next attempt to make; nil if there is none for now. Blocked says
// that there are events which have to wait for others.
func (l *line) take(ctx context.Context) (t *task, blocked bool, err error) {
	if l.gone || l.busy() {
		return nil, false, nil
	}
	if len(l.queue) == 0 && l.next != 0 && l.next <= l.c.now() {
		if err := l.reload(ctx); err != nil {
			return nil, false, err
		}
	}
	if len(l.queue) > 0 {
		d := l.queue[0]
		l.queue = l.queue[1:]
		return &task{line: l, d: d}, false, nil
	}
	hold := l.e.InOrder && l.waiting > 0 || l.waiting >= maxWaiting && l.streak >= streakOf
	for _, k := range l.courses {
		for k.given < k.end(l.c.book.Event) {
			if hold {
				return nil, true, nil
			}
			if len(k.page) == 0 || k.page[0].No != k.given+1 {
				if k.page, err = l.c.feed.after(ctx, k.given); err != nil || len(k.page) == 0 {
					return nil, false, err
				}
			}
			ev := k.page[0]
			k.page, k.given = k.page[1:], ev.No
			if !l.c.post.picks(l.e, ev.Name) {
				k.finish(ev.No)
				continue
			}
			d := desk.Delivery{
				ID: desk.ID(fmt.Sprintf("%s/%d", k.ID, ev.No)), Endpoint: l.e.ID, Event: ev.No, EventID: ev.ID, Name: ev.Name,
				State: desk.DeliveryWaiting, CreatedAt: ev.At,
			}
			if k.Last > 0 {
				d.CreatedAt = k.CreatedAt
			}
			return &task{line: l, of: k, ev: ev, d: d}, false, nil
		}
	}
	return nil, false, nil
}

// busy says that as many attempts are under way as may be.
func (l *line) busy() bool {
	if l.e.InOrder {
		return len(l.flying) > 0
	}
	return len(l.flying) >= l.window
}

// reload reads what waits and is due, and when the next will be.
func (l *line) reload(ctx context.Context) error {
	if err := l.c.flush(ctx); err != nil { // the postbox must know what we know
		return err
	}
	count := pageOf + len(l.flying)
	rows, err := l.c.post.desk.Store.Deliveries(ctx, desk.DeliveryQuery{Book: l.c.id, Endpoint: l.e.ID, Due: math.MaxInt64, Count: count})
	if err != nil {
		return err
	}
	l.queue, l.next, l.waiting = nil, 0, len(rows)
	now := l.c.now()
	for _, d := range rows {
		switch {
		case l.flying[d.ID]:
		case d.DueAt <= now:
			l.queue = append(l.queue, d)
		case l.next == 0:
			l.next = d.DueAt
		}
	}
	if l.next == 0 && len(rows) == count {
		l.next = now // there are more than were read
	}
	return nil
}

// later notes that a delivery waits until a moment.
func (l *line) later(at ledger.Time) {
	if l.next == 0 || at < l.next {
		l.next = at
	}
}

// took widens or narrows the window: an endpoint that fails is not given more
// at once than it needs to show that it is back.
func (l *line) took(ok bool) {
	if ok {
		l.streak = 0
		l.window = min(l.window+1, maxWindow)
		return
	}
	l.streak++
	l.window = max(l.window/2, 1)
}

// A feed reads the events of a book for all its lines: most of the time they
// are at the same place.
type feed struct {
	c    *carrier
	page []desk.Event
}

// after is a page of events from the one after a number on.
func (f *feed) after(ctx context.Context, no int64) ([]desk.Event, error) {
	if n := len(f.page); n > 0 && f.page[0].No <= no+1 && no+1 <= f.page[n-1].No {
		return f.page[no+1-f.page[0].No:], nil
	}
	page, err := f.c.post.desk.Store.Events(ctx, f.c.id, no, pageOf)
	if err == nil {
		f.page = page
	}
	return page, err
}
