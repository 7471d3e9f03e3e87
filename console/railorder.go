package console

import (
	"cmp"
	"context"
	"strings"

	"wapas/desk"
	"wapas/export"
	"wapas/ledger"
	"wapas/rail"
)

func railOrderPages() []page {
	return []page{
		{at: "GET /waiting/orders/{id}", right: desk.RightSee, show: showRailOrder},
		{at: "POST /waiting/orders/{id}", right: desk.RightRails, show: recordOutcome},
		{at: "POST /waiting/orders/{id}/ask", right: desk.RightRails, show: askRail},
	}
}

// A railOrderPage is what a rail, or a person in its place, was asked to move,
// and the form that says what became of it.
type railOrderPage struct {
	desk.Carry
	Who        string
	Code       string // why it was refused or is not known, in words
	Path       string // of what it moves, below the book's
	Words      []railWord
	Exceptions []openException // about it
	May        []outcomeChoice // what may be said of it now
	Two        bool            // it takes the same word of two people
	Asked      *desk.OutcomeRequest
	Entries    []entryLines // that would be posted
	Agreed     bool         // with what was said, two people have said the same
	Asks       bool         // the rail may be asked now
}

// An openException is an exception with what it is called.
type openException struct {
	desk.Exception
	Title string
}

// A railWord is what one person said; Mine says that it was the one who looks.
type railWord struct {
	desk.Word
	Mine bool
}

// An outcomeChoice is one thing that may be said of an order.
type outcomeChoice struct {
	Name  rail.Outcome
	Label string
}

var (
	saysDone     = outcomeChoice{rail.Done, "It went"}
	saysRefused  = outcomeChoice{rail.Refused, "It did not go, and will not"}
	saysReturned = outcomeChoice{desk.Returned, "It went, and came back"}
	saysAfterAll = outcomeChoice{rail.Done, "It went after all"}
	saysAgain    = outcomeChoice{rail.Done, "It went again, under another reference"}
)

// maySay is what may be said of an order as it stands.
func maySay(o desk.RailOrder) []outcomeChoice {
	switch {
	case o.State == "sent" || o.State == "unknown":
		return []outcomeChoice{saysDone, saysRefused}
	case o.State == "done":
		return []outcomeChoice{saysReturned}
	case o.State == "refused" && o.Code == rail.CodeReturned:
		return []outcomeChoice{saysAgain}
	case o.State == "refused":
		return []outcomeChoice{saysAfterAll}
	}
	return nil
}

func showRailOrder(q *visit) error { return q.railOrder(railOrderPage{}) }

func (q *visit) railOrder(p railOrderPage) error {
	o, err := desk.Find[desk.RailOrder](q.Context(), q.desk(), q.book.ID, q.id("id"))
	if err != nil {
		return err
	}
	if p.Carry, err = q.desk().Carry(q.Context(), q.book.ID, o); err != nil {
		return err
	}
	if p.Who, err = q.whose(o.Of); err != nil {
		return err
	}
	words, err := q.desk().Words(q.Context(), q.book.ID, o.ID)
	if err != nil {
		return err
	}
	for _, w := range words {
		p.Words = append(p.Words, railWord{w, strings.EqualFold(w.By, q.by())})
	}
	all, err := desk.List[desk.Exception](q.Context(), q.desk(), desk.Query{Book: q.book.ID, Parent: o.ID, Count: 50})
	if err != nil {
		return err
	}
	for _, e := range all {
		if e.ClosedAt == 0 {
			p.Exceptions = append(p.Exceptions, openException{e, explanations[e.What].Title})
		}
	}
	t, err := q.desk().Terms(q.Context(), q.book.ID)
	if err != nil {
		return err
	}
	p.Two = t.TwoPeopleAbove > 0 && o.Amount > t.TwoPeopleAbove
	p.May, p.Asks = maySay(o), o.EndedAt == 0 && q.desk().MayAsk(o) == nil
	if o.Code != "" {
		p.Code = codeSays(o.Code)
	}
	if dir := places[o.ID.Prefix()]; q.room.shows("GET /" + dir + "/{id}") {
		p.Path = dir + "/" + string(o.ID)
	}
	return q.show("railorder", orderTitle(o), p)
}

