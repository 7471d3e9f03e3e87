package desk

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"wapas/ledger"
)

// What is counted beside the books, so that nobody has to read a million rows
// for a chart or a sum: what happened in each hour, and what each code of the
// chart of accounts came to. It is no fact of its own: the store adds to it in
// the batch that makes the facts, no seal covers it, and verify works it out
// again from the entries and rows (Recount).

// What hours count.
const (
	CountRefunds  = "refund"
	CountPayments = "payment" // captured
	CountPayouts  = "payout"
	CountCredits  = "credit" // store credit that was given and is no refund
)

// A Sum is how many there were, and how much they came to.
type Sum struct {
	N      int64
	Amount ledger.Amount
}

func (s *Sum) add(n int64, a ledger.Amount) {
	s.N += n
	s.Amount += a // not checked: what holds is checked where it is posted
}

// An HourKey says of which hour an Hour is, and of what. Hours are numbered
// from the first of 1970 in India, so that 24 of them make a day there.
type HourKey struct {
	Hour int64
	What string // CountRefunds…
	Room string // of refunds: through which they were asked for; empty: razorpay
	To   string // of refunds: source, wallet, credit, agent
}

// An Hour is what happened in an hour of a book's time: what was accepted
// (Made), what came to its good end (Done), and what to its bad one (Failed).
// What happens at once counts as made and as done. A refund that went after it
// had failed counts as both.
type Hour struct {
	HourKey
	Made, Done, Failed Sum
}

// Day is the same of the day that the hour is in: its first hour.
func (k HourKey) Day() HourKey {
	k.Hour -= ((k.Hour % 24) + 24) % 24
	return k
}

const (
	indiaAhead = 5*time.Hour + 30*time.Minute
	oneHour    = int64(time.Hour / time.Microsecond)
)

// HourOf is the number of the hour in India that a moment is in.
func HourOf(t ledger.Time) int64 {
	us := int64(t.Add(indiaAhead))
	if us < 0 {
		us -= oneHour - 1
	}
	return us / oneHour
}

// HourStart is the first moment of an hour.
func HourStart(hour int64) ledger.Time { return ledger.Time(hour * oneHour).Add(-indiaAhead) }

// Begins is the first moment of the hour, or of the day that an Hour was cut to.
func (h Hour) Begins() ledger.Time { return HourStart(h.Hour) }

// Hours are what happened in the hours from one moment up to another, both
// hours included, the oldest first. Hours in which nothing happened are not
// there.
func (d *Desk) Hours(ctx context.Context, book BookID, from, to ledger.Time) ([]Hour, error) {
	return d.Store.Hours(ctx, book, HourOf(from), HourOf(to))
}

// Days are the same by days in India; the Hour of each is its first.
func (d *Desk) Days(ctx context.Context, book BookID, from, to ledger.Time) ([]Hour, error) {
	return d.Store.Days(ctx, book, HourOf(from.Day().Start()), HourOf(to))
}

// outcomes are the entries that hours count, by what they mean to their cause.
var outcomes = map[ledger.Reason]struct {
	what               string
	made, done, failed bool
}{
	ledger.RefundAccepted:     {what: CountRefunds, made: true},
	ledger.AutoRefunded:       {what: CountRefunds, made: true},
	ledger.RefundedWallet:     {what: CountRefunds, made: true, done: true},
	ledger.HeldReleased:       {what: CountRefunds, made: true, done: true},
	ledger.RemittanceRefunded: {what: CountRefunds, made: true, done: true},
	ledger.RefundDone:         {what: CountRefunds, done: true},
	ledger.AutoRefundDone:     {what: CountRefunds, done: true},
	ledger.RefundLate:         {what: CountRefunds, done: true},
	ledger.RefundFailed:       {what: CountRefunds, failed: true},
	ledger.Captured:           {what: CountPayments, made: true, done: true},
	ledger.Spent:              {what: CountPayments, made: true, done: true},
	ledger.HeldCaptured:       {what: CountPayments, made: true, done: true},
	ledger.PayoutSent:         {what: CountPayouts, made: true},
	ledger.PayoutDone:         {what: CountPayouts, done: true},
	ledger.PayoutLate:         {what: CountPayouts, done: true},
	ledger.PayoutReversed:     {what: CountPayouts, failed: true},
	ledger.PayoutReturned:     {what: CountPayouts, failed: true},
	ledger.CreditLoaded:       {what: CountCredits, made: true, done: true}, // or a refund, by its cause
}

