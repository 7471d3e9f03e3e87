package server_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"wapas/desk"
	"wapas/dialect/eko"
	"wapas/dialect/phonepe"
	"wapas/dialecttest"
	"wapas/server"
)

// Values that a caller might send where something else belongs.
var (
	oddValues = []string{
		`null`, `true`, `""`, `" "`, `"\u0000"`, `"\ud800"`, `1e309`, `-1`, `0`, `1.5`, `1e5`, `1E+40`, `9223372036854775807`, `9223372036854775808`, `-0`,
		`"abc"`, `"e"`, `"-"`, `"1e5"`, `[]`, `{}`, `[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]`, `{"a":{"b":[{}]}}`, `"१२३"`, `"🙂"`, `"a\nb\r\nX-Evil: 1"`,
		`"<script>alert(1)</script>"`, `"%s%n' OR 1=1 --"`, `"../../etc/passwd"`, `"\u202e\u0000"`, `"pay_00000000000000"`, `"2100/x"`, `[null]`, `["a",1]`,
	}
	oddParts = []string{
		"%00", "%FF%FE", "a%2Fb", "%2E%2E", "%0d%0aX-Evil:%201", "'", "%22", "-1", "0", "9223372036854775808", "9223372036854775807", "pay_%00%00%00%00%00%00%00%00%00%00%00%00%00%00",
		"%E0%A5%A7", "client_ref_id:", "client_ref_id%3A%00", "client_ref_id:%FF", "user_code:%FF", "user_code%3A", "2100%2Fcust_1", "9999", "2100%2F%00", "bearer:x", "T1%3Fx", "😀", strings.Repeat("x", 5000),
	}
	oddBodies = []string{
		"", " ", "null", "[]", "1", `"x"`, "{", `{"a":1}{"b":2}`, `{"amount":1,"amount":2}`, "\xef\xbb\xbf{}", "\xff\xfe{\x00}\x00", strings.Repeat("[", 100_000), `{"a":` + strings.Repeat(`{"a":`, 200) + `1` + strings.Repeat("}", 201),
		`{"request":""}`, `{"request":"bnVsbA=="}`, `{"request":"` + strings.Repeat("A", 200_000) + `"}`, `{"request":"\n\n"}`, "a=1&a=2&a[b]=3&a[][]=1&%zz", "amount=1&amount=2", strings.Repeat("a[", 50) + "]=1",
	}
	oddMethods = []string{"HEAD", "OPTIONS", "TRACE", "PUT", "PATCH", "DELETE", "FOO"}
)

// variants are a JSON body with each of its values in turn replaced by each odd
// one, and taken away.
func variants(body string) (all []string) {
	var root any
	d := json.NewDecoder(strings.NewReader(body))
	d.UseNumber()
	if d.Decode(&root) != nil {
		return nil
	}
	const hole = `"\u0001hole"`
	var walk func(at any, set func(any))
	walk = func(at any, set func(any)) {
		switch at := at.(type) {
		case map[string]any:
			for k, v := range at {
				walk(v, func(x any) { at[k] = x })
				at[k] = v
			}
		case []any:
			for i, v := range at {
				walk(v, func(x any) { at[i] = x })
				at[i] = v
			}
		}
		set("\x01hole")
		text, _ := json.Marshal(root)
		for _, odd := range oddValues {
			all = append(all, strings.Replace(string(text), hole, odd, 1))
		}
		set(at)
	}
	walk(root, func(any) {})
	return all
}

func TestDoors(t *testing.T) { doors(t, dialecttest.Open(t)) }

func TestDoorsPostgres(t *testing.T) { doors(t, dialecttest.OpenOn(t, newDatabase(t))) }

