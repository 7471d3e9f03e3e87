package razorpay

import (
	"strconv"
	"strings"

	"wapas/desk"
	"wapas/ledger"
)

// The rules of this room about settlements.
const (
	whyYear  ledger.Why = "recon_year"
	whyMonth ledger.Why = "recon_month"
	whyDay   ledger.Why = "recon_day"
)

// A settlementWire is a settlement.
type settlementWire struct {
	ID        desk.ID       `json:"id"`
	Entity    string        `json:"entity"`
	Amount    ledger.Amount `json:"amount"`
	Status    string        `json:"status"`
	Fees      ledger.Amount `json:"fees"` // of what it covers; they were taken before
	Tax       ledger.Amount `json:"tax"`
	UTR       *string       `json:"utr"`
	CreatedAt int64         `json:"created_at"`
}

func wireSettlement(s desk.Settlement) settlementWire {
	return settlementWire{s.ID, "settlement", s.Amount, s.State, s.Fee, s.Tax, orNull(s.UTR), s.CreatedAt.Unix()}
}

// holder is the account whose settlements and webhooks the caller means: the
// linked account it speaks for, or the merchant's own.
func (q *request) holder() desk.ID {
	if q.linked != "" {
		return q.linked
	}
	return "acc_" + q.caller.Merchant
}

// listSettlements: "Fetch all settlements".
func (r *room) listSettlements(q *request) (any, error) { return listHeld(r, q, false, wireSettlement) }

// listHeld reads a page of the holder's settlements of one sort.
func listHeld[W any](r *room, q *request, onDemand bool, wire func(desk.Settlement) W) (any, error) {
	p, err := q.page()
	if err != nil {
		return nil, err
	}
	p.Parent = q.holder()
	p.Where = map[string]string{"on_demand": strconv.FormatBool(onDemand)}
	all, err := desk.List[desk.Settlement](q.Context(), r.desk, p)
	if err != nil {
		return nil, err
	}
	return collect(all, wire), nil
}

// settlement is the holder's settlement with this id.
func (r *room) settlement(q *request, id desk.ID) (desk.Settlement, error) {
	s, err := desk.Find[desk.Settlement](q.Context(), r.desk, q.book(), id)
	if err == nil && q.linked != "" && s.Account != q.linked {
		err = ledger.Refuse(ledger.NotFound, desk.WhyUnknownID, "%s", id)
	}
	return s, err
}

// fetchSettlement: "Fetch a settlement". A merchant may also look at those of
// its linked accounts.
func (r *room) fetchSettlement(q *request) (any, error) {
	s, err := r.settlement(q, q.id("setl"))
	if err != nil {
		return nil, err
	}
	return wireSettlement(s), nil
}

// A reconWire is one line of the settlement report. It has no id of its own.
type reconWire struct {
	EntityID    desk.ID       `json:"entity_id"`
	Type        string        `json:"type"`
	Debit       ledger.Amount `json:"debit"`
	Credit      ledger.Amount `json:"credit"`
	Amount      ledger.Amount `json:"amount"`
	Currency    string        `json:"currency"`
	Fee         ledger.Amount `json:"fee"`
	Tax         ledger.Amount `json:"tax"`
	OnHold      bool          `json:"on_hold"`
	Settled     bool          `json:"settled"`
	CreatedAt   int64         `json:"created_at"`
	SettledAt   int64         `json:"settled_at"`
	Settlement  desk.ID       `json:"settlement_id"`
	PostedAt    *int64        `json:"posted_at"` // always null
	CreditType  string        `json:"credit_type"`
	Description *string       `json:"description"`
	Notes       *string       `json:"notes"` // as a text
	Payment     *desk.ID      `json:"payment_id"`
	UTR         *string       `json:"settlement_utr"`
	Order       *desk.ID      `json:"order_id"`
	Receipt     *string       `json:"order_receipt"`
	Method      *string       `json:"method"`
	CardNetwork *string       `json:"card_network"`
	CardIssuer  *string       `json:"card_issuer"`
	CardType    *string       `json:"card_type"`
	Dispute     *desk.ID      `json:"dispute_id"`
}

