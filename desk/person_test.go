package desk_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

const goodPassword = "correct horse battery"

func addPerson(t *testing.T, d *desk.Desk, merchant desk.ID, email string, role desk.Role) desk.Person {
	t.Helper()
	p, err := d.AddPerson(t.Context(), desk.PersonRequest{Merchant: merchant, Email: email, Role: role, Password: goodPassword})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestRoles(t *testing.T) {
	rights := []desk.Right{
		desk.RightSee, desk.RightSeePII, desk.RightBooks, desk.RightActs, desk.RightRefund, desk.RightRefundAny, desk.RightFreeze, desk.RightAdjust,
		desk.RightRails, desk.RightAgree, desk.RightExport, desk.RightReplay, desk.RightWebhooks, desk.RightSandbox, desk.RightSettings,
	}
	for role, want := range map[desk.Role]string{
		desk.Viewer:  "x.x............",
		desk.Support: "xx..x.x....x.x.",
		desk.Finance: "xxxxxxxxxxx..x.",
		desk.Admin:   "xxxxxxxxxxxxxxx",
		"somebody":   "...............",
	} {
		p, got := desk.Person{ID: "per_1", Role: role}, ""
		for _, r := range rights {
			if p.May(r) {
				got += "x"
			} else {
				got += "."
			}
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", role, got, want)
		}
		p.DisabledAt = 1
		if p.May(desk.RightSee) {
			t.Errorf("a disabled %s may see", role)
		}
	}
	if (desk.Person{Role: desk.Admin}).May(desk.RightSee) || (desk.Person{ID: "per_1", Role: desk.Admin}).May("fly") {
		t.Error("nobody may something, or somebody what nobody may")
	}
	limit := desk.Terms{TwoPeopleAbove: 1000}
	for _, tt := range []struct {
		role  desk.Role
		a     ledger.Amount
		terms desk.Terms
		want  bool
	}{
		{desk.Viewer, 1, desk.Terms{}, false}, {desk.Support, 1000, limit, true}, {desk.Support, 1001, limit, false},
		{desk.Support, 1 << 40, desk.Terms{}, true}, {desk.Finance, 1001, limit, true},
	} {
		if got := (desk.Person{ID: "per_1", Role: tt.role}).MayRefund(tt.a, tt.terms); got != tt.want {
			t.Errorf("%s and %d: %v", tt.role, tt.a, got)
		}
	}
}

func TestAddPerson(t *testing.T) {
	d, test, _, _ := keyDesk(t)
	p := addPerson(t, d, test.Merchant, " Asha.Rao@Example.IN ", desk.Admin)
	if p.Email != "asha.rao@example.in" || p.Name != "asha.rao" || p.Merchant != test.Merchant || !strings.HasPrefix(string(p.ID), "per_") {
		t.Errorf("got %+v", p)
	}
	if text := fmt.Sprintf("%v %+v %#v", p, p, p); strings.Contains(text, "argon2") {
		t.Errorf("the hash is printed: %s", text)
	}
	if !strings.HasPrefix(string(p.Password), "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Error("not the hash it should be")
	}
	for _, tt := range []struct {
		what string
		q    desk.PersonRequest
		code ledger.Code
		why  ledger.Why
	}{
		{"no e-mail, and everything else wrong", desk.PersonRequest{Email: "asha", Name: "\x01", Role: "boss", Password: "x"}, ledger.Invalid, desk.WhyPersonEmail},
		{"an e-mail with a name", desk.PersonRequest{Email: "Asha <a@example.in>"}, ledger.Invalid, desk.WhyPersonEmail},
		{"an e-mail that looks like another", desk.PersonRequest{Email: "аsha@example.in"}, ledger.Invalid, desk.WhyPersonEmail},
		{"no name", desk.PersonRequest{Email: "b@example.in", Name: "\x01", Role: "boss", Password: "x"}, ledger.Invalid, desk.WhyPersonName},
		{"no role", desk.PersonRequest{Email: "b@example.in", Role: "boss", Password: "x"}, ledger.Invalid, desk.WhyPersonRole},
		{"a short password", desk.PersonRequest{Email: "b@example.in", Role: desk.Viewer, Password: "eleven char"}, ledger.Invalid, desk.WhyPassword},
		{"a long password", desk.PersonRequest{Email: "b@example.in", Role: desk.Viewer, Password: strings.Repeat("ab", 200)}, ledger.Invalid, desk.WhyPassword},
		{"one letter", desk.PersonRequest{Email: "b@example.in", Role: desk.Viewer, Password: "ааааааааааааа"}, ledger.Invalid, desk.WhyPassword},
		{"blanks", desk.PersonRequest{Email: "b@example.in", Role: desk.Viewer, Password: "              "}, ledger.Invalid, desk.WhyPassword},
		{"the e-mail", desk.PersonRequest{Email: "bharat@example.in", Role: desk.Viewer, Password: "Bharat@example.in"}, ledger.Invalid, desk.WhyPassword},
		{"no merchant, and the e-mail taken", desk.PersonRequest{Email: p.Email, Role: desk.Viewer, Password: goodPassword, Merchant: "none"}, ledger.NotFound, desk.WhyUnknownMerchant},
		{"the e-mail taken", desk.PersonRequest{Email: "ASHA.rao@example.in", Role: desk.Viewer, Password: goodPassword, Merchant: test.Merchant}, ledger.Duplicate, desk.WhyEmailTaken},
	} {
		_, err := d.AddPerson(t.Context(), tt.q)
		refused(t, tt.what, err, tt.code, tt.why)
	}
	// On this server nobody else has the e-mail, whoever's they are.
	other, _, _, err := d.CreateMerchant(t.Context(), desk.MerchantRequest{Name: "Stranger"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.AddPerson(t.Context(), desk.PersonRequest{Merchant: other.ID, Email: p.Email, Role: desk.Admin, Password: goodPassword})
	refused(t, "another merchant's", err, ledger.Duplicate, desk.WhyEmailTaken)
	addPerson(t, d, other.ID, "x@example.in", desk.Admin)
	all, err := d.People(t.Context(), test.Merchant)
	if err != nil || len(all) != 1 || all[0] != p {
		t.Errorf("People: %v, %v", all, err)
	}
	_, err = d.Person(t.Context(), "per_none")
	refused(t, "an unknown person", err, ledger.NotFound, desk.WhyUnknownPerson)
	_, err = d.PersonNamed(t.Context(), "none@example.in")
	refused(t, "an unknown e-mail", err, ledger.NotFound, desk.WhyUnknownPerson)
}

func TestLastAdmin(t *testing.T) {
	d, test, _, _ := keyDesk(t)
	a := addPerson(t, d, test.Merchant, "a@example.in", desk.Admin)
	viewer, off, on := desk.Viewer, true, false
	_, err := d.EditPerson(t.Context(), a.ID, desk.PersonChange{Role: &viewer})
	refused(t, "the last admin's role", err, ledger.WrongState, desk.WhyLastAdmin)
	_, err = d.EditPerson(t.Context(), a.ID, desk.PersonChange{Disabled: &off})
	refused(t, "disabling the last admin", err, ledger.WrongState, desk.WhyLastAdmin)
	b := addPerson(t, d, test.Merchant, "b@example.in", desk.Admin)
	if _, err := d.EditPerson(t.Context(), b.ID, desk.PersonChange{Disabled: &off}); err != nil {
		t.Fatal(err)
	}
	_, err = d.EditPerson(t.Context(), a.ID, desk.PersonChange{Role: &viewer})
	refused(t, "the last admin who may sign in", err, ledger.WrongState, desk.WhyLastAdmin)
	if _, err := d.EditPerson(t.Context(), b.ID, desk.PersonChange{Disabled: &on}); err != nil {
		t.Fatal(err)
	}
	a, err = d.EditPerson(t.Context(), a.ID, desk.PersonChange{Role: &viewer})
	if err != nil || a.Role != desk.Viewer || a.Name != "a" {
		t.Errorf("got %+v, %v", a, err)
	}
	boss, odd := desk.Role("boss"), " \x02"
	_, err = d.EditPerson(t.Context(), a.ID, desk.PersonChange{Role: &boss, Name: &odd})
	refused(t, "an odd name and role", err, ledger.Invalid, desk.WhyPersonName)
	_, err = d.SetPassword(t.Context(), a.ID, "short")
	refused(t, "a short password", err, ledger.Invalid, desk.WhyPassword)
}

// That an e-mail is taken cannot be hidden from whoever wants it for somebody;
// but nobody goes through a list of them.
func TestEmailsOfOthers(t *testing.T) {
	d, test, _, w := keyDesk(t)
	other, _, _, err := d.CreateMerchant(t.Context(), desk.MerchantRequest{Name: "Another"})
	if err != nil {
		t.Fatal(err)
	}
	asked := func(email string) error {
		_, err := d.AddPerson(t.Context(), desk.PersonRequest{Merchant: test.Merchant, Email: email, Role: desk.Viewer, Password: goodPassword})
		return err
	}
	addPerson(t, d, test.Merchant, "mine@example.in", desk.Viewer)
	addPerson(t, d, other.ID, "theirs@example.in", desk.Viewer)
	for range 30 { // that one's own people are there tells nothing, and counts for nothing
		refused(t, "one's own", asked("mine@example.in"), ledger.Duplicate, desk.WhyEmailTaken)
	}
	for range 20 {
		refused(t, "another's", asked("theirs@example.in"), ledger.Duplicate, desk.WhyEmailTaken)
	}
	for _, email := range []string{"theirs@example.in", "free@example.in", "mine@example.in"} { // taken or not, it sounds the same
		refused(t, "after too many, "+email, asked(email), ledger.Limited, desk.WhyManyTries)
	}
	if _, err := d.AddPerson(t.Context(), desk.PersonRequest{Merchant: other.ID, Email: "free@example.in", Role: desk.Viewer, Password: goodPassword}); err != nil {
		t.Errorf("another merchant: %v", err)
	}
	w.wait(25 * time.Hour)
	if err := asked("free2@example.in"); err != nil {
		t.Errorf("a day later: %v", err)
	}
}

// Whoever is let in hears why not in one way only, and tries are counted on
// disk, before the password is looked at.
func TestSignIn(t *testing.T) {
	w := &watch{time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	path := filepath.Join(t.TempDir(), "wapas.db")
	d := deskOn(t, path, w)
	m, _, _, err := d.CreateMerchant(t.Context(), desk.MerchantRequest{Name: "Chai Point"})
	if err != nil {
		t.Fatal(err)
	}
	p := addPerson(t, d, m.ID, "asha@example.in", desk.Finance)
	ravi := addPerson(t, d, m.ID, "ravi@example.in", desk.Viewer)
	off := true
	if _, err := d.EditPerson(t.Context(), ravi.ID, desk.PersonChange{Disabled: &off}); err != nil {
		t.Fatal(err)
	}
	try := func(d *desk.Desk, email, password, from string) error {
		got, err := d.SignIn(t.Context(), desk.SignInRequest{Email: email, Password: password, From: from})
		if err == nil && got.ID != p.ID {
			t.Errorf("signed in as %s", got.ID)
		}
		return err
	}
	var said []string
	for i, tt := range []struct{ email, password string }{
		{"asha@example.in", "wrong"}, {"nobody@example.in", goodPassword}, {"ravi@example.in", goodPassword},
		{"", ""}, {"asha\x00@example.in", goodPassword}, {"asha@example.in", strings.Repeat("x", 10_000)},
	} {
		err := try(d, tt.email, tt.password, fmt.Sprintf("10.0.0.%d:4711", i))
		refused(t, tt.email, err, ledger.Denied, desk.WhySignIn)
		said = append(said, err.Error())
	}
	for _, text := range said {
		if text != said[0] {
			t.Errorf("%q says more than %q", text, said[0])
		}
	}
	// A right one is not counted, however often, and an e-mail may be written as one likes.
	for range 8 {
		if err := try(d, "Asha@Example.in ", goodPassword, "10.0.1.1"); err != nil {
			t.Fatal(err)
		}
	}
	// Five wrong ones from an address, all at once; then the right one is refused as well, here
	// and on a server that has just been started.
	var wg sync.WaitGroup
	var denied, limited atomic.Int64
	for range 12 {
		wg.Go(func() {
			switch ledger.CodeOf(try(d, p.Email, "wrong password", "10.0.1.2")) {
			case ledger.Denied:
				denied.Add(1)
			case ledger.Limited:
				limited.Add(1)
			}
		})
	}
	wg.Wait()
	if denied.Load() != 5 || limited.Load() != 7 {
		t.Errorf("%d were compared and %d turned away", denied.Load(), limited.Load())
	}
	again := deskOn(t, path, w)
	refused(t, "the sixth", try(again, p.Email, goodPassword, "10.0.1.2"), ledger.Limited, desk.WhyManyTries)
	if err := try(again, p.Email, goodPassword, "10.0.1.3"); err != nil {
		t.Errorf("from another address: %v", err)
	}
	// Of version 6 a /64 is one address; its many e-mails are counted together.
	for i := range 30 {
		refused(t, "a spray", try(d, fmt.Sprintf("p%d@example.in", i), "x", fmt.Sprintf("2001:db8::%x", i)), ledger.Denied, desk.WhySignIn)
	}
	refused(t, "a spray's last", try(d, p.Email, goodPassword, "2001:db8::ffff"), ledger.Limited, desk.WhyManyTries)
	if err := try(d, p.Email, goodPassword, "2001:db8:0:1::1"); err != nil {
		t.Errorf("from the next network: %v", err)
	}
	w.wait(15 * time.Minute)
	if err := try(d, p.Email, goodPassword, "10.0.1.2"); err != nil {
		t.Errorf("a quarter of an hour later: %v", err)
	}
	if err := d.Store.Sweep(t.Context(), w.ledgerNow()); err != nil {
		t.Fatal(err)
	}
}

func TestSessions(t *testing.T) {
	w := &watch{time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	path := filepath.Join(t.TempDir(), "wapas.db")
	d, other := deskOn(t, path, w), deskOn(t, path, w)
	m, _, _, err := d.CreateMerchant(t.Context(), desk.MerchantRequest{Name: "Chai Point"})
	if err != nil {
		t.Fatal(err)
	}
	addPerson(t, d, m.ID, "admin@example.in", desk.Admin)
	p := addPerson(t, d, m.ID, "asha@example.in", desk.Finance)
	start := func() string {
		t.Helper()
		p, err := d.Person(t.Context(), p.ID)
		if err != nil {
			t.Fatal(err)
		}
		token, s, err := d.StartSession(t.Context(), p, "10.0.0.1:99")
		if err != nil || strings.Contains(s.ID, token) || s.From != "10.0.0.1" {
			t.Fatalf("%+v, %v", s, err)
		}
		return token
	}
	good := func(what, token string) desk.Session {
		t.Helper()
		for _, at := range []*desk.Desk{d, other, d} {
			s, who, err := at.SessionOf(t.Context(), token)
			if err != nil || who.ID != p.ID {
				t.Fatalf("%s: %+v, %v", what, who, err)
			}
			if at == d {
				continue
			}
			return s
		}
		return desk.Session{}
	}
	over := func(what, token string) {
		t.Helper()
		_, _, err := d.SessionOf(t.Context(), token)
		refused(t, what+", here", err, ledger.Denied, desk.WhyNotSignedIn)
		w.wait(5 * time.Second)
		_, _, err = other.SessionOf(t.Context(), token)
		refused(t, what+", elsewhere", err, ledger.Denied, desk.WhyNotSignedIn)
	}
	token := start()
	good("a new session", token)
	over("another token", token+"x")
	over("no token", "")
	over("a long token", strings.Repeat("x", 5000))

	// It is written down that it is used, but not every time.
	w.wait(4 * time.Minute)
	if s := good("soon", token); s.SeenAt != s.CreatedAt {
		t.Errorf("seen at %d, made at %d", s.SeenAt, s.CreatedAt)
	}
	w.wait(2 * time.Minute)
	s := good("later", token)
	if s.SeenAt != w.ledgerNow() || s.ExpiresAt != w.ledgerNow().Add(desk.SessionIdle) {
		t.Errorf("seen at %d, lasts to %d", s.SeenAt, s.ExpiresAt)
	}
	if who, err := d.Person(t.Context(), p.ID); err != nil || who.LastSeen != w.ledgerNow() {
		t.Errorf("last seen %d, %v", who.LastSeen, err)
	}
	w.wait(desk.SessionIdle)
	over("idle", token)

	// However much it is used, it ends after a week.
	token = start()
	for range 6*3 + 3 {
		w.wait(8*time.Hour - time.Second)
		good("in use", token)
	}
	w.wait(time.Hour)
	over("after a week", token)

	token = start()
	good("signed in", token)
	if err := d.EndSession(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	over("signed out", token)
	if err := d.EndSession(t.Context(), "no such token"); err != nil {
		t.Errorf("signing out twice: %v", err)
	}

	one, two := start(), start()
	good("one", one)
	good("two", two)
	if _, err := d.SetPassword(t.Context(), p.ID, "another horse battery"); err != nil {
		t.Fatal(err)
	}
	over("one, after another password", one)
	over("two, after another password", two)
	_, err = d.SignIn(t.Context(), desk.SignInRequest{Email: p.Email, Password: goodPassword, From: "10.0.0.1"})
	refused(t, "the old password", err, ledger.Denied, desk.WhySignIn)
	if _, err := d.SignIn(t.Context(), desk.SignInRequest{Email: p.Email, Password: "another horse battery", From: "10.0.0.1"}); err != nil {
		t.Error(err)
	}

	token = start()
	good("signed in again", token)
	yes, no := true, false
	if _, err := d.EditPerson(t.Context(), p.ID, desk.PersonChange{Disabled: &yes}); err != nil {
		t.Fatal(err)
	}
	over("disabled", token)
	if _, err := d.EditPerson(t.Context(), p.ID, desk.PersonChange{Disabled: &no}); err != nil {
		t.Fatal(err)
	}
	over("enabled again", token)

	// A role holds within seconds for who is signed in.
	token = start()
	good("with a role", token)
	admin := desk.Admin
	if _, err := d.EditPerson(t.Context(), p.ID, desk.PersonChange{Role: &admin}); err != nil {
		t.Fatal(err)
	}
	if _, who, err := d.SessionOf(t.Context(), token); err != nil || !who.May(desk.RightSettings) {
		t.Errorf("here at once: %+v, %v", who, err)
	}
	w.wait(5 * time.Second)
	if _, who, err := other.SessionOf(t.Context(), token); err != nil || !who.May(desk.RightSettings) {
		t.Errorf("elsewhere in five seconds: %+v, %v", who, err)
	}
}

// Two changes of a person at once do not undo each other.
func TestPersonAtOnce(t *testing.T) {
	d, test, _, _ := keyDesk(t)
	addPerson(t, d, test.Merchant, "admin@example.in", desk.Admin)
	p := addPerson(t, d, test.Merchant, "asha@example.in", desk.Viewer)
	var wg sync.WaitGroup
	off := true
	for range 4 {
		wg.Go(func() {
			if _, err := d.SetPassword(t.Context(), p.ID, "another horse battery"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Go(func() {
		if _, err := d.EditPerson(t.Context(), p.ID, desk.PersonChange{Disabled: &off}); err != nil {
			t.Error(err)
		}
	})
	wg.Wait()
	if p, err := d.Person(t.Context(), p.ID); err != nil || p.DisabledAt == 0 || p.Epoch != 5 {
		t.Errorf("%+v, %v", p, err)
	}
}

// A store that counts who is counted.
type tryStore struct {
	desk.Store
	names map[string]bool
}

func (s *tryStore) CountTry(ctx context.Context, name string, now, until ledger.Time) (int64, error) {
	s.names[name] = true
	return s.Store.CountTry(ctx, name, now, until)
}

// A flood from one address does not fill the database with e-mails that somebody
// made up.
func TestSignInFlood(t *testing.T) {
	s := newShop(t)
	st := &tryStore{s.Desk.Store, map[string]bool{}}
	s.Desk.Store = st
	for i := range 33 {
		s.Desk.SignIn(s.ctx, desk.SignInRequest{Email: fmt.Sprintf("nobody%d@example.in", i), Password: "x", From: "203.0.113.9"})
	}
	if len(st.names) > 1+2*30 {
		t.Errorf("33 tries of which 30 were let in are counted under %d names", len(st.names))
	}
}

// A hurriedStore has no time left at one of the steps of a sign-in, whose caller
// leaves then.
type hurriedStore struct {
	desk.Store
	at, step int
	leave    func()
}

func (s *hurriedStore) late() error {
	if s.step++; s.step < s.at {
		return nil
	}
	s.leave()
	return context.DeadlineExceeded
}

func (s *hurriedStore) CountTry(ctx context.Context, name string, now, until ledger.Time) (int64, error) {
	if err := s.late(); err != nil {
		return 0, err
	}
	return s.Store.CountTry(ctx, name, now, until)
}

func (s *hurriedStore) PersonNamed(ctx context.Context, email string) (*desk.Person, error) {
	if err := s.late(); err != nil {
		return nil, err
	}
	return s.Store.PersonNamed(ctx, email)
}

// A password that nobody had the time to compare was no try, wherever the time
// ran out, and also if whoever asked has gone.
func TestSignInInAHurry(t *testing.T) {
	s := newShop(t)
	st := s.Desk.Store
	q := desk.SignInRequest{Email: "asha@example.in", Password: "x", From: "203.0.113.9"}
	for at := range 4 { // three counts, then the person
		for range 6 {
			ctx, cancel := context.WithCancel(s.ctx)
			s.Desk.Store = &hurriedStore{Store: st, at: at + 1, leave: cancel}
			if _, err := s.Desk.SignIn(ctx, q); !errors.Is(err, context.DeadlineExceeded) {
				t.Fatalf("step %d: %v", at, err)
			}
		}
	}
	s.Desk.Store = st
	for range 5 {
		_, err := s.Desk.SignIn(s.ctx, q)
		refused(t, "after hurried ones", err, ledger.Denied, desk.WhySignIn)
	}
	_, err := s.Desk.SignIn(s.ctx, q)
	refused(t, "the sixth", err, ledger.Limited, desk.WhyManyTries)
}
