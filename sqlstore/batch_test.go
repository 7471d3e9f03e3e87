package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
	"wapas/storetest"
)

// onEach runs a test on an empty store with one book, on every engine there is.
func onEach(t *testing.T, o Options, test func(t *testing.T, st *Store, book desk.BookID, address string)) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			address := e.New(t)
			st := openTest(t, address, o)
			test(t, st, storetest.NewBook(t, st), address)
		})
	}
}

func openTest(t *testing.T, address string, o Options) *Store {
	t.Helper()
	st, err := Open(t.Context(), address, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	if err := st.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return st
}

func changed(t *testing.T, st *Store, book desk.BookID, do func(tx desk.Tx) error) {
	t.Helper()
	if err := st.Change(context.Background(), book, nil, do); err != nil {
		t.Fatal(err)
	}
}

// soon stops the test if f does not end: whoever waits for a lead that nobody
// has waits for ever.
func soon(t *testing.T, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatalf("%s did not end", what)
	}
}

// clean verifies seals and state: the counts of these tests are no real money.
func clean(t *testing.T, st *Store) {
	t.Helper()
	rep, err := Verify(t.Context(), st, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range rep.Findings {
		if f.Rule != "seals" && f.Rule != "state" {
			continue
		}
		t.Errorf("book %d: %s %s: %s", f.Book, f.Rule, f.What, f.Detail)
	}
}

// However a batch breaks off, its callers do not hear that it was kept, and the
// next change finds somebody to lead.
func TestALeadIsNeverLost(t *testing.T) {
	onEach(t, Options{}, func(t *testing.T, st *Store, book desk.BookID, _ string) {
		soon(t, "a change with an impossible hint", func() {
			err := st.Change(context.Background(), book, []desk.Ref{{Kind: desk.Kinds, ID: "x"}}, func(desk.Tx) error { return nil })
			if ledger.CodeOf(err) != ledger.Internal {
				t.Errorf("answered %v", err)
			}
		})
		soon(t, "a change whose goroutine ends", func() {
			inside, done := make(chan struct{}), make(chan struct{})
			go func() {
				defer close(done)
				st.Change(context.Background(), book, nil, func(tx desk.Tx) error {
					tx.Put(desk.Customer{ID: "cust_gone"})
					close(inside)
					runtime.Goexit()
					return nil
				})
			}()
			<-inside
			<-done
		})
		soon(t, "the next change", func() {
			changed(t, st, book, func(tx desk.Tx) error {
				if r, err := tx.Get(desk.KindCustomer, "cust_gone"); r != nil || err != nil {
					t.Errorf("of the change that broke off %v, %v was kept", r, err)
				}
				tx.Put(desk.Customer{ID: "cust_next"})
				return nil
			})
		})
		clean(t, st)
	})
}

// A closed store says so at once.
func TestAClosedStore(t *testing.T) {
	onEach(t, Options{}, func(t *testing.T, st *Store, book desk.BookID, _ string) {
		st.Close()
		soon(t, "a change", func() {
			err := st.Change(context.Background(), book, nil, func(desk.Tx) error { return nil })
			if !errors.Is(err, errClosed) {
				t.Errorf("answered %v", err)
			}
		})
	})
}

// Of a batch with several changes that the database refuses the others are
// kept, each once.
func TestFaultsInABatch(t *testing.T) {
	onEach(t, Options{}, func(t *testing.T, st *Store, book desk.BookID, _ string) {
		changed(t, st, book, func(tx desk.Tx) error { tx.Put(desk.Customer{ID: "cust_there"}); return nil })
		q := st.books.queue(book)
		q.cache.clear() // so that the row that is not read is not known
		var requests []*request
		for i := range 37 {
			do := func(tx desk.Tx) error {
				if i%12 == 5 { // without having read it
					tx.Put(desk.Customer{ID: "cust_there", Name: "again"})
					return nil
				}
				_, err := storetest.CountIn(tx, desk.ID(fmt.Sprint(i)))
				return err
			}
			requests = append(requests, &request{ctx: t.Context(), do: do, turn: make(chan struct{}, 1)})
		}
		st.commit(q, requests)
		var by []desk.ID
		for i, r := range requests {
			if (r.err != nil) != (i%12 == 5) {
				t.Errorf("change %d: %v", i, r.err)
			}
			if r.err == nil {
				by = append(by, desk.ID(fmt.Sprint(i)))
			}
		}
		storetest.Counted(t, st, book, len(by), by)
	})
}

// What changes look for and do not find is forgotten again, also when nothing
// is ever written.
func TestTheCacheIsBounded(t *testing.T) {
	onEach(t, Options{Rows: 10}, func(t *testing.T, st *Store, book desk.BookID, _ string) {
		for i := range 100 {
			st.Change(context.Background(), book, []desk.Ref{{Kind: desk.KindPayment, ID: desk.ID(fmt.Sprint("pay_", i))}}, func(tx desk.Tx) error {
				return ledger.Refuse(ledger.NotFound, "", "")
			})
		}
		c := st.books.queue(book).cache
		if n := len(c.young.rows) + len(c.old.rows); n > 30 {
			t.Errorf("%d rows are kept", n)
		}
	})
}

// However many books are changed, what is kept of all of them is bounded; and one
// that is forgotten in the middle of its changes misses none.
func TestBooksAreForgotten(t *testing.T) {
	const books, counts, most = 40, 6, 60
	onEach(t, Options{Rows: most}, func(t *testing.T, st *Store, book desk.BookID, _ string) {
		var wg sync.WaitGroup
		for id := book + 1; id <= book+books; id++ {
			merchant := desk.Merchant{ID: desk.ID(fmt.Sprint("m", id)), CreatedAt: 1}
			if err := st.PutMerchant(t.Context(), merchant, desk.Book{ID: id, Merchant: merchant.ID, Mode: desk.Test, CreatedAt: 1}); err != nil {
				t.Fatal(err)
			}
			for range counts {
				wg.Go(func() {
					if err := storetest.Count(st, id, "c"); err != nil {
						t.Error(err)
					}
					if _, err := st.Look(context.Background(), id, desk.Ref{Kind: desk.KindAccount, ID: desk.ID(ledger.Equity)}); err != nil {
						t.Error(err)
					}
				})
			}
		}
		wg.Wait()
		for id := book + 1; id <= book+books; id++ {
			storetest.Counted(t, st, id, counts, nil)
		}
		kept := 0
		for _, q := range st.books.all() {
			kept += q.rows
		}
		if kept == 0 || kept > 3*most { // two generations, and what came last
			t.Errorf("%d rows of %d books are kept, of %d", kept, len(st.books.all()), most)
		}
	})
}

// A database that was set back, as by failing over to a copy that lagged, comes
// to the same number of a seal again by another way. What a server remembers of
// the first way is not believed.
func TestADatabaseThatWasSetBack(t *testing.T) {
	dir := t.TempDir()
	address := "sqlite:" + filepath.Join(dir, "wapas.db")
	a := openTest(t, address, Options{})
	book := storetest.NewBook(t, a)
	name := func(st *Store, name string) {
		changed(t, st, book, func(tx desk.Tx) error {
			_, err := tx.Get(desk.KindCustomer, "cust_1")
			tx.Put(desk.Customer{ID: "cust_1", Name: name})
			return err
		})
	}
	name(a, "first")
	run := func(sql ...string) {
		t.Helper()
		w, err := a.db.writer(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer w.close(true)
		for _, s := range sql {
			if err := w.run(t.Context(), []stmt{{sql: s}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	before := filepath.Join(dir, "before.db")
	run("VACUUM INTO '" + before + "'")
	name(a, "lost")
	run("ATTACH '"+before+"' AS past", "DROP TRIGGER seals_no_delete",
		"DELETE FROM main.books", "INSERT INTO main.books SELECT * FROM past.books",
		"DELETE FROM main.customers", "INSERT INTO main.customers SELECT * FROM past.customers",
		"DELETE FROM main.seals", "INSERT INTO main.seals SELECT * FROM past.seals")
	b := openTest(t, address, Options{})
	changed(t, b, book, func(tx desk.Tx) error { tx.Put(desk.Customer{ID: "cust_2"}); return nil })
	changed(t, a, book, func(tx desk.Tx) error {
		for id, want := range map[desk.ID]string{"cust_1": "first", "cust_2": ""} {
			r, err := tx.Get(desk.KindCustomer, id)
			if c, ok := r.(desk.Customer); err != nil || !ok || c.Name != want {
				t.Errorf("%s is %+v, %v", id, r, err)
			}
		}
		return nil
	})
	clean(t, a)
}

// When SQLite has no room the change fails, nothing of it is kept, and what
// comes when there is room again works.
func TestSQLiteFull(t *testing.T) {
	st := openTest(t, "sqlite:"+filepath.Join(t.TempDir(), "wapas.db"), Options{})
	book := storetest.NewBook(t, st)
	count := func(note string) error {
		return st.Change(context.Background(), book, nil, func(tx desk.Tx) error {
			if note != "" {
				tx.Put(desk.Customer{ID: tx.NewID("cust"), Name: note})
			}
			_, err := storetest.CountIn(tx, "x")
			return err
		})
	}
	pages := func(most string) {
		w, _ := st.db.writer(t.Context())
		defer w.close(true)
		if err := w.run(t.Context(), []stmt{{sql: "PRAGMA max_page_count = " + most, each: func(func(...any) error) error { return nil }}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := count(""); err != nil {
		t.Fatal(err)
	}
	pages("1") // as many as there are
	for range 3 {
		if err := count(strings.Repeat("long", 100_000)); err == nil || ledger.CodeOf(err) == ledger.Invalid {
			t.Errorf("answered %v", err)
		}
	}
	pages("1000000")
	if err := count(strings.Repeat("long", 100_000)); err != nil {
		t.Error(err)
	}
	storetest.Counted(t, st, book, 2, nil)
	clean(t, st)
}

// A line breaks at the commit, and the server works on: it gets to the commit
// only when the same batch has been asked about. The answer waits for it, and
// the change is made once.
func TestACommitThatIsStillUnderWay(t *testing.T) {
	if !storetest.HasPostgres(t) {
		t.Skip("needs PostgreSQL")
	}
	for _, kept := range []bool{true, false} {
		t.Run(fmt.Sprint("kept ", kept), func(t *testing.T) {
			st := openTest(t, storetest.NewPostgres(t), Options{})
			book := storetest.NewBook(t, st)
			late := &lateDB{database: st.db, t: t, kept: kept}
			st.db = late
			var by []desk.ID
			for i := range 3 {
				late.next.Store(i == 1)
				who := desk.ID(fmt.Sprint(i))
				if err := storetest.Count(st, book, who); err != nil {
					t.Fatal(err)
				}
				by = append(by, who)
			}
			late.all.Wait()
			storetest.Counted(t, st, book, len(by), by)
			clean(t, st)
		})
	}
}

// A lateDB loses the line at a commit, which reaches the server, or is rolled
// back there, when somebody waits for the book's lock.
type lateDB struct {
	database
	t    *testing.T
	next atomic.Bool
	kept bool
	all  sync.WaitGroup
}

func (db *lateDB) writer(ctx context.Context) (writer, error) {
	w, err := db.database.writer(ctx)
	return &lateWriter{writer: w, db: db}, err
}

type lateWriter struct {
	writer
	db   *lateDB
	lost bool
}

func (w *lateWriter) run(ctx context.Context, stmts []stmt) error {
	if stmts[len(stmts)-1].sql != commit || !w.db.next.CompareAndSwap(true, false) {
		return w.writer.run(ctx, stmts)
	}
	w.lost = true
	w.db.all.Go(func() {
		for waiting := false; !waiting; {
			err := w.db.query(context.Background(), stmt{
				sql:  "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')",
				each: func(scan func(...any) error) error { return scan(&waiting) },
			})
			if err != nil {
				w.db.t.Error(err)
				return
			}
			runtime.Gosched()
		}
		if w.db.kept {
			if err := w.writer.run(context.Background(), stmts); err != nil {
				w.db.t.Error(err)
			}
		}
		w.writer.close(w.db.kept)
	})
	return errors.New("the line broke")
}

func (w *lateWriter) close(clean bool) {
	if !w.lost {
		w.writer.close(clean)
	}
}
