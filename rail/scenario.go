package rail

// A tester says how an order of a test book is to end by naming a scenario.
// The simulated rail plays it; no other rail knows the word.
const (
	ScenarioDone     = "done"     // it goes
	ScenarioSlow     = "slow"     // it goes, but not the fast way
	ScenarioRefused  = "refused"  // it does not go
	ScenarioPending  = "pending"  // it goes after an hour
	ScenarioTimeout  = "timeout"  // no answer although it goes; when asked, the rail says so
	ScenarioLate     = "late"     // refused, and a day later it has gone after all
	ScenarioReturned = "returned" // it goes, and a day later it comes back
	ScenarioSilence  = "silence"  // never an answer
)

// Scenarios lists the names of all scenarios.
var Scenarios = []string{
	ScenarioDone, ScenarioSlow, ScenarioRefused, ScenarioPending,
	ScenarioTimeout, ScenarioLate, ScenarioReturned, ScenarioSilence,
}