func wireRecon(l desk.Covered) reconWire {
	fee, tax := l.Fee()
	w := reconWire{
		EntityID: l.Cause, Type: l.Type, Amount: l.Amount, Currency: inr, Fee: fee, Tax: tax, Settled: true,
		CreatedAt: l.At.Unix(), SettledAt: l.Settlement.CreatedAt.Unix(), Settlement: l.Settlement.ID,
		CreditType: "default", UTR: orNull(l.Settlement.UTR),
	}
	if l.Side == ledger.Credit {
		w.Credit = l.Amount
	} else {
		w.Debit = l.Amount
	}
	if p := l.Payment; p != nil {
		w.Method = orNull(p.Method)
		w.CardNetwork, w.CardIssuer, w.CardType = orNull(p.CardNetwork), orNull(p.CardIssuer), orNull(p.CardType)
		if l.Order != nil {
			w.Order, w.Receipt = &l.Order.ID, orNull(l.Order.Receipt)
		}
		if l.Type != "payment" {
			w.Payment = &p.ID
		}
	}
	switch {
	case l.Type == "payment" && l.Payment != nil:
		w.Amount, w.Description, w.Notes = l.Payment.Amount, orNull(l.Payment.Description), notesText(l.Payment.Notes)
	case l.Type == "refund" && l.Refund != nil:
		w.Amount, w.Notes = l.Refund.Amount, notesText(l.Refund.Notes)
	case l.Type == "transfer" && l.Transfer != nil:
		// The report's sample knows a transfer's payment and nothing more of it.
		w.Amount, w.OnHold = l.Transfer.Amount, l.Transfer.OnHold
		w.Order, w.Receipt, w.Method, w.CardNetwork, w.CardIssuer, w.CardType = nil, nil, nil, nil, nil, nil
	case l.Cause.Prefix() == "disp":
		w.Dispute = &l.Cause
	}
	return w
}

// notesText is how the report writes notes: as a text that holds an object.
func notesText(n desk.Notes) *string {
	s := string(n)
	if s == "" {
		s = "{}"
	}
	return &s
}

// maxRecon is the longest page of the report.
const maxRecon = 1000

