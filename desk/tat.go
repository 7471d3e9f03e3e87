package desk

import (
	"context"
	"slices"

	"wapas/ledger"
)

// The clocks of failed transactions (turn-around time, TAT). Where a customer
// was debited and the transaction then failed, for a reason that is not the
// customer's, the money must be back within the days of a rule. After that the
// operator owes compensation for every calendar day, from its own money and
// without being asked. This is about failed transactions: goods that are sent
// back are no such thing, and their refunds have no such clock.
//
// A clock is started by hand, and by itself in two cases, as the first moment
// at which the house knows that a transaction has failed: a remittance that
// failed (rule IMPS, until the agent has the money again), and a payout from a
// wallet of a regulated programme that the bank did not take or sent back (rule
// IMPS, over in the same change, because the wallet has the money at once).
// What nobody knows the outcome of has not failed yet; once it has, the days
// are counted from the transaction's own.

// What has become of a clock.
const (
	TATRunning     = "running"     // the money is not back, and not late
	TATMet         = "met"         // it was back in time
	TATBreached    = "breached"    // it is late, or was and compensation is still owed
	TATCompensated = "compensated" // it was late, and compensation was paid
	TATWaived      = "waived"      // it was late, and two people decided that nothing is owed
)

// The rules of clocks.
const (
	WhyTATRule    ledger.Why = "tat_rule"    // Invalid: no such rule, or none yet on that day
	WhyTATDay     ledger.Why = "tat_day"     // Invalid: no day, one that has not come, or before the transaction's
	WhyTATTwice   ledger.Why = "tat_twice"   // Duplicate: the subject has a clock of this rule
	WhyTATState   ledger.Why = "tat_state"   // WrongState: the clock has ended, or not begun to owe
	WhyTATNobody  ledger.Why = "tat_nobody"  // Invalid: paid to nobody's account, and under no reference of a bank
	WhyTATReason  ledger.Why = "tat_reason"  // Invalid: no reason, or nobody who says so
	WhyTATContact ledger.Why = "tat_contact" // WrongState: the customer can have no wallet
)

// A TATRule says how long a reversal may take and what is owed for every day
// after that. A rule is never changed: another version of it is written below,
// with the day from which it holds, and clocks keep the version they began
// with.
type TATRule struct {
	Code    string
	Version int64
	About   string
	Days    int64         // after the transaction's own day
	PerDay  ledger.Amount // of compensation
	From    ledger.Day    // holds for transactions of this day and later
}

// tatRules are those of the Reserve Bank's circular on turn-around time of 20
// September 2019. A wallet used over UPI, a card network or IMPS has the rule
// of that system.
var tatRules = []TATRule{
	{"ATM", 1, "debited, and no cash came", 5, tatPerDay, tatFrom},
	{"CARD_C2C", 1, "card to card, and the other card was not credited", 1, tatPerDay, tatFrom},
	{"CARD_POS", 1, "debited at a terminal that printed no slip", 5, tatPerDay, tatFrom},
	{"CARD_CNP", 1, "debited, and the merchant was not told", 5, tatPerDay, tatFrom},
	{"IMPS", 1, "debited, and the payee was not credited", 1, tatPerDay, tatFrom},
	{"UPI_P2P", 1, "debited, and the payee was not credited", 1, tatPerDay, tatFrom},
	{"UPI_P2M", 1, "debited, and the merchant was not told", 5, tatPerDay, tatFrom},
	{"AEPS", 1, "debited, and nothing was confirmed or credited", 5, tatPerDay, tatFrom},
	{"APBS", 1, "the payee was credited late", 1, tatPerDay, tatFrom},
	{"NACH", 1, "credited late, or debited although revoked", 1, tatPerDay, tatFrom},
	{"PPI_ONUS", 1, "a wallet of ours: debited, and the payee not credited or the merchant not told", 1, tatPerDay, tatFrom},
}

const (
	tatPerDay ledger.Amount = 10_000
	tatFrom   ledger.Day    = 20191015
)

// TATRules are all rules there are, with their versions.
func TATRules() []TATRule { return slices.Clone(tatRules) }

// tatRule is the version of a rule that holds for a transaction of a day.
func tatRule(code string, day ledger.Day) (rule TATRule, ok bool) {
	for _, r := range tatRules {
		if r.Code == code && r.From <= day && (!ok || r.From > rule.From) {
			rule, ok = r, true
		}
	}
	return rule, ok
}

