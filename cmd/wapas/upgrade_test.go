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
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"wapas/desk"
	"wapas/dialect/razorpay"
	"wapas/upgrade"
)

// upgraded is a shell at a fixture's database, as the earlier program left it.
func upgraded(t *testing.T, f upgrade.Fixture) *shell {
	t.Helper()
	s := bareShell(t)
	f.Load(t, strings.TrimPrefix(s.env[0], "WAPAS_DB="))
	if err := os.WriteFile(filepath.Join(s.dir, "wapas.key"), []byte(f.Key), 0o600); err != nil {
		t.Fatal(err)
	}
	return s
}

// let lets the demo in at every room's door, where the earlier program had none.
func (s *shell) let() {
	s.t.Helper()
	p := &program{env: map[string]string{}, flags: map[string]string{}}
	for _, e := range s.env {
		name, value, _ := strings.Cut(e, "=")
		p.env[name] = value
	}
	cfg, err := p.load()
	if err != nil {
		s.t.Fatal(err)
	}
	h, err := p.open(s.t.Context(), cfg, true)
	if err != nil {
		s.t.Fatal(err)
	}
	defer h.close()
	books, err := h.store.Books(s.t.Context(), desk.BookQuery{})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, q := range demoKeys {
		q.Book = books[0].ID
		if _, err := h.desk.Issue(s.t.Context(), q); err != nil && !strings.Contains(err.Error(), "name_taken") {
			s.t.Fatal(err)
		}
	}
}

// inEveryRoom makes a request that is new in each room, and says what does not
// answer. Tag makes the requests new.
func inEveryRoom(ctx context.Context, api *client, tag string) error {
	pay, err := (&chronicle{api: api.at(razorpay.Room)}).paidOrder(ctx, api.at(razorpay.Room), 70_000)
	if err != nil {
		return err
	}
	for _, q := range []struct {
		room, method, path, body string
		want                     int
	}{
		{"razorpay", "POST", "/v1/payments/" + pay + "/refund", `{"amount": 1000}`, 200},
		{"engage", "POST", creditPath, `{"contact": "9663957855", "email": "abc@example.com", "partner_user_id": "after", "amount": 100, "action": "load", "currency": "INR", "reference_id": "` + tag + `", "purpose": "refund"}`, 200},
		{"phonepe", "GET", "/v3/transaction/" + demoPhonePe + "/" + tag + "/status", "", 404},
		{"eko", "GET", "/ekoapi/v3/tools/reference/transaction/1?initiator_id=" + demoInitiator + "&user_code=" + demoUserCode, "", 200},
		{"native", "GET", "/api/v1/refunds/" + "rfnd_none0000000000", "", 404},
	} {
		got, err := api.at(q.room).send(ctx, q.method, q.path, q.body)
		if err != nil {
			return err
		}
		if got.status != q.want {
			return fmt.Errorf("%s %s: %d %s, want %d", q.method, q.path, got.status, got.body, q.want)
		}
	}
	return nil
}

