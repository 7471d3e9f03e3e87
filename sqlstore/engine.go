package sqlstore

import (
	"context"
	"strings"
)

// An engine is all that differs between the two databases.
type engine struct {
	name        string
	light       []string          // begin a transaction that is on disk a moment after its commit, not before
	lock        string            // ends the SELECT of the book's row
	schema      *strings.Replacer // turns the text of the schema into the engine's
	apart       bool              // rows of a list are looked up one by one
	among       string            // a condition: the column %s is one of a list, parameter $%d
	list        func(ids any) any // makes the parameter of among from a slice of texts or numbers
	retry       func(error) bool  // the same batch may work if tried again
	lost        func(error) bool  // the connection broke: what it was doing may have happened or not
	ails        func(error) bool  // the database cannot do its work: its disk is full or broken
	taken       func(error) bool  // a row with this key is there already
	columnsFrom int               // from how many rows on an INSERT takes an array for each column; zero if never
	nameless    bool              // parameters of an INSERT are ?, not $1, $2…
	rowsAtOnce  int               // most rows of one INSERT
}

// A stmt is one statement to send, and what to do with each row of its answer.
type stmt struct {
	sql  string
	args []any
	each func(scan func(dest ...any) error) error // nil if no rows are expected
}

// A writer is one connection that changes a book, in one transaction at a time.
type writer interface {
	// run sends statements in one go, in their order. After an error only
	// close may be called.
	run(ctx context.Context, stmts []stmt) error
	// close gives the connection back; if it is not clean (a transaction is
	// open or an error happened) the transaction is rolled back.
	close(clean bool)
}

// A reader answers queries that no change waits for.
type reader interface {
	query(ctx context.Context, st stmt) error
}

// A database is an engine at an address.
type database interface {
	reader
	writer(ctx context.Context) (writer, error)
	// exec runs administrative statements in one transaction of their own.
	exec(ctx context.Context, stmts []stmt) error
	// settle returns when all that was committed or read here before is on the
	// disk, and says why it never will be. Nothing may be told before.
	settle() error
	// room is why there is no space for another change, as far as it can be known
	// without a write.
	room() error
	// moment asks several questions, and answers all as of one moment.
	moment(ctx context.Context, stmts []stmt) error
	// still calls do with a reader that sees one moment throughout.
	still(ctx context.Context, do func(r reader) error) error
	close() error
}

// in writes the condition that col is one of a list given as parameter p.
func (e *engine) in(col, p string) string {
	return strings.NewReplacer("%s", col, "%p", p).Replace(e.among)
}

// selectAmong reads the rows of a book whose column is one of a list, parameter $2.
// PostgreSQL would rather read all rows of the book and leave out the others where it
// takes books for small, and a plan is made once for books of every size. So it is
// given no choice: each of the list is looked up by itself.
func (e *engine) selectAmong(cols []string, table, col string) string {
	some := ""
	if col != "id" { // whose index leaves out the empty ones, and can be used only where it is said so
		some = col + " <> '' AND "
	}
	text := "SELECT " + strings.Join(cols, ", ") + " FROM " + table + " WHERE book = $1 AND " + some
	if e.apart {
		return "SELECT x.* FROM unnest($2::text[]) AS want (id) CROSS JOIN LATERAL (" + text + col + " = want.id OFFSET 0) AS x"
	}
	return text + e.in(col, "$2")
}
