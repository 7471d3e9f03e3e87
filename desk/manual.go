package desk

import (
	"context"
	"slices"

	"wapas/ledger"
	"wapas/rail"
)

// What a person gives back by hand: a refund as the rooms make them, one that
// tries again what failed, or store credit instead. See proposal.go for when
// that takes two people.

// ManualRoom is through which refunds come that a person makes.
const ManualRoom = "console"

// The rules of refunds by hand.
const (
	WhyManualTo      ledger.Why = "manual_to"      // Invalid: no destination, or one that the payment did not come from
	WhyManualCredit  ledger.Why = "manual_credit"  // Invalid: credit is given at once and by no rail, and nothing is pulled back for it
	WhyRetryState    ledger.Why = "retry_state"    // WrongState: it has not failed
	WhyRetryTwice    ledger.Why = "retry_twice"    // Duplicate: another refund tries it again, or did
	WhyRetryOfOther  ledger.Why = "retry_of_other" // Invalid: it is of another payment, or of another amount
	WhyRetryNoSource ledger.Why = "retry_source"   // WrongState: it was not on its way to a source
)

// The destinations of a refund.
const (
	ToSource = "source" // the way the payment came
	ToWallet = "wallet" // of ours, which paid
	ToCredit = "credit" // store credit
)

// A ManualRefund is what a person asks for: of which payment, how much, where
// to.
type ManualRefund struct {
	Payment    ID
	Amount     ledger.Amount
	To         string // ToSource, ToWallet or ToCredit
	Speed      string // Normal or Optimum; empty is Normal
	Receipt    string // the merchant's own reference; of credit its key, for good
	ReverseAll bool   // pull the payment's transfers back first
	Again      ID     // the refund that failed, which this one tries again
	Notes      Notes
	Outcome    string // how the simulated rail is to end it; test books only

	// Of store credit: whom it is given to.
	Partner, Contact, Email string
}

func (q ManualRefund) check() error {
	switch q.To {
	case ToSource, ToWallet:
		return q.refund().check()
	case ToCredit:
		if q.ReverseAll || q.Speed != "" && q.Speed != Normal || q.Outcome != "" {
			return ledger.Refuse(ledger.Invalid, WhyManualCredit, "store credit is given at once, and pulls nothing back").In("to")
		}
		return q.credit(Payment{ID: q.Payment}).check()
	}
	return ledger.Refuse(ledger.Invalid, WhyManualTo, "say where the money goes").In("to")
}

func (q ManualRefund) refund() RefundRequest {
	r := RefundRequest{
		Payment: q.Payment, Amount: q.Amount, Speed: q.Speed, Receipt: q.Receipt, ReverseAll: q.ReverseAll, Notes: q.Notes, Outcome: q.Outcome, again: q.Again,
	}
	r.Room, r.Ref = ManualRoom, q.Receipt
	return r
}

func (q ManualRefund) credit(p Payment) CreditRequest {
	return CreditRequest{
		Partner: q.Partner, Contact: q.Contact, Email: q.Email, Amount: q.Amount, Purpose: CreditRefund, Reference: q.Receipt,
		Order: string(p.Order), Payment: p.ID, Notes: q.Notes, Room: ManualRoom,
	}
}

func (q ManualRefund) reads() []Ref {
	reads := append(q.refund().reads(), refUnder[Programme](programmeParent))
	if q.Again != "" {
		reads = append(reads, ref[Refund](q.Again), refUnder[Refund](q.Payment), refUnder[Exception](q.Again))
	}
	return reads
}

// RefundByHand gives money of a payment back as a person asks: at once, whoever
// may do so alone.
//
// It refuses, in this order: Invalid; NotFound for the payment; Invalid
// (WhyManualTo) if it did not come from there; of one that tries again,
// NotFound, WrongState, Invalid and Duplicate for the refund that failed; then
// what Refund or LoadCredit refuses.
func (d *Desk) RefundByHand(ctx context.Context, book BookID, key Once, q ManualRefund) (Refund, error) {
	if err := q.check(); err != nil {
		return Refund{}, err
	}
	return once(ctx, d, book, key, q.reads(), func(c *change) (Refund, error) { return c.refundByHand(q) })
}

