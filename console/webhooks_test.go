package console_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"wapas/console"
	"wapas/desk"
	"wapas/dialect/razorpay"
	"wapas/rail"
	"wapas/webhook"
)

// A receiver takes what webhooks send, or refuses it.
type receiver struct {
	sync.Mutex
	*httptest.Server
	refuses bool
	got     []received
}

type received struct{ id, body, signature string }

func newReceiver(t *testing.T) *receiver {
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		body, _ := io.ReadAll(hr.Body)
		r.Lock()
		defer r.Unlock()
		if r.refuses {
			http.Error(w, "not today", http.StatusServiceUnavailable)
			return
		}
		r.got = append(r.got, received{hr.Header.Get("X-Razorpay-Event-Id"), string(body), hr.Header.Get("X-Razorpay-Signature")})
		io.WriteString(w, `{"thanks":true}`)
	}))
	t.Cleanup(r.Close)
	return r
}

// signed says whether all that came is signed with a secret.
func (r *receiver) signed(secret string) bool {
	for _, g := range r.got {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(g.body))
		if hex.EncodeToString(mac.Sum(nil)) != g.signature {
			return false
		}
	}
	return len(r.got) > 0
}

// post delivers what can be delivered now.
func (w *worker) post() {
	w.t.Helper()
	w.must(webhook.New(w.Desk, webhook.Options{}, razorpay.Herald{}).Run(w.ctx, w.book()))
}

var secretForm = regexp.MustCompile(`<pre id="secret">([0-9A-Za-z]{32})</pre>`)

// A webhook is added with a secret that is seen once, keeps up, and can be
// changed, stopped and ended.
func TestWebhooks(t *testing.T) {
	w := newWorker(t, desk.Test)
	to := newReceiver(t)
	w.sees("viewer", "webhooks", "No webhook yet", "!New webhook")
	for _, who := range []string{"viewer", "support", "finance"} {
		w.denied(who, "webhooks/new")
		w.denied(who, "webhooks/new", "url", to.URL)
	}
	page := w.sees("admin", "webhooks/new", "Everything that Razorpay announces", "refund.processed", "Our own events")
	key := w.value(page, "key")
	w.hears("admin", "webhooks/new", 422, []string{"url", "ftp://x", "event", "*", "key", key}, "write an address")
	if a := w.hears("admin", "webhooks/new", 422, []string{"url", to.URL, "key", key, "in_order", "yes"}, "choose at least one event"); w.value(a.Body.String(), "key") != key || !strings.Contains(a.Body.String(), `value="`+to.URL+`"`) {
		t.Errorf("what was typed is lost: %s", a.Body)
	}
	sent := []string{"url", to.URL, "room", "razorpay", "event", "refund.created", "event", "refund.processed", "event", "exception.raised", "key", key}
	a := w.hears("admin", "webhooks/new", 200, sent, "It is shown now and never again")
	m := secretForm.FindStringSubmatch(a.Body.String())
	if m == nil {
		t.Fatalf("no secret: %s", a.Body)
	}
	if to := w.does("admin", "webhooks/new", sent...); to != "webhooks" {
		t.Errorf("sent twice it leads to %s", to)
	}
	all, err := desk.List[desk.Endpoint](w.ctx, w.Desk, desk.Query{Book: w.Book})
	if err != nil || len(all) != 1 || all[0].Events != "refund.created refund.processed exception.raised" {
		t.Fatalf("endpoints: %+v, %v", all, err)
	}
	path := "webhooks/" + string(all[0].ID)

	w.refund(100_00, rail.ScenarioDone)
	w.sees("viewer", "webhooks", to.URL, "3 chosen", "active")
	w.sees("viewer", path, "events behind, and catching up", "with a secret of its own", "!"+m[1], "!Another secret", "!Send again")
	w.later(time.Hour)
	w.post()
	if !to.signed(m[1]) {
		t.Errorf("received: %+v", to.got)
	}
	w.sees("support", path, "It has been sent everything", "refund.processed", "delivered", "Send again", "!Delete it for good")

	w.denied("support", path, "do", "delete")
	w.denied("support", path+"/secret", "key", "k")
	page = w.sees("admin", path)
	again := secretForm.FindStringSubmatch(w.hears("admin", path+"/secret", 200, []string{"key", w.value(page, "key")}, "The new secret").Body.String())
	if again == nil || again[1] == m[1] {
		t.Errorf("the new secret is %v", again)
	}
	if to := w.does("admin", path+"/secret", "key", w.value(page, "key")); to != path {
		t.Errorf("rotating twice leads to %s", to)
	}
	w.hears("admin", path, 422, []string{"do", "change", "url", to.URL}, "choose at least one event")
	w.does("admin", path, "do", "change", "url", to.URL+"/two", "event", "*", "event", "refund.failed", "in_order", "yes")
	if e, err := w.Desk.Endpoint(w.ctx, w.Book, "", all[0].ID); err != nil || e.URL != to.URL+"/two" || e.Events != "*" || !e.InOrder {
		t.Errorf("changed: %+v, %v", e, err)
	}
	w.does("admin", path, "do", "disable")
	w.sees("admin", path, "It is sent nothing", "Enable it", "!Send a test")
	w.does("admin", path, "do", "enable")
	w.mode = desk.Live
	if a := w.ask("admin", path); a.Code != 404 {
		t.Errorf("the other book's webhook: %d", a.Code)
	}
	w.mode = desk.Test
	w.does("admin", path, "do", "delete")
	if a := w.ask("admin", path); a.Code != 404 {
		t.Errorf("a deleted webhook: %d", a.Code)
	}
	w.sees("admin", "webhooks", "No webhook yet")
}

