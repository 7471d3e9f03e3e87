package desk

import (
	"context"
	"fmt"
	"time"

	"wapas/ledger"
)

// A Run goes through the events of a book for an endpoint: the endpoint's own,
// which never ends, or a replay of a range.
type Run struct {
	ID        ID // the endpoint's, or replay_
	Endpoint  ID
	Event     int64 // all up to this number has been seen to
	Last      int64 // where it ends; zero if it does not
	CreatedAt ledger.Time
}

// The states of a delivery.
const (
	DeliveryWaiting   = "waiting"   // it failed, and is tried again at DueAt
	DeliveryDelivered = "delivered" // the receiver said 2xx
	DeliveryExpired   = "expired"   // it was tried for as long as it may be
	DeliveryDropped   = "dropped"   // its endpoint was disabled or deleted meanwhile
)

// A Delivery is an event on its way to an endpoint. It is written down when it
// was tried for the first time.
type Delivery struct {
	ID        ID // of the run and the event
	Endpoint  ID
	Event     int64
	EventID   ID
	Name      string // the event's
	State     string
	Tries     int64
	Status    int64  // HTTP status of the last answer; zero if there was none
	Error     string // what went wrong last, in words
	DueAt     ledger.Time
	CreatedAt ledger.Time // the moment of the event, or of the replay: how long it is tried counts from here
	EndedAt   ledger.Time
}

// An Attempt is one try to deliver: what was sent, without secrets, and what
// came back, cut at 16 KiB.
type Attempt struct {
	ID       ID
	Delivery ID
	Endpoint ID
	Event    int64 // zero for a ping
	EventID  ID
	Name     string
	URL      string
	Status   int64
	Error    string
	Took     time.Duration
	Header   string // of the request: one "Name: value" a line
	Request  string
	Response string
	At       ledger.Time // the book's time
	MadeAt   ledger.Time // the wall's
}

// AttemptID is the id of an attempt made at a moment of the wall's clock. Ids
// sort by that; what comes after it is up to chance.
func AttemptID(at ledger.Time, chance string) ID {
	return ID(fmt.Sprintf("att_%014x%s", int64(at), chance))
}

// A Listening book has an endpoint that is active, or had one.
type Listening struct {
	Book
	Seen int64       // the least of the runs' events; what is above it is to be sent
	Due  ledger.Time // when the next waiting delivery is due, by the book's time; zero if none waits
}

// What was done for a book since it was last written down.
type Posted struct {
	Runs       []Run
	Deliveries []Delivery
	Attempts   []Attempt
}

// A DeliveryQuery asks for a page of deliveries or attempts. Zero fields do not
// filter.
type DeliveryQuery struct {
	Book     BookID
	Endpoint ID
	Event    int64
	EventID  ID
	Delivery ID          // of attempts: of this delivery
	State    string      // of deliveries
	Due      ledger.Time // deliveries that wait and are due by then, the longest due first
	Behind   ID          // behind one that was read before
	Count    int         // a hundred if zero
}

// A Postbox keeps what is known of deliveries. It lies beside the books: none
// of it is sealed or written within a change, so that deliveries never hold up
// a book, and old things are deleted.
type Postbox interface {
	// Listening reads the books that have an active endpoint, or a delivery that
	// waits.
	Listening(ctx context.Context) ([]Listening, error)
	// Delivered reads the books of which anything is kept here.
	Delivered(ctx context.Context) ([]Book, error)
	// Lease takes or renews the right to deliver for a book, until a moment of
	// the wall's clock. It is false if another holder's has not ended by now. An
	// until of zero gives it back.
	Lease(ctx context.Context, book BookID, holder string, now, until ledger.Time) (bool, error)
	// Runs reads the runs of a book that have not ended.
	Runs(ctx context.Context, book BookID) ([]Run, error)
	// Keep writes down what was done, all or nothing. A run never goes back, and
	// a delivery that has ended stays so, whoever says otherwise: two servers
	// may have been at it.
	Keep(ctx context.Context, book BookID, p Posted) error
	// Deliveries reads a page of deliveries, the newest event first.
	Deliveries(ctx context.Context, q DeliveryQuery) ([]Delivery, error)
	// Attempts reads a page of attempts, the newest first.
	Attempts(ctx context.Context, q DeliveryQuery) ([]Attempt, error)
	// Prune deletes attempts made before a moment of the wall's clock, deliveries
	// and replays that ended before one of the book's: up to count of each. It
	// says how many went.
	Prune(ctx context.Context, book BookID, wall, at ledger.Time, count int) (int64, error)
}

