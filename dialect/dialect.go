// Package dialect is what rooms share: strict reading of JSON and forms, and
// the writing of answers. It knows no vendor.
package dialect

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
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

// Digest is a hash of a request as it was understood, for desk.Once. Give it
// the request to the desk, before its Once is set. It panics on what JSON
// cannot hold, which no request to the desk is.
func Digest(understood ...any) string {
	b, err := json.Marshal(understood)
	if err != nil {
		panic(fmt.Sprintf("dialect: a request to the desk that JSON cannot hold: %v", err))
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Shorten cuts what we were sent to n characters, for texts that repeat it.
func Shorten(s string, n int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n])
}
