package storetest_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
	"wapas/rail"
	"wapas/server"
	"wapas/storetest"
)

// A mall is a town whose server answers every room's callers, who know how to
// sign.
type mall struct {
	*town
	base  string
	http  http.Client
	token string // of PhonePe's newest generation
	agent desk.Agent
}

const mallClient, mallSecret = "GOLDEN_26", "f0e1d2c3-0000-4000-8000-b4a596877869"

func newMall(t *testing.T, e storetest.Engine) *mall {
	w := newTown(t, e)
	newWire(w) // its credentials
	got(w.Issue(w.ctx, desk.IssueRequest{Room: "phonepe", Book: w.book, Name: "client:" + mallClient, Secret: []byte(mallSecret)}))(t)
	web := httptest.NewServer(server.New(w.Desk, server.Config{Log: w.Log}))
	t.Cleanup(web.Close)
	m := &mall{town: w, base: web.URL}
	m.http.Transport = &http.Transport{MaxIdleConnsPerHost: crowded}
	m.agent = got(w.OpenAgent(w.ctx, w.book, desk.AgentRequest{Code: "20810200", Initiator: "9962981729", Name: "Asha Stores"}))(t)
	got(w.BuyValue(w.ctx, w.book, desk.ValueRequest{Agent: m.agent.ID, Amount: 1_000_000}))(t)
	form := url.Values{"client_id": {mallClient}, "client_secret": {mallSecret}, "client_version": {"1"}, "grant_type": {"client_credentials"}}
	q, _ := http.NewRequest("POST", m.base+"/v1/oauth/token", strings.NewReader(form.Encode()))
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	_, said := m.send(q)
	if m.token = said.text("access_token"); m.token == "<nil>" {
		t.Fatalf("no token: %v", said)
	}
	return m
}

// send makes a request that must be answered with a JSON object.
func (m *mall) send(q *http.Request) (status int, said spoken) {
	w, err := m.http.Do(q)
	if err != nil {
		m.t.Error(err)
		return 0, nil
	}
	defer w.Body.Close()
	body, err := io.ReadAll(w.Body)
	if err == nil {
		err = json.Unmarshal(body, &said)
	}
	if err != nil {
		m.t.Errorf("%s %s: %d %s, %v", q.Method, q.URL.Path, w.StatusCode, body, err)
	}
	return w.StatusCode, said
}

