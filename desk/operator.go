package desk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"

	"wapas/ledger"
)

// What the operator does with money that no customer and no rail moves: on the
// word of a bank or a provider, or by hand. Each is a booking, one entry under
// one reference; the reference is the key, so that the same word told twice is
// booked once. See adjust.go for what may take two people.

// The rules of bookings.
const (
	WhyMoneyAmount    ledger.Why = "money_amount"    // Invalid: nothing, beyond any amount, or less than its parts
	WhyMoneyReference ledger.Why = "money_reference" // Invalid: none, or a form that no bank gives
	WhyMoneyParty     ledger.Why = "money_party"     // Invalid: no provider, partner or account is named, or none that a hand may touch
	WhyMoneyPerson    ledger.Why = "money_person"    // Invalid: nobody says so, or without a note
	WhyMoneyShort     ledger.Why = "money_short"     // Insufficient: there is less
	WhyMoneyOver      ledger.Why = "money_over"      // Exceeds: more than is left of a receipt, earned or owed
	WhyMoneyState     ledger.Why = "money_state"     // WrongState: it is something else, or was decided
)

// A Booking is one thing the operator did with money, or asked to do.
type Booking struct {
	ID               ID     // bok_
	What             string // the reason of its entry
	Of               ID     // the receipt that it identifies, the clock that it waives
	Party            string // the provider, partner or customer
	Amount           ledger.Amount
	Cost             ledger.Amount // of a provider
	Tax              ledger.Amount // that we paid: on the cost, or set off against what we collected
	CGST, SGST, IGST ledger.Amount // that we collected, and paid to the state
	Debit, Credit    string        // the accounts of an adjustment; Credit also of an identified receipt
	Identified       ledger.Amount // of a receipt
	Reference        string        // the bank's or the provider's
	Note             string
	By, Second       string // who did it, and who agreed where it takes two
	State            string // asked, done, expired
	CreatedAt        ledger.Time
	DoneAt           ledger.Time
}

func (r Booking) Kind() Kind { return KindBooking }
func (r Booking) RowID() ID  { return r.ID }
func (r Booking) Parent() ID { return r.Of }

// The states of a booking.
const (
	BookingAsked   = "asked" // it takes another person's word
	BookingDone    = "done"
	BookingExpired = "expired" // nobody else said so in time
)

// referenceForm takes the references of banks, networks and providers.
var referenceForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/-]{3,63}$`)

// partyForm takes the names of providers and partners, which are owners of
// accounts.
var partyForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$`)

// A MoneyRequest is what all bookings have in common: how much, under which
// reference, and who says so. Key is for callers with a key of their own;
// without one the reference is the key.
type MoneyRequest struct {
	Amount    ledger.Amount
	Reference string
	Note      string
	By        string
	Key       Once
}

func (q MoneyRequest) booking(what ledger.Reason) Booking {
	return Booking{What: string(what), Amount: q.Amount, Reference: q.Reference, Note: strings.TrimSpace(q.Note), By: strings.TrimSpace(q.By)}
}

// OwnFunds is the operator's own money coming in to its operating account
// (G00). It refuses Invalid; Duplicate or Mismatch for the reference.
func (d *Desk) OwnFunds(ctx context.Context, book BookID, q MoneyRequest) (Booking, error) {
	return d.enter(ctx, book, q.Key, q.booking(ledger.OwnFunds))
}

// A ProviderSettlement is what a provider paid into escrow: Amount is the gross,
// of which it kept its cost and the tax on that.
type ProviderSettlement struct {
	MoneyRequest
	Provider  string
	Cost, Tax ledger.Amount
}

// ProviderSettled is a provider's payment of what it captured (J02). It
// refuses, in this order: Invalid; Duplicate or Mismatch for the reference.
func (d *Desk) ProviderSettled(ctx context.Context, book BookID, q ProviderSettlement) (Booking, error) {
	b := q.booking(ledger.ProviderSettled)
	b.Party, b.Cost, b.Tax = q.Provider, q.Cost, q.Tax
	return d.enter(ctx, book, q.Key, b)
}

// A TopUp moves escrow money to a partner who pays out.
type TopUp struct {
	MoneyRequest
	Partner string
}

