package main

import (
	"context"
	"strings"
	"testing"

	"wapas/desk"
	"wapas/ledger"
)

func TestMoney(t *testing.T) {
	s := newShell(t)
	s.ok("merchant", "create", "Chai Point")
	var customer string
	s.stock(desk.Test, func(ctx context.Context, h *house, book desk.BookID) error {
		terms := desk.DefaultTerms()
		terms.PaymentBps, terms.TwoPeopleAbove = 200, 10000
		if _, err := h.desk.SetTerms(ctx, book, terms); err != nil {
			return err
		}
		c, err := h.desk.CreateCustomer(ctx, book, desk.CustomerRequest{Name: "Asha", Contact: "9876543210"})
		if err != nil {
			return err
		}
		customer = string(c.ID)
		o, _, err := h.desk.CreateOrder(ctx, book, desk.OrderRequest{Amount: 100000, Capture: true})
		if err == nil {
			_, err = h.desk.CreatePayment(ctx, book, desk.PaymentRequest{Order: o.ID, Amount: 100000, Method: "upi", VPA: "success@razorpay"})
		}
		return err
	})

	var b booked
	s.json(&b, "money", "own-funds", "1000", "--ref", "HDFCN52026010500001", "--by", "Asha")
	if b.What != "own_funds" || b.Amount != 100000 || b.State != "done" || b.By != "Asha" || b.Reference != "HDFCN52026010500001" || b.DoneAt == "" {
		t.Errorf("own-funds: %+v", b)
	}
	var again booked
	s.json(&again, "money", "own-funds", "1000", "--ref", "HDFCN52026010500001", "--by", "Asha")
	if again != b {
		t.Errorf("own-funds again: %+v", again)
	}
	if said := s.ok("money", "provider-settled", "sim", "1000", "--cost", "15", "--tax", "2.70", "--ref", "setl_1"); !strings.Contains(said, "provider_settled, 1000.00 rupees, is booked") {
		t.Errorf("provider-settled says %q", said)
	}
	s.ok("money", "top-up", "sim", "500", "--ref", "HDFCN52026010500002")
	s.ok("money", "sweep", "5.90", "--ref", "HDFCN52026010500003") // 20 of fees, 3.60 of tax, less 17.70
	s.ok("money", "gst", "--cgst", "1.80", "--sgst", "1.80", "--input", "2.70", "--ref", "CPIN26010500001")
	s.ok("money", "cashback", customer, "50", "--ref", "DIWALI-1")
	var receipt booked
	s.json(&receipt, "money", "unknown", "70", "--ref", "IMPS600112345")
	s.ok("money", "identify", string(receipt.ID), "2100/"+customer, "40")

	var asked booked
	s.json(&asked, "money", "adjust", "5040", "2100/"+customer, "100.01", "--by", "Asha", "--note", "paid twice")
	if asked.State != "asked" {
		t.Errorf("adjust: %+v", asked)
	}
	var list []booked
	s.json(&list, "money", "list", "--asked")
	if len(list) != 1 || list[0] != asked {
		t.Errorf("money list --asked: %+v", list)
	}
	s.fails(exitFailed, []string{"another person", "Asha"}, "money", "agree", string(asked.ID), "--by", "Asha")
	if said := s.ok("money", "agree", string(asked.ID), "--by", "Ravi"); !strings.Contains(said, "adjusted, 100.01 rupees, is booked") {
		t.Errorf("agree says %q", said)
	}
	if said := s.ok("money", "list"); strings.Count(said, "\n") != 10 || !strings.Contains(said, "IMPS600112345") {
		t.Errorf("money list prints\n%s", said)
	}

	for _, x := range []struct {
		code  int
		words []string
		args  string
	}{
		{exitFailed, []string{"booked under this reference already"}, "own-funds 1001 --ref HDFCN52026010500001"},
		{exitFailed, []string{"exceeds", "earned and not swept"}, "sweep 100000 --ref HDFCN52026010500004"},
		{exitFailed, []string{"not found", "bok_none"}, "identify bok_none 2010 1"},
		{exitUsage, []string{"--ref takes"}, "own-funds 1000"},
		{exitUsage, []string{"is rupees"}, "own-funds 1e3 --ref HDFCN52026010500009"},
		{exitUsage, []string{"--by NAME --note TEXT"}, "adjust 5040 2010 1"},
		{exitUsage, []string{"no hand may touch"}, "adjust 2200/sim 2010 1 --by Asha --note why"},
		{exitUsage, []string{"takes PROVIDER GROSS"}, "provider-settled 100"},
		{exitUsage, []string{"test or live"}, "own-funds 1 --ref HDFCN1 --mode prod"},
	} {
		s.fails(x.code, x.words, append([]string{"money"}, strings.Fields(x.args)...)...)
	}
	s.ok("verify")
}

