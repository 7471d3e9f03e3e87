package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"wapas/desk"
	"wapas/export"
	"wapas/ledger"
)

func (p *program) settle() *cobra.Command {
	c := &cobra.Command{
		Use:   "settle",
		Short: "Pay out what a merchant or a linked account may have, and say what the bank did",
		Long: `A settlement pays out what a merchant, or a linked account, may have. You start
it, you send the money with your bank, and you record what the bank did. In a
test book there is no bank: what was started is paid two minutes later by the
book's clock, unless you say otherwise before.`,
		Example: `  wapas settle start --mode live
  wapas settle paid setl_Qm1aB2cD3eF4gH AXISCN0123456789 --mode live`,
	}
	return group(c, p.settleStart(), p.settlePaid(), p.settleFailed(), p.settleList())
}

// A settler is what the settle verbs have in common: whose book it is, and how
// they answer.
type settler struct {
	merchant, mode string
	asJSON         bool
}

func (s *settler) flags(c *cobra.Command) {
	c.Flags().StringVar(&s.merchant, "merchant", "", "whose book (may be left out if there is one merchant)")
	c.Flags().StringVar(&s.mode, "mode", "test", "which book: test or live")
	c.Flags().BoolVar(&s.asJSON, "json", false, "print JSON")
}

// A settled is a settlement as it is shown. Amounts are paise.
type settled struct {
	ID          desk.ID       `json:"id"`
	Account     desk.ID       `json:"account"`
	Amount      ledger.Amount `json:"amount"`
	Fees        ledger.Amount `json:"fees"`
	Status      string        `json:"status"`
	UTR         string        `json:"utr,omitempty"`
	CreatedAt   string        `json:"created_at"`
	ProcessedAt string        `json:"processed_at,omitempty"`
}

func showSettled(s desk.Settlement) settled {
	return settled{s.ID, s.Account, s.Amount, s.Fee, s.State, s.UTR, stamp(s.CreatedAt), stamp(s.ProcessedAt)}
}

func (p *program) settleStart() *cobra.Command {
	var s settler
	var account string
	c := &cobra.Command{
		Use:   "start",
		Short: "Begin to pay out all that is available",
		Long: `Begin to pay out all that is available to the merchant, or with --account to a
linked account: its transfers that are not on hold and not settled yet. The
amount leaves the balance at once; it comes back if the settlement fails.`,
		Example: `  wapas settle start
  wapas settle start --account acc_Qm1aB2cD3eF4gH --mode live --json`,
		Args: args(),
		RunE: p.unsealed(func(ctx context.Context, h *house, _ []string) error {
			book, err := bookOf(ctx, h, s.merchant, s.mode)
			if err != nil {
				return err
			}
			made, err := h.desk.Settle(ctx, book.ID, desk.ID(account))
			if err != nil {
				return settleWords(err, book, account)
			}
			if s.asJSON {
				return p.json(showSettled(made))
			}
			fmt.Fprintf(p.out, "%s: %s rupees are on their way to %s\n", made.ID, made.Amount, made.Account)
			if book.Mode == desk.Test {
				_, err = fmt.Fprintln(p.out, "The test book's bank pays in two minutes of its clock: \"wapas clock move 2m\" moves it.")
			} else {
				_, err = fmt.Fprintf(p.out, "Send the money, then say what the bank did: wapas settle paid %s UTR --mode live, or settle failed.\n", made.ID)
			}
			return err
		}),
	}
	s.flags(c)
	c.Flags().StringVar(&account, "account", "", "the linked account to pay (default: the merchant)")
	return p.with(c, "db")
}

func (p *program) settlePaid() *cobra.Command {
	c, s := p.settleVerb("paid", "Record that the bank has paid, under its reference", "SETTLEMENT", "UTR")
	c.Example = "  wapas settle paid setl_Qm1aB2cD3eF4gH AXISCN0123456789 --mode live"
	c.RunE = p.unsealed(func(ctx context.Context, h *house, got []string) error {
		if !utrForm.MatchString(got[1]) {
			return usagef("%q is not a bank's reference: a UTR is 6 to 40 letters and digits", got[1])
		}
		return p.finish(ctx, h, *s, desk.SettlementOutcome{Settlement: desk.ID(got[0]), Paid: true, UTR: got[1]})
	})
	return p.with(c, "db")
}

// utrForm takes the references of NEFT, RTGS and IMPS, and what a simulated
// bank gives.
var utrForm = export.BankReference

