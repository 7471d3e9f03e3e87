package torture

import (
	"sync"
	"testing"
	"time"
)

// Until somebody notices that the primary is dead: longer than a server believes
// what it has read of a credential.
const unnoticed = 6 * time.Second

// A primary has a synchronous standby, and three servers know both. Under load
// the primary is killed and the standby promoted, and nobody touches the servers:
// they go on alone at the new primary, which has all that was acknowledged, and no
// client hears an error. Then
// the old one is made its standby (copied anew, or rewound), and so on. At last
// the two change places as an operator would have them do for an upgrade.
func TestFailover(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	t.Parallel()
	c := newCouple(t)
	row := table.begin(t, "failover: kill -9 of the primary, the standby promoted", "postgres")
	s := newStreet(t, row, c.address(), times(2, 3), times(1, 3), times(4, 6))
	s.begin()
	var promotion []time.Duration
	for i := range rounds(1, 5) {
		s.atLeast(times(40, 200))
		s.sleep(500 * time.Millisecond)
		c.primary.kill()
		if i%2 == 0 {
			time.Sleep(unnoticed)
		}
		var reads sync.WaitGroup // clients that come now
		for _, url := range s.urls() {
			reads.Go(func() { s.w.send(url, "GET", "razorpay", "/v1/customers/"+s.shop.customers[0]+"/balance", "", "") })
		}
		time.Sleep(2 * time.Second)
		noticed := time.Now()
		promoted := c.promote()
		reads.Wait()
		row.Times++
		promotion = append(promotion, promoted.Sub(noticed))
		s.goneOn(promoted)
		s.atLeast(times(40, 200))
		if i%2 == 0 {
			c.standby.rewind(c.primary)
		} else {
			c.standby.copy(c.primary)
		}
		c.join()
		s.look()
	}
	t.Logf("from the word until the standby was promoted: %s; from then to the first answer: %s", spread(promotion), spread(row.Down))
	s.now(table.begin(t, "switchover: the primary shut down, the standby promoted", "postgres"))
	promotion = nil
	for range rounds(1, 5) {
		s.atLeast(times(40, 200))
		s.sleep(500 * time.Millisecond)
		asked := time.Now()
		promoted := c.turn()
		s.row.Times++
		promotion = append(promotion, promoted.Sub(asked))
		s.goneOn(promoted)
		c.join()
		s.atLeast(times(40, 200))
		s.look()
	}
	t.Logf("from the word until the other was promoted: %s; from then to the first answer: %s", spread(promotion), spread(s.row.Down))
	s.end()
}

// goneOn waits until every shop was answered again, and notes how long the first
// took.
func (s *street) goneOn(since time.Time) {
	s.t.Helper()
	for _, beats := range s.beats {
		for beats.first(since).IsZero() {
			if time.Since(since) > time.Minute {
				s.t.Fatalf("nobody goes on at the new primary: /readyz says %v", readyz(s.urls()[0]))
			}
			time.Sleep(5 * time.Millisecond)
		}
		s.row.Down = append(s.row.Down, beats.first(since).Sub(since))
	}
}
