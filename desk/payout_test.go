package desk_test

import (
	"slices"
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
	"wapas/rail"
)

// payouts lets this shop's wallets be paid out, for a fee of 5.90.
func (s *shop) payouts() {
	s.terms(func(t *desk.Terms) { t.Programme, t.PayoutFlat, t.MonthlyUsage = "full_kyc", 5_00, 500_00 })
}

// account makes a fund account.
func (s *shop) account(c desk.Customer) desk.FundAccount {
	s.t.Helper()
	q := desk.FundAccountRequest{Customer: c.ID, Type: "bank_account", Name: "Ravi", IFSC: "hdfc0000053", Number: "11214311215411"}
	return must(s.Desk.CreateFundAccount(s.ctx, s.Book, q))(s.t)
}

func TestFundAccountRefusals(t *testing.T) {
	s := newShop(t)
	none := desk.ID("cust_00000000000000")
	for _, c := range []struct {
		what string
		q    desk.FundAccountRequest
		why  ledger.Why
	}{
		{"nothing", desk.FundAccountRequest{Customer: none}, desk.WhyFundType},
		{"no name", desk.FundAccountRequest{Customer: none, Type: "bank_account", Name: " "}, desk.WhyFundName},
		{"no IFSC", desk.FundAccountRequest{Customer: none, Type: "bank_account", Name: "R", IFSC: "HDFC1000053"}, desk.WhyFundIFSC},
		{"a short number", desk.FundAccountRequest{Customer: none, Type: "bank_account", Name: "R", IFSC: "HDFC0000053", Number: "1234"}, desk.WhyFundNumber},
		{"a number with a sign", desk.FundAccountRequest{Customer: none, Type: "bank_account", Name: "R", IFSC: "HDFC0000053", Number: "12345-6"}, desk.WhyFundDigits},
	} {
		_, err := s.Desk.CreateFundAccount(s.ctx, s.Book, c.q)
		refused(t, c.what, err, ledger.Invalid, c.why)
	}
	_, err := s.Desk.CreateFundAccount(s.ctx, s.Book, desk.FundAccountRequest{Customer: none, Type: "bank_account", Name: "R", IFSC: "HDFC0000053", Number: "12345"})
	refused(t, "no customer", err, ledger.NotFound, desk.WhyUnknownID)
	if f := s.account(s.customer(0, 0)); f.IFSC != "HDFC0000053" || f.BankName != "HDFC Bank" || !f.Active {
		t.Errorf("made %+v", f)
	}
}

func TestPayoutRefusals(t *testing.T) {
	s := newShop(t)
	c, other := s.customer(100_00, 50_00), must(s.Desk.CreateCustomer(s.ctx, s.Book, desk.CustomerRequest{Name: "Lila"}))(t)
	f, theirs := s.account(c), s.account(other)
	ask := func(q desk.PayoutRequest) error {
		_, err := s.Desk.CreatePayout(s.ctx, s.Book, q)
		return err
	}
	good := desk.PayoutRequest{Customer: c.ID, FundAccount: f.ID, Amount: 50_00, Purpose: "refund"}
	refused(t, "a closed programme", ask(good), ledger.WrongState, desk.WhyPayoutProgramme)
	s.payouts()
	for _, r := range []struct {
		what string
		edit func(q *desk.PayoutRequest)
		code ledger.Code
		why  ledger.Why
	}{
		{"less than a rupee, for nothing", func(q *desk.PayoutRequest) { q.Amount, q.Purpose = 99, "" }, ledger.Invalid, desk.WhyPayoutMin},
		{"beyond any amount", func(q *desk.PayoutRequest) { q.Amount = ledger.MaxAmount + 1 }, ledger.Invalid, desk.WhyPayoutMax},
		{"no purpose", func(q *desk.PayoutRequest) { q.Purpose = " " }, ledger.Invalid, desk.WhyPayoutPurpose},
		{"a long reference", func(q *desk.PayoutRequest) { q.Reference = "12345678901234567890123456789012345678901" }, ledger.Invalid, desk.WhyPayoutReference},
		{"a long narration", func(q *desk.PayoutRequest) { q.Narration = "1234567890123456789012345678901" }, ledger.Invalid, desk.WhyPayoutNarration},
		{"a narration with a sign", func(q *desk.PayoutRequest) { q.Narration = "Tea & cake" }, ledger.Invalid, desk.WhyPayoutNarration},
		{"a strange scenario", func(q *desk.PayoutRequest) { q.Outcome = "maybe" }, ledger.Invalid, desk.WhyScenario},
		{"no customer, no account", func(q *desk.PayoutRequest) { q.Customer, q.FundAccount = "cust_00000000000000", "fa_00000000000000" }, ledger.NotFound, desk.WhyUnknownID},
		{"no account", func(q *desk.PayoutRequest) { q.FundAccount = "fa_00000000000000" }, ledger.NotFound, desk.WhyUnknownID},
		{"another's account", func(q *desk.PayoutRequest) { q.FundAccount = theirs.ID }, ledger.NotFound, desk.WhyUnknownID},
		{"too much for a month", func(q *desk.PayoutRequest) { q.Amount = 500_00 }, ledger.Exceeds, desk.WhyMonthlyUsage},
		{"cash without its fee", func(q *desk.PayoutRequest) { q.Amount = 100_00 }, ledger.Insufficient, desk.WhyWalletShort},
		{"cashback", func(q *desk.PayoutRequest) { q.Amount = 120_00 }, ledger.Insufficient, desk.WhyWalletShort},
		{"no wallet", func(q *desk.PayoutRequest) { q.Customer, q.FundAccount = other.ID, theirs.ID }, ledger.Insufficient, desk.WhyWalletShort},
	} {
		q := good
		r.edit(&q)
		refused(t, r.what, ask(q), r.code, r.why)
	}
	must(s.Desk.SetFundAccount(s.ctx, s.Book, f.ID, false))(t)
	refused(t, "an account that is not active", ask(good), ledger.WrongState, desk.WhyFundInactive)
}

