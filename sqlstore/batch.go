package sqlstore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"wapas/desk"
	"wapas/ledger"
)

const (
	begin  = "BEGIN"
	commit = "COMMIT"
)

// A batch is the changes of one book that share a transaction.
type batch struct {
	store    *Store
	queue    *queue
	cache    *cache
	requests []*request
	wall     ledger.Time

	w      writer
	was    desk.Book  // the book's row as it was locked
	all    *view      // what the batch has written so far
	fail   error      // the first error of the database while changes ran
	again  int        // how often the changes ran before: see changes
	gather bool       // what is not in memory is noted in missed, and not read
	missed []desk.Ref // of each change, or part of one, the first
	lacks  bool       // what runs has missed something, and is no use any more
	kept   bool       // it was committed
}

// run makes the batch: lock the book, load, run the changes one by one over
// what is in memory, write what they wrote, seal, commit. When it returns nil
// every request has its answer and what was answered is durable. When it
// returns an error nothing of the batch was kept.
func (b *batch) run() error {
	ctx := context.Background()
	w, err := b.store.db.writer(ctx)
	if err != nil {
		return err
	}
	b.w = w
	clean := false
	defer func() { b.w.close(clean) }()

	if err := b.lock(ctx); err != nil {
		return err
	}
	if b.was.ID == 0 {
		answer(b.requests, ledger.Refuse(ledger.NotFound, "unknown_book", "book %d", b.queue.book))
		return nil
	}
	if err := b.changes(); err != nil {
		return err
	}
	if b.all.empty(b.was) {
		return nil // the lock is rolled back: nothing to keep
	}
	b.seal()
	err = b.finish(ctx)
	if err != nil && (err == errBroken || b.store.lost(err)) {
		if err = b.look(ctx, err); err == nil {
			b.adopt()
		}
		return err
	}
	if err != nil {
		return err
	}
	clean = true
	b.adopt()
	return nil
}

// gatherFrom is from how many changes on a batch runs them once more rather than
// have each read by itself what is not in memory; gatherTimes how often.
const (
	gatherFrom  = 4
	gatherTimes = 3
)

// changes runs the changes one by one. What one looks at without having said so
// (the balance of a wallet whose id is in a row that it reads first) would be a
// round trip for it alone. So all of them run to where they first miss something,
// what they miss is read together, and they run again from the beginning. So do the
// parts of a single change.
func (b *batch) changes() error {
	for b.again = range gatherTimes + 1 {
		b.gather = len(b.requests) >= gatherFrom && b.again < gatherTimes
		b.all, b.missed = newView(b.was), nil
		for i, r := range b.requests {
			if i > 0 && b.all.size() > maxRows {
				b.requests = b.requests[:i]
				break
			}
			if r.err = r.ctx.Err(); r.err == nil {
				r.err = b.change(r.do)
			}
			if b.fail != nil {
				return b.fail
			}
		}
		if b.missed == nil {
			break
		}
		b.gather = false
		if err := b.load(b.missed); err != nil {
			return err
		}
	}
	return nil
}

// finish writes what the changes wrote, and commits.
func (b *batch) finish(ctx context.Context) error {
	breaks := b.store.breaks
	if breaks != nil && breaks(false) {
		return errBroken
	}
	err := b.w.run(ctx, append(b.writes(), stmt{sql: commit}))
	if err == nil && breaks != nil && breaks(true) {
		return errBroken
	}
	return err
}

