package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

var sqliteEngine = engine{
	name: "sqlite",
	// Rows lie in the order of their key.
	schema: strings.NewReplacer(" /* clustered */", " WITHOUT ROWID"),
	light:  []string{begin},
	among:  "%s IN (SELECT value FROM json_each(%p))",
	list: func(ids any) any {
		text, _ := json.Marshal(ids)
		return string(text)
	},
	retry: func(err error) bool {
		var e *sqlite.Error
		return errors.As(err, &e) && (e.Code()&0xff == sqlite3.SQLITE_BUSY || e.Code()&0xff == sqlite3.SQLITE_LOCKED)
	},
	lost: func(error) bool { return false },
	ails: func(err error) bool {
		var e *sqlite.Error
		if !errors.As(err, &e) {
			return false
		}
		switch e.Code() & 0xff {
		case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_NOMEM:
			return true
		}
		return false
	},
	taken: func(err error) bool {
		var e *sqlite.Error
		return errors.As(err, &e) && (e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY || e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE)
	},
	nameless:   true,
	rowsAtOnce: 64,
}

// sqliteDB is a SQLite file: one connection writes, several read.
type sqliteDB struct {
	path  string
	write *sql.DB // one connection
	read  *sql.DB
	mover *sql.DB       // one connection, of the checkpointer
	turn  chan struct{} // held by who writes
	grown chan struct{} // tells the checkpointer of a commit
	idle  chan struct{} // closed when the checkpointer has ended
	done  chan struct{} // closed with the database
	conn  *sql.Conn     // the writing connection, with its prepared statements
	stmts map[string]*sql.Stmt
	flush *flusher
	log   *syncLog

	asked sync.Map     // the readers' statements by their text: see question
	texts atomic.Int64 // how many those are
}

// How much of the file a connection keeps in memory, in KiB: the one that writes,
// each that reads, and the checkpointer's, which only copies.
const (
	writerCache = 16 << 10
	readerCache = 4 << 10
	moverCache  = 1 << 10
)

// openSQLite opens or creates the file. Commits are synced to the disk before
// they are answered, by a flusher: that is the durability the store promises, and
// no option turns it off. The connection that writes leaves it to the flusher
// (synchronous NORMAL: it syncs checkpoints by itself, so that the file is never
// torn).
func openSQLite(path string, readers int) (*sqliteDB, error) {
	if path == "" {
		return nil, errors.New("a SQLite database needs a file: sqlite:PATH")
	}
	open := func(connections, cache int, more string) (*sql.DB, error) {
		v := url.Values{"_pragma": {
			"busy_timeout(10000)", "synchronous(NORMAL)", "foreign_keys(1)", "temp_store(MEMORY)", fmt.Sprintf("cache_size(-%d)", cache), more,
		}}
		db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+v.Encode())
		if err == nil {
			db.SetMaxOpenConns(connections)
			db.SetMaxIdleConns(connections)
		}
		return db, err
	}
	write, err := open(1, writerCache, fmt.Sprintf("wal_autocheckpoint(%d)", moveSelf))
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	conn, err := write.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	// Once, here, and not on every connection: switching a journal races.
	var mode string
	if err := conn.QueryRowContext(ctx, "PRAGMA journal_mode = WAL").Scan(&mode); err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	if mode != "wal" {
		return nil, fmt.Errorf("open %s: its file system cannot keep a write-ahead log (journal mode stays %s)", path, mode)
	}
	read, err := open(readers, readerCache, "query_only(1)")
	if err != nil {
		return nil, err
	}
	mover, err := open(1, moverCache, "wal_autocheckpoint(0)")
	if err != nil {
		return nil, err
	}
	db := &sqliteDB{
		path: path, write: write, read: read, mover: mover, conn: conn, stmts: map[string]*sql.Stmt{},
		log:  &syncLog{path: path},
		turn: make(chan struct{}, 1), grown: make(chan struct{}, 1), done: make(chan struct{}), idle: make(chan struct{}),
	}
	db.flush = newFlusher(db.log.sync)
	go db.checkpoints()
	return db, nil
}

func (db *sqliteDB) close() error {
	db.turn <- struct{}{} // after the last batch, and nobody has it again
	close(db.done)
	<-db.idle
	for _, st := range db.stmts {
		st.Close()
	}
	db.conn.Close()
	return errors.Join(db.flush.wait(), db.log.close(), db.mover.Close(), db.write.Close(), db.read.Close())
}