// What becomes of a payout: its state, what the wallet holds and what the
// merchant earned or bore, at each look.
func TestPayouts(t *testing.T) {
	type look struct {
		after           time.Duration
		state           string
		cash, available ledger.Amount // of 1000.00 and 500.00
		income          ledger.Amount
	}
	const day = 24 * time.Hour
	for _, c := range []struct {
		name     string
		amount   ledger.Amount
		scenario string
		merchant bool // bears the fee
		spends   bool // the customer spends what came back
		looks    []look
		events   []string
		open     []string
	}{
		{"arrives", 200_00, "", false, false, []look{
			{0, "processing", 794_10, 500_00, 0}, {2 * time.Second, "processed", 794_10, 500_00, 5_00},
		}, []string{"payout.initiated", "payout.processed", "payout.updated"}, nil},
		{"arrives, at the merchant's cost", 200_00, "", true, false, []look{
			{0, "processing", 800_00, 494_10, 0}, {2 * time.Second, "processed", 800_00, 494_10, 5_00},
		}, []string{"payout.initiated", "payout.processed", "payout.updated"}, nil},
		{"is refused", 200_13, "", false, false, []look{
			{0, "reversed", 1000_00, 500_00, 0},
		}, []string{"payout.initiated", "payout.reversed"}, nil},
		{"is refused, at the merchant's cost", 200_13, "", true, false, []look{
			{0, "reversed", 1000_00, 500_00, 0},
		}, []string{"payout.initiated", "payout.reversed"}, nil},
		{"comes back", 200_00, "returned", false, false, []look{
			{0, "processing", 794_10, 500_00, 0}, {2 * time.Second, "processed", 794_10, 500_00, 5_00}, {day, "reversed", 1000_00, 500_00, 0},
		}, []string{"payout.initiated", "payout.processed", "payout.updated", "payout.reversed"}, nil},
		{"comes back, at the merchant's cost", 200_00, "returned", true, false, []look{
			{0, "processing", 800_00, 494_10, 0}, {2 * time.Second, "processed", 800_00, 494_10, 5_00}, {day, "reversed", 1000_00, 500_00, 0},
		}, []string{"payout.initiated", "payout.processed", "payout.updated", "payout.reversed"}, nil},
		{"arrives late", 200_00, "late", false, false, []look{
			{0, "reversed", 1000_00, 500_00, 0}, {day, "processed", 800_00, 500_00, 0},
		}, []string{"payout.initiated", "payout.reversed", "payout.processed", "payout.updated"}, []string{desk.ExceptionLate}},
		{"arrives late, and was spent", 200_00, "late", false, true, []look{
			{0, "reversed", 1000_00, 500_00, 0}, {day, "processed", 0, 1300_00, 0},
		}, []string{"payout.initiated", "payout.reversed", "payout.processed", "payout.updated"}, []string{desk.ExceptionLate}},
		{"is in silence", 200_29, "", false, false, []look{
			{0, "processing", 793_81, 500_00, 0}, {day, "processing", 793_81, 500_00, 0}, {day, "processing", 793_81, 500_00, 0},
		}, []string{"payout.initiated"}, []string{desk.ExceptionUnknown}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShop(t)
			s.terms(func(t *desk.Terms) {
				t.Programme, t.PayoutFlat, t.PayoutFeeFromMerchant = "full_kyc", 5_00, c.merchant
			})
			cust := s.customer(1000_00, 0)
			s.pay("card", 500_00)
			q := desk.PayoutRequest{Customer: cust.ID, FundAccount: s.account(cust).ID, Amount: c.amount, Purpose: "refund", Outcome: c.scenario}
			p := must(s.Desk.CreatePayout(s.ctx, s.Book, q))(t)
			if p.State != "processing" || p.Fee != 5_90 || p.Tax != 90 || p.Narration != "Wapas Demo Fund Transfer" {
				t.Errorf("made %+v", p)
			}
			for i, l := range c.looks {
				s.after(l.after)
				got := look{l.after, row[desk.Payout](s, p.ID).State, s.balance(ledger.Account(ledger.WalletCash, string(cust.ID))),
					s.balance(ledger.Available), s.balance(ledger.FeePayout)}
				if got != l {
					t.Errorf("look %d: got %+v, want %+v", i, got, l)
				}
				if c.spends && got.state == "reversed" {
					s.spend(cust, 1000_00)
				}
			}
			if got := s.events(p.ID); !slices.Equal(got, c.events) {
				t.Errorf("events %v, want %v", got, c.events)
			}
			if got := s.exceptions(p.ID); !slices.Equal(got, c.open) {
				t.Errorf("exceptions %v, want %v", got, c.open)
			}
			if p := row[desk.Payout](s, p.ID); (p.State == "processed") != (p.UTR != "" && p.Reason == "") {
				t.Errorf("in the end %+v", p)
			}
		})
	}
}

