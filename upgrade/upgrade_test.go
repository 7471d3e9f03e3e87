package upgrade_test

import (
	"bufio"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wapas/desk"
	"wapas/rail"
	"wapas/rail/sim"
	"wapas/sqlstore"
	"wapas/storetest"
	"wapas/upgrade"
)

// What an earlier program wrote is brought up to date one migration at a time.
// After the last one everything is there and adds up, the schema and what the
// planner is told are those of a new database, all rows can be listed, and the
// next change goes on where the last one ended.
func TestUpgrade(t *testing.T) {
	fixtures := upgrade.Fixtures(t, ".")
	onEach(t, func(t *testing.T, e storetest.Engine) {
		fresh := e.New(t)
		migrateTo(t, open(t, fresh), "")
		want := schema(t, e, upgrade.Connect(t, fresh))
		for _, f := range fixtures {
			t.Run(f.Step, func(t *testing.T) {
				address := e.New(t)
				f.Load(t, address)
				st, db := open(t, address), upgrade.Connect(t, address)
				for _, step := range steps(t, st) {
					if step.Name <= f.Step {
						continue
					}
					if err := st.Check(t.Context()); !errors.Is(err, sqlstore.ErrSchema) {
						t.Errorf("before %s the check says %v", step.Name, err)
					}
					migrateTo(t, st, step.Name)
					counts(t, db, f, step.Name)
				}
				if err := st.Migrate(t.Context()); err != nil {
					t.Fatal(err)
				}
				if d := differ(schema(t, e, db), want); d != "" {
					t.Errorf("the schema is not that of a new database:\n%s", d)
				}
				for _, table := range f.Tables {
					if table.Rows() > large && os.Getenv(allEnv) == "" {
						continue
					}
					if d := differ(content(t, db, table, 0)); d != "" {
						t.Errorf("%s is not what it was:\n%s", table.Name, d)
					}
				}
				adds(t, st)
				listed(t, st, f)
				goesOn(t, st, f)
				adds(t, st)
			})
		}
	})
}

// The large tables are those of the books, every row of which lies under a seal
// that adds works out again. With the variable set their rows are compared one
// by one as well.
const (
	large  = 300
	allEnv = "WAPAS_TEST_UPGRADE_ROWS"
)

// counts compares how many rows there are.
func counts(t *testing.T, db *sql.DB, f upgrade.Fixture, step string) {
	t.Helper()
	for _, table := range f.Tables {
		var n int
		if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table.Name).Scan(&n); err != nil || n != table.Rows() {
			t.Errorf("after %s there are %d %s, want %d (%v)", step, n, table.Name, table.Rows(), err)
		}
	}
}

