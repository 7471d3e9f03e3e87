package phonepe

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"

	"wapas/desk"
	"wapas/dialect"
	"wapas/ledger"
)

// A request is what a handler is given: the caller is known, and what was
// signed was verified.
type request struct {
	*http.Request
	room *room
	w    http.ResponseWriter
	gen  generation
	// path is the path as it is signed: without the vendor's prefix, the query
	// and a slash at the end.
	path   string
	ids    map[string]string
	caller desk.Caller
	// merchant is the merchant id that the caller showed, and index that of the
	// salt that it signed with: callbacks are signed with it too.
	merchant, index string
	// body is the payload of a signed request: what was inside the base64, or
	// the plain body of generation 0.
	body sheet
}

// book is the caller's.
func (q *request) book() desk.BookID { return q.caller.Book }

// id is the part of the path under its name in the route.
func (q *request) id(name string) string { return q.ids[name] }

// link is the address of a path of this room, for callers to follow.
func (q *request) link(path string) string {
	if q.room.cfg.Host != "" {
		return strings.TrimSuffix(q.room.cfg.Host, "/") + path
	}
	scheme := "http"
	if q.TLS != nil || q.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	return scheme + "://" + q.Host + "/" + Room + path
}

// split takes a path apart, leaving out what is empty.
func split(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
}

// signedPath is a path as it is signed.
func signedPath(path string) string {
	path = "/" + strings.Join(split(path), "/")
	for _, p := range prefixes {
		if rest, ok := strings.CutPrefix(path, p); ok && (rest == "" || rest[0] == '/') {
			return rest
		}
	}
	return path
}

// find is the route of a path, with the ids in it. Known says whether the path
// is there under another method.
func (r *room) find(method, path string) (t route, ids map[string]string, known bool) {
	parts := split(path)
	best := -1
	for _, c := range r.table {
		found, literal, ok := c.match(parts)
		if !ok {
			continue
		}
		known = true
		if c.method == method && literal > best {
			t, ids, best = c, found, literal
		}
	}
	return t, ids, known
}

// match takes the ids of a path from it, if it is this route's, and counts the
// parts that are the same.
func (t route) match(parts []string) (ids map[string]string, literal int, ok bool) {
	want := split(t.path)
	if len(want) != len(parts) {
		return nil, 0, false
	}
	ids = map[string]string{}
	for i, w := range want {
		switch {
		case w[0] == '{':
			ids[w[1:len(w)-1]] = parts[i]
		case w == parts[i]:
			literal++
		default:
			return nil, 0, false
		}
	}
	return ids, literal, true
}

// ServeHTTP refuses in this order: a path that no route has, a method that its
// path has not, a body that cannot be read, the caller; then the handler reads
// the payload and asks the desk.
func (r *room) ServeHTTP(w http.ResponseWriter, hr *http.Request) {
	q := &request{Request: hr, room: r, w: w, path: signedPath(hr.URL.Path), gen: g1}
	if strings.HasPrefix(q.path, "/pg/v1/") {
		q.gen = g2
	} else if i := slices.IndexFunc(v2Roots, func(root string) bool { return strings.HasPrefix(q.path, root) }); i >= 0 {
		q.gen = g3
	}
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler {
				panic(p)
			}
			q.fail(fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	answer, err := r.serve(q)
	if err != nil {
		q.fail(err)
		return
	}
	q.write(answer)
}

// v2Roots are where the newest generation lives, for what is refused before a
// route is known.
var v2Roots = []string{"/checkout/v2/", "/payments/v2/", "/subscriptions/v2/", "/v1/oauth/"}

func (r *room) serve(q *request) (any, error) {
	method := q.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	t, ids, known := r.find(method, q.path)
	switch {
	case !known || !dialect.IsText(q.path):
		return nil, errNoRoute
	case t.handle == nil:
		return nil, errWrongMethod
	}
	q.gen, q.ids = t.gen, ids
	q.Pattern = t.path // for the log and the metrics
	if err := r.admit(q, t.door); err != nil {
		return nil, err
	}
	if t.door != open && !mayCall(q.caller, t) {
		return nil, ledger.Refuse(ledger.Denied, whyScope, "")
	}
	return t.handle(q)
}
