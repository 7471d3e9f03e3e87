package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"wapas/client"
	"wapas/dialect/native"
	"wapas/dialecttest"
)

const token = "wapas_demo_native_token"

// open is a client of a real room on a real book, which does not wait between
// tries.
func open(t *testing.T) (*dialecttest.House, *client.Client) {
	h := dialecttest.Open(t)
	h.Issue(t, h.Book, native.Room, "", token)
	srv := httptest.NewServer(native.New(h.Desk, native.Config{}))
	t.Cleanup(srv.Close)
	c := client.New(srv.URL+"/", token)
	c.Pause = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	return h, c
}

func pay(t *testing.T, c *client.Client, amount int64) string {
	t.Helper()
	var p struct {
		ID string `json:"id"`
	}
	if err := c.Do(t.Context(), "POST", "/payments", "", map[string]any{"amount": amount}, &p); err != nil {
		t.Fatal(err)
	}
	return p.ID
}

// A forgetful line loses the answers of the first tries, after the server has
// done what was asked.
type forgetful struct {
	lose int
	sent int
}

func (f *forgetful) RoundTrip(r *http.Request) (*http.Response, error) {
	f.sent++
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err == nil && f.sent <= f.lose {
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		return nil, errors.New("the line broke")
	}
	return resp, err
}

// A refund whose answer is lost twice is made once.
func TestRetry(t *testing.T) {
	_, c := open(t)
	id := pay(t, c, 49900)
	line := &forgetful{lose: 2}
	c.HTTP = &http.Client{Transport: line}
	r, err := c.CreateRefund(t.Context(), client.NewRefund{PaymentID: id, Amount: 10000}, "")
	if err != nil || r.Amount != 10000 || line.sent != 3 {
		t.Fatalf("after %d tries: %+v, %v", line.sent, r, err)
	}
	var all []client.Refund
	for r, err := range c.Refunds(t.Context(), url.Values{"payment_id": {id}}) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	if len(all) != 1 || all[0].ID != r.ID {
		t.Errorf("there are %d refunds", len(all))
	}
}

// A server that stays away is given up on after Tries.
func TestGivesUp(t *testing.T) {
	tries := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tries++
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer srv.Close()
	c := client.New(srv.URL, token)
	c.Tries = 3
	c.Pause = func(context.Context, time.Duration) error { return nil }
	if err := c.Get(t.Context(), "/me", nil, nil); tries != 3 || client.CodeOf(err) != "internal" {
		t.Errorf("after %d tries: %v", tries, err)
	}
}

// A refusal is a Problem, and is not tried again.
func TestProblem(t *testing.T) {
	_, c := open(t)
	id := pay(t, c, 49900)
	line := &forgetful{}
	c.HTTP = &http.Client{Transport: line}
	_, err := c.CreateRefund(t.Context(), client.NewRefund{PaymentID: id, Amount: 50000}, "k")
	var p *client.Problem
	if !errors.As(err, &p) || p.Code != "exceeds" || p.Rule != "over_budget" || p.Field != "amount" || p.Status != 422 || p.RequestID == "" {
		t.Fatalf("the refusal is %+v", err)
	}
	if line.sent != 1 {
		t.Errorf("it was sent %d times", line.sent)
	}
	if _, err := c.Refund(t.Context(), "rfnd_00000000000000"); client.CodeOf(err) != "not_found" {
		t.Errorf("a refund that is not there: %v", err)
	}
}

// Every method, once around.
func TestAround(t *testing.T) {
	h, c := open(t)
	ctx := t.Context()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	id := pay(t, c, 49900)
	_, err := c.SetScenario(ctx, client.Scenario{What: "refund", Amount: 700, Outcome: "silence"})
	check(err)
	r, err := c.CreateRefund(ctx, client.NewRefund{PaymentID: id, Amount: 700, Reference: "RMA-7"}, "")
	check(err)
	h.Advance(t, time.Second)
	_, err = c.MoveClock(ctx, 25*time.Hour)
	check(err)
	now, err := c.Clock(ctx)
	check(err)
	if now.Ahead != 25*3600 {
		t.Errorf("the clock is %d s ahead", now.Ahead)
	}
	for o, err := range c.Waiting(ctx, nil) {
		check(err)
		if o.ID != r.ID || o.State != "unknown" {
			t.Errorf("%s waits and is %s", o.ID, o.State)
		}
		_, err = c.RecordOutcome(ctx, o.ID, client.Outcome{Outcome: "done", Proof: "412345678901"}, "")
		check(err)
	}
	found, err := c.SearchRefunds(ctx, "412345678901")
	check(err)
	if len(found) != 1 || found[0].State != "done" {
		t.Errorf("found %+v", found)
	}
	x, err := c.CreateCredit(ctx, client.NewCredit{Partner: "shop-1", Contact: "9876543210", Amount: 30000, Purpose: "gift", Reference: "G1"}, "")
	check(err)
	spent, err := c.SpendCredit(ctx, x.MemberID, client.Spend{Amount: 12000}, "")
	check(err)
	if spent.Balance != 18000 {
		t.Errorf("%d are left", spent.Balance)
	}
	events, err := c.Events(ctx, 0)
	check(err)
	if last := events[len(events)-1]; int64(len(events)) != last.No || last.Name != "credit.spent" {
		t.Errorf("of %d events the last is %+v", len(events), last)
	}
	h.Audit(t)
}

