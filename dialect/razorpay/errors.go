package razorpay

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"

	"wapas/desk"
	"wapas/dialect"
	"wapas/ledger"
	"wapas/rail"
)

// A family is the triple that the vendor's refusals come with. Nil is written
// as null.
type family struct{ source, step, reason any }

var (
	validation  = family{"business", "payment_initiation", "input_validation_failed"}
	extraField  = family{"business", "payment_initiation", "extra_field_sent"}
	generic     = family{"NA", "NA", "NA"}
	wrongMethod = family{"internal", "NA", "NA"}
	policy      = family{nil, nil, nil} // of refunds
	ofPayouts   = family{"business", nil, "input_validation_failed"}
	blocked     = family{"customer", "payment_authorization", "debit_instrument_blocked"} // a reason of the published list
	noContact   = family{"business", "NA", "invalid_contact_number"}
	noLinked    = family{"", "", "linked_account_id_does_not_exist"}
)

// A refusal is how one rule sounds on the wire. In the text, {field} is the
// field as the caller wrote it, {name} the same with spaces for underscores, and
// {detail} what the rule says about this case. The field is shown as the
// vendor's pages show it, which is not for every rule: bare leaves it out.
type refusal struct {
	family family
	text   string
	status int // 400 if it is zero
	bare   bool
}

// The rules of this room: what may be wrong with a request before the desk
// hears of it.
const (
	whyNotAnID     ledger.Why = "not_an_id"
	whySyntax      ledger.Why = "syntax"
	whyTooLarge    ledger.Why = "too_large"
	whyExtra       ledger.Why = "extra_field"
	whyRequired    ledger.Why = "required"
	whyInteger     ledger.Why = "integer"
	whyText        ledger.Why = "text"
	whyArray       ledger.Why = "array"
	whyBoolean     ledger.Why = "boolean"
	whyNotOne      ledger.Why = "not_one_of"
	whyTooLong     ledger.Why = "too_long"
	whyTooMuch     ledger.Why = "too_much"
	whyAtLeast     ledger.Why = "at_least"
	whyAtMost      ledger.Why = "at_most"
	whyTimeInteger ledger.Why = "time_integer"
	whyTimeRange   ledger.Why = "time_range"
	whyExpand      ledger.Why = "expand"
	whyNotes       ledger.Why = "notes"
)

