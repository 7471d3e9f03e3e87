package sqlstore

import (
	"fmt"
	"maps"
	"slices"

	"wapas/desk"
	"wapas/ledger"
)

// A view is what changes have written: rows as they now are, and facts in the
// order in which they were added. A batch has one, and each change has its own
// on top, which is poured into the batch's if the change is not refused.
type view struct {
	book     desk.Book
	rows     map[rowKey]desk.Row
	order    []rowKey // in which rows were first put
	sets     map[setKey][]desk.ID
	balances map[ledger.AccountID]ledger.Balance
	entries  []desk.EntryLines
	lines    []desk.WalletLine
	events   []event
	hours    map[desk.HourKey]desk.Hour // what is counted more
}

// An event, with its rows already written down.
type event struct {
	desk.Event
	about   string
	subject desk.ID // the first of the rows; no seal covers it, for about says it too
}

func newView(book desk.Book) *view {
	return &view{book: book, rows: map[rowKey]desk.Row{}, sets: map[setKey][]desk.ID{}, balances: map[ledger.AccountID]ledger.Balance{}, hours: map[desk.HourKey]desk.Hour{}}
}

func (v *view) put(r desk.Row) {
	k := keyOf(r)
	if _, again := v.rows[k]; !again {
		v.order = append(v.order, k)
	}
	v.rows[k] = r
	if p := r.Parent(); p != "" {
		set := setKey{k.kind, p}
		if ids := v.sets[set]; !slices.Contains(ids, k.id) {
			v.sets[set] = append(ids, k.id)
		}
	}
}

// pour adds all that a change wrote.
func (v *view) pour(from *view) {
	v.book = from.book
	for _, k := range from.order {
		v.put(from.rows[k])
	}
	maps.Copy(v.balances, from.balances)
	v.entries = append(v.entries, from.entries...)
	v.lines = append(v.lines, from.lines...)
	v.events = append(v.events, from.events...)
	for _, h := range from.hours {
		v.count(h)
	}
}

func (v *view) count(h desk.Hour) {
	if was, again := v.hours[h.HourKey]; again {
		h = was.Plus(h)
	}
	v.hours[h.HourKey] = h
}

// size is about how many rows there are to write.
func (v *view) size() int {
	return len(v.order) + len(v.balances) + 3*len(v.entries) + len(v.lines) + len(v.events)
}

// empty says whether nothing was written.
func (v *view) empty(book desk.Book) bool {
	return len(v.order) == 0 && len(v.entries) == 0 && len(v.lines) == 0 && len(v.events) == 0 && v.book == book
}

// A tx is one change while it runs. A read looks at what the change itself
// wrote, then at what the batch wrote before it, then at the cache, then in
// the database.
type tx struct {
	*batch
	own  *view
	made map[desk.ID]bool // the ids it minted
}

func (t *tx) Book() desk.Book { return t.own.book }

func (t *tx) PutBook(b desk.Book) {
	t.own.book.Clock, t.own.book.Wake, t.own.book.Name = b.Clock, b.Wake, b.Name
}

func (t *tx) NewID(prefix string) desk.ID {
	b := &t.own.book
	b.LastID = idNanos(b.Clock.Now(t.wall), b.LastID)
	id := makeID(prefix, b.LastID, t.store.random())
	t.made[id] = true
	return id
}

func (t *tx) Get(kind desk.Kind, id desk.ID) (desk.Row, error) {
	k := rowKey{kind, id}
	if r, ok := t.row(k); ok {
		return r, nil
	}
	if err := t.load([]desk.Ref{{Kind: kind, ID: id}}); err != nil {
		return nil, err
	}
	r, _ := t.cache.row(k)
	return r, nil
}

// row is a row that need not be loaded.
func (t *tx) row(k rowKey) (desk.Row, bool) {
	if r, ok := t.own.rows[k]; ok {
		return r, true
	}
	if r, ok := t.all.rows[k]; ok {
		return r, true
	}
	return t.cache.row(k)
}

