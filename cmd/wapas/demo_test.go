package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"wapas/desk"
	"wapas/sqlstore"
)

// shapes are the answers of the documents, by their fields in order: the Route
// page and the wallet's API reference print them so.
var shapes = map[string]string{
	"Pay for an order from a wallet":                           "razorpay_payment_id razorpay_order_id razorpay_signature",
	"Refund a payment made from a wallet":                      "id entity amount currency payment_id notes receipt acquirer_data created_at batch_id status speed_processed speed_requested",
	"Create a fund account for a customer":                     "id entity customer_id account_type bank_account batch_id active created_at",
	"Pay out from a wallet to a fund account":                  "id entity customer_id fund_account_id amount currency notes fees tax status purpose utr mode reference_id narration batch_id failure_reason created_at fee_type",
	"Fetch a wallet's balance":                                 "balance monthly_usage max_balance",
	"Fetch a wallet's statement":                               "entity count items",
	"Refund a payment and pull its transfer back":              "id entity amount currency payment_id notes receipt acquirer_data created_at batch_id status speed_processed speed_requested",
	"Transfer a payment to a customer's wallet":                "entity count items",
	"Credit a customer of a Shopify merchant":                  creditShape,
	"Credit a customer of another merchant":                    creditShape,
	"Refund a payment: the payload, which goes as base64":      "success code message data",
	"Refund a payment by PhonePe's id: the request as it goes": "success code message data",
	"Check the status of the first refund":                     "success code message data",
	"Check the status of the second refund":                    "success code message data",
	"Refund a failed transaction after the customer's consent": "response_status_id data response_type_id message status tx_status txstatus_desc",
	"Ask what became of the transaction":                       "response_status_id data response_type_id message status",
	"Give cashback to a wallet":                                "id entity status source recipient amount currency amount_reversed fees tax notes linked_account_notes on_hold on_hold_until recipient_settlement_id created_at processed_at error",
}

const creditShape = "id entity amount type currency giftcard wallet reference_id source_id notes linked_transaction_id created_at"

// answers are what the documents print in answer to their samples, as far as it
// does not change from one time to the next.
var answers = map[string][]string{
	"Credit a customer of a Shopify merchant": {`"balance":50000`, `"reference_id":"shopify_return_id"`, `"program_id":"iprog_QaFpbI3UFnDl3n"`},
	"Credit a customer of another merchant": {
		`"entity":"engage.transaction","amount":10000,"type":"credit","currency":"INR","giftcard":null`,
		`"wallet":{"user_id":"iuser_QgC2Ssl3WStW9p","program_id":"iprog_QaFpbI3UFnDl3n","balance":50000},"reference_id":"clickpost_return_id"`,
		`"notes":{"order_id":"merchant_order_id"},"linked_transaction_id":null`,
	},
	"Refund a payment: the payload, which goes as base64": {
		`"success":true,"code":"PAYMENT_PENDING"`, `"transactionId":"TX123456789001","merchantId":"MERCHANTUAT","amount":100,"merchantOrderId":"OD1234"`,
	},
	"Refund a payment by PhonePe's id: the request as it goes": {
		`"success":true,"code":"PAYMENT_PENDING"`, `"transactionId":"TX123456789","merchantId":"DemoMerchant","amount":100`, `"providerReferenceId":"T2XXXXXXXXXXX"`,
	},
	"Check the status of the first refund":  {`"success":true`, `"transactionId":"TX123456789001","merchantId":"MERCHANTUAT","amount":100`},
	"Check the status of the second refund": {`"success":true`, `"providerReferenceId":"T2XXXXXXXXXXX"`},
	"Refund a failed transaction after the customer's consent": {
		`"response_status_id":0`, `"amount":"5000.00","tds":"7.1"`, `"fee":"50.0","currency":"INR","commission_reverse":"28.38","tid":"13192443"`,
		`"refunded_amount":"5050.00","tx_status":"4","txstatus_desc":"Refunded"`, `"response_type_id":74,"message":"Refund done","status":0`,
	},
	"Ask what became of the transaction": {`"tid":"13192443","tx_status":"4","txstatus_desc":"Refunded"`, `"refunded_amount":"5050.00"`},
}

