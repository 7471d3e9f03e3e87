package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A Load says how operations are asked for.
type Load struct {
	Clients int
	// Rate is how many operations begin a second, at even distances, whether or
	// not those before have ended. If it is zero, the loop is closed: each client
	// begins its next operation when its last one has ended.
	Rate float64
	For  time.Duration // and a tenth of it before, which is not counted
	Seed uint64        // of every client's dice
}

func (l Load) check() error {
	if l.Clients < 1 || l.For <= 0 || l.Rate < 0 {
		return fmt.Errorf("a load needs at least one client and a time: %+v", l)
	}
	return nil
}

// An operation is done by a client with its dice. It returns how many requests
// it took, and what was wrong with the answers.
type operation func(client int, dice *rand.Rand) (requests int, err error)

// timing is what was seen of the operations that began, or were to begin, in
// the measured time.
type timing struct {
	took     []time.Duration // of those answered rightly and those never begun, sorted
	good     int
	requests int // of those
	ended    int // requests of all that ended in it, whenever they began
	unserved int
	wrong    int
	first    error
	lasted   time.Duration // from the first beginning to the last end
}

// at is a quantile of the times: the shortest that q of all do not exceed.
func (t *timing) at(q float64) time.Duration {
	n := len(t.took)
	if n == 0 {
		return 0
	}
	i := int(float64(n)*q+0.999999) - 1
	return t.took[min(max(i, 0), n-1)]
}

// A window is the measured time.
type window struct{ start, end time.Time }

// drive lets clients do operations. The measured time begins after the warm-up,
// when begun has returned.
//
// In an open loop an operation has a moment at which it is to begin, and its
// time counts from there: if all clients are held up, so is whoever would have
// come meanwhile, and that is what they would have seen. Operations whose turn
// has not come within as long again as all should have taken are given up, and
// count with the time that they have waited until then.
func drive(ctx context.Context, l Load, begun func(), do operation) (timing, error) {
	if err := l.check(); err != nil {
		return timing{}, err
	}
	var win atomic.Pointer[window] // nil while it is warm-up
	opened := make(chan struct{})
	opening := time.AfterFunc(l.For/10, func() {
		defer close(opened)
		if begun != nil {
			begun()
		}
		now := time.Now()
		win.Store(&window{now, now.Add(l.For)})
	})
	defer func() {
		if !opening.Stop() {
			<-opened
		}
	}()
	turn := closed(&win)
	if l.Rate > 0 {
		turn = open(ctx, &win, opened, l.Rate)
	}
	var all timing
	var mu sync.Mutex
	var wg sync.WaitGroup
	for c := range l.Clients {
		wg.Go(func() {
			var own timing
			dice := rand.New(rand.NewPCG(l.Seed, uint64(c)))
			for ctx.Err() == nil {
				at, more := turn(own.good + own.wrong)
				if !more {
					break
				}
				w := win.Load()
				counts := w != nil && !at.Before(w.start)
				if w != nil && l.Rate > 0 && time.Since(w.end) > l.For {
					if counts {
						own.unserved++
						own.took = append(own.took, time.Since(at))
					}
					continue
				}
				n, err := do(c, dice)
				switch took := time.Since(at); {
				case err != nil && ctx.Err() != nil: // told to stop
				case err != nil:
					own.wrong++ // in the warm-up too
					if own.first == nil {
						own.first = err
					}
				case counts:
					own.good++
					own.requests += n
					own.ended += n
					own.took = append(own.took, took)
				case win.Load() != nil:
					own.ended += n
				}
			}
			mu.Lock()
			defer mu.Unlock()
			all.took = append(all.took, own.took...)
			all.good += own.good
			all.requests += own.requests
			all.ended += own.ended
			all.unserved += own.unserved
			all.wrong += own.wrong
			if all.first == nil {
				all.first = own.first
			}
		})
	}
	wg.Wait()
	if w := win.Load(); w != nil {
		all.lasted = max(time.Since(w.start), l.For)
	}
	slices.Sort(all.took)
	if ctx.Err() == nil && all.good+all.unserved == 0 {
		return all, errors.Join(errors.New("no operation at all was answered rightly"), all.first)
	}
	return all, ctx.Err()
}

// A turn says when the next operation of a client is, or was, to begin, after
// waiting for it; more is false when there is none. Counted is how many of the
// client's operations count so far.
type turn func(counted int) (at time.Time, more bool)

// closed gives a client its next turn at once, and at least one that counts,
// however long it takes.
func closed(win *atomic.Pointer[window]) turn {
	return func(counted int) (time.Time, bool) {
		now, w := time.Now(), win.Load()
		return now, w == nil || now.Before(w.end) || counted == 0
	}
}

// open gives turns at even distances to whichever client is free. Whoever waits
// for a turn when the window opens looks again: it may lie behind the end.
func open(ctx context.Context, win *atomic.Pointer[window], opened <-chan struct{}, rate float64) turn {
	var next atomic.Int64
	zero := time.Now()
	over := func(at time.Time) bool {
		w := win.Load()
		return w != nil && !at.Before(w.end)
	}
	return func(int) (time.Time, bool) {
		n := next.Add(1) - 1
		at := zero.Add(time.Duration(float64(n) / rate * 1e9))
		opens := opened
		if win.Load() != nil {
			opens = nil
		}
		timer := time.NewTimer(time.Until(at))
		defer timer.Stop()
		for !over(at) {
			select {
			case <-timer.C:
				return at, !over(at)
			case <-opens:
				opens = nil
			case <-ctx.Done():
				return at, false
			}
		}
		return at, false
	}
}
