package desk

import (
	"regexp"
	"strings"
)

// A Failure is why a payment failed, in the words its API uses for the
// customer's bank or provider.
type Failure struct {
	Code, Description, Source, Step, Reason string
}

// The failures of the simulated provider.
var (
	Declined = Failure{badRequestError, "Your payment did not go through as it was declined by the bank. Try another payment method or contact your bank.", "bank", "payment_authorization", "payment_failed"}
	TimedOut = Failure{badRequestError, "Your payment could not be completed on time. Try again later.", "customer", "payment_authentication", "payment_timed_out"}
	WrongOTP = Failure{badRequestError, "payment processing failed because of incorrect otp", "customer", "payment_authentication", "incorrect_otp"}

	walletShort = Failure{badRequestError, "The wallet does not have enough balance for this payment.", "customer", "payment_authorization", "insufficient_funds"}
)

const badRequestError = "BAD_REQUEST_ERROR"

// A Card is what may be kept of one: never its number.
type Card struct {
	Name, Last4, IIN, Network, Type, Issuer string
	International                           bool
}

// A testCard is a card that exists only for tests. Fails is what becomes of
// its payments; most succeed.
type testCard struct {
	Card
	fails *Failure
}

// testCards are the numbers that the vendor publishes for tests
// (payments/payments/test-card-details). Test books know no others, so that a
// real card's number is refused at the door and kept nowhere.
var testCards = map[string]testCard{
	// Indian.
	"4100280000001007": visa("HDFC"),
	"4386289407660153": visa("HDFC"),
	"4111111111111111": visa("HDFC"),
	"4718609108204366": visa("KKBK"),
	"5500670000001002": mastercard("ICIC"),
	"5267318187975449": mastercard("ICIC"),
	"5241810000000000": mastercard("HDFC"),
	"6527658900001005": {Card: Card{Network: "RuPay", Type: "debit", Issuer: "SBIN"}},
	"36082800091007":   {Card: Card{Network: "Diners Club", Type: "credit", Issuer: "HDFC"}},
	"340256000401007":  {Card: Card{Network: "American Express", Type: "credit"}},
	// From abroad.
	"5555555555554444": {Card: Card{Network: "MasterCard", Type: "credit", International: true}},
	"5105105105105100": {Card: Card{Network: "MasterCard", Type: "credit", International: true}},
	"5104060000000008": {Card: Card{Network: "MasterCard", Type: "debit", International: true}},
	"5104015555555558": {Card: Card{Network: "MasterCard", Type: "credit", International: true}},
	"4012888888881881": {Card: Card{Network: "Visa", Type: "credit", International: true}},
	// Cards whose payments fail.
	"4100280000090000": visa("HDFC").failing(&timedOut),
	"5305620000060000": mastercard("ICIC").failing(&timedOut),
	"4100280000080001": visa("HDFC").failing(&noFunds),
	"5305620000050001": mastercard("ICIC").failing(&noFunds),
	"4100280000070002": visa("HDFC").failing(&cancelled),
	"5305620000040002": mastercard("ICIC").failing(&cancelled),
	"4100280000060003": visa("HDFC").failing(&cardDeclined),
	"5305620000030003": mastercard("ICIC").failing(&cardDeclined),
	"4100280000050004": visa("HDFC").failing(&cardDeclined),
	"5305620000020004": mastercard("ICIC").failing(&cardDeclined),
	"4100280000040005": visa("HDFC").failing(&cardDeclined),
	"5305620000010005": mastercard("ICIC").failing(&cardDeclined),
	"4100280000030006": visa("HDFC").failing(&disabled),
	"5305620000000006": mastercard("ICIC").failing(&disabled),
	"4100280000010008": visa("HDFC").failing(&wrongNumber),
	"5305620000080008": mastercard("ICIC").failing(&wrongNumber),
	"4100280000020007": visa("HDFC").failing(&technical),
	"5305620000090007": mastercard("ICIC").failing(&technical),
	"4100280000000009": visa("HDFC").failing(&unverified),
	"5305620000070009": mastercard("ICIC").failing(&unverified),
}

// The failures of test cards, with the words of the vendor's page.
var (
	timedOut     = Failure{badRequestError, "Your payment could not be completed due to a temporary issue. Try again later.", "issuer_bank", "payment_authorization", "payment_timed_out"}
	noFunds      = Failure{badRequestError, "Your payment could not be completed due to insufficient account balance. Try another card or payment method.", "customer", "payment_authorization", "insufficient_fund"}
	cancelled    = Failure{badRequestError, "Your payment has been cancelled. Try again or complete the payment later.", "customer", "payment_authentication", "payment_cancelled"}
	cardDeclined = Failure{badRequestError, "Your payment did not go through as it was declined by the bank. Try another payment method or contact your bank.", "issuer_bank", "payment_authorization", "card_declined"}
	disabled     = Failure{badRequestError, "Your card is disabled for online payments. Please reach to your bank or try with another card.", "customer", "payment_authorization", "card_disabled_for_online_payments"}
	wrongNumber  = Failure{badRequestError, "You have entered an incorrect card number. Try again.", "customer", "payment_initiation", "card_number_invalid"}
	technical    = Failure{"GATEWAY_ERROR", "Your payment did not go through due to a temporary issue. Any debited amount will be refunded in 4-5 business days.", "gateway", "payment_authorization", "gateway_technical_error"}
	unverified   = Failure{"GATEWAY_ERROR", "Your payment could not be completed due to incorrect OTP or verification details. Try another payment method or contact your bank for details.", "customer", "payment_authentication", "authentication_failed"}
)

func visa(issuer string) testCard {
	return testCard{Card: Card{Network: "Visa", Type: "credit", Issuer: issuer}}
}

func mastercard(issuer string) testCard {
	return testCard{Card: Card{Network: "MasterCard", Type: "credit", Issuer: issuer}}
}

func (t testCard) failing(f *Failure) testCard { t.fails = f; return t }

// TestCard is the card behind a test card's number, which may be written with
// spaces or hyphens. Ok is false for every other number.
func TestCard(number, name string) (card Card, ok bool) {
	n := strings.NewReplacer(" ", "", "-", "").Replace(number)
	t, ok := testCards[n]
	if !ok {
		return Card{}, false
	}
	card = t.Card
	card.Name, card.Last4, card.IIN = name, n[len(n)-4:], n[:6]
	return card, true
}

// fate is what becomes of payments with a card: nil if they succeed. Only the
// first six and last four digits are known by then, which tell all test cards
// apart.
func (card Card) fate() *Failure {
	for n, t := range testCards {
		if t.fails != nil && n[:6] == card.IIN && n[len(n)-4:] == card.Last4 {
			return t.fails
		}
	}
	return nil
}

// FailingVPA is the address of a payer whose payments fail in a test book; all
// others succeed.
const FailingVPA = "failure@razorpay"

var vpaForm = regexp.MustCompile(`^[a-zA-Z0-9._-]{2,256}@[a-zA-Z]{2,64}$`)

// IsVPA says whether an address looks like one of UPI: name@handle.
func IsVPA(vpa string) bool { return vpaForm.MatchString(vpa) }

// An OTP in a test book succeeds with four to ten digits.
func otpSucceeds(otp string) bool { return len(otp) >= 4 && len(otp) <= 10 && allDigits(otp) }
