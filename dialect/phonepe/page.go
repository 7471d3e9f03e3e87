package phonepe

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"wapas/desk"
	"wapas/ledger"
)

// The page that stands in for the vendor's in test books: a person pays, lets
// the payment fail or leaves it as it is, and is sent back to the shop. It needs
// no script. Whoever has its address may open it, as with the vendor's; the
// address cannot be guessed, and says which payment it is of to nobody.

//go:embed page.html
var pageHTML string

var pageTemplate = template.Must(template.New("page").Parse(pageHTML))

// pagePath is where the pages are.
const pagePath = "/transact/"

// tokenOfPage stands in front of what is sealed into the address of a page, so
// that nothing else that is sealed opens as one.
const tokenOfPage = "wapas: page of a payment\x00"

// pageToken is the part of a page's address that names its payment.
func (r *room) pageToken(book desk.BookID, payment desk.ID) (string, error) {
	sealed, err := r.desk.Sealer.Seal([]byte(tokenOfPage + strconv.FormatInt(int64(book), 10) + "/" + string(payment)))
	return base64.RawURLEncoding.EncodeToString(sealed), err
}

// openPage is the payment that an address is of.
func (r *room) openPage(token string) (book desk.BookID, payment desk.ID, ok bool) {
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil {
		return 0, "", false
	}
	open, err := r.desk.Sealer.Open(sealed)
	if err != nil {
		return 0, "", false
	}
	rest, ok := strings.CutPrefix(string(open), tokenOfPage)
	number, id, cut := strings.Cut(rest, "/")
	n, err := strconv.ParseInt(number, 10, 64)
	return desk.BookID(n), desk.ID(id), ok && cut && err == nil
}

// A paying is what the page shows: the question, or what became of it.
type paying struct {
	Title, Merchant, Amount, Subject string
	Nonce                            string
	Ask                              bool
	Good, Waits                      bool
	Said                             string
	Back                             string // the shop's page
	Post                             []pair // what is posted there; none: it is a link
	status                           int
}

type pair struct{ Name, Value string }

// A visit is a page that somebody opened.
type visit struct {
	book    desk.Book
	payment desk.Payment
	name    string // the merchant's, of the order or the transaction
	memo    memo
	back    string // the shop's page; empty if the merchant named none
	post    bool   // the customer goes back with a POST
}

// enter finds out what a page is of.
func (r *room) enter(q *request) (visit, error) {
	unknown := ledger.Refuse(ledger.NotFound, whyNoOrder, "")
	book, payment, ok := r.openPage(q.id("page"))
	if !ok {
		return visit{}, unknown
	}
	var v visit
	var err error
	if v.book, err = r.desk.Store.Book(q.Context(), book); err != nil {
		return v, err
	}
	if v.book.Mode != desk.Test {
		return v, unknown
	}
	if v.payment, err = desk.Find[desk.Payment](q.Context(), r.desk, book, payment); err != nil {
		return v, notFound(err, whyNoOrder)
	}
	names, err := r.desk.Handles(q.Context(), book, payment)
	if err != nil {
		return v, err
	}
	for _, h := range names {
		name, ok := strings.CutPrefix(string(h.ID), Room+"/")
		if !ok {
			continue
		}
		var wire struct {
			RedirectURL  string `json:"redirectUrl"`
			RedirectMode string `json:"redirectMode"`
		}
		if err := json.Unmarshal([]byte(h.Wire), &wire); err != nil {
			return v, err
		}
		v.name = name
		v.memo, _, _ = readMemo(h)
		if isPage(wire.RedirectURL) {
			v.back, v.post = wire.RedirectURL, wire.RedirectMode == http.MethodPost
		}
	}
	return v, nil
}

// showPage asks, or says what became of the payment.
func (r *room) showPage(q *request) (any, error) {
	v, err := r.enter(q)
	if err != nil {
		return q.noPage(err)
	}
	return q.show(v, v.payment.Status == desk.PaymentCreated)
}

