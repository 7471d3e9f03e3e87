package engage

import (
	"encoding/json"

	"wapas/desk"
	"wapas/dialect"
	"wapas/ledger"
)

// The rules of this room on two fields of a credit that the desk does not know,
// and the only value that each may have.
const (
	whyAction   ledger.Why = "action"
	whyCurrency ledger.Why = "currency"

	load = "load"
	inr  = "INR"
)

// creditWire is the transaction, its fields in the order of the manual's sample.
type creditWire struct {
	ID        desk.ID         `json:"id"`
	Entity    string          `json:"entity"`
	Amount    ledger.Amount   `json:"amount"`
	Type      string          `json:"type"`
	Currency  string          `json:"currency"`
	GiftCard  *string         `json:"giftcard"` // always null: nothing is known of gift cards
	Wallet    walletWire      `json:"wallet"`
	Reference string          `json:"reference_id"`
	Source    desk.ID         `json:"source_id"`
	Notes     json.RawMessage `json:"notes"`
	Linked    *desk.ID        `json:"linked_transaction_id"` // null for what was given
	CreatedAt int64           `json:"created_at"`
}

// walletWire is whose wallet it is, and what it holds after the transaction.
type walletWire struct {
	User    desk.ID       `json:"user_id"`
	Program desk.ID       `json:"program_id"`
	Balance ledger.Amount `json:"balance"`
}

func wireCredit(x desk.Credit) creditWire {
	w := creditWire{
		ID: x.ID, Entity: "engage.transaction", Amount: x.Amount, Type: x.Type, Currency: inr,
		Wallet:    walletWire{x.Member, x.Programme, x.Balance},
		Reference: x.Reference, Source: x.Source, Notes: json.RawMessage("{}"), CreatedAt: x.CreatedAt.Unix(),
	}
	if x.Notes != "" {
		w.Notes = json.RawMessage(x.Notes)
	}
	if x.Linked != "" {
		w.Linked = &x.Linked
	}
	return w
}

// credit answers "Credits customer wallet with refund value" of one mode. The
// same reference_id is the same credit for good; a repeat while the first is
// under way waits for it.
func (r *room) credit(mode desk.Mode) handler {
	return func(q *request) (any, error) {
		caller, err := r.admit(q, mode)
		if err != nil {
			return nil, err
		}
		o, err := q.read(decodeJSON)
		if err != nil {
			return nil, err
		}
		ask, err := readCredit(o)
		if err != nil {
			return nil, err
		}
		x, err := r.desk.LoadCredit(q.Context(), caller.Book, ask)
		if ledger.CodeOf(err) == ledger.Mismatch {
			err = ledger.Refuse(ledger.Mismatch, desk.WhyKeyMismatch, "").In("reference_id")
		}
		if err != nil {
			return nil, err
		}
		return wireCredit(x), nil
	}
}

// readCredit reads the fields of a credit in the order of the manual's table,
// then those that are optional; the first fault is the answer. Fields that the
// manual does not have mean nothing.
func readCredit(o *dialect.Object) (desk.CreditRequest, error) {
	f := &fields{obj: o}
	q := desk.CreditRequest{Room: Room}
	q.Contact = f.text("contact", 10, desk.WhyMemberContact)
	f.check("contact", desk.IsContact(q.Contact), desk.WhyMemberContact)
	q.Partner = f.text("partner_user_id", desk.MaxPartner, desk.WhyMemberPartner)
	q.Amount = f.amount("amount")
	f.only("action", load, whyAction)
	f.only("currency", inr, whyCurrency)
	q.Reference = f.text("reference_id", desk.MaxCreditReference, desk.WhyCreditReference)
	q.Purpose = f.only("purpose", desk.CreditRefund, desk.WhyCreditPurpose)
	q.Notes, q.Order = f.notes("notes", "order_id")
	q.Email = f.optional("email", desk.MaxEmail, desk.WhyMemberEmail)
	return q, f.err
}
