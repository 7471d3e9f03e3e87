package storetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"wapas/desk"
	"wapas/ledger"
)

// Two hundred changes to one book at once: all are answered, and each was made
// upon the one before it.
func testOneBook(t *testing.T, st desk.Store) {
	const n = 200
	book := newBook(t, st, 1)
	before := make([]int64, n)
	var by []desk.ID
	var all sync.WaitGroup
	for i := range n {
		who := desk.ID(fmt.Sprint(i))
		by = append(by, who)
		all.Go(func() {
			reads := hints
			if i%3 == 0 {
				reads = nil
			}
			err := st.Change(context.Background(), book, reads, func(tx desk.Tx) (err error) {
				before[i], err = count(tx, who)
				return err
			})
			if err != nil {
				t.Errorf("change %d: %v", i, err)
			}
		})
	}
	all.Wait()
	slices.Sort(before)
	for i, b := range before {
		equal(t, "the number of changes before one", b, int64(i))
	}
	Counted(t, st, book, n, by)
}

// The same to fifty books: none hears of another.
func testFiftyBooks(t *testing.T, st desk.Store) {
	const books, n = 50, 4
	for i := range books {
		newBook(t, st, desk.BookID(i+1))
	}
	var all sync.WaitGroup
	for i := range books * n {
		all.Go(func() {
			if err := Count(st, desk.BookID(i%books+1), desk.ID(fmt.Sprint(i))); err != nil {
				t.Errorf("change %d: %v", i, err)
			}
		})
	}
	all.Wait()
	for i := range books {
		var by []desk.ID
		for k := range n {
			by = append(by, desk.ID(fmt.Sprint(k*books+i)))
		}
		Counted(t, st, desk.BookID(i+1), n, by)
	}
}

// together makes changes wait for each other, so that a store that joins what
// waits has something to join: the first holds the book until the others have
// been asked for.
func together(st desk.Store, book desk.BookID, n int, ask func(i int)) {
	var begun, all sync.WaitGroup
	begun.Add(n)
	held := make(chan struct{})
	all.Go(func() {
		var once sync.Once
		st.Change(context.Background(), book, nil, func(desk.Tx) error {
			once.Do(func() { close(held) })
			begun.Wait()
			for range 100 { // the last of them needs a moment to get from here to the queue
				runtime.Gosched()
			}
			return nil
		})
	})
	<-held
	for i := range n {
		all.Go(func() {
			begun.Done()
			ask(i)
		})
	}
	all.Wait()
}

// A refused change in the midst of others leaves nothing, and they do not notice.
func testRefused(t *testing.T, st desk.Store) {
	const n = 60
	book := newBook(t, st, 1)
	refusal := ledger.Refuse(ledger.WrongState, "no", "not now")
	var by []desk.ID
	for i := range n {
		if i%3 != 0 {
			by = append(by, desk.ID(fmt.Sprint(i)))
		}
	}
	together(st, book, n, func(i int) {
		err := st.Change(context.Background(), book, hints, func(tx desk.Tx) error {
			if _, err := count(tx, desk.ID(fmt.Sprint(i))); err != nil {
				return err
			}
			if i%3 != 0 {
				return nil
			}
			b := tx.Book()
			b.Name = "refused"
			tx.PutBook(b)
			tx.Put(desk.Key{ID: "refused"})
			return refusal
		})
		switch {
		case i%3 == 0 && !errors.Is(err, refusal):
			t.Errorf("change %d: got %v, want its refusal", i, err)
		case i%3 != 0 && err != nil:
			t.Errorf("change %d: %v", i, err)
		}
	})
	Counted(t, st, book, len(by), by)
	b, err := st.Book(t.Context(), book)
	check(t, err)
	equal(t, "the book's name", b.Name, "A book")
	k, err := st.Find(t.Context(), book, desk.KindKey, "refused")
	check(t, err)
	if k != nil {
		t.Errorf("a row of a refused change: %v", k)
	}
}

