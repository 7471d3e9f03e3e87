package main

import (
	"context"
	"errors"
	"strings"
	"testing"

	"wapas/desk"
	"wapas/ledger"
)

// stock works at the desk of a shell's only merchant, in its book of a mode.
func (s *shell) stock(mode desk.Mode, work func(ctx context.Context, h *house, book desk.BookID) error) {
	s.t.Helper()
	ctx := context.Background()
	p := &program{env: map[string]string{"WAPAS_DB": strings.TrimPrefix(s.env[0], "WAPAS_DB=")}, out: s.t.Output(), err: s.t.Output(), flags: map[string]string{}}
	cfg, err := p.load()
	if err != nil {
		s.t.Fatal(err)
	}
	h, err := p.open(ctx, cfg, true)
	if err != nil {
		s.t.Fatal(err)
	}
	defer h.close()
	book, err := bookOf(ctx, h, "", string(mode))
	if err == nil {
		err = work(ctx, h, book.ID)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

func TestSettle(t *testing.T) {
	s := newShell(t)
	bareShell(t).fails(exitFailed, []string{"no database", "merchant create"}, "settle", "start")
	s.ok("merchant", "create", "Chai Point")
	s.fails(exitFailed, []string{"nothing to settle for the merchant in the live book"}, "settle", "start", "--mode", "live")
	var linked string
	s.stock(desk.Test, func(ctx context.Context, h *house, book desk.BookID) error {
		d := h.desk
		terms := desk.DefaultTerms()
		terms.AvailableAfter = 0
		_, err := d.SetTerms(ctx, book, terms)
		a, err2 := d.CreateLinked(ctx, book, desk.Linked{Email: "seller@example.com", Type: "route"})
		linked = string(a.ID)
		o, _, err3 := d.CreateOrder(ctx, book, desk.OrderRequest{Amount: 50000, Capture: true})
		pay, err4 := d.CreatePayment(ctx, book, desk.PaymentRequest{Order: o.ID, Amount: 50000, Method: "upi", VPA: "success@razorpay"})
		if err := errors.Join(err, err2, err3, err4, d.RunDue(ctx, book)); err != nil {
			return err
		}
		_, err = d.TransferPayment(ctx, book, desk.PaymentTransferRequest{Payment: pay.ID, To: []desk.TransferTo{{Recipient: a.ID, Amount: 20000}}})
		return err
	})

	// The merchant's, which the test book's bank pays by the clock.
	var made, got settled
	s.json(&made, "settle", "start")
	if made.Status != "created" || made.Amount != 30000 || !strings.HasPrefix(string(made.ID), "setl_") {
		t.Fatalf("settle start: got %+v", made)
	}
	s.fails(exitFailed, []string{"nothing to settle for the merchant in the test book"}, "settle", "start")
	var list []settled
	s.json(&list, "settle", "list", "--waiting")
	if len(list) != 1 || list[0] != made {
		t.Errorf("settle list --waiting: got %+v, want %+v", list, made)
	}
	s.ok("clock", "move", "2m")
	s.json(&list, "settle", "list")
	if len(list) != 1 || list[0].Status != "processed" || list[0].UTR == "" || list[0].ProcessedAt == "" {
		t.Errorf("two minutes later: got %+v", list)
	}

	// A linked account's: it fails, and what it was to bring can be settled again.
	if said := s.ok("settle", "start", "--account", linked); !strings.Contains(said, "200.00 rupees are on their way to "+linked) || !strings.Contains(said, "clock move 2m") {
		t.Errorf("settle start --account says %q", said)
	}
	s.json(&list, "settle", "list", "--waiting")
	first := string(list[0].ID)
	if said := s.ok("settle", "failed", first); !strings.Contains(said, "200.00 rupees are available to "+linked+" again") {
		t.Errorf("settle failed says %q", said)
	}
	s.fails(exitFailed, []string{first + " is failed already"}, "settle", "failed", first)
	s.json(&made, "settle", "start", "--account", linked)
	s.json(&got, "settle", "paid", string(made.ID), "AXISCN0123456789")
	if got.Status != "processed" || got.UTR != "AXISCN0123456789" || got.Amount != 20000 || got.ID != made.ID {
		t.Errorf("settle paid: got %+v", got)
	}
	s.fails(exitFailed, []string{"is processed already"}, "settle", "paid", string(made.ID), "AXISCN0123456789")
	s.ok("clock", "move", "1h") // its bank has nothing more to say

	for _, x := range []struct {
		code  int
		words []string
		args  string
	}{
		{exitFailed, []string{"no linked account acc_nope in the test book"}, "start --account acc_nope"},
		{exitFailed, []string{"no linked account", "live book"}, "start --mode live --account " + linked},
		{exitFailed, []string{"no settlement setl_nope", "settle list", "--mode live"}, "paid setl_nope UTR12345678"},
		{exitFailed, []string{"no settlement " + first + " in the live book"}, "failed --mode live " + first},
		{exitFailed, []string{"no merchant nobody"}, "start --merchant nobody"},
		{exitUsage, []string{"6 to 40 letters and digits"}, "paid setl_nope 12"},
		{exitUsage, []string{"takes SETTLEMENT UTR"}, "paid setl_nope"},
		{exitUsage, []string{"test or live"}, "start --mode prod"},
		{exitUsage, []string{`no "strat"`, `did you mean "start"?`}, "strat"},
	} {
		s.fails(x.code, x.words, append([]string{"settle"}, strings.Fields(x.args)...)...)
	}
	if said := s.ok("settle", "list"); strings.Count(said, "\n") != 4 || !strings.Contains(said, "AXISCN0123456789") {
		t.Errorf("settle list prints\n%s", said)
	}
	s.ok("verify")
}

// In a live book nobody pays but the operator, whatever the time.
func TestSettleLive(t *testing.T) {
	s := newShell(t)
	s.ok("merchant", "create", "Chai Point")
	// No rail brings money into a live book yet, so the books are told that some
	// has come.
	s.stock(desk.Live, func(ctx context.Context, h *house, book desk.BookID) error {
		return h.store.Change(ctx, book, nil, func(tx desk.Tx) error {
			came := ledger.Capture("bank", 20000, ledger.Fee{}, false)
			as, err := tx.Accounts(came[0].Account, came[1].Account)
			if err != nil {
				return err
			}
			lines, after, err := as.Apply(came, nil)
			if err != nil {
				return err
			}
			tx.Record(desk.Entry{Reason: ledger.Captured, At: 1_700_000_000_000_000}, lines, after)
			return nil
		})
	})
	said := s.ok("settle", "start", "--mode", "live")
	if !strings.Contains(said, "wapas settle paid setl_") || !strings.Contains(said, "--mode live") || strings.Contains(said, "clock") {
		t.Errorf("settle start --mode live says %q", said)
	}
	var list []settled
	s.json(&list, "settle", "list", "--mode", "live", "--waiting")
	if len(list) != 1 || list[0].Status != "created" {
		t.Fatalf("settle list: got %+v", list)
	}
	var got settled
	s.json(&got, "settle", "paid", string(list[0].ID), "AXISCN0123456789", "--mode", "live")
	if got.Status != "processed" || got.Amount != 20000 {
		t.Errorf("settle paid: got %+v", got)
	}
}
