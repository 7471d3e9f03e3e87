package sqlstore

import (
	"context"
	"fmt"

	"wapas/desk"
	"wapas/ledger"
)

// Books lists books. It is one of the few statements that look at more than one.
func (st *Store) Books(ctx context.Context, q desk.BookQuery) ([]desk.Book, error) {
	sql, word := "SELECT "+bookCols+" FROM books", " WHERE "
	var args []any
	add := func(cond string, arg any) {
		args = append(args, arg)
		sql += word + fmt.Sprintf(cond, len(args))
		word = " AND "
	}
	if q.Merchant != "" {
		add("merchant_id = $%d", string(q.Merchant))
	}
	if q.Mode != "" {
		add("mode = $%d", string(q.Mode))
	}
	if q.ID != "" { // a look into each book, by the key
		add("book = (SELECT r.book FROM "+tables[q.Kind].name+" r WHERE r.book = books.book AND r.id = $%d)", string(q.ID))
	}
	sql += " ORDER BY book"
	if q.Count > 0 {
		args = append(args, int64(q.Count))
		sql += fmt.Sprintf(" LIMIT $%d", len(args))
	}
	return st.readBooks(ctx, sql, args...)
}

func (st *Store) readBooks(ctx context.Context, sql string, args ...any) ([]desk.Book, error) {
	var books []desk.Book
	err := st.db.query(ctx, stmt{sql: sql, args: args, each: func(scan func(...any) error) error {
		var b desk.Book
		err := scan(bookFields(&b)...)
		books = append(books, b)
		return err
	}})
	return books, err
}

// LastBook is the highest number of a book.
func (st *Store) LastBook(ctx context.Context) (desk.BookID, error) {
	var last int64
	err := st.db.query(ctx, stmt{
		sql:  "SELECT COALESCE(max(book), 0) FROM books",
		each: func(scan func(...any) error) error { return scan(&last) },
	})
	return desk.BookID(last), err
}

// Awake lists books whose next timer may be due. It looks at all books.
func (st *Store) Awake(ctx context.Context, now ledger.Time, count int) ([]desk.BookID, error) {
	return st.bookIDs(ctx, "SELECT book FROM books WHERE wake_at > 0 AND wake_at <= $1 ORDER BY wake_at LIMIT $2", int64(now), int64(count))
}

// Overdue lists books with a timer that is due. It looks into all books, by index.
func (st *Store) Overdue(ctx context.Context, now ledger.Time) ([]desk.BookID, error) {
	return st.bookIDs(ctx, `SELECT book FROM books WHERE (SELECT min(t.due_at) FROM timers t WHERE t.book = books.book AND t.due_at > 0)
		<= CASE WHEN clock_frozen <> 0 THEN clock_frozen ELSE $1 + clock_ahead / 1000 END ORDER BY book`, int64(now))
}

// bookIDs reads numbers of books.
func (st *Store) bookIDs(ctx context.Context, sql string, args ...any) ([]desk.BookID, error) {
	var ids []desk.BookID
	err := st.db.query(ctx, stmt{sql: sql, args: args, each: func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		ids = append(ids, desk.BookID(id))
		return err
	}})
	return ids, err
}

// PutMerchant creates a merchant with its books: Duplicate if the merchant or a
// book is there already.
func (st *Store) PutMerchant(ctx context.Context, m desk.Merchant, books ...desk.Book) error {
	stmts := []stmt{{
		sql:  "INSERT INTO merchants (id, name, created_at) VALUES ($1, $2, $3)",
		args: []any{string(m.ID), m.Name, int64(m.CreatedAt)},
	}}
	for _, b := range books {
		args := bookFields(&b)
		for i, p := range args {
			args[i] = deref(p)
		}
		stmts = append(stmts, stmt{
			sql:  "INSERT INTO books (" + bookCols + ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
			args: args,
		})
	}
	err := st.db.exec(ctx, stmts)
	if err != nil && st.taken(err) {
		return &ledger.Error{Code: ledger.Duplicate, Err: err}
	}
	return err
}

