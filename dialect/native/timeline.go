package native

import (
	"cmp"
	"slices"
	"strconv"

	"wapas/desk"
	"wapas/ledger"
)

// A timeline is a refund with all that it caused.
type timeline struct {
	Refund     refund      `json:"refund"`
	Payment    *payment    `json:"payment,omitempty" doc:"The payment it is of."`
	Order      *order      `json:"order,omitempty" doc:"That payment's order."`
	RailOrder  *railOrder  `json:"rail_order,omitempty" doc:"What a rail, or a person, was asked to move."`
	Credit     *credit     `json:"credit,omitempty" doc:"The store credit it was given as."`
	Names      []string    `json:"names" doc:"What the callers of its room call it."`
	Steps      []step      `json:"steps" doc:"What happened, in order."`
	Reversals  []reversal  `json:"reversals" doc:"What it pulled back first."`
	Entries    []entry     `json:"entries" doc:"What it did to the books, the reversals' entries among it."`
	Events     []event     `json:"events" doc:"What was announced of it."`
	Deliveries []delivery  `json:"deliveries" doc:"Who was told, and whether they heard."`
	Exceptions []exception `json:"exceptions" doc:"What was put before a person."`
	Clocks     []clockRun  `json:"clocks" doc:"How long it may take by law."`
}

// A step is something that happened to a refund.
type step struct {
	At   moment `json:"at" doc:"The book's time."`
	What string `json:"what" enum:"requested|booked|sent|asked|word|processed|failed|told|exception|dealt_with" doc:"What sort of step it is."`
	Text string `json:"text" doc:"In words, for people."`
	// Of is what can be looked up.
	Of string `json:"of,omitempty" doc:"An entry's number, a bank's number, an endpoint or an exception."`
}

// A payment is what a refund is of.
type payment struct {
	ID            desk.ID       `json:"id" doc:"pay_ and 14 characters."`
	OrderID       desk.ID       `json:"order_id,omitempty"`
	CustomerID    desk.ID       `json:"customer_id,omitempty"`
	Amount        ledger.Amount `json:"amount" doc:"Paise."`
	Status        string        `json:"status" enum:"created|authorized|captured|refunded|failed"`
	Method        string        `json:"method" doc:"card, upi, netbanking or wallet." eg:"upi"`
	Provider      string        `json:"provider" doc:"Who captured it."`
	Proof         string        `json:"proof,omitempty" doc:"The bank's number for it: RRN, UTR or authorisation code."`
	Contact       string        `json:"contact,omitempty"`
	Email         string        `json:"email,omitempty"`
	Refunded      ledger.Amount `json:"refunded" doc:"Given back, over every channel."`
	RefundPending ledger.Amount `json:"refund_pending" doc:"Accepted to be given back, not final."`
	Disputed      ledger.Amount `json:"disputed" doc:"Disputes that are open or lost."`
	Left          ledger.Amount `json:"left" doc:"What may still be given back."`
	CreatedAt     moment        `json:"created_at"`
	CapturedAt    moment        `json:"captured_at,omitempty"`
}

func wirePayment(p desk.Payment) payment {
	return payment{
		ID: p.ID, OrderID: p.Order, CustomerID: p.Customer, Amount: p.Amount, Status: p.Status, Method: p.Method, Provider: p.Provider,
		Proof: p.Reference, Contact: p.Contact, Email: p.Email, Refunded: p.Refunded, RefundPending: p.RefundPending,
		Disputed: p.Disputed, Left: p.Budget().Left(), CreatedAt: moment(p.CreatedAt), CapturedAt: moment(p.CapturedAt),
	}
}

// An order is what a customer was asked to pay.
type order struct {
	ID        desk.ID       `json:"id" doc:"order_ and 14 characters."`
	Amount    ledger.Amount `json:"amount" doc:"Paise."`
	Paid      ledger.Amount `json:"paid" doc:"Captured."`
	Refunded  ledger.Amount `json:"refunded" doc:"Pending and done, over every payment and channel."`
	Receipt   string        `json:"receipt,omitempty" doc:"What the merchant calls it."`
	Status    string        `json:"status" enum:"created|attempted|paid"`
	Notes     labels        `json:"notes"`
	CreatedAt moment        `json:"created_at"`
}

func wireOrder(o desk.Order) order {
	return order{ID: o.ID, Amount: o.Amount, Paid: o.Paid, Refunded: o.Refunded, Receipt: o.Receipt, Status: o.Status, Notes: labels(o.Notes), CreatedAt: moment(o.CreatedAt)}
}

