package native

import (
	"wapas/desk"
	"wapas/ledger"
	"wapas/rail"
)

// A railOrder is what a rail, or a person in its place, is asked to move.
type railOrder struct {
	ID        desk.ID       `json:"id" doc:"Of the refund, payout or remittance that it moves."`
	What      string        `json:"what" enum:"refund|payout|remittance"`
	Room      string        `json:"room" enum:"razorpay|engage|phonepe|eko|native|console" doc:"The API it was asked for through, or the console."`
	Rail      string        `json:"rail" doc:"manual is a person."`
	To        string        `json:"to" doc:"Where it goes, for a person to read."`
	Method    string        `json:"method,omitempty"`
	Amount    ledger.Amount `json:"amount" doc:"Paise."`
	State     string        `json:"state" enum:"waiting|sent|done|refused|unknown" doc:"unknown may have moved: it is asked about, never sent again."`
	Code      string        `json:"code,omitempty" doc:"Why it was refused or is not known, in a word."`
	Reason    string        `json:"reason,omitempty" doc:"The same for people."`
	Proof     string        `json:"proof,omitempty" doc:"The bank's number for it."`
	Reference string        `json:"reference,omitempty" doc:"The caller's own."`
	Asked     int64         `json:"asked" doc:"How often the rail was heard, or asked in vain."`
	By        string        `json:"by,omitempty" doc:"On whose word it ended."`
	CreatedAt moment        `json:"created_at"`
	SentAt    moment        `json:"sent_at,omitempty"`
	EndedAt   moment        `json:"ended_at,omitempty"`
}

func wireRailOrder(o desk.RailOrder) railOrder {
	return railOrder{
		o.ID, o.What, roomOf(o.Room), o.Rail, o.To, o.Method, o.Amount, o.State, o.Code, o.Reason, o.Reference, o.Ref, o.Asked, o.By,
		moment(o.CreatedAt), moment(o.SentAt), moment(o.EndedAt),
	}
}

func showRailOrder(_ *request, o desk.RailOrder) (railOrder, error) { return wireRailOrder(o), nil }

// A word is what one person said of an order whose end takes two.
type word struct {
	ID        desk.ID `json:"id" doc:"word_ and 14 characters."`
	By        string  `json:"by"`
	Outcome   string  `json:"outcome"`
	Proof     string  `json:"proof,omitempty"`
	CreatedAt moment  `json:"created_at"`
	ExpiresAt moment  `json:"expires_at" doc:"It counts if another person says the same before."`
}

func wireWord(w desk.Word) word {
	return word{w.ID, w.By, w.Outcome, w.Reference, moment(w.CreatedAt), moment(w.ExpiresAt)}
}

func waitingRoutes() []route {
	return under("Rails",
		read("/waiting", "listWaiting", railRead, "List what outside money has not moved yet", listWaiting).says("Oldest first: orders of rails that have not ended."),
		read("/rail_orders/{order_id}", "getRailOrder", railRead, "Read an order of a rail", getRailOrder),
		read("/rail_orders/{order_id}/words", "listWords", railRead, "What people said of an order that takes two", listWords),
		write("POST /rail_orders/{order_id}/outcome", "recordOutcome", railWrite, "Say how an order ended", recordOutcome, showRailOrder).money().
			says("The word of a person: for a live book without a rail, or an order that its rail has lost. Above the terms' two_people_above it takes the same word through two credentials; until then the order is as it was."),
	)
}

type waitingFilter struct {
	listing
	What string `query:"what" enum:"refund|payout|remittance" doc:"Only these."`
}

func listWaiting(q *request, in waitingFilter) (page[railOrder], error) {
	return list(q, in.listing, func(p *desk.Query) {
		p.Oldest, p.Where = true, map[string]string{"ended_at": "0"}
		if in.What != "" {
			p.Where["what"] = in.What
		}
	}, wireRailOrder)
}

type railOrderPath struct {
	ID desk.ID `path:"order_id" form:"id" doc:"The refund's, payout's or remittance's id."`
}

func getRailOrder(q *request, in railOrderPath) (railOrder, error) {
	o, err := desk.Find[desk.RailOrder](q.Context(), q.desk(), q.book(), in.ID)
	return wireRailOrder(o), err
}

func listWords(q *request, in railOrderPath) (page[word], error) {
	if _, err := desk.Find[desk.RailOrder](q.Context(), q.desk(), q.book(), in.ID); err != nil {
		return page[word]{}, err
	}
	all, err := q.desk().Words(q.Context(), q.book(), in.ID)
	return page[word]{Items: each(all, wireWord)}, err
}

type outcome struct {
	railOrderPath
	Outcome string         `json:"outcome" enum:"done|refused|returned" doc:"returned: it had gone, and came back."`
	Proof   string         `json:"proof,omitempty" len:"64" doc:"The bank's number for it: UTR, RRN or ARN."`
	Code    string         `json:"code,omitempty" len:"40" doc:"Why it was refused, in a word."`
	Reason  string         `json:"reason,omitempty" doc:"Why it was refused, for the customer."`
	Amount  *ledger.Amount `json:"amount" min:"1" doc:"What moved, to be held against the order: paise."`
}

func recordOutcome(q *request, in outcome) (desk.RailOrder, error) {
	word := desk.OutcomeRequest{
		Order: in.ID, Outcome: rail.Outcome(in.Outcome), Code: in.Code, Reason: in.Reason, Reference: in.Proof, By: q.person(),
	}
	if in.Amount != nil {
		word.Amount = *in.Amount
	}
	return q.desk().RecordOutcome(q.Context(), q.book(), word)
}
