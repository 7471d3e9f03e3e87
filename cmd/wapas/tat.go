package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"wapas/desk"
	"wapas/ledger"
)

func (p *program) tat() *cobra.Command {
	c := &cobra.Command{
		Use:   "tat",
		Short: "Watch how long failed transactions take to reverse, and what is owed for it",
		Long: `Where a customer was debited and the transaction then failed, the money must be
back within the days of a rule. After that you owe 100 rupees for every calendar
day. A clock counts them: it accrues at midnight in India, and pays the
customer's wallet when you stop it. Remittances that failed and payouts that
came back run their clocks by themselves; others you start by hand.

Nothing is waived on the word of one person: another agrees with "wapas money
agree".`,
		Example: `  wapas tat start UPI_P2M pay_Qm1aB2cD3eF4gH --holder cust_Qm1aB2cD3eF4gH --day 2026-03-02
  wapas tat stop tat_Qm1aB2cD3eF4gH
  wapas tat list`,
	}
	return group(c, p.tatStart(), p.tatStop(), p.tatPay(), p.tatWaive(), p.tatList(), p.tatRules())
}

// A tatLine is a clock as it is shown. Amounts are paise.
type tatLine struct {
	ID        desk.ID       `json:"id"`
	Rule      string        `json:"rule"`
	Subject   desk.ID       `json:"subject"`
	Holder    desk.ID       `json:"holder,omitempty"`
	Day       string        `json:"day"`
	Due       string        `json:"due"`
	Stopped   string        `json:"stopped,omitempty"`
	Late      int64         `json:"days_late"`
	Accrued   ledger.Amount `json:"accrued"`
	State     string        `json:"state"`
	PaidTo    string        `json:"paid_to,omitempty"`
	Reference string        `json:"reference,omitempty"`
	Reason    string        `json:"reason,omitempty"`
}

func showTAT(t desk.TAT) tatLine {
	return tatLine{t.ID, t.Rule, t.Subject, t.Holder, t.Day.String(), t.Due.String(), t.Stopped.String(), t.Late, t.Accrued, t.State, t.PaidTo, t.Reference, t.Reason}
}

// tatVerb makes a verb that does something to a clock.
func (p *program) tatVerb(c *cobra.Command, s *settler, do func(ctx context.Context, d *desk.Desk, book desk.BookID, got []string) (desk.TAT, error)) *cobra.Command {
	s.flags(c)
	c.RunE = p.unsealed(func(ctx context.Context, h *house, got []string) error {
		book, err := bookOf(ctx, h, s.merchant, s.mode)
		if err != nil {
			return err
		}
		t, err := do(ctx, h.desk, book.ID, got)
		if err != nil {
			return tatWords(err)
		}
		if s.asJSON {
			return p.json(showTAT(t))
		}
		switch t.State {
		case desk.TATRunning:
			_, err = fmt.Fprintf(p.out, "%s: the money must be back by the end of %s\n", t.ID, t.Due)
		case desk.TATMet:
			_, err = fmt.Fprintf(p.out, "%s: in time, nothing is owed\n", t.ID)
		case desk.TATCompensated:
			_, err = fmt.Fprintf(p.out, "%s: %d days late, %s rupees were paid to %s\n", t.ID, t.Late, t.Accrued, t.PaidTo)
		default:
			_, err = fmt.Fprintf(p.out, "%s: %d days late, %s rupees are owed\n", t.ID, t.Late, t.Accrued)
		}
		return err
	})
	return p.with(c, "db")
}

// day reads a day; nothing is none.
func day(text string) (ledger.Day, error) {
	if text == "" {
		return 0, nil
	}
	d, ok := ledger.ParseDay(text)
	if !ok {
		return 0, usagef("a day is written as 2026-03-02: %q is not", text)
	}
	return d, nil
}

func (p *program) tatStart() *cobra.Command {
	var s settler
	var holder, on string
	c := &cobra.Command{
		Use: "start RULE SUBJECT", Short: "Start the clock of a transaction that failed",
		Example: "  wapas tat start UPI_P2M pay_Qm1aB2cD3eF4gH --holder cust_Qm1aB2cD3eF4gH --day 2026-03-02", Args: args("RULE", "SUBJECT"),
	}
	c.Flags().StringVar(&holder, "holder", "", "the customer or agent to compensate (default: nobody; what accrues stays payable)")
	c.Flags().StringVar(&on, "day", "", "when the transaction was, as 2026-03-02 (default: today)")
	return p.tatVerb(c, &s, func(ctx context.Context, d *desk.Desk, book desk.BookID, got []string) (desk.TAT, error) {
		when, err := day(on)
		if err != nil {
			return desk.TAT{}, err
		}
		return d.StartTAT(ctx, book, desk.TATRequest{Rule: got[0], Subject: desk.ID(got[1]), Holder: desk.ID(holder), Day: when})
	})
}

func (p *program) tatStop() *cobra.Command {
	var s settler
	var on string
	c := &cobra.Command{
		Use: "stop CLOCK", Short: "Say that the customer has the money again; what is owed is paid",
		Example: "  wapas tat stop tat_Qm1aB2cD3eF4gH --day 2026-03-10", Args: args("CLOCK"),
	}
	c.Flags().StringVar(&on, "day", "", "since when, as 2026-03-10 (default: today)")
	return p.tatVerb(c, &s, func(ctx context.Context, d *desk.Desk, book desk.BookID, got []string) (desk.TAT, error) {
		when, err := day(on)
		if err != nil {
			return desk.TAT{}, err
		}
		return d.StopTAT(ctx, book, desk.TATStop{TAT: desk.ID(got[0]), Day: when})
	})
}