func (c *change) refundByHand(q ManualRefund) (Refund, error) {
	p, err := need[Payment](c, q.Payment, "payment_id")
	if err != nil {
		return Refund{}, err
	}
	if came := p.CameFrom(); q.To != ToCredit && q.To != came {
		return Refund{}, ledger.Refuse(ledger.Invalid, WhyManualTo, "%s goes back to its %s", p.ID, came).In("to")
	}
	var failed Refund
	if q.Again != "" {
		if failed, err = c.mayRetry(q); err != nil {
			return Refund{}, err
		}
	}
	switch {
	case q.To == ToCredit:
		return c.creditByHand(q, p)
	case failed.Unsettled:
		return c.retryUncaptured(failed, p, q)
	}
	return c.refund(q.refund())
}

// givenByHand is what people have given back of a payment, or are about to, each
// on nobody's word but their own.
func (c *change) givenByHand(payment ID) (ledger.Amount, error) {
	proposals, err := under[Proposal](c, payment)
	if err != nil {
		return 0, err
	}
	refunds, err := under[Refund](c, payment)
	return sumByHand(refunds, proposals), err
}

// GivenByHand is what people have given back of a payment, or are about to, each
// on nobody's word but their own: it counts against ProposalRequest.Alone. It is
// to be shown, and looks at the newest; GiveBack looks at all.
func (d *Desk) GivenByHand(ctx context.Context, book BookID, payment ID) (ledger.Amount, error) {
	of := Query{Book: book, Parent: payment, Count: maxByHand}
	proposals, err := List[Proposal](ctx, d, of)
	if err != nil {
		return 0, err
	}
	refunds, err := List[Refund](ctx, d, of)
	return sumByHand(refunds, proposals), err
}

// maxByHand is how many refunds of a payment are looked through to be shown.
const maxByHand = 1000

func sumByHand(refunds []Refund, proposals []Proposal) (sum ledger.Amount) {
	agreed := map[ID]bool{}
	for _, p := range proposals {
		agreed[p.Refund] = true
	}
	for _, r := range refunds {
		if r.Room == ManualRoom && r.State != "failed" && !agreed[r.ID] {
			sum = sum.Add(r.Amount)
		}
	}
	return sum
}

// CameFrom is where the money of a payment goes back to: the wallet of ours
// that paid, or its source.
func (p Payment) CameFrom() string {
	if p.fromWallet() {
		return ToWallet
	}
	return ToSource
}

// MayGoInstantly says whether the refund of a payment may be asked to go fast.
func (p Payment) MayGoInstantly() bool {
	return p.CameFrom() == ToSource && slices.Contains(instantMethods, p.Method)
}

// mayRetry is the refund that failed, if another may try it again: all of it,
// and once, however many tries have failed; a first one that went late counts.
// What the customer then still misses is a new refund.
func (c *change) mayRetry(q ManualRefund) (Refund, error) {
	failed, err := need[Refund](c, q.Again, "again")
	switch {
	case err != nil:
		return failed, err
	case failed.State != "failed":
		return failed, ledger.Refuse(ledger.WrongState, WhyRetryState, "%s is %s", failed.ID, failed.State).In("again")
	case failed.To != ToSource || failed.Unsettled && q.To != ToSource:
		return failed, ledger.Refuse(ledger.WrongState, WhyRetryNoSource, "%s can only go back to its source", failed.ID).In("to")
	case failed.Payment != q.Payment || failed.Amount != q.Amount:
		return failed, ledger.Refuse(ledger.Invalid, WhyRetryOfOther, "%s was %s rupees of %s", failed.ID, failed.Amount, failed.Payment).In("amount")
	}
	all, err := under[Refund](c, q.Payment)
	tries := map[ID]ID{}
	for _, r := range all {
		tries[r.ID] = r.Again
	}
	first := func(id ID) ID {
		for tries[id] != "" {
			id = tries[id]
		}
		return id
	}
	for _, r := range all {
		if r.State != "failed" && first(r.ID) == first(failed.ID) {
			return failed, ledger.Refuse(ledger.Duplicate, WhyRetryTwice, "%s is the same money on its way, and is %s", r.ID, r.State).In("again")
		}
	}
	return failed, err
}

