package engage

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

// The rules of /token.
const (
	whyGrant     ledger.Why = "grant"      // Invalid: not client_credentials
	whyMode      ledger.Why = "mode"       // Invalid: neither test nor live
	whyOtherMode ledger.Why = "other_mode" // Invalid: the client is of the other mode
	whyClient    ledger.Why = "client"     // Denied: no such client, or another secret
)

// tokenLife is how long a token is good: 7,862,400 seconds, 91 days.
const tokenLife = 91 * 24 * time.Hour

// tokenWire is a token, in the order of the manual's sample. There is no
// refresh_token: who has the client's secret asks again.
type tokenWire struct {
	Public    string  `json:"public_token"`
	Type      string  `json:"token_type"`
	ExpiresIn int64   `json:"expires_in"`
	Access    string  `json:"access_token"`
	Account   desk.ID `json:"razorpay_account_id"`
}

// token answers "POST /token" with the grant client_credentials, in JSON or as
// a form. The other grants begin with a person who signs in at the vendor, and
// have no place here.
//
// It refuses, in this order: the grant; client_id and client_secret that are
// not there; the mode; a client that is not known or has another secret; one of
// the other mode.
func (r *room) token(q *request) (any, error) {
	o, err := q.read(decodeEither)
	if err != nil {
		return nil, err
	}
	f := &fields{obj: o}
	f.only("grant_type", "client_credentials", whyGrant)
	id := f.text("client_id", maxBody, whyClient)
	secret := f.text("client_secret", maxBody, whyClient)
	mode := desk.Mode(f.optional("mode", maxBody, whyMode))
	if mode == "" {
		mode = desk.Live
	}
	f.check("mode", mode == desk.Live || mode == desk.Test, whyMode)
	if f.err != nil {
		return nil, f.err
	}
	c, err := r.desk.Authenticate(q.Context(), Room, id, []byte(secret))
	if err == nil && c.Mode != mode {
		return nil, ledger.Refuse(ledger.Invalid, whyOtherMode, "%s", c.Mode).In("mode")
	}
	var token string
	var issued, expires ledger.Time
	if err == nil {
		token, issued, expires, err = r.desk.Grant(c, Room, tokenLife)
	}
	if ledger.CodeOf(err) == ledger.Denied { // which of the two was wrong, or that it was revoked, is never told
		err = ledger.Refuse(ledger.Denied, whyClient, "")
	}
	if err != nil {
		return nil, err
	}
	q.w.Header().Set("Cache-Control", "no-store")
	return tokenWire{
		Public: publicToken(c), Type: "Bearer", ExpiresIn: (expires - issued).Unix(), Access: token, Account: "acc_" + c.Merchant,
	}, nil
}

// publicToken is what the vendor's pages would know a client by. It opens
// nothing here, and is the same for a client each time.
func publicToken(c desk.Caller) string {
	sum := sha256.Sum256([]byte(Room + "\x00" + c.Name))
	return "rzp_" + string(c.Mode) + "_oauth_" + hex.EncodeToString(sum[:7])
}