// The demo is made, gives its tour and stays up; what it says to paste works;
// its books add up; and a second start finds everything as it was.
func TestDemo(t *testing.T) {
	t.Parallel()
	need(t, "curl")
	dir := t.TempDir()
	p := start(t, dir, nil, "demo", "--listen", "127.0.0.1:0")
	api := p.api(demoKeyID, demoKeySecret)
	for text, ended := p.text(), false; !strings.Contains(text, "Ctrl-C"); text, ended = p.more(len(text)) {
		if ended || strings.Contains(text, "wapas: ") {
			t.Fatalf("the demo ended:\n%s", text)
		}
		got, err := api.send(t.Context(), "GET", "/readyz", "")
		if err != nil {
			t.Fatal(err)
		}
		if got.status != http.StatusOK && !strings.Contains(string(got.body), "is being made") {
			t.Fatalf("/readyz while it is made: %d %s", got.status, got.body)
		}
	}
	if got, err := api.send(t.Context(), "GET", "/readyz", ""); err != nil || got.status != http.StatusOK {
		t.Errorf("/readyz after the tour: %d %s, %v", got.status, got.body, err)
	}
	checkTour(t, p.text())
	checkLife(t, filepath.Join(dir, "wapas-demo", "wapas.db"))

	// The lines to paste, and the one in the README.
	for _, line := range append(pasteable(p.text()), readmeCurls(t, p.url)...) {
		cmd := exec.CommandContext(t.Context(), "sh", "-c", line+" --fail")
		if out, err := cmd.CombinedOutput(); err != nil || len(out) == 0 {
			t.Errorf("%s\n%v %s", line, err, out)
		}
	}
	db := "sqlite:" + filepath.Join(dir, "wapas-demo", "wapas.db")
	s := &shell{t: t, dir: dir}
	s.ok("verify", "--db", db)
	s.ok("clock", "move", "24h", "--db", db)
	before, err := api.do(t.Context(), "GET", "/v1/payments?count=100", nil)
	if err != nil {
		t.Fatal(err)
	}
	p.signal(syscall.SIGINT)
	if code := p.end(); code != exitDone {
		t.Errorf("after Ctrl-C: exit %d\n%s", code, p.text())
	}
	s.ok("verify", "--db", db)

	p = start(t, dir, nil, "demo", "--listen", "127.0.0.1:0", "--once")
	if code := p.end(); code != exitDone || !strings.Contains(p.text(), "was made on the first start") || strings.Contains(p.text(), "weeks of life") {
		t.Errorf("second start: exit %d\n%s", code, p.text())
	}
	p = start(t, dir, nil, "demo", "--listen", "127.0.0.1:0")
	after, err := p.api(demoKeyID, demoKeySecret).do(t.Context(), "GET", "/v1/payments?count=100", nil)
	if err != nil || len(after.items()) != len(before.items()) || after.items()[0].text("id") != before.items()[0].text("id") {
		t.Errorf("payments after a second start: %v, %v", after, err)
	}
	p.signal(syscall.SIGTERM)
	if code := p.end(); code != exitDone {
		t.Errorf("after SIGTERM: exit %d\n%s", code, p.text())
	}
}

// checkTour finds each sample request in what was printed, to the letter, with
// an answer of its document's shape.
func checkTour(t *testing.T, text string) {
	t.Helper()
	for _, seed := range seeds {
		for _, q := range seed.samples {
			head := q.title + "\n" + q.method + " " + q.path + "\n"
			if q.body != "" {
				head += q.body + "\n"
			}
			_, rest, ok := strings.Cut(text, head+"→ 200\n")
			if !ok {
				t.Errorf("no answer to %q", q.title)
				continue
			}
			dec := json.NewDecoder(strings.NewReader(rest))
			var raw json.RawMessage
			if err := dec.Decode(&raw); err != nil {
				t.Errorf("%s: %v", q.title, err)
				continue
			}
			if got := strings.Join(fieldsOf(t, raw), " "); got != shapes[q.title] {
				t.Errorf("%s:\n got %s\nwant %s", q.title, got, shapes[q.title])
			}
			var flat bytes.Buffer
			if err := json.Compact(&flat, raw); err != nil {
				t.Fatal(err)
			}
			for _, want := range answers[q.title] {
				if !strings.Contains(flat.String(), want) {
					t.Errorf("%s: the answer lacks %s:\n%s", q.title, want, flat.String())
				}
			}
		}
	}
}

