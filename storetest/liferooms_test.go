package storetest_test

import (
	"fmt"
	"time"

	"wapas/desk"
	"wapas/ledger"
	"wapas/rail"
)

// What a life does beside payments and wallets: store credit, remittances with
// consent, charges, scenarios, clocks of failed transactions, and the
// operator's money.
type rooms struct {
	members     []desk.ID
	spends      []desk.ID
	agents      []desk.ID
	remittances []desk.Remittance
	clocks      []desk.ID
	receipts    []desk.ID
	asked       []desk.ID
	names       int // of references
}

func (l *life) name(prefix string) string {
	l.rooms.names++
	return fmt.Sprintf("%s-%04d", prefix, l.rooms.names)
}

func (l *life) beginRooms() {
	for i := range 2 {
		a, err := l.OpenAgent(l.ctx, l.book, desk.AgentRequest{Code: fmt.Sprintf("2081020%d", i), Initiator: "9962981729", Name: "Asha Stores"})
		l.heard("agent", err)
		l.rooms.agents = append(l.rooms.agents, a.ID)
		_, err = l.BuyValue(l.ctx, l.book, desk.ValueRequest{Agent: a.ID, Amount: 2_000_000})
		l.heard("value", err)
	}
	_, err := l.OwnFunds(l.ctx, l.book, desk.MoneyRequest{Amount: 5_000_000, Reference: l.name("OWN")})
	l.heard("money", err)
}

func (l *life) stepRooms() {
	switch l.r.IntN(13) {
	case 0:
		l.giveCredit()
	case 1, 2:
		l.spendCredit()
	case 3:
		if l.r.IntN(4) == 0 {
			l.programme()
		}
	case 4, 5:
		l.remit()
	case 6:
		l.giveBack()
	case 7:
		l.charge()
	case 8:
		l.scene()
	case 9, 10:
		l.clock()
	case 11, 12:
		l.money()
	}
}

func (l *life) programme() {
	p := desk.DefaultProgramme()
	p.Funding = pick(l.r, []string{desk.Backed, desk.Backed, desk.Prefunded})
	p.CountsOrders = l.r.IntN(2) == 0
	if l.r.IntN(2) == 0 {
		p.Expiry = 1 + l.r.Int64N(20*24*3600)
	}
	if l.r.IntN(4) == 0 {
		p.MaxBalance = 50_000
	}
	_, err := l.SetProgramme(l.ctx, l.book, p)
	l.heard("programme", err)
}

func (l *life) giveCredit() {
	who := l.r.IntN(4)
	q := desk.CreditRequest{
		Partner: fmt.Sprint("user_", who), Contact: fmt.Sprint("987654322", who), Amount: l.amount(20_000),
		Purpose: pick(l.r, []string{desk.CreditRefund, desk.CreditGift, desk.CreditGoodwill}), Reference: l.name("LOAD"), Room: "engage",
	}
	if l.r.IntN(2) == 0 {
		if p := l.captured(); p != "" {
			q.Order = string(l.payment(p).Order)
		}
	}
	if l.r.IntN(4) == 0 {
		q.Reference = fmt.Sprint("again-", l.r.IntN(3))
	}
	c, err := l.LoadCredit(l.ctx, l.book, q)
	if l.heard("credit", err) {
		l.rooms.members = append(l.rooms.members, c.Member)
	}
}

func (l *life) spendCredit() {
	if l.r.IntN(3) == 0 {
		q := desk.ReturnRequest{Spend: pick(l.r, l.rooms.spends), Amount: l.amount(5_000), Full: l.r.IntN(2) == 0}
		_, err := l.ReturnCredit(l.ctx, l.book, q)
		l.heard("credit returned", err)
		return
	}
	c, err := l.SpendCredit(l.ctx, l.book, desk.SpendRequest{Member: pick(l.r, l.rooms.members), Amount: l.amount(15_000)})
	if l.heard("credit spent", err) {
		l.rooms.spends = append(l.rooms.spends, c.ID)
	}
}

