package desk

import (
	"context"
	"slices"
	"time"

	"wapas/ledger"
)

// The rules of refunds. Those of the budget (ledger.WhyFullyRefunded,
// ledger.WhyOverBudget, ledger.WhyDisputed) and of reverse_all
// (ledger.WhyReverseAll) are the ground's.
const (
	WhyRefundZero        ledger.Why = "refund_zero"        // Invalid: an amount of nothing
	WhyRefundMin         ledger.Why = "refund_minimum"     // Invalid: less than the terms allow
	WhyRefundSpeed       ledger.Why = "refund_speed"       // Invalid: neither normal nor optimum
	WhyRefundReceipt     ledger.Why = "refund_receipt"     // Duplicate: the payment has a refund with this receipt
	WhySameRefund        ledger.Why = "same_refund"        // Duplicate: the same amount of the same payment a moment ago
	WhyRefundUncaptured  ledger.Why = "refund_uncaptured"  // WrongState: nothing was captured
	WhyRefundOld         ledger.Why = "refund_old"         // WrongState: so old that it must be instant
	WhyRefundTooOld      ledger.Why = "refund_too_old"     // WrongState: so old, and it cannot be instant
	WhyRefundOverRouted  ledger.Why = "refund_over_routed" // Exceeds: as WhyOverBudget, of a payment with transfers
	WhyRefundUnavailable ledger.Why = "refund_unavailable" // Insufficient: the merchant's balance is short
	WhyRefundNames       ledger.Why = "refund_names"       // Invalid: what names the payment is of two payments
)

// The speeds of a refund: asked for, and had.
const (
	Normal  = "normal"  // in days, the way the payment came
	Optimum = "optimum" // instant if it can be, otherwise normal
	Instant = "instant" // in moments, as a new transfer
)

// NormalMonths is how old a payment may be for the banks to take a refund of
// normal speed.
const NormalMonths = 6

// instantMethods are how a payment may have been made for its refund to be
// able to go instantly to the source.
var instantMethods = []string{"card", "upi", "netbanking"}

// A RefundRequest asks to give money of a payment back, to where it came from.
type RefundRequest struct {
	Payment    ID
	Amount     ledger.Amount
	Full       bool   // all that is left, instead of Amount
	Speed      string // Normal or Optimum; empty is Normal
	Receipt    string // the caller's own; once per payment
	ReverseAll bool   // pull the payment's transfers back first
	Notes      Notes
	Outcome    string // how the simulated rail is to end it: a rail.Scenario; test books only
	Key        Once

	// Of is how a caller names the payment that knows it by other names than
	// ours, instead of Payment: handles of it, or its id. All must be of one
	// payment.
	Of []ID
	Called

	again ID // the refund that failed, which this one tries again: see ManualRefund
}

func (q RefundRequest) check() error {
	switch {
	case !q.Full && q.Amount == 0:
		return ledger.Refuse(ledger.Invalid, WhyRefundZero, "").In("amount")
	case !q.Full && q.Amount < 0:
		return ledger.Refuse(ledger.Invalid, WhyRefundMin, "%d", q.Amount).In("amount")
	case q.Speed != "" && q.Speed != Normal && q.Speed != Optimum:
		return ledger.Refuse(ledger.Invalid, WhyRefundSpeed, "%s", q.Speed).In("speed")
	}
	return checkScenario(q.Outcome)
}

// Refund gives money of a captured payment back: at once to the wallet that
// paid, whatever it may hold; otherwise through the payment's provider to its
// source, which takes a while and may fail. With ReverseAll the payment's
// transfers are pulled back first. All of it is one change.
//
// An optimum refund is charged the instant fee when it is accepted; the fee is
// returned if the refund goes the slow way or fails.
//
// It refuses, in this order: Invalid; Duplicate for the handle; NotFound or
// Invalid for the names in q.Of; Duplicate for the receipt, then for the same
// amount a moment ago (if the terms guard against it); NotFound; WrongState if
// the payment is not captured or too old; Exceeds if it is more
// than is left; Invalid if ReverseAll cannot be done for a part; Insufficient if
// a linked account, then the merchant, is short of money.
func (d *Desk) Refund(ctx context.Context, book BookID, q RefundRequest) (Refund, error) {
	if err := q.check(); err != nil {
		return Refund{}, err
	}
	return once(ctx, d, book, q.Key, q.reads(), func(c *change) (Refund, error) { return c.refund(q) })
}

