package razorpay

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"wapas/desk"
	"wapas/dialecttest"
)

// The official clients are run against the real room over HTTP, unmodified but
// for the base URL. A service is that room with what else a test needs: POST
// /test/advance/3s moves the clock, POST /test/settle settles the merchant as an
// operator would, and it remembers which routes were answered with 200.
type service struct {
	URL string

	mu  sync.Mutex
	hit map[string]bool // "GET /v1/payments/{pay}"
}

func serve(t *testing.T) *service {
	h := dialecttest.Open(t)
	room := openRoom(t, h).Handler
	terms := desk.DefaultTerms()
	terms.AllowPayout = true
	if _, err := h.Desk.SetTerms(t.Context(), h.Book, terms); err != nil {
		t.Fatal(err)
	}
	s := &service{hit: map[string]bool{}}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if wait, ok := strings.CutPrefix(r.URL.Path, "/test/advance/"); ok {
			d, err := time.ParseDuration(wait)
			if err != nil {
				http.Error(w, err.Error(), 400)
				return
			}
			h.Advance(t, d)
			return
		}
		if r.URL.Path == "/test/settle" {
			if _, err := h.Desk.Settle(r.Context(), h.Book, ""); err != nil {
				http.Error(w, err.Error(), 400)
			}
			return
		}
		rec := &statusOnly{ResponseWriter: w, status: 200}
		room.ServeHTTP(rec, r)
		if rec.status == 200 {
			s.mu.Lock()
			s.hit[r.Method+" "+r.Pattern] = true
			s.mu.Unlock()
		}
	}))
	t.Cleanup(func() {
		srv.Close()
		h.Audit(t)
	})
	s.URL = srv.URL
	return s
}

type statusOnly struct {
	http.ResponseWriter
	status int
}

func (w *statusOnly) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// missed are the routes of the room that a client can call and did not: all
// but those that no client has a method for.
func (s *service) missed(without ...string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for _, t := range (&room{}).routes() {
		at := t.method + " " + t.path
		skip := s.hit[at]
		for _, w := range without {
			skip = skip || at == w
		}
		if !skip {
			all = append(all, at)
		}
	}
	return all
}

// look follows a path like "items.0.id" into a decoded answer.
func look(v any, path string) (any, bool) {
	for part := range strings.SplitSeq(path, ".") {
		switch in := v.(type) {
		case map[string]any:
			next, ok := in[part]
			if !ok {
				return nil, false
			}
			v = next
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i >= len(in) {
				return nil, false
			}
			v = in[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// same compares a decoded value with a Go one: numbers by value, and anything
// with any.
func same(got, want any) bool {
	switch want := want.(type) {
	case int:
		return got == float64(want)
	case anyOf:
		s, ok := got.(string)
		return ok && strings.HasPrefix(s, string(want))
	}
	return fmt.Sprint(got) == fmt.Sprint(want)
}

// anyOf stands for any text with this prefix, such as an id of one sort.
type anyOf string
