package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"wapas/desk"
	"wapas/dialecttest"
	"wapas/rail"
	"wapas/rail/sim"
	"wapas/server"
	"wapas/sqlstore"
)

const (
	keyID     = "rzp_test_wapasServer0001"
	keySecret = "secret"
)

// closed are the stores that their test has closed itself.
var closed = map[*sqlstore.Store]bool{}

// newDesk is a desk on a store of its own, with one merchant and one key.
func newDesk(t *testing.T) (*desk.Desk, *sqlstore.Store) {
	t.Helper()
	ctx := t.Context()
	store, err := sqlstore.Open(ctx, dialecttest.NewSQLite(t), sqlstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if !closed[store] {
			store.Close()
		}
	})
	if err := store.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	keys, err := desk.NewKeyring(make([]byte, desk.MasterKeySize))
	if err != nil {
		t.Fatal(err)
	}
	d := &desk.Desk{Store: store, Now: time.Now, Log: slog.New(slog.DiscardHandler), Sealer: keys,
		Rails: map[string]rail.Rail{desk.SimRail: sim.Rail{}}}
	_, book, _, err := d.CreateMerchant(ctx, desk.MerchantRequest{Name: "Chai Point"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Issue(ctx, desk.IssueRequest{Room: "razorpay", Book: book.ID, Name: keyID, Secret: []byte(keySecret)}); err != nil {
		t.Fatal(err)
	}
	return d, store
}

// call makes a request with the key and returns status and body.
func call(t *testing.T, h http.Handler, method, path, body string) (*http.Response, string) {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	r.SetBasicAuth(keyID, keySecret)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result(), w.Body.String()
}

// Each path goes to whoever's it is, however it is spelt, and nothing is
// answered with a redirect.
func TestRoutes(t *testing.T) {
	d, _ := newDesk(t)
	s := server.New(d, server.Config{})
	for _, x := range []struct {
		method, path string
		status       int
		want         string
	}{
		{"GET", "/", 200, "Razorpay Wallet and Route: at /v1, /v2, /checkout, and everything again under /razorpay"},
		{"HEAD", "/", 200, ""},
		{"POST", "/", 405, "only GET and HEAD"},
		{"GET", "/healthz", 200, `"ok"`},
		{"GET", "/livez", 200, `"ok"`},
		{"GET", "/readyz", 200, `"ready"`},
		{"POST", "/readyz", 405, ""},
		{"GET", "/metrics", 200, "wapas_build_info"},
		{"GET", "/version", 200, `"go"`},
		{"GET", "/v1/orders", 200, `"collection"`},
		{"GET", "//v1//orders/", 200, `"collection"`},
		{"GET", "/razorpay/v1/orders", 200, `"collection"`},
		{"GET", "//razorpay//v1/orders/", 200, `"collection"`},
		{"GET", "/razorpayx/v1/orders", 404, "no Route matched"},
		{"GET", "/v1/nothing", 404, "no Route matched"},
		{"GET", "/nothing", 404, "no Route matched"},
		{"GET", "/razorpay", 404, "no Route matched"},
		{"GET", "/healthz/deeper", 404, "no Route matched"},
	} {
		resp, body := call(t, s, x.method, x.path, "")
		if resp.StatusCode != x.status || !strings.Contains(body, x.want) {
			t.Errorf("%s %s: got %d %s, want %d with %q", x.method, x.path, resp.StatusCode, body, x.status, x.want)
		}
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Accept", "text/html,*/*")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if !strings.Contains(w.Body.String(), "<title>wapas</title>") {
		t.Errorf("a browser got %s", w.Body)
	}
}

// Not ready: with a reason each, and the first one when told to stop.
func TestReady(t *testing.T) {
	d, store := newDesk(t)
	var why error
	s := server.New(d, server.Config{Ready: func() error { return why }})
	type answer struct {
		Status string
		Checks []struct {
			Name string
			OK   bool
			Why  string
		}
	}
	ask := func() (int, answer) {
		resp, body := call(t, s, "GET", "/readyz", "")
		var a answer
		if err := json.Unmarshal([]byte(body), &a); err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		return resp.StatusCode, a
	}
	if status, a := ask(); status != 200 || a.Status != "ready" {
		t.Errorf("got %d %+v, want ready", status, a)
	}
	why = io.ErrUnexpectedEOF
	if status, a := ask(); status != 503 || a.Checks[2].OK || a.Checks[2].Why != why.Error() {
		t.Errorf("start-up not done: got %d %+v", status, a)
	}
	why = nil
	d.Store = unwritable{d.Store}
	if resp, body := call(t, server.New(d, server.Config{}), "GET", "/readyz", ""); resp.StatusCode != 503 || !strings.Contains(body, "the disk is full") {
		t.Errorf("nothing can be written: got %d %s", resp.StatusCode, body)
	}
	store.Close()
	closed[store] = true
	if status, a := ask(); status != 503 || a.Checks[1].OK || a.Checks[1].Why == "" {
		t.Errorf("database closed: got %d %+v", status, a)
	}
	if resp, _ := call(t, s, "GET", "/livez", ""); resp.StatusCode != 200 {
		t.Errorf("database closed: /livez says %d", resp.StatusCode)
	}
}

// An unwritable store can be read.
type unwritable struct{ desk.Store }

func (unwritable) Writable(context.Context) error { return errors.New("the disk is full") }

// Stopping: /readyz says no while Linger passes, the request under way is
// answered, and only then does Serve return.
func TestStop(t *testing.T) {
	d, _ := newDesk(t)
	s := server.New(d, server.Config{Linger: 300 * time.Millisecond})
	inner := s.Handler
	entered, leave := make(chan bool), make(chan bool)
	s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			entered <- true
			<-leave
		}
		inner.ServeHTTP(w, r)
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, l) }()
	base := "http://" + l.Addr().String()

	slow := make(chan int, 1)
	go func() {
		resp, err := http.Get(base + "/slow")
		if err != nil {
			slow <- 0
			return
		}
		resp.Body.Close()
		slow <- resp.StatusCode
	}()
	<-entered
	stop()
	for { // still answering, and saying no
		resp, err := http.Get(base + "/readyz")
		if err != nil {
			t.Fatalf("while lingering: %v", err)
		}
		resp.Body.Close()
		if resp.StatusCode == 503 {
			if !resp.Close {
				t.Error("a server that stops keeps the connection")
			}
			break
		}
	}
	select {
	case err := <-served:
		t.Fatalf("Serve returned (%v) with a request under way", err)
	case status := <-slow:
		t.Fatalf("the slow request ended early with %d", status)
	default:
	}
	close(leave)
	if status := <-slow; status != 404 {
		t.Errorf("the slow request: got %d, want its own 404", status)
	}
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
	if _, err := http.Get(base + "/healthz"); err == nil {
		t.Error("still answering after Serve returned")
	}
}

// The log has a line for each request, with its route and its id, and nothing
// that a stranger may not read.
func TestLog(t *testing.T) {
	d, _ := newDesk(t)
	var log bytes.Buffer
	s := server.New(d, server.Config{Log: slog.New(slog.NewJSONHandler(&log, nil))})
	for _, x := range []struct{ path, id string }{
		{"/v1/customers/cust_00000000000009?contact=9876543210", "mine-1.a_b"},
		{"/v1/9876543210/919876543210", "not one\nline"},
		{"/v1/payments?otp=123456", strings.Repeat("x", 65)},
	} {
		r := httptest.NewRequest("GET", x.path, nil)
		r.SetBasicAuth(keyID, keySecret)
		r.Header.Set("X-Request-Id", x.id)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		got := w.Result().Header.Get("X-Request-Id")
		if (got == x.id) != (x.id == "mine-1.a_b") || got == "" {
			t.Errorf("%s: the request id %q became %q", x.path, x.id, got)
		}
		if !strings.Contains(log.String(), `"request":"`+got+`"`) {
			t.Errorf("the log does not have request %s:\n%s", got, log.String())
		}
	}
	for _, secret := range []string{"9876543210", "123456", keySecret, "Basic", "otp"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log has %q:\n%s", secret, log.String())
		}
	}
	if !strings.Contains(log.String(), `"route":"/v1/payments"`) {
		t.Errorf("the log does not name the route:\n%s", log.String())
	}
}

// Series are by route: ids, unknown paths and methods make no new ones.
func TestMetrics(t *testing.T) {
	d, _ := newDesk(t)
	s := server.New(d, server.Config{})
	call(t, s, "GET", "/v1/orders/order_00000000000001", "")
	call(t, s, "GET", "/v1/orders/order_00000000000002", "")
	call(t, s, "GET", "/razorpay/v1/orders/order_00000000000003", "")
	call(t, s, "BREW", "/v1/tea/1", "")
	call(t, s, "BREW", "/v1/tea/2", "")
	_, body := call(t, s, "GET", "/metrics", "")
	for _, want := range []string{
		`wapas_http_requests_total{method="GET",room="razorpay",route="/v1/orders/{order}",status="400"} 3`,
		`wapas_http_requests_total{method="other",room="razorpay",route="other",status="404"} 2`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s in\n%s", want, body)
		}
	}
	if strings.Contains(body, "order_0000") || strings.Contains(body, "BREW") {
		t.Errorf("a caller's word became a label:\n%s", body)
	}
}

// A body that is too long is refused as the caller's fault, and nothing is made.
func TestBodyLimit(t *testing.T) {
	d, store := newDesk(t)
	s := server.New(d, server.Config{MaxBody: 2000})
	long := `{"amount": 100, "currency": "INR", "receipt": "` + strings.Repeat("x", 3000) + `"}`
	resp, body := call(t, s, "POST", "/v1/orders", long)
	if resp.StatusCode < 400 || resp.StatusCode >= 500 {
		t.Errorf("got %d %s", resp.StatusCode, body)
	}
	books, err := store.Books(t.Context(), desk.BookQuery{})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range books {
		if b.Event != 0 || b.Entry != 0 {
			t.Errorf("book %d was changed", b.ID)
		}
	}
}