// A change that the database will not take fails alone. The others that waited
// with it are made, some of them for the second time, and leave one effect.
func testFault(t *testing.T, st desk.Store) {
	const n = 20
	book := newBook(t, st, 1)
	check(t, Count(st, book, "first"))
	by := []desk.ID{"first"}
	for i := range n {
		if i != 7 {
			by = append(by, desk.ID(fmt.Sprint(i)))
		}
	}
	var runs atomic.Int64
	together(st, book, n, func(i int) {
		err := st.Change(context.Background(), book, hints, func(tx desk.Tx) error {
			runs.Add(1)
			if i == 7 { // the first line of the statement was written before
				tx.Append(desk.WalletLine{Wallet: walletID, N: 1, ID: "ctxn_fault"})
				tx.Put(desk.Key{ID: "fault"})
				return nil
			}
			_, err := count(tx, desk.ID(fmt.Sprint(i)))
			return err
		})
		if (err != nil) != (i == 7) {
			t.Errorf("change %d: %v", i, err)
		}
	})
	Counted(t, st, book, n, by)
	k, err := st.Find(t.Context(), book, desk.KindKey, "fault")
	check(t, err)
	if k != nil {
		t.Errorf("a row of a change that failed: %v", k)
	}
	if runs.Load() == n {
		t.Log("no change ran twice: nothing was joined")
	}
}

// A change whose caller gives up is made or not, and the caller can tell: no
// error means it was, the context's error that it was not.
func testCancelled(t *testing.T, st desk.Store) {
	const n = 100
	book := newBook(t, st, 1)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := st.Change(ctx, book, nil, func(tx desk.Tx) error { _, err := count(tx, "never"); return err })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("a change of a caller who had given up: %v", err)
	}
	made := make([]bool, n)
	together(st, book, n, func(i int) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		if i%2 == 0 {
			go func() {
				for range i {
					runtime.Gosched()
				}
				cancel()
			}()
		}
		err := st.Change(ctx, book, nil, func(tx desk.Tx) error { _, err := count(tx, desk.ID(fmt.Sprint(i))); return err })
		made[i] = err == nil
		if err != nil && (i%2 == 1 || !errors.Is(err, context.Canceled)) {
			t.Errorf("change %d: %v", i, err)
		}
	})
	var by []desk.ID
	for i, m := range made {
		if m {
			by = append(by, desk.ID(fmt.Sprint(i)))
		}
	}
	Counted(t, st, book, len(by), by)
}

// A panic in a change is our own fault: the change is refused as Internal, and
// nobody else suffers.
func testPanics(t *testing.T, st desk.Store) {
	const n = 20
	book := newBook(t, st, 1)
	var by []desk.ID
	for i := range n {
		if i%5 != 0 {
			by = append(by, desk.ID(fmt.Sprint(i)))
		}
	}
	together(st, book, n, func(i int) {
		err := st.Change(context.Background(), book, nil, func(tx desk.Tx) error {
			_, err := count(tx, desk.ID(fmt.Sprint(i)))
			if i%5 == 0 {
				panic("the books contradict themselves")
			}
			return err
		})
		if want := map[bool]ledger.Code{true: ledger.Internal}[i%5 == 0]; ledger.CodeOf(err) != want {
			t.Errorf("change %d: got %v, want %q", i, err, want)
		}
	})
	Counted(t, st, book, len(by), by)
}

// Readers do not wait for a change that is under way, and see nothing of it.
func testReadsBeside(t *testing.T, st desk.Store) {
	book, other := newBook(t, st, 1), newBook(t, st, 2)
	check(t, Count(st, book, "first"))
	change(t, st, book, func(tx desk.Tx) error {
		if _, err := count(tx, "second"); err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		r, err := st.Find(ctx, book, desk.KindOrder, counterID)
		check(t, err)
		equal(t, "what a reader sees of a change under way", r.(desk.Order).Attempts, 1)
		as, err := st.Balances(ctx, book)
		check(t, err)
		equal(t, "the balance a reader sees", as[ledger.Equity].Amount, 1)
		seen, err := st.Look(ctx, book, hints...)
		check(t, err)
		equal(t, "the balance that is looked at", seen.Accounts(ledger.Equity)[ledger.Equity].Amount, 1)
		_, err = st.Books(ctx, desk.BookQuery{})
		check(t, err)
		_, err = st.Statement(ctx, desk.Query{Book: other, Parent: walletID})
		check(t, err)
		return nil
	})
	Counted(t, st, book, 2, nil)
}

