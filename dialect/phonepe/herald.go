package phonepe

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"wapas/desk"
	"wapas/dialect"
	"wapas/ledger"
	"wapas/webhook"
)

// A Herald tells merchants how payments and refunds of this room ended: in the
// older generations by the callback, in the newest by a webhook.
type Herald struct{}

// Room is this room.
func (Herald) Room() string { return Room }

// Schedule is the vendor's three retries. It does not say how far apart they
// are: a minute, ten, and an hour.
func (Herald) Schedule() webhook.Schedule {
	return webhook.Schedule{Gaps: []time.Duration{time.Minute, 10 * time.Minute, time.Hour}}
}

// Tell is the callback, or the webhook of the newest generation, of an event.
func (Herald) Tell(ctx context.Context, n webhook.Notice) (*webhook.Message, error) {
	t, ok, err := subject(ctx, n)
	if err != nil || !ok {
		return nil, err
	}
	if t.Kind == "" {
		if n.Endpoint.URL == "" { // its requests name no address
			return nil, nil
		}
		return tellNew(ctx, n)
	}
	return callBack(ctx, n, t)
}

// subject is what an event is about, as it was then, with the name that the
// merchant has for it. Its memo is empty if it is of the newest generation. Ok
// is false if it is nothing of this room's.
func subject(ctx context.Context, n webhook.Notice) (t thing, ok bool, err error) {
	for _, row := range n.Event.About {
		switch row := row.(type) {
		case desk.Payment:
			t.payment = row
		case desk.Refund:
			t.refund = row
		case desk.RailOrder:
			t.order = row
		}
	}
	id := t.payment.ID
	if t.isRefund() {
		id = t.refund.ID
	}
	if id == "" {
		return t, false, nil
	}
	names, err := n.Desk.Handles(ctx, n.Book.ID, id)
	if err != nil {
		return t, false, err
	}
	for _, h := range names {
		ok = ok || strings.HasPrefix(string(h.ID), Room)
		if m, transaction, older := readMemo(h); older {
			t.memo, t.transaction = m, transaction
			break
		}
	}
	return t, ok, nil
}

// callBack is the callback of the older generations: the answer to a question
// for the status, in base64, signed with the salt. It is sent when a payment or
// a refund has ended, to where the request asked for, or else to the endpoint
// on file.
func callBack(ctx context.Context, n webhook.Notice, t thing) (*webhook.Message, error) {
	switch n.Event.Name {
	case "payment.captured", "payment.failed":
		if t.isRefund() {
			return nil, nil
		}
	case "refund.processed", "refund.failed":
	default:
		return nil, nil
	}
	if (t.Callback == "") != (n.Endpoint.URL != "") || n.Endpoint.URL != "" && !n.Endpoint.Asks(n.Event.Name) {
		return nil, nil
	}
	salt, index, err := saltOf(ctx, n.Desk, n.Book.Merchant, n.Book.ID, t.Merchant, t.Index)
	if err != nil {
		return nil, err
	}
	answer, err := dialect.Encode(t.answer(t.Gen, t.Merchant))
	if err != nil {
		return nil, err
	}
	response := base64.StdEncoding.EncodeToString(answer)
	body, err := dialect.Encode(map[string]string{"response": response})
	if err != nil {
		return nil, err
	}
	m := &webhook.Message{URL: t.Callback, Method: t.Mode, Header: http.Header{}, Body: body}
	m.Header.Set("Content-Type", "application/json")
	m.Header.Set("X-Verify", Sign(response, salt, index))
	return m, nil
}

// saltOf is the salt that a merchant's callbacks are signed with: the one whose
// index its request was signed with, or, if that is no longer good, its newest.
// Merchant is the id that the merchant shows here, owner the one that it has
// with us. It refuses NotFound if no salt of it is good.
func saltOf(ctx context.Context, d *desk.Desk, owner desk.ID, book desk.BookID, merchant, index string) ([]byte, string, error) {
	all, err := d.Store.Credentials(ctx, owner)
	if err != nil {
		return nil, "", err
	}
	var best desk.Credential
	now := ledger.At(d.Now())
	for _, c := range all {
		of, _, _ := strings.Cut(c.Name, "#")
		if c.Room != Room || c.Book != book || of != merchant || c.RevokedAt != 0 && c.RevokedAt <= now {
			continue
		}
		if c.Name == KeyName(merchant, index) {
			best = c
			break
		}
		if best.Name == "" || c.CreatedAt > best.CreatedAt {
			best = c
		}
	}
	if best.Name == "" {
		return nil, "", ledger.Refuse(ledger.NotFound, desk.WhyUnknownKey, "%s has no salt to sign with", merchant)
	}
	salt, err := d.Reveal(best)
	return salt, strings.TrimPrefix(best.Name, merchant+"#"), err
}
