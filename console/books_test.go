package console_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"wapas/console"
	"wapas/desk"
	"wapas/dialecttest"
	"wapas/ledger"
)

// A visitor looks at the console of a house as people with roles.
type visitor struct {
	*dialecttest.House
	t       testing.TB
	ctx     context.Context
	pages   http.Handler
	cookies map[desk.Role]string
}

func newVisitor(t testing.TB, h *dialecttest.House) *visitor {
	t.Helper()
	return &visitor{h, t, context.Background(), console.New(h.Desk, console.Config{Log: h.Desk.Log}), map[desk.Role]string{}}
}

// as asks for a page, or sends a form, as somebody with a role.
func (v *visitor) as(role desk.Role, path string, form url.Values) *httptest.ResponseRecorder {
	v.t.Helper()
	if v.cookies[role] == "" {
		p, err := v.Desk.AddPerson(v.ctx, desk.PersonRequest{Merchant: v.Merchant, Email: string(role) + "@example.com", Role: role, Password: "a-long-password-of-" + string(role)})
		if err != nil {
			v.t.Fatal(err)
		}
		if v.cookies[role], _, err = v.Desk.StartSession(v.ctx, p, "127.0.0.1"); err != nil {
			v.t.Fatal(err)
		}
	}
	r := httptest.NewRequest(http.MethodGet, path, nil)
	if form != nil {
		r = httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.AddCookie(&http.Cookie{Name: "wapas_session", Value: v.cookies[role]})
	w := httptest.NewRecorder()
	v.pages.ServeHTTP(w, r)
	return w
}

// shows asks for a page that must be there and have all of these in it.
func (v *visitor) shows(role desk.Role, path string, wants ...string) string {
	v.t.Helper()
	w := v.as(role, path, nil)
	body := w.Body.String()
	if w.Code != http.StatusOK {
		v.t.Fatalf("%s as %s: %d\n%s", path, role, w.Code, body)
	}
	for _, want := range wants {
		if !strings.Contains(body, want) {
			v.t.Errorf("%s as %s does not have %q:\n%s", path, role, want, body)
		}
	}
	return body
}

// story makes a payment of 300 rupees and two refunds of it; one is pending.
func (v *visitor) story() (done, pending desk.Refund) {
	v.t.Helper()
	o, _, err := v.Desk.CreateOrder(v.ctx, v.Book, desk.OrderRequest{Amount: 30000, Capture: true})
	if err != nil {
		v.t.Fatal(err)
	}
	p, err := v.Desk.CreatePayment(v.ctx, v.Book, desk.PaymentRequest{Order: o.ID, Amount: 30000, Method: "upi", VPA: "success@razorpay", Email: "asha@example.com", Contact: "+919876543210"})
	if err != nil {
		v.t.Fatal(err)
	}
	for _, q := range []struct {
		r       *desk.Refund
		amount  ledger.Amount
		outcome string
	}{{&done, 10000, ""}, {&pending, 2500, "silence"}} {
		if *q.r, err = v.Desk.Refund(v.ctx, v.Book, desk.RefundRequest{Payment: p.ID, Amount: q.amount, Outcome: q.outcome}); err != nil {
			v.t.Fatal(err)
		}
		v.Advance(v.t, time.Minute)
	}
	return done, pending
}

func TestOverview(t *testing.T) {
	v := newVisitor(t, dialecttest.Open(t))
	v.shows(desk.Viewer, "/test/", "Nothing is owed", "No refund in this time", "never", "nothing has happened yet")
	v.story()
	body := v.shows(desk.Viewer, "/test/", "Refunds today", ">2<", "2 of them in this hour", "oldest 1 min", "Razorpay", "Merchant", "Refunds on their way", "As a table", `class="chart"`)
	if strings.Contains(body, "Verify the books now") {
		t.Error("a viewer may have the books verified")
	}
	v.shows(desk.Support, "/test/?by=day&in=money", "₹125.00", "Mon 29 Dec 2025")
	if body := v.shows(desk.Support, "/test/"); strings.Contains(body, `href="/console/test/books/`) {
		t.Error("support is led to books that it may not see")
	}
	v.shows(desk.Finance, "/live/", "Nothing is owed")
}

// A person has the books verified: it runs in the background, once at a time.
func TestVerifyFromTheConsole(t *testing.T) {
	v := newVisitor(t, dialecttest.Open(t))
	v.story()
	if w := v.as(desk.Support, "/test/checkup", url.Values{}); w.Code != http.StatusForbidden {
		t.Errorf("support: %d", w.Code)
	}
	if w := v.as(desk.Finance, "/test/checkup", url.Values{}); w.Code != http.StatusSeeOther {
		t.Fatalf("finance: %d\n%s", w.Code, w.Body)
	}
	if body := v.shows(desk.Finance, "/test/", "running", "by finance"); strings.Contains(body, "Verify the books now") {
		t.Error("a second one can be asked for")
	}
	if w := v.as(desk.Admin, "/test/checkup", url.Values{}); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "being verified") {
		t.Errorf("a second one: %d", w.Code)
	}
	ctx, stop := context.WithCancel(v.ctx)
	worked := make(chan error, 1)
	go func() { worked <- v.Desk.Work(ctx) }()
	for runs := true; runs; _, runs = v.Desk.CheckupUnderWay(v.Book) {
		time.Sleep(time.Millisecond)
	}
	stop()
	if err := <-worked; err != nil {
		t.Fatal(err)
	}
	v.shows(desk.Viewer, "/test/", "everything added up", "by finance")
}

