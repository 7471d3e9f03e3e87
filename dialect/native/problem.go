package native

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"wapas/desk"
	"wapas/dialect"
	"wapas/ledger"
	"wapas/rail"
)

// A problem is how a refusal is told: RFC 9457.
type problem struct {
	Type      string  `json:"type" doc:"A page that says what the code means."`
	Title     string  `json:"title" doc:"The code in words: always the same for it."`
	Status    int     `json:"status" doc:"The HTTP status."`
	Detail    string  `json:"detail" doc:"What was wrong this time."`
	Code      string  `json:"code" enum:"denied|limited|invalid|busy|mismatch|duplicate|not_found|wrong_state|exceeds|insufficient|internal" doc:"What sort of refusal it is: branch on this."`
	Rule      string  `json:"rule,omitempty" doc:"The rule that refused, in a word that never changes."`
	Field     string  `json:"field,omitempty" doc:"The field at fault; of several the first."`
	Errors    []fault `json:"errors,omitempty" len:"100" doc:"What is wrong with the request, if more than its state is: all of it, or the first hundred."`
	RequestID string  `json:"request_id" doc:"As in X-Request-Id: what our log calls this request."`
}

// A verdict is how a code sounds on the wire.
type verdict struct {
	status int
	title  string
	text   string // for the documents
}

// verdicts is the table from codes to the wire.
var verdicts = map[ledger.Code]verdict{
	ledger.Denied:       {http.StatusUnauthorized, "Not allowed", "We do not know this credential (401), or it lacks the scope (403)."},
	ledger.Limited:      {http.StatusTooManyRequests, "Too many requests", "Wait for as long as Retry-After says."},
	ledger.Invalid:      {http.StatusBadRequest, "The request is wrong", "Something in the request itself; errors lists what."},
	ledger.Busy:         {http.StatusConflict, "Under way", "The same Idempotency-Key is being worked on right now. Try again."},
	ledger.Mismatch:     {http.StatusUnprocessableEntity, "Another request under this key", "This Idempotency-Key was used for a request that was not the same. Keys are for good."},
	ledger.Duplicate:    {http.StatusConflict, "Used before", "A reference that may be used once was used before."},
	ledger.NotFound:     {http.StatusNotFound, "Not found", "Something that the request names is not there."},
	ledger.WrongState:   {http.StatusConflict, "In another state", "It is there, but before or past this."},
	ledger.Exceeds:      {http.StatusUnprocessableEntity, "Too much", "More than is left to give back, or than a limit allows."},
	ledger.Insufficient: {http.StatusUnprocessableEntity, "Not enough money", "More than is available."},
	ledger.Internal:     {http.StatusInternalServerError, "Our fault", "It is logged under the request id. Try again with the same Idempotency-Key."},
}

// statuses are those of rules that have another status than their code.
var statuses = map[ledger.Why]int{
	whyScope:    http.StatusForbidden,
	whyMethod:   http.StatusMethodNotAllowed,
	whyMedia:    http.StatusUnsupportedMediaType,
	whyTooLarge: http.StatusRequestEntityTooLarge,
	whyTestOnly: http.StatusConflict,

	desk.WhyArchiveAway: http.StatusServiceUnavailable,
}

