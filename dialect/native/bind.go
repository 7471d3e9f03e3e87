package native

import (
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"wapas/dialect"
	"wapas/ledger"
)

// The limits of requests.
const (
	maxBody   = 4 << 20 // bytes: a thousand items
	maxText   = 255     // characters of a text that says nothing else
	maxLabels = 15
	maxLabel  = 256 // characters of a label's name or value
	maxFaults = 100 // told of at once: an answer is never much longer than what it refuses
)

// The rules of this room: what may be wrong with a request before the desk
// hears of it.
const (
	whyRequest   ledger.Why = "request"     // one or more fields, each with its own word
	whySyntax    ledger.Why = "syntax"      // the body is no JSON
	whyMedia     ledger.Why = "media_type"  // the body says that it is something else
	whyTooLarge  ledger.Why = "too_large"   // the body
	whyKeyForm   ledger.Why = "key_form"    // Idempotency-Key
	whyKeyNeeded ledger.Why = "key_needed"  // Idempotency-Key
	whyCursor    ledger.Why = "cursor"      // after is not what next said
	whyScope     ledger.Why = "scope"       // the credential is good, but not for this
	whyNoKey     ledger.Why = "credentials" // no bearer token
	whyNoRoute   ledger.Why = "no_route"
	whyMethod    ledger.Why = "method_not_allowed"
	whyTestOnly  ledger.Why = "test_only"
)

// A fault is what is wrong with one field.
type fault struct {
	Field  string `json:"field" doc:"Where: a name, or a path such as items.3.amount."`
	Detail string `json:"detail" doc:"What is wrong with it."`
}

// faults are what is wrong with a request: all of it, or the first maxFaults.
type faults []fault

func (f faults) Error() string { return f[0].Field + ": " + f[0].Detail }

func (f *faults) full() bool { return len(*f) >= maxFaults }

func (f *faults) add(field, format string, args ...any) {
	if f.full() {
		return
	}
	*f = append(*f, fault{field, fmt.Sprintf(format, args...)})
}

// bind reads a request into a value of the route's type, by the tags of its
// fields. It refuses Invalid with everything that is wrong, up to maxFaults:
// fields that are missing, of another form, or not known.
func (q *request) bind() (any, error) {
	in := reflect.New(q.route.in).Elem()
	var bad faults
	for _, f := range q.route.fields {
		switch sent := q.Header.Get(f.name); {
		case f.place == inPath:
			f.setText(in.FieldByIndex(f.index), f.name, q.parts[f.name], &bad)
		case f.place == inHeader && sent != "":
			f.setText(in.FieldByIndex(f.index), f.name, sent, &bad)
		}
	}
	q.bindQuery(in, &bad)
	if err := q.bindBody(in, &bad); err != nil {
		return nil, err
	}
	if len(bad) > 0 {
		return nil, bad
	}
	return in.Interface(), nil
}

func (q *request) bindQuery(in reflect.Value, bad *faults) {
	query := q.URL.Query()
	for _, f := range q.route.fields {
		if f.place != inQuery {
			continue
		}
		vals, sent := query[f.name]
		delete(query, f.name)
		switch {
		case len(vals) > 1:
			bad.add(f.name, "is given more than once")
		case sent && vals[0] != "":
			f.setText(in.FieldByIndex(f.index), f.name, vals[0], bad)
		case !f.optional:
			bad.add(f.name, "is required")
		}
	}
	for _, name := range sortedKeys(query) {
		bad.add(dialect.Shorten(name, 64), "is not known here")
	}
}

func (q *request) bindBody(in reflect.Value, bad *faults) error {
	if q.Body == nil || q.Method == http.MethodGet || q.Method == http.MethodHead {
		return nil
	}
	data, err := io.ReadAll(http.MaxBytesReader(q.w, q.Body, maxBody))
	if err != nil {
		if _, big := err.(*http.MaxBytesError); big {
			return ledger.Refuse(ledger.Invalid, whyTooLarge, "a body may have %d bytes", maxBody)
		}
		return ledger.Refuse(ledger.Invalid, whySyntax, "the body broke off")
	}
	var v dialect.Value = &dialect.Object{}
	if len(data) > 0 {
		if t, _, err := mime.ParseMediaType(q.Header.Get("Content-Type")); err != nil || t != "application/json" {
			return ledger.Refuse(ledger.Invalid, whyMedia, "send the body as application/json")
		}
		if v, err = dialect.ParseJSON(data); err != nil {
			return ledger.Refuse(ledger.Invalid, whySyntax, "%v", err)
		}
	}
	o, ok := v.(*dialect.Object)
	if !ok {
		return ledger.Refuse(ledger.Invalid, whySyntax, "the body must be a JSON object")
	}
	setFields(in, q.route.fields, o, "", bad)
	return nil
}

// setFields fills a struct from an object.
func setFields(in reflect.Value, fields []field, o *dialect.Object, at string, bad *faults) {
	known := 0
	for _, f := range fields {
		if f.place != inBody {
			continue
		}
		v, sent := o.Vals[f.name]
		if sent {
			known++
		}
		switch {
		case sent && v != nil:
			f.set(in.FieldByIndex(f.index), at+f.name, v, bad)
		case !f.optional:
			bad.add(at+f.name, "is required")
		}
	}
	if known == len(o.Keys) {
		return
	}
	for _, key := range o.Keys {
		if bad.full() {
			return
		}
		if !slices.ContainsFunc(fields, func(f field) bool { return f.place == inBody && f.name == key }) {
			bad.add(at+dialect.Shorten(key, 64), "is not known here")
		}
	}
}

