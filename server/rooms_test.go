package server_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"wapas/desk"
	"wapas/dialect/phonepe"
	"wapas/dialect/razorpay"
	"wapas/dialecttest"
	"wapas/ledger"
)

// One payment has one budget, whichever room its refunds come through, and
// whichever room took it: 64 refunds of a tenth of it through two rooms at once
// give back ten tenths and no more.
func TestOneBudget(t *testing.T) {
	for _, taken := range []string{"razorpay", "phonepe"} {
		t.Run("taken through "+taken, func(t *testing.T) {
			h := dialecttest.Open(t)
			h.Issue(t, h.Book, "razorpay", keyID, keySecret)
			h.Issue(t, h.Book, phonepe.Room, phonepe.KeyName("SHOPDEMO", "1"), "salt")
			rooms := map[string]http.Handler{
				"razorpay": razorpay.New(h.Desk, razorpay.Config{}),
				"phonepe":  phonepe.New(h.Desk, phonepe.Config{}),
			}
			pay, name := takePayment(t, h, taken)

			var wg sync.WaitGroup
			var mu sync.Mutex
			said := map[string]int{}
			for i := range 64 {
				wg.Go(func() {
					answer := "razorpay refused"
					if i%2 == 0 {
						r := httptest.NewRequest("POST", "/v1/payments/"+string(pay.ID)+"/refund", strings.NewReader(fmt.Sprintf(`{"amount":5000,"receipt":"r%d"}`, i)))
						r.Header.Set("Content-Type", "application/json")
						r.SetBasicAuth(keyID, keySecret)
						w := httptest.NewRecorder()
						rooms["razorpay"].ServeHTTP(w, r)
						if w.Code == 200 {
							answer = "refunded"
						}
					} else {
						coded := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, `{"merchantId":"SHOPDEMO","transactionId":"R%d","originalTransactionId":%q,"amount":5000,"message":"m"}`, i, name))
						r := httptest.NewRequest("POST", "/v3/credit/backToSource", strings.NewReader(`{"request":"`+coded+`"}`))
						r.Header.Set("X-Verify", phonepe.Sign(coded+"/v3/credit/backToSource", []byte("salt"), "1"))
						w := httptest.NewRecorder()
						rooms["phonepe"].ServeHTTP(w, r)
						switch body := w.Body.String(); {
						case strings.Contains(body, "PAYMENT_PENDING"):
							answer = "refunded"
						case strings.Contains(body, "EXCESS_REFUND_AMOUNT"):
							answer = "phonepe refused"
						default:
							answer = body
						}
					}
					mu.Lock()
					said[answer]++
					mu.Unlock()
				})
			}
			wg.Wait()
			if said["refunded"] != 10 || said["refunded"]+said["razorpay refused"]+said["phonepe refused"] != 64 {
				t.Errorf("answers: %v", said)
			}
			h.Advance(t, time.Minute)
			p, err := desk.Find[desk.Payment](t.Context(), h.Desk, h.Book, pay.ID)
			if err != nil || p.Refunded != 500_00 || p.RefundPending != 0 || p.Budget().Left() != 0 {
				t.Errorf("refunded %d, pending %d, left %d, %v", p.Refunded, p.RefundPending, p.Budget().Left(), err)
			}
			h.Audit(t)
		})
	}
}

// takePayment makes a paid payment of 500 rupees through a room, and says what
// the PhonePe room is to call it.
func takePayment(t *testing.T, h *dialecttest.House, through string) (desk.Payment, string) {
	t.Helper()
	if through == "phonepe" {
		p, err := phonepe.Sample(t.Context(), h.Desk, h.Book, "SHOPDEMO", "PAY0001", "", 500_00)
		if err != nil {
			t.Fatal(err)
		}
		return p, "PAY0001"
	}
	o, _, err := h.Desk.CreateOrder(t.Context(), h.Book, desk.OrderRequest{Amount: ledger.Amount(500_00), Capture: true})
	if err != nil {
		t.Fatal(err)
	}
	p, err := h.Desk.CreatePayment(t.Context(), h.Book, desk.PaymentRequest{Order: o.ID, Amount: o.Amount, Method: "upi", VPA: "success@razorpay"})
	if err != nil {
		t.Fatal(err)
	}
	return p, string(p.ID)
}