// newDatabase is a database of its own on the server that tests are given.
func newDatabase(t *testing.T) string {
	t.Helper()
	address := os.Getenv("WAPAS_TEST_POSTGRES")
	if address == "" {
		if os.Getenv("WAPAS_TEST_FULL") != "" {
			t.Fatal("everything must be tested, but WAPAS_TEST_POSTGRES does not say where PostgreSQL is")
		}
		t.Skip("WAPAS_TEST_POSTGRES is not set")
	}
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	name := "doors_" + strings.ToLower(desk.Letters(12))
	if _, err := conn.Exec(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

// asked are requests of routes that a merchant's life has not.
var asked = map[string]string{
	"POST /payments/v2/pay":                         `{"merchantOrderId":"ORD5","amount":10000,"expireAfter":600,"metaInfo":{"udf11":"a"},"paymentFlow":{"type":"PG","paymentMode":{"type":"UPI_COLLECT","details":{"type":"PHONE_NUMBER","phoneNumber":"9876500004"}},"merchantUrls":{"redirectUrl":"https://shop.example/"}}}`,
	"POST /payments/v2/sdk/order":                   `{"merchantOrderId":"ORD6","amount":10000,"expireAfter":600,"paymentFlow":{"type":"PG","paymentMode":{"type":"NET_BANKING","bankId":"HDFC"}}}`,
	"POST /v1/debit":                                `{"merchantId":"{phonepe.m}","transactionId":"D1","amount":10000,"merchantOrderId":"o","mobileNumber":"9876500004","email":"a@example.in","message":"m","header":{"salt":{"key":"k","index":1}}}`,
	"POST /v4/debit":                                `{"merchantId":"{phonepe.m}","transactionId":"D2","amount":10000,"merchantOrderId":"o","mobileNumber":"9876500004","expiresIn":600,"subMerchant":"s"}`,
	"POST /v3/qr/transaction/list":                  `{"merchantId":"{phonepe.m}","size":10,"storeId":"S1","amount":10000,"last4Digits":"0004","startTimestamp":1766000000000}`,
	"POST /v1/transactions/details":                 `{"merchantId":"{phonepe.m}","size":10,"startTimestamp":1,"endTimestamp":4765046400000,"searchAfter":{"timestamp":4765046400000,"transactionId":"T1"}}`,
	"POST /pg/v1/pay":                               `{"merchantId":"{phonepe.m}","merchantTransactionId":"P5","amount":10000,"redirectUrl":"https://shop.example/","redirectMode":"POST","callbackUrl":"https://shop.example/","mobileNumber":"9876500004","paymentInstrument":{"type":"UPI_COLLECT","vpa":"a@ybl"}}`,
	"POST /ekoapi/v3/customer/payment/ppi":          `{"initiator_id":"9962981729","user_code":"20810200","recipient_id":10012,"amount":100,"customer_id":"9123456789","client_ref_id":"R7","channel":2,"ifsc":"HDFC0000317","account":"1234567890","recipient_name":"a","hold_timeout":5,"otp":"1","otp_ref_id":"x","service_code":45}`,
	"POST /ekoapi/v3/customer/payment/ppi/otp":      `{"initiator_id":"9962981729","user_code":"20810200","recipient_id":"10012","amount":"100","customer_id":"9123456789"}`,
	"POST /ekoapi/v3/customer/payment/refund/{tid}": `{"initiator_id":"9962981729","user_code":"20810200","otp":"123456","otp_ref_id":"x","service_code":"45","state":1}`,
	"PUT /ekoapi/v1/user/service/activate":          `{"initiator_id":"9962981729","user_code":"20810200","service_code":"45","latlong":"1,2"}`,
	"POST /api/v1/bookings/adjustment":              `{"amount":1,"reference":"AD-1","note":"n","debit":"2010","credit":"2100/cust_1"}`,
	"POST /api/v1/bookings/cashback":                `{"amount":100,"reference":"CB-1","customer_id":"{native.customer_id}"}`,
	"POST /api/v1/bookings/provider_settled":        `{"amount":100,"reference":"PS-1","provider":"sim","cost":1,"tax":1}`,
	"POST /api/v1/bookings/float_topped_up":         `{"amount":100,"reference":"TU-1","partner":"eko"}`,
	"POST /api/v1/bookings/fees_swept":              `{"amount":100,"reference":"FS-1"}`,
	"POST /api/v1/clocks/{clock_id}/waive":          `{"note":"n"}`,
	"POST /api/v1/rail_orders/{order_id}/outcome":   `{"outcome":"done","proof":"UTR1","code":"c","reason":"r","amount":1000}`,
	"POST /api/v1/exceptions/{exception_id}/close":  `{"note":"n"}`,
	"POST /v1/payments/create/json":                 `{"amount":50000,"currency":"INR","order_id":"{razorpay.order}","email":"a@example.in","contact":"9876500004","method":"upi","upi":{"flow":"collect","vpa":"success@razorpay"}}`,
	"POST /v1/settlements/ondemand":                 `{"amount":200,"settle_full_balance":false,"description":"d"}`,
	"POST /v1/fund_accounts":                        `{"customer_id":"{razorpay.cust}","account_type":"bank_account","bank_account":{"name":"a","account_number":"123456789","ifsc":"HDFC0000317"}}`,
	"POST /token":                                   `{"client_id":"clientA","client_secret":"engage secret A","grant_type":"client_credentials","mode":"test"}`,
}

// paper are answers that are no JSON: pages, and files of what is in a book.
var paper = regexp.MustCompile(`^(text/html|text/csv|application/jsonl|application/pdf)`)

func doors(t *testing.T, h *dialecttest.House) {
	var logged bytes.Buffer
	h.Desk.Log = slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	front := server.New(h.Desk, server.Config{Log: h.Desk.Log})
	a := newTenant(t, h, front, "A", h.Book, desk.Test)
	vars := live(t, h, front, a)
	bodies := map[string]string{}
	for _, step := range life {
		bodies[step.route] = step.body
	}
	for route, body := range asked {
		bodies[route] = body
	}
	tried, faults := 0, map[string]int{}
	see := func(room, route, path, body string, w *httptest.ResponseRecorder) {
		tried++
		if w.Code < 500 && json.Valid(w.Body.Bytes()) || w.Body.Len() == 0 || paper.MatchString(w.Header().Get("Content-Type")) && w.Code < 500 {
			return
		}
		if faults[route]++; faults[route] <= 3 {
			t.Errorf("%s: %s with %.200q: %d %.300s", route, path, body, w.Code, w.Body)
		}
	}
	for _, x := range routesOf(t, h) {
		method, path, _ := strings.Cut(x.route, " ")
		filled, _ := fill(t, vars, x.room, path)
		if x.room == "eko" && method == "GET" {
			filled += "?initiator_id=" + initiator + "&user_code=20810200"
		}
		for _, part := range placeholders.FindAllString(path, -1) {
			for _, odd := range oddParts {
				at := strings.Replace(path, part, odd, 1)
				at, _ = fill(t, vars, x.room, at)
				at = strings.ReplaceAll(at, url.PathEscape(odd), odd)
				if _, err := url.ParseRequestURI(at); err != nil {
					continue
				}
				see(x.room, x.route, at, "", a.send(h, front, x.room, method, at, fillBody(vars, bodies[x.route])))
			}
		}
		if body := bodies[x.route]; body != "" {
			for _, odd := range variants(body) {
				odd = fillBody(vars, odd)
				see(x.room, x.route, filled, odd, a.send(h, front, x.room, method, filled, odd))
			}
		}
		if method != "GET" {
			for _, odd := range oddBodies {
				see(x.room, x.route, filled, odd, a.send(h, front, x.room, method, filled, odd))
			}
		}
		for _, m := range oddMethods {
			if strings.Contains(x.route, "/credentials") {
				continue
			}
			see(x.room, m+x.route, filled, "", a.send(h, front, x.room, m, filled, ""))
		}
		if method == "GET" {
			for _, q := range []string{"a=%00", "%ff=%ff", "a[b][c]=1&a=2", "count=-1&skip=-1", "count=99999999999999999999", "skip=9223372036854775807&count=100", "from=-1&to=1e9", "from=9223372036854775807", "limit=0", "limit=-1", "limit=1e2", "after=x", "after=%00", "initiator_id=%00", "client_ref_id=%00", "limit=100&limit=1", "expand[]=%00", "errorContext=x&details=%00"} {
				sep := "?"
				if strings.Contains(filled, "?") {
					sep = "&"
				}
				see(x.room, x.route, filled+sep+q, "", a.send(h, front, x.room, method, filled+sep+q, ""))
			}
		}
	}
	// The lists of our own API: cursors that nobody gave, and odd filters.
	w := a.send(h, front, "native", "GET", "/openapi.json", "")
	var doc struct {
		Paths map[string]map[string]struct {
			ID         string `json:"operationId"`
			Parameters []struct{ Name, In string }
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil || len(doc.Paths) < 60 {
		t.Fatalf("%d paths, %v", len(doc.Paths), err)
	}
	for path, methods := range doc.Paths {
		op := methods["get"]
		filled, _ := fill(t, vars, "native", "/api/v1"+path)
		for _, p := range op.Parameters {
			if p.In != "query" {
				continue
			}
			odd := append([]string{"2026-01-31T18:30:00Z", "1969-01-01T00:00:00Z", "2119-12-31T23:59:59.999999999+14:00"}, oddParts...)
			if p.Name == "after" {
				for _, at := range []string{"-1", "0", "1", "abc", "99999999999999999999", "9223372036854775807", "-9223372036854775808", "\x00", "\xff\xfe", "zzzz", "🙂", "pay_x", " ", "' OR 1=1"} {
					odd = append(odd, base64.RawURLEncoding.EncodeToString([]byte(op.ID+" "+at)))
				}
			}
			for _, v := range odd {
				at := filled + "?" + p.Name + "=" + v
				see("native", "GET "+path+" "+p.Name, at, "", a.send(h, front, "native", "GET", at, ""))
			}
		}
	}
	t.Logf("%d requests, %d routes", tried, len(routesOf(t, h)))
	h.Audit(t)
	if strings.Contains(logged.String(), "panic") {
		t.Error("something panicked")
	}
	for _, secret := range []string{"rzp secret", "engage secret", "engage token", "salt A", "phonepe secret", "access key", "native token", a.bearer, "zqa secret",
		"9876500", "9123456789", "9962981729", "916010082985661", "123456 "} {
		if i := strings.Index(logged.String(), secret); i >= 0 {
			t.Errorf("%q stands in the log: …%s…", secret, logged.String()[max(0, i-200):min(logged.Len(), i+200)])
		}
	}
}

// plainly is a request as it is given, and its answer.
func plainly(front http.Handler, method, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	front.ServeHTTP(w, r)
	return w
}

// Whatever is shown at a door that is not the right credential for it gets a
// no, on every engine, and never a fault.
func TestDoorsRefuse(t *testing.T) { refuse(t, dialecttest.Open(t)) }

func TestDoorsRefusePostgres(t *testing.T) { refuse(t, dialecttest.OpenOn(t, newDatabase(t))) }

func refuse(t *testing.T, h *dialecttest.House) {
	front := server.New(h.Desk, server.Config{})
	a := newTenant(t, h, front, "A", h.Book, desk.Test)
	basic := func(s string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(s)) }
	w := plainly(front, "POST", "/token", `{"client_id":"clientA","client_secret":"engage secret A","grant_type":"client_credentials","mode":"test"}`, "Content-Type", "application/json")
	var granted struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &granted); err != nil || granted.Token == "" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	const order, me, status = "/checkout/v2/order/ORD3/status", "/api/v1/me", "/v3/transaction/SHOPA/PAY1/status"
	credit := "/issuinghq/test/v3/engage/transactions/credit"
	salted := func(text string) string { return phonepe.Sign(text, []byte("salt A"), "1") }
	stamp := fmt.Sprint(h.Desk.Now().UnixMilli())
	signed := eko.Signature("access key A", stamp)
	balance := "/ekoapi/v2/user/account/balance?initiator_id=" + initiator
	for _, x := range []struct {
		what, method, path, body string
		status                   int
		header                   []string
	}{
		{"no token", "GET", me, "", 401, nil},
		{"another room's token", "GET", me, "", 401, []string{"Authorization", "Bearer " + a.bearer}},
		{"an Engage token", "GET", me, "", 401, []string{"Authorization", "Bearer " + granted.Token}},
		{"a static Engage token", "GET", me, "", 401, []string{"Authorization", "Bearer engage token A"}},
		{"the name of a credential", "GET", me, "", 401, []string{"Authorization", "Bearer " + desk.BearerName([]byte("native token A"))}},
		{"a token with NUL", "GET", me, "", 401, []string{"Authorization", "Bearer native token A\x00"}},
		{"a token that is no text", "GET", me, "", 401, []string{"Authorization", "Bearer \xff\xfe"}},
		{"a huge token", "GET", me, "", 401, []string{"Authorization", "Bearer " + strings.Repeat("A", 60_000)}},
		{"an Engage token at PhonePe", "GET", order, "", 401, []string{"Authorization", "O-Bearer " + granted.Token}},
		{"a native token at PhonePe", "GET", order, "", 401, []string{"Authorization", "O-Bearer native token A"}},
		{"a PhonePe token under another word", "GET", order, "", 401, []string{"Authorization", "Bearer " + a.bearer}},
		{"a PhonePe token with a letter more", "GET", order, "", 401, []string{"Authorization", "O-Bearer " + a.bearer + "A"}},
		{"a PhonePe token with a line end", "GET", order, "", 401, []string{"Authorization", "O-Bearer " + a.bearer + "\n"}},
		{"a PhonePe token at Engage", "POST", credit, "{}", 401, []string{"Authorization", "Bearer " + a.bearer}},
		{"a test token at the live path", "POST", "/issuinghq/v3/engage/transactions/credit", "{}", 401, []string{"Authorization", "Bearer " + granted.Token}},
		{"a Razorpay key that is no text", "GET", "/v1/orders", "", 401, []string{"Authorization", basic("rzp_\xff:x")}},
		{"a Razorpay key with NUL", "GET", "/v1/orders", "", 401, []string{"Authorization", basic("rzp_\x00:x")}},
		{"a Razorpay key without its secret", "GET", "/v1/orders", "", 401, []string{"Authorization", basic(a.key() + ":")}},
		{"a public Razorpay key with NUL", "GET", "/v1/methods?key_id=rzp_%00", "", 401, nil},
		{"a client with NUL", "POST", "/v1/oauth/token", "client_id=%00&client_secret=x&client_version=1&grant_type=client_credentials", 400, []string{"Content-Type", "application/x-www-form-urlencoded"}},
		{"a client that is no text", "POST", "/v1/oauth/token", "client_id=%ff&client_secret=x&client_version=1&grant_type=client_credentials", 400, []string{"Content-Type", "application/x-www-form-urlencoded"}},
		{"a salt as a client", "POST", "/token", `{"client_id":"bearer:x","client_secret":"engage token A","grant_type":"client_credentials","mode":"test"}`, 401, []string{"Content-Type", "application/json"}},
		{"a static token as a client", "POST", "/token", `{"client_id":"` + desk.BearerName([]byte("engage token A")) + `","client_secret":"engage token A","grant_type":"client_credentials","mode":"test"}`, 401, []string{"Content-Type", "application/json"}},

		{"the right X-VERIFY", "GET", status, "", 404, []string{"X-Verify", salted(status)}},
		{"X-VERIFY, a slash at the end", "GET", status + "/", "", 404, []string{"X-Verify", salted(status)}},
		{"X-VERIFY, slashes twice", "GET", "//v3//transaction/SHOPA/PAY1/status", "", 404, []string{"X-Verify", salted(status)}},
		{"X-VERIFY, the host's prefix", "GET", "/apis/hermes" + status, "", 404, []string{"X-Verify", salted(status)}},
		{"X-VERIFY, the room's name", "GET", "/phonepe" + status, "", 404, []string{"X-Verify", salted(status)}},
		{"X-VERIFY of another thing", "GET", status, "", 401, []string{"X-Verify", salted("/v3/transaction/SHOPA/PAY2/status")}},
		{"X-VERIFY of another version", "GET", status, "", 401, []string{"X-Verify", salted("/v4/transaction/SHOPA/PAY1/status")}},
		{"X-VERIFY of the prefix too", "GET", "/apis/hermes" + status, "", 401, []string{"X-Verify", salted("/apis/hermes" + status)}},
		{"X-VERIFY of an encoded path", "GET", "/v3/transaction/SHOPA/PAY%31/status", "", 401, []string{"X-Verify", salted("/v3/transaction/SHOPA/PAY%31/status")}},
		{"X-VERIFY twice", "GET", status, "", 401, []string{"X-Verify", salted(status), "X-Verify", salted(status)}},
		{"X-VERIFY with an index of zeros", "GET", status, "", 400, []string{"X-Verify", strings.Replace(salted(status), "###1", "###01", 1)}},
		{"X-VERIFY with no index", "GET", status, "", 401, []string{"X-Verify", strings.TrimSuffix(salted(status), "###1")}},
		{"X-VERIFY with a line end", "GET", status, "", 401, []string{"X-Verify", salted(status) + "\n"}},
		{"a merchant that is no text", "GET", "/v3/transaction/%FF/PAY1/status", "", 404, []string{"X-Verify", salted("/v3/transaction/\xff/PAY1/status")}},
		{"a token where a signature belongs", "GET", status, "", 401, []string{"Authorization", "O-Bearer " + a.bearer}},

		{"the right secret-key", "GET", balance, "", 200, []string{"developer_key", "developerA", "secret-key", signed, "secret-key-timestamp", stamp}},
		{"a developer_key that is no text", "GET", balance, "", 403, []string{"developer_key", "\xff", "secret-key", signed, "secret-key-timestamp", stamp}},
		{"developer-key", "GET", balance, "", 403, []string{"developer-key", "developerA", "secret-key", signed, "secret-key-timestamp", stamp}},
		{"a stamp with a sign", "GET", balance, "", 403, []string{"developer_key", "developerA", "secret-key", eko.Signature("access key A", "+"+stamp[1:]), "secret-key-timestamp", "+" + stamp[1:]}},
		{"a stamp of seconds", "GET", balance, "", 403, []string{"developer_key", "developerA", "secret-key", eko.Signature("access key A", stamp[:10]), "secret-key-timestamp", stamp[:10]}},
		{"an empty secret-key", "GET", balance, "", 403, []string{"developer_key", "developerA", "secret-key", "", "secret-key-timestamp", stamp}},
	} {
		w := plainly(front, x.method, x.path, x.body, x.header...)
		if w.Code != x.status {
			t.Errorf("%s: %d %s, want %d", x.what, w.Code, w.Body, x.status)
		}
	}
	// The last millisecond of a signature's life, and the first after it.
	for ms, want := range map[int64]int{300_000: 200, 300_001: 403, -300_000: 200, -300_001: 403} {
		at := fmt.Sprint(h.Desk.Now().UnixMilli() + ms)
		w := plainly(front, "GET", balance, "", "developer_key", "developerA", "secret-key", eko.Signature("access key A", at), "secret-key-timestamp", at)
		if w.Code != want {
			t.Errorf("%d ms off: %d, want %d", ms, w.Code, want)
		}
	}
	// A revoked credential takes its tokens with it.
	if _, err := h.Desk.Revoke(t.Context(), phonepe.Room, "client:A"); err != nil {
		t.Fatal(err)
	}
	if w := plainly(front, "GET", order, "", "Authorization", "O-Bearer "+a.bearer); w.Code != 401 {
		t.Errorf("a token of a revoked client: %d %s", w.Code, w.Body)
	}
}

// A credential that may read changes nothing through any route of any room; one
// that may do one thing of our own API may do no other.
func TestScopes(t *testing.T) {
	h := dialecttest.Open(t)
	front := server.New(h.Desk, server.Config{})
	a := newTenant(t, h, front, "A", h.Book, desk.Test)
	vars := live(t, h, front, a)
	issue := func(room, name, secret, scopes string) {
		t.Helper()
		if _, err := h.Desk.Issue(t.Context(), desk.IssueRequest{Room: room, Book: h.Book, Name: name, Secret: []byte(secret), Scopes: scopes}); err != nil {
			t.Fatal(err)
		}
	}
	reader := &tenant{book: h.Book, mode: desk.Test, letter: "R", merchant: "SHOPR"}
	issue("razorpay", reader.key(), "rzp secret R", "read_only")
	issue("engage", "", "engage token R", "read_only")
	issue("phonepe", phonepe.KeyName(reader.merchant, "1"), "salt R", "read_only")
	issue("phonepe", "", "phonepe token R", "read_only")
	issue("eko", "developerR", "access key R", "read_only")
	issue("native", "", "native token R", "refund:read customer:read credit:read money:read rail:read event:read sandbox:read")
	reader.bearer = "phonepe token R"
	tester := *reader
	tester.letter = "T"
	issue("native", "", "native token T", "sandbox:write")

	was, err := h.Desk.Store.Book(t.Context(), h.Book)
	if err != nil {
		t.Fatal(err)
	}
	forms := map[string]string{}
	for _, step := range life {
		forms[step.route] = step.body
	}
	for route, body := range asked {
		forms[route] = body
	}
	vars["phonepe.m"] = reader.merchant
	for _, x := range routesOf(t, h) {
		method, path, _ := strings.Cut(x.route, " ")
		if unguarded.MatchString(x.route) || path == "/token" || path == "/v1/oauth/token" || strings.HasPrefix(path, "/client/") {
			continue
		}
		filled, _ := fill(t, vars, x.room, path)
		body := fillBody(vars, forms[x.route])
		if body == "" && method != "GET" && x.room == "phonepe" && !strings.Contains(path, "{") {
			body = `{"merchantId":"SHOPR","transactionId":"X1"}`
		}
		reads := method == "GET" || x.room == "phonepe" && (strings.HasSuffix(path, "/status") || strings.HasSuffix(path, "/list") || strings.HasSuffix(path, "/details"))
		if !reads {
			if w := reader.send(h, front, x.room, method, filled, body); w.Code != 401 && w.Code != 403 && !(x.room == "razorpay" && w.Code == 400) {
				t.Errorf("one who may read asks %s: %d %s", x.route, w.Code, w.Body)
			}
		}
		if x.room != "native" || strings.HasSuffix(path, "/me") || strings.HasSuffix(path, "/terms") || !strings.HasPrefix(path, "/api/") {
			continue
		}
		sandbox := map[string]bool{"/api/v1/clock": true, "/api/v1/scenarios": true, "/api/v1/scenarios/{scenario_id}": true, "/api/v1/inbox": true, "/api/v1/otp": true,
			"/api/v1/sandbox/triggers": true, "/api/v1/sandbox/triggers/{event}": true}[path] ||
			x.route == "POST /api/v1/payments"
		if w := tester.send(h, front, x.room, method, filled, body); !sandbox && w.Code != 403 {
			t.Errorf("one who may only play asks %s: %d %s", x.route, w.Code, w.Body)
		}
		if path == "/api/v1/clock" || sandbox && method != "GET" { // it may: the book has changed
			if was, err = h.Desk.Store.Book(t.Context(), h.Book); err != nil {
				t.Fatal(err)
			}
		}
	}
	now, err := h.Desk.Store.Book(t.Context(), h.Book)
	if err != nil || now != was {
		t.Errorf("the book was changed: it was %+v, it is %+v, %v", was, now, err)
	}
	h.Audit(t)
}

// The address of a payment's page opens it: it is as good as a secret, and
// stands in no line of the log.
func TestPageAddressNotLogged(t *testing.T) {
	h := dialecttest.Open(t)
	var logged bytes.Buffer
	h.Desk.Log = slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	front := server.New(h.Desk, server.Config{Log: h.Desk.Log})
	a := newTenant(t, h, front, "A", h.Book, desk.Test)
	vars := live(t, h, front, a)
	for _, at := range []string{"/phonepe/transact/", "//phonepe//transact//"} {
		if w := plainly(front, "GET", at+vars["phonepe.page"], ""); w.Code != 200 || !strings.Contains(w.Header().Get("Content-Security-Policy"), "frame-ancestors 'none'") {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		plainly(front, "DELETE", at+vars["phonepe.page"], "")
	}
	if i := strings.Index(logged.String(), vars["phonepe.page"][:60]); i >= 0 {
		t.Errorf("the log has …%s…", logged.String()[max(0, i-150):min(logged.Len(), i+200)])
	}
}
