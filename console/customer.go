package console

import (
	"strings"

	"wapas/desk"
	"wapas/ledger"
)

// beside is how many rows of a sort stand on the page of what they belong to.
const beside = 10

// A customerPage is all there is to know of a customer.
type customerPage struct {
	Customer desk.Customer
	Balance  desk.WalletBalance
	Parts    []share
	Limits   []limit
	Lines    []statementLine
	More     bool // there are older lines
	Waiting  []desk.Booking
	Held     []desk.Payment
	Banks    []desk.BankAccount
	Funds    []desk.FundAccount
	Payments []desk.Payment
	Refunds  []desk.Refund
	Payouts  []desk.Payout
}

// showCustomer is a customer's page: what there is, what may still be done with
// it, and how it came to be so.
func showCustomer(q *visit) error {
	p := customerPage{}
	if err := p.read(q, q.id("id")); err != nil {
		return err
	}
	return q.show("customer", "Customer "+string(p.Customer.ID), p)
}

// read looks everything up, each by an index.
func (p *customerPage) read(q *visit, id desk.ID) (err error) {
	d, ctx, book := q.desk(), q.Context(), q.book.ID
	if p.Customer, err = desk.Find[desk.Customer](ctx, d, book, id); err != nil {
		return err
	}
	if p.Balance, err = d.WalletBalance(ctx, book, id); err != nil {
		return err
	}
	p.Parts, p.Limits = sharesOf(p.Balance.Money), limitsOf(p.Balance)
	lines, err := d.Statement(ctx, desk.Query{Book: book, Parent: id, Count: beside + 1})
	if err != nil {
		return err
	}
	p.More = len(lines) > beside
	p.Lines = statementLines(lines[:min(len(lines), beside)])
	if p.Waiting, err = q.askedOf(id); err != nil {
		return err
	}
	if p.Balance.Held > 0 {
		if p.Held, err = q.heldOf(id); err != nil {
			return err
		}
	}
	under := desk.Query{Book: book, Parent: id, Count: perPage}
	if p.Banks, err = desk.List[desk.BankAccount](ctx, d, under); err != nil {
		return err
	}
	if p.Funds, err = desk.List[desk.FundAccount](ctx, d, under); err != nil {
		return err
	}
	of := desk.Query{Book: book, Where: map[string]string{"customer_id": string(id)}, Count: beside}
	if p.Payments, err = desk.List[desk.Payment](ctx, d, of); err != nil {
		return err
	}
	if p.Payouts, err = desk.List[desk.Payout](ctx, d, of); err != nil {
		return err
	}
	for _, pay := range p.Payments {
		if pay.Refunded+pay.RefundPending == 0 {
			continue
		}
		refunds, err := desk.List[desk.Refund](ctx, d, desk.Query{Book: book, Parent: pay.ID, Count: beside})
		if err != nil {
			return err
		}
		p.Refunds = append(p.Refunds, refunds...)
	}
	p.Refunds = p.Refunds[:min(len(p.Refunds), beside)]
	return nil
}

// askedOf are the corrections of a wallet that wait for a second person. All
// that wait in a book are looked at: they wait a day at most.
func (q *visit) askedOf(holder desk.ID) ([]desk.Booking, error) {
	all, err := desk.List[desk.Booking](q.Context(), q.desk(), desk.Query{Book: q.book.ID, Where: map[string]string{"state": desk.BookingAsked}, Count: 200})
	var its []desk.Booking
	for _, b := range all {
		if strings.HasSuffix(b.Debit, "/"+string(holder)) || strings.HasSuffix(b.Credit, "/"+string(holder)) {
			its = append(its, b)
		}
	}
	return its, err
}

// heldOf are the payments that money of a wallet is held for, among those that
// moved it last.
func (q *visit) heldOf(wallet desk.ID) ([]desk.Payment, error) {
	lines, err := q.desk().Store.Lines(q.Context(), desk.Query{Book: q.book.ID, Parent: desk.ID(ledger.Account(ledger.WalletHeld, string(wallet))), Count: perPage})
	var held []desk.Payment
	for _, l := range lines {
		if err != nil {
			break
		}
		if l.Reason != ledger.Held {
			continue
		}
		var p desk.Payment
		if p, err = desk.Find[desk.Payment](q.Context(), q.desk(), q.book.ID, l.Cause); p.Status == desk.PaymentAuthorized {
			held = append(held, p)
		}
	}
	return held, err
}

// freezeCustomer freezes a customer's wallet, or thaws it.
func freezeCustomer(q *visit) error {
	ask := desk.FreezeRequest{Holder: q.id("id"), Frozen: q.value("do") != "thaw", Reason: q.value("reason")}
	w, err := q.desk().FreezeWallet(q.Context(), q.book.ID, ask)
	switch {
	case ledger.CodeOf(err) == ledger.NotFound:
		return err
	case q.refused(err):
		return showCustomer(q)
	case err != nil:
		return err
	case w.Frozen:
		return q.done("customers/"+string(w.ID), "The wallet is frozen. Refunds still arrive.")
	}
	return q.done("customers/"+string(w.ID), "The wallet works again.")
}
