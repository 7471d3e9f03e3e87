package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"wapas/desk"
	"wapas/dialect"
	"wapas/ledger"
)

// issued is a credential as it is shown once.
type issued struct {
	Room   string `json:"room"`
	Kind   string `json:"kind"`
	Mode   string `json:"mode"`
	Name   string `json:"name"`
	Secret string `json:"secret"`
	Scopes string `json:"scopes,omitempty"`
}

func (p *program) merchant() *cobra.Command {
	c := &cobra.Command{Use: "merchant", Short: "Create and list merchants", Example: "  wapas merchant create \"Chai Point\"\n  wapas merchant list"}
	return group(c, p.merchantCreate(), p.merchantList())
}

func (p *program) merchantCreate() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "create NAME",
		Short: "Create a merchant with a test and a live book, and its credentials for every room",
		Long: `Create a merchant with a test and a live book, and its credentials for every
room. The secrets are shown once, now.`,
		Example: `  wapas merchant create "Chai Point"
  wapas merchant create "Chai Point" --json`,
		Args: args("NAME"),
		RunE: p.sealed(func(ctx context.Context, h *house, args []string) error {
			m, test, live, err := h.desk.CreateMerchant(ctx, desk.MerchantRequest{Name: args[0]})
			if err != nil {
				return err
			}
			var keys []issued
			for _, book := range []desk.Book{test, live} {
				for _, kind := range keyKinds {
					if !atBirth(kind) {
						continue
					}
					key, err := issue(ctx, h, kind, book, "")
					if err != nil {
						return fmt.Errorf("merchant %s is there, but without a %s %s: %w (try: wapas key issue %s)", m.ID, kind.Room, kind.Kind, err, m.ID)
					}
					keys = append(keys, key)
				}
			}
			if asJSON {
				return p.json(struct {
					ID   desk.ID  `json:"id"`
					Name string   `json:"name"`
					Keys []issued `json:"keys"`
				}{m.ID, m.Name, keys})
			}
			fmt.Fprintf(p.out, "merchant %s (%s)\n\n", m.ID, m.Name)
			return p.printIssued(keys)
		}),
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return p.with(c, "db", "key-file")
}

// issue mints a credential for a book.
func issue(ctx context.Context, h *house, kind dialect.KeyKind, book desk.Book, scopes string) (issued, error) {
	name, secret := kind.Mint(book.Mode, "")
	cred, err := h.desk.Issue(ctx, desk.IssueRequest{
		Room: kind.Room, Book: book.ID, Name: name, Secret: []byte(secret), Scopes: scopes,
	})
	return shown(kind, book, cred, secret), err
}

// shown is a credential with its secret, for the only time.
func shown(kind dialect.KeyKind, book desk.Book, cred desk.Credential, secret string) issued {
	name := cred.Name
	if bearing(name) {
		name = "(bearer token)"
	}
	return issued{kind.Room, kind.Kind, string(book.Mode), name, secret, cred.Scopes}
}

func (p *program) printIssued(keys []issued) error {
	w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ROOM\tKIND\tMODE\tNAME\tSECRET")
	for _, k := range keys {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", k.Room, k.Kind, k.Mode, k.Name, k.Secret)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(p.out, "\nKeep the secrets: they are not shown again.")
	return nil
}

func (p *program) merchantList() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "list",
		Short:   "List the merchants and their books",
		Example: "  wapas merchant list --json",
		Args:    args(),
		RunE: p.unsealed(func(ctx context.Context, h *house, _ []string) error {
			merchants, err := h.store.Merchants(ctx)
			if err != nil {
				return err
			}
			books, err := h.store.Books(ctx, desk.BookQuery{})
			if err != nil {
				return err
			}
			type book struct {
				ID      desk.BookID `json:"id"`
				Mode    desk.Mode   `json:"mode"`
				Entries int64       `json:"entries"`
			}
			type line struct {
				ID        desk.ID `json:"id"`
				Name      string  `json:"name"`
				CreatedAt string  `json:"created_at"`
				Books     []book  `json:"books"`
			}
			lines := make([]line, len(merchants))
			for i, m := range merchants {
				lines[i] = line{m.ID, m.Name, stamp(m.CreatedAt), nil}
				for _, b := range books {
					if b.Merchant == m.ID {
						lines[i].Books = append(lines[i].Books, book{b.ID, b.Mode, b.Entry})
					}
				}
			}
			if asJSON {
				return p.json(lines)
			}
			w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "MERCHANT\tNAME\tBOOK\tMODE\tENTRIES\tCREATED")
			for _, m := range lines {
				for _, b := range m.Books {
					fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%d\t%s\n", m.ID, m.Name, b.ID, b.Mode, b.Entries, m.CreatedAt)
				}
			}
			return w.Flush()
		}),
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return p.with(c, "db")
}

// stamp is a moment for a terminal, in UTC; empty if there is none.
func stamp(t ledger.Time) string {
	if t == 0 {
		return ""
	}
	return time.UnixMicro(int64(t)).UTC().Format(time.RFC3339)
}

// A verb is what a command does once its arguments are known.
type verb = func(*cobra.Command, []string) error

// sealed, unsealed and sealing open the house around a verb: with the master
// key, for one that may be the first; without it; and with it, for one that
// goes on with books that are there, and may cause a text to a customer.
func (p *program) sealed(do func(context.Context, *house, []string) error) verb {
	return p.opened(true, do)
}

func (p *program) unsealed(do func(context.Context, *house, []string) error) verb {
	return p.there(p.opened(false, do))
}

func (p *program) sealing(do func(context.Context, *house, []string) error) verb {
	return p.there(p.opened(true, do))
}

// there is for verbs that look at books that are there. An empty database made
// of a mistyped name would add up, and say so.
func (p *program) there(open verb) verb {
	return func(c *cobra.Command, args []string) error {
		cfg, err := p.load()
		if err != nil {
			return err
		}
		if path := cfg.sqlite(); path != "" && cfg.local() {
			if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("there is no database %s: say where it is with --db sqlite:FILE, or begin one with \"wapas merchant create NAME\"", path)
			}
		}
		return open(c, args)
	}
}

// asksNone is for verbs that ask no server, when one is named.
func asksNone(c *cobra.Command, cfg *config) error {
	if cfg.local() {
		return nil
	}
	return usagef("%s opens the books themselves and asks no server: leave WAPAS_SERVER out, or say with --db which books", c.CommandPath())
}

func (p *program) opened(key bool, do func(context.Context, *house, []string) error) verb {
	return func(c *cobra.Command, args []string) error {
		cfg, err := p.load()
		if err != nil {
			return err
		}
		if err := asksNone(c, cfg); err != nil {
			return err
		}
		h, err := p.open(c.Context(), cfg, key)
		if err != nil {
			return err
		}
		defer h.close() // everything it kept was committed before it was told so
		return do(p.acting(c), h, args)
	}
}
