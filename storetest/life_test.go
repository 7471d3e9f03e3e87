package storetest_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
	"wapas/rail"
	"wapas/storetest"
)

// A life is a random history of everything a desk can do, in any order that
// chance gives, with rails that refuse, are silent, change their mind, and a
// clock that jumps. Whatever is asked is done or refused for a reason that is
// not our fault, and when it is over the books add up. WAPAS_TEST_SEED plays
// one life again.
func TestLife(t *testing.T) {
	onEach(t, func(t *testing.T, e storetest.Engine) {
		seeds, steps := []uint64{1, 2, uint64(time.Now().UnixNano())}, 600
		if text := os.Getenv("WAPAS_TEST_SEED"); text != "" {
			seed, err := strconv.ParseUint(text, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			seeds = []uint64{seed}
		}
		did := map[string]int{}
		for _, seed := range seeds {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				l := &life{town: newTown(t, e), r: rand.New(rand.NewPCG(seed, 5)), did: did}
				l.begin()
				for n := range steps {
					l.step()
					if t.Failed() {
						t.Fatalf("at step %d", n)
					}
				}
				l.wait(30 * 24 * time.Hour)
				clean(t, l.store)
			})
		}
		if len(seeds) == 1 {
			return // one life need not have done everything
		}
		for _, what := range []string{
			"pay", "wallet", "capture", "finish", "refund", "outcome", "transfer", "reverse", "hold", "payout", "settle", "dispute",
			"credit", "credit spent", "credit returned", "programme", "remit", "otp", "given back", "charge", "back to source", "scenario",
			"clock", "clock stopped", "waiver", "money",
		} {
			if did[what] == 0 {
				t.Errorf("%s was never done: these lives prove little", what)
			}
		}
	})
}

type life struct {
	*town
	r         *rand.Rand
	did       map[string]int // what was not refused
	customers []desk.ID
	linked    []desk.ID
	funds     map[desk.ID]desk.ID // of customers
	orders    []desk.Order
	payments  []desk.ID
	transfers []desk.ID
	orders2   []desk.ID // rail orders: refunds, payouts and remittances
	settled   []desk.ID
	rooms     rooms
}

func pick[T any](r *rand.Rand, from []T) (one T) {
	if len(from) > 0 {
		one = from[r.IntN(len(from))]
	}
	return one
}

// heard counts what was done, and fails at an error that is no refusal.
func (l *life) heard(what string, err error) bool {
	l.t.Helper()
	var e *ledger.Error
	switch {
	case err == nil:
		l.did[what]++
		return true
	case !errors.As(err, &e) || e.Code == ledger.Internal:
		l.t.Errorf("%s: %v", what, err)
	}
	return false
}

func (l *life) begin() {
	l.funds = map[desk.ID]desk.ID{}
	for i := range 4 {
		c := l.customer(fmt.Sprintf("987654321%d", i))
		l.customers = append(l.customers, c.ID)
		f, err := l.CreateFundAccount(l.ctx, l.book, desk.FundAccountRequest{Customer: c.ID, Type: "bank_account", Name: "Asha", IFSC: "HDFC0000053", Number: "11214311215411"})
		l.heard("fund", err)
		l.funds[c.ID] = f.ID
		a, err := l.CreateLinked(l.ctx, l.book, desk.Linked{Email: fmt.Sprintf("l%d@example.com", i), Phone: "9000090000", LegalName: "A seller", BusinessType: "partnership", ContactName: "Asha"})
		l.heard("linked", err)
		l.linked = append(l.linked, a.ID)
	}
	l.terms()
	l.beginRooms()
	l.payments = append(l.payments, l.paid(5_000_000).ID)
	l.wait(4 * 24 * time.Hour) // until it may be spent, whatever the terms
	for _, c := range l.customers {
		_, err := l.TransferDirect(l.ctx, l.book, transferOf(c, 50_000))
		l.heard("cashback", err)
		_, err = l.TransferPayment(l.ctx, l.book, desk.PaymentTransferRequest{Payment: l.payments[0], To: []desk.TransferTo{{Recipient: c, Amount: 100_000}}})
		l.heard("transfer", err)
	}
}

// terms puts other terms in force.
func (l *life) terms() {
	t := desk.DefaultTerms()
	t.Programme = "full_kyc"
	t.PaymentBps, t.TransferBps, t.PayoutFlat, t.InstantBps, t.InstantFlat = l.r.Int64N(300), l.r.Int64N(50), ledger.Amount(l.r.IntN(600)), l.r.Int64N(100), ledger.Amount(l.r.IntN(300))
	t.Interstate, t.PayoutFeeFromMerchant = l.r.IntN(3) == 0, l.r.IntN(3) == 0
	if l.r.IntN(2) == 0 {
		t.AvailableAfter = 1 + l.r.Int64N(3*24*3600)
	}
	if l.r.IntN(4) == 0 {
		t.Overdraft = 100_000
	}
	t.RemitBps, t.CommissionBps, t.TDSBps, t.RemitMonthly = l.r.Int64N(200), l.r.Int64N(100), l.r.Int64N(1000), 0
	if l.r.IntN(2) == 0 {
		t.TwoPeopleAbove = 10_000
	}
	_, err := l.SetTerms(l.ctx, l.book, t)
	l.heard("terms", err)
}

