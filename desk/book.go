package desk

import (
	"time"

	"wapas/ledger"
)

// A Mode keeps test and live apart: separate books, separate credentials.
type Mode string

const (
	Test Mode = "test"
	Live Mode = "live"
)

// A Merchant owns books, one in each mode.
type Merchant struct {
	ID        ID // bare, 14 characters
	Name      string
	CreatedAt ledger.Time
}

// A Book is the row of a book: what is locked while a change is made. A change
// may replace the clock and Wake; the store keeps the rest.
type Book struct {
	ID       BookID
	Merchant ID
	Mode     Mode
	Name     string // the merchant's billing label
	Clock    Clock
	// Wake is when, on the wall's clock, the next timer of the book may be due:
	// never later than it is, sometimes earlier. Zero means that none waits.
	Wake      ledger.Time
	CreatedAt ledger.Time

	Seal   int64  // the number of the last seal: also the version of the book
	Entry  int64  // the number of the last entry
	Event  int64  // the number of the last event
	LastID int64  // nanoseconds since 2014 of the last id minted
	Hash   string // of the last seal
	State  string // digest of every row as it stands: see sqlstore
}

// A Clock is how a book tells the time. The zero Clock is the real one. A test
// book's may be frozen at a moment, or run ahead of (or behind) the wall's.
type Clock struct {
	Frozen ledger.Time   // if set, the time stands still at it
	Ahead  time.Duration // otherwise it is this much ahead of the wall's
}

// Now is the book's time when the wall's clock says wall.
func (c Clock) Now(wall ledger.Time) ledger.Time {
	if c.Frozen != 0 {
		return c.Frozen
	}
	return wall.Add(c.Ahead)
}

// Wall is when, on the wall's clock, the book's time will be at: wall's now if
// it has passed already, zero ("never") if the clock is frozen before it.
func (c Clock) Wall(at, wall ledger.Time) ledger.Time {
	switch {
	case c.Now(wall) >= at:
		return wall
	case c.Frozen != 0:
		return 0
	}
	return at.Add(-c.Ahead)
}

// A Credential is what a caller shows at a room's door: which book it opens
// and the secret it is checked against, sealed at rest.
type Credential struct {
	Room      string // razorpay, engage, …
	Name      string // the public half: a key id, or BearerName of a token
	Merchant  ID
	Book      BookID
	Secret    Secret // sealed: see Sealer; empty for a bearer token
	Scopes    string // space-separated; empty means everything the room offers
	CreatedAt ledger.Time
	RevokedAt ledger.Time // it is good until then, by the wall's clock; zero: for good
}
