package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"wapas/bench"
	"wapas/soak"
)

func (p *program) soak() *cobra.Command {
	var c soak.Config
	var only string
	var transcript, all, asJSON bool
	verb := &cobra.Command{
		Use:    "soak",
		Hidden: true,
		Short:  "Simulate clients, servers and faults, and hold every answer against a model",
		Long: `Play simulated runs, each decided by its seed: clients of every room, several
servers on one database, a rail that loses and contradicts, broken connections,
restarts, clocks that jump. A small model says what every answer, balance and
state must be, and the books are verified at every restart. The same seed is the
same run, to the letter.

At the first thing that is not as the model says it stops with exit code 1, and
prints the seed, the shortest run it could find that shows it, the last twenty
lines of that, what was predicted and what came, and how to see it again.`,
		Example: `  wapas soak --seeds 100
  wapas soak --for 10m
  wapas soak --seed 42 --transcript
  wapas soak --seeds 5 --db postgres://postgres@localhost/postgres`,
		Args: args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if c.Steps < 0 || c.Seeds < 0 || c.For < 0 {
				return usagef("soak cannot play fewer than none")
			}
			var err error
			if c.Only, err = numbers(only); err != nil {
				return usagef("--only takes the numbers of steps, with commas between: %v", err)
			}
			cfg, err := p.load()
			if err != nil {
				return err
			}
			if _, given := p.flags["db"]; given && cfg.sqlite() == "" {
				server := cfg.address()
				c.Scratch = func(ctx context.Context) (string, func() error, error) { return bench.Scratch(ctx, server, "soak") }
			}
			said := time.Now()
			c.Progress = func(r soak.Result) {
				if time.Since(said) >= 10*time.Second {
					said = time.Now()
					fmt.Fprintf(p.err, "  %d runs, %d steps\n", r.Runs, r.Steps)
				}
			}
			began := time.Now()
			r, err := soak.Run(cmd.Context(), c)
			if err != nil {
				return err
			}
			switch {
			case asJSON:
				err = p.json(r)
			case r.Violation != nil:
				p.violated(r.Violation, c, transcript)
			default:
				if transcript {
					fmt.Fprint(p.out, r.Transcript)
				}
				fmt.Fprintf(p.out, "%s%d runs of %d steps in %v: all as the model says\n", r.Table(), r.Runs, r.Steps, time.Since(began).Round(time.Second/10))
			}
			if err == nil && r.Violation != nil {
				err = errSaid
			}
			if never := r.Never(); err == nil && all && len(never) > 0 {
				err = fmt.Errorf("in %d runs it never happened: %s", r.Runs, strings.Join(never, ", "))
			}
			return err
		},
	}
	f := verb.Flags()
	f.Uint64Var(&c.Seed, "seed", 0, "of the first run; each further one has the next")
	f.IntVar(&c.Seeds, "seeds", 0, "how many runs (default 1, or as many as --for allows)")
	f.DurationVar(&c.For, "for", 0, "play runs until so much time has passed")
	f.IntVar(&c.Steps, "steps", 0, "steps of one run (default 150)")
	f.StringVar(&only, "only", "", "only these steps of it, by their numbers")
	f.BoolVar(&all, "all", false, "fail if some kind of thing never happened")
	f.BoolVar(&transcript, "transcript", false, "print all that was said in the last run")
	f.BoolVar(&asJSON, "json", false, "print JSON")
	return p.with(verb, "db")
}

// violated prints what was found, and how to see it again.
func (p *program) violated(v *soak.Violation, c soak.Config, transcript bool) {
	if transcript {
		fmt.Fprint(p.out, v.Transcript)
	}
	var only []string
	for _, n := range v.Steps {
		only = append(only, strconv.Itoa(n))
	}
	again := fmt.Sprintf("wapas soak --seed %d --only %s", v.Seed, strings.Join(only, ","))
	if c.Scratch != nil {
		again += " --db postgres://…"
	}
	fmt.Fprintf(p.out, "%s\n\nseed %d: found in step %d; the shortest run that shows it has %d steps\n%s\n\nsee it again:\n  %s\n",
		v.Tail(20), v.Seed, v.Of, len(v.Steps), v.What, again)
}

// numbers reads whole numbers with commas between; none of nothing.
func numbers(text string) (all []int, err error) {
	if text == "" {
		return nil, nil
	}
	for part := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	return all, nil
}
