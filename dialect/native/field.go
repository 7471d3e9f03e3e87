package native

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"wapas/desk"
	"wapas/ledger"
)

// A place is where a field of a request stands.
type place string

const (
	inPath   place = "path"
	inQuery  place = "query"
	inHeader place = "header"
	inBody   place = "body"
)

// A field is a field of a request or an answer, as its tags say:
//
//	path, query, header, json   its name, and where it stands; "name,omitempty" may be left out
//	doc                 what it is, in a sentence
//	min, max            the range of a whole number
//	len                 how many characters a text may have, or elements a list
//	enum                the words it may be, with | between them
//	form                the name of a pattern in forms
//	eg                  an example
//
// Fields that are pointers, or omitempty, may be left out of requests; fields
// that are omitempty are left out of answers where they do not apply. Nothing is
// ever null.
type field struct {
	name     string
	place    place
	index    []int
	typ      reflect.Type // without the pointer
	optional bool
	doc, eg  string
	enum     []string
	form     string
	min, max *int64
	len      int
}

// forms are the patterns that texts must have.
var forms = map[string]*regexp.Regexp{
	"id":      regexp.MustCompile(`^[A-Za-z0-9_.:#-]{1,100}$`),
	"contact": regexp.MustCompile(`^\+?[0-9][0-9 -]{6,18}$`),
	"email":   regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`),
	"code":    regexp.MustCompile(`^[0-9]{4}$`),
	"account": regexp.MustCompile(`^[0-9]{4}(/[A-Za-z0-9_.-]{1,64})?$`),
	"otp":     regexp.MustCompile(`^[0-9]{4,10}$`),
	"date":    regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`),
}

// known are the fields of the structs that were read already.
var known sync.Map

// fieldsOf are the fields of a struct, those of embedded ones among them.
func fieldsOf(t reflect.Type) []field {
	if all, ok := known.Load(t); ok {
		return all.([]field)
	}
	all := readFields(t)
	known.Store(t, all)
	return all
}

func readFields(t reflect.Type) (all []field) {
	for i := range t.NumField() {
		sf := t.Field(i)
		if sf.Anonymous {
			for _, f := range fieldsOf(sf.Type) {
				f.index = append([]int{i}, f.index...) // a copy: the fields are kept
				all = append(all, f)
			}
			continue
		}
		if f, ok := fieldOf(sf); ok {
			f.index = []int{i}
			all = append(all, f)
		}
	}
	return all
}

func fieldOf(sf reflect.StructField) (field, bool) {
	f := field{typ: sf.Type, doc: sf.Tag.Get("doc"), eg: sf.Tag.Get("eg"), form: sf.Tag.Get("form")}
	for _, p := range []struct {
		tag string
		place
	}{{"path", inPath}, {"query", inQuery}, {"header", inHeader}, {"json", inBody}} {
		if name, ok := sf.Tag.Lookup(p.tag); ok && name != "-" {
			name, options, _ := strings.Cut(name, ",")
			f.name, f.place = name, p.place
			f.optional = options == "omitempty" || (p.place == inQuery || p.place == inHeader) && options != "required"
		}
	}
	if f.name == "" {
		return f, false
	}
	if f.typ.Kind() == reflect.Pointer {
		f.typ, f.optional = f.typ.Elem(), true
	}
	if e := sf.Tag.Get("enum"); e != "" {
		f.enum = strings.Split(e, "|")
	}
	f.min, f.max = whole(sf.Tag.Get("min")), whole(sf.Tag.Get("max"))
	if f.typ == reflect.TypeFor[ledger.Amount]() && f.min != nil && f.max == nil {
		most := int64(ledger.MaxAmount)
		f.max = &most
	}
	f.len, _ = strconv.Atoi(sf.Tag.Get("len"))
	if f.form != "" && forms[f.form] == nil {
		panic(fmt.Sprintf("native: field %s has the form %q, which there is not", f.name, f.form))
	}
	return f, true
}

func whole(s string) *int64 {
	if s == "" {
		return nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		panic("native: a bound that is no number: " + s)
	}
	return &n
}

// The types of the wire that are no struct, list or word.
type (
	// A moment is RFC 3339 in UTC: "2026-01-31T18:30:00Z", with up to six digits
	// of a second.
	moment ledger.Time
	// Labels are a caller's notes: an object of texts.
	labels desk.Notes
	// An object is JSON of any shape.
	object string
)

const momentForm = "2006-01-02T15:04:05.999999Z07:00"

func (m moment) String() string { return ledger.Time(m).Std().Format(momentForm) }

func (m moment) MarshalJSON() ([]byte, error) { return []byte(`"` + m.String() + `"`), nil }

func (l labels) MarshalJSON() ([]byte, error) { return object(l).MarshalJSON() }

// MarshalJSON writes what was kept; nothing, and the empty list that PHP sends
// for it, are an empty object.
func (o object) MarshalJSON() ([]byte, error) {
	if o == "" || o == "[]" {
		return []byte("{}"), nil
	}
	return []byte(o), nil
}
