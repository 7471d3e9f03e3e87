package storetest_test

import (
	"bytes"
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"wapas/desk"
	"wapas/ledger"
	"wapas/rail"
	"wapas/rail/sim"
	"wapas/sqlstore"
	"wapas/storetest"
)

// A town is a desk on a real store of either engine, one merchant with a test
// book, and a clock that only its test moves.
type town struct {
	*desk.Desk
	t       *testing.T
	ctx     context.Context
	address string
	store   *sqlstore.Store
	shut    func()
	book    desk.BookID
	now     atomic.Int64 // Unix nanoseconds
	shelf   string       // where archives are, if they are in a folder of their own
}

func newTown(t *testing.T, e storetest.Engine) *town {
	t.Helper()
	w := &town{t: t, ctx: context.Background(), address: e.New(t)}
	w.now.Store(time.Date(2026, 1, 5, 6, 30, 0, 0, time.UTC).UnixNano())
	now := func() time.Time { return time.Unix(0, w.now.Load()) }
	w.store, w.shut = openFor(t, w.address, sqlstore.Options{Now: now})
	ring, err := desk.NewKeyring(bytes.Repeat([]byte{7}, desk.MasterKeySize))
	if err != nil {
		t.Fatal(err)
	}
	w.Desk = &desk.Desk{
		Store: w.store, Now: now, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		Rails: map[string]rail.Rail{desk.SimRail: sim.Rail{}}, Sealer: ring, HashMemory: 64,
	}
	_, test, _, err := w.CreateMerchant(w.ctx, desk.MerchantRequest{Name: "Wapas Demo"})
	if err != nil {
		t.Fatal(err)
	}
	w.book = test.ID
	return w
}

// wait does what is due now, moves the clock, and does what has come due.
func (w *town) wait(d time.Duration) {
	w.t.Helper()
	for _, d := range []time.Duration{0, d} {
		w.now.Add(int64(d))
		if err := w.RunDue(w.ctx, w.book); err != nil {
			w.t.Fatal(err)
		}
	}
}

// got stops the test at an error, and is the value otherwise.
func got[T any](v T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// paid is a captured payment by UPI.
func (w *town) paid(a ledger.Amount) desk.Payment {
	w.t.Helper()
	o, _, err := w.CreateOrder(w.ctx, w.book, desk.OrderRequest{Amount: a, Capture: true})
	if err != nil {
		w.t.Fatal(err)
	}
	return got(w.CreatePayment(w.ctx, w.book, desk.PaymentRequest{
		Order: o.ID, Amount: a, Method: "upi", VPA: "success@razorpay", Email: "asha@example.com", Contact: "+919876543210",
	}))(w.t)
}

// customer makes a customer with an Indian mobile number.
func (w *town) customer(mobile string) desk.Customer {
	w.t.Helper()
	return got(w.CreateCustomer(w.ctx, w.book, desk.CustomerRequest{Name: "Asha", Contact: mobile}))(w.t)
}

// payment reads a payment as it is now.
func (w *town) payment(id desk.ID) desk.Payment {
	w.t.Helper()
	return got(desk.Find[desk.Payment](w.ctx, w.Desk, w.book, id))(w.t)
}

// transferOf asks for a direct transfer.
func transferOf(to desk.ID, a ledger.Amount) desk.DirectTransferRequest {
	return desk.DirectTransferRequest{To: desk.TransferTo{Recipient: to, Amount: a}}
}
