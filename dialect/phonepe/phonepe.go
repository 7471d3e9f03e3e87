// Package phonepe is the room that speaks the merchant APIs of PhonePe, in the
// four generations that clients still use: the refund back to source and its
// status, the callback, and the payments that are refunded. The README says
// where we knowingly differ.
package phonepe

import (
	"net/http"
	"time"

	"wapas/desk"
)

// Room is this room's name in the register of credentials. A credential of the
// older three generations is called MERCHANTID#1, the number being the index of
// the salt that is its secret; one of the newest client:CLIENTID.
const Room = "phonepe"

// A Config is what an operator may choose about the room. The zero Config
// works.
type Config struct {
	// Host is what goes before the paths in links that we hand out, such as
	// "https://pay.example.in/phonepe"; if empty, it is what the caller called
	// us by, with /phonepe.
	Host string
	// Statuses are HTTP statuses by the code of the answer, where ours
	// (errors.go) are not wanted: the vendor documents few of them.
	Statuses map[string]int
	// TokenLife is how long a token of the newest generation lasts; zero is
	// TokenLife.
	TokenLife time.Duration
}

// Roots are the first parts of the vendor's own paths, for a server that shares
// them with other rooms: the longest wins.
var Roots = []string{
	"/v1/credit", "/v1/debit", "/v1/transaction", "/v1/transactions", "/v1/payment", "/v1/account",
	"/v3", "/v4", "/pg/v1", "/v1/oauth", "/checkout/v2", "/payments/v2", "/subscriptions/v2", "/client/v1",
	"/enterprise-sandbox", "/apis",
}

// prefixes are what the vendor's hosts have before the paths. They are no part
// of what is signed.
var prefixes = []string{
	"/enterprise-sandbox", "/apis/hermes", "/apis/pg-sandbox", "/apis/pg", "/apis/identity-manager", "/apis/apphub", "/apis/pg-ingestion",
}

// A generation is one of the four APIs: they differ in how a request is signed,
// how it is written, and what the fields are called.
type generation uint8

const (
	g0   generation = iota // 2016: plain JSON, signed over fields
	g1                     // v3 and v4: {"request": base64}, in-store
	g2                     // pg/v1: the same envelope, online
	g3                     // checkout/v2, payments/v2: plain JSON, O-Bearer
	page                   // pages for people
)

// A door says what a route asks of its callers.
type door uint8

const (
	open   door = iota // nothing
	signed             // X-VERIFY over the body's base64 and the path
	traced             // X-VERIFY over the path: there is no body
	fields             // X-VERIFY over fields of the plain body, or of the path: generation 0
	bearer             // Authorization: O-Bearer
)

// A route is one line of the API. In its path {m} is the merchant's id; the
// other names in braces are what handlers ask for with q.id.
type route struct {
	method, path string
	gen          generation
	door         door
	handle       handler
}

// A handler answers one request: read the wire, ask the desk, and return what
// is to be written as JSON (or a raw) or why not (see errors.go).
type handler func(q *request) (any, error)

// New speaks the PhonePe APIs at the desk.
func New(d *desk.Desk, cfg Config) http.Handler {
	return newRoom(d, cfg)
}

func newRoom(d *desk.Desk, cfg Config) *room {
	r := &room{desk: d, cfg: cfg}
	r.table = r.routes()
	return r
}

// A room holds no state: what happens, happens at the desk.
type room struct {
	desk  *desk.Desk
	cfg   Config
	table []route
}

// Routes are all that the room answers, each a method, a blank and a path, for
// who must not forget one.
func (r *room) Routes() (all []string) {
	for _, t := range r.table {
		all = append(all, t.method+" "+t.path)
	}
	return all
}

// routes are all that this room answers. Static parts of a path win over ids.
func (r *room) routes() []route {
	return append([]route{
		// Refunds.
		{"POST", "/v3/credit/backToSource", g1, signed, r.refund},
		{"POST", "/v4/credit/backToSource", g1, signed, r.refund},
		{"POST", "/v1/credit/backToSource", g0, fields, r.refund},
		{"POST", "/pg/v1/refund", g2, signed, r.refund},

		// What became of a payment or a refund.
		{"GET", "/v3/transaction/{m}/{id}/status", g1, traced, r.status},
		{"GET", "/v4/transaction/{m}/{id}/status", g1, traced, r.status},
		{"GET", "/v1/transaction/{m}/{id}/status", g0, fields, r.status},
		{"GET", "/pg/v1/status/{m}/{id}", g2, traced, r.status},
		{"GET", "/v1/payment/{m}/{ref}/status", g1, traced, r.statusByReference},

		// The payments that are refunded.
		{"POST", "/v3/charge", g1, signed, r.charge},
		{"POST", "/v3/charge/{m}/{id}/cancel", g1, traced, r.cancelCharge},
		{"POST", "/v3/qr/init", g1, signed, r.qrInit},
		{"POST", "/v4/debit", g1, signed, r.debit},
		{"POST", "/v1/debit", g0, fields, r.debitRedirect},
		{"POST", "/pg/v1/pay", g2, signed, r.pay},

		// Lists.
		{"POST", "/v3/qr/transaction/list", g1, signed, r.listTransactions},
		{"POST", "/v1/transactions/details", g1, signed, r.reconcile},
	}, r.newRoutes()...)
}
