package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/razorpay/razorpay-go/utils"

	"wapas/desk"
)

// atServer is a shell that has nothing but a server's address and a token.
func (s *shell) atServer(url, token string) *shell {
	dir := s.t.TempDir()
	return &shell{t: s.t, dir: dir, env: []string{"WAPAS_SERVER=" + url, "WAPAS_TOKEN=" + token, "WAPAS_DB=sqlite:" + filepath.Join(dir, "none.db")}}
}

// At a server a verb says and does what it does beside the books, and what goes
// wrong is said as plainly.
func TestRemote(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	var m madeMerchant
	s.json(&m, "merchant", "create", "Chai Point")
	p := start(t, s.dir, s.env, "serve", "--listen", "127.0.0.1:0")
	far := s.atServer(p.url, m.of("native", "token", desk.Test).Secret)

	var e shownEvent
	far.json(&e, "trigger", "refund.failed")
	if e.Name != "refund.failed" || e.No == 0 {
		t.Errorf("trigger: %+v", e)
	}
	for _, verb := range []string{"events --after 0 --json", "scenario list", "export journal", "export refunds --json", "export postings 2010", "scenario list --json"} {
		args := strings.Fields(verb)
		if near, away := s.ok(args...), far.ok(args...); near != away || near == "" {
			t.Errorf("wapas %s here:\n%s\nand there:\n%s", verb, near, away)
		}
	}
	far.ok("clock", "move", "72h")
	if out := s.ok("clock", "show"); !strings.Contains(out, "72h0m") && !strings.Contains(out, "71h59m59s") {
		t.Errorf("after a move from afar the clock shows %s", out)
	}
	var made played
	far.json(&made, "scenario", "set", "refused", "--what", "refund", "--times", "1")
	far.ok("scenario", "end", made.ID)
	far.fails(exitFailed, []string{"no scenario scn_nope"}, "scenario", "end", "scn_nope")
	far.fails(exitUsage, []string{`there is no outcome "refusd"; did you mean "refused"?`}, "scenario", "set", "refusd")
	far.fails(exitUsage, []string{`nobody can make "refund.faild" happen; did you mean "refund.failed"; there are: refund.created`}, "trigger", "refund.faild")
	far.fails(exitFailed, []string{"not found", "cust_00000000000009"}, "export", "statement", "cust_00000000000009")
	far.fails(exitFailed, []string{"no endpoint is active"}, "replay", "--from", "1")
	far.fails(exitUsage, []string{"the token opens the test book"}, "events", "--mode", "live")
	far.fails(exitUsage, []string{"the token opens a book of " + m.ID}, "events", "--merchant", "somebody else")
	far.fails(exitUsage, []string{"knows who speaks by the token"}, "clock", "move", "1s", "--as", "asha")
	far.fails(exitUsage, []string{"--server and --db are two places"}, "clock", "show", "--server", p.url, "--db", "sqlite:x.db")
	if _, err := os.Stat(filepath.Join(far.dir, "none.db")); err == nil {
		t.Error("a verb at a server made a database here")
	}
	live := s.atServer(p.url, m.of("native", "token", desk.Live).Secret)
	live.fails(exitFailed, []string{"only a test book does this"}, "clock", "move", "1s")
	live.ok("events") // without --mode it is the token's book
	s.atServer(p.url, "nonsense").fails(exitFailed, []string{"does not know the token"}, "events")
	s.atServer(p.url, "").fails(exitUsage, []string{"WAPAS_TOKEN", "wapas key issue"}, "events")
	// --db beats a server that only the environment names.
	both := &shell{t: t, dir: s.dir, env: append([]string{"WAPAS_SERVER=http://127.0.0.1:1"}, s.env...)}
	both.ok("clock", "show", "--db", strings.TrimPrefix(s.env[0], "WAPAS_DB="))
	// A verb that asks no server does not quietly take the books of this machine.
	live.fails(exitUsage, []string{"asks no server", "WAPAS_SERVER", "--db"}, "waiting", "list")
	p.signal(syscall.SIGTERM)
	p.end()
	away := s.atServer(p.url, "x")
	away.fails(exitFailed, []string{"cannot reach 127.0.0.1", "refused"}, "export", "journal")
	s.ok("verify")
}

