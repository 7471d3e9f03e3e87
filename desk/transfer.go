package desk

import (
	"context"
	"fmt"

	"wapas/ledger"
)

// The rules of transfers.
const (
	WhyTransferNone         ledger.Why = "transfer_none"          // Invalid: no transfer is asked for
	WhyTransferMany         ledger.Why = "transfer_many"          // Invalid: more than MaxTransfers
	WhyTransferMin          ledger.Why = "transfer_minimum"       // Invalid: less than a rupee
	WhyTransferMax          ledger.Why = "transfer_maximum"       // Invalid: beyond any amount
	WhyTransferRecipient    ledger.Why = "transfer_recipient"     // Invalid: neither a linked account nor a customer
	WhyTransferOneWallet    ledger.Why = "transfer_one_wallet"    // Invalid: a customer is not alone in the call
	WhyTransferUncaptured   ledger.Why = "transfer_uncaptured"    // WrongState: the payment is not captured
	WhyTransferAfterRefund  ledger.Why = "transfer_after_refund"  // WrongState: a refund of the payment was started
	WhyTransferPartialOrder ledger.Why = "transfer_partial_order" // WrongState: the order may be paid in parts
	WhyLinkedSuspended      ledger.Why = "linked_suspended"       // WrongState: the linked account is suspended
	WhyTransferExceeds      ledger.Why = "transfer_exceeds"       // Exceeds: more than was captured
	WhyTransferShort        ledger.Why = "transfer_short"         // Insufficient: the merchant's balance
)

// MaxTransfers is the most transfers one call may ask for.
const MaxTransfers = 50

// A TransferTo asks for one transfer to a linked account (acc_) or to a
// customer's wallet (cust_). Only money of a linked account can be held;
// HoldUntil zero is a hold without end.
type TransferTo struct {
	Recipient   ID
	Amount      ledger.Amount
	OnHold      bool
	HoldUntil   ledger.Time
	Notes       Notes
	LinkedNotes string
}

// check is what is wrong with the wish itself. Path is "transfers.0." or empty.
func (q TransferTo) check(path string) error {
	switch {
	case q.Recipient.Prefix() != "acc" && q.Recipient.Prefix() != "cust":
		return ledger.Refuse(ledger.Invalid, WhyTransferRecipient, "%s", q.Recipient).In(path + "account")
	case q.Amount < MinTransfer:
		return ledger.Refuse(ledger.Invalid, WhyTransferMin, "%d", q.Amount).In(path + "amount")
	case q.Amount > ledger.MaxAmount:
		return ledger.Refuse(ledger.Invalid, WhyTransferMax, "%d", q.Amount).In(path + "amount")
	case q.HoldUntil != 0 && !q.OnHold, q.OnHold && q.Recipient.Prefix() == "cust":
		return ledger.Refuse(ledger.Invalid, WhyHoldUntil, "%s", q.Recipient).In(path + "on_hold_until")
	}
	return nil
}

// checkTransfers is what is wrong with the wishes of one call: how many there
// are, each of them, and that a wallet is the only one.
func checkTransfers(to []TransferTo) error {
	switch {
	case len(to) == 0:
		return ledger.Refuse(ledger.Invalid, WhyTransferNone, "").In("transfers")
	case len(to) > MaxTransfers:
		return ledger.Refuse(ledger.Invalid, WhyTransferMany, "%d", len(to)).In("transfers")
	}
	wallets := 0
	for i, q := range to {
		if err := q.check(fmt.Sprintf("transfers.%d.", i)); err != nil {
			return err
		}
		if q.Recipient.Prefix() == "cust" {
			wallets++
		}
	}
	if wallets > 0 && len(to) > 1 {
		return ledger.Refuse(ledger.Invalid, WhyTransferOneWallet, "%d", wallets).In("transfers")
	}
	return nil
}

// transfer is the row the wish becomes.
func (q TransferTo) transfer(c *change, source, of ID) Transfer {
	return Transfer{
		ID: c.NewID("trf"), Source: source, Of: of, Recipient: q.Recipient, Amount: q.Amount, State: "created",
		OnHold: q.OnHold, HoldUntil: q.HoldUntil, Notes: q.Notes, LinkedNotes: q.LinkedNotes, CreatedAt: c.now,
	}
}

// A PaymentTransferRequest asks to pass a captured payment on.
type PaymentTransferRequest struct {
	Payment ID
	To      []TransferTo
}

