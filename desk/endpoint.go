package desk

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"wapas/ledger"
)

// The rules of endpoints.
const (
	WhyEndpointURL    ledger.Why = "endpoint_url"    // Invalid: not an http or https URL with a host
	WhyEndpointNone   ledger.Why = "endpoint_none"   // Invalid: no events
	WhyEndpointEvents ledger.Why = "endpoint_events" // Invalid: an event that nobody has heard of (Detail)
	WhyEndpointMany   ledger.Why = "endpoint_many"   // Exceeds: MaxEndpoints are there already
)

// The limits of endpoints.
const (
	MaxEndpoints   = 30 // of one account
	maxEndpointURL = 255
)

// eventNames are the events that an endpoint may ask for: those that this
// program records, and the others of the vendor's list, which existing clients
// ask for along with them.
var eventNames = strings.Fields(`
	payment.authorized payment.captured payment.failed payment.pending order.paid
	order.notification.delivered order.notification.failed
	refund.created refund.processed refund.failed refund.speed_changed refund.arn_updated
	transfer.processed transfer.failed settlement.processed
	payout.pending payout.rejected payout.queued payout.initiated payout.processed payout.updated payout.reversed payout.failed
	payout.creation.failed payout.downtime.started payout.downtime.resolved
	payout_link.created payout_link.pending payout_link.processing payout_link.processed payout_link.attempted
	payout_link.cancelled payout_link.rejected payout_link.expired
	payment.dispute.created payment.dispute.won payment.dispute.lost payment.dispute.closed payment.dispute.under_review
	payment.dispute.action_required
	payment.downtime.started payment.downtime.updated payment.downtime.resolved
	product.route.under_review product.route.needs_clarification product.route.activated product.route.rejected product.route.suspended
	account.under_review account.needs_clarification account.activated account.rejected account.updated account.suspended
	account.funds_hold account.funds_unhold account.app.authorization_revoked account.international_enabled account.international_disabled
	invoice.paid invoice.partially_paid invoice.expired
	payment_link.paid payment_link.partially_paid payment_link.expired payment_link.cancelled
	subscription.authenticated subscription.activated subscription.charged subscription.pending subscription.halted
	subscription.cancelled subscription.completed subscription.paused subscription.resumed subscription.updated
	token.confirmed token.rejected token.paused token.cancelled token.service_provider.activated
	token.service_provider.cancelled token.service_provider.deactivated token.service_provider.suspended
	virtual_account.created virtual_account.credited virtual_account.closed
	qr_code.created qr_code.credited qr_code.closed
	fund_account.validation.completed fund_account.validation.failed
	zapier.payment_page.paid.v1 shiprocket.payment_page.paid.v1 transaction.created transaction.updated`)

// An EndpointRequest says where events shall go. When an endpoint is edited,
// what is empty or nil stays as it is.
type EndpointRequest struct {
	Account    ID // the linked account's, or the merchant's own
	URL        string
	AlertEmail *string
	Secret     []byte // what deliveries are signed with
	Events     []string
	Active     *bool
}

// check is what is wrong with what was sent of the request.
func (q EndpointRequest) check() error {
	if q.URL != "" {
		u, err := url.Parse(q.URL)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.User != nil || len(q.URL) > maxEndpointURL {
			return ledger.Refuse(ledger.Invalid, WhyEndpointURL, "").In("url")
		}
	}
	for _, name := range q.Events {
		if !slices.Contains(eventNames, name) {
			return ledger.Refuse(ledger.Invalid, WhyEndpointEvents, "%.80s", name).In("events")
		}
	}
	return nil
}

// CreateEndpoint adds an endpoint. It is active unless it is asked not to be.
//
// It refuses, in this order: Invalid for the URL and for the events; NotFound
// for the linked account; Exceeds if the account has MaxEndpoints.
func (d *Desk) CreateEndpoint(ctx context.Context, book BookID, q EndpointRequest) (Endpoint, error) {
	switch {
	case q.URL == "":
		return Endpoint{}, ledger.Refuse(ledger.Invalid, WhyEndpointURL, "").In("url")
	case len(q.Events) == 0:
		return Endpoint{}, ledger.Refuse(ledger.Invalid, WhyEndpointNone, "").In("events")
	}
	if err := q.check(); err != nil {
		return Endpoint{}, err
	}
	sealed, err := d.sealEndpoint(q.Secret)
	if err != nil {
		return Endpoint{}, err
	}
	var e Endpoint
	err = d.change(ctx, book, []Ref{refUnder[Endpoint](q.Account)}, func(c *change) error {
		if q.Account != c.book.Account() {
			if _, err := c.linked(q.Account); err != nil {
				return err
			}
		}
		all, err := under[Endpoint](c, q.Account)
		if err != nil {
			return err
		}
		live := 0
		for _, have := range all {
			if !have.Deleted {
				live++
			}
		}
		if live >= MaxEndpoints {
			return ledger.Refuse(ledger.Exceeds, WhyEndpointMany, "%d", MaxEndpoints).In("url")
		}
		e = Endpoint{ID: c.NewID(""), Account: q.Account, Active: true, CreatedAt: c.now}
		e = q.onto(e, sealed, c.now)
		c.Put(e)
		return nil
	})
	return e, err
}

