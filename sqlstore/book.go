package sqlstore

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"wapas/desk"
	"wapas/ledger"
)

const bookCols = `book, merchant_id, mode, name, clock_frozen, clock_ahead, wake_at, seal, entry, event, last_id, hash, state, created_at`

func bookFields(b *desk.Book) []any {
	return []any{(*int64)(&b.ID), (*string)(&b.Merchant), (*string)(&b.Mode), &b.Name, (*int64)(&b.Clock.Frozen), (*int64)(&b.Clock.Ahead), (*int64)(&b.Wake),
		&b.Seal, &b.Entry, &b.Event, &b.LastID, &b.Hash, &b.State, (*int64)(&b.CreatedAt)}
}

// readBook reads the book's row.
func (e *engine) readBook(book desk.BookID, into *desk.Book) stmt {
	return stmt{
		sql:  "SELECT " + bookCols + " FROM books WHERE book = $1",
		args: []any{int64(book)},
		each: func(scan func(...any) error) error { return scan(bookFields(into)...) },
	}
}

// lockBook reads the book's row and keeps it locked to the end of the
// transaction.
func (e *engine) lockBook(book desk.BookID, into *desk.Book) stmt {
	st := e.readBook(book, into)
	st.sql += e.lock
	return st
}

// Book reads a book's own row.
func (st *Store) Book(ctx context.Context, book desk.BookID) (desk.Book, error) {
	var b desk.Book
	if err := st.db.query(ctx, st.readBook(book, &b)); err != nil {
		return b, err
	}
	if b.ID == 0 {
		return b, ledger.Refuse(ledger.NotFound, "unknown_book", "book %d", book)
	}
	return b, nil
}

// Find reads one row; nil if there is none.
func (st *Store) Find(ctx context.Context, book desk.BookID, kind desk.Kind, id desk.ID) (desk.Row, error) {
	t := tables[kind]
	var row desk.Row
	err := st.db.query(ctx, stmt{t.selectWhere("id = $2"), []any{int64(book), string(id)}, t.each(func(r desk.Row) error { row = r; return nil })})
	return row, err
}

// each scans rows of the table.
func (t *table) each(do func(r desk.Row) error) func(scan func(...any) error) error {
	return func(scan func(...any) error) error {
		ptr := t.blank()
		if err := scan(t.fields(ptr)...); err != nil {
			return err
		}
		return do(t.value(ptr))
	}
}

// A where collects conditions and their parameters.
type where struct {
	text string
	args []any
}

func (w *where) and(cond string, arg any) {
	w.args = append(w.args, arg)
	w.text += fmt.Sprintf(" AND "+cond, len(w.args))
}

// between keeps to the moments of a query: from, and to the end of the second
// of to.
func (w *where) between(col string, q desk.Query) {
	if q.From != 0 {
		w.and(col+" >= $%d", int64(q.From))
	}
	if q.To != 0 {
		w.and(col+" <= $%d", int64(toEnd(q.To)))
	}
}

// page orders by a column and cuts the page out. Numbers says that the column
// holds whole numbers.
func (w *where) page(col string, numbers bool, q desk.Query) error {
	if err := w.behind(col, numbers, q); err != nil {
		return err
	}
	order := " DESC"
	if q.Oldest {
		order = ""
	}
	w.args = append(w.args, int64(countOf(q)), int64(q.Skip))
	w.text += fmt.Sprintf(" ORDER BY %s%s LIMIT $%d OFFSET $%d", col, order, len(w.args)-1, len(w.args))
	return nil
}

// behind keeps to what comes behind the row that a page begins after.
func (w *where) behind(col string, numbers bool, q desk.Query) error {
	if q.After == "" {
		return nil
	}
	var after any = q.After
	if numbers {
		n, err := strconv.ParseInt(q.After, 10, 64)
		if err != nil {
			return fmt.Errorf("a page after %q: %w", q.After, err)
		}
		after = n
	}
	cond := " < $%d"
	if q.Oldest {
		cond = " > $%d"
	}
	w.and(col+cond, after)
	return nil
}

// countOf is how many rows a query wants: a hundred if it does not say.
func countOf(q desk.Query) int {
	if q.Count <= 0 {
		return 100
	}
	return q.Count
}

