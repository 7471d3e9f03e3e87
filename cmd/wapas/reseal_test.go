package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/razorpay/razorpay-go/utils"

	"wapas/desk"
	"wapas/upgrade"
)

// The master key is changed under a server that works: what reseals is killed
// and made again, and then the old key is thrown away. Every room answers and
// every webhook is signed as before, and with the old key nothing starts.
func TestReseal(t *testing.T) {
	t.Parallel()
	all := upgrade.Fixtures(t, "../../upgrade")
	s := upgraded(t, all[len(all)-1])
	s.ok("clock", "resume")
	var signed, unsigned atomic.Int64
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if utils.VerifyWebhookSignature(string(body), r.Header.Get("X-Razorpay-Signature"), "whsec of old") {
			signed.Add(1)
		} else {
			unsigned.Add(1)
		}
	}))
	defer hook.Close()

	old := strings.TrimSpace(fixtureKey)
	fresh := base64.StdEncoding.EncodeToString([]byte(desk.Letters(desk.MasterKeySize)))
	keys := func(keys ...string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(s.dir, "wapas.key"), []byte(strings.Join(keys, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p := start(t, s.dir, s.env, "serve", "--listen", "127.0.0.1:0")
	if _, err := p.api(demoKeyID, demoKeySecret).do(t.Context(), "POST", "/v1/webhooks", doc{"url": hook.URL, "secret": "whsec of old", "events": []string{"payment.captured"}}); err != nil {
		t.Fatal(err)
	}
	p.signal(syscall.SIGTERM)
	p.end()

	keys(fresh, old)
	p = start(t, s.dir, s.env, "serve", "--listen", "127.0.0.1:0")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var worked atomic.Int64
	var crowd sync.WaitGroup
	crowd.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			if err := inEveryRoom(ctx, p.api(demoKeyID, demoKeySecret), fmt.Sprint("DURING", i)); err != nil && ctx.Err() == nil {
				t.Error(err)
				return
			}
			worked.Add(1)
		}
	})
	s.fails(exitFailed, []string{"under older keys", "wapas key reseal"}, "key", "reseal", "--check")
	program, killed := theProgram(t), 0
	for try := 0; ; try++ { // later and later, until one gets to the end
		cmd := exec.Command(program, "key", "reseal")
		cmd.Dir, cmd.Env = s.dir, s.env
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		dead := time.AfterFunc(time.Duration(20+10*try+try*try)*time.Millisecond, func() { cmd.Process.Kill() })
		err := cmd.Wait()
		dead.Stop()
		if err == nil {
			break
		}
		if cmd.ProcessState.ExitCode() >= 0 || try == 300 {
			t.Fatalf("key reseal, after %d kills: %v", killed, err)
		}
		killed++
	}
	t.Logf("killed %d times", killed)
	s.ok("key", "reseal", "--check")
	for at := worked.Load(); worked.Load() < at+2 && !t.Failed(); time.Sleep(10 * time.Millisecond) {
	}
	stop()
	crowd.Wait()
	p.signal(syscall.SIGTERM)
	if code := p.end(); code != exitDone {
		t.Errorf("exit %d\n%s", code, p.text())
	}

	keys(fresh) // and the old one is gone
	p = start(t, s.dir, s.env, "serve", "--listen", "127.0.0.1:0")
	before := signed.Load()
	if err := inEveryRoom(t.Context(), p.api(demoKeyID, demoKeySecret), "AFTER"); err != nil {
		t.Error(err)
	}
	for deadline := time.Now().Add(30 * time.Second); signed.Load() == before; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("no webhook came that is signed with the secret of before")
		}
	}
	if n := unsigned.Load(); n > 0 {
		t.Errorf("%d webhooks were not signed with their secret", n)
	}
	p.signal(syscall.SIGTERM)
	p.end()
	if strings.Contains(p.text(), "another master key") {
		t.Errorf("something did not open:\n%s", p.text())
	}
	s.ok("verify")

	keys(old)
	s.fails(exitFailed, []string{"the master key does not fit this database"}, "serve", "--listen", "127.0.0.1:0")
	s.fails(exitFailed, []string{"the master key does not fit this database"}, "key", "reseal")
}
