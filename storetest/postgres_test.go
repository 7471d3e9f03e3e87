package storetest_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"wapas/desk"
	"wapas/sqlstore"
	"wapas/storetest"
)

// A line that breaks at a commit leaves the caller with the right answer and
// the book with exactly one effect, whichever side of the commit it broke on.
func TestCommitCut(t *testing.T) {
	if !storetest.HasPostgres(t) {
		t.Skip("needs PostgreSQL")
	}
	for _, tt := range []struct {
		name   string
		faults []storetest.Fault
	}{
		{"before the server heard", []storetest.Fault{storetest.CutBefore}},
		{"after the server did it", []storetest.Fault{storetest.CutAfter}},
		{"the server wants it again", []storetest.Fault{storetest.RefuseRestart}},
		{"again and again", []storetest.Fault{storetest.RefuseRestart, storetest.CutBefore, storetest.RefuseRestart, storetest.CutBefore, storetest.CutAfter}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			address := storetest.NewPostgres(t)
			proxy, through := storetest.NewPGProxy(t, address)
			straight := open(t, address, sqlstore.Options{})
			st := open(t, through, sqlstore.Options{})
			book := storetest.NewBook(t, straight)
			by := []desk.ID{"first"}
			if err := storetest.Count(st, book, "first"); err != nil { // and the statements are prepared
				t.Fatal(err)
			}

			proxy.Next(tt.faults...)
			if err := storetest.Count(st, book, "alone"); err != nil {
				t.Errorf("a change alone: %v", err)
			}
			if proxy.Met() != len(tt.faults) {
				t.Errorf("%d of %d faults were met", proxy.Met(), len(tt.faults))
			}
			storetest.Counted(t, straight, book, 2, append(by, "alone"))

			proxy.Next(tt.faults...)
			by = append(by, "alone")
			var all sync.WaitGroup
			for i := range 50 {
				who := desk.ID(fmt.Sprint(i))
				by = append(by, who)
				all.Go(func() {
					if err := storetest.Count(st, book, who); err != nil {
						t.Errorf("change %d: %v", i, err)
					}
				})
			}
			all.Wait()
			storetest.Counted(t, straight, book, 52, by)
			seals(t, straight)
		})
	}
}

// seals looks at the chain of seals only: these tests count in rows that no
// desk would write.
func seals(t *testing.T, st *sqlstore.Store) {
	t.Helper()
	rep, err := sqlstore.Verify(context.Background(), st, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range rep.Findings {
		if f.Rule == "seals" || f.Rule == "state" || f.Rule == "I-2" {
			t.Errorf("book %d: %s %s: %s", f.Book, f.Rule, f.What, f.Detail)
		}
	}
}

// A server that ends connections again and again, in the middle of whatever
// they do, makes changes slow and never wrong: each is answered, and made once.
func TestConnectionsEnded(t *testing.T) {
	if !storetest.HasPostgres(t) {
		t.Skip("needs PostgreSQL")
	}
	t.Parallel()
	address := storetest.NewPostgresDatabase(t)
	st := open(t, address, sqlstore.Options{})
	book := storetest.NewBook(t, st)
	ctx := context.Background()
	killer, err := pgx.Connect(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	defer killer.Close(ctx)

	const n = 300
	var by []desk.ID
	var ended, answered atomic.Int64
	var all sync.WaitGroup
	lanes := make(chan struct{}, 8)
	for i := range n {
		who := desk.ID(fmt.Sprint(i))
		by = append(by, who)
		all.Go(func() {
			lanes <- struct{}{}
			defer func() { <-lanes }()
			if err := storetest.Count(st, book, who); err != nil {
				t.Errorf("change %d: %v", i, err)
			}
			answered.Add(1)
		})
	}
	done := make(chan struct{})
	go func() { all.Wait(); close(done) }()
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
			before := answered.Load()
			tag, err := killer.Exec(ctx, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
			if err != nil {
				t.Fatal(err)
			}
			ended.Add(tag.RowsAffected())
			for answered.Load() < min(before+20, n) { // let some through
				if _, err := killer.Exec(ctx, "SELECT pg_sleep(0.002)"); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if ended.Load() == 0 {
		t.Error("no connection was ended")
	}
	storetest.Counted(t, st, book, n, by)
	seals(t, st)
}
