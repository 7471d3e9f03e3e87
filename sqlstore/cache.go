package sqlstore

import (
	"slices"

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
	if len(c.young.rows)+len(c.young.balances)+len(c.young.sets) > c.limit {
		c.old, c.young = c.young, newGeneration()
	}
}

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
