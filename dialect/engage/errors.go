package engage

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"wapas/desk"
	"wapas/dialect"
	"wapas/ledger"
)

// A refusal is how one rule sounds on the wire. In the texts {field} is the
// field at fault, and {detail} what the rule says about this case.
type refusal struct {
	text   string
	reason string
	status int // 400 if it is zero
}

// refusals are the words of every rule. One of them is the vendor's, that of
// WhyCreditMin; the page says of others only that they are 400.
var refusals = map[ledger.Why]refusal{
	// Who is calling.
	whyNoToken:          {"Please provide your access token for authentication purposes", "token_required", http.StatusUnauthorized},
	desk.WhyUnknownKey:  {"Authentication failed", "invalid_token", http.StatusUnauthorized},
	desk.WhyWrongSecret: {"Authentication failed", "invalid_token", http.StatusUnauthorized},
	desk.WhyRevoked:     {"Token has been revoked", "token_revoked", http.StatusUnauthorized},
	desk.WhyExpired:     {"Token has expired", "token_expired", http.StatusUnauthorized},
	whyWrongMode:        {"The access token is not valid in {detail} mode", "invalid_mode", http.StatusUnauthorized},
	whyScope:            {"Access Denied", "insufficient_scope", http.StatusForbidden},
	whyClient:           {"Access denied", "invalid_client", http.StatusUnauthorized},
	whyGrant:            {"grant_type must be client_credentials", "unsupported_grant_type", 0},
	whyMode:             {"mode must be test or live", "invalid_mode", 0},
	whyOtherMode:        {"the client is for {detail} mode", "invalid_mode", 0},
	whyTooLarge:         {"the request body may not be larger than {detail} bytes", "request_too_large", http.StatusRequestEntityTooLarge},
	whyMalformed:        {"the request body is not a valid JSON object", "invalid_json", 0},
	// Fields.
	whyRequired:             {"{field} is required", "{field}_required", 0},
	whyText:                 {"{field} must be a string", "invalid_{field}", 0},
	whyInteger:              {"amount must be an integer, in paise", "invalid_amount", 0},
	whyAction:               {"invalid action", "invalid_action", 0},
	whyCurrency:             {"only INR is supported", "invalid_currency", 0},
	whyNotes:                {"notes must be at most 15 pairs of a key and a value, of 256 characters each", "invalid_notes", 0},
	desk.WhyMemberContact:   {"contact should be a 10 digit mobile number", "invalid_contact", 0},
	desk.WhyMemberPartner:   {"partner_user_id may have {detail} characters", "invalid_partner_user_id", 0},
	desk.WhyMemberEmail:     {"email may have {detail} characters", "invalid_email", 0},
	desk.WhyCreditMin:       {"amount should be at least 1 rupee", "invalid_amount", 0},
	desk.WhyCreditMax:       {"amount should be at most {detail} paise", "invalid_amount", 0},
	desk.WhyCreditReference: {"reference_id may have {detail} characters", "invalid_reference_id", 0},
	desk.WhyCreditPurpose:   {"invalid purpose", "invalid_purpose", 0},
	desk.WhyCreditOrder:     {"order_id may have {detail} characters", "invalid_order_id", 0},
	// The state of the books.
	desk.WhyKeyMismatch:     {"Different request with the same idempotency key has already been processed.", "reference_id_used", http.StatusConflict},
	desk.WhyInProgress:      {"Request failed because another request with the same reference_id is in progress.", "request_in_progress", http.StatusConflict},
	desk.WhyMemberConflict:  {"{field} is not the one known for partner_user_id, which is a phone number: it may have another owner now", "customer_conflict", 0},
	desk.WhyCreditNoRefunds: {"the programme does not take refunds", "programme_not_eligible", 0},
	desk.WhyCreditUnpaid:    {"no payment was captured for this order", "order_not_paid", 0},
	desk.WhyCreditHolds:     {"wallet balance limit exceeded: {detail}", "balance_limit_exceeded", 0},
	desk.WhyCreditSplit:     {"the order was paid in several payments: at most {detail} paise can be refunded at once", "amount_exceeds_payment", 0},
	desk.WhyCreditFunds:     {"the programme does not have enough balance", "insufficient_balance", 0},
	ledger.WhyFullyRefunded: {"the order has been fully refunded already", "order_fully_refunded", 0},
	ledger.WhyOverBudget:    {"amount exceeds what is left to refund of the order: {detail}", "amount_exceeds_order", 0},
	ledger.WhyDisputed:      {"amount exceeds what is left to refund of the order: {detail}", "amount_disputed", 0},
}

