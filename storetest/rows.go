package storetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"wapas/desk"
	"wapas/ledger"
)

// What is put in a change is seen by that change at once, by the next change,
// and by readers once the change is answered; and by nobody if it is refused.
func testRows(t *testing.T, st desk.Store) {
	book, other := newBook(t, st, 1), newBook(t, st, 2)
	ctx := t.Context()
	get := func(tx desk.Tx, id desk.ID) string {
		t.Helper()
		r, err := tx.Get(desk.KindRefund, id)
		check(t, err)
		if r == nil {
			return "none"
		}
		return r.(desk.Refund).Reason
	}
	under := func(tx desk.Tx, parent desk.ID) string {
		t.Helper()
		rows, err := tx.Under(desk.KindRefund, parent)
		check(t, err)
		var ids []string
		for _, r := range rows {
			ids = append(ids, string(r.RowID())+"="+r.(desk.Refund).Reason)
		}
		return strings.Join(ids, " ")
	}

	change(t, st, book, func(tx desk.Tx) error {
		equal(t, "a row that is not there", get(tx, "rfnd_1"), "none")
		equal(t, "rows under a parent without any", under(tx, "pay_1"), "")
		tx.Put(desk.Refund{ID: "rfnd_1", Payment: "pay_1", Reason: "a"})
		equal(t, "a row just put", get(tx, "rfnd_1"), "a")
		tx.Put(desk.Refund{ID: "rfnd_3", Payment: "pay_1", Reason: "c"}, desk.Refund{ID: "rfnd_2", Payment: "pay_1", Reason: "b"})
		tx.Put(desk.Refund{ID: "rfnd_4", Payment: "pay_2", Reason: "d"})
		equal(t, "rows just put, under their parent, oldest first", under(tx, "pay_1"), "rfnd_1=a rfnd_2=b rfnd_3=c")
		tx.Put(desk.Refund{ID: "rfnd_1", Payment: "pay_1", Reason: "A"})
		equal(t, "a row put twice", get(tx, "rfnd_1"), "A")
		equal(t, "a row of another kind with the same id", get(tx, "pay_1"), "none")
		return nil
	})
	change(t, st, book, func(tx desk.Tx) error {
		equal(t, "a row of the change before", get(tx, "rfnd_1"), "A")
		equal(t, "rows of the change before", under(tx, "pay_1"), "rfnd_1=A rfnd_2=b rfnd_3=c")
		r, err := tx.Get(desk.KindRefund, "rfnd_3")
		check(t, err)
		moved := r.(desk.Refund)
		moved.Reason = "changed, not put"
		equal(t, "a row that was changed and not put", get(tx, "rfnd_3"), "c")
		moved.Payment, moved.Reason = "pay_2", "moved"
		tx.Put(moved)
		equal(t, "rows under a parent that one has left", under(tx, "pay_1"), "rfnd_1=A rfnd_2=b")
		equal(t, "rows under a parent that one has joined", under(tx, "pay_2"), "rfnd_3=moved rfnd_4=d")
		return nil
	})
	refusal := ledger.Refuse(ledger.Exceeds, "too_much", "no")
	err := st.Change(ctx, book, nil, func(tx desk.Tx) error {
		equal(t, "a row that moved", under(tx, "pay_2"), "rfnd_3=moved rfnd_4=d")
		if _, err := tx.Get(desk.KindRefund, "rfnd_1"); err != nil {
			return err
		}
		tx.Put(desk.Refund{ID: "rfnd_1", Payment: "pay_1", Reason: "refused"}, desk.Refund{ID: "rfnd_9", Payment: "pay_1"})
		return refusal
	})
	if !errors.Is(err, refusal) {
		t.Errorf("a refused change: got %v, want the refusal itself", err)
	}
	change(t, st, book, func(tx desk.Tx) error {
		equal(t, "rows after a refused change", under(tx, "pay_1"), "rfnd_1=A rfnd_2=b")
		equal(t, "a row of a refused change", get(tx, "rfnd_9"), "none")
		return nil
	})
	change(t, st, other, func(tx desk.Tx) error {
		equal(t, "a row of another book", get(tx, "rfnd_1"), "none")
		equal(t, "rows of another book", under(tx, "pay_1"), "")
		tx.Put(desk.Refund{ID: "rfnd_1", Payment: "pay_1", Reason: "other"})
		return nil
	})
	for id, want := range map[desk.BookID]string{book: "A", other: "other"} {
		r, err := st.Find(ctx, id, desk.KindRefund, "rfnd_1")
		check(t, err)
		if r == nil || r.(desk.Refund).Reason != want {
			t.Errorf("Find in book %d: %v, want %q", id, r, want)
		}
	}
	r, err := st.Find(ctx, book, desk.KindRefund, "rfnd_9")
	check(t, err)
	if r != nil {
		t.Errorf("Find of a row that is not there: %v", r)
	}
	err = st.Change(ctx, 77, nil, func(desk.Tx) error { return nil })
	equal(t, "a change to a book that is not there", ledger.CodeOf(err), ledger.NotFound)
}

