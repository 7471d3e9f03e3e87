package server_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"wapas/desk"
	"wapas/dialecttest"
	"wapas/ledger"
	"wapas/server"
	"wapas/sqlstore"
)

// Months that were archived are answered by every room as before, to the byte. If
// their files are not there, rooms say so in their own words, with a 503: never with
// an empty page.
func TestRoomsReadArchives(t *testing.T) {
	h := dialecttest.Open(t)
	front := server.New(h.Desk, server.Config{})
	x := newTenant(t, h, front, "a", h.Book, desk.Test)
	c, err := h.Desk.CreateCustomer(t.Context(), h.Book, desk.CustomerRequest{Name: "Asha", Contact: "9876543210"})
	if err != nil {
		t.Fatal(err)
	}
	var p desk.Payment
	for range 3 {
		p = paid(t, h)
		h.Advance(t, 10*24*time.Hour)
		for range 3 {
			if _, err := h.Desk.TransferDirect(t.Context(), h.Book, desk.DirectTransferRequest{To: desk.TransferTo{Recipient: c.ID, Amount: 1000}}); err != nil {
				t.Fatal(err)
			}
		}
		h.Advance(t, 20*24*time.Hour)
	}
	person := newInsider(t, h, h.Merchant, "asha@example.in", desk.Admin) // whose session is not over
	type page struct{ room, path string }
	pages := []page{
		{"razorpay", "/v1/customers/" + string(c.ID) + "/statement"},
		{"razorpay", "/v1/customers/" + string(c.ID) + "/statement?count=2&skip=5"},
		{"razorpay", fmt.Sprintf("/v1/customers/%s/statement?from=%d&to=%d", c.ID, dialecttest.Start, dialecttest.Start+30*24*3600)},
		{"native", "/api/v1/customers/" + string(c.ID) + "/wallet/statement"},
		{"native", "/api/v1/entries?limit=100"},
		{"native", "/api/v1/entries/1"},
		{"native", "/api/v1/entries?cause=" + string(p.ID)},
		{"native", "/api/v1/accounts/2010/postings?limit=100"},
		{"native", "/api/v1/events?limit=100"},
		{"native", "/api/v1/events/2"},
		{"native", "/api/v1/events/2/message?room=razorpay"},
		{"console", "/test/books/entries/1"},
		{"console", "/test/events/2"},
		{"console", "/test/customers/" + string(c.ID)},
	}
	read := func(p page) (int, string) {
		if p.room == "console" {
			w := person.ask(front, "GET", p.path, url.Values{})
			return w.Code, w.Body.String()
		}
		w := x.send(h, front, p.room, "GET", p.path, "")
		return w.Code, w.Body.String()
	}
	before := map[page]string{}
	for _, p := range pages {
		code, body := read(p)
		if code != http.StatusOK {
			t.Errorf("%s: %d %s", p.path, code, body)
		}
		before[p] = body
	}
	made, err := h.Store.Archive(t.Context(), h.Book, sqlstore.ArchiveOptions{Before: ledger.At(h.Desk.Now()).Month() + 1})
	if err != nil || len(made) < 3 {
		t.Fatalf("%d archives: %v", len(made), err)
	}
	for _, p := range pages {
		if code, body := read(p); code != http.StatusOK || body != before[p] {
			t.Errorf("%s: %d\nbefore %.500s\nafter  %.500s", p.path, code, before[p], body)
		}
	}
	h.Audit(t)

	if err := os.Rename(h.Store.ArchiveFolder(), h.Store.ArchiveFolder()+".away"); err != nil {
		t.Fatal(err)
	}
	words := map[string]string{"razorpay": `"code":"SERVER_ERROR"`, "native": `"rule":"archive_away"`, "console": "is in an archive"}
	for _, p := range pages {
		if code, body := read(p); code != http.StatusServiceUnavailable || !strings.Contains(body, words[p.room]) || strings.Contains(body, h.Store.ArchiveFolder()) {
			t.Errorf("%s without its file: %d %.500s", p.path, code, body)
		}
	}
	if _, err := h.Desk.CreateCustomer(t.Context(), h.Book, desk.CustomerRequest{Name: "Ravi", Contact: "9876543211"}); err != nil {
		t.Errorf("without archives nothing can be done: %v", err)
	}
}
