package razorpay

import (
	"net/url"
	"strings"
	"time"
	"unicode"

	"wapas/desk"
	"wapas/ledger"
)

// Payments that are made over the wire, without a page: "S2S integration".
// Here they exist in test books only, with instruments that exist for tests.

// The rules of these calls.
const (
	whyCardNumber ledger.Why = "card_number"
	whyCardExpiry ledger.Why = "card_expiry"
	whyCardCVV    ledger.Why = "card_cvv"
)

// nextWire is what the customer has to do next, and where.
type nextWire struct {
	Action string `json:"action"`
	URL    string `json:"url"`
}

type createdWire struct {
	Payment desk.ID    `json:"razorpay_payment_id"`
	Next    []nextWire `json:"next,omitempty"`
	Link    string     `json:"link,omitempty"`
}

// testOnly refuses what a live book does not do. To its caller that is a
// feature that is not enabled.
func testOnly(q *request) error {
	if q.caller.Mode != desk.Test {
		return ledger.Refuse(ledger.WrongState, desk.WhyLivePayment, "")
	}
	return nil
}

// readPayment reads what all these calls share. What describes the customer's
// browser is taken and not looked at.
func readPayment(b *fields) desk.PaymentRequest {
	var ask desk.PaymentRequest
	b.require("amount", "currency")
	ask.Amount, _ = b.amount("amount")
	b.currency("currency", true, whyCurrency)
	b.require("order_id", "contact", "email")
	ask.Order = b.id("order_id", "order")
	ask.Customer = b.id("customer_id", "cust")
	ask.Contact, ask.Email = b.contact("contact"), b.email("email")
	ask.Description = b.text("description", 255)
	ask.Notes, _ = b.notes("notes")
	b.ignore("ip", "referer", "user_agent", "authentication", "browser", "save")
	return ask
}

// "Create a Payment (S2S JSON)". A card waits for its OTP, netbanking for the
// bank's page; UPI is answered by the payer's app, which in a test book says at
// once what its address says.
func (r *room) createPaymentJSON(q *request) (any, error) {
	if err := testOnly(q); err != nil {
		return nil, err
	}
	b := q.body()
	ask := readPayment(b)
	callback := b.text("callback_url", 2048)
	b.require("method")
	ask.Method = b.one("method", "card", "netbanking", "upi")
	switch ask.Method {
	case "card":
		ask.Card, ask.Waits = r.readCard(b.object("card")), true
	case "netbanking":
		b.require("bank")
		ask.Bank, ask.Waits = strings.ToUpper(b.text("bank", 10)), true
	case "upi":
		ask.VPA, _ = readUPI(b)
	}
	if err := b.done(); err != nil {
		return nil, err
	}
	p, err := r.desk.CreatePayment(q.Context(), q.book(), ask)
	if err != nil {
		return nil, err
	}
	w := createdWire{Payment: p.ID}
	switch {
	case p.Status != desk.PaymentCreated:
		w.Next = []nextWire{{"poll", q.link("/v1/payments/" + string(p.ID))}}
	case p.Method == "card":
		w.Next = []nextWire{{"redirect", q.bankPage(p.ID, callback)}, {"otp_generate", q.otpLink(p.ID, "otp_generate")}}
	default:
		w.Next = []nextWire{{"redirect", q.bankPage(p.ID, callback)}}
	}
	return w, nil
}

// "Create a Payment (UPI)". With the flow "intent" the payer's app is opened by
// a link; in a test book somebody has paid by the time it is returned.
func (r *room) createPaymentUPI(q *request) (any, error) {
	if err := testOnly(q); err != nil {
		return nil, err
	}
	b := q.body()
	ask := readPayment(b)
	ask.Method = "upi"
	b.one("method", "upi")
	var intent bool
	ask.VPA, intent = readUPI(b)
	b.ignore("callback_url")
	if err := b.done(); err != nil {
		return nil, err
	}
	p, err := r.desk.CreatePayment(q.Context(), q.book(), ask)
	if err != nil {
		return nil, err
	}
	w := createdWire{Payment: p.ID}
	if intent {
		w.Link = "upi://pay?" + url.Values{"pa": {p.VPA}, "tr": {string(p.ID)}, "am": {p.Amount.String()}, "cu": {inr}}.Encode()
	}
	return w, nil
}

