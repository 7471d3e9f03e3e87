package phonepe

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"wapas/desk"
	"wapas/dialecttest"
	"wapas/webhook"
)

// told is everything that the herald would send of what has happened in the
// book so far: to the callback, and to the endpoints on file.
func told(t *testing.T, h *dialecttest.House) []*webhook.Message {
	t.Helper()
	events, err := h.Desk.Store.Events(t.Context(), h.Book, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	endpoints, err := desk.List[desk.Endpoint](t.Context(), h.Desk, desk.Query{Book: h.Book, Oldest: true})
	if err != nil {
		t.Fatal(err)
	}
	book, err := h.Desk.Store.Book(t.Context(), h.Book)
	if err != nil {
		t.Fatal(err)
	}
	var all []*webhook.Message
	for _, e := range events {
		for _, to := range endpoints {
			if to.Room != Room || e.No <= to.Since {
				continue
			}
			m, err := Herald{}.Tell(t.Context(), webhook.Notice{Desk: h.Desk, Book: book, Event: e, Endpoint: to})
			if err != nil {
				t.Fatal(err)
			}
			if m != nil {
				all = append(all, m)
			}
		}
	}
	return all
}

// open reads a callback: its body is checked against its header.
func openCallback(t *testing.T, m *webhook.Message, salt, index string) (response string) {
	t.Helper()
	var body struct{ Response string }
	if err := json.Unmarshal(m.Body, &body); err != nil {
		t.Fatal(err)
	}
	if got, want := m.Header.Get("X-Verify"), Sign(body.Response, []byte(salt), index); got != want {
		t.Errorf("X-VERIFY is %s, want %s", got, want)
	}
	plain, err := base64.StdEncoding.DecodeString(body.Response)
	if err != nil {
		t.Fatal(err)
	}
	return string(plain)
}

// What is told of payments and refunds, to whom, how, and under which salt.
func TestCallbacks(t *testing.T) {
	room, h, _ := shop(t)
	send := func(path, payload, salt, index string, headers ...string) {
		t.Helper()
		coded := base64.StdEncoding.EncodeToString([]byte(payload))
		r := httptest.NewRequest("POST", "http://wapas.test"+path, strings.NewReader(`{"request":"`+coded+`"}`))
		r.Header.Set("X-Verify", Sign(coded+path, []byte(salt), index))
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		room.ServeHTTP(w, r)
		if w.Code != 200 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	// Nobody asked to be told.
	send("/v3/credit/backToSource", `{"merchantId":"SHOPDEMO","transactionId":"R0","originalTransactionId":"PAY0001","amount":100,"message":"m"}`, saltOne, "1")
	h.Advance(t, 10*time.Second)
	if all := told(t, h); len(all) != 0 {
		t.Fatalf("%d messages without an address", len(all))
	}
	// The endpoint on file hears what names no address of its own.
	if _, err := h.Desk.CreateEndpoint(t.Context(), h.Book, desk.EndpointRequest{Room: Room, URL: "https://file.example/cb"}); err != nil {
		t.Fatal(err)
	}
	send("/v3/credit/backToSource", `{"merchantId":"SHOPDEMO","transactionId":"R1","originalTransactionId":"PAY0001","amount":100,"message":"m"}`, saltOne, "1")
	send("/v3/credit/backToSource", `{"merchantId":"SHOPDEMO","transactionId":"R2","originalTransactionId":"PAY0001","amount":113,"message":"m"}`, saltTwo, "2",
		"X-Callback-Url", "https://own.example/cb", "X-Call-Mode", "put")
	send("/pg/v1/refund", `{"merchantId":"SHOPDEMO","merchantTransactionId":"R3","originalTransactionId":"PAY0001","amount":200,"callbackUrl":"https://pg.example/cb"}`, saltOne, "1")
	send("/v3/charge", `{"merchantId":"SHOPDEMO","transactionId":"C1","amount":1000,"instrumentType":"VPA","instrumentReference":"failed@ybl"}`, saltOne, "1",
		"X-Callback-Url", "https://own.example/charge")
	send("/v3/qr/init", `{"merchantId":"SHOPDEMO","transactionId":"Q1","amount":1000,"storeId":"s"}`, saltOne, "1", "X-Callback-Url", "https://own.example/qr")
	h.Advance(t, 10*time.Second)

	got := map[string]*webhook.Message{}
	for _, m := range told(t, h) {
		if got[m.URL] != nil {
			t.Errorf("%q is told twice", m.URL)
		}
		got[m.URL] = m
	}
	ref := func(name string) string {
		ids, err := h.Desk.Handle(t.Context(), h.Book, handleOf(name))
		if err != nil {
			t.Fatal(err)
		}
		return string(ids.Of)
	}
	refund, err := desk.Find[desk.Refund](t.Context(), h.Desk, h.Book, desk.ID(ref("R3")))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ url, method, salt, index, says string }{
		{"", "", saltOne, "1", `{"success":true,"code":"PAYMENT_SUCCESS","message":"Your payment is successful.","data":{"transactionId":"R1","merchantId":"SHOPDEMO","amount":100,"status":"SUCCESS","providerReferenceId":"` +
			paymentRef(desk.ID(ref("PAY0001"))) + `","paymentState":"COMPLETED","payResponseCode":"SUCCESS"}}`},
		{"https://own.example/cb", "PUT", saltTwo, "2", `{"success":false,"code":"PAYMENT_ERROR","message":"Payment Failed","data":{"transactionId":"R2","merchantId":"SHOPDEMO","amount":113,"status":"FAILED","providerReferenceId":"` +
			paymentRef(desk.ID(ref("PAY0001"))) + `","paymentState":"FAILED","payResponseCode":"INVALID_VPA"}}`},
		{"https://pg.example/cb", "", saltOne, "1", `{"success":true,"code":"PAYMENT_SUCCESS","message":"Your payment is successful.","data":{"merchantId":"SHOPDEMO","merchantTransactionId":"R3","transactionId":"` +
			refundRef(g2, refund.ID) + `","amount":200,"state":"COMPLETED","responseCode":"SUCCESS","paymentInstrument":{"type":"UPI","utr":"` + refund.Reference + `"}}}`},
		{"https://own.example/charge", "", saltOne, "1", `{"success":false,"code":"PAYMENT_DECLINED","message":"Payment declined by user.","data":{"transactionId":"C1","merchantId":"SHOPDEMO","amount":1000,"status":"FAILED","providerReferenceId":"` +
			paymentRef(desk.ID(ref("C1"))) + `","paymentState":"FAILED","payResponseCode":"REQUEST_DECLINE_BY_REQUESTEE"}}`},
		{"https://own.example/qr", "", saltOne, "1", `{"success":true,"code":"PAYMENT_SUCCESS","message":"Your payment is successful.","data":{"transactionId":"Q1","merchantId":"SHOPDEMO","amount":1000,"status":"SUCCESS","providerReferenceId":"` +
			paymentRef(desk.ID(ref("Q1"))) + `","paymentState":"COMPLETED","payResponseCode":"SUCCESS"}}`},
	} {
		m := got[c.url]
		if m == nil {
			t.Errorf("%q was told nothing", c.url)
			continue
		}
		if says := openCallback(t, m, c.salt, c.index); says != c.says || m.Method != c.method || m.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %q was told\n %s\nwant %s", m.Method, c.url, says, c.says)
		}
		delete(got, c.url)
	}
	for url := range got {
		t.Errorf("%q was told too", url)
	}

	// A salt that is no longer good signs nothing: the newest does.
	if _, err := h.Desk.Revoke(t.Context(), Room, KeyName("SHOPDEMO", "1")); err != nil {
		t.Fatal(err)
	}
	for _, m := range told(t, h) {
		openCallback(t, m, saltTwo, "2")
	}
}

