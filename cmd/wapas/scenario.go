package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	api "wapas/client"
	"wapas/desk"
	"wapas/ledger"
	"wapas/rail"
)

func (p *program) scenario() *cobra.Command {
	c := &cobra.Command{
		Use:   "scenario",
		Short: "Say how things of a test book are to end: refused, late, never",
		Long: `A test book's rail is simulated, and ends things as you say: those of a sort, of an
amount, or with a reference, once or for ever. A scenario with a reference goes
before one with an amount, and the last one set before the one set earlier; a
request that names its own goes before them all. Without any, the paise of the
amount decide.`,
		Example: `  wapas scenario set refused --what refund --amount 499 --code account_closed
  wapas scenario set timeout --reference order-17 --times 1
  wapas scenario list`,
	}
	return group(c, p.scenarioSet(), p.scenarioList(), p.scenarioEnd())
}

// A played is a scenario as it is shown. Its amount is paise.
type played struct {
	ID        string        `json:"id"`
	What      string        `json:"what,omitempty"`
	Amount    ledger.Amount `json:"amount,omitempty"`
	Ref       string        `json:"reference,omitempty"`
	Outcome   string        `json:"outcome"`
	Code      string        `json:"code,omitempty"`
	Reason    string        `json:"reason,omitempty"`
	After     int64         `json:"after_seconds,omitempty"`
	Times     int64         `json:"times"`
	Used      int64         `json:"used"`
	CreatedAt string        `json:"created_at"`
	EndedAt   string        `json:"ended_at,omitempty"`
}

func showPlayed(s api.Scenario) played {
	return played{s.ID, s.What, ledger.Amount(s.Amount), s.Reference, s.Outcome, s.Code, s.Reason, s.After, s.Times, s.Used, second(s.CreatedAt), second(s.EndedAt)}
}

