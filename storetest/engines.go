package storetest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// An Engine is a kind of database. New makes an empty one for a test, which
// goes away with it, and returns its address. Copy makes one like another,
// which nobody may have open meanwhile.
type Engine struct {
	Name string
	New  func(t testing.TB) string
	Copy func(t testing.TB, address string) string
}

// Where PostgreSQL is: the URL of a user who may create databases. Without it
// only SQLite is tested, unless everything must be, which is what the second
// variable says.
const (
	PostgresEnv = "WAPAS_TEST_POSTGRES"
	FullEnv     = "WAPAS_TEST_FULL"
)

// Engines are those that can be tested here. It fails the test if PostgreSQL is
// missing where everything must be tested.
func Engines(t testing.TB) []Engine {
	t.Helper()
	engines := []Engine{{"sqlite", newSQLite, copySQLite}}
	if HasPostgres(t) {
		engines = append(engines, Engine{"postgres", NewPostgres, copyPostgres})
	}
	return engines
}

// HasPostgres says whether PostgreSQL can be tested. Like Engines it fails the
// test if it must be and cannot.
func HasPostgres(t testing.TB) bool {
	t.Helper()
	if os.Getenv(PostgresEnv) != "" {
		return true
	}
	if os.Getenv(FullEnv) != "" {
		t.Fatalf("%s says that everything must be tested, but %s does not say where PostgreSQL is", FullEnv, PostgresEnv)
	}
	return false
}

func newSQLite(t testing.TB) string {
	return "sqlite:" + filepath.Join(t.TempDir(), "wapas.db")
}

func copySQLite(t testing.TB, address string) string {
	t.Helper()
	to := newSQLite(t)
	data, err := os.ReadFile(strings.TrimPrefix(address, "sqlite:"))
	if err == nil {
		err = os.WriteFile(strings.TrimPrefix(to, "sqlite:"), data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return to
}

var databases atomic.Int64

// NewPostgres makes room on the server that the environment names: a schema of
// its own, which is a database as far as a store can see, and made ten times as
// fast.
func NewPostgres(t testing.TB) string {
	t.Helper()
	name := newName()
	admin(t, "CREATE SCHEMA "+name)
	t.Cleanup(func() { admin(t, "DROP SCHEMA "+name+" CASCADE") })
	return addressOf(t, func(u *url.URL, q url.Values) { q.Set("search_path", name) })
}

// NewPostgresDatabase makes a database of its own, for tests that do something
// to all connections of one.
func NewPostgresDatabase(t testing.TB) string {
	t.Helper()
	name := newName()
	admin(t, "CREATE DATABASE "+name+" TEMPLATE template0")
	t.Cleanup(func() { admin(t, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)") })
	return addressOf(t, func(u *url.URL, q url.Values) { u.Path = "/" + name })
}

// copyPostgres copies the tables with their keys and without their triggers.
func copyPostgres(t testing.TB, address string) string {
	t.Helper()
	from, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	to := NewPostgres(t)
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	old, fresh := from.Query().Get("search_path"), u.Query().Get("search_path")
	admin(t, fmt.Sprintf(`DO $$ DECLARE name text; BEGIN
		FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = '%[1]s' LOOP
			EXECUTE format('CREATE TABLE %[2]s.%%1$I (LIKE %[1]s.%%1$I INCLUDING INDEXES)', name);
			EXECUTE format('INSERT INTO %[2]s.%%1$I SELECT * FROM %[1]s.%%1$I', name);
		END LOOP;
	END $$`, old, fresh))
	return to
}

func newName() string {
	return fmt.Sprintf("wapas_test_%d_%d_%d", os.Getpid(), time.Now().UnixNano()%1e9, databases.Add(1))
}

func addressOf(t testing.TB, edit func(u *url.URL, q url.Values)) string {
	t.Helper()
	u, err := url.Parse(os.Getenv(PostgresEnv))
	if err != nil {
		t.Fatalf("%s: %v", PostgresEnv, err)
	}
	q := u.Query()
	edit(u, q)
	u.RawQuery = q.Encode()
	return u.String()
}

func admin(t testing.TB, sql string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, os.Getenv(PostgresEnv))
	if err != nil {
		t.Fatalf("%s: %v", PostgresEnv, err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}