// ask posts a body to a room, as a caller of it does.
func (m *mall) ask(room, path, body string, head ...string) (status int, said spoken) {
	if room == "salt" {
		body = `{"request":"` + base64.StdEncoding.EncodeToString([]byte(body)) + `"}`
	}
	q, err := http.NewRequest("POST", m.base+path, strings.NewReader(body))
	if err != nil {
		m.t.Error(err)
		return 0, nil
	}
	q.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(head); i += 2 {
		q.Header.Set(head[i], head[i+1])
	}
	switch room {
	case "razorpay":
		q.SetBasicAuth(wireKey, wireSecret)
	case "engage":
		q.Header.Set("Authorization", "Bearer "+wireEngage)
	case "native":
		q.Header.Set("Authorization", "Bearer "+wireNative)
	case "token": // PhonePe's newest generation
		q.Header.Set("Authorization", "O-Bearer "+m.token)
	case "salt": // its older ones
		sum := sha256.Sum256([]byte(body[len(`{"request":"`):len(body)-len(`"}`)] + path + wireSalt))
		q.Header.Set("X-VERIFY", hex.EncodeToString(sum[:])+"###1")
	case "fields": // its oldest one
		var of struct {
			MerchantID, TransactionID string
			Amount                    int64
		}
		if err := json.Unmarshal([]byte(body), &of); err != nil {
			m.t.Error(err)
		}
		sum := sha256.Sum256([]byte(fmt.Sprint(of.MerchantID, of.TransactionID, of.Amount, wireSalt)))
		q.Header.Set("X-VERIFY", hex.EncodeToString(sum[:])+"###1")
	case "eko":
		now := strconv.FormatInt(m.Now().UnixMilli(), 10)
		mac := hmac.New(sha256.New, []byte(base64.StdEncoding.EncodeToString([]byte(wireAccess))))
		mac.Write([]byte(now))
		q.Header.Set("developer_key", wireDev)
		q.Header.Set("secret-key", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
		q.Header.Set("secret-key-timestamp", now)
	}
	return m.send(q)
}

// together has all clients do something at the same time, and counts what they
// heard.
func (m *mall) together(do func(client int) string) map[string]int {
	heard := map[string]int{}
	var mu sync.Mutex
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range crowded {
		all.Go(func() {
			<-start
			one := do(i)
			mu.Lock()
			heard[one]++
			mu.Unlock()
		})
	}
	close(start)
	all.Wait()
	return heard
}

// failedRemittance is one of 30 rupees, whose cash must go back.
func (m *mall) failedRemittance() desk.Remittance {
	m.t.Helper()
	r := got(m.Remit(m.ctx, m.book, desk.RemitRequest{Agent: m.agent.ID, Customer: "9876543212", Ref: "FAILED", Recipient: "1", Amount: 3000, Outcome: rail.ScenarioRefused}))(m.t)
	m.wait(0)
	return got(m.Remittance(m.ctx, m.book, r.TID))(m.t)
}

// What callers keep of an answer, to count who heard what.
func code(status int, said spoken) string { return fmt.Sprint(status, " ", said.text("code")) }
func line(status int, said spoken) string {
	return fmt.Sprint(status, " ", said.text("status"), " ", said.text("message"))
}

// busy is what may be heard of a request that is being done right now.
const busy = "busy"

func whole(status int, said spoken) string {
	if status == http.StatusConflict && said.text("code") == busy {
		return busy
	}
	text, _ := json.Marshal(said) // it came from JSON
	return fmt.Sprint(status, " ", string(text))
}

// A repeat is a request that all clients of a room send at once.
type repeat struct {
	name string
	room string // see mall.ask
	path string
	body string // {pay} is a payment of 1,000 rupees, {tid} a failed remittance
	keep func(status int, said spoken) string
	// want is who must hear what; if it is nil, all must hear the same.
	want map[string]int
	// moved is what it moved, which must be 30 rupees.
	moved func(m *mall) ledger.Amount
}

var repeats = []repeat{
	{"razorpay refund", "razorpay", "/v1/payments/{pay}/refund", `{"amount":3000,"receipt":"crowd"}`,
		func(status int, said spoken) string { return fmt.Sprint(status, " ", said.text("error", "code")) },
		map[string]int{"200 <nil>": 1, "400 BAD_REQUEST_ERROR": 63}, refunded},
	{"engage credit", "engage", "/issuinghq/test/v3/engage/transactions/credit",
		`{"contact":"9663957855","partner_user_id":"9663957855","amount":3000,"action":"load","currency":"INR","reference_id":"r","purpose":"refund"}`, whole, nil, refunded},
	{"phonepe v1 refund", "fields", "/v1/credit/backToSource", `{"merchantId":"GOLDEN","transactionId":"SAME","originalTransactionId":"{pay}","amount":3000,"message":"m"}`, code,
		map[string]int{"200 PAYMENT_PENDING": 1, "400 DUPLICATE_TXN_REQUEST": 63}, refunded},
	{"phonepe v3 refund", "salt", "/v3/credit/backToSource", `{"merchantId":"GOLDEN","transactionId":"SAME","originalTransactionId":"{pay}","amount":3000,"message":"m"}`, code,
		map[string]int{"200 PAYMENT_PENDING": 1, "400 DUPLICATE_TXN_REQUEST": 63}, refunded},
	{"phonepe pg v1 refund", "salt", "/pg/v1/refund", `{"merchantId":"GOLDEN","merchantTransactionId":"SAME","originalTransactionId":"{pay}","amount":3000}`, code,
		map[string]int{"200 PAYMENT_PENDING": 1, "400 DUPLICATE_TXN_REQUEST": 63}, refunded},
	{"phonepe v2 refund", "token", "/payments/v2/refund", `{"merchantRefundId":"SAME","originalMerchantOrderId":"{pay}","amount":3000}`, whole, nil, refunded},
	{"phonepe v3 charge", "salt", "/v3/charge", `{"merchantId":"GOLDEN","transactionId":"SAME","merchantOrderId":"O","amount":3000,"instrumentType":"VPA","instrumentReference":"success@ybl","expiresIn":180}`, code,
		map[string]int{"200 SUCCESS": 1, "417 INVALID_TRANSACTION_ID": 63}, charged},
	{"eko transaction", "eko", "/ekoapi/v3/customer/payment/ppi-digikhata",
		`{"initiator_id":"9962981729","user_code":"20810200","recipient_id":"1","amount":"30.00","customer_id":"9876543212","client_ref_id":"SAME","channel":2,"currency":"INR","state":1}`, line,
		map[string]int{"200 0 Transaction successful": 1, "200 1 Transaction with this client_ref_id already exists": 63}, remitted},
	{"eko refund", "eko", "/ekoapi/v3/customer/payment/refund/{tid}", `{"initiator_id":"9962981729","user_code":"20810200","otp":123456}`, line,
		map[string]int{"200 0 Refund done": 1, "200 1 Transaction is already in refunded state.": 63}, refunded},
	{"native refund", "native", "/api/v1/refunds", `{"payment_id":"{pay}","amount":3000}`, whole, nil, refunded},
	{"native credit", "native", "/api/v1/credits", `{"partner_user_id":"u","contact":"9876543210","amount":3000,"purpose":"refund","reference":"r"}`, whole, nil, refunded},
}

// sum adds up rows of a kind.
func sum[R desk.Row](m *mall, amount func(R) ledger.Amount) (all ledger.Amount) {
	m.t.Helper()
	for _, r := range got(desk.List[R](m.ctx, m.Desk, desk.Query{Book: m.book, Count: 1000}))(m.t) {
		all += amount(r)
	}
	return all
}

func refunded(m *mall) ledger.Amount {
	return sum(m, func(r desk.Refund) ledger.Amount { return r.Amount })
}
func remitted(m *mall) ledger.Amount {
	return sum(m, func(r desk.Remittance) ledger.Amount {
		if r.Ref == "FAILED" {
			return 0
		}
		return r.Amount
	})
}
func charged(m *mall) ledger.Amount {
	return sum(m, func(p desk.Payment) ledger.Amount {
		if p.Amount == 100000 { // the one that may be refunded
			return 0
		}
		return p.Amount
	})
}

// Sixty-four clients send one and the same request, in every room and in each
// generation of it: it has one effect, the others hear what the room's
// documents say of a repeat, and the books add up.
func TestCrowdInEveryRoom(t *testing.T) {
	for _, c := range repeats {
		t.Run(c.name, func(t *testing.T) {
			onEach(t, func(t *testing.T, e storetest.Engine) {
				m := newMall(t, e)
				pay, owed := m.paid(100000), m.failedRemittance()
				fill := strings.NewReplacer("{pay}", string(pay.ID), "{tid}", owed.TID)
				heard := m.together(func(int) string {
					return c.keep(m.ask(c.room, fill.Replace(c.path), fill.Replace(c.body), "Idempotency-Key", "crowd"))
				})
				if c.want == nil {
					delete(heard, busy)
					equal(t, "answers", len(heard), 1)
				} else if !maps.Equal(heard, c.want) {
					t.Errorf("heard %v, want %v", heard, c.want)
				}
				m.wait(time.Hour)
				equal(t, "moved", c.moved(m), 3000)
				clean(t, m.store)
			})
		})
	}
}

// One payment has one budget: sixty-four clients of five APIs give back a tenth
// of it each, at the same time, as money and as store credit. Ten are granted,
// the others hear why not in the words of their API, and each of the ten is in
// the one list of refunds.
func TestCrowdAtOneBudget(t *testing.T) {
	doors := []struct {
		room, path, body string // {i} is the client, {order} the order that was paid
		yes, no          string // of the answer's words, which say that it was granted, or that too little is left
	}{
		{"razorpay", "/v1/payments/{pay}/refund", `{"amount":10000,"receipt":"R{i}"}`, `"entity":"refund"`, "BAD_REQUEST_ERROR"},
		{"salt", "/v3/credit/backToSource", `{"merchantId":"GOLDEN","transactionId":"R{i}","originalTransactionId":"{pay}","amount":10000,"message":"m"}`, "PAYMENT_PENDING", "EXCESS_REFUND_AMOUNT"},
		{"token", "/payments/v2/refund", `{"merchantRefundId":"R{i}","originalMerchantOrderId":"{pay}","amount":10000}`, `"state":"PENDING"`, `"code":"`},
		{"engage", "/issuinghq/test/v3/engage/transactions/credit",
			`{"contact":"9663957855","partner_user_id":"9663957855","amount":10000,"action":"load","currency":"INR","reference_id":"R{i}","purpose":"refund","notes":{"order_id":"{order}"}}`,
			`"engage.transaction"`, "order"},
		{"native", "/api/v1/refunds", `{"payment_id":"{pay}","amount":10000,"reference":"R{i}"}`, `"room":"native"`, `"code":"exceeds"`},
	}
	onEach(t, func(t *testing.T, e storetest.Engine) {
		m := newMall(t, e)
		p := desk.DefaultProgramme()
		p.CountsOrders = true
		got(m.SetProgramme(m.ctx, m.book, p))(t)
		m.paid(1000000) // so that the merchant is not short
		pay := m.paid(100000)
		heard := m.together(func(client int) string {
			d := doors[client%len(doors)]
			fill := strings.NewReplacer("{pay}", string(pay.ID), "{order}", string(pay.Order), "{i}", strconv.Itoa(client))
			status, said := m.ask(d.room, fill.Replace(d.path), fill.Replace(d.body), "Idempotency-Key", "crowd-"+strconv.Itoa(client))
			text, _ := json.Marshal(said) // it came from JSON
			switch {
			case status <= 201 && strings.Contains(string(text), d.yes):
				return "granted"
			case strings.Contains(string(text), d.no):
				return "refused"
			}
			return d.room + " " + string(text)
		})
		if want := map[string]int{"granted": 10, "refused": crowded - 10}; !maps.Equal(heard, want) {
			t.Errorf("heard %v, want %v", heard, want)
		}
		equal(t, "given back", refunded(m), 100000)
		m.wait(time.Hour)
		now := m.payment(pay.ID)
		equal(t, "given back in the end", now.Refunded, 100000)
		equal(t, "left", now.Budget().Left(), 0)
		all := got(desk.List[desk.Refund](m.ctx, m.Desk, desk.Query{Book: m.book, Parent: pay.ID, Count: 1000}))(t)
		equal(t, "refunds in the list", len(all), 10)
		for _, r := range all {
			equal(t, string(r.ID)+" of "+r.Room, r.State, "done")
		}
		clean(t, m.store)
	})
}
