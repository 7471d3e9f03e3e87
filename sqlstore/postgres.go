package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

var postgresEngine = engine{
	name: "postgres",
	// Ids sort byte by byte, whatever the database's language.
	schema: strings.NewReplacer(" /* clustered */", "", " TEXT ", ` TEXT COLLATE "C" `),
	light:  []string{begin, "SET LOCAL synchronous_commit = off"},
	lock:   " FOR UPDATE",
	apart:  true,
	among:  "%s = ANY(%p)",
	list:   func(ids any) any { return ids },
	retry: func(err error) bool {
		var e *pgconn.PgError
		if !errors.As(err, &e) {
			return false
		}
		switch e.Code {
		case "40001", "40P01", "55P03": // to be tried again; a deadlock; a lock that was not to be had
			return true
		case "53300", "25P03", "57P05": // too many connections; this one lay idle for too long
			return true
		}
		return false
	},
	lost: func(err error) bool {
		var e *pgconn.PgError
		if !errors.As(err, &e) {
			return true // not the server's word: the line broke
		}
		switch e.Code {
		case "57P01", "57P02", "57P03", "25006", "40003": // shut down, or no longer the primary, or "completion unknown"
			return true
		}
		return len(e.Code) == 5 && e.Code[:2] == "08"
	},
	ails: func(err error) bool {
		var e *pgconn.PgError
		if !errors.As(err, &e) || len(e.Code) != 5 {
			return false
		}
		switch e.Code[:2] {
		case "53", "58", "XX": // no resources, such as space; the system; its own fault
			return true
		}
		return false
	},
	taken: func(err error) bool {
		var e *pgconn.PgError
		return errors.As(err, &e) && e.Code == "23505"
	},
	columnsFrom: 16,
	rowsAtOnce:  8,
}

// patience is how long a statement may take before its connection is taken for
// lost.
const patience = 30 * time.Second

// A network may lose what is sent, and tell nobody. Whether a connection that lay
// idle is still one is asked for so long; and a server that vanished in the middle
// of a change holds its book for so long, before the database ends it.
const (
	askFor     = 2 * time.Second
	vanishedIn = "10s"
)

// postgresDB is a PostgreSQL database, or an engine that speaks like one.
type postgresDB struct {
	write  *pgxpool.Pool
	read   *pgxpool.Pool
	closed atomic.Bool
}

func openPostgres(ctx context.Context, address string, writers, readers int) (*postgresDB, error) {
	pool := func(n int, settings map[string]string, more func(*pgxpool.Config)) (*pgxpool.Pool, error) {
		cfg, err := pgxpool.ParseConfig(address)
		if err != nil {
			return nil, err
		}
		cfg.MaxConns = int32(n)
		cfg.PingTimeout = askFor
		maps.DeleteFunc(settings, func(name, _ string) bool {
			_, given := cfg.ConnConfig.RuntimeParams[name]
			return given
		})
		cfg.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error { return adjust(ctx, conn, settings) }
		more(cfg)
		cfg.ConnConfig.RuntimeParams["application_name"] = "wapas"
		if cfg.ConnConfig.ConnectTimeout == 0 {
			cfg.ConnConfig.ConnectTimeout = 5 * time.Second
		}
		return pgxpool.NewWithConfig(ctx, cfg)
	}
	// A writing connection only ever looks rows up by their key. Plans made
	// while tables are empty would read them whole for ever after, so the
	// planner is not given that choice, and plans once.
	write, err := pool(writers, map[string]string{
		"enable_seqscan": "off", "enable_bitmapscan": "off", "jit": "off", "plan_cache_mode": "force_generic_plan",
		"idle_in_transaction_session_timeout": vanishedIn,
		"synchronous_commit":                  "on", // whatever the server's habit: an answer means that it is on disk
	}, func(cfg *pgxpool.Config) {
		cfg.ConnConfig.ValidateConnect = mayWrite
		cfg.ConnConfig.OnNotice = noteWarning
		adjusted := cfg.AfterConnect
		cfg.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
			if err := adjusted(ctx, conn); err != nil {
				return err
			}
			return catchUp(ctx, conn)
		}
	})
	if err != nil {
		return nil, err
	}
	read, err := pool(readers, map[string]string{"jit": "off"}, func(cfg *pgxpool.Config) {
		// Of several servers the one that takes writes has the latest; who names
		// one alone may look at a standby.
		if len(cfg.ConnConfig.Fallbacks) > 0 && cfg.ConnConfig.ValidateConnect == nil {
			cfg.ConnConfig.ValidateConnect = mayWrite
		}
	})
	if err != nil {
		write.Close()
		return nil, err
	}
	db := &postgresDB{write: write, read: read}
	if err := db.read.Ping(ctx); err != nil {
		db.close()
		return nil, fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	return db, nil
}

