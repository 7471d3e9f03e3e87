package storetest_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/razorpay/razorpay-go/utils"

	"wapas/desk"
	"wapas/sqlstore"
	"wapas/storetest"
)

// The real program, under load, is killed again and again while it delivers
// what happens to two endpoints, which refuse now and then. Every event reaches
// both, signed; few come twice.
func TestKilledWhileTelling(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute an engine")
	}
	binary := filepath.Join(t.TempDir(), "wapas")
	if out, err := exec.Command("go", "build", "-o", binary, "wapas/cmd/wapas").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) { killedWhileTelling(t, binary, e) })
	}
}

const (
	eventsAtLeast     = 2_000
	eventsAtLeastFull = 10_000
)

func killedWhileTelling(t *testing.T, binary string, e storetest.Engine) {
	goal := eventsAtLeast
	if os.Getenv(storetest.FullEnv) != "" {
		goal = eventsAtLeastFull
	}
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 0))
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte(hex.EncodeToString(make([]byte, desk.MasterKeySize))), 0o600); err != nil {
		t.Fatal(err)
	}
	address := e.New(t)
	p := &process{t: t, binary: binary, flags: []string{"--db", address, "--key-file", key}}
	p.run("migrate", p.flags[:2]...)
	var m struct {
		Keys []struct{ Name, Secret, Mode string }
	}
	if err := json.Unmarshal(p.run("merchant", append([]string{"create", "Told", "--json"}, p.flags...)...), &m); err != nil || len(m.Keys) == 0 || m.Keys[0].Mode != "test" {
		t.Fatalf("merchant create: %v, %+v", err, m)
	}
	w := &witness{t: t, key: m.Keys[0].Name, secret: m.Keys[0].Secret, seen: map[string]ack{}, doubt: map[string]string{}}
	w.there = sync.NewCond(&w.mu)
	w.http.Transport = &http.Transport{MaxIdleConnsPerHost: clients}
	w.http.Timeout = 20 * time.Second

	hear := newListener(t, "whsec")
	w.open(p.serve())
	for _, path := range []string{"/a", "/b"} {
		if _, ok := w.must(w.base, "/v1/webhooks", "", `{"url":"`+hear.URL+path+`","secret":"whsec","events":["*"]}`, "", ""); !ok {
			t.Fatal("no endpoint")
		}
	}
	w.setUp()
	var load sync.WaitGroup
	for i := range clients {
		load.Go(func() {
			for n := 0; !t.Failed(); n++ {
				base, more := w.up()
				if !more {
					return
				}
				if w.answers() > hear.count()/3+500 { // what is told shall keep up with what happens
					time.Sleep(5 * time.Millisecond)
					continue
				}
				w.turn(base, fmt.Sprintf("%d-%d", i, n), w.customers[i], int64(10000+100*(n%50)))
			}
		})
	}
	const kills = 8
	for i := range kills {
		for hear.count() < goal*2*(i+1)/(kills+1) && !t.Failed() {
			time.Sleep(10 * time.Millisecond)
		}
		time.Sleep(time.Duration(r.IntN(300)) * time.Millisecond)
		p.kill()
		w.shut()
		w.open(p.serve())
	}
	for hear.count() < goal*2 && !t.Failed() {
		time.Sleep(10 * time.Millisecond)
	}
	w.stop()
	load.Wait()

	events := recorded(t, address)
	begun := time.Now()
	for missing := hear.missing(events); missing > 0; missing = hear.missing(events) {
		if time.Since(begun) > 2*time.Minute {
			t.Fatalf("%d deliveries of %d events never came (seed %d)", missing, len(events), seed)
		}
		time.Sleep(50 * time.Millisecond)
		events = recorded(t, address)
	}
	p.kill()
	p.run("verify", p.flags[:2]...)
	taken, refused, unique := hear.sums()
	t.Logf("%d events to 2 endpoints over %d kills: all came; %d were taken, of which %d were repeats (%.2f%%); %d refused",
		len(events), kills, taken, taken-unique, 100*float64(taken-unique)/float64(unique), refused)
	if unique < 2*goal || taken-unique > kills*2*128 {
		t.Errorf("%d of %d were repeats (seed %d)", taken-unique, taken, seed)
	}
}

// answers is how many requests have been answered.
func (w *witness) answers() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.seen)
}

// recorded are the ids of all events that a vendor announces.
func recorded(t *testing.T, address string) (ids []string) {
	t.Helper()
	st, err := sqlstore.Open(context.Background(), address, sqlstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	books, err := st.Books(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range books {
		for after := int64(0); ; {
			page, err := st.Events(context.Background(), b.ID, after, 1000)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range page {
				if after = e.No; !desk.IsOwnEvent(e.Name) {
					ids = append(ids, string(e.ID))
				}
			}
			if len(page) < 1000 {
				break
			}
		}
	}
	return ids
}

// A listener takes most of what it is sent, checks it as the official client
// would, and counts.
type listener struct {
	*httptest.Server
	mu      sync.Mutex
	taken   map[string]int // by endpoint and event
	all     int
	refused int
}

func newListener(t *testing.T, secret string) *listener {
	l := &listener{taken: map[string]int{}}
	l.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, q *http.Request) {
		var body bytes.Buffer
		if _, err := io.Copy(&body, q.Body); err != nil {
			return // the sender was killed
		}
		if !utils.VerifyWebhookSignature(body.String(), q.Header.Get("X-Razorpay-Signature"), secret) {
			t.Errorf("the client's own check refuses %s", body.String())
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.all++; l.all%97 == 0 {
			l.refused++
			rw.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		l.taken[q.URL.Path+" "+q.Header.Get("X-Razorpay-Event-Id")]++
	}))
	t.Cleanup(l.Close)
	return l
}

func (l *listener) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.taken)
}

func (l *listener) missing(events []string) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range events {
		for _, path := range []string{"/a ", "/b "} {
			if l.taken[path+id] == 0 {
				n++
			}
		}
	}
	return n
}

func (l *listener) sums() (taken, refused, unique int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, n := range l.taken {
		taken += n
	}
	return taken, l.refused, len(l.taken)
}
