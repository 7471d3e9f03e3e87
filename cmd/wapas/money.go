package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"wapas/desk"
	"wapas/ledger"
)

func (p *program) money() *cobra.Command {
	c := &cobra.Command{
		Use:   "money",
		Short: "Book what the operator does with money: own funds, providers' payments, sweeps, taxes",
		Long: `What no customer and no rail moves, you book on the word of a bank or a
provider, under its reference. The reference is the key: booking the same again
changes nothing, and another amount under it is refused.

Amounts are in rupees. Whose money it is, the accounts say: see docs/accounting.md.`,
		Example: `  wapas money own-funds 100000 --ref HDFCN52026010500001 --mode live
  wapas money provider-settled sim 982.30 --cost 15 --tax 2.70 --ref setl_1 --mode live
  wapas money list --mode live`,
	}
	return group(c, p.moneyOwnFunds(), p.moneySettled(), p.moneyTopUp(), p.moneySweep(), p.moneyGST(), p.moneyCashback(),
		p.moneyUnknown(), p.moneyIdentify(), p.moneyAdjust(), p.moneyAgree(), p.moneyList())
}

// A teller is what the money verbs have in common.
type teller struct {
	settler
	ref, note, by string
}

func (s *teller) flags(c *cobra.Command) {
	s.settler.flags(c)
	c.Flags().StringVar(&s.ref, "ref", "", "the bank's or provider's reference")
	c.Flags().StringVar(&s.note, "note", "", "why, for who reads the books later")
	c.Flags().StringVar(&s.by, "by", "", "who says so")
}

// request makes the request of an amount as it was typed.
func (s *teller) request(amount string) (desk.MoneyRequest, error) {
	a, err := rupees("the amount", amount)
	return desk.MoneyRequest{Amount: a, Reference: s.ref, Note: s.note, By: s.by}, err
}

// rupees reads an amount; nothing is nothing.
func rupees(what, text string) (ledger.Amount, error) {
	if text == "" {
		return 0, nil
	}
	a, ok := ledger.ParseRupees(text)
	if !ok {
		return 0, usagef("%s is rupees, as 100000 or 982.30: %q is not", what, text)
	}
	return a, nil
}

// A booked is a booking as it is shown. Amounts are paise.
type booked struct {
	ID         desk.ID       `json:"id"`
	What       string        `json:"what"`
	Amount     ledger.Amount `json:"amount"`
	Cost       ledger.Amount `json:"cost,omitempty"`
	Tax        ledger.Amount `json:"tax,omitempty"`
	Party      string        `json:"party,omitempty"`
	About      desk.ID       `json:"about,omitempty"`
	Debit      string        `json:"debit,omitempty"`
	Credit     string        `json:"credit,omitempty"`
	Identified ledger.Amount `json:"identified,omitempty"`
	Reference  string        `json:"reference,omitempty"`
	Note       string        `json:"note,omitempty"`
	By         string        `json:"by,omitempty"`
	Second     string        `json:"second,omitempty"`
	State      string        `json:"state"`
	CreatedAt  string        `json:"created_at"`
	DoneAt     string        `json:"done_at,omitempty"`
}

func showBooked(b desk.Booking) booked {
	return booked{b.ID, b.What, b.Amount, b.Cost, b.Tax, b.Party, b.Of, b.Debit, b.Credit, b.Identified,
		b.Reference, b.Note, b.By, b.Second, b.State, stamp(b.CreatedAt), stamp(b.DoneAt)}
}

// verb makes a verb that books something.
func (s *teller) verb(p *program, use, short, example string, takes []string,
	do func(ctx context.Context, d *desk.Desk, book desk.BookID, got []string) (desk.Booking, error)) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short, Example: "  wapas money " + example, Args: args(takes...)}
	for _, a := range takes {
		c.Use += " " + a
	}
	s.flags(c)
	c.RunE = p.unsealed(func(ctx context.Context, h *house, got []string) error {
		book, err := bookOf(ctx, h, s.merchant, s.mode)
		if err != nil {
			return err
		}
		b, err := do(ctx, h.desk, book.ID, got)
		if err != nil {
			return moneyWords(err)
		}
		if s.asJSON {
			return p.json(showBooked(b))
		}
		return p.sayBooked(b)
	})
	return p.with(c, "db")
}

// sayBooked says what became of a booking.
func (p *program) sayBooked(b desk.Booking) error {
	var err error
	switch b.State {
	case desk.BookingAsked:
		_, err = fmt.Fprintf(p.out, "%s waits for another person: wapas money agree %s --by NAME, within a day\n", b.ID, b.ID)
	default:
		_, err = fmt.Fprintf(p.out, "%s: %s, %s rupees, is booked\n", b.ID, b.What, b.Amount)
	}
	return err
}

