package console_test

import (
	"context"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"wapas/desk"
	"wapas/dialecttest"
	"wapas/ledger"
	"wapas/rail"
	"wapas/trigger"
)

// owing makes a payment and a refund of it.
func owing(t *testing.T, h *dialecttest.House, a ledger.Amount, outcome string) desk.Refund {
	t.Helper()
	ctx := context.Background()
	o, _, err := h.Desk.CreateOrder(ctx, h.Book, desk.OrderRequest{Amount: a, Capture: true})
	if err != nil {
		t.Fatal(err)
	}
	p, err := h.Desk.CreatePayment(ctx, h.Book, desk.PaymentRequest{Order: o.ID, Amount: a, Method: "upi", VPA: "asha@exampleupi", Email: "asha@example.com", Contact: "+919876543210"})
	if err != nil {
		t.Fatal(err)
	}
	r, err := h.Desk.Refund(ctx, h.Book, desk.RefundRequest{Payment: p.ID, Full: true, Outcome: outcome})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Before the clock moves it is said what becomes due; then it is done, once for a
// form.
func TestClock(t *testing.T) {
	h := dialecttest.Open(t)
	i := signIn(t, h, desk.Support)
	r := owing(t, h, 50000, rail.ScenarioPending)
	h.Advance(t, time.Second)
	has(t, i.get("/test/sandbox"), "The book's clock", "It runs.", "It is the real time.", string(r.ID), "the bank is asked about it")

	has(t, i.get("/test/sandbox/clock?do=move&n=1&unit=m"), "29 Dec 2025, 14:51:01", "Nothing becomes due")
	page := i.get("/test/sandbox/clock?do=move&n=2&unit=h")
	has(t, page, "29 Dec 2025, 16:50:01", "This becomes due", string(r.ID), `name="n" value="7200"`)
	if x, _ := desk.Find[desk.Refund](context.Background(), h.Desk, h.Book, r.ID); x.State != "pending" {
		t.Fatal("looking moved the clock")
	}
	move := form("key", "once", "do", "move", "n", "7200", "unit", "s")
	has(t, i.send("/test/sandbox/clock", move), "The clock shows 29 Dec 2025, 16:50:01", "2 hours ahead of the real time")
	if x, _ := desk.Find[desk.Refund](context.Background(), h.Desk, h.Book, r.ID); x.State != "done" {
		t.Errorf("the refund is %s", x.State)
	}
	has(t, i.send("/test/sandbox/clock", move), "done already", "2 hours ahead")

	has(t, i.get("/test/sandbox/clock?do=set&at=2025-01-01T00:00"), "back in time")
	has(t, i.send("/test/sandbox/clock", form("key", "a", "do", "set", "at", "2026-03-31T23:59")), "31 Mar 2026, 23:59:00")
	has(t, i.send("/test/sandbox/clock", form("key", "b", "do", "freeze")), "It stands still.")
	has(t, i.send("/test/sandbox/clock", form("key", "c", "do", "run")), "It runs.")
	has(t, i.send("/test/sandbox/clock", form("key", "d", "do", "real")), "It is the real time.")

	for _, tt := range []struct{ query, says string }{
		{"do=move&n=-1&unit=h", "a whole number"}, {"do=move&n=9223372036854775807&unit=d", "a whole number"}, {"do=set&at=tomorrow", "a day and a time"},
		{"do=set&at=1999-01-01T00:00", "a clock shows a moment"}, {"do=explode", "what the clock is to do"},
	} {
		w := i.ask("GET", "/test/sandbox/clock?"+tt.query, nil)
		if w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", tt.query, w.Code)
		}
		has(t, w.Body.String(), tt.says)
	}
}

// A scenario is added by amount or reference, played, and ended.
func TestScenarios(t *testing.T) {
	h := dialecttest.Open(t)
	i := signIn(t, h, desk.Support)
	const path = "/test/sandbox/scenarios"
	has(t, i.get(path), "No scenario stands", "The bank never answers")
	add := form("key", "one", "what", "refund", "amount", "499", "outcome", "refused", "code", rail.CodeClosed, "n", "2", "unit", "h", "times", "3")
	has(t, i.send(path, add), "refunds of ₹499 .00", "The bank refuses it", "account closed", "after 2 hours", "0 of 3")
	i.send(path, add) // sent twice, and there once
	all, err := h.Desk.Scenarios(context.Background(), h.Book)
	if err != nil || len(all) != 1 || all[0].Amount != 49900 || all[0].After != 7200 || all[0].Times != 3 {
		t.Fatalf("%+v %v", all, err)
	}
	owing(t, h, 49900, "")
	has(t, i.get(path), "1 of 3")
	i.send(path, form("key", "two", "what", "otp", "reference", "9876543210", "outcome", "done", "otp", "654321"))
	has(t, i.get(path), "OTPs known as 9876543210", "The OTP is 654321")
	for _, tt := range []struct{ field, value, says string }{{"amount", "much", "write rupees"}, {"n", "0", "a whole number"}, {"times", "often", "a whole number"}, {"outcome", "magic", "magic"}} {
		ask := form("key", "bad", "reference", "order-17", "outcome", "refused")
		ask.Set(tt.field, tt.value)
		has(t, i.refused(path, ask, http.StatusUnprocessableEntity), tt.says, `value="order-17"`)
	}
	i.send(path+"/"+string(all[0].ID)+"/end", nil)
	hasNot(t, i.get(path), string(all[0].ID))
	i.refused(path+"/scn_00000000000000/end", nil, http.StatusNotFound)
}

