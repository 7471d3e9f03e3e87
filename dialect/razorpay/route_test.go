package razorpay

import (
	"io"
	"log/slog"
	"net/http/httptest"
	"testing"

	"wapas/desk"
)

// Paths are taken loosely and never redirected; what no route has is refused
// before anything else is looked at.
func TestRoutes(t *testing.T) {
	r := &room{desk: &desk.Desk{Log: slog.New(slog.NewTextHandler(io.Discard, nil))}}
	echo := func(what string) handler {
		return func(q *request) (any, error) { return []any{what, q.ids}, nil }
	}
	r.tree.add(route{"GET", "/v1/payments", echo("list"), open})
	r.tree.add(route{"GET", "/v1/payments/{pay}", echo("fetch"), open})
	r.tree.add(route{"POST", "/v1/payments/{pay}/refund", echo("refund"), open})
	r.tree.add(route{"POST", "/v1/payments/create/json", echo("create"), open})
	r.tree.add(route{"GET", "/v1/payments/{pay}/refunds/{rfnd}", echo("refund of"), open})
	r.tree.add(route{"GET", "/v1/webhooks/{webhook}", echo("webhook"), open})
	r.tree.add(route{"GET", "/v1/keyed", echo("keyed"), keyed})

	const (
		noRoute = `{"message":"no Route matched with those values"}`
		noWay   = `{"error":{"code":"BAD_REQUEST_ERROR","description":"The requested URL was not found on the server.","source":"internal","step":"NA","reason":"NA","metadata":{}}}`
		noKey   = `{"error":{"code":"BAD_REQUEST_ERROR","description":"Please provide your api key for authentication purposes"}}`
	)
	for _, c := range []struct {
		method, path string
		status       int
		body         string
	}{
		{"GET", "/v1/payments", 200, `["list",{}]`},
		{"GET", "/v1/payments/", 200, `["list",{}]`},
		{"GET", "//v1///payments//", 200, `["list",{}]`},
		{"HEAD", "/v1/payments", 200, `["list",{}]`},
		{"GET", "/v1/payments/pay_0123456789abcd?x=/y", 200, `["fetch",{"pay":"pay_0123456789abcd"}]`},
		{"POST", "/v1/payments//pay_0123456789abcd/refund/", 200, `["refund",{"pay":"pay_0123456789abcd"}]`},
		{"POST", "/v1/payments/create/json", 200, `["create",{}]`},
		{"GET", "/v1/payments/pay_0123456789abcd/refunds/rfnd_0123456789abcd", 200, `["refund of",{"pay":"pay_0123456789abcd","rfnd":"rfnd_0123456789abcd"}]`},
		{"GET", "/v1/webhooks/0123456789abcd", 200, `["webhook",{"webhook":"0123456789abcd"}]`},
		{"GET", "/v1/webhooks/wh_0123456789abcd", 400, errorBody("wh_0123456789abcd is not a valid id", "")},
		{"GET", "/v1/payments/create", 400, errorBody("create is not a valid id", "")},
		{"GET", "/v1/payments/pay_LQPd9lomgwDE5Fs", 400, errorBody("LQPd9lomgwDE5Fs is not a valid id", "")},
		{"GET", "/v1/payments/pay_AABBdHIieex", 400, errorBody("AABBdHIieex is not a valid id", "")},
		{"GET", "/v1/payments/pay__29QQoUBi66xm2f", 400, errorBody("_29QQoUBi66xm2f is not a valid id", "")},
		{"GET", "/v1/payments/rfnd_0123456789abcd", 400, errorBody("0123456789abcd is not a valid id", "")},
		{"GET", "/v1/payments/pay_0123456789abc%2f", 400, errorBody("0123456789abc is not a valid id", "")},
		{"GET", "/v1/payments/pay_0123456789abc%C3%A9", 400, errorBody("0123456789abcé is not a valid id", "")},
		{"GET", "/", 404, noRoute},
		{"GET", "/v1", 404, noRoute},
		{"GET", "/v1/Payments", 404, noRoute},
		{"GET", "/v1/payments/pay_0123456789abcd/none", 404, noRoute},
		{"GET", "/v1/payments/create/json/x", 404, noRoute},
		{"POST", "/v1/payments", 400, noWay},
		{"GET", "/v1/payments/create/json", 400, noWay},
		{"OPTIONS", "/v1/payments", 400, noWay},
		{"DELETE", "/v1/payments/bad", 400, noWay},
		{"POST", "/v1/keyed", 400, noWay},
		{"GET", "/v1/keyed", 401, noKey},
	} {
		w := httptest.NewRecorder()
		r.ServeHTTP(w, httptest.NewRequest(c.method, c.path, nil))
		if w.Code != c.status || w.Body.String() != c.body {
			t.Errorf("%s %s\n got %d %s\nwant %d %s", c.method, c.path, w.Code, w.Body, c.status, c.body)
		}
		if len(w.Header().Get("X-Request-Id")) != 20 || w.Header().Get("Content-Type") != "application/json" {
			t.Errorf("%s %s: headers %v", c.method, c.path, w.Header())
		}
	}
}

// The table names every path once.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, t2 := range (&room{}).routes() {
		at := t2.method + " " + t2.path
		if seen[at] {
			t.Errorf("%s is there twice", at)
		}
		seen[at] = true
	}
}
