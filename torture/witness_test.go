package torture

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"wapas/desk"
)

// A witness sends requests, as the callers of all rooms do, and writes down what
// was answered. It goes on, whatever becomes of the servers.
type witness struct {
	t    testing.TB
	http http.Client
	keys keys
	of   desk.BookID // whose witness it is
	book *journal
	// hears is told of each request as it ends: where it was sent, and what came.
	hears func(base, method string, status int, err error)

	mu      sync.Mutex
	changed *sync.Cond // any of the below
	bases   []string   // where the servers are; empty while one is down
	over    bool
	heard   map[string]int      // how often was said what
	kinds   map[string]int      // how often what was acknowledged
	again   map[string]*request // what was not acknowledged and may be asked again: by kind and reference
	sample  []*request          // some of what was acknowledged and may be asked again
	asked   int
	keepUp  func() bool // clients wait while it is false; nil: they never do
	hasty   bool        // clients ask again at once what was not answered
	around  bool        // clients ask another server with each request
}

// patience is how long a caller waits for an answer.
const patience = 5 * time.Second

func newWitness(t testing.TB, keys keys, of desk.BookID) *witness {
	w := &witness{t: t, keys: keys, of: of, book: newJournal(t), heard: map[string]int{}, kinds: map[string]int{}, again: map[string]*request{}}
	w.changed = sync.NewCond(&w.mu)
	w.http.Transport = &http.Transport{MaxIdleConnsPerHost: clients}
	w.http.Timeout = patience
	t.Cleanup(w.http.CloseIdleConnections)
	return w
}

func (w *witness) set(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
	w.changed.Broadcast()
}

// open says where the servers are, shut that they are nowhere, stop that all is
// over.
func (w *witness) open(bases ...string) { w.set(func() { w.bases = bases }) }
func (w *witness) shut()                { w.set(func() { w.bases = nil }) }
func (w *witness) stop()                { w.set(func() { w.over = true }) }

// up is the server that is a client's turn, once there is one; false if all is
// over.
func (w *witness) up(turn int) (string, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.bases) == 0 && !w.over {
		w.changed.Wait()
	}
	if w.over {
		return "", false
	}
	if w.around {
		turn += w.asked
	}
	return w.bases[turn%len(w.bases)], true
}

// count is how often something was said.
func (w *witness) count(said string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.heard[said]
}

// atLeast waits until something was said so many times more, and fails the test
// if that takes too long.
func (w *witness) atLeast(n int, said string) {
	w.t.Helper()
	late := false
	timer := time.AfterFunc(2*time.Minute, func() { w.set(func() { late = true }) })
	defer timer.Stop()
	w.mu.Lock()
	defer w.mu.Unlock()
	for goal := w.heard[said] + n; w.heard[said] < goal; {
		if w.t.Failed() {
			w.t.FailNow()
		}
		if late {
			w.t.Fatalf("nobody goes on: %d of %d times %q", w.heard[said], goal, said)
		}
		w.changed.Wait()
	}
}

// atMost keeps clients from having more than so many requests answered a second,
// but for the long form.
func (w *witness) atMost(rate int) func() bool {
	if long() {
		return nil
	}
	var begun time.Time
	return func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		if begun.IsZero() {
			begun = time.Now()
		}
		return float64(w.asked) <= time.Since(begun).Seconds()*float64(rate)
	}
}

// A request is a deed to be asked for, and how to tell what is said of it.
type request struct {
	deed
	room, path, body, key string
	// id and already read an answer: the id of the thing made; and, of a request
	// that was sent before, that it had been done then.
	id      func(said spoken) string
	already func(status int, said spoken) bool
	yes     func(status int, said spoken) bool  // 200 or 201 if nil
	renew   func(base string, said spoken) bool // does what must be done before it can be asked again; false if there is nothing
	once    bool                                // it must not be sent again: the API has no key for it
}

// do has a deed done, and says whether it was acknowledged. What was answered
// is on the witness's disk when it returns.
func (w *witness) do(turn int, q *request) (spoken, bool) {
	for try := 0; ; try++ {
		base, more := w.up(turn + try)
		if !more {
			return nil, false
		}
		said, word := w.try(base, q, try > 0)
		if word == kept || word == "" || q.once || !w.hasty || turn%2 == 0 {
			return said, word == kept
		}
		time.Sleep(20 * time.Millisecond) // a server that is gone answers at once
	}
}

