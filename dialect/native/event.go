package native

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"time"

	"wapas/desk"
	"wapas/ledger"
	"wapas/webhook"
)

// An event is a fact recorded with the change that made it.
type event struct {
	No    int64   `json:"no" doc:"Numbered from 1, without gaps."`
	ID    desk.ID `json:"id" doc:"The same on every delivery."`
	Name  string  `json:"name" eg:"refund.processed"`
	At    moment  `json:"at"`
	About []thing `json:"about" doc:"What it is about, as it stood then."`
}

// A thing is a snapshot of what an event is about: of a refund, payment, order,
// customer, credit, member, exception or order of a rail all of it, of others who
// they are.
type thing struct {
	Kind      string     `json:"kind" eg:"refund"`
	ID        desk.ID    `json:"id"`
	Refund    *refund    `json:"refund,omitempty"`
	Payment   *payment   `json:"payment,omitempty"`
	Order     *order     `json:"order,omitempty"`
	Credit    *credit    `json:"credit,omitempty"`
	Member    *member    `json:"member,omitempty"`
	Exception *exception `json:"exception,omitempty"`
}

func wireEvent(e desk.Event) event {
	return event{e.No, e.ID, e.Name, moment(e.At), each(e.About, wireThing)}
}

func wireThing(r desk.Row) thing {
	t := thing{Kind: kindOf(r), ID: r.RowID()}
	switch r := r.(type) {
	case desk.Refund:
		x := wireRefund(r)
		t.Refund = &x
	case desk.Payment:
		x := wirePayment(r)
		t.Payment = &x
	case desk.Order:
		x := wireOrder(r)
		t.Order = &x
	case desk.Credit:
		x := wireCredit(r)
		t.Credit = &x
	case desk.Member:
		x := wireMember(r)
		t.Member = &x
	case desk.Exception:
		x := wireException(r)
		t.Exception = &x
	}
	return t
}

// kindOf is what a row is called on the wire: its id's prefix says it, too.
func kindOf(r desk.Row) string {
	switch r.(type) {
	case desk.Refund:
		return "refund"
	case desk.Payment:
		return "payment"
	case desk.Order:
		return "order"
	case desk.Credit:
		return "credit"
	case desk.Member:
		return "member"
	case desk.Exception:
		return "exception"
	case desk.Transfer:
		return "transfer"
	case desk.Reversal:
		return "reversal"
	case desk.Payout:
		return "payout"
	case desk.Settlement:
		return "settlement"
	case desk.Remittance:
		return "remittance"
	case desk.Endpoint:
		return "endpoint"
	case desk.Customer:
		return "customer"
	case desk.TAT:
		return "clock"
	case desk.Job:
		return "job"
	}
	return "other"
}

func eventRoutes() []route {
	return under("Events",
		read("/events", "listEvents", eventRead, "List events", listEvents).
			says("Oldest first, from the beginning or behind a number: read on with next, for ever. The last page has a next too, so that a reader can wait there: with wait the answer comes when there is something to tell, or after that time without."),
		read("/events/{no}", "getEvent", eventRead, "Read an event", getEvent),
		read("/events/{no}/message", "getEventMessage", eventRead, "An event in a room's words, as its vendor would send it", getEventMessage).
			says("For who forwards events to a program of their own. It is signed as the vendor signs: with the secret that is given here or, where the room signs with a credential (PhonePe's callbacks), with that. Headers that are themselves as good as a secret are made of the secret given here only."),
	)
}

type eventFilter struct {
	listing
	Behind int64   `query:"behind" min:"0" doc:"Begin behind the event of this number."`
	Wait   int64   `query:"wait" min:"0" max:"5" doc:"Seconds to wait for an event if there is none."`
	About  desk.ID `query:"about" form:"id" doc:"Only those that are about this first of all."`
}

func listEvents(q *request, in eventFilter) (page[event], error) {
	p, err := q.numbered(in.listing)
	if err != nil {
		return page[event]{}, err
	}
	behind := in.Behind
	if p.After != "" {
		if behind, err = strconv.ParseInt(p.After, 10, 64); err != nil {
			return page[event]{}, err
		}
	}
	var all []desk.Event
	if in.About != "" {
		all, err = q.desk().Store.EventsOf(q.Context(), desk.Query{
			Book: q.book(), Parent: in.About, After: strconv.FormatInt(behind, 10), Oldest: true, Count: p.Count,
		})
	} else {
		all, err = q.desk().Store.Events(q.Context(), q.book(), behind, p.Count-1)
		for end := time.Now().Add(seconds(in.Wait)); err == nil && len(all) == 0 && time.Now().Before(end); {
			if err = q.newEvent(behind, end); q.Context().Err() != nil { // the server ends: there was nothing to tell
				err = nil
				break
			}
			if err == nil {
				all, err = q.desk().Store.Events(q.Context(), q.book(), behind, p.Count-1)
			}
		}
	}
	if err != nil {
		return page[event]{}, err
	}
	number := func(e desk.Event) string { return strconv.FormatInt(e.No, 10) }
	out := paged(q, p, all, number, wireEvent)
	if in.About == "" { // there is always more to come
		if len(all) > 0 {
			behind = all[len(all)-1].No
		}
		out.Next = q.cursor(strconv.FormatInt(behind, 10))
	}
	return out, nil
}

