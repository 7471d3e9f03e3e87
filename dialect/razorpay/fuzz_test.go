package razorpay

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"wapas/dialect"
	"wapas/ledger"
)

// An id is its prefix and 14 letters and digits of ASCII; whatever else comes is
// refused, and repeated in no more than its size.
func FuzzID(f *testing.F) {
	f.Add("pay_00000000000000", "pay")
	f.Add("pay_०००००००००००००0", "pay")
	f.Add("pay_\x00000000000000\xff", "pay")
	f.Add("rfnd_00000000000000", "pay")
	f.Add("00000000000000", "webhook")
	f.Add(strings.Repeat("_", 5000), "acc_prd")
	form := regexp.MustCompile(`^[0-9A-Za-z]{14}$`)
	f.Fuzz(func(t *testing.T, value, prefix string) {
		if words[prefix] || strings.ContainsRune(prefix, '_') && prefix != "acc_prd" {
			return
		}
		err := checkID(value, prefix)
		rest := strings.TrimPrefix(value, prefix+"_")
		if bare[prefix] {
			rest = value
		}
		if is := form.MatchString(rest) && (bare[prefix] || strings.HasPrefix(value, prefix+"_")); (err == nil) != is {
			t.Fatalf("%q as an id of %s: %v", value, prefix, err)
		}
		if err != nil && (ledger.CodeOf(err) != ledger.Invalid || len(err.Error()) > 1000) {
			t.Fatalf("%q: %v", value, err)
		}
	})
}

// Whatever a query asks for, a page is of 1 to 100 rows behind no fewer than
// none, and what is expanded is known.
func FuzzPage(f *testing.F) {
	for _, s := range []string{"count=5&skip=1", "count=0", "count=१०", "count=1e2", "skip=9223372036854775807", "from=1700000000&to=x", "expand[]=payments&expand[]=x", "expand[expand][0]=payments", "expand=[payments%20transfers]", "%zz", "count[]=1"} {
		f.Add(s)
	}
	r := &room{}
	f.Fuzz(func(t *testing.T, query string) {
		hr := httptest.NewRequest("GET", "/v1/x", nil)
		hr.URL.RawQuery = query
		q := &request{Request: hr, room: r}
		p, err := q.page()
		switch {
		case err != nil && ledger.CodeOf(err) != ledger.Invalid:
			t.Fatalf("%q: %v", query, err)
		case err == nil && (p.Count < 1 || p.Count > maxPage || p.Skip < 0 || p.Skip > maxSkip):
			t.Fatalf("%q is a page of %d behind %d", query, p.Count, p.Skip)
		}
		if asked, err := q.expand([]string{"payments"}, "transfers"); err == nil {
			for word := range asked {
				if word != "payments" && word != "transfers" {
					t.Fatalf("%q expands %q", query, word)
				}
			}
		}
	})
}

// Notes are kept as an object of texts, numbers and words that anybody can read,
// and are the ones that were sent.
func FuzzNotes(f *testing.F) {
	for _, s := range []string{`{"a":"b","n":1e2,"t":true,"z":null}`, `[]`, `""`, `null`, `{"a":{}}`, `{"a":"\u2028<"}`, `{"` + strings.Repeat("k", 257) + `":1}`, `{"a":"१"}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		v, err := dialect.ParseJSON([]byte(body))
		if err != nil {
			return
		}
		n, err := readNotes(v, "notes")
		if err != nil || n == "" {
			return
		}
		var kept, sent map[string]any
		if json.Unmarshal([]byte(n), &kept) != nil || len(kept) > maxNotes {
			t.Fatalf("%q is kept as %q", body, n)
		}
		if json.Unmarshal([]byte(body), &sent) == nil {
			a, _ := json.Marshal(kept)
			if b, _ := json.Marshal(sent); string(a) != string(b) {
				t.Fatalf("%q is kept as %q", body, n)
			}
		}
	})
}

// A body with a file in it is read to its end or refused: fields are clean
// texts, and the file is known by no more than its bytes.
func FuzzUpload(f *testing.F) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	w.SetBoundary("x")
	w.WriteField("purpose", "kyc")
	part, _ := w.CreateFormFile("file", "a\x00b.png")
	part.Write([]byte("\x89PNG\r\n\x1a\n"))
	w.Close()
	f.Add(b.Bytes())
	f.Add([]byte("--x\r\nContent-Disposition: form-data; name=\"a[b][]\"\r\n\r\n1\r\n--x--\r\n"))
	f.Add([]byte("--x\r\n\r\n\r\n--x--"))
	f.Add([]byte("--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"\xff\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=00\r\n--x--"))
	f.Fuzz(func(t *testing.T, body []byte) {
		obj := &object{}
		got, err := readParts(multipart.NewReader(bytes.NewReader(body), "x"), obj, []string{"file"})
		if err != nil {
			return
		}
		if got != nil && (got.size > int64(len(body)) || len(got.sha256) != 64 || !clean(got.name)) {
			t.Fatalf("%q is the file %+v", body, got)
		}
		if text := dialect.WriteJSON(obj); !json.Valid([]byte(text)) || len(text) > 6*len(body)+10 {
			t.Fatalf("%q are the fields %q", body, text)
		}
	})
}