// second is a moment for a terminal, in UTC; empty if there is none.
func second(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// fits is what a scenario is for, in words.
func (s played) fits() string {
	say := "everything"
	if s.What != "" {
		say = "every " + s.What
	}
	if s.Amount != 0 {
		say += " of " + s.Amount.String() + " rupees"
	}
	if s.Ref != "" {
		say += " known as " + s.Ref
	}
	return say
}

// plays is how it ends them, in words.
func (s played) plays() string {
	say := s.Outcome
	if s.Code != "" {
		say += " (" + s.Code + ")"
	}
	if s.After != 0 {
		say += " after " + howLong(s.After)
	}
	return say
}

func (s played) times() string {
	if s.Times == 0 {
		return fmt.Sprintf("%d, for ever", s.Used)
	}
	return fmt.Sprintf("%d of %d", s.Used, s.Times)
}

// A player is what verbs have in common that are for test books only.
type player struct{ settler }

func (s *player) flags(c *cobra.Command) {
	c.Flags().StringVar(&s.merchant, "merchant", "", "whose test book (may be left out if there is one merchant)")
	c.Flags().BoolVar(&s.asJSON, "json", false, "print JSON")
}

func (p *program) scenarioSet() *cobra.Command {
	var s player
	var q api.Scenario
	var amount string
	var after time.Duration
	c := &cobra.Command{
		Use:   "set OUTCOME",
		Short: "Say how things that match are to end from now on",
		Long: `Say how things that match are to end from now on. The outcomes:

  done           it goes
  slow           it goes, but not the fast way
  refused        it does not go; --code and --reason say why
  not_activated  it does not go: the customer's wallet is not activated
  window         it does not go: it is too late for a refund
  pending        it goes after an hour, or --after
  hold           it is on hold until a person ends it, or --after
  timeout        no answer although it goes; the rail says so when it is asked
  fault          an error although it goes; the rail says so when it is asked
  late           refused, and a day later, or --after, it has gone after all
  returned       it goes, and a day later, or --after, it comes back
  silence        never an answer`,
		Example: `  wapas scenario set refused --what refund --amount 499 --code account_closed
  wapas scenario set pending --reference order-17 --after 10m --times 1`,
		ValidArgs: rail.Scenarios,
		Args:      args("OUTCOME"),
		RunE: p.visiting(&s.settler, false, func(ctx context.Context, v *visitor, got []string) error {
			q.Outcome = got[0]
			paise, err := rupees("--amount", amount)
			if err != nil {
				return err
			}
			q.Amount = int64(paise)
			if after != after.Truncate(time.Second) {
				return usagef("--after is whole seconds, as 90s or 2h: %s is not", after)
			}
			q.After = int64(after / time.Second)
			if err := checkScenario(q); err != nil {
				return err
			}
			made, err := v.SetScenario(ctx, q)
			if err != nil {
				return scenarioWords(err, q)
			}
			show := showPlayed(made)
			if s.asJSON {
				return p.json(show)
			}
			_, err = fmt.Fprintf(p.out, "%s: %s ends as %s\n", show.ID, show.fits(), show.plays())
			return err
		}),
	}
	s.flags(c)
	c.Flags().StringVar(&q.What, "what", "", "only "+strings.Join(desk.ScenarioSorts, ", "))
	c.Flags().StringVar(&amount, "amount", "", "only what is of so many rupees, as 499 or 499.50")
	c.Flags().StringVar(&q.Reference, "reference", "", "only what your program calls so, or an id")
	c.Flags().StringVar(&q.Code, "code", "", "why it is refused, in one word of a machine")
	c.Flags().StringVar(&q.Reason, "reason", "", "why it is refused, in words for the customer")
	c.Flags().DurationVar(&after, "after", 0, "how long it takes until its last word, by the book's clock")
	c.Flags().Int64Var(&q.Times, "times", 0, "how often it is played (default: for ever)")
	c.RegisterFlagCompletionFunc("what", cobra.FixedCompletions(desk.ScenarioSorts, cobra.ShellCompDirectiveNoFileComp))
	return p.atServer(c)
}

// checkScenario says what is wrong with the flags of a scenario that the API
// would take for nothing said.
func checkScenario(q api.Scenario) error {
	for name, n := range map[string]int64{"after": q.After, "times": q.Times} {
		if n < 0 {
			return usagef("--%s cannot be that: it is below zero", name)
		}
	}
	if q.What != "" && !slices.Contains(desk.ScenarioSorts, q.What) {
		return usagef("--what cannot be that: %s; it is one of %s", q.What, strings.Join(desk.ScenarioSorts, ", "))
	}
	return nil
}

// scenarioWords says what is wrong with a scenario that was asked for.
func scenarioWords(err error, q api.Scenario) error {
	detail, field := detailOf(err)
	switch ruleOf(err) {
	case desk.WhyScenario:
		return usagef("there is no outcome %q%s; there are %s", q.Outcome, meant(q.Outcome, rail.Scenarios, ""), strings.Join(rail.Scenarios, ", "))
	case desk.WhyScenarioParts, "request":
		return usagef("--%s cannot be that: %s", field, detail)
	case desk.WhyScenarioExcess:
		return fmt.Errorf("%s already, which is as many as may; end some with \"wapas scenario end\"", detail)
	}
	return err
}

func (p *program) scenarioList() *cobra.Command {
	var s player
	c := &cobra.Command{
		Use:     "list",
		Short:   "List the scenarios that stand, and how often each was played",
		Example: "  wapas scenario list --json",
		Args:    args(),
		RunE: p.visiting(&s.settler, false, func(ctx context.Context, v *visitor, _ []string) error {
			show := []played{}
			for one, err := range v.Scenarios(ctx) {
				if err != nil {
					return err
				}
				show = append(show, showPlayed(one))
			}
			if s.asJSON {
				return p.json(show)
			}
			if len(show) == 0 {
				_, err := fmt.Fprintln(p.out, "No scenario stands: the paise of the amount decide.")
				return err
			}
			t := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(t, "SCENARIO\tFOR\tENDS AS\tPLAYED")
			for _, one := range show {
				fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", one.ID, one.fits(), one.plays(), one.times())
			}
			return t.Flush()
		}),
	}
	s.flags(c)
	return p.atServer(c)
}

func (p *program) scenarioEnd() *cobra.Command {
	var s player
	c := &cobra.Command{
		Use:     "end SCENARIO",
		Short:   "End a scenario: it is played no more",
		Example: "  wapas scenario end scn_Qm1aB2cD3eF4gH",
		Args:    args("SCENARIO"),
		RunE: p.visiting(&s.settler, false, func(ctx context.Context, v *visitor, got []string) error {
			one, err := v.EndScenario(ctx, got[0])
			if notThere(err) {
				return fmt.Errorf("no scenario %s is in the test book of %s; \"wapas scenario list\" shows those that stand", got[0], v.me.Merchant.ID)
			}
			if err != nil {
				return err
			}
			if s.asJSON {
				return p.json(showPlayed(one))
			}
			_, err = fmt.Fprintf(p.out, "%s has ended\n", one.ID)
			return err
		}),
	}
	s.flags(c)
	return p.atServer(c)
}
