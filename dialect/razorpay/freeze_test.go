package razorpay

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"wapas/desk"
	"wapas/dialecttest"
	"wapas/webhook"
)

// A wallet that an operator has frozen pays, is paid out and is loaded for
// nobody, in the words that the manual has for a blocked account. Refunds arrive,
// and whoever asked for our own event hears of it.
func TestFrozenWallet(t *testing.T) {
	h := dialecttest.Open(t)
	room := openRoom(t, h).Handler
	terms := desk.DefaultTerms()
	terms.Programme = "full_kyc"
	if _, err := h.Desk.SetTerms(t.Context(), h.Book, terms); err != nil {
		t.Fatal(err)
	}
	send := func(path, body string) (int, string) {
		r := httptest.NewRequest("POST", path, strings.NewReader(body))
		r.Header.Set("Authorization", basic(testKey, testSecret))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		room.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	make := func(path, body, field string) string {
		t.Helper()
		code, answer := send(path, body)
		var made map[string]any
		if err := json.Unmarshal([]byte(answer), &made); err != nil || code != 200 {
			t.Fatalf("%s: %d %s", path, code, answer)
		}
		id, _ := made[field].(string)
		return id
	}
	cust := make("/v1/customers", `{"name":"Gaurav Kumar","contact":"9876543210","email":"g@example.com"}`, "id")
	order := func(a string) string {
		return make("/v1/orders", `{"amount":`+a+`,"currency":"INR","payment_capture":1}`, "id")
	}
	upi := make("/v1/payments/create/upi", `{"amount":200000,"currency":"INR","order_id":"`+order("200000")+`","email":"g@example.com","contact":"9123456780","upi":{"flow":"collect","vpa":"success@razorpay"}}`, "razorpay_payment_id")
	make("/v1/payments/"+upi+"/transfers", `{"transfers":[{"customer":"`+cust+`","amount":100000,"currency":"INR"}]}`, "entity")
	pay := func(order string) string {
		return `{"method":"wallet","wallet":"openwallet","customer_id":"` + cust + `","order_id":"` + order + `","amount":30000,"currency":"INR","contact":"9876543210","email":"g@example.com"}`
	}
	spent := make("/v1/payments/create/openwallet", pay(order("30000")), "razorpay_payment_id")
	fund := make("/v1/fund_accounts", `{"customer_id":"`+cust+`","account_type":"bank_account","bank_account":{"name":"Gaurav Kumar","account_number":"11214311215411","ifsc":"HDFC0000053"}}`, "id")

	w, err := h.Desk.FreezeWallet(t.Context(), h.Book, desk.FreezeRequest{Holder: desk.ID(cust), Frozen: true, Reason: "phone stolen"})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"error":{"code":"BAD_REQUEST_ERROR","description":"The customer's wallet is blocked.","source":"customer","step":"payment_authorization","reason":"debit_instrument_blocked","metadata":{}}}`
	for path, body := range map[string]string{
		"/v1/payments/create/openwallet":     pay(order("30000")),
		"/v1/customers/" + cust + "/payouts": `{"fund_account_id":"` + fund + `","amount":10000,"currency":"INR","purpose":"refund"}`,
		"/v1/payments/" + upi + "/transfers": `{"transfers":[{"customer":"` + cust + `","amount":10000,"currency":"INR"}]}`,
		"/v1/transfers":                      `{"customer":"` + cust + `","amount":5000,"currency":"INR"}`,
	} {
		if code, answer := send(path, body); code != 400 || answer != want {
			t.Errorf("%s: %d %s", path, code, answer)
		}
	}
	make("/v1/payments/"+spent+"/refund", `{"amount":30000}`, "id")
	if b, err := h.Desk.WalletBalance(t.Context(), h.Book, desk.ID(cust)); err != nil || b.Free() != 100000 {
		t.Errorf("it holds %+v, %v", b.Money, err)
	}
	h.Audit(t)

	b, err := h.Desk.Store.Book(t.Context(), h.Book)
	if err != nil {
		t.Fatal(err)
	}
	frozen := desk.Event{No: 1, ID: "RxNL7jAzdxrlJy", Name: "wallet.frozen", At: w.FrozenAt, About: []desk.Row{w}}
	for events, heard := range map[string]bool{"wallet.frozen": true, desk.AllEvents: false} {
		m, err := Herald{}.Tell(t.Context(), webhook.Notice{Book: b, Event: frozen, Endpoint: desk.Endpoint{Account: b.Account(), Events: events}})
		if err != nil || (m != nil) != heard {
			t.Errorf("who asks for %s hears %v, %v", events, m, err)
		}
		if m != nil && !strings.Contains(string(m.Body), `"payload":{"wallet":{"entity":{"id":"`+cust+`","entity":"wallet","frozen":true,"frozen_for":"phone stolen","frozen_at":1767000000}}}`) {
			t.Errorf("told: %s", m.Body)
		}
	}
}
