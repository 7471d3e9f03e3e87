package webhook_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"github.com/razorpay/razorpay-go/utils"

	"wapas/desk"
	"wapas/dialect/razorpay"
	"wapas/dialecttest"
	"wapas/ledger"
	"wapas/webhook"
)

// A town is a book, and receivers that hear of what happens in it.
type town struct {
	*dialecttest.House
	t   *testing.T
	ctx context.Context
	*webhook.Post
}

func newTown(t *testing.T, o webhook.Options) *town {
	t.Helper()
	h := dialecttest.Open(t)
	return &town{h, t, context.Background(), webhook.New(h.Desk, o, razorpay.Herald{})}
}

func must[T any](v T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// happen records events, as a change would that did something.
func (w *town) happen(names ...string) {
	w.t.Helper()
	emit(w.t, w.Desk.Store, w.Book, ledger.At(w.Desk.Now()), names...)
}

func emit(t testing.TB, st desk.Store, book desk.BookID, wall ledger.Time, names ...string) {
	t.Helper()
	err := st.Change(context.Background(), book, nil, func(tx desk.Tx) error {
		for _, name := range names {
			tx.Emit(name, tx.Book().Clock.Now(wall), desk.Payment{ID: tx.NewID("pay"), Amount: 100, Status: "captured", Method: "upi"})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// run delivers what can be delivered now.
func (w *town) run() {
	w.t.Helper()
	if err := w.Run(w.ctx, w.Book); err != nil {
		w.t.Fatal(err)
	}
}

// endpoint makes one at a receiver.
func (w *town) endpoint(r *receiver, edit func(q *desk.EndpointRequest)) desk.Endpoint {
	w.t.Helper()
	q := desk.EndpointRequest{URL: r.URL, Secret: []byte("whsec"), Events: []string{"*"}}
	if edit != nil {
		edit(&q)
	}
	return must(w.Desk.CreateEndpoint(w.ctx, w.Book, q))(w.t)
}

// rows are the deliveries to an endpoint, the oldest event first.
func (w *town) rows(e desk.Endpoint) []desk.Delivery {
	w.t.Helper()
	all := must(w.Desk.Deliveries(w.ctx, desk.DeliveryQuery{Book: w.Book, Endpoint: e.ID, Count: 10_000}))(w.t)
	slices.Reverse(all)
	return all
}

func states(rows []desk.Delivery) (all []string) {
	for _, d := range rows {
		all = append(all, d.State)
	}
	return all
}

// A receiver remembers what it was sent and says what its test wants.
type receiver struct {
	*httptest.Server
	t      testing.TB
	secret func() string
	mu     sync.Mutex
	got    []received
	answer func(w http.ResponseWriter, r *http.Request, n int) // nil: 200
}

type received struct {
	id, event, body string
	header          http.Header
}

// newReceiver checks every signature as the official client tells its users to.
func newReceiver(t testing.TB, secret string) *receiver {
	r := &receiver{t: t, secret: func() string { return secret }}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		var e struct{ Event string }
		if err := json.Unmarshal(body, &e); err != nil {
			t.Errorf("a body that is no JSON: %v: %s", err, body)
		}
		if want := r.secret(); want != "" && !utils.VerifyWebhookSignature(string(body), q.Header.Get("X-Razorpay-Signature"), want) {
			t.Errorf("the client's own check refuses %s of %s", q.Header.Get("X-Razorpay-Signature"), body)
		}
		r.mu.Lock()
		r.got = append(r.got, received{q.Header.Get("X-Razorpay-Event-Id"), e.Event, string(body), q.Header})
		n, answer := len(r.got), r.answer
		r.mu.Unlock()
		if answer != nil {
			answer(w, q, n)
		}
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) all() []received {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got)
}

func (r *receiver) answers(f func(w http.ResponseWriter, r *http.Request, n int)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = f
}

func status(code int) func(http.ResponseWriter, *http.Request, int) {
	return func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(code) }
}

func (r *receiver) events() (names []string) {
	for _, g := range r.all() {
		names = append(names, g.event)
	}
	return names
}
