package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

// In a test book a person ends what the simulated rail never does.
func TestWaiting(t *testing.T) {
	s := newShell(t)
	bareShell(t).fails(exitFailed, []string{"no database", "merchant create"}, "waiting", "list")
	s.ok("merchant", "create", "Chai Point")
	if said := s.ok("waiting", "list"); said != "No refund, payout or remittance of the test book waits for its end.\n" {
		t.Errorf("an empty book: %q", said)
	}
	if said := s.ok("waiting", "list", "--json"); !strings.Contains(said, `"orders": []`) || !strings.Contains(said, `"exceptions": []`) {
		t.Errorf("an empty book: %s", said)
	}
	var pout, paid, quick desk.ID
	refunds := make([]desk.ID, 2)
	s.stock(desk.Test, func(ctx context.Context, h *house, book desk.BookID) error {
		d := h.desk
		terms := desk.DefaultTerms()
		terms.AvailableAfter, terms.Programme = 0, "full_kyc"
		_, err := d.SetTerms(ctx, book, terms)
		o, _, err2 := d.CreateOrder(ctx, book, desk.OrderRequest{Amount: 500_00, Capture: true})
		pay, err3 := d.CreatePayment(ctx, book, desk.PaymentRequest{Order: o.ID, Amount: 500_00, Method: "upi", VPA: "success@razorpay"})
		cust, err4 := d.CreateCustomer(ctx, book, desk.CustomerRequest{Name: "Asha", Contact: "+919876500001"})
		_, err5 := d.TransferPayment(ctx, book, desk.PaymentTransferRequest{Payment: pay.ID, To: []desk.TransferTo{{Recipient: cust.ID, Amount: 200_00}}})
		acc, err6 := d.CreateFundAccount(ctx, book, desk.FundAccountRequest{Customer: cust.ID, Type: "bank_account", Name: "Asha", IFSC: "HDFC0000053", Number: "765432123456789"})
		if err := errors.Join(err, err2, err3, err4, err5, err6); err != nil {
			return err
		}
		p, err := d.CreatePayout(ctx, book, desk.PayoutRequest{Customer: cust.ID, FundAccount: acc.ID, Amount: 50_29, Purpose: "refund"})
		pout = p.ID
		for i, a := range []ledger.Amount{60_29, 70_29} {
			r, err7 := d.Refund(ctx, book, desk.RefundRequest{Payment: pay.ID, Amount: a})
			refunds[i], err = r.ID, errors.Join(err, err7)
		}
		if err != nil {
			return err
		}
		paid = pay.ID
		r, err := d.Refund(ctx, book, desk.RefundRequest{Payment: pay.ID, Amount: 10_00})
		quick = r.ID
		return err
	})

	// Not before they are sent.
	all := append([]desk.ID{pout}, append(slices.Clone(refunds), quick)...)
	if w := s.waits(desk.Test); !slices.Equal(w.ids(), all) || w.Orders[0].State != "waiting" || len(w.Exceptions) != 0 {
		t.Errorf("before they were sent: %+v", w)
	}
	s.fails(exitFailed, []string{string(pout) + " has not been sent yet", "wapas serve"}, "waiting", "done", string(pout))
	s.ok("clock", "move", "2s") // sends them
	s.ok("clock", "move", "25h")
	w := s.waits(desk.Test)
	if !slices.Equal(w.ids(), all[:3]) || len(w.Exceptions) != 3 || w.More {
		t.Fatalf("a day later: %+v", w)
	}
	if o := w.Orders[0]; o.State != "unknown" || o.What != "payout" || o.Amount != 50_29 || !strings.Contains(o.To, "6789") || o.Seconds < 25*3600 || o.SentAt == "" {
		t.Errorf("the payout: %+v", o)
	}
	if e := w.Exceptions[0]; e.What != desk.ExceptionUnknown || !strings.HasPrefix(string(e.ID), "exc_") {
		t.Errorf("its exception: %+v", e)
	}
	if said := s.ok("waiting", "list"); strings.Count(said, "\n") != 9 || !strings.Contains(said, "60.29") || !strings.Contains(said, "1d 1h") || !strings.Contains(said, "outcome_unknown") {
		t.Errorf("waiting list prints\n%s", said)
	}

	var got awaited
	s.json(&got, "waiting", "done", string(pout), "412345678901")
	if got.State != "done" || got.Reference != "412345678901" || got.EndedAt == "" {
		t.Errorf("waiting done: %+v", got)
	}
	yes, no := string(refunds[0]), string(refunds[1])
	for _, x := range []struct{ args, says string }{
		{"done " + yes, yes + " is done: 60.29 rupees went to success@razorpay, without a reference yet"},
		{"done " + yes, "without a reference yet"},
		{"done " + yes + " 412345678902", "reference 412345678902"},
		{"refused " + no + " closed", no + " was refused: the refund of 70.29 rupees to success@razorpay did not go: closed"},
		{"refused " + no + " gone", "did not go: closed"},
		{"done " + no, "late_success"},
	} {
		if said := s.ok(append([]string{"waiting"}, strings.Fields(x.args)...)...); !strings.Contains(said, x.says) {
			t.Errorf("waiting %s says %q, not %q", x.args, said, x.says)
		}
	}
	s.ok("clock", "move", "720h") // the rail has nothing more to say
	if w := s.waits(desk.Test); len(w.Orders) != 0 || len(w.Exceptions) != 1 || w.Exceptions[0].Subject != refunds[1] {
		t.Errorf("in the end: %+v", w)
	}
	// Somebody has looked into it.
	left := string(s.waits(desk.Test).Exceptions[0].ID)
	if said := s.ok("waiting", "close", left); !strings.Contains(said, left) {
		t.Errorf("closing says %q", said)
	}
	s.ok("waiting", "close", left) // again changes nothing
	s.fails(exitFailed, []string{"exc_00000000000000", "waiting list"}, "waiting", "close", "exc_00000000000000")
	if w := s.waits(desk.Test); len(w.Exceptions) != 0 {
		t.Errorf("closed, and still shown: %+v", w.Exceptions)
	}

	for _, x := range []struct {
		code  int
		words []string
		args  string
	}{
		{exitFailed, []string{"no refund to a source, no payout and no remittance " + string(paid), "waiting list", "--mode live"}, "done " + string(paid)},
		{exitFailed, []string{yes + " is in the live book"}, "done --mode live " + yes},
		{exitFailed, []string{"setl_nope is a settlement", "wapas settle paid"}, "done setl_nope"},
		{exitFailed, []string{yes + " is done already", "waiting returned " + yes}, "refused " + yes + " closed"},
		{exitFailed, []string{"no merchant nobody"}, "list --merchant nobody"},
		{exitUsage, []string{"6 to 40 letters and digits"}, "done " + yes + " 12"},
		{exitUsage, []string{"takes ID [REFERENCE]"}, "done"},
		{exitUsage, []string{"takes ID [REFERENCE]"}, "done a b c"},
		{exitUsage, []string{"takes ID REASON"}, "refused " + yes},
		{exitUsage, []string{"test or live"}, "list --mode prod"},
		{exitUsage, []string{`no "dnoe"`, `did you mean "done"?`}, "dnoe"},
	} {
		s.fails(x.code, x.words, append([]string{"waiting"}, strings.Fields(x.args)...)...)
	}
	s.fails(exitUsage, []string{"needs its reason"}, "waiting", "refused", yes, " ")
	s.ok("verify")
}

