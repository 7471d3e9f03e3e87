// Package desk is what the business does. Every change to a book goes through
// a Desk: one method for each thing that can be done, each a single change,
// each first reading, then checking everything in a documented order, then
// writing. It owns the ports Store and Tx, and knows no database and no wire.
package desk

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"wapas/ledger"
	"wapas/rail"
)

// A Desk changes books. Its fields are set once, before it is used.
type Desk struct {
	Store Store
	Now   func() time.Time
	Log   *slog.Logger
	// Rails are the doors to outside money by name; every order names one.
	Rails map[string]rail.Rail
	// Sealer opens and closes the secrets that are kept sealed.
	Sealer Sealer
	// Sender brings texts to mobiles; nil if there is no gateway.
	Sender Sender
	// HashMemory is how many KiB the hash of a new password takes to make; 19 MiB
	// if it is zero. Tests, which hash a lot, take less.
	HashMemory uint32
	// Rate is how many requests a second each credential, and each session of the
	// console, may make here; zero is any number, MaxRate the highest.
	Rate int
	// Reach says what is wrong with where an endpoint of a live book lies, by what
	// the URL alone tells; nil finds nothing wrong.
	Reach func(url string) error

	// Violations counts the changes that were refused because a row would have
	// broken its own rule: a fault of this program, for which somebody should be
	// woken.
	Violations atomic.Int64

	inflight  sync.Map // book, scope and key of the keyed requests under way here
	callers   callers  // credentials looked up a moment ago
	sessions  sessions // likewise
	paces     paces    // of credentials
	strangers paces    // of those who show wrong ones, by network
	hashing   turns    // of those who have a password compared
	bell      bell     // rung when a change has made something due
	news      news     // of books with new events
	checkups  checkups // that people have asked for
}

// A change is a Tx with the desk's own habits: the book's time, rows by type,
// entries worked out and checked before they are kept.
type change struct {
	Tx
	desk  *Desk
	book  Book
	now   ledger.Time
	put   []Row
	facts []fact // what hours count
	due   bool   // something is due as soon as this change is kept
	told  bool   // an event was recorded
	hears bool   // of an endpoint that may be new
	dry   bool   // what is done is only looked at: see checkRows

	actor   *Actor // who is to be written down for it, if somebody is
	minted  []ID   // ids, if somebody is
	turned  bool   // the book's own row was replaced
	refused bool   // what is kept is that it was refused
}

// change runs do as one change to the book. When do is done, every row it put
// is held against its own rule (Check) before anything is kept.
func (d *Desk) change(ctx context.Context, book BookID, reads []Ref, do func(c *change) error) error {
	due, told, hears := false, false, false
	errand, actor, trial := errandOf(ctx, book), actorOf(ctx), trialOf(ctx)
	trial.begin()
	err := d.Store.Change(ctx, book, append(reads, errand.reads()...), func(tx Tx) error {
		b := tx.Book()
		c := &change{Tx: trial.on(tx), desk: d, book: b, now: b.Clock.Now(ledger.At(d.Now())), actor: actor}
		defer func() { due, told, hears = c.due, c.told, c.hears }()
		if err := errand.run(c, do); err != nil {
			return err
		}
		c.witness()
		if err := c.count(); err != nil {
			return err
		}
		for _, r := range c.put {
			if k, ok := r.(interface{ Check() error }); ok {
				if err := k.Check(); err != nil {
					d.Violations.Add(1)
					d.Log.Error("invariant violated: change refused", "book", book, "row", r.RowID(), "err", err)
					return ledger.Refuse(ledger.Internal, "invariant", "%v", err)
				}
			}
		}
		return trial.end(c)
	})
	if err == errThrown {
		return nil
	}
	if err == nil && due {
		d.bell.ring()
	}
	if err == nil && told {
		d.news.of(book, hears)
	}
	return errand.kept(err)
}

// Put keeps rows, and remembers them for the check at the end of the change.
func (c *change) Put(rows ...Row) {
	c.put = append(c.put, rows...)
	c.Tx.Put(rows...)
}

// Reset forgets what the change has written so far.
func (c *change) Reset() {
	c.put, c.facts, c.due, c.told, c.hears = nil, nil, false, false, false
	c.minted, c.turned = nil, false
	c.Tx.Reset()
}

// get reads a row by its type; ok says whether it is there.
func get[R Row](c *change, id ID) (row R, ok bool, err error) {
	r, err := c.Get(row.Kind(), id)
	if err != nil || r == nil {
		return row, false, err
	}
	return r.(R), true, nil
}