// A TAT is one such clock. Late and Accrued grow with every day that begins
// while the money is not back; Late says up to which day it was counted, so
// that counting again adds nothing.
type TAT struct {
	ID        ID // tat_
	Rule      string
	Version   int64
	Subject   ID         // what failed: a payment, refund, payout, transfer or remittance
	Holder    ID         // whose account with us is compensated: a customer or an agent; empty: nobody's
	Day       ledger.Day // of the transaction
	Due       ledger.Day // the last day without compensation
	Stopped   ledger.Day // when the money was back; zero while it is not
	Late      int64      // days
	Accrued   ledger.Amount
	State     string
	PaidTo    string // the account it was paid to, or bank
	Reference string // of the bank that paid it
	Reason    string // why it was waived
	CreatedAt ledger.Time
	EndedAt   ledger.Time
}

func (r TAT) Kind() Kind { return KindTAT }
func (r TAT) RowID() ID  { return r.ID }
func (r TAT) Parent() ID { return r.Subject }

// paidByBank is PaidTo of compensation that the operator's bank paid.
const paidByBank = "bank"

// owes says whether compensation is owed for a clock and not paid.
func (r TAT) owes() bool { return r.State == TATBreached }

// A TATRequest starts a clock by hand.
type TATRequest struct {
	Rule    string
	Subject ID
	Holder  ID         // may be empty: then what accrues stays payable
	Day     ledger.Day // of the transaction; zero: today
	Key     Once
}

// StartTAT starts a clock for a transaction that failed. One that is late
// already owes compensation at once.
//
// It refuses, in this order: Invalid for the rule and the day; NotFound for the
// subject and the holder; Duplicate if the subject has a clock of the rule.
func (d *Desk) StartTAT(ctx context.Context, book BookID, q TATRequest) (TAT, error) {
	if _, ok := tatRule(q.Rule, 99991231); !ok {
		return TAT{}, ledger.Refuse(ledger.Invalid, WhyTATRule, "%s", q.Rule).In("rule")
	}
	reads := append(tatRefs(""), refUnder[TAT](q.Subject))
	return once(ctx, d, book, q.Key, reads, func(c *change) (TAT, error) {
		today := c.now.Day()
		if q.Day == 0 {
			q.Day = today
		}
		rule, ok := tatRule(q.Rule, q.Day)
		switch {
		case !q.Day.Real() || q.Day > today:
			return TAT{}, ledger.Refuse(ledger.Invalid, WhyTATDay, "%d", q.Day).In("day")
		case !ok:
			return TAT{}, ledger.Refuse(ledger.Invalid, WhyTATRule, "%s did not hold on %s", q.Rule, q.Day).In("rule")
		}
		if err := c.tatSubject(q.Subject); err != nil {
			return TAT{}, err
		}
		if err := c.tatHolder(q.Holder); err != nil {
			return TAT{}, err
		}
		t, there, err := c.tatOf(q.Subject, q.Rule)
		switch {
		case err != nil:
			return TAT{}, err
		case there:
			return TAT{}, ledger.Refuse(ledger.Duplicate, WhyTATTwice, "%s", t.ID).In("subject")
		}
		return c.startTAT(rule, q.Subject, q.Holder, q.Day)
	})
}

// tatOf is the clock of a rule that a thing has, if it has one. It never has two:
// both would owe for the same days.
func (c *change) tatOf(subject ID, rule string) (t TAT, there bool, err error) {
	all, err := under[TAT](c, subject)
	i := slices.IndexFunc(all, func(t TAT) bool { return t.Rule == rule })
	if err != nil || i < 0 {
		return t, false, err
	}
	return all[i], true, nil
}

// tatSubject says whether there is such a thing, of a sort that can fail.
func (c *change) tatSubject(subject ID) error {
	kind := KindRemittance
	switch subject.Prefix() {
	case "pay":
		kind = KindPayment
	case "rfnd":
		kind = KindRefund
	case "pout":
		kind = KindPayout
	case "trf":
		kind = KindTransfer
	}
	r, err := c.Get(kind, subject)
	if err == nil && r == nil {
		err = ledger.Refuse(ledger.NotFound, WhyUnknownID, "%s", subject).In("subject")
	}
	return err
}

// tatHolder says whether a holder is a customer or an agent, or nobody.
func (c *change) tatHolder(holder ID) error {
	if holder == "" {
		return nil
	}
	kind := KindAgent
	if holder.Prefix() == "cust" {
		kind = KindCustomer
	}
	r, err := c.Get(kind, holder)
	if err == nil && r == nil {
		err = ledger.Refuse(ledger.NotFound, WhyUnknownID, "%s", holder).In("holder")
	}
	return err
}

