package desk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"wapas/ledger"
)

// The rules of signing in.
const (
	WhySignIn      ledger.Why = "sign_in"       // Denied: no such person, another password, or disabled: nobody hears which
	WhyManyTries   ledger.Why = "many_tries"    // Limited
	WhyNotSignedIn ledger.Why = "not_signed_in" // Denied: no such session, or it is over
)

// A Session is a person who is signed in. Only the hash of what the browser
// shows is kept.
type Session struct {
	ID        string // SHA-256 of the token, in hex
	Person    ID
	Epoch     int64  // the person's when it began
	From      string // the address it was started from
	CreatedAt ledger.Time
	SeenAt    ledger.Time // give or take seenEvery
	ExpiresAt ledger.Time
}

// How long a session lasts, by the wall's clock.
const (
	SessionIdle = 12 * time.Hour     // after it was used last
	SessionLife = 7 * 24 * time.Hour // at most
	seenEvery   = 5 * time.Minute    // how often it is written down that it is used
)

// A SignInRequest is what somebody shows at the console's door. From is the
// address that they come from.
type SignInRequest struct {
	Email    string
	Password string
	From     string
}

// How many wrong tries there may be in triesWindow: at one e-mail from one
// address, at one e-mail from wherever, and from one address at whichever
// e-mails. The second is the widest, so that a stranger who knows an e-mail does
// not lock its person out.
const (
	triesHere   = 5
	triesEmail  = 50
	triesFrom   = 30
	triesWindow = 15 * time.Minute
	forgiveFor  = 5 * time.Second // how long it may take to take a try back, whoever still waits
)

// SignIn finds out who somebody is. Tries are counted in the database, before
// the password is looked at, so that neither a restart nor many at once get
// more of them; a right one is not counted, and neither is one whose password
// nobody came to compare.
//
// It refuses, in this order: Limited (WhyManyTries); Denied (WhySignIn), which
// takes as long and says the same whether the e-mail is unknown, the password
// is another, or the person was disabled.
func (d *Desk) SignIn(ctx context.Context, q SignInRequest) (Person, error) {
	email, bad := emailOf(q.Email)
	if bad != nil {
		email = "" // nobody's
	}
	from := network(q.From)
	now := ledger.At(d.Now())
	// The address comes first: who has no more tries there writes one row, however
	// many e-mails they make up.
	counted := []struct {
		name string
		most int64
	}{{tryName("from", from), triesFrom}, {tryName("here", email, from), triesHere}, {tryName("email", email), triesEmail}}
	tried := 0 // of counted
	forgive := func() error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), forgiveFor)
		defer cancel()
		for _, c := range counted[:tried] {
			if err := d.Store.ForgiveTry(ctx, c.name); err != nil {
				return fmt.Errorf("count a try to sign in: %w", err)
			}
		}
		return nil
	}
	for _, c := range counted {
		n, err := d.Store.CountTry(ctx, c.name, now, now.Add(triesWindow))
		if err != nil {
			return Person{}, errors.Join(fmt.Errorf("count a try to sign in: %w", err), forgive())
		}
		if n > c.most { // what is turned away here is not one more try there
			if err := forgive(); err != nil {
				return Person{}, err
			}
			return Person{}, ledger.Refuse(ledger.Limited, WhyManyTries, "too many tries: wait a quarter of an hour")
		}
		tried++
	}
	p, err := d.Store.PersonNamed(ctx, email)
	if err != nil {
		return Person{}, errors.Join(fmt.Errorf("look up a person: %w", err), forgive())
	}
	hash := d.nobody()
	if p != nil {
		hash = p.Password
	}
	password := q.Password
	if len(password) > maxPassword {
		password = ""
	}
	ok, err := d.matches(ctx, hash, password)
	switch {
	case err != nil:
		return Person{}, errors.Join(fmt.Errorf("compare a password: %w", err), forgive())
	case !ok || p == nil || p.DisabledAt != 0:
		return Person{}, ledger.Refuse(ledger.Denied, WhySignIn, "")
	}
	if err := forgive(); err != nil {
		return Person{}, err
	}
	return *p, nil
}

// tryName is what tries are counted under: a hash, so that e-mails of strangers
// are not kept.
func tryName(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return parts[0] + ":" + hex.EncodeToString(h.Sum(nil))
}

