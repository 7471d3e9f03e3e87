package desk

import (
	"context"
	"time"

	"wapas/ledger"
)

// The rules that captures refuse by.
const (
	WhyNotAuthorized  ledger.Why = "not_authorized"   // WrongState: not authorised, or failed
	WhyCaptured       ledger.Why = "captured"         // WrongState: captured before
	WhyVoided         ledger.Why = "voided"           // WrongState: it went back without a capture
	WhyCaptureAmount  ledger.Why = "capture_amount"   // Exceeds: another amount than was authorised
	WhyFeeAboveAmount ledger.Why = "fee_above_amount" // Exceeds: the fee is more than the payment
)

// A CaptureRequest asks to take what a customer authorised, all of it.
type CaptureRequest struct {
	Payment ID
	Amount  ledger.Amount
}

// CapturePayment takes an authorised payment: its money is the merchant's, at
// once or after the terms' wait, less the fee. If it pays its order, the
// transfers that waited for that are made.
//
// It refuses, in this order: NotFound; WrongState if the payment is captured
// (WhyCaptured), gone back (WhyVoided) or not authorised; Exceeds if another
// amount than was authorised is asked for, or the fee is more than the amount.
// Its order still waits for it: a payment that comes too late for its order
// goes back when it is authorised.
func (d *Desk) CapturePayment(ctx context.Context, book BookID, q CaptureRequest) (Payment, error) {
	var p Payment
	reads := []Ref{ref[Payment](q.Payment), refUnder[Terms](termsParent), refAccount(ledger.Available), refAccount(ledger.Pending)}
	err := d.change(ctx, book, reads, func(c *change) error {
		t, err := c.terms()
		if err != nil {
			return err
		}
		if p, err = need[Payment](c, q.Payment, ""); err != nil {
			return err
		}
		o, err := need[Order](c, p.Order, "")
		if err != nil {
			return err
		}
		switch {
		case p.Captured:
			return ledger.Refuse(ledger.WrongState, WhyCaptured, "%s", p.ID)
		case p.Status == PaymentRefunded || p.RefundPending > 0:
			return ledger.Refuse(ledger.WrongState, WhyVoided, "%s", p.ID)
		case p.Status != PaymentAuthorized:
			return ledger.Refuse(ledger.WrongState, WhyNotAuthorized, "%s is %s", p.ID, p.Status)
		case q.Amount != p.Amount:
			return ledger.Refuse(ledger.Exceeds, WhyCaptureAmount, "%d are authorised", p.Amount)
		}
		if err := c.unwait("payment.expire", p.ID); err != nil {
			return err
		}
		o, p, err = c.capture(t, o, p)
		c.Put(o, p)
		return err
	})
	return p, err
}

// capture takes an authorised payment that nothing speaks against, or a wallet
// payment that was not held first. A wallet payment is free: its fee was taken
// when the wallet was loaded.
func (c *change) capture(t Terms, o Order, p Payment) (Order, Payment, error) {
	var fee ledger.Fee
	pending := false
	reason, journal := ledger.Captured, ledger.Journal(nil)
	switch {
	case p.fromWallet() && p.Status == PaymentCreated:
		reason, journal = ledger.Spent, ledger.Spend(string(p.Customer), p.Amount, p.Promo, fee)
		p.Status, p.AuthorizedAt, o.Authorized = PaymentAuthorized, c.now, true
		c.emit("payment.authorized", p)
	case p.fromWallet():
		reason, journal = ledger.HeldCaptured, ledger.CaptureHeld(string(p.Customer), p.Amount, fee)
	default:
		fee = t.Payment().On(p.Amount, t.Interstate)
		pending = t.AvailableAfter > 0
		if fee.Total() > p.Amount {
			return o, p, ledger.Refuse(ledger.Exceeds, WhyFeeAboveAmount, "the fee is %d", fee.Total())
		}
		journal = ledger.Capture(p.Provider, p.Amount, fee, pending)
	}
	entry, err := c.post(reason, p.ID, journal)
	if err != nil {
		return o, p, err
	}
	if reason == ledger.Spent {
		if err := c.spent(p, entry); err != nil {
			return o, p, err
		}
	}
	if reason == ledger.HeldCaptured {
		if err := c.weigh(t, p.Customer); err != nil {
			return o, p, err
		}
	}
	if p, err = p.to(PaymentCaptured); err != nil {
		return o, p, err
	}
	p.Captured, p.CapturedAt = true, c.now
	p.Fee, p.Tax = fee.Total(), fee.Tax()
	o.Paid = o.Paid.Add(p.Amount)
	o.Open = ""
	if o.Due() == 0 {
		o.Status = OrderPaid
	}
	if pending && p.Amount > p.Fee {
		if err := c.wait("payment.available", p.ID, c.now.Add(time.Duration(t.AvailableAfter)*time.Second)); err != nil {
			return o, p, err
		}
	}
	c.emit("payment.captured", p)
	if o.Status == OrderPaid {
		c.emit("order.paid", p, o)
		p, err = c.orderPaid(t, o, p)
	}
	return o, p, err
}

// makeAvailable is what is due at "payment.available": captured money may be
// spent now (J03). The timer says that it was not done before.
func (d *Desk) makeAvailable(ctx context.Context, book BookID, id ID) error {
	reads := []Ref{ref[Payment](id), ref[Timer]("payment.available/" + id), refAccount(ledger.Pending), refAccount(ledger.Available)}
	return d.change(ctx, book, reads, func(c *change) error {
		timer, ok, err := get[Timer](c, "payment.available/"+id)
		if err != nil || !ok || timer.At == 0 || timer.At > c.now {
			return err
		}
		p, err := need[Payment](c, id, "")
		if err != nil {
			return err
		}
		if err := c.unwait("payment.available", id); err != nil {
			return err
		}
		_, err = c.post(ledger.BecameAvailable, p.ID, ledger.Becomes(p.Amount.Sub(p.Fee)))
		return err
	})
}

// expirePayment is what is due at "payment.expire": a payment that its
// customer never finished fails, and one that nobody captured goes back.
func (d *Desk) expirePayment(ctx context.Context, book BookID, id ID) error {
	reads := []Ref{ref[Payment](id), ref[Timer]("payment.expire/" + id), refUnder[Terms](termsParent)}
	return d.change(ctx, book, reads, func(c *change) error {
		timer, ok, err := get[Timer](c, "payment.expire/"+id)
		if err != nil || !ok || timer.At == 0 || timer.At > c.now {
			return err
		}
		t, err := c.terms()
		if err != nil {
			return err
		}
		p, err := need[Payment](c, id, "")
		if err != nil {
			return err
		}
		o, err := need[Order](c, p.Order, "")
		if err != nil {
			return err
		}
		if err := c.unwait("payment.expire", id); err != nil {
			return err
		}
		switch p.Status {
		case PaymentCreated:
			p, err = c.failPayment(p, TimedOut)
		case PaymentAuthorized:
			p, err = c.giveBack(t, o, p)
			if o.Open == p.ID {
				o.Open = ""
				c.Put(o)
			}
		default:
			return nil
		}
		c.Put(p)
		return err
	})
}

// giveBack refunds a payment that was authorised and will not be captured. The
// money of a wallet was only held, so it is there again at once; what is with a
// provider is refunded without the merchant's balance having seen it (J04).
func (c *change) giveBack(t Terms, o Order, p Payment) (Payment, error) {
	if p.fromWallet() {
		return c.release(p)
	}
	p, _, err := c.autoRefund(t, p, o.RefundSpeed)
	return p, err
}
