package soak

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// wave lets some clients and servers do things at the same time.
func (w *world) wave(r *rand.Rand) {
	w.sched.tasks = nil
	n := 1 + r.IntN(5)
	for i := range n {
		c := w.choose(r, fmt.Sprintf("%d-%d", w.step, i))
		if c == nil {
			continue
		}
		m := pick(r, w.machines)
		if c.right != nil && c.right() {
			m = w.machines[0]
		}
		t := &task{at: m, name: fmt.Sprintf("%d.%d %v %s", w.step, i, m, c.act), call: c, fault: drawFault(r)}
		t.run = w.ask
		w.sched.add(t)
		if c.key != "" {
			w.keyed = append(w.keyed, c)
		}
		w.say("%s: %s %s %s %s", t.name, c.method, c.path, c.body, t.fault)
		if t.fault == gone {
			t.cancel()
		}
		w.count("call: "+c.act, 1)
	}
	if r.IntN(3) == 0 {
		w.addWorker(r, pick(r, w.machines), true)
	}
	kill, after := -1, 0
	if r.IntN(12) == 0 {
		kill, after = r.IntN(len(w.machines)), 1+r.IntN(3*n)
	}
	w.race(r, func(steps int) {
		if kill >= 0 && steps == after {
			w.say("  s%d dies", kill)
			w.restart(kill)
			w.count("restart with calls under way", 1)
		}
	})
	w.sched.tasks = nil
}

// guess has somebody try codes, one after the other and one too many, and then
// show the right one.
func (w *world) guess(r *rand.Rand) {
	x := w.someRemittance(r)
	if x == nil || x.state != "owed" {
		w.say("%d nothing to guess", w.step)
		return
	}
	wrong := pick(r, []int{2, maxTries, maxTries})
	shown := []*call{w.resend(x)}
	for range wrong {
		shown = append(shown, w.giveBack(x, x.by, "654321"))
	}
	shown = append(shown, w.giveBack(x, x.by, rightCode))
	for i, c := range shown {
		w.sched.tasks = nil
		m := pick(r, w.machines)
		c.act = "guess"
		t := &task{at: m, name: fmt.Sprintf("%d-%d %v %s", w.step, i, m, c.act), call: c, run: w.ask}
		w.sched.add(t)
		w.say("%s: %s %s", t.name, c.path, c.body)
		w.race(r, func(int) {})
	}
	w.sched.tasks = nil
	w.count("codes guessed", 1)
}

func drawFault(r *rand.Rand) fault {
	switch r.IntN(20) {
	case 0, 1:
		return cutBefore
	case 2, 3:
		return cutAfter
	case 4:
		return gone
	case 5:
		return leftQueue
	case 6:
		return lostAnswer
	case 7:
		return unsent
	case 8:
		return unheard
	}
	return none
}

func (w *world) choose(r *rand.Rand, name string) *call {
	total := 0
	for _, a := range acts {
		total += a.often
	}
	for range 5 {
		n := r.IntN(total)
		for _, a := range acts {
			if n -= a.often; n < 0 {
				if c := a.make(w, r, name); c != nil {
					c.act = a.name
					return c
				}
				break
			}
		}
	}
	return nil
}

// race runs the tasks to their ends, in an order that the seed picks; between
// counts the steps.
func (w *world) race(r *rand.Rand, between func(steps int)) {
	for steps := 0; ; steps++ {
		between(steps)
		live := w.sched.live()
		if len(live) == 0 {
			return
		}
		t := pick(r, quick(live))
		if t.gate == "change" {
			if together := w.together(r, live, t); len(together) > 1 {
				w.say("  batch %s", names(together))
				w.count("changes that shared a batch", len(together)-1)
				w.sched.batch(together)
				continue
			}
			if t.fault == leftQueue {
				t.cancel()
			}
		}
		w.sched.step(t)
	}
}

// quick are the tasks that nothing holds up, or all if something does all.
func quick(live []*task) []*task {
	var some []*task
	for _, t := range live {
		if !t.slow {
			some = append(some, t)
		}
	}
	if some == nil {
		return live
	}
	return some
}

func names(ts []*task) string {
	var all []string
	for _, t := range ts {
		all = append(all, fmt.Sprint(t.no))
	}
	return strings.Join(all, " ")
}

// together are those that wait at the same server and may share a batch.
func (w *world) together(r *rand.Rand, live []*task, first *task) []*task {
	fit := func(t *task) bool {
		return t.at == first.at && t.gate == "change" && t.fault != cutBefore && t.fault != gone
	}
	if !fit(first) || first.fault == leftQueue {
		return nil
	}
	ts := []*task{first}
	for _, i := range r.Perm(len(live)) {
		if t := live[i]; t != first && fit(t) && r.IntN(4) > 0 {
			ts = append(ts, t)
		}
	}
	return ts
}

