package phonepe

import (
	"context"
	"encoding/json"
	"strings"

	"wapas/desk"
	"wapas/dialect"
	"wapas/ledger"
	"wapas/rail"
)

// The rules of refunds of the newest generation.
const (
	whyNoRefund    ledger.Why = "no_refund"    // NotFound: the merchant has no such refund
	whyRefundAgain ledger.Why = "refund_again" // Duplicate: the merchant's name of the refund is another one's
)

// minOrderRefund is the least that may be refunded of an order: a rupee.
const minOrderRefund ledger.Amount = 100

// refundedWire answers a request for a refund.
type refundedWire struct {
	RefundID string `json:"refundId"`
	Amount   int64  `json:"amount"`
	State    string `json:"state"`
	Currency string `json:"currency"`
}

// refundStatusWire is a refund, in both shapes: the documentation's, with the
// instruments on top, and that of the vendor's clients, with a list of attempts
// of which there is one.
type refundStatusWire struct {
	MerchantID              string        `json:"merchantId"`
	MerchantRefundID        string        `json:"merchantRefundId"`
	OriginalMerchantOrderID string        `json:"originalMerchantOrderId"`
	RefundID                string        `json:"refundId"`
	Amount                  int64         `json:"amount"`
	Currency                string        `json:"currency"`
	State                   string        `json:"state"`
	Timestamp               int64         `json:"timestamp"` // milliseconds
	ErrorCode               string        `json:"errorCode,omitempty"`
	DetailedErrorCode       string        `json:"detailedErrorCode,omitempty"`
	SplitInstruments        []splitWire   `json:"splitInstruments"`
	PaymentDetails          []detailWire3 `json:"paymentDetails"`
}

// A refundKept is what the handle of a refund remembers.
type refundKept struct {
	Generation int    `json:"generation"` // 3
	Digest     string `json:"digest"`     // of what was asked for
	Original   string `json:"original"`   // originalMerchantOrderId, as it was written
}

// The names of a refund: the merchant's refund ids are a list of their own, so
// that a refund may be called like an order; the vendor's begin with OMR.
const refundPrefix = Room + ".refund/"

func refundHandle(name string) desk.ID { return desk.HandleID(Room+".refund", name) }
func orderRefundRef(id desk.ID) string { return "OMR" + digitsOf(id) }
func refundAttemptRef(id desk.ID) string {
	return "OM" + digitsOf(id)
}

// refundOrder gives money of an order back. The order may be one of an older
// generation, or the id of a payment of another API on the same book: there is
// one budget for all. The very same request again hears the first answer, so
// that a client that heard nothing may ask again.
//
// It refuses, in this order: what is wrong with the fields; a name that was used
// for another refund; no such order; an order that is not completed or too old;
// more than is left of it; a merchant who is short of money. A request that was
// refused uses no name up.
func (r *room) refundOrder(q *request) (any, error) {
	s, err := q.plain()
	if err != nil {
		return nil, err
	}
	name, original, amount := s.reference("merchantRefundId"), s.reference("originalMerchantOrderId"), s.amount(minOrderRefund)
	if *s.err != nil {
		return nil, *s.err
	}
	kept := refundKept{Generation: 3, Digest: desk.Digest(name, original, amount), Original: original}
	wire, err := dialect.Encode(kept)
	if err != nil {
		return nil, err
	}
	of := handleOf(original)
	if strings.HasPrefix(original, "pay_") {
		of = desk.ID(original)
	}
	f, err := r.desk.Refund(q.Context(), q.book(), desk.RefundRequest{
		Of: []desk.ID{of}, Amount: amount,
		Called: desk.Called{
			Room: Room, Handle: desk.Handle{ID: refundHandle(name), Wire: string(wire)}, Ref: name,
			Aliases: func(id desk.ID) []desk.ID { return []desk.ID{refOf(orderRefundRef(id))} },
		},
	})
	if e, ok := err.(*ledger.Error); ok && e.Why == desk.WhyHandleUsed {
		var before orderRefund
		if before, err = findRefund(q.Context(), r.desk, q.book(), name); err == nil && before.Digest != kept.Digest {
			err = ledger.Refuse(ledger.Duplicate, whyRefundAgain, "").In("merchantRefundId")
		}
		f = before.Refund
	}
	if err != nil {
		return nil, err
	}
	w := refundedWire{orderRefundRef(f.ID), int64(f.Amount), statePending, "INR"}
	if f.To == "wallet" { // it was done at once
		w.State = stateCompleted
	}
	return w, nil
}

