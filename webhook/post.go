package webhook

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

// Options are what an operator may choose. The zero Options work.
type Options struct {
	// Guard is for live books; test books may send anywhere.
	Guard Guard
	// Keep is how long attempts, and deliveries that ended, are kept; 30 days if
	// zero.
	Keep time.Duration
	// Timeout is how long an answer may take; 5 seconds if zero, as the vendors
	// have it.
	Timeout time.Duration
	// Lease is how long a server that died is waited for before another delivers
	// for it; 6 seconds if zero.
	Lease time.Duration
	// Look is the time between looks for what other servers have recorded; half a
	// second if zero, and more where there is so much to look at that it would be
	// more than a twentieth of the time. What this server records is told at once.
	Look time.Duration
	// Requests is how many may be under way at once, besides one for each
	// endpoint; 256 if zero.
	Requests int
	// Transport makes the requests instead of a guarded connection of its own, and
	// Clock is what leases and pauses go by instead of the machine's clock: for
	// simulations.
	Transport http.RoundTripper
	Clock     func() time.Time
}

// How the loop goes about.
const (
	pruneEvery = time.Hour
	pruneSome  = 5000
	lingerFor  = 3 * time.Second // how long a book that has nothing to tell is kept in hand
)

// A Post delivers the events of all books. Any number may do so on one
// database: a lease says whose turn a book is.
type Post struct {
	desk    *desk.Desk
	opt     Options
	heralds map[string]Herald
	sender  *sender
	holder  string // this one's name on leases
	slots   chan struct{}
	counts  *counts

	mu        sync.Mutex
	wg        sync.WaitGroup
	books     map[desk.BookID]*carrier
	listening map[desk.BookID]bool // as it was at the last look
}

