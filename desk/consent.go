package desk

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"wapas/ledger"
	"wapas/rail"
)

// The rules of consents. Each of those about a code that was shown has its own
// name, so that a room can tell the customer what to do next.
const (
	WhyConsentNone     ledger.Why = "consent_none"     // WrongState: no code was sent for this
	WhyConsentForeign  ledger.Why = "consent_foreign"  // WrongState: the code was sent for something else
	WhyConsentReplaced ledger.Why = "consent_replaced" // WrongState: a newer one was sent
	WhyConsentSpent    ledger.Why = "consent_spent"    // WrongState: it was used already
	WhyConsentDead     ledger.Why = "consent_dead"     // WrongState: too many wrong codes were shown
	WhyConsentExpired  ledger.Why = "consent_expired"  // WrongState: it is too old
	WhyConsentWrong    ledger.Why = "consent_wrong"    // WrongState: another code was shown
	WhyConsentSoon     ledger.Why = "consent_soon"     // Limited: one was sent a moment ago
	WhyConsentMany     ledger.Why = "consent_many"     // Limited: MaxResends were sent for this today
	WhyConsentDaily    ledger.Why = "consent_daily"    // Limited: MaxCodesADay were sent to this mobile today
	WhyCode            ledger.Why = "code"             // Invalid: no code that a tester may set
	WhyLiveCode        ledger.Why = "live_code"        // WrongState: the codes of a live book are nobody's to set
)

// The limits of consents.
const (
	ConsentLife    = 5 * time.Minute // unless the terms say otherwise
	MaxTries       = 5               // wrong codes until a consent is dead
	ResendAfter    = 30 * time.Second
	MaxResends     = 3  // of one thing in a day, after the first
	MaxCodesADay   = 10 // to one mobile, on a day in India
	minConsentLife = 180
	maxConsentLife = 600
)

// What a consent may be for.
const (
	ToRefund = "refund" // that an agent has given cash back
	ToRemit  = "remit"  // that cash be sent
)

// The states of a consent.
const (
	consentOpen     = "open"
	consentSpent    = "spent"
	consentDead     = "dead"
	consentReplaced = "replaced"
	consentVoid     = "void" // what it was for ended otherwise
)

// A Consent is proof that a customer agreed to one thing: a code that was sent
// to the customer's mobile, and that whoever asks for the thing must show. It is
// bound to who may show it, for what and for how much, and is spent once, in
// the change that does the thing. The code itself is kept nowhere: what is kept
// is its HMAC under a key of its own, which is sealed, so that six digits cannot
// be found by trying them all on a stolen database.
type Consent struct {
	ID      ID // cons_
	Purpose string
	Subject ID // what it is for
	Actor   ID // who may show it: the agent
	Mobile  string
	Amount  ledger.Amount
	Ref     string // what the challenge is called on the wire: opaque
	Salt    string // sealed: the key that Proof is made with
	Proof   string // HMAC-SHA256 of the code and of all it is bound to
	Tries   int64  // wrong codes shown
	State   string // open, spent, dead, replaced, void
	// ExpiresAt is when it is too old; EndedAt when it left the state open.
	ExpiresAt, EndedAt, CreatedAt ledger.Time
}

func (r Consent) Kind() Kind { return KindConsent }
func (r Consent) RowID() ID  { return r.ID }
func (r Consent) Parent() ID { return r.Subject }

// Check is the rule of a consent row.
func (r Consent) Check() error {
	switch r.State {
	case consentOpen, consentSpent, consentDead, consentReplaced, consentVoid:
		if r.Tries >= 0 && r.Tries <= MaxTries && (r.State == consentDead) == (r.Tries == MaxTries) && (r.State == consentOpen) == (r.EndedAt == 0) {
			return nil
		}
	}
	return ledger.Refuse(ledger.Internal, ledger.WhyInvariant, "%s is %q after %d wrong codes", r.ID, r.State, r.Tries)
}

// A Code is a code as somebody shows it, with what the challenge it answers is
// called, if they say that.
type Code struct{ Digits, Ref string }

// What a consent is bound to.
type binding struct {
	Purpose        string
	Subject, Actor ID
	Mobile         string
	Amount         ledger.Amount
}

func (r Consent) binding() binding {
	return binding{r.Purpose, r.Subject, r.Actor, r.Mobile, r.Amount}
}

