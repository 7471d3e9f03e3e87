package desk

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"wapas/ledger"
)

// The rules of endpoints.
const (
	WhyEndpointURL    ledger.Why = "endpoint_url"    // Invalid: not an http or https URL with a host
	WhyEndpointReach  ledger.Why = "endpoint_reach"  // Invalid: nothing of a live book is sent there (Detail)
	WhyEndpointNone   ledger.Why = "endpoint_none"   // Invalid: no events
	WhyEndpointEvents ledger.Why = "endpoint_events" // Invalid: an event that nobody has heard of (Detail)
	WhyEndpointMany   ledger.Why = "endpoint_many"   // Exceeds: MaxEndpoints are there already
)

// The limits of endpoints.
const (
	MaxEndpoints   = 30 // of one account in one room
	maxEndpointURL = 255
	maxPast        = 20 // secrets that an endpoint had before
)

// AllEvents, as a name, asks for all that the vendor announces: not for our own
// events, which are told to those who name them.
const AllEvents = "*"

// ownEvents are those that no vendor announces.
var ownEvents = strings.Fields(`
	refund.reference_updated reversal.created wallet.debited credit.processed exception.raised endpoint.disabled wallet.limit_reached tat.breached
	payment.imported wallet.imported wallet.frozen wallet.thawed member.frozen member.thawed
	job.checked job.started job.paused job.done job.cancelled job.failed`)

// IsOwnEvent says whether an event is one that no vendor announces.
func IsOwnEvent(name string) bool { return slices.Contains(ownEvents, name) }

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

// EventNames are the events that an endpoint of the Razorpay room may ask for:
// the vendor's, in the vendor's order, and our own.
func EventNames() (vendor, own []string) { return slices.Clone(eventNames), slices.Clone(ownEvents) }

// An EndpointRequest says where events shall go. When an endpoint is edited,
// what is empty or nil stays as it is.
type EndpointRequest struct {
	Account    ID     // the linked account's, or the merchant's own; empty: the merchant's own, or in an edit whoever's
	Room       string // in whose words; empty: razorpay
	URL        string
	AlertEmail *string
	Secret     Secret   // what deliveries are signed with from now on
	Events     []string // none, in another room than razorpay: whatever the room tells
	Active     *bool
	InOrder    *bool
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
		known := name == AllEvents || IsOwnEvent(name)
		if q.Room == "" {
			known = known || slices.Contains(eventNames, name)
		} else { // the room knows its own names
			known = known || name != "" && len(name) <= 80 && !strings.ContainsFunc(name, notEventName)
		}
		if !known {
			return ledger.Refuse(ledger.Invalid, WhyEndpointEvents, "%.80s", name).In("events")
		}
	}
	return nil
}

// reaches refuses a URL that nothing of a live book is sent to; an empty one is
// none.
func (c *change) reaches(url string) error {
	if url == "" || c.book.Mode != Live || c.desk.Reach == nil {
		return nil
	}
	if err := c.desk.Reach(url); err != nil {
		return ledger.Refuse(ledger.Invalid, WhyEndpointReach, "%v", err).In("url")
	}
	return nil
}

func notEventName(c rune) bool {
	return !(c == '.' || c == '_' || c == '-' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z')
}

// Asks says whether the endpoint asked for an event of this name.
func (e Endpoint) Asks(name string) bool {
	if e.Events == "" || e.Events == AllEvents {
		return e.announces(name)
	}
	for asked := range strings.FieldsSeq(e.Events) {
		if asked == name || asked == AllEvents && e.announces(name) {
			return true
		}
	}
	return false
}

// announces says whether an event is one that the endpoint's vendor announces.
// In another room than razorpay that is for the room to say.
func (e Endpoint) announces(name string) bool {
	if e.Room == "" {
		return slices.Contains(eventNames, name)
	}
	return !IsOwnEvent(name)
}

// CreateEndpoint adds an endpoint. It is active unless it is asked not to be.
//
// It refuses, in this order: Invalid for the URL and for the events, and for a
// URL that nothing of a live book is sent to (WhyEndpointReach); NotFound for the
// linked account; Exceeds if the account has MaxEndpoints.
func (d *Desk) CreateEndpoint(ctx context.Context, book BookID, q EndpointRequest) (Endpoint, error) {
	switch {
	case q.URL == "":
		return Endpoint{}, ledger.Refuse(ledger.Invalid, WhyEndpointURL, "").In("url")
	case len(q.Events) == 0 && q.Room == "":
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
		if err := c.reaches(q.URL); err != nil {
			return err
		}
		if q.Account == "" {
			q.Account = c.book.Account()
		}
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
			if !have.Deleted && have.Room == q.Room {
				live++
			}
		}
		if live >= MaxEndpoints {
			return ledger.Refuse(ledger.Exceeds, WhyEndpointMany, "%d", MaxEndpoints).In("url")
		}
		e = Endpoint{ID: c.NewID(""), Account: q.Account, Room: q.Room, Active: true, Since: c.book.Event, CreatedAt: c.now}
		e = q.onto(e, c)
		e.Secret = sealed
		c.Put(e)
		return nil
	})
	if err == nil {
		d.news.of(book, true)
	}
	return e, err
}