// kinds are a row of every kind.
var kinds = []desk.Row{
	desk.Terms{}, desk.Key{}, desk.Timer{}, desk.RailOrder{}, desk.Exception{}, desk.Customer{}, desk.BankAccount{}, desk.Wallet{},
	desk.Order{}, desk.Payment{}, desk.Refund{}, desk.Transfer{}, desk.Reversal{}, desk.Linked{}, desk.Stakeholder{}, desk.Product{}, desk.Document{},
	desk.FundAccount{}, desk.Payout{}, desk.Settlement{}, desk.Endpoint{},
	desk.Handle{}, desk.Programme{}, desk.Member{}, desk.Credit{}, desk.Agent{}, desk.Remittance{}, desk.Consent{}, desk.Message{},
	desk.Scenario{}, desk.Word{}, desk.TAT{}, desk.Booking{}, desk.Job{}, desk.JobRow{}, desk.Act{}, desk.Proposal{},
}

// filled is a row of the same kind with something else in every field.
func filled(r desk.Row, seed int) desk.Row {
	v := reflect.New(reflect.TypeOf(r)).Elem()
	for i := range v.NumField() {
		switch f := v.Field(i); f.Kind() {
		case reflect.String:
			f.SetString(fmt.Sprintf("%s %d \"'\\ ₹ தமிழ்\n%%$1;--", v.Type().Field(i).Name, seed))
		case reflect.Int64, reflect.Int:
			f.SetInt(1<<62 + int64(i*1000+seed))
		case reflect.Bool:
			f.SetBool((i+seed)%2 == 0)
		default:
			panic("a row with a field of kind " + f.Kind().String())
		}
	}
	return v.Interface().(desk.Row)
}

