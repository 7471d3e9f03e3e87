package server_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"wapas/desk"
	"wapas/dialecttest"
	"wapas/server"
)

// tooMany is how each room says that a caller comes too often.
var tooMany = map[string]string{
	"razorpay": `{"error":{"code":"BAD_REQUEST_ERROR","description":"Too many requests"`,
	"engage":   `{"error":{"code":"BAD_REQUEST_ERROR","description":"Too many requests"`,
	"phonepe":  `"code":"TOO_MANY_REQUESTS","message":"Too many requests"`,
	"eko":      `{"message":"Too many requests"}`,
	"native":   `"code":"limited","rule":"rate"`,
}

// Every route of every room that knows its caller counts them, and says no in
// its vendor's words to who comes too often. The routes are the rooms' own
// lists.
func TestRateOfEveryRoute(t *testing.T) {
	h := dialecttest.Open(t)
	front := server.New(h.Desk, server.Config{})
	a := newTenant(t, h, front, "A", h.Book, desk.Test)
	b := newTenant(t, h, front, "B", h.Live, desk.Live)
	h.Desk.Rate = 1 // the clock of the house stands still, so this is two in all
	for range 3 {
		for _, x := range []struct{ room, method, path string }{
			{"razorpay", "GET", "/v1/orders"}, {"engage", "POST", "/issuinghq/test/v3/engage/transactions/credit"}, {"phonepe", "GET", "/checkout/v2/order/X/status"},
			{"phonepe", "GET", "/v3/transaction/SHOPA/X/status"}, {"eko", "GET", "/ekoapi/v2/user/account/balance"}, {"native", "GET", "/api/v1/me"},
		} {
			a.send(h, front, x.room, x.method, x.path, "")
		}
		plainly(front, "POST", "/token", `{"client_id":"clientA","client_secret":"engage secret A","grant_type":"client_credentials","mode":"test"}`, "Content-Type", "application/json")
		plainly(front, "POST", "/v1/oauth/token", "client_id=A&client_version=1&client_secret=phonepe+secret+A&grant_type=client_credentials", "Content-Type", "application/x-www-form-urlencoded")
	}
	tried := 0
	for _, x := range routesOf(t, h) {
		method, path, _ := strings.Cut(x.route, " ")
		filled := placeholders.ReplaceAllStringFunc(strings.Replace(path, "{m}", a.merchant, 1), func(name string) string {
			if ids, ok := map[string]string{"{product_name}": "route", "{webhook}": "J4wmXoBVT4oQ2b"}[name]; ok {
				return ids
			}
			return strings.Trim(name, "{}") + "_JJCqynf4fQS0N1"
		})
		body := asked[x.route]
		switch {
		case unguarded.MatchString(x.route) || x.room == "phonepe" && strings.HasPrefix(path, "/client/"):
			continue // nobody in particular calls
		case x.room == "native" && !strings.HasPrefix(path, "/api/"):
			continue // the documents
		case x.room == "phonepe" && path != "/v1/oauth/token" && method != "GET" && !strings.Contains(path, "{m}"):
			body = `{"merchantId":"SHOPA","transactionId":"X1","amount":1}`
		case x.room == "phonepe" && path == "/v1/oauth/token":
			body = ""
		}
		w := a.send(h, front, x.room, method, filled, body)
		if path == "/v1/oauth/token" {
			w = plainly(front, method, path, "client_id=A&client_version=1&client_secret=phonepe+secret+A&grant_type=client_credentials", "Content-Type", "application/x-www-form-urlencoded")
		}
		tried++
		if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "1" || !strings.Contains(w.Body.String(), tooMany[x.room]) {
			t.Errorf("%s %s: %d, Retry-After %q, %s", x.room, x.route, w.Code, w.Header().Get("Retry-After"), w.Body)
		}
	}
	if tried < 150 {
		t.Errorf("only %d routes were tried", tried)
	}
	if w := b.send(h, front, "razorpay", "GET", "/v1/orders", ""); w.Code != http.StatusOK {
		t.Errorf("another credential: %d %s", w.Code, w.Body)
	}
	w := plainly(front, "GET", "/metrics", "")
	if !strings.Contains(w.Body.String(), `wapas_http_requests_total{method="GET",room="native",route="/api/v1/me",status="429"}`) {
		t.Error("/metrics does not count those that were told to wait")
	}
}

