package console

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"wapas/desk"
	"wapas/ledger"
)

func eventPages() []page {
	return []page{
		{at: "GET /events", right: desk.RightSee, show: showEvents},
		{at: "GET /events/{no}", right: desk.RightSee, show: showEvent},
	}
}

// An eventsPage is a page of the numbered log, the newest first.
type eventsPage struct {
	listed[desk.Event]
	Looked bool  // a name was asked for, and only so far back was looked
	Floor  int64 // the number to which was looked
}

// eventsLook is how many events are looked through for a name: no index has
// their names.
const eventsLook = 20_000

// showEvents lists events: all, those of a name, or those about a thing.
func showEvents(q *visit) error {
	vendor, own := desk.EventNames()
	names := append(slices.Clone(recorded), own...)
	name := q.choice("name", "Name", names...)
	for i := range name.Options[1:] {
		name.Options[i+1].Label = name.Options[i+1].Value
	}
	if v := q.value("name"); slices.Contains(vendor, v) {
		name.Value = v
	}
	about := q.text("about", "About (an id)")
	below := q.number("after", q.book.Event+1)
	var p eventsPage
	var all []desk.Event
	var err error
	switch {
	case about.Value != "":
		all, err = q.desk().Store.EventsOf(q.Context(), desk.Query{Book: q.book.ID, Parent: desk.ID(about.Value), After: strconv.FormatInt(below, 10), Count: perPage + 1})
		if name.Value != "" {
			all = slices.DeleteFunc(all, func(e desk.Event) bool { return e.Name != name.Value })
		}
	case name.Value != "":
		p.Floor = max(1, below-eventsLook)
		all, err = q.desk().Store.EventsNamed(q.Context(), q.book.ID, name.Value, below, p.Floor, perPage+1)
		p.Looked = p.Floor > 1
	default:
		first := max(0, below-1-perPage)
		all, err = q.desk().Store.Events(q.Context(), q.book.ID, first, int(below-1-first))
		slices.Reverse(all)
	}
	if err != nil {
		return err
	}
	p.listed = cutPage(q, all, func(e desk.Event) string { return strconv.FormatInt(e.No, 10) }, name, about)
	switch {
	case p.Older != "":
		p.Looked = false
	case p.Looked:
		p.Older = strconv.FormatInt(p.Floor, 10)
	case about.Value == "" && name.Value == "" && len(all) > 0 && all[len(all)-1].No > 1:
		p.Older = strconv.FormatInt(all[len(all)-1].No, 10)
	}
	return q.show("events", "Events", p)
}

// recorded are the vendor's events that are recorded here, in the order of the
// filter.
var recorded = strings.Fields(`refund.created refund.processed refund.failed refund.speed_changed payment.authorized payment.captured payment.failed order.paid
	transfer.processed transfer.failed settlement.processed payout.initiated payout.processed payout.reversed payout.updated
	payment.dispute.created payment.dispute.won payment.dispute.lost credit.given credit.spent credit.returned credit.expired member.created member.updated
	remittance.created remittance.processed remittance.failed remittance.held remittance.declined agent.value_bought tat.compensated`)

// An eventPage is one event: what it was about as that stood then, and where it
// was sent.
type eventPage struct {
	desk.Event
	About      []snapshot
	Deliveries []desk.Delivery
	Can        bool  // it may be sent again
	Last       int64 // the number of the last event
	Before     int64
	After      int64
}

// A snapshot is a row as it stood.
type snapshot struct {
	Name  string
	ID    desk.ID
	Facts []rowFact
}

// A rowFact is one field of a row. One of the values holds it.
type rowFact struct {
	Name   string
	Amount *ledger.Amount
	Time   ledger.Time
	ID     desk.ID
	Text   string
}

func showEvent(q *visit) error {
	no := wholeNumber(q.PathValue("no"))
	all, err := q.desk().Store.Events(q.Context(), q.book.ID, no-1, 1)
	if err != nil {
		return err
	}
	if no == 0 || len(all) == 0 {
		return ledger.Refuse(ledger.NotFound, desk.WhyUnknownID, "There is no event %s.", q.PathValue("no"))
	}
	p := eventPage{Event: all[0], Last: q.book.Event, Before: no - 1, After: no + 1}
	for _, r := range all[0].About {
		p.About = append(p.About, q.snapshot(r))
	}
	if p.Deliveries, err = q.desk().Deliveries(q.Context(), desk.DeliveryQuery{Book: q.book.ID, Event: no, Count: 200}); err != nil {
		return err
	}
	active, err := q.desk().ActiveEndpoints(q.Context(), q.book.ID)
	p.Can = len(active) > 0 && q.person.May(desk.RightReplay)
	if err != nil {
		return err
	}
	return q.show("event", all[0].Name, p)
}

// personal are the fields that say who somebody is.
var personal = strings.Fields(`Name Email Contact Phone Mobile VPA Number CardName GSTIN Line1 Line2 Line3 To Account RecipientName Customer Recipient LegalName ContactName CustomerFacingName Wire Notes LinkedNotes AlertEmail Remitter Owed`)

// snapshot is a row field by field, without what is empty, masked for who may
// not see whose it is. An endpoint's secrets are not in its events.
func (q *visit) snapshot(r desk.Row) snapshot {
	v := reflect.ValueOf(r)
	s := snapshot{Name: inWords(v.Type().Name()), ID: r.RowID()}
	for i := range v.NumField() {
		f, name := v.Field(i), v.Type().Field(i).Name
		if name == "ID" || f.IsZero() || !v.Type().Field(i).IsExported() || name == "Secret" || name == "Past" {
			continue
		}
		fact := rowFact{Name: inWords(name)}
		switch x := f.Interface().(type) {
		case ledger.Amount:
			fact.Amount = &x
		case ledger.Time:
			fact.Time = x
		case desk.ID:
			if fact.ID = x; slices.Contains(personal, name) && !desk.IsID(string(x)) { // it is made of a phone number
				fact.ID, fact.Text = "", q.whoseIs(string(x))
			}
		case bool:
			fact.Text = "yes"
		default:
			if f.Kind() == reflect.Struct {
				continue
			}
			fact.Text = textOf(f)
			switch {
			case slices.Contains(personal, name):
				fact.Text = q.whoseIs(fact.Text)
			case name != "Reference" && name != "UTR": // a bank's number is nobody's
				fact.Text = q.written(fact.Text)
			}
		}
		s.Facts = append(s.Facts, fact)
	}
	return s
}

// whoseIs is a text that says who somebody is, as this person may see it.
func (q *visit) whoseIs(text string) string {
	if q.person.May(desk.RightSeePII) {
		return text
	}
	return masked(text)
}

// textOf is a text or a number.
func textOf(v reflect.Value) string {
	switch v.Kind() {
	case reflect.String:
		return v.String()
	case reflect.Int64, reflect.Int:
		return strconv.FormatInt(v.Int(), 10)
	}
	return ""
}

// inWords is the name of a field as people write it: CreatedAt is created at.
func inWords(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		upper := unicode.IsUpper(r)
		if i > 0 && upper && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])) {
			b.WriteByte(' ')
		}
		if upper && (i+1 == len(runes) || !unicode.IsUpper(runes[i+1])) && (i == 0 || !unicode.IsUpper(runes[i-1])) {
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}