// Every field of every kind of row is kept as it is, whatever is in it, through
// a change, a snapshot, an event and a list.
func testKinds(t *testing.T, st desk.Store) {
	book := newBook(t, st, 1)
	ctx := t.Context()
	var seen []desk.Kind
	for _, zero := range kinds {
		kind := zero.Kind()
		seen = append(seen, kind)
		first, second := filled(zero, 1), filled(zero, 2)
		id := first.RowID()
		reflectID := func(r desk.Row) desk.Row { // the second has the id of the first
			v := reflect.New(reflect.TypeOf(r)).Elem()
			v.Set(reflect.ValueOf(r))
			v.FieldByName("ID").SetString(string(id))
			return v.Interface().(desk.Row)
		}
		second = reflectID(second)
		var snapshot string
		change(t, st, book, func(tx desk.Tx) error {
			tx.Put(first)
			tx.Emit("first", 1, first, zero)
			snapshot = tx.Snapshot(first, zero, second)
			return nil
		})
		err := st.Change(ctx, book, nil, func(tx desk.Tx) error {
			got, err := tx.Get(kind, id)
			check(t, err)
			equal(t, fmt.Sprintf("%T", zero), got, first)
			rows, err := tx.Restore(snapshot)
			check(t, err)
			if !slices.Equal(rows, []desk.Row{first, zero, second}) {
				t.Errorf("%T: snapshot %s restored as %v", zero, snapshot, rows)
			}
			if first.Parent() != "" {
				rows, err := tx.Under(kind, first.Parent())
				check(t, err)
				if !slices.Equal(rows, []desk.Row{first}) {
					t.Errorf("%T: under %q: %v", zero, first.Parent(), rows)
				}
			}
			tx.Put(second)
			return nil
		})
		if kind == desk.KindAct { // what was done was done: the database itself refuses to change it
			if err == nil {
				t.Errorf("%T was changed", zero)
			}
			second, err = first, nil
		}
		check(t, err)
		got, err := st.Find(ctx, book, kind, id)
		check(t, err)
		equal(t, fmt.Sprintf("%T changed", zero), got, second)
		events, err := st.Events(ctx, book, 0, 1000)
		check(t, err)
		if e := events[len(events)-1]; !slices.Equal(e.About, []desk.Row{first, zero}) {
			t.Errorf("%T: the event is about %v", zero, e.About)
		}
	}
	for k := desk.KindAccount + 1; k < desk.Kinds; k++ {
		if !slices.Contains(seen, k) {
			t.Errorf("kind %d is not tested", k)
		}
	}
}

