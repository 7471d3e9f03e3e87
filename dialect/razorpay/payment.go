package razorpay

import (
	"wapas/desk"
	"wapas/ledger"
)

// The rules of payments' fields.
const (
	whyCaptureBlank    ledger.Why = "capture_blank"
	whyCaptureCurrency ledger.Why = "capture_currency"
	whyNotCard         ledger.Why = "not_card"
)

// paymentWire is the payment entity. Fee and tax are null until it is
// captured; what was not asked for with expand is left out.
type paymentWire struct {
	ID               desk.ID        `json:"id"`
	Entity           string         `json:"entity"`
	Amount           ledger.Amount  `json:"amount"`
	Currency         string         `json:"currency"`
	Status           string         `json:"status"`
	Order            *desk.ID       `json:"order_id"`
	Invoice          *string        `json:"invoice_id"` // always null: there are no invoices
	International    bool           `json:"international"`
	Method           string         `json:"method"`
	Refunded         ledger.Amount  `json:"amount_refunded"`
	RefundStatus     *string        `json:"refund_status"`
	Captured         bool           `json:"captured"`
	Description      *string        `json:"description"`
	CardID           *desk.ID       `json:"card_id"`
	Card             *cardWire      `json:"card,omitempty"`
	Bank             *string        `json:"bank"`
	Wallet           *string        `json:"wallet"`
	VPA              *string        `json:"vpa"`
	Email            *string        `json:"email"`
	Contact          *string        `json:"contact"`
	Customer         desk.ID        `json:"customer_id,omitempty"`
	Notes            notesWire      `json:"notes"`
	Fee              *ledger.Amount `json:"fee"`
	Tax              *ledger.Amount `json:"tax"`
	ErrorCode        *string        `json:"error_code"`
	ErrorDescription *string        `json:"error_description"`
	ErrorSource      *string        `json:"error_source"`
	ErrorStep        *string        `json:"error_step"`
	ErrorReason      *string        `json:"error_reason"`
	Acquirer         any            `json:"acquirer_data"`
	CreatedAt        int64          `json:"created_at"`
	UPI              *upiWire       `json:"upi,omitempty"`
	Refunds          any            `json:"refunds,omitempty"` // asked for with expand
	Offers           any            `json:"offers,omitempty"`
}

type upiWire struct {
	VPA string `json:"vpa"`
}

// cardWire is the card entity. Its full number is known to nobody here.
type cardWire struct {
	ID            desk.ID `json:"id"`
	Entity        string  `json:"entity"`
	Name          string  `json:"name"`
	Last4         string  `json:"last4"`
	Network       string  `json:"network"`
	Type          string  `json:"type"`
	Issuer        *string `json:"issuer"`
	International bool    `json:"international"`
	EMI           bool    `json:"emi"`
	SubType       string  `json:"sub_type"`
	TokenIIN      *string `json:"token_iin"`
}

func wirePayment(x desk.Payment) paymentWire {
	w := paymentWire{
		ID: x.ID, Entity: "payment", Amount: x.Amount, Currency: inr, Status: x.Status, Order: orNull(x.Order),
		International: x.International, Method: x.Method, Refunded: x.Refunded + x.RefundPending, Captured: x.Captured,
		Description: orNull(x.Description), CardID: orNull(x.CardID), Bank: orNull(x.Bank), Wallet: orNull(x.Wallet), VPA: orNull(x.VPA),
		Email: orNull(x.Email), Contact: orNull(x.Contact), Customer: x.Customer, Notes: notesWire(x.Notes),
		ErrorCode: orNull(x.ErrorCode), ErrorDescription: orNull(x.ErrorDescription), ErrorSource: orNull(x.ErrorSource),
		ErrorStep: orNull(x.ErrorStep), ErrorReason: orNull(x.ErrorReason), Acquirer: wireAcquirer(x), CreatedAt: x.CreatedAt.Unix(),
	}
	switch w.Refunded {
	case 0:
	case x.Amount:
		w.RefundStatus = orNull("full")
	default:
		w.RefundStatus = orNull("partial")
	}
	if x.Captured {
		w.Fee, w.Tax = &x.Fee, &x.Tax
	}
	if x.Method == "upi" {
		w.UPI = &upiWire{x.VPA}
	}
	return w
}

