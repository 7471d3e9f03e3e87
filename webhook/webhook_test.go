package webhook_test

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/razorpay/razorpay-go/utils"

	"wapas/desk"
	"wapas/dialect/razorpay"
	"wapas/dialecttest"
	"wapas/ledger"
	"wapas/webhook"
)

// A payment and its refund, as they really happen, are told in the vendor's
// words; the official client accepts the signature of every delivery.
func TestRefundIsTold(t *testing.T) {
	w := newTown(t, webhook.Options{})
	r := newReceiver(t, "whsec")
	e := w.endpoint(r, func(q *desk.EndpointRequest) {
		q.Events = []string{"payment.captured", "refund.created", "refund.processed"}
	})
	o, _, err := w.Desk.CreateOrder(w.ctx, w.Book, desk.OrderRequest{Amount: 5000, Capture: true})
	if err != nil {
		t.Fatal(err)
	}
	p := must(w.Desk.CreatePayment(w.ctx, w.Book, desk.PaymentRequest{
		Order: o.ID, Amount: 5000, Method: "upi", VPA: "success@razorpay", Email: "a<b>@example.com", Contact: "+919876543210"}))(t)
	f := must(w.Desk.Refund(w.ctx, w.Book, desk.RefundRequest{Payment: p.ID, Amount: 1200, Speed: desk.Normal}))(t)
	w.Advance(t, time.Minute)
	w.run()
	got := r.all()
	slices.SortFunc(got, func(a, b received) int { return strings.Compare(a.event, b.event) })
	var names []string
	for _, g := range got {
		names = append(names, g.event)
	}
	if want := []string{"payment.captured", "refund.created", "refund.processed"}; !slices.Equal(names, want) {
		t.Fatalf("told %v, want %v", names, want)
	}
	last := got[2]
	var body struct {
		Entity   string
		Account  string `json:"account_id"`
		Contains []string
		Payload  struct {
			Refund, Payment struct {
				Entity struct {
					ID, Status   string
					RefundStatus string `json:"refund_status"`
					Refunded     int    `json:"amount_refunded"`
					Amount       int
				}
			}
		}
		CreatedAt int64 `json:"created_at"`
	}
	if err := json.Unmarshal([]byte(last.body), &body); err != nil {
		t.Fatal(err)
	}
	pay, fund := body.Payload.Payment.Entity, body.Payload.Refund.Entity
	if body.Entity != "event" || body.Account != "acc_"+string(w.Merchant) || !slices.Equal(body.Contains, []string{"refund", "payment"}) ||
		fund.ID != string(f.ID) || fund.Status != "processed" || fund.Amount != 1200 ||
		pay.ID != string(p.ID) || pay.RefundStatus != "partial" || pay.Refunded != 1200 || body.CreatedAt < dialecttest.Start {
		t.Errorf("refund.processed is %s", last.body)
	}
	if !strings.Contains(last.body, `"email":"a<b>@example.com"`) || strings.Index(last.body, `"refund":{"entity"`) > strings.Index(last.body, `"payment":{"entity"`) {
		t.Errorf("not in the vendor's form: %s", last.body)
	}
	for name, want := range map[string]string{"Content-Type": "application/json", "User-Agent": "Razorpay-Webhook/v1", "Request-Id": last.id} {
		if last.header.Get(name) != want || want == "" {
			t.Errorf("%s is %q, want %q", name, last.header.Get(name), want)
		}
	}
	if len(last.id) != 14 {
		t.Errorf("event id %q", last.id)
	}
	if got := states(w.rows(e)); !slices.Equal(got, []string{"delivered", "delivered", "delivered"}) {
		t.Errorf("deliveries are %v", got)
	}
	a := must(w.Desk.Attempts(w.ctx, desk.DeliveryQuery{Book: w.Book, EventID: desk.ID(last.id)}))(t)
	if len(a) != 1 || a[0].Status != 200 || a[0].Request != last.body || !strings.Contains(a[0].Header, "X-Razorpay-Event-Id: "+last.id+"\n") || a[0].Took <= 0 {
		t.Errorf("the log says %+v", a)
	}
	w.run()
	if n := len(r.all()); n != 3 {
		t.Errorf("told %d times, after nothing more happened", n)
	}
	w.Audit(t)
}

