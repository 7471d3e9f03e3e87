package native

import (
	"strings"

	"wapas/desk"
)

// An endpoint wants to hear of events.
type endpoint struct {
	ID         desk.ID  `json:"id" doc:"14 characters."`
	AccountID  desk.ID  `json:"account_id" doc:"The linked account it belongs to, or the merchant's own."`
	Room       string   `json:"room" enum:"razorpay|engage|phonepe|eko|native" doc:"In whose words it is told, and who signs."`
	URL        string   `json:"url,omitempty" doc:"Without one it goes where each request asked for."`
	Events     []string `json:"events" doc:"What it asks for; none is whatever the room tells. * is everything that the vendor announces."`
	Active     bool     `json:"active"`
	InOrder    bool     `json:"in_order" doc:"None is sent while one before it waits."`
	Signed     bool     `json:"signed" doc:"It has a secret of its own."`
	Since      int64    `json:"since" doc:"It hears of events after this number."`
	DisabledAt moment   `json:"disabled_at,omitempty" doc:"When it was disabled for not listening."`
	Reason     string   `json:"reason,omitempty" doc:"Why."`
	CreatedAt  moment   `json:"created_at"`
	UpdatedAt  moment   `json:"updated_at"`
}

func wireEndpoint(e desk.Endpoint) endpoint {
	return endpoint{
		e.ID, e.Account, roomOf(e.Room), e.URL, append([]string{}, strings.Fields(e.Events)...), e.Active, e.InOrder, e.Secret != "",
		e.Since, moment(e.DisabledAt), e.Reason, moment(e.CreatedAt), moment(e.UpdatedAt),
	}
}

func showEndpoint(_ *request, e desk.Endpoint) (endpoint, error) { return wireEndpoint(e), nil }

// A delivery is an event on its way to an endpoint.
type delivery struct {
	ID         desk.ID `json:"id"`
	EndpointID desk.ID `json:"endpoint_id"`
	Event      int64   `json:"event" doc:"The event's number."`
	EventID    desk.ID `json:"event_id"`
	Name       string  `json:"name" doc:"The event's."`
	State      string  `json:"state" enum:"waiting|delivered|expired|dropped"`
	Tries      int64   `json:"tries"`
	Status     int64   `json:"status,omitempty" doc:"HTTP status of the last answer."`
	Error      string  `json:"error,omitempty" doc:"What went wrong last."`
	DueAt      moment  `json:"due_at,omitempty" doc:"When it is tried again."`
	CreatedAt  moment  `json:"created_at"`
	EndedAt    moment  `json:"ended_at,omitempty"`
}

func wireDelivery(d desk.Delivery) delivery {
	out := delivery{
		d.ID, d.Endpoint, d.Event, d.EventID, d.Name, d.State, d.Tries, d.Status, d.Error, 0, moment(d.CreatedAt), moment(d.EndedAt),
	}
	if d.State == desk.DeliveryWaiting {
		out.DueAt = moment(d.DueAt)
	}
	return out
}

// An attempt is one try to deliver.
type attempt struct {
	ID         desk.ID `json:"id"`
	DeliveryID desk.ID `json:"delivery_id,omitempty"`
	EndpointID desk.ID `json:"endpoint_id"`
	Event      int64   `json:"event,omitempty"`
	Name       string  `json:"name,omitempty"`
	URL        string  `json:"url"`
	Status     int64   `json:"status,omitempty"`
	Error      string  `json:"error,omitempty"`
	TookMillis int64   `json:"took_ms"`
	Header     string  `json:"header" doc:"Of the request, without secrets: one name and value a line."`
	Request    string  `json:"request" doc:"The body that was sent."`
	Response   string  `json:"response" doc:"The body that came back, cut at 16 KiB."`
	At         moment  `json:"at" doc:"The book's time."`
	MadeAt     moment  `json:"made_at" doc:"The real time."`
}

