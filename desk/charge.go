package desk

import (
	"cmp"
	"context"
	"strconv"
	"time"

	"wapas/ledger"
	"wapas/rail"
)

// The rules that charges refuse by, besides those of orders and payments.
const (
	WhyChargeLife ledger.Why = "charge_life" // Invalid: no time to pay in, or more than MaxChargeLife
)

// MaxChargeLife is the longest time that a customer may be given to pay.
const MaxChargeLife = 366 * 24 * time.Hour

// PayerTakes is how long the simulated customer of a test book takes to look at
// a request to pay, in the book's time. One who has no more time never answers.
const PayerTakes = 5 * time.Second

// Why a charge fails: Payment.ErrorReason.
const (
	ReasonDeclined  = "payment_declined"
	ReasonCancelled = "payment_cancelled"
	ReasonTimedOut  = "payment_timed_out"
)

var (
	payerDeclined  = Failure{badRequestError, "The customer declined the request to pay.", "customer", "payment_authentication", ReasonDeclined}
	payeeWithdrawn = Failure{badRequestError, "The request to pay was cancelled.", "business", "payment_authentication", ReasonCancelled}
)

// TestPayers are the addresses that the vendor publishes for tests, with the
// scenario that each plays.
var TestPayers = map[string]string{
	"success@ybl": rail.ScenarioDone,
	"failed@ybl":  rail.ScenarioRefused,
	"pending@ybl": rail.ScenarioSilence,
}

// A ChargeRequest asks one customer to pay one amount, by UPI unless it says
// otherwise: an order and its payment together.
type ChargeRequest struct {
	Amount                      ledger.Amount
	Receipt                     string // of the order
	Method                      string // upi, card, netbanking; empty: upi
	Bank                        string // of netbanking
	Card                        Card   // as far as it is known
	VPA                         string // whom a request to pay is sent to, if that is known
	Email, Contact, Description string
	Notes                       Notes
	Life                        time.Duration // how long the customer has
	// Asked says that the customer is asked directly (a request in their app, a
	// code to scan), which the simulated customer answers. Otherwise the payment
	// waits for a page.
	Asked bool
	Called
}

func (q ChargeRequest) check() error {
	switch {
	case q.VPA != "" && !IsVPA(q.VPA):
		return ledger.Refuse(ledger.Invalid, WhyVPA, "").In("vpa")
	case q.Method != "" && q.Method != "upi" && q.Method != "card" && q.Method != "netbanking":
		return ledger.Refuse(ledger.Invalid, WhyMethod, "").In("method")
	case q.Method == "netbanking" && Banks[q.Bank] == "":
		return ledger.Refuse(ledger.Invalid, WhyBank, "").In("bank")
	case q.Life < time.Second || q.Life > MaxChargeLife:
		return ledger.Refuse(ledger.Invalid, WhyChargeLife, "%s", q.Life).In("expires_in")
	}
	return checkPaid(q.Amount)
}

// Charge makes an order and a payment of it that waits for its customer, under
// the names that the caller gives it. The payment is captured as soon as it is
// authorised, and fails when its time is over. Only test books take payments: a
// live book's come from a provider.
//
// In a test book, a customer who is asked directly answers after PayerTakes as
// the simulated rail would: by the address (TestPayers), by a stored scenario of
// a "payment", or by the paise of the amount. One who is asked by a page answers
// there (FinishPayment).
//
// It refuses, in this order: Invalid; Duplicate if the name is taken
// (WhyHandleUsed), then for the receipt if the terms say so (WhyReceipt);
// WrongState in a live book.
func (d *Desk) Charge(ctx context.Context, book BookID, q ChargeRequest) (Payment, error) {
	if err := q.check(); err != nil {
		return Payment{}, err
	}
	var receipt ID
	if q.Receipt != "" {
		receipt = ID("receipt/" + q.Receipt)
	}
	reads := append(append(keyRef(receipt), refUnder[Terms](termsParent)), q.Called.reads()...)
	var p Payment
	err := d.change(ctx, book, reads, func(c *change) error {
		t, err := c.terms()
		if err != nil {
			return err
		}
		if err := c.uncalled(q.Called); err != nil {
			return err
		}
		there, err := c.claimed(receipt)
		switch {
		case err != nil:
			return err
		case there != "" && t.UniqueReceipt:
			return ledger.Refuse(ledger.Duplicate, WhyReceipt, "%s", there).In("receipt")
		case c.book.Mode != Test:
			return ledger.Refuse(ledger.WrongState, WhyLivePayment, "")
		}
		o := Order{ID: c.NewID("order"), Amount: q.Amount, Receipt: q.Receipt, Status: OrderCreated, Capture: true, CreatedAt: c.now}
		o = o.attempted()
		p = Payment{
			ID: c.NewID("pay"), Order: o.ID, Amount: q.Amount, Status: PaymentCreated, Method: cmp.Or(q.Method, "upi"), VPA: q.VPA, Bank: q.Bank,
			CardName: q.Card.Name, CardLast4: q.Card.Last4, CardNetwork: q.Card.Network, CardType: q.Card.Type, CardIssuer: q.Card.Issuer, CardIIN: q.Card.IIN,
			Email: q.Email, Contact: q.Contact, Description: q.Description, Notes: q.Notes, Provider: SimRail, CreatedAt: c.now,
		}
		c.Put(o, p)
		if there == "" {
			if err := c.claim(receipt, o.ID); err != nil {
				return err
			}
		}
		if err := c.call(p.ID, q.Called); err != nil {
			return err
		}
		if err := c.wait("payment.expire", p.ID, c.now.Add(q.Life)); err != nil || !q.Asked || q.Life <= PayerTakes {
			return err
		}
		if err := c.cast(p, q.Ref); err != nil {
			return err
		}
		return c.wait("payment.answer", p.ID, c.now.Add(PayerTakes))
	})
	return p, err
}

