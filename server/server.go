package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"wapas/console"
	"wapas/desk"
	"wapas/dialect/eko"
	"wapas/dialect/phonepe"
	"wapas/dialect/razorpay"
)

// Config says how the server behaves. Zero fields take the defaults below.
type Config struct {
	Log      *slog.Logger
	Version  Version
	Razorpay razorpay.Config
	PhonePe  phonepe.Config
	Eko      eko.Config
	Console  console.Config

	// Around, if it is not nil, is put around everything: traces.
	Around func(http.Handler) http.Handler

	// Requests, if it is not nil, keeps the calls that come in.
	Requests *RequestLog

	// Proxies are the networks of the reverse proxies in front of the server:
	// what they say of where a request came from is believed.
	Proxies []netip.Prefix

	// Metrics are counted elsewhere and shown at /metrics.
	Metrics []prometheus.Collector

	// Ready, if it is not nil, says why requests should not be sent here yet.
	Ready func() error

	// Linger is how long the server goes on answering after it was told to stop
	// and says so at /readyz, so that whoever routes to it can notice.
	Linger time.Duration
	// Grace is how long requests under way may take to end after that.
	Grace time.Duration
	// Timeout is how long one request may take.
	Timeout time.Duration
	// MaxBody is how many bytes of a request's body are read.
	MaxBody int64
}

const (
	defaultGrace   = 20 * time.Second
	defaultTimeout = 30 * time.Second
	defaultMaxBody = 8 << 20 // files; the rooms read less of everything else
	maxHeader      = 64 << 10
)

func (c Config) withDefaults() Config {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Grace == 0 {
		c.Grace = defaultGrace
	}
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	if c.MaxBody == 0 {
		c.MaxBody = defaultMaxBody
	}
	return c
}

// A Server answers requests until it is told to stop.
type Server struct {
	http.Handler
	cfg      Config
	draining atomic.Bool
}

// New makes a server of the desk.
func New(d *desk.Desk, cfg Config) *Server {
	s := &Server{cfg: cfg.withDefaults()}
	s.Handler = Routes(d, s.cfg, &s.draining)
	if cfg.Around != nil {
		s.Handler = cfg.Around(s.Handler)
	}
	return s
}

// serve answers, and once the server was told to stop has the caller come by
// another connection next time: one that is kept would lead here for as long as it is,
// whoever else a balancer would choose.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if s.draining.Load() {
		w.Header().Set("Connection", "close")
	}
	s.ServeHTTP(w, r)
}

// Serve answers on l until ctx is done, and returns once every request under
// way has been answered or Grace is over. It stops in four steps: /readyz
// says no, Linger passes, no new connections are taken, the last answers leave.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	web := &http.Server{
		Handler:           http.HandlerFunc(s.serve),
		ReadHeaderTimeout: min(10*time.Second, s.cfg.Timeout),
		ReadTimeout:       s.cfg.Timeout,
		WriteTimeout:      s.cfg.Timeout + min(10*time.Second, s.cfg.Timeout),
		IdleTimeout:       min(2*time.Minute, 4*s.cfg.Timeout),
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(s.cfg.Log.Handler(), slog.LevelWarn),
		// Requests outlive ctx: stopping lets them end.
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
	failed := make(chan error, 1)
	go func() { failed <- web.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	s.draining.Store(true)
	if s.cfg.Linger > 0 {
		s.cfg.Log.Info("stopping: not ready any more, still answering", "for", s.cfg.Linger)
		time.Sleep(s.cfg.Linger)
	}
	s.cfg.Log.Info("stopping: no new connections, waiting for the requests under way", "up_to", s.cfg.Grace)
	wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.cfg.Grace)
	defer cancel()
	err := web.Shutdown(wait)
	if err != nil {
		web.Close()
		err = fmt.Errorf("requests were still under way after %s: %w", s.cfg.Grace, err)
	}
	if e := <-failed; !errors.Is(e, http.ErrServerClosed) {
		err = errors.Join(err, e)
	}
	return err
}