// EditEndpoint changes an endpoint of an account. Events that were recorded
// before a new secret are signed with the one that held then, whenever they are
// sent. One that is made active again hears of what happens from now on; what
// it missed can be replayed.
//
// It refuses, in this order: Invalid as CreateEndpoint does for what was sent;
// NotFound, also if the endpoint is another room's.
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
		if err := c.reaches(q.URL); err != nil {
			return err
		}
		if e, err = c.endpoint(q.Account, id); err != nil {
			return err
		}
		if e.Room != q.Room {
			return ledger.Refuse(ledger.NotFound, WhyUnknownID, "%s", id)
		}
		if q.Active != nil && *q.Active && !e.Active {
			e.Since, e.DisabledAt, e.Reason = c.book.Event, 0, ""
			if err := c.lower(e.ID, ExceptionEndpoint); err != nil {
				return err
			}
		}
		e = q.onto(e, c)
		if sealed != "" {
			if e, err = d.rekey(e, q.Secret, sealed, c.book.Event); err != nil {
				return err
			}
		}
		c.Put(e)
		return nil
	})
	if err == nil {
		d.news.of(book, true)
	}
	return e, err
}

// rekey gives an endpoint another secret for the events after a number. Giving
// it the one it has changes nothing.
func (d *Desk) rekey(e Endpoint, secret []byte, sealed string, after int64) (Endpoint, error) {
	have, err := d.EndpointSecret(e)
	if err != nil || subtle.ConstantTimeCompare(have, secret) == 1 {
		return e, err
	}
	past := append(strings.Fields(e.Past), strconv.FormatInt(after, 10)+":"+e.Secret)
	e.Past = strings.Join(past[max(0, len(past)-maxPast):], " ")
	e.Secret = sealed
	return e, nil
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

// Endpoint reads an endpoint of an account in the Razorpay room, or any
// endpoint of the book if no account is given: NotFound if there is none, or no
// longer.
func (d *Desk) Endpoint(ctx context.Context, book BookID, account, id ID) (Endpoint, error) {
	e, err := find[Endpoint](ctx, d, book, id)
	if err == nil && !e.of(account) {
		return Endpoint{}, ledger.Refuse(ledger.NotFound, WhyUnknownID, "%s", id)
	}
	return e, err
}

// of says whether the endpoint is there for who asks: see Desk.Endpoint.
func (e Endpoint) of(account ID) bool {
	return !e.Deleted && (account == "" || e.Account == account && e.Room == "")
}

// ExceptionEndpoint is about an endpoint that was disabled.
const ExceptionEndpoint = "endpoint_disabled"

// DisableEndpoint ends deliveries to an endpoint that would not take them, and
// says so: an exception for the merchant, and an event for those who ask for
// it. One that is not active is left as it is. It refuses NotFound.
func (d *Desk) DisableEndpoint(ctx context.Context, book BookID, id ID, reason string) error {
	return d.change(ctx, book, []Ref{ref[Endpoint](id), refUnder[Exception](id)}, func(c *change) error {
		e, err := c.endpoint("", id)
		if err != nil || !e.Active {
			return err
		}
		e.Active, e.DisabledAt, e.Reason, e.UpdatedAt = false, c.now, reason, c.now
		c.Put(e)
		c.emit("endpoint.disabled", e.plain())
		about := reason + ": " + e.URL
		if e.AlertEmail != "" {
			about += "; let " + e.AlertEmail + " know"
		}
		return c.raise(ExceptionEndpoint, e.ID, about)
	})
}

// plain is an endpoint without its secrets, as it may be shown.
func (e Endpoint) plain() Endpoint {
	e.Secret, e.Past = "", ""
	return e
}

// CallbackID is the endpoint of a room that is told where each request asked
// for it, and by each account's static URL if it has one.
func CallbackID(room string) ID { return ID("callback/" + room) }

// callback makes sure that what happens in a room from this change on is told
// to whoever the room's requests name: its herald finds the address in the
// handle. It is called by the change that keeps such an address, and costs a
// row that is read, and is written once in the life of a book.
func (c *change) callback(room string) error {
	e, there, err := get[Endpoint](c, CallbackID(room))
	if err != nil || there && e.Active {
		return err
	}
	if !there {
		e = Endpoint{ID: CallbackID(room), Account: c.book.Account(), Room: room, CreatedAt: c.now}
	}
	e.Active, e.Deleted, e.Since, e.UpdatedAt = true, false, c.book.Event, c.now
	c.Put(e)
	c.told, c.hears = true, true
	return nil
}

// SecretAt opens what an endpoint's delivery of an event is signed with: the
// secret that held when the event was recorded; nil if there was none.
func (d *Desk) SecretAt(e Endpoint, event int64) ([]byte, error) {
	for past := range strings.FieldsSeq(e.Past) { // the oldest first
		last, sealed, _ := strings.Cut(past, ":")
		if n, err := strconv.ParseInt(last, 10, 64); err != nil {
			return nil, fmt.Errorf("secrets of endpoint %s: %w", e.ID, err)
		} else if event <= n {
			e.Secret = sealed
			break
		}
	}
	return d.EndpointSecret(e)
}

// EndpointSecret opens what an endpoint's deliveries are signed with now; nil
// if they are not signed.
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
	if err == nil && !e.of(account) {
		err = ledger.Refuse(ledger.NotFound, WhyUnknownID, "%s", id)
	}
	return e, err
}

// onto is the endpoint with what the request says, but for the secret.
func (q EndpointRequest) onto(e Endpoint, c *change) Endpoint {
	if q.URL != "" {
		e.URL = q.URL
	}
	if q.AlertEmail != nil {
		e.AlertEmail = *q.AlertEmail
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
	if q.InOrder != nil {
		e.InOrder = *q.InOrder
	}
	e.UpdatedAt = c.now
	return e
}
