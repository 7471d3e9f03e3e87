package console

import (
	"context"
	"encoding/json"
	"strings"

	"wapas/desk"
	"wapas/ledger"
)

func exceptionPages() []page {
	return []page{
		{at: "GET /waiting/{id}", right: desk.RightSee, show: showException},
		{at: "POST /waiting/{id}", right: desk.RightRails, show: closeException},
	}
}

// An explanation says of a sort of exception what happened and what is to be
// looked at. One that ends by itself nobody closes.
type explanation struct {
	Title, Happened string
	Check           []string
	itself          bool
}

// explanations are of all of desk.ExceptionSorts.
var explanations = map[string]explanation{
	desk.ExceptionByHand: {"To be paid by hand", "No rail is set up for this book, so a person sends the money.",
		[]string{"Send the money through your bank or the provider's dashboard.", "Record what became of it; this then closes by itself."}, true},
	desk.ExceptionUnknown: {"Nobody knows whether it moved", "The rail was asked again and again, and has not said whether the money moved.",
		[]string{"Look for the reference at the bank or the provider. The money may have moved: do not send it again.", "Record what you find; this then closes by itself."}, true},
	desk.ExceptionPending: {"Taking too long", "The rail says that it has the order, and has had it for a week or more.",
		[]string{"Ask the provider when it will end.", "Record what they say if it has ended; this then closes by itself."}, true},
	desk.ExceptionLate: {"It went after it had failed", "The rail said that the money did not go, and later that it went after all. The books follow: the money is gone.",
		[]string{"See whether the customer was given the money another way meanwhile; then they have it twice.", "If so, agree with the customer how it comes back."}, false},
	desk.ExceptionReturned: {"It came back after it had gone", "The money was sent and done, and the bank then returned it. The refund still stands as done, for the customer must have it.",
		[]string{"Find out how the customer wants the money: the account or card may be closed.", "Send it again under a new reference and record that; or give it another way."}, false},
	desk.ExceptionStranded: {"It could not go back", "The payment was never captured, and its money could not be given back to where it came from.",
		[]string{"The customer is owed this money. Ask where it should go.", "Try again, or send it another way."}, false},
	desk.ExceptionExcess: {"More went back than was paid", "A refund that had failed went after all, and the money had been given back another way by then.",
		[]string{"Ask the customer for what they have twice, or write it off in the books."}, false},
	desk.ExceptionEndpoint: {"A webhook was disabled", "The endpoint did not take its events for a whole day, so nothing is sent to it any more.",
		[]string{"Have the receiver mended.", "Enable the endpoint, and send the events that it missed again; enabling it closes this."}, false},
}

type exceptionPage struct {
	Exception desk.Exception
	explanation
	Subject string // what it is about, in a word
	To      string // where that is shown, below the book's
	Open    bool
	Closes  bool // a person may close it
	Order   *desk.RailOrder
	Detail  string // as this person may read it
	Acts    []notedAct
}

// A notedAct is what somebody did by hand, and what they noted.
type notedAct struct {
	desk.Act
	Note string
}

func showException(q *visit) error {
	e, err := desk.Find[desk.Exception](q.Context(), q.desk(), q.book.ID, q.id("id"))
	if err != nil {
		return err
	}
	p := exceptionPage{Exception: e, explanation: explanations[e.What], Open: e.ClosedAt == 0}
	p.Closes = p.Open && !p.itself
	p.Subject, p.To = q.subject(e.Subject)
	if p.Order, err = findIf[desk.RailOrder](q, e.Subject); err != nil {
		return err
	}
	p.Detail = q.written(e.Detail)
	if p.Acts, err = q.actsOn(e.ID); err != nil {
		return err
	}
	return q.show("exception", p.Title, p)
}

// actsOn are what people did by hand to a thing, the newest first.
func (q *visit) actsOn(id desk.ID) ([]notedAct, error) {
	all, err := q.desk().Acts(q.Context(), desk.Query{Book: q.book.ID, Parent: id, Count: 20})
	out := make([]notedAct, len(all))
	for i, a := range all {
		var said struct{ Note string }
		json.Unmarshal([]byte(a.Detail), &said) // without one there is no note
		out[i] = notedAct{a, said.Note}
	}
	return out, err
}

