package phonepe

import (
	"errors"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"unicode/utf8"

	"wapas/dialect"
	"wapas/ledger"
)

// maxBody is the largest body of this generation in bytes: all fifteen udf
// fields with room to spare.
const maxBody = 64 << 10

// The rules of reading a body of the newest generation, in the order in which
// they are looked at; of several fields that are wrong the first one counts, in
// the order of the manual.
const (
	whyBodySize ledger.Why = "body_size"      // Invalid: larger than anybody needs
	whyBody     ledger.Why = "body"           // Invalid: not a JSON object
	whyMissing  ledger.Why = "field_missing"  // Invalid: a field is not there, or empty
	whyKind     ledger.Why = "field_kind"     // Invalid: a field is of another type
	whyLength   ledger.Why = "field_length"   // Invalid: a text is too long
	whyForm     ledger.Why = "field_form"     // Invalid: a text has letters that it may not
	whyRange    ledger.Why = "field_range"    // Invalid: a number is too small or too large
	whyChoice   ledger.Why = "field_choice"   // Invalid: a word that is none of the ones there are
	whyRedirect ledger.Why = "field_redirect" // Invalid: not the address of a page
)

// A sheet is a JSON object that is being read. Reading a field that is not as
// it should be leaves a refusal in err, where the first one stays.
type sheet struct {
	obj  *dialect.Object
	path string // of the object, with a dot behind it
	err  *error
}

// plain reads the body of a request of the newest generation. Null and absent
// are the same everywhere in it, and members that are not known are let be: the
// vendor's clients send new ones.
func (q *request) plain() (sheet, error) {
	data, err := io.ReadAll(http.MaxBytesReader(q.w, q.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return sheet{}, ledger.Refuse(ledger.Invalid, whyBodySize, "%d", tooLarge.Limit)
	case err != nil: // the caller stopped talking: nobody will hear this
		return sheet{}, ledger.Refuse(ledger.Invalid, whyBody, "it ended early")
	}
	v, err := dialect.ParseJSON(data)
	if err != nil {
		return sheet{}, ledger.Refuse(ledger.Invalid, whyBody, "%s", dialect.Shorten(err.Error(), 80))
	}
	obj, ok := v.(*dialect.Object)
	if !ok {
		return sheet{}, ledger.Refuse(ledger.Invalid, whyBody, "no object")
	}
	return sheet{obj, "", new(error)}, nil
}

// refuse keeps what is wrong with a field, unless something was before.
func (s sheet) refuse(name string, why ledger.Why, format string, args ...any) {
	if *s.err == nil {
		*s.err = ledger.Refuse(ledger.Invalid, why, format, args...).In(s.path + name)
	}
}

// text reads a text; it is empty if it is not there.
func (s sheet) text(name string, most int) string {
	switch v := s.obj.Vals[name].(type) {
	case nil:
		return ""
	case dialect.Text:
		if utf8.RuneCountInString(string(v)) > most {
			s.refuse(name, whyLength, "%d", most)
		}
		return string(v)
	}
	s.refuse(name, whyKind, "a string")
	return ""
}

// need reads a text that must be there.
func (s sheet) need(name string, most int) string {
	v := s.text(name, most)
	if v == "" {
		s.refuse(name, whyMissing, "")
	}
	return v
}

// reference is how the merchant calls its orders and refunds.
var reference = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// maxReference is how long such a name may be.
const maxReference = 63

// reference reads a name of the merchant's.
func (s sheet) reference(name string) string {
	v := s.need(name, maxReference)
	if v != "" && !reference.MatchString(v) {
		s.refuse(name, whyForm, "letters, digits, _ and -")
	}
	return v
}

// whole reads a number between two others, inclusive. It is def if it is not
// there, and must be there if def is zero. A number in quotes is none: the
// vendor refuses it, and so must its stand-in.
func (s sheet) whole(name string, def, least, most int64) int64 {
	v := s.obj.Vals[name]
	if v == nil {
		if def == 0 {
			s.refuse(name, whyMissing, "")
		}
		return def
	}
	n, ok := v.(dialect.Number)
	if !ok {
		s.refuse(name, whyKind, "a number")
		return def
	}
	i, ok := n.Whole()
	switch {
	case !ok:
		s.refuse(name, whyKind, "a whole number")
	case i < least || i > most:
		s.refuse(name, whyRange, "between %d and %d", least, most)
	}
	return i
}

// amount reads an amount in paise.
func (s sheet) amount(least ledger.Amount) ledger.Amount {
	return ledger.Amount(s.whole("amount", 0, int64(least), int64(ledger.MaxAmount)))
}

// object reads an object; it is empty if it is not there, and has then nothing
// that must be.
func (s sheet) object(name string) (sheet, bool) {
	inner := sheet{&dialect.Object{}, s.path + name + ".", s.err}
	switch v := s.obj.Vals[name].(type) {
	case nil:
		return inner, false
	case *dialect.Object:
		inner.obj = v
		return inner, true
	}
	s.refuse(name, whyKind, "an object")
	return inner, false
}

// one reads a word that must be one of these.
func (s sheet) one(name string, words ...string) string {
	v := s.need(name, 64)
	for _, w := range words {
		if v == w {
			return v
		}
	}
	s.refuse(name, whyChoice, "")
	return ""
}

// What the fields of metaInfo may hold: the first ten any text, the others a
// short one of few letters.
const (
	udfs        = 15
	freeUDFs    = 10
	maxUDF      = 256
	maxShortUDF = 50
)

var shortUDF = regexp.MustCompile(`^[a-zA-Z0-9_\- @.+]*$`)

// metaInfo reads the merchant's own fields, in their order.
func (s sheet) metaInfo() *dialect.Object {
	in, there := s.object("metaInfo")
	if !there {
		return nil
	}
	out := &dialect.Object{}
	for i := 1; i <= udfs; i++ {
		name, most := "udf"+strconv.Itoa(i), maxUDF
		if i > freeUDFs {
			most = maxShortUDF
		}
		v := in.text(name, most)
		if i > freeUDFs && !shortUDF.MatchString(v) {
			in.refuse(name, whyForm, "letters, digits, blanks and _ - @ . +")
		}
		if in.obj.Vals[name] != nil {
			out.Set(name, dialect.Text(v))
		}
	}
	return out
}
