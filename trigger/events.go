package trigger

import (
	"wapas/desk"
	"wapas/ledger"
	"wapas/rail"
)

// Others are the events that a book may record and that nobody can make happen
// here, with what to do instead. A name that ends in * is all that begin so.
var Others = map[string]string{
	"job.*":           "start a long job of refunds or credits, in the console or through the API",
	"credit.expired":  "store credit lives as long as its programme says: give some, and move the clock",
	"product.route.*": "a product's state follows from the forms that the Razorpay room is sent: PATCH /v2/accounts/…/products/…",
}

// events are what can be made to happen.
var events = []Event{
	{"payment.authorized", "a payment waits for its capture", "", func(p *play) { p.paid(false, "") }},
	{"payment.captured", "a payment is captured", "", func(p *play) { p.paid(true, "") }},
	{"payment.failed", "a bank says no to a payment", "", func(p *play) { p.paid(true, "failure@razorpay") }},
	{"payment.imported", "a payment that was taken elsewhere comes in", "", (*play).imported},
	{"order.paid", "an order is paid", "", func(p *play) { p.paid(true, "") }},
	{"refund.created", "a refund is accepted", "", func(p *play) { p.refund(rail.ScenarioDone, desk.Normal) }},
	{"refund.processed", "a refund arrives after two seconds of the book's time", "", func(p *play) { p.refund(rail.ScenarioDone, desk.Normal) }},
	{"refund.failed", "a bank refuses a refund", "", func(p *play) { p.refund(rail.ScenarioRefused, desk.Normal) }},
	{"refund.speed_changed", "an instant refund goes the slow way", "", func(p *play) { p.refund(rail.ScenarioSlow, desk.Optimum) }},
	{"refund.reference_updated", "the bank's reference of a refund comes after it", "", (*play).proved},
	{"refund.arn_updated", "the same, under the vendor's name", "refund.reference_updated", (*play).proved},
	{"transfer.processed", "a part of a payment goes to a linked account", "", func(p *play) { p.transferred() }},
	{"transfer.failed", "an order's transfer finds its account suspended", "", (*play).transferFailed},
	{"reversal.created", "a transfer is pulled back", "", (*play).reversed},
	{"settlement.processed", "the bank pays a linked account", "", (*play).settled},
	{"payout.initiated", "a wallet is paid out to a bank", "", func(p *play) { p.payout(rail.ScenarioDone) }},
	{"payout.processed", "a payout arrives", "", func(p *play) { p.payout(rail.ScenarioDone) }},
	{"payout.updated", "a payout has its bank's reference", "", func(p *play) { p.payout(rail.ScenarioDone) }},
	{"payout.reversed", "a bank refuses a payout", "", func(p *play) { p.payout(rail.ScenarioRefused) }},
	{"payment.dispute.created", "a bank disputes a payment", "", func(p *play) { p.disputed() }},
	{"payment.dispute.lost", "a dispute is lost", "", func(p *play) {
		q := p.disputed()
		step(p, func() (desk.Payment, error) { return p.desk.LoseDispute(p.ctx, p.book, q) })
	}},
	{"payment.dispute.won", "a dispute is won", "", func(p *play) {
		q := p.disputed()
		step(p, func() (desk.Payment, error) { return p.desk.WinDispute(p.ctx, p.book, q) })
	}},
	{"wallet.debited", "a customer pays from a wallet", "payment.captured", (*play).paidFromWallet},
	{"wallet.imported", "a wallet's opening balance comes in", "", (*play).walletImported},
	{"member.created", "a customer is given store credit for the first time", "", func(p *play) { p.credited(desk.CreditGift) }},
	{"member.updated", "a member's e-mail changes", "", (*play).memberEdited},
	{"credit.given", "a customer is given store credit", "", func(p *play) { p.credited(desk.CreditGift) }},
	{"credit.processed", "store credit is given as a refund", "refund.processed", func(p *play) { p.credited(desk.CreditRefund) }},
	{"credit.spent", "store credit is spent", "", func(p *play) { p.spent() }},
	{"credit.returned", "what was bought with store credit comes back", "", (*play).returned},
	{"agent.value_bought", "an agent buys e-value", "", func(p *play) { p.agent() }},
	{"remittance.created", "an agent sends cash on", "", func(p *play) { p.remitted(rail.ScenarioDone, p.amount) }},
	{"remittance.processed", "a remittance arrives", "", func(p *play) { p.remitted(rail.ScenarioDone, p.amount) }},
	{"remittance.failed", "a bank refuses a remittance", "", func(p *play) { p.remitted(rail.ScenarioRefused, p.amount) }},
	{"remittance.held", "a bank puts a remittance on hold", "", func(p *play) { p.remitted(rail.ScenarioHold, p.amount) }},
	{"remittance.declined", "an agent sends more than it has", "", func(p *play) { p.remitted("", p.amount*3) }},
	{"tat.breached", "a failed payment is late by the rules of turn-around time", "", func(p *play) { p.late() }},
	{"tat.compensated", "its customer is compensated", "", (*play).compensated},
	{"endpoint.disabled", "an endpoint is disabled for not listening", "", (*play).disabled},
	{"exception.raised", "something is put before a person", "", (*play).disabled},
}

