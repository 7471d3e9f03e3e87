package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"wapas/desk"
	"wapas/ledger"
	"wapas/rail"
)

// A trigger makes an event happen in a test book, the way it happens in life:
// with the order, the payment and the rest that lead to it.
type trigger struct {
	event string
	how   string
	do    func(t *tester) error
}

var triggers = []trigger{
	{"payment.authorized", "a payment waits for its capture", func(t *tester) error { t.paid(false, ""); return t.err }},
	{"payment.captured", "a payment is captured", func(t *tester) error { t.paid(true, ""); return t.err }},
	{"payment.failed", "a bank says no", func(t *tester) error { t.paid(true, "failure@razorpay"); return t.err }},
	{"order.paid", "an order is paid", func(t *tester) error { t.paid(true, ""); return t.err }},
	{"refund.created", "a refund is accepted", func(t *tester) error { return t.refund(rail.ScenarioDone, desk.Normal) }},
	{"refund.processed", "a refund arrives after two seconds of the book's time", func(t *tester) error { return t.refund(rail.ScenarioDone, desk.Normal) }},
	{"refund.failed", "a bank refuses a refund", func(t *tester) error { return t.refund(rail.ScenarioRefused, desk.Normal) }},
	{"refund.speed_changed", "an instant refund goes the slow way", func(t *tester) error { return t.refund(rail.ScenarioSlow, desk.Optimum) }},
	{"transfer.processed", "a part of a payment goes to a wallet", func(t *tester) error { t.wallet(); return t.err }},
	{"payout.processed", "a wallet is paid out to a bank", func(t *tester) error { return t.payout(rail.ScenarioDone) }},
	{"payout.reversed", "a bank refuses a payout", func(t *tester) error { return t.payout(rail.ScenarioRefused) }},
	{"payment.dispute.created", "a bank disputes a payment", func(t *tester) error { t.dispute(); return t.err }},
	{"payment.dispute.lost", "a dispute is lost", func(t *tester) error {
		q := t.dispute()
		return t.try(func() error { _, err := t.desk.LoseDispute(t.ctx, t.book.ID, q); return err })
	}},
	{"payment.dispute.won", "a dispute is won", func(t *tester) error {
		q := t.dispute()
		return t.try(func() error { _, err := t.desk.WinDispute(t.ctx, t.book.ID, q); return err })
	}},
}

// A tester does things in a test book, until one fails.
type tester struct {
	*house
	ctx    context.Context
	book   desk.Book
	amount ledger.Amount
	err    error
}

func (t *tester) try(do func() error) error {
	if t.err == nil {
		t.err = do()
	}
	return t.err
}

// paid makes a payment of an order by UPI.
func (t *tester) paid(capture bool, vpa string) (p desk.Payment) {
	if vpa == "" {
		vpa = "asha@exampleupi"
	}
	t.try(func() error {
		o, _, err := t.desk.CreateOrder(t.ctx, t.book.ID, desk.OrderRequest{Amount: t.amount, Capture: capture, Receipt: "triggered"})
		if err != nil {
			return err
		}
		p, err = t.desk.CreatePayment(t.ctx, t.book.ID, desk.PaymentRequest{
			Order: o.ID, Amount: t.amount, Method: "upi", VPA: vpa, Email: "asha@example.com", Contact: "+919876543210"})
		return err
	})
	return p
}

func (t *tester) refund(scenario, speed string) error {
	p := t.paid(true, "")
	return t.try(func() error {
		_, err := t.desk.Refund(t.ctx, t.book.ID, desk.RefundRequest{Payment: p.ID, Full: true, Speed: speed, Outcome: scenario})
		return err
	})
}

// wallet loads a customer's wallet from a payment.
func (t *tester) wallet() (customer desk.ID) {
	spare := t.amount
	t.amount *= 2 // the transfer's fee comes out of the payment, too
	p := t.paid(true, "")
	t.amount = spare
	t.try(func() error {
		c, err := t.desk.CreateCustomer(t.ctx, t.book.ID, desk.CustomerRequest{Name: "Asha Nair", Contact: "+919876543210", Reuse: true})
		if err != nil {
			return err
		}
		customer = c.ID
		_, err = t.desk.TransferPayment(t.ctx, t.book.ID, desk.PaymentTransferRequest{Payment: p.ID, To: []desk.TransferTo{{Recipient: c.ID, Amount: t.amount}}})
		return err
	})
	return customer
}

