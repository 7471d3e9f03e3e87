package desk

import (
	"context"
	"fmt"

	"wapas/ledger"
)

// WhyMerchantName refuses a merchant without a usable name: Invalid.
const WhyMerchantName ledger.Why = "merchant_name"

// A MerchantRequest asks for a merchant with a test and a live book.
type MerchantRequest struct {
	Name string
	// TestClock is how the test book tells the time at first; the zero Clock is
	// the real one.
	TestClock Clock
}

// CreateMerchant makes a merchant with its two books, all or nothing. It
// refuses Invalid (WhyMerchantName) if the name is empty or longer than 80
// characters.
func (d *Desk) CreateMerchant(ctx context.Context, q MerchantRequest) (m Merchant, test, live Book, err error) {
	if n := len([]rune(q.Name)); n == 0 || n > 80 {
		return m, test, live, ledger.Refuse(ledger.Invalid, WhyMerchantName, "a merchant's name has 1 to 80 characters").In("name")
	}
	// Two operators may be creating merchants in the same moment and find the
	// same numbers free; the later one looks again.
	for range 5 {
		last, err := d.Store.LastBook(ctx)
		if err != nil {
			return m, test, live, fmt.Errorf("number the books: %w", err)
		}
		now := ledger.At(d.Now())
		m = Merchant{ID: ID(Letters(14)), Name: q.Name, CreatedAt: now}
		test = Book{ID: last + 1, Merchant: m.ID, Mode: Test, Name: q.Name, Clock: q.TestClock, CreatedAt: now}
		live = Book{ID: last + 2, Merchant: m.ID, Mode: Live, Name: q.Name, CreatedAt: now}
		err = d.Store.PutMerchant(ctx, m, test, live)
		if err == nil {
			return m, test, live, nil
		}
		if ledger.CodeOf(err) != ledger.Duplicate {
			return m, test, live, fmt.Errorf("keep the merchant: %w", err)
		}
	}
	return m, test, live, ledger.Refuse(ledger.Busy, WhyInProgress, "other merchants are being created: try again")
}

// SetTerms puts terms in force in a book from t.From of its time on, from now
// if t.From is zero. It refuses Invalid (WhyTerms) if they cannot be lived by.
func (d *Desk) SetTerms(ctx context.Context, book BookID, t Terms) (Terms, error) {
	if err := t.Check(); err != nil {
		return t, err
	}
	err := d.change(ctx, book, nil, func(c *change) error {
		if t.From == 0 {
			t.From = c.now
		}
		t = c.setTerms(t)
		return nil
	})
	return t, err
}
