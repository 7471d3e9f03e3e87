package eko

import (
	"regexp"
	"strings"
	"time"

	"wapas/desk"
	"wapas/dialect"
	"wapas/ledger"
)

// txStatus is how a state is told: a number in a text, and words.
func txStatus(state string) (status, desc string) {
	switch state {
	case desk.RemitDone:
		return "0", "Success"
	case desk.RemitFailed:
		return "1", "Failed"
	case desk.RemitInitiated:
		return "2", "Initiated"
	case desk.RemitOwed:
		return "3", "Refund Pending"
	case desk.RemitRefunded:
		return "4", "Refunded"
	}
	return "5", "On Hold"
}

// The channels: "1 NEFT, 2 IMPS".
var channels = map[string]string{"": desk.IMPS, "1": desk.NEFT, "2": desk.IMPS}

// A memo is what the room remembers of a transaction: what was sent with it
// and is told back.
type memo struct {
	Beneficiary string `json:"beneficiary_id,omitempty"`
	LatLong     string `json:"latlong,omitempty"`
	Timestamp   string `json:"timestamp,omitempty"`
	Service     string `json:"service_code,omitempty"`
	Product     string `json:"product,omitempty"`
}

// A txWire is a transaction as the call that starts it tells of it.
type txWire struct {
	TxStatus    string `json:"tx_status"`
	TxDesc      string `json:"txstatus_desc"`
	TID         string `json:"tid"`
	ClientRef   string `json:"client_ref_id"`
	Fee         string `json:"fee"`
	TDS         string `json:"tds"`
	Commission  string `json:"commission"`
	ServiceTax  string `json:"service_tax"`
	Amount      string `json:"amount"`
	Balance     string `json:"balance"`
	Collectable string `json:"collectable_amount"`
	BankRef     string `json:"bank_ref_num"`
	Channel     string `json:"channel"`
	ChannelDesc string `json:"channel_desc"`
	RecipientID any    `json:"recipient_id"`
	Recipient   string `json:"recipient_name"`
	Customer    string `json:"customer_id"`
	Account     string `json:"account"`
	Bank        string `json:"bank"`
	Currency    string `json:"currency"`
	State       string `json:"state"`
	Timestamp   string `json:"timestamp"`
	Reason      string `json:"reason,omitempty"`
}

func (t txWire) tx() (string, string) { return t.TxStatus, t.TxDesc }

func wireTx(r desk.Remittance, balance ledger.Amount) txWire {
	t := txWire{
		TID: r.TID, ClientRef: r.Ref, Fee: short(r.Fee), TDS: short(r.TDS), Commission: short(r.Commission), ServiceTax: short(r.Tax),
		Amount: r.Amount.String(), Balance: balance.String(), Collectable: r.Total().String(), BankRef: r.BankRef,
		Channel: "2", ChannelDesc: r.Channel, RecipientID: number(r.Recipient), Recipient: r.RecipientName, Customer: r.Customer,
		Account: r.Account, Bank: r.Bank, Currency: "INR", State: "1", Timestamp: isoTime(r.CreatedAt), Reason: reason(r),
	}
	if r.Channel == desk.NEFT {
		t.Channel = "1"
	}
	t.TxStatus, t.TxDesc = txStatus(r.State)
	return t
}

// isoTime is a moment as the financial calls write it.
func isoTime(t ledger.Time) string { return t.Std().Format("2006-01-02T15:04:05.000Z") }

// localTime is a moment as the inquiry and the callback write it: in India.
func localTime(t ledger.Time) string { return t.Std().In(ist).Format(time.DateTime) }

var ist = time.FixedZone("IST", 5*3600+1800)