// New makes a post of the desk's events. Each herald speaks for one room.
func New(d *desk.Desk, o Options, heralds ...Herald) *Post {
	if o.Keep == 0 {
		o.Keep = 30 * 24 * time.Hour
	}
	if o.Timeout == 0 {
		o.Timeout = 5 * time.Second
	}
	if o.Lease == 0 {
		o.Lease = 6 * time.Second
	}
	if o.Look == 0 {
		o.Look = 500 * time.Millisecond
	}
	if o.Requests == 0 {
		o.Requests = 256
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	p := &Post{
		desk: d, opt: o, heralds: map[string]Herald{}, sender: newSender(o, d.Now), holder: desk.Letters(14),
		slots: make(chan struct{}, o.Requests), counts: newCounts(),
		books: map[desk.BookID]*carrier{}, listening: map[desk.BookID]bool{},
	}
	for _, h := range heralds {
		p.heralds[h.Room()] = h
	}
	return p
}

// Work delivers until ctx ends; then it finishes what is under way and writes
// it down.
//
// It hears at once of what happens on this server. What other servers record,
// and what a server that died left behind, it finds by looking now and then.
func (p *Post) Work(ctx context.Context) error {
	defer p.wg.Wait()
	news := p.desk.News()
	tick := time.NewTicker(p.opt.Look)
	defer tick.Stop()
	var pruned time.Time
	look := true
	for {
		if look {
			began := time.Now()
			if err := p.look(ctx); err != nil && ctx.Err() == nil {
				p.desk.Log.Error("could not look for events to deliver", "err", err)
			}
			tick.Reset(p.again(time.Since(began)))
			look = false
		}
		if now := time.Now(); now.Sub(pruned) > pruneEvery {
			pruned = now
			if err := p.prune(ctx); err != nil && ctx.Err() == nil {
				p.desk.Log.Error("could not delete old deliveries", "err", err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			look = true
		case <-news:
			for book, endpoints := range p.desk.Newsy() {
				p.poke(ctx, book, endpoints)
			}
		}
	}
}

// again is when to look again, after a look that took so long.
func (p *Post) again(took time.Duration) time.Duration { return max(p.opt.Look, 20*took) }

// poke has a book carried of which there is news, if it has listeners, or if its
// endpoints have changed.
func (p *Post) poke(ctx context.Context, book desk.BookID, endpoints bool) {
	p.mu.Lock()
	if endpoints {
		p.listening[book] = true
	}
	known := p.listening[book]
	c := p.books[book]
	p.mu.Unlock()
	switch {
	case c != nil:
		c.poke(endpoints)
	case known:
		p.take(ctx, book)
	}
}

// look takes up every book that has something to tell.
func (p *Post) look(ctx context.Context) error {
	all, err := p.desk.Store.Listening(ctx)
	if err != nil {
		return err
	}
	known := make(map[desk.BookID]bool, len(all))
	wall := ledger.At(p.desk.Now())
	for _, l := range all {
		known[l.ID] = true
		if l.Seen < l.Event || l.Due != 0 && l.Due <= l.Clock.Now(wall) {
			p.take(ctx, l.ID)
		}
	}
	p.mu.Lock()
	p.listening = known
	p.mu.Unlock()
	return nil
}

// take has a book carried, unless it is already.
func (p *Post) take(ctx context.Context, book desk.BookID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c := p.books[book]; c != nil {
		c.poke(false)
		return
	}
	c := newCarrier(p, book)
	p.books[book] = c
	p.wg.Go(func() {
		err := c.work(ctx, false)
		p.mu.Lock()
		delete(p.books, book)
		p.mu.Unlock()
		if err != nil && ctx.Err() == nil && !errors.Is(err, errLeased) {
			p.desk.Log.Error("could not deliver all events", "book", book, "err", err)
		}
	})
}

// Run delivers all that can be delivered of a book now, by the book's time, and
// returns when nothing is under way. It is for tests and tools: a server has
// Work, and a Post does one or the other.
func (p *Post) Run(ctx context.Context, book desk.BookID) error {
	return newCarrier(p, book).work(ctx, true)
}

// errLeased says that another server delivers for the book.
var errLeased = errors.New("another server delivers the events of this book")

// prune deletes what is old, of all books.
func (p *Post) prune(ctx context.Context) error {
	books, err := p.desk.Store.Delivered(ctx)
	if err != nil {
		return err
	}
	wall := ledger.At(p.desk.Now())
	for _, b := range books {
		for ctx.Err() == nil {
			gone, err := p.desk.Store.Prune(ctx, b.ID, wall.Add(-p.opt.Keep), b.Clock.Now(wall).Add(-p.opt.Keep), pruneSome)
			if err != nil {
				return err
			}
			if gone == 0 {
				break
			}
		}
	}
	return ctx.Err()
}

// Ping sends an endpoint an event that never happened, webhook.ping, about the
// endpoint itself, and returns what came back. It is logged like any attempt and
// not tried again. It refuses NotFound.
func (p *Post) Ping(ctx context.Context, book desk.BookID, endpoint desk.ID) (desk.Attempt, error) {
	b, err := p.desk.Store.Book(ctx, book)
	if err != nil {
		return desk.Attempt{}, err
	}
	e, err := p.desk.Endpoint(ctx, book, "", endpoint)
	if err != nil {
		return desk.Attempt{}, err
	}
	ev := desk.Event{
		No: b.Event, ID: desk.ID(desk.Letters(14)), Name: PingEvent, At: b.Clock.Now(ledger.At(p.desk.Now())),
	}
	m, err := p.tell(ctx, b, ev, e)
	if err != nil {
		return desk.Attempt{}, err
	}
	if m == nil || m.URL == "" && e.URL == "" {
		return desk.Attempt{}, ledger.Refuse(ledger.WrongState, WhyNoPing, "%s cannot be sent a ping", e.ID)
	}
	a, _ := p.sender.send(ctx, b, e, m, desk.Attempt{Delivery: "ping", Endpoint: e.ID, EventID: ev.ID, Name: ev.Name})
	return a, p.desk.Store.Keep(ctx, book, desk.Posted{Attempts: []desk.Attempt{a}})
}

// PingEvent is the name of the event that is no event.
const PingEvent = "webhook.ping"

// WhyNoPing refuses a ping (WrongState): the room has no word for one.
const WhyNoPing ledger.Why = "no_ping"

// picks says whether a herald may have something to tell an endpoint of an
// event.
func (p *Post) picks(e desk.Endpoint, name string) bool {
	h := p.heralds[e.Room]
	if picker, ok := h.(Picker); ok {
		return picker.Picks(e, name)
	}
	return h != nil
}

// tell asks an endpoint's herald for its message.
func (p *Post) tell(ctx context.Context, b desk.Book, ev desk.Event, e desk.Endpoint) (*Message, error) {
	h := p.heralds[e.Room]
	if h == nil {
		return nil, nil
	}
	secret, err := p.desk.SecretAt(e, ev.No)
	if err != nil {
		return nil, fmt.Errorf("sign for endpoint %s: %w", e.ID, err)
	}
	return h.Tell(ctx, Notice{Desk: p.desk, Book: b, Event: ev, Endpoint: e, Secret: secret})
}
