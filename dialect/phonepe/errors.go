package phonepe

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"wapas/desk"
	"wapas/dialect"
	"wapas/ledger"
	"wapas/mask"
)

// The codes of the older generations. WALLLET has three L's on the wire.
const (
	codeSuccess       = "SUCCESS" // of calls that are about no payment
	codeInitiated     = "PAYMENT_INITIATED"
	codePaid          = "PAYMENT_SUCCESS"
	codePending       = "PAYMENT_PENDING"
	codeFailed        = "PAYMENT_ERROR"
	codeDeclined      = "PAYMENT_DECLINED"
	codeCancelled     = "PAYMENT_CANCELLED"
	codeCompleted     = "PAYMENT_ALREADY_COMPLETED"
	codeTimedOut      = "TIMED_OUT"
	codeUnsigned      = "AUTHORIZATION_FAILED"
	codeUnauthorized  = "UNAUTHORIZED"
	codeNoKey         = "KEY_NOT_CONFIGURED"
	codeNoTransaction = "TRANSACTION_NOT_FOUND"
	codeUsedID        = "INVALID_TRANSACTION_ID"
	codeUsedRefundID  = "DUPLICATE_TXN_REQUEST"
	codeExcess        = "EXCESS_REFUND_AMOUNT"
	codeWindow        = "REVERSAL_WINDOW_EXCEEDED"
	codeNotActivated  = "WALLLET_NOT_ACTIVATED"
	codeTooMany       = "TOO_MANY_REQUESTS"
	codeNoRoute       = "NOT_FOUND"
	codeMethod        = "METHOD_NOT_ALLOWED"
	codeTestOnly      = "PAYMENT_NOT_ALLOWED"
	codeBodyTooLarge  = "PAYLOAD_TOO_LARGE"
)

// A meaning is how a code sounds: its message, whether it is a success, and
// the HTTP status that it comes with. The vendor documents 417 for a used id;
// its clients show most of the others; the README says which are our choice.
type meaning struct {
	message string
	success bool
	status  int
}

// meanings is the one table of the codes of the older generations.
var meanings = map[string]meaning{
	codeSuccess:       {"Your request has been successfully completed.", true, http.StatusOK},
	codeInitiated:     {"Payment initiated", true, http.StatusOK},
	codePaid:          {"Your payment is successful.", true, http.StatusOK},
	codePending:       {"Your request is in pending state.", true, http.StatusOK},
	codeFailed:        {"Payment Failed", false, http.StatusOK},
	codeDeclined:      {"Payment declined by user.", false, http.StatusOK},
	codeCancelled:     {"Payment cancelled by merchant.", false, http.StatusOK},
	codeCompleted:     {"Payment is already completed.", false, http.StatusBadRequest},
	codeTimedOut:      {"Refund timed out. Check the status before retrying the refund.", false, http.StatusOK},
	codeInternal:      {trouble, false, http.StatusInternalServerError},
	codeBadRequest:    {"Please check the inputs you have provided.", false, http.StatusBadRequest},
	codeUnsigned:      {"Authorization failed. The X-VERIFY header is incorrect.", false, http.StatusUnauthorized},
	codeUnauthorized:  {"Unauthorized", false, http.StatusUnauthorized},
	codeNoKey:         {"Key not found for the merchant", false, http.StatusBadRequest},
	codeNoTransaction: {"Transaction not found.", false, http.StatusNotFound},
	codeUsedID:        {"duplicate transaction id", false, http.StatusExpectationFailed},
	codeUsedRefundID:  {"The transaction id is used already for a refund request.", false, http.StatusBadRequest},
	codeExcess:        {"The refund amount is more than what is left of the payment.", false, http.StatusBadRequest},
	codeWindow:        {"The payment is too old to be refunded.", false, http.StatusBadRequest},
	codeNotActivated:  {"The user has disabled the wallet.", false, http.StatusOK},
	codeTooMany:       {"Too many requests", false, http.StatusTooManyRequests},
	codeNoRoute:       {"Api Mapping Not Found", false, http.StatusNotFound},
	codeMethod:        {"Request method is not supported.", false, http.StatusMethodNotAllowed},
	codeTestOnly:      {"Payments of a live book are taken by its provider.", false, http.StatusBadRequest},
	codeBodyTooLarge:  {"The request body is too large.", false, http.StatusRequestEntityTooLarge},
}

