package razorpay

import (
	"encoding/json"

	"wapas/desk"
	"wapas/dialect"
	"wapas/ledger"
)

// The rules of this room about transfers, in words that the vendor gives or,
// where none are public, in like ones.
const (
	whyShortKey         ledger.Why = "short_key"
	whyShortKeyReused   ledger.Why = "short_key_reused"
	whyDirectMin        ledger.Why = "direct_minimum"
	whyTransferCurrency ledger.Why = "transfer_currency"
	whyAccountCode      ledger.Why = "account_code"
	whyLinkedNotes      ledger.Why = "linked_notes"
)

// A transferWire is a transfer. Which of the fields without a type are there at
// all differs from call to call: nil leaves one out, a nil pointer is null.
type transferWire struct {
	ID                  desk.ID           `json:"id"`
	Entity              string            `json:"entity"`
	Status              string            `json:"status"`
	Source              desk.ID           `json:"source"`
	Recipient           desk.ID           `json:"recipient"`
	Amount              ledger.Amount     `json:"amount"`
	Currency            string            `json:"currency"`
	AmountReversed      ledger.Amount     `json:"amount_reversed"`
	Fees                any               `json:"fees,omitempty"`
	Tax                 any               `json:"tax,omitempty"`
	Notes               notesWire         `json:"notes"`
	LinkedNotes         json.RawMessage   `json:"linked_account_notes"`
	OnHold              bool              `json:"on_hold"`
	OnHoldUntil         *int64            `json:"on_hold_until"`
	SettlementStatus    any               `json:"settlement_status,omitempty"`
	Settlement          *desk.ID          `json:"recipient_settlement_id"`
	RecipientSettlement any               `json:"recipient_settlement,omitempty"` // asked for with expand
	CreatedAt           int64             `json:"created_at"`
	ProcessedAt         *int64            `json:"processed_at"`
	Error               transferErrorWire `json:"error"`
}

// A transferErrorWire is there in every transfer, all null but the id if
// nothing failed.
type transferErrorWire struct {
	Code        *string `json:"code"`
	Description *string `json:"description"`
	Reason      *string `json:"reason"`
	Field       *string `json:"field"`
	Step        *string `json:"step"`
	ID          desk.ID `json:"id"`
	Source      *string `json:"source"`
	Metadata    *string `json:"metadata"` // always null
}

// wireTransfer is a transfer as it is fetched, listed and edited.
func wireTransfer(t desk.Transfer) transferWire {
	w := wireTransferMade(t)
	w.Status, w.ProcessedAt = t.State, unix(t.ProcessedAt)
	w.Fees, w.Tax = t.Fee, &t.Tax
	if t.ProcessedAt == 0 {
		w.Tax = (*ledger.Amount)(nil)
	}
	w.SettlementStatus = orNull(t.SettlementState)
	return w
}

// wireTransferMade is a transfer in the answer to its making, from a payment or
// with an order. The real API makes transfers a moment later, so its clients
// look for "pending" here ("created" for a wallet or an order) and for the
// event; fees and settlement are not told yet.
func wireTransferMade(t desk.Transfer) transferWire {
	w := transferWire{
		ID: t.ID, Entity: "transfer", Status: "pending", Source: t.Source, Recipient: t.Recipient,
		Amount: t.Amount, Currency: inr, AmountReversed: t.Reversed,
		Notes: notesWire(t.Notes), LinkedNotes: json.RawMessage("[]"), OnHold: t.OnHold, OnHoldUntil: unix(t.HoldUntil),
		Settlement: orNull(t.Settlement), CreatedAt: t.CreatedAt.Unix(),
		Error: transferErrorWire{
			Code: orNull(t.ErrorCode), Description: orNull(t.ErrorDescription), Reason: orNull(t.ErrorReason),
			Field: orNull(t.ErrorField), Step: orNull(t.ErrorStep), ID: t.ID, Source: orNull(t.ErrorSource),
		},
	}
	if t.LinkedNotes != "" {
		w.LinkedNotes = json.RawMessage(t.LinkedNotes)
	}
	if t.Source.Prefix() == "order" || t.Recipient.Prefix() == "cust" {
		w.Status = "created"
	}
	return w
}

// wireTransferDirect is a transfer in the answer to a direct one.
func wireTransferDirect(t desk.Transfer) transferWire {
	w := wireTransfer(t)
	w.SettlementStatus = nil
	if t.Recipient.Prefix() == "cust" { // null in the manual's cashback, a time for linked accounts
		w.ProcessedAt = nil
	}
	return w
}

