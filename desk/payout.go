package desk

import (
	"context"
	"regexp"
	"strings"

	"wapas/ledger"
)

// The rules of payouts. Those of the wallet (WhyWalletShort, WhyMonthlyUsage,
// WhyMonthlySpend) are the wallet's.
const (
	WhyPayoutMin       ledger.Why = "payout_minimum"        // Invalid: less than a rupee
	WhyPayoutMax       ledger.Why = "payout_maximum"        // Invalid: beyond any amount
	WhyPayoutPurpose   ledger.Why = "payout_purpose"        // Invalid: none, or a long one
	WhyPayoutReference ledger.Why = "payout_reference"      // Invalid: too long
	WhyPayoutNarration ledger.Why = "payout_narration"      // Invalid: too long, or other than letters, digits and spaces
	WhyPayoutProgramme ledger.Why = "payout_programme"      // WrongState: money of these wallets may not leave for a bank
	WhyFundInactive    ledger.Why = "fund_account_inactive" // WrongState: nothing is paid to it
	WhyPayoutFee       ledger.Why = "payout_fee"            // Insufficient: the merchant's balance is short of the fee
)

// The limits of a payout's parts, in characters, and the least it may be.
const (
	MinPayout          = ledger.Amount(100)
	MaxPayoutPurpose   = 30
	MaxPayoutReference = 40
	MaxNarration       = 30
)

// payoutMode is how a payout goes if nobody says: at once, at any hour.
const payoutMode = "IMPS"

var narrationShape = regexp.MustCompile(`^[A-Za-z0-9 ]*$`)

// A PayoutRequest asks to send a customer's wallet money to a bank account of
// theirs.
type PayoutRequest struct {
	Customer    ID
	FundAccount ID
	Amount      ledger.Amount
	Purpose     string
	Reference   string // the caller's own
	Narration   string // on the bank's statement; empty: the merchant's label
	Notes       Notes
	Outcome     string // how the simulated rail is to end it: a rail.Scenario; test books only
	Key         Once
}

func (q PayoutRequest) check() error {
	switch {
	case q.Amount < MinPayout:
		return ledger.Refuse(ledger.Invalid, WhyPayoutMin, "%d", q.Amount).In("amount")
	case q.Amount > ledger.MaxAmount:
		return ledger.Refuse(ledger.Invalid, WhyPayoutMax, "%d", q.Amount).In("amount")
	case strings.TrimSpace(q.Purpose) == "" || len([]rune(q.Purpose)) > MaxPayoutPurpose:
		return ledger.Refuse(ledger.Invalid, WhyPayoutPurpose, "%s", q.Purpose).In("purpose")
	case len([]rune(q.Reference)) > MaxPayoutReference:
		return ledger.Refuse(ledger.Invalid, WhyPayoutReference, "").In("reference_id")
	case len(q.Narration) > MaxNarration || !narrationShape.MatchString(q.Narration):
		return ledger.Refuse(ledger.Invalid, WhyPayoutNarration, "").In("narration")
	}
	return checkScenario(q.Outcome)
}

// CreatePayout sends a customer's wallet money, cash and not cashback, to a
// bank account of theirs (J18). It leaves the wallet at once with its fee, and
// comes back with it if the bank refuses.
//
// Only wallets of a full-KYC programme may be paid out, unless the terms allow
// it for another (terms.AllowPayout), for which the operator answers.
//
// It refuses, in this order: Invalid; Busy and Mismatch for the key; NotFound
// for the customer, then for a fund account of theirs; WrongState if the
// programme does not allow it, the wallet is frozen or the fund account is not active; Exceeds a
// monthly limit of the wallet; Insufficient if the wallet, then the merchant who
// bears the fee, is short.
func (d *Desk) CreatePayout(ctx context.Context, book BookID, q PayoutRequest) (Payout, error) {
	if err := q.check(); err != nil {
		return Payout{}, err
	}
	reads := append([]Ref{refUnder[Terms](termsParent), ref[Customer](q.Customer), ref[FundAccount](q.FundAccount)}, walletRefs(q.Customer)...)
	return once(ctx, d, book, q.Key, reads, func(c *change) (Payout, error) {
		t, err := c.terms()
		if err != nil {
			return Payout{}, err
		}
		f, w, fee, err := c.mayPayOut(t, q)
		if err != nil {
			return Payout{}, err
		}
		p := Payout{
			ID: c.NewID("pout"), Customer: q.Customer, FundAccount: f.ID, Amount: q.Amount, Fee: fee.Total(), Tax: fee.Tax(),
			MerchantFee: t.PayoutFeeFromMerchant, State: "processing", Purpose: q.Purpose, Reference: q.Reference,
			Narration: q.Narration, Notes: q.Notes, CreatedAt: c.now,
		}
		if p.Narration == "" {
			p.Narration = narration(c.book.Name)
		}
		o := RailOrder{
			ID: p.ID, Rail: c.railFor("payout"), What: "payout", Speed: Normal, Method: payoutMode,
			To: f.BankName + " account ending in " + last4(f.Number), Amount: p.Amount, Outcome: q.Outcome,
			Ref: q.Reference, Of: q.Customer,
		}
		entry, err := c.postOver(ledger.PayoutSent, p.ID, ledger.SendPayout(string(p.Customer), o.Rail, p.Amount, fee, p.feeFrom()), t.floors())
		if err != nil {
			return Payout{}, merchantShort(err, WhyPayoutFee) // the wallet was checked
		}
		if _, err := c.walletLine(w, entry, p.ID, LineTransfer, 0, p.fromWallet(), p.Narration); err != nil {
			return Payout{}, err
		}
		c.Put(p)
		if err := c.sendLater(o); err != nil {
			return Payout{}, err
		}
		c.emit("payout.initiated", p)
		return p, nil
	})
}