// TopUpFloat moves escrow money to where payouts and remittances are paid from
// (G16). It refuses as ProviderSettled does.
func (d *Desk) TopUpFloat(ctx context.Context, book BookID, q TopUp) (Booking, error) {
	b := q.booking(ledger.FloatToppedUp)
	b.Party = q.Partner
	return d.enter(ctx, book, q.Key, b)
}

// SweepFees moves what the operator has earned from escrow to its own account
// (J33): no more than has been earned and not swept yet, taxes it collected
// among it, and no more than escrow holds.
//
// It refuses, in this order: Invalid; Duplicate or Mismatch for the reference;
// Exceeds; Insufficient.
func (d *Desk) SweepFees(ctx context.Context, book BookID, q MoneyRequest) (Booking, error) {
	return d.enter(ctx, book, q.Key, q.booking(ledger.FeesSwept))
}

// A GSTPayment pays tax that was collected: in all the three, of which Input is
// set off by the tax we paid ourselves and the rest leaves the operator's
// account. Amount is that rest.
type GSTPayment struct {
	MoneyRequest
	CGST, SGST, IGST ledger.Amount
	Input            ledger.Amount
}

// PayGST pays collected tax to the state (J34). Amount may be left at zero: it
// is worked out.
//
// It refuses, in this order: Invalid; Duplicate or Mismatch for the reference;
// Exceeds if less was collected, or less was paid to set off.
func (d *Desk) PayGST(ctx context.Context, book BookID, q GSTPayment) (Booking, error) {
	for _, a := range []ledger.Amount{q.CGST, q.SGST, q.IGST, q.Input} {
		if a < 0 || a > ledger.MaxAmount {
			return Booking{}, ledger.Refuse(ledger.Invalid, WhyMoneyAmount, "%d", a).In("amount")
		}
	}
	b := q.booking(ledger.GSTPaid)
	rest := q.CGST + q.SGST + q.IGST - q.Input
	if b.Amount == 0 {
		b.Amount = rest
	}
	if b.Amount != rest {
		return Booking{}, ledger.Refuse(ledger.Invalid, WhyMoneyAmount, "the parts make %s", rest).In("amount")
	}
	b.CGST, b.SGST, b.IGST, b.Tax = q.CGST, q.SGST, q.IGST, q.Input
	return d.enter(ctx, book, q.Key, b)
}

// An OwnCashback is cashback at the operator's cost.
type OwnCashback struct {
	MoneyRequest
	Customer ID
}

// GiveOwnCashback gives a customer cashback that the operator pays for, not the
// merchant (J07p). It opens the customer's wallet if there is none. Above the
// terms' TwoPeopleAbove it is only asked, and done once Agree is called.
//
// It refuses, in this order: Invalid; Duplicate or Mismatch for the reference;
// NotFound for the customer; Invalid (WhyContact) if there can be no wallet;
// WrongState if it is frozen; Exceeds for the limits of wallets; Invalid if it
// takes two people and nobody says so.
func (d *Desk) GiveOwnCashback(ctx context.Context, book BookID, q OwnCashback) (Booking, error) {
	b := q.booking(ledger.CashbackOwn)
	b.Party = string(q.Customer)
	return d.enter(ctx, book, q.Key, b)
}

// UnknownReceipt books money that came into escrow and nobody knows whose it is
// (J30). It refuses as OwnFunds does.
func (d *Desk) UnknownReceipt(ctx context.Context, book BookID, q MoneyRequest) (Booking, error) {
	return d.enter(ctx, book, q.Key, q.booking(ledger.ReceiptUnknown))
}

// An Identification says whose an unknown receipt is, or a part of it: which
// account it goes to. Its reference may be left out; then nothing keeps it from
// being said twice but the receipt itself.
type Identification struct {
	MoneyRequest
	Receipt ID
	To      ledger.AccountID
}

// IdentifyReceipt gives an unknown receipt, or a part of it, to where it belongs (J30):
// an account that a hand may touch. A part that brings what is identified of the
// receipt above the terms' TwoPeopleAbove is only asked, and done once Agree is
// called.
//
// It refuses, in this order: Invalid; Duplicate or Mismatch for the reference;
// NotFound for the receipt, and for whom the account is of; WrongState if it
// names another booking; Exceeds if less of it is left; Invalid if it takes two
// people and nobody says so.
func (d *Desk) IdentifyReceipt(ctx context.Context, book BookID, q Identification) (Booking, error) {
	b := q.booking(ledger.ReceiptIdentified)
	b.Of, b.Credit = q.Receipt, string(q.To)
	return d.enter(ctx, book, q.Key, b)
}