// paid makes a payment of an order by UPI.
func (p *play) paid(capture bool, vpa string) desk.Payment {
	return p.paidFor(desk.OrderRequest{Amount: p.amount, Capture: capture, Receipt: "triggered"}, vpa)
}

func (p *play) paidFor(q desk.OrderRequest, vpa string) desk.Payment {
	o := p.ordered(q)
	return p.pay(o, vpa)
}

func (p *play) ordered(q desk.OrderRequest) desk.Order {
	return step(p, func() (desk.Order, error) {
		o, _, err := p.desk.CreateOrder(p.ctx, p.book, q)
		return o, err
	})
}

func (p *play) pay(o desk.Order, vpa string) desk.Payment {
	if vpa == "" {
		vpa = "asha@exampleupi"
	}
	return step(p, func() (desk.Payment, error) {
		return p.desk.CreatePayment(p.ctx, p.book, desk.PaymentRequest{
			Order: o.ID, Amount: o.Amount, Method: "upi", VPA: vpa, Email: "asha@example.com", Contact: "+919876543210"})
	})
}

// ample is a payment that has room for the fees of what follows.
func (p *play) ample() desk.Payment {
	return p.paidFor(desk.OrderRequest{Amount: p.amount * 2, Capture: true, Receipt: "triggered"}, "")
}

func (p *play) imported() {
	step(p, func() (desk.Payment, error) {
		return p.desk.ImportPayment(p.ctx, p.book, desk.ImportPaymentRequest{
			Provider: "elsewhere", Reference: unique("T"), Amount: p.amount, Method: "upi", Source: "asha@exampleupi", CapturedAt: p.now})
	})
}

func (p *play) refund(scenario, speed string) desk.Refund {
	pay := p.paid(true, "")
	return step(p, func() (desk.Refund, error) {
		return p.desk.Refund(p.ctx, p.book, desk.RefundRequest{Payment: pay.ID, Full: true, Speed: speed, Outcome: scenario})
	})
}

// due does what is due now, so that what was begun is under way.
func (p *play) due() {
	step(p, func() (any, error) { return nil, p.desk.RunDue(p.ctx, p.book) })
}

// proved has a person end a refund that its rail has lost, first without a
// reference.
func (p *play) proved() {
	r := p.refund(rail.ScenarioSilence, desk.Normal)
	p.due()
	for _, proof := range []string{"", desk.Letters(12)} {
		step(p, func() (desk.RailOrder, error) {
			return p.desk.RecordOutcome(p.ctx, p.book, desk.OutcomeRequest{Order: r.ID, Outcome: rail.Done, Reference: proof, By: "trigger"})
		})
	}
}

