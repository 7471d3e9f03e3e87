package eko

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"wapas/dialecttest"
	"wapas/ledger"
)

// A rawClient calls the room over HTTP as an integrator's program does, with
// nothing of ours but the address: no SDK that is published covers the refund.
// Its parts are written from the manual, the signature too.
type rawClient struct {
	base string
	now  func() time.Time
	http *http.Client
}

// An answer is what every call gives.
type answer struct {
	Status   int               `json:"status"`
	StatusID int               `json:"response_status_id"`
	TypeID   int               `json:"response_type_id"`
	Message  string            `json:"message"`
	Invalid  map[string]string `json:"invalid_params"`
	Data     struct {
		TID       string `json:"tid"`
		TxStatus  string `json:"tx_status"`
		OTPRef    string `json:"otp_ref_id"`
		RefundTID string `json:"refund_tid"`
		Refunded  string `json:"refunded_amount"`
		Balance   string `json:"balance"`
		Pending   []struct {
			TID string `json:"tid"`
		} `json:"refund_list"`
	} `json:"data"`
}

func (c *rawClient) call(method, path, contentType, body string) (answer, error) {
	var a answer
	q, err := http.NewRequestWithContext(context.Background(), method, c.base+path, strings.NewReader(body))
	if err != nil {
		return a, err
	}
	stamp := strconv.FormatInt(c.now().UnixMilli(), 10)
	q.Header = http.Header{
		"developer_key": {developerKey}, "secret-key": {Signature(accessKey, stamp)}, "secret-key-timestamp": {stamp}, // as they are, not canonical
		"Content-Type": {contentType},
	}
	w, err := c.http.Do(q)
	if err != nil {
		return a, err
	}
	defer w.Body.Close()
	data, err := io.ReadAll(w.Body)
	if err != nil {
		return a, err
	}
	if w.StatusCode != 200 {
		return a, fmt.Errorf("%s %s: %s %s", method, path, w.Status, data)
	}
	return a, json.Unmarshal(data, &a)
}

func (c *rawClient) json(method, path string, v any) (answer, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return answer{}, err
	}
	return c.call(method, path, "application/json", string(body))
}

func (c *rawClient) form(method, path string, v url.Values) (answer, error) {
	return c.call(method, path, "application/x-www-form-urlencoded", v.Encode())
}

func dial(t *testing.T) (*rawClient, *dialecttest.House) {
	t.Helper()
	h := dialecttest.Open(t)
	srv := httptest.NewServer(openRoom(t, h, Config{}).Handler)
	t.Cleanup(func() {
		srv.Close()
		if !t.Failed() {
			h.Audit(t)
		}
	})
	return &rawClient{base: srv.URL, now: h.Desk.Now, http: srv.Client()}, h
}

