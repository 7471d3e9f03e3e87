package desk

import (
	"context"
	"hash/fnv"
	"strconv"
	"strings"
	"time"

	"wapas/ledger"
)

// The states of a payment.
const (
	PaymentCreated    = "created"
	PaymentAuthorized = "authorized"
	PaymentCaptured   = "captured"
	PaymentRefunded   = "refunded"
	PaymentFailed     = "failed"
)

// afterPayment says which states may follow which. A payment that failed may
// still turn out to be authorised: banks are late. One that is authorised and
// not captured is refunded in the end.
var afterPayment = map[string][]string{
	PaymentCreated:    {PaymentAuthorized, PaymentFailed},
	PaymentFailed:     {PaymentAuthorized},
	PaymentAuthorized: {PaymentCaptured, PaymentRefunded},
	PaymentCaptured:   {PaymentRefunded},
}

// to moves a payment to another state; its table says which are possible.
func (p Payment) to(state string) (Payment, error) {
	for _, next := range afterPayment[p.Status] {
		if next == state {
			p.Status = state
			return p, nil
		}
	}
	return p, ledger.Refuse(ledger.WrongState, WhyPaymentState, "%s is %s", p.ID, p.Status)
}

// The rules that payments refuse by.
const (
	WhyPaymentMin    ledger.Why = "payment_minimum" // Invalid: less than a rupee
	WhyPaymentMax    ledger.Why = "payment_maximum" // Invalid: beyond any amount
	WhyMethod        ledger.Why = "method"          // Invalid: no way to pay that we know
	WhyTestCard      ledger.Why = "test_card"       // Invalid: not a card for tests
	WhyVPA           ledger.Why = "vpa"             // Invalid: not a UPI address
	WhyBank          ledger.Why = "bank"            // Invalid: no bank that we know
	WhyLivePayment   ledger.Why = "live_payment"    // WrongState: a live book's payments are taken by a provider
	WhyPaymentState  ledger.Why = "payment_state"   // WrongState: the payment is past this
	WhyOrderIsPaid   ledger.Why = "order_is_paid"   // WrongState: nothing is due any more
	WhyOrderOpen     ledger.Why = "order_open"      // WrongState: a payment of the order waits for its capture
	WhyOrderAmount   ledger.Why = "order_amount"    // Exceeds: another amount than the order's
	WhyOverDue       ledger.Why = "over_due"        // Exceeds: more than is due for the order
	WhyUnderFirstMin ledger.Why = "under_first_min" // Exceeds: less than the order's first part must be
)

// A PaymentRequest asks for a payment by other means than a wallet. Only test
// books take them: a live book's come from a provider. Waits says that the
// customer has still something to do (an OTP, a page of the bank); Fails, that
// the tester chose failure.
type PaymentRequest struct {
	Order, Customer ID // the customer may be empty
	Amount          ledger.Amount
	Method          string // card, upi, netbanking
	Card            Card
	VPA, Bank       string
	Email, Contact  string
	Description     string
	Notes           Notes
	Waits, Fails    bool
}

// check is what is wrong with the request itself.
func (q PaymentRequest) check() error {
	if err := checkPaid(q.Amount); err != nil {
		return err
	}
	switch q.Method {
	case "card":
		if q.Card.Last4 == "" {
			return ledger.Refuse(ledger.Invalid, WhyTestCard, "").In("card.number")
		}
	case "upi":
		if !IsVPA(q.VPA) {
			return ledger.Refuse(ledger.Invalid, WhyVPA, "").In("vpa")
		}
	case "netbanking":
		if _, ok := Banks[q.Bank]; !ok {
			return ledger.Refuse(ledger.Invalid, WhyBank, "").In("bank")
		}
	default:
		return ledger.Refuse(ledger.Invalid, WhyMethod, "").In("method")
	}
	return nil
}

func checkPaid(a ledger.Amount) error {
	switch {
	case a < MinOrder:
		return ledger.Refuse(ledger.Invalid, WhyPaymentMin, "%d", a).In("amount")
	case a > ledger.MaxAmount:
		return ledger.Refuse(ledger.Invalid, WhyPaymentMax, "%d", ledger.MaxAmount).In("amount")
	}
	return nil
}

// payable says whether a payment of a may be made for the order.
func (o Order) payable(a ledger.Amount) error {
	switch {
	case o.Status == OrderPaid:
		return ledger.Refuse(ledger.WrongState, WhyOrderIsPaid, "%s", o.ID)
	case o.Open != "":
		return ledger.Refuse(ledger.WrongState, WhyOrderOpen, "%s waits for its capture", o.Open)
	case !o.Partial && a != o.Amount:
		return ledger.Refuse(ledger.Exceeds, WhyOrderAmount, "the order is of %d", o.Amount)
	case a > o.Due():
		return ledger.Refuse(ledger.Exceeds, WhyOverDue, "%d are due", o.Due())
	case o.Paid == 0 && a < o.FirstMin:
		return ledger.Refuse(ledger.Exceeds, WhyUnderFirstMin, "%d", o.FirstMin)
	}
	return nil
}

