package desk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"

	"wapas/ledger"
)

// The rules of giving store credit.
const (
	WhyCreditMin       ledger.Why = "credit_minimum"     // Invalid: less than a rupee
	WhyCreditMax       ledger.Why = "credit_maximum"     // Invalid: beyond any amount
	WhyCreditReference ledger.Why = "credit_reference"   // Invalid: no reference, or one that is too long
	WhyCreditPurpose   ledger.Why = "credit_purpose"     // Invalid: not one of the purposes
	WhyCreditOrder     ledger.Why = "credit_order"       // Invalid: a name of an order that is too long
	WhyCreditNoRefunds ledger.Why = "credit_no_refunds"  // WrongState: a gift programme takes none
	WhyCreditUnpaid    ledger.Why = "credit_unpaid"      // WrongState: nothing was captured for the order
	WhyCreditUncounted ledger.Why = "credit_uncounted"   // WrongState: the programme would not count it against its payment
	WhyCreditHolds     ledger.Why = "credit_max_balance" // Exceeds: more than a member may hold
	WhyCreditSplit     ledger.Why = "credit_split"       // Exceeds: the order has it, but no payment of it alone
	WhyCreditFunds     ledger.Why = "credit_funds"       // Insufficient: prefunded, and the merchant is short
)

// MinCredit is the least that is given: a rupee.
const MinCredit ledger.Amount = 100

// The limits of a credit's names, in characters.
const (
	MaxCreditReference = 255
	MaxCreditOrder     = 256
)

// A CreditRequest asks to give a customer store credit.
type CreditRequest struct {
	Partner   string // what the merchant calls the customer
	Contact   string // ten digits
	Email     string // may be empty
	Amount    ledger.Amount
	Purpose   string // CreditRefund, CreditGift, CreditGoodwill
	Reference string // the caller's own, and the key: it is one credit for good, in whichever room it is asked for
	Order     string // what the merchant calls the order; may be empty
	Payment   ID     // of Order: the one that it must count against; empty: whichever has enough, if the programme counts orders
	Notes     Notes
	Room      string // through which it is asked for
}

// check is what is wrong with the request itself. The fields are named as in
// the published API, and come in the order of its table.
func (q CreditRequest) check() error {
	switch {
	case !IsContact(q.Contact):
		return ledger.Refuse(ledger.Invalid, WhyMemberContact, "").In("contact")
	case q.Partner == "" || len([]rune(q.Partner)) > MaxPartner:
		return ledger.Refuse(ledger.Invalid, WhyMemberPartner, "%d", MaxPartner).In("partner_user_id")
	case q.Amount < MinCredit:
		return ledger.Refuse(ledger.Invalid, WhyCreditMin, "%d", q.Amount).In("amount")
	case q.Amount > ledger.MaxAmount:
		return ledger.Refuse(ledger.Invalid, WhyCreditMax, "%d", ledger.MaxAmount).In("amount")
	case q.Reference == "" || len([]rune(q.Reference)) > MaxCreditReference:
		return ledger.Refuse(ledger.Invalid, WhyCreditReference, "%d", MaxCreditReference).In("reference_id")
	case !slices.Contains(given, q.Purpose):
		return ledger.Refuse(ledger.Invalid, WhyCreditPurpose, "%s", q.Purpose).In("purpose")
	case len([]rune(q.Order)) > MaxCreditOrder:
		return ledger.Refuse(ledger.Invalid, WhyCreditOrder, "%d", MaxCreditOrder).In("notes.order_id")
	case len([]rune(q.Email)) > MaxEmail:
		return ledger.Refuse(ledger.Invalid, WhyMemberEmail, "%d", MaxEmail).In("email")
	}
	return nil
}