// refusals is the one table from rules to the vendor's words.
var refusals = map[ledger.Why]refusal{
	// Requests as such.
	whyNotAnID:     {validation, "{detail} is not a valid id", 0, false},
	whySyntax:      {validation, "syntax error but provided {detail}", 0, false},
	whyTooLarge:    {validation, "The request body may not be greater than {detail} bytes.", http.StatusRequestEntityTooLarge, false},
	whyExtra:       {extraField, "{detail} is/are not required and should not be sent", 0, false},
	whyRequired:    {validation, "The {name} field is required.", 0, false},
	whyInteger:     {validation, "The {name} must be an integer.", 0, false},
	whyText:        {validation, "The {name} must be a string.", 0, false},
	whyArray:       {validation, "The {name} must be an array.", 0, false},
	whyBoolean:     {validation, "The {name} field must be true or false.", 0, false},
	whyNotOne:      {validation, "The selected {name} is invalid.", 0, false},
	whyTooLong:     {validation, "The {name} may not be greater than {detail} characters.", 0, false},
	whyTooMuch:     {validation, "The {name} may not be greater than {detail}.", 0, false},
	whyAtLeast:     {validation, "The {name} must be at least {detail}.", 0, false},
	whyAtMost:      {validation, "The {name} may not be greater than {detail}.", 0, false},
	whyTimeInteger: {validation, "{field} must be an integer.", 0, false},
	whyTimeRange:   {validation, "{field} must be between 946684800 and 4765046400", 0, false},
	whyExpand:      {validation, "Value of each expand must be one of following types: {detail}", 0, false},
	whyNotes:       {validation, "Notes validation failed.", 0, false},

	// Any operation.
	desk.WhyArchiveAway: {generic, "The server is facing some trouble reading what is that old. Please try again later.", http.StatusServiceUnavailable, true},
	desk.WhyUnknownID:   {validation, "The id provided does not exist", 0, true},
	desk.WhyInProgress:  {generic, "Another request with the same idempotency key is still in progress.", http.StatusConflict, true},
	desk.WhyKeyMismatch: {generic, "Different request with the same idempotency key has already been processed.", http.StatusConflict, true},

	// Customers, orders, payments, wallets.
	whyContactShort:        {noContact, "Contact number should be at least 8 digits, including country code", 0, false},
	whyContactLong:         {noContact, "Contact number should not be greater than 15 digits, including country code", 0, false},
	whyContactForm:         {noContact, "Contact number contains invalid characters, only digits and + symbol are allowed", 0, false},
	whyNameShort:           {validation, "The {name} must be at least 3 characters.", 0, false},
	whyNameForm:            {validation, "The {name} format is invalid.", 0, false},
	whyEmail:               {validation, "The {name} must be a valid email address.", 0, false},
	whyGSTIN:               {validation, "The {name} format is invalid.", 0, false},
	desk.WhyCustomerExists: {validation, "Customer already exists for the merchant", 0, true},
	whyExpectedText:        {validation, "expected string but provided {detail}", 0, false},
	whyCurrency:            {validation, "Currency is not supported", 0, false},
	whyNotesRequired:       {validation, "The notes field is required", 0, false},
	desk.WhyOrderMin:       {validation, "The amount must be at least INR 1.00", 0, false},
	desk.WhyOrderMax:       {validation, "Amount exceeds maximum amount allowed", 0, false},
	desk.WhyFirstMin:       {validation, "The first payment min amount must be between 100 and the amount of the order, which may be paid in parts.", 0, false},
	desk.WhyCaptureTime:    {validation, "The {name} must be between 12 and 7200.", 0, false},
	desk.WhyReceipt:        {validation, "Order receipt should be unique.", 0, false},
	desk.WhyPaymentMin:     {validation, "The amount must be at least INR 1.00", 0, false},
	desk.WhyPaymentMax:     {validation, "Amount exceeds maximum amount allowed", 0, false},
	desk.WhyMethod:         {validation, "The selected method is invalid.", 0, false},
	desk.WhyTestCard:       {validation, testCardsOnly, 0, false},
	whyCardNumber:          {validation, testCardsOnly, 0, false},
	whyCardExpiry:          {validation, "Your card's expiry date is invalid.", 0, false},
	whyCardCVV:             {validation, "The cvv must be 3 or 4 digits.", 0, false},
	desk.WhyVPA:            {validation, "Invalid VPA. Please enter a valid Virtual Payment Address", 0, false},
	desk.WhyBank:           {validation, "The selected bank is invalid.", 0, false},
	desk.WhyLivePayment:    {wrongMethod, "The requested URL was not found on the server.", 0, true},
	desk.WhyPaymentState:   {validation, "The payment has already been processed.", 0, true},
	desk.WhyOrderIsPaid:    {validation, "Your payment has been declined as the order is already paid. Please initiate the payment with a new order.", 0, true},
	desk.WhyOrderOpen:      {validation, "Payment already done for this order.", 0, true},
	desk.WhyOrderAmount:    {validation, "Your payment amount is different from your order amount. To pay successfully, please try using right amount.", 0, true},
	desk.WhyOverDue:        {validation, "Payment amount is greater than the amount due for order.", 0, true},
	desk.WhyUnderFirstMin:  {validation, "Payment amount is less than the first payment min amount of the order.", 0, true},
	whyCaptureBlank:        {validation, "Could not validate payment capture request due to: amount: cannot be blank.", 0, false},
	whyCaptureCurrency:     {validation, "Capture request currency must be same as payment currency.", 0, false},
	desk.WhyNotAuthorized:  {validation, "Only payments which have been authorized and not yet captured can be captured.", 0, true},
	desk.WhyCaptured:       {validation, "Your payment has been declined as the order is already paid. Please initiate the payment with a new order.", 0, true},
	desk.WhyVoided:         {validation, "The payment has already been either captured or voided.", 0, true},
	desk.WhyCaptureAmount:  {validation, "Capture amount must be equal to the amount authorized.", 0, false},
	desk.WhyFeeAboveAmount: {validation, "The fees calculated for payment is greater than the payment amount.", 0, true},
	whyNotCard:             {validation, "Payment was not done using card.", 0, true},
	desk.WhyContact:        {validation, "The contact must be a valid Indian mobile number.", 0, false},
	desk.WhyMaxBalance:     {validation, "The amount exceeds the maximum balance of the wallet.", 0, false},
	desk.WhyMonthlyLoad:    {validation, "The amount exceeds the limit of transfers to the wallet in a calendar month.", 0, false},
	desk.WhyMonthlyUsage:   {validation, "The amount exceeds the limit of payouts from the wallet in a calendar month.", 0, false},
	desk.WhyMonthlySpend:   {validation, "The amount exceeds the monthly usage limit of the wallet.", 0, false},
	desk.WhyWalletFrozen:   {blocked, "The customer's wallet is blocked.", 0, true},

	// Refunds, fund accounts, payouts.
	whyRefundKeyShort:         {generic, "The idempotency key must be at least 10 characters long.", 0, true},
	whyRefundKeyLong:          {generic, "The idempotency key may not be greater than {detail} characters.", 0, true},
	whyRefundKeyForm:          {generic, "The idempotency key must only contain alphanumeric characters, underscores, and hyphens", 0, true},
	desk.WhyRefundZero:        {validation, "Amount cannot be blank.", 0, false},
	desk.WhyRefundMin:         {validation, "The amount must be at least INR 1.00", 0, false},
	desk.WhyRefundSpeed:       {validation, "The selected {name} is invalid.", 0, false},
	desk.WhyRefundReceipt:     {validation, "Duplicate receipt found for this refund request.", 0, true},
	desk.WhySameRefund:        {validation, "A refund of the same amount was made on this payment a moment ago.", 0, true},
	desk.WhyRefundUncaptured:  {validation, "The payment status should be captured for action to be taken.", 0, true},
	desk.WhyRefundOld:         {policy, "Payment is more than 6 months old, only instant refund is supported", 0, true},
	desk.WhyRefundTooOld:      {policy, "Refund is not supported by the bank because the payment is more than 6 months old", 0, true},
	ledger.WhyFullyRefunded:   {validation, "The payment has been fully refunded already", 0, true},
	ledger.WhyOverBudget:      {validation, "The refund amount provided is greater than amount captured", 0, true},
	ledger.WhyDisputed:        {validation, "The refund amount provided is greater than amount captured less what is in dispute", 0, true},
	desk.WhyRefundOverRouted:  {validation, "The sum of amount requested for refund is greater than the available amount", 0, true},
	ledger.WhyReverseAll:      {validation, "reverse_all cannot be used for a partial refund of a payment with transfers to several accounts", 0, false},
	desk.WhyRefundUnavailable: {generic, "Your account does not have enough balance to carry out the refund operation. You can add funds to your account from your Razorpay dashboard or capture new payments.", 0, true},
	desk.WhyScenario:          {validation, "The note wapas_outcome must be one of: " + strings.Join(rail.Scenarios, ", "), 0, false},
	desk.WhyFundType:          {validation, "The selected {name} is invalid.", 0, false},
	desk.WhyFundName:          {validation, "The {name} must be between 1 and 120 characters.", 0, false},
	desk.WhyFundIFSC:          {validation, "Invalid IFSC Code", 0, false},
	desk.WhyFundNumber:        {validation, "The bank account number must be between 5 and 35 characters", 0, false},
	desk.WhyFundDigits:        {validation, "The {name} may only contain letters and numbers.", 0, false},
	whyPayoutKeyMissing:       {ofPayouts, "Idempotency key is missing. Include idempotency header and key in the request.", 0, false},
	desk.WhyPayoutMin:         {validation, "The amount must be at least INR 1.00", 0, false},
	desk.WhyPayoutMax:         {validation, "Amount exceeds maximum amount allowed", 0, false},
	desk.WhyPayoutPurpose:     {validation, "The {name} must be between 1 and 30 characters.", 0, false},
	desk.WhyPayoutReference:   {validation, "The {name} may not be greater than 40 characters.", 0, false},
	desk.WhyPayoutNarration:   {validation, "The {name} may only contain letters, numbers and spaces.", 0, false},
	desk.WhyPayoutProgramme:   {validation, "Payouts are not allowed from wallets of this programme.", 0, true},
	desk.WhyFundInactive:      {validation, "The fund account is inactive.", 0, false},
	desk.WhyPayoutFee:         {generic, "Your account does not have enough balance to carry out the payout operation.", 0, true},
	desk.WhyWalletShort:       {validation, "The amount is greater than the balance of the wallet.", 0, false},

	// Transfers, reversals, linked accounts, settlements, webhooks.
	desk.WhyTransferNone:         {validation, "The {name} field is required.", 0, false},
	desk.WhyTransferMany:         {validation, "The transfers may not have more than 50 items.", 0, false},
	desk.WhyTransferMin:          {validation, "The {field} must be at least 100.", 0, false},
	desk.WhyTransferMax:          {validation, "The {field} may not be greater than 1000000000000.", 0, false},
	desk.WhyTransferRecipient:    {validation, "The selected {field} is invalid.", 0, false},
	desk.WhyTransferOneWallet:    {validation, "You can only request for a transfer to one customer in an API call.", 0, false},
	desk.WhyHoldUntil:            {validation, "The on_hold_until field may be sent only when on_hold is true.", 0, false},
	desk.WhyHoldNothing:          {validation, "The on hold field is required.", 0, false},
	desk.WhyHoldState:            {validation, "The settlement of this transfer can not be changed.", 0, true},
	desk.WhyTransferUncaptured:   {validation, "The payment status should be captured for action to be taken.", 0, true},
	desk.WhyTransferAfterRefund:  {validation, "Transfers cannot be made on a payment once a refund has been initiated on it.", 0, true},
	desk.WhyTransferPartialOrder: {validation, "Transfers are not supported on orders with partial payment.", 0, true},
	desk.WhyTransferExceeds:      {validation, "The sum of amount requested for transfer is greater than the captured amount", 0, true},
	desk.WhyTransferShort:        {validation, "Transfer cannot be made due to insufficient balance", 0, true},
	desk.WhyLinkedSuspended:      {validation, "The linked account is suspended.", 0, true},
	whyShortKey:                  {generic, "The idempotency key must be 4 to 36 characters long and may only contain alphanumeric characters, hyphens, underscores and spaces", 0, true},
	whyShortKeyReused:            {generic, "Different request with the same idempotency key has already been processed.", 0, true},
	whyDirectMin:                 {validation, "The transfers.0.amount must be at least 100.", 0, false},
	whyTransferCurrency:          {validation, "The currency should be INR for transfers", 0, false},
	whyAccountCode:               {validation, "{detail} is an invalid account_code.", 0, false},
	whyLinkedNotes:               {validation, "Keys sent in linked_account_notes must exist in notes", 0, false},
	desk.WhyReversalMin:          {validation, "The amount must be at least INR 1.00", 0, false},
	desk.WhyTransferNotMade:      {validation, "The transfer has not been processed and cannot be reversed.", 0, true},
	desk.WhyReverseNothing:       {validation, "The transfer has been fully reversed already.", 0, true},
	desk.WhyReversalExceeds:      {validation, "The reversal amount provided is greater than the amount left of the transfer", 0, false},
	desk.WhyLinkedShort:          {validation, "The linked account does not have sufficient balance to process reversal.", 0, true},
	desk.WhyLinkedUnknown:        {noLinked, "Linked account does not exist", 0, true},
	desk.WhyLinkedEmail:          {validation, "Merchant email already exists for account - {detail}.", 0, false},
	desk.WhyStakeholderOne:       {validation, "Stakeholders cannot be more than one for Route product.", 0, true},
	desk.WhyStakeholderNone:      {validation, "The id provided does not exist", 0, true},
	desk.WhyProductNone:          {generic, "The provided product config id doesn't exist for the merchant", 0, true},
	whyLinkedType:                {validation, "Invalid type: {detail}", 0, false},
	whyBusinessType:              {validation, "Invalid business type: {detail}", 0, false},
	whyLinkedForm:                {validation, "The {name} format is invalid.", 0, false},
	whyLinkedBetween:             {validation, "The {name} must be between {detail} characters.", 0, false},
	whyLinkedName:                {validation, "The name may only contain alphabets, digits and spaces", 0, false},
	whyLinkedIFSC:                {validation, "Invalid IFSC Code", 0, false},
	whyLinkedNumber:              {validation, "The bank account number must be between 5 and 35 characters", 0, false},
	whyProduct:                   {validation, "The product requested is invalid.", 0, false},
	whyFile:                      {validation, "The {name} must be a file.", 0, false},
	whyFileForm:                  {validation, "The {name} must be a file of type: jpg, jpeg, png, pdf.", 0, false},
	whyFileSize:                  {validation, "The {name} may not be greater than {detail} kilobytes.", 0, false},
	whyTnC:                       {validation, "The selected tnc accepted is invalid.", 0, false},
	whyAccountCodeOff:            {validation, "Route code Support feature not enabled to add account code.", 0, false},
	desk.WhySettleMin:            {validation, "The amount must be at least INR 1.00", 0, false},
	desk.WhySettleShort:          {validation, "The amount requested is greater than the balance available for settlement", 0, false},
	desk.WhySettleNothing:        {validation, "There is no balance available for settlement", 0, true},
	desk.WhySettled:              {validation, "The settlement has been processed already.", 0, true},
	whyYear:                      {validation, "The year must be 4 digits.", 0, false},
	whyMonth:                     {validation, "The month is not a valid month.", 0, false},
	whyDay:                       {validation, "The day must be between 1 and 2 digits.", 0, false},
	desk.WhyEndpointURL:          {validation, "The url format is invalid.", 0, false},
	desk.WhyEndpointReach:        {validation, "The url format is invalid.", 0, false},
	desk.WhyEndpointNone:         {validation, "The {name} field is required.", 0, false},
	desk.WhyEndpointEvents:       {validation, "Invalid event name/names: {detail}", 0, false},
	desk.WhyEndpointMany:         {validation, "The number of webhooks may not be greater than {detail}.", 0, false},
}

