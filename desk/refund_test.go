package desk_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

const sim = "sim"

// A refund to the source is accepted at once, and goes two seconds later.
func TestRefundToSource(t *testing.T) {
	s := newShop(t)
	for _, c := range []struct{ method, proof string }{{"card", "arn"}, {"upi", "rrn"}, {"netbanking", "utr"}} {
		p := s.pay(c.method, 500_00)
		before := s.balance(ledger.Available)
		r := s.refund(desk.RefundRequest{Payment: p.ID, Amount: 200_00, Receipt: "r1", Notes: `{"why":"torn"}`})
		if r.State != "pending" || r.To != "source" || r.Speed != "normal" || r.Done != "normal" || r.Proof != c.proof || r.Order != p.Order {
			t.Errorf("%s: accepted as %+v", c.method, r)
		}
		s.holds(map[ledger.AccountID]ledger.Amount{
			ledger.Available: before - 200_00,
			ledger.Account(ledger.RefundClearing, sim): 200_00,
		})
		if p := row[desk.Payment](s, p.ID); p.RefundPending != 200_00 || p.Refunded != 0 || p.Status != "captured" {
			t.Errorf("%s: payment is %+v", c.method, p)
		}
		if o := row[desk.Order](s, p.Order); o.Refunded != 200_00 || o.Status != "paid" {
			t.Errorf("%s: order is %+v", c.method, o)
		}
		s.sent()
		if got := row[desk.Refund](s, r.ID); got.State != "pending" {
			t.Errorf("%s: %s before the bank had time", c.method, got.State)
		}
		s.after(2 * time.Second)
		if got := row[desk.Refund](s, r.ID); got.State != "done" || got.Reference == "" || got.ProcessedAt == 0 {
			t.Errorf("%s: two seconds later it is %+v", c.method, got)
		}
		s.holds(map[ledger.AccountID]ledger.Amount{ledger.Account(ledger.RefundClearing, sim): 0})
		if p := row[desk.Payment](s, p.ID); p.RefundPending != 0 || p.Refunded != 200_00 {
			t.Errorf("%s: payment is %+v", c.method, p)
		}
		if got := s.events(r.ID); !slices.Equal(got, []string{"refund.created", "refund.processed"}) {
			t.Errorf("%s: events %v", c.method, got)
		}
		full := s.refund(desk.RefundRequest{Payment: p.ID, Full: true})
		if p := row[desk.Payment](s, p.ID); full.Amount != 300_00 || p.Status != "refunded" {
			t.Errorf("%s: the rest is %d, the payment %s", c.method, full.Amount, p.Status)
		}
		s.sent()
		s.after(2 * time.Second)
	}
}

// The wallet that paid has its money at once: cash first, then cashback, and
// whatever its limit is. These are G06 to G08 of the golden scenario.
func TestRefundToWallet(t *testing.T) {
	s := newShop(t)
	c := s.customer(400_00, 50_00)
	p := s.spend(c, 300_00)
	cash, promo := ledger.Account(ledger.WalletCash, string(c.ID)), ledger.Account(ledger.WalletPromo, string(c.ID))
	s.holds(map[ledger.AccountID]ledger.Amount{cash: 150_00, promo: 0})
	s.terms(func(t *desk.Terms) { t.MaxBalance = 200_00 })

	first := s.refund(desk.RefundRequest{Payment: p.ID, Amount: 120_00})
	if first.State != "done" || first.To != "wallet" || first.Promo != 0 || first.Proof != "" {
		t.Errorf("first part: %+v", first)
	}
	s.holds(map[ledger.AccountID]ledger.Amount{cash: 270_00, promo: 0})
	if w := row[desk.Wallet](s, c.ID); !w.OverLimit {
		t.Error("the wallet is not marked as over its limit")
	}
	second := s.refund(desk.RefundRequest{Payment: p.ID, Full: true, Speed: "optimum"})
	if second.Amount != 180_00 || second.Promo != 50_00 || second.Done != "instant" || second.Fee != 0 {
		t.Errorf("the rest: %+v", second)
	}
	s.holds(map[ledger.AccountID]ledger.Amount{cash: 400_00, promo: 50_00})
	if p := row[desk.Payment](s, p.ID); p.Status != "refunded" || p.Refunded != 300_00 || p.PromoBack != 50_00 {
		t.Errorf("payment is %+v", p)
	}
	if got := s.events(second.ID); !slices.Equal(got, []string{"refund.created", "refund.processed"}) {
		t.Errorf("events %v", got)
	}
	lines := must(s.Desk.Statement(s.ctx, desk.Query{Book: s.Book, Parent: c.ID, Count: 1}))(t)
	if l := lines[0]; l.Type != "refund" || l.Credit != 180_00 || l.Balance != 450_00 || l.Source != p.ID || l.Description != "Tea" {
		t.Errorf("the last line of the statement is %+v", l)
	}
}

