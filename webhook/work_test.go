package webhook_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wapas/desk"
	"wapas/dialect/razorpay"
	"wapas/ledger"
	"wapas/rail"
	"wapas/rail/sim"
	"wapas/sqlstore"
	"wapas/storetest"
	"wapas/webhook"
)

// work runs a post until stop is called, or the test ends.
func work(t *testing.T, p *webhook.Post) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Work(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				t.Errorf("Work: %v", err)
			}
		})
	}
	t.Cleanup(stop)
	return stop
}

// until waits for something, and fails the test if it does not come.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// A crash between an attempt and the note of it: the event comes again, under
// the same id, and none is lost.
func TestCrashBeforeItIsWrittenDown(t *testing.T) {
	w := newTown(t, webhook.Options{})
	r := newReceiver(t, "whsec")
	w.endpoint(r, nil)
	w.happen("refund.created", "refund.processed")
	store := w.Desk.Store
	w.Desk.Store = dying{store}
	if err := w.Run(w.ctx, w.Book); !errors.Is(err, errDied) {
		t.Fatalf("it ended with %v", err)
	}
	w.Desk.Store = store
	w.Post = webhook.New(w.Desk, webhook.Options{Lease: time.Millisecond}, razorpay.Herald{})
	until(t, "the lease of the dead ends", func() bool { return w.Run(w.ctx, w.Book) == nil })
	times := map[string]int{}
	for _, g := range r.all() {
		times[g.id]++
	}
	if len(times) != 2 || len(r.all()) != 4 {
		t.Errorf("two events were sent %v times", times)
	}
}

// dying is a store whose process dies before what was delivered is written down.
type dying struct{ desk.Store }

var errDied = errors.New("died")

func (dying) Keep(context.Context, desk.BookID, desk.Posted) error { return errDied }
func (dying) Lease(_ context.Context, _ desk.BookID, _ string, _, until ledger.Time) (bool, error) {
	return until != 0, nil // it is not given back either
}

// An endpoint that hangs delays no other, not even if all requests that may be
// under way at once hang.
func TestSlowEndpointDelaysNobody(t *testing.T) {
	w := newTown(t, webhook.Options{Requests: 4, Timeout: 20 * time.Second})
	slow, quick := newReceiver(t, "whsec"), newReceiver(t, "whsec")
	free, release := context.WithCancel(context.Background())
	t.Cleanup(release)
	slow.answers(func(http.ResponseWriter, *http.Request, int) { <-free.Done() })
	w.endpoint(slow, nil)
	w.endpoint(slow, nil)
	w.endpoint(quick, nil)
	stop := work(t, w.Post)
	for range 20 {
		w.happen("refund.created", "refund.processed", "refund.failed", "payment.failed", "order.paid")
	}
	until(t, "the quick one hears of all", func() bool { return len(quick.all()) == 100 })
	if n := len(slow.all()); n > 6 {
		t.Errorf("%d requests were under way, want 4 and one for each endpoint", n)
	}
	release()
	stop()
}

// What is recorded by this server is told at once, without a look at the books.
func TestNewsIsFast(t *testing.T) {
	w := newTown(t, webhook.Options{Look: time.Hour})
	r := newReceiver(t, "whsec")
	work(t, w.Post)
	w.endpoint(r, func(q *desk.EndpointRequest) { q.Events = []string{"order.paid", "payment.captured"} })
	pay := func() {
		o, _, err := w.Desk.CreateOrder(w.ctx, w.Book, desk.OrderRequest{Amount: 5000, Capture: true})
		if err != nil {
			t.Fatal(err)
		}
		must(w.Desk.CreatePayment(w.ctx, w.Book, desk.PaymentRequest{Order: o.ID, Amount: 5000, Method: "upi", VPA: "success@razorpay", Contact: "+919876543210"}))(t)
	}
	pay()
	until(t, "the first payment is told", func() bool { return len(r.all()) == 2 })
	var slowest time.Duration
	for i := range 10 {
		begun := time.Now()
		pay()
		until(t, "it is told", func() bool { return len(r.all()) == 4+2*i })
		slowest = max(slowest, time.Since(begun))
	}
	t.Logf("the slowest of ten payments was told after %v", slowest)
}