// Events happen by a click, once for a form; those that wait for the bank are
// there when its time has come.
func TestMakeHappen(t *testing.T) {
	h := dialecttest.Open(t)
	i := signIn(t, h, desk.Support)
	page := i.get("/test/sandbox")
	for _, e := range trigger.Events() {
		has(t, page, `value="`+e.Name+`"`)
	}
	ask := form("key", "one", "event", "refund.failed", "amount", "250")
	has(t, i.send("/test/sandbox/happen", ask), "refund.failed happened: it is event")
	i.send("/test/sandbox/happen", ask)
	all, err := desk.List[desk.Refund](context.Background(), h.Desk, desk.Query{Book: h.Book, Count: 9})
	if err != nil || len(all) != 1 || all[0].State != "failed" || all[0].Amount != 25000 {
		t.Fatalf("%+v %v", all, err)
	}
	has(t, i.send("/test/sandbox/happen", form("key", "two", "event", "refund.processed")), "It happens in a moment")
	has(t, i.refused("/test/sandbox/happen", form("key", "3", "event", "refund.processed", "amount", "0.50"), http.StatusUnprocessableEntity), "2.00 rupees at least", `value="0.50"`)
	i.refused("/test/sandbox/happen", form("key", "4", "event", "world.peace"), http.StatusUnprocessableEntity)
	h.Audit(t)
}

// The inbox shows what a mobile was sent, and says which OTP it is sent.
func TestInbox(t *testing.T) {
	h := dialecttest.Open(t)
	i := signIn(t, h, desk.Support)
	has(t, i.get("/test/sandbox/inbox"), "No text was sent", "No webhook was sent")
	has(t, i.send("/test/sandbox/inbox", form("mobile", "9876543210", "how", "this", "otp", "424242")), "From now on")
	has(t, i.refused("/test/sandbox/inbox", form("mobile", "98765", "how", ""), http.StatusUnprocessableEntity), `value="98765"`)
	has(t, i.refused("/test/sandbox/inbox", form("mobile", "9876543210", "how", "this", "otp", "12"), http.StatusUnprocessableEntity), "six digits")
	i.send("/test/sandbox/happen", form("key", "k", "event", "remittance.failed", "amount", "500"))
	page := i.get("/test/sandbox/inbox")
	has(t, page, "OTP", "sent")
	mobile := regexp.MustCompile(`<strong>(\d{10})</strong>`).FindStringSubmatch(page)
	if mobile == nil {
		t.Fatal(text(page))
	}
	has(t, i.get("/test/sandbox/inbox?of="+mobile[1]), mobile[1])
	hasNot(t, i.get("/test/sandbox/inbox?of=9000000000"), mobile[1])
}

// The lines of every room can be pasted into a shell, and an admin has their
// secrets filled in.
func TestConnect(t *testing.T) {
	h := dialecttest.Open(t)
	admin, support := signIn(t, h, desk.Admin), signIn(t, h, desk.Support)
	has(t, support.get("/test/sandbox/connect"), "There is no key for it yet.", "http://refunds.example.in/api/v1")
	h.Issue(t, h.Book, "razorpay", "rzp_test_00000000000000", "topSecret")
	h.Issue(t, h.Book, "phonepe", "SHOP#1", "saltSecret")
	h.Issue(t, h.Book, "eko", "developer", "accessSecret")
	page := support.get("/test/sandbox/connect")
	has(t, page, "curl -s -u rzp_test_00000000000000:$SECRET", "Put the secret in place of")
	hasNot(t, page, "topSecret", "saltSecret", "Fill in")
	if _, err := h.Desk.OpenAgent(context.Background(), h.Book, desk.AgentRequest{Code: "20810200", Initiator: "9962981729", Mobile: "9962981729", Name: "Asha"}); err != nil {
		t.Fatal(err)
	}
	for room, secret := range map[string]string{"razorpay": "topSecret", "phonepe": "saltSecret", "eko": "accessSecret", "native": "wapas_test_", "engage": "Bearer "} {
		ask := form("key", room, "room", room)
		w := admin.ask("POST", "/test/sandbox/connect", ask)
		if w.Code != 200 {
			t.Fatalf("%s: %d %s", room, w.Code, text(w.Body.String()))
		}
		line := regexp.MustCompile(`(?s)<pre id="line-` + room + `">(.*?)</pre>`).FindStringSubmatch(w.Body.String())
		if line == nil || !strings.Contains(line[1], secret) || strings.Contains(line[1], "$SECRET") {
			t.Errorf("%s: %v", room, line)
			continue
		}
		if sh, err := exec.LookPath("sh"); err == nil {
			if out, err := exec.Command(sh, "-n", "-c", unescape(line[1])).CombinedOutput(); err != nil {
				t.Errorf("%s: a shell does not read %s: %s", room, line[1], out)
			}
		}
	}
	if w := admin.ask("POST", "/test/sandbox/connect", form("key", "native", "room", "native")); w.Code != http.StatusSeeOther {
		t.Errorf("the same form again: %d", w.Code)
	}
	admin.refused("/test/sandbox/connect", form("key", "x", "room", "nowhere"), http.StatusNotFound)
	acts, err := h.Desk.Acts(context.Background(), desk.Query{Book: h.Book, Parent: "SHOP#1", Count: 3})
	if err != nil || len(acts) != 1 {
		t.Errorf("who read the salt is not written down: %v %v", acts, err)
	}
}
