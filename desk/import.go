package desk

import (
	"context"
	"regexp"
	"slices"

	"wapas/ledger"
)

// What was done elsewhere comes into the books by being imported: payments that
// a provider captured, so that they can be refunded here, and the balances that
// wallets had in the books before these. Each import has a reference, and the
// same one twice is once.

// The rules of imports.
const (
	WhyImportReference ledger.Why = "import_reference" // Invalid: a reference of 1 to 64 characters without spaces
	WhyImportProvider  ledger.Why = "import_provider"  // Invalid: a provider's name of 1 to 32 small letters, digits, _ and -
	WhyImportID        ledger.Why = "import_id"        // Invalid: not pay_ and 14 letters and digits
	WhyImportTime      ledger.Why = "import_time"      // Invalid: not a moment that has been
	WhyImportFee       ledger.Why = "import_fee"       // Invalid: more tax than fee, more fee than amount
	WhyImportMoney     ledger.Why = "import_money"     // Invalid: no amount, or a negative one
	WhyImportTaken     ledger.Why = "import_taken"     // Duplicate: another payment has the id
)

var (
	importReference = regexp.MustCompile(`^[!-~]{1,64}$`)
	importProvider  = regexp.MustCompile(`^[a-z0-9_-]{1,32}$`)
	importPayment   = regexp.MustCompile(`^pay_[0-9A-Za-z]{14}$`)
)

// importMethods are how an imported payment may have been made.
var importMethods = []string{"card", "netbanking", "upi", "wallet", "emi", "cash", "bank_transfer"}

// importOnce does an import unless it was done: then the same request hears of
// what it made, as that is now, and another one Mismatch. A refusal is not
// remembered, unlike elsewhere: who mends a row sends it under the same
// reference again.
func importOnce[R Row](ctx context.Context, d *Desk, book BookID, first ID, digest string, reads []Ref, do func(c *change) (R, error)) (R, error) {
	var made R
	wire := `{"digest":"` + digest + `"}`
	err := d.change(ctx, book, append(reads, ref[Handle](first)), func(c *change) error {
		h, again, err := get[Handle](c, first)
		switch {
		case err != nil:
			return err
		case again && h.Wire != wire:
			return ledger.Refuse(ledger.Mismatch, WhyKeyMismatch, "the reference was used for something else").In("reference")
		case again:
			made, err = need[R](c, h.Of, "")
			return err
		}
		if made, err = do(c); err != nil {
			return err
		}
		return c.handle(first, made.RowID(), wire, "reference")
	})
	return made, err
}

// An ImportPaymentRequest is a payment as its provider tells of it. Amounts are
// paise; Fee, which includes Tax, is what the merchant paid for it.
type ImportPaymentRequest struct {
	Provider    string // whose receivable it is, and who sends its refunds
	Reference   string // the provider's own id of it; once for each provider
	ID          ID     // a pay_ id that clients know it by; empty: a new one
	Transaction string // the merchant's own transaction id, by which the provider's API names it
	Order       string // the merchant's own order number
	Amount      ledger.Amount
	Fee, Tax    ledger.Amount
	Method      string // card, netbanking, upi, wallet, emi, cash, bank_transfer
	Source      string // the VPA, the card's last four digits, the bank: for a person to read
	Proof       string // RRN, ARN or the bank's number
	Email       string
	Contact     string
	CapturedAt  ledger.Time
}

// Check is what is wrong with the request itself, at a moment of the book's
// time: Invalid, naming the field.
func (q ImportPaymentRequest) Check(now ledger.Time) error {
	switch {
	case !importProvider.MatchString(q.Provider):
		return ledger.Refuse(ledger.Invalid, WhyImportProvider, "a provider is 1 to 32 small letters, digits, _ and -").In("provider")
	case q.Provider == OpenWallet || q.Provider == "remittance": // one is our own wallets', the other's references are agents'
		return ledger.Refuse(ledger.Invalid, WhyImportProvider, "%s is a name of our own", q.Provider).In("provider")
	case !importReference.MatchString(q.Reference):
		return ledger.Refuse(ledger.Invalid, WhyImportReference, "a reference is 1 to 64 characters without spaces").In("reference")
	case q.ID != "" && !importPayment.MatchString(string(q.ID)):
		return ledger.Refuse(ledger.Invalid, WhyImportID, "an id is pay_ and 14 letters and digits").In("id")
	case q.Transaction != "" && !importReference.MatchString(q.Transaction):
		return ledger.Refuse(ledger.Invalid, WhyImportReference, "a transaction id is 1 to 64 characters without spaces").In("transaction")
	case q.Order != "" && !importReference.MatchString(q.Order):
		return ledger.Refuse(ledger.Invalid, WhyImportReference, "an order number is 1 to 64 characters without spaces").In("order")
	case q.Amount < 1 || q.Amount > ledger.MaxAmount:
		return ledger.Refuse(ledger.Invalid, WhyImportMoney, "an amount is between 0.01 and %s rupees", ledger.MaxAmount).In("amount")
	case q.Fee < 0 || q.Fee > q.Amount:
		return ledger.Refuse(ledger.Invalid, WhyImportFee, "a fee is not more than the amount").In("fee")
	case q.Tax < 0 || q.Tax > q.Fee:
		return ledger.Refuse(ledger.Invalid, WhyImportFee, "the tax is a part of the fee").In("tax")
	case !slices.Contains(importMethods, q.Method):
		return ledger.Refuse(ledger.Invalid, WhyMethod, "a method is one of %v", importMethods).In("method")
	case q.CapturedAt <= 0 || q.CapturedAt > now:
		return ledger.Refuse(ledger.Invalid, WhyImportTime, "a payment was captured at a moment that has been").In("captured_at")
	}
	return nil
}

