package trigger_test

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"wapas/desk"
	"wapas/dialecttest"
	"wapas/ledger"
	"wapas/trigger"
)

// Every event that can be made to happen happens, twice, and the book adds up.
func TestEvents(t *testing.T) {
	h := dialecttest.Open(t)
	terms, err := h.Desk.Terms(t.Context(), h.Book)
	if err != nil {
		t.Fatal(err)
	}
	terms.AllowPayout, terms.InstantFlat = true, 100
	if _, err := h.Desk.SetTerms(t.Context(), h.Book, terms); err != nil {
		t.Fatal(err)
	}
	for _, e := range trigger.Events() {
		for range 2 {
			got, err := trigger.Do(t.Context(), h.Desk, h.Book, trigger.Request{Event: e.Name})
			if err != nil {
				t.Errorf("%s: %v", e.Name, err)
				break
			}
			if got.Event == nil {
				h.Advance(t, 6*time.Second)
				all, err := h.Desk.Store.Events(t.Context(), h.Book, got.Behind, 100)
				if err != nil {
					t.Fatal(err)
				}
				for _, x := range all {
					if x.Name == e.Recorded() {
						got.Event = &x
					}
				}
			}
			if got.Event == nil || got.Event.Name != e.Recorded() || got.Event.No <= got.Behind || len(got.Event.About) == 0 {
				t.Errorf("%s has not happened: %+v", e.Name, got)
			}
		}
	}
	h.Audit(t)
}

func TestRefusals(t *testing.T) {
	h := dialecttest.Open(t)
	_, _, live, err := h.Desk.CreateMerchant(t.Context(), desk.MerchantRequest{Name: "Chai Point"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		book desk.BookID
		q    trigger.Request
		why  ledger.Why
	}{
		{h.Book, trigger.Request{Event: "refund.field"}, trigger.WhyUnknown},
		{live.ID, trigger.Request{Event: "refund.field", Amount: 1}, trigger.WhyUnknown},
		{live.ID, trigger.Request{Event: "refund.failed", Amount: 1}, trigger.WhyAmount},
		{live.ID, trigger.Request{Event: "refund.failed"}, trigger.WhyTestBook},
	} {
		_, err := trigger.Do(t.Context(), h.Desk, c.book, c.q)
		if e, ok := err.(*ledger.Error); !ok || e.Why != c.why {
			t.Errorf("%+v in book %d: %v, want %s", c.q, c.book, err, c.why)
		}
	}
}

// In a book whose clock stands still, nothing is waited for.
func TestFrozen(t *testing.T) {
	h := dialecttest.Open(t)
	if _, err := h.Desk.SetClock(t.Context(), h.Book, desk.ClockRequest{Do: desk.ClockFreeze}); err != nil {
		t.Fatal(err)
	}
	got, err := trigger.Do(t.Context(), h.Desk, h.Book, trigger.Request{Event: "refund.processed", Wait: time.Hour})
	if err != nil || !got.Frozen || got.Event != nil {
		t.Errorf("%+v, %v", got, err)
	}
}

// Every event that the desk records by name can be made to happen, or it is said
// why not.
func TestComplete(t *testing.T) {
	known := map[string]bool{}
	for _, e := range trigger.Events() {
		known[e.Name], known[e.Recorded()] = true, true
	}
	files, err := filepath.Glob("../desk/*.go")
	if err != nil || len(files) < 50 {
		t.Fatalf("%d files of the desk: %v", len(files), err)
	}
	emits := regexp.MustCompile(`emit\("([a-z_.]+)"`)
	seen := 0
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range emits.FindAllStringSubmatch(string(src), -1) {
			seen++
			told := known[m[1]] || strings.HasSuffix(file, "_test.go")
			for other := range trigger.Others {
				match, err := path.Match(other, m[1]) // some go on: product.route.
				told = told || match && err == nil
			}
			if !told {
				t.Errorf("%s records %s: make it happen (trigger/events.go), or say why not", file, m[1])
			}
		}
	}
	if seen < 30 {
		t.Errorf("only %d events were found: do they look otherwise?", seen)
	}
}
