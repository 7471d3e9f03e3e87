package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// A Run is one measurement that is to be made.
type Run struct {
	Workload Workload
	Load
	Wallets Choice
	Profile bool // take a CPU profile meanwhile
}

// Measure lets clients do a workload at some shops of one server, and waits for
// what it leaves to be done. Of several shops each client takes one in turn. It
// returns the line also where answers were wrong, with an error that says so.
func Measure(ctx context.Context, shops []*Shop, q Run, g *Gauge, profile *Profile) (Line, error) {
	l := Line{Name: q.Workload.Name, Clients: q.Clients, Offered: q.Rate, Wallets: q.Wallets, Books: len(shops), Each: q.Workload.each}
	err := everyShop(ctx, len(shops), func(ctx context.Context, i int) error { return shops[i].Stock(ctx, q.Workload.needs) })
	if err != nil {
		return l, fmt.Errorf("make what %s needs: %w", q.Workload.Name, err)
	}
	if l.Entries, err = shops[0].Entries(ctx); err != nil {
		return l, err
	}
	if l.Name == "statement-deep" {
		l.Depth = shops[0].depth()
	}
	clients := make([]*client, q.Clients)
	t, err := l.drive(ctx, q.Load, g, profile, func(i int, dice *rand.Rand) (int, error) {
		c := clients[i] // nobody else's
		if c == nil {
			c = &client{Site: shops[0].site, ctx: ctx, dice: dice, choose: q.Wallets.from(dice)}
			clients[i] = c
		}
		s := shops[0]
		if len(shops) > 1 {
			s = shops[dice.IntN(len(shops))]
		}
		c.keys, c.requests = s.keys, 0
		err := q.Workload.do(c, s)
		return c.requests * max(1, q.Workload.each), err
	})
	if err != nil {
		return l, fmt.Errorf("%s: %w", l.Name, err)
	}
	if l.Wrong > 0 {
		return l, fmt.Errorf("%s: %d answers were not the ones wanted, the first: %w", l.Name, t.wrong, t.first)
	}
	return l, l.rest(ctx, shops)
}

// drive has operations done between two readings of the gauge.
func (l *Line) drive(ctx context.Context, load Load, g *Gauge, p *Profile, do operation) (timing, error) {
	var before reading
	var failed error
	t, err := drive(ctx, load, func() {
		before, failed = g.read(ctx)
		p.start()
	}, do)
	after, unread := g.read(ctx)
	l.Top = p.stop() // which takes a while
	l.take(t)
	if err != nil {
		return t, err
	}
	if err := errors.Join(failed, unread); err != nil {
		return t, fmt.Errorf("read what was used: %w", err)
	}
	l.costs(before, after, t.requests, t.ended)
	return t, nil
}

// take fills in what was timed.
func (l *Line) take(t timing) {
	l.Seconds, l.Operations, l.Requests, l.Unserved, l.Wrong = t.lasted.Seconds(), t.good, t.requests, t.unserved, t.wrong
	if t.first != nil {
		l.FirstWrong = t.first.Error()
	}
	if l.Seconds > 0 {
		l.Rate = float64(t.good*max(1, l.Each)) / l.Seconds
	}
	l.P50, l.P99, l.P999, l.Max = t.at(0.5), t.at(0.99), t.at(0.999), t.at(1)
}

// How long outside money may take to move after a line, and how often it is
// asked for.
const (
	restFor   = 5 * time.Minute
	restEvery = 20 * time.Millisecond
)

// rest waits until the shops' outside money has moved, so that the next line is
// not charged for what this one has asked for.
func (l *Line) rest(ctx context.Context, shops []*Shop) error {
	began := time.Now()
	var something atomic.Bool
	err := everyShop(ctx, len(shops), func(ctx context.Context, i int) error {
		for {
			var page struct{ Items []struct{ ID string } }
			if err := shops[i].client(ctx, 0, Uniform).ask(native, "GET", "/api/v1/waiting?limit=1", "", &page); err != nil {
				return err
			}
			if len(page.Items) == 0 {
				return nil
			}
			something.Store(true)
			if time.Since(began) > restFor {
				return fmt.Errorf("%s: %s is still under way after %s", l.Name, page.Items[0].ID, restFor)
			}
			select {
			case <-time.After(restEvery):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	})
	if something.Load() {
		l.After = time.Since(began)
	}
	return err
}
