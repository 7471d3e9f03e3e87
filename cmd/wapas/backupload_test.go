package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"wapas/dialect/razorpay"
	"wapas/sqlstore"
	"wapas/upgrade"
)

// backupsEnv is how many backups are made under load; 3 if it is not set.
const backupsEnv = "WAPAS_TEST_BACKUPS"

func backups(t *testing.T) int {
	t.Helper()
	text := os.Getenv(backupsEnv)
	if text == "" {
		return 3
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s is %q: how many backups?", backupsEnv, text)
	}
	return n
}

// A witness remembers what a server has answered.
type witness struct {
	mu   sync.Mutex
	said []upgrade.Asked // in the order of the answers, each with its key
}

// seen are the answers that have come so far.
func (w *witness) seen() []upgrade.Asked {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.said[:len(w.said):len(w.said)]
}

// work makes orders, payments and refunds under keys until ctx ends.
func (w *witness) work(ctx context.Context, t *testing.T, api *client, who int) {
	t.Helper()
	for i := 0; ctx.Err() == nil; i++ {
		if err := w.one(ctx, t, api, fmt.Sprintf("witness-%d-%d", who, i)); err != nil && ctx.Err() == nil {
			t.Error(err)
			return
		}
	}
}

func (w *witness) one(ctx context.Context, t *testing.T, api *client, key string) error {
	pay, err := (&chronicle{api: api}).paidOrder(ctx, api, 90_000)
	if err != nil {
		return err
	}
	q := upgrade.Asked{
		Room: razorpay.Room, Method: "POST", Path: "/v1/payments/" + pay + "/refund",
		Header: map[string]string{"X-Refund-Idempotency": key + "-idempotency"}, Body: `{"amount": 1000, "receipt": "` + key + `"}`,
	}
	got, err := w.ask(ctx, api, q)
	if err != nil {
		return err
	}
	if got.status != http.StatusOK {
		return fmt.Errorf("refund: %d %s", got.status, got.body)
	}
	q.Status, q.Answer = got.status, string(got.body)
	w.mu.Lock()
	w.said = append(w.said, q)
	w.mu.Unlock()
	return nil
}

func (w *witness) ask(ctx context.Context, api *client, q upgrade.Asked) (reply, error) {
	with := func(path, body string) (string, http.Header) {
		body, h := api.door(path, body)
		for name, value := range q.Header {
			h.Set(name, value)
		}
		return body, h
	}
	return (&client{base: api.base, door: with, via: api.via}).send(ctx, q.Method, q.Path, q.Body)
}