// Entries, lines of statements, events and balances come back as they went in.
func testFacts(t *testing.T, st desk.Store) {
	book := newBook(t, st, 1)
	ctx := t.Context()
	e1 := desk.EntryLines{Entry: desk.Entry{No: 1, Reason: ledger.Loaded, Cause: "trf_1", At: 1_700_000_000_123_456}}
	e2 := desk.EntryLines{Entry: desk.Entry{No: 2, Reason: ledger.Held, Cause: "pay_2", At: 1_700_000_001_000_000}}
	line := desk.WalletLine{
		Wallet: "cust_1", N: 1, ID: "ctxn_1", Entry: 1, Source: "trf_1", Type: desk.LineTransfer, Credit: 500, Balance: 500,
		Description: "₹ \"five\"", CreatedAt: 1_700_000_000_123_456,
	}
	r := desk.Refund{ID: "rfnd_1", Payment: "pay_1", Amount: 9}
	change(t, st, book, func(tx desk.Tx) error {
		as, err := tx.Accounts("2010", "2100/cust_1")
		check(t, err)
		equal(t, "an account without postings", as["2010"], ledger.Balance{})
		var after ledger.Accounts
		e1.Lines, after, err = as.Apply(ledger.Journal{}.Dr("1020", 700).Cr("2010", 200).Cr("2100/cust_1", 500), nil)
		check(t, err)
		equal(t, "the number of the first entry", tx.Record(e1.Entry, e1.Lines, after), 1)
		as, err = tx.Accounts("2100/cust_1", "1020", "3000")
		check(t, err)
		equal(t, "a balance just made", as["2100/cust_1"], ledger.Balance{Amount: 500, N: 1})
		equal(t, "a balance beside it", as["3000"], ledger.Balance{})
		e2.Lines, after, err = as.Apply(ledger.Hold("cust_1", 100, 0), nil)
		check(t, err)
		equal(t, "the number of the second entry", tx.Record(e2.Entry, e2.Lines, after), 2)
		tx.Put(desk.Wallet{ID: line.Wallet, Lines: line.N}) // a statement is that of a wallet
		tx.Append(line)
		tx.Emit("refund.created", 77, r)
		r.Amount = 10
		tx.Emit("refund.processed", 78, r, desk.Payment{ID: "pay_1"})
		tx.Emit("nothing.happened", 79)
		return nil
	})
	change(t, st, book, func(tx desk.Tx) error {
		as, err := tx.Accounts("2100/cust_1", "2102/cust_1", "2010", "9010")
		check(t, err)
		equal(t, "a balance", as["2100/cust_1"], ledger.Balance{Amount: 400, N: 2})
		equal(t, "a balance", as["2102/cust_1"], ledger.Balance{Amount: 100, N: 1})
		equal(t, "a balance", as["2010"], ledger.Balance{Amount: 200, N: 1})
		equal(t, "no balance", as["9010"], ledger.Balance{})
		return nil
	})

	entries, err := st.Entries(ctx, desk.Query{Book: book, Oldest: true})
	check(t, err)
	if !reflect.DeepEqual(entries, []desk.EntryLines{e1, e2}) {
		t.Errorf("entries: got %v, want %v", entries, []desk.EntryLines{e1, e2})
	}
	entries, err = st.Entries(ctx, desk.Query{Book: book, Parent: "pay_2"})
	check(t, err)
	if !reflect.DeepEqual(entries, []desk.EntryLines{e2}) {
		t.Errorf("entries of pay_2: got %v", entries)
	}
	lines, err := st.Lines(ctx, desk.Query{Book: book, Parent: "2100/cust_1"})
	check(t, err)
	want := []desk.AccountLine{{Entry: e2.Entry, Line: e2.Lines[0]}, {Entry: e1.Entry, Line: e1.Lines[2]}}
	if !slices.Equal(lines, want) {
		t.Errorf("lines of an account, the newest first: got %v, want %v", lines, want)
	}
	statement, err := st.Statement(ctx, desk.Query{Book: book, Parent: "cust_1"})
	check(t, err)
	if !slices.Equal(statement, []desk.WalletLine{line}) {
		t.Errorf("statement: got %v, want %v", statement, line)
	}
	events, err := st.Events(ctx, book, 0, 10)
	check(t, err)
	if len(events) != 3 {
		t.Fatalf("events: %v", events)
	}
	equal(t, "the first event", fmt.Sprint(events[0].No, events[0].Name, events[0].At, events[0].About), fmt.Sprint(1, "refund.created", 77, []desk.Row{desk.Refund{ID: "rfnd_1", Payment: "pay_1", Amount: 9}}))
	equal(t, "the second event", fmt.Sprint(events[1].No, events[1].Name, events[1].At, events[1].About), fmt.Sprint(2, "refund.processed", 78, []desk.Row{r, desk.Payment{ID: "pay_1"}}))
	equal(t, "what the third event is about", len(events[2].About), 0)
	if events[0].ID == events[1].ID || len(events[0].ID) != 14 {
		t.Errorf("ids of events: %q, %q", events[0].ID, events[1].ID)
	}
	balances, err := st.Balances(ctx, book, "2010", "9010")
	check(t, err)
	equal(t, "a balance that is read", balances["2010"], ledger.Balance{Amount: 200, N: 1})
	equal(t, "balances that were asked for", balances["1020"], ledger.Balance{})
}

// A snapshot is text, and stays what it was.
func testSnapshots(t *testing.T, st desk.Store) {
	book := newBook(t, st, 1)
	r := desk.Refund{ID: "rfnd_1", Payment: "pay_1", Amount: 5, Notes: `{"a":"b"}`, ReverseAll: true}
	change(t, st, book, func(tx desk.Tx) error {
		tx.Put(r, desk.Key{ID: "k", Refs: tx.Snapshot(r)})
		return nil
	})
	change(t, st, book, func(tx desk.Tx) error {
		_, err := tx.Get(desk.KindRefund, r.ID)
		check(t, err)
		later := r
		later.Amount = 6
		tx.Put(later)
		k, err := tx.Get(desk.KindKey, "k")
		check(t, err)
		rows, err := tx.Restore(k.(desk.Key).Refs)
		check(t, err)
		if !slices.Equal(rows, []desk.Row{r}) {
			t.Errorf("restored %v, want %v", rows, r)
		}
		if _, err := tx.Restore("?"); err == nil {
			t.Error("nonsense was restored")
		}
		return nil
	})
}

