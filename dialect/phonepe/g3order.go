package phonepe

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"wapas/desk"
	"wapas/dialect"
	"wapas/ledger"
)

// The rules of orders of the newest generation.
const (
	whyNoOrder    ledger.Why = "no_order"    // NotFound: the merchant has no such order
	whyNoAttempt  ledger.Why = "no_attempt"  // NotFound: no such attempt to pay
	whyOrderAgain ledger.Why = "order_again" // Duplicate: the merchant's name of the order is another thing's
)

// How long an order may be paid, in seconds, and how long if the merchant does
// not say.
const (
	minExpire     = 300
	maxExpire     = 3600
	defaultExpire = 1200
)

// maxMessage and maxURL are the longest texts of an order.
const (
	maxMessage = 256
	maxURL     = 2048
)

// The flows of an order: where its customer pays.
const (
	hosted   = "PG_CHECKOUT" // on the vendor's page
	embedded = "PG"          // on the merchant's own, with the vendor's instruments
)

// An orderAsked is what a request asks for: everything that makes it another
// request if it differs.
type orderAsked struct {
	Flow     string // hosted, embedded
	SDK      bool   // for a client that runs in an app
	Name     string // merchantOrderId
	Amount   ledger.Amount
	Seconds  int64 // expireAfter
	Message  string
	Redirect string
	Meta     string // metaInfo, as JSON; empty if there was none
	Mode     string // of embedded: how the customer pays
	VPA      string
	Phone    string
	Bank     string
	Last4    string // of a card that the vendor's token names
}

// readOrder reads a request for an order. Fields are looked at in the order of
// the manual.
func readOrder(s sheet, flow string, sdk bool) (orderAsked, error) {
	a := orderAsked{SDK: sdk}
	a.Name = s.reference("merchantOrderId")
	a.Amount = s.amount(desk.MinOrder)
	a.Seconds = s.whole("expireAfter", defaultExpire, minExpire, maxExpire)
	if meta := s.metaInfo(); meta != nil {
		a.Meta = dialect.WriteJSON(meta)
	}
	in, there := s.object("paymentFlow")
	if !there {
		s.refuse("paymentFlow", whyMissing, "")
	}
	if sdk {
		a.Flow = in.one("type", hosted, embedded)
	} else {
		a.Flow = in.one("type", flow)
	}
	a.Message = in.text("message", maxMessage)
	urls, _ := in.object("merchantUrls")
	a.Redirect = urls.text("redirectUrl", maxURL)
	if a.Redirect != "" && !isPage(a.Redirect) {
		urls.refuse("redirectUrl", whyRedirect, "")
	}
	if flow == embedded && !sdk {
		a = in.readMode(a)
	}
	return a, *s.err
}

// The ways to pay on the merchant's own page (paymentMode.type). Cards come
// encrypted for the vendor: nobody here can read them, and nobody wants to.
const (
	modeIntent     = "UPI_INTENT"
	modeCollect    = "UPI_COLLECT"
	modeQR         = "UPI_QR"
	modePPE        = "PPE_INTENT"
	modeNetBanking = "NET_BANKING"
	modeCard       = "CARD"
	modeToken      = "TOKEN"
)

// readMode reads how the customer is to pay.
func (s sheet) readMode(a orderAsked) orderAsked {
	mode, there := s.object("paymentMode")
	if !there {
		s.refuse("paymentMode", whyMissing, "")
		return a
	}
	a.Mode = mode.one("type", modeIntent, modeCollect, modeQR, modePPE, modeNetBanking, modeCard, modeToken)
	switch a.Mode {
	case modeCollect:
		details, there := mode.object("details")
		if !there {
			mode.refuse("details", whyMissing, "")
		}
		if details.one("type", "VPA", "PHONE_NUMBER") == "VPA" {
			if a.VPA = details.need("vpa", 320); a.VPA != "" && !desk.IsVPA(a.VPA) {
				details.refuse("vpa", whyKind, "an address like name@bank")
			}
		} else {
			a.Phone = details.need("phoneNumber", 16)
		}
	case modeNetBanking:
		a.Bank = mode.need("bankId", 10)
		if _, known := desk.Banks[a.Bank]; a.Bank != "" && !known {
			mode.refuse("bankId", whyChoice, "")
		}
	case modeCard:
		if card, there := mode.object("cardDetails"); !there {
			mode.refuse("cardDetails", whyMissing, "")
		} else {
			card.need("encryptedCardNumber", 4096)
		}
	case modeToken:
		if token, there := mode.object("tokenDetails"); !there {
			mode.refuse("tokenDetails", whyMissing, "")
		} else {
			token.need("encryptedToken", 4096)
			if a.Last4 = token.text("panSuffix", 4); strings.Trim(a.Last4, "0123456789") != "" {
				token.refuse("panSuffix", whyForm, "digits")
			}
		}
	}
	return a
}

// isPage says whether a text is the address of a page that a browser may be
// sent to: http or https, with a host, without a user.
func isPage(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.User == nil &&
		!strings.ContainsAny(address, " \t\r\n\\\"'<>`")
}

// An orderKept is what the handle of an order remembers (desk.Handle.Wire).
// RedirectURL is also what the page reads.
type orderKept struct {
	Generation  int             `json:"generation"` // 3
	Digest      string          `json:"digest"`     // of what was asked for
	Flow        string          `json:"flow"`
	SDK         bool            `json:"sdk,omitempty"`
	Seconds     int64           `json:"seconds"`
	Mode        string          `json:"mode,omitempty"`
	Meta        json.RawMessage `json:"metaInfo,omitempty"`
	RedirectURL string          `json:"redirectUrl,omitempty"`
}