// lock begins the transaction, locks the book's row and loads what the
// requests said they would read, in one round trip. If another server has
// changed the book since the cache was filled, the cache is emptied first and
// a second round trip loads it anew.
func (b *batch) lock(ctx context.Context) error {
	b.cache.turn()
	var refs []desk.Ref
	for _, r := range b.requests {
		refs = append(refs, r.reads...)
	}
	missing := b.missing(refs)
	var reads loads
	stmts := append([]stmt{{sql: begin}, b.store.lockBook(b.queue.book, &b.was)}, reads.stmts(b.store.engine, b.queue.book, missing)...)
	if err := b.w.run(ctx, stmts); err != nil {
		return err
	}
	if b.was.Hash == b.cache.hash {
		reads.into(b.cache)
		return nil
	}
	b.cache.clear()
	b.cache.hash = b.was.Hash
	if len(missing) == len(b.missing(refs)) {
		reads.into(b.cache) // the cache knew nothing of it, so all was just read
		return nil
	}
	return b.load(refs)
}

// missing are the refs that the cache cannot answer.
func (b *batch) missing(refs []desk.Ref) []desk.Ref {
	var missing []desk.Ref
	for _, r := range refs {
		if r.ID == "" {
			continue
		}
		var ok bool
		switch {
		case r.Kind == desk.KindAccount:
			_, ok = b.cache.balance(ledger.AccountID(r.ID))
		case r.Under:
			_, ok = b.cache.set(setKey{r.Kind, r.ID})
		default:
			_, ok = b.cache.row(rowKey{r.Kind, r.ID})
		}
		if !ok {
			missing = append(missing, r)
		}
	}
	return missing
}

// load reads rows into the cache while the batch runs. Its errors end the
// batch, whatever the change that met them makes of them.
func (b *batch) load(refs []desk.Ref) error {
	if b.gather {
		if !b.lacks {
			b.missed, b.lacks = append(b.missed, refs...), true
		}
		return errMissed
	}
	var reads loads
	if err := b.w.run(context.Background(), reads.stmts(b.store.engine, b.queue.book, refs)); err != nil {
		b.fail = err
		return err
	}
	reads.into(b.cache)
	return nil
}

// loads collects what is read for the cache.
type loads struct {
	asked    []desk.Ref
	rows     []desk.Row
	balances map[ledger.AccountID]ledger.Balance
}

// stmts makes one statement for each table that is to be read, and one more for
// each table in which rows under a parent are.
func (l *loads) stmts(e *engine, book desk.BookID, refs []desk.Ref) []stmt {
	l.asked = refs
	var one, under [desk.Kinds][]string
	seen := make(map[desk.Ref]bool, len(refs))
	for _, r := range refs {
		if seen[r] {
			continue
		}
		seen[r] = true
		if r.Under {
			under[r.Kind] = append(under[r.Kind], string(r.ID))
		} else {
			one[r.Kind] = append(one[r.Kind], string(r.ID))
		}
	}
	var stmts []stmt
	if ids := one[desk.KindAccount]; ids != nil {
		l.balances = make(map[ledger.AccountID]ledger.Balance, len(ids))
		stmts = append(stmts, stmt{
			sql:  e.selectAmong(accountCols, "accounts", "id"),
			args: []any{int64(book), e.list(ids)},
			each: func(scan func(...any) error) error {
				var id string
				var v ledger.Balance
				err := scan(&id, (*int64)(&v.Amount), &v.N)
				l.balances[ledger.AccountID(id)] = v
				return err
			},
		})
	}
	for kind, t := range tables {
		if t == nil {
			continue
		}
		each := func(scan func(...any) error) error {
			ptr := t.blank()
			err := scan(t.fields(ptr)...)
			l.rows = append(l.rows, t.value(ptr))
			return err
		}
		if ids := one[kind]; ids != nil {
			stmts = append(stmts, stmt{e.selectAmong(t.cols, t.name, "id"), []any{int64(book), e.list(ids)}, each})
		}
		if ids := under[kind]; ids != nil {
			if t.parent == everyRow {
				stmts = append(stmts, stmt{t.selectWhere("id > ''"), []any{int64(book)}, each})
				continue
			}
			stmts = append(stmts, stmt{e.selectAmong(t.cols, t.name, t.parent), []any{int64(book), e.list(ids)}, each})
		}
	}
	return stmts
}