func TestTAT(t *testing.T) {
	s := newShell(t)
	s.ok("merchant", "create", "Chai Point")
	var customer string
	var payments []string
	s.stock(desk.Test, func(ctx context.Context, h *house, book desk.BookID) error {
		c, err := h.desk.CreateCustomer(ctx, book, desk.CustomerRequest{Name: "Asha", Contact: "9876543210"})
		if err != nil {
			return err
		}
		customer = string(c.ID)
		for range 3 {
			o, _, err := h.desk.CreateOrder(ctx, book, desk.OrderRequest{Amount: 10000, Capture: true})
			if err != nil {
				return err
			}
			p, err := h.desk.CreatePayment(ctx, book, desk.PaymentRequest{Order: o.ID, Amount: 10000, Method: "upi", VPA: "success@razorpay"})
			if err != nil {
				return err
			}
			payments = append(payments, string(p.ID))
		}
		return nil
	})
	s.ok("clock", "freeze", "2026-03-10T12:00:00+05:30")

	var c tatLine
	s.json(&c, "tat", "start", "UPI_P2M", payments[0], "--holder", customer, "--day", "2026-03-02")
	if c.State != "breached" || c.Due != "2026-03-07" || c.Late != 3 || c.Accrued != 30000 {
		t.Errorf("start: %+v", c)
	}
	if said := s.ok("tat", "stop", string(c.ID)); !strings.Contains(said, "3 days late, 300.00 rupees were paid to 2100/"+customer) {
		t.Errorf("stop says %q", said)
	}
	s.json(&c, "tat", "start", "PPI_ONUS", payments[1])
	if c.State != "running" || c.Due != "2026-03-11" {
		t.Errorf("start: %+v", c)
	}
	s.ok("clock", "move", "48h")
	if said := s.ok("tat", "stop", string(c.ID)); !strings.Contains(said, "1 days late, 100.00 rupees are owed") {
		t.Errorf("stop says %q", said)
	}
	s.json(&c, "tat", "pay", string(c.ID), "--ref", "HDFCN52026031200001")
	if c.State != "compensated" || c.PaidTo != "bank" {
		t.Errorf("pay: %+v", c)
	}
	s.json(&c, "tat", "start", "UPI_P2M", payments[2], "--day", "2026-03-02")
	var b booked
	s.json(&b, "tat", "waive", string(c.ID), "--by", "Asha", "--note", "the customer did not come")
	if b.State != "asked" || b.What != string(ledger.CompensationWaived) {
		t.Errorf("waive: %+v", b)
	}
	s.ok("money", "agree", string(b.ID), "--by", "Ravi")
	var list []tatLine
	s.json(&list, "tat", "list", "--state", "waived")
	if len(list) != 1 || list[0].Reason != "the customer did not come" {
		t.Errorf("tat list: %+v", list)
	}
	if said := s.ok("tat", "list"); strings.Count(said, "\n") != 4 {
		t.Errorf("tat list prints\n%s", said)
	}
	if said := s.ok("tat", "rules"); !strings.Contains(said, "UPI_P2M") || !strings.Contains(said, "T+5") || !strings.Contains(said, "2019-10-15") {
		t.Errorf("tat rules prints\n%s", said)
	}
	for _, x := range []struct {
		code  int
		words []string
		args  string
	}{
		{exitUsage, []string{"no rule NONE", "tat rules"}, "start NONE pay_none"},
		{exitUsage, []string{"2026-03-02", "yesterday"}, "start IMPS pay_none --day yesterday"},
		{exitUsage, []string{"has not come"}, "start IMPS pay_none --day 2026-03-13"},
		{exitFailed, []string{"pay_none"}, "start IMPS pay_none"},
		{exitFailed, []string{"has a clock of this rule"}, "start UPI_P2M " + payments[0]},
		{exitFailed, []string{"nothing to do", "is compensated"}, "stop " + string(first(s).ID)},
		{exitUsage, []string{"--to", "--ref"}, "pay tat_none"},
		{exitUsage, []string{"--by NAME --note TEXT"}, "waive tat_none"},
	} {
		s.fails(x.code, x.words, append([]string{"tat"}, strings.Fields(x.args)...)...)
	}
	s.ok("verify")
}

// first is the oldest compensated clock.
func first(s *shell) tatLine {
	s.t.Helper()
	var list []tatLine
	s.json(&list, "tat", "list", "--state", "compensated")
	if len(list) == 0 {
		s.t.Fatal("no clock is compensated")
	}
	return list[len(list)-1]
}
