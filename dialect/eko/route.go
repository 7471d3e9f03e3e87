package eko

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"wapas/desk"
	"wapas/dialect"
)

// roots are what the vendor puts before the version: in its sandbox, and in
// production. Either leads to the book that the credential opens.
var roots = []string{"ekoapi", "ekoicici"}

// A request is what a handler is given: the caller is known. The parameters
// are read when they are asked for.
type request struct {
	*http.Request
	room    *room
	w       http.ResponseWriter
	version string
	parts   map[string]string // of the path, by their names in the route
	caller  desk.Caller
}

// book is the caller's.
func (q *request) book() desk.BookID { return q.caller.Book }

// classic says whether the caller speaks one of the older versions.
func (q *request) classic() bool { return q.version != "v3" }

// ServeHTTP refuses in this order: a path that no route has in this version
// (404), a method that its path has not (405), the credentials (403), the
// content type (415); then the handler reads the parameters and asks the desk.
func (r *room) ServeHTTP(w http.ResponseWriter, hr *http.Request) {
	q := &request{Request: hr, room: r, w: w}
	if w.Header().Get("X-Request-Id") == "" {
		w.Header().Set("X-Request-Id", desk.Letters(20))
	}
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler {
				panic(p)
			}
			q.panicked(p)
		}
	}()
	answer, err := r.serve(q)
	if err != nil {
		q.fail(err)
		return
	}
	q.write(http.StatusOK, answer)
}

func (r *room) serve(q *request) (any, error) {
	t, err := r.find(q)
	if err != nil {
		return nil, err
	}
	if q.caller, err = r.admit(q); err != nil {
		return nil, err
	}
	if !mayCall(q.caller, q.Method) {
		return nil, denial{"this credential may not do this"}
	}
	return t.handle(q)
}

// find is the route of a request. Paths are taken apart before they are
// decoded: clients write the colon of client_ref_id:… as it is or as %3A.
func (r *room) find(q *request) (route, error) {
	parts := strings.FieldsFunc(q.URL.EscapedPath(), func(c rune) bool { return c == '/' })
	for i, p := range parts {
		plain, err := url.PathUnescape(p)
		if err != nil || !dialect.IsText(plain) {
			return route{}, errNoRoute
		}
		parts[i] = plain
	}
	if len(parts) < 3 || !slices.Contains(roots, parts[0]) {
		return route{}, errNoRoute
	}
	q.version = parts[1]
	method := q.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	known := false
	for _, t := range r.table {
		if !hasWord(t.versions, q.version) || !q.match(t.path, parts[2:]) {
			continue
		}
		known = true
		if hasWord(t.methods, method) {
			q.Pattern = "/" + parts[0] + "/" + q.version + "/" + t.path // for the log and the metrics
			return t, nil
		}
	}
	if known {
		return route{}, errWrongMethod
	}
	return route{}, errNoRoute
}

// match says whether a path is a route's, and keeps the parts that have names.
func (q *request) match(path string, parts []string) bool {
	want := strings.Split(path, "/")
	if len(want) != len(parts) {
		return false
	}
	q.parts = nil
	for i, w := range want {
		switch name, named := strings.CutPrefix(w, "{"); {
		case named:
			if q.parts == nil {
				q.parts = make(map[string]string, 1)
			}
			q.parts[strings.TrimSuffix(name, "}")] = parts[i]
		case w != parts[i]:
			return false
		}
	}
	return true
}

// hasWord says whether a word is one of a text of words.
func hasWord(words, word string) bool { return slices.Contains(strings.Fields(words), word) }
