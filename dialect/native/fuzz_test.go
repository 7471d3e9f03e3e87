package native

import (
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"wapas/desk"
	"wapas/dialect"
	"wapas/ledger"
)

// An Idempotency-Key is one, of 1 to 255 visible characters of ASCII, or the
// request is refused.
func FuzzKey(f *testing.F) {
	for _, s := range []string{"a", "a b", "", "é", "\x00", strings.Repeat("k", 255), strings.Repeat("k", 256), "१"} {
		f.Add(s, false)
		f.Add(s, true)
	}
	money := route{key: requiredKey}
	f.Fuzz(func(t *testing.T, key string, twice bool) {
		hr := httptest.NewRequest("POST", base+"/x", nil)
		hr.Header["Idempotency-Key"] = []string{key}
		if twice {
			hr.Header.Add("Idempotency-Key", key)
		}
		q := &request{Request: hr, route: &money}
		err := q.readKey()
		good := !twice && len(key) > 0 && len(key) < 256 && !strings.ContainsFunc(key, func(c rune) bool { return c <= ' ' || c > '~' })
		if (err == nil) != good || err != nil && ledger.CodeOf(err) != ledger.Invalid || err == nil && q.once.Key != key {
			t.Fatalf("%q, twice %t: %v", key, twice, err)
		}
	})
}

// A cursor opens in the list that gave it, as what it was; in another list, or
// made up, it does not.
func FuzzCursor(f *testing.F) {
	f.Add("pay_00000000000000", "bGlzdA")
	f.Add("", "")
	f.Add("a b/1", "bGlzdFJlZnVuZHMg")
	f.Add("१", "\n")
	f.Fuzz(func(t *testing.T, at, made string) {
		mine, other := &request{route: &route{id: "listRefunds"}}, &request{route: &route{id: "listRefund"}}
		if got, err := mine.after(listing{After: mine.cursor(at)}); dialect.IsText(at) && at != "" && (err != nil || got != at) {
			t.Fatalf("%q opens as %q, %v", at, got, err)
		}
		if got, err := other.after(listing{After: mine.cursor(at)}); err == nil {
			t.Fatalf("%q opens in another list as %q", at, got)
		}
		got, err := mine.after(listing{After: made})
		if err != nil && ledger.CodeOf(err) != ledger.Invalid || err == nil && !dialect.IsText(got) {
			t.Fatalf("%q opens as %q, %v", made, got, err)
		}
	})
}

// If-None-Match matches a tag that it names and no other.
func FuzzMatches(f *testing.F) {
	for _, s := range []string{`"a"`, `W/"a", "b"`, `*`, ``, `"a`, `a`, ` , ,"a"`, strings.Repeat(`"x",`, 100)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, header string) {
		got := matches(header, `"a"`)
		named := strings.Contains(header, `"a"`) || strings.Contains(header, "*")
		if got && !named || !got && (header == `"a"` || header == "*" || header == `W/"a"`) {
			t.Fatalf("%q matches: %t", header, got)
		}
		if got && !matches(header+`,"b"`, `"a"`) {
			t.Fatalf("%q matches no longer with more behind it", header)
		}
	})
}

// A path leads to a route that has as many parts, each as it is written there or
// under its name.
func FuzzRoute(f *testing.F) {
	for _, s := range []string{"/api/v1/refunds/rfnd_1", "/api/v1/accounts/2100%2Fcust_1", "/api/v1/refunds/", "/api/v1//refunds", "/api/v1/refunds/%00", "/api/v1/../x", "/api/v1", "/API/v1/me", "/api/v1/me/%2e%2e"} {
		f.Add(s)
	}
	r := newRoom(&desk.Desk{}, Config{})
	f.Fuzz(func(t *testing.T, path string) {
		u, err := url.ParseRequestURI(path)
		if err != nil {
			return
		}
		met := map[string]string{}
		n := r.tree.at(u, met)
		if n == nil {
			return
		}
		parts := strings.Split(strings.TrimSuffix(strings.TrimPrefix(u.EscapedPath(), base+"/"), "/"), "/")
		for _, to := range n.by {
			want := strings.Split(strings.TrimPrefix(to.path, "/"), "/")
			if len(want) != len(parts) {
				t.Fatalf("%q leads to %s", path, to.path)
			}
			for i, w := range want {
				part, _ := url.PathUnescape(parts[i])
				if name, ok := placeholder(w); ok && met[name] != part || !ok && w != part {
					t.Fatalf("%q leads to %s with %v", path, to.path, met)
				}
			}
		}
	})
}

// A refusal tells of no more faults than anybody reads, however many a request
// has.
func FuzzFaults(f *testing.F) {
	f.Add("k", 4_999)
	f.Add("amount", 3)
	f.Add("é\"", 101)
	all := routes()
	at := slices.IndexFunc(all, func(t route) bool { return t.id == "createRefund" })
	f.Fuzz(func(t *testing.T, name string, n int) {
		if n = (n%5_000 + 5_000) % 5_000; !dialect.IsText(name) || len(name) > 50 {
			return
		}
		o := &dialect.Object{}
		for i := range n {
			o.Set(name+strings.Repeat("_", i%7)+string(rune('a'+i%26))+string(rune(0x4e00+i%20000))+string(rune('a'+i/26%26)), nil)
		}
		hr := httptest.NewRequest("POST", base+"/refunds", strings.NewReader(dialect.WriteJSON(o)))
		hr.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		q := &request{Request: hr, room: &room{desk: &desk.Desk{}}, w: w, route: &all[at], parts: map[string]string{}}
		_, err := q.bind()
		p := problemOf(err)
		if p.Status != 400 && p.Status != 413 || len(p.Errors) > maxFaults {
			t.Fatalf("%d fields: %d with %d faults", n, p.Status, len(p.Errors))
		}
	})
}