func (t *table) selectWhere(where string) string {
	return "SELECT " + strings.Join(t.cols, ", ") + " FROM " + t.name + " WHERE book = $1 AND " + where
}

// into puts what was read in the cache: also that what was asked for and did
// not come is not there.
func (l *loads) into(c *cache) {
	for _, r := range l.asked {
		switch {
		case r.Kind == desk.KindAccount:
			c.young.balances[ledger.AccountID(r.ID)] = ledger.Balance{}
		case r.Under:
			c.young.sets[setKey{r.Kind, r.ID}] = nil
		default:
			c.young.rows[rowKey{r.Kind, r.ID}] = nil
		}
	}
	for id, v := range l.balances {
		c.young.balances[id] = v
	}
	for _, r := range l.rows {
		c.young.rows[keyOf(r)] = r
		c.join(r)
	}
}

// seal works out the seal of the batch: the digest of the state, and the hash of all
// that was added, chained to the seal before.
func (b *batch) seal() {
	state, err := parseDigest(b.was.State)
	if err != nil {
		panic(err) // the books contradict themselves
	}
	var buf []byte
	for _, k := range b.all.order {
		t := tables[k.kind]
		if old, _ := b.cache.row(k); old != nil {
			buf = t.encode(buf[:0], old)
			state.sub(buf)
		}
		buf = t.encode(buf[:0], b.all.rows[k])
		state.add(buf)
	}
	for id, v := range b.all.balances {
		if old, _ := b.cache.balance(id); old.N > 0 {
			buf = encodeBalance(buf[:0], id, old)
			state.sub(buf)
		}
		buf = encodeBalance(buf[:0], id, v)
		state.add(buf)
	}
	for _, l := range b.all.lines {
		buf = encodeLine(buf[:0], l)
		state.add(buf)
	}
	book := &b.all.book
	book.Seal = b.was.Seal + 1
	if b.was.Seal > 0 {
		state.sub(encodeBook(nil, b.was))
	}
	state.add(encodeBook(nil, *book))
	book.State = state.String()
	h := newSealHash(b.was.Hash, book, b.wall)
	for _, e := range b.all.entries {
		h.entry(e)
	}
	for _, e := range b.all.events {
		h.event(e)
	}
	book.Hash = h.sum()
}

// adopt takes what the batch wrote into the cache.
func (b *batch) adopt() {
	b.kept = true
	c := b.cache
	for _, k := range b.all.order {
		r := b.all.rows[k]
		if old, _ := c.row(k); old == nil && tables[k.kind].rare {
			delete(c.young.rows, k)
			delete(c.old.rows, k)
		} else {
			c.young.rows[k] = r
		}
		c.join(r)
	}
	for id, v := range b.all.balances {
		c.young.balances[id] = v
	}
	c.hash = b.all.book.Hash
}

// look finds out what became of a commit whose answer was lost. It locks the
// book again, which waits for the lost transaction if that is still under way,
// and looks for the seal. It returns nil if the batch was kept, and
// errNotThere if it was not.
func (b *batch) look(ctx context.Context, lost error) error {
	b.w.close(false)
	b.w = noWriter{}
	var last error
	for try := range 20 {
		last = b.lookOnce(ctx)
		if last == nil || errors.Is(last, errNotThere) {
			return last
		}
		if errors.Is(last, errClosed) {
			break
		}
		sleep(try)
	}
	return &unknownError{lost, last}
}

// An unknownError says that a batch may have been kept or not: the connection
// broke while it was committed, and the database could not be had since to look;
// or the disk did not take it. Such a batch is not made again.
type unknownError struct{ lost, since error }

func (e *unknownError) Error() string {
	if e.since == nil {
		return fmt.Sprintf("whether a change was kept is not known: %v", e.lost)
	}
	return fmt.Sprintf("whether a change was kept is not known: %v; since then: %v", e.lost, e.since)
}

