package eko

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"wapas/desk"
	"wapas/dialecttest"
	"wapas/ledger"
	"wapas/rail"
)

// The credentials of every transcript: those of the demo.
const (
	developerKey = "wapasdemodeveloperkey0000000001"
	accessKey    = "wapas-demo-access-key"
	initiator    = "9962981729"
	userCode     = "20810200"
)

// TestTranscripts runs testdata/*.txt: see package dialecttest for the form.
// Every request is signed for the moment at which it is sent, unless it brings a
// secret-key of its own; X-Without names headers that are left out.
//
// The agent 20810200 has e-value of 20,000 rupees, a remittance costs one
// percent and earns the agent 28.38, of which 7.10 are tax; so a refund of 5,000
// rupees is the vendor's printed sample. 20810201 is another agent of the
// initiator and has 30,000, 20810202 one that is not active, and 30810200 one of
// the initiator 9000000001 and has nothing. A remittance with the reference SAMPLE or FAIL… is refused by the
// rail, one with HOLD is held by it; any other goes by its paise.
func TestTranscripts(t *testing.T) {
	dialecttest.Run(t, "testdata/*.txt", func(t *testing.T, h *dialecttest.House) dialecttest.Room {
		return openRoom(t, h, Config{})
	})
}

// TestSwitches runs testdata/switches/*.txt at a room with every switch on.
func TestSwitches(t *testing.T) {
	dialecttest.Run(t, "testdata/switches/*.txt", func(t *testing.T, h *dialecttest.House) dialecttest.Room {
		return openRoom(t, h, Config{Debug: true, RefuseReplays: true, HeaderAliases: true, Strict: true, CodeTwice: true})
	})
}

func openRoom(t testing.TB, h *dialecttest.House, cfg Config) dialecttest.Room {
	t.Helper()
	furnish(t, h)
	return dialecttest.Room{
		Handler: New(h.Desk, cfg),
		Prepare: func(r *http.Request, _ string) *http.Request {
			signed(r, strconv.FormatInt(h.Desk.Now().UnixMilli(), 10))
			for _, name := range strings.Fields(r.Header.Get("X-Without")) {
				r.Header.Del(name)
			}
			return r
		},
		Vars: map[string]string{"now": strconv.FormatInt(h.Desk.Now().UnixMilli(), 10)},
	}
}

// signed puts on a request what it does not bring itself.
func signed(r *http.Request, stamp string) {
	for name, value := range map[string]string{
		"developer_key": developerKey, "secret-key-timestamp": stamp, "secret-key": Signature(accessKey, stamp),
	} {
		if r.Header.Get(name) == "" {
			r.Header.Set(name, value)
		}
	}
}

// furnish puts agents, e-value, terms and scenarios into a house.
func furnish(t testing.TB, h *dialecttest.House) desk.Agent {
	t.Helper()
	h.Issue(t, h.Book, Room, developerKey, accessKey)
	d, ctx := h.Desk, t.Context()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	terms := desk.DefaultTerms()
	terms.RemitBps, terms.CommissionFlat, terms.TDSBps = 100, 28_38, 2500
	_, err := d.SetTerms(ctx, h.Book, terms)
	check(err)
	var agents []desk.Agent
	for _, q := range []desk.AgentRequest{
		{Code: userCode, Initiator: initiator, Mobile: "9811111111", Name: "Asha Stores"},
		{Code: "20810201", Initiator: initiator},
		{Code: "20810202", Initiator: initiator},
		{Code: "30810200", Initiator: "9000000001"},
	} {
		a, err := d.OpenAgent(ctx, h.Book, q)
		check(err)
		agents = append(agents, a)
	}
	_, err = d.EnableAgent(ctx, h.Book, agents[2].ID, false)
	check(err)
	for i, amount := range []ledger.Amount{20_000_00, 30_000_00} {
		_, err = d.BuyValue(ctx, h.Book, desk.ValueRequest{Agent: agents[i].ID, Amount: amount})
		check(err)
	}
	refs := map[string]string{"SAMPLE": rail.ScenarioRefused, "HOLD": rail.ScenarioHold}
	for i := range 9 {
		refs["FAIL"+strconv.Itoa(i+1)] = rail.ScenarioRefused
	}
	for ref, outcome := range refs {
		_, err := d.SetScenario(ctx, h.Book, desk.ScenarioRequest{What: "remittance", Ref: ref, Outcome: outcome})
		check(err)
	}
	return agents[0]
}

// value is the e-value of the agent of the transcripts.
func value(t testing.TB, h *dialecttest.House) ledger.Amount {
	t.Helper()
	a, err := h.Desk.AgentOf(t.Context(), h.Book, initiator, userCode)
	if err != nil {
		t.Fatal(err)
	}
	v, err := h.Desk.ValueOf(t.Context(), h.Book, a)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