// content is what is in the columns of a table, and what was, both sorted.
func content(t *testing.T, db *sql.DB, table upgrade.FixtureTable, most int) (got, want []string) {
	t.Helper()
	now, err := table.Read(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	for i := range now.Rows() {
		got = append(got, now.Line(i))
	}
	for i := range table.Rows() {
		if most > 0 && i == most {
			break
		}
		want = append(want, table.Line(i))
	}
	slices.Sort(got)
	slices.Sort(want)
	return got, want
}

// adds verifies every book.
func adds(t *testing.T, st *sqlstore.Store) {
	t.Helper()
	rep, err := sqlstore.Verify(t.Context(), st, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range rep.Findings {
		t.Errorf("book %d: %s %s: %s", f.Book, f.Rule, f.What, f.Detail)
	}
	if rep.Books < 2 || rep.Postings < 1000 {
		t.Errorf("only %d books with %d postings were looked at", rep.Books, rep.Postings)
	}
}

// listed reads all pages of every kind of row, of entries and of events.
func listed(t *testing.T, st *sqlstore.Store, f upgrade.Fixture) {
	t.Helper()
	ctx := t.Context()
	books, err := st.Books(ctx, desk.BookQuery{})
	if err != nil {
		t.Fatal(err)
	}
	var rows, entries, events int
	for _, b := range books {
		for kind := desk.KindAccount + 1; kind < desk.Kinds; kind++ {
			for after := ""; ; {
				page, err := st.List(ctx, desk.Query{Book: b.ID, Kind: kind, After: after, Count: 500})
				if err != nil {
					t.Fatalf("list kind %d: %v", kind, err)
				}
				if len(page) == 0 {
					break
				}
				rows += len(page)
				after = string(page[len(page)-1].RowID())
			}
		}
		for after := ""; ; {
			page, err := st.Entries(ctx, desk.Query{Book: b.ID, Oldest: true, After: after, Count: 500})
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			entries += len(page)
			after = fmt.Sprint(page[len(page)-1].No)
		}
		last := int64(0)
		for {
			page, err := st.Events(ctx, b.ID, last, 500)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			for _, ev := range page {
				if ev.No != last+1 {
					t.Fatalf("event %d comes after event %d", ev.No, last)
				}
				last = ev.No
			}
			events += len(page)
		}
	}
	there := map[string]int{}
	for _, table := range f.Tables {
		if slices.Contains(table.Columns, "book") && slices.Contains(table.Columns, "id") {
			there["rows"] += table.Rows()
		}
		there[table.Name] = table.Rows()
	}
	// Accounts, and what lies beside the books, are no kinds of rows.
	for _, name := range strings.Fields("accounts events wallet_lines delivery_runs deliveries attempts requests checkups") {
		if slices.ContainsFunc(f.Tables, func(t upgrade.FixtureTable) bool {
			return t.Name == name && slices.Contains(t.Columns, "id") && slices.Contains(t.Columns, "book")
		}) {
			there["rows"] -= there[name]
		}
	}
	if rows != there["rows"] || entries != there["entries"] || events != there["events"] {
		t.Errorf("listed %d rows, %d entries, %d events; there are %d, %d, %d", rows, entries, events, there["rows"], there["entries"], there["events"])
	}
}

// goesOn makes a change in the demo's book: its event, its seal and its ids come
// after those that were there.
func goesOn(t *testing.T, st *sqlstore.Store, f upgrade.Fixture) {
	t.Helper()
	ctx := t.Context()
	key, err := base64.StdEncoding.DecodeString(f.Key)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := desk.NewKeyring(key)
	if err != nil {
		t.Fatal(err)
	}
	d := &desk.Desk{Store: st, Now: time.Now, Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Rails: map[string]rail.Rail{desk.SimRail: sim.Rail{}}, Sealer: ring}
	merchants, err := st.Merchants(ctx)
	if err != nil {
		t.Fatal(err)
	}
	opened := 0
	for _, m := range merchants {
		creds, err := st.Credentials(ctx, m.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range creds {
			if _, err := d.Reveal(c); err != nil {
				t.Errorf("credential %s: %v", c.Name, err)
			}
			opened++
		}
	}
	if opened == 0 {
		t.Error("no credential was opened")
	}
	books, err := st.Books(ctx, desk.BookQuery{})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range books {
		if b.Mode != desk.Test {
			continue
		}
		o, _, err := d.CreateOrder(ctx, b.ID, desk.OrderRequest{Amount: 5000, Capture: true})
		if err != nil {
			t.Fatal(err)
		}
		orders, err := st.List(ctx, desk.Query{Book: b.ID, Kind: desk.KindOrder, Count: 1})
		if err != nil || len(orders) != 1 || orders[0].RowID() != o.ID {
			t.Errorf("the newest order is %v (%v), want %s", orders, err, o.ID)
		}
		now, err := st.Book(ctx, b.ID)
		if err != nil || now.Seal != b.Seal+1 || now.Event < b.Event || now.Hash == b.Hash {
			t.Errorf("after the change the book is %+v (%v); before it was %+v", now, err, b)
		}
	}
}

// Every migration runs on a database whose tables all have rows in them: those
// of the latest fixture, as far as their columns are there yet. What was there
// before a migration is there after it.
func TestEachStep(t *testing.T) {
	fixtures := upgrade.Fixtures(t, ".")
	latest := fixtures[len(fixtures)-1]
	const most = 20 // rows of a table
	onEach(t, func(t *testing.T, e storetest.Engine) {
		all := steps(t, open(t, e.New(t)))
		for i, step := range all[1:] {
			t.Run(step.Name, func(t *testing.T) {
				address := e.New(t)
				st, db := open(t, address), upgrade.Connect(t, address)
				migrateTo(t, st, all[i].Name)
				latest.Fill(t, db, most)
				var before []upgrade.FixtureTable
				for _, table := range latest.Tables {
					if there := upgrade.ColumnsOf(t, db, table.Name); len(there) > 0 {
						before = append(before, table.Only(there))
					}
				}
				migrateTo(t, st, step.Name)
				for _, table := range before {
					if d := differ(content(t, db, table, most)); d != "" {
						t.Errorf("%s is not what it was:\n%s", table.Name, d)
					}
				}
				if err := st.Migrate(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
	})
}

// Servers that start at once on an earlier program's database bring it up to
// date together.
func TestUpgradeAtOnce(t *testing.T) {
	first := upgrade.Fixtures(t, ".")[0]
	onEach(t, func(t *testing.T, e storetest.Engine) {
		address := e.New(t)
		first.Load(t, address)
		var all sync.WaitGroup
		for range 3 {
			st := open(t, address)
			all.Go(func() {
				if err := st.Migrate(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		adds(t, open(t, address))
	})
}

// A line that breaks at the commit of a migration, on either side of it, leaves
// a database that the next try brings up to date.
func TestCommitCut(t *testing.T) {
	if !storetest.HasPostgres(t) {
		t.Skip("needs PostgreSQL")
	}
	first := upgrade.Fixtures(t, ".")[0]
	address := storetest.NewPostgres(t)
	first.Load(t, address)
	proxy, through := storetest.NewPGProxy(t, address)
	st := open(t, through)
	cuts := 0
	for _, step := range steps(t, st) {
		if step.Name <= first.Step {
			continue
		}
		for _, tt := range []struct {
			fault storetest.Fault
			done  bool
		}{{storetest.CutBefore, false}, {storetest.CutAfter, true}} { // and it is not made twice
			proxy.Next(storetest.Pass, tt.fault) // the first commit makes the list of migrations, if it is not there
			if err := st.MigrateTo(t.Context(), step.Name); (err == nil) != tt.done {
				t.Errorf("%s, cut with fault %d: %v", step.Name, tt.fault, err)
			}
			if proxy.Met() != 2 {
				t.Errorf("%s: %d commits were met, want 2", step.Name, proxy.Met())
			}
			cuts++
		}
	}
	t.Logf("%d cuts", cuts)
	proxy.Next()
	if err := st.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	counts(t, upgrade.Connect(t, address), first, "the cuts")
	adds(t, st)
}

// A database with a step that this program does not know, or knows otherwise,
// is refused before anything is done to it.
func TestForeign(t *testing.T) {
	first := upgrade.Fixtures(t, ".")[0]
	onEach(t, func(t *testing.T, e storetest.Engine) {
		for _, tt := range []struct{ name, sql, want string }{
			{"newer", "INSERT INTO migrations (name, sum, applied_at) VALUES ('9999_later', 'x', 1)", "9999_later is of a newer program"},
			{"altered", "UPDATE migrations SET sum = 'x' WHERE name = '0001_books'", "0001_books was applied with another text"},
		} {
			t.Run(tt.name, func(t *testing.T) {
				address := e.New(t)
				st, db := open(t, address), upgrade.Connect(t, address)
				migrateTo(t, st, upgrade.LastStep(t, st, first.Step))
				if _, err := db.Exec(tt.sql); err != nil {
					t.Fatal(err)
				}
				was := schema(t, e, db)
				for name, err := range map[string]error{"Migrate": st.Migrate(t.Context()), "Check": st.Check(t.Context())} {
					if !errors.Is(err, sqlstore.ErrSchema) || !strings.Contains(err.Error(), tt.want) {
						t.Errorf("%s: %v, want ErrSchema and %q", name, err, tt.want)
					}
				}
				if d := differ(schema(t, e, db), was); d != "" {
					t.Errorf("it was changed nevertheless:\n%s", d)
				}
			})
		}
	})
}

// fixed is from which step on each has a fixture. Before it, several landed
// together, and no program ever stood at those in between: fixtures are of
// 0003, 0004 and 0011, and TestEachStep fills the tables of the others.
const fixed = "0018"

// Migrations that landed are never edited, and each leaves a filled database
// behind for the one after it.
func TestLanded(t *testing.T) {
	const how = "make fixture keeps what is missing (commit it with the migration)"
	file, err := os.Open("testdata/landed")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	landed := map[string]string{}
	for in := bufio.NewScanner(file); in.Scan(); {
		sum, name, _ := strings.Cut(in.Text(), "  ")
		landed[name] = sum
	}
	names, err := filepath.Glob("../sqlstore/migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		base := filepath.Base(name)
		sum := sha256.Sum256(data)
		switch was, ok := landed[base]; {
		case !ok:
			t.Errorf("%s is not in upgrade/testdata/landed: %s", base, how)
		case was != hex.EncodeToString(sum[:]):
			t.Errorf("%s was changed after it landed: put it back, and write another migration", base)
		}
		delete(landed, base)
	}
	for name := range landed {
		t.Errorf("%s landed and is gone", name)
	}

	fixtures := upgrade.Fixtures(t, ".")
	st := open(t, "sqlite:"+filepath.Join(t.TempDir(), "none.db"))
	sums := map[string]string{}
	filled := map[string]bool{}
	for _, step := range steps(t, st) {
		sums[step.Name] = step.Sum
		filled[step.Name[:len(fixed)]] = false
	}
	for _, f := range fixtures {
		filled[f.Step[:len(fixed)]] = true
		for _, line := range f.Steps {
			if name, sum, _ := strings.Cut(line, " "); sums[name] != sum {
				t.Errorf("fixture %s was filled with another text of %s: if that has not landed yet, %s", f.Step, name, how)
			}
		}
		if len(f.Asked) < 10 || len(f.Tables) < 30 {
			t.Errorf("fixture %s has only %d answers and %d tables", f.Step, len(f.Asked), len(f.Tables))
		}
	}
	for number, ok := range filled {
		if number >= fixed && !ok {
			t.Errorf("no fixture was filled at step %s: %s", number, how)
		}
	}
}
