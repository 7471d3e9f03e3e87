package engage

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"unicode/utf8"

	"wapas/dialect"
	"wapas/ledger"
)

// The rules of bodies.
const (
	whyTooLarge  ledger.Why = "too_large"
	whyMalformed ledger.Why = "malformed"
)

// maxBody is the largest body in bytes: ten times what a credit with full notes
// needs.
const maxBody = 64 << 10

// read reads the body: Invalid if it is too large or does not hold an object.
func (q *request) read(decode func([]byte, string) (*dialect.Object, error)) (*dialect.Object, error) {
	data, err := io.ReadAll(http.MaxBytesReader(q.w, q.Body, maxBody))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, ledger.Refuse(ledger.Invalid, whyTooLarge, "%d", tooLarge.Limit)
	}
	o, bad := decode(data, q.Header.Get("Content-Type"))
	if err != nil || bad != nil { // of a caller that stopped talking nobody will hear
		return nil, ledger.Refuse(ledger.Invalid, whyMalformed, "")
	}
	return o, nil
}

var errNoObject = errors.New("not an object")

// decodeJSON reads an object. The samples of the manual have comments ("//
// idempotency key" behind a value): what is no JSON is read once more without
// them.
func decodeJSON(data []byte, _ string) (*dialect.Object, error) {
	v, err := dialect.ParseJSON(data)
	if err != nil {
		if v, err = dialect.ParseJSON(uncomment(data)); err != nil {
			return nil, err
		}
	}
	o, ok := v.(*dialect.Object)
	if !ok {
		return nil, errNoObject
	}
	return o, nil
}

// uncomment leaves out what stands behind // to the end of a line, outside of
// strings.
func uncomment(data []byte) []byte {
	out := make([]byte, 0, len(data))
	quoted := false
	for i := 0; i < len(data); i++ {
		c := data[i]
		switch {
		case quoted && c == '\\' && i+1 < len(data):
			out = append(out, c)
			i++
			c = data[i]
		case c == '"':
			quoted = !quoted
		case !quoted && c == '/' && i+1 < len(data) && data[i+1] == '/':
			end := bytes.IndexByte(data[i:], '\n')
			if end < 0 {
				return out
			}
			i += end
			c = '\n'
		}
		out = append(out, c)
	}
	return out
}

// decodeEither reads an object in JSON or in a form, as OAuth clients send it.
func decodeEither(data []byte, contentType string) (*dialect.Object, error) {
	trimmed := bytes.TrimSpace(data)
	kind, _, _ := mime.ParseMediaType(contentType)
	if kind == "application/x-www-form-urlencoded" && !bytes.HasPrefix(trimmed, []byte("{")) {
		if !utf8.Valid(trimmed) {
			return nil, errors.New("not UTF-8")
		}
		return dialect.ParseForm(string(trimmed))
	}
	return decodeJSON(data, contentType)
}