// sentences say what a rule says where the desk gives only a value: {detail}.
// Other rules speak for themselves.
var sentences = map[ledger.Why]string{
	desk.WhyUnknownID:         "There is no {detail} in this book.",
	desk.WhyUnknownKey:        "There is no such credential.",
	desk.WhyWrongSecret:       "There is no such credential.",
	desk.WhyRevoked:           "The credential was revoked.",
	desk.WhyExpired:           "The token is over.",
	desk.WhyInProgress:        "A request under the key {detail} is under way.",
	desk.WhyKeyMismatch:       "The key {detail} was used for another request.",
	desk.WhyKeyUsed:           "The key {detail} was used before.",
	desk.WhyHandleUsed:        "The reference {detail} was used before.",
	desk.WhyCustomerExists:    "{detail} has this e-mail and contact.",
	desk.WhyRefundZero:        "A refund is at least one paisa.",
	desk.WhyRefundMin:         "{detail} paise are less than the terms allow.",
	desk.WhyRefundSpeed:       "A refund is normal or optimum.",
	desk.WhyRefundReceipt:     "The payment has a refund with the receipt {detail}.",
	desk.WhySameRefund:        "{detail}.",
	desk.WhyRefundUncaptured:  "Nothing was captured: {detail}.",
	desk.WhyRefundOld:         "{detail} is more than six months old: its refund must be optimum.",
	desk.WhyRefundTooOld:      "It is more than six months old and cannot be refunded instantly: {detail}.",
	desk.WhyRefundOverRouted:  "More than is left of the payment: {detail}.",
	ledger.WhyOverBudget:      "More than is left of the payment: {detail}.",
	ledger.WhyFullyRefunded:   "All of it was given back.",
	ledger.WhyDisputed:        "What is left of it is disputed.",
	desk.WhyRefundUnavailable: "The merchant's balance is short.",
	desk.WhyScenario:          "There is no scenario {detail}; there are " + strings.Join(rail.Scenarios, ", ") + ".",
	desk.WhyOutcome:           "A person can say done or refused, not {detail}.",
	desk.WhyNotSent:           "{detail} has not been sent.",
	desk.WhyOutcomeFinal:      "Only the rail may say so now: {detail}.",
	desk.WhyEndpointURL:       "It must be an http or https URL with a host, of at most 255 characters.",
	desk.WhyEndpointReach:     "Nothing of a live book is sent there: {detail}.",
	desk.WhyEndpointNone:      "Name at least one event.",
	desk.WhyEndpointEvents:    "There is no event {detail}.",
	desk.WhyEndpointMany:      "There are {detail} endpoints already.",
	desk.WhyCreditsAmount:     "Not an amount: {detail}.",
	desk.WhyContact:           "{detail}.",
	desk.WhyMemberFrozen:      "What {detail} holds is frozen.",
	desk.WhyNameTaken:         "There is a credential {detail}.",
}

// problemOf is how an error is told.
func problemOf(err error) problem {
	var e *ledger.Error
	var bad faults
	p := problem{Code: string(ledger.Internal)}
	switch {
	case errors.As(err, &bad):
		p.Code, p.Rule, p.Field, p.Errors = string(ledger.Invalid), string(whyRequest), bad[0].Field, bad
		p.Detail = bad.Error()
	case errors.As(err, &e) && e.Code != ledger.Internal:
		p.Code, p.Rule, p.Field, p.Detail = string(e.Code), string(e.Why), e.Field, e.Detail
		if text, ok := sentences[e.Why]; ok {
			p.Detail = strings.ReplaceAll(text, "{detail}", dialect.Shorten(e.Detail, 200))
		}
		if e.Code == ledger.Invalid && e.Field != "" {
			p.Errors = []fault{{e.Field, p.Detail}}
		}
	case errors.As(err, &e) && e.Why == desk.WhyArchiveAway:
		p.Rule, p.Detail = string(e.Why), "What is that old is in an archive, which this server cannot read now. Nothing is lost: try again later."
	}
	v, ok := verdicts[ledger.Code(p.Code)]
	if !ok {
		v, p.Code = verdicts[ledger.Internal], string(ledger.Internal)
	}
	p.Title, p.Status, p.Type = v.title, v.status, "/docs#"+p.Code
	if s, ok := statuses[ledger.Why(p.Rule)]; ok {
		p.Status = s
	}
	if p.Detail == "" {
		p.Detail = v.title + "."
	}
	return p
}

// fail answers with a problem. This is where errors stop, so our own are logged
// here, and only here.
func (q *request) fail(err error) {
	p := problemOf(err)
	p.RequestID = q.w.Header().Get("X-Request-Id")
	switch {
	case p.Status < http.StatusInternalServerError:
	case errors.Is(err, context.Canceled):
		q.desk().Log.Debug("the caller has gone", "request", p.RequestID, "path", q.URL.Path)
	default:
		q.desk().Log.Error("request failed", "request", p.RequestID, "method", q.Method, "path", q.URL.Path, "book", q.book(), "err", err)
	}
	h := q.w.Header()
	switch p.Status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="wapas"`)
	case http.StatusTooManyRequests:
		h.Set("Retry-After", "1")
	case http.StatusConflict:
		if p.Code == string(ledger.Busy) {
			h.Set("Retry-After", "1")
		}
	}
	body, err := dialect.Encode(p)
	if err != nil { // a problem is made of texts
		panic(err)
	}
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", "application/problem+json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	q.w.WriteHeader(p.Status)
	if q.Method != http.MethodHead {
		q.w.Write(body)
	}
}
