package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

// A list is filtered by book, kind, parent, columns and time, and cut into
// pages, the newest first unless it is asked otherwise.
func testLists(t *testing.T, st desk.Store) {
	book, other := newBook(t, st, 1), newBook(t, st, 2)
	const at = 1_700_000_000
	change(t, st, book, func(tx desk.Tx) error {
		for i := range 10 { // rfnd_0 to rfnd_9, half a second apart
			tx.Put(desk.Refund{
				ID: desk.ID(fmt.Sprintf("rfnd_%d", i)), Payment: desk.ID(fmt.Sprintf("pay_%d", i%2)), Amount: ledger.Amount(i / 3),
				ReverseAll: i >= 8, Receipt: strings.Repeat("r", i%4), CreatedAt: ledger.Seconds(at) + ledger.Time(i*500_000),
			})
		}
		tx.Put(desk.Payment{ID: "pay_1", CreatedAt: ledger.Seconds(at)})
		return nil
	})
	change(t, st, other, func(tx desk.Tx) error {
		tx.Put(desk.Refund{ID: "rfnd_5", Payment: "pay_1", CreatedAt: ledger.Seconds(at)})
		return nil
	})
	sec := func(s int64) ledger.Time { return ledger.Seconds(at + s) }
	for _, tt := range []struct {
		name string
		q    desk.Query
		want string
	}{
		{"all", desk.Query{}, "9876543210"},
		{"oldest first", desk.Query{Oldest: true}, "0123456789"},
		{"a page", desk.Query{Count: 3}, "987"},
		{"the next page", desk.Query{Count: 3, Skip: 3}, "654"},
		{"the last page", desk.Query{Count: 3, Skip: 9}, "0"},
		{"beyond", desk.Query{Count: 3, Skip: 10}, ""},
		{"a page from the oldest", desk.Query{Count: 3, Skip: 3, Oldest: true}, "345"},
		{"under a parent", desk.Query{Parent: "pay_1"}, "97531"},
		{"under a parent, a page", desk.Query{Parent: "pay_1", Skip: 1, Count: 2}, "75"},
		{"under nobody", desk.Query{Parent: "pay_7"}, ""},
		{"from", desk.Query{From: sec(3)}, "9876"},
		{"from within a second", desk.Query{From: sec(3) + 1}, "987"},
		{"to a whole second, all of it", desk.Query{To: sec(1)}, "3210"},
		{"to a moment", desk.Query{To: sec(1) + 499_999}, "210"},
		{"from and to the same second", desk.Query{From: sec(2), To: sec(2)}, "54"},
		{"from after to", desk.Query{From: sec(3), To: sec(1)}, ""},
		{"by a number", desk.Query{Where: map[string]string{"amount": "1"}}, "543"},
		{"by a flag", desk.Query{Where: map[string]string{"reverse_all": "true"}}, "98"},
		{"by a text", desk.Query{Where: map[string]string{"payment_id": "pay_0"}}, "86420"},
		{"by two columns and a parent", desk.Query{Parent: "pay_0", Where: map[string]string{"amount": "2", "reverse_all": "false"}}, "6"},
		{"with a text", desk.Query{Has: []string{"receipt"}}, "9765321"},
		{"with two texts, and under a parent", desk.Query{Parent: "pay_0", Has: []string{"receipt", "payment_id"}, Where: map[string]string{"amount": "2"}}, "6"},
		{"with a text that nothing has", desk.Query{Has: []string{"receipt", "notes"}}, ""},
		{"from an id on", desk.Query{Least: "rfnd_7"}, "987"},
		{"below an id", desk.Query{Until: "rfnd_2"}, "10"},
		{"between two ids, a page behind one", desk.Query{Least: "rfnd_3", Until: "rfnd_8", After: "rfnd_6", Count: 2}, "54"},
		{"by a text that is no SQL", desk.Query{Where: map[string]string{"payment_id": "' OR 1=1 --"}}, ""},
	} {
		tt.q.Book, tt.q.Kind = book, desk.KindRefund
		rows, err := st.List(t.Context(), tt.q)
		check(t, err)
		var got strings.Builder
		for _, r := range rows {
			got.WriteString(strings.TrimPrefix(string(r.RowID()), "rfnd_"))
		}
		equal(t, tt.name, got.String(), tt.want)
		if tt.q.Skip == 0 && tt.q.Count == 0 {
			n, err := st.Count(t.Context(), tt.q)
			check(t, err)
			equal(t, tt.name+", counted", n, len(tt.want))
		}
	}
	_, err := st.List(t.Context(), desk.Query{Book: book, Kind: desk.KindRefund, Where: map[string]string{"amount = 1 OR 1": "1"}})
	if err == nil {
		t.Error("a column that is none was taken")
	}
	for _, col := range []string{"1 = 1 OR receipt", "amount"} {
		if _, err := st.List(t.Context(), desk.Query{Book: book, Kind: desk.KindRefund, Has: []string{col}}); err == nil {
			t.Errorf("%s was taken for a column of text", col)
		}
	}
}

