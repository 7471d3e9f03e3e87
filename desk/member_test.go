package desk_test

import (
	"testing"

	"wapas/desk"
	"wapas/ledger"
)

// ask is a request for a credit of a hundred rupees to a customer of a shop
// with ids of its own.
func ask(reference string) desk.CreditRequest {
	return desk.CreditRequest{
		Partner: "cust-1", Contact: "9663957855", Email: "abc@example.com", Amount: 10000, Purpose: desk.CreditRefund,
		Reference: reference, Room: "engage",
	}
}

// give gives a credit of a hundred rupees to whoever is called so.
func (s *shop) give(reference, partner, contact, email string) (desk.Credit, error) {
	q := ask(reference)
	q.Partner, q.Contact, q.Email = partner, contact, email
	return s.Desk.LoadCredit(s.ctx, s.Book, q)
}

// Where the merchant has ids of its own they alone say who is meant. Contact and
// e-mail follow, and what they were is told by events.
func TestMemberByID(t *testing.T) {
	s := newShop(t)
	first := must(s.give("r1", "cust-1", "9663957855", "abc@example.com"))(t)
	second := must(s.give("r2", "cust-1", "9000000001", "new@example.com"))(t)
	if second.Member != first.Member || second.Balance != 20000 {
		t.Errorf("the same customer got %+v after %+v", second, first)
	}
	m := must(s.Desk.MemberOf(s.ctx, s.Book, "cust-1"))(t)
	if m.Contact != "9000000001" || m.Email != "new@example.com" || m.PhoneNamed || m.ID != first.Member {
		t.Errorf("known as %+v", m)
	}
	third := must(s.give("r3", "cust-1", "9000000001", ""))(t)
	if m = row[desk.Member](s, third.Member); m.Email != "new@example.com" {
		t.Errorf("an e-mail that was not said became %q", m.Email)
	}
	must(s.give("r4", "cust-1", "9000000001", "NEW@example.com"))(t)
	names := s.events(first.Member)
	if len(names) != 2 || names[0] != "member.created" || names[1] != "member.updated" {
		t.Errorf("events %v", names)
	}
	var was []string
	for _, e := range must(s.Desk.Store.Events(s.ctx, s.Book, 0, 100))(t) {
		if e.Name == "member.updated" {
			was = append(was, e.About[1].(desk.Member).Contact, e.About[1].(desk.Member).Email)
		}
	}
	if len(was) != 2 || was[0] != "9663957855" || was[1] != "abc@example.com" {
		t.Errorf("recorded as what it was: %v", was)
	}
}

// A contact or an e-mail that somebody else has inherits nothing.
func TestMemberInheritsNothing(t *testing.T) {
	s := newShop(t)
	first := must(s.give("r1", "cust-1", "9663957855", "abc@example.com"))(t)
	for i, partner := range []string{"cust-2", "9663957855", "+919663957855", "CUST-1", "cust-1 "} {
		x := must(s.give("other"+partner, partner, "9663957855", "abc@example.com"))(t)
		if x.Member == first.Member || x.Balance != 10000 {
			t.Errorf("%d: %q got %+v, with the balance of %s", i, partner, x, first.Member)
		}
	}
	if have, _ := s.held(first.Member); have != 10000 {
		t.Errorf("the first holds %d", have)
	}
	same := must(desk.List[desk.Member](s.ctx, s.Desk, desk.Query{Book: s.Book, Where: map[string]string{"contact": "9663957855"}}))(t)
	if len(same) != 6 {
		t.Errorf("%d members have the contact, want 6", len(same))
	}
}

