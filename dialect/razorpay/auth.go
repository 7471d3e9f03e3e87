package razorpay

import (
	"encoding/base64"
	"net/http"
	"strings"

	"wapas/desk"
	"wapas/ledger"
)

// name is this room's in the register of credentials.
const name = "razorpay"

// A door says what a route asks of its callers.
type door uint8

const (
	keyed  door = iota // key id and secret, or a bearer token
	own                // the same, and of what only the merchant itself has
	public             // the key id is enough: what a page in a browser knows
	open               // nothing: the path says it all
)

// admit finds out who is calling. The scheme's spelling matters, as it does on
// the real API: "Basic" and "Bearer", nothing else. Which of key and secret was
// wrong, or that a key was revoked, is never told.
func (r *room) admit(q *request, d door) error {
	if d == open {
		return nil
	}
	var err error
	if shown := q.Header.Get("Authorization"); shown != "" {
		q.caller, err = r.identify(q, shown, d)
	} else if key := q.URL.Query().Get("key_id"); d == public && isKey(key) { // as in the links to an OTP's next steps
		q.caller, err = r.desk.Recognise(q.Context(), name, key)
	} else {
		err = errNoKey
	}
	if err != nil {
		return err
	}
	if !mayCall(q.caller, q.Method) {
		return errNotAllowed
	}
	if err := r.speakFor(q, q.Header.Get("X-Razorpay-Account")); err != nil {
		return err
	}
	if d == own && q.linked != "" { // linked accounts have not this feature
		return errWrongMethod
	}
	return nil
}

// The scopes that a credential may be limited to, as OAuth tokens of the vendor
// are. One without scopes may do everything.
const (
	readOnly  = "read_only"
	readWrite = "read_write"
)

func mayCall(c desk.Caller, method string) bool {
	reading := method == http.MethodGet || method == http.MethodHead
	return c.May(readWrite) || reading && c.May(readOnly)
}

func (r *room) identify(q *request, shown string, d door) (desk.Caller, error) {
	denied := ledger.Refuse(ledger.Denied, "", "")
	if token, ok := strings.CutPrefix(shown, "Bearer "); ok {
		return r.desk.Authenticate(q.Context(), name, desk.BearerName([]byte(token)), []byte(token))
	}
	coded, ok := strings.CutPrefix(shown, "Basic ")
	if !ok {
		return desk.Caller{}, denied
	}
	plain, err := base64.StdEncoding.DecodeString(coded)
	if err != nil {
		return desk.Caller{}, denied
	}
	id, secret, ok := strings.Cut(string(plain), ":")
	switch {
	case !ok || !isKey(id):
		return desk.Caller{}, denied
	case secret == "" && d == public:
		return r.desk.Recognise(q.Context(), name, id)
	}
	return r.desk.Authenticate(q.Context(), name, id, []byte(secret))
}

// isKey says whether a name is a key id: the register holds bearer tokens too,
// which are not let in by their names.
func isKey(name string) bool { return strings.HasPrefix(name, "rzp_") }

// speakFor scopes the call to a linked account of the caller's book. Naming
// the merchant's own account changes nothing.
func (r *room) speakFor(q *request, account string) error {
	if account == "" || account == "acc_"+string(q.caller.Merchant) {
		return nil
	}
	if err := checkID(account, "acc"); err != nil {
		return err
	}
	linked, err := desk.Find[desk.Linked](q.Context(), r.desk, q.book(), desk.ID(account))
	q.linked = linked.ID
	return err
}
