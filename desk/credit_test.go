package desk_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

// credit gives the usual customer a refund as store credit.
func (s *shop) credit(a ledger.Amount, reference string) desk.Credit {
	s.t.Helper()
	q := ask(reference)
	q.Amount = a
	return must(s.Desk.LoadCredit(s.ctx, s.Book, q))(s.t)
}

// spendCredit spends of what a member holds.
func (s *shop) spendCredit(member desk.ID, a ledger.Amount) desk.Credit {
	s.t.Helper()
	return must(s.Desk.SpendCredit(s.ctx, s.Book, desk.SpendRequest{Member: member, Amount: a, Order: "order 1"}))(s.t)
}

// returnCredit undoes a part of a spend.
func (s *shop) returnCredit(spend desk.ID, a ledger.Amount) desk.Credit {
	s.t.Helper()
	return must(s.Desk.ReturnCredit(s.ctx, s.Book, desk.ReturnRequest{Spend: spend, Amount: a}))(s.t)
}

// held is what a member holds, and what is left of each lot, in the order in
// which it is spent.
func (s *shop) held(member desk.ID) (all ledger.Amount, left []ledger.Amount) {
	s.t.Helper()
	all, lots, err := s.Desk.CreditHeld(s.ctx, s.Book, member)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, lot := range lots {
		left = append(left, lot.Left)
	}
	return all, left
}

// lots are what a member has left, in the order in which it is spent.
func (s *shop) lots(member desk.ID) []ledger.Amount {
	s.t.Helper()
	_, left := s.held(member)
	return left
}

func refusedIn(t *testing.T, err error, code ledger.Code, why ledger.Why, field string) {
	t.Helper()
	e, ok := err.(*ledger.Error)
	if !ok || e.Code != code || e.Why != why || e.Field != field {
		t.Errorf("got %v, want %s (%s) in %q", err, code, why, field)
	}
}

// A credit is a refund that is done: a transaction, a refund, an entry on the
// merchant's promise (J25), and the events of any refund.
func TestLoadCredit(t *testing.T) {
	s := newShop(t)
	q := ask("return-1")
	q.Order, q.Notes = "merchant_order_id", `{"order_id":"merchant_order_id"}`
	x := must(s.Desk.LoadCredit(s.ctx, s.Book, q))(t)
	if x.ID.Prefix() != "ientxn" || x.Member.Prefix() != "iuser" || x.Programme.Prefix() != "iprog" || x.Source.Prefix() != "iload" {
		t.Errorf("ids of %+v", x)
	}
	if x.Type != "credit" || x.Balance != 10000 || x.Backed != 10000 || x.Left != 10000 || x.ExpiresAt != 0 || x.Linked != "" ||
		x.Reference != "return-1" || x.Order != "merchant_order_id" || x.Notes != q.Notes {
		t.Errorf("given %+v", x)
	}
	r := row[desk.Refund](s, x.Refund())
	if r.State != "done" || r.To != "credit" || r.Room != "engage" || r.Holder != x.Member || r.Amount != 10000 || r.Payment != "" || r.Order != "" ||
		r.ProcessedAt != r.CreatedAt || r.Notes != q.Notes || desk.CreditID(r.ID) != x.ID {
		t.Errorf("its refund is %+v", r)
	}
	s.holds(map[ledger.AccountID]ledger.Amount{"1220": 10000, ledger.Account("2105", string(x.Member)): 10000, "2010": 0})
	if names := s.events(r.ID); !slices.Equal(names, []string{"refund.created", "refund.processed"}) {
		t.Errorf("events %v", names)
	}
	entries := must(s.Desk.Store.Entries(s.ctx, desk.Query{Book: s.Book, Parent: r.ID}))(t)
	if len(entries) != 1 || entries[0].Reason != ledger.CreditLoaded || len(entries[0].Lines) != 2 {
		t.Errorf("entries %+v", entries)
	}
	second := s.credit(2500, "return-2")
	if second.Member != x.Member || second.Balance != 12500 || second.Programme != x.Programme {
		t.Errorf("the second is %+v", second)
	}
}

