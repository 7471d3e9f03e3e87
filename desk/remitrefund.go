package desk

import (
	"context"
	"fmt"
	"time"

	"wapas/ledger"
)

// refundBinding is what the consent to a refund is bound to.
func (r Remittance) refundBinding() binding {
	return binding{Purpose: ToRefund, Subject: r.ID, Actor: r.Agent, Mobile: r.Customer, Amount: r.Total()}
}

// refundText is what a customer is told when cash is to be given back.
func (r Remittance) refundText(digits string) string {
	return fmt.Sprintf("%s is the OTP for the refund of Rs %s for transaction %s. Tell it to the agent only when you have the cash in hand.", digits, r.Total(), r.TID)
}

// remitText is what a customer is told when cash is to be sent.
func remitText(amount ledger.Amount) func(digits string) string {
	return func(digits string) string {
		return fmt.Sprintf("%s is the OTP to send Rs %s. Tell it to nobody but the agent in front of you.", digits, amount)
	}
}

// mayRefund refuses what another agent does with a remittance, and what may not be
// done in its state: WrongState, for the agent, because it was refunded, because
// nothing is owed.
func (r Remittance) mayRefund(agent ID) error {
	switch {
	case r.Agent != agent:
		return ledger.Refuse(ledger.WrongState, WhyForeignAgent, "%s", r.TID).In("user_code")
	case r.State == RemitRefunded:
		return ledger.Refuse(ledger.WrongState, WhyRemitRefunded, "%s", r.TID).In("tid")
	case r.State != RemitOwed:
		return ledger.Refuse(ledger.WrongState, WhyRemitState, "%s is %s", r.TID, r.State).In("tid")
	}
	return nil
}

// consentReads names what a change that shows or sends a code will look at.
func consentReads(subject ID) []Ref {
	return []Ref{refUnder[Terms](termsParent), refUnder[Consent](subject)}
}

// SendRefundOTP sends the customer of a failed remittance the code again. The
// consent that stood open ends. In a test book whose tester wants no codes it
// sends nothing, and the consent has no Ref.
//
// It refuses, in this order: NotFound; WrongState as Remittance.mayRefund does;
// Limited if a code was sent a moment ago, or too often today.
func (d *Desk) SendRefundOTP(ctx context.Context, book BookID, remittance, agent ID) (Consent, error) {
	var consent Consent
	err := d.change(ctx, book, append(consentReads(remittance), ref[Remittance](remittance)), func(c *change) error {
		r, err := need[Remittance](c, remittance, "tid")
		if err != nil {
			return err
		}
		if err := r.mayRefund(agent); err != nil {
			return err
		}
		if err := c.mayResend(r.refundBinding()); err != nil {
			return err
		}
		consent, err = c.challenge(r.refundBinding(), r.refundText)
		return err
	})
	return consent, err
}

// A RestoreRequest asks to give an agent the e-value of a failed remittance
// again, on the word of the customer that the cash came back.
type RestoreRequest struct {
	Remittance ID
	Agent      ID
	Code       Code
	Room       string // through which it is asked for
}

// Restored is what became of it: Value is the agent's e-value after it.
type Restored struct {
	Remittance Remittance
	Refund     Refund
	Value      ledger.Amount
}

// RefundRemittance spends the customer's consent and gives the agent amount and
// fee of a failed remittance again (J28r), less the commission it was given for
// it: all of it one change. A wrong code is counted, although it is refused.
//
// It refuses, in this order: NotFound; WrongState as Remittance.mayRefund does,
// then for the code as spend does.
func (d *Desk) RefundRemittance(ctx context.Context, book BookID, q RestoreRequest) (Restored, error) {
	var out Restored
	var refused error
	reads := append(consentReads(q.Remittance), ref[Remittance](q.Remittance),
		refAccount(ledger.Account(ledger.AgentValue, string(q.Agent))), refAccount(ledger.Account(ledger.DMTRefund, string(q.Agent))),
		refAccount(ledger.CashAtAgent), refAccount(ledger.CashAtAgentC))
	err := d.change(ctx, book, reads, func(c *change) error {
		refused = nil
		r, err := need[Remittance](c, q.Remittance, "tid")
		if err != nil {
			return err
		}
		if err := r.mayRefund(q.Agent); err != nil {
			return err
		}
		if refused, err = c.spend(r.refundBinding(), q.Code); err != nil || refused != nil {
			return err
		}
		out, err = c.restore(r, q.Room)
		return err
	})
	if err == nil {
		err = refused
	}
	return out, err
}

