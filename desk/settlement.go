package desk

import (
	"context"
	"fmt"
	"strings"
	"time"

	"wapas/ledger"
)

// The rules of settlements.
const (
	WhySettleMin     ledger.Why = "settle_minimum" // Invalid: on demand, less than a rupee
	WhySettleNothing ledger.Why = "settle_nothing" // Insufficient: there is nothing to settle
	WhySettleShort   ledger.Why = "settle_short"   // Insufficient: on demand, more than is available, or no more than the fee
	WhySettled       ledger.Why = "settled"        // WrongState: the bank's word is in already
)

// The states of a settlement.
const (
	SettlementCreated   = "created"
	SettlementProcessed = "processed"
	SettlementFailed    = "failed"
)

// settlementTakes is how long the bank of a test book takes to pay.
const settlementTakes = 2 * time.Minute

// maxSettled is the most transfers that one settlement of a linked account
// covers; what is left over goes with the next.
const maxSettled = 1000

// Settle pays out what the merchant, or a linked account, may have: an operator
// asks for it. The merchant's settlement covers everything in the available
// balance; a linked account's covers its transfers that are not held and not
// settled yet. In a test book the bank pays two minutes later; in a live book
// an operator reports what it did (FinishSettlement).
//
// It refuses NotFound for the account, and Insufficient if there is nothing.
func (d *Desk) Settle(ctx context.Context, book BookID, account ID) (Settlement, error) {
	b, err := d.Store.Book(ctx, book)
	if err != nil {
		return Settlement{}, err
	}
	if account == "" || account == b.Account() {
		return d.settleMerchant(ctx, b)
	}
	return d.settleLinked(ctx, book, account)
}

func (d *Desk) settleMerchant(ctx context.Context, b Book) (Settlement, error) {
	var s Settlement
	reads := []Ref{refAccount(ledger.Available), refUnder[Settlement](b.Account())}
	err := d.change(ctx, b.ID, reads, func(c *change) error {
		as, err := c.Accounts(ledger.Available)
		if err != nil {
			return err
		}
		have := as[ledger.Available]
		if have.Amount < 1 {
			return ledger.Refuse(ledger.Insufficient, WhySettleNothing, "%d is available", have.Amount)
		}
		before, err := under[Settlement](c, b.Account())
		if err != nil {
			return err
		}
		first := int64(1)
		for _, s := range before {
			if !s.OnDemand {
				first = max(first, s.Last+2) // its own line lies between
			}
		}
		s = Settlement{ID: c.NewID("setl"), Account: b.Account(), Amount: have.Amount, State: SettlementCreated, First: first, Last: have.N, CreatedAt: c.now}
		return c.settle(s, ledger.SendSettlement(s.Amount, ledger.Fee{}))
	})
	return s, err
}

func (d *Desk) settleLinked(ctx context.Context, book BookID, account ID) (Settlement, error) {
	var waiting []Transfer
	for _, state := range []string{"processed", "partially_reversed"} { // of others nothing is left
		if len(waiting) == maxSettled {
			break
		}
		more, err := List[Transfer](ctx, d, Query{
			Book: book, Where: map[string]string{"recipient": string(account), "state": state, "settlement_state": "pending", "settlement_id": ""},
			Count: maxSettled - len(waiting), Oldest: true,
		})
		if err != nil {
			return Settlement{}, err
		}
		waiting = append(waiting, more...)
	}
	free := ledger.LinkedAccount(string(account), false)
	reads := []Ref{ref[Linked](account), refAccount(free)}
	for _, t := range waiting {
		reads = append(reads, ref[Transfer](t.ID))
	}
	var s Settlement
	err := d.change(ctx, book, reads, func(c *change) error {
		if _, err := c.linked(account); err != nil {
			return err
		}
		var covered []Transfer
		var sum ledger.Amount
		for _, t := range waiting {
			t, err := need[Transfer](c, t.ID, "")
			if err != nil {
				return err
			}
			if t.SettlementState == "pending" && t.Settlement == "" && t.Left() > 0 {
				covered, sum = append(covered, t), sum.Add(t.Left())
			}
		}
		have, err := c.balance(free)
		if err != nil {
			return err
		}
		// A reversal of a transfer that was settled before has been taken from
		// what came since.
		if sum = min(sum, have); sum < 1 {
			return ledger.Refuse(ledger.Insufficient, WhySettleNothing, "%s has %d", account, have)
		}
		s = Settlement{ID: c.NewID("setl"), Account: account, Amount: sum, State: SettlementCreated, CreatedAt: c.now}
		for _, t := range covered {
			t.Settlement = s.ID
			c.Put(t)
		}
		return c.settle(s, ledger.SettleLinked(string(account), sum))
	})
	return s, err
}

// An OndemandRequest asks to be paid at once, for a fee that is taken from the
// amount. Full asks for all there is, whatever the amount says.
type OndemandRequest struct {
	Amount      ledger.Amount
	Full        bool
	Description string
	Notes       Notes
}

