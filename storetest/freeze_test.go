package storetest_test

import (
	"fmt"
	"testing"

	"wapas/desk"
	"wapas/ledger"
	"wapas/storetest"
)

// What is frozen is found among many, page by page, and a thawed wallet is not;
// where a period ends in a statement is found by looking at few of its lines.
func TestFrozen(t *testing.T) {
	onEach(t, func(t *testing.T, e storetest.Engine) {
		w := newTown(t, e)
		w.paid(50_000_000)
		var frozen []desk.ID
		for i := range 9 {
			c := got(w.CreateCustomer(w.ctx, w.book, desk.CustomerRequest{Name: "C", Contact: fmt.Sprintf("+9198765000%02d", i)}))(t)
			got(w.TransferDirect(w.ctx, w.book, desk.DirectTransferRequest{To: desk.TransferTo{Recipient: c.ID, Amount: 100}}))(t)
			if i%3 == 2 {
				continue
			}
			got(w.FreezeWallet(w.ctx, w.book, desk.FreezeRequest{Holder: c.ID, Frozen: true, Reason: "why"}))(t)
			if i == 0 {
				got(w.FreezeWallet(w.ctx, w.book, desk.FreezeRequest{Holder: c.ID}))(t)
				continue
			}
			frozen = append([]desk.ID{c.ID}, frozen...)
		}
		var found []desk.ID
		q := desk.Query{Book: w.book, Where: map[string]string{"frozen": "true"}, Count: 2}
		for {
			page := got(desk.List[desk.Wallet](w.ctx, w.Desk, q))(t)
			if len(page) == 0 {
				break
			}
			for _, x := range page {
				found, q.After = append(found, x.ID), string(x.ID)
				if !x.Frozen || x.FrozenFor != "why" || x.FrozenAt == 0 {
					t.Errorf("found %+v", x)
				}
			}
		}
		if fmt.Sprint(found) != fmt.Sprint(frozen) {
			t.Errorf("found %v, want %v", found, frozen)
		}
		c := got(w.CreateCustomer(w.ctx, w.book, desk.CustomerRequest{Name: "C", Contact: "+919876500099"}))(t)
		for range 13 {
			got(w.TransferDirect(w.ctx, w.book, desk.DirectTransferRequest{To: desk.TransferTo{Recipient: c.ID, Amount: 100}}))(t)
			w.wait(1e9)
		}
		lines := got(w.Statement(w.ctx, desk.Query{Book: w.book, Parent: c.ID, Oldest: true, Count: 20}))(t)
		for _, l := range lines {
			for at, want := range map[int64]int64{-1: l.N - 1, 0: l.N, 1: l.N} {
				if n := got(w.LineAt(w.ctx, w.book, c.ID, l.CreatedAt+ledger.Time(at)))(t); n != want {
					t.Errorf("%d µs from line %d: %d, want %d", at, l.N, n, want)
				}
			}
		}
		if n := got(w.LineAt(w.ctx, w.book, "cust_00000000000000", lines[0].CreatedAt))(t); n != 0 {
			t.Errorf("without a statement: %d", n)
		}
	})
}
