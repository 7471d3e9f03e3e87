package phonepe

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"wapas/desk"
	"wapas/dialecttest"
)

// TestNodeClients takes the official Node clients, unmodified but for the host,
// through every method they have: testdata/node/suite.js. It needs Node and the
// clients ("npm ci" in that directory), which make test provides; without them
// it fails, because a part that could not be run has not passed. A plain go test
// leaves it out.
func TestNodeClients(t *testing.T) {
	if os.Getenv("WAPAS_TEST_FULL") == "" {
		t.Skip("the Node clients are part of the full run only: make test")
	}
	const dir = "testdata/node"
	for _, client := range []string{"@phonepe-pg/pg-sdk-node", "pg-sdk-node"} {
		t.Run(strings.ReplaceAll(client, "/", " "), func(t *testing.T) {
			if _, err := os.Stat(dir + "/node_modules/" + client); err != nil {
				t.Fatalf("the client is not there: run npm ci in dialect/phonepe/%s (%v)", dir, err)
			}
			h := dialecttest.Open(t)
			s := openShop(t, h)
			srv := serveNode(s)
			t.Cleanup(srv.Close)
			cmd := exec.CommandContext(t.Context(), "node", "suite.js", client)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "WAPAS_URL="+srv.URL, "WAPAS_CLIENT="+shopClient, "WAPAS_SECRET="+shopSecret,
				"WAPAS_NOW="+strconv.Itoa(dialecttest.Start))
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("node suite.js %s: %v\n%s", client, err, out)
			}
			h.Audit(t)
			missed := srv.missed(
				"POST /payments/v2/refund/{refund}/status", // one page's spelling, no client's
				"POST /client/v1/backend/events/batch",     // only in production
				"GET /transact/{page}",                     // for browsers
			)
			if len(missed) > 0 {
				t.Errorf("the client was not taken through %q", missed)
			}
		})
	}
}

// A nodeService is the room over HTTP with what else a test needs: POST
// /test/advance/3s moves the clock, /test/tokens says how many tokens were
// granted, /test/told what an endpoint is sent of all that has happened. It
// remembers which routes were answered with a success.
type nodeService struct {
	*httptest.Server
	mu  sync.Mutex
	hit map[string]int
}

func serveNode(s *newShop) *nodeService {
	v := &nodeService{hit: map[string]int{}}
	v.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if what, ok := strings.CutPrefix(r.URL.Path, "/test/"); ok {
			v.test(s, w, what)
			return
		}
		rec := httptest.NewRecorder()
		s.handler.ServeHTTP(rec, r)
		if rec.Code < 400 {
			v.mu.Lock()
			v.hit[r.Method+" "+r.Pattern]++
			v.mu.Unlock()
		}
		for name, vals := range rec.Header() {
			w.Header()[name] = vals
		}
		w.WriteHeader(rec.Code)
		w.Write(rec.Body.Bytes())
	}))
	return v
}

func (v *nodeService) test(s *newShop, w http.ResponseWriter, what string) {
	var answer any
	switch name, arg, _ := strings.Cut(what, "/"); name {
	case "advance":
		d, err := time.ParseDuration(arg)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		s.Advance(s.t, d)
		return
	case "tokens":
		v.mu.Lock()
		answer = map[string]int{"granted": v.hit["POST /v1/oauth/token"]}
		v.mu.Unlock()
	case "told":
		all := []map[string]string{}
		for _, m := range s.told(desk.Endpoint{URL: "https://shop.example/hook", Room: Room}, "hook-user:hook-pass-1") {
			all = append(all, map[string]string{"authorization": m.Header.Get("Authorization"), "body": string(m.Body)})
		}
		answer = all
	}
	json.NewEncoder(w).Encode(answer)
}

// missed are the routes of the newest generation that a client can call and did
// not.
func (v *nodeService) missed(without ...string) []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	var all []string
	for _, t := range (&room{}).newRoutes() {
		if at := t.method + " " + t.path; v.hit[at] == 0 && !slices.Contains(without, at) {
			all = append(all, at)
		}
	}
	return all
}
