package phonepe

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

// How long a customer has to pay, in seconds, if the merchant does not say.
const (
	chargeLife = 30 * 24 * 3600 // of a collect request, by its page
	qrLife     = 20 * 60
	pageLife   = 20 * 60
	maxLife    = int64(desk.MaxChargeLife / time.Second)
)

// asked is what the calls that ask for a payment have in common: it reads the
// fields they share and asks the desk.
func (r *room) asked(q *request, m memo, transaction string, seconds int64, ask desk.ChargeRequest) (thing, error) {
	m.Gen, m.Merchant, m.Index = q.gen, q.merchant, q.index
	q.callback(q.body, &m)
	if *q.body.err != nil {
		return thing{}, *q.body.err
	}
	ask.Receipt = m.Order
	ask.Life = time.Duration(seconds) * time.Second
	ask.Called = m.called(transaction, paymentRef)
	p, err := r.desk.Charge(q.Context(), q.book(), ask)
	return thing{memo: m, transaction: transaction, payment: p}, err
}

// collectWire is the answer to a collect request and a code to scan.
type collectWire struct {
	Merchant    string        `json:"merchantId"`
	Transaction string        `json:"transactionId"`
	Amount      ledger.Amount `json:"amount"`
	Reference   string        `json:"providerReferenceId,omitempty"`
	QR          string        `json:"qrString,omitempty"`
}

// charge is a collect request ("Collect Call"): the customer is asked in their
// app, by phone number or UPI address.
func (r *room) charge(q *request) (any, error) {
	s := q.body
	m := memo{Kind: "charge"}
	transaction := s.transaction("transactionId")
	m.Order = s.text("merchantOrderId", maxOrder)
	ask := desk.ChargeRequest{Amount: s.amount(desk.MinOrder), Asked: true}
	switch s.one("instrumentType", "MOBILE", "VPA") {
	case "MOBILE":
		m.Mobile = s.mobile("instrumentReference")
		ask.Contact, ask.VPA = "+91"+m.Mobile, m.Mobile+"@ybl"
	case "VPA":
		ask.VPA = s.vpa("instrumentReference")
	}
	seconds := s.whole("expiresIn", chargeLife, 1, maxLife)
	s.shop(&m)
	ask.Description = s.text("message", maxMessage)
	s.text("shortName", maxName)
	ask.Email = s.text("email", maxName)
	m.Sub = s.either("subMerchant", "subMerchantId", maxName)
	t, err := r.asked(q, m, transaction, seconds, ask)
	if err != nil {
		return nil, err
	}
	return say(codeSuccess, collectWire{q.merchant, transaction, t.payment.Amount, paymentRef(t.payment.ID), ""}), nil
}

// shop reads where in the merchant's shops a payment is made.
func (s sheet) shop(m *memo) {
	m.Store = s.text("storeId", maxName)
	m.Terminal = s.text("terminalId", maxName)
}

// mobile reads an Indian mobile number: ten digits.
func (s sheet) mobile(name string) string {
	v := s.need(name, 16)
	n := strings.TrimPrefix(v, "+91")
	if v != "" && (len(n) != 10 || strings.Trim(n, "0123456789") != "" || n[0] < '6') {
		s.refuse(name, whyForm, "ten digits")
	}
	return n
}

// vpa reads a UPI address.
func (s sheet) vpa(name string) string {
	v := s.need(name, 320)
	if v != "" && !desk.IsVPA(v) {
		s.refuse(name, whyForm, "an address like name@bank")
	}
	return v
}

// cancelCharge takes back a collect request that the customer has not answered.
// What is paid is PAYMENT_ALREADY_COMPLETED; what ended otherwise hears how.
func (r *room) cancelCharge(q *request) (any, error) {
	h, err := r.desk.Handle(q.Context(), q.book(), handleOf(q.id("id")))
	if err != nil {
		return nil, err
	}
	t, err := r.look(q.Context(), q.book(), h)
	if err != nil {
		return nil, err
	}
	if t.isRefund() {
		return nil, ledger.Refuse(ledger.NotFound, desk.WhyUnknownID, "%s", h.ID)
	}
	if _, err := r.desk.WithdrawPayment(q.Context(), q.book(), t.payment.ID); err != nil {
		if t, lookErr := r.look(q.Context(), q.book(), h); lookErr == nil && t.payment.Status == desk.PaymentFailed {
			return t.answer(q.gen, q.merchant), nil
		}
		return nil, err
	}
	return say(codeSuccess, collectWire{Merchant: q.merchant, Transaction: t.transaction, Amount: t.payment.Amount}), nil
}

// qrInit is "Dynamic QR Init": a code that the customer scans.
func (r *room) qrInit(q *request) (any, error) {
	s := q.body
	m := memo{Kind: "qr"}
	transaction := s.transaction("transactionId")
	m.Order = s.text("merchantOrderId", maxOrder)
	amount := s.amount(desk.MinOrder)
	s.shop(&m)
	seconds := s.whole("expiresIn", qrLife, 1, maxLife)
	t, err := r.asked(q, m, transaction, seconds, desk.ChargeRequest{Amount: amount, Asked: true, Description: s.text("message", maxMessage)})
	if err != nil {
		return nil, err
	}
	return say(codeSuccess, collectWire{q.merchant, transaction, amount, "", upiAddress(q.merchant, t)}), nil
}

// upiAddress is what a code to scan holds, and what opens a UPI app. Nobody can
// pay it with money: the payee is an address that no bank gives out.
func upiAddress(merchant string, t thing) string {
	v := url.Values{
		"pa": {testPayee}, "pn": {merchant}, "am": {t.payment.Amount.String()}, "cu": {"INR"},
		"tr": {t.transaction}, "tn": {"Payment for " + cmp.Or(t.Order, t.transaction)},
	}
	return "upi://pay?" + strings.ReplaceAll(v.Encode(), "+", "%20") // apps read %20 only
}

// redirectWire is the answer to a payment on a page in generation 1.
type redirectWire struct {
	Type string `json:"redirectType"`
	URL  string `json:"redirectURL"`
}

// debit is a payment on PhonePe's page, from a shop on the web: the caller
// sends its customer to the address in the answer.
func (r *room) debit(q *request) (any, error) {
	t, err := r.onPage(q, q.body)
	if err != nil {
		return nil, err
	}
	return say(codeSuccess, redirectWire{"WEB", q.pageLink(t)}), nil
}

// debitRedirect is the same in generation 0, whose client insists on a 302.
func (r *room) debitRedirect(q *request) (any, error) {
	t, err := r.onPage(q, q.body)
	if err != nil {
		return nil, err
	}
	return raw{status: http.StatusFound, header: http.Header{"Location": {q.pageLink(t)}}}, nil
}

// onPage asks for a payment that waits for its page.
func (r *room) onPage(q *request, s sheet) (thing, error) {
	m := memo{Kind: "debit"}
	transaction := s.transaction("transactionId")
	m.Order = s.text("merchantOrderId", maxOrder)
	m.User = s.text("merchantUserId", maxName)
	ask := desk.ChargeRequest{Amount: s.amount(desk.MinOrder)}
	ask.Description = s.text("message", maxMessage)
	if s.obj.Vals["mobileNumber"] != nil {
		m.Mobile = s.mobile("mobileNumber")
		ask.Contact = "+91" + m.Mobile
	}
	ask.Email = s.text("email", maxName)
	m.Sub = s.either("subMerchant", "subMerchantId", maxName)
	return r.asked(q, m, transaction, s.whole("expiresIn", pageLife, 1, maxLife), ask)
}