// amount is a sum, often a small one, with paise that make the simulated rail
// behave in each of its ways.
func (l *life) amount(most int64) ledger.Amount {
	rupees := 1 + l.r.Int64N(1+l.r.Int64N(most/100))
	return ledger.Amount(rupees*100 + pick(l.r, []int64{0, 0, 0, 13, 17, 19, 23, 29, 50}))
}

func (l *life) scenario() string {
	return pick(l.r, append([]string{"", "", ""}, rail.Scenarios...))
}

func (l *life) step() {
	switch l.r.IntN(24) {
	case 0:
		l.wait(time.Duration(l.r.Int64N(int64(pick(l.r, []time.Duration{time.Minute, time.Hour, 5 * 24 * time.Hour})))))
	case 1:
		if l.r.IntN(5) == 0 {
			l.terms()
		}
	case 2, 3, 4:
		l.pay()
	case 5, 6:
		l.payFromWallet()
	case 7:
		p := l.payment(pick(l.r, l.payments))
		_, err := l.CapturePayment(l.ctx, l.book, desk.CaptureRequest{Payment: p.ID, Amount: p.Amount})
		l.heard("capture", err)
	case 8:
		_, err := l.FinishPayment(l.ctx, l.book, pick(l.r, l.payments), l.r.IntN(3) > 0)
		l.heard("finish", err)
	case 9, 10:
		l.refund()
	case 11, 12:
		l.transfer()
	case 13:
		l.payout()
		l.payout()
	case 14:
		l.settle()
	case 15:
		l.dispute()
	default:
		l.stepRooms()
	}
}

func (l *life) order(a ledger.Amount) (desk.Order, bool) {
	q := desk.OrderRequest{Amount: a, Capture: l.r.IntN(3) > 0, Partial: l.r.IntN(4) == 0, RefundSpeed: pick(l.r, []string{"", "normal", "optimum"})}
	if !q.Partial && l.r.IntN(4) == 0 {
		for range 1 + l.r.IntN(3) {
			q.Transfers = append(q.Transfers, desk.TransferTo{Recipient: pick(l.r, l.linked), Amount: l.amount(int64(a)), OnHold: l.r.IntN(2) == 0})
		}
	}
	if l.r.IntN(5) == 0 {
		q.ManualExpiry = 12 + l.r.Int64N(1000)
	}
	o, ts, err := l.CreateOrder(l.ctx, l.book, q)
	for _, t := range ts {
		l.transfers = append(l.transfers, t.ID)
	}
	return o, l.heard("order", err)
}

func (l *life) pay() {
	o := pick(l.r, l.orders) // again for one there is, or
	if o.ID == "" || l.r.IntN(3) > 0 {
		var ok bool
		if o, ok = l.order(l.amount(300_000)); !ok {
			return
		}
		l.orders = append(l.orders, o)
	}
	q := desk.PaymentRequest{Order: o.ID, Amount: o.Amount, Method: pick(l.r, []string{"card", "upi", "netbanking"}), Email: "a@example.com", Contact: "9876543210"}
	if o.Partial {
		q.Amount = max(100, ledger.Amount(l.r.Int64N(int64(o.Amount))))
	}
	switch q.Method {
	case "card":
		q.Card = desk.Card{Name: "Asha", Last4: "1111", Network: "Visa", Type: "credit"}
	case "upi":
		q.VPA = "success@razorpay"
	case "netbanking":
		q.Bank = "HDFC"
	}
	q.Waits, q.Fails = l.r.IntN(4) == 0, l.r.IntN(6) == 0
	p, err := l.CreatePayment(l.ctx, l.book, q)
	if l.heard("pay", err) {
		l.payments = append(l.payments, p.ID)
	}
}

func (l *life) payFromWallet() {
	if o, ok := l.order(l.amount(20_000)); ok {
		p, err := l.PayFromWallet(l.ctx, l.book, desk.WalletPaymentRequest{Order: o.ID, Customer: pick(l.r, l.customers), Amount: o.Amount})
		l.heard("wallet", err)
		if p.ID != "" {
			l.payments = append(l.payments, p.ID)
		}
	}
}

