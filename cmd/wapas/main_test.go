package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/spf13/cobra"

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
