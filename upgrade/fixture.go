// Package upgrade keeps databases as earlier programs filled them, and tests
// that they can be brought up to date: every migration on a filled database of
// the step before, on both engines. It is for tests only.
package upgrade

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"

	"wapas/sqlstore"
)

// A Fixture is a database as an earlier program filled it: the demo, made
// smaller, and what the program answered to some requests. It says nothing of
// the engine: the rows are the same on both, and so are their digests.
type Fixture struct {
	Step    string   // the last migration of the program that filled it
	Program string   // the commit that program was built from
	Key     string   // the master key that its secrets are sealed under
	Asked   []Asked  // with the answers that were given
	Steps   []string // the migrations, each with its sum
	Tables  []FixtureTable
}

// An Asked is a request and what was answered.
type Asked struct {
	Room, Method, Path string
	Header             map[string]string
	Body               string
	Status             int
	Answer             string
}

// A FixtureTable is one table, a list for each column: that is small once it is
// packed. Blobs are hexadecimal behind \x.
type FixtureTable struct {
	Name    string
	Columns []string
	Types   []string
	Values  [][]json.RawMessage
}

// Rows is how many there are.
func (t FixtureTable) Rows() int { return len(t.Values[0]) }

// Fixtures are all that there are, the earliest first; nobody may change them.
// Dir is where this package is, as the tests of one program see it.
func Fixtures(t testing.TB, dir string) []Fixture {
	t.Helper()
	kept.once.Do(func() { kept.all, kept.err = readFixtures(dir) }) // it takes seconds
	if kept.err != nil {
		t.Fatal(kept.err)
	}
	return kept.all
}

var kept struct {
	once sync.Once
	all  []Fixture
	err  error
}

