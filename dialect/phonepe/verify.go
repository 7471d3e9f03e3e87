package phonepe

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"regexp"
	"strings"

	"wapas/desk"
	"wapas/dialect"
	"wapas/ledger"
)

// X-VERIFY is how a caller of the older generations shows that it has the
// merchant's salt: a plain SHA-256, in hex, of what was sent with the salt behind
// it, then ### and the index of the salt.
//
//	with a body      the base64 as it was sent + path + salt
//	without          path + salt
//	generation 0     fields of the body or of the path + salt
//	our callbacks    the base64 + salt
//
// The path is without the host, the vendor's prefix, the query and a slash at
// the end. Hex may be written in either case.

// The rules of a signature.
const (
	whyNoVerify   ledger.Why = "no_verify"   // Denied: no X-VERIFY, or more than one
	whyVerifyForm ledger.Why = "verify_form" // Denied: not 64 hex digits, ### and a number
	whyVerify     ledger.Why = "verify"      // Denied: not what the salt gives
	whyBearer     ledger.Why = "bearer"      // Denied: a token that is not good
	whyMerchant   ledger.Why = "merchant"    // Denied: no merchant of that id, or no salt of that index
)

// xVerify is what the header holds.
var xVerify = regexp.MustCompile(`^([0-9a-fA-F]{64})###([0-9]{1,6})$`)

// merchantForm is what a merchant id looks like.
var merchantForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// Sign is the value of X-VERIFY for a text under a salt and its index.
func Sign(text string, salt []byte, index string) string {
	sum := digest(text, salt)
	return hex.EncodeToString(sum[:]) + "###" + index
}

func digest(text string, salt []byte) [sha256.Size]byte {
	return sha256.Sum256(append([]byte(text), salt...))
}

// KeyName is the name of the credential that is a merchant's salt.
func KeyName(merchant, index string) string { return merchant + "#" + index }

// admit finds out who is calling, as the route's door asks, and reads what was
// signed. What a signed body says is used for nothing but finding the salt
// until the signature is verified.
func (r *room) admit(q *request, d door) error {
	switch d {
	case bearer:
		return r.admitBearer(q)
	case signed:
		return r.admitSigned(q)
	case traced:
		return r.verify(q, q.id("m"), q.path, "")
	case fields:
		return r.admitFields(q)
	}
	return nil
}

// admitSigned reads {"request": base64} and verifies it.
func (r *room) admitSigned(q *request) error {
	outer, err := q.plain()
	if err != nil {
		return err
	}
	coded, ok := outer.obj.Vals["request"].(dialect.Text)
	if !ok || coded == "" {
		return ledger.Refuse(ledger.Invalid, whyMissing, "the payload in base64").In("request")
	}
	payload, err := decodePayload(string(coded))
	if err != nil {
		return err
	}
	q.body = sheet{payload, "", new(error)}
	merchant, err := merchantIn(payload)
	if err != nil {
		return err
	}
	if q.Header.Get("X-Verify") == "" && q.Header.Get("Authorization") != "" {
		return r.admitSwitch(q, merchant)
	}
	return r.verify(q, merchant, string(coded)+q.path, string(coded))
}

// admitSwitch lets in-app integrations in, which send the same envelope with a
// token of the newest generation instead of a signature.
func (r *room) admitSwitch(q *request, merchant string) error {
	if err := r.admitBearer(q); err != nil {
		if ledger.CodeOf(err) == ledger.Denied {
			err = ledger.Refuse(ledger.Denied, whyBearer, "")
		}
		return err
	}
	if _, _, err := saltOf(q.Context(), r.desk, q.caller.Merchant, q.book(), merchant, ""); err != nil {
		if ledger.CodeOf(err) == ledger.NotFound { // not a merchant id of the caller's
			err = ledger.Refuse(ledger.Denied, whyMerchant, "%s", merchant)
		}
		return err
	}
	q.merchant = merchant
	return nil
}

