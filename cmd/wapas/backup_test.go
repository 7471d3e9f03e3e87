package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

// A backup is made while orders are being made. Restored, it has every order
// that was answered before it began, and it adds up.
func TestBackup(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	var m madeMerchant
	s.json(&m, "merchant", "create", "Chai Point")
	p := start(t, s.dir, s.env, "serve", "--listen", "127.0.0.1:0")
	api := p.api(m.Keys[0].Name, m.Keys[0].Secret)

	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var mu sync.Mutex
	var answered []string
	var made atomic.Int64
	enough := make(chan struct{})
	var crowd sync.WaitGroup
	for range 3 {
		crowd.Go(func() {
			for ctx.Err() == nil {
				o, err := api.do(ctx, "POST", "/v1/orders", doc{"amount": 5000, "currency": "INR"})
				if err != nil {
					if ctx.Err() == nil {
						t.Error(err)
					}
					return
				}
				mu.Lock()
				answered = append(answered, o.text("id"))
				mu.Unlock()
				if made.Add(1) == 200 {
					close(enough)
				}
			}
		})
	}
	<-enough
	mu.Lock()
	before := answered[:len(answered):len(answered)]
	mu.Unlock()
	copied := filepath.Join(t.TempDir(), "copy.db")
	code, out, errs := s.run("backup", copied, "--verify")
	stop()
	crowd.Wait()
	if code != exitDone || !strings.Contains(out, "all of it adds up") {
		t.Fatalf("backup: exit %d\n%s%s", code, out, errs)
	}
	p.signal(syscall.SIGTERM)
	p.end()
	s.fails(exitFailed, []string{"is there already"}, "backup", copied)
	s.fails(exitFailed, []string{"there is a database"}, "restore", copied)

	again := bareShell(t)
	code, out, errs = again.run("restore", copied)
	if code != exitDone {
		t.Fatalf("restore: exit %d\n%s%s", code, out, errs)
	}
	key, err := os.ReadFile(filepath.Join(s.dir, "wapas.key"))
	if err == nil {
		err = os.WriteFile(filepath.Join(again.dir, "wapas.key"), key, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	p = start(t, again.dir, again.env, "serve", "--listen", "127.0.0.1:0")
	api = p.api(m.Keys[0].Name, m.Keys[0].Secret)
	for _, id := range before {
		if _, err := api.do(t.Context(), "GET", "/v1/orders/"+id, nil); err != nil {
			t.Errorf("answered before the backup began, and not in it: %v", err)
		}
	}
	p.signal(syscall.SIGTERM)
	p.end()

	// What does not add up is not restored.
	tamper(t, copied, "UPDATE orders SET amount = amount + 100 WHERE id = (SELECT min(id) FROM orders)")
	bad := bareShell(t)
	bad.fails(exitFailed, []string{"does not add up", "Nothing was restored"}, "restore", copied)
	if left, _ := filepath.Glob(filepath.Join(bad.dir, "wapas.db*")); len(left) != 0 {
		t.Errorf("a refused restore left %v", left)
	}
	if code, _, errs := bad.run("restore", copied, "--force"); code != exitDone {
		t.Errorf("restore --force: exit %d\n%s", code, errs)
	}
}