// need reads a row that must be there: NotFound, naming field, if it is not.
func need[R Row](c *change, id ID, field string) (R, error) {
	row, ok, err := get[R](c, id)
	if err == nil && !ok {
		err = ledger.Refuse(ledger.NotFound, WhyUnknownID, "%s", id).In(field)
	}
	return row, err
}

// under reads the rows of a type that have this parent, oldest first.
func under[R Row](c *change, parent ID) ([]R, error) {
	var zero R
	rows, err := c.Under(zero.Kind(), parent)
	if err != nil {
		return nil, err
	}
	out := make([]R, len(rows))
	for i, r := range rows {
		out[i] = r.(R)
	}
	return out, nil
}

// find reads a row outside a change: NotFound if it is not there.
func find[R Row](ctx context.Context, d *Desk, book BookID, id ID) (R, error) {
	var zero R
	r, err := d.Store.Find(ctx, book, zero.Kind(), id)
	if err != nil {
		return zero, err
	}
	if r == nil {
		return zero, ledger.Refuse(ledger.NotFound, WhyUnknownID, "%s", id)
	}
	return r.(R), nil
}

// Find reads one row of a book by its type: NotFound (WhyUnknownID) if there
// is none.
func Find[R Row](ctx context.Context, d *Desk, book BookID, id ID) (R, error) {
	return find[R](ctx, d, book, id)
}

// List reads a page of rows of one type; q.Kind is set from it.
func List[R Row](ctx context.Context, d *Desk, q Query) ([]R, error) {
	var zero R
	q.Kind = zero.Kind()
	rows, err := d.Store.List(ctx, q)
	if err != nil {
		return nil, err
	}
	out := make([]R, len(rows))
	for i, r := range rows {
		out[i] = r.(R)
	}
	return out, nil
}

// post writes an entry. An account that would fall below its floor is refused
// as Insufficient with the account in Field; rooms see the why the caller
// gives instead where it matters. An empty journal writes nothing.
func (c *change) post(reason ledger.Reason, cause ID, j ledger.Journal) (int64, error) {
	return c.postOver(reason, cause, j, nil)
}

// postOver is post with other floors than the chart's for some accounts.
func (c *change) postOver(reason ledger.Reason, cause ID, j ledger.Journal, floors map[ledger.AccountID]ledger.Amount) (int64, error) {
	if len(j) == 0 {
		return 0, nil
	}
	ids := make([]ledger.AccountID, len(j))
	for i, p := range j {
		ids[i] = p.Account
	}
	as, err := c.Accounts(ids...)
	if err != nil {
		return 0, err
	}
	lines, after, err := as.Apply(j, floors)
	if err != nil {
		return 0, err
	}
	c.noted(reason, cause)
	return c.Record(Entry{Reason: reason, Cause: cause, At: c.now}, lines, after), nil
}

// balance reads one account's balance.
func (c *change) balance(id ledger.AccountID) (ledger.Amount, error) {
	as, err := c.Accounts(id)
	return as[id].Amount, err
}

// emit records an event about rows as they stand.
func (c *change) emit(name string, about ...Row) {
	c.told = true
	c.Emit(name, c.now, about...)
}

// timer is the timer of a sort for a thing.
func timer(what string, subject ID, at ledger.Time) Timer {
	return Timer{ID: ID(what) + "/" + subject, What: what, Subject: subject, At: at}
}

// wait sets a timer: at a moment of the book's time, what is due for subject.
// A timer of the same sort for the same subject is moved.
func (c *change) wait(what string, subject ID, at ledger.Time) error {
	t := timer(what, subject, at)
	if _, _, err := get[Timer](c, t.ID); err != nil {
		return err
	}
	c.Put(t)
	return c.wake(at)
}

// unwait ends a timer. Rows are never deleted: a timer that has ended stands
// at zero, and is not due.
func (c *change) unwait(what string, subject ID) error {
	t, ok, err := get[Timer](c, ID(what)+"/"+subject)
	if err == nil && ok && t.At != 0 {
		t.At = 0
		c.Put(t)
	}
	return err
}

// wake makes sure that the book is looked at when its time is at.
func (c *change) wake(at ledger.Time) error {
	b := c.Book()
	wall := ledger.At(c.desk.Now())
	w := b.Clock.Wall(at, wall)
	c.due = c.due || w == wall
	if w != 0 && (b.Wake == 0 || w < b.Wake) {
		b.Wake = w
		c.PutBook(b)
	}
	return nil
}

