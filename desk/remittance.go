package desk

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"wapas/ledger"
)

// The rules of remittances.
const (
	WhyRemitAmount   ledger.Why = "remit_amount"    // Invalid: less than MinRemit, or more than can be
	WhyRemitRef      ledger.Why = "remit_ref"       // Invalid: no reference, or one of more than MaxRemitRef characters
	WhyRemitChannel  ledger.Why = "remit_channel"   // Invalid: neither IMPS nor NEFT
	WhyRemitHold     ledger.Why = "remit_hold"      // Invalid: longer than MaxHold
	WhyForeignAgent  ledger.Why = "foreign_agent"   // WrongState: another agent's
	WhyRemitState    ledger.Why = "remit_state"     // WrongState: nothing of it is owed
	WhyRemitRefunded ledger.Why = "remit_refunded"  // WrongState: it was refunded already
	WhyNoRemittance  ledger.Why = "no_remittance"   // NotFound: no transaction of this number or reference
	WhyRemitRefTaken ledger.Why = "remit_ref_taken" // Duplicate: the reference was used before
)

// Why a remittance was declined, besides the rules of consents (WhyConsent…):
// what Remittance.Reason says.
const (
	DeclinedShort   = "insufficient_value" // of the agent
	DeclinedMonthly = "monthly_limit"      // of the customer
	DeclinedAmount  = "amount_limit"       // of one remittance
	DeclinedConsent = "consent_missing"    // the terms want a code, and none was shown
)

// The limits of remittances.
const (
	MinRemit    ledger.Amount = 100
	MaxRemitRef               = 20
	HoldAfter                 = 30 * time.Minute // until one that is still on its way is on hold
	MaxHold                   = 24 * time.Hour
)

// The channels of remittances.
const (
	IMPS = "IMPS"
	NEFT = "NEFT"
)

// The states of a remittance.
//
//	initiated → success
//	    ↓  ↘ refund_pending → refunded
//	   hold ↗     ↘ success      (a late success)
//
// One that is declined is failed from the start: no money of it ever moved.
const (
	RemitInitiated = "initiated"      // on its way
	RemitHeld      = "hold"           // on its way for too long, or nobody knows where
	RemitDone      = "success"        // it arrived
	RemitFailed    = "failed"         // declined before any money moved
	RemitOwed      = "refund_pending" // it did not arrive; the customer must have the cash back
	RemitRefunded  = "refunded"       // the customer has it, and the agent the e-value
)

// A Remittance is cash that an agent took from a customer and sends to a bank
// account, from its e-value.
type Remittance struct {
	ID    ID     // rmt_
	TID   string // a number that grows: what the wire calls it
	Agent ID
	// Customer is the mobile of who brought the cash; Remitter is it with the
	// month in India, under which a month's remittances are found; Owed is it
	// while a refund is pending.
	Customer            string
	Remitter            ID
	Owed                string
	Ref                 string // the caller's own: client_ref_id
	Recipient           string // the caller's name for the recipient
	RecipientName       string
	Account, IFSC, Bank string
	Channel             string // IMPS, NEFT
	Amount              ledger.Amount
	Fee, Tax            ledger.Amount // Fee includes Tax
	Commission, TDS     ledger.Amount // given to the agent for it; Commission includes TDS
	Lost                ledger.Amount // arrived although it was refunded
	Back                ledger.Amount // came back although it had arrived
	State, Was          string        // now, and before that
	BankRef             string        // the bank's number for it
	Reason              string        // why it was declined, or failed
	HoldAfter           int64         // seconds
	Refund              ID            // rfnd_
	RefundTID           string        // the refund's own number
	Partner             string        // through whom it goes
	Wire                string        // what the room remembers of the request: a JSON object
	CreatedAt, EndedAt  ledger.Time   // EndedAt: when it came to its state, unless it is on its way
}

func (r Remittance) Kind() Kind { return KindRemittance }
func (r Remittance) RowID() ID  { return r.ID }
func (r Remittance) Parent() ID { return r.Remitter }

// Total is what the agent's e-value paid for it, and gets again.
func (r Remittance) Total() ledger.Amount { return r.Amount.Add(r.Fee) }

// Open says whether it is on its way.
func (r Remittance) Open() bool { return r.State == RemitInitiated || r.State == RemitHeld }