func (l *life) remit() {
	q := desk.RemitRequest{
		Agent: pick(l.r, l.rooms.agents), Customer: fmt.Sprint("987654323", l.r.IntN(3)), Ref: l.name("DMT"), Recipient: "10019064",
		RecipientName: "Asha", Account: "11214311215411", IFSC: "HDFC0000053", Channel: pick(l.r, []string{desk.IMPS, desk.IMPS, desk.NEFT}),
		Amount: l.amount(100_000), Outcome: pick(l.r, append([]string{"", rail.ScenarioRefused}, rail.Scenarios...)),
	}
	r, err := l.Remit(l.ctx, l.book, q)
	if l.heard("remit", err) {
		l.rooms.remittances = append(l.rooms.remittances, r)
		if r.State != desk.RemitFailed { // a declined one has no order
			l.orders2 = append(l.orders2, r.ID)
		}
	}
	l.wait(time.Duration(l.r.IntN(3)) * time.Minute)
}

// giveBack shows a code, right or wrong, after a new one was asked for or not.
func (l *life) giveBack() {
	r := pick(l.r, l.rooms.remittances)
	agent := r.Agent
	if l.r.IntN(6) == 0 {
		agent = pick(l.r, l.rooms.agents)
	}
	if l.r.IntN(3) > 0 {
		_, err := l.SendRefundOTP(l.ctx, l.book, r.ID, agent)
		l.heard("otp", err)
	}
	code := desk.TestCode
	if l.r.IntN(4) == 0 {
		code = "654321"
	}
	_, err := l.RefundRemittance(l.ctx, l.book, desk.RestoreRequest{Remittance: r.ID, Agent: agent, Code: desk.Code{Digits: code}, Room: "eko"})
	l.heard("given back", err)
}

// called is what a caller of a room names a thing.
func called(reference string) desk.Called {
	return desk.Called{Room: "phonepe", Handle: desk.Handle{ID: desk.HandleID("phonepe", reference), Wire: "{}"}, Ref: reference}
}

func (l *life) charge() {
	reference := l.name("TX")
	q := desk.ChargeRequest{
		Amount: l.amount(50_000), VPA: pick(l.r, []string{"", "success@ybl", "failed@ybl", "pending@ybl"}), Life: 10 * time.Minute, Asked: l.r.IntN(2) == 0,
		Called: called(reference),
	}
	p, err := l.Charge(l.ctx, l.book, q)
	if l.heard("charge", err) {
		l.payments = append(l.payments, p.ID)
	}
	r, err := l.Refund(l.ctx, l.book, desk.RefundRequest{
		Of: []desk.ID{desk.HandleID("phonepe", reference), l.captured()}[l.r.IntN(2):][:1], Amount: l.amount(20_000),
		Called: called(l.name("RF")),
	})
	if l.heard("back to source", err) && r.To == "source" {
		l.orders2 = append(l.orders2, r.ID)
	}
}

func (l *life) scene() {
	if l.r.IntN(3) == 0 {
		all, err := l.Scenarios(l.ctx, l.book)
		if l.heard("scenarios", err) && len(all) > 0 {
			_, err = l.EndScenario(l.ctx, l.book, pick(l.r, all).ID)
			l.heard("scenario ended", err)
		}
		return
	}
	q := desk.ScenarioRequest{What: pick(l.r, []string{"", "refund", "payout", "remittance", "payment"}), Outcome: pick(l.r, rail.Scenarios), Times: 1 + l.r.Int64N(3)}
	if l.r.IntN(2) == 0 {
		q.Amount = l.amount(50_000)
	}
	_, err := l.SetScenario(l.ctx, l.book, q)
	l.heard("scenario", err)
}