// Sixteen attempts under the same event id, at the gaps that were measured;
// then the endpoint is disabled and says so. All of it takes less than a second
// on a book whose clock is moved.
func TestDayOfFailures(t *testing.T) {
	w := newTown(t, webhook.Options{})
	r := newReceiver(t, "whsec")
	r.answers(status(503))
	e := w.endpoint(r, func(q *desk.EndpointRequest) { mail := "ops@example.com"; q.AlertEmail = &mail })
	watch := newReceiver(t, "")
	w.endpoint(watch, func(q *desk.EndpointRequest) { q.Events = []string{"endpoint.disabled", "exception.raised"} })
	begun := time.Now()
	must(w.Desk.SetClock(w.ctx, w.Book, desk.ClockRequest{Do: desk.ClockFreeze}))(t)
	w.happen("refund.processed")
	first := must(w.Desk.Clock(w.ctx, w.Book))(t).Now
	var at []time.Duration
	for {
		w.run()
		rows := w.rows(e)
		if len(rows) != 1 {
			t.Fatalf("%d deliveries", len(rows))
		}
		now := must(w.Desk.Clock(w.ctx, w.Book))(t).Now
		at = append(at, time.Duration(now-first)*time.Microsecond)
		if rows[0].DueAt == 0 {
			break
		}
		if rows[0].State != desk.DeliveryWaiting || rows[0].Status != 503 || len(at) != int(rows[0].Tries) {
			t.Fatalf("after %d attempts it is %+v", len(at), rows[0])
		}
		w.run() // nothing is due yet
		must(w.Desk.SetClock(w.ctx, w.Book, desk.ClockRequest{Do: desk.ClockSet, At: rows[0].DueAt}))(t)
	}
	t.Logf("a day took %v", time.Since(begun))
	gaps := []float64{0.2, 6, 13, 20, 43, 82, 162, 324, 643, 1283, 2563, 5127, 10241, 20481, 40964}
	want, sum := []time.Duration{0}, 0.0
	for _, g := range gaps {
		sum += g
		want = append(want, time.Duration(sum*1e6)*time.Microsecond)
	}
	if !slices.Equal(at, want) {
		t.Errorf("attempts at %v, want %v", at, want)
	}
	got := r.all()
	for _, g := range got {
		if g.id != got[0].id || g.body != got[0].body {
			t.Errorf("an attempt of %s with %s, another of %s with %s", g.id, g.body, got[0].id, got[0].body)
		}
	}
	if len(got) != 16 {
		t.Errorf("%d attempts, want 16", len(got))
	}
	e = must(w.Desk.Endpoint(w.ctx, w.Book, "", e.ID))(t)
	if e.Active || e.DisabledAt == 0 || e.Reason == "" {
		t.Errorf("the endpoint is %+v", e)
	}
	if s := states(w.rows(e)); !slices.Equal(s, []string{"expired"}) {
		t.Errorf("deliveries are %v", s)
	}
	open := must(desk.List[desk.Exception](w.ctx, w.Desk, desk.Query{Book: w.Book, Parent: e.ID}))(t)
	if len(open) != 1 || open[0].What != desk.ExceptionEndpoint || !strings.Contains(open[0].Detail, "ops@example.com") {
		t.Errorf("before a person: %+v", open)
	}
	if names := watch.events(); !slices.Contains(names, "endpoint.disabled") || !slices.Contains(names, "exception.raised") {
		t.Errorf("others heard %v", names)
	}
	for _, g := range watch.all() {
		if strings.Contains(g.body, "whsec") || strings.Contains(g.body, e.Secret) {
			t.Errorf("a secret is told: %s", g.body)
		}
	}

	// Switched on again it hears of what happens from then on.
	w.happen("refund.failed")
	on := true
	must(w.Desk.EditEndpoint(w.ctx, w.Book, e.ID, desk.EndpointRequest{Active: &on}))(t)
	r.answers(nil)
	w.happen("refund.created")
	w.run()
	if names := r.events()[16:]; !slices.Equal(names, []string{"refund.created"}) {
		t.Errorf("after it was switched on it heard %v", names)
	}
	if x := must(desk.Find[desk.Exception](w.ctx, w.Desk, w.Book, open[0].ID))(t); x.ClosedAt == 0 {
		t.Error("the exception stands open although the endpoint was switched on")
	}
	w.Audit(t)
}

