package desk

import (
	"context"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"wapas/ledger"
)

// The rules that people are refused by.
const (
	WhyPersonEmail     ledger.Why = "person_email"     // Invalid: no address of an e-mail
	WhyPersonName      ledger.Why = "person_name"      // Invalid
	WhyPersonRole      ledger.Why = "person_role"      // Invalid: no such role
	WhyPassword        ledger.Why = "password"         // Invalid: too short, too long, or the person's own name
	WhyEmailTaken      ledger.Why = "email_taken"      // Duplicate: somebody on this server has the e-mail
	WhyUnknownPerson   ledger.Why = "unknown_person"   // NotFound
	WhyUnknownMerchant ledger.Why = "unknown_merchant" // NotFound
	WhyLastAdmin       ledger.Why = "last_admin"       // WrongState: nobody would be left who may manage people
)

// A Person looks after a merchant's books in the console. People lie outside
// books, as credentials do, and belong to one merchant.
type Person struct {
	ID       ID // per_
	Merchant ID
	Email    string // in small letters; one person on a server has it
	Name     string
	Role     Role
	Password Hash
	// Epoch counts how often all sessions of the person were ended. A session
	// is good in the epoch that it was started in.
	Epoch      int64
	CreatedAt  ledger.Time // of the wall's clock, as all times here
	DisabledAt ledger.Time // zero if the person may sign in
	LastSeen   ledger.Time // give or take five minutes; zero if never
}

// A Role is what a person is there for.
type Role string

const (
	Viewer  Role = "viewer"  // looks, and sees nobody's phone number
	Support Role = "support" // answers customers and makes ordinary refunds
	Finance Role = "finance" // answers for the books
	Admin   Role = "admin"   // everything, people and keys among it
)

// Roles are all roles, those who may least first.
var Roles = []Role{Viewer, Support, Finance, Admin}

// A Right is one sort of thing that a person may do.
type Right string

const (
	RightSee       Right = "see"        // every page that has no right of its own, personal data masked
	RightSeePII    Right = "see_pii"    // phones, e-mails, VPAs and account numbers as they are
	RightBooks     Right = "books"      // accounts, entries, trial balance
	RightActs      Right = "acts"       // who did what
	RightRefund    Right = "refund"     // make and retry refunds: see MayRefund for how much
	RightRefundAny Right = "refund_any" // of any amount
	RightFreeze    Right = "freeze"     // freeze store credit, hold a transfer
	RightAdjust    Right = "adjust"     // credits, debits and bookings by hand
	RightRails     Right = "rails"      // record outcomes, hand out and take back sheets, close exceptions
	RightAgree     Right = "agree"      // be the second person
	RightExport    Right = "export"     // take lists with personal data out of the house
	RightReplay    Right = "replay"     // send webhooks again
	RightWebhooks  Right = "webhooks"   // endpoints and their secrets
	RightSandbox   Right = "sandbox"    // clock, scenarios and payments of test books
	RightSettings  Right = "settings"   // credentials, terms, people
)

// rights is all that a role may do. What is missing here nobody may.
var rights = map[Right][]Role{
	RightSee:       {Viewer, Support, Finance, Admin},
	RightSeePII:    {Support, Finance, Admin},
	RightBooks:     {Viewer, Finance, Admin},
	RightActs:      {Finance, Admin},
	RightRefund:    {Support, Finance, Admin}, // support: only as much as one person may
	RightRefundAny: {Finance, Admin},
	RightFreeze:    {Support, Finance, Admin},
	RightAdjust:    {Finance, Admin},
	RightRails:     {Finance, Admin},
	RightAgree:     {Finance, Admin},
	RightExport:    {Finance, Admin},
	RightReplay:    {Support, Admin},
	RightWebhooks:  {Admin},
	RightSandbox:   {Support, Finance, Admin},
	RightSettings:  {Admin},
}

// May says whether the person may do a sort of thing. Who was disabled may
// nothing.
func (p Person) May(what Right) bool {
	return p.DisabledAt == 0 && p.ID != "" && slices.Contains(rights[what], p.Role)
}

// MayRefund says whether the person may make a refund of an amount under some
// terms: support up to what one person may do alone, or any if the terms have
// no such limit.
func (p Person) MayRefund(a ledger.Amount, t Terms) bool {
	return p.May(RightRefundAny) || p.May(RightRefund) && (t.TwoPeopleAbove == 0 || a <= t.TwoPeopleAbove)
}

// A PersonRequest asks for a person.
type PersonRequest struct {
	Merchant ID
	Email    string
	Name     string // the e-mail's first part if empty
	Role     Role
	Password string
}

