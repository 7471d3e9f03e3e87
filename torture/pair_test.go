package torture

import (
	"syscall"
	"testing"
	"time"
)

// The leases of webhooks last six seconds: one who stands still for longer has
// lost what it held.
const stillFor = 9 * time.Second

// Two servers are at one PostgreSQL. One stands still (SIGSTOP) for longer than
// any lease, perhaps in the middle of a change, and goes on later as if nothing
// had been; or it is killed. The other does all that is to be done meanwhile:
// answers, rail orders, webhooks.
func TestOneOfTwo(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	t.Parallel()
	c := newCluster(t, temporary(t))
	row := table.begin(t, "one of two servers stopped, or killed", "postgres")
	r := newRig(t, row, c.address(), c.address(), 2)
	r.w.hasty = true
	r.open()
	hear := newListener(t)
	hear.enrol(t, r.w) // first: what happened before is not told
	r.shop.found(t, r.w)
	r.load()
	for i := range rounds(2, 10) {
		r.w.atLeast(r.some(), kept)
		r.sleep(500 * time.Millisecond)
		gone, there := r.servers[i/2%2], r.servers[1-i/2%2]
		stops := i%2 == 0
		row.Times++
		since := time.Now()
		if stops {
			gone.signal(syscall.SIGSTOP)
		} else {
			gone.kill()
		}
		r.w.open(there.url) // as whoever routes to them would, once /readyz is not answered
		r.w.atLeast(20, kept)
		r.wantReady(since, 30*time.Second, there.url)
		heard := hear.count()
		r.w.atLeast(r.some(), kept)
		for begun := time.Now(); hear.count() < heard+20; time.Sleep(10 * time.Millisecond) {
			if time.Since(begun) > time.Minute {
				t.Fatalf("nobody delivers webhooks: %d since one of two is gone", hear.count()-heard)
			}
		}
		if stops {
			time.Sleep(time.Until(since.Add(stillFor)))
			gone.signal(syscall.SIGCONT)
		}
		r.open()
		r.wantReady(time.Now(), 30*time.Second, gone.url)
		r.row.Down = r.row.Down[:len(r.row.Down)-1] // what counts is when the other took over
		r.look()
	}
	r.w.atLeast(r.some(), kept)
	r.w.stop()
	r.running.Wait()
	hear.hearAll(newAnnouncer(t, c.address(), r.w.of))
	r.end()
}