// An event that nobody could send for two days is still tried three times.
func TestLateEventIsTriedAgain(t *testing.T) {
	w := newTown(t, webhook.Options{})
	r := newReceiver(t, "whsec")
	e := w.endpoint(r, nil)
	r.answers(func(w http.ResponseWriter, _ *http.Request, n int) {
		if n < 3 {
			w.WriteHeader(500)
		}
	})
	w.happen("refund.processed")
	w.Advance(t, 48*time.Hour)
	for range 3 {
		w.run()
		w.Advance(t, 10*time.Second)
	}
	if rows := w.rows(e); len(rows) != 1 || rows[0].State != desk.DeliveryDelivered || rows[0].Tries != 3 {
		t.Errorf("deliveries are %+v", rows)
	}
}

// What counts as taken, and what is logged of the rest.
func TestAnswers(t *testing.T) {
	elsewhere := newReceiver(t, "")
	for _, c := range []struct {
		name  string
		reply http.HandlerFunc
		state string
		code  int64
		error string
	}{
		{"200", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "thanks") }, "delivered", 200, ""},
		{"204", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, "delivered", 204, ""},
		{"404", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }, "waiting", 404, "it answered 404"},
		{"a redirect", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, http.StatusFound) }, "waiting", 302, "redirects are not followed"},
		{"too slow", func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "waiting", 0, "no answer within 200ms"},
		{"hung up", func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) }, "waiting", 0, "EOF"},
		{"long", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(strings.Repeat("a\x00\xff", 20_000))) }, "delivered", 200, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newTown(t, webhook.Options{Timeout: 200 * time.Millisecond})
			r := newReceiver(t, "whsec")
			r.answers(func(w http.ResponseWriter, q *http.Request, _ int) { c.reply(w, q) })
			e := w.endpoint(r, nil)
			w.happen("refund.created")
			w.run()
			rows := w.rows(e)
			if len(rows) != 1 || rows[0].State != c.state || rows[0].Status != c.code || !strings.Contains(rows[0].Error, c.error) || (c.error == "") != (rows[0].Error == "") {
				t.Errorf("it is %+v", rows)
			}
			a := must(w.Desk.Attempts(w.ctx, desk.DeliveryQuery{Book: w.Book, Delivery: rows[0].ID}))(t)
			if len(a) != 1 || a[0].Status != c.code || a[0].Error != rows[0].Error || len(a[0].Response) > 3*16<<10 || a[0].URL != r.URL {
				t.Errorf("the log says %+v", a)
			}
			if c.name == "200" && a[0].Response != "thanks" {
				t.Errorf("the answer is %q", a[0].Response)
			}
		})
	}
	if got := elsewhere.all(); len(got) != 0 {
		t.Error("a redirect was followed")
	}
}

// A new secret signs what happens from then on. What happened before is signed
// with the old one, whenever it is sent: at first, again, after a restart, in a
// replay.
func TestRotation(t *testing.T) {
	w := newTown(t, webhook.Options{})
	r := newReceiver(t, "")
	e := w.endpoint(r, func(q *desk.EndpointRequest) { q.Secret = nil })
	r.answers(status(500))
	secrets := []string{"", "first", "second", "second", "third"}
	for _, s := range secrets {
		if s != "" {
			e = must(w.Desk.EditEndpoint(w.ctx, w.Book, e.ID, desk.EndpointRequest{Secret: []byte(s)}))(t)
		}
		w.happen("refund.created")
	}
	if n := len(strings.Fields(e.Past)); n != 3 {
		t.Errorf("%d old secrets are kept, want 3: a secret that was set again is none", n)
	}
	w.run()
	r.answers(nil)
	w.Advance(t, time.Second)
	w.Post = webhook.New(w.Desk, webhook.Options{}, razorpay.Herald{}) // a restart
	w.run()
	must(w.Desk.Replay(w.ctx, w.Book, desk.ReplayRequest{From: 1}))(t)
	w.run()
	number := map[string]int{}
	for _, ev := range must(w.Desk.Store.Events(w.ctx, w.Book, 0, 100))(t) {
		number[string(ev.ID)] = int(ev.No)
	}
	got := r.all()
	if len(got) != 15 {
		t.Errorf("%d attempts, want 3 of each of 5", len(got))
	}
	for _, g := range got {
		secret, sign := secrets[number[g.id]-1], g.header.Get("X-Razorpay-Signature")
		if secret == "" && sign != "" || secret != "" && !utils.VerifyWebhookSignature(g.body, sign, secret) {
			t.Errorf("event %d is not signed with %q", number[g.id], secret)
		}
	}
}

