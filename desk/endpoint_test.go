package desk_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"wapas/desk"
	"wapas/ledger"
)

// Everything, in the vendor's room, is what the vendor announces: neither our
// own events nor those of other rooms.
func TestAsks(t *testing.T) {
	for _, tt := range []struct {
		room, events, name string
		want               bool
	}{
		{"", "refund.created refund.failed", "refund.failed", true},
		{"", "refund.created refund.failed", "refund.processed", false},
		{"", "*", "refund.processed", true},
		{"", "*", "reversal.created", false},
		{"", "* reversal.created", "reversal.created", true},
		{"", "*", "remittance.failed", false},
		{"", "*", "credit.given", false},
		{"eko", "", "remittance.failed", true},
		{"eko", "*", "remittance.failed", true},
		{"eko", "", "exception.raised", false},
		{"eko", "remittance.processed", "remittance.failed", false},
	} {
		if got := (desk.Endpoint{Room: tt.room, Events: tt.events}).Asks(tt.name); got != tt.want {
			t.Errorf("an endpoint of room %q that asks for %q, of %s: %t", tt.room, tt.events, tt.name, got)
		}
	}
}

// Where a live book's endpoint may lie is asked when it is made and when it is
// moved; a test book's may lie anywhere.
func TestEndpointReach(t *testing.T) {
	s := newShop(t)
	s.Desk.Reach = func(url string) error {
		if strings.HasPrefix(url, "http:") {
			return errors.New("by https only")
		}
		return nil
	}
	plain := desk.EndpointRequest{URL: "http://example.com/hook", Events: []string{"refund.created"}}
	must(s.Desk.CreateEndpoint(s.ctx, s.Book, plain))(t)
	_, err := s.Desk.CreateEndpoint(s.ctx, s.Live, plain)
	refusedIn(t, err, ledger.Invalid, desk.WhyEndpointReach, "url")
	q := plain
	q.URL = "https://example.com/hook"
	e := must(s.Desk.CreateEndpoint(s.ctx, s.Live, q))(t)
	_, err = s.Desk.EditEndpoint(s.ctx, s.Live, e.ID, desk.EndpointRequest{URL: plain.URL})
	refusedIn(t, err, ledger.Invalid, desk.WhyEndpointReach, "url")
	off := false
	if e = must(s.Desk.EditEndpoint(s.ctx, s.Live, e.ID, desk.EndpointRequest{Active: &off}))(t); e.URL != q.URL {
		t.Errorf("edited %+v", e)
	}
}

// An endpoint that is disabled stands before a person, with whom to let know,
// and is an event for those who ask for it.
func TestDisabled(t *testing.T) {
	s := newShop(t)
	mail := "ops@example.com"
	e := must(s.Desk.CreateEndpoint(s.ctx, s.Book, desk.EndpointRequest{URL: "https://example.com/hook", Events: []string{"refund.created"}, AlertEmail: &mail}))(t)
	before := must(s.Desk.Store.Book(s.ctx, s.Book))(t).Event
	must(0, s.Desk.DisableEndpoint(s.ctx, s.Book, e.ID, "no 2xx within a day"))(t)
	var names []string
	for _, ev := range must(s.Desk.Store.Events(s.ctx, s.Book, before, 10))(t) {
		names = append(names, ev.Name)
	}
	if !slices.Equal(names, []string{"endpoint.disabled", "exception.raised"}) {
		t.Errorf("the events are %v", names)
	}
	open := must(desk.List[desk.Exception](s.ctx, s.Desk, desk.Query{Book: s.Book, Parent: e.ID}))(t)
	if len(open) != 1 || open[0].ClosedAt != 0 || open[0].What != desk.ExceptionEndpoint || !strings.Contains(open[0].Detail, mail) || !strings.Contains(open[0].Detail, "no 2xx") {
		t.Errorf("the exceptions are %+v", open)
	}
	if e = must(s.Desk.Endpoint(s.ctx, s.Book, "", e.ID))(t); e.Active || e.DisabledAt == 0 || e.Reason == "" {
		t.Errorf("the endpoint is %+v", e)
	}
}