// Statements, lines of accounts, entries and events are cut into pages by their
// position, however far one skips.
func testPages(t *testing.T, st desk.Store) {
	book := newBook(t, st, 1)
	const n = 60
	for i := range n {
		check(t, Count(st, book, desk.ID(fmt.Sprint(i))))
	}
	change(t, st, book, func(tx desk.Tx) error { // another account and another wallet, to be left out
		as, err := tx.Accounts("2010", "2100/x")
		check(t, err)
		lines, after, err := as.Apply(ledger.Journal{}.Dr("2100/x", 1).Cr("2010", 1), map[ledger.AccountID]ledger.Amount{"2100/x": -1})
		check(t, err)
		tx.Record(desk.Entry{Reason: ledger.Spent, Cause: "pay_x", At: 2}, lines, after)
		tx.Append(desk.WalletLine{Wallet: "x", N: 1, ID: "ctxn_x", Debit: 1, CreatedAt: 2})
		return nil
	})
	span := func(first, last, step int64) (all []int64) {
		for i := first; ; i += step {
			all = append(all, i)
			if i == last {
				return all
			}
		}
	}
	for _, tt := range []struct {
		name string
		q    desk.Query
		want []int64
	}{
		{"the newest page", desk.Query{Count: 10}, span(60, 51, -1)},
		{"skipping", desk.Query{Count: 10, Skip: 25}, span(35, 26, -1)},
		{"the end", desk.Query{Count: 10, Skip: 57}, span(3, 1, -1)},
		{"beyond the end", desk.Query{Count: 10, Skip: 60}, nil},
		{"the oldest page", desk.Query{Count: 10, Oldest: true}, span(1, 10, 1)},
		{"skipping from the oldest", desk.Query{Count: 10, Skip: 55, Oldest: true}, span(56, 60, 1)},
		{"in time", desk.Query{Count: 5, From: 1, To: 1}, span(60, 56, -1)},
		{"in time, skipping", desk.Query{Count: 5, Skip: 5, From: 1, To: 1}, span(55, 51, -1)},
		{"out of time", desk.Query{Count: 5, From: 2_000_000}, nil},
	} {
		tt.q.Book = book
		var got []int64
		q := tt.q
		q.Parent = desk.ID(ledger.Equity)
		lines, err := st.Lines(t.Context(), q)
		check(t, err)
		for _, l := range lines {
			equal(t, "the entry of a line", l.No, l.N)
			equal(t, "the balance of a line", l.Balance, ledger.Amount(l.N))
			got = append(got, l.N)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("lines, %s: got %v, want %v", tt.name, got, tt.want)
		}
		if tt.q.From == 0 { // the lines of counts have no time of their own
			got, q.Parent = nil, walletID
			statement, err := st.Statement(t.Context(), q)
			check(t, err)
			for _, l := range statement {
				got = append(got, l.N)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("statement, %s: got %v, want %v", tt.name, got, tt.want)
			}
		}
	}
	for _, id := range []desk.ID{"nobody", ""} {
		statement, err := st.Statement(t.Context(), desk.Query{Book: book, Parent: id})
		check(t, err)
		equal(t, "the statement of nobody", len(statement), 0)
	}
	entries, err := st.Entries(t.Context(), desk.Query{Book: book, Skip: 1, Count: 2})
	check(t, err)
	equal(t, "entries, the newest first", fmt.Sprint(entries[0].No, entries[1].No, len(entries)), "60 59 2")
	entries, err = st.Entries(t.Context(), desk.Query{Book: book, Parent: "pay_x"})
	check(t, err)
	equal(t, "entries by their cause", len(entries), 1)
	events, err := st.Events(t.Context(), book, 55, 3)
	check(t, err)
	equal(t, "events after one", fmt.Sprint(events[0].No, events[2].No, len(events)), "56 58 3")
	events, err = st.Events(t.Context(), book, 60, 3)
	check(t, err)
	equal(t, "events after the last", len(events), 0)
}

