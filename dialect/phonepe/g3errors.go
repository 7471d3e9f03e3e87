package phonepe

import (
	"errors"
	"net/http"
	"strings"

	"wapas/desk"
	"wapas/ledger"
)

// A newRefusal is how one rule sounds in the newest generation. In the text,
// {field} is the field as the caller wrote it and {detail} what the rule says
// about this case. More is the detailedErrorCode that goes with it, if the
// vendor has one.
type newRefusal struct {
	status     int
	code, text string
	more       string
}

// inputs is how the vendor says that something is wrong with a body; what that
// is stands behind it, because the word alone has cost its integrators days.
const inputs = "Please check the inputs you have provided. [message = "

// newRefusals is the one table from rules to the vendor's words. Which code
// goes with a refund of too much, or of an order that was never paid, is not
// documented: they are bad requests here, with the word of the older
// generations as detailedErrorCode.
var newRefusals = map[ledger.Why]newRefusal{
	// Requests as such.
	whyBodySize: {http.StatusBadRequest, codeBadRequest, inputs + "the body may have at most {detail} bytes]", ""},
	whyBody:     {http.StatusBadRequest, codeBadRequest, inputs + "the body is not what it should be: {detail}]", ""},
	whyMissing:  {http.StatusBadRequest, codeBadRequest, inputs + "{field} must not be blank]", ""},
	whyKind:     {http.StatusBadRequest, codeBadRequest, inputs + "{field} must be {detail}]", ""},
	whyLength:   {http.StatusBadRequest, codeBadRequest, inputs + "{field} may have at most {detail} characters]", ""},
	whyForm:     {http.StatusBadRequest, codeBadRequest, inputs + "{field} may have {detail} only]", ""},
	whyRange:    {http.StatusBadRequest, codeBadRequest, inputs + "{field} must be {detail}]", ""},
	whyChoice:   {http.StatusBadRequest, codeBadRequest, inputs + "{field} has a value that is not known]", ""},
	whyRedirect: {http.StatusBadRequest, codeBadRequest, inputs + "{field} must be the address of a page]", ""},

	// Tokens. These three are printed by the vendor, and seen.
	whyFormBlank: {http.StatusBadRequest, codeBadRequest, "form field {field} must not be blank.", ""},
	whyFormWrong: {http.StatusBadRequest, codeBadRequest, "form field {field} must be {detail}.", ""},

	// Orders.
	whyNoOrder:             {http.StatusBadRequest, "MERCHANT_ORDER_MAPPING_NOT_FOUND", "No entry found for Merchant", ""},
	whyNoAttempt:           {http.StatusNotFound, "TRANSACTION_NOT_FOUND", "Transaction not found", ""},
	whyOrderAgain:          {http.StatusBadRequest, codeBadRequest, inputs + "merchantOrderId was used for another order]", ""},
	desk.WhyPaymentMin:     {http.StatusBadRequest, codeBadRequest, inputs + "amount must be at least 100]", ""},
	desk.WhyPaymentMax:     {http.StatusBadRequest, codeBadRequest, inputs + "amount is too large]", ""},
	desk.WhyVPA:            {http.StatusBadRequest, codeBadRequest, inputs + "paymentFlow.paymentMode.details.vpa is no address]", ""},
	desk.WhyBank:           {http.StatusBadRequest, codeBadRequest, inputs + "paymentFlow.paymentMode.bankId is no bank]", ""},
	desk.WhyReceipt:        {http.StatusBadRequest, codeBadRequest, inputs + "merchantOrderId was used for another order]", ""},
	desk.WhyLivePayment:    {http.StatusBadRequest, codeBadRequest, "Payments of a live book are taken by its provider.", ""},
	desk.WhyPaymentState:   {http.StatusBadRequest, codeBadRequest, "The payment is past this.", ""},
	desk.WhyFeeAboveAmount: {http.StatusBadRequest, codeBadRequest, "The fee is more than the payment.", ""},
	desk.WhyChargeLife:     {http.StatusBadRequest, codeBadRequest, inputs + "expireAfter must be between 300 and 3600]", ""},
	desk.WhyScenario:       {http.StatusBadRequest, codeBadRequest, inputs + "no such scenario]", ""},
	desk.WhyTestCard:       {http.StatusBadRequest, codeBadRequest, inputs + "not a card for tests]", ""},
	desk.WhyMethod:         {http.StatusBadRequest, codeBadRequest, inputs + "paymentFlow.paymentMode.type has a value that is not known]", ""},

	// Refunds.
	whyNoRefund:               {http.StatusNotFound, "REFUND_NOT_FOUND", "Refund does not exist", ""},
	whyRefundAgain:            {http.StatusBadRequest, "Refund ID Duplicated", "Refund ID Duplicated", ""},
	desk.WhyUnknownID:         {http.StatusBadRequest, "MERCHANT_ORDER_MAPPING_NOT_FOUND", "No entry found for Merchant", ""},
	desk.WhyRefundZero:        {http.StatusBadRequest, codeBadRequest, inputs + "amount must be at least 1]", ""},
	desk.WhyRefundMin:         {http.StatusBadRequest, codeBadRequest, inputs + "amount is less than the least that may be refunded]", ""},
	desk.WhySameRefund:        {http.StatusBadRequest, codeBadRequest, "The same amount of this order was refunded a moment ago.", ""},
	desk.WhyRefundUncaptured:  {http.StatusBadRequest, codeBadRequest, "The order is not completed.", ""},
	desk.WhyRefundOld:         {http.StatusBadRequest, codeBadRequest, "The order is too old to be refunded.", tooOldForRefund},
	desk.WhyRefundTooOld:      {http.StatusBadRequest, codeBadRequest, "The order is too old to be refunded.", tooOldForRefund},
	ledger.WhyOverBudget:      {http.StatusBadRequest, codeBadRequest, "The refund is more than is left of the order.", "EXCESS_REFUND_AMOUNT"},
	desk.WhyRefundOverRouted:  {http.StatusBadRequest, codeBadRequest, "The refund is more than is left of the order.", "EXCESS_REFUND_AMOUNT"},
	ledger.WhyFullyRefunded:   {http.StatusBadRequest, codeBadRequest, "The order is refunded already.", "EXCESS_REFUND_AMOUNT"},
	ledger.WhyDisputed:        {http.StatusBadRequest, codeBadRequest, "The refund is more than is left of the order, of which a part is disputed.", "EXCESS_REFUND_AMOUNT"},
	desk.WhyRefundUnavailable: {http.StatusBadRequest, codeBadRequest, "The merchant's settlement balance is too low for the refund.", balanceTooLow},
}