// mayWrite turns down a server that only reads, so that the next of an address is
// tried.
func mayWrite(ctx context.Context, conn *pgconn.PgConn) error {
	said := conn.ExecParams(ctx, "SHOW transaction_read_only", nil, nil, nil, nil).Read()
	if said.Err != nil {
		return said.Err
	}
	if len(said.Rows) == 1 && string(said.Rows[0][0]) == "on" {
		return errors.New("the server is read-only: it is a standby, or was told so")
	}
	return nil
}

// adjust changes settings of a new connection: not as it is opened, because
// PgBouncer lets nobody in who does that. An engine that does not know one has no
// need of it.
func adjust(ctx context.Context, conn *pgx.Conn, settings map[string]string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for name, value := range settings {
		_, err := conn.PgConn().Exec(ctx, "SET "+name+" = '"+value+"'").ReadAll()
		if e := (*pgconn.PgError)(nil); err != nil && !(errors.As(err, &e) && e.Code == "42704") {
			return err
		}
	}
	return nil
}

// catchUp makes sure that all that a new connection can see has come to the
// standby that commits wait for, if there is one. A primary that crashed while
// they waited, and came back, shows what they changed before the standby has it;
// nobody shall hear of that as done, for it is lost if the standby takes over. A
// commit of its own waits for all before it.
func catchUp(ctx context.Context, conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err := conn.PgConn().Exec(ctx, touch).ReadAll()
	if e := (*pgconn.PgError)(nil); errors.As(err, &e) && e.Code == "42P01" {
		return nil // there is no schema yet, and nothing to see
	}
	return err
}

// warned is set on a connection that was warned. PostgreSQL does so when somebody
// ends the wait for a standby, and then says that the commit was made, which is
// so, but on one disk.
const warned = "warned"

func noteWarning(c *pgconn.PgConn, n *pgconn.Notice) {
	if n.Code == "01000" {
		c.CustomData()[warned] = true
	}
}

var errWarned = errors.New("the database warned of what it did: a change may not be kept for good")

func (db *postgresDB) close() error {
	db.closed.Store(true)
	db.write.Close()
	db.read.Close()
	return nil
}

func (db *postgresDB) writer(ctx context.Context) (writer, error) {
	conn, err := db.write.Acquire(ctx)
	if err != nil && db.closed.Load() {
		return nil, errClosed
	}
	if err != nil {
		return nil, err
	}
	return &postgresWriter{conn}, nil
}

type postgresWriter struct{ conn *pgxpool.Conn }

// run sends all statements in one round trip. The context's deadline, not its
// cancellation, bounds it: what was begun for many callers is not given up for
// one.
func (w *postgresWriter) run(ctx context.Context, stmts []stmt) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	err := sendAll(ctx, w.conn, stmts)
	if said := w.conn.Conn().PgConn().CustomData(); said[warned] != nil {
		delete(said, warned)
		if err == nil {
			err = errWarned
		}
	}
	return err
}

// sendAll runs statements in one pipeline.
func sendAll(ctx context.Context, to interface {
	SendBatch(context.Context, *pgx.Batch) pgx.BatchResults
}, stmts []stmt) error {
	var batch pgx.Batch
	for _, st := range stmts {
		batch.Queue(st.sql, st.args...)
	}
	results := to.SendBatch(ctx, &batch)
	for _, st := range stmts {
		var err error
		if st.each == nil {
			_, err = results.Exec()
		} else {
			rows, qerr := results.Query()
			err = eachPgRow(rows, qerr, st.each)
		}
		if err != nil {
			results.Close()
			return err
		}
	}
	return results.Close()
}