// Where the phone number is the merchant's name for the customer, a number that
// seems to be somebody else's now is paid to nobody.
func TestMemberPhoneConflict(t *testing.T) {
	type said struct{ contact, email string }
	for _, tt := range []struct {
		why           string
		partner       string
		first, second said
		field         string // at fault; empty: the same member
	}{
		{"another e-mail", "9663957855", said{"9663957855", "abc@example.com"}, said{"9663957855", "xyz@example.com"}, "email"},
		{"another e-mail and contact", "9663957855", said{"9663957855", "abc@example.com"}, said{"9000000001", "xyz@example.com"}, "email"},
		{"the same e-mail in capitals", "9663957855", said{"9663957855", "abc@example.com"}, said{"9663957855", "ABC@EXAMPLE.COM"}, ""},
		{"no e-mail this time", "9663957855", said{"9663957855", "abc@example.com"}, said{"9663957855", ""}, ""},
		{"an e-mail where none was", "9663957855", said{"9663957855", ""}, said{"9663957855", "abc@example.com"}, ""},
		{"another contact, and no e-mail to tell", "9663957855", said{"9663957855", ""}, said{"9000000001", "abc@example.com"}, "contact"},
		{"another contact, and no e-mail said", "9663957855", said{"9663957855", "abc@example.com"}, said{"9000000001", ""}, "contact"},
		{"another contact, and the e-mail agrees", "9663957855", said{"9663957855", "abc@example.com"}, said{"9000000001", "abc@example.com"}, ""},
		{"with +91", "+919663957855", said{"9663957855", "abc@example.com"}, said{"9663957855", "xyz@example.com"}, "email"},
		{"with 91", "919663957855", said{"9663957855", "abc@example.com"}, said{"9663957855", "xyz@example.com"}, "email"},
		{"with 0", "09663957855", said{"9663957855", "abc@example.com"}, said{"9663957855", "xyz@example.com"}, "email"},
		{"an id that is no phone number", "4711", said{"9663957855", "abc@example.com"}, said{"9000000001", "xyz@example.com"}, ""},
		{"an id that is another number", "9000000009", said{"9663957855", "abc@example.com"}, said{"9000000001", "xyz@example.com"}, ""},
	} {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			first := must(s.give("r1", tt.partner, tt.first.contact, tt.first.email))(t)
			was := row[desk.Member](s, first.Member)
			second, err := s.give("r2", tt.partner, tt.second.contact, tt.second.email)
			if tt.field == "" {
				if must(second, err)(t).Member != first.Member {
					t.Errorf("it went to %s, not %s", second.Member, first.Member)
				}
				return
			}
			refusedIn(t, err, ledger.Duplicate, desk.WhyMemberConflict, tt.field)
			if now := row[desk.Member](s, first.Member); now != was {
				t.Errorf("a refusal changed %+v to %+v", was, now)
			}
			if n := s.balance(ledger.Account(ledger.StoreCredit, string(first.Member))); n != 10000 {
				t.Errorf("the member holds %d", n)
			}
		})
	}
}

// What the books cannot know the operator says: it is the same person, or the
// number is another's, who then begins with nothing.
func TestEditMember(t *testing.T) {
	s := newShop(t)
	first := must(s.give("r1", "9663957855", "9663957855", "abc@example.com"))(t)
	_, err := s.give("r2", "9663957855", "9663957855", "xyz@example.com")
	refusedIn(t, err, ledger.Duplicate, desk.WhyMemberConflict, "email")

	// The refusal was not remembered: once the reason is gone the same request is heard.
	email := "xyz@example.com"
	must(s.Desk.EditMember(s.ctx, s.Book, desk.MemberEdit{Member: first.Member, Email: &email}))(t)
	if x := must(s.give("r2", "9663957855", "9663957855", "xyz@example.com"))(t); x.Member != first.Member || x.Balance != 20000 {
		t.Errorf("the same person got %+v", x)
	}

	old := must(s.Desk.EditMember(s.ctx, s.Book, desk.MemberEdit{Member: first.Member, Release: true}))(t)
	if old.KnownAs != "" || old.Partner != "9663957855" {
		t.Errorf("let go as %+v", old)
	}
	x := must(s.give("r3", "9663957855", "9663957855", "third@example.com"))(t)
	if x.Member == first.Member || x.Balance != 10000 {
		t.Errorf("the number's next holder got %+v", x)
	}
	if m := must(s.Desk.MemberOf(s.ctx, s.Book, "9663957855"))(t); m.ID != x.Member {
		t.Errorf("the number means %s, not %s", m.ID, x.Member)
	}
	if have, _ := s.held(first.Member); have != 20000 {
		t.Errorf("the old holder has %d left", have)
	}
	s.spendCredit(first.Member, 20000)

	bad := "12345"
	_, err = s.Desk.EditMember(s.ctx, s.Book, desk.MemberEdit{Member: "iuser_none", Contact: &bad})
	refusedIn(t, err, ledger.Invalid, desk.WhyMemberContact, "contact")
	_, err = s.Desk.EditMember(s.ctx, s.Book, desk.MemberEdit{Member: "iuser_none"})
	refusedIn(t, err, ledger.NotFound, desk.WhyUnknownID, "member")
	_, err = s.Desk.MemberOf(s.ctx, s.Book, "nobody")
	refusedIn(t, err, ledger.NotFound, desk.WhyUnknownID, "")
	_, err = s.Desk.MemberOf(s.ctx, s.Book, "")
	refusedIn(t, err, ledger.NotFound, desk.WhyUnknownID, "")
}

// A frozen member is given what it is owed, and spends nothing.
func TestFrozenMember(t *testing.T) {
	s := newShop(t)
	x := s.credit(10000, "r1")
	spend := s.spendCredit(x.Member, 4000)
	must(s.Desk.FreezeMember(s.ctx, s.Book, desk.FreezeRequest{Holder: x.Member, Frozen: true, Reason: "a phone was stolen"}))(t)
	_, err := s.Desk.SpendCredit(s.ctx, s.Book, desk.SpendRequest{Member: x.Member, Amount: 99999})
	refusedIn(t, err, ledger.WrongState, desk.WhyMemberFrozen, "member")
	must(s.Desk.ReturnCredit(s.ctx, s.Book, desk.ReturnRequest{Spend: spend.ID, Full: true}))(t)
	s.credit(5000, "r2")
	must(s.Desk.FreezeMember(s.ctx, s.Book, desk.FreezeRequest{Holder: x.Member}))(t)
	s.spendCredit(x.Member, 15000)
}
