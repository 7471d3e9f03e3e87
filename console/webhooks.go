package console

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"wapas/desk"
	"wapas/ledger"
)

func webhookPages() []page {
	return slices.Concat([]page{
		{at: "GET /webhooks", right: desk.RightSee, show: showWebhooks},
		{at: "GET /webhooks/new", right: desk.RightWebhooks, show: showNewWebhook},
		{at: "POST /webhooks/new", right: desk.RightWebhooks, show: addWebhook},
		{at: "GET /webhooks/{id}", right: desk.RightSee, show: showWebhook},
		{at: "POST /webhooks/{id}", right: desk.RightWebhooks, show: changeWebhook},
		{at: "POST /webhooks/{id}/secret", right: desk.RightWebhooks, show: rotateSecret},
		{at: "POST /webhooks/{id}/ping", right: desk.RightReplay, show: pingWebhook},
	}, deliveryPages())
}

// An endpointLine is an endpoint with how it keeps up.
type endpointLine struct {
	desk.Endpoint
	State   string // active, disabled, off
	Names   []string
	All     bool   // it asks for whatever its vendor announces
	Account string // the linked account's it is, if it is one's
	Path    string // of its page, below the book's; of a callback, which has none, its deliveries
	Calls   bool   // it goes where each request says
	Behind  int64  // events that it has not been sent
	Waiting int    // deliveries that failed and are tried again, as far as badges go
	Replays int    // that are under way
	Runs    []desk.Run
}

// line says how an endpoint keeps up. Runs are all of the book.
func (q *visit) endpointLine(e desk.Endpoint, runs []desk.Run) (endpointLine, error) {
	e.Secret, e.Past = "", ""
	l := endpointLine{Endpoint: e, Names: strings.Fields(e.Events), Path: "webhooks/" + string(e.ID), Calls: e.ID == desk.CallbackID(e.Room), State: "active"}
	l.All = len(l.Names) == 0 || slices.Contains(l.Names, desk.AllEvents)
	if l.Calls {
		l.Path = "webhooks/deliveries"
	}
	if e.Account != q.book.Account() {
		l.Account = string(e.Account)
	}
	switch {
	case e.Active:
		seen := e.Since
		for _, r := range runs {
			switch {
			case r.ID == e.ID:
				seen = max(seen, r.Event)
			case r.Endpoint == e.ID:
				l.Replays++
				l.Runs = append(l.Runs, r)
			}
		}
		l.Behind = q.book.Event - seen
	case e.DisabledAt != 0:
		l.State = "disabled"
	default:
		l.State = "off"
	}
	waiting, err := q.desk().Deliveries(q.Context(), desk.DeliveryQuery{Book: q.book.ID, Endpoint: e.ID, Due: desk.LastMoment, Count: maxWaits + 1})
	l.Waiting = len(waiting)
	return l, err
}

// Badge is how much waits, and ends somewhere.
func (l endpointLine) Badge() string { return badge(l.Waiting) }

func showWebhooks(q *visit) error {
	page, err := rowsOf[desk.Endpoint](q, desk.Query{Where: map[string]string{"deleted": "false"}})
	if err != nil {
		return err
	}
	runs, err := q.desk().Store.Runs(q.Context(), q.book.ID)
	if err != nil {
		return err
	}
	lines := listed[endpointLine]{Older: page.Older, Deep: page.Deep}
	for _, e := range page.Rows {
		l, err := q.endpointLine(e, runs)
		if err != nil {
			return err
		}
		lines.Rows = append(lines.Rows, l)
	}
	return q.show("webhooks", "Webhooks", lines)
}

// An eventGroup is the events of one noun, to be chosen together.
type eventGroup struct {
	Name  string
	Names []string
	Open  bool // something in it is chosen
}

// eventGroups are all events of the Razorpay room by their first word, those
// that money depends on first, and our own last.
func eventGroups(chosen []string) (groups []eventGroup, own eventGroup) {
	first := []string{"refund", "payment", "order", "transfer", "payout", "settlement"}
	vendor, ours := desk.EventNames()
	at := map[string]int{}
	for _, name := range append(first, "") {
		if name != "" {
			at[name] = len(groups)
			groups = append(groups, eventGroup{Name: name})
		}
	}
	for _, name := range vendor {
		noun, _, _ := strings.Cut(name, ".")
		i, ok := at[noun]
		if !ok {
			i, at[noun] = len(groups), len(groups)
			groups = append(groups, eventGroup{Name: noun})
		}
		groups[i].Names = append(groups[i].Names, name)
		groups[i].Open = groups[i].Open || slices.Contains(chosen, name)
	}
	return groups, eventGroup{Name: "own", Names: ours, Open: true}
}

// A webhookForm is what is asked of an endpoint, as it is typed.
type webhookForm struct {
	New     bool
	URL     string
	Room    string
	All     bool
	InOrder bool
	Chosen  []string
	Groups  []eventGroup
	Own     eventGroup
}

// Has says whether an event is chosen.
func (f webhookForm) Has(name string) bool { return slices.Contains(f.Chosen, name) }

