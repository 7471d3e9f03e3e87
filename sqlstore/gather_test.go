package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

// A counted database counts what a writer is asked to run, in one go each.
type counted struct {
	database
	trips *atomic.Int64
}

func (c counted) writer(ctx context.Context) (writer, error) {
	w, err := c.database.writer(ctx)
	return countedWriter{w, c.trips}, err
}

type countedWriter struct {
	writer
	trips *atomic.Int64
}

func (w countedWriter) run(ctx context.Context, stmts []stmt) error {
	w.trips.Add(1)
	return w.writer.run(ctx, stmts)
}

// together has changes share a batch: they wait while the book is held. It
// returns how many changes each batch had, the holder's first.
func together(t *testing.T, address string, changes []func(tx desk.Tx) error, before func(st *Store)) []int {
	t.Helper()
	var batches []int
	st := openTest(t, address, Options{Batch: func(n int, _ time.Duration) { batches = append(batches, n) }})
	before(st)
	batches = nil
	held, let := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		err := st.Change(context.Background(), 1, nil, func(desk.Tx) error { close(held); <-let; return nil })
		if err != nil {
			t.Error(err)
		}
	})
	<-held
	for _, do := range changes {
		all.Go(func() {
			if err := st.Change(context.Background(), 1, nil, do); err != nil {
				t.Error(err)
			}
		})
	}
	for st.Waiting() < len(changes) {
		time.Sleep(time.Millisecond)
	}
	close(let)
	all.Wait()
	return batches
}

func putBook(t *testing.T, st *Store) {
	t.Helper()
	if err := st.PutMerchant(t.Context(), desk.Merchant{ID: "m", Name: "M", CreatedAt: 1}, desk.Book{ID: 1, Merchant: "m", Mode: desk.Test, CreatedAt: 1}); err != nil {
		t.Fatal(err)
	}
}

func customer(i int) desk.ID { return desk.ID(fmt.Sprintf("cust_%06d", i)) }