// ask is a client's task.
func (w *world) ask(t *task) {
	c := t.call
	for _, o := range w.sched.tasks {
		c.busy = c.busy || c.key != "" && o != t && o.call != nil && o.call.key == c.key && o.at == t.at && o.gate != "" && o.gate != "end"
	}
	status, said, raw := t.at.send(t.ctx, c)
	switch {
	case t.broke:
		w.say("  %d %s: broken off", t.no, c.act)
		if !t.at.dead && status < 400 {
			w.fail("%s %s %s was cut off and acknowledged: %d %s", c.method, c.path, c.body, status, raw)
		}
		return
	case t.ctx.Err() != nil && t.fault != lostAnswer:
		w.say("  %d %s: nobody there", t.no, c.act)
		w.count("call cancelled: "+string(t.fault), 1)
		return
	case t.fault == lostAnswer:
		w.say("  %d %s: answer lost", t.no, c.act)
		w.count("answer lost", 1)
		return
	}
	heard := c.read(status, said)
	w.say("  %d %s: %s", t.no, c.act, heard)
	if c.busy && heard == "busy" {
		w.count("busy", 1)
		return
	}
	if !c.planned { // it changed nothing, so it goes by how things stand now
		w.plan(t)
	}
	if c.late != nil {
		c.want = c.late()
	}
	if heard != c.want {
		w.fail("%s %s %s\n  was answered %q, want %q\n  %d %s", c.method, c.path, c.body, heard, c.want, status, raw)
		return
	}
	if strings.HasPrefix(heard, "ok") {
		w.count("done: "+c.act, 1)
		if c.bind != nil {
			c.bind(said)
		}
	} else {
		w.count("refused: "+heard, 1)
	}
}

func (w *world) plan(t *task) {
	w.model.now = t.at.now()
	t.call.planned = true
	t.call.want = t.call.plan()
}

// kept is told of every change that has been made, in their order.
func (w *world) kept(t *task) {
	if t.word != nil {
		word := t.word
		t.word = nil
		w.bindAll()
		w.model.now = t.at.now()
		switch {
		case strings.HasPrefix(word.ref, "rmt_"):
			w.remitWord(word)
			return
		case strings.HasPrefix(word.ref, "pout_"):
			w.payoutWord(word)
			return
		}
		x := w.model.byRef[word.ref]
		if x == nil {
			w.fail("the rail has an order %s that nobody asked for", word.ref)
			return
		}
		w.touch(x.of)
		if word.heard != x.heard {
			w.count("rail: an older word came later", 1)
		}
		w.model.outcome(x, string(word.Outcome), word.heard)
		return
	}
	if t.call != nil && !t.call.planned {
		w.plan(t)
	}
}

// addWorker has a server do what is due.
func (w *world) addWorker(r *rand.Rand, m *machine, faults bool) {
	t := &task{at: m, name: fmt.Sprintf("%v worker", m)}
	t.run = func(t *task) {
		if err := m.desk.RunDue(t.ctx, w.book); err != nil && !t.broke && !m.dead {
			w.fail("%s: %v", t.name, err)
		}
	}
	if faults && r.IntN(3) == 0 {
		t.fault, t.skip = pick(r, []fault{cutBefore, cutAfter}), r.IntN(6)
		w.say("  %s: %s %d", t.name, t.fault, t.skip)
	}
	w.sched.add(t)
}

// work has servers do what is due, some at the same time with faults, and then
// one all that is left.
func (w *world) work(r *rand.Rand, faults bool) {
	if faults {
		w.sched.tasks = nil
		for _, m := range w.machines {
			if r.IntN(2) == 0 {
				w.addWorker(r, m, true)
			}
		}
		jump := -1
		if r.IntN(2) == 0 {
			jump = 1 + r.IntN(12)
		}
		w.race(r, func(steps int) {
			if jump < 0 || steps < jump {
				return
			}
			under := false // are answers of the rail on their way?
			for _, t := range w.sched.live() {
				t.slow = t.gate == "rail"
				under = under || t.slow
			}
			if under { // they come a day later, and somebody has asked again meanwhile
				jump = -1
				w.now = w.now.Add(25 * time.Hour)
				w.addWorker(r, pick(r, w.machines), false)
				w.say("  a day later")
				w.count("clock moved under way", 1)
			}
		})
	}
	w.sched.tasks = nil
	if w.late {
		w.now = w.now.Add(6 * time.Minute)
		w.late = false
	}
	w.addWorker(r, w.machines[0], false)
	w.race(r, func(int) {})
	w.sched.tasks = nil
	w.count("work", 1)
	w.expire()
}

// elapse lets time pass, or sets a machine's clock back for a while.
func (w *world) elapse(r *rand.Rand) {
	w.work(r, false)
	by := time.Duration(r.Int64N(int64(pick(r, []time.Duration{time.Minute, time.Hour, 30 * time.Hour})))).Truncate(time.Second)
	w.now = w.now.Add(by)
	w.say("%d time: %v", w.step, by)
	w.count("clock moved", 1)
	if m := pick(r, w.machines[1:]); r.IntN(3) == 0 { // the first is right, always
		m.behind = pick(r, []time.Duration{0, 20 * time.Second, 10 * time.Minute, 3 * time.Hour})
		w.say("  %v is %v behind", m, m.behind)
		if m.behind > 0 {
			w.count("clock set back", 1)
		}
	}
	w.work(r, true)
}
