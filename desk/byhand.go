package desk

import (
	"context"
	"strings"

	"wapas/ledger"
	"wapas/rail"
)

// Returned is a third outcome that a person may say: it went, and came back.
// It is a word of its own, so that nobody says it who only meant that an order
// never went.
const Returned rail.Outcome = "returned"

// The rules of words, beside those of outcomes.
const (
	WhyAmountDiffers  ledger.Why = "amount_differs"   // Mismatch: another amount than the order's
	WhyResultTwice    ledger.Why = "result_twice"     // Duplicate: an order is named twice among many
	WhyProofTwice     ledger.Why = "proof_twice"      // Duplicate: so is a proof
	WhyTooManyResults ledger.Why = "too_many_results" // Invalid
)

// An OutcomeRequest is a person's word on how an order ended.
type OutcomeRequest struct {
	Order     ID           // the refund's, payout's or remittance's
	Outcome   rail.Outcome // Done, Refused or Returned
	Code      string       // why it was refused, in one word (rail.Words)
	Reason    string       // why it was refused, for the customer
	Reference string       // the proof that it went
	By        string       // the person; needed where two are asked for
	// Amount is what the person says has moved; 0: not said. A refund or payout
	// goes whole or not at all.
	Amount ledger.Amount
}

// tidied is the request with the blanks around its texts gone.
func (q OutcomeRequest) tidied() OutcomeRequest {
	q.Code, q.Reason, q.Reference, q.By = strings.TrimSpace(q.Code), strings.TrimSpace(q.Reason), strings.TrimSpace(q.Reference), strings.TrimSpace(q.By)
	if q.Outcome == rail.Done {
		q.Code, q.Reason = "", ""
	}
	return q
}

func (q OutcomeRequest) check() error {
	switch {
	case q.Outcome != rail.Done && q.Outcome != rail.Refused && q.Outcome != Returned:
		return ledger.Refuse(ledger.Invalid, WhyOutcome, "%s", q.Outcome).In("outcome")
	case !isName(q.By):
		return ledger.Refuse(ledger.Invalid, WhyPerson, "a name is 64 characters that can be read").In("by")
	}
	return nil
}

// against says what a word means to an order as it stands: nothing new, or that
// it cannot be.
func (q OutcomeRequest) against(o RailOrder) (known bool, err error) {
	switch {
	case q.Amount != 0 && q.Amount != o.Amount:
		return false, ledger.Refuse(ledger.Mismatch, WhyAmountDiffers, "%s is of %s rupees, not %s", o.ID, o.Amount, q.Amount).In("amount")
	case o.State == "waiting":
		return false, ledger.Refuse(ledger.WrongState, WhyNotSent, "%s", o.ID)
	case q.Outcome == Returned && o.State == "refused" && o.Code == rail.CodeReturned:
		return true, nil
	case q.Outcome == Returned && o.State != "done":
		return false, ledger.Refuse(ledger.WrongState, WhyNotDone, "%s is %s", o.ID, o.State)
	case q.Outcome == rail.Refused && o.State == "done":
		return false, ledger.Refuse(ledger.WrongState, WhyOutcomeFinal, "%s is %s", o.ID, o.State)
	case q.Outcome == rail.Refused && o.State == "refused":
		return true, nil
	case q.Outcome == rail.Done && o.State == "done":
		return q.Reference == "" || q.Reference == o.Reference, nil
	}
	return false, nil
}

// answer is the word as if the rail had said it.
func (q OutcomeRequest) answer(o RailOrder) rail.Answer {
	a := rail.Answer{Outcome: q.Outcome, Code: q.Code, Reason: q.Reason, Reference: q.Reference, Instant: o.Speed == Optimum}
	if q.Outcome == Returned {
		a.Outcome, a.Code = rail.Refused, rail.CodeReturned
	}
	return a
}