// The program takes an earlier program's database over: what was asked before
// is answered as before, what moved money moves it no second time, every room
// answers, and it all adds up.
func TestUpgradeServes(t *testing.T) {
	t.Parallel()
	for _, f := range upgrade.Fixtures(t, "../../upgrade") {
		t.Run(f.Step, func(t *testing.T) {
			t.Parallel()
			s := upgraded(t, f)
			s.let() // and the schema is brought up to date
			var before verdict
			s.json(&before, "verify")
			p := start(t, s.dir, s.env, "serve", "--listen", "127.0.0.1:0")
			api := p.api(demoKeyID, demoKeySecret)
			for _, q := range f.Asked {
				got, err := again(t, api, q)
				if err != nil {
					t.Fatal(err)
				}
				if f.Step < digestsHold && q.Method == http.MethodPost {
					if !strings.Contains(string(got.body), "Different request with the same idempotency key") {
						t.Errorf("%s %s under a key of an early program: %d %s", q.Method, q.Path, got.status, got.body)
					}
					continue
				}
				if got.status != q.Status {
					t.Errorf("%s %s was answered %d %s, and now %d %s", q.Method, q.Path, q.Status, q.Answer, got.status, got.body)
				} else if d := lost(q.Answer, string(got.body)); d != "" {
					t.Errorf("%s %s is not answered as before: %s", q.Method, q.Path, d)
				}
			}
			var after verdict
			if s.json(&after, "verify"); !after.OK || after.Entries != before.Entries || after.Postings != before.Postings {
				t.Errorf("old requests moved money: %+v, before %+v", after, before)
			}
			if err := inEveryRoom(t.Context(), api, "TXAFTER"); err != nil {
				t.Error(err)
			}
			if got, err := api.send(t.Context(), "GET", "/console/login", ""); err != nil || got.status != http.StatusOK {
				t.Errorf("the console's door: %d, %v", got.status, err)
			}
			if s.json(&after, "verify"); !after.OK || after.Entries <= before.Entries {
				t.Errorf("after new requests: %+v, before %+v", after, before)
			}
			p.signal(syscall.SIGTERM)
			if code := p.end(); code != exitDone {
				t.Errorf("exit %d\n%s", code, p.text())
			}
		})
	}
}

// digestsHold is the first fixture whose program kept digests of requests as
// they are kept now. Under a key of an earlier one, which was never released,
// the same request is taken for another: it is refused, and never made twice.
const digestsHold = "0011"

// lost says what an answer had that another has not, or has otherwise. Members
// that are new do no harm.
func lost(before, now string) string {
	var b, n any
	if json.Unmarshal([]byte(before), &b) != nil || json.Unmarshal([]byte(now), &n) != nil {
		if before == now {
			return ""
		}
		return fmt.Sprintf("%.200s, now %.200s", before, now)
	}
	return missing("", b, n)
}

func missing(at string, before, now any) string {
	switch b := before.(type) {
	case map[string]any:
		n, ok := now.(map[string]any)
		if !ok {
			return fmt.Sprintf("%s was %.100v, now %.100v", at, before, now)
		}
		for name, v := range b {
			if d := missing(at+"."+name, v, n[name]); d != "" {
				return d
			}
		}
		return ""
	case []any:
		n, ok := now.([]any)
		if !ok || len(n) != len(b) {
			return fmt.Sprintf("%s was %.100v, now %.100v", at, before, now)
		}
		for i := range b {
			if d := missing(fmt.Sprintf("%s[%d]", at, i), b[i], n[i]); d != "" {
				return d
			}
		}
		return ""
	}
	if !reflect.DeepEqual(before, now) {
		return fmt.Sprintf("%s was %.100v, now %.100v", at, before, now)
	}
	return ""
}

// The program is killed while it brings an earlier program's database up to
// date, again and again. It gets there, and nothing is lost.
func TestUpgradeKilled(t *testing.T) {
	t.Parallel()
	f := upgrade.Fixtures(t, "../../upgrade")[0]
	s := upgraded(t, f)
	program, killed := theProgram(t), 0
	for try := 0; ; try++ {
		cmd := exec.Command(program, "migrate")
		cmd.Dir, cmd.Env = s.dir, s.env
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		dead := time.AfterFunc(time.Duration(10+rand.IntN(20)+10*try+try*try)*time.Millisecond, func() { cmd.Process.Kill() })
		err := cmd.Wait()
		dead.Stop()
		if err == nil {
			break
		}
		if cmd.ProcessState.ExitCode() >= 0 || try == 200 {
			t.Fatalf("migrate, after %d kills: %v", killed, err)
		}
		killed++
	}
	t.Logf("killed %d times", killed)
	var v verdict
	if s.json(&v, "verify"); !v.OK {
		t.Errorf("verify: %+v", v)
	}
}
