package razorpay

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"

	"wapas/desk"
	"wapas/ledger"
)

// paidWire is what a client gets once a payment of an order is authorised. It
// is no entity.
type paidWire struct {
	Payment   desk.ID `json:"razorpay_payment_id"`
	Order     desk.ID `json:"razorpay_order_id"`
	Signature string  `json:"razorpay_signature"`
}

func wirePaid(p desk.Payment, secret []byte) paidWire {
	return paidWire{p.ID, p.Order, sign(secret, string(p.Order)+"|"+string(p.ID))}
}

// sign is the vendor's signature: HMAC-SHA256 in lower-case hex, with the API
// secret of the caller.
func sign(secret []byte, message string) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(message))
	return hex.EncodeToString(mac.Sum(nil))
}

// "Create a Payment" from a wallet. The money is held, and taken when the
// payment is captured; with an order that captures by itself that is at once.
func (r *room) createPaymentWallet(q *request) (any, error) {
	b := q.body()
	var ask desk.WalletPaymentRequest
	b.require("method", "wallet", "customer_id", "order_id", "amount", "currency", "contact", "email")
	b.one("method", "wallet")
	b.one("wallet", desk.OpenWallet)
	ask.Customer = b.id("customer_id", "cust")
	ask.Order = b.id("order_id", "order")
	ask.Amount, _ = b.amount("amount")
	b.currency("currency", true, whyCurrency)
	ask.Contact, ask.Email = b.contact("contact"), b.email("email")
	ask.Description = b.text("description", 255)
	ask.Notes, _ = b.notes("notes")
	if err := b.done(); err != nil {
		return nil, err
	}
	p, err := r.desk.PayFromWallet(q.Context(), q.book(), ask)
	if ledger.CodeOf(err) == ledger.Insufficient && p.Status == desk.PaymentFailed {
		return nil, failedPayment(p)
	}
	if err != nil {
		return nil, err
	}
	return wirePaid(p, q.caller.Secret), nil
}

// balanceWire has neither id nor entity. A wallet without a limit says zero.
type balanceWire struct {
	Balance ledger.Amount `json:"balance"`
	Usage   ledger.Amount `json:"monthly_usage"`
	Max     ledger.Amount `json:"max_balance"`
}

// "Fetch Wallet Balance".
func (r *room) fetchBalance(q *request) (any, error) {
	b, err := r.desk.WalletBalance(q.Context(), q.book(), q.id("cust"))
	if err != nil {
		return nil, err
	}
	return balanceWire{b.Free(), b.Usage, b.Max}, nil
}

// lineWire is a line of a statement.
type lineWire struct {
	ID          desk.ID       `json:"id"`
	Entity      string        `json:"entity"`
	Source      desk.ID       `json:"source"`
	Status      string        `json:"status"` // "complete" in the manual's sample
	Type        string        `json:"type"`
	Amount      ledger.Amount `json:"amount"`
	Currency    string        `json:"currency"`
	Credit      ledger.Amount `json:"credit"`
	Debit       ledger.Amount `json:"debit"`
	Balance     ledger.Amount `json:"balance"`
	Description string        `json:"description"`
	CreatedAt   int64         `json:"created_at"`
}

func wireLine(x desk.WalletLine) lineWire {
	return lineWire{
		ID: x.ID, Entity: "customer_transaction", Source: x.Source, Status: "complete", Type: x.Type,
		Amount: x.Credit + x.Debit, Currency: inr, Credit: x.Credit, Debit: x.Debit, Balance: x.Balance,
		Description: x.Description, CreatedAt: x.CreatedAt.Unix(),
	}
}

// "Fetch Wallet Statement": the newest line first.
func (r *room) fetchStatement(q *request) (any, error) {
	page, err := q.page()
	if err != nil {
		return nil, err
	}
	page.Parent = q.id("cust")
	lines, err := r.desk.Statement(q.Context(), page)
	if err != nil {
		return nil, err
	}
	return collect(lines, wireLine), nil
}