// What a credit is refused for, in its order: each row breaks the rules below
// it too, as far as one request can.
func TestLoadCreditRefusals(t *testing.T) {
	s := newShop(t)
	s.programme(func(p *desk.Programme) { p.MaxBalance = 20000; p.Funding = desk.Prefunded })
	s.pay("card", 15000)
	must(s.give("first", "9663957855", "9663957855", "abc@example.com"))(t)
	long := string(slices.Repeat([]byte("x"), 257))
	for _, tt := range []struct {
		why   string
		edit  func(q *desk.CreditRequest)
		code  ledger.Code
		rule  ledger.Why
		field string
	}{
		{"contact of nine digits, and all else wrong", func(q *desk.CreditRequest) { *q = desk.CreditRequest{Contact: "966395785"} }, ledger.Invalid, desk.WhyMemberContact, "contact"},
		{"contact of eleven digits", func(q *desk.CreditRequest) { q.Contact = "96639578550" }, ledger.Invalid, desk.WhyMemberContact, "contact"},
		{"contact with letters", func(q *desk.CreditRequest) { q.Contact = "96639578a5" }, ledger.Invalid, desk.WhyMemberContact, "contact"},
		{"contact in other digits", func(q *desk.CreditRequest) { q.Contact = "९६६३" }, ledger.Invalid, desk.WhyMemberContact, "contact"},
		{"nobody", func(q *desk.CreditRequest) { q.Partner, q.Amount = "", 1 }, ledger.Invalid, desk.WhyMemberPartner, "partner_user_id"},
		{"a name too long", func(q *desk.CreditRequest) { q.Partner, q.Amount = long, 1 }, ledger.Invalid, desk.WhyMemberPartner, "partner_user_id"},
		{"99 paise", func(q *desk.CreditRequest) { q.Amount, q.Reference = 99, "" }, ledger.Invalid, desk.WhyCreditMin, "amount"},
		{"beyond any amount", func(q *desk.CreditRequest) { q.Amount, q.Reference = ledger.MaxAmount+1, "" }, ledger.Invalid, desk.WhyCreditMax, "amount"},
		{"no reference", func(q *desk.CreditRequest) { q.Reference, q.Purpose = "", "" }, ledger.Invalid, desk.WhyCreditReference, "reference_id"},
		{"a reference too long", func(q *desk.CreditRequest) { q.Reference, q.Purpose = long, "" }, ledger.Invalid, desk.WhyCreditReference, "reference_id"},
		{"no such purpose", func(q *desk.CreditRequest) { q.Purpose, q.Order = "spend", long }, ledger.Invalid, desk.WhyCreditPurpose, "purpose"},
		{"an order too long", func(q *desk.CreditRequest) { q.Order, q.Email = long, long }, ledger.Invalid, desk.WhyCreditOrder, "notes.order_id"},
		{"an e-mail too long", func(q *desk.CreditRequest) { q.Email = long }, ledger.Invalid, desk.WhyMemberEmail, "email"},
		{"a reference used otherwise", func(q *desk.CreditRequest) { q.Reference, q.Email = "first", "xyz@example.com" }, ledger.Mismatch, desk.WhyKeyMismatch, ""},
		{"somebody else's phone", func(q *desk.CreditRequest) { q.Email, q.Amount = "xyz@example.com", 99999 }, ledger.Duplicate, desk.WhyMemberConflict, "email"},
		{"more than may be held", func(q *desk.CreditRequest) { q.Amount = 10001 }, ledger.Exceeds, desk.WhyCreditHolds, "amount"},
		{"more than the merchant has", func(q *desk.CreditRequest) { q.Amount = 5001 }, ledger.Insufficient, desk.WhyCreditFunds, ""},
	} {
		t.Run(tt.why, func(t *testing.T) {
			q := ask("r-" + tt.why)
			q.Partner = "9663957855"
			tt.edit(&q)
			_, err := s.Desk.LoadCredit(s.ctx, s.Book, q)
			refusedIn(t, err, tt.code, tt.rule, tt.field)
		})
	}
	if all := must(desk.List[desk.Credit](s.ctx, s.Desk, desk.Query{Book: s.Book}))(t); len(all) != 1 {
		t.Errorf("refusals left %d credits behind", len(all)-1)
	}
	// The very request that was refused for money is heard once there is money.
	s.pay("card", 10000)
	q := ask("r-more than the merchant has")
	q.Partner, q.Amount = "9663957855", 5001
	if x := must(s.Desk.LoadCredit(s.ctx, s.Book, q))(t); x.Balance != 15001 {
		t.Errorf("then it left %d", x.Balance)
	}
}

