package dialect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// A Value is what a body holds, however it was encoded: nil, a bool, a number,
// a Text, a List or an *Object. Form-encoded bodies hold texts, lists and
// objects only.
type Value any

// A Text is a string value.
type Text string

// A Number is a JSON number as it was written: it is never a float.
type Number string

// A List is an array.
type List []Value

// An Object keeps its keys in the order they came, so that notes can be echoed
// as they were given.
type Object struct {
	Keys []string
	Vals map[string]Value
}

// Set adds a key, or replaces the value of one that is there.
func (o *Object) Set(key string, v Value) {
	if o.Vals == nil {
		o.Vals = make(map[string]Value, 8)
	}
	if _, there := o.Vals[key]; !there {
		o.Keys = append(o.Keys, key)
	}
	o.Vals[key] = v
}

// Has says whether a key is there, even as null.
func (o *Object) Has(key string) bool { _, ok := o.Vals[key]; return ok }

// maxDepth is how deep a body may nest; the deepest one documented has five
// levels.
const maxDepth = 16

// ParseJSON reads one JSON value. It is stricter than the standard library: a
// key that comes twice, text that is not Unicode and the character NUL are
// refused, because two readers might understand them differently, and one of
// our databases cannot keep NUL.
func ParseJSON(data []byte) (Value, error) {
	if !utf8.Valid(data) {
		return nil, fmt.Errorf("not UTF-8")
	}
	p := &jsonReader{data: data}
	p.space()
	v, err := p.value(0)
	if err != nil {
		return nil, err
	}
	p.space()
	if p.at < len(p.data) {
		return nil, p.unexpected()
	}
	return v, nil
}

type jsonReader struct {
	data []byte
	at   int
}

func (p *jsonReader) space() {
	for p.at < len(p.data) && strings.IndexByte(" \t\r\n", p.data[p.at]) >= 0 {
		p.at++
	}
}

func (p *jsonReader) unexpected() error {
	if p.at >= len(p.data) {
		return fmt.Errorf("unexpected end")
	}
	return fmt.Errorf("unexpected %q at %d", p.data[p.at], p.at)
}

// take steps over c if it comes next.
func (p *jsonReader) take(c byte) bool {
	if p.at < len(p.data) && p.data[p.at] == c {
		p.at++
		return true
	}
	return false
}

func (p *jsonReader) value(depth int) (Value, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("nested deeper than %d", maxDepth)
	}
	if p.at >= len(p.data) {
		return nil, p.unexpected()
	}
	switch c := p.data[p.at]; {
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.list(depth)
	case c == '"':
		s, err := p.text()
		return Text(s), err
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	}
	for _, w := range literals {
		if bytes.HasPrefix(p.data[p.at:], w.word) {
			p.at += len(w.word)
			return w.value, nil
		}
	}
	return nil, p.unexpected()
}

// literals are the values that are neither text nor number.
var literals = []struct {
	word  []byte
	value Value
}{{[]byte("true"), true}, {[]byte("false"), false}, {[]byte("null"), nil}}

func (p *jsonReader) object(depth int) (Value, error) {
	o := &Object{}
	p.at++
	p.space()
	if p.take('}') {
		return o, nil
	}
	for {
		p.space()
		if p.at >= len(p.data) || p.data[p.at] != '"' {
			return nil, p.unexpected()
		}
		key, err := p.text()
		if err != nil {
			return nil, err
		}
		if _, twice := o.Vals[key]; twice {
			return nil, fmt.Errorf("the key %q comes twice", key)
		}
		p.space()
		if !p.take(':') {
			return nil, p.unexpected()
		}
		p.space()
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		o.Set(key, v)
		p.space()
		if p.take('}') {
			return o, nil
		}
		if !p.take(',') {
			return nil, p.unexpected()
		}
	}
}

func (p *jsonReader) list(depth int) (Value, error) {
	l := List{}
	p.at++
	p.space()
	if p.take(']') {
		return l, nil
	}
	for {
		p.space()
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		l = append(l, v)
		p.space()
		if p.take(']') {
			return l, nil
		}
		if !p.take(',') {
			return nil, p.unexpected()
		}
	}
}

func (p *jsonReader) text() (string, error) {
	p.at++
	start := p.at
	for p.at < len(p.data) {
		switch c := p.data[p.at]; {
		case c == '"': // the usual text, without an escape
			s := string(p.data[start:p.at])
			p.at++
			return s, nil
		case c == '\\':
			return p.escaped(start)
		case c < ' ':
			return "", p.unexpected()
		}
		p.at++
	}
	return "", p.unexpected()
}

