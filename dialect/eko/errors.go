package eko

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"runtime/debug"
	"slices"
	"strconv"

	"wapas/desk"
	"wapas/dialect"
	"wapas/ledger"
)

// The codes of the vendor's table that refusals carry in status, as far as this
// room says them.
const (
	codeFailed       = 1
	codeDeclined     = 55
	codeMissing      = 97
	codeAccount      = 102
	codeNameLength   = 122
	codeNameLetters  = 131
	codeIFSC         = 136
	codeNoTID        = 168
	codeWrongOTP     = 302
	codeExpiredOTP   = 303
	codeMonthly      = 314
	codeInitiator    = 319
	codeUserCode     = 346
	codeInsufficient = 347
	codeChannel      = 460
	codeInvalid      = 461
	codeNoUser       = 463
	codeUsedUp       = 945
	codeNotOnboarded = 1297
	codeSendOTP      = 2133
)

// The shapes of answers, as response_type_id tells them apart.
const (
	typeInvalid    = -1
	typeDeclined   = 55
	typeRefunded   = 74
	typeNotFound   = 168
	typeDone       = 325
	typeInquiry    = 1472
	typeOnboarded  = 1290
	typeServices   = 1299
	typeOTPFailed  = 2131
	typeSendOTP    = 2133
	typeInvalidOTP = 2138
)

// The progress of a call, as response_status_id tells it.
const (
	sidRead      = -1 // a success that moves no money, and the vendor's refusals of a refund
	sidDone      = 0
	sidFailed    = 1
	sidInitiated = 2
	sidRefunding = 3
	sidRefunded  = 4
	sidHeld      = 5
)

const textMissing = "Please provide the value of the field"

// A refusal is how one rule sounds on the wire: always HTTP 200. Param names
// what is said of the parameter at fault, if one is.
type refusal struct {
	status, typeID, statusID int
	text                     string
	param                    string
}

