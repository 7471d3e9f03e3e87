// Package sqlstore keeps books in SQLite or PostgreSQL. It implements the
// ports of package desk: changes to one book happen one after another, in one
// order, on however many servers, and are answered only when they are on disk.
//
// All that waits for a book is taken together, run one by one over what is in
// memory, and written in one transaction (batch.go). The row of the book is
// the only lock there is. What differs between the two databases is an engine
// (engine.go); what lies in which column is a table (tables.go).
package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"wapas/archive"
	"wapas/desk"
	"wapas/ledger"
)

// Options are what a store may be told. The zero value is right for a server.
type Options struct {
	Now     func() time.Time // the wall's clock
	Random  func() uint64    // for ids
	Writers int              // connections that write at once (PostgreSQL); 8 if zero
	Readers int              // connections that read; 8 if zero
	Rows    int              // rows kept in memory between batches, and as many again that were used lately; 100,000 if zero
	// Archive is the folder of the files of archives. If it is empty, it is beside a
	// SQLite database, under its name and .archive; for PostgreSQL there is none.
	Archive string
	// Batch, if it is not nil, is told of every batch that was kept: how many
	// changes shared it and how long it took from its first read to its commit.
	Batch func(changes int, took time.Duration)
	// Break, if it is not nil, says whether the connection breaks now: before a
	// commit is sent, or after it was made and before anybody heard. It is for
	// simulations.
	Break func(made bool) bool
	// Statement, if it is not nil, is told of every statement before it is sent. It
	// is for tests.
	Statement func(sql string)
}

// A Store keeps books in one database.
type Store struct {
	*engine
	db     database
	now    func() time.Time
	random func() uint64
	batch  func(changes int, took time.Duration)
	breaks func(made bool) bool
	citus  bool // the database is one of a cluster: see distribute.go
	health health
	trying chan struct{} // held by who tries to write: see Writable
	shelf  shelf

	closing sync.Once
	closed  error

	books *books
}

// Open opens the database at an address: sqlite:PATH, which is created if need
// be, or postgres://…. It does not touch the schema: see Migrate and Check.
func Open(ctx context.Context, address string, o Options) (*Store, error) {
	st := &Store{now: o.Now, random: o.Random, batch: o.Batch, breaks: o.Break, health: newHealth(), trying: make(chan struct{}, 1)}
	st.shelf = shelf{folder: o.Archive, books: map[desk.BookID][]Archive{}, files: map[string]*archive.File{}}
	if st.now == nil {
		st.now = time.Now
	}
	if st.random == nil {
		st.random = rand.Uint64
	}
	for _, d := range []struct {
		option *int
		zero   int
	}{{&o.Writers, 8}, {&o.Readers, 8}, {&o.Rows, 100_000}} {
		if *d.option == 0 {
			*d.option = d.zero
		}
	}
	st.books = newBooks(o.Rows)
	var err error
	if path, ok := sqlitePath(address); ok {
		st.engine = &sqliteEngine
		st.db, err = openSQLite(path, o.Readers)
		if st.shelf.folder == "" {
			st.shelf.folder = ArchivesBeside(path)
		}
	} else if strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://") {
		st.engine = &postgresEngine
		var db *postgresDB
		if db, err = openPostgres(ctx, address, o.Writers, o.Readers); err == nil {
			db, err = st.cluster(ctx, db, address, o)
		}
		st.db = db
	} else {
		err = fmt.Errorf("no database at %q: say sqlite:PATH or postgres://USER@HOST/NAME", address)
	}
	if err != nil {
		return nil, err
	}
	if o.Statement != nil {
		st.db = traced{st.db, o.Statement}
	}
	return st, nil
}

// Close waits for the batches under way and closes the database. Closing again
// does nothing.
func (st *Store) Close() error {
	st.closing.Do(func() { st.closed = st.db.close() })
	return st.closed
}

// Engine is "sqlite" or "postgres".
func (st *Store) Engine() string { return st.engine.name }

// A queue holds the changes that wait for a book. One of their callers at a
// time is the leader: it makes one batch of all that wait, its own change
// among them, and hands the lead to a caller that came meanwhile. No goroutine
// and no timer is involved: a batch is what waits.
type queue struct {
	book desk.BookID

	mu      sync.Mutex
	waiting []*request
	led     bool
	last    int // how many changes the last batch took

	cache *cache // only the leader touches it
	rows  int    // how many it had after the last batch: see books

	looks lookout
}

// A request is a change that waits for its turn.
type request struct {
	ctx   context.Context
	reads []desk.Ref
	do    func(desk.Tx) error
	err   error
	done  bool
	turn  chan struct{} // closed or sent to when err is set, or when the request is to lead
}

// maxRows is how many rows a transaction has at most when it takes one change
// more: those that come after wait for the next. A large change is alone.
const maxRows = 10_000

