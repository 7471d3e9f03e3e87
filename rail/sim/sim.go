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
// Anything else goes: at once to a wallet and as a remittance by IMPS, after two
// seconds to a bank. A tester who names a scenario may also say how long it takes
// until its last word, and why it is refused.
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

// errFault is what a rail that breaks looks like.
var errFault = errors.New("simulated rail: internal error")

// Rail is the simulated rail. Its zero value is ready.
type Rail struct{}

// Send takes an order.
func (Rail) Send(_ context.Context, o rail.Order, now ledger.Time) (rail.Answer, error) {
	switch scenario(o) {
	case rail.ScenarioTimeout, rail.ScenarioSilence:
		return rail.Answer{Outcome: rail.Unknown}, rail.ErrTimeout
	case rail.ScenarioFault:
		return rail.Answer{Outcome: rail.Unknown}, errFault
	}
	return answer(o, now), nil
}

// Ask says what became of an order.
func (Rail) Ask(_ context.Context, o rail.Order, now ledger.Time) (rail.Answer, error) {
	name := scenario(o)
	early := o.After > 0 && now < o.SentAt.Add(o.After)
	switch {
	case name == rail.ScenarioSilence, name == rail.ScenarioTimeout && early:
		return rail.Answer{Outcome: rail.Unknown}, rail.ErrTimeout
	case name == rail.ScenarioFault && early:
		return rail.Answer{Outcome: rail.Unknown}, errFault
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
	name := scenario(o)
	done := rail.Answer{
		Outcome:   rail.Done,
		Instant:   o.Speed == "optimum" && name != rail.ScenarioSlow,
		Reference: Reference(o, sent),
	}
	at := sent.Add(takes(name, o))
	switch {
	case name == rail.ScenarioHold && o.After == 0:
		return rail.Answer{Outcome: rail.Pending, Instant: done.Instant, Code: rail.CodeHold}
	case name == rail.ScenarioLate && now < at:
		no := refusal(name, o)
		no.AskAt = at
		return no
	case name == rail.ScenarioReturned && now < at:
		if went := sent.Add(usual(o)); now < went && went < at {
			return rail.Answer{Outcome: rail.Pending, Instant: done.Instant, AskAt: went}
		}
		done.AskAt = at
		return done
	case now < at:
		wait := rail.Answer{Outcome: rail.Pending, Instant: done.Instant, AskAt: at}
		if name == rail.ScenarioHold {
			wait.Code = rail.CodeHold
		}
		return wait
	}
	switch name {
	case rail.ScenarioRefused, rail.ScenarioNotActivated, rail.ScenarioWindow, rail.ScenarioReturned:
		return refusal(name, o)
	}
	return done
}

// usual is how long it takes if nothing is the matter. A remittance by IMPS is
// there while the agent waits.
func usual(o rail.Order) time.Duration {
	if o.Method == "wallet" || o.What == "remittance" && o.Method == "IMPS" {
		return 0
	}
	return BankTakes
}

// takes is how long it takes until the last word on an order, which is what a
// tester may set.
func takes(name string, o rail.Order) time.Duration {
	if o.After > 0 {
		return o.After
	}
	switch name {
	case rail.ScenarioRefused, rail.ScenarioNotActivated, rail.ScenarioWindow:
		return 0
	case rail.ScenarioPending:
		return PendingTakes
	case rail.ScenarioLate, rail.ScenarioReturned:
		return LateTakes
	}
	return usual(o)
}

// refusal is why an order does not go: what the tester says, or else what the
// scenario and the way it goes suggest.
func refusal(name string, o rail.Order) rail.Answer {
	a := rail.Answer{Outcome: rail.Refused, Code: o.Code, Reason: o.Reason}
	switch {
	case a.Code != "":
	case name == rail.ScenarioNotActivated:
		a.Code = rail.CodeNotActivated
	case name == rail.ScenarioWindow:
		a.Code = rail.CodeWindow
	case name == rail.ScenarioReturned:
		a.Code = rail.CodeReturned
	case o.What != "refund":
		a.Code = rail.CodeNotFound
	case o.Method == "upi":
		a.Code = rail.CodeInvalidVPA
	case o.Method == "wallet":
		a.Code = rail.CodeLimit
	default:
		a.Code = rail.CodeCreditFailed
	}
	if a.Reason == "" {
		a.Reason = rail.Words[a.Code]
	}
	if a.Reason == "" { // a code of the tester's own
		a.Reason = a.Code
	}
	return a
}
