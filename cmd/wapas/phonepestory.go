package main

import (
	"context"
	"fmt"
	"time"

	"wapas/dialect/phonepe"
)

// scans is how many customers pay by PhonePe in the demo's weeks.
const scans = 48

// scanned tells of payments by PhonePe: at the counter, where the shop asks for
// the money in the customer's app, and online. Some go back.
func (c *chronicle) scanned(crowd []*shopper) {
	for i := range scans {
		p := c.scan(i, crowd[(7*i+1)%customers], c.price(categories[2]))
		at := c.moment(c.start.Add(time.Hour), c.end.Add(-24*time.Hour))
		vpa := p.who.vpa
		switch i % 16 {
		case 4:
			vpa = "failed@ybl"
		case 11:
			vpa = "pending@ybl" // the customer never looks at it
		}
		s := c.tell().then(at, p.requested(vpa))
		if vpa == p.who.vpa && c.chance(0.35) {
			amount := p.amount
			if c.chance(0.3) {
				amount = p.amount * c.between(2, 8) / 1000 * 100
			}
			s.then(at.Add(max(c.days(3, 0.6), 6*time.Hour)), p.back(max(amount, 100)))
		}
	}

	// Refunds whose bank behaves badly, and one that is still under way.
	late := c.end.Add(-4 * 24 * time.Hour)
	for i, paise := range []int{13, 17, 19, 23, 29, 17} {
		at := late
		if i == 5 {
			at = c.end.Add(-20 * time.Minute)
		}
		p := c.scan(scans+i, crowd[40+i], 150_000)
		c.tell().then(at.Add(-24*time.Hour), p.requested(p.who.vpa)).then(at, p.back(90_000+paise))
	}

	// A payment that another room took goes back through this one.
	p := c.scan(scans+10, crowd[60], 75_000)
	c.tell().then(late, p.asked(true)).
		then(late, p.paid(method{"/v1/payments/create/upi", doc{"method": "upi", "vpa": p.who.vpa}, false})).
		then(late.Add(24*time.Hour), func(ctx context.Context) error {
			p.transaction = p.payment
			return p.back(25_000)(ctx)
		})
}

// A scan is a purchase that is paid by PhonePe, under the shop's own id.
type scan struct {
	*purchase
	transaction string
}

func (c *chronicle) scan(n int, who *shopper, amount int) *scan {
	return &scan{
		purchase:    &purchase{chronicle: c, who: who, number: orders + 30*loads + n, category: categories[2], thing: c.one(categories[2].things), amount: amount},
		transaction: fmt.Sprintf("PP%05d", n+1),
	}
}

// requested asks the customer to pay, who does so in a few seconds.
func (p *scan) requested(vpa string) func(context.Context) error {
	if p.number%2 == 0 {
		return p.sent("/pg/v1/pay", doc{"merchantId": demoPhonePe, "merchantTransactionId": p.transaction, "merchantUserId": p.who.email[:4],
			"amount": p.amount, "paymentInstrument": doc{"type": "UPI_COLLECT", "vpa": vpa}})
	}
	return p.sent("/v3/charge", doc{"merchantId": demoPhonePe, "transactionId": p.transaction, "merchantOrderId": fmt.Sprintf("OD%05d", p.number),
		"amount": p.amount, "instrumentType": "VPA", "instrumentReference": vpa, "expiresIn": 180, "storeId": "store1", "terminalId": "counter1"})
}

// back sends some of it back to where it came from.
func (p *scan) back(amount int) func(context.Context) error {
	return func(ctx context.Context) error {
		if p.number%2 == 0 {
			return p.sent("/pg/v1/refund", doc{"merchantId": demoPhonePe, "merchantTransactionId": "R" + p.transaction,
				"originalTransactionId": p.transaction, "amount": amount})(ctx)
		}
		return p.sent("/v3/credit/backToSource", doc{"merchantId": demoPhonePe, "transactionId": "R" + p.transaction,
			"originalTransactionId": p.transaction, "amount": amount, "message": "returned " + p.thing})(ctx)
	}
}

func (p *scan) sent(path string, body doc) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := p.at(phonepe.Room).do(ctx, "POST", path, body)
		return err
	}
}
