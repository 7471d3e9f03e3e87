package sqlstore

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"wapas/desk"
)

func appendInt(buf []byte, v int64) []byte { return binary.BigEndian.AppendUint64(buf, uint64(v)) }

func sleep(try int) { time.Sleep(pause(try)) }

func pause(try int) time.Duration { return min(time.Duration(try+1)*50*time.Millisecond, time.Second) }

// writes are the statements that keep what the batch wrote: for each table a
// few INSERTs of many rows, then the seal and the book's own row.
func (b *batch) writes() []stmt {
	o := &out{book: int64(b.queue.book), engine: b.store.engine}
	var fresh, changed [desk.Kinds][][]any
	for _, k := range b.all.order {
		values := tables[k.kind].values(b.all.rows[k])
		if old, _ := b.cache.row(k); old == nil {
			fresh[k.kind] = append(fresh[k.kind], values)
		} else {
			changed[k.kind] = append(changed[k.kind], values)
		}
	}
	for kind, t := range tables {
		if t != nil {
			o.insert(t.name, t.cols, "", fresh[kind])
			o.insert(t.name, t.cols, t.replace(), changed[kind])
		}
	}

	var rows [][]any
	for _, id := range slices.Sorted(maps.Keys(b.all.balances)) {
		v := b.all.balances[id]
		rows = append(rows, []any{string(id), int64(v.Amount), v.N})
	}
	o.insert("accounts", accountCols, " ON CONFLICT (book, id) DO UPDATE SET balance = excluded.balance, n = excluded.n", rows)

	var entries, postings [][]any
	for _, e := range b.all.entries {
		entries = append(entries, []any{e.No, string(e.Reason), string(e.Cause), int64(e.At)})
		for i, l := range e.Lines {
			postings = append(postings, []any{string(l.Account), l.N, e.No, int64(i + 1), int64(l.Side), int64(l.Amount), int64(l.Balance)})
		}
	}
	o.insert("entries", entryCols, "", entries)
	o.insert("postings", postingCols, "", postings)

	rows = nil
	for _, l := range b.all.lines {
		rows = append(rows, []any{string(l.Wallet), l.N, string(l.ID), l.Entry, string(l.Source), l.Type,
			int64(l.Credit), int64(l.Debit), int64(l.Balance), l.Description, int64(l.CreatedAt)})
	}
	o.insert("wallet_lines", lineCols, "", rows)

	rows = nil
	for _, e := range b.all.events {
		rows = append(rows, []any{e.No, string(e.ID), e.Name, int64(e.At), e.about, string(e.subject)})
	}
	o.insert("events", eventCols, "", rows)

	o.counts(b.all)
	k := b.all.book
	o.insert("seals", sealCols, "", [][]any{{k.Seal, int64(b.wall), k.Entry, k.Event, k.State, k.Hash}})
	return append(o.stmts, stmt{
		sql: `UPDATE books SET name = $2, clock_frozen = $3, clock_ahead = $4, wake_at = $5,
			seal = $6, entry = $7, event = $8, last_id = $9, hash = $10, state = $11 WHERE book = $1`,
		args: []any{o.book, k.Name, int64(k.Clock.Frozen), int64(k.Clock.Ahead), int64(k.Wake), k.Seal, k.Entry, k.Event, k.LastID, k.Hash, k.State},
	})
}

var (
	accountCols = strings.Fields("id balance n")
	entryCols   = strings.Fields("no reason cause at")
	postingCols = strings.Fields("account n entry line side amount balance")
	lineCols    = strings.Fields("wallet n id entry source type credit debit balance description created_at")
	eventCols   = strings.Fields("no id name at about subject")
	sealCols    = strings.Fields("n sealed_at entry event state hash")
)

// replace ends an INSERT of rows that are there already.
func (t *table) replace() string {
	sets := make([]string, len(t.cols)-1)
	for i, c := range t.cols[1:] {
		sets[i] = c + " = excluded." + c
	}
	return " ON CONFLICT (book, id) DO UPDATE SET " + strings.Join(sets, ", ")
}

// An out collects statements.
type out struct {
	*engine
	book  int64
	stmts []stmt
}

// insert adds rows to a table in statements of 1, 2, 4… rows, so that there are
// few different ones and each is prepared once.
func (o *out) insert(table string, cols []string, ending string, rows [][]any) {
	if o.columnsFrom > 0 && len(rows) >= o.columnsFrom {
		o.insertColumns(table, cols, ending, rows)
		return
	}
	for size := o.rowsAtOnce; len(rows) > 0; size /= 2 {
		for len(rows) >= size {
			args := make([]any, 0, size*(1+len(cols)))
			for _, r := range rows[:size] {
				args = append(append(args, o.book), r...)
			}
			o.stmts = append(o.stmts, stmt{sql: o.insertText(table, cols, ending, size), args: args})
			rows = rows[size:]
		}
	}
}

// insertColumns adds rows as one array for each column: one statement, however
// many rows there are. For a hundred rows that costs this side a quarter less,
// and PostgreSQL a tenth, than a parameter for each value; for a few rows more.
func (o *out) insertColumns(table string, cols []string, ending string, rows [][]any) {
	args := make([]any, 1, 1+len(cols))
	args[0] = o.book
	types := make([]string, len(cols))
	for c := range cols {
		switch rows[0][c].(type) {
		case string:
			types[c], args = "text", append(args, column[string](rows, c))
		case int64:
			types[c], args = "bigint", append(args, column[int64](rows, c))
		case bool:
			types[c], args = "boolean", append(args, column[bool](rows, c))
		}
	}
	key := insertKey{o.name, table, ending, 0}
	text, ok := insertTexts.Load(key)
	if !ok {
		arrays := make([]string, len(cols))
		for c, t := range types {
			arrays[c] = fmt.Sprintf("$%d::%s[]", c+2, t)
		}
		text = fmt.Sprintf("INSERT INTO %s (book, %s) SELECT $1::bigint, u.* FROM unnest(%s) AS u%s",
			table, strings.Join(cols, ", "), strings.Join(arrays, ", "), ending)
		insertTexts.Store(key, text)
	}
	o.stmts = append(o.stmts, stmt{sql: text.(string), args: args})
}

// column is one column of some rows.
func column[T any](rows [][]any, c int) []T {
	all := make([]T, len(rows))
	for i, r := range rows {
		all[i] = r[c].(T)
	}
	return all
}

// insertText is an INSERT of so many rows. SQLite looks the name of every
// parameter up in a list that it walks from the start, so there they have none.
func (e *engine) insertText(table string, cols []string, ending string, rows int) string {
	key := insertKey{e.name, table, ending, rows}
	if text, ok := insertTexts.Load(key); ok {
		return text.(string)
	}
	var t strings.Builder
	fmt.Fprintf(&t, "INSERT INTO %s (book, %s) VALUES ", table, strings.Join(cols, ", "))
	p := 0
	for i := range rows {
		if i > 0 {
			t.WriteString(", ")
		}
		t.WriteByte('(')
		for c := range len(cols) + 1 {
			if c > 0 {
				t.WriteString(", ")
			}
			p++
			if e.nameless {
				t.WriteByte('?')
			} else {
				fmt.Fprintf(&t, "$%d", p)
			}
		}
		t.WriteByte(')')
	}
	t.WriteString(ending)
	insertTexts.Store(key, t.String())
	return t.String()
}

// insertTexts remembers the texts, which are many times the same.
var insertTexts sync.Map // of insertKey

type insertKey struct {
	engine, table, ending string
	rows                  int // zero: as columns
}
