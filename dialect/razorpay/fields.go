package razorpay

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"wapas/desk"
	"wapas/dialect"
	"wapas/ledger"
)

// Fields are the fields of a body, of an object in it, or of a query. They are
// read one by one in the order in which the vendor checks them, and the first
// thing that is wrong is what the caller hears:
//
//	b := q.body()
//	amount, _ := b.amount("amount")
//	receipt := b.text("receipt", 40)
//	if err := b.done(); err != nil { … }
//
// After a fault everything reads as absent. A field that is null, and in a form
// or a query one that is empty, is absent. Done refuses fields that nobody
// asked for.
type fields struct {
	obj   *object
	path  string // what goes before a field's name in texts: "transfers.0."
	asked map[string]bool
	inner []*fields // objects within, which done looks at too
	fault *error    // shared by the fields of one body
}

func newFields(o *object) *fields {
	return &fields{obj: o, asked: make(map[string]bool), fault: new(error)}
}

// within are the fields of an object inside these.
func (f *fields) within(name string, o *object) *fields {
	in := &fields{obj: o, path: f.path + name + ".", asked: make(map[string]bool), fault: f.fault}
	f.inner = append(f.inner, in)
	return in
}

// refuse makes err the fault, unless there is one already.
func (f *fields) refuse(err error) *fields {
	if *f.fault == nil {
		*f.fault = err
	}
	return f
}

func (f *fields) refuseIn(name string, why ledger.Why, detail string) {
	f.refuse(ledger.Refuse(ledger.Invalid, why, "%s", detail).In(f.path + name))
}

// value is a field as it was sent; nil if it is absent.
func (f *fields) value(name string) value {
	f.asked[name] = true
	if f.obj == nil || *f.fault != nil {
		return nil
	}
	return f.obj.Vals[name]
}

// scalar is value for fields that hold one word, which are absent when empty.
func (f *fields) scalar(name string) value {
	v := f.value(name)
	if v == text("") {
		return nil
	}
	return v
}

// has says whether a field was sent and is not null.
func (f *fields) has(name string) bool { return f.value(name) != nil }

// sent says whether a field was sent, even as null or empty.
func (f *fields) sent(name string) bool {
	f.asked[name] = true
	if f.obj == nil {
		return false
	}
	_, ok := f.obj.Vals[name]
	return ok
}

// require refuses if any of the fields is absent: "The amount field is
// required."
func (f *fields) require(names ...string) {
	for _, name := range names {
		if v := f.scalar(name); v == nil {
			f.refuseIn(name, whyRequired, "")
		}
	}
}

// ignore takes fields that clients may send and nobody reads.
func (f *fields) ignore(names ...string) {
	for _, name := range names {
		f.asked[name] = true
	}
}

// integer reads a whole number: a JSON number that stands for one (100, 100.0,
// 1e2), or a text of digits, which many clients send.
func (f *fields) integer(name string) (n int64, ok bool) {
	switch v := f.scalar(name).(type) {
	case nil:
		return 0, false
	case number:
		n, ok = v.Whole()
	case text:
		n, ok = digits(string(v))
	}
	if !ok {
		f.refuseIn(name, whyInteger, "")
	}
	return n, ok
}

// digits reads a text of digits, with a minus sign at most.
func digits(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && s[0] != '+'
}

// amount reads paise. Whether it is enough is for the desk to say; it is never
// more than ledger.MaxAmount either way.
func (f *fields) amount(name string) (ledger.Amount, bool) {
	n, ok := f.integer(name)
	if ok && (n > int64(ledger.MaxAmount) || n < -int64(ledger.MaxAmount)) {
		f.refuseIn(name, whyTooMuch, strconv.FormatInt(int64(ledger.MaxAmount), 10))
		return 0, false
	}
	return ledger.Amount(n), ok
}

// text reads a text of at most max characters. Clients send receipts and
// contacts as numbers: those are texts too.
func (f *fields) text(name string, max int) string {
	var s string
	switch v := f.scalar(name).(type) {
	case nil:
		return ""
	case text:
		s = string(v)
	case number:
		s = string(v)
	default:
		f.refuseIn(name, whyText, "")
		return ""
	}
	if utf8.RuneCountInString(s) > max {
		f.refuseIn(name, whyTooLong, strconv.Itoa(max))
		return ""
	}
	return s
}

// one reads a text that must be one of a few words.
func (f *fields) one(name string, words ...string) string {
	s := f.text(name, 255)
	if s != "" && !slices.Contains(words, s) {
		f.refuseIn(name, whyNotOne, "")
		return ""
	}
	return s
}

