package native

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"html/template"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"wapas/ledger"
)

//go:embed docs.html
var docsText string

//go:embed docs.css
var docsStyle string

// docs is the page for people, and what a browser may do on it.
type docs struct {
	html   []byte
	policy string
}

// docsPage writes the page from the routes. It works without a script, and
// asks for nothing from anywhere.
func docsPage(routes []route) docs {
	type part struct {
		Name, Where, Type, Text string
		Needed                  bool
	}
	type line struct {
		Method, Path, ID, Summary, Text, Scope, Key, Sample, Curl string
		Status                                                    int
		Takes, Gives                                              []part
	}
	type noun struct {
		Name, Anchor string
		Lines        []line
	}
	type refusal struct {
		Code, Title, Text string
		Status            int
	}
	var nouns []*noun
	at := map[string]*noun{}
	for i := range routes {
		t := &routes[i]
		n := at[t.tag]
		if n == nil {
			n = &noun{Name: t.tag, Anchor: strings.ReplaceAll(strings.ToLower(t.tag), " ", "-")}
			at[t.tag] = n
			nouns = append(nouns, n)
		}
		l := line{Method: t.method, Path: base + t.path, ID: t.id, Summary: t.summary, Text: t.text, Scope: t.scope, Status: t.status}
		if t.testOnly {
			l.Text = strings.TrimSpace(l.Text + " In a test book only.")
		}
		switch t.key {
		case requiredKey:
			l.Key = "needs an Idempotency-Key"
		case optionalKey:
			l.Key = "takes an Idempotency-Key"
		}
		for _, f := range t.fields {
			l.Takes = append(l.Takes, part{f.name, string(f.place), f.words(), f.doc, !f.optional})
		}
		if t.media != nil {
			l.Gives = append(l.Gives, part{"", "", strings.Join(t.media, " or "), "A file.", true})
		}
		for _, f := range fieldsOf(t.out) {
			l.Gives = append(l.Gives, part{f.name, "", f.words(), f.doc, !f.optional})
		}
		l.Curl = t.curl()
		n.Lines = append(n.Lines, l)
	}
	var refusals []refusal
	for _, c := range ledger.Codes {
		v := verdicts[c]
		refusals = append(refusals, refusal{string(c), v.title, v.text, v.status})
	}
	var out bytes.Buffer
	page := template.Must(template.New("docs").Parse(docsText))
	err := page.Execute(&out, struct {
		Style    template.CSS
		About    []string
		Nouns    []*noun
		Refusals []refusal
		Scopes   []string
	}{template.CSS(docsStyle), strings.Split(about, "\n\n"), nouns, refusals, scopes})
	if err != nil {
		panic(err) // the routes are known
	}
	sum := sha256.Sum256([]byte(docsStyle))
	return docs{out.Bytes(), "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src 'sha256-" +
		base64.StdEncoding.EncodeToString(sum[:]) + "'"}
}

// words say what a field may be.
func (f field) words() string {
	var all []string
	t := f.typ
	name := func(t reflect.Type) string {
		switch {
		case t == reflect.TypeFor[ledger.Amount]():
			return "amount in paise"
		case t == reflect.TypeFor[moment]():
			return "moment"
		case t == reflect.TypeFor[labels](), t == reflect.TypeFor[object]():
			return "object"
		case t.Kind() == reflect.Struct:
			return nameOf(t)
		case t.Kind() == reflect.String:
			return "text"
		case t.Kind() == reflect.Bool:
			return "true or false"
		}
		return "whole number"
	}
	if t.Kind() == reflect.Slice {
		all = append(all, "list of "+name(t.Elem()))
	} else {
		all = append(all, name(t))
	}
	if len(f.enum) > 0 {
		all = append(all, strings.Join(f.enum, " | "))
	}
	if f.min != nil {
		all = append(all, "from "+strconv.FormatInt(*f.min, 10))
	}
	if f.max != nil {
		all = append(all, "to "+strconv.FormatInt(*f.max, 10))
	}
	if f.len > 0 {
		all = append(all, "at most "+strconv.Itoa(f.len))
	}
	return strings.Join(all, ", ")
}

// curl is the request as one would try it on the demo.
func (t *route) curl() string {
	var b strings.Builder
	b.WriteString("curl -sS")
	if t.method != http.MethodGet {
		b.WriteString(" -X " + t.method)
	}
	b.WriteString(" http://127.0.0.1:8080" + base + t.path)
	b.WriteString(" \\\n  -H 'Authorization: Bearer wapas_demo_native_token'")
	if t.key == requiredKey {
		b.WriteString(" \\\n  -H 'Idempotency-Key: try-1'")
	}
	if t.body() {
		sample := map[string]any{}
		for _, f := range t.fields {
			if f.place == inBody && !f.optional {
				sample[f.name] = f.sample()
			}
		}
		text, err := json.Marshal(sample)
		if err != nil {
			panic(err)
		}
		b.WriteString(" \\\n  -H 'Content-Type: application/json' -d '" + string(text) + "'")
	}
	return b.String()
}

// sample is a value for a field to try.
func (f field) sample() any {
	switch {
	case len(f.enum) > 0 && f.typ.Kind() == reflect.String:
		return f.enum[0]
	case f.eg != "":
		return f.example()
	case f.typ == reflect.TypeFor[ledger.Amount]():
		return 49900
	case f.typ == reflect.TypeFor[moment]():
		return "2026-01-31T18:30:00Z"
	case f.typ.Kind() == reflect.Bool:
		return true
	case f.typ.Kind() == reflect.Int64 || f.typ.Kind() == reflect.Int:
		return 1
	case f.typ == reflect.TypeFor[labels]():
		return map[string]string{"ticket": "4711"}
	case f.typ.Kind() == reflect.Slice && f.typ.Elem().Kind() == reflect.Struct:
		one := map[string]any{}
		for _, g := range fieldsOf(f.typ.Elem()) {
			if !g.optional {
				one[g.name] = g.sample()
			}
		}
		return []any{one}
	case f.form == "id":
		return strings.TrimSuffix(f.name, "_id") + "…"
	}
	return "…"
}
