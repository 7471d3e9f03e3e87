package sqlstore

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wapas/storetest"
)

// Where there is no cluster that is said, with what is missing, and nothing is done.
func TestDistributeWithoutCluster(t *testing.T) {
	st := openTest(t, "sqlite:"+filepath.Join(t.TempDir(), "wapas.db"), Options{})
	if _, err := st.Distribute(t.Context()); !errors.Is(err, ErrDistribute) || st.Clustered() {
		t.Errorf("on SQLite: %v", err)
	}
	if !storetest.HasPostgres(t) {
		t.Skip("needs PostgreSQL")
	}
	st = openTest(t, storetest.NewPostgres(t), Options{})
	done, err := st.Distribute(t.Context())
	if !errors.Is(err, ErrDistribute) || !strings.Contains(err.Error(), "Citus") || len(done) > 0 || st.Clustered() {
		t.Errorf("on PostgreSQL alone: %v, %v", done, err)
	}
	if left, err := st.Undistributed(t.Context()); err != nil || len(left) > 0 {
		t.Errorf("not distributed on PostgreSQL alone: %v, %v", left, err)
	}
}

// On a cluster every table is distributed once, what belongs to books by the book
// and all of it alike; a table that came later is named until it is distributed too.
// What is written cannot be changed there either.
func TestDistribute(t *testing.T) {
	if os.Getenv(storetest.DistributedEnv) == "" {
		t.Skipf("%s names no cluster", storetest.DistributedEnv)
	}
	st := openTest(t, storetest.NewDistributed(t), Options{})
	if left, err := st.Undistributed(t.Context()); err != nil || len(left) > 0 {
		t.Errorf("not distributed, where nothing is: %v, %v", left, err)
	}
	done, err := st.Distribute(t.Context())
	if err != nil || !slices.Contains(done, "refunds") || !slices.Contains(done, "people") {
		t.Fatalf("distributed: %v, %v", done, err)
	}
	for _, want := range []struct {
		tables, how string
		n           int
	}{{"merchants people credentials sessions sign_ins migrations", "n", 1}, {strings.Join(done, " "), "", 2}} {
		groups := map[int]bool{}
		err := st.db.query(t.Context(), stmt{
			sql: `SELECT colocationid, partmethod::text FROM pg_dist_partition JOIN pg_class c ON c.oid = logicalrelid
				WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = ANY($1)`,
			args: []any{strings.Fields(want.tables)},
			each: func(scan func(...any) error) error {
				var group int
				var how string
				err := scan(&group, &how)
				if groups[group] = true; want.how != "" && how != want.how {
					t.Errorf("one of %s is distributed by %q", want.tables, how)
				}
				return err
			},
		})
		if err != nil || len(groups) != want.n {
			t.Errorf("%d groups of tables that lie together, want %d: %v", len(groups), want.n, err)
		}
	}
	if again, err := st.Distribute(t.Context()); err != nil || len(again) > 0 {
		t.Errorf("distributed again: %v, %v", again, err)
	}
	if err := st.db.exec(t.Context(), []stmt{{sql: "CREATE TABLE later (book BIGINT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (book, id))"}}); err != nil {
		t.Fatal(err)
	}
	if left, err := st.Undistributed(t.Context()); err != nil || !slices.Equal(left, []string{"later"}) {
		t.Errorf("not distributed: %v, %v", left, err)
	}
	if done, err := st.Distribute(t.Context()); err != nil || !slices.Equal(done, []string{"later"}) {
		t.Errorf("distributed: %v, %v", done, err)
	}
	book := storetest.NewBook(t, st)
	if err := storetest.Count(st, book, "first"); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{"UPDATE entries SET at = 7 WHERE book = 1", "DELETE FROM seals WHERE book = 1", "DELETE FROM postings"} {
		if err := st.db.exec(t.Context(), []stmt{{sql: sql}}); err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v", sql, err)
		}
	}
	clean(t, st)
}
