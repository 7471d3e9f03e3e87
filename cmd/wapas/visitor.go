package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	api "wapas/client"
	"wapas/desk"
	"wapas/dialect/native"
	"wapas/ledger"
	"wapas/server"
)

// A visitor is how a verb about one book's life speaks: our own API, of the
// server that the settings name, or of this very process with the database open
// before it. The verb does not know which.
type visitor struct {
	*api.Client
	me api.Me
}

// visiting makes a verb of what speaks our own API about one book. Sealed says
// that the verb may need secrets to be opened here, to sign with or for a text to
// a customer.
func (p *program) visiting(s *settler, sealed bool, do func(ctx context.Context, v *visitor, args []string) error) verb {
	return func(c *cobra.Command, args []string) error {
		cfg, err := p.load()
		if err != nil {
			return err
		}
		if cfg.local() {
			open := p.unsealed
			if sealed {
				open = p.sealing
			}
			return open(func(ctx context.Context, h *house, args []string) error {
				book, err := bookOf(ctx, h, s.merchant, cmp.Or(s.mode, string(desk.Test)))
				if err != nil {
					return err
				}
				v, err := h.visit(ctx, book, p.who())
				if err != nil {
					return err
				}
				return do(ctx, v, args)
			})(c, args)
		}
		v, err := p.visit(c, cfg, s)
		if err != nil {
			return err
		}
		return do(c.Context(), v, args)
	}
}

// visit speaks to the house's own room, as somebody who has this machine.
func (h *house) visit(ctx context.Context, book desk.Book, name string) (*visitor, error) {
	cfg := native.Config{Version: programVersion().Version, Heralds: server.Heralds()}
	c := api.New(native.InsideBase, "")
	c.HTTP = &http.Client{Transport: native.Inside(h.desk, cfg, desk.Caller{Merchant: book.Merchant, Book: book.ID, Mode: book.Mode, Name: name})}
	c.Tries = 1 // there is no line to break
	v := &visitor{Client: c}
	var err error
	v.me, err = c.Me(ctx)
	return v, err
}

// visit speaks to a server, and looks whether its token opens the book that was
// asked for.
func (p *program) visit(c *cobra.Command, cfg *config, s *settler) (*visitor, error) {
	if cfg.value["token"] == "" {
		return nil, usagef("to speak to %s, put a token of its room native into WAPAS_TOKEN: \"wapas key issue MERCHANT --room native\" makes one where its books are", cfg.value["server"])
	}
	if c.Flags().Changed("as") {
		return nil, usagef("--as is for books on this machine: a server knows who speaks by the token")
	}
	v := &visitor{Client: api.New(cfg.value["server"], cfg.value["token"])}
	line := http.DefaultTransport.(*http.Transport).Clone()
	line.ResponseHeaderTimeout = time.Minute
	v.HTTP = &http.Client{Transport: line}
	var err error
	if v.me, err = v.Me(c.Context()); err != nil {
		return nil, err
	}
	m := v.me
	switch {
	case s.merchant != "" && s.merchant != m.Merchant.ID:
		return nil, usagef("the token opens a book of %s, not of %s: leave --merchant out, or use another token", m.Merchant.ID, s.merchant)
	case s.mode != "" && c.Flags().Changed("mode") && s.mode != m.Book.Mode:
		return nil, usagef("the token opens the %s book, not the %s one: leave --mode out, or use another token", m.Book.Mode, s.mode)
	}
	return v, nil
}

// atServer gives a verb the flags that say where its book is, and more.
func (p *program) atServer(c *cobra.Command, names ...string) *cobra.Command {
	return p.with(c, append([]string{"db", "server"}, names...)...)
}

// local says whether the books are opened here: if there is no server, or if
// --db was given beside a server that only the environment or the file names.
func (c *config) local() bool {
	return c.value["server"] == "" || c.from["db"] == "--db" && c.from["server"] != "--server"
}

// ruleOf is the rule that refused, whoever tells of it; empty for another error.
func ruleOf(err error) ledger.Why {
	var e *ledger.Error
	var p *api.Problem
	switch {
	case errors.As(err, &p):
		return ledger.Why(p.Rule)
	case errors.As(err, &e):
		return e.Why
	}
	return ""
}

// detailOf is what a refusal says, and fieldOf where.
func detailOf(err error) (detail, field string) {
	var e *ledger.Error
	var p *api.Problem
	switch {
	case errors.As(err, &p):
		return p.Detail, p.Field
	case errors.As(err, &e):
		return e.Detail, e.Field
	}
	return err.Error(), ""
}

// notThere says whether something that was named is not there.
func notThere(err error) bool {
	return err != nil && (api.CodeOf(err) == string(ledger.NotFound) || ledger.CodeOf(err) == ledger.NotFound)
}

// plainProblem is a server's refusal, or a line that broke, as a sentence;
// empty if it is neither.
func plainProblem(err error) string {
	var p *api.Problem
	var u *url.Error
	switch {
	case errors.As(err, &p) && p.Code == string(ledger.Internal):
		return fmt.Sprintf("the server could not do it (%s); its log says why, under %s", strings.TrimSuffix(p.Detail, "."), p.RequestID)
	case errors.As(err, &p) && p.Status == http.StatusUnauthorized:
		return "the server does not know the token of WAPAS_TOKEN: " + p.Detail
	case errors.As(err, &p):
		say := strings.ReplaceAll(p.Code, "_", " ") + ": " + p.Detail
		if p.Field != "" && !strings.Contains(p.Detail, p.Field) {
			say += " (" + p.Field + ")"
		}
		return say
	case errors.As(err, &u):
		host := u.URL
		if at, bad := url.Parse(u.URL); bad == nil {
			host = at.Host
		}
		return "cannot reach " + host + ": " + lineWords(u.Err)
	}
	return ""
}

// lineWords says why a line broke.
func lineWords(err error) string {
	var op *net.OpError
	switch {
	case errors.As(err, &op) && op.Err != nil:
		return op.Err.Error()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "it hung up"
	}
	return err.Error()
}
