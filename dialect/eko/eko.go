// Package eko is the room that speaks Eko's API as far as a failed remittance
// needs it: the remittance itself, the customer's OTP, the refund that the OTP
// consents to, and what can be asked about them. It promises what existing
// clients rely on: both path families, the signature, the envelope with its
// codes, amounts as texts. What the business does it leaves to the desk; the
// README says where we knowingly differ.
package eko

import (
	"net/http"
	"strings"
	"time"

	"wapas/desk"
)

// Room is this room's name in the register of credentials: a credential's name
// is the developer key, its secret the access key.
const Room = "eko"

// A Config is what an operator may choose about the room. The zero Config
// works.
type Config struct {
	// ClockTolerance is how far a signature's moment may be off, either way; five
	// minutes if it is zero. The vendor does not publish its own.
	ClockTolerance time.Duration
	// Debug tells a caller whose signature is wrong which common mistake it looks
	// like. It tells a stranger whether a developer key is known.
	Debug bool
	// RefuseReplays lets a signature in once only. The vendor's own clients may
	// sign two calls in one millisecond, which are the same signature.
	RefuseReplays bool
	// HeaderAliases takes developer-key and x-developer-key for developer_key,
	// for callers behind a proxy that drops headers with underscores.
	HeaderAliases bool
	// Strict answers parameters that a call does not know as the vendor does:
	// {"message":"No key for Response"}.
	Strict bool
	// CodeTwice puts the code of a refusal into response_status_id as well as into
	// status, for callers that follow the vendor's newer samples.
	CodeTwice bool
	// Patience is how long a call that starts a transaction waits for the first
	// word on it; five seconds if it is zero.
	Patience time.Duration
}

// New speaks Eko's API at the desk.
func New(d *desk.Desk, cfg Config) http.Handler {
	if cfg.ClockTolerance == 0 {
		cfg.ClockTolerance = 5 * time.Minute
	}
	if cfg.Patience == 0 {
		cfg.Patience = 5 * time.Second
	}
	r := &room{desk: d, cfg: cfg}
	r.table = r.routes()
	return r
}

// A room holds no state but the signatures it has seen: what happens, happens
// at the desk.
type room struct {
	desk  *desk.Desk
	cfg   Config
	table []route
	seen  replays
}

// Routes are all that the room answers, each a method, a blank and a path, for
// who must not forget one.
func (r *room) Routes() (all []string) {
	for _, t := range r.table {
		for version := range strings.FieldsSeq(t.versions) {
			for method := range strings.FieldsSeq(t.methods) {
				all = append(all, method+" /"+roots[0]+"/"+version+"/"+t.path)
			}
		}
	}
	return all
}

// A route is one line of the API: the versions and methods it is known by, and
// its path after the version. A part in braces is whatever stands there.
type route struct {
	versions, methods, path string
	handle                  handler
}

// A handler answers one request: read the wire, ask the desk, and return what
// is to be written as JSON or why not (see errors.go).
type handler func(q *request) (any, error)

const (
	forms = "v1 v2" // the versions that speak in forms
	all   = "v1 v2 v3"
	posts = "POST PUT"
)

// routes are all that this room answers, under /ekoapi and /ekoicici.
func (r *room) routes() []route {
	routes := []route{
		// The refund of a failed transaction.
		{"v3", posts, "customer/payment/refund/{tid}/otp", r.sendOTP},
		{"v3", posts, "customer/payment/refund/{tid}", r.refund},
		{"v3", "GET", "customer/payment/refunds", r.listOwed},
		{forms, posts, "transactions/{tid}/refund/otp", r.sendOTP},
		{forms, posts, "transactions/{tid}/refund", r.refund},

		// The transaction, and what became of it.
		{forms, "POST", "transactions", r.initiate},
		{forms, "GET", "transactions/{ref}", r.inquire},
		{"v3", "GET", "tools/reference/transaction/{ref}", r.inquire},

		// What an API user and its agents have.
		{all, "GET", "user/account/balance", r.balance},
		{all, "GET", "user/services/{user_code}", r.services},
		{all, "PUT", "user/service/activate", r.activate},
	}
	for _, product := range []string{"ppi-digikhata", "ppi", "ppi-levin", "dmt-fino", "dmt-levin", "dmt-airtel"} {
		routes = append(routes,
			route{"v3", "POST", "customer/payment/" + product, r.initiate},
			route{"v3", posts, "customer/payment/" + product + "/otp", r.sendTransactionOTP})
	}
	return routes
}
