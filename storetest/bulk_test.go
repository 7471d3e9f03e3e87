package storetest_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"wapas/desk"
	"wapas/sqlstore"
	"wapas/storetest"
)

// A bulk call asks the database as much for forty items as for four, by a server that
// remembers nothing: what items look at is read together.
func TestBulkIsReadTogether(t *testing.T) {
	onEach(t, func(t *testing.T, e storetest.Engine) {
		w := newTown(t, e)
		var payments [2][]desk.ID
		for i, n := range []int{4, 40} {
			for range n {
				payments[i] = append(payments[i], w.paid(10_000).ID)
			}
		}
		credits := func(round string) func(n, i int) {
			return func(n, _ int) {
				qs := make([]desk.CreditRequest, n)
				for j := range qs {
					qs[j] = desk.CreditRequest{
						Partner: fmt.Sprint(n, " customer ", j), Contact: "9663957855", Amount: 1000,
						Purpose: desk.CreditRefund, Reference: fmt.Sprint(round, n, "/", j),
					}
				}
				equal(t, "the credits", len(got(w.LoadCredits(w.ctx, w.book, qs))(t)), n)
			}
		}
		for _, call := range []struct {
			name string
			do   func(n, i int)
		}{
			{"credits to new members", credits("first")},
			{"credits to members", credits("second")},
			{"refunds", func(n, i int) {
				var qs []desk.RefundRequest
				for j, p := range payments[i] {
					qs = append(qs, desk.RefundRequest{Payment: p, Amount: 1000, Receipt: fmt.Sprint("r", j)})
				}
				equal(t, "the refunds", len(got(w.Refunds(w.ctx, w.book, qs))(t)), n)
			}},
		} {
			var asked [2]int64
			for i, n := range []int{4, 40} {
				var selects atomic.Int64
				w.shut()
				w.reopen(sqlstore.Options{Statement: func(sql string) {
					if strings.HasPrefix(sql, "SELECT") {
						selects.Add(1)
					}
				}})
				call.do(n, i)
				asked[i] = selects.Load()
			}
			if asked[0] != asked[1] {
				t.Errorf("%s: %d questions for four, %d for forty", call.name, asked[0], asked[1])
			}
		}
	})
}
