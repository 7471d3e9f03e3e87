package server_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"wapas/desk"
	"wapas/dialect/eko"
	"wapas/dialect/engage"
	"wapas/dialect/native"
	"wapas/dialect/phonepe"
	"wapas/dialect/razorpay"
	"wapas/dialecttest"
	"wapas/server"
)

// A tenant is a book with a credential for each room, all of them strangers to
// those of every other tenant.
type tenant struct {
	book     desk.BookID
	mode     desk.Mode
	letter   string
	merchant string // of the PhonePe room
	bearer   string // of its newest generation
}

func newTenant(t *testing.T, h *dialecttest.House, front http.Handler, letter string, book desk.BookID, mode desk.Mode) *tenant {
	t.Helper()
	x := &tenant{book: book, mode: mode, letter: letter, merchant: "SHOP" + letter}
	h.Issue(t, book, "razorpay", x.key(), "rzp secret "+letter)
	h.Issue(t, book, engage.Room, "client"+letter, "engage secret "+letter)
	h.Issue(t, book, engage.Room, "", "engage token "+letter)
	h.Issue(t, book, phonepe.Room, phonepe.KeyName(x.merchant, "1"), "salt "+letter)
	h.Issue(t, book, phonepe.Room, "client:"+letter, "phonepe secret "+letter)
	h.Issue(t, book, eko.Room, "developer"+letter, "access key "+letter)
	h.Issue(t, book, native.Room, "", "native token "+letter)
	form := url.Values{"client_id": {letter}, "client_version": {"1"}, "client_secret": {"phonepe secret " + letter}, "grant_type": {"client_credentials"}}
	r := httptest.NewRequest("POST", "/v1/oauth/token", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	front.ServeHTTP(w, r)
	var got struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || got.Token == "" {
		t.Fatalf("no token: %d %s", w.Code, w.Body)
	}
	x.bearer = got.Token
	return x
}

func (x *tenant) key() string { return "rzp_" + string(x.mode) + "_isolation" + x.letter }

// send makes a request of a room and returns its answer.
func (x *tenant) send(h *dialecttest.House, front http.Handler, room, method, path, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	front.ServeHTTP(w, x.request(h, room, method, path, body))
	return w
}

// request is one the way a room's callers make it: JSON is wrapped, turned into
// a form, and signed, as the room wants it.
func (x *tenant) request(h *dialecttest.House, room, method, path, body string) *http.Request {
	at, _, _ := strings.Cut(path, "?")
	if plain, err := url.PathUnescape(at); err == nil { // which is what is signed
		at = plain
	}
	newest := strings.HasPrefix(at, "/checkout/v2/") || strings.HasPrefix(at, "/payments/v2/")
	kind, text := "application/json", ""
	switch room {
	case "phonepe":
		plain := strings.HasPrefix(at, "/v1/credit") || strings.HasPrefix(at, "/v1/debit") // generation 0
		switch {
		case newest, strings.HasPrefix(at, "/transact/"), at == "/v1/oauth/token":
		case plain && method == "POST":
			var f struct {
				Merchant    string      `json:"merchantId"`
				Transaction string      `json:"transactionId"`
				Amount      json.Number `json:"amount"`
			}
			json.Unmarshal([]byte(body), &f)
			text = f.Merchant + f.Transaction + f.Amount.String()
		case strings.HasPrefix(at, "/v1/transaction/") && method == "GET":
			parts := strings.Split(at, "/")
			text = parts[3] + parts[4]
		case method == "POST" && body != "":
			coded := base64.StdEncoding.EncodeToString([]byte(body))
			body, text = fmt.Sprintf(`{"request":%q}`, coded), coded+at
		default:
			text = at
		}
	case "eko":
		if !strings.Contains(at, "/v3/") && body != "" {
			kind = "application/x-www-form-urlencoded"
			var f map[string]any
			json.Unmarshal([]byte(body), &f)
			form := url.Values{}
			for k, v := range f {
				form.Set(k, fmt.Sprint(v))
			}
			body = form.Encode()
		}
	}
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("X-Request-Id", "req")
	if body != "" {
		r.Header.Set("Content-Type", kind)
	}
	switch room {
	case "razorpay":
		r.SetBasicAuth(x.key(), "rzp secret "+x.letter)
	case "engage":
		r.Header.Set("Authorization", "Bearer engage token "+x.letter)
	case "native":
		r.Header.Set("Authorization", "Bearer native token "+x.letter)
		if method != "GET" {
			r.Header.Set("Idempotency-Key", fmt.Sprintf("%x", sha256.Sum256([]byte(method+at+body))))
		}
	case "phonepe":
		if newest {
			r.Header.Set("Authorization", "O-Bearer "+x.bearer)
		} else if text != "" {
			r.Header.Set("X-Verify", phonepe.Sign(text, []byte("salt "+x.letter), "1"))
		}
	case "eko":
		stamp := fmt.Sprint(h.Desk.Now().UnixMilli())
		r.Header["developer_key"] = []string{"developer" + x.letter}
		r.Header.Set("developer_key", "developer"+x.letter)
		r.Header.Set("secret-key", eko.Signature("access key "+x.letter, stamp))
		r.Header.Set("secret-key-timestamp", stamp)
	}
	return r
}

// The first merchant's life, in the order in which it happens: what is asked
// for, and what of the answer is remembered under which name. Every text that a
// stranger must never read has "zqa" in it.
var life = []struct{ room, route, body, keep string }{
	{"native", "POST /api/v1/clock", `{"do":"real"}`, ""},
	{"native", "PUT /api/v1/programme", `{"kind":"closed","funding":"backed","counts_orders":true}`, ""},
	{"native", "POST /api/v1/payments", `{"amount":49900,"contact":"+919876500001","email":"zqa@example.in"}`, "native.payment_id=id native.orders.order_id=order_id"},
	{"native", "POST /api/v1/refunds", `{"payment_id":"{native.payment_id}","amount":1000,"reference":"RF-1","notes":{"k":"zqa"}}`, "native.refund_id=id native.rail_orders.order_id=id"},
	{"native", "PATCH /api/v1/refunds/{refund_id}", `{"notes":{"k":"zqa 2"}}`, ""},
	{"native", "POST /api/v1/customers", `{"name":"zqa","email":"zqa@example.in","contact":"+919876500002"}`, "native.customer_id=id"},
	{"native", "PATCH /api/v1/customers/{customer_id}", `{"name":"zqa b"}`, ""},
	{"native", "POST /api/v1/credits", `{"partner_user_id":"shop-1","contact":"9876500003","email":"zqa@example.in","amount":30000,"purpose":"goodwill","reference":"GW-1"}`, "native.member_id=member_id"},
	{"native", "POST /api/v1/members/{member_id}/spend", `{"amount":12000,"order":"4711","notes":{"k":"zqa"}}`, "native.credit_id=id"},
	{"native", "POST /api/v1/credits/{credit_id}/return", `{"amount":2000,"notes":{"k":"zqa"}}`, ""},
	{"native", "PATCH /api/v1/members/{member_id}", `{"email":"zqa2@example.in"}`, ""},
	{"native", "POST /api/v1/bulk/refunds", `{"items":[{"payment_id":"{native.payment_id}","amount":101}]}`, ""},
	{"native", "POST /api/v1/bulk/credits", `{"items":[{"partner_user_id":"shop-1","contact":"9876500003","amount":5000,"purpose":"gift","reference":"GW-2"}]}`, ""},
	{"native", "POST /api/v1/agents", `{"user_code":"20810200","initiator_id":"9962981729","name":"zqa"}`, "native.agent_id=id"},
	{"native", "PATCH /api/v1/agents/{agent_id}", `{"active":true}`, ""},
	{"native", "POST /api/v1/agents/{agent_id}/value", `{"amount":500000}`, ""},
	{"native", "POST /api/v1/endpoints", `{"url":"https://example.in/zqa","secret":"zqa secret","events":["refund.processed"]}`, "native.endpoint_id=id"},
	{"native", "PATCH /api/v1/endpoints/{endpoint_id}", `{"active":true}`, ""},
	{"native", "POST /api/v1/replays", `{"endpoint_id":"{native.endpoint_id}","from":1}`, ""},
	{"native", "POST /api/v1/scenarios", `{"what":"remittance","amount":30000,"outcome":"refused","reason":"zqa"}`, "native.scenario_id=id"},
	{"native", "POST /api/v1/jobs", `{"what":"refund","note":"zqa"}`, "native.job_id=id"},
	{"native", "POST /api/v1/jobs/{job_id}/rows", `{"first":1,"rows":[{"payment":"{native.payment_id}","amount":100,"reference":"zqa-1"}]}`, ""},
	{"native", "PUT /api/v1/otp", `{"mobile":"9123456789","code":"654321"}`, ""},
	{"native", "POST /api/v1/bookings/own_funds", `{"amount":900000,"reference":"OF-1","note":"zqa"}`, ""},
	{"native", "POST /api/v1/bookings/receipt", `{"amount":700,"reference":"RC-1","note":"zqa"}`, "native.booking_id=id"},
	{"native", "POST /api/v1/bookings/{booking_id}/identify", `{"amount":300,"to":"2010","reference":"ID-1","note":"zqa"}`, ""},
	{"native", "POST /api/v1/refund_credits", `{"amount":1000}`, ""},
	{"native", "POST /api/v1/credentials", `{"scopes":["refund:read"]}`, "native.name=name"},
	{"eko", "POST /ekoapi/v2/transactions", `{"initiator_id":"9962981729","user_code":"20810200","recipient_id":"10012","recipient_name":"zqa","amount":"300","customer_id":"9123456789","client_ref_id":"REM1","channel":"2","currency":"INR","state":"1"}`, "eko.tid=data.tid eko.ref=data.tid"},
	{"", "a minute passes", "", ""},
	{"eko", "POST /ekoapi/v2/transactions/{tid}/refund/otp", `{"initiator_id":"9962981729","user_code":"20810200"}`, ""},
	{"engage", "POST /issuinghq/test/v3/engage/transactions/credit", `{"contact":"9876500003","partner_user_id":"shop-1","amount":100,"action":"load","currency":"INR","reference_id":"EN-1","purpose":"refund","notes":{"k":"zqa"}}`, ""},
	{"phonepe", "POST /v3/charge", `{"merchantId":"{phonepe.m}","transactionId":"PAY1","merchantOrderId":"zqa","amount":10000,"instrumentType":"MOBILE","instrumentReference":"9876500004","message":"zqa","expiresIn":180}`, "phonepe.id=data.transactionId phonepe.ref=data.providerReferenceId"},
	{"phonepe", "POST /v3/qr/init", `{"merchantId":"{phonepe.m}","transactionId":"QR1","merchantOrderId":"zqa","amount":10000,"storeId":"S1","message":"zqa"}`, ""},
	{"phonepe", "POST /pg/v1/pay", `{"merchantId":"{phonepe.m}","merchantTransactionId":"PAY2","amount":10000,"merchantOrderId":"zqa","redirectUrl":"https://shop.example/zqa","paymentInstrument":{"type":"PAY_PAGE"}}`, ""},
	{"phonepe", "POST /v3/credit/backToSource", `{"merchantId":"{phonepe.m}","transactionId":"REF1","originalTransactionId":"{native.payment_id}","amount":1500,"merchantOrderId":"zqa","message":"zqa"}`, ""},
	{"phonepe", "POST /v4/credit/backToSource", `{"merchantId":"{phonepe.m}","transactionId":"REF4","originalTransactionId":"{native.payment_id}","amount":1501,"message":"zqa"}`, ""},
	{"phonepe", "POST /v1/credit/backToSource", `{"merchantId":"{phonepe.m}","transactionId":"REF0","originalTransactionId":"{native.payment_id}","amount":1502,"message":"zqa"}`, ""},
	{"phonepe", "POST /pg/v1/refund", `{"merchantId":"{phonepe.m}","merchantTransactionId":"REF2","originalTransactionId":"{native.payment_id}","amount":1503,"merchantUserId":"zqa"}`, ""},
	{"phonepe", "POST /checkout/v2/pay", `{"merchantOrderId":"ORD3","amount":10000,"metaInfo":{"udf1":"zqa"},"paymentFlow":{"type":"PG_CHECKOUT","message":"zqa","merchantUrls":{"redirectUrl":"https://shop.example/zqa"}}}`, "phonepe.order=: phonepe.page=redirectUrl"},
	{"phonepe", "POST /payments/v2/refund", `{"merchantRefundId":"REF3","originalMerchantOrderId":"{native.payment_id}","amount":1504}`, "phonepe.refund=:"},
	{"native", "POST /api/v1/payments", `{"amount":59900,"contact":"+919876500006","email":"zqa@example.in"}`, "razorpay.pay=id"},
	{"razorpay", "POST /v1/customers", `{"name":"zqa","email":"zqa3@example.in","contact":"+919876500005"}`, "razorpay.cust=id"},
	{"razorpay", "POST /v1/customers/{cust}/bank_account", `{"ifsc_code":"UTIB0000194","account_number":"916010082985661","beneficiary_name":"zqa","beneficiary_address1":"zqa","beneficiary_address2":"a","beneficiary_address3":"b","beneficiary_address4":"c","beneficiary_email":"zqa@example.in","beneficiary_mobile":"8762489310","beneficiary_city":"Bangalore","beneficiary_state":"KA","beneficiary_country":"IN"}`, "razorpay.ba=id"},
	{"razorpay", "POST /v1/orders", `{"amount":50000,"currency":"INR","receipt":"zqa"}`, "razorpay.order=id"},
	{"razorpay", "PATCH /v1/orders/{order}", `{"notes":{"k":"zqa"}}`, ""},
	{"razorpay", "PATCH /v1/payments/{pay}", `{"notes":{"k":"zqa"}}`, ""},
	{"razorpay", "POST /v2/accounts", `{"email":"zqa4@example.com","phone":"9000090000","type":"route","legal_business_name":"zqa Corp","business_type":"partnership","contact_name":"zqa Rao"}`, "razorpay.acc=id"},
	{"razorpay", "POST /v2/accounts/{acc}/stakeholders", `{"name":"zqa Rao","email":"zqa5@example.com"}`, "razorpay.sth=id"},
	{"razorpay", "PATCH /v2/accounts/{acc}/stakeholders/{sth}", `{"name":"zqa Rao"}`, ""},
	{"razorpay", "POST /v2/accounts/{acc}/products", `{"product_name":"route","tnc_accepted":true}`, "razorpay.acc_prd=id"},
	{"razorpay", "PATCH /v2/accounts/{acc}/products/{acc_prd}", `{"settlements":{"account_number":"1234567890123456","ifsc_code":"HDFC0000317","beneficiary_name":"zqa"},"tnc_accepted":true}`, ""},
	{"razorpay", "POST /v1/payments/{pay}/transfers", `{"transfers":[{"account":"{razorpay.acc}","amount":2000,"currency":"INR","notes":{"k":"zqa"}}]}`, "razorpay.trf=items.0.id"},
	{"razorpay", "PATCH /v1/transfers/{trf}", `{"on_hold":false}`, ""},
	{"razorpay", "POST /v1/transfers", `{"account":"{razorpay.acc}","amount":1000,"currency":"INR"}`, ""},
	{"razorpay", "POST /v1/transfers/{trf}/reversals", `{"amount":100}`, ""},
	{"razorpay", "POST /v1/payments/{pay}/refund", `{"amount":1505,"receipt":"zqa"}`, "razorpay.rfnd=id"},
	{"razorpay", "PATCH /v1/refunds/{rfnd}", `{"notes":{"k":"zqa"}}`, ""},
	{"razorpay", "POST /v1/webhooks", `{"url":"https://example.in/zqa","secret":"zqa","events":{"payment.captured":true}}`, ""},
	{"razorpay", "POST /v2/accounts/{acc}/webhooks", `{"url":"https://example.in/zqa","secret":"zqa","events":["payment.captured"]}`, "razorpay.webhook=id"},
}

// outOfReach are parts of paths that nothing in that life has.
var outOfReach = map[string]string{
	"razorpay.down": "down_00000000000000", "razorpay.pout": "pout_00000000000000", "razorpay.setl": "setl_00000000000000",
	"razorpay.setlod": "setlod_00000000000000", "native.clock_id": "tat_00000000000000", "native.request_id": "req_00000000000000", "native.exception_id": "exc_00000000000000",
}

// queries are what a route is asked with.
var queries = map[string]string{
	"GET /v1/settlements/recon/combined": "?year=2025&month=12",
	"GET /api/v1/refunds/search":         "?q=RF-1",
}

// others puts a stranger's own words into a body: it may call its things what
// it likes, and is then told of those.
var others = strings.NewReplacer("zqa", "own", `"PAY1"`, `"PAY8"`, `"QR1"`, `"QR8"`, `"ORD3"`, `"ORD8"`, `"REF3"`, `"REF8"`)

// unguarded are routes whose address alone opens them, as the vendors have it:
// pages for a browser. What a stranger may do there is for the pages' own tests.
var unguarded = regexp.MustCompile(`^(GET|POST) (/checkout/(\{order\}|payments/\{pay\})|/transact/\{page\})$`)

// marked finds the texts that a stranger must never read; a token may have their
// letters inside.
var marked = regexp.MustCompile(`(?i)(^|[^\w-])zqa`)

var placeholders = regexp.MustCompile(`\{[a-z_]+\}`)

// fill puts remembered names into a route's path. All says whether they are all
// something that exists.
func fill(t *testing.T, vars map[string]string, room, path string) (filled string, all bool) {
	t.Helper()
	all = true
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if !placeholders.MatchString(part) {
			continue
		}
		name := strings.Trim(part, "{}")
		val := vars[room+"."+parts[i-1]+"."+name]
		if val == "" {
			val = vars[room+"."+name]
		}
		if val == "" {
			if val = outOfReach[room+"."+name]; val == "" {
				t.Errorf("nothing in a merchant's life is the %s of %s: teach this test the new route", part, path)
			}
			all = false
		}
		parts[i] = url.PathEscape(val)
	}
	return strings.Join(parts, "/"), all
}