// startTAT starts a clock and counts the days that are late already.
func (c *change) startTAT(rule TATRule, subject, holder ID, day ledger.Day) (TAT, error) {
	t := TAT{
		ID: c.NewID("tat"), Rule: rule.Code, Version: rule.Version, Subject: subject, Holder: holder,
		Day: day, Due: day.Add(rule.Days), State: TATRunning, CreatedAt: c.now,
	}
	t, err := c.countTAT(t, c.now.Day())
	if err != nil {
		return t, err
	}
	c.Put(t)
	return t, c.wait("tat.accrue", t.ID, max(t.Due, c.now.Day()).Add(1).Start())
}

// failedTAT starts a clock by itself: a transaction of a day turned out to have
// failed. If it has one, from a hand or an earlier failure, that one counts.
func (c *change) failedTAT(code string, subject, holder ID, day ledger.Day) error {
	rule, ok := tatRule(code, day)
	_, there, err := c.tatOf(subject, code)
	if err != nil || there || !ok {
		return err
	}
	_, err = c.startTAT(rule, subject, holder, day)
	return err
}

// remittanceFailed starts the clock of a remittance that failed. Whoever brought
// the cash has no account with us, so what accrues stays payable. NEFT is none
// of the circular's.
func (c *change) remittanceFailed(r Remittance) error {
	if r.Channel != IMPS {
		return nil
	}
	return c.failedTAT("IMPS", r.ID, "", r.CreatedAt.Day())
}

// reversedTAT stops the clocks of a thing whose money is back now.
func (c *change) reversedTAT(subject ID) error {
	all, err := under[TAT](c, subject)
	if err != nil {
		return err
	}
	for _, t := range all {
		if t.Stopped == 0 && t.State != TATWaived {
			if _, err := c.stopTAT(t, max(c.now.Day(), t.Day)); err != nil {
				return err
			}
		}
	}
	return nil
}

// countTAT counts the days that a clock is late on a day, and accrues what is
// owed for those that were not counted; it takes back what is not, after all.
// The caller keeps the clock.
func (c *change) countTAT(t TAT, on ledger.Day) (TAT, error) {
	late := max(0, on.Since(t.Due))
	fresh := ledger.Amount(late - t.Late)
	if fresh == 0 {
		return t, nil
	}
	perDay := tatVersion(t.Rule, t.Version).PerDay
	reason, j := ledger.CompensationAccrued, ledger.AccrueCompensation(fresh*perDay)
	if fresh < 0 {
		reason, j = ledger.CompensationWaived, ledger.WaiveCompensation(-fresh*perDay)
	}
	if _, err := c.post(reason, t.ID, j); err != nil {
		return t, err
	}
	first := t.Late == 0
	t.Late, t.Accrued, t.State = late, t.Accrued+fresh*perDay, TATBreached
	if late == 0 {
		t.State = TATRunning
	}
	if first {
		c.emit("tat.breached", t)
	}
	return t, nil
}

// tatVersion is a version of a rule; the zero rule if there is none.
func tatVersion(code string, version int64) TATRule {
	for _, r := range tatRules {
		if r.Code == code && r.Version == version {
			return r
		}
	}
	return TATRule{}
}

// accrueTAT counts another day of a clock, and waits for the next.
func (d *Desk) accrueTAT(ctx context.Context, book BookID, id ID) error {
	return d.change(ctx, book, append(tatRefs(id), ref[Timer]("tat.accrue/"+id)), func(c *change) error {
		t, err := need[TAT](c, id, "")
		if err != nil {
			return err
		}
		if t.Stopped != 0 || t.EndedAt != 0 {
			return c.unwait("tat.accrue", id)
		}
		if t, err = c.countTAT(t, max(c.now.Day(), t.Due.Add(t.Late))); err != nil { // a clock that was set back takes nothing back
			return err
		}
		c.Put(t)
		return c.wait("tat.accrue", id, max(t.Due, c.now.Day()).Add(1).Start())
	})
}

// tatRefs names what a change to a clock will look at.
func tatRefs(id ID) []Ref {
	reads := []Ref{refAccount(ledger.TATCost), refAccount(ledger.Compensation)}
	if id != "" {
		reads = append(reads, ref[TAT](id))
	}
	return reads
}

// A TATStop says that the money of a failed transaction is back.
type TATStop struct {
	TAT ID
	Day ledger.Day // when it was; zero: today
}