// formOf is the form as it was sent, or, of one that was not, as the endpoint is.
func (q *visit) formOf(e desk.Endpoint) webhookForm {
	f := webhookForm{New: e.ID == "", URL: e.URL, Room: cmp.Or(e.Room, "razorpay"), InOrder: e.InOrder, Chosen: strings.Fields(e.Events)}
	if q.problem != nil && q.Form.Has("url") {
		f.URL, f.InOrder, f.Chosen = q.value("url"), q.value("in_order") != "", q.Form["event"]
		f.Room = cmp.Or(q.value("room"), f.Room)
	} else if f.New {
		f.Chosen = []string{desk.AllEvents}
	}
	f.All = slices.Contains(f.Chosen, desk.AllEvents)
	f.Groups, f.Own = eventGroups(f.Chosen)
	return f
}

// endpointAsk is what the form asks for.
func (q *visit) endpointAsk() desk.EndpointRequest {
	inOrder := q.value("in_order") != ""
	ask := desk.EndpointRequest{URL: q.value("url"), InOrder: &inOrder, Events: q.Form["event"]}
	if slices.Contains(ask.Events, desk.AllEvents) { // it is all of the vendor's; our own are asked for by name
		ask.Events = slices.DeleteFunc(slices.Clone(ask.Events), func(name string) bool { return name != desk.AllEvents && !desk.IsOwnEvent(name) })
	}
	return ask
}

func showNewWebhook(q *visit) error {
	return q.show("newwebhook", "New webhook", q.formOf(desk.Endpoint{}))
}

// A secretPage shows a secret, once.
type secretPage struct {
	Endpoint desk.Endpoint
	Secret   string
	Rotated  bool
}

// addWebhook adds an endpoint with a secret of its own, which is shown now and
// never again.
func addWebhook(q *visit) error {
	ask := q.endpointAsk()
	switch room := q.FormValue("room"); room {
	case "", "razorpay":
	case "phonepe", "eko":
		ask.Room = room
		ask.Events = nil
	default:
		q.refused(ledger.Refuse(ledger.Invalid, "room", "choose whose words it is told in").In("room"))
		return showNewWebhook(q)
	}
	secret := desk.Letters(32)
	ask.Secret = []byte(secret)
	if err := q.checkEndpoint(ask); q.refused(err) {
		return showNewWebhook(q)
	}
	before, err := q.desk().Claim(q.Context(), q.book.ID, q.once(ask.URL, ask.Room, ask.Events, *ask.InOrder))
	if err == nil && before {
		return q.done("webhooks", "That webhook was added already. If its secret was not kept, give it another one.")
	}
	var e desk.Endpoint
	if err == nil {
		e, err = q.desk().CreateEndpoint(q.Context(), q.book.ID, ask)
	}
	if q.refused(err) {
		return showNewWebhook(q)
	}
	if err != nil {
		return err
	}
	return q.show("secret", "The webhook's secret", secretPage{Endpoint: e, Secret: secret})
}

// checkEndpoint tries what is asked for and throws it away, so that nothing is
// refused once the form was used up.
func (q *visit) checkEndpoint(ask desk.EndpointRequest) error {
	_, err := q.desk().Preview(q.Context(), func(ctx context.Context) error {
		_, err := q.desk().CreateEndpoint(ctx, q.book.ID, ask)
		return err
	})
	return endpointWords(err)
}

// endpointWords say in words what the desk says in one.
func endpointWords(err error) error {
	e, ok := err.(*ledger.Error)
	if !ok {
		return err
	}
	said := *e
	switch e.Why {
	case desk.WhyEndpointURL:
		said.Detail = "write an address that begins with https:// or http://, of at most 255 letters and without a name or password in it"
	case desk.WhyEndpointNone:
		said.Detail = "choose at least one event"
	case desk.WhyEndpointMany:
		said.Detail = fmt.Sprintf("there are %s already, which is the most there may be: delete one first", e.Detail)
	}
	return &said
}

// An endpointPage is one endpoint, how it keeps up and what it was sent last.
type endpointPage struct {
	endpointLine
	Signed     bool
	Form       webhookForm
	Last       []desk.Delivery
	Pings      []desk.Attempt
	Failed     int // of the last ones that expired or were dropped
	FirstFail  int64
	LastFail   int64
	Now        int64 // the number of the last event
	Acts       []notedAct
	Can        bool // somebody may send again
	Exceptions []desk.Exception
}

// failedLines is how many failed deliveries of an endpoint are looked at.
const failedLines = 1000

