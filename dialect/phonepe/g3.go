package phonepe

import "wapas/ledger"

// newRoutes are those of the newest generation ("PG v2"): a token for a client's
// secret, checkout on a hosted page, checkout with an instrument that the
// merchant's own page asked for, refunds of both, and the page.
func (r *room) newRoutes() []route {
	return []route{
		{"POST", "/v1/oauth/token", g3, open, r.grantToken},

		// Hosted checkout.
		{"POST", "/checkout/v2/pay", g3, bearer, r.payCheckout},
		{"POST", "/checkout/v2/sdk/order", g3, bearer, r.orderForSDK},
		{"GET", "/checkout/v2/order/{order}/status", g3, bearer, r.orderStatus},
		{"GET", "/checkout/v2/transaction/{txn}/status", g3, bearer, r.attemptStatus},

		// Checkout on the merchant's own page.
		{"POST", "/payments/v2/pay", g3, bearer, r.payCustom},
		{"POST", "/payments/v2/sdk/order", g3, bearer, r.orderForSDK},
		{"GET", "/payments/v2/order/{order}/status", g3, bearer, r.orderStatus},
		{"GET", "/payments/v2/transaction/{txn}/status", g3, bearer, r.attemptStatus},

		// Refunds of both. One page of the manual lists the status as a POST.
		{"POST", "/payments/v2/refund", g3, bearer, r.refundOrder},
		{"GET", "/payments/v2/refund/{refund}/status", g3, bearer, r.refundStatus},
		{"POST", "/payments/v2/refund/{refund}/status", g3, bearer, r.refundStatus},

		// What the vendor's clients report about themselves.
		{"POST", "/client/v1/backend/events/batch", g3, open, r.takeTelemetry},

		// The page that stands in for the vendor's.
		{"GET", "/transact/{page}", page, open, r.showPage},
		{"POST", "/transact/{page}", page, open, r.answerPage},
	}
}

// takeTelemetry says yes to what the clients report about themselves, and keeps
// nothing of it.
func (r *room) takeTelemetry(*request) (any, error) { return struct{}{}, nil }

// millis is a moment in milliseconds since 1970, which is what this generation
// writes everywhere but in tokens.
func millis(t ledger.Time) int64 { return t.Std().UnixMilli() }
