package native

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// TestDocument holds the document against OpenAPI 3.1: its references, its
// parameters and its schemas.
func TestDocument(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromData(document(routes(), "test"))
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Error(err)
	}
	if n := doc.Paths.Len(); n < 60 {
		t.Errorf("the document has %d paths", n)
	}
}

// A conformer stands before the room in tests and holds every answer of the API
// against the document: its status, its content type and its shape. It counts
// what it has seen.
type conformer struct {
	t     *testing.T
	room  http.Handler
	tree  node
	shape *shapes
}

// shapes are the schemas of the document, compiled when they are first needed.
type shapes struct {
	mu       sync.Mutex
	compiler *jsonschema.Compiler
	known    map[string]*jsonschema.Schema
	seen     map[string]map[int]bool // statuses by operation
}

var documentShapes = sync.OnceValue(func() *shapes {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(document(routes(), "test")))
	if err != nil {
		panic(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	if err := c.AddResource("http://wapas.test/openapi.json", doc); err != nil {
		panic(err)
	}
	return &shapes{compiler: c, known: map[string]*jsonschema.Schema{}, seen: map[string]map[int]bool{}}
})

func conforming(t *testing.T, room http.Handler) *conformer {
	c := &conformer{t: t, room: room, shape: documentShapes()}
	all := routes()
	for i := range all {
		c.tree.add(&all[i])
	}
	return c
}

// schema is that of an answer of a route.
func (s *shapes) schema(t *route, status int) (*jsonschema.Schema, error) {
	at := fmt.Sprintf("#/paths/%s/%s/responses/%d/content/application~1json/schema",
		strings.ReplaceAll(t.path, "/", "~1"), strings.ToLower(t.method), status)
	at = strings.NewReplacer("{", "%7B", "}", "%7D").Replace(at)
	if status != t.status {
		at = "#/components/responses/Problem/content/application~1problem+json/schema"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen[t.id] == nil {
		s.seen[t.id] = map[int]bool{}
	}
	s.seen[t.id][status] = true
	if s.known[at] == nil {
		compiled, err := s.compiler.Compile("http://wapas.test/openapi.json" + at)
		if err != nil {
			return nil, err
		}
		s.known[at] = compiled
	}
	return s.known[at], nil
}

func (c *conformer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rec := httptest.NewRecorder()
	rec.Header().Set("X-Request-Id", "req")
	c.room.ServeHTTP(rec, r)
	c.check(r, rec)
	for name, vals := range rec.Header() {
		w.Header()[name] = vals
	}
	w.WriteHeader(rec.Code)
	w.Write(rec.Body.Bytes())
}

// check holds one answer against the document.
func (c *conformer) check(r *http.Request, rec *httptest.ResponseRecorder) {
	c.t.Helper()
	where := fmt.Sprintf("%s %s: %d", r.Method, r.URL, rec.Code)
	if rec.Header().Get("X-Request-Id") == "" {
		c.t.Errorf("%s: no X-Request-Id", where)
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	n := c.tree.at(r.URL, map[string]string{})
	if n == nil || n.by[method] == nil || rec.Code == http.StatusNotModified || r.Method == http.MethodHead {
		return
	}
	t := n.by[method]
	want := "application/json"
	if rec.Code == t.status && t.media != nil {
		if got := rec.Header().Get("Content-Type"); !slices.Contains(t.media, got) {
			c.t.Errorf("%s: Content-Type %q, want one of %v", where, got, t.media)
		}
		return
	}
	if rec.Code != t.status {
		want = "application/problem+json"
	}
	if got := rec.Header().Get("Content-Type"); got != want {
		c.t.Errorf("%s: Content-Type %q, want %q", where, got, want)
	}
	schema, err := c.shape.schema(t, rec.Code)
	if err != nil {
		c.t.Fatalf("%s: %v", where, err)
	}
	body, err := jsonschema.UnmarshalJSON(bytes.NewReader(rec.Body.Bytes()))
	if err != nil {
		c.t.Fatalf("%s: %v in %s", where, err, rec.Body)
	}
	if err := schema.Validate(body); err != nil {
		c.t.Errorf("%s: the answer is not what the document says: %v\n%s", where, err, rec.Body)
	}
	if rec.Code != t.status {
		var p problem
		if err := json.Unmarshal(rec.Body.Bytes(), &p); err != nil || p.Status != rec.Code {
			c.t.Errorf("%s: the problem says %d (%v)", where, p.Status, err)
		}
	}
}

// A caller of the API in tests.
type caller struct {
	t     *testing.T
	room  http.Handler
	token string
	keys  int
}

// ask sends a request with a key of its own, and reads the answer into out.
func (c *caller) ask(method, path, body string, out any, header ...string) *httptest.ResponseRecorder {
	c.t.Helper()
	var send io.Reader
	if body != "" {
		send = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, "http://wapas.test"+base+path, send)
	r.Header.Set("Authorization", "Bearer "+c.token)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if method != http.MethodGet {
		c.keys++
		r.Header.Set("Idempotency-Key", "key-"+strconv.Itoa(c.keys))
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	c.room.ServeHTTP(w, r)
	if out != nil {
		if w.Code >= 300 {
			c.t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
		}
		if err := json.Unmarshal(w.Body.Bytes(), out); err != nil {
			c.t.Fatalf("%s %s: %v in %s", method, path, err, w.Body)
		}
	}
	return w
}

// Answers are read back in tests only.
func (m *moment) UnmarshalJSON(b []byte) error {
	at, err := time.Parse(`"`+time.RFC3339Nano+`"`, string(b))
	*m = moment(at.UnixMicro())
	return err
}

func (l *labels) UnmarshalJSON(b []byte) error { *l = labels(b); return nil }
