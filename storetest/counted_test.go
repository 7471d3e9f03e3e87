package storetest_test

import (
	"context"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
	"wapas/sqlstore"
	"wapas/storetest"
)

// What is counted beside the books of a database that is older than the counts
// is worked out when it is brought up to date: the same that would have been
// counted.
func TestCountsOfOlderBooks(t *testing.T) {
	text, err := os.ReadFile("../sqlstore/migrations/0014_hours.sql")
	if err != nil {
		t.Fatal(err)
	}
	_, fill, ok := strings.Cut(string(text), "-- What was before this.\n")
	if !ok {
		t.Fatal("0014_hours.sql does not say where it fills the tables")
	}
	onEach(t, func(t *testing.T, e storetest.Engine) {
		w := newTown(t, e)
		playGolden(t, w, deskHands{w})
		clean(t, w.store)
		counted := func(st *sqlstore.Store) (hours []desk.Hour, sums map[string]desk.CodeSum) {
			t.Helper()
			ctx := context.Background()
			b := got(st.Book(ctx, w.book))(t)
			return got(st.Hours(ctx, w.book, 0, desk.HourOf(desk.LastMoment)))(t), got(st.Sums(ctx, w.book, b.Entry))(t)
		}
		hours, sums := counted(w.store)
		if len(hours) < 5 || len(sums) < 10 {
			t.Fatalf("the golden story leaves %d hours and %d sums", len(hours), len(sums))
		}
		w.shut()
		stmts := []string{"DELETE FROM hours", "DELETE FROM days", "DELETE FROM code_sums"}
		for s := range strings.SplitSeq(fill, ";\n") {
			if strings.TrimSpace(s) != "" {
				stmts = append(stmts, s)
			}
		}
		tamper(t, e, w.address, stmts)
		st := open(t, w.address, sqlstore.Options{})
		clean(t, st)
		if again, sumsAgain := counted(st); !reflect.DeepEqual(again, hours) || !reflect.DeepEqual(sumsAgain, sums) {
			t.Errorf("worked out:\n%+v\n%+v\nwere counted:\n%+v\n%+v", again, sumsAgain, hours, sums)
		}
	})
}

// The sums of each code are what its accounts hold, now and after any entry.
func TestSumsAreTheBalances(t *testing.T) {
	onEach(t, func(t *testing.T, e storetest.Engine) {
		w := newTown(t, e)
		playGolden(t, w, deskHands{w})
		b := got(w.store.Book(w.ctx, w.book))(t)
		want := map[string]desk.CodeSum{}
		for no := int64(1); no <= b.Entry; no++ {
			for _, x := range got(w.store.Entries(w.ctx, desk.Query{Book: w.book, After: strconv.FormatInt(no+1, 10), Count: 1}))(t) {
				for _, l := range x.Lines {
					want[l.Account.Code()] = want[l.Account.Code()].Plus(desk.SumOf(l))
				}
			}
			if sums := got(w.store.Sums(w.ctx, w.book, no))(t); !reflect.DeepEqual(sums, want) {
				t.Fatalf("after entry %d: %v, want %v", no, sums, want)
			}
		}
		for id, bal := range got(w.store.Balances(w.ctx, w.book))(t) {
			s := want[id.Code()]
			s.Net -= ledger.Signed(id, bal.Amount)
			s.Accounts--
			want[id.Code()] = s
		}
		for code, s := range want {
			if s != (desk.CodeSum{}) {
				t.Errorf("code %s: its accounts hold %+v less", code, s)
			}
		}
	})
}

// Who verified a book is written down, and what was found; of a hundred and one
// the first is forgotten.
func TestCheckups(t *testing.T) {
	onEach(t, func(t *testing.T, e storetest.Engine) {
		w := newTown(t, e)
		w.paid(1000)
		first := got(w.Verify(w.ctx, w.book, "asha", nil))(t)
		b := got(w.store.Book(w.ctx, w.book))(t)
		if !first.OK() || first.By != "asha" || first.Seal != b.Seal || first.Hash != b.Hash || first.Entries != b.Entry || first.Rows == 0 {
			t.Errorf("the first: %+v of %+v", first, b)
		}
		for range 100 {
			w.now.Add(int64(time.Minute))
			check := desk.Checkup{ID: desk.CheckupID(ledger.At(w.Now())), By: "ravi", Findings: 1, First: "I-1 book: off\n"}
			if err := w.store.KeepCheckup(w.ctx, w.book, check); err != nil {
				t.Fatal(err)
			}
		}
		all := got(w.Checkups(w.ctx, w.book, 200))(t)
		if len(all) != 100 || all[0].By != "ravi" || all[0].OK() || all[0].First != "I-1 book: off\n" || all[99].By != "ravi" {
			t.Errorf("%d are kept, the newest %+v", len(all), all[0])
		}
	})
}

// A person asks for a checkup, the worker makes it, and meanwhile nobody else
// gets another.
func TestAskedCheckup(t *testing.T) {
	onEach(t, func(t *testing.T, e storetest.Engine) {
		w := newTown(t, e)
		w.paid(1000)
		if err := w.AskCheckup(w.ctx, w.book, "asha"); err != nil {
			t.Fatal(err)
		}
		if _, runs := w.CheckupUnderWay(w.book); !runs {
			t.Error("nobody knows that it was asked for")
		}
		if err := w.AskCheckup(w.ctx, w.book, "ravi"); ledger.CodeOf(err) != ledger.Busy {
			t.Errorf("a second one: %v", err)
		}
		ctx, stop := context.WithCancel(w.ctx)
		done := make(chan error, 1)
		go func() { done <- w.Work(ctx) }()
		for until := time.Now().Add(time.Minute); ; {
			if _, runs := w.CheckupUnderWay(w.book); !runs || time.Now().After(until) {
				break
			}
			time.Sleep(time.Millisecond)
		}
		stop()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if all := got(w.Checkups(w.ctx, w.book, 10))(t); len(all) != 1 || all[0].By != "asha" || !all[0].OK() {
			t.Errorf("kept: %+v", all)
		}
		if err := w.AskCheckup(w.ctx, w.book, "ravi"); err != nil {
			t.Errorf("after it: %v", err)
		}
		if err := w.AskCheckup(w.ctx, 999, "ravi"); ledger.CodeOf(err) != ledger.NotFound {
			t.Errorf("of no book: %v", err)
		}
	})
}
