package desk_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"wapas/desk"
	"wapas/dialecttest"
	"wapas/ledger"
)

// Whatever is asked under a key happens once: the repeat brings the row back as
// it was, another request is refused, and a refusal for the state of the books
// stays.
func TestUnder(t *testing.T) {
	h := dialecttest.Open(t)
	d := h.Desk
	ask := func(key, digest, email string) (desk.Customer, error) {
		t.Helper()
		ctx, end, err := d.Under(t.Context(), h.Book, desk.Once{Scope: "test", Key: key, Digest: digest}, desk.KindCustomer)
		if err != nil {
			t.Fatal(err)
		}
		defer end()
		return d.CreateCustomer(ctx, h.Book, desk.CustomerRequest{Email: email})
	}
	first, err := ask("a", "1", "priya@example.in")
	if err != nil {
		t.Fatal(err)
	}
	name := "Priya"
	if _, err := d.EditCustomer(t.Context(), h.Book, desk.CustomerEdit{Customer: first.ID, Name: &name}); err != nil {
		t.Fatal(err)
	}
	_, err = ask("a", "1", "priya@example.in")
	replay, ok := desk.IsReplay(err)
	if !ok || len(replay.Rows) != 1 || replay.Rows[0] != desk.Row(first) {
		t.Errorf("the repeat hears %v: %+v", err, replay)
	}
	if _, err = ask("a", "2", "ritu@example.in"); ledger.CodeOf(err) != ledger.Mismatch {
		t.Errorf("another request under the key: %v", err)
	}
	for range 2 {
		if _, err = ask("b", "1", "priya@example.in"); ledger.CodeOf(err) != ledger.Duplicate {
			t.Errorf("a second customer with the e-mail: %v", err)
		}
	}
	if replay, ok := desk.IsReplay(err); !ok || replay.Refusal == nil {
		t.Errorf("the refusal was not remembered: %v", err)
	}
	h.Audit(t)
}

// One that comes while the first is under way is refused as Busy, if it asks to
// be.
func TestUnderBusy(t *testing.T) {
	h := dialecttest.Open(t)
	key := desk.Once{Scope: "test", Key: "a", Busy: true}
	_, end, err := h.Desk.Under(t.Context(), h.Book, key, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.Desk.Under(t.Context(), h.Book, key, 0); ledger.CodeOf(err) != ledger.Busy {
		t.Errorf("meanwhile: %v", err)
	}
	if _, _, err := h.Desk.Under(t.Context(), h.Live, key, 0); err != nil {
		t.Errorf("in another book: %v", err)
	}
	end()
	if _, _, err := h.Desk.Under(t.Context(), h.Book, key, 0); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// Of many at once one has an effect, and all hear of the same customer.
func TestUnderCrowd(t *testing.T) {
	h := dialecttest.Open(t)
	heard := make([]desk.ID, 64)
	var wg sync.WaitGroup
	for i := range heard {
		wg.Go(func() {
			ctx, end, err := h.Desk.Under(context.Background(), h.Book, desk.Once{Scope: "test", Key: "a"}, desk.KindCustomer)
			if err != nil {
				t.Error(err)
				return
			}
			defer end()
			c, err := h.Desk.CreateCustomer(ctx, h.Book, desk.CustomerRequest{})
			var replay *desk.Replay
			if errors.As(err, &replay) {
				c = replay.Rows[0].(desk.Customer)
			} else if err != nil {
				t.Error(err)
			}
			heard[i] = c.ID
		})
	}
	wg.Wait()
	for _, id := range heard {
		if id == "" || id != heard[0] {
			t.Fatalf("they heard of %v", heard)
		}
	}
	all, err := desk.List[desk.Customer](t.Context(), h.Desk, desk.Query{Book: h.Book})
	if err != nil || len(all) != 1 {
		t.Errorf("there are %d customers (%v)", len(all), err)
	}
}

// Many refunds as one change are all made, or none.
func TestRefundsAtomic(t *testing.T) {
	h := dialecttest.Open(t)
	d := h.Desk
	o, _, err := d.CreateOrder(t.Context(), h.Book, desk.OrderRequest{Amount: 1000, Capture: true})
	if err != nil {
		t.Fatal(err)
	}
	p, err := d.CreatePayment(t.Context(), h.Book, desk.PaymentRequest{Order: o.ID, Amount: 1000, Method: "upi", VPA: "success@razorpay"})
	if err != nil {
		t.Fatal(err)
	}
	some := []desk.RefundRequest{{Payment: p.ID, Amount: 400}, {Payment: p.ID, Amount: 601}}
	_, err = d.Refunds(t.Context(), h.Book, some)
	var at *desk.ItemError
	if !errors.As(err, &at) || at.Item != 1 || ledger.CodeOf(err) != ledger.Exceeds {
		t.Fatalf("too much: %v", err)
	}
	if all, err := desk.List[desk.Refund](t.Context(), d, desk.Query{Book: h.Book}); err != nil || len(all) != 0 {
		t.Fatalf("there are %d refunds (%v)", len(all), err)
	}
	some[1].Amount = 600
	all, err := d.Refunds(t.Context(), h.Book, some)
	if err != nil || len(all) != 2 || all[1].Amount != 600 {
		t.Errorf("within the payment: %+v, %v", all, err)
	}
	if _, err := d.Refunds(t.Context(), h.Book, nil); ledger.CodeOf(err) != ledger.Invalid {
		t.Errorf("none: %v", err)
	}
	if _, err := d.Refunds(t.Context(), h.Book, make([]desk.RefundRequest, desk.MaxBulk+1)); ledger.CodeOf(err) != ledger.Invalid {
		t.Errorf("too many: %v", err)
	}
	h.Audit(t)
}
