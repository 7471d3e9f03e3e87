package console

import (
	"slices"

	"wapas/desk"
	"wapas/ledger"
)

// A peoplePage is who looks after the merchant's books.
type peoplePage struct {
	People []desk.Person
	Roles  []roleSaid
	Now    ledger.Time // of the wall's clock
	// A new password, shown once, and whose it is.
	Password string
	New      desk.Person
}

// A roleSaid is a role in words.
type roleSaid struct {
	Role desk.Role
	Says string
}

var roleWords = []roleSaid{
	{desk.Viewer, "Looks at everything, with phone numbers and e-mails hidden"},
	{desk.Support, "Answers customers, makes refunds up to the limit for one person, tries things in the sandbox"},
	{desk.Finance, "Makes refunds of any amount, books by hand, ends what is stuck, sees the audit log"},
	{desk.Admin, "Everything, and keys, terms, webhooks and people"},
}

// passwordLength is how long a password is that is made for somebody: some 119
// bits.
const passwordLength = 20

func showPeople(q *visit) error { return q.people(peoplePage{}) }

func (q *visit) people(p peoplePage) error {
	var err error
	if p.People, err = q.desk().People(q.Context(), q.person.Merchant); err != nil {
		return err
	}
	p.Roles, p.Now = roleWords, ledger.At(q.desk().Now())
	return q.show("people", "People", p)
}

// addPerson adds somebody with a password that is made here and shown once. A
// second time the same form hears that the e-mail is taken.
func addPerson(q *visit) error {
	password := desk.Letters(passwordLength)
	p, err := q.desk().AddPerson(q.Context(), desk.PersonRequest{
		Merchant: q.person.Merchant, Email: q.value("email"), Name: q.value("name"), Role: desk.Role(q.value("role")), Password: password,
	})
	if err != nil {
		if q.refused(err) {
			return showPeople(q)
		}
		return err
	}
	return q.people(peoplePage{Password: password, New: p})
}

// A personPage is one person, and what an admin may do about them.
type personPage struct {
	Of       desk.Person
	Roles    []roleSaid
	Me       bool
	Acts     []actLine
	Password string // a new one, shown once
	Now      ledger.Time
}

// personHere is who the address names: of another merchant nobody is there.
func (q *visit) personHere() (desk.Person, error) {
	p, err := q.desk().Person(q.Context(), q.id("id"))
	if err == nil && p.Merchant != q.person.Merchant {
		err = ledger.Refuse(ledger.NotFound, desk.WhyUnknownPerson, "there is no person %s", q.id("id"))
	}
	return p, err
}

func showPerson(q *visit) error { return q.personWith("") }

func (q *visit) personWith(password string) error {
	p, err := q.personHere()
	if err != nil {
		return err
	}
	acts, err := q.desk().Acts(q.Context(), desk.Query{Book: q.book.ID, Where: map[string]string{"person": string(p.ID)}, Count: 10})
	if err != nil {
		return err
	}
	return q.show("person", p.Name, personPage{Of: p, Roles: roleWords, Me: p.ID == q.person.ID, Acts: actLines(acts), Password: password, Now: ledger.At(q.desk().Now())})
}

// orPerson shows the person again with what was wrong.
func (q *visit) orPerson(err error) error {
	if q.refused(err) {
		return showPerson(q)
	}
	return err
}

// onPerson does something about a person and says so.
func (q *visit) onPerson(do func(p desk.Person) (desk.Person, error), said string) error {
	p, err := q.personHere()
	if err != nil {
		return err
	}
	if p, err = do(p); err != nil {
		return q.orPerson(err)
	}
	return q.done("/settings/people/"+string(p.ID), said, p.Name)
}

func editPerson(q *visit) error {
	name, role := q.value("name"), desk.Role(q.value("role"))
	return q.onPerson(func(p desk.Person) (desk.Person, error) {
		return q.desk().EditPerson(q.Context(), p.ID, desk.PersonChange{Name: &name, Role: &role})
	}, "%s is changed.")
}

// whyYourself refuses to lock oneself out: WrongState.
const whyYourself ledger.Why = "yourself"

func disablePerson(q *visit) error {
	yes := true
	return q.onPerson(func(p desk.Person) (desk.Person, error) {
		if p.ID == q.person.ID {
			return p, ledger.Refuse(ledger.WrongState, whyYourself, "You cannot disable yourself: another admin can.")
		}
		return q.desk().EditPerson(q.Context(), p.ID, desk.PersonChange{Disabled: &yes})
	}, "%s may not sign in any more.")
}

func enablePerson(q *visit) error {
	no := false
	return q.onPerson(func(p desk.Person) (desk.Person, error) {
		return q.desk().EditPerson(q.Context(), p.ID, desk.PersonChange{Disabled: &no})
	}, "%s may sign in again.")
}

func signOut(q *visit) error {
	return q.onPerson(func(p desk.Person) (desk.Person, error) { return q.desk().EndSessions(q.Context(), p.ID) }, "%s is signed out everywhere.")
}

// resetPassword gives a person a password that is shown once.
func resetPassword(q *visit) error {
	p, err := q.personHere()
	if err != nil {
		return err
	}
	if p.ID == q.person.ID {
		return q.orPerson(ledger.Refuse(ledger.WrongState, whyYourself, "Change your own password under your name, with the one you have."))
	}
	password := desk.Letters(passwordLength)
	if _, err := q.desk().SetPassword(q.Context(), p.ID, password); err != nil {
		return q.orPerson(err)
	}
	return q.personWith(password)
}

// roleOf is a role in words.
func roleOf(r desk.Role) string {
	if i := slices.IndexFunc(roleWords, func(s roleSaid) bool { return s.Role == r }); i >= 0 {
		return roleWords[i].Says
	}
	return ""
}