// subjects are what things are called by the prefixes of their ids.
var subjects = map[string]string{
	"rfnd": "refund", "pay": "payment", "pout": "payout", "rmt": "remittance", "cust": "customer", "trf": "transfer", "order": "order",
	"setl": "settlement", "setlod": "settlement", "acc": "account", "iuser": "member", "ientxn": "store credit", "agt": "agent", "exc": "exception", "job": "job",
	"rvrsl": "reversal", "tat": "turn-around clock", "bok": "booking", "word": "word", "prop": "proposed refund", "per": "person", "sht": "sheet",
}

// subject is what a thing is called and where it is shown, below the book's:
// at its own page, or, of what a rail moves, at its order's. An endpoint has no
// prefix.
func (q *visit) subject(id desk.ID) (name, path string) {
	if id.Prefix() == "" {
		return "endpoint", "webhooks/" + string(id)
	}
	name = subjects[id.Prefix()]
	dir, ok := places[id.Prefix()]
	switch {
	case ok && q.room.shows("GET /"+dir+"/{id}"):
		path = dir + "/" + string(id)
	case name == "refund" || name == "payout" || name == "remittance":
		path = "waiting/orders/" + string(id)
	}
	return name, path
}

// exceptionLine is an exception in a list.
func (q *visit) exceptionLine(e desk.Exception) line {
	return line{
		ID: e.ID, Path: "waiting/" + string(e.ID), What: explanations[e.What].Title, Of: e.Subject, State: "open", Since: e.CreatedAt, Do: "Read and close",
	}
}

// maxExceptions is how many of each sort are read: they are rare.
const maxExceptions = 200

// readExceptions are those that nothing else in the inbox stands for: a rail's
// order that nobody knows of, or that takes too long, or that is paid by hand is
// there itself.
func readExceptions(q *visit) ([]line, error) {
	var lines []line
	for _, what := range desk.ExceptionSorts {
		if what == desk.ExceptionByHand || what == desk.ExceptionPending {
			continue
		}
		all, _, err := oldest[desk.Exception](q, openExceptions(what), "", maxExceptions)
		if err != nil {
			return nil, err
		}
		for _, e := range all {
			l := q.exceptionLine(e)
			switch e.Subject.Prefix() {
			case "rfnd", "pout", "rmt":
				o, err := findIf[desk.RailOrder](q, e.Subject)
				if err != nil {
					return nil, err
				}
				if o != nil && what == desk.ExceptionUnknown && o.State == "unknown" {
					continue
				}
				if o != nil {
					if l.Amount = o.Amount; what != desk.ExceptionUnknown {
						l.Who, err = q.whose(o.Of)
					}
					if err != nil {
						return nil, err
					}
				}
			}
			lines = append(lines, l)
		}
	}
	sortLines(lines)
	return lines, nil
}

// closeException is a person's word that an exception was dealt with, and how.
func closeException(q *visit) error {
	e, err := desk.Find[desk.Exception](q.Context(), q.desk(), q.book.ID, q.id("id"))
	if err != nil {
		return err
	}
	note := q.value("note")
	switch {
	case e.ClosedAt == 0 && explanations[e.What].itself:
		err = ledger.Refuse(ledger.WrongState, "exception", "record what became of the order: this then closes by itself")
	case len([]rune(note)) < 3 || len([]rune(note)) > 300:
		err = ledger.Refuse(ledger.Invalid, "note", "say in 3 to 300 letters what was done about it").In("note")
	default:
		_, err = q.desk().CloseException(q.noting(map[string]string{"note": note}), q.book.ID, e.ID)
	}
	if q.refused(err) {
		return showException(q)
	}
	if err != nil {
		return err
	}
	return q.done("waiting?sort=exceptions", "Closed: %s.", strings.ToLower(explanations[e.What].Title))
}

// noting is the context of a change with more about it for the audit log.
func (q *visit) noting(detail map[string]string) context.Context {
	text, err := json.Marshal(detail)
	if err != nil {
		return q.Context() // it has no other texts
	}
	return desk.As(q.Context(), desk.Actor{By: string(q.person.ID), Name: q.person.Name, What: q.what(), Detail: string(text), From: addressOf(q.Request)})
}
