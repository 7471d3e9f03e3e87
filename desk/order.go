package desk

import (
	"context"
	"time"

	"wapas/ledger"
)

// The rules that orders refuse by.
const (
	WhyOrderMin    ledger.Why = "order_minimum" // Invalid: less than a rupee
	WhyOrderMax    ledger.Why = "order_maximum" // Invalid: beyond any amount
	WhyFirstMin    ledger.Why = "first_minimum" // Invalid: a first part outside the order, or without parts
	WhyCaptureTime ledger.Why = "capture_time"  // Invalid: a time to capture outside its range
	WhyReceipt     ledger.Why = "receipt_used"  // Duplicate: the receipt may be used once
)

// MinOrder is the least an order or a payment may be: a rupee.
const MinOrder ledger.Amount = 100

// The range of the minutes that an order may give its payments to be captured.
// Those for an automatic capture may also be none.
const (
	MinAutoExpiry   = 12
	MaxManualExpiry = 7200
)

// An OrderRequest asks for an order.
type OrderRequest struct {
	Amount  ledger.Amount
	Receipt string
	// Unique says that the same receipt is the same order: a repeat hears it
	// again.
	Unique       bool
	Partial      bool
	FirstMin     ledger.Amount
	Capture      bool
	AutoExpiry   int64 // minutes; see Order
	ManualExpiry int64
	RefundSpeed  string
	Notes        Notes
	Transfers    []TransferTo
}

// check is what is wrong with the request itself.
func (q OrderRequest) check() error {
	switch {
	case q.Amount < MinOrder:
		return ledger.Refuse(ledger.Invalid, WhyOrderMin, "%d", q.Amount).In("amount")
	case q.Amount > ledger.MaxAmount:
		return ledger.Refuse(ledger.Invalid, WhyOrderMax, "%d", ledger.MaxAmount).In("amount")
	case q.FirstMin != 0 && (!q.Partial || q.FirstMin < MinOrder || q.FirstMin > q.Amount):
		return ledger.Refuse(ledger.Invalid, WhyFirstMin, "%d", q.FirstMin).In("first_payment_min_amount")
	case q.AutoExpiry != 0 && (q.AutoExpiry < MinAutoExpiry || q.AutoExpiry > MaxManualExpiry):
		return ledger.Refuse(ledger.Invalid, WhyCaptureTime, "%d", q.AutoExpiry).In("automatic_expiry_period")
	case q.ManualExpiry != 0 && (q.ManualExpiry < max(MinAutoExpiry, q.AutoExpiry) || q.ManualExpiry > MaxManualExpiry):
		return ledger.Refuse(ledger.Invalid, WhyCaptureTime, "%d", q.ManualExpiry).In("manual_expiry_period")
	}
	return nil
}

// CreateOrder asks a customer to pay, and keeps the transfers that are to be
// made once it is paid. With q.Unique, or if the terms say so, a receipt is
// used once: with q.Unique a repeat for the same amount hears the order that
// has it, as it is now.
//
// It refuses, in this order: Invalid; Duplicate (WhyReceipt) if the receipt was
// used; what transfers are refused for.
func (d *Desk) CreateOrder(ctx context.Context, book BookID, q OrderRequest) (Order, []Transfer, error) {
	if err := q.check(); err != nil {
		return Order{}, nil, err
	}
	var name ID
	if q.Receipt != "" {
		name = ID("receipt/" + q.Receipt)
	}
	reads := append(keyRef(name), refUnder[Terms](termsParent))
	for _, to := range q.Transfers {
		reads = append(reads, to.reads()...)
	}
	var o Order
	var waiting []Transfer
	err := d.change(ctx, book, reads, func(c *change) error {
		waiting = nil
		t, err := c.terms()
		if err != nil {
			return err
		}
		there, err := c.claimed(name)
		if err != nil {
			return err
		}
		if there != "" && (q.Unique || t.UniqueReceipt) {
			if o, err = need[Order](c, there, ""); err != nil {
				return err
			}
			if !q.Unique || o.Amount != q.Amount {
				return ledger.Refuse(ledger.Duplicate, WhyReceipt, "%s", there).In("receipt")
			}
			waiting, err = under[Transfer](c, o.ID)
			return err
		}
		o = Order{
			ID: c.NewID("order"), Amount: q.Amount, Receipt: q.Receipt, Status: OrderCreated, Capture: q.Capture,
			Partial: q.Partial, FirstMin: q.FirstMin, AutoExpiry: q.AutoExpiry, ManualExpiry: q.ManualExpiry,
			RefundSpeed: q.RefundSpeed, HasTransfers: len(q.Transfers) > 0, Notes: q.Notes, CreatedAt: c.now,
		}
		if o.HasTransfers {
			if waiting, err = c.orderTransfers(o, q.Transfers); err != nil {
				return err
			}
		}
		c.Put(o)
		if there != "" { // the first order keeps the receipt
			return nil
		}
		return c.claim(name, o.ID)
	})
	return o, waiting, err
}

// EditOrder replaces an order's notes: NotFound if there is no such order.
func (d *Desk) EditOrder(ctx context.Context, book BookID, id ID, notes Notes) (Order, error) {
	var o Order
	err := d.change(ctx, book, []Ref{ref[Order](id)}, func(c *change) (err error) {
		if o, err = need[Order](c, id, ""); err != nil {
			return err
		}
		o.Notes = notes
		c.Put(o)
		return nil
	})
	return o, err
}

// The states of an order. It is attempted from the first payment on, and paid
// once all of it is captured; it stays paid after refunds.
const (
	OrderCreated   = "created"
	OrderAttempted = "attempted"
	OrderPaid      = "paid"
)

// Due is what is still to be paid.
func (o Order) Due() ledger.Amount { return max(0, o.Amount.Sub(o.Paid)) }

// attempted counts a payment that was made for the order, failed ones too.
func (o Order) attempted() Order {
	o.Attempts++
	if o.Status == OrderCreated {
		o.Status = OrderAttempted
	}
	return o
}

// captures says whether a payment made at created and authorised now is
// captured at once.
func (o Order) captures(created, now ledger.Time) bool {
	return o.Capture && (o.AutoExpiry == 0 || now <= created.Add(time.Duration(o.AutoExpiry)*time.Minute))
}

// captureBy is until when a payment made at created waits for its capture.
func (o Order) captureBy(t Terms, created ledger.Time) ledger.Time {
	if o.ManualExpiry != 0 {
		return created.Add(time.Duration(o.ManualExpiry) * time.Minute)
	}
	return created.Add(time.Duration(t.CaptureWithin) * time.Second)
}

// Check is what must hold of an order: it is paid when and only when all of it
// was captured, and no more is refunded than was (I-5).
func (o Order) Check() error {
	if (o.Status == OrderPaid) != (o.Paid >= o.Amount) || o.Paid > o.Amount {
		return ledger.Refuse(ledger.Internal, ledger.WhyInvariant, "order %s is %s with %d of %d paid", o.ID, o.Status, o.Paid, o.Amount)
	}
	return ledger.Budget{Captured: o.Paid, Done: o.Refunded}.Check()
}
