package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"

	"golang.org/x/sync/errgroup"

	"wapas/desk"
	"wapas/ledger"
)

// Books prepares a test book for the credit workload: a merchant with money
// enough, no fees, and so many customers.
func Books(ctx context.Context, d *desk.Desk, customers int) (desk.BookID, []desk.ID, error) {
	_, book, _, err := d.CreateMerchant(ctx, desk.MerchantRequest{Name: "Bench"})
	if err != nil {
		return 0, nil, err
	}
	terms := desk.DefaultTerms()
	terms.MaxBalance, terms.MonthlyLoad = 0, 0
	if _, err := d.SetTerms(ctx, book.ID, terms); err != nil {
		return 0, nil, err
	}
	order, _, err := d.CreateOrder(ctx, book.ID, desk.OrderRequest{Amount: ledger.MaxAmount, Capture: true})
	if err != nil {
		return 0, nil, err
	}
	if _, err := d.CreatePayment(ctx, book.ID, desk.PaymentRequest{Order: order.ID, Amount: order.Amount, Method: "upi", VPA: "success@razorpay"}); err != nil {
		return 0, nil, err
	}
	ids := make([]desk.ID, customers)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(256)
	for i := range ids {
		g.Go(func() error {
			c, err := d.CreateCustomer(ctx, book.ID, desk.CustomerRequest{
				Name: fmt.Sprintf("Customer %d", i), Email: fmt.Sprintf("c%d@example.com", i), Contact: fmt.Sprintf("+91%d", 9_000_000_000+i),
			})
			ids[i] = c.ID
			return err
		})
	}
	return book.ID, ids, g.Wait()
}

// Credit is the workload of a returns platform: credit a customer's wallet
// with ten rupees from the merchant's one hot account, customers taken at
// random.
func Credit(base, key, secret string, customers []desk.ID) Workload {
	req, _ := http.NewRequest(http.MethodPost, base+"/v1/transfers", nil)
	req.SetBasicAuth(key, secret)
	req.Header.Set("Content-Type", "application/json")
	return func(r *rand.Rand) Call {
		return Call{
			Method: http.MethodPost, URL: base + "/v1/transfers", Header: req.Header,
			Body: fmt.Appendf(nil, `{"customer":"%s","amount":1000,"currency":"INR","notes":{"order_id":"OD%010d","reason":"return received"}}`,
				customers[r.IntN(len(customers))], r.IntN(1e9)),
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