// TransferPayment passes a captured payment on to linked accounts, or loads
// the wallet of one customer with it, which is opened if there is none. All of
// the transfers are made or none.
//
// It refuses, in this order: Invalid; NotFound for the payment, then for the
// recipients; WrongState if the payment is not captured, a refund of it was
// started, its order may be paid in parts, an account is suspended or a wallet
// frozen; Exceeds
// if the payment's transfers and their fees were more than it, or a wallet
// would hold more than it may; Insufficient if the merchant's balance is short.
func (d *Desk) TransferPayment(ctx context.Context, book BookID, q PaymentTransferRequest) ([]Transfer, error) {
	if err := checkTransfers(q.To); err != nil {
		return nil, err
	}
	reads := []Ref{refUnder[Terms](termsParent), ref[Payment](q.Payment), refUnder[Transfer](q.Payment), refAccount(ledger.Available)}
	for _, to := range q.To {
		reads = append(reads, to.reads()...)
	}
	var made []Transfer
	err := d.change(ctx, book, reads, func(c *change) error {
		made = nil
		tm, err := c.terms()
		if err != nil {
			return err
		}
		p, err := need[Payment](c, q.Payment, "")
		if err != nil {
			return err
		}
		parties, err := c.parties(q.To)
		if err != nil {
			return err
		}
		if err := c.mayTransfer(p); err != nil {
			return err
		}
		for _, y := range parties {
			if err := y.open(); err != nil {
				return err
			}
		}
		used, err := c.transferred(p)
		if err != nil {
			return err
		}
		var total ledger.Amount
		for i, to := range q.To {
			total = total.Add(to.Amount).Add(tm.Transfer().On(to.Amount, tm.Interstate).Total())
			if used.Add(total) > p.Amount {
				return ledger.Refuse(ledger.Exceeds, WhyTransferExceeds, "%d of %d is taken", used, p.Amount).In("transfers")
			}
			if err := c.fits(tm, parties[i], to.Amount); err != nil {
				return err
			}
		}
		if err := c.afford(total); err != nil {
			return err
		}

		for i, to := range q.To {
			t, err := c.move(tm, to.transfer(c, p.ID, p.ID), parties[i])
			if err != nil {
				return err
			}
			p.Transferred = p.Transferred.Add(t.Amount)
			made = append(made, t)
		}
		c.Put(p)
		return nil
	})
	return made, err
}

// A DirectTransferRequest asks for a transfer from the merchant's own balance.
type DirectTransferRequest struct {
	Once Once
	To   TransferTo
}

// TransferDirect moves the merchant's own money to a linked account, or as
// cashback to a customer's wallet, which is opened if there is none.
//
// It refuses, in this order: Invalid; Busy and Mismatch for the key; NotFound;
// WrongState if the account is suspended or the wallet frozen; Exceeds if the wallet would hold
// more than it may; Insufficient if the merchant's balance is short.
func (d *Desk) TransferDirect(ctx context.Context, book BookID, q DirectTransferRequest) (Transfer, error) {
	if err := q.To.check(""); err != nil {
		return Transfer{}, err
	}
	reads := append(q.To.reads(), refUnder[Terms](termsParent), refAccount(ledger.Available))
	return once(ctx, d, book, q.Once, reads, func(c *change) (Transfer, error) {
		tm, err := c.terms()
		if err != nil {
			return Transfer{}, err
		}
		y, err := c.party(q.To.Recipient, "")
		if err != nil {
			return Transfer{}, err
		}
		if err := y.open(); err != nil {
			return Transfer{}, err
		}
		if err := c.fits(tm, y, q.To.Amount); err != nil {
			return Transfer{}, err
		}
		if err := c.afford(q.To.Amount.Add(tm.Transfer().On(q.To.Amount, tm.Interstate).Total())); err != nil {
			return Transfer{}, err
		}

		t := q.To.transfer(c, c.book.Account(), "")
		t.Promo = t.toWallet()
		return c.move(tm, t, y)
	})
}

// A party is who a transfer goes to: a linked account or a wallet.
type party struct {
	linked Linked
	wallet Wallet
}

// reads names what a transfer to the recipient looks at.
func (q TransferTo) reads() []Ref {
	if q.Recipient.Prefix() == "cust" {
		return walletRefs(q.Recipient) // the customer is only looked at to open the wallet
	}
	return []Ref{ref[Linked](q.Recipient), refAccount(ledger.LinkedAccount(string(q.Recipient), q.OnHold))}
}

// party finds the recipient; a customer's wallet is opened if there is none.
func (c *change) party(id ID, field string) (y party, err error) {
	if id.Prefix() != "cust" {
		y.linked, err = need[Linked](c, id, field)
		return y, err
	}
	w, ok, err := get[Wallet](c, id)
	if err == nil && !ok {
		var cust Customer
		if cust, err = need[Customer](c, id, field); err == nil {
			w, err = c.openWallet(cust)
		}
	}
	y.wallet = w
	return y, err
}

func (c *change) parties(to []TransferTo) ([]party, error) {
	ys := make([]party, len(to))
	for i, q := range to {
		field := "account"
		if q.Recipient.Prefix() == "cust" {
			field = "customer"
		}
		var err error
		if ys[i], err = c.party(q.Recipient, fmt.Sprintf("transfers.%d.%s", i, field)); err != nil {
			return nil, err
		}
	}
	return ys, nil
}

// open says whether the party takes money: a suspended account does not, nor a
// frozen wallet.
func (y party) open() error {
	if y.linked.Status == "suspended" {
		return ledger.Refuse(ledger.WrongState, WhyLinkedSuspended, "%s", y.linked.ID)
	}
	return y.wallet.usable()
}

