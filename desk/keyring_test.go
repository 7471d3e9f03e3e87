package desk_test

import (
	"bytes"
	"errors"
	"testing"

	"wapas/desk"
)

func masterKey(b byte) []byte { return bytes.Repeat([]byte{b}, desk.MasterKeySize) }

func newKeyring(t testing.TB, master ...[]byte) *desk.Keyring {
	t.Helper()
	r, err := desk.NewKeyring(master...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestKeyring(t *testing.T) {
	old, now := newKeyring(t, masterKey(1)), newKeyring(t, masterKey(2), masterKey(1))
	for _, secret := range []string{"", "x", "wapasDemoSecret000000001"} {
		for _, ring := range []*desk.Keyring{old, now} {
			sealed, err := ring.Seal([]byte(secret))
			if err != nil {
				t.Fatal(err)
			}
			if secret != "x" && secret != "" && bytes.Contains(sealed, []byte(secret)) {
				t.Errorf("Seal(%q) shows the secret", secret)
			}
			got, err := now.Open(sealed) // both keys are in the new ring
			if err != nil || string(got) != secret {
				t.Errorf("Open(Seal(%q)) = %q, %v", secret, got, err)
			}
		}
	}
}

func TestKeyringRefuses(t *testing.T) {
	ring := newKeyring(t, masterKey(1))
	sealed, err := ring.Seal([]byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := newKeyring(t, masterKey(2)).Open(sealed); !errors.Is(err, desk.ErrWrongKey) {
		t.Errorf("Open with another key: got %v, want ErrWrongKey", err)
	}
	for i := range sealed { // each bit of it counts
		bad := bytes.Clone(sealed)
		bad[i] ^= 1
		if got, err := ring.Open(bad); err == nil {
			t.Errorf("byte %d changed: opened as %q", i, got)
		}
		if got, err := ring.Open(sealed[:i]); err == nil {
			t.Errorf("cut to %d bytes: opened as %q", i, got)
		}
	}
	for _, master := range [][][]byte{nil, {masterKey(1)[:31]}, {masterKey(1), nil}} {
		if _, err := desk.NewKeyring(master...); err == nil {
			t.Errorf("NewKeyring(%d keys) accepted keys of a wrong size", len(master))
		}
	}
}