// Wrong credentials are answered as ever, until one network has shown so many
// that it is told to wait, by every room; and what a proxy that nobody named
// says of where it is from changes nothing.
func TestWrongCredentials(t *testing.T) {
	h := dialecttest.Open(t)
	front := server.New(h.Desk, server.Config{})
	a := newTenant(t, h, front, "A", h.Book, desk.Test)
	if w := a.send(h, front, "native", "GET", "/api/v1/me", ""); w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	codes := map[int]int{}
	for i := range 200 {
		w := plainly(front, "GET", "/api/v1/me", "", "Authorization", fmt.Sprintf("Bearer guess %d", i), "X-Forwarded-For", fmt.Sprintf("198.51.100.%d", i))
		codes[w.Code]++
	}
	if codes[401] != 120 || codes[429] != 80 {
		t.Errorf("got %v, want 120 of 401 and 80 of 429", codes)
	}
	for room, words := range tooMany {
		stranger := &tenant{book: h.Book, mode: desk.Test, letter: "Z", merchant: "SHOPZ", bearer: "none"}
		path := map[string]string{"razorpay": "/v1/orders", "engage": "/issuinghq/test/v3/engage/transactions/credit", "phonepe": "/v3/transaction/SHOPZ/X/status",
			"eko": "/ekoapi/v2/user/account/balance", "native": "/api/v1/me"}[room]
		method := http.MethodGet
		if room == "engage" {
			method = http.MethodPost
		}
		w := stranger.send(h, front, room, method, path, "")
		if w.Code != http.StatusTooManyRequests || !strings.Contains(w.Body.String(), strings.Replace(words, `"rate"`, `"strangers"`, 1)) {
			t.Errorf("%s: %d %s", room, w.Code, w.Body)
		}
	}
	if w := a.send(h, front, "native", "GET", "/api/v1/me", ""); w.Code != http.StatusOK {
		t.Errorf("who was let in before: %d %s", w.Code, w.Body)
	}
	// With a proxy that the operator has named, each is counted by itself.
	h2 := dialecttest.Open(t)
	front2 := server.New(h2.Desk, server.Config{Proxies: proxies(t, "192.0.2.0/24")})
	for i := range 200 {
		w := plainly(front2, "GET", "/api/v1/me", "", "Authorization", fmt.Sprintf("Bearer guess %d", i), "X-Forwarded-For", fmt.Sprintf("198.51.100.%d", i))
		if w.Code != http.StatusUnauthorized {
			t.Fatalf("%d: %d %s", i, w.Code, w.Body)
		}
	}
}

// A person's session asks as often as a credential may, and a network that makes
// up sessions is counted as one that makes up credentials.
func TestRateOfConsole(t *testing.T) {
	h := dialecttest.Open(t)
	front := server.New(h.Desk, server.Config{})
	asha := newInsider(t, h, h.Merchant, "asha@example.in", desk.Admin)
	ravi := newInsider(t, h, h.Merchant, "ravi@example.in", desk.Viewer)
	h.Desk.Rate = 1 // the clock of the house stands still, so this is two in all
	for i, want := range []int{200, 200, 429, 429} {
		w := asha.ask(front, "GET", "/test/refunds", nil)
		if w.Code != want || (w.Code == 429) != (w.Header().Get("Retry-After") == "1") {
			t.Errorf("page %d: %d, Retry-After %q, want %d", i, w.Code, w.Header().Get("Retry-After"), want)
		}
	}
	if w := asha.ask(front, "POST", "/test/refunds/new", url.Values{"payment": {"pay_JJCqynf4fQS0N1"}}); w.Code != 429 {
		t.Errorf("a form: %d", w.Code)
	}
	if w := ravi.ask(front, "GET", "/test/refunds", nil); w.Code != 200 {
		t.Errorf("somebody else: %d", w.Code)
	}

	codes := map[int]int{}
	for i := range 200 {
		guess := insider{cookie: &http.Cookie{Name: "wapas_session", Value: fmt.Sprintf("guess %d", i)}}
		codes[guess.ask(front, "GET", "/test/refunds", nil).Code]++
	}
	if codes[303] != 120 || codes[429] != 80 {
		t.Errorf("got %v, want 120 of 303 and 80 of 429", codes)
	}
	h.Desk.Rate = 0
	if w := ravi.ask(front, "GET", "/test/refunds", nil); w.Code != 200 {
		t.Errorf("who was let in before, from there: %d", w.Code)
	}
}

func proxies(t *testing.T, network string) []netip.Prefix {
	t.Helper()
	p, err := netip.ParsePrefix(network)
	if err != nil {
		t.Fatal(err)
	}
	return []netip.Prefix{p}
}
