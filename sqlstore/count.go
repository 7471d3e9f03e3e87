package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"wapas/desk"
	"wapas/ledger"
)

// What is counted beside the books: see desk.Hour and desk.CodeSum. A batch adds
// to it without reading it, so it costs three statements, however many changes
// share them.

var (
	hourCols = strings.Fields("hour what room destination made made_amount done done_amount failed failed_amount")
	sumCols  = strings.Fields("code block net accounts")
)

const (
	hourAdds = ` ON CONFLICT (book, hour, what, room, destination) DO UPDATE SET
		made = %[1]s.made + excluded.made, made_amount = %[1]s.made_amount + excluded.made_amount,
		done = %[1]s.done + excluded.done, done_amount = %[1]s.done_amount + excluded.done_amount,
		failed = %[1]s.failed + excluded.failed, failed_amount = %[1]s.failed_amount + excluded.failed_amount`
	sumAdds = ` ON CONFLICT (book, code, block) DO UPDATE SET
		net = code_sums.net + excluded.net, accounts = code_sums.accounts + excluded.accounts`
)

var (
	hoursAdd = fmt.Sprintf(hourAdds, "hours")
	daysAdd  = fmt.Sprintf(hourAdds, "days")
)

// counts are the statements that add what a batch did.
func (o *out) counts(v *view) {
	days := map[desk.HourKey]desk.Hour{}
	for _, h := range v.hours {
		h.HourKey = h.Day()
		days[h.HourKey] = h.Plus(days[h.HourKey])
	}
	o.insert("hours", hourCols, hoursAdd, hourRows(v.hours))
	o.insert("days", hourCols, daysAdd, hourRows(days))

	sums := map[desk.CodeKey]desk.CodeSum{}
	for _, e := range v.entries {
		block := desk.BlockOf(e.No)
		for _, l := range e.Lines {
			k := desk.CodeKey{Code: l.Account.Code(), Block: block}
			sums[k] = sums[k].Plus(desk.SumOf(l))
		}
	}
	var rows [][]any
	for _, k := range slices.SortedFunc(maps.Keys(sums), func(x, y desk.CodeKey) int {
		return cmp.Or(cmp.Compare(x.Block, y.Block), cmp.Compare(x.Code, y.Code))
	}) {
		rows = append(rows, []any{k.Code, k.Block, int64(sums[k].Net), sums[k].Accounts})
	}
	o.insert("code_sums", sumCols, sumAdds, rows)
}

func compareHours(x, y desk.HourKey) int {
	return cmp.Or(cmp.Compare(x.Hour, y.Hour), cmp.Compare(x.What, y.What), cmp.Compare(x.Room, y.Room), cmp.Compare(x.To, y.To))
}

func hourRows(all map[desk.HourKey]desk.Hour) (rows [][]any) {
	for _, k := range slices.SortedFunc(maps.Keys(all), compareHours) {
		h := all[k]
		rows = append(rows, []any{k.Hour, k.What, k.Room, k.To, h.Made.N, int64(h.Made.Amount), h.Done.N, int64(h.Done.Amount), h.Failed.N, int64(h.Failed.Amount)})
	}
	return rows
}

// Hours and Days read what was counted.
func (st *Store) Hours(ctx context.Context, book desk.BookID, first, last int64) ([]desk.Hour, error) {
	return st.counted(ctx, "hours", book, first, last)
}

func (st *Store) Days(ctx context.Context, book desk.BookID, first, last int64) ([]desk.Hour, error) {
	return st.counted(ctx, "days", book, first, last)
}

func (st *Store) counted(ctx context.Context, table string, book desk.BookID, first, last int64) (all []desk.Hour, err error) {
	err = st.db.query(ctx, stmt{
		sql: "SELECT " + listed(strings.Join(hourCols, " ")) + " FROM " + table +
			" WHERE book = $1 AND hour >= $2 AND hour <= $3 ORDER BY hour, what, room, destination",
		args: []any{int64(book), first, last},
		each: eachHour(func(h desk.Hour) { all = append(all, h) }),
	})
	return all, err
}

func eachHour(do func(desk.Hour)) func(scan func(...any) error) error {
	return func(scan func(...any) error) error {
		var h desk.Hour
		err := scan(&h.Hour, &h.What, &h.Room, &h.To, &h.Made.N, (*int64)(&h.Made.Amount), &h.Done.N, (*int64)(&h.Done.Amount),
			&h.Failed.N, (*int64)(&h.Failed.Amount))
		do(h)
		return err
	}
}

