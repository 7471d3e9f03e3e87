// Package engage is the room that speaks the Razorpay Engage API: a customer's
// wallet is credited with the value of a refund. It promises the paths, the
// shapes and the refusals of the one page that is published about it. What the
// credit is, and what becomes of it, the desk decides; the README says where we
// knowingly differ.
package engage

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"wapas/desk"
	"wapas/dialect"
)

// Room is this room's name in the register of credentials.
const Room = "engage"

// A Config is what an operator may choose about the room. Nothing, so far.
type Config struct{}

// New speaks the Engage API at the desk.
func New(d *desk.Desk, _ Config) http.Handler {
	r := &room{desk: d}
	r.routes = map[string]route{
		"/issuinghq/v3/engage/transactions/credit":      {http.MethodPost, r.credit(desk.Live)},
		"/issuinghq/test/v3/engage/transactions/credit": {http.MethodPost, r.credit(desk.Test)},
		"/token": {http.MethodPost, r.token},
	}
	return r
}

// A room holds no state: what happens, happens at the desk.
type room struct {
	desk   *desk.Desk
	routes map[string]route // by path
}

// Routes are all that the room answers, each a method, a blank and a path, for
// who must not forget one.
func (r *room) Routes() (all []string) {
	for path, t := range r.routes {
		all = append(all, t.method+" "+path)
	}
	slices.Sort(all)
	return all
}

// A route is one line of the API.
type route struct {
	method string
	handle handler
}

// A handler answers one request: what is to be written as JSON, or why not.
type handler func(q *request) (any, error)

// A request is what a handler is given.
type request struct {
	*http.Request
	w http.ResponseWriter
}

// ServeHTTP refuses a path that no route has, then a method that its path has
// not. Slashes twice or at the end mean nothing, and nothing is redirected.
func (r *room) ServeHTTP(w http.ResponseWriter, hr *http.Request) {
	if w.Header().Get("X-Request-Id") == "" {
		w.Header().Set("X-Request-Id", desk.Letters(20))
	}
	q := &request{hr, w}
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler {
				panic(p)
			}
			r.fail(q, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	answer, err := r.serve(q)
	if err != nil {
		r.fail(q, err)
		return
	}
	body, err := dialect.Encode(answer)
	if err != nil {
		r.fail(q, err)
		return
	}
	q.send(http.StatusOK, body)
}

func (r *room) serve(q *request) (any, error) {
	path := "/" + strings.Join(strings.FieldsFunc(q.URL.Path, func(c rune) bool { return c == '/' }), "/")
	t, ok := r.routes[path]
	switch {
	case !ok:
		return nil, errNoRoute
	case q.Method != t.method:
		return nil, errWrongMethod
	}
	q.Pattern = path // for the log and the metrics
	return t.handle(q)
}

func (q *request) send(status int, body []byte) {
	h := q.w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	q.w.WriteHeader(status)
	q.w.Write(body)
}
