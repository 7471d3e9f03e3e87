package native

import (
	"strings"
	"time"

	"wapas/desk"
	"wapas/ledger"
	"wapas/rail"
)

// A clock is how a book tells the time.
type clock struct {
	Now    moment `json:"now"`
	Frozen bool   `json:"frozen" doc:"It stands still."`
	Ahead  int64  `json:"ahead" doc:"Seconds ahead of the real time; below zero behind it."`
}

// A scenario is how a tester wants things of a test book to end.
type scenario struct {
	ID        desk.ID       `json:"id" doc:"scn_ and 14 characters."`
	What      string        `json:"what,omitempty" doc:"What it is for; left out: anything."`
	Amount    ledger.Amount `json:"amount,omitempty" doc:"Of exactly this amount, in paise; left out: any."`
	Reference string        `json:"reference,omitempty" doc:"Of the caller's reference, or an id of ours; left out: any."`
	Outcome   string        `json:"outcome"`
	Code      string        `json:"code,omitempty" doc:"Why it is refused, in a word; of an OTP the password."`
	Reason    string        `json:"reason,omitempty"`
	After     int64         `json:"after,omitempty" doc:"Seconds of the book's time until its last word."`
	Times     int64         `json:"times,omitempty" doc:"How often it is played; left out: until it is ended."`
	Used      int64         `json:"used" doc:"How often it was."`
	CreatedAt moment        `json:"created_at"`
	EndedAt   moment        `json:"ended_at,omitempty"`
}

func wireScenario(s desk.Scenario) scenario {
	return scenario{s.ID, s.What, s.Amount, s.Ref, s.Outcome, s.Code, s.Reason, s.After, s.Times, s.Used, moment(s.CreatedAt), moment(s.EndedAt)}
}

func showScenario(_ *request, s desk.Scenario) (scenario, error) { return wireScenario(s), nil }

// A message is what a test book would have sent to a mobile.
type message struct {
	ID        desk.ID `json:"id" doc:"msg_ and 14 characters."`
	To        string  `json:"to"`
	Text      string  `json:"text" doc:"With the OTP in it."`
	State     string  `json:"state" enum:"waiting|sent|failed"`
	CreatedAt moment  `json:"created_at"`
}

func wireMessage(m desk.Message) message {
	return message{m.ID, m.To, m.Text, m.State, moment(m.CreatedAt)}
}

func sandboxRoutes() []route {
	otp := func(q *request, in newOTP) (otpSet, error) { return otpSet(in), nil }
	return under("Sandbox",
		read("/clock", "getClock", sandboxRead, "What the book's clock shows", getClock),
		act("POST /clock", "setClock", sandboxWrite, "Freeze, move, set or run a test book's clock", setClock,
			func(q *request, _ clockChange) (clock, error) { return getClock(q, nothing{}) }).sandbox().
			says("What has come due by then is done before the answer."),
		read("/scenarios", "listScenarios", sandboxRead, "List the scenarios that stand", listScenarios).says("Oldest first."),
		write("POST /scenarios", "setScenario", sandboxWrite, "Say how things are to end", setScenario, showScenario).created().sandbox().
			says("Of those that match, one with a reference is played before one with an amount, and among equals the one set last. Outcomes: "+strings.Join(rail.Scenarios, ", ")+"."),
		write("DELETE /scenarios/{scenario_id}", "endScenario", sandboxWrite, "Play a scenario no more", endScenario, showScenario),
		read("/inbox", "listInbox", sandboxRead, "What mobiles were sent: OTPs", listInbox).sandbox().says("Newest first."),
		act("PUT /otp", "setOTP", sandboxWrite, "Say which OTP a mobile is sent from now on", setOTP, otp).sandbox(),
		read("/sandbox/triggers", "listTriggers", sandboxRead, "List the events that can be made to happen", listTriggers),
		act("POST /sandbox/triggers/{event}", "triggerEvent", sandboxWrite, "Make an event really happen", triggerEvent, triggerEvent).sandbox().
			says("The way it happens in life: with the order, the payment and all else that leads to it. A repeat under the same key does nothing again."),
		write("POST /payments", "createPayment", sandboxWrite, "Make a captured payment to try things on", createPayment, showPayment).created().sandbox().
			says("With an order of its own, by UPI. Real payments are taken by a provider."),
	)
}

func getClock(q *request, _ nothing) (clock, error) {
	c, err := q.desk().Clock(q.Context(), q.book())
	return wireClock(c), err
}

