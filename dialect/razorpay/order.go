package razorpay

import (
	"strconv"

	"wapas/desk"
	"wapas/ledger"
)

// The rules of orders' fields.
const (
	whyExpectedText  ledger.Why = "expected_text"
	whyCurrency      ledger.Why = "currency"
	whyNotesRequired ledger.Why = "notes_required"
)

// orderWire is the order entity. Transfers are a list in the answer to a
// create and a collection when they are asked for with expand.
type orderWire struct {
	ID        desk.ID                  `json:"id"`
	Entity    string                   `json:"entity"`
	Amount    ledger.Amount            `json:"amount"`
	Paid      ledger.Amount            `json:"amount_paid"`
	Due       ledger.Amount            `json:"amount_due"`
	Currency  string                   `json:"currency"`
	Receipt   *string                  `json:"receipt"`
	Offer     *string                  `json:"offer_id"` // always null: there are no offers
	Status    string                   `json:"status"`
	Attempts  int64                    `json:"attempts"`
	Notes     notesWire                `json:"notes"`
	CreatedAt int64                    `json:"created_at"`
	Transfers any                      `json:"transfers,omitempty"`
	Payments  *collection[paymentWire] `json:"payments,omitempty"`
	Account   *collection[empty]       `json:"virtual_account,omitempty"` // none: there are no virtual accounts
}

func wireOrder(x desk.Order) orderWire {
	return orderWire{
		ID: x.ID, Entity: "order", Amount: x.Amount, Paid: x.Paid, Due: x.Due(), Currency: inr, Receipt: orNull(x.Receipt),
		Status: x.Status, Attempts: x.Attempts, Notes: notesWire(x.Notes), CreatedAt: x.CreatedAt.Unix(),
	}
}

// inr is the one currency of these books.
const inr = "INR"

// currency reads a currency, which can only be INR; why is the rule that says
// so. It must be there if required.
func (f *fields) currency(name string, required bool, why ledger.Why) {
	if n, ok := f.value(name).(number); ok {
		f.refuseIn(name, whyExpectedText, string(n))
		return
	}
	if required {
		f.require(name)
	}
	if s := f.text(name, 255); s != "" && s != inr {
		f.refuseIn(name, why, s)
	}
}

// "Create an Order". Of the two ways to say when payments are captured,
// "payment" wins over the older payment_capture.
func (r *room) createOrder(q *request) (any, error) {
	b := q.body()
	var ask desk.OrderRequest
	b.require("amount")
	ask.Amount, _ = b.amount("amount")
	b.currency("currency", true, whyCurrency)
	ask.Receipt = b.text("receipt", 40)
	ask.Unique, _ = b.flag("unique_receipt")
	ask.Notes, _ = b.notes("notes")
	ask.Partial, _ = b.flag("partial_payment")
	ask.FirstMin, _ = b.amount("first_payment_min_amount")
	ask.Capture, _ = b.flag("payment_capture")
	b.captureOptions(&ask)
	ask.Transfers = readTransfers(b, false)
	if err := b.done(); err != nil {
		return nil, err
	}
	o, transfers, err := r.desk.CreateOrder(q.Context(), q.book(), ask)
	if err != nil {
		return nil, err
	}
	w := wireOrder(o)
	if o.HasTransfers {
		w.Transfers = collect(transfers, wireTransferMade).Items
	}
	return w, nil
}

// captureOptions reads the object "payment". An automatic_expiry_period of
// zero means that nothing is captured late.
func (f *fields) captureOptions(ask *desk.OrderRequest) {
	if !f.has("payment") {
		return
	}
	p := f.object("payment")
	p.require("capture")
	ask.Capture = p.one("capture", "automatic", "manual") == "automatic"
	if !p.has("capture_options") {
		return
	}
	o := p.object("capture_options")
	ask.AutoExpiry = o.minutes("automatic_expiry_period")
	ask.ManualExpiry = o.minutes("manual_expiry_period")
	ask.RefundSpeed = o.one("refund_speed", desk.Normal, desk.Optimum)
	switch {
	case ask.AutoExpiry != 0 && ask.AutoExpiry < desk.MinAutoExpiry:
		o.refuseIn("automatic_expiry_period", whyAtLeast, strconv.Itoa(desk.MinAutoExpiry))
	case ask.AutoExpiry > desk.MaxManualExpiry:
		o.refuseIn("automatic_expiry_period", whyAtMost, strconv.Itoa(desk.MaxManualExpiry))
	case ask.ManualExpiry != 0 && ask.ManualExpiry < max(ask.AutoExpiry, desk.MinAutoExpiry):
		o.refuseIn("manual_expiry_period", whyAtLeast, strconv.FormatInt(max(ask.AutoExpiry, desk.MinAutoExpiry), 10))
	case ask.ManualExpiry > desk.MaxManualExpiry:
		o.refuseIn("manual_expiry_period", whyAtMost, strconv.Itoa(desk.MaxManualExpiry))
	}
}