// Timers are due by the book's time, books by the wall's.
func testTimers(t *testing.T, st desk.Store) {
	book, other, third := newBook(t, st, 1), newBook(t, st, 2), newBook(t, st, 3)
	ctx := t.Context()
	edit := func(book desk.BookID, do func(b *desk.Book)) {
		change(t, st, book, func(tx desk.Tx) error {
			b := tx.Book()
			do(&b)
			tx.PutBook(b)
			return nil
		})
	}
	wake := func(book desk.BookID, at ledger.Time) { edit(book, func(b *desk.Book) { b.Wake = at }) }
	change(t, st, book, func(tx desk.Tx) error {
		for i, at := range []ledger.Time{30, 10, 20, 0, 40} {
			tx.Put(desk.Timer{ID: desk.ID(fmt.Sprintf("x/%d", i)), What: "x", Subject: desk.ID(fmt.Sprint(i)), At: at})
		}
		return nil
	})
	due := func(at ledger.Time, count int) string {
		timers, err := st.Due(ctx, book, at, count)
		check(t, err)
		var s []string
		for _, r := range timers {
			s = append(s, string(r.Subject))
		}
		return strings.Join(s, " ")
	}
	equal(t, "due before all", due(9, 10), "")
	equal(t, "due at one's moment", due(10, 10), "1")
	equal(t, "due, the oldest first", due(30, 10), "1 2 0")
	equal(t, "due, so many", due(99, 2), "1 2")
	change(t, st, book, func(tx desk.Tx) error {
		_, err := tx.Get(desk.KindTimer, "x/1")
		check(t, err)
		tx.Put(desk.Timer{ID: "x/1", What: "x", Subject: "1"})
		return nil
	})
	equal(t, "due after one has ended", due(99, 10), "2 0 4")
	timers, err := st.Due(ctx, other, 99, 10)
	check(t, err)
	equal(t, "due in another book", len(timers), 0)

	awake := func(now ledger.Time, count int) string {
		ids, err := st.Awake(ctx, now, count)
		check(t, err)
		slices.Sort(ids)
		return fmt.Sprint(ids)
	}
	equal(t, "awake when none is", awake(1e15, 10), "[]")
	wake(other, 200)
	wake(third, 100)
	equal(t, "awake too early", awake(99, 10), "[]")
	equal(t, "awake in time", awake(100, 10), "[3]")
	equal(t, "awake later", awake(200, 10), "[2 3]")
	equal(t, "so many awake", awake(200, 1), "[3]")
	wake(third, 0)
	equal(t, "awake after one went back to sleep", awake(200, 10), "[2]")

	// What is due of them now: 20, 40 in the first; in the others what follows.
	for _, b := range []desk.BookID{other, third} {
		change(t, st, b, func(tx desk.Tx) error {
			tx.Put(desk.Timer{ID: "x/1", What: "x", Subject: "1", At: 1000}, desk.Timer{ID: "x/2", What: "x", Subject: "2"})
			return nil
		})
	}
	setClock := func(book desk.BookID, c desk.Clock) { edit(book, func(b *desk.Book) { b.Clock = c }) }
	overdue := func(now ledger.Time) string {
		ids, err := st.Overdue(ctx, now)
		check(t, err)
		return fmt.Sprint(ids)
	}
	equal(t, "overdue before all", overdue(19), "[]")
	equal(t, "overdue, whatever the rows say", overdue(20), "[1]")
	equal(t, "overdue, all", overdue(1000), "[1 2 3]")
	setClock(other, desk.Clock{Ahead: 900 * time.Microsecond})
	setClock(third, desk.Clock{Frozen: 999})
	equal(t, "overdue by a clock that is ahead", overdue(99), "[1]")
	equal(t, "overdue by a clock that is ahead, in time", overdue(100), "[1 2]")
	equal(t, "overdue by a clock that stands still", overdue(1e15), "[1 2]")
	setClock(third, desk.Clock{Frozen: 1000})
	equal(t, "overdue by a clock that stands at the moment", overdue(0), "[3]")
}

