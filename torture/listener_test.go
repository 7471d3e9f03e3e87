package torture

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/razorpay/razorpay-go/utils"

	"wapas/desk"
	"wapas/dialect/razorpay"
	"wapas/sqlstore"
	"wapas/webhook"
)

// A listener receives webhooks at two paths. It takes most of what it is sent,
// checks it as the official client would, and counts.
type listener struct {
	*httptest.Server
	mu      sync.Mutex
	taken   map[string]int // by endpoint and event
	all     int
	refused int
	last    time.Time // when something came
	beats   pulse     // what was taken for the first time
}

const webhookSecret = "whsec"

func newListener(t *testing.T) *listener {
	l := &listener{taken: map[string]int{}}
	l.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, q *http.Request) {
		var body bytes.Buffer
		if _, err := io.Copy(&body, q.Body); err != nil {
			return // the sender was killed
		}
		if !utils.VerifyWebhookSignature(body.String(), q.Header.Get("X-Razorpay-Signature"), webhookSecret) {
			t.Errorf("the client's own check refuses %s", body.String())
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		l.last = time.Now()
		if l.all++; l.all%97 == 0 {
			l.refused++
			rw.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		name := q.URL.Path + " " + q.Header.Get("X-Razorpay-Event-Id")
		if l.taken[name]++; l.taken[name] == 1 {
			l.beats.add("")
		}
	}))
	t.Cleanup(l.Close)
	return l
}

// enrol registers both paths for all events.
func (l *listener) enrol(t *testing.T, w *witness) {
	t.Helper()
	base, _ := w.up(0)
	for _, path := range []string{"/a", "/b"} {
		status, said, err := w.send(base, "POST", "razorpay", "/v1/webhooks", `{"url":"`+l.URL+path+`","secret":"`+webhookSecret+`","events":["*"]}`, "")
		if err != nil || status != 200 {
			t.Fatalf("no endpoint: %d %v %v", status, said, err)
		}
	}
}

func (l *listener) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.taken)
}

// quiet says that nothing has come for a while: there is nothing left to tell.
func (l *listener) quiet() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Since(l.last) > time.Second
}

// wait waits until whatever held the deliveries of a server that is gone has let
// go of them, and says how long nothing came.
func (l *listener) wait(t *testing.T, since time.Time) time.Duration {
	t.Helper()
	const over = 7 * time.Second // a lease
	for l.beats.first(since.Add(over)).IsZero() {
		if time.Since(since) > time.Minute {
			t.Fatalf("no webhook for %s since a server is gone", l.beats.gap(since, time.Now(), "-"))
		}
		time.Sleep(10 * time.Millisecond)
	}
	return l.beats.gap(since, time.Now(), "-")
}

// missing is how many of the deliveries of events have not come.
func (l *listener) missing(events []string) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range events {
		for _, path := range []string{"/a ", "/b "} {
			if l.taken[path+id] == 0 {
				n++
			}
		}
	}
	return n
}

func (l *listener) sums() (taken, refused, unique int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, n := range l.taken {
		taken += n
	}
	return taken, l.refused, len(l.taken)
}

// An announcer knows which events the Razorpay room has to tell the endpoints.
type announcer struct {
	t     *testing.T
	desk  *desk.Desk
	book  desk.BookID
	after int64 // what was read
	ids   []string
}

func newAnnouncer(t *testing.T, address string, book desk.BookID) *announcer {
	t.Helper()
	st, err := sqlstore.Open(context.Background(), address, sqlstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	return &announcer{t: t, desk: &desk.Desk{Store: st, Now: time.Now}, book: book}
}

// events are the ids of all there are by now.
func (a *announcer) events() []string {
	a.t.Helper()
	ctx := context.Background()
	b, err := a.desk.Store.Book(ctx, a.book)
	if err != nil {
		a.t.Fatal(err)
	}
	to := desk.Endpoint{Account: b.Account(), Events: "*"}
	for {
		page, err := a.desk.Store.Events(ctx, b.ID, a.after, 1000)
		if err != nil {
			a.t.Fatal(err)
		}
		for _, e := range page {
			a.after = e.No
			if !(razorpay.Herald{}).Picks(to, e.Name) {
				continue
			}
			m, err := razorpay.Herald{}.Tell(ctx, webhook.Notice{Desk: a.desk, Book: b, Event: e, Endpoint: to})
			if err != nil {
				a.t.Fatal(err)
			}
			if m != nil {
				a.ids = append(a.ids, string(e.ID))
			}
		}
		if len(page) < 1000 {
			return a.ids
		}
	}
}

// hearAll waits until every event has come to both paths, also those that are
// recorded meanwhile, and returns how many there are.
func (l *listener) hearAll(a *announcer) int {
	a.t.Helper()
	for begun := time.Now(); l.missing(a.events()) > 0; time.Sleep(50 * time.Millisecond) {
		if time.Since(begun) > 2*time.Minute {
			a.t.Fatalf("%d deliveries of %d events never came", l.missing(a.ids), len(a.ids))
		}
	}
	return len(a.ids)
}