// minutes reads a whole number that is not negative.
func (f *fields) minutes(name string) int64 {
	n, ok := f.integer(name)
	if ok && n < 0 {
		f.refuseIn(name, whyAtLeast, "0")
	}
	return n
}

func (r *room) fetchOrder(q *request) (any, error) {
	x, err := q.expand(orderExpansions)
	if err != nil {
		return nil, err
	}
	o, err := desk.Find[desk.Order](q.Context(), r.desk, q.book(), q.id("order"))
	if err != nil {
		return nil, err
	}
	return r.expandOrder(q, o, x)
}

// orderExpansions are what may be seen in full of an order.
var orderExpansions = []string{"payments", "payments.card", "transfers", "virtual_account"}

func (r *room) expandOrder(q *request, o desk.Order, x expansion) (orderWire, error) {
	w := wireOrder(o)
	if x["payments"] || x["payments.card"] {
		ps, err := r.paymentsOf(q, o.ID, desk.Query{Count: maxPage})
		if err != nil {
			return w, err
		}
		all := collect(ps, wirePayment)
		for i, p := range ps {
			if x["payments.card"] {
				all.Items[i].Card = wireCard(p)
			}
		}
		w.Payments = &all
	}
	if x["transfers"] {
		ts, err := r.transfersOf(q, o)
		if err != nil {
			return w, err
		}
		w.Transfers = collect(ts, wireTransfer)
	}
	return w, nil
}

// transfersOf are the transfers of an order: those that wait for it to be
// paid, and those that were made of the payments that paid it.
func (r *room) transfersOf(q *request, o desk.Order) ([]desk.Transfer, error) {
	return desk.List[desk.Transfer](q.Context(), r.desk, desk.Query{
		Book: q.book(), Where: map[string]string{"source": string(o.ID)}, Count: maxPage,
	})
}

// "Fetch All Orders". Authorized asks whether a payment of the order was ever
// authorised.
func (r *room) listOrders(q *request) (any, error) {
	page, err := q.page()
	if err != nil {
		return nil, err
	}
	x, err := q.expand(orderExpansions)
	if err != nil {
		return nil, err
	}
	f := q.query()
	page.Where = map[string]string{}
	if yes, ok := f.flag("authorized"); ok {
		page.Where["authorized"] = strconv.FormatBool(yes)
	}
	if s := f.text("receipt", 40); s != "" {
		page.Where["receipt"] = s
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	rows, err := desk.List[desk.Order](q.Context(), r.desk, page)
	if err != nil {
		return nil, err
	}
	all := collection[orderWire]{Entity: "collection", Count: len(rows), Items: make([]orderWire, len(rows))}
	for i, o := range rows {
		if all.Items[i], err = r.expandOrder(q, o, x); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// "Update an Order": notes only.
func (r *room) editOrder(q *request) (any, error) {
	notes, err := q.newNotes()
	if err != nil {
		return nil, err
	}
	o, err := r.desk.EditOrder(q.Context(), q.book(), q.id("order"), notes)
	if err != nil {
		return nil, err
	}
	return wireOrder(o), nil
}

// newNotes reads the body of an edit that changes notes and nothing else.
func (q *request) newNotes() (desk.Notes, error) {
	b := q.body()
	if !b.sent("notes") {
		b.refuseIn("notes", whyNotesRequired, "")
	}
	notes, _ := b.notes("notes")
	return notes, b.done()
}

// "Fetch Payments for an Order": the oldest first, unlike every other list.
func (r *room) listOrderPayments(q *request) (any, error) {
	page, err := q.page()
	if err != nil {
		return nil, err
	}
	if _, err := desk.Find[desk.Order](q.Context(), r.desk, q.book(), q.id("order")); err != nil {
		return nil, err
	}
	ps, err := r.paymentsOf(q, q.id("order"), page)
	if err != nil {
		return nil, err
	}
	return collect(ps, wirePayment), nil
}

func (r *room) paymentsOf(q *request, order desk.ID, page desk.Query) ([]desk.Payment, error) {
	page.Book, page.Parent, page.Oldest = q.book(), order, true
	return desk.List[desk.Payment](q.Context(), r.desk, page)
}
