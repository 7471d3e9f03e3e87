package soak

import (
	"context"
	"errors"
	"runtime"

	"wapas/desk"
	"wapas/sqlstore"
)

// A fault is what goes wrong with a task.
type fault string

const (
	none       fault = ""
	cutBefore  fault = "cut-before"  // its connection breaks before its change is made
	cutAfter   fault = "cut-after"   // and after
	gone       fault = "gone"        // its caller has gone before it began
	leftQueue  fault = "left-queue"  // its caller goes while it waits for its batch, or at its gate
	unsent     fault = "unsent"      // the store's connection breaks before its commit is sent
	unheard    fault = "unheard"     // and after it was made
	lostAnswer fault = "lost-answer" // all is done, and nobody hears of it
)

var errCut = errors.New("the connection broke")

// gated is a store that stops the tasks of a machine before and after each change, and
// breaks their connections. What is no task's passes.
type gated struct {
	*sqlstore.Store
	at *machine
}

// Change is desk.Store's.
func (g *gated) Change(ctx context.Context, book desk.BookID, reads []desk.Ref, do func(tx desk.Tx) error) error {
	t := taskOf(ctx)
	if t == nil {
		return g.Store.Change(ctx, book, reads, do)
	}
	t.park("change")
	if g.at.dead {
		return errCut
	}
	if t.breaks(cutBefore) {
		t.word = nil // nobody keeps it
		return errCut
	}
	if t.fault == unsent || t.fault == unheard {
		g.at.commit, t.fault = t.fault, none
	}
	var said error
	ran := false
	err := g.Store.Change(ctx, book, reads, func(tx desk.Tx) error {
		t.sched.seq++
		t.seq, ran = t.sched.seq, true
		said = do(tx)
		if join := t.within; join != nil {
			t.within = nil
			join()
		}
		return said
	})
	t.ran = ran && (err == nil || said != nil)
	t.within = nil
	t.park("changed")
	if g.at.dead {
		return errCut
	}
	if err == nil && t.breaks(cutAfter) {
		return errCut
	}
	return err
}

// breaks says whether the task's connection breaks here, which it does once.
func (t *task) breaks(how fault) bool {
	if t.fault != how {
		return false
	}
	if t.skip--; t.skip >= 0 {
		return false
	}
	t.fault, t.broke = none, true
	switch {
	case t.call == nil:
		t.at.world.count("work broken off", 1)
		t.at.world.late = true
	case how == cutBefore:
		t.at.world.count("call broken before its change", 1)
	default:
		t.at.world.count("call broken after its change", 1)
	}
	return true
}

// Find is desk.Store's. A call that waits for its order to be heard of looks
// again and again: each look is a gate, and after some the caller gives up.
func (g *gated) Find(ctx context.Context, book desk.BookID, kind desk.Kind, id desk.ID) (desk.Row, error) {
	if t := taskOf(ctx); t != nil && t.call != nil && kind == desk.KindRailOrder {
		if t.looks++; t.looks > maxLooks {
			t.cancel()
		}
		t.park("look")
		if g.at.dead {
			return nil, errCut
		}
	}
	return g.Store.Find(ctx, book, kind, id)
}

// maxLooks is how often a caller's server looks before the caller gives up.
const maxLooks = 10

// await spins until something that another goroutine is about to do is done.
func await(done func() bool) {
	for !done() {
		runtime.Gosched()
	}
}
