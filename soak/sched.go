package soak

import (
	"context"
	"slices"
)

// A task is one thing that somebody does: a client's call or a server's work.
// It runs in a goroutine of its own, but only while the scheduler lets it: it
// stops at every gate (before and after a change, at the rail) until it is told
// to go on. So at any moment one task runs, and the seed decides which.
type task struct {
	no     int
	at     *machine
	name   string // for the transcript
	ctx    context.Context
	cancel context.CancelFunc
	run    func(t *task)
	call   *call // nil for the work of a server
	fault  fault
	skip   int  // changes until the fault
	broke  bool // its connection broke
	slow   bool // others go first
	looks  int  // at what another task may do

	gate   string // where it stands; empty before it began, "end" when it is over
	sched  *scheduler
	resume chan struct{}

	seq    int         // when its change ran, among all
	ran    bool        // its change ran and what it said holds, whatever it said
	within func()      // done inside its change: others join the queue behind it
	word   *railAnswer // what the rail said and the next change will keep
}

// A scheduler runs tasks one at a time, in an order that the seed picks.
type scheduler struct {
	tasks  []*task
	parked chan *task
	seq    int
}

type taskKey struct{}

// taskOf is the task that a context belongs to, or nil.
func taskOf(ctx context.Context) *task {
	t, _ := ctx.Value(taskKey{}).(*task)
	return t
}

// add makes a task that has not begun.
func (s *scheduler) add(t *task) {
	t.no, t.sched, t.resume = len(s.tasks), s, make(chan struct{})
	if t.ctx == nil {
		t.ctx = context.Background()
	}
	t.ctx, t.cancel = context.WithCancel(context.WithValue(t.ctx, taskKey{}, t))
	s.tasks = append(s.tasks, t)
}

// park stops the task at a gate until it is told to go on.
func (t *task) park(gate string) {
	t.gate = gate
	t.sched.parked <- t
	<-t.resume
}

// live are the tasks that are not over, by their numbers.
func (s *scheduler) live() (all []*task) {
	for _, t := range s.tasks {
		if t.gate != "end" {
			all = append(all, t)
		}
	}
	return all
}

// release lets a task run on.
func (s *scheduler) release(t *task) {
	if t.gate != "" {
		t.resume <- struct{}{}
		return
	}
	t.gate = "running"
	go func() {
		defer func() {
			t.gate = "end"
			s.parked <- t
		}()
		t.run(t)
	}()
}

// step lets a task run to its next gate.
func (s *scheduler) step(t *task) {
	s.release(t)
	<-s.parked
	s.kept([]*task{t})
}

// batch lets changes of one server go through together: the first makes a batch
// of its own, and while it runs the others queue up behind it in their order,
// so that they share the next one. One that is to be cancelled in the queue is.
func (s *scheduler) batch(ts []*task) {
	first := ts[0]
	first.within = func() {
		for _, t := range ts[1:] {
			store := t.at.store
			was := store.Waiting()
			s.release(t)
			await(func() bool { return store.Waiting() > was })
			if t.fault == leftQueue {
				t.cancel()
				await(func() bool { return store.Waiting() == was })
			}
		}
	}
	s.release(first)
	for range ts {
		<-s.parked
	}
	s.kept(ts)
}

// kept tells the tasks whose change has just run that it did, in the order in
// which they did.
func (s *scheduler) kept(ts []*task) {
	ts = slices.Clone(ts)
	slices.SortFunc(ts, func(a, b *task) int { return a.seq - b.seq })
	for _, t := range ts {
		if t.gate == "changed" && t.ran {
			t.ran = false
			t.at.world.kept(t)
		}
	}
}
