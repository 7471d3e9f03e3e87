package console_test

import (
	"context"
	"html"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"wapas/console"
	"wapas/desk"
	"wapas/dialecttest"
	"wapas/rail"
)

func unescape(text string) string { return html.UnescapeString(text) }

// open opens a customer's link as somebody whose browser reads a language.
func open(h http.Handler, path, language string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", path, nil)
	r.Header.Set("Accept-Language", language)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// A customer sees one refund in their language, and nothing that others may not
// know of them or of the merchant.
func TestCustomersPage(t *testing.T) {
	h := dialecttest.Open(t)
	ctx := context.Background()
	door := console.Customers(h.Desk, console.Config{})
	link := func(r desk.Refund) string {
		t.Helper()
		l, err := h.Desk.LinkTo(ctx, h.Book, r.ID, 0)
		if err != nil {
			t.Fatal(err)
		}
		return "/" + l.Token
	}
	r := owing(t, h, 1234550, rail.ScenarioPending)
	path := link(r)
	w := open(door, path, "en-IN,hi;q=0.5")
	page := w.Body.String()
	has(t, page, `<html lang="en">`, "Refund from Wapas Demo", "₹12,345 .50", "UPI a•••@exampleupi", "On its way", string(r.ID), "5 January 2026", "हिन्दी में देखें", "This is a test.")
	for _, secret := range []string{"asha@", "9876543210", "example.com", string(r.Payment), string(r.Order), "order_", "pay_", string(h.Merchant), "<script", "style=", "<form"} {
		hasNot(t, page, secret)
	}
	for name, want := range map[string]string{
		"X-Robots-Tag": "noindex, nofollow", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "Content-Language": "en", "Vary": "Accept-Language", "Set-Cookie": "",
		"Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	hindi := open(door, path, "hi-IN").Body.String()
	has(t, hindi, `<html lang="hi">`, "रास्ते में है", "5 जनवरी 2026", "Read in English")
	has(t, open(door, path+"?l=hi", "en").Body.String(), `<html lang="hi">`)
	has(t, open(door, path+"?l=en", "hi").Body.String(), `<html lang="en">`)
	has(t, open(door, path, "ta, fr;q=0.9").Body.String(), `<html lang="en">`)

	h.Advance(t, time.Minute)
	h.Advance(t, 2*time.Hour)
	page = open(door, path, "en").Body.String()
	done, err := desk.Find[desk.Refund](ctx, h.Desk, h.Book, r.ID)
	if err != nil || done.Reference == "" {
		t.Fatal(done, err)
	}
	has(t, page, "Paid", "RRN", done.Reference, "tell them this reference", "The bank confirmed it")

	failed := link(owing(t, h, 50000, rail.ScenarioRefused))
	late := link(owing(t, h, 50000, rail.ScenarioSilence))
	h.Advance(t, time.Minute)
	has(t, open(door, failed, "en").Body.String(), "It did not go through", "it may be closed, blocked or changed", "must send it again")
	h.Advance(t, 8*24*time.Hour)
	has(t, open(door, late, "en").Body.String(), "Late", "This takes longer than it should")
	h.Advance(t, 90*24*time.Hour)
	w = open(door, path, "en")
	if w.Code != http.StatusGone {
		t.Errorf("too old: %d", w.Code)
	}
	has(t, w.Body.String(), "This link is too old")
	hasNot(t, w.Body.String(), string(r.ID), "Wapas Demo")
}

// What is no link is refused politely, and who tries many is slowed down without
// locking out those who have one.
func TestCustomersDoor(t *testing.T) {
	h := dialecttest.Open(t)
	door := console.Customers(h.Desk, console.Config{})
	l, err := h.Desk.LinkTo(context.Background(), h.Book, owing(t, h, 50000, "").ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/", "/x", "/" + l.Token[1:], "/" + l.Token + "/more", "/" + strings.ToUpper(l.Token)} {
		if w := open(door, path, "hi"); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		} else {
			has(t, w.Body.String(), "यहाँ कुछ नहीं है")
		}
	}
	if w := open(door, "/"+strings.Repeat("x", 60_000), "en"); w.Code != http.StatusNotFound {
		t.Errorf("what is too long for a link: %d", w.Code)
	}
	for range 30 {
		open(door, "/"+desk.Letters(80), "en")
	}
	if w := open(door, "/"+desk.Letters(80), "en"); w.Code != http.StatusTooManyRequests {
		t.Errorf("a guesser is told %d", w.Code)
	}
	if w := open(door, "/"+l.Token, "en"); w.Code != http.StatusOK {
		t.Errorf("who has a link from the same address is told %d", w.Code)
	}
	for range 60 {
		open(door, "/"+l.Token, "en")
	}
	if w := open(door, "/"+l.Token, "en"); w.Code != http.StatusTooManyRequests {
		t.Errorf("who opens one all the time is told %d", w.Code)
	}
	h.Advance(t, time.Minute)
	if w := open(door, "/"+l.Token, "en"); w.Code != http.StatusOK {
		t.Errorf("a minute later: %d", w.Code)
	}
}

// The door sends nobody out of the console, however the way is written.
func TestDoorStaysInside(t *testing.T) {
	for to, want := range map[string]bool{
		"/console/": true, "/console/test/refunds?state=failed": true, "/console": false, "//console/x": false, "//evil.example/console/": false, "https://evil.example/console/": false,
		"/console/../api/v1": false, "/console/..//evil.example": false, "/console/%2e%2e/checkout": false, `/console/\evil.example`: false, "/consoles/": false, "": false,
	} {
		if console.Inside(to) != want {
			t.Errorf("%q is inside: %t", to, !want)
		}
	}
}

// Every page says all of its texts in both languages, and leaves no place open.
func TestCustomersTexts(t *testing.T) {
	h := dialecttest.Open(t)
	for _, p := range console.EveryProgress(h.Desk.Now()) {
		for _, lang := range []string{"en", "hi"} {
			page, err := console.DrawProgress(p, lang)
			if err != nil {
				t.Errorf("%s %s %s: %v", lang, p.Way, p.State, err)
			}
			if left := regexp.MustCompile(`\{[a-z]+\}`).FindString(text(page)); left != "" {
				t.Errorf("%s %s %s: %s is left open", lang, p.Way, p.State, left)
			}
		}
	}
	en, hi := console.TextKeys("en"), console.TextKeys("hi")
	if strings.Join(en, " ") != strings.Join(hi, " ") {
		t.Errorf("not the same texts:\n%v\n%v", en, hi)
	}
}

// The refund's page makes the link, for those who make refunds, and whoever did
// is written down.
func TestLinkForTheCustomer(t *testing.T) {
	h := dialecttest.Open(t)
	r := owing(t, h, 50000, "")
	path := "/test/refunds/" + string(r.ID) + "/link"
	page := signIn(t, h, desk.Support).ask("POST", path, nil).Body.String()
	m := regexp.MustCompile(`<pre id="customer-link">http://refunds.example.in/r(/[^<]*)</pre>`).FindStringSubmatch(page)
	if m == nil {
		t.Fatal(text(page))
	}
	has(t, open(console.Customers(h.Desk, console.Config{}), m[1], "en").Body.String(), string(r.ID))
	acts, err := h.Desk.Acts(context.Background(), desk.Query{Book: h.Book, Parent: r.ID, Count: 3})
	if err != nil || len(acts) != 1 || acts[0].What != "console.refunds.link" {
		t.Errorf("%v %v", acts, err)
	}
	signIn(t, h, desk.Viewer).refused(path, nil, http.StatusForbidden)
	signIn(t, h, desk.Finance).refused("/live/refunds/"+string(r.ID)+"/link", nil, http.StatusNotFound)
}
