package server_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"wapas/console"
	"wapas/desk"
	"wapas/dialecttest"
)

// A plan is a request of a flood before it is signed: where to, the path with
// its query, and the body as JSON or as a form.
type plan struct {
	room, route  string
	method, path string
	body         string
	kind         string // "valid", "near" or "hostile"
	how          string // what was done to a valid request
	astray       bool   // the path may have become another room's
	after        func(r *http.Request)
}

// An attack is a request of a flood as it goes out.
type attack struct {
	plan
	worker, n int
	r         *http.Request
	sent      []byte // the first of its body
	wire      *wire  // how it goes over a connection; nil if the handler is called
}

// String is the request such that a person can send it again.
func (a *attack) String() string {
	var b bytes.Buffer
	fmt.Fprintf(&b, "worker %d, request %d (%s %s: %s): %s %s\n", a.worker, a.n, a.kind, a.room, a.how, a.r.Method, a.r.URL.RequestURI())
	for _, name := range slices.Sorted(keysOf(a.r.Header)) {
		for _, v := range a.r.Header[name] {
			fmt.Fprintf(&b, "  %s: %.300q\n", name, v)
		}
	}
	fmt.Fprintf(&b, "  %.3000q", a.sent)
	return b.String()
}

func keysOf[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// A worker is one of the flood's callers: a merchant of its own, so that what
// its book says before and after a request is that request's doing.
type worker struct {
	f    *flood
	no   int
	n    int // the request it is at
	g    *rand.Rand
	who  *tenant
	mine *strings.Replacer // its credentials where a sample has those of A
	vars map[string]string
	ids  []string // what vars names, and what was made since
	// what the console's pages lead to, by their path without ids
	links    map[string][]string
	forms    map[string][]form
	merchant desk.ID
	was      desk.Book // before the request it is at
	session  string
	until    int    // which number this merchant is called
	last     string // the request before, in short
	had      int    // merchants so far
	shut     bool   // its credentials are not good any more
	entered  int    // people who came in to the console
}

// next is the next request of the worker's: what it is depends on the seed, the
// worker, its number, and the answers before it.
func (w *worker) next() *attack {
	w.g = rand.New(rand.NewPCG(w.f.seed, uint64(w.no)<<40|uint64(w.n)))
	p := w.valid()
	switch kind := w.g.IntN(100); {
	case w.turn() < len(w.f.routes): // each route once as it should be asked
	case kind < 30:
	case kind < 85:
		w.change(&p, "near", mutations)
	default:
		w.change(&p, "hostile", hostilities)
	}
	return w.made(p)
}

// change does one of some things to a request.
func (w *worker) change(p *plan, kind string, all []mutation) {
	m := all[w.g.IntN(len(all))]
	for m.body && p.method == "GET" && w.g.IntN(20) > 0 { // which few read
		m = all[w.g.IntN(len(all))]
	}
	p.kind, p.how = kind, m.name
	m.do(w, p)
}

// turn is the request's number among those of all workers.
func (w *worker) turn() int { return w.n*w.f.workers + w.no }

// made signs a plan.
func (w *worker) made(p plan) *attack {
	a := &attack{plan: p, worker: w.no, n: w.n}
	a.r = w.signed(&p)
	a.sent, _ = io.ReadAll(a.r.Body)
	a.r.Body = io.NopCloser(bytes.NewReader(a.sent))
	if named := strings.Contains(p.path, "/transact/"); p.room != "console" && p.room != "own" && (named || w.g.IntN(8) == 0) { // the name is not signed
		a.r.URL.Path = "/" + p.room + a.r.URL.Path
		if a.r.URL.RawPath != "" {
			a.r.URL.RawPath = "/" + p.room + a.r.URL.RawPath
		}
	}
	a.r.RemoteAddr = fmt.Sprintf("203.0.113.%d:4711", w.no+1)
	switch {
	case p.after != nil:
		p.after(a.r)
	case p.kind != "valid" && w.g.IntN(60) == 0:
		w.wired(a)
	}
	return a
}

func (w *worker) signed(p *plan) *http.Request {
	path := p.path
	if _, err := url.ParseRequestURI(path); err != nil || !strings.HasPrefix(path, "/") || strings.ContainsAny(path, " #") {
		path = "/" + url.PathEscape(path)
	}
	if p.room == "console" {
		r := httptest.NewRequest("GET", path, strings.NewReader(p.body))
		r.Method = p.method
		if p.method == "POST" {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		r.AddCookie(&http.Cookie{Name: "wapas_session", Value: w.session})
		return r
	}
	r := w.who.request(w.f.house, p.room, "GET", path, p.body)
	if p.method != "GET" {
		r = w.who.request(w.f.house, p.room, "POST", path, p.body)
	}
	if r.Method = p.method; p.room == "native" && p.method != "GET" {
		r.Header.Set("Idempotency-Key", fmt.Sprintf("%x", sha256.Sum256([]byte(p.method+p.path+p.body))))
	}
	return r
}

// rooms are where requests go, each as often as it is named.
var rooms = strings.Fields("razorpay razorpay razorpay razorpay native native native native phonepe phonepe phonepe phonepe eko eko engage console console own")

// valid is a request as it should be: of the first ones each route's, in their
// order; then any.
func (w *worker) valid() plan {
	x := w.f.routes[min(w.turn(), len(w.f.routes)-1)]
	if w.turn() >= len(w.f.routes) {
		of := w.f.byRoom[rooms[w.g.IntN(len(rooms))]]
		x = of[w.g.IntN(len(of))]
	}
	method, path, _ := strings.Cut(x.route, " ")
	p := plan{room: x.room, route: x.route, method: method, kind: "valid"}
	switch x.room {
	case "console":
		w.page(&p, path)
		return p
	case "own":
		p.path = path
		return p
	}
	p.path, _ = fill(w.f.t, w.vars, x.room, path)
	p.path += queries[x.route]
	if method == "GET" {
		w.ask(&p)
		return p
	}
	if p.body = w.f.sample(x.route); p.body == "" || w.g.IntN(4) == 0 {
		if op := w.f.native[x.route]; op != nil && op.schema != nil {
			made, _ := json.Marshal(w.f.instance(w, op.schema, 0))
			p.body = string(made)
		}
	}
	switch {
	case x.route == "POST /v1/oauth/token":
		p.body = "client_id=" + w.who.letter + "&client_version=1&client_secret=phonepe+secret+" + w.who.letter + "&grant_type=client_credentials"
		p.after = header("Content-Type", "application/x-www-form-urlencoded")
	case p.body == "" && strings.Contains(x.route, "/v3/charge/"): // a POST that has none
	case p.body == "" && x.room == "phonepe":
		p.body = `{"merchantId":"{phonepe.m}","transactionId":"X1"}`
	case p.body == "":
		p.body = "{}"
	}
	p.body = w.anew(fillBody(w.vars, w.mine.Replace(p.body)))
	return p
}

// sample is a body for a route: its own, or that of one that is like it.
func (f *flood) sample(route string) string {
	if body := f.bodies[route]; body != "" || !strings.Contains(route, "/ekoapi/") {
		return body
	}
	alike := strings.NewReplacer("PUT ", "POST ", "/v1/", "/v2/", "ppi-digikhata", "ppi", "ppi-levin", "ppi", "dmt-fino", "ppi", "dmt-levin", "ppi", "dmt-airtel", "ppi")
	if route = alike.Replace(route); strings.Contains(route, "activate") {
		route = "PUT /ekoapi/v1/user/service/activate"
	}
	if strings.HasSuffix(route, "/refund") { // of the older versions
		route = "POST /ekoapi/v3/customer/payment/refund/{tid}"
	}
	if strings.HasSuffix(route, "{tid}/otp") {
		route = "POST /ekoapi/v2/transactions/{tid}/refund/otp"
	}
	return f.bodies[route]
}

// labels are the fields whose values a caller makes up, one for each request.
var labels = regexp.MustCompile(`"(transactionId|merchantTransactionId|merchantOrderId|merchantRefundId|reference|reference_id|client_ref_id|receipt|order)":"([A-Za-z0-9-]{2,12})"`)

// anew gives a body labels that were not used before, mostly, and amounts of
// many sizes.
func (w *worker) anew(body string) string {
	if w.g.IntN(10) > 0 {
		body = labels.ReplaceAllString(body, fmt.Sprintf(`"$1":"${2}%d"`, w.n))
	}
	if w.g.IntN(4) > 0 { // who was sent no OTP a moment ago
		body = strings.Replace(body, "9123456789", fmt.Sprintf("91234%05d", w.n%100_000), 1)
	}
	if w.g.IntN(3) == 0 {
		body = strings.Replace(body, `"amount":1`, fmt.Sprintf(`"amount":%d`, 1+w.g.IntN(9)), 1)
	}
	return body
}

// ask gives a read a query, sometimes.
func (w *worker) ask(p *plan) {
	var pairs []string
	if p.room == "eko" {
		pairs = []string{"initiator_id=" + initiator, "user_code=20810200"}
	}
	if w.g.IntN(2) == 0 {
		if op := w.f.native[p.route]; op != nil {
			for _, q := range op.query {
				if q.Name == "after" || q.Name == "wait" && w.g.IntN(200) > 0 { // which nobody makes up, and which takes its time
					continue
				}
				if w.g.IntN(len(op.query)+1) == 0 {
					made := fmt.Sprint(w.f.instance(w, q.Schema, 0))
					pairs = append(pairs, q.Name+"="+url.QueryEscape(made))
				}
			}
		} else if p.room == "razorpay" {
			pairs = append(pairs, []string{"count=5", "skip=1", "from=1700000000", "to=1800000000", "expand[]=transfers", "count=100&skip=3"}[w.g.IntN(6)])
		}
	}
	if len(pairs) > 0 {
		sep := "?"
		if strings.Contains(p.path, "?") {
			sep = "&"
		}
		p.path += sep + strings.Join(pairs, "&")
	}
}

// An operation is what the OpenAPI document says of a route of our own API.
type operation struct {
	query  []parameter
	schema map[string]any // of the body
}

type parameter struct {
	Name, In string
	Schema   map[string]any
}

// readDocument learns the routes of our own API from what it publishes.
func (f *flood) readDocument(data []byte) error {
	var doc struct {
		Paths map[string]map[string]struct {
			Parameters  []parameter
			RequestBody struct {
				Content map[string]struct{ Schema map[string]any }
			}
		}
		Components struct{ Schemas map[string]map[string]any }
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		return err
	}
	f.schemas = doc.Components.Schemas
	f.native = map[string]*operation{}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			o := &operation{schema: op.RequestBody.Content["application/json"].Schema}
			for _, q := range op.Parameters {
				if q.In == "query" {
					o.query = append(o.query, q)
				}
			}
			f.native[strings.ToUpper(method)+" /api/v1"+path] = o
		}
	}
	return nil
}

