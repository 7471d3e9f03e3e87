package console

import (
	"slices"
	"strings"
	"time"

	"wapas/desk"
	"wapas/dialect"
	"wapas/ledger"
)

// A keyRoom is an API with the credentials that open this book.
type keyRoom struct {
	Room  string
	Kinds []dialect.KeyKind
	Keys  []keyLine
	Ended int // that are not shown
}

// A keyLine is a credential: what is known of it, and none of its secret.
type keyLine struct {
	desk.Credential
	Kind  string
	Short string // the name, as much of it as tells it from others
	State string // active, ending, revoked
	Last  ledger.Time
	kind  dialect.KeyKind
}

// Bearing says whether it is a token, which has no name.
func (k keyLine) Bearing() bool { return strings.HasPrefix(k.Name, "bearer:") }

// A keysPage is every key of the book.
type keysPage struct {
	Rooms  []keyRoom
	Graces []option
	All    bool        // ended ones too
	Now    ledger.Time // of the wall's clock, which is the keys'
}

// lastCalls is among how many calls the last one of each key is looked for.
const lastCalls = 100

// kinds are the sorts of credentials of a room.
func (q *visit) kinds(room string) (of []dialect.KeyKind) {
	for _, k := range q.room.cfg.Keys {
		if k.Room == room {
			of = append(of, k)
		}
	}
	return of
}

// keyRooms are the rooms with their keys, in the order of the sorts; what is good
// first, and the newest first.
func (q *visit) keyRooms() ([]keyRoom, error) {
	all, err := q.desk().Store.Credentials(q.Context(), q.person.Merchant)
	if err != nil {
		return nil, err
	}
	calls, err := q.desk().Requests(q.Context(), desk.RequestQuery{Book: q.book.ID, Count: lastCalls})
	if err != nil {
		return nil, err
	}
	last := map[string]ledger.Time{}
	for _, c := range calls {
		at := c.Room + " " + c.Caller
		last[at] = max(last[at], c.At)
	}
	now := ledger.At(q.desk().Now())
	var rooms []keyRoom
	for _, kind := range q.room.cfg.Keys {
		i := slices.IndexFunc(rooms, func(r keyRoom) bool { return r.Room == kind.Room })
		if i < 0 {
			i, rooms = len(rooms), append(rooms, keyRoom{Room: kind.Room})
		}
		rooms[i].Kinds = append(rooms[i].Kinds, kind)
	}
	for _, c := range all {
		i := slices.IndexFunc(rooms, func(r keyRoom) bool { return r.Room == c.Room })
		if c.Book != q.book.ID || i < 0 {
			continue
		}
		k := keyLine{Credential: c, Short: c.Name, State: "active", Last: last[c.Room+" "+c.Name]}
		switch {
		case c.RevokedAt == 0:
		case c.RevokedAt > now:
			k.State = "ending"
		default:
			k.State = "revoked"
		}
		if k.Bearing() {
			k.Short = "token " + c.Name[len("bearer:"):][:8]
		}
		if j := slices.IndexFunc(rooms[i].Kinds, func(kind dialect.KeyKind) bool { return kind.Of(c.Name) }); j >= 0 {
			k.kind, k.Kind = rooms[i].Kinds[j], rooms[i].Kinds[j].Kind
		}
		rooms[i].Keys = append(rooms[i].Keys, k)
	}
	for _, r := range rooms {
		slices.SortStableFunc(r.Keys, func(x, y keyLine) int {
			if over := map[bool]int{true: 1}; over[x.State == "revoked"] != over[y.State == "revoked"] {
				return over[x.State == "revoked"] - over[y.State == "revoked"]
			}
			return int(min(1, max(-1, y.CreatedAt-x.CreatedAt)))
		})
	}
	return rooms, nil
}

// graces are how long a key stays good after it was replaced.
var graces = []option{{"86400", "for another day"}, {"3600", "for another hour"}, {"604800", "for another week"}, {"0", "not a moment longer"}}

func showKeys(q *visit) error {
	rooms, err := q.keyRooms()
	if err != nil {
		return err
	}
	p := keysPage{Rooms: rooms, Graces: graces, All: q.value("all") != "", Now: ledger.At(q.desk().Now())}
	for i := range p.Rooms {
		r := &p.Rooms[i]
		ended := slices.IndexFunc(r.Keys, func(k keyLine) bool { return k.State == "revoked" })
		if ended >= 0 && !p.All {
			r.Keys, r.Ended = r.Keys[:ended], len(r.Keys)-ended
		}
	}
	return q.show("keys", "Keys", p)
}