// A change may replace a book's name, clock and wake; nothing else of its row.
func testBook(t *testing.T, st desk.Store) {
	book := newBook(t, st, 1)
	before, err := st.Book(t.Context(), book)
	check(t, err)
	equal(t, "a new book", before, desk.Book{ID: book, Merchant: "m1", Mode: desk.Test, Name: "A book", CreatedAt: 1})
	change(t, st, book, func(tx desk.Tx) error {
		b := tx.Book()
		b.Name, b.Wake, b.Clock = "Another", 7, desk.Clock{Ahead: time.Hour + 1}
		b.ID, b.Merchant, b.Mode, b.Seal, b.Entry, b.Event, b.LastID, b.Hash, b.State, b.CreatedAt = 9, "x", "x", 9, 9, 9, 9, "x", "x", 9
		tx.PutBook(b)
		equal(t, "the name, just put", tx.Book().Name, "Another")
		equal(t, "the merchant, which is not for changes", tx.Book().Merchant, "m1")
		return nil
	})
	b, err := st.Book(t.Context(), book)
	check(t, err)
	seal, hash, state := b.Seal, b.Hash, b.State
	b.Seal, b.Hash, b.State = 0, "", ""
	equal(t, "a changed book", b, desk.Book{
		ID: book, Merchant: "m1", Mode: desk.Test, Name: "Another", Wake: 7, Clock: desk.Clock{Ahead: time.Hour + 1}, CreatedAt: 1,
	})
	equal(t, "its seal", seal, 1)
	if len(hash) != 64 || state != "" && len(state) != 64 {
		t.Errorf("hash %q, state %q", hash, state)
	}
	change(t, st, book, func(tx desk.Tx) error {
		equal(t, "the clock in the next change", tx.Book().Clock.Ahead, time.Hour+1)
		return nil
	})
	b, err = st.Book(t.Context(), book)
	check(t, err)
	equal(t, "the seal after a change that wrote nothing", b.Seal, 1)
	_, err = st.Book(t.Context(), 77)
	equal(t, "a book that is not there", ledger.CodeOf(err), ledger.NotFound)
	check(t, st.Check(t.Context()))
}