// transferPayment: "Create transfers from payments", and "Transfer a payment to
// a wallet", which is the same call with customer for account.
func (r *room) transferPayment(q *request) (any, error) {
	b := q.body()
	b.require("transfers")
	to := readTransfers(b, true)
	if err := b.done(); err != nil {
		return nil, err
	}
	if err := q.merchantOnly(q.id("pay")); err != nil {
		return nil, err
	}
	ts, err := r.desk.TransferPayment(q.Context(), q.book(), desk.PaymentTransferRequest{Payment: q.id("pay"), To: to})
	if err != nil {
		return nil, err
	}
	return collect(ts, wireTransferMade), nil
}

// merchantOnly refuses a caller who speaks for a linked account: what has this
// id is not there for it.
func (q *request) merchantOnly(id desk.ID) error {
	if q.linked != "" {
		return ledger.Refuse(ledger.NotFound, desk.WhyUnknownID, "%s", id)
	}
	return nil
}

// readTransfers reads the transfers that a payment or an order asks for. Only a
// payment may be passed on to a customer's wallet.
func readTransfers(b *fields, wallets bool) []desk.TransferTo {
	list, _ := b.objects("transfers")
	var to []desk.TransferTo
	for _, f := range list {
		to = append(to, readTransfer(f, wallets))
	}
	return to
}

// readTransfer reads one transfer. The manual's table says customer_id where
// its examples say customer: both are taken. Holds and notes for the recipient
// exist for linked accounts only.
func readTransfer(f *fields, wallets bool) (to desk.TransferTo) {
	if code := f.text("account_code", 20); code != "" {
		f.refuseIn("account_code", whyAccountCode, code)
	}
	field := "account"
	if wallets && !f.has("account") {
		for _, name := range []string{"customer", "customer_id"} {
			if f.has(name) {
				field = name
				break
			}
		}
	}
	f.require(field, "amount")
	if field == "account" {
		to.Recipient = f.id(field, "acc")
	} else {
		to.Recipient = f.id(field, "cust")
	}
	to.Amount, _ = f.amount("amount")
	f.currency("currency", true, whyTransferCurrency)
	to.Notes, _ = f.notes("notes")
	if field == "account" {
		to.LinkedNotes = readLinkedNotes(f)
		to.OnHold, _ = f.flag("on_hold")
		to.HoldUntil, _ = f.time("on_hold_until")
	}
	return to
}

// readLinkedNotes reads which of the notes the linked account sees: names of
// some that are there. It is kept as a JSON array.
func readLinkedNotes(f *fields) string {
	keys, _ := f.texts("linked_account_notes", maxNoteText)
	if len(keys) == 0 {
		return ""
	}
	notes, _ := f.value("notes").(*object)
	shown := list{}
	for _, k := range keys {
		if notes == nil || !notes.Has(k) {
			f.refuseIn("linked_account_notes", whyLinkedNotes, "")
			return ""
		}
		shown = append(shown, text(k))
	}
	return dialect.WriteJSON(shown)
}

// has says whether the object has a key.

// createTransfer: "Direct transfers" and, to a customer, "Create a cashback".
func (r *room) createTransfer(q *request) (any, error) {
	key, err := shortKey(q, "X-Transfer-Idempotency")
	if err != nil {
		return nil, err
	}
	b := q.body()
	to := readTransfer(b, true)
	if err := b.done(); err != nil {
		return nil, err
	}
	if q.linked != "" { // linked accounts have not this feature
		return nil, errWrongMethod
	}
	t, err := r.desk.TransferDirect(q.Context(), q.book(), desk.DirectTransferRequest{
		To:   to,
		Once: desk.Once{Scope: "razorpay.transfer", Key: key, Digest: desk.Digest(to), Busy: true},
	})
	if err != nil {
		err = because(err, desk.WhyTransferMin, whyDirectMin)
		return nil, because(err, desk.WhyKeyMismatch, whyShortKeyReused)
	}
	return wireTransferDirect(t), nil
}

// shortKey is the caller's word for "the same direct transfer again", or the
// same payout: 4 to 36 letters, digits, hyphens, underscores and spaces.
func shortKey(q *request, header string) (string, error) {
	key := q.Header.Get(header)
	if key == "" {
		return "", nil
	}
	bad := len(key) < 4 || len(key) > 36
	for _, c := range key {
		bad = bad || notBase62(c) && c != '-' && c != '_' && c != ' '
	}
	if bad {
		return "", ledger.Refuse(ledger.Invalid, whyShortKey, "").In(header)
	}
	return key, nil
}