func (p *program) tatPay() *cobra.Command {
	var s settler
	var to, ref string
	c := &cobra.Command{
		Use: "pay CLOCK", Short: "Pay what a stopped clock still owes, to a wallet or an agent, or by your bank",
		Example: "  wapas tat pay tat_Qm1aB2cD3eF4gH --ref HDFCN52026031000001", Args: args("CLOCK"),
	}
	c.Flags().StringVar(&to, "to", "", "the customer or agent")
	c.Flags().StringVar(&ref, "ref", "", "the reference under which your own bank paid it")
	return p.tatVerb(c, &s, func(ctx context.Context, d *desk.Desk, book desk.BookID, got []string) (desk.TAT, error) {
		return d.PayTAT(ctx, book, desk.TATPayment{TAT: desk.ID(got[0]), To: desk.ID(to), Reference: ref})
	})
}

func (p *program) tatWaive() *cobra.Command {
	s := &teller{}
	c := s.verb(p, "waive", "Ask to pay nothing for a clock; another person must agree", "waive tat_Qm1aB2cD3eF4gH --by Asha --note \"the customer did not come\"",
		[]string{"CLOCK"}, func(ctx context.Context, d *desk.Desk, book desk.BookID, got []string) (desk.Booking, error) {
			b, err := d.WaiveTAT(ctx, book, desk.Waiver{TAT: desk.ID(got[0]), By: s.by, Note: s.note})
			return b, tatWords(err)
		})
	c.Example = "  wapas tat waive tat_Qm1aB2cD3eF4gH --by Asha --note \"the customer did not come\""
	return c
}

// tatStates are the states of a clock.
var tatStates = []string{desk.TATRunning, desk.TATMet, desk.TATBreached, desk.TATCompensated, desk.TATWaived}

func (p *program) tatList() *cobra.Command {
	var s settler
	var state string
	c := &cobra.Command{
		Use:     "list",
		Short:   fmt.Sprintf("List the latest %d clocks, newest first", listed),
		Example: "  wapas tat list --state breached --json",
		Args:    args(),
		RunE: p.unsealed(func(ctx context.Context, h *house, _ []string) error {
			book, err := bookOf(ctx, h, s.merchant, s.mode)
			if err != nil {
				return err
			}
			q := desk.Query{Book: book.ID, Count: listed}
			if state != "" && !slices.Contains(tatStates, state) {
				return usagef("no clock is ever %q; it is %s", state, strings.Join(tatStates, ", "))
			}
			if state != "" {
				q.Where = map[string]string{"state": state}
			}
			all, err := desk.List[desk.TAT](ctx, h.desk, q)
			if err != nil {
				return err
			}
			lines := make([]tatLine, len(all))
			for i, t := range all {
				lines[i] = showTAT(t)
			}
			if s.asJSON {
				return p.json(lines)
			}
			w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "CLOCK\tRULE\tSUBJECT\tDAY\tDUE\tSTOPPED\tLATE\tRUPEES\tSTATE")
			for _, l := range lines {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\n", l.ID, l.Rule, l.Subject, l.Day, l.Due, l.Stopped, l.Late, l.Accrued, l.State)
			}
			return w.Flush()
		}),
	}
	s.flags(c)
	c.Flags().StringVar(&state, "state", "", "only those that are running, met, breached, compensated or waived")
	return p.with(c, "db")
}

func (p *program) tatRules() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "rules", Short: "List the rules, with the days they allow", Example: "  wapas tat rules", Args: args(),
		RunE: func(*cobra.Command, []string) error {
			type line struct {
				Rule    string        `json:"rule"`
				Version int64         `json:"version"`
				About   string        `json:"about"`
				Days    int64         `json:"days"`
				PerDay  ledger.Amount `json:"per_day"`
				From    string        `json:"from"`
			}
			var lines []line
			for _, r := range desk.TATRules() {
				lines = append(lines, line{r.Code, r.Version, r.About, r.Days, r.PerDay, r.From.String()})
			}
			if asJSON {
				return p.json(lines)
			}
			w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "RULE\tDAYS\tRUPEES A DAY\tFROM\tWHAT FAILED")
			for _, l := range lines {
				fmt.Fprintf(w, "%s\tT+%d\t%s\t%s\t%s\n", l.Rule, l.Days, l.PerDay, l.From, l.About)
			}
			return w.Flush()
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// tatRuleNames are the rules' codes, each with what failed.
func tatRuleNames() (names []string) {
	for _, r := range desk.TATRules() {
		names = append(names, r.Code+"\t"+r.About)
	}
	return names
}

// tatWords says why something about a clock was refused.
func tatWords(err error) error {
	var e *ledger.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Why {
	case desk.WhyTATRule:
		return usagef("there is no rule %s; \"wapas tat rules\" lists them", e.Detail)
	case desk.WhyTATDay:
		return usagef("the day has not come, or is before the transaction: %s", e.Detail)
	case desk.WhyTATNobody:
		return usagef("say to whom it is paid, with --to, or under which reference of your bank, with --ref")
	case desk.WhyTATReason:
		return usagef("say who and why: --by NAME --note TEXT")
	case desk.WhyTATTwice:
		return fmt.Errorf("it has a clock of this rule already: %s", e.Detail)
	case desk.WhyTATState:
		return fmt.Errorf("nothing to do: %s", e.Detail)
	}
	return err
}
