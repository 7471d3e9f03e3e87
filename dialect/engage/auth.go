package engage

import (
	"strings"

	"wapas/desk"
	"wapas/ledger"
)

// The rules of who may call.
const (
	whyNoToken   ledger.Why = "no_token"   // Denied: none was shown
	whyWrongMode ledger.Why = "wrong_mode" // Denied: a token of the other mode
	whyScope     ledger.Why = "scope"      // Denied: a token that may not
)

// readWrite is the scope that a token needs here, if it has any: this API only
// writes.
const readWrite = "read_write"

// admit finds out who is calling: "Authorization: Bearer <oauth_token>", a
// token of the merchant or one that /token gave. The mode is in the path, and
// the token must be of it.
//
// It refuses, in this order: no token; an unknown, ended or revoked one; one of
// the other mode; one that may not write.
func (r *room) admit(q *request, mode desk.Mode) (desk.Caller, error) {
	scheme, token, _ := strings.Cut(q.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return desk.Caller{}, ledger.Refuse(ledger.Denied, whyNoToken, "")
	}
	c, err := r.desk.Bearer(q.Context(), Room, []byte(token))
	switch {
	case err != nil:
		return c, err
	case c.Mode != mode:
		return c, ledger.Refuse(ledger.Denied, whyWrongMode, "%s", mode)
	case !c.May(readWrite):
		return c, ledger.Refuse(ledger.Denied, whyScope, "")
	}
	return c, nil
}
