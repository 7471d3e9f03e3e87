// Package sim is the simulated rail of test books. It keeps nothing: what it
// says of an order is a function of the order and of the book's time, so that
// it says the same after a restart, on every server, and in every run of a
// test.
//
// How an order ends is decided, in this order, by the scenario that a tester
// named, by the vendors' own test amounts, and by the paise of the amount:
//
//	.13  refused, with a reason
//	.17  pending, and done after an hour
//	.19  no answer, although the money moved; done when asked
//	.23  refused, and done a day later
//	.29  never an answer
//
// Anything else goes: at once to a wallet, after two seconds to a bank.
package sim

import (
	"context"
	"errors"
	"time"

	"wapas/ledger"
	"wapas/rail"
)

// How long things take, in the book's time, from when the order was sent.
const (
	BankTakes    = 2 * time.Second
	PendingTakes = time.Hour
	LateTakes    = 24 * time.Hour
)

// FallbackAmount is the vendor's test amount (24.68 rupees) for a refund that
// was to be instant and goes at normal speed.
const FallbackAmount ledger.Amount = 2468

// ErrTimeout is what a rail that does not answer in time looks like.
var ErrTimeout = errors.New("simulated rail: no answer in time")

// Rail is the simulated rail. Its zero value is ready.
type Rail struct{}

// Send takes an order.
func (Rail) Send(_ context.Context, o rail.Order, now ledger.Time) (rail.Answer, error) {
	switch scenario(o) {
	case rail.ScenarioTimeout, rail.ScenarioSilence:
		return rail.Answer{Outcome: rail.Unknown}, ErrTimeout
	}
	return answer(o, now), nil
}

// Ask says what became of an order.
func (Rail) Ask(_ context.Context, o rail.Order, now ledger.Time) (rail.Answer, error) {
	if scenario(o) == rail.ScenarioSilence {
		return rail.Answer{Outcome: rail.Unknown}, ErrTimeout
	}
	return answer(o, now), nil
}

// scenario is how an order ends.
func scenario(o rail.Order) string {
	switch {
	case o.Scenario != "":
		return o.Scenario
	case o.Amount == FallbackAmount && o.Speed == "optimum":
		return rail.ScenarioSlow
	}
	switch o.Amount % 100 {
	case 13:
		return rail.ScenarioRefused
	case 17:
		return rail.ScenarioPending
	case 19:
		return rail.ScenarioTimeout
	case 23:
		return rail.ScenarioLate
	case 29:
		return rail.ScenarioSilence
	}
	return rail.ScenarioDone
}

// answer is what the rail says of an order at a moment.
func answer(o rail.Order, now ledger.Time) rail.Answer {
	sent := o.SentAt
	if sent == 0 {
		sent = now
	}
	done := rail.Answer{
		Outcome:   rail.Done,
		Instant:   o.Speed == "optimum" && scenario(o) != rail.ScenarioSlow,
		Reference: Reference(o, sent),
	}
	takes := BankTakes
	if o.Method == "wallet" {
		takes = 0
	}
	switch scenario(o) {
	case rail.ScenarioRefused:
		return rail.Answer{Outcome: rail.Refused, Reason: reason(o)}
	case rail.ScenarioPending:
		takes = PendingTakes
	case rail.ScenarioLate:
		if at := sent.Add(LateTakes); now < at {
			return rail.Answer{Outcome: rail.Refused, Reason: reason(o), AskAt: at}
		}
		return done
	case rail.ScenarioReturned:
		if at := sent.Add(LateTakes); now < at {
			done.AskAt = at
			break
		}
		return rail.Answer{Outcome: rail.Refused, Reason: "Returned by the beneficiary bank"}
	}
	if at := sent.Add(takes); now < at {
		return rail.Answer{Outcome: rail.Pending, Instant: done.Instant, AskAt: at}
	}
	return done
}

// reason is why an order is refused, in words for the customer.
func reason(o rail.Order) string {
	switch {
	case o.What == "payout":
		return "Beneficiary account is blocked or does not exist"
	case o.Method == "upi":
		return "The VPA is invalid or no longer active"
	case o.Method == "wallet":
		return "The wallet has reached its balance limit"
	}
	return "The customer's bank could not credit the account"
}
