package phonepe

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"

	"wapas/desk"
	"wapas/dialect"
	"wapas/webhook"
)

// webhookWire is what an endpoint of the newest generation is sent. Type is the
// event in upper snake case; the vendor is giving it up, its clients still read
// it.
type webhookWire struct {
	Type    string `json:"type"`
	Event   string `json:"event"`
	Payload any    `json:"payload"`
}

// The words for our events. An order is announced by where it was paid.
var (
	orderEvents  = map[string]string{"payment.captured": "order.completed", "payment.failed": "order.failed"}
	refundEvents = map[string]string{
		"refund.created": "pg.refund.accepted", "refund.processed": "pg.refund.completed", "refund.failed": "pg.refund.failed",
	}
)

// Credential is what the Authorization header of a webhook must be for an
// endpoint's secret, which is a user name, a colon and a password: the bare
// hash, with no word before it.
func Credential(secret []byte) string {
	sum := sha256.Sum256(secret)
	return hex.EncodeToString(sum[:])
}

// tellNew is what an endpoint is sent of an event about an order or a refund of
// the newest generation; nil if the event is not about one, or it did not ask.
func tellNew(ctx context.Context, n webhook.Notice) (*webhook.Message, error) {
	if n.Endpoint.URL == "" { // that of the older generations' callbacks
		return nil, nil
	}
	name, payload, err := announce(ctx, n)
	if err != nil || name == "" || !n.Endpoint.Asks(name) {
		return nil, err
	}
	body, err := dialect.Encode(webhookWire{strings.ToUpper(strings.ReplaceAll(name, ".", "_")), name, payload})
	if err != nil {
		return nil, err
	}
	m := &webhook.Message{Header: http.Header{"Content-Type": {"application/json"}}, Body: body, Mask: []string{"Authorization"}}
	if len(n.Secret) > 0 {
		m.Header.Set("Authorization", Credential(n.Secret))
	}
	return m, nil
}

// announce puts an event into the vendor's words; the name is empty if there
// are none.
func announce(ctx context.Context, n webhook.Notice) (name string, payload any, err error) {
	order, refund := orderEvents[n.Event.Name], refundEvents[n.Event.Name]
	switch {
	case order != "":
		p, ok := about[desk.Payment](n.Event)
		if !ok {
			return "", nil, nil
		}
		o, ok, err := paymentOrder(ctx, n.Desk, n.Book.ID, p.ID)
		if err != nil || !ok {
			return "", nil, err
		}
		o.Payment = p // as it was then
		merchant, err := merchantOfBook(ctx, n.Desk, n.Book)
		if o.Flow == hosted {
			return "checkout." + order, wireStatus(o, merchant, false), err
		}
		return "pg." + order, wireStatus(o, merchant, false), err

	case refund != "":
		r, ok := about[desk.Refund](n.Event)
		if !ok || n.Event.Name == "refund.created" && r.State == "done" { // it is announced as completed
			return "", nil, nil
		}
		f, ok, err := toldRefund(ctx, n, r)
		if err != nil || !ok {
			return "", nil, err
		}
		merchant, err := merchantOfBook(ctx, n.Desk, n.Book)
		w := f.wire(merchant)
		if n.Event.Name == "refund.created" {
			w.State, w.PaymentDetails[0].State = stateConfirmed, stateConfirmed
		}
		return refund, w, err
	}
	return "", nil, nil
}

// toldRefund is a refund of this generation as an event has it; ok is false if
// it is of another.
func toldRefund(ctx context.Context, n webhook.Notice, r desk.Refund) (f orderRefund, ok bool, err error) {
	names, err := n.Desk.Handles(ctx, n.Book.ID, r.ID)
	if err != nil {
		return f, false, err
	}
	for _, h := range names {
		if name, ours := strings.CutPrefix(string(h.ID), refundPrefix); ours {
			f, err := findRefund(ctx, n.Desk, n.Book.ID, name)
			f.Refund = r // as it was then
			return f, err == nil, err
		}
	}
	return f, false, nil
}

// about is the row of a type that an event is about.
func about[R desk.Row](e desk.Event) (row R, ok bool) {
	for _, r := range e.About {
		if row, ok = r.(R); ok {
			return row, true
		}
	}
	return row, false
}

// merchantOfBook is what a book goes by, for those who have no caller: see
// merchantOf.
func merchantOfBook(ctx context.Context, d *desk.Desk, b desk.Book) (string, error) {
	id, err := merchantID(ctx, d, b.Merchant, b.ID)
	if id == "" {
		id = string(b.Merchant)
	}
	return id, err
}
