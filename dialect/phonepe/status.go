package phonepe

import (
	"context"
	"strings"

	"wapas/desk"
	"wapas/ledger"
	"wapas/rail"
)

// A thing is a payment or a refund under the merchant's name for it.
type thing struct {
	memo
	transaction string // the merchant's name
	payment     desk.Payment
	refund      desk.Refund
	order       desk.RailOrder // of the refund; none if it went to a wallet
}

// isRefund says which of the two it is.
func (t thing) isRefund() bool { return t.refund.ID != "" }

// A result is what became of a thing, in the vendor's words.
type result struct {
	code     string
	state    string // PENDING, COMPLETED, FAILED
	response string // payResponseCode, or responseCode of generation 2
}

// status is the answer to "Check Payment Status", which is the same call for
// payments and refunds.
func (r *room) status(q *request) (any, error) {
	h, err := r.desk.Handle(q.Context(), q.book(), handleOf(q.id("id")))
	if err != nil {
		return nil, err
	}
	t, err := r.look(q.Context(), q.book(), h)
	if err != nil {
		return nil, err
	}
	return t.answer(q.gen, q.merchant), nil
}

// statusByReference is the same, by PhonePe's own id.
func (r *room) statusByReference(q *request) (any, error) {
	ref, err := r.desk.Handle(q.Context(), q.book(), refOf(q.id("ref")))
	if err != nil {
		return nil, err
	}
	t, err := r.lookUp(q.Context(), q.book(), ref.Of)
	if err != nil {
		return nil, err
	}
	return t.answer(q.gen, q.merchant), nil
}

// lookUp finds a thing by our id: NotFound if the older generations have no
// name for it.
func (r *room) lookUp(ctx context.Context, book desk.BookID, id desk.ID) (thing, error) {
	all, err := r.desk.Handles(ctx, book, id)
	if err != nil {
		return thing{}, err
	}
	for _, h := range all {
		if _, _, ok := readMemo(h); ok {
			return r.look(ctx, book, h)
		}
	}
	return thing{}, ledger.Refuse(ledger.NotFound, desk.WhyUnknownID, "%s", id)
}

// look reads what a handle names as it is now.
func (r *room) look(ctx context.Context, book desk.BookID, h desk.Handle) (t thing, err error) {
	var ok bool
	if t.memo, t.transaction, ok = readMemo(h); !ok {
		return t, ledger.Refuse(ledger.NotFound, desk.WhyUnknownID, "%s", h.ID)
	}
	if h.Of.Prefix() == "pay" {
		t.payment, err = desk.Find[desk.Payment](ctx, r.desk, book, h.Of)
		return t, err
	}
	t.refund, t.order, err = r.desk.RefundOrdered(ctx, book, h.Of)
	return t, err
}

// result is what became of it so far.
func (t thing) result(gen generation) result {
	if t.isRefund() {
		return refundResult(t.refund, t.order)
	}
	return paymentResult(gen, t.payment)
}

// paymentResult is what became of a payment. Generation 2 has no code of its
// own for one that the customer declined.
func paymentResult(gen generation, p desk.Payment) result {
	switch {
	case p.Captured:
		return result{codePaid, stateCompleted, "SUCCESS"}
	case p.Status == desk.PaymentCreated, p.Status == desk.PaymentAuthorized:
		return result{codePending, statePending, "CREATED"}
	case p.Status == desk.PaymentRefunded: // it came too late and went back
		return result{codeFailed, stateFailed, "AUTO_REFUNDED"}
	}
	switch p.ErrorReason {
	case desk.ReasonTimedOut:
		return result{codeFailed, stateFailed, codeTimedOut}
	case desk.ReasonCancelled:
		return result{codeCancelled, stateFailed, codeCancelled}
	case desk.ReasonDeclined, desk.Declined.Reason:
		code := codeDeclined
		if gen == g2 {
			code = codeFailed
		}
		return result{code, stateFailed, "REQUEST_DECLINE_BY_REQUESTEE"}
	}
	return result{codeFailed, stateFailed, strings.ToUpper(p.ErrorReason)}
}