func fillBody(vars map[string]string, body string) string {
	for name, val := range vars {
		body = strings.ReplaceAll(body, "{"+name+"}", val)
	}
	return body
}

// isRefusal says whether an answer is a room's no.
func isRefusal(room string, w *httptest.ResponseRecorder) bool {
	if w.Code >= 400 {
		return w.Code < 500
	}
	var said struct {
		Success *bool
		Status  *int
	}
	json.Unmarshal(w.Body.Bytes(), &said)
	return room == "phonepe" && said.Success != nil && !*said.Success || room == "eko" && said.Status != nil && *said.Status != 0 && *said.Status != 2133 // an OTP that was sent
}

func dig(v any, path string) string {
	for part := range strings.SplitSeq(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			v = at[part]
		case []any:
			if len(at) == 0 {
				return ""
			}
			v = at[0]
		}
	}
	s, _ := v.(string)
	return s
}

// No route of any room reads or changes what is another merchant's: a stranger,
// a test credential at a live book and one who has what the other's callers
// know — ids, references, names — are told no, by every route that there is, and
// learn nothing. The routes are the rooms' own lists, so that a new one is tried
// the day it is written.
func TestIsolation(t *testing.T) {
	h := dialecttest.Open(t)
	var logged bytes.Buffer
	h.Desk.Log = slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	front := server.New(h.Desk, server.Config{Log: h.Desk.Log})
	a := newTenant(t, h, front, "A", h.Book, desk.Test)
	_, foreign, _, err := h.Desk.CreateMerchant(t.Context(), desk.MerchantRequest{Name: "Stranger"})
	if err != nil {
		t.Fatal(err)
	}
	strangers := []*tenant{
		newTenant(t, h, front, "B", foreign.ID, desk.Test),
		newTenant(t, h, front, "L", h.Live, desk.Live), // the other book of the same merchant
	}
	// The harder case: a stranger whose agent is called the same.
	if _, err := h.Desk.OpenAgent(t.Context(), foreign.ID, desk.AgentRequest{Code: "20810200", Initiator: initiator}); err != nil {
		t.Fatal(err)
	}

	vars := live(t, h, front, a)
	bodies := map[string]string{}
	for _, step := range life {
		bodies[step.route] = step.body
	}
	type attack struct {
		room, route, method, path string
		exists                    bool
	}
	var attacks []attack
	for _, x := range routesOf(t, h) {
		method, path, _ := strings.Cut(x.route, " ")
		filled, exists := fill(t, vars, x.room, path)
		query := queries[x.route]
		if x.room == "eko" && method == "GET" {
			query = "?initiator_id=" + initiator + "&user_code=20810200"
		}
		attacks = append(attacks, attack{x.room, x.route, method, filled + query, exists})
	}

	// What its owner reads, before and after, is the same; and is there to be read.
	reads := func() map[string]string {
		seen := map[string]string{}
		for _, x := range attacks {
			if x.method != "GET" || !x.exists || unguarded.MatchString(x.route) {
				continue
			}
			w := a.send(h, front, x.room, x.method, x.path, "")
			if w.Code != 200 && !mayRefuse[x.route] || w.Code >= 500 {
				t.Errorf("its owner asks %s: %d %s", x.path, w.Code, w.Body)
			}
			seen[x.route] = w.Body.String()
		}
		return seen
	}
	before := reads()
	was, err := h.Desk.Store.Book(t.Context(), h.Book)
	if err != nil {
		t.Fatal(err)
	}

	tried := 0
	for _, b := range strangers {
		mine := map[string]string{}
		for k, v := range vars {
			mine[k] = v
		}
		for _, merchant := range []string{a.merchant, b.merchant} { // in the other's name, and in one's own
			mine["phonepe.m"] = merchant
			for _, x := range attacks {
				if unguarded.MatchString(x.route) || merchant == b.merchant && x.room != "phonepe" {
					continue
				}
				_, path, _ := strings.Cut(x.route, " ")
				named := placeholders.MatchString(strings.NewReplacer("{product_name}", "", "{user_code}", "", "{no}", "", "{event}", "", "{account_id}", "").Replace(path))
				filled := x.path
				if x.room == "phonepe" {
					filled, _ = fill(t, mine, x.room, path)
				}
				body := bodies[x.route]
				switch {
				case body != "":
				case x.method != "GET" && x.room == "phonepe":
					body = `{"merchantId":"{phonepe.m}","transactionId":"X1"}`
				case x.method != "GET":
					body = `{}`
				}
				if strings.Contains(x.route, "/v3/charge/") { // a POST that has none
					body = ""
				}
				names := body
				body = others.Replace(fillBody(mine, body))
				w := b.send(h, front, x.room, x.method, filled, body)
				tried++
				what := fmt.Sprintf("%s of %s asks %s %s with %s", x.room, b.letter, x.method, filled, body)
				if w.Code >= 500 {
					t.Errorf("%s: %d %s", what, w.Code, w.Body)
				}
				own := strings.NewReplacer("{phonepe.m}", "", "{native.endpoint_id}", "").Replace(names)
				if (named || own != strings.NewReplacer("{native.payment_id}", "", "{razorpay.acc}", "").Replace(own)) && !isRefusal(x.room, w) && !strings.Contains(x.route, "/bulk/") {
					t.Errorf("%s: it is told %d %s", what, w.Code, w.Body)
				}
				if marked.MatchString(w.Body.String()) {
					t.Errorf("%s: it reads %s", what, w.Body)
				}
				for name, id := range vars {
					if len(id) >= 18 && strings.Contains(w.Body.String(), id) && !strings.Contains(filled+body, id) {
						t.Errorf("%s: it learns %s, %s: %s", what, name, id, w.Body)
					}
				}
			}
		}
	}
	if tried < 3*len(attacks)/2 {
		t.Errorf("only %d attacks on %d routes", tried, len(attacks))
	}

	now, err := h.Desk.Store.Book(t.Context(), h.Book)
	if err != nil {
		t.Fatal(err)
	}
	if now != was {
		t.Errorf("the book was changed: it was %+v, it is %+v", was, now)
	}
	for route, body := range reads() {
		if body != before[route] {
			t.Errorf("its owner asks %s again and hears %s\nbefore it was %s", route, body, before[route])
		}
	}
	for _, secret := range []string{"rzp secret", "engage secret", "engage token", "salt A", "salt B", "phonepe secret", "access key", "native token", a.bearer, vars["phonepe.page"],
		"654321", "9123456789", "98765000", "9962981729", "916010082985661"} {
		if i := strings.Index(logged.String(), secret); i >= 0 {
			line := logged.String()[max(0, i-200):min(logged.Len(), i+200)]
			t.Errorf("%q stands in the log: …%s…", secret, line)
		}
	}
	h.Audit(t)
}

