// Package sms brings texts to mobiles through an operator's own gateway: one
// POST for each text. In India a text needs a registered sender and template,
// which is between the operator and the gateway; this package only hands over
// what is to be said, and to whom.
package sms

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"wapas/desk"
)

// Timeout is how long a gateway may take for one text.
const Timeout = 5 * time.Second

// SecretHeader is the header that the gateway knows us by.
const SecretHeader = "X-Wapas-Secret"

// A Gateway posts texts as JSON: {"id":"msg_…","to":"9123456789","text":"…"}.
// Any answer of 200 to 299 means that the text was taken; anything else, or
// none in time, and it is sent again. The id is the same every time, so that a
// gateway that remembers ids sends no text twice.
type Gateway struct {
	url    string
	secret string
	client *http.Client
}

// New makes a gateway of an address, http or https, and the secret it is shown.
func New(address, secret string) (*Gateway, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return nil, errors.New("the address of an SMS gateway is http:// or https:// with a host and no password")
	}
	return &Gateway{url: address, secret: secret, client: &http.Client{
		Timeout: Timeout,
		// The secret is for this address and no other.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Format keeps the secret out of whatever prints a gateway.
func (g Gateway) Format(w fmt.State, _ rune) { fmt.Fprint(w, "the SMS gateway") }

// Send hands a text over. Its error never holds what the text says.
func (g *Gateway) Send(ctx context.Context, t desk.Text) error {
	body, err := json.Marshal(map[string]string{"id": string(t.ID), "to": t.To, "text": t.Body})
	if err != nil {
		return err
	}
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, g.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	q.Header.Set("Content-Type", "application/json")
	q.Header.Set(SecretHeader, g.secret)
	w, err := g.client.Do(q)
	if err != nil {
		var at *url.Error
		if errors.As(err, &at) { // without the address, which may hold a key
			err = at.Err
		}
		return fmt.Errorf("SMS gateway: %w", err)
	}
	defer w.Body.Close()
	io.Copy(io.Discard, io.LimitReader(w.Body, 64<<10)) // so that the connection can be used again
	if w.StatusCode < 200 || w.StatusCode > 299 {
		return fmt.Errorf("SMS gateway: it answered %d", w.StatusCode) // not in its own words: they may repeat the text
	}
	return nil
}
