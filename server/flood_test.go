package server_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"wapas/desk"
	"wapas/dialect/eko"
	"wapas/dialecttest"
	"wapas/server"
)

// The flood: generated requests to every route of every room, of the console
// and of the server itself. Some are as they should be, most are nearly so (one
// thing about them is wrong), some are rubbish, and some come over a connection
// byte by byte. Whatever comes, the answer is a refusal in the room's own words
// or a right yes; a refusal and a read move no money; what was accepted is what
// was asked for; memory is bounded; nothing panics; no secret is logged; and in
// the end the books add up.
//
// Its requests follow from a seed. WAPAS_FLOOD is how many there are,
// WAPAS_FLOOD_SEED the seed, and WAPAS_FLOOD_ONLY=worker:number sends those of
// one worker up to one, and prints the last.
const (
	floodShort = 1_200
	floodBatch = 500    // requests of a worker between two looks at memory
	floodLife  = 20_000 // requests of a worker to one merchant
	floodSeed  = 5
	floodHeap  = 384 << 20        // bytes of heap that may be in use
	floodSlow  = 20 * time.Second // of the processor, for all that goes on during one request
	floodLost  = 5 * time.Minute  // after which nobody waits for an answer
	floodEnd   = 2 * time.Minute  // is left of -timeout when no more is sent
)

type flood struct {
	t       *testing.T
	seed    uint64
	house   *dialecttest.House
	front   *server.Server
	log     *floodLog
	at      string // the address of the same server, for what goes over a connection
	bodies  map[string]string
	native  map[string]*operation
	schemas map[string]map[string]any
	routes  []knownRoute
	byRoom  map[string][]knownRoute
	keys    []string // that bodies have
	made    int      // merchants
	workers int

	mu     sync.Mutex
	tally  map[[3]string]int // room, kind, answer
	yes    map[string]int    // mutations by room that were accepted
	slow   map[string]time.Duration
	faults map[string]int
	tried  map[string]bool
	said   map[string]bool // routes that said yes
}

func TestFlood(t *testing.T) {
	total, workers, seed, only := floodShort, 2, uint64(floodSeed), -1
	if s := os.Getenv("WAPAS_FLOOD"); s != "" {
		total, workers = atoi(t, s), 4
	}
	if s := os.Getenv("WAPAS_FLOOD_SEED"); s != "" {
		seed = uint64(atoi(t, s))
	}
	mine, last, replay := strings.Cut(os.Getenv("WAPAS_FLOOD_ONLY"), ":")
	if replay {
		only = atoi(t, mine)
		total, workers = (atoi(t, last)+1)*4, 4
	}
	f := newFlood(t, seed)
	f.workers = workers
	began, goroutines := time.Now(), runtime.NumGoroutine()
	stop := f.listen()
	peak, enough := watchHeap()

	var all []*worker
	for i := range f.workers {
		if only < 0 || only == i {
			w := &worker{f: f, no: i}
			f.settle(w)
			all = append(all, w)
		}
	}
	each := total / f.workers
	for done := 0; done < each && f.ok(); done += floodBatch {
		if end, bound := t.Deadline(); bound && time.Until(end) < floodEnd {
			t.Logf("stopped after %d of %d requests, so that -timeout leaves time to look at what they did", done*f.workers, total)
			break
		}
		var wg sync.WaitGroup
		for _, w := range all {
			wg.Go(func() {
				w.was = w.book()
				for range min(floodBatch, each-done) {
					w.step(only >= 0 && w.n == each-1)
				}
			})
		}
		wg.Wait()
		for _, w := range all {
			pass(t, f.house, w.who)
			if w.n < each && (w.shut || w.n >= w.until) {
				f.settle(w)
			}
		}
		if got := peak.Load(); got > floodHeap {
			t.Errorf("%d MiB of heap in use, bound %d", got>>20, floodHeap>>20)
			break
		}
	}
	enough()
	stop()
	took := time.Since(began)
	f.report(took, peak.Load())
	if only < 0 {
		f.enough()
	}
	f.log.check(t)
	f.house.Audit(t)
	for range 200 { // what is left of connections ends by itself
		if runtime.NumGoroutine() <= goroutines {
			break
		}
		runtime.Gosched()
		time.Sleep(10 * time.Millisecond)
	}
	if now := runtime.NumGoroutine(); now > goroutines {
		t.Errorf("%d goroutines, at first there were %d", now, goroutines)
	}
}

var quotedKey = regexp.MustCompile(`"([A-Za-z_]+)":`)