func (p *program) moneyOwnFunds() *cobra.Command {
	s := &teller{}
	return s.verb(p, "own-funds", "The operator's own money came in to its own account", "own-funds 100000 --ref HDFCN52026010500001",
		[]string{"RUPEES"}, func(ctx context.Context, d *desk.Desk, book desk.BookID, got []string) (desk.Booking, error) {
			q, err := s.request(got[0])
			if err != nil {
				return desk.Booking{}, err
			}
			return d.OwnFunds(ctx, book, q)
		})
}

func (p *program) moneySettled() *cobra.Command {
	s := &teller{}
	var cost, tax string
	c := s.verb(p, "provider-settled", "A provider paid what it had captured into escrow, less its cost",
		"provider-settled sim 1000 --cost 15 --tax 2.70 --ref setl_1", []string{"PROVIDER", "GROSS"},
		func(ctx context.Context, d *desk.Desk, book desk.BookID, got []string) (desk.Booking, error) {
			q := desk.ProviderSettlement{Provider: got[0]}
			var err, err2, err3 error
			q.MoneyRequest, err = s.request(got[1])
			q.Cost, err2 = rupees("--cost", cost)
			q.Tax, err3 = rupees("--tax", tax)
			if err = firstOf(err, err2, err3); err != nil {
				return desk.Booking{}, err
			}
			return d.ProviderSettled(ctx, book, q)
		})
	c.Flags().StringVar(&cost, "cost", "", "what the provider kept, in rupees")
	c.Flags().StringVar(&tax, "tax", "", "the tax on that, in rupees")
	return c
}

// firstOf is the first error there is.
func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *program) moneyTopUp() *cobra.Command {
	s := &teller{}
	return s.verb(p, "top-up", "Escrow money was moved to a partner, who pays out from it", "top-up sim 2000 --ref HDFCN52026010500002",
		[]string{"PARTNER", "RUPEES"}, func(ctx context.Context, d *desk.Desk, book desk.BookID, got []string) (desk.Booking, error) {
			q, err := s.request(got[1])
			if err != nil {
				return desk.Booking{}, err
			}
			return d.TopUpFloat(ctx, book, desk.TopUp{MoneyRequest: q, Partner: got[0]})
		})
}

func (p *program) moneySweep() *cobra.Command {
	s := &teller{}
	return s.verb(p, "sweep", "Earned fees were moved from escrow to the operator's own account", "sweep 151.46 --ref HDFCN52026010500003",
		[]string{"RUPEES"}, func(ctx context.Context, d *desk.Desk, book desk.BookID, got []string) (desk.Booking, error) {
			q, err := s.request(got[0])
			if err != nil {
				return desk.Booking{}, err
			}
			return d.SweepFees(ctx, book, q)
		})
}

func (p *program) moneyGST() *cobra.Command {
	s := &teller{}
	var cgst, sgst, igst, input string
	c := s.verb(p, "gst", "Collected tax was paid to the state from the operator's own account",
		"gst --cgst 12.90 --sgst 12.90 --input 2.70 --ref CPIN26010500001", nil,
		func(ctx context.Context, d *desk.Desk, book desk.BookID, _ []string) (desk.Booking, error) {
			var q desk.GSTPayment
			var err, err2, err3, err4 error
			q.MoneyRequest, _ = s.request("")
			q.CGST, err = rupees("--cgst", cgst)
			q.SGST, err2 = rupees("--sgst", sgst)
			q.IGST, err3 = rupees("--igst", igst)
			q.Input, err4 = rupees("--input", input)
			if err = firstOf(err, err2, err3, err4); err != nil {
				return desk.Booking{}, err
			}
			if q.CGST+q.SGST+q.IGST == 0 {
				return desk.Booking{}, usagef("say what was paid: --cgst and --sgst, or --igst")
			}
			return d.PayGST(ctx, book, q)
		})
	c.Flags().StringVar(&cgst, "cgst", "", "central tax, in rupees")
	c.Flags().StringVar(&sgst, "sgst", "", "state tax, in rupees")
	c.Flags().StringVar(&igst, "igst", "", "tax between states, in rupees")
	c.Flags().StringVar(&input, "input", "", "what is set off by tax that we paid ourselves, in rupees")
	return c
}

func (p *program) moneyCashback() *cobra.Command {
	s := &teller{}
	return s.verb(p, "cashback", "Give a customer cashback at the operator's cost, not the merchant's; above the terms' limit it takes two people", "cashback cust_Qm1aB2cD3eF4gH 50 --ref DIWALI-1",
		[]string{"CUSTOMER", "RUPEES"}, func(ctx context.Context, d *desk.Desk, book desk.BookID, got []string) (desk.Booking, error) {
			q, err := s.request(got[1])
			if err != nil {
				return desk.Booking{}, err
			}
			return d.GiveOwnCashback(ctx, book, desk.OwnCashback{MoneyRequest: q, Customer: desk.ID(got[0])})
		})
}

