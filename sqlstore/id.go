package sqlstore

import (
	"time"

	"wapas/desk"
	"wapas/ledger"
)

// Ids look like the vendor's: ten base-62 digits of the nanoseconds since 2014,
// and four random ones. They sort by time.
const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

var since2014 = time.Date(2014, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano()

// idNanos is the moment an id of the book would have now: the book's time, or
// just after the last id if the clock stands still or went back.
func idNanos(now ledger.Time, last int64) int64 {
	return max(int64(now)*1000-since2014, last+1, 0)
}

// makeID writes the id for a moment with some randomness.
func makeID(prefix string, nanos int64, random uint64) desk.ID {
	var buf [64]byte
	at := copy(buf[:], prefix)
	if prefix != "" {
		buf[at] = '_'
		at++
	}
	for i := 9; i >= 0; i-- {
		buf[at+i] = base62[nanos%62]
		nanos /= 62
	}
	for i := 10; i < 14; i++ {
		buf[at+i] = base62[random%62]
		random /= 62
	}
	return desk.ID(buf[:at+14])
}