// What was sent is shown with every try; one event, a range, everything since one
// and what failed are sent again, each once for a form.
func TestDeliveriesAndReplays(t *testing.T) {
	w := newWorker(t, desk.Test)
	to := newReceiver(t)
	e, err := w.Desk.CreateEndpoint(w.ctx, w.Book, desk.EndpointRequest{URL: to.URL, Events: []string{"refund.created", "refund.processed"}, Secret: []byte("a secret of twenty")})
	w.must(err)
	id := string(e.ID)
	to.refuses = true
	r := w.refund(100_00, rail.ScenarioDone)
	w.later(time.Minute)
	w.post()
	w.sees("viewer", "webhooks", "2")
	page := w.sees("viewer", "webhooks/deliveries", "refund.created", "refund.processed", "waiting", "it answered 503", "next try in")
	one := regexp.MustCompile(`webhooks/delivery\?id=[^"]+`).FindString(page)
	w.sees("viewer", one, "1 try failed", "503", "not today", "Content-Type: application/json", string(r.ID), "!9876543210", "!Send it again")
	w.sees("support", one, "+919876543210", "Send it again")
	w.sees("viewer", "webhooks/deliveries?endpoint="+id+"&state=delivered", "No delivery is like this")
	w.sees("viewer", "webhooks/deliveries?endpoint="+id+"&state=waiting", "refund.created", "!No delivery")
	for range 3 { // until it is given up and disabled
		w.later(25 * time.Hour)
		w.post()
	}
	w.sees("admin", "webhooks/"+id, "disabled")
	w.sees("admin", "waiting", "A webhook was disabled")
	yes := true
	_, err = w.Desk.EditEndpoint(w.ctx, w.Book, e.ID, desk.EndpointRequest{Active: &yes})
	w.must(err)
	w.sees("admin", "waiting", "!A webhook was disabled")
	to.refuses = false
	replay := func(want int, sent ...string) {
		t.Helper()
		to.got = nil
		for range 2 {
			w.does("support", "webhooks/replay", append([]string{"endpoint", id, "back", "webhooks/" + id}, sent...)...)
		}
		w.post()
		if len(to.got) != want || want > 0 && !to.signed("a secret of twenty") {
			t.Errorf("%v sent %d: %+v", sent, len(to.got), to.got)
		}
	}
	w.sees("support", "webhooks/"+id, "2 deliveries came to no good end")
	replay(2, "what", "failed", "key", "k1")
	events, err := w.Desk.Store.EventsOf(w.ctx, desk.Query{Book: w.Book, Parent: r.ID, Oldest: true})
	w.must(err)
	no := func(i int) string { return strings.TrimSpace(decimal(events[i].No)) }
	replay(1, "from", no(0), "key", "k2")
	if len(to.got) == 1 && to.got[0].id != string(events[0].ID) {
		t.Errorf("it went as %s, not %s", to.got[0].id, events[0].ID)
	}
	replay(2, "from", no(0), "to", "", "key", "k3")
	replay(2, "from", "1", "to", no(len(events)-1), "key", "k4")
	replay(0, "from", "999999", "key", "k5")
	replay(0, "from", "x", "key", "k6")
	w.denied("viewer", "webhooks/replay", "from", "1", "endpoint", id)
	w.denied("finance", "webhooks/replay", "from", "1", "endpoint", id)
	if a := w.ask("support", "webhooks/replay", "endpoint", id, "from", "999999", "back", "//elsewhere.example", "key", "k7"); !strings.HasPrefix(a.Header().Get("Location"), "/console/test/") {
		t.Errorf("it leads to %s", a.Header().Get("Location"))
	}
	if a := w.ask("admin", "webhooks/delivery?id=nothing/1"); a.Code != 404 {
		t.Errorf("no such delivery: %d", a.Code)
	}
	w.sees("support", "webhooks/deliveries?event="+no(0), "sent again")
	w.sees("viewer", "events/"+no(0), "refund.created", string(r.ID), "₹100 .00", "Where it was sent", "delivered", "!9876543210")
}

