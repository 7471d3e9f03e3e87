package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"wapas/desk"
	"wapas/dialect/eko"
	"wapas/dialect/engage"
	"wapas/dialect/native"
	"wapas/dialect/phonepe"
	"wapas/dialect/razorpay"
)

// The demo's credentials are fixed and well known. They open a test book that
// demo made, and nothing else.
const (
	demoMerchant      = "Wapas Demo"
	demoKeyID         = "rzp_test_wapasDemo00001"
	demoKeySecret     = "wapasDemoSecret000000001"
	demoWebhookSecret = "wapas_demo_whsec"
	demoEngageToken   = "wapas_demo_engage_token"
	demoPhonePe       = "WAPASDEMO"
	demoSalt          = "5a17c0de-1111-4222-8333-444455556666"
	demoClientSecret  = "c11e27de-1111-4222-8333-444455556666"
	demoDeveloper     = "wapasdemodeveloperkey0000000001"
	demoAccess        = "wapas-demo-access-key"
	demoInitiator     = "9962981729"
	demoUserCode      = "20810200"
	demoNativeToken   = "wapas_demo_native_token"
	demoPassword      = "wapas-demo-password" // of admin@wapas.local, and of one person in each other role
	demoHook          = "http://localhost:3000/hook"
	demoDice          = 20140101
)

// demoDoors are what the rooms ask of the demo's callers.
var demoDoors = map[string]door{
	"razorpay": basic(demoKeyID, demoKeySecret),
	"engage":   bearer(demoEngageToken),
	"phonepe":  salted(demoSalt, 1),
	"eko":      timed(demoDeveloper, demoAccess),
	"native":   bearer(demoNativeToken),
}

// demoKeys are the demo's credentials. The oldest salt is the merchant's; the
// other two are of the merchants that PhonePe's samples name.
var demoKeys = []desk.IssueRequest{
	{Room: razorpay.Room, Name: demoKeyID, Secret: []byte(demoKeySecret)},
	{Room: engage.Room, Secret: []byte(demoEngageToken)},
	{Room: phonepe.Room, Name: demoPhonePe + "#1", Secret: []byte(demoSalt)},
	{Room: phonepe.Room, Name: "MERCHANTUAT#1", Secret: []byte(demoSalt)},
	{Room: phonepe.Room, Name: "DemoMerchant#1", Secret: []byte(demoSalt)},
	{Room: phonepe.Room, Name: "client:" + demoPhonePe, Secret: []byte(demoClientSecret)},
	{Room: eko.Room, Name: demoDeveloper, Secret: []byte(demoAccess)},
	{Room: native.Room, Secret: []byte(demoNativeToken)},
}

// demoTerms are those of the golden scenario in docs/accounting.md: 2 % on
// payments, 0.25 % on transfers, five rupees a payout, and GST on all of it. A
// remittance costs 1 % and earns the agent 28.38 rupees, of which a quarter is
// kept back as tax, so that a refund is the one that Eko's page prints.
func demoTerms() desk.Terms {
	t := desk.DefaultTerms()
	t.PaymentBps, t.TransferBps, t.PayoutFlat = 200, 25, 500
	t.RemitBps, t.CommissionFlat, t.TDSBps = 100, 2838, 2500
	t.AllowPayout = true
	t.SameRefundGuard = 0
	return t
}