// instance is something of a schema's shape, whatever it says.
func (f *flood) instance(w *worker, s map[string]any, depth int) any {
	if ref, ok := s["$ref"].(string); ok {
		return f.instance(w, f.schemas[ref[strings.LastIndexByte(ref, '/')+1:]], depth+1)
	}
	if all, ok := s["allOf"].([]any); ok {
		return f.instance(w, all[0].(map[string]any), depth)
	}
	if eg, ok := s["examples"].([]any); ok && w.g.IntN(2) == 0 {
		return eg[0]
	}
	if enum, ok := s["enum"].([]any); ok {
		return enum[w.g.IntN(len(enum))]
	}
	switch s["type"] {
	case "object":
		out := map[string]any{}
		must, _ := s["required"].([]any)
		props, _ := s["properties"].(map[string]any)
		for _, name := range slices.Sorted(keysOf(props)) {
			if depth < 6 && (slices.Contains(must, any(name)) || w.g.IntN(3) == 0) {
				out[name] = f.instance(w, props[name].(map[string]any), depth+1)
			}
		}
		return out
	case "array":
		out := []any{}
		for range w.g.IntN(3) {
			out = append(out, f.instance(w, s["items"].(map[string]any), depth+1))
		}
		return out
	case "boolean":
		return w.g.IntN(8) > 0
	case "integer":
		if most, ok := s["maximum"].(float64); ok && most < 100 {
			return 1 + w.g.IntN(int(most))
		}
		return 1 + w.g.IntN(100)
	}
	if s["format"] == "date-time" {
		return "2026-01-31T18:30:00Z"
	}
	return w.word()
}