// waits is what waiting list shows of a book.
func (s *shell) waits(mode desk.Mode) (w waitingRoom) {
	s.t.Helper()
	s.json(&w, "waiting", "list", "--mode", string(mode))
	return w
}

func (w waitingRoom) ids() (ids []desk.ID) {
	for _, o := range w.Orders {
		ids = append(ids, o.ID)
	}
	return ids
}

// In a live book without a provider the server hands each order to a person,
// who ends it beside the running server.
func TestWaitingLive(t *testing.T) {
	s := newShell(t)
	var m madeMerchant
	s.json(&m, "merchant", "create", "Chai Point")
	live := m.of("razorpay", "key", desk.Live)
	pay := s.cameLive(500_00)
	var before desk.ID // made when no server runs
	s.stock(desk.Live, func(ctx context.Context, h *house, book desk.BookID) error {
		r, err := h.desk.Refund(ctx, book, desk.RefundRequest{Payment: pay, Amount: 100_00})
		before = r.ID
		return err
	})
	if w := s.waits(desk.Live); len(w.Orders) != 1 || w.Orders[0].State != "waiting" || w.Orders[0].Rail != desk.ManualRail {
		t.Fatalf("without a server: %+v", w)
	}
	s.fails(exitFailed, []string{"has not been sent yet"}, "waiting", "done", string(before), "--mode", "live")

	p := start(t, s.dir, s.env, "serve", "--listen", "127.0.0.1:0")
	api := p.api(live.Name, live.Secret)
	made, err := api.do(t.Context(), "POST", "/v1/payments/"+string(pay)+"/refund", doc{"amount": 200_00})
	if err != nil {
		t.Fatal(err)
	}
	both := []desk.ID{before, desk.ID(made.text("id"))}
	deadline := time.Now().Add(time.Minute)
	w := s.waits(desk.Live)
	for len(w.Exceptions) < 2 && time.Now().Before(deadline) {
		w = s.waits(desk.Live)
	}
	if !slices.Equal(w.ids(), both) || w.Orders[0].State != "sent" || w.Orders[1].State != "sent" || len(w.Exceptions) != 2 || w.Exceptions[0].What != desk.ExceptionByHand {
		t.Fatalf("with a server: %+v", w)
	}
	var got awaited
	s.json(&got, "waiting", "done", string(both[0]), "412345678901", "--mode", "live")
	if got.State != "done" || got.Amount != 100_00 || got.To != "asha@upi" {
		t.Errorf("waiting done: %+v", got)
	}
	s.ok("waiting", "refused", string(both[1]), "the account is closed", "--mode", "live")
	for i, want := range []string{"processed", "failed"} {
		r, err := api.do(t.Context(), "GET", "/v1/refunds/"+string(both[i]), nil)
		if err != nil || r.text("status") != want {
			t.Errorf("the running server shows %v, %v; want it %s", r, err, want)
		}
		if proof, _ := r["acquirer_data"].(map[string]any); i == 0 && proof["rrn"] != "412345678901" {
			t.Errorf("the running server shows no proof: %v", r)
		}
	}
	// The server goes on from what was recorded beside it.
	again, err := api.do(t.Context(), "POST", "/v1/payments/"+string(pay)+"/refund", doc{"amount": 400_00})
	if err != nil || again.text("id") == "" {
		t.Errorf("what was refused cannot be refunded again: %v", err)
	}
	if _, err := api.do(t.Context(), "POST", "/v1/payments/"+string(pay)+"/refund", doc{"amount": 100}); err == nil {
		t.Error("more was refunded than is left")
	}
	p.signal(syscall.SIGTERM)
	if code := p.end(); code != exitDone {
		t.Errorf("after SIGTERM: exit %d\n%s", code, p.text())
	}
	if w := s.waits(desk.Live); len(w.Orders) != 1 || w.Orders[0].ID != desk.ID(again.text("id")) {
		t.Errorf("in the end: %+v", w)
	}
	s.ok("verify")
}

// cameLive is a payment of the live book that came in elsewhere.
func (s *shell) cameLive(a ledger.Amount) (pay desk.ID) {
	s.t.Helper()
	s.stock(desk.Live, func(ctx context.Context, h *house, book desk.BookID) error {
		p, err := h.desk.ImportPayment(ctx, book, desk.ImportPaymentRequest{Provider: "bank", Reference: "P1", Amount: a, Method: "upi", Source: "asha@upi",
			CapturedAt: ledger.At(h.desk.Now()).Add(-1)})
		pay = p.ID
		return err
	})
	return pay
}
