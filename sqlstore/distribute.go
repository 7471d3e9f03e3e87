package sqlstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
)

// Citus is an extension of PostgreSQL that spreads tables over many servers. All
// rows of one book lie on one of them, so that a change stays one transaction of
// one server: every key begins with the book, and every statement names one.

// ErrDistribute says that the tables cannot be distributed here, and what is
// missing.
var ErrDistribute = errors.New("the tables cannot be distributed")

// Distribute spreads the tables over the nodes of a Citus cluster: a book's rows by
// their book, all tables alike, and what belongs to no book as a copy on every node.
// It says which tables it did; one that is distributed already stays as it is.
// Tables with rows in them may not be used meanwhile. It is ErrDistribute if the
// database has no Citus, or no node to put rows on.
func (st *Store) Distribute(ctx context.Context) (done []string, err error) {
	if err := st.distributable(ctx); err != nil {
		return nil, err
	}
	all, err := st.layout(ctx)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, migrateFor)
	defer cancel()
	for _, t := range all {
		if t.spread {
			continue
		}
		make := stmt{sql: "SELECT create_reference_table($1::text::regclass)", args: []any{t.name}}
		switch {
		case t.name == "books":
			make = stmt{sql: "SELECT create_distributed_table($1::text::regclass, 'book', colocate_with => 'none')", args: []any{t.name}}
		case t.ofBook:
			make = stmt{sql: "SELECT create_distributed_table($1::text::regclass, 'book', colocate_with => 'books')", args: []any{t.name}}
		}
		// The triggers that keep what is written look at no other row.
		if err := st.db.exec(ctx, []stmt{{sql: "SET LOCAL citus.enable_unsafe_triggers = on"}, make}); err != nil {
			return done, fmt.Errorf("distribute %s: %w", t.name, err)
		}
		done = append(done, t.name)
	}
	return done, nil
}

// Clustered says whether the database is one of a Citus cluster, distributed or not.
func (st *Store) Clustered() bool { return st.citus }

// distributable is ErrDistribute, and why, if nothing can be distributed.
func (st *Store) distributable(ctx context.Context) error {
	if st.Engine() != postgresEngine.name {
		return fmt.Errorf("%w: only PostgreSQL with Citus has more than one node", ErrDistribute)
	}
	var there, offered bool
	var nodes int
	read := func(sql string, into ...any) error {
		return st.db.query(ctx, stmt{sql: sql, each: func(scan func(...any) error) error { return scan(into...) }})
	}
	err := read(`SELECT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'citus'),
		EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = 'citus')`, &there, &offered)
	switch {
	case err != nil:
		return err
	case !there && offered:
		return fmt.Errorf("%w: this database has no Citus, and its server offers it: as a superuser run CREATE EXTENSION citus in the database of this name on every node", ErrDistribute)
	case !there:
		return fmt.Errorf("%w: this server has no Citus. Install it on every node, add it to shared_preload_libraries, and run CREATE EXTENSION citus in the database", ErrDistribute)
	}
	err = read("SELECT count(*) FROM pg_dist_node WHERE isactive AND shouldhaveshards AND noderole = 'primary'", &nodes)
	if err == nil && nodes == 0 {
		err = fmt.Errorf("%w: no node of the cluster may hold rows: add some with citus_add_node", ErrDistribute)
	}
	return err
}

// Undistributed names the tables that a later migration has made on a database
// whose other tables are distributed: none anywhere else.
func (st *Store) Undistributed(ctx context.Context) ([]string, error) {
	if !st.citus {
		return nil, nil
	}
	all, err := st.layout(ctx)
	var left []string
	for _, t := range all {
		if !t.spread {
			left = append(left, t.name)
		}
	}
	if len(left) == len(all) {
		return nil, err
	}
	return left, err
}

// A laid table is how it lies in a cluster.
type laid struct {
	name   string
	ofBook bool // its key begins with the book
	spread bool // over the nodes, or to all of them
}

// layout reads how all tables lie; those that belong to no book first, then the
// books, then theirs.
func (st *Store) layout(ctx context.Context) (all []laid, err error) {
	err = st.db.query(ctx, stmt{
		sql: `SELECT c.relname::text, COALESCE(a.attname = 'book', FALSE), p.logicalrelid IS NOT NULL
			FROM pg_class c
			LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
			LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
			LEFT JOIN pg_dist_partition p ON p.logicalrelid = c.oid
			WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' ORDER BY 2, c.relname <> 'books', 1`,
		each: func(scan func(...any) error) error {
			var t laid
			err := scan(&t.name, &t.ofBook, &t.spread)
			all = append(all, t)
			return err
		},
	})
	return all, err
}

// cluster opens the database anew if it is one of a Citus cluster, as is right
// there. An INSERT of rows that arrays are unpacked into would go through the node
// that was asked, row by row; rows of values go to the node of their book in one
// piece. And a plan that is made before the book is known cannot name its node.
func (st *Store) cluster(ctx context.Context, db *postgresDB, address string, o Options) (*postgresDB, error) {
	err := db.query(ctx, stmt{
		sql:  "SELECT to_regclass('pg_catalog.pg_dist_node') IS NOT NULL",
		each: func(scan func(...any) error) error { return scan(&st.citus) },
	})
	if err == nil && !st.citus {
		return db, nil
	}
	u, bad := url.Parse(address)
	if err := cmp.Or(err, bad, db.close()); err != nil {
		return nil, err
	}
	q := u.Query()
	if !q.Has("plan_cache_mode") {
		q.Set("plan_cache_mode", "force_custom_plan")
	}
	u.RawQuery = q.Encode()
	own := *st.engine
	own.columnsFrom, own.rowsAtOnce = 0, 64
	st.engine = &own
	return openPostgres(ctx, u.String(), o.Writers, o.Readers)
}