// admitFields verifies a request of generation 0, whose body is plain. Its
// client sends the salt along in the body (header.salt.key): it is not read,
// and the body is never logged.
func (r *room) admitFields(q *request) error {
	if merchant := q.id("m"); merchant != "" {
		return r.verify(q, merchant, merchant+q.id("id"), "")
	}
	var err error
	if q.body, err = q.plain(); err != nil {
		return err
	}
	merchant, err := merchantIn(q.body.obj)
	if err != nil {
		return err
	}
	text := merchant
	for _, name := range []string{"transactionId", "amount"} {
		switch v := q.body.obj.Vals[name].(type) {
		case dialect.Text:
			text += string(v)
		case dialect.Number:
			text += string(v)
		}
	}
	return r.verify(q, merchant, text, "")
}

// merchantIn is the merchant id of a payload.
func merchantIn(payload *dialect.Object) (string, error) {
	id, ok := payload.Vals["merchantId"].(dialect.Text)
	if !ok || !merchantForm.MatchString(string(id)) {
		return "", ledger.Refuse(ledger.Invalid, whyMissing, "").In("merchantId")
	}
	return string(id), nil
}

// decodePayload reads the JSON object in a base64 text, standard or URL-safe,
// padded or not: clients send all four.
func decodePayload(coded string) (*dialect.Object, error) {
	plain := strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(coded, "="))
	data, err := base64.RawStdEncoding.DecodeString(plain)
	if err != nil {
		return nil, ledger.Refuse(ledger.Invalid, whyBody, "not base64").In("request")
	}
	v, err := dialect.ParseJSON(data)
	if err != nil {
		return nil, ledger.Refuse(ledger.Invalid, whyBody, "%s", dialect.Shorten(err.Error(), 80)).In("request")
	}
	obj, ok := v.(*dialect.Object)
	if !ok {
		return nil, ledger.Refuse(ledger.Invalid, whyBody, "no object").In("request")
	}
	return obj, nil
}

// verify holds the X-VERIFY header against the text that it should be of, and
// makes the merchant the caller. Coded is the base64 of the body, for the hint.
//
// It refuses, all as Denied: no header or an odd one; no such merchant or no
// salt of that index; another digest. Then Limited, as desk.Proved does, and
// Invalid if X-MERCHANT-ID names somebody else.
func (r *room) verify(q *request, merchant, text, coded string) error {
	given := q.Header.Values("X-Verify")
	if len(given) != 1 {
		return ledger.Refuse(ledger.Denied, whyNoVerify, "%d headers", len(given))
	}
	m := xVerify.FindStringSubmatch(given[0])
	if m == nil {
		return ledger.Refuse(ledger.Denied, whyVerifyForm, "")
	}
	shown, err := hex.DecodeString(m[1])
	if err != nil { // 64 hex digits always are
		return err
	}
	caller, err := r.salt(q.Context(), merchant, m[2])
	if err != nil {
		return err
	}
	want := digest(text, caller.Secret)
	err = r.desk.Proved(q.Context(), caller, subtle.ConstantTimeCompare(shown, want[:]) == 1)
	switch ledger.CodeOf(err) {
	case "":
	case ledger.Denied:
		if r.desk.Log.Enabled(q.Context(), slog.LevelDebug) {
			r.desk.Log.Debug("X-VERIFY is not what the salt gives", "merchant", merchant, "index", m[2], "path", q.path,
				"hint", hint(shown, mistake{coded, text, q.path, q.URL.Path, q.URL.RawQuery, caller.Secret}))
		}
		return ledger.Refuse(ledger.Denied, whyVerify, "")
	default:
		return err
	}
	q.caller, q.merchant, q.index = caller, merchant, m[2]
	if other := q.Header.Get("X-Merchant-Id"); other != "" && other != merchant && q.Method == http.MethodGet {
		return ledger.Refuse(ledger.Invalid, whyForm, "not the merchant of the path").In("X-MERCHANT-ID")
	}
	return nil
}

// salt is the merchant by its id and the index of the salt it signed with.
func (r *room) salt(ctx context.Context, merchant, index string) (desk.Caller, error) {
	unknown := ledger.Refuse(ledger.Denied, whyMerchant, "%s", dialect.Shorten(merchant, 64))
	if !merchantForm.MatchString(merchant) {
		return desk.Caller{}, unknown
	}
	c, err := r.desk.Identify(ctx, Room, KeyName(merchant, index))
	var no *ledger.Error
	if errors.As(err, &no) && no.Code == ledger.Denied || err == nil && len(c.Secret) == 0 {
		return desk.Caller{}, unknown
	}
	return c, err
}
