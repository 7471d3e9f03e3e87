package desk_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"wapas/desk"
	"wapas/dialecttest"
	"wapas/ledger"
	"wapas/sqlstore"
)

// A watch is a wall clock that a test moves.
type watch struct{ at time.Time }

func (w *watch) now() time.Time         { return w.at }
func (w *watch) wait(d time.Duration)   { w.at = w.at.Add(d) }
func (w *watch) ledgerNow() ledger.Time { return ledger.At(w.at) }

// keyDesk is a desk on a store of its own with one merchant.
func keyDesk(t *testing.T) (d *desk.Desk, test, live desk.Book, w *watch) {
	t.Helper()
	w = &watch{time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	d = deskOn(t, filepath.Join(t.TempDir(), "wapas.db"), w)
	_, test, live, err := d.CreateMerchant(t.Context(), desk.MerchantRequest{Name: "Chai Point"})
	if err != nil {
		t.Fatal(err)
	}
	return d, test, live, w
}

// deskOn is a desk like that of another server on the same database.
func deskOn(t *testing.T, path string, w *watch) *desk.Desk {
	t.Helper()
	dialecttest.Furnish(t, "sqlite:"+path)
	store, err := sqlstore.Open(t.Context(), "sqlite:"+path, sqlstore.Options{Now: w.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	if err := store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return &desk.Desk{Store: store, Now: w.now, Log: slog.New(slog.DiscardHandler), Sealer: newKeyring(t, masterKey(7))}
}

func issueKey(t *testing.T, d *desk.Desk, q desk.IssueRequest) desk.Credential {
	t.Helper()
	c, err := d.Issue(t.Context(), q)
	if err != nil {
		t.Fatalf("Issue(%+v): %v", q, err)
	}
	return c
}

// refused fails the test unless err is a refusal with this code and rule.
func refused(t *testing.T, what string, err error, code ledger.Code, why ledger.Why) {
	t.Helper()
	e, ok := err.(*ledger.Error)
	if !ok || e.Code != code || e.Why != why {
		t.Errorf("%s: got %v, want %s (%s)", what, err, code, why)
	}
}

func TestAuthenticate(t *testing.T) {
	d, test, live, _ := keyDesk(t)
	issueKey(t, d, desk.IssueRequest{Room: "razorpay", Book: test.ID, Name: "rzp_test_a", Secret: []byte("one")})
	issueKey(t, d, desk.IssueRequest{Room: "razorpay", Book: live.ID, Name: "rzp_live_a", Secret: []byte("two"), Scopes: "refund:read payout:create"})
	issueKey(t, d, desk.IssueRequest{Room: "engage", Book: test.ID, Secret: []byte("token")})

	for range 2 { // the second time from memory
		c, err := d.Authenticate(t.Context(), "razorpay", "rzp_test_a", []byte("one"))
		if err != nil || c.Book != test.ID || c.Mode != desk.Test || c.Merchant != test.Merchant || string(c.Secret) != "one" || !c.May("anything") {
			t.Errorf("test key: got %+v, %v", c, err)
		}
		c, err = d.Authenticate(t.Context(), "razorpay", "rzp_live_a", []byte("two"))
		if err != nil || c.Book != live.ID || c.Mode != desk.Live || !c.May("refund:read") || c.May("refund") {
			t.Errorf("live key: got %+v, %v", c, err)
		}
		c, err = d.Authenticate(t.Context(), "engage", desk.BearerName([]byte("token")), []byte("token"))
		if err != nil || c.Book != test.ID {
			t.Errorf("bearer token: got %+v, %v", c, err)
		}
		c, err = d.Identify(t.Context(), "razorpay", "rzp_test_a")
		if err != nil || c.Book != test.ID {
			t.Errorf("Identify: got %+v, %v", c, err)
		}
	}

	for _, x := range []struct {
		what, room, name, secret string
		why                      ledger.Why
	}{
		{"unknown name", "razorpay", "rzp_test_b", "one", desk.WhyUnknownKey},
		{"empty name", "razorpay", "", "", desk.WhyUnknownKey},
		{"another room's", "engage", "rzp_test_a", "one", desk.WhyUnknownKey},
		{"wrong secret", "razorpay", "rzp_test_a", "two", desk.WhyWrongSecret},
		{"longer secret", "razorpay", "rzp_test_a", "one1", desk.WhyWrongSecret},
		{"no secret", "razorpay", "rzp_test_a", "", desk.WhyWrongSecret},
		{"another token", "engage", desk.BearerName([]byte("token")), "tokem", desk.WhyWrongSecret},
		{"a token's name without it", "engage", desk.BearerName([]byte("token")), "", desk.WhyWrongSecret},
	} {
		_, err := d.Authenticate(t.Context(), x.room, x.name, []byte(x.secret))
		refused(t, x.what, err, ledger.Denied, x.why)
	}
}

func TestIssueRefuses(t *testing.T) {
	d, test, live, _ := keyDesk(t)
	issueKey(t, d, desk.IssueRequest{Room: "razorpay", Book: test.ID, Name: "rzp_test_a", Secret: []byte("one")})
	_, err := d.Issue(t.Context(), desk.IssueRequest{Room: "razorpay", Book: live.ID, Name: "rzp_test_a", Secret: nil})
	refused(t, "no secret, taken name", err, ledger.Invalid, desk.WhyNoSecret)
	_, err = d.Issue(t.Context(), desk.IssueRequest{Room: "razorpay", Book: live.ID, Name: "rzp_test_a", Secret: []byte("x")})
	refused(t, "taken name", err, ledger.Duplicate, desk.WhyNameTaken)
	if _, err = d.Issue(t.Context(), desk.IssueRequest{Room: "razorpay", Book: 999, Name: "rzp_test_c", Secret: []byte("x")}); err == nil {
		t.Error("a credential for a book that is not there was issued")
	}
	if c, err := d.Authenticate(t.Context(), "razorpay", "rzp_test_a", []byte("one")); err != nil || c.Book != test.ID {
		t.Errorf("after the refusals: got %+v, %v", c, err)
	}
}

// Revoking counts at once here, and within five seconds on another server.
func TestRevoke(t *testing.T) {
	w := &watch{time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	path := filepath.Join(t.TempDir(), "wapas.db")
	d, other := deskOn(t, path, w), deskOn(t, path, w)
	_, test, _, err := d.CreateMerchant(t.Context(), desk.MerchantRequest{Name: "Chai Point"})
	if err != nil {
		t.Fatal(err)
	}
	issueKey(t, d, desk.IssueRequest{Room: "razorpay", Book: test.ID, Name: "k", Secret: []byte("s")})
	try := func(d *desk.Desk) error {
		_, err := d.Authenticate(t.Context(), "razorpay", "k", []byte("s"))
		return err
	}
	if try(d) != nil || try(other) != nil {
		t.Fatal("a good key was refused")
	}
	if _, err := d.Revoke(t.Context(), "razorpay", "k"); err != nil {
		t.Fatal(err)
	}
	refused(t, "here", try(d), ledger.Denied, desk.WhyRevoked)
	if err := try(other); err != nil {
		t.Errorf("elsewhere, in the same moment: %v", err)
	}
	w.wait(5 * time.Second)
	refused(t, "elsewhere, five seconds later", try(other), ledger.Denied, desk.WhyRevoked)

	_, err = d.Revoke(t.Context(), "razorpay", "k")
	refused(t, "again", err, ledger.WrongState, desk.WhyRevoked)
	_, err = d.Revoke(t.Context(), "razorpay", "nobody")
	refused(t, "unknown", err, ledger.NotFound, desk.WhyUnknownKey)
}

func TestRotate(t *testing.T) {
	d, test, _, w := keyDesk(t)
	issueKey(t, d, desk.IssueRequest{Room: "razorpay", Book: test.ID, Name: "old", Secret: []byte("1"), Scopes: "refund:read"})
	try := func(name, secret string) error {
		c, err := d.Authenticate(t.Context(), "razorpay", name, []byte(secret))
		if err == nil && (c.Book != test.ID || c.Scopes != "refund:read") {
			t.Errorf("%s: got %+v", name, c)
		}
		return err
	}
	c, err := d.Rotate(t.Context(), "razorpay", "old", time.Hour, desk.IssueRequest{Name: "new", Secret: []byte("2")})
	if err != nil || c.Name != "new" {
		t.Fatalf("Rotate: got %+v, %v", c, err)
	}
	if try("old", "1") != nil || try("new", "2") != nil {
		t.Error("during the grace both must be good")
	}
	w.wait(time.Hour)
	refused(t, "after the grace", try("old", "1"), ledger.Denied, desk.WhyRevoked)
	if err := try("new", "2"); err != nil {
		t.Errorf("the new one, after the grace: %v", err)
	}
	_, err = d.Rotate(t.Context(), "razorpay", "old", 0, desk.IssueRequest{Name: "newer", Secret: []byte("3")})
	refused(t, "rotating a revoked one", err, ledger.WrongState, desk.WhyRevoked)
	_, err = d.Rotate(t.Context(), "razorpay", "new", 0, desk.IssueRequest{Name: "old", Secret: []byte("3")})
	refused(t, "a name that was used before", err, ledger.Duplicate, desk.WhyNameTaken)
	if err := try("new", "2"); err != nil {
		t.Errorf("a refused rotation ended the key: %v", err)
	}
}

// A sealed secret that somebody with the database copies to another row opens
// nothing there.
func TestSealedSecretIsBound(t *testing.T) {
	d, test, live, _ := keyDesk(t)
	mine := issueKey(t, d, desk.IssueRequest{Room: "razorpay", Book: test.ID, Name: "mine", Secret: []byte("known")})
	theirs := issueKey(t, d, desk.IssueRequest{Room: "razorpay", Book: live.ID, Name: "theirs", Secret: []byte("secret")})
	theirs.Secret = mine.Secret
	if err := d.Store.PutCredential(context.Background(), theirs); err != nil {
		t.Fatal(err)
	}
	if c, err := d.Authenticate(t.Context(), "razorpay", "theirs", []byte("known")); err == nil {
		t.Errorf("the copied secret opened %+v", c)
	}
}

func TestCreateMerchant(t *testing.T) {
	d, test, live, w := keyDesk(t)
	if test.Mode != desk.Test || live.Mode != desk.Live || test.Merchant != live.Merchant || test.ID == live.ID {
		t.Errorf("books: got %+v and %+v", test, live)
	}
	_, second, _, err := d.CreateMerchant(t.Context(), desk.MerchantRequest{Name: "Second", TestClock: desk.Clock{Frozen: w.ledgerNow()}})
	if err != nil || second.ID == test.ID || second.ID == live.ID {
		t.Errorf("second merchant: got %+v, %v", second, err)
	}
	got, err := d.Store.Book(t.Context(), second.ID)
	if err != nil || got.Clock.Frozen != w.ledgerNow() {
		t.Errorf("its clock: got %+v, %v", got.Clock, err)
	}
	for _, name := range []string{"", string(make([]rune, 81))} {
		_, _, _, err := d.CreateMerchant(t.Context(), desk.MerchantRequest{Name: name})
		refused(t, "a name of no good length", err, ledger.Invalid, desk.WhyMerchantName)
	}
	if all, err := d.Store.Merchants(t.Context()); err != nil || len(all) != 2 {
		t.Errorf("merchants: got %d, %v; want 2", len(all), err)
	}
}

func TestLetters(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		s := desk.Letters(14)
		if len(s) != 14 || seen[s] {
			t.Fatalf("Letters(14) = %q", s)
		}
		seen[s] = true
	}
}
