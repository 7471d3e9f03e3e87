package desk

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"wapas/ledger"
)

// The rules that credentials are refused by.
const (
	WhyUnknownKey  ledger.Why = "unknown_key"  // Denied: no such credential
	WhyWrongSecret ledger.Why = "wrong_secret" // Denied
	WhyRevoked     ledger.Why = "revoked"      // Denied
	WhyNameTaken   ledger.Why = "name_taken"   // Duplicate: a credential has this name already
	WhyNoSecret    ledger.Why = "no_secret"    // Invalid: a credential without a name or a secret
)

// A Caller is who a credential let in, and through which door. Secret is the
// credential's own, because some rooms sign their answers with it; it is never
// logged or written.
type Caller struct {
	Merchant ID
	Book     BookID
	Mode     Mode
	Name     string
	Secret   Secret
	Scopes   string
	Room     string
}

// May says whether the caller's scopes include scope. No scopes at all means
// everything the room offers.
func (c Caller) May(scope string) bool {
	return c.Scopes == "" || slices.Contains(strings.Fields(c.Scopes), scope)
}

// BearerName is the name of the credential that a bearer token is: the token
// itself is kept nowhere.
func BearerName(token []byte) string {
	sum := sha256.Sum256(token)
	return bearerPrefix + hex.EncodeToString(sum[:])
}

const bearerPrefix = "bearer:"

// Authenticate lets a caller in by what it shows at a room's door. It is
// Denied, and says nothing more, if there is no such credential, the secret is
// another or the credential was revoked: Why tells them apart for the log. Then
// it refuses as Proved does. What is known of a credential is believed for callerTTL, so a credential revoked
// on another server is good here for no longer than that.
func (d *Desk) Authenticate(ctx context.Context, room, name string, secret []byte) (Caller, error) {
	c, err := d.Identify(ctx, room, name)
	if err != nil {
		return Caller{}, err
	}
	given, want := sha256.Sum256(secret), sha256.Sum256(c.Secret)
	if strings.HasPrefix(name, bearerPrefix) { // the name is the hash of the token
		given, want = sha256.Sum256([]byte(BearerName(secret))), sha256.Sum256([]byte(name))
		c.Secret = secret
	}
	if err := d.Proved(ctx, c, subtle.ConstantTimeCompare(given[:], want[:]) == 1); err != nil {
		return Caller{}, err
	}
	return c, nil
}

// Identify is who a credential belongs to, without asking for its secret: for
// who checks a signature (see Proved). It is Denied as Authenticate is. A name
// that was never good here is not looked up for a network that has shown too many
// wrong ones: that is Limited (WhyStrangers), whether the name is good or not.
func (d *Desk) Identify(ctx context.Context, room, name string) (Caller, error) {
	if !utf8.ValidString(name) || strings.ContainsRune(name, 0) { // no engine keeps such a name
		return Caller{}, d.wrong(ctx, WhyUnknownKey)
	}
	now := ledger.At(d.Now())
	at := room + "\x00" + name
	known, fresh, ok := d.callers.get(at, now)
	if !fresh {
		if !ok && d.strangers.full(networkOf(ctx), d.Now(), wrongRate, wrongBurst) {
			return Caller{}, ledger.Refuse(ledger.Limited, WhyStrangers, "")
		}
		cred, err := d.Store.Credential(ctx, room, name)
		if err != nil {
			return Caller{}, fmt.Errorf("look up a credential: %w", err)
		}
		if cred == nil {
			return Caller{}, d.wrong(ctx, WhyUnknownKey)
		}
		book, err := d.Store.Book(ctx, cred.Book)
		if err != nil {
			return Caller{}, fmt.Errorf("open the book of credential %s: %w", name, err)
		}
		secret, err := d.Reveal(*cred)
		if err != nil {
			return Caller{}, err
		}
		known = knownCaller{
			Caller:  Caller{cred.Merchant, cred.Book, book.Mode, name, secret, cred.Scopes, room},
			revoked: cred.RevokedAt,
			read:    now,
		}
		d.callers.put(at, known)
	}
	noted(ctx, known.Caller)
	if known.revoked != 0 && known.revoked <= now {
		return Caller{}, ledger.Refuse(ledger.Denied, WhyRevoked, "")
	}
	return known.Caller, nil
}

// An IssueRequest asks for a credential. The room says what names and secrets
// look like. A bearer token is a Secret without a Name.
type IssueRequest struct {
	Room   string
	Book   BookID
	Name   string
	Secret Secret
	Scopes string
}

// Issue makes a credential. It refuses Invalid (WhyNoSecret) without a secret,
// NotFound if there is no such book, and Duplicate (WhyNameTaken) if a
// credential of this room has the name, revoked or not: a name never comes to
// mean somebody else.
func (d *Desk) Issue(ctx context.Context, q IssueRequest) (Credential, error) {
	if len(q.Secret) == 0 {
		return Credential{}, ledger.Refuse(ledger.Invalid, WhyNoSecret, "a credential needs a secret").In("secret")
	}
	cred := Credential{Room: q.Room, Name: q.Name, Book: q.Book, Secret: []byte{}, Scopes: q.Scopes, CreatedAt: ledger.At(d.Now())}
	if cred.Name == "" {
		cred.Name = BearerName(q.Secret)
	}
	book, err := d.Store.Book(ctx, q.Book)
	if err != nil {
		return Credential{}, err
	}
	cred.Merchant = book.Merchant
	switch old, err := d.Store.Credential(ctx, cred.Room, cred.Name); {
	case err != nil:
		return Credential{}, err
	case old != nil:
		return Credential{}, ledger.Refuse(ledger.Duplicate, WhyNameTaken, "%s", cred.Name).In("name")
	}
	if !strings.HasPrefix(cred.Name, bearerPrefix) {
		if cred.Secret, err = d.Sealer.Seal(cred.bound(q.Secret)); err != nil {
			return Credential{}, fmt.Errorf("seal a credential: %w", err)
		}
	}
	if err := d.Witness(ctx, cred.Book, ID(cred.Name)); err != nil {
		return Credential{}, err
	}
	return cred, d.Store.PutCredential(ctx, cred)
}

