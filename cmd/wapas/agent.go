package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"wapas/desk"
	"wapas/ledger"
)

func (p *program) agent() *cobra.Command {
	c := &cobra.Command{
		Use:   "agent",
		Short: "Agents who send cash: open one, give it e-value, read what customers were texted",
		Long: `An agent takes cash from customers and sends it on from e-value that it bought
before: the Eko room. It is known by a user code, and belongs to an API user, the
initiator, by the API user's mobile number.`,
		Example: `  wapas agent open 20810200 --initiator 9962981729 --name "Asha Stores"
  wapas agent value 20810200 --amount 20000
  wapas agent owed
  wapas agent inbox --mobile 9123456789`,
	}
	return group(c, p.agentOpen(), p.agentList(), p.agentValue(), p.agentEnable("start", true), p.agentEnable("stop", false),
		p.agentOwed(), p.agentInbox(), p.agentOTP())
}

// An agentWire is an agent as it is shown. Its e-value is paise.
type agentWire struct {
	ID        desk.ID       `json:"id"`
	Code      string        `json:"user_code"`
	Initiator string        `json:"initiator_id"`
	Mobile    string        `json:"mobile,omitempty"`
	Name      string        `json:"name,omitempty"`
	Active    bool          `json:"active"`
	Value     ledger.Amount `json:"value"`
	CreatedAt string        `json:"created_at"`
}

func showAgent(a desk.Agent, value ledger.Amount) agentWire {
	return agentWire{a.ID, a.Code, a.Initiator, a.Mobile, a.Name, a.Active, value, stamp(a.CreatedAt)}
}

// An agency is what the verbs of agents have in common.
type agency struct {
	merchant, mode string
	asJSON         bool
}

func (s *agency) flags(c *cobra.Command) {
	c.Flags().StringVar(&s.merchant, "merchant", "", "whose agents (may be left out if there is one merchant)")
	c.Flags().StringVar(&s.mode, "mode", string(desk.Test), "test or live")
	c.Flags().BoolVar(&s.asJSON, "json", false, "print JSON")
}

// named finds an agent by its user code.
func (s *agency) named(ctx context.Context, h *house, code string) (desk.Book, desk.Agent, error) {
	book, err := bookOf(ctx, h, s.merchant, s.mode)
	if err != nil {
		return book, desk.Agent{}, err
	}
	all, err := desk.List[desk.Agent](ctx, h.desk, desk.Query{Book: book.ID, Where: map[string]string{"code": code}, Count: 1})
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("no agent has the user code %s; \"wapas agent list\" shows those there are", code)
	}
	if err != nil {
		return book, desk.Agent{}, err
	}
	return book, all[0], nil
}

// say prints an agent.
func (s *agency) say(ctx context.Context, p *program, h *house, book desk.Book, a desk.Agent, words string) error {
	value, err := h.desk.ValueOf(ctx, book.ID, a)
	if err != nil {
		return err
	}
	if s.asJSON {
		return p.json(showAgent(a, value))
	}
	_, err = fmt.Fprintf(p.out, "%s %s, with e-value of %s rupees\n", a.Code, words, value)
	return err
}

// agentWords says what is wrong with what was asked for.
func agentWords(err error) error {
	var e *ledger.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Why {
	case desk.WhyAgentCode:
		return usagef("a user code is 1 to 20 letters and digits")
	case desk.WhyMobile:
		return usagef("%q is not a mobile number of ten digits", e.Detail)
	case desk.WhyAgentExists:
		return fmt.Errorf("an agent has the user code %s already", e.Detail)
	case desk.WhyValueAmount:
		return usagef("--amount is more than nothing")
	case desk.WhyCode:
		return usagef("an OTP is six digits, %q or %q", desk.RandomCodes, desk.NoCodes)
	}
	return err
}

func (p *program) agentOpen() *cobra.Command {
	var s agency
	var q desk.AgentRequest
	c := &cobra.Command{
		Use:     "open USER_CODE",
		Short:   "Open an agent",
		Example: "  wapas agent open 20810200 --initiator 9962981729",
		Args:    args("USER_CODE"),
		RunE: p.unsealed(func(ctx context.Context, h *house, got []string) error {
			book, err := bookOf(ctx, h, s.merchant, s.mode)
			if err != nil {
				return err
			}
			q.Code = got[0]
			a, err := h.desk.OpenAgent(ctx, book.ID, q)
			if err != nil {
				return agentWords(err)
			}
			return s.say(ctx, p, h, book, a, "is open")
		}),
	}
	s.flags(c)
	c.Flags().StringVar(&q.Initiator, "initiator", "", "mobile number of the API user that it belongs to")
	c.Flags().StringVar(&q.Mobile, "mobile", "", "its own")
	c.Flags().StringVar(&q.Name, "name", "", "its name")
	c.MarkFlagRequired("initiator")
	return p.with(c, "db")
}