// try sends a request once and remembers what came of it. An empty word means
// that the answer was no answer, and the test has failed.
func (w *witness) try(base string, q *request, again bool) (spoken, string) {
	status, said, err := w.send(base, "POST", q.room, q.path, q.body, q.key)
	d := q.deed
	switch {
	case err != nil:
		d.Said = nothing
	case status >= 500:
		d.Said = fault
		if want := faultOf[q.room]; !want(said) {
			w.t.Errorf("%s %s: a %d that is none of the room's: %v", q.room, q.path, status, said)
		}
	case q.yes == nil && status <= 201 || q.yes != nil && q.yes(status, said):
		if d.Said = kept; q.id != nil {
			d.ID = q.id(said)
		}
	case q.renew != nil && q.renew(base, said):
		return w.try(base, q, again)
	case again && status == http.StatusConflict: // the first is still under way
		return said, busy
	case again && q.already != nil && q.already(status, said):
		d.Said = kept
	default:
		w.t.Errorf("%s %s %s (again: %v): %d %v", q.room, q.path, q.body, again, status, said)
		return said, ""
	}
	w.book.write(d)
	w.set(func() {
		w.heard[d.Said]++
		w.asked++
		if d.Said == kept {
			w.kinds[q.What]++
		}
		name := q.What + " " + q.Ref
		switch {
		case q.once:
		case d.Said != kept:
			w.again[name] = q
		default:
			delete(w.again, name)
			if len(w.sample) < sampled {
				w.sample = append(w.sample, q)
			} else {
				w.sample[w.asked*7919%sampled] = q
			}
		}
	})
	return said, d.Said
}

// busy is what is said of a repeat of what is still under way: it is not known yet.
const busy = "busy"

// sampled is how many acknowledged requests are sent again at the end.
const sampled = 200

// send sends a request of a room's caller. An error means that it was not
// answered, or not to the end.
func (w *witness) send(base, method, room, path, body, key string) (status int, said spoken, err error) {
	q, err := http.NewRequest(method, base+path, strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	q.Header.Set("Content-Type", "application/json")
	w.keys.sign(q, room, &body)
	q.Body, q.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	if key != "" {
		q.Header.Set("X-Refund-Idempotency", key)
		q.Header.Set("Idempotency-Key", key)
	}
	if w.hears != nil {
		defer func() { w.hears(base, method, status, err) }()
	}
	res, err := w.http.Do(q)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, nil, err
	}
	if err := json.Unmarshal(data, &said); err != nil {
		w.t.Errorf("%s %s: %d %s", method, path, res.StatusCode, data)
		said = spoken{}
	}
	return res.StatusCode, said, nil
}

// settle asks again, with the same keys, for all that was not acknowledged, and
// for some of what was. None of it may happen twice: see audit.
func (w *witness) settle(base string) {
	w.mu.Lock()
	var all []*request
	for _, q := range w.again {
		all = append(all, q)
	}
	all = append(all, w.sample...)
	w.mu.Unlock()
	var wg sync.WaitGroup
	free := make(chan struct{}, clients)
	for _, q := range all {
		free <- struct{}{}
		wg.Go(func() {
			defer func() { <-free }()
			said := busy
			for begun := time.Now(); said == busy && time.Since(begun) < time.Minute; {
				_, said = w.try(base, q, true)
			}
			if said != kept {
				w.t.Errorf("%s %s, asked for again when all is well: %q", q.What, q.Ref, said)
			}
		})
	}
	wg.Wait()
}

// A spoken is an answer: a JSON object as it came.
type spoken map[string]any

// text is what lies at a path of it, as text.
func (a spoken) text(path ...string) string {
	var v any = map[string]any(a)
	for _, p := range path {
		switch x := v.(type) {
		case map[string]any:
			v = x[p]
		case []any:
			i, _ := strconv.Atoi(p)
			if i >= len(x) {
				return ""
			}
			v = x[i]
		}
	}
	if f, ok := v.(float64); ok {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

// faultOf says whether a 5xx is in the words of a room.
var faultOf = map[string]func(said spoken) bool{
	"razorpay": func(said spoken) bool { return said.text("error", "code") == "SERVER_ERROR" },
	"engage":   func(said spoken) bool { return said.text("error", "code") != "<nil>" },
	"phonepe":  func(said spoken) bool { return said.text("code") == "INTERNAL_SERVER_ERROR" },
	"eko":      func(said spoken) bool { return said.text("message") == "Internal server error" },
	"native":   func(said spoken) bool { return said.text("code") == "internal" },
}
