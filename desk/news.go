package desk

import "sync"

// news says which books have something to tell: an event was recorded here, an
// endpoint or the clock was changed. Until somebody listens nothing is kept.
type news struct {
	mu    sync.Mutex
	ring  chan struct{}   // nil until somebody listens
	books map[BookID]bool // true if who listens may have changed
}

// of notes a book down and rings. Endpoints says that who listens to the book
// may have changed.
func (n *news) of(book BookID, endpoints bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.ring == nil {
		return
	}
	n.books[book] = n.books[book] || endpoints
	select {
	case n.ring <- struct{}{}:
	default:
	}
}

// News rings when books have something to tell, of what was done by this desk;
// what other servers do is found by looking. Once it has rung, Newsy says which
// books. There is one listener.
func (d *Desk) News() <-chan struct{} {
	d.news.mu.Lock()
	defer d.news.mu.Unlock()
	if d.news.ring == nil {
		d.news.ring, d.news.books = make(chan struct{}, 1), map[BookID]bool{}
	}
	return d.news.ring
}

// Newsy takes the books that have had something to tell since it was last
// asked; true are those whose endpoints may be others than before.
func (d *Desk) Newsy() map[BookID]bool {
	d.news.mu.Lock()
	defer d.news.mu.Unlock()
	books := d.news.books
	d.news.books = map[BookID]bool{}
	return books
}
