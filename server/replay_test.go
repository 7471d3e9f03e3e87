package server_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"
	"time"

	"wapas/desk"
	"wapas/dialecttest"
	"wapas/server"
)

// A wiretap keeps every request that passes, whole, as somebody on the way would.
type wiretap struct {
	http.Handler
	heard []*http.Request
	sent  [][]byte
}

func (w *wiretap) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	w.heard, w.sent = append(w.heard, r.Clone(r.Context())), append(w.sent, body)
	w.Handler.ServeHTTP(rw, r)
}

// again sends a request once more, byte for byte.
func (w *wiretap) again(i int) *httptest.ResponseRecorder {
	r := w.heard[i].Clone(w.heard[i].Context())
	r.Body = io.NopCloser(bytes.NewReader(w.sent[i]))
	rec := httptest.NewRecorder()
	w.Handler.ServeHTTP(rec, r)
	return rec
}

// keyless are requests that are another one when they are sent again, because
// the vendor's API gives them no key unless their caller chooses one.
var keyless = regexp.MustCompile(`^razorpay POST /v1/`)

// Whoever has heard a merchant's whole life on the wire and sends it again, at
// once, moves no money with it, in any room but the one whose vendor's protocol
// has no defence; there the merchant's own limits hold. Later than the clocks of
// a room may differ, an Eko signature opens nothing.
func TestReplayedRequests(t *testing.T) {
	h := dialecttest.Open(t)
	tap := &wiretap{Handler: server.New(h.Desk, server.Config{})}
	a := newTenant(t, h, tap.Handler, "A", h.Book, desk.Test)
	live(t, h, tap, a)
	entries := func() int64 {
		b, err := h.Desk.Store.Book(t.Context(), h.Book)
		if err != nil {
			t.Fatal(err)
		}
		return b.Entry
	}
	room := func(r *http.Request) string {
		for name, sign := range map[string]string{"eko": "secret-key", "phonepe": "X-Verify", "native": "Idempotency-Key"} {
			if r.Header.Get(sign) != "" {
				return name
			}
		}
		switch key, _, basic := r.BasicAuth(); {
		case basic && key == a.key():
			return "razorpay"
		case r.Header.Get("Authorization") == "Bearer engage token A":
			return "engage"
		case r.Header.Get("Authorization") == "O-Bearer "+a.bearer:
			return "phonepe"
		}
		return "open"
	}
	tried, moved := map[string]int{}, 0
	for i, r := range tap.heard {
		if r.Method == http.MethodGet {
			continue
		}
		was, from := entries(), room(r)
		tried[from]++
		w := tap.again(i)
		if now := entries(); now != was {
			moved++
			if what := fmt.Sprintf("%s %s %s", from, r.Method, r.URL.Path); !keyless.MatchString(what) {
				t.Errorf("%s %s moved money again: %d %s", what, tap.sent[i], w.Code, w.Body)
			}
		}
	}
	for _, from := range []string{"razorpay", "engage", "phonepe", "eko", "native"} {
		if tried[from] == 0 {
			t.Errorf("nothing of %s was sent again", from)
		}
	}
	t.Logf("%v sent again, %d moved money", tried, moved)
	h.Advance(t, 6*time.Minute)
	for i, r := range tap.heard {
		if room(r) != "eko" {
			continue
		}
		if w := tap.again(i); w.Code != http.StatusForbidden {
			t.Errorf("%s %s six minutes later: %d %s", r.Method, r.URL.Path, w.Code, w.Body)
		}
	}
	h.Audit(t)
}