// word is a text that may mean something here.
func (w *worker) word() string {
	if w.g.IntN(2) == 0 && len(w.ids) > 0 {
		return w.ids[w.g.IntN(len(w.ids))]
	}
	return []string{"a", "1", "2026-01-31", "+919876500004", "a@example.in", "UTR1", "2010", "123456", "https://shop.example/", "INR", "done"}[w.g.IntN(11)]
}

// A form is what a page of the console sends: its fields with their values.
type form struct {
	action string
	fields url.Values
	parts  bool // it carries files
}

var (
	linkTag  = regexp.MustCompile(`href="(/console/[^"#]*)"`)
	formTag  = regexp.MustCompile(`(?s)<form([^>]*)>(.*?)</form>`)
	fieldTag = regexp.MustCompile(`<(?:input|textarea|select|button)\b([^>]*)>`)
	attr     = regexp.MustCompile(`([a-z]+)(?:="([^"]*)")?`)
	anID     = regexp.MustCompile(`[a-z_]+_[0-9A-Za-z]{14}|[0-9]+`)
)

func attributes(text string) map[string]string {
	all := map[string]string{}
	for _, m := range attr.FindAllStringSubmatch(text, -1) {
		all[m[1]] = unescaped.Replace(m[2])
	}
	return all
}

