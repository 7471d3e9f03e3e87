package phonepe

import "wapas/desk"

// detailWire3 is an attempt to pay, or to give back. Two shapes are in
// circulation, one with the instrument and the rail beside the amount and one
// with a list of both; both are here. Of an instrument it says only what is
// known: nothing is made up.
type detailWire3 struct {
	TransactionID     string      `json:"transactionId"`
	PaymentMode       string      `json:"paymentMode"`
	Timestamp         int64       `json:"timestamp"` // milliseconds
	Amount            int64       `json:"amount"`
	PayableAmount     int64       `json:"payableAmount"`
	FeeAmount         int64       `json:"feeAmount"`
	State             string      `json:"state"`
	ErrorCode         string      `json:"errorCode,omitempty"`
	DetailedErrorCode string      `json:"detailedErrorCode,omitempty"`
	Instrument        any         `json:"instrument,omitempty"`
	Rail              any         `json:"rail,omitempty"`
	SplitInstruments  []splitWire `json:"splitInstruments"`
}

type splitWire struct {
	Instrument any   `json:"instrument"`
	Rail       any   `json:"rail"`
	Amount     int64 `json:"amount"`
}

// The instruments and rails. Strict clients know these types and no others.
type accountWire struct {
	Type string `json:"type"` // ACCOUNT
}

type bankedWire struct {
	Type              string `json:"type"` // CREDIT_CARD, DEBIT_CARD, NET_BANKING
	BankTransactionID string `json:"bankTransactionId,omitempty"`
	BankID            string `json:"bankId,omitempty"`
	ARN               string `json:"arn,omitempty"`
}

type walletWire struct {
	Type     string `json:"type"` // WALLET
	WalletID string `json:"walletId,omitempty"`
}

type upiWire struct {
	Type             string `json:"type"` // UPI
	UTR              string `json:"utr,omitempty"`
	UPITransactionID string `json:"upiTransactionId,omitempty"`
	VPA              string `json:"vpa,omitempty"`
}

type pgWire struct {
	Type                 string `json:"type"` // PG, PPI_WALLET
	TransactionID        string `json:"transactionId,omitempty"`
	AuthorizationCode    string `json:"authorizationCode,omitempty"`
	ServiceTransactionID string `json:"serviceTransactionId,omitempty"`
}

// wireDetail is a detail with what is known of how the payment was made.
func wireDetail(p desk.Payment, mode string) detailWire3 {
	instrument, rail := instrumentOf(p, p.Reference)
	return detail(mode, int64(p.Amount), instrument, rail)
}

func detail(mode string, amount int64, instrument, rail any) detailWire3 {
	return detailWire3{
		PaymentMode: mode, Amount: amount, PayableAmount: amount, Instrument: instrument, Rail: rail,
		SplitInstruments: []splitWire{{instrument, rail, amount}},
	}
}

// instrumentOf is the instrument of a payment and the rail that its money went
// over, with the proof that it did.
func instrumentOf(p desk.Payment, proof string) (instrument, rail any) {
	switch p.Method {
	case "upi":
		return accountWire{"ACCOUNT"}, upiWire{Type: "UPI", UTR: proof, VPA: p.VPA}
	case "card":
		kind := "CREDIT_CARD"
		if p.CardType == "debit" {
			kind = "DEBIT_CARD"
		}
		return bankedWire{Type: kind, BankTransactionID: proof, BankID: p.CardIssuer}, pgWire{Type: "PG", AuthorizationCode: proof}
	case "netbanking":
		return bankedWire{Type: "NET_BANKING", BankTransactionID: proof, BankID: p.Bank}, pgWire{Type: "PG", TransactionID: proof}
	}
	return walletWire{"WALLET", string(p.Customer)}, pgWire{Type: "PPI_WALLET"}
}

// modeOf is how a payment of another API was made, in the words of this one. A
// wallet of ours is none of them; the nearest is the vendor's own app.
func modeOf(p desk.Payment) string {
	switch p.Method {
	case "card":
		return modeCard
	case "netbanking":
		return modeNetBanking
	case "wallet":
		return modePPE
	}
	return modeIntent
}

// A failure is why an attempt failed, in the words of the vendor's table of
// error codes.
type failure struct {
	code, detailed string
	context        errorContext
}

// errorContext is the long form of a failure.
type errorContext struct {
	ErrorCode         string `json:"errorCode"`
	DetailedErrorCode string `json:"detailedErrorCode"`
	Stage             string `json:"stage"`
	Source            string `json:"source"`
	Description       string `json:"description"`
}

// The failures of payments. The codes, stages and sources are the vendor's own
// (payment-gateway/error-codes); which failure of ours has which is our choice.
var (
	notCompleted = failure{"TXN_NOT_COMPLETED", "TXN_AUTO_FAILED", errorContext{"TXN_NOT_COMPLETED", "TXN_AUTO_FAILED", "PRE_AUTHENTICATION", "CUSTOMER",
		"The payment was not completed in time, or was withdrawn."}}
	wrongPIN = failure{"AUTHORIZATION_ERROR", "ZM", errorContext{"INVALID_MPIN", "ZM", "AUTHENTICATION", "CUSTOMER",
		"The customer did not authorise the payment."}}
	noMoney = failure{"PAYMENT_ERROR", "Z9", errorContext{"INSUFFICIENT_BALANCE", "Z9", "AUTHORIZATION", "CUSTOMER",
		"The customer's account is short of money."}}
)

// failureOf is why a payment failed.
func failureOf(p desk.Payment) failure {
	switch p.ErrorReason {
	case "insufficient_fund", "insufficient_funds":
		return noMoney
	case desk.ReasonTimedOut, desk.ReasonCancelled, "":
		return notCompleted
	}
	return wrongPIN
}