// The codes of the vendor's that more than one rule or answer has.
const (
	codeBadRequest  = "BAD_REQUEST"
	codeInternal    = "INTERNAL_SERVER_ERROR"
	balanceTooLow   = "BF_034"
	tooOldForRefund = "REFUND_FOR_TXN_OLDER_THAN_LIMIT"
)

// newErrorWire is a refusal. Two shapes are in use, {success, code, message,
// data} and {errorCode, message, context}; clients look for the second and fall
// back on the first. Both are here.
type newErrorWire struct {
	Success   bool   `json:"success"`
	Code      string `json:"code"`
	Message   string `json:"message"`
	Data      any    `json:"data"`
	ErrorCode string `json:"errorCode"`
	Context   any    `json:"context"`
}

// detailWire says more of a refusal, where the vendor has a word for it.
type detailWire struct {
	DetailedErrorCode string `json:"detailedErrorCode,omitempty"`
}

// plainErrorWire is the first shape alone, of the token's door.
type plainErrorWire struct {
	Success bool     `json:"success"`
	Code    string   `json:"code"`
	Message string   `json:"message"`
	Data    struct{} `json:"data"`
}

// deniedWire is the second shape of the token's door.
type deniedWire struct {
	Code      string        `json:"code"`
	ErrorCode string        `json:"errorCode"`
	Message   string        `json:"message"`
	Context   deniedContext `json:"context"`
}

type deniedContext struct {
	Description string `json:"error_description"`
	Message     string `json:"msg"`
}

// unauthorizedWire is a token that is missing, wrong or over, or may not do
// this: the status as text.
type unauthorizedWire struct {
	Success bool   `json:"success"`
	Code    string `json:"code"`
}

// newFault is a refusal as the newest generation answers it. What is not a
// refusal of ours, or no rule of the table, is our own fault: the caller learns
// nothing else, and known is false.
func newFault(err error) (status int, body any, known bool) {
	var e *ledger.Error
	switch {
	case errors.Is(err, errNoRoute), errors.Is(err, errWrongMethod):
		return http.StatusBadRequest, both(codeBadRequest, "Bad Request - Api Mapping Not Found", ""), true
	case !errors.As(err, &e):
		return http.StatusInternalServerError, both(codeInternal, trouble, ""), false
	case e.Why == whyNoClient:
		text := "Bad Request: Invalid Client, trackingId: " + e.Detail
		return http.StatusBadRequest, deniedWire{"INVALID_CLIENT", "OIM000", text, deniedContext{"Client Authentication Failure", text}}, true
	case e.Why == whyScope:
		return http.StatusForbidden, unauthorizedWire{Code: "403"}, true
	case e.Code == ledger.Denied:
		return http.StatusUnauthorized, unauthorizedWire{Code: "401"}, true
	case e.Code == ledger.Limited:
		return http.StatusTooManyRequests, both(codeTooMany, "Too many requests", ""), true
	}
	n, ok := newRefusals[e.Why]
	if !ok {
		return http.StatusInternalServerError, both(codeInternal, trouble, ""), false
	}
	text := strings.NewReplacer("{field}", e.Field, "{detail}", e.Detail).Replace(n.text)
	if e.Why == whyFormBlank || e.Why == whyFormWrong {
		return n.status, plainErrorWire{Code: n.code, Message: text}, true
	}
	return n.status, both(n.code, text, n.more), true
}

// trouble is what the vendor says of its own faults.
const trouble = "There is an error trying to process your transaction at the moment. Please try again in a while."

func both(code, text, more string) newErrorWire {
	return newErrorWire{Code: code, Message: text, Data: detailWire{more}, ErrorCode: code, Context: detailWire{more}}
}
