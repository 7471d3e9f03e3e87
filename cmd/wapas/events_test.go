package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"

	"github.com/razorpay/razorpay-go/utils"

	"wapas/trigger"
)

// Each event that can be made to happen happens, and its book adds up.
func TestTrigger(t *testing.T) {
	s := newShell(t)
	s.ok("merchant", "create", "Chai Point")
	s.ok("terms", "set", "allow_payout=true", "instant_flat=100")
	for _, x := range trigger.Events() { // each of them is played in package trigger
		if !strings.HasPrefix(x.Name, "refund.") && !strings.HasPrefix(x.Name, "remittance.") {
			continue
		}
		var e shownEvent
		s.json(&e, "trigger", x.Name)
		if e.Name != x.Recorded() || e.No == 0 || len(e.About) == 0 {
			t.Errorf("trigger %s: %+v", x.Name, e)
		}
	}
	s.ok("verify")
	s.fails(exitUsage, []string{`nobody can make "refund.field" happen`, "refund.failed"}, "trigger", "refund.field")
	s.fails(exitUsage, []string{"only made to happen in a test book"}, "trigger", "refund.failed", "--mode", "live")
	s.fails(exitUsage, []string{"--amount is rupees"}, "trigger", "refund.failed", "--amount", "1e3")
	s.ok("clock", "freeze")
	s.fails(exitFailed, []string{"clock stands still"}, "trigger", "refund.processed")
}

// Events are listed, the latest first asked for, and filtered.
func TestEvents(t *testing.T) {
	s := newShell(t)
	s.ok("merchant", "create", "Chai Point")
	s.ok("trigger", "refund.failed")
	list := func(args ...string) (all []shownEvent) {
		t.Helper()
		for line := range strings.Lines(s.ok(append([]string{"events", "--json"}, args...)...)) {
			var e shownEvent
			if err := json.Unmarshal([]byte(line), &e); err != nil {
				t.Fatal(err)
			}
			all = append(all, e)
		}
		return all
	}
	all := list("--after", "0")
	for i, e := range all {
		if e.No != int64(i+1) {
			t.Errorf("event %d is number %d", i+1, e.No)
		}
	}
	if last := list("--count", "2"); len(last) != 2 || last[1].No != all[len(all)-1].No {
		t.Errorf("the latest two of %d: %+v", len(all), last)
	}
	refunds := list("--after", "0", "--name", "refund.*")
	if len(refunds) != 2 || refunds[0].Name != "refund.created" || refunds[1].Name != "refund.failed" {
		t.Errorf("of refunds: %+v", refunds)
	}
	if last := list("--count", "1", "--name", "refund.created"); len(last) != 1 || last[0].No != refunds[0].No {
		t.Errorf("the latest of one name, behind which there are others: %+v", last)
	}
	s.fails(exitUsage, []string{`no event is called "refund.faild"; did you mean "refund.failed"?`}, "events", "--name", "refund.faild")
	s.fails(exitUsage, []string{`nobody can make "refund.*" happen; there are: refund.created`}, "trigger", "refund.*")
	s.fails(exitUsage, []string{`did you mean "refund.failed"; there are: refund.created`}, "trigger", "refund.faild")
	if out := s.ok("events"); !strings.Contains(out, "refund.failed") || !strings.Contains(out, refunds[1].About[0]) {
		t.Errorf("events: %s", out)
	}
	s.fails(exitFailed, []string{"no endpoint is active", "wapas listen"}, "replay", "--from", "1")
	s.fails(exitFailed, []string{"events are numbered 1 to"}, "replay", "4711")
	s.fails(exitUsage, []string{"the number of an event, or --from"}, "replay")
	s.fails(exitUsage, []string{"no number of an event"}, "replay", "first")
}

// Listen forwards what happens, and the vendor's client accepts its signature.
func TestListen(t *testing.T) {
	s := newShell(t)
	s.ok("merchant", "create", "Chai Point")
	type delivery struct {
		header http.Header
		body   []byte
	}
	heard := make(chan delivery, 100)
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		heard <- delivery{r.Header.Clone(), body}
		w.WriteHeader(http.StatusAccepted)
	}))
	defer hook.Close()
	s.fails(exitUsage, []string{"is no address"}, "listen", "--forward-to", "localhost:3000")
	s.fails(exitUsage, []string{"announces nothing", "razorpay, phonepe, eko"}, "listen", "--room", "engage")
	s.ok("trigger", "refund.failed")
	p := start(t, s.dir, s.env, "listen", "--after", "0", "--name", "refund.*", "--forward-to", hook.URL, "--secret", "whsec")
	for _, want := range []string{"refund.created", "refund.failed"} {
		d := <-heard
		if !utils.VerifyWebhookSignature(string(d.body), d.header.Get("X-Razorpay-Signature"), "whsec") {
			t.Errorf("%s: the vendor's client does not accept the signature", want)
		}
		var got struct{ Event, AccountID string }
		if err := json.Unmarshal(d.body, &got); err != nil || got.Event != want || len(d.header.Get("X-Razorpay-Event-Id")) != 14 {
			t.Errorf("want %s: %s (%v)", want, d.body, err)
		}
		if !bytes.Contains(d.body, []byte(`"payload":{"refund":{"entity":{"id":"rfnd_`)) {
			t.Errorf("%s", d.body)
		}
	}
	s.ok("trigger", "refund.failed") // while it listens
	<-heard
	p.signal(syscall.SIGTERM)
	if code := p.end(); code != exitDone || !strings.Contains(p.text(), "→ 202 Accepted") {
		t.Errorf("exit %d\n%s", code, p.text())
	}
}
