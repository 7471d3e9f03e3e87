package desk

import (
	"context"
	"strings"

	"wapas/ledger"
)

// A Member is a customer of the merchant who holds store credit. The credit
// itself is in account 2105 of the member.
//
// Who a member is, is decided by what the merchant calls the customer, and by
// nothing else: a contact or an e-mail that two have in common never makes one
// of them. Both are kept as they were last said, and every change of them is an
// event.
//
// A merchant without ids of its own calls customers by their phone number. Such
// a number may be somebody else's tomorrow, so that what is known of the member
// must agree with what is said: see sameHolder.
type Member struct {
	ID         ID     // iuser_
	Partner    string // what the merchant calls the customer: partner_user_id
	KnownAs    ID     // the same while it means this member; empty once it was let go
	Contact    string // ten digits
	Email      string
	PhoneNamed bool // the merchant calls the customer by the phone number
	Frozen     bool // what it holds cannot be spent
	CreatedAt  ledger.Time
	UpdatedAt  ledger.Time
	FrozenFor  string // why
	FrozenAt   ledger.Time
}

func (r Member) Kind() Kind { return KindMember }
func (r Member) RowID() ID  { return r.ID }
func (r Member) Parent() ID { return r.KnownAs }

// The rules of members.
const (
	WhyMemberPartner  ledger.Why = "member_partner"  // Invalid: no name, or one that is too long
	WhyMemberContact  ledger.Why = "member_contact"  // Invalid: not ten digits
	WhyMemberEmail    ledger.Why = "member_email"    // Invalid: too long
	WhyMemberConflict ledger.Why = "member_conflict" // Duplicate: the phone number seems to be somebody else's now
	WhyMemberFrozen   ledger.Why = "member_frozen"   // WrongState: what it holds cannot be spent
)

// The limits of what names a member, in characters.
const (
	MaxPartner = 255
	MaxEmail   = 254
)

// Check is what must hold of a member: it is known by its own name or by none.
func (r Member) Check() error {
	if r.Partner == "" || r.KnownAs != "" && r.KnownAs != ID(r.Partner) {
		return ledger.Refuse(ledger.Internal, ledger.WhyInvariant, "%s is called %q and known as %q", r.ID, r.Partner, r.KnownAs)
	}
	return frozenWell(r.ID, r.Frozen, r.FrozenFor, r.FrozenAt)
}

// creditAccount is the account of what a member holds.
func creditAccount(member ID) ledger.AccountID {
	return ledger.Account(ledger.StoreCredit, string(member))
}

// IsContact says whether a text is a phone number of ten digits.
func IsContact(s string) bool {
	return len(s) == 10 && strings.Trim(s, "0123456789") == ""
}

// namedByPhone says whether a merchant's name for a customer is the phone
// number itself, perhaps as +91, 91 or 0 and the number.
func namedByPhone(partner, contact string) bool {
	for _, before := range []string{"", "+91", "91", "0"} {
		if partner == before+contact {
			return true
		}
	}
	return false
}

// memberFor is the member that a merchant calls by this name, with the contact
// and e-mail that are said now: a new one, without an id, if there is none.
// Was is the member as it stands in the book. Nothing is written.
//
// It refuses Duplicate (WhyMemberConflict), in the field at fault.
func (c *change) memberFor(partner, contact, email string) (m, was Member, err error) {
	known, err := under[Member](c, ID(partner))
	if err != nil {
		return m, was, err
	}
	if len(known) == 0 {
		return Member{
			Partner: partner, KnownAs: ID(partner), Contact: contact, Email: email, PhoneNamed: namedByPhone(partner, contact),
			CreatedAt: c.now, UpdatedAt: c.now,
		}, was, nil
	}
	was = known[0]
	if err := was.sameHolder(contact, email); err != nil {
		return m, was, err
	}
	return was.with(contact, email, c.now), was, nil
}

// sameHolder says whether a member that is called by its phone number is still
// the one who is meant. The e-mail is what is left to tell: if it is known and
// another one is said, it is not; and a contact that is another than the one
// known needs an e-mail that agrees. Where the merchant has ids of its own,
// they alone decide.
func (r Member) sameHolder(contact, email string) error {
	agrees := email != "" && strings.EqualFold(email, r.Email)
	switch {
	case !r.PhoneNamed:
	case email != "" && r.Email != "" && !agrees:
		return ledger.Refuse(ledger.Duplicate, WhyMemberConflict, "%s has another e-mail", r.ID).In("email")
	case contact != r.Contact && !agrees:
		return ledger.Refuse(ledger.Duplicate, WhyMemberConflict, "%s has another contact", r.ID).In("contact")
	}
	return nil
}

// with is the member with what is said of it now. An e-mail that is not said
// stays, and so does one that differs in capital letters only.
func (r Member) with(contact, email string, now ledger.Time) Member {
	was := r
	r.Contact = contact
	if email != "" && !strings.EqualFold(email, r.Email) {
		r.Email = email
	}
	if r != was {
		r.UpdatedAt = now
	}
	return r
}

// keep puts a member that memberFor made, with an id if it is new, and records
// what has changed of it.
func (c *change) keepMember(m, was Member) Member {
	switch {
	case m.ID == "":
		m.ID = c.NewID("iuser")
		c.Put(m)
		c.emit("member.created", m)
	case m != was:
		c.Put(m)
		c.emit("member.updated", m, was)
	}
	return m
}

// MemberOf is the member that the merchant calls by this name: NotFound if it
// is nobody's.
func (d *Desk) MemberOf(ctx context.Context, book BookID, partner string) (Member, error) {
	var all []Member
	var err error
	if partner != "" {
		all, err = List[Member](ctx, d, Query{Book: book, Parent: ID(partner), Count: 1})
	}
	if err == nil && len(all) == 0 {
		err = ledger.Refuse(ledger.NotFound, WhyUnknownID, "%s", partner)
	}
	if err != nil {
		return Member{}, err
	}
	return all[0], nil
}

// A MemberEdit changes what is not nil.
type MemberEdit struct {
	Member         ID
	Contact, Email *string
	// Release lets go of the merchant's name for the customer: the next credit
	// under it makes a new member who holds nothing. It is what an operator does
	// when a phone number has become somebody else's. What the old member holds
	// stays with the old member's id.
	Release bool
}

// EditMember changes a member on the word of the operator, who knows what the
// books cannot: that the e-mail of a customer has changed, or that the phone
// number has become another person's.
//
// It refuses, in this order: Invalid; NotFound.
func (d *Desk) EditMember(ctx context.Context, book BookID, q MemberEdit) (Member, error) {
	switch {
	case q.Contact != nil && !IsContact(*q.Contact):
		return Member{}, ledger.Refuse(ledger.Invalid, WhyMemberContact, "").In("contact")
	case q.Email != nil && len([]rune(*q.Email)) > MaxEmail:
		return Member{}, ledger.Refuse(ledger.Invalid, WhyMemberEmail, "%d", MaxEmail).In("email")
	}
	var m Member
	err := d.change(ctx, book, []Ref{ref[Member](q.Member)}, func(c *change) error {
		was, err := need[Member](c, q.Member, "member")
		if err != nil {
			return err
		}
		m = was
		set(&m.Contact, q.Contact)
		set(&m.Email, q.Email)
		if q.Release {
			m.KnownAs = ""
		}
		if m == was {
			return nil
		}
		m.UpdatedAt = c.now
		c.keepMember(m, was)
		return nil
	})
	return m, err
}
