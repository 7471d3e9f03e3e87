package eko

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"wapas/desk"
	"wapas/dialect"
)

// A path leads to a route of its version that has as many parts; what stands for
// a name is text.
func FuzzPath(f *testing.F) {
	for _, s := range []string{"/ekoapi/v2/transactions/123/refund", "/ekoicici/v1/transactions/client_ref_id%3AX", "/ekoapi/v3/customer/payment/refund/%00", "//ekoapi//v2/user/account/balance/", "/ekoapi/v4/transactions", "/ekoapi/v2/transactions/%FF", "/ekoapi/v2/transactions/a%2Fb"} {
		f.Add(s)
	}
	r := New(&desk.Desk{}, Config{}).(*room)
	f.Fuzz(func(t *testing.T, path string) {
		u, err := url.ParseRequestURI(path)
		if err != nil {
			return
		}
		hr := httptest.NewRequest("GET", "/", nil)
		hr.URL = u
		q := &request{Request: hr, room: r}
		to, err := r.find(q)
		if err != nil {
			return
		}
		if !strings.Contains(to.versions, q.version) {
			t.Fatalf("%q leads to %s in %s", path, to.path, q.version)
		}
		for name, part := range q.parts {
			if !dialect.IsText(part) || !strings.Contains(to.path, "{"+name+"}") {
				t.Fatalf("%q leads to %s with %v", path, to.path, q.parts)
			}
		}
	})
}

// A whole number is written in ASCII, as JSON has it; whatever looks like one is
// not.
func FuzzWhole(f *testing.F) {
	for _, s := range []string{"45", "4.0", "1e1", "+5", "-", ".", "e5", "५", "0x1", " 7 ", "9223372036854775808"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q := &request{room: &room{}}
		form := &fields{q: q, vals: &dialect.Object{}, asked: map[string]bool{}}
		form.vals.Set("n", dialect.Text(text))
		n, there := form.whole("n")
		if there && !wholeForm.MatchString(strings.TrimSpace(text)) {
			t.Fatalf("%q is %d", text, n)
		}
		if !there && form.invalid == nil && strings.TrimSpace(text) != "" {
			t.Fatalf("%q is neither taken nor refused", text)
		}
	})
}