// escaped reads the rest of a text that began at start and has come to its
// first escape.
func (p *jsonReader) escaped(start int) (string, error) {
	out := append([]byte(nil), p.data[start:p.at]...)
	for p.at < len(p.data) {
		c := p.data[p.at]
		switch {
		case c == '"':
			p.at++
			return string(out), nil
		case c < ' ':
			return "", p.unexpected()
		case c != '\\':
			out = append(out, c)
			p.at++
			continue
		}
		p.at++
		if p.at >= len(p.data) {
			return "", p.unexpected()
		}
		if i := strings.IndexByte(`"\/bfnrt`, p.data[p.at]); i >= 0 {
			out = append(out, "\"\\/\b\f\n\r\t"[i])
			p.at++
			continue
		}
		r, err := p.unicode()
		if err != nil {
			return "", err
		}
		out = utf8.AppendRune(out, r)
	}
	return "", p.unexpected()
}

// unicode reads uXXXX, and a second one behind it if the first is half of a
// pair.
func (p *jsonReader) unicode() (rune, error) {
	r, err := p.hex()
	if err != nil {
		return 0, err
	}
	if utf16.IsSurrogate(r) {
		if !p.take('\\') {
			return 0, fmt.Errorf("half a character at %d", p.at)
		}
		low, err := p.hex()
		if err != nil {
			return 0, err
		}
		if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
			return 0, fmt.Errorf("half a character at %d", p.at)
		}
	}
	if r == 0 {
		return 0, fmt.Errorf("NUL at %d", p.at)
	}
	return r, nil
}

func (p *jsonReader) hex() (rune, error) {
	if p.at+5 > len(p.data) || p.data[p.at] != 'u' {
		return 0, p.unexpected()
	}
	n, err := strconv.ParseUint(string(p.data[p.at+1:p.at+5]), 16, 16)
	if err != nil {
		return 0, p.unexpected()
	}
	p.at += 5
	return rune(n), nil
}

// number reads a number and keeps it as it is written.
func (p *jsonReader) number() (Value, error) {
	start := p.at
	p.take('-')
	if !p.take('0') && p.digits() == 0 {
		return nil, p.unexpected()
	}
	if p.take('.') && p.digits() == 0 {
		return nil, p.unexpected()
	}
	if p.take('e') || p.take('E') {
		if !p.take('+') {
			p.take('-')
		}
		if p.digits() == 0 {
			return nil, p.unexpected()
		}
	}
	return Number(p.data[start:p.at]), nil
}

func (p *jsonReader) digits() int {
	start := p.at
	for p.at < len(p.data) && p.data[p.at] >= '0' && p.data[p.at] <= '9' {
		p.at++
	}
	return p.at - start
}

// Whole is the integer that a number stands for, however it is written: 100,
// 100.0 and 1e2 are one hundred, as they are for the vendor. Ok is false if it
// stands for no integer, or for none that fits.
func (n Number) Whole() (int64, bool) {
	s, minus := strings.CutPrefix(string(n), "-")
	mantissa, exp, e := strings.Cut(strings.ToLower(s), "e")
	shift := 0
	if e {
		var err error
		if shift, err = strconv.Atoi(exp); err != nil || shift < -40 || shift > 40 {
			return 0, strings.Trim(mantissa, "0.") == ""
		}
	}
	digits, fraction, _ := strings.Cut(mantissa, ".")
	for ; shift > 0; shift-- {
		next := "0"
		if fraction != "" {
			next, fraction = fraction[:1], fraction[1:]
		}
		digits += next
	}
	for ; shift < 0; shift++ {
		last := "0"
		if digits != "" {
			last, digits = digits[len(digits)-1:], digits[:len(digits)-1]
		}
		fraction = last + fraction
	}
	if strings.Trim(fraction, "0") != "" {
		return 0, false
	}
	if digits = strings.TrimLeft(digits, "0"); digits == "" {
		return 0, true
	}
	if minus {
		digits = "-" + digits
	}
	i, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0, false
	}
	return i, true
}

// WriteJSON writes a value down: keys in their order, numbers as they were.
func WriteJSON(v Value) string {
	var b strings.Builder
	appendValue(&b, v)
	return b.String()
}

func appendValue(b *strings.Builder, v Value) {
	switch v := v.(type) {
	case nil:
		b.WriteString("null")
	case bool:
		b.WriteString(strconv.FormatBool(v))
	case Number:
		b.WriteString(string(v))
	case Text:
		writeText(b, string(v))
	case List:
		b.WriteByte('[')
		for i, e := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			appendValue(b, e)
		}
		b.WriteByte(']')
	case *Object:
		b.WriteByte('{')
		for i, k := range v.Keys {
			if i > 0 {
				b.WriteByte(',')
			}
			writeText(b, k)
			b.WriteByte(':')
			appendValue(b, v.Vals[k])
		}
		b.WriteByte('}')
	}
}

func writeText(b *strings.Builder, s string) {
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	e.Encode(s) // a string can always be written
	b.Write(bytes.TrimSuffix(buf.Bytes(), []byte("\n")))
}