// RecordOutcome ends an order on the word of a person: one of a live book
// without a rail, or one that its rail has lost. Saying again what is known
// changes nothing, except that a proof may be added. That a refused one went
// after all a person may say too, and that one came back.
//
// An order above the terms' TwoPeopleAbove takes two people: the first word is
// kept (Words) and the order returned as it was; the same word by somebody
// else, within a day, is what counts.
//
// It refuses, in this order: Invalid; NotFound; Mismatch if the amount said is
// not the order's; WrongState if the order has not been sent, if it went and is now said not to have, or if it came back and
// never went; Invalid if two people are asked for and By is empty.
func (d *Desk) RecordOutcome(ctx context.Context, book BookID, q OutcomeRequest) (RailOrder, error) {
	q = q.tidied()
	if err := q.check(); err != nil {
		return RailOrder{}, err
	}
	var o RailOrder
	err := d.change(ctx, book, append(railReads(q.Order), refUnder[Word](q.Order)), func(c *change) (err error) {
		if o, err = need[RailOrder](c, q.Order, "order"); err != nil {
			return err
		}
		if known, err := q.against(o); known || err != nil {
			return err
		}
		by := q.By
		two, err := c.takesTwo(o)
		if err != nil {
			return err
		}
		if two {
			agreed := false
			if by, agreed, err = c.say(o, q); err != nil || !agreed {
				return err
			}
		}
		o, err = c.outcome(o, q.answer(o), by)
		return err
	})
	return o, err
}

// A Result is what became of one word among several.
type Result struct {
	OutcomeRequest
	Order RailOrder // as it is now; zero if there is none
	State string    // ResultNew, ResultKnown or ResultSecond; empty if it was refused or not recorded
	Err   error     // why it was refused
}

// What became of a word.
const (
	ResultNew    = "recorded"       // the order ended by it
	ResultKnown  = "known"          // it had ended so before
	ResultSecond = "awaits_another" // another person must say the same
)

// MaxResults is how many words are taken at once.
const MaxResults = 5000

// RecordOutcomes takes many words at once, as from a file of a bank's results:
// first all are checked, and if any is refused none is recorded. Then each is
// recorded as a change of its own (RecordOutcome): if that stops half way, or a
// word is refused after all because the books went on, the same words may be
// sent again, and what is known changes nothing.
//
// Ok says that none was refused. Beyond what RecordOutcome refuses, an order may
// be named once and a proof may prove one order (Duplicate); more than MaxResults
// words are Invalid, as an error of the whole.
func (d *Desk) RecordOutcomes(ctx context.Context, book BookID, qs []OutcomeRequest) (rs []Result, ok bool, err error) {
	if len(qs) > MaxResults {
		return nil, false, ledger.Refuse(ledger.Invalid, WhyTooManyResults, "%d results; at most %d are taken at once", len(qs), MaxResults)
	}
	t, err := d.Terms(ctx, book)
	if err != nil {
		return nil, false, err
	}
	rs, ok = make([]Result, len(qs)), true
	orders, proofs := map[ID]bool{}, map[string]ID{}
	for i, q := range qs {
		r := &rs[i]
		r.OutcomeRequest = q.tidied()
		if r.Order, r.Err = d.checkResult(ctx, book, t, r.OutcomeRequest, orders, proofs); r.Err != nil {
			if ledger.CodeOf(r.Err) == ledger.Internal {
				return nil, false, r.Err
			}
			ok = false
		}
	}
	if !ok {
		return rs, false, nil
	}
	for i := range rs {
		r := &rs[i]
		if known, _ := r.against(r.Order); known {
			r.State = ResultKnown
			continue
		}
		o, err := d.RecordOutcome(ctx, book, r.OutcomeRequest)
		switch known, _ := r.against(o); {
		case err != nil && ledger.CodeOf(err) == ledger.Internal:
			return rs, false, err
		case err != nil:
			r.Err, ok = err, false
		case known:
			r.Order, r.State = o, ResultNew
		default:
			r.Order, r.State = o, ResultSecond
		}
	}
	return rs, ok, nil
}

// checkResult checks one of many words against what is there.
func (d *Desk) checkResult(ctx context.Context, book BookID, t Terms, q OutcomeRequest, orders map[ID]bool, proofs map[string]ID) (RailOrder, error) {
	if err := q.check(); err != nil {
		return RailOrder{}, err
	}
	if orders[q.Order] {
		return RailOrder{}, ledger.Refuse(ledger.Duplicate, WhyResultTwice, "%s is there twice", q.Order).In("order")
	}
	orders[q.Order] = true
	if other, used := proofs[q.Reference]; used && q.Reference != "" {
		return RailOrder{}, ledger.Refuse(ledger.Duplicate, WhyProofTwice, "%s is the proof of %s", q.Reference, other).In("reference")
	}
	proofs[q.Reference] = q.Order
	o, err := find[RailOrder](ctx, d, book, q.Order)
	if err != nil {
		return o, err
	}
	known, err := q.against(o)
	if err == nil && !known && q.By == "" && t.needsTwo(o) {
		err = ledger.Refuse(ledger.Invalid, WhyPerson, "%s of %s rupees takes the word of two people", o.What, o.Amount).In("by")
	}
	return o, err
}