// Refusals in the order of precedence: rows break several rules where they can.
func TestRefundRefusals(t *testing.T) {
	s := newShop(t)
	s.terms(func(t *desk.Terms) { t.MinRefund, t.SameRefundGuard = 100, 300 })
	none := desk.ID("pay_00000000000000")
	held := s.payFor(s.order(100_00, false), "card")
	gone := s.pay("card", 100_00)
	s.refund(desk.RefundRequest{Payment: gone.ID, Full: true, Receipt: "used"})
	part := s.pay("card", 100_00)
	s.refund(desk.RefundRequest{Payment: part.ID, Amount: 40_00, Receipt: "used"})
	disputed := s.pay("card", 100_00)
	must(s.Desk.OpenDispute(s.ctx, s.Book, desk.DisputeRequest{Payment: disputed.ID, Amount: 60_00}))(t)
	split := s.pay("card", 100_00)
	a, b := s.linked("a@example.com"), s.linked("b@example.com")
	s.transfer(split.ID, desk.TransferTo{Recipient: a, Amount: 30_00}, desk.TransferTo{Recipient: b, Amount: 30_00})

	for _, c := range []struct {
		what string
		q    desk.RefundRequest
		code ledger.Code
		why  ledger.Why
	}{
		{"nothing, of no payment", desk.RefundRequest{Payment: none, Speed: "fast"}, ledger.Invalid, desk.WhyRefundZero},
		{"less than nothing", desk.RefundRequest{Payment: none, Amount: -1}, ledger.Invalid, desk.WhyRefundMin},
		{"a strange speed", desk.RefundRequest{Payment: none, Amount: 1, Speed: "fast"}, ledger.Invalid, desk.WhyRefundSpeed},
		{"a strange scenario", desk.RefundRequest{Payment: none, Amount: 1, Outcome: "maybe"}, ledger.Invalid, desk.WhyScenario},
		{"less than the least", desk.RefundRequest{Payment: none, Amount: 99}, ledger.Invalid, desk.WhyRefundMin},
		{"receipt used, and too much", desk.RefundRequest{Payment: part.ID, Amount: 900_00, Receipt: "used"}, ledger.Duplicate, desk.WhyRefundReceipt},
		{"receipt used, and nothing left", desk.RefundRequest{Payment: gone.ID, Full: true, Receipt: "used"}, ledger.Duplicate, desk.WhyRefundReceipt},
		{"the same again", desk.RefundRequest{Payment: part.ID, Amount: 40_00}, ledger.Duplicate, desk.WhySameRefund},
		{"no payment", desk.RefundRequest{Payment: none, Amount: 100, Receipt: "used"}, ledger.NotFound, desk.WhyUnknownID},
		{"not captured, and too much", desk.RefundRequest{Payment: held.ID, Amount: 900_00}, ledger.WrongState, desk.WhyRefundUncaptured},
		{"nothing left", desk.RefundRequest{Payment: gone.ID, Amount: 1_00}, ledger.Exceeds, ledger.WhyFullyRefunded},
		{"nothing left, all of it", desk.RefundRequest{Payment: gone.ID, Full: true}, ledger.Exceeds, ledger.WhyFullyRefunded},
		{"more than is left", desk.RefundRequest{Payment: part.ID, Amount: 60_01}, ledger.Exceeds, ledger.WhyOverBudget},
		{"in dispute", desk.RefundRequest{Payment: disputed.ID, Amount: 40_01}, ledger.Exceeds, ledger.WhyDisputed},
		{"more than a split payment has", desk.RefundRequest{Payment: split.ID, Amount: 100_01, ReverseAll: true}, ledger.Exceeds, desk.WhyRefundOverRouted},
		{"a part of two", desk.RefundRequest{Payment: split.ID, Amount: 10_00, ReverseAll: true}, ledger.Invalid, ledger.WhyReverseAll},
	} {
		_, err := s.Desk.Refund(s.ctx, s.Book, c.q)
		refused(t, c.what, err, c.code, c.why)
	}

	// The guard forgets; what is left may be refunded.
	s.after(300 * time.Second)
	s.refund(desk.RefundRequest{Payment: part.ID, Amount: 40_00})
	if r := s.refund(desk.RefundRequest{Payment: disputed.ID, Full: true}); r.Amount != 40_00 {
		t.Errorf("all that no dispute holds is %d", r.Amount)
	}
}

