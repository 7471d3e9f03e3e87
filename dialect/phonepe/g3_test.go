package phonepe

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"wapas/desk"
	"wapas/dialect"
	"wapas/dialecttest"
	"wapas/ledger"
	"wapas/webhook"
)

// The shop of these tests, in the words of the newest generation.
const (
	shopMerchant = "SHOPDEMO"
	shopSalt     = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
	shopClient   = "SHOPDEMO_2611220101"
	shopSecret   = "f0e1d2c3-0000-4000-8000-b4a596877869"
	liveClient   = "LIVE"
)

// A newShop is a room with a shop in it that holds a token, and the shop's side
// of a conversation.
type newShop struct {
	*dialecttest.House
	t       *testing.T
	handler http.Handler
	token   string
}

func openShop(t *testing.T, h *dialecttest.House) *newShop {
	t.Helper()
	h.Issue(t, h.Book, Room, KeyName(shopMerchant, "1"), shopSalt)
	h.Issue(t, h.Book, Room, clientPrefix+shopClient, shopSecret)
	h.Issue(t, h.Live, Room, clientPrefix+liveClient, shopSecret)
	return &newShop{h, t, New(h.Desk, Config{}), yearToken(t, h, shopClient)}
}

// yearToken is a token of a client that outlives the test.
func yearToken(t *testing.T, h *dialecttest.House, client string) string {
	t.Helper()
	c, err := h.Desk.Authenticate(t.Context(), Room, clientPrefix+client, []byte(shopSecret))
	if err != nil {
		t.Fatal(err)
	}
	token, _, _, err := h.Desk.Grant(c, Room, 365*24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// TestNewTranscripts runs testdata/g3_*.txt: see package dialecttest for the
// form. {{live}} is a token of the live book.
func TestNewTranscripts(t *testing.T) {
	dialecttest.Run(t, "testdata/g3_*.txt", func(t *testing.T, h *dialecttest.House) dialecttest.Room {
		s := openShop(t, h)
		return dialecttest.Room{
			Handler: s.handler,
			Header:  http.Header{"Authorization": {tokenType + " " + s.token}},
			Vars:    map[string]string{"live": yearToken(t, h, liveClient)},
		}
	})
}

// ask makes one request and reads the answer into what is given.
func (s *newShop) ask(method, path, body string, into any) int {
	s.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", tokenType+" "+s.token)
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
		s.t.Errorf("%s %s: %d %s: %v", method, path, w.Code, w.Body, err)
	}
	return w.Code
}

// paid is an order that its customer has paid.
func (s *newShop) paid(name string, amount int64) {
	s.t.Helper()
	s.visit(s.place(name, amount, ""), url.Values{"outcome": {"pay"}})
}

// place makes an order and returns the path of its page.
func (s *newShop) place(name string, amount int64, redirect string) string {
	s.t.Helper()
	var w placedWire
	body := fmt.Sprintf(`{"merchantOrderId":%q,"amount":%d,"paymentFlow":{"type":"PG_CHECKOUT","merchantUrls":{"redirectUrl":%q}}}`, name, amount, redirect)
	if code := s.ask("POST", "/checkout/v2/pay", body, &w); code != 200 {
		s.t.Fatalf("pay %s: %d %+v", name, code, w)
	}
	_, path, _ := strings.Cut(w.RedirectURL, "/phonepe")
	return path
}

// visit opens a page, or sends its form.
func (s *newShop) visit(path string, form url.Values) *httptest.ResponseRecorder {
	s.t.Helper()
	method, body := "GET", io.Reader(nil)
	if form != nil {
		method, body = "POST", strings.NewReader(form.Encode())
	}
	r := httptest.NewRequest(method, path, body)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

func refundBody(name, order string, amount int64) string {
	return fmt.Sprintf(`{"merchantRefundId":%q,"originalMerchantOrderId":%q,"amount":%d}`, name, order, amount)
}

// A merchant who is short of money hears the vendor's word for it, and may ask
// again under the same name once there is some.
func TestBalanceTooLow(t *testing.T) {
	h := dialecttest.Open(t)
	s := openShop(t, h)
	terms := desk.DefaultTerms()
	terms.PaymentBps = 200 // of an order of 1,000 rupees there are 976.40 left
	if _, err := h.Desk.SetTerms(t.Context(), h.Book, terms); err != nil {
		t.Fatal(err)
	}
	s.paid("OD1", 100000)
	var no newErrorWire
	if code := s.ask("POST", "/payments/v2/refund", refundBody("RF1", "OD1", 100000), &no); code != 400 || no.Code != codeBadRequest {
		t.Errorf("a refund of all: got %d %+v", code, no)
	}
	if got, ok := no.Context.(map[string]any); !ok || got["detailedErrorCode"] != "BF_034" {
		t.Errorf("the context of a refund of all: got %v", no.Context)
	}
	s.paid("OD2", 100000)
	var yes refundedWire
	if code := s.ask("POST", "/payments/v2/refund", refundBody("RF1", "OD1", 100000), &yes); code != 200 || yes.State != statePending {
		t.Errorf("with another order paid: got %d %+v", code, yes)
	}
	h.Audit(t)
}

// One payment has one budget, through whichever room it was taken or is given
// back, and through which ever generation.
func TestOneBudget(t *testing.T) {
	h := dialecttest.Open(t)
	s := openShop(t, h)
	s.paid("OD1", 100000)
	o, err := findOrder(t.Context(), h.Desk, h.Book, "OD1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Desk.Refund(t.Context(), h.Book, desk.RefundRequest{Payment: o.Payment.ID, Amount: 60000}); err != nil {
		t.Fatal(err)
	}
	var no newErrorWire
	if code := s.ask("POST", "/payments/v2/refund", refundBody("RF1", "OD1", 40001), &no); code != 400 {
		t.Errorf("more than the other room left: got %d", code)
	}
	var yes refundedWire
	if code := s.ask("POST", "/payments/v2/refund", refundBody("RF1", string(o.Payment.ID), 40000), &yes); code != 200 {
		t.Errorf("what the other room left, by its name there: got %d %+v", code, yes)
	}

	// A payment of another room, and of an older generation.
	other, _, err := h.Desk.CreateOrder(t.Context(), h.Book, desk.OrderRequest{Amount: 50000, Capture: true})
	if err != nil {
		t.Fatal(err)
	}
	p, err := h.Desk.CreatePayment(t.Context(), h.Book, desk.PaymentRequest{Order: other.ID, Amount: 50000, Method: "netbanking", Bank: "SBIN"})
	if err != nil {
		t.Fatal(err)
	}
	if code := s.ask("POST", "/payments/v2/refund", refundBody("RF2", string(p.ID), 50000), &yes); code != 200 {
		t.Errorf("a payment of another room: got %d %+v", code, yes)
	}
	old := memo{Gen: g2, Kind: "pay", Merchant: shopMerchant, Index: "1", Type: payPage}
	p, err = h.Desk.Charge(t.Context(), h.Book, desk.ChargeRequest{Amount: 30000, Life: time.Hour, Called: old.called("TXN1", paymentRef)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Desk.FinishPayment(t.Context(), h.Book, p.ID, true); err != nil {
		t.Fatal(err)
	}
	if code := s.ask("POST", "/payments/v2/refund", refundBody("RF3", "TXN1", 30000), &yes); code != 200 {
		t.Errorf("a payment of an older generation: got %d %+v", code, yes)
	}
	if code := s.ask("GET", "/checkout/v2/order/TXN1/status", "", &no); code != 400 || no.Code != "MERCHANT_ORDER_MAPPING_NOT_FOUND" {
		t.Errorf("the order of an older generation: got %d %+v", code, no)
	}
	if code := s.ask("POST", "/checkout/v2/pay", `{"merchantOrderId":"TXN1","amount":30000,"paymentFlow":{"type":"PG_CHECKOUT"}}`, &no); code != 400 {
		t.Errorf("an order by the name of an older transaction: got %d", code)
	}
	var w refundStatusWire
	for name, mode := range map[string]string{"RF1": modeIntent, "RF2": modeNetBanking, "RF3": modeIntent} {
		if s.ask("GET", "/payments/v2/refund/"+name+"/status", "", &w); len(w.PaymentDetails) != 1 || w.PaymentDetails[0].PaymentMode != mode {
			t.Errorf("%s: got %+v, want one of %s", name, w, mode)
		}
	}
	h.Audit(t)
}

// Sixty-four clients that ask for the same at once are told the same, and there
// is one effect.
func TestSameRequestAtOnce(t *testing.T) {
	h := dialecttest.Open(t)
	s := openShop(t, h)
	together := func(method, path, body string) map[string]int {
		var mu sync.Mutex
		var wg sync.WaitGroup
		answers := map[string]int{}
		for range 64 {
			wg.Go(func() {
				var got map[string]any
				code := s.ask(method, path, body, &got)
				delete(got, "redirectUrl") // which is written anew
				b, _ := dialect.Encode(got)
				mu.Lock()
				answers[fmt.Sprint(code, string(b))]++
				mu.Unlock()
			})
		}
		wg.Wait()
		return answers
	}
	for _, x := range []struct{ path, body string }{
		{"/checkout/v2/pay", `{"merchantOrderId":"OD1","amount":100000,"paymentFlow":{"type":"PG_CHECKOUT"}}`},
		{"/payments/v2/refund", refundBody("RF1", "OD1", 40000)},
	} {
		if got := together("POST", x.path, x.body); len(got) != 1 {
			t.Errorf("%s: got %d answers: %v", x.path, len(got), got)
		}
		if x.path == "/checkout/v2/pay" {
			s.paid("OD1", 100000) // the same request once more, and its page
		}
	}
	all, err := desk.List[desk.Refund](t.Context(), h.Desk, desk.Query{Book: h.Book, Count: 10})
	if err != nil || len(all) != 1 || all[0].Amount != 40000 {
		t.Errorf("refunds: got %+v, %v; want one", all, err)
	}
	h.Audit(t)
}

// The tokens of this room open no other, and one of another merchant sees
// nothing here.
func TestMerchants(t *testing.T) {
	h := dialecttest.Open(t)
	s := openShop(t, h)
	s.paid("OD1", 100000)
	if _, err := h.Desk.Bearer(t.Context(), "engage", []byte(s.token)); ledger.CodeOf(err) != ledger.Denied {
		t.Errorf("in another room: got %v", err)
	}
	_, other, _, err := h.Desk.CreateMerchant(t.Context(), desk.MerchantRequest{Name: "Other"})
	if err != nil {
		t.Fatal(err)
	}
	h.Issue(t, other.ID, Room, clientPrefix+"OTHER", shopSecret)
	mine := s.token
	s.token = yearToken(t, h, "OTHER")
	var no newErrorWire
	if code := s.ask("GET", "/checkout/v2/order/OD1/status", "", &no); code != 400 {
		t.Errorf("another merchant's order: got %d %+v", code, no)
	}
	// A book without a salt goes by its client.
	s.place("OD1", 100, "")
	var w statusWire
	if code := s.ask("GET", "/checkout/v2/order/OD1/status", "", &w); code != 200 || w.MerchantID != "OTHER" {
		t.Errorf("a merchant without a salt: got %d %+v", code, w)
	}
	// Of several salts the first good one counts.
	s.token = mine
	h.Issue(t, h.Book, Room, KeyName("AAA", "1"), shopSalt)
	if s.ask("GET", "/checkout/v2/order/OD1/status", "", &w); w.MerchantID != "AAA" {
		t.Errorf("with two merchant ids: got %s", w.MerchantID)
	}
	if _, err := h.Desk.Revoke(t.Context(), Room, KeyName("AAA", "1")); err != nil {
		t.Fatal(err)
	}
	if s.ask("GET", "/checkout/v2/order/OD1/status", "", &w); w.MerchantID != shopMerchant {
		t.Errorf("with one revoked: got %s", w.MerchantID)
	}
}

// A credential that may only read refunds nothing, and its tokens neither.
func TestScopes(t *testing.T) {
	h := dialecttest.Open(t)
	s := openShop(t, h)
	s.paid("OD1", 100000)
	for _, scope := range []string{readOnly, "something else"} {
		q := desk.IssueRequest{Room: Room, Book: h.Book, Name: clientPrefix + scope, Secret: []byte(shopSecret), Scopes: scope}
		if _, err := h.Desk.Issue(t.Context(), q); err != nil {
			t.Fatal(err)
		}
		s.token = yearToken(t, h, scope)
		want := map[string]int{"/checkout/v2/order/OD1/status": 403, "/payments/v2/refund/RF1/status": 403}
		if scope == readOnly {
			want = map[string]int{"/checkout/v2/order/OD1/status": 200, "/payments/v2/refund/RF1/status": 404}
		}
		var got map[string]any
		for path, status := range want {
			if code := s.ask("GET", path, "", &got); code != status {
				t.Errorf("%s, GET %s: got %d %v, want %d", scope, path, code, got, status)
			}
		}
		if code := s.ask("POST", "/payments/v2/refund/RF1/status", "", &got); code != want["/payments/v2/refund/RF1/status"] {
			t.Errorf("%s, asking with a POST: got %d %v", scope, code, got)
		}
		if code := s.ask("POST", "/payments/v2/refund", refundBody("RF1", "OD1", 1000), &got); code != 403 || got["code"] != "403" {
			t.Errorf("%s, a refund: got %d %v", scope, code, got)
		}
	}
}

// Every rule of the table has a status that a client has an exception for, and
// what is not a refusal says nothing of itself.
func TestNewFaults(t *testing.T) {
	for why, n := range newRefusals {
		if n.status != 400 && n.status != 404 || n.code == "" || n.text == "" {
			t.Errorf("%s: %+v", why, n)
		}
		status, body, known := newFault(ledger.Refuse(ledger.Invalid, why, "DETAIL").In("FIELD"))
		b, err := dialect.Encode(body)
		if err != nil || status != n.status || !known || bytes.ContainsAny(b, "{}") && strings.Contains(string(b), "{field}") {
			t.Errorf("%s: got %d %s", why, status, b)
		}
	}
	for _, err := range []error{io.ErrUnexpectedEOF, ledger.Refuse(ledger.Internal, "invariant", "secret"), ledger.Refuse(ledger.Invalid, "a rule nobody knows", "secret")} {
		status, body, known := newFault(err)
		b, _ := dialect.Encode(body)
		if status != 500 || known || strings.Contains(string(b), "secret") {
			t.Errorf("%v: got %d %s", err, status, b)
		}
	}
}

// The two vectors: one of ours, and one that the official clients test with.
func TestCredential(t *testing.T) {
	for secret, want := range map[string]string{
		"hook-user:hook-pass-1": "ba7216888bd18ea16fc3464cee865da579c3ae88ab0de7bb02d9aff2ef911b2a",
		"username:password":     "bc842c31a9e54efe320d30d948be61291f3ceee4766e36ab25fa65243cd76e0e",
	} {
		if got := Credential([]byte(secret)); got != want {
			t.Errorf("Credential(%s) = %s, want %s", secret, got, want)
		}
	}
}

// told is what an endpoint is sent of all that has happened.
func (s *newShop) told(e desk.Endpoint, secret string) (all []webhook.Message) {
	s.t.Helper()
	book, err := s.Desk.Store.Book(s.t.Context(), s.Book)
	if err != nil {
		s.t.Fatal(err)
	}
	events, err := s.Desk.Store.Events(s.t.Context(), s.Book, 0, 1000)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, event := range events {
		m, err := Herald{}.Tell(s.t.Context(), webhook.Notice{Desk: s.Desk, Book: book, Event: event, Endpoint: e, Secret: []byte(secret)})
		if err != nil {
			s.t.Fatal(err)
		}
		if m != nil {
			all = append(all, *m)
		}
	}
	return all
}

func TestWebhook(t *testing.T) {
	h := dialecttest.Open(t)
	s := openShop(t, h)
	s.paid("OD0004", 100000)
	s.visit(s.place("OD0005", 100000, ""), url.Values{"outcome": {"fail"}})
	var w placedWire
	s.ask("POST", "/payments/v2/pay", `{"merchantOrderId":"PG1","amount":10000,"metaInfo":{"udf1":"x"},"paymentFlow":{"type":"PG","paymentMode":{"type":"UPI_COLLECT","details":{"type":"VPA","vpa":"success@ybl"}}}}`, &w)
	h.Advance(t, 10*time.Second)
	var yes refundedWire
	s.ask("POST", "/payments/v2/refund", refundBody("RFND0004", "OD0004", 1000), &yes)
	s.ask("POST", "/payments/v2/refund", refundBody("RFND0005", "OD0004", 1013), &yes)
	h.Advance(t, 10*time.Second)

	all := desk.Endpoint{URL: "https://shop.example/hook", Room: Room}
	var got []string
	for _, m := range s.told(all, "hook-user:hook-pass-1") {
		if m.URL != "" || m.Header.Get("Authorization") != "ba7216888bd18ea16fc3464cee865da579c3ae88ab0de7bb02d9aff2ef911b2a" {
			t.Errorf("to %q with %v", m.URL, m.Header)
		}
		var body struct {
			Type, Event string
			Payload     struct{ MerchantID, MerchantOrderID, MerchantRefundID, OriginalMerchantOrderID, State, DetailedErrorCode string }
		}
		if err := json.Unmarshal(m.Body, &body); err != nil {
			t.Fatal(err)
		}
		p := body.Payload
		got = append(got, strings.Join([]string{body.Type, body.Event, p.MerchantID, p.MerchantOrderID + p.MerchantRefundID, p.OriginalMerchantOrderID, p.State, p.DetailedErrorCode}, " "))
	}
	want := []string{
		"CHECKOUT_ORDER_COMPLETED checkout.order.completed SHOPDEMO OD0004  COMPLETED ",
		"CHECKOUT_ORDER_FAILED checkout.order.failed SHOPDEMO OD0005  FAILED ZM",
		"PG_ORDER_COMPLETED pg.order.completed SHOPDEMO PG1  COMPLETED ",
		"PG_REFUND_ACCEPTED pg.refund.accepted SHOPDEMO RFND0004 OD0004 CONFIRMED ",
		"PG_REFUND_ACCEPTED pg.refund.accepted SHOPDEMO RFND0005 OD0004 CONFIRMED ",
	}
	if len(got) != 7 || strings.Join(got[:5], "\n") != strings.Join(want, "\n") {
		t.Errorf("told:\n%s\nwant these and how the refunds ended:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	ends := strings.Join(got[min(5, len(got)):], "\n")
	for _, end := range []string{
		"PG_REFUND_COMPLETED pg.refund.completed SHOPDEMO RFND0004 OD0004 COMPLETED ",
		"PG_REFUND_FAILED pg.refund.failed SHOPDEMO RFND0005 OD0004 FAILED INVALID_VPA",
	} {
		if !strings.Contains(ends, end) {
			t.Errorf("told:\n%s\nwant %s", ends, end)
		}
	}

	// One who asks for some hears of those; the older generations' callback of
	// none; and without a secret there is no header.
	some := all
	some.Events = "pg.refund.completed"
	if m := s.told(some, ""); len(m) != 1 || m[0].Header.Get("Authorization") != "" {
		t.Errorf("one who asks for one event: got %+v", m)
	}
	if m := s.told(desk.Endpoint{ID: desk.CallbackID(Room), Room: Room}, ""); len(m) != 0 {
		t.Errorf("the callback of older generations: got %+v", m)
	}
	// What another room does is not told here.
	o, _, err := h.Desk.CreateOrder(t.Context(), h.Book, desk.OrderRequest{Amount: 50000, Capture: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Desk.CreatePayment(t.Context(), h.Book, desk.PaymentRequest{Order: o.ID, Amount: 50000, Method: "netbanking", Bank: "SBIN"}); err != nil {
		t.Fatal(err)
	}
	if m := s.told(all, ""); len(m) != 7 {
		t.Errorf("with a payment of another room: got %d messages, want 7", len(m))
	}
}

// Nothing that a stranger sends to the token's door or in a body ends the
// program or is taken for what it is not.
func FuzzNewBodies(f *testing.F) {
	f.Add([]byte(`{"merchantOrderId":"OD1","amount":100,"expireAfter":300,"metaInfo":{"udf1":"x","udf15":"a"},"paymentFlow":{"type":"PG","paymentMode":{"type":"UPI_COLLECT","details":{"type":"VPA","vpa":"a@b"}},"merchantUrls":{"redirectUrl":"https://x/"}}}`))
	f.Add([]byte(`{"merchantOrderId":"OD1","amount":1e2,"paymentFlow":{"type":"PG_CHECKOUT","message":null}}`))
	f.Add([]byte(`client_id=a&client_version=1&client_secret=b&grant_type=client_credentials`))
	f.Fuzz(func(t *testing.T, body []byte) {
		r := &room{desk: &desk.Desk{Log: slog.New(slog.DiscardHandler)}}
		q := &request{Request: httptest.NewRequest("POST", "/", bytes.NewReader(body)), room: r, w: httptest.NewRecorder()}
		s, err := q.plain()
		if err != nil {
			if _, _, known := newFault(err); !known {
				t.Fatalf("%v has no answer", err)
			}
			return
		}
		for _, flow := range []string{hosted, embedded} {
			*s.err = nil
			a, err := readOrder(s, flow, false)
			if err != nil {
				if _, _, known := newFault(err); !known {
					t.Fatalf("%v has no answer", err)
				}
				continue
			}
			if a.Name == "" || a.Amount < desk.MinOrder || a.Seconds < minExpire || a.Seconds > maxExpire || a.Redirect != "" && !isPage(a.Redirect) {
				t.Errorf("%s was read as %+v", body, a)
			}
		}
	})
}