// A reference is one credit for good: the same request hears the first answer
// as it was, whatever has happened since, and through whichever room.
func TestCreditReference(t *testing.T) {
	s := newShop(t)
	first := s.credit(10000, "r1")
	s.credit(5000, "r2")
	s.spendCredit(first.Member, 15000)
	s.after(400 * 24 * time.Hour)
	again := s.credit(10000, "r1")
	if again != first {
		t.Errorf("again it was\n%+v, not\n%+v", again, first)
	}
	q := ask("r1")
	q.Room = "native"
	if x := must(s.Desk.LoadCredit(s.ctx, s.Book, q))(t); x != first {
		t.Errorf("through another room it was %+v", x)
	}
	for _, edit := range []func(q *desk.CreditRequest){
		func(q *desk.CreditRequest) { q.Amount++ },
		func(q *desk.CreditRequest) { q.Partner = "cust-2" },
		func(q *desk.CreditRequest) { q.Contact = "9000000001" },
		func(q *desk.CreditRequest) { q.Email = "" },
		func(q *desk.CreditRequest) { q.Order = "4711" },
		func(q *desk.CreditRequest) { q.Notes = `{"a":"b"}` },
		func(q *desk.CreditRequest) { q.Purpose = desk.CreditGift },
		func(q *desk.CreditRequest) { q.Payment = "pay_1" },
	} {
		q := ask("r1")
		edit(&q)
		_, err := s.Desk.LoadCredit(s.ctx, s.Book, q)
		refusedIn(t, err, ledger.Mismatch, desk.WhyKeyMismatch, "")
	}
	s.holds(map[ledger.AccountID]ledger.Amount{creditOf(first.Member): 0})
}

// What a reference was used for is written down as it always was: a request
// that was answered by an older version is known to every later one.
func TestCreditDigest(t *testing.T) {
	s := newShop(t)
	q := ask("r1")
	q.Order, q.Notes = "order \"1\"", `{"order_id":"order \"1\""}`
	must(s.Desk.LoadCredit(s.ctx, s.Book, q))(t)
	const want = "bd363a430d67c02cb87bd6687bfd20a8f013d055d6c8890f0008f7ab30324d30"
	if k := row[desk.Key](s, "engage.credit/r1"); k.Digest != want {
		t.Errorf("the digest is %s, not %s: what was asked before would be taken for something else", k.Digest, want)
	}
}

func creditOf(member desk.ID) ledger.AccountID {
	return ledger.Account(ledger.StoreCredit, string(member))
}

// Sixty-four of the same request at once are one credit, and all hear it.
func TestCreditAtOnce(t *testing.T) {
	s := newShop(t)
	var wg sync.WaitGroup
	heard := make([]desk.Credit, 64)
	errs := make([]error, 64)
	for i := range heard {
		wg.Go(func() { heard[i], errs[i] = s.Desk.LoadCredit(s.ctx, s.Book, ask("r1")) })
	}
	wg.Wait()
	for i := range heard {
		if errs[i] != nil || heard[i] != heard[0] {
			t.Fatalf("one heard %+v, %v; another %+v", heard[i], errs[i], heard[0])
		}
	}
	s.holds(map[ledger.AccountID]ledger.Amount{creditOf(heard[0].Member): 10000, "1220": 10000})
}

