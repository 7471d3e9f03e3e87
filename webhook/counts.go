package webhook

import (
	"context"
	"math"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"wapas/desk"
	"wapas/ledger"
)

// counts are the numbers an operator would want to be woken by.
type counts struct {
	attempts *prometheus.CounterVec
	seconds  prometheus.Histogram
	disabled prometheus.Counter
}

func newCounts() *counts {
	return &counts{
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "wapas_webhook_attempts_total",
			Help: "Attempts to deliver an event, by result: delivered, failed (it is tried again), expired (it is not).",
		}, []string{"result"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "wapas_webhook_seconds",
			Help:    "How long endpoints took to answer.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5},
		}),
		disabled: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "wapas_webhook_disabled_total",
			Help: "Endpoints that were disabled because they did not take an event in time.",
		}),
	}
}

func (n *counts) attempt(a desk.Attempt, ok bool, state string) {
	result := "failed"
	switch {
	case ok:
		result = "delivered"
	case state == desk.DeliveryExpired:
		result = "expired"
	}
	n.attempts.WithLabelValues(result).Inc()
	n.seconds.Observe(a.Took.Seconds())
}

var behind = prometheus.NewDesc("wapas_webhook_behind_seconds",
	"Age of the oldest event that an active endpoint has not been sent, or has not taken, in seconds of its book's time.", nil, nil)

// Describe and Collect make a Post a prometheus.Collector.
func (p *Post) Describe(to chan<- *prometheus.Desc) {
	p.counts.attempts.Describe(to)
	p.counts.seconds.Describe(to)
	p.counts.disabled.Describe(to)
	to <- behind
}

func (p *Post) Collect(to chan<- prometheus.Metric) {
	p.counts.attempts.Collect(to)
	p.counts.seconds.Collect(to)
	p.counts.disabled.Collect(to)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	age, err := p.Behind(ctx)
	if err != nil {
		to <- prometheus.NewInvalidMetric(behind, err)
		return
	}
	to <- prometheus.MustNewConstMetric(behind, prometheus.GaugeValue, age.Seconds())
}

// Behind is the age of the oldest event, in any book, that an active endpoint
// has not been sent yet or has not taken, by the book's time.
func (p *Post) Behind(ctx context.Context) (time.Duration, error) {
	all, err := p.desk.Store.Listening(ctx)
	if err != nil {
		return 0, err
	}
	var oldest time.Duration
	wall := ledger.At(p.desk.Now())
	for _, l := range all {
		since := ledger.Time(math.MaxInt64)
		if l.Seen < l.Event {
			evs, err := p.desk.Store.Events(ctx, l.ID, l.Seen, 1)
			if err != nil {
				return 0, err
			}
			for _, e := range evs {
				since = e.At
			}
		}
		if l.Due != 0 {
			waits, err := p.desk.Store.Deliveries(ctx, desk.DeliveryQuery{Book: l.ID, Due: math.MaxInt64, Count: pageOf})
			if err != nil {
				return 0, err
			}
			for _, d := range waits {
				since = min(since, d.CreatedAt)
			}
		}
		if since != math.MaxInt64 {
			oldest = max(oldest, time.Duration(l.Clock.Now(wall)-since)*time.Microsecond)
		}
	}
	return oldest, nil
}
