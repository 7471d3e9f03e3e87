package native

import (
	"net/http"
	"slices"
	"strings"

	"wapas/desk"
	"wapas/ledger"
)

// The scopes of a credential: a noun, and read or write. A credential without
// scopes may do everything; one with admin too.
const (
	refundRead    = "refund:read"
	refundWrite   = "refund:write"
	customerRead  = "customer:read"
	customerWrite = "customer:write"
	creditRead    = "credit:read"
	creditWrite   = "credit:write"
	moneyRead     = "money:read"  // accounts, entries, agents' value
	moneyWrite    = "money:write" // what finance does
	railRead      = "rail:read"   // orders of rails, exceptions
	railWrite     = "rail:write"  // the end of an order, said by a person
	eventRead     = "event:read"
	eventWrite    = "event:write" // endpoints, replays
	sandboxRead   = "sandbox:read"
	sandboxWrite  = "sandbox:write"
	adminScope    = "admin" // credentials
	anyScope      = ""      // every credential
)

// scopes are all there are, in the order of the documents.
var scopes = []string{
	refundRead, refundWrite, customerRead, customerWrite, creditRead, creditWrite, moneyRead, moneyWrite,
	railRead, railWrite, eventRead, eventWrite, sandboxRead, sandboxWrite, adminScope,
}

// allowed says whether a caller may do what needs a scope. Whoever may write a
// noun may read it.
func allowed(c desk.Caller, scope string) bool {
	if scope == anyScope || c.May(adminScope) || c.May(scope) {
		return true
	}
	noun, what, _ := strings.Cut(scope, ":")
	return what == "read" && c.May(noun+":write")
}

// admit finds out who is calling and whether they may do this.
func (q *request) admit() error {
	c, err := q.who()
	if err != nil {
		return err
	}
	q.caller = c
	switch {
	case !allowed(c, q.route.scope):
		return ledger.Refuse(ledger.Denied, whyScope, "this credential is not allowed %s", q.route.scope)
	case q.route.testOnly && c.Mode != desk.Test:
		return ledger.Refuse(ledger.WrongState, whyTestOnly, "only a test book does this")
	}
	return nil
}

// who is the caller: by the token, or the one that Inside names.
func (q *request) who() (desk.Caller, error) {
	if q.room.inside != nil {
		return *q.room.inside, nil
	}
	scheme, token, _ := strings.Cut(q.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return desk.Caller{}, ledger.Refuse(ledger.Denied, whyNoKey, "send Authorization: Bearer and a token")
	}
	return q.desk().Bearer(q.Context(), Room, []byte(strings.TrimSpace(token)))
}

// checkScopes refuses scopes that there are not.
func checkScopes(asked []string) error {
	for _, s := range asked {
		if !slices.Contains(scopes, s) {
			return faults{{"scopes", "may be " + strings.Join(scopes, ", ")}}
		}
	}
	return nil
}

var _ http.Handler = (*room)(nil)
