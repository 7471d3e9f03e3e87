package native

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"wapas/ledger"
)

// about is the head of the document.
const about = `Our own API: what the vendors' APIs that this server speaks cannot say.

Amounts are whole paise (100 are one rupee). Times are RFC 3339 in UTC, by the book's own clock, which a test book may move. A field that does not apply is left out; nothing is null. Fields that are not known are refused.

A credential opens one book, test or live, and may be limited by scopes.

Every write takes an Idempotency-Key, and what moves money needs one. The same request under the same key is done once, for good: a repeat hears the first answer, with Idempotent-Replayed: true; another request under the key is refused as mismatch (422); one that comes while the first is under way as busy (409).

Lists are cut in pages: give next as after to go on. Every read has an ETag: send it as If-None-Match and hear 304 while nothing has changed.

Refusals are problem details (RFC 9457) with a code to branch on.`

// document writes the OpenAPI document of the routes.
func document(routes []route, version string) []byte {
	if version == "" {
		version = "dev"
	}
	d := &schemas{named: map[string]any{}}
	paths := map[string]map[string]any{}
	var tags []any
	known := map[string]bool{}
	for i := range routes {
		t := &routes[i]
		if !known[t.tag] {
			known[t.tag] = true
			tags = append(tags, map[string]any{"name": t.tag})
		}
		if paths[t.path] == nil {
			paths[t.path] = map[string]any{}
		}
		paths[t.path][strings.ToLower(t.method)] = d.operation(t)
	}
	d.of(reflect.TypeFor[problem]())
	doc := map[string]any{
		"openapi": "3.1.0",
		"info":    map[string]any{"title": "wapas", "version": version, "description": about, "license": map[string]any{"name": "see LICENSE"}},
		"servers": []any{map[string]any{"url": base}},
		"tags":    tags,
		"paths":   paths,
		"components": map[string]any{
			"schemas": d.named,
			"responses": map[string]any{
				"Problem": map[string]any{
					"description": "A refusal",
					"headers":     answerHeaders(false),
					"content":     map[string]any{"application/problem+json": map[string]any{"schema": pointer("Problem")}},
				},
				"NotModified": map[string]any{"description": "What If-None-Match names is what there is"},
			},
			"securitySchemes": map[string]any{"token": map[string]any{"type": "http", "scheme": "bearer", "description": "A credential of the room native: wapas key issue --room native --bearer"}},
		},
		"security": []any{map[string]any{"token": []string{}}},
	}
	out, err := json.MarshalIndent(doc, "", " ")
	if err != nil {
		panic(err) // it is made of texts, lists and objects
	}
	return append(out, '\n')
}

func pointer(name string) map[string]any {
	return map[string]any{"$ref": "#/components/schemas/" + name}
}

func answerHeaders(replays bool) map[string]any {
	h := map[string]any{"X-Request-Id": map[string]any{
		"description": "What our log calls this request", "schema": map[string]any{"type": "string"},
	}}
	if replays {
		h["Idempotent-Replayed"] = map[string]any{
			"description": "true if this was done before under the same Idempotency-Key",
			"schema":      map[string]any{"type": "string", "enum": []string{"true"}},
		}
	}
	return h
}

// operation describes a route.
func (d *schemas) operation(t *route) map[string]any {
	text := t.text
	if t.testOnly {
		text = strings.TrimSpace(text + " In a test book only.")
	}
	if t.scope != "" {
		text = strings.TrimSpace(text + " Needs the scope " + t.scope + ".")
	}
	status := strconv.Itoa(t.status)
	op := map[string]any{
		"operationId": t.id, "summary": t.summary, "tags": []string{t.tag},
		"responses": map[string]any{
			status: map[string]any{
				"description": http.StatusText(t.status),
				"headers":     answerHeaders(t.writes()),
				"content":     d.content(t),
			},
			"default": map[string]any{"$ref": "#/components/responses/Problem"},
		},
	}
	if text != "" {
		op["description"] = text
	}
	if !t.writes() && t.media == nil {
		op["responses"].(map[string]any)["304"] = map[string]any{"$ref": "#/components/responses/NotModified"}
	}
	var params []any
	for _, f := range t.fields {
		if f.place != inBody {
			params = append(params, map[string]any{
				"name": f.name, "in": string(f.place), "required": !f.optional, "description": f.doc, "schema": d.field(f, false),
			})
		}
	}
	if t.writes() {
		params = append(params, map[string]any{
			"name": "Idempotency-Key", "in": "header", "required": t.key == requiredKey,
			"description": "A name of your own for this request: the same name is the same request again, for good.",
			"schema":      map[string]any{"type": "string", "minLength": 1, "maxLength": 255},
		})
	} else if t.media == nil {
		params = append(params, map[string]any{
			"name": "If-None-Match", "in": "header", "description": "The ETag of an answer heard before.",
			"schema": map[string]any{"type": "string"},
		})
	}
	op["parameters"] = params
	if t.body() {
		op["requestBody"] = map[string]any{
			"required": true,
			"content":  map[string]any{"application/json": map[string]any{"schema": d.of(t.in)}},
		}
	}
	return op
}