// enter makes a booking and its entry; one that takes two people it only keeps,
// after it was tried, so that nobody waits for what cannot be.
func (d *Desk) enter(ctx context.Context, book BookID, key Once, b Booking) (Booking, error) {
	if err := b.check(); err != nil {
		return b, err
	}
	key = b.key(key)
	reads := []Ref{refUnder[Terms](termsParent)}
	for _, p := range b.journal() {
		reads = append(reads, refAccount(p.Account))
	}
	if b.Of != "" {
		reads = append(reads, ref[Booking](b.Of))
	}
	return once(ctx, d, book, key, reads, func(c *change) (Booking, error) {
		b := b
		if err := c.named(&b); err != nil {
			return b, err
		}
		two, err := c.takesSecond(b)
		if err == nil {
			err = c.admit(b)
		}
		switch {
		case err != nil:
			return b, err
		case !two:
			return c.done(b)
		case b.By == "":
			return b, ledger.Refuse(ledger.Invalid, WhyMoneyPerson, "%s rupees by hand take two people: who asks?", b.Amount).In("by")
		}
		c.Reset()
		if err := c.named(&b); err != nil {
			return b, err
		}
		return b, c.asked(&b)
	})
}

// named gives a booking its id, and keeps its reference from being used again.
func (c *change) named(b *Booking) error {
	b.ID, b.CreatedAt = c.NewID("bok"), c.now
	if b.Reference == "" {
		return nil
	}
	return c.handle(HandleID("money."+b.What, b.called()), b.ID, "", "reference")
}

// admit is what must hold of the books before a booking is posted, and what is
// written besides. It is asked when the booking is, and when a second person
// agrees.
func (c *change) admit(b Booking) error {
	switch ledger.Reason(b.What) {
	case ledger.FeesSwept:
		return c.mayByEarned(b)
	case ledger.GSTPaid:
		return c.mayByCollected(b)
	case ledger.CashbackOwn:
		_, err := c.walletByHand(ID(b.Party), b.Amount, true)
		return err
	case ledger.ReceiptIdentified:
		return c.identify(b)
	case ledger.Adjusted:
		for _, account := range []string{b.Debit, b.Credit} {
			if err := c.ownerByHand(ledger.AccountID(account)); err != nil {
				return err
			}
		}
	}
	return nil
}

// mayByEarned holds a sweep against what was earned, and what escrow holds.
func (c *change) mayByEarned(b Booking) error {
	as, err := c.Accounts(append(ledger.OwnAccounts(), ledger.BankEscrow)...)
	if err != nil {
		return err
	}
	cover := ledger.Escrow(as)
	switch {
	case b.Amount > cover.Own:
		return ledger.Refuse(ledger.Exceeds, WhyMoneyOver, "%s rupees are earned and not swept", max(0, cover.Own)).In("amount")
	case b.Amount > cover.Bank:
		return ledger.Refuse(ledger.Insufficient, WhyMoneyShort, "escrow holds %s rupees", max(0, cover.Bank)).In("amount")
	}
	return nil
}

// mayByCollected holds a payment of tax against what was collected, and what is
// set off against what we paid.
func (c *change) mayByCollected(b Booking) error {
	as, err := c.Accounts(ledger.CGST, ledger.SGST, ledger.IGST, ledger.GSTInput)
	if err != nil {
		return err
	}
	for _, part := range []struct {
		field   string
		account ledger.AccountID
		a       ledger.Amount
	}{{"cgst", ledger.CGST, b.CGST}, {"sgst", ledger.SGST, b.SGST}, {"igst", ledger.IGST, b.IGST}, {"input", ledger.GSTInput, b.Tax}} {
		if have := as[part.account].Amount; part.a > max(0, have) {
			return ledger.Refuse(ledger.Exceeds, WhyMoneyOver, "%s holds %s rupees", part.account, max(0, have)).In(part.field)
		}
	}
	return nil
}

