package storetest_test

import (
	"wapas/desk"
	"wapas/ledger"
)

// Hands do the steps of the golden scenario for which there is a room: at the
// desk itself, or over HTTP as the room's clients do.
type hands interface {
	paid(a ledger.Amount) desk.ID
	transfer(payment, to desk.ID, a ledger.Amount) desk.ID
	cashback(to desk.ID, a ledger.Amount)
	spend(customer desk.ID, a ledger.Amount) desk.ID
	refund(payment desk.ID, a ledger.Amount, reverseAll bool) // all that is left, if a is zero
	reverse(transfer desk.ID, a ledger.Amount)
	payout(customer, to desk.ID, a ledger.Amount)
	credit(user, reference string, a ledger.Amount) (member desk.ID)
	spendCredit(member desk.ID, a ledger.Amount)
	backToSource(reference string, payment desk.ID, a ledger.Amount)
	remit(agent desk.Agent, reference string, a ledger.Amount) desk.Remittance
	consent(agent desk.Agent, r desk.Remittance)
}

// ends says how the next thing of a sort and an amount is to end.
func (w *town) ends(what string, a ledger.Amount, outcome string) {
	w.t.Helper()
	got(w.SetScenario(w.ctx, w.book, desk.ScenarioRequest{What: what, Amount: a, Outcome: outcome, Times: 1}))(w.t)
}

// deskHands do it at the desk.
type deskHands struct{ w *town }

func (h deskHands) paid(a ledger.Amount) desk.ID { h.w.t.Helper(); return h.w.paid(a).ID }

func (h deskHands) transfer(payment, to desk.ID, a ledger.Amount) desk.ID {
	h.w.t.Helper()
	q := desk.PaymentTransferRequest{Payment: payment, To: []desk.TransferTo{{Recipient: to, Amount: a}}}
	return got(h.w.TransferPayment(h.w.ctx, h.w.book, q))(h.w.t)[0].ID
}

func (h deskHands) cashback(to desk.ID, a ledger.Amount) {
	h.w.t.Helper()
	got(h.w.TransferDirect(h.w.ctx, h.w.book, transferOf(to, a)))(h.w.t)
}

func (h deskHands) spend(customer desk.ID, a ledger.Amount) desk.ID {
	h.w.t.Helper()
	o, _, err := h.w.CreateOrder(h.w.ctx, h.w.book, desk.OrderRequest{Amount: a, Capture: true})
	if err != nil {
		h.w.t.Fatal(err)
	}
	return got(h.w.PayFromWallet(h.w.ctx, h.w.book, desk.WalletPaymentRequest{Order: o.ID, Customer: customer, Amount: a}))(h.w.t).ID
}

func (h deskHands) refund(payment desk.ID, a ledger.Amount, reverseAll bool) {
	h.w.t.Helper()
	got(h.w.Refund(h.w.ctx, h.w.book, desk.RefundRequest{Payment: payment, Amount: a, Full: a == 0, ReverseAll: reverseAll}))(h.w.t)
}

func (h deskHands) reverse(transfer desk.ID, a ledger.Amount) {
	h.w.t.Helper()
	got(h.w.Reverse(h.w.ctx, h.w.book, desk.ReversalRequest{Transfer: transfer, Amount: a}))(h.w.t)
}

func (h deskHands) payout(customer, to desk.ID, a ledger.Amount) {
	h.w.t.Helper()
	q := desk.PayoutRequest{Customer: customer, FundAccount: to, Amount: a, Purpose: "refund"}
	got(h.w.CreatePayout(h.w.ctx, h.w.book, q))(h.w.t)
}

func (h deskHands) credit(user, reference string, a ledger.Amount) desk.ID {
	h.w.t.Helper()
	q := desk.CreditRequest{Partner: user, Contact: "9876543211", Amount: a, Purpose: desk.CreditGoodwill, Reference: reference}
	return got(h.w.LoadCredit(h.w.ctx, h.w.book, q))(h.w.t).Member
}

func (h deskHands) spendCredit(member desk.ID, a ledger.Amount) {
	h.w.t.Helper()
	got(h.w.SpendCredit(h.w.ctx, h.w.book, desk.SpendRequest{Member: member, Amount: a}))(h.w.t)
}

func (h deskHands) backToSource(_ string, payment desk.ID, a ledger.Amount) {
	h.w.t.Helper()
	h.refund(payment, a, false)
}

func (h deskHands) remit(agent desk.Agent, reference string, a ledger.Amount) desk.Remittance {
	h.w.t.Helper()
	return got(h.w.Remit(h.w.ctx, h.w.book, desk.RemitRequest{
		Agent: agent.ID, Customer: "9876543212", Ref: reference, Recipient: "10019064", RecipientName: "Asha", Account: "11214311215411", IFSC: "HDFC0000053", Amount: a,
	}))(h.w.t)
}

func (h deskHands) consent(agent desk.Agent, r desk.Remittance) {
	h.w.t.Helper()
	got(h.w.RefundRemittance(h.w.ctx, h.w.book, desk.RestoreRequest{Remittance: r.ID, Agent: agent.ID, Code: desk.Code{Digits: desk.TestCode}}))(h.w.t)
}