func (b *batch) lookOnce(ctx context.Context) error {
	w, err := b.store.db.writer(ctx)
	if err != nil {
		return err
	}
	clean := false
	defer func() { w.close(clean) }()
	var book desk.Book
	var hash string
	err = w.run(ctx, []stmt{{sql: begin}, b.store.lockBook(b.queue.book, &book), {
		sql:  "SELECT hash FROM seals WHERE book = $1 AND n = $2",
		args: []any{int64(b.queue.book), b.all.book.Seal},
		each: func(scan func(...any) error) error { return scan(&hash) },
	}})
	if err == nil && hash != b.all.book.Hash {
		err = errNotThere
	}
	// That it can be seen is not enough where a standby has to have it too: a
	// commit of our own waits for that.
	if err == nil {
		err = w.run(ctx, []stmt{{sql: touch}, {sql: commit}})
		clean = err == nil
	}
	return err
}

// errMissed ends a change that lacks what is yet to be read. It runs again.
var errMissed = errors.New("what the change looks at is not in memory yet")

// errBroken is a connection that Options.Break broke.
var errBroken = errors.New("the connection was broken off")

var errNotThere = errors.New("the batch was not committed")

type noWriter struct{}

func (noWriter) run(context.Context, []stmt) error { return errNotThere }
func (noWriter) close(bool)                        {}

// A sealHash takes in what a batch wrote: what verify works out again from the
// tables.
type sealHash struct {
	buf []byte
	h   interface {
		Write([]byte) (int, error)
		Sum([]byte) []byte
	}
}

func newSealHash(before string, book *desk.Book, at ledger.Time) *sealHash {
	s := &sealHash{h: sha256.New()}
	fmt.Fprintf(s.h, "%s %d %d %d %d %d %s", before, book.ID, book.Seal, at, book.Entry, book.Event, book.State)
	return s
}

func (s *sealHash) write(fields ...any) {
	s.buf = s.buf[:0]
	for _, f := range fields {
		switch f := f.(type) {
		case string:
			s.buf = appendText(s.buf, f)
		case int64:
			s.buf = appendInt(s.buf, f)
		}
	}
	s.h.Write(s.buf)
}

func (s *sealHash) entry(e desk.EntryLines) {
	s.write("entry", e.No, string(e.Reason), string(e.Cause), int64(e.At))
	for _, l := range e.Lines {
		s.write(string(l.Account), l.N, int64(l.Side), int64(l.Amount), int64(l.Balance))
	}
}

func (s *sealHash) event(e event) {
	s.write("event", e.No, string(e.ID), e.Name, int64(e.At), e.about)
}

func (s *sealHash) sum() string { return hex.EncodeToString(s.h.Sum(nil)) }

func encodeLine(buf []byte, l desk.WalletLine) []byte {
	buf = appendInt(appendText(appendText(buf, "wallet_lines"), string(l.Wallet)), l.N)
	buf = appendInt(appendText(buf, string(l.ID)), l.Entry)
	buf = appendText(appendText(appendText(buf, string(l.Source)), l.Type), l.Description)
	for _, v := range []int64{int64(l.Credit), int64(l.Debit), int64(l.Balance), int64(l.CreatedAt)} {
		buf = appendInt(buf, v)
	}
	return buf
}

// encodeBook is the book's own row, less what the seal says itself.
func encodeBook(buf []byte, b desk.Book) []byte {
	buf = appendText(appendText(appendText(appendText(buf, "books"), string(b.Merchant)), string(b.Mode)), b.Name)
	for _, v := range []int64{int64(b.ID), int64(b.Clock.Frozen), int64(b.Clock.Ahead), int64(b.Wake), b.LastID, int64(b.CreatedAt)} {
		buf = appendInt(buf, v)
	}
	return buf
}

func encodeBalance(buf []byte, id ledger.AccountID, v ledger.Balance) []byte {
	buf = appendText(appendText(buf, "accounts"), string(id))
	return appendInt(appendInt(buf, int64(v.Amount)), v.N)
}
