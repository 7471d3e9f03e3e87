package console

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

// A clause is one rule of the terms as people read and write it.
type clause struct {
	Group, Name, Label, Says string
	Zero                     string // what nothing means
	at                       func(t *desk.Terms) any
	unit                     unit
}

// A unit is what a rule is written in.
type unit uint8

const (
	inRupees unit = iota
	inPercent
	inTime
	inYes
	inWord
)

// walletWords are the programmes of wallets in words.
var walletWords = []option{
	{"closed", "Closed: spent with you only"}, {"small_cash", "Small, with cash loading"}, {"small_nocash", "Small, without cash loading"}, {"full_kyc", "Full KYC"},
}

// clauses are all rules, by what they are about, in the order in which people
// ask for them. Names are the schema's, by which the desk says what is wrong.
var clauses = []clause{
	{"Wallets", "programme", "Kind of wallet", "What the law takes these wallets for", "", func(t *desk.Terms) any { return &t.Programme }, inWord},
	{"Wallets", "max_balance", "One wallet holds at most", "Refunds may take it above; then nothing can be loaded", "no limit", func(t *desk.Terms) any { return &t.MaxBalance }, inRupees},
	{"Wallets", "monthly_load", "Loaded into one wallet in a month", "A calendar month in India", "no limit", func(t *desk.Terms) any { return &t.MonthlyLoad }, inRupees},
	{"Wallets", "monthly_spend", "Spent and paid out of one wallet in a month", "", "no limit", func(t *desk.Terms) any { return &t.MonthlySpend }, inRupees},
	{"Wallets", "monthly_usage", "Paid out of one wallet to banks in a month", "", "no limit", func(t *desk.Terms) any { return &t.MonthlyUsage }, inRupees},
	{"Wallets", "allow_payout", "Payouts without full KYC", "The operator answers for it", "", func(t *desk.Terms) any { return &t.AllowPayout }, inYes},

	{"Refunds", "min_refund", "Smallest refund", "", "none", func(t *desk.Terms) any { return &t.MinRefund }, inRupees},
	{"Refunds", "same_refund_guard", "The same refund again is a mistake within", "The same amount of the same payment is refused", "off", func(t *desk.Terms) any { return &t.SameRefundGuard }, inTime},
	{"Refunds", "confirm_refunds", "Say “processed” only when the bank has confirmed", "Otherwise clients hear it at once", "", func(t *desk.Terms) any { return &t.ConfirmRefunds }, inYes},
	{"Refunds", "use_refund_credits", "Take refunds from refund credits first", "", "", func(t *desk.Terms) any { return &t.UseRefundCredits }, inYes},
	{"Refunds", "overdraft", "Refunds may take your balance below zero by", "", "nothing", func(t *desk.Terms) any { return &t.Overdraft }, inRupees},
	{"Refunds", "two_people_above", "Two people above", "What one person may refund as support, or end by hand, alone", "off", func(t *desk.Terms) any { return &t.TwoPeopleAbove }, inRupees},

	{"Payments", "capture_within", "An authorised payment waits for its capture", "", "at once", func(t *desk.Terms) any { return &t.CaptureWithin }, inTime},
	{"Payments", "available_after", "Captured money may be spent after", "", "at once", func(t *desk.Terms) any { return &t.AvailableAfter }, inTime},
	{"Payments", "unique_receipt", "A receipt is used for one order only", "", "", func(t *desk.Terms) any { return &t.UniqueReceipt }, inYes},

	{"Fees, before GST", "payment_bps", "Payment, share", "", "none", func(t *desk.Terms) any { return &t.PaymentBps }, inPercent},
	{"Fees, before GST", "payment_flat", "Payment, fixed", "", "none", func(t *desk.Terms) any { return &t.PaymentFlat }, inRupees},
	{"Fees, before GST", "transfer_bps", "Transfer, share", "", "none", func(t *desk.Terms) any { return &t.TransferBps }, inPercent},
	{"Fees, before GST", "transfer_flat", "Transfer, fixed", "", "none", func(t *desk.Terms) any { return &t.TransferFlat }, inRupees},
	{"Fees, before GST", "payout_bps", "Payout, share", "", "none", func(t *desk.Terms) any { return &t.PayoutBps }, inPercent},
	{"Fees, before GST", "payout_flat", "Payout, fixed", "", "none", func(t *desk.Terms) any { return &t.PayoutFlat }, inRupees},
	{"Fees, before GST", "payout_fee_from_merchant", "You pay the fee of payouts", "Otherwise the wallet does", "", func(t *desk.Terms) any { return &t.PayoutFeeFromMerchant }, inYes},
	{"Fees, before GST", "instant_bps", "Instant refund or settlement, share", "", "none", func(t *desk.Terms) any { return &t.InstantBps }, inPercent},
	{"Fees, before GST", "instant_flat", "Instant refund or settlement, fixed", "", "none", func(t *desk.Terms) any { return &t.InstantFlat }, inRupees},
	{"Fees, before GST", "interstate", "GST as one IGST", "Otherwise as CGST and SGST", "", func(t *desk.Terms) any { return &t.Interstate }, inYes},

	{"Remittances", "remit_max", "One remittance at most", "", "no limit", func(t *desk.Terms) any { return &t.RemitMax }, inRupees},
	{"Remittances", "remit_monthly", "One customer in a month", "", "no limit", func(t *desk.Terms) any { return &t.RemitMonthly }, inRupees},
	{"Remittances", "remit_bps", "Fee, share", "GST included", "none", func(t *desk.Terms) any { return &t.RemitBps }, inPercent},
	{"Remittances", "remit_flat", "Fee, fixed", "GST included", "none", func(t *desk.Terms) any { return &t.RemitFlat }, inRupees},
	{"Remittances", "commission_bps", "The agent earns, share", "", "nothing", func(t *desk.Terms) any { return &t.CommissionBps }, inPercent},
	{"Remittances", "commission_flat", "The agent earns, fixed", "", "nothing", func(t *desk.Terms) any { return &t.CommissionFlat }, inRupees},
	{"Remittances", "tds_bps", "Tax kept back of that", "", "none", func(t *desk.Terms) any { return &t.TDSBps }, inPercent},
	{"Remittances", "remit_consent", "No remittance without the customer's OTP", "", "", func(t *desk.Terms) any { return &t.RemitConsent }, inYes},
	{"Remittances", "consent_life", "An OTP is good for", "3 to 10 minutes", "5 minutes", func(t *desk.Terms) any { return &t.ConsentLife }, inTime},
}