// answerPage does what the person chose, and sends them back to the shop. An
// answer that comes too late changes nothing.
func (r *room) answerPage(q *request) (any, error) {
	v, err := r.enter(q)
	if err != nil {
		return q.noPage(err)
	}
	form, err := q.form()
	if err != nil {
		return q.noPage(err)
	}
	outcome := form.Get("outcome")
	if v.payment.Status != desk.PaymentCreated {
		return q.show(v, false)
	}
	switch outcome {
	case "pay", "fail":
		p, err := r.desk.FinishPayment(q.Context(), v.book.ID, v.payment.ID, outcome == "pay")
		switch {
		case err == nil:
			v.payment = p
		case ledger.CodeOf(err) == ledger.Internal:
			return nil, err
		default:
			if v.payment, err = desk.Find[desk.Payment](q.Context(), r.desk, v.book.ID, v.payment.ID); err != nil {
				return nil, err
			}
			return q.show(v, false)
		}
	case "leave":
	default:
		return q.show(v, true)
	}
	if v.back == "" || v.post {
		return q.show(v, false)
	}
	q.guard(v.back, "")
	return raw{status: http.StatusSeeOther, header: http.Header{"Location": {v.back}}}, nil
}

// show is the page of a visit.
func (q *request) show(v visit, ask bool) (any, error) {
	p := paying{
		Merchant: v.book.Name, Amount: rupees(v.payment.Amount), Subject: v.name, Ask: ask, Back: v.back, status: http.StatusOK,
	}
	switch paymentState(v.payment) {
	case stateCompleted:
		p.Title, p.Good, p.Said = "Paid", true, "Payment successful."
	case stateFailed:
		p.Title, p.Said = "Payment failed", "The payment failed."
	default:
		p.Title, p.Waits, p.Said = "Pay", true, "The payment is pending."
	}
	if v.post && !ask {
		p.Post = v.posted()
	}
	return q.draw(p)
}

// posted is what goes to the shop with the customer in generation 2.
func (v visit) posted() []pair {
	code := map[string]string{stateCompleted: codePaid, stateFailed: codeFailed, statePending: codePending}[paymentState(v.payment)]
	return []pair{
		{"code", code}, {"merchantId", v.memo.Merchant}, {"transactionId", v.name},
		{"amount", strconv.FormatInt(int64(v.payment.Amount), 10)}, {"providerReferenceId", paymentRef(v.payment.ID)},
	}
}

// noPage says to a person that there is nothing, instead of to a program.
func (q *request) noPage(err error) (any, error) {
	if ledger.CodeOf(err) == ledger.Internal {
		return nil, err
	}
	return q.draw(paying{Title: "No such page", Merchant: "Payment", Said: "There is no payment at this address.", status: http.StatusNotFound})
}

// draw is a page as an answer.
func (q *request) draw(p paying) (any, error) {
	p.Nonce = desk.Letters(22)
	var b bytes.Buffer
	if err := pageTemplate.ExecuteTemplate(&b, "page", p); err != nil {
		return nil, err
	}
	q.guard(p.Back, p.Nonce)
	return raw{status: p.status, kind: "text/html; charset=utf-8", body: b.Bytes()}, nil
}

// guard says what the page may do: show itself, and send its form to us and on
// to the shop, which counts as the form's target too.
func (q *request) guard(back, nonce string) {
	target := ""
	if u, err := url.Parse(back); err == nil && u.Host != "" && !strings.ContainsAny(u.Host, ";,'\" ") {
		target = " " + u.Scheme + "://" + u.Host
	}
	style := "'none'"
	if nonce != "" {
		style = "'nonce-" + nonce + "'"
	}
	h := q.w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src "+style+"; form-action 'self'"+target+"; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
}

// rupees writes an amount as people in India do: ₹12,34,567.50, and ₹500
// without paise.
func rupees(a ledger.Amount) string {
	s := a.String() // 1234567.50
	whole, cents, _ := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0; i -= 2 {
		whole = whole[:i] + "," + whole[i:]
	}
	if cents != "00" {
		whole += "." + cents
	}
	return "₹" + whole
}

// pageLink is the address of a payment's page.
func (q *request) pageLink(t thing) string {
	token, err := q.room.pageToken(q.book(), t.payment.ID)
	if err != nil { // who has just opened the caller's salt can seal
		panic(err)
	}
	return q.link(pagePath + token)
}