// A merchant who has passed the money on cannot refund, unless the terms let
// the balance fall below zero, or refund credits were bought.
func TestRefundShort(t *testing.T) {
	s := newShop(t)
	p := s.pay("upi", 100_00)
	s.transfer(p.ID, desk.TransferTo{Recipient: s.linked("a@example.com"), Amount: 60_00})
	_, err := s.Desk.Refund(s.ctx, s.Book, desk.RefundRequest{Payment: p.ID, Amount: 40_01})
	refused(t, "beyond the balance", err, ledger.Insufficient, desk.WhyRefundUnavailable)
	if got := row[desk.Payment](s, p.ID); got.RefundPending != 0 {
		t.Errorf("the refused refund left %+v", got)
	}
	s.terms(func(t *desk.Terms) { t.Overdraft = 1_00 })
	s.refund(desk.RefundRequest{Payment: p.ID, Amount: 41_00})
	s.holds(map[ledger.AccountID]ledger.Amount{ledger.Available: -1_00})
	_, err = s.Desk.Refund(s.ctx, s.Book, desk.RefundRequest{Payment: p.ID, Amount: 1})
	refused(t, "beyond the overdraft", err, ledger.Insufficient, desk.WhyRefundUnavailable)
}

// Refund credits are taken if they cover all of a refund, and come back to
// where they were if it fails.
func TestRefundCredits(t *testing.T) {
	s := newShop(t)
	s.terms(func(t *desk.Terms) { t.UseRefundCredits = true })
	p := s.pay("card", 500_00)
	_, err := s.Desk.BuyCredits(s.ctx, s.Book, 0)
	refused(t, "no credits", err, ledger.Invalid, desk.WhyCreditsAmount)
	_, err = s.Desk.BuyCredits(s.ctx, s.Book, 500_01)
	refused(t, "credits beyond the balance", err, ledger.Insufficient, desk.WhyCreditsShort)
	must(s.Desk.BuyCredits(s.ctx, s.Book, 100_00))(t)

	from := s.refund(desk.RefundRequest{Payment: p.ID, Amount: 60_13})
	s.holds(map[ledger.AccountID]ledger.Amount{ledger.Available: 400_00, ledger.RefundCredits: 39_87})
	not := s.refund(desk.RefundRequest{Payment: p.ID, Amount: 50_00})
	s.holds(map[ledger.AccountID]ledger.Amount{ledger.Available: 350_00, ledger.RefundCredits: 39_87})
	if !from.Credits || not.Credits {
		t.Errorf("from credits: %v, %v", from.Credits, not.Credits)
	}
	s.sent()
	s.holds(map[ledger.AccountID]ledger.Amount{ledger.Available: 350_00, ledger.RefundCredits: 100_00})
	late := s.refund(desk.RefundRequest{Payment: p.ID, Amount: 100_00, Outcome: "late"})
	s.sent()
	s.refund(desk.RefundRequest{Payment: p.ID, Amount: 90_00})
	s.after(24 * time.Hour) // the credits are spent, so the balance bears what went after all
	s.holds(map[ledger.AccountID]ledger.Amount{ledger.Available: 250_00, ledger.RefundCredits: 10_00})
	if r := row[desk.Refund](s, late.ID); r.State != "done" {
		t.Errorf("the late one is %s", r.State)
	}
}

