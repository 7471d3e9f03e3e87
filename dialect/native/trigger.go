package native

import (
	"time"

	"wapas/desk"
	"wapas/ledger"
	"wapas/trigger"
)

// A triggerLine is an event that can be made to happen.
type triggerLine struct {
	Event string `json:"event" eg:"refund.failed"`
	How   string `json:"how" doc:"What is made to happen."`
	As    string `json:"recorded_as,omitempty" doc:"The event's name in the book, if rooms tell it under this one."`
}

func listTriggers(*request, nothing) (page[triggerLine], error) {
	return page[triggerLine]{Items: each(trigger.Events(), func(e trigger.Event) triggerLine {
		return triggerLine{e.Name, e.How, e.As}
	})}, nil
}

type newTriggered struct {
	Event  string        `path:"event" form:"id" doc:"The event's name." eg:"refund.failed"`
	Amount ledger.Amount `json:"amount,omitempty" min:"200" doc:"Paise; 49900 if it is not given."`
	Wait   int64         `json:"wait,omitempty" min:"0" max:"20" doc:"Seconds to wait for what takes a moment of the book's time, such as a bank's."`
}

// A triggered is what became of it.
type triggered struct {
	Behind int64  `json:"behind" doc:"The number of the last event before: the event is behind it."`
	Event  *event `json:"event,omitempty" doc:"Left out while it has not happened."`
	Frozen bool   `json:"frozen" doc:"The clock stands still, so that nothing happens by itself: move it."`
}

// triggerEvent claims its key first: what leads to an event is many changes.
func triggerEvent(q *request, in newTriggered) (triggered, error) {
	if q.once.Key != "" {
		before, err := q.desk().Claim(q.Context(), q.book(), q.once)
		if err != nil {
			return triggered{}, err
		}
		if before {
			q.w.Header().Set("Idempotent-Replayed", "true")
			b, err := q.desk().Store.Book(q.Context(), q.book())
			return triggered{Behind: b.Event, Frozen: b.Clock.Frozen != 0}, err
		}
	}
	got, err := trigger.Do(desk.Alone(q.Context()), q.desk(), q.book(), trigger.Request{
		Event: in.Event, Amount: in.Amount, Wait: time.Duration(in.Wait) * time.Second,
	})
	out := triggered{Behind: got.Behind, Frozen: got.Frozen}
	if got.Event != nil {
		e := wireEvent(*got.Event)
		out.Event = &e
	}
	return out, err
}
