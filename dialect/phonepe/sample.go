package phonepe

import (
	"context"

	"wapas/desk"
	"wapas/ledger"
)

// Sample makes a paid payment of a test book under names of our choosing, so
// that a demo answers what the vendor's pages print as it stands there: the
// merchant's name of it, and PhonePe's, if that is not to be as usual.
func Sample(ctx context.Context, d *desk.Desk, book desk.BookID, merchant, transaction, reference string, amount ledger.Amount) (desk.Payment, error) {
	called := memo{Gen: g1, Kind: "charge", Merchant: merchant, Order: transaction}.called(transaction, func(id desk.ID) string {
		if reference != "" {
			return reference
		}
		return paymentRef(id)
	})
	p, err := d.Charge(ctx, book, desk.ChargeRequest{Amount: amount, Life: desk.PayerTakes, Called: called})
	if err != nil {
		return p, err
	}
	return d.FinishPayment(ctx, book, p.ID, true)
}
