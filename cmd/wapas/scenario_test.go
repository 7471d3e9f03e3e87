package main

import (
	"context"
	"strings"
	"testing"

	"wapas/desk"
	"wapas/rail"
)

func TestScenario(t *testing.T) {
	s := newShell(t)
	bareShell(t).fails(exitFailed, []string{"no database"}, "scenario", "list")
	s.ok("merchant", "create", "Chai Point")
	if said := s.ok("scenario", "list"); said != "No scenario stands: the paise of the amount decide.\n" {
		t.Errorf("an empty book: %q", said)
	}
	var made played
	s.json(&made, "scenario", "set", "refused", "--what", "refund", "--amount", "499.50", "--code", "account_closed", "--reason", "closed", "--after", "2h", "--times", "3")
	if made.Outcome != rail.ScenarioRefused || made.What != "refund" || made.Amount != 499_50 || made.Code != "account_closed" || made.After != 7200 || made.Times != 3 || made.Used != 0 {
		t.Errorf("scenario set: %+v", made)
	}
	if said := s.ok("scenario", "set", "silence", "--reference", "order-17"); !strings.Contains(said, ": everything known as order-17 ends as silence\n") {
		t.Errorf("scenario set says %q", said)
	}
	s.stock(desk.Test, func(ctx context.Context, h *house, book desk.BookID) error {
		o, _, err := h.desk.CreateOrder(ctx, book, desk.OrderRequest{Amount: 499_50, Capture: true})
		if err != nil {
			return err
		}
		pay, err := h.desk.CreatePayment(ctx, book, desk.PaymentRequest{Order: o.ID, Amount: 499_50, Method: "upi", VPA: "success@razorpay"})
		if err != nil {
			return err
		}
		r, err := h.desk.Refund(ctx, book, desk.RefundRequest{Payment: pay.ID, Full: true})
		if err != nil {
			return err
		}
		if got, err := desk.Find[desk.RailOrder](ctx, h.desk, book, r.ID); err != nil || got.Outcome != rail.ScenarioRefused || got.PlayCode != "account_closed" || got.PlayAfter != 7200 {
			t.Errorf("the order is to end as %+v, %v", got, err)
		}
		return nil
	})
	said := s.ok("scenario", "list")
	if strings.Count(said, "\n") != 3 || !strings.Contains(said, "every refund of 499.50 rupees") || !strings.Contains(said, "refused (account_closed) after 2h 0m") || !strings.Contains(said, "1 of 3") || !strings.Contains(said, "0, for ever") {
		t.Errorf("scenario list prints\n%s", said)
	}
	if said := s.ok("scenario", "end", string(made.ID)); said != string(made.ID)+" has ended\n" {
		t.Errorf("scenario end says %q", said)
	}
	s.ok("scenario", "end", string(made.ID)) // again changes nothing
	var all []played
	s.json(&all, "scenario", "list")
	if len(all) != 1 || all[0].Ref != "order-17" {
		t.Errorf("then there stand %+v", all)
	}
	s.fails(exitFailed, []string{"no scenario scn_nope", "scenario list"}, "scenario", "end", "scn_nope")
	for args, says := range map[string]string{
		"set maybe":              `there is no outcome "maybe"; there are done, slow`,
		"set done --what tea":    "--what cannot be that: tea",
		"set done --amount x":    "--amount is rupees",
		"set done --code a-b":    "--code cannot be that",
		"set done --after 100ms": "--after is whole seconds",
		"set done --after -1s":   "--after cannot be that",
		"set done --times -1":    "--times cannot be that",
		"set":                    "takes OUTCOME",
	} {
		s.fails(exitUsage, []string{says}, append([]string{"scenario"}, strings.Fields(args)...)...)
	}
}
