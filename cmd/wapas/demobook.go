package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"wapas/desk"
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
	demoDeveloper     = "wapasdemodeveloperkey0000000001"
	demoAccess        = "wapas-demo-access-key"
	demoInitiator     = "9962981729"
	demoUserCode      = "20810200"
	demoNativeToken   = "wapas_demo_native_token"
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

// demoTerms are those of the golden scenario in docs/accounting.md: 2 % on
// payments, 0.25 % on transfers, five rupees a payout, and GST on all of it.
func demoTerms() desk.Terms {
	t := desk.DefaultTerms()
	t.PaymentBps, t.TransferBps, t.PayoutFlat = 200, 25, 500
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
	_, err = h.desk.Issue(ctx, desk.IssueRequest{Room: razorpay.Room, Book: book.ID, Name: demoKeyID, Secret: []byte(demoKeySecret)})
	if err != nil {
		return fmt.Errorf("issue the demo's key: %w", err)
	}
	c := &chronicle{
		dice: newDice(demoDice), house: h, book: book.ID, start: start, end: now.Add(-10 * time.Minute),
		api: &client{base: "http://wapas", door: demoDoors["razorpay"], via: direct{razorpay.New(h.desk, razorpay.Config{})}},
	}
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

// found opens the shop: its sellers, its webhook, and a first big order that
// gives it money to work with.
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
	_, err = c.api.do(ctx, "POST", "/v1/webhooks", doc{
		"url": "http://localhost:3000/hook", "alert_email": "ops@example.com", "secret": demoWebhookSecret,
		"events": []string{"payment.captured", "refund.created", "refund.processed", "refund.failed", "transfer.processed", "payout.processed"},
	})
	if err != nil {
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

// documented makes the customers, orders, payments and accounts that the sample
// requests of the vendors' documents name, under those very ids.
func (c *chronicle) documented(ctx context.Context, seller string) error {
	if err := c.moveTo(ctx, c.end); err != nil {
		return err
	}
	ids := &scripted{Store: c.house.store}
	own := &desk.Desk{Store: ids, Now: c.house.desk.Now, Log: c.house.log, Sealer: c.house.desk.Sealer, Rails: c.house.desk.Rails}
	api := &client{base: c.api.base, door: demoDoors["razorpay"], via: direct{razorpay.New(own, razorpay.Config{})}}

	var errs []error
	do := func(id desk.ID, path string, body doc) {
		if errs != nil {
			return
		}
		ids.script(id)
		if d, err := api.do(ctx, "POST", path, body); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", id, err))
		} else if got := d.text("id") + d.text("razorpay_payment_id"); id != "" && got != string(id) {
			errs = append(errs, fmt.Errorf("%s was to be made, not %s", id, got))
		}
	}
	for i, id := range []desk.ID{"cust_00000000000001", "cust_FVjPW3o1BxxOsa", "cust_MrZYbZYSmbUxz9", "cust_Aa000000000001"} {
		do(id, "/v1/customers", doc{"name": "Gaurav Kumar", "email": fmt.Sprintf("gaurav.kumar.%d@example.com", i+1), "contact": "9876543210"})
	}
	for customer, amount := range map[string]int{"cust_00000000000001": 150_000, "cust_FVjPW3o1BxxOsa": 50_000} {
		if errs != nil {
			break
		}
		p, err := c.paidOrder(ctx, c.api, 2*amount)
		if err != nil {
			return err
		}
		do("", "/v1/payments/"+p+"/transfers", doc{"transfers": []doc{{"customer": customer, "amount": amount, "currency": "INR"}}})
	}
	do("order_00000000000001", "/v1/orders", doc{"amount": 120_000, "currency": "INR", "payment_capture": true})
	do("pay_00000000000001", "/v1/payments/create/openwallet", doc{
		"method": "wallet", "wallet": "openwallet", "customer_id": "cust_00000000000001", "order_id": "order_00000000000001",
		"amount": 120_000, "currency": "INR", "contact": "9876543210", "email": "gaurav.kumar@example.com"})
	do("order_Fa8AceMp2VLhZs", "/v1/orders", doc{"amount": 5_000, "currency": "INR", "payment_capture": true})
	do("fa_FaSwoEzHbedyPz", "/v1/fund_accounts", doc{"customer_id": "cust_FVjPW3o1BxxOsa", "account_type": "bank_account",
		"bank_account": doc{"name": "Gaurav Kumar", "account_number": "11214311215411", "ifsc": "HDFC0000053"}})
	if errs != nil {
		return errors.Join(errs...)
	}
	o, err := api.do(ctx, "POST", "/v1/orders", doc{"amount": 100_000, "currency": "INR", "payment_capture": true})
	if err != nil {
		return err
	}
	do("pay_JJCqynf4fQS0N1", "/v1/payments/create/json", doc{"method": "card", "amount": 100_000, "currency": "INR", "order_id": o.text("id"),
		"email": "gaurav.kumar@example.com", "contact": "+919876543210",
		"card": doc{"number": cards[0], "name": "Gaurav Kumar", "expiry_month": "12", "expiry_year": "30", "cvv": "123"}})
	if errs != nil {
		return errors.Join(errs...)
	}
	if _, err := c.house.desk.FinishPayment(ctx, c.book, "pay_JJCqynf4fQS0N1", true); err != nil {
		return err
	}
	do("", "/v1/payments/pay_JJCqynf4fQS0N1/transfers", doc{"transfers": []doc{{"account": seller, "amount": 40_000, "currency": "INR"}}})
	return errors.Join(errs...)
}
