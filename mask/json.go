package mask

import (
	"encoding/base64"
	"encoding/json"
	"strings"
)

// maskJSON is a JSON text, without blanks, as far as it can be read.
func maskJSON(text string, cut bool) string { return jsonIn(text, cut, maxDepth) }

// JSON is a JSON text that is kept because somebody said it.
func JSON(text string, most int) string { return short(maskJSON(text, false), most, false) }

// A level is an object or an array that is being written.
type level struct {
	object bool
	name   string // that the object or array has
	key    string // that the next value of an object has
	n      int    // values and keys so far
}

func jsonIn(text string, cut bool, depth int) string {
	if cut { // what was cut in the middle is no value
		text = text[:strings.LastIndexAny(text, ",{}[]")+1]
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var out strings.Builder
	stack := []level{{}}
	hidden := 0 // how deep it is in something secret
	for {
		t, err := d.Token()
		if err != nil {
			if len(stack) > 1 || d.More() {
				out.WriteString(more)
			}
			return out.String()
		}
		at := &stack[len(stack)-1]
		if delim, ok := t.(json.Delim); ok && (delim == '}' || delim == ']') {
			stack = stack[:len(stack)-1]
			if hidden > 0 {
				if hidden--; hidden == 0 {
					out.WriteString(quote(Dots))
				}
				continue
			}
			out.WriteRune(rune(delim))
			continue
		}
		if at.object && at.n%2 == 0 { // a key
			at.key = t.(string)
			if hidden == 0 {
				if at.n > 0 {
					out.WriteByte(',')
				}
				out.WriteString(quote(maskKey(at.key)) + ":")
			}
			at.n++
			continue
		}
		if !at.object && at.n > 0 && hidden == 0 {
			out.WriteByte(',')
		}
		at.n++
		name := at.name // an array's values are what its name says
		in := ""
		if at.object {
			in, name = at.name, at.key
		} else if len(stack) > 2 {
			in = stack[len(stack)-2].name
		}
		of := sortOf(in, name)
		if delim, ok := t.(json.Delim); ok {
			stack = append(stack, level{object: delim == '{', name: name})
			switch {
			case hidden > 0 || of == secret && delim == '[' || of == secret && hides(name):
				hidden++
			default:
				out.WriteRune(rune(delim))
			}
			continue
		}
		if hidden == 0 {
			out.WriteString(value(of, t, name, depth))
		}
	}
}

// hides says whether an object of a name that tells of a secret is one as a
// whole. An address or a session may be an object of things that have names of
// their own, which tell.
func hides(name string) bool {
	switch plain(name) {
	case "address", "session", "auth", "token", "name", "verify", "key":
		return false
	}
	return true
}

// value is one value as JSON.
func value(of sort, t json.Token, name string, depth int) string {
	switch v := t.(type) {
	case string:
		if inner, ok := wrapped(name, v); ok {
			if depth == 0 || !json.Valid([]byte(inner)) {
				return quote(Dots)
			}
			return jsonIn(inner, false, depth-1)
		}
		return quote(of.maskIn(v, depth))
	case json.Number:
		if m := of.maskIn(v.String(), depth); m != v.String() {
			return quote(m)
		}
		return v.String()
	case bool:
		switch {
		case of == secret:
			return quote(Dots)
		case v:
			return "true"
		}
		return "false"
	}
	return "null"
}

// wrapped is the JSON that a text is the Base64 of, as PhonePe's requests and
// callbacks have it.
func wrapped(name, v string) (string, bool) {
	if !strings.EqualFold(name, "request") && !strings.EqualFold(name, "response") { // as JSON is read
		return "", false
	}
	for _, code := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		if text, err := code.DecodeString(v); err == nil {
			inner := strings.TrimSpace(string(text))
			if strings.HasPrefix(inner, "{") || strings.HasPrefix(inner, "[") {
				return inner, true
			}
		}
	}
	return "", false
}

// quote is a text in JSON.
func quote(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' }) {
		return `"` + text + `"`
	}
	var out strings.Builder
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(text); err != nil {
		return `""`
	}
	return strings.TrimSuffix(out.String(), "\n")
}
