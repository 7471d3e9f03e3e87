package phonepe

import (
	"errors"
	"regexp"
	"strings"

	"wapas/desk"
	"wapas/dialect"
	"wapas/ledger"
)

// whyRefundIDUsed is desk.WhyHandleUsed for a refund: Duplicate.
const whyRefundIDUsed ledger.Why = "refund_id_used"

// The limits of the fields that the merchant fills in, in characters.
const (
	maxTransaction = 38 // "less than 38" on the older pages, 38 on newer ones
	maxOrder       = 64
	maxName        = 100
)

// transactionForm is what the merchant's ids look like.
var transactionForm = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// transaction reads the merchant's id of a new thing.
func (s sheet) transaction(name string) string {
	v := s.need(name, maxTransaction)
	if v != "" && !transactionForm.MatchString(v) {
		s.refuse(name, whyForm, "letters, digits, _ and -")
	}
	return v
}

// either reads a field that the pages have two names for.
func (s sheet) either(name, other string, most int) string {
	if v := s.text(name, most); v != "" {
		return v
	}
	return s.text(other, most)
}

// paise reads the amount: a whole number, never a text, from one paisa.
func (s sheet) paise() ledger.Amount { return s.amount(1) }

// refund is the "Refund API": money of a payment goes back to where it came
// from. It answers PAYMENT_PENDING, and how it ends is heard by asking for the
// status or by the callback.
//
// It refuses, in this order: BAD_REQUEST for a field; DUPLICATE_TXN_REQUEST if
// the id was used, for a refund or a payment; TRANSACTION_NOT_FOUND if there is
// no such payment or it was not successful; BAD_REQUEST if it is named twice and
// the names are of two payments; REVERSAL_WINDOW_EXCEEDED; EXCESS_REFUND_AMOUNT.
// If only refunds that are under way stand in the way, that is PAYMENT_ERROR
// with payResponseCode EXCESS_REFUND_AMOUNT, as the vendor says of a refund that
// is posted again while it is pending; what the merchant's balance does not
// cover is PAYMENT_ERROR too.
func (r *room) refund(q *request) (any, error) {
	s := q.body
	m := memo{Gen: q.gen, Kind: "refund", Merchant: q.merchant, Index: q.index}
	var transaction string
	var of []desk.ID
	if q.gen == g2 {
		transaction = s.transaction("merchantTransactionId")
		m.User = s.text("merchantUserId", maxName)
		m.Original = s.need("originalTransactionId", maxTransaction)
		m.Callback = s.address("callbackUrl")
	} else {
		transaction = s.transaction("transactionId")
		m.Original = s.text("originalTransactionId", maxTransaction)
		m.Provider = s.text("providerReferenceId", maxTransaction)
		if m.Original == "" && m.Provider == "" {
			s.refuse("originalTransactionId", whyMissing, "")
		}
	}
	amount := s.paise()
	var notes *dialect.Object
	if q.gen != g2 {
		m.Order = s.text("merchantOrderId", maxOrder)
		m.Sub = s.either("subMerchant", "subMerchantId", maxName)
		notes = &dialect.Object{}
		notes.Set("message", dialect.Text(s.message(q.gen)))
	}
	q.callback(s, &m)
	if *s.err != nil {
		return nil, *s.err
	}
	if m.Original != "" {
		of = append(of, original(m.Original, handleOf))
	}
	if m.Provider != "" {
		of = append(of, original(m.Provider, refOf))
	}
	ask := desk.RefundRequest{Amount: amount, Of: of}
	if notes != nil && notes.Vals["message"] != dialect.Text("") {
		ask.Notes = desk.Notes(dialect.WriteJSON(notes))
	}
	ask.Called = m.called(transaction, func(id desk.ID) string { return refundRef(q.gen, id) })
	x, err := r.desk.Refund(q.Context(), q.book(), ask)
	if err != nil {
		return r.refused(q, m, transaction, ask, because(err, desk.WhyHandleUsed, whyRefundIDUsed))
	}
	t := thing{memo: m, transaction: transaction, refund: x, order: desk.RailOrder{State: "waiting"}}
	e := t.answer(q.gen, q.merchant)
	if q.gen == g2 && e.Code == codePending {
		e.Message = meanings[codeSuccess].message // as the page has it
	}
	return e, nil
}

// message reads the short message, which the refund's page wants of everybody;
// the client of generation 0 does not always have one.
func (s sheet) message(gen generation) string {
	if gen == g0 {
		return s.text("message", maxMessage)
	}
	return s.need("message", maxMessage)
}

// original is how a caller names a payment: by a name of this room, or by our
// id if another API of ours took it.
func original(name string, handle func(string) desk.ID) desk.ID {
	if id := desk.ID(name); id.Prefix() == "pay" {
		return id
	}
	return handle(name)
}

// refused is the answer to a refund that cannot be made: a refund that was
// declined where the vendor's pages have that, and otherwise the refusal.
func (r *room) refused(q *request, m memo, transaction string, ask desk.RefundRequest, err error) (any, error) {
	response := ""
	var no *ledger.Error
	switch {
	case !errors.As(err, &no):
	case no.Why == desk.WhyRefundUnavailable:
		response = balanceTooLow
	case codeOf(err) == codeExcess:
		left, lookErr := r.leftLater(q, ask)
		if lookErr != nil {
			return nil, lookErr
		}
		if ask.Amount <= left {
			response = codeExcess
		}
	}
	if response == "" {
		return nil, err
	}
	t := thing{memo: m, transaction: transaction, refund: desk.Refund{ID: "rfnd", Amount: ask.Amount, State: "failed"}, order: desk.RailOrder{Code: strings.ToLower(response)}}
	if q.gen == g2 {
		w := t.newerWire(t.result(q.gen), q.merchant)
		w.Reference = ""
		return say(codeFailed, w), nil
	}
	w := t.resultWire(t.result(q.gen), q.merchant)
	w.Reference = m.Provider
	return say(codeFailed, w), nil
}

// leftLater is what would be left of a payment if no refund of it was under
// way.
func (r *room) leftLater(q *request, ask desk.RefundRequest) (ledger.Amount, error) {
	id := ask.Of[0]
	if id.Prefix() != "pay" {
		h, err := r.desk.Handle(q.Context(), q.book(), id)
		if err != nil {
			return 0, err
		}
		id = h.Of
	}
	p, err := desk.Find[desk.Payment](q.Context(), r.desk, q.book(), id)
	b := p.Budget()
	b.Pending = 0
	return b.Left(), err
}
