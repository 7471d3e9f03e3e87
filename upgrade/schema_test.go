package upgrade_test

import (
	"database/sql"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"wapas/sqlstore"
	"wapas/storetest"
	"wapas/upgrade"
)

// onEach runs a test on every engine there is.
func onEach(t *testing.T, test func(t *testing.T, e storetest.Engine)) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			test(t, e)
		})
	}
}

func open(t *testing.T, address string) *sqlstore.Store {
	t.Helper()
	st, err := sqlstore.Open(t.Context(), address, sqlstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	return st
}

func steps(t *testing.T, st *sqlstore.Store) []sqlstore.Step {
	t.Helper()
	all, err := st.Steps()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func migrateTo(t *testing.T, st *sqlstore.Store, step string) {
	t.Helper()
	if err := st.MigrateTo(t.Context(), step); err != nil {
		t.Fatal(err)
	}
}

// lines is the answer to a query, a line for each row.
func lines(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// schema is all that migrations make: tables with their columns, indexes,
// triggers, and on SQLite what the planner is told.
func schema(t *testing.T, e storetest.Engine, db *sql.DB) []string {
	t.Helper()
	if e.Name == "sqlite" {
		all := lines(t, db, "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY 1")
		if len(lines(t, db, "SELECT name FROM sqlite_schema WHERE name = 'sqlite_stat1'")) > 0 {
			all = append(all, lines(t, db, "SELECT tbl || ' ' || coalesce(idx, '') || ' ' || stat FROM sqlite_stat1 ORDER BY 1")...)
		}
		return all
	}
	var all []string
	here := lines(t, db, "SELECT current_schema()")[0] + "."
	for _, query := range []string{
		"SELECT table_name || ' ' || ordinal_position || ' ' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '') FROM information_schema.columns WHERE table_schema = current_schema() ORDER BY 1",
		"SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema() ORDER BY 1",
		"SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace = current_schema()::regnamespace) ORDER BY 1",
		"SELECT relname || ' ' || coalesce(array_to_string(reloptions, ' '), '') FROM pg_class WHERE relnamespace = current_schema()::regnamespace ORDER BY 1",
	} {
		for _, line := range lines(t, db, query) {
			all = append(all, strings.ReplaceAll(line, here, ""))
		}
	}
	return all
}

// differ is the first line in which two lists differ; empty if they do not.
func differ(got, want []string) string {
	for i := range max(len(got), len(want)) {
		var g, w string
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if g != w {
			return fmt.Sprintf("got  %s\nwant %s", g, w)
		}
	}
	return ""
}

// sketch is enough of the schema to see that something was made: it is asked
// for hundreds of times.
func sketch(t *testing.T, e storetest.Engine, db *sql.DB) []string {
	t.Helper()
	if e.Name == "sqlite" {
		return lines(t, db, "SELECT count(*) || ' ' || sum(length(sql)) FROM sqlite_schema UNION ALL SELECT 'step ' || coalesce(max(name), '') FROM migrations")
	}
	return lines(t, db, `SELECT count(*) || ' columns' FROM pg_attribute a JOIN pg_class c ON a.attrelid = c.oid
		WHERE c.relnamespace = current_schema()::regnamespace AND NOT attisdropped
		UNION ALL SELECT count(*) || ' triggers' FROM pg_trigger g JOIN pg_class c ON g.tgrelid = c.oid WHERE c.relnamespace = current_schema()::regnamespace
		UNION ALL SELECT 'step ' || coalesce(max(name), '') FROM migrations`)
}

// made finds what a statement of a migration makes.
var made = regexp.MustCompile(`(?m)^(?:CREATE (TABLE|INDEX|TRIGGER) (\w+)|ALTER TABLE (\w+) ADD COLUMN (\w+))`)

// text is a migration's, as the engine has it.
func text(t *testing.T, e storetest.Engine, step string) string {
	t.Helper()
	for _, name := range []string{step + ".sql", step + "." + e.Name + ".sql"} {
		if b, err := os.ReadFile("../sqlstore/migrations/" + name); err == nil {
			return string(b)
		}
	}
	t.Fatalf("no text of %s", step)
	return ""
}

// A migration that fails at any of its statements leaves the database as it
// was, and succeeds when what was in its way is gone. In the way of each
// statement is put, before it, a thing of the name that it wants to make; or the
// thing is taken away that it wants to replace.
func TestBrokenOff(t *testing.T) {
	fixtures := upgrade.Fixtures(t, ".")
	onEach(t, func(t *testing.T, e storetest.Engine) {
		address := e.New(t)
		st, db := open(t, address), upgrade.Connect(t, address)
		broken := 0
		for i, step := range steps(t, st) {
			if i > 0 && step.Name > fixtures[0].Step && steps(t, st)[i-1].Name <= fixtures[0].Step {
				fixtures[0].Fill(t, db, 20)
			}
			for _, m := range made.FindAllStringSubmatch(text(t, e, step.Name), -1) {
				var put, away string
				switch {
				case m[3] != "":
					if len(upgrade.ColumnsOf(t, db, m[3])) == 0 {
						continue // its table is made in the same migration
					}
					put, away = fmt.Sprintf("ALTER TABLE %s ADD COLUMN %s INT", m[3], m[4]), fmt.Sprintf("ALTER TABLE %s DROP COLUMN %s", m[3], m[4])
				case m[1] != "TRIGGER":
					put, away = fmt.Sprintf("CREATE TABLE %s (x INT)", m[2]), fmt.Sprintf("DROP TABLE %s", m[2])
				case e.Name == "sqlite":
					if there := lines(t, db, "SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name = '"+m[2]+"'"); len(there) == 1 {
						put, away = fmt.Sprintf("DROP TRIGGER %s", m[2]), there[0] // the migration wants to replace it
						break
					}
					put, away = fmt.Sprintf("CREATE TRIGGER %s BEFORE DELETE ON merchants BEGIN SELECT 1; END", m[2]), fmt.Sprintf("DROP TRIGGER %s", m[2])
				default: // on PostgreSQL its name is its table's
					continue
				}
				if i == 0 { // before the first step there is no list of steps
					if _, err := db.Exec("CREATE TABLE IF NOT EXISTS migrations (name TEXT NOT NULL PRIMARY KEY, sum TEXT NOT NULL, applied_at BIGINT NOT NULL)"); err != nil {
						t.Fatal(err)
					}
				}
				if _, err := db.Exec(put); err != nil {
					t.Fatalf("%s: %v", put, err)
				}
				was := sketch(t, e, db)
				err := st.MigrateTo(t.Context(), step.Name)
				if err == nil || !strings.Contains(err.Error(), "migration "+step.Name) {
					t.Errorf("%s with %q in its way: %v", step.Name, put, err)
				}
				if d := differ(sketch(t, e, db), was); d != "" {
					t.Errorf("%s failed at %q and left something behind:\n%s", step.Name, m[0], d)
				}
				if _, err := db.Exec(away); err != nil {
					t.Fatalf("%s: %v", away, err)
				}
				broken++
			}
			migrateTo(t, st, step.Name)
		}
		if err := st.Check(t.Context()); err != nil {
			t.Error(err)
		}
		t.Logf("%d statements were made to fail", broken)
		if broken < 100 {
			t.Errorf("only %d migrations were broken off: does the expression still find their statements?", broken)
		}
		fresh := e.New(t)
		migrateTo(t, open(t, fresh), "")
		if d := differ(columns(schema(t, e, db)), columns(schema(t, e, upgrade.Connect(t, fresh)))); d != "" {
			t.Errorf("the schema is not that of an empty database:\n%s", d)
		}
	})
}

// columns is a schema without the places of columns: PostgreSQL counts those
// that were dropped.
func columns(schema []string) []string {
	number := regexp.MustCompile(`^(\w+) \d+ (\w+ )`)
	out := make([]string, len(schema))
	for i, line := range schema {
		out[i] = number.ReplaceAllString(line, "$1 $2")
	}
	slices.Sort(out)
	return out
}
