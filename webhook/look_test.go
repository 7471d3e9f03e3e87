package webhook

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"wapas/desk"
)

// A crowd is a store of so many books that a look at those that listen takes a while.
type crowd struct {
	desk.Store
	takes time.Duration
	looks int
}

func (c *crowd) Listening(context.Context) ([]desk.Listening, error) {
	c.looks++
	time.Sleep(c.takes)
	return nil, nil
}

func (c *crowd) Delivered(context.Context) ([]desk.Book, error) { return nil, nil }

// However many books listen, looking at them takes a twentieth of the time at most.
func TestLooksTakeATwentieth(t *testing.T) {
	for takes, want := range map[time.Duration]int{0: 60, 50 * time.Millisecond: 58, time.Second: 3} {
		synctest.Test(t, func(t *testing.T) {
			c := &crowd{takes: takes}
			p := New(&desk.Desk{Store: c, Now: time.Now, Log: slog.New(slog.DiscardHandler)}, Options{Look: time.Second})
			ctx, stop := context.WithTimeout(t.Context(), time.Minute-time.Millisecond)
			defer stop()
			if err := p.Work(ctx); err != nil {
				t.Fatal(err)
			}
			if c.looks != want {
				t.Errorf("%d looks in a minute, want %d, of %v each", c.looks, want, takes)
			}
		})
	}
}
