package desk_test

import (
	"context"
	"testing"

	"wapas/desk"
	"wapas/ledger"
)

// programme sets the book's programme, changed from the usual one by edit.
func (s *shop) programme(edit func(p *desk.Programme)) desk.Programme {
	s.t.Helper()
	p := desk.DefaultProgramme()
	edit(&p)
	return must(s.Desk.SetProgramme(s.ctx, s.Book, p))(s.t)
}

// A book has one programme: the usual one with the first credit, or what the
// operator set, under the same id for good.
func TestProgramme(t *testing.T) {
	s := newShop(t)
	if p := must(s.Desk.Programme(s.ctx, s.Book))(t); p != desk.DefaultProgramme() {
		t.Errorf("before anything: %+v", p)
	}
	x := s.credit(10000, "r1")
	p := must(s.Desk.Programme(s.ctx, s.Book))(t)
	if p.ID != x.Programme || p.Type != desk.ClosedProgramme || p.Funding != desk.Backed || p.CreatedAt == 0 {
		t.Errorf("with the first credit: %+v, credit of %s", p, x.Programme)
	}
	set := s.programme(func(p *desk.Programme) { p.MaxBalance = 50000; p.ID = "iprog_other" })
	if set.ID != p.ID || set.CreatedAt != p.CreatedAt || set.MaxBalance != 50000 {
		t.Errorf("set: %+v, was %+v", set, p)
	}
	if now := must(s.Desk.Programme(s.ctx, s.Book))(t); now != set {
		t.Errorf("kept %+v, want %+v", now, set)
	}
}

// The rules of a programme, in the order in which they are looked at.
func TestProgrammeRefusals(t *testing.T) {
	s := newShop(t)
	for _, tt := range []struct {
		edit  func(p *desk.Programme)
		field string
		why   ledger.Why
	}{
		{func(p *desk.Programme) { p.Type, p.Funding = "full_kyc", "none" }, "kind", desk.WhyProgramme},
		{func(p *desk.Programme) { p.Funding, p.MaxBalance = "", -1 }, "funding", desk.WhyProgramme},
		{func(p *desk.Programme) { p.MaxBalance, p.Expiry = -1, -1 }, "max_balance", desk.WhyProgramme},
		{func(p *desk.Programme) { p.MaxBalance = ledger.MaxAmount + 1 }, "max_balance", desk.WhyProgramme},
		{func(p *desk.Programme) { p.Expiry, p.ThirdParty = -1, true }, "expiry", desk.WhyProgramme},
		{func(p *desk.Programme) { p.Expiry = 1 << 40 }, "expiry", desk.WhyProgramme},
		{func(p *desk.Programme) { p.ThirdParty = true }, "closed_loop_basis", desk.WhyProgrammeBasis},
		{func(p *desk.Programme) { p.ThirdParty, p.Basis = true, " \n" }, "closed_loop_basis", desk.WhyProgrammeBasis},
		{func(p *desk.Programme) { p.Basis = string(make([]byte, 2001)) }, "closed_loop_basis", desk.WhyProgramme},
	} {
		p := desk.DefaultProgramme()
		tt.edit(&p)
		_, err := s.Desk.SetProgramme(s.ctx, s.Book, p)
		refusedIn(t, err, ledger.Invalid, tt.why, tt.field)
	}
	s.programme(func(p *desk.Programme) {
		p.ThirdParty, p.Basis = true, "sellers act as our agents; counsel's note of 3 May"
	})
}

// Funding changes only while nobody holds credit.
func TestProgrammeFunding(t *testing.T) {
	s := newShop(t)
	s.pay("card", 100000)
	x := s.credit(10000, "r1")
	prefunded := desk.DefaultProgramme()
	prefunded.Funding = desk.Prefunded
	_, err := s.Desk.SetProgramme(s.ctx, s.Book, prefunded)
	refusedIn(t, err, ledger.WrongState, desk.WhyProgrammeFunding, "funding")
	s.spendCredit(x.Member, 10000)
	s.programme(func(p *desk.Programme) { p.Funding = desk.Prefunded })
	y := s.credit(20000, "r2")
	s.holds(map[ledger.AccountID]ledger.Amount{"1220": 0, "2010": 80000, ledger.Account("2105", string(x.Member)): 20000})
	if x.Backed != 10000 || y.Backed != 0 {
		t.Errorf("on promise: %d, then %d", x.Backed, y.Backed)
	}
	_, err = s.Desk.SetProgramme(s.ctx, s.Book, desk.DefaultProgramme())
	refusedIn(t, err, ledger.WrongState, desk.WhyProgrammeFunding, "funding")
}

// A meddled store lets something happen whenever all balances have been read.
type meddled struct {
	desk.Store
	meddle func()
}

func (m meddled) Balances(ctx context.Context, book desk.BookID, ids ...ledger.AccountID) (ledger.Accounts, error) {
	as, err := m.Store.Balances(ctx, book, ids...)
	if len(ids) == 0 {
		m.meddle()
	}
	return as, err
}

// Credit that is given between the look at the accounts and the change of the
// funding is not overlooked.
func TestProgrammeFundingInARace(t *testing.T) {
	s := newShop(t)
	store := s.Desk.Store
	prefunded := desk.DefaultProgramme()
	prefunded.Funding = desk.Prefunded
	n := 0
	s.Desk.Store = meddled{store, func() {
		if n++; n == 1 {
			s.credit(10000, "r1")
		}
	}}
	_, err := s.Desk.SetProgramme(s.ctx, s.Book, prefunded)
	refusedIn(t, err, ledger.WrongState, desk.WhyProgrammeFunding, "funding")
	member := must(s.Desk.MemberOf(s.ctx, s.Book, "cust-1"))(t).ID
	s.spendCredit(member, 10000)

	// While the book is never still nobody can say, and nothing is changed.
	s.Desk.Store = meddled{store, func() {
		n++
		s.credit(10000, "again "+string(rune('a'+n)))
		s.spendCredit(member, 10000)
	}}
	_, err = s.Desk.SetProgramme(s.ctx, s.Book, prefunded)
	refusedIn(t, err, ledger.Busy, desk.WhyInProgress, "")
	s.Desk.Store = store
	if p := must(s.Desk.Programme(s.ctx, s.Book))(t); p.Funding != desk.Backed {
		t.Errorf("the funding is %s", p.Funding)
	}
	must(s.Desk.SetProgramme(s.ctx, s.Book, prefunded))(t)
}