// ImportPayment brings a payment that was captured elsewhere into the books: its
// money is with the provider (J01), less the fee, and it can be refunded here
// through every room. Its order is made with it, and is paid; it is the one of its
// number, unless there was one before. The same provider
// and reference with the same request is the payment that there is.
//
// It refuses, in this order: Invalid; Mismatch if the reference came before
// with another request; Duplicate if a payment has the id (WhyImportTaken) or
// a thing the transaction (WhyHandleUsed).
func (d *Desk) ImportPayment(ctx context.Context, book BookID, q ImportPaymentRequest) (Payment, error) {
	b, err := d.Store.Book(ctx, book)
	if err != nil {
		return Payment{}, err
	}
	if err := q.Check(b.Clock.Now(ledger.At(d.Now()))); err != nil {
		return Payment{}, err
	}
	first := HandleID("import.payment", q.Provider+"/"+q.Reference)
	named, given := HandleID(q.Provider+".ref", q.Reference), HandleID(q.Provider, q.Transaction)
	reads := []Ref{refUnder[Terms](termsParent), refAccount(ledger.Available), refAccount(ledger.Account(ledger.PSPReceivable, q.Provider)),
		ref[Handle](named), ref[Handle](given)}
	var receipt ID
	if q.Order != "" {
		receipt = ID("receipt/" + q.Order)
	}
	reads = append(reads, keyRef(receipt)...)
	return importOnce(ctx, d, book, first, Digest(q), reads, func(c *change) (Payment, error) {
		t, err := c.terms()
		if err != nil {
			return Payment{}, err
		}
		o := Order{
			ID: c.NewID("order"), Amount: q.Amount, Paid: q.Amount, Receipt: q.Order, Status: OrderPaid, Attempts: 1,
			Capture: true, Authorized: true, CreatedAt: q.CapturedAt,
		}
		p := Payment{
			ID: q.ID, Order: o.ID, Amount: q.Amount, Status: PaymentCaptured, Captured: true, Method: q.Method,
			Email: q.Email, Contact: q.Contact, Fee: q.Fee, Tax: q.Tax, Provider: q.Provider, Reference: q.Proof,
			AuthorizedAt: q.CapturedAt, CapturedAt: q.CapturedAt, CreatedAt: q.CapturedAt,
		}
		if p.ID == "" {
			p.ID = c.NewID("pay")
		}
		switch q.Method {
		case "card":
			p.CardLast4 = q.Source
		case "upi":
			p.VPA = q.Source
		case "netbanking", "bank_transfer":
			p.Bank = q.Source
		case "wallet":
			p.Wallet = q.Source
		}
		if p.fromWallet() { // it was none of ours
			p.Wallet = q.Provider
		}
		_, taken, err := get[Payment](c, p.ID)
		switch {
		case err != nil:
			return p, err
		case taken:
			return p, ledger.Refuse(ledger.Duplicate, WhyImportTaken, "there is a payment %s", p.ID).In("id")
		}
		there, err := c.claimed(receipt)
		if err == nil && there == "" {
			err = c.claim(receipt, o.ID)
		}
		if err != nil {
			return p, err
		}
		if err := c.handle(named, p.ID, "", "reference"); err != nil {
			return p, err
		}
		if q.Transaction != "" {
			if err := c.handle(given, p.ID, "", "transaction"); err != nil {
				return p, err
			}
		}
		fee := ledger.FeeOf(q.Fee, q.Tax, t.Interstate || q.Tax%2 == 1)
		if _, err := c.post(ledger.Captured, p.ID, ledger.Capture(p.Provider, p.Amount, fee, false)); err != nil {
			return p, err
		}
		c.Put(o, p)
		c.emit("payment.imported", p)
		return p, nil
	})
}