// listPaymentTransfers: "Fetch transfers for a payment".
func (r *room) listPaymentTransfers(q *request) (any, error) {
	p, err := q.page()
	if err != nil {
		return nil, err
	}
	if err := q.merchantOnly(q.id("pay")); err != nil {
		return nil, err
	}
	if _, err := desk.Find[desk.Payment](q.Context(), r.desk, q.book(), q.id("pay")); err != nil {
		return nil, err
	}
	p.Parent = q.id("pay")
	return r.transfers(q, p)
}

// listTransfers: "Fetch all transfers", "Fetch transfers for a settlement" and
// "Fetch settlement details". A settlement that is not there answers null.
func (r *room) listTransfers(q *request) (any, error) {
	p, err := q.page()
	if err != nil {
		return nil, err
	}
	if id := q.query().text("recipient_settlement_id", 255); id != "" {
		s, err := desk.Find[desk.Settlement](q.Context(), r.desk, q.book(), desk.ID(id))
		switch {
		case ledger.CodeOf(err) == ledger.NotFound:
			return nil, nil
		case err != nil:
			return nil, err
		}
		p.Where = map[string]string{"settlement_id": string(s.ID)}
	}
	return r.transfers(q, p)
}

// transfers reads a page of transfers: only its own, if the caller speaks for a
// linked account.
func (r *room) transfers(q *request, p desk.Query) (any, error) {
	expand, err := q.expand([]string{"recipient_settlement"})
	if err != nil {
		return nil, err
	}
	if q.linked != "" {
		if p.Where == nil {
			p.Where = map[string]string{}
		}
		p.Where["recipient"] = string(q.linked)
	}
	ts, err := desk.List[desk.Transfer](q.Context(), r.desk, p)
	if err != nil {
		return nil, err
	}
	answer := collect(ts, wireTransfer)
	if expand["recipient_settlement"] {
		for i, t := range ts {
			if answer.Items[i].RecipientSettlement, err = r.recipientSettlement(q, t); err != nil {
				return nil, err
			}
		}
	}
	return answer, nil
}

// recipientSettlement is the settlement of a transfer in full; null if it is
// not settled.
func (r *room) recipientSettlement(q *request, t desk.Transfer) (*settlementWire, error) {
	if t.Settlement == "" {
		return nil, nil
	}
	s, err := desk.Find[desk.Settlement](q.Context(), r.desk, q.book(), t.Settlement)
	if err != nil {
		return nil, err
	}
	w := wireSettlement(s)
	return &w, nil
}

// fetchTransfer: "Fetch a transfer".
func (r *room) fetchTransfer(q *request) (any, error) {
	expand, err := q.expand([]string{"recipient_settlement"})
	if err != nil {
		return nil, err
	}
	t, err := r.transfer(q)
	if err != nil {
		return nil, err
	}
	w := wireTransfer(t)
	if expand["recipient_settlement"] {
		if w.RecipientSettlement, err = r.recipientSettlement(q, t); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// transfer is the one in the path. One to somebody else is not there for a
// caller who speaks for a linked account.
func (r *room) transfer(q *request) (desk.Transfer, error) {
	t, err := desk.Find[desk.Transfer](q.Context(), r.desk, q.book(), q.id("trf"))
	if err == nil && q.linked != "" && t.Recipient != q.linked {
		err = ledger.Refuse(ledger.NotFound, desk.WhyUnknownID, "%s", t.ID)
	}
	return t, err
}

// editTransfer: "Modify settlement hold for transfers".
func (r *room) editTransfer(q *request) (any, error) {
	b := q.body()
	req := desk.HoldRequest{Transfer: q.id("trf")}
	if on, ok := b.flag("on_hold"); ok {
		req.OnHold = &on
	}
	if until, ok := b.time("on_hold_until"); ok {
		req.HoldUntil = &until
	} else if b.sent("on_hold_until") && req.OnHold != nil && *req.OnHold {
		req.HoldUntil = new(ledger.Time) // null: without an end
	}
	if err := b.done(); err != nil {
		return nil, err
	}
	if err := q.merchantOnly(req.Transfer); err != nil {
		return nil, err
	}
	t, err := r.desk.EditTransfer(q.Context(), q.book(), req)
	if err != nil {
		return nil, err
	}
	return wireTransfer(t), nil
}
