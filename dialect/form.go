package dialect

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxPairs is how many fields a form or a query may have.
const MaxPairs = 2000

// ParseForm reads a query or a form-encoded body into a value, by the habits
// of PHP and Ruby: a[b] is the key b of the object a, a[] is the next element of
// the list a, a[0] its first. An object whose keys count from 0 is a list too
// (see AsList), and "a[]=" is Ruby's way to write an empty one. A key that comes
// twice has its last value, as there.
func ParseForm(s string) (*Object, error) {
	root := &Object{}
	pairs := 0
	for part := range strings.SplitSeq(s, "&") {
		if part == "" {
			continue
		}
		if pairs++; pairs > MaxPairs {
			return nil, errors.New("too many fields")
		}
		k, v, _ := strings.Cut(part, "=")
		key, err := url.QueryUnescape(k)
		if err != nil {
			return nil, err
		}
		val, err := url.QueryUnescape(v)
		if err != nil {
			return nil, err
		}
		for _, s := range []string{key, val} {
			if !utf8.ValidString(s) {
				return nil, errors.New("not UTF-8")
			}
			if strings.ContainsRune(s, 0) {
				return nil, errors.New("NUL")
			}
		}
		if err := root.Plant(key, Text(val)); err != nil {
			return nil, err
		}
	}
	return root, nil
}

// steps takes a key apart: "a[b][]" is a, b and "". Brackets that do not pair
// belong to the name.
func steps(key string) []string {
	i := strings.IndexByte(key, '[')
	if i <= 0 || !strings.HasSuffix(key, "]") {
		return []string{key}
	}
	out := []string{key[:i]}
	return append(out, strings.Split(key[i+1:len(key)-1], "][")...)
}

// Plant puts a value where a form's key says: "a[b][]" is the next element of
// the list b of the object a.
func (o *Object) Plant(key string, v Value) error {
	steps := steps(key)
	if len(steps) > maxDepth {
		return errors.New("nested too deep")
	}
	at := o
	for i, s := range steps {
		last := i == len(steps)-1
		if s == "" && i > 0 {
			if last && v == Text("") && len(at.Keys) == 0 {
				return nil
			}
			s = strconv.Itoa(len(at.Keys))
		}
		if last {
			at.Set(s, v)
			return nil
		}
		next, ok := at.Vals[s].(*Object)
		if !ok {
			next = &Object{}
			at.Set(s, next)
		}
		at = next
	}
	return nil
}

// AsList is a value as a list: a list itself, or an object whose keys are 0, 1,
// 2… in any order, which is how forms, and PHP in JSON too, write one.
func AsList(v Value) (List, bool) {
	if l, ok := v.(List); ok {
		return l, true
	}
	o, ok := v.(*Object)
	if !ok {
		return nil, false
	}
	out := make(List, len(o.Keys))
	for i := range out {
		e, ok := o.Vals[strconv.Itoa(i)]
		if !ok {
			return nil, false
		}
		out[i] = e
	}
	return out, true
}