// SettleOndemand pays the merchant at once. It refuses Invalid, and
// Insufficient if less is available, or the fee would leave nothing.
func (d *Desk) SettleOndemand(ctx context.Context, book BookID, q OndemandRequest) (Settlement, error) {
	if !q.Full && q.Amount < MinTransfer {
		return Settlement{}, ledger.Refuse(ledger.Invalid, WhySettleMin, "%d", q.Amount).In("amount")
	}
	var s Settlement
	reads := []Ref{refUnder[Terms](termsParent), refAccount(ledger.Available)}
	err := d.change(ctx, book, reads, func(c *change) error {
		tm, err := c.terms()
		if err != nil {
			return err
		}
		have, err := c.balance(ledger.Available)
		if err != nil {
			return err
		}
		asked := q.Amount
		if q.Full {
			asked = have
		}
		fee := tm.Instant().On(max(asked, 0), tm.Interstate)
		if asked > have || asked <= fee.Total() {
			return ledger.Refuse(ledger.Insufficient, WhySettleShort, "%d is available, the fee is %d", have, fee.Total()).In("amount")
		}
		s = Settlement{
			ID: c.NewID("setlod"), Account: c.book.Account(), Amount: asked - fee.Total(), Requested: asked, Fee: fee.Total(), Tax: fee.Tax(),
			State: SettlementCreated, OnDemand: true, Full: q.Full, Description: q.Description, Notes: q.Notes, CreatedAt: c.now,
		}
		return c.settle(s, ledger.SendSettlement(s.Amount, fee))
	})
	return s, err
}

// settle sends a settlement on its way.
func (c *change) settle(s Settlement, j ledger.Journal) error {
	if _, err := c.post(ledger.SettlementSent, s.ID, j); err != nil {
		return err
	}
	c.Put(s)
	if c.book.Mode == Test {
		return c.wait("settlement.process", s.ID, c.now.Add(settlementTakes))
	}
	return nil
}

// processSettlement is the bank of a test book: it pays, under a reference of
// its own.
func (d *Desk) processSettlement(ctx context.Context, book BookID, id ID) error {
	s, err := find[Settlement](ctx, d, book, id)
	if err != nil {
		return err
	}
	utr := fmt.Sprintf("%d%s", s.CreatedAt.Unix(), strings.ToLower(string(id[len(id)-6:])))
	_, err = d.FinishSettlement(ctx, book, SettlementOutcome{Settlement: id, Paid: true, UTR: utr})
	if e, ok := err.(*ledger.Error); ok && e.Why == WhySettled {
		err = nil
	}
	return err
}

// A SettlementOutcome is the bank's word on a settlement.
type SettlementOutcome struct {
	Settlement ID
	Paid       bool
	UTR        string
}

// FinishSettlement records the bank's word. What it did not pay goes back to
// where it came from; the fee of a settlement on demand does not. It refuses
// NotFound, and WrongState if its word was recorded before.
func (d *Desk) FinishSettlement(ctx context.Context, book BookID, q SettlementOutcome) (Settlement, error) {
	s, err := find[Settlement](ctx, d, book, q.Settlement)
	if err != nil {
		return s, err
	}
	// The lines it covers and their fees never change, so they are added up
	// before the change. Nor do the transfers that name it.
	fee, tax, err := d.feesOf(ctx, book, s)
	if err != nil {
		return s, err
	}
	covered, err := List[Transfer](ctx, d, Query{Book: book, Where: map[string]string{"settlement_id": string(s.ID)}, Count: maxSettled, Oldest: true})
	if err != nil {
		return s, err
	}
	reads := []Ref{ref[Settlement](s.ID)}
	for _, t := range covered {
		reads = append(reads, ref[Transfer](t.ID))
	}
	err = d.change(ctx, book, reads, func(c *change) error {
		if s, err = need[Settlement](c, q.Settlement, ""); err != nil {
			return err
		}
		if s.State != SettlementCreated {
			return ledger.Refuse(ledger.WrongState, WhySettled, "%s is %s", s.ID, s.State)
		}
		if err := c.unwait("settlement.process", s.ID); err != nil {
			return err
		}
		s.ProcessedAt, s.UTR, s.State = c.now, q.UTR, SettlementFailed
		reason, journal := ledger.SettlementBack, ledger.SettlementReturned(s.Amount)
		switch {
		case q.Paid:
			s.State = SettlementProcessed
			reason, journal = ledger.SettlementDone, ledger.SettlementArrived(s.Amount)
		case s.Account != c.book.Account():
			journal = ledger.SettleLinkedReturned(string(s.Account), s.Amount)
		}
		if !s.OnDemand {
			s.Fee, s.Tax = fee, tax
		}
		for _, t := range covered {
			t, err := need[Transfer](c, t.ID, "")
			if err != nil {
				return err
			}
			t.SettlementState = "settled"
			if !q.Paid {
				t.Settlement, t.SettlementState = "", "pending"
			}
			c.Put(t)
		}
		if _, err := c.post(reason, s.ID, journal); err != nil {
			return err
		}
		c.Put(s)
		if q.Paid {
			c.emit("settlement.processed", s)
		}
		return nil
	})
	return s, err
}

// Check is the rule of a settlement row.
func (s Settlement) Check() error {
	if s.Amount < 1 || s.Account == "" || s.OnDemand && s.Requested != s.Amount+s.Fee {
		return ledger.Refuse(ledger.Internal, ledger.WhyInvariant, "settlement %s of %d, fee %d, %d asked for", s.ID, s.Amount, s.Fee, s.Requested)
	}
	return ledger.CheckFee(s.Fee, s.Tax)
}
