package desk

import (
	"context"

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