// With reverse_all the payment's transfers come back in the same change, or
// nothing happens at all.
func TestReverseAll(t *testing.T) {
	s := newShop(t)
	a, b := s.linked("a@example.com"), s.linked("b@example.com")
	p := s.pay("card", 5000_00)
	ts := s.transfer(p.ID, desk.TransferTo{Recipient: a, Amount: 2000_00}, desk.TransferTo{Recipient: b, Amount: 1500_00})
	must(s.Desk.Reverse(s.ctx, s.Book, desk.ReversalRequest{Transfer: ts[0].ID, Amount: 500_00}))(t)
	r := s.refund(desk.RefundRequest{Payment: p.ID, Full: true, ReverseAll: true})
	s.holds(map[ledger.AccountID]ledger.Amount{
		ledger.Account(ledger.LinkedFree, string(a)): 0,
		ledger.Account(ledger.LinkedFree, string(b)): 0,
		ledger.Available: 0,
	})
	for i, want := range []ledger.Amount{1500_00, 1500_00} {
		rs := must(desk.List[desk.Reversal](s.ctx, s.Desk, desk.Query{Book: s.Book, Parent: ts[i].ID, Count: 10}))(t)
		if got := rs[0]; got.Amount != want || got.Refund != r.ID {
			t.Errorf("transfer %d: reversed by %+v, want %d for %s", i, got, want, r.ID)
		}
	}

	// A part of a payment with one transfer: the rest comes from the merchant.
	p = s.pay("card", 1000_00)
	ts = s.transfer(p.ID, desk.TransferTo{Recipient: a, Amount: 300_00})
	s.refund(desk.RefundRequest{Payment: p.ID, Amount: 400_00, ReverseAll: true})
	if got := row[desk.Transfer](s, ts[0].ID); got.Reversed != 300_00 || got.State != "reversed" {
		t.Errorf("the only transfer is %+v", got)
	}
	// And when no transfer is left, a plain refund.
	s.refund(desk.RefundRequest{Payment: p.ID, Amount: 1_00, ReverseAll: true})

	// An account that was paid out has nothing to give back: then nothing moves.
	p = s.pay("card", 1000_00)
	ts = s.transfer(p.ID, desk.TransferTo{Recipient: a, Amount: 300_00}, desk.TransferTo{Recipient: b, Amount: 300_00})
	must(s.Desk.Settle(s.ctx, s.Book, b))(t)
	_, err := s.Desk.Refund(s.ctx, s.Book, desk.RefundRequest{Payment: p.ID, Full: true, ReverseAll: true, Receipt: "r"})
	refused(t, "the second account is empty", err, ledger.Insufficient, desk.WhyLinkedShort)
	if got := row[desk.Transfer](s, ts[0].ID); got.Reversed != 0 {
		t.Errorf("the first account gave back %d", got.Reversed)
	}
	if got := row[desk.Payment](s, p.ID); got.RefundPending != 0 || got.Status != "captured" {
		t.Errorf("the payment is %+v", got)
	}
	s.refund(desk.RefundRequest{Payment: p.ID, Amount: 1_00, Receipt: "r"})
}