// retryUncaptured sends the money of a payment that was never captured once
// more: since the first refund failed it lies where nobody's money does.
func (c *change) retryUncaptured(failed Refund, p Payment, q ManualRefund) (Refund, error) {
	t, err := c.terms()
	if err != nil {
		return Refund{}, err
	}
	if err := c.repeated(t, q.refund()); err != nil {
		return Refund{}, err
	}
	if err := p.Budget().Allow(failed.Amount); err != nil {
		return Refund{}, err
	}
	r := Refund{
		ID: c.NewID("rfnd"), Payment: p.ID, Order: p.Order, Amount: failed.Amount, Speed: Normal, Done: Normal, Receipt: q.Receipt,
		Unsettled: true, Confirm: t.ConfirmRefunds, Provider: p.Provider, Notes: q.Notes, CreatedAt: c.now, Room: ManualRoom, Again: failed.ID,
	}
	c.keepReceipt(q.refund(), r.ID)
	if err := c.lower(failed.ID, ExceptionStranded); err != nil {
		return r, err
	}
	return c.refundToSource(t, p, r, q.Outcome, q.Receipt)
}

// creditByHand gives store credit for a payment: LoadCredit within a change,
// under the same key.
func (c *change) creditByHand(q ManualRefund, p Payment) (Refund, error) {
	ask := q.credit(p)
	key := ask.key()
	id := ID(key.Scope + "/" + key.Key)
	_, used, err := get[Key](c, id)
	switch {
	case err != nil:
		return Refund{}, err
	case used:
		return Refund{}, ledger.Refuse(ledger.Duplicate, WhyKeyUsed, "the reference %s was used before", q.Receipt).In("receipt")
	}
	x, err := c.loadCredit(ask)
	if err != nil {
		return Refund{}, err
	}
	c.Put(Key{ID: id, Digest: key.Digest, Refs: c.Snapshot(x), CreatedAt: c.now})
	r, err := need[Refund](c, x.Refund(), "")
	if err == nil && q.Again != "" {
		r.Again = q.Again
		c.Put(r)
	}
	return r, err
}

// AskRail asks the rail now what became of an order, instead of when its
// schedule would, and keeps what it says. It returns the order as it then is.
//
// It refuses, in this order: NotFound; WrongState if the order has not been
// sent, or if a person moves the money and there is nobody to ask.
func (d *Desk) AskRail(ctx context.Context, book BookID, id ID) (RailOrder, error) {
	o, err := find[RailOrder](ctx, d, book, id)
	if err != nil {
		return o, err
	}
	if err := d.MayAsk(o); err != nil {
		return o, err
	}
	if err := d.askOrder(ctx, book, id); err != nil {
		return o, err
	}
	return find[RailOrder](ctx, d, book, id)
}

// WhyByHand refuses to ask a rail that is a person.
const WhyByHand ledger.Why = "rail_by_hand" // WrongState

// manual says whether a person moves the money of an order.
func (d *Desk) manual(o RailOrder) bool {
	_, byHand := d.rail(o).(rail.Manual)
	return byHand
}

// MayAsk says why nobody can be asked about an order: WrongState.
func (d *Desk) MayAsk(o RailOrder) error {
	switch {
	case o.State == "waiting":
		return ledger.Refuse(ledger.WrongState, WhyNotSent, "%s has not been sent yet", o.ID)
	case d.manual(o):
		return ledger.Refuse(ledger.WrongState, WhyByHand, "a person moves the money of %s: record the outcome", o.ID)
	}
	return nil
}
