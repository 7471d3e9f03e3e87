// Package storetest is the contract that every store of books must keep, as a
// suite that runs on whatever store it is given.
package storetest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

// Run holds a store against the contract of desk.Store. Open gives a new, empty
// one each time, with its schema in place, and closes it after the test.
func Run(t *testing.T, open func(t *testing.T) desk.Store) {
	for _, tt := range []struct {
		name string
		test func(t *testing.T, st desk.Store)
	}{
		{"rows", testRows},
		{"rows of every kind", testKinds},
		{"facts", testFacts},
		{"lists", testLists},
		{"pages of lines", testPages},
		{"timers", testTimers},
		{"the book's row", testBook},
		{"ids", testIDs},
		{"snapshots", testSnapshots},
		{"reset", testReset},
		{"registry", testRegistry},
		{"people", testPeople},
		{"the log of requests", testLogbook},
		{"one book", testOneBook},
		{"fifty books", testFiftyBooks},
		{"a refused change", testRefused},
		{"a batch with a fault", testFault},
		{"cancelled contexts", testCancelled},
		{"panics", testPanics},
		{"reads beside a change", testReadsBeside},
		{"looks", testLooks},
		{"a large change", testLarge},
		{"a random history", testHistory},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.test(t, open(t))
		})
	}
}

// NewBook makes a merchant with one book, number 1.
func NewBook(t testing.TB, st desk.Store) desk.BookID { t.Helper(); return newBook(t, st, 1) }

// newBook makes a merchant with one book.
func newBook(t testing.TB, st desk.Store, id desk.BookID) desk.BookID {
	t.Helper()
	m := desk.Merchant{ID: desk.ID(fmt.Sprintf("m%d", id)), Name: "A merchant", CreatedAt: 1}
	b := desk.Book{ID: id, Merchant: m.ID, Mode: desk.Test, Name: "A book", CreatedAt: 1}
	if err := st.PutMerchant(t.Context(), m, b); err != nil {
		t.Fatal(err)
	}
	return id
}

// change runs do as a change that must not fail.
func change(t testing.TB, st desk.Store, book desk.BookID, do func(tx desk.Tx) error) {
	t.Helper()
	if err := st.Change(context.Background(), book, nil, do); err != nil {
		t.Fatal(err)
	}
}

// check stops the test at an error.
func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// equal reports two values that should be the same.
func equal[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// patience is how long a test waits for what should come at once.
const patience = 30 * time.Second

// A counter is a book in which every change does a bit of everything: it counts
// on in a row, adds a row under it, posts an entry, writes a line of a statement
// and records an event. So whatever goes wrong between changes shows.
const (
	counterID desk.ID = "order_counter"
	walletID  desk.ID = "cust_counter"
)

// hints are what a count reads; using them or not must make no difference.
var hints = []desk.Ref{
	{Kind: desk.KindOrder, ID: counterID}, {Kind: desk.KindWallet, ID: walletID},
	{Kind: desk.KindAccount, ID: desk.ID(ledger.BankOperating)}, {Kind: desk.KindAccount, ID: desk.ID(ledger.Equity)},
}

// count is one such change. It returns how many there were before it.
func count(tx desk.Tx, who desk.ID) (int64, error) {
	var c desk.Order
	row, err := tx.Get(desk.KindOrder, counterID)
	if err != nil {
		return 0, err
	}
	if row != nil {
		c = row.(desk.Order)
	}
	row, err = tx.Get(desk.KindWallet, walletID)
	if err != nil {
		return 0, err
	}
	w := desk.Wallet{ID: walletID}
	if row != nil {
		w = row.(desk.Wallet)
	}
	as, err := tx.Accounts(ledger.BankOperating, ledger.Equity)
	if err != nil {
		return 0, err
	}
	lines, after, err := as.Apply(ledger.BringOwnFunds(1), nil)
	if err != nil {
		return 0, err
	}
	before := c.Attempts
	c.ID, c.Attempts = counterID, before+1
	w.Lines++
	mark := desk.Payment{ID: tx.NewID("pay"), Order: counterID, Description: string(who), Amount: ledger.Amount(before)}
	tx.Put(c, w, mark)
	no := tx.Record(desk.Entry{Reason: ledger.OwnFunds, Cause: mark.ID, At: 1}, lines, after)
	tx.Append(desk.WalletLine{Wallet: w.ID, N: w.Lines, ID: tx.NewID("ctxn"), Entry: no, Source: mark.ID, Credit: 1, Balance: ledger.Amount(w.Lines)})
	tx.Emit("counted", 1, c, mark)
	return before, nil
}

// Counted holds a book against what n counts by these callers must have left,
// each exactly once. Nil stands for any callers.
func Counted(t testing.TB, st desk.Store, book desk.BookID, n int, by []desk.ID) {
	t.Helper()
	ctx := context.Background()
	row, err := st.Find(ctx, book, desk.KindOrder, counterID)
	check(t, err)
	if n == 0 && row == nil {
		return
	}
	equal(t, "the counter", row.(desk.Order).Attempts, int64(n))
	b, err := st.Book(ctx, book)
	check(t, err)
	equal(t, "the number of the last entry", b.Entry, int64(n))
	equal(t, "the number of the last event", b.Event, int64(n))

	marks, err := st.List(ctx, desk.Query{Book: book, Kind: desk.KindPayment, Parent: counterID, Oldest: true, Count: n + 1})
	check(t, err)
	equal(t, "the rows added", len(marks), n)
	var who []desk.ID
	for i, r := range marks {
		m := r.(desk.Payment)
		equal(t, "the row added", m.Amount, ledger.Amount(i))
		who = append(who, desk.ID(m.Description))
	}
	if by != nil {
		slices.Sort(who)
		want := slices.Sorted(slices.Values(by))
		if !slices.Equal(who, want) {
			t.Errorf("counted by %v, want %v", who, want)
		}
	}

	entries, err := st.Entries(ctx, desk.Query{Book: book, Oldest: true, Count: n + 1})
	check(t, err)
	equal(t, "the entries", len(entries), n)
	for i, e := range entries {
		equal(t, "the number of an entry", e.No, int64(i+1))
		for _, l := range e.Lines {
			equal(t, "the position of a posting", l.N, int64(i+1))
			equal(t, "the balance after a posting", l.Balance, ledger.Amount(i+1))
		}
		equal(t, "the lines of an entry", len(e.Lines), 2)
	}
	statement, err := st.Statement(ctx, desk.Query{Book: book, Parent: walletID, Oldest: true, Count: n + 1})
	check(t, err)
	equal(t, "the lines of the statement", len(statement), n)
	for i, l := range statement {
		equal(t, "the position of a line", l.N, int64(i+1))
		equal(t, "the entry of a line", l.Entry, int64(i+1))
	}
	events, err := st.Events(ctx, book, 0, n+1)
	check(t, err)
	equal(t, "the events", len(events), n)
	for i, e := range events {
		equal(t, "the number of an event", e.No, int64(i+1))
		equal(t, "the row in an event", e.About[0].(desk.Order).Attempts, int64(i+1))
	}
	as, err := st.Balances(ctx, book)
	check(t, err)
	for _, id := range []ledger.AccountID{ledger.BankOperating, ledger.Equity} {
		equal(t, "the balance of "+string(id), as[id], ledger.Balance{Amount: ledger.Amount(n), N: int64(n)})
	}
}