// A Once says which request this is: the same scope and key is the same
// request again. Digest is a hash of the request as it was understood. The
// zero Once is a request without a key, which is always a new one.
type Once struct {
	Scope  string // room and operation
	Key    string
	Digest string
	// Refuse says that any second use of the key is refused as Duplicate;
	// otherwise the same request hears the first answer again and another one
	// is refused as Mismatch.
	Refuse bool
	// Busy says that a second use while the first is under way is refused at
	// once as Busy; otherwise it waits for the first.
	Busy bool
	// Forget says that a refusal is not remembered, because the caller has no
	// other key for when its reason is gone.
	Forget bool
}

// once runs do as one change, at most once for a key, and remembers its
// answer for good: the row it returned, or its refusal if that was for the
// state of the books (NotFound and later). What never reached the books
// (Invalid and earlier) and our own faults are forgotten.
func once[R Row](ctx context.Context, d *Desk, book BookID, key Once, reads []Ref, do func(c *change) (R, error)) (R, error) {
	var answer R
	if key.Key == "" {
		err := d.change(ctx, book, reads, func(c *change) (err error) {
			answer, err = do(c)
			return err
		})
		return answer, err
	}
	id := ID(key.Scope + "/" + key.Key)
	if key.Busy {
		flight := fmt.Sprintf("%d/%s", book, id)
		if _, running := d.inflight.LoadOrStore(flight, true); running {
			return answer, ledger.Refuse(ledger.Busy, WhyInProgress, "%s", key.Key)
		}
		defer d.inflight.Delete(flight)
	}
	var refused error // kept under the key, so the change itself succeeds
	err := d.change(ctx, book, append(reads, Ref{Kind: KindKey, ID: id}), func(c *change) error {
		refused = nil
		k, seen, err := get[Key](c, id)
		switch {
		case err != nil:
			return err
		case seen && key.Refuse:
			return ledger.Refuse(ledger.Duplicate, WhyKeyUsed, "%s", key.Key)
		case seen && k.Digest != key.Digest:
			return ledger.Refuse(ledger.Mismatch, WhyKeyMismatch, "%s", key.Key)
		case seen && k.Code != "":
			return k.refusal()
		case seen:
			rows, err := c.Restore(k.Refs)
			if err == nil {
				answer = rows[0].(R)
			}
			return err
		}
		k = Key{ID: id, Digest: key.Digest, CreatedAt: c.now}
		answer, err = do(c)
		if err != nil {
			e, kept := memorable(err)
			if !kept || key.Forget {
				return err
			}
			c.Reset()
			k.Code, k.Why, k.Field, k.Detail = string(e.Code), string(e.Why), e.Field, e.Detail
			refused, c.refused = err, true
		} else {
			k.Refs = c.Snapshot(answer)
		}
		c.Put(k)
		return nil
	})
	if err == nil {
		err = refused
	}
	return answer, err
}

// refusal is the refusal that a key remembers.
func (k Key) refusal() error {
	return &ledger.Error{Code: ledger.Code(k.Code), Why: ledger.Why(k.Why), Field: k.Field, Detail: k.Detail}
}

// memorable says whether a refusal was for the state of the books.
func memorable(err error) (*ledger.Error, bool) {
	e, ok := err.(*ledger.Error)
	if !ok {
		return nil, false
	}
	switch e.Code {
	case ledger.NotFound, ledger.WrongState, ledger.Exceeds, ledger.Insufficient, ledger.Duplicate:
		return e, true
	}
	return nil, false
}

// The rules that any operation may refuse by.
const (
	WhyUnknownID   ledger.Why = "unknown_id"   // NotFound: no such thing in this book
	WhyKeyUsed     ledger.Why = "key_used"     // Duplicate
	WhyKeyMismatch ledger.Why = "key_mismatch" // Mismatch
	WhyInProgress  ledger.Why = "in_progress"  // Busy
)

// ref names a row that a change will look at; refs under a parent and
// balances have their own.
func ref[R Row](id ID) Ref {
	var zero R
	return Ref{Kind: zero.Kind(), ID: id}
}

// refUnder names all rows of a type under a parent.
func refUnder[R Row](parent ID) Ref {
	var zero R
	return Ref{Kind: zero.Kind(), ID: parent, Under: true}
}

// refAccount names an account's balance.
func refAccount(id ledger.AccountID) Ref { return Ref{Kind: KindAccount, ID: ID(id)} }

// Prefix is the part of an id that says what it is: "pay" of "pay_…".
func (id ID) Prefix() string {
	p, _, found := strings.Cut(string(id), "_")
	if !found {
		return ""
	}
	return p
}