// Optimum is charged for, and given back if it was not kept.
func TestInstantRefund(t *testing.T) {
	s := newShop(t)
	s.terms(func(t *desk.Terms) { t.InstantFlat = 5_00 }) // 5.90 with tax
	p := s.pay("upi", 1000_00)
	before := s.balance(ledger.Available)

	r := s.refund(desk.RefundRequest{Payment: p.ID, Amount: 100_00, Speed: "optimum"})
	if r.Done != "instant" || r.Fee != 5_90 || r.Tax != 90 || r.Proof != "utr" {
		t.Errorf("accepted as %+v", r)
	}
	s.holds(map[ledger.AccountID]ledger.Amount{ledger.Available: before - 105_90, ledger.FeeDeferred: 5_90})
	s.sent()
	s.after(2 * time.Second)
	if r := row[desk.Refund](s, r.ID); r.State != "done" || r.Done != "instant" || r.Fee != 5_90 {
		t.Errorf("done as %+v", r)
	}
	s.holds(map[ledger.AccountID]ledger.Amount{ledger.FeeDeferred: 0, ledger.FeeInstant: 5_00, ledger.CGST: 45, ledger.SGST: 45})

	// The vendor's test amount falls back to normal as soon as the rail has it.
	slow := s.refund(desk.RefundRequest{Payment: p.ID, Amount: 24_68, Speed: "optimum"})
	s.sent()
	if r := row[desk.Refund](s, slow.ID); r.State != "pending" || r.Speed != "optimum" || r.Done != "normal" || r.Fee != 0 || r.Proof != "rrn" {
		t.Errorf("fallen back as %+v", r)
	}
	s.holds(map[ledger.AccountID]ledger.Amount{ledger.FeeDeferred: 0, ledger.Available: before - 105_90 - 24_68})
	s.after(2 * time.Second)
	if got := s.events(slow.ID); !slices.Equal(got, []string{"refund.created", "refund.speed_changed", "refund.processed"}) {
		t.Errorf("events %v", got)
	}

	// A refused one has its fee back.
	no := s.refund(desk.RefundRequest{Payment: p.ID, Amount: 10_00, Speed: "optimum", Outcome: "refused"})
	s.sent()
	if r := row[desk.Refund](s, no.ID); r.State != "failed" || r.Fee != 0 || r.Reason == "" {
		t.Errorf("refused as %+v", r)
	}
	s.holds(map[ledger.AccountID]ledger.Amount{ledger.FeeDeferred: 0, ledger.Available: before - 105_90 - 24_68})
}

// Banks take no normal refund of a payment older than six months.
func TestOldPayment(t *testing.T) {
	s := newShop(t)
	p := s.pay("card", 100_00)
	c := s.customer(50_00, 0)
	w := s.spend(c, 50_00)
	s.after(182 * 24 * time.Hour)
	s.refund(desk.RefundRequest{Payment: p.ID, Amount: 1_00})
	s.after(2 * 24 * time.Hour)
	_, err := s.Desk.Refund(s.ctx, s.Book, desk.RefundRequest{Payment: p.ID, Amount: 900_00})
	refused(t, "old, and too much", err, ledger.WrongState, desk.WhyRefundOld)
	s.refund(desk.RefundRequest{Payment: p.ID, Amount: 1_00, Speed: "optimum"})
	s.refund(desk.RefundRequest{Payment: w.ID, Amount: 1_00}) // no bank is asked
}

