package storetest_test

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"wapas/desk"
	"wapas/storetest"
)

// The real program, under load, is killed again and again at moments of chance.
// A witness outside it remembers every answer it gave. After each restart the
// books must verify; at the end nothing that was answered may be missing or
// other than it was, and nothing may be there twice.
func TestKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("takes ten seconds an engine")
	}
	binary := filepath.Join(t.TempDir(), "wapas")
	if out, err := exec.Command("go", "build", "-o", binary, "wapas/cmd/wapas").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) { killed(t, binary, e) }) // one after the other: the load is for one
	}
}

const (
	kills   = 6
	clients = 16
)

func killed(t *testing.T, binary string, e storetest.Engine) {
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 0))
	defer func() {
		if t.Failed() {
			t.Logf("seed %d", seed)
		}
	}()
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte(hex.EncodeToString(make([]byte, desk.MasterKeySize))), 0o600); err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, binary: binary, flags: []string{"--db", e.New(t), "--key-file", key}}
	p.run("migrate", p.flags[:2]...)
	var m struct {
		Keys []struct{ Name, Secret, Mode string }
	}
	if err := json.Unmarshal(p.run("merchant", append([]string{"create", "Crash", "--json"}, p.flags...)...), &m); err != nil || len(m.Keys) == 0 || m.Keys[0].Mode != "test" {
		t.Fatalf("merchant create: %v, %+v", err, m)
	}
	w := &witness{t: t, key: m.Keys[0].Name, secret: m.Keys[0].Secret, seen: map[string]ack{}, doubt: map[string]string{}}
	w.there = sync.NewCond(&w.mu)
	w.http.Transport = &http.Transport{MaxIdleConnsPerHost: clients}
	w.http.Timeout = 20 * time.Second

	w.open(p.serve())
	w.setUp()
	var load sync.WaitGroup
	for i := range clients {
		load.Go(func() { w.load(i) })
	}
	for range kills {
		w.atLeast(200) // so that there is something to lose
		time.Sleep(time.Duration(r.IntN(800)) * time.Millisecond)
		p.kill()
		w.shut()
		p.run("verify", p.flags[:2]...) // exits 1 if anything is wrong
		w.open(p.serve())
	}
	w.atLeast(200)
	w.stop()
	load.Wait()
	w.settleDoubts()
	w.check()
	p.kill()
	p.run("verify", p.flags[:2]...)
	t.Logf("%d answers were given over %d kills, and %d requests were in doubt", len(w.seen), kills, w.doubts)
}

// A process is the program under test.
type process struct {
	t      *testing.T
	binary string
	flags  []string
	cmd    *exec.Cmd
}

// run runs a verb to its end and returns what it printed.
func (p *process) run(verb string, args ...string) []byte {
	p.t.Helper()
	cmd := exec.Command(p.binary, append([]string{verb}, args...)...)
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
	p.cmd = exec.Command(p.binary, append([]string{"serve", "--listen", "127.0.0.1:0", "--log", "json"}, p.flags...)...)
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	cmd := p.cmd
	p.t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	lines := bufio.NewReader(stderr)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			p.t.Fatalf("the server ended: %s", line)
		}
		var entry struct{ Msg, URL string }
		if json.Unmarshal(line, &entry); entry.Msg == "serving" {
			go io.Copy(io.Discard, lines)
			return entry.URL
		}
	}
}

// kill is SIGKILL.
func (p *process) kill() {
	p.cmd.Process.Signal(os.Kill)
	p.cmd.Wait()
}

// A witness sends requests and remembers what was answered.
type witness struct {
	t           *testing.T
	http        http.Client
	key, secret string
	customers   []string

	mu     sync.Mutex
	there  *sync.Cond // base, stopped or seen has changed
	base   string     // empty while the server is down
	done   bool
	seen   map[string]ack    // by id
	doubt  map[string]string // refunds that were not answered: their keys, and the payments
	doubts int
}

// An ack is what was said of a thing.
type ack struct {
	list   string // where it must be found
	amount int64
	about  string // the receipt of an order, the payment of a refund
}

func (w *witness) open(base string) { w.set(func() { w.base = base }) }
func (w *witness) shut()            { w.set(func() { w.base = "" }) }
func (w *witness) stop()            { w.set(func() { w.done = true }) }

func (w *witness) set(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
	w.there.Broadcast()
}

// atLeast waits for so many more answers.
func (w *witness) atLeast(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for goal := len(w.seen) + n; len(w.seen) < goal && !w.t.Failed(); {
		w.there.Wait()
	}
}

// up is where the server is, once it is there; false if all is over.
func (w *witness) up() (string, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.base == "" && !w.done {
		w.there.Wait()
	}
	return w.base, !w.done
}

// answer is what the requests of this test are answered with, all in one.
type answer struct {
	ID, Receipt       string
	RazorpayPaymentID string `json:"razorpay_payment_id"`
	PaymentID         string `json:"payment_id"`
	Amount            int64
	Items             []answer
	Balance           int64
	Error             struct{ Code, Description string }
}

// ask sends one request. It is not ok if the server did not answer.
func (w *witness) ask(base, method, path, idempotency, body string) (a answer, status int, ok bool) {
	q, err := http.NewRequest(method, base+path, strings.NewReader(body))
	if err != nil {
		w.t.Error(err)
		return a, 0, false
	}
	q.SetBasicAuth(w.key, w.secret)
	q.Header.Set("Content-Type", "application/json")
	if idempotency != "" {
		q.Header.Set("X-Refund-Idempotency", idempotency)
	}
	res, err := w.http.Do(q)
	if err != nil {
		return a, 0, false
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		return a, 0, false
	}
	if err := json.Unmarshal(data, &a); err != nil || res.StatusCode >= 500 {
		w.t.Errorf("%s %s: %d %s", method, path, res.StatusCode, data)
	}
	return a, res.StatusCode, true
}

