package rail

// Why an order did not go, or is not known to have gone, in one word of a
// machine. A rail may use others; these are the ones that rooms translate.
const (
	CodeTechnical    = "technical_error"      // at the acquirer or the customer's bank
	CodeCreditFailed = "credit_failed"        // the bank could not credit the account
	CodeInvalidVPA   = "invalid_vpa"          // wrong, or expired
	CodeNotFound     = "account_not_found"    // there is no such account
	CodeClosed       = "account_closed"       // there was one
	CodeBlocked      = "account_blocked"      // blocked, frozen or inactive
	CodeNotActivated = "wallet_not_activated" // the customer never took the wallet up
	CodeNotPermitted = "not_permitted"        // the account may not receive it
	CodeCompliance   = "compliance"           // declined by a rule of the law
	CodeRisk         = "risk"                 // declined by a guess
	CodeLimit        = "balance_limit"        // the account would hold or receive too much
	CodeInsufficient = "insufficient_balance" // of the account that the rail pays from
	CodeWindow       = "window_exceeded"      // too late: the payment is too old to be refunded
	CodeReturned     = "returned"             // it went, and came back
	CodeHold         = "on_hold"              // pending: the rail is waiting for somebody
	CodeTimeout      = "timeout"              // unknown: no answer in time
	CodeFault        = "fault"                // unknown: an answer that was none
)

// Words are the codes of refusals with what a customer is told.
var Words = map[string]string{
	CodeTechnical:    "A technical error at the bank",
	CodeCreditFailed: "The customer's bank could not credit the account",
	CodeInvalidVPA:   "The VPA is invalid or no longer active",
	CodeNotFound:     "Beneficiary account is blocked or does not exist",
	CodeClosed:       "The account is closed",
	CodeBlocked:      "The account is blocked or inactive",
	CodeNotActivated: "The customer has not activated the wallet",
	CodeNotPermitted: "Refunds to this account are not permitted",
	CodeCompliance:   "Declined for compliance reasons",
	CodeRisk:         "Declined as too risky",
	CodeLimit:        "The wallet has reached its balance limit",
	CodeInsufficient: "The paying account is short of money",
	CodeWindow:       "The payment is too old to be refunded",
	CodeReturned:     "Returned by the beneficiary bank",
	CodeTimeout:      "The bank did not answer in time",
}
