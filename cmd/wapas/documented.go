package main

import (
	"context"
	"errors"
	"fmt"

	"wapas/desk"
	"wapas/dialect/eko"
	"wapas/dialect/engage"
	"wapas/dialect/phonepe"
	"wapas/dialect/razorpay"
	"wapas/ledger"
	"wapas/rail"
)

// What the samples of Eko's page name.
const (
	ekoSampleTID  = 13192443
	ekoSampleRef  = "zCISyglexo0Pjqp4YrS2ssweuD9v1c3aLKGxjTW8wU7An8Wem1UyNws5830yh7q/sf5J4R3BY="
	ekoSampleCash = "5000.00"
)

// script is a desk beside the house's, with a store whose ids are scripted.
func (h *house) script() (*scripted, *desk.Desk) {
	ids := &scripted{Store: h.store}
	return ids, &desk.Desk{Store: ids, Now: h.desk.Now, Log: h.log, Sealer: h.desk.Sealer, Rails: h.desk.Rails}
}

// documented makes what the sample requests of the vendors' documents name,
// under those very names.
func (c *chronicle) documented(ctx context.Context, seller string) error {
	if err := c.moveTo(ctx, c.end); err != nil {
		return err
	}
	for _, room := range []func(context.Context) error{
		func(ctx context.Context) error { return c.documentedRazorpay(ctx, seller) },
		c.documentedEngage, c.documentedPhonePe, c.documentedEko, c.documentedHooks,
	} {
		if err := room(ctx); err != nil {
			return err
		}
	}
	return nil
}

// documentedRazorpay makes the customers, orders, payments and accounts.
func (c *chronicle) documentedRazorpay(ctx context.Context, seller string) error {
	ids, own := c.house.script()
	api := counters(own)[razorpay.Room]

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

// documentedEngage gives either customer of the manual's payloads 400 rupees, so
// that the 100 of the samples make the 500 that its answer prints.
func (c *chronicle) documentedEngage(ctx context.Context) error {
	ids, own := c.house.script()
	for partner, member := range map[string]desk.ID{"9663957855": "iuser_QgC2Ssl3WStW9p", "shopify_customer_id": ""} {
		if member != "" {
			ids.script(member)
		}
		d, err := counters(own)[engage.Room].do(ctx, "POST", creditPath, doc{
			"email": "abc@example.com", "contact": "9663957855", "partner_user_id": partner, "amount": 40_000, "action": "load",
			"currency": "INR", "reference_id": "before/" + partner, "purpose": "refund"})
		if err != nil {
			return err
		}
		if got := d.at("wallet").text("user_id"); member != "" && got != string(member) {
			return fmt.Errorf("%s was to be made, not %s", member, got)
		}
	}
	return nil
}

// documentedPhonePe makes the payments that the samples give money of back.
func (c *chronicle) documentedPhonePe(ctx context.Context) error {
	for _, p := range []struct{ merchant, transaction, reference string }{
		{"MERCHANTUAT", "TX123456XXXXX00", ""},
		{"DemoMerchant", "TX123456YYYYY00", "T2XXXXXXXXXXX"},
	} {
		_, err := phonepe.Sample(ctx, c.house.desk, c.book, p.merchant, p.transaction, p.reference, 10_000)
		if err != nil {
			return err
		}
	}
	return nil
}

// documentedEko sends the cash of the page's sample, which does not arrive.
func (c *chronicle) documentedEko(ctx context.Context) error {
	ids, own := c.house.script()
	ref := fmt.Sprint("SAMPLE", ekoSampleTID)
	_, err := own.SetScenario(ctx, c.book, desk.ScenarioRequest{What: "remittance", Ref: ref, Outcome: rail.ScenarioRefused, Times: 1})
	if err != nil {
		return err
	}
	ids.number = ekoSampleTID - 10_000_000 // where numbers of transactions begin
	d, err := counters(own)[eko.Room].do(ctx, "POST", remitPath, doc{
		"initiator_id": demoInitiator, "user_code": demoUserCode, "recipient_id": 10019064, "amount": ekoSampleCash, "currency": "INR",
		"customer_id": "9123456789", "client_ref_id": ref, "channel": 2, "state": 1, "service_code": 80})
	if err != nil {
		return err
	}
	if got := d.at("data"); got.text("tid") != fmt.Sprint(ekoSampleTID) || got.text("tx_status") != "3" {
		return fmt.Errorf("a failed transaction %d was to be made, not %v", ekoSampleTID, d)
	}
	return nil
}

// remind sends the customer of Eko's sample the OTP again, by the name that the
// page prints: an OTP lasts for minutes, and a demo may be given its tour days
// after it was made.
func (h *house) remind(ctx context.Context) error {
	ids, own := h.script()
	ids.challenge = ekoSampleRef
	books, err := h.store.Books(ctx, desk.BookQuery{})
	if err != nil {
		return err
	}
	for _, b := range books {
		r, err := own.Remittance(ctx, b.ID, fmt.Sprint(ekoSampleTID))
		if ledger.CodeOf(err) == ledger.NotFound {
			continue // the merchant's other book
		}
		if err == nil {
			_, err = own.SendRefundOTP(ctx, b.ID, r.ID, r.Agent)
		}
		if err != nil {
			return fmt.Errorf("send the OTP of Eko's sample: %w", err)
		}
	}
	return nil
}

// documentedHooks makes an endpoint for each room that announces things. It is
// made last: a receiver hears of what happens from now on.
func (c *chronicle) documentedHooks(ctx context.Context) error {
	_, err := c.api.do(ctx, "POST", "/v1/webhooks", doc{
		"url": demoHook, "alert_email": "ops@example.com", "secret": demoWebhookSecret,
		"events": []string{"payment.captured", "refund.created", "refund.processed", "refund.failed", "transfer.processed", "payout.processed"},
	})
	for _, room := range []string{phonepe.Room, eko.Room} {
		if err == nil {
			_, err = c.house.desk.CreateEndpoint(ctx, c.book, desk.EndpointRequest{Room: room, URL: demoHook + "/" + room, Secret: []byte("wapas:" + demoWebhookSecret)})
		}
	}
	return err
}
