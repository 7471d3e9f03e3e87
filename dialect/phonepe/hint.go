package phonepe

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strings"
)

// A mistake is what a signature that does not verify may have been made of.
type mistake struct {
	coded string // the base64 of the body; empty if there is none
	text  string // what should have been signed
	path  string // as it should have been signed
	sent  string // the whole path of the address
	query string
	salt  []byte
}

// hint says which of the mistakes that integrators make explains a digest, for
// the log of whoever helps them. It holds no part of the salt.
func hint(shown []byte, m mistake) string {
	salt := string(m.salt)
	std := strings.NewReplacer("-", "+", "_", "/").Replace(m.coded)
	decoded, _ := base64.RawStdEncoding.DecodeString(strings.TrimRight(std, "="))
	padded := strings.TrimRight(std, "=")
	padded += strings.Repeat("=", (4-len(padded)%4)%4)
	for _, try := range []struct{ text, says string }{
		{m.coded + salt + m.path, "the salt stands before the path: it goes last"},
		{salt + m.coded + m.path, "the salt stands first: it goes last"},
		{m.path + m.coded + salt, "the path stands before the payload: it goes behind it"},
		{m.coded + salt, "the path is missing"},
		{m.coded + m.path, "the salt is missing"},
		{m.path + salt, "the payload is missing"},
		{m.coded + m.sent + salt, "the path has the prefix of the host, or a slash at its end: it is signed without"},
		{m.coded + m.path + "/" + salt, "the path has a slash at its end: it is signed without"},
		{m.coded + strings.TrimPrefix(m.path, "/") + salt, "the slash before the path is missing"},
		{m.coded + m.path + "?" + m.query + salt, "the query is in the path: it is signed without"},
		{string(decoded) + m.path + salt, "the JSON was signed, not its base64"},
		{padded + m.path + salt, "the base64 was written in another way after it was signed"},
		{m.text + salt + "\n", "a line ends behind the salt"},
		{m.text + " " + salt, "a blank stands before the salt"},
	} {
		sum := sha256.Sum256([]byte(try.text))
		if subtle.ConstantTimeCompare(sum[:], shown) == 1 {
			return try.says
		}
	}
	for _, p := range otherPaths {
		sum := sha256.Sum256([]byte(m.coded + p + salt))
		if subtle.ConstantTimeCompare(sum[:], shown) == 1 {
			return "the path of another call was signed: " + p
		}
	}
	mac := hmac.New(sha256.New, m.salt)
	mac.Write([]byte(m.text))
	if hmac.Equal(mac.Sum(nil), shown) {
		return "an HMAC was sent: it is a plain SHA-256 with the salt behind the text"
	}
	return "no mistake that we know"
}

// otherPaths are what clients sign by mistake for another call's.
var otherPaths = []string{
	"/v3/credit/backToSource", "/v4/credit/backToSource", "/pg/v1/refund", "/pg/v1/pay", "/v3/charge", "/v3/qr/init", "/v4/debit",
}