// orderTitle is what an order is called.
func orderTitle(o desk.RailOrder) string {
	return map[string]string{"refund": "Refund", "payout": "Payout", "remittance": "Remittance"}[o.What] + " of " + rupees(o.Amount)
}

// word reads what a person says became of an order. It refuses Invalid, in the
// field at fault.
func (q *visit) word() (w desk.OutcomeRequest, err error) {
	w = desk.OutcomeRequest{
		Order: q.id("id"), Outcome: rail.Outcome(q.value("outcome")), Code: q.value("code"), Reason: q.value("reason"), Reference: q.value("reference"), By: q.by(),
	}
	switch done := w.Outcome == rail.Done; {
	case !done && w.Outcome != rail.Refused && w.Outcome != desk.Returned:
		return w, ledger.Refuse(ledger.Invalid, desk.WhyOutcome, "say what became of it").In("outcome")
	case done && w.Reference != "" && !export.BankReference.MatchString(w.Reference):
		return w, ledger.Refuse(ledger.Invalid, "reference", "a UTR, RRN or ARN is 6 to 40 letters and digits").In("reference")
	case !done && (w.Reason == "" || len([]rune(w.Reason)) > 200):
		return w, ledger.Refuse(ledger.Invalid, "reason", "say why, in words for the customer").In("reason")
	case done:
		w.Code, w.Reason = "", ""
	default:
		w.Reference = ""
	}
	return w, nil
}

// recordOutcome shows what a word would do to the books, and, once that was
// seen, records it. Sent twice it is the same word, which changes nothing.
func recordOutcome(q *visit) error {
	w, err := q.word()
	if q.refused(err) {
		return q.railOrder(railOrderPage{})
	}
	if q.value("step") != "do" {
		p := railOrderPage{Asked: &w}
		tried, err := q.desk().Preview(q.Context(), func(ctx context.Context) error {
			_, err := q.desk().RecordOutcome(ctx, q.book.ID, w)
			return err
		})
		if q.refused(err) {
			return q.railOrder(railOrderPage{})
		}
		if err != nil {
			return err
		}
		p.Entries = entriesOf(tried.Entries)
		for _, r := range tried.Rows {
			_, moved := r.(desk.RailOrder)
			p.Agreed = p.Agreed || moved
		}
		return q.railOrder(p)
	}
	o, err := q.desk().RecordOutcome(q.Context(), q.book.ID, w)
	if q.refused(err) {
		return q.railOrder(railOrderPage{})
	}
	if err != nil {
		return err
	}
	path := "waiting/orders/" + string(o.ID)
	words, err := q.desk().Words(q.Context(), q.book.ID, o.ID)
	switch {
	case err != nil:
		return err
	case len(words) > 0 && o.EndedAt == 0:
		return q.done(path, "Your word is kept. Somebody else must say the same within a day.")
	case len(words) > 0:
		return q.done(path, "Your word is kept. It counts once somebody else says the same.")
	}
	return q.done(path, "Recorded: %s %s.", orderTitle(o), endSays(o))
}

// askRail asks the rail now, instead of when it is due.
func askRail(q *visit) error {
	o, err := q.desk().AskRail(q.Context(), q.book.ID, q.id("id"))
	if q.refused(err) {
		return q.railOrder(railOrderPage{})
	}
	if err != nil {
		return err
	}
	said := "The rail was asked, and has not said more than before."
	if o.EndedAt != 0 {
		said = "The rail was asked, and says that it " + endSays(o) + "."
	}
	return q.done("waiting/orders/"+string(o.ID), "%s", said)
}

// endSays is how an order ended, as a part of a sentence.
func endSays(o desk.RailOrder) string {
	switch {
	case o.State == "done":
		return "went" + cmp.Or(map[bool]string{true: ", reference " + o.Reference}[o.Reference != ""], ", without a reference yet")
	case o.Code == rail.CodeReturned:
		return "came back"
	}
	return "did not go"
}
