package desk

import (
	"context"
	"time"

	"wapas/ledger"
)

// A Covered line is a line of the merchant's balance that a settlement covers:
// what it is (payment, refund, transfer, reversal, adjustment…), the thing that
// caused it, and the payment and order behind that, where there are any.
type Covered struct {
	AccountLine
	Type       string
	Settlement Settlement
	Payment    *Payment
	Refund     *Refund
	Transfer   *Transfer
	Reversal   *Reversal
	Order      *Order
}

// A Recon asks what was settled on a day, or in a month if Day is zero, in
// India.
type Recon struct {
	Book             BookID
	Year, Month, Day int
	Skip, Count      int
}

// ist is where business days begin.
var ist = time.FixedZone("IST", 5*3600+1800)

// Reconcile reads a page of what the processed settlements of a day or month
// cover, oldest first.
func (d *Desk) Reconcile(ctx context.Context, q Recon) ([]Covered, error) {
	from := time.Date(q.Year, time.Month(q.Month), max(q.Day, 1), 0, 0, 0, 0, ist)
	to := from.AddDate(0, 1, 0)
	if q.Day != 0 {
		to = from.AddDate(0, 0, 1)
	}
	b, err := d.Store.Book(ctx, q.Book)
	if err != nil {
		return nil, err
	}
	settlements, err := List[Settlement](ctx, d, Query{
		Book: q.Book, Parent: b.Account(), Where: map[string]string{"state": SettlementProcessed, "on_demand": "false"},
		From: ledger.At(from), To: ledger.At(to) - 1, Count: maxSettlements, Oldest: true,
	})
	if err != nil {
		return nil, err
	}
	var all []Covered
	things := finder{d: d, ctx: ctx, book: q.Book, seen: make(map[ID]Row)}
	for _, s := range settlements {
		n := int(s.Last - s.First + 1)
		if q.Skip >= n {
			q.Skip -= n
			continue
		}
		page, err := d.coveredBy(ctx, q.Book, s, q.Skip, min(q.Count-len(all), n-q.Skip))
		if err != nil {
			return nil, err
		}
		q.Skip = 0
		for _, line := range page {
			if err := things.explain(&line); err != nil {
				return nil, err
			}
			all = append(all, line)
		}
		if len(all) == q.Count {
			break
		}
	}
	return all, nil
}

// maxSettlements is the most settlements of one month.
const maxSettlements = 10_000

// coveredBy reads a page of the lines that a settlement of the merchant's
// covers.
func (d *Desk) coveredBy(ctx context.Context, book BookID, s Settlement, skip, count int) ([]Covered, error) {
	lines, err := d.Store.Lines(ctx, Query{Book: book, Parent: ledger.Available, Skip: int(s.First) - 1 + skip, Count: count, Oldest: true})
	all := make([]Covered, len(lines))
	for i, l := range lines {
		all[i] = Covered{AccountLine: l, Type: typeOf(l.Entry), Settlement: s}
	}
	return all, err
}

// typeOf is what a line of the merchant's balance is, by why it was written.
func typeOf(e Entry) string {
	switch e.Reason {
	case ledger.Captured, ledger.BecameAvailable, ledger.Spent, ledger.HeldCaptured:
		return "payment"
	case ledger.Loaded, ledger.Transferred, ledger.Cashback:
		return "transfer"
	case ledger.RefundAccepted, ledger.RefundedWallet:
		return "refund"
	case ledger.Reversed:
		return "reversal"
	case ledger.SettlementSent:
		return "settlement.ondemand"
	}
	return "adjustment"
}

// feesOf adds up the fees of the payments and transfers that a settlement
// covers.
func (d *Desk) feesOf(ctx context.Context, book BookID, s Settlement) (fee, tax ledger.Amount, err error) {
	const page = 1000
	for skip := 0; s.First > 0 && int64(skip) <= s.Last-s.First; skip += page {
		lines, err := d.coveredBy(ctx, book, s, skip, min(page, int(s.Last-s.First)+1-skip))
		if err != nil {
			return 0, 0, err
		}
		things := finder{d: d, ctx: ctx, book: book, seen: make(map[ID]Row)}
		for _, l := range lines {
			if err := things.explain(&l); err != nil {
				return 0, 0, err
			}
			f, t := l.Fee()
			fee, tax = fee.Add(f), tax.Add(t)
		}
	}
	return fee, tax, nil
}

// A finder reads the things that lines are about, each once.
type finder struct {
	d    *Desk
	ctx  context.Context
	book BookID
	seen map[ID]Row
}

// known reads a row, or remembers it; nil if there is none.
func known[R Row](f finder, id ID) (*R, error) {
	if id == "" {
		return nil, nil
	}
	r, ok := f.seen[id]
	if !ok {
		var zero R
		var err error
		if r, err = f.d.Store.Find(f.ctx, f.book, zero.Kind(), id); err != nil {
			return nil, err
		}
		f.seen[id] = r
	}
	if row, ok := r.(R); ok {
		return &row, nil
	}
	return nil, nil
}

// explain finds what a line is about.
func (f finder) explain(l *Covered) (err error) {
	payment, order := ID(""), ID("")
	switch l.Cause.Prefix() {
	case "pay":
		payment = l.Cause
	case "rfnd":
		if l.Refund, err = known[Refund](f, l.Cause); err == nil && l.Refund != nil {
			payment = l.Refund.Payment
		}
	case "rvrsl":
		if l.Reversal, err = known[Reversal](f, l.Cause); err == nil && l.Reversal != nil {
			if l.Transfer, err = known[Transfer](f, l.Reversal.Transfer); err == nil && l.Transfer != nil {
				payment = l.Transfer.Of
			}
		}
	case "trf":
		if l.Transfer, err = known[Transfer](f, l.Cause); err == nil && l.Transfer != nil {
			payment = l.Transfer.Of
		}
	}
	if err != nil {
		return err
	}
	if l.Payment, err = known[Payment](f, payment); err != nil {
		return err
	}
	if l.Payment != nil {
		order = l.Payment.Order
	}
	l.Order, err = known[Order](f, order)
	return err
}

// Fee and Tax are what was charged for the thing itself; Tax is part of Fee.
func (l Covered) Fee() (fee, tax ledger.Amount) {
	switch {
	case l.Type == "payment" && l.Payment != nil:
		return l.Payment.Fee, l.Payment.Tax
	case l.Type == "transfer" && l.Transfer != nil:
		return l.Transfer.Fee, l.Transfer.Tax
	}
	return 0, 0
}
