package razorpay

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"wapas/desk"
	"wapas/dialect"
	"wapas/ledger"
)

// The hosted checkout of test books: a page on which a person pays an order
// with instruments that exist for tests, or lets the payment fail. It needs no
// script. Whoever knows an order's id may open its page, as with the links that
// payment pages are sent around as; key_id says which credential signs the
// answer, and may be left out where it is known from the order.

//go:embed checkout.html
var checkoutHTML string

var checkoutPage = template.Must(template.New("checkout").Parse(checkoutHTML))

// A checkout is what the page shows: a form to pay, the bank's question, or
// what became of it.
type checkout struct {
	Title, Merchant, Amount, Subject string
	Nonce                            string
	Key, Callback                    string // carried from step to step

	Pay, Bank       bool
	Partial         bool // the amount may be chosen
	Rupees          string
	Method          string
	Expiry          string
	Banks           []bank
	VPA, At         string // the bank that is chosen
	Contact, Email  string
	Wrong           string // what was wrong with the form
	Good            bool
	Said            string
	Answer          []pair // what is posted back
	Again           string
	status          int
	callbackAllowed string // its origin, for the policy
}

type bank struct{ Code, Name string }

type pair struct{ Name, Value string }

// show is the page as an answer.
func (q *request) show(p checkout) (any, error) {
	p.Nonce = desk.Letters(22)
	var b bytes.Buffer
	if err := checkoutPage.ExecuteTemplate(&b, "page", p); err != nil {
		return nil, err
	}
	if p.status == 0 {
		p.status = http.StatusOK
	}
	h := q.w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'nonce-"+p.Nonce+"'; form-action 'self' "+p.callbackAllowed+
		"; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	return rawAnswer{p.status, "text/html; charset=utf-8", b.Bytes()}, nil
}

// refuseOn shows a refusal to a person instead of a program.
func (q *request) refuseOn(p checkout, err error) (any, error) {
	f := q.room.faultOf(err)
	if f.status >= http.StatusInternalServerError {
		return nil, err
	}
	p.Pay, p.Bank, p.Good, p.Answer = false, false, false, nil
	p.Title, p.Said, p.status = "Not possible", describe(f), f.status
	return q.show(p)
}

// describe is the sentence in a fault.
func describe(f *fault) string {
	env, _ := f.body.(envelope)
	switch e := env.Error.(type) {
	case errorWire:
		return e.Description
	case shortWire:
		return e.Description
	}
	return http.StatusText(f.status)
}

// params are the parameters of the page: those of the form if one was sent,
// then those of the address.
func (q *request) params() (*fields, *fields) {
	if q.Method == http.MethodPost {
		return q.body(), q.query()
	}
	return q.query(), q.query()
}

// enter finds out whose page it is: it sets the caller and begins the page.
func (r *room) enter(q *request, form, query *fields, kind desk.Kind, id desk.ID) (checkout, error) {
	p := checkout{Title: "Checkout", Merchant: "Checkout"}
	key := form.text("key_id", 64)
	if key == "" {
		key = query.text("key_id", 64)
	}
	callback := form.text("callback_url", 2048)
	if callback == "" {
		callback = query.text("callback_url", 2048)
	}
	if err := errors.Join(form.err(), query.err()); err != nil {
		return p, err
	}
	if u, err := url.Parse(callback); err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && !strings.ContainsAny(u.Host, " ;,'\"") {
		p.Callback, p.callbackAllowed = callback, u.Scheme+"://"+u.Host
	}
	p.Key = key
	var err error
	if key != "" {
		q.caller, err = r.desk.Recognise(q.Context(), name, key)
	} else {
		q.caller, err = r.owner(q, kind, id)
	}
	if err != nil {
		return p, err
	}
	if err := testOnly(q); err != nil {
		return p, err
	}
	b, err := r.desk.Store.Book(q.Context(), q.book())
	if err != nil {
		return p, err
	}
	p.Merchant = b.Name
	return p, nil
}

