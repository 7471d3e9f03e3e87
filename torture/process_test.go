package torture

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

// binary is the real program, built once. Its directory is removed at the end.
var binary = builder{}

type builder struct {
	once sync.Once
	path string
	err  error
}

// binaryEnv is where a test in a namespace of its own finds the program.
const binaryEnv = "WAPAS_TORTURE_BINARY"

func (b *builder) at(t testing.TB) string {
	t.Helper()
	b.once.Do(func() {
		if b.path = os.Getenv(binaryEnv); b.path != "" {
			return
		}
		var dir string
		if dir, b.err = os.MkdirTemp("", "wapas-torture"); b.err != nil {
			return
		}
		b.path = filepath.Join(dir, "wapas")
		cmd := exec.Command("go", "build", "-o", b.path, "wapas/cmd/wapas")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0") // as it is released
		if out, err := cmd.CombinedOutput(); err != nil {
			b.err = &buildError{err, out}
		}
	})
	if b.err != nil {
		t.Fatal(b.err)
	}
	return b.path
}

// dir is what is to be removed.
func (b *builder) dir() (string, error) {
	if b.path == "" || os.Getenv(binaryEnv) != "" {
		return "", os.ErrNotExist
	}
	return filepath.Dir(b.path), nil
}

type buildError struct {
	err error
	out []byte
}

func (e *buildError) Error() string { return "go build: " + e.err.Error() + "\n" + string(e.out) }

// A process is the program under test: a server, and verbs beside it.
type process struct {
	t      testing.TB
	flags  []string // --db and --key-file
	more   []string // of serve
	listen string   // any port if empty
	cmd    *exec.Cmd
	url    string
	log    *last

	known atomic.Value // url, for who asks while it may be started again
}

// at is where it was started last; empty if it never was.
func (p *process) at() string {
	url, _ := p.known.Load().(string)
	return url
}

// run runs a verb to its end and returns what it printed.
func (p *process) run(verb string, args ...string) []byte {
	p.t.Helper()
	cmd := exec.Command(binary.at(p.t), append([]string{verb}, args...)...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		p.t.Fatalf("wapas %s: %v\n%s%s", verb, err, out.Bytes(), errs.Bytes())
	}
	return out.Bytes()
}

// serve starts the server and returns its address once it answers.
func (p *process) serve() string {
	p.t.Helper()
	if !p.start() {
		p.t.Fatalf("the server ended:\n%s", p.log)
	}
	return p.url
}

// start starts the server and says whether it came to answer, or ended.
func (p *process) start() bool {
	p.t.Helper()
	args := append([]string{"serve", "--listen", cmp.Or(p.listen, "127.0.0.1:0"), "--log", "json"}, p.flags...)
	p.cmd = exec.Command(binary.at(p.t), append(args, p.more...)...)
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	cmd, log := p.cmd, &last{}
	p.log = log
	p.t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	found := make(chan string, 1)
	go func() {
		defer close(found)
		lines := bufio.NewReader(stderr)
		for {
			line, err := lines.ReadString('\n')
			log.add(line)
			var entry struct{ Msg, URL string }
			if json.Unmarshal([]byte(line), &entry); entry.Msg == "serving" {
				found <- entry.URL
			}
			if err != nil {
				return
			}
		}
	}()
	url, ok := <-found
	p.url = url
	p.known.Store(url)
	return ok
}

// kill is SIGKILL.
func (p *process) kill() {
	p.cmd.Process.Kill()
	p.cmd.Wait()
}

// signal sends another signal.
func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// last is the end of a log that is worth reading: not of ordinary requests.
type last struct {
	mu    sync.Mutex
	lines []string
}

func (l *last) add(line string) {
	if strings.Contains(line, `"level":"INFO"`) && strings.Contains(line, `"msg":"request"`) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lines = append(l.lines, line); len(l.lines) > 40 {
		l.lines = l.lines[1:]
	}
}

func (l *last) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines, "")
}