// Merchants lists all merchants.
func (st *Store) Merchants(ctx context.Context) ([]desk.Merchant, error) {
	return st.merchants(ctx, "ORDER BY created_at, id")
}

// Merchant finds a merchant; nil if there is none.
func (st *Store) Merchant(ctx context.Context, id desk.ID) (*desk.Merchant, error) {
	found, err := st.merchants(ctx, "WHERE id = $1", string(id))
	return first(found), err
}

func (st *Store) merchants(ctx context.Context, which string, args ...any) ([]desk.Merchant, error) {
	var all []desk.Merchant
	err := st.db.query(ctx, stmt{sql: "SELECT id, name, created_at FROM merchants " + which, args: args, each: func(scan func(...any) error) error {
		var m desk.Merchant
		err := scan((*string)(&m.ID), &m.Name, (*int64)(&m.CreatedAt))
		all = append(all, m)
		return err
	}})
	return all, err
}

const credentialCols = "room, name, merchant_id, book, secret, scopes, created_at, revoked_at"

// PutCredential creates a credential, or replaces the one of that room and name.
func (st *Store) PutCredential(ctx context.Context, c desk.Credential) error {
	return st.db.exec(ctx, []stmt{{
		sql: "INSERT INTO credentials (" + credentialCols + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT (room, name) DO UPDATE SET merchant_id = excluded.merchant_id, book = excluded.book, secret = excluded.secret,
			scopes = excluded.scopes, created_at = excluded.created_at, revoked_at = excluded.revoked_at`,
		args: []any{c.Room, c.Name, string(c.Merchant), int64(c.Book), []byte(c.Secret), c.Scopes, int64(c.CreatedAt), int64(c.RevokedAt)},
	}})
}

// ResealCredential keeps a credential's secret in another seal.
func (st *Store) ResealCredential(ctx context.Context, room, name string, sealed []byte) error {
	return st.db.exec(ctx, []stmt{{
		sql: "UPDATE credentials SET secret = $1 WHERE room = $2 AND name = $3", args: []any{sealed, room, name},
	}})
}

func (st *Store) credentials(ctx context.Context, where string, args ...any) ([]desk.Credential, error) {
	var all []desk.Credential
	err := st.db.query(ctx, stmt{
		sql:  "SELECT " + credentialCols + " FROM credentials WHERE " + where + " ORDER BY created_at, name",
		args: args,
		each: eachCredential(func(c desk.Credential) error { all = append(all, c); return nil }),
	})
	return all, err
}

func eachCredential(do func(desk.Credential) error) func(scan func(...any) error) error {
	return func(scan func(...any) error) error {
		var c desk.Credential
		if err := scan(&c.Room, &c.Name, (*string)(&c.Merchant), (*int64)(&c.Book), (*[]byte)(&c.Secret), &c.Scopes, (*int64)(&c.CreatedAt), (*int64)(&c.RevokedAt)); err != nil {
			return err
		}
		if c.Secret == nil { // SQLite's driver reads an empty one, of a bearer token, as NULL
			c.Secret = []byte{}
		}
		return do(c)
	}
}

// Credential finds a credential; nil if there is none.
func (st *Store) Credential(ctx context.Context, room, name string) (*desk.Credential, error) {
	found, err := st.credentials(ctx, "room = $1 AND name = $2", room, name)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// Credentials lists a merchant's credentials.
func (st *Store) Credentials(ctx context.Context, merchant desk.ID) ([]desk.Credential, error) {
	return st.credentials(ctx, "merchant_id = $1", string(merchant))
}

// EveryCredential goes through all credentials, by room and name.
func (st *Store) EveryCredential(ctx context.Context, do func(desk.Credential) error) error {
	return st.db.query(ctx, stmt{sql: "SELECT " + credentialCols + " FROM credentials ORDER BY room, name", each: eachCredential(do)})
}
