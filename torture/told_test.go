package torture

import (
	"testing"
	"time"

	"wapas/storetest"
)

// The real program, under load, is killed again and again while it delivers
// what happens to two endpoints, which refuse now and then. Every event reaches
// both, signed; few come twice.
func TestKilledWhileTelling(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute an engine")
	}
	t.Parallel()
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			killedWhileTelling(t, e)
		})
	}
}

func killedWhileTelling(t *testing.T, e storetest.Engine) {
	goal, kills := 2_000, 4
	if long() {
		goal, kills = 10_000, 8
	}
	row := table.begin(t, "SIGKILL while webhooks are delivered", e.Name)
	address := e.New(t)
	r := newRig(t, row, address, address, 1)
	r.open()
	hear := newListener(t)
	hear.enrol(t, r.w) // first: what happened before is not told
	r.shop.found(t, r.w)
	// What is told shall keep up with what happens: about two deliveries for an answer.
	r.w.keepUp = func() bool { return r.w.count(kept) <= hear.count()*2/3+500 || hear.quiet() }
	r.load()
	for i := range kills {
		for hear.count() < goal*2*(i+1)/(kills+1) && !t.Failed() {
			time.Sleep(10 * time.Millisecond)
		}
		r.sleep(300 * time.Millisecond)
		r.servers[0].kill()
		row.Times++
		r.w.shut()
		since := time.Now()
		r.open()
		r.wantReady(since, time.Minute, r.servers[0].url)
	}
	for hear.count() < goal*2 && !t.Failed() {
		time.Sleep(10 * time.Millisecond)
	}
	r.w.stop()
	r.running.Wait()
	events := hear.hearAll(newAnnouncer(t, address, r.w.of))
	r.end()
	taken, refused, unique := hear.sums()
	t.Logf("%d events to 2 endpoints over %d kills: all came; %d were taken, of which %d were repeats (%.2f%%); %d refused",
		events, kills, taken, taken-unique, 100*float64(taken-unique)/float64(unique), refused)
	if unique < 2*goal || taken-unique > kills*2*128 {
		t.Errorf("%d of %d were repeats", taken-unique, taken)
	}
}
