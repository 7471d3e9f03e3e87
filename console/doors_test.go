package console_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"wapas/console"
	"wapas/desk"
	"wapas/dialecttest"
)

// bare is a route with some name for whatever it names.
func bare(path string) string {
	path = strings.ReplaceAll(path, "{$}", "")
	return regexp.MustCompile(`\{[a-z.]+\}`).ReplaceAllString(path, "x")
}

// Every page and form, by the console's own list: nobody sees or sends it without
// a session or with too small a role, no other site makes a browser send it, and
// its answer says what a browser may do with it.
func TestEveryDoor(t *testing.T) {
	h := dialecttest.Open(t)
	people := map[desk.Role]*insider{}
	for _, role := range desk.Roles {
		people[role] = signIn(t, h, role)
	}
	nobody := &insider{t: t, house: h, handler: people[desk.Admin].handler, cookies: map[string]string{}}
	forged := &insider{t: t, house: h, handler: nobody.handler, cookies: map[string]string{"wapas_session": desk.Letters(43)}}
	forms := 0
	for _, p := range console.Pages() {
		method, path, _ := strings.Cut(p.At, " ")
		for _, mode := range []string{"/test", "/live"} {
			at := mode + bare(path)
			for role, i := range people {
				may := (desk.Person{ID: "per_1", Role: role}).May(p.Right)
				w := i.ask(method, at, url.Values{})
				i.cookies = map[string]string{"wapas_session": i.cookies["wapas_session"]}
				if denied := w.Code == http.StatusForbidden; denied == may {
					t.Errorf("%s asks %s %s: %d, and may: %t", role, method, at, w.Code, may)
				}
				if w.Code >= 500 {
					t.Errorf("%s asks %s %s: %d %s", role, method, at, w.Code, text(w.Body.String()))
				}
				if p.Test && mode == "/live" && may && w.Code != http.StatusNotFound {
					t.Errorf("%s %s of a live book: %d", method, at, w.Code)
				}
				guarded(t, method+" "+at, w)
			}
			for _, i := range []*insider{nobody, forged} {
				if w := i.ask(method, at, url.Values{}); w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/console/login") {
					t.Errorf("nobody asks %s %s: %d to %s", method, at, w.Code, w.Header().Get("Location"))
				}
			}
			if method == "GET" {
				continue
			}
			forms++
			for name, head := range otherSites {
				r := httptest.NewRequest(method, "http://refunds.example.in"+at, strings.NewReader(""))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				for k, v := range head {
					r.Header.Set(k, v)
				}
				r.AddCookie(&http.Cookie{Name: "wapas_session", Value: people[desk.Admin].cookies["wapas_session"]})
				w := httptest.NewRecorder()
				nobody.handler.ServeHTTP(w, r)
				if w.Code != http.StatusForbidden {
					t.Errorf("%s sends %s: %d", name, at, w.Code)
				}
				guarded(t, name+" "+at, w)
			}
		}
	}
	if forms < 60 {
		t.Errorf("only %d forms are known", forms)
	}
	for _, at := range []string{"/login", "/logout", "/look"} { // nobody is signed in as somebody else by another site
		for name, head := range otherSites {
			r := httptest.NewRequest("POST", "http://refunds.example.in"+at, strings.NewReader(""))
			for k, v := range head {
				r.Header.Set(k, v)
			}
			w := httptest.NewRecorder()
			if nobody.handler.ServeHTTP(w, r); w.Code != http.StatusForbidden {
				t.Errorf("%s sends %s: %d", name, at, w.Code)
			}
		}
	}
}

// otherSites are what browsers say when another site has them send a form.
var otherSites = map[string]map[string]string{
	"another site":              {"Sec-Fetch-Site": "cross-site"},
	"another name of the house": {"Sec-Fetch-Site": "same-site"},
	"an old browser":            {"Origin": "https://evil.example"},
	"another port":              {"Origin": "http://refunds.example.in:8081"},
	"a page without an origin":  {"Origin": "null"},
}

// guarded wants the headers that bound what a page may do in a browser.
func guarded(t *testing.T, what string, w *httptest.ResponseRecorder) {
	t.Helper()
	policy := w.Header().Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "script-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, part) {
			t.Errorf("%s: the policy has no %s: %s", what, part, policy)
		}
	}
	if strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") {
		t.Errorf("%s: the policy is %s", what, policy)
	}
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin", "Cache-Control": "no-store",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: %s is %q", what, name, got)
		}
	}
}

