package native

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"wapas/desk"
	"wapas/ledger"
)

// Sixty-four identical requests at once have one effect; each hears it, or that
// it is under way.
func TestCrowd(t *testing.T) {
	h, c := openCaller(t)
	var p payment
	c.ask("POST", "/payments", `{"amount":49900}`, &p)
	body := `{"payment_id":"` + string(p.ID) + `","amount":10000}`
	statuses := make([]int, 64)
	ids := make([]desk.ID, 64)
	var wg sync.WaitGroup
	for i := range statuses {
		wg.Go(func() {
			r := httptest.NewRequest("POST", base+"/refunds", strings.NewReader(body))
			r.Header.Set("Authorization", "Bearer "+testToken)
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Idempotency-Key", "crowd")
			w := httptest.NewRecorder()
			c.room.ServeHTTP(w, r)
			var x refund
			json.Unmarshal(w.Body.Bytes(), &x)
			statuses[i], ids[i] = w.Code, x.ID
		})
	}
	wg.Wait()
	var one desk.ID
	for i, status := range statuses {
		switch {
		case status == http.StatusConflict:
		case status != http.StatusCreated || ids[i] == "" || one != "" && ids[i] != one:
			t.Errorf("one hears %d %s, another %s", status, ids[i], one)
		default:
			one = ids[i]
		}
	}
	var all page[refund]
	c.ask("GET", "/refunds", "", &all)
	if len(all.Items) != 1 || all.Items[0].ID != one {
		t.Errorf("there are %d refunds", len(all.Items))
	}
	h.Audit(t)
}