// Check is the rule of a remittance row.
func (r Remittance) Check() error {
	sound := r.Amount > 0 && r.TDS >= 0 && r.TDS <= r.Commission && r.Lost >= 0 && r.Back >= 0 &&
		r.Open() == (r.EndedAt == 0) && (r.State == RemitOwed) == (r.Owed != "") && (r.State == RemitRefunded) == (r.Refund != "")
	switch r.State {
	case RemitInitiated, RemitHeld, RemitDone, RemitFailed, RemitOwed, RemitRefunded:
		if sound {
			return ledger.CheckFee(r.Fee, r.Tax)
		}
	}
	return ledger.Refuse(ledger.Internal, ledger.WhyInvariant, "%s is %q with %d paise", r.ID, r.State, r.Amount)
}

// moves are the states that a remittance may come to from each.
var moves = map[string][]string{
	RemitInitiated: {RemitHeld, RemitDone, RemitFailed, RemitOwed},
	RemitHeld:      {RemitDone, RemitOwed},
	RemitOwed:      {RemitRefunded, RemitDone}, // done: a late success
}

// to moves a remittance to another state.
func (c *change) to(r Remittance, state string) (Remittance, error) {
	if !slices.Contains(moves[r.State], state) {
		return r, ledger.Refuse(ledger.Internal, ledger.WhyInvariant, "%s cannot go from %s to %s", r.ID, r.State, state)
	}
	r.Was, r.State, r.Owed = r.State, state, ""
	if state == RemitOwed {
		r.Owed = r.Customer
	}
	if !r.Open() {
		r.EndedAt = c.now
	}
	return r, nil
}

// Names of remittances: by the number, and by the caller's own reference.
func tidHandle(tid string) ID { return HandleID("remittance.tid", tid) }
func refHandle(ref string) ID { return HandleID("remittance.ref", ref) }

// firstTID is the number below the first one.
const firstTID = 10_000_000

// tid is the number of what the next event tells of. Events are numbered
// without gaps in each book, so no number comes twice, and numbers grow.
func (c *change) tid() string { return strconv.FormatInt(firstTID+c.Book().Event+1, 10) }

// Remittance reads one by its number: NotFound (WhyNoRemittance).
func (d *Desk) Remittance(ctx context.Context, book BookID, tid string) (Remittance, error) {
	return d.remittance(ctx, book, tidHandle(tid))
}

// RemittanceByRef reads one by the caller's own reference: NotFound
// (WhyNoRemittance).
func (d *Desk) RemittanceByRef(ctx context.Context, book BookID, ref string) (Remittance, error) {
	return d.remittance(ctx, book, refHandle(ref))
}

func (d *Desk) remittance(ctx context.Context, book BookID, name ID) (Remittance, error) {
	id, err := d.remittanceID(ctx, book, name)
	if err != nil {
		return Remittance{}, err
	}
	return find[Remittance](ctx, d, book, id)
}

// RemittanceID is the id of the one with a number, or, if there is none, of the
// one with that for the caller's own reference: NotFound (WhyNoRemittance).
func (d *Desk) RemittanceID(ctx context.Context, book BookID, name string) (ID, error) {
	id, err := d.remittanceID(ctx, book, tidHandle(name))
	if ledger.CodeOf(err) == ledger.NotFound {
		return d.remittanceID(ctx, book, refHandle(name))
	}
	return id, err
}

func (d *Desk) remittanceID(ctx context.Context, book BookID, name ID) (ID, error) {
	h, err := find[Handle](ctx, d, book, name)
	if ledger.CodeOf(err) == ledger.NotFound {
		err = ledger.Refuse(ledger.NotFound, WhyNoRemittance, "%.60s", name).In("tid")
	}
	return h.Of, err
}

// OwedTo lists the remittances of a customer whose cash has not come back yet,
// oldest first; those of one agent if it is given, and of any customer if none
// is.
func (d *Desk) OwedTo(ctx context.Context, book BookID, customer string, agent ID, skip, count int) ([]Remittance, error) {
	where := map[string]string{}
	if customer != "" {
		where["owed"] = customer
	}
	if agent != "" {
		where["agent_id"] = string(agent)
	}
	return List[Remittance](ctx, d, Query{Book: book, Where: where, Has: []string{"owed"}, Skip: skip, Count: count, Oldest: true})
}

