package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

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
	WhyHoldUntil            ledger.Why = "hold_until"             // Invalid: an end of a hold without a hold
	WhyHoldNothing          ledger.Why = "hold_nothing"           // Invalid: an edit that edits nothing
	WhyTransferUncaptured   ledger.Why = "transfer_uncaptured"    // WrongState: the payment is not captured
	WhyTransferAfterRefund  ledger.Why = "transfer_after_refund"  // WrongState: a refund of the payment was started
	WhyTransferPartialOrder ledger.Why = "transfer_partial_order" // WrongState: the order may be paid in parts
	WhyLinkedSuspended      ledger.Why = "linked_suspended"       // WrongState: the linked account is suspended
	WhyHoldState            ledger.Why = "hold_state"             // WrongState: settled, ended, or to a wallet: it cannot be held
	WhyTransferExceeds      ledger.Why = "transfer_exceeds"       // Exceeds: more than was captured
	WhyTransferShort        ledger.Why = "transfer_short"         // Insufficient: the merchant's balance
)

// MaxTransfers is the most transfers one call may ask for.
const MaxTransfers = 50

// A transfer of an order that cannot be made when the order is paid is tried
// again once a day, this many times.
const (
	transferTries = 3
	transferPause = 24 * time.Hour
)

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
// started, its order may be paid in parts, or an account is suspended; Exceeds
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
// WrongState if the account is suspended; Exceeds if the wallet would hold
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

// orderTransfers keeps the transfers that an order asks for: they are made
// when it is paid. It refuses, in this order: Invalid for a wish, a wallet
// among them, or more than the order; NotFound; WrongState if the order may be
// paid in parts or an account is suspended.
func (c *change) orderTransfers(o Order, to []TransferTo) ([]Transfer, error) {
	if err := checkTransfers(to); err != nil {
		return nil, err
	}
	var sum ledger.Amount
	for i, q := range to {
		if q.Recipient.Prefix() != "acc" {
			return nil, ledger.Refuse(ledger.Invalid, WhyTransferRecipient, "%s", q.Recipient).In(fmt.Sprintf("transfers.%d.account", i))
		}
		sum = sum.Add(q.Amount)
	}
	if sum > o.Amount {
		return nil, ledger.Refuse(ledger.Exceeds, WhyTransferExceeds, "%d of %d", sum, o.Amount).In("transfers")
	}
	parties, err := c.parties(to)
	if err != nil {
		return nil, err
	}
	if o.Partial {
		return nil, ledger.Refuse(ledger.WrongState, WhyTransferPartialOrder, "%s", o.ID).In("transfers")
	}
	for _, y := range parties {
		if err := y.open(); err != nil {
			return nil, err
		}
	}
	ts := make([]Transfer, len(to))
	for i, q := range to {
		ts[i] = q.transfer(c, o.ID, o.ID)
		c.Put(ts[i])
	}
	return ts, nil
}

// orderPaid makes the transfers that waited for the order, now that p has paid
// it, and returns p with what was transferred. One that cannot be made is kept
// as failed, with the reason, and tried again later: the customer's payment
// must not fail for it.
func (c *change) orderPaid(tm Terms, o Order, p Payment) (Payment, error) {
	if !o.HasTransfers {
		return p, nil
	}
	ts, err := under[Transfer](c, o.ID)
	if err != nil {
		return p, err
	}
	for _, t := range ts {
		t.Of = p.ID
		if p, err = c.attempt(tm, p, t); err != nil {
			return p, err
		}
	}
	return p, nil
}

