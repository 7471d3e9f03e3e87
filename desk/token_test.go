package desk_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

// tokenDesk is a desk with a credential that tokens are granted to, and one
// that is a token by itself.
func tokenDesk(t *testing.T) (*desk.Desk, desk.Book, *watch, desk.Caller) {
	t.Helper()
	d, test, _, w := keyDesk(t)
	issueKey(t, d, desk.IssueRequest{Room: "phonepe", Book: test.ID, Name: "client:shop", Secret: []byte("one"), Scopes: "refund:read"})
	issueKey(t, d, desk.IssueRequest{Room: "phonepe", Book: test.ID, Secret: []byte("a static token")})
	c, err := d.Authenticate(t.Context(), "phonepe", "client:shop", []byte("one"))
	if err != nil {
		t.Fatal(err)
	}
	return d, test, w, c
}

func granted(t *testing.T, d *desk.Desk, c desk.Caller, room string) string {
	t.Helper()
	token, _, _, err := d.Grant(c, room, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// A token is its caller until its hour is over, on every server.
func TestBearer(t *testing.T) {
	w := &watch{time.Date(2026, 1, 2, 3, 4, 5, 600, time.UTC)}
	path := filepath.Join(t.TempDir(), "wapas.db")
	d, other := deskOn(t, path, w), deskOn(t, path, w)
	_, test, _, err := d.CreateMerchant(t.Context(), desk.MerchantRequest{Name: "Chai Point"})
	if err != nil {
		t.Fatal(err)
	}
	issueKey(t, d, desk.IssueRequest{Room: "phonepe", Book: test.ID, Name: "client:shop", Secret: []byte("one"), Scopes: "refund:read"})
	issueKey(t, d, desk.IssueRequest{Room: "phonepe", Book: test.ID, Secret: []byte("a static token")})
	c, err := d.Authenticate(t.Context(), "phonepe", "client:shop", []byte("one"))
	if err != nil {
		t.Fatal(err)
	}
	token, issued, expires, err := d.Grant(c, "phonepe", time.Hour)
	if err != nil || issued != w.ledgerNow() || expires != issued.Add(time.Hour) {
		t.Fatalf("Grant: got %v to %v, %v; want an hour from %v", issued, expires, err, w.ledgerNow())
	}
	if again := granted(t, d, c, "phonepe"); again == token {
		t.Error("two tokens look alike")
	}
	for _, s := range []string{"client:shop", "phonepe", "one"} {
		if raw, _ := base64.RawURLEncoding.DecodeString(token); bytes.Contains(raw, []byte(s)) {
			t.Errorf("the token shows %q", s)
		}
	}
	for what, on := range map[string]*desk.Desk{"here": d, "elsewhere": other} {
		got, err := on.Bearer(t.Context(), "phonepe", []byte(token))
		if err != nil || got.Book != test.ID || got.Name != "client:shop" || got.Scopes != "refund:read" || string(got.Secret) != "one" {
			t.Errorf("%s: got %+v, %v", what, got, err)
		}
		got, err = on.Bearer(t.Context(), "phonepe", []byte("a static token"))
		if err != nil || got.Book != test.ID {
			t.Errorf("%s, the static token: got %+v, %v", what, got, err)
		}
	}
	w.wait(time.Hour - time.Microsecond)
	if _, err := other.Bearer(t.Context(), "phonepe", []byte(token)); err != nil {
		t.Errorf("at the end of its hour: %v", err)
	}
	w.wait(time.Microsecond)
	_, err = other.Bearer(t.Context(), "phonepe", []byte(token))
	refused(t, "after its hour", err, ledger.Denied, desk.WhyExpired)
}

func TestBearerRefuses(t *testing.T) {
	d, test, _, c := tokenDesk(t)
	token := granted(t, d, c, "phonepe")
	flip := func(i int) string {
		raw, err := base64.RawURLEncoding.DecodeString(token)
		if err != nil {
			t.Fatal(err)
		}
		raw[i] ^= 1
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	foreign := newKeyring(t, masterKey(8))
	_, _, live, err := d.CreateMerchant(t.Context(), desk.MerchantRequest{Name: "Other"})
	if err != nil {
		t.Fatal(err)
	}
	issueKey(t, d, desk.IssueRequest{Room: "engage", Book: live.ID, Name: "client:shop", Secret: []byte("one")})
	elsewhere := desk.Desk{Store: d.Store, Now: d.Now, Log: d.Log, Sealer: foreign}
	for _, x := range []struct {
		what, room, token string
		why               ledger.Why
	}{
		{"no token", "phonepe", "", desk.WhyUnknownKey},
		{"some text", "phonepe", "O-Bearer", desk.WhyUnknownKey},
		{"another room's", "engage", token, desk.WhyUnknownKey},
		{"a room's with that beginning", "phonepe\x00client", token, desk.WhyUnknownKey},
		{"its first byte changed", "phonepe", flip(0), desk.WhyUnknownKey},
		{"its last byte changed", "phonepe", flip(60), desk.WhyUnknownKey},
		{"cut short", "phonepe", token[:len(token)-4], desk.WhyUnknownKey},
		{"padded", "phonepe", token + "=", desk.WhyUnknownKey},
		{"with a line break", "phonepe", token[:8] + "\n" + token[8:], desk.WhyUnknownKey},
		{"with a blank", "phonepe", " " + token, desk.WhyUnknownKey},
		{"longer than any", "phonepe", token + strings.Repeat("A", 4096), desk.WhyUnknownKey},
		{"sealed with another master key", "phonepe", granted(t, &elsewhere, c, "phonepe"), desk.WhyUnknownKey},
		{"of a name nobody has", "phonepe", granted(t, d, desk.Caller{Name: "client:none", Secret: []byte("one")}, "phonepe"), desk.WhyUnknownKey},
		{"signed with another secret", "phonepe", granted(t, d, desk.Caller{Name: "client:shop", Secret: []byte("two")}, "phonepe"), desk.WhyWrongSecret},
		{"the static token's name", "phonepe", desk.BearerName([]byte("a static token")), desk.WhyUnknownKey},
	} {
		_, err := d.Bearer(t.Context(), x.room, []byte(x.token))
		refused(t, x.what, err, ledger.Denied, x.why)
	}
	if got, err := d.Bearer(t.Context(), "phonepe", []byte(token)); err != nil || got.Book != test.ID {
		t.Errorf("the token itself: got %+v, %v", got, err)
	}
}

// What is sealed for another purpose is no token, whatever it says.
func TestTokenIsForNothingElse(t *testing.T) {
	d, test, w, c := tokenDesk(t)
	encode := base64.RawURLEncoding.EncodeToString
	cred := issueKey(t, d, desk.IssueRequest{Room: "wapas: granted token", Book: test.ID, Name: "phonepe", Secret: append([]byte("client:shop"), make([]byte, 40)...)})
	moment := binary.BigEndian.AppendUint64(nil, uint64(w.ledgerNow().Add(time.Hour)))
	forged := append([]byte("wapas: granted token\x00phonepe\x00client:shop"), moment...)
	whole, err := d.Sealer.Seal(append(forged, make([]byte, 32)...))
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		what   string
		sealed []byte
	}{
		{"the secret of a credential of a room made up for it", cred.Secret},
		{"a text like a token, with no signature", whole},
	} {
		_, err := d.Bearer(t.Context(), "phonepe", []byte(encode(x.sealed)))
		refused(t, x.what, err, ledger.Denied, desk.WhyWrongSecret)
	}

	// The other way round, a token is no credential's secret.
	sealed, err := base64.RawURLEncoding.DecodeString(granted(t, d, c, "phonepe"))
	if err != nil {
		t.Fatal(err)
	}
	cred = desk.Credential{Room: "phonepe", Name: "client:shop", Secret: sealed}
	if secret, err := d.Reveal(cred); err == nil {
		t.Errorf("a token opened as a secret: %q", secret)
	}

	// A token that is a credential by itself, or nothing, is granted none.
	static, err := d.Bearer(t.Context(), "phonepe", []byte("a static token"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []desk.Caller{static, {}, {Name: "client:shop"}} {
		_, _, _, err := d.Grant(c, "phonepe", time.Hour)
		refused(t, "Grant", err, ledger.Denied, desk.WhyNoSecret)
	}
}

// Revoking a credential ends its tokens at once; replacing it ends them with
// the grace.
func TestTokenEndsWithCredential(t *testing.T) {
	d, _, w, c := tokenDesk(t)
	token := []byte(granted(t, d, c, "phonepe"))
	if _, err := d.Rotate(t.Context(), "phonepe", "client:shop", time.Minute, desk.IssueRequest{Name: "client:new", Secret: []byte("two")}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Bearer(t.Context(), "phonepe", token); err != nil {
		t.Errorf("during the grace: %v", err)
	}
	w.wait(time.Minute)
	_, err := d.Bearer(t.Context(), "phonepe", token)
	refused(t, "after the grace", err, ledger.Denied, desk.WhyRevoked)

	if c, err = d.Authenticate(t.Context(), "phonepe", "client:new", []byte("two")); err != nil {
		t.Fatal(err)
	}
	token = []byte(granted(t, d, c, "phonepe"))
	if _, err := d.Revoke(t.Context(), "phonepe", "client:new"); err != nil {
		t.Fatal(err)
	}
	_, err = d.Bearer(t.Context(), "phonepe", token)
	refused(t, "revoked", err, ledger.Denied, desk.WhyRevoked)
}

// Nothing that a stranger sends lets them in, or ends the program.
func FuzzBearer(f *testing.F) {
	w := &watch{time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	d := desk.Desk{Now: w.now, Store: nobody{}}
	ring, err := desk.NewKeyring(bytes.Repeat([]byte{7}, desk.MasterKeySize))
	if err != nil {
		f.Fatal(err)
	}
	d.Sealer = ring
	token, _, _, err := d.Grant(desk.Caller{Name: "client:shop", Secret: []byte("one")}, "phonepe", time.Hour)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(token))
	f.Add([]byte(token[:40]))
	f.Add([]byte("AQ"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, token []byte) {
		_, err := d.Bearer(t.Context(), "phonepe", token)
		refused(t, "a stranger", err, ledger.Denied, desk.WhyUnknownKey)
	})
}

// nobody is a store without credentials.
type nobody struct{ desk.Store }

func (nobody) Credential(context.Context, string, string) (*desk.Credential, error) { return nil, nil }