// AddPerson adds a person who can sign in at once.
//
// It refuses, in this order: Invalid for the e-mail, the name, the role, the
// password; NotFound (WhyUnknownMerchant) for the merchant; Limited
// (WhyManyTries) if the merchant was told of too many e-mails of others;
// Duplicate (WhyEmailTaken) if somebody on this server, of whichever merchant,
// has the e-mail.
func (d *Desk) AddPerson(ctx context.Context, q PersonRequest) (Person, error) {
	email, err := emailOf(q.Email)
	if err != nil {
		return Person{}, err
	}
	name := strings.TrimSpace(q.Name)
	if name == "" {
		name, _, _ = strings.Cut(email, "@")
	}
	p := Person{ID: ID("per_" + Letters(14)), Merchant: q.Merchant, Email: email, Name: name, Role: q.Role, CreatedAt: ledger.At(d.Now())}
	if err := p.check(); err != nil {
		return Person{}, err
	}
	if err := mayBePassword(q.Password, p); err != nil {
		return Person{}, err
	}
	merchant, err := d.Store.Merchant(ctx, q.Merchant)
	if err != nil {
		return Person{}, fmt.Errorf("look up a merchant: %w", err)
	}
	if merchant == nil {
		return Person{}, ledger.Refuse(ledger.NotFound, WhyUnknownMerchant, "there is no merchant %q", q.Merchant).In("merchant")
	}
	if err := d.mayTake(ctx, q.Merchant, email); err != nil {
		return Person{}, err
	}
	if p.Password, err = d.hash(ctx, q.Password); err != nil {
		return Person{}, err
	}
	if err := d.actOf(ctx, p.Merchant, p.ID); err != nil {
		return Person{}, err
	}
	err = d.Store.AddPerson(ctx, p)
	if ledger.CodeOf(err) == ledger.Duplicate { // somebody was faster
		err = emailTaken(email)
	}
	return p, err
}

// Of how many people of other merchants a merchant is told in a day that they
// are here. That an e-mail is taken cannot be hidden from whoever wants it.
const (
	takenMost   = 20
	takenWindow = 24 * time.Hour
)

// mayTake refuses an e-mail that somebody has. Asking is counted before it is
// looked up, and forgiven if nothing of others was told.
func (d *Desk) mayTake(ctx context.Context, merchant ID, email string) error {
	now, tries := ledger.At(d.Now()), tryName("taken", string(merchant))
	n, err := d.Store.CountTry(ctx, tries, now, now.Add(takenWindow))
	if err != nil {
		return fmt.Errorf("count an e-mail that is asked for: %w", err)
	}
	if n > takenMost {
		return ledger.Refuse(ledger.Limited, WhyManyTries, "too many e-mails that others have: wait a day").In("email")
	}
	old, err := d.Store.PersonNamed(ctx, email)
	if err != nil {
		return fmt.Errorf("look up a person: %w", err)
	}
	if old == nil || old.Merchant == merchant {
		if err := d.Store.ForgiveTry(ctx, tries); err != nil {
			return fmt.Errorf("count an e-mail that is asked for: %w", err)
		}
	}
	if old != nil {
		return emailTaken(email)
	}
	return nil
}

func emailTaken(email string) error {
	return ledger.Refuse(ledger.Duplicate, WhyEmailTaken, "somebody has the e-mail %s", email).In("email")
}

// A PersonChange says what is to become of a person. What is nil stays.
type PersonChange struct {
	Name     *string
	Role     *Role
	Disabled *bool // true also ends every session
}

// EditPerson changes a person's name or role, and says whether they may sign
// in. A role holds for sessions under way within callerTTL.
//
// It refuses, in this order: Invalid for the name and the role; NotFound;
// WrongState (WhyLastAdmin) if no admin of the merchant would be left.
func (d *Desk) EditPerson(ctx context.Context, id ID, q PersonChange) (Person, error) {
	return d.changePerson(ctx, id, func(p *Person) error {
		if q.Name != nil {
			p.Name = strings.TrimSpace(*q.Name)
		}
		if q.Role != nil {
			p.Role = *q.Role
		}
		switch {
		case q.Disabled == nil || *q.Disabled == (p.DisabledAt != 0):
		case *q.Disabled:
			p.DisabledAt, p.Epoch = ledger.At(d.Now()), p.Epoch+1
		default:
			p.DisabledAt = 0
		}
		return p.check()
	})
}