// A call for many that broke off half way does, when it is made again, what is
// left and nothing twice.
func TestBulkResumes(t *testing.T) {
	h, c := openCaller(t)
	var body strings.Builder
	body.WriteString(`{"items":[`)
	for i := range 40 {
		var p payment
		c.ask("POST", "/payments", `{"amount":1000}`, &p)
		if i > 0 {
			body.WriteByte(',')
		}
		fmt.Fprintf(&body, `{"payment_id":"%s"}`, p.ID)
	}
	body.WriteString("]}")
	// The first call dies behind item 9: the keys of those stand, and the call's.
	var in manyRefunds
	q := &request{room: &room{desk: h.Desk}, route: bulkRefunds()}
	q.caller, _ = h.Desk.Bearer(t.Context(), Room, []byte(testToken))
	q.Request = httptest.NewRequest("POST", base+"/bulk/refunds", strings.NewReader(body.String()))
	q.Request.Header.Set("Content-Type", "application/json")
	q.w = httptest.NewRecorder()
	bound, err := q.bind()
	if err != nil {
		t.Fatal(err)
	}
	in = bound.(manyRefunds)
	q.once.Key = "many"
	for i := range 10 {
		_, err := q.item(t.Context(), i, desk.KindRefund, func(i int) any { return in.Items[i] }, func(one *request, i int) (desk.Row, error) {
			return createRefund(one, in.Items[i])
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		var report refundReport
		c.ask("POST", "/bulk/refunds", body.String(), &report, "Idempotency-Key", "many")
		if report.Done != 40 || report.Refused != 0 {
			t.Fatalf("%d were made, %d refused", report.Done, report.Refused)
		}
	}
	all, err := desk.List[desk.Refund](t.Context(), h.Desk, desk.Query{Book: h.Book, Count: 1000})
	if err != nil || len(all) != 40 {
		t.Errorf("there are %d refunds (%v)", len(all), err)
	}
	h.Audit(t)
}

// An item that breaks something of ours is refused as our fault, alone.
func TestBulkPanic(t *testing.T) {
	h, _ := openCaller(t)
	q := &request{room: &room{desk: h.Desk}, route: bulkRefunds(), w: httptest.NewRecorder(), Request: httptest.NewRequest("POST", base+"/bulk/refunds", nil)}
	q.caller, _ = h.Desk.Bearer(t.Context(), Room, []byte(testToken))
	q.once.Key = "broken"
	said := make([]error, 6)
	q.apart(len(said), desk.KindRefund, func(i int) string { return strconv.Itoa(i % 2) }, func(i int) any { return i },
		func(one *request, i int) (desk.Row, error) {
			if i == 2 {
				panic("what nobody thought of")
			}
			return desk.Refund{}, nil
		},
		func(i int, _ desk.Row, err error) { said[i] = err })
	for i, err := range said {
		if (err != nil) != (i == 2) {
			t.Errorf("item %d: %v", i, err)
		}
	}
	if p := problemOf(said[2]); p.Code != string(ledger.Internal) || strings.Contains(p.Detail, "nobody thought of") {
		t.Errorf("the caller hears %+v", p)
	}
}

func bulkRefunds() *route {
	for _, t := range routes() {
		if t.id == "createRefunds" {
			return &t
		}
	}
	panic("there is no such route")
}

// The page and the document ask for nothing, hold every route, and answer 304.
func TestDocs(t *testing.T) {
	_, c := openCaller(t)
	get := func(path string, header ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", path, nil)
		for i := 0; i+1 < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		c.room.ServeHTTP(w, r)
		return w
	}
	docs := get("/docs")
	text := docs.Body.String()
	for _, r := range routes() {
		if !strings.Contains(text, `id="`+r.id+`"`) {
			t.Errorf("the page does not have %s", r.id)
		}
	}
	for _, c := range ledger.Codes {
		if !strings.Contains(text, `<tr id="`+string(c)+`">`) {
			t.Errorf("the page does not have the refusal %s", c)
		}
		if _, ok := verdicts[c]; !ok {
			t.Errorf("nobody knows how %s sounds", c)
		}
	}
	style := text[strings.Index(text, "<style>")+7 : strings.Index(text, "</style>")]
	sum := sha256.Sum256([]byte(style))
	if policy := docs.Header().Get("Content-Security-Policy"); !strings.Contains(policy, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") || !strings.Contains(policy, "default-src 'none'") {
		t.Errorf("the policy is %q", policy)
	}
	for _, word := range []string{"<script", "http://fonts", "src=", "@import", "ZgotmplZ"} {
		if strings.Contains(text, word) {
			t.Errorf("the page has %s", word)
		}
	}
	for _, path := range []string{"/docs", "/openapi.json"} {
		if w := get(path, "If-None-Match", get(path).Header().Get("ETag")); w.Code != http.StatusNotModified {
			t.Errorf("%s again: %d", path, w.Code)
		}
	}
}

// Every route has a noun, a summary, a name of its own and a scope that exists.
func TestRoutes(t *testing.T) {
	ids := map[string]bool{}
	for _, r := range routes() {
		if r.tag == "" || r.summary == "" || ids[r.id] {
			t.Errorf("%s %s: tag %q, summary %q, id %s", r.method, r.path, r.tag, r.summary, r.id)
		}
		ids[r.id] = true
		known := r.scope == anyScope
		for _, s := range scopes {
			known = known || s == r.scope
		}
		if !known || r.writes() && strings.HasSuffix(r.scope, ":read") {
			t.Errorf("%s needs the scope %q", r.id, r.scope)
		}
		for part := range strings.SplitSeq(r.path, "/") {
			name, ok := placeholder(part)
			if ok && !hasField(r.fields, name) {
				t.Errorf("%s does not read %s", r.id, name)
			}
		}
		if r.writes() && r.again == nil {
			t.Errorf("%s cannot be heard again", r.id)
		}
	}
	for _, r := range routes() {
		if r.method == http.MethodGet && r.writes() || r.method != http.MethodGet && !r.writes() {
			t.Errorf("%s is a %s", r.id, r.method)
		}
	}
}

func hasField(fields []field, name string) bool {
	for _, f := range fields {
		if f.name == name && f.place == inPath {
			return true
		}
	}
	return false
}

// What a credential may do: the noun's write implies its read, admin all.
func TestAllowed(t *testing.T) {
	for _, tt := range []struct {
		has, needs string
		ok         bool
	}{
		{"", refundWrite, true},
		{"refund:read", refundRead, true},
		{"refund:read", refundWrite, false},
		{"refund:write", refundRead, true},
		{"refund:write money:read", moneyRead, true},
		{"refund:write", moneyRead, false},
		{"admin", sandboxWrite, true},
		{"refund:write", adminScope, false},
		{"refund:write", anyScope, true},
	} {
		if ok := allowed(desk.Caller{Scopes: tt.has}, tt.needs); ok != tt.ok {
			t.Errorf("with %q, %s: %t", tt.has, tt.needs, ok)
		}
	}
}

// FuzzRequest sends bodies and queries that strangers write. Nothing of them is
// our fault.
func FuzzRequest(f *testing.F) {
	for _, s := range []string{
		`{"payment_id":"pay_00000000000000","amount":1e2}`, `{"amount":-0}`, `{"notes":{"a":"b"}}`, `{"member":{"contact":1}}`, `[]`, `{"a":`,
		`{"payment_id":null,"amount":9223372036854775808}`, `{"items":[null,{}]}`,
	} {
		f.Add(s, "limit=1&after=bGlzdA")
	}
	all := routes()
	r := &room{desk: &desk.Desk{}, routes: all}
	f.Fuzz(func(t *testing.T, body, query string) {
		if strings.ContainsAny(query, "\x00\n\r #") || !utf8.ValidString(query) {
			return
		}
		for i := range all {
			hr := httptest.NewRequest("POST", base+"/x", strings.NewReader(body))
			hr.URL.RawQuery = query
			hr.Header.Set("Content-Type", "application/json")
			q := &request{Request: hr, room: r, w: httptest.NewRecorder(), route: &all[i], parts: map[string]string{"no": query}}
			if _, err := q.bind(); err != nil && problemOf(err).Status >= 500 {
				t.Errorf("%s: %v", all[i].id, err)
			}
		}
	})
}
