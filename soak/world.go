package soak

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"time"
)

// A world is one run: the town, the servers, the model, and what was said.
type world struct {
	*town
	seed     uint64
	address  string
	now      time.Time // the clock on the wall
	machines []*machine
	starts   int
	seen     map[string]int64    // wallets' balances, as last compared
	used     map[string][]string // keys, by who used them
	unsent   int                 // orders that never came to the rail
	late     bool                // work broke off: what it was at is tried again in five minutes
	rail     *faultyRail
	hooks    *hooks
	model    *model
	sched    *scheduler
	slog     *slog.Logger

	orders  []*order
	keyed   []*call           // sent under a key
	members map[*member]bool  // whose credit is to be compared
	named   []string          // names of PhonePe refunds
	touched map[*payment]bool // since they were last compared

	log    []string // the transcript
	counts map[string]int
	broken string // the first violation
	step   int
	done   int // steps made
}

// say writes a line of the transcript.
func (w *world) say(format string, args ...any) { w.log = append(w.log, fmt.Sprintf(format, args...)) }

// fail notes a violation; the first counts.
func (w *world) fail(format string, args ...any) {
	if w.broken == "" {
		w.broken = fmt.Sprintf(format, args...)
		w.say("VIOLATION: %s", w.broken)
	}
}

// count counts a kind of thing.
func (w *world) count(what string, n int) { w.counts[what] += n }

// transcript is all that was said.
func (w *world) transcript() string { return strings.Join(w.log, "\n") + "\n" }

// touch notes that a payment may have changed.
func (w *world) touch(p *payment) { w.touched[p] = true }

// known are the payments whose ids somebody heard.
func (w *world) known() (all []*payment) {
	for _, p := range w.model.payments {
		if p.id != "" {
			all = append(all, p)
		}
	}
	return all
}

// open begins a run on a database in which the town stands.
func open(t *town, seed uint64, address string) (*world, error) {
	w := &world{
		town: t, seed: seed, address: address, now: begin, model: newModel(), sched: &scheduler{parked: make(chan *task)},
		slog: slog.New(slog.DiscardHandler), touched: map[*payment]bool{}, used: map[string][]string{}, seen: map[string]int64{}, members: map[*member]bool{}, counts: map[string]int{},
	}
	w.rail = &faultyRail{world: w, orders: map[string]*railOrder{}}
	for _, c := range t.customers {
		w.model.wallets[c] = &wallet{}
	}
	refs := map[string]bool{} // a reference is used once, by whichever agent
	for _, a := range t.agents {
		w.model.agents = append(w.model.agents, &agent{id: a[0], code: a[1], value: agentValue, refs: refs})
	}
	for i := range 3 {
		w.model.members = append(w.model.members, &member{name: fmt.Sprint("shopper-", i)})
	}
	for i := range 2 + int(seed%2) {
		m, err := w.start(i)
		if err != nil {
			return nil, err
		}
		w.machines = append(w.machines, m)
	}
	return w, w.listen()
}

func (w *world) close() {
	for _, m := range w.machines {
		m.store.Close()
	}
}

// play makes the steps of a run with these numbers, until one is violated.
// Each draws what it does from a source of its own, so that leaving one out
// does not change what the others want.
func (w *world) play(ctx context.Context, steps []int) error {
	for _, n := range steps {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		w.step = n
		w.done++
		w.do(rand.New(rand.NewPCG(w.seed, uint64(n))))
		if w.broken != "" {
			return nil
		}
	}
	w.end()
	return nil
}

// do makes one step.
func (w *world) do(r *rand.Rand) {
	switch n := r.IntN(100); {
	case n < 76:
		w.wave(r)
	case n < 86:
		w.elapse(r)
	case n < 91:
		no := r.IntN(len(w.machines))
		w.say("%d restart s%d", w.step, no)
		w.restart(no)
		w.verify()
	case n < 96:
		w.say("%d work", w.step)
		w.work(r, true)
	case n < 98:
		w.guess(r)
	default:
		m := pick(r, w.machines)
		w.say("%d post %v", w.step, m)
		w.post(r, m, true)
	}
	if w.broken == "" {
		w.compare(r)
	}
}