// A reversal is a part of a transfer that was pulled back.
type reversal struct {
	ID         desk.ID       `json:"id" doc:"rvrsl_ and 14 characters."`
	TransferID desk.ID       `json:"transfer_id"`
	Amount     ledger.Amount `json:"amount" doc:"Paise."`
	CreatedAt  moment        `json:"created_at"`
}

func wireReversal(x desk.Reversal) reversal {
	return reversal{x.ID, x.Transfer, x.Amount, moment(x.CreatedAt)}
}

// A clockRun is a time that the law allows, for a refund.
type clockRun struct {
	ID      desk.ID       `json:"id" doc:"tat_ and 14 characters."`
	Rule    string        `json:"rule" eg:"UPI_P2M"`
	State   string        `json:"state"`
	Late    int64         `json:"late" doc:"Days."`
	Accrued ledger.Amount `json:"accrued" doc:"Compensation, in paise."`
}

func getTimeline(q *request, in refundPath) (timeline, error) {
	t, err := q.desk().Timeline(q.Context(), q.book(), in.ID)
	if err != nil {
		return timeline{}, err
	}
	out := timeline{
		Refund: wireRefund(t.Refund), Names: []string{}, Steps: steps(t), Reversals: each(t.Reversals, wireReversal),
		Entries: each(t.Entries, wireEntry), Events: each(t.Events, wireEvent), Deliveries: each(t.Deliveries, wireDelivery),
		Exceptions: each(t.Exceptions, wireException), Clocks: each(t.Clocks, func(c desk.TAT) clockRun {
			return clockRun{c.ID, c.Rule, string(c.State), c.Late, c.Accrued}
		}),
	}
	if t.Payment != nil {
		p := wirePayment(*t.Payment)
		out.Payment = &p
	}
	if t.Order != nil {
		o := wireOrder(*t.Order)
		out.Order = &o
	}
	if t.Rail != nil {
		o := wireRailOrder(*t.Rail)
		out.RailOrder = &o
	}
	if t.Credit != nil {
		x := wireCredit(*t.Credit)
		out.Credit = &x
	}
	for _, h := range t.Handles {
		out.Names = append(out.Names, string(h.ID))
	}
	return out, nil
}

// each shows all of a list, which is never null.
func each[R, T any](rows []R, show func(R) T) []T {
	out := make([]T, len(rows))
	for i, r := range rows {
		out[i] = show(r)
	}
	return out
}

// steps tell a refund's story in the order of its moments.
func steps(t desk.Timeline) []step {
	x := t.Refund
	all := []step{{moment(x.CreatedAt), "requested", x.Amount.String() + " rupees to " + x.To + ", through " + roomOf(x.Room), ""}}
	for _, e := range t.Entries {
		all = append(all, step{moment(e.At), "booked", string(e.Reason), strconv.FormatInt(e.No, 10)})
	}
	if o := t.Rail; o != nil {
		if o.SentAt != 0 {
			all = append(all, step{moment(o.SentAt), "sent", "by " + o.Rail + " to " + o.To, ""})
		}
		if o.HeardAt != 0 && o.HeardAt != o.EndedAt {
			all = append(all, step{moment(o.HeardAt), "asked", o.Rail + ": " + o.State, ""})
		}
		if o.EndedAt != 0 && o.By != "" {
			all = append(all, step{moment(o.EndedAt), "word", o.By + " said " + o.State, ""})
		}
	}
	for _, w := range t.Words {
		all = append(all, step{moment(w.CreatedAt), "word", w.By + " said " + w.Outcome, string(w.ID)})
	}
	for _, e := range t.Exceptions {
		all = append(all, step{moment(e.CreatedAt), "exception", e.Detail, string(e.ID)})
		if e.ClosedAt != 0 {
			all = append(all, step{moment(e.ClosedAt), "dealt_with", e.What, string(e.ID)})
		}
	}
	switch {
	case x.State == "done" && x.Reference != "":
		all = append(all, step{moment(x.ProcessedAt), "processed", x.Proof, x.Reference})
	case x.State == "done":
		all = append(all, step{moment(x.ProcessedAt), "processed", "at once", ""})
	case x.State == "failed" && t.Rail != nil:
		all = append(all, step{moment(t.Rail.EndedAt), "failed", x.Reason, ""})
	}
	for _, d := range t.Deliveries {
		if d.State == desk.DeliveryDelivered {
			all = append(all, step{moment(d.EndedAt), "told", d.Name, string(d.Endpoint)})
		}
	}
	slices.SortStableFunc(all, func(a, b step) int { return cmp.Compare(a.At, b.At) })
	return all
}
