package razorpay

import (
	"encoding/json"
	"strings"

	"wapas/desk"
	"wapas/ledger"
)

// The rules of X-Refund-Idempotency, which is looked at before the body.
const (
	whyRefundKeyShort ledger.Why = "refund_key_short"
	whyRefundKeyLong  ledger.Why = "refund_key_long"
	whyRefundKeyForm  ledger.Why = "refund_key_form"
)

// The limits of a refund's parts, in characters. There is none in the manual
// for a receipt.
const (
	minRefundKey     = 10
	maxRefundKey     = 255
	maxRefundReceipt = 255
)

// refundWire is the refund entity. Both speeds are always there, although the
// manual says that they come only if a speed was asked for: its samples have
// them.
type refundWire struct {
	ID             desk.ID       `json:"id"`
	Entity         string        `json:"entity"`
	Amount         ledger.Amount `json:"amount"`
	Currency       string        `json:"currency"`
	Payment        desk.ID       `json:"payment_id"`
	Notes          notesWire     `json:"notes"`
	Receipt        *string       `json:"receipt"`
	Acquirer       proofWire     `json:"acquirer_data"`
	CreatedAt      int64         `json:"created_at"`
	Batch          *string       `json:"batch_id"` // always null: there are no batches
	Status         string        `json:"status"`
	SpeedProcessed string        `json:"speed_processed"`
	SpeedRequested string        `json:"speed_requested"`
}

// A proofWire is the proof of a refund under its name: arn for cards, rrn for
// UPI, utr for the rest and for instant refunds, null until it is known. A
// refund to a wallet has none: {}.
type proofWire struct{ name, reference string }

func (p proofWire) MarshalJSON() ([]byte, error) {
	if p.name == "" {
		return []byte("{}"), nil
	}
	return json.Marshal(map[string]*string{p.name: orNull(p.reference)})
}

// wireRefund: "processed" is said at once, before the bank has confirmed it, as
// the real API does, unless the merchant's terms want the confirmation.
func wireRefund(x desk.Refund) refundWire {
	status := map[string]string{"pending": "pending", "done": "processed", "failed": "failed"}[x.State]
	if x.State == "pending" && !x.Confirm {
		status = "processed"
	}
	return refundWire{
		ID: x.ID, Entity: "refund", Amount: x.Amount, Currency: inr, Payment: x.Payment, Notes: notesWire(x.Notes),
		Receipt: orNull(x.Receipt), Acquirer: proofWire{x.Proof, x.Reference}, CreatedAt: x.CreatedAt.Unix(),
		Status: status, SpeedProcessed: x.Done, SpeedRequested: x.Speed,
	}
}

// "Create a Normal Refund", "Create an Instant Refund" and, with reverse_all,
// "Refund Payments and Reverse Transfer from a Linked Account".
func (r *room) refundPayment(q *request) (any, error) { return r.refund(q, q.id("pay"), q.body()) }

// createRefund is the alias of refundPayment that names the payment in its
// body: several clients use it, and the manual does not mention it.
func (r *room) createRefund(q *request) (any, error) {
	b := q.body()
	b.require("payment_id")
	return r.refund(q, b.id("payment_id", "pay"), b)
}

// refund asks for a refund of a payment. Without an amount all that is left of
// it goes back; an amount that is there but empty is nobody's wish.
func (r *room) refund(q *request, payment desk.ID, b *fields) (any, error) {
	key, err := refundKey(q)
	if err != nil {
		return nil, err
	}
	if v, sent := b.value("amount").(text); sent && v == "" {
		b.refuseIn("amount", desk.WhyRefundZero, "")
	}
	ask := desk.RefundRequest{Payment: payment}
	var some bool
	ask.Amount, some = b.amount("amount")
	ask.Full = !some
	ask.Speed = b.one("speed", desk.Normal, desk.Optimum)
	ask.Receipt = b.text("receipt", maxRefundReceipt)
	ask.ReverseAll, _ = b.flag("reverse_all")
	ask.Notes, _ = b.notes("notes")
	ask.Outcome = b.outcome(q)
	if err := b.done(); err != nil {
		return nil, err
	}
	if q.linked != "" { // what a linked account has are transfers
		return nil, ledger.Refuse(ledger.NotFound, desk.WhyUnknownID, "%s", payment)
	}
	ask.Key = desk.Once{Scope: "razorpay.refund", Key: key, Digest: desk.Digest(ask), Busy: true}
	x, err := r.desk.Refund(q.Context(), q.book(), ask)
	if err != nil {
		return nil, err
	}
	return wireRefund(x), nil
}