func readFixtures(dir string) (all []Fixture, err error) {
	names, err := filepath.Glob(filepath.Join(dir, "testdata", "*.gz"))
	if err != nil || len(names) == 0 {
		return nil, fmt.Errorf("no fixtures in %s: %v", dir, err)
	}
	for _, name := range names { // sorted
		f, err := readFixture(name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if want := f.Step + ".json.gz"; filepath.Base(name) != want {
			return nil, fmt.Errorf("%s holds what should be called %s", name, want)
		}
		all = append(all, f)
	}
	return all, nil
}

func readFixture(name string) (f Fixture, err error) {
	file, err := os.Open(name)
	if err != nil {
		return f, err
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		return f, err
	}
	return f, json.NewDecoder(z).Decode(&f)
}

// Write keeps a fixture under the name of its step.
func (f Fixture) Write(dir string) (name string, err error) {
	name = filepath.Join(dir, "testdata", f.Step+".json.gz")
	var packed bytes.Buffer
	z, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err := errors.Join(json.NewEncoder(z).Encode(f), z.Close()); err != nil {
		return name, err
	}
	return name, os.WriteFile(name, packed.Bytes(), 0o644)
}

// beside are tables that are not the fixture's to fill: those of SQLite itself,
// and what says which migrations were applied.
func beside(table string) bool { return strings.HasPrefix(table, "sqlite_") || table == "migrations" }

// ReadTables reads the rows and the migrations of a SQLite file.
func (f *Fixture) ReadTables(ctx context.Context, path string) (err error) {
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	if err != nil {
		return err
	}
	defer db.Close()
	names, err := column(ctx, db, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
	if err != nil {
		return err
	}
	if f.Steps, err = column(ctx, db, "SELECT name || ' ' || sum FROM migrations ORDER BY name"); err != nil {
		return err
	}
	f.Step, _, _ = strings.Cut(f.Steps[len(f.Steps)-1], " ")
	for _, name := range names {
		if beside(name) {
			continue
		}
		t, err := readTable(ctx, db, name)
		if err != nil {
			return err
		}
		f.Tables = append(f.Tables, t)
	}
	return nil
}

// column reads the first column of an answer.
func column(ctx context.Context, db *sql.DB, query string) (all []string, err error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, rows.Err()
}

func readTable(ctx context.Context, db *sql.DB, name string) (FixtureTable, error) {
	t := FixtureTable{Name: name}
	rows, err := db.QueryContext(ctx, "SELECT * FROM "+name+" LIMIT 1")
	if err != nil {
		return t, err
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		return t, err
	}
	for _, c := range types {
		t.Columns, t.Types = append(t.Columns, c.Name()), append(t.Types, c.DatabaseTypeName())
	}
	return t.Read(ctx, db)
}

// Read is what is in the columns of such a table now.
func (t FixtureTable) Read(ctx context.Context, db *sql.DB) (FixtureTable, error) {
	t.Values = make([][]json.RawMessage, len(t.Columns))
	rows, err := db.QueryContext(ctx, "SELECT "+strings.Join(t.Columns, ", ")+" FROM "+t.Name)
	if err != nil {
		return t, err
	}
	defer rows.Close()
	row, ptrs := make([]any, len(t.Columns)), make([]any, len(t.Columns))
	for i := range row {
		ptrs[i] = &row[i]
	}
	for rows.Next() {
		if err := rows.Scan(ptrs...); err != nil {
			return t, err
		}
		for i, v := range row {
			text, err := json.Marshal(plain(v, t.Types[i]))
			if err != nil {
				return t, err
			}
			t.Values[i] = append(t.Values[i], text)
		}
	}
	return t, rows.Err()
}

// plain is a value as both engines have it.
func plain(v any, kind string) any {
	switch v := v.(type) {
	case []byte:
		return `\x` + hex.EncodeToString(v)
	case int64:
		if kind == "BOOLEAN" {
			return v != 0
		}
	case nil:
		if kind == "BYTEA" { // as SQLite's driver reads an empty one
			return `\x`
		}
	}
	return v
}

// Line is a row as a text.
func (t FixtureTable) Line(i int) string {
	var text strings.Builder
	for c, name := range t.Columns {
		fmt.Fprintf(&text, "%s=%s ", name, t.Values[c][i])
	}
	return text.String()
}

// Only is the table with no more than some columns.
func (t FixtureTable) Only(columns []string) FixtureTable {
	out := FixtureTable{Name: t.Name}
	for i, c := range t.Columns {
		if slices.Contains(columns, c) {
			out.Columns, out.Types, out.Values = append(out.Columns, c), append(out.Types, t.Types[i]), append(out.Values, t.Values[i])
		}
	}
	return out
}

// Connect opens a database as it is, past the store.
func Connect(t testing.TB, address string) *sql.DB {
	t.Helper()
	driver, dsn := "pgx", address
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		driver, dsn = "sqlite", "file:"+path+"?_pragma=busy_timeout(10000)"
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// Load makes the schema of the fixture's step in an empty database, and fills
// it.
func (f Fixture) Load(t testing.TB, address string) {
	t.Helper()
	st, err := sqlstore.Open(t.Context(), address, sqlstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if err := st.MigrateTo(t.Context(), LastStep(t, st, f.Step)); err != nil {
		t.Fatal(err)
	}
	f.Fill(t, Connect(t, address), 0)
}

// LastStep is the last migration of the engine that is no later than a step: a
// step may be of the other engine.
func LastStep(t testing.TB, st *sqlstore.Store, step string) string {
	t.Helper()
	steps, err := st.Steps()
	if err != nil {
		t.Fatal(err)
	}
	last := ""
	for _, s := range steps {
		if s.Name <= step {
			last = s.Name
		}
	}
	return last
}

// Fill puts the rows into the tables and columns that are there, as far as they
// are; at most most of each table if that is not zero.
func (f Fixture) Fill(t testing.TB, db *sql.DB, most int) {
	t.Helper()
	for _, table := range f.Tables {
		there := ColumnsOf(t, db, table.Name)
		if len(there) == 0 {
			continue
		}
		for from := 0; from < table.Rows() && (most == 0 || from < most); from += 1000 {
			to := min(from+1000, table.Rows())
			if most > 0 {
				to = min(to, most)
			}
			if err := table.insert(t.Context(), db, there, from, to); err != nil {
				t.Fatalf("fill %s: %v", table.Name, err)
			}
		}
	}
}

// insert puts rows from and up to some number into the columns that are there.
func (t FixtureTable) insert(ctx context.Context, db *sql.DB, there []string, from, to int) error {
	var list bytes.Buffer
	w := bufio.NewWriter(&list)
	w.WriteByte('[')
	for i := from; i < to; i++ {
		if i > from {
			w.WriteByte(',')
		}
		mark := "{"
		for c, name := range t.Columns {
			fmt.Fprintf(w, "%s%q:%s", mark, name, t.Values[c][i])
			mark = ","
		}
		w.WriteByte('}')
	}
	w.WriteByte(']')
	w.Flush()
	var cols, read []string
	sqlite := isSQLite(db)
	for c, name := range t.Columns {
		if !slices.Contains(there, name) {
			continue
		}
		cols = append(cols, name)
		if !sqlite {
			read = append(read, name)
			continue
		}
		from := "value->>'$." + name + "'"
		if t.Types[c] == "BYTEA" {
			from = "unhex(substr(" + from + ", 3))"
		}
		read = append(read, from)
	}
	query := fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM json_populate_recordset(NULL::%[1]s, $1::json)", t.Name, strings.Join(cols, ", "), strings.Join(read, ", "))
	if sqlite {
		query = fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM json_each($1)", t.Name, strings.Join(cols, ", "), strings.Join(read, ", "))
	}
	_, err := db.ExecContext(ctx, query, list.String())
	return err
}

func isSQLite(db *sql.DB) bool { return fmt.Sprintf("%T", db.Driver()) == "*sqlite.Driver" }

// ColumnsOf are the columns of a table, in their order; none if there is no
// such table.
func ColumnsOf(t testing.TB, db *sql.DB, table string) []string {
	t.Helper()
	query := fmt.Sprintf("SELECT attname FROM pg_attribute WHERE attrelid = to_regclass('%s') AND attnum > 0 AND NOT attisdropped ORDER BY attnum", table)
	if isSQLite(db) {
		query = fmt.Sprintf("SELECT name FROM pragma_table_info('%s') ORDER BY cid", table)
	}
	all, err := column(t.Context(), db, query)
	if err != nil {
		t.Fatal(err)
	}
	return all
}
