package bench

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
)

// A Carrier carries a plan out.
type Carrier struct {
	Report   *Report
	Shop     func(ctx context.Context, n int) (*Shop, error) // opens the book of this number, from 0; some at the same time
	Gauge    Gauge                                           // its Shop is set by the first book
	Profiles string                                          // a folder for CPU profiles; none are taken if it is empty
	Said     func(l Line)                                    // hears of every line
	Filling  func(entries int64) (said func(done, all int), done func())

	shops []*Shop
}

// Carry does the steps of a plan in their order, and then holds the books
// against what was acknowledged. It stops at the first wrong answer.
func (x *Carrier) Carry(ctx context.Context, p Plan) error {
	for _, s := range p {
		var l Line
		var err error
		switch {
		case s.Echo > 0:
			l, err = Echo(ctx, Load{Clients: s.Echo, For: s.For, Seed: s.Seed})
		case s.Fill > 0:
			if err := x.fill(ctx, s.Fill); err != nil {
				return fmt.Errorf("make history: %w", err)
			}
			continue
		default:
			l, err = x.run(ctx, s)
		}
		if l.Operations+l.Unserved+l.Wrong > 0 {
			x.Say(l)
		}
		if err != nil {
			return err
		}
	}
	err := everyShop(ctx, len(x.shops), func(ctx context.Context, i int) error {
		if err := x.shops[i].Audit(ctx); err != nil {
			return fmt.Errorf("after the load book %d is not as was acknowledged: %w", i+1, err)
		}
		return nil
	})
	x.Report.Audited = len(x.shops) > 0 && err == nil
	return err
}

// Say puts a line into the report, beside the last echo with as many clients.
func (x *Carrier) Say(l Line) {
	for _, e := range x.Report.Lines {
		if e.Name == "echo" && e.Clients == l.Clients && l.Name != e.Name {
			l.Echo = e.Rate
		}
	}
	x.Report.Lines = append(x.Report.Lines, l)
	if x.Said != nil {
		x.Said(l)
	}
}

// open opens so many books, if they are not open.
func (x *Carrier) open(ctx context.Context, n int) ([]*Shop, error) {
	have := len(x.shops)
	if have >= n {
		return x.shops[:n], nil
	}
	more := make([]*Shop, n-have)
	err := everyShop(ctx, len(more), func(ctx context.Context, i int) (err error) {
		more[i], err = x.Shop(ctx, have+i)
		return err
	})
	if err != nil {
		return nil, err
	}
	x.shops = append(x.shops, more...)
	x.Gauge.Shop = x.shops[0]
	return x.shops, nil
}

// fill makes history in the first book until it has so many entries.
func (x *Carrier) fill(ctx context.Context, entries int64) error {
	shops, err := x.open(ctx, 1)
	if err != nil {
		return err
	}
	s := shops[0]
	now, err := s.Entries(ctx)
	if err != nil || now >= entries {
		return err
	}
	var said func(done, all int)
	if x.Filling != nil {
		var done func()
		said, done = x.Filling(entries)
		defer done()
	}
	return s.Fill(ctx, s.Lines()+entries-now, said)
}

// fewest is how many operations an open loop at a share offers at least.
const fewest = 10

func (x *Carrier) run(ctx context.Context, s Step) (Line, error) {
	shops, err := x.open(ctx, s.Books)
	if err != nil {
		return Line{}, err
	}
	q := s.Run
	if s.Share > 0 {
		like := x.Report.Find(func(l Line) bool {
			return l.Name == q.Workload.Name && l.Clients == s.Least && l.Plain()
		})
		if like == nil {
			return Line{}, fmt.Errorf("%s: an open loop at a share needs the closed one at %d clients before it", s.Does, s.Least)
		}
		q.Rate = max(like.Rate*s.Share, fewest/q.For.Seconds())
	}
	var profile *Profile
	if x.Profiles != "" && s.Profile {
		name := strings.NewReplacer(":", "-").Replace(s.Does)
		profile = &Profile{Path: filepath.Join(x.Profiles, fmt.Sprintf("%s-%d.pprof", name, s.Clients))}
	}
	l, err := Measure(ctx, shops, q, &x.Gauge, profile)
	l.Round = s.Round
	return l, err
}
