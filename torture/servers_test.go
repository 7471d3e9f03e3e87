package torture

import (
	"syscall"
	"testing"
	"time"
)

// Three servers are at one PostgreSQL, and the clients of six merchants ask any
// of them. One is killed under load and started again, then the next, and so on;
// then each is told to stop, which takes a while in which it answers on. No
// client hears an error but from a server that is being killed; what that was at
// goes on at once at the others, webhooks a lease later.
func TestThreeServers(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	t.Parallel()
	c := newCluster(t, temporary(t))
	row := table.begin(t, "one of three servers killed", "postgres")
	s := newStreet(t, row, c.address(), 3, times(3, 6), times(2, 4), "--linger", "1s")
	hear := make([]*listener, times(1, 2)) // of the first shops
	s.open()
	for i := range hear {
		hear[i] = newListener(t)
		s.shops[i].w.open(s.urls()...)
		hear[i].enrol(t, s.shops[i].w) // first: what happened before is not told
	}
	s.begin()
	var before, after, told []time.Duration
	rate := 0.0 // after a kill, as a part of before
	around := time.Duration(times(1500, 4000)) * time.Millisecond
	for i := range rounds(1, 12) {
		time.Sleep(around)
		s.sleep(500 * time.Millisecond)
		url, at := s.kill(s.servers[i%3])
		row.Times++
		time.Sleep(around)
		were, are := 0, 0
		for shop, beats := range s.beats {
			before = append(before, beats.gap(at.Add(-around), at, url))
			gap := beats.gap(at, at.Add(around), url)
			after = append(after, gap)
			if gap >= around {
				t.Errorf("shop %d had no answer for %s after a kill", shop, gap)
			}
			were += len(beats.between(at.Add(-around), at, ""))
			are += len(beats.between(at, at.Add(around), ""))
		}
		row.Down = append(row.Down, after[len(after)-len(s.beats):]...)
		rate += float64(are) / float64(were)
		s.atLeast(20)
		for _, l := range hear {
			told = append(told, l.wait(t, at))
		}
		s.servers[i%3].serve()
	}
	t.Logf("%d kills, %d books: longest without an answer of the others, before %s, after %s; answers a second afterwards %.2f of before; longest without a webhook %s",
		row.Times, len(s.shops), spread(before), spread(after), rate/float64(row.Times), spread(told))
	s.now(table.begin(t, "one of three servers told to stop", "postgres"))
	for i := range rounds(1, 9) {
		s.atLeast(20)
		s.sleep(500 * time.Millisecond)
		p := s.servers[i%3]
		s.row.Times++
		p.signal(syscall.SIGTERM)
		if err := p.cmd.Wait(); err != nil {
			t.Errorf("a server that was told to stop: %v", err)
		}
		s.atLeast(10)
		p.serve()
	}
	s.rest()
	for i, l := range hear {
		l.hearAll(newAnnouncer(t, c.address(), s.shops[i].w.of))
	}
	s.end()
}
