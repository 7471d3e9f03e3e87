package console

import (
	"time"

	"wapas/desk"
	"wapas/ledger"
)

// A mePage is what a person may do about their own way in.
type mePage struct{ Says string }

func showMe(q *visit) error { return q.show("me", "You", mePage{roleOf(q.person.Role)}) }

// changeOwnPassword asks for the password there is, whose wrong tries count as
// they do at the door. It ends every session, and begins another one here.
func changeOwnPassword(q *visit) error {
	err := q.ownPassword()
	if err == nil {
		err = q.again()
	}
	if err != nil {
		if q.refused(err) {
			return showMe(q)
		}
		return err
	}
	return q.done("/settings/me", "Your password is changed. You are signed out everywhere else.")
}

func (q *visit) ownPassword() error {
	if q.FormValue("new") != q.FormValue("again") {
		return ledger.Refuse(ledger.Invalid, desk.WhyPassword, "the two are not the same").In("again")
	}
	_, err := q.desk().SignIn(q.Context(), desk.SignInRequest{Email: q.person.Email, Password: q.FormValue("old"), From: addressOf(q.Request)})
	if ledger.CodeOf(err) == ledger.Denied {
		return ledger.Refuse(ledger.Invalid, desk.WhySignIn, "that is not your password").In("old")
	}
	if err != nil {
		return err
	}
	q.person, err = q.desk().SetPassword(q.Context(), q.person.ID, q.FormValue("new"))
	if e, ok := err.(*ledger.Error); ok && e.Field == "password" {
		err = e.In("new")
	}
	return err
}

// again begins a session of the person as they now are.
func (q *visit) again() error {
	token, _, err := q.desk().StartSession(q.Context(), q.person, addressOf(q.Request))
	if err == nil {
		q.room.cookie(q.w, q.Request, cookieName, token, 7*24*time.Hour)
	}
	return err
}

// signOutEverywhere ends every session but this one.
func signOutEverywhere(q *visit) error {
	p, err := q.desk().EndSessions(q.Context(), q.person.ID)
	if err != nil {
		return err
	}
	q.person = p
	if err := q.again(); err != nil {
		return err
	}
	return q.done("/settings/me", "You are signed out everywhere else.")
}
