package console

import (
	"slices"
	"strings"

	"wapas/desk"
	"wapas/ledger"
	"wapas/mask"
)

func deliveryPages() []page {
	return []page{
		{at: "GET /webhooks/deliveries", right: desk.RightSee, show: showDeliveries},
		{at: "GET /webhooks/delivery", right: desk.RightSee, show: showDelivery},
		{at: "POST /webhooks/replay", right: desk.RightReplay, show: replayEvents},
	}
}

// A deliveryPage is a page of deliveries.
type deliveryPage struct {
	listed[desk.Delivery]
	Endpoint desk.ID
	Event    int64
}

// showDeliveries lists what was sent, to one endpoint or of one event; what is
// asked for without either is all of the book.
func showDeliveries(q *visit) error {
	p := deliveryPage{Endpoint: desk.ID(q.value("endpoint")), Event: max(0, q.number("event", 0))}
	state := q.choice("state", "State", desk.DeliveryWaiting, desk.DeliveryDelivered, desk.DeliveryExpired, desk.DeliveryDropped)
	filters := []filter{{Name: "endpoint", Label: "Webhook", Type: "text", Value: string(p.Endpoint)}, {Name: "event", Label: "Event number", Type: "text", Value: q.value("event")}}
	ask := desk.DeliveryQuery{Book: q.book.ID, Endpoint: p.Endpoint, Event: p.Event, Behind: desk.ID(q.value("after")), Count: perPage + 1}
	if p.Endpoint != "" || p.Event != 0 { // an index finds those
		filters, ask.State = append(filters, state), state.Value
	}
	if i := strings.LastIndexByte(string(ask.Behind), '/'); ask.Behind != "" && (i < 0 || strings.Trim(string(ask.Behind)[i+1:], "0123456789") != "" || i == len(ask.Behind)-1) {
		ask.Behind = ""
	}
	all, err := q.desk().Deliveries(q.Context(), ask)
	if err != nil {
		return err
	}
	p.listed = cutPage(q, all, func(d desk.Delivery) string { return string(d.ID) }, filters...)
	return q.show("deliveries", "Deliveries", p)
}

// An attemptShown is one try as this person may read it.
type attemptShown struct {
	desk.Attempt
	Sent, Heard string
	Headers     string
}

type deliveryShown struct {
	desk.Delivery
	Address  string // where it goes
	Attempts []attemptShown
	Can      bool // it may be sent again
	Replayed bool // it is of a replay
}

// showDelivery is one delivery with every attempt.
func showDelivery(q *visit) error {
	id := desk.ID(q.value("id"))
	no := id[strings.LastIndexByte(string(id), '/')+1:]
	var d *desk.Delivery
	if event := wholeNumber(string(no)); event > 0 {
		all, err := q.desk().Deliveries(q.Context(), desk.DeliveryQuery{Book: q.book.ID, Event: event, Count: 500})
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(all, func(d desk.Delivery) bool { return d.ID == id }); i >= 0 {
			d = &all[i]
		}
	}
	if d == nil {
		return ledger.Refuse(ledger.NotFound, desk.WhyUnknownID, "No such delivery: what ended long ago is deleted.")
	}
	p := deliveryShown{Delivery: *d, Replayed: strings.HasPrefix(string(d.ID), "replay_")}
	attempts, err := q.desk().Attempts(q.Context(), desk.DeliveryQuery{Book: q.book.ID, Delivery: d.ID, Count: 50})
	if err != nil {
		return err
	}
	for _, a := range attempts {
		p.Attempts = append(p.Attempts, attemptShown{a, q.body(a.Request), q.body(a.Response), a.Header})
	}
	if e, err := findIf[desk.Endpoint](q, d.Endpoint); err != nil {
		return err
	} else if e != nil {
		p.Address, p.Can = e.URL, e.Active && !e.Deleted && q.person.May(desk.RightReplay)
	}
	return q.show("delivery", "Delivery of "+d.Name, p)
}

