package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

// posted is a text as the operator's SMS gateway takes it.
type posted struct{ ID, To, Text, secret string }

// A gateway is the operator's own.
func gateway(t *testing.T) (url string, texts <-chan posted) {
	t.Helper()
	got := make(chan posted, 10)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var p posted
		if err := json.NewDecoder(r.Body).Decode(&p); err != nil {
			t.Error(err)
		}
		p.secret = r.Header.Get("X-Wapas-Secret")
		got <- p
	}))
	t.Cleanup(web.Close)
	return web.URL, got
}

// until looks at what waits in the live book until an order of it was sent.
func (s *shell) until(id desk.ID) {
	s.t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		for _, o := range s.waits(desk.Live).Orders {
			if o.ID == id && o.State == "sent" {
				return
			}
		}
	}
	s.t.Fatalf("%s was not handed to a person", id)
}

// A live book without a provider, at a running server: what PhonePe's and Eko's
// callers ask for is handed to a person, who ends it; the customer's code goes
// out through the operator's gateway; and whatever the room, it is in one list.
func TestLiveRooms(t *testing.T) {
	s := newShell(t)
	var m madeMerchant
	s.json(&m, "merchant", "create", "Chai Point")
	sms, texts := gateway(t)
	s.env = append(s.env, "WAPAS_SMS_URL="+sms, "WAPAS_SMS_SECRET=between us", "WAPAS_EKO_ALIASES=true", "WAPAS_EKO_CODE_TWICE=true")
	var pay desk.ID
	s.stock(desk.Live, func(ctx context.Context, h *house, book desk.BookID) error {
		p, err := h.desk.ImportPayment(ctx, book, desk.ImportPaymentRequest{Provider: "bank", Reference: "P1", Amount: 500_00, Method: "upi", Source: "asha@upi",
			CapturedAt: ledger.At(h.desk.Now()).Add(-1)})
		a, err2 := h.desk.OpenAgent(ctx, book, desk.AgentRequest{Code: "20810200", Initiator: "9962981729"})
		_, err3 := h.desk.BuyValue(ctx, book, desk.ValueRequest{Agent: a.ID, Amount: 1000_00})
		pay = p.ID
		return errors.Join(err, err2, err3)
	})
	p := start(t, s.dir, s.env, "serve", "--listen", "127.0.0.1:0", "--url", "https://pay.example.in")
	at := func(d door) *client { return &client{base: p.url, door: d, via: http.DefaultTransport} }
	salt, key, token := m.of("phonepe", "salt", desk.Live), m.of("eko", "key", desk.Live), m.of("native", "token", desk.Live)
	phonepe, native := at(salted(salt.Secret, 1)), at(bearer(token.Secret))
	signed := timed(key.Name, key.Secret)
	eko := at(func(path, body string) (string, http.Header) { // as behind a proxy that drops underscores
		body, head := signed(path, body)
		head["X-Developer-Key"] = head["Developer_key"]
		delete(head, "Developer_key")
		return body, head
	})
	do := func(c *client, method, path string, body doc) doc {
		t.Helper()
		d, err := c.do(t.Context(), method, path, body)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}

	// In the test book, a payment's page is under the name that people know.
	sandbox := m.of("phonepe", "salt", desk.Test)
	page := do(at(salted(sandbox.Secret, 1)), "POST", "/pg/v1/pay", doc{"merchantId": strings.TrimSuffix(sandbox.Name, "#1"), "merchantTransactionId": "MT1", "amount": 100,
		"redirectUrl": "https://shop.example/done", "redirectMode": "REDIRECT", "paymentInstrument": doc{"type": "PAY_PAGE"}})
	if url := page.at("data").at("instrumentResponse").at("redirectInfo").text("url"); !strings.HasPrefix(url, "https://pay.example.in/phonepe/") {
		t.Errorf("the page is at %q", url)
	}

	merchant := strings.TrimSuffix(salt.Name, "#1")
	status := "/v3/transaction/" + merchant + "/RFND1/status"
	said := do(phonepe, "POST", "/v3/credit/backToSource", doc{"merchantId": merchant, "transactionId": "RFND1", "originalTransactionId": pay, "amount": 100_00, "message": "m"})
	if said.text("code") != "PAYMENT_PENDING" {
		t.Fatalf("the refund: %v", said)
	}
	tx := do(eko, "POST", "/ekoicici/v3/customer/payment/ppi-digikhata", doc{
		"initiator_id": "9962981729", "user_code": "20810200", "recipient_id": "10019064", "amount": "200", "customer_id": "9123456789", "client_ref_id": "REF1",
		"channel": 2, "state": 1, "recipient_name": "Ravi", "account": "234243534", "ifsc": "SBIN0000001"})
	if s := tx.at("data").text("tx_status"); s != "2" && s != "5" {
		t.Fatalf("the transaction: %v", tx)
	}
	var ids []desk.ID
	for _, room := range []string{"phonepe", "eko"} {
		for _, o := range s.waits(desk.Live).Orders {
			if o.Room == room {
				ids = append(ids, o.ID)
			}
		}
	}
	if len(ids) != 2 {
		t.Fatalf("there wait %+v", s.waits(desk.Live).Orders)
	}
	for _, id := range ids {
		s.until(id)
	}
	if said := do(phonepe, "GET", status, nil); said.text("code") != "PAYMENT_PENDING" {
		t.Errorf("while it waits for a person: %v", said)
	}
	s.ok("waiting", "done", string(ids[0]), "412345678901", "--mode", "live")
	if said := do(phonepe, "GET", status, nil); said.text("code") != "PAYMENT_SUCCESS" {
		t.Errorf("when a person has done it: %v", said)
	}

	// The remittance did not arrive: the customer's code comes through the gateway.
	s.ok("waiting", "refused", string(ids[1]), "the account is closed", "--mode", "live")
	var text posted
	select {
	case text = <-texts:
	case <-time.After(time.Minute):
		t.Fatalf("no text came\n%s", p.text())
	}
	code := regexp.MustCompile(`^[1-9]\d{5}\b`).FindString(text.Text)
	if text.To != "9123456789" || text.secret != "between us" || code == "" || text.ID == "" {
		t.Fatalf("the text: %+v", text)
	}
	if strings.Contains(p.text(), code) || strings.Contains(p.text(), "9123456789") {
		t.Errorf("the log knows the code, or whose it is:\n%s", p.text())
	}
	back := "/ekoicici/v3/customer/payment/refund/" + tx.at("data").text("tid")
	refund := doc{"initiator_id": "9962981729", "user_code": "20810200", "otp": wrongCode(code)}
	if said := do(eko, "POST", back, refund); said["status"] != 302.0 || said["response_status_id"] != 302.0 {
		t.Errorf("a wrong code: %v", said)
	}
	refund["otp"] = code
	if said := do(eko, "POST", back, refund); said.at("data").text("tx_status") != "4" || said.at("data").text("balance") != "1000.00" {
		t.Errorf("the code: %v", said)
	}

	var listed []string
	for _, r := range do(native, "GET", "/api/v1/refunds", nil).items() {
		listed = append(listed, fmt.Sprint(r["room"], " ", r["to"], " ", r["state"], " ", r["amount"]))
	}
	slices.Sort(listed)
	if want := []string{"eko agent done 20000", "phonepe source done 10000"}; !slices.Equal(listed, want) {
		t.Errorf("the list of refunds: %v, want %v", listed, want)
	}
	p.signal(syscall.SIGTERM)
	if code := p.end(); code != exitDone {
		t.Errorf("after SIGTERM: exit %d\n%s", code, p.text())
	}
	s.ok("verify")
}

// wrongCode is one that is not the code.
func wrongCode(code string) string {
	if code[5] == '0' {
		return code[:5] + "1"
	}
	return code[:5] + "0"
}