// The merchant's endpoint is told of all it asked for, a linked account's of
// its own; our own events only of those who name them, a name that the vendor
// has for one of ours included.
func TestWhoIsToldWhat(t *testing.T) {
	w := newTown(t, webhook.Options{})
	seller := must(w.Desk.CreateLinked(w.ctx, w.Book, desk.Linked{Email: "s@example.com", Type: "route", LegalName: "Seller", BusinessType: "partnership"}))(t).ID
	some := desk.Payment{ID: "pay_00000000000001", Amount: 100, Status: "captured"}
	bought := desk.Payment{ID: "pay_00000000000002", Amount: 100, Status: "captured", Method: "wallet", Wallet: "openwallet", Customer: "cust_1"}
	refund := desk.Refund{ID: "rfnd_0000000000001", Payment: some.ID, Amount: 10, State: "done"}
	credit := desk.Refund{ID: "rfnd_0000000000002", Room: "engage", To: "credit", Amount: 10, State: "done"}
	mine := desk.Transfer{ID: "trf_00000000000001", Recipient: seller, Amount: 100, State: "processed"}
	other := desk.Transfer{ID: "trf_00000000000002", Recipient: "acc_00000000000000", Amount: 100, State: "processed"}
	hear := func(account desk.ID, names ...string) *receiver {
		r := newReceiver(t, "whsec")
		w.endpoint(r, func(q *desk.EndpointRequest) { q.Account, q.Events = account, names })
		return r
	}
	all, vendor, own, linked := hear("", "*"), hear("", "refund.arn_updated"), hear("", "wallet.debited", "credit.processed", "reversal.created", "refund.reference_updated"), hear(seller, "*")
	both := hear("", "payment.captured", "wallet.debited")
	err := w.Desk.Store.Change(w.ctx, w.Book, nil, func(tx desk.Tx) error {
		at := ledger.At(w.Desk.Now())
		tx.Emit("payment.captured", at, some)
		tx.Emit("payment.captured", at, bought)
		tx.Emit("refund.processed", at, refund, some)
		tx.Emit("refund.processed", at, credit)
		tx.Emit("refund.reference_updated", at, refund, some)
		tx.Emit("transfer.processed", at, mine)
		tx.Emit("transfer.processed", at, other)
		tx.Emit("reversal.created", at, desk.Reversal{ID: "rvrsl_1", Transfer: mine.ID, Amount: 1}, mine)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	w.run()
	for _, c := range []struct {
		who  string
		r    *receiver
		want []string
	}{
		{"all", all, []string{"payment.captured", "payment.captured", "refund.arn_updated", "refund.processed", "transfer.processed", "transfer.processed"}},
		{"vendor", vendor, []string{"refund.arn_updated"}},
		{"own", own, []string{"credit.processed", "refund.reference_updated", "reversal.created", "wallet.debited"}},
		{"linked", linked, []string{"transfer.processed"}},
		{"both", both, []string{"payment.captured", "payment.captured"}},
	} {
		got := c.r.events()
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s heard %v, want %v", c.who, got, c.want)
		}
	}
	if g := linked.all()[0]; !strings.Contains(g.body, `"account_id":"`+string(seller)+`"`) || !strings.Contains(g.body, string(mine.ID)) {
		t.Errorf("the linked account heard %s", g.body)
	}
	for _, r := range w.rows(desk.Endpoint{}) {
		if r.Tries != 1 || r.State != "delivered" {
			t.Errorf("it is %+v", r)
		}
	}
}

// An endpoint in order hears of nothing while an event before it waits.
func TestInOrder(t *testing.T) {
	w := newTown(t, webhook.Options{})
	r := newReceiver(t, "whsec")
	on := true
	w.endpoint(r, func(q *desk.EndpointRequest) { q.InOrder = &on })
	for range 20 {
		w.happen("refund.created", "refund.processed")
	}
	fails := map[int]bool{1: true, 5: true, 6: true, 20: true}
	r.answers(func(w http.ResponseWriter, _ *http.Request, n int) {
		if fails[n] {
			w.WriteHeader(500)
		}
	})
	for range 12 {
		w.run()
		w.Advance(t, time.Second)
		w.run()
		w.Advance(t, 6*time.Second)
	}
	var ids, events []string
	for _, g := range r.all() {
		if len(ids) == 0 || ids[len(ids)-1] != g.id {
			ids = append(ids, g.id)
		}
	}
	for _, ev := range must(w.Desk.Store.Events(w.ctx, w.Book, 0, 100))(t) {
		events = append(events, string(ev.ID))
	}
	if !slices.Equal(ids, events) {
		t.Errorf("it heard %v, want %v", ids, events)
	}
	if n := len(r.all()); n != 44 {
		t.Errorf("%d attempts, want 40 and 4 that failed", n)
	}
}

// A replay sends a range again, under the events' own ids, to one endpoint or
// to all; it is refused where it makes no sense.
func TestReplay(t *testing.T) {
	w := newTown(t, webhook.Options{})
	a, b := newReceiver(t, "whsec"), newReceiver(t, "whsec")
	e := w.endpoint(a, nil)
	var names []string
	for range 700 { // more than a page
		names = append(names, "refund.created")
	}
	w.happen(names...)
	w.run()
	f := w.endpoint(b, nil)
	w.Advance(t, 40*24*time.Hour)
	for _, c := range []struct {
		q    desk.ReplayRequest
		want ledger.Code
	}{
		{desk.ReplayRequest{From: 0, Endpoint: "none"}, ledger.Invalid},
		{desk.ReplayRequest{From: 3, To: 2}, ledger.Invalid},
		{desk.ReplayRequest{From: 1, To: 701}, ledger.Invalid},
		{desk.ReplayRequest{From: 1, Endpoint: "none"}, ledger.NotFound},
	} {
		if _, err := w.Desk.Replay(w.ctx, w.Book, c.q); ledger.CodeOf(err) != c.want {
			t.Errorf("%+v: %v, want %s", c.q, err, c.want)
		}
	}
	must(w.Desk.Replay(w.ctx, w.Book, desk.ReplayRequest{From: 700, To: 700, Endpoint: e.ID}))(t)
	w.run()
	if len(a.all()) != 701 || a.all()[700].id != a.all()[699].id && len(b.all()) != 0 {
		t.Errorf("one event was replayed: %d and %d were heard", len(a.all()), len(b.all()))
	}
	if runs := must(w.Desk.Replay(w.ctx, w.Book, desk.ReplayRequest{From: 1}))(t); len(runs) != 2 {
		t.Errorf("a replay to all has %d runs", len(runs))
	}
	w.run()
	times := map[string]int{}
	for _, g := range append(a.all(), b.all()...) {
		times[g.id]++
	}
	if len(a.all()) != 1401 || len(b.all()) != 700 || len(times) != 700 {
		t.Errorf("all was replayed: %d and %d were heard of %d events", len(a.all()), len(b.all()), len(times))
	}
	for _, r := range must(w.Desk.Store.Runs(w.ctx, w.Book))(t) {
		if r.Last != 0 {
			t.Errorf("a replay that ended is still there: %+v", r)
		}
	}
	off := false
	must(w.Desk.EditEndpoint(w.ctx, w.Book, f.ID, desk.EndpointRequest{Active: &off}))(t)
	if _, err := w.Desk.Replay(w.ctx, w.Book, desk.ReplayRequest{From: 1, Endpoint: f.ID}); ledger.CodeOf(err) != ledger.WrongState {
		t.Errorf("a replay to an endpoint that is off: %v", err)
	}
}

// A ping is answered while one waits, is logged, and leaves no trace among
// events.
func TestPing(t *testing.T) {
	w := newTown(t, webhook.Options{})
	r := newReceiver(t, "whsec")
	e := w.endpoint(r, func(q *desk.EndpointRequest) { q.Events = []string{"refund.failed"} })
	a := must(w.Ping(w.ctx, w.Book, e.ID))(t)
	if a.Status != 200 || len(r.all()) != 1 || r.all()[0].event != webhook.PingEvent || r.all()[0].id != string(a.EventID) {
		t.Errorf("a ping gave %+v, %+v", a, r.all())
	}
	r.answers(status(500))
	if a := must(w.Ping(w.ctx, w.Book, e.ID))(t); a.Status != 500 || a.Error == "" {
		t.Errorf("a ping that failed gave %+v", a)
	}
	if log := must(w.Desk.Attempts(w.ctx, desk.DeliveryQuery{Book: w.Book, Endpoint: e.ID}))(t); len(log) != 2 {
		t.Errorf("the log has %d", len(log))
	}
	if _, err := w.Ping(w.ctx, w.Book, "none"); ledger.CodeOf(err) != ledger.NotFound {
		t.Errorf("a ping to nobody: %v", err)
	}
	w.Advance(t, time.Hour)
	w.run()
	if len(r.all()) != 2 {
		t.Error("a ping was tried again")
	}
}

// A delivery that waits for an endpoint that was deleted or switched off is
// dropped.
func TestDropped(t *testing.T) {
	w := newTown(t, webhook.Options{})
	r := newReceiver(t, "whsec")
	r.answers(status(500))
	e := w.endpoint(r, nil)
	w.happen("refund.created", "refund.processed")
	w.run()
	if err := w.Desk.DeleteEndpoint(w.ctx, w.Book, e.Account, e.ID); err != nil {
		t.Fatal(err)
	}
	w.Advance(t, time.Second)
	w.run()
	if got := states(w.rows(e)); !slices.Equal(got, []string{"dropped", "dropped"}) || len(r.all()) != 2 {
		t.Errorf("deliveries are %v after %d attempts", got, len(r.all()))
	}
}

// What is old is deleted, and what waits is not.
func TestPrune(t *testing.T) {
	w := newTown(t, webhook.Options{})
	r, s := newReceiver(t, "whsec"), newReceiver(t, "whsec")
	r.answers(status(500))
	e, f := w.endpoint(r, nil), w.endpoint(s, nil)
	if books := must(w.Desk.Store.Delivered(w.ctx))(t); len(books) != 0 {
		t.Errorf("before anything was delivered, %v have something to prune", books)
	}
	w.happen("refund.created")
	w.run()
	if books := must(w.Desk.Store.Delivered(w.ctx))(t); len(books) != 1 || books[0].ID != w.Book {
		t.Errorf("%v have something to prune", books)
	}
	now := ledger.At(w.Desk.Now())
	for _, c := range []struct {
		before             ledger.Time
		gone               int64
		waits, done, tries int
	}{{now, 0, 1, 1, 2}, {now + 1, 3, 1, 0, 0}, {now + 1, 0, 1, 0, 0}} {
		gone := must(w.Desk.Store.Prune(w.ctx, w.Book, c.before, c.before, 100))(t)
		tries := must(w.Desk.Attempts(w.ctx, desk.DeliveryQuery{Book: w.Book}))(t)
		if gone != c.gone || len(w.rows(e)) != c.waits || len(w.rows(f)) != c.done || len(tries) != c.tries {
			t.Errorf("%d went and %d, %d and %d are left; want %+v", gone, len(w.rows(e)), len(w.rows(f)), len(tries), c)
		}
	}
}

// The filters of the list of deliveries.
func TestDeliveries(t *testing.T) {
	w := newTown(t, webhook.Options{})
	good, bad := newReceiver(t, "whsec"), newReceiver(t, "whsec")
	bad.answers(status(500))
	e, f := w.endpoint(good, nil), w.endpoint(bad, nil)
	w.happen("refund.created", "refund.processed")
	w.run()
	all := must(w.Desk.Deliveries(w.ctx, desk.DeliveryQuery{Book: w.Book}))(t)
	if len(all) != 4 || all[0].Event != 2 || all[3].Event != 1 {
		t.Fatalf("all are %+v", all)
	}
	for _, c := range []struct {
		q    desk.DeliveryQuery
		want int
	}{
		{desk.DeliveryQuery{Endpoint: e.ID}, 2},
		{desk.DeliveryQuery{State: "waiting"}, 2},
		{desk.DeliveryQuery{State: "waiting", Endpoint: e.ID}, 0},
		{desk.DeliveryQuery{State: "waiting", Endpoint: f.ID, Event: 2}, 1},
		{desk.DeliveryQuery{EventID: all[0].EventID}, 2},
		{desk.DeliveryQuery{Count: 3}, 3},
		{desk.DeliveryQuery{Behind: all[2].ID}, 1},
	} {
		c.q.Book = w.Book
		if got := must(w.Desk.Deliveries(w.ctx, c.q))(t); len(got) != c.want {
			t.Errorf("%+v gives %d, want %d", c.q, len(got), c.want)
		}
	}
}