// What a look shows was true at one moment, no earlier than what anybody was told
// before it began, however many look and change at once.
func testLooks(t *testing.T, st desk.Store) {
	book := newBook(t, st, 1)
	refs := append(slices.Clone(hints), desk.Ref{Kind: desk.KindPayment, ID: counterID, Under: true},
		desk.Ref{Kind: desk.KindOrder, ID: "order_none"}, desk.Ref{Kind: desk.KindAccount, ID: "2100/none"})
	look := func(ctx context.Context) int64 {
		seen, err := st.Look(ctx, book, refs...)
		if err != nil {
			t.Error(err)
			return 0
		}
		n := int64(0)
		if row := seen.Row(desk.KindOrder, counterID); row != nil {
			n = row.(desk.Order).Attempts
			equal(t, "the lines of the wallet", seen.Row(desk.KindWallet, walletID).(desk.Wallet).Lines, n)
		}
		equal(t, "the last entry", seen.Book().Entry, n)
		for id, v := range seen.Accounts(ledger.BankOperating, ledger.Equity) {
			equal(t, "the balance of "+string(id), v, ledger.Balance{Amount: ledger.Amount(n), N: n})
		}
		marks := seen.Under(desk.KindPayment, counterID)
		equal(t, "the rows under it", int64(len(marks)), n)
		for i, r := range marks {
			equal(t, "the row that was added", r.(desk.Payment).Amount, ledger.Amount(i))
		}
		equal(t, "a row that is not there", seen.Row(desk.KindOrder, "order_none"), nil)
		equal(t, "an account without postings", seen.Accounts("2100/none")["2100/none"], ledger.Balance{})
		return n
	}
	equal(t, "what is seen of an empty book", look(t.Context()), 0)

	const writers, changes, readers = 3, 20, 12
	var told atomic.Int64 // how many counts somebody was told of
	var writing, reading sync.WaitGroup
	ended := make(chan struct{})
	for range writers {
		writing.Go(func() {
			for range changes {
				if err := Count(st, book, "w"); err != nil {
					t.Error(err)
					return
				}
				told.Add(1)
			}
		})
	}
	for range readers {
		reading.Go(func() {
			for done := false; !done; {
				select {
				case <-ended:
					done = true
				default:
				}
				before := told.Load()
				if n := look(context.Background()); n < before {
					t.Errorf("a look shows %d counts, after somebody was told of %d", n, before)
					return
				}
			}
		})
	}
	writing.Wait()
	close(ended)
	reading.Wait()
	equal(t, "what is seen in the end", look(t.Context()), writers*changes)

	_, err := st.Look(t.Context(), book+1, refs...)
	if ledger.CodeOf(err) != ledger.NotFound {
		t.Errorf("looking at a book that is not there: %v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := st.Look(gone, book, refs...); !errors.Is(err, context.Canceled) {
		t.Errorf("a look that nobody waits for: %v", err)
	}
}

// A random history against a model of a few lines: rows are put, moved and
// refused, read with hints and without, alone and under their parents.
func testHistory(t *testing.T, st desk.Store) { History(t, 1, st) }

// History makes random changes to one book through stores that share one
// database, each time through another of them, and compares all that is read
// with a model.
func History(t *testing.T, seed uint64, stores ...desk.Store) {
	book := newBook(t, stores[0], 1)
	r := rand.New(rand.NewPCG(seed, 2))
	model := map[desk.ID]desk.Refund{}
	balances := ledger.Accounts{}
	parents := []desk.ID{"", "pay_0", "pay_1", "pay_2"}
	owners := []ledger.AccountID{"2100/0", "2100/1", "2100/2"}
	for step := range 300 {
		st := stores[r.IntN(len(stores))]
		var reads []desk.Ref
		for range r.IntN(4) {
			reads = append(reads,
				desk.Ref{Kind: desk.KindRefund, ID: desk.ID(fmt.Sprint("rfnd_", r.IntN(20)))},
				desk.Ref{Kind: desk.KindRefund, ID: parents[1+r.IntN(3)], Under: true},
				desk.Ref{Kind: desk.KindAccount, ID: desk.ID(owners[r.IntN(3)])})
		}
		plan, refuse := r.Uint64(), r.IntN(4) == 0
		var next map[desk.ID]desk.Refund
		var after ledger.Accounts
		err := st.Change(context.Background(), book, reads, func(tx desk.Tx) error {
			r := rand.New(rand.NewPCG(plan, 3)) // a change that runs again does the same again
			next, after = maps.Clone(model), maps.Clone(balances)
			for range 1 + r.IntN(6) {
				id, parent := desk.ID(fmt.Sprint("rfnd_", r.IntN(20))), parents[r.IntN(4)]
				switch r.IntN(4) {
				case 0:
					got, err := tx.Get(desk.KindRefund, id)
					check(t, err)
					if want, ok := next[id]; ok != (got != nil) || ok && got != want {
						t.Fatalf("seed %d, step %d: Get(%s) = %v, want %v", seed, step, id, got, want)
					}
				case 1:
					if parent == "" {
						continue
					}
					got, err := tx.Under(desk.KindRefund, parent)
					check(t, err)
					var want []desk.Row
					for _, id := range slices.Sorted(maps.Keys(next)) {
						if next[id].Payment == parent {
							want = append(want, next[id])
						}
					}
					if !slices.Equal(got, want) {
						t.Fatalf("seed %d, step %d: Under(%s) = %v, want %v", seed, step, parent, got, want)
					}
				case 2:
					_, err := tx.Get(desk.KindRefund, id)
					check(t, err)
					next[id] = desk.Refund{ID: id, Payment: parent, Amount: ledger.Amount(r.IntN(100))}
					tx.Put(next[id])
				case 3:
					from, to := owners[r.IntN(3)], owners[r.IntN(3)]
					as, err := tx.Accounts(from, to)
					check(t, err)
					if as[from] != after[from] || as[to] != after[to] {
						t.Fatalf("seed %d, step %d: Accounts(%s, %s) = %v, want %v", seed, step, from, to, as, after)
					}
					lines, now, err := as.Apply(ledger.Journal{}.Dr("1100/p", 5).Cr(to, 5), nil)
					check(t, err)
					all, err := tx.Accounts("1100/p")
					check(t, err)
					p := all["1100/p"]
					now["1100/p"] = ledger.Balance{Amount: p.Amount + 5, N: p.N + 1}
					lines[0].N, lines[0].Balance = p.N+1, p.Amount+5
					tx.Record(desk.Entry{Reason: ledger.Loaded, Cause: id, At: 1}, lines, now)
					maps.Copy(after, now)
				}
			}
			if refuse {
				return ledger.Refuse(ledger.Exceeds, "", "no")
			}
			return nil
		})
		if refuse != (err != nil) {
			t.Fatalf("seed %d, step %d: %v", seed, step, err)
		}
		if !refuse {
			model, balances = next, after
		}
	}
	for _, st := range stores {
		rows, err := st.List(t.Context(), desk.Query{Book: book, Kind: desk.KindRefund, Oldest: true})
		check(t, err)
		equal(t, "rows at the end", len(rows), len(model))
		for _, r := range rows {
			equal(t, "a row at the end", r, desk.Row(model[r.RowID()]))
		}
		as, err := st.Balances(t.Context(), book)
		check(t, err)
		if !maps.Equal(as, balances) {
			t.Errorf("balances at the end: %v, want %v", as, balances)
		}
	}
}