// content is what a route answers with when it does not refuse.
func (d *schemas) content(t *route) map[string]any {
	if t.media == nil {
		return map[string]any{"application/json": map[string]any{"schema": d.of(t.out)}}
	}
	all := map[string]any{}
	for _, m := range t.media {
		all[m] = map[string]any{"schema": map[string]any{"type": "string"}}
	}
	return all
}

// schemas collects the shapes that the routes speak of, each under the name of
// its Go type.
type schemas struct{ named map[string]any }

// nameOf is what a type is called in the document: refund is Refund, a page of
// them RefundPage.
func nameOf(t reflect.Type) string {
	name := t.Name()
	if generic, of, ok := strings.Cut(name, "["); ok {
		of = of[strings.LastIndexAny(of, "./")+1:]
		name = strings.TrimSuffix(of, "]") + capital(generic)
	}
	return capital(name)
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// of is the shape of a type.
func (d *schemas) of(t reflect.Type) any {
	switch {
	case t.Kind() == reflect.Pointer:
		return d.of(t.Elem())
	case t == reflect.TypeFor[labels]():
		return map[string]any{"type": "object", "additionalProperties": true}
	case t == reflect.TypeFor[object]():
		return map[string]any{"type": "object", "additionalProperties": true}
	case t == reflect.TypeFor[moment]():
		return map[string]any{"type": "string", "format": "date-time"}
	}
	switch t.Kind() {
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Int64, reflect.Int:
		return map[string]any{"type": "integer", "format": "int64"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Slice:
		return map[string]any{"type": "array", "items": d.of(t.Elem())}
	case reflect.Struct:
		return d.structure(t)
	}
	panic(fmt.Sprintf("native: nobody can describe a %s", t))
}

// structure describes a struct, once, and points to it.
func (d *schemas) structure(t reflect.Type) any {
	name := nameOf(t)
	if d.named[name] != nil {
		return pointer(name)
	}
	d.named[name] = true // it may hold itself
	props, required := map[string]any{}, []string{}
	for _, f := range fieldsOf(t) {
		if f.place != inBody {
			continue
		}
		props[f.name] = d.field(f, true)
		if !f.optional {
			required = append(required, f.name)
		}
	}
	s := map[string]any{"type": "object", "properties": props, "additionalProperties": false}
	if len(required) > 0 {
		s["required"] = required
	}
	d.named[name] = s
	return pointer(name)
}

// field describes a field with what its tags say of it.
func (d *schemas) field(f field, says bool) any {
	s, ok := d.of(f.typ).(map[string]any)
	if !ok {
		panic("native: a field without a shape")
	}
	if says && f.doc != "" {
		if _, ref := s["$ref"]; ref { // beside a reference nothing else is read by many
			return map[string]any{"allOf": []any{s}, "description": f.doc}
		}
		s["description"] = f.doc
	}
	at := s
	if f.typ.Kind() == reflect.Slice {
		at = s["items"].(map[string]any)
		if f.len > 0 {
			s["maxItems"] = f.len
		}
	} else if f.len > 0 {
		s["maxLength"] = f.len
	}
	if len(f.enum) > 0 {
		at["enum"] = f.enum
	}
	if f.form != "" {
		at["pattern"] = forms[f.form].String()
	}
	if f.min != nil {
		s["minimum"] = *f.min
	}
	if f.max != nil {
		s["maximum"] = *f.max
	}
	if f.typ == reflect.TypeFor[ledger.Amount]() && f.eg == "" {
		f.eg = "49900"
	}
	if f.eg != "" {
		s["examples"] = []any{f.example()}
	}
	return s
}

// example is a field's example as JSON has it.
func (f field) example() any {
	switch f.typ.Kind() {
	case reflect.Int64, reflect.Int:
		if n, err := strconv.ParseInt(f.eg, 10, 64); err == nil && f.typ != reflect.TypeFor[moment]() {
			return n
		}
	case reflect.Bool:
		return f.eg == "true"
	case reflect.Slice:
		return strings.Split(f.eg, ",")
	}
	return f.eg
}