// fallback is how each code sounds where its rule has no line above, so that
// nothing can be refused without words.
var fallback = map[ledger.Code]refusal{
	ledger.Denied:       {"Authentication failed", "invalid_token", http.StatusUnauthorized},
	ledger.Limited:      {"Too many requests", "too_many_requests", http.StatusTooManyRequests},
	ledger.Invalid:      {"invalid request sent", "invalid_request", 0},
	ledger.Busy:         {"Request failed because another request is in progress.", "request_in_progress", http.StatusConflict},
	ledger.Mismatch:     {"Different request with the same idempotency key has already been processed.", "reference_id_used", http.StatusConflict},
	ledger.Duplicate:    {"invalid request sent", "duplicate_request", 0},
	ledger.NotFound:     {"The id provided does not exist", "not_found", 0},
	ledger.WrongState:   {"invalid request sent", "invalid_state", 0},
	ledger.Exceeds:      {"amount exceeds a limit", "limit_exceeded", 0},
	ledger.Insufficient: {"not enough balance", "insufficient_balance", 0},
	ledger.Internal:     {"We are facing some trouble completing your request at the moment. Please try again shortly.", "server_error", http.StatusInternalServerError},
}

// A fault is a refusal of the room itself, before anything was read.
type fault struct{ refusal }

func (f *fault) Error() string { return f.text }

var (
	errNoRoute     = &fault{refusal{"The requested URL was not found on the server.", "route_not_found", http.StatusNotFound}}
	errWrongMethod = &fault{refusal{"The requested URL was not found on the server.", "method_not_allowed", 0}}
)

// errorWire is the error of every body. Field is null where no field is at
// fault.
type errorWire struct {
	Code        string  `json:"code"`
	Description string  `json:"description"`
	Field       *string `json:"field"`
	Reason      string  `json:"reason"`
}

type envelope struct {
	Error errorWire `json:"error"`
}

// words puts an error into this API's words.
func words(err error) (status int, e errorWire) {
	refused := &ledger.Error{Code: ledger.CodeOf(err)}
	errors.As(err, &refused)
	said, ok := refusals[refused.Why]
	if !ok || refused.Code == ledger.Internal {
		if said, ok = fallback[refused.Code]; !ok {
			said = fallback[ledger.Internal]
		}
	}
	if f := (*fault)(nil); errors.As(err, &f) {
		said, refused = f.refusal, &ledger.Error{}
	}
	fill := strings.NewReplacer("{field}", refused.Field, "{detail}", refused.Detail)
	e = errorWire{Code: "BAD_REQUEST_ERROR", Description: fill.Replace(said.text), Reason: fill.Replace(said.reason)}
	status = said.status
	if status == 0 {
		status = http.StatusBadRequest
	}
	if status >= http.StatusInternalServerError {
		e.Code = "SERVER_ERROR"
	} else if refused.Field != "" && refused.Code != ledger.Insufficient { // there it is an account, and ours
		e.Field = &refused.Field
	}
	return status, e
}

// fail answers with an error. This is where errors stop, so our own are logged
// here, and only here.
func (r *room) fail(q *request, err error) {
	status, e := words(err)
	switch {
	case status < http.StatusInternalServerError:
	case errors.Is(err, context.Canceled):
		r.desk.Log.Debug("the caller has gone", "request", q.w.Header().Get("X-Request-Id"), "path", q.URL.Path)
	default:
		r.desk.Log.Error("request failed", "request", q.w.Header().Get("X-Request-Id"), "method", q.Method, "path", q.URL.Path, "err", err)
	}
	switch status {
	case http.StatusUnauthorized:
		q.w.Header().Set("WWW-Authenticate", "Bearer")
	case http.StatusTooManyRequests:
		q.w.Header().Set("Retry-After", "1")
	}
	body, err := dialect.Encode(envelope{e})
	if err != nil { // it is made of strings
		panic(err)
	}
	q.send(status, body)
}
