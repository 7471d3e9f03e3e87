package dialecttest

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wapas/desk"
	"wapas/rail"
	"wapas/rail/sim"
	"wapas/sqlstore"
)

// Start is when every transcript begins: 29 December 2025, 14:50 in India.
const Start = 1767000000

// A House is everything under a room, made for one test: a desk on a SQLite
// database of its own, one merchant, and a clock that only Advance moves.
type House struct {
	Desk     *desk.Desk
	Merchant desk.ID
	Book     desk.BookID // the test book
	Live     desk.BookID
	Store    *sqlstore.Store // under the desk's, of which nobody may ask for all books

	now atomic.Int64 // Unix nanoseconds
}

// Open builds a house. It is torn down with the test.
func Open(t testing.TB) *House {
	t.Helper()
	return OpenOn(t, NewSQLite(t))
}

// NewSQLite is the address of a SQLite database of the test's own that has its
// schema already. It is a copy of one that was migrated once: the migrations
// are tested elsewhere, and under the race detector they take seconds.
func NewSQLite(t testing.TB) string {
	t.Helper()
	address := "sqlite:" + filepath.Join(t.TempDir(), "wapas.db")
	Furnish(t, address)
	return address
}

// Furnish gives a SQLite database its schema if its file is not there yet. It
// leaves everything else as it is.
func Furnish(t testing.TB, address string) {
	t.Helper()
	path, ok := strings.CutPrefix(address, "sqlite:")
	if _, err := os.Stat(path); !ok || err == nil {
		return
	}
	empty, err := migrated()
	if err == nil {
		err = os.WriteFile(path, empty, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// migrated is an empty database's file.
var migrated = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "wapas-schema-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "wapas.db")
	ctx := context.Background()
	st, err := sqlstore.Open(ctx, "sqlite:"+path, sqlstore.Options{})
	if err != nil {
		return nil, err
	}
	if err := errors.Join(st.Migrate(ctx), st.Close()); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// OpenOn builds a house on a database without books.
func OpenOn(t testing.TB, address string) *House {
	t.Helper()
	h := &House{}
	h.now.Store(time.Unix(Start, 0).UnixNano())
	now := func() time.Time { return time.Unix(0, h.now.Load()) }
	ctx := context.Background()
	st, err := sqlstore.Open(ctx, address, sqlstore.Options{Now: now, Statement: Heard(t, address)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	if err := st.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	ring, err := desk.NewKeyring(bytes.Repeat([]byte{7}, desk.MasterKeySize))
	if err != nil {
		t.Fatal(err)
	}
	h.Store = st
	h.Desk = &desk.Desk{
		Store:      oneOfMany{st, t},
		Now:        now,
		Log:        slog.New(slog.NewTextHandler(t.Output(), nil)),
		Rails:      map[string]rail.Rail{"sim": sim.Rail{}},
		Sealer:     ring,
		HashMemory: 64,
	}
	m, test, live, err := h.Desk.CreateMerchant(ctx, desk.MerchantRequest{Name: "Wapas Demo"})
	if err != nil {
		t.Fatal(err)
	}
	h.Merchant, h.Book, h.Live = m.ID, test.ID, live.ID
	return h
}

// oneOfMany is a store of which no room asks for all books, merchants or
// credentials: others may have a hundred thousand.
type oneOfMany struct {
	desk.Store
	t testing.TB
}

func (s oneOfMany) Books(ctx context.Context, q desk.BookQuery) ([]desk.Book, error) {
	if q.Merchant == "" && q.ID == "" && q.Count == 0 {
		s.t.Errorf("all books were asked for: %+v", q)
	}
	return s.Store.Books(ctx, q)
}

func (s oneOfMany) Merchants(ctx context.Context) ([]desk.Merchant, error) {
	s.t.Error("all merchants were asked for")
	return s.Store.Merchants(ctx)
}

func (s oneOfMany) EveryCredential(ctx context.Context, do func(desk.Credential) error) error {
	s.t.Error("all credentials were asked for")
	return s.Store.EveryCredential(ctx, do)
}

// Issue makes a credential for the book.
func (h *House) Issue(t testing.TB, book desk.BookID, room, name, secret string) {
	t.Helper()
	_, err := h.Desk.Issue(context.Background(), desk.IssueRequest{Room: room, Book: book, Name: name, Secret: []byte(secret)})
	if err != nil {
		t.Fatal(err)
	}
}

// Advance moves the clock. What is due before is done first, as a running
// server would have done it, and what has come due since is done at the end of
// the wait.
func (h *House) Advance(t testing.TB, d time.Duration) {
	t.Helper()
	for _, wait := range []time.Duration{0, d} {
		h.now.Add(int64(wait))
		if err := h.Desk.RunDue(context.Background(), h.Book); err != nil {
			t.Fatal(err)
		}
	}
}

// Audit adds up the books: whatever was said in a conversation, they must.
func (h *House) Audit(t testing.TB) {
	t.Helper()
	rep, err := sqlstore.Verify(context.Background(), h.Store, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range rep.Findings {
		t.Errorf("the books do not add up: %s %s: %s", f.Rule, f.What, f.Detail)
	}
}
