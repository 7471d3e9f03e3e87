package torture

import (
	"testing"
	"time"

	"wapas/storetest"
)

// The server, under load, is killed with SIGKILL again and again at moments of
// chance, and started again. After each kill the books verify and hold all that
// was acknowledged.
func TestKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("takes ten seconds an engine")
	}
	t.Parallel()
	const each = 25 // kills of one database: looking at it costs by what is in it
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			row := table.begin(t, "SIGKILL of the server", e.Name)
			for range rounds(1, 8) {
				killed(t, row, e, each)
			}
		})
	}
}

func killed(t *testing.T, row *row, e storetest.Engine, each int) {
	address := e.New(t)
	r := newRig(t, row, address, address, 1)
	r.w.hasty = true
	r.begin()
	for range rounds(6, each) {
		r.w.atLeast(r.some(), kept)
		r.sleep(400 * time.Millisecond)
		r.servers[0].kill()
		row.Times++
		r.w.shut()
		r.look()
		since := time.Now()
		r.open()
		r.wantReady(since, time.Minute, r.servers[0].url)
	}
	r.w.atLeast(r.some(), kept)
	r.end()
}