// Rotate gives the holder of a credential another one, q.Name with q.Secret,
// for the same book and with the same scopes. The old one stays good for grace,
// so that a running client can change over. It refuses as Revoke and Issue do.
func (d *Desk) Rotate(ctx context.Context, room, name string, grace time.Duration, q IssueRequest) (Credential, error) {
	old, err := d.credential(ctx, room, name)
	if err != nil {
		return Credential{}, err
	}
	q.Room, q.Book, q.Scopes = room, old.Book, old.Scopes
	cred, err := d.Issue(ctx, q)
	if err != nil {
		return Credential{}, err
	}
	return cred, d.revoke(ctx, old, ledger.At(d.Now()).Add(grace))
}

// Revoke ends a credential now: at once on this server, within callerTTL on
// others. It refuses NotFound if there is none of that name, and WrongState
// (WhyRevoked) if it has ended already.
func (d *Desk) Revoke(ctx context.Context, room, name string) (Credential, error) {
	cred, err := d.credential(ctx, room, name)
	if err != nil {
		return Credential{}, err
	}
	cred.RevokedAt = ledger.At(d.Now())
	return cred, d.revoke(ctx, cred, cred.RevokedAt)
}

// credential reads one that can still be ended.
func (d *Desk) credential(ctx context.Context, room, name string) (Credential, error) {
	cred, err := d.Store.Credential(ctx, room, name)
	switch {
	case err != nil:
		return Credential{}, err
	case cred == nil:
		return Credential{}, ledger.Refuse(ledger.NotFound, WhyUnknownKey, "there is no %s key %s", room, name).In("name")
	case cred.RevokedAt != 0 && cred.RevokedAt <= ledger.At(d.Now()):
		return Credential{}, ledger.Refuse(ledger.WrongState, WhyRevoked, "%s was revoked already", name).In("name")
	}
	return *cred, nil
}

func (d *Desk) revoke(ctx context.Context, cred Credential, at ledger.Time) error {
	cred.RevokedAt = at
	if err := d.Witness(ctx, cred.Book, ID(cred.Name)); err != nil {
		return err
	}
	if err := d.Store.PutCredential(ctx, cred); err != nil {
		return err
	}
	d.callers.drop(cred.Room + "\x00" + cred.Name)
	return nil
}

// Reveal opens a credential's secret. It is empty for a bearer token, which is
// not kept. A secret that was moved here from another credential does not open.
func (d *Desk) Reveal(cred Credential) ([]byte, error) {
	if strings.HasPrefix(cred.Name, bearerPrefix) {
		return nil, nil
	}
	open, err := d.Sealer.Open(cred.Secret)
	if err != nil {
		return nil, fmt.Errorf("open the secret of %s: %w", cred.Name, err)
	}
	secret, ok := strings.CutPrefix(string(open), string(cred.bound(nil)))
	if !ok {
		return nil, fmt.Errorf("the secret of %s is another credential's", cred.Name)
	}
	return []byte(secret), nil
}

// bound is a secret together with whose it is: what is sealed, so that a
// sealed secret copied to another credential's row is worth nothing there.
func (c Credential) bound(secret []byte) []byte {
	return append([]byte(c.Room+"\x00"+c.Name+"\x00"), secret...)
}

// Letters are n random letters and digits, for names and secrets.
func Letters(n int) string {
	const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	out := make([]byte, 0, n)
	buf := make([]byte, 2*n)
	for len(out) < n {
		rand.Read(buf) // never fails: it would end the program
		for _, b := range buf {
			if b < 4*62 && len(out) < n { // the same chance for every letter
				out = append(out, alphabet[b%62])
			}
		}
	}
	return string(out)
}

// callerTTL is how long what is known of a credential is believed.
const callerTTL = 5 * time.Second

// maxCallers bounds what is remembered.
const maxCallers = 10_000

// callers remembers credentials that were looked up a moment ago. Names that do
// not exist are not remembered, so a stranger cannot fill it.
type callers struct {
	mu    sync.RWMutex
	known map[string]knownCaller
}

type knownCaller struct {
	Caller
	revoked ledger.Time // of the wall's clock; zero if not
	read    ledger.Time
}

// get is what is known of a credential, and whether it is fresh enough to be
// believed.
func (c *callers) get(at string, now ledger.Time) (k knownCaller, fresh, ok bool) {
	c.mu.RLock()
	k, ok = c.known[at]
	c.mu.RUnlock()
	// A clock that was set back makes what is known look like the future's.
	return k, ok && k.read <= now && now < k.read.Add(callerTTL), ok
}

func (c *callers) put(at string, k knownCaller) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil || len(c.known) >= maxCallers {
		c.known = make(map[string]knownCaller)
	}
	c.known[at] = k
}

func (c *callers) drop(at string) {
	c.mu.Lock()
	delete(c.known, at)
	c.mu.Unlock()
}
