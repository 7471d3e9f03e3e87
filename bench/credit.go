package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"wapas/desk"
)

// Books prepares a test book for the credit workload: a merchant that backs
// its store credit, and so many members, each of whom has had some before.
func Books(ctx context.Context, d *desk.Desk, members int) (desk.BookID, error) {
	_, book, _, err := d.CreateMerchant(ctx, desk.MerchantRequest{Name: "Bench"})
	if err != nil {
		return 0, err
	}
	if _, err := d.SetTerms(ctx, book.ID, desk.DefaultTerms()); err != nil {
		return 0, err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(256)
	for i := range members {
		g.Go(func() error {
			_, err := d.LoadCredit(ctx, book.ID, desk.CreditRequest{
				Partner: partner(i), Contact: contact(i), Amount: 1000, Purpose: "refund", Reference: fmt.Sprintf("first-%d", i), Room: "engage",
			})
			return err
		})
	}
	return book.ID, g.Wait()
}

func partner(i int) string { return fmt.Sprintf("shopper-%07d", i) }
func contact(i int) string { return fmt.Sprint(9_000_000_000 + i) }

// Credit is the workload of a returns platform: ten rupees of store credit for
// a return, members taken at random, each credit under a reference of its own.
// The merchant's promise (1220) is the one hot account.
func Credit(base, token string, members int) Workload {
	const path = "/issuinghq/test/v3/engage/transactions/credit"
	h := http.Header{"Authorization": {"Bearer " + token}, "Content-Type": {"application/json"}}
	var made atomic.Int64
	return func(r *rand.Rand) Call {
		i := r.IntN(members)
		return Call{
			Method: http.MethodPost, URL: base + path, Header: h,
			Body: fmt.Appendf(nil, `{"contact":"%s","partner_user_id":"%s","amount":1000,"action":"load","currency":"INR","reference_id":"return-%d","purpose":"refund","notes":{"order_id":"OD%010d"}}`,
				contact(i), partner(i), made.Add(1), r.IntN(1e9)),
			Good: func(status int, body []byte) bool {
				var t struct {
					ID     string `json:"id"`
					Amount int64  `json:"amount"`
				}
				return status == http.StatusOK && json.Unmarshal(body, &t) == nil && t.ID != "" && t.Amount == 1000
			},
		}
	}
}
