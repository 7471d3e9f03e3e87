package desk_test

import (
	"strings"
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
	"wapas/rail"
)

// What a customer sees of a refund at each of its steps, for every way that it
// can go.
func TestFollow(t *testing.T) {
	s := newShop(t)
	link := func(r desk.Refund) string {
		t.Helper()
		return must(s.Desk.LinkTo(s.ctx, s.Book, r.ID, 0))(t).Token
	}
	follow := func(token string) desk.Progress {
		t.Helper()
		return must(s.Desk.Follow(s.ctx, token))(t)
	}
	made := ledger.At(s.Desk.Now())
	full := func(p desk.Payment, outcome string) desk.Refund {
		return s.refund(desk.RefundRequest{Payment: p.ID, Full: true, Outcome: outcome})
	}
	for _, tt := range []struct {
		way, to string
		days    int64
		refund  desk.Refund
	}{
		{desk.WayCard, "Visa •••• 1111", 10, full(s.pay("card", 50000), "")},
		{desk.WayUPI, "s•••@razorpay", 7, full(s.pay("upi", 50000), "")},
		{desk.WayNetbanking, "HDFC Bank", 10, full(s.pay("netbanking", 50000), "")},
		{desk.WayWallet, "", 0, full(s.spend(s.customer(50000, 0), 20000), "")},
	} {
		got := follow(link(tt.refund))
		if got.Way != tt.way || got.To != tt.to || got.By != made.Day().Add(tt.days) || got.Law || got.Refund != tt.refund.ID ||
			got.Amount != tt.refund.Amount || got.Merchant != "Wapas Demo" || !got.Test {
			t.Errorf("%s: %+v", tt.way, got)
		}
	}

	r := full(s.pay("upi", 50017), "") // pending for an hour
	token := link(r)
	if p := follow(token); p.State != "pending" || p.Asked != made || p.Sent != 0 || p.Ended != 0 {
		t.Errorf("at first: %+v", p)
	}
	s.after(time.Minute)
	if p := follow(token); p.State != "pending" || p.Sent == 0 || p.Unsure || p.Late() {
		t.Errorf("sent: %+v", p)
	}
	s.after(2 * time.Hour)
	if p := follow(token); p.State != "done" || p.Ended == 0 || p.Proof != "rrn" || len(p.Reference) != 12 {
		t.Errorf("done: %+v", p)
	}

	refused := link(full(s.pay("upi", 50000), rail.ScenarioRefused))
	silent := link(full(s.pay("card", 50000), rail.ScenarioSilence))
	s.after(time.Minute)
	if p := follow(refused); p.State != "failed" || p.Code != rail.CodeInvalidVPA || p.Ended == 0 || p.Reference != "" {
		t.Errorf("refused: %+v", p)
	}
	if p := follow(silent); p.State != "pending" || !p.Unsure {
		t.Errorf("silent: %+v", p)
	}
	s.after(11 * 24 * time.Hour)
	if p := follow(silent); !p.Late() {
		t.Errorf("eleven days later: %+v", p)
	}

	// The days of the law count where they run.
	p := s.pay("upi", 50000)
	c := s.tat(desk.TATRequest{Rule: "UPI_P2M", Subject: p.ID})
	if got := follow(link(full(p, rail.ScenarioPending))); !got.Law || got.By != c.Due {
		t.Errorf("with a clock of %s: %+v", c.Due, got)
	}
}

// A link opens nothing else, for nobody else, and not for ever.
func TestLinkRefusals(t *testing.T) {
	s := newShop(t)
	r := s.refund(desk.RefundRequest{Payment: s.pay("upi", 50000).ID, Full: true})
	for _, tt := range []struct {
		book   desk.BookID
		refund desk.ID
		life   time.Duration
		want   ledger.Code
	}{
		{s.Book, "rfnd_00000000000000", time.Minute, ledger.Invalid},
		{s.Book, r.ID, -time.Hour, ledger.Invalid},
		{s.Book, r.ID, desk.MaxLinkLife + 1, ledger.Invalid},
		{s.Book, "rfnd_00000000000000", 0, ledger.NotFound},
		{s.Live, r.ID, 0, ledger.NotFound},
	} {
		if _, err := s.Desk.LinkTo(s.ctx, tt.book, tt.refund, tt.life); ledger.CodeOf(err) != tt.want {
			t.Errorf("%+v: %v", tt, err)
		}
	}
	l := must(s.Desk.LinkTo(s.ctx, s.Book, r.ID, 48*time.Hour))(t)
	if len(l.Token) < 65 || len(l.Token) > 100 { // long enough to be dots in the log
		t.Errorf("%d characters: %s", len(l.Token), l.Token)
	}
	if again := must(s.Desk.LinkTo(s.ctx, s.Book, r.ID, 48*time.Hour))(t); again.Token == l.Token {
		t.Error("two links are the same")
	}
	other := byte('A')
	if l.Token[30] == other {
		other = 'B'
	}
	sealed, err := s.Desk.Sealer.Seal([]byte("wapas: granted token\x00razorpay\x00x"))
	if err != nil {
		t.Fatal(err)
	}
	for name, token := range map[string]string{
		"nothing": "", "a guess": strings.Repeat("A", 80), "changed": l.Token[:30] + string(other) + l.Token[31:], "cut": l.Token[:len(l.Token)-1],
		"longer": l.Token + "A", "another line": l.Token + "\n", "sealed for something else": string(sealed), "very long": strings.Repeat(l.Token, 4),
	} {
		if _, err := s.Desk.Follow(s.ctx, token); ledger.CodeOf(err) != ledger.NotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	s.after(47 * time.Hour)
	must(s.Desk.Follow(s.ctx, l.Token))(t)
	s.after(2 * time.Hour)
	if _, err := s.Desk.Follow(s.ctx, l.Token); ledger.CodeOf(err) != ledger.Denied {
		t.Errorf("too old: %v", err)
	}
}

// Who makes a link by hand is written down.
func TestLinkWitness(t *testing.T) {
	s := newShop(t)
	r := s.refund(desk.RefundRequest{Payment: s.pay("upi", 50000).ID, Full: true})
	ctx := desk.As(s.ctx, desk.Actor{By: "per_1", Name: "Asha", What: "refunds.link"})
	must(s.Desk.LinkTo(ctx, s.Book, r.ID, 0))(t)
	acts := must(s.Desk.Acts(s.ctx, desk.Query{Book: s.Book, Parent: r.ID, Count: 5}))(t)
	if len(acts) != 1 || acts[0].What != "refunds.link" || acts[0].By != "per_1" {
		t.Errorf("%+v", acts)
	}
}
