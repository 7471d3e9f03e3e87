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
// It refuses, in this order: Invalid; Duplicate for the receipt, then for the
// same amount a moment ago (if the terms guard against it); NotFound;
// WrongState if the payment is not captured or too old; Exceeds if it is more
// than is left; Invalid if ReverseAll cannot be done for a part; Insufficient if
// a linked account, then the merchant, is short of money.
func (d *Desk) Refund(ctx context.Context, book BookID, q RefundRequest) (Refund, error) {
	if err := q.check(); err != nil {
		return Refund{}, err
	}
	reads := []Ref{refUnder[Terms](termsParent), ref[Payment](q.Payment), refAccount(ledger.Available)}
	if q.Receipt != "" {
		reads = append(reads, ref[Key](q.receipt()))
	}
	if q.ReverseAll {
		reads = append(reads, refUnder[Transfer](q.Payment))
	}
	return once(ctx, d, book, q.Key, reads, func(c *change) (Refund, error) {
		t, err := c.terms()
		if err != nil {
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
		if q.Receipt != "" {
			c.Put(Key{
				ID: q.receipt(), Digest: string(r.ID), CreatedAt: c.now,
				Code: string(ledger.Duplicate), Why: string(WhyRefundReceipt), Field: "receipt", Detail: q.Receipt,
			})
		}
		if p.fromWallet() {
			return c.refundToWallet(t, p, r)
		}
		return c.refundToSource(t, p, r, q.Outcome)
	})
}

// receipt names the row that remembers a receipt as used for a payment: what a
// second refund with it hears.
func (q RefundRequest) receipt() ID { return "refund.receipt/" + q.Payment + "/" + ID(q.Receipt) }

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

// fromCredits says whether a refund is taken from the merchant's refund
// credits: if the terms want it and there is enough for all of it. A refund is
// never split over both.
func (c *change) fromCredits(t Terms, a ledger.Amount) (bool, error) {
	if !t.UseRefundCredits {
		return false, nil
	}
	credits, err := c.balance(ledger.RefundCredits)
	return credits >= a, err
}

// From is the account that a refund is taken from, and returned to if it fails.
// What was never captured is nobody's until a person has looked.
func (r Refund) From() string {
	switch {
	case r.Unsettled:
		return ledger.SuspenseCredit
	case r.Credits:
		return ledger.RefundCredits
	}
	return ledger.Available
}

// reverseFor pulls the payment's transfers back, as far as the refund asks. It
// returns the payment as that left it.
func (c *change) reverseFor(r Refund, p Payment) (Payment, error) {
	all, err := under[Transfer](c, p.ID)
	if err != nil {
		return p, err
	}
	var live []Transfer
	var remaining []ledger.Amount
	for _, t := range all {
		if t.made() && t.Left() > 0 {
			live, remaining = append(live, t), append(remaining, t.Left())
		}
	}
	back, err := ledger.ReverseAll(r.Amount, p.Budget().Left(), remaining)
	if err != nil {
		return p, err
	}
	for i, t := range live {
		if back[i] == 0 {
			continue
		}
		if _, _, err := c.reverse(t, back[i], r.ID, ""); err != nil {
			return p, err
		}
	}
	return need[Payment](c, p.ID, "")
}

// refundToWallet gives r back to the wallet that paid (J10): cash first, then
// cashback, the reverse of how it was spent. It is done at once, and no limit
// of the wallet stops it.
func (c *change) refundToWallet(t Terms, p Payment, r Refund) (Refund, error) {
	cash := p.Amount - p.Promo - (p.Refunded - p.PromoBack) // not given back yet
	r.Promo = r.Amount - min(r.Amount, cash)
	r.To, r.State, r.ProcessedAt = "wallet", "done", c.now
	if r.Speed == Optimum {
		r.Done = Instant
	}
	entry, err := c.postOver(ledger.RefundedWallet, r.ID, ledger.RefundToWallet(r.From(), string(p.Customer), r.Amount, r.Promo), t.floors())
	if err != nil {
		return r, merchantShort(err)
	}
	w, err := need[Wallet](c, p.Customer, "")
	if err != nil {
		return r, err
	}
	if _, err := c.walletLine(w, entry, p.ID, LineRefund, r.Amount, 0, p.Description); err != nil {
		return r, err
	}
	p.Refunded += r.Amount
	p.PromoBack += r.Promo
	p = p.refunded()
	c.Put(r, p)
	if err := c.orderRefunded(r, r.Amount); err != nil {
		return r, err
	}
	c.emit("refund.created", r, p)
	c.emit("refund.processed", r, p)
	return r, nil
}

// refundToSource accepts r (J11) for the payment's provider to send back.
func (c *change) refundToSource(t Terms, p Payment, r Refund, scenario string) (Refund, error) {
	r.To, r.State, r.Proof = "source", "pending", proofOf(p.Method)
	if _, err := c.postOver(ledger.RefundAccepted, r.ID, ledger.AcceptRefund(r.From(), r.Provider, r.Amount), t.floors()); err != nil {
		return r, merchantShort(err)
	}
	if r.Speed == Optimum && slices.Contains(instantMethods, p.Method) {
		fee := t.Instant().On(r.Amount, t.Interstate)
		if _, err := c.postOver(ledger.InstantFee, r.ID, ledger.TakeInstantFee(fee), t.floors()); err != nil {
			return r, merchantShort(err)
		}
		r.Done, r.Proof, r.Fee, r.Tax = Instant, "utr", fee.Total(), fee.Tax()
	}
	p.RefundPending += r.Amount
	p = p.refunded()
	c.Put(r, p)
	if err := c.orderRefunded(r, r.Amount); err != nil {
		return r, err
	}
	if err := c.sendRefund(p, r, scenario); err != nil {
		return r, err
	}
	c.emit("refund.created", r, p)
	return r, nil
}

// merchantShort gives a posting that the merchant's balance does not cover its rule.
func merchantShort(err error) error {
	if ledger.CodeOf(err) == ledger.Insufficient {
		return ledger.Refuse(ledger.Insufficient, WhyRefundUnavailable, "%v", err)
	}
	return err
}

// orderRefunded counts a as given back of the refund's order; less than zero
// if it was not after all.
func (c *change) orderRefunded(r Refund, a ledger.Amount) error {
	if r.Order == "" || r.Unsettled {
		return nil
	}
	o, err := need[Order](c, r.Order, "")
	if err != nil {
		return err
	}
	o.Refunded += a
	c.Put(o)
	return nil
}

// proofOf is what the proof of a refund of normal speed is called, by how the
// payment was made.
func proofOf(method string) string {
	switch method {
	case "upi":
		return "rrn"
	case "netbanking":
		return "utr"
	}
	return "arn"
}

// sendRefund writes down the rail order of a refund.
func (c *change) sendRefund(p Payment, r Refund, scenario string) error {
	o := RailOrder{
		ID: r.ID, Rail: c.railFor(r.Provider), What: "refund", Speed: Normal, Method: p.Method,
		To: p.source(), Amount: r.Amount, Outcome: scenario,
	}
	if r.Done == Instant {
		o.Speed = Optimum
	}
	return c.sendLater(o)
}

// source is where a payment came from, for a person to read.
func (p Payment) source() string {
	switch p.Method {
	case "upi":
		return p.VPA
	case "card":
		return p.CardNetwork + " ending in " + p.CardLast4
	case "netbanking":
		return p.Bank
	}
	return p.Wallet
}

// autoRefund gives back all of a payment that was authorised and never
// captured (J04): its money is with the provider and does not touch the
// merchant's balance. The caller has read the payment and knows that it waits
// for nothing else.
func (c *change) autoRefund(t Terms, p Payment, speed string) (Payment, Refund, error) {
	r := Refund{
		ID: c.NewID("rfnd"), Payment: p.ID, Order: p.Order, Amount: p.Amount, To: "source", State: "pending", Speed: Normal, Done: Normal,
		Proof: proofOf(p.Method), Unsettled: true, Confirm: t.ConfirmRefunds, Provider: p.Provider, CreatedAt: c.now,
	}
	if speed == Optimum {
		r.Speed = Optimum
		if slices.Contains(instantMethods, p.Method) {
			r.Done, r.Proof = Instant, "utr"
		}
	}
	if _, err := c.post(ledger.AutoRefunded, r.ID, ledger.AutoRefund(r.Provider, r.Amount)); err != nil {
		return p, r, err
	}
	p.Status, p.RefundPending = "refunded", r.Amount
	c.Put(r, p)
	if err := c.sendRefund(p, r, ""); err != nil {
		return p, r, err
	}
	c.emit("refund.created", r, p)
	return p, r, nil
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
		if r.Amount > 0 && r.Promo >= 0 && r.Promo <= r.Amount && (r.State != "done") == (r.ProcessedAt == 0) {
			return nil
		}
	}
	return ledger.Refuse(ledger.Internal, ledger.WhyInvariant, "%s is %q with %d paise, %d of them cashback", r.ID, r.State, r.Amount, r.Promo)
}