func (p *program) settleFailed() *cobra.Command {
	c, s := p.settleVerb("failed", "Record that the bank has not paid: the money goes back to the balance", "SETTLEMENT")
	c.Example = "  wapas settle failed setl_Qm1aB2cD3eF4gH --mode live"
	c.RunE = p.unsealed(func(ctx context.Context, h *house, got []string) error {
		return p.finish(ctx, h, *s, desk.SettlementOutcome{Settlement: desk.ID(got[0])})
	})
	return p.with(c, "db")
}

func (p *program) settleVerb(name, short string, takes ...string) (*cobra.Command, *settler) {
	c := &cobra.Command{Use: name, Short: short, Args: args(takes...)}
	for _, a := range takes {
		c.Use += " " + a
	}
	s := &settler{}
	s.flags(c)
	return c, s
}

// finish records the bank's word.
func (p *program) finish(ctx context.Context, h *house, s settler, q desk.SettlementOutcome) error {
	book, err := bookOf(ctx, h, s.merchant, s.mode)
	if err != nil {
		return err
	}
	done, err := h.desk.FinishSettlement(ctx, book.ID, q)
	if err != nil {
		return settleWords(err, book, string(q.Settlement))
	}
	if s.asJSON {
		return p.json(showSettled(done))
	}
	if q.Paid {
		_, err = fmt.Fprintf(p.out, "%s: %s rupees were paid to %s, reference %s\n", done.ID, done.Amount, done.Account, done.UTR)
	} else {
		_, err = fmt.Fprintf(p.out, "%s failed: %s rupees are available to %s again\n", done.ID, done.Amount, done.Account)
	}
	return err
}

// settleWords says why a settlement was refused, and what to do about it.
func settleWords(err error, book desk.Book, about string) error {
	var e *ledger.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Why {
	case desk.WhySettleNothing:
		if about == "" {
			about = "the merchant"
		}
		return fmt.Errorf("there is nothing to settle for %s in the %s book: what was paid becomes available by the terms' days, and transfers on hold wait", about, book.Mode)
	case desk.WhyLinkedUnknown:
		return fmt.Errorf("there is no linked account %s in the %s book of %s", about, book.Mode, book.Merchant)
	case desk.WhyUnknownID:
		return fmt.Errorf("there is no settlement %s in the %s book of %s; \"wapas settle list\" shows them, with --mode live those of the live book", about, book.Mode, book.Merchant)
	case desk.WhySettled:
		return fmt.Errorf("%s already; what the bank did is recorded once", e.Detail)
	}
	return err
}

// listed is how many settlements of a sort are shown.
const listed = 100

// latest are a book's latest settlements of both sorts, ordinary and on demand,
// newest first.
func latest(ctx context.Context, h *house, book desk.BookID, waiting bool) ([]desk.Settlement, error) {
	var all []desk.Settlement
	for _, onDemand := range []string{"false", "true"} { // their ids do not sort together
		where := map[string]string{"on_demand": onDemand}
		if waiting {
			where["state"] = desk.SettlementCreated
		}
		some, err := desk.List[desk.Settlement](ctx, h.desk, desk.Query{Book: book, Where: where, Count: listed})
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	slices.SortStableFunc(all, func(a, b desk.Settlement) int { return cmp.Compare(b.CreatedAt, a.CreatedAt) })
	return all[:min(len(all), listed)], nil
}

func (p *program) settleList() *cobra.Command {
	var s settler
	var waiting bool
	c := &cobra.Command{
		Use:     "list",
		Short:   fmt.Sprintf("List the latest %d settlements, newest first", listed),
		Example: "  wapas settle list --mode live --waiting",
		Args:    args(),
		RunE: p.unsealed(func(ctx context.Context, h *house, _ []string) error {
			book, err := bookOf(ctx, h, s.merchant, s.mode)
			if err != nil {
				return err
			}
			all, err := latest(ctx, h, book.ID, waiting)
			if err != nil {
				return err
			}
			lines := make([]settled, len(all))
			for i, one := range all {
				lines[i] = showSettled(one)
			}
			if s.asJSON {
				return p.json(lines)
			}
			w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "SETTLEMENT\tACCOUNT\tRUPEES\tSTATUS\tUTR\tCREATED\tENDED")
			for _, l := range lines {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", l.ID, l.Account, l.Amount, l.Status, l.UTR, l.CreatedAt, l.ProcessedAt)
			}
			return w.Flush()
		}),
	}
	s.flags(c)
	c.Flags().BoolVar(&waiting, "waiting", false, "only those that wait for the bank's word")
	return p.with(c, "db")
}
