package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wapas/ledger"
)

// What the program's exit says.
const (
	exitDone   = 0
	exitFailed = 1 // it could not be done, or verify found the books wrong
	exitUsage  = 2 // it was asked wrongly: an unknown verb, flag or setting
)

// A program is one run of wapas: what the outside world is to it.
type program struct {
	env      map[string]string
	out, err io.Writer
	config   string            // --config
	as       string            // --as
	flags    map[string]string // flags that were given, by the name of their setting
}

// run is the program without its process: arguments in, exit code out.
func run(ctx context.Context, args, env []string, stdout, stderr io.Writer) int {
	p := &program{env: map[string]string{}, out: stdout, err: stderr, flags: map[string]string{}}
	for _, kv := range env {
		if k, v, ok := strings.Cut(kv, "="); ok && (strings.HasPrefix(k, "WAPAS_") || k == "NO_COLOR") {
			p.env[k] = v
		}
	}
	root := p.root()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	var usage *usageError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "wapas: %v\n", err)
		return exitUsage
	}
	if err != errSaid {
		fmt.Fprintf(stderr, "wapas: %v\n", plain(err))
	}
	return exitFailed
}

// errSaid ends a verb that has already said what is wrong.
var errSaid = errors.New("said already")

// A usageError says that the program was asked wrongly.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usagef(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// plain is a refusal of the desk or of a server in words for a terminal.
func plain(err error) string {
	if say := plainProblem(err); say != "" {
		return say
	}
	var e *ledger.Error
	if errors.As(err, &e) && e.Code != ledger.Internal && e.Detail != "" {
		return fmt.Sprintf("%s: %s", strings.ReplaceAll(string(e.Code), "_", " "), e.Detail)
	}
	return err.Error()
}

// root lists the verbs in the order of the manual.
func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "wapas",
		Short: "A wallet and refund server: one ledger, in the words of published APIs",
		Long: `wapas keeps double-entry books and answers on them as the APIs that a merchant's
programs already speak. Start with:

  wapas demo

Every flag is also an environment variable: --db is WAPAS_DB. A flag beats the
environment, the environment beats the file of --config. "wapas config" prints
what is in force and where it comes from.

Verbs about one book's life (events, listen, replay, clock, trigger, scenario,
export) speak to a running server with --server URL and a token in WAPAS_TOKEN;
without, they open the books of --db.

Exit codes: 0 done; 1 it could not be done, or verify found the books wrong;
2 it was asked wrongly: an unknown verb, flag or value; 130 or 143 a second
Ctrl-C or SIGTERM ended it at once.`,
		SilenceUsage: true, SilenceErrors: true,
	}
	root.PersistentFlags().StringVar(&p.config, "config", "", "file of settings, one NAME = VALUE a line (WAPAS_CONFIG; default ./wapas.conf if it is there)")
	root.PersistentFlags().StringVar(&p.as, "as", "", "who the books say did it (WAPAS_AS; default: the system's user)")
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		if name, ok := strings.CutPrefix(err.Error(), "unknown flag: --"); ok {
			var known []string
			c.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
			err = fmt.Errorf("%w%s", err, meant(name, known, "--"))
		}
		return usagef("%v\nSee \"%s --help\"", err, c.CommandPath())
	})
	group(root, p.demo(), p.serve(), p.merchant(), p.key(), p.person(), p.terms(), p.verify(), p.settle(), p.money(), p.tat(), p.waiting(), p.job(), p.scenario(), p.agent(), p.bench(), p.clock(), p.events(), p.listen(), p.replay(), p.trigger(), p.imports(), p.export(), p.backup(), p.restore(), p.migrate(), p.printConfig(), p.version())
	p.completions(root)
	return root
}

// group makes c a verb that only has verbs below it.
func group(c *cobra.Command, verbs ...*cobra.Command) *cobra.Command {
	c.AddCommand(verbs...)
	c.SuggestionsMinimumDistance = 2
	c.Args = func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		say := fmt.Sprintf("there is no %q in %q", args[0], c.CommandPath())
		if near := c.SuggestionsFor(args[0]); len(near) > 0 {
			say += fmt.Sprintf("; did you mean %q?", near[0])
		}
		return usagef("%s\nSee \"%s --help\"", say, c.CommandPath())
	}
	c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	return c
}

// args demands so many of them, by name.
func args(names ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, got []string) error {
		if len(got) == len(names) {
			return nil
		}
		want := "no arguments"
		if len(names) > 0 {
			want = strings.Join(names, " ")
		}
		return usagef("%s takes %s\nSee \"%s --help\"", c.CommandPath(), want, c.CommandPath())
	}
}
