package bench

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
)

// Scratch makes an empty database beside the one at a postgres:// address, or in a
// Citus cluster a schema in it, so that a measurement touches nobody's books. It
// returns its address and what drops it again.
func Scratch(ctx context.Context, address, name string) (string, func() error, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", nil, err
	}
	name = fmt.Sprintf("wapas_%s_%d_%d", name, os.Getpid(), time.Now().UnixMilli())
	run := func(sql string) error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		conn, err := pgx.Connect(ctx, address)
		if err != nil {
			return err
		}
		defer conn.Close(ctx)
		_, err = conn.Exec(ctx, sql)
		return err
	}
	make, drop := "CREATE DATABASE "+name, "DROP DATABASE "+name+" WITH (FORCE)"
	cluster, err := inCluster(ctx, address)
	if err != nil {
		return "", nil, fmt.Errorf("make a database to measure in: %w", err)
	}
	if cluster { // where a database is one of every node, a schema will do
		make, drop = "CREATE SCHEMA "+name, "DROP SCHEMA "+name+" CASCADE"
		q := u.Query()
		q.Set("search_path", name)
		u.RawQuery = q.Encode()
	} else {
		u.Path = "/" + name
	}
	if err := run(make); err != nil {
		return "", nil, fmt.Errorf("make a database to measure in: %w", err)
	}
	return u.String(), func() error { return run(drop) }, nil
}

// inCluster says whether a database is one of a Citus cluster.
func inCluster(ctx context.Context, address string) (cluster bool, err error) {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return false, err
	}
	defer conn.Close(ctx)
	err = conn.QueryRow(ctx, "SELECT to_regclass('pg_catalog.pg_dist_node') IS NOT NULL").Scan(&cluster)
	return cluster, err
}

// A Server is a PostgreSQL server, asked beside the one that is measured.
type Server struct{ conn *pgx.Conn }

// Connect asks the server at a postgres:// address. The caller closes.
func Connect(ctx context.Context, address string) (*Server, error) {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return nil, fmt.Errorf("ask PostgreSQL: %w", err)
	}
	return &Server{conn}, nil
}

// Close ends the connection.
func (s *Server) Close(ctx context.Context) error { return s.conn.Close(ctx) }

// Logged is how many bytes the server has written to its log (WAL) so far, for
// anybody.
func (s *Server) Logged(ctx context.Context) (n int64, err error) {
	err = s.conn.QueryRow(ctx, "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint").Scan(&n)
	return n, err
}

// Describe is the server's version, and those of its settings that decide how
// durable and how fast it is.
func (s *Server) Describe(ctx context.Context) (version string, settings []string, err error) {
	if err := s.conn.QueryRow(ctx, "SHOW server_version").Scan(&version); err != nil {
		return "", nil, err
	}
	for _, name := range []string{"fsync", "synchronous_commit", "full_page_writes", "wal_sync_method", "shared_buffers", "max_wal_size"} {
		var value string
		if err := s.conn.QueryRow(ctx, "SELECT current_setting($1)", name).Scan(&value); err != nil {
			return "", nil, err
		}
		settings = append(settings, name+" = "+value)
	}
	return version, settings, nil
}

// SQLite is the version of the one in this program, and how its books are
// opened.
func SQLite(ctx context.Context) (version string, settings []string, err error) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return "", nil, err
	}
	defer db.Close()
	err = db.QueryRowContext(ctx, "SELECT sqlite_version()").Scan(&version)
	return "SQLite " + version, nil, err
}