// Said is what a rule says in some terms.
func (c clause) Said(t desk.Terms) string {
	switch at := c.at(&t).(type) {
	case *string:
		for _, o := range walletWords {
			if o.Value == *at {
				return o.Label
			}
		}
		return plain(*at)
	case *bool:
		if *at {
			return "Yes"
		}
		return "No"
	case *ledger.Amount:
		if *at == 0 {
			return c.Zero
		}
		return rupees(*at)
	case *int64:
		switch {
		case *at == 0:
			return c.Zero
		case c.unit == inPercent:
			return fmt.Sprintf("%d.%02d %%", *at/100, *at%100)
		}
		return span(*at)
	}
	return ""
}

// Written is a rule as its field of a form is filled in.
func (c clause) Written(t desk.Terms) string {
	switch at := c.at(&t).(type) {
	case *string:
		return *at
	case *bool:
		return map[bool]string{true: "yes", false: "no"}[*at]
	case *ledger.Amount:
		return strings.TrimPrefix(rupees(*at), "₹")
	case *int64:
		if c.unit == inPercent {
			return fmt.Sprintf("%d.%02d", *at/100, *at%100)
		}
		return span(*at)
	}
	return ""
}

// Options are what a rule may say, if that is one of a few words.
func (c clause) Options() []option {
	switch c.unit {
	case inWord:
		return walletWords
	case inYes:
		return []option{{"no", "No"}, {"yes", "Yes"}}
	}
	return nil
}

// Unit is what is written behind its field.
func (c clause) Unit() string {
	return map[unit]string{inRupees: "rupees", inPercent: "percent", inTime: "such as 3 days, 12 hours, 90 seconds"}[c.unit]
}

// set reads what was written into terms.
func (c clause) set(t *desk.Terms, text string) error {
	text = strings.TrimSpace(text)
	bad := func(say string) error { return ledger.Refuse(ledger.Invalid, desk.WhyTerms, "%s", say).In(c.Name) }
	switch at := c.at(t).(type) {
	case *string:
		*at = text
	case *bool:
		if text != "yes" && text != "no" {
			return bad("yes or no")
		}
		*at = text == "yes"
	case *ledger.Amount:
		a, ok := ledger.ParseRupees(strings.NewReplacer("₹", "", ",", "", " ", "").Replace(text))
		if !ok {
			return bad("write rupees, such as 499 or 20,000.00")
		}
		*at = a
	case *int64:
		if c.unit == inPercent { // hundredths of a percent are written as rupees are
			a, ok := ledger.ParseRupees(strings.TrimSpace(strings.TrimSuffix(text, "%")))
			if !ok || a > ledger.MaxBps {
				return bad("write a share from 0 to 100, with two digits behind the point")
			}
			*at = int64(a)
			return nil
		}
		s, ok := readSpan(text)
		if !ok {
			return bad("write a time, such as 3 days, 12 hours or 90 seconds")
		}
		*at = s
	}
	return nil
}

// span is a number of seconds in the largest unit that says it exactly.
func span(seconds int64) string {
	for _, u := range []struct {
		name string
		each int64
	}{{"day", 86400}, {"hour", 3600}, {"minute", 60}} {
		if seconds != 0 && seconds%u.each == 0 {
			return many(seconds/u.each, u.name)
		}
	}
	return many(seconds, "second")
}

func many(n int64, name string) string {
	if n == 1 {
		return "1 " + name
	}
	return strconv.FormatInt(n, 10) + " " + name + "s"
}

// readSpan reads what span writes, and shorter ways to write it: 3 days, 3d, 72h.
func readSpan(text string) (int64, bool) {
	end := strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(text)
	}
	n, err := strconv.ParseInt(text[:end], 10, 64)
	if err != nil {
		return 0, false
	}
	each := int64(0)
	switch strings.TrimSuffix(strings.TrimSpace(text[end:]), "s") {
	case "d", "day":
		each = 86400
	case "h", "hour":
		each = 3600
	case "m", "min", "minute":
		each = 60
	case "", "sec", "second":
		each = 1
	}
	if text[end:] == "" && n != 0 || each == 0 || n > math.MaxInt64/int64(time.Second)/each {
		return 0, false // a number alone says nothing but zero
	}
	return n * each, true
}