// A RemitRequest asks to send cash that an agent took.
type RemitRequest struct {
	Agent                              ID
	Customer                           string // mobile
	Ref                                string
	Recipient                          string
	RecipientName, Account, IFSC, Bank string
	Channel                            string // empty is IMPS
	Amount                             ledger.Amount
	HoldAfter                          time.Duration // 0 is the usual time
	Wire                               string
	Code                               Code   // the customer's consent; it is looked at if Digits are there
	Outcome                            string // how the simulated rail is to end it: a rail.Scenario; test books only
	Room                               string // through which it is asked for
}

func (q RemitRequest) check() error {
	switch {
	case q.Ref == "" || len(q.Ref) > MaxRemitRef:
		return ledger.Refuse(ledger.Invalid, WhyRemitRef, "%.40s", q.Ref).In("client_ref_id")
	case !isMobile(q.Customer):
		return ledger.Refuse(ledger.Invalid, WhyMobile, "%.40s", q.Customer).In("customer_id")
	case q.Amount < MinRemit || q.Amount > ledger.MaxAmount:
		return ledger.Refuse(ledger.Invalid, WhyRemitAmount, "%d", q.Amount).In("amount")
	case q.Channel != IMPS && q.Channel != NEFT:
		return ledger.Refuse(ledger.Invalid, WhyRemitChannel, "%.40s", q.Channel).In("channel")
	case q.HoldAfter < 0 || q.HoldAfter > MaxHold:
		return ledger.Refuse(ledger.Invalid, WhyRemitHold, "%s", q.HoldAfter).In("hold_timeout")
	}
	return checkScenario(q.Outcome)
}

// Remit takes amount and fee from an agent's e-value and sends the amount on
// (J28); the agent's commission is given at once, and taken back if the cash
// goes back. A remittance that may not be made is declined: it is kept as
// failed, with its reason, and its reference is used up, so that whoever lost
// the answer hears it when they ask.
//
// It refuses, in this order: Invalid; NotFound for the agent; WrongState if the
// agent is not active; Duplicate for the reference. It declines, in this order,
// if it is more than one remittance may be; more than the customer may send in
// a month; more than the e-value and the fee; if the consent is wrong.
func (d *Desk) Remit(ctx context.Context, book BookID, q RemitRequest) (Remittance, error) {
	if q.Channel == "" {
		q.Channel = IMPS
	}
	if err := q.check(); err != nil {
		return Remittance{}, err
	}
	var r Remittance
	reads := []Ref{
		refUnder[Terms](termsParent), ref[Agent](q.Agent), ref[Handle](refHandle(q.Ref)),
		refAccount(ledger.Account(ledger.AgentValue, string(q.Agent))), refAccount(ledger.FeeDeferred),
		refAccount(ledger.Account(ledger.DMTInFlight, string(q.Agent))), refAccount(ledger.CashAtAgent), refAccount(ledger.CashAtAgentC),
	}
	err := d.change(ctx, book, reads, func(c *change) error {
		a, err := need[Agent](c, q.Agent, "user_code")
		if err != nil {
			return err
		}
		if !a.Active {
			return ledger.Refuse(ledger.WrongState, WhyAgentInactive, "%s", a.ID).In("user_code")
		}
		if _, used, err := get[Handle](c, refHandle(q.Ref)); err != nil || used {
			if err == nil {
				err = ledger.Refuse(ledger.Duplicate, WhyRemitRefTaken, "%s", q.Ref).In("client_ref_id")
			}
			return err
		}
		t, err := c.terms()
		if err != nil {
			return err
		}
		r = q.remittance(c, t)
		declined, err := c.mayRemit(t, a, r, q.Code)
		if err != nil {
			return err
		}
		c.Put(Handle{ID: refHandle(r.Ref), Of: r.ID, CreatedAt: c.now}, Handle{ID: tidHandle(r.TID), Of: r.ID, CreatedAt: c.now}) // the second is new for sure
		if declined != "" {
			r.Reason, r.Commission, r.TDS, r.Fee, r.Tax = declined, 0, 0, 0, 0
			if r, err = c.to(r, RemitFailed); err != nil {
				return err
			}
			c.Put(r)
			c.emit("remittance.declined", r)
			return nil
		}
		if err := c.remit(r, q.Room, q.Outcome); err != nil {
			return err
		}
		c.emit("remittance.created", r)
		return nil
	})
	return r, err
}

