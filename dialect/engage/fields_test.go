package engage

import (
	"strings"
	"testing"

	"wapas/desk"
	"wapas/dialect"
	"wapas/ledger"
)

// Comments are left out where they stand outside of strings, and nowhere else.
func TestUncomment(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{`{"a":1}`, `{"a":1}`},
		{"{\"a\":1// one\n}", "{\"a\":1\n}"},
		{"{\"a\":1// one\r\n}", "{\"a\":1\n}"},
		{`{"a":"http://b"}`, `{"a":"http://b"}`},
		{`{"a":"\"// b"}`, `{"a":"\"// b"}`},
		{`{"a":"\\"}// b`, `{"a":"\\"}`},
		{`// {"a":1}`, ``},
		{`{"a":1}/`, `{"a":1}/`},
		{`{"a":"\`, `{"a":"\`},
		{"//\n//\n{}", "\n\n{}"},
	} {
		if got := string(uncomment([]byte(tt.in))); got != tt.want {
			t.Errorf("uncomment(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

// FuzzCredit looks for a body that is read as what it must not be: a credit
// that breaks a rule of the manual's table, or a refusal without a field.
func FuzzCredit(f *testing.F) {
	good := `{"email":"a@example.com","contact":"9663957855","partner_user_id":"c","amount":10000,"action":"load","currency":"INR","reference_id":"r",// key
"purpose":"refund","notes":{"order_id":"o"}}`
	f.Add([]byte(good))
	for _, edit := range []string{"9663957855", "10000", `"load"`, `{"order_id":"o"}`, "//"} {
		for _, to := range []string{"", "null", "[]", "1e2", `"\u0000"`, "-1", "99999999999999999999", `{"":{}}`} {
			f.Add([]byte(strings.Replace(good, edit, to, 1)))
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		o, err := decodeJSON(body, "")
		if err != nil {
			return
		}
		q, err := readCredit(o)
		if err != nil {
			e, ok := err.(*ledger.Error)
			if !ok || e.Code != ledger.Invalid || e.Field == "" {
				t.Fatalf("%q is refused by %v", body, err)
			}
			status, said := words(err)
			if status != 400 || said.Field == nil || strings.Contains(said.Description+said.Reason, "{detail}") {
				t.Fatalf("%q hears %d %+v", body, status, said)
			}
			return
		}
		if !desk.IsContact(q.Contact) || q.Partner == "" || q.Amount < 100 || q.Amount > ledger.MaxAmount || q.Reference == "" || q.Purpose != "refund" {
			t.Fatalf("%q is taken for %+v", body, q)
		}
		if o.Vals["action"] != dialect.Text("load") || o.Vals["currency"] != dialect.Text("INR") {
			t.Fatalf("%q is taken", body)
		}
		if q.Notes != "" {
			if _, err := dialect.ParseJSON([]byte(q.Notes)); err != nil {
				t.Fatalf("notes %q: %v", q.Notes, err)
			}
		}
	})
}

// FuzzToken looks for a body of /token that makes the room give up.
func FuzzToken(f *testing.F) {
	f.Add([]byte("grant_type=client_credentials&client_id=a&client_secret=b"), true)
	f.Add([]byte(`{"grant_type":"client_credentials","client_id":"a","client_secret":"b","mode":"test"}`), false)
	f.Fuzz(func(t *testing.T, body []byte, form bool) {
		kind := "application/json"
		if form {
			kind = "application/x-www-form-urlencoded; charset=utf-8"
		}
		o, err := decodeEither(body, kind)
		if err != nil {
			return
		}
		in := &fields{obj: o}
		in.only("grant_type", "client_credentials", whyGrant)
		in.text("client_id", maxBody, whyClient)
		in.optional("mode", maxBody, whyMode)
	})
}
