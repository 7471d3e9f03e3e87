package desk

import (
	"context"

	"wapas/ledger"
)

// A Timeline is all that the books know of a refund, however it was asked for:
// the thing itself with what it is of, and what it caused.
type Timeline struct {
	Refund     Refund
	Payment    *Payment    // if it is of one
	Order      *Order      // likewise
	Rail       *RailOrder  // if a rail carries it
	Credit     *Credit     // if it was given as store credit
	Words      []Word      // of people who said how it ended, where that takes two
	Handles    []Handle    // what the room's caller calls it
	Reversals  []Reversal  // that it pulled back first
	Exceptions []Exception // about it, closed ones too
	Clocks     []TAT       // that run or ran for it
	Entries    []EntryLines
	Events     []Event
	Deliveries []Delivery // of those events
}

// maxTimeline is how much of each sort a timeline holds: the oldest.
const maxTimeline = 200

// Timeline reads a refund with all that it caused, oldest first. Everything in
// it is found by an index. It refuses NotFound.
func (d *Desk) Timeline(ctx context.Context, book BookID, id ID) (Timeline, error) {
	var t Timeline
	var err error
	if t.Refund, err = find[Refund](ctx, d, book, id); err != nil {
		return t, err
	}
	f := finder{d: d, ctx: ctx, book: book, seen: map[ID]Row{}}
	past := Query{Book: book, Parent: id, Oldest: true, Count: maxTimeline}
	reversed := past
	reversed.Parent, reversed.Where = "", map[string]string{"refund_id": string(id)}
	for _, read := range []func() error{
		func() (err error) { t.Payment, err = known[Payment](f, t.Refund.Payment); return },
		func() (err error) { t.Order, err = known[Order](f, t.Refund.Order); return },
		func() (err error) { t.Rail, err = findIf[RailOrder](ctx, d, book, id); return },
		func() (err error) { t.Credit, err = findIf[Credit](ctx, d, book, CreditID(id)); return },
		func() (err error) { t.Words, err = List[Word](ctx, d, past); return },
		func() (err error) { t.Handles, err = d.Handles(ctx, book, id); return },
		func() (err error) { t.Reversals, err = List[Reversal](ctx, d, reversed); return },
		func() (err error) { t.Exceptions, err = List[Exception](ctx, d, past); return },
		func() (err error) { t.Clocks, err = List[TAT](ctx, d, past); return },
		func() (err error) { t.Entries, err = d.Store.Entries(ctx, past); return },
		func() (err error) { t.Events, err = d.Store.EventsOf(ctx, past); return },
	} {
		if err := read(); err != nil {
			return t, err
		}
	}
	for _, r := range t.Reversals { // their entries name them
		of := past
		of.Parent = r.ID
		more, err := d.Store.Entries(ctx, of)
		if err != nil {
			return t, err
		}
		t.Entries = append(t.Entries, more...)
	}
	for _, e := range t.Events {
		sent, err := d.Deliveries(ctx, DeliveryQuery{Book: book, Event: e.No, Count: maxTimeline})
		if err != nil {
			return t, err
		}
		t.Deliveries = append(t.Deliveries, sent...)
	}
	return t, nil
}

// findIf reads a row outside a change; nil if it is not there.
func findIf[R Row](ctx context.Context, d *Desk, book BookID, id ID) (*R, error) {
	var zero R
	r, err := d.Store.Find(ctx, book, zero.Kind(), id)
	if err != nil || r == nil {
		return nil, err
	}
	row := r.(R)
	return &row, nil
}

// BalanceAt is what an account held at a moment of the book's time, counting
// what happened in that very moment: its balance then, and the position of its
// last line by then. Positions and times rise together, so that it is found in
// some twenty steps however long the account's history is.
//
// A test book's clock may be set back; then the answer is what the account held
// the last time that the clock showed the moment.
func (d *Desk) BalanceAt(ctx context.Context, book BookID, account ledger.AccountID, at ledger.Time) (ledger.Balance, error) {
	all, err := d.Store.Balances(ctx, book, account)
	if err != nil {
		return ledger.Balance{}, err
	}
	line := func(n int64) (AccountLine, error) {
		page, err := d.Store.Lines(ctx, Query{Book: book, Parent: ID(account), Skip: int(n - 1), Count: 1, Oldest: true})
		if err != nil || len(page) == 0 {
			return AccountLine{}, err
		}
		return page[0], nil
	}
	var then ledger.Balance
	for low, high := int64(1), all[account].N; low <= high; { // then is of a line below low, all above high are later
		middle := low + (high-low)/2
		l, err := line(middle)
		if err != nil {
			return ledger.Balance{}, err
		}
		if l.At > at {
			high = middle - 1
			continue
		}
		then = ledger.Balance{Amount: l.Balance, N: l.N}
		low = middle + 1
	}
	return then, nil
}
