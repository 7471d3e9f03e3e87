package storetest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"wapas/desk"
	"wapas/export"
	"wapas/ledger"
	"wapas/sqlstore"
	"wapas/storetest"
)

// months is a life of some months. Its archives are in a folder of their own.
func months(t *testing.T, e storetest.Engine, seed uint64, count, steps int) *life {
	l := &life{town: newTown(t, e), r: rand.New(rand.NewPCG(seed, 5)), did: map[string]int{}}
	l.shut() // and again, with a folder
	l.reopen(sqlstore.Options{})
	l.begin()
	for range count {
		for range steps {
			l.step()
		}
		l.wait(30 * 24 * time.Hour)
		if t.Failed() {
			t.FailNow()
		}
	}
	return l
}

// reopen opens the books again.
func (w *town) reopen(o sqlstore.Options) {
	w.t.Helper()
	o.Now = w.Now
	if o.Archive == "" {
		o.Archive = w.folder()
	}
	w.store, w.shut = openFor(w.t, w.address, o)
	w.Desk.Store = w.store
}

// folder is where a town's archives are.
func (w *town) folder() string {
	if w.shelf == "" {
		w.shelf = w.t.TempDir()
	}
	return w.shelf
}

// month is that of the clock.
func (w *town) month() int64 { return ledger.At(w.Now()).Month() }

// archive moves all that was sealed before this month.
func (w *town) archive() []sqlstore.Archive {
	w.t.Helper()
	return got(w.store.Archive(w.ctx, w.book, sqlstore.ArchiveOptions{Before: w.month()}))(w.t)
}

// Months that were archived read as they did before, whatever is asked, to the
// byte; the books still add up, and life goes on.
func TestArchivedReadsAsBefore(t *testing.T) {
	onEach(t, func(t *testing.T, e storetest.Engine) {
		l := months(t, e, 11, 3, 70)
		asked := l.questions(t, 160)
		before := answers(t, l.town, asked)
		seal := got(l.store.LastSeal(l.ctx, l.book))(t)
		rep := clean(t, l.store)

		made := l.archive()
		if len(made) < 3 {
			t.Fatalf("%d archives were made of three months", len(made))
		}
		var postings int64
		for _, a := range made {
			postings += a.Postings
		}
		if rep := clean(t, l.store); postings < rep.Postings/2 {
			t.Errorf("%d of %d postings are archived: this proves little", postings, rep.Postings)
		}
		compareAnswers(t, before, answers(t, l.town, asked))
		if again := clean(t, l.store); again.Seals != rep.Seals || again.Entries != rep.Entries || again.Postings != rep.Postings || again.Events != rep.Events || again.Rows != rep.Rows {
			t.Errorf("verify saw %+v before, and %+v now", rep, again)
		}
		if now := got(l.store.LastSeal(l.ctx, l.book))(t); now != seal {
			t.Errorf("the last seal was %+v, and is %+v", seal, now)
		}
		if again := l.archive(); len(again) != 0 {
			t.Errorf("archived again, %d archives were made", len(again))
		}
		if strays := got(l.store.Strays(l.ctx, got(l.store.Book(l.ctx, l.book))(t)))(t); len(strays) != 0 {
			t.Errorf("files of no archive: %v", strays)
		}

		// Another server, which has seen nothing of it.
		l.shut()
		l.reopen(sqlstore.Options{})
		compareAnswers(t, before, answers(t, l.town, asked))
		for range 30 {
			l.step()
		}
		l.wait(31 * 24 * time.Hour)
		asked = l.questions(t, 40)
		before = answers(t, l.town, asked)
		if len(l.archive()) == 0 {
			t.Error("the next month was not archived")
		}
		compareAnswers(t, before, answers(t, l.town, asked))
		clean(t, l.store)
	})
}

// A question is something that is asked of the books, with its name.
type question struct {
	name string
	ask  func(w *town) (any, error)
}