// Ids have their prefix, a time and some chance in fourteen characters, and grow
// from one to the next, whatever the book's clock does.
func testIDs(t *testing.T, st desk.Store) {
	book := newBook(t, st, 1)
	const moment = 1_500_000_000
	var last desk.ID
	mint := func(n int, clock desk.Clock) {
		change(t, st, book, func(tx desk.Tx) error {
			b := tx.Book()
			b.Clock = clock
			tx.PutBook(b)
			for range n {
				id := tx.NewID("rfnd")
				if id <= last || len(id) != len("rfnd_")+14 || !strings.HasPrefix(string(id), "rfnd_") {
					t.Fatalf("%q after %q", id, last)
				}
				last = id
			}
			if bare := tx.NewID(""); len(bare) != 14 || strings.Contains(string(bare), "_") {
				t.Errorf("a bare id: %q", bare)
			}
			return nil
		})
	}
	mint(3, desk.Clock{Frozen: ledger.Seconds(moment)})
	if got := minted(last); got != moment {
		t.Errorf("%s was minted at %d, want %d", last, got, moment)
	}
	if first := desk.FirstID("rfnd", ledger.Seconds(moment)); first > last || desk.FirstID("rfnd", ledger.Seconds(moment)+1) <= last {
		t.Errorf("ids of a moment begin at %s, and one of it is %s", first, last)
	}
	mint(1000, desk.Clock{Frozen: ledger.Seconds(moment)})
	mint(3, desk.Clock{Frozen: ledger.Seconds(moment - 1000)})
	if got := minted(last); got != moment {
		t.Errorf("%s was minted at %d, want %d: time went back, ids do not", last, got, moment)
	}
	mint(3, desk.Clock{Ahead: -time.Hour})
	mint(3, desk.Clock{})
	for range 20 {
		mint(1, desk.Clock{})
	}
}

// minted is the second in which an id was made.
func minted(id desk.ID) int64 {
	const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	_, digits, _ := strings.Cut(string(id), "_")
	var nanos int64
	for i := range 10 {
		nanos = nanos*62 + int64(strings.IndexByte(base62, digits[i]))
	}
	return time.Date(2014, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(nanos)).Unix()
}