func wireAttempt(a desk.Attempt) attempt {
	return attempt{
		a.ID, a.Delivery, a.Endpoint, a.Event, a.Name, a.URL, a.Status, a.Error, a.Took.Milliseconds(), a.Header, a.Request, a.Response,
		moment(a.At), moment(a.MadeAt),
	}
}

func endpointRoutes() []route {
	gone := func(q *request, in endpointPath) (deleted, error) { return deleted{in.ID, true}, nil }
	return under("Endpoints",
		read("/endpoints", "listEndpoints", eventRead, "List endpoints", listEndpoints).says("Newest first."),
		write("POST /endpoints", "createEndpoint", eventWrite, "Add an endpoint", createEndpoint, showEndpoint).created(),
		read("/endpoints/{endpoint_id}", "getEndpoint", eventRead, "Read an endpoint", getEndpoint),
		write("PATCH /endpoints/{endpoint_id}", "editEndpoint", eventWrite, "Change an endpoint, or give it another secret", editEndpoint, showEndpoint).
			says("Events that were recorded before a new secret are signed with the old one, whenever they are sent."),
		act("DELETE /endpoints/{endpoint_id}", "deleteEndpoint", eventWrite, "End an endpoint", deleteEndpoint, gone),
		act("POST /replays", "replayEvents", eventWrite, "Send events again", replayEvents, replayEvents).
			says("Each under the id it always had. A repeat under the same key sends nothing again."),
		read("/deliveries", "listDeliveries", eventRead, "List deliveries", listDeliveries).says("The newest event first."),
		read("/attempts", "listAttempts", eventRead, "List tries to deliver, with what was sent and heard", listAttempts).says("Newest first."),
	)
}

func listEndpoints(q *request, in listing) (page[endpoint], error) {
	return list(q, in, func(p *desk.Query) { p.Where = map[string]string{"deleted": "false"} }, wireEndpoint)
}

type endpointPath struct {
	ID desk.ID `path:"endpoint_id" form:"id" doc:"The endpoint's id."`
}

func getEndpoint(q *request, in endpointPath) (endpoint, error) {
	e, err := q.desk().Endpoint(q.Context(), q.book(), "", in.ID)
	return wireEndpoint(e), err
}

type newEndpoint struct {
	URL     string   `json:"url" doc:"Where to: http or https." eg:"https://example.in/hooks"`
	Room    string   `json:"room,omitempty" enum:"razorpay|phonepe|eko" doc:"In whose words; razorpay if it is not given."`
	Events  []string `json:"events,omitempty" len:"100" doc:"Their names; * is everything that the vendor announces." eg:"refund.processed,refund.failed"`
	Secret  string   `json:"secret,omitempty" doc:"What deliveries are signed with."`
	InOrder *bool    `json:"in_order" doc:"None is sent while one before it waits."`
	Active  *bool    `json:"active"`
}

func createEndpoint(q *request, in newEndpoint) (desk.Endpoint, error) {
	return q.desk().CreateEndpoint(q.Context(), q.book(), desk.EndpointRequest{
		Room: roomIn(in.Room), URL: in.URL, Events: in.Events, Secret: []byte(in.Secret), InOrder: in.InOrder, Active: in.Active,
	})
}

type endpointEdit struct {
	endpointPath
	URL     string   `json:"url,omitempty"`
	Events  []string `json:"events,omitempty" len:"100"`
	Secret  string   `json:"secret,omitempty" doc:"Another one, from now on."`
	InOrder *bool    `json:"in_order"`
	Active  *bool    `json:"active" doc:"One that is made active again hears of what happens from now on."`
}

func editEndpoint(q *request, in endpointEdit) (desk.Endpoint, error) {
	have, err := q.desk().Endpoint(q.Context(), q.book(), "", in.ID)
	if err != nil {
		return desk.Endpoint{}, err
	}
	return q.desk().EditEndpoint(q.Context(), q.book(), in.ID, desk.EndpointRequest{
		Room: have.Room, URL: in.URL, Events: in.Events, Secret: []byte(in.Secret), InOrder: in.InOrder, Active: in.Active,
	})
}

