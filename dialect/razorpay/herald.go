package razorpay

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"wapas/desk"
	"wapas/dialect"
	"wapas/webhook"
)

// A Herald puts events in the words of "Webhooks": see webhook.Herald.
type Herald struct{}

// Room is this one; endpoints of it have an empty room.
func (Herald) Room() string { return "" }

// schedule is as it was measured on the real API in August 2026: sixteen
// attempts within 22.8 hours. The manual says that they go on for 24 and that
// the webhook is disabled then.
var schedule = webhook.Schedule{
	Gaps: []time.Duration{
		200 * time.Millisecond, 6 * time.Second, 13 * time.Second, 20 * time.Second, 43 * time.Second, 82 * time.Second,
		162 * time.Second, 324 * time.Second, 643 * time.Second, 1283 * time.Second, 2563 * time.Second, 5127 * time.Second,
		10241 * time.Second, 20481 * time.Second, 40964 * time.Second,
	},
	Life:    24 * time.Hour,
	Disable: true,
}

// Schedule is the vendor's.
func (Herald) Schedule() webhook.Schedule { return schedule }

// eventWire is the envelope.
type eventWire struct {
	Entity    string      `json:"entity"`
	Account   desk.ID     `json:"account_id"`
	Event     string      `json:"event"`
	Contains  []string    `json:"contains"`
	Payload   payloadWire `json:"payload"`
	CreatedAt int64       `json:"created_at"`
}

// A payloadWire holds entities by their names, in the order of contains.
type payloadWire []partWire

type partWire struct {
	name string
	wire any
}

func (p payloadWire) MarshalJSON() ([]byte, error) {
	var buf bytes.Buffer
	buf.WriteByte('{')
	for i, part := range p {
		if i > 0 {
			buf.WriteByte(',')
		}
		body, err := dialect.Encode(part.wire)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&buf, "%q:%s", part.name, body)
	}
	buf.WriteByte('}')
	return buf.Bytes(), nil
}

// entityWire is how most entities lie in a payload.
type entityWire struct {
	Entity any `json:"entity"`
}

// Picks says, before an event's rows are looked at, whether an endpoint can be
// told of it at all.
func (Herald) Picks(e desk.Endpoint, name string) bool {
	if e.Asks(name) {
		return true
	}
	for _, a := range aliases {
		if a.of == name && e.Asks(a.name) {
			return true
		}
	}
	return false
}

// aliases are other names under which events are told to endpoints that do not
// ask for them by the name they were recorded under: the vendor's for one of
// ours, and ours for what the vendor does not announce as such.
var aliases = []struct {
	of, name string
	when     func(about desk.Row) bool
}{
	{"refund.reference_updated", "refund.arn_updated", func(desk.Row) bool { return true }},
	{"payment.captured", "wallet.debited", func(about desk.Row) bool {
		p, ok := about.(desk.Payment)
		return ok && p.Method == "wallet" && p.Wallet == "openwallet"
	}},
	{"refund.processed", "credit.processed", func(about desk.Row) bool {
		r, ok := about.(desk.Refund)
		return ok && r.Payment == ""
	}},
}

// Tell is the request that the vendor would make. Entities are snapshots of the
// moment, in the words of the calls that fetch them. A linked account hears of
// its own only. A credit that is no payment's refund has no words in this API:
// it is told under its own name to those who ask for that.
func (Herald) Tell(_ context.Context, n webhook.Notice) (*webhook.Message, error) {
	e := n.Event
	w := eventWire{Entity: "event", Account: n.Endpoint.Account, Event: told(n.Endpoint, e), Contains: []string{}, Payload: payloadWire{}, CreatedAt: e.At.Unix()}
	if w.Event == "" || n.Endpoint.Account != n.Book.Account() && !ofAccount(n.Endpoint.Account, e) {
		return nil, nil
	}
	for _, row := range e.About {
		name, wire, err := part(n.Book, row)
		if err != nil {
			return nil, fmt.Errorf("write %s of event %s: %w", row.RowID(), e.ID, err)
		}
		if name == "" || slices.Contains(w.Contains, name) {
			continue
		}
		w.Contains = append(w.Contains, name)
		w.Payload = append(w.Payload, partWire{name, wire})
	}
	body, err := dialect.Encode(w)
	if err != nil {
		return nil, err
	}
	h := http.Header{}
	h.Set("Content-Type", "application/json")
	h.Set("User-Agent", "Razorpay-Webhook/v1")
	h.Set("X-Razorpay-Event-Id", string(e.ID))
	h.Set("Request-Id", string(e.ID))
	if len(n.Secret) > 0 {
		mac := hmac.New(sha256.New, n.Secret)
		mac.Write(body)
		h.Set("X-Razorpay-Signature", hex.EncodeToString(mac.Sum(nil)))
	}
	return &webhook.Message{Header: h, Body: body}, nil
}