// reads names what a refund will look at.
func (q RefundRequest) reads() []Ref {
	reads := []Ref{refUnder[Terms](termsParent), ref[Payment](q.Payment), refAccount(ledger.Available)}
	if q.Receipt != "" {
		reads = append(reads, ref[Key](q.receipt()))
	}
	if q.ReverseAll {
		reads = append(reads, refUnder[Transfer](q.Payment))
	}
	return append(append(reads, q.Called.reads()...), refersTo(q.Of)...)
}

// refund is what Refund does within a change.
func (c *change) refund(q RefundRequest) (Refund, error) {
	t, err := c.terms()
	if err != nil {
		return Refund{}, err
	}
	if err := c.uncalled(q.Called); err != nil {
		return Refund{}, err
	}
	if err := c.referred(&q); err != nil {
		return Refund{}, err
	}
	if err := c.repeated(t, q); err != nil {
		return Refund{}, err
	}
	p, err := need[Payment](c, q.Payment, "payment_id")
	if err != nil {
		return Refund{}, err
	}
	amount, err := c.mayRefund(t, p, q)
	if err != nil {
		return Refund{}, err
	}
	r := Refund{
		ID: c.NewID("rfnd"), Payment: p.ID, Order: p.Order, Amount: amount, Speed: Normal, Done: Normal, Receipt: q.Receipt,
		ReverseAll: q.ReverseAll, Confirm: t.ConfirmRefunds, Provider: p.Provider, Notes: q.Notes, CreatedAt: c.now,
		Room: q.Room, Again: q.again,
	}
	if q.Speed == Optimum {
		r.Speed = Optimum
	}
	if r.Credits, err = c.fromCredits(t, amount); err != nil {
		return Refund{}, err
	}
	if q.ReverseAll {
		if p, err = c.reverseFor(r, p); err != nil {
			return Refund{}, err
		}
	}
	c.keepReceipt(q, r.ID)
	if err := c.call(r.ID, q.Called); err != nil {
		return Refund{}, err
	}
	if p.fromWallet() {
		return c.refundToWallet(t, p, r)
	}
	return c.refundToSource(t, p, r, q.Outcome, q.Ref)
}

// refersTo names what a change will look at to find a payment by its handles.
func refersTo(of []ID) []Ref {
	var reads []Ref
	for _, id := range of {
		if id.Prefix() == "pay" {
			reads = append(reads, ref[Payment](id))
		} else {
			reads = append(reads, ref[Handle](id))
		}
	}
	return reads
}

// referred finds the payment that a request names by q.Of, and puts its id into
// the request. It refuses NotFound if a name is nothing's or not a payment's,
// and Invalid (WhyRefundNames) if the names are of two.
func (c *change) referred(q *RefundRequest) error {
	for i, name := range q.Of {
		id := name
		if name.Prefix() != "pay" {
			h, ok, err := get[Handle](c, name)
			switch {
			case err != nil:
				return err
			case !ok || h.Of.Prefix() != "pay":
				return ledger.Refuse(ledger.NotFound, WhyUnknownID, "%s", name).In("payment_id")
			}
			id = h.Of
		}
		if i > 0 && id != q.Payment {
			return ledger.Refuse(ledger.Invalid, WhyRefundNames, "%s and %s", q.Payment, id).In("payment_id")
		}
		q.Payment = id
	}
	return nil
}

// receipt names the row that remembers a receipt as used for a payment: what a
// second refund with it hears.
func (q RefundRequest) receipt() ID { return "refund.receipt/" + q.Payment + "/" + ID(q.Receipt) }

// keepReceipt remembers a receipt as used.
func (c *change) keepReceipt(q RefundRequest, id ID) {
	if q.Receipt != "" {
		c.Put(Key{
			ID: q.receipt(), Digest: string(id), CreatedAt: c.now,
			Code: string(ledger.Duplicate), Why: string(WhyRefundReceipt), Field: "receipt", Detail: q.Receipt,
		})
	}
}

// repeated refuses what a payment's earlier refunds forbid.
func (c *change) repeated(t Terms, q RefundRequest) error {
	if !q.Full && q.Amount < t.MinRefund {
		return ledger.Refuse(ledger.Invalid, WhyRefundMin, "%d", q.Amount).In("amount")
	}
	if q.Receipt != "" {
		k, used, err := get[Key](c, q.receipt())
		if err != nil {
			return err
		}
		if used {
			return k.refusal()
		}
	}
	if t.SameRefundGuard == 0 || q.Full {
		return nil
	}
	earlier, err := under[Refund](c, q.Payment)
	if err != nil {
		return err
	}
	since := c.now.Add(-time.Duration(t.SameRefundGuard) * time.Second)
	for _, r := range earlier {
		if r.Amount == q.Amount && r.State != "failed" && r.CreatedAt > since {
			return ledger.Refuse(ledger.Duplicate, WhySameRefund, "%s gave back the same", r.ID).In("amount")
		}
	}
	return nil
}