// Who listens to a server that is restarted hears of everything, each thing
// once, signed with the secret of their own.
func TestListenRestart(t *testing.T) {
	s := newShell(t)
	var m madeMerchant
	s.json(&m, "merchant", "create", "Chai Point")
	var mu sync.Mutex
	heard := map[string]int{}
	bad := 0
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		if !utils.VerifyWebhookSignature(string(body), r.Header.Get("X-Razorpay-Signature"), "whsec") {
			bad++
		}
		heard[r.Header.Get("X-Razorpay-Event-Id")]++
	}))
	defer hook.Close()
	server := start(t, s.dir, s.env, "serve", "--listen", "127.0.0.1:0")
	address := strings.TrimPrefix(server.url, "http://")
	far := s.atServer(server.url, m.of("native", "token", desk.Test).Secret)
	l := start(t, far.dir, far.env, "listen", "--after", "0", "--name", "payment.*", "--forward-to", hook.URL, "--secret", "whsec")
	wanted := func() map[string]bool {
		ids := map[string]bool{}
		for line := range strings.Lines(s.ok("events", "--after", "0", "--count", "1000", "--name", "payment.*", "--json")) {
			var e shownEvent
			if err := json.Unmarshal([]byte(line), &e); err != nil {
				t.Fatal(err)
			}
			ids[e.ID] = true
		}
		return ids
	}
	for round := range 3 {
		for range 4 {
			s.ok("trigger", "payment.captured")
		}
		if round < 2 {
			server.signal(syscall.SIGKILL)
			server.end()
			s.ok("trigger", "payment.captured") // while nobody serves
			for deadline := time.Now().Add(time.Minute); round == 1 && !strings.Contains(l.text(), "trying again") && time.Now().Before(deadline); {
				time.Sleep(20 * time.Millisecond)
			}
			server = start(t, s.dir, s.env, "serve", "--listen", address)
		}
	}
	want := wanted()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		mu.Lock()
		n := len(heard)
		mu.Unlock()
		if n == len(want) && strings.Contains(l.text(), "it is back") || time.Now().After(deadline) {
			break
		}
	}
	l.signal(syscall.SIGTERM)
	if code := l.end(); code != exitDone {
		t.Errorf("exit %d", code)
	}
	mu.Lock()
	defer mu.Unlock()
	twice := 0
	for id := range want {
		if heard[id] == 0 {
			t.Errorf("%s was not heard of", id)
		}
		if heard[id] > 1 {
			twice++
		}
	}
	if bad > 0 || len(heard) != len(want) || twice > 0 {
		t.Errorf("of %d events %d were heard of, %d signed wrongly, %d twice\n%s", len(want), len(heard), bad, twice, l.text())
	}
	if !strings.Contains(l.text(), "trying again") || !strings.Contains(l.text(), "it is back") {
		t.Errorf("nobody said that the server was away:\n%s", l.text())
	}
}

// What a shell is told when somebody presses Tab: verbs, flags, and values out
// of the books.
func TestCompletion(t *testing.T) {
	s := newShell(t)
	var m madeMerchant
	s.json(&m, "merchant", "create", "Chai Point")
	var made played
	s.json(&made, "scenario", "set", "refused", "--what", "refund")
	for _, c := range []struct{ typed, want string }{
		{"eve", "events\t"}, {"events --na", "--name\t"}, {"events --mode ", "live\n"}, {"events --merchant ", m.ID + "\tChai Point"},
		{"events --name refund.f", "refund.failed\t"}, {"trigger refund.fa", "refund.failed\ta bank refuses"}, {"listen --room p", "phonepe\n"},
		{"key issue --room e", "engage\n"}, {"key issue ", m.ID + "\tChai Point"}, {"scenario set ref", "refused\n"}, {"scenario end ", made.ID + "\trefused"},
		{"scenario set refused --what r", "refund\n"}, {"export journal --format ", "jsonl\n"}, {"serve --log ", "json\n"},
		{"key issue --room native --scopes refund:", "refund:write\n"}, {"tat list --state br", "breached\n"}, {"tat start UPI_P2M", "UPI_P2M\tdebited"}, {"person role a@b.in fi", "finance\n"},
		{"job run --what c", "credit\n"}, {"waiting export --format ", "list\n"},
	} {
		args := append([]string{"__complete"}, strings.Split(c.typed, " ")...)
		if out := s.ok(args...); !strings.Contains(out+"\n", c.want) {
			t.Errorf("wapas %s<Tab>: %q is not in\n%s", c.typed, c.want, out)
		}
	}
	none := bareShell(t)
	if out := none.ok("__complete", "events", "--merchant", ""); !strings.HasPrefix(out, ":") {
		t.Errorf("without a database: %s", out)
	}
	if left, _ := filepath.Glob(filepath.Join(none.dir, "*")); len(left) != 0 {
		t.Errorf("completing made %v", left)
	}
	for _, sh := range []string{"bash", "zsh", "fish"} {
		if out := s.ok("completion", sh); !strings.Contains(out, "__complete") {
			t.Errorf("%s asks for no values: %.100s", sh, out)
		}
	}
}
