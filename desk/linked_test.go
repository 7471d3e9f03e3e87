package desk_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"wapas/desk"
	"wapas/ledger"
)

// An address belongs to one account, however many ask for it at once.
func TestLinkedEmail(t *testing.T) {
	s := newShop(t)
	var wg sync.WaitGroup
	made := make(chan desk.ID, 8)
	for range 8 {
		wg.Go(func() {
			a, err := s.Desk.CreateLinked(s.ctx, s.Book, desk.Linked{Email: "One@example.com"})
			if err == nil {
				made <- a.ID
			} else if ledger.CodeOf(err) != ledger.Duplicate {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	close(made)
	if len(made) != 1 {
		t.Fatalf("%d accounts have one address", len(made))
	}
	first := <-made
	_, err := s.Desk.CreateLinked(s.ctx, s.Book, desk.Linked{Email: "one@EXAMPLE.com"})
	checkRefused(t, "in capitals", err, ledger.Duplicate, desk.WhyLinkedEmail)
	var e *ledger.Error
	if errors.As(err, &e) && e.Detail != strings.TrimPrefix(string(first), "acc_") {
		t.Errorf("it says that %q has the address, not %s", e.Detail, first)
	}
}

// Profiles change but for what identifies the account; a suspended account
// stays suspended.
func TestLinkedEdit(t *testing.T) {
	s := newShop(t)
	id := s.linked("a@example.com")
	got := must(s.Desk.EditLinked(s.ctx, s.Book, id, func(a desk.Linked) (desk.Linked, error) {
		a.LegalName, a.Email, a.Status, a.ID = "New Name", "other@example.com", "activated", "acc_other"
		return a, nil
	}))(t)
	if got.LegalName != "New Name" || got.ID != id || got.Email != "a@example.com" || got.Status != "created" {
		t.Errorf("edited: %+v", got)
	}
	no := errors.New("no")
	if _, err := s.Desk.EditLinked(s.ctx, s.Book, id, func(a desk.Linked) (desk.Linked, error) { return a, no }); !errors.Is(err, no) {
		t.Errorf("an edit that says no: %v", err)
	}
	first := must(s.Desk.SuspendLinked(s.ctx, s.Book, id))(t)
	s.after(1e9)
	again := must(s.Desk.SuspendLinked(s.ctx, s.Book, id))(t)
	if again.Status != "suspended" || again.SuspendedAt == 0 || again.SuspendedAt != first.SuspendedAt {
		t.Errorf("suspended twice: %+v", again)
	}
	_, err := s.Desk.SuspendLinked(s.ctx, s.Book, "acc_00000000000000")
	checkRefused(t, "no account", err, ledger.NotFound, desk.WhyLinkedUnknown)
}

// Stakeholders and products belong to their account and to nobody else's.
func TestLinkedChildren(t *testing.T) {
	s := newShop(t)
	a, b := s.linked("a@example.com"), s.linked("b@example.com")
	sth := must(s.Desk.CreateStakeholder(s.ctx, s.Book, desk.Stakeholder{Account: a, Name: "Gaurav"}))(t)
	_, err := s.Desk.CreateStakeholder(s.ctx, s.Book, desk.Stakeholder{Account: a, Name: "Asha"})
	checkRefused(t, "a second one", err, ledger.WrongState, desk.WhyStakeholderOne)
	_, err = s.Desk.CreateStakeholder(s.ctx, s.Book, desk.Stakeholder{Account: "acc_00000000000000"})
	checkRefused(t, "of nobody", err, ledger.NotFound, desk.WhyLinkedUnknown)
	_, err = s.Desk.Stakeholder(s.ctx, s.Book, b, sth.ID)
	checkRefused(t, "of another", err, ledger.NotFound, desk.WhyStakeholderNone)

	status := "needs_clarification"
	edit := func(p desk.Product, now int64) (desk.Product, error) {
		p.Status, p.Wire = status, "{}"
		return p, nil
	}
	p := must(s.Desk.RequestProduct(s.ctx, s.Book, a, "route", edit))(t)
	if again := must(s.Desk.RequestProduct(s.ctx, s.Book, a, "route", edit))(t); again.ID != p.ID {
		t.Errorf("asked twice for a product, got %s and %s", p.ID, again.ID)
	}
	status = "activated"
	must(s.Desk.EditProduct(s.ctx, s.Book, a, p.ID, edit))(t)
	must(s.Desk.EditProduct(s.ctx, s.Book, a, p.ID, edit))(t)
	if got := s.events(p.ID); !slices.Equal(got, []string{"product.route.needs_clarification", "product.route.activated"}) {
		t.Errorf("events %v", got)
	}
	_, err = s.Desk.EditProduct(s.ctx, s.Book, b, p.ID, edit)
	checkRefused(t, "of another", err, ledger.NotFound, desk.WhyProductNone)
}

// Endpoints: the rules in their order, the limit, and the secret, which is
// sealed and comes out again.
func TestEndpoints(t *testing.T) {
	s := newShop(t)
	own := "acc_" + s.Merchant
	good := desk.EndpointRequest{Account: own, URL: "https://example.com/hook", Events: []string{"refund.created", "payment.captured", "refund.created"}, Secret: []byte("whsec")}
	with := func(edit func(q *desk.EndpointRequest)) desk.EndpointRequest {
		q := good
		edit(&q)
		return q
	}
	for _, row := range []struct {
		what string
		q    desk.EndpointRequest
		code ledger.Code
		why  ledger.Why
	}{
		{"no URL, no events", with(func(q *desk.EndpointRequest) { q.URL, q.Events = "", nil }), ledger.Invalid, desk.WhyEndpointURL},
		{"no events", with(func(q *desk.EndpointRequest) { q.Events = nil }), ledger.Invalid, desk.WhyEndpointNone},
		{"not the web", with(func(q *desk.EndpointRequest) { q.URL, q.Events = "ftp://example.com", []string{"x"} }), ledger.Invalid, desk.WhyEndpointURL},
		{"no host", with(func(q *desk.EndpointRequest) { q.URL = "https:///hook" }), ledger.Invalid, desk.WhyEndpointURL},
		{"a password in it", with(func(q *desk.EndpointRequest) { q.URL = "https://me:secret@example.com" }), ledger.Invalid, desk.WhyEndpointURL},
		{"too long", with(func(q *desk.EndpointRequest) { q.URL += strings.Repeat("x", 255) }), ledger.Invalid, desk.WhyEndpointURL},
		{"no such event, no such account", with(func(q *desk.EndpointRequest) { q.Events, q.Account = []string{"refund.made"}, "acc_00000000000000" }), ledger.Invalid, desk.WhyEndpointEvents},
		{"no such account", with(func(q *desk.EndpointRequest) { q.Account = "acc_00000000000000" }), ledger.NotFound, desk.WhyLinkedUnknown},
	} {
		_, err := s.Desk.CreateEndpoint(s.ctx, s.Book, row.q)
		checkRefused(t, row.what, err, row.code, row.why)
	}
	e := must(s.Desk.CreateEndpoint(s.ctx, s.Book, good))(t)
	if !e.Active || e.Events != "refund.created payment.captured" || len(e.ID) != 14 || strings.Contains(e.Secret, "whsec") {
		t.Errorf("made %+v", e)
	}
	if secret := must(s.Desk.EndpointSecret(e))(t); string(secret) != "whsec" {
		t.Errorf("the secret is %q", secret)
	}
	off := false
	e = must(s.Desk.EditEndpoint(s.ctx, s.Book, e.ID, desk.EndpointRequest{Account: own, Active: &off}))(t)
	if e.Active || e.URL != good.URL || e.Secret == "" {
		t.Errorf("edited %+v", e)
	}
	other := s.linked("a@example.com")
	_, err := s.Desk.EditEndpoint(s.ctx, s.Book, e.ID, desk.EndpointRequest{Account: other})
	checkRefused(t, "of another", err, ledger.NotFound, desk.WhyUnknownID)
	if err := s.Desk.DeleteEndpoint(s.ctx, s.Book, own, e.ID); err != nil {
		t.Fatal(err)
	}
	checkRefused(t, "deleted twice", s.Desk.DeleteEndpoint(s.ctx, s.Book, own, e.ID), ledger.NotFound, desk.WhyUnknownID)
	for range desk.MaxEndpoints {
		must(s.Desk.CreateEndpoint(s.ctx, s.Book, good))(t)
	}
	_, err = s.Desk.CreateEndpoint(s.ctx, s.Book, good)
	checkRefused(t, "one too many", err, ledger.Exceeds, desk.WhyEndpointMany)
	must(s.Desk.CreateEndpoint(s.ctx, s.Book, with(func(q *desk.EndpointRequest) { q.Account = other })))(t)
}
