package webhook

import (
	"context"
	"fmt"
	"math"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

// settle takes note of how an attempt went.
func (c *carrier) settle(ctx context.Context, r result) {
	l, d := r.line, r.d
	again := r.of == nil
	delete(l.flying, d.ID)
	c.flying--
	if r.slot {
		<-c.post.slots
	}
	now := c.now()
	if d.Tries == 0 && !again {
		l.waiting++ // unless it ends below
	}
	switch {
	case r.err != nil:
		c.post.desk.Log.Error("an event could not be told", "book", c.id, "event", d.Event, "endpoint", d.Endpoint, "err", r.err)
		d.Error, d.DueAt = text(fmt.Appendf(nil, "%.500s", r.err)), now.Add(putOff)
		l.later(d.DueAt)
		c.note(d)
	case !r.told && again: // its room has no more to say of it
		l.waiting--
		d.State, d.DueAt, d.EndedAt = desk.DeliveryDropped, 0, now
		c.note(d)
	case !r.told:
		l.waiting--
	default:
		c.attempted(l, d, r, now)
	}
	if r.of != nil {
		r.of.finish(d.Event)
	}
	if c.deliveries[d.ID].State == desk.DeliveryExpired && !l.gone && c.post.schedule(l.e).Disable {
		c.disable(ctx, l, c.deliveries[d.ID])
	}
}

// attempted writes an attempt into the log and settles what becomes of the
// delivery.
func (c *carrier) attempted(l *line, d desk.Delivery, r result, now ledger.Time) {
	d.Tries++
	d.Status, d.Error, d.DueAt = r.attempt.Status, r.attempt.Error, 0
	l.took(r.ok)
	if r.ok {
		l.waiting--
		d.State, d.EndedAt = desk.DeliveryDelivered, now
	} else if at, more := c.post.schedule(l.e).after(d.Tries, d.CreatedAt, now); more {
		d.DueAt = at
		l.later(at)
	} else {
		l.waiting--
		d.State, d.EndedAt = desk.DeliveryExpired, now
	}
	c.post.counts.attempt(r.attempt, r.ok, d.State)
	c.attempts = append(c.attempts, r.attempt)
	c.note(d)
}

// note keeps a delivery to be written down.
func (c *carrier) note(d desk.Delivery) {
	if len(c.deliveries) == 0 {
		c.first = c.clock()
	}
	c.deliveries[d.ID] = d
}

// schedule is when an endpoint's deliveries are tried again.
func (p *Post) schedule(e desk.Endpoint) Schedule {
	if h := p.heralds[e.Room]; h != nil {
		return h.Schedule()
	}
	return Schedule{}
}

// disable ends deliveries to an endpoint that let one expire.
func (c *carrier) disable(ctx context.Context, l *line, d desk.Delivery) {
	ctx = context.WithoutCancel(ctx)
	l.gone = true
	err := c.post.desk.DisableEndpoint(ctx, c.id, l.e.ID, fmt.Sprintf("event %s was not taken in %d attempts", d.EventID, d.Tries))
	if err == nil {
		c.post.desk.Log.Warn("an endpoint is disabled: it did not take an event", "book", c.id, "endpoint", l.e.ID, "event", d.EventID, "attempts", d.Tries)
		c.post.counts.disabled.Inc()
		err = c.drop(ctx, l.e.ID)
	}
	if err != nil { // its next delivery will expire too, and it is tried again
		l.gone = false
		c.post.desk.Log.Error("could not disable an endpoint", "book", c.id, "endpoint", l.e.ID, "err", err)
	}
	c.refreshed = time.Time{}
}

// dropOrphans ends deliveries that wait for an endpoint that hears no more.
func (c *carrier) dropOrphans(ctx context.Context) error {
	rows, err := c.post.desk.Store.Deliveries(ctx, desk.DeliveryQuery{Book: c.id, Due: c.now(), Count: 100})
	for _, d := range rows {
		if c.lines[d.Endpoint] == nil {
			return c.drop(ctx, d.Endpoint)
		}
	}
	return err
}

// drop ends all deliveries that wait for an endpoint.
func (c *carrier) drop(ctx context.Context, endpoint desk.ID) error {
	if err := c.flush(ctx); err != nil {
		return err
	}
	for {
		rows, err := c.post.desk.Store.Deliveries(ctx, desk.DeliveryQuery{Book: c.id, Endpoint: endpoint, Due: math.MaxInt64, Count: 500})
		if err != nil || len(rows) == 0 {
			return err
		}
		for i := range rows {
			rows[i].State, rows[i].DueAt, rows[i].EndedAt = desk.DeliveryDropped, 0, c.now()
		}
		if err := c.post.desk.Store.Keep(ctx, c.id, desk.Posted{Deliveries: rows}); err != nil {
			return err
		}
	}
}

// full says that what was done is to be written down before more is.
func (c *carrier) full() bool {
	return len(c.attempts) >= flushSome || len(c.deliveries) > 0 && c.clock().Sub(c.first) >= flushAfter ||
		c.clock().Sub(c.saved) >= saveAfter
}

// flush writes down what was done. What could not be written is kept for the
// next time.
func (c *carrier) flush(ctx context.Context) error {
	p := desk.Posted{Attempts: c.attempts}
	for _, d := range c.deliveries {
		p.Deliveries = append(p.Deliveries, d)
	}
	var moved []*course
	for _, l := range c.order {
		for _, k := range l.courses {
			if k.Event > k.saved {
				moved = append(moved, k)
				p.Runs = append(p.Runs, k.Run)
			}
		}
	}
	if len(p.Attempts) == 0 && len(p.Deliveries) == 0 && len(p.Runs) == 0 {
		c.saved = c.clock()
		return nil
	}
	if err := c.post.desk.Store.Keep(ctx, c.id, p); err != nil {
		return fmt.Errorf("write down what was delivered: %w", err)
	}
	for i, k := range moved {
		k.saved = p.Runs[i].Event
	}
	c.attempts = nil
	clear(c.deliveries)
	c.saved = c.clock()
	return nil
}
