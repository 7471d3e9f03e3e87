package razorpay

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

// maxBody is the largest body in bytes: some hundred transfers with full notes
// of their own fit.
const maxBody = 1 << 20

// body reads the body as fields. JSON and forms are taken from everyone, and
// an absent body, JSON null (Go clients send it for none) and [] (PHP clients
// do) are bodies without fields. What is wrong with it is the first error of
// the fields.
func (q *request) body() *fields {
	f := newFields(nil)
	if q.Method == http.MethodGet || q.Method == http.MethodHead || q.Body == nil {
		return f
	}
	data, err := io.ReadAll(http.MaxBytesReader(q.w, q.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return f.refuse(ledger.Refuse(ledger.Invalid, whyTooLarge, "%d", tooLarge.Limit))
	case err != nil: // the caller stopped talking: nobody will hear this
		return f.refuse(ledger.Refuse(ledger.Invalid, whySyntax, ""))
	}
	v, err := decode(data, q.Header.Get("Content-Type"))
	if err != nil {
		return f.refuse(ledger.Refuse(ledger.Invalid, whySyntax, "%s", dialect.Shorten(string(data), 100)))
	}
	switch v := v.(type) {
	case nil:
		return f
	case *object:
		f.obj = v
		return f
	case list:
		if len(v) == 0 {
			return f
		}
	}
	return f.refuse(ledger.Refuse(ledger.Invalid, whySyntax, "%s", dialect.Shorten(string(data), 100)))
}

// decode reads a body by its content type. curl calls everything a form unless
// told otherwise, so what starts like a JSON object or list is JSON whatever it
// is called: no form field's name starts that way.
func decode(data []byte, contentType string) (value, error) {
	trimmed := bytes.TrimSpace(data)
	if len(trimmed) == 0 {
		return nil, nil
	}
	kind, _, _ := mime.ParseMediaType(contentType)
	if kind == "application/x-www-form-urlencoded" && trimmed[0] != '{' && trimmed[0] != '[' {
		if !utf8.Valid(trimmed) {
			return nil, errors.New("not UTF-8")
		}
		return dialect.ParseForm(string(trimmed))
	}
	return dialect.ParseJSON(trimmed)
}