// owner finds the test book that a thing is in, and a credential of it that is
// good for signing.
func (r *room) owner(q *request, kind desk.Kind, id desk.ID) (desk.Caller, error) {
	unknown := ledger.Refuse(ledger.NotFound, desk.WhyUnknownID, "%s", id)
	books, err := r.desk.Store.Books(q.Context(), desk.BookQuery{Mode: desk.Test, Kind: kind, ID: id})
	if err != nil {
		return desk.Caller{}, err
	}
	for _, b := range books {
		creds, err := r.desk.Store.Credentials(q.Context(), b.Merchant)
		if err != nil {
			return desk.Caller{}, err
		}
		for _, c := range creds {
			if c.Room != name || c.Book != b.ID || !strings.HasPrefix(c.Name, "rzp_") {
				continue
			}
			caller, err := r.desk.Identify(q.Context(), name, c.Name)
			if ledger.CodeOf(err) == ledger.Denied { // revoked: another may be good
				continue
			}
			return caller, err
		}
	}
	return desk.Caller{}, unknown
}

// showCheckout is the page of an order.
func (r *room) showCheckout(q *request) (any, error) {
	form, query := q.params()
	p, err := r.enter(q, form, query, desk.KindOrder, q.id("order"))
	if err != nil {
		return q.refuseOn(p, err)
	}
	o, err := desk.Find[desk.Order](q.Context(), r.desk, q.book(), q.id("order"))
	if err != nil {
		return q.refuseOn(p, err)
	}
	return q.show(r.payForm(p, o))
}

// payForm is the form for an order that can be paid, or says why it cannot.
func (r *room) payForm(p checkout, o desk.Order) checkout {
	p.Amount, p.Subject = rupees(o.Due()), string(o.ID)
	if o.Receipt != "" {
		p.Subject = o.Receipt
	}
	switch {
	case o.Status == desk.OrderPaid:
		p.Amount, p.Good, p.Said = rupees(o.Amount), true, "This order is paid."
	case o.Open != "":
		p.Said = "A payment of this order waits to be captured."
	default:
		p.Pay, p.Partial, p.Rupees = true, o.Partial, o.Due().String()
		if p.Method != "card" && p.Method != "netbanking" {
			p.Method = "upi"
		}
		if p.VPA == "" {
			p.VPA = "success@razorpay"
		}
		if _, ok := desk.Banks[p.At]; !ok {
			p.At = "HDFC"
		}
		p.Expiry = r.desk.Now().AddDate(2, 0, 0).Format("01/06")
		for code, name := range desk.Banks {
			p.Banks = append(p.Banks, bank{code, name})
		}
		slices.SortFunc(p.Banks, func(a, b bank) int { return strings.Compare(a.Name, b.Name) })
	}
	return p
}

// payCheckout pays an order as the form says.
func (r *room) payCheckout(q *request) (any, error) {
	form, query := q.params()
	p, err := r.enter(q, form, query, desk.KindOrder, q.id("order"))
	if err != nil {
		return q.refuseOn(p, err)
	}
	o, err := desk.Find[desk.Order](q.Context(), r.desk, q.book(), q.id("order"))
	if err != nil {
		return q.refuseOn(p, err)
	}
	ask := r.readForm(form, o)
	err = form.err()
	var paid desk.Payment
	if err == nil {
		paid, err = r.desk.CreatePayment(q.Context(), q.book(), ask)
	}
	if err != nil {
		f := r.faultOf(err)
		if f.status >= http.StatusInternalServerError {
			return nil, err
		}
		p.Method, p.VPA, p.At = form.wrote("method"), form.wrote("vpa"), form.wrote("bank")
		p.Contact, p.Email = form.wrote("contact"), form.wrote("email")
		p = r.payForm(p, o)
		p.Wrong, p.status = describe(f), f.status
		return q.show(p)
	}
	return q.showPaid(p, paid)
}

// wrote is what a person wrote into a field, to be shown again beside what is
// wrong with it. A card's number is not: it might be a real one.
func (f *fields) wrote(name string) string {
	if f.obj == nil {
		return ""
	}
	s, _ := f.obj.Vals[name].(text)
	return dialect.Shorten(string(s), 320)
}

// readForm reads what a person chose.
func (r *room) readForm(f *fields, o desk.Order) desk.PaymentRequest {
	ask := desk.PaymentRequest{Order: o.ID, Amount: o.Due(), Fails: f.one("outcome", "success", "failure") == "failure"}
	ask.Method = f.one("method", "upi", "card", "netbanking")
	ask.Contact, ask.Email = f.contact("contact"), f.email("email")
	if o.Partial {
		a, ok := paise(f.text("rupees", 20))
		if !ok {
			f.refuseIn("amount", whyInteger, "")
		}
		ask.Amount = a
	}
	switch ask.Method {
	case "upi":
		ask.VPA = f.text("vpa", 320)
	case "card":
		month, year, _ := strings.Cut(f.text("expiry", 7), "/")
		ask.Card = r.checkCard(f, f.text("number", 25), "", month, year, f.text("cvv", 4))
	case "netbanking":
		ask.Bank = f.text("bank", 10)
	}
	return ask
}

