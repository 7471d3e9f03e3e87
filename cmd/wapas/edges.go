package main

import (
	"context"
	"fmt"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

// edges tells of what every demo should hold because it is rare in life: the
// smallest refund, parts that add up to the paisa, a wallet refunded above its
// limit, money that came back after it was gone, an outcome nobody knows.
func (c *chronicle) edges(crowd []*shopper, linked []string) {
	n := orders + 10*loads
	late := c.end.Add(-5 * 24 * time.Hour)
	buy := func(amount int, at time.Time) (*purchase, *story) {
		n++
		p := &purchase{chronicle: c, who: crowd[n%customers], number: n, category: categories[3], thing: "Brass lamp", amount: amount}
		s := c.tell().then(at, p.asked(true))
		s.then(at, p.paid(method{"/v1/payments/create/upi", doc{"method": "upi", "vpa": p.who.vpa}, false}))
		return p, s
	}
	refund := func(p *purchase, body doc) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := c.api.do(ctx, "POST", "/v1/payments/"+p.payment+"/refund", body)
			return err
		}
	}

	// One rupee, paid and given back.
	p, s := buy(100, late)
	s.then(late.Add(time.Hour), refund(p, doc{}))

	// Three parts that add up to the paisa.
	p, s = buy(100_000, late)
	for i, part := range []int{33_334, 33_334, 33_332} {
		s.then(late.Add(time.Duration(i+1)*5*time.Hour), refund(p, doc{"amount": part, "notes": doc{"part": i + 1}}))
	}

	// Split three ways: a part cannot pull its transfers back, the whole can.
	p, s = buy(600_000, late)
	s.then(late.Add(time.Hour), p.splitAmong(linked[:3], 150_000))
	s.then(late.Add(24*time.Hour), c.refuses(refund(p, doc{"amount": 100_000, "reverse_all": 1})))
	s.then(late.Add(25*time.Hour), refund(p, doc{"reverse_all": 1}))

	// A seller is paid out; then its transfer is reversed, from what came since.
	p, s = buy(400_000, late.Add(-48*time.Hour))
	seller := linked[len(linked)-1]
	s.then(late.Add(-47*time.Hour), p.splitAmong([]string{seller}, 200_000))
	s.then(late.Add(-46*time.Hour), func(ctx context.Context) error {
		_, err := c.house.desk.Settle(ctx, c.book, desk.ID(seller))
		return err
	})
	s.then(late, func(ctx context.Context) error {
		_, err := c.api.do(ctx, "POST", "/v1/transfers", doc{"account": seller, "amount": 120_000, "currency": "INR"})
		return err
	})
	s.then(late.Add(time.Hour), func(ctx context.Context) error {
		list, err := c.api.do(ctx, "GET", "/v1/payments/"+p.payment+"/transfers", nil)
		if err != nil {
			return err
		}
		for _, t := range list.items() {
			if _, err := c.api.do(ctx, "POST", "/v1/transfers/"+t.text("id")+"/reversals", doc{"amount": 100_000}); err != nil {
				return err
			}
		}
		return nil
	})

	c.overLimit(&n, crowd[7])

	// Refunds whose providers behave badly: refused; refused and done a day
	// later; never answered; and, just before the end, one that is still pending.
	for _, x := range []struct {
		paise int
		at    time.Time
	}{
		{13, late}, {23, late}, {29, late}, {19, late}, {17, c.end.Add(-20 * time.Minute)}, {17, c.end.Add(-40 * time.Minute)},
	} {
		p, s = buy(250_000, x.at.Add(-time.Hour))
		s.then(x.at, refund(p, doc{"amount": 150_000 + x.paise, "notes": doc{"paise": x.paise}}))
	}

	// A bank disputes a payment after part of it was refunded: one is lost,
	// one is won, one is still open.
	for i := range 3 {
		p, s = buy(180_000, late.Add(-24*time.Hour))
		s.then(late, refund(p, doc{"amount": 30_000}))
		s.then(late.Add(24*time.Hour), c.disputed(p, i))
	}

	// Payouts: one refused by the bank, one that arrives after it was given up.
	for i, paise := range []int{13, 23} {
		who := crowd[20+i]
		load := &purchase{chronicle: c, who: who, number: n + 50 + i, category: categories[2], thing: "Wallet balance", amount: 300_000}
		s := c.tell().then(late, load.asked(true)).then(late, load.paid(method{"/v1/payments/create/upi", doc{"method": "upi", "vpa": who.vpa}, false}))
		s.then(late, load.loaded(200_000))
		c.cashOut(s, who, late.Add(time.Hour), 50_000+paise)
	}
}

// splitAmong gives each of the sellers the same.
func (p *purchase) splitAmong(linked []string, each int) func(context.Context) error {
	return func(ctx context.Context) error {
		var list []doc
		for _, to := range linked {
			list = append(list, doc{"account": to, "amount": each, "currency": "INR"})
		}
		_, err := p.api.do(ctx, "POST", "/v1/payments/"+p.payment+"/transfers", doc{"transfers": list})
		return err
	}
}

// loaded moves some of the payment to the customer's wallet.
func (p *purchase) loaded(amount int) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := p.api.do(ctx, "POST", "/v1/payments/"+p.payment+"/transfers", doc{"transfers": []doc{
			{"customer": p.who.id, "amount": amount, "currency": "INR", "notes": doc{"why": "load"}}}})
		return err
	}
}

// overLimit fills a wallet, spends from it, fills it again, and then refunds
// what was spent: a refund is let through although the wallet is full.
func (c *chronicle) overLimit(n *int, who *shopper) {
	at := c.end.Add(-9 * 24 * time.Hour)
	step := func(amount int) *purchase {
		*n++
		return &purchase{chronicle: c, who: who, number: *n, category: categories[4], thing: "Mixer grinder", amount: amount}
	}
	upi := method{"/v1/payments/create/upi", doc{"method": "upi", "vpa": who.vpa}, false}
	first, buy, second := step(1_700_000), step(700_000), step(1_000_000)
	s := c.tell()
	s.then(at, first.asked(true)).then(at, first.paid(upi)).then(at, first.loaded(1_500_000))
	s.then(at.Add(24*time.Hour), buy.asked(true)).then(at.Add(24*time.Hour), buy.fromWallet)
	s.then(at.Add(48*time.Hour), second.asked(true)).then(at.Add(48*time.Hour), second.paid(upi))
	s.then(at.Add(48*time.Hour), second.loaded(900_000))
	s.then(at.Add(72*time.Hour), func(ctx context.Context) error {
		_, err := c.api.do(ctx, "POST", "/v1/payments/"+buy.payment+"/refund", doc{"notes": doc{"reason": "arrived broken"}})
		return err
	})
}

// refuses demands that a step is refused.
func (c *chronicle) refuses(do func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		err := do(ctx)
		if err == nil {
			return fmt.Errorf("the server did what it had to refuse")
		}
		return unless(err)
	}
}

// disputed opens a dispute of what is left of a payment, and ends it in one of
// three ways: lost, won, or not yet.
func (c *chronicle) disputed(p *purchase, end int) func(context.Context) error {
	return func(ctx context.Context) error {
		q := desk.DisputeRequest{Payment: desk.ID(p.payment), Amount: ledger.Amount(p.amount - 30_000)}
		_, err := c.house.desk.OpenDispute(ctx, c.book, q)
		if err != nil {
			return err
		}
		switch end {
		case 0:
			_, err = c.house.desk.LoseDispute(ctx, c.book, q)
		case 1:
			_, err = c.house.desk.WinDispute(ctx, c.book, q)
		}
		return err
	}
}
