package native

import (
	"strconv"

	"wapas/desk"
	"wapas/ledger"
)

// A refund is the same thing whichever room it came through.
type refund struct {
	ID          desk.ID       `json:"id" doc:"rfnd_ and 14 characters." eg:"rfnd_QgC3wXR2Q77wDN"`
	Room        string        `json:"room" enum:"razorpay|engage|phonepe|eko|native|console" doc:"The API it was asked for through, or the console."`
	Amount      ledger.Amount `json:"amount" doc:"Paise."`
	Cashback    ledger.Amount `json:"cashback,omitempty" doc:"Of amount: what goes back to a wallet as cashback."`
	To          string        `json:"to" enum:"source|wallet|credit|agent" doc:"Where it goes: the way the payment came, the wallet that paid, store credit, or an agent's value."`
	State       string        `json:"state" enum:"pending|done|failed" doc:"pending is accepted and not final; done may still come back, which is an exception."`
	PaymentID   desk.ID       `json:"payment_id,omitempty" doc:"The payment it is of, if it is of one of this book."`
	OrderID     desk.ID       `json:"order_id,omitempty" doc:"That payment's order."`
	HolderID    desk.ID       `json:"holder_id,omitempty" doc:"The member or agent it was given to."`
	Speed       string        `json:"speed" enum:"normal|optimum" doc:"What was asked for."`
	SpeedDone   string        `json:"speed_done" enum:"normal|instant" doc:"What it had, or will have."`
	Reference   string        `json:"reference,omitempty" doc:"The caller's own, as it was given: of a Razorpay refund its receipt."`
	Proof       string        `json:"proof,omitempty" doc:"The bank's number for it, once it is known."`
	ProofKind   string        `json:"proof_kind,omitempty" doc:"What proof is or will be: arn, rrn or utr."`
	Reason      string        `json:"reason,omitempty" doc:"Why it failed."`
	Fee         ledger.Amount `json:"fee,omitempty" doc:"Of an instant refund, with its tax."`
	Tax         ledger.Amount `json:"tax,omitempty" doc:"Of fee: the tax."`
	RetryOf     desk.ID       `json:"retry_of,omitempty" doc:"The refund that failed, which this one tries again."`
	ReverseAll  bool          `json:"reverse_all" doc:"The payment's transfers were pulled back first."`
	FromCredits bool          `json:"from_credits" doc:"It was taken from the merchant's refund credits."`
	Uncaptured  bool          `json:"uncaptured" doc:"Its payment was never captured: the merchant's balance is not touched."`
	Notes       labels        `json:"notes" doc:"The caller's labels."`
	CreatedAt   moment        `json:"created_at"`
	ProcessedAt moment        `json:"processed_at,omitempty" doc:"When it was done."`
}

func showRefund(_ *request, x desk.Refund) (refund, error) { return wireRefund(x), nil }

func wireRefund(x desk.Refund) refund {
	return refund{
		ID: x.ID, Room: roomOf(x.Room), Amount: x.Amount, Cashback: x.Promo, To: x.To, State: x.State,
		PaymentID: x.Payment, OrderID: x.Order, HolderID: x.Holder, Speed: x.Speed, SpeedDone: x.Done,
		Reference: x.Receipt, Proof: x.Reference, ProofKind: x.Proof, Reason: x.Reason, Fee: x.Fee, Tax: x.Tax,
		RetryOf: x.Again, ReverseAll: x.ReverseAll, FromCredits: x.Credits, Uncaptured: x.Unsettled, Notes: labels(x.Notes),
		CreatedAt: moment(x.CreatedAt), ProcessedAt: moment(x.ProcessedAt),
	}
}

// roomOf is the name of a room: the books leave out Razorpay's, which was the
// first.
func roomOf(room string) string {
	if room == "" {
		return "razorpay"
	}
	return room
}

// roomIn is roomOf backwards.
func roomIn(room string) string {
	if room == "razorpay" {
		return ""
	}
	return room
}

