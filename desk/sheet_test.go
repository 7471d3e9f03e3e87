package desk_test

import (
	"fmt"
	"slices"
	"testing"

	"wapas/desk"
	"wapas/ledger"
	"wapas/rail"
)

// newLiveShop is a shop whose book is the live one, which has no rails.
func newLiveShop(t *testing.T) *shop {
	s := newShop(t)
	s.Book = s.Live
	return s
}

// came is a payment that was taken elsewhere.
func (s *shop) came(n int, method, source string, a ledger.Amount) desk.Payment {
	s.t.Helper()
	return must(s.Desk.ImportPayment(s.ctx, s.Book, desk.ImportPaymentRequest{
		Provider: "bank", Reference: fmt.Sprint("P", n), Amount: a, Method: method, Source: source, Proof: fmt.Sprint("61210000000", n),
		CapturedAt: ledger.At(s.Desk.Now())}))(s.t)
}

// What waits for a person is handed out once, with all that the person needs.
func TestSheet(t *testing.T) {
	s := newLiveShop(t)
	s.terms(func(t *desk.Terms) { t.Programme, t.TwoPeopleAbove = "full_kyc", 500_00 })
	upi := s.refund(desk.RefundRequest{Payment: s.came(1, "upi", "asha@upi", 100_00).ID, Full: true})
	card := s.refund(desk.RefundRequest{Payment: s.came(2, "card", "1111", 200_00).ID, Full: true})
	cust := must(s.Desk.CreateCustomer(s.ctx, s.Book, desk.CustomerRequest{Name: "Ravi", Contact: "+919876500001"}))(t)
	s.transfer(s.came(3, "upi", "ravi@upi", 300_00).ID, desk.TransferTo{Recipient: cust.ID, Amount: 300_00})
	payout := must(s.Desk.CreatePayout(s.ctx, s.Book, desk.PayoutRequest{Customer: cust.ID, FundAccount: s.account(cust).ID, Amount: 150_00, Purpose: "refund"}))(t)
	said := s.refund(desk.RefundRequest{Payment: s.came(4, "upi", "meera@upi", 600_00).ID, Full: true})

	hand := func(q desk.SheetRequest) desk.Sheet {
		t.Helper()
		return must(s.Desk.HandOut(s.ctx, s.Book, q))(t)
	}
	ids := func(sh desk.Sheet) (out []desk.ID) {
		for _, k := range sh.Orders {
			out = append(out, k.Order.ID)
		}
		return out
	}
	if sh := hand(desk.SheetRequest{}); sh.ID != "" || len(sh.Orders) != 0 {
		t.Errorf("before they were sent: %+v", sh)
	}
	s.sent()
	// Asha has carried one out already, and waits for another's word.
	must(s.Desk.RecordOutcome(s.ctx, s.Book, desk.OutcomeRequest{Order: said.ID, Outcome: rail.Done, Reference: "412345678904", By: "asha"}))(t)

	bank := hand(desk.SheetRequest{Bank: true})
	if !slices.Equal(ids(bank), []desk.ID{upi.ID, payout.ID}) || bank.Skipped != 1 || bank.More || bank.ID.Prefix() != "sht" {
		t.Fatalf("for the bank: %v of %+v", ids(bank), bank)
	}
	u, p := bank.Orders[0], bank.Orders[1]
	if u.VPA != "asha@upi" || u.Payment != upi.Payment || u.PaidUnder != "612100000001" || u.Narration != "Refund "+string(upi.ID[5:]) {
		t.Errorf("the refund: %+v", u)
	}
	if p.Beneficiary != "Ravi" || p.Account != "11214311215411" || p.IFSC != "HDFC0000053" || p.Customer != cust.ID || p.Narration == "" {
		t.Errorf("the payout: %+v", p)
	}
	if o := row[desk.RailOrder](s, upi.ID); o.State != "sent" || o.Sheet != bank.ID || o.ExportedAt != bank.At {
		t.Errorf("handed out it is %+v", o)
	}
	if sh := hand(desk.SheetRequest{Bank: true}); sh.ID != "" || len(sh.Orders) != 0 {
		t.Errorf("a second time: %v", ids(sh))
	}
	if sh := hand(desk.SheetRequest{}); !slices.Equal(ids(sh), []desk.ID{card.ID}) {
		t.Errorf("the rest: %v", ids(sh))
	}
	must(s.Desk.RecordOutcome(s.ctx, s.Book, desk.OutcomeRequest{Order: upi.ID, Outcome: rail.Done, Reference: "412345678901"}))(t)
	for range 2 {
		if sh := hand(desk.SheetRequest{Again: bank.ID}); sh.ID != bank.ID || !slices.Equal(ids(sh), []desk.ID{payout.ID}) {
			t.Errorf("once more: %v", ids(sh))
		}
	}
	_, err := s.Desk.HandOut(s.ctx, s.Book, desk.SheetRequest{Again: "sht_00000000000000"})
	refused(t, "no sheet", err, ledger.NotFound, desk.WhySheetUnknown)
}