var unescaped = strings.NewReplacer("&#43;", "+", "&amp;", "&", "&#34;", `"`, "&#39;", "'", "&lt;", "<", "&gt;", ">")

// learn follows what a page of the console leads to.
func (w *worker) learn(body string) {
	keep := func(in map[string][]string, key, val string) {
		if have := in[key]; len(have) < 6 {
			in[key] = append(have, val)
		} else {
			have[w.g.IntN(6)] = val
		}
	}
	for _, m := range linkTag.FindAllStringSubmatch(body, 40) {
		to := unescaped.Replace(m[1])
		at, _, _ := strings.Cut(to, "?")
		if len(w.links) < 2000 {
			keep(w.links, anID.ReplaceAllString(at, "*"), to)
		}
	}
	for _, m := range formTag.FindAllStringSubmatch(body, 20) {
		head := attributes(m[1])
		if !strings.EqualFold(head["method"], "post") || !strings.HasPrefix(head["action"], "/console/") {
			continue
		}
		f := form{action: head["action"], fields: url.Values{}, parts: strings.HasPrefix(head["enctype"], "multipart")}
		for _, x := range fieldTag.FindAllStringSubmatch(m[2], -1) {
			if a := attributes(x[1]); a["name"] != "" {
				f.fields.Set(a["name"], a["value"])
			}
		}
		at, _, _ := strings.Cut(f.action, "?")
		key := anID.ReplaceAllString(at, "*")
		if have := w.forms[key]; len(have) < 4 {
			w.forms[key] = append(have, f)
		} else {
			have[w.g.IntN(4)] = f
		}
	}
}

// page asks for a page of the console, or sends a form of it: one that was met
// if there is one, with something in each of its fields.
func (w *worker) page(p *plan, path string) {
	if strings.Contains(path, "/settings/keys/") && p.method == "POST" && w.turn() >= len(w.f.routes) && w.g.IntN(20) > 0 { // else nobody is let in for long
		p.method, path = "GET", "/test/settings/keys"
	}
	path = console.Base + path
	key := placeholders.ReplaceAllString(path, "*")
	p.path = placeholders.ReplaceAllStringFunc(path, func(string) string { return url.PathEscape(w.word()) })
	if p.method == "GET" {
		if met := w.links[key]; len(met) > 0 {
			p.path = met[w.g.IntN(len(met))]
		}
		return
	}
	fields := url.Values{"amount": {"10.00"}, "note": {"n"}, "reason": {"r"}, "id": {w.word()}}
	if met := w.forms[key]; len(met) > 0 {
		f := met[w.g.IntN(len(met))]
		p.path, fields = f.action, url.Values{}
		for name, v := range f.fields {
			fields[name] = v
			if v[0] == "" {
				fields.Set(name, w.filling(name))
			}
		}
	}
	p.body = fields.Encode()
}

// filling is what a person might write into a field of this name.
func (w *worker) filling(name string) string {
	switch {
	case strings.Contains(name, "amount"):
		return []string{"10", "1,234.50", "0.01", "₹ 5", "99999999"}[w.g.IntN(5)]
	case strings.Contains(name, "at"), strings.Contains(name, "from"), strings.Contains(name, "to"):
		return []string{"2026-01-31", "2026-01-31T10:00", "10:00"}[w.g.IntN(3)]
	case strings.Contains(name, "mail"):
		return fmt.Sprintf("p%d@example.in", w.n)
	case strings.Contains(name, "password"):
		return "a long enough one"
	}
	return w.word()
}

// own are the server's own pages, and those of the console without a page line.
var own = []string{"GET /", "GET /healthz", "GET /livez", "GET /readyz", "GET /metrics", "GET /version", "GET /r/abc", "GET /nothing/here", "GET /favicon.ico"}

// everyRoute are the routes of all rooms, of the console, and the server's own.
func everyRoute(f *flood, h *dialecttest.House) (all []knownRoute) {
	all = routesOf(f.t, h)
	for _, route := range console.Routes() {
		all = append(all, knownRoute{"console", route})
	}
	for _, route := range own {
		all = append(all, knownRoute{"own", route})
	}
	return all
}