// A callback over HTTP, from the request that asks for it to the merchant's
// server, which does not take it at first.
func TestCallbackDelivered(t *testing.T) {
	room, h, _ := shop(t)
	type heard struct{ method, verify, body string }
	got := make(chan heard, 10)
	tries := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- heard{r.Method, r.Header.Get("X-Verify"), string(body)}
		if tries++; tries == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer server.Close()
	coded := base64.StdEncoding.EncodeToString([]byte(`{"merchantId":"SHOPDEMO","transactionId":"R1","originalTransactionId":"PAY0001","amount":100,"message":"m"}`))
	r := httptest.NewRequest("POST", "http://wapas.test/v3/credit/backToSource", strings.NewReader(`{"request":"`+coded+`"}`))
	r.Header.Set("X-Verify", Sign(coded+"/v3/credit/backToSource", []byte(saltOne), "1"))
	r.Header.Set("X-Callback-Url", server.URL+"/cb")
	w := httptest.NewRecorder()
	room.ServeHTTP(w, r)
	if w.Code != 200 {
		t.Fatal(w.Body)
	}
	h.Advance(t, 10*time.Second)

	office := webhook.New(h.Desk, webhook.Options{}, Herald{})
	for _, wait := range []time.Duration{0, time.Minute} { // the first retry
		h.Advance(t, wait)
		if err := office.Run(t.Context(), h.Book); err != nil {
			t.Fatal(err)
		}
	}
	if len(got) != 2 {
		t.Fatalf("%d calls, want one and a retry", len(got))
	}
	first, second := <-got, <-got
	if first != second || first.method != "POST" {
		t.Errorf("first %+v, then %+v", first, second)
	}
	var body struct{ Response string }
	if err := json.Unmarshal([]byte(first.body), &body); err != nil || first.verify != Sign(body.Response, []byte(saltOne), "1") {
		t.Errorf("%s is not signed by %s", first.body, first.verify)
	}
}
