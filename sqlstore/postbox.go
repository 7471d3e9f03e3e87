package sqlstore

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"wapas/desk"
	"wapas/ledger"
)

// What is known of deliveries: see desk.Postbox. These tables lie beside the
// books, so they are written in transactions of their own, not under the lock
// of a book's row, and rows are deleted.

const (
	runCols      = "id endpoint_id event last created_at"
	deliveryCols = "id endpoint_id event event_id name state tries status error due_at created_at ended_at"
	attemptCols  = "id delivery endpoint_id event event_id name url status error took request_header request response at made_at"
)

func runFields(r *desk.Run) []any {
	return []any{s(&r.ID), s(&r.Endpoint), n(&r.Event), n(&r.Last), n(&r.CreatedAt)}
}

func deliveryFields(r *desk.Delivery) []any {
	return []any{s(&r.ID), s(&r.Endpoint), n(&r.Event), s(&r.EventID), s(&r.Name), s(&r.State), n(&r.Tries), n(&r.Status), s(&r.Error),
		n(&r.DueAt), n(&r.CreatedAt), n(&r.EndedAt)}
}

func attemptFields(r *desk.Attempt) []any {
	return []any{s(&r.ID), s(&r.Delivery), s(&r.Endpoint), n(&r.Event), s(&r.EventID), s(&r.Name), s(&r.URL), n(&r.Status), s(&r.Error),
		n(&r.Took), s(&r.Header), s(&r.Request), s(&r.Response), n(&r.At), n(&r.MadeAt)}
}

// Listening reads the books that have an active endpoint or a delivery that
// waits. It looks at all of them.
func (st *Store) Listening(ctx context.Context) ([]desk.Listening, error) {
	var all []desk.Listening
	err := st.db.query(ctx, stmt{
		sql: "SELECT " + bookCols + `,
			COALESCE((SELECT min(CASE WHEN r.event > e.since THEN r.event ELSE e.since END) FROM endpoints e
				LEFT JOIN delivery_runs r ON r.book = e.book AND r.id = e.id WHERE e.book = b.book AND e.active), b.event),
			COALESCE((SELECT min(r.event) FROM delivery_runs r JOIN endpoints e ON e.book = r.book AND e.id = r.endpoint_id
				WHERE r.book = b.book AND r.last > r.event AND e.active), -1),
			COALESCE((SELECT min(d.due_at) FROM deliveries d WHERE d.book = b.book AND d.due_at > 0), 0)
			FROM books b WHERE b.book IN (SELECT book FROM endpoints WHERE active UNION SELECT book FROM deliveries WHERE due_at > 0)
			ORDER BY b.book`,
		each: func(scan func(...any) error) error {
			var l desk.Listening
			var replay int64
			err := scan(append(bookFields(&l.Book), &l.Seen, &replay, (*int64)(&l.Due))...)
			if replay >= 0 {
				l.Seen = min(l.Seen, replay)
			}
			all = append(all, l)
			return err
		},
	})
	return all, err
}

// Delivered lists the books of which anything is kept here. It looks into all books,
// by index.
func (st *Store) Delivered(ctx context.Context) ([]desk.Book, error) {
	return st.readBooks(ctx, "SELECT "+bookCols+` FROM books WHERE COALESCE((SELECT min(a.id) FROM attempts a WHERE a.book = books.book),
		(SELECT min(d.id) FROM deliveries d WHERE d.book = books.book), (SELECT min(r.id) FROM delivery_runs r WHERE r.book = books.book)) IS NOT NULL ORDER BY book`)
}

// Lease takes, renews or gives back the right to deliver for a book.
func (st *Store) Lease(ctx context.Context, book desk.BookID, holder string, now, until ledger.Time) (bool, error) {
	if until == 0 {
		return false, st.post(ctx, stmt{
			sql:  "UPDATE delivery_leases SET until = 0 WHERE book = $1 AND holder = $2",
			args: []any{int64(book), holder},
		})
	}
	held := false
	err := st.post(ctx, stmt{
		sql: `INSERT INTO delivery_leases (book, holder, until) VALUES ($1, $2, $3)
			ON CONFLICT (book) DO UPDATE SET holder = excluded.holder, until = excluded.until
			WHERE delivery_leases.holder = excluded.holder OR delivery_leases.until <= $4 RETURNING holder`,
		args: []any{int64(book), holder, int64(until), int64(now)},
		each: func(scan func(...any) error) error {
			var who string
			held = true
			return scan(&who)
		},
	})
	return held && err == nil, err
}

// post writes beside the books, in one transaction and one round trip. It does
// not wait for the disk: should the machine (not the program) fail in the moment
// before it is there, things are sent again that were sent.
func (st *Store) post(ctx context.Context, stmts ...stmt) error {
	w, err := st.db.writer(ctx)
	if err != nil {
		return err
	}
	var all []stmt
	for _, sql := range st.light {
		all = append(all, stmt{sql: sql})
	}
	err = w.run(ctx, append(append(all, stmts...), stmt{sql: commit}))
	w.close(err == nil)
	return err
}

// Runs reads the runs of a book that have not ended.
func (st *Store) Runs(ctx context.Context, book desk.BookID) ([]desk.Run, error) {
	var all []desk.Run
	err := st.db.query(ctx, stmt{
		sql:  "SELECT " + listed(runCols) + " FROM delivery_runs WHERE book = $1 AND (last = 0 OR last > event) ORDER BY id",
		args: []any{int64(book)},
		each: func(scan func(...any) error) error {
			var r desk.Run
			err := scan(runFields(&r)...)
			all = append(all, r)
			return err
		},
	})
	return all, err
}

func listed(cols string) string { return strings.Join(strings.Fields(cols), ", ") }