// Change runs do as the next change to the book and returns once it is
// durable. See desk.Store. A cancelled context takes a change back that has
// not been begun; one that has is waited for.
func (st *Store) Change(ctx context.Context, book desk.BookID, reads []desk.Ref, do func(tx desk.Tx) error) error {
	q := st.books.queue(book)
	r := &request{ctx: ctx, reads: reads, do: do, turn: make(chan struct{}, 1)}

	q.mu.Lock()
	q.waiting = append(q.waiting, r)
	lead := !q.led
	q.led = true
	q.mu.Unlock()

	if !lead {
		select {
		case <-r.turn:
		case <-ctx.Done():
			if q.withdraw(r) {
				return ctx.Err()
			}
			<-r.turn // it was taken: it leads, or its batch is under way
		}
		if r.done {
			return r.err
		}
	}
	st.lead(q)
	return r.err
}

// withdraw takes a request back unless it was taken already.
func (q *queue) withdraw(r *request) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i, w := range q.waiting {
		if w == r && len(r.turn) == 0 {
			q.waiting = append(q.waiting[:i:i], q.waiting[i+1:]...)
			return true
		}
	}
	return false
}

// share is how many of the changes that wait are to share a transaction: half of
// all there seem to be, with those of the batch before, whose callers come again
// meanwhile. If all went together, nobody would be there while they are made; and
// while their callers write the next requests, nothing would be made. A few are
// not worth the parting.
func (q *queue) share() int {
	n := len(q.waiting)
	return min(n, max(fewest, (n+q.last+1)/2), mostTogether)
}

const (
	fewest       = 8   // changes that are not parted
	mostTogether = 512 // changes of one transaction
)

// lead makes one batch of what waits and passes the lead on, whatever happens:
// a book whose lead is lost would never be changed again. If the batch breaks
// off, its callers are not told that their changes were kept.
func (st *Store) lead(q *queue) {
	q.mu.Lock()
	if len(q.waiting) == 1 && q.last >= fewest {
		// Those whose answers were written a moment ago are about to come again:
		// whoever runs already is let in first.
		q.mu.Unlock()
		runtime.Gosched()
		q.mu.Lock()
	}
	take := q.share()
	requests := q.waiting[:take:take]
	q.waiting, q.last = q.waiting[take:], take
	q.mu.Unlock()

	var rest []*request // for which there was no room
	var done int
	whole, kept := false, false
	defer func() {
		if !whole {
			q.cache.clear()
			answer(requests, &ledger.Error{Code: ledger.Internal, Err: fmt.Errorf("a batch broke off: %v\n%s", recover(), stack())})
		}
		st.books.weigh(q)
		q.mu.Lock()
		q.waiting = append(rest, q.waiting...)
		if len(q.waiting) > 0 {
			q.waiting[0].turn <- struct{}{} // not done: it is to lead
		} else {
			q.led, q.waiting = false, nil
		}
		q.mu.Unlock()
		// The next batch is under way while the disk takes this one. A refusal waits
		// as well: it may rest on what was written a moment ago.
		if err := st.db.settle(); err != nil {
			st.health.bad(err, true)
			answer(requests, &unknownError{lost: err})
		} else if kept {
			st.health.good()
		}
		for _, r := range requests {
			r.done = true
			r.turn <- struct{}{}
		}
	}()
	done, kept = st.commit(q, requests)
	requests, rest = requests[:done], slices.Clone(requests[done:])
	whole = true
}

// commit makes the batch, and sets the answers of the first requests, of as many
// as there was room for. Kept says that a change of them was written.
func (st *Store) commit(q *queue, requests []*request) (done int, kept bool) {
	deadline := time.Now().Add(retryFor)
	for try := 0; ; try++ {
		began := time.Now()
		b := &batch{store: st, queue: q, cache: q.cache, requests: requests, wall: ledger.At(st.now())}
		err := b.run()
		st.ailing(err)
		switch {
		case err == nil:
			if st.batch != nil {
				st.batch(len(b.requests), time.Since(began))
			}
			return len(b.requests), b.kept
		case errors.As(err, new(*unknownError)), errors.Is(err, errClosed):
			q.cache.clear()
			answer(requests, err)
			return len(requests), false
		case st.retry(err) || st.lost(err) || errors.Is(err, errNotThere):
			// The batch did not happen, or it did and made sure of it: see run.
			q.cache.clear()
			if try >= 3 && time.Now().After(deadline) {
				answer(requests, err)
				return len(requests), false
			}
			time.Sleep(min(time.Duration(try*try)*time.Millisecond, time.Second))
		case len(requests) > 1:
			// One of them is at fault, and the others shall not suffer for it. Nothing
			// was kept, so each half is tried without the other.
			q.cache.clear()
			half := len(requests) / 2
			if done, kept = st.commit(q, requests[:half]); done < half {
				return done, kept
			}
			more, also := st.commit(q, requests[half:])
			return done + more, kept || also
		default:
			q.cache.clear()
			answer(requests, err)
			return len(requests), false
		}
	}
}

// Waiting is how many changes wait for their batch, over all books.
func (st *Store) Waiting() int {
	n := 0
	for _, q := range st.books.all() {
		q.mu.Lock()
		n += len(q.waiting)
		q.mu.Unlock()
	}
	return n
}

// errClosed says that the store was closed: nothing was begun.
var errClosed = errors.New("the store is closed")

// retryFor is how long a batch is tried again while the database cannot be
// had, before its callers hear of it.
const retryFor = 20 * time.Second

// answer gives every request that has none yet the same error.
func answer(requests []*request, err error) {
	for _, r := range requests {
		r.err = err
	}
}

func stack() []byte { return debug.Stack() }
