package storetest_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"wapas/desk"
	"wapas/dialecttest"
	"wapas/sqlstore"
	"wapas/storetest"
)

// open opens a store on the database at an address and brings its schema up to
// date. It is closed after the test.
func open(t testing.TB, address string, o sqlstore.Options) *sqlstore.Store {
	t.Helper()
	st, _ := openFor(t, address, o)
	return st
}

// openFor is open for a store that may be closed before the test ends.
func openFor(t testing.TB, address string, o sqlstore.Options) (st *sqlstore.Store, shut func()) {
	t.Helper()
	dialecttest.Furnish(t, address)
	if note := dialecttest.Heard(t, address); o.Statement == nil {
		o.Statement = note
	} else if hear := o.Statement; note != nil {
		o.Statement = func(sql string) { hear(sql); note(sql) }
	}
	st, err := sqlstore.Open(context.Background(), address, o)
	if err != nil {
		t.Fatal(err)
	}
	shut = sync.OnceFunc(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(shut)
	if err := st.Migrate(context.Background()); err != nil {
		t.Fatal(err)
	}
	if storetest.Distributed(address) {
		if _, err := st.Distribute(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	return st, shut
}

// onEach runs a test on every engine there is.
func onEach(t *testing.T, test func(t *testing.T, e storetest.Engine)) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			test(t, e)
		})
	}
}

// clean verifies every book of a store.
func clean(t testing.TB, st *sqlstore.Store) sqlstore.Report {
	t.Helper()
	rep, err := sqlstore.Verify(context.Background(), st, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range rep.Findings {
		t.Errorf("book %d: %s %s: %s", f.Book, f.Rule, f.What, f.Detail)
	}
	return rep
}

// The contract, on every engine; and what the store sends while it is held against
// it is looked at (statements_test.go).
func TestStore(t *testing.T) {
	heard := dialecttest.NewStatements()
	t.Run("on", func(t *testing.T) {
		onEach(t, func(t *testing.T, e storetest.Engine) {
			storetest.Run(t, func(t *testing.T) desk.Store {
				address := e.New(t)
				return open(t, address, sqlstore.Options{Statement: heard.Of(address)})
			})
		})
	})
	if storetest.HasPostgres(t) {
		newPlanner(t).look(t, heard.Lines())
	}
}

// With next to no room for rows a store reads them again and again, and must
// not be wrong about one.
func TestStoreForgets(t *testing.T) {
	onEach(t, func(t *testing.T, e storetest.Engine) {
		for seed := range uint64(3) {
			storetest.History(t, seed, open(t, e.New(t), sqlstore.Options{Rows: 3}))
		}
	})
}

// Two servers on one database: each sees what the other did, at every step.
func TestTwoStores(t *testing.T) {
	onEach(t, func(t *testing.T, e storetest.Engine) {
		address := e.New(t)
		a := open(t, address, sqlstore.Options{})
		b := open(t, address, sqlstore.Options{})
		storetest.History(t, 7, a, b)
	})
}

// Two servers at once: their changes to one book are in one order.
func TestTwoStoresAtOnce(t *testing.T) {
	onEach(t, func(t *testing.T, e storetest.Engine) {
		address := e.New(t)
		stores := []*sqlstore.Store{open(t, address, sqlstore.Options{}), open(t, address, sqlstore.Options{})}
		book := storetest.NewBook(t, stores[0])
		const n = 200
		var by []desk.ID
		var all sync.WaitGroup
		for i := range n {
			who := desk.ID(fmt.Sprint(i))
			by = append(by, who)
			all.Go(func() {
				if err := storetest.Count(stores[i%2], book, who); err != nil {
					t.Errorf("change %d: %v", i, err)
				}
			})
		}
		all.Wait()
		for _, st := range stores {
			storetest.Counted(t, st, book, n, by)
		}
	})
}

// secondEnv tells this test program that it is the second process of
// TestTwoProcesses, and on which database.
const secondEnv = "WAPAS_TEST_SECOND"

func TestMain(m *testing.M) {
	if todo := os.Getenv(archiverEnv); todo != "" {
		fmt.Println(archiveAndDie(todo)) // it did not
		os.Exit(1)
	}
	if address := os.Getenv(secondEnv); address != "" {
		if err := secondProcess(address); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

const each = 100 // changes of each process

// secondProcess says that it is ready, waits to be told to go, and makes its
// changes.
func secondProcess(address string) error {
	st, err := sqlstore.Open(context.Background(), address, sqlstore.Options{})
	if err != nil {
		return err
	}
	defer st.Close()
	fmt.Println("ready")
	if _, err := io.ReadAll(os.Stdin); err != nil {
		return err
	}
	return countAll(st, "theirs")
}

func countAll(st desk.Store, who string) error {
	var all sync.WaitGroup
	errs := make([]error, each)
	for i := range each {
		all.Go(func() { errs[i] = storetest.Count(st, 1, desk.ID(fmt.Sprint(who, i))) })
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// Two processes on one database.
func TestTwoProcesses(t *testing.T) {
	onEach(t, func(t *testing.T, e storetest.Engine) {
		address := e.New(t)
		st := open(t, address, sqlstore.Options{})
		book := storetest.NewBook(t, st)
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), secondEnv+"="+address)
		cmd.Stderr = os.Stderr
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		defer cmd.Process.Kill()
		if ready := make([]byte, len("ready\n")); true {
			if _, err := io.ReadFull(out, ready); err != nil || string(ready) != "ready\n" {
				t.Fatalf("the second process said %q: %v", ready, err)
			}
		}
		in.Close() // go
		if err := countAll(st, "ours"); err != nil {
			t.Error(err)
		}
		rest, _ := io.ReadAll(out)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the second process: %v: %s", err, strings.TrimSpace(string(rest)))
		}
		var by []desk.ID
		for i := range each {
			by = append(by, desk.ID(fmt.Sprint("ours", i)), desk.ID(fmt.Sprint("theirs", i)))
		}
		storetest.Counted(t, st, book, 2*each, by)
	})
}
