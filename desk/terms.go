package desk

import (
	"context"
	"slices"
	"strings"
	"time"

	"wapas/ledger"
)

// Terms are the rules a book lives by from a date on: fees, limits, windows.
// They are rows, so that a limit that changes by law changes on its day, and
// so that what was right last year can still be seen. The terms in force are
// those with the latest From that has come.
type Terms struct {
	ID   ID          // terms_, so that they sort by when they were written
	From ledger.Time // in force from this moment of the book's time

	Programme string // of wallets: closed, small_cash, small_nocash, full_kyc
	// AllowPayout lets a programme that is not full_kyc pay out to banks; the
	// operator answers for it.
	AllowPayout bool

	MaxBalance   ledger.Amount // of one wallet; 0: no limit
	MonthlyLoad  ledger.Amount // transferred into one wallet in a calendar month: the 25,000-rupee rule; 0: no limit
	MonthlyUsage ledger.Amount // paid out of one wallet to banks in a calendar month; 0: no limit
	MonthlySpend ledger.Amount // spent and paid out of one wallet in a calendar month; 0: no limit

	PaymentBps, TransferBps, PayoutBps, InstantBps     int64
	PaymentFlat, TransferFlat, PayoutFlat, InstantFlat ledger.Amount
	Interstate                                         bool // GST as one IGST instead of two halves
	PayoutFeeFromMerchant                              bool // instead of from the wallet

	MinRefund        ledger.Amount
	AvailableAfter   int64         // seconds until captured money may be spent; 0: at once
	CaptureWithin    int64         // seconds an authorisation waits for its capture
	Overdraft        ledger.Amount // how far the merchant's available balance may fall below zero
	ConfirmRefunds   bool          // the wire says processed only once the rail has confirmed it
	UniqueReceipt    bool          // an order's receipt may be used once
	UseRefundCredits bool          // refunds are taken from 2012 first
	SameRefundGuard  int64         // seconds in which the same amount on the same payment is a duplicate; 0: off

	TwoPeopleAbove ledger.Amount // an order above it ends by hand only on the same word of two people; 0: off

	RemitBps, CommissionBps   int64         // of a remittance: its fee, which holds the tax, and what the agent earns
	RemitFlat, CommissionFlat ledger.Amount // likewise
	TDSBps                    int64         // of the commission: the tax kept back from it
	RemitMax                  ledger.Amount // of one remittance; 0: no limit
	RemitMonthly              ledger.Amount // of one remitter in a calendar month; 0: no limit
	RemitConsent              bool          // no remittance without the customer's code
	ConsentLife               int64         // seconds a customer's code is good, 180 to 600; 0: 300
}

func (t Terms) Kind() Kind { return KindTerms }
func (t Terms) RowID() ID  { return t.ID }
func (t Terms) Parent() ID { return termsParent }

const termsParent ID = "terms" // every terms row is found under this

// DefaultTerms are those of a new book: no fees, the limits of the reference
// wallet and of walk-in remitters, three days to capture.
func DefaultTerms() Terms {
	return Terms{
		Programme:     "closed",
		MaxBalance:    2_000_000,
		MonthlyLoad:   2_500_000,
		MonthlyUsage:  2_500_000,
		MinRefund:     1,
		CaptureWithin: int64((72 * time.Hour).Seconds()),
		RemitMax:      500_000,
		RemitMonthly:  2_500_000,
	}
}

// The rates of the terms.
func (t Terms) Payment() ledger.Rate  { return ledger.Rate{Bps: t.PaymentBps, Flat: t.PaymentFlat} }
func (t Terms) Transfer() ledger.Rate { return ledger.Rate{Bps: t.TransferBps, Flat: t.TransferFlat} }
func (t Terms) Payout() ledger.Rate   { return ledger.Rate{Bps: t.PayoutBps, Flat: t.PayoutFlat} }
func (t Terms) Instant() ledger.Rate  { return ledger.Rate{Bps: t.InstantBps, Flat: t.InstantFlat} }

// terms are those in force now.
func (c *change) terms() (Terms, error) {
	all, err := under[Terms](c, termsParent)
	if err != nil {
		return Terms{}, err
	}
	t := inForce(all, c.now)
	if c.dry {
		t.Overdraft = ledger.MaxAmount
	}
	return t, nil
}

// Remit is the rate of a remittance's fee, tax included; Commission is that of
// what the agent earns by it.
func (t Terms) Remit() ledger.Rate { return ledger.Rate{Bps: t.RemitBps, Flat: t.RemitFlat} }
func (t Terms) Commission() ledger.Rate {
	return ledger.Rate{Bps: t.CommissionBps, Flat: t.CommissionFlat}
}