// restore gives an agent its e-value again.
func (c *change) restore(r Remittance, room string) (Restored, error) {
	refund := Refund{
		ID: c.NewID("rfnd"), Amount: r.Total(), To: "agent", State: "done", Speed: Normal, Done: Normal,
		Receipt: r.TID, Reference: c.tid(), Proof: "tid", Room: room, Holder: r.Agent, CreatedAt: c.now, ProcessedAt: c.now,
	}
	agent := string(r.Agent)
	j := ledger.RemittanceRestored(agent, r.Amount, kept(r.Fee, r.Tax))
	if _, err := c.post(ledger.RemittanceRefunded, refund.ID, j); err != nil {
		return Restored{}, err
	}
	if _, err := c.post(ledger.CommissionTaken, r.ID, ledger.TakeCommission(agent, r.Commission, r.TDS)); err != nil {
		return Restored{}, err
	}
	r, err := c.to(r, RemitRefunded)
	if err != nil {
		return Restored{}, err
	}
	r.Refund, r.RefundTID = refund.ID, refund.Reference
	c.Put(refund, r)
	if err := c.reversedTAT(r.ID); err != nil {
		return Restored{}, err
	}
	c.emit("refund.created", refund, r)
	c.emit("refund.processed", refund, r)
	value, err := c.balance(ledger.Account(ledger.AgentValue, agent))
	return Restored{Remittance: r, Refund: refund, Value: value}, err
}

// A RemitOTPRequest asks for a code for a remittance that is yet to be made.
type RemitOTPRequest struct {
	Agent     ID
	Customer  string
	Recipient string
	Amount    ledger.Amount
}

// binding is what the code is bound to. A new day is a new subject, so that
// what is read of earlier codes stays little.
func (q RemitOTPRequest) binding(at ledger.Time) binding {
	subject := ID(fmt.Sprintf("remit/%s/%s/%s/%v", q.Agent, q.Customer, q.Recipient, at.Day()))
	return binding{Purpose: ToRemit, Subject: subject, Actor: q.Agent, Mobile: q.Customer, Amount: q.Amount}
}

// SendRemitOTP sends a customer the code for a remittance. It refuses, in this
// order: Invalid; NotFound for the agent; WrongState if it is not active;
// Limited as SendRefundOTP does.
func (d *Desk) SendRemitOTP(ctx context.Context, book BookID, q RemitOTPRequest) (Consent, error) {
	switch {
	case !isMobile(q.Customer):
		return Consent{}, ledger.Refuse(ledger.Invalid, WhyMobile, "%.40s", q.Customer).In("customer_id")
	case q.Amount < MinRemit || q.Amount > ledger.MaxAmount:
		return Consent{}, ledger.Refuse(ledger.Invalid, WhyRemitAmount, "%d", q.Amount).In("amount")
	}
	var consent Consent
	err := d.change(ctx, book, []Ref{refUnder[Terms](termsParent), ref[Agent](q.Agent)}, func(c *change) error {
		a, err := need[Agent](c, q.Agent, "user_code")
		if err != nil {
			return err
		}
		if !a.Active {
			return ledger.Refuse(ledger.WrongState, WhyAgentInactive, "%s", a.ID).In("user_code")
		}
		b := q.binding(c.now)
		if err := c.mayResend(b); err != nil {
			return err
		}
		consent, err = c.challenge(b, remitText(q.Amount))
		return err
	})
	return consent, err
}

// remitBinding is what the code shown with a remittance must be bound to. One
// that was sent before midnight is good after it.
func (c *change) remitBinding(t Terms, r Remittance) (binding, error) {
	q := RemitOTPRequest{Agent: r.Agent, Customer: r.Customer, Recipient: r.Recipient, Amount: r.Amount}
	b := q.binding(c.now)
	sent, err := under[Consent](c, b.Subject)
	if before := c.now.Add(-t.consentLife()); err == nil && len(sent) == 0 && before.Day() != c.now.Day() {
		b = q.binding(before)
	}
	return b, err
}

// Hasten sends the order of a thing on now, without waiting for the worker, and
// returns when its rail has been heard once or patience runs out: for callers
// whose API answers with what became of it. A call that hangs up, or a rail that
// takes longer, changes nothing: the order goes on.
func (d *Desk) Hasten(ctx context.Context, book BookID, id ID, patience time.Duration) {
	enough, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		if err := d.sendOrder(context.WithoutCancel(ctx), book, id); err != nil {
			d.Log.Error("could not send an order on", "book", book, "order", id, "err", err)
		}
	}()
	select {
	case <-sent:
	case <-enough.Done():
		return
	}
	for enough.Err() == nil { // the worker may have been quicker, and be at it
		o, err := find[RailOrder](enough, d, book, id)
		if err != nil || o.Asked > 0 || o.EndedAt != 0 {
			return
		}
		select {
		case <-enough.Done():
		case <-time.After(hastenEvery):
		}
	}
}

// hastenEvery is how often a caller that waits looks again.
const hastenEvery = 5 * time.Millisecond
