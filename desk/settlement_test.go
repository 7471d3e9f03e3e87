package desk_test

import (
	"slices"
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

// A settlement pays out all there is, two minutes later, and says what it
// covers: every line once, whatever happened between two settlements.
func TestSettleMerchant(t *testing.T) {
	s := newShop(t)
	s.terms(func(t *desk.Terms) { t.PaymentBps, t.TransferBps = 200, 25 })
	_, err := s.Desk.Settle(s.ctx, s.Book, "")
	checkRefused(t, "nothing to settle", err, ledger.Insufficient, desk.WhySettleNothing)

	p := s.pay("card", 100_000) // fee 2360 with tax 360
	a := s.linked("a@example.com")
	tr := s.transfer(p.ID, desk.TransferTo{Recipient: a, Amount: 40_000})[0] // fee 118 with tax 18
	v := must(s.Desk.Reverse(s.ctx, s.Book, desk.ReversalRequest{Transfer: tr.ID, Amount: 1_000}))(t)
	r := s.refund(desk.RefundRequest{Payment: p.ID, Amount: 5_000})
	have := s.balance(ledger.Available)
	if have != 100_000-2360-40_118+1_000-5_000 {
		t.Fatalf("available is %d", have)
	}
	first := must(s.Desk.Settle(s.ctx, s.Book, ""))(t)
	if first.Amount != have || first.State != "created" || first.UTR != "" || first.ID.Prefix() != "setl" || first.Account != "acc_"+s.Merchant {
		t.Errorf("first is %+v", first)
	}
	s.holds(map[ledger.AccountID]ledger.Amount{ledger.Available: 0, ledger.SettleClearing: have})
	s.after(time.Minute)
	if got := row[desk.Settlement](s, first.ID); got.State != "created" {
		t.Errorf("after a minute it is %s", got.State)
	}
	p2 := s.pay("upi", 10_000) // between two settlements
	s.after(time.Minute)
	done := row[desk.Settlement](s, first.ID)
	if done.State != "processed" || done.UTR == "" || done.Fee != 2360+118 || done.Tax != 360+18 {
		t.Errorf("after two it is %+v", done)
	}
	s.holds(map[ledger.AccountID]ledger.Amount{ledger.SettleClearing: 0})
	if got := s.events(first.ID); !slices.Equal(got, []string{"settlement.processed"}) {
		t.Errorf("events %v", got)
	}
	must(s.Desk.SettleOndemand(s.ctx, s.Book, desk.OndemandRequest{Amount: 1_000}))(t)
	second := must(s.Desk.Settle(s.ctx, s.Book, ""))(t)
	s.after(2 * time.Minute)
	_, err = s.Desk.FinishSettlement(s.ctx, s.Book, desk.SettlementOutcome{Settlement: second.ID, Paid: true})
	checkRefused(t, "twice", err, ledger.WrongState, desk.WhySettled)

	type line struct {
		typ     string
		cause   desk.ID
		settled desk.ID
	}
	var got []line
	var sums map[desk.ID]ledger.Amount
	read := func(count int) {
		got, sums = nil, map[desk.ID]ledger.Amount{}
		q := desk.Recon{Book: s.Book, Year: 2025, Month: 12, Count: count}
		for {
			page := must(s.Desk.Reconcile(s.ctx, q))(t)
			for _, l := range page {
				got = append(got, line{l.Type, l.Cause, l.Settlement.ID})
				sums[l.Settlement.ID] += ledger.Amount(-l.Side) * l.Amount
			}
			if len(page) < q.Count {
				break
			}
			q.Skip += len(page)
		}
	}
	want := []line{{"payment", p.ID, first.ID}, {"transfer", tr.ID, first.ID}, {"reversal", v.ID, first.ID}, {"refund", r.ID, first.ID}, {"payment", p2.ID, second.ID}}
	for _, count := range []int{1, 3, 100} { // pages within, over and beyond the border between the two
		read(count)
		if len(got) != 6 || !slices.Equal(got[:5], want) || got[5].typ != "settlement.ondemand" {
			t.Errorf("covered\n%v, want\n%v and one on demand", got, want)
		}
		if sums[first.ID] != first.Amount || sums[second.ID] != second.Amount {
			t.Errorf("lines add up to %v, settled were %d and %d", sums, first.Amount, second.Amount)
		}
	}
	// Transcripts begin on 29 December 2025 in India.
	for day, n := range map[int]int{29: 6, 30: 0} {
		page := must(s.Desk.Reconcile(s.ctx, desk.Recon{Book: s.Book, Year: 2025, Month: 12, Day: day, Count: 100}))(t)
		if len(page) != n {
			t.Errorf("on the %dth %d lines were settled, want %d", day, len(page), n)
		}
	}
}

// What the bank did not pay is there again.
func TestSettlementFails(t *testing.T) {
	s := newShop(t)
	a := s.linked("a@example.com")
	p := s.pay("card", 10_000)
	tr := s.transfer(p.ID, desk.TransferTo{Recipient: a, Amount: 4_000})[0]
	free := ledger.Account(ledger.LinkedFree, string(a))
	own := must(s.Desk.Settle(s.ctx, s.Book, ""))(t)
	theirs := must(s.Desk.Settle(s.ctx, s.Book, a))(t)
	_, err := s.Desk.Settle(s.ctx, s.Book, a)
	checkRefused(t, "again", err, ledger.Insufficient, desk.WhySettleNothing)
	for _, id := range []desk.ID{own.ID, theirs.ID} {
		got := must(s.Desk.FinishSettlement(s.ctx, s.Book, desk.SettlementOutcome{Settlement: id}))(t)
		if got.State != "failed" {
			t.Errorf("%s is %s", id, got.State)
		}
	}
	s.holds(map[ledger.AccountID]ledger.Amount{ledger.Available: 6_000, free: 4_000, ledger.SettleClearing: 0})
	if got := row[desk.Transfer](s, tr.ID); got.Settlement != "" || got.SettlementState != "pending" {
		t.Errorf("the transfer is %+v", got)
	}
	again := must(s.Desk.Settle(s.ctx, s.Book, a))(t)
	s.after(2 * time.Minute)
	if got := row[desk.Transfer](s, tr.ID); got.Settlement != again.ID || got.SettlementState != "settled" {
		t.Errorf("settled, the transfer is %+v", got)
	}
	if got := row[desk.Settlement](s, again.ID); got.Amount != 4_000 || got.State != "processed" {
		t.Errorf("settled: %+v", got)
	}
	_, err = s.Desk.Settle(s.ctx, s.Book, "acc_00000000000000")
	checkRefused(t, "no account", err, ledger.NotFound, desk.WhyLinkedUnknown)
}

// Held transfers are not settled.
func TestSettleLinkedHeld(t *testing.T) {
	s := newShop(t)
	a := s.linked("a@example.com")
	p := s.pay("card", 10_000)
	ts := s.transfer(p.ID, desk.TransferTo{Recipient: a, Amount: 4_000}, desk.TransferTo{Recipient: a, Amount: 3_000, OnHold: true})
	got := must(s.Desk.Settle(s.ctx, s.Book, a))(t)
	if got.Amount != 4_000 || row[desk.Transfer](s, ts[1].ID).Settlement != "" {
		t.Errorf("settled %+v", got)
	}
}

func TestSettleOndemand(t *testing.T) {
	s := newShop(t)
	s.terms(func(t *desk.Terms) { t.InstantBps = 25 })
	_, err := s.Desk.SettleOndemand(s.ctx, s.Book, desk.OndemandRequest{Amount: 99})
	checkRefused(t, "too little", err, ledger.Invalid, desk.WhySettleMin)
	_, err = s.Desk.SettleOndemand(s.ctx, s.Book, desk.OndemandRequest{Full: true})
	checkRefused(t, "all of nothing", err, ledger.Insufficient, desk.WhySettleShort)
	s.pay("card", 300_000)
	_, err = s.Desk.SettleOndemand(s.ctx, s.Book, desk.OndemandRequest{Amount: 300_001})
	checkRefused(t, "too much", err, ledger.Insufficient, desk.WhySettleShort)

	got := must(s.Desk.SettleOndemand(s.ctx, s.Book, desk.OndemandRequest{Amount: 200_000}))(t)
	if got.Amount != 199_410 || got.Fee != 590 || got.Tax != 90 || got.Requested != 200_000 {
		t.Errorf("asked for 2,000 rupees, got %+v", got)
	}
	s.holds(map[ledger.AccountID]ledger.Amount{ledger.Available: 100_000, ledger.SettleClearing: 199_410, ledger.FeeInstant: 500})
	rest := must(s.Desk.SettleOndemand(s.ctx, s.Book, desk.OndemandRequest{Full: true}))(t)
	if rest.Requested != 100_000 || !rest.Full {
		t.Errorf("the rest is %+v", rest)
	}
	s.after(2 * time.Minute)
	if got := row[desk.Settlement](s, got.ID); got.State != "processed" || got.Fee != 590 {
		t.Errorf("later it is %+v", got)
	}
	s.holds(map[ledger.AccountID]ledger.Amount{ledger.Available: 0, ledger.SettleClearing: 0})
}

// Transfers of which nothing is left stand in nobody's way, however many there
// are.
func TestSettleLinkedAfterReversals(t *testing.T) {
	s := newShop(t)
	a := s.linked("a@example.com")
	many := make([]desk.TransferTo, desk.MaxTransfers)
	for i := range many {
		many[i] = desk.TransferTo{Recipient: a, Amount: desk.MinTransfer}
	}
	for range 1000 / desk.MaxTransfers {
		p := s.pay("card", desk.MaxTransfers*desk.MinTransfer)
		s.transfer(p.ID, many...)
		s.refund(desk.RefundRequest{Payment: p.ID, Full: true, ReverseAll: true})
	}
	p := s.pay("card", 500_00)
	ts := s.transfer(p.ID, desk.TransferTo{Recipient: a, Amount: 100_00}, desk.TransferTo{Recipient: a, Amount: 200_00})
	must(s.Desk.Reverse(s.ctx, s.Book, desk.ReversalRequest{Transfer: ts[0].ID, Amount: 40_00}))(t)
	if got := must(s.Desk.Settle(s.ctx, s.Book, a))(t); got.Amount != 260_00 {
		t.Errorf("settled %d", got.Amount)
	}
}