// An order that a rail had, and that rail is not set up any more, is put before
// a person, but on no sheet: it may have gone.
func TestSheetLeavesOtherRails(t *testing.T) {
	s := newLiveShop(t)
	s.Desk.Rails["bank"] = &dyingRail{die: func() {}}
	r := s.refund(desk.RefundRequest{Payment: s.came(1, "upi", "asha@upi", 100_00).ID, Full: true})
	s.sent()
	delete(s.Desk.Rails, "bank")
	s.after(rail.Doubling.First)
	if got := s.exceptions(r.ID); !slices.Equal(got, []string{desk.ExceptionByHand}) {
		t.Fatalf("before a person: %v", got)
	}
	if sh := must(s.Desk.HandOut(s.ctx, s.Book, desk.SheetRequest{}))(t); len(sh.Orders) != 0 {
		t.Errorf("handed out: %+v", sh.Orders)
	}
}

// More than fits on a sheet goes on the next.
func TestSheetIsFull(t *testing.T) {
	s := newLiveShop(t)
	p := s.came(1, "upi", "asha@upi", 1_000_00)
	for range desk.MaxSheet + 1 {
		s.refund(desk.RefundRequest{Payment: p.ID, Amount: 1})
	}
	s.sent()
	one := must(s.Desk.HandOut(s.ctx, s.Book, desk.SheetRequest{}))(t)
	if len(one.Orders) != desk.MaxSheet || !one.More {
		t.Errorf("the first has %d, more: %v", len(one.Orders), one.More)
	}
	if two := must(s.Desk.HandOut(s.ctx, s.Book, desk.SheetRequest{}))(t); len(two.Orders) != 1 || two.More {
		t.Errorf("the second has %d, more: %v", len(two.Orders), two.More)
	}
}

// A remittance of a live book that no rail carries goes on a sheet if its bank
// account is known, and by hand if only the caller knows the recipient; a
// person ends either.
func TestSheetOfRemittances(t *testing.T) {
	s := newLiveShop(t)
	a := must(s.Desk.OpenAgent(s.ctx, s.Book, desk.AgentRequest{Code: "20810200", Initiator: "9962981729"}))(t)
	must(s.Desk.BuyValue(s.ctx, s.Book, desk.ValueRequest{Agent: a.ID, Amount: 1000_00}))(t)
	remit := func(q desk.RemitRequest) desk.Remittance {
		t.Helper()
		q.Agent, q.Customer, q.Recipient, q.Amount, q.Room = a.ID, "9123456789", "10019064", 100_00, "eko"
		return must(s.Desk.Remit(s.ctx, s.Book, q))(t)
	}
	known := remit(desk.RemitRequest{Ref: "KNOWN", RecipientName: "Ravi", Account: "234243534", IFSC: "SBIN0000001"})
	unknown := remit(desk.RemitRequest{Ref: "UNKNOWN"})
	s.sent()

	sh := must(s.Desk.HandOut(s.ctx, s.Book, desk.SheetRequest{Bank: true}))(t)
	if len(sh.Orders) != 1 || sh.Skipped != 1 {
		t.Fatalf("for the bank: %+v", sh)
	}
	k := sh.Orders[0]
	if k.Order.ID != known.ID || k.Order.Room != "eko" || k.Order.Ref != "KNOWN" || k.Order.Of != a.ID || k.Order.Amount != 100_00 ||
		k.Beneficiary != "Ravi" || k.Account != "234243534" || k.IFSC != "SBIN0000001" || k.Narration != "Remittance "+known.TID || k.VPA != "" {
		t.Errorf("the remittance: %+v", k)
	}
	rest := must(s.Desk.HandOut(s.ctx, s.Book, desk.SheetRequest{}))(t)
	if len(rest.Orders) != 1 || rest.Orders[0].Order.ID != unknown.ID || rest.Orders[0].Order.To != "recipient 10019064" {
		t.Errorf("the rest: %+v", rest)
	}
	if r := row[desk.Remittance](s, known.ID); r.State != desk.RemitHeld && r.State != desk.RemitInitiated {
		t.Errorf("handed out it is %s", r.State)
	}
	must(s.Desk.RecordOutcome(s.ctx, s.Book, desk.OutcomeRequest{Order: known.ID, Outcome: rail.Done, Reference: "412345678901"}))(t)
	must(s.Desk.RecordOutcome(s.ctx, s.Book, desk.OutcomeRequest{Order: unknown.ID, Outcome: rail.Refused, Reason: "no such account"}))(t)
	if r := row[desk.Remittance](s, known.ID); r.State != desk.RemitDone || r.BankRef != "412345678901" {
		t.Errorf("done it is %+v", r)
	}
	if r := row[desk.Remittance](s, unknown.ID); r.State != desk.RemitOwed || r.Reason != "no such account" {
		t.Errorf("refused it is %+v", r)
	}
	s.Audit(t)
}
