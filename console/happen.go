package console

import (
	"slices"
	"strings"

	"wapas/desk"
	"wapas/ledger"
	"wapas/trigger"
)

// A happening is a sort of thing with the events of it that can be made to
// happen.
type happening struct {
	Name   string
	Events []trigger.Event
}

// often are the sorts that are shown first.
var often = []string{"payment", "refund", "payout"}

// happenings are all events that can be made to happen by what they are about:
// those that are asked for often, and the others.
func happenings() (first, rest []happening) {
	var all []happening
	for _, e := range trigger.Events() {
		noun, _, _ := strings.Cut(e.Name, ".")
		i := slices.IndexFunc(all, func(h happening) bool { return h.Name == noun })
		if i < 0 {
			i, all = len(all), append(all, happening{Name: noun})
		}
		all[i].Events = append(all[i].Events, e)
	}
	for _, h := range all {
		if slices.Contains(often, h.Name) {
			first = append(first, h)
		} else {
			rest = append(rest, h)
		}
	}
	return first, rest
}

// makeHappen makes an event happen, once for a form. What takes a moment of the
// book's time is not waited for: the worker does it.
func makeHappen(q *visit) error {
	ask := trigger.Request{Event: q.value("event")}
	var err error
	if q.value("amount") != "" {
		ask.Amount, err = q.amount("amount")
	}
	if err == nil && !slices.ContainsFunc(trigger.Events(), func(e trigger.Event) bool { return e.Name == ask.Event }) {
		err = ledger.Refuse(ledger.Invalid, trigger.WhyUnknown, "choose one of the events").In("event")
	}
	if err == nil {
		var before bool
		if before, err = q.desk().Claim(q.Context(), q.book.ID, q.once(ask.Event, int64(ask.Amount))); before {
			return q.done("/sandbox", "That was made to happen already.")
		}
	}
	var got trigger.Result
	if err == nil {
		got, err = trigger.Do(desk.Alone(q.Context()), q.desk(), q.book.ID, ask)
	}
	switch {
	case err != nil:
		if q.refused(err) {
			return showSandbox(q)
		}
		return err
	case got.Event != nil:
		return q.done("/sandbox", "%s happened: it is event %d.", ask.Event, got.Event.No)
	case got.Frozen:
		return q.done("/sandbox", "What leads to %s is done. It happens when the clock moves: it stands still.", ask.Event)
	}
	return q.done("/sandbox", "What leads to %s is done. It happens in a moment.", ask.Event)
}
