package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"wapas/console"
	"wapas/dialect/eko"
	"wapas/dialect/phonepe"
	"wapas/dialect/razorpay"
	"wapas/server"
)

func (p *program) serve() *cobra.Command {
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run the server",
		Long: `Run the server: every API on one port, until SIGTERM or SIGINT. Then it says so
at /readyz, takes no new connections, finishes the requests under way, and
exits; a second signal ends it at once, which the books survive.`,
		Example: `  wapas serve
  wapas serve --listen :8080 --db postgres://wapas:secret@localhost/wapas --migrate
  WAPAS_LISTEN=:8080 WAPAS_LOG=json wapas serve`,
		Args: args(),
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := p.load()
			if err != nil {
				return err
			}
			h, err := p.open(c.Context(), cfg, true)
			if err != nil {
				return err
			}
			l, err := listen(cfg)
			if err != nil {
				return errors.Join(err, h.close())
			}
			if last, err := h.store.LastBook(c.Context()); err == nil && last == 0 {
				h.log.Warn("there is no merchant yet, so nobody can call: make one with \"wapas merchant create NAME\"")
			}
			h.log.Info("serving", "url", "http://"+l.Addr().String(), "db", masked(cfg.value["db"]), "version", programVersion().Version)
			now := make(chan struct{})
			close(now)
			err = h.run(c.Context(), l, now, nil)
			err = errors.Join(err, h.close())
			h.log.Info("stopped")
			return err
		},
	}
	return p.with(c, "listen", "db", "archive", "key-file", "url", "proxies", "printed-denials", "migrate", "log", "log-level", "timeout", "max-body", "rate", "linger", "grace", "sms-url", "eko-clock", "eko-debug", "eko-strict", "eko-replays", "eko-code-twice", "eko-aliases", "webhook-allow", "webhook-ports", "webhook-http", "webhook-guard-tests", "webhook-keep", "request-log", "request-log-keep")
}

func listen(cfg *config) (net.Listener, error) {
	l, err := net.Listen("tcp", cfg.value["listen"])
	if err != nil {
		return nil, fmt.Errorf("%w\nChoose another address with --listen, such as --listen 127.0.0.1:0 for any free port", err)
	}
	return l, nil
}

// run answers on l and, from when begin is closed, does what is due, until ctx
// is done or one of the two fails. The answers end first: what they caused may
// still be sent out. Ready, if it is not nil, says what else must be before the
// rooms answer.
func (h *house) run(ctx context.Context, l net.Listener, begin <-chan struct{}, ready func() error) error {
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	traces, err := newTraces(ctx)
	if err != nil {
		return err
	}
	if traces != nil {
		h.desk.Store = &tracedStore{h.desk.Store, traces.tracer}
	}
	defer func() {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if err := traces.close(last); err != nil {
			h.log.Warn("could not send the last traces", "err", err)
		}
	}()
	post := h.cfg.post(h.desk)
	cfg := h.cfg.server(h)
	cfg.Console.Ping = post.Ping
	cfg.Ready = ready
	cfg.Metrics = append(cfg.Metrics, post, cfg.Requests)
	cfg.Around = func(inner http.Handler) http.Handler { return traces.around(onceReady(ready, inner)) }
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer stop()
		return server.New(h.desk, cfg).Serve(ctx, l)
	})
	g.Go(func() error { return h.watch.look(work, h) })
	g.Go(func() error { return cfg.Requests.Run(work) })
	g.Go(func() error {
		select {
		case <-begin:
		case <-work.Done():
			return nil
		}
		if err := h.desk.Work(work); err != nil && work.Err() == nil {
			return fmt.Errorf("do what is due: %w", err)
		}
		return nil
	})
	g.Go(func() error {
		select {
		case <-begin:
		case <-work.Done():
			return nil
		}
		return post.Work(work)
	})
	return g.Wait()
}

// onceReady shuts the rooms until ready has nothing against it. The server's
// own pages answer before.
func onceReady(ready func() error, inner http.Handler) http.Handler {
	if ready == nil {
		return inner
	}
	own := []string{"/", "/healthz", "/livez", "/readyz", "/metrics", "/version"}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := ready(); err != nil && !slices.Contains(own, r.URL.Path) {
			w.Header().Set("Retry-After", "5")
			http.Error(w, err.Error()+": try again in a moment", http.StatusServiceUnavailable)
			return
		}
		inner.ServeHTTP(w, r)
	})
}

// server is how the settings want the server to behave.
func (c *config) server(h *house) server.Config {
	proxies, _ := c.networks("proxies") // checked
	return server.Config{
		Proxies: proxies,
		Log:     h.log,
		Version: programVersion(),
		Timeout: c.duration("timeout"),
		MaxBody: c.number("max-body"),
		Linger:  c.duration("linger"),
		Grace:   c.duration("grace"),
		Metrics: h.watch.collectors(h),

		Requests: server.NewRequestLog(h.desk, h.log, c.value["request-log"], c.duration("request-log-keep")),
		Razorpay: razorpay.Config{
			PrintedDenials: c.on("printed-denials"),
			Host:           c.value["url"],
		},
		PhonePe: phonepe.Config{Host: c.under(phonepe.Room)},
		Console: console.Config{
			Log:     h.log,
			Version: programVersion().Version,
			Secure:  strings.HasPrefix(c.value["url"], "https://"),
			Demo:    h.greeting,
			Host:    c.value["url"],
		},
		Eko: eko.Config{
			ClockTolerance: c.duration("eko-clock"),
			Debug:          c.on("eko-debug"),
			Strict:         c.on("eko-strict"),
			RefuseReplays:  c.on("eko-replays"),
			CodeTwice:      c.on("eko-code-twice"),
			HeaderAliases:  c.on("eko-aliases"),
		},
	}
}

// under is what callers know a room by; empty if it is what they called it by.
func (c *config) under(room string) string {
	if c.value["url"] == "" {
		return ""
	}
	return c.value["url"] + "/" + room
}

// release is the version that this is the source of.
const release = "0.1.0"

// programVersion is what the compiler knows of this program.
func programVersion() server.Version {
	v := server.Version{Version: release, Go: runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Revision = s.Value
		case "vcs.time":
			v.Built = s.Value
		case "vcs.modified":
			if s.Value == "true" {
				v.Version += "-changed"
			}
		}
	}
	return v
}

func (p *program) version() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "version",
		Short:   "Print what this is",
		Example: "  wapas version --json",
		Args:    args(),
		RunE: func(*cobra.Command, []string) error {
			v := programVersion()
			if asJSON {
				return p.json(v)
			}
			fmt.Fprintf(p.out, "wapas %s", v.Version)
			if v.Revision != "" {
				fmt.Fprintf(p.out, " (%.12s, %s)", v.Revision, v.Built)
			}
			fmt.Fprintf(p.out, " %s\n", v.Go)
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}