// CreatePayment makes a payment of a test book. Unless it waits for the
// customer it is authorised at once, and captured if its order says so, or it
// fails: a failed payment is a payment, not a refusal.
//
// It refuses, in this order: Invalid; NotFound for the order, then the
// customer; WrongState in a live book, if the order is paid or one of its
// payments waits for capture; Exceeds if the amount is not what the order asks
// for, or the fee is more than the amount.
func (d *Desk) CreatePayment(ctx context.Context, book BookID, q PaymentRequest) (Payment, error) {
	if err := q.check(); err != nil {
		return Payment{}, err
	}
	reads := []Ref{ref[Order](q.Order), refUnder[Terms](termsParent), refAccount(ledger.Available),
		refAccount(ledger.Account(ledger.PSPReceivable, SimRail))}
	var p Payment
	err := d.change(ctx, book, reads, func(c *change) error {
		t, err := c.terms()
		if err != nil {
			return err
		}
		o, err := need[Order](c, q.Order, "order_id")
		if err != nil {
			return err
		}
		if q.Customer != "" {
			if _, err := need[Customer](c, q.Customer, "customer_id"); err != nil {
				return err
			}
		}
		if c.book.Mode != Test {
			return ledger.Refuse(ledger.WrongState, WhyLivePayment, "")
		}
		if err := o.payable(q.Amount); err != nil {
			return err
		}

		o = o.attempted()
		p = Payment{
			ID: c.NewID("pay"), Order: o.ID, Customer: q.Customer, Amount: q.Amount, Status: PaymentCreated, Method: q.Method,
			Email: q.Email, Contact: q.Contact, Description: q.Description, Notes: q.Notes, Provider: SimRail, CreatedAt: c.now,
		}
		switch q.Method {
		case "card":
			p.CardID = c.NewID("card")
			p.CardName, p.CardLast4, p.CardIIN = q.Card.Name, q.Card.Last4, q.Card.IIN
			p.CardNetwork, p.CardType, p.CardIssuer = q.Card.Network, q.Card.Type, q.Card.Issuer
			p.International = q.Card.International
		case "upi":
			p.VPA = q.VPA
		case "netbanking":
			p.Bank = q.Bank
		}
		switch {
		case q.Waits:
			err = c.wait("payment.expire", p.ID, c.now.Add(customerTime))
		case q.Fails || p.VPA == FailingVPA:
			p, err = c.failPayment(p, p.fate())
		default:
			o, p, err = c.authorise(t, o, p)
		}
		c.Put(o, p)
		return err
	})
	return p, err
}

// customerTime is how long a customer has for what is asked of them.
const customerTime = 15 * time.Minute

// FinishPayment ends what a payment of a test book waited for: the customer
// said yes at the bank, or did not. One that failed before may still be
// authorised, as late banks do.
//
// It refuses, in this order: NotFound; WrongState if the payment is past this,
// or the book is live; Exceeds if the fee is more than the amount.
func (d *Desk) FinishPayment(ctx context.Context, book BookID, id ID, yes bool) (Payment, error) {
	return d.finish(ctx, book, id, yes, Declined)
}

// SubmitOTP is FinishPayment with an OTP: in a test book any of four to ten
// digits is right.
func (d *Desk) SubmitOTP(ctx context.Context, book BookID, id ID, otp string) (Payment, error) {
	return d.finish(ctx, book, id, otpSucceeds(otp), WrongOTP)
}

func (d *Desk) finish(ctx context.Context, book BookID, id ID, yes bool, because Failure) (Payment, error) {
	var p Payment
	reads := []Ref{ref[Payment](id), refUnder[Terms](termsParent), refAccount(ledger.Available)}
	err := d.change(ctx, book, reads, func(c *change) error {
		t, err := c.terms()
		if err != nil {
			return err
		}
		if p, err = need[Payment](c, id, ""); err != nil {
			return err
		}
		o, err := need[Order](c, p.Order, "")
		if err != nil {
			return err
		}
		switch {
		case c.book.Mode != Test:
			return ledger.Refuse(ledger.WrongState, WhyLivePayment, "")
		case p.Status != PaymentCreated && !(yes && p.Status == PaymentFailed && !p.fromWallet()):
			return ledger.Refuse(ledger.WrongState, WhyPaymentState, "%s is %s", p.ID, p.Status)
		}
		if err := c.unwait("payment.expire", p.ID); err != nil {
			return err
		}
		if yes {
			o, p, err = c.authorise(t, o, p)
			c.Put(o, p)
			return err
		}
		if f := p.card().fate(); f != nil {
			because = *f
		}
		p, err = c.failPayment(p, because)
		c.Put(p)
		return err
	})
	return p, err
}

