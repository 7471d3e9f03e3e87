package native

import (
	"strings"
	"testing"
	"time"

	"wapas/desk"
)

// A link is made for a refund of the caller's book, leads to it, and is as good
// when it is asked for again.
func TestRefundLink(t *testing.T) {
	h, c := openCaller(t)
	var p payment
	c.ask("POST", "/payments", `{"amount":49900}`, &p)
	var x refund
	c.ask("POST", "/refunds", `{"payment_id":"`+string(p.ID)+`","amount":10000}`, &x, "Idempotency-Key", "r")
	at := "/refunds/" + string(x.ID) + "/link"
	var first, again refundLink
	c.ask("POST", at, `{"life":86400}`, &first, "Idempotency-Key", "l")
	c.ask("POST", at, `{"life":86400}`, &again, "Idempotency-Key", "l")
	for _, l := range []refundLink{first, again} {
		token, ok := strings.CutPrefix(l.Path, "/r/")
		if !ok || l.RefundID != x.ID || !strings.HasPrefix(l.URL, "http") || !strings.HasSuffix(l.URL, l.Path) {
			t.Fatalf("%+v", l)
		}
		got, err := h.Desk.Follow(t.Context(), token)
		if err != nil || got.Refund != x.ID || got.Amount != 10000 {
			t.Errorf("%+v %v", got, err)
		}
	}
	h.Advance(t, 26*time.Hour)
	if _, err := h.Desk.Follow(t.Context(), strings.TrimPrefix(first.Path, "/r/")); err == nil {
		t.Error("it does not end")
	}
	all, err := desk.List[desk.Refund](t.Context(), h.Desk, desk.Query{Book: h.Book, Count: 9})
	if err != nil || len(all) != 1 {
		t.Errorf("%d refunds %v", len(all), err)
	}
}