// showBank asks in place of the customer's bank.
func (r *room) showBank(q *request) (any, error) {
	form, query := q.params()
	p, err := r.enter(q, form, query, desk.KindPayment, q.id("pay"))
	if err != nil {
		return q.refuseOn(p, err)
	}
	paid, err := desk.Find[desk.Payment](q.Context(), r.desk, q.book(), q.id("pay"))
	if err != nil {
		return q.refuseOn(p, err)
	}
	if paid.Status != desk.PaymentCreated {
		return q.showPaid(p, paid)
	}
	p.Title, p.Bank, p.Amount, p.Subject = "Your bank", true, rupees(paid.Amount), string(paid.ID)
	return q.show(p)
}

// answerBank is the customer's answer to the bank.
func (r *room) answerBank(q *request) (any, error) {
	form, query := q.params()
	p, err := r.enter(q, form, query, desk.KindPayment, q.id("pay"))
	if err != nil {
		return q.refuseOn(p, err)
	}
	yes := form.one("outcome", "success", "failure") == "success"
	if err := form.err(); err != nil {
		return q.refuseOn(p, err)
	}
	paid, err := r.desk.FinishPayment(q.Context(), q.book(), q.id("pay"), yes)
	if err != nil {
		return q.refuseOn(p, err)
	}
	return q.showPaid(p, paid)
}

// showPaid says what became of a payment, and what is posted back to the
// merchant: the signed ids, or the error in the vendor's bracketed fields.
func (q *request) showPaid(p checkout, paid desk.Payment) (any, error) {
	p.Amount, p.Subject = rupees(paid.Amount), string(paid.ID)
	if paid.Status != desk.PaymentFailed {
		w := wirePaid(paid, q.caller.Secret)
		p.Title, p.Good, p.Said = "Paid", true, "Payment successful."
		p.Answer = []pair{
			{"razorpay_payment_id", string(w.Payment)}, {"razorpay_order_id", string(w.Order)}, {"razorpay_signature", w.Signature},
		}
		return q.show(p)
	}
	of, err := json.Marshal(map[string]desk.ID{"payment_id": paid.ID, "order_id": paid.Order})
	if err != nil {
		return nil, err
	}
	p.Title, p.Said = "Payment failed", paid.ErrorDescription
	p.Answer = []pair{
		{"error[code]", paid.ErrorCode}, {"error[description]", paid.ErrorDescription}, {"error[source]", paid.ErrorSource},
		{"error[step]", paid.ErrorStep}, {"error[reason]", paid.ErrorReason}, {"error[metadata]", string(of)},
	}
	again := url.Values{}
	if p.Key != "" {
		again.Set("key_id", p.Key)
	}
	if p.Callback != "" {
		again.Set("callback_url", p.Callback)
	}
	p.Again = "/checkout/" + string(paid.Order)
	if len(again) > 0 {
		p.Again += "?" + again.Encode()
	}
	return q.show(p)
}

// rupees writes an amount as people in India do: ₹12,34,567.50, and ₹500
// without paise.
func rupees(a ledger.Amount) string {
	whole, cents := int64(a)/100, int64(a)%100
	s := strconv.FormatInt(whole, 10)
	for i := len(s) - 3; i > 0; i -= 2 {
		s = s[:i] + "," + s[i:]
	}
	if cents != 0 {
		s += "." + strconv.FormatInt(100+cents, 10)[1:]
	}
	return "₹" + s
}

// paise reads an amount of rupees, with at most two decimals and commas where
// people put them.
func paise(s string) (ledger.Amount, bool) {
	whole, cents, point := strings.Cut(strings.ReplaceAll(strings.TrimSpace(s), ",", ""), ".")
	if point && (len(cents) < 1 || len(cents) > 2) || !isDigits(whole+cents) || whole == "" {
		return 0, false
	}
	n, err := strconv.ParseInt(whole+(cents + "00")[:2], 10, 64)
	return ledger.Amount(n), err == nil && n <= int64(ledger.MaxAmount)
}