// fits says whether a wallet may be loaded with so much.
func (c *change) fits(tm Terms, y party, a ledger.Amount) error {
	if y.wallet.ID == "" {
		return nil
	}
	return c.mayLoad(tm, y.wallet, a)
}

// mayTransfer says whether a payment may be passed on at all.
func (c *change) mayTransfer(p Payment) error {
	switch {
	case p.refundStarted():
		return ledger.Refuse(ledger.WrongState, WhyTransferAfterRefund, "%s", p.ID)
	case !p.Captured:
		return ledger.Refuse(ledger.WrongState, WhyTransferUncaptured, "%s is %s", p.ID, p.Status)
	case p.Order == "":
		return nil
	}
	o, err := need[Order](c, p.Order, "")
	if err == nil && o.Partial {
		err = ledger.Refuse(ledger.WrongState, WhyTransferPartialOrder, "%s", o.ID)
	}
	return err
}

// refundStarted says whether any of the payment is refunded or about to be.
func (p Payment) refundStarted() bool { return p.Refunded+p.RefundPending > 0 }

// transferred is what the transfers of a payment have taken of it, with their
// fees. What was reversed stays taken.
func (c *change) transferred(p Payment) (ledger.Amount, error) {
	if p.Transferred == 0 {
		return 0, nil
	}
	ts, err := under[Transfer](c, p.ID)
	var sum ledger.Amount
	for _, t := range ts {
		if t.made() {
			sum = sum.Add(t.Amount).Add(t.Fee)
		}
	}
	return sum, err
}

// afford says whether the merchant's balance covers a transfer with its fee.
// It may not go below zero for one, whatever the terms allow for other things.
func (c *change) afford(total ledger.Amount) error {
	have, err := c.balance(ledger.Available)
	if err == nil && have < total {
		err = ledger.Refuse(ledger.Insufficient, WhyTransferShort, "%d of %d is there", have, total)
	}
	return err
}

// move makes a transfer that nothing speaks against: the money (J05, J06 or
// J07), the wallet's statement, the row, its hold and the event.
func (c *change) move(tm Terms, t Transfer, y party) (Transfer, error) {
	f := tm.Transfer().On(t.Amount, tm.Interstate)
	t.Fee, t.Tax = f.Total(), f.Tax()
	t.State, t.ProcessedAt = "processed", c.now
	t.ErrorCode, t.ErrorDescription, t.ErrorReason, t.ErrorStep, t.ErrorSource, t.ErrorField = "", "", "", "", "", ""

	to := string(t.Recipient)
	reason, journal := ledger.Transferred, ledger.Journal(nil)
	switch {
	case t.Promo:
		reason, journal = ledger.Cashback, ledger.GiveCashback(to, t.Amount, f)
	case t.toWallet():
		reason, journal = ledger.Loaded, ledger.Load(to, t.Amount, f)
	default:
		journal = ledger.Transfer(to, t.Amount, f, t.OnHold)
		t.SettlementState = settlementState(t.OnHold)
	}
	entry, err := c.post(reason, t.ID, journal)
	if err != nil {
		return t, err
	}
	if t.toWallet() {
		if _, err := c.walletLine(y.wallet, entry, t.ID, LineTransfer, t.Amount, 0, ""); err != nil {
			return t, err
		}
	}
	if t.OnHold && t.HoldUntil != 0 {
		if err := c.wait("transfer.release", t.ID, t.HoldUntil); err != nil {
			return t, err
		}
	}
	c.Put(t)
	c.emit("transfer.processed", t)
	return t, nil
}

// toWallet says whether the transfer is to a customer's wallet.
func (t Transfer) toWallet() bool { return t.Recipient.Prefix() == "cust" }

// made says whether the money of the transfer has moved.
func (t Transfer) made() bool {
	return t.State == "processed" || t.State == "partially_reversed" || t.State == "reversed"
}

// Left is what is left of a transfer to pull back: nothing of one that was
// not made.
func (t Transfer) Left() ledger.Amount {
	if !t.made() {
		return 0
	}
	return t.Amount - t.Reversed
}

// lies is the account that what is left of a transfer lies in.
func (t Transfer) lies() ledger.AccountID {
	switch {
	case t.Promo:
		return ledger.Account(ledger.WalletPromo, string(t.Recipient))
	case t.toWallet():
		return ledger.Account(ledger.WalletCash, string(t.Recipient))
	}
	return ledger.LinkedAccount(string(t.Recipient), t.OnHold)
}

// Check is the rule of a transfer row: no more of it is reversed than was
// moved, its state says how much that is, and the tax is a part of the fee.
func (t Transfer) Check() error {
	state := "partially_reversed"
	switch t.Reversed {
	case 0:
		state = "processed"
	case t.Amount:
		state = "reversed"
	}
	if t.Amount < 1 || t.made() && t.State != state || !t.made() && t.Reversed != 0 {
		return ledger.Refuse(ledger.Internal, ledger.WhyInvariant, "%s is %s: %d of %d reversed", t.ID, t.State, t.Reversed, t.Amount)
	}
	if err := ledger.CheckReversed(t.Amount, t.Reversed); err != nil {
		return err
	}
	return ledger.CheckFee(t.Fee, t.Tax)
}