// seller is a linked account of its own.
func (p *play) seller() desk.Linked {
	return step(p, func() (desk.Linked, error) {
		return p.desk.CreateLinked(p.ctx, p.book, desk.Linked{
			Email: unique("seller-") + "@example.com", Phone: "9876543210", Type: "route", LegalName: "Triggered Traders", BusinessType: "partnership", ContactName: "Asha Nair"})
	})
}

func (p *play) transferred() desk.Transfer {
	seller := p.seller()
	pay := p.ample()
	return step(p, func() (t desk.Transfer, err error) {
		all, err := p.desk.TransferPayment(p.ctx, p.book, desk.PaymentTransferRequest{Payment: pay.ID, To: []desk.TransferTo{{Recipient: seller.ID, Amount: p.amount}}})
		if err == nil {
			t = all[0]
		}
		return t, err
	})
}

func (p *play) transferFailed() {
	seller := p.seller()
	o := p.ordered(desk.OrderRequest{Amount: p.amount * 2, Capture: true, Receipt: "triggered", Transfers: []desk.TransferTo{{Recipient: seller.ID, Amount: p.amount}}})
	step(p, func() (desk.Linked, error) { return p.desk.SuspendLinked(p.ctx, p.book, seller.ID) })
	p.pay(o, "")
}

func (p *play) reversed() {
	t := p.transferred()
	step(p, func() (desk.Reversal, error) {
		return p.desk.Reverse(p.ctx, p.book, desk.ReversalRequest{Transfer: t.ID})
	})
}

// settled has the bank say at once what it would say two minutes later.
func (p *play) settled() {
	t := p.transferred()
	s := step(p, func() (desk.Settlement, error) { return p.desk.Settle(p.ctx, p.book, t.Recipient) })
	step(p, func() (desk.Settlement, error) {
		return p.desk.FinishSettlement(p.ctx, p.book, desk.SettlementOutcome{Settlement: s.ID, Paid: true, UTR: desk.Letters(12)})
	})
}

func (p *play) customer() desk.Customer {
	return step(p, func() (desk.Customer, error) {
		return p.desk.CreateCustomer(p.ctx, p.book, desk.CustomerRequest{Name: "Asha Nair", Contact: "+91" + mobile()})
	})
}

// wallet loads a customer's wallet from a payment.
func (p *play) wallet() desk.Customer {
	pay, c := p.ample(), p.customer()
	step(p, func() ([]desk.Transfer, error) {
		return p.desk.TransferPayment(p.ctx, p.book, desk.PaymentTransferRequest{Payment: pay.ID, To: []desk.TransferTo{{Recipient: c.ID, Amount: p.amount}}})
	})
	return c
}

func (p *play) payout(scenario string) {
	c := p.wallet()
	fa := step(p, func() (desk.FundAccount, error) {
		return p.desk.CreateFundAccount(p.ctx, p.book, desk.FundAccountRequest{
			Customer: c.ID, Type: "bank_account", Name: "Asha Nair", IFSC: "HDFC0000053", Number: "11214311215411"})
	})
	step(p, func() (desk.Payout, error) {
		return p.desk.CreatePayout(p.ctx, p.book, desk.PayoutRequest{
			Customer: c.ID, FundAccount: fa.ID, Amount: p.amount / 2, Purpose: "refund", Outcome: scenario})
	})
}

func (p *play) paidFromWallet() {
	c := p.wallet()
	o := p.ordered(desk.OrderRequest{Amount: p.amount, Capture: true, Receipt: "triggered"})
	step(p, func() (desk.Payment, error) {
		return p.desk.PayFromWallet(p.ctx, p.book, desk.WalletPaymentRequest{Order: o.ID, Customer: c.ID, Amount: p.amount, Contact: c.Contact})
	})
}

func (p *play) walletImported() {
	step(p, func() (desk.Wallet, error) {
		return p.desk.ImportWallet(p.ctx, p.book, desk.ImportWalletRequest{Reference: unique("T"), Name: "Asha Nair", Contact: "+91" + mobile(), Cash: p.amount})
	})
}

