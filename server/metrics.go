package server

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics count requests by route, never by path: a path holds ids, and each
// would be a series of its own.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	inflight prometheus.Gauge
}

func newMetrics(v Version, more []prometheus.Collector) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "wapas_http_requests_total",
			Help: "Requests answered, by room, route, method and status.",
		}, []string{"room", "route", "method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "wapas_http_request_seconds",
			Help:    "How long requests took, by room and route.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"room", "route"}),
		inflight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "wapas_http_requests_in_flight",
			Help: "Requests being worked on.",
		}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name:        "wapas_build_info",
		Help:        "Always 1; the labels say what is running.",
		ConstLabels: prometheus.Labels{"version": v.Version, "revision": v.Revision, "go": v.Go},
	})
	build.Set(1)
	m.registry.MustRegister(m.requests, m.seconds, m.inflight, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.registry.MustRegister(more...)
	return m
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
}

// count records an answer. A method nobody serves is "other": callers choose
// the word, and must not choose our series.
func (m *metrics) count(room, route, method string, status int, took time.Duration) {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
	default:
		method = "other"
	}
	m.requests.WithLabelValues(room, route, method, strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(room, route).Observe(took.Seconds())
}