// refundResult is what became of a refund. An outcome that nobody knows is no
// failure: the refund is asked about until it is known.
func refundResult(x desk.Refund, o desk.RailOrder) result {
	switch x.State {
	case "done":
		return result{codePaid, stateCompleted, "SUCCESS"}
	case "failed":
		switch o.Code {
		case rail.CodeNotActivated:
			return result{codeNotActivated, stateFailed, codeNotActivated}
		case rail.CodeWindow:
			return result{codeWindow, stateFailed, codeWindow}
		case "":
			return result{codeFailed, stateFailed, "FAILED"}
		}
		return result{codeFailed, stateFailed, strings.ToUpper(o.Code)}
	}
	if o.State == "unknown" {
		if o.Code == rail.CodeFault {
			return result{codeInternal, statePending, codeInternal}
		}
		return result{codeTimedOut, statePending, codeTimedOut}
	}
	return result{codePending, statePending, codePending}
}

// resultWire is a payment or a refund in generation 1 and 0. The refund's page
// has status, the status' page paymentState; both are on both.
type resultWire struct {
	Transaction  string        `json:"transactionId"`
	Merchant     string        `json:"merchantId"`
	Amount       ledger.Amount `json:"amount"`
	Order        string        `json:"merchantOrderId,omitempty"` // where it is not the transaction's id
	Status       string        `json:"status"`                    // SUCCESS, PENDING, FAILED
	Reference    string        `json:"providerReferenceId,omitempty"`
	PaymentState string        `json:"paymentState"` // COMPLETED, PENDING, FAILED
	Response     string        `json:"payResponseCode"`
}

// newerWire is the same in generation 2, where transactionId is PhonePe's.
type newerWire struct {
	Merchant    string        `json:"merchantId"`
	Transaction string        `json:"merchantTransactionId"`
	Reference   string        `json:"transactionId"`
	Amount      ledger.Amount `json:"amount"`
	State       string        `json:"state"`
	Response    string        `json:"responseCode"`
	Instrument  *instrument   `json:"paymentInstrument"` // null until the money moved
}

// An instrument is how money moved, with its proof.
type instrument struct {
	Type string `json:"type"`
	UTR  string `json:"utr,omitempty"`
}

// answer is the thing as an answer of a generation.
func (t thing) answer(gen generation, merchant string) envelope {
	res := t.result(gen)
	var e envelope
	if gen == g2 {
		e = say(res.code, t.newerWire(res, merchant))
	} else {
		e = say(res.code, t.resultWire(res, merchant))
	}
	e.about = true
	return e
}

func (t thing) resultWire(res result, merchant string) resultWire {
	w := resultWire{
		Transaction: t.transaction, Merchant: merchant, Amount: t.payment.Amount,
		Status: res.state, PaymentState: res.state, Response: res.response,
	}
	if res.state == stateCompleted {
		w.Status = "SUCCESS"
	}
	if t.Order != t.transaction {
		w.Order = t.Order
	}
	if t.isRefund() {
		w.Amount, w.Reference = t.refund.Amount, t.forward()
	} else if res.state != statePending {
		w.Reference = paymentRef(t.payment.ID)
	}
	return w
}

func (t thing) newerWire(res result, merchant string) newerWire {
	w := newerWire{
		Merchant: merchant, Transaction: t.transaction, Amount: t.payment.Amount, State: res.state, Response: res.response,
		Reference: paymentRef(t.payment.ID),
	}
	proof := t.payment.Reference
	if t.isRefund() {
		w.Amount, w.Reference, proof = t.refund.Amount, refundRef(t.Gen, t.refund.ID), t.refund.Reference
	}
	if res.state == stateCompleted {
		w.Instrument = &instrument{"UPI", proof}
	}
	return w
}

// forward is PhonePe's name of the payment that a refund gives back: that is
// what the refund's page calls providerReferenceId. It is what the caller called
// it, or else its own; a payment that another API of ours took has our id.
func (t thing) forward() string {
	switch {
	case t.Provider != "":
		return t.Provider
	case desk.ID(t.Original).Prefix() == "pay":
		return t.Original
	}
	return paymentRef(t.refund.Payment)
}
