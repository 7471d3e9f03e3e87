// Package rail is the door to outside money: providers that send refunds back
// to their source, and banks that carry payouts. They are slow, and they are
// allowed to say that they do not know.
package rail

import (
	"context"
	"errors"
	"time"

	"wapas/ledger"
)

// An Outcome is what a rail says became of an order.
type Outcome string

const (
	Done    Outcome = "done"
	Refused Outcome = "refused" // it did not move, and will not, unless the rail later says otherwise
	Pending Outcome = "pending" // the rail has it and is not done yet
	Unknown Outcome = "unknown" // it may have moved: ask again, never resend
)

// An Order is what we ask of a rail. Its reference never changes, so that a
// rail that is asked twice can tell.
type Order struct {
	Reference string
	What      string // refund, payout, remittance
	Method    string // card, upi, netbanking, wallet; for a payout or a remittance IMPS, NEFT…
	To        string // the VPA or account it goes to
	Speed     string // normal, optimum
	Room      string // through which it was asked for, if that matters to the rail
	Amount    ledger.Amount
	SentAt    ledger.Time // when it was first sent, in the book's time; Send has it as now

	// How a tester wants it to end; all empty in live books. Scenario names the
	// play; the rest changes it: the code and reason of a refusal, and how long it
	// takes instead of what the scenario says.
	Scenario, Code, Reason string
	After                  time.Duration
}

// An Answer is what a rail says. Reference is its proof (ARN, RRN or UTR) and
// may come later than Done. If AskAt is not zero the rail has more to say at
// that moment, even after Done or Refused.
type Answer struct {
	Outcome   Outcome
	Code      string // why, in one word of a machine (see Words)
	Reason    string // why it was refused, in words for the customer
	Reference string
	Instant   bool // it went, or is going, the fast way
	AskAt     ledger.Time
}

// ErrTimeout is the error of a rail that did not answer in time.
var ErrTimeout = errors.New("no answer in time")

// A Rail moves money. Send is called once for an order, unless the process
// dies before its answer is kept: then Ask comes first, and a rail that has
// never heard of the order says Unknown. Neither may block beyond the context. An error is the same as Unknown.
type Rail interface {
	Send(ctx context.Context, o Order, now ledger.Time) (Answer, error)
	Ask(ctx context.Context, o Order, now ledger.Time) (Answer, error)
}

// Manual is the rail of a live book for which no provider is set up: a person
// moves the money and records the outcome.
type Manual struct{}

// Send leaves the order to a person.
func (Manual) Send(context.Context, Order, ledger.Time) (Answer, error) {
	return Answer{Outcome: Pending}, nil
}

// Ask knows no more than Send did.
func (Manual) Ask(context.Context, Order, ledger.Time) (Answer, error) {
	return Answer{Outcome: Pending}, nil
}
