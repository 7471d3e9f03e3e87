package soak

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"wapas/desk"
	"wapas/server"
	"wapas/webhook"
)

const hookSecret = "soak_whsec"

// told are the events that the merchant's endpoint asks for.
var told = []string{"payment.captured", "refund.created", "refund.processed", "refund.failed", "transfer.processed"}

// hooks is the merchant's own server, which fails now and then. What it does
// with an event depends on the event and on how often it came, and not on when.
type hooks struct {
	world   *world
	ordered bool
	mu      sync.Mutex
	clock   time.Time
	tries   map[string]int // by event
	got     []hook         // taken in, in their order
	log     []string
	crash   int // requests until the server that sends dies; negative: it does not
	dead    bool
}

// A hook is an event that was taken in.
type hook struct{ event, name, about string }

var errHook = errors.New("the connection to the receiver broke")

func (h *hooks) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, []byte(hookSecret))
	mac.Write(body)
	var said spoken
	err = json.Unmarshal(body, &said)
	h.mu.Lock()
	defer h.mu.Unlock()
	id := r.Header.Get("X-Razorpay-Event-Id")
	if err != nil || r.Header.Get("X-Razorpay-Signature") != hex.EncodeToString(mac.Sum(nil)) {
		h.world.fail("event %s came with a wrong signature or no JSON: %s", id, body)
	}
	h.tries[id]++
	try := h.tries[id]
	if h.ordered {
		h.clock = h.clock.Add(60 * time.Millisecond) // so that some is written down on the way
	}
	if h.crash == 0 {
		h.dead = true
	}
	h.crash--
	f := fnv.New64a()
	f.Write([]byte(id))
	draw := rand.New(rand.NewPCG(h.world.seed, f.Sum64()+uint64(try)))
	how := "taken"
	if try <= 2 {
		how = pick(draw, []string{"taken", "taken", "taken", "taken", "taken", "taken", "taken", "taken", "500", "silence", "cut after", "moved"})
	}
	name, about := said.text("event"), ""
	if kinds := said["contains"].([]any); len(kinds) > 0 {
		kind := fmt.Sprint(kinds[0])
		if strings.HasPrefix(name, "refund.") {
			kind = "refund"
		}
		about = said.text("payload", kind, "entity", "id")
	}
	h.log = append(h.log, fmt.Sprintf("    hook: %s %s %s %d: %s", id, name, about, try, how))
	h.world.counts["webhook: "+how]++
	if how == "taken" || how == "cut after" {
		h.got = append(h.got, hook{id, name, about})
	}
	answer := func(status int) *http.Response {
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("")), Request: r}
	}
	switch how {
	case "500":
		return answer(500), nil
	case "moved":
		return answer(302), nil
	case "silence":
		return nil, context.DeadlineExceeded
	case "cut after":
		return nil, errHook
	}
	return answer(200), nil
}

// listen adds the endpoint: in order in every other run.
func (w *world) listen() error {
	w.hooks = &hooks{world: w, ordered: w.seed%2 == 0, clock: begin, tries: map[string]int{}}
	_, err := w.machines[0].desk.CreateEndpoint(context.Background(), w.book, desk.EndpointRequest{
		URL: "http://shop.test/hook", Secret: []byte(hookSecret), Events: told, InOrder: &w.hooks.ordered,
	})
	return err
}

// post has a server deliver what there is. Its connection to the store may
// break, or it may die with requests under way, and then nobody knows what was
// delivered. It returns how many requests were made.
func (w *world) post(r *rand.Rand, m *machine, faults bool) (requests int) {
	h := w.hooks
	h.crash, h.dead, m.keep = -1, false, none
	if faults {
		switch r.IntN(6) {
		case 0:
			m.keep = pick(r, []fault{cutBefore, cutAfter})
			w.count("webhook: not written down: "+string(m.keep), 1)
		case 1:
			if h.ordered {
				h.crash = r.IntN(6)
				w.count("webhook: sender died", 1)
			}
		}
	}
	clock := func() time.Time {
		h.mu.Lock()
		defer h.mu.Unlock()
		return h.clock
	}
	err := webhook.New(m.desk, webhook.Options{Transport: h, Clock: clock}, server.Heralds()...).Run(context.Background(), w.book)
	slices.Sort(h.log)
	w.log = append(w.log, h.log...)
	requests, h.log = len(h.log), nil
	if err != nil && m.keep == none && !h.dead {
		w.fail("deliver events: %v", err)
	}
	m.keep = none
	return requests
}

// Keep is desk.Postbox's. It fails for a server that died while it delivered.
func (g *gated) Keep(ctx context.Context, book desk.BookID, p desk.Posted) error {
	g.at.world.hooks.mu.Lock()
	dead := g.at.world.hooks.dead
	g.at.world.hooks.mu.Unlock()
	if dead || g.at.keep == cutBefore {
		return errCut
	}
	err := g.Store.Keep(ctx, book, p)
	if err == nil && g.at.keep == cutAfter {
		return errCut
	}
	return err
}

// compareHooks holds what came against what must have: every event once, under
// one id however often it came, and in order if that was asked for.
func (w *world) compareHooks() {
	seen := map[string]bool{}
	got := map[string]int{}
	for _, g := range w.hooks.got {
		if !seen[g.event] {
			seen[g.event] = true
			got[g.name+" "+g.about]++
		}
	}
	want := map[string]int{}
	for _, p := range w.model.payments {
		want["payment.captured "+p.id]++
		for _, t := range p.transfers {
			want["transfer.processed "+t.id]++
		}
		for _, x := range p.refunds {
			want["refund.created "+x.id]++
			if x.failed {
				want["refund.failed "+x.id]++
			}
			if x.state == "done" {
				want["refund.processed "+x.id]++
			}
		}
	}
	for _, what := range sortedKeys(want) {
		w.equal("webhooks "+what, got[what], want[what])
	}
	if !w.hooks.ordered {
		return
	}
	last := ""
	first := map[string]bool{}
	for _, g := range w.hooks.got {
		if !first[g.event] && g.event < last {
			w.fail("event %s (%s %s) came after %s, and in order was asked for", g.event, g.name, g.about, last)
		}
		first[g.event] = true
		last = max(last, g.event)
	}
}