// makeBook fills an empty database with the demo's merchant.
func (h *house) makeBook(ctx context.Context, said func(done, all int)) error {
	now := time.Now()
	start := now.Add(-weeks * 7 * 24 * time.Hour)
	_, book, _, err := h.desk.CreateMerchant(ctx, desk.MerchantRequest{Name: demoMerchant, TestClock: desk.Clock{Ahead: start.Sub(now)}})
	if err != nil {
		return fmt.Errorf("make the demo's merchant: %w", err)
	}
	if _, err := h.desk.SetTerms(ctx, book.ID, demoTerms()); err != nil {
		return fmt.Errorf("set the demo's terms: %w", err)
	}
	for _, q := range demoKeys {
		q.Book = book.ID
		if _, err := h.desk.Issue(ctx, q); err != nil {
			return fmt.Errorf("issue the demo's %s key: %w", q.Room, err)
		}
	}
	for _, role := range desk.Roles {
		q := desk.PersonRequest{Merchant: book.Merchant, Email: string(role) + "@wapas.local", Role: role, Password: demoPassword}
		if _, err := h.desk.AddPerson(ctx, q); err != nil {
			return fmt.Errorf("add the demo's %s: %w", role, err)
		}
	}
	c := &chronicle{
		dice: newDice(demoDice), house: h, book: book.ID, start: start, end: now.Add(-10 * time.Minute), counters: counters(h.desk),
	}
	c.api = c.at(razorpay.Room)
	linked, err := c.found(ctx)
	if err != nil {
		return fmt.Errorf("found the demo's shop: %w", err)
	}
	c.plan(linked)
	if err := c.unfold(ctx, said); err != nil {
		return fmt.Errorf("tell the demo's weeks: %w", err)
	}
	if err := c.documented(ctx, linked[0]); err != nil {
		return fmt.Errorf("make what the documents name: %w", err)
	}
	// From here on the book's time is everybody's.
	if _, err := h.desk.SetClock(ctx, book.ID, desk.ClockRequest{Do: desk.ClockReal}); err != nil {
		return fmt.Errorf("set the book's clock: %w", err)
	}
	return nil
}

// counters are the rooms at a desk, each with a caller in front of it.
func counters(d *desk.Desk) map[string]*client {
	all := map[string]*client{}
	for room, handler := range map[string]http.Handler{
		razorpay.Room: razorpay.New(d, razorpay.Config{}), engage.Room: engage.New(d, engage.Config{}),
		phonepe.Room: phonepe.New(d, phonepe.Config{}), eko.Room: eko.New(d, eko.Config{}),
	} {
		all[room] = &client{base: "http://wapas", door: demoDoors[room], via: direct{handler}}
	}
	return all
}

// at is the caller in front of a room.
func (c *chronicle) at(room string) *client { return c.counters[room] }

// found opens the shop: its sellers, its store credit, its agents, and a first
// big order that gives it money to work with.
func (c *chronicle) found(ctx context.Context) (linked []string, err error) {
	for i, s := range sellers {
		d, err := c.api.do(ctx, "POST", "/v2/accounts", doc{
			"email": fmt.Sprintf("seller%d@example.com", i+1), "phone": fmt.Sprintf("98%08d", 1000+i), "type": "route",
			"reference_id": fmt.Sprintf("seller-%d", i+1), "legal_business_name": s.shop, "business_type": "proprietorship",
			"contact_name": s.owner,
			"profile": doc{"category": "ecommerce", "subcategory": "ecommerce_marketplace", "addresses": doc{"registered": doc{
				"street1": "1, Market Road", "street2": "Old Town", "city": s.city, "state": s.state, "postal_code": s.pin, "country": "IN"}}},
		})
		if err != nil {
			return nil, err
		}
		linked = append(linked, d.text("id"))
	}
	if err := c.openProgramme(ctx); err != nil {
		return nil, err
	}
	if err := c.openAgents(ctx); err != nil {
		return nil, err
	}
	_, err = c.paidOrder(ctx, c.api, 10_000_000)
	return linked, err
}

// paidOrder makes an order and pays it by UPI, and returns the payment.
func (c *chronicle) paidOrder(ctx context.Context, api *client, amount int) (string, error) {
	o, err := api.do(ctx, "POST", "/v1/orders", doc{"amount": amount, "currency": "INR", "payment_capture": true})
	if err != nil {
		return "", err
	}
	p, err := api.do(ctx, "POST", "/v1/payments/create/upi", doc{
		"method": "upi", "vpa": "gaurav.kumar@exampleupi", "amount": amount, "currency": "INR", "order_id": o.text("id"),
		"email": "gaurav.kumar@example.com", "contact": "+919876543210"})
	return p.text("razorpay_payment_id"), err
}
