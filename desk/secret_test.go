package desk_test

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"wapas/desk"
)

// Whatever is printed of what holds a secret, by whatever verb and inside
// whatever else, the secret is not.
func TestSecretsDoNotPrint(t *testing.T) {
	const secret = "canary-7f3a-secret"
	d, test, _, _ := keyDesk(t)
	c, err := d.Issue(t.Context(), desk.IssueRequest{Room: "razorpay", Book: test.ID, Name: "rzp_test_printed", Secret: []byte(secret)})
	if err != nil {
		t.Fatal(err)
	}
	caller, err := d.Authenticate(t.Context(), "razorpay", c.Name, []byte(secret))
	if err != nil || string(caller.Secret) != secret {
		t.Fatalf("%d bytes, %v", len(caller.Secret), err)
	}
	p := addPerson(t, d, test.Merchant, "asha@example.in", desk.Admin)
	for _, v := range []any{
		caller, &caller, []desk.Caller{caller}, map[string]any{"caller": caller}, struct{ desk.Caller }{caller}, desk.Secret(secret),
		desk.IssueRequest{Secret: []byte(secret)}, &desk.IssueRequest{Secret: []byte(secret)}, desk.EndpointRequest{Secret: []byte(secret)},
		desk.SignInRequest{Password: secret}, &desk.SignInRequest{Password: secret}, desk.PersonRequest{Password: secret}, []any{desk.PersonRequest{Password: secret}},
		desk.Link{Token: secret}, &desk.Link{Token: secret}, desk.Text{Body: secret}, []desk.Text{{Body: secret}},
		d, struct{ D *desk.Desk }{d}, newKeyring(t, []byte(secret + secret)[:desk.MasterKeySize]), p, c,
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
			text := fmt.Sprintf(verb, v)
			for name, form := range map[string]string{
				"itself": secret, "its hexadecimal": hex.EncodeToString([]byte(secret)), "its bytes": strings.Trim(fmt.Sprint([]byte(secret)), "[]"), "a hash of a password": "argon2",
			} {
				if strings.Contains(strings.ToLower(text), form) || strings.Contains(text, strings.ReplaceAll(form, " ", ", ")) {
					t.Errorf("%s of %T is the secret, %s: %.200s", verb, v, name, text)
				}
			}
		}
	}
	for _, v := range []any{caller, desk.IssueRequest{Secret: []byte(secret)}, desk.EndpointRequest{Secret: []byte(secret)}, c} {
		if text, err := json.Marshal(v); err != nil || !strings.Contains(string(text), "••••••") || strings.Contains(string(text), "Y2FuYXJ5") {
			t.Errorf("as JSON %T is %s, %v", v, text, err)
		}
	}
}
