package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// A clerk answers what the credit and bulk workloads ask, and may be made to
// lie.
type clerk struct {
	*httptest.Server
	mode   string
	given  atomic.Int64 // paise in its books
	asked  atomic.Int64
	waits  atomic.Int64 // how often it still says that something is under way
	amount int          // that it says it gave
	first  int64        // paise that its books have of the first credit
	status int
}

func newClerk(t *testing.T) *clerk {
	c := &clerk{mode: "test", amount: given, first: given, status: http.StatusOK}
	mux := http.NewServeMux()
	say := func(pattern string, what func(r *http.Request) any) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { json.NewEncoder(w).Encode(what(r)) })
	}
	say("GET /api/v1/me", func(*http.Request) any {
		return map[string]any{"book": map[string]any{"mode": c.mode, "entries": 4711}}
	})
	say("GET /api/v1/trial_balance", func(*http.Request) any {
		return map[string]any{"lines": []any{map[string]any{"code": codeCredit, "credit": c.given.Load() + 5, "debit": 5}}}
	})
	say("GET /api/v1/waiting", func(*http.Request) any {
		if c.waits.Add(-1) >= 0 {
			return map[string]any{"items": []any{map[string]any{"id": "rfnd_1"}}}
		}
		return map[string]any{"items": []any{}}
	})
	say("POST /api/v1/bulk/credits", func(r *http.Request) any {
		var in struct{ Items []struct{ Amount int64 } }
		json.NewDecoder(r.Body).Decode(&in)
		for _, i := range in.Items {
			c.given.Add(i.Amount)
		}
		return map[string]any{"done": len(in.Items), "refused": 0}
	})
	mux.HandleFunc("POST /issuinghq/test/v3/engage/transactions/credit", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer engage" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if c.asked.Add(1) == 1 {
			c.given.Add(c.first)
		} else {
			c.given.Add(given)
		}
		w.WriteHeader(c.status)
		fmt.Fprintf(w, `{"id":"ientxn_1","amount":%d}`, c.amount)
	})
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "process_cpu_seconds_total %f\nprocess_resident_memory_bytes 1e6\nwapas_batch_changes_count %d\nwapas_batch_changes_sum %d\n", float64(c.asked.Load())/1000, c.asked.Load(), 2*c.asked.Load())
	})
	c.Server = httptest.NewServer(mux)
	t.Cleanup(c.Close)
	return c
}

func door(token string) Door {
	return func(_, body string) (string, http.Header) {
		return body, http.Header{"Authorization": {"Bearer " + token}}
	}
}

// carry carries a plan out at the clerk.
func (c *clerk) carry(t *testing.T, p Plan) (*Report, error) {
	t.Helper()
	p = p.Lasting(50*time.Millisecond, 1)
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
	r := new(Report)
	x := &Carrier{Report: r, Profiles: filepath.Join(t.TempDir(), "profiles")}
	site := NewSite(c.URL+"/", p.Clients())
	x.Shop = func(ctx context.Context, n int) (*Shop, error) {
		return OpenShop(ctx, site, Keys{Rooms: map[string]Door{native: door("native"), engage: door("engage")}}, 700)
	}
	return r, x.Carry(t.Context(), p)
}

func step(does string, clients int) Step {
	return Step{Does: does, Run: Run{Load: Load{Clients: clients}}}
}

func TestCarry(t *testing.T) {
	c := newClerk(t)
	c.waits.Store(3)
	profiled := step("credit", 4)
	profiled.Profile = true
	share := step("credit", 8)
	share.Share, share.Least = 0.5, 4
	r, err := c.carry(t, Plan{{Echo: 4}, profiled, share, step("bulk:7", 2)})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Lines) != 4 || !r.Audited {
		t.Fatalf("%d lines, audited %v", len(r.Lines), r.Audited)
	}
	echo, credit, open, bulk := r.Lines[0], r.Lines[1], r.Lines[2], r.Lines[3]
	if echo.Name != "echo" || echo.Rate == 0 || echo.P50 == 0 || echo.Operations != echo.Requests {
		t.Errorf("the echo: %+v", echo)
	}
	if credit.Rate == 0 || credit.Entries != 4711 || credit.Wrong != 0 || credit.After < 2*restEvery || credit.P50 > credit.P99 || credit.P99 > credit.Max {
		t.Errorf("credits: %+v", credit)
	}
	if credit.CPU <= 0 || credit.PerBatch != 2 || credit.Resident != 1e6 {
		t.Errorf("what credits cost: %+v", credit)
	}
	if len(credit.Top) == 0 || open.Top != nil {
		t.Errorf("profiles: %q and %q", credit.Top, open.Top)
	}
	if open.Offered != max(credit.Rate*0.5, fewest/0.05) || open.Operations+open.Unserved == 0 {
		t.Errorf("half of %v was to be offered, or ten: %+v", credit.Rate, open)
	}
	if bulk.Each != 7 || bulk.Requests != 7*bulk.Operations || bulk.Rate < 6*float64(bulk.Operations)/bulk.Seconds {
		t.Errorf("calls of seven: %+v", bulk)
	}
	if c.asked.Load() < int64(credit.Operations+open.Operations) {
		t.Errorf("the clerk was asked %d times", c.asked.Load())
	}
}

