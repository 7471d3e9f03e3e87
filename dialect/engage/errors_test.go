package engage

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"wapas/desk"
	"wapas/ledger"
)

// Every code has words, whatever the rule; no answer has more in it than the
// four parts of an error, and our own faults say nothing about themselves.
func TestEveryCode(t *testing.T) {
	status := map[ledger.Code]int{
		ledger.Denied: 401, ledger.Limited: 429, ledger.Busy: 409, ledger.Mismatch: 409, ledger.Internal: 500,
	}
	for _, code := range ledger.Codes {
		if _, ok := fallback[code]; !ok {
			t.Errorf("%s has no words", code)
		}
		want := status[code]
		if want == 0 {
			want = 400
		}
		got, e := words(ledger.Refuse(code, "no_such_rule", "secret detail"))
		if got != want || e.Description == "" || e.Reason == "" || strings.Contains(e.Description, "secret") {
			t.Errorf("%s: %d %+v, want %d", code, got, e, want)
		}
		if (e.Code == "SERVER_ERROR") != (want == 500) {
			t.Errorf("%s: code %s", code, e.Code)
		}
	}
	for why, r := range refusals {
		got, e := words(ledger.Refuse(ledger.Internal, why, "secret"))
		if got != 500 || strings.Contains(e.Description, "secret") || r.text == "" || r.reason == "" {
			t.Errorf("%s as our own fault: %d %+v", why, got, e)
		}
	}
}

// An account that is short is ours to know, not a field of the caller's.
func TestNoAccountsOnTheWire(t *testing.T) {
	_, e := words(ledger.Refuse(ledger.Insufficient, "", "").In("2010"))
	if e.Field != nil {
		t.Errorf("the caller hears of %s", *e.Field)
	}
}

// Faults of ours are logged once, under the id that the answer has.
func TestOurFaults(t *testing.T) {
	var log bytes.Buffer
	r := &room{desk: &desk.Desk{Log: slog.New(slog.NewTextHandler(&log, nil))}, routes: map[string]route{
		"/error": {http.MethodGet, func(*request) (any, error) { return nil, errors.New("the disk is on fire") }},
		"/panic": {http.MethodGet, func(*request) (any, error) { panic("no way out") }},
		"/write": {http.MethodGet, func(*request) (any, error) { return func() {}, nil }},
	}}
	for path := range r.routes {
		log.Reset()
		w := httptest.NewRecorder()
		r.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		var body map[string]map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || w.Code != 500 || body["error"]["code"] != "SERVER_ERROR" {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
		if strings.Contains(w.Body.String(), "fire") || strings.Contains(w.Body.String(), "way out") {
			t.Errorf("%s tells too much: %s", path, w.Body)
		}
		id := w.Header().Get("X-Request-Id")
		if id == "" || strings.Count(log.String(), id) != 1 {
			t.Errorf("%s: request %q, log %s", path, id, log.String())
		}
	}
}
