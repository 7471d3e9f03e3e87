package server_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"wapas/desk"
	"wapas/dialect/eko"
	"wapas/dialect/phonepe"
	"wapas/dialect/razorpay"
	"wapas/dialecttest"
	"wapas/rail"
)

// A teller is a room of a house as its callers know it: it moves 200 rupees
// under a reference of theirs, and says what became of that.
type teller struct {
	name string
	move func(t *testing.T, h *dialecttest.House, ref string)
	says func(t *testing.T, h *dialecttest.House, ref string) string
}

const (
	phonepeMerchant, phonepeSalt = "WAPASDEMO", "5a17c0de-1111-4222-8333-444455556666"
	ekoKey, ekoSecret            = "wapasdemodeveloperkey0000000001", "wapas-demo-access-key"
	initiator                    = "9962981729"
)

var tellers = []teller{
	{"razorpay",
		func(t *testing.T, h *dialecttest.House, ref string) {
			pay := paid(t, h)
			ask(t, h, "razorpay", "POST", "/v1/payments/"+string(pay.ID)+"/refund", fmt.Sprintf(`{"amount":20000,"receipt":%q}`, ref))
		},
		func(t *testing.T, h *dialecttest.House, ref string) string {
			all := ask(t, h, "razorpay", "GET", "/v1/refunds", "")
			return all["items"].([]any)[0].(map[string]any)["status"].(string)
		}},
	{"phonepe",
		func(t *testing.T, h *dialecttest.House, ref string) {
			pay := paid(t, h)
			body := fmt.Sprintf(`{"merchantId":%q,"transactionId":%q,"providerReferenceId":%q,"amount":20000,"message":"m"}`, phonepeMerchant, ref, pay.ID)
			coded := base64.StdEncoding.EncodeToString([]byte(body))
			ask(t, h, "phonepe", "POST", "/v3/credit/backToSource", fmt.Sprintf(`{"request":%q}`, coded))
		},
		func(t *testing.T, h *dialecttest.House, ref string) string {
			return ask(t, h, "phonepe", "GET", "/v3/transaction/"+phonepeMerchant+"/"+ref+"/status", "")["code"].(string)
		}},
	{"eko",
		func(t *testing.T, h *dialecttest.House, ref string) {
			a, err := h.Desk.OpenAgent(t.Context(), h.Book, desk.AgentRequest{Code: "20810200", Initiator: initiator})
			if err == nil {
				_, err = h.Desk.BuyValue(t.Context(), h.Book, desk.ValueRequest{Agent: a.ID, Amount: 1000_00})
			}
			if err != nil {
				t.Fatal(err)
			}
			form := url.Values{"initiator_id": {initiator}, "user_code": {"20810200"}, "recipient_id": {"10012"}, "amount": {"200"}, "customer_id": {"9123456789"},
				"client_ref_id": {ref}, "channel": {"1"}, "currency": {"INR"}, "state": {"1"}}
			ask(t, h, "eko", "POST", "/ekoapi/v2/transactions", form.Encode())
		},
		func(t *testing.T, h *dialecttest.House, ref string) string {
			tx := ask(t, h, "eko", "GET", "/ekoapi/v2/transactions/client_ref_id:"+ref+"?initiator_id="+initiator, "")
			return tx["data"].(map[string]any)["tx_status"].(string)
		}},
}

