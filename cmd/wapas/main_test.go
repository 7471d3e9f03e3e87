package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wapas/dialecttest"
)

// A shell runs verbs in a directory of its own, in this process.
type shell struct {
	t   *testing.T
	dir string
	env []string
}

// newShell has a database with a schema and nothing else in it; bareShell has
// none.
func newShell(t *testing.T) *shell {
	t.Helper()
	db := dialecttest.NewSQLite(t)
	return &shell{t: t, dir: filepath.Dir(strings.TrimPrefix(db, "sqlite:")), env: []string{"WAPAS_DB=" + db}}
}

func bareShell(t *testing.T) *shell {
	t.Helper()
	dir := t.TempDir()
	return &shell{t: t, dir: dir, env: []string{"WAPAS_DB=sqlite:" + filepath.Join(dir, "wapas.db")}}
}

// run runs a verb and returns its exit code and what it printed.
func (s *shell) run(args ...string) (code int, stdout, stderr string) {
	s.t.Helper()
	var out, err bytes.Buffer
	code = run(context.Background(), args, s.env, &out, &err)
	return code, out.String(), err.String()
}

// ok runs a verb that must succeed, and returns what it printed.
func (s *shell) ok(args ...string) string {
	s.t.Helper()
	code, stdout, stderr := s.run(args...)
	if code != exitDone {
		s.t.Fatalf("wapas %s: exit %d\n%s%s", strings.Join(args, " "), code, stdout, stderr)
	}
	return stdout
}

// json runs a verb that must succeed and reads its JSON into v.
func (s *shell) json(v any, args ...string) {
	s.t.Helper()
	if err := json.Unmarshal([]byte(s.ok(append(args, "--json")...)), v); err != nil {
		s.t.Fatalf("wapas %s: %v", strings.Join(args, " "), err)
	}
}

// fails runs a verb that must exit with code and say each of the words.
func (s *shell) fails(code int, words []string, args ...string) {
	s.t.Helper()
	got, stdout, stderr := s.run(args...)
	if got != code {
		s.t.Errorf("wapas %s: exit %d, want %d\n%s%s", strings.Join(args, " "), got, code, stdout, stderr)
	}
	for _, w := range words {
		if !strings.Contains(stderr, w) {
			s.t.Errorf("wapas %s: does not say %q:\n%s", strings.Join(args, " "), w, stderr)
		}
	}
}

// built is the real program, built once by whoever needs it first.
var built struct {
	sync.Once
	dir, path string
	err       error
}

func theProgram(t *testing.T) string {
	t.Helper()
	built.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "wapas-test"); built.err != nil {
			return
		}
		built.path = filepath.Join(built.dir, "wapas")
		cmd := exec.Command("go", "build", "-o", built.path, ".")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			built.err = fmt.Errorf("go build: %w\n%s", err, out)
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return built.path
}

func TestMain(m *testing.M) {
	code := m.Run()
	os.RemoveAll(built.dir)
	os.Exit(code)
}

// need fails the test, or skips it if not everything has to run, unless a
// program is there.
func need(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err == nil {
		return
	}
	if os.Getenv("WAPAS_TEST_FULL") != "" {
		t.Fatalf("%s is not installed", program)
	}
	t.Skipf("%s is not installed", program)
}

func TestUsage(t *testing.T) {
	s := newShell(t)
	for _, x := range []struct {
		args  string
		words []string
	}{
		{"frob", []string{`no "frob"`, "wapas --help"}},
		{"merchant crate", []string{`no "crate"`, `did you mean "create"?`, "wapas merchant --help"}},
		{"event", []string{`did you mean "events"?`}},
		{"comp", []string{`did you mean "completion"?`}},
		{"completion tcsh", []string{`no "tcsh" in "wapas completion"`}},
		{"events --count many", []string{`--count cannot be "many": it takes a whole number`}},
		{"clock resume --real=perhaps", []string{`--real cannot be "perhaps": it is true or false`}},
		{"serve --bogus", []string{"--bogus", "wapas serve --help"}},
		{"serve extra", []string{"no arguments"}},
		{"merchant create", []string{"takes NAME"}},
		{"key revoke", []string{"takes NAME"}},
		{"key issue x --mode prod", []string{"test or live"}},
		{"key issue x --room paypal", []string{`no room "paypal"`, "razorpay"}},
		{"key rotate x --grace -1s", []string{"must not be negative"}},
		{"clock set tomorrow", []string{"2026-03-31T23:59:59+05:30"}},
		{"clock move backwards", []string{"72h"}},
		{"clock move -3h", []string{"-3"}},
		{"config --timeout soon", []string{"timeout (--timeout)", "30s"}},
		{"config --log xml", []string{"text or json"}},
		{"config --log-level loud", []string{"debug, info, warn or error"}},
		{"config --max-body 12", []string{"1024 or more"}},
		{"config --rate -1", []string{"0 to 1000000"}},
		{"config --url pay.example.in", []string{"https://pay.example.in"}},
		{"config --url https://pay.example.in/x", []string{"https://pay.example.in"}},
		{"config --migrate=perhaps", []string{"true or false"}},
		{"verify --db mysql://localhost/x", []string{"sqlite:FILE or postgres://"}},
		{"verify --config /nowhere/wapas.conf", []string{"/nowhere/wapas.conf"}},
	} {
		s.fails(exitUsage, x.words, strings.Fields(x.args)...)
	}
	if got := s.ok(); !strings.Contains(got, "wapas demo") {
		t.Errorf("wapas alone does not say how to begin:\n%s", got)
	}
	if got := s.ok("version"); !strings.HasPrefix(got, "wapas "+release) {
		t.Errorf("version: got %q", got)
	}
	var v struct{ Version, Go string }
	if s.json(&v, "version"); v.Version == "" || v.Go == "" {
		t.Errorf("version --json: got %+v", v)
	}
	for _, sh := range []string{"bash", "zsh", "fish", "powershell"} {
		if got := s.ok("completion", sh); !strings.Contains(got, "wapas") {
			t.Errorf("completion %s: got %q", sh, got)
		}
	}
}

