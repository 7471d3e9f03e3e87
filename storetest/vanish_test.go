package storetest_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"wapas/desk"
	"wapas/sqlstore"
	"wapas/storetest"
)

// A network loses what is sent on the connections that there are, and tells
// nobody. Those that lie idle are found out before they are used: a read and a
// change take a few seconds, not a quarter of an hour.
func TestConnectionsForgotten(t *testing.T) {
	if !storetest.HasPostgres(t) {
		t.Skip("needs PostgreSQL")
	}
	t.Parallel()
	proxy, through := storetest.NewPGProxy(t, storetest.NewPostgres(t))
	st := open(t, through, sqlstore.Options{})
	book := storetest.NewBook(t, st)
	must(t, storetest.Count(st, book, "before"))
	if _, err := st.Book(t.Context(), book); err != nil {
		t.Fatal(err)
	}
	proxy.Forget()
	time.Sleep(1100 * time.Millisecond) // from a second on a connection is asked whether it is there
	begun := time.Now()
	if _, err := st.Book(t.Context(), book); err != nil {
		t.Error(err)
	}
	must(t, st.Writable(t.Context()))
	must(t, storetest.Count(st, book, "after"))
	if took := time.Since(begun); took > 25*time.Second {
		t.Errorf("it took %s", took)
	}
	storetest.Counted(t, st, book, 2, []desk.ID{"before", "after"})
}

// A server that vanishes in the middle of a change, and whose connection nobody
// closes, holds the book only until the database ends it.
func TestHolderVanishes(t *testing.T) {
	if testing.Short() || !storetest.HasPostgres(t) {
		t.Skip("needs PostgreSQL, and ten seconds")
	}
	t.Parallel()
	address := storetest.NewPostgres(t)
	st := open(t, address, sqlstore.Options{})
	book := storetest.NewBook(t, st)
	other := open(t, address, sqlstore.Options{})
	inside, gone := make(chan struct{}), make(chan struct{})
	first := make(chan error, 1)
	tries := 0
	go func() { // as if it stood still in the middle
		first <- other.Change(context.Background(), book, nil, func(tx desk.Tx) error {
			if tries++; tries == 1 {
				close(inside)
				<-gone
			}
			_, err := storetest.CountIn(tx, "other")
			return err
		})
	}()
	<-inside
	must(t, storetest.Count(st, book, "st"))
	close(gone)
	must(t, <-first) // it is told that its line broke, and does it again
	if tries != 2 {
		t.Errorf("it was done %d times, of which one was kept", tries)
	}
	storetest.Counted(t, st, book, 2, []desk.ID{"st", "other"})
}

// The database says that it may not be written to: the store says so, and that
// it may again.
func TestWritable(t *testing.T) {
	if !storetest.HasPostgres(t) {
		t.Skip("needs PostgreSQL")
	}
	t.Parallel()
	address := storetest.NewPostgresDatabase(t)
	st := open(t, address, sqlstore.Options{})
	conn, err := pgx.Connect(t.Context(), address)
	must(t, err)
	defer conn.Close(t.Context())
	set := func(to string) {
		t.Helper()
		for _, sql := range []string{
			"DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = " + to + "', current_database()); END $$",
			"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
		} {
			if _, err := conn.Exec(t.Context(), "SET default_transaction_read_only = off; "+sql); err != nil {
				t.Fatal(err)
			}
		}
	}
	must(t, st.Writable(t.Context()))
	set("on")
	for begun := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		err := st.Writable(t.Context())
		if err != nil && strings.Contains(err.Error(), "no change can be kept") && strings.Contains(err.Error(), "read-only") {
			break
		}
		if time.Since(begun) > 10*time.Second {
			t.Fatalf("it can only be read, and the store says %v", err)
		}
	}
	if err := st.Check(t.Context()); err != nil {
		t.Errorf("it can be read, and the store says %v", err)
	}
	set("off")
	for begun := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		err := st.Writable(t.Context())
		if err == nil {
			break
		}
		if time.Since(begun) > 20*time.Second {
			t.Fatal(err)
		}
	}
}