// testCardsOnly is said of a card that is not one of those for tests.
const testCardsOnly = "Your card number is invalid: only test cards are taken here."

// fallback is how each code sounds where its rule has no line above, so that
// nothing can be refused without words.
var fallback = map[ledger.Code]refusal{
	ledger.Denied:       {generic, "Authentication failed", http.StatusUnauthorized, true},
	ledger.Limited:      {generic, "Too many requests", http.StatusTooManyRequests, true},
	ledger.Invalid:      {validation, "invalid request sent", 0, false},
	ledger.Busy:         {generic, "Request failed because another payment operation is in progress.", http.StatusConflict, true},
	ledger.Mismatch:     {generic, "Different request with the same idempotency key has already been processed.", http.StatusConflict, true},
	ledger.Duplicate:    {validation, "invalid request sent", 0, false},
	ledger.NotFound:     {validation, "The id provided does not exist", 0, true},
	ledger.WrongState:   {validation, "invalid request sent", 0, false},
	ledger.Exceeds:      {validation, "invalid request sent", 0, false},
	ledger.Insufficient: {validation, "invalid request sent", 0, false},
	ledger.Internal:     {generic, "We are facing some trouble completing your request at the moment. Please try again shortly.", http.StatusInternalServerError, true},
}

// A fault is an answer that is not 200, in the vendor's shape.
type fault struct {
	status int
	body   any
}