// SetPassword gives a person another password, and ends every session. It
// refuses Invalid for the password, after NotFound.
func (d *Desk) SetPassword(ctx context.Context, id ID, password string) (Person, error) {
	p, err := d.Person(ctx, id)
	if err != nil {
		return p, err
	}
	if err := mayBePassword(password, p); err != nil {
		return p, err
	}
	hash, err := d.hash(ctx, password)
	if err != nil {
		return p, err
	}
	return d.changePerson(ctx, id, func(p *Person) error {
		p.Password, p.Epoch = hash, p.Epoch+1
		return nil
	})
}

// changePerson is one change to a person. The act comes before it, so it is
// tried first; the store makes it to the row as it then is, and the check for a
// last admin is made again there, so that two admins who take each other's role
// away at once do not leave none.
func (d *Desk) changePerson(ctx context.Context, id ID, do func(p *Person) error) (Person, error) {
	p, err := d.Person(ctx, id)
	if err != nil {
		return p, err
	}
	was := p
	if err := do(&p); err != nil {
		return was, err
	}
	all, err := d.People(ctx, p.Merchant)
	if err != nil {
		return was, err
	}
	if err := leavesAdmin(was, p, all); err != nil || p == was {
		return was, err
	}
	if err := d.actOf(ctx, p.Merchant, p.ID); err != nil {
		return was, err
	}
	p, err = d.Store.ChangePerson(ctx, id, func(p *Person, all []Person) error {
		was := *p
		if err := do(p); err != nil {
			return err
		}
		return leavesAdmin(was, *p, all)
	})
	d.sessions.forget(id)
	return p, err
}

// leavesAdmin refuses a change after which nobody of a merchant may manage
// people: WrongState (WhyLastAdmin).
func leavesAdmin(was, p Person, all []Person) error {
	if !was.May(RightSettings) || p.May(RightSettings) || slices.ContainsFunc(all, func(o Person) bool { return o.ID != p.ID && o.May(RightSettings) }) {
		return nil
	}
	return ledger.Refuse(ledger.WrongState, WhyLastAdmin, "%s is the last admin", p.Email).In("role")
}

// People are those of a merchant, the oldest first.
func (d *Desk) People(ctx context.Context, merchant ID) ([]Person, error) {
	return d.Store.People(ctx, merchant)
}

// Person is one by the id: NotFound (WhyUnknownPerson) if there is none.
func (d *Desk) Person(ctx context.Context, id ID) (Person, error) {
	p, err := d.Store.Person(ctx, id)
	switch {
	case err != nil:
		return Person{}, fmt.Errorf("look up a person: %w", err)
	case p == nil:
		return Person{}, ledger.Refuse(ledger.NotFound, WhyUnknownPerson, "there is no person %s", id).In("person")
	}
	return *p, nil
}

// PersonNamed is one by the e-mail, however it is written: NotFound if there is
// none.
func (d *Desk) PersonNamed(ctx context.Context, email string) (Person, error) {
	p, err := d.Store.PersonNamed(ctx, strings.ToLower(strings.TrimSpace(email)))
	switch {
	case err != nil:
		return Person{}, fmt.Errorf("look up a person: %w", err)
	case p == nil:
		return Person{}, ledger.Refuse(ledger.NotFound, WhyUnknownPerson, "there is nobody with the e-mail %s", email).In("email")
	}
	return *p, nil
}

// check is what must hold of a person.
func (p Person) check() error {
	switch {
	case !isName(p.Name) || p.Name == "":
		return ledger.Refuse(ledger.Invalid, WhyPersonName, "%q: a name has 1 to 64 letters", p.Name).In("name")
	case !slices.Contains(Roles, p.Role):
		return ledger.Refuse(ledger.Invalid, WhyPersonRole, "%q is no role: viewer, support, finance, admin", p.Role).In("role")
	}
	return nil
}

// maxEmail is how long an e-mail's address may be.
const maxEmail = 254

// emailOf is an address as it is kept: compared, small and capital letters are
// the same. Only plain ASCII, so that two that look alike are alike.
func emailOf(text string) (string, error) {
	email := strings.ToLower(strings.TrimSpace(text))
	a, err := mail.ParseAddress(email)
	if err != nil || a.Address != email || a.Name != "" || len(email) > maxEmail ||
		strings.ContainsFunc(email, func(r rune) bool { return r <= ' ' || r >= utf8.RuneSelf }) {
		return "", ledger.Refuse(ledger.Invalid, WhyPersonEmail, "%q is no address of an e-mail", text).In("email")
	}
	return email, nil
}
