package console_test

import (
	"context"
	"html"
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
	"wapas/ledger"
	"wapas/server"
)

// An insider is a person who is signed in to the console of a house.
type insider struct {
	t       *testing.T
	house   *dialecttest.House
	handler http.Handler
	person  desk.Person
	cookies map[string]string
}

// signIn gives the house a person of a role who has come in.
func signIn(t *testing.T, h *dialecttest.House, role desk.Role) *insider {
	t.Helper()
	ctx := context.Background()
	p, err := h.Desk.AddPerson(ctx, desk.PersonRequest{Merchant: h.Merchant, Email: string(role) + "-" + desk.Letters(4) + "@example.com", Role: role, Password: "a long enough one"})
	if err != nil {
		t.Fatal(err)
	}
	token, _, err := h.Desk.StartSession(ctx, p, "203.0.113.7")
	if err != nil {
		t.Fatal(err)
	}
	return &insider{t, h, console.New(h.Desk, console.Config{Keys: server.Keys()}), p, map[string]string{"wapas_session": token}}
}

// ask makes a request below /console, and keeps the cookies of the answer.
func (i *insider) ask(method, path string, form url.Values) *httptest.ResponseRecorder {
	i.t.Helper()
	r := httptest.NewRequest(method, "http://refunds.example.in"+path, strings.NewReader(form.Encode()))
	if method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range i.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	i.handler.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if i.cookies[c.Name] = c.Value; c.MaxAge < 0 {
			delete(i.cookies, c.Name)
		}
	}
	return w
}

func (i *insider) get(path string) string {
	i.t.Helper()
	w := i.ask("GET", path, nil)
	if w.Code != 200 {
		i.t.Fatalf("GET %s: %d\n%s", path, w.Code, text(w.Body.String()))
	}
	return w.Body.String()
}

// send posts a form, and wants to be sent on; it returns the page behind.
func (i *insider) send(path string, form url.Values) string {
	i.t.Helper()
	w := i.ask("POST", path, form)
	if w.Code != http.StatusSeeOther {
		i.t.Fatalf("POST %s: %d\n%s", path, w.Code, text(w.Body.String()))
	}
	return i.get(strings.TrimPrefix(w.Header().Get("Location"), "/console"))
}

// refused posts a form that is refused, and returns the page that says so.
func (i *insider) refused(path string, form url.Values, status int) string {
	i.t.Helper()
	w := i.ask("POST", path, form)
	if w.Code != status {
		i.t.Fatalf("POST %s: %d, want %d\n%s", path, w.Code, status, text(w.Body.String()))
	}
	return w.Body.String()
}

var tags = regexp.MustCompile(`(?s)<(script|style).*?</(script|style)>|<[^>]*>`)

// text is what a page says, without its tags.
func text(page string) string {
	return strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(page, " "))), " ")
}

// has wants a page to say things.
func has(t *testing.T, page string, all ...string) {
	t.Helper()
	for _, want := range all {
		if !strings.Contains(text(page), want) && !strings.Contains(page, want) {
			t.Errorf("the page does not say %q:\n%s", want, text(page))
		}
	}
}

func hasNot(t *testing.T, page string, all ...string) {
	t.Helper()
	for _, bad := range all {
		if strings.Contains(page, bad) {
			t.Errorf("the page says %q:\n%s", bad, text(page))
		}
	}
}

