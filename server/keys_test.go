package server

import (
	"context"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"wapas/desk"
	"wapas/dialect"
	"wapas/dialecttest"
	"wapas/ledger"
)

// A credential is of the kind that minted it, and the line that tries it is let
// in by its room when it is pasted into a shell.
func TestKeys(t *testing.T) {
	for _, tool := range []string{"sh", "curl", "openssl"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("WAPAS_TEST_FULL") != "" {
				t.Fatal(err)
			}
			t.Skip(err)
		}
	}
	h := dialecttest.Open(t)
	h.Advance(t, time.Since(time.Unix(dialecttest.Start, 0))) // a shell's time is the real one
	srv := httptest.NewServer(New(h.Desk, Config{}))
	defer srv.Close()
	ctx := context.Background()
	agent, err := h.Desk.OpenAgent(ctx, h.Book, desk.AgentRequest{Code: "20810200", Initiator: "9962981729", Mobile: "9962981729", Name: "Asha"})
	if err != nil {
		t.Fatal(err)
	}
	wants := map[string]string{
		"razorpay key": `"entity":"collection"`, "razorpay token": `"entity":"collection"`, "engage token": `"amount":2500`, "engage client": `"access_token"`,
		"phonepe salt": `"PAYMENT_INITIATED"`, "phonepe client": `"access_token"`, "eko key": `"balance":"0.00"`, "native token": `"items":[`,
	}
	kinds := Keys()
	for _, k := range kinds {
		t.Run(k.Room+" "+k.Kind, func(t *testing.T) {
			name, secret := k.Mint(desk.Test, "")
			c, err := h.Desk.Issue(ctx, desk.IssueRequest{Room: k.Room, Book: h.Book, Name: name, Secret: []byte(secret)})
			if err != nil {
				t.Fatal(err)
			}
			of := slices.IndexFunc(kinds, func(o dialect.KeyKind) bool { return o.Room == k.Room && o.Of(c.Name) })
			if kinds[of].Kind != k.Kind {
				t.Errorf("%s is taken for a %s", c.Name, kinds[of].Kind)
			}
			said := ""
			for _, p := range k.Parts(c.Name, secret) {
				said += p.Value + " "
			}
			if !strings.Contains(said, secret) {
				t.Errorf("its parts are %s", said)
			}
			for _, shown := range []string{secret, "$SECRET"} {
				line := k.Try(dialect.Trial{Base: srv.URL, Name: name, Secret: shown, Agent: agent})
				cmd := exec.Command("sh", "-c", line)
				cmd.Env = append(cmd.Environ(), "SECRET="+secret)
				out, err := cmd.CombinedOutput()
				if err != nil || !strings.Contains(string(out), wants[k.Room+" "+k.Kind]) {
					t.Errorf("%s\nsays %s (%v)", line, out, err)
				}
			}
		})
	}
}

// Customers' links are answered beside the console, and nothing of them is in
// the log.
func TestLinksAnswer(t *testing.T) {
	h := dialecttest.Open(t)
	ctx := context.Background()
	o, _, err := h.Desk.CreateOrder(ctx, h.Book, desk.OrderRequest{Amount: 49900, Capture: true})
	if err != nil {
		t.Fatal(err)
	}
	p, err := h.Desk.CreatePayment(ctx, h.Book, desk.PaymentRequest{Order: o.ID, Amount: 49900, Method: "upi", VPA: "asha@upi", Contact: "+919876543210", Email: "a@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	r, err := h.Desk.Refund(ctx, h.Book, desk.RefundRequest{Payment: p.ID, Amount: ledger.Amount(100)})
	if err != nil {
		t.Fatal(err)
	}
	l, err := h.Desk.LinkTo(ctx, h.Book, r.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	s := New(h.Desk, Config{})
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("GET", "/r/"+l.Token, nil))
	if w.Code != 200 || !strings.Contains(w.Body.String(), string(r.ID)) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if masked("/r/"+l.Token) != "/r/••••••" {
		t.Errorf("the log has %s", masked("/r/"+l.Token))
	}
}
