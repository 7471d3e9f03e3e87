package storetest_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"wapas/desk"
	"wapas/sqlstore"
	"wapas/storetest"
)

// steps of making an archive, in their order.
var archiveSteps = []string{"write the file", "publish the file", "read it back", "lock the book", "delete the rows", "commit", "go on"}

// A process that archives is killed before each step, with SIGKILL. Whatever it
// had done, nothing is missing, the books add up, and the next run ends the work.
func TestArchiveKilled(t *testing.T) {
	onEach(t, func(t *testing.T, e storetest.Engine) {
		l := months(t, e, 14, 2, 45)
		asked := l.questions(t, 40)
		before := answers(t, l.town, asked)
		for _, step := range archiveSteps {
			l.shut()
			killArchiver(t, archiving{l.address, l.folder(), l.book, l.month(), step})
			l.reopen(sqlstore.Options{})
			clean(t, l.store)
			compareAnswers(t, before, answers(t, l.town, asked))
			there := got(l.store.Archives(l.ctx, l.book))(t)
			if want := step == "go on"; len(there) > 0 != want {
				t.Errorf("killed before step %q, there are %d archives", step, len(there))
			}
			strays := got(l.store.Strays(l.ctx, got(l.store.Book(l.ctx, l.book))(t)))(t)
			if want := step != "write the file" && step != "go on"; len(strays) > 0 != want {
				t.Errorf("killed before step %q, these files were left behind: %v", step, strays)
			}
			for _, s := range strays { // those that have their name will be made again
				if strings.HasSuffix(s, ".part") {
					do(t, os.Remove(filepath.Join(l.folder(), s)))
				}
			}
		}
		l.archive()
		clean(t, l.store)
		compareAnswers(t, before, answers(t, l.town, asked))
		if strays := got(l.store.Strays(l.ctx, got(l.store.Book(l.ctx, l.book))(t)))(t); len(strays) != 0 {
			t.Errorf("files of no archive: %v", strays)
		}
	})
}

// archiving is what a process that is to be killed does.
type archiving struct {
	Address, Folder string
	Book            desk.BookID
	Before          int64
	Step            string
}

const archiverEnv = "WAPAS_TEST_ARCHIVER"

// killArchiver runs one.
func killArchiver(t *testing.T, a archiving) {
	t.Helper()
	todo := got(json.Marshal(a))(t)
	c := exec.CommandContext(t.Context(), os.Args[0])
	c.Env = append(os.Environ(), archiverEnv+"="+string(todo))
	out, err := c.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("at step %q: %v\n%s", a.Step, err, out)
	}
}

