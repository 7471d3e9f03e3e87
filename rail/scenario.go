package rail

// A tester says how an order of a test book is to end by naming a scenario.
// The simulated rail plays it; no other rail knows the word.
const (
	ScenarioDone         = "done"          // it goes
	ScenarioSlow         = "slow"          // it goes, but not the fast way
	ScenarioRefused      = "refused"       // it does not go
	ScenarioNotActivated = "not_activated" // it does not go: the customer's wallet is not activated
	ScenarioWindow       = "window"        // it does not go: it is too late for a refund
	ScenarioPending      = "pending"       // it goes after an hour
	ScenarioHold         = "hold"          // pending, and on hold, until a person ends it
	ScenarioTimeout      = "timeout"       // no answer although it goes; when asked, the rail says so
	ScenarioFault        = "fault"         // an error although it goes; when asked, the rail says so
	ScenarioLate         = "late"          // refused, and a day later it has gone after all
	ScenarioReturned     = "returned"      // it goes, and a day later it comes back
	ScenarioSilence      = "silence"       // never an answer
)

// Scenarios lists the names of all scenarios.
var Scenarios = []string{
	ScenarioDone, ScenarioSlow, ScenarioRefused, ScenarioNotActivated, ScenarioWindow, ScenarioPending, ScenarioHold,
	ScenarioTimeout, ScenarioFault, ScenarioLate, ScenarioReturned, ScenarioSilence,
}