// key is what makes the request the same one again: its reference, and all that
// it says. A reference is good for ever, so what was said is written down in a
// form that no later version changes: a new field joins only where it is set.
func (q CreditRequest) key() Once {
	said := []string{
		q.Partner, q.Contact, q.Email, strconv.FormatInt(int64(q.Amount), 10), q.Purpose, q.Reference, q.Order, string(q.Notes),
	}
	if q.Payment != "" {
		said = append(said, "payment", string(q.Payment))
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", said))
	return Once{Scope: "engage.credit", Key: q.Reference, Digest: hex.EncodeToString(sum[:]), Forget: true}
}

// receipt is the name under which an order may be known that is not called by
// its id.
func (q CreditRequest) receipt() ID { return ID("receipt/" + q.Order) }

func (q CreditRequest) reads() []Ref {
	reads := []Ref{
		refUnder[Programme](programmeParent), refUnder[Terms](termsParent), refUnder[Member](ID(q.Partner)),
		refAccount(ledger.ProgrammeOwes), refAccount(ledger.Available),
	}
	switch {
	case q.Order == "" || q.Purpose != CreditRefund:
	case ID(q.Order).Prefix() == "order":
		reads = append(reads, ref[Order](ID(q.Order)), refUnder[Payment](ID(q.Order)))
	default:
		reads = append(reads, ref[Key](q.receipt()))
	}
	return reads
}

// LoadCredit gives a customer store credit, as the merchant's programme is. The
// customer is found by what the merchant calls it (see Member), and is made if
// there is none. A credit that is a refund is also a Refund, done at once.
//
// The same reference is the same credit for good: the same request hears the
// first answer, another is refused as Mismatch. A refusal is not remembered:
// a reference names a return of goods, and the caller has no other one when the
// reason is gone.
//
// It refuses, in this order: Invalid; Mismatch; Duplicate (WhyMemberConflict);
// WrongState if the programme takes no refunds, if it must count against a
// payment and would not, or if nothing was paid for what it counts against; Exceeds if the member would hold too much, then
// if it is more than is left of the order; Insufficient if the programme is
// prefunded and the merchant is short.
func (d *Desk) LoadCredit(ctx context.Context, book BookID, q CreditRequest) (Credit, error) {
	if err := q.check(); err != nil {
		return Credit{}, err
	}
	return once(ctx, d, book, q.key(), q.reads(), func(c *change) (Credit, error) { return c.loadCredit(q) })
}

// loadCredit is what LoadCredit does within a change.
func (c *change) loadCredit(q CreditRequest) (Credit, error) {
	p, err := c.programme()
	if err != nil {
		return Credit{}, err
	}
	t, err := c.terms()
	if err != nil {
		return Credit{}, err
	}
	m, was, err := c.memberFor(q.Partner, q.Contact, q.Email)
	if err != nil {
		return Credit{}, err
	}
	held, err := c.mayGive(p, m, q)
	if err != nil {
		return Credit{}, err
	}
	r, pay, err := c.creditBudget(p, q)
	if err != nil {
		return Credit{}, err
	}
	if p.backed() {
		r.Credits = false
	} else if r.Credits, err = c.fromCredits(t, q.Amount); err != nil {
		return Credit{}, err
	}

	if p, err = c.ownProgramme(); err != nil {
		return Credit{}, err
	}
	m = c.keepMember(m, was)
	x := Credit{
		Source: c.NewID("iload"), ID: c.NewID("ientxn"), Member: m.ID, Programme: p.ID, Type: CreditIn, Purpose: q.Purpose,
		Amount: q.Amount, Balance: held.Add(q.Amount), Reference: q.Reference, Order: q.Order,
		Left: q.Amount, LotOf: m.ID, ExpiresAt: p.expires(c.now), Notes: q.Notes, CreatedAt: c.now,
	}
	behind, cause := r.From(), x.ID
	if p.backed() {
		behind, x.Backed = ledger.ProgrammeOwes, x.Amount
	}
	if q.Purpose == CreditRefund {
		r.ID, r.Holder, cause = x.Refund(), m.ID, x.Refund()
	}
	if _, err := c.postOver(ledger.CreditLoaded, cause, ledger.LoadCredit(behind, string(m.ID), x.Amount), t.floors()); err != nil {
		return x, merchantShort(err, WhyCreditFunds)
	}
	c.Put(x)
	if x.ExpiresAt != 0 {
		c.Put(timer(creditEnds, x.ID, x.ExpiresAt)) // new
		if err := c.wake(x.ExpiresAt); err != nil {
			return x, err
		}
	}
	if q.Purpose != CreditRefund {
		c.emit("credit.given", x)
		return x, nil
	}
	return x, c.creditRefunded(x, r, pay)
}

// mayGive is what a member holds, if it may hold so much more.
func (c *change) mayGive(p Programme, m Member, q CreditRequest) (held ledger.Amount, err error) {
	if p.Type == GiftProgramme && q.Purpose == CreditRefund {
		return 0, ledger.Refuse(ledger.WrongState, WhyCreditNoRefunds, "the programme is for gifts")
	}
	if m.ID != "" {
		if held, err = c.balance(creditAccount(m.ID)); err != nil {
			return 0, err
		}
	}
	if p.MaxBalance > 0 && held.Add(q.Amount) > p.MaxBalance {
		return 0, ledger.Refuse(ledger.Exceeds, WhyCreditHolds, "%d paise may still be given", max(0, p.MaxBalance-held)).In("amount")
	}
	return held, nil
}

// creditBudget begins the refund that a credit is. If the programme counts
// orders and one of this book is named, by its id or its receipt, the refund is
// of that payment of it which is the oldest that has enough left, or of the one
// that is asked for. A refund is of
// one payment: what would need two is asked for as two credits.
func (c *change) creditBudget(p Programme, q CreditRequest) (Refund, Payment, error) {
	r := Refund{
		Amount: q.Amount, To: "credit", State: "done", Speed: Normal, Done: Normal, Room: q.Room, Notes: q.Notes,
		CreatedAt: c.now, ProcessedAt: c.now,
	}
	var o Order
	var err error
	counts := p.CountsOrders && q.Purpose == CreditRefund && q.Order != ""
	if counts {
		o, counts, err = c.orderNamed(q)
	}
	switch {
	case err != nil:
		return r, Payment{}, err
	case !counts && q.Payment != "":
		return r, Payment{}, ledger.Refuse(ledger.WrongState, WhyCreditUncounted, "store credit does not count against %s here: set counts_orders of the programme", q.Payment).In("to")
	case !counts:
		return r, Payment{}, nil
	}
	all, err := under[Payment](c, o.ID)
	if err != nil {
		return r, Payment{}, err
	}
	var sum ledger.Budget
	var most ledger.Amount
	for _, pay := range all {
		if !pay.Captured || q.Payment != "" && pay.ID != q.Payment {
			continue
		}
		b := pay.Budget()
		if b.Allow(q.Amount) == nil {
			r.Order, r.Payment = o.ID, pay.ID
			return r, pay, nil
		}
		most = max(most, b.Left())
		sum.Captured = sum.Captured.Add(b.Captured)
		sum.Pending, sum.Done, sum.Disputed = sum.Pending.Add(b.Pending), sum.Done.Add(b.Done), sum.Disputed.Add(b.Disputed)
	}
	if sum.Captured == 0 {
		return r, Payment{}, ledger.Refuse(ledger.WrongState, WhyCreditUnpaid, "nothing was captured for %s", o.ID).In("notes.order_id")
	}
	if err := sum.Allow(q.Amount); err != nil {
		return r, Payment{}, err
	}
	return r, Payment{}, ledger.Refuse(ledger.Exceeds, WhyCreditSplit, "%d", most).In("amount")
}

// orderNamed is the order of this book that a credit names.
func (c *change) orderNamed(q CreditRequest) (o Order, known bool, err error) {
	if ID(q.Order).Prefix() == "order" {
		if o, known, err = get[Order](c, ID(q.Order)); err != nil || known {
			return o, known, err
		}
	}
	id, err := c.claimed(q.receipt())
	if err != nil || id == "" {
		return o, false, err
	}
	o, err = need[Order](c, id, "")
	return o, true, err
}

// creditRefunded keeps the refund that a credit is, and counts it as given back
// of its payment, if it is of one. Of a payment from a wallet it takes what cash
// paid before what cashback did, as a refund to the wallet would.
func (c *change) creditRefunded(x Credit, r Refund, pay Payment) error {
	if r.Payment == "" {
		c.Put(r)
		c.emit("refund.created", r)
		c.emit("refund.processed", r, x)
		return nil
	}
	if pay.fromWallet() {
		cash := pay.Amount - pay.Promo - (pay.Refunded - pay.PromoBack)
		r.Promo = r.Amount - min(r.Amount, cash)
	}
	pay.Refunded += r.Amount
	pay.PromoBack += r.Promo
	pay = pay.refunded()
	c.Put(r, pay)
	if err := c.orderRefunded(r, r.Amount); err != nil {
		return err
	}
	c.emit("refund.created", r, pay)
	c.emit("refund.processed", r, pay, x)
	return nil
}
