package storetest_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
	"wapas/storetest"
)

// A year of a shop's store credit, played from a seed: given, spent, returned
// and expired, with the programme changed in between, against a model that only
// knows sums. The books add up at the end.
func TestLifeOfCredit(t *testing.T) {
	onEach(t, func(t *testing.T, e storetest.Engine) {
		seed := uint64(time.Now().UnixNano())
		t.Logf("seed %d", seed)
		r := rand.New(rand.NewPCG(seed, 1))
		w := newTown(t, e)
		w.paid(50_000_000)
		held := map[desk.ID]ledger.Amount{} // by member
		var members, spends []desk.ID
		// sync takes what has expired off the model.
		sync := func() {
			for _, m := range members {
				now, _, err := w.CreditHeld(w.ctx, w.book, m)
				if err != nil {
					t.Fatal(err)
				}
				if now > held[m] {
					t.Fatalf("%s holds %d, which is more than %d", m, now, held[m])
				}
				held[m] = now
			}
		}
		for i := range 300 {
			switch n := r.IntN(20); {
			case n == 0:
				p := desk.DefaultProgramme()
				p.Expiry, p.MaxBalance = int64(r.IntN(3))*86400*20, ledger.Amount(r.IntN(2)*500_000)
				p.Funding = []string{desk.Backed, desk.Prefunded}[r.IntN(2)]
				if _, err := w.SetProgramme(w.ctx, w.book, p); err != nil && ledger.CodeOf(err) != ledger.WrongState {
					t.Fatal(err)
				}
			case n < 3:
				w.wait(time.Duration(r.IntN(20*24)) * time.Hour)
				sync()
			case n < 10 || len(members) == 0:
				q := desk.CreditRequest{
					Partner: fmt.Sprint("customer ", r.IntN(8)), Contact: "9663957855", Amount: ledger.Amount(100 + r.IntN(100_000)),
					Purpose: []string{desk.CreditRefund, desk.CreditGift}[r.IntN(2)], Reference: fmt.Sprint("return ", i),
				}
				x, err := w.LoadCredit(w.ctx, w.book, q)
				if ledger.CodeOf(err) == ledger.Exceeds {
					continue
				}
				got(x, err)(t)
				if _, known := held[x.Member]; !known {
					members = append(members, x.Member)
				}
				held[x.Member] += x.Amount
				equal(t, "the balance after a credit", x.Balance, held[x.Member])
			case n < 16:
				m := members[r.IntN(len(members))]
				a := ledger.Amount(1 + r.IntN(120_000))
				x, err := w.SpendCredit(w.ctx, w.book, desk.SpendRequest{Member: m, Amount: a})
				if a > held[m] {
					equal(t, "the refusal of a spend", ledger.CodeOf(err), ledger.Insufficient)
					continue
				}
				got(x, err)(t)
				held[m] -= a
				equal(t, "the balance after a spend", x.Balance, held[m])
				spends = append(spends, x.ID)
			case len(spends) > 0:
				of := got(desk.Find[desk.Credit](w.ctx, w.Desk, w.book, spends[r.IntN(len(spends))]))(t)
				a := ledger.Amount(1 + r.IntN(50_000))
				x, err := w.ReturnCredit(w.ctx, w.book, desk.ReturnRequest{Spend: of.ID, Amount: a})
				if a > of.Amount-of.Returned {
					equal(t, "the refusal of a return", ledger.CodeOf(err), ledger.Exceeds)
					continue
				}
				got(x, err)(t)
				held[x.Member] += a
				equal(t, "the balance after a return", x.Balance, held[x.Member])
			}
		}
		sync()
		clean(t, w.store)
	})
}