// flag reads a yes or no: true, false, 1, 0, "1", "0", "true", "false". Ok says
// whether it was sent.
func (f *fields) flag(name string) (yes, ok bool) {
	switch v := f.scalar(name).(type) {
	case nil:
		return false, false
	case bool:
		return v, true
	case number:
		if n, ok := v.Whole(); ok && (n == 0 || n == 1) {
			return n == 1, true
		}
	case text:
		switch v {
		case "1", "true":
			return true, true
		case "0", "false":
			return false, true
		}
	}
	f.refuseIn(name, whyBoolean, "")
	return false, false
}

// The range of moments the vendor takes, in Unix seconds.
const (
	minTime = 946684800
	maxTime = 4765046400
)

// time reads Unix seconds. Ok says whether it was sent.
func (f *fields) time(name string) (at ledger.Time, ok bool) {
	v := f.scalar(name)
	if v == nil {
		return 0, false
	}
	var n int64
	switch v := v.(type) {
	case number:
		n, ok = v.Whole()
	case text:
		n, ok = digits(string(v))
	}
	switch {
	case !ok:
		f.refuseIn(name, whyTimeInteger, "")
	case n < minTime || n > maxTime:
		f.refuseIn(name, whyTimeRange, "")
	default:
		return ledger.Seconds(n), true
	}
	return 0, false
}

// id reads an id with this prefix.
func (f *fields) id(name, prefix string) desk.ID {
	switch v := f.scalar(name).(type) {
	case nil:
		return ""
	case text:
		if err := checkID(string(v), prefix); err != nil {
			f.refuse(err)
			return ""
		}
		return desk.ID(v)
	}
	f.refuseIn(name, whyText, "")
	return ""
}

// notes reads notes. Ok says whether they were sent.
func (f *fields) notes(name string) (n desk.Notes, ok bool) {
	v := f.value(name)
	n, err := readNotes(v, f.path+name)
	if err != nil {
		f.refuse(err)
	}
	return n, v != nil
}

// object reads an object. If it is absent the fields are too.
func (f *fields) object(name string) *fields {
	switch v := f.value(name).(type) {
	case nil:
	case *object:
		return f.within(name, v)
	default:
		if l, ok := v.(list); !ok || len(l) > 0 { // PHP writes an empty object as []
			f.refuseIn(name, whyArray, "")
		}
	}
	return f.within(name, nil)
}

// objects reads a list of objects. Ok says whether it was sent.
func (f *fields) objects(name string) (all []*fields, ok bool) {
	v := f.value(name)
	if v == nil {
		return nil, false
	}
	l, ok := dialect.AsList(v)
	if !ok {
		f.refuseIn(name, whyArray, "")
		return nil, false
	}
	for i, e := range l {
		in := name + "." + strconv.Itoa(i)
		o, ok := e.(*object)
		if !ok {
			f.refuseIn(in, whyArray, "")
			return nil, false
		}
		all = append(all, f.within(in, o))
	}
	return all, true
}

// texts reads a list of texts, each of at most max characters; a single text
// is a list of one. Ok says whether it was sent.
func (f *fields) texts(name string, max int) (all []string, ok bool) {
	v := f.value(name)
	if s, one := v.(text); one {
		if s == "" {
			return nil, true
		}
		v = list{s}
	}
	if v == nil {
		return nil, false
	}
	l, ok := dialect.AsList(v)
	if !ok {
		f.refuseIn(name, whyArray, "")
		return nil, false
	}
	for i, e := range l {
		in := name + "." + strconv.Itoa(i)
		s, ok := e.(text)
		switch {
		case !ok:
			f.refuseIn(in, whyText, "")
			return nil, false
		case utf8.RuneCountInString(string(s)) > max:
			f.refuseIn(in, whyTooLong, strconv.Itoa(max))
			return nil, false
		}
		all = append(all, string(s))
	}
	return all, true
}

// done is the fault, if there is one; then it refuses the fields that nobody
// asked for, naming all of them at once.
func (f *fields) done() error {
	if *f.fault == nil {
		if extra := f.extra(); len(extra) > 0 {
			f.refuse(ledger.Refuse(ledger.Invalid, whyExtra, "%s", dialect.Shorten(strings.Join(extra, ", "), 256)))
		}
	}
	return *f.fault
}

// extra are the fields that were sent and not asked for, here and within.
func (f *fields) extra() []string {
	var names []string
	if f.obj != nil {
		for _, k := range f.obj.Keys {
			if !f.asked[k] {
				names = append(names, f.path+k)
			}
		}
	}
	for _, in := range f.inner {
		names = append(names, in.extra()...)
	}
	return names
}
