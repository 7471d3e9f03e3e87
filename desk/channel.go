package desk

import (
	"cmp"
	"slices"

	"wapas/ledger"
)

// The channels that a refund goes through: back to the wallet that paid, or
// through the provider to the source.

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
		return r, merchantShort(err, WhyRefundUnavailable)
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
func (c *change) refundToSource(t Terms, p Payment, r Refund, scenario, reference string) (Refund, error) {
	r.To, r.State, r.Proof = "source", "pending", proofOf(p.Method)
	if _, err := c.postOver(ledger.RefundAccepted, r.ID, ledger.AcceptRefund(r.From(), r.Provider, r.Amount), t.floors()); err != nil {
		return r, merchantShort(err, WhyRefundUnavailable)
	}
	if r.Speed == Optimum && slices.Contains(instantMethods, p.Method) {
		fee := t.Instant().On(r.Amount, t.Interstate)
		if _, err := c.postOver(ledger.InstantFee, r.ID, ledger.TakeInstantFee(fee), t.floors()); err != nil {
			return r, merchantShort(err, WhyRefundUnavailable)
		}
		r.Done, r.Proof, r.Fee, r.Tax = Instant, "utr", fee.Total(), fee.Tax()
	}
	p.RefundPending += r.Amount
	p = p.refunded()
	c.Put(r, p)
	if err := c.orderRefunded(r, r.Amount); err != nil {
		return r, err
	}
	if err := c.sendRefund(p, r, scenario, reference); err != nil {
		return r, err
	}
	c.emit("refund.created", r, p)
	return r, nil
}

// merchantShort gives a posting that the merchant's balance does not cover its
// rule.
func merchantShort(err error, why ledger.Why) error {
	if ledger.CodeOf(err) == ledger.Insufficient {
		return ledger.Refuse(ledger.Insufficient, why, "%v", err)
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

// sendRefund writes down the rail order of a refund. Reference is the caller's
// own, if there is one.
func (c *change) sendRefund(p Payment, r Refund, scenario, reference string) error {
	o := RailOrder{
		ID: r.ID, Rail: c.railFor(r.Provider), What: "refund", Speed: Normal, Method: p.Method,
		To: p.source(), Amount: r.Amount, Outcome: scenario, Ref: cmp.Or(reference, r.Receipt), Of: p.ID, Room: r.Room,
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
	if err := c.sendRefund(p, r, "", ""); err != nil {
		return p, r, err
	}
	c.emit("refund.created", r, p)
	return p, r, nil
}