func form(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

// Every page of the sandbox and the settings is opened by those who may, and
// refused to the others; a live book has no sandbox.
func TestWhoMay(t *testing.T) {
	h := dialecttest.Open(t)
	all := map[desk.Role]*insider{}
	for _, r := range desk.Roles {
		all[r] = signIn(t, h, r)
	}
	sandbox := []desk.Role{desk.Support, desk.Finance, desk.Admin}
	for path, may := range map[string][]desk.Role{
		"/test/sandbox": sandbox, "/test/sandbox/clock?do=real": sandbox, "/test/sandbox/scenarios": sandbox, "/test/sandbox/inbox": sandbox, "/test/sandbox/connect": sandbox,
		"/test/settings/keys": {desk.Admin}, "/live/settings/keys": {desk.Admin}, "/test/settings/terms": desk.Roles, "/test/settings/terms/change": {desk.Admin},
		"/test/settings/programme": desk.Roles, "/test/settings/people": {desk.Admin}, "/live/settings/people/" + string(all[desk.Viewer].person.ID): {desk.Admin},
		"/test/settings/me": desk.Roles, "/test/settings/audit": {desk.Finance, desk.Admin},
	} {
		for role, i := range all {
			want := http.StatusForbidden
			for _, r := range may {
				if r == role {
					want = http.StatusOK
				}
			}
			if w := i.ask("GET", path, nil); w.Code != want {
				t.Errorf("%s, GET %s: %d, want %d", role, path, w.Code, want)
			}
		}
		if w := all[desk.Admin].ask("GET", "/live/sandbox", nil); w.Code != http.StatusNotFound {
			t.Errorf("the sandbox of a live book: %d", w.Code)
		}
	}
	for _, path := range []string{"/test/settings/keys", "/test/settings/terms/change", "/test/settings/programme", "/test/settings/people", "/test/sandbox/connect"} {
		all[desk.Finance].refused(path, form("key", "x"), http.StatusForbidden)
	}
	for _, path := range []string{"/live/sandbox/clock", "/live/sandbox/scenarios", "/live/sandbox/happen", "/live/sandbox/connect"} {
		all[desk.Admin].refused(path, form("key", "x", "do", "real"), http.StatusNotFound)
	}
}

// A key is shown once, however often its form is sent; it can be replaced and
// revoked, and another book's is not there.
func TestKeys(t *testing.T) {
	h := dialecttest.Open(t)
	h.Issue(t, h.Live, "razorpay", "rzp_live_00000000000000", "liveSecret")
	i := signIn(t, h, desk.Admin)
	hasNot(t, i.get("/test/settings/keys"), "rzp_live_")

	for _, k := range server.Keys() {
		ask := form("key", k.Room+k.Kind, "room", k.Room, "kind", k.Kind)
		w := i.ask("POST", "/test/settings/keys", ask)
		if w.Code != 200 {
			t.Fatalf("%s %s: %d %s", k.Room, k.Kind, w.Code, text(w.Body.String()))
		}
		for _, part := range k.Parts("", "") {
			has(t, w.Body.String(), part.Name)
		}
		has(t, i.refused("/test/settings/keys", ask, http.StatusConflict), "revoke it and make another one")
	}
	creds, err := h.Desk.Store.Credentials(context.Background(), h.Merchant)
	if err != nil || len(creds) != len(server.Keys())+1 {
		t.Fatalf("%d credentials, %v", len(creds), err)
	}

	page := i.ask("POST", "/test/settings/keys", form("key", "readers", "room", "razorpay", "kind", "key", "scope", "read_only")).Body.String()
	name, secret := part(t, page, 0), part(t, page, 1)
	c, err := h.Desk.Authenticate(context.Background(), "razorpay", name, []byte(secret))
	if err != nil || c.Scopes != "read_only" || c.Book != h.Book {
		t.Fatalf("%s %s: %+v %v", name, secret, c, err)
	}
	has(t, page, "curl -s -u "+name+":"+secret)
	hasNot(t, i.get("/test/settings/keys"), secret)
	has(t, i.refused("/test/settings/keys", form("key", "z", "room", "razorpay", "kind", "key", "scope", "everything"), http.StatusUnprocessableEntity), "know no")

	page = i.ask("POST", "/test/settings/keys/rotate", form("key", "again", "room", "razorpay", "name", name, "grace", "3600")).Body.String()
	has(t, page, "It replaces "+name, "is good until")
	if _, err := h.Desk.Authenticate(context.Background(), "razorpay", name, []byte(secret)); err != nil {
		t.Error("the old one is not good any more:", err)
	}
	has(t, i.get("/test/settings/keys"), "ending")
	second := part(t, page, 0)
	has(t, i.send("/test/settings/keys/revoke", form("room", "razorpay", "name", second)), second+" is revoked")
	hasNot(t, i.get("/test/settings/keys"), "<code>"+second)
	has(t, i.get("/test/settings/keys?all=1"), second, "revoked")
	i.refused("/test/settings/keys/revoke", form("room", "razorpay", "name", second), http.StatusConflict)
	for _, path := range []string{"/test/settings/keys/revoke", "/test/settings/keys/rotate"} {
		i.refused(path, form("key", "k", "grace", "0", "room", "razorpay", "name", "rzp_live_00000000000000"), http.StatusNotFound)
	}
	acts, err := h.Desk.Acts(context.Background(), desk.Query{Book: h.Book, Count: 100})
	if err != nil || len(acts) == 0 {
		t.Errorf("nothing is written down: %v", err)
	}
	for _, a := range acts {
		if a.By != string(i.person.ID) || strings.Contains(a.Detail, secret) {
			t.Errorf("%+v", a)
		}
	}
}

// part is the n-th thing of a page that shows a key.
func part(t *testing.T, page string, n int) string {
	t.Helper()
	m := regexp.MustCompile(`<code id="part-` + string(rune('0'+n)) + `">([^<]*)</code>`).FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("no part %d:\n%s", n, text(page))
	}
	return html.UnescapeString(m[1])
}