func wireClock(c desk.ClockFace) clock {
	return clock{moment(c.Now), c.Frozen, int64(c.Ahead / time.Second)}
}

type clockChange struct {
	Do string `json:"do" enum:"freeze|move|set|run|real" doc:"Stand still (at a moment, if one is given); go seconds ahead; show a moment; run on; show the real time again."`
	At moment `json:"at,omitempty" doc:"Of freeze and set."`
	By int64  `json:"by,omitempty" min:"1" max:"315576000" doc:"Of move: seconds."`
}

func setClock(q *request, in clockChange) (clock, error) {
	c, err := q.desk().SetClock(q.Context(), q.book(), desk.ClockRequest{Do: in.Do, At: ledger.Time(in.At), By: seconds(in.By)})
	return wireClock(c), err
}

func listScenarios(q *request, in listing) (page[scenario], error) {
	return list(q, in, func(p *desk.Query) { p.Parent, p.Oldest = "open", true }, wireScenario)
}

type newScenario struct {
	What      string        `json:"what,omitempty" enum:"refund|payout|remittance|payment|otp"`
	Amount    ledger.Amount `json:"amount,omitempty" min:"1"`
	Reference string        `json:"reference,omitempty" len:"256"`
	Outcome   string        `json:"outcome" eg:"refused"`
	Code      string        `json:"code,omitempty" len:"40"`
	Reason    string        `json:"reason,omitempty"`
	After     int64         `json:"after,omitempty" min:"1"`
	Times     int64         `json:"times,omitempty" min:"1"`
}

func setScenario(q *request, in newScenario) (desk.Scenario, error) {
	return q.desk().SetScenario(q.Context(), q.book(), desk.ScenarioRequest{
		What: in.What, Amount: in.Amount, Ref: in.Reference, Outcome: in.Outcome, Code: in.Code, Reason: in.Reason, After: in.After, Times: in.Times,
	})
}

type scenarioPath struct {
	ID desk.ID `path:"scenario_id" form:"id" doc:"The scenario's id."`
}

func endScenario(q *request, in scenarioPath) (desk.Scenario, error) {
	return q.desk().EndScenario(q.Context(), q.book(), in.ID)
}

type inboxFilter struct {
	listing
	Mobile string `query:"mobile" len:"20" doc:"Only what went to this one."`
}

func listInbox(q *request, in inboxFilter) (page[message], error) {
	p, err := q.query(in.listing)
	if err != nil {
		return page[message]{}, err
	}
	all, err := q.desk().Inbox(q.Context(), q.book(), in.Mobile, desk.ID(p.After), p.Count)
	return paged(q, p, all, func(m desk.Message) string { return string(m.ID) }, wireMessage), err
}

type newOTP struct {
	Mobile string `json:"mobile" len:"20"`
	Code   string `json:"code,omitempty" len:"20" doc:"Six digits, random, none, or left out for 123456 again."`
}

type otpSet struct {
	Mobile string `json:"mobile" len:"20"`
	Code   string `json:"code,omitempty" len:"20"`
}

func setOTP(q *request, in newOTP) (otpSet, error) {
	return otpSet(in), q.desk().SetOTP(q.Context(), q.book(), in.Mobile, in.Code)
}

type newPayment struct {
	Amount   ledger.Amount `json:"amount" min:"100" doc:"Paise; at least a rupee."`
	Receipt  string        `json:"receipt,omitempty" len:"40" doc:"What you call the order."`
	Contact  string        `json:"contact,omitempty" form:"contact" doc:"Of who pays."`
	Email    string        `json:"email,omitempty" form:"email"`
	Customer desk.ID       `json:"customer_id,omitempty" form:"id"`
}

func showPayment(_ *request, p desk.Payment) (payment, error) { return wirePayment(p), nil }

// createPayment keeps the key with the payment, not with the order, which it
// makes first: an order that a broken call left behind is worth nothing.
func createPayment(q *request, in newPayment) (desk.Payment, error) {
	o, _, err := q.desk().CreateOrder(desk.Alone(q.Context()), q.book(), desk.OrderRequest{Amount: in.Amount, Receipt: in.Receipt, Capture: true})
	if err != nil {
		return desk.Payment{}, err
	}
	return q.desk().CreatePayment(q.Context(), q.book(), desk.PaymentRequest{
		Order: o.ID, Customer: in.Customer, Amount: in.Amount, Method: "upi", VPA: "success@razorpay", Contact: in.Contact, Email: in.Email,
	})
}