func must(t *testing.T) func(a answer, err error) answer {
	return func(a answer, err error) answer {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
}

// The whole flow in v3: a transfer, its failure, the list, the OTP, the refund,
// and the inquiry that a client makes when it lost the answer.
func TestFlowJSON(t *testing.T) {
	c, h := dial(t)
	who := func(more map[string]any) map[string]any {
		m := map[string]any{"initiator_id": initiator, "user_code": userCode}
		for k, v := range more {
			m[k] = v
		}
		return m
	}
	tx := must(t)(c.json("POST", "/ekoapi/v3/customer/payment/ppi-digikhata", who(map[string]any{
		"recipient_id": 10019064, "amount": "1045.13", "customer_id": "9123456789", "client_ref_id": "SHOP0001", "channel": 2})))
	if tx.Status != 0 || tx.Data.TxStatus != "3" {
		t.Fatalf("the transfer: %+v", tx)
	}
	list := must(t)(c.call("GET", "/ekoapi/v3/customer/payment/refunds?initiator_id="+initiator+"&user_code="+userCode+"&customer_id=9123456789", "", ""))
	if len(list.Data.Pending) != 1 || list.Data.Pending[0].TID != tx.Data.TID {
		t.Errorf("the list: %+v", list)
	}
	h.Advance(t, 31*time.Second)
	otp := must(t)(c.json("POST", "/ekoapi/v3/customer/payment/refund/"+tx.Data.TID+"/otp", map[string]any{"initiator_id": initiator}))
	if otp.Status != 2133 || len(otp.Data.OTPRef) < 70 {
		t.Errorf("the OTP: %+v", otp)
	}
	done := must(t)(c.json("POST", "/ekoapi/v3/customer/payment/refund/"+tx.Data.TID, who(map[string]any{"otp": 123456, "otp_ref_id": otp.Data.OTPRef})))
	if done.Status != 0 || done.TypeID != 74 || done.Data.Refunded != "1055.59" || done.Data.Balance != "20000.00" {
		t.Errorf("the refund: %+v", done)
	}
	again := must(t)(c.call("GET", "/ekoapi/v3/tools/reference/transaction/client_ref_id%3ASHOP0001?initiator_id="+initiator, "", ""))
	if again.Data.TxStatus != "4" || again.Data.RefundTID != done.Data.RefundTID {
		t.Errorf("the inquiry: %+v", again)
	}
}

// The same in forms, at the production paths.
func TestFlowForm(t *testing.T) {
	c, _ := dial(t)
	tx := must(t)(c.form("POST", "/ekoicici/v2/transactions", url.Values{
		"initiator_id": {initiator}, "user_code": {userCode}, "recipient_id": {"1"}, "amount": {"100.13"}, "customer_id": {"9123456789"}, "client_ref_id": {"R1"}}))
	done := must(t)(c.form("POST", "/ekoicici/v2/transactions/"+tx.Data.TID+"/refund", url.Values{
		"initiator_id": {initiator}, "user_code": {userCode}, "otp": {"123456"}, "state": {"1"}}))
	if done.Status != 0 || done.Data.TxStatus != "4" || done.Data.Refunded != "101.14" {
		t.Errorf("the refund: %+v", done)
	}
}

// Sixty-four identical refunds at once: one credits the agent, and all others
// hear that it is done, with the same number.
func TestRefundOnce(t *testing.T) {
	c, h := dial(t)
	c.http.Transport.(*http.Transport).MaxIdleConnsPerHost = 64
	tx := must(t)(c.form("POST", "/ekoapi/v2/transactions", url.Values{
		"initiator_id": {initiator}, "user_code": {userCode}, "recipient_id": {"1"}, "amount": {"100.13"}, "customer_id": {"9123456789"}, "client_ref_id": {"R1"}}))
	before := value(t, h)
	answers := make([]answer, 64)
	errs := make([]error, len(answers))
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() {
			answers[i], errs[i] = c.json("POST", "/ekoapi/v3/customer/payment/refund/"+tx.Data.TID,
				map[string]any{"initiator_id": initiator, "user_code": userCode, "otp": 123456})
		})
	}
	wg.Wait()
	done := 0
	for i, a := range answers {
		switch {
		case errs[i] != nil:
			t.Error(errs[i])
		case a.Data.RefundTID != answers[0].Data.RefundTID || a.Data.TxStatus != "4" || a.Data.Refunded != "101.14":
			t.Errorf("answer %d: %+v", i, a)
		case a.Status == 0:
			done++
		case a.Status != 1 || a.StatusID != sidRefunded || a.Message != "Transaction is already in refunded state.":
			t.Errorf("answer %d: %+v", i, a)
		}
	}
	// The refund gives back 101.14 less the commission after tax.
	if got, want := value(t, h)-before, ledger.Amount(101_14-(28_38-7_10)); done != 1 || got != want {
		t.Errorf("%d refunds were done and %d credited, want 1 and %d", done, got, want)
	}
}

// FuzzBody looks for a body that the room does not answer.
func FuzzBody(f *testing.F) {
	h := dialecttest.Open(f)
	room := openRoom(f, h, Config{}).Handler
	for _, s := range []string{
		`{"initiator_id":"9962981729","user_code":"20810200","otp":123456}`, `{"initiator_id":9962981729,"otp":1e5,"amount":"1.5"}`, `[]`, `{"otp":{}}`, `null`,
		"initiator_id=9962981729&user_code=20810200&otp=1&otp[]=2&state=1", "a[b]=c&initiator_id[]=1", "%zz",
	} {
		f.Add([]byte(s), "/ekoapi/v2/transactions/1/refund", true)
		f.Add([]byte(s), "/ekoapi/v3/customer/payment/ppi", false)
	}
	f.Fuzz(func(t *testing.T, body []byte, path string, form bool) {
		q := httptest.NewRequest("POST", "/", bytes.NewReader(body))
		q.URL.Path, q.URL.RawPath = "/"+strings.TrimLeft(path, "/"), ""
		q.Header.Set("Content-Type", "application/json")
		if form {
			q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		signed(q, strconv.FormatInt(h.Desk.Now().UnixMilli(), 10))
		w := httptest.NewRecorder()
		room.ServeHTTP(w, q)
		if w.Code >= 500 || !json.Valid(w.Body.Bytes()) {
			t.Fatalf("%q to %q: %d %s", body, path, w.Code, w.Body)
		}
	})
}
