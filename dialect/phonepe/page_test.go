package phonepe

import (
	"bytes"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"wapas/desk"
	"wapas/dialecttest"
	"wapas/ledger"
)

// shows fails the test unless the page is there with these texts.
func (s *newShop) shows(path string, form url.Values, status int, texts ...string) string {
	s.t.Helper()
	w := s.visit(path, form)
	if w.Code != status {
		s.t.Errorf("%s %v: status %d, want %d", path, form, w.Code, status)
	}
	plain := html.UnescapeString(w.Body.String())
	for _, text := range texts {
		if !strings.Contains(plain, text) {
			s.t.Errorf("%s %v: the page does not show %q:\n%s", path, form, text, plain)
		}
	}
	return plain
}

// A person pays, lets it fail or leaves it, and is sent back to where the
// merchant said and nowhere else.
func TestPage(t *testing.T) {
	h := dialecttest.Open(t)
	s := openShop(t, h)
	const back = `https://shop.example/done?order=1&say="hi"`
	for _, tt := range []struct{ outcome, state, says string }{
		{"pay", stateCompleted, "Payment successful."},
		{"fail", stateFailed, "The payment failed."},
		{"leave", statePending, ""},
	} {
		path := s.place("OD-"+tt.outcome, 123456750, "https://shop.example/done?order=1&next=%2Fhome")
		page := s.shows(path, nil, 200, "Wapas Demo", "₹12,34,567.50", "OD-"+tt.outcome, `value="pay"`, `value="fail"`, `value="leave"`)
		if strings.Contains(page, "<script") || strings.Contains(page, "http://") {
			t.Errorf("the page has a script, or loads something:\n%s", page)
		}
		w := s.visit(path, url.Values{"outcome": {tt.outcome}})
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "https://shop.example/done?order=1&next=%2Fhome" {
			t.Errorf("%s: got %d to %q", tt.outcome, w.Code, w.Header().Get("Location"))
		}
		o, err := findOrder(t.Context(), h.Desk, h.Book, "OD-"+tt.outcome)
		if err != nil || o.state() != tt.state {
			t.Errorf("%s: the order is %s, %v; want %s", tt.outcome, o.state(), err, tt.state)
		}
		if tt.says == "" {
			s.shows(path, nil, 200, `value="pay"`) // it can be answered still
			continue
		}
		page = s.shows(path, nil, 200, tt.says, `href="https://shop.example/done?order=1&next=%2Fhome"`)
		if strings.Contains(page, "<form") {
			t.Errorf("%s: the page asks again:\n%s", tt.outcome, page)
		}
		// An answer that comes too late changes nothing.
		for _, outcome := range []string{"pay", "fail"} {
			s.shows(path, url.Values{"outcome": {outcome}}, 200, tt.says)
		}
		if o, err = findOrder(t.Context(), h.Desk, h.Book, "OD-"+tt.outcome); err != nil || o.state() != tt.state {
			t.Errorf("%s, answered again: the order is %s, %v", tt.outcome, o.state(), err)
		}
	}
	var no newErrorWire
	body := `{"merchantOrderId":"QUOTE","amount":100,"paymentFlow":{"type":"PG_CHECKOUT","merchantUrls":{"redirectUrl":"` + strings.ReplaceAll(back, `"`, `\"`) + `"}}}`
	if code := s.ask("POST", "/checkout/v2/pay", body, &no); code != 400 {
		t.Errorf("an address with quotes: got %d", code)
	}
	h.Audit(t)
}

// The policy lets the form go on to the shop, and lets nothing else happen.
func TestPagePolicy(t *testing.T) {
	h := dialecttest.Open(t)
	s := openShop(t, h)
	path := s.place("OD1", 100, "https://shop.example:8443/done")
	for _, w := range []http.Header{s.visit(path, nil).Header(), s.visit(path, url.Values{"outcome": {"leave"}}).Header()} {
		csp := w.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "form-action 'self' https://shop.example:8443;", "base-uri 'none'", "frame-ancestors 'none'"} {
			if !strings.Contains(csp, part) {
				t.Errorf("the policy %q has no %q", csp, part)
			}
		}
		if w.Get("Referrer-Policy") != "no-referrer" || w.Get("Cache-Control") != "no-store" || w.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("headers: %v", w)
		}
	}
	first, second := s.visit(path, nil).Header(), s.visit(path, nil).Header()
	if first.Get("Content-Security-Policy") == second.Get("Content-Security-Policy") {
		t.Error("the nonce is the same twice")
	}
}