func (p *play) disputed() desk.DisputeRequest {
	pay := p.paid(true, "")
	q := desk.DisputeRequest{Payment: pay.ID, Amount: p.amount}
	step(p, func() (desk.Payment, error) { return p.desk.OpenDispute(p.ctx, p.book, q) })
	return q
}

func (p *play) credited(purpose string) desk.Credit {
	return step(p, func() (desk.Credit, error) {
		return p.desk.LoadCredit(p.ctx, p.book, desk.CreditRequest{
			Partner: unique("customer-"), Contact: mobile(), Amount: p.amount, Purpose: purpose, Reference: unique("T")})
	})
}

func (p *play) memberEdited() {
	x, email := p.credited(desk.CreditGift), "asha@example.com"
	step(p, func() (desk.Member, error) {
		return p.desk.EditMember(p.ctx, p.book, desk.MemberEdit{Member: x.Member, Email: &email})
	})
}

func (p *play) spent() desk.Credit {
	x := p.credited(desk.CreditGift)
	return step(p, func() (desk.Credit, error) {
		return p.desk.SpendCredit(p.ctx, p.book, desk.SpendRequest{Member: x.Member, Amount: p.amount, Order: "triggered"})
	})
}

func (p *play) returned() {
	x := p.spent()
	step(p, func() (desk.Credit, error) {
		return p.desk.ReturnCredit(p.ctx, p.book, desk.ReturnRequest{Spend: x.ID, Full: true})
	})
}

// agent has twice the amount of e-value: the fee comes out of it, too.
func (p *play) agent() desk.Agent {
	a := step(p, func() (desk.Agent, error) {
		return p.desk.OpenAgent(p.ctx, p.book, desk.AgentRequest{Code: unique("T"), Initiator: mobile(), Name: "Triggered Agent"})
	})
	step(p, func() (ledger.Amount, error) {
		return p.desk.BuyValue(p.ctx, p.book, desk.ValueRequest{Agent: a.ID, Amount: p.amount * 2})
	})
	return a
}

func (p *play) remitted(scenario string, amount ledger.Amount) {
	p.amount = max(p.amount, desk.MinRemit)
	a := p.agent()
	step(p, func() (desk.Remittance, error) {
		return p.desk.Remit(p.ctx, p.book, desk.RemitRequest{
			Agent: a.ID, Customer: mobile(), Ref: unique("T"), Recipient: "10019064", RecipientName: "Ravi", Account: "234243534", IFSC: "SBIN0000001",
			Amount: max(amount, desk.MinRemit), Outcome: scenario})
	})
}

// late starts the clock of a payment as if it had failed nine days ago.
func (p *play) late() (desk.TAT, desk.Customer) {
	pay, c := p.paid(true, ""), p.customer()
	return step(p, func() (desk.TAT, error) {
		return p.desk.StartTAT(p.ctx, p.book, desk.TATRequest{Rule: "UPI_P2M", Subject: pay.ID, Holder: c.ID, Day: p.now.Day().Add(-9)})
	}), c
}

func (p *play) compensated() {
	t, _ := p.late()
	step(p, func() (desk.TAT, error) { return p.desk.StopTAT(p.ctx, p.book, desk.TATStop{TAT: t.ID}) })
}

// disabled makes an endpoint that nobody answers at, and gives it up. It is
// deleted after that; the exception stays, for somebody to close.
func (p *play) disabled() {
	e := step(p, func() (desk.Endpoint, error) {
		return p.desk.CreateEndpoint(p.ctx, p.book, desk.EndpointRequest{URL: "http://127.0.0.1:9/triggered", Events: []string{"endpoint.disabled"}})
	})
	step(p, func() (any, error) {
		return nil, p.desk.DisableEndpoint(p.ctx, p.book, e.ID, "triggered: it did not answer for a day")
	})
	step(p, func() (any, error) { return nil, p.desk.DeleteEndpoint(p.ctx, p.book, p.account, e.ID) })
}
