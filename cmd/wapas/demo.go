package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
	"golang.org/x/term"

	"wapas/sqlstore"
)

func (p *program) demo() *cobra.Command {
	var dir string
	var once bool
	c := &cobra.Command{
		Use:   "demo",
		Short: "A demo merchant with life in it; prints what to try",
		Long: `Make a demo merchant with six weeks of customers, payments, refunds and wallets,
make the sample requests of the vendors' documents against it, print the
answers, and stay up. Nothing to install or configure; /readyz says 200 once it
is ready. A second start uses what the first one made.`,
		Example: `  wapas demo
  wapas demo --once
  wapas demo --listen 127.0.0.1:9090 --data /tmp/demo`,
		Args: args(),
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := p.load()
			if err != nil {
				return err
			}
			return p.runDemo(c.Context(), cfg, dir, once)
		},
	}
	c.Flags().StringVar(&dir, "data", "wapas-demo", "directory of its database, made if missing")
	c.Flags().BoolVar(&once, "once", false, "exit after the tour")
	return p.with(c, "listen", "log", "log-level")
}

// demoState says how far the demo in a directory has come. It lies beside the
// database, so that a demo never takes somebody's real books for its own, nor
// half of its own for the whole.
type demoState struct {
	Edition int  `json:"edition"` // which demo it is: see demoEdition
	Made    bool `json:"made"`    // the book is complete
	Toured  bool `json:"toured"`  // the sample requests were made, or begun
}

// demoEdition grows when the tour asks for something that demos made before do
// not hold.
const demoEdition = 3

// anotherDemo is what is said of one that this program did not make.
func anotherDemo(dir string) error {
	return fmt.Errorf("another version of wapas made the demo in %s: remove it, or choose another directory with --data", dir)
}

func (p *program) runDemo(ctx context.Context, cfg *config, dir string, once bool) error {
	db := filepath.Join(dir, "wapas.db")
	state, err := demoIn(dir, db)
	if err != nil {
		return err
	}
	// The demo is complete in its directory, whatever else is configured.
	cfg.value["db"], cfg.value["key"], cfg.value["key-file"] = "sqlite:"+db, "", ""
	if cfg.from["log-level"] == "default" {
		cfg.value["log-level"] = "error" // its rail misbehaves on purpose
	}
	h, err := p.open(ctx, cfg, true)
	if errors.Is(err, sqlstore.ErrSchema) {
		return anotherDemo(dir)
	}
	if err != nil {
		return err
	}
	l, err := listen(cfg)
	if err != nil {
		return errors.Join(err, h.close())
	}
	return errors.Join(p.showDemo(ctx, h, l, dir, state, once), h.close())
}

// demoIn finds out what is in the demo's directory. A demo whose making was
// interrupted is made again.
func demoIn(dir, db string) (state demoState, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return state, err
	}
	text, err := os.ReadFile(stateFile(dir))
	switch _, missing := os.Stat(db); {
	case err == nil:
		if err := json.Unmarshal(text, &state); err != nil {
			return state, fmt.Errorf("%s: %w", stateFile(dir), err)
		}
	case !errors.Is(err, fs.ErrNotExist):
		return state, err
	case missing == nil:
		return state, fmt.Errorf("%s was not made by a demo: choose another directory with --data", db)
	}
	switch {
	case state.Made && state.Edition != demoEdition:
		return state, anotherDemo(dir)
	case state.Made:
		return state, nil
	}
	for _, end := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(db + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return state, err
		}
	}
	state = demoState{Edition: demoEdition}
	return state, writeState(dir, state)
}

func stateFile(dir string) string { return filepath.Join(dir, "demo.json") }

func writeState(dir string, s demoState) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return os.WriteFile(stateFile(dir), append(text, '\n'), 0o644)
}

// showDemo serves from the first moment, not ready until the book is made;
// then it gives the tour.
func (p *program) showDemo(ctx context.Context, h *house, l net.Listener, dir string, state demoState, once bool) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var ready atomic.Bool
	ready.Store(state.Made)
	made := make(chan struct{})
	h.greeting = "This is the demo. Sign in as admin@wapas.local, or as finance@, support@ or viewer@wapas.local; the password is wapas-demo-password."
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		return h.run(ctx, l, made, func() error {
			if !ready.Load() {
				return errors.New("the demo's merchant is being made")
			}
			return nil
		})
	})
	g.Go(func() error {
		if !state.Made {
			began := time.Now()
			bar := p.progress("making a merchant with six weeks of life")
			if err := h.makeBook(ctx, bar.said); err != nil {
				return err
			}
			bar.done(time.Since(began))
			state.Made = true
			if err := writeState(dir, state); err != nil {
				return err
			}
		}
		close(made)
		ready.Store(true)
		// The requests of the tour cannot be made twice, so it is noted before:
		// a tour that is interrupted is not begun again.
		again := state.Toured
		state.Toured = true
		if err := writeState(dir, state); err != nil {
			return err
		}
		if !again {
			if err := h.remind(ctx); err != nil {
				return err
			}
		}
		api := &client{base: "http://" + reachable(l.Addr()), door: demoDoors["razorpay"], via: http.DefaultTransport}
		if err := p.tour(ctx, api, again); err != nil {
			return err
		}
		if err := p.next(ctx, api, dir, once); err != nil {
			return err
		}
		if once {
			stop()
		}
		return nil
	})
	err := g.Wait()
	if errors.Is(err, context.Canceled) {
		return nil // told to stop
	}
	return err
}

// reachable is the address to call a listener by.
func reachable(a net.Addr) string {
	host, port, err := net.SplitHostPort(a.String())
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return a.String()
}

// A bar shows how far something has come: a line that moves on a terminal, a
// line at the start and one at the end elsewhere.
type bar struct {
	p     *program
	what  string
	moves bool
	last  int
}

func (p *program) progress(what string) *bar {
	b := &bar{p: p, what: what, last: -1}
	if f, ok := p.err.(*os.File); ok {
		b.moves = term.IsTerminal(int(f.Fd()))
	}
	if !b.moves {
		fmt.Fprintf(p.err, "%s …\n", what)
	}
	return b
}

func (b *bar) said(done, all int) {
	if pc := 100 * done / max(all, 1); b.moves && pc != b.last {
		b.last = pc
		const width = 30
		full := pc * width / 100
		fmt.Fprintf(b.p.err, "\r%s  %s%s %3d %%", b.what, repeat("█", full), repeat("░", width-full), pc)
	}
}

func (b *bar) done(took time.Duration) {
	if b.moves {
		fmt.Fprintf(b.p.err, "\r\x1b[K")
	}
	fmt.Fprintf(b.p.err, "%s: done in %.1f s\n", b.what, took.Seconds())
}

func repeat(s string, n int) string {
	out := make([]byte, 0, n*len(s))
	for range n {
		out = append(out, s...)
	}
	return string(out)
}
