package desk

import (
	"cmp"
	"context"
	"regexp"
	"slices"

	"wapas/ledger"
)

// A Scenario is how a tester wants things of a test book to end: those of one
// sort, by their amount or by a name of theirs. It is played as often as it
// says, or until it is ended.
type Scenario struct {
	ID                 ID            // scn_
	Stands             ID            // "open" until it has ended
	What               string        // one of ScenarioSorts; empty: any
	Amount             ledger.Amount // 0: any
	Ref                string        // the caller's reference or an id of ours; empty: any
	Outcome            string        // a rail.Scenario
	Code, Reason       string        // why it is refused
	After              int64         // seconds until its last word; 0: as the scenario has it
	Times              int64         // how often it is played; 0: until it is ended
	Used               int64         // how often it was
	CreatedAt, EndedAt ledger.Time
}

func (r Scenario) Kind() Kind { return KindScenario }
func (r Scenario) RowID() ID  { return r.ID }
func (r Scenario) Parent() ID { return r.Stands }

const scenariosOpen ID = "open" // those that have not ended are found under this

// ScenarioSorts are the sorts of things that a scenario may be for.
var ScenarioSorts = []string{"refund", "payout", "remittance", "payment", "otp"}

// The rules of scenarios, beside WhyScenario.
const (
	WhyLiveScenario   ledger.Why = "live_scenario"   // WrongState: nothing is played in a live book
	WhyScenarioParts  ledger.Why = "scenario_parts"  // Invalid: a part that no scenario can have
	WhyScenarioExcess ledger.Why = "scenario_excess" // Exceeds: so many stand already
)

// MaxScenarios is how many may stand in a book: each is looked at for each
// order.
const MaxScenarios = 500

// The longest texts of a scenario, in characters.
const (
	MaxScenarioRef    = 256
	MaxScenarioReason = 256
)

// scenarioCode takes the codes of rails, and one-time passwords.
var scenarioCode = regexp.MustCompile(`^[A-Za-z0-9_]{0,40}$`)

// A ScenarioRequest asks for a scenario to be played.
type ScenarioRequest struct {
	What         string        // one of ScenarioSorts; empty: any
	Amount       ledger.Amount // 0: any
	Ref          string        // the caller's reference or an id of ours; empty: any
	Outcome      string        // a rail.Scenario
	Code, Reason string        // why it is refused; for an OTP Code is the password
	After        int64         // seconds of the book's time until its last word; 0: as the scenario has it
	Times        int64         // how often; 0: until it is ended
}

func (q ScenarioRequest) check() error {
	part := func(field, format string, args ...any) error {
		return ledger.Refuse(ledger.Invalid, WhyScenarioParts, format, args...).In(field)
	}
	switch {
	case q.Outcome == "":
		return ledger.Refuse(ledger.Invalid, WhyScenario, "which one?").In("outcome")
	case q.What != "" && !slices.Contains(ScenarioSorts, q.What):
		return part("what", "%s", q.What)
	case q.Amount < 0 || q.Amount > ledger.MaxAmount:
		return part("amount", "%d", q.Amount)
	case len([]rune(q.Ref)) > MaxScenarioRef:
		return part("reference", "it has more than %d characters", MaxScenarioRef)
	case !scenarioCode.MatchString(q.Code):
		return part("code", "a code is up to 40 letters, digits and underscores")
	case len([]rune(q.Reason)) > MaxScenarioReason:
		return part("reason", "it has more than %d characters", MaxScenarioReason)
	case q.After < 0 || q.After > maxWait:
		return part("after", "%d seconds", q.After)
	case q.Times < 0:
		return part("times", "%d", q.Times)
	}
	if err := checkScenario(q.Outcome); err != nil {
		return err.(*ledger.Error).In("outcome")
	}
	return nil
}

