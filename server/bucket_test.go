package server

import (
	"testing"
	"time"
)

// What comes at once is kept up to the burst, the last quarter of it for calls
// that were refused; later on so many a second.
func TestBucket(t *testing.T) {
	b := bucket{level: logBurst}
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	taken := func(n int, refused bool) (kept int) {
		for range n {
			if b.take(at, refused) {
				kept++
			}
		}
		return kept
	}
	if n := taken(1500, false); n != logBurst*3/4 {
		t.Errorf("%d of a burst were kept", n)
	}
	if n := taken(50, true); n != 50 {
		t.Errorf("%d of 50 that were refused", n)
	}
	if n := taken(1500, true); n != logBurst/4-50 {
		t.Errorf("%d more that were refused", n)
	}
	at = at.Add(2 * time.Second)
	if n := taken(1500, true); n != 2*logRate {
		t.Errorf("%d after two seconds", n)
	}
}