// proof is what is kept of a code.
func (b binding) proof(salt []byte, digits string) string {
	h := hmac.New(sha256.New, salt)
	for _, part := range []string{b.Purpose, string(b.Subject), string(b.Actor), b.Mobile, fmt.Sprint(int64(b.Amount)), digits} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// challenge sends a new code to b.Mobile. It ends the one that stands open for
// the same subject. Text says what the message with the code says.
func (c *change) challenge(b binding, text func(digits string) string) (Consent, error) {
	t, err := c.terms()
	if err != nil {
		return Consent{}, err
	}
	if err := c.endConsents(b.Subject, consentReplaced); err != nil {
		return Consent{}, err
	}
	digits, err := c.digits(b)
	if err != nil || digits == silent {
		return Consent{}, err
	}
	salt, name := make([]byte, 32), make([]byte, 56)
	rand.Read(salt) // never fails: it would end the program
	rand.Read(name)
	sealed, err := c.desk.Sealer.Seal(salt)
	if err != nil {
		return Consent{}, fmt.Errorf("seal the key of a consent: %w", err)
	}
	r := Consent{
		ID: c.NewID("cons"), Purpose: b.Purpose, Subject: b.Subject, Actor: b.Actor, Mobile: b.Mobile, Amount: b.Amount,
		Ref: base64.StdEncoding.EncodeToString(name), Salt: base64.StdEncoding.EncodeToString(sealed), Proof: b.proof(salt, digits),
		State: consentOpen, ExpiresAt: c.now.Add(t.consentLife()), CreatedAt: c.now,
	}
	c.Put(r)
	return r, c.message(b.Mobile, r.ID, text(digits))
}

// consentLife is how long a code is good.
func (t Terms) consentLife() time.Duration {
	if t.ConsentLife == 0 {
		return ConsentLife
	}
	return time.Duration(t.ConsentLife) * time.Second
}

// endConsents ends what stands open for a subject.
func (c *change) endConsents(subject ID, state string) error {
	all, err := under[Consent](c, subject)
	if err != nil {
		return err
	}
	for _, r := range all {
		if r.State == consentOpen {
			r.State, r.EndedAt = state, c.now
			c.Put(r)
		}
	}
	return nil
}

// mayResend refuses Limited if a code was sent for the subject a moment ago, if
// enough were sent for it today, or to the mobile. A day counts, and not all
// time, because money that waits for a code must never be stuck for good.
func (c *change) mayResend(b binding) error {
	all, err := under[Consent](c, b.Subject)
	if err != nil {
		return err
	}
	today, sent := c.now.Day(), 0
	for _, r := range all {
		switch {
		case r.State == consentSpent:
			sent = 0 // what comes after is about the next time
		case c.now < r.CreatedAt.Add(ResendAfter):
			return ledger.Refuse(ledger.Limited, WhyConsentSoon, "%s", r.ID)
		case r.CreatedAt.Day() == today:
			sent++
		}
	}
	if sent > MaxResends {
		return ledger.Refuse(ledger.Limited, WhyConsentMany, "%d", sent)
	}
	day, err := under[Message](c, dayOf(b.Mobile, c.now))
	if err != nil {
		return err
	}
	if len(day) >= MaxCodesADay {
		return ledger.Refuse(ledger.Limited, WhyConsentDaily, "%d", len(day))
	}
	return nil
}

// spend holds a shown code against the newest consent of its subject, and
// spends it if it is right. A refusal is not an error of the change: a wrong try
// must be counted, so the change is kept and the refusal answered after it.
//
// It refuses, in this order: no code was sent; the challenge named is an
// older one (Spent, Replaced) or of something else (Foreign); the newest was
// spent, is dead or too old; it is bound to another actor, purpose or amount
// (Foreign); the code is wrong. Only the last counts as a try, for only it
// looks at the code.
func (c *change) spend(b binding, shown Code) (refused, err error) {
	refuse := func(why ledger.Why, about ID) (error, error) {
		return ledger.Refuse(ledger.WrongState, why, "%s", about).In("otp"), nil
	}
	all, err := under[Consent](c, b.Subject)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		if shown.Ref != "" {
			return refuse(WhyConsentForeign, b.Subject)
		}
		return refuse(WhyConsentNone, b.Subject)
	}
	r := all[len(all)-1]
	if shown.Ref != "" && !same(shown.Ref, r.Ref) {
		for _, old := range all {
			switch {
			case !same(shown.Ref, old.Ref):
			case old.State == consentSpent:
				return refuse(WhyConsentSpent, old.ID)
			default:
				return refuse(WhyConsentReplaced, old.ID)
			}
		}
		return refuse(WhyConsentForeign, b.Subject)
	}
	switch {
	case r.State == consentSpent:
		return refuse(WhyConsentSpent, r.ID)
	case r.State == consentDead:
		return refuse(WhyConsentDead, r.ID)
	case r.State != consentOpen, c.now >= r.ExpiresAt:
		return refuse(WhyConsentExpired, r.ID)
	case r.binding() != b:
		return refuse(WhyConsentForeign, r.ID)
	}
	right, err := c.right(r, shown.Digits)
	if err != nil {
		return nil, err
	}
	if right {
		r.State, r.EndedAt = consentSpent, c.now
		c.Put(r)
		return nil, nil
	}
	if r.Tries++; r.Tries == MaxTries {
		r.State, r.EndedAt = consentDead, c.now
	}
	c.Put(r)
	return refuse(WhyConsentWrong, r.ID)
}