// reasons are what is said of a transaction that was declined: the vendor's
// words where it has some, and the code that the older versions refuse with.
var reasons = map[string]struct {
	text string
	code int
}{
	desk.DeclinedShort:              {"Insufficient balance", codeInsufficient},
	desk.DeclinedMonthly:            {"Sender/beneficiary monthly limit exhausted", codeMonthly},
	desk.DeclinedAmount:             {"Amount is more than one transaction may be", codeUsedUp},
	desk.DeclinedConsent:            {"OTP is required", codeMissing},
	string(desk.WhyConsentWrong):    {"Wrong OTP", codeWrongOTP},
	string(desk.WhyConsentForeign):  {"Wrong OTP", codeWrongOTP},
	string(desk.WhyConsentReplaced): {"Wrong OTP", codeWrongOTP},
	string(desk.WhyConsentNone):     {"Wrong OTP", codeWrongOTP},
	string(desk.WhyConsentSpent):    {"OTP already Consumed", codeExpiredOTP},
	string(desk.WhyConsentDead):     {"OTP expired", codeExpiredOTP},
	string(desk.WhyConsentExpired):  {"OTP expired", codeExpiredOTP},
}

func reason(r desk.Remittance) string {
	if known, ok := reasons[r.Reason]; ok {
		return known.text
	}
	return r.Reason
}

// agent is who a call is made for: initiator_id and user_code.
func (q *request) agent(initiator, code string) (desk.Agent, error) {
	return q.room.desk.AgentOf(q.Context(), q.book(), initiator, code)
}

// The forms of what is sent with a transaction, where the vendor's table of
// codes knows one.
var (
	ifscForm    = regexp.MustCompile(`^[A-Za-z]{4}0[A-Za-z0-9]{6}$`)
	accountForm = regexp.MustCompile(`^[A-Za-z0-9]{4,34}$`)
	lettersForm = regexp.MustCompile(`^[\pL .'-]+$`)
)

// initiate starts a transaction: "Initiate Transaction".
func (r *room) initiate(q *request) (any, error) {
	f, err := q.read()
	if err != nil {
		return nil, err
	}
	initiator, code := f.mobile("initiator_id"), f.need("user_code", 20)
	ask := desk.RemitRequest{
		Recipient: f.need("recipient_id", 40), Amount: f.amount("amount"), Customer: f.mobile("customer_id"), Ref: f.need("client_ref_id", 64),
		Code:          desk.Code{Digits: f.text("otp", 16), Ref: f.text("otp_ref_id", 256)},
		Account:       f.shape("account", accountForm, codeAccount, "Please provide a valid account number"),
		IFSC:          strings.ToUpper(f.shape("ifsc", ifscForm, codeIFSC, "Please provide a valid IFSC")),
		RecipientName: f.name("recipient_name"), Bank: f.text("bank", 64),
	}
	m := memo{Beneficiary: f.text("beneficiary_id", 40), LatLong: f.text("latlong", 64), Timestamp: f.text("timestamp", 64), Product: q.product()}
	f.fixed("currency", "INR")
	f.fixed("state", "1")
	m.Service = f.text("service_code", 8)
	channel := f.text("channel", 8)
	ask.Channel = channels[channel]
	if ask.Channel == "" {
		f.refuse("channel", codeChannel, "Please provide 1 or 2")
	}
	if hold, there := f.whole("hold_timeout"); there {
		ask.HoldAfter = time.Duration(max(hold, -1)) * time.Second
		if hold > int64(desk.MaxHold/time.Second) || hold < 0 {
			f.refuse("hold_timeout", codeInvalid, "Please provide at most 86400 seconds")
		}
	}
	if err := f.done(); err != nil {
		return nil, err
	}
	a, err := q.agent(initiator, code)
	if err != nil {
		return nil, err
	}
	wire, err := dialect.Encode(m)
	if err != nil {
		return nil, err
	}
	ask.Agent, ask.Wire, ask.Room = a.ID, string(wire), Room
	tx, err := r.desk.Remit(q.Context(), q.book(), ask)
	if err != nil {
		return nil, err
	}
	if tx.State != desk.RemitFailed {
		r.desk.Hasten(q.Context(), q.book(), tx.ID, r.cfg.Patience)
		if tx, err = desk.Find[desk.Remittance](q.Context(), r.desk, q.book(), tx.ID); err != nil {
			return nil, err
		}
	}
	value, err := r.desk.ValueOf(q.Context(), q.book(), a)
	if err != nil {
		return nil, err
	}
	return q.started(tx, value), nil
}

