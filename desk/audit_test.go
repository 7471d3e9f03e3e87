package desk_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	. "wapas/desk"
	"wapas/ledger"
)

// A paperBook is a book on paper: what a store would feed to an audit.
type paperBook struct {
	entries  []EntryLines
	lines    []WalletLine
	rows     []Row
	balances ledger.Accounts
}

// post writes an entry as a desk would.
func (b *paperBook) post(t *testing.T, reason ledger.Reason, cause ID, j ledger.Journal) int64 {
	t.Helper()
	lines, after, err := b.balances.Apply(j, nil)
	if err != nil {
		t.Fatalf("%s of %s: %v", reason, cause, err)
	}
	maps.Copy(b.balances, after)
	e := EntryLines{Entry: Entry{No: int64(len(b.entries) + 1), Reason: reason, Cause: cause, At: 1}, Lines: lines}
	b.entries = append(b.entries, e)
	return e.No
}

// tell writes a line of W's statement.
func (b *paperBook) tell(entry int64, source ID, credit, debit ledger.Amount) {
	n := len(b.lines)
	var before ledger.Amount
	if n > 0 {
		before = b.lines[n-1].Balance
	}
	b.lines = append(b.lines, WalletLine{
		Wallet: "cust_W", N: int64(n + 1), ID: ID(fmt.Sprintf("ctxn_%d", n)), Entry: entry, Source: source, Type: LineTransfer,
		Credit: credit, Debit: debit, Balance: before + credit - debit,
	})
}

// feed streams the book; rows come before entries on odd days, to show that the
// order of the streams does not matter.
func (b *paperBook) feed(a *Audit, oddly bool) {
	rows := func() {
		for _, r := range b.rows {
			a.Row(r)
		}
	}
	if oddly {
		rows()
	}
	for _, e := range b.entries {
		a.Entry(e)
	}
	for _, l := range b.lines {
		a.Line(l)
	}
	for id, v := range b.balances {
		a.Balance(id, v)
	}
	if !oddly {
		rows()
	}
}

func (b *paperBook) audit(oddly bool) []Finding {
	restore := func(snapshot string) ([]Row, error) {
		if !strings.HasPrefix(snapshot, "rfnd") {
			return nil, errors.New("unreadable")
		}
		return []Row{Refund{ID: ID(snapshot)}}, nil
	}
	a := NewAudit(restore)
	b.feed(a, oddly)
	if again := a.Again(); again != nil {
		b.feed(again, oddly)
		a = again
	}
	return a.Findings()
}

// edit changes the row with this id.
func edit[R Row](b *paperBook, id ID, f func(r *R)) {
	for i, r := range b.rows {
		if v, ok := r.(R); ok && r.RowID() == id {
			f(&v)
			b.rows[i] = v
			return
		}
	}
	panic("no row " + string(id))
}

// remove takes all rows with this id away.
func (b *paperBook) remove(id ID) {
	b.rows = slices.DeleteFunc(b.rows, func(r Row) bool { return r.RowID() == id })
}

