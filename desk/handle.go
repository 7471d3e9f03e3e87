package desk

import (
	"context"
	"strings"
	"time"

	"wapas/ledger"
)

// A Handle is what a caller of a room calls a thing: a merchant's own
// transaction id, a provider's reference. It means one thing for good. Wire is
// what the room must remember with it to answer as its vendor does: a JSON
// object that nobody here reads, or empty.
type Handle struct {
	ID        ID // HandleID of the room and the reference
	Of        ID // our own id of the thing
	Wire      string
	CreatedAt ledger.Time
}

func (r Handle) Kind() Kind { return KindHandle }
func (r Handle) RowID() ID  { return r.ID }
func (r Handle) Parent() ID { return r.Of }

// WhyHandleUsed refuses a reference that a caller has used for something else.
const WhyHandleUsed ledger.Why = "handle_used" // Duplicate

// HandleID is the id of a handle: the room (or a part of it, as phonepe.ref)
// and the reference.
func HandleID(room, reference string) ID { return ID(room + "/" + reference) }

// handle gives a thing a name that nothing else has: Duplicate (WhyHandleUsed)
// if it is taken, in the field given.
func (c *change) handle(id, of ID, wire, field string) error {
	_, used, err := get[Handle](c, id)
	switch {
	case err != nil:
		return err
	case used:
		return ledger.Refuse(ledger.Duplicate, WhyHandleUsed, "%s", id).In(field)
	}
	c.Put(Handle{ID: id, Of: of, Wire: wire, CreatedAt: c.now})
	return nil
}

// Handle reads a handle: NotFound (WhyUnknownID) if nothing has the name.
func (d *Desk) Handle(ctx context.Context, book BookID, id ID) (Handle, error) {
	return find[Handle](ctx, d, book, id)
}

// Handles are the names of a thing, in the order of the alphabet.
func (d *Desk) Handles(ctx context.Context, book BookID, of ID) ([]Handle, error) {
	return List[Handle](ctx, d, Query{Book: book, Parent: of, Oldest: true})
}

// Called says through which room a thing was asked for and what its caller
// calls it. The zero Called is a thing with no name but ours.
type Called struct {
	Room string // empty: razorpay
	// Handle is the caller's own name of it: HandleID of a room and the caller's
	// reference, with what the room must remember. Without an ID there is none.
	Handle Handle
	// Callback says that what the room remembers has an address in it that is to
	// be told what becomes of the thing.
	Callback bool
	// Ref is the caller's reference as a person knows it, for the rail.
	Ref string
	// Aliases are further names of it that are made of our id, such as the
	// references that a provider gives: pure, and different for every id.
	Aliases func(id ID) []ID `json:"-"`
}

// reads names what a change will look at for it.
func (q Called) reads() []Ref {
	var reads []Ref
	if q.Handle.ID != "" {
		reads = append(reads, ref[Handle](q.Handle.ID))
	}
	if q.Callback {
		reads = append(reads, ref[Endpoint](CallbackID(q.Room)))
	}
	return reads
}

// uncalled refuses Duplicate (WhyHandleUsed) if the caller's name is taken.
func (c *change) uncalled(q Called) error {
	if q.Handle.ID == "" {
		return nil
	}
	_, used, err := get[Handle](c, q.Handle.ID)
	if err == nil && used {
		err = ledger.Refuse(ledger.Duplicate, WhyHandleUsed, "%s", q.Handle.ID).In("reference")
	}
	return err
}

// call gives a new thing its names.
func (c *change) call(id ID, q Called) error {
	if q.Handle.ID != "" {
		if err := c.handle(q.Handle.ID, id, q.Handle.Wire, "reference"); err != nil {
			return err
		}
	}
	if q.Callback {
		if err := c.callback(q.Room); err != nil {
			return err
		}
	}
	if q.Aliases == nil {
		return nil
	}
	for _, alias := range q.Aliases(id) {
		if err := c.handle(alias, id, "", "reference"); err != nil {
			return err
		}
	}
	return nil
}

// Moment is when an id was minted, by the time of its book, to the nanosecond.
// No two ids of a book have the same. Ok is false for what is no id.
func (id ID) Moment() (at time.Time, ok bool) {
	if len(id) < 14 {
		return at, false
	}
	var nanos int64
	for _, c := range id[len(id)-14 : len(id)-4] {
		i := strings.IndexRune(base62, c)
		if i < 0 {
			return at, false
		}
		nanos = nanos*62 + int64(i)
	}
	return since2014.Add(time.Duration(nanos)), true
}

// FirstID is an id that sorts before every id with the prefix that is minted at
// a moment or later.
func FirstID(prefix string, at ledger.Time) ID {
	nanos := at.Std().Sub(since2014)
	var digits [10]byte
	for i, n := len(digits)-1, max(0, int64(nanos)); i >= 0; i-- {
		digits[i] = base62[n%62]
		n /= 62
	}
	return ID(prefix + "_" + string(digits[:]))
}

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

var since2014 = time.Date(2014, 1, 1, 0, 0, 0, 0, time.UTC)
