// Package torture does to the real program, under load, what machines do to it:
// it is killed, its database is killed, its network fails, its disk is full or
// cannot be written to, its clock goes back, one of two servers stands still. A
// witness outside it writes down on disk what was answered; afterwards nothing
// of that may be missing, and nothing may have happened twice.
//
// A run of the tests does each of it once or twice. With WAPAS_TORTURE set (make
// torture) it is done some hundred times, for as long as the variable says or
// twenty minutes, and a table of what was done and what came of it is printed.
package torture

import (
	"encoding/json"
	"fmt"
	"iter"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wapas/storetest"
)

// Env asks for the long form.
const Env = "WAPAS_TORTURE"

func long() bool { return os.Getenv(Env) != "" }

// times is how often something is done: in a run of all tests, and in the long
// form.
func times(short, more int) int {
	if long() {
		return more
	}
	return short
}

// rounds counts to times, but begins nothing new when the time is over.
func rounds(short, more int) iter.Seq[int] {
	budget, err := time.ParseDuration(os.Getenv(Env))
	if err != nil {
		budget = 20 * time.Minute
	}
	return func(yield func(int) bool) {
		for i := range times(short, more) {
			if long() && time.Since(begun) > budget || !yield(i) {
				return
			}
		}
	}
}

var begun = time.Now()

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, err := binary.dir(); err == nil {
		os.RemoveAll(dir)
	}
	switch file := os.Getenv(rowsEnv); {
	case file != "":
		if err := table.save(file); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	case long():
		table.print()
	}
	os.Exit(code)
}

// needs ends the test where the short form must not cost anything, and fails it
// where everything must be tested and something is missing.
func needs(t *testing.T, what string, err error) {
	t.Helper()
	switch {
	case err == nil:
	case long() || os.Getenv(storetest.FullEnv) != "":
		t.Fatalf("this needs %s: %v", what, err)
	default:
		t.Skipf("this needs %s: %v", what, err)
	}
}

// A row of the closing table is one fault on one engine.
type row struct {
	Fault, Engine string
	Times         int             // how often it was done
	Kept          int             // answers that were acknowledged, all of which were found
	Doubts        int             // requests that were not answered
	Refused       int             // requests that were answered with the room's own 5xx
	Down          []time.Duration // from the cause's end until /readyz said 200
	Took          time.Duration
	Failed        bool

	begun time.Time
}

// end says how long it took, so far.
func (r *row) end() { r.Took = time.Since(r.begun) }

type rows struct {
	mu  sync.Mutex
	all []*row
}

var table rows

// begin adds a row, which ends with the test.
func (rs *rows) begin(t *testing.T, fault, engine string) *row {
	r := &row{Fault: fault, Engine: engine, begun: time.Now()}
	rs.mu.Lock()
	rs.all = append(rs.all, r)
	rs.mu.Unlock()
	t.Cleanup(func() {
		if r.Took == 0 {
			r.end()
		}
		r.Failed = t.Failed()
		t.Log(r)
	})
	return r
}

// rowsEnv is where a test in a mount namespace of its own leaves its rows.
const rowsEnv = "WAPAS_TORTURE_ROWS"

func (rs *rows) save(file string) error {
	data, err := json.Marshal(rs.all)
	if err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o600)
}

func (rs *rows) load(file string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var more []*row
	err = json.Unmarshal(data, &more)
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.all = append(rs.all, more...)
	return err
}

// print writes the table as the documents have it.
func (rs *rows) print() {
	var b strings.Builder
	b.WriteString("\n| fault | engine | times | answers kept | in doubt | refused with 5xx | ready again, p50 | max | took | missing or twice |\n" +
		"| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |\n")
	var all row
	for _, r := range rs.all {
		fmt.Fprintln(&b, r)
		all.Times, all.Kept, all.Doubts, all.Refused, all.Took = all.Times+r.Times, all.Kept+r.Kept, all.Doubts+r.Doubts, all.Refused+r.Refused, all.Took+r.Took
	}
	fmt.Fprintf(&b, "| all | | %d | %d | %d | %d | | | %s | |\n", all.Times, all.Kept, all.Doubts, all.Refused, all.Took.Round(time.Second))
	fmt.Println(b.String())
}

// String is the row as the documents have it.
func (r *row) String() string {
	said := "none"
	if r.Failed {
		said = "**failed**"
	}
	p50, most := "", ""
	if slices.Sort(r.Down); len(r.Down) > 0 {
		p50, most = short(r.Down[len(r.Down)/2]), short(r.Down[len(r.Down)-1])
	}
	return fmt.Sprintf("| %s | %s | %d | %d | %d | %d | %s | %s | %s | %s |",
		r.Fault, r.Engine, r.Times, r.Kept, r.Doubts, r.Refused, p50, most, r.Took.Round(time.Second), said)
}

func short(d time.Duration) string {
	if d < time.Second {
		return d.Round(time.Millisecond).String()
	}
	return d.Round(10 * time.Millisecond).String()
}
