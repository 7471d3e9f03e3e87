package torture

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"
)

// A street is several shops, each a merchant's book of its own, whose clients
// ask any of the same servers. A router sends them to the servers that say at
// /readyz that they are ready, as a load balancer does.
type street struct {
	*rig  // of the first shop; the servers are its
	shops []*rig
	beats []*pulse // by shop: what was acknowledged
	gone  sync.Map // addresses of servers that were killed
}

// calm is how many answers a second are enough for a shop in a run of all tests,
// so that it costs the others little.
const calm = 20

// newStreet opens so many shops, each with some clients, on servers that reach
// the database at address.
func newStreet(t *testing.T, row *row, address string, servers, shops, clients int, more ...string) *street {
	t.Helper()
	s := &street{rig: newRig(t, row, address, address, servers, more...)}
	for i := range shops {
		r := s.rig
		if i > 0 {
			r = &rig{t: t, row: row, dice: s.dice, direct: address, servers: s.servers, verbs: s.verbs, counted: map[string]int{}}
			r.w = r.merchant("Torture")
		}
		r.shop = newShop(clients)
		r.w.hasty, r.w.around = true, true
		r.w.http.Timeout = 30 * time.Second // nobody gives up before a server does
		r.w.keepUp = r.w.atMost(calm)
		beats := &pulse{}
		r.w.hears = func(base, method string, status int, err error) { s.hears(beats, base, method, status, err) }
		s.shops, s.beats = append(s.shops, r), append(s.beats, beats)
	}
	return s
}

// hears is told of every request. None may fail, except at a server that was
// killed.
func (s *street) hears(beats *pulse, base, method string, status int, err error) {
	switch _, killed := s.gone.Load(base); {
	case err == nil && status < 300:
		if method == http.MethodPost {
			beats.add(base)
		}
	case (err != nil || status >= 500) && !killed:
		s.t.Errorf("a server that was never killed failed a client: %s %s: %d %v", method, base, status, err)
	}
}

// begin starts the servers, the router and the load.
func (s *street) begin() {
	s.t.Helper()
	s.open()
	for _, r := range s.shops {
		r.w.open(s.urls()...)
		r.shop.found(s.t, r.w)
	}
	s.route()
	for _, r := range s.shops {
		r.load()
	}
}

// route asks every server again and again whether it is ready, and tells the
// clients which are, until the test ends.
func (s *street) route() {
	ctx, stop := context.WithCancel(context.Background())
	var asking sync.WaitGroup
	s.t.Cleanup(func() { stop(); asking.Wait() })
	var mu sync.Mutex
	ready := make([]string, len(s.servers))
	set := func(i int, url string) {
		mu.Lock()
		defer mu.Unlock()
		if ready[i] == url {
			return
		}
		ready[i] = url
		var open []string
		for _, url := range ready {
			if url != "" {
				open = append(open, url)
			}
		}
		for _, r := range s.shops {
			r.w.open(open...)
		}
	}
	for i, p := range s.servers {
		asking.Go(func() {
			for ctx.Err() == nil {
				url := p.at()
				if url != "" && readyz(url).status != http.StatusOK {
					url = ""
				}
				set(i, url)
				select {
				case <-ctx.Done():
				case <-time.After(100 * time.Millisecond):
				}
			}
		})
	}
}

// atLeast waits until each shop had so many answers more.
func (s *street) atLeast(n int) {
	s.t.Helper()
	for _, r := range s.shops {
		r.w.atLeast(n, kept)
	}
}

// kill kills a server. What is under way at it may fail.
func (s *street) kill(p *process) (url string, at time.Time) {
	s.gone.Store(p.url, true)
	at = time.Now()
	p.kill()
	return p.url, at
}

// look runs "wapas verify" and compares what each shop's witness has on its disk
// with the book.
func (s *street) look() {
	s.t.Helper()
	s.verify()
	for _, r := range s.shops {
		r.w.audit(r.direct, r.firm)
	}
	if s.t.Failed() {
		s.t.FailNow()
	}
}

// rest lets the load end.
func (s *street) rest() {
	for _, r := range s.shops {
		r.w.stop()
	}
	for _, r := range s.shops {
		r.running.Wait()
	}
}

// end lets the load end, asks again at any server for what was not answered, and
// looks.
func (s *street) end() {
	s.t.Helper()
	s.rest()
	for _, r := range s.shops {
		r.add()
	}
	s.row.end()
	s.look()
	all := map[string]int{}
	for i, r := range s.shops {
		base := s.urls()[i%len(s.servers)]
		r.w.settle(base)
		r.shop.balances(r.w, base, r.direct)
		for what, n := range r.w.kinds {
			all[what] += n
		}
	}
	for _, what := range deeds {
		if all[what] == 0 {
			s.t.Errorf("the load had no %s acknowledged", what)
		}
	}
	s.look()
}
