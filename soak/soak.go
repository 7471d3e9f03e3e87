// Package soak is a simulation: clients of every room, several servers on one
// database, a rail that cannot be relied on, broken connections, restarts and
// clocks that jump, all decided by one seed, so that the same seed is the same
// run to the letter. A model of what the books must be (model.go) says what
// every answer has to be. The first answer, balance or state that differs ends
// it, with the shortest run that still shows it.
package soak

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"time"
)

// A Config says what to run. The zero Config is one run of seed zero.
type Config struct {
	Seed  uint64        // of the first run; each further one has the next
	Seeds int           // how many runs; 1 if zero and For is zero
	For   time.Duration // or until so much time has passed
	Steps int           // of one run; 150 if zero
	Only  []int         // the steps that are made of it; all if nil
	// Scratch makes an empty PostgreSQL database for one run; nil for SQLite
	// files, in memory where the system has that.
	Scratch func(ctx context.Context) (address string, drop func() error, err error)
	// Progress, if it is not nil, hears of every run that has ended.
	Progress func(Result)
}

// A Result is what came of some runs.
type Result struct {
	Runs       int            `json:"runs"`
	Steps      int            `json:"steps"`
	Counts     map[string]int `json:"counts"`     // how often each kind of thing happened
	Transcript string         `json:"transcript"` // of the last run
	Violation  *Violation     `json:"violation"`  // nil if there was none
}

// A Violation is the first thing that was not as the model says.
type Violation struct {
	Seed       uint64 `json:"seed"`
	What       string `json:"what"`       // what was predicted, and what came
	Steps      []int  `json:"steps"`      // of the shortest run found that shows it
	Of         int    `json:"of"`         // steps of the run in which it was found
	Transcript string `json:"transcript"` // of the shortest run
}

// Tail is the last lines of the shortest run.
func (v *Violation) Tail(n int) string {
	lines := strings.Split(strings.TrimSpace(v.Transcript), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// steps is how long a run is if nobody says.
const steps = 150

// Run plays seeds, as many at a time as there are processors, until all are
// played, the time is over, or one is violated. The error is of what stopped the
// runs themselves, never a violation.
func Run(ctx context.Context, c Config) (Result, error) {
	if c.Steps == 0 {
		c.Steps = steps
	}
	if c.Seeds == 0 && c.For == 0 {
		c.Seeds = 1
	}
	g, err := newGround(c)
	if err != nil {
		return Result{}, err
	}
	defer g.close()
	order := c.Only
	if order == nil {
		order = upTo(c.Steps)
	}
	var mu sync.Mutex
	all := Result{Counts: map[string]int{}}
	var failed error
	next, began := c.Seed, time.Now()
	take := func() (uint64, bool) {
		mu.Lock()
		defer mu.Unlock()
		over := c.Seeds > 0 && next-c.Seed >= uint64(c.Seeds) || c.For > 0 && time.Since(began) >= c.For
		if over || failed != nil || all.Violation != nil || ctx.Err() != nil {
			return 0, false
		}
		next++
		return next - 1, true
	}
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for seed, more := take(); more; seed, more = take() {
				one, err := g.play(ctx, seed, order)
				mu.Lock()
				failed = errors.Join(failed, err)
				if err == nil {
					all.add(one, seed, order)
					if c.Progress != nil {
						c.Progress(all)
					}
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if failed == nil {
		failed = ctx.Err()
	}
	if v := all.Violation; v != nil && failed == nil && c.Only == nil { // what was picked by hand stays
		failed = g.shrink(ctx, v)
	}
	return all, failed
}

// add counts a run. Of two violations the one of the lower seed is kept.
func (r *Result) add(w *world, seed uint64, order []int) {
	r.Runs++
	r.Steps += w.done
	for what, n := range w.counts {
		r.Counts[what] += n
	}
	r.Transcript = w.transcript()
	if w.broken != "" && (r.Violation == nil || seed < r.Violation.Seed) {
		r.Violation = &Violation{Seed: seed, What: w.broken, Steps: order[:w.done], Of: w.done, Transcript: r.Transcript}
	}
}

// Table is the counts in their order, one a line.
func (r Result) Table() string {
	var b strings.Builder
	for _, what := range sortedKeys(r.Counts) {
		fmt.Fprintf(&b, "%9d  %s\n", r.Counts[what], what)
	}
	for _, what := range r.Never() {
		fmt.Fprintf(&b, "    NEVER  %s\n", what)
	}
	return b.String()
}

// Never are the kinds of things that did not happen: a run proves nothing of
// them.
func (r Result) Never() (all []string) {
	for _, what := range kinds() {
		if r.Counts[what] == 0 {
			all = append(all, what)
		}
	}
	return all
}

func upTo(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}
