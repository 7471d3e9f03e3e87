package engage

import (
	"strings"
	"unicode/utf8"

	"wapas/desk"
	"wapas/dialect"
	"wapas/ledger"
)

// The rules of fields.
const (
	whyRequired ledger.Why = "required" // absent, null or empty
	whyText     ledger.Why = "text"     // no text
	whyInteger  ledger.Why = "integer"  // no whole number
	whyNotes    ledger.Why = "notes"    // no labels
)

// The limits of notes: how many, and of how many characters.
const (
	maxNotes = 15
	maxNote  = desk.MaxCreditOrder
)

// fields are those of an object, which is read field by field. The first fault
// stays, and what is read after it is empty.
type fields struct {
	obj *dialect.Object
	err error
}

func (f *fields) refuse(name string, why ledger.Why, detail string, args ...any) {
	if f.err == nil {
		f.err = ledger.Refuse(ledger.Invalid, why, detail, args...).In(name)
	}
}

// check refuses a field for a rule that it does not keep.
func (f *fields) check(name string, ok bool, why ledger.Why) {
	if !ok {
		f.refuse(name, why, "")
	}
}

// text reads a text that must be there. Absent, null and empty are the same. One
// that is longer than max breaks the rule given.
func (f *fields) text(name string, max int, why ledger.Why) string {
	s := f.optional(name, max, why)
	if strings.TrimSpace(s) == "" {
		f.refuse(name, whyRequired, "")
	}
	return s
}

// optional reads a text that need not be there.
func (f *fields) optional(name string, max int, why ledger.Why) string {
	switch v := f.obj.Vals[name].(type) {
	case nil:
		return ""
	case dialect.Text:
		if utf8.RuneCountInString(string(v)) > max {
			f.refuse(name, why, "%d", max)
		}
		return string(v)
	}
	f.refuse(name, whyText, "")
	return ""
}

// only reads a text that must be there and has one value.
func (f *fields) only(name, value string, why ledger.Why) string {
	s := f.text(name, maxBody, why)
	f.check(name, s == value, why)
	return s
}

// amount reads an amount of paise: a number, and no text of one. 100.0 and 1e2
// are the number 100.
func (f *fields) amount(name string) ledger.Amount {
	v := f.obj.Vals[name]
	if v == nil {
		f.refuse(name, whyRequired, "")
		return 0
	}
	number, _ := v.(dialect.Number)
	n, ok := number.Whole()
	switch {
	case number == "" || !ok:
		f.refuse(name, whyInteger, "")
	case ledger.Amount(n) < desk.MinCredit:
		f.refuse(name, desk.WhyCreditMin, "")
	case ledger.Amount(n) > ledger.MaxAmount:
		f.refuse(name, desk.WhyCreditMax, "%d", ledger.MaxAmount)
	}
	return ledger.Amount(n)
}

// notes reads labels, and of them the one that names an order. PHP writes none
// as [].
func (f *fields) notes(name, order string) (desk.Notes, string) {
	v := f.obj.Vals[name]
	if l, ok := v.(dialect.List); ok && len(l) == 0 || v == nil {
		return "", ""
	}
	o, ok := v.(*dialect.Object)
	if !ok || len(o.Keys) > maxNotes {
		f.refuse(name, whyNotes, "")
		return "", ""
	}
	for _, k := range o.Keys {
		if text, ok := label(o.Vals[k]); !ok || utf8.RuneCountInString(k) > maxNote || utf8.RuneCountInString(text) > maxNote {
			f.refuse(name+"."+k, whyNotes, "")
		}
	}
	if len(o.Keys) == 0 {
		return "", ""
	}
	named, _ := label(o.Vals[order]) // no longer than an order's name may be
	return desk.Notes(dialect.WriteJSON(o)), named
}

// label is a note as a text: a text itself, a number, a yes or no, or nothing.
func label(v dialect.Value) (text string, ok bool) {
	switch v := v.(type) {
	case dialect.Text:
		return string(v), true
	case dialect.Number:
		return string(v), true
	case nil, bool:
		return "", true
	}
	return "", false
}