// questions are random ones of every sort.
func (l *life) questions(t *testing.T, count int) (all []question) {
	t.Helper()
	r := l.r
	b := got(l.store.Book(l.ctx, l.book))(t)
	entries := got(l.store.Entries(l.ctx, desk.Query{Book: l.book, Count: int(b.Entry), Oldest: true}))(t)
	events := got(l.store.Events(l.ctx, l.book, 0, int(b.Event)))(t)
	accounts := slices.Sorted(maps.Keys(got(l.store.Balances(l.ctx, l.book))(t)))
	if len(entries) < 60 || len(events) < 60 || len(accounts) < 20 {
		t.Fatalf("%d entries, %d events, %d accounts", len(entries), len(events), len(accounts))
	}
	moment := func() ledger.Time { return pick(r, entries).At }
	page := func(parent desk.ID, total int64) desk.Query {
		q := desk.Query{Book: l.book, Parent: parent, Oldest: r.IntN(2) == 0, Count: pick(r, []int{1, 3, 10, 100, 5000})}
		if r.IntN(2) == 0 {
			q.Skip = r.IntN(int(total) + 3)
		}
		if r.IntN(3) == 0 {
			q.After = strconv.FormatInt(r.Int64N(total+3), 10)
		}
		if r.IntN(3) == 0 {
			q.From = moment()
		}
		if r.IntN(3) == 0 {
			q.To = moment() / 1e6 * 1e6
		}
		return q
	}
	add := func(name string, ask func(w *town) (any, error)) { all = append(all, question{name, ask}) }
	for n := range count {
		switch n % 8 {
		case 0:
			q := page(pick(r, l.customers), 60)
			add(fmt.Sprintf("statement %+v", q), func(w *town) (any, error) { return w.store.Statement(w.ctx, q) })
		case 1:
			q := page(desk.ID(pick(r, accounts)), 100)
			add(fmt.Sprintf("lines %+v", q), func(w *town) (any, error) { return w.store.Lines(w.ctx, q) })
		case 2:
			q := page("", b.Entry)
			add(fmt.Sprintf("entries %+v", q), func(w *town) (any, error) { return w.store.Entries(w.ctx, q) })
		case 3:
			q := page(pick(r, entries).Cause, 4)
			if n%16 == 3 {
				q.Skip, q.After, q.From, q.To = 0, "", 0, 0
			}
			add(fmt.Sprintf("entries of a cause %+v", q), func(w *town) (any, error) { return w.store.Entries(w.ctx, q) })
		case 4:
			q := page(pick(r, events).About[0].RowID(), 4)
			if n%16 == 4 {
				q.Skip, q.After, q.From, q.To = 0, "", 0, 0
			}
			add(fmt.Sprintf("events of a row %+v", q), func(w *town) (any, error) { return w.store.EventsOf(w.ctx, q) })
		case 5:
			after, count := r.Int64N(b.Event+3), pick(r, []int{0, 1, 10, 500})
			add(fmt.Sprintf("%d events after %d", count, after), func(w *town) (any, error) { return w.store.Events(w.ctx, w.book, after, count) })
		case 6:
			name, below := pick(r, events).Name, r.Int64N(b.Event+3)
			floor, count := max(0, below-r.Int64N(300)), pick(r, []int{1, 10, 500})
			add(fmt.Sprintf("%d %s below %d, above %d", count, name, below, floor), func(w *town) (any, error) {
				return w.store.EventsNamed(w.ctx, w.book, name, below, floor, count)
			})
		case 7:
			entry := r.Int64N(b.Entry + 3)
			add(fmt.Sprintf("sums at %d", entry), func(w *town) (any, error) { return w.store.Sums(w.ctx, w.book, entry) })
		}
	}
	for _, c := range l.customers {
		from, to := moment(), moment()
		add(fmt.Sprintf("statement of %s as a file", c), func(w *town) (any, error) {
			var file bytes.Buffer
			err := export.Job{Desk: w.Desk, Book: w.book, From: min(from, to), To: max(from, to), Format: export.CSV}.Statement(w.ctx, c, &file)
			return file.String(), err
		})
		add(fmt.Sprintf("balance of %s at a moment", c), func(w *town) (any, error) { return w.Statement(w.ctx, desk.Query{Book: w.book, Parent: c, To: to}) })
	}
	for _, r := range got(l.store.List(l.ctx, desk.Query{Book: l.book, Kind: desk.KindRefund, Oldest: true, Count: 10}))(t) {
		add(fmt.Sprintf("timeline of %s", r.RowID()), func(w *town) (any, error) { return w.Timeline(w.ctx, w.book, r.RowID()) })
	}
	add("the journal as a file", func(w *town) (any, error) {
		var file bytes.Buffer
		err := export.Job{Desk: w.Desk, Book: w.book, Format: export.CSV}.Journal(w.ctx, &file)
		return file.String(), err
	})
	return all
}

// answers asks them all.
func answers(t *testing.T, w *town, all []question) map[string]string {
	t.Helper()
	answers := map[string]string{}
	some := 0
	for _, q := range all {
		answer, err := q.ask(w)
		if err != nil {
			t.Errorf("%s: %v", q.name, err)
		}
		text, err := json.Marshal(answer)
		if err != nil {
			t.Fatal(err)
		}
		if len(text) > 4 {
			some++
		}
		answers[q.name] = string(text)
	}
	if some < len(all)/2 {
		t.Errorf("%d of %d questions have an answer: this proves little", some, len(all))
	}
	return answers
}

func compareAnswers(t *testing.T, before, after map[string]string) {
	t.Helper()
	wrong := 0
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if before[name] != after[name] {
			if wrong++; wrong < 5 {
				t.Errorf("%s\nbefore %.600s\nafter  %.600s", name, before[name], after[name])
			}
		}
	}
	if wrong >= 5 {
		t.Errorf("%d of %d answers are others", wrong, len(before))
	}
}
