package torture

import (
	"testing"
	"time"

	"wapas/storetest"
)

// The network between the server and PostgreSQL is cut, slowed down, reset, or
// swallows what is sent. The server says that it cannot reach the database, and
// goes on when it can: also on connections of which nobody ever said that they
// are dead.
func TestNetwork(t *testing.T) {
	if testing.Short() {
		t.Skip("takes twenty seconds")
	}
	t.Parallel()
	c := newCluster(t, temporary(t))
	p, through := storetest.NewPGProxy(t, c.address())
	r := newRig(t, nil, c.address(), through, 1)
	r.w.hasty = true
	r.begin()
	for _, n := range []struct {
		fault       string
		do          func(t *testing.T, r *rig, p *storetest.PGProxy)
		short, more int
	}{
		{"network: connections reset", reset, 2, 25},
		{"network: cut", cut, 1, 8},
		{"network: 50 ms late, each way", delay, 1, 4},
		{"network: stands still, then goes on", still, 1, 6},
		{"network: half-open, what is sent is lost", halfOpen, 0, 3}, // which takes half a minute
	} {
		if times(n.short, n.more) == 0 {
			continue
		}
		r.now(table.begin(t, n.fault, "postgres"))
		for range rounds(n.short, n.more) {
			r.w.atLeast(r.some(), kept)
			r.sleep(200 * time.Millisecond)
			r.row.Times++
			n.do(t, r, p)
			r.w.atLeast(r.some()/2, kept)
			r.look()
		}
	}
	r.end()
}

// reset breaks every connection, with a RST; new ones can be made at once.
func reset(t *testing.T, r *rig, p *storetest.PGProxy) {
	p.Reset()
	r.wantReady(time.Now(), 10*time.Second, r.servers[0].url)
}

// cut breaks every connection and takes no new ones.
func cut(t *testing.T, r *rig, p *storetest.PGProxy) {
	url := r.servers[0].url
	p.Close()
	r.wantNotReady(url, away, 10*time.Second)
	r.holds(url, away, time.Second)
	p.Open()
	r.wantReady(time.Now(), 10*time.Second, url)
}

// delay makes every message late: all goes on, more slowly.
func delay(t *testing.T, r *rig, p *storetest.PGProxy) {
	p.Delay(50 * time.Millisecond)
	r.w.atLeast(r.some()/4, kept)
	if h := readyz(r.servers[0].url); h.status != 200 {
		t.Errorf("slow, but there: /readyz says %d %q", h.status, h.why)
	}
	p.Delay(0)
}

// still holds back what is sent and passes it on later, as a network does that
// has lost its way for a while.
func still(t *testing.T, r *rig, p *storetest.PGProxy) {
	url := r.servers[0].url
	p.Hold()
	r.wantNotReady(url, away, 15*time.Second)
	r.holds(url, away, time.Second)
	p.Open()
	r.wantReady(time.Now(), 15*time.Second, url)
}

// halfOpen loses what is sent on the connections that there are, for good, and
// never closes them. New ones can be made after a while.
func halfOpen(t *testing.T, r *rig, p *storetest.PGProxy) {
	url := r.servers[0].url
	p.Hold()
	r.wantNotReady(url, away, 15*time.Second)
	r.holds(url, away, time.Second)
	p.Forget()
	r.wantReady(time.Now(), 60*time.Second, url)
}