// readUPI reads who pays by UPI: in the object upi, or beside it as older
// clients do. An intent names nobody.
func readUPI(b *fields) (vpa string, intent bool) {
	u := b.object("upi")
	flow := u.one("flow", "collect", "intent")
	u.ignore("expiry_time", "type")
	vpa = b.text("vpa", 320)
	if s := u.text("vpa", 320); s != "" {
		vpa = s
	}
	switch {
	case flow == "intent" && vpa == "":
		return successVPA, true
	case vpa == "":
		u.require("vpa")
	}
	return vpa, flow == "intent"
}

// successVPA pays whatever it is asked to.
const successVPA = "success@razorpay"

// "Create a Subsequent Payment": a saved card is charged without its owner. No
// cards are saved here, so in a test book every well-formed token stands for
// the same test card.
func (r *room) createPaymentRecurring(q *request) (any, error) {
	if err := testOnly(q); err != nil {
		return nil, err
	}
	b := q.body()
	ask := readPayment(b)
	b.require("customer_id", "token")
	b.id("token", "token")
	b.ignore("recurring", "callback_url")
	ask.Method = "card"
	ask.Card, _ = desk.TestCard(savedCard, "")
	if err := b.done(); err != nil {
		return nil, err
	}
	p, err := r.desk.CreatePayment(q.Context(), q.book(), ask)
	if err != nil {
		return nil, err
	}
	return wirePaid(p, q.caller.Secret), nil
}

// savedCard is the test card behind every token.
const savedCard = "4100280000001007"

// readCard reads a card. Only the numbers that are published for tests are
// known; others are refused and neither kept nor logged.
func (r *room) readCard(c *fields) desk.Card {
	c.require("number", "expiry_month", "expiry_year", "cvv")
	return r.checkCard(c, c.text("number", 25), c.text("name", maxName), c.text("expiry_month", 2), c.text("expiry_year", 4), c.text("cvv", 4))
}

func (r *room) checkCard(f *fields, number, holder, month, year, cvv string) desk.Card {
	card, ok := desk.TestCard(number, holder)
	switch {
	case !ok:
		f.refuseIn("number", whyCardNumber, "")
	case r.expired(month, year):
		f.refuseIn("expiry_year", whyCardExpiry, "")
	case len(cvv) < 3 || !isDigits(cvv):
		f.refuseIn("cvv", whyCardCVV, "")
	}
	return card
}

// expired says whether a card is good no longer, or its expiry is no month of
// a year. Years have two digits or four.
func (r *room) expired(month, year string) bool {
	m, okM := digits(month)
	y, okY := digits(year)
	if !okM || !okY || m < 1 || m > 12 || y < 0 {
		return true
	}
	if y < 100 {
		y += 2000
	}
	end := time.Date(int(y), time.Month(m)+1, 1, 0, 0, 0, 0, time.UTC)
	return !r.desk.Now().Before(end)
}

