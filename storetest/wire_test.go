package storetest_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"wapas/desk"
	"wapas/ledger"
	"wapas/server"
	"wapas/storetest"
)

// The golden scenario again, every step of it for which there is a room over
// HTTP, as that room's clients speak: Razorpay's, Engage's, PhonePe's, Eko's and
// our own. One book, one set of entries, the same trial balance.
func TestGoldenOverHTTP(t *testing.T) {
	onEach(t, func(t *testing.T, e storetest.Engine) {
		w := newTown(t, e)
		playGolden(t, w, newWire(w))
		clean(t, w.store)
	})
}

// The credentials of the wire.
const (
	wireKey, wireSecret    = "rzp_test_golden00000001", "goldenSecret000000000001"
	wireMerchant, wireSalt = "GOLDEN", "099eb0cd-02cf-4e2a-8aca-3e6c6aff0399"
	wireEngage, wireNative = "golden_engage_token_000001", "golden_native_token_000001"
	wireDev, wireAccess    = "goldendeveloperkey00000000000001", "golden-access-key"
)

// wireHands do a step over HTTP.
type wireHands struct {
	deskHands
	at http.Handler
}

func newWire(w *town) wireHands {
	w.t.Helper()
	for _, q := range []desk.IssueRequest{
		{Room: "razorpay", Name: wireKey, Secret: []byte(wireSecret)},
		{Room: "engage", Secret: []byte(wireEngage)},
		{Room: "phonepe", Name: wireMerchant + "#1", Secret: []byte(wireSalt)},
		{Room: "eko", Name: wireDev, Secret: []byte(wireAccess)},
		{Room: "native", Secret: []byte(wireNative)},
	} {
		q.Book = w.book
		got(w.Issue(w.ctx, q))(w.t)
	}
	return wireHands{deskHands{w}, server.New(w.Desk, server.Config{Log: w.Log})}
}

// A spoken is an answer: a JSON object as it came.
type spoken map[string]any

// text is what lies at a path of it, as text.
func (a spoken) text(path ...string) string {
	var v any = map[string]any(a)
	for _, p := range path {
		switch x := v.(type) {
		case map[string]any:
			v = x[p]
		case []any:
			i, _ := strconv.Atoi(p)
			if i >= len(x) {
				return ""
			}
			v = x[i]
		}
	}
	return fmt.Sprint(v)
}

// ask sends a request, and stops the test unless it is answered with 200 or 201
// and a JSON object.
func (h wireHands) ask(method, path, body string, head ...string) spoken {
	h.w.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	rec := httptest.NewRecorder()
	h.at.ServeHTTP(rec, r)
	var a spoken
	if err := json.Unmarshal(rec.Body.Bytes(), &a); err != nil || rec.Code > 201 {
		h.w.t.Fatalf("%s %s %s: %d %s", method, path, body, rec.Code, rec.Body)
	}
	return a
}

