package storetest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
	"wapas/sqlstore"
	"wapas/storetest"
)

// What archives cost and save, in figures for docs/archive.md: see make archived.
// WAPAS_TEST_ARCHIVED says how many postings the book has.
func TestArchiveFigures(t *testing.T) {
	want, err := strconv.ParseInt(os.Getenv("WAPAS_TEST_ARCHIVED"), 10, 64)
	if err != nil {
		t.Skip("only measures: WAPAS_TEST_ARCHIVED says how many postings")
	}
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			w := newTown(t, e)
			w.shut()
			w.reopen(sqlstore.Options{})
			terms := desk.DefaultTerms()
			terms.Programme, terms.MaxBalance, terms.MonthlyLoad, terms.MonthlyUsage, terms.MonthlySpend = "full_kyc", 0, 0, 0, 0
			got(w.SetTerms(w.ctx, w.book, terms))(t)
			wallets := make([]desk.ID, 2000)
			for i := range wallets {
				wallets[i] = w.customer(fmt.Sprint(9_000_000_000 + i)).ID
			}
			w.paid(50_00_000_00)
			w.wait(10 * 24 * time.Hour)
			// A month has so many transfers to wallets, the most of them to a few.
			const months = 6
			began, done := time.Now(), atomic.Int64{}
			for m := range months {
				var all sync.WaitGroup
				for range 64 {
					all.Go(func() {
						for t.Context().Err() == nil && !t.Failed() {
							n := done.Add(1)
							if n*2 > want*int64(m+1)/months {
								return
							}
							to := wallets[n*n%int64(len(wallets))]
							if n%4 == 0 {
								to = wallets[0]
							}
							if _, err := w.TransferDirect(w.ctx, w.book, transferOf(to, 100)); err != nil {
								t.Error(err)
							}
						}
					})
				}
				all.Wait()
				w.now.Add(int64(31 * 24 * time.Hour))
			}
			took, used := time.Since(began), processor()
			rep := clean(t, w.store)
			t.Logf("%d postings, %d entries, %d events, made in %.0f s; verify takes %.1f µs of a processor a posting", rep.Postings, rep.Entries, rep.Events, took.Seconds(), (processor()-used).Seconds()*1e6/float64(rep.Postings))
			pages := func(when string) {
				lines := got(desk.Find[desk.Wallet](w.ctx, w.Desk, w.book, wallets[0]))(t).Lines
				available := got(w.store.Balances(w.ctx, w.book, ledger.Available))(t)[ledger.Available].N
				refund := got(w.store.Entries(w.ctx, desk.Query{Book: w.book, After: "5000", Count: 1}))(t)[0].Cause
				for _, q := range []struct {
					name string
					ask  func() (int, error)
				}{
					{"newest page of a statement", func() (int, error) {
						p, err := w.store.Statement(w.ctx, desk.Query{Book: w.book, Parent: wallets[0], Count: 100})
						return len(p), err
					}},
					{"oldest page of a long statement", func() (int, error) {
						p, err := w.store.Statement(w.ctx, desk.Query{Book: w.book, Parent: wallets[0], Count: 100, Skip: int(lines) - 100})
						return len(p), err
					}},
					{"all of a short statement", func() (int, error) {
						p, err := w.store.Statement(w.ctx, desk.Query{Book: w.book, Parent: wallets[1], Count: 5000})
						return len(p), err
					}},
					{"page of an account, in the middle", func() (int, error) {
						p, err := w.store.Lines(w.ctx, desk.Query{Book: w.book, Parent: ledger.Available, Count: 100, Skip: int(available) / 2})
						return len(p), err
					}},
					{"all of a short account", func() (int, error) {
						p, err := w.store.Lines(w.ctx, desk.Query{Book: w.book, Parent: desk.ID(ledger.Account(ledger.WalletPromo, string(wallets[1]))), Count: 5000})
						return len(p), err
					}},
					{"an old entry by its number", func() (int, error) {
						p, err := w.store.Entries(w.ctx, desk.Query{Book: w.book, After: "5000", Count: 1})
						return len(p), err
					}},
					{"entries of an old cause", func() (int, error) {
						p, err := w.store.Entries(w.ctx, desk.Query{Book: w.book, Parent: refund, Count: 100, Oldest: true})
						return len(p), err
					}},
					{"100 old events", func() (int, error) {
						p, err := w.store.Events(w.ctx, w.book, 5000, 100)
						return len(p), err
					}},
				} {
					var took []time.Duration
					n, used := 0, processor()
					for range 20 {
						began := time.Now()
						n = got(q.ask())(t)
						took = append(took, time.Since(began))
					}
					slices.Sort(took)
					t.Logf("%s: %s: %d rows, median %.2f ms, worst %.2f ms, %.2f ms of a processor", when, q.name, n,
						took[10].Seconds()*1e3, took[19].Seconds()*1e3, (processor()-used).Seconds()*1e3/20)
				}
			}
			pages("before")
			size := func() int64 {
				if e.Name != "sqlite" {
					return 0
				}
				copied := filepath.Join(t.TempDir(), "copy.db")
				do(t, w.store.Backup(w.ctx, copied))
				return got(os.Stat(copied))(t).Size()
			}
			full := size()
			start := time.Now()
			used = processor()
			var locked time.Time
			var lockedAt time.Duration
			var holds, works []time.Duration
			made := got(w.store.Archive(w.ctx, w.book, sqlstore.ArchiveOptions{Before: w.month(), Step: func(step string) error {
				switch step {
				case "lock the book":
					locked, lockedAt = time.Now(), processor()
				case "go on":
					holds, works = append(holds, time.Since(locked)), append(works, processor()-lockedAt)
				}
				return nil
			}}))(t)
			took = time.Since(start)
			worked := processor() - used
			var postings, bytes int64
			for _, a := range made {
				postings, bytes = postings+a.Postings, bytes+a.Made.Size
			}
			slices.Sort(holds)
			slices.Sort(works)
			left := size()
			t.Logf("%d archives of %d postings, %d bytes, in %.1f s: %.1f bytes and %.1f µs of a processor a posting; the book was held %.2f s (median; %.2f s of a processor), %.2f s at worst", len(made), postings, bytes,
				took.Seconds(), float64(bytes)/float64(postings), worked.Seconds()*1e6/float64(postings), holds[len(holds)/2].Seconds(), works[len(works)/2].Seconds(), holds[len(holds)-1].Seconds())
			if e.Name == "sqlite" {
				t.Logf("the database: %d bytes, then %d: %.1f bytes a posting that was moved", full, left, float64(full-left)/float64(postings))
			}
			pages("after")
			began, used = time.Now(), processor()
			again := clean(t, w.store)
			t.Logf("verify: %d postings in %.1f s, %.1f µs of a processor each", again.Postings, time.Since(began).Seconds(), (processor()-used).Seconds()*1e6/float64(again.Postings))
			if again.Postings != rep.Postings || postings < rep.Postings*9/10 {
				t.Errorf("%d postings of %d, %d archived", again.Postings, rep.Postings, postings)
			}
		})
	}
}

// processor is how long this process has kept processors busy: what a figure is
// on a machine that is not its own.
func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
