package server

import (
	"encoding/base64"
	"strings"

	"wapas/desk"
	"wapas/dialect"
	"wapas/dialect/eko"
	"wapas/dialect/engage"
	"wapas/dialect/native"
	"wapas/dialect/phonepe"
	"wapas/dialect/razorpay"
)

// Keys are all sorts of credentials there are. The first of a room is what it
// is given unless another is asked for.
func Keys() []dialect.KeyKind {
	bearing, reader := named("bearer:"), []string{"read_only"}
	return []dialect.KeyKind{
		{Room: razorpay.Room, Kind: "key", Of: named("rzp_"), Mint: anew(razorpay.NewKey), Scopes: reader, Parts: parts("Key id", "Key secret"), Try: tryRazorpay},
		{Room: razorpay.Room, Kind: "token", Of: bearing, Mint: token(func(desk.Mode) string { return desk.Letters(40) }), Scopes: reader, Parts: parts("", "Access token"), Try: bearer("'BASE/v1/payments?count=3'")},
		{Room: engage.Room, Kind: "token", Of: bearing, Mint: token(engage.NewToken), Parts: parts("", "Bearer token"), Try: bearer("BASE/issuinghq/test/v3/engage/transactions/credit" + asJSON +
			` -d '{"contact": "9663957855", "partner_user_id": "9663957855", "amount": 2500, "action": "load", "currency": "INR", "reference_id": "try_1", "purpose": "refund"}'`)},
		{Room: engage.Room, Kind: "client", Of: func(name string) bool { return !bearing(name) }, Mint: anew(engage.NewClient), Parts: parts("Client id", "Client secret"), Try: tryEngageClient},
		{Room: phonepe.Room, Kind: "salt", Of: func(name string) bool { return strings.Contains(name, "#") }, Mint: phonepe.NewSalt, Scopes: reader, Parts: saltParts, Try: trySalt},
		{Room: phonepe.Room, Kind: "client", Of: named("client:"), Mint: anew(phonepe.NewClient), Scopes: reader, Parts: clientParts, Try: tryClient},
		{Room: eko.Room, Kind: "key", Of: func(string) bool { return true }, Mint: anew(eko.NewKey), Scopes: reader, Parts: parts("Developer key", "Access key"), Base: "/ekoapi", Try: tryEko},
		{Room: native.Room, Kind: "token", Of: bearing, Mint: token(native.NewToken), Scopes: native.Scopes(), Parts: parts("", "Bearer token"), Base: "/api/v1", Try: bearer("'BASE/api/v1/refunds?limit=3'")},
	}
}

func named(prefix string) func(string) bool {
	return func(name string) bool { return strings.HasPrefix(name, prefix) }
}

// anew mints without looking at what it replaces.
func anew(mint func(desk.Mode) (string, string)) func(desk.Mode, string) (string, string) {
	return func(mode desk.Mode, _ string) (string, string) { return mint(mode) }
}

func token(mint func(desk.Mode) string) func(desk.Mode, string) (string, string) {
	return func(mode desk.Mode, _ string) (string, string) { return "", mint(mode) }
}

func parts(name, secret string) func(string, string) []dialect.KeyPart {
	return func(n, s string) []dialect.KeyPart {
		if name == "" {
			return []dialect.KeyPart{{Name: secret, Value: s}}
		}
		return []dialect.KeyPart{{Name: name, Value: n}, {Name: secret, Value: s}}
	}
}

func saltParts(name, secret string) []dialect.KeyPart {
	merchant, index, _ := strings.Cut(name, "#")
	return []dialect.KeyPart{{Name: "Merchant id", Value: merchant}, {Name: "Salt key", Value: secret}, {Name: "Salt index", Value: index}}
}

func clientParts(name, secret string) []dialect.KeyPart {
	return []dialect.KeyPart{{Name: "Client id", Value: strings.TrimPrefix(name, "client:")}, {Name: "Client secret", Value: secret}, {Name: "Client version", Value: "1"}}
}

// asJSON says that JSON follows.
const asJSON = " -H 'Content-Type: application/json'"

// bearer shows a token. BASE in what is asked is the server's address.
func bearer(ask string) func(dialect.Trial) string {
	return func(t dialect.Trial) string {
		return `curl -s -H "Authorization: Bearer ` + t.Secret + `" ` + strings.ReplaceAll(ask, "BASE", t.Base)
	}
}

func tryRazorpay(t dialect.Trial) string {
	return "curl -s -u " + t.Name + ":" + t.Secret + " '" + t.Base + "/v1/payments?count=3'"
}

func tryEngageClient(t dialect.Trial) string {
	return "curl -s " + t.Base + "/token -d grant_type=client_credentials -d mode=test -d client_id=" + t.Name + " -d client_secret=" + t.Secret
}

// trySalt makes a payment: the payload goes as base64, and is signed with the
// path and the salt.
func trySalt(t dialect.Trial) string {
	const path = "/pg/v1/pay"
	merchant, index, _ := strings.Cut(t.Name, "#")
	payload := `{"merchantId":"` + merchant + `","merchantTransactionId":"TRY%s","merchantUserId":"ME","amount":49900,"redirectUrl":"` + t.Base +
		`/","redirectMode":"REDIRECT","paymentInstrument":{"type":"PAY_PAGE"}}`
	return "P=$(printf '" + payload + "' $(date +%s)_$$ | openssl base64 -A); curl -s " + t.Base + path + asJSON +
		` -H "X-VERIFY: $(printf %s "$P` + path + t.Secret + `" | openssl dgst -sha256 -r | cut -c1-64)###` + index + `" -d "{\"request\":\"$P\"}"`
}

func tryClient(t dialect.Trial) string {
	return "curl -s " + t.Base + "/v1/oauth/token -d grant_type=client_credentials -d client_version=1 -d client_id=" + strings.TrimPrefix(t.Name, "client:") + " -d client_secret=" + t.Secret
}

// tryEko asks for the e-value of an agent. The time is signed with the base64
// of the access key, as text.
func tryEko(t dialect.Trial) string {
	key := base64.StdEncoding.EncodeToString([]byte(t.Secret))
	if strings.HasPrefix(t.Secret, "$") { // a shell's variable
		key = `"$(printf %s "` + t.Secret + `" | openssl base64 -A)"`
	}
	return `T=$(date +%s)000; curl -s -H 'developer_key: ` + t.Name + `' -H "secret-key-timestamp: $T" -H "secret-key: $(printf %s $T | openssl dgst -sha256 -hmac ` + key +
		` -binary | openssl base64 -A)" '` + t.Base + `/ekoapi/v3/user/account/balance?initiator_id=` + t.Agent.Initiator + `&user_code=` + t.Agent.Code + `'`
}
