package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"wapas/desk"
	"wapas/rail"
	"wapas/rail/sim"
	"wapas/sqlstore"
)

// A house is what most verbs need: the books and the desk in front of them.
type house struct {
	cfg   *config
	store *sqlstore.Store
	desk  *desk.Desk
	log   *slog.Logger
	watch *watch

	greeting string // said at the console's door: the demo's
}

// open opens the books that are in force. Sealed says that the verb opens or
// seals secrets, and so needs the master key. The caller closes.
func (p *program) open(ctx context.Context, cfg *config, sealed bool) (*house, error) {
	w := newWatch()
	store, err := sqlstore.Open(ctx, cfg.address(), sqlstore.Options{Batch: w.batch, Archive: cfg.value["archive"]})
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", masked(cfg.value["db"]), err)
	}
	h := &house{cfg: cfg, store: store, log: logger(p.err, cfg), watch: w}
	if err := h.furnish(ctx, sealed); err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return h, nil
}

// furnish brings the schema up to date, or makes sure that it is, and puts the
// desk in front of the books.
func (h *house) furnish(ctx context.Context, sealed bool) error {
	if h.cfg.sqlite() != "" || h.cfg.on("migrate") {
		err := h.store.Migrate(ctx)
		if errors.Is(err, sqlstore.ErrSchema) {
			return fmt.Errorf("%w\nAnother version of wapas made this database: use that one with it, or another database with this one", err)
		}
		if err != nil {
			return fmt.Errorf("bring the schema up to date: %w", err)
		}
	} else if err := h.store.Check(ctx); err != nil {
		return fmt.Errorf("%w\nOn PostgreSQL the schema is only changed when asked: run \"wapas migrate\", or start with --migrate", err)
	}
	h.desk = &desk.Desk{
		Store:  h.store,
		Now:    time.Now,
		Log:    h.log,
		Rails:  map[string]rail.Rail{"sim": sim.Rail{}, "manual": rail.Manual{}},
		Sealer: noKey{},
		Rate:   int(h.cfg.number("rate")),
	}
	guard, err := h.cfg.guard()
	if err != nil {
		return err
	}
	h.desk.Reach = guard.Reach
	if h.desk.Sender, err = h.cfg.sender(); err != nil {
		return err
	}
	if !sealed {
		return nil
	}
	some, err := h.sealedOnes(ctx)
	if err != nil {
		return err
	}
	keys, err := h.cfg.masterKeys(len(some) == 0)
	if err != nil {
		return err
	}
	h.desk.Sealer = keys
	for _, c := range some { // each tells whether its key is there
		if _, err := h.desk.Reveal(c); errors.Is(err, desk.ErrWrongKey) {
			return fmt.Errorf("the master key does not fit this database: the secret of %s was sealed under another. Give the right one with WAPAS_KEY_FILE or WAPAS_KEY; older ones go after it", c.Name)
		}
	}
	return nil
}

// sealedOnes is one credential for each master key that credentials are sealed under.
func (h *house) sealedOnes(ctx context.Context) (some []desk.Credential, err error) {
	seen := map[string]bool{}
	err = h.store.EveryCredential(ctx, func(c desk.Credential) error {
		if key := desk.SealedUnder(c.Secret); len(c.Secret) > 0 && !seen[key] { // a bearer token's is not kept
			seen[key] = true
			some = append(some, c)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list the credentials: %w", err)
	}
	return some, nil
}

// acting is a verb's context with who runs it, so that the books say who did
// what: the one named by --as, or whom the system knows.
func (p *program) acting(c *cobra.Command) context.Context {
	who := p.who()
	if as := c.Flag("as"); as != nil && as.Changed { // the verb's own
		who = as.Value.String()
	}
	what := strings.ReplaceAll(strings.TrimPrefix(c.CommandPath(), "wapas "), " ", ".")
	return desk.As(c.Context(), desk.Actor{By: "cli:" + who, Name: who, What: what})
}

// who runs a verb.
func (p *program) who() string { return cmp.Or(p.as, p.env["WAPAS_AS"], login(), "unknown") }

func (h *house) close() error { return h.store.Close() }

// noKey is the sealer of verbs that need no secrets.
type noKey struct{}

var errNoKey = errors.New("this verb was opened without the master key")

func (noKey) Seal([]byte) ([]byte, error) { return nil, errNoKey }
func (noKey) Open([]byte) ([]byte, error) { return nil, errNoKey }

// address is the database's as the store wants it.
func (c *config) address() string {
	if path := c.sqlite(); path != "" {
		return "sqlite:" + filepath.Clean(path)
	}
	return c.value["db"]
}

// logger writes the log that the settings ask for.
func logger(w io.Writer, cfg *config) *slog.Logger {
	var level slog.Level
	level.UnmarshalText([]byte(cfg.value["log-level"])) // checked
	o := &slog.HandlerOptions{Level: level}
	if cfg.value["log"] == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}
