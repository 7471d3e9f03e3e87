package razorpay

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The limits of forms and queries.
const (
	maxPairs = 2000
)

// parseForm reads a query or a form-encoded body into a value, by the habits
// of PHP and Ruby: a[b] is the key b of the object a, a[] is the next element of
// the list a, a[0] its first. An object whose keys count from 0 is a list too
// (see asList), and "a[]=" is Ruby's way to write an empty one. A key that comes
// twice has its last value, as there.
func parseForm(s string) (*object, error) {
	root := &object{}
	pairs := 0
	for part := range strings.SplitSeq(s, "&") {
		if part == "" {
			continue
		}
		if pairs++; pairs > maxPairs {
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
		if err := plant(root, steps(key), text(val)); err != nil {
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

// plant puts a value under root where the steps lead.
func plant(root *object, steps []string, v value) error {
	if len(steps) > maxDepth {
		return errors.New("nested too deep")
	}
	at := root
	for i, s := range steps {
		last := i == len(steps)-1
		if s == "" && i > 0 {
			if last && v == text("") && len(at.keys) == 0 {
				return nil
			}
			s = strconv.Itoa(len(at.keys))
		}
		if last {
			at.set(s, v)
			return nil
		}
		next, ok := at.vals[s].(*object)
		if !ok {
			next = &object{}
			at.set(s, next)
		}
		at = next
	}
	return nil
}

// asList is a value as a list: a list itself, or an object whose keys are 0, 1,
// 2… in any order, which is how forms, and PHP in JSON too, write one.
func asList(v value) (list, bool) {
	if l, ok := v.(list); ok {
		return l, true
	}
	o, ok := v.(*object)
	if !ok {
		return nil, false
	}
	out := make(list, len(o.keys))
	for i := range out {
		e, ok := o.vals[strconv.Itoa(i)]
		if !ok {
			return nil, false
		}
		out[i] = e
	}
	return out, true
}