// reconcile: "Settlement recon": what was settled on a day or in a month.
func (r *room) reconcile(q *request) (any, error) {
	f := q.query()
	f.require("year", "month")
	year, month, day := f.text("year", 255), f.text("month", 255), f.text("day", 255)
	y, ok := digits(year)
	if !ok || len(year) != 4 {
		f.refuseIn("year", whyYear, "")
	}
	m, ok := digits(month)
	if !ok || len(month) > 2 || m < 1 || m > 12 {
		f.refuseIn("month", whyMonth, "")
	}
	var d int64
	if day != "" {
		if d, ok = digits(day); !ok || len(day) > 2 || strings.HasPrefix(day, "-") || d < 1 || d > 31 {
			f.refuseIn("day", whyDay, "")
		}
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	p, err := q.pageOf(maxRecon)
	if err != nil {
		return nil, err
	}
	var lines []desk.Covered
	if q.linked == "" { // the lines of a linked account's settlement are its transfers
		lines, err = r.desk.Reconcile(q.Context(), desk.Recon{
			Book: q.book(), Year: int(y), Month: int(m), Day: int(d), Skip: p.Skip, Count: p.Count,
		})
	}
	if err != nil {
		return nil, err
	}
	return collect(lines, wireRecon), nil
}

// An ondemandWire is a settlement on demand.
type ondemandWire struct {
	ID          desk.ID                         `json:"id"`
	Entity      string                          `json:"entity"`
	Requested   ledger.Amount                   `json:"amount_requested"`
	Settled     ledger.Amount                   `json:"amount_settled"`
	Pending     ledger.Amount                   `json:"amount_pending"`
	Reversed    ledger.Amount                   `json:"amount_reversed"`
	Fees        ledger.Amount                   `json:"fees"`
	Tax         ledger.Amount                   `json:"tax"`
	Currency    string                          `json:"currency"`
	Full        bool                            `json:"settle_full_balance"`
	Status      string                          `json:"status"`
	Description *string                         `json:"description"`
	Notes       notesWire                       `json:"notes"`
	CreatedAt   int64                           `json:"created_at"`
	Scheduled   *bool                           `json:"scheduled,omitempty"`        // not in the answer to its making
	Payouts     *collection[ondemandPayoutWire] `json:"ondemand_payouts,omitempty"` // in that answer, and asked for with expand
}

// An ondemandPayoutWire is how it is paid out: all at once.
type ondemandPayoutWire struct {
	ID          string         `json:"id"`
	Entity      string         `json:"entity"`
	InitiatedAt *int64         `json:"initiated_at"`
	ProcessedAt *int64         `json:"processed_at"`
	ReversedAt  *int64         `json:"reversed_at"`
	Amount      ledger.Amount  `json:"amount"`
	Settled     *ledger.Amount `json:"amount_settled"`
	Fees        ledger.Amount  `json:"fees"`
	Tax         ledger.Amount  `json:"tax"`
	UTR         *string        `json:"utr"`
	Status      string         `json:"status"`
	CreatedAt   int64          `json:"created_at"`
}

func wireOndemand(s desk.Settlement, payouts bool) ondemandWire {
	w := ondemandWire{
		ID: s.ID, Entity: "settlement.ondemand", Requested: s.Requested, Fees: s.Fee, Tax: s.Tax, Currency: inr,
		Full: s.Full, Description: orNull(s.Description), Notes: notesWire(s.Notes), CreatedAt: s.CreatedAt.Unix(), Scheduled: new(bool),
	}
	p := ondemandPayoutWire{
		ID: "setlodp_" + strings.TrimPrefix(string(s.ID), "setlod_"), Entity: "settlement.ondemand_payout", Amount: s.Requested,
		Fees: s.Fee, Tax: s.Tax, UTR: orNull(s.UTR), CreatedAt: s.CreatedAt.Unix(),
	}
	switch s.State {
	case desk.SettlementProcessed:
		w.Settled, w.Status = s.Amount, "processed"
		p.InitiatedAt, p.ProcessedAt, p.Settled, p.Status = unix(s.CreatedAt), unix(s.ProcessedAt), &s.Amount, "processed"
	case desk.SettlementFailed:
		w.Reversed, w.Status = s.Amount, "reversed"
		p.InitiatedAt, p.ReversedAt, p.Status = unix(s.CreatedAt), unix(s.ProcessedAt), "reversed"
	default:
		w.Pending, w.Status = s.Amount, "initiated"
		p.Status = "created"
	}
	if payouts {
		w.Payouts = &collection[ondemandPayoutWire]{"collection", 1, []ondemandPayoutWire{p}}
	}
	return w
}

// createOndemand: "Create an instant settlement".
func (r *room) createOndemand(q *request) (any, error) {
	b := q.body()
	full, _ := b.flag("settle_full_balance")
	if !full {
		b.require("amount")
	}
	amount, _ := b.amount("amount")
	req := desk.OndemandRequest{Amount: amount, Full: full, Description: b.text("description", 30)}
	req.Notes, _ = b.notes("notes")
	if err := b.done(); err != nil {
		return nil, err
	}
	if q.linked != "" { // linked accounts have not this feature
		return nil, errWrongMethod
	}
	s, err := r.desk.SettleOndemand(q.Context(), q.book(), req)
	if err != nil {
		return nil, err
	}
	w := wireOndemand(s, true)
	w.Scheduled = nil
	return w, nil
}

// listOndemand: "Fetch all instant settlements".
func (r *room) listOndemand(q *request) (any, error) {
	expand, err := q.expand([]string{"ondemand_payouts"})
	if err != nil {
		return nil, err
	}
	return listHeld(r, q, true, func(s desk.Settlement) ondemandWire { return wireOndemand(s, expand["ondemand_payouts"]) })
}

// fetchOndemand: "Fetch an instant settlement".
func (r *room) fetchOndemand(q *request) (any, error) {
	expand, err := q.expand([]string{"ondemand_payouts"})
	if err != nil {
		return nil, err
	}
	s, err := r.settlement(q, q.id("setlod"))
	if err != nil {
		return nil, err
	}
	return wireOndemand(s, expand["ondemand_payouts"]), nil
}
