package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"wapas/desk"
)

// How much happens in the demo's weeks.
const (
	weeks     = 6
	customers = 320
	orders    = 760
	loads     = 70 // wallets that are opened by a load
)

// A shopper is a person who is a customer once they first buy.
type shopper struct {
	person
	once sync.Once
	id   string
	err  error
}

// customer is the shopper's id; the first to ask makes it.
func (s *shopper) customer(ctx context.Context, c *chronicle) (string, error) {
	s.once.Do(func() {
		var d doc
		d, s.err = c.api.do(ctx, "POST", "/v1/customers", doc{"name": s.name, "email": s.email, "contact": s.contact, "fail_existing": "0"})
		s.id = d.text("id")
	})
	return s.id, s.err
}

// plan draws six weeks of a merchant's life.
func (c *chronicle) plan(linked []string) {
	crowd := make([]*shopper, customers)
	for i := range crowd {
		crowd[i] = &shopper{person: c.person(i)}
	}
	for i := range orders {
		// Every customer buys once; some come back.
		who := crowd[i%customers]
		if i >= customers {
			who = crowd[min(c.IntN(customers), c.IntN(customers))]
		}
		c.purchase(i, who, linked)
	}
	for i := range loads {
		c.walletLife(i, crowd[i*customers/loads])
	}
	c.settlements()
	c.edges(crowd, linked)
	c.storeCredit(crowd)
	c.scanned(crowd)
	c.agencies()
}

// An order is what one purchase knows of itself while it is told.
type purchase struct {
	*chronicle
	who      *shopper
	number   int
	category category
	thing    string
	amount   int
	order    string
	payment  string
}

// purchase tells of an order: it is paid, or not; it may be split among
// sellers, and it may come back.
func (c *chronicle) purchase(n int, who *shopper, linked []string) {
	var shares []float64
	for _, k := range categories {
		shares = append(shares, k.share)
	}
	k := categories[weighted(c.dice, shares)]
	p := &purchase{chronicle: c, who: who, number: n, category: k, thing: c.one(k.things), amount: c.price(k)}
	at := c.moment(c.start.Add(time.Hour), c.end)
	capture := c.chance(0.7)
	s := c.tell().then(at, p.asked(capture))

	fate := c.Float64()
	switch {
	case fate < 0.05: // the cart is left behind
		return
	case fate < 0.13: // the first try fails
		s.then(at.Add(time.Minute), p.failed)
	}
	s.then(at.Add(2*time.Minute), p.paid(c.how(who)))
	if !capture {
		if c.chance(0.04) { // forgotten: the money goes back by itself
			return
		}
		s.then(at.Add(min(c.days(0.3, 0.8), 60*time.Hour)), p.captured)
	}

	split := c.chance(0.25)
	if split {
		s.then(at.Add(c.days(0.4, 0.6)), p.split(linked, c.between(1, 3), c.chance(0.15)))
	}
	if !c.chance(k.refunds) {
		return
	}
	back := at.Add(c.days(6, 0.6))
	switch to := c.Float64(); {
	case to < 0.75 || split:
		s.then(back, p.refunded(c.chance(k.partial), split))
	default: // the customer takes it as balance in a wallet
		s.then(back, p.credited)
	}
}

// notes are what this merchant writes on its orders.
func (p *purchase) notes() doc {
	n := doc{"category": p.category.name, "item": p.thing}
	if p.number%9 == 0 {
		n["wish"] = verses[p.number/9%len(verses)]
	}
	return n
}

func (p *purchase) asked(capture bool) func(context.Context) error {
	body := doc{"amount": p.amount, "currency": "INR", "receipt": fmt.Sprintf("INV-%05d", p.number+1), "notes": p.notes(), "payment_capture": capture}
	return func(ctx context.Context) error {
		if _, err := p.who.customer(ctx, p.chronicle); err != nil {
			return err
		}
		d, err := p.api.do(ctx, "POST", "/v1/orders", body)
		p.order = d.text("id")
		return err
	}
}

// A method is how a payment is made: the call, what is said of the method, and
// whether the customer has to confirm it to the bank.
type method struct {
	path    string
	body    doc
	confirm bool
}