// EditEndpoint changes an endpoint of an account. It refuses, in this order:
// Invalid as CreateEndpoint does for what was sent; NotFound.
func (d *Desk) EditEndpoint(ctx context.Context, book BookID, id ID, q EndpointRequest) (Endpoint, error) {
	if err := q.check(); err != nil {
		return Endpoint{}, err
	}
	sealed, err := d.sealEndpoint(q.Secret)
	if err != nil {
		return Endpoint{}, err
	}
	var e Endpoint
	err = d.change(ctx, book, []Ref{ref[Endpoint](id)}, func(c *change) (err error) {
		if e, err = c.endpoint(q.Account, id); err != nil {
			return err
		}
		e = q.onto(e, sealed, c.now)
		c.Put(e)
		return nil
	})
	return e, err
}

// DeleteEndpoint ends an endpoint of an account for good. It refuses NotFound.
func (d *Desk) DeleteEndpoint(ctx context.Context, book BookID, account, id ID) error {
	return d.change(ctx, book, []Ref{ref[Endpoint](id)}, func(c *change) error {
		e, err := c.endpoint(account, id)
		if err != nil {
			return err
		}
		e.Deleted, e.Active, e.UpdatedAt = true, false, c.now
		c.Put(e)
		return nil
	})
}

// Endpoint reads an endpoint of an account: NotFound if there is none, or no
// longer.
func (d *Desk) Endpoint(ctx context.Context, book BookID, account, id ID) (Endpoint, error) {
	e, err := find[Endpoint](ctx, d, book, id)
	if err == nil && (e.Deleted || e.Account != account) {
		return Endpoint{}, ledger.Refuse(ledger.NotFound, WhyUnknownID, "%s", id)
	}
	return e, err
}

// EndpointSecret opens what an endpoint's deliveries are signed with; nil if
// they are not signed.
func (d *Desk) EndpointSecret(e Endpoint) ([]byte, error) {
	if e.Secret == "" {
		return nil, nil
	}
	sealed, err := base64.StdEncoding.DecodeString(e.Secret)
	if err != nil {
		return nil, fmt.Errorf("secret of endpoint %s: %w", e.ID, err)
	}
	return d.Sealer.Open(sealed)
}

// sealEndpoint closes a secret so that it can be kept as a text.
func (d *Desk) sealEndpoint(secret []byte) (string, error) {
	if len(secret) == 0 {
		return "", nil
	}
	sealed, err := d.Sealer.Seal(secret)
	if err != nil {
		return "", fmt.Errorf("seal the secret of an endpoint: %w", err)
	}
	return base64.StdEncoding.EncodeToString(sealed), nil
}

// endpoint is a live endpoint of an account.
func (c *change) endpoint(account, id ID) (Endpoint, error) {
	e, err := need[Endpoint](c, id, "")
	if err == nil && (e.Deleted || e.Account != account) {
		err = ledger.Refuse(ledger.NotFound, WhyUnknownID, "%s", id)
	}
	return e, err
}

// onto is the endpoint with what the request says.
func (q EndpointRequest) onto(e Endpoint, sealed string, now ledger.Time) Endpoint {
	if q.URL != "" {
		e.URL = q.URL
	}
	if q.AlertEmail != nil {
		e.AlertEmail = *q.AlertEmail
	}
	if sealed != "" {
		e.Secret = sealed
	}
	if len(q.Events) > 0 {
		var names []string // in the order they were asked for
		for _, name := range q.Events {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		e.Events = strings.Join(names, " ")
	}
	if q.Active != nil {
		e.Active = *q.Active
	}
	e.UpdatedAt = now
	return e
}
