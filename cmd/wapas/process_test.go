package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"wapas/desk"
)

// A process is the real program, running.
type process struct {
	t    *testing.T
	cmd  *exec.Cmd
	url  string
	mu   sync.Mutex
	said bytes.Buffer // both of its outputs
	news sync.Cond    // of mu: there is more of them, or one has ended
	open int          // how many of them have not
	read sync.WaitGroup
}

// start starts the program in a directory and waits until it says where it
// answers, if it is one that does: the first URL of this machine that it prints.
func start(t *testing.T, dir string, env []string, args ...string) *process {
	t.Helper()
	return startOf(t, theProgram(t), dir, env, args...)
}

// startOf is start with another program: an earlier one.
func startOf(t *testing.T, program, dir string, env []string, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(program, args...), open: 2}
	p.news.L = &p.mu
	p.cmd.Dir = dir
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir}, env...)
	found := make(chan string, 1)
	for _, open := range []func() (io.ReadCloser, error){p.cmd.StdoutPipe, p.cmd.StderrPipe} {
		r, err := open()
		if err != nil {
			t.Fatal(err)
		}
		p.read.Add(1)
		go p.listen(r, found)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.cmd.ProcessState == nil {
			p.cmd.Process.Kill()
			p.end()
		}
	})
	select {
	case p.url = <-found:
	case <-time.After(2 * time.Minute):
		t.Fatalf("it does not say where it answers:\n%s", p.text())
	}
	return p
}

var ownURL = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

func (p *process) listen(r io.Reader, found chan<- string) {
	defer p.read.Done()
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadString('\n')
		p.mu.Lock()
		p.said.WriteString(line)
		if err != nil {
			p.open--
		}
		p.news.Broadcast()
		p.mu.Unlock()
		if u := ownURL.FindString(line); u != "" {
			select {
			case found <- u:
			default:
			}
		}
		if err != nil {
			return
		}
	}
}

func (p *process) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said.String()
}

// more waits until the program has said more than so many bytes, and returns all
// that it has said; ended if nothing more will come.
func (p *process) more(than int) (text string, ended bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.said.Len() <= than && p.open > 0 {
		p.news.Wait()
	}
	return p.said.String(), p.open == 0
}

// end waits for the program to end and returns its exit code: -1 if a signal
// ended it.
func (p *process) end() int {
	p.t.Helper()
	p.read.Wait()
	err := p.cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	return p.cmd.ProcessState.ExitCode()
}

func (p *process) signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// api speaks to the process with a key.
func (p *process) api(id, secret string) *client {
	return &client{base: p.url, door: basic(id, secret), via: http.DefaultTransport}
}

// Serve answers, survives a restart and a kill, and ends in order.
func TestServe(t *testing.T) {
	s := newShell(t)
	var m madeMerchant
	s.json(&m, "merchant", "create", "Chai Point")
	key := m.Keys[0]
	p := start(t, s.dir, s.env, "serve", "--listen", "127.0.0.1:0")
	order, err := p.api(key.Name, key.Secret).do(t.Context(), "POST", "/v1/orders", doc{"amount": 5000, "currency": "INR"})
	if err != nil {
		t.Fatal(err)
	}
	p.signal(syscall.SIGTERM)
	if code := p.end(); code != exitDone || !strings.Contains(p.text(), "msg=stopped") {
		t.Errorf("after SIGTERM: exit %d\n%s", code, p.text())
	}
	for _, secret := range []string{key.Secret, "Basic"} {
		if strings.Contains(p.text(), secret) {
			t.Errorf("the log has %q:\n%s", secret, p.text())
		}
	}

	p = start(t, s.dir, s.env, "serve", "--listen", "127.0.0.1:0", "--log", "json")
	if _, err := p.api(key.Name, key.Secret).do(t.Context(), "GET", "/v1/orders/"+order.text("id"), nil); err != nil {
		t.Errorf("after a restart: %v", err)
	}
	_, err = p.api(m.of("razorpay", "key", desk.Live).Name, m.of("razorpay", "key", desk.Live).Secret).do(t.Context(), "GET", "/v1/orders/"+order.text("id"), nil)
	if r, ok := err.(*refusal); !ok || r.status != 400 {
		t.Errorf("the live key sees the test book's order: %v", err)
	}
	var token issued
	s.json(&token, "key", "issue", m.ID, "--kind", "token")
	r, err := http.NewRequestWithContext(t.Context(), "GET", p.url+"/v1/orders/"+order.text("id"), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token.Secret)
	if resp, err := http.DefaultClient.Do(r); err != nil || resp.StatusCode != 200 {
		t.Errorf("with a bearer token issued beside the running server: %v, %v", resp, err)
	}

	// Another server cannot have the same port, and says what to do.
	addr := strings.TrimPrefix(p.url, "http://")
	s.fails(exitFailed, []string{addr, "--listen"}, "serve", "--listen", addr)

	p.signal(syscall.SIGKILL)
	p.end()
	if got := s.ok("verify"); !strings.Contains(got, "all of it adds up") {
		t.Errorf("verify after a kill: %s", got)
	}
}

