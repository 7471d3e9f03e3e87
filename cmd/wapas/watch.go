package main

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"wapas/desk"
)

// A watch counts what an operator would be woken for, apart from requests,
// which the server counts itself.
type watch struct {
	changes prometheus.Histogram
	seconds prometheus.Histogram
	oldest  *prometheus.GaugeVec
}

func newWatch() *watch {
	return &watch{
		changes: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "wapas_batch_changes", Help: "How many changes shared a commit.",
			Buckets: []float64{1, 2, 4, 8, 16, 32, 64, 128, 256, 512},
		}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "wapas_batch_seconds", Help: "How long a batch of changes took, from its first read to its commit.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}),
		oldest: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "wapas_oldest_seconds",
			Help: "How long the oldest of its kind has waited, by its book's clock: unknown (an order of which its rail knows nothing), open (one that has not ended), exception (one that no person has closed).",
		}, []string{"mode", "what"}),
	}
}

// batch is told of every batch (sqlstore.Options).
func (w *watch) batch(changes int, took time.Duration) {
	w.changes.Observe(float64(changes))
	w.seconds.Observe(took.Seconds())
}

// collectors are for the server's registry.
func (w *watch) collectors(h *house) []prometheus.Collector {
	return []prometheus.Collector{
		w.changes, w.seconds, w.oldest,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "wapas_changes_waiting", Help: "Changes that wait for their batch, over all books.",
		}, func() float64 { return float64(h.store.Waiting()) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "wapas_invariant_violations_total",
			Help: "Changes refused because a row would have broken its own rule. Anything above zero is a fault of this program.",
		}, func() float64 { return float64(h.desk.Violations.Load()) }),
	}
}

// surveyEvery is the time between two looks at the books, and more where looking
// would be more than a twentieth of the time.
const surveyEvery = 15 * time.Second

// look surveys the books now and then, until ctx is done.
func (w *watch) look(ctx context.Context, h *house) error {
	for {
		began := time.Now()
		for _, mode := range []desk.Mode{desk.Test, desk.Live} {
			s, err := h.desk.Survey(ctx, mode)
			if err != nil {
				if ctx.Err() == nil {
					h.log.Error("could not survey the books", "mode", mode, "err", err)
				}
				break
			}
			for what, age := range map[string]time.Duration{"unknown": s.Unknown, "open": s.Open, "exception": s.Exceptions} {
				w.oldest.WithLabelValues(string(mode), what).Set(age.Seconds())
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(max(surveyEvery, 20*time.Since(began))):
		}
	}
}