// A known route is one of a room's own list.
type knownRoute struct{ room, route string }

func routesOf(t *testing.T, h *dialecttest.House) (all []knownRoute) {
	t.Helper()
	for room, handler := range map[string]http.Handler{
		"razorpay": razorpay.New(h.Desk, razorpay.Config{}), "engage": engage.New(h.Desk, engage.Config{}), "eko": eko.New(h.Desk, eko.Config{}),
		"phonepe": phonepe.New(h.Desk, phonepe.Config{}), "native": native.New(h.Desk, native.Config{}),
	} {
		routes := handler.(interface{ Routes() []string }).Routes()
		if len(routes) < 3 {
			t.Fatalf("%s has %d routes", room, len(routes))
		}
		for _, route := range routes {
			all = append(all, knownRoute{room, route})
		}
	}
	slices.SortFunc(all, func(x, y knownRoute) int { return strings.Compare(x.room+x.route, y.room+y.route) })
	return all
}

// live has a merchant live that life, and returns what it came to be called.
func live(t *testing.T, h *dialecttest.House, front http.Handler, a *tenant) map[string]string {
	t.Helper()
	vars := map[string]string{"phonepe.m": a.merchant, "razorpay.product_name": "route", "native.account_id": "2010", "native.no": "1", "native.event": "refund.failed", "eko.user_code": "user_code:20810200"}
	for _, step := range life {
		if step.room == "" {
			pass(t, h, a)
			continue
		}
		method, path, _ := strings.Cut(step.route, " ")
		path, _ = fill(t, vars, step.room, path)
		w := a.send(h, front, step.room, method, path, fillBody(vars, step.body))
		if w.Code >= 300 || isRefusal(step.room, w) {
			t.Fatalf("%s: %d %s", step.route, w.Code, w.Body)
		}
		var answer any
		json.Unmarshal(w.Body.Bytes(), &answer)
		var sent any
		json.Unmarshal([]byte(step.body), &sent)
		for keep := range strings.FieldsSeq(step.keep) {
			name, at, _ := strings.Cut(keep, "=")
			val := dig(answer, at)
			switch name {
			case "phonepe.order":
				val = dig(sent, "merchantOrderId")
			case "phonepe.refund":
				val = dig(sent, "merchantRefundId")
			case "phonepe.page":
				val = val[strings.LastIndex(val, "/")+1:]
			}
			if vars[name] = val; val == "" {
				t.Fatalf("%s has no %s: %s", step.route, at, w.Body)
			}
		}
	}
	pass(t, h, a)
	all, err := desk.List[desk.Remittance](t.Context(), h.Desk, desk.Query{Book: a.book})
	if err != nil || len(all) != 1 {
		t.Fatalf("%d remittances, %v", len(all), err)
	}
	vars["native.remittance_id"] = string(all[0].ID)
	vars["phonepe.txn"] = "OM" + strings.TrimPrefix(orderOf(t, h, a, front, "ORD3"), "OMO")
	return vars
}

// pass lets a minute pass, in the tenant's book too.
func pass(t *testing.T, h *dialecttest.House, x *tenant) {
	t.Helper()
	h.Advance(t, time.Minute)
	if err := h.Desk.RunDue(t.Context(), x.book); err != nil {
		t.Fatal(err)
	}
}

// mayRefuse are reads that a refusal answers although what they name is there.
var mayRefuse = map[string]bool{
	"GET /v1/payments/{pay}/card": true, // it was paid by UPI
}

// orderOf is what the PhonePe room calls an order of the newest generation.
func orderOf(t *testing.T, h *dialecttest.House, x *tenant, front http.Handler, name string) string {
	t.Helper()
	w := x.send(h, front, "phonepe", "GET", "/checkout/v2/order/"+name+"/status", "")
	var got struct{ OrderID string }
	if json.Unmarshal(w.Body.Bytes(), &got); got.OrderID == "" {
		t.Fatalf("no order %s: %s", name, w.Body)
	}
	return got.OrderID
}