// Credit for other purposes is no refund, and a gift programme takes only such.
func TestCreditPurposes(t *testing.T) {
	s := newShop(t)
	s.programme(func(p *desk.Programme) { p.Type = desk.GiftProgramme })
	_, err := s.Desk.LoadCredit(s.ctx, s.Book, ask("r1"))
	refusedIn(t, err, ledger.WrongState, desk.WhyCreditNoRefunds, "")
	for _, purpose := range []string{desk.CreditGift, desk.CreditGoodwill} {
		q := ask("for " + purpose)
		q.Purpose = purpose
		x := must(s.Desk.LoadCredit(s.ctx, s.Book, q))(t)
		if x.Refund() != "" || !slices.Equal(s.events(x.ID), []string{"credit.given"}) {
			t.Errorf("%s: %+v, events %v", purpose, x, s.events(x.ID))
		}
	}
	if n := len(must(desk.List[desk.Refund](s.ctx, s.Desk, desk.Query{Book: s.Book}))(t)); n != 0 {
		t.Errorf("%d refunds", n)
	}
	s.programme(func(p *desk.Programme) { p.Type = desk.ClosedProgramme })
	s.credit(10000, "r1")
}

// A prefunded programme takes the merchant's money when credit is given (J25f),
// from the refund credits if the terms say so, and gives it back when the
// credit is spent or has ended (J25t).
func TestPrefundedCredit(t *testing.T) {
	s := newShop(t)
	s.programme(func(p *desk.Programme) { p.Funding, p.Expiry = desk.Prefunded, 3600 })
	s.pay("card", 50000)
	x := s.credit(10000, "r1")
	if x.Backed != 0 {
		t.Errorf("%d on a promise", x.Backed)
	}
	s.holds(map[ledger.AccountID]ledger.Amount{"2010": 40000, "1220": 0, creditOf(x.Member): 10000})
	spend := s.spendCredit(x.Member, 4000)
	s.holds(map[ledger.AccountID]ledger.Amount{"2010": 44000, creditOf(x.Member): 6000})
	s.returnCredit(spend.ID, 1000)
	s.holds(map[ledger.AccountID]ledger.Amount{"2010": 43000, creditOf(x.Member): 7000})
	s.after(time.Hour)
	s.holds(map[ledger.AccountID]ledger.Amount{"2010": 50000, creditOf(x.Member): 0})

	// Nothing can be returned that the merchant has not.
	must(s.Desk.BuyCredits(s.ctx, s.Book, 50000))(t)
	_, err := s.Desk.ReturnCredit(s.ctx, s.Book, desk.ReturnRequest{Spend: spend.ID, Full: true})
	refusedIn(t, err, ledger.Insufficient, desk.WhyCreditFunds, "")
	s.terms(func(t *desk.Terms) { t.UseRefundCredits = true })
	y := s.credit(20000, "r2")
	if r := row[desk.Refund](s, y.Refund()); !r.Credits {
		t.Errorf("not from the refund credits: %+v", r)
	}
	s.holds(map[ledger.AccountID]ledger.Amount{"2010": 0, "2012": 30000, creditOf(x.Member): 20000})
}

