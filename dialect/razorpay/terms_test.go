package razorpay

import (
	"testing"

	"wapas/desk"
	"wapas/dialecttest"
)

// TestTranscriptsOfTerms runs testdata/terms/*.txt, as TestTranscripts does, in
// a book of other terms: wallets that may be paid out, fees of 5.90 for a payout
// and an instant refund, refunds of a rupee at least that are confirmed, and a
// guard of five minutes against the same refund twice.
func TestTranscriptsOfTerms(t *testing.T) {
	dialecttest.Run(t, "testdata/terms/*.txt", func(t *testing.T, h *dialecttest.House) dialecttest.Room {
		terms := desk.DefaultTerms()
		terms.Programme = "full_kyc"
		terms.PayoutFlat, terms.InstantFlat, terms.MinRefund = 5_00, 5_00, 1_00
		terms.ConfirmRefunds, terms.SameRefundGuard = true, 300
		if _, err := h.Desk.SetTerms(t.Context(), h.Book, terms); err != nil {
			t.Fatal(err)
		}
		return openRoom(t, h)
	})
}