// refunds are the receipts of a database's refunds, each with its refund.
func refunds(t *testing.T, address string) map[string]string {
	t.Helper()
	db := upgrade.Connect(t, address)
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), "SELECT receipt, id FROM refunds WHERE receipt LIKE 'witness-%'")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	all := map[string]string{}
	for rows.Next() {
		var receipt, id string
		if err := rows.Scan(&receipt, &id); err != nil {
			t.Fatal(err)
		}
		if all[receipt] != "" {
			t.Errorf("%s was made twice: %s and %s", receipt, all[receipt], id)
		}
		all[receipt] = id
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// holds makes sure that a database has every answer of before.
func (w *witness) holds(t *testing.T, address string, before []upgrade.Asked) {
	t.Helper()
	there := refunds(t, address)
	for _, q := range before {
		var answer struct{ ID, Receipt string }
		if err := json.Unmarshal([]byte(q.Answer), &answer); err != nil {
			t.Fatal(err)
		}
		if there[answer.Receipt] != answer.ID {
			t.Errorf("%s was answered as %s before the backup began, and the restored has %q", answer.Receipt, answer.ID, there[answer.Receipt])
		}
	}
}

// goesOn starts the server on what was restored: the same requests get the
// answers that were given, nothing moves twice, and new ones come after them.
func (w *witness) goesOn(t *testing.T, s *shell, m madeMerchant, before []upgrade.Asked) {
	t.Helper()
	var was, now verdict
	s.json(&was, "verify")
	p := start(t, s.dir, s.env, "serve", "--listen", "127.0.0.1:0")
	api := p.api(m.Keys[0].Name, m.Keys[0].Secret)
	for _, q := range before {
		got, err := w.ask(t.Context(), api, q)
		if err != nil {
			t.Fatal(err)
		}
		if got.status != q.Status || string(got.body) != q.Answer {
			t.Errorf("%s was answered %s, and now %d %s", q.Path, q.Answer, got.status, got.body)
		}
	}
	if s.json(&now, "verify"); !now.OK || now.Postings < was.Postings {
		t.Errorf("verify after the same requests: %+v, before %+v", now, was)
	}
	n := len(refunds(t, strings.TrimPrefix(s.env[0], "WAPAS_DB=")))
	next := &witness{}
	if err := next.one(t.Context(), t, api, "witness-after"); err != nil {
		t.Fatal(err)
	}
	if got := len(refunds(t, strings.TrimPrefix(s.env[0], "WAPAS_DB="))); got != n+1 {
		t.Errorf("there are %d refunds after one more, want %d", got, n+1)
	}
	list, err := api.do(t.Context(), "GET", "/v1/refunds?count=1", nil)
	if err != nil || len(list.items()) != 1 || list.items()[0].text("receipt") != "witness-after" {
		t.Errorf("the newest refund is %v (%v)", list, err)
	}
	p.signal(syscall.SIGTERM)
	p.end()
	if s.json(&now, "verify"); !now.OK {
		t.Errorf("verify at the end: %+v", now)
	}
}

// Backups are made one after another while a server works. Each, restored, adds
// up, has every answer that was given before it began, and nothing twice; a
// server goes on from it. Some are killed while they are made, and leave
// nothing that looks like a backup.
func TestBackupUnderLoad(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	var m madeMerchant
	s.json(&m, "merchant", "create", "Chai Point")
	p := start(t, s.dir, s.env, "serve", "--listen", "127.0.0.1:0")
	w := &witness{}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var crowd sync.WaitGroup
	for who := range 4 {
		crowd.Go(func() { w.work(ctx, t, p.api(m.Keys[0].Name, m.Keys[0].Secret), who) })
	}
	program, dir := theProgram(t), t.TempDir()
	n, killed, last := backups(t), 0, 0
	for i := range n {
		for len(w.seen()) < last+20 && !t.Failed() { // each has something that the one before has not
			time.Sleep(5 * time.Millisecond)
		}
		before := w.seen()
		last = len(before)
		file := filepath.Join(dir, fmt.Sprintf("%d.db", i))

		cmd := exec.Command(program, "backup", file)
		cmd.Dir, cmd.Env = s.dir, s.env
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		dead := time.AfterFunc(time.Duration(10+rand.IntN(50))*time.Millisecond, func() { cmd.Process.Kill() })
		err := cmd.Wait()
		dead.Stop()
		_, there := os.Stat(file)
		switch {
		case err == nil && there != nil:
			t.Errorf("backup %d was made and is not there: %v", i, there)
		case err != nil && cmd.ProcessState.ExitCode() >= 0:
			t.Errorf("backup %d: %v", i, err)
		case err != nil && there == nil: // killed when it was complete
			if err := sqlstore.Sound(t.Context(), file); err != nil {
				t.Errorf("backup %d was killed and left half a backup: %v", i, err)
			}
			killed++
		case err != nil:
			killed++
			s.ok("backup", file) // beside what the killed one left
		}

		again := bareShell(t)
		again.ok("restore", file)
		copyKey(t, s.dir, again.dir)
		w.holds(t, strings.TrimPrefix(again.env[0], "WAPAS_DB="), before)
		if i == n-1 {
			stop()
			crowd.Wait()
			w.goesOn(t, again, m, before[max(0, len(before)-50):])
		}
		if i < n-1 {
			os.RemoveAll(again.dir)
		}
		os.Remove(file)
	}
	p.signal(syscall.SIGTERM)
	p.end()
	if left, _ := filepath.Glob(filepath.Join(dir, "*.part*")); len(left) > 0 && killed == 0 {
		t.Errorf("left behind: %v", left)
	}
	t.Logf("%d backups, %d of them killed first, %d answers", n, killed, last)
}

func copyKey(t *testing.T, from, to string) {
	t.Helper()
	key, err := os.ReadFile(filepath.Join(from, "wapas.key"))
	if err == nil {
		err = os.WriteFile(filepath.Join(to, "wapas.key"), key, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// What is no backup is not restored, with --force neither, and the refusal says
// why; what lies at the place is left alone.
func TestRestoreRefuses(t *testing.T) {
	s := newShell(t)
	s.ok("merchant", "create", "Chai Point")
	dir := t.TempDir()
	good := filepath.Join(dir, "good.db")
	s.ok("backup", good)
	if info, err := os.Stat(good); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("a backup may be read by others: %v, %v", info.Mode(), err)
	}
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	file := func(name string, data []byte) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	newer := file("newer.db", whole)
	tamper(t, newer, "INSERT INTO migrations (name, sum, applied_at) VALUES ('9999_later', 'x', 1)")
	other := filepath.Join(dir, "other.db")
	if _, err := upgrade.Connect(t, "sqlite:"+other).Exec("CREATE TABLE songs (name TEXT)"); err != nil {
		t.Fatal(err)
	}
	damaged := slices.Clone(whole)
	for i := range 4096 {
		damaged[len(damaged)/2/4096*4096+i] ^= 0x5a
	}
	logged := file("logged.db", whole)
	file("logged.db-wal", []byte("what was written last"))
	for _, tt := range []struct {
		name, file string
		words      []string
	}{
		{"nothing", filepath.Join(dir, "none.db"), []string{"no such file"}},
		{"a directory", dir, []string{"is empty or no file"}},
		{"an empty file", file("empty.db", nil), []string{"is empty or no file"}},
		{"a text", file("text.db", []byte(strings.Repeat("CREATE TABLE books;\n", 1000))), []string{"no database of wapas"}},
		{"another program's database", other, []string{"another program made it"}},
		{"half a backup", file("half.db", whole[:len(whole)/2]), []string{"no database of wapas"}},
		{"a backup without its last page", file("cut.db", whole[:len(whole)-4096]), []string{"no database of wapas"}},
		{"a damaged backup", file("damaged.db", damaged), []string{"no database of wapas"}},
		{"a database with its log", logged, []string{"logged.db-wal", "wapas backup"}},
		{"a newer program's", newer, []string{"9999_later is of a newer program", "Another version of wapas"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			to := bareShell(t)
			for _, args := range [][]string{{"restore", tt.file}, {"restore", tt.file, "--force"}} {
				to.fails(exitFailed, tt.words, args...)
				if _, _, said := to.run(args...); strings.Contains(said, "--force") {
					t.Errorf("it advises --force:\n%s", said)
				}
			}
			if left, _ := filepath.Glob(filepath.Join(to.dir, "*")); len(left) != 0 {
				t.Errorf("a refused restore left %v", left)
			}
		})
	}

	to := bareShell(t)
	for _, end := range []string{"-wal", "-journal", ""} { // what another database left behind would be taken for the new one's
		path := filepath.Join(to.dir, "wapas.db"+end)
		if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
		to.fails(exitFailed, []string{"wapas.db" + end, "move it away first"}, "restore", good)
		if data, err := os.ReadFile(path); err != nil || string(data) != "mine" {
			t.Errorf("%s was touched: %q, %v", path, data, err)
		}
		os.Remove(path)
	}
	// What a killed restore left is in nobody's way.
	if err := os.WriteFile(filepath.Join(to.dir, "wapas.db.part-wal"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	to.ok("restore", good)
	to.ok("verify")
}

// A backup that is made with a new program before an upgrade is of the old
// database, and leaves that as it is.
func TestBackupBeforeUpgrade(t *testing.T) {
	t.Parallel()
	f := upgrade.Fixtures(t, "../../upgrade")[0]
	s := upgraded(t, f)
	file := filepath.Join(t.TempDir(), "before.db")
	s.fails(exitFailed, []string{"Another version of wapas", "without --verify"}, "backup", file, "--verify")
	s.ok("backup", file)
	for _, path := range []string{file, filepath.Join(s.dir, "wapas.db")} {
		var last string
		db := upgrade.Connect(t, "sqlite:"+path)
		if err := db.QueryRow("SELECT max(name) FROM migrations").Scan(&last); err != nil || last != f.Step {
			t.Errorf("%s is at step %s, want %s (%v)", path, last, f.Step, err)
		}
		db.Close()
	}
	again := bareShell(t)
	again.ok("restore", file)
	again.ok("verify")
}
