package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"wapas/desk"
	"wapas/ledger"
)

// A clause is one of the rules that a book lives by: its name, what it means, and
// where it is.
type clause struct {
	name, means string
	at          func(t *desk.Terms) any // *string, *bool, *int64 or *ledger.Amount
}

// clauses are all of them, in the order in which people ask for them. Amounts
// are paise, shares basis points, times seconds.
var clauses = []clause{
	{"programme", "of wallets: closed, small_cash, small_nocash, full_kyc", func(t *desk.Terms) any { return &t.Programme }},
	{"allow_payout", "wallets that are not full_kyc may pay out to banks", func(t *desk.Terms) any { return &t.AllowPayout }},
	{"max_balance", "paise in one wallet; 0 is no limit", func(t *desk.Terms) any { return &t.MaxBalance }},
	{"monthly_load", "paise transferred into one wallet a month; 0 is no limit", func(t *desk.Terms) any { return &t.MonthlyLoad }},
	{"monthly_usage", "paise paid out of one wallet a month; 0 is no limit", func(t *desk.Terms) any { return &t.MonthlyUsage }},
	{"monthly_spend", "paise spent and paid out of one wallet a month; 0 is no limit", func(t *desk.Terms) any { return &t.MonthlySpend }},
	{"payment_bps", "fee of a payment, hundredths of a percent, before GST", func(t *desk.Terms) any { return &t.PaymentBps }},
	{"payment_flat", "and paise", func(t *desk.Terms) any { return &t.PaymentFlat }},
	{"transfer_bps", "fee of a transfer", func(t *desk.Terms) any { return &t.TransferBps }},
	{"transfer_flat", "and paise", func(t *desk.Terms) any { return &t.TransferFlat }},
	{"payout_bps", "fee of a payout", func(t *desk.Terms) any { return &t.PayoutBps }},
	{"payout_flat", "and paise", func(t *desk.Terms) any { return &t.PayoutFlat }},
	{"payout_fee_from_merchant", "the merchant pays it, not the wallet", func(t *desk.Terms) any { return &t.PayoutFeeFromMerchant }},
	{"instant_bps", "fee of an instant refund or settlement", func(t *desk.Terms) any { return &t.InstantBps }},
	{"instant_flat", "and paise", func(t *desk.Terms) any { return &t.InstantFlat }},
	{"interstate", "GST as IGST instead of CGST and SGST", func(t *desk.Terms) any { return &t.Interstate }},
	{"min_refund", "paise; the smallest refund", func(t *desk.Terms) any { return &t.MinRefund }},
	{"available_after", "seconds until captured money may be spent", func(t *desk.Terms) any { return &t.AvailableAfter }},
	{"capture_within", "seconds an authorised payment waits for its capture", func(t *desk.Terms) any { return &t.CaptureWithin }},
	{"overdraft", "paise that refunds may take the merchant's balance below zero", func(t *desk.Terms) any { return &t.Overdraft }},
	{"confirm_refunds", "a refund is shown as processed only once the rail has said so", func(t *desk.Terms) any { return &t.ConfirmRefunds }},
	{"unique_receipt", "a receipt may be used for one order", func(t *desk.Terms) any { return &t.UniqueReceipt }},
	{"use_refund_credits", "refunds are taken from refund credits first", func(t *desk.Terms) any { return &t.UseRefundCredits }},
	{"same_refund_guard", "seconds in which the same refund again is a duplicate; 0 is off", func(t *desk.Terms) any { return &t.SameRefundGuard }},
	{"remit_bps", "fee of a remittance, hundredths of a percent, GST included", func(t *desk.Terms) any { return &t.RemitBps }},
	{"remit_flat", "and paise", func(t *desk.Terms) any { return &t.RemitFlat }},
	{"commission_bps", "what the agent earns by it, hundredths of a percent", func(t *desk.Terms) any { return &t.CommissionBps }},
	{"commission_flat", "and paise", func(t *desk.Terms) any { return &t.CommissionFlat }},
	{"tds_bps", "tax kept back of that, hundredths of a percent", func(t *desk.Terms) any { return &t.TDSBps }},
	{"remit_max", "paise in one remittance; 0 is no limit", func(t *desk.Terms) any { return &t.RemitMax }},
	{"remit_monthly", "paise that one customer remits in a month; 0 is no limit", func(t *desk.Terms) any { return &t.RemitMonthly }},
	{"remit_consent", "no remittance without the customer's OTP", func(t *desk.Terms) any { return &t.RemitConsent }},
	{"consent_life", "seconds that a customer's OTP is good, 180 to 600; 0 is 300", func(t *desk.Terms) any { return &t.ConsentLife }},
	{"two_people_above", "paise above which an order ends by hand only on the same word of two people; 0 is off", func(t *desk.Terms) any { return &t.TwoPeopleAbove }},
}