// wireAcquirer is how the provider knows a payment: one number, under a name
// that depends on the method, and null until there is one.
func wireAcquirer(x desk.Payment) any {
	ref := orNull(x.Reference)
	switch x.Method {
	case "card":
		return map[string]*string{"auth_code": ref}
	case "upi":
		return map[string]*string{"rrn": ref}
	case "netbanking":
		return map[string]*string{"bank_transaction_id": ref}
	case "wallet":
		return map[string]*string{"transaction_id": ref}
	}
	return empty{}
}

// wireCard is the card of a payment; nil if it was not made with one.
func wireCard(x desk.Payment) *cardWire {
	if x.CardID == "" {
		return nil
	}
	return &cardWire{
		ID: x.CardID, Entity: "card", Name: x.CardName, Last4: x.CardLast4, Network: x.CardNetwork, Type: x.CardType,
		Issuer: orNull(x.CardIssuer), International: x.International, SubType: "consumer",
	}
}

// paymentExpansions are what the refusal of others names. The rest of what the
// manual mentions elsewhere is taken too.
var (
	paymentExpansions = []string{"card", "emi", "transaction", "transaction.settlement", "refunds", "offers", "token"}
	moreExpansions    = []string{"cards", "upi"}
)

func (r *room) expandPayment(q *request, p desk.Payment, x expansion) (paymentWire, error) {
	w := wirePayment(p)
	if x["card"] || x["cards"] {
		w.Card = wireCard(p)
	}
	if x["offers"] {
		w.Offers = collect[empty, empty](nil, nil)
	}
	if x["refunds"] {
		rs, err := desk.List[desk.Refund](q.Context(), r.desk, desk.Query{Book: q.book(), Parent: p.ID, Count: maxPage})
		if err != nil {
			return w, err
		}
		w.Refunds = collect(rs, wireRefund)
	}
	return w, nil
}

func (r *room) fetchPayment(q *request) (any, error) {
	x, err := q.expand(paymentExpansions, moreExpansions...)
	if err != nil {
		return nil, err
	}
	if q.linked != "" {
		return r.fetchReceived(q)
	}
	p, err := desk.Find[desk.Payment](q.Context(), r.desk, q.book(), q.id("pay"))
	if err != nil {
		return nil, err
	}
	return r.expandPayment(q, p, x)
}

func (r *room) listPayments(q *request) (any, error) {
	page, err := q.page()
	if err != nil {
		return nil, err
	}
	x, err := q.expand(paymentExpansions, moreExpansions...)
	if err != nil {
		return nil, err
	}
	if q.linked != "" {
		return r.listReceived(q, page)
	}
	rows, err := desk.List[desk.Payment](q.Context(), r.desk, page)
	if err != nil {
		return nil, err
	}
	all := collection[paymentWire]{Entity: "collection", Count: len(rows), Items: make([]paymentWire, len(rows))}
	for i, p := range rows {
		if all.Items[i], err = r.expandPayment(q, p, x); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// "Update a Payment": notes only.
func (r *room) editPayment(q *request) (any, error) {
	notes, err := q.newNotes()
	if err != nil {
		return nil, err
	}
	if err := q.merchantOnly(q.id("pay")); err != nil {
		return nil, err
	}
	p, err := r.desk.EditPayment(q.Context(), q.book(), q.id("pay"), notes)
	if err != nil {
		return nil, err
	}
	return wirePayment(p), nil
}

// "Capture a Payment". The Go client's amount of zero is no amount.
func (r *room) capturePayment(q *request) (any, error) {
	b := q.body()
	ask := desk.CaptureRequest{Payment: q.id("pay")}
	if ask.Amount, _ = b.amount("amount"); ask.Amount == 0 {
		b.refuseIn("amount", whyCaptureBlank, "")
	}
	b.currency("currency", false, whyCaptureCurrency)
	if err := b.done(); err != nil {
		return nil, err
	}
	if err := q.merchantOnly(ask.Payment); err != nil {
		return nil, err
	}
	p, err := r.desk.CapturePayment(q.Context(), q.book(), ask)
	if err != nil {
		return nil, err
	}
	return wirePayment(p), nil
}

// "Fetch Card Details of a Payment".
func (r *room) fetchPaymentCard(q *request) (any, error) {
	if err := q.merchantOnly(q.id("pay")); err != nil {
		return nil, err
	}
	p, err := desk.Find[desk.Payment](q.Context(), r.desk, q.book(), q.id("pay"))
	if err != nil {
		return nil, err
	}
	card := wireCard(p)
	if card == nil {
		return nil, ledger.Refuse(ledger.WrongState, whyNotCard, "")
	}
	return card, nil
}