func isDigits(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

// link makes a path into an address that the caller can reach us at.
func (q *request) link(path string) string {
	if host := q.room.cfg.Host; host != "" {
		return strings.TrimSuffix(host, "/") + path
	}
	scheme := "http"
	if q.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + q.Host + path
}

// bankPage is where the customer says yes or no to a payment, and from where
// they go back to the merchant.
func (q *request) bankPage(p desk.ID, callback string) string {
	ask := url.Values{"key_id": {q.caller.Name}}
	if callback != "" {
		ask.Set("callback_url", callback)
	}
	return q.link("/checkout/payments/" + string(p) + "?" + ask.Encode())
}

func (q *request) otpLink(p desk.ID, step string) string {
	return q.link("/v1/payments/" + string(p) + "/" + step + "?key_id=" + url.QueryEscape(q.caller.Name))
}

// otpWire is where an OTP goes to.
type otpWire struct {
	Payment  desk.ID    `json:"razorpay_payment_id"`
	Next     any        `json:"next"`
	Metadata *otpOfWire `json:"metadata,omitempty"`
}

type otpOfWire struct {
	Issuer  *string `json:"issuer"`
	Network string  `json:"network"`
	Last4   string  `json:"last4"`
	IIN     string  `json:"iin"`
}

// networkCodes are short for the networks of cards.
var networkCodes = map[string]string{"Visa": "VISA", "MasterCard": "MC", "RuPay": "RUPAY", "Diners Club": "DICL", "American Express": "AMEX"}

// "OTP Generation": in a test book no OTP is sent, since any will do.
func (r *room) generateOTP(q *request) (any, error) {
	p, err := r.awaiting(q)
	if err != nil {
		return nil, err
	}
	return otpWire{
		Payment:  p.ID,
		Next:     []nextWire{{"otp_submit", q.otpLink(p.ID, "otp/submit")}, {"otp_resend", q.otpLink(p.ID, "otp/resend")}},
		Metadata: &otpOfWire{orNull(p.CardIssuer), networkCodes[p.CardNetwork], p.CardLast4, p.CardIIN},
	}, nil
}

// "OTP Resend".
func (r *room) resendOTP(q *request) (any, error) {
	p, err := r.awaiting(q)
	if err != nil {
		return nil, err
	}
	return otpWire{Payment: p.ID, Next: []string{"otp_submit", "otp_resend"}}, nil
}

// awaiting is the payment in the path, if it waits for an OTP.
func (r *room) awaiting(q *request) (desk.Payment, error) {
	if err := testOnly(q); err != nil {
		return desk.Payment{}, err
	}
	p, err := desk.Find[desk.Payment](q.Context(), r.desk, q.book(), q.id("pay"))
	if err == nil && (p.Status != desk.PaymentCreated || p.Method != "card") {
		err = ledger.Refuse(ledger.WrongState, desk.WhyPaymentState, "%s", p.Status)
	}
	return p, err
}

// "OTP Submit": four to ten digits are right, fewer are wrong.
func (r *room) submitOTP(q *request) (any, error) {
	if err := testOnly(q); err != nil {
		return nil, err
	}
	b := q.body()
	b.require("otp")
	otp := b.text("otp", 64)
	if err := b.done(); err != nil {
		return nil, err
	}
	p, err := r.desk.SubmitOTP(q.Context(), q.book(), q.id("pay"), otp)
	if err != nil {
		return nil, err
	}
	if p.Status == desk.PaymentFailed {
		return nil, failedPayment(p)
	}
	return wirePaid(p, q.caller.Secret), nil
}

// vpaWire is what is known of a UPI address.
type vpaWire struct {
	VPA     string `json:"vpa"`
	Success bool   `json:"success"`
	Name    string `json:"customer_name"`
}

// "Validate the VPA": in a test book every address that looks like one exists,
// and its owner is called what it says.
func (r *room) validateVPA(q *request) (any, error) {
	if err := testOnly(q); err != nil {
		return nil, err
	}
	b := q.body()
	b.require("vpa")
	vpa := b.text("vpa", 320)
	if err := b.done(); err != nil {
		return nil, err
	}
	if !desk.IsVPA(vpa) {
		return nil, ledger.Refuse(ledger.Invalid, desk.WhyVPA, "").In("vpa")
	}
	return vpaWire{vpa, true, nameOf(vpa)}, nil
}

// nameOf makes a name of a UPI address: "gaurav.kumar@upi" is Gaurav Kumar's.
func nameOf(vpa string) string {
	local, _, _ := strings.Cut(vpa, "@")
	words := strings.FieldsFunc(local, func(r rune) bool { return !unicode.IsLetter(r) })
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	if len(words) == 0 {
		return local
	}
	return strings.Join(words, " ")
}
