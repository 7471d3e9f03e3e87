package client

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// An Event is a fact recorded with the change that made it.
type Event struct {
	No    int64     `json:"no"`
	ID    string    `json:"id"`
	Name  string    `json:"name"`
	At    time.Time `json:"at"`
	About []Thing   `json:"about"`
}

// A Thing is what an event is about.
type Thing struct {
	Kind   string  `json:"kind"`
	ID     string  `json:"id"`
	Refund *Refund `json:"refund"`
	Credit *Credit `json:"credit"`
}

// An EventMessage is an event in the words of a room, as its vendor would send
// it.
type EventMessage struct {
	Told    bool          `json:"told"` // false: the room has no word for it
	Method  string        `json:"method"`
	Headers []EventHeader `json:"headers"`
	Body    string        `json:"body"`
}

// An EventHeader is a header of an EventMessage.
type EventHeader struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// A NewTriggered asks for an event to happen.
type NewTriggered struct {
	Amount int64 `json:"amount,omitempty"` // paise
	Wait   int64 `json:"wait"`             // seconds
}

// A Triggered is what became of it. Without an event it has not happened yet.
type Triggered struct {
	Behind int64  `json:"behind"` // the number of the last event before
	Event  *Event `json:"event"`
	Frozen bool   `json:"frozen"` // the clock stands still: it will not happen by itself
}

// A ReplayRun is a walk through events that are sent to an endpoint again.
type ReplayRun struct {
	ID         string `json:"id"`
	EndpointID string `json:"endpoint_id"`
	First      int64  `json:"first"`
	Last       int64  `json:"last"`
}

func behind(no int64) url.Values {
	return url.Values{"behind": {strconv.FormatInt(no, 10)}, "limit": {"100"}}
}

// Events reads up to 100 events behind a number, oldest first. The number of
// the last is where to go on.
func (c *Client) Events(ctx context.Context, after int64) ([]Event, error) {
	var p Page[Event]
	err := c.Get(ctx, "/events", behind(after), &p)
	return p.Items, err
}

const (
	followWait  = "5" // seconds that a server waits before it says that there is nothing new
	followPause = 200 * time.Millisecond
)

// Follow hands over the events behind a number, each once and in their order,
// and waits for more, until ctx ends, which is no error, or do fails. A line that
// breaks and a server that is away are tried again for as long as it takes, and
// an event of which do says so, by returning such an error, is handed over
// again: nothing is left out. Line, if it is not nil, hears when the line breaks
// and, with nil, when it is back. A refusal ends it.
func (c *Client) Follow(ctx context.Context, after int64, do func(Event) error, line func(error)) error {
	once := *c
	once.Tries = 1 // Follow tries again itself
	for lost := 0; ; {
		ask := behind(after)
		ask.Set("wait", followWait)
		var page Page[Event]
		err := once.Get(ctx, "/events", ask, &page)
		for _, e := range page.Items {
			if err = do(e); err != nil {
				break
			}
			after = e.No
		}
		pause := followPause
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && !Passing(err):
			return err
		case err != nil:
			if lost++; lost == 1 && line != nil {
				line(err)
			}
			pause = max(backoff(lost), followPause)
		case lost > 0:
			if lost = 0; line != nil {
				line(nil)
			}
		}
		if (err != nil || len(page.Items) == 0) && c.pause(ctx, pause) != nil {
			return nil
		}
	}
}

// Passing says whether the same call may be answered in a moment: the line
// broke, or the server is away or busy.
func Passing(err error) bool {
	var p *Problem
	var u *url.Error
	switch {
	case errors.As(err, &p):
		return p.passing()
	case errors.As(err, &u):
		return true
	}
	return errors.Is(err, errBrokeOff)
}

// EventMessage is what a room's vendor would send of an event, signed with a
// secret of the caller's.
func (c *Client) EventMessage(ctx context.Context, no int64, room, secret string) (m EventMessage, err error) {
	q := call{
		method: http.MethodGet, path: "/events/" + strconv.FormatInt(no, 10) + "/message?" + url.Values{"room": {room}}.Encode(),
		header: http.Header{},
	}
	if secret != "" {
		q.header.Set("Webhook-Secret", secret)
	}
	err = c.ask(ctx, q, &m)
	return m, err
}

// Trigger makes an event happen in a test book.
func (c *Client) Trigger(ctx context.Context, event string, in NewTriggered) (t Triggered, err error) {
	err = c.post(ctx, "/sandbox/triggers/"+url.PathEscape(event), "", in, &t)
	return t, err
}

// Replay has events sent again: from a number up to another, or with zero to the
// last; to an endpoint, or if that is empty to every active one.
func (c *Client) Replay(ctx context.Context, endpoint string, from, to int64) ([]ReplayRun, error) {
	in := map[string]any{"from": from}
	if endpoint != "" {
		in["endpoint_id"] = endpoint
	}
	if to != 0 {
		in["to"] = to
	}
	var out struct {
		Runs []ReplayRun `json:"runs"`
	}
	err := c.post(ctx, "/replays", "", in, &out)
	return out.Runs, err
}