// attempt makes a transfer of an order out of the payment that paid it, or
// keeps why it could not.
func (c *change) attempt(tm Terms, p Payment, t Transfer) (Payment, error) {
	first := t.State == "created"
	y, err := c.party(t.Recipient, "")
	if err != nil {
		return p, err
	}
	err = c.possible(tm, p, t, y)
	var no *ledger.Error
	switch {
	case err == nil:
		if t, err = c.move(tm, t, y); err != nil {
			return p, err
		}
		p.Transferred = p.Transferred.Add(t.Amount)
		return p, nil
	case !errors.As(err, &no) || no.Code == ledger.Internal:
		return p, err
	}
	t.State = "failed"
	t.fail(no.Why)
	c.Put(t)
	if first {
		c.emit("transfer.failed", t)
	}
	if t.Tries < transferTries {
		return p, c.wait("transfer.retry", t.ID, c.now.Add(transferPause))
	}
	return p, nil
}

// possible says why a transfer of an order cannot be made now.
func (c *change) possible(tm Terms, p Payment, t Transfer, y party) error {
	if err := y.open(); err != nil {
		return err
	}
	used, err := c.transferred(p)
	if err != nil {
		return err
	}
	total := t.Amount.Add(tm.Transfer().On(t.Amount, tm.Interstate).Total())
	if used.Add(total) > p.Amount {
		return ledger.Refuse(ledger.Exceeds, WhyTransferExceeds, "%d of %d is taken", used, p.Amount)
	}
	return c.afford(total)
}

// fail writes down why a transfer could not be made, in the public words of
// its API.
func (t *Transfer) fail(why ledger.Why) {
	switch why {
	case WhyTransferExceeds:
		t.ErrorCode = "BAD_REQUEST_PAYMENT_FEES_GREATER_THAN_AMOUNT"
		t.ErrorDescription = "Transfer amount was greater than amount available for transfer"
		t.ErrorReason, t.ErrorStep, t.ErrorSource = "transfer_amount_higher_than_balance", "amount_validation", ""
	case WhyLinkedSuspended: // not in the public list
		t.ErrorCode = "BAD_REQUEST_ERROR"
		t.ErrorDescription = "Transfer failed because the linked account is suspended"
		t.ErrorReason, t.ErrorStep, t.ErrorSource = "linked_account_suspended", "account_validation", "transfer"
	default:
		t.ErrorCode = "BAD_REQUEST_TRANSFER_INSUFFICIENT_BALANCE"
		t.ErrorDescription = "Transfer failed due to insufficient balance"
		t.ErrorReason, t.ErrorStep, t.ErrorSource = "insufficient_balance", "balance_check", "transfer"
	}
}

