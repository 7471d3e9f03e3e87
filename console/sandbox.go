package console

import (
	"time"

	"wapas/desk"
	"wapas/ledger"
	"wapas/rail"
	"wapas/trigger"
)

// The sandbox is what a tester does in a test book: its clock, how things are to
// end, what it would have sent, and how to call it.
func sandboxPages() []page {
	return []page{
		{at: "GET /sandbox", right: desk.RightSandbox, test: true, show: showSandbox},
		{at: "GET /sandbox/clock", right: desk.RightSandbox, test: true, show: showClock},
		{at: "POST /sandbox/clock", right: desk.RightSandbox, test: true, show: setClock},
		{at: "POST /sandbox/happen", right: desk.RightSandbox, test: true, show: makeHappen},
		{at: "GET /sandbox/scenarios", right: desk.RightSandbox, test: true, show: showScenarios},
		{at: "POST /sandbox/scenarios", right: desk.RightSandbox, test: true, show: addScenario},
		{at: "POST /sandbox/scenarios/{id}/end", right: desk.RightSandbox, test: true, show: endScenario},
		{at: "GET /sandbox/inbox", right: desk.RightSandbox, test: true, show: showInbox},
		{at: "POST /sandbox/inbox", right: desk.RightSandbox, test: true, show: setOTP},
		{at: "GET /sandbox/connect", right: desk.RightSandbox, test: true, show: showConnect},
		{at: "POST /sandbox/connect", right: desk.RightSettings, test: true, show: showLine},
	}
}

// A sandboxPage is the clock, what waits for it, and what decides how things end.
type sandboxPage struct {
	Clock           desk.ClockFace
	Waits           []duty
	Leaps           []leap
	Units           []option
	Paise           []ending
	Happens, Others []happening
	Default         ledger.Amount
}

// A leap is a way ahead that is often taken.
type leap struct {
	N, Unit, Label string
}

var leaps = []leap{{"1", "m", "1 minute"}, {"1", "h", "1 hour"}, {"1", "d", "1 day"}, {"3", "d", "3 days"}, {"7", "d", "1 week"}, {"30", "d", "30 days"}}

var units = []option{{"s", "seconds"}, {"m", "minutes"}, {"h", "hours"}, {"d", "days"}}

// An ending is how the simulated rail ends what an amount's paise say.
type ending struct {
	Paise, Outcome, Says string
}

// paiseDecide is what the simulated rail makes of an amount, if nobody says
// otherwise.
var paiseDecide = []ending{
	{".13", "refused", "The bank refuses it, and says why."},
	{".17", "pending", "It is pending, and done an hour later."},
	{".19", "unknown", "The bank does not answer although the money moved. It says so when it is asked."},
	{".23", "refused", "The bank refuses it, and a day later says that it went after all."},
	{".29", "unknown", "The bank never answers. A person must end it."},
	{"any other", "done", "It is done: at once to a wallet, after two seconds to a bank."},
}

func showSandbox(q *visit) error {
	face, err := q.desk().Clock(q.Context(), q.book.ID)
	if err != nil {
		return err
	}
	waits, _, err := q.duties(q.now().Add(100*366*24*time.Hour), 8)
	if err != nil {
		return err
	}
	p := sandboxPage{Clock: face, Waits: waits, Leaps: leaps, Units: units, Paise: paiseDecide, Default: trigger.DefaultAmount}
	p.Happens, p.Others = happenings()
	return q.show("sandbox", "Sandbox", p)
}

// A duty is something that waits for a moment of the book's time.
type duty struct {
	What    string
	Subject desk.ID
	At      ledger.Time
}

// dutyWords are the sorts of timers in words.
var dutyWords = map[string]string{
	"rail.send":          "is sent to the bank",
	"rail.ask":           "the bank is asked about it",
	"payment.expire":     "its authorisation lapses",
	"payment.answer":     "the payer's bank is heard",
	"payment.available":  "its money may be spent",
	"transfer.release":   "the hold on it ends",
	"transfer.retry":     "is tried again",
	"credit.expire":      "the store credit ends",
	"settlement.process": "is paid",
	"tat.accrue":         "one more late day is counted",
	"booking.expire":     "its wait for a second person ends",
	"remittance.hold":    "the hold on it ends",
	"message.send":       "is sent",
}

// duties are the first of what waits up to a moment, and whether there is more.
func (q *visit) duties(until ledger.Time, count int) ([]duty, bool, error) {
	timers, err := q.desk().Store.Due(q.Context(), q.book.ID, until, count+1)
	if err != nil {
		return nil, false, err
	}
	more := len(timers) > count
	var all []duty
	for _, t := range timers[:min(len(timers), count)] {
		said, ok := dutyWords[t.What]
		if !ok {
			said = plain(t.What)
		}
		all = append(all, duty{said, t.Subject, t.At})
	}
	return all, more, nil
}

// playWords are the simulated rail's scenarios in words.
var playWords = map[string]string{
	rail.ScenarioDone:         "It is done",
	rail.ScenarioSlow:         "It is done, but not the fast way",
	rail.ScenarioRefused:      "The bank refuses it",
	rail.ScenarioNotActivated: "It is refused: the customer's wallet is not activated",
	rail.ScenarioWindow:       "It is refused: the payment is too old",
	rail.ScenarioPending:      "It is pending, and done an hour later",
	rail.ScenarioHold:         "It is pending until a person ends it",
	rail.ScenarioTimeout:      "The bank does not answer although it is done, and says so when asked",
	rail.ScenarioFault:        "The bank answers with an error although it is done, and says so when asked",
	rail.ScenarioLate:         "The bank refuses it, and a day later it is done after all",
	rail.ScenarioReturned:     "It is done, and comes back a day later",
	rail.ScenarioSilence:      "The bank never answers",
}