// servers opens some servers on one database, each with its own connections.
func servers(t *testing.T, address string, n int, clock func() time.Time, o webhook.Options) ([]*webhook.Post, []*desk.Desk, desk.BookID) {
	t.Helper()
	ring, err := desk.NewKeyring(bytes.Repeat([]byte{7}, desk.MasterKeySize))
	if err != nil {
		t.Fatal(err)
	}
	var posts []*webhook.Post
	var desks []*desk.Desk
	var book desk.BookID
	for i := range n {
		st, err := sqlstore.Open(context.Background(), address, sqlstore.Options{Now: clock})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { st.Close() })
		if err := st.Migrate(context.Background()); err != nil {
			t.Fatal(err)
		}
		d := &desk.Desk{Store: st, Now: clock, Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Rails: map[string]rail.Rail{"sim": sim.Rail{}}, Sealer: ring}
		if i == 0 {
			_, test, _, err := d.CreateMerchant(context.Background(), desk.MerchantRequest{Name: "Two"})
			if err != nil {
				t.Fatal(err)
			}
			book = test.ID
		}
		desks = append(desks, d)
		posts = append(posts, webhook.New(d, o, razorpay.Herald{}))
	}
	return posts, desks, book
}

// Three servers on one database deliver all events, few of them twice. One of
// them dies in the middle without giving its lease back, and another takes over
// within seconds.
func TestSeveralServers(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			const events = 600
			lease := 900 * time.Millisecond
			posts, desks, book := servers(t, e.New(t), 3, time.Now, webhook.Options{Lease: lease})
			r := newReceiver(t, "whsec")
			var failed atomic.Int64
			r.answers(func(w http.ResponseWriter, _ *http.Request, n int) {
				if n%50 == 0 {
					failed.Add(1)
					w.WriteHeader(500)
				}
			})
			for range 2 {
				must(desks[0].CreateEndpoint(context.Background(), book, desk.EndpointRequest{URL: r.URL, Secret: []byte("whsec"), Events: []string{"*"}}))(t)
			}
			desks[1].Store = &mortal{Store: desks[1].Store}
			var stops []func()
			stops = append(stops, work(t, posts[1]))
			record := func(n int) {
				for i := range n {
					emit(t, desks[i%3].Store, book, ledger.At(time.Now()), "refund.created", "refund.processed")
				}
			}
			record(events / 4)
			until(t, "the first server delivers", func() bool { return len(r.all()) > 50 })
			stops = append(stops, work(t, posts[0]), work(t, posts[2]))
			desks[1].Store.(*mortal).dead.Store(true)
			died, before := time.Now(), len(r.all())
			stops[0]()
			record(events / 4)
			until(t, "another takes over", func() bool { return len(r.all()) > before+64 }) // more than what was under way
			t.Logf("taken over after %v, with leases of %v", time.Since(died).Round(time.Millisecond), lease)
			times := func() (ids map[string]int, all int) {
				ids = map[string]int{}
				for _, g := range r.all() {
					ids[g.id]++
					all++
				}
				return ids, all
			}
			done := func() bool {
				n := 0
				for after := desk.ID(""); ; {
					rows := must(desks[0].Deliveries(context.Background(), desk.DeliveryQuery{Book: book, State: "delivered", Behind: after, Count: 1000}))(t)
					if n += len(rows); len(rows) < 1000 {
						return n == 2*events
					}
					after = rows[len(rows)-1].ID
				}
			}
			until(t, "all is delivered", done)
			for _, stop := range stops {
				stop()
			}
			ids, all := times()
			if len(ids) != events {
				t.Errorf("%d events were heard of, want %d", len(ids), events)
			}
			repeats := all - int(failed.Load()) - 2*events
			t.Logf("%d events to 2 endpoints: %d attempts, %d refused by the receiver, %d repeats", events, all, failed.Load(), repeats)
			if repeats < 0 || repeats > 2*64+256 {
				t.Errorf("%d were told more often than need be", repeats)
			}
		})
	}
}

