package torture

import (
	"bytes"
	"context"
	"log/slog"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"wapas/desk"
	"wapas/dialect/eko"
	"wapas/rail"
	"wapas/rail/sim"
	"wapas/server"
	"wapas/sqlstore"
	"wapas/storetest"
)

// The machine's clock is set back, and forward again, by up to a day, under load.
// A process cannot be given another wall clock without cgo or a hook in the
// program, so this one test has the server within: the same desk, store, rooms
// and worker, with the clock injected into both desk and store.
func TestClockSetBack(t *testing.T) {
	if testing.Short() {
		t.Skip("takes ten seconds an engine")
	}
	t.Parallel()
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			row := table.begin(t, "clock set back", e.Name)
			address := e.New(t)
			r := newRig(t, row, address, address, 0)
			var off atomic.Int64
			now := func() time.Time { return time.Now().Add(time.Duration(off.Load())).Round(0) }
			st, err := sqlstore.Open(t.Context(), address, sqlstore.Options{Now: now})
			if err != nil {
				t.Fatal(err)
			}
			ring, err := desk.NewKeyring(bytes.Repeat([]byte{0}, desk.MasterKeySize))
			if err != nil {
				t.Fatal(err)
			}
			d := &desk.Desk{Store: st, Now: now, Log: slog.New(slog.DiscardHandler), Rails: map[string]rail.Rail{desk.SimRail: sim.Rail{}}, Sealer: ring}
			web := httptest.NewServer(server.New(d, server.Config{Log: d.Log, Eko: eko.Config{ClockTolerance: 10 * 365 * 24 * time.Hour}}))
			ctx, cancel := context.WithCancel(context.Background())
			worked := make(chan error, 1)
			go func() { worked <- d.Work(ctx) }()
			t.Cleanup(func() {
				r.w.stop()
				r.running.Wait()
				web.Close()
				cancel()
				if err := <-worked; err != nil {
					t.Error(err)
				}
				st.Close()
			})
			r.within = web.URL
			r.begin()
			for range rounds(4, 40) {
				r.w.atLeast(r.some()/2, kept)
				switch r.dice.IntN(3) {
				case 0:
					off.Add(-int64(time.Hour) - r.dice.Int64N(int64(24*time.Hour)))
				case 1:
					off.Add(-r.dice.Int64N(int64(2 * time.Second)))
				case 2:
					off.Store(r.dice.Int64N(int64(time.Hour)))
				}
				row.Times++
				if h := readyz(web.URL); h.status != 200 {
					t.Errorf("/readyz says %d %q", h.status, h.why)
				}
			}
			off.Add(-int64(48 * time.Hour)) // at least once, far
			row.Times++
			r.w.atLeast(r.some(), kept)
			r.look()
			r.end()
		})
	}
}