func (h wireHands) razorpay(path, body string, args ...any) spoken {
	h.w.t.Helper()
	return h.ask("POST", path, fmt.Sprintf(body, args...), "Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(wireKey+":"+wireSecret)))
}

func (h wireHands) order(a ledger.Amount) string {
	h.w.t.Helper()
	return h.razorpay("/v1/orders", `{"amount":%d,"currency":"INR","payment_capture":1}`, a).text("id")
}

func (h wireHands) paid(a ledger.Amount) desk.ID {
	h.w.t.Helper()
	id := desk.ID(h.razorpay("/v1/payments/create/upi", `{"amount":%d,"currency":"INR","order_id":%q,"email":"asha@example.com","contact":"9876543210","upi":{"flow":"collect","vpa":"success@razorpay"}}`,
		a, h.order(a)).text("razorpay_payment_id"))
	h.w.wait(0)
	return id
}

func (h wireHands) transfer(payment, to desk.ID, a ledger.Amount) desk.ID {
	h.w.t.Helper()
	field := "account"
	if to.Prefix() == "cust" {
		field = "customer"
	}
	return desk.ID(h.razorpay("/v1/payments/"+string(payment)+"/transfers", `{"transfers":[{%q:%q,"amount":%d,"currency":"INR"}]}`, field, to, a).text("items", "0", "id"))
}

func (h wireHands) cashback(to desk.ID, a ledger.Amount) {
	h.w.t.Helper()
	h.razorpay("/v1/transfers", `{"customer":%q,"amount":%d,"currency":"INR"}`, to, a)
}

func (h wireHands) spend(customer desk.ID, a ledger.Amount) desk.ID {
	h.w.t.Helper()
	return desk.ID(h.razorpay("/v1/payments/create/openwallet", `{"method":"wallet","wallet":"openwallet","customer_id":%q,"order_id":%q,"amount":%d,"currency":"INR","contact":"9876543210","email":"asha@example.com"}`,
		customer, h.order(a), a).text("razorpay_payment_id"))
}

func (h wireHands) refund(payment desk.ID, a ledger.Amount, reverseAll bool) {
	h.w.t.Helper()
	q := map[string]any{}
	if a > 0 {
		q["amount"] = int64(a)
	}
	if reverseAll {
		q["reverse_all"] = 1
	}
	body, err := json.Marshal(q)
	if err != nil {
		h.w.t.Fatal(err)
	}
	h.razorpay("/v1/payments/"+string(payment)+"/refund", "%s", body)
}

func (h wireHands) reverse(transfer desk.ID, a ledger.Amount) {
	h.w.t.Helper()
	h.razorpay("/v1/transfers/"+string(transfer)+"/reversals", `{"amount":%d}`, a)
}

func (h wireHands) payout(customer, to desk.ID, a ledger.Amount) {
	h.w.t.Helper()
	h.razorpay("/v1/customers/"+string(customer)+"/payouts", `{"fund_account_id":%q,"amount":%d,"currency":"INR","purpose":"refund","notes":{}}`, to, a)
}

func (h wireHands) credit(user, reference string, a ledger.Amount) desk.ID {
	h.w.t.Helper()
	h.ask("POST", "/issuinghq/test/v3/engage/transactions/credit",
		fmt.Sprintf(`{"email":"s@example.com","contact":"9876543211","partner_user_id":%q,"amount":%d,"action":"load","currency":"INR","purpose":"refund","reference_id":%q,"notes":{}}`, user, a, reference),
		"Authorization", "Bearer "+wireEngage)
	return got(h.w.MemberOf(h.w.ctx, h.w.book, user))(h.w.t).ID
}

func (h wireHands) spendCredit(member desk.ID, a ledger.Amount) {
	h.w.t.Helper()
	h.ask("POST", "/api/v1/members/"+string(member)+"/spend", fmt.Sprintf(`{"amount":%d}`, a), "Authorization", "Bearer "+wireNative, "Idempotency-Key", "golden-spend-1")
}

func (h wireHands) backToSource(reference string, payment desk.ID, a ledger.Amount) {
	h.w.t.Helper()
	const path = "/v3/credit/backToSource"
	body := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, `{"merchantId":%q,"transactionId":%q,"originalTransactionId":%q,"amount":%d,"merchantOrderId":"OD1","subMerchant":"Demo","message":"refund"}`,
		wireMerchant, reference, payment, a))
	sum := sha256.Sum256([]byte(body + path + wireSalt))
	said := h.ask("POST", path, `{"request":"`+body+`"}`, "X-VERIFY", hex.EncodeToString(sum[:])+"###1")
	if code := said.text("code"); code != "PAYMENT_PENDING" {
		h.w.t.Errorf("%s: %v", reference, said)
	}
}

func (h wireHands) eko(path, body string, args ...any) spoken {
	h.w.t.Helper()
	now := strconv.FormatInt(h.w.Now().UnixMilli(), 10)
	mac := hmac.New(sha256.New, []byte(base64.StdEncoding.EncodeToString([]byte(wireAccess))))
	mac.Write([]byte(now))
	a := h.ask("POST", path, fmt.Sprintf(body, args...), "developer_key", wireDev,
		"secret-key", base64.StdEncoding.EncodeToString(mac.Sum(nil)), "secret-key-timestamp", now)
	if a.text("status") != "0" {
		h.w.t.Fatalf("%s: %v", path, a)
	}
	return a
}

// A transfer by NEFT is initiated first, and ends a moment later.
func (h wireHands) remit(agent desk.Agent, reference string, a ledger.Amount) desk.Remittance {
	h.w.t.Helper()
	said := h.eko("/ekoapi/v3/customer/payment/ppi-digikhata",
		`{"initiator_id":%q,"user_code":%q,"recipient_id":"10019064","amount":%q,"customer_id":"9876543212","client_ref_id":%q,"channel":1,"recipient_name":"Asha","account":"11214311215411","ifsc":"HDFC0000053","currency":"INR","state":1,"service_code":80,"latlong":"28.4595,77.0266","timestamp":"2026-01-05T06:30:00.000Z"}`,
		agent.Initiator, agent.Code, a, reference)
	if said.text("data", "tx_status") != "2" {
		h.w.t.Errorf("%s: %v", reference, said)
	}
	return got(h.w.Remittance(h.w.ctx, h.w.book, said.text("data", "tid")))(h.w.t)
}

func (h wireHands) consent(agent desk.Agent, r desk.Remittance) {
	h.w.t.Helper()
	said := h.eko("/ekoapi/v2/transactions/"+r.TID+"/refund", `{"initiator_id":%q,"user_code":%q,"otp":123456,"state":1}`, agent.Initiator, agent.Code)
	if said.text("data", "refunded_amount") != r.Total().String() || said.text("data", "tx_status") != "4" {
		h.w.t.Errorf("the refund of %s: %v", r.TID, said)
	}
}