func (f *fault) Error() string { return fmt.Sprintf("%d %v", f.status, f.body) }

// errorWire is the error of every body but three: those that the real API
// sends before it knows the caller.
type errorWire struct {
	Code        string `json:"code"`
	Description string `json:"description"`
	Field       string `json:"field,omitempty"`
	Source      any    `json:"source"`
	Step        any    `json:"step"`
	Reason      any    `json:"reason"`
	Metadata    any    `json:"metadata"`
	// There is no internal_error_code: the Go client takes an error that has
	// one for a success.
}

// shortWire is the error of a caller we do not know.
type shortWire struct {
	Code        string `json:"code"`
	Description string `json:"description"`
}

type envelope struct {
	Error any `json:"error"`
}

const badRequest = "BAD_REQUEST_ERROR"

var (
	errNoRoute     = &fault{http.StatusNotFound, map[string]string{"message": "no Route matched with those values"}}
	errWrongMethod = inWords(refusal{wrongMethod, "The requested URL was not found on the server.", 0, true}, badRequest)
	errNotAllowed  = inWords(refusal{generic, "Access Denied", http.StatusForbidden, true}, badRequest)
	errNoKey       = &fault{http.StatusUnauthorized, envelope{shortWire{badRequest, "Please provide your api key for authentication purposes"}}}
	errDenied      = &fault{http.StatusUnauthorized, envelope{shortWire{badRequest, "Authentication failed"}}}
	errPrinted     = inWords(refusal{generic, "The api key provided is invalid", http.StatusUnauthorized, true}, badRequest)
)

