package desk

import (
	"context"

	"wapas/ledger"
)

// OpenWallet is what our wallets are called among the wallets that pay.
const OpenWallet = "openwallet"

// A WalletPaymentRequest asks for a payment from a customer's wallet.
type WalletPaymentRequest struct {
	Order, Customer ID
	Amount          ledger.Amount
	Email, Contact  string
	Description     string
	Notes           Notes
}

// PayFromWallet pays an order from a customer's wallet, cashback first. If the
// order wants its payments captured the money is the merchant's at once;
// otherwise it is held until it is captured or goes back.
//
// It refuses, in this order: Invalid; NotFound for the order, then the
// customer; WrongState if the wallet is frozen, the order is paid or one of its
// payments waits for capture; Exceeds if the amount is not what the order asks for, or more than
// may be spent this month; Insufficient (WhyWalletShort) if the wallet holds
// less. The last leaves a failed payment behind, which is returned with it: it
// was an attempt.
func (d *Desk) PayFromWallet(ctx context.Context, book BookID, q WalletPaymentRequest) (Payment, error) {
	if err := checkPaid(q.Amount); err != nil {
		return Payment{}, err
	}
	reads := append(walletRefs(q.Customer), ref[Order](q.Order), ref[Customer](q.Customer),
		refUnder[Terms](termsParent), refAccount(ledger.Available))
	var p Payment
	var short error // kept with a failed payment, so the change itself succeeds
	err := d.change(ctx, book, reads, func(c *change) error {
		short = nil
		t, err := c.terms()
		if err != nil {
			return err
		}
		o, err := need[Order](c, q.Order, "order_id")
		if err != nil {
			return err
		}
		if _, err := need[Customer](c, q.Customer, "customer_id"); err != nil {
			return err
		}
		w, _, err := get[Wallet](c, q.Customer)
		if err == nil {
			err = w.usable()
		}
		if err != nil {
			return err
		}
		if err := o.payable(q.Amount); err != nil {
			return err
		}
		if err := w.in(c.now.Month()).maySpend(t, q.Amount); err != nil {
			return err
		}
		m, err := c.money(q.Customer)
		if err != nil {
			return err
		}

		o = o.attempted()
		p = Payment{
			ID: c.NewID("pay"), Order: o.ID, Customer: q.Customer, Amount: q.Amount, Status: PaymentCreated,
			Method: "wallet", Wallet: OpenWallet, Email: q.Email, Contact: q.Contact,
			Description: q.Description, Notes: q.Notes, CreatedAt: c.now,
		}
		p.Promo, short = m.draw(q.Amount)
		switch {
		case short != nil:
			p, err = c.failPayment(p, walletShort)
		case o.captures(c.now, c.now):
			o, p, err = c.capture(t, o, p)
		default:
			o, p, err = c.holdFor(t, o, p)
		}
		c.Put(o, p)
		return err
	})
	if err == nil {
		err = short
	}
	return p, err
}

// holdFor sets the money of a wallet payment aside (J09) until it is captured.
func (c *change) holdFor(t Terms, o Order, p Payment) (Order, Payment, error) {
	entry, err := c.post(ledger.Held, p.ID, ledger.Hold(string(p.Customer), p.Amount, p.Promo))
	if err != nil {
		return o, p, err
	}
	if err := c.spent(p, entry); err != nil {
		return o, p, err
	}
	return c.authorise(t, o, p)
}

// spent writes a payment on the statement of the wallet that made it.
func (c *change) spent(p Payment, entry int64) error {
	w, err := need[Wallet](c, p.Customer, "")
	if err == nil {
		_, err = c.walletLine(w, entry, p.ID, LineTransfer, 0, p.Amount, p.Description)
	}
	return err
}

// release lets go of what was held for a payment that will not be captured:
// cash and cashback go back where they came from, and the month's usage with
// them. The refund that says so is done at once.
func (c *change) release(p Payment) (Payment, error) {
	r := Refund{
		ID: c.NewID("rfnd"), Payment: p.ID, Order: p.Order, Amount: p.Amount, Promo: p.Promo, To: "wallet", State: "done",
		Speed: Normal, Done: Normal, Unsettled: true, CreatedAt: c.now, ProcessedAt: c.now,
	}
	entry, err := c.post(ledger.HeldReleased, r.ID, ledger.Release(string(p.Customer), p.Amount, p.Promo))
	if err != nil {
		return p, err
	}
	w, err := need[Wallet](c, p.Customer, "")
	if err != nil {
		return p, err
	}
	if w.Month == p.AuthorizedAt.Month() {
		w.Usage = max(w.Sent, w.Usage.Sub(p.Amount))
	}
	if _, err := c.walletLine(w, entry, p.ID, LineRefund, p.Amount, 0, p.Description); err != nil {
		return p, err
	}
	if p, err = p.to(PaymentRefunded); err != nil {
		return p, err
	}
	p.Refunded, p.PromoBack = p.Amount, p.Promo
	c.Put(r)
	c.emit("refund.created", r, p)
	c.emit("refund.processed", r, p)
	return p, nil
}