// A fact is an entry of a change that is counted.
type fact struct {
	reason ledger.Reason
	cause  ID
}

// noted remembers an entry to be counted at the end of its change: every
// movement of money passes here, whichever room asked for it.
func (c *change) noted(reason ledger.Reason, cause ID) {
	if outcomes[reason].what != "" {
		c.facts = append(c.facts, fact{reason, cause})
	}
}

// count adds what the change did to its hour. What it is about was put or read
// in this change, so nothing is loaded.
func (c *change) count() error {
	for _, f := range c.facts {
		o := outcomes[f.reason]
		h := Hour{HourKey: HourKey{Hour: HourOf(c.now), What: o.what}}
		var amount ledger.Amount
		switch {
		case f.cause.Prefix() == "rfnd":
			r, err := need[Refund](c, f.cause, "")
			if err != nil {
				return err
			}
			h.HourKey, amount = r.hour(c.now), r.Amount
		case o.what == CountPayments:
			p, err := need[Payment](c, f.cause, "")
			if err != nil {
				return err
			}
			h.Hour, amount = HourOf(p.CapturedAt), p.Amount // an imported one was captured before now
		case o.what == CountPayouts:
			p, err := need[Payout](c, f.cause, "")
			if err != nil {
				return err
			}
			amount = p.Amount
		case o.what == CountCredits:
			x, err := need[Credit](c, f.cause, "")
			if err != nil {
				return err
			}
			amount = x.Amount
		default:
			continue
		}
		h.add(o.made, o.done, o.failed, amount)
		c.Count(h)
	}
	return nil
}

func (h *Hour) add(made, done, failed bool, a ledger.Amount) {
	for _, s := range []struct {
		sum *Sum
		is  bool
	}{{&h.Made, made}, {&h.Done, done}, {&h.Failed, failed}} {
		if s.is {
			s.sum.add(1, a)
		}
	}
}

// Plus is both together, under the key of the first.
func (h Hour) Plus(o Hour) Hour {
	h.Made.add(o.Made.N, o.Made.Amount)
	h.Done.add(o.Done.N, o.Done.Amount)
	h.Failed.add(o.Failed.N, o.Failed.Amount)
	return h
}

func (r Refund) hour(at ledger.Time) HourKey {
	return HourKey{Hour: HourOf(at), What: CountRefunds, Room: r.Room, To: r.To}
}

// SumBlock is how many entries share a sum for each code. A sum as the books
// stood after any entry is the sums of the whole blocks before it and the
// postings of at most this many entries.
const SumBlock = 2048

// BlockOf is the block that an entry is in.
func BlockOf(entry int64) int64 { return (entry - 1) / SumBlock }

// A CodeKey names a code of the chart in a block of entries.
type CodeKey struct {
	Code  string
	Block int64
}

// A CodeSum is what the postings of a block made of the accounts of a code:
// debits less credits, and how many accounts had their first posting in it.
type CodeSum struct {
	Net      ledger.Amount
	Accounts int64
}

// Plus is both together.
func (s CodeSum) Plus(o CodeSum) CodeSum {
	return CodeSum{s.Net + o.Net, s.Accounts + o.Accounts}
}

// SumOf is what one line makes of its code.
func SumOf(l ledger.Line) CodeSum {
	s := CodeSum{Net: ledger.Amount(l.Side) * l.Amount}
	if l.N == 1 {
		s.Accounts = 1
	}
	return s
}

// A Recount works out again, from the entries and rows of a book, what is
// counted beside it. It keeps a few numbers for each hour and block. It is fed
// as an Audit is, in any order.
type Recount struct {
	hours map[HourKey]Hour
	days  map[HourKey]Hour // the hours of each, less what is kept of it
	sums  map[CodeKey]CodeSum
}

// NewRecount begins a recount of one book.
func NewRecount() *Recount {
	return &Recount{hours: map[HourKey]Hour{}, days: map[HourKey]Hour{}, sums: map[CodeKey]CodeSum{}}
}

// Entry takes an entry. Of refunds that failed, and of payouts, the entries
// tell when; not through which room.
func (r *Recount) Entry(e EntryLines) {
	for _, l := range e.Lines {
		k := CodeKey{l.Account.Code(), BlockOf(e.No)}
		r.sums[k] = r.sums[k].Plus(SumOf(l))
	}
	o := outcomes[e.Reason]
	if o.what != CountPayouts && !o.failed {
		return
	}
	h := Hour{HourKey: HourKey{Hour: HourOf(e.At), What: o.what}}
	h.add(o.made, o.done, o.failed, moved(e.Lines))
	r.add(h)
}