// inWords makes the answer of a refusal that has nothing to fill in.
func inWords(r refusal, code string) *fault {
	if r.status == 0 {
		r.status = http.StatusBadRequest
	}
	return &fault{r.status, envelope{errorWire{
		Code: code, Description: r.text,
		Source: r.family.source, Step: r.family.step, Reason: r.family.reason,
		Metadata: empty{},
	}}}
}

// failedPayment is the answer to a request whose payment was made and failed:
// the error that the payment keeps, and which payment and order it was.
func failedPayment(p desk.Payment) error {
	type of struct {
		Payment desk.ID `json:"payment_id"`
		Order   desk.ID `json:"order_id,omitempty"`
	}
	return &fault{http.StatusBadRequest, envelope{errorWire{
		Code: p.ErrorCode, Description: p.ErrorDescription,
		Source: p.ErrorSource, Step: p.ErrorStep, Reason: p.ErrorReason,
		Metadata: of{p.ID, p.Order},
	}}}
}

// because is err, refused by another rule if it was refused by from: for an
// operation that gives a common rule words of its own.
func because(err error, from, to ledger.Why) error {
	var e *ledger.Error
	if errors.As(err, &e) && e.Why == from {
		other := *e
		other.Why = to
		return &other
	}
	return err
}

// faultOf puts an error into the vendor's words.
func (r *room) faultOf(err error) *fault {
	var f *fault
	if errors.As(err, &f) {
		return f
	}
	e := &ledger.Error{Code: ledger.CodeOf(err)}
	errors.As(err, &e)
	if e.Code == ledger.Denied {
		if r.cfg.PrintedDenials {
			return errPrinted
		}
		return errDenied
	}
	words, ok := refusals[e.Why]
	if !ok || e.Code == ledger.Internal && e.Why != desk.WhyArchiveAway {
		if words, ok = fallback[e.Code]; !ok {
			words = fallback[ledger.Internal]
		}
	}
	words.text = strings.NewReplacer(
		"{field}", e.Field,
		"{name}", strings.ReplaceAll(e.Field, "_", " "),
		"{detail}", e.Detail,
	).Replace(words.text)
	code := badRequest
	if words.status >= http.StatusInternalServerError {
		code = "SERVER_ERROR"
	}
	f = inWords(words, code)
	if !words.bare {
		env := f.body.(envelope)
		w := env.Error.(errorWire)
		w.Field = e.Field
		f.body = envelope{w}
	}
	return f
}

