package razorpay

import (
	"strings"

	"wapas/desk"
	"wapas/dialect"
	"wapas/ledger"
)

// What a linked account sees as its payments are the transfers it received:
// "Fetch Payments of a Linked Account". Their ids are those of the transfers
// with the prefix of a payment, so that nothing need be kept for them.

// wireReceived is a transfer as the account that received it sees it.
func wireReceived(x desk.Transfer) paymentWire {
	w := paymentWire{
		ID: receivedID(x.ID), Entity: "payment", Amount: x.Amount, Currency: inr, Status: desk.PaymentCaptured, Method: "transfer",
		Refunded: x.Reversed, Captured: true, Notes: notesWire(sharedNotes(x)), Fee: new(ledger.Amount), Tax: new(ledger.Amount),
		Acquirer: empty{}, CreatedAt: x.CreatedAt.Unix(),
	}
	switch x.Reversed {
	case 0:
	case x.Amount:
		w.Status, w.RefundStatus = desk.PaymentRefunded, orNull("full")
	default:
		w.RefundStatus = orNull("partial")
	}
	return w
}

func receivedID(transfer desk.ID) desk.ID {
	return "pay_" + desk.ID(strings.TrimPrefix(string(transfer), "trf_"))
}

// sharedNotes are those of a transfer's notes that the linked account may see.
func sharedNotes(x desk.Transfer) desk.Notes {
	if x.Notes == "" || x.LinkedNotes == "" {
		return ""
	}
	notes, err := dialect.ParseJSON([]byte(x.Notes))
	if err != nil {
		return ""
	}
	shown, err := dialect.ParseJSON([]byte(x.LinkedNotes))
	if err != nil {
		return ""
	}
	o := &object{Vals: map[string]value{}}
	keys, _ := shown.(list)
	for _, k := range keys {
		name, _ := k.(text)
		if v, ok := notes.(*object).Vals[string(name)]; ok {
			o.Keys = append(o.Keys, string(name))
			o.Vals[string(name)] = v
		}
	}
	if len(o.Keys) == 0 {
		return ""
	}
	return desk.Notes(dialect.WriteJSON(o))
}

func (r *room) listReceived(q *request, page desk.Query) (any, error) {
	page.Where = map[string]string{"recipient": string(q.linked)}
	rows, err := desk.List[desk.Transfer](q.Context(), r.desk, page)
	if err != nil {
		return nil, err
	}
	made := rows[:0]
	for _, t := range rows {
		if t.ProcessedAt != 0 {
			made = append(made, t)
		}
	}
	return collect(made, wireReceived), nil
}

func (r *room) fetchReceived(q *request) (any, error) {
	id := "trf_" + desk.ID(strings.TrimPrefix(string(q.id("pay")), "pay_"))
	t, err := desk.Find[desk.Transfer](q.Context(), r.desk, q.book(), id)
	if err != nil {
		return nil, err
	}
	if t.Recipient != q.linked || t.ProcessedAt == 0 {
		return nil, ledger.Refuse(ledger.NotFound, desk.WhyUnknownID, "%s", q.id("pay"))
	}
	return wireReceived(t), nil
}
