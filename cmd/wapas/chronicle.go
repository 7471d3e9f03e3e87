package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"wapas/desk"
	"wapas/ledger"
)

// india is where the demo's merchant is.
var india = time.FixedZone("IST", 5*3600+1800)

// A chronicle is what will happen in a book, planned before it is told. Its
// stories run beside each other, the steps of one story after each other; the
// book's clock is moved from moment to moment.
type chronicle struct {
	dice
	house    *house
	book     desk.BookID
	api      *client            // in front of the Razorpay room, where most of it happens
	counters map[string]*client // in front of each room
	start    time.Time
	end      time.Time
	stories  []*story
}

// A story is a chain of steps, each at its time.
type story struct {
	of    *chronicle
	steps []step
	told  int
}

type step struct {
	at time.Time
	do func(context.Context) error
}

// tell begins a story.
func (c *chronicle) tell() *story {
	s := &story{of: c}
	c.stories = append(c.stories, s)
	return s
}

// then adds a step, not before the one before it. What would happen after the
// chronicle's end does not happen.
func (s *story) then(at time.Time, do func(context.Context) error) *story {
	if n := len(s.steps); n > 0 && at.Before(s.steps[n-1].at) {
		at = s.steps[n-1].at
	}
	s.steps = append(s.steps, step{at, do})
	return s
}

// slot is how far the clock moves at a time at least: steps closer to each
// other happen together.
const slot = 3 * time.Hour

// atOnce is how many stories are told beside each other.
const atOnce = 16

// unfold tells everything, moment by moment, and does what is due between. Said
// hears how much has been told.
func (c *chronicle) unfold(ctx context.Context, said func(done, all int)) error {
	all, done := 0, 0
	for _, s := range c.stories {
		for _, st := range s.steps {
			if st.at.Before(c.end) {
				all++
			}
		}
	}
	for {
		next, ok := c.next()
		if !ok {
			return nil
		}
		if err := c.moveTo(ctx, next); err != nil {
			return err
		}
		g, gctx := errgroup.WithContext(ctx)
		g.SetLimit(atOnce)
		upTo := next.Truncate(slot).Add(slot)
		for _, s := range c.stories {
			var now []step
			for s.told < len(s.steps) && s.steps[s.told].at.Before(upTo) && s.steps[s.told].at.Before(c.end) {
				now = append(now, s.steps[s.told])
				s.told++
			}
			if len(now) == 0 {
				continue
			}
			done += len(now)
			g.Go(func() error {
				for _, st := range now {
					if err := st.do(gctx); err != nil {
						return err
					}
				}
				return nil
			})
		}
		if err := g.Wait(); err != nil {
			return err
		}
		said(done, all)
	}
}

// next is when the first step that was not told yet happens.
func (c *chronicle) next() (at time.Time, ok bool) {
	for _, s := range c.stories {
		if s.told < len(s.steps) && s.steps[s.told].at.Before(c.end) && (!ok || s.steps[s.told].at.Before(at)) {
			at, ok = s.steps[s.told].at, true
		}
	}
	return at, ok
}

// moveTo lets the book's time run from at, after what was due until then.
func (c *chronicle) moveTo(ctx context.Context, at time.Time) error {
	_, err := c.house.desk.SetClock(ctx, c.book, desk.ClockRequest{Do: desk.ClockSet, At: ledger.At(at)})
	if err != nil {
		return fmt.Errorf("move the book's clock: %w", err)
	}
	return nil
}

// moment draws a time of shopping between two: any day, by the hours at which
// people in India shop.
func (c *chronicle) moment(from, to time.Time) time.Time {
	day := from.Add(time.Duration(c.Int64N(int64(to.Sub(from)))))
	y, m, d := day.In(india).Date()
	at := time.Date(y, m, d, weighted(c.dice, hours), c.IntN(60), c.IntN(60), 0, india)
	if at.Before(from) || !at.Before(to) {
		return day
	}
	return at
}

// days draws a delay around a median.
func (c *chronicle) days(median, sigma float64) time.Duration {
	return time.Duration(c.around(median, sigma) * 24 * float64(time.Hour))
}

// pick draws so many different indexes below n.
func (c *chronicle) pick(n, count int) []int {
	p := c.Perm(n)[:count]
	slices.Sort(p)
	return p
}
