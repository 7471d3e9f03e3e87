package sqlstore

import (
	"maps"
	"slices"
	"sync"

	"wapas/desk"
	"wapas/ledger"
)

// A rowKey names a row, a setKey the rows of a kind under a parent.
type (
	rowKey struct {
		kind desk.Kind
		id   desk.ID
	}
	setKey struct {
		kind   desk.Kind
		parent desk.ID
	}
)

func keyOf(r desk.Row) rowKey { return rowKey{r.Kind(), r.RowID()} }

// A cache keeps what a book's rows were when the seal with its hash was made.
// It is believed only while the book's row still says that hash, so it need not
// hear of what other servers do; nor of a database that was set back, after
// which the numbers of seals come again. A row that is known not to be there is
// kept as nil.
//
// It holds two generations: what was looked at since the last turn, and what
// was before. When the first is full the second is forgotten.
type cache struct {
	hash  string
	young generation
	old   generation
	limit int
}

type generation struct {
	rows     map[rowKey]desk.Row
	sets     map[setKey][]desk.ID // oldest first
	balances map[ledger.AccountID]ledger.Balance
}

func newGeneration() generation {
	return generation{map[rowKey]desk.Row{}, map[setKey][]desk.ID{}, map[ledger.AccountID]ledger.Balance{}}
}

func newCache(limit int) *cache {
	return &cache{young: newGeneration(), old: newGeneration(), limit: limit, hash: "none yet"}
}

func (c *cache) clear() { c.young, c.old = newGeneration(), newGeneration() }

// turn makes room between batches.
func (c *cache) turn() {
	if c.young.size() > c.limit {
		c.old, c.young = c.young, newGeneration()
	}
}

func (g *generation) size() int { return len(g.rows) + len(g.balances) + len(g.sets) }

func (c *cache) row(k rowKey) (desk.Row, bool) {
	r, ok := c.young.rows[k]
	if !ok {
		if r, ok = c.old.rows[k]; ok {
			c.young.rows[k] = r
		}
	}
	return r, ok
}

func (c *cache) balance(id ledger.AccountID) (ledger.Balance, bool) {
	v, ok := c.young.balances[id]
	if !ok {
		if v, ok = c.old.balances[id]; ok {
			c.young.balances[id] = v
		}
	}
	return v, ok
}

func (c *cache) set(k setKey) ([]desk.ID, bool) {
	ids, ok := c.young.sets[k]
	if !ok {
		if ids, ok = c.old.sets[k]; ok {
			c.young.sets[k] = ids
		}
	}
	return ids, ok
}

// join adds a row to the set it is under, if that set is known.
func (c *cache) join(r desk.Row) {
	k := setKey{r.Kind(), r.Parent()}
	if k.parent == "" {
		return
	}
	if ids, ok := c.set(k); ok {
		if at, found := slices.BinarySearch(ids, r.RowID()); !found {
			c.young.sets[k] = slices.Insert(ids, at, r.RowID())
		}
	}
}

// Books are the queues of the books that were changed or looked at lately, and
// with them what of each is in memory. They too are two generations, of which the
// young one holds as many rows as the limit says, over all its books.
//
// A book may be forgotten while it is changed. That does no harm: who comes next
// begins a queue anew, and the two are to each other as two servers.
type books struct {
	limit int

	mu    sync.Mutex
	young map[desk.BookID]*queue
	old   map[desk.BookID]*queue
	rows  int // of the young ones
}

func newBooks(limit int) *books { return &books{limit: limit, young: map[desk.BookID]*queue{}} }

// queue is the book's, a new one if it was forgotten. One book alone has at most
// half of the rows: a quarter in each of its generations.
func (b *books) queue(book desk.BookID) *queue {
	b.mu.Lock()
	defer b.mu.Unlock()
	q := b.young[book]
	if q == nil {
		if q = b.old[book]; q == nil {
			q = &queue{book: book, cache: newCache(b.limit / 4), rows: 1}
		}
		b.young[book] = q
		b.rows += q.rows
		b.turn()
	}
	return q
}

// turn makes room.
func (b *books) turn() {
	if b.rows > b.limit {
		b.old, b.young, b.rows = b.young, map[desk.BookID]*queue{}, 0
	}
}

// weigh is told by a queue's leader how many rows it has after a batch.
func (b *books) weigh(q *queue) {
	n := 1 + q.cache.young.size() + q.cache.old.size() // and a queue is about as large as a row
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.young[q.book] == q {
		b.rows += n - q.rows
	}
	q.rows = n
	b.turn()
}

// all are those that are remembered.
func (b *books) all() []*queue {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := slices.Collect(maps.Values(b.young))
	for book, q := range b.old {
		if b.young[book] == nil {
			all = append(all, q)
		}
	}
	return all
}