// fail answers with an error. This is where errors stop, so our own are logged
// here, and only here.
func (q *request) fail(err error) {
	f := q.room.faultOf(err)
	switch {
	case f.status < http.StatusInternalServerError:
	case errors.Is(err, context.Canceled):
		q.room.desk.Log.Debug("the caller has gone", "request", q.requestID(), "path", q.URL.Path)
	default:
		q.room.desk.Log.Error("request failed", "request", q.requestID(), "method", q.Method, "path", q.URL.Path, "book", q.book(), "err", err)
	}
	if f.status == http.StatusTooManyRequests {
		q.w.Header().Set("Retry-After", retryAfter(err))
	}
	body, err := dialect.Encode(f.body)
	if err != nil { // a fault is made of strings
		panic(err)
	}
	q.send(f.status, "application/json", body)
}

// retryAfter is how many seconds a caller that was too fast should wait: what
// the refusal says, or one.
func retryAfter(err error) string {
	var e *ledger.Error
	if errors.As(err, &e) {
		if n, err := strconv.Atoi(e.Detail); err == nil && n > 0 {
			return strconv.Itoa(n)
		}
	}
	return "1"
}

// panicked answers when our own code gave up.
func (q *request) panicked(p any) {
	q.fail(fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
}

func (q *request) requestID() string { return q.w.Header().Get("X-Request-Id") }