func (l *life) clock() {
	switch l.r.IntN(5) {
	case 0, 1:
		q := desk.TATRequest{
			Rule: pick(l.r, desk.TATRules()).Code, Subject: pick(l.r, append(l.orders2, l.payments...)),
			Holder: pick(l.r, append(append([]desk.ID{""}, l.customers...), l.rooms.agents...)), Day: ledger.At(l.Now()).Day().Add(-l.r.Int64N(9)),
		}
		t, err := l.StartTAT(l.ctx, l.book, q)
		if l.heard("clock", err) {
			l.rooms.clocks = append(l.rooms.clocks, t.ID)
		}
	case 2:
		q := desk.TATStop{TAT: pick(l.r, l.rooms.clocks)}
		if l.r.IntN(2) == 0 {
			q.Day = ledger.At(l.Now()).Day().Add(-l.r.Int64N(4))
		}
		_, err := l.StopTAT(l.ctx, l.book, q)
		l.heard("clock stopped", err)
	default:
		if l.r.IntN(2) == 0 {
			b, err := l.WaiveTAT(l.ctx, l.book, desk.Waiver{TAT: pick(l.r, l.rooms.clocks), By: "Asha", Note: "why"})
			if l.heard("waiver", err) {
				l.rooms.asked = append(l.rooms.asked, b.ID)
			}
			return
		}
		_, err := l.PayTAT(l.ctx, l.book, desk.TATPayment{TAT: pick(l.r, l.rooms.clocks), To: pick(l.r, []desk.ID{"", l.customers[0]}), Reference: l.name("HDFC")})
		l.heard("compensation", err)
	}
}

// money is something that the operator does.
func (l *life) money() {
	q := desk.MoneyRequest{Amount: l.amount(30_000), Reference: l.name("REF"), By: "Asha", Note: "why"}
	wallet := ledger.Account(ledger.WalletCash, string(pick(l.r, l.customers)))
	var b desk.Booking
	var err error
	switch l.r.IntN(10) {
	case 0:
		b, err = l.OwnFunds(l.ctx, l.book, q)
	case 1:
		b, err = l.ProviderSettled(l.ctx, l.book, desk.ProviderSettlement{MoneyRequest: q, Provider: desk.SimRail, Cost: q.Amount / 50, Tax: q.Amount / 300})
	case 2:
		b, err = l.TopUpFloat(l.ctx, l.book, desk.TopUp{MoneyRequest: q, Partner: desk.SimRail})
	case 3:
		b, err = l.SweepFees(l.ctx, l.book, q)
	case 4:
		b, err = l.PayGST(l.ctx, l.book, desk.GSTPayment{MoneyRequest: desk.MoneyRequest{Reference: q.Reference}, CGST: 10, SGST: 10, Input: ledger.Amount(l.r.IntN(20))})
	case 5:
		b, err = l.GiveOwnCashback(l.ctx, l.book, desk.OwnCashback{MoneyRequest: q, Customer: pick(l.r, l.customers)})
	case 6:
		if b, err = l.UnknownReceipt(l.ctx, l.book, q); err == nil {
			l.rooms.receipts = append(l.rooms.receipts, b.ID)
		}
	case 7:
		b, err = l.IdentifyReceipt(l.ctx, l.book, desk.Identification{MoneyRequest: q, Receipt: pick(l.r, l.rooms.receipts), To: pick(l.r, []ledger.AccountID{wallet, ledger.Available})})
	case 8:
		pair := pick(l.r, [][2]ledger.AccountID{{wallet, ledger.WriteOff}, {ledger.WriteOff, wallet}, {ledger.Available, wallet}, {ledger.BankEscrow, ledger.AccountID("2400/" + string(l.rooms.agents[0]))}})
		b, err = l.Adjust(l.ctx, l.book, desk.Adjustment{MoneyRequest: q, Debit: pair[0], Credit: pair[1]})
	case 9:
		b, err = l.Agree(l.ctx, l.book, desk.Agreement{Booking: pick(l.r, l.rooms.asked), By: pick(l.r, []string{"Asha", "Ravi", "Ravi"})})
	}
	if l.heard("money", err) && b.State == desk.BookingAsked {
		l.rooms.asked = append(l.rooms.asked, b.ID)
	}
}
