package storetest_test

import (
	"bytes"
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wapas/desk"
	"wapas/rail"
	"wapas/rail/sim"
	"wapas/server"
	"wapas/sqlstore"
	"wapas/storetest"
)

// A pair is two servers on one database, each with a store, a desk and a line
// to the database of its own.
type pair struct {
	t       *testing.T
	store   *sqlstore.Store // a third one, which makes what a round needs
	plain   *desk.Desk
	book    desk.BookID
	servers [2]*running
	http    http.Client
	faulty  bool
	start   time.Time
}

// A running server can be stopped and started.
type running struct {
	t       *testing.T
	address string
	proxy   *storetest.PGProxy // before the database, if that is PostgreSQL
	wrap    func(desk.Store) desk.Store
	log     faultLog

	base  atomic.Value // string: its URL, empty while it is down
	store *sqlstore.Store
	web   *httptest.Server
	rest  context.CancelFunc
	work  sync.WaitGroup
}

// A faultLog counts the lines of a log that tell of our own faults.
type faultLog struct{ n atomic.Int64 }

func (l *faultLog) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte("level=ERROR")) {
		l.n.Add(1)
	}
	return len(line), nil
}

// newPair starts both. If wrap is not nil, their desks see the store through
// it, and nothing else is broken.
func newPair(t *testing.T, e storetest.Engine, wrap func(desk.Store) desk.Store) *pair {
	p := &pair{t: t, faulty: wrap == nil, start: time.Now()}
	p.http.Transport = &http.Transport{MaxIdleConnsPerHost: linearClients}
	address := e.New(t)
	p.store = open(t, address, sqlstore.Options{})
	p.plain = newDesk(t, p.store, slog.DiscardHandler)
	_, test, _, err := p.plain.CreateMerchant(t.Context(), desk.MerchantRequest{Name: "Linear"})
	if err != nil {
		t.Fatal(err)
	}
	p.book = test.ID
	for _, q := range []desk.IssueRequest{
		{Room: "razorpay", Name: wireKey, Secret: []byte(wireSecret)},
		{Room: "native", Secret: []byte(wireNative)},
	} {
		q.Book = p.book
		got(p.plain.Issue(t.Context(), q))(t)
	}
	for i := range p.servers {
		s := &running{t: t, address: address, wrap: wrap}
		if e.Name == "postgres" {
			s.proxy, s.address = storetest.NewPGProxy(t, address)
		}
		s.open()
		t.Cleanup(func() { s.close(false) })
		p.servers[i] = s
	}
	t.Cleanup(p.http.CloseIdleConnections)
	return p
}

func newDesk(t *testing.T, st desk.Store, log slog.Handler) *desk.Desk {
	ring, err := desk.NewKeyring(bytes.Repeat([]byte{7}, desk.MasterKeySize))
	if err != nil {
		t.Fatal(err)
	}
	return &desk.Desk{
		Store: st, Now: time.Now, Log: slog.New(log),
		Rails: map[string]rail.Rail{desk.SimRail: sim.Rail{}}, Sealer: ring, HashMemory: 64,
	}
}

// open starts the server on a store that knows nothing yet.
func (s *running) open() {
	st, err := sqlstore.Open(context.Background(), s.address, sqlstore.Options{})
	if err != nil {
		s.t.Fatal(err)
	}
	d := newDesk(s.t, st, slog.NewTextHandler(&s.log, nil))
	if s.wrap != nil {
		d.Store = s.wrap(st)
	}
	s.store, s.web = st, httptest.NewServer(server.New(d, server.Config{Log: d.Log}))
	ctx, cancel := context.WithCancel(context.Background())
	s.rest = cancel
	s.work.Go(func() { d.Work(ctx) })
	s.base.Store(s.web.URL)
}

// close stops the server in the middle of whatever it does: first its store, if
// it is rude, or first the lines of its callers.
func (s *running) close(rude bool) {
	s.base.Store("")
	s.rest()
	if rude {
		s.store.Close()
	}
	s.web.CloseClientConnections()
	s.web.Close()
	s.work.Wait()
	if err := s.store.Close(); err != nil {
		s.t.Error(err)
	}
}

// breaks is how often something is broken in a round.
const breaks = 30

// trouble breaks something every few milliseconds until it has done so often
// enough or ctx is done, and counts what.
func (p *pair) trouble(ctx context.Context, r *rand.Rand, n map[string]int) {
	for range breaks {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Duration(1+r.IntN(50)) * time.Millisecond):
		}
		s := p.servers[r.IntN(2)]
		switch {
		case r.IntN(12) == 0 && n["restarts"] == 0: // each leaves some requests in doubt
			s.close(r.IntN(2) == 0)
			s.open()
			n["restarts"]++
		case s.proxy == nil:
		case r.IntN(10) == 0:
			s.proxy.Cut()
			n["lines cut"]++
		default:
			n["faults at commits"] += s.proxy.Met()
			var next []storetest.Fault
			for range 1 + r.IntN(3) {
				next = append(next, pick(r, []storetest.Fault{storetest.Pass, storetest.CutBefore, storetest.CutAfter, storetest.RefuseRestart}))
			}
			s.proxy.Next(next...)
		}
	}
}
