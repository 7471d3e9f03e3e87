package razorpay

import (
	"wapas/desk"
	"wapas/ledger"
)

// fundAccountWire is the fund account entity.
type fundAccountWire struct {
	ID          desk.ID         `json:"id"`
	Entity      string          `json:"entity"`
	Customer    desk.ID         `json:"customer_id"`
	Type        string          `json:"account_type"`
	BankAccount fundAccountBank `json:"bank_account"`
	Batch       *string         `json:"batch_id"` // always null: there are no batches
	Active      bool            `json:"active"`
	CreatedAt   int64           `json:"created_at"`
}

type fundAccountBank struct {
	IFSC     string    `json:"ifsc"`
	BankName string    `json:"bank_name"`
	Name     string    `json:"name"`
	Notes    notesWire `json:"notes"` // always []
	Number   string    `json:"account_number"`
}

func wireFundAccount(x desk.FundAccount) fundAccountWire {
	return fundAccountWire{
		ID: x.ID, Entity: "fund_account", Customer: x.Customer, Type: x.Type,
		BankAccount: fundAccountBank{IFSC: x.IFSC, BankName: x.BankName, Name: x.Name, Number: x.Number},
		Active:      x.Active, CreatedAt: x.CreatedAt.Unix(),
	}
}

// "Create a Fund Account" of a customer.
func (r *room) createFundAccount(q *request) (any, error) {
	b := q.body()
	b.require("customer_id", "account_type", "bank_account")
	var ask desk.FundAccountRequest
	ask.Customer = b.id("customer_id", "cust")
	ask.Type = b.one("account_type", "bank_account")
	bank := b.object("bank_account")
	bank.require("name", "ifsc", "account_number")
	ask.Name = bank.text("name", desk.MaxHolderName)
	ask.IFSC = bank.text("ifsc", 255)
	ask.Number = bank.text("account_number", 255)
	if err := b.done(); err != nil {
		return nil, err
	}
	x, err := r.desk.CreateFundAccount(q.Context(), q.book(), ask)
	if err != nil {
		return nil, err
	}
	return wireFundAccount(x), nil
}

// "Fetch all Fund Accounts" of a customer; of all of them if none is named.
func (r *room) listFundAccounts(q *request) (any, error) {
	page, err := q.page()
	if err != nil {
		return nil, err
	}
	f := q.query()
	page.Parent = f.id("customer_id", "cust")
	if err := f.err(); err != nil {
		return nil, err
	}
	if page.Parent != "" {
		if _, err := desk.Find[desk.Customer](q.Context(), r.desk, q.book(), page.Parent); err != nil {
			return nil, err
		}
	}
	rows, err := desk.List[desk.FundAccount](q.Context(), r.desk, page)
	if err != nil {
		return nil, err
	}
	return collect(rows, wireFundAccount), nil
}

// payoutWire is the payout entity of a wallet.
type payoutWire struct {
	ID            desk.ID       `json:"id"`
	Entity        string        `json:"entity"`
	Customer      desk.ID       `json:"customer_id"`
	FundAccount   desk.ID       `json:"fund_account_id"`
	Amount        ledger.Amount `json:"amount"`
	Currency      string        `json:"currency"`
	Notes         notesWire     `json:"notes"`
	Fees          ledger.Amount `json:"fees"` // with tax
	Tax           ledger.Amount `json:"tax"`
	Status        string        `json:"status"` // processing, processed, reversed
	Purpose       string        `json:"purpose"`
	UTR           *string       `json:"utr"`
	Mode          *string       `json:"mode"`
	Reference     *string       `json:"reference_id"`
	Narration     string        `json:"narration"`
	Batch         *string       `json:"batch_id"` // always null: there are no batches
	FailureReason *string       `json:"failure_reason"`
	CreatedAt     int64         `json:"created_at"`
	FeeType       *string       `json:"fee_type"` // always null: fees are of one type
}

func wirePayout(x desk.Payout) payoutWire {
	return payoutWire{
		ID: x.ID, Entity: "payout", Customer: x.Customer, FundAccount: x.FundAccount, Amount: x.Amount, Currency: inr,
		Notes: notesWire(x.Notes), Fees: x.Fee, Tax: x.Tax, Status: x.State, Purpose: x.Purpose, UTR: orNull(x.UTR),
		Mode: orNull(x.Mode), Reference: orNull(x.Reference), Narration: x.Narration, FailureReason: orNull(x.Reason),
		CreatedAt: x.CreatedAt.Unix(),
	}
}

// whyPayoutKeyMissing is the rule that a key that is sent has something in it.
const whyPayoutKeyMissing ledger.Why = "payout_key_missing"

// payoutKey is the caller's key for a payout. Without the header a payout is a
// new one, as in the manual of wallets; with it, but empty, the caller meant to
// be safe and is not.
func payoutKey(q *request) (string, error) {
	const header = "X-Payout-Idempotency"
	if sent := q.Header.Values(header); len(sent) > 0 && sent[0] == "" {
		return "", ledger.Refuse(ledger.Invalid, whyPayoutKeyMissing, "").In(header)
	}
	return shortKey(q, header)
}

// "Create a Payout" of a customer's wallet.
func (r *room) createPayout(q *request) (any, error) {
	key, err := payoutKey(q)
	if err != nil {
		return nil, err
	}
	b := q.body()
	b.require("fund_account_id", "purpose", "amount")
	ask := desk.PayoutRequest{Customer: q.id("cust")}
	ask.FundAccount = b.id("fund_account_id", "fa")
	ask.Purpose = b.text("purpose", desk.MaxPayoutPurpose)
	ask.Amount, _ = b.amount("amount")
	b.currency("currency", true, whyCurrency)
	ask.Notes, _ = b.notes("notes")
	ask.Reference = b.text("reference_id", desk.MaxPayoutReference)
	ask.Narration = b.text("narration", desk.MaxNarration)
	ask.Outcome = b.outcome(q)
	if err := b.done(); err != nil {
		return nil, err
	}
	ask.Key = desk.Once{Scope: "razorpay.payout", Key: key, Digest: desk.Digest(ask), Busy: true}
	x, err := r.desk.CreatePayout(q.Context(), q.book(), ask)
	if err != nil {
		return nil, because(err, desk.WhyKeyMismatch, whyShortKeyReused)
	}
	return wirePayout(x), nil
}

// listPayouts is "Fetch All Payouts", of wallets. The account number that the
// manual asks for is that of another product.
func (r *room) listPayouts(q *request) (any, error) {
	page, err := q.page()
	if err != nil {
		return nil, err
	}
	f := q.query()
	page.Where = map[string]string{}
	for column, value := range map[string]string{
		"customer_id":     string(f.id("customer_id", "cust")),
		"fund_account_id": string(f.id("fund_account_id", "fa")),
		"state":           f.one("status", "processing", "processed", "reversed"),
	} {
		if value != "" {
			page.Where[column] = value
		}
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	rows, err := desk.List[desk.Payout](q.Context(), r.desk, page)
	if err != nil {
		return nil, err
	}
	return collect(rows, wirePayout), nil
}

func (r *room) fetchPayout(q *request) (any, error) {
	x, err := desk.Find[desk.Payout](q.Context(), r.desk, q.book(), q.id("pout"))
	if err != nil {
		return nil, err
	}
	return wirePayout(x), nil
}