// how draws the way a shopper pays.
func (c *chronicle) how(who *shopper) method {
	switch r := c.Float64(); {
	case r < 0.72:
		return method{"/v1/payments/create/upi", doc{"method": "upi", "vpa": who.vpa}, false}
	case r < 0.93:
		return method{"/v1/payments/create/json", doc{"method": "card", "card": doc{
			"number": c.one(cards), "name": who.name, "expiry_month": "12", "expiry_year": "30", "cvv": "123",
		}}, true}
	}
	return method{"/v1/payments/create/json", doc{"method": "netbanking", "bank": c.one(netbanks)}, true}
}

func (p *purchase) pay(ctx context.Context, m method) (string, error) {
	body := doc{"amount": p.amount, "currency": "INR", "order_id": p.order, "customer_id": p.who.id,
		"email": p.who.email, "contact": p.who.contact, "description": p.thing}
	for k, v := range m.body {
		body[k] = v
	}
	d, err := p.api.do(ctx, "POST", m.path, body)
	id := d.text("razorpay_payment_id")
	if err == nil && m.confirm {
		_, err = p.house.desk.FinishPayment(ctx, p.book, desk.ID(id), true)
	}
	return id, err
}

func (p *purchase) paid(m method) func(context.Context) error {
	return func(ctx context.Context) (err error) {
		p.payment, err = p.pay(ctx, m)
		return err
	}
}

// failed is a try that does not go through.
func (p *purchase) failed(ctx context.Context) error {
	_, err := p.pay(ctx, method{"/v1/payments/create/upi", doc{"method": "upi", "vpa": "failure@razorpay"}, false})
	return err
}

func (p *purchase) captured(ctx context.Context) error {
	_, err := p.api.do(ctx, "POST", "/v1/payments/"+p.payment+"/capture", doc{"amount": p.amount, "currency": "INR"})
	return err
}

// split gives most of the payment to sellers.
func (p *purchase) split(linked []string, parts int, hold bool) func(context.Context) error {
	to := p.pick(len(linked), parts)
	each := p.amount * p.between(60, 85) / 100 / parts / 100 * 100
	var list []doc
	for _, i := range to {
		list = append(list, doc{"account": linked[i], "amount": each, "currency": "INR", "on_hold": hold,
			"notes": doc{"item": p.thing}, "linked_account_notes": []string{"item"}})
	}
	return func(ctx context.Context) error {
		if each < 100 {
			return nil
		}
		_, err := p.api.do(ctx, "POST", "/v1/payments/"+p.payment+"/transfers", doc{"transfers": list})
		return err
	}
}

// refunded sends the money back where it came from. What the provider makes of
// it is in the paise, so some refunds are a few paise short of the whole.
func (p *purchase) refunded(part, split bool) func(context.Context) error {
	body := doc{"notes": doc{"reason": p.one([]string{"size", "damaged", "late", "changed my mind"})}, "receipt": fmt.Sprintf("RET-%05d", p.number+1)}
	amount := p.amount
	if part {
		amount = p.amount * p.between(20, 80) / 10_000 * 100
	}
	switch r := p.Float64(); {
	case r < 0.955:
	case r < 0.985:
		amount += 17 - 100 // pending for an hour
	case r < 0.997:
		amount += 13 - 100 // refused
	default:
		amount += 23 - 100 // refused, and done a day later
	}
	if amount = max(amount, 100); amount != p.amount {
		body["amount"] = amount
	}
	if p.chance(0.2) {
		body["speed"] = "optimum"
	}
	if split && amount == p.amount {
		body["reverse_all"] = true
	}
	return func(ctx context.Context) error {
		_, err := p.api.do(ctx, "POST", "/v1/payments/"+p.payment+"/refund", body)
		return err
	}
}

// credited gives the value of the order to the customer's wallet instead.
func (p *purchase) credited(ctx context.Context) error {
	amount := min(p.amount*98/10_000*100, 500_000)
	_, err := p.api.do(ctx, "POST", "/v1/payments/"+p.payment+"/transfers", doc{"transfers": []doc{
		{"customer": p.who.id, "amount": amount, "currency": "INR", "notes": doc{"reason": "returned " + p.thing}},
	}})
	return unless(err) // the wallet may be full
}

