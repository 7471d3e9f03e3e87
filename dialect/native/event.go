package native

import (
	"strconv"

	"wapas/desk"
	"wapas/ledger"
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
	}
	return "other"
}

func eventRoutes() []route {
	return under("Events",
		read("/events", "listEvents", eventRead, "List events", listEvents).
			says("Oldest first, from the beginning or behind a number: read on with next, for ever. The last page has a next too, so that a reader can wait there."),
		read("/events/{no}", "getEvent", eventRead, "Read an event", getEvent),
	)
}

type eventFilter struct {
	listing
	Behind int64   `query:"behind" min:"0" doc:"Begin behind the event of this number."`
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