// told is the name under which an endpoint is told of an event; empty if it is
// not.
func told(to desk.Endpoint, e desk.Event) string {
	if e.Name == webhook.PingEvent {
		return e.Name
	}
	var first desk.Row
	if len(e.About) > 0 {
		first = e.About[0]
	}
	if r, ok := first.(desk.Refund); (!ok || r.Payment != "") && to.Asks(e.Name) {
		return e.Name
	}
	for _, a := range aliases {
		if a.of == e.Name && to.Asks(a.name) && a.when(first) {
			return a.name
		}
	}
	return ""
}

// ofAccount says whether an event is a linked account's own.
func ofAccount(account desk.ID, e desk.Event) bool {
	if len(e.About) == 0 {
		return e.Name == webhook.PingEvent
	}
	switch r := e.About[0].(type) {
	case desk.Transfer:
		return r.Recipient == account
	case desk.Settlement:
		return r.Account == account
	case desk.Product:
		return r.Account == account
	case desk.Endpoint:
		return r.Account == account
	}
	return false
}

// part is a row under its name in a payload; without a name if it has none.
func part(b desk.Book, row desk.Row) (string, any, error) {
	switch r := row.(type) {
	case desk.Refund:
		return "refund", entityWire{wireRefund(r)}, nil
	case desk.Payment:
		return "payment", entityWire{wirePayment(r)}, nil
	case desk.Order:
		return "order", entityWire{wireOrder(r)}, nil
	case desk.Transfer:
		return "transfer", entityWire{wireTransfer(r)}, nil
	case desk.Reversal:
		return "reversal", entityWire{wireReversal(r, b.Merchant)}, nil
	case desk.Settlement:
		if r.OnDemand {
			return "settlement.ondemand", entityWire{wireOndemand(r, false)}, nil
		}
		return "settlement", entityWire{wireSettlement(r)}, nil
	case desk.Payout:
		return "payout", entityWire{wirePayout(r)}, nil
	case desk.Product:
		wire, err := wireMerchantProduct(r)
		return "merchant_product", wire, err
	case desk.Exception:
		return "exception", entityWire{exceptionWire{r.ID, "exception", r.What, r.Subject, r.Detail, r.CreatedAt.Unix()}}, nil
	case desk.Wallet:
		return "wallet", entityWire{holderWire{r.ID, "wallet", r.Frozen, orNull(r.FrozenFor), r.FrozenAt.Unix()}}, nil
	case desk.Member:
		return "member", entityWire{holderWire{r.ID, "member", r.Frozen, orNull(r.FrozenFor), r.FrozenAt.Unix()}}, nil
	case desk.Endpoint:
		return "webhook", entityWire{wireEndpoint(r, b.Mode, false)}, nil
	}
	return "", nil, nil
}

// exceptionWire is something that was put before a person: our own event.
type exceptionWire struct {
	ID        desk.ID `json:"id"`
	Entity    string  `json:"entity"`
	What      string  `json:"what"`
	Subject   desk.ID `json:"subject"`
	Detail    string  `json:"detail"`
	CreatedAt int64   `json:"created_at"`
}

// holderWire is who has money with us, in our own events: a wallet by its
// customer's id, a member of Engage by its own.
type holderWire struct {
	ID        desk.ID `json:"id"`
	Entity    string  `json:"entity"`
	Frozen    bool    `json:"frozen"`
	FrozenFor *string `json:"frozen_for"`
	FrozenAt  int64   `json:"frozen_at"` // 0 if it is not
}

// merchantProductWire is a product in product.route.*: beside the entity lies
// what is still asked for, or an empty list.
type merchantProductWire struct {
	Entity struct {
		ID       desk.ID `json:"id"`
		Merchant desk.ID `json:"merchant_id"` // without a prefix
		Status   string  `json:"activation_status"`
	} `json:"entity"`
	Data json.RawMessage `json:"data"`
}

func wireMerchantProduct(p desk.Product) (merchantProductWire, error) {
	var w merchantProductWire
	w.Entity.ID, w.Entity.Merchant, w.Entity.Status = p.ID, unprefixed(p.Account), p.Status
	w.Data = json.RawMessage("[]")
	full, err := wireProduct(p)
	if err == nil && len(full.Requirements) > 0 {
		w.Data, err = dialect.Encode(map[string]any{"requirements": full.Requirements})
	}
	return w, err
}