// The registry keeps merchants, books and credentials.
func testRegistry(t *testing.T, st desk.Store) {
	ctx := t.Context()
	one := desk.Merchant{ID: "m_one", Name: "One ₹", CreatedAt: 10}
	two := desk.Merchant{ID: "m_two", Name: "Two", CreatedAt: 20}
	book := func(id desk.BookID, m desk.Merchant, mode desk.Mode) desk.Book {
		return desk.Book{ID: id, Merchant: m.ID, Mode: mode, Name: m.Name, Clock: desk.Clock{Frozen: 5}, CreatedAt: m.CreatedAt}
	}
	last := func(want desk.BookID) {
		t.Helper()
		n, err := st.LastBook(ctx)
		check(t, err)
		equal(t, "the last book", n, want)
	}
	last(0)
	check(t, st.PutMerchant(ctx, one, book(1, one, desk.Test), book(2, one, desk.Live)))
	last(2)
	err := st.PutMerchant(ctx, two, book(3, two, desk.Test), book(2, two, desk.Live))
	equal(t, "a merchant with a book that is there", ledger.CodeOf(err), ledger.Duplicate)
	err = st.PutMerchant(ctx, one, book(4, one, desk.Test))
	equal(t, "a merchant that is there", ledger.CodeOf(err), ledger.Duplicate)
	books, err := st.Books(ctx, desk.BookQuery{})
	check(t, err)
	if !slices.Equal(books, []desk.Book{book(1, one, desk.Test), book(2, one, desk.Live)}) {
		t.Errorf("books: %v", books)
	}
	check(t, st.PutMerchant(ctx, two, book(3, two, desk.Test)))
	last(3)
	change(t, st, 3, func(tx desk.Tx) error { tx.Put(desk.Order{ID: "order_1"}); return nil })
	change(t, st, 1, func(tx desk.Tx) error { tx.Put(desk.Order{ID: "order_2"}, desk.Payment{ID: "order_1"}); return nil })
	for _, tt := range []struct {
		q    desk.BookQuery
		want string
	}{
		{desk.BookQuery{}, "[1 2 3]"},
		{desk.BookQuery{Count: 2}, "[1 2]"},
		{desk.BookQuery{Mode: desk.Test}, "[1 3]"},
		{desk.BookQuery{Mode: desk.Test, Count: 1}, "[1]"},
		{desk.BookQuery{Merchant: one.ID}, "[1 2]"},
		{desk.BookQuery{Merchant: one.ID, Mode: desk.Live}, "[2]"},
		{desk.BookQuery{Merchant: two.ID, Mode: desk.Live}, "[]"},
		{desk.BookQuery{Merchant: "m_none"}, "[]"},
		{desk.BookQuery{Kind: desk.KindOrder, ID: "order_1"}, "[3]"},
		{desk.BookQuery{Mode: desk.Test, Kind: desk.KindOrder, ID: "order_2"}, "[1]"},
		{desk.BookQuery{Mode: desk.Live, Kind: desk.KindOrder, ID: "order_2"}, "[]"},
		{desk.BookQuery{Kind: desk.KindOrder, ID: "order_3"}, "[]"},
	} {
		found, err := st.Books(ctx, tt.q)
		check(t, err)
		ids := []desk.BookID{}
		for _, b := range found {
			ids = append(ids, b.ID)
		}
		equal(t, fmt.Sprintf("books by %+v", tt.q), fmt.Sprint(ids), tt.want)
	}
	m, err := st.Merchant(ctx, two.ID)
	check(t, err)
	equal(t, "a merchant", *m, two)
	m, err = st.Merchant(ctx, "m_none")
	check(t, err)
	equal(t, "a merchant that is not there", m, nil)
	merchants, err := st.Merchants(ctx)
	check(t, err)
	if !slices.Equal(merchants, []desk.Merchant{one, two}) {
		t.Errorf("merchants: %v", merchants)
	}

	c := desk.Credential{Room: "razorpay", Name: "rzp_test_1", Merchant: one.ID, Book: 1, Secret: []byte{0, 1, 255}, Scopes: "a b", CreatedAt: 3, RevokedAt: 4}
	d := desk.Credential{Room: "engage", Name: "rzp_test_1", Merchant: one.ID, Book: 2, Secret: []byte{}, CreatedAt: 5}
	e := desk.Credential{Room: "razorpay", Name: "rzp_test_2", Merchant: two.ID, Book: 3, Secret: []byte("x"), CreatedAt: 6}
	for _, c := range []desk.Credential{c, d, e} {
		check(t, st.PutCredential(ctx, c))
	}
	got, err := st.Credential(ctx, "razorpay", "rzp_test_1")
	check(t, err)
	equal(t, "a credential", fmt.Sprint(got), fmt.Sprint(&c))
	c.Scopes, c.RevokedAt, c.Secret = "", 0, []byte("new")
	check(t, st.PutCredential(ctx, c))
	got, err = st.Credential(ctx, "razorpay", "rzp_test_1")
	check(t, err)
	equal(t, "a replaced credential", fmt.Sprint(got), fmt.Sprint(&c))
	got, err = st.Credential(ctx, "phonepe", "rzp_test_1")
	check(t, err)
	if got != nil {
		t.Errorf("a credential that is not there: %v", got)
	}
	all, err := st.Credentials(ctx, one.ID)
	check(t, err)
	equal(t, "the credentials of a merchant", fmt.Sprint(all), fmt.Sprint([]desk.Credential{c, d}))
	var every []desk.Credential
	check(t, st.EveryCredential(ctx, func(c desk.Credential) error { every = append(every, c); return nil }))
	equal(t, "every credential", fmt.Sprint(every), fmt.Sprint([]desk.Credential{d, c, e}))
	enough := errors.New("enough")
	equal(t, "every credential, until one is enough", st.EveryCredential(ctx, func(desk.Credential) error { return enough }), enough)
}