func showWebhook(q *visit) error {
	e, err := q.desk().Endpoint(q.Context(), q.book.ID, "", q.id("id"))
	if err != nil {
		return err
	}
	runs, err := q.desk().Store.Runs(q.Context(), q.book.ID)
	if err != nil {
		return err
	}
	p := endpointPage{Signed: e.Secret != "", Form: q.formOf(e), Now: q.book.Event, Can: e.Active && q.person.May(desk.RightReplay)}
	if p.endpointLine, err = q.endpointLine(e, runs); err != nil {
		return err
	}
	if p.Last, err = q.desk().Deliveries(q.Context(), desk.DeliveryQuery{Book: q.book.ID, Endpoint: e.ID, Count: 10}); err != nil {
		return err
	}
	if p.Pings, err = q.desk().Attempts(q.Context(), desk.DeliveryQuery{Book: q.book.ID, Endpoint: e.ID, Delivery: "ping", Count: 1}); err != nil {
		return err
	}
	failed, err := q.failedDeliveries(e.ID)
	if err != nil {
		return err
	}
	if p.Failed = len(failed); p.Failed > 0 {
		p.FirstFail, p.LastFail = failed[0].Event, failed[len(failed)-1].Event
	}
	if p.Acts, err = q.actsOn(e.ID); err != nil {
		return err
	}
	return q.show("webhook", "Webhook", p)
}

// failedDeliveries are the last ones that came to no good end, by their events.
func (q *visit) failedDeliveries(endpoint desk.ID) ([]desk.Delivery, error) {
	var all []desk.Delivery
	for _, state := range []string{desk.DeliveryExpired, desk.DeliveryDropped} {
		some, err := q.desk().Deliveries(q.Context(), desk.DeliveryQuery{Book: q.book.ID, Endpoint: endpoint, State: state, Count: failedLines})
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	slices.SortFunc(all, func(x, y desk.Delivery) int { return cmp.Compare(x.Event, y.Event) })
	return slices.CompactFunc(all, func(x, y desk.Delivery) bool { return x.Event == y.Event }), nil
}

// changeWebhook changes an endpoint: what it asks for, whether it is sent
// anything, or that it is no more.
func changeWebhook(q *visit) error {
	have, err := q.desk().Endpoint(q.Context(), q.book.ID, "", q.id("id"))
	if err != nil {
		return err
	}
	path := "webhooks/" + url.PathEscape(string(have.ID))
	yes, no := true, false
	var ask desk.EndpointRequest
	var said string
	switch q.value("do") {
	case "change":
		ask, said = q.endpointAsk(), "The webhook was changed."
		if have.Room != "" {
			ask.Events = nil
		} else if len(ask.Events) == 0 {
			err = ledger.Refuse(ledger.Invalid, desk.WhyEndpointNone, "").In("events")
		}
		if ask.URL == "" {
			err = ledger.Refuse(ledger.Invalid, desk.WhyEndpointURL, "").In("url")
		}
	case "enable":
		ask.Active, said = &yes, "The webhook is sent what happens from now on. What it missed can be sent again below."
	case "disable":
		ask.Active, said = &no, "The webhook is sent nothing any more."
	case "delete":
		account := have.Account
		if have.Room != "" {
			account = ""
		}
		if err := q.desk().DeleteEndpoint(q.Context(), q.book.ID, account, have.ID); err != nil {
			return err
		}
		return q.done("webhooks", "The webhook was deleted.")
	default:
		err = ledger.Refuse(ledger.Invalid, "do", "nothing was asked for")
	}
	if err == nil {
		ask.Room = have.Room
		_, err = q.desk().EditEndpoint(q.Context(), q.book.ID, have.ID, ask)
	}
	if q.refused(endpointWords(err)) {
		return showWebhook(q)
	}
	if err != nil {
		return err
	}
	return q.done(path, "%s", said)
}

// rotateSecret gives an endpoint another secret, which is shown now and never
// again. Sent twice it makes one.
func rotateSecret(q *visit) error {
	have, err := q.desk().Endpoint(q.Context(), q.book.ID, "", q.id("id"))
	if err != nil {
		return err
	}
	before, err := q.desk().Claim(q.Context(), q.book.ID, q.once(have.ID))
	if err != nil {
		return err
	}
	if before {
		return q.done("webhooks/"+string(have.ID), "It has another secret already. If that was not kept, make one more.")
	}
	secret := desk.Letters(32)
	e, err := q.desk().EditEndpoint(q.Context(), q.book.ID, have.ID, desk.EndpointRequest{Room: have.Room, Secret: []byte(secret)})
	if err != nil {
		return err
	}
	return q.show("secret", "The webhook's secret", secretPage{Endpoint: e, Secret: secret, Rotated: true})
}

// pingWebhook sends an event that never happened, to see whether it arrives.
func pingWebhook(q *visit) error {
	if q.room.cfg.Ping == nil {
		return ledger.Refuse(ledger.NotFound, whyPage, "this server sends no webhooks")
	}
	a, err := q.room.cfg.Ping(q.Context(), q.book.ID, q.id("id"))
	if q.refused(err) {
		return showWebhook(q)
	}
	if err != nil {
		return err
	}
	path := "webhooks/" + string(q.id("id"))
	if a.Error != "" {
		return q.done(path, "The test did not arrive: %s.", a.Error)
	}
	return q.done(path, "The test arrived: the receiver answered %d in %d ms.", a.Status, a.Took.Milliseconds())
}
