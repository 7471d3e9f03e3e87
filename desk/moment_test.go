package desk_test

import (
	"context"
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

// A meanwhile is a store where something happens once, just before or just after
// balances, or a refund, are read.
type meanwhile struct {
	desk.Store
	before, after func()
}

func once(do *func()) {
	if f := *do; f != nil {
		*do = nil
		f()
	}
}

func (m *meanwhile) Balances(ctx context.Context, book desk.BookID, ids ...ledger.AccountID) (ledger.Accounts, error) {
	once(&m.before)
	defer once(&m.after)
	return m.Store.Balances(ctx, book, ids...)
}

func (m *meanwhile) Look(ctx context.Context, book desk.BookID, refs ...desk.Ref) (desk.Sight, error) {
	once(&m.before)
	defer once(&m.after)
	return m.Store.Look(ctx, book, refs...)
}

func (m *meanwhile) Find(ctx context.Context, book desk.BookID, kind desk.Kind, id desk.ID) (desk.Row, error) {
	if kind == desk.KindRefund {
		once(&m.before)
		defer once(&m.after)
	}
	return m.Store.Find(ctx, book, kind, id)
}

// What is told together was true together, whatever happens while it is read.
func TestOneMoment(t *testing.T) {
	s := newShop(t)
	c := s.customer(40000, 0)
	x := s.credit(40000, "a return")
	for _, before := range []bool{true, false} {
		with := func(happens func()) *desk.Desk {
			m := &meanwhile{Store: s.Desk.Store}
			if before {
				m.before = happens
			} else {
				m.after = happens
			}
			return &desk.Desk{Store: m, Now: s.Desk.Now, Log: s.Desk.Log}
		}
		w := must(with(func() { s.spend(c, 10000) }).WalletBalance(s.ctx, s.Book, c.ID))(t)
		if w.Free()+w.Usage != 40000 {
			t.Errorf("(before: %v) the wallet holds %d, and %d of 40000 were used", before, w.Free(), w.Usage)
		}
		held, lots, err := with(func() { s.spendCredit(x.Member, 10000) }).CreditHeld(s.ctx, s.Book, x.Member)
		if err != nil || len(lots) != 1 || lots[0].Left != held {
			t.Errorf("(before: %v) the member holds %d, in %+v, %v", before, held, lots, err)
		}
		r := s.refund(desk.RefundRequest{Payment: s.pay("upi", 20000).ID, Amount: 10000})
		r, o, err := with(func() { s.after(48 * time.Hour) }).RefundOrdered(s.ctx, s.Book, r.ID)
		if err != nil || (r.State == "done") != before || (o.EndedAt != 0) != before {
			t.Errorf("(before: %v) the refund is %s, and its order ended at %v: %v", before, r.State, o.EndedAt, err)
		}
	}
}