// What ends first is spent first, and comes back last; each part to where it
// was, with the end it had.
func TestSpendAndReturn(t *testing.T) {
	s := newShop(t)
	never := s.credit(1000, "never ends")
	s.programme(func(p *desk.Programme) { p.Expiry = 20 * 24 * 3600 })
	late := s.credit(2000, "ends late")
	s.programme(func(p *desk.Programme) { p.Expiry = 10 * 24 * 3600 })
	soon := s.credit(3000, "ends soon")
	soon2 := s.credit(500, "ends as soon, but came later")
	m := never.Member
	if left := s.lots(m); !slices.Equal(left, []ledger.Amount{3000, 500, 2000, 1000}) {
		t.Fatalf("lots %v", left)
	}

	_, err := s.Desk.SpendCredit(s.ctx, s.Book, desk.SpendRequest{Member: m, Amount: 6501})
	refusedIn(t, err, ledger.Insufficient, desk.WhyCreditShort, "amount")
	x := s.spendCredit(m, 5700)
	if x.Type != "debit" || x.Balance != 800 || x.Backed != 5700 || x.Order != "order 1" || x.Programme != never.Programme {
		t.Errorf("spent as %+v", x)
	}
	want := fmt.Sprintf("%s:3000 %s:500 %s:2000 %s:200", soon.ID, soon2.ID, late.ID, never.ID)
	if x.Lots != want {
		t.Errorf("taken from %s, want %s", x.Lots, want)
	}
	s.holds(map[ledger.AccountID]ledger.Amount{"1220": 800, creditOf(m): 800})

	for _, step := range []struct {
		a    ledger.Amount
		left []ledger.Amount
	}{
		{150, []ledger.Amount{950}},
		{51, []ledger.Amount{1, 1000}},
		{2000, []ledger.Amount{1, 2000, 1000}},
		{3498, []ledger.Amount{2999, 500, 2000, 1000}},
		{1, []ledger.Amount{3000, 500, 2000, 1000}},
	} {
		back := s.returnCredit(x.ID, step.a)
		if back.Linked != x.ID || back.Purpose != "return" || back.Type != "credit" || back.Order != x.Order {
			t.Errorf("came back as %+v", back)
		}
		if left := s.lots(m); !slices.Equal(left, step.left) {
			t.Errorf("after %d came back: lots %v, want %v", step.a, left, step.left)
		}
	}
	for _, lot := range []desk.Credit{never, late, soon, soon2} {
		if now := row[desk.Credit](s, lot.ID); now != lot {
			t.Errorf("a lot came back as\n%+v, it was\n%+v", now, lot)
		}
	}
	_, err = s.Desk.ReturnCredit(s.ctx, s.Book, desk.ReturnRequest{Spend: x.ID, Amount: 1})
	refusedIn(t, err, ledger.Exceeds, desk.WhyCreditReturned, "amount")
	_, err = s.Desk.ReturnCredit(s.ctx, s.Book, desk.ReturnRequest{Spend: x.ID, Full: true})
	refusedIn(t, err, ledger.Exceeds, desk.WhyCreditReturned, "amount")

	// The statement tells it all, newest first and page by page.
	page := must(s.Desk.CreditStatement(s.ctx, m, desk.Query{Book: s.Book, Count: 3}))(t)
	if len(page) != 3 || page[0].Amount != 1 || page[1].Amount != 3498 || page[0].Balance != 6500 {
		t.Errorf("the first page is %+v", page)
	}
	page = must(s.Desk.CreditStatement(s.ctx, m, desk.Query{Book: s.Book, Oldest: true}))(t)
	if len(page) != 10 || page[0].Credit != row[desk.Credit](s, never.ID) || page[4].ID != x.ID {
		t.Errorf("the whole is %+v", page)
	}
	// Nothing waits any more for the end of what is spent.
	s.spendCredit(m, 6500)
	for _, timer := range must(desk.List[desk.Timer](s.ctx, s.Desk, desk.Query{Book: s.Book}))(t) {
		if timer.At != 0 {
			t.Errorf("%s waits for %d", timer.ID, timer.At)
		}
	}
}