// Terms are those in force in a book now, by its own time.
func (d *Desk) Terms(ctx context.Context, book BookID) (Terms, error) {
	seen, err := d.Store.Look(ctx, book, refUnder[Terms](termsParent))
	if err != nil {
		return Terms{}, err
	}
	t, _ := d.termsIn(seen)
	return t, nil
}

// termsIn are those in force now, where all terms were looked at, and when that
// is by the book's time.
func (d *Desk) termsIn(seen Sight) (Terms, ledger.Time) {
	now := seen.Book().Clock.Now(ledger.At(d.Now()))
	var all []Terms
	for _, r := range seen.Under(KindTerms, termsParent) {
		all = append(all, r.(Terms))
	}
	return inForce(all, now), now
}

// inForce picks from terms, in the order they were written, those in force.
func inForce(all []Terms, at ledger.Time) Terms {
	now := DefaultTerms()
	for _, t := range all {
		if t.From <= at && t.From >= now.From {
			now = t
		}
	}
	return now
}

// floors are the floors that the terms set.
func (t Terms) floors() map[ledger.AccountID]ledger.Amount {
	if t.Overdraft == 0 {
		return nil
	}
	return map[ledger.AccountID]ledger.Amount{ledger.Available: -t.Overdraft}
}

// setTerms puts new terms in force from t.From on.
func (c *change) setTerms(t Terms) Terms {
	t.ID = c.NewID("terms")
	c.Put(t)
	return t
}

// WhyTerms refuses terms that nobody can live by.
const WhyTerms ledger.Why = "terms" // Invalid

// programmes are the kinds of wallets there are.
var programmes = []string{"closed", "small_cash", "small_nocash", "full_kyc"}

// Check says whether terms can be lived by: a known programme, rates between
// nothing and all, and nothing negative. The field at fault is named as in the
// schema.
func (t Terms) Check() error {
	if !slices.Contains(programmes, t.Programme) {
		return ledger.Refuse(ledger.Invalid, WhyTerms, "programme must be one of %s", strings.Join(programmes, ", ")).In("programme")
	}
	for _, f := range []struct {
		name       string
		value, max int64
	}{
		{"payment_bps", t.PaymentBps, ledger.MaxBps}, {"transfer_bps", t.TransferBps, ledger.MaxBps},
		{"payout_bps", t.PayoutBps, ledger.MaxBps}, {"instant_bps", t.InstantBps, ledger.MaxBps},
		{"payment_flat", int64(t.PaymentFlat), maxTerm}, {"transfer_flat", int64(t.TransferFlat), maxTerm},
		{"payout_flat", int64(t.PayoutFlat), maxTerm}, {"instant_flat", int64(t.InstantFlat), maxTerm},
		{"max_balance", int64(t.MaxBalance), maxTerm}, {"monthly_load", int64(t.MonthlyLoad), maxTerm},
		{"monthly_usage", int64(t.MonthlyUsage), maxTerm}, {"monthly_spend", int64(t.MonthlySpend), maxTerm},
		{"min_refund", int64(t.MinRefund), maxTerm}, {"overdraft", int64(t.Overdraft), maxTerm},
		{"two_people_above", int64(t.TwoPeopleAbove), maxTerm},
		{"remit_bps", t.RemitBps, ledger.MaxBps}, {"remit_flat", int64(t.RemitFlat), maxTerm},
		{"commission_bps", t.CommissionBps, ledger.MaxBps}, {"commission_flat", int64(t.CommissionFlat), maxTerm},
		{"tds_bps", t.TDSBps, ledger.MaxBps}, {"remit_max", int64(t.RemitMax), maxTerm}, {"remit_monthly", int64(t.RemitMonthly), maxTerm},
		{"available_after", t.AvailableAfter, maxWait}, {"capture_within", t.CaptureWithin, maxWait},
		{"same_refund_guard", t.SameRefundGuard, maxWait},
	} {
		if f.value < 0 || f.value > f.max {
			return ledger.Refuse(ledger.Invalid, WhyTerms, "%s must be between 0 and %d", f.name, f.max).In(f.name)
		}
	}
	if t.ConsentLife != 0 && (t.ConsentLife < minConsentLife || t.ConsentLife > maxConsentLife) {
		return ledger.Refuse(ledger.Invalid, WhyTerms, "consent_life must be between %d and %d", minConsentLife, maxConsentLife).In("consent_life")
	}
	return nil
}

const maxTerm = int64(ledger.MaxAmount)

// maxWait is the longest time, in seconds, that terms may set: ten years.
const maxWait = 10 * 366 * 24 * 3600
