package main

import (
	"context"
	"strings"
	"testing"

	"wapas/desk"
)

func TestAgent(t *testing.T) {
	s := newShell(t)
	s.ok("merchant", "create", "Chai Point")
	if said := s.ok("agent", "list"); !strings.Contains(said, "no agents") {
		t.Errorf("an empty book: %q", said)
	}
	var a agentWire
	s.json(&a, "agent", "open", "20810200", "--initiator", "9962981729", "--name", "Asha Stores")
	if a.Code != "20810200" || a.Initiator != "9962981729" || !a.Active || a.Value != 0 {
		t.Errorf("agent open: %+v", a)
	}
	if said := s.ok("agent", "value", "20810200", "--amount", "2000.50"); said != "20810200 bought 2000.50 rupees, with e-value of 2000.50 rupees\n" {
		t.Errorf("agent value says %q", said)
	}
	s.ok("agent", "stop", "20810200")
	if said := s.ok("agent", "list"); !strings.Contains(said, "no      2000.50") {
		t.Errorf("agent list prints\n%s", said)
	}
	s.ok("agent", "start", "20810200")
	if said := s.ok("agent", "otp", "9123456789", "004711"); said != "9123456789 is sent 004711 from now on\n" {
		t.Errorf("agent otp says %q", said)
	}
	s.stock(desk.Test, func(ctx context.Context, h *house, book desk.BookID) error {
		_, err := h.desk.Remit(ctx, book, desk.RemitRequest{Agent: a.ID, Customer: "9123456789", Ref: "R1", Recipient: "1", Amount: 100_13})
		if err != nil {
			return err
		}
		return h.desk.RunDue(ctx, book)
	})
	if said := s.ok("agent", "owed"); !strings.Contains(said, "R1") || !strings.Contains(said, "xxxxxx6789") || !strings.Contains(said, "1 owed, 100.13 rupees\n") {
		t.Errorf("agent owed prints\n%s", said)
	}
	var texts []textWire
	s.json(&texts, "agent", "inbox", "--mobile", "9123456789")
	if len(texts) != 1 || !strings.HasPrefix(texts[0].Text, "004711 is the OTP") || texts[0].SentAt == "" {
		t.Errorf("the inbox holds %+v", texts)
	}
	s.fails(exitUsage, []string{"letters and digits"}, "agent", "open", "a/b", "--initiator", "9962981729")
	s.fails(exitUsage, []string{"ten digits"}, "agent", "open", "1", "--initiator", "99")
	s.fails(exitFailed, []string{"already"}, "agent", "open", "20810200", "--initiator", "9962981729")
	s.fails(exitFailed, []string{"no agent", "agent list"}, "agent", "value", "1", "--amount", "1")
	s.fails(exitUsage, []string{"more than nothing"}, "agent", "value", "20810200", "--amount", "0")
	s.fails(exitUsage, []string{"is rupees"}, "agent", "value", "20810200", "--amount", "x")
	s.fails(exitUsage, []string{"six digits"}, "agent", "otp", "9123456789", "12")
	s.ok("verify")
}
