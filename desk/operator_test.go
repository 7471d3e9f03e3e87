package desk_test

import (
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

// money is a request under a reference.
func money(a ledger.Amount, reference string) desk.MoneyRequest {
	return desk.MoneyRequest{Amount: a, Reference: reference, By: "Asha"}
}

// What the operator does with money, and what it leaves in the books.
func TestOperatorMoney(t *testing.T) {
	s := newShop(t)
	s.terms(func(t *desk.Terms) { t.PaymentBps = 200 })
	c := s.customer(0, 0)
	s.pay("upi", 1000000) // earns 20000, and 3600 of tax
	const sim = desk.SimRail
	done := func(b desk.Booking, err error) desk.Booking {
		t.Helper()
		if err != nil || b.State != desk.BookingDone || b.DoneAt == 0 {
			t.Fatalf("got %+v, %v", b, err)
		}
		return b
	}
	done(s.Desk.OwnFunds(s.ctx, s.Book, money(100000, "HDFCN1")))
	s.holds(map[ledger.AccountID]ledger.Amount{"1020": 100000, "3000": 100000})
	done(s.Desk.ProviderSettled(s.ctx, s.Book, desk.ProviderSettlement{MoneyRequest: money(1000000, "SETL1"), Provider: sim, Cost: 1500, Tax: 270}))
	s.holds(map[ledger.AccountID]ledger.Amount{"1010": 998230, "5010": 1500, "1300": 270, "1100/" + sim: 0})
	done(s.Desk.TopUpFloat(s.ctx, s.Book, desk.TopUp{MoneyRequest: money(200000, "HDFCN2"), Partner: sim}))
	s.holds(map[ledger.AccountID]ledger.Amount{"1010": 798230, "1110/" + sim: 200000})
	done(s.Desk.GiveOwnCashback(s.ctx, s.Book, desk.OwnCashback{MoneyRequest: money(5000, "DIWALI-1"), Customer: c.ID}))
	s.holds(map[ledger.AccountID]ledger.Amount{"1010": 803230, "1020": 95000, "5050": 5000, ledger.Account("2101", string(c.ID)): 5000})

	// 20000 + 3600 of fees and tax, less what the provider kept.
	_, err := s.Desk.SweepFees(s.ctx, s.Book, money(21831, "HDFCN3"))
	refusedAs(t, "more than was earned", err, ledger.Exceeds, desk.WhyMoneyOver)
	done(s.Desk.SweepFees(s.ctx, s.Book, money(21830, "HDFCN4")))
	s.holds(map[ledger.AccountID]ledger.Amount{"1010": 781400, "1020": 116830})
	_, err = s.Desk.PayGST(s.ctx, s.Book, desk.GSTPayment{MoneyRequest: money(0, "GST26010001"), CGST: 1801, SGST: 1800, Input: 270})
	refusedAs(t, "more tax than was collected", err, ledger.Exceeds, desk.WhyMoneyOver)
	b := done(s.Desk.PayGST(s.ctx, s.Book, desk.GSTPayment{MoneyRequest: money(0, "GST26010002"), CGST: 1800, SGST: 1800, Input: 270}))
	if b.Amount != 3330 {
		t.Errorf("tax paid: %+v", b)
	}
	s.holds(map[ledger.AccountID]ledger.Amount{"2301": 0, "2302": 0, "1300": 0, "1020": 113500})

	r := done(s.Desk.UnknownReceipt(s.ctx, s.Book, money(7000, "IMPS600112345")))
	s.holds(map[ledger.AccountID]ledger.Amount{"2900": 7000, "1010": 788400})
	wallet := ledger.Account("2100", string(c.ID))
	done(s.Desk.IdentifyReceipt(s.ctx, s.Book, desk.Identification{MoneyRequest: money(4000, ""), Receipt: r.ID, To: wallet}))
	s.holds(map[ledger.AccountID]ledger.Amount{"2900": 3000, wallet: 4000})
	_, err = s.Desk.IdentifyReceipt(s.ctx, s.Book, desk.Identification{MoneyRequest: money(3001, ""), Receipt: r.ID, To: ledger.Available})
	refusedAs(t, "more than is left of the receipt", err, ledger.Exceeds, desk.WhyMoneyOver)
	done(s.Desk.IdentifyReceipt(s.ctx, s.Book, desk.Identification{MoneyRequest: money(3000, ""), Receipt: r.ID, To: ledger.Available}))
	if got := row[desk.Booking](s, r.ID); got.Identified != 7000 || s.balance("2900") != 0 {
		t.Errorf("the receipt: %+v", got)
	}
	lines := must(s.Desk.Statement(s.ctx, desk.Query{Book: s.Book, Parent: c.ID}))(t)
	if len(lines) != 2 || lines[0].Balance != 9000 || lines[0].Credit != 4000 {
		t.Errorf("the statement: %+v", lines)
	}
}

// A reference is booked once: the same word hears the first answer again, and
// other words under it are refused.
func TestOperatorReference(t *testing.T) {
	s := newShop(t)
	first := must(s.Desk.OwnFunds(s.ctx, s.Book, money(100000, "HDFCN1")))(t)
	again := must(s.Desk.OwnFunds(s.ctx, s.Book, money(100000, "HDFCN1")))(t)
	if again != first {
		t.Errorf("again: %+v, first %+v", again, first)
	}
	_, err := s.Desk.OwnFunds(s.ctx, s.Book, money(100001, "HDFCN1"))
	refusedAs(t, "another amount", err, ledger.Mismatch, desk.WhyKeyMismatch)
	q := money(100000, "HDFCN1")
	q.Key = desk.Once{Scope: "native", Key: "k1", Digest: "d"}
	_, err = s.Desk.OwnFunds(s.ctx, s.Book, q)
	refusedAs(t, "under a key of its own", err, ledger.Duplicate, desk.WhyHandleUsed)
	must(s.Desk.UnknownReceipt(s.ctx, s.Book, money(100, "HDFCN1")))(t) // another sort of word
	s.holds(map[ledger.AccountID]ledger.Amount{"1020": 100000, "1010": 100})
}

// A reference that was refused is not used up: the bank gives no other one when
// the reason is gone, or when what was mistyped is put right.
func TestOperatorReferenceRefused(t *testing.T) {
	s := newShop(t)
	s.terms(func(t *desk.Terms) { t.PaymentBps = 200 })
	_, err := s.Desk.SweepFees(s.ctx, s.Book, money(100, "HDFCN1"))
	refusedAs(t, "nothing was earned", err, ledger.Exceeds, desk.WhyMoneyOver)
	s.pay("upi", 10000)
	must(s.Desk.ProviderSettled(s.ctx, s.Book, desk.ProviderSettlement{MoneyRequest: money(10000, "SETL1"), Provider: desk.SimRail}))(t)
	// Another provider may number its settlements alike.
	must(s.Desk.ProviderSettled(s.ctx, s.Book, desk.ProviderSettlement{MoneyRequest: money(20000, "SETL1"), Provider: "other"}))(t)
	must(s.Desk.SweepFees(s.ctx, s.Book, money(100, "HDFCN1")))(t)

	r := must(s.Desk.UnknownReceipt(s.ctx, s.Book, money(7000, "IMPS600112345")))(t)
	q := desk.Identification{MoneyRequest: money(7000, "IMPS600112345"), Receipt: "bok_none", To: ledger.Available}
	_, err = s.Desk.IdentifyReceipt(s.ctx, s.Book, q)
	refusedAs(t, "no such receipt", err, ledger.NotFound, desk.WhyUnknownID)
	q.Receipt = r.ID
	must(s.Desk.IdentifyReceipt(s.ctx, s.Book, q))(t)

	wallet := ledger.Account("2100", string(s.customer(0, 0).ID))
	adjust := desk.Adjustment{MoneyRequest: desk.MoneyRequest{Amount: 50, Reference: "ADJ00001", By: "Asha", Note: "why"}, Debit: wallet, Credit: "5040"}
	_, err = s.Desk.Adjust(s.ctx, s.Book, adjust)
	refusedAs(t, "an empty wallet", err, ledger.Insufficient, desk.WhyMoneyShort)
	adjust.Debit, adjust.Credit = adjust.Credit, adjust.Debit
	must(s.Desk.Adjust(s.ctx, s.Book, adjust))(t)
}

// Refusals of bookings, in the order of the checks.
func TestOperatorRefusals(t *testing.T) {
	s := newShop(t)
	c := s.customer(0, 0)
	wallet := ledger.Account("2100", string(c.ID))
	own := must(s.Desk.OwnFunds(s.ctx, s.Book, money(100, "HDFCN1")))(t)
	adjust := func(a ledger.Amount, debit, credit ledger.AccountID, note string) func() (desk.Booking, error) {
		return func() (desk.Booking, error) {
			return s.Desk.Adjust(s.ctx, s.Book, desk.Adjustment{MoneyRequest: desk.MoneyRequest{Amount: a, By: "Asha", Note: note}, Debit: debit, Credit: credit})
		}
	}
	for _, tt := range []struct {
		what string
		do   func() (desk.Booking, error)
		code ledger.Code
		why  ledger.Why
	}{
		{"nothing, no reference", func() (desk.Booking, error) { return s.Desk.OwnFunds(s.ctx, s.Book, money(0, "")) }, ledger.Invalid, desk.WhyMoneyAmount},
		{"beyond any amount", func() (desk.Booking, error) {
			return s.Desk.OwnFunds(s.ctx, s.Book, money(ledger.MaxAmount+1, "HDFCN9"))
		}, ledger.Invalid, desk.WhyMoneyAmount},
		{"no reference", func() (desk.Booking, error) { return s.Desk.OwnFunds(s.ctx, s.Book, money(1, "")) }, ledger.Invalid, desk.WhyMoneyReference},
		{"a reference of blanks", func() (desk.Booking, error) { return s.Desk.OwnFunds(s.ctx, s.Book, money(1, "a b c d")) }, ledger.Invalid, desk.WhyMoneyReference},
		{"a cost above the gross, no provider", func() (desk.Booking, error) {
			return s.Desk.ProviderSettled(s.ctx, s.Book, desk.ProviderSettlement{MoneyRequest: money(100, "SETL9"), Cost: 90, Tax: 11})
		}, ledger.Invalid, desk.WhyMoneyAmount},
		{"no provider", func() (desk.Booking, error) {
			return s.Desk.ProviderSettled(s.ctx, s.Book, desk.ProviderSettlement{MoneyRequest: money(100, "SETL9")})
		}, ledger.Invalid, desk.WhyMoneyParty},
		{"a partner of another account", func() (desk.Booking, error) {
			return s.Desk.TopUpFloat(s.ctx, s.Book, desk.TopUp{MoneyRequest: money(100, "SETL9"), Partner: "a/b"})
		}, ledger.Invalid, desk.WhyMoneyParty},
		{"no tax", func() (desk.Booking, error) {
			return s.Desk.PayGST(s.ctx, s.Book, desk.GSTPayment{MoneyRequest: money(0, "GST1")})
		}, ledger.Invalid, desk.WhyMoneyAmount},
		{"taxes that make another amount", func() (desk.Booking, error) {
			return s.Desk.PayGST(s.ctx, s.Book, desk.GSTPayment{MoneyRequest: money(5, "GST1"), IGST: 6})
		}, ledger.Invalid, desk.WhyMoneyAmount},
		{"nothing was earned", func() (desk.Booking, error) { return s.Desk.SweepFees(s.ctx, s.Book, money(101, "HDFCN2")) }, ledger.Exceeds, desk.WhyMoneyOver},
		{"cashback for nobody", func() (desk.Booking, error) {
			return s.Desk.GiveOwnCashback(s.ctx, s.Book, desk.OwnCashback{MoneyRequest: money(1, "DIWALI")})
		}, ledger.NotFound, desk.WhyUnknownID},
		{"cashback above what a wallet may hold", func() (desk.Booking, error) {
			return s.Desk.GiveOwnCashback(s.ctx, s.Book, desk.OwnCashback{MoneyRequest: money(100_000_000, "DIWALI2"), Customer: c.ID})
		}, ledger.Exceeds, desk.WhyMaxBalance},
		{"an unknown receipt, an account no hand may touch", func() (desk.Booking, error) {
			return s.Desk.IdentifyReceipt(s.ctx, s.Book, desk.Identification{MoneyRequest: money(1, ""), Receipt: "bok_none", To: "2200/sim"})
		}, ledger.Invalid, desk.WhyMoneyParty},
		{"an unknown receipt", func() (desk.Booking, error) {
			return s.Desk.IdentifyReceipt(s.ctx, s.Book, desk.Identification{MoneyRequest: money(1, ""), Receipt: "bok_none", To: wallet})
		}, ledger.NotFound, desk.WhyUnknownID},
		{"another booking, another's account", func() (desk.Booking, error) {
			return s.Desk.IdentifyReceipt(s.ctx, s.Book, desk.Identification{MoneyRequest: money(1, ""), Receipt: own.ID, To: "2100/cust_none"})
		}, ledger.NotFound, desk.WhyUnknownID},
		{"another booking", func() (desk.Booking, error) {
			return s.Desk.IdentifyReceipt(s.ctx, s.Book, desk.Identification{MoneyRequest: money(1, ""), Receipt: own.ID, To: wallet})
		}, ledger.WrongState, desk.WhyMoneyState},
		{"an adjustment without a note, of what is under way", adjust(1, "2200/sim", "1010", ""), ledger.Invalid, desk.WhyMoneyPerson},
		{"an adjustment with a note of blanks, of what is under way", adjust(1, "2200/sim", "1010", " "), ledger.Invalid, desk.WhyMoneyPerson},
		{"an adjustment of what is under way", adjust(1, "2200/sim", "1010", "why"), ledger.Invalid, desk.WhyMoneyParty},
		{"an adjustment of no account", adjust(1, "1010", "7777", "why"), ledger.Invalid, desk.WhyMoneyParty},
		{"an adjustment of nobody's wallet", adjust(1, "1010", "2100", "why"), ledger.Invalid, desk.WhyMoneyParty},
		{"an adjustment to itself", adjust(1, "1010", "1010", "why"), ledger.Invalid, desk.WhyMoneyParty},
		{"an adjustment of a stranger's wallet", adjust(1, "1010", "2100/cust_none", "why"), ledger.NotFound, desk.WhyUnknownID},
		{"an adjustment of a stranger's balance", adjust(1, "1010", "2020/acc_none", "why"), ledger.NotFound, desk.WhyUnknownID},
		{"an adjustment of more than there is", adjust(1, wallet, "5040", "why"), ledger.Insufficient, desk.WhyMoneyShort},
	} {
		_, err := tt.do()
		refusedAs(t, tt.what, err, tt.code, tt.why)
	}
	s.holds(map[ledger.AccountID]ledger.Amount{"1020": 100, "3000": 100, "1010": 0})
}

// What takes two people by one way takes two by every other: cashback, and a
// receipt that nobody knew, in one piece or in parts. Nothing moves until the
// second agrees, who is held against the books as they then are.
func TestMoneyByTwo(t *testing.T) {
	s := newShop(t)
	s.terms(func(t *desk.Terms) { t.Programme, t.TwoPeopleAbove = "full_kyc", 5000 })
	c := s.customer(10000, 0)
	cash, cashback := ledger.Account("2100", string(c.ID)), ledger.Account("2101", string(c.ID))
	by := func(who string, a ledger.Amount) desk.MoneyRequest {
		return desk.MoneyRequest{Amount: a, By: who, Note: "a note"}
	}
	agree := func(id desk.ID, who string) error {
		_, err := s.Desk.Agree(s.ctx, s.Book, desk.Agreement{Booking: id, By: who})
		return err
	}

	give := func(who string, a ledger.Amount) (desk.Booking, error) {
		return s.Desk.GiveOwnCashback(s.ctx, s.Book, desk.OwnCashback{MoneyRequest: by(who, a), Customer: c.ID})
	}
	if b := must(give("Asha", 5000))(t); b.State != desk.BookingDone || s.balance(cashback) != 5000 {
		t.Errorf("cashback at the limit: %+v", b)
	}
	_, err := give("", 5001)
	refusedAs(t, "by nobody", err, ledger.Invalid, desk.WhyMoneyPerson)
	b := must(give("Asha", 5001))(t)
	if b.State != desk.BookingAsked || s.balance(cashback) != 5000 {
		t.Errorf("cashback above the limit: %+v", b)
	}
	refusedAs(t, "the same person", agree(b.ID, "asha"), ledger.Denied, desk.WhyMoneySame)
	if err := agree(b.ID, "Ravi"); err != nil || s.balance(cashback) != 10001 {
		t.Errorf("%v, and there are %d", err, s.balance(cashback))
	}
	b = must(give("Asha", 5002))(t)
	must(s.Desk.FreezeWallet(s.ctx, s.Book, desk.FreezeRequest{Holder: c.ID, Frozen: true, Reason: "police"}))(t)
	if err := agree(b.ID, "Ravi"); ledger.CodeOf(err) != ledger.WrongState {
		t.Errorf("into a wallet that was frozen meanwhile: %v", err)
	}
	must(s.Desk.FreezeWallet(s.ctx, s.Book, desk.FreezeRequest{Holder: c.ID, Reason: "it was nothing"}))(t)

	receipt := must(s.Desk.UnknownReceipt(s.ctx, s.Book, desk.MoneyRequest{Amount: 9000, Reference: "IMPS600112345"}))(t)
	known := func(who string, a ledger.Amount) (desk.Booking, error) {
		return s.Desk.IdentifyReceipt(s.ctx, s.Book, desk.Identification{MoneyRequest: by(who, a), Receipt: receipt.ID, To: cash})
	}
	if b := must(known("Asha", 3000))(t); b.State != desk.BookingDone {
		t.Errorf("a part: %+v", b)
	}
	b = must(known("Asha", 2001))(t)
	if got := row[desk.Booking](s, receipt.ID); b.State != desk.BookingAsked || got.Identified != 3000 || s.balance(cash) != 13000 {
		t.Errorf("a part above the limit is %+v; %d is identified", b, got.Identified)
	}
	s.Audit(t)
	if err := agree(b.ID, "Ravi"); err != nil || s.balance(cash) != 15001 {
		t.Errorf("%v, and there are %d", err, s.balance(cash))
	}
	one, two := must(known("Asha", 3999))(t), must(known("Ravi", 3999))(t)
	if err := agree(one.ID, "Ravi"); err != nil {
		t.Error(err)
	}
	if err := agree(two.ID, "Asha"); ledger.CodeOf(err) != ledger.Exceeds {
		t.Errorf("more than was left of the receipt: %v", err)
	}
	if got := row[desk.Booking](s, receipt.ID); got.Identified != 9000 || s.balance(ledger.SuspenseCredit) != 0 {
		t.Errorf("of the receipt %d is identified", got.Identified)
	}
}

// An adjustment above the limit is asked by one and done by another; a wallet's
// statement tells of it.
func TestAdjust(t *testing.T) {
	s := newShop(t)
	s.terms(func(t *desk.Terms) { t.TwoPeopleAbove = 5000 })
	c := s.customer(10000, 0)
	wallet := ledger.Account("2100", string(c.ID))
	adjust := func(a ledger.Amount, debit, credit ledger.AccountID) desk.Booking {
		return must(s.Desk.Adjust(s.ctx, s.Book, desk.Adjustment{
			MoneyRequest: desk.MoneyRequest{Amount: a, By: "Asha", Note: "paid at the counter"}, Debit: debit, Credit: credit,
		}))(t)
	}
	if b := adjust(5000, "5040", wallet); b.State != desk.BookingDone {
		t.Errorf("at the limit: %+v", b)
	}
	b := adjust(5001, wallet, "5040")
	if b.State != desk.BookingAsked || s.balance(wallet) != 15000 {
		t.Errorf("above the limit: %+v", b)
	}
	for _, by := range []string{"Asha", "asha", " ASHA "} {
		_, err := s.Desk.Agree(s.ctx, s.Book, desk.Agreement{Booking: b.ID, By: by})
		refusedAs(t, "the same person", err, ledger.Denied, desk.WhyMoneySame)
	}
	for _, by := range []string{"", " ", "Ravi\u200b"} {
		_, err := s.Desk.Agree(s.ctx, s.Book, desk.Agreement{Booking: b.ID, By: by})
		refusedAs(t, "no person's name", err, ledger.Invalid, desk.WhyMoneyPerson)
	}
	b = must(s.Desk.Agree(s.ctx, s.Book, desk.Agreement{Booking: b.ID, By: "Ravi"}))(t)
	if b.State != desk.BookingDone || b.By != "Asha" || b.Second != "Ravi" || s.balance(wallet) != 9999 {
		t.Errorf("agreed: %+v", b)
	}
	lines := must(s.Desk.Statement(s.ctx, desk.Query{Book: s.Book, Parent: c.ID}))(t)
	if l := lines[0]; l.Debit != 5001 || l.Balance != 9999 || l.Source != b.ID || l.Description != "paid at the counter" {
		t.Errorf("the statement: %+v", l)
	}
	// What was right when it was asked may be too much when it is agreed to.
	b = adjust(9999, wallet, "5040")
	must(s.Desk.Adjust(s.ctx, s.Book, desk.Adjustment{MoneyRequest: desk.MoneyRequest{Amount: 1, By: "Asha", Note: "again"}, Debit: wallet, Credit: "5040"}))(t)
	_, err := s.Desk.Agree(s.ctx, s.Book, desk.Agreement{Booking: b.ID, By: "Ravi"})
	refusedAs(t, "no longer there", err, ledger.Insufficient, desk.WhyMoneyShort)
	s.after(24 * time.Hour)
	if got := row[desk.Booking](s, b.ID); got.State != desk.BookingExpired {
		t.Errorf("a day later: %+v", got)
	}
}
