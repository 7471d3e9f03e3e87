package bench

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
)

// refundsOfOne is how many refunds one call asks for in Fill.
const refundsOfOne = 1000

// fillLanes is how many calls of Fill are under way at once: one is worked out
// while another is written.
const fillLanes = 4

// Fill makes history: one wallet pays ten rupees, and has them back paisa by
// paisa, until its statement has so many lines. Each line is an entry of two
// postings with a refund and its events. Said hears how far it has come.
func (s *Shop) Fill(ctx context.Context, lines int64, said func(done, all int)) error {
	if s.long == "" {
		c := s.client(ctx, 0, Uniform)
		payment, err := c.pay(s, loaded)
		if err != nil {
			return err
		}
		if s.long, err = s.addWallet(c, s.size, payment); err != nil {
			return err
		}
		s.lines = 1
	}
	begin, goal := s.lines, lines
	rounds := int((goal - begin + refundsOfOne) / (refundsOfOne + 1))
	var mu sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(fillLanes)
	for i := range rounds {
		g.Go(func() error {
			if err := s.fillOne(s.client(ctx, uint64(i), Uniform)); err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			s.lines += refundsOfOne + 1
			if said != nil {
				said(int(s.lines-begin), int(goal-begin))
			}
			return nil
		})
	}
	return g.Wait()
}

func (s *Shop) fillOne(c *client) error {
	payment, err := c.payFromWallet(s, s.long, refundsOfOne)
	if err != nil {
		return err
	}
	item := fmt.Sprintf(`{"payment_id":"%s","amount":1}`, payment)
	body := `{"atomic":true,"items":[` + item + strings.Repeat(","+item, refundsOfOne-1) + `]}`
	var report struct{ Done, Refused int }
	if err := c.askOnce(native, "POST", "/api/v1/bulk/refunds", body, s.name(), &report); err != nil {
		return err
	}
	return want(report.Done == refundsOfOne && report.Refused == 0, "many refunds", report)
}