func refundRoutes() []route {
	return under("Refunds",
		read("/refunds", "listRefunds", refundRead, "List refunds of every room", listRefunds).
			says("Newest first. state, room, payment_id, order_id and holder_id are found by an index, the rest while walking."),
		read("/refunds/search", "searchRefunds", refundRead, "Find refunds by what a customer reads out", searchRefunds).
			says("An id (of a refund, payment, order, customer, member, agent, credit, reversal or remittance), an order's receipt, the caller's own reference, a bank's number (ARN, RRN, UTR) of the refund or the payment, a phone number, an e-mail address. At most 100, newest first."),
		write("POST /refunds", "createRefund", refundWrite, "Give money of a payment back", createRefund, showRefund).money().created().
			says("To the source, or to the wallet that paid; or, with to credit, as store credit to a member. All of it counts against what may be given back of the payment."),
		read("/refunds/{refund_id}", "getRefund", refundRead, "Read a refund", getRefund),
		write("PATCH /refunds/{refund_id}", "editRefund", refundWrite, "Replace a refund's notes", editRefund, showRefund),
		read("/refunds/{refund_id}/timeline", "getRefundTimeline", refundRead, "Read a refund with all that it caused", getTimeline),
		act("POST /refunds/{refund_id}/link", "linkRefund", refundWrite, "Make a link that shows the customer how a refund is getting on", linkRefund, linkRefund).created().
			says("Whoever has it can open it, without a login, until it expires: it shows the amount, where it goes (masked), its steps, the bank's number and by when it should be there, and nothing else. A repeat makes another one, which is as good."),
	)
}

type refundPath struct {
	ID desk.ID `path:"refund_id" form:"id" doc:"The refund's id."`
}

type refundFilter struct {
	listing
	State   string        `query:"state" enum:"pending|done|failed" doc:"Only those in this state."`
	Room    string        `query:"room" enum:"razorpay|engage|phonepe|eko|native|console" doc:"Only those of this room."`
	To      string        `query:"to" enum:"source|wallet|credit|agent" doc:"Only those that go there."`
	Payment desk.ID       `query:"payment_id" form:"id" doc:"Only those of this payment."`
	Order   desk.ID       `query:"order_id" form:"id" doc:"Only those of this order."`
	Holder  desk.ID       `query:"holder_id" form:"id" doc:"Only those given to this member or agent."`
	Amount  ledger.Amount `query:"amount" min:"1" doc:"Only those of exactly this amount, in paise."`
	Since   moment        `query:"created_from" doc:"Only those made at or after this moment."`
	Until   moment        `query:"created_to" doc:"Only those made at or before this moment."`
}

func listRefunds(q *request, in refundFilter) (page[refund], error) {
	return list(q, in.listing, func(p *desk.Query) {
		p.Parent, p.From, p.To = in.Payment, ledger.Time(in.Since), ledger.Time(in.Until)
		p.Where = map[string]string{}
		for col, val := range map[string]string{
			"state": in.State, "destination": in.To, "order_id": string(in.Order), "holder": string(in.Holder),
		} {
			if val != "" {
				p.Where[col] = val
			}
		}
		if in.Room != "" {
			p.Where["room"] = roomIn(in.Room)
		}
		if in.Amount != 0 {
			p.Where["amount"] = strconv.FormatInt(int64(in.Amount), 10)
		}
	}, wireRefund)
}

type refundSearch struct {
	Text string `query:"q,required" len:"100" doc:"What was read out."`
}

func searchRefunds(q *request, in refundSearch) (page[refund], error) {
	found, err := q.desk().Search(q.Context(), q.book(), in.Text)
	out := page[refund]{Items: make([]refund, len(found))}
	for i, x := range found {
		out.Items[i] = wireRefund(x)
	}
	return out, err
}

func getRefund(q *request, in refundPath) (refund, error) {
	x, err := desk.Find[desk.Refund](q.Context(), q.desk(), q.book(), in.ID)
	return wireRefund(x), err
}

