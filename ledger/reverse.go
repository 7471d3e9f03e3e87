package ledger

// WhyReverseAll refuses reverse_all for a part of a payment that is split
// between several accounts: nobody can know from which to take it.
const WhyReverseAll Why = "reverse_all"

// ReverseAll says how much of each transfer a refund with reverse_all pulls
// back. Left is what may be given back of the payment before this refund (its
// Budget); remaining is what each of its transfers still holds, amount less
// what was reversed.
//
// A refund of all that is left reverses all that remains of every transfer. A
// smaller one is possible if at most one transfer still holds something: it
// gives back the refund or all it holds, whichever is less, and the merchant
// bears the rest. Transfers that were reversed before stand in nobody's way.
//
// It refuses, in this order: Invalid if the refund is not a positive amount;
// Exceeds if it is more than is left; Invalid (WhyReverseAll) if it is a part
// and two or more transfers hold something.
func ReverseAll(refund, left Amount, remaining []Amount) ([]Amount, error) {
	live := 0
	for _, rem := range remaining {
		if rem < 0 {
			return nil, Refuse(Internal, WhyInvariant, "a transfer with %d paise left", rem)
		}
		if rem > 0 {
			live++
		}
	}
	switch {
	case refund < 1:
		return nil, Refuse(Invalid, "", "%d paise cannot be given back", refund).In("amount")
	case refund > left:
		return nil, Refuse(Exceeds, WhyOverBudget, "%d paise asked, %d left", refund, left).In("amount")
	case refund < left && live > 1:
		return nil, Refuse(Invalid, WhyReverseAll, "a partial refund with %d live transfers", live).In("reverse_all")
	}
	back := make([]Amount, len(remaining))
	for i, rem := range remaining {
		if refund == left {
			back[i] = rem
		} else {
			back[i] = min(refund, rem)
		}
	}
	return back, nil
}