func (p *program) agentList() *cobra.Command {
	var s agency
	c := &cobra.Command{
		Use:     "list",
		Short:   "List the agents with their e-value",
		Example: "  wapas agent list --mode live",
		Args:    args(),
		RunE: p.unsealed(func(ctx context.Context, h *house, _ []string) error {
			book, err := bookOf(ctx, h, s.merchant, s.mode)
			if err != nil {
				return err
			}
			show := []agentWire{}
			for page := 0; ; page += listPage {
				some, err := desk.List[desk.Agent](ctx, h.desk, desk.Query{Book: book.ID, Oldest: true, Skip: page, Count: listPage})
				if err != nil {
					return err
				}
				for _, a := range some {
					value, err := h.desk.ValueOf(ctx, book.ID, a)
					if err != nil {
						return err
					}
					show = append(show, showAgent(a, value))
				}
				if len(some) < listPage {
					break
				}
			}
			if s.asJSON {
				return p.json(show)
			}
			if len(show) == 0 {
				_, err := fmt.Fprintln(p.out, `There are no agents; "wapas agent open" opens one.`)
				return err
			}
			t := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(t, "USER CODE\tINITIATOR\tNAME\tACTIVE\tE-VALUE")
			for _, a := range show {
				fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", a.Code, a.Initiator, a.Name, yes(a.Active), a.Value)
			}
			return t.Flush()
		}),
	}
	s.flags(c)
	return p.with(c, "db")
}

// listPage is how many rows are read in one go.
const listPage = 100

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func (p *program) agentValue() *cobra.Command {
	var s agency
	var amount string
	c := &cobra.Command{
		Use:   "value USER_CODE",
		Short: "Give an agent the e-value that it has paid for",
		Long: `Give an agent e-value, on your word that its money has come in at the bank: it is
booked as money in escrow.`,
		Example: "  wapas agent value 20810200 --amount 20000",
		Args:    args("USER_CODE"),
		RunE: p.unsealed(func(ctx context.Context, h *house, got []string) error {
			paid, err := rupees("--amount", amount)
			if err != nil {
				return err
			}
			book, a, err := s.named(ctx, h, got[0])
			if err != nil {
				return err
			}
			if _, err := h.desk.BuyValue(ctx, book.ID, desk.ValueRequest{Agent: a.ID, Amount: paid}); err != nil {
				return agentWords(err)
			}
			return s.say(ctx, p, h, book, a, "bought "+paid.String()+" rupees")
		}),
	}
	s.flags(c)
	c.Flags().StringVar(&amount, "amount", "", "rupees, as 20000 or 150.50")
	c.MarkFlagRequired("amount")
	return p.with(c, "db")
}

func (p *program) agentEnable(verb string, active bool) *cobra.Command {
	var s agency
	short, words := "Let an agent work again", "works"
	if !active {
		short, words = "Stop an agent: it may do nothing until it is started again", "is stopped"
	}
	c := &cobra.Command{
		Use:     verb + " USER_CODE",
		Short:   short,
		Example: "  wapas agent " + verb + " 20810200",
		Args:    args("USER_CODE"),
		RunE: p.unsealed(func(ctx context.Context, h *house, got []string) error {
			book, a, err := s.named(ctx, h, got[0])
			if err != nil {
				return err
			}
			if a, err = h.desk.EnableAgent(ctx, book.ID, a.ID, active); err != nil {
				return err
			}
			return s.say(ctx, p, h, book, a, words)
		}),
	}
	s.flags(c)
	return p.with(c, "db")
}

// An owedWire is a remittance whose cash must go back. Amounts are paise.
type owedWire struct {
	TID      string        `json:"tid"`
	Ref      string        `json:"client_ref_id"`
	Agent    desk.ID       `json:"agent"`
	Customer string        `json:"customer_id"`
	Amount   ledger.Amount `json:"amount"`
	Fee      ledger.Amount `json:"fee"`
	Since    string        `json:"since"`
	Reason   string        `json:"reason"`
}

