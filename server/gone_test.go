package server_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"wapas/desk"
	"wapas/dialecttest"
	"wapas/server"
)

// A caller that hangs up is no fault of ours: the log has no error of it, and
// neither have the metrics, in whichever room it was.
func TestCallerGone(t *testing.T) {
	h := dialecttest.Open(t)
	var logged bytes.Buffer
	h.Desk.Log = slog.New(slog.NewTextHandler(&logged, nil))
	front := server.New(h.Desk, server.Config{Log: h.Desk.Log})
	a := newTenant(t, h, front, "A", h.Book, desk.Test)
	for _, x := range []struct{ room, path string }{
		{"razorpay", "/v1/orders"}, {"native", "/api/v1/refunds"}, {"eko", "/ekoapi/v2/user/account/balance?initiator_id=" + initiator + "&user_code=1"}, {"phonepe", "/checkout/v2/order/ORD1/status"},
	} {
		r := a.request(h, x.room, "GET", x.path, "")
		ctx, hangUp := context.WithCancel(t.Context())
		hangUp()
		front.ServeHTTP(httptest.NewRecorder(), r.WithContext(ctx))
	}
	if got := strings.Count(logged.String(), "status=499"); got != 4 || strings.Contains(logged.String(), "level=ERROR") {
		t.Errorf("%d of 4 callers are gone:\n%s", got, &logged)
	}
	w := httptest.NewRecorder()
	front.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if text := w.Body.String(); !strings.Contains(text, `status="499"`) || strings.Contains(text, `status="500"`) {
		t.Error("the metrics have something else")
	}
}
