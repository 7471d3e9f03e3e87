package desk_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"wapas/desk"
)

// Everything that is kept sealed opens with the new master key alone, and is
// what it was: a credential, an endpoint's secrets of today and of before, a
// code that was sent and one that is still to be sent.
func TestReseal(t *testing.T) {
	s := newAgency(t, nil)
	d := s.Desk
	cred := must(d.Issue(s.ctx, desk.IssueRequest{Room: "razorpay", Book: s.Book, Name: "rzp_test_reseal", Secret: []byte("the secret")}))(t)
	must(d.Issue(s.ctx, desk.IssueRequest{Room: "native", Book: s.Book, Secret: []byte("a token, which is not kept")}))(t)
	ended := must(d.Issue(s.ctx, desk.IssueRequest{Room: "razorpay", Book: s.Book, Name: "rzp_test_ended", Secret: []byte("x")}))(t)
	must(d.Revoke(s.ctx, ended.Room, ended.Name))(t)
	e := must(d.CreateEndpoint(s.ctx, s.Book, desk.EndpointRequest{URL: "https://example.com/", Secret: []byte("first"), Events: []string{"*"}}))(t)
	s.remit(100_00)
	for _, secret := range []string{"second", "third"} {
		s.remit(100_00)
		must(d.EditEndpoint(s.ctx, s.Book, e.ID, desk.EndpointRequest{Secret: []byte(secret)}))(t)
	}
	must(d.CreateEndpoint(s.ctx, s.Book, desk.EndpointRequest{URL: "https://example.com/unsigned", Events: []string{"*"}}))(t)
	sent := s.remit(100_13)
	s.Advance(t, 0)
	waiting := s.remit(200_13)
	s.Advance(t, desk.ResendAfter)
	must(d.SendRefundOTP(s.ctx, s.Book, waiting.ID, s.agent.ID))(t) // its text is not sent yet

	d.Store = s.Store                                                                     // all books are asked for
	both, now := newKeyring(t, masterKey(77), masterKey(7)), newKeyring(t, masterKey(77)) // the house's is 7
	count := func(look bool) []desk.Sealing {
		t.Helper()
		return must(d.Reseal(desk.As(s.ctx, desk.Actor{By: "cli:test", What: "key.reseal"}), both, look))(t)
	}
	looked := count(true)
	if again := count(true); !slices.Equal(again, looked) {
		t.Errorf("looking changed something: %v, before %v", again, looked)
	}
	for _, c := range looked {
		if c.Secrets == 0 || c.Stale != c.Secrets {
			t.Errorf("%s: %d of %d are stale, want all", c.What, c.Stale, c.Secrets)
		}
	}
	if looked[1].Secrets != 3 {
		t.Errorf("%d secrets of endpoints, want three of one and none of the other", looked[1].Secrets)
	}
	// It breaks off after each thing that it seals anew, and begins again.
	whole, rounds, done := d.Store, 0, int64(0)
	for ; ; rounds++ {
		d.Store = &breaking{whole, 1}
		_, err := d.Reseal(s.ctx, both, false)
		d.Store = whole
		if err == nil {
			break
		}
		if !errors.Is(err, errBroken) || rounds == 100 {
			t.Fatalf("round %d: %v", rounds, err)
		}
		var stale int64
		for _, c := range count(true) {
			stale += c.Stale
		}
		if done == stale && rounds > 0 {
			t.Errorf("round %d sealed nothing anew: %d are left", rounds, stale)
		}
		done = stale
	}
	if rounds < 4 {
		t.Errorf("it broke off only %d times", rounds)
	}
	fourth := must(d.Issue(s.ctx, desk.IssueRequest{Room: "razorpay", Book: s.Book, Name: "rzp_test_late", Secret: []byte("late")}))(t) // by a server that has only the old key yet
	if done := count(false); done[0].Stale != 1 {
		t.Errorf("sealed anew: %v, want %s alone", done, fourth.Name)
	}
	for _, c := range count(false) {
		if c.Stale != 0 {
			t.Errorf("after it %d %s are stale", c.Stale, c.What)
		}
	}
	if acts := must(desk.List[desk.Act](s.ctx, d, desk.Query{Book: s.Book, Count: 100}))(t); !slices.ContainsFunc(acts, func(a desk.Act) bool { return a.What == "key.reseal" && a.Of == desk.ID(fourth.Name) }) {
		t.Errorf("the audit log does not say that %s was sealed anew", fourth.Name)
	}

	d.Sealer = now // the old key is gone
	for name, want := range map[string]string{cred.Name: "the secret", ended.Name: "x"} {
		c := must(d.Store.Credential(s.ctx, "razorpay", name))(t)
		if secret := must(d.Reveal(*c))(t); string(secret) != want || (c.RevokedAt != 0) != (name == ended.Name) {
			t.Errorf("%s is %+v with the secret %q", name, c, secret)
		}
	}
	e = must(d.Endpoint(s.ctx, s.Book, "", e.ID))(t)
	for event, want := range map[int64]string{0: "first", 1 << 40: "third"} {
		if secret := must(d.SecretAt(e, event))(t); string(secret) != want {
			t.Errorf("event %d is signed with %q, want %q", event, secret, want)
		}
	}
	must(s.restore(sent, right))(t)
	s.Advance(t, 0)
	if m := must(d.Inbox(s.ctx, s.Book, sender, "", 1))(t)[0]; m.State != "sent" || m.Text == "" {
		t.Errorf("the text that waited: %+v", m)
	}
	must(s.restore(waiting, right))(t)

	// A ring that lacks a key says so, and harms nothing.
	if _, err := d.Reseal(s.ctx, newKeyring(t, masterKey(78)), false); !errors.Is(err, desk.ErrWrongKey) {
		t.Errorf("with a strange key: %v", err)
	}
	must(d.Reveal(*must(d.Store.Credential(s.ctx, "razorpay", cred.Name))(t)))(t)
}

var errBroken = errors.New("broken off")

// breaking is a store that keeps so many changes, and then no more.
type breaking struct {
	desk.Store
	left int
}

func (b *breaking) take() error {
	if b.left == 0 {
		return errBroken
	}
	b.left--
	return nil
}

func (b *breaking) Change(ctx context.Context, book desk.BookID, reads []desk.Ref, do func(tx desk.Tx) error) error {
	if err := b.take(); err != nil {
		return err
	}
	return b.Store.Change(ctx, book, reads, do)
}

func (b *breaking) ResealCredential(ctx context.Context, room, name string, sealed []byte) error {
	if err := b.take(); err != nil {
		return err
	}
	return b.Store.ResealCredential(ctx, room, name, sealed)
}