// body is what was sent or heard, as this person may read it: JSON on lines of
// its own, masked for who may not see whose it is.
func (q *visit) body(text string) string {
	if !q.person.May(desk.RightSeePII) {
		text = mask.Body("application/json", []byte(text), 16<<10)
	}
	return pretty(text)
}

// pretty is JSON with a line for each value, also where its end was cut off.
// What does not begin as JSON stays.
func pretty(text string) string {
	if !strings.HasPrefix(text, "{") && !strings.HasPrefix(text, "[") {
		return text
	}
	var out strings.Builder
	depth, quoted, escaped := 0, false, false
	line := func() { out.WriteString("\n" + strings.Repeat("  ", max(depth, 0))) }
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quoted:
			out.WriteByte(c)
			quoted = escaped || c != '"'
			escaped = !escaped && c == '\\'
			continue
		case c == ' ' || c == '\n' || c == '\r' || c == '\t':
			continue
		case (c == '{' || c == '[') && i+1 < len(text) && (text[i+1] == '}' || text[i+1] == ']'):
			out.WriteString(text[i : i+2])
			i++
			continue
		case c == '{' || c == '[':
			depth++
			out.WriteByte(c)
			line()
			continue
		case c == '}' || c == ']':
			depth--
			line()
		}
		out.WriteByte(c)
		switch c {
		case '"':
			quoted = true
		case ',':
			line()
		case ':':
			out.WriteByte(' ')
		}
	}
	return out.String()
}

// wholeNumber is a number above zero; zero if the text is none.
func wholeNumber(text string) int64 {
	var n int64
	for _, c := range text {
		if c < '0' || c > '9' || n > 1<<52 {
			return 0
		}
		n = n*10 + int64(c-'0')
	}
	return n
}

// maxRuns is how many stretches of events are sent again at once.
const maxRuns = 100

// replayEvents sends events again: one, a range, everything since one, or those
// that failed. Sent twice it does so once; the books say who did.
func replayEvents(q *visit) error {
	endpoint, back := desk.ID(q.value("endpoint")), q.value("back")
	if back == "" || !inside(Base+"/"+string(q.book.Mode)+"/"+back) {
		back = "webhooks"
	}
	refuse := func(format string, args ...any) error { return q.done(back, format, args...) }
	type stretch struct{ from, to int64 }
	var all []stretch
	switch q.value("what") {
	case "failed":
		failed, err := q.failedDeliveries(endpoint)
		if err != nil {
			return err
		}
		for _, d := range failed {
			if n := len(all); n > 0 && all[n-1].to+1 == d.Event {
				all[n-1].to = d.Event
			} else {
				all = append(all, stretch{d.Event, d.Event})
			}
		}
		if len(all) > maxRuns {
			return refuse("Nothing was sent: what failed lies in %s stretches. Send a range again instead.", count(len(all)))
		}
	default:
		from := wholeNumber(q.value("from"))
		to := from
		if q.Form.Has("to") {
			to = wholeNumber(q.value("to")) // zero is the last there is
		}
		all = append(all, stretch{from, to})
	}
	if len(all) == 0 {
		return refuse("Nothing was sent: nothing has failed.")
	}
	before, err := q.desk().Claim(q.Context(), q.book.ID, q.once(endpoint, q.value("what"), all[0].from, all[0].to))
	if err != nil {
		return err
	}
	if before {
		return refuse("They were sent again already.")
	}
	runs := 0
	for _, s := range all {
		got, err := q.desk().Replay(q.Context(), q.book.ID, desk.ReplayRequest{Endpoint: endpoint, From: s.from, To: s.to})
		if e := problemIn(err); e != nil {
			return refuse("Nothing more was sent. %s: %s", e.Title, e.Detail)
		}
		if err != nil {
			return err
		}
		runs += len(got)
	}
	if runs == 0 {
		return refuse("Nothing was sent: no webhook is active.")
	}
	about := endpoint
	if about == "" {
		about = desk.ID(q.value("event"))
	}
	if err := q.desk().Witness(q.noting(map[string]string{"from": q.value("from"), "to": q.value("to"), "what": q.value("what")}), q.book.ID, about); err != nil {
		return err
	}
	return q.done(back, "It is being sent again now.")
}