func archiveAndDie(todo string) error {
	var a archiving
	if err := json.Unmarshal([]byte(todo), &a); err != nil {
		return err
	}
	ctx := context.Background()
	st, err := sqlstore.Open(ctx, a.Address, sqlstore.Options{Archive: a.Folder})
	if err != nil {
		return err
	}
	_, err = st.Archive(ctx, a.Book, sqlstore.ArchiveOptions{Before: a.Before, Step: func(step string) error {
		if step == a.Step {
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
		return nil
	}})
	return err
}

// A step that fails leaves the books as they were.
func TestArchiveBreaksOff(t *testing.T) {
	onEach(t, func(t *testing.T, e storetest.Engine) {
		l := months(t, e, 15, 1, 30)
		rep := clean(t, l.store)
		for _, step := range archiveSteps[:6] {
			failed := errors.New("the disk is full")
			_, err := l.store.Archive(l.ctx, l.book, sqlstore.ArchiveOptions{Before: l.month(), Step: func(s string) error {
				if s == step {
					return failed
				}
				return nil
			}})
			if !errors.Is(err, failed) {
				t.Errorf("at step %q: %v", step, err)
			}
			if now := clean(t, l.store); now.Postings != rep.Postings || len(got(l.store.Archives(l.ctx, l.book))(t)) > 0 {
				t.Errorf("broken off at step %q, %d postings of %d are left", step, now.Postings, rep.Postings)
			}
		}
		// What does not read as it was written is not deleted for.
		_, err := l.store.Archive(l.ctx, l.book, sqlstore.ArchiveOptions{Before: l.month(), Step: func(s string) error {
			if s == "read it back" {
				for _, f := range got(filepath.Glob(filepath.Join(l.folder(), "*", "*.gz")))(t) {
					flip(t, f, 3000)
				}
			}
			return nil
		}})
		if err == nil || !strings.Contains(err.Error(), "nothing was deleted") {
			t.Errorf("a file with another byte: %v", err)
		}
		clean(t, l.store)
		if len(l.archive()) == 0 {
			t.Error("nothing was archived")
		}
		clean(t, l.store)
	})
}

// While months are archived, by two servers at once, the book is changed and
// read: no page has a gap, and nothing is lost.
func TestArchiveMeanwhile(t *testing.T) {
	onEach(t, func(t *testing.T, e storetest.Engine) {
		l := months(t, e, 16, 2, 50)
		other := open(t, l.address, sqlstore.Options{Archive: l.folder(), Now: l.Now})
		entries := got(l.store.Book(l.ctx, l.book))(t).Entry
		lines := got(l.store.Balances(l.ctx, l.book, "2010"))(t)["2010"].N
		ctx, stop := context.WithCancel(l.ctx)
		var around sync.WaitGroup
		var pages, changes atomic.Int64
		reads := func(st *sqlstore.Store) {
			for ctx.Err() == nil {
				q := desk.Query{Book: l.book, Oldest: pages.Load()%2 == 0, Count: int(entries)}
				all, err := st.Entries(l.ctx, q)
				if err != nil || len(all) != int(entries) {
					t.Errorf("a page of %d of %d entries: %v", len(all), entries, err)
				}
				for i, e := range all {
					if step := e.No - all[max(0, i-1)].No; i > 0 && step != 1 && step != -1 || len(e.Lines) < 2 {
						t.Errorf("entry %d is the %dth, with %d lines", e.No, i, len(e.Lines))
					}
				}
				q.Parent, q.Count = "2010", int(lines)
				some, err := st.Lines(l.ctx, q)
				if err != nil || len(some) != int(lines) {
					t.Errorf("a page of %d of %d lines: %v", len(some), lines, err)
				}
				heard, err := st.Events(l.ctx, l.book, 0, 100)
				if err != nil || len(heard) != 100 || heard[0].No != 1 || heard[99].No != 100 {
					t.Errorf("a page of %d of 100 events: %v", len(heard), err)
				}
				pages.Add(1)
			}
		}
		for _, st := range []*sqlstore.Store{l.store, other} {
			around.Go(func() { reads(st) })
		}
		around.Go(func() {
			for ctx.Err() == nil {
				changes.Add(1)
				if _, _, err := l.CreateOrder(l.ctx, l.book, desk.OrderRequest{Amount: 100}); err != nil {
					t.Error(err)
				}
			}
		})
		var both sync.WaitGroup
		var made [2]int
		for i, st := range []*sqlstore.Store{l.store, other} {
			both.Go(func() {
				all, err := st.Archive(l.ctx, l.book, sqlstore.ArchiveOptions{Before: l.month(), Most: 20})
				if err != nil {
					t.Error(err)
				}
				made[i] = len(all)
			})
		}
		both.Wait()
		stop()
		around.Wait()
		there := got(l.store.Archives(l.ctx, l.book))(t)
		if made[0]+made[1] != len(there) || len(there) < 5 || pages.Load() < 4 || changes.Load() < 4 {
			t.Errorf("%v archives were made, %d are there; %d pages and %d changes", made, len(there), pages.Load(), changes.Load())
		}
		clean(t, l.store)
		t.Logf("%v archives, %d pages, %d changes", made, pages.Load(), changes.Load())
	})
}

// What an endpoint has not heard of stays, and so does what was sealed after it.
func TestArchiveWaitsForEndpoints(t *testing.T) {
	onEach(t, func(t *testing.T, e storetest.Engine) {
		l := months(t, e, 17, 1, 20)
		p := got(l.CreateEndpoint(l.ctx, l.book, desk.EndpointRequest{URL: "https://example.com/hook", Secret: []byte("secret-1"), Events: []string{"refund.processed"}}))(t)
		since := p.Since
		for range 40 {
			l.step()
		}
		l.wait(31 * 24 * 3600 * 1e9)
		end := got(l.store.Book(l.ctx, l.book))(t).Event
		if end-since < 20 {
			t.Fatalf("%d events since the endpoint was made", end-since)
		}
		upto := func() (last int64) {
			l.archive()
			for _, a := range got(l.store.Archives(l.ctx, l.book))(t) {
				last = a.Event
			}
			return last
		}
		if last := upto(); last > since || last == 0 {
			t.Errorf("archived up to event %d; the endpoint has heard of %d", last, since)
		}
		do(t, l.store.Keep(l.ctx, l.book, desk.Posted{Runs: []desk.Run{{ID: p.ID, Endpoint: p.ID, Event: since + 10}}}))
		if last := upto(); last > since+10 || last <= since {
			t.Errorf("archived up to event %d; the endpoint has heard of %d", last, since+10)
		}
		do(t, l.store.Keep(l.ctx, l.book, desk.Posted{
			Runs:       []desk.Run{{ID: p.ID, Endpoint: p.ID, Event: end}},
			Deliveries: []desk.Delivery{{ID: "d/1", Endpoint: p.ID, Event: since + 15, State: desk.DeliveryWaiting, DueAt: 1}},
		}))
		if last := upto(); last >= since+15 || last < since+10 {
			t.Errorf("archived up to event %d; event %d is to be sent again", last, since+15)
		}
		do(t, l.store.Keep(l.ctx, l.book, desk.Posted{Deliveries: []desk.Delivery{{ID: "d/1", Endpoint: p.ID, Event: since + 15, State: desk.DeliveryDelivered}}}))
		if last := upto(); last < since+15 {
			t.Errorf("archived up to event %d, and all were heard of", last)
		}
		clean(t, l.store)
	})
}
