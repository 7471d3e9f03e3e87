package desk

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"wapas/ledger"
)

// WhyExpired refuses a token whose time is over: Denied.
const WhyExpired ledger.Why = "expired"

// A granted token is a credential's name and a moment of the wall's clock,
// signed with the credential's secret and sealed. Nothing about it is kept: it
// ends by itself, and with the credential. Inside the seal stand
//
//	tokenPurpose, room, zero byte, name, the moment (8 bytes), the signature
//
// where the signature is what makes it a token: whoever got some text of their
// own sealed here (a webhook's secret, say) and read it from the database does
// not know the secret of the credential that they would like to name.
const (
	tokenPurpose = "wapas: granted token\x00"
	tokenTail    = 8 + sha256.Size // the moment and the signature
	maxToken     = 4096            // bytes: no token that a room takes is longer
)

// Grant makes a token for a caller that showed its credential's secret: whoever
// bears it is that caller in this room, for as long as life from now by the
// wall's clock, and no longer than the credential is good. It is Denied
// (WhyNoSecret) to a caller that was let in by a token of its own.
func (d *Desk) Grant(c Caller, room string, life time.Duration) (token string, issued, expires ledger.Time, err error) {
	if len(c.Secret) == 0 || strings.HasPrefix(c.Name, bearerPrefix) {
		return "", 0, 0, ledger.Refuse(ledger.Denied, WhyNoSecret, "a token is granted to who shows a name and a secret")
	}
	issued = ledger.At(d.Now())
	expires = issued.Add(life)
	open := binary.BigEndian.AppendUint64([]byte(tokenPurpose+room+"\x00"+c.Name), uint64(expires))
	sealed, err := d.Sealer.Seal(signToken(c.Secret, open))
	if err != nil {
		return "", 0, 0, fmt.Errorf("seal a token: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(sealed), issued, expires, nil
}

// Bearer lets a caller in by the token it bears: one that was granted, or one
// that is a credential by itself. It is Denied, and says nothing more, if the
// token is neither (WhyUnknownKey, WhyWrongSecret), if its time is over
// (WhyExpired) or the credential behind it was revoked (WhyRevoked).
func (d *Desk) Bearer(ctx context.Context, room string, token []byte) (Caller, error) {
	if len(token) > maxToken {
		return Caller{}, d.wrong(ctx, WhyUnknownKey)
	}
	open, name, ok := d.openToken(room, token)
	if !ok {
		return d.Authenticate(ctx, room, BearerName(token), token)
	}
	c, err := d.Identify(ctx, room, name)
	if err != nil {
		return Caller{}, err
	}
	signed := len(open) - sha256.Size
	moment := open[signed-8 : signed]
	if err := d.Proved(ctx, c, len(c.Secret) > 0 && hmac.Equal(signToken(c.Secret, open[:signed:signed]), open)); err != nil {
		return Caller{}, err
	}
	if ledger.Time(binary.BigEndian.Uint64(moment)) <= ledger.At(d.Now()) {
		return Caller{}, ledger.Refuse(ledger.Denied, WhyExpired, "")
	}
	return c, nil
}

// openToken opens what was granted for a room, and says whose it claims to be.
// There is one way to write a token, so that no two texts are the same one.
func (d *Desk) openToken(room string, token []byte) (open []byte, name string, ok bool) {
	sealed, err := base64.RawURLEncoding.Strict().AppendDecode(nil, token)
	if err != nil || strings.ContainsAny(string(token), "\r\n") { // which the decoder skips
		return nil, "", false
	}
	if open, err = d.Sealer.Open(sealed); err != nil || len(open) < tokenTail {
		return nil, "", false
	}
	name, ok = strings.CutPrefix(string(open[:len(open)-tokenTail]), tokenPurpose+room+"\x00")
	return open, name, ok
}

// signToken is what stands in a token, with its signature at the end.
func signToken(secret, open []byte) []byte {
	h := hmac.New(sha256.New, secret)
	h.Write(open)
	return h.Sum(open)
}