// Keep writes down what was done for a book.
func (st *Store) Keep(ctx context.Context, book desk.BookID, p desk.Posted) error {
	o := &out{book: int64(book), engine: st.engine}
	o.insert("delivery_runs", strings.Fields(runCols), ` ON CONFLICT (book, id) DO UPDATE SET event = excluded.event
		WHERE delivery_runs.event < excluded.event`, values(p.Runs, runFields))
	o.insert("deliveries", strings.Fields(deliveryCols), ` ON CONFLICT (book, id) DO UPDATE SET state = excluded.state, tries = excluded.tries,
		status = excluded.status, error = excluded.error, due_at = excluded.due_at, ended_at = excluded.ended_at
		WHERE deliveries.state = 'waiting'`, values(p.Deliveries, deliveryFields))
	o.insert("attempts", strings.Fields(attemptCols), " ON CONFLICT (book, id) DO NOTHING", values(p.Attempts, attemptFields))
	switch {
	case len(o.stmts) == 0:
		return nil
	case len(p.Deliveries)+len(p.Attempts) == 0: // somebody asked for a replay, and is told that it will be
		return st.db.exec(ctx, o.stmts)
	}
	return st.post(ctx, o.stmts...)
}

// values are rows as both drivers take them.
func values[R any](rows []R, fields func(*R) []any) [][]any {
	all := make([][]any, len(rows))
	for i := range rows {
		ptrs := fields(&rows[i])
		for j, p := range ptrs {
			ptrs[j] = deref(p)
		}
		all[i] = ptrs
	}
	return all
}

// Deliveries reads a page of deliveries.
func (st *Store) Deliveries(ctx context.Context, q desk.DeliveryQuery) ([]desk.Delivery, error) {
	w := where{args: []any{int64(q.Book)}}
	w.posted(q)
	if q.State != "" {
		w.and("state = $%d", q.State)
		if q.State != desk.DeliveryDelivered {
			w.text += " AND state <> '" + desk.DeliveryDelivered + "'" // their index has no others
		}
	}
	if q.Behind != "" {
		event, err := strconv.ParseInt(string(q.Behind[strings.LastIndexByte(string(q.Behind), '/')+1:]), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("a page behind delivery %q: %w", q.Behind, err)
		}
		w.and("event <= $%d", event)
		w.args = append(w.args, string(q.Behind))
		w.text += fmt.Sprintf(" AND (event < $%d OR id > $%d)", len(w.args)-1, len(w.args))
	}
	order := "event DESC, id"
	if q.Due != 0 {
		w.and("due_at > 0 AND due_at <= $%d", int64(q.Due))
		order = "due_at, event, id"
	}
	var all []desk.Delivery
	err := st.db.query(ctx, stmt{
		sql:  "SELECT " + listed(deliveryCols) + " FROM deliveries WHERE book = $1" + w.text + w.limit(order, q),
		args: w.args,
		each: func(scan func(...any) error) error {
			var r desk.Delivery
			err := scan(deliveryFields(&r)...)
			all = append(all, r)
			return err
		},
	})
	return all, err
}

// Attempts reads a page of attempts.
func (st *Store) Attempts(ctx context.Context, q desk.DeliveryQuery) ([]desk.Attempt, error) {
	w := where{args: []any{int64(q.Book)}}
	w.posted(q)
	if q.Delivery != "" {
		w.and("delivery = $%d", string(q.Delivery))
	}
	if q.Behind != "" {
		w.and("id < $%d", string(q.Behind))
	}
	var all []desk.Attempt
	err := st.db.query(ctx, stmt{
		sql:  "SELECT " + listed(attemptCols) + " FROM attempts WHERE book = $1" + w.text + w.limit("id DESC", q),
		args: w.args,
		each: func(scan func(...any) error) error {
			var r desk.Attempt
			err := scan(attemptFields(&r)...)
			all = append(all, r)
			return err
		},
	})
	return all, err
}

// posted keeps to what a query names.
func (w *where) posted(q desk.DeliveryQuery) {
	if q.Endpoint != "" {
		w.and("endpoint_id = $%d", string(q.Endpoint))
	}
	if q.Event != 0 {
		w.and("event = $%d", q.Event)
	}
	if q.EventID != "" {
		w.and("event_id = $%d", string(q.EventID))
	}
}

func (w *where) limit(order string, q desk.DeliveryQuery) string {
	w.args = append(w.args, int64(countOf(desk.Query{Count: q.Count})))
	return fmt.Sprintf(" ORDER BY %s LIMIT $%d", order, len(w.args))
}

// Prune deletes what is old.
func (st *Store) Prune(ctx context.Context, book desk.BookID, wall, at ledger.Time, count int) (int64, error) {
	var gone int64
	each := func(scan func(...any) error) error {
		var id string
		gone++
		return scan(&id)
	}
	old := func(table, cond string, before ledger.Time) stmt {
		return stmt{
			sql:  fmt.Sprintf(`DELETE FROM %[1]s WHERE book = $1 AND id IN (SELECT id FROM %[1]s WHERE book = $1 AND %[2]s ORDER BY event LIMIT $3) RETURNING id`, table, cond),
			args: []any{int64(book), int64(before), int64(count)}, each: each,
		}
	}
	err := st.post(ctx,
		stmt{
			sql:  "DELETE FROM attempts WHERE book = $1 AND id IN (SELECT id FROM attempts WHERE book = $1 AND id < $2 ORDER BY id LIMIT $3) RETURNING id",
			args: []any{int64(book), string(desk.AttemptID(wall, "")), int64(count)}, each: each,
		},
		old("deliveries", "created_at < $2 AND due_at = 0 AND ended_at < $2", at),
		old("delivery_runs", "created_at < $2 AND last > 0 AND event >= last", at),
	)
	return gone, err
}