func TestBooks(t *testing.T) {
	v := newVisitor(t, dialecttest.Open(t))
	v.shows(desk.Viewer, "/test/books", "Nothing has happened yet")
	done, _ := v.story()
	for _, role := range []desk.Role{desk.Viewer, desk.Finance, desk.Admin} {
		v.shows(role, "/test/books", "Merchant&#39;s balance", "Refunds on their way", "Debits and credits are the same", "psp.receivable")
	}
	if w := v.as(desk.Support, "/test/books", nil); w.Code != http.StatusForbidden {
		t.Errorf("support sees the books: %d", w.Code)
	}
	// Before anything happened, and in the minute of the first refund.
	v.shows(desk.Finance, "/test/books?at=2025-12-01T00:00", "Nothing had happened by then")
	if body := v.shows(desk.Finance, "/test/books?at=2025-12-29T14:50", "As the books stood after"); !strings.Contains(body, `value="10000"`) {
		t.Errorf("the first refund was not on its way:\n%s", body)
	}
	v.shows(desk.Finance, "/test/books?at=nonsense", "As the books stand after")

	v.shows(desk.Finance, "/test/books/1100", "one for each owner", "sim", "/console/test/books/1100/sim")
	v.shows(desk.Finance, "/test/books/1100/sim", "Owed by the payment provider", "captured", "refund done", string(done.ID))
	v.shows(desk.Finance, "/test/books/1100/sim?at=2025-12-29T14:50", "Held at that moment", "after posting 1")
	body := v.shows(desk.Finance, "/test/books/2010?n=1", "Newest")
	if strings.Contains(body, string(done.ID)) {
		t.Error("from position 1 on there is position 2")
	}
	v.shows(desk.Finance, "/test/books/entries", "Journal", "refund accepted", "captured")
	v.shows(desk.Finance, "/test/books/entries?cause="+string(done.ID), "refund done")
	no := entryOf(t, v, done.ID)
	v.shows(desk.Finance, fmt.Sprintf("/test/books/entries/%d", no), "refund accepted", "Debit", "Credit", "fell to", "grew to", "← captured", "refund done", "All entries about")
	for path, want := range map[string]int{
		"/test/books/9999": 404, "/test/books/2010/cust_x": 404, "/test/books/2100/cust_unknown": 404, "/test/books/entries/0": 404,
		"/test/books/entries/x": 404, "/test/books/entries/100000": 404, "/live/books/1100/sim": 404, "/live/books": 200,
	} {
		if w := v.as(desk.Finance, path, nil); w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
}

func entryOf(t *testing.T, v *visitor, cause desk.ID) int64 {
	t.Helper()
	all, err := v.Desk.Store.Entries(v.ctx, desk.Query{Book: v.Book, Parent: cause, Oldest: true, Count: 1})
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	return all[0].No
}

// A long account is paged both ways, from any place in it.
func TestPagesOfAnAccount(t *testing.T) {
	v := newVisitor(t, dialecttest.Open(t))
	o, _, err := v.Desk.CreateOrder(v.ctx, v.Book, desk.OrderRequest{Amount: 30000, Capture: true})
	if err != nil {
		t.Fatal(err)
	}
	p, err := v.Desk.CreatePayment(v.ctx, v.Book, desk.PaymentRequest{Order: o.ID, Amount: 30000, Method: "upi", VPA: "success@razorpay", Email: "asha@example.com", Contact: "+919876543210"})
	if err != nil {
		t.Fatal(err)
	}
	for range 120 {
		if _, err := v.Desk.Refund(v.ctx, v.Book, desk.RefundRequest{Payment: p.ID, Amount: 100}); err != nil {
			t.Fatal(err)
		}
	}
	path, seen := "/test/books/2010", 0
	for range 3 {
		body := v.shows(desk.Finance, path)
		seen += strings.Count(body, "<td><a href=\"/console/test/books/entries/")
		i := strings.Index(body, `" rel="next">Older`)
		if i < 0 {
			break
		}
		j := strings.LastIndex(body[:i], `href="`)
		path = strings.TrimPrefix(strings.ReplaceAll(body[j+6:i], "&amp;", "&"), "/console")
	}
	if seen != 121 {
		t.Errorf("%d postings over all pages, want 121", seen)
	}
	if body := v.shows(desk.Finance, "/test/books/2010?n=60", `rel="prev"`); !strings.Contains(body, "after=111") {
		t.Error("the page before position 60 does not begin at 110")
	}
}