// Reset takes back all that the change wrote, and what is written after it
// stays.
func testReset(t *testing.T, st desk.Store) {
	book := newBook(t, st, 1)
	check(t, Count(st, book, "before"))
	change(t, st, book, func(tx desk.Tx) error {
		if _, err := count(tx, "lost"); err != nil {
			return err
		}
		b := tx.Book()
		b.Name, b.Wake = "lost", 5
		tx.PutBook(b)
		tx.Put(desk.Key{ID: "lost"})
		tx.Reset()
		equal(t, "the book's name after a reset", tx.Book().Name, "A book")
		k, err := tx.Get(desk.KindKey, "lost")
		check(t, err)
		if k != nil {
			t.Errorf("a row that was reset: %v", k)
		}
		as, err := tx.Accounts(ledger.Equity)
		check(t, err)
		equal(t, "a balance after a reset", as[ledger.Equity], ledger.Balance{Amount: 1, N: 1})
		_, err = count(tx, "after")
		return err
	})
	Counted(t, st, book, 2, []desk.ID{"before", "after"})
	b, err := st.Book(context.Background(), book)
	check(t, err)
	equal(t, "the book's name", b.Name, "A book")
}

// Count is one count as a change of its own: see Counted.
func Count(st desk.Store, book desk.BookID, who desk.ID) error {
	return st.Change(context.Background(), book, nil, func(tx desk.Tx) error {
		_, err := count(tx, who)
		return err
	})
}

// A change may be far larger than what fits in one statement.
func testLarge(t *testing.T, st desk.Store) {
	book := newBook(t, st, 1)
	const n = 1500
	change(t, st, book, func(tx desk.Tx) error {
		var j ledger.Journal
		for i := range n {
			tx.Put(desk.Refund{ID: desk.ID(fmt.Sprintf("rfnd_%06d", i)), Payment: "pay_1", Amount: ledger.Amount(i)})
			tx.Append(desk.WalletLine{Wallet: "cust_1", N: int64(i + 1), ID: desk.ID(fmt.Sprintf("ctxn_%d", i)), Entry: 1, Credit: 1, Balance: ledger.Amount(i + 1)})
			tx.Emit("event", 1)
		}
		for i := range ledger.MaxPostings / 2 {
			j = j.Dr(ledger.Account(ledger.PSPReceivable, fmt.Sprint(i)), 1).Cr(ledger.Available, 1)
		}
		lines, after, err := ledger.Accounts{}.Apply(j, nil)
		check(t, err)
		tx.Record(desk.Entry{Reason: ledger.Captured, Cause: "pay_1", At: 1}, lines, after)
		return nil
	})
	change(t, st, book, func(tx desk.Tx) error {
		rows, err := tx.Under(desk.KindRefund, "pay_1")
		check(t, err)
		equal(t, "rows", len(rows), n)
		for _, r := range rows {
			r := r.(desk.Refund)
			r.Reason = "again"
			tx.Put(r)
		}
		return nil
	})
	ctx := t.Context()
	rows, err := st.List(ctx, desk.Query{Book: book, Kind: desk.KindRefund, Count: n + 1})
	check(t, err)
	equal(t, "rows in a list", len(rows), n)
	equal(t, "a row changed", rows[7].(desk.Refund).Reason, "again")
	entries, err := st.Entries(ctx, desk.Query{Book: book})
	check(t, err)
	equal(t, "lines of the entry", len(entries[0].Lines), ledger.MaxPostings)
	events, err := st.Events(ctx, book, n-1, 5)
	check(t, err)
	equal(t, "the last event", events[0].No, int64(n))
}