// StopTAT stops a clock. What accrued is paid at once where the holder has an
// account with us; otherwise it stays payable (see PayTAT). Days that were
// counted after the money was back are taken back.
//
// It refuses, in this order: Invalid for the day; NotFound; WrongState if it
// has stopped or ended.
func (d *Desk) StopTAT(ctx context.Context, book BookID, q TATStop) (TAT, error) {
	var t TAT
	err := d.change(ctx, book, append(tatRefs(q.TAT), refAccount(ledger.BankEscrow), refAccount(ledger.BankOperating)), func(c *change) (err error) {
		day, today := q.Day, c.now.Day()
		if day == 0 {
			day = today
		}
		if !day.Real() || day > today {
			return ledger.Refuse(ledger.Invalid, WhyTATDay, "%d", q.Day).In("day")
		}
		if t, err = need[TAT](c, q.TAT, "id"); err != nil {
			return err
		}
		switch {
		case day < t.Day:
			return ledger.Refuse(ledger.Invalid, WhyTATDay, "the transaction was on %s", t.Day).In("day")
		case t.Stopped != 0 || t.EndedAt != 0:
			return ledger.Refuse(ledger.WrongState, WhyTATState, "%s is %s", t.ID, t.State)
		}
		t, err = c.stopTAT(t, day)
		return err
	})
	return t, err
}

// stopTAT ends the count of a clock, and pays what is owed if it can.
func (c *change) stopTAT(t TAT, day ledger.Day) (TAT, error) {
	t, err := c.countTAT(t, day)
	if err != nil {
		return t, err
	}
	t.Stopped = day
	if err := c.unwait("tat.accrue", t.ID); err != nil {
		return t, err
	}
	if !t.owes() {
		t.State, t.EndedAt = TATMet, c.now
		c.Put(t)
		return t, nil
	}
	to, err := c.compensate(t)
	if err != nil {
		return t, err
	}
	return c.paidTAT(t, to, ""), nil
}

// paidTAT keeps a clock as paid to an account, or as it is if that is none.
func (c *change) paidTAT(t TAT, to, reference string) TAT {
	if to != "" {
		t.PaidTo, t.Reference, t.State, t.EndedAt = to, reference, TATCompensated, c.now
	}
	c.Put(t)
	if to != "" {
		c.emit("tat.compensated", t)
	}
	return t
}

// compensate pays what a clock owes to its holder's account with us, and says
// which that is; empty if there is none. The limits of wallets do not hold
// against it. The operator's own account may fall below zero: what it owes the
// customer it owes, and it must bring own money (OwnFunds).
func (c *change) compensate(t TAT) (to string, err error) {
	if t.Holder == "" {
		return "", nil
	}
	if t.Holder.Prefix() != "cust" {
		account := ledger.Account(ledger.AgentValue, string(t.Holder))
		_, err := c.post(ledger.CompensationPaid, t.ID, ledger.PayCompensation(account, t.Accrued))
		return string(account), err
	}
	cust, err := need[Customer](c, t.Holder, "holder")
	if err != nil {
		return "", err
	}
	w, err := c.openWallet(cust)
	if ledger.CodeOf(err) == ledger.Invalid {
		return "", nil // no wallet without a mobile number: it stays payable
	}
	if err != nil {
		return "", err
	}
	cash, _, _ := walletAccounts(w.ID)
	entry, err := c.post(ledger.CompensationPaid, t.ID, ledger.PayCompensation(cash, t.Accrued))
	if err == nil {
		_, err = c.walletLine(w, entry, t.ID, LineTransfer, t.Accrued, 0, "Compensation for a late reversal")
	}
	return string(cash), err
}

// A TATPayment says how compensation is paid that is still owed: to a customer
// or an agent of ours, or, without one, by the operator's bank under a
// reference.
type TATPayment struct {
	TAT       ID
	To        ID
	Reference string
}

