package sqlstore

import (
	"context"
	"sync"

	"wapas/desk"
	"wapas/ledger"
)

// A lookout is who waits for a look at a book. Who comes while one is under way
// waits for it to end, and then all who wait are answered by the next: it is sooner
// read for thirty than thirty times for one.
type lookout struct {
	mu      sync.Mutex
	waiting []*look
	busy    bool // one is under way
}

// A look is what one caller wants to see.
type look struct {
	refs []desk.Ref
	seen *sight
	err  error
	done chan struct{}
}

// Look reads what refs name, as of one moment. See desk.Reader.
func (st *Store) Look(ctx context.Context, book desk.BookID, refs ...desk.Ref) (desk.Sight, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	q := st.books.queue(book)
	l := &look{refs: refs, done: make(chan struct{})}
	q.looks.mu.Lock()
	q.looks.waiting = append(q.looks.waiting, l)
	if !q.looks.busy {
		q.looks.busy = true
		go st.lookAt(q)
	}
	q.looks.mu.Unlock()
	select {
	case <-l.done:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if l.err != nil {
		return nil, l.err
	}
	if l.seen.book.ID == 0 {
		return nil, ledger.Refuse(ledger.NotFound, "unknown_book", "book %d", book)
	}
	return l.seen, nil
}

// lookAt looks at a book until nobody waits.
func (st *Store) lookAt(q *queue) {
	for {
		q.looks.mu.Lock()
		all := q.looks.waiting
		q.looks.waiting = nil
		q.looks.busy = all != nil
		q.looks.mu.Unlock()
		if all == nil {
			return
		}
		seen, err := st.see(q.book, all)
		for _, l := range all {
			l.seen, l.err = seen, err
			close(l.done)
		}
	}
}

// see reads what some callers want to see together.
func (st *Store) see(book desk.BookID, all []*look) (*sight, error) {
	var refs []desk.Ref
	for _, l := range all {
		refs = append(refs, l.refs...)
	}
	s := &sight{rows: newCache(0)}
	var reads loads
	stmts := append([]stmt{st.readBook(book, &s.book)}, reads.stmts(st.engine, book, refs)...)
	if err := st.db.moment(context.Background(), stmts); err != nil {
		return nil, err
	}
	reads.into(s.rows)
	return s, nil
}

// A sight is what was read at one moment: also for others who looked then.
type sight struct {
	book desk.Book
	rows *cache
}

func (s *sight) Book() desk.Book { return s.book }

func (s *sight) Row(kind desk.Kind, id desk.ID) desk.Row {
	r, _ := s.rows.row(rowKey{kind, id})
	return r
}

func (s *sight) Under(kind desk.Kind, parent desk.ID) []desk.Row {
	var rows []desk.Row
	ids, _ := s.rows.set(setKey{kind, parent})
	for _, id := range ids {
		rows = append(rows, s.Row(kind, id))
	}
	return rows
}

func (s *sight) Accounts(ids ...ledger.AccountID) ledger.Accounts {
	as := make(ledger.Accounts, len(ids))
	for _, id := range ids {
		as[id], _ = s.rows.balance(id)
	}
	return as
}
