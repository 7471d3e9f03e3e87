package main

import (
	"context"
	"fmt"
	"time"

	"wapas/desk"
	"wapas/dialect/engage"
	"wapas/ledger"
)

// How much store credit there is in the demo's weeks, and how long it lasts.
const (
	returns    = 26
	creditLife = 35 * 24 * time.Hour
)

// creditPath is where a test book's store credit is given.
const creditPath = "/issuinghq/test/v3/engage/transactions/credit"

// openProgramme says what the shop's store credit is: closed, for five weeks,
// and counted against the order that was returned.
func (c *chronicle) openProgramme(ctx context.Context) error {
	ids, own := c.house.script()
	ids.script("iprog_QaFpbI3UFnDl3n") // of the manual's sample
	p := desk.DefaultProgramme()
	p.MaxBalance, p.Expiry, p.CountsOrders = 50_000_00, int64(creditLife/time.Second), true
	_, err := own.SetProgramme(ctx, c.book, p)
	return err
}

// storeCredit tells of goods that come back and whose value the customers take
// as store credit: some spend it, some of those send that back too, and one
// forgets it until it has ended.
func (c *chronicle) storeCredit(crowd []*shopper) {
	for i := range returns {
		r := c.returned(i, crowd[(11*i+3)%customers], c.price(categories[0]))
		at := c.moment(c.start.Add(24*time.Hour), c.start.Add(4*7*24*time.Hour))
		s := c.bought(r, at)
		at = at.Add(max(c.days(5, 0.4), 6*time.Hour))
		s.then(at, r.given(r.amount))
		if !c.chance(0.6) {
			continue
		}
		part := c.between(3, 9)
		s.then(at.Add(c.days(2, 0.5)), r.spent(r.amount*part/10))
		if c.chance(0.4) {
			s.then(at.Add(c.days(5, 0.5)), r.unspent)
		}
	}

	// One is never looked at again.
	r := c.returned(returns, crowd[5], 89_900)
	c.bought(r, c.start.Add(24*time.Hour)).then(c.start.Add(3*24*time.Hour), r.given(r.amount))

	// One order is given back twice, half to where it came from and half as
	// credit: a third time there is nothing left.
	r = c.returned(returns+1, crowd[6], 120_000)
	at := c.end.Add(-6 * 24 * time.Hour)
	s := c.bought(r, at)
	s.then(at.Add(24*time.Hour), func(ctx context.Context) error {
		_, err := c.api.do(ctx, "POST", "/v1/payments/"+r.payment+"/refund", doc{"amount": 60_000})
		return err
	})
	s.then(at.Add(25*time.Hour), r.given(60_000))
	s.then(at.Add(26*time.Hour), c.refuses(r.given(100)))
}

// A comeback is a purchase whose value is given back as store credit.
type comeback struct {
	*purchase
	times  int
	member string
	spend  desk.ID
}

func (c *chronicle) returned(n int, who *shopper, amount int) *comeback {
	number := orders + 20*loads + n
	return &comeback{purchase: &purchase{chronicle: c, who: who, number: number, category: categories[0], thing: c.one(categories[0].things), amount: amount}}
}

// bought begins a story with a purchase that is paid.
func (c *chronicle) bought(r *comeback, at time.Time) *story {
	return c.tell().then(at, r.asked(true)).then(at, r.paid(method{"/v1/payments/create/upi", doc{"method": "upi", "vpa": r.who.vpa}, false}))
}

// given gives credit for the purchase.
func (r *comeback) given(amount int) func(context.Context) error {
	return func(ctx context.Context) error {
		r.times++
		d, err := r.at(engage.Room).do(ctx, "POST", creditPath, doc{
			"email": r.who.email, "contact": r.who.contact[3:], "partner_user_id": r.who.id, "amount": amount, "action": "load", "currency": "INR",
			"reference_id": fmt.Sprintf("RETURN-%05d-%d", r.number+1, r.times), "purpose": "refund", "notes": doc{"order_id": r.order, "item": r.thing}})
		r.member = d.at("wallet").text("user_id")
		return err
	}
}

// spent pays for something with the credit.
func (r *comeback) spent(amount int) func(context.Context) error {
	return func(ctx context.Context) error {
		x, err := r.house.desk.SpendCredit(ctx, r.book, desk.SpendRequest{
			Member: desk.ID(r.member), Amount: ledger.Amount(amount), Order: fmt.Sprintf("INV-%05d", r.number+1001), Reference: fmt.Sprintf("SPEND-%05d", r.number+1)})
		r.spend = x.ID
		return err
	}
}

// unspent sends half of that back.
func (r *comeback) unspent(ctx context.Context) error {
	x, err := desk.Find[desk.Credit](ctx, r.house.desk, r.book, r.spend)
	if err == nil {
		_, err = r.house.desk.ReturnCredit(ctx, r.book, desk.ReturnRequest{Spend: x.ID, Amount: max(1, x.Amount/2), Reference: "back/" + x.Reference})
	}
	return err
}