// mortal is the store of a server that can die: from then on nothing that it
// does about deliveries arrives, not even that it gives its lease back.
type mortal struct {
	desk.Store
	dead atomic.Bool
}

func (m *mortal) Keep(ctx context.Context, b desk.BookID, p desk.Posted) error {
	if m.dead.Load() {
		return errDied
	}
	return m.Store.Keep(ctx, b, p)
}

func (m *mortal) Lease(ctx context.Context, b desk.BookID, holder string, now, until ledger.Time) (bool, error) {
	if m.dead.Load() {
		return false, errDied
	}
	return m.Store.Lease(ctx, b, holder, now, until)
}

// A lease is one holder's until it ends or is given back.
func TestLease(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			_, desks, book := servers(t, e.New(t), 1, time.Now, webhook.Options{})
			st := desks[0].Store
			for i, c := range []struct {
				holder     string
				now, until ledger.Time
				want       bool
			}{
				{"a", 100, 200, true}, {"b", 150, 250, false}, {"a", 150, 260, true}, {"b", 255, 300, false}, {"b", 260, 360, true},
				{"a", 270, 370, false}, {"b", 0, 0, false}, {"a", 270, 370, true}, {"b", 0, 0, false}, {"b", 280, 380, false},
			} {
				if got := must(st.Lease(context.Background(), book, c.holder, c.now, c.until))(t); got != c.want {
					t.Errorf("step %d: %+v gave %t", i, c, got)
				}
			}
		})
	}
}

// What is kept is kept in the order of what is true, not of who wrote last.
func TestKeep(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			_, desks, book := servers(t, e.New(t), 1, time.Now, webhook.Options{})
			st, ctx := desks[0].Store, context.Background()
			keep := func(p desk.Posted) {
				t.Helper()
				if err := st.Keep(ctx, book, p); err != nil {
					t.Fatal(err)
				}
			}
			keep(desk.Posted{})
			for _, at := range []int64{5, 9, 7} {
				keep(desk.Posted{Runs: []desk.Run{{ID: "e", Endpoint: "e", Event: at}}})
			}
			if runs := must(st.Runs(ctx, book))(t); len(runs) != 1 || runs[0].Event != 9 {
				t.Errorf("the run is %+v", runs)
			}
			for _, state := range []string{"waiting", "delivered", "waiting", "expired"} {
				keep(desk.Posted{Deliveries: []desk.Delivery{{ID: "e/1", Endpoint: "e", Event: 1, State: state}}})
			}
			if rows := must(st.Deliveries(ctx, desk.DeliveryQuery{Book: book}))(t); len(rows) != 1 || rows[0].State != "delivered" {
				t.Errorf("the delivery is %+v", rows)
			}
			var p desk.Posted
			for i := range 100 { // more than one statement takes
				p.Attempts = append(p.Attempts, desk.Attempt{ID: desk.ID(fmt.Sprintf("att_%03d", i)), Delivery: "e/1", Endpoint: "e", Event: 1, EventID: "x", Name: "n", URL: "u", Status: 200, Error: "é", Took: 5, Header: "h", Request: "{}", Response: "ok", At: 1, MadeAt: 2})
			}
			keep(p)
			keep(p)
			log := must(st.Attempts(ctx, desk.DeliveryQuery{Book: book, Delivery: "e/1", Count: 1000}))(t)
			if len(log) != 100 || log[99] != p.Attempts[0] {
				t.Errorf("the log has %d: %+v", len(log), log[0])
			}
		})
	}
}