func (p *program) moneyUnknown() *cobra.Command {
	s := &teller{}
	return s.verb(p, "unknown", "Money came into escrow, and nobody knows whose it is", "unknown 70 --ref IMPS600112345",
		[]string{"RUPEES"}, func(ctx context.Context, d *desk.Desk, book desk.BookID, got []string) (desk.Booking, error) {
			q, err := s.request(got[0])
			if err != nil {
				return desk.Booking{}, err
			}
			return d.UnknownReceipt(ctx, book, q)
		})
}

func (p *program) moneyIdentify() *cobra.Command {
	s := &teller{}
	return s.verb(p, "identify", "Give an unknown receipt, or a part of it, to the account it belongs to; above the terms' limit it takes two people",
		"identify bok_Qm1aB2cD3eF4gH 2100/cust_Qm1aB2cD3eF4gH 40", []string{"RECEIPT", "ACCOUNT", "RUPEES"},
		func(ctx context.Context, d *desk.Desk, book desk.BookID, got []string) (desk.Booking, error) {
			q, err := s.request(got[2])
			if err != nil {
				return desk.Booking{}, err
			}
			return d.IdentifyReceipt(ctx, book, desk.Identification{MoneyRequest: q, Receipt: desk.ID(got[0]), To: ledger.AccountID(got[1])})
		})
}

func (p *program) moneyAdjust() *cobra.Command {
	s := &teller{}
	return s.verb(p, "adjust", "Move money by hand from one account to another; above the terms' limit it takes two people",
		`adjust 5040 2100/cust_Qm1aB2cD3eF4gH 50 --by Asha --note "paid twice at the counter"`, []string{"DEBIT", "CREDIT", "RUPEES"},
		func(ctx context.Context, d *desk.Desk, book desk.BookID, got []string) (desk.Booking, error) {
			q, err := s.request(got[2])
			if err != nil {
				return desk.Booking{}, err
			}
			return d.Adjust(ctx, book, desk.Adjustment{MoneyRequest: q, Debit: ledger.AccountID(got[0]), Credit: ledger.AccountID(got[1])})
		})
}

func (p *program) moneyAgree() *cobra.Command {
	s := &teller{}
	return s.verb(p, "agree", "Agree to what another person asked", "agree bok_Qm1aB2cD3eF4gH --by Ravi",
		[]string{"BOOKING"}, func(ctx context.Context, d *desk.Desk, book desk.BookID, got []string) (desk.Booking, error) {
			return d.Agree(ctx, book, desk.Agreement{Booking: desk.ID(got[0]), By: s.by})
		})
}

func (p *program) moneyList() *cobra.Command {
	var s settler
	var asked bool
	c := &cobra.Command{
		Use:     "list",
		Short:   fmt.Sprintf("List the latest %d bookings, newest first", listed),
		Example: "  wapas money list --asked --mode live",
		Args:    args(),
		RunE: p.unsealed(func(ctx context.Context, h *house, _ []string) error {
			book, err := bookOf(ctx, h, s.merchant, s.mode)
			if err != nil {
				return err
			}
			q := desk.Query{Book: book.ID, Count: listed}
			if asked {
				q.Where = map[string]string{"state": desk.BookingAsked}
			}
			all, err := desk.List[desk.Booking](ctx, h.desk, q)
			if err != nil {
				return err
			}
			lines := make([]booked, len(all))
			for i, b := range all {
				lines[i] = showBooked(b)
			}
			if s.asJSON {
				return p.json(lines)
			}
			w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "BOOKING\tWHAT\tRUPEES\tSTATE\tREFERENCE\tBY\tCREATED")
			for _, l := range lines {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", l.ID, l.What, l.Amount, l.State, l.Reference, l.By, l.CreatedAt)
			}
			return w.Flush()
		}),
	}
	s.flags(c)
	c.Flags().BoolVar(&asked, "asked", false, "only what waits for another person")
	return p.with(c, "db")
}

// moneyWords says why a booking was refused, and what to do about it.
func moneyWords(err error) error {
	var e *ledger.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Why {
	case desk.WhyMoneyReference:
		return usagef("--ref takes the bank's or provider's reference: %s", e.Detail)
	case desk.WhyMoneyPerson:
		return usagef("say who and why: --by NAME --note TEXT")
	case desk.WhyKeyMismatch, desk.WhyHandleUsed:
		return fmt.Errorf("something else is booked under this reference already; \"wapas money list\" shows it")
	case desk.WhyMoneySame:
		return fmt.Errorf("it takes another person than the one who asked: %s", e.Detail)
	case desk.WhyMoneyParty:
		return usagef("%s: %s", e.Field, e.Detail)
	}
	return err
}
