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
// goes away with it, and returns its address. Copies makes as many like another
// as the test's own subtests ask for, and nobody may have that open meanwhile.
type Engine struct {
	Name   string
	New    func(t testing.TB) string
	Copies func(t testing.TB, address string) func(t testing.TB) string
}

// Where PostgreSQL is: the URL of a user who may create databases. Without it
// only SQLite is tested, unless everything must be, which is what the second
// variable says. The third is the URL of the coordinator of a Citus cluster, on
// which the same is tested if it is set.
const (
	PostgresEnv    = "WAPAS_TEST_POSTGRES"
	FullEnv        = "WAPAS_TEST_FULL"
	DistributedEnv = "WAPAS_TEST_DISTRIBUTED"
)

// Engines are those that can be tested here. It fails the test if PostgreSQL is
// missing where everything must be tested.
func Engines(t testing.TB) []Engine {
	t.Helper()
	engines := []Engine{{"sqlite", newSQLite, copiesSQLite}}
	if HasPostgres(t) {
		engines = append(engines, Engine{"postgres", NewPostgres, copiesPostgres})
	}
	if os.Getenv(DistributedEnv) != "" {
		engines = append(engines, Engine{"citus", NewDistributed, copiesPostgres})
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

func copiesSQLite(t testing.TB, address string) func(testing.TB) string {
	t.Helper()
	data, err := os.ReadFile(strings.TrimPrefix(address, "sqlite:"))
	if err != nil {
		t.Fatal(err)
	}
	return func(t testing.TB) string {
		t.Helper()
		to := newSQLite(t)
		if err := os.WriteFile(strings.TrimPrefix(to, "sqlite:"), data, 0o600); err != nil {
			t.Fatal(err)
		}
		return to
	}
}

var databases atomic.Int64

// NewPostgres makes room on the server that the environment names: a schema of
// its own, which is a database as far as a store can see, and made ten times as
// fast.
func NewPostgres(t testing.TB) string {
	t.Helper()
	return newSchema(t, PostgresEnv)
}

// NewDistributed makes a schema in the cluster. Whoever migrates it distributes its
// tables too: see Distributed. Tests may change tables behind the program's back, for
// which triggers have to be taken away.
func NewDistributed(t testing.TB) string {
	t.Helper()
	u, err := url.Parse(newSchema(t, DistributedEnv))
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("citus.enable_unsafe_triggers", "on")
	u.RawQuery = q.Encode()
	return u.String()
}

// Distributed says whether an address is one in the cluster.
func Distributed(address string) bool {
	cluster, err := url.Parse(os.Getenv(DistributedEnv))
	u, err2 := url.Parse(address)
	return err == nil && err2 == nil && cluster.Host != "" && cluster.Host == u.Host
}

func newSchema(t testing.TB, server string) string {
	t.Helper()
	name := newName()
	admin(t, server, "CREATE SCHEMA "+name)
	t.Cleanup(func() { admin(t, server, "DROP SCHEMA "+name+" CASCADE") })
	return addressOf(t, server, func(u *url.URL, q url.Values) { q.Set("search_path", name) })
}

// NewPostgresDatabase makes a database of its own, for tests that do something
// to all connections of one.
func NewPostgresDatabase(t testing.TB) string {
	t.Helper()
	name := newName()
	admin(t, PostgresEnv, "CREATE DATABASE "+name+" TEMPLATE template0")
	t.Cleanup(func() { admin(t, PostgresEnv, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)") })
	return addressOf(t, PostgresEnv, func(u *url.URL, q url.Values) { u.Path = "/" + name })
}

// copiesPostgres copies the tables with their keys and without their triggers. What
// one subtest has done with is emptied and filled again for the next, which costs less
// than to drop and make that many tables.
func copiesPostgres(t testing.TB, address string) func(testing.TB) string {
	t.Helper()
	server := PostgresEnv
	if Distributed(address) {
		server = DistributedEnv
	}
	schema := func(address string) string {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		return u.Query().Get("search_path")
	}
	idle := make(chan string, 64)
	return func(sub testing.TB) string {
		sub.Helper()
		var to string
		select {
		case to = <-idle:
		default:
			to = newSchema(t, server)
		}
		admin(sub, server, fmt.Sprintf(`DO $$ DECLARE name text; BEGIN
			FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = '%[1]s' LOOP
				IF to_regclass(format('%[2]s.%%I', name)) IS NULL THEN
					EXECUTE format('CREATE TABLE %[2]s.%%1$I (LIKE %[1]s.%%1$I INCLUDING INDEXES)', name);
				ELSE
					EXECUTE format('DELETE FROM %[2]s.%%1$I', name);
				END IF;
				EXECUTE format('INSERT INTO %[2]s.%%1$I SELECT * FROM %[1]s.%%1$I', name);
			END LOOP;
		END $$`, schema(address), schema(to)))
		sub.Cleanup(func() {
			select {
			case idle <- to:
			default: // more at once than are kept
			}
		})
		return to
	}
}

func newName() string {
	return fmt.Sprintf("wapas_test_%d_%d_%d", os.Getpid(), time.Now().UnixNano()%1e9, databases.Add(1))
}

func addressOf(t testing.TB, server string, edit func(u *url.URL, q url.Values)) string {
	t.Helper()
	u, err := url.Parse(os.Getenv(server))
	if err != nil {
		t.Fatalf("%s: %v", server, err)
	}
	q := u.Query()
	edit(u, q)
	u.RawQuery = q.Encode()
	return u.String()
}

func admin(t testing.TB, server, sql string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, os.Getenv(server))
	if err != nil {
		t.Fatalf("%s: %v", server, err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}