// refusals is the one table from rules to the codes of the older generations.
// What has no line here is BAD_REQUEST if it is a refusal of the request.
var refusals = map[ledger.Why]string{
	// Who is calling.
	whyNoVerify:   codeUnsigned,
	whyVerifyForm: codeUnsigned,
	whyVerify:     codeUnsigned,
	whyBearer:     codeUnauthorized,
	whyMerchant:   codeNoKey,

	// The request itself.
	whyBodySize: codeBodyTooLarge,

	// Payments.
	desk.WhyHandleUsed:   codeUsedID,
	desk.WhyLivePayment:  codeTestOnly,
	desk.WhyPaymentState: codeCompleted,

	// Refunds.
	whyRefundIDUsed:          codeUsedRefundID,
	desk.WhySameRefund:       codeUsedRefundID,
	desk.WhyUnknownID:        codeNoTransaction,
	desk.WhyRefundUncaptured: codeNoTransaction,
	ledger.WhyOverBudget:     codeExcess,
	ledger.WhyFullyRefunded:  codeExcess,
	ledger.WhyDisputed:       codeExcess,
	desk.WhyRefundOverRouted: codeExcess,
	desk.WhyRefundOld:        codeWindow,
	desk.WhyRefundTooOld:     codeWindow,
}

// fallback are the codes of refusals that refusals has no line for.
var fallback = map[ledger.Code]string{
	ledger.Denied:       codeUnsigned,
	ledger.Limited:      codeTooMany,
	ledger.Invalid:      codeBadRequest,
	ledger.Busy:         codePending,
	ledger.Mismatch:     codeBadRequest,
	ledger.Duplicate:    codeBadRequest,
	ledger.NotFound:     codeNoTransaction,
	ledger.WrongState:   codeBadRequest,
	ledger.Exceeds:      codeExcess,
	ledger.Insufficient: codeFailed,
}

var (
	errNoRoute     = errors.New("no such path")
	errWrongMethod = errors.New("no such method of this path")
)

// codeOf is the code that an error is answered with.
func codeOf(err error) string {
	switch {
	case errors.Is(err, errNoRoute):
		return codeNoRoute
	case errors.Is(err, errWrongMethod):
		return codeMethod
	}
	var e *ledger.Error
	if !errors.As(err, &e) || e.Code == ledger.Internal {
		return codeInternal
	}
	if code, ok := refusals[e.Why]; ok {
		return code
	}
	return fallback[e.Code]
}

// statusOf is the HTTP status of a code.
func (r *room) statusOf(code string) int {
	if s, ok := r.cfg.Statuses[code]; ok {
		return s
	}
	return meanings[code].status
}

// because is err, refused by another rule if it was refused by from: for a call
// that gives a common rule a code of its own.
func because(err error, from, to ledger.Why) error {
	var e *ledger.Error
	if errors.As(err, &e) && e.Why == from {
		other := *e
		other.Why = to
		return &other
	}
	return err
}

// fail answers with an error. This is where errors stop, so our own are logged
// here, and only here. What was wrong with a request is told to the log, and in
// a test book to its caller in a header: the vendor's answer does not say.
func (q *request) fail(err error) {
	var status int
	var body any
	known := true
	if q.gen == g3 || q.gen == page {
		status, body, known = newFault(err)
	} else {
		code := codeOf(err)
		known = code != codeInternal
		status, body = q.room.statusOf(code), say(code, nil)
	}
	log, id := q.room.desk.Log, q.w.Header().Get("X-Request-Id")
	switch { // by the route and not the path, which may be the address of a page
	case errors.Is(err, context.Canceled):
		log.Debug("the caller has gone", "request", id, "route", q.Pattern)
	case !known:
		log.Error("request failed", "request", id, "method", q.Method, "route", q.Pattern, "book", q.book(), "err", err)
	case log.Enabled(q.Context(), slog.LevelDebug):
		log.Debug("refused", "request", id, "route", q.Pattern, "err", mask.Line(err.Error(), 300)) // it may quote what the caller sent
	}
	a := raw{status: status, header: http.Header{}}
	var e *ledger.Error
	if known && errors.As(err, &e) && q.caller.Mode == desk.Test {
		if said := strings.TrimSpace(e.Field + ": " + string(e.Why) + " " + e.Detail); isHeader(said) {
			a.header.Set("X-Wapas-Refused", said)
		}
	}
	if status == http.StatusTooManyRequests {
		a.header.Set("Retry-After", "1")
	}
	if a.body, err = dialect.Encode(body); err != nil { // a refusal is made of strings
		panic(err)
	}
	q.send(a)
}

// isHeader says whether a text may stand in a header as it is.
func isHeader(s string) bool {
	for _, c := range s {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return len(s) < 512
}