func (db *sqliteDB) writer(ctx context.Context) (writer, error) {
	if err := ctx.Err(); err != nil { // or the turn below would be as likely
		return nil, err
	}
	select {
	case db.turn <- struct{}{}:
		if err := db.flush.failure(); err != nil {
			<-db.turn
			return nil, err
		}
		return (*sqliteWriter)(db), nil
	case <-db.done:
		return nil, errClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

type sqliteWriter sqliteDB

// run never passes a context that can be cancelled: the driver would start a
// goroutine for each statement, and an interrupt could hit a neighbour.
func (w *sqliteWriter) run(_ context.Context, stmts []stmt) error {
	for _, st := range stmts {
		if err := w.one(st); err != nil {
			return err
		}
	}
	return nil
}

func (w *sqliteWriter) one(st stmt) error {
	ctx := context.Background()
	if st.sql == begin {
		st.sql = "BEGIN IMMEDIATE" // the book's lock and every other writer's
	}
	p := w.stmts[st.sql]
	if p == nil {
		var err error
		if p, err = w.conn.PrepareContext(ctx, st.sql); err != nil {
			return fmt.Errorf("%w in %.80s", err, st.sql)
		}
		w.stmts[st.sql] = p
	}
	if st.each == nil {
		_, err := p.ExecContext(ctx, st.args...)
		if err == nil && st.sql == commit {
			w.flush.wrote()
		}
		return err
	}
	return eachRow(p.QueryContext(ctx, st.args...))(st.each)
}

func (w *sqliteWriter) close(clean bool) {
	if !clean {
		w.conn.ExecContext(context.Background(), "ROLLBACK") // fails if none is open, which is as good
	}
	<-w.turn
	if clean {
		(*sqliteDB)(w).hasGrown()
	}
}

func (db *sqliteDB) exec(ctx context.Context, stmts []stmt) error {
	w, err := db.writer(ctx)
	if err != nil {
		return err
	}
	all := append([]stmt{{sql: begin}}, stmts...)
	err = w.run(ctx, append(all, stmt{sql: commit}))
	w.close(err == nil)
	if err != nil {
		return err
	}
	return db.settle()
}

// settle waits for the disk: see flusher.
func (db *sqliteDB) settle() error { return db.flush.wait() }

func (db *sqliteDB) query(ctx context.Context, st stmt) error {
	if err := db.ask(ctx, nil, st); err != nil {
		return err
	}
	return db.settle()
}

// ask asks in a transaction, if there is one.
func (db *sqliteDB) ask(ctx context.Context, tx *sql.Tx, st stmt) error {
	p, err := db.question(ctx, st.sql)
	if err != nil {
		return err
	}
	var rows *sql.Rows
	switch {
	case p == nil && tx == nil:
		rows, err = db.read.QueryContext(ctx, st.sql, st.args...)
	case p == nil:
		rows, err = tx.QueryContext(ctx, st.sql, st.args...)
	case tx == nil:
		rows, err = p.QueryContext(ctx, st.args...)
	default:
		rows, err = tx.StmtContext(ctx, p).QueryContext(ctx, st.args...)
	}
	return eachRow(rows, err)(st.each)
}

// mostTexts bounds how many texts are kept prepared. The program asks some
// hundreds of different questions: which columns a list is filtered by is part
// of its text.
const mostTexts = 1000

// question is a text that each reading connection parses once, and not each time
// it is asked, which takes longer than most answers do. A schema that changes has
// SQLite parse it again by itself. Once there are mostTexts it is nil for any
// other: that is asked as it stands. None is ever closed before its database, as
// somebody may be about to ask it.
func (db *sqliteDB) question(ctx context.Context, text string) (*sql.Stmt, error) {
	if p, ok := db.asked.Load(text); ok {
		return p.(*sql.Stmt), nil
	}
	if db.texts.Load() >= mostTexts {
		return nil, nil
	}
	p, err := db.read.PrepareContext(ctx, limits.ReplaceAllString(text, "$1 CAST($2 AS INTEGER)"))
	if err != nil {
		return nil, err
	}
	if first, there := db.asked.LoadOrStore(text, p); there {
		p.Close()
		return first.(*sql.Stmt), nil
	}
	db.texts.Add(1)
	return p, nil
}

// limits are those that a parameter gives. Where SQLite sees one it plans for its
// value, and so parses the text again each time it is given one.
var limits = regexp.MustCompile(`(LIMIT|OFFSET) (\$[0-9]+)`)

func (db *sqliteDB) still(ctx context.Context, do func(r reader) error) error {
	tx, err := db.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := do(sqliteTx{db, tx}); err != nil {
		return err
	}
	return db.settle()
}

func (db *sqliteDB) moment(ctx context.Context, stmts []stmt) error {
	return db.still(ctx, func(r reader) error {
		for _, st := range stmts {
			if err := r.query(ctx, st); err != nil {
				return err
			}
		}
		return nil
	})
}

type sqliteTx struct {
	db *sqliteDB
	tx *sql.Tx
}

func (t sqliteTx) query(ctx context.Context, st stmt) error { return t.db.ask(ctx, t.tx, st) }

// eachRow hands every row of an answer to a function.
func eachRow(rows *sql.Rows, err error) func(each func(scan func(dest ...any) error) error) error {
	return func(each func(scan func(dest ...any) error) error) error {
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
}

// leastRoom is the space below which the next change may not fit.
const leastRoom = 1 << 20

func (db *sqliteDB) room() error {
	left, err := spaceAt(db.path)
	if err == nil && left < leastRoom {
		err = fmt.Errorf("the disk is full: %d kB are left for %s", left>>10, db.path)
	}
	return err
}

// sqlitePath takes the file out of sqlite:PATH.
func sqlitePath(address string) (string, bool) {
	path, ok := strings.CutPrefix(address, "sqlite:")
	return strings.TrimPrefix(path, "//"), ok
}