// refundStatus says what became of a refund.
func (r *room) refundStatus(q *request) (any, error) {
	f, err := findRefund(q.Context(), r.desk, q.book(), q.id("refund"))
	if err != nil {
		return nil, err
	}
	merchant, err := r.merchantOf(q)
	if err != nil {
		return nil, err
	}
	return f.wire(merchant), nil
}

// An orderRefund is a refund of this generation with all that is known of it.
type orderRefund struct {
	refundKept
	Name    string // merchantRefundId
	Refund  desk.Refund
	Payment desk.Payment
	Order   desk.RailOrder // none if it went to a wallet of ours
	Mode    string         // how the payment was made
}

// findRefund finds a refund by the merchant's name: NotFound if there is none.
func findRefund(ctx context.Context, d *desk.Desk, book desk.BookID, name string) (orderRefund, error) {
	h, err := d.Handle(ctx, book, refundHandle(name))
	if err != nil {
		return orderRefund{}, notFound(err, whyNoRefund)
	}
	f, err := readRefund(h)
	if err != nil {
		return f, err
	}
	if f.Refund, f.Order, err = d.RefundOrdered(ctx, book, h.Of); err != nil {
		return f, err
	}
	if f.Payment, err = desk.Find[desk.Payment](ctx, d, book, f.Refund.Payment); err != nil {
		return f, err
	}
	f.Mode = modeOf(f.Payment)
	o, ok, err := paymentOrder(ctx, d, book, f.Payment.ID)
	if err != nil {
		return f, err
	}
	if ok && o.Mode != "" {
		f.Mode = o.Mode
	}
	return f, nil
}

// readRefund is what the handle of a refund says.
func readRefund(h desk.Handle) (orderRefund, error) {
	f := orderRefund{Name: strings.TrimPrefix(string(h.ID), refundPrefix)}
	return f, json.Unmarshal([]byte(h.Wire), &f.refundKept)
}

// state is a refund in the words of this API: confirmed from when the rail has
// said that it has it. Nobody knows where one is that the rail says nothing of.
func (f orderRefund) state() string {
	switch {
	case f.Refund.State == "done":
		return stateCompleted
	case f.Refund.State == "failed":
		return stateFailed
	case f.Order.State == "sent" && f.Order.Asked > 0:
		return stateConfirmed
	}
	return statePending
}

// refundFailures are why a refund failed, in the words of this API by those of
// the rail.
var refundFailures = map[string]string{
	rail.CodeInsufficient: balanceTooLow,
	rail.CodeWindow:       tooOldForRefund,
	rail.CodeTechnical:    "UT",
	rail.CodeCreditFailed: "UT",
	"":                    "UT",
}

// failure is why the refund failed. What the vendor has no word for goes out in
// the rail's.
func (f orderRefund) failure() (code, detailed string) {
	word := f.Order.Code
	detailed, ok := refundFailures[word]
	if !ok {
		detailed = strings.ToUpper(word)
	}
	return "PAYMENT_ERROR", detailed
}

// wire writes a refund down.
func (f orderRefund) wire(merchant string) refundStatusWire {
	proof := f.Refund.Reference
	instrument, rail := instrumentOf(f.Payment, proof)
	d := detail(f.Mode, int64(f.Refund.Amount), instrument, rail)
	d.TransactionID, d.State, d.Timestamp = refundAttemptRef(f.Refund.ID), f.state(), millis(f.Refund.CreatedAt)
	if f.Refund.ProcessedAt != 0 {
		d.Timestamp = millis(f.Refund.ProcessedAt)
	}
	if d.State == stateFailed {
		d.ErrorCode, d.DetailedErrorCode = f.failure()
	}
	return refundStatusWire{
		MerchantID: merchant, MerchantRefundID: f.Name, OriginalMerchantOrderID: f.Original, RefundID: orderRefundRef(f.Refund.ID),
		Amount: d.Amount, Currency: "INR", State: d.State, Timestamp: d.Timestamp,
		ErrorCode: d.ErrorCode, DetailedErrorCode: d.DetailedErrorCode,
		SplitInstruments: d.SplitInstruments, PaymentDetails: []detailWire3{d},
	}
}
