package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	api "wapas/client"
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
	switch {
	case err == errSaid:
	case ctx.Err() != nil && (errors.Is(err, context.Canceled) || api.CodeOf(err) == string(ledger.Internal)): // Ctrl-C
		fmt.Fprintln(stderr, "wapas: stopped before it was done")
	default:
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
		say := strings.ReplaceAll(string(e.Code), "_", " ") + ": " + e.Detail
		if e.Field != "" && !strings.Contains(e.Detail, e.Field) {
			say += " (" + e.Field + ")"
		}
		return say
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
		var value *pflag.InvalidValueError
		if errors.As(err, &value) { // Go's reason is no help
			f := value.GetFlag()
			err = fmt.Errorf("--%s cannot be %q: %s", f.Name, value.GetValue(), valueWords(f))
		}
		return usagef("%v\nSee \"%s --help\"", err, c.CommandPath())
	})
	group(root, p.demo(), p.serve(), p.merchant(), p.key(), p.person(), p.terms(), p.verify(), p.settle(), p.money(), p.tat(), p.waiting(), p.job(), p.scenario(), p.agent(), p.bench(), p.soak(), p.clock(), p.events(), p.listen(), p.replay(), p.trigger(), p.imports(), p.export(), p.archive(), p.backup(), p.restore(), p.migrate(), p.printConfig(), p.version())
	root.SetOut(p.out) // where the scripts go
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if c.Name() == "completion" {
			for _, shell := range group(c).Commands() {
				shell.Example = "  wapas completion " + shell.Name()
			}
			c.Example = "  wapas completion bash > /etc/bash_completion.d/wapas"
		}
	}
	p.completions(root)
	return root
}

// group makes c a verb that only has verbs below it.
func group(c *cobra.Command, verbs ...*cobra.Command) *cobra.Command {
	c.AddCommand(verbs...)
	c.Args = func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		say := fmt.Sprintf("there is no %q in %q", args[0], c.CommandPath())
		say += meant(args[0], verbsOf(c), "")
		return usagef("%s\nSee \"%s --help\"", say, c.CommandPath())
	}
	c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	return c
}

// verbsOf are the verbs below c that somebody may mean.
func verbsOf(c *cobra.Command) (names []string) {
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	return names
}

// valueWords says what a flag takes.
func valueWords(f *pflag.Flag) string {
	takes := map[string]string{
		"int": "it takes a whole number", "int64": "it takes a whole number", "uint": "it takes a whole number", "ints": "it takes whole numbers, with commas between",
		"intSlice": "it takes whole numbers, with commas between", "bool": "it is true or false", "duration": "it takes a time such as 90s, 30m or 72h",
	}[f.Value.Type()]
	if takes == "" {
		return f.Usage
	}
	return takes
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
