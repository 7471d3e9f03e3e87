package native

import (
	"slices"
	"strings"

	"wapas/desk"
	"wapas/ledger"
)

// A credential is what a caller shows at a room's door.
type credential struct {
	Room      string   `json:"room"`
	Name      string   `json:"name" doc:"The public half: a key id, or bearer: and the hash of a token."`
	Book      int64    `json:"book"`
	Scopes    []string `json:"scopes" doc:"None is everything that the room offers."`
	State     string   `json:"state" enum:"good|ending|revoked"`
	Token     string   `json:"token,omitempty" doc:"The secret half, shown once: in the answer that made it."`
	CreatedAt moment   `json:"created_at"`
	RevokedAt moment   `json:"revoked_at,omitempty" doc:"It is good until then."`
}

func (q *request) wireCredential(c desk.Credential) credential {
	state, now := "good", ledger.At(q.desk().Now())
	switch {
	case c.RevokedAt == 0:
	case c.RevokedAt > now:
		state = "ending"
	default:
		state = "revoked"
	}
	return credential{
		c.Room, c.Name, int64(c.Book), append([]string{}, strings.Fields(c.Scopes)...), state, "", moment(c.CreatedAt), moment(c.RevokedAt),
	}
}

func credentialRoutes() []route {
	const once = "The token is shown once, now. A repeat under the same key makes nothing and hears 409: revoke what you did not keep."
	no := func(q *request, _ newCredential) (credential, error) { return credential{}, errShown }
	noAgain := func(q *request, _ rotation) (credential, error) { return credential{}, errShown }
	return under("Credentials",
		read("/credentials", "listCredentials", adminScope, "List the credentials of this book, without their secrets", listCredentials),
		act("POST /credentials", "issueCredential", adminScope, "Issue a token for this API", issueCredential, no).created().says(once),
		act("POST /credentials/{name}/rotate", "rotateCredential", adminScope, "Replace a token of this API", rotateCredential, noAgain).created().
			says("The old one stays good for a while. "+once),
		act("POST /credentials/{name}/revoke", "revokeCredential", adminScope, "End a credential of any room now", revokeCredential, revokeCredential),
	)
}

// whyShown refuses to show a token again: Duplicate.
const whyShown ledger.Why = "token_shown"

var errShown = ledger.Refuse(ledger.Duplicate, whyShown, "the token was shown in the first answer and is kept nowhere")

// claimOnce keeps the key of a request that is none of the book's changes.
func (q *request) claimOnce() error {
	if q.once.Key == "" {
		return nil
	}
	before, err := q.desk().Claim(q.Context(), q.book(), q.once)
	if err == nil && before {
		q.w.Header().Set("Idempotent-Replayed", "true")
		err = errShown
	}
	return err
}

type credentialFilter struct {
	listing
	Room string `query:"room" enum:"razorpay|engage|phonepe|eko|native" doc:"Only those of this room."`
}

func listCredentials(q *request, in credentialFilter) (page[credential], error) {
	p, err := q.query(in.listing)
	if err != nil {
		return page[credential]{}, err
	}
	all, err := q.desk().Store.Credentials(q.Context(), q.caller.Merchant)
	if err != nil {
		return page[credential]{}, err
	}
	at := func(c desk.Credential) string { return c.Room + " " + c.Name }
	all = slices.DeleteFunc(all, func(c desk.Credential) bool {
		return c.Book != q.book() || in.Room != "" && c.Room != in.Room || at(c) <= p.After
	})
	slices.SortFunc(all, func(x, y desk.Credential) int { return strings.Compare(at(x), at(y)) })
	return paged(q, p, all[:min(len(all), p.Count)], at, q.wireCredential), nil
}

type newCredential struct {
	Scopes []string `json:"scopes,omitempty" len:"20" doc:"What it may do; everything if none is given." eg:"refund:read,refund:write"`
}

// issueCredential gives no more than the caller has.
func issueCredential(q *request, in newCredential) (credential, error) {
	if err := checkScopes(in.Scopes); err != nil {
		return credential{}, err
	}
	if err := q.claimOnce(); err != nil {
		return credential{}, err
	}
	token := NewToken(q.caller.Mode)
	c, err := q.desk().Issue(q.Context(), desk.IssueRequest{Room: Room, Book: q.book(), Secret: []byte(token), Scopes: strings.Join(in.Scopes, " ")})
	if err != nil {
		return credential{}, err
	}
	out := q.wireCredential(c)
	out.Token = token
	return out, nil
}

type credentialPath struct {
	Name string `path:"name" doc:"The credential's name."`
}

type rotation struct {
	credentialPath
	Grace int64 `json:"grace,omitempty" min:"0" max:"2592000" doc:"Seconds that the old one stays good; none if it is not given."`
}

func rotateCredential(q *request, in rotation) (credential, error) {
	if _, err := q.ownCredential(Room, in.Name); err != nil {
		return credential{}, err
	}
	if err := q.claimOnce(); err != nil {
		return credential{}, err
	}
	token := NewToken(q.caller.Mode)
	c, err := q.desk().Rotate(q.Context(), Room, in.Name, seconds(in.Grace), desk.IssueRequest{Secret: []byte(token)})
	if err != nil {
		return credential{}, err
	}
	out := q.wireCredential(c)
	out.Token = token
	return out, nil
}

type revocation struct {
	credentialPath
	Room string `json:"room,omitempty" enum:"razorpay|engage|phonepe|eko|native" doc:"Of this room; native if it is not given."`
}

// revokeCredential says the same of one that has ended.
func revokeCredential(q *request, in revocation) (credential, error) {
	if in.Room == "" {
		in.Room = Room
	}
	c, err := q.ownCredential(in.Room, in.Name)
	if err != nil {
		return credential{}, err
	}
	if c.RevokedAt == 0 || c.RevokedAt > ledger.At(q.desk().Now()) {
		if c, err = q.desk().Revoke(q.Context(), in.Room, in.Name); err != nil {
			return credential{}, err
		}
	}
	return q.wireCredential(c), nil
}

// ownCredential is a credential of the caller's book: another book's is not
// there.
func (q *request) ownCredential(room, name string) (desk.Credential, error) {
	c, err := q.desk().Store.Credential(q.Context(), room, name)
	switch {
	case err != nil:
		return desk.Credential{}, err
	case c == nil || c.Book != q.book():
		return desk.Credential{}, ledger.Refuse(ledger.NotFound, desk.WhyUnknownID, "%s credential %.80s", room, name).In("name")
	}
	return *c, nil
}