func (t *tester) payout(scenario string) error {
	customer := t.wallet()
	return t.try(func() error {
		fa, err := t.desk.CreateFundAccount(t.ctx, t.book.ID, desk.FundAccountRequest{
			Customer: customer, Type: "bank_account", Name: "Asha Nair", IFSC: "HDFC0000053", Number: "11214311215411"})
		if err != nil {
			return err
		}
		_, err = t.desk.CreatePayout(t.ctx, t.book.ID, desk.PayoutRequest{
			Customer: customer, FundAccount: fa.ID, Amount: t.amount / 2, Purpose: "refund", Outcome: scenario})
		return err
	})
}

func (t *tester) dispute() (q desk.DisputeRequest) {
	p := t.paid(true, "")
	q = desk.DisputeRequest{Payment: p.ID, Amount: t.amount}
	t.try(func() error { _, err := t.desk.OpenDispute(t.ctx, t.book.ID, q); return err })
	return q
}

func (p *program) trigger() *cobra.Command {
	var s settler
	var rupees string
	var wait time.Duration
	var names []string
	var long strings.Builder
	for _, x := range triggers {
		names = append(names, x.event)
		fmt.Fprintf(&long, "  %-24s %s\n", x.event, x.how)
	}
	c := &cobra.Command{
		Use:   "trigger EVENT",
		Short: "Make an event really happen in a test book",
		Long: `Make an event happen in a test book, the way it happens in life: the order, the
payment and the rest that lead to it are made, the books are moved, and whoever
listens is told. There are:

` + long.String() + `
It does what is due, and waits for what takes a moment of the book's time.`,
		Example: `  wapas trigger refund.failed
  wapas trigger payout.reversed --amount 250.00`,
		Args:      args("EVENT"),
		ValidArgs: names,
		RunE: p.sealing(func(ctx context.Context, h *house, args []string) error {
			i := slices.IndexFunc(triggers, func(x trigger) bool { return x.event == args[0] })
			if i < 0 {
				return usagef("nobody can make %q happen; there are: %s", args[0], strings.Join(names, ", "))
			}
			book, err := bookOf(ctx, h, s.merchant, s.mode)
			if err != nil {
				return err
			}
			if book.Mode != desk.Test {
				return usagef("things are only made to happen in a test book")
			}
			amount, ok := ledger.ParseRupees(rupees)
			if !ok || amount < 200 {
				return usagef("--amount is rupees, 2 at least, such as 499.00")
			}
			t := &tester{house: h, ctx: ctx, book: book, amount: amount}
			if err := triggers[i].do(t); err != nil {
				return err
			}
			event, err := t.happened(args[0], wait)
			if err != nil {
				return err
			}
			if s.asJSON {
				return p.json(showEvent(event))
			}
			shown := showEvent(event)
			fmt.Fprintf(p.out, "event %d, %s: %s\n", shown.No, shown.Name, shown.about())
			return nil
		}),
	}
	s.flags(c)
	c.Flags().StringVar(&rupees, "amount", "499.00", "in rupees")
	c.Flags().DurationVar(&wait, "wait", 10*time.Second, "how long to wait for it")
	return p.with(c, "db", "key-file")
}

// happened does what is due until the event is there, and returns it: the first
// of its name behind the book's last event as it was before.
func (t *tester) happened(name string, wait time.Duration) (found desk.Event, err error) {
	end := time.Now().Add(wait)
	for after := t.book.Event; ; {
		if err := t.desk.RunDue(t.ctx, t.book.ID); err != nil {
			return found, err
		}
		page, err := t.store.Events(t.ctx, t.book.ID, after, 100)
		if err != nil {
			return found, err
		}
		for _, e := range page {
			if after = e.No; e.Name == name {
				return e, nil
			}
		}
		switch {
		case len(page) > 0:
		case t.book.Clock.Frozen != 0:
			return found, fmt.Errorf("what leads to it was done, but the book's clock stands still, so it will not happen: \"wapas clock move 5s\", or \"wapas clock real\"")
		case time.Now().After(end):
			return found, fmt.Errorf("what leads to it was done, but it has not happened in %s; \"wapas events --follow\" shows when it does", wait)
		default:
			time.Sleep(100 * time.Millisecond)
		}
	}
}