// Sums are what the postings up to an entry made of each code: the blocks
// before the entry's, and in that the postings themselves.
func (st *Store) Sums(ctx context.Context, book desk.BookID, entry int64) (map[string]desk.CodeSum, error) {
	all := map[string]desk.CodeSum{}
	add := func(scan func(...any) error) error {
		var code string
		var s desk.CodeSum
		err := scan(&code, (*int64)(&s.Net), &s.Accounts)
		all[code] = all[code].Plus(s)
		return err
	}
	block := desk.BlockOf(entry + 1) // the first that is not whole
	err := st.db.query(ctx, stmt{
		sql:  "SELECT code, CAST(SUM(net) AS BIGINT), CAST(SUM(accounts) AS BIGINT) FROM code_sums WHERE book = $1 AND block < $2 GROUP BY code",
		args: []any{int64(book), block}, each: add,
	})
	if err != nil {
		return nil, err
	}
	from := block * desk.SumBlock
	rest := stmt{
		sql: `SELECT substr(account, 1, 4), CAST(SUM(side * amount) AS BIGINT), CAST(SUM(CASE WHEN n = 1 THEN 1 ELSE 0 END) AS BIGINT)
			FROM postings WHERE book = $1 AND entry > $2 AND entry <= $3 GROUP BY 1`,
		args: []any{int64(book), from, entry}, each: add,
	}
	whole := maps.Clone(all)
	if err := st.db.query(ctx, rest); err != nil {
		return nil, err
	}
	if archived, err := st.archives(ctx, st.db, book); err != nil || len(archived) == 0 || archived[len(archived)-1].Entry <= from {
		return all, err
	}
	all = whole // and once more, as it was at one moment
	return all, st.db.still(ctx, func(r reader) error {
		archived, err := st.archives(ctx, r, book)
		if err != nil {
			return err
		}
		for _, a := range archived {
			err := st.shelf.entriesIn(&a, from, entry, func(e desk.EntryLines) {
				for _, l := range e.Lines {
					all[l.Account.Code()] = all[l.Account.Code()].Plus(desk.SumOf(l))
				}
			})
			if err != nil {
				return err
			}
		}
		return r.query(ctx, rest)
	})
}

// AccountsOf reads a page of the accounts of a code: its own, if it has no
// owners, and those whose ids begin with it and a slash.
func (st *Store) AccountsOf(ctx context.Context, book desk.BookID, code string, after ledger.AccountID, count int) ([]desk.AccountBalance, error) {
	end := code + "0" // which comes after the slash
	if code == "" {
		end = ":" // which comes after the digits
	}
	var all []desk.AccountBalance
	err := st.db.query(ctx, stmt{
		sql:  "SELECT id, balance, n FROM accounts WHERE book = $1 AND id > $2 AND id >= $3 AND id < $4 ORDER BY id LIMIT $5",
		args: []any{int64(book), string(after), code, end, int64(countOf(desk.Query{Count: count}))},
		each: func(scan func(...any) error) error {
			var a desk.AccountBalance
			err := scan((*string)(&a.ID), (*int64)(&a.Amount), &a.N)
			all = append(all, a)
			return err
		},
	})
	return all, err
}

// Count counts the rows that a query finds, and stops at its Count.
func (st *Store) Count(ctx context.Context, q desk.Query) (int, error) {
	t := tables[q.Kind]
	w, err := t.filter(q)
	if err != nil {
		return 0, err
	}
	n := 0
	w.args = append(w.args, int64(countOf(q)))
	err = st.db.query(ctx, stmt{
		sql:  fmt.Sprintf("SELECT count(*) FROM (SELECT id FROM %s WHERE book = $1 AND id > ''%s LIMIT $%d) AS found", t.name, w.text, len(w.args)),
		args: w.args,
		each: func(scan func(...any) error) error { return scan(&n) },
	})
	return n, err
}

const checkupCols = "id person at took seal hash entries postings rows_read findings first"

func checkupFields(c *desk.Checkup) []any {
	return []any{s(&c.ID), s(&c.By), n(&c.At), n(&c.Took), n(&c.Seal), s(&c.Hash), n(&c.Entries), n(&c.Postings), n(&c.Rows), n(&c.Findings), s(&c.First)}
}

// KeepCheckup writes down that a book was verified.
func (st *Store) KeepCheckup(ctx context.Context, book desk.BookID, c desk.Checkup) error {
	o := &out{book: int64(book), engine: st.engine}
	o.insert("checkups", strings.Fields(checkupCols), "", values([]desk.Checkup{c}, checkupFields))
	return st.db.exec(ctx, append(o.stmts, stmt{
		sql:  "DELETE FROM checkups WHERE book = $1 AND id < (SELECT min(id) FROM (SELECT id FROM checkups WHERE book = $1 ORDER BY id DESC LIMIT 100) AS kept)",
		args: []any{int64(book)},
	}))
}

// Checkups reads the last ones.
func (st *Store) Checkups(ctx context.Context, book desk.BookID, count int) ([]desk.Checkup, error) {
	var all []desk.Checkup
	err := st.db.query(ctx, stmt{
		sql:  "SELECT " + listed(checkupCols) + " FROM checkups WHERE book = $1 ORDER BY id DESC LIMIT $2",
		args: []any{int64(book), int64(count)},
		each: func(scan func(...any) error) error {
			var c desk.Checkup
			err := scan(checkupFields(&c)...)
			all = append(all, c)
			return err
		},
	})
	return all, err
}

// LastSeal reads the last seal of a book.
func (st *Store) LastSeal(ctx context.Context, book desk.BookID) (desk.Seal, error) {
	var last desk.Seal
	err := st.db.query(ctx, stmt{
		sql:  "SELECT n, sealed_at, hash FROM seals WHERE book = $1 ORDER BY n DESC LIMIT 1",
		args: []any{int64(book)},
		each: func(scan func(...any) error) error { return scan(&last.No, (*int64)(&last.At), &last.Hash) },
	})
	if err != nil || last.No > 0 {
		return last, err
	}
	all, err := st.archives(ctx, st.db, book)
	if len(all) > 0 {
		a := all[len(all)-1]
		last = desk.Seal{No: a.Seal, At: a.SealedAt, Hash: a.Hash}
	}
	return last, err
}
