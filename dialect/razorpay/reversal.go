package razorpay

import (
	"wapas/desk"
	"wapas/ledger"
)

// A reversalWire is a reversal. If there is one, it happened.
type reversalWire struct {
	ID        desk.ID       `json:"id"`
	Entity    string        `json:"entity"`
	Transfer  desk.ID       `json:"transfer_id"`
	Amount    ledger.Amount `json:"amount"`
	Fee       int           `json:"fee"` // always 0: a reversal costs nothing and returns no fee
	Tax       int           `json:"tax"`
	Currency  string        `json:"currency"`
	Notes     notesWire     `json:"notes"`
	Initiator desk.ID       `json:"initiator_id"` // the merchant, without a prefix
	Refund    *desk.ID      `json:"customer_refund_id"`
	UTR       any           `json:"utr,omitempty"` // null, in lists only
	CreatedAt int64         `json:"created_at"`
}

func (q *request) wireReversal(v desk.Reversal) reversalWire {
	return wireReversal(v, q.caller.Merchant)
}

func wireReversal(v desk.Reversal, merchant desk.ID) reversalWire {
	return reversalWire{
		ID: v.ID, Entity: "reversal", Transfer: v.Transfer, Amount: v.Amount, Currency: inr, Notes: notesWire(v.Notes),
		Initiator: merchant, Refund: orNull(v.Refund), CreatedAt: v.CreatedAt.Unix(),
	}
}

// reverseTransfer: "Reverse transfers from all linked accounts" and "Reverse
// transfers from a linked account".
func (r *room) reverseTransfer(q *request) (any, error) {
	b := q.body()
	amount, sent := b.amount("amount")
	if sent && amount == 0 {
		b.refuseIn("amount", desk.WhyReversalMin, "0")
	}
	notes, _ := b.notes("notes")
	b.ignore("linked_account_notes")
	if err := b.done(); err != nil {
		return nil, err
	}
	if err := q.merchantOnly(q.id("trf")); err != nil {
		return nil, err
	}
	v, err := r.desk.Reverse(q.Context(), q.book(), desk.ReversalRequest{Transfer: q.id("trf"), Amount: amount, Notes: notes})
	if err != nil {
		return nil, err
	}
	return q.wireReversal(v), nil
}

// listReversals: "Fetch reversals for a transfer".
func (r *room) listReversals(q *request) (any, error) {
	p, err := q.page()
	if err != nil {
		return nil, err
	}
	t, err := r.transfer(q)
	if err != nil {
		return nil, err
	}
	p.Parent = t.ID
	vs, err := desk.List[desk.Reversal](q.Context(), r.desk, p)
	if err != nil {
		return nil, err
	}
	return collect(vs, func(v desk.Reversal) reversalWire {
		w := q.wireReversal(v)
		w.UTR = (*string)(nil)
		return w
	}), nil
}
