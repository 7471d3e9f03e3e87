package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"wapas/desk"
	"wapas/dialect/razorpay"
	"wapas/server"
	"wapas/trigger"
)

// A completer says what may be typed in a place: words, each with a tab and
// what it means behind it where that helps.
type completer func(c *cobra.Command) []string

// words are a completer that always says the same.
func words(all ...string) completer { return func(*cobra.Command) []string { return all } }

// completions gives flags and arguments of all verbs below c their values, by
// their names: a word means the same wherever it stands. Those that have
// completions of their own keep them.
func (p *program) completions(c *cobra.Command) {
	flags := map[string]completer{
		"merchant": p.merchants, "mode": words("test", "live"), "log": words("text", "json"), "log-level": words("debug", "info", "warn", "error"),
		"name": words(eventNames()...), "endpoint": p.endpoints, "state": words(tatStates...), "speed": words("normal", "optimum"),
		"role": words(roleNames()...), "scopes": typedScopes, "what": words(desk.JobRefunds, desk.JobCredits),
	}
	args := map[string]completer{"MERCHANT": p.merchants, "SCENARIO": p.scenarios, "ROLE": words(roleNames()...), "RULE": words(tatRuleNames()...)}
	for _, sub := range c.Commands() {
		for name, of := range flags {
			if f := sub.Flags().Lookup(name); f != nil {
				sub.RegisterFlagCompletionFunc(name, of.cobra()) // it has one already: that stays
			}
		}
		if f := sub.Flags().Lookup("room"); f != nil {
			rooms := heraldNames
			if sub.Name() != "listen" {
				rooms = roomNames
			}
			sub.RegisterFlagCompletionFunc("room", words(rooms()...).cobra())
		}
		if sub.ValidArgs == nil && sub.ValidArgsFunction == nil {
			sub.ValidArgsFunction = argument(strings.Fields(sub.Use)[1:], args)
		}
		p.completions(sub)
	}
}

func (of completer) cobra() func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return func(c *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		var fit []string
		for _, word := range of(c) {
			if strings.HasPrefix(word, typed) {
				fit = append(fit, word)
			}
		}
		return fit, cobra.ShellCompDirectiveNoFileComp
	}
}

// argument completes the arguments that a verb takes, by their names; files
// where a file is taken, and nothing where nobody can know.
func argument(takes []string, known map[string]completer) func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return func(c *cobra.Command, got []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(got) >= len(takes) {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		name := strings.Trim(takes[len(got)], "[].…")
		if of := known[name]; of != nil {
			return of.cobra()(c, got, typed)
		}
		if strings.Contains(name, "FILE") || strings.Contains(name, "DIR") {
			return nil, cobra.ShellCompDirectiveDefault
		}
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
}

// eventNames are the events that can be made to happen, and their nouns.
func eventNames() []string {
	var all []string
	for _, e := range trigger.Events() {
		noun, _, _ := strings.Cut(e.Name, ".")
		if len(all) == 0 || !slices.Contains(all, noun+".*") {
			all = append(all, noun+".*")
		}
		all = append(all, e.Name+"\t"+e.How)
	}
	return all
}

// roleNames are the roles of people.
func roleNames() (names []string) {
	for _, r := range desk.Roles {
		names = append(names, string(r))
	}
	return names
}

// typedScopes are those of the room typed so far.
func typedScopes(c *cobra.Command) []string {
	var room, kind string
	if f := c.Flags().Lookup("room"); f != nil {
		room = f.Value.String()
	}
	if f := c.Flags().Lookup("kind"); f != nil {
		kind = f.Value.String()
	}
	of, err := kindNamed(room, kind)
	if err != nil {
		return nil
	}
	return of.Scopes
}

// heraldNames are the rooms that announce things.
func heraldNames() []string {
	var names []string
	for _, h := range server.Heralds() {
		names = append(names, cmp.Or(h.Room(), razorpay.Room))
	}
	return names
}

// peek looks into the books for a completion. It makes nothing, and says
// nothing if they cannot be had: somebody is typing.
func (p *program) peek(c *cobra.Command, look func(ctx context.Context, h *house) []string) []string {
	cfg, err := p.load()
	if err != nil || !cfg.local() {
		return nil
	}
	if path := cfg.sqlite(); path != "" {
		if _, err := os.Stat(path); err != nil {
			return nil
		}
	}
	quiet := *p
	quiet.err = io.Discard
	h, err := quiet.open(c.Context(), cfg, false)
	if err != nil {
		return nil
	}
	h.log = slog.New(slog.DiscardHandler)
	defer h.close()
	return look(c.Context(), h)
}

// merchants are the merchants' ids and names.
func (p *program) merchants(c *cobra.Command) []string {
	return p.peek(c, func(ctx context.Context, h *house) (ids []string) {
		all, err := h.store.Merchants(ctx)
		if err != nil {
			return nil
		}
		for _, m := range all {
			ids = append(ids, string(m.ID)+"\t"+m.Name)
		}
		return ids
	})
}

// typedBook is the book that the flags typed so far name.
func typedBook(ctx context.Context, c *cobra.Command, h *house) (desk.Book, error) {
	of := func(name, otherwise string) string {
		if f := c.Flags().Lookup(name); f != nil {
			return f.Value.String()
		}
		return otherwise
	}
	return bookOf(ctx, h, of("merchant", ""), of("mode", string(desk.Test)))
}

// scenarios are those that stand in the test book.
func (p *program) scenarios(c *cobra.Command) []string {
	return p.peek(c, func(ctx context.Context, h *house) (ids []string) {
		book, err := typedBook(ctx, c, h)
		all, err2 := h.desk.Scenarios(ctx, book.ID)
		if errors.Join(err, err2) != nil {
			return nil
		}
		for _, s := range all {
			ids = append(ids, string(s.ID)+"\t"+s.Outcome)
		}
		return ids
	})
}

// endpoints are those that are sent events.
func (p *program) endpoints(c *cobra.Command) []string {
	return p.peek(c, func(ctx context.Context, h *house) (ids []string) {
		book, err := typedBook(ctx, c, h)
		all, err2 := h.desk.ActiveEndpoints(ctx, book.ID)
		if errors.Join(err, err2) != nil {
			return nil
		}
		for _, e := range all {
			ids = append(ids, string(e.ID)+"\t"+e.URL)
		}
		return ids
	})
}
