package razorpay

import (
	"net/http/httptest"
	"strings"
	"testing"

	"wapas/desk"
	"wapas/dialecttest"
)

// A refund as store credit is of no payment, unless the merchant's programme
// counts orders and it names one: only then does this API know of it.
func TestRefundsWithoutPayment(t *testing.T) {
	h := dialecttest.Open(t)
	room := openRoom(t, h).Handler
	o, _, err := h.Desk.CreateOrder(t.Context(), h.Book, desk.OrderRequest{Amount: 50000, Capture: true})
	if err != nil {
		t.Fatal(err)
	}
	pay, err := h.Desk.CreatePayment(t.Context(), h.Book, desk.PaymentRequest{Order: o.ID, Amount: o.Amount, Method: "upi", VPA: "success@razorpay"})
	if err != nil {
		t.Fatal(err)
	}
	credit := func(reference string) desk.Credit {
		x, err := h.Desk.LoadCredit(t.Context(), h.Book, desk.CreditRequest{
			Partner: "cust-1", Contact: "9663957855", Amount: 10000, Purpose: desk.CreditRefund, Reference: reference, Order: string(o.ID), Room: "engage",
		})
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	ask := func(method, path, body string) string {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Authorization", basic(testKey, testSecret))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		room.ServeHTTP(w, r)
		return w.Body.String()
	}
	const empty, missing = `{"entity":"collection","count":0,"items":[]}`, `"description":"The id provided does not exist"`
	of := credit("r1").Refund()
	if got := ask("GET", "/v1/refunds", ""); got != empty {
		t.Errorf("listed: %s", got)
	}
	for _, call := range []struct{ method, body string }{{"GET", ""}, {"PATCH", `{"notes":{"a":"b"}}`}} {
		if got := ask(call.method, "/v1/refunds/"+string(of), call.body); !strings.Contains(got, missing) {
			t.Errorf("%s: %s", call.method, got)
		}
	}
	p := desk.DefaultProgramme()
	p.CountsOrders = true
	if _, err := h.Desk.SetProgramme(t.Context(), h.Book, p); err != nil {
		t.Fatal(err)
	}
	counted := string(credit("r2").Refund())
	for _, path := range []string{"/v1/refunds", "/v1/payments/" + string(pay.ID) + "/refunds", "/v1/refunds/" + counted} {
		if got := ask("GET", path, ""); !strings.Contains(got, `"id":"`+counted+`"`) || strings.Contains(got, string(of)) || !strings.Contains(got, `"status":"processed"`) {
			t.Errorf("%s: %s", path, got)
		}
	}
	if got := ask("GET", "/v1/payments/"+string(pay.ID), ""); !strings.Contains(got, `"amount_refunded":10000,"refund_status":"partial"`) {
		t.Errorf("the payment: %s", got)
	}
	h.Audit(t)
}