// fieldsOf are the names of an object's fields in their order.
func fieldsOf(t *testing.T, object json.RawMessage) (names []string) {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(string(object)))
	if _, err := dec.Token(); err != nil {
		t.Fatal(err)
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, name.(string))
		var skip json.RawMessage
		if err := dec.Decode(&skip); err != nil {
			t.Fatal(err)
		}
	}
	return names
}

// checkLife demands that the demo's book has something of everything.
func checkLife(t *testing.T, path string) {
	t.Helper()
	store, err := sqlstore.Open(t.Context(), "sqlite:"+path, sqlstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	d := &desk.Desk{Store: store}
	const book = 1
	states := map[string]int{}
	count := func(kind string, n int) { states[kind] += n }
	page := desk.Query{Book: book, Count: 5000}
	customers := list[desk.Customer](t, d, page)
	payments := list[desk.Payment](t, d, page)
	for _, p := range payments {
		count("payment "+p.Status, 1)
		count("payment by "+p.Method, 1)
		if p.Disputed > 0 {
			count("payment disputed", 1)
		}
	}
	for _, r := range list[desk.Refund](t, d, page) {
		count("refund "+r.State, 1)
		count("refund to "+r.To, 1)
		count("refund by "+r.Room+" "+r.State, 1)
	}
	for _, x := range list[desk.Credit](t, d, page) {
		count("credit "+x.Purpose, 1)
	}
	for _, x := range list[desk.Remittance](t, d, page) {
		count("remittance "+x.State, 1)
	}
	for _, x := range list[desk.TAT](t, d, page) {
		count("clock "+x.State, 1)
	}
	for _, x := range list[desk.Transfer](t, d, page) {
		count("transfer "+x.State, 1)
		count("transfer to "+x.Recipient.Prefix(), 1)
	}
	for _, x := range list[desk.Payout](t, d, page) {
		count("payout "+x.State, 1)
	}
	for _, w := range list[desk.Wallet](t, d, page) {
		count("wallet", 1)
		if w.OverLimit {
			count("wallet over its limit", 1)
		}
	}
	count("settlement", len(list[desk.Settlement](t, d, page)))
	count("exception", len(list[desk.Exception](t, d, page)))
	if len(customers) < 300 || len(payments) < 700 {
		t.Errorf("%d customers and %d payments are too few", len(customers), len(payments))
	}
	for _, want := range []string{
		"payment authorized", "payment captured", "payment failed", "payment refunded", "payment disputed",
		"payment by upi", "payment by card", "payment by netbanking", "payment by wallet",
		"refund pending", "refund done", "refund failed", "refund to source", "refund to wallet",
		"transfer processed", "transfer reversed", "transfer partially_reversed", "transfer to acc", "transfer to cust",
		"refund by engage done", "refund by phonepe done", "refund by phonepe failed", "refund by phonepe pending", "refund by eko done",
		"credit refund", "credit spend", "credit return", "credit expiry",
		"remittance success", "remittance failed", "remittance hold", "remittance refund_pending", "remittance refunded", "clock met", "clock breached",
		"payout processed", "payout reversed", "wallet", "wallet over its limit", "settlement", "exception",
	} {
		if states[want] == 0 {
			t.Errorf("the demo has no %s: it has %v", want, states)
		}
	}
	// Six weeks, and not all of it in one of them.
	slices.SortFunc(payments, func(a, b desk.Payment) int { return int(a.CreatedAt - b.CreatedAt) })
	first, middle, last := payments[0].CreatedAt, payments[len(payments)/2].CreatedAt, payments[len(payments)-1].CreatedAt
	const day = 24 * 3600
	if span := last.Unix() - first.Unix(); span < 40*day || span > 43*day || middle.Unix()-first.Unix() < 10*day || last.Unix()-middle.Unix() < 10*day {
		t.Errorf("payments from %s over %s to %s", first.Std(), middle.Std(), last.Std())
	}
}

func list[R desk.Row](t *testing.T, d *desk.Desk, q desk.Query) []R {
	t.Helper()
	rows, err := desk.List[R](t.Context(), d, q)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// pasteable are the curl lines in what was printed.
func pasteable(text string) (lines []string) {
	for line := range strings.Lines(text) {
		if strings.Contains(line, "curl -s ") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

// readmeCurls are the README's curl lines, at this server.
func readmeCurls(t *testing.T, url string) []string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, block := range regexp.MustCompile("(?s)\n```\n(.*?)\n```").FindAllStringSubmatch(string(text), -1) {
		if strings.Contains(block[1], "curl -s ") {
			lines = append(lines, strings.ReplaceAll(block[1], "http://127.0.0.1:8080", url))
		}
	}
	if len(lines) < 5 {
		t.Fatalf("the README has %d curl lines", len(lines))
	}
	return lines
}

// Nobody disturbs a demo that is being made: its rooms are shut until then.
func TestOnceReady(t *testing.T) {
	why := errors.New("it is being made")
	inner := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	for _, x := range []struct {
		path string
		why  error
		want int
	}{
		{"/v1/payments", why, http.StatusServiceUnavailable},
		{"/docs", why, http.StatusServiceUnavailable},
		{"/readyz", why, http.StatusTeapot},
		{"/", why, http.StatusTeapot},
		{"/v1/payments", nil, http.StatusTeapot},
	} {
		w := httptest.NewRecorder()
		onceReady(func() error { return x.why }, inner).ServeHTTP(w, httptest.NewRequest("POST", x.path, nil))
		if w.Code != x.want {
			t.Errorf("%s while %v: got %d, want %d", x.path, x.why, w.Code, x.want)
		}
	}
}

// Directories that a demo has to be careful with.
func TestDemoData(t *testing.T) {
	s := newShell(t)
	s.ok("merchant", "create", "Real books")
	s.fails(exitFailed, []string{"was not made by a demo", "--data"}, "demo", "--data", s.dir, "--once", "--listen", "127.0.0.1:0")
	s.ok("verify")
	var real []struct{ Name string }
	if s.json(&real, "merchant", "list"); len(real) != 1 || real[0].Name != "Real books" {
		t.Errorf("the real books: got %+v", real)
	}

	// One of before, whose tour was another, is not taken for ours.
	old := t.TempDir()
	if err := writeState(old, demoState{Edition: demoEdition - 1, Made: true, Toured: true}); err != nil {
		t.Fatal(err)
	}
	s.fails(exitFailed, []string{"another version of wapas", "--data"}, "demo", "--data", old, "--once", "--listen", "127.0.0.1:0")

	// A demo that was interrupted while it was made is made again.
	half := filepath.Join(t.TempDir(), "demo")
	if err := os.Mkdir(half, 0o755); err != nil {
		t.Fatal(err)
	}
	db := filepath.Join(half, "wapas.db")
	if err := os.WriteFile(db, []byte("half of a database"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := writeState(half, demoState{}); err != nil {
		t.Fatal(err)
	}
	if state, err := demoIn(half, db); err != nil || state.Made {
		t.Errorf("demoIn: got %+v, %v", state, err)
	}
	if _, err := os.Stat(db); err == nil {
		t.Error("the half-made database is still there")
	}
}

// The same dice draw the same life.
func TestPlan(t *testing.T) {
	var plans [2][]int64
	for i := range plans {
		c := &chronicle{dice: newDice(7)}
		c.start = c.start.Add(0)
		c.end = c.start.AddDate(0, 0, weeks*7)
		c.plan([]string{"a", "b", "c", "d"})
		for _, s := range c.stories {
			for _, st := range s.steps {
				plans[i] = append(plans[i], st.at.Unix())
			}
		}
	}
	if !slices.Equal(plans[0], plans[1]) || len(plans[0]) < 2000 {
		t.Errorf("two plans of %d and %d steps from the same dice", len(plans[0]), len(plans[1]))
	}
}
