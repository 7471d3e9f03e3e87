package desk

import (
	"context"
	"errors"
	"fmt"

	"wapas/ledger"
)

// Under makes whatever is asked of the desk with the context it returns happen
// once: the first change made with it keeps the key, together with what it
// does, and a later request under the same key changes nothing and ends with a
// Replay. The rows of the kind answer that the change put are what the Replay
// brings back, as they were; the zero kind keeps none. A request that put none
// changed nothing, so that its repeat is asked anew and hears what is true
// then. What was refused for the state of the books stays refused.
//
// A key is a passenger of the context because it has to reach the one change
// that every method of the desk ends in, whichever method that is. It never
// decides whose money moves. A method that is given a key of its own as well
// keeps both.
//
// Until end is called the request is under way. With key.Busy a second one
// under the same key is refused meanwhile as Busy, if it is on this server;
// elsewhere it waits, as changes to a book do.
func (d *Desk) Under(ctx context.Context, book BookID, key Once, answer Kind) (inside context.Context, end func(), err error) {
	if key.Key == "" {
		return ctx, func() {}, nil
	}
	e := &errand{Once: key, book: book, answer: answer}
	if !key.Busy {
		return context.WithValue(ctx, errandKey{}, e), func() {}, nil
	}
	flight := fmt.Sprintf("%d/%s", book, e.id())
	if _, running := d.inflight.LoadOrStore(flight, true); running {
		return ctx, nil, ledger.Refuse(ledger.Busy, WhyInProgress, "%s", key.Key)
	}
	return context.WithValue(ctx, errandKey{}, e), func() { d.inflight.Delete(flight) }, nil
}

// A Replay is what a change ends with that was made before under its key. Rows
// are what it answered then. If it was refused then, that is what a Replay
// unwraps to.
type Replay struct {
	Rows    []Row
	Refusal error
}

func (r *Replay) Error() string {
	if r.Refusal != nil {
		return r.Refusal.Error()
	}
	return "this was done before under its key"
}

func (r *Replay) Unwrap() error { return r.Refusal }

// An errand is a request under a key that is on its way to its change.
type errand struct {
	Once
	book    BookID
	answer  Kind
	spent   bool  // its change was kept
	refused error // what its change keeps instead of what it does
}

type errandKey struct{}

// noRow stands as Why in a Key that remembers that something was done, and no
// row with it.
const noRow = "no_row"

// errandOf is the errand that a change to a book runs, or nil.
func errandOf(ctx context.Context, book BookID) *errand {
	e, ok := ctx.Value(errandKey{}).(*errand)
	if !ok || e == nil || e.spent || e.book != book {
		return nil
	}
	return e
}

// id is under which a key is kept.
func (o Once) id() ID { return ID(o.Scope + "/" + o.Key) }

// reads are what the errand's change will look at besides.
func (e *errand) reads() []Ref {
	if e == nil {
		return nil
	}
	return []Ref{ref[Key](e.id())}
}

// run is do, at most once for the errand's key.
func (e *errand) run(c *change, do func(c *change) error) error {
	if e == nil {
		return do(c)
	}
	e.refused = nil
	k, seen, err := get[Key](c, e.id())
	switch {
	case err != nil:
		return err
	case seen && k.Digest != e.Digest:
		return ledger.Refuse(ledger.Mismatch, WhyKeyMismatch, "%s", e.Key)
	case seen && k.Code != "":
		return &Replay{Refusal: k.refusal()}
	case seen && k.Refs != "":
		rows, err := c.Restore(k.Refs)
		if err != nil {
			return err
		}
		return &Replay{Rows: rows}
	case seen && e.answer == 0:
		return &Replay{}
	case seen:
		return do(c)
	}
	k = Key{ID: e.id(), Digest: e.Digest, CreatedAt: c.now}
	if err := do(c); err != nil {
		r, kept := memorable(err)
		if !kept {
			return err
		}
		c.Reset()
		k.Code, k.Why, k.Field, k.Detail = string(r.Code), string(r.Why), r.Field, r.Detail
		e.refused, c.refused = err, true
	} else if rows := e.answers(c.put); len(rows) > 0 {
		k.Refs = c.Snapshot(rows...)
	} else {
		k.Why = noRow
	}
	c.Put(k)
	return nil
}

// answers are the last of each row of the errand's kind, in the order in which
// they were first put.
func (e *errand) answers(put []Row) (rows []Row) {
	at := map[ID]int{}
	for _, r := range put {
		if e.answer == 0 || r.Kind() != e.answer {
			continue
		}
		if i, there := at[r.RowID()]; there {
			rows[i] = r
			continue
		}
		at[r.RowID()] = len(rows)
		rows = append(rows, r)
	}
	return rows
}

// kept is how a change ends that was made for the errand.
func (e *errand) kept(err error) error {
	if e == nil || err != nil {
		return err
	}
	e.spent = true
	return e.refused
}

// IsReplay says whether an error is a Replay, and which.
func IsReplay(err error) (*Replay, bool) {
	var r *Replay
	ok := errors.As(err, &r)
	return r, ok
}

// Alone is the context without its key: what is asked with it happens as often
// as it is asked.
func Alone(ctx context.Context) context.Context {
	return context.WithValue(ctx, errandKey{}, (*errand)(nil))
}

// Claim keeps a key for a request that is many changes, each with a key of its
// own made of this one. Before says that the same request was here already; it
// refuses Mismatch if another one was.
func (d *Desk) Claim(ctx context.Context, book BookID, key Once) (before bool, err error) {
	id := (&errand{Once: key}).id()
	err = d.change(Alone(ctx), book, []Ref{ref[Key](id)}, func(c *change) error {
		k, seen, err := get[Key](c, id)
		switch {
		case err != nil:
			return err
		case seen && k.Digest != key.Digest:
			return ledger.Refuse(ledger.Mismatch, WhyKeyMismatch, "%s", key.Key)
		}
		if before = seen; !seen {
			c.Put(Key{ID: id, Digest: key.Digest, Why: noRow, CreatedAt: c.now})
		}
		return nil
	})
	return before, err
}