// List reads a page of rows of a kind.
func (st *Store) List(ctx context.Context, q desk.Query) ([]desk.Row, error) {
	t := tables[q.Kind]
	w, err := t.filter(q)
	if err != nil {
		return nil, err
	}
	if err := w.page("id", false, q); err != nil {
		return nil, err
	}
	var rows []desk.Row
	err = st.db.query(ctx, stmt{t.selectWhere("id > ''" + w.text), w.args, t.each(func(r desk.Row) error { rows = append(rows, r); return nil })})
	return rows, err
}

// filter is what a query asks of the rows themselves.
func (t *table) filter(q desk.Query) (*where, error) {
	w := &where{args: []any{int64(q.Book)}}
	if q.Parent != "" && t.parent != everyRow {
		if t.parent == "" {
			return nil, fmt.Errorf("%s are under nothing", t.name)
		}
		w.text += " AND " + t.parent + " <> ''"
		w.and(t.parent+" = $%d", string(q.Parent))
	}
	for _, col := range slices.Sorted(maps.Keys(q.Where)) { // the same question is the same text
		text := q.Where[col]
		v, err := t.convert(col, text)
		if err != nil {
			return nil, err
		}
		// What an index may have alone, or leave out, is said in the text, or it is not
		// used. It is not bound as well: SQLite prepares a statement anew for each value that
		// it has compared with an index's.
		switch v := v.(type) {
		case bool:
			if v {
				w.text += " AND " + col
				continue
			}
		case int64:
			if v == 0 {
				w.text += " AND " + col + " = 0"
				continue
			}
		case string:
			if v == "" {
				w.text += " AND " + col + " = ''"
				continue
			}
			w.text += " AND " + col + " <> ''"
			if (col == "state" || col == "rail") && isState(v) {
				w.text += " AND " + col + " = '" + v + "'"
				continue
			}
		}
		w.and(col+" = $%d", v)
	}
	for _, col := range q.Has {
		if v, err := t.convert(col, ""); err != nil || v != "" {
			return nil, fmt.Errorf("table %s has no text %q", t.name, col)
		}
		w.text += " AND " + col + " <> ''"
	}
	if q.Least != "" {
		w.and("id >= $%d", string(q.Least))
	}
	if q.Until != "" {
		w.and("id < $%d", string(q.Until))
	}
	w.between("created_at", q)
	return w, nil
}

// isState says whether a text can stand in a statement as it is.
func isState(text string) bool {
	return text != "" && len(text) <= 32 && strings.Trim(text, "abcdefghijklmnopqrstuvwxyz_") == ""
}

// Due reads timers that are due.
func (st *Store) Due(ctx context.Context, book desk.BookID, at ledger.Time, count int) ([]desk.Timer, error) {
	t := tables[desk.KindTimer]
	var due []desk.Timer
	err := st.db.query(ctx, stmt{
		t.selectWhere("due_at > 0 AND due_at <= $2 ORDER BY due_at, id LIMIT $3"),
		[]any{int64(book), int64(at), int64(count)},
		t.each(func(r desk.Row) error { due = append(due, r.(desk.Timer)); return nil }),
	})
	return due, err
}

// Balances reads balances of accounts; of all if none is named.
func (st *Store) Balances(ctx context.Context, book desk.BookID, ids ...ledger.AccountID) (ledger.Accounts, error) {
	as := ledger.Accounts{}
	q := stmt{sql: "SELECT id, balance, n FROM accounts WHERE book = $1", args: []any{int64(book)}, each: eachBalance(as)}
	if len(ids) > 0 {
		texts := make([]string, len(ids))
		for i, id := range ids {
			texts[i] = string(id)
		}
		q.sql += " AND " + st.in("id", "$2")
		q.args = append(q.args, st.list(texts))
	}
	return as, st.db.query(ctx, q)
}

func eachBalance(as ledger.Accounts) func(scan func(...any) error) error {
	return func(scan func(...any) error) error {
		var id string
		var v ledger.Balance
		err := scan(&id, (*int64)(&v.Amount), &v.N)
		as[ledger.AccountID(id)] = v
		return err
	}
}

