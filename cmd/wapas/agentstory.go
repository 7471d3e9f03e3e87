package main

import (
	"context"
	"fmt"
	"time"

	"wapas/desk"
	"wapas/dialect/eko"
	"wapas/ledger"
)

// How much cash is sent in the demo's weeks.
const (
	remitters   = 14
	remittances = 42
	owedCash    = remittances + 1 // the one that the customer has not come back for
)

// remitPath is where cash is sent.
const remitPath = "/ekoapi/v3/customer/payment/ppi-digikhata"

// demoAgents take cash for the demo's API user. The first is the one that Eko's
// page names.
var demoAgents = []desk.AgentRequest{
	{Code: demoUserCode, Initiator: demoInitiator, Mobile: "9800000001", Name: "Asha Stores"},
	{Code: "20810201", Initiator: demoInitiator, Mobile: "9800000002", Name: "Ravi Telecom"},
}

// openAgents opens the agents and gives them e-value.
func (c *chronicle) openAgents(ctx context.Context) error {
	for _, q := range demoAgents {
		a, err := c.house.desk.OpenAgent(ctx, c.book, q)
		if err == nil {
			_, err = c.house.desk.BuyValue(ctx, c.book, desk.ValueRequest{Agent: a.ID, Amount: 150_000_00})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// agencies tells of cash that customers bring to agents to be sent on. Most of
// it arrives; what does not goes back against the OTP.
func (c *chronicle) agencies() {
	for i := range remittances {
		r := c.remittance(i, c.between(4, 35)*10_000)
		at := c.moment(c.start.Add(2*time.Hour), c.end.Add(-7*24*time.Hour))
		if i%7 != 3 {
			c.tell().then(at, r.sent)
			continue
		}
		r.amount += 13 // does not arrive
		c.tell().then(at, r.sent).then(at.Add(2*time.Minute), r.restored)
	}

	// One comes back for the cash three days later, when compensation is owed;
	// one has not come yet.
	for i, days := range []time.Duration{3, 0} {
		at := c.end.Add(-5 * 24 * time.Hour)
		r := c.remittance(owedCash-1+i, 200_013)
		s := c.tell().then(at, r.sent)
		if days > 0 {
			s.then(at.Add(days*24*time.Hour), r.reminded).then(at.Add(days*24*time.Hour), r.restored)
		}
	}
	// An hour late; on hold until it is asked about; arrived after it had failed;
	// on hold until a person ends it; more than one may be; still under way.
	for i, x := range []struct {
		amount int
		at     time.Duration
	}{
		{150_017, 72 * time.Hour}, {150_019, 72 * time.Hour}, {150_023, 72 * time.Hour}, {150_029, 72 * time.Hour}, {500_100, 72 * time.Hour}, {120_017, 20 * time.Minute},
	} {
		c.tell().then(c.end.Add(-x.at), c.remittance(owedCash+1+i, x.amount).sent)
	}
}

// A remittance is cash on its way.
type remittance struct {
	*chronicle
	number int
	agent  string // user code
	mobile string
	to     person
	bank   string
	amount int
	tid    string
}

func (c *chronicle) remittance(n, amount int) *remittance {
	return &remittance{
		chronicle: c, number: n, agent: demoAgents[n%len(demoAgents)].Code, mobile: cashFrom(n),
		to: c.person(n), bank: c.one(branches), amount: amount,
	}
}

// ask makes a request of an agent's and demands one of the answers, by status.
func (r *remittance) ask(ctx context.Context, path string, body doc, statuses ...float64) (doc, error) {
	body["initiator_id"], body["user_code"] = demoInitiator, r.agent
	d, err := r.at(eko.Room).do(ctx, "POST", path, body)
	if err != nil {
		return nil, err
	}
	for _, s := range statuses {
		if d["status"] == s {
			return d.at("data"), nil
		}
	}
	return nil, fmt.Errorf("POST %s: %v", path, d)
}

func (r *remittance) sent(ctx context.Context) error {
	d, err := r.ask(ctx, remitPath, doc{
		"recipient_id": 10_000_000 + r.number, "recipient_name": r.to.name, "account": fmt.Sprintf("%011d", 20_000_000_000+r.number), "ifsc": r.bank,
		"amount": ledger.Amount(r.amount).String(), "currency": "INR", "customer_id": r.mobile, "client_ref_id": cashRef(r.number),
		"channel": 2 - r.number%5/4, "state": 1, "service_code": 80,
	}, 0, 55)
	r.tid = d.text("tid")
	return err
}

// reminded sends the OTP again.
func (r *remittance) reminded(ctx context.Context) error {
	_, err := r.ask(ctx, refundPath(r.tid)+"/otp", doc{}, 2133)
	return err
}

// restored shows the OTP: the customer has the cash again.
func (r *remittance) restored(ctx context.Context) error {
	_, err := r.ask(ctx, refundPath(r.tid), doc{"otp": 123456}, 0)
	return err
}

// cashFrom is who brought the cash of a remittance, and cashRef what the agent
// calls it.
func cashFrom(n int) string { return fmt.Sprintf("97%08d", 1000+n%remitters) }
func cashRef(n int) string  { return fmt.Sprintf("CASH%05d", n+1) }

func refundPath(tid string) string { return "/ekoapi/v3/customer/payment/refund/" + tid }