// The fields of the nouns here are those of the document.
func TestNouns(t *testing.T) {
	_, c := open(t)
	resp, err := http.Get(c.Base + "/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var doc struct {
		Components struct {
			Schemas map[string]struct {
				Properties map[string]any `json:"properties"`
			} `json:"schemas"`
		} `json:"components"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&doc); err != nil {
		t.Fatal(err)
	}
	for _, noun := range []any{
		client.Refund{}, client.NewRefund{}, client.Credit{}, client.NewCredit{}, client.Spend{}, client.RailOrder{}, client.Outcome{},
		client.Event{}, client.Thing{}, client.Clock{}, client.Scenario{}, client.Problem{}, client.Fault{},
		client.Me{}, client.Merchant{}, client.Book{}, client.ClockChange{}, client.EventMessage{}, client.EventHeader{}, client.NewTriggered{}, client.Triggered{}, client.ReplayRun{},
	} {
		typ := reflect.TypeOf(noun)
		props := doc.Components.Schemas[typ.Name()].Properties
		if props == nil {
			t.Errorf("the document has no %s", typ.Name())
			continue
		}
		for i := range typ.NumField() {
			name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
			if props[name] == nil {
				t.Errorf("%s has no field %s in the document", typ.Name(), name)
			}
		}
	}
}

// Who follows hears of each event once and in order, however the line breaks;
// one that could not be dealt with is handed over again; a refusal ends it.
func TestFollow(t *testing.T) {
	h, c := open(t)
	for range 3 {
		pay(t, c, 49900)
	}
	b, err := h.Desk.Store.Book(t.Context(), h.Book)
	if err != nil {
		t.Fatal(err)
	}
	line := &forgetful{lose: 2}
	c.HTTP = &http.Client{Transport: line}
	ctx, stop := context.WithCancel(t.Context())
	var seen []int64
	var says []bool
	balked := false
	err = c.Follow(ctx, 0, func(e client.Event) error {
		if len(seen) == 2 && !balked {
			balked = true
			return &url.Error{Op: "Get", URL: "x", Err: errors.New("the line broke")}
		}
		seen = append(seen, e.No)
		return nil
	}, func(err error) {
		if says = append(says, err != nil); err == nil {
			stop()
		}
	})
	if err != nil || int64(len(seen)) != b.Event || !reflect.DeepEqual(says, []bool{true, false}) {
		t.Errorf("of %d events %v were seen, the line %v, %v", b.Event, seen, says, err)
	}
	for i, no := range seen {
		if no != int64(i+1) {
			t.Errorf("event %d comes as number %d", no, i+1)
		}
	}
	c.Token = "another"
	if err := c.Follow(t.Context(), 0, nil, nil); client.CodeOf(err) != "denied" {
		t.Errorf("with another token: %v", err)
	}
}

// A file comes as it is written; a refusal comes instead of it.
func TestDownload(t *testing.T) {
	_, c := open(t)
	pay(t, c, 49900)
	var out strings.Builder
	if err := c.Download(t.Context(), "/exports/journal", nil, &out); err != nil || !strings.HasPrefix(out.String(), "entry,at,reason") {
		t.Errorf("%.60s (%v)", out.String(), err)
	}
	out.Reset()
	if err := c.Download(t.Context(), "/exports/statement/cust_00000000000000", nil, &out); client.CodeOf(err) != "not_found" || out.Len() != 0 {
		t.Errorf("%q (%v)", out.String(), err)
	}
}