// refusals is the one table from rules to the vendor's words. Where it has none,
// the words are ours.
var refusals = map[ledger.Why]refusal{
	// Who.
	desk.WhyInitiator:     {codeInitiator, typeInvalid, sidFailed, "Invalid Sender/Initiator", "Merchant does not exist in system."},
	desk.WhyUserCode:      {codeUserCode, typeInvalid, sidFailed, "Agent not allowed to this transaction", "The initiator has no agent of this user_code."},
	desk.WhyAgentInactive: {codeUserCode, typeInvalid, sidFailed, "Agent not allowed to this transaction", "The agent is not active."},
	desk.WhyForeignAgent:  {codeUserCode, typeInvalid, sidFailed, "Agent not allowed to this transaction", "The transaction is another agent's."},

	// Which transaction.
	desk.WhyNoRemittance:  {codeNoTID, typeNotFound, sidFailed, "TID does not exist", ""},
	desk.WhyRemitRefunded: {codeFailed, typeInvalid, sidRead, "Transaction is already in refunded state.", ""},
	desk.WhyRemitState:    {codeFailed, typeInvalid, sidRead, "Transaction is not in a refundable state.", ""},
	desk.WhyRemitRefTaken: {codeFailed, typeInvalid, sidFailed, "Transaction with this client_ref_id already exists", "Please provide a unique value"},

	// The OTP. 302 says that another one may be typed in, 303 that a new one must
	// be asked for.
	desk.WhyConsentWrong:    {codeWrongOTP, typeInvalidOTP, sidFailed, "Wrong OTP. Please enter the correct OTP.", ""},
	desk.WhyConsentForeign:  {codeWrongOTP, typeInvalidOTP, sidFailed, "OTP was not sent for this transaction. Please enter the OTP of this transaction.", ""},
	desk.WhyConsentReplaced: {codeWrongOTP, typeInvalidOTP, sidFailed, "A newer OTP was sent. Please enter the latest OTP.", ""},
	desk.WhyConsentExpired:  {codeExpiredOTP, typeOTPFailed, sidFailed, "OTP expired. Please generate a new OTP.", ""},
	desk.WhyConsentDead:     {codeExpiredOTP, typeOTPFailed, sidFailed, "Too many wrong OTPs. Please generate a new OTP.", ""},
	desk.WhyConsentSpent:    {codeExpiredOTP, typeOTPFailed, sidFailed, "OTP already Consumed. Please generate a new OTP.", ""},
	desk.WhyConsentNone:     {codeExpiredOTP, typeOTPFailed, sidFailed, "No OTP was sent. Please generate a new OTP.", ""},
	desk.WhyConsentSoon:     {codeFailed, typeOTPFailed, sidFailed, "An OTP was sent a moment ago. Please try again in 30 seconds.", ""},
	desk.WhyConsentMany:     {codeFailed, typeOTPFailed, sidFailed, "The OTP was sent too often for this transaction. Please try again tomorrow.", ""},
	desk.WhyConsentDaily:    {codeFailed, typeOTPFailed, sidFailed, "Too many OTPs were sent to this customer. Please try again tomorrow.", ""},

	// What was asked for.
	desk.WhyRemitAmount:  {codeInvalid, typeInvalid, sidFailed, "Please provide a valid amount", "Please provide an amount of at least 1.00"},
	desk.WhyRemitRef:     {codeInvalid, typeInvalid, sidFailed, "Please provide a valid client_ref_id", "Please provide at most 20 characters"},
	desk.WhyRemitChannel: {codeChannel, typeInvalid, sidFailed, "Invalid channel", "Please provide 1 or 2"},
	desk.WhyRemitHold:    {codeInvalid, typeInvalid, sidFailed, "Please provide a valid hold_timeout", "Please provide at most 86400 seconds"},
	desk.WhyMobile:       {codeInvalid, typeInvalid, sidFailed, "Please provide a valid mobile number", "Please provide a mobile number of 10 digits"},
	desk.WhyService:      {codeInvalid, typeInvalid, sidFailed, "Please provide a valid service_code", "Please provide the code of a service"},
	whyNoUser:            {codeNoUser, typeInvalid, sidFailed, "User not found", "The initiator has no such account."},
	whyNotOnboarded:      {codeNotOnboarded, codeNotOnboarded, sidFailed, "User not onboarded", "The initiator has no agent of this user_code."},
	whyNoReference:       {codeFailed, typeInvalid, sidRead, "No transaction found for the given reference.", ""},
	whyTIDLength:         {codeNoTID, typeNotFound, sidFailed, "Invalid_tid_Length", ""},
}

// The rules of this room.
const (
	whyNoUser       ledger.Why = "eko.no_user"
	whyNotOnboarded ledger.Why = "eko.not_onboarded"
	whyNoReference  ledger.Why = "eko.no_reference"
	whyTIDLength    ledger.Why = "eko.tid_length"
)

// What is refused before there is an envelope to refuse it in: the answers of
// the gateway in front of the vendor's API.
type gatewayError struct {
	status int
	text   string
}

func (e gatewayError) Error() string { return e.text }

var (
	errNoRoute     = gatewayError{http.StatusNotFound, "No mapping rule matched"}
	errWrongMethod = gatewayError{http.StatusMethodNotAllowed, "Method not allowed"}
	errContentType = gatewayError{http.StatusUnsupportedMediaType, "Unsupported Media Type"}
	errTooLarge    = gatewayError{http.StatusRequestEntityTooLarge, "Request entity too large"}
	errTooMany     = gatewayError{http.StatusTooManyRequests, "Too many requests"}
	errNoKey       = gatewayError{http.StatusOK, "No key for Response"}
)

// badFields are parameters that are missing or wrong.
type badFields struct {
	code    int
	invalid invalid
}

func (e *badFields) Error() string { return fmt.Sprintf("refused with %d: %v", e.code, e.invalid) }

// A notDone is a refusal with what is known of the transaction.
type notDone struct {
	err              error
	statusID, typeID int
	data             any
}

func (e *notDone) Error() string { return e.err.Error() }
func (e *notDone) Unwrap() error { return e.err }

// invalid says what is wrong with each parameter.
type invalid map[string]string

func (v invalid) set(name, text string) {
	if v[name] == "" {
		v[name] = text
	}
}