// Deliveries are what became of events at endpoints, the newest event first.
// What is older than the server keeps (30 days, if it was not told otherwise)
// is gone, unless it still waits.
func (d *Desk) Deliveries(ctx context.Context, q DeliveryQuery) ([]Delivery, error) {
	return d.Store.Deliveries(ctx, q)
}

// Attempts are the tries to deliver, the newest first.
func (d *Desk) Attempts(ctx context.Context, q DeliveryQuery) ([]Attempt, error) {
	return d.Store.Attempts(ctx, q)
}

// The rules of replays.
const (
	WhyReplayRange ledger.Why = "replay_range" // Invalid: not a range of events that there are
	WhyReplayOff   ledger.Why = "replay_off"   // WrongState: the endpoint is not active
)

// A ReplayRequest asks for events to be sent again: those numbered From to To,
// to an endpoint or, if none is named, to every active one. A To of zero is the
// last event there is now. An endpoint is sent what it asks for, signed with
// the secret of the time of each event.
type ReplayRequest struct {
	Endpoint ID
	From, To int64
}

// Replay sends events again, however old and however many: each is a delivery
// of its own, under the event's own id. It returns a run for each endpoint and
// does not wait for them.
//
// It refuses, in this order: Invalid for the range; NotFound for the endpoint;
// WrongState if it is not active.
func (d *Desk) Replay(ctx context.Context, book BookID, q ReplayRequest) ([]Run, error) {
	b, err := d.Store.Book(ctx, book)
	if err != nil {
		return nil, err
	}
	if q.To == 0 {
		q.To = b.Event
	}
	if q.From < 1 || q.From > q.To || q.To > b.Event {
		return nil, ledger.Refuse(ledger.Invalid, WhyReplayRange, "events are numbered 1 to %d", b.Event).In("from")
	}
	var to []Endpoint
	if q.Endpoint != "" {
		e, err := d.Endpoint(ctx, book, "", q.Endpoint)
		if err != nil {
			return nil, err
		}
		if !e.Active {
			return nil, ledger.Refuse(ledger.WrongState, WhyReplayOff, "%s is not active", e.ID).In("endpoint")
		}
		to = []Endpoint{e}
	} else if to, err = d.ActiveEndpoints(ctx, book); err != nil {
		return nil, err
	}
	var runs []Run
	for _, e := range to {
		runs = append(runs, Run{
			ID: ID("replay_" + Letters(14)), Endpoint: e.ID, Event: q.From - 1, Last: q.To,
			CreatedAt: b.Clock.Now(ledger.At(d.Now())),
		})
	}
	if err := d.Store.Keep(ctx, book, Posted{Runs: runs}); err != nil {
		return nil, err
	}
	d.news.of(book, true)
	return runs, nil
}

// ActiveEndpoints are the endpoints of a book that are sent events, of every
// account and room.
func (d *Desk) ActiveEndpoints(ctx context.Context, book BookID) ([]Endpoint, error) {
	var all []Endpoint
	for {
		page, err := List[Endpoint](ctx, d, Query{Book: book, Where: map[string]string{"active": "true"}, Skip: len(all), Oldest: true})
		if all = append(all, page...); err != nil || len(page) < 100 {
			return all, err
		}
	}
}