// An order is what the newest generation calls one: here it is the payment that
// is made for it, of which there is one.
type order struct {
	orderKept
	Name    string // merchantOrderId
	Payment desk.Payment
}

// expireAt is until when the order could be paid.
func (o order) expireAt() ledger.Time {
	return o.Payment.CreatedAt.Add(time.Duration(o.Seconds) * time.Second)
}

// state of the order, and of the attempt to pay it.
func (o order) state() string { return paymentState(o.Payment) }

// paymentState is a payment in the words of this API. One that went back
// without a capture was not completed, and a refund changes nothing.
func paymentState(p desk.Payment) string {
	switch {
	case p.Captured:
		return stateCompleted
	case p.Status == desk.PaymentFailed, p.Status == desk.PaymentRefunded:
		return stateFailed
	}
	return statePending
}

// The states of orders, attempts and refunds. Only refunds are confirmed.
const (
	statePending   = "PENDING"
	stateConfirmed = "CONFIRMED"
	stateCompleted = "COMPLETED"
	stateFailed    = "FAILED"
)

// place makes an order, or finds the one that the very same request has made: a
// client that heard nothing asks again.
func (r *room) place(q *request, a orderAsked) (order, error) {
	kept := orderKept{
		Generation: 3, Digest: desk.Digest(a), Flow: a.Flow, SDK: a.SDK, Seconds: a.Seconds, Mode: a.Mode,
		Meta: json.RawMessage(a.Meta), RedirectURL: a.Redirect,
	}
	wire, err := dialect.Encode(kept)
	if err != nil {
		return order{}, err
	}
	ask := desk.ChargeRequest{
		Amount: a.Amount, Receipt: a.Name, VPA: a.VPA, Contact: a.Phone, Description: a.Message,
		Life: time.Duration(a.Seconds) * time.Second, Asked: strings.HasPrefix(a.Mode, "UPI_") || a.Mode == modePPE,
		Called: desk.Called{
			Room: Room, Handle: desk.Handle{ID: desk.HandleID(Room, a.Name), Wire: string(wire)}, Ref: a.Name, Aliases: orderAliases,
		},
	}
	switch a.Mode {
	case modeNetBanking:
		ask.Method, ask.Bank = "netbanking", a.Bank
	case modeCard, modeToken:
		ask.Method, ask.Card = "card", desk.Card{Network: "Unknown", Last4: a.Last4}
	}
	p, err := r.desk.Charge(q.Context(), q.book(), ask)
	if e, ok := err.(*ledger.Error); ok && e.Why == desk.WhyHandleUsed {
		return r.placed(q, a, kept.Digest)
	}
	return order{kept, a.Name, p}, err
}

// placed is the order that the same request has made before: Duplicate if its
// name is another thing's.
func (r *room) placed(q *request, a orderAsked, digest string) (order, error) {
	o, err := findOrder(q.Context(), r.desk, q.book(), a.Name)
	if err == nil && o.Digest != digest || ledger.CodeOf(err) == ledger.NotFound {
		return order{}, ledger.Refuse(ledger.Duplicate, whyOrderAgain, "").In("merchantOrderId")
	}
	return o, err
}

// findOrder finds an order by the merchant's name: NotFound if there is none,
// or it is of an older generation.
func findOrder(ctx context.Context, d *desk.Desk, book desk.BookID, name string) (order, error) {
	h, err := d.Handle(ctx, book, desk.HandleID(Room, name))
	if err != nil {
		return order{}, notFound(err, whyNoOrder)
	}
	return orderOf(ctx, d, book, h, whyNoOrder)
}

// orderOf is the order that a handle is of.
func orderOf(ctx context.Context, d *desk.Desk, book desk.BookID, h desk.Handle, why ledger.Why) (order, error) {
	o := order{Name: strings.TrimPrefix(string(h.ID), Room+"/")}
	if json.Unmarshal([]byte(h.Wire), &o.orderKept) != nil || o.Generation != 3 || h.Of.Prefix() != "pay" {
		return order{}, ledger.Refuse(ledger.NotFound, why, "%s", h.ID)
	}
	var err error
	o.Payment, err = desk.Find[desk.Payment](ctx, d, book, h.Of)
	return o, err
}

// paymentOrder is the order that a payment is of; ok is false if it is of
// another API or an older generation.
func paymentOrder(ctx context.Context, d *desk.Desk, book desk.BookID, p desk.ID) (o order, ok bool, err error) {
	names, err := d.Handles(ctx, book, p)
	if err != nil {
		return order{}, false, err
	}
	for _, h := range names {
		if strings.HasPrefix(string(h.ID), Room+"/") {
			o, err := orderOf(ctx, d, book, h, whyNoOrder)
			if ledger.CodeOf(err) == ledger.NotFound {
				return order{}, false, nil
			}
			return o, err == nil, err
		}
	}
	return order{}, false, nil
}

// notFound gives a name that nothing has its rule.
func notFound(err error, why ledger.Why) error {
	if ledger.CodeOf(err) == ledger.NotFound {
		return ledger.Refuse(ledger.NotFound, why, "")
	}
	return err
}

// orderRef and attemptRef are what the vendor calls an order and the attempt to
// pay it. Here both are one payment.
func orderRef(payment desk.ID) string   { return "OMO" + digitsOf(payment) }
func attemptRef(payment desk.ID) string { return "OM" + digitsOf(payment) }

func orderAliases(payment desk.ID) []desk.ID {
	return []desk.ID{refOf(orderRef(payment)), refOf(attemptRef(payment))}
}