// fail answers why a request was not done.
func (q *request) fail(err error) {
	var gate gatewayError
	var no denial
	var bad *badFields
	var refused *ledger.Error
	switch {
	case errors.As(err, &gate):
		q.write(gate.status, message{Message: gate.text})
	case errors.As(err, &no):
		m := message{Message: "Forbidden"}
		if q.room.cfg.Debug {
			m.Debug = no.why
		}
		q.room.desk.Log.Info("eko: a caller was not let in", "why", no.why, "path", q.Pattern)
		q.write(http.StatusForbidden, m)
	case errors.As(err, &bad):
		text := bad.invalid[slices.Min(slices.Collect(maps.Keys(bad.invalid)))]
		if bad.code == codeMissing {
			text = textMissing
		}
		q.write(http.StatusOK, q.refused(refusal{bad.code, typeInvalid, sidFailed, text, ""}, bad.invalid, nil))
	case errors.As(err, &refused) && refused.Code != ledger.Internal:
		q.refuse(err, refused)
	default:
		q.broken(err)
	}
}

// refuse answers a refusal of the desk, or of this room.
func (q *request) refuse(err error, e *ledger.Error) {
	r, known := refusals[e.Why]
	if !known && e.Code == ledger.Limited { // at the door
		q.w.Header().Set("Retry-After", "1")
		q.write(errTooMany.status, message{Message: errTooMany.text})
		return
	}
	if !known {
		r = refusal{codeFailed, typeInvalid, sidFailed, "Transaction could not be done", ""}
	}
	var data any
	var more *notDone
	if errors.As(err, &more) {
		data, r.statusID, r.typeID = more.data, more.statusID, more.typeID
	}
	var params invalid
	if r.param != "" && e.Field != "" {
		params = invalid{e.Field: r.param}
	}
	if e.Why == desk.WhyInitiator {
		data = map[string]string{"csp_id": e.Detail}
	}
	q.write(http.StatusOK, q.refused(r, params, data))
}

// refused is the envelope of a refusal.
func (q *request) refused(r refusal, params invalid, data any) envelope {
	if q.room.cfg.CodeTwice {
		r.statusID = r.status
	}
	e := envelope{StatusID: r.statusID, Data: data, TypeID: r.typeID, Message: r.text, Status: r.status, Invalid: params}
	if t, ok := data.(interface{ tx() (string, string) }); ok {
		e.TxStatus, e.TxDesc = t.tx()
	}
	return e
}

// broken answers a fault of ours, which the caller learns nothing of.
func (q *request) broken(err error) {
	log, id := q.room.desk.Log, q.w.Header().Get("X-Request-Id")
	if errors.Is(err, context.Canceled) {
		log.Debug("eko: the caller has gone", "request", id, "path", q.Pattern)
	} else {
		log.Error("eko: request failed", "request", id, "path", q.Pattern, "err", err)
	}
	q.write(http.StatusInternalServerError, message{Message: "Internal server error"})
}

func (q *request) panicked(p any) {
	q.broken(fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
}

// message is an answer without an envelope.
type message struct {
	Message string `json:"message"`
	Debug   string `json:"debug,omitempty"`
}

// envelope is what every answer comes in.
type envelope struct {
	StatusID int     `json:"response_status_id"`
	Data     any     `json:"data,omitempty"`
	TypeID   int     `json:"response_type_id"`
	Message  string  `json:"message"`
	Status   int     `json:"status"`
	TxStatus string  `json:"tx_status,omitempty"`
	TxDesc   string  `json:"txstatus_desc,omitempty"`
	Invalid  invalid `json:"invalid_params,omitempty"`
}

// write answers with v as JSON.
func (q *request) write(status int, v any) {
	body, err := dialect.Encode(v)
	if err != nil {
		q.room.desk.Log.Error("eko: an answer that JSON cannot hold", "err", err)
		status, body = http.StatusInternalServerError, []byte(`{"message":"Internal server error"}`)
	}
	h := q.w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	q.w.WriteHeader(status)
	q.w.Write(body)
}

// number writes digits as a JSON number, if they fit one that every client can
// read, and as a text otherwise.
func number(s string) any {
	if s == "" || len(s) > 15 || !digits(s) || len(s) > 1 && s[0] == '0' {
		return s
	}
	return json.Number(s)
}
