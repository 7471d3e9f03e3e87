package razorpay

import (
	"strings"

	"wapas/desk"
	"wapas/dialect"
)

// A webhookWire is an endpoint. The secret is never told.
type webhookWire struct {
	ID           desk.ID  `json:"id"`
	CreatedAt    int64    `json:"created_at"`
	UpdatedAt    int64    `json:"updated_at"`
	Service      string   `json:"service"`
	OwnerID      desk.ID  `json:"owner_id"` // without its prefix
	OwnerType    string   `json:"owner_type"`
	Context      []string `json:"context"`     // always empty
	DisabledAt   int64    `json:"disabled_at"` // 0 unless it was disabled because it did not take an event
	URL          string   `json:"url"`
	AlertEmail   *string  `json:"alert_email"`
	SecretExists bool     `json:"secret_exists"`
	Entity       string   `json:"entity"`
	Active       bool     `json:"active"`
	Events       any      `json:"events"` // a list, or in /v1 a map from names to true
}

func (q *request) wireWebhook(e desk.Endpoint) webhookWire {
	return wireEndpoint(e, q.caller.Mode, q.ids["acc"] == "")
}

// wireEndpoint writes the events as /v1 does, or as /v2.
func wireEndpoint(e desk.Endpoint, mode desk.Mode, asMap bool) webhookWire {
	names := strings.Fields(e.Events)
	w := webhookWire{
		ID: e.ID, CreatedAt: e.CreatedAt.Unix(), UpdatedAt: e.UpdatedAt.Unix(), Service: "api-" + string(mode),
		OwnerID: unprefixed(e.Account), OwnerType: "merchant", Context: []string{}, DisabledAt: e.DisabledAt.Unix(),
		URL: e.URL, AlertEmail: orNull(e.AlertEmail), SecretExists: e.Secret != "", Entity: "webhook", Active: e.Active, Events: names,
	}
	if asMap {
		asked := make(map[string]bool, len(names))
		for _, n := range names {
			asked[n] = true
		}
		w.Events = asked
	}
	return w
}

// hookOwner is whose webhooks the path means: a linked account's under
// /v2/accounts, otherwise the caller's own.
func (q *request) hookOwner() desk.ID {
	if acc := q.id("acc"); acc != "" {
		return acc
	}
	return q.holder()
}

// readWebhook reads what may be sent of a webhook.
func (q *request) readWebhook(b *fields) desk.EndpointRequest {
	req := desk.EndpointRequest{Account: q.hookOwner()}
	req.URL = b.text("url", 4096)
	if b.sent("alert_email") {
		mail := b.matching("alert_email", emailForm, whyLinkedForm)
		req.AlertEmail = &mail
	}
	req.Secret = []byte(b.text("secret", 255))
	req.Events = readEvents(b)
	if on, ok := b.flag("active"); ok {
		req.Active = &on
	}
	return req
}

// readEvents reads names of events: a list, one that is written as an object
// with numbers for keys, or an object with the names for keys, of which those
// that are true are meant.
func readEvents(b *fields) []string {
	v := b.value("events")
	o, ok := v.(*object)
	if _, isList := dialect.AsList(v); !ok || isList {
		names, _ := b.texts("events", 255)
		return names
	}
	in := b.object("events")
	var names []string
	for _, k := range o.Keys {
		if on, _ := in.flag(k); on {
			names = append(names, k)
		}
	}
	return names
}

// createWebhook: "Create a webhook".
func (r *room) createWebhook(q *request) (any, error) {
	b := q.body()
	b.require("url", "events")
	req := q.readWebhook(b)
	if err := b.done(); err != nil {
		return nil, err
	}
	e, err := r.desk.CreateEndpoint(q.Context(), q.book(), req)
	if err != nil {
		return nil, err
	}
	return q.wireWebhook(e), nil
}

// listWebhooks: "Fetch all webhooks".
func (r *room) listWebhooks(q *request) (any, error) {
	p, err := q.page()
	if err != nil {
		return nil, err
	}
	if err := r.knowsOwner(q); err != nil {
		return nil, err
	}
	p.Parent, p.Where = q.hookOwner(), map[string]string{"deleted": "false", "room": ""}
	all, err := desk.List[desk.Endpoint](q.Context(), r.desk, p)
	if err != nil {
		return nil, err
	}
	return collect(all, q.wireWebhook), nil
}

// knowsOwner refuses if the account in the path is not there.
func (r *room) knowsOwner(q *request) error {
	owner := q.hookOwner()
	if owner == q.holder() {
		return nil
	}
	_, err := r.desk.Linked(q.Context(), q.book(), owner)
	return err
}

// fetchWebhook: "Fetch a webhook".
func (r *room) fetchWebhook(q *request) (any, error) {
	if err := r.knowsOwner(q); err != nil {
		return nil, err
	}
	e, err := r.desk.Endpoint(q.Context(), q.book(), q.hookOwner(), q.id("webhook"))
	if err != nil {
		return nil, err
	}
	return q.wireWebhook(e), nil
}

// editWebhook: "Update a webhook", by PATCH in /v2 and PUT in /v1. What is not
// sent stays.
func (r *room) editWebhook(q *request) (any, error) {
	b := q.body()
	req := q.readWebhook(b)
	if err := b.done(); err != nil {
		return nil, err
	}
	if err := r.knowsOwner(q); err != nil {
		return nil, err
	}
	e, err := r.desk.EditEndpoint(q.Context(), q.book(), q.id("webhook"), req)
	if err != nil {
		return nil, err
	}
	return q.wireWebhook(e), nil
}

// deleteWebhook: "Delete a webhook". The answer is an empty list.
func (r *room) deleteWebhook(q *request) (any, error) {
	if err := r.knowsOwner(q); err != nil {
		return nil, err
	}
	if err := r.desk.DeleteEndpoint(q.Context(), q.book(), q.hookOwner(), q.id("webhook")); err != nil {
		return nil, err
	}
	return []string{}, nil
}

// unprefixed is an account's id without its prefix.
func unprefixed(account desk.ID) desk.ID { return desk.ID(strings.TrimPrefix(string(account), "acc_")) }
