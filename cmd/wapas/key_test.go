package main

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"wapas/desk"
)

type madeMerchant struct {
	ID   string
	Name string
	Keys []issued
}

// of is the merchant's credential of a room in a mode.
func (m madeMerchant) of(room, kind string, mode desk.Mode) issued {
	for _, k := range m.Keys {
		if k.Room == room && k.Kind == kind && k.Mode == string(mode) {
			return k
		}
	}
	return issued{}
}

type listedKey struct{ Merchant, Mode, Room, Name, Scopes, State string }

func (s *shell) states() map[string]string {
	s.t.Helper()
	var keys []listedKey
	s.json(&keys, "key", "list")
	states := map[string]string{}
	for _, k := range keys {
		states[k.Name] = k.State
	}
	return states
}

func TestMerchantsAndKeys(t *testing.T) {
	s := bareShell(t)
	var m madeMerchant
	s.json(&m, "merchant", "create", "Chai Point")
	if len(m.ID) != 14 || len(m.Keys) != 14 {
		t.Fatalf("merchant create: got %+v", m)
	}
	for _, x := range []struct {
		room, kind string
		mode       desk.Mode
		name       string
		secret     int
	}{
		{"razorpay", "key", desk.Test, `^rzp_test_[0-9A-Za-z]{14}$`, 24},
		{"razorpay", "key", desk.Live, `^rzp_live_[0-9A-Za-z]{14}$`, 24},
		{"engage", "token", desk.Test, `^\(bearer token\)$`, 40},
		{"engage", "client", desk.Live, `^[0-9A-Za-z]{14}$`, 24},
		{"phonepe", "salt", desk.Test, `^UAT[0-9A-Z]{14}#1$`, 36},
		{"phonepe", "salt", desk.Live, `^M[0-9A-Z]{14}#1$`, 36},
		{"phonepe", "client", desk.Live, `^client:M[0-9A-Z]{14}_[0-9A-Z]{4}$`, 36},
		{"eko", "key", desk.Test, `^[0-9A-Za-z]{32}$`, 40},
		{"native", "token", desk.Live, `^\(bearer token\)$`, 51},
	} {
		if k := m.of(x.room, x.kind, x.mode); !regexp.MustCompile(x.name).MatchString(k.Name) || len(k.Secret) != x.secret {
			t.Errorf("the %s %s for %s: %+v", x.room, x.kind, x.mode, k)
		}
	}
	s.fails(exitFailed, []string{"1 to 80 characters"}, "merchant", "create", "")

	var list []struct {
		ID, Name string
		Books    []struct{ Mode string }
	}
	s.json(&list, "merchant", "list")
	if len(list) != 1 || list[0].ID != m.ID || len(list[0].Books) != 2 {
		t.Errorf("merchant list: got %+v", list)
	}

	var token issued
	s.json(&token, "key", "issue", m.ID, "--mode", "live", "--kind", "token", "--scopes", "read_only")
	if len(token.Secret) != 40 || token.Mode != "live" || token.Scopes != "read_only" {
		t.Errorf("key issue --kind token: got %+v", token)
	}
	s.fails(exitUsage, []string{`native has no "refund:raed"`, "refund:read, refund:write"}, "key", "issue", m.ID, "--room", "native", "--scopes", "refund:raed")
	s.fails(exitUsage, []string{`razorpay has no "refund:read"`, "read_only"}, "key", "issue", m.ID, "--scopes", "refund:read")
	s.fails(exitUsage, []string{"cannot be limited"}, "key", "issue", m.ID, "--room", "engage", "--scopes", "read_only")
	s.fails(exitUsage, []string{"there is no room", "razorpay, engage, phonepe, eko, native"}, "key", "issue", m.ID, "--room", "paytm")
	s.fails(exitUsage, []string{"eko has no", "it has: key"}, "key", "issue", m.ID, "--room", "eko", "--kind", "salt")
	var second issued
	salt := m.of("phonepe", "salt", desk.Test)
	s.json(&second, "key", "rotate", salt.Name, "--room", "phonepe")
	if want := strings.TrimSuffix(salt.Name, "1") + "2"; second.Name != want || second.Secret == salt.Secret {
		t.Errorf("the salt after %s: %+v, want %s", salt.Name, second, want)
	}
	s.fails(exitFailed, []string{"no merchant nobody", "merchant list"}, "key", "issue", "nobody")

	old := m.Keys[0].Name
	var fresh issued
	s.json(&fresh, "key", "rotate", old, "--grace", "1h")
	if states := s.states(); len(states) != 17 || states[old] != "ending" || states[fresh.Name] != "good" {
		t.Errorf("after rotate: got %v", states)
	}
	s.ok("key", "revoke", old)
	if states := s.states(); states[old] != "revoked" {
		t.Errorf("after revoke: got %v", states)
	}
	s.fails(exitFailed, []string{"was revoked already"}, "key", "revoke", old)
	s.fails(exitFailed, []string{"was revoked already"}, "key", "rotate", old)
	s.fails(exitFailed, []string{"no razorpay key rzp_test_none"}, "key", "revoke", "rzp_test_none")
	s.fails(exitFailed, []string{"no razorpay key rzp_test_none"}, "key", "rotate", "rzp_test_none")

	// What was shown once is shown nowhere else, nor kept in the clear.
	printed := s.ok("key", "list") + s.ok("merchant", "list")
	var kept []byte
	files, _ := filepath.Glob(filepath.Join(s.dir, "*"))
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		kept = append(kept, b...)
	}
	for _, secret := range []string{m.Keys[0].Secret, m.Keys[1].Secret, second.Secret, fresh.Secret, token.Secret} {
		if strings.Contains(printed, secret) || strings.Contains(string(kept), secret) {
			t.Errorf("the secret %s is shown or kept in the clear", secret)
		}
	}
}