func atoi(t *testing.T, s string) int {
	n, err := strconv.Atoi(strings.ReplaceAll(s, "_", ""))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func newFlood(t *testing.T, seed uint64) *flood {
	f := &flood{
		t: t, seed: seed, house: dialecttest.Open(t), log: &floodLog{}, bodies: map[string]string{},
		byRoom: map[string][]knownRoute{}, tally: map[[3]string]int{}, yes: map[string]int{}, slow: map[string]time.Duration{},
		faults: map[string]int{}, tried: map[string]bool{}, said: map[string]bool{},
	}
	log := slog.New(slog.NewTextHandler(f.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	f.house.Desk.Log = log
	f.front = server.New(f.house.Desk, server.Config{
		Log: log, Timeout: floodLost, Eko: eko.Config{Patience: 20 * time.Second}, Requests: server.NewRequestLog(f.house.Desk, log, server.LogAll, time.Hour),
	})
	for _, step := range life {
		f.bodies[step.route] = step.body
	}
	for route, body := range asked {
		if f.bodies[route] == "" {
			f.bodies[route] = body
		}
	}
	f.routes = everyRoute(f, f.house)
	for _, x := range f.routes {
		f.byRoom[x.room] = append(f.byRoom[x.room], x)
	}
	keys := map[string]bool{}
	for _, body := range f.bodies {
		for _, m := range quotedKey.FindAllStringSubmatch(body, -1) {
			keys[m[1]] = true
		}
	}
	f.keys = slices.Sorted(maps.Keys(keys))
	w := httptest.NewRecorder()
	f.front.ServeHTTP(w, httptest.NewRequest("GET", "/openapi.json", nil))
	if err := f.readDocument(w.Body.Bytes()); err != nil || len(f.native) < 80 {
		t.Fatalf("%d operations, %v", len(f.native), err)
	}
	return f
}

// settle gives a worker a merchant of its own with a life behind it, and a
// person in the console. What the merchant is called is part of all its
// credentials. It is said three times, so that no two of them are one bit apart:
// a request with one bit other in its credential would be another worker's.
func (f *flood) settle(w *worker) {
	f.made++
	w.had++
	letter := strings.Repeat(fmt.Sprintf("F%d%02d", w.no, w.had), 3)
	m, book, _, err := f.house.Desk.CreateMerchant(f.t.Context(), desk.MerchantRequest{Name: "Flood " + letter})
	if err != nil {
		f.t.Fatal(err)
	}
	w.who = newTenant(f.t, f.house, f.front, letter, book.ID, desk.Test)
	w.vars = live(f.t, f.house, f.front, w.who)
	w.ids = slices.Sorted(maps.Values(w.vars))
	w.links, w.forms = map[string][]string{}, map[string][]form{}
	w.merchant, w.shut, w.until = m.ID, false, w.n+floodLife
	w.mine = strings.NewReplacer("clientA", "client"+letter, "engage secret A", "engage secret "+letter)
	w.enter()
}

// enter has a person come in to the console.
func (w *worker) enter() {
	w.entered++
	d := w.f.house.Desk
	p, err := d.AddPerson(context.Background(), desk.PersonRequest{
		Merchant: w.merchant, Email: fmt.Sprintf("%s-%d@example.in", w.who.letter, w.entered), Role: desk.Admin, Password: "a long enough one",
	})
	if err == nil {
		w.session, _, err = d.StartSession(context.Background(), p, "203.0.113.7")
	}
	if err != nil {
		w.f.t.Error(err)
	}
}

// step sends one request, and looks at what comes of it.
func (w *worker) step(show bool) {
	a := w.next()
	before := w.was
	began, worked := time.Now(), processor(w.f.t)
	got := w.send(a)
	took := time.Since(began)
	worked = processor(w.f.t) - worked
	after := w.book()
	w.was = after
	if show {
		w.f.t.Logf("%s\n-> %d %v\n%.3000q\nentries: %s", a, got.status, got.header, got.body, w.entries(before, after))
	}
	said := got.said()
	if why := w.wrong(a, got, before, after, worked); why != "" {
		w.f.fault(a, got, why, w.last, w.entries(before, after))
	}
	w.f.count(a, said, took)
	w.last = fmt.Sprintf("%s %s (%s), %d in %s", a.room, a.route, a.how, got.status, took.Round(time.Millisecond))
	if a.room == "eko" && (a.wire != nil || took > 4*time.Second) { // whose caller may not have waited: the order goes on without it
		w.quiet()
	}
	if a.kind == "valid" {
		w.follow(a, got)
	}
	w.n++
}

// processor is how long the processors have worked for this process. A machine
// that has much else to do makes requests wait, and that is nobody's fault.
func processor(t *testing.T) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func (w *worker) book() desk.Book {
	b, err := w.f.house.Desk.Store.Book(context.Background(), w.who.book)
	if err != nil {
		w.f.t.Error(err)
	}
	return b
}

// entries are what was written between two looks at the worker's book.
func (w *worker) entries(before, after desk.Book) string {
	if after.Entry == before.Entry {
		return "none"
	}
	all, err := w.f.house.Desk.Store.Entries(context.Background(), desk.Query{Book: w.who.book, Count: int(min(after.Entry-before.Entry, 20))})
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	for _, e := range all {
		fmt.Fprintf(&b, "%d: %s of %s; ", e.No, e.Reason, e.Cause)
	}
	return b.String()
}

// quiet waits until the rail was heard once of every remittance in the worker's
// book: what becomes of one is written after its caller has gone.
func (w *worker) quiet() {
	for range int(floodLost / (5 * time.Millisecond)) {
		all, err := desk.List[desk.RailOrder](context.Background(), w.f.house.Desk, desk.Query{Book: w.who.book, Count: 20, Where: map[string]string{"what": "remittance"}})
		if err != nil {
			w.f.t.Error(err)
			return
		}
		if !slices.ContainsFunc(all, func(o desk.RailOrder) bool { return o.Asked == 0 }) {
			w.was = w.book()
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	w.f.t.Errorf("worker %d, request %d: the rail was not heard of a remittance", w.no, w.n)
}

// An answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
	none   bool // the connection ended without one
}

// said is an answer in a word, for the table.
func (g *answer) said() string {
	switch {
	case g.none:
		return "closed"
	case g.refused() && g.status < 300:
		return fmt.Sprintf("%d no", g.status)
	}
	return strconv.Itoa(g.status)
}

// refused says whether an answer is a no, in whichever room's words.
func (g *answer) refused() bool {
	w := &httptest.ResponseRecorder{Code: g.status, Body: bytes.NewBuffer(g.body)}
	return g.none || g.status >= 400 || bytes.Equal(g.body, []byte(`{"message":"No key for Response"}`)) || bytes.HasPrefix(g.body, []byte("{")) && (isRefusal("phonepe", w) || isRefusal("eko", w))
}

func (w *worker) send(a *attack) *answer {
	if a.wire != nil {
		return a.wire.send(w.f.at)
	}
	rec := httptest.NewRecorder()
	w.f.front.ServeHTTP(rec, a.r)
	return &answer{status: rec.Code, header: rec.Header(), body: rec.Body.Bytes()}
}

// follow learns from the answer to a valid request what there is now.
func (w *worker) follow(a *attack, got *answer) {
	if a.room == "console" {
		if to := got.header.Get("Location"); strings.HasPrefix(to, "/console/login") || got.status == 403 {
			w.enter()
		} else if to != "" {
			w.links[to] = []string{to}
		}
		w.learn(string(got.body))
		return
	}
	if got.status == 401 && a.room != "engage" || got.status == 403 { // a form of the console ended the credential
		w.shut = true
	}
	var said any
	if got.refused() || json.Unmarshal(got.body, &said) != nil {
		return
	}
	for _, step := range life {
		if step.route != a.route {
			continue
		}
		for keep := range strings.FieldsSeq(step.keep) {
			name, at, _ := strings.Cut(keep, "=")
			val := dig(said, at)
			switch name {
			case "phonepe.order", "phonepe.refund", "phonepe.page", "native.name":
				continue
			}
			if val != "" {
				w.vars[name] = val
				w.ids[w.g.IntN(len(w.ids))] = val
			}
		}
	}
}

func (f *flood) ok() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.faults) < 40
}

// fault tells of a wrong answer, of each sort a few times.
func (f *flood) fault(a *attack, got *answer, why, before, entries string) {
	sort := a.room + " " + a.route + " " + why
	if i := strings.IndexByte(why, ':'); i > 0 {
		sort = a.room + " " + a.route + " " + why[:i]
	}
	f.mu.Lock()
	f.faults[sort]++
	n := f.faults[sort]
	f.mu.Unlock()
	if n <= 2 {
		f.t.Errorf("%s\nseed %d, %s\n-> %d %.1000q\nentries: %s\nthe one before: %s", why, f.seed, a, got.status, got.body, entries, before)
	}
}

func (f *flood) count(a *attack, said string, took time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tally[[3]string{a.room, a.kind, said}]++
	f.tried[a.room+" "+a.route] = true
	yes := said < "300" && len(said) == 3 || said == "303" && a.room == "console"
	if yes && a.kind != "valid" {
		f.yes[a.kind+", "+a.how+": "+a.room]++
	}
	if yes && a.kind == "valid" {
		f.said[a.room+" "+a.route] = true
	}
	if took > f.slow[a.how] {
		f.slow[a.how] = took
	}
}

// report prints what was sent and said.
func (f *flood) report(took time.Duration, peak uint64) {
	var b strings.Builder
	sent := 0
	for _, n := range f.tally {
		sent += n
	}
	fmt.Fprintf(&b, "seed %d: %d requests to %d routes in %s, %d merchants, at most %d MiB of heap in use\n", f.seed, sent, len(f.tried), took.Round(time.Second), f.made, peak>>20)
	rows := map[[2]string]map[string]int{}
	for k, n := range f.tally {
		at := [2]string{k[0], k[1]}
		if rows[at] == nil {
			rows[at] = map[string]int{}
		}
		rows[at][k[2]] += n
	}
	for _, at := range slices.SortedFunc(maps.Keys(rows), func(x, y [2]string) int { return strings.Compare(x[0]+x[1], y[0]+y[1]) }) {
		fmt.Fprintf(&b, "%-9s %-8s", at[0], at[1])
		for _, said := range slices.Sorted(maps.Keys(rows[at])) {
			fmt.Fprintf(&b, "  %s: %d", said, rows[at][said])
		}
		b.WriteByte('\n')
	}
	if testing.Verbose() {
		b.WriteString("accepted:\n")
		for _, k := range slices.Sorted(maps.Keys(f.yes)) {
			fmt.Fprintf(&b, "  %s: %d\n", k, f.yes[k])
		}
		b.WriteString("slowest:\n")
		for _, k := range slices.SortedFunc(maps.Keys(f.slow), func(x, y string) int { return cmp.Compare(f.slow[y], f.slow[x]) }) {
			fmt.Fprintf(&b, "  %s: %s\n", k, f.slow[k].Round(time.Millisecond))
		}
		b.WriteString("never said yes:\n")
		for _, x := range f.routes {
			if !f.said[x.room+" "+x.route] {
				fmt.Fprintf(&b, "  %s %s\n", x.room, x.route)
			}
		}
	}
	f.t.Log(b.String())
}

// enough holds the flood itself to its purpose: each route was tried, and what
// was valid was mostly let through, for a flood that only knocks proves little.
func (f *flood) enough() {
	for _, x := range f.routes {
		if !f.tried[x.room+" "+x.route] {
			f.t.Errorf("%s %s was never tried", x.room, x.route)
		}
	}
	// Half of what is valid is let through; less at Engage, of whose three routes
	// one is for live books, and at Eko, where much waits for an OTP or a failure.
	atMost := map[string]int{"razorpay": 2, "native": 2, "phonepe": 2, "console": 3, "own": 2, "engage": 4, "eko": 5}
	yes, all := map[string]int{}, map[string]int{}
	for k, n := range f.tally {
		if k[1] != "valid" {
			continue
		}
		if all[k[0]] += n; k[2] < "400" && !strings.HasSuffix(k[2], "no") {
			yes[k[0]] += n
		}
	}
	for room, n := range all {
		if yes[room]*atMost[room] < n {
			f.t.Errorf("%s said yes to %d of %d valid requests", room, yes[room], n)
		}
	}
}

// watchHeap looks at how much heap is in use, again and again.
func watchHeap() (peak *atomic.Uint64, stop func()) {
	peak = new(atomic.Uint64)
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			if m.HeapInuse > peak.Load() {
				peak.Store(m.HeapInuse)
			}
			select {
			case <-tick.C:
			case <-done:
				return
			}
		}
	}()
	return peak, func() { close(done); <-ended }
}

