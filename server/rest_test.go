package server_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wapas/desk"
	"wapas/dialecttest"
	"wapas/server"
)

// Whoever steals the database's files reads no secret in them: neither of a
// credential of any room nor of a webhook, no token, password or session.
func TestSecretsAtRest(t *testing.T) {
	address := dialecttest.NewSQLite(t)
	h := dialecttest.OpenOn(t, address)
	front := server.New(h.Desk, server.Config{})
	a := newTenant(t, h, front, "A", h.Book, desk.Test)
	live(t, h, front, a)
	const password = "a long enough password"
	if _, err := h.Desk.AddPerson(t.Context(), desk.PersonRequest{Merchant: h.Merchant, Email: "asha@example.in", Role: desk.Admin, Password: password}); err != nil {
		t.Fatal(err)
	}
	w := plainly(front, "POST", "/console/login", url.Values{"email": {"asha@example.in"}, "password": {password}}.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	var session string
	for _, c := range w.Result().Cookies() {
		session += c.Value
	}
	if len(session) < 40 {
		t.Fatalf("no session: %d %s", w.Code, w.Body)
	}
	files, err := filepath.Glob(strings.TrimPrefix(address, "sqlite:") + "*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	var all []byte
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b...)
	}
	if !bytes.Contains(all, []byte(a.key())) {
		t.Fatal("the name of a key is not in the files: are these the database's?")
	}
	for _, secret := range []string{"rzp secret A", "engage secret A", "engage token A", "salt A", "phonepe secret A", "access key A", "native token A", a.bearer, session, password, "zqa secret"} {
		for form, text := range map[string]string{"as it is": secret, "in hex": hex.EncodeToString([]byte(secret)), "in base64": strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(secret)), "=")} {
			if bytes.Contains(all, []byte(text)) {
				t.Errorf("%q stands in the database %s", secret, form)
			}
		}
	}
}