func TestMasterKey(t *testing.T) {
	s := bareShell(t)
	s.ok("merchant", "create", "Chai Point")
	path := filepath.Join(s.dir, "wapas.key")
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the key file: %v, %v; want it, with mode 0600", info, err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	old := strings.TrimSpace(string(text))
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	create := []string{"merchant", "create", "Second"}
	s.fails(exitFailed, []string{path + ", is missing", "WAPAS_KEY_FILE"}, create...)
	if _, err := os.Stat(path); err == nil {
		t.Error("a new key was made for a database with secrets")
	}

	key := make([]byte, 32)
	rand.Read(key)
	env := s.env
	for _, x := range []struct {
		set   string
		code  int
		words []string
	}{
		{"WAPAS_KEY=short", exitUsage, []string{"WAPAS_KEY", "32 bytes"}},
		{"WAPAS_KEY=,", exitUsage, []string{"no master key"}},
		{"WAPAS_KEY_FILE=" + path, exitFailed, []string{"read the master key", path}},
		{"WAPAS_KEY=" + hex.EncodeToString(key), exitFailed, []string{"does not fit this database"}},
	} {
		s.env = append(env[:1:1], x.set)
		s.fails(x.code, x.words, create...)
	}
	// A new key seals, the old one still opens.
	s.env = append(env[:1:1], "WAPAS_KEY="+base64.StdEncoding.EncodeToString(key)+","+old)
	s.ok(create...)
	s.env = append(env[:1:1], "WAPAS_KEY_FILE="+path+".away")
	s.fails(exitFailed, []string{"does not fit this database"}, create...)

	// Verbs that open no secret need no key.
	s.env = env
	s.ok("verify")
	s.ok("key", "list")
}

func TestClockVerbs(t *testing.T) {
	s := newShell(t)
	bareShell(t).fails(exitFailed, []string{"no database", "merchant create"}, "clock", "show")
	s.ok("migrate")
	s.fails(exitFailed, []string{"no merchant yet", "merchant create"}, "clock", "show")
	var m madeMerchant
	s.json(&m, "merchant", "create", "Chai Point")
	var face struct {
		Now    string
		Frozen bool
		Ahead  float64 `json:"ahead_seconds"`
	}
	s.json(&face, "clock", "show")
	if face.Frozen || face.Ahead != 0 {
		t.Errorf("at first: got %+v", face)
	}
	s.json(&face, "clock", "move", "72h")
	if face.Frozen || face.Ahead < 259_199 || face.Ahead > 259_201 {
		t.Errorf("after move: got %+v", face)
	}
	s.json(&face, "clock", "freeze", "2027-03-31T23:59:59+05:30")
	if !face.Frozen || face.Now != "2027-03-31T18:29:59Z" {
		t.Errorf("after freeze: got %+v", face)
	}
	s.json(&face, "clock", "set", "2027-04-01T00:00:00+05:30")
	if !face.Frozen || face.Now != "2027-03-31T18:30:00Z" {
		t.Errorf("after set: got %+v", face)
	}
	s.json(&face, "clock", "resume")
	if face.Frozen || !strings.HasPrefix(face.Now, "2027-03-31T18:30:0") {
		t.Errorf("after resume: got %+v", face)
	}
	s.json(&face, "clock", "resume", "--real")
	if face.Frozen || face.Ahead != 0 {
		t.Errorf("after resume --real: got %+v", face)
	}
	if got := s.ok("clock", "show"); !strings.Contains(got, "IST (running, the real time)") {
		t.Errorf("clock show: got %q", got)
	}
	s.ok("merchant", "create", "Second")
	s.fails(exitUsage, []string{"2 merchants", "--merchant"}, "clock", "show")
	s.ok("clock", "show", "--merchant", m.ID)
}
