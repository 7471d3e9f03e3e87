package native

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"

	"wapas/desk"
	"wapas/dialect"
	"wapas/ledger"
)

// A request is what a handler is given: the caller is known and may do this.
type request struct {
	*http.Request
	room   *room
	w      http.ResponseWriter
	route  *route
	caller desk.Caller
	parts  map[string]string // of the path, by their names
	once   desk.Once         // of the Idempotency-Key; empty without one
}

// book is the caller's; desk is the room's.
func (q *request) book() desk.BookID { return q.caller.Book }
func (q *request) desk() *desk.Desk  { return q.room.desk }

// ServeHTTP refuses in this order: a path that no route has, a method that its
// path has not, the credentials, their scopes, what a live book does not do,
// the Idempotency-Key, the request; then the handler asks the desk.
func (r *room) ServeHTTP(w http.ResponseWriter, hr *http.Request) {
	q := &request{Request: hr, room: r, w: w, parts: map[string]string{}}
	if w.Header().Get("X-Request-Id") == "" {
		w.Header().Set("X-Request-Id", desk.Letters(20))
	}
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler {
				panic(p)
			}
			q.fail(fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	if q.page() {
		return
	}
	out, err := q.serve()
	if err != nil {
		q.fail(err)
		return
	}
	if f, ok := out.(file); ok {
		q.stream(f)
		return
	}
	body, err := dialect.Encode(out)
	if err != nil {
		q.fail(err)
		return
	}
	q.send(q.route.status, "application/json", body)
}

// page answers what is no part of the API: the document and the page for
// people.
func (q *request) page() bool {
	if q.URL.Path != "/openapi.json" && q.URL.Path != "/docs" {
		return false
	}
	hr := q.Request
	hr.Pattern = q.URL.Path
	if q.Method != http.MethodGet && q.Method != http.MethodHead {
		q.w.Header().Set("Allow", "GET, HEAD")
		q.fail(ledger.Refuse(ledger.Invalid, whyMethod, "only GET and HEAD here"))
		return true
	}
	if q.URL.Path == "/docs" {
		page := q.room.docs()
		q.w.Header().Set("Content-Security-Policy", page.policy)
		q.send(http.StatusOK, "text/html; charset=utf-8", page.html)
		return true
	}
	q.send(http.StatusOK, "application/json", q.room.openapi())
	return true
}

func (q *request) serve() (any, error) {
	n, ok := q.room.tree.at(q.URL, q.parts), false
	if n == nil {
		return nil, ledger.Refuse(ledger.NotFound, whyNoRoute, "%s is not here", dialect.Shorten(q.URL.Path, 100))
	}
	method := q.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	if q.route, ok = n.by[method]; !ok {
		q.w.Header().Set("Allow", n.methods())
		return nil, ledger.Refuse(ledger.Invalid, whyMethod, "%s has %s", q.URL.Path, n.methods())
	}
	q.Pattern = base + q.route.path // for the log and the metrics
	if err := q.admit(); err != nil {
		return nil, err
	}
	if err := q.readKey(); err != nil {
		return nil, err
	}
	in, err := q.bind()
	if err != nil {
		return nil, err
	}
	q.acting()
	return q.ask(in)
}

// ask asks the desk, once for a key.
func (q *request) ask(in any) (any, error) {
	if q.once.Key == "" {
		return q.route.handle(q, in)
	}
	q.once.Scope, q.once.Digest, q.once.Busy = "native", desk.Digest(q.Method, q.URL.Path, in), true
	ctx, end, err := q.desk().Under(q.Context(), q.book(), q.once, q.route.answer)
	if err != nil {
		return nil, err
	}
	defer end()
	pattern := q.Pattern
	hr := q.Request
	q.Request = q.WithContext(ctx)
	defer func() { q.Request = hr; hr.Pattern = pattern }()
	out, err := q.route.handle(q, in)
	replay, again := desk.IsReplay(err)
	if !again {
		return out, err
	}
	q.w.Header().Set("Idempotent-Replayed", "true")
	if replay.Refusal != nil {
		return nil, replay.Refusal
	}
	q.Request = q.WithContext(desk.Alone(ctx)) // the key has had its say
	return q.route.again(q, in, replay.Rows)
}

// readKey reads Idempotency-Key. Reads have none.
func (q *request) readKey() error {
	if !q.route.writes() {
		return nil
	}
	vals := q.Header.Values("Idempotency-Key")
	switch {
	case len(vals) == 0 && q.route.key == requiredKey:
		return ledger.Refuse(ledger.Invalid, whyKeyNeeded, "what moves money needs an Idempotency-Key").In("Idempotency-Key")
	case len(vals) == 0:
		return nil
	}
	key := vals[0]
	outside := func(c rune) bool { return c <= ' ' || c > '~' }
	if len(vals) > 1 || key == "" || len(key) > 255 || strings.ContainsFunc(key, outside) {
		return ledger.Refuse(ledger.Invalid, whyKeyForm, "an Idempotency-Key has 1 to 255 visible ASCII characters").In("Idempotency-Key")
	}
	q.once.Key = key
	return nil
}

// send writes an answer. One that was read and has not changed since is not
// sent again.
func (q *request) send(status int, contentType string, body []byte) {
	h := q.w.Header()
	if status == http.StatusOK && (q.Method == http.MethodGet || q.Method == http.MethodHead) {
		sum := sha256.Sum256(body)
		tag := `"` + hex.EncodeToString(sum[:12]) + `"`
		h.Set("ETag", tag)
		h.Set("Cache-Control", "private, no-cache")
		if matches(q.Header.Get("If-None-Match"), tag) {
			q.w.WriteHeader(http.StatusNotModified)
			return
		}
	} else {
		h.Set("Cache-Control", "no-store")
	}
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	q.w.WriteHeader(status)
	if q.Method != http.MethodHead {
		q.w.Write(body)
	}
}

// matches says whether If-None-Match names a tag. Weak tags compare alike.
func matches(header, tag string) bool {
	for one := range strings.SplitSeq(header, ",") {
		one = strings.TrimPrefix(strings.TrimSpace(one), "W/")
		if one == tag || one == "*" {
			return true
		}
	}
	return false
}

// A listing is what every list takes.
type listing struct {
	Limit int    `query:"limit" min:"1" max:"100" doc:"How many items at most: 1 to 100; 20 if it is not said." eg:"20"`
	After string `query:"after" len:"400" doc:"What next said in the answer before: the items behind those."`
}

const defaultLimit = 20

// A page is part of a list.
type page[T any] struct {
	Items []T    `json:"items" doc:"In the order of the list."`
	Next  string `json:"next,omitempty" doc:"Give this as after to hear what follows; left out at the end of the list."`
}

// query is a page of the list asked for. It asks for one row more than are
// shown, to know whether there is more.
func (q *request) query(l listing) (desk.Query, error) {
	if l.Limit == 0 {
		l.Limit = defaultLimit
	}
	after, err := q.after(l)
	return desk.Query{Book: q.book(), Count: l.Limit + 1, After: after}, err
}

// after opens a cursor: it is good for the list that it came from.
func (q *request) after(l listing) (string, error) {
	if l.After == "" {
		return "", nil
	}
	open, err := base64.RawURLEncoding.DecodeString(l.After)
	after, ok := strings.CutPrefix(string(open), q.route.id+" ")
	if err != nil || !ok || after == "" || !dialect.IsText(after) {
		return "", errCursor
	}
	return after, nil
}

var errCursor = ledger.Refuse(ledger.Invalid, whyCursor, "after is what next said in this list's answer before").In("after")

// numbered is query for a list whose cursors are whole numbers: of a position,
// or of how many come before.
func (q *request) numbered(l listing) (desk.Query, error) {
	p, err := q.query(l)
	if err == nil && (strings.Trim(p.After, "0123456789") != "" || len(p.After) > 18) {
		err = errCursor
	}
	return p, err
}

// cursor is what next says: it is good for this list only.
func (q *request) cursor(at string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(q.route.id + " " + at))
}

// paged shows rows as a page: at is what the cursor behind a row says.
func paged[R, T any](q *request, p desk.Query, rows []R, at func(R) string, show func(R) T) page[T] {
	out := page[T]{Items: make([]T, 0, len(rows))}
	if len(rows) >= p.Count {
		rows = rows[:p.Count-1]
		out.Next = q.cursor(at(rows[len(rows)-1]))
	}
	for _, r := range rows {
		out.Items = append(out.Items, show(r))
	}
	return out
}

// list is a page of rows of a kind.
func list[R desk.Row, T any](q *request, l listing, with func(p *desk.Query), show func(R) T) (page[T], error) {
	p, err := q.query(l)
	if err != nil {
		return page[T]{}, err
	}
	if with != nil {
		with(&p)
	}
	rows, err := desk.List[R](q.Context(), q.desk(), p)
	if err != nil {
		return page[T]{}, err
	}
	return paged(q, p, rows, func(r R) string { return string(r.RowID()) }, show), nil
}
