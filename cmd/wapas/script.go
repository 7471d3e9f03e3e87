package main

import (
	"context"
	"maps"
	"strings"
	"sync"

	"wapas/desk"
)

// A scripted store is a store whose next ids are written in advance, so that
// the demo's books hold the very things that the vendors' documents name. All
// else is the store's: what is made under such an id is made like any other.
type scripted struct {
	desk.Store
	mu   sync.Mutex
	next map[string]desk.ID // by prefix
	// Number is that of the next event, by which a desk numbers some things;
	// zero leaves it as it is. Challenge is what the next consent is called.
	number    int64
	challenge string
}

// script says which ids the next things get.
func (s *scripted) script(ids ...desk.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next = make(map[string]desk.ID, len(ids))
	for _, id := range ids {
		prefix, _, _ := strings.Cut(string(id), "_")
		s.next[prefix] = id
	}
}

// Change runs do with a Tx that mints the scripted ids. Do may run twice, and
// mints the same ones then.
func (s *scripted) Change(ctx context.Context, book desk.BookID, reads []desk.Ref, do func(desk.Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var left map[string]desk.ID
	err := s.Store.Change(ctx, book, reads, func(tx desk.Tx) error {
		left = maps.Clone(s.next)
		return do(scriptedTx{tx, left, s.number, s.challenge})
	})
	if err == nil {
		s.next = left
	}
	return err
}

type scriptedTx struct {
	desk.Tx
	next      map[string]desk.ID
	number    int64
	challenge string
}

// Book is the book's row, as if the scripted event were the next one. Events
// themselves are numbered by the store.
func (t scriptedTx) Book() desk.Book {
	b := t.Tx.Book()
	if t.number > 0 {
		b.Event = t.number - 1
	}
	return b
}

// Put keeps rows; a consent by the name that is scripted.
func (t scriptedTx) Put(rows ...desk.Row) {
	for i, r := range rows {
		if c, ok := r.(desk.Consent); ok && t.challenge != "" && c.EndedAt == 0 {
			c.Ref = t.challenge
			rows[i] = c
		}
	}
	t.Tx.Put(rows...)
}

// NewID mints the scripted id of this sort, if there is one.
func (t scriptedTx) NewID(prefix string) desk.ID {
	if id, ok := t.next[prefix]; ok {
		delete(t.next, prefix)
		return id
	}
	return t.Tx.NewID(prefix)
}