// A shownKey is a credential with its secret, for the only time.
type shownKey struct {
	Room  string
	Base  string
	Parts []dialect.KeyPart
	Line  string      // to try it with, in a test book
	Old   string      // what it replaces
	Until ledger.Time // how long that is good
}

// shown shows a new key.
func (q *visit) shown(kind dialect.KeyKind, c desk.Credential, secret, old string, until ledger.Time) error {
	s := shownKey{Room: kind.Room, Base: q.origin() + kind.Base, Parts: kind.Parts(c.Name, secret), Old: old, Until: until}
	if q.book.Mode == desk.Test && kind.Try != nil && kind.Room != "eko" {
		s.Line = kind.Try(dialect.Trial{Base: q.origin(), Name: c.Name, Secret: secret})
	}
	return q.show("keyshown", "The new key", s)
}

// firstTime says whether this form was not sent before: what it makes is shown
// once, so a second time there would be nothing to show.
func (q *visit) firstTime(understood ...any) error {
	before, err := q.desk().Claim(q.Context(), q.book.ID, q.once(understood...))
	if err == nil && before {
		err = ledger.Refuse(ledger.Duplicate, desk.WhyKeyUsed, "The key was made, and shown then. If you did not keep it, revoke it and make another one.")
	}
	return err
}

// orKeys shows the list again with what was wrong.
func (q *visit) orKeys(err error) error {
	if q.refused(err) {
		return showKeys(q)
	}
	return err
}

func issueKey(q *visit) error {
	room, name := q.value("room"), q.value("kind")
	kinds := q.kinds(room)
	i := slices.IndexFunc(kinds, func(k dialect.KeyKind) bool { return k.Kind == name })
	if i < 0 {
		return q.orKeys(ledger.Refuse(ledger.Invalid, desk.WhyUnknownKey, "there is no such sort of key").In("kind"))
	}
	kind, scopes := kinds[i], q.Form["scope"]
	for _, s := range scopes {
		if !slices.Contains(kind.Scopes, s) {
			return q.orKeys(ledger.Refuse(ledger.Invalid, desk.WhyUnknownKey, "%s keys know no %q", roomOf(room), s).In("scope"))
		}
	}
	if err := q.firstTime(room, name, scopes); err != nil {
		return q.orKeys(err)
	}
	public, secret := kind.Mint(q.book.Mode, "")
	c, err := q.desk().Issue(q.Context(), desk.IssueRequest{Room: room, Book: q.book.ID, Name: public, Secret: []byte(secret), Scopes: strings.Join(scopes, " ")})
	if err != nil {
		return q.orKeys(err)
	}
	return q.shown(kind, c, secret, "", 0)
}

// ownKey is the key that a form names: another book's is not there.
func (q *visit) ownKey() (keyLine, error) {
	room, name := q.value("room"), q.value("name")
	rooms, err := q.keyRooms()
	if err != nil {
		return keyLine{}, err
	}
	for _, r := range rooms {
		for _, k := range r.Keys {
			if k.Room == room && k.Name == name && k.kind.Mint != nil {
				return k, nil
			}
		}
	}
	return keyLine{}, ledger.Refuse(ledger.NotFound, desk.WhyUnknownKey, "no key of this book has this name")
}

func rotateKey(q *visit) error {
	k, err := q.ownKey()
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(graces, func(o option) bool { return o.Value == q.value("grace") }) {
		return q.orKeys(ledger.Refuse(ledger.Invalid, desk.WhyUnknownKey, "say how long the old one stays good").In("grace"))
	}
	grace := time.Duration(q.number("grace", 0)) * time.Second
	if k.State != "active" {
		return q.orKeys(ledger.Refuse(ledger.WrongState, desk.WhyRevoked, "%s has been replaced or revoked", k.Short))
	}
	if err := q.firstTime(k.Room, k.Name, int64(grace)); err != nil {
		return q.orKeys(err)
	}
	public, secret := k.kind.Mint(q.book.Mode, k.Name)
	c, err := q.desk().Rotate(q.Context(), k.Room, k.Name, grace, desk.IssueRequest{Name: public, Secret: []byte(secret)})
	if err != nil {
		return q.orKeys(err)
	}
	return q.shown(k.kind, c, secret, k.Short, ledger.At(q.desk().Now()).Add(grace))
}

func revokeKey(q *visit) error {
	k, err := q.ownKey()
	if err != nil {
		return err
	}
	if _, err := q.desk().Revoke(q.Context(), k.Room, k.Name); err != nil {
		return q.orKeys(err)
	}
	return q.done("/settings/keys", "%s is revoked.", k.Short)
}
