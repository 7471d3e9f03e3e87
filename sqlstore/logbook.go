package sqlstore

import (
	"context"
	"fmt"
	"strings"

	"wapas/desk"
	"wapas/ledger"
)

// What is known of requests: see desk.Logbook. It lies beside the books, as
// what is known of deliveries does (postbox.go).

const requestCols = "id request_id room method path status took caller content_type request answer about reference created_at"

func requestFields(r *desk.RequestRow) []any {
	return []any{s(&r.ID), s(&r.Request), s(&r.Room), s(&r.Method), s(&r.Path), n(&r.Status), n(&r.Took), s(&r.Caller), s(&r.ContentType),
		s(&r.Body), s(&r.Answer), s(&r.About), s(&r.Ref), n(&r.At)}
}

// KeepRequests writes rows down. It does not wait for the disk.
func (st *Store) KeepRequests(ctx context.Context, book desk.BookID, rows []desk.RequestRow) error {
	o := &out{book: int64(book), engine: st.engine}
	o.insert("requests", strings.Fields(requestCols), " ON CONFLICT (book, id) DO NOTHING", values(rows, requestFields))
	if len(o.stmts) == 0 {
		return nil
	}
	return st.post(ctx, o.stmts...)
}

// Requests reads a page, the newest first. What is about a thing is asked for
// once by each of the two columns that may name it, so that each finds its
// index.
func (st *Store) Requests(ctx context.Context, q desk.RequestQuery) ([]desk.RequestRow, error) {
	w := where{args: []any{int64(q.Book)}}
	if q.Room != "" {
		w.and("room = $%d", q.Room)
	}
	if q.Class != 0 {
		w.and("status >= $%d", q.Class*100)
		w.and("status < $%d", q.Class*100+100)
	}
	if q.Before != "" {
		w.and("id < $%d", string(q.Before))
	}
	w.between("created_at", desk.Query{From: q.From, To: q.To})
	cols, end := listed(requestCols), w.limit("id DESC", desk.DeliveryQuery{Count: q.Count})
	sql := "SELECT " + cols + " FROM requests WHERE book = $1" + w.text + end
	if q.About != "" {
		w.args = append(w.args, string(q.About))
		by := func(col string) string {
			return fmt.Sprintf("SELECT * FROM (SELECT %s FROM requests WHERE book = $1 AND %s <> '' AND %[2]s = $%d%s%s) AS x", cols, col, len(w.args), w.text, end)
		}
		_, order, _ := strings.Cut(end, " ORDER BY ")
		sql = by("about") + " UNION " + by("reference") + " ORDER BY " + order
	}
	return st.requests(ctx, sql, w.args...)
}

func (st *Store) requests(ctx context.Context, sql string, args ...any) ([]desk.RequestRow, error) {
	var all []desk.RequestRow
	book := desk.BookID(args[0].(int64))
	err := st.db.query(ctx, stmt{sql: sql, args: args, each: func(scan func(...any) error) error {
		r := desk.RequestRow{Book: book}
		err := scan(requestFields(&r)...)
		all = append(all, r)
		return err
	}})
	return all, err
}

// Request reads one row; nil if there is none.
func (st *Store) Request(ctx context.Context, book desk.BookID, id string) (*desk.RequestRow, error) {
	for _, by := range []string{"id = $2", "request_id <> '' AND request_id = $2 ORDER BY id DESC LIMIT 1"} {
		all, err := st.requests(ctx, "SELECT "+listed(requestCols)+" FROM requests WHERE book = $1 AND "+by, int64(book), id)
		if err != nil || len(all) > 0 {
			return first(all), err
		}
	}
	return nil, nil
}

func first[T any](all []T) *T {
	if len(all) == 0 {
		return nil
	}
	return &all[0]
}

// OldRequests lists the books with rows from before. It looks into all books, by index.
func (st *Store) OldRequests(ctx context.Context, before ledger.Time) ([]desk.BookID, error) {
	return st.bookIDs(ctx, "SELECT book FROM books WHERE (SELECT min(r.id) FROM requests r WHERE r.book = books.book) < $1 ORDER BY book", string(desk.RequestRowID(before, "")))
}

// PruneRequests deletes what is old, and the oldest of what is too much.
func (st *Store) PruneRequests(ctx context.Context, book desk.BookID, before ledger.Time, most, count int) (int64, error) {
	bound := string(desk.RequestRowID(before, ""))
	err := st.db.query(ctx, stmt{
		sql:  "SELECT id FROM requests WHERE book = $1 AND id > '' ORDER BY id DESC LIMIT 1 OFFSET $2",
		args: []any{int64(book), int64(most)},
		each: func(scan func(...any) error) error {
			var id string
			err := scan(&id)
			bound = max(bound, id+"~") // and it goes too
			return err
		},
	})
	if err != nil {
		return 0, err
	}
	var gone int64
	err = st.post(ctx, stmt{
		sql:  "DELETE FROM requests WHERE book = $1 AND id IN (SELECT id FROM requests WHERE book = $1 AND id < $2 ORDER BY id LIMIT $3) RETURNING id",
		args: []any{int64(book), bound, int64(count)},
		each: func(scan func(...any) error) error {
			var id string
			gone++
			return scan(&id)
		},
	})
	return gone, err
}
