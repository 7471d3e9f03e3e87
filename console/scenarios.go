package console

import (
	"cmp"
	"maps"
	"slices"

	"wapas/desk"
	"wapas/ledger"
	"wapas/rail"
)

// A scenariosPage is what stands, and the form for another.
type scenariosPage struct {
	Stand  []scenarioLine
	Plays  []option
	Sorts  []option
	Codes  []option
	Units  []option
	Longer bool // the form's second half is in use
}

// A scenarioLine is a scenario in words.
type scenarioLine struct {
	desk.Scenario
	Says string
}

// Left is how often it will be played yet; 0: until it is ended.
func (l scenarioLine) Left() int64 {
	if l.Times == 0 {
		return 0
	}
	return l.Times - l.Used
}

func showScenarios(q *visit) error {
	all, err := q.desk().Scenarios(q.Context(), q.book.ID)
	if err != nil {
		return err
	}
	p := scenariosPage{Units: units, Sorts: []option{{"", "Everything"}}, Codes: []option{{"", "The usual one"}}}
	for _, s := range slices.Backward(all) {
		said := playWords[s.Outcome]
		if s.What == "otp" {
			said = "No OTP is sent"
			if s.Code != "" {
				said = "The OTP is " + s.Code
			}
		}
		p.Stand = append(p.Stand, scenarioLine{s, cmp.Or(said, plain(s.Outcome))})
	}
	for _, name := range rail.Scenarios {
		p.Plays = append(p.Plays, option{name, playWords[name]})
	}
	for _, what := range desk.ScenarioSorts {
		p.Sorts = append(p.Sorts, option{what, map[string]string{
			"refund": "Refunds", "payout": "Payouts", "remittance": "Remittances", "payment": "Payments", "otp": "OTPs",
		}[what]})
	}
	for _, code := range slices.Sorted(maps.Keys(rail.Words)) {
		p.Codes = append(p.Codes, option{code, rail.Words[code]})
	}
	for _, name := range []string{"code", "otp", "n", "times"} {
		p.Longer = p.Longer || q.value(name) != ""
	}
	return q.show("scenarios", "Scenarios", p)
}

func addScenario(q *visit) error {
	ask := desk.ScenarioRequest{What: q.value("what"), Ref: q.value("reference"), Outcome: q.value("outcome"), Code: q.value("code"), Times: q.number("times", 0)}
	var err error
	if q.value("amount") != "" {
		ask.Amount, err = q.amount("amount")
	}
	if ask.What == "otp" {
		ask.Code = q.value("otp")
	}
	if n := q.value("n"); err == nil && n != "" {
		each := map[string]int64{"s": 1, "m": 60, "h": 3600, "d": 86400}[q.value("unit")]
		ask.After = q.number("n", -1) * each
		if each == 0 || ask.After < 1 || ask.After/each != q.number("n", 0) {
			err = ledger.Refuse(ledger.Invalid, desk.WhyScenarioParts, "write a whole number").In("n")
		}
	}
	if err == nil && q.value("times") != "" && ask.Times < 1 {
		err = ledger.Refuse(ledger.Invalid, desk.WhyScenarioParts, "write a whole number, or nothing").In("times")
	}
	if err == nil {
		var before bool
		if before, err = q.desk().Claim(q.Context(), q.book.ID, q.once(ask)); before {
			return q.done("/sandbox/scenarios", "That one stands already.")
		}
	}
	if err == nil {
		_, err = q.desk().SetScenario(q.Context(), q.book.ID, ask)
	}
	if err != nil {
		if q.refused(err) {
			return showScenarios(q)
		}
		return err
	}
	return q.done("/sandbox/scenarios", "From now on it is played.")
}

func endScenario(q *visit) error {
	if _, err := q.desk().EndScenario(q.Context(), q.book.ID, q.id("id")); err != nil {
		return err
	}
	return q.done("/sandbox/scenarios", "It is played no more.")
}