// identify takes a part off what is unknown of a receipt.
func (c *change) identify(b Booking) error {
	r, err := need[Booking](c, b.Of, "receipt")
	if err != nil {
		return err
	}
	if err := c.ownerByHand(ledger.AccountID(b.Credit)); err != nil {
		return err
	}
	switch left := r.Amount - r.Identified; {
	case r.What != string(ledger.ReceiptUnknown):
		return ledger.Refuse(ledger.WrongState, WhyMoneyState, "%s is %s", r.ID, r.What).In("receipt")
	case b.Amount > left:
		return ledger.Refuse(ledger.Exceeds, WhyMoneyOver, "%s rupees are left of %s", left, r.ID).In("amount")
	}
	r.Identified += b.Amount
	c.Put(r)
	return nil
}

// called is the reference together with whose it is: two providers may number
// their settlements alike.
func (b Booking) called() string {
	if b.Party == "" || b.Reference == "" {
		return b.Reference
	}
	return b.Party + "/" + b.Reference
}

// done posts a booking and writes it on the statement of a wallet that it
// touches.
func (c *change) done(b Booking) (Booking, error) {
	b.State, b.DoneAt = BookingDone, c.now
	j := b.journal()
	entry, err := c.post(ledger.Reason(b.What), b.ID, j)
	if ledger.CodeOf(err) == ledger.Insufficient {
		err = ledger.Refuse(ledger.Insufficient, WhyMoneyShort, "%v", err).In("amount")
	}
	if err != nil {
		return b, err
	}
	for _, p := range j {
		code := p.Account.Code()
		if code != ledger.WalletCash && code != ledger.WalletPromo {
			continue
		}
		w, err := need[Wallet](c, ID(p.Account.Owner()), "")
		if err != nil {
			return b, err
		}
		credit, debit := p.Amount, ledger.Amount(0)
		if p.Side == ledger.Debit {
			credit, debit = 0, p.Amount
		}
		if _, err := c.walletLine(w, entry, b.ID, LineTransfer, credit, debit, b.Note); err != nil {
			return b, err
		}
	}
	c.Put(b)
	return b, nil
}

// journal is the entry of a booking; of one that waives a clock, the clock has
// it.
func (b Booking) journal() ledger.Journal {
	switch ledger.Reason(b.What) {
	case ledger.OwnFunds:
		return ledger.BringOwnFunds(b.Amount)
	case ledger.ProviderSettled:
		return ledger.ProviderSettles(b.Party, b.Amount, b.Cost, b.Tax)
	case ledger.FloatToppedUp:
		return ledger.TopUpFloat(b.Party, b.Amount)
	case ledger.FeesSwept:
		return ledger.SweepFees(b.Amount)
	case ledger.GSTPaid:
		return ledger.PayGST(b.CGST, b.SGST, b.IGST, b.Tax)
	case ledger.CashbackOwn:
		return ledger.GiveOwnCashback(b.Party, b.Amount)
	case ledger.ReceiptUnknown:
		return ledger.ReceiveUnknown(b.Amount)
	case ledger.ReceiptIdentified:
		return ledger.IdentifyReceipt(ledger.AccountID(b.Credit), b.Amount)
	case ledger.Adjusted:
		return ledger.Adjust(ledger.AccountID(b.Debit), ledger.AccountID(b.Credit), b.Amount)
	}
	return nil
}