func (p *program) terms() *cobra.Command {
	c := &cobra.Command{
		Use:   "terms",
		Short: "Show and set a book's fees, limits and windows",
		Long: `A book lives by terms: fees, limits of wallets, windows of time. They are dated:
new ones are in force from a moment on, and what was right before can still be
seen. A new book has no fees and the limits of the reference wallet.`,
		Example: "  wapas terms show\n  wapas terms set programme=full_kyc payment_bps=200 --mode live",
	}
	return group(c, p.termsShow(), p.termsSet())
}

func (p *program) termsShow() *cobra.Command {
	var s settler
	c := &cobra.Command{
		Use:     "show",
		Short:   "Show the terms in force",
		Example: "  wapas terms show --mode live --json",
		Args:    args(),
		RunE: p.unsealed(func(ctx context.Context, h *house, _ []string) error {
			book, err := bookOf(ctx, h, s.merchant, s.mode)
			if err != nil {
				return err
			}
			t, err := h.desk.Terms(ctx, book.ID)
			if err != nil {
				return err
			}
			return p.printTerms(t, s.asJSON)
		}),
	}
	s.flags(c)
	return p.with(c, "db")
}

func (p *program) termsSet() *cobra.Command {
	var s settler
	var from string
	c := &cobra.Command{
		Use:   "set NAME=VALUE…",
		Short: "Put changed terms in force, now or from a moment on",
		Long: `Put terms in force that differ from those in force in what is named. Amounts are
paise, shares hundredths of a percent, times seconds. "wapas terms show" lists
the names.`,
		Example: "  wapas terms set transfer_bps=25 payout_flat=500\n  wapas terms set max_balance=20000000 --from 2027-04-01T00:00:00+05:30",
		Args: func(c *cobra.Command, got []string) error {
			if len(got) == 0 {
				return args("NAME=VALUE…")(c, got)
			}
			return nil
		},
		RunE: p.unsealed(func(ctx context.Context, h *house, got []string) error {
			book, err := bookOf(ctx, h, s.merchant, s.mode)
			if err != nil {
				return err
			}
			t, err := h.desk.Terms(ctx, book.ID)
			if err != nil {
				return err
			}
			t.From = 0
			if from != "" {
				if t.From, err = moment(from); err != nil {
					return err
				}
			}
			for _, word := range got {
				if err := setClause(&t, word); err != nil {
					return err
				}
			}
			if t, err = h.desk.SetTerms(ctx, book.ID, t); err != nil {
				return err
			}
			return p.printTerms(t, s.asJSON)
		}),
	}
	s.flags(c)
	c.Flags().StringVar(&from, "from", "", "the moment, in the book's time, from which they are in force (default now)")
	return p.with(c, "db")
}

// setClause reads one NAME=VALUE into the terms.
func setClause(t *desk.Terms, word string) error {
	name, value, ok := strings.Cut(word, "=")
	for _, m := range clauses {
		if m.name != name || !ok {
			continue
		}
		var err error
		switch at := m.at(t).(type) {
		case *string:
			*at = value
		case *bool:
			*at, err = strconv.ParseBool(value)
		case *int64:
			*at, err = strconv.ParseInt(value, 10, 64)
		case *ledger.Amount:
			var paise int64
			paise, err = strconv.ParseInt(value, 10, 64)
			*at = ledger.Amount(paise)
		}
		if err != nil {
			return usagef("%s cannot be %q: %s", name, value, m.means)
		}
		return nil
	}
	return usagef("%q is no NAME=VALUE of the terms; \"wapas terms show\" lists the names", word)
}

// printTerms shows terms, each with its meaning.
func (p *program) printTerms(t desk.Terms, asJSON bool) error {
	if asJSON {
		all := map[string]any{"from": stamp(t.From)}
		for _, m := range clauses {
			all[m.name] = m.at(&t)
		}
		return p.json(all)
	}
	w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	if t.From != 0 {
		fmt.Fprintf(w, "in force from\t%s\t\n", stamp(t.From))
	}
	for _, m := range clauses {
		var value any
		switch at := m.at(&t).(type) {
		case *string:
			value = *at
		case *bool:
			value = *at
		case *int64:
			value = *at
		case *ledger.Amount:
			value = int64(*at)
		}
		fmt.Fprintf(w, "%s\t%v\t%s\n", m.name, value, m.means)
	}
	return w.Flush()
}
