package razorpay

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"wapas/desk"
	"wapas/dialecttest"
)

// Ordinary settlements are made by the operator, for whom a transcript has no
// words: this is the conversation around two of them, the merchant's and a
// linked account's.
func TestSettlements(t *testing.T) {
	h := dialecttest.Open(t)
	room := openRoom(t, h)
	ctx := context.Background()
	ask := func(method, path, body, account string, into any) {
		t.Helper()
		q := httptest.NewRequest(method, path, strings.NewReader(body))
		q.Header.Set("Authorization", basic(testKey, testSecret))
		q.Header.Set("Content-Type", "application/json")
		q.Header.Set("X-Razorpay-Account", account)
		w := httptest.NewRecorder()
		room.Handler.ServeHTTP(w, q)
		if w.Code != 200 {
			t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
		}
		if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
			t.Fatalf("%s %s: %v in %s", method, path, err, w.Body)
		}
	}
	var seller, order, paid struct {
		ID      desk.ID `json:"id"`
		Payment desk.ID `json:"razorpay_payment_id"`
	}
	ask("POST", "/v2/accounts", `{"email":"a@example.com","phone":"9000090000","legal_business_name":"Acme Corp","business_type":"llp","contact_name":"Gaurav"}`, "", &seller)
	ask("POST", "/v1/orders", `{"amount":50000,"currency":"INR","receipt":"r-1","payment_capture":1}`, "", &order)
	ask("POST", "/v1/payments/create/json", `{"amount":50000,"currency":"INR","order_id":"`+string(order.ID)+`","contact":"9876543210","email":"a@example.com","method":"upi","upi":{"flow":"collect","vpa":"success@razorpay"}}`, "", &paid)
	var made collection[map[string]any]
	ask("POST", "/v1/payments/"+string(paid.Payment)+"/transfers", `{"transfers":[{"account":"`+string(seller.ID)+`","amount":20000,"currency":"INR"}]}`, "", &made)

	transfer := made.Items[0]["id"].(string)
	own, err := h.Desk.Settle(ctx, h.Book, "")
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := h.Desk.Settle(ctx, h.Book, seller.ID)
	if err != nil {
		t.Fatal(err)
	}
	h.Advance(t, 2*time.Minute)

	var list collection[settlementWire]
	ask("GET", "/v1/settlements/?count=10&skip=0", "", "", &list)
	if list.Count != 1 || list.Items[0].ID != own.ID || list.Items[0].Amount != 30000 || list.Items[0].Status != "processed" || list.Items[0].UTR == nil {
		t.Errorf("the merchant's settlements are %+v", list)
	}
	utr := *list.Items[0].UTR
	ask("GET", "/v1/settlements", "", string(seller.ID), &list)
	if list.Count != 1 || list.Items[0].ID != theirs.ID || list.Items[0].Amount != 20000 {
		t.Errorf("the seller's settlements are %+v", list)
	}

	var one map[string]any
	ask("GET", "/v1/transfers/"+transfer+"?expand[]=recipient_settlement", "", "", &one)
	if s, _ := one["recipient_settlement"].(map[string]any); one["settlement_status"] != "settled" || one["recipient_settlement_id"] != string(theirs.ID) || s["status"] != "processed" {
		t.Errorf("the transfer is %v", one)
	}
	var settled collection[map[string]any]
	ask("GET", "/v1/transfers?recipient_settlement_id="+string(theirs.ID), "", "", &settled)
	if settled.Count != 1 {
		t.Errorf("of the settlement: %v", settled)
	}

	var report collection[map[string]any]
	ask("GET", "/v1/settlements/recon/combined?year=2025&month=12&day=29", "", "", &report)
	if report.Count != 2 {
		t.Fatalf("the report is %v", report)
	}
	for i, want := range []map[string]any{
		{"entity_id": string(paid.Payment), "type": "payment", "debit": 0., "credit": 50000., "amount": 50000., "order_receipt": "r-1", "payment_id": nil, "method": "upi", "notes": "{}", "settled": true},
		{"entity_id": transfer, "type": "transfer", "debit": 20000., "credit": 0., "payment_id": string(paid.Payment), "order_id": nil, "notes": nil},
	} {
		want["settlement_id"] = string(own.ID)
		want["settlement_utr"] = utr
		for k, v := range want {
			if got, there := report.Items[i][k]; !there || got != v {
				t.Errorf("line %d: %s is %v, want %v", i, k, got, v)
			}
		}
		if _, there := report.Items[i]["id"]; there {
			t.Errorf("line %d has an id", i)
		}
	}
	h.Audit(t)
}