// check is what must hold of a booking that is asked for.
func (b Booking) check() error {
	invalid := func(why ledger.Why, field, format string, args ...any) error {
		return ledger.Refuse(ledger.Invalid, why, format, args...).In(field)
	}
	what := ledger.Reason(b.What)
	byHand := what == ledger.Adjusted || what == ledger.CompensationWaived
	switch {
	case b.Amount > ledger.MaxAmount, b.Amount < 1 && what != ledger.GSTPaid, b.Amount < 0,
		what == ledger.GSTPaid && b.CGST+b.SGST+b.IGST < 1:
		return invalid(WhyMoneyAmount, "amount", "%d", b.Amount)
	case b.Cost < 0 || b.Tax < 0 || what == ledger.ProviderSettled && (b.Cost > b.Amount || b.Tax > b.Amount-b.Cost):
		return invalid(WhyMoneyAmount, "cost", "a cost of %d and a tax of %d on %d", b.Cost, b.Tax, b.Amount)
	case b.Reference == "" && (byHand || what == ledger.ReceiptIdentified || what == ledger.CashbackOwn):
	case !referenceForm.MatchString(b.Reference):
		return invalid(WhyMoneyReference, "reference", "%q: 4 to 64 letters, digits and . _ / -", b.Reference)
	}
	if len([]rune(b.Note)) > maxNote || !isName(b.By) || byHand && (b.Note == "" || b.By == "") {
		return invalid(WhyMoneyPerson, "note", "who says so, and why, in at most %d characters", maxNote)
	}
	switch what {
	case ledger.ProviderSettled, ledger.FloatToppedUp:
		if !partyForm.MatchString(b.Party) {
			return invalid(WhyMoneyParty, "party", "%q", b.Party)
		}
	case ledger.Adjusted:
		for field, account := range map[string]string{"debit": b.Debit, "credit": b.Credit} {
			if !mayByHand(ledger.AccountID(account)) {
				return invalid(WhyMoneyParty, field, "no hand may touch %q", account)
			}
		}
		if b.Debit == b.Credit {
			return invalid(WhyMoneyParty, "credit", "%s to itself", b.Debit)
		}
	case ledger.ReceiptIdentified:
		if !mayByHand(ledger.AccountID(b.Credit)) || b.Credit == ledger.BankEscrow {
			return invalid(WhyMoneyParty, "to", "no hand may touch %q", b.Credit)
		}
	}
	return nil
}

// maxNote is how long a note may be.
const maxNote = 200

// key is the caller's, or else what the reference makes: the same booking again.
// A refusal is not kept under a reference, for the bank gives no other one when
// the reason is gone, or when what was mistyped is put right.
func (b Booking) key(caller Once) Once {
	if caller.Key != "" || b.Reference == "" {
		return caller
	}
	return Once{Scope: "money." + b.What, Key: b.called(), Digest: b.digest(), Forget: true}
}

// digest is of all that was asked.
func (b Booking) digest() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", []any{b.What, b.Of, b.Party, int64(b.Amount), int64(b.Cost), int64(b.Tax),
		int64(b.CGST), int64(b.SGST), int64(b.IGST), b.Debit, b.Credit, b.Reference}))
	return hex.EncodeToString(sum[:])
}

// effect is what the entries of a booking add up to.
func (b Booking) effect() ledger.Journal {
	if b.State != BookingDone {
		return nil
	}
	return b.journal()
}

// Check is what must hold of a booking's row.
func (b Booking) Check() error {
	if err := b.check(); err != nil {
		return ledger.Refuse(ledger.Internal, ledger.WhyInvariant, "booking: %v", err)
	}
	done := b.State == BookingDone
	switch {
	case b.State != BookingAsked && !done && b.State != BookingExpired, done != (b.DoneAt != 0),
		b.Identified < 0 || b.Identified > b.Amount, !b.whole(), b.Second != "" && (samePerson(b.Second, b.By) || !done):
		return ledger.Refuse(ledger.Internal, ledger.WhyInvariant, "booking is %s, by %q and %q, %d of %d identified", b.State, b.By, b.Second, b.Identified, b.Amount)
	}
	return nil
}

// whole says whether a booking has the parts of its sort and no others, and is
// their sum where it has any.
func (b Booking) whole() bool {
	taxes := b.CGST + b.SGST + b.IGST
	switch ledger.Reason(b.What) {
	case ledger.GSTPaid:
		return b.Amount == taxes-b.Tax && b.Cost == 0 && b.Identified == 0
	case ledger.ProviderSettled:
		return taxes == 0 && b.Identified == 0
	case ledger.ReceiptUnknown:
		return taxes == 0 && b.Cost == 0 && b.Tax == 0
	}
	return taxes == 0 && b.Cost == 0 && b.Tax == 0 && b.Identified == 0
}

// compare holds a receipt against what identified it, and both against what is
// still unknown (2900); and what two people waived against its clock.
func (b Booking) compare(t *tally) {
	switch {
	case b.What == string(ledger.ReceiptUnknown):
		t.says("I-8", string(b.ID), identified, b.Identified)
		t.adds("I-8", ledger.SuspenseCredit, underWay, b.Amount-b.Identified)
	case b.What == string(ledger.ReceiptIdentified) && b.State == BookingDone:
		t.adds("I-8", string(b.Of), identified, b.Amount)
	case b.What == string(ledger.CompensationWaived) && b.State == BookingDone:
		t.adds("I-11", string(b.Of), waived, b.Amount)
	}
}
