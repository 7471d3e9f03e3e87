package soak

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"time"

	"wapas/desk"
	"wapas/dialect/eko"
	"wapas/rail"
	"wapas/server"
	"wapas/sqlstore"
)

// A machine is one server: a store of its own on the one database, a desk and
// the handler of every room. It forgets all it knows when it is restarted.
type machine struct {
	no      int
	world   *world
	store   *sqlstore.Store
	desk    *desk.Desk
	handler http.Handler
	behind  time.Duration // how far its clock is behind
	dead    bool
	commit  fault // of the next commit
	keep    fault // of what its post writes down
}

// start opens the database with a new server.
func (w *world) start(no int) (*machine, error) {
	m := &machine{no: no, world: w}
	random := rand.New(rand.NewPCG(w.seed, uint64(no)<<32|uint64(w.starts)))
	w.starts++
	var err error
	m.store, err = sqlstore.Open(context.Background(), w.address, sqlstore.Options{Now: m.now, Random: random.Uint64, Readers: 2, Writers: 1, Break: m.breaks})
	if err != nil {
		return nil, err
	}
	m.desk = newDesk(&gated{m.store, m}, m.now, w.rail, w.slog)
	m.handler = server.New(m.desk, server.Config{Log: w.slog, Timeout: time.Hour, Eko: eko.Config{Patience: time.Hour}})
	return m, nil
}

func newDesk(s desk.Store, now func() time.Time, r rail.Rail, log *slog.Logger) *desk.Desk {
	return &desk.Desk{Store: s, Now: now, Log: log, Rails: map[string]rail.Rail{desk.SimRail: r}, Sealer: ring, HashMemory: 64}
}

// breaks says whether the store's own connection breaks here: it must find out
// whether its commit was made, and go on as if nothing had been.
func (m *machine) breaks(made bool) bool {
	if m.commit == unsent && !made || m.commit == unheard && made {
		m.world.count("commit "+string(m.commit), 1)
		m.commit = none
		return true
	}
	return false
}

func (m *machine) now() time.Time { return m.world.now.Add(-m.behind) }

func (m *machine) String() string { return fmt.Sprint("s", m.no) }

// restart drops a server with all that is under way on it, and starts another.
func (w *world) restart(no int) {
	old := w.machines[no]
	old.dead = true
	for _, t := range w.sched.live() {
		if t.at == old {
			w.drop(t)
		}
	}
	if err := old.store.Close(); err != nil {
		w.fail("close the store of %v: %v", old, err)
	}
	m, err := w.start(no)
	if err != nil {
		w.fail("restart %v: %v", old, err)
		return
	}
	m.behind = old.behind
	w.machines[no] = m
	w.count("restart", 1)
}

// drop lets a task of a dead server run out.
func (w *world) drop(t *task) {
	if t.gate == "" { // it never began
		t.gate, t.broke = "end", true
		return
	}
	w.count("call or work dropped by a restart", 1)
	if t.call == nil {
		t.cancel() // or it would look for what is due for ever
	}
	for t.gate != "end" {
		t.broke = true
		w.sched.step(t)
	}
}
