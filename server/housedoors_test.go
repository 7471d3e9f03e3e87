package server_test

import (
	"bytes"
	"fmt"
	"log/slog"
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
	"wapas/rail"
	"wapas/server"
)

// An insider is a person who is signed in to the console.
type insider struct {
	desk.Person
	cookie *http.Cookie
}

func newInsider(t *testing.T, h *dialecttest.House, merchant desk.ID, email string, role desk.Role) insider {
	t.Helper()
	p, err := h.Desk.AddPerson(t.Context(), desk.PersonRequest{Merchant: merchant, Email: email, Role: role, Password: "a long enough one"})
	if err != nil {
		t.Fatal(err)
	}
	token, _, err := h.Desk.StartSession(t.Context(), p, "203.0.113.7")
	if err != nil {
		t.Fatal(err)
	}
	return insider{p, &http.Cookie{Name: "wapas_session", Value: token}}
}

// ask asks for a page of the console, or sends it a form.
func (i insider) ask(front http.Handler, method, path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, console.Base+path, strings.NewReader(form.Encode()))
	if method == "GET" {
		r = httptest.NewRequest(method, console.Base+path, nil)
		r.URL.RawQuery = form.Encode()
	} else {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("X-Request-Id", "req")
	if i.cookie != nil {
		r.AddCookie(i.cookie)
	}
	w := httptest.NewRecorder()
	front.ServeHTTP(w, r)
	return w
}

// things are what a part of a console's path stands for, by what is before it,
// in the words of a merchant's life.
var things = map[string]string{
	"agents": "native.agent_id", "remittances": "native.remittance_id", "approvals": "console.proposal", "entries": "native.no", "customers": "native.customer_id",
	"events": "native.no", "jobs": "native.job_id", "accounts": "razorpay.acc", "members": "native.member_id", "credits": "native.credit_id", "payments": "native.payment_id",
	"orders": "native.orders.order_id", "refunds": "native.refund_id", "transfers": "razorpay.trf", "reversals": "console.reversal", "webhooks": "native.endpoint_id",
	"people": "console.person", "requests": "console.request", "waiting": "console.exception", "waiting/orders": "native.rail_orders.order_id", "scenarios": "native.scenario_id",
}

// never are ids of things that nothing in that life makes.
var never = map[string]string{"settlements": "setl_00000000000000", "payouts": "pout_00000000000000", "sheets": "sheet_00000000000000"}

// asksMore are pages that are of something only with a query.
var asksMore = map[string]bool{"/test/sandbox/clock": true, "/test/webhooks/delivery": true}

// echo takes out of an answer what was sent.
var echo = strings.NewReplacer("zqa@example.in", "", "zqa%40example.in", "")

var part = regexp.MustCompile(`\{[a-z.$]+\}`)

// place puts a merchant's things into a route of the console. Named says whether
// there is one, exists whether it is there.
func place(t *testing.T, vars map[string]string, path string) (filled string, named, exists bool) {
	t.Helper()
	exists = true
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if !part.MatchString(p) {
			continue
		}
		before := parts[i-1]
		val := vars[things[before]]
		if i > 1 && vars[things[parts[i-2]+"/"+before]] != "" {
			val = vars[things[parts[i-2]+"/"+before]]
		}
		switch {
		case p == "{$}":
			val = ""
		case p == "{format}":
			val = "csv"
		case p == "{code}":
			val = "2105"
		case p == "{owner...}":
			val, named = vars["native.member_id"], true
		case val == "" && never[before] != "":
			val, named, exists = never[before], true, false
		case val == "":
			t.Errorf("nothing in a merchant's life is the %s of %s: teach this test the new page", p, path)
		default:
			named = named || before != "entries" && before != "events" // everybody has a first one
		}
		parts[i] = url.PathEscape(val)
	}
	return strings.Join(parts, "/"), named, exists
}