// Each verb explains itself and shows an example.
func TestHelp(t *testing.T) {
	s := newShell(t)
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		path := strings.Fields(c.CommandPath())[1:]
		help := s.ok(append(path, "--help")...)
		if len(path) > 0 && !strings.Contains(help, "Examples:\n") {
			t.Errorf("%s --help has no example:\n%s", c.CommandPath(), help)
		}
		if strings.HasSuffix(c.Short, ".") || c.Short == "" {
			t.Errorf("%s: its summary is %q", c.CommandPath(), c.Short)
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	p := &program{flags: map[string]string{}}
	walk(p.root())
}

// speechless are verbs that print nothing of their own for another program, or
// something that is not theirs to choose.
var speechless = []string{
	"wapas serve", "wapas demo", // servers: they log, see --log json
	"wapas completion bash", "wapas completion fish", "wapas completion powershell", "wapas completion zsh", // scripts
}

// Every verb that prints can print JSON, and takes what is documented at the
// root.
func TestJSON(t *testing.T) {
	p := &program{env: map[string]string{}, flags: map[string]string{}}
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		if !c.HasSubCommands() && c.Flags().Lookup("json") == nil && !slices.Contains(speechless, c.CommandPath()) {
			t.Errorf("%s has no --json", c.CommandPath())
		}
		for _, f := range []string{"server"} {
			if c.Flags().Lookup(f) != nil && c.Flags().Lookup("db") == nil {
				t.Errorf("%s has --%s and no --db", c.CommandPath(), f)
			}
		}
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Usage == "" || strings.HasSuffix(f.Usage, ".") {
				t.Errorf("%s --%s: its help is %q", c.CommandPath(), f.Name, f.Usage)
			}
		})
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(p.root())
}

// The examples of a verb are of that verb, with flags that it has and arguments
// that it takes; those that need nothing but a merchant run.
func TestExamples(t *testing.T) {
	s := newShell(t)
	s.ok("merchant", "create", "Chai Point")
	s.ok("terms", "set", "allow_payout=true", "instant_flat=100")
	ran := 0
	p := &program{env: map[string]string{}, flags: map[string]string{}}
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		for line := range strings.Lines(c.Example) {
			args, ok := exampleArgs(line)
			if !ok {
				continue
			}
			fresh := &program{env: map[string]string{}, flags: map[string]string{}}
			verb, rest, err := fresh.root().Find(args)
			if err == nil && verb.HasParent() {
				err = verb.ParseFlags(rest)
			}
			if err == nil && verb.Args != nil {
				err = verb.Args(verb, verb.Flags().Args())
			}
			if err != nil || !strings.HasPrefix(verb.CommandPath(), c.CommandPath()) {
				t.Errorf("%s: the example %q does not fit: %v (%s)", c.CommandPath(), strings.TrimSpace(line), err, verb.CommandPath())
				continue
			}
			if !c.HasSubCommands() && runs(args) {
				s.ok(args...)
				ran++
			}
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(p.root())
	if ran < 15 {
		t.Errorf("only %d examples ran", ran)
	}
}

// ofShell is what a shell puts something else for.
var ofShell = regexp.MustCompile(`\$\([^)]*\)`)

// exampleArgs are the arguments of an example, as a shell would give them; ok is
// false if it is no call of the program.
func exampleArgs(line string) (args []string, ok bool) {
	line, _, _ = strings.Cut(strings.TrimSpace(line), " > ")
	line, _, _ = strings.Cut(line, " #")
	line = ofShell.ReplaceAllString(line, "x")
	var word strings.Builder
	quote, begun := rune(0), false
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '"' || r == '\''):
			quote, begun = r, true
		case quote == 0 && r == ' ':
			if begun {
				args = append(args, word.String())
			}
			word.Reset()
			begun = false
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	if begun {
		args = append(args, word.String())
	}
	for len(args) > 0 && strings.Contains(args[0], "=") && args[0] == strings.ToUpper(args[0][:strings.Index(args[0], "=")])+args[0][strings.Index(args[0], "="):] {
		args = args[1:] // settings before the program's name
	}
	if len(args) == 0 || args[0] != "wapas" {
		return nil, false
	}
	return args[1:], true
}

// runs says whether an example can be run on a merchant with nothing in its
// books, and ends by itself.
func runs(args []string) bool {
	line := strings.Join(args, " ")
	for _, no := range []string{"_Qm1aB2cD3eF4gH", "--follow", "--forward-to", "replay", "serve", "demo", "bench", "--out", ".csv", ".txt", "postgres://", "backup", "restore", "live", "migrate", "--config"} {
		if strings.Contains(line, no) {
			return false
		}
	}
	verb := args[0]
	return slices.Contains([]string{"events", "clock", "trigger", "export", "scenario", "config", "version", "verify", "terms"}, verb)
}