// PayTAT pays what a clock that has stopped still owes.
//
// It refuses, in this order: Invalid if it is paid to nobody and under no
// reference; NotFound for the clock; WrongState if it has not stopped or owes
// nothing; NotFound for the customer or agent; WrongState if the customer can
// have no wallet.
func (d *Desk) PayTAT(ctx context.Context, book BookID, q TATPayment) (TAT, error) {
	if q.To == "" && !referenceForm.MatchString(q.Reference) {
		return TAT{}, ledger.Refuse(ledger.Invalid, WhyTATNobody, "").In("reference")
	}
	var t TAT
	err := d.change(ctx, book, append(tatRefs(q.TAT), refAccount(ledger.BankEscrow), refAccount(ledger.BankOperating)), func(c *change) (err error) {
		if t, err = need[TAT](c, q.TAT, "id"); err != nil {
			return err
		}
		if !t.owes() || t.Stopped == 0 {
			return ledger.Refuse(ledger.WrongState, WhyTATState, "%s is %s", t.ID, t.State)
		}
		if q.To == "" {
			if _, err := c.post(ledger.CompensationSent, t.ID, ledger.SendCompensation(t.Accrued)); err != nil {
				return err
			}
			t = c.paidTAT(t, paidByBank, q.Reference)
			return nil
		}
		if err := c.tatHolder(q.To); err != nil {
			return err
		}
		t.Holder = q.To
		to, err := c.compensate(t)
		if err == nil && to == "" {
			err = ledger.Refuse(ledger.WrongState, WhyTATContact, "%s has no Indian mobile number", q.To).In("to")
		}
		if err == nil {
			t = c.paidTAT(t, to, "")
		}
		return err
	})
	return t, err
}

// waiveTAT ends a clock without compensation, as two people agreed: what accrued
// is not owed. If more or less is owed by now than they spoke of, they must
// speak again.
func (c *change) waiveTAT(b Booking) error {
	t, err := need[TAT](c, b.Of, "id")
	switch {
	case err != nil:
		return err
	case !t.owes():
		return ledger.Refuse(ledger.WrongState, WhyTATState, "%s is %s", t.ID, t.State)
	case t.Accrued != b.Amount:
		return ledger.Refuse(ledger.WrongState, WhyTATState, "%s owes %s rupees now, not %s", t.ID, t.Accrued, b.Amount)
	}
	if _, err := c.post(ledger.CompensationWaived, t.ID, ledger.WaiveCompensation(t.Accrued)); err != nil {
		return err
	}
	if t.Stopped == 0 {
		t.Stopped = max(c.now.Day(), t.Due.Add(t.Late))
	}
	t.State, t.Reason, t.EndedAt = TATWaived, b.Note, c.now
	c.Put(t)
	return c.unwait("tat.accrue", t.ID)
}

// effect is what the entries of a clock add up to.
func (r TAT) effect() (j ledger.Journal) {
	j = ledger.AccrueCompensation(r.Accrued)
	switch {
	case r.State == TATWaived:
		j = append(j, ledger.WaiveCompensation(r.Accrued)...)
	case r.PaidTo == paidByBank:
		j = append(j, ledger.SendCompensation(r.Accrued)...)
	case r.PaidTo != "":
		j = append(j, ledger.PayCompensation(ledger.AccountID(r.PaidTo), r.Accrued)...)
	}
	return j
}

// Check is what must hold of a clock: its days and its money are those of its
// rule, and its state is what they say.
func (r TAT) Check() error {
	rule := tatVersion(r.Rule, r.Version)
	wrong := func(format string, args ...any) error {
		return ledger.Refuse(ledger.Internal, ledger.WhyInvariant, "clock "+format, args...)
	}
	switch {
	case rule.Code == "":
		return wrong("of rule %s, version %d", r.Rule, r.Version)
	case r.Due != r.Day.Add(rule.Days):
		return wrong("of %s is due on %s, %d days after %s", r.Rule, r.Due, rule.Days, r.Day)
	case r.Late < 0 || r.Accrued != ledger.Amount(r.Late)*rule.PerDay:
		return wrong("is late by %d days, and owes %d", r.Late, r.Accrued)
	case r.Stopped != 0 && r.Stopped < r.Day:
		return wrong("stopped on %s, before %s", r.Stopped, r.Day)
	case r.Stopped != 0 && r.State != TATWaived && r.Late != max(0, r.Stopped.Since(r.Due)):
		return wrong("stopped on %s, and is late by %d days after %s", r.Stopped, r.Late, r.Due)
	case (r.PaidTo != "") != (r.State == TATCompensated):
		return wrong("is %s, paid to %q", r.State, r.PaidTo)
	}
	ended := r.EndedAt != 0 && r.Stopped != 0
	switch r.State {
	case TATRunning:
		if r.Late == 0 && r.Stopped == 0 && r.EndedAt == 0 {
			return nil
		}
	case TATMet:
		if r.Late == 0 && ended && r.Stopped <= r.Due {
			return nil
		}
	case TATBreached:
		if r.Late > 0 && r.EndedAt == 0 {
			return nil
		}
	case TATCompensated:
		if r.Late > 0 && ended {
			return nil
		}
	case TATWaived:
		if r.Late > 0 && ended && r.Reason != "" {
			return nil
		}
	}
	return wrong("is %s, late by %d days, stopped on %q", r.State, r.Late, r.Stopped.String())
}