// No page and no form of the console shows or changes what is another
// merchant's: with a session of one's own, whatever the role, and all that the
// other's people know — ids, names, addresses — one is told that nothing is
// there. It is so between the two books of one merchant as well. The pages are
// the console's own list, so that a new one is tried the day it is written.
func TestConsoleIsolation(t *testing.T) {
	h := dialecttest.Open(t)
	var logged bytes.Buffer
	h.Desk.Log = slog.New(slog.NewTextHandler(&logged, nil))
	front := server.New(h.Desk, server.Config{Log: h.Desk.Log})
	a := newTenant(t, h, front, "A", h.Book, desk.Test)
	other, foreign, _, err := h.Desk.CreateMerchant(t.Context(), desk.MerchantRequest{Name: "Stranger"})
	if err != nil {
		t.Fatal(err)
	}
	newTenant(t, h, front, "B", foreign.ID, desk.Test)
	vars := live(t, h, front, a)
	owner := furnish(t, h, vars)

	type door struct {
		method, path, at string
		named, exists    bool
	}
	var doors []door
	for _, route := range console.Routes() {
		method, path, _ := strings.Cut(route, " ")
		if strings.HasPrefix(path, "/test/") && path != "/test/settings/me/sign-out" { // which ends one's own
			filled, named, exists := place(t, vars, path)
			doors = append(doors, door{method, path, filled, named, exists})
		}
	}
	if len(doors) < 90 {
		t.Fatalf("only %d pages are known", len(doors))
	}

	// Everything that a form or a query may name is the first merchant's.
	all := url.Values{
		"payment": {vars["razorpay.pay"]}, "again": {vars["native.refund_id"]}, "endpoint": {vars["native.endpoint_id"]}, "of": {vars["native.customer_id"]}, "id": {vars["native.endpoint_id"] + "/1"},
		"q": {vars["native.refund_id"]}, "who": {vars["native.customer_id"]}, "person": {vars["console.person"]}, "account": {vars["razorpay.acc"]}, "order": {vars["native.rail_orders.order_id"]},
		"room": {"native"}, "name": {vars["native.name"]}, "grace": {"0"}, "amount": {"1"}, "reason": {"x"}, "note": {"x"}, "to": {"source"}, "step": {"do"}, "do": {"agree"}, "event": {"1"}, "about": {vars["native.payment_id"]},
		"customer": {vars["native.customer_id"]}, "contact": {"9876500003"}, "email": {"zqa@example.in"}, "cause": {vars["native.refund_id"]}, "key": {"k"},
	}
	reads := func(files bool) map[string]string { // of files it is written down that they were taken
		seen := map[string]string{}
		for _, d := range doors {
			if d.method != "GET" || !d.exists || asksMore[d.at] || strings.HasSuffix(d.at, "csv") != files {
				continue
			}
			w := owner.ask(front, "GET", d.at, nil)
			if w.Code != http.StatusOK && w.Code != http.StatusSeeOther {
				t.Errorf("its owner asks %s: %d %s", d.at, w.Code, w.Body)
			}
			seen[d.at] = steady(w.Body.String())
		}
		return seen
	}
	if files := reads(true); len(files) < 2 {
		t.Errorf("the owner took only %d files", len(files))
	}
	before := reads(false)
	if text := before["/test/customers/"+vars["native.customer_id"]]; !strings.Contains(text, "zqa") {
		t.Fatalf("the owner does not see the canary: %s", text)
	}
	was, err := h.Desk.Store.Book(t.Context(), h.Book)
	if err != nil {
		t.Fatal(err)
	}
	keys := fmt.Sprint(h.Desk.Store.Credentials(t.Context(), h.Merchant))
	people := fmt.Sprint(h.Desk.People(t.Context(), h.Merchant))

	strangers := map[string]insider{"somebody at the live book": owner, "nobody": {}}
	for _, role := range desk.Roles {
		strangers[string(role)] = newInsider(t, h, other.ID, string(role)+"@stranger.example", role)
	}
	tried := 0
	for who, b := range strangers {
		for _, d := range doors {
			at := d.at
			if who == "somebody at the live book" {
				at = "/live/" + strings.TrimPrefix(at, "/test/")
				if strings.Contains(d.path, "/settings/people") || strings.Contains(d.path, "/settings/me") || strings.Contains(d.path, "/settings/audit") {
					continue // people are of the merchant, not of a book
				}
			}
			w := b.ask(front, d.method, at, all)
			tried++
			what := fmt.Sprintf("%s asks %s %s", who, d.method, at)
			body, sent := w.Body.String(), at+all.Encode()
			if w.Code >= 500 {
				t.Errorf("%s: %d %s", what, w.Code, body)
			}
			if who == "nobody" && (w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/console/login")) {
				t.Errorf("%s: %d to %s", what, w.Code, w.Header().Get("Location"))
			}
			if d.named && d.exists && w.Code < 400 && who != "nobody" {
				t.Errorf("%s: %d %s", what, w.Code, body)
			}
			if marked.MatchString(echo.Replace(body)) {
				t.Errorf("%s: it reads %s", what, body)
			}
			for name, id := range vars {
				if len(id) >= 18 && strings.Contains(body, id) && !strings.Contains(sent, id) && !strings.Contains(sent, url.QueryEscape(id)) {
					t.Errorf("%s: it learns %s, %s: %s", what, name, id, body)
				}
			}
		}
	}
	if tried < 500 {
		t.Errorf("only %d doors were tried", tried)
	}

	now, err := h.Desk.Store.Book(t.Context(), h.Book)
	if err != nil || now != was {
		t.Errorf("the book was changed, %v: it was %+v, it is %+v", err, was, now)
	}
	if now := fmt.Sprint(h.Desk.Store.Credentials(t.Context(), h.Merchant)); now != keys {
		t.Errorf("its keys are %s, and were %s", now, keys)
	}
	if now := fmt.Sprint(h.Desk.People(t.Context(), h.Merchant)); now != people {
		t.Errorf("its people are %s, and were %s", now, people)
	}
	for at, body := range reads(false) {
		if body != before[at] {
			t.Errorf("its owner asks %s again and reads %s\nbefore it was %s", at, body, before[at])
		}
	}
	h.Audit(t)
}