// A payout that arrives late, after the customer has spent what came back, and
// then comes back again: the wallet and the merchant each have what they paid.
func TestPayoutBorne(t *testing.T) {
	for _, c := range []struct{ spends, borne ledger.Amount }{{900_00, 100_00}, {1000_00, 200_00}} {
		s := newShop(t)
		s.terms(func(t *desk.Terms) { t.Programme, t.PayoutFlat = "full_kyc", 5_00 })
		cust := s.customer(1000_00, 0)
		cash := ledger.Account(ledger.WalletCash, string(cust.ID))
		q := desk.PayoutRequest{Customer: cust.ID, FundAccount: s.account(cust).ID, Amount: 200_00, Purpose: "refund"}
		r := &slowRail{says: []rail.Answer{{Outcome: rail.Refused}, {Outcome: rail.Done}, {Outcome: rail.Refused}}}
		r.says[0].AskAt = ledger.At(s.Desk.Now()).Add(time.Hour)
		r.says[1].AskAt = ledger.At(s.Desk.Now()).Add(2 * time.Hour)
		s.Desk.Rails[sim] = r
		p := must(s.Desk.CreatePayout(s.ctx, s.Book, q))(t)
		s.after(rail.Doubling.First)
		s.spend(cust, c.spends)
		s.after(time.Hour)
		if got := row[desk.Payout](s, p.ID); got.State != "processed" || got.Borne != c.borne {
			t.Errorf("late it is %+v", got)
		}
		s.holds(map[ledger.AccountID]ledger.Amount{cash: 0, ledger.Available: c.spends - c.borne})
		s.after(time.Hour)
		if got := row[desk.Payout](s, p.ID); got.State != "reversed" || got.Borne != 0 {
			t.Errorf("in the end it is %+v", got)
		}
		s.holds(map[ledger.AccountID]ledger.Amount{cash: 1000_00 - c.spends, ledger.Available: c.spends})
	}
}
