// Package webhook tells the outside what happened in the books. Events are
// recorded with the change that made them; this package reads them after the
// fact, has each room put them in its vendor's words (a Herald), and sends them
// to the endpoints of the book: at least once, signed, within five seconds or
// again later, each endpoint at its own pace.
//
// Nothing here runs inside a change, and a book without endpoints costs
// nothing. What is known of deliveries lies beside the books (desk.Postbox).
package webhook

import (
	"context"
	"net/http"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

// A Herald speaks for one room: it says what the room's vendor would send of an
// event, where to, and how that is signed.
type Herald interface {
	// Room is the room whose endpoints it writes to (desk.Endpoint.Room).
	Room() string
	// Schedule is when a message that was not taken is sent again.
	Schedule() Schedule
	// Tell is what an endpoint is sent of an event; nil if it is not told of it,
	// because the room has no word for it or the endpoint did not ask
	// (desk.Endpoint.Asks). It is asked anew for every attempt, perhaps by another
	// server after a restart, so it goes by the snapshots in the event and by what
	// never changes, such as handles. An error puts the attempt off.
	Tell(ctx context.Context, n Notice) (*Message, error)
}

// A Picker is a Herald that can say by the name of an event alone that an
// endpoint is not told of it. That saves reading on for those who want little.
type Picker interface {
	Picks(e desk.Endpoint, name string) bool
}

// A Notice is an event on its way to an endpoint.
type Notice struct {
	Desk     *desk.Desk
	Book     desk.Book
	Event    desk.Event
	Endpoint desk.Endpoint
	// Secret is the endpoint's as it was when the event was recorded, whatever it
	// is now; empty if it had none. A room that signs with a credential's secret
	// (PhonePe's salt key) finds that itself.
	Secret desk.Secret
}

// A Message is one HTTP request, the same at every attempt.
type Message struct {
	// URL is where it goes; empty for the endpoint's own. An endpoint without a
	// URL of its own (see desk's callback) goes where each request asked for.
	URL    string
	Method string // POST if empty
	Header http.Header
	Body   []byte
	// Mask names headers that are as good as a secret: the log of attempts shows
	// dots for them.
	Mask []string
}

// A Schedule is when a message is sent again. All times are the book's.
type Schedule struct {
	// Gaps are the waits after the first, second… failed attempt. When they are
	// used up it is given up.
	Gaps []time.Duration
	// Life is how long after the event attempts go on at most; zero for as long
	// as there are gaps.
	Life time.Duration
	// Disable says that an endpoint that let a message expire is disabled.
	Disable bool
}

// fewest attempts are made whatever the hour: an event that was recorded long
// before anybody could send it is not given up at the first failure.
const fewest = 3

// after is when the attempt after so many failed ones is to be made, if one is.
// Begun is when it was first to be sent, now when the last attempt failed.
func (s Schedule) after(tries int64, begun, now ledger.Time) (ledger.Time, bool) {
	if tries > int64(len(s.Gaps)) {
		return 0, false
	}
	at := now.Add(s.Gaps[tries-1])
	if s.Life > 0 && tries >= fewest && at > begun.Add(s.Life) {
		return 0, false
	}
	return at, true
}