// Statement reads a page of a wallet's lines. Without a filter it goes by
// their position, so that skipping a million lines costs what skipping none
// does.
func (st *Store) Statement(ctx context.Context, q desk.Query) ([]desk.WalletLine, error) {
	return pageOf(ctx, st, q, statements)
}

func statement(ctx context.Context, r reader, q desk.Query) ([]desk.WalletLine, error) {
	w := where{args: []any{int64(q.Book), string(q.Parent)}}
	if q.From == 0 && q.To == 0 && q.After == "" {
		if q.Oldest {
			w.and("n > $%d", int64(q.Skip))
		} else {
			w.and("n <= (SELECT lines FROM wallets WHERE book = $1 AND id = $2) - $%d", int64(q.Skip))
		}
		q.Skip = 0
	}
	w.between("created_at", q)
	if err := w.page("n", true, q); err != nil {
		return nil, err
	}
	var lines []desk.WalletLine
	err := r.query(ctx, stmt{
		sql:  "SELECT wallet, " + lineSelect + " FROM wallet_lines WHERE book = $1 AND wallet = $2" + w.text,
		args: w.args,
		each: func(scan func(...any) error) error {
			var l desk.WalletLine
			err := scan(lineFields(&l)...)
			lines = append(lines, l)
			return err
		},
	})
	return lines, err
}

const lineSelect = "n, id, entry, source, type, credit, debit, balance, description, created_at"

func lineFields(l *desk.WalletLine) []any {
	return []any{(*string)(&l.Wallet), &l.N, (*string)(&l.ID), &l.Entry, (*string)(&l.Source), &l.Type, (*int64)(&l.Credit), (*int64)(&l.Debit),
		(*int64)(&l.Balance), &l.Description, (*int64)(&l.CreatedAt)}
}

// Entries reads a page of entries with their lines.
func (st *Store) Entries(ctx context.Context, q desk.Query) ([]desk.EntryLines, error) {
	return pageOf(ctx, st, q, st.entriesBy())
}

func entriesOf(q desk.Query) where {
	w := where{args: []any{int64(q.Book)}}
	if q.Parent != "" {
		w.and("cause = $%d", string(q.Parent))
	}
	w.between("at", q)
	return w
}

func (st *Store) entries(ctx context.Context, r reader, q desk.Query) ([]desk.EntryLines, error) {
	w := entriesOf(q)
	if err := w.page("no", true, q); err != nil {
		return nil, err
	}
	var all []desk.EntryLines
	var numbers []int64
	at := map[int64]int{}
	err := r.query(ctx, stmt{
		sql:  "SELECT no, reason, cause, at FROM entries WHERE book = $1" + w.text,
		args: w.args,
		each: func(scan func(...any) error) error {
			var e desk.EntryLines
			err := scan(entryFields(&e.Entry)...)
			at[e.No] = len(all)
			all, numbers = append(all, e), append(numbers, e.No)
			return err
		},
	})
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all, r.query(ctx, stmt{
		sql:  "SELECT entry, " + postingSelect + " FROM postings WHERE book = $1 AND " + st.in("entry", "$2") + " ORDER BY entry, line",
		args: []any{int64(q.Book), st.list(numbers)},
		each: eachLine(func(entry int64, l ledger.Line) {
			e := &all[at[entry]]
			e.Lines = append(e.Lines, l)
		}),
	})
}

const postingSelect = "account, n, side, amount, balance"

// eachLine scans the number of an entry and one of its lines.
func eachLine(do func(entry int64, l ledger.Line)) func(scan func(...any) error) error {
	return func(scan func(...any) error) error {
		var entry int64
		var l ledger.Line
		if err := scan(append([]any{&entry}, postingFields(&l)...)...); err != nil {
			return err
		}
		do(entry, l)
		return nil
	}
}

func entryFields(e *desk.Entry) []any {
	return []any{&e.No, (*string)(&e.Reason), (*string)(&e.Cause), (*int64)(&e.At)}
}

func postingFields(l *ledger.Line) []any {
	return []any{(*string)(&l.Account), &l.N, (*int64)(&l.Side), (*int64)(&l.Amount), (*int64)(&l.Balance)}
}