// cast gives the simulated customer of a payment the part that a tester wants
// played (see Scenario), if there is one. It is kept as what was answered under
// a key (as a refusal, which is about nothing), because a payment has no other place for it.
func (c *change) cast(p Payment, reference string) error {
	s, ok, err := c.play("payment", p.Amount, reference, string(p.ID))
	if err == nil && ok {
		c.Put(Key{ID: castKey(p.ID), Why: s.Outcome, Code: s.Code, Detail: s.Reason, Field: strconv.FormatInt(s.After, 10), CreatedAt: c.now})
	}
	return err
}

func castKey(payment ID) ID { return "payment.cast/" + payment }

// WithdrawPayment takes back what a customer was asked to pay, before they did.
//
// It refuses, in this order: NotFound; WrongState in a live book, or if the
// payment waits for nothing any more.
func (d *Desk) WithdrawPayment(ctx context.Context, book BookID, id ID) (Payment, error) {
	var p Payment
	err := d.change(ctx, book, []Ref{ref[Payment](id), ref[Timer]("payment.expire/" + id)}, func(c *change) (err error) {
		if p, err = need[Payment](c, id, ""); err != nil {
			return err
		}
		switch {
		case c.book.Mode != Test:
			return ledger.Refuse(ledger.WrongState, WhyLivePayment, "")
		case p.Status != PaymentCreated:
			return ledger.Refuse(ledger.WrongState, WhyPaymentState, "%s is %s", p.ID, p.Status)
		}
		p, err = c.unanswered(p, payeeWithdrawn)
		return err
	})
	return p, err
}

// unanswered ends a payment that waits for its customer.
func (c *change) unanswered(p Payment, because Failure) (Payment, error) {
	if err := c.unwait("payment.expire", p.ID); err != nil {
		return p, err
	}
	p, err := c.failPayment(p, because)
	c.Put(p)
	return p, err
}

// awaits says whether the customer's word on the payment would still count: it
// waits for it, or they said no and may have second thoughts, as banks have.
func (p Payment) awaits() bool {
	return p.Status == PaymentCreated || p.Status == PaymentFailed && p.ErrorReason == ReasonDeclined
}

// answerPayment is what is due at "payment.answer": the simulated customer says
// yes, no, or nothing yet. Whoever says nothing is asked again, each time after
// twice as long, until the payment's time is over.
func (d *Desk) answerPayment(ctx context.Context, book BookID, id ID) error {
	p, err := find[Payment](ctx, d, book, id)
	if err != nil {
		return err
	}
	var a rail.Answer
	if p.awaits() {
		if a, err = d.askPayer(ctx, book, p); err != nil {
			return err
		}
	}
	reads := []Ref{ref[Payment](id), ref[Order](p.Order), ref[Timer]("payment.answer/" + id), refUnder[Terms](termsParent)}
	return d.change(ctx, book, reads, func(c *change) error {
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
		again := a.AskAt
		switch {
		case !p.awaits():
			return c.unwait("payment.answer", id)
		case a.Outcome == rail.Done:
			if err := c.unwait("payment.expire", id); err != nil {
				return err
			}
			o, p, err = c.authorise(t, o, p)
			c.Put(o, p)
			again = 0
		case a.Outcome == rail.Refused && p.Status == PaymentCreated:
			p, err = c.unanswered(p, payerDeclined)
		case a.Outcome != rail.Refused && again <= c.now:
			again = c.now.Add(max(FirstAsk, c.now.Std().Sub(p.CreatedAt.Std())))
		}
		if err != nil {
			return err
		}
		if again <= c.now {
			return c.unwait("payment.answer", id)
		}
		return c.wait("payment.answer", id, again)
	})
}

// askPayer is what the simulated customer says of a payment.
func (d *Desk) askPayer(ctx context.Context, book BookID, p Payment) (rail.Answer, error) {
	b, err := d.Store.Book(ctx, book)
	if err != nil {
		return rail.Answer{}, err
	}
	o := rail.Order{
		Reference: string(p.ID), What: "payment", Method: p.Method, To: p.VPA, Amount: p.Amount,
		Scenario: TestPayers[p.VPA], SentAt: p.CreatedAt,
	}
	part, err := d.Store.Find(ctx, book, KindKey, castKey(p.ID))
	if err != nil {
		return rail.Answer{}, err
	}
	if k, ok := part.(Key); ok && o.Scenario == "" {
		after, _ := strconv.ParseInt(k.Field, 10, 64) // we wrote it
		o.Scenario, o.Code, o.Reason, o.After = k.Why, k.Code, k.Detail, time.Duration(after)*time.Second
	}
	a, err := d.Rails[SimRail].Ask(ctx, o, b.Clock.Now(ledger.At(d.Now())))
	if err != nil { // no answer is nobody's fault
		a, err = rail.Answer{Outcome: rail.Unknown}, nil
	}
	return a, err
}