// goodBook is a book in which something of everything has happened.
func goodBook(t *testing.T) *paperBook {
	b := &paperBook{balances: ledger.Accounts{}}
	const p = "sim"
	fee := func(base ledger.Amount) ledger.Fee { return ledger.Rate{Flat: base}.On(0, false) }

	// A card payment of which a part waits to be available and one that is.
	b.post(t, ledger.Captured, "pay_A", ledger.Capture(p, 500000, fee(10000), false))
	b.post(t, ledger.Captured, "pay_B", ledger.Capture(p, 100000, fee(2000), true))
	b.post(t, ledger.Captured, "pay_C", ledger.Capture(p, 20000, ledger.Fee{}, true))
	b.post(t, ledger.BecameAvailable, "pay_C", ledger.Becomes(20000))
	// Transfers: to a wallet, cashback, to a linked account, on hold and released; one is pulled back in part.
	b.tell(b.post(t, ledger.Loaded, "trf_W", ledger.Load("cust_W", 40000, fee(100))), "trf_W", 40000, 0)
	b.tell(b.post(t, ledger.Cashback, "trf_P", ledger.GiveCashback("cust_W", 5000, fee(13))), "trf_P", 5000, 0)
	b.post(t, ledger.Transferred, "trf_L", ledger.Transfer("acc_L", 60000, fee(150), true))
	b.post(t, ledger.HoldReleased, "trf_L", ledger.ReleaseHold("acc_L", 60000))
	b.post(t, ledger.Reversed, "rvrsl_L", ledger.Reverse("2020/acc_L", 10000))
	b.tell(b.post(t, ledger.Reversed, "rvrsl_W", ledger.Reverse("2100/cust_W", 1000)), "trf_W", 0, 1000)
	// The wallet pays: at once, then refunded in part; held; held and let go.
	b.tell(b.post(t, ledger.Spent, "pay_S", ledger.Spend("cust_W", 12000, 5000, ledger.Fee{})), "pay_S", 0, 12000)
	b.tell(b.post(t, ledger.RefundedWallet, "rfnd_S", ledger.RefundToWallet(ledger.Available, "cust_W", 8000, 1000)), "pay_S", 8000, 0)
	b.tell(b.post(t, ledger.Held, "pay_H", ledger.Hold("cust_W", 3000, 1000)), "pay_H", 0, 3000)
	b.tell(b.post(t, ledger.Held, "pay_V", ledger.Hold("cust_W", 2000, 0)), "pay_V", 0, 2000)
	b.tell(b.post(t, ledger.HeldReleased, "rfnd_V", ledger.Release("cust_W", 2000, 0)), "pay_V", 2000, 0)
	// Refunds to the source: pending and instant, done, failed, late, of a payment never captured.
	b.post(t, ledger.RefundAccepted, "rfnd_1", ledger.AcceptRefund(ledger.Available, p, 10000))
	b.post(t, ledger.InstantFee, "rfnd_1", ledger.TakeInstantFee(fee(500)))
	b.post(t, ledger.RefundAccepted, "rfnd_2", ledger.AcceptRefund(ledger.Available, p, 20000))
	b.post(t, ledger.InstantFee, "rfnd_2", ledger.TakeInstantFee(fee(700)))
	b.post(t, ledger.RefundDone, "rfnd_2", ledger.RefundGone(p, 20000))
	b.post(t, ledger.InstantFeeKept, "rfnd_2", ledger.KeepInstantFee(fee(700)))
	b.post(t, ledger.RefundAccepted, "rfnd_3", ledger.AcceptRefund(ledger.Available, p, 30000))
	b.post(t, ledger.RefundFailed, "rfnd_3", ledger.RefundBack(ledger.Available, p, 30000))
	b.post(t, ledger.RefundAccepted, "rfnd_4", ledger.AcceptRefund(ledger.Available, p, 40000))
	b.post(t, ledger.RefundFailed, "rfnd_4", ledger.RefundBack(ledger.Available, p, 40000))
	b.post(t, ledger.RefundLate, "rfnd_4", ledger.RefundLateSuccess(ledger.Available, p, 40000))
	b.post(t, ledger.AutoRefunded, "rfnd_5", ledger.AutoRefund(p, 7000))
	// Payouts: under way, arrived, given back.
	b.tell(b.post(t, ledger.PayoutSent, "pout_1", ledger.SendPayout("cust_W", p, 5000, fee(500), "2100/cust_W")), "pout_1", 0, 5590)
	b.tell(b.post(t, ledger.PayoutSent, "pout_2", ledger.SendPayout("cust_W", p, 6000, fee(500), ledger.Available)), "pout_2", 0, 6000)
	b.post(t, ledger.PayoutDone, "pout_2", ledger.PayoutGone(p, 6000, fee(500)))
	b.tell(b.post(t, ledger.PayoutSent, "pout_3", ledger.SendPayout("cust_W", p, 1000, fee(500), "2100/cust_W")), "pout_3", 0, 1590)
	b.tell(b.post(t, ledger.PayoutReversed, "pout_3", ledger.PayoutBack("cust_W", p, 1000, fee(500), "2100/cust_W")), "pout_3", 1590, 0)
	// A dispute, half of it lost; a settlement under way, one arrived.
	b.post(t, ledger.DisputeOpened, "pay_A", ledger.OpenDispute(25000))
	b.post(t, ledger.DisputeLost, "pay_A", ledger.LoseDispute(p, 15000))
	b.post(t, ledger.SettlementSent, "setl_1", ledger.SendSettlement(3000, ledger.Fee{}))
	b.post(t, ledger.SettlementSent, "setl_2", ledger.SettleLinked("acc_L", 2000))
	b.post(t, ledger.SettlementDone, "setl_2", ledger.SettlementArrived(2000))
	b.post(t, ledger.OwnFunds, "", ledger.BringOwnFunds(1000))

	b.rows = []Row{
		Order{ID: "order_A", Amount: 500000, Paid: 500000, Status: OrderPaid, Refunded: 70000},
		Order{ID: "order_S", Amount: 12000, Paid: 12000, Status: OrderPaid, Refunded: 8000},
		Order{ID: "order_O", Amount: 200000, Paid: 120000, Partial: true, Status: OrderAttempted, Open: "pay_H"},
		Payment{ID: "pay_A", Order: "order_A", Amount: 500000, Status: PaymentCaptured, Captured: true, CapturedAt: 1, Method: "card", Provider: p,
			Fee: 11800, Tax: 1800, Refunded: 60000, RefundPending: 10000, Disputed: 25000, DisputeOpen: 10000, Transferred: 100000},
		Payment{ID: "pay_B", Order: "order_O", Amount: 100000, Status: PaymentCaptured, Captured: true, CapturedAt: 1, Method: "upi", Provider: p, Fee: 2360, Tax: 360},
		Payment{ID: "pay_C", Order: "order_O", Amount: 20000, Status: PaymentCaptured, Captured: true, CapturedAt: 1, Method: "upi", Provider: p},
		Payment{ID: "pay_S", Order: "order_S", Customer: "cust_W", Amount: 12000, Promo: 5000, PromoBack: 1000, Refunded: 8000,
			Status: PaymentCaptured, Captured: true, CapturedAt: 1, Method: "wallet", Wallet: OpenWallet},
		Payment{ID: "pay_H", Order: "order_O", Customer: "cust_W", Amount: 3000, Promo: 1000, Status: PaymentAuthorized, Method: "wallet", Wallet: OpenWallet},
		Payment{ID: "pay_V", Order: "order_O", Customer: "cust_W", Amount: 2000, Status: PaymentRefunded, Refunded: 2000, Method: "wallet", Wallet: OpenWallet},
		Payment{ID: "pay_N", Order: "order_O", Amount: 7000, Status: PaymentRefunded, RefundPending: 7000, Method: "upi", Provider: p},
		Payment{ID: "pay_F", Order: "order_O", Customer: "cust_W", Amount: 999999, Status: PaymentFailed, Method: "wallet", Wallet: OpenWallet},
		Transfer{ID: "trf_W", Source: "pay_A", Of: "pay_A", Recipient: "cust_W", Amount: 40000, Fee: 118, Tax: 18, State: "partially_reversed", Reversed: 1000},
		Transfer{ID: "trf_P", Recipient: "cust_W", Amount: 5000, Fee: 15, Tax: 2, State: "processed", Promo: true},
		Transfer{ID: "trf_L", Source: "pay_A", Of: "pay_A", Recipient: "acc_L", Amount: 60000, Fee: 178, Tax: 28, State: "partially_reversed", Reversed: 10000},
		Transfer{ID: "trf_O", Source: "order_O", Of: "order_O", Recipient: "acc_L", Amount: 777, State: "created"},
		Reversal{ID: "rvrsl_L", Transfer: "trf_L", Amount: 10000},
		Reversal{ID: "rvrsl_W", Transfer: "trf_W", Amount: 1000},
		Refund{ID: "rfnd_S", Payment: "pay_S", Order: "order_S", Amount: 8000, Promo: 1000, To: "wallet", State: "done", ProcessedAt: 1},
		Refund{ID: "rfnd_V", Payment: "pay_V", Order: "order_O", Amount: 2000, To: "wallet", State: "done", Unsettled: true, ProcessedAt: 1},
		Refund{ID: "rfnd_1", Payment: "pay_A", Order: "order_A", Amount: 10000, To: "source", State: "pending", Fee: 590, Tax: 90, Provider: p},
		Refund{ID: "rfnd_2", Payment: "pay_A", Order: "order_A", Amount: 20000, To: "source", State: "done", Fee: 826, Tax: 126, Provider: p, ProcessedAt: 1},
		Refund{ID: "rfnd_3", Payment: "pay_A", Order: "order_A", Amount: 30000, To: "source", State: "failed", Provider: p},
		Refund{ID: "rfnd_4", Payment: "pay_A", Order: "order_A", Amount: 40000, To: "source", State: "done", Provider: p, ProcessedAt: 1},
		Refund{ID: "rfnd_5", Payment: "pay_N", Order: "order_O", Amount: 7000, To: "source", State: "pending", Unsettled: true, Provider: p},
		Payout{ID: "pout_1", Customer: "cust_W", Amount: 5000, Fee: 590, Tax: 90, State: "processing"},
		Payout{ID: "pout_2", Customer: "cust_W", Amount: 6000, Fee: 590, Tax: 90, State: "processed", MerchantFee: true},
		Payout{ID: "pout_3", Customer: "cust_W", Amount: 1000, State: "reversed"},
		Settlement{ID: "setl_1", Account: "acc_M", Amount: 3000, Fee: 77, Tax: 7, State: SettlementCreated},
		Settlement{ID: "setl_2", Account: "acc_L", Amount: 2000, State: SettlementProcessed},
		RailOrder{ID: "rfnd_1", Rail: "sim", What: "refund", Amount: 10000, State: "sent", SentAt: 1},
		RailOrder{ID: "rfnd_2", Rail: "sim", What: "refund", Amount: 20000, State: "done", SentAt: 1, EndedAt: 2},
		RailOrder{ID: "rfnd_3", Rail: "sim", What: "refund", Amount: 30000, State: "refused", SentAt: 1, EndedAt: 2},
		RailOrder{ID: "rfnd_4", Rail: "sim", What: "refund", Amount: 40000, State: "done", SentAt: 1, EndedAt: 2},
		RailOrder{ID: "rfnd_5", Rail: "sim", What: "refund", Amount: 7000, State: "waiting"},
		RailOrder{ID: "pout_2", Rail: "sim", What: "payout", Amount: 6000, State: "done", SentAt: 1, EndedAt: 2},
		RailOrder{ID: "pout_3", Rail: "sim", What: "payout", Amount: 1000, State: "refused", SentAt: 1, EndedAt: 2},
		RailOrder{ID: "pout_1", Rail: "sim", What: "payout", Amount: 5000, State: "unknown", SentAt: 1},
		Timer{ID: "payment.available/pay_B", What: "payment.available", Subject: "pay_B", At: 9},
		Timer{ID: "payment.available/pay_C", What: "payment.available", Subject: "pay_C"},
		Wallet{ID: "cust_W", Lines: int64(len(b.lines))},
		Key{ID: "refund/k1", Digest: "d", Refs: "rfnd_1"},
		Key{ID: "refund/k2", Digest: "d", Code: "exceeds"},
		Key{ID: "receipt/r", Refs: "order_A"},
		Key{ID: "receipt/free"},
	}
	return b
}