// Refusals of spends and returns, in their order.
func TestSpendRefusals(t *testing.T) {
	s := newShop(t)
	x := s.credit(1000, "r1")
	spend := s.spendCredit(x.Member, 600)
	back := s.returnCredit(spend.ID, 100)
	long := string(slices.Repeat([]byte("x"), 257))
	for _, tt := range []struct {
		why   string
		q     desk.SpendRequest
		code  ledger.Code
		rule  ledger.Why
		field string
	}{
		{"nothing", desk.SpendRequest{Member: "iuser_none", Order: long}, ledger.Invalid, desk.WhyCreditAmount, "amount"},
		{"less than nothing", desk.SpendRequest{Member: x.Member, Amount: -1}, ledger.Invalid, desk.WhyCreditAmount, "amount"},
		{"beyond any amount", desk.SpendRequest{Member: x.Member, Amount: ledger.MaxAmount + 1}, ledger.Invalid, desk.WhyCreditAmount, "amount"},
		{"an order too long", desk.SpendRequest{Member: "iuser_none", Amount: 1, Order: long, Reference: long}, ledger.Invalid, desk.WhyCreditOrder, "order"},
		{"a reference too long", desk.SpendRequest{Member: "iuser_none", Amount: 1, Reference: long}, ledger.Invalid, desk.WhyCreditReference, "reference"},
		{"nobody", desk.SpendRequest{Member: "iuser_none", Amount: 99999}, ledger.NotFound, desk.WhyUnknownID, "member"},
		{"too much", desk.SpendRequest{Member: x.Member, Amount: 501}, ledger.Insufficient, desk.WhyCreditShort, "amount"},
	} {
		_, err := s.Desk.SpendCredit(s.ctx, s.Book, tt.q)
		t.Run("spend "+tt.why, func(t *testing.T) { refusedIn(t, err, tt.code, tt.rule, tt.field) })
	}
	for _, tt := range []struct {
		why   string
		q     desk.ReturnRequest
		code  ledger.Code
		rule  ledger.Why
		field string
	}{
		{"nothing", desk.ReturnRequest{Spend: "ientxn_none", Reference: long}, ledger.Invalid, desk.WhyCreditAmount, "amount"},
		{"a reference too long", desk.ReturnRequest{Spend: "ientxn_none", Full: true, Reference: long}, ledger.Invalid, desk.WhyCreditReference, "reference"},
		{"of nothing known", desk.ReturnRequest{Spend: "ientxn_none", Full: true}, ledger.NotFound, desk.WhyUnknownID, "spend"},
		{"of what was given", desk.ReturnRequest{Spend: x.ID, Amount: 9999}, ledger.NotFound, desk.WhyUnknownID, "spend"},
		{"of what was returned", desk.ReturnRequest{Spend: back.ID, Amount: 1}, ledger.NotFound, desk.WhyUnknownID, "spend"},
		{"too much", desk.ReturnRequest{Spend: spend.ID, Amount: 501}, ledger.Exceeds, desk.WhyCreditReturned, "amount"},
	} {
		_, err := s.Desk.ReturnCredit(s.ctx, s.Book, tt.q)
		t.Run("return "+tt.why, func(t *testing.T) { refusedIn(t, err, tt.code, tt.rule, tt.field) })
	}

	// Spends and returns have keys of their callers.
	key := desk.Once{Scope: "native.spend", Key: "k1", Digest: "d"}
	first := must(s.Desk.SpendCredit(s.ctx, s.Book, desk.SpendRequest{Member: x.Member, Amount: 100, Key: key}))(t)
	again := must(s.Desk.SpendCredit(s.ctx, s.Book, desk.SpendRequest{Member: x.Member, Amount: 100, Key: key}))(t)
	if again != first {
		t.Errorf("again it was %+v, not %+v", again, first)
	}
	key.Scope = "native.return"
	one := must(s.Desk.ReturnCredit(s.ctx, s.Book, desk.ReturnRequest{Spend: first.ID, Amount: 50, Key: key}))(t)
	two := must(s.Desk.ReturnCredit(s.ctx, s.Book, desk.ReturnRequest{Spend: first.ID, Amount: 50, Key: key}))(t)
	if one != two || row[desk.Credit](s, first.ID).Returned != 50 {
		t.Errorf("returned %+v, then %+v", one, two)
	}
	s.holds(map[ledger.AccountID]ledger.Amount{creditOf(x.Member): 450})
}

// Credit that is not spent in time ends, by the book's clock, and is the
// merchant's again. What comes back after the end can be spent for a while.
func TestCreditExpires(t *testing.T) {
	s := newShop(t)
	s.programme(func(p *desk.Programme) { p.Expiry = 10 * 24 * 3600 })
	x := s.credit(10000, "r1")
	if want := x.CreatedAt.Add(240 * time.Hour); x.ExpiresAt != want {
		t.Errorf("ends at %d, want %d", x.ExpiresAt, want)
	}
	s.credit(300, "r0")
	spend := s.spendCredit(x.Member, 4000)
	s.after(240*time.Hour - time.Second)
	if left := s.lots(x.Member); !slices.Equal(left, []ledger.Amount{6000, 300}) {
		t.Errorf("a second before: %v", left)
	}
	s.after(time.Second)
	s.holds(map[ledger.AccountID]ledger.Amount{creditOf(x.Member): 0, "1220": 0})
	page := must(s.Desk.CreditStatement(s.ctx, x.Member, desk.Query{Book: s.Book}))(t)
	var end desk.Credit
	for _, c := range page[:2] {
		if c.Linked == x.ID {
			end = c.Credit
		}
	}
	if end.Type != "debit" || end.Purpose != "expiry" || end.Amount != 6000 || end.Reference != "r1" || !slices.Equal(s.events(end.ID), []string{"credit.expired"}) {
		t.Errorf("it ended as %+v, events %v", end, s.events(end.ID))
	}
	s.after(24 * time.Hour)
	back := s.returnCredit(spend.ID, 1000)
	lot := row[desk.Credit](s, x.ID)
	if want := back.CreatedAt.Add(desk.ReturnedLife); lot.ExpiresAt != want || lot.Left != 1000 {
		t.Errorf("what came back is %+v, to end at %d", lot, want)
	}
	s.after(24 * time.Hour)
	s.returnCredit(spend.ID, 500) // to the same lot, which ends when it then did
	if now := row[desk.Credit](s, x.ID); now.ExpiresAt != lot.ExpiresAt || now.Left != 1500 {
		t.Errorf("what came back later is %+v", now)
	}
	s.after(desk.ReturnedLife - 24*time.Hour)
	s.holds(map[ledger.AccountID]ledger.Amount{creditOf(x.Member): 0, "1220": 0})
}

