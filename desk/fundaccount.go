package desk

import (
	"context"
	"regexp"
	"strings"

	"wapas/ledger"
)

// The rules of fund accounts: all of them Invalid.
const (
	WhyFundType   ledger.Why = "fund_account_type"   // not a bank account
	WhyFundName   ledger.Why = "fund_account_name"   // no name, or a long one
	WhyFundIFSC   ledger.Why = "fund_account_ifsc"   // not like an IFSC
	WhyFundNumber ledger.Why = "fund_account_number" // too short or too long
	WhyFundDigits ledger.Why = "fund_account_digits" // not letters and digits
)

// The limits of a bank account's parts, in characters.
const (
	MaxHolderName    = 120
	MinAccountNumber = 5
	MaxAccountNumber = 35
)

var (
	ifscShape   = regexp.MustCompile(`^[A-Za-z]{4}0[A-Za-z0-9]{6}$`) // in ASCII: there are other letters whose capitals are
	numberShape = regexp.MustCompile(`^[A-Za-z0-9]*$`)
)

// ValidIFSC says whether a text looks like an IFSC: four letters of the bank,
// a zero, six characters of the branch. Whether the branch exists nobody here
// knows: there are new ones every week.
func ValidIFSC(s string) bool { return ifscShape.MatchString(s) }

// A FundAccountRequest asks for a bank account that a customer's wallet money
// may be paid out to.
type FundAccountRequest struct {
	Customer           ID
	Type               string // bank_account
	Name, IFSC, Number string
}

func (q FundAccountRequest) check() error {
	switch {
	case q.Type != "bank_account":
		return ledger.Refuse(ledger.Invalid, WhyFundType, "%s", q.Type).In("account_type")
	case strings.TrimSpace(q.Name) == "" || len([]rune(q.Name)) > MaxHolderName:
		return ledger.Refuse(ledger.Invalid, WhyFundName, "").In("name")
	case !ValidIFSC(q.IFSC):
		return ledger.Refuse(ledger.Invalid, WhyFundIFSC, "%s", q.IFSC).In("ifsc")
	case len(q.Number) < MinAccountNumber || len(q.Number) > MaxAccountNumber:
		return ledger.Refuse(ledger.Invalid, WhyFundNumber, "").In("account_number")
	case !numberShape.MatchString(q.Number):
		return ledger.Refuse(ledger.Invalid, WhyFundDigits, "").In("account_number")
	}
	return nil
}

// CreateFundAccount keeps a bank account of a customer for payouts. It refuses
// Invalid, for the type, the name, the IFSC and the number in this order; then
// NotFound if there is no such customer.
func (d *Desk) CreateFundAccount(ctx context.Context, book BookID, q FundAccountRequest) (FundAccount, error) {
	if err := q.check(); err != nil {
		return FundAccount{}, err
	}
	var f FundAccount
	err := d.change(ctx, book, []Ref{ref[Customer](q.Customer)}, func(c *change) error {
		if _, err := need[Customer](c, q.Customer, "customer_id"); err != nil {
			return err
		}
		ifsc := strings.ToUpper(q.IFSC)
		f = FundAccount{
			ID: c.NewID("fa"), Customer: q.Customer, Type: q.Type, Name: q.Name, IFSC: ifsc, BankName: BankName(ifsc),
			Number: q.Number, Active: true, CreatedAt: c.now,
		}
		c.Put(f)
		return nil
	})
	return f, err
}

// SetFundAccount lets payouts go to a fund account, or stops them. It refuses
// NotFound.
func (d *Desk) SetFundAccount(ctx context.Context, book BookID, id ID, active bool) (FundAccount, error) {
	var f FundAccount
	err := d.change(ctx, book, []Ref{ref[FundAccount](id)}, func(c *change) (err error) {
		if f, err = need[FundAccount](c, id, ""); err != nil {
			return err
		}
		f.Active = active
		c.Put(f)
		return nil
	})
	return f, err
}
