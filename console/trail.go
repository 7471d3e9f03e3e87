package console

import (
	"cmp"
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"slices"

	"wapas/desk"
	"wapas/ledger"
)

// What a thing left behind, as several pages show it: entries, events and who
// was told, and the calls of an API that were about it.

// maxTrail is how much of each sort a page shows of what a thing left behind.
const maxTrail = 50

// A trail is what one thing left behind.
type trail struct {
	Entries    []entryLines
	Events     []desk.Event
	Deliveries []desk.Delivery
	Requests   []desk.RequestRow
	Acts       []desk.Act
}

// trailOf reads it, the oldest first. Entries are those of the causes, which are
// the thing itself if none is named.
func (q *visit) trailOf(id desk.ID, causes ...desk.ID) (t trail, err error) {
	if len(causes) == 0 {
		causes = []desk.ID{id}
	}
	past := desk.Query{Book: q.book.ID, Oldest: true, Count: maxTrail}
	for _, cause := range causes {
		past.Parent = cause
		all, err := q.desk().Store.Entries(q.Context(), past)
		if err != nil {
			return t, err
		}
		t.Entries = append(t.Entries, entriesOf(all)...)
	}
	past.Parent = id
	if t.Events, err = q.desk().Store.EventsOf(q.Context(), past); err != nil {
		return t, err
	}
	for _, e := range t.Events {
		sent, err := q.desk().Deliveries(q.Context(), desk.DeliveryQuery{Book: q.book.ID, Event: e.No, Count: maxTrail})
		if err != nil {
			return t, err
		}
		t.Deliveries = append(t.Deliveries, sent...)
	}
	return t, q.callsAbout(id, &t)
}

// callsAbout adds the calls of an API about a thing, and what people did to it
// by hand.
func (q *visit) callsAbout(id desk.ID, t *trail) (err error) {
	if t.Requests, err = q.desk().Requests(q.Context(), desk.RequestQuery{Book: q.book.ID, About: id, Count: maxTrail}); err != nil {
		return err
	}
	if q.person.May(desk.RightActs) {
		t.Acts, err = q.desk().Acts(q.Context(), desk.Query{Book: q.book.ID, Parent: id, Oldest: true, Count: maxTrail})
	}
	return err
}

// A budgetView is how much of a payment has been given back, over every
// channel.
type budgetView struct {
	ledger.Budget
	Excess ledger.Amount // beyond what came in
	Ways   []wayView
}

// A wayView is one channel of it.
type wayView struct {
	To                    string
	Done, Pending, Failed ledger.Amount
	N                     int
}

// maxWays is how many refunds of a payment are added up by channel.
const maxWays = 500

// budgetOf is the budget of a payment with its refunds.
func (q *visit) budgetOf(p desk.Payment) (budgetView, []desk.Refund, error) {
	b := budgetView{Budget: p.Budget(), Excess: p.Excess}
	all, err := desk.List[desk.Refund](q.Context(), q.desk(), desk.Query{Book: q.book.ID, Parent: p.ID, Count: maxWays})
	at := map[string]int{}
	for _, r := range all {
		i, known := at[r.To]
		if !known {
			i = len(b.Ways)
			at[r.To] = i
			b.Ways = append(b.Ways, wayView{To: r.To})
		}
		w := &b.Ways[i]
		w.N++
		switch r.State {
		case "done":
			w.Done += r.Amount
		case "pending":
			w.Pending += r.Amount
		default:
			w.Failed += r.Amount
		}
	}
	return b, all, err
}

// Bar draws the budget.
func (b budgetView) Bar() template.HTML {
	return portionsSVG("Given back of "+rupees(b.Captured)+": "+rupees(b.Done)+" done, "+rupees(b.Pending)+" pending, "+rupees(b.Disputed)+" disputed, "+rupees(b.Left())+" left", []portion{
		{"Done: " + rupees(b.Done), "s1", int64(b.Done)},
		{"Pending: " + rupees(b.Pending), "s3", int64(b.Pending)},
		{"Disputed: " + rupees(b.Disputed), "s2", int64(b.Disputed)},
		{"Left: " + rupees(b.Left()), "rest", int64(b.Left())},
	})
}

// destinations are where refunds go, in words.
var destinations = map[string]string{
	desk.ToSource: "The way it was paid", desk.ToWallet: "Wallet", desk.ToCredit: "Store credit", "agent": "Agent’s value",
}

// SourceOf is where a payment came from, as this person may see it.
func (s *sheet) SourceOf(p desk.Payment) string {
	switch {
	case p.CameFrom() == desk.ToWallet:
		return "Wallet"
	case p.Method == "upi":
		return "UPI " + s.Contact(p.VPA)
	case p.Method == "card" && p.CardLast4 != "":
		return p.CardNetwork + " card ending " + p.CardLast4
	case p.Method == "netbanking":
		return p.Bank + " netbanking"
	}
	return plain(p.Method)
}

// PayerOf is whom a payment is from: a phone number or an address, as this
// person may see it.
func (s *sheet) PayerOf(p desk.Payment) string {
	if p.Contact != "" {
		return s.Contact(p.Contact)
	}
	return s.Contact(cmp.Or(p.Email, p.VPA))
}

// Way is a refund's destination in words.
func (s *sheet) Way(to string) string {
	if said, ok := destinations[to]; ok {
		return said
	}
	return plain(to)
}

// Offers says whether the console has a page that this person may see.
func (s *sheet) Offers(at string) bool {
	p := s.pageAt(at)
	return p != nil && s.q.person.May(p.right) && (!p.test || s.Test())
}

// A label is one of a caller's notes.
type label struct{ Name, Text string }

// Labels are a caller's notes on a thing, in the order of their names. Nobody
// knows what callers write there, so only who may see people's data sees them.
func (s *sheet) Labels(n desk.Notes) (all []label) {
	if !s.SeesPII() {
		return nil
	}
	var notes map[string]any
	if json.Unmarshal([]byte(n), &notes) != nil {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(notes)) {
		all = append(all, label{name, fmt.Sprint(notes[name])})
	}
	return all
}

// Address is the whole address of this page, to be sent to somebody.
func (s *sheet) Address() string { return s.q.origin() + Base + s.q.URL.EscapedPath() }