// deleted says that something ended.
type deleted struct {
	ID      desk.ID `json:"id"`
	Deleted bool    `json:"deleted"`
}

func deleteEndpoint(q *request, in endpointPath) (deleted, error) {
	have, err := q.desk().Endpoint(q.Context(), q.book(), "", in.ID)
	if err != nil {
		return deleted{}, err
	}
	account := have.Account
	if have.Room != "" {
		account = ""
	}
	return deleted{in.ID, true}, q.desk().DeleteEndpoint(q.Context(), q.book(), account, in.ID)
}

type replay struct {
	Endpoint desk.ID `json:"endpoint_id,omitempty" form:"id" doc:"To this one; to every active one if it is not given."`
	From     int64   `json:"from" min:"1" doc:"The number of the first event."`
	To       int64   `json:"to,omitempty" min:"1" doc:"The number of the last; the last there is if it is not given."`
}

// replays are the runs through the events that were begun.
type replays struct {
	Runs []replayRun `json:"runs"`
}

type replayRun struct {
	ID         desk.ID `json:"id"`
	EndpointID desk.ID `json:"endpoint_id"`
	First      int64   `json:"first" doc:"The number of the first event."`
	Last       int64   `json:"last" doc:"The number of the last event."`
}

// replayEvents claims its key first: what is known of deliveries lies beside
// the book, so that the two cannot be written together. If the server dies
// between them nothing is sent, and another key sends it.
func replayEvents(q *request, in replay) (replays, error) {
	if q.once.Key != "" {
		before, err := q.desk().Claim(q.Context(), q.book(), q.once)
		if err != nil {
			return replays{}, err
		}
		if before {
			q.w.Header().Set("Idempotent-Replayed", "true")
			return replays{Runs: []replayRun{}}, nil
		}
	}
	runs, err := q.desk().Replay(q.Context(), q.book(), desk.ReplayRequest{Endpoint: in.Endpoint, From: in.From, To: in.To})
	return replays{each(runs, func(r desk.Run) replayRun { return replayRun{r.ID, r.Endpoint, r.Event + 1, r.Last} })}, err
}

type deliveryFilter struct {
	listing
	Endpoint desk.ID `query:"endpoint_id" form:"id" doc:"Only those to this one."`
	Event    int64   `query:"event" min:"1" doc:"Only those of the event of this number."`
	Delivery desk.ID `query:"delivery_id" len:"100" doc:"Of attempts: only those of this delivery."`
	State    string  `query:"state" enum:"waiting|delivered|expired|dropped" doc:"Of deliveries: only those in this state."`
}

// ask is the page that is asked for. The cursor is where the page before ended,
// so that nothing is left out or told twice while things are added and deleted.
func (in deliveryFilter) ask(q *request) (desk.DeliveryQuery, desk.Query, error) {
	p, err := q.query(in.listing)
	return desk.DeliveryQuery{
		Book: q.book(), Endpoint: in.Endpoint, Event: in.Event, Delivery: in.Delivery, State: in.State, Behind: desk.ID(p.After), Count: p.Count,
	}, p, err
}

func listDeliveries(q *request, in deliveryFilter) (page[delivery], error) {
	ask, p, err := in.ask(q)
	if no := p.After[strings.LastIndexByte(p.After, '/')+1:]; err == nil && p.After != "" && (no == "" || len(no) > 18 || strings.Trim(no, "0123456789") != "") {
		err = errCursor
	}
	if err != nil {
		return page[delivery]{}, err
	}
	all, err := q.desk().Deliveries(q.Context(), ask)
	return paged(q, p, all, func(d desk.Delivery) string { return string(d.ID) }, wireDelivery), err
}

func listAttempts(q *request, in deliveryFilter) (page[attempt], error) {
	ask, p, err := in.ask(q)
	if err != nil {
		return page[attempt]{}, err
	}
	all, err := q.desk().Attempts(q.Context(), ask)
	return paged(q, p, all, func(a desk.Attempt) string { return string(a.ID) }, wireAttempt), err
}
