package webhook_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wapas/desk"
	"wapas/dialect/razorpay"
	"wapas/ledger"
	"wapas/webhook"
)

// A callback goes where the herald says, for a room whose requests name their
// own addresses; its room's rules of trying again apply.
func TestCallback(t *testing.T) {
	w := newTown(t, webhook.Options{})
	r := newReceiver(t, "")
	h := &caller{url: r.URL}
	w.Post = webhook.New(w.Desk, webhook.Options{}, razorpay.Herald{}, h)
	e := must(w.Desk.CreateEndpoint(w.ctx, w.Book, desk.EndpointRequest{Room: "calls", URL: "http://127.0.0.1:1/static"}))(t)
	r.answers(status(500))
	w.happen("refund.processed", "payment.captured", "refund.failed")
	h.fails = 1
	for range 5 {
		w.run()
		w.Advance(t, 2*time.Minute)
	}
	if got := states(w.rows(e)); !slices.Equal(got, []string{"expired", "expired"}) {
		t.Errorf("deliveries are %v", got)
	}
	if n := len(r.all()); n != 6 {
		t.Errorf("%d attempts, want two events and three of each", n)
	}
	a := must(w.Desk.Attempts(w.ctx, desk.DeliveryQuery{Book: w.Book, Endpoint: e.ID}))(t)[0]
	if strings.Contains(a.Header, "geheim") || !strings.Contains(a.Header, "Authorization: ••••") || a.URL != r.URL {
		t.Errorf("the log says %q of %s", a.Header, a.URL)
	}
	if e := must(w.Desk.Endpoint(w.ctx, w.Book, "", e.ID))(t); !e.Active {
		t.Error("it is disabled although its room does not disable")
	}
	if _, err := w.Desk.Endpoint(w.ctx, w.Book, e.Account, e.ID); ledger.CodeOf(err) != ledger.NotFound {
		t.Errorf("the Razorpay room sees it: %v", err)
	}
}

// A caller is a herald of a made-up room. It cannot say anything the first few
// times.
type caller struct {
	mu    sync.Mutex
	url   string
	fails int
}

func (*caller) Room() string { return "calls" }
func (*caller) Schedule() webhook.Schedule {
	return webhook.Schedule{Gaps: []time.Duration{time.Second, time.Minute}}
}
func (c *caller) Tell(_ context.Context, n webhook.Notice) (*webhook.Message, error) {
	if !strings.HasPrefix(n.Event.Name, "refund.") {
		return nil, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fails--; c.fails >= 0 {
		return nil, fmt.Errorf("cannot read a handle")
	}
	h := http.Header{}
	h.Set("Authorization", "geheim")
	return &webhook.Message{URL: c.url, Header: h, Body: []byte("{}"), Mask: []string{"authorization"}}, nil
}