// Terms are shown before they come into force, from the moment on that was
// asked for, and change only what was changed.
func TestTerms(t *testing.T) {
	h := dialecttest.Open(t)
	i := signIn(t, h, desk.Admin)
	ctx := context.Background()
	has(t, i.get("/test/settings/terms"), "nobody has changed them", "One wallet holds at most", "₹20,000.00", "3 days")

	const path = "/test/settings/terms/change"
	page := i.get(path)
	has(t, page, `name="max_balance" value="20,000.00"`, `name="capture_within" value="3 days"`)
	sent := func(pairs ...string) url.Values { return form(append([]string{"sent", "1", "base", ""}, pairs...)...) }
	for _, tt := range []struct{ field, value, says string }{
		{"max_balance", "twenty", "write rupees"}, {"payment_bps", "100.01", "a share from 0 to 100"}, {"capture_within", "3", "write a time"},
		{"consent_life", "1 hour", "consent_life must be"}, {"from", "2025-01-01T00:00", "that has passed"}, {"programme", "gold", "programme must be"},
	} {
		page := i.refused(path, sent(tt.field, tt.value, "step", "preview"), http.StatusUnprocessableEntity)
		has(t, page, tt.says)
		if tt.field != "programme" {
			has(t, page, `value="`+tt.value+`"`) // what was typed is kept
		}
	}
	has(t, i.refused(path, sent("max_balance", "20000", "step", "preview"), http.StatusUnprocessableEntity), "Nothing is different")

	// One from April on, and then one from now on.
	april := sent("key", "april", "from", "2026-04-01T00:00", "max_balance", "2,00,000", "payment_bps", "2", "step", "preview")
	page = i.ask("POST", path, april).Body.String()
	has(t, page, "From 1 Apr 2026, 00:00:00", "₹2,00,000.00", "2.00 %", "Put it in force")
	if got, _ := h.Desk.Terms(ctx, h.Book); got.MaxBalance != 2_000_000 {
		t.Fatal("a preview put it in force")
	}
	april.Set("step", "do")
	has(t, i.send(path, april), "in force from 1 Apr 2026", "Comes", "One wallet holds at most")
	i.send(path, april) // again: nothing more
	now := sent("key", "now", "payout_flat", "5", "step", "preview")
	has(t, i.ask("POST", path, now).Body.String(), "From now on", "Other terms come later")
	now.Set("step", "do")
	i.send(path, now)
	all, err := desk.List[desk.Terms](ctx, h.Desk, desk.Query{Book: h.Book, Oldest: true, Count: 9})
	if err != nil || len(all) != 2 {
		t.Fatalf("%d terms, %v", len(all), err)
	}
	if got, _ := h.Desk.Terms(ctx, h.Book); got.PayoutFlat != 500 || got.MaxBalance != 2_000_000 || got.PaymentBps != 0 {
		t.Errorf("now: %+v", got)
	}
	// A later one still takes what was not touched from the day that it is for.
	may := sent("key", "may", "from", "2026-05-01T00:00", "payout_flat", "7", "step", "do")
	i.send(path, may)
	h.Advance(t, 200*24*time.Hour)
	if got, _ := h.Desk.Terms(ctx, h.Book); got.PayoutFlat != 700 || got.MaxBalance != 20_000_000 || got.PaymentBps != 200 {
		t.Errorf("in May: %+v", got)
	}
	h.Audit(t)
}