// outcome reads how a tester wants the simulated rail to end a refund or a
// payout: the note wapas_outcome, which means nothing in a live book.
func (f *fields) outcome(q *request) string {
	notes, ok := f.value("notes").(*object)
	if !ok || q.caller.Mode != desk.Test {
		return ""
	}
	name, _ := notes.Vals["wapas_outcome"].(text)
	return string(name)
}

// refundKey reads the caller's key for a refund: "Idempotency" of normal and
// instant refunds.
func refundKey(q *request) (string, error) {
	key := q.Header.Get("X-Refund-Idempotency")
	allowed := func(c rune) bool { return c == '-' || c == '_' || !notBase62(c) }
	switch {
	case key == "":
		return "", nil
	case len(key) < minRefundKey:
		return "", ledger.Refuse(ledger.Invalid, whyRefundKeyShort, "")
	case len(key) > maxRefundKey:
		return "", ledger.Refuse(ledger.Invalid, whyRefundKeyLong, "%d", maxRefundKey)
	case strings.IndexFunc(key, func(c rune) bool { return !allowed(c) }) >= 0:
		return "", ledger.Refuse(ledger.Invalid, whyRefundKeyForm, "")
	}
	return key, nil
}

// "Fetch All Refunds". A filter by payment is taken too: clients send it.
func (r *room) listRefunds(q *request) (any, error) {
	page, err := q.page()
	if err != nil {
		return nil, err
	}
	f := q.query()
	page.Parent = f.id("payment_id", "pay")
	if err := f.err(); err != nil {
		return nil, err
	}
	return r.refunds(q, page)
}

// "Fetch Multiple Refunds for a Payment".
func (r *room) listPaymentRefunds(q *request) (any, error) {
	page, err := q.page()
	if err != nil {
		return nil, err
	}
	if _, err := desk.Find[desk.Payment](q.Context(), r.desk, q.book(), q.id("pay")); err != nil {
		return nil, err
	}
	page.Parent = q.id("pay")
	return r.refunds(q, page)
}

func (r *room) refunds(q *request, page desk.Query) (any, error) {
	if q.linked != "" {
		return collect[desk.Refund](nil, wireRefund), nil
	}
	page.Has = []string{"payment_id"} // store credit and refunds of other rooms may be of none
	rows, err := desk.List[desk.Refund](q.Context(), r.desk, page)
	if err != nil {
		return nil, err
	}
	return collect(rows, wireRefund), nil
}

// "Fetch a Refund by ID".
func (r *room) fetchRefund(q *request) (any, error) {
	x, err := r.oneRefund(q)
	if err != nil {
		return nil, err
	}
	return wireRefund(x), nil
}

// "Fetch a Specific Refund for a Payment".
func (r *room) fetchPaymentRefund(q *request) (any, error) {
	x, err := r.oneRefund(q)
	if err != nil {
		return nil, err
	}
	if x.Payment != q.id("pay") {
		return nil, ledger.Refuse(ledger.NotFound, desk.WhyUnknownID, "%s", x.ID)
	}
	return wireRefund(x), nil
}

func (r *room) oneRefund(q *request) (desk.Refund, error) {
	if q.linked != "" {
		return desk.Refund{}, ledger.Refuse(ledger.NotFound, desk.WhyUnknownID, "%s", q.id("rfnd"))
	}
	x, err := desk.Find[desk.Refund](q.Context(), r.desk, q.book(), q.id("rfnd"))
	if err == nil && x.Payment == "" { // this API knows refunds of payments only
		err = ledger.Refuse(ledger.NotFound, desk.WhyUnknownID, "%s", x.ID)
	}
	return x, err
}

// "Update a Refund": notes only.
func (r *room) editRefund(q *request) (any, error) {
	notes, err := q.newNotes()
	if err != nil {
		return nil, err
	}
	if _, err := r.oneRefund(q); err != nil {
		return nil, err
	}
	x, err := r.desk.EditRefund(q.Context(), q.book(), q.id("rfnd"), notes)
	if err != nil {
		return nil, err
	}
	return wireRefund(x), nil
}
