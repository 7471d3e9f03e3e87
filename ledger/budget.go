package ledger

// A Budget says how much of a payment, or of an order, may still be given
// back. It counts every channel together: refunds to the source, to a wallet,
// as store credit or by payout, and what a dispute holds or has taken.
//
// A refund counts from the moment it is accepted, and stops counting only if
// it fails; a dispute counts from the day it opens unless it is won.
type Budget struct {
	Captured Amount // what came in
	Pending  Amount // refunds that were accepted and are not final
	Done     Amount // refunds that went
	Disputed Amount // disputes that are open or lost
}

// Left is what may still be given back.
func (b Budget) Left() Amount {
	return b.Captured.Sub(b.Pending).Sub(b.Done).Sub(b.Disputed)
}

// The limits of a budget that a refund may meet.
const (
	WhyFullyRefunded Why = "fully_refunded" // Exceeds: nothing is left
	WhyOverBudget    Why = "over_budget"    // Exceeds: more than is left
	WhyDisputed      Why = "disputed"       // Exceeds: it would fit if no dispute held the money
)

// Allow says whether r more may be given back.
//
// It refuses, in this order: Invalid if r is not a positive amount; Exceeds,
// naming the limit, if it is more than is left. The detail says how much is.
func (b Budget) Allow(r Amount) error {
	left := b.Left()
	switch {
	case r < 1:
		return Refuse(Invalid, "", "%d paise cannot be given back", r).In("amount")
	case r <= left:
		return nil
	case r <= left.Add(b.Disputed):
		return Refuse(Exceeds, WhyDisputed, "%d paise asked, %d left: a dispute holds %d", r, left, b.Disputed).In("amount")
	case left == 0:
		return Refuse(Exceeds, WhyFullyRefunded, "nothing is left").In("amount")
	}
	return Refuse(Exceeds, WhyOverBudget, "%d paise asked, %d left", r, left).In("amount")
}

// Check is invariants I-4 (of a payment) and I-5 (of an order): nothing in it
// is negative, and no more is given back than came in.
func (b Budget) Check() error {
	if b.Captured < 0 || b.Pending < 0 || b.Done < 0 || b.Disputed < 0 {
		return Refuse(Internal, WhyInvariant, "a budget with a negative part: %+v", b)
	}
	if b.Left() < 0 {
		return Refuse(Internal, WhyInvariant, "%d captured, but %d pending + %d refunded + %d disputed", b.Captured, b.Pending, b.Done, b.Disputed)
	}
	return nil
}