// What the changes of a batch look at without having said so is read once for all
// of them, one step of each at a time.
func TestGather(t *testing.T) {
	address := "sqlite:" + filepath.Join(t.TempDir(), "wapas.db")
	first := openTest(t, address, Options{})
	putBook(t, first)
	const n = 20
	if err := first.Change(t.Context(), 1, nil, func(tx desk.Tx) error {
		for i := range 2 * n {
			tx.Put(desk.Customer{ID: customer(i), Name: string(customer(i + n)), CreatedAt: 1})
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	var trips atomic.Int64
	var changes []func(tx desk.Tx) error
	for i := range n {
		changes = append(changes, func(tx desk.Tx) error {
			r, err := tx.Get(desk.KindCustomer, customer(i))
			if err != nil {
				return err
			}
			next, err := tx.Get(desk.KindCustomer, desk.ID(r.(desk.Customer).Name)) // known only now
			if err != nil {
				return err
			}
			c := next.(desk.Customer)
			c.Email = "x@example.in"
			tx.Put(c)
			return nil
		})
	}
	batches := together(t, address, changes, func(st *Store) { st.db = counted{st.db, &trips} })
	if fmt.Sprint(batches) != "[1 11 9]" {
		t.Fatalf("batches of %v changes, want 1, and then 20 in two", batches)
	}
	// The holder's lock; then twice the lock, what each reads first, what each
	// reads then, and the writes with the commit.
	if got := trips.Load(); got != 1+2*4 {
		t.Errorf("%d trips to the database, want 9", got)
	}
	for i := range n {
		r, err := first.Find(t.Context(), 1, desk.KindCustomer, customer(i+n))
		if err != nil || r.(desk.Customer).Email == "" {
			t.Errorf("%v, %v", r, err)
		}
	}
}

// So is what the parts of a single change look at; and what a part says of a state
// that was not whole counts for nothing.
func TestGatherParts(t *testing.T) {
	onEach(t, Options{}, func(t *testing.T, st *Store, book desk.BookID, _ string) {
		const n = 50
		changed(t, st, book, func(tx desk.Tx) error {
			for i := range 2 * n {
				tx.Put(desk.Customer{ID: customer(i), Name: string(customer(i + n)), CreatedAt: 1})
			}
			return nil
		})
		st.books.queue(book).cache.clear()
		var trips atomic.Int64
		st.db = counted{st.db, &trips}
		order := errors.New("a part before this one is missing")
		part := func(tx desk.Tx, i int, done *int) error {
			r, err := tx.Get(desk.KindCustomer, customer(i))
			if err != nil {
				return fmt.Errorf("item %d: %w", i, err)
			}
			r, err = tx.Get(desk.KindCustomer, desk.ID(r.(desk.Customer).Name)) // known only now
			if err != nil {
				return fmt.Errorf("item %d: %w", i, err)
			}
			if *done != i {
				return order
			}
			c := r.(desk.Customer)
			c.Email = "x@example.in"
			tx.Put(c)
			*done++
			return nil
		}
		changed(t, st, book, func(tx desk.Tx) error {
			done := 0
			for i := range n {
				if err := tx.Part(func() error { return part(tx, i, &done) }); err != nil {
					return err
				}
			}
			return nil
		})
		// The lock, what each reads first, what each reads then, the writes.
		if got := trips.Load(); got != 4 {
			t.Errorf("%d trips to the database, want 4", got)
		}
		for i := range n {
			r, err := st.Find(t.Context(), book, desk.KindCustomer, customer(i+n))
			if err != nil || r.(desk.Customer).Email == "" {
				t.Errorf("%v, %v", r, err)
			}
		}
		// A part that is refused for good refuses the change.
		err := st.Change(t.Context(), book, nil, func(tx desk.Tx) error {
			done := 1
			for i := range n {
				if err := tx.Part(func() error { return part(tx, i, &done) }); err != nil {
					return err
				}
			}
			return nil
		})
		if !errors.Is(err, order) {
			t.Errorf("answered %v", err)
		}
	})
}

// What a change has just made has no balance yet: nobody asks the database.
func TestWhatIsNewHasNoAccount(t *testing.T) {
	onEach(t, Options{}, func(t *testing.T, st *Store, book desk.BookID, _ string) {
		var trips atomic.Int64
		st.db = counted{st.db, &trips}
		account := func(id desk.ID) ledger.AccountID { return ledger.Account(ledger.WalletCash, string(id)) }
		changed(t, st, book, func(tx desk.Tx) error {
			made := account(tx.NewID("cust"))
			as, err := tx.Accounts(made)
			if v, there := as[made]; err != nil || !there || v != (ledger.Balance{}) {
				t.Errorf("%v, %v", as, err)
			}
			if got := trips.Load(); got != 1 {
				t.Errorf("%d trips to the database, want the lock's", got)
			}
			_, err = tx.Accounts(account("cust_elsewhere"))
			if got := trips.Load(); got != 2 {
				t.Errorf("%d trips to the database, want one for another's", got)
			}
			return err
		})
	})
}

// A transaction that is large takes no more changes: the rest go into the next.
func TestLargeBatches(t *testing.T) {
	address := "sqlite:" + filepath.Join(t.TempDir(), "wapas.db")
	var changes []func(tx desk.Tx) error
	for i := range 7 {
		changes = append(changes, func(tx desk.Tx) error {
			for j := range maxRows/2 - 10 {
				id := customer(i*maxRows + j)
				if _, err := tx.Get(desk.KindCustomer, id); err != nil && j == 0 {
					return err
				}
				tx.Put(desk.Customer{ID: id, CreatedAt: 1})
			}
			return nil
		})
	}
	batches := together(t, address, changes, func(st *Store) { putBook(t, st) })
	if fmt.Sprint(batches) != "[1 3 3 1]" {
		t.Errorf("batches of %v changes, want 1, then 3, 3 and 1", batches)
	}
	st := openTest(t, address, Options{})
	got, err := st.Count(t.Context(), desk.Query{Book: 1, Kind: desk.KindCustomer, Count: 1e6})
	if want := 7 * (maxRows/2 - 10); err != nil || got != want {
		t.Errorf("%d rows, %v, want %d", got, err, want)
	}
}