// furnish adds what only the console makes, and what happens to be there, to
// what a life is called.
func furnish(t *testing.T, h *dialecttest.House, vars map[string]string) (owner insider) {
	t.Helper()
	// A refund that was refused went after all, a day later.
	if _, err := h.Desk.Refund(t.Context(), h.Book, desk.RefundRequest{Payment: desk.ID(vars["native.payment_id"]), Amount: 555, Outcome: rail.ScenarioLate}); err != nil {
		t.Fatal(err)
	}
	h.Advance(t, 25*time.Hour)
	owner = newInsider(t, h, h.Merchant, "owner@example.in", desk.Admin)
	vars["console.person"] = string(newInsider(t, h, h.Merchant, "zqa-support@example.in", desk.Support).ID)
	p, err := h.Desk.ProposeRefund(t.Context(), h.Book, desk.Once{}, desk.ProposalRequest{
		ManualRefund: desk.ManualRefund{Payment: desk.ID(vars["native.payment_id"]), Amount: 777, To: desk.ToSource}, By: "asha@house.example", Note: "zqa",
	})
	if err != nil {
		t.Fatal(err)
	}
	vars["console.proposal"] = string(p.ID)
	reversals, err := desk.List[desk.Reversal](t.Context(), h.Desk, desk.Query{Book: h.Book})
	if err != nil || len(reversals) == 0 {
		t.Fatalf("no reversal: %v", err)
	}
	vars["console.reversal"] = string(reversals[0].ID)
	raised, err := desk.List[desk.Exception](t.Context(), h.Desk, desk.Query{Book: h.Book})
	if err != nil || len(raised) == 0 {
		t.Fatalf("no exception: %v", err)
	}
	vars["console.exception"] = string(raised[0].ID)
	kept := desk.RequestRow{ID: desk.RequestRowID(ledger.At(h.Desk.Now()), "zqa1"), Request: "zqa-request", Book: h.Book, Room: "native", Method: "POST", Path: "/zqa", Status: 200, Body: `{"k":"zqa"}`}
	if err := h.Desk.Store.KeepRequests(t.Context(), h.Book, []desk.RequestRow{kept}); err != nil {
		t.Fatal(err)
	}
	vars["console.request"] = string(kept.ID)
	return owner
}

// changing is what a page says otherwise every time: keys of forms, and moments.
var changing = regexp.MustCompile(`name="key" value="[^"]*"|[0-9]+ (s|min|h|seconds?|minutes?|hours?) ago|datetime="[^"]*"`)

func steady(page string) string { return changing.ReplaceAllString(page, "") }