// remittance is the row that a request asks for.
func (q RemitRequest) remittance(c *change, t Terms) Remittance {
	fee, tax := t.remitFee(q.Amount)
	commission := t.commission(q.Amount)
	if q.HoldAfter == 0 {
		q.HoldAfter = HoldAfter
	}
	return Remittance{
		ID: c.NewID("rmt"), TID: c.tid(), Agent: q.Agent, Customer: q.Customer, Remitter: remitter(q.Customer, c.now), Ref: q.Ref,
		Recipient: q.Recipient, RecipientName: q.RecipientName, Account: q.Account, IFSC: q.IFSC, Bank: q.Bank, Channel: q.Channel,
		Amount: q.Amount, Fee: fee, Tax: tax, Commission: commission, TDS: share(commission, t.TDSBps),
		State: RemitInitiated, HoldAfter: int64(q.HoldAfter.Seconds()), Partner: c.railFor("remittance"), Wire: q.Wire, CreatedAt: c.now,
	}
}

// remitter is what a customer's remittances of a month are found under.
func remitter(customer string, at ledger.Time) ID {
	return ID(fmt.Sprintf("%s/%d", customer, at.Month()))
}

// remitFee is the fee of a remittance of amount a, which holds its tax.
func (t Terms) remitFee(a ledger.Amount) (fee, tax ledger.Amount) {
	fee = t.Remit().On(a, true).Base
	if t.Interstate {
		return fee, (fee*18*2 + 118) / (118 * 2)
	}
	return fee, ledger.Inclusive(fee).Tax()
}

// commission is what an agent earns by a remittance of amount a, tax included,
// to the nearest paisa.
func (t Terms) commission(a ledger.Amount) ledger.Amount {
	return share(a, t.CommissionBps) + t.CommissionFlat
}

// share is so many basis points of a, rounded half up.
func share(a ledger.Amount, bps int64) ledger.Amount {
	return (a*ledger.Amount(bps) + ledger.MaxBps/2) / ledger.MaxBps
}

// mayRemit says why a remittance is declined; nothing if it is not. The consent
// comes last, so that it is not spent for nothing.
func (c *change) mayRemit(t Terms, a Agent, r Remittance, code Code) (declined string, err error) {
	if t.RemitMax > 0 && r.Amount > t.RemitMax {
		return DeclinedAmount, nil
	}
	if t.RemitMonthly > 0 {
		month, err := under[Remittance](c, r.Remitter)
		if err != nil {
			return "", err
		}
		sent := r.Amount
		for _, earlier := range month {
			if earlier.State != RemitFailed && earlier.State != RemitRefunded {
				sent = sent.Add(earlier.Amount)
			}
		}
		if sent > t.RemitMonthly {
			return DeclinedMonthly, nil
		}
	}
	value, err := c.balance(a.Value())
	switch {
	case err != nil:
		return "", err
	case value < r.Total():
		return DeclinedShort, nil
	case code.Digits == "" && t.RemitConsent:
		return DeclinedConsent, nil
	case code.Digits == "":
		return "", nil
	}
	b, err := c.remitBinding(t, r)
	if err != nil {
		return "", err
	}
	refused, err := c.spend(b, code)
	if err != nil || refused == nil {
		return "", err
	}
	return string(refused.(*ledger.Error).Why), nil
}

// remit posts a remittance and sends it on after this change.
func (c *change) remit(r Remittance, room, scenario string) error {
	fee := kept(r.Fee, r.Tax)
	if _, err := c.post(ledger.RemittanceSent, r.ID, ledger.SendRemittance(string(r.Agent), r.Amount, fee)); err != nil {
		return err
	}
	if _, err := c.post(ledger.CommissionGiven, r.ID, ledger.GiveCommission(string(r.Agent), r.Commission, r.TDS)); err != nil {
		return err
	}
	c.Put(r)
	return c.sendLater(RailOrder{
		ID: r.ID, Rail: r.Partner, What: "remittance", Speed: Normal, Method: r.Channel, To: r.destination(),
		Amount: r.Amount, Outcome: scenario, Ref: r.Ref, Of: r.Agent, Room: room,
	})
}

// destination is where a remittance goes, for a person to read.
func (r Remittance) destination() string {
	if r.Account == "" {
		return "recipient " + r.Recipient
	}
	return r.RecipientName + ", account " + r.Account + " at " + r.IFSC
}