// The key is the request: the same hears the same, another is refused.
func TestRefundKey(t *testing.T) {
	s := newShop(t)
	p := s.pay("card", 100_00)
	key := desk.Once{Scope: "test.refund", Key: "order-4711", Digest: "a"}
	q := desk.RefundRequest{Payment: p.ID, Amount: 30_00, Receipt: "r", Key: key}
	first := s.refund(q)
	s.after(2 * time.Second)
	if again := s.refund(q); again != first {
		t.Errorf("again: %+v, first: %+v", again, first)
	}
	q.Key.Digest = "b"
	_, err := s.Desk.Refund(s.ctx, s.Book, q)
	refused(t, "another request", err, ledger.Mismatch, desk.WhyKeyMismatch)
	q.Key = desk.Once{Scope: "test.refund", Key: "order-4712", Digest: "c"}
	for range 2 { // a refusal is remembered too
		_, err = s.Desk.Refund(s.ctx, s.Book, q)
		refused(t, "the receipt again", err, ledger.Duplicate, desk.WhyRefundReceipt)
	}
	if p := row[desk.Payment](s, p.ID); p.Refunded+p.RefundPending != 30_00 {
		t.Errorf("refunded %d", p.Refunded+p.RefundPending)
	}
}

// A slowStore takes its time with the first change it is given.
type slowStore struct {
	desk.Store
	first            sync.Once
	started, proceed chan struct{}
}

func (s *slowStore) Change(ctx context.Context, book desk.BookID, reads []desk.Ref, do func(desk.Tx) error) error {
	s.first.Do(func() { close(s.started); <-s.proceed })
	return s.Store.Change(ctx, book, reads, do)
}

// While a request with a key is under way, another with the key is told so.
func TestRefundKeyBusy(t *testing.T) {
	s := newShop(t)
	q := desk.RefundRequest{Payment: s.pay("card", 100_00).ID, Full: true, Key: desk.Once{Scope: "test.refund", Key: "k", Digest: "a", Busy: true}}
	slow := &slowStore{Store: s.Desk.Store, started: make(chan struct{}), proceed: make(chan struct{})}
	s.Desk.Store = slow
	var first desk.Refund
	var failed error
	var wg sync.WaitGroup
	wg.Go(func() { first, failed = s.Desk.Refund(s.ctx, s.Book, q) })
	<-slow.started
	_, err := s.Desk.Refund(s.ctx, s.Book, q)
	refused(t, "while it is under way", err, ledger.Busy, desk.WhyInProgress)
	close(slow.proceed)
	wg.Wait()
	if again := s.refund(q); failed != nil || again != first {
		t.Errorf("again: %+v, first: %+v, %v", again, first, failed)
	}
}

// 64 refunds at the same time, for twice what was captured: half are taken,
// each caller hears which, and not a paisa more is given back.
func TestRefundsAtOnce(t *testing.T) {
	s := newShop(t)
	p := s.pay("card", 64_00)
	s.pay("card", 200_00) // the balance is not what stops them
	errs := make([]error, 64)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			_, errs[i] = s.Desk.Refund(s.ctx, s.Book, desk.RefundRequest{Payment: p.ID, Amount: 2_00})
		})
	}
	wg.Wait()
	taken := 0
	for i, err := range errs {
		if err == nil {
			taken++
		} else if ledger.CodeOf(err) != ledger.Exceeds {
			t.Errorf("refund %d: %v", i, err)
		}
	}
	got := row[desk.Payment](s, p.ID)
	if taken != 32 || got.RefundPending != 64_00 || got.Status != "refunded" {
		t.Errorf("%d taken, %d pending, the payment is %s", taken, got.RefundPending, got.Status)
	}
	s.sent()
	s.after(2 * time.Second)
	if got := row[desk.Payment](s, p.ID); got.Refunded != 64_00 {
		t.Errorf("%d refunded in the end", got.Refunded)
	}
}

func TestEditRefund(t *testing.T) {
	s := newShop(t)
	r := s.refund(desk.RefundRequest{Payment: s.pay("card", 1_00).ID, Full: true})
	if got := must(s.Desk.EditRefund(s.ctx, s.Book, r.ID, `{"a":"b"}`))(t); got.Notes != `{"a":"b"}` || got.Amount != r.Amount {
		t.Errorf("edited to %+v", got)
	}
	_, err := s.Desk.EditRefund(s.ctx, s.Book, "rfnd_00000000000000", "")
	refused(t, "no refund", err, ledger.NotFound, desk.WhyUnknownID)
}