// right says whether digits are the code of a consent.
func (c *change) right(r Consent, digits string) (bool, error) {
	sealed, err := base64.StdEncoding.DecodeString(r.Salt)
	if err != nil {
		return false, fmt.Errorf("the key of %s: %w", r.ID, err)
	}
	salt, err := c.desk.Sealer.Open(sealed)
	if err != nil {
		return false, fmt.Errorf("open the key of %s: %w", r.ID, err)
	}
	return same(r.binding().proof(salt, digits), r.Proof), nil
}

// same compares two texts in a time that does not tell how alike they are.
func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// TestCode is the code of every consent in a test book, unless a tester says
// otherwise.
const TestCode = "123456"

// What a tester may say instead of a code.
const (
	RandomCodes = "random" // as in a live book
	silent      = "none"   // no code is sent at all, as happens with old transactions
	NoCodes     = silent
)

// codeName is the row that says which code a tester wants a mobile to be sent.
func codeName(mobile string) ID { return ID("consent.code/" + mobile) }

// digits are those of a new code: six of them, the first not a zero, because
// some callers write a code as a number.
func (c *change) digits(b binding) (string, error) {
	if c.book.Mode == Test {
		if code, err := c.played(b); code != "" || err != nil {
			return code, err
		}
		k, _, err := get[Key](c, codeName(b.Mobile))
		switch {
		case err != nil:
			return "", err
		case k.Detail == "":
			return TestCode, nil
		case k.Detail != RandomCodes:
			return k.Detail, nil
		}
	}
	n, err := rand.Int(rand.Reader, big.NewInt(900_000))
	if err != nil {
		return "", err
	}
	return fmt.Sprint(100_000 + n.Int64()), nil
}

// played is the code that a stored scenario says: its Code, or NoCodes for a
// silence. It is found by the mobile, or by what the consent is for.
func (c *change) played(b binding) (string, error) {
	open, err := under[Scenario](c, scenariosOpen)
	if err != nil || !slices.ContainsFunc(open, func(s Scenario) bool { return s.What == "otp" }) {
		return "", err
	}
	s, ok, err := c.play("otp", b.Amount, b.Mobile, string(b.Subject))
	switch {
	case err != nil || !ok || s.What != "otp":
		return "", err
	case s.Outcome == rail.ScenarioSilence:
		return NoCodes, nil
	case len(s.Code) == 6 && only(s.Code, digit):
		return s.Code, nil
	}
	return "", nil
}

// SetOTP says which code a mobile is sent in a test book from now on: six
// digits, RandomCodes, NoCodes, or nothing for TestCode again. It refuses, in
// this order: Invalid; WrongState for a live book.
func (d *Desk) SetOTP(ctx context.Context, book BookID, mobile, code string) error {
	words := code == "" || code == RandomCodes || code == NoCodes
	if !isMobile(mobile) {
		return ledger.Refuse(ledger.Invalid, WhyMobile, "%.40s", mobile).In("mobile")
	}
	if !words && (len(code) != 6 || !only(code, digit)) {
		return ledger.Refuse(ledger.Invalid, WhyCode, "six digits, %q, %q or nothing", RandomCodes, NoCodes).In("otp")
	}
	return d.change(ctx, book, keyRef(codeName(mobile)), func(c *change) error {
		if c.book.Mode != Test {
			return ledger.Refuse(ledger.WrongState, WhyLiveCode, "the codes of a live book are nobody's to set")
		}
		k, there, err := get[Key](c, codeName(mobile))
		if err != nil {
			return err
		}
		if !there {
			k = Key{ID: codeName(mobile), CreatedAt: c.now}
		}
		k.Detail = code
		c.Put(k)
		return nil
	})
}

// Masked is a mobile number as logs show it.
func Masked(mobile string) string {
	if len(mobile) < 4 {
		return strings.Repeat("x", len(mobile))
	}
	return strings.Repeat("x", len(mobile)-4) + mobile[len(mobile)-4:]
}