// A session is the server's: it is new whenever somebody signs in, it is over
// for good when they leave, and their other ones end with their password. What a
// role may do ends with the role.
func TestSessionsOfPeople(t *testing.T) {
	h := dialecttest.Open(t)
	ctx := context.Background()
	boss := signIn(t, h, desk.Admin)
	p, err := h.Desk.AddPerson(ctx, desk.PersonRequest{Merchant: h.Merchant, Email: "asha@example.in", Role: desk.Finance, Password: "a long enough one"})
	if err != nil {
		t.Fatal(err)
	}
	enter := func(secure bool, planted, password string) *insider {
		t.Helper()
		i := &insider{t, h, console.New(h.Desk, console.Config{Secure: secure}), p, map[string]string{"wapas_session": planted}}
		w := i.ask("POST", "/login", form("email", p.Email, "password", password, "to", "//evil.example/"))
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/console/" {
			t.Fatalf("%d to %s", w.Code, w.Header().Get("Location"))
		}
		for _, c := range w.Result().Cookies() {
			if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != console.Base || c.Domain != "" || c.Secure != secure {
				t.Errorf("the cookie is %v", c)
			}
		}
		if i.cookies["wapas_session"] == planted || len(i.cookies["wapas_session"]) < 43 {
			t.Errorf("who brought the session %q keeps %q", planted, i.cookies["wapas_session"])
		}
		return i
	}
	in := func(i *insider, path string) int { t.Helper(); return i.ask("GET", path, nil).Code }

	planted := desk.Letters(43)
	one, two := enter(true, planted, "a long enough one"), enter(false, one43, "a long enough one")
	if c := in(&insider{t, h, one.handler, p, map[string]string{"wapas_session": planted}}, "/test/books"); c != http.StatusSeeOther {
		t.Errorf("a session that somebody else planted: %d", c)
	}
	left := &insider{t, h, one.handler, p, map[string]string{"wapas_session": one.cookies["wapas_session"]}}
	if w := one.ask("POST", "/logout", url.Values{}); w.Code != http.StatusSeeOther || one.cookies["wapas_session"] != "" {
		t.Errorf("who leaves: %d, and keeps %q", w.Code, one.cookies["wapas_session"])
	}
	if c := in(left, "/test/books"); c != http.StatusSeeOther {
		t.Errorf("the session of somebody who left: %d", c)
	}
	if c := in(two, "/test/books"); c != http.StatusOK {
		t.Errorf("their other one: %d", c)
	}

	// A role that is taken away takes what it may with it, at once.
	boss.send("/test/settings/people/"+string(p.ID), form("name", "Asha", "role", "viewer"))
	if c := in(two, "/test/settings/audit"); c != http.StatusForbidden {
		t.Errorf("a viewer who was of finance a moment ago reads the audit log: %d", c)
	}
	boss.send("/test/settings/people/"+string(p.ID), form("name", "Asha", "role", "finance"))
	if c := in(two, "/test/settings/audit"); c != http.StatusOK {
		t.Errorf("of finance again: %d", c)
	}

	// Another password ends all sessions, whoever gives it; so does disabling.
	three := enter(false, "", "a long enough one")
	if w := two.ask("POST", "/test/settings/me", form("old", "a long enough one", "new", "quite another password", "password", "quite another password", "again", "quite another password")); w.Code >= 400 {
		t.Fatalf("another password: %d %s", w.Code, text(w.Body.String()))
	}
	if c := in(three, "/test/books"); c != http.StatusSeeOther {
		t.Errorf("a session from before the password: %d", c)
	}
	for what, path := range map[string]string{"a password by an admin": "password", "signing out by an admin": "sign-out", "disabling": "disable"} {
		i := &insider{t, h, boss.handler, p, map[string]string{}}
		if i.cookies["wapas_session"], _, err = h.Desk.StartSession(ctx, must(h.Desk.Person(ctx, p.ID))(t), "203.0.113.8"); err != nil {
			t.Fatal(err)
		}
		if c := in(i, "/test/books"); c != http.StatusOK {
			t.Fatalf("before %s: %d", what, c)
		}
		if w := boss.ask("POST", "/test/settings/people/"+string(p.ID)+"/"+path, form("key", what)); w.Code >= 400 {
			t.Fatalf("%s: %d %s", what, w.Code, text(w.Body.String()))
		}
		if c := in(i, "/test/books"); c != http.StatusSeeOther {
			t.Errorf("a session after %s: %d", what, c)
		}
		on := false
		if _, err := h.Desk.EditPerson(ctx, p.ID, desk.PersonChange{Disabled: &on}); err != nil {
			t.Fatal(err)
		}
	}
	h.Advance(t, desk.SessionIdle+time.Second)
	if c := in(boss, "/test/books"); c != http.StatusSeeOther {
		t.Errorf("a session that nobody used for half a day: %d", c)
	}
}

// one43 looks like a session, and is none.
var one43 = strings.Repeat("x", 43)

// must stops the test at an error.
func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// The same form sent again does what it does once, whether the refund was made or
// only asked for; a key of any length is kept in a bounded place.
func TestFormsTwice(t *testing.T) {
	h := newTill(t)
	i := signIn(t, h.House, desk.Support)
	f := form("payment", string(h.paid.ID), "amount", "60", "to", "source", "reason", "cancelled", "step", "do", "key", strings.Repeat("k", 100_000))
	for range 3 {
		i.send("/test/refunds/new", f)
	}
	if all := h.refunds(); len(all) != 1 {
		t.Errorf("a form that came three times made %+v", all)
	}
	terms := desk.DefaultTerms()
	terms.TwoPeopleAbove = 100_00
	_, err := h.Desk.SetTerms(h.ctx, h.Book, terms)
	h.must(err)
	for range 3 { // one that was done, and one that was only asked for
		i.send("/test/refunds/new", f)
		i.send("/test/refunds/new", with(with(f, "key", "other"), "amount", "70"))
	}
	props, err := desk.List[desk.Proposal](h.ctx, h.Desk, desk.Query{Book: h.Book, Count: 9})
	h.must(err)
	if all := h.refunds(); len(all) != 1 || len(props) != 1 {
		t.Errorf("forms that came again made %+v and %+v", all, props)
	}
}