// name reads the name of a recipient, if it is there.
func (f *fields) name(param string) string {
	s := f.text(param, 200)
	switch {
	case len([]rune(s)) > 50:
		f.refuse(param, codeNameLength, "Please provide a name of 1 to 50 characters")
	case s != "" && !lettersForm.MatchString(s):
		f.refuse(param, codeNameLetters, "Please provide letters only")
	}
	return s
}

// product is which of the vendor's products the path names.
func (q *request) product() string {
	_, name, _ := strings.Cut(q.Pattern, "/payment/")
	return strings.TrimSuffix(name, "/otp")
}

// started is the answer of a call that started a transaction. Money that is on
// its way, or that must go back, is a success of the call: tx_status tells. One
// that was declined is refused: with code 55, or, in the older versions, with
// the code of its reason.
func (q *request) started(tx desk.Remittance, value ledger.Amount) envelope {
	e := envelope{StatusID: sidDone, Data: wireTx(tx, value), TypeID: typeDone, Message: "Transaction successful"}
	switch tx.State {
	case desk.RemitInitiated:
		e.StatusID, e.Message = sidInitiated, "Transaction initiated. Please inquire for its status."
	case desk.RemitHeld:
		e.StatusID, e.Message = sidHeld, "Transaction on hold. Please inquire for its status."
	case desk.RemitOwed:
		e.StatusID, e.Message = sidRefunding, "Transaction failed. Refund pending."
	case desk.RemitFailed:
		e.StatusID, e.Status, e.TypeID, e.Message = sidFailed, codeDeclined, typeDeclined, "Transaction declined. Please try after sometime."
		if known, ok := reasons[tx.Reason]; ok && q.classic() {
			e.Status, e.Message = known.code, known.text+"."
		}
		if q.room.cfg.CodeTwice {
			e.StatusID = e.Status
		}
	}
	e.TxStatus, e.TxDesc = txStatus(tx.State)
	return e
}

// sendTransactionOTP sends the customer the OTP for a transaction that is yet
// to be started.
func (r *room) sendTransactionOTP(q *request) (any, error) {
	f, err := q.read()
	if err != nil {
		return nil, err
	}
	initiator, code := f.mobile("initiator_id"), f.need("user_code", 20)
	ask := desk.RemitOTPRequest{Customer: f.mobile("customer_id"), Recipient: f.need("recipient_id", 40), Amount: f.amount("amount")}
	for _, known := range []string{"beneficiary_id", "currency", "channel", "client_ref_id", "timestamp", "latlong", "state", "service_code"} {
		f.text(known, 64)
	}
	if err := f.done(); err != nil {
		return nil, err
	}
	a, err := q.agent(initiator, code)
	if err != nil {
		return nil, err
	}
	ask.Agent = a.ID
	c, err := r.desk.SendRemitOTP(q.Context(), q.book(), ask)
	if err != nil {
		return nil, err
	}
	return wireOTP(c), nil
}

// An otpWire is what a challenge is called.
type otpWire struct {
	Ref string `json:"otp_ref_id"`
}

// wireOTP is the answer of the calls that send an OTP: their success has the
// status 2133. One that sent nothing, as for transactions that are long past,
// says status 0 and names no challenge.
func wireOTP(c desk.Consent) envelope {
	e := envelope{StatusID: sidFailed, Data: otpWire{c.Ref}, TypeID: typeSendOTP, Message: "Send OTP", Status: codeSendOTP}
	if c.Ref == "" {
		e.StatusID, e.Status = sidDone, 0
	}
	return e
}