// A spend in the moment of an end does not find what has ended, whether or not
// anybody has seen to it.
func TestSpendAtTheEnd(t *testing.T) {
	s := newShop(t)
	s.programme(func(p *desk.Programme) { p.Expiry = 3600 })
	x := s.credit(1000, "r1")
	s.after(59 * time.Minute)
	y := s.credit(500, "r2")
	now := s.Desk.Now
	s.Desk.Now = func() time.Time { return now().Add(time.Minute) } // nobody has seen to what is due
	_, err := s.Desk.SpendCredit(s.ctx, s.Book, desk.SpendRequest{Member: x.Member, Amount: 501})
	refusedIn(t, err, ledger.Insufficient, desk.WhyCreditShort, "amount")
	spend := s.spendCredit(x.Member, 500)
	if spend.Lots != string(y.ID)+":500" || spend.Balance != 0 {
		t.Errorf("spent %+v", spend)
	}
	s.holds(map[ledger.AccountID]ledger.Amount{creditOf(x.Member): 0, "1220": 0})
	s.after(time.Hour)
}

// Nor does a return in that moment make what has ended live on.
func TestReturnAtTheEnd(t *testing.T) {
	s := newShop(t)
	s.programme(func(p *desk.Programme) { p.Expiry = 3600 })
	x := s.credit(10000, "r1")
	spend := s.spendCredit(x.Member, 4000)
	now := s.Desk.Now
	s.Desk.Now = func() time.Time { return now().Add(time.Hour) } // nobody has seen to what is due
	back := s.returnCredit(spend.ID, 1000)
	if back.Balance != 1000 || !slices.Equal(s.lots(x.Member), []ledger.Amount{1000}) {
		t.Errorf("came back as %+v, lots %v", back, s.lots(x.Member))
	}
	s.after(desk.ReturnedLife)
	s.holds(map[ledger.AccountID]ledger.Amount{creditOf(x.Member): 0, "1220": 0})
}

// A clock that is set back while the worker is at it ends nothing too soon.
func TestClockSetBack(t *testing.T) {
	s := newShop(t)
	s.programme(func(p *desk.Programme) { p.Expiry = 3600 })
	x := s.credit(1000, "r1")
	now := s.Desk.Now
	for fast := range 12 { // so many looks at the clock show a time that then is none
		s.Desk.Now = func() time.Time {
			if fast--; fast >= 0 {
				return now().Add(time.Hour)
			}
			return now()
		}
		must(0, s.Desk.RunDue(s.ctx, s.Book))(t)
	}
	s.Desk.Now = now
	for _, c := range must(s.Desk.CreditStatement(s.ctx, x.Member, desk.Query{Book: s.Book, Count: 1}))(t) {
		if c.Purpose == desk.CreditExpiry && c.CreatedAt < x.ExpiresAt {
			t.Errorf("it ended at %d, and not at %d", c.CreatedAt, x.ExpiresAt)
		}
	}
	s.after(time.Hour)
	s.holds(map[ledger.AccountID]ledger.Amount{creditOf(x.Member): 0})
}
