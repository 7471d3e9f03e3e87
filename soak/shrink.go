package soak

import (
	"context"
	"slices"
	"time"
)

// shrinkFor bounds the search for a shorter run.
const shrinkFor = 30 * time.Second

// shrink looks for the shortest run of the same seed that is violated too: it
// leaves out halves of the steps, then smaller and smaller parts, and keeps what
// still fails. Steps draw what they do from sources of their own, so the others
// stay alike.
func (g *ground) shrink(ctx context.Context, v *Violation) error {
	end := time.Now().Add(shrinkFor)
	fails := func(order []int) (bool, error) {
		w, err := g.play(ctx, v.Seed, order)
		if err != nil || w.broken == "" {
			return false, err
		}
		v.What, v.Steps, v.Transcript = w.broken, slices.Clone(order[:w.done]), w.transcript()
		return true, nil
	}
	for size := len(v.Steps) / 2; size > 0; {
		shorter := false
		for at := 0; at < len(v.Steps); {
			if time.Now().After(end) || ctx.Err() != nil {
				return nil // what was found so far is good enough
			}
			without := slices.Delete(slices.Clone(v.Steps), at, min(at+size, len(v.Steps)))
			bad, err := fails(without)
			if err != nil {
				return err
			}
			if bad {
				shorter = true
			} else {
				at += size
			}
		}
		if !shorter || size > 1 {
			size = min(size/2, len(v.Steps)/2)
		}
	}
	return nil
}