// moved is what a refund that failed, or a payout, moved: without its fee.
func moved(lines []ledger.Line) ledger.Amount {
	var cleared, gone ledger.Amount
	for _, l := range lines {
		switch l.Account.Code() {
		case ledger.RefundClearing, ledger.PayoutClearing:
			cleared = l.Amount
		case ledger.PayoutFloat:
			gone = l.Amount
		}
	}
	if gone != 0 {
		return gone
	}
	return cleared
}

// Row takes a row.
func (r *Recount) Row(row Row) {
	switch row := row.(type) {
	case Refund:
		made := Hour{HourKey: row.hour(row.CreatedAt)}
		made.Made.add(1, row.Amount)
		r.add(made)
		if row.State == "done" {
			done := Hour{HourKey: row.hour(row.ProcessedAt)}
			done.Done.add(1, row.Amount)
			r.add(done)
		}
	case Payment:
		if row.Captured {
			r.atOnce(CountPayments, row.CapturedAt, row.Amount)
		}
	case Credit:
		if row.lot() && row.Refund() == "" {
			r.atOnce(CountCredits, row.CreatedAt, row.Amount)
		}
	}
}

// atOnce takes what was made and done at the same moment.
func (r *Recount) atOnce(what string, at ledger.Time, a ledger.Amount) {
	h := Hour{HourKey: HourKey{Hour: HourOf(at), What: what}}
	h.add(true, true, false, a)
	r.add(h)
}

func (r *Recount) add(h Hour) { r.hours[h.HourKey] = h.Plus(r.hours[h.HourKey]) }

// Hour takes an hour as it is kept, Day a day, and Sum the sum of a code.
func (r *Recount) Hour(h Hour) {
	day := h.Day()
	r.days[day] = Hour{HourKey: day}.Plus(r.days[day]).Plus(h)
	less := h.less()
	r.add(Hour{HourKey: HourKey{Hour: h.Hour, What: h.What}, Failed: less.Failed}) // the entries do not tell the room
	less.Failed = Sum{}
	r.add(less)
}

func (r *Recount) Day(h Hour) {
	r.days[h.HourKey] = h.less().Plus(r.days[h.HourKey])
}

// less is what takes an hour off.
func (h Hour) less() Hour {
	for _, s := range []*Sum{&h.Made, &h.Done, &h.Failed} {
		*s = Sum{-s.N, -s.Amount}
	}
	return h
}

func (r *Recount) Sum(k CodeKey, s CodeSum) {
	r.sums[k] = r.sums[k].Plus(CodeSum{-s.Net, -s.Accounts})
}

// Findings is what is kept and is not so (I-15), after all was fed.
func (r *Recount) Findings() []Finding {
	var found []Finding
	for k, h := range r.hours {
		if h != (Hour{HourKey: k}) {
			found = append(found, h.less().off("hour", k))
		}
	}
	for k, h := range r.days {
		if h != (Hour{HourKey: k}) {
			found = append(found, h.less().off("day", k))
		}
	}
	for k, s := range r.sums {
		if s != (CodeSum{}) {
			found = append(found, Finding{"I-15", "code " + k.Code, fmt.Sprintf("entries %d to %d: the sum is off by %d, and by %d accounts",
				k.Block*SumBlock+1, (k.Block+1)*SumBlock, -s.Net, -s.Accounts)})
		}
	}
	slices.SortFunc(found, func(x, y Finding) int { return cmp.Or(cmp.Compare(x.What, y.What), cmp.Compare(x.Detail, y.Detail)) })
	if more := len(found) - maxFindings; more > 0 {
		found = append(found[:maxFindings], Finding{"…", "book", fmt.Sprintf("and %d more", more)})
	}
	return found
}

// off says that a count is wrong by so much.
func (h Hour) off(span string, k HourKey) Finding {
	return Finding{"I-15", k.What + "s of the " + span + " from " + HourStart(k.Hour).Std().Format(time.RFC3339),
		fmt.Sprintf("room %q, to %q: the count is off by %d made (%d), %d done (%d), %d failed (%d)",
			k.Room, k.To, h.Made.N, h.Made.Amount, h.Done.N, h.Done.Amount, h.Failed.N, h.Failed.Amount)}
}