// authorise is the bank's yes. The payment is captured if its order says so,
// and otherwise waits for it. One that nobody can use any more, because the
// order was paid meanwhile or another payment waits, goes back at once.
func (c *change) authorise(t Terms, o Order, p Payment) (Order, Payment, error) {
	late := o.Status == OrderPaid || o.Open != "" || p.Amount > o.Due()
	p, err := p.to(PaymentAuthorized)
	if err != nil {
		return o, p, err
	}
	p.AuthorizedAt, o.Authorized = c.now, true
	p.ErrorCode, p.ErrorDescription, p.ErrorSource, p.ErrorStep, p.ErrorReason = "", "", "", "", ""
	if p.Reference == "" {
		p.Reference = proof(p)
	}
	c.emit("payment.authorized", p)
	switch {
	case late:
		p, err = c.giveBack(t, o, p)
	case o.captures(p.CreatedAt, c.now):
		o, p, err = c.capture(t, o, p)
	default:
		o.Open = p.ID
		err = c.wait("payment.expire", p.ID, o.captureBy(t, p.CreatedAt))
	}
	return o, p, err
}

// failPayment is the bank's no.
func (c *change) failPayment(p Payment, f Failure) (Payment, error) {
	p, err := p.to(PaymentFailed)
	if err != nil {
		return p, err
	}
	p.ErrorCode, p.ErrorDescription, p.ErrorSource, p.ErrorStep, p.ErrorReason = f.Code, f.Description, f.Source, f.Step, f.Reason
	c.emit("payment.failed", p)
	return p, nil
}

// fate is why a payment fails when a tester wants it to.
func (p Payment) fate() Failure {
	if f := p.card().fate(); f != nil {
		return *f
	}
	return Declined
}

func (p Payment) card() Card {
	return Card{Name: p.CardName, Last4: p.CardLast4, IIN: p.CardIIN, Network: p.CardNetwork, Type: p.CardType, Issuer: p.CardIssuer, International: p.International}
}

// proof is what the simulated provider names a payment: an RRN of twelve
// digits, an authorisation code of six, or a bank's own number of ten.
func proof(p Payment) string {
	n := map[string]int{"upi": 12, "card": 6, "netbanking": 10}[p.Method]
	h := fnv.New64a()
	h.Write([]byte(p.ID))
	digits := strconv.FormatUint(h.Sum64(), 10)
	return (strings.Repeat("0", 12) + digits)[len(digits)+12-n:]
}

// EditPayment replaces a payment's notes: NotFound if there is no such
// payment.
func (d *Desk) EditPayment(ctx context.Context, book BookID, id ID, notes Notes) (Payment, error) {
	var p Payment
	err := d.change(ctx, book, []Ref{ref[Payment](id)}, func(c *change) (err error) {
		if p, err = need[Payment](c, id, ""); err != nil {
			return err
		}
		p.Notes = notes
		c.Put(p)
		return nil
	})
	return p, err
}

// Check is what must hold of a payment: no more is given back than came in
// (I-4), no more is passed on than was captured (I-6), and its parts are parts.
func (p Payment) Check() error {
	if err := p.Budget().Check(); err != nil {
		return err
	}
	var captured ledger.Amount
	if p.Captured {
		captured = p.Amount
	}
	if p.Transferred < 0 || p.Transferred > captured ||
		p.DisputeOpen < 0 || p.DisputeOpen > p.Disputed || p.Excess < 0 ||
		p.Promo < 0 || p.Promo > p.Amount || p.PromoBack < 0 || p.PromoBack > p.Promo ||
		p.Fee > p.Amount || p.Captured != (p.CapturedAt != 0) {
		// Its numbers only: a customer's contact has no place in a log.
		return ledger.Refuse(ledger.Internal, ledger.WhyInvariant,
			"payment %s of %d, captured %t, does not add up: transferred %d, dispute open %d of %d, excess %d, promo %d with %d given back, fee %d",
			p.ID, p.Amount, p.Captured, p.Transferred, p.DisputeOpen, p.Disputed, p.Excess, p.Promo, p.PromoBack, p.Fee)
	}
	return ledger.CheckFee(p.Fee, p.Tax)
}