// Each round stands beside an echo of its own.
func TestRounds(t *testing.T) {
	r, err := newClerk(t).carry(t, stage(2, "credit"))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Lines) != 4 {
		t.Fatalf("%d lines", len(r.Lines))
	}
	for i, l := range r.Lines {
		switch round := i/2 + 1; {
		case i%2 == 0 && (l.Name != "echo" || l.Echo != 0 || l.Round != 0):
			t.Errorf("line %d is no echo: %+v", i, l)
		case i%2 == 1 && (l.Name != "credit" || l.Round != round || l.Echo != r.Lines[i-1].Rate || l.Clients != Usual):
			t.Errorf("line %d is not round %d beside an echo of %v: %+v", i, round, r.Lines[i-1].Rate, l)
		}
	}
}

// The standard plan has its rounds in a new book, and at each size that it grows to.
func TestStandard(t *testing.T) {
	p := Standard([]int{1, 64}, 3_000_000, 5).Lasting(time.Second, 1)
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
	var fills, rounds, deep []int64 // rounds: of each size, how many of credits; deep: of deep pages
	rounds, deep = append(rounds, 0), append(deep, 0)
	for _, s := range p {
		at := len(fills)
		switch {
		case s.Fill > 0:
			fills, rounds, deep = append(fills, s.Fill), append(rounds, 0), append(deep, 0)
		case s.Does == "credit" && s.Round == int(rounds[at])+1 && s.Clients == Usual:
			rounds[at]++
		case s.Does == "statement-deep" && s.Round > 0:
			deep[at]++
		}
	}
	if !slices.Equal(fills, []int64{500_000, 1_500_000}) || !slices.Equal(rounds, []int64{5, 5, 5}) || !slices.Equal(deep, []int64{0, 5, 5}) {
		t.Errorf("the book grows to %v entries, with %v rounds of credits and %v of deep pages", fills, rounds, deep)
	}
}

// A profile is kept in its file.
func TestProfile(t *testing.T) {
	p := &Profile{Path: filepath.Join(t.TempDir(), "deep", "x.pprof")}
	p.start()
	if top := p.stop(); len(top) == 0 {
		t.Error("no list, and no reason why not")
	}
	if text, err := os.ReadFile(p.Path); err != nil || len(text) == 0 {
		t.Errorf("read %d bytes, %v", len(text), err)
	}
	if q := (&Profile{}); q.stop() == nil {
		t.Error("a profile that was never begun gives no reason")
	}
}

// One wrong answer fails the run, and so does a book that does not hold what
// was acknowledged, or holds more.
func TestWrong(t *testing.T) {
	for _, x := range []struct {
		name  string
		lie   func(c *clerk)
		words string
	}{
		{"another amount", func(c *clerk) { c.amount = 999 }, `credit: the answer says something else: {"ID":"ientxn_1","Amount":999}`},
		{"a refusal", func(c *clerk) { c.status = http.StatusTooManyRequests }, "refused: 429"},
		{"forgets one", func(c *clerk) { c.first = 0 }, "the accounts 2105 hold"},
		{"keeps one twice", func(c *clerk) { c.first = 2 * given }, "the accounts 2105 hold"},
		{"a live book", func(c *clerk) { c.mode = "live" }, "only test books are measured"},
	} {
		c := newClerk(t)
		x.lie(c)
		r, err := c.carry(t, Plan{step("credit", 2)})
		if err == nil || !strings.Contains(err.Error(), x.words) || r.Audited {
			t.Errorf("%s: %v, audited %v; want %q", x.name, err, r.Audited, x.words)
		}
	}
}
