package server_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"wapas/desk"
	"wapas/dialect/phonepe"
	"wapas/dialecttest"
	"wapas/ledger"
	"wapas/server"
)

// A logged server, and what its log of requests has once the log was written.
type logged struct {
	*dialecttest.House
	front http.Handler
	log   *server.RequestLog
}

func newLogged(t *testing.T, mode string) *logged {
	h := dialecttest.Open(t)
	h.Issue(t, h.Book, "razorpay", keyID, keySecret)
	h.Issue(t, h.Live, "razorpay", "rzp_live_x", keySecret)
	h.Issue(t, h.Book, phonepe.Room, phonepe.KeyName("SHOPDEMO", "1"), "salt")
	log := server.NewRequestLog(h.Desk, slog.New(slog.DiscardHandler), mode, time.Hour)
	return &logged{h, server.New(h.Desk, server.Config{Requests: log}), log}
}

// rows writes what waits and reads all of a book, the oldest first.
func (l *logged) rows(t *testing.T, book desk.BookID) []desk.RequestRow {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	stop() // write what is there, and end
	if err := l.log.Run(ctx); err != nil {
		t.Fatal(err)
	}
	rows, err := l.Desk.Requests(t.Context(), desk.RequestQuery{Book: book, Count: 2000})
	if err != nil {
		t.Fatal(err)
	}
	for i, j := 0, len(rows)-1; i < j; i, j = i+1, j-1 {
		rows[i], rows[j] = rows[j], rows[i]
	}
	return rows
}

func (l *logged) ask(method, path, body, key, secret string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		r.SetBasicAuth(key, secret)
	}
	w := httptest.NewRecorder()
	l.front.ServeHTTP(w, r)
	return w
}

func TestRequestLog(t *testing.T) {
	l := newLogged(t, server.LogTest)
	pay, _ := takePayment(t, l.House, "razorpay")
	path := "/v1/payments/" + string(pay.ID) + "/refund"
	answer := l.ask("POST", path, `{"amount":1000,"receipt":"R-1","notes":{"phone":"9876543210","otp":"123456"}}`, keyID, keySecret)
	if answer.Code != 200 {
		t.Fatalf("%d %s", answer.Code, answer.Body)
	}
	l.ask("GET", "/razorpay/v1/payments?contact=%2B919876543210", "", keyID, keySecret)
	l.ask("POST", path, `{"amount":99999999}`, keyID, keySecret)
	l.ask("GET", "/v1/payments", "", keyID, "a wrong secret")
	coded := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, `{"merchantId":"SHOPDEMO","transactionId":"REF-7","originalTransactionId":"none","amount":5000,"mobileNumber":"9876543210"}`))
	r := httptest.NewRequest("POST", "/v3/credit/backToSource", strings.NewReader(`{"request":"`+coded+`"}`))
	r.Header.Set("X-Verify", phonepe.Sign(coded+"/v3/credit/backToSource", []byte("salt"), "1"))
	r.Header.Set("Content-Type", "application/json")
	l.front.ServeHTTP(httptest.NewRecorder(), r)
	// Not of a book, or a page: not kept.
	l.ask("GET", "/v1/payments", "", "rzp_test_nobody", "x")
	l.ask("GET", "/v1/payments", "", "", "")
	l.ask("GET", "/healthz", "", "", "")
	l.ask("GET", "/v1/checkout?key_id="+keyID, "", "", "")
	l.ask("GET", "/checkout/order_00000000000000?key_id="+keyID, "", keyID, keySecret)

	rows := l.rows(t, l.Book)
	var got []string
	for _, r := range rows {
		got = append(got, fmt.Sprintf("%s %s %s %d %s", r.Room, r.Method, r.Path, r.Status, r.Caller))
		for _, secret := range []string{"98765432", "123456", keySecret, "a wrong secret", "eyJ"} {
			if strings.Contains(fmt.Sprintf("%+v", r), secret) {
				t.Errorf("%q is kept: %+v", secret, r)
			}
		}
	}
	want := []string{
		"razorpay POST " + path + " 200 " + keyID,
		"razorpay GET /razorpay/v1/payments?contact=••••••3210 200 " + keyID,
		"razorpay POST " + path + " 400 " + keyID,
		"razorpay GET /v1/payments 401 " + keyID,
		"phonepe POST /v3/credit/backToSource 400 " + phonepe.KeyName("SHOPDEMO", "1"),
	}
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] && !strings.HasPrefix(want[i], "phonepe") {
			t.Fatalf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	first := rows[0]
	if !strings.HasPrefix(string(first.About), "rfnd_") || first.Ref != string(pay.ID) || first.Request != answer.Header().Get("X-Request-Id") ||
		!strings.Contains(first.Body, `"receipt":"R-1"`) || !strings.Contains(first.Answer, string(first.About)) || first.ContentType != "application/json" || first.Took <= 0 {
		t.Errorf("got %+v", first)
	}
	if last := rows[4]; last.Ref != "REF-7" || !strings.Contains(last.Body, `"mobileNumber":"••••••3210"`) {
		t.Errorf("got %+v", last)
	}
	one, err := l.Desk.Request(t.Context(), l.Book, first.Request)
	if err != nil || one.ID != first.ID {
		t.Errorf("by the request's id: %+v, %v", one, err)
	}
	if _, err := l.Desk.Request(t.Context(), l.Live, string(first.ID)); err == nil {
		t.Error("another book has it as well")
	}
	if rows := l.rows(t, l.Live); len(rows) != 0 {
		t.Errorf("the live book has %v", rows)
	}
}