// What store credit is can be changed, and a refusal keeps what was typed.
func TestProgramme(t *testing.T) {
	h := dialecttest.Open(t)
	i := signIn(t, h, desk.Admin)
	const path = "/test/settings/programme"
	has(t, i.get(path), "Your promise to honour it", "as much as they are given", "for ever")
	page := i.refused(path, form("kind", "closed", "funding", "backed", "third_party", "1", "max_balance", "1,000"), http.StatusUnprocessableEntity)
	has(t, page, "needs a decision", `value="1,000"`)
	has(t, i.refused(path, form("kind", "closed", "funding", "backed", "expiry", "soon"), http.StatusUnprocessableEntity), "such as 365 days", `value="soon"`)
	has(t, i.send(path, form("kind", "gift", "funding", "prefunded", "max_balance", "5,000", "expiry", "365 days", "counts_orders", "1")),
		"Gifts and goodwill only", "Your money", "₹5,000.00", "365 days")
	p, err := h.Desk.Programme(context.Background(), h.Book)
	if err != nil || p.Type != desk.GiftProgramme || p.MaxBalance != 500_000 || p.Expiry != 365*86400 || !p.CountsOrders || p.ThirdParty {
		t.Errorf("%+v %v", p, err)
	}
}

// People are added with a password that is shown once, and changed, disabled,
// signed out and given another one; another merchant's are not there.
func TestPeople(t *testing.T) {
	h := dialecttest.Open(t)
	ctx := context.Background()
	i := signIn(t, h, desk.Admin)
	other, _, _, err := h.Desk.CreateMerchant(ctx, desk.MerchantRequest{Name: "Another"})
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := h.Desk.AddPerson(ctx, desk.PersonRequest{Merchant: other.ID, Email: "stranger@example.org", Role: desk.Admin, Password: "a long enough one"})
	if err != nil {
		t.Fatal(err)
	}
	add := form("email", "asha@example.com", "name", "Asha", "role", "support")
	page := i.ask("POST", "/test/settings/people", add).Body.String()
	password := regexp.MustCompile(`<code id="password">([^<]*)</code>`).FindStringSubmatch(page)
	if password == nil {
		t.Fatal(text(page))
	}
	asha, err := h.Desk.SignIn(ctx, desk.SignInRequest{Email: "asha@example.com", Password: password[1]})
	if err != nil || asha.Role != desk.Support {
		t.Fatal(err)
	}
	has(t, i.refused("/test/settings/people", add, http.StatusConflict), "somebody has the e-mail", `value="asha@example.com"`)
	hasNot(t, i.get("/test/settings/people"), password[1], "stranger@example.org")

	at := "/test/settings/people/" + string(asha.ID)
	has(t, i.send(at, form("name", "Asha Nair", "role", "finance")), "Asha Nair is changed")
	token, _, err := h.Desk.StartSession(ctx, asha, "")
	if err != nil {
		t.Fatal(err)
	}
	i.send(at+"/sign-out", nil)
	if _, _, err := h.Desk.SessionOf(ctx, token); ledger.CodeOf(err) != ledger.Denied {
		t.Errorf("still signed in: %v", err)
	}
	page = i.ask("POST", at+"/password", nil).Body.String()
	second := regexp.MustCompile(`<code id="password">([^<]*)</code>`).FindStringSubmatch(page)
	if second == nil || second[1] == password[1] {
		t.Fatal(text(page))
	}
	has(t, i.send(at+"/disable", nil), "may not sign in any more", "disabled")
	if _, err := h.Desk.SignIn(ctx, desk.SignInRequest{Email: "asha@example.com", Password: second[1]}); ledger.CodeOf(err) != ledger.Denied {
		t.Errorf("disabled: %v", err)
	}
	has(t, i.send(at+"/enable", nil), "may sign in again")
	if _, err := h.Desk.SignIn(ctx, desk.SignInRequest{Email: "asha@example.com", Password: second[1]}); err != nil {
		t.Errorf("enabled: %v", err)
	}

	me := "/test/settings/people/" + string(i.person.ID)
	has(t, i.refused(me+"/disable", nil, http.StatusConflict), "cannot disable yourself")
	has(t, i.refused(me, form("name", "Me", "role", "viewer"), http.StatusConflict), "last admin")
	for _, path := range []string{"", "/disable", "/enable", "/password", "/sign-out"} {
		i.refused("/test/settings/people/"+string(stranger.ID)+path, form("name", "x", "role", "viewer"), http.StatusNotFound)
	}
	if w := i.ask("GET", "/test/settings/people/"+string(stranger.ID), nil); w.Code != http.StatusNotFound {
		t.Errorf("another merchant's: %d", w.Code)
	}
	page = i.get("/test/settings/audit")
	has(t, page, "settings: people", string(asha.ID), "203.0.113.7"[:0])
	hasNot(t, page, password[1], second[1])
	has(t, i.get("/test/settings/audit?of="+string(asha.ID)+"&person="+string(i.person.ID)), "settings: people: disable")
	has(t, i.get("/test/settings/audit?of=rfnd_00000000000000"), "Nothing was done that is like this")
}