// target is what a value is written to: behind the pointer, if there is one.
func target(to reflect.Value) reflect.Value {
	if to.Kind() == reflect.Pointer {
		to.Set(reflect.New(to.Type().Elem()))
		return to.Elem()
	}
	return to
}

// set writes a JSON value to a field.
func (f field) set(to reflect.Value, at string, v dialect.Value, bad *faults) {
	to = target(to)
	switch f.typ {
	case reflect.TypeFor[labels]():
		f.setLabels(to, at, v, bad)
		return
	case reflect.TypeFor[moment]():
		text, _ := v.(dialect.Text)
		f.setText(to, at, string(text), bad)
		return
	}
	switch to.Kind() {
	case reflect.String:
		if text, ok := v.(dialect.Text); ok {
			f.setText(to, at, string(text), bad)
		} else {
			bad.add(at, "must be a text")
		}
	case reflect.Int64, reflect.Int:
		number, _ := v.(dialect.Number)
		if n, ok := number.Whole(); ok && number != "" {
			f.setWhole(to, at, n, bad)
		} else {
			bad.add(at, "must be a whole number")
		}
	case reflect.Bool:
		yes, ok := v.(bool)
		if !ok {
			bad.add(at, "must be true or false")
		}
		to.SetBool(yes)
	case reflect.Slice:
		f.setList(to, at, v, bad)
	case reflect.Struct:
		if o, ok := v.(*dialect.Object); ok {
			setFields(to, fieldsOf(to.Type()), o, at+".", bad)
		} else {
			bad.add(at, "must be an object")
		}
	default:
		panic(fmt.Sprintf("native: nobody can read a %s", to.Type()))
	}
}

func (f field) setList(to reflect.Value, at string, v dialect.Value, bad *faults) {
	list, ok := v.(dialect.List)
	switch {
	case !ok:
		bad.add(at, "must be a list")
		return
	case f.len > 0 && len(list) > f.len:
		bad.add(at, "may have %d elements", f.len)
		return
	}
	out := reflect.MakeSlice(to.Type(), len(list), len(list))
	one := f
	one.typ, one.len = to.Type().Elem(), 0
	for i, e := range list {
		if e == nil {
			bad.add(at+"."+strconv.Itoa(i), "must not be null")
			continue
		}
		one.set(out.Index(i), at+"."+strconv.Itoa(i), e, bad)
	}
	to.Set(out)
}

// setText writes what a path, a query or a text of a body says.
func (f field) setText(to reflect.Value, at, text string, bad *faults) {
	to = target(to)
	most := maxText
	if f.len > 0 && f.typ.Kind() == reflect.String {
		most = f.len
	}
	switch {
	case f.typ == reflect.TypeFor[moment]():
		at1, err := time.Parse(time.RFC3339Nano, text)
		if err != nil || at1.Year() < 2000 || at1.Year() > 2120 {
			bad.add(at, "must be a moment such as 2026-01-31T18:30:00Z")
			return
		}
		to.SetInt(at1.UnixMicro())
	case to.Kind() == reflect.Int64 || to.Kind() == reflect.Int:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			bad.add(at, "must be a whole number")
			return
		}
		f.setWhole(to, at, n, bad)
	case to.Kind() == reflect.Bool:
		if text != "true" && text != "false" {
			bad.add(at, "must be true or false")
		}
		to.SetBool(text == "true")
	case len(f.enum) > 0 && !slices.Contains(f.enum, text):
		bad.add(at, "must be one of %s", strings.Join(f.enum, ", "))
	case !dialect.IsText(text):
		bad.add(at, "must be text")
	case utf8.RuneCountInString(text) > most:
		bad.add(at, "may have %d characters", most)
	case !f.optional && text == "":
		bad.add(at, "must not be empty")
	case f.form != "" && text != "" && !forms[f.form].MatchString(text):
		bad.add(at, "does not look like %s", f.kind())
	default:
		to.SetString(text)
	}
}

// kind is what a field of a form is called in a refusal.
func (f field) kind() string {
	return map[string]string{
		"id": "an id", "contact": "a phone number", "email": "an e-mail address", "account": "an account such as 2100/cust_…", "code": "a code of the chart such as 2100",
		"otp": "an OTP", "date": "a day such as 2026-01-31",
	}[f.form]
}

func (f field) setWhole(to reflect.Value, at string, n int64, bad *faults) {
	switch {
	case f.min != nil && n < *f.min:
		bad.add(at, "must be at least %d", *f.min)
	case f.max != nil && n > *f.max:
		bad.add(at, "may be at most %d", *f.max)
	default:
		to.SetInt(n)
	}
}

// setLabels reads notes: an object of up to 15 texts.
func (f field) setLabels(to reflect.Value, at string, v dialect.Value, bad *faults) {
	o, ok := v.(*dialect.Object)
	if !ok {
		bad.add(at, "must be an object of texts")
		return
	}
	if len(o.Keys) > maxLabels {
		bad.add(at, "may have %d labels", maxLabels)
		return
	}
	for _, key := range o.Keys {
		text, ok := o.Vals[key].(dialect.Text)
		switch {
		case !ok:
			bad.add(at+"."+dialect.Shorten(key, 64), "must be a text")
			return
		case utf8.RuneCountInString(key) > maxLabel || utf8.RuneCountInString(string(text)) > maxLabel:
			bad.add(at+"."+dialect.Shorten(key, 64), "may have %d characters", maxLabel)
			return
		}
	}
	if len(o.Keys) > 0 {
		to.SetString(dialect.WriteJSON(o))
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