// network is whose an address is: of version 6 a whole /64 is one household's.
func network(from string) string {
	a, err := netip.ParseAddr(from)
	if err != nil {
		if ap, e := netip.ParseAddrPort(from); e == nil {
			a, err = ap.Addr(), nil
		}
	}
	if err != nil {
		return "unknown"
	}
	a = a.Unmap().WithZone("")
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}

// StartSession begins a session of a person who has signed in. The token is
// for the browser, and is kept nowhere else.
func (d *Desk) StartSession(ctx context.Context, p Person, from string) (token string, s Session, err error) {
	token = Letters(43) // 256 bits
	now := ledger.At(d.Now())
	s = Session{ID: sessionID(token), Person: p.ID, Epoch: p.Epoch, From: network(from), CreatedAt: now, SeenAt: now, ExpiresAt: now.Add(SessionIdle)}
	if err := d.Store.StartSession(ctx, s); err != nil {
		return "", Session{}, fmt.Errorf("keep a session: %w", err)
	}
	return token, s, nil
}

func sessionID(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// SessionOf is the session that a token is of, and whose it is. What is known
// of both is believed for callerTTL, as it is of credentials.
//
// It is Denied (WhyNotSignedIn) if there is no such session, its time is over,
// or the person was disabled or has another password since; Limited to a network
// that shows many tokens of none (WhyStrangers), and to a session that asks more
// often than Rate (WhyRate).
func (d *Desk) SessionOf(ctx context.Context, token string) (Session, Person, error) {
	over := ledger.Refuse(ledger.Denied, WhyNotSignedIn, "")
	if len(token) == 0 || len(token) > 128 {
		return Session{}, Person{}, over
	}
	id := sessionID(token)
	now := ledger.At(d.Now())
	k, ok := d.sessions.get(id, now)
	if !ok {
		s, p, err := d.Store.SessionOf(ctx, id)
		if err != nil {
			return Session{}, Person{}, fmt.Errorf("look up a session: %w", err)
		}
		if s == nil {
			return Session{}, Person{}, d.wrong(ctx, WhyNotSignedIn)
		}
		k = knownSession{*s, *p, now}
	}
	s, p := k.Session, k.Person
	if s.ExpiresAt <= now || s.Epoch != p.Epoch || p.DisabledAt != 0 {
		d.sessions.drop(id)
		return Session{}, Person{}, over
	}
	if err := d.pace("console\x00" + id); err != nil {
		return Session{}, Person{}, err
	}
	if now >= s.SeenAt.Add(seenEvery) {
		s.SeenAt, s.ExpiresAt = now, min(now.Add(SessionIdle), s.CreatedAt.Add(SessionLife))
		p.LastSeen = now
		if err := d.Store.SeeSession(ctx, s); err != nil {
			return Session{}, Person{}, fmt.Errorf("keep a session: %w", err)
		}
		k.Session, k.Person = s, p
	}
	d.sessions.put(id, k)
	return s, p, nil
}

// EndSession signs out: at once here, within callerTTL on other servers. That
// there is none is no fault.
func (d *Desk) EndSession(ctx context.Context, token string) error {
	id := sessionID(token)
	defer d.sessions.drop(id)
	if err := d.Store.EndSession(ctx, id); err != nil {
		return fmt.Errorf("end a session: %w", err)
	}
	return nil
}

// EndSessions signs a person out wherever they are signed in. It refuses
// NotFound.
func (d *Desk) EndSessions(ctx context.Context, person ID) (Person, error) {
	return d.changePerson(ctx, person, func(p *Person) error {
		p.Epoch++
		return nil
	})
}

// sessions remembers those that were looked up a moment ago.
type sessions struct {
	mu    sync.Mutex
	known map[string]knownSession
}

type knownSession struct {
	Session
	Person Person
	read   ledger.Time
}

func (s *sessions) get(id string, now ledger.Time) (knownSession, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, ok := s.known[id]
	return k, ok && k.read <= now && now < k.read.Add(callerTTL)
}

func (s *sessions) put(id string, k knownSession) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil || len(s.known) >= maxCallers {
		s.known = map[string]knownSession{}
	}
	s.known[id] = k
}

func (s *sessions) drop(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.known, id)
}

// forget drops what is known of a person's sessions.
func (s *sessions) forget(person ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, k := range s.known {
		if k.Person.ID == person {
			delete(s.known, id)
		}
	}
}