// The log of events is read from its end, by a name or by what it is about.
func TestEventsPage(t *testing.T) {
	w := newWorker(t, desk.Test)
	w.sees("viewer", "events", "Nothing has happened yet")
	var last desk.Refund
	for range 20 {
		last = w.refund(100_00, rail.ScenarioDone)
	}
	b, err := w.Desk.Store.Book(w.ctx, w.Book)
	w.must(err)
	page := w.sees("viewer", "events", "refund.created", "payment.captured", "Older", "!Newest")
	_, next, _ := strings.Cut(page, "after=")
	next, _, _ = strings.Cut(next, `"`)
	seen := strings.Count(page, "<tr><td")
	for range 5 {
		page = w.sees("viewer", "events?after="+next, "Newest")
		seen += strings.Count(page, "<tr><td")
		_, rest, _ := strings.Cut(page, `rel="first"`)
		_, rest, more := strings.Cut(rest, "after=")
		if !more {
			break
		}
		next, _, _ = strings.Cut(rest, `"`)
	}
	if int64(seen) != b.Event {
		t.Errorf("%d events are shown of %d", seen, b.Event)
	}
	w.sees("viewer", "events?name=refund.created", "refund.created", "!Look further back")
	w.sees("viewer", "events?name=refund.failed", "No event is like this")
	w.sees("viewer", "events?about="+string(last.ID), "refund.created")
	w.sees("viewer", "events?about=rfnd_00000000000000", "No event is like this")
	for _, path := range []string{"events/0", "events/x", "events/99999", "events/-1"} {
		if a := w.ask("viewer", path); a.Code != 404 {
			t.Errorf("%s: %d", path, a.Code)
		}
	}
	w.sees("support", "events/1", "payment.", "+919876543210", "After", "!Before")
	w.sees("viewer", "events/1", "•3210", "!9876543210", "!asha@")
	hides := console.SnapshotFor(desk.Viewer, desk.Remittance{ID: "rmt_00000000000001", Customer: "9812345678", Remitter: "9812345678/202601", Reason: "asha@example.com says no"})
	if strings.Contains(hides, "9812345678") || strings.Contains(hides, "asha@") || !strings.Contains(console.SnapshotFor(desk.Support, desk.Remittance{Remitter: "9812345678/202601"}), "9812345678") {
		t.Errorf("a remittance as a viewer sees it: %s", hides)
	}
}

// A call that was kept is shown masked, as it was kept, and as curl without
// anybody's credentials.
func TestRequestsPage(t *testing.T) {
	w := newWorker(t, desk.Test)
	w.sees("viewer", "requests", "No request is kept")
	now := desk.RequestRow{}.At + 1767000000_000000
	rows := []desk.RequestRow{
		{ID: desk.RequestRowID(now, "a"), Request: "R1", Room: "razorpay", Method: "POST", Path: "/v1/payments/pay_1/refund", Status: 200, Took: 3 * time.Millisecond, Caller: "rzp_test_x", ContentType: "application/json",
			Body: `{"amount":100,"notes":{"say":"it's"}}`, Answer: `{"id":"rfnd_QmAAAAAAAAAAAA","contact":"••••••3210"}`, About: "rfnd_QmAAAAAAAAAAAA", At: now},
		{ID: desk.RequestRowID(now+1, "b"), Request: "R2", Room: "phonepe", Method: "POST", Path: "/v3/credit/backToSource", Status: 400, ContentType: "application/json", Body: `{"request":"eyJhIjoxfQ=="}`, At: now + 1},
		{ID: desk.RequestRowID(now+2, "c"), Request: "R3", Room: "native", Method: "GET", Path: "/api/v1/refunds", Status: 500, At: now + 2},
	}
	w.must(w.Desk.Store.KeepRequests(w.ctx, w.Book, rows))
	w.sees("viewer", "requests", "POST /v1/payments/pay_1/refund", "PhonePe", "500")
	w.sees("viewer", "requests?room=phonepe", "backToSource", "!/v1/payments")
	w.sees("viewer", "requests?class=5", "/api/v1/refunds", "!backToSource")
	w.sees("viewer", "requests?class=4", "backToSource", "!/api/v1/refunds")
	w.sees("viewer", "requests?about=rfnd_QmAAAAAAAAAAAA", "/v1/payments", "!backToSource")
	w.sees("viewer", "requests?about=nothing", "No request is like this")
	w.sees("viewer", "requests/"+string(rows[0].ID), "curl -X POST 'BASE_URL/v1/payments/pay_1/refund'", "-u 'KEY_ID:KEY_SECRET'", `it'\''s`, `"contact": "••••••3210"`, "3 ms", "It was done")
	w.sees("viewer", "requests/R2", "It was refused", "X-VERIFY", `"a": 1`)
	if a := w.ask("viewer", "requests/nothing"); a.Code != 404 {
		t.Errorf("no such request: %d", a.Code)
	}
	w.mode = desk.Live
	if a := w.ask("viewer", "requests/"+string(rows[0].ID)); a.Code != 404 {
		t.Errorf("the other book's request: %d", a.Code)
	}
}