func (t *tx) Under(kind desk.Kind, parent desk.ID) ([]desk.Row, error) {
	k := setKey{kind, parent}
	ids, ok := t.cache.set(k)
	if !ok {
		if err := t.load([]desk.Ref{{Kind: kind, ID: parent, Under: true}}); err != nil {
			return nil, err
		}
		ids, _ = t.cache.set(k)
	}
	if fresh := len(t.all.sets[k]) + len(t.own.sets[k]); fresh > 0 {
		ids = slices.Concat(ids, t.all.sets[k], t.own.sets[k])
		slices.Sort(ids)
		ids = slices.Compact(ids)
	}
	var missing []desk.Ref // rows of the set that the cache has forgotten
	for _, id := range ids {
		if _, ok := t.row(rowKey{kind, id}); !ok {
			missing = append(missing, desk.Ref{Kind: kind, ID: id})
		}
	}
	if missing != nil {
		if err := t.load(missing); err != nil {
			return nil, err
		}
	}
	rows := make([]desk.Row, 0, len(ids))
	for _, id := range ids {
		r, _ := t.row(rowKey{kind, id})
		if r != nil && r.Parent() == parent { // it may have moved elsewhere since
			rows = append(rows, r)
		}
	}
	return rows, nil
}

func (t *tx) Put(rows ...desk.Row) {
	for _, r := range rows {
		t.own.put(r)
	}
}

func (t *tx) Part(do func() error) error {
	t.gather = t.again < gatherTimes
	lacked := t.lacks
	t.lacks = false
	err := do()
	if t.lacks {
		err = nil // the next part may lack something too
	}
	t.lacks = t.lacks || lacked
	return err
}

func (t *tx) Accounts(ids ...ledger.AccountID) (ledger.Accounts, error) {
	as := make(ledger.Accounts, len(ids))
	var missing []desk.Ref
	for _, id := range ids {
		if v, ok := t.known(id); ok {
			as[id] = v
		} else {
			missing = append(missing, desk.Ref{Kind: desk.KindAccount, ID: desk.ID(id)})
		}
	}
	if missing == nil {
		return as, nil
	}
	if err := t.load(missing); err != nil {
		return nil, err
	}
	for _, m := range missing {
		as[ledger.AccountID(m.ID)], _ = t.known(ledger.AccountID(m.ID))
	}
	return as, nil
}

// known is a balance that need not be loaded. What the change itself made had no
// account before.
func (t *tx) known(id ledger.AccountID) (ledger.Balance, bool) {
	if v, ok := t.own.balances[id]; ok {
		return v, true
	}
	if t.made[desk.ID(id.Owner())] {
		return ledger.Balance{}, true
	}
	if v, ok := t.all.balances[id]; ok {
		return v, true
	}
	return t.cache.balance(id)
}

func (t *tx) Record(e desk.Entry, lines []ledger.Line, after ledger.Accounts) int64 {
	t.own.book.Entry++
	e.No = t.own.book.Entry
	t.own.entries = append(t.own.entries, desk.EntryLines{Entry: e, Lines: lines})
	maps.Copy(t.own.balances, after)
	return e.No
}

func (t *tx) Count(h desk.Hour) { t.own.count(h) }

func (t *tx) Append(l desk.WalletLine) { t.own.lines = append(t.own.lines, l) }

func (t *tx) Emit(name string, at ledger.Time, about ...desk.Row) {
	t.own.book.Event++
	e := event{
		Event: desk.Event{No: t.own.book.Event, ID: t.NewID(""), Name: name, At: at},
		about: snapshot(about),
	}
	if len(about) > 0 {
		e.subject = about[0].RowID()
	}
	t.own.events = append(t.own.events, e)
}

func (t *tx) Snapshot(rows ...desk.Row) string        { return snapshot(rows) }
func (t *tx) Restore(text string) ([]desk.Row, error) { return restore(text) }
func (t *tx) Reset()                                  { t.own = newView(t.all.book) }

// change runs do over a view of its own, poured into the batch's if it
// is not refused, and lacked nothing. A panic in do is our own fault and refuses the change.
func (b *batch) change(do func(desk.Tx) error) (err error) {
	t := &tx{batch: b, own: newView(b.all.book), made: map[desk.ID]bool{}}
	defer func() {
		if p := recover(); p != nil {
			err = &ledger.Error{Code: ledger.Internal, Err: fmt.Errorf("panic in a change: %v\n%s", p, stack())}
		}
	}()
	b.lacks = false
	if err := do(t); err != nil {
		return err
	}
	if b.lacks {
		return errMissed
	}
	b.all.pour(t.own)
	return nil
}
