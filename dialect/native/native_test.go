package native

import (
	"net/http"
	"testing"

	"wapas/dialecttest"
)

// openCaller is a house with the room in it, and a caller who may do all.
func openCaller(t *testing.T) (*dialecttest.House, *caller) {
	h := dialecttest.Open(t)
	r := openRoom(t, h)
	return h, &caller{t: t, room: r.Handler, token: testToken}
}

// A refund is asked for, found by everything that a customer may read out, and
// its timeline tells the story.
func TestRefundFound(t *testing.T) {
	h, c := openCaller(t)
	var p payment
	c.ask("POST", "/payments", `{"amount":49900,"receipt":"order 4711","contact":"+919876543210","email":"priya@example.in"}`, &p)
	var made refund
	c.ask("POST", "/refunds", `{"payment_id":"`+string(p.ID)+`","amount":10000,"reference":"RMA-1"}`, &made)
	if made.State != "pending" || made.Room != "native" || made.Amount != 10000 {
		t.Fatalf("the refund is %+v", made)
	}
	h.Advance(t, 3e9)
	var now refund
	c.ask("GET", "/refunds/"+string(made.ID), "", &now)
	if now.State != "done" || now.Proof == "" {
		t.Fatalf("after 3 s the refund is %+v", now)
	}
	for _, text := range []string{
		string(made.ID), string(p.ID), string(p.OrderID), "order%204711", "RMA-1", now.Proof, p.Proof,
		"9876543210", "%2B919876543210", "919876543210", "09876543210", "98765%2043210", "priya@example.in", "Priya@Example.in",
	} {
		var found page[refund]
		c.ask("GET", "/refunds/search?q="+text, "", &found)
		if len(found.Items) != 1 || found.Items[0].ID != made.ID {
			t.Errorf("%s finds %d refunds", text, len(found.Items))
		}
	}
	var none page[refund]
	c.ask("GET", "/refunds/search?q=9876543211", "", &none)
	if len(none.Items) != 0 {
		t.Errorf("another number finds %+v", none.Items)
	}
	var line timeline
	c.ask("GET", "/refunds/"+string(made.ID)+"/timeline", "", &line)
	if len(line.Entries) != 2 || len(line.Events) != 2 || line.RailOrder == nil || line.Payment.Left != 39900 {
		t.Errorf("the timeline has %d entries, %d events, order %v, %+v", len(line.Entries), len(line.Events), line.RailOrder, line.Payment)
	}
	w := c.ask("GET", "/refunds/"+string(made.ID), "", nil)
	tag := w.Header().Get("ETag")
	if w = c.ask("GET", "/refunds/"+string(made.ID), "", nil, "If-None-Match", tag); w.Code != http.StatusNotModified || w.Body.Len() > 0 {
		t.Errorf("with %s: %d", tag, w.Code)
	}
	h.Audit(t)
}