// Lines reads a page of an account's postings. Like a statement it goes by
// position.
func (st *Store) Lines(ctx context.Context, q desk.Query) ([]desk.AccountLine, error) {
	return pageOf(ctx, st, q, accountLines)
}

func linesOf(ctx context.Context, r reader, q desk.Query) ([]desk.AccountLine, error) {
	w := where{args: []any{int64(q.Book), string(q.Parent)}}
	if q.From == 0 && q.To == 0 && q.After == "" {
		if q.Oldest {
			w.and("p.n > $%d", int64(q.Skip))
		} else {
			w.and("p.n <= (SELECT n FROM accounts WHERE book = $1 AND id = $2) - $%d", int64(q.Skip))
		}
		q.Skip = 0
	}
	w.between("e.at", q)
	if err := w.page("p.n", true, q); err != nil {
		return nil, err
	}
	var all []desk.AccountLine
	err := r.query(ctx, stmt{
		sql: `SELECT e.no, e.reason, e.cause, e.at, p.account, p.n, p.side, p.amount, p.balance
			FROM postings p JOIN entries e ON e.book = $1 AND e.no = p.entry WHERE p.book = $1 AND p.account = $2` + w.text,
		args: w.args,
		each: func(scan func(...any) error) error {
			var l desk.AccountLine
			err := scan(append(entryFields(&l.Entry), postingFields(&l.Line)...)...)
			all = append(all, l)
			return err
		},
	})
	return all, err
}

// Events reads events after a number, oldest first.
func (st *Store) Events(ctx context.Context, book desk.BookID, after int64, count int) ([]desk.Event, error) {
	if count <= 0 {
		return nil, nil
	}
	q := desk.Query{Book: book, After: strconv.FormatInt(after, 10), Count: count, Oldest: true}
	return pageOf(ctx, st, q, sequence[desk.Event]{
		number: eventNo, dense: func(desk.Query) bool { return true }, inFile: eventsIn("", 0),
		inTable: func(ctx context.Context, r reader, q desk.Query) ([]desk.Event, error) {
			w := where{args: []any{int64(q.Book)}}
			return eventsWhere(ctx, r, &w, q)
		},
	})
}

// EventsNamed reads events of a name with numbers below one, the newest first,
// and looks no further back than to a floor: no index has their names.
func (st *Store) EventsNamed(ctx context.Context, book desk.BookID, name string, below, floor int64, count int) ([]desk.Event, error) {
	if count <= 0 {
		return nil, nil
	}
	q := desk.Query{Book: book, After: strconv.FormatInt(below, 10), Count: count}
	return pageOf(ctx, st, q, sequence[desk.Event]{
		number: eventNo, inFile: eventsIn(name, floor),
		inTable: func(ctx context.Context, r reader, q desk.Query) ([]desk.Event, error) {
			w := where{args: []any{int64(q.Book)}}
			w.and("no >= $%d", floor)
			w.and("name = $%d", name)
			return eventsWhere(ctx, r, &w, q)
		},
	})
}

// EventsOf reads a page of the events that are about a row first of all.
func (st *Store) EventsOf(ctx context.Context, q desk.Query) ([]desk.Event, error) {
	return pageOf(ctx, st, q, eventsAbout)
}

func eventsOf(q desk.Query) *where {
	w := &where{text: " AND subject <> '' AND subject = $2", args: []any{int64(q.Book), string(q.Parent)}}
	w.between("at", q)
	return w
}

// eventsWhere reads a page of events that meet some conditions.
func eventsWhere(ctx context.Context, r reader, w *where, q desk.Query) ([]desk.Event, error) {
	if err := w.page("no", true, q); err != nil {
		return nil, err
	}
	var all []desk.Event
	err := r.query(ctx, stmt{
		sql:  "SELECT no, id, name, at, about FROM events WHERE book = $1" + w.text,
		args: w.args,
		each: func(scan func(...any) error) error {
			var e event
			err := scan(&e.No, (*string)(&e.ID), &e.Name, (*int64)(&e.At), &e.about)
			if err == nil {
				err = e.told()
			}
			all = append(all, e.Event)
			return err
		},
	})
	return all, err
}

// told reads the rows that an event is about.
func (e *event) told() (err error) {
	e.About, err = restore(e.about)
	return err
}