func eachPgRow(rows pgx.Rows, err error, each func(scan func(dest ...any) error) error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (w *postgresWriter) close(clean bool) {
	if !clean {
		// A connection that is not clean is not used again: its server may
		// still be busy with what it was sent. A plain rollback keeps it.
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if w.conn.Conn().IsClosed() {
			// nothing to save
		} else if _, err := w.conn.Exec(ctx, "ROLLBACK"); err != nil {
			w.conn.Conn().Close(ctx)
		}
	}
	w.conn.Release()
}

// inTime bounds what its caller has not bounded, so that a connection of which
// nothing comes any more holds nobody up for ever.
func inTime(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, bounded := ctx.Deadline(); bounded {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, patience)
}

// settle has nothing to wait for: the server answers a commit when it is on disk,
// and shows it to others then.
func (db *postgresDB) settle() error { return nil }

// room is not known of another machine.
func (db *postgresDB) room() error { return nil }

func (db *postgresDB) exec(ctx context.Context, stmts []stmt) error {
	ctx, cancel := inTime(ctx)
	defer cancel()
	return pgx.BeginFunc(ctx, db.write, func(tx pgx.Tx) error {
		for _, st := range stmts {
			if st.each == nil {
				if _, err := tx.Exec(ctx, st.sql, st.args...); err != nil {
					return err
				}
				continue
			}
			rows, err := tx.Query(ctx, st.sql, st.args...)
			if err := eachPgRow(rows, err, st.each); err != nil {
				return err
			}
		}
		return nil
	})
}

// query asks again if the line broke before the first row came: at once, for a
// connection that lay idle may have been cut long ago and nobody noticed; then, as
// changes do, for as long as it may take until a standby has taken over.
func (db *postgresDB) query(ctx context.Context, st stmt) error {
	return db.ask(ctx, func(ctx context.Context, heard func()) error {
		rows, err := db.read.Query(ctx, st.sql, st.args...)
		return eachPgRow(rows, err, func(scan func(...any) error) error {
			heard()
			return st.each(scan)
		})
	})
}

// moment sends all questions in one round trip, in a transaction that sees one
// moment.
func (db *postgresDB) moment(ctx context.Context, stmts []stmt) error {
	return db.ask(ctx, func(ctx context.Context, heard func()) error {
		all := []stmt{{sql: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}}
		for _, st := range stmts {
			each := st.each
			st.each = func(scan func(...any) error) error {
				heard()
				return each(scan)
			}
			all = append(all, st)
		}
		return sendAll(ctx, db.read, append(all, stmt{sql: commit}))
	})
}

// ask calls do until it has an answer, or has heard a part of one.
func (db *postgresDB) ask(ctx context.Context, do func(ctx context.Context, heard func()) error) error {
	ctx, cancel := inTime(ctx)
	defer cancel()
	begun := time.Now()
	var why error // of the last try that was not cut short by its caller
	for try := 0; ; try++ {
		none := true
		err := do(ctx, func() { none = false })
		if ctx.Err() != nil && why != nil {
			return fmt.Errorf("%w; then %w", why, err)
		}
		if err == nil || !none || !postgresEngine.lost(err) || try >= maxAsks && time.Since(begun) > retryFor {
			return err
		}
		why = err
		if try >= maxAsks {
			select {
			case <-ctx.Done():
			case <-time.After(pause(try - maxAsks)):
			}
		}
	}
}

// maxAsks is how many cut connections a query may meet: all that may lie idle.
const maxAsks = 10

func (db *postgresDB) still(ctx context.Context, do func(r reader) error) error {
	return pgx.BeginTxFunc(ctx, db.read, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		return do(postgresTx{tx})
	})
}

type postgresTx struct{ tx pgx.Tx }

func (t postgresTx) query(ctx context.Context, st stmt) error {
	rows, err := t.tx.Query(ctx, st.sql, st.args...)
	return eachPgRow(rows, err, st.each)
}