// must is ask where a refusal fails the test. It remembers the answer.
func (w *witness) must(base, path, idempotency, body, list, about string) (id string, ok bool) {
	a, status, ok := w.ask(base, "POST", path, idempotency, body)
	if !ok {
		return "", false
	}
	if status != http.StatusOK {
		w.t.Errorf("POST %s %s: %d %s", path, body, status, a.Error.Description)
		return "", false
	}
	if a.ID == "" {
		a.ID = a.RazorpayPaymentID
	}
	if list != "" {
		w.set(func() { w.seen[a.ID] = ack{list, a.Amount, about} })
	}
	return a.ID, true
}

// setUp makes the customers, and money for the merchant.
func (w *witness) setUp() {
	base, _ := w.up()
	for i := range clients {
		id, ok := w.must(base, "/v1/customers", "", fmt.Sprintf(`{"name":"Client","contact":"98765%05d"}`, i), "", "")
		if !ok {
			w.t.Fatal("no customer")
		}
		w.customers = append(w.customers, id)
	}
	o, _ := w.must(base, "/v1/orders", "", `{"amount":100000000,"currency":"INR","payment_capture":1,"receipt":"capital"}`, "orders", "capital")
	if _, ok := w.must(base, "/v1/payments/create/recurring", "", paymentOf(o, 100000000, w.customers[0]), "payments", ""); !ok {
		w.t.Fatal("no capital")
	}
}

func paymentOf(order string, amount int64, customer string) string {
	return fmt.Sprintf(`{"amount":%d,"currency":"INR","order_id":%q,"email":"a@example.com","contact":"9876543210","customer_id":%q,"token":"token_00000000000001","recurring":"1"}`, amount, order, customer)
}

// load is one client: it pays, refunds, loads its wallet and pays from it, and
// goes on where it was when the server comes back.
func (w *witness) load(client int) {
	customer := w.customers[client]
	for n := 0; !w.t.Failed(); n++ {
		base, more := w.up()
		if !more {
			return
		}
		w.turn(base, fmt.Sprintf("%d-%d", client, n), customer, int64(10000+100*(n%50)))
	}
}

func (w *witness) turn(base, name, customer string, amount int64) {
	order := func(name string, amount int64) (string, bool) {
		return w.must(base, "/v1/orders", "", fmt.Sprintf(`{"amount":%d,"currency":"INR","payment_capture":1,"receipt":%q}`, amount, name), "orders", name)
	}
	o, ok := order(name, amount)
	if !ok {
		return
	}
	p, ok := w.must(base, "/v1/payments/create/recurring", "", paymentOf(o, amount, customer), "payments", "")
	if !ok {
		return
	}
	key := "refund-of-" + p
	w.set(func() { w.doubt[key] = p })
	if _, ok := w.must(base, "/v1/payments/"+p+"/refund", key, `{"amount":5000}`, "refunds", p); !ok {
		w.set(func() { w.doubts++ })
		return
	}
	w.set(func() { delete(w.doubt, key) })
	if _, ok := w.must(base, "/v1/transfers", "", fmt.Sprintf(`{"customer_id":%q,"amount":100,"currency":"INR"}`, customer), "transfers", ""); !ok {
		return
	}
	if o, ok = order(name+"w", 100); !ok {
		return
	}
	w.must(base, "/v1/payments/create/openwallet", "", fmt.Sprintf(`{"amount":100,"currency":"INR","order_id":%q,"customer_id":%q,"email":"a@example.com","contact":"9876543210","method":"wallet","wallet":"openwallet"}`, o, customer), "payments", "")
}

// settleDoubts asks again for what was not answered, under the same keys.
func (w *witness) settleDoubts() {
	for key, p := range w.doubt {
		w.must(w.base, "/v1/payments/"+p+"/refund", key, `{"amount":5000}`, "refunds", p)
	}
}

// check reads everything there is and compares.
func (w *witness) check() {
	for _, list := range []string{"orders", "payments", "refunds", "transfers"} {
		there := map[string]answer{}
		about := map[string]int{}
		for skip := 0; ; skip += 100 {
			page, _, ok := w.ask(w.base, "GET", fmt.Sprintf("/v1/%s?count=100&skip=%d", list, skip), "", "")
			if !ok {
				w.t.Fatalf("%s cannot be read", list)
			}
			for _, a := range page.Items {
				there[a.ID] = a
				about[a.Receipt+a.PaymentID]++
			}
			if len(page.Items) < 100 {
				break
			}
		}
		for id, a := range w.seen {
			if a.list != list {
				continue
			}
			got, ok := there[id]
			if !ok {
				w.t.Errorf("%s was answered and is not there", id)
			} else if a.amount != 0 && got.Amount != a.amount {
				w.t.Errorf("%s was answered with %d and is %d", id, a.amount, got.Amount)
			}
			if a.about != "" && about[a.about] != 1 {
				w.t.Errorf("%d %s of %s", about[a.about], list, a.about)
			}
		}
		for id := range there {
			if desk.ID(id).Prefix() == "" {
				w.t.Errorf("%q in %s", id, list)
			}
		}
	}
}
