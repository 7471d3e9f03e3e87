package desk

import (
	"context"
	"fmt"
	"sync"
	"time"

	"wapas/ledger"
)

// A Checkup is one full verification of a book: what "wapas verify" does, and a
// person may ask for. It says something about the books, so it lies beside them.
type Checkup struct {
	ID       ID // chk_, begins with the wall's time
	By       string
	At       ledger.Time // when it began, by the wall's clock
	Took     time.Duration
	Seal     int64  // the last one that it looked at
	Hash     string // of that seal
	Entries  int64
	Postings int64
	Rows     int64
	Findings int64
	First    string // the first findings, one a line
}

// OK says whether all held.
func (c Checkup) OK() bool { return c.Findings == 0 }

// A Doctor looks books over.
type Doctor interface {
	// Verify reads a book whole, as it stands at one moment, and adds everything
	// up. It changes nothing. Progress, if it is not nil, hears of the counts now
	// and then.
	Verify(ctx context.Context, book BookID, progress func(Checkup)) (Checkup, error)
	// KeepCheckup writes a checkup down, and forgets all but the last hundred of
	// the book.
	KeepCheckup(ctx context.Context, book BookID, c Checkup) error
	// Checkups reads the last checkups of a book, the newest first.
	Checkups(ctx context.Context, book BookID, count int) ([]Checkup, error)
	// LastSeal reads what the last batch of a book left behind; the zero Seal if
	// there was none yet.
	LastSeal(ctx context.Context, book BookID) (Seal, error)
}

// A Seal is what a batch leaves behind.
type Seal struct {
	No   int64
	At   ledger.Time // the wall's clock
	Hash string
}

// WhyCheckup refuses a second checkup while one runs on this server: Busy.
const WhyCheckup ledger.Why = "checkup_runs"

// checkups are those that were asked for on this server: one at a time, for each
// reads a whole book.
type checkups struct {
	once sync.Once
	ch   chan askedCheckup
	mu   sync.Mutex
	busy bool
	book BookID
	seen Checkup
}

type askedCheckup struct {
	book BookID
	by   string
}

func (c *checkups) queue() chan askedCheckup {
	c.once.Do(func() { c.ch = make(chan askedCheckup, 1) })
	return c.ch
}

// AskCheckup has a book verified by this server's worker (Work), and does not
// wait for it. It refuses Busy (WhyCheckup) while another one runs here.
func (d *Desk) AskCheckup(ctx context.Context, book BookID, by string) error {
	if _, err := d.Store.Book(ctx, book); err != nil {
		return err
	}
	c := &d.checkups
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.busy {
		return ledger.Refuse(ledger.Busy, WhyCheckup, "books are being verified on this server: see what it finds first")
	}
	c.busy, c.book, c.seen = true, book, Checkup{By: by, At: ledger.At(d.Now())}
	c.queue() <- askedCheckup{book, by} // there is room: it was not busy
	return nil
}

// CheckupUnderWay is how far a checkup of a book is that was asked for on this
// server; ok is false if none runs.
func (d *Desk) CheckupUnderWay(book BookID) (seen Checkup, ok bool) {
	c := &d.checkups
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seen, c.busy && c.book == book
}

// checkUp verifies a book and writes down what was found. One that the server's
// end breaks off is not written down.
func (d *Desk) checkUp(ctx context.Context, q askedCheckup) {
	c := &d.checkups
	found, err := d.Verify(ctx, q.book, q.by, func(seen Checkup) {
		c.mu.Lock()
		defer c.mu.Unlock()
		seen.By, seen.At = c.seen.By, c.seen.At
		c.seen = seen
	})
	c.mu.Lock()
	c.busy = false
	c.mu.Unlock()
	switch {
	case err != nil && ctx.Err() == nil:
		d.Log.Error("could not verify a book", "book", q.book, "err", err)
	case err == nil && !found.OK():
		d.Log.Error("the books do not add up", "book", q.book, "findings", found.Findings, "first", found.First)
	}
}

// Verify reads a whole book, adds everything up, and writes down who had it done
// and what was found.
func (d *Desk) Verify(ctx context.Context, book BookID, by string, progress func(Checkup)) (Checkup, error) {
	began := d.Now()
	c, err := d.Store.Verify(ctx, book, progress)
	if err != nil {
		return c, err
	}
	c.By, c.At, c.Took = by, ledger.At(began), d.Now().Sub(began)
	c.ID = CheckupID(c.At)
	return c, d.Store.KeepCheckup(ctx, book, c)
}

// CheckupID is the id of a checkup that began at a moment.
func CheckupID(at ledger.Time) ID { return ID(fmt.Sprintf("chk_%014x%s", int64(at), Letters(4))) }

// Checkups are the last verifications of a book, the newest first.
func (d *Desk) Checkups(ctx context.Context, book BookID, count int) ([]Checkup, error) {
	return d.Store.Checkups(ctx, book, count)
}
