package razorpay

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"wapas/desk"
	"wapas/dialecttest"
	"wapas/ledger"
)

// A till is a room with a person in front of its checkout pages.
type till struct {
	*dialecttest.House
	t    *testing.T
	room http.Handler
}

func newTill(t *testing.T) *till {
	h := dialecttest.Open(t)
	return &till{h, t, openRoom(t, h).Handler}
}

func (x *till) order(book desk.BookID, q desk.OrderRequest) desk.Order {
	x.t.Helper()
	o, _, err := x.Desk.CreateOrder(x.t.Context(), book, q)
	if err != nil {
		x.t.Fatal(err)
	}
	return o
}

// visit opens a page, or sends its form if there is one.
func (x *till) visit(path string, form url.Values) (status int, page string, header http.Header) {
	x.t.Helper()
	r := httptest.NewRequest("GET", "http://wapas.test"+path, nil)
	if form != nil {
		r = httptest.NewRequest("POST", "http://wapas.test"+path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	x.room.ServeHTTP(w, r)
	return w.Code, w.Body.String(), w.Header()
}

// shows fails the test unless the page is there with these texts.
func (x *till) shows(path string, form url.Values, status int, texts ...string) string {
	x.t.Helper()
	got, page, _ := x.visit(path, form)
	if got != status {
		x.t.Errorf("%s %v: status %d, want %d", path, form, got, status)
	}
	plain := html.UnescapeString(page)
	for _, s := range texts {
		if !strings.Contains(plain, s) {
			x.t.Errorf("%s %v: the page does not show %q:\n%s", path, form, s, page)
		}
	}
	return page
}

func (x *till) payments(o desk.Order) []desk.Payment {
	x.t.Helper()
	ps, err := desk.List[desk.Payment](x.t.Context(), x.Desk, desk.Query{Book: x.Book, Parent: o.ID, Count: 10, Oldest: true})
	if err != nil {
		x.t.Fatal(err)
	}
	return ps
}

var answered = regexp.MustCompile(`name="(razorpay_\w+)" value="([^"]*)"`)

// A person pays, and is sent back with what the merchant checks.
func TestCheckout(t *testing.T) {
	x := newTill(t)
	o := x.order(x.Book, desk.OrderRequest{Amount: 123456750, Receipt: `<script>alert("r")</script>`, Capture: true})
	path := "/checkout/" + string(o.ID) + "?key_id=" + testKey + "&callback_url=https%3A%2F%2Fshop.example%2Fdone%3Fa%3Db"
	page := x.shows(path, nil, 200, "Wapas Demo", "₹12,34,567.50", "UPI", "Card", "Netbanking", "HDFC Bank", `name="callback_url" value="https://shop.example/done?a=b"`)
	if strings.Contains(page, "<script") {
		t.Error("the receipt was not escaped")
	}
	_, _, header := x.visit(path, nil)
	csp := header.Get("Content-Security-Policy")
	for _, s := range []string{"default-src 'none'", "style-src 'nonce-", "form-action 'self' https://shop.example;", "frame-ancestors 'none'"} {
		if !strings.Contains(csp, s) {
			t.Errorf("the policy %q has no %q", csp, s)
		}
	}
	form := url.Values{"key_id": {testKey}, "callback_url": {"https://shop.example/done?a=b"}, "method": {"card"},
		"number": {"4100 2800 0000 1007"}, "expiry": {"11/30"}, "cvv": {"100"}, "contact": {"9876543210"}, "email": {"a@example.com"}, "outcome": {"success"}}
	page = x.shows("/checkout/"+string(o.ID), form, 200, "Payment successful.", `action="https://shop.example/done?a=b"`)
	got := map[string]string{}
	for _, m := range answered.FindAllStringSubmatch(page, -1) {
		got[m[1]] = m[2]
	}
	p := x.payments(o)[0]
	want := map[string]string{
		"razorpay_payment_id": string(p.ID), "razorpay_order_id": string(o.ID),
		"razorpay_signature": sign([]byte(testSecret), string(o.ID)+"|"+string(p.ID)),
	}
	for name, v := range want {
		if got[name] != v {
			t.Errorf("%s is %q, want %q", name, got[name], v)
		}
	}
	if p.Status != desk.PaymentCaptured || p.CardLast4 != "1007" || p.Contact != "+919876543210" || p.Email != "a@example.com" {
		t.Errorf("payment: %+v", p)
	}
	x.shows(path, nil, 200, "This order is paid.")
	x.shows("/checkout/"+string(o.ID), form, 400, "This order is paid.")
}

// The first signature is that of the vendor's documents.
func TestSign(t *testing.T) {
	for _, tt := range []struct{ secret, message, want string }{
		{"EnLs21M47BllR3X8PSFtjtbd", "order_IEIaMR65cu6nz3|pay_IH4NVgf4Dreq1l", "0d4e745a1838664ad6c9c9902212a32d627d68e917290b0ad5f08ff4561bc50f"},
		{"test_secret", "order_A1b2C3d4E5f6G7|pay_H8i9J0k1L2m3N4", "c0d549024c50a1872c50889785c05bff50e6a11acb4bb53a82be75a0cc7f6909"},
	} {
		if got := sign([]byte(tt.secret), tt.message); got != tt.want {
			t.Errorf("sign(%q) = %s, want %s", tt.message, got, tt.want)
		}
	}
}

// What a person gets wrong, and payments that fail.
func TestCheckoutFailures(t *testing.T) {
	x := newTill(t)
	o := x.order(x.Book, desk.OrderRequest{Amount: 50000, Capture: true})
	path := "/checkout/" + string(o.ID)
	for _, tt := range []struct {
		what, form string
		status     int
		shows      string
	}{
		{"an address that is none", "method=upi&vpa=asha", 400, "Invalid VPA."},
		{"no card for tests", "method=card&number=4539148803436467&expiry=11/30&cvv=100", 400, "only test cards"},
		{"a card of long ago", "method=card&number=4111111111111111&expiry=11/20&cvv=100", 400, "expiry date is invalid"},
		{"no expiry", "method=card&number=4111111111111111&expiry=1130&cvv=100", 400, "expiry date is invalid"},
		{"no CVV", "method=card&number=4111111111111111&expiry=11/30", 400, "3 or 4 digits"},
		{"no bank", "method=netbanking&bank=GRIN", 400, "The selected bank is invalid."},
		{"no method", "", 400, "The selected method is invalid."},
		{"another method", "method=barter", 400, "The selected method is invalid."},
		{"a contact of seven digits", "method=upi&vpa=success@razorpay&contact=1234567", 400, "at least 8 digits"},
		{"an address that fails", "method=upi&vpa=failure@razorpay", 200, "declined by the bank"},
		{"a failure by choice", "method=netbanking&bank=HDFC&outcome=failure", 200, "declined by the bank"},
		{"a card's own failure", "method=card&number=4100280000080001&expiry=11/30&cvv=100&outcome=failure", 200, "insufficient account balance"},
	} {
		form, err := url.ParseQuery(tt.form)
		if err != nil {
			t.Fatal(err)
		}
		page := x.shows(path, form, tt.status, tt.shows)
		if tt.status == 200 && (!strings.Contains(page, `href="`+path+`"`) || !strings.Contains(page, "error[code]")) {
			t.Errorf("%s: no way to try again, or no error:\n%s", tt.what, page)
		}
	}
	// What was written stays, but for a card's number.
	page := x.shows(path, url.Values{"method": {"netbanking"}, "bank": {"SBIN"}, "vpa": {"asha"}, "contact": {"12345"}, "email": {"asha"}, "number": {"4539148803436467"}}, 400, "at least 8 digits")
	for _, want := range []string{`value="netbanking" checked`, `value="SBIN" selected`, `value="asha"`, `value="12345"`} {
		if !strings.Contains(page, want) {
			t.Errorf("a form that was wrong does not show %s again", want)
		}
	}
	if strings.Contains(page, "4539148803436467") {
		t.Error("a form that was wrong shows a card's number again")
	}
	if ps := x.payments(o); len(ps) != 3 {
		t.Errorf("%d payments, want the three that failed", len(ps))
	}
	x.shows(path, url.Values{"method": {"upi"}, "vpa": {"success@razorpay"}}, 200, "Payment successful.")
}

// Whose page it is.
func TestCheckoutDoor(t *testing.T) {
	x := newTill(t)
	o := x.order(x.Book, desk.OrderRequest{Amount: 50000})
	live := x.order(x.Live, desk.OrderRequest{Amount: 50000})
	const unknown = "The id provided does not exist"
	x.shows("/checkout/"+string(o.ID), nil, 200, "Wapas Demo", "₹500")
	x.shows("/checkout/"+string(o.ID)+"?key_id="+liveKey, nil, 400, "not found")
	x.shows("/checkout/"+string(o.ID)+"?key_id=rzp_test_00000000000000", nil, 401, "Authentication failed")
	x.shows("/checkout/"+string(live.ID), nil, 400, unknown)
	x.shows("/checkout/"+string(live.ID)+"?key_id="+testKey, nil, 400, unknown)
	x.shows("/checkout/order_00000000000000", nil, 400, unknown)
	x.shows("/checkout/order_mistyped", nil, 400, "mistyped is not a valid id")
	x.shows("/checkout/payments/order_00000000000000", nil, 400, "is not a valid id")
	x.shows("/checkout/order_00000000000000", url.Values{"method": {"upi"}}, 400, unknown)
	for _, bad := range []string{"javascript:alert(1)", "//shop.example", "ftp://shop.example", "https://a b", "https://'none'"} {
		page := x.shows("/checkout/"+string(o.ID)+"?callback_url="+url.QueryEscape(bad), nil, 200)
		if strings.Contains(page, "callback_url") {
			t.Errorf("callback %q was taken", bad)
		}
	}
	page := x.shows("/checkout/"+string(o.ID), url.Values{"method": {"upi"}, "vpa": {"success@razorpay"}}, 200, "Payment successful.")
	if strings.Contains(page, "<form") {
		t.Error("without a callback there is nothing to send back")
	}
	x.shows("/checkout/"+string(o.ID), nil, 200, "waits to be captured")
}

// An order that may be paid in parts asks how much.
func TestCheckoutParts(t *testing.T) {
	x := newTill(t)
	o := x.order(x.Book, desk.OrderRequest{Amount: 100000, Partial: true, Capture: true})
	path := "/checkout/" + string(o.ID)
	x.shows(path, nil, 200, `name="rupees"`, `value="1000.00"`)
	form := func(rupees string) url.Values {
		return url.Values{"method": {"upi"}, "vpa": {"success@razorpay"}, "rupees": {rupees}}
	}
	x.shows(path, form("ten"), 400, "The amount must be an integer.")
	x.shows(path, form("1000.01"), 400, "greater than the amount due")
	x.shows(path, form("250.50"), 200, "₹250.50")
	x.shows(path, nil, 200, "₹749.50")
	x.shows(path, form("749.50"), 200, "Payment successful.")
	x.shows(path, nil, 200, "This order is paid.")
}

// The page in place of the customer's bank.
func TestBankPage(t *testing.T) {
	x := newTill(t)
	card, _ := desk.TestCard(savedCard, "Asha")
	for _, tt := range []struct{ outcome, shows, status string }{
		{"success", "Payment successful.", desk.PaymentCaptured},
		{"failure", "declined by the bank", desk.PaymentFailed},
	} {
		o := x.order(x.Book, desk.OrderRequest{Amount: 50000, Capture: true})
		p, err := x.Desk.CreatePayment(t.Context(), x.Book, desk.PaymentRequest{Order: o.ID, Amount: 50000, Method: "card", Card: card, Waits: true})
		if err != nil {
			t.Fatal(err)
		}
		path := "/checkout/payments/" + string(p.ID)
		x.shows(path, nil, 200, "Success", "Failure", "₹500")
		x.shows(path+"?callback_url=http://shop.example/done", url.Values{"outcome": {tt.outcome}}, 200, tt.shows, `action="http://shop.example/done"`)
		if got := x.payments(o)[0].Status; got != tt.status {
			t.Errorf("%s: the payment is %s", tt.outcome, got)
		}
		x.shows(path, nil, 200, tt.shows)
		x.shows(path, url.Values{"outcome": {"failure"}}, 400, "already been processed")
	}
	x.shows("/checkout/payments/pay_00000000000000", nil, 400, "The id provided does not exist")
}

func TestRupees(t *testing.T) {
	for a, want := range map[ledger.Amount]string{
		0: "₹0", 5: "₹0.05", 100: "₹1", 99950: "₹999.50", 100000: "₹1,000", 12345678: "₹1,23,456.78", 1000000000000: "₹10,00,00,00,000",
	} {
		if got := rupees(a); got != want {
			t.Errorf("rupees(%d) = %s, want %s", a, got, want)
		}
	}
	for s, want := range map[string]ledger.Amount{
		"1": 100, "1.5": 150, "1.05": 105, "1,23,456.78": 12345678, " 7 ": 700, "10000000000": 1000000000000,
		"": -1, ".5": -1, "1.": -1, "1.005": -1, "-1": -1, "1e3": -1, "10000000000.01": -1, "99999999999999999999": -1,
	} {
		if got, ok := paise(s); ok != (want >= 0) || ok && got != want {
			t.Errorf("paise(%q) = %d, %v, want %d", s, got, ok, want)
		}
	}
}
