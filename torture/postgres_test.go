package torture

import (
	"testing"
	"time"
)

// away is what /readyz says while PostgreSQL cannot be had.
const away = `^database: `

// PostgreSQL is killed under the server, with its postmaster, left dead for a
// moment and started again; or one of its children is killed, and it recovers by
// itself. The server is never touched: it says that the database is away, and
// goes on when it is back.
func TestPostgresKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("takes ten seconds")
	}
	t.Parallel()
	c := newCluster(t, temporary(t))
	row := table.begin(t, "kill -9 of PostgreSQL's postmaster", "postgres")
	r := newRig(t, row, c.address(), c.address(), 1)
	r.w.hasty = true
	r.begin()
	url := r.servers[0].url
	for range rounds(1, 15) {
		r.w.atLeast(r.some(), kept)
		r.sleep(300 * time.Millisecond)
		c.kill()
		r.row.Times++
		r.wantNotReady(url, away, 10*time.Second)
		r.holds(url, away, time.Duration(r.dice.IntN(1000))*time.Millisecond)
		c.start()
		r.wantReady(time.Now(), 30*time.Second, url)
		r.w.atLeast(r.some()/2, kept)
		r.look()
	}
	r.now(table.begin(t, "kill -9 of one of PostgreSQL's children", "postgres"))
	for range rounds(1, 15) {
		r.w.atLeast(r.some(), kept)
		r.sleep(300 * time.Millisecond)
		c.crash("wapas")
		r.row.Times++
		since := time.Now()
		r.wantReady(since, 30*time.Second, url)
		r.w.atLeast(r.some()/2, kept)
		r.look()
	}
	r.end()
}
