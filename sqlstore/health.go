package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Whether changes can be kept is known from those that are made. Where none is
// made it is tried, with a write that changes nothing.
const (
	freshFor = time.Second     // how long what a batch or a try has shown is believed
	ailsFor  = 5 * time.Second // how long trouble of the database's is held against it
)

// touch is a write that changes nothing.
const touch = "UPDATE migrations SET applied_at = applied_at WHERE name = (SELECT min(name) FROM migrations)"

// A health is what was seen last.
type health struct {
	turn chan struct{} // held by who reads or writes the rest

	kept, failed time.Time
	why          error // of failed
	lasting      bool  // it is not over because another change was kept
}

func newHealth() health { return health{turn: make(chan struct{}, 1)} }

// good notes that a write is on disk.
func (h *health) good() {
	h.turn <- struct{}{}
	defer func() { <-h.turn }()
	h.kept = time.Now()
	if !h.lasting {
		h.why = nil
	}
}

// bad notes why one is not.
func (h *health) bad(err error, lasting bool) {
	h.turn <- struct{}{}
	defer func() { <-h.turn }()
	h.failed, h.why, h.lasting = time.Now(), err, lasting
}

// seen is what is known already: ok if it needs no try.
func (h *health) seen() (err error, ok bool) {
	h.turn <- struct{}{}
	defer func() { <-h.turn }()
	if h.why != nil && time.Since(h.failed) >= ailsFor {
		h.why, h.lasting = nil, false
	}
	return h.why, h.why != nil || time.Since(h.kept) < freshFor
}

// Writable says why changes cannot be kept, or nil if they can: because one was
// kept a moment ago, or because a write was tried and is on disk. A line that broke
// is held against the database until another change is kept, a disk that is full or
// broken for five seconds: another change may still find room where one did not.
func (st *Store) Writable(ctx context.Context) error {
	if err := st.db.room(); err != nil {
		return fmt.Errorf("no change can be kept: %w", err)
	}
	err, ok := st.health.seen()
	if !ok {
		// One at a time, however many ask.
		select {
		case st.trying <- struct{}{}:
		case <-ctx.Done():
			return fmt.Errorf("no change can be kept: a write that was tried has not ended: %w", ctx.Err())
		}
		defer func() { <-st.trying }()
		if err, ok = st.health.seen(); !ok {
			err = st.db.exec(ctx, []stmt{{sql: touch}})
			if err == nil {
				st.health.good()
			}
		}
	}
	if err != nil {
		return fmt.Errorf("no change can be kept: %w", err)
	}
	return nil
}

// ailing notes an error of a batch if it is the database's own trouble.
func (st *Store) ailing(err error) {
	switch {
	case err == nil:
	case st.lost(err), errors.As(err, new(*unknownError)): // over once another is kept
		st.health.bad(err, false)
	case st.ails(err):
		st.health.bad(err, true)
	}
}
