// Package mask takes out of requests and answers what nobody may keep: codes,
// passwords, tokens and card numbers become dots; of phones, e-mails, VPAs and
// account numbers the last four characters are left. What it does not know it
// masks if it might be somebody's number.
package mask

import (
	"mime"
	"net/url"
	"strings"
	"unicode/utf8"
)

// Dots stand for what is not shown.
const Dots = "••••••"

const more = "…" // stands for what was cut off

// Body is a body as people may keep and read it, in at most so many bytes. JSON,
// forms and the Base64 that some wrap their JSON in are understood, whole or cut
// off; of anything else only the type is told. What was cut off in the middle of
// a value is left out, because half a number is no number.
func Body(contentType string, body []byte, most int) string {
	if len(body) == 0 {
		return ""
	}
	cut := len(body) > most
	text := strings.TrimLeft(strings.ToValidUTF8(string(body[:min(len(body), most)]), "\ufffd"), "\ufeff \t\r\n")
	kind, _, _ := mime.ParseMediaType(contentType)
	switch {
	case strings.HasPrefix(text, "{") || strings.HasPrefix(text, "["):
		text = maskJSON(text, cut)
	case kind == "application/x-www-form-urlencoded":
		if cut {
			text = text[:max(0, strings.LastIndexByte(text, '&'))]
		}
		text = Query(text)
	case kind == "text/plain", strings.HasSuffix(kind, "json"):
		if cut {
			text = text[:max(0, strings.LastIndexByte(text, ' '))]
		}
		text = anything.mask(text)
	default:
		text = "(" + anything.mask(kind) + ")"
	}
	return short(text, most, cut)
}

// Line is a short text of which nothing is known, such as a header's value.
func Line(text string, most int) string {
	return short(anything.mask(strings.ToValidUTF8(text, "\ufffd")), most, false)
}

// short is a text in at most so many bytes.
func short(text string, most int, cut bool) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, text)
	if len(text) > most {
		for text = text[:max(0, most-len(more))]; !utf8.ValidString(text); {
			text = text[:len(text)-1]
		}
		cut = true
	}
	if cut && !strings.HasSuffix(text, more) {
		text += more
	}
	return text
}

// Query is a query or a form. Its pairs stay in their order.
func Query(raw string) string {
	var out strings.Builder
	for pair := range strings.SplitSeq(raw, "&") {
		if out.Len() > 0 {
			out.WriteByte('&')
		}
		k, v, pairs := strings.Cut(pair, "=")
		key, err1 := url.QueryUnescape(k)
		val, err2 := url.QueryUnescape(v)
		if err1 != nil || err2 != nil {
			out.WriteString(Dots)
			continue
		}
		out.WriteString(escape(maskKey(key)))
		if pairs {
			out.WriteByte('=')
			out.WriteString(escape(sortOf("", key).mask(val)))
		}
	}
	return out.String()
}

// escape is a text as it stands in a query, but for the dots.
func escape(text string) string {
	return strings.ReplaceAll(url.QueryEscape(text), url.QueryEscape("•"), "•")
}

// Path is the path of an address with its query.
func Path(u *url.URL) string {
	parts := strings.Split(strings.ToValidUTF8(u.Path, "\ufffd"), "/")
	for i, part := range parts {
		if name, val, pair := strings.Cut(part, ":"); pair && name != "" { // mobile_number:9876543210
			parts[i] = maskKey(name) + ":" + sortOf("", name).mask(val)
			continue
		}
		parts[i] = anything.mask(part)
	}
	text := strings.Join(parts, "/")
	if u.RawQuery != "" {
		text += "?" + Query(u.RawQuery)
	}
	return short(text, 1000, false)
}
