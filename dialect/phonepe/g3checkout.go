package phonepe

import (
	"net/url"
	"slices"
	"strings"

	"wapas/desk"
	"wapas/ledger"
)

// placedWire answers a request for an order. Which of the last four it has
// depends on how the customer is to pay. A test book always names the page: it
// is where a tester plays the customer.
type placedWire struct {
	OrderID     string `json:"orderId"`
	State       string `json:"state"`
	ExpireAt    int64  `json:"expireAt"` // milliseconds
	RedirectURL string `json:"redirectUrl,omitempty"`
	IntentURL   string `json:"intentUrl,omitempty"`
	QRData      string `json:"qrData,omitempty"`
	Token       string `json:"token,omitempty"`
}

// payCheckout makes an order that is paid on the vendor's page.
//
// It refuses, in this order: what is wrong with the fields; a name that was used
// for something else; a live book, whose payments are taken by its provider.
func (r *room) payCheckout(q *request) (any, error) { return r.pay3(q, hosted, false) }

// payCustom makes an order that is paid with an instrument that the merchant's
// page asked for. It refuses as payCheckout does.
func (r *room) payCustom(q *request) (any, error) { return r.pay3(q, embedded, false) }

// orderForSDK makes an order for the vendor's client in an app, which shows the
// token and pays. It refuses as payCheckout does.
func (r *room) orderForSDK(q *request) (any, error) { return r.pay3(q, "", true) }

func (r *room) pay3(q *request, flow string, sdk bool) (any, error) {
	s, err := q.plain()
	if err != nil {
		return nil, err
	}
	a, err := readOrder(s, flow, sdk)
	if err != nil {
		return nil, err
	}
	o, err := r.place(q, a)
	if err != nil {
		return nil, err
	}
	token, err := r.pageToken(q.book(), o.Payment.ID)
	if err != nil {
		return nil, err
	}
	w := placedWire{OrderID: orderRef(o.Payment.ID), State: statePending, ExpireAt: millis(o.expireAt())}
	if sdk {
		w.Token = token
		return w, nil
	}
	w.RedirectURL = q.link(pagePath + token)
	switch a.Mode {
	case modeIntent, modePPE:
		w.IntentURL, err = r.upiLink(q, o)
	case modeQR:
		w.QRData, err = r.upiLink(q, o)
		w.IntentURL = w.QRData
	}
	return w, err
}

// upiLink is what a UPI app opens, or scans. The payee is an address that no
// bank gives out, so that nobody can pay a test order with money.
func (r *room) upiLink(q *request, o order) (string, error) {
	b, err := r.desk.Store.Book(q.Context(), q.book())
	if err != nil {
		return "", err
	}
	v := url.Values{
		"pa": {testPayee}, "pn": {b.Name}, "am": {o.Payment.Amount.String()}, "cu": {"INR"},
		"tr": {attemptRef(o.Payment.ID)}, "tn": {"Payment for " + o.Name},
	}
	return "upi://pay?" + strings.ReplaceAll(v.Encode(), "+", "%20"), nil
}

// testPayee is paid by nobody.
const testPayee = "test@wapas.invalid"

// statusWire is an order. The member errorContext is there for who asks for it.
type statusWire struct {
	MerchantID        string        `json:"merchantId"`
	MerchantOrderID   string        `json:"merchantOrderId"`
	OrderID           string        `json:"orderId"`
	State             string        `json:"state"`
	Amount            int64         `json:"amount"`
	PayableAmount     int64         `json:"payableAmount"`
	FeeAmount         int64         `json:"feeAmount"`
	ExpireAt          int64         `json:"expireAt"` // milliseconds
	MetaInfo          any           `json:"metaInfo,omitempty"`
	ErrorCode         string        `json:"errorCode,omitempty"`
	DetailedErrorCode string        `json:"detailedErrorCode,omitempty"`
	ErrorContext      *errorContext `json:"errorContext,omitempty"`
	PaymentDetails    []detailWire3 `json:"paymentDetails"`
}

// orderStatus says how an order stands. Details and errorContext may come any
// number of times: the vendor's own clients send the first twice.
func (r *room) orderStatus(q *request) (any, error) {
	o, err := findOrder(q.Context(), r.desk, q.book(), q.id("order"))
	if err != nil {
		return nil, err
	}
	merchant, err := r.merchantOf(q)
	if err != nil {
		return nil, err
	}
	return wireStatus(o, merchant, slices.Contains(q.URL.Query()["errorContext"], "true")), nil
}

// attemptStatus says how the order of an attempt stands.
func (r *room) attemptStatus(q *request) (any, error) {
	h, err := r.desk.Handle(q.Context(), q.book(), refOf(q.id("txn")))
	if err != nil {
		return nil, notFound(err, whyNoAttempt)
	}
	if q.id("txn") != attemptRef(h.Of) {
		return nil, ledger.Refuse(ledger.NotFound, whyNoAttempt, "")
	}
	o, ok, err := paymentOrder(q.Context(), r.desk, q.book(), h.Of)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, ledger.Refuse(ledger.NotFound, whyNoAttempt, "")
	}
	merchant, err := r.merchantOf(q)
	if err != nil {
		return nil, err
	}
	return wireStatus(o, merchant, slices.Contains(q.URL.Query()["errorContext"], "true")), nil
}

// wireStatus writes an order down. There is one attempt at most, so all of them
// are the latest, and details make no difference.
func wireStatus(o order, merchant string, context bool) statusWire {
	w := statusWire{
		MerchantID: merchant, MerchantOrderID: o.Name, OrderID: orderRef(o.Payment.ID), State: o.state(),
		Amount: int64(o.Payment.Amount), PayableAmount: int64(o.Payment.Amount), ExpireAt: millis(o.expireAt()),
		PaymentDetails: o.details(),
	}
	if len(o.Meta) > 0 {
		w.MetaInfo = o.Meta
	}
	if w.State == stateFailed {
		f := failureOf(o.Payment)
		w.ErrorCode, w.DetailedErrorCode = f.code, f.detailed
		if context {
			w.ErrorContext = &f.context
		}
	}
	return w
}

// details are the attempts to pay an order. One on the vendor's page is made
// when the customer says something there.
func (o order) details() []detailWire3 {
	if o.Flow == hosted && o.Payment.Status == desk.PaymentCreated || o.SDK && o.Payment.Status == desk.PaymentCreated {
		return []detailWire3{}
	}
	mode := o.Mode
	if mode == "" {
		mode = modeIntent
	}
	w := wireDetail(o.Payment, mode)
	w.TransactionID, w.State = attemptRef(o.Payment.ID), o.state()
	w.Timestamp = millis(o.Payment.CreatedAt)
	if w.State == stateFailed {
		f := failureOf(o.Payment)
		w.ErrorCode, w.DetailedErrorCode = f.code, f.detailed
	}
	return []detailWire3{w}
}