// mayRefund is how much of a payment a refund gives back, if it may.
func (c *change) mayRefund(t Terms, p Payment, q RefundRequest) (ledger.Amount, error) {
	if !p.Captured {
		return 0, ledger.Refuse(ledger.WrongState, WhyRefundUncaptured, "%s is %s", p.ID, p.Status)
	}
	if !p.fromWallet() && p.CreatedAt.Std().AddDate(0, NormalMonths, 0).Before(c.now.Std()) {
		switch {
		case q.Speed != Optimum:
			return 0, ledger.Refuse(ledger.WrongState, WhyRefundOld, "%s", p.ID)
		case !slices.Contains(instantMethods, p.Method):
			return 0, ledger.Refuse(ledger.WrongState, WhyRefundTooOld, "%s was paid by %s", p.ID, p.Method)
		}
	}
	b, amount := p.Budget(), q.Amount
	if q.Full {
		amount = max(b.Left(), 1) // if nothing is left, one paisa is too much
	}
	err := b.Allow(amount)
	if e, ok := err.(*ledger.Error); ok && e.Why == ledger.WhyOverBudget && p.Transferred > 0 {
		e.Why = WhyRefundOverRouted
	}
	return amount, err
}

// Budget is how much of a payment may still be given back, over every channel.
// Money of a payment that was never captured counts once it is on its way back.
func (p Payment) Budget() ledger.Budget {
	b := ledger.Budget{Pending: p.RefundPending, Done: p.Refunded, Disputed: p.Disputed}
	if p.Captured || p.Status == "refunded" {
		b.Captured = p.Amount
	}
	return b
}

// fromWallet says whether a wallet of ours paid.
func (p Payment) fromWallet() bool { return p.Method == "wallet" && p.Wallet == "openwallet" }

// refunded is the payment with the status that its refunds give it.
func (p Payment) refunded() Payment {
	switch {
	case !p.Captured:
	case p.Refunded+p.RefundPending == p.Amount:
		p.Status = "refunded"
	default:
		p.Status = "captured"
	}
	return p
}

// RefundOrdered is a refund with its order to a rail, without an id if it went to
// none, both as of one moment: NotFound if there is no such refund.
func (d *Desk) RefundOrdered(ctx context.Context, book BookID, id ID) (Refund, RailOrder, error) {
	seen, err := d.Store.Look(ctx, book, ref[Refund](id), ref[RailOrder](id))
	if err != nil {
		return Refund{}, RailOrder{}, err
	}
	r, ok := seen.Row(KindRefund, id).(Refund)
	if !ok {
		return Refund{}, RailOrder{}, ledger.Refuse(ledger.NotFound, WhyUnknownID, "%s", id)
	}
	o, _ := seen.Row(KindRailOrder, id).(RailOrder)
	return r, o, nil
}

// EditRefund replaces the notes of a refund. It refuses NotFound.
func (d *Desk) EditRefund(ctx context.Context, book BookID, id ID, notes Notes) (Refund, error) {
	var r Refund
	err := d.change(ctx, book, []Ref{ref[Refund](id)}, func(c *change) (err error) {
		if r, err = need[Refund](c, id, ""); err != nil {
			return err
		}
		r.Notes = notes
		c.Put(r)
		return nil
	})
	return r, err
}

// Check is the rule of a refund row.
func (r Refund) Check() error {
	switch r.State {
	case "pending", "done", "failed":
		ours := r.To == "source" || r.Fee == 0 && (r.Payment != "" || r.Promo == 0) // a fee is for a rail, cashback of a payment
		if ours && r.Amount > 0 && r.Promo >= 0 && r.Promo <= r.Amount && (r.State != "done") == (r.ProcessedAt == 0) {
			return ledger.CheckFee(r.Fee, r.Tax)
		}
	}
	return ledger.Refuse(ledger.Internal, ledger.WhyInvariant, "%s is %q with %d paise, %d of them cashback", r.ID, r.State, r.Amount, r.Promo)
}
