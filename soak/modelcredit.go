package soak

import (
	"slices"
	"time"
)

// What the model knows of store credit. The merchant's promise stands behind it,
// so giving and spending touch none of the merchant's money.

// maxCredit is the most that a member may hold, creditLife how long a credit
// lives, and returnedLife how long one that comes back after its end.
const (
	maxCredit    = 400_000
	creditLife   = 20 * time.Hour
	returnedLife = 30 * 24 * time.Hour
)

// A member holds lots of credit.
type member struct {
	id, name string
	lots     []*lot
	spends   []*spending
}

// A lot is what is left of a credit that was given.
type lot struct {
	left int64
	ends time.Time
}

// A spending took parts of lots, and so much of it came back.
type spending struct {
	id       string
	of       *member
	amount   int64
	returned int64
	parts    []lotPart
}

type lotPart struct {
	*lot
	amount int64
}

// held is all that a member holds, lots that end just now included.
func (b *member) held() (all int64) {
	for _, l := range b.lots {
		all += l.left
	}
	return all
}

// credit gives a member credit: as a refund of a payment, if one is named,
// which counts against what may be given back of it.
func (m *model) credit(b *member, a int64, p *payment) string {
	switch {
	case b.held()+a > maxCredit:
		return "holds too much"
	case p != nil && a > p.left() && p.left() == 0:
		return "all given back"
	case p != nil && a > p.left():
		return "more than is left"
	}
	b.lots = append(b.lots, &lot{a, m.now.Add(creditLife)})
	if p != nil {
		p.back += a
		if p.wallet != "" {
			promo := a - min(a, p.amount-p.promo-(p.back-a-p.promoBack))
			p.promoBack += promo
		}
		r := &refund{of: p, amount: a, room: "credit", state: "done"}
		p.refunds = append(p.refunds, r)
		m.refunds = append(m.refunds, r)
	}
	return ok("credit %d, holds %d", a, b.held())
}

// spendCredit takes credit, what ends first before the rest.
func (m *model) spendCredit(b *member, a int64, s *spending) string {
	if a > b.held() {
		return "member short"
	}
	slices.SortStableFunc(b.lots, func(x, y *lot) int { return x.ends.Compare(y.ends) })
	s.of, s.amount = b, a
	for _, l := range b.lots {
		if take := min(a, l.left); take > 0 {
			l.left -= take
			a -= take
			s.parts = append(s.parts, lotPart{l, take})
		}
	}
	b.spends = append(b.spends, s)
	return ok("credit %d, holds %d", s.amount, b.held())
}

// returnCredit undoes some of a spending, what it took last first; zero is all.
func (m *model) returnCredit(s *spending, a int64) string {
	if a == 0 {
		a = max(s.amount-s.returned, 1)
	}
	if a > s.amount-s.returned {
		return "more than was spent"
	}
	gone, left := s.returned, a
	for _, p := range slices.Backward(s.parts) {
		before := min(p.amount, gone)
		gone -= before
		back := min(p.amount-before, left)
		left -= back
		if back > 0 && !p.ends.After(m.now) {
			p.ends = m.now.Add(returnedLife)
		}
		p.left += back
	}
	s.returned += a
	return ok("credit %d, holds %d", a, s.of.held())
}

// expire ends the lots whose time has come.
func (m *model) expire() {
	for _, b := range m.members {
		for _, l := range b.lots {
			if !l.ends.After(m.now) {
				l.left = 0
			}
		}
	}
}