func (p *program) agentOwed() *cobra.Command {
	var s agency
	c := &cobra.Command{
		Use:   "owed",
		Short: "List the failed remittances that nobody has refunded yet, the oldest first",
		Long: `List the remittances that failed and whose customers have not yet said that they
have the cash back. Each holds an agent's e-value: money that stays stuck if
nobody asks for it.`,
		Example: "  wapas agent owed --mode live --json",
		Args:    args(),
		RunE: p.unsealed(func(ctx context.Context, h *house, _ []string) error {
			book, err := bookOf(ctx, h, s.merchant, s.mode)
			if err != nil {
				return err
			}
			show, sum := []owedWire{}, ledger.Amount(0)
			for page := 0; ; page += listPage {
				some, err := h.desk.OwedTo(ctx, book.ID, "", "", page, listPage)
				if err != nil {
					return err
				}
				for _, r := range some {
					show = append(show, owedWire{r.TID, r.Ref, r.Agent, r.Customer, r.Amount, r.Fee, stamp(r.EndedAt), r.Reason})
					sum = sum.Add(r.Total())
				}
				if len(some) < listPage {
					break
				}
			}
			if s.asJSON {
				return p.json(show)
			}
			t := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(t, "TID\tREFERENCE\tCUSTOMER\tAMOUNT\tFEE\tSINCE\tREASON")
			for _, r := range show {
				fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.TID, r.Ref, desk.Masked(r.Customer), r.Amount, r.Fee, r.Since, r.Reason)
			}
			if err := t.Flush(); err != nil {
				return err
			}
			_, err = fmt.Fprintf(p.out, "%d owed, %s rupees\n", len(show), sum)
			return err
		}),
	}
	s.flags(c)
	return p.with(c, "db")
}

// A textWire is a text as the inbox shows it.
type textWire struct {
	To     string `json:"to"`
	Text   string `json:"text"`
	SentAt string `json:"sent_at,omitempty"`
}

func (p *program) agentInbox() *cobra.Command {
	var s player
	var mobile string
	var count int
	c := &cobra.Command{
		Use:     "inbox",
		Short:   "Read the texts that a test book's customers were sent, the newest first",
		Example: "  wapas agent inbox --mobile 9123456789 --count 1",
		Args:    args(),
		RunE: p.sealed(func(ctx context.Context, h *house, _ []string) error {
			book, err := bookOf(ctx, h, s.merchant, string(desk.Test))
			if err != nil {
				return err
			}
			if count < 1 {
				return usagef("--count is at least 1")
			}
			all, err := h.desk.Inbox(ctx, book.ID, mobile, "", count)
			if err != nil {
				return err
			}
			show := []textWire{}
			for _, m := range all {
				show = append(show, textWire{m.To, m.Text, stamp(m.SentAt)})
			}
			if s.asJSON {
				return p.json(show)
			}
			for _, m := range show {
				if _, err := fmt.Fprintf(p.out, "%s  %s  %s\n", m.SentAt, m.To, m.Text); err != nil {
					return err
				}
			}
			return nil
		}),
	}
	s.flags(c)
	c.Flags().StringVar(&mobile, "mobile", "", "only those to this number")
	c.Flags().IntVar(&count, "count", 10, "how many at most")
	return p.with(c, "db", "key-file")
}

func (p *program) agentOTP() *cobra.Command {
	var s player
	c := &cobra.Command{
		Use:   "otp MOBILE CODE",
		Short: "Say which code a mobile is sent in a test book: six digits, random, none or usual",
		Long: fmt.Sprintf(`In a test book every code is %s unless you say otherwise. CODE is six digits;
"random", as in a live book; "none", to send no code at all, as happens with old
transactions; or "usual". What was sent already stays as it was, and is good for
%s.`, desk.TestCode, howLong(int64(desk.ConsentLife/time.Second))),
		Example: "  wapas agent otp 9123456789 004711",
		Args:    args("MOBILE", "CODE"),
		RunE: p.unsealed(func(ctx context.Context, h *house, got []string) error {
			book, err := bookOf(ctx, h, s.merchant, string(desk.Test))
			if err != nil {
				return err
			}
			code := got[1]
			if code == "usual" {
				code = ""
			}
			if err := h.desk.SetOTP(ctx, book.ID, got[0], code); err != nil {
				return agentWords(err)
			}
			if s.asJSON {
				return p.json(map[string]string{"mobile": got[0], "otp": got[1]})
			}
			_, err = fmt.Fprintf(p.out, "%s is sent %s from now on\n", got[0], got[1])
			return err
		}),
	}
	s.flags(c)
	return p.with(c, "db")
}