// An ImportWalletRequest is a customer's balance in the books before these, in
// paise. Email and contact say who the customer is.
type ImportWalletRequest struct {
	Reference            string // of the balance; once for each book
	ID                   ID     // a cust_ id that clients know the customer by; empty: the one there is, or a new one
	Name, Email, Contact string
	Cash, Promo          ledger.Amount
}

var importCustomer = regexp.MustCompile(`^cust_[0-9A-Za-z]{14}$`)

// WhyImportCustomer refuses an id that is none, or that is another customer's
// than the one with the email and contact.
const WhyImportCustomer ledger.Why = "import_customer" // Invalid, Duplicate

// Check is what is wrong with the request itself: Invalid, naming the field.
func (q ImportWalletRequest) Check() error {
	_, mobile := IndianMobile(q.Contact)
	switch {
	case !importReference.MatchString(q.Reference):
		return ledger.Refuse(ledger.Invalid, WhyImportReference, "a reference is 1 to 64 characters without spaces").In("reference")
	case q.ID != "" && !importCustomer.MatchString(string(q.ID)):
		return ledger.Refuse(ledger.Invalid, WhyImportCustomer, "an id is cust_ and 14 letters and digits").In("id")
	case !mobile:
		return ledger.Refuse(ledger.Invalid, WhyContact, "a wallet needs an Indian mobile number").In("contact")
	case q.Cash < 0 || q.Cash > ledger.MaxAmount:
		return ledger.Refuse(ledger.Invalid, WhyImportMoney, "cash is between nothing and %s rupees", ledger.MaxAmount).In("cash")
	case q.Promo < 0 || q.Promo > ledger.MaxAmount || q.Cash+q.Promo == 0:
		return ledger.Refuse(ledger.Invalid, WhyImportMoney, "cash and promo are together more than nothing").In("promo")
	}
	return nil
}

// ImportWallet brings a wallet's balance into the books; as much money must be
// in escrow. The customer is found by email and contact, or made. A balance
// above the limit comes in, and marks the wallet. The same reference with the
// same request is the wallet that there is.
//
// It refuses, in this order: Invalid; Mismatch if the reference came before with
// another request; Duplicate if the id is not that customer's.
func (d *Desk) ImportWallet(ctx context.Context, book BookID, q ImportWalletRequest) (Wallet, error) {
	if err := q.Check(); err != nil {
		return Wallet{}, err
	}
	first := HandleID("import.wallet", q.Reference)
	name := customerKey(q.Email, q.Contact)
	reads := append(keyRef(name), refUnder[Terms](termsParent), refAccount(ledger.BankEscrow))
	return importOnce(ctx, d, book, first, Digest(q), reads, func(c *change) (Wallet, error) {
		there, err := c.claimed(name)
		if err != nil {
			return Wallet{}, err
		}
		_, taken, err := get[Customer](c, q.ID)
		switch {
		case err != nil:
			return Wallet{}, err
		case q.ID != "" && there != "" && there != q.ID:
			return Wallet{}, ledger.Refuse(ledger.Duplicate, WhyImportCustomer, "the customer with this email and contact is %s", there).In("id")
		case q.ID != "" && there == "" && taken:
			return Wallet{}, ledger.Refuse(ledger.Duplicate, WhyImportCustomer, "%s is a customer with another email and contact", q.ID).In("id")
		}
		cust := Customer{ID: q.ID, Name: q.Name, Email: q.Email, Contact: q.Contact, CreatedAt: c.now}
		if there != "" {
			if cust, err = need[Customer](c, there, ""); err != nil {
				return Wallet{}, err
			}
		} else {
			if cust.ID == "" {
				cust.ID = c.NewID("cust")
			}
			c.Put(cust)
			if err := c.claim(name, cust.ID); err != nil {
				return Wallet{}, err
			}
		}
		w, err := c.openWallet(cust)
		if err != nil {
			return w, err
		}
		entry, err := c.post(ledger.Opened, cust.ID, ledger.OpenWallet(string(cust.ID), q.Cash, q.Promo))
		if err != nil {
			return w, err
		}
		w, err = c.walletLine(w, entry, cust.ID, LineTransfer, q.Cash.Add(q.Promo), 0, "Opening balance")
		if err == nil {
			c.emit("wallet.imported", w)
		}
		return w, err
	})
}