func (l *life) refund() {
	if len(l.orders2) > 0 && l.r.IntN(4) == 0 { // a person says how one ended
		_, err := l.RecordOutcome(l.ctx, l.book, desk.OutcomeRequest{
			Order: pick(l.r, l.orders2), Outcome: pick(l.r, []rail.Outcome{rail.Done, rail.Refused}), Reason: "a person said so", Reference: "UTR1",
			By: pick(l.r, []string{"Asha", "Ravi"}),
		})
		l.heard("outcome", err)
		return
	}
	q := desk.RefundRequest{
		Payment: l.captured(), Amount: l.amount(50_000), Full: l.r.IntN(3) == 0, Speed: pick(l.r, []string{"", "normal", "optimum"}),
		ReverseAll: l.r.IntN(3) == 0, Outcome: l.scenario(),
	}
	if l.r.IntN(3) == 0 {
		q.Key = desk.Once{Scope: "refund", Key: fmt.Sprint("key", l.r.IntN(5)), Digest: fmt.Sprint(q.Payment)}
	}
	r, err := l.Refund(l.ctx, l.book, q)
	if l.heard("refund", err) && r.To == "source" {
		l.orders2 = append(l.orders2, r.ID)
	}
}

func (l *life) transfer() {
	switch l.r.IntN(5) {
	case 0:
		to := desk.TransferTo{Recipient: pick(l.r, append(l.linked, l.customers...)), Amount: l.amount(30_000)}
		tr, err := l.TransferDirect(l.ctx, l.book, desk.DirectTransferRequest{To: to})
		if l.heard("transfer", err) {
			l.transfers = append(l.transfers, tr.ID)
		}
	case 1, 2:
		var to []desk.TransferTo
		if l.r.IntN(2) == 0 {
			to = []desk.TransferTo{{Recipient: pick(l.r, l.customers), Amount: l.amount(200_000)}}
		} else {
			for range 1 + l.r.IntN(3) {
				one := desk.TransferTo{Recipient: pick(l.r, l.linked), Amount: l.amount(50_000), OnHold: l.r.IntN(2) == 0}
				if one.OnHold && l.r.IntN(2) == 0 {
					one.HoldUntil = ledger.At(l.Now()).Add(time.Duration(l.r.Int64N(int64(72 * time.Hour))))
				}
				to = append(to, one)
			}
		}
		ts, err := l.TransferPayment(l.ctx, l.book, desk.PaymentTransferRequest{Payment: l.captured(), To: to})
		if l.heard("transfer", err) {
			for _, t := range ts {
				l.transfers = append(l.transfers, t.ID)
			}
		}
	case 3:
		q := desk.ReversalRequest{Transfer: pick(l.r, l.transfers)}
		if l.r.IntN(2) == 0 {
			q.Amount = l.amount(20_000)
		}
		_, err := l.Reverse(l.ctx, l.book, q)
		l.heard("reverse", err)
	case 4:
		hold := l.r.IntN(2) == 0
		_, err := l.EditTransfer(l.ctx, l.book, desk.HoldRequest{Transfer: pick(l.r, l.transfers), OnHold: &hold})
		l.heard("hold", err)
	}
}

func (l *life) payout() {
	c := pick(l.r, l.customers)
	p, err := l.CreatePayout(l.ctx, l.book, desk.PayoutRequest{Customer: c, FundAccount: l.funds[c], Amount: l.amount(3_000), Purpose: "refund", Outcome: l.scenario()})
	if l.heard("payout", err) {
		l.orders2 = append(l.orders2, p.ID)
	}
}

func (l *life) settle() {
	var s desk.Settlement
	var err error
	switch l.r.IntN(12) {
	case 0:
		s, err = l.Settle(l.ctx, l.book, "")
	case 1, 2:
		s, err = l.Settle(l.ctx, l.book, pick(l.r, l.linked))
	case 3:
		s, err = l.SettleOndemand(l.ctx, l.book, desk.OndemandRequest{Amount: l.amount(20_000), Full: l.r.IntN(8) == 0})
	default:
		_, err = l.FinishSettlement(l.ctx, l.book, desk.SettlementOutcome{Settlement: pick(l.r, l.settled), Paid: l.r.IntN(2) == 0, UTR: "UTR1"})
	}
	if l.heard("settle", err) && s.ID != "" {
		l.settled = append(l.settled, s.ID)
	}
}

// captured is a payment that was captured, if a few tries find one.
func (l *life) captured() (id desk.ID) {
	for range 6 {
		if id = pick(l.r, l.payments); id == "" || l.payment(id).Status == desk.PaymentCaptured {
			break
		}
	}
	return id
}

func (l *life) dispute() {
	q := desk.DisputeRequest{Payment: l.captured(), Amount: l.amount(5_000)}
	_, err := pick(l.r, []func() (desk.Payment, error){
		func() (desk.Payment, error) { return l.OpenDispute(l.ctx, l.book, q) },
		func() (desk.Payment, error) { return l.LoseDispute(l.ctx, l.book, q) },
		func() (desk.Payment, error) { return l.WinDispute(l.ctx, l.book, q) },
	})()
	l.heard("dispute", err)
}