// Which calls are kept is the operator's to say.
func TestRequestLogModes(t *testing.T) {
	for mode, want := range map[string][2]int{server.LogTest: {2, 1}, server.LogAll: {2, 2}, server.LogOff: {0, 0}} {
		l := newLogged(t, mode)
		for _, key := range []string{keyID, "rzp_live_x"} {
			l.ask("GET", "/v1/payments", "", key, keySecret)
			l.ask("GET", "/v1/payments/pay_00000000000000", "", key, keySecret)
		}
		if got := [2]int{len(l.rows(t, l.Book)), len(l.rows(t, l.Live))}; got != want {
			t.Errorf("%s: kept %v of the test and the live book, want %v", mode, got, want)
		}
	}
}

// What comes faster than is kept is answered all the same, with nobody writing,
// and counted; refused calls have some room of their own; a body is cut.
func TestRequestLogNeverBlocks(t *testing.T) {
	l := newLogged(t, server.LogTest)
	write := func() { l.rows(t, l.Book) } // or what waits is too much
	for i := range 1500 {
		if w := l.ask("GET", "/v1/payments", "", keyID, keySecret); w.Code != 200 {
			t.Fatal(w.Code)
		}
		if i%500 == 499 {
			write()
		}
	}
	for range 50 {
		if w := l.ask("GET", "/v1/payments/pay_00000000000000", "", keyID, keySecret); w.Code < 400 {
			t.Fatal(w.Code)
		}
	}
	rows, refused := l.rows(t, l.Book), 0
	kept := len(rows)
	for _, r := range rows {
		if r.Status >= 400 {
			refused++
		}
	}
	if kept < 375+50 || refused != 50 {
		t.Errorf("%d were kept, %d that were refused", kept, refused)
	}
	text := metricsOf(t, l)
	if !strings.Contains(text, fmt.Sprintf("wapas_request_log_kept_total %d\n", kept)) || !strings.Contains(text, fmt.Sprintf("wapas_request_log_dropped_total %d\n", 1550-kept)) {
		t.Errorf("the metrics say:\n%s", text)
	}
}

func metricsOf(t *testing.T, l *logged) string {
	t.Helper()
	front := server.New(l.Desk, server.Config{Requests: l.log, Metrics: []prometheus.Collector{l.log}})
	w := httptest.NewRecorder()
	front.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	var out []string
	for line := range strings.SplitSeq(w.Body.String(), "\n") {
		if strings.HasPrefix(line, "wapas_request_log") {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n") + "\n"
}

// Long bodies pass whole, and are kept cut.
func TestRequestLogCuts(t *testing.T) {
	l := newLogged(t, server.LogTest)
	long := `{"amount":100,"currency":"INR","notes":{"a":"` + strings.Repeat("x ", 120) + `"},"more":[` + strings.Repeat(`{"b":"c"},`, 2000) + `{}]}`
	l.ask("POST", "/v1/orders", long, keyID, keySecret)
	rows := l.rows(t, l.Book)
	if len(rows) != 1 || len(rows[0].Body) > desk.MaxLogged+3 || !strings.HasSuffix(rows[0].Body, "…") {
		t.Fatalf("kept %d rows, %d bytes", len(rows), len(rows[0].Body))
	}
	h := httptest.NewServer(l.front)
	defer h.Close()
	r, _ := http.NewRequest("POST", h.URL+"/v1/orders", bytes.NewReader(bytes.Repeat([]byte("x"), 9<<20)))
	r.SetBasicAuth(keyID, keySecret)
	if res, err := http.DefaultClient.Do(r); err == nil { // too long: the bound holds with a log in between
		io.Copy(io.Discard, res.Body)
		res.Body.Close()
		if res.StatusCode < 400 {
			t.Errorf("nine megabytes: %d", res.StatusCode)
		}
	}
}

// What is old is deleted.
func TestRequestLogPrunes(t *testing.T) {
	l := newLogged(t, server.LogTest)
	var old []desk.RequestRow
	now := l.Desk.Now()
	for i := range 1200 {
		at := now.Add(-2*time.Hour + time.Duration(i)*time.Microsecond)
		old = append(old, desk.RequestRow{ID: desk.RequestRowID(ledger.At(at), "x"), At: ledger.At(at), Room: "razorpay"})
	}
	old = append(old, desk.RequestRow{ID: desk.RequestRowID(ledger.At(now.Add(-time.Minute)), "y"), Room: "razorpay"})
	if err := l.Desk.Store.KeepRequests(t.Context(), l.Book, old); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- l.log.Run(ctx) }()
	for {
		rows, err := l.Desk.Requests(t.Context(), desk.RequestQuery{Book: l.Book, Count: 2000})
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) == 1 {
			break
		}
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