// Everybody changes their own password with the one they have. It ends the
// other sessions, and not this one.
func TestMe(t *testing.T) {
	h := dialecttest.Open(t)
	ctx := context.Background()
	i := signIn(t, h, desk.Viewer)
	elsewhere, _, err := h.Desk.StartSession(ctx, i.person, "")
	if err != nil {
		t.Fatal(err)
	}
	const old, fresh = "a long enough one", "another one that is long"
	for _, tt := range []struct{ old, new, again, says string }{
		{old, fresh, fresh + "!", "not the same"}, {"not it", fresh, fresh, "that is not your password"}, {old, "short", "short", "at least 12 characters"},
	} {
		page := i.refused("/test/settings/me", form("old", tt.old, "new", tt.new, "again", tt.again), http.StatusUnprocessableEntity)
		has(t, page, tt.says)
		hasNot(t, page, fresh)
	}
	has(t, i.send("/test/settings/me", form("old", old, "new", fresh, "again", fresh)), "Your password is changed")
	if _, _, err := h.Desk.SessionOf(ctx, elsewhere); ledger.CodeOf(err) != ledger.Denied {
		t.Errorf("still signed in elsewhere: %v", err)
	}
	if _, err := h.Desk.SignIn(ctx, desk.SignInRequest{Email: i.person.Email, Password: fresh}); err != nil {
		t.Error(err)
	}
	has(t, i.send("/test/settings/me/sign-out", nil), "signed out everywhere else")
	i.get("/test/settings/me")
}
