package phonepe

import (
	"net/http"

	"wapas/desk"
)

// The instruments of a payment of generation 2 (paymentInstrument.type). Cards
// and bank accounts are not taken here: card data has no place in this house.
const (
	payPage    = "PAY_PAGE"
	upiIntent  = "UPI_INTENT"
	upiCollect = "UPI_COLLECT"
	upiQR      = "UPI_QR"
)

// payWire is the answer to "Pay API": what the caller has to do next depends
// on the instrument.
type payWire struct {
	Merchant    string     `json:"merchantId"`
	Transaction string     `json:"merchantTransactionId"`
	Instrument  payingWire `json:"instrumentResponse"`
}

type payingWire struct {
	Type      string        `json:"type"`
	Redirect  *redirectInfo `json:"redirectInfo,omitempty"` // of PAY_PAGE
	IntentURL string        `json:"intentUrl,omitempty"`    // of UPI_INTENT and UPI_QR
	QRData    string        `json:"qrData,omitempty"`       // of UPI_QR
}

type redirectInfo struct {
	URL    string `json:"url"`
	Method string `json:"method"`
}

// pay is "Pay API": a payment on PhonePe's page, in the customer's UPI app, or
// by a request to a UPI address.
func (r *room) pay(q *request) (any, error) {
	s := q.body
	m := memo{Kind: "pay"}
	transaction := s.transaction("merchantTransactionId")
	m.User = s.text("merchantUserId", maxName)
	m.Order = s.text("merchantOrderId", maxOrder)
	ask := desk.ChargeRequest{Amount: s.amount(desk.MinOrder), Description: s.text("message", maxMessage)}
	m.Redirect = s.address("redirectUrl")
	if m.How = s.text("redirectMode", 16); m.How != "" {
		m.How = s.one("redirectMode", "REDIRECT", "POST", "GET")
	}
	m.Callback = s.address("callbackUrl")
	if s.obj.Vals["mobileNumber"] != nil {
		m.Mobile = s.mobile("mobileNumber")
		ask.Contact = "+91" + m.Mobile
	}
	in, there := s.object("paymentInstrument")
	if !there {
		s.refuse("paymentInstrument", whyMissing, "")
	}
	m.Type = in.one("type", payPage, upiIntent, upiCollect, upiQR)
	ask.Asked = m.Type != payPage
	if m.Type == upiCollect {
		ask.VPA = in.vpa("vpa")
	}
	t, err := r.asked(q, m, transaction, s.whole("expiresIn", pageLife, 1, maxLife), ask)
	if err != nil {
		return nil, err
	}
	next := payingWire{Type: m.Type}
	switch m.Type {
	case payPage:
		next.Redirect = &redirectInfo{q.pageLink(t), http.MethodGet}
	case upiIntent:
		next.IntentURL = upiAddress(q.merchant, t)
	case upiQR:
		next.QRData, next.IntentURL = upiAddress(q.merchant, t), upiAddress(q.merchant, t)
	}
	return say(codeInitiated, payWire{q.merchant, transaction, next}), nil
}