// A newRefund asks for a refund.
type newRefund struct {
	Payment    desk.ID        `json:"payment_id" form:"id" doc:"The payment to give back."`
	Amount     *ledger.Amount `json:"amount,omitempty" min:"1" doc:"Paise; all that is left of the payment if it is not given."`
	To         string         `json:"to,omitempty" enum:"source|wallet|credit" doc:"Where to; the way the payment came if it is not given. To credit needs member and reference."`
	Speed      string         `json:"speed,omitempty" enum:"normal|optimum" doc:"optimum is instant if it can be; normal if it is not given."`
	Reference  string         `json:"reference,omitempty" doc:"Your own; once for each payment. A credit's is its key, for good."`
	ReverseAll bool           `json:"reverse_all,omitempty" doc:"Pull the payment's transfers back first."`
	Notes      labels         `json:"notes,omitempty" doc:"Your labels: up to 15 texts."`
	Outcome    string         `json:"outcome,omitempty" doc:"In a test book: how the simulated rail is to end it."`
	Member     *creditor      `json:"member,omitempty" doc:"Who is given store credit."`
}

// A creditor is whom store credit is given to.
type creditor struct {
	Partner string `json:"partner_user_id" doc:"What you call the customer."`
	Contact string `json:"contact" doc:"Ten digits." eg:"9876543210"`
	Email   string `json:"email,omitempty" form:"email" len:"254" doc:"The customer's."`
}

// whyDestination is the rule of a refund's destination: Invalid, the payment did
// not come from there.
const whyDestination ledger.Why = "destination"

func createRefund(q *request, in newRefund) (desk.Refund, error) {
	if in.To == "credit" {
		return creditPayment(q, in)
	}
	if in.To != "" {
		p, err := desk.Find[desk.Payment](q.Context(), q.desk(), q.book(), in.Payment)
		if err != nil {
			return desk.Refund{}, err
		}
		if came := cameFrom(p); in.To != came {
			return desk.Refund{}, ledger.Refuse(ledger.Invalid, whyDestination, "%s goes back to its %s", p.ID, came).In("to")
		}
	}
	return q.desk().Refund(q.Context(), q.book(), q.refund(in))
}

// refund is what the desk is asked for.
func (q *request) refund(in newRefund) desk.RefundRequest {
	ask := desk.RefundRequest{
		Payment: in.Payment, Full: in.Amount == nil, Speed: in.Speed, Receipt: in.Reference, ReverseAll: in.ReverseAll,
		Notes: desk.Notes(in.Notes), Outcome: in.Outcome,
	}
	ask.Called.Room, ask.Called.Ref = Room, in.Reference
	if in.Amount != nil {
		ask.Amount = *in.Amount
	}
	return ask
}

func cameFrom(p desk.Payment) string {
	if p.Method == "wallet" && p.Wallet == "openwallet" {
		return "wallet"
	}
	return "source"
}

// creditPayment gives a payment's money back as store credit. The programme
// must count it against the payment: otherwise the same money could be given
// back once more.
func creditPayment(q *request, in newRefund) (desk.Refund, error) {
	var bad faults
	switch {
	case in.Member == nil:
		bad.add("member", "is required to give credit")
	case in.Reference == "":
		bad.add("reference", "is required to give credit")
	case in.Amount == nil:
		bad.add("amount", "is required to give credit")
	case in.ReverseAll || in.Speed != "" || in.Outcome != "":
		bad.add("to", "credit is given at once, and by no rail")
	}
	if len(bad) > 0 {
		return desk.Refund{}, bad
	}
	p, err := desk.Find[desk.Payment](q.Context(), q.desk(), q.book(), in.Payment)
	if err != nil {
		return desk.Refund{}, err
	}
	x, err := q.desk().LoadCredit(q.Context(), q.book(), desk.CreditRequest{
		Partner: in.Member.Partner, Contact: in.Member.Contact, Email: in.Member.Email, Amount: *in.Amount,
		Purpose: desk.CreditRefund, Reference: in.Reference, Order: string(p.Order), Payment: p.ID, Notes: desk.Notes(in.Notes), Room: Room,
	})
	if err != nil {
		return desk.Refund{}, err
	}
	return desk.Find[desk.Refund](q.Context(), q.desk(), q.book(), x.Refund())
}

type refundEdit struct {
	refundPath
	Notes labels `json:"notes" doc:"The labels that take the place of those there are."`
}

func editRefund(q *request, in refundEdit) (desk.Refund, error) {
	return q.desk().EditRefund(q.Context(), q.book(), in.ID, desk.Notes(in.Notes))
}
