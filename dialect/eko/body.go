package eko

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strings"

	"wapas/dialect"
	"wapas/ledger"
)

// maxBody is the most a request may hold, in bytes.
const maxBody = 64 << 10

// Fields are the parameters of a request: of the query and, over them, of the
// body. A value may be a text or a whole number, whatever the manual says it
// is: clients send both. What is wrong is collected, and told when all was
// read (done).
type fields struct {
	q       *request
	vals    *dialect.Object
	asked   map[string]bool
	invalid invalid
	code    int // of the first fault
}

// read reads the parameters. It refuses, in this order: another content type
// than the version's, a body that is too large, one that cannot be read.
func (q *request) read() (*fields, error) {
	f := &fields{q: q, asked: map[string]bool{}}
	var err error
	if f.vals, err = dialect.ParseForm(q.URL.RawQuery); err != nil {
		return nil, errNoKey
	}
	if q.Method == http.MethodGet || q.Method == http.MethodHead {
		return f, nil
	}
	kind, _, _ := mime.ParseMediaType(q.Header.Get("Content-Type"))
	form := kind == "application/x-www-form-urlencoded" && q.classic()
	if !form && kind != "application/json" {
		return nil, errContentType
	}
	body, err := io.ReadAll(http.MaxBytesReader(q.w, q.Body, maxBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, errTooLarge
	case err != nil:
		return nil, errNoKey
	}
	if len(body) == 0 {
		return f, nil
	}
	sent, err := parse(body, form)
	if err != nil {
		return nil, errNoKey
	}
	for _, k := range sent.Keys {
		f.vals.Set(k, sent.Vals[k])
	}
	return f, nil
}

func parse(body []byte, form bool) (*dialect.Object, error) {
	if form {
		return dialect.ParseForm(string(body))
	}
	v, err := dialect.ParseJSON(body)
	if err != nil {
		return nil, err
	}
	o, ok := v.(*dialect.Object)
	if !ok {
		return nil, errors.New("not an object")
	}
	return o, nil
}

// raw is a parameter as a text, whatever it is; empty if it is no single value.
func (f *fields) raw(name string) string {
	switch v := f.vals.Vals[name].(type) {
	case dialect.Text:
		return strings.TrimSpace(string(v))
	case dialect.Number:
		return string(v)
	}
	return ""
}

// refuse collects what is wrong with a parameter. A value that is missing
// counts more than one that is wrong.
func (f *fields) refuse(name string, code int, text string) {
	if f.invalid == nil {
		f.invalid = invalid{}
	}
	if f.code == 0 || code == codeMissing {
		f.code = code
	}
	f.invalid.set(name, text)
}

// text reads a parameter that need not be there, of at most so many
// characters.
func (f *fields) text(name string, most int) string {
	f.asked[name] = true
	switch f.vals.Vals[name].(type) {
	case nil, dialect.Text, dialect.Number:
	default:
		f.refuse(name, codeInvalid, "Please provide a single value")
		return ""
	}
	s := f.raw(name)
	if len([]rune(s)) > most {
		f.refuse(name, codeInvalid, "Please provide a shorter value")
		return ""
	}
	return s
}

// need reads a parameter that must be there.
func (f *fields) need(name string, most int) string {
	s := f.text(name, most)
	if s == "" && f.invalid[name] == "" {
		f.refuse(name, codeMissing, textMissing)
	}
	return s
}

// shape reads a parameter of a certain form, if it is there.
func (f *fields) shape(name string, form *regexp.Regexp, code int, text string) string {
	s := f.text(name, 64)
	if s != "" && !form.MatchString(s) {
		f.refuse(name, code, text)
		return ""
	}
	return s
}

// wholeForm is how a number may be written: as JSON has it, in ASCII.
var wholeForm = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

// whole reads a number without a point, and whether it is there.
func (f *fields) whole(name string) (n int64, there bool) {
	s := f.text(name, 18)
	if s == "" {
		return 0, false
	}
	n, ok := dialect.Number(s).Whole()
	if ok = ok && wholeForm.MatchString(s); !ok {
		f.refuse(name, codeInvalid, "Please provide a whole number")
	}
	return n, ok
}

// fixed reads a parameter that has one value only, if it is there.
func (f *fields) fixed(name, value string) {
	if s := f.text(name, 64); s != "" && !strings.EqualFold(s, value) {
		f.refuse(name, codeInvalid, "Please provide the value "+value)
	}
}

// mobile reads a mobile number that must be there. Older clients write
// mobile_number: before it.
func (f *fields) mobile(name string) string {
	s := strings.TrimPrefix(f.need(name, 64), "mobile_number:")
	if s != "" && (len(s) != 10 || !digits(s)) {
		f.refuse(name, codeInvalid, "Please provide a mobile number of 10 digits")
		return ""
	}
	return s
}

// amount reads an amount in rupees that must be there.
func (f *fields) amount(name string) ledger.Amount {
	s := f.need(name, 32)
	if s == "" {
		return 0
	}
	a, ok := parseRupees(s)
	if !ok {
		f.refuse(name, codeInvalid, "Please provide an amount in rupees")
	}
	return a
}

// done refuses what was wrong with the parameters; in strict mode one that
// nobody asked for, before that.
func (f *fields) done() error {
	if f.q.room.cfg.Strict {
		for _, k := range f.vals.Keys {
			if !f.asked[k] {
				return errNoKey
			}
		}
	}
	if err := f.q.checkHash(f); err != nil {
		return err
	}
	if f.invalid == nil {
		return nil
	}
	return &badFields{f.code, f.invalid}
}
