package torture

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"

	"wapas/desk"
)

// A rig is one database, one or two servers on it, a shop, and a witness with the
// load that it sends.
type rig struct {
	t       *testing.T
	row     *row
	dice    *rand.Rand
	direct  string // the database's address for those who only look
	verbs   *process
	servers []*process
	w       *witness
	shop    *shop
	running sync.WaitGroup
	counted map[string]int // what is in rows already
	within  string         // where the server is, if it is no process
	firm    bool           // a 5xx is a promise that nothing happened
}

// newRig founds a shop in an empty database and prepares servers, which reach it
// at address; direct is the way to it past whatever the test does to that.
func newRig(t *testing.T, row *row, direct, address string, servers int, more ...string) *rig {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("seed %d", seed)
		}
	})
	r := &rig{t: t, row: row, dice: rand.New(rand.NewPCG(seed, 0)), direct: direct, shop: newShop(clients), counted: map[string]int{}}
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte(hex.EncodeToString(make([]byte, desk.MasterKeySize))), 0o600); err != nil {
		t.Fatal(err)
	}
	for range servers {
		r.servers = append(r.servers, &process{t: t, flags: []string{"--db", address, "--key-file", key}, more: more})
	}
	t.Cleanup(func() {
		for i, p := range r.servers {
			if t.Failed() && p.log != nil {
				t.Logf("the end of the log of server %d:\n%s", i, tail(p.log.String(), 4000))
			}
		}
	})
	r.verbs = &process{t: t, flags: []string{"--db", direct, "--key-file", key}}
	r.verbs.run("migrate", "--db", direct)
	r.w = r.merchant("Torture")
	return r
}

// merchant makes one, with an agent, and returns the witness of its test book.
func (r *rig) merchant(name string) *witness {
	r.t.Helper()
	printed := r.verbs.run("merchant", append([]string{"create", name, "--json"}, r.verbs.flags...)...)
	id, keys, book := readMerchant(r.t, printed, r.verbs.run("merchant", "list", "--json", "--db", r.direct))
	of := []string{"--merchant", id, "--db", r.direct}
	r.verbs.run("agent", append([]string{"open", agentCode, "--initiator", initiator, "--name", "Asha Stores"}, of...)...)
	r.verbs.run("agent", append([]string{"value", agentCode, "--amount", "5000000"}, of...)...)
	return newWitness(r.t, keys, book)
}

// begin starts the servers and the load.
func (r *rig) begin() {
	r.t.Helper()
	r.open()
	r.shop.found(r.t, r.w)
	r.load()
}

func (r *rig) load() {
	for i := range r.shop.customers {
		r.running.Go(func() { r.shop.load(r.w, i) })
	}
	r.t.Cleanup(func() { r.w.stop(); r.running.Wait() })
}

// open starts the servers that do not run.
func (r *rig) open() {
	r.t.Helper()
	for _, p := range r.servers {
		if p.cmd == nil || p.cmd.ProcessState != nil {
			p.serve()
		}
	}
	r.w.open(r.urls()...)
}

// urls is where the servers are.
func (r *rig) urls() (all []string) {
	for _, p := range r.servers {
		all = append(all, p.url)
	}
	if r.within != "" {
		all = append(all, r.within)
	}
	return all
}

// look runs "wapas verify" and compares the witness's disk with the books.
func (r *rig) look() {
	r.t.Helper()
	r.verify()
	r.w.audit(r.direct, r.firm)
	if r.t.Failed() {
		r.t.FailNow()
	}
}

// verify exits 1 if anything is wrong in any book.
func (r *rig) verify() {
	r.t.Helper()
	r.verbs.run("verify", "--db", r.direct)
}

// deeds are all that a load does.
var deeds = []string{"order", "payment", "load", "split", "refund", "credit", "spend", "remittance", "cash"}

// end lets the load end, asks again for what was not answered and for some of
// what was, and looks for the last time.
func (r *rig) end() {
	r.t.Helper()
	r.w.stop()
	r.running.Wait()
	r.now(nil)
	r.look()
	base := r.urls()[0]
	r.w.settle(base)
	r.look()
	r.shop.balances(r.w, base, r.direct)
	for _, what := range deeds {
		if r.w.kinds[what] == 0 {
			r.t.Errorf("the load had no %s acknowledged", what)
		}
	}
	for _, p := range r.servers {
		p.kill()
	}
	r.look()
}

// now begins another row, for what happens from here on.
func (r *rig) now(next *row) {
	if r.row != nil {
		r.add()
		r.row.end()
	}
	r.row = next
}

// add puts what the witness saw since the row began into it.
func (r *rig) add() {
	for said, sum := range map[string]*int{kept: &r.row.Kept, nothing: &r.row.Doubts, fault: &r.row.Refused} {
		n := r.w.count(said)
		*sum += n - r.counted[said]
		r.counted[said] = n
	}
}

// A health is what /readyz says.
type health struct {
	status int // zero if nobody answers
	why    string
}

func readyz(url string) health {
	ctx, cancel := context.WithTimeout(context.Background(), 6*time.Second)
	defer cancel()
	q, err := http.NewRequestWithContext(ctx, "GET", url+"/readyz", nil)
	if err != nil {
		return health{why: err.Error()}
	}
	res, err := http.DefaultClient.Do(q)
	if err != nil {
		return health{why: err.Error()}
	}
	defer res.Body.Close()
	var said struct {
		Checks []struct {
			Name, Why string
			OK        bool
		}
	}
	data, _ := io.ReadAll(res.Body)
	json.Unmarshal(data, &said)
	h := health{status: res.StatusCode}
	for _, c := range said.Checks {
		if !c.OK {
			h.why += c.Name + ": " + c.Why + "; "
		}
	}
	return h
}

// wantNotReady waits until /readyz says 503 and why. It must do so while the
// load meets the cause, and must have done so after limit.
func (r *rig) wantNotReady(url, why string, limit time.Duration) {
	r.t.Helper()
	words := regexp.MustCompile(why)
	var h health
	for begun := time.Now(); time.Since(begun) < limit; time.Sleep(10 * time.Millisecond) {
		if h = readyz(url); h.status == http.StatusServiceUnavailable && words.MatchString(h.why) {
			return
		}
	}
	r.t.Fatalf("/readyz says %d %q, want 503 and %q", h.status, h.why, why)
}

// holds makes sure for a while that /readyz goes on saying no.
func (r *rig) holds(url, why string, d time.Duration) {
	r.t.Helper()
	words := regexp.MustCompile(why)
	for begun := time.Now(); time.Since(begun) < d; time.Sleep(20 * time.Millisecond) {
		if h := readyz(url); h.status != http.StatusServiceUnavailable || !words.MatchString(h.why) {
			r.t.Fatalf("while nothing can be kept /readyz says %d %q", h.status, h.why)
		}
	}
}

// wantReady waits until /readyz says 200 and notes how long that took since the
// cause was gone.
func (r *rig) wantReady(since time.Time, limit time.Duration, urls ...string) {
	r.t.Helper()
	for _, url := range urls {
		for h := readyz(url); h.status != http.StatusOK; h = readyz(url) {
			if time.Since(since) > limit {
				r.t.Fatalf("%s after the cause was gone /readyz says %d %q", limit, h.status, h.why)
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	r.row.Down = append(r.row.Down, time.Since(since))
}

// sleep waits for a moment of chance.
func (r *rig) sleep(most time.Duration) { time.Sleep(time.Duration(r.dice.Int64N(int64(most)))) }

// some is so many answers as make a difference: there is something to lose.
func (r *rig) some() int { return times(200, 100) }
