// Package dialect is what rooms share: strict reading of JSON and forms, and
// the writing of answers. It knows no vendor.
package dialect

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// Encode writes v as JSON, with <, > and & as they are, as most vendors do.
func Encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// Shorten cuts what we were sent to n characters, for texts that repeat it.
func Shorten(s string, n int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n])
}
