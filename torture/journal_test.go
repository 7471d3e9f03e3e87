package torture

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// A deed is what a witness knows of one request: what it was about, and what was
// said of it.
type deed struct {
	What   string // the kind of thing that it makes: order, payment, load, refund, credit, spend, remittance, cash
	Ref    string // the caller's name for it, or what it may be there of only once
	ID     string `json:",omitempty"` // ours, where the room tells it
	Amount int64
	Said   string // kept, fault, nothing
}

// What may be said of a deed.
const (
	kept    = "kept"    // it was acknowledged
	fault   = "fault"   // it was answered with a 5xx
	nothing = "nothing" // the line broke, or nobody answered in time
)

// A journal is what a witness has seen, on disk: write returns once a line is
// there to stay. Lines that are written at the same time share a sync.
type journal struct {
	t    testing.TB
	file *os.File

	mu      sync.Mutex
	waiting []byte
	synced  chan struct{} // closed once what waits now is on disk
	busy    bool
}

func newJournal(t testing.TB) *journal {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "witness"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return &journal{t: t, file: f, synced: make(chan struct{})}
}

func (j *journal) write(d deed) {
	line, err := json.Marshal(d)
	if err != nil {
		j.t.Error(err)
		return
	}
	j.mu.Lock()
	j.waiting = append(append(j.waiting, line...), '\n')
	mine, lead := j.synced, !j.busy
	j.busy = true
	j.mu.Unlock()
	if lead {
		j.flush()
	}
	<-mine
}

// flush writes what waits until nothing does.
func (j *journal) flush() {
	for {
		j.mu.Lock()
		lines, done := j.waiting, j.synced
		j.waiting, j.synced = nil, make(chan struct{})
		j.busy = len(lines) > 0
		j.mu.Unlock()
		if len(lines) == 0 {
			return
		}
		_, err := j.file.Write(lines)
		if err == nil {
			err = j.file.Sync()
		}
		if err != nil {
			j.t.Errorf("the witness forgets: %v", err)
		}
		close(done)
	}
}

// read is all that is on disk.
func (j *journal) read() (all []deed) {
	j.t.Helper()
	f, err := os.Open(j.file.Name())
	if err != nil {
		j.t.Fatal(err)
	}
	defer f.Close()
	for lines := json.NewDecoder(bufio.NewReader(f)); lines.More(); {
		var d deed
		if err := lines.Decode(&d); err != nil {
			j.t.Fatal(err)
		}
		all = append(all, d)
	}
	return all
}
