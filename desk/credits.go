package desk

import (
	"context"

	"wapas/ledger"
)

// The rules of refund credits.
const (
	WhyCreditsAmount ledger.Why = "credits_amount" // Invalid: nothing, or beyond any amount
	WhyCreditsShort  ledger.Why = "credits_short"  // Insufficient: the merchant's balance is short
)

// BuyCredits sets a of the merchant's balance aside for refunds, which take it
// first if the terms say so (Terms.UseRefundCredits): what is paid out to the
// merchant is then not cut by refunds. It returns what there is now.
//
// It refuses, in this order: Invalid; Insufficient.
func (d *Desk) BuyCredits(ctx context.Context, book BookID, a ledger.Amount) (ledger.Amount, error) {
	if a < 1 || a > ledger.MaxAmount {
		return 0, ledger.Refuse(ledger.Invalid, WhyCreditsAmount, "%d", a).In("amount")
	}
	var have ledger.Amount
	reads := []Ref{refAccount(ledger.Available), refAccount(ledger.RefundCredits)}
	err := d.change(ctx, book, reads, func(c *change) (err error) {
		if _, err := c.post(ledger.CreditsBought, "", ledger.BuyCredits(a)); err != nil {
			return merchantShort(err, WhyCreditsShort)
		}
		have, err = c.balance(ledger.RefundCredits)
		return err
	})
	return have, err
}
