package storetest_test

import (
	"testing"
	"time"

	"wapas/desk"
	"wapas/rail"
	"wapas/storetest"
)

// A refund that went, came back a day later, and went again on a person's word
// is posted once.
func TestRefundThatWentTwice(t *testing.T) {
	onEach(t, func(t *testing.T, e storetest.Engine) {
		w := newTown(t, e)
		p := w.paid(100000)
		r := got(w.Refund(w.ctx, w.book, desk.RefundRequest{Payment: p.ID, Amount: 5000, Outcome: rail.ScenarioReturned}))(t)
		w.wait(48 * time.Hour)
		o := got(desk.Find[desk.RailOrder](w.ctx, w.Desk, w.book, r.ID))(t)
		equal(t, "the state of the order", o.State, "refused")
		got(w.RecordOutcome(w.ctx, w.book, desk.OutcomeRequest{Order: r.ID, Outcome: rail.Done, Reference: "UTR1"}))(t)
		equal(t, "given back", w.payment(p.ID).Refunded, 5000)
		clean(t, w.store)
	})
}

// Texts that a database may not like are kept or refused in the vendor's words;
// they are never our fault.
func TestOddTexts(t *testing.T) {
	onEach(t, func(t *testing.T, e storetest.Engine) {
		c := newCrowd(t, e)
		for _, text := range []string{`\u0000`, `a\u0000b`, `\ud800`, "\xff\xfe", `'; DROP TABLE books; --`, `\u202e`, "𝄞", `\\x00`} {
			for _, q := range []struct{ path, body string }{
				{"/v1/customers", `{"name":"` + text + `","contact":"9876543210","fail_existing":"0"}`},
				{"/v1/customers", `{"name":"Asha","notes":{"k":"` + text + `"},"contact":"9876543211","fail_existing":"0"}`},
				{"/v1/orders", `{"amount":100,"currency":"INR","receipt":"` + text + `"}`},
				{"/v1/orders", `{"amount":100,"currency":"INR","notes":{"` + text + `":"v"}}`},
			} {
				c.ask("POST", q.path, "", q.body) // fails the test at a 5xx
			}
		}
		for _, odd := range []string{"%00", "a%00b", "%ff", "%ED%A0%80", "%27%3B--"} {
			c.ask("GET", "/v1/orders?receipt="+odd, "", "")
			c.ask("GET", "/v1/customers/cust_"+odd+"0000000000000/balance", "", "")
			c.ask("GET", "/v1/payments?from="+odd, "", "")
			c.ask("GET", "/v1/refunds/"+odd, "", "")
			c.ask("POST", "/v1/orders", odd, `{"amount":100,"currency":"INR"}`)
		}
		clean(t, c.store)
	})
}