// What stands in a beginner's way is said with what to do about it.
func TestServeFirstSteps(t *testing.T) {
	s := newShell(t)
	p := start(t, s.dir, s.env, "serve", "--listen", "127.0.0.1:0")
	if said := p.text(); !strings.Contains(said, "no merchant yet") || !strings.Contains(said, "wapas merchant create NAME") {
		t.Errorf("a server without a merchant says\n%s", said)
	}
	p.signal(syscall.SIGTERM)
	p.end()

	// Books of another version.
	tamper(t, filepath.Join(s.dir, "wapas.db"), "UPDATE migrations SET sum = 'another'")
	for _, verb := range []string{"serve", "migrate", "verify"} {
		s.fails(exitFailed, []string{"Another version of wapas made this database"}, verb)
	}
	dir := filepath.Join(s.dir, "demo")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"wapas.db", "wapas.key"} {
		if err := os.Rename(filepath.Join(s.dir, name), filepath.Join(dir, name)); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	if err := writeState(dir, demoState{Made: true}); err != nil {
		t.Fatal(err)
	}
	s.fails(exitFailed, []string{"another version", dir, "--data"}, "demo", "--data", dir, "--listen", "127.0.0.1:0")
}

// The first SIGTERM waits for the request under way, the second does not.
func TestServeSecondSignal(t *testing.T) {
	s := newShell(t)
	var m madeMerchant
	s.json(&m, "merchant", "create", "Chai Point")
	p := start(t, s.dir, s.env, "serve", "--listen", "127.0.0.1:0")
	body, half := io.Pipe()
	sent := make(chan error, 1)
	go func() {
		r, err := http.NewRequest("POST", p.url+"/v1/orders", body)
		if err == nil {
			r.SetBasicAuth(m.Keys[0].Name, m.Keys[0].Secret)
			r.Header.Set("Content-Type", "application/json")
			_, err = http.DefaultClient.Do(r)
		}
		sent <- err
	}()
	if _, err := half.Write([]byte(`{"amount": `)); err != nil {
		t.Fatal(err)
	}
	api := p.api(m.Keys[0].Name, m.Keys[0].Secret)
	for { // until the request is under way
		got, err := api.send(t.Context(), "GET", "/metrics", "")
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(got.body), "wapas_http_requests_in_flight 2") {
			break
		}
	}
	p.signal(syscall.SIGTERM)
	for !strings.Contains(p.text(), "waiting for the requests under way") {
		time.Sleep(time.Millisecond)
	}
	select {
	case err := <-sent:
		t.Fatalf("the request was dropped: %v", err)
	default:
	}
	p.signal(syscall.SIGTERM)
	if code := p.end(); code != 128+int(syscall.SIGTERM) {
		t.Errorf("after the second SIGTERM: exit %d, want %d", code, 128+int(syscall.SIGTERM))
	}
	half.CloseWithError(io.ErrUnexpectedEOF) // the client waits for it
	if err := <-sent; err == nil {
		t.Error("the request was answered although it was never whole")
	}
}