// mayPayOut checks what the books say to a payout. It gives the fund account,
// the wallet and the fee.
func (c *change) mayPayOut(t Terms, q PayoutRequest) (f FundAccount, w Wallet, fee ledger.Fee, err error) {
	if _, err = need[Customer](c, q.Customer, "customer_id"); err != nil {
		return
	}
	if f, err = need[FundAccount](c, q.FundAccount, "fund_account_id"); err != nil {
		return
	}
	w, open, err := get[Wallet](c, q.Customer)
	if err != nil {
		return
	}
	w = w.in(c.now.Month())
	switch frozen := w.usable(); {
	case f.Customer != q.Customer:
		err = ledger.Refuse(ledger.NotFound, WhyUnknownID, "%s", f.ID).In("fund_account_id")
	case t.Programme != "full_kyc" && !t.AllowPayout:
		err = ledger.Refuse(ledger.WrongState, WhyPayoutProgramme, "the programme is %s", t.Programme)
	case frozen != nil:
		err = frozen
	case !f.Active:
		err = ledger.Refuse(ledger.WrongState, WhyFundInactive, "%s", f.ID).In("fund_account_id")
	}
	if err != nil {
		return
	}
	fee = t.Payout().On(q.Amount, t.Interstate)
	leaves := q.Amount
	if !t.PayoutFeeFromMerchant {
		leaves = leaves.Add(fee.Total())
	}
	if err = w.maySend(t, leaves); err != nil {
		return
	}
	m, err := c.money(q.Customer)
	if err == nil && (!open || m.Cash < leaves) {
		err = ledger.Refuse(ledger.Insufficient, WhyWalletShort, "the wallet holds %d paise in cash", m.Cash).In("amount")
	}
	return
}

// fromWallet is what leaves the wallet with a payout.
func (p Payout) fromWallet() ledger.Amount {
	if p.MerchantFee {
		return p.Amount
	}
	return p.Amount.Add(p.Fee)
}

// feeFrom is the account that bears a payout's fee.
func (p Payout) feeFrom() ledger.AccountID {
	if p.MerchantFee {
		return ledger.Available
	}
	return ledger.Account(ledger.WalletCash, string(p.Customer))
}

// narration is what stands on the bank's statement if the caller says nothing:
// the merchant's label, as far as banks can print it.
func narration(label string) string {
	const tail = " Fund Transfer"
	var b strings.Builder
	for _, r := range label {
		if narrationShape.MatchString(string(r)) && b.Len() < MaxNarration-len(tail) {
			b.WriteRune(r)
		}
	}
	return strings.TrimSpace(strings.TrimSpace(b.String()) + tail)
}

// last4 is the end of a number that may be shown.
func last4(number string) string { return number[max(0, len(number)-4):] }

// Check is the rule of a payout row.
func (p Payout) Check() error {
	switch p.State {
	case "processing", "processed", "reversed":
		if p.Amount > 0 && p.Borne >= 0 && p.Borne <= p.Amount {
			return ledger.CheckFee(p.Fee, p.Tax)
		}
	}
	return ledger.Refuse(ledger.Internal, ledger.WhyInvariant, "%s is %q with %d paise and a fee of %d", p.ID, p.State, p.Amount, p.Fee)
}