// paid makes a captured payment of 500 rupees.
func paid(t *testing.T, h *dialecttest.House) desk.Payment {
	t.Helper()
	o, _, err := h.Desk.CreateOrder(t.Context(), h.Book, desk.OrderRequest{Amount: 500_00, Capture: true})
	if err != nil {
		t.Fatal(err)
	}
	p, err := h.Desk.CreatePayment(t.Context(), h.Book, desk.PaymentRequest{Order: o.ID, Amount: o.Amount, Method: "upi", VPA: "success@razorpay"})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// ask makes a request as a caller of a room does, and reads the answer.
func ask(t *testing.T, h *dialecttest.House, room, method, path, body string) (answer map[string]any) {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	var handler http.Handler
	switch room {
	case "razorpay":
		handler = razorpay.New(h.Desk, razorpay.Config{})
		r.SetBasicAuth(keyID, keySecret)
	case "phonepe":
		handler = phonepe.New(h.Desk, phonepe.Config{})
		text := path
		var wrapped struct{ Request string }
		if json.Unmarshal([]byte(body), &wrapped) == nil {
			text = wrapped.Request + path
		}
		r.Header.Set("X-VERIFY", phonepe.Sign(text, []byte(phonepeSalt), "1"))
	case "eko":
		handler = eko.New(h.Desk, eko.Config{})
		stamp := fmt.Sprint(h.Desk.Now().UnixMilli())
		r.Header.Set("developer_key", ekoKey)
		r.Header.Set("secret-key", eko.Signature(ekoSecret, stamp))
		r.Header.Set("secret-key-timestamp", stamp)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || method == "POST" && w.Code != 200 {
		t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	return answer
}

// Every scenario of the simulated rail as the callers of each room see it: what
// the room says when it was sent, half an hour later, a day and an hour later,
// and eight days later; and what a person finds in the end. The books add up.
func TestOutcomes(t *testing.T) {
	looks := []time.Duration{0, 30 * time.Minute, 25 * time.Hour, 8 * 24 * time.Hour}
	for _, c := range []struct {
		scenario string
		says     map[string]string // at each look, by room
		before   string            // before a person in the end
	}{
		{rail.ScenarioDone, map[string]string{
			"razorpay": "pending processed processed processed",
			"phonepe":  "PAYMENT_PENDING PAYMENT_SUCCESS PAYMENT_SUCCESS PAYMENT_SUCCESS",
			"eko":      "2 0 0 0"}, ""},
		{rail.ScenarioSlow, map[string]string{
			"razorpay": "pending processed processed processed",
			"phonepe":  "PAYMENT_PENDING PAYMENT_SUCCESS PAYMENT_SUCCESS PAYMENT_SUCCESS",
			"eko":      "2 0 0 0"}, ""},
		{rail.ScenarioRefused, map[string]string{
			"razorpay": "failed failed failed failed",
			"phonepe":  "PAYMENT_ERROR PAYMENT_ERROR PAYMENT_ERROR PAYMENT_ERROR",
			"eko":      "3 3 3 3"}, ""},
		{rail.ScenarioNotActivated, map[string]string{
			"razorpay": "failed failed failed failed",
			"phonepe":  "WALLLET_NOT_ACTIVATED WALLLET_NOT_ACTIVATED WALLLET_NOT_ACTIVATED WALLLET_NOT_ACTIVATED",
			"eko":      "3 3 3 3"}, ""},
		{rail.ScenarioWindow, map[string]string{
			"razorpay": "failed failed failed failed",
			"phonepe":  "REVERSAL_WINDOW_EXCEEDED REVERSAL_WINDOW_EXCEEDED REVERSAL_WINDOW_EXCEEDED REVERSAL_WINDOW_EXCEEDED",
			"eko":      "3 3 3 3"}, ""},
		{rail.ScenarioPending, map[string]string{
			"razorpay": "pending pending processed processed",
			"phonepe":  "PAYMENT_PENDING PAYMENT_PENDING PAYMENT_SUCCESS PAYMENT_SUCCESS",
			"eko":      "2 5 0 0"}, ""},
		{rail.ScenarioHold, map[string]string{
			"razorpay": "pending pending pending pending",
			"phonepe":  "PAYMENT_PENDING PAYMENT_PENDING PAYMENT_PENDING PAYMENT_PENDING",
			"eko":      "5 5 5 5"}, desk.ExceptionPending},
		{rail.ScenarioTimeout, map[string]string{
			"razorpay": "pending processed processed processed",
			"phonepe":  "TIMED_OUT PAYMENT_SUCCESS PAYMENT_SUCCESS PAYMENT_SUCCESS",
			"eko":      "5 0 0 0"}, ""},
		{rail.ScenarioFault, map[string]string{
			"razorpay": "pending processed processed processed",
			"phonepe":  "INTERNAL_SERVER_ERROR PAYMENT_SUCCESS PAYMENT_SUCCESS PAYMENT_SUCCESS",
			"eko":      "5 0 0 0"}, ""},
		{rail.ScenarioLate, map[string]string{
			"razorpay": "failed failed processed processed",
			"phonepe":  "PAYMENT_ERROR PAYMENT_ERROR PAYMENT_SUCCESS PAYMENT_SUCCESS",
			"eko":      "3 3 0 0"}, desk.ExceptionLate},
		{rail.ScenarioReturned, map[string]string{
			"razorpay": "pending processed processed processed",
			"phonepe":  "PAYMENT_PENDING PAYMENT_SUCCESS PAYMENT_SUCCESS PAYMENT_SUCCESS",
			"eko":      "2 0 0 0"}, desk.ExceptionReturned},
		{rail.ScenarioSilence, map[string]string{
			"razorpay": "pending pending pending pending",
			"phonepe":  "TIMED_OUT TIMED_OUT TIMED_OUT TIMED_OUT",
			"eko":      "5 5 5 5"}, desk.ExceptionUnknown},
	} {
		for _, room := range tellers {
			t.Run(room.name+" "+c.scenario, func(t *testing.T) {
				h := dialecttest.Open(t)
				h.Issue(t, h.Book, razorpay.Room, keyID, keySecret)
				h.Issue(t, h.Book, phonepe.Room, phonepe.KeyName(phonepeMerchant, "1"), phonepeSalt)
				h.Issue(t, h.Book, eko.Room, ekoKey, ekoSecret)
				terms := desk.DefaultTerms()
				terms.ConfirmRefunds = true
				if _, err := h.Desk.SetTerms(t.Context(), h.Book, terms); err != nil {
					t.Fatal(err)
				}
				ref := "ORDER17" + strings.ToUpper(strings.ReplaceAll(c.scenario, "_", ""))
				if _, err := h.Desk.SetScenario(t.Context(), h.Book, desk.ScenarioRequest{Ref: ref, Outcome: c.scenario}); err != nil {
					t.Fatal(err)
				}
				room.move(t, h, ref)
				var said []string
				for _, d := range looks {
					h.Advance(t, d)
					said = append(said, room.says(t, h, ref))
				}
				if got := strings.Join(said, " "); got != c.says[room.name] {
					t.Errorf("it says %s, want %s", got, c.says[room.name])
				}
				var open []string
				all, err := desk.List[desk.Exception](t.Context(), h.Desk, desk.Query{Book: h.Book, Oldest: true, Count: 10})
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range all {
					if e.ClosedAt == 0 {
						open = append(open, e.What)
					}
				}
				if got := strings.Join(open, " "); got != c.before {
					t.Errorf("before a person: %q, want %q", got, c.before)
				}
				h.Audit(t)
			})
		}
	}
}
