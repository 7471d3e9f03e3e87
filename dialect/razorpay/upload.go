package razorpay

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"wapas/dialect"
	"wapas/ledger"
)

// The limits of a body with a file in it. Every file of the manual's largest
// size, and the next larger ones, are read to their end, so that who sent one
// hears how large it may be.
const (
	maxUpload    = 8 << 20
	maxFileName  = 255
	maxFormBytes = 64 << 10 // of all that is not the file
)

// A file is what is known of one that was sent: the file goes by.
type file struct {
	name   string
	form   string // by its content, whatever it is called
	size   int64
	sha256 string
}

// upload reads a multipart body: a file under the name that is given, or one of
// its other names, and texts as fields. A body of another form is read as such
// and has no file. What is wrong with it is the first error of the fields, and
// the file is there only if there is none.
func (q *request) upload(name string, aliases ...string) (*fields, file) {
	kind, params, _ := mime.ParseMediaType(q.Header.Get("Content-Type"))
	if kind != "multipart/form-data" {
		b := q.body()
		if b.has(name) {
			b.refuseIn(name, whyFile, "")
		}
		b.require(name)
		return b, file{}
	}
	b := newFields(&object{})
	got, err := readParts(multipart.NewReader(http.MaxBytesReader(q.w, q.Body, maxUpload), params["boundary"]), b.obj, append(aliases, name))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		b.refuse(ledger.Refuse(ledger.Invalid, whyTooLarge, "%d", tooLarge.Limit))
	case err != nil:
		b.refuse(ledger.Refuse(ledger.Invalid, whySyntax, "%s", kind))
	case got != nil:
		b.ignore(name)
		return b, *got
	case b.has(name):
		b.refuseIn(name, whyFile, "")
	default:
		b.require(name)
	}
	return b, file{}
}

var errFormTooLarge = errors.New("the fields beside the file are too large")

// readParts reads the parts of a body: texts into obj, and the file if there is
// one. A file under a name that nobody asked for becomes a field of that name,
// which is refused like any other that nobody asked for.
func readParts(r *multipart.Reader, obj *object, names []string) (*file, error) {
	var got *file
	room := int64(maxFormBytes)
	for n := 0; ; n++ {
		part, err := r.NextPart()
		if err == io.EOF {
			return got, nil
		}
		if err != nil {
			return nil, err
		}
		field := part.FormName()
		if !clean(field) || n >= dialect.MaxPairs {
			return nil, errors.New("not a name of a field")
		}
		if part.FileName() != "" {
			f, err := readFile(part)
			if err != nil {
				return nil, err
			}
			if slices.Contains(names, field) {
				got = &f
			} else {
				obj.Set(field, text(f.name))
			}
			continue
		}
		val, err := io.ReadAll(io.LimitReader(part, room+1))
		if err != nil {
			return nil, err
		}
		if room -= int64(len(val)); room < 0 {
			return nil, errFormTooLarge
		}
		if !clean(string(val)) {
			return nil, errors.New("not UTF-8")
		}
		if err := obj.Plant(field, text(val)); err != nil {
			return nil, err
		}
	}
}

// clean says that a text is one: Unicode, and without NUL.
func clean(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// readFile reads a file to its end and keeps what is known of it.
func readFile(part *multipart.Part) (file, error) {
	head := make([]byte, 512) // as much as http.DetectContentType looks at
	n, err := io.ReadFull(part, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return file{}, err
	}
	h := sha256.New()
	h.Write(head[:n])
	rest, err := io.Copy(h, part)
	if err != nil {
		return file{}, err
	}
	name := strings.ReplaceAll(part.FileName(), "\x00", "")
	form, _, _ := strings.Cut(http.DetectContentType(head[:n]), ";")
	return file{name: dialect.Shorten(name, maxFileName), form: form, size: int64(n) + rest, sha256: hex.EncodeToString(h.Sum(nil))}, nil
}