// A floodLog reads what is logged: no panic, no fault of ours, no secret.
type floodLog struct {
	mu    sync.Mutex
	lines int
	bad   []string
}

// noted are what must not be in a log line.
var noted = [][]byte{
	[]byte("panic"), []byte("level=ERROR"), []byte("rzp secret"), []byte("engage secret"), []byte("engage token"), []byte("salt F"), []byte("phonepe secret"), []byte("access key F"), []byte("native token"),
	[]byte("zqa secret"), []byte("9876500"), []byte("9962981729"), []byte("916010082985661"), []byte("a long enough one"),
}

// customer is the number of one of Eko's.
var customer = regexp.MustCompile(`\b91234[0-9]{5}\b`)

func (l *floodLog) Write(line []byte) (int, error) {
	for _, word := range append(noted[:len(noted):len(noted)], customer.Find(line)) {
		if len(word) > 0 && bytes.Contains(line, word) {
			l.mu.Lock()
			if len(l.bad) < 10 {
				l.bad = append(l.bad, fmt.Sprintf("%q: %.600s", word, line))
			}
			l.mu.Unlock()
			break
		}
	}
	l.mu.Lock()
	l.lines++
	l.mu.Unlock()
	return len(line), nil
}

func (l *floodLog) check(t *testing.T) {
	for _, line := range l.bad {
		t.Errorf("the log has %s", line)
	}
	if l.lines == 0 {
		t.Error("nothing was logged")
	}
}

// isPage says whether a route of a room's is a page for people.
func isPage(route string) bool { return unguarded.MatchString(route) }