// eventEvery is the time between two looks for new events.
const eventEvery = 200 * time.Millisecond

// newEvent waits until the book has an event behind a number, or until a moment
// of the wall's clock. It reads the book's row, as events of other servers ring
// no bell here.
func (q *request) newEvent(behind int64, end time.Time) error {
	tick := time.NewTicker(eventEvery)
	defer tick.Stop()
	for time.Now().Before(end) {
		select {
		case <-q.Context().Done():
			return q.Context().Err()
		case <-tick.C:
		}
		if b, err := q.desk().Store.Book(q.Context(), q.book()); err != nil || b.Event > behind {
			return err
		}
	}
	return nil
}

type eventPath struct {
	No int64 `path:"no" min:"1" doc:"The event's number."`
}

func getEvent(q *request, in eventPath) (event, error) {
	all, err := q.desk().Store.Events(q.Context(), q.book(), in.No-1, 1)
	switch {
	case err != nil:
		return event{}, err
	case len(all) == 0:
		return event{}, ledger.Refuse(ledger.NotFound, desk.WhyUnknownID, "event %d", in.No).In("no")
	}
	return wireEvent(all[0]), nil
}

type messageOf struct {
	eventPath
	Room   string `query:"room" enum:"razorpay|phonepe|eko" doc:"In whose words; razorpay if it is not given."`
	URL    string `query:"url" doc:"Where it will be sent: some rooms write otherwise to an endpoint than to a callback."`
	Secret string `header:"Webhook-Secret" doc:"What to sign with. It is kept nowhere."`
}

// An eventMessage is the request that a vendor would make of an event.
type eventMessage struct {
	Told    bool          `json:"told" doc:"false: the room has no word for this event, and nothing else is here."`
	Method  string        `json:"method,omitempty" eg:"POST"`
	URL     string        `json:"url,omitempty" doc:"Where the request of the time asked for it to be sent, if it did."`
	Headers []eventHeader `json:"headers" doc:"With the signature."`
	Body    string        `json:"body,omitempty" doc:"As it is sent, byte for byte: the signature is of it."`
}

type eventHeader struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// getEventMessage asks the room's herald, as an endpoint of the merchant's own
// that asks for this event would be told; and where it has no word for that, as
// the callback that a request asked for.
func getEventMessage(q *request, in messageOf) (eventMessage, error) {
	room := roomIn(in.Room)
	i := slices.IndexFunc(q.room.cfg.Heralds, func(h webhook.Herald) bool { return h.Room() == room })
	if i < 0 {
		return eventMessage{}, ledger.Refuse(ledger.NotFound, desk.WhyUnknownID, "herald of %s", in.Room).In("room")
	}
	all, err := q.desk().Store.Events(q.Context(), q.book(), in.No-1, 1)
	switch {
	case err != nil:
		return eventMessage{}, err
	case len(all) == 0:
		return eventMessage{}, ledger.Refuse(ledger.NotFound, desk.WhyUnknownID, "event %d", in.No).In("no")
	}
	b, err := q.desk().Store.Book(q.Context(), q.book())
	if err != nil {
		return eventMessage{}, err
	}
	n := webhook.Notice{Desk: q.desk(), Book: b, Event: all[0], Secret: []byte(in.Secret)}
	var m *webhook.Message
	for _, url := range []string{cmp.Or(in.URL, "http://listening.invalid/"), ""} {
		n.Endpoint = desk.Endpoint{Account: b.Account(), Room: room, URL: url, Events: desk.AllEvents + " " + n.Event.Name, Active: true}
		if m, err = q.room.cfg.Heralds[i].Tell(q.Context(), n); m != nil || err != nil {
			break
		}
	}
	if err != nil || m == nil {
		return eventMessage{Headers: []eventHeader{}}, err
	}
	out := eventMessage{Told: true, Method: cmp.Or(m.Method, http.MethodPost), URL: m.URL, Headers: []eventHeader{}, Body: string(m.Body)}
	for _, name := range sortedKeys(m.Header) {
		for _, v := range m.Header[name] {
			out.Headers = append(out.Headers, eventHeader{name, v})
		}
	}
	return out, nil
}