// SetScenario says how things of a test book are to end from now on. Of those
// that match, the one with a reference is played before the one with an amount,
// that before one with neither, and among equals the one set last.
//
// It refuses, in this order: Invalid; WrongState for a live book; Exceeds if
// too many stand.
func (d *Desk) SetScenario(ctx context.Context, book BookID, q ScenarioRequest) (Scenario, error) {
	if err := q.check(); err != nil {
		return Scenario{}, err
	}
	var s Scenario
	err := d.change(ctx, book, []Ref{refUnder[Scenario](scenariosOpen)}, func(c *change) error {
		if c.book.Mode != Test {
			return ledger.Refuse(ledger.WrongState, WhyLiveScenario, "a live book's rails answer for themselves")
		}
		open, err := under[Scenario](c, scenariosOpen)
		if err != nil {
			return err
		}
		if len(open) >= MaxScenarios {
			return ledger.Refuse(ledger.Exceeds, WhyScenarioExcess, "%d scenarios stand", len(open))
		}
		s = Scenario{
			ID: c.NewID("scn"), Stands: scenariosOpen, What: q.What, Amount: q.Amount, Ref: q.Ref,
			Outcome: q.Outcome, Code: q.Code, Reason: q.Reason, After: q.After, Times: q.Times, CreatedAt: c.now,
		}
		c.Put(s)
		return nil
	})
	return s, err
}

// Scenarios are those that stand in a book, oldest first.
func (d *Desk) Scenarios(ctx context.Context, book BookID) ([]Scenario, error) {
	return List[Scenario](ctx, d, Query{Book: book, Parent: scenariosOpen, Oldest: true, Count: MaxScenarios})
}

// EndScenario ends a scenario: it is played no more. What it was played for
// goes on as it began. Ending an ended one changes nothing. It refuses NotFound.
func (d *Desk) EndScenario(ctx context.Context, book BookID, id ID) (Scenario, error) {
	var s Scenario
	err := d.change(ctx, book, []Ref{ref[Scenario](id)}, func(c *change) (err error) {
		if s, err = need[Scenario](c, id, ""); err != nil || s.EndedAt != 0 {
			return err
		}
		s.Stands, s.EndedAt = "", c.now
		c.Put(s)
		return nil
	})
	return s, err
}

// play finds the scenario that stands for a thing of a test book, by its amount
// or one of the names it is known by, and counts that it was played.
//
// It is given no hint to read ahead by: what stands is kept between changes, and
// a live book never looks.
func (c *change) play(what string, amount ledger.Amount, names ...string) (Scenario, bool, error) {
	if c.book.Mode != Test {
		return Scenario{}, false, nil
	}
	open, err := under[Scenario](c, scenariosOpen)
	if err != nil {
		return Scenario{}, false, err
	}
	var best Scenario
	for _, s := range open {
		fits := (s.What == "" || s.What == what) && (s.Amount == 0 || s.Amount == amount) && (s.Ref == "" || slices.Contains(names, s.Ref))
		if fits && (best.ID == "" || s.weight() >= best.weight()) { // they come oldest first
			best = s
		}
	}
	if best.ID == "" {
		return best, false, nil
	}
	if best.Used++; best.Used == best.Times {
		best.Stands, best.EndedAt = "", c.now
	}
	c.Put(best)
	return best, true, nil
}

// weight is how much a scenario says about what it is for.
func (r Scenario) weight() int {
	w := cmp.Compare(len(r.Ref), 0)*4 + cmp.Compare(r.Amount, 0)*2
	if r.What != "" {
		w++
	}
	return w
}

// Check is the rule of a scenario row.
func (r Scenario) Check() error {
	ended := r.Stands == ""
	if r.Outcome != "" && r.Amount >= 0 && r.After >= 0 && r.Used >= 0 && (r.Times == 0 || r.Used <= r.Times) && ended == (r.EndedAt != 0) {
		return nil
	}
	return ledger.Refuse(ledger.Internal, ledger.WhyInvariant, "%s plays %q, %d of %d times, and ended at %d", r.ID, r.Outcome, r.Used, r.Times, r.EndedAt)
}