// Without an address to go back to, the page says how it ended.
func TestPageWithoutShop(t *testing.T) {
	h := dialecttest.Open(t)
	s := openShop(t, h)
	page := s.shows(s.place("OD1", 100, ""), url.Values{"outcome": {"pay"}}, 200, "Payment successful.", "₹1")
	if strings.Contains(page, "Back to the shop") {
		t.Error("there is no shop to go back to")
	}
	s.shows(s.place("OD2", 100, ""), url.Values{"outcome": {"leave"}}, 200, "The payment is pending.")
	path := s.place("OD3", 100, "")
	s.shows(path, url.Values{"outcome": {"other"}}, 200, `value="pay"`)
	s.shows(path, url.Values{}, 200, `value="pay"`)
	h.Advance(t, time.Hour)
	s.shows(path, nil, 200, "The payment failed.")
	s.shows(path, url.Values{"outcome": {"pay"}}, 200, "The payment failed.")
}

// In generation 2 a merchant may want its customer back with a POST.
func TestPagePosts(t *testing.T) {
	h := dialecttest.Open(t)
	s := openShop(t, h)
	m := memo{Gen: g2, Kind: "pay", Merchant: shopMerchant, Index: "1", Redirect: "https://shop.example/done", How: "POST", Type: payPage}
	p, err := h.Desk.Charge(t.Context(), h.Book, desk.ChargeRequest{Amount: 30000, Life: time.Hour, Called: m.called("TXN1", paymentRef)})
	if err != nil {
		t.Fatal(err)
	}
	token, err := newRoom(h.Desk, Config{}).pageToken(h.Book, p.ID)
	if err != nil {
		t.Fatal(err)
	}
	s.shows(pagePath+token, nil, 200, "TXN1", "₹300")
	s.shows(pagePath+token, url.Values{"outcome": {"pay"}}, 200, `<form method="post" action="https://shop.example/done">`,
		`name="code" value="PAYMENT_SUCCESS"`, `name="merchantId" value="SHOPDEMO"`, `name="transactionId" value="TXN1"`,
		`name="amount" value="30000"`, `name="providerReferenceId" value="`+paymentRef(p.ID)+`"`)
}

// An address that is none, another purpose's seal and a live book's payment
// have no page.
func TestNoPage(t *testing.T) {
	h := dialecttest.Open(t)
	s := openShop(t, h)
	path := s.place("OD1", 100, "")
	r := newRoom(h.Desk, Config{})
	o, err := findOrder(t.Context(), h.Desk, h.Book, "OD1")
	if err != nil {
		t.Fatal(err)
	}
	live, err := r.pageToken(h.Live, o.Payment.ID)
	if err != nil {
		t.Fatal(err)
	}
	nothing, err := r.pageToken(h.Book, "pay_00000000000000")
	if err != nil {
		t.Fatal(err)
	}
	for what, path := range map[string]string{
		"a word": pagePath + "word", "a token": pagePath + s.token, "one that was changed": path[:len(path)-2] + "AA",
		"one of a live book": pagePath + live, "one of nothing": pagePath + nothing,
	} {
		page := s.shows(path, nil, 404, "There is no payment at this address.")
		if strings.Contains(page, "Wapas Demo") {
			t.Errorf("%s: the page names the merchant", what)
		}
		s.shows(path, url.Values{"outcome": {"pay"}}, 404)
	}
}

func TestRupees(t *testing.T) {
	for a, want := range map[ledger.Amount]string{
		5: "₹0.05", 100: "₹1", 99950: "₹999.50", 100000: "₹1,000", 12345678: "₹1,23,456.78", 1000000000000: "₹10,00,00,00,000",
	} {
		if got := rupees(a); got != want {
			t.Errorf("rupees(%d) = %s, want %s", a, got, want)
		}
	}
}

// No address that a stranger makes up opens a page.
func FuzzOpenPage(f *testing.F) {
	ring, err := desk.NewKeyring(bytes.Repeat([]byte{7}, desk.MasterKeySize))
	if err != nil {
		f.Fatal(err)
	}
	r := &room{desk: &desk.Desk{Sealer: ring}}
	good, err := r.pageToken(12, "pay_00000000000001")
	if err != nil {
		f.Fatal(err)
	}
	if book, payment, ok := r.openPage(good); !ok || book != 12 || payment != "pay_00000000000001" {
		f.Fatalf("openPage = %d, %s, %v", book, payment, ok)
	}
	f.Add(good[:len(good)-1])
	f.Add("AQ")
	f.Add("")
	f.Fuzz(func(t *testing.T, token string) {
		if book, payment, ok := r.openPage(token); ok && token != good {
			t.Errorf("%q opened %s of %d", token, payment, book)
		}
	})
}