// retryTransfer tries a failed transfer of an order again, unless a refund of
// the payment was started meanwhile.
func (d *Desk) retryTransfer(ctx context.Context, book BookID, id ID) error {
	reads := []Ref{ref[Transfer](id), refUnder[Terms](termsParent), refAccount(ledger.Available)}
	return d.change(ctx, book, reads, func(c *change) error {
		if err := c.unwait("transfer.retry", id); err != nil {
			return err
		}
		t, err := need[Transfer](c, id, "")
		if err != nil || t.State != "failed" {
			return err
		}
		p, err := need[Payment](c, t.Of, "")
		if err != nil || p.refundStarted() {
			return err
		}
		tm, err := c.terms()
		if err != nil {
			return err
		}
		t.Tries++
		paid, err := c.attempt(tm, p, t)
		if err == nil && paid != p {
			c.Put(paid)
		}
		return err
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

// open says whether the party takes money: a suspended account does not.
func (y party) open() error {
	if y.linked.Status == "suspended" {
		return ledger.Refuse(ledger.WrongState, WhyLinkedSuspended, "%s", y.linked.ID)
	}
	return nil
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

// settlementState is that of a transfer to a linked account until it is
// settled.
func settlementState(onHold bool) string {
	if onHold {
		return "on_hold"
	}
	return "pending"
}

// A HoldRequest changes the hold of a transfer; nil leaves a field as it is.
type HoldRequest struct {
	Transfer  ID
	OnHold    *bool
	HoldUntil *ledger.Time
}

// EditTransfer puts a transfer to a linked account on hold, moves the end of
// its hold, or releases it. A transfer that waits for its order is changed
// too: it will be made that way.
//
// It refuses, in this order: Invalid; NotFound; WrongState if the transfer is
// to a wallet, settled, failed or reversed; Insufficient if the account has
// spent the money that is to be held.
func (d *Desk) EditTransfer(ctx context.Context, book BookID, q HoldRequest) (Transfer, error) {
	if q.OnHold == nil && q.HoldUntil == nil {
		return Transfer{}, ledger.Refuse(ledger.Invalid, WhyHoldNothing, "").In("on_hold")
	}
	if q.OnHold != nil && !*q.OnHold && q.HoldUntil != nil && *q.HoldUntil != 0 {
		return Transfer{}, ledger.Refuse(ledger.Invalid, WhyHoldUntil, "").In("on_hold_until")
	}
	var t Transfer
	err := d.change(ctx, book, []Ref{ref[Transfer](q.Transfer)}, func(c *change) (err error) {
		if t, err = need[Transfer](c, q.Transfer, ""); err != nil {
			return err
		}
		onHold, until := t.OnHold, t.HoldUntil
		if q.OnHold != nil {
			onHold = *q.OnHold
		}
		if q.HoldUntil != nil {
			until = *q.HoldUntil
		}
		switch {
		case t.toWallet(), t.Settlement != "", t.State == "failed", t.State == "reversed":
			return ledger.Refuse(ledger.WrongState, WhyHoldState, "%s is %s", t.ID, t.State)
		case !onHold && q.HoldUntil != nil && until != 0:
			return ledger.Refuse(ledger.Invalid, WhyHoldUntil, "%s is not on hold", t.ID).In("on_hold_until")
		case !onHold:
			until = 0
		}
		t, err = c.hold(t, onHold, until)
		return err
	})
	return t, err
}

// releaseHold ends a hold whose time has come.
func (d *Desk) releaseHold(ctx context.Context, book BookID, id ID) error {
	return d.change(ctx, book, []Ref{ref[Transfer](id)}, func(c *change) error {
		t, err := need[Transfer](c, id, "")
		switch {
		case err != nil:
			return err
		case !t.OnHold || t.HoldUntil == 0 || !t.made():
			return c.unwait("transfer.release", id)
		case t.HoldUntil > c.now: // it was moved
			return c.wait("transfer.release", id, t.HoldUntil)
		}
		_, err = c.hold(t, false, 0)
		return err
	})
}

// hold sets the hold of a transfer, moves what is left of it between the
// account's free and held money, and sets the timer.
func (c *change) hold(t Transfer, onHold bool, until ledger.Time) (Transfer, error) {
	if t.made() && onHold != t.OnHold {
		reason, journal := ledger.HoldReleased, ledger.ReleaseHold(string(t.Recipient), t.Left())
		if onHold {
			reason, journal = ledger.HoldPlaced, ledger.PlaceHold(string(t.Recipient), t.Left())
		}
		have, err := c.balance(t.lies())
		if err != nil {
			return t, err
		}
		if have < t.Left() {
			return t, ledger.Refuse(ledger.Insufficient, WhyLinkedShort, "%s has %d", t.Recipient, have)
		}
		if _, err := c.post(reason, t.ID, journal); err != nil {
			return t, err
		}
		t.SettlementState = settlementState(onHold)
	}
	t.OnHold, t.HoldUntil = onHold, until
	c.Put(t)
	if t.made() && onHold && until != 0 {
		return t, c.wait("transfer.release", t.ID, until)
	}
	return t, c.unwait("transfer.release", t.ID)
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
	switch {
	case t.Amount < 1, t.Reversed < 0, t.Reversed > t.Amount, t.Tax < 0, t.Fee < t.Tax,
		t.made() && t.State != state, !t.made() && t.Reversed != 0:
		return ledger.Refuse(ledger.Internal, ledger.WhyInvariant, "%s is %s: %d of %d reversed, fee %d with tax %d", t.ID, t.State, t.Reversed, t.Amount, t.Fee, t.Tax)
	}
	return nil
}