// walletLife tells of a wallet: money in, cashback, an order or two, a refund,
// some money out to a bank.
func (c *chronicle) walletLife(n int, who *shopper) {
	amount := c.between(5, 40) * 5000
	load := &purchase{chronicle: c, who: who, number: orders + n, category: categories[2], thing: "Wallet balance", amount: amount + 10_000}
	at := c.moment(c.start.Add(24*time.Hour), c.start.Add(3*7*24*time.Hour))
	s := c.tell().then(at, load.asked(true)).then(at, load.paid(c.how(who))).then(at, func(ctx context.Context) error {
		_, err := c.api.do(ctx, "POST", "/v1/payments/"+load.payment+"/transfers", doc{"transfers": []doc{
			{"customer": who.id, "amount": amount, "currency": "INR", "notes": doc{"why": "load"}}}})
		return err
	})
	if c.chance(0.6) {
		gift := c.between(1, 4) * 2500
		s.then(at.Add(c.days(1, 0.5)), func(ctx context.Context) error {
			_, err := c.api.do(ctx, "POST", "/v1/transfers", doc{"customer": who.id, "amount": gift, "currency": "INR", "notes": doc{"campaign": "welcome"}})
			return err
		})
	}
	for i := range c.between(1, 3) {
		buy := &purchase{chronicle: c, who: who, number: orders + loads + 3*n + i, category: categories[2], thing: c.one(categories[2].things),
			amount: amount * c.between(10, 25) / 10_000 * 100}
		at = at.Add(c.days(4, 0.5))
		auto := c.chance(0.7)
		s.then(at, buy.asked(auto)).then(at, buy.fromWallet)
		if !auto {
			if c.chance(0.15) {
				continue // never captured: the hold is let go
			}
			s.then(at.Add(min(c.days(0.4, 0.4), 60*time.Hour)), buy.captured)
		}
		if c.chance(0.3) {
			s.then(at.Add(c.days(3, 0.4)), buy.refunded(c.chance(0.4), false))
		}
	}
	if c.chance(0.35) {
		c.cashOut(s, who, at.Add(c.days(3, 0.4)), amount*c.between(5, 12)/10_000*100)
	}
}

func (p *purchase) fromWallet(ctx context.Context) error {
	d, err := p.api.do(ctx, "POST", "/v1/payments/create/openwallet", doc{
		"method": "wallet", "wallet": "openwallet", "customer_id": p.who.id, "order_id": p.order, "amount": p.amount, "currency": "INR",
		"contact": p.who.contact, "email": p.who.email, "description": "Against order " + p.thing})
	p.payment = d.text("razorpay_payment_id")
	return err
}

// cashOut sends some of a wallet to the customer's bank.
func (c *chronicle) cashOut(s *story, who *shopper, at time.Time, amount int) {
	bank := doc{"name": who.name, "account_number": fmt.Sprintf("%d", 10_000_000_000+c.Int64N(89_000_000_000)), "ifsc": c.one(branches)}
	s.then(at, func(ctx context.Context) error {
		fa, err := c.api.do(ctx, "POST", "/v1/fund_accounts", doc{"customer_id": who.id, "account_type": "bank_account", "bank_account": bank})
		if err != nil {
			return err
		}
		_, err = c.api.do(ctx, "POST", "/v1/customers/"+who.id+"/payouts", doc{
			"fund_account_id": fa.text("id"), "purpose": "refund", "amount": max(100, amount), "currency": "INR"})
		return err
	})
}

// settlements pays the merchant and its sellers out, twice a week.
func (c *chronicle) settlements() {
	s := c.tell()
	for at := c.start.Add(4 * 24 * time.Hour); at.Before(c.end); at = at.Add(84 * time.Hour) {
		s.then(at, func(ctx context.Context) error {
			_, err := c.api.do(ctx, "POST", "/v1/settlements/ondemand", doc{"amount": 500_000, "settle_full_balance": false, "description": "Midweek"})
			return err
		})
	}
}