func TestAuditFindsNothing(t *testing.T) {
	for _, oddly := range []bool{false, true} {
		for _, f := range goodBook(t).audit(oddly) {
			t.Errorf("found %v", f)
		}
	}
}

// Each fault is found, and named by its rule and by what is at fault.
func TestAuditFinds(t *testing.T) {
	lineOf := func(b *paperBook, entry int, account ledger.AccountID) *ledger.Line {
		for i := range b.entries[entry-1].Lines {
			if l := &b.entries[entry-1].Lines[i]; l.Account == account {
				return l
			}
		}
		panic("no such line")
	}
	for _, tt := range []struct {
		fault string
		do    func(t *testing.T, b *paperBook)
		want  string // rule and what
	}{
		{"a changed amount", func(t *testing.T, b *paperBook) { lineOf(b, 5, "2100/cust_W").Amount++ }, "I-1 entry 5"},
		{"a changed amount, seen from its account", func(t *testing.T, b *paperBook) { lineOf(b, 5, "2100/cust_W").Amount++ }, "I-2 2100/cust_W"},
		{"a deleted posting", func(t *testing.T, b *paperBook) { b.entries[4].Lines = b.entries[4].Lines[1:] }, "I-1 entry 5"},
		{"a gap in an account", func(t *testing.T, b *paperBook) { b.entries[4].Lines = b.entries[4].Lines[1:] }, "I-2 2010"},
		{"an entry of nothing", func(t *testing.T, b *paperBook) { b.entries[2].Lines = nil }, "I-1 entry 3"},
		{"two balances swapped", func(t *testing.T, b *paperBook) {
			x, y := lineOf(b, 1, "2010"), lineOf(b, 4, "2010")
			x.Balance, y.Balance = y.Balance, x.Balance
		}, "I-2 2010"},
		{"an edited balance", func(t *testing.T, b *paperBook) {
			b.balances["2010"] = ledger.Balance{Amount: 1, N: b.balances["2010"].N}
		}, "I-2 2010"},
		{"a balance that is gone", func(t *testing.T, b *paperBook) { delete(b.balances, "4010") }, "I-2 4010"},
		{"a balance without postings", func(t *testing.T, b *paperBook) { b.balances["5090"] = ledger.Balance{Amount: 1} }, "I-2 5090"},
		{"the trial balance", func(t *testing.T, b *paperBook) {
			b.balances["4010"] = ledger.Balance{Amount: 1, N: b.balances["4010"].N}
		}, "I-1 book"},
		{"a wallet below zero", func(t *testing.T, b *paperBook) {
			e := EntryLines{Entry: Entry{No: int64(len(b.entries) + 1), Reason: ledger.Reversed, Cause: "rvrsl_X"}}
			for _, p := range ledger.Reverse("2100/cust_X", 5) {
				v := b.balances[p.Account]
				v.N, v.Amount = v.N+1, v.Amount-ledger.Amount(p.Side)*p.Amount
				b.balances[p.Account] = v
				e.Lines = append(e.Lines, ledger.Line{Posting: p, N: v.N, Balance: v.Amount})
			}
			b.entries = append(b.entries, e)
		}, "I-3 2100/cust_X"},
		{"more given back than came in", func(t *testing.T, b *paperBook) { edit(b, "pay_S", func(p *Payment) { p.Refunded = 12001 }) }, "I-4 pay_S"},
		{"a payment that forgot a refund", func(t *testing.T, b *paperBook) { edit(b, "pay_A", func(p *Payment) { p.Refunded -= 20000 }) }, "I-4 pay_A"},
		{"a payment that forgot a pending refund", func(t *testing.T, b *paperBook) { edit(b, "pay_A", func(p *Payment) { p.RefundPending = 0 }) }, "I-4 pay_A"},
		{"cashback restored too often", func(t *testing.T, b *paperBook) { edit(b, "pay_S", func(p *Payment) { p.PromoBack = 0 }) }, "I-4 pay_S"},
		{"an order above what was paid", func(t *testing.T, b *paperBook) { edit(b, "order_A", func(o *Order) { o.Refunded = 500001 }) }, "I-5 order_A"},
		{"an order that forgot a payment", func(t *testing.T, b *paperBook) { edit(b, "order_O", func(o *Order) { o.Paid = 100000 }) }, "I-5 order_O"},
		{"an order that forgot a refund", func(t *testing.T, b *paperBook) { edit(b, "order_S", func(o *Order) { o.Refunded = 0 }) }, "I-5 order_S"},
		{"more reversed than transferred", func(t *testing.T, b *paperBook) { edit(b, "trf_L", func(r *Transfer) { r.Reversed = 60001 }) }, "I-6 trf_L"},
		{"a transfer that forgot a reversal", func(t *testing.T, b *paperBook) {
			edit(b, "trf_L", func(r *Transfer) { r.Reversed, r.State = 0, "processed" })
		}, "I-6 trf_L"},
		{"a payment that forgot a transfer", func(t *testing.T, b *paperBook) { edit(b, "pay_A", func(p *Payment) { p.Transferred = 40000 }) }, "I-6 pay_A"},
		{"more transferred than captured", func(t *testing.T, b *paperBook) { edit(b, "pay_A", func(p *Payment) { p.Transferred = 500001 }) }, "I-4 pay_A"},
		{"money that is nobody's", func(t *testing.T, b *paperBook) {
			b.post(t, ledger.OwnFunds, "ops_1", ledger.Journal{}.Dr("9010", 5).Cr("3000", 5))
		}, "I-7 book"},
		{"a refund that is not pending any more", func(t *testing.T, b *paperBook) {
			edit(b, "rfnd_1", func(r *Refund) { r.State, r.ProcessedAt = "done", 1 })
		}, "I-8 2200/sim"},
		{"a payout that is not under way any more", func(t *testing.T, b *paperBook) { edit(b, "pout_1", func(p *Payout) { p.State = "processed" }) }, "I-8 2210"},
		{"a settlement that is not under way any more", func(t *testing.T, b *paperBook) {
			edit(b, "setl_1", func(s *Settlement) { s.State = SettlementProcessed })
		}, "I-8 2220"},
		{"a deferred fee nobody waits for", func(t *testing.T, b *paperBook) { edit(b, "pout_1", func(p *Payout) { p.Fee, p.Tax = 0, 0 }) }, "I-8 2230"},
		{"a hold without its payment", func(t *testing.T, b *paperBook) { edit(b, "pay_H", func(p *Payment) { p.Status = PaymentFailed }) }, "I-8 2102/cust_W"},
		{"a dispute that is not open any more", func(t *testing.T, b *paperBook) { edit(b, "pay_A", func(p *Payment) { p.DisputeOpen = 0 }) }, "I-8 2014"},
		{"pending money nobody will release", func(t *testing.T, b *paperBook) {
			edit(b, "payment.available/pay_B", func(r *Timer) { r.At = 0 })
		}, "I-8 pay_B"},
		{"pending money released already", func(t *testing.T, b *paperBook) {
			edit(b, "payment.available/pay_C", func(r *Timer) { r.At = 9 })
		}, "I-8 pay_C"},
		{"a pending refund without a rail order", func(t *testing.T, b *paperBook) {
			edit(b, "rfnd_1", func(r *RailOrder) { r.State = "done" })
		}, "I-8 rfnd_1"},
		{"a rail order of another amount", func(t *testing.T, b *paperBook) {
			edit(b, "rfnd_5", func(r *RailOrder) { r.Amount++ })
		}, "I-8 rfnd_5"},
		{"a failed refund of another amount", func(t *testing.T, b *paperBook) {
			edit(b, "rfnd_3", func(r *Refund) { r.Amount-- })
		}, "I-8 rfnd_3"},
		{"a refund to a wallet with a fee", func(t *testing.T, b *paperBook) {
			edit(b, "rfnd_S", func(r *Refund) { r.Fee = 1 })
		}, "I-11 rfnd_S"},
		{"a rail order in no state", func(t *testing.T, b *paperBook) { edit(b, "rfnd_1", func(r *RailOrder) { r.State = "lost" }) }, "I-8 rfnd_1"},
		{"a fee's tax", func(t *testing.T, b *paperBook) { edit(b, "pay_A", func(p *Payment) { p.Tax = 1799 }) }, "I-9 pay_A"},
		{"a fee", func(t *testing.T, b *paperBook) { edit(b, "trf_L", func(r *Transfer) { r.Fee++ }) }, "I-11 trf_L"},
		{"a key about nothing", func(t *testing.T, b *paperBook) { edit(b, "refund/k1", func(k *Key) { k.Refs = "rfnd_none" }) }, "I-10 refund/k1"},
		{"a key nobody can read", func(t *testing.T, b *paperBook) { edit(b, "refund/k1", func(k *Key) { k.Refs = "?" }) }, "I-10 refund/k1"},
		{"a name of nothing", func(t *testing.T, b *paperBook) { edit(b, "receipt/r", func(k *Key) { k.Refs = "order_none" }) }, "I-10 receipt/r"},
		{"an entry twice", func(t *testing.T, b *paperBook) {
			b.post(t, ledger.RefundDone, "rfnd_2", ledger.RefundGone("sim", 10000))
		}, "I-11 rfnd_2"},
		{"a late success twice", func(t *testing.T, b *paperBook) {
			b.post(t, ledger.RefundLate, "rfnd_4", ledger.RefundLateSuccess(ledger.Available, "sim", 40000))
		}, "I-11 rfnd_4"},
		{"an entry without its thing", func(t *testing.T, b *paperBook) {
			b.post(t, ledger.Captured, "pay_X", ledger.Capture("sim", 5, ledger.Fee{}, false))
		}, "I-11 pay_X"},
		{"a thing and back again without its row", func(t *testing.T, b *paperBook) {
			b.post(t, ledger.RefundAccepted, "rfnd_X", ledger.AcceptRefund(ledger.Available, "sim", 5))
			b.post(t, ledger.RefundFailed, "rfnd_X", ledger.RefundBack(ledger.Available, "sim", 5))
		}, "I-11 rfnd_X"},
		{"a thing without its entry", func(t *testing.T, b *paperBook) {
			b.rows = append(b.rows, Reversal{ID: "rvrsl_X", Transfer: "trf_L", Amount: 5})
		}, "I-11 rvrsl_X"},
		{"a refund of another amount", func(t *testing.T, b *paperBook) { edit(b, "rfnd_2", func(r *Refund) { r.Amount++ }) }, "I-11 rfnd_2"},
		{"a failed refund that took the money", func(t *testing.T, b *paperBook) {
			edit(b, "rfnd_2", func(r *Refund) { r.State, r.ProcessedAt = "failed", 0 })
		}, "I-11 rfnd_2"},
		{"a refund row that is gone", func(t *testing.T, b *paperBook) { b.remove("rfnd_S") }, "I-11 rfnd_S"},
		{"a payout in no state", func(t *testing.T, b *paperBook) { edit(b, "pout_1", func(p *Payout) { p.State = "?" }) }, "I-11 pout_1"},
		{"cash where cashback was", func(t *testing.T, b *paperBook) { edit(b, "rfnd_S", func(r *Refund) { r.Promo = 0 }) }, "I-11 rfnd_S"},
		{"a line that is missing", func(t *testing.T, b *paperBook) { b.lines = slices.Delete(b.lines, 2, 3) }, "I-12 cust_W"},
		{"a line with another amount", func(t *testing.T, b *paperBook) { b.lines[2].Debit-- }, "I-12 cust_W"},
		{"two lines with each other's amounts", func(t *testing.T, b *paperBook) {
			b.lines[0].Credit, b.lines[1].Credit, b.lines[0].Balance = b.lines[1].Credit, b.lines[0].Credit, b.lines[1].Credit
		}, "I-12 cust_W"},
		{"a line of nothing", func(t *testing.T, b *paperBook) { b.lines[2].Debit = 0 }, "I-12 cust_W"},
		{"a statement its wallet does not know", func(t *testing.T, b *paperBook) { edit(b, "cust_W", func(w *Wallet) { w.Lines-- }) }, "I-12 cust_W"},
		{"an edited last balance", func(t *testing.T, b *paperBook) { b.lines[len(b.lines)-1].Balance++ }, "I-12 cust_W"},
		{"rounding", func(t *testing.T, b *paperBook) {
			b.post(t, ledger.OwnFunds, "ops_1", ledger.Journal{}.Dr("5090", 1).Cr("3000", 1))
		}, "I-13 5090"},
		{"an entry that is missing", func(t *testing.T, b *paperBook) { b.entries = slices.Delete(b.entries, 3, 4) }, "I-14 entry 5"},
		{"an entry given twice", func(t *testing.T, b *paperBook) { b.entries = append(b.entries, b.entries[len(b.entries)-1]) }, "I-14 entry 38"},
	} {
		t.Run(tt.fault, func(t *testing.T) {
			for _, oddly := range []bool{false, true} {
				b := goodBook(t)
				tt.do(t, b)
				found := b.audit(oddly)
				if !slices.ContainsFunc(found, func(f Finding) bool { return f.Rule+" "+f.What == tt.want }) {
					t.Errorf("rows first: %v: want %s, found %v", oddly, tt.want, found)
				}
				if again := b.audit(oddly); !slices.Equal(found, again) {
					t.Errorf("found %v, and then %v", found, again)
				}
			}
		})
	}
}

// What is found is bounded, whatever the book looks like.
func TestAuditFindsSoMuch(t *testing.T) {
	b := &paperBook{balances: ledger.Accounts{}}
	for i := range 5000 {
		b.rows = append(b.rows, Reversal{ID: ID(fmt.Sprintf("rvrsl_%d", i))})
	}
	found := b.audit(false)
	if n := len(found); n != 1001 || found[n-1].Detail != "and 9000 more" {
		t.Errorf("found %d, the last %v", n, found[n-1])
	}
}
