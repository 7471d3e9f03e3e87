package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"wapas/desk"
	"wapas/ledger"
)

func (p *program) person() *cobra.Command {
	c := &cobra.Command{
		Use:   "person",
		Short: "People who may sign in to the console, and what they may do",
		Long: `People who may sign in to the console. Each has a role:

  viewer   looks at everything, with phones, e-mails and accounts masked
  support  sees them, makes refunds as far as one person may, replays webhooks
  finance  refunds of any amount, bookings, outcomes by hand, agreeing, exports
  admin    all that, and keys, webhooks, terms and people`,
		Example: "  wapas person add asha@example.in --role finance\n  wapas person list",
	}
	return group(c, p.personAdd(), p.personList(), p.personRole(), p.personPassword(), p.personAble("disable", true), p.personAble("enable", false))
}

// A personLine is a person as the program prints them.
type personLine struct {
	ID         desk.ID   `json:"id"`
	Merchant   desk.ID   `json:"merchant"`
	Email      string    `json:"email"`
	Name       string    `json:"name"`
	Role       desk.Role `json:"role"`
	Password   string    `json:"password,omitempty"` // that was made up: shown once
	CreatedAt  string    `json:"created_at"`
	LastSeen   string    `json:"last_seen,omitempty"`
	DisabledAt string    `json:"disabled_at,omitempty"`
}

func showPerson(x desk.Person) personLine {
	return personLine{ID: x.ID, Merchant: x.Merchant, Email: x.Email, Name: x.Name, Role: x.Role,
		CreatedAt: stamp(x.CreatedAt), LastSeen: stamp(x.LastSeen), DisabledAt: stamp(x.DisabledAt)}
}

// sayPerson prints a person and, if one was made up, the password.
func (p *program) sayPerson(x desk.Person, made string, asJSON bool, did string) error {
	l := showPerson(x)
	l.Password = made
	if asJSON {
		return p.json(l)
	}
	fmt.Fprintf(p.out, "%s %s, %s, %s\n", did, x.Email, x.Role, x.ID)
	if made != "" {
		fmt.Fprintf(p.out, "password  %s\nIt is shown this once.\n", made)
	}
	return nil
}

func (p *program) personAdd() *cobra.Command {
	var merchant, role, name string
	var pw passwordFlags
	var asJSON bool
	c := &cobra.Command{
		Use:   "add EMAIL",
		Short: "Let somebody sign in to the console",
		Long: `Let somebody sign in to the console. The password is asked for; if nobody is at
the terminal, one is made up and printed once. --password-stdin reads it.`,
		Example: `  wapas person add asha@example.in --role finance --name "Asha Rao"
  wapas person add ravi@example.in --role support --generate --json
  pass show wapas | wapas person add ops@example.in --role admin --password-stdin`,
		Args: args("EMAIL"),
		RunE: p.unsealed(func(ctx context.Context, h *house, got []string) error {
			of, err := merchantOf(ctx, h, merchant)
			if err != nil {
				return err
			}
			password, made, err := p.password(pw)
			if err != nil {
				return err
			}
			x, err := h.desk.AddPerson(ctx, desk.PersonRequest{Merchant: of, Email: got[0], Name: name, Role: desk.Role(role), Password: password})
			if err != nil {
				return err
			}
			return p.sayPerson(x, made, asJSON, "added")
		}),
	}
	c.Flags().StringVar(&merchant, "merchant", "", "whose books (may be left out if there is one merchant)")
	c.Flags().StringVar(&role, "role", string(desk.Viewer), "viewer, support, finance or admin")
	c.Flags().StringVar(&name, "name", "", "what colleagues call them (default: the e-mail's first part)")
	pw.flags(c)
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return p.with(c, "db")
}

func (p *program) personList() *cobra.Command {
	var merchant string
	var asJSON bool
	c := &cobra.Command{
		Use:     "list",
		Short:   "List people, with their roles",
		Example: "  wapas person list --merchant Qm1aB2cD3eF4gH --json",
		Args:    args(),
		RunE: p.unsealed(func(ctx context.Context, h *house, _ []string) error {
			merchants, err := h.store.Merchants(ctx)
			if err != nil {
				return err
			}
			lines := []personLine{}
			for _, m := range merchants {
				if merchant != "" && string(m.ID) != merchant {
					continue
				}
				all, err := h.desk.People(ctx, m.ID)
				if err != nil {
					return err
				}
				for _, x := range all {
					lines = append(lines, showPerson(x))
				}
			}
			if asJSON {
				return p.json(lines)
			}
			w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "MERCHANT\tE-MAIL\tNAME\tROLE\tLAST SEEN\tDISABLED")
			for _, l := range lines {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", l.Merchant, l.Email, l.Name, l.Role, l.LastSeen, l.DisabledAt)
			}
			return w.Flush()
		}),
	}
	c.Flags().StringVar(&merchant, "merchant", "", "only this merchant's")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return p.with(c, "db")
}

func (p *program) personRole() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "role EMAIL ROLE",
		Short:   "Give somebody another role",
		Long:    "Give somebody another role. It holds within five seconds, also for who is signed in.",
		Example: "  wapas person role ravi@example.in finance",
		Args:    args("EMAIL", "ROLE"),
		RunE: p.unsealed(func(ctx context.Context, h *house, got []string) error {
			role := desk.Role(got[1])
			return p.editPerson(ctx, h, got[0], desk.PersonChange{Role: &role}, asJSON, "changed")
		}),
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return p.with(c, "db")
}

func (p *program) personPassword() *cobra.Command {
	var pw passwordFlags
	var asJSON bool
	c := &cobra.Command{
		Use:   "password EMAIL",
		Short: "Give somebody another password, and end their sessions",
		Long: `Give somebody another password. Wherever they are signed in, they are not any
more, within five seconds.`,
		Example: "  wapas person password asha@example.in\n  wapas person password asha@example.in --generate",
		Args:    args("EMAIL"),
		RunE: p.unsealed(func(ctx context.Context, h *house, got []string) error {
			x, err := h.desk.PersonNamed(ctx, got[0])
			if err != nil {
				return err
			}
			password, made, err := p.password(pw)
			if err != nil {
				return err
			}
			if x, err = h.desk.SetPassword(ctx, x.ID, password); err != nil {
				return err
			}
			return p.sayPerson(x, made, asJSON, "changed")
		}),
	}
	pw.flags(c)
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return p.with(c, "db")
}

func (p *program) personAble(verb string, off bool) *cobra.Command {
	var asJSON bool
	short, did := "Let somebody sign in again", "enabled"
	if off {
		short, did = "End somebody's sessions and let them in no more", "disabled"
	}
	c := &cobra.Command{
		Use: verb + " EMAIL", Short: short, Example: "  wapas person " + verb + " ravi@example.in", Args: args("EMAIL"),
		RunE: p.unsealed(func(ctx context.Context, h *house, got []string) error {
			return p.editPerson(ctx, h, got[0], desk.PersonChange{Disabled: &off}, asJSON, did)
		}),
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return p.with(c, "db")
}

func (p *program) editPerson(ctx context.Context, h *house, email string, q desk.PersonChange, asJSON bool, did string) error {
	x, err := h.desk.PersonNamed(ctx, email)
	if err != nil {
		return err
	}
	if x, err = h.desk.EditPerson(ctx, x.ID, q); err != nil {
		return err
	}
	return p.sayPerson(x, "", asJSON, did)
}

// merchantOf is the merchant that is meant: with one only, it need not be said.
func merchantOf(ctx context.Context, h *house, id string) (desk.ID, error) {
	all, err := h.store.Merchants(ctx)
	switch {
	case err != nil:
		return "", err
	case id != "":
		if !slices.ContainsFunc(all, func(m desk.Merchant) bool { return string(m.ID) == id }) {
			return "", fmt.Errorf("there is no merchant %s; \"wapas merchant list\" shows them", id)
		}
		return desk.ID(id), nil
	case len(all) == 0:
		return "", fmt.Errorf("there is no merchant yet: make one with \"wapas merchant create NAME\"")
	case len(all) > 1:
		return "", usagef("there are %d merchants: say which with --merchant", len(all))
	}
	return all[0].ID, nil
}

// passwordFlags say where a password comes from.
type passwordFlags struct{ generate, stdin bool }

func (f *passwordFlags) flags(c *cobra.Command) {
	c.Flags().BoolVar(&f.generate, "generate", false, "make a password up, and print it once")
	c.Flags().BoolVar(&f.stdin, "password-stdin", false, "read the password's line from standard input")
	c.MarkFlagsMutuallyExclusive("generate", "password-stdin")
}

// password is what somebody types, twice the same; or a line that is read; or
// one that is made up, and is then to be shown.
func (p *program) password(f passwordFlags) (password, made string, err error) {
	switch {
	case f.stdin:
		line, err := bufio.NewReader(io.LimitReader(os.Stdin, 4096)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", "", fmt.Errorf("read the password: %w", err)
		}
		return strings.TrimRight(line, "\r\n"), "", nil
	case f.generate || !term.IsTerminal(int(os.Stdin.Fd())):
		made = desk.Letters(20)
		return made, made, nil
	}
	first, err := p.ask("Password: ")
	if err != nil {
		return "", "", err
	}
	again, err := p.ask("Again: ")
	if err != nil {
		return "", "", err
	}
	if first != again {
		return "", "", ledger.Refuse(ledger.Invalid, desk.WhyPassword, "the two are not the same").In("password")
	}
	return first, "", nil
}

// ask reads a line that is not shown.
func (p *program) ask(prompt string) (string, error) {
	fmt.Fprint(p.err, prompt)
	line, err := term.ReadPassword(int(os.Stdin.Fd()))
	fmt.Fprintln(p.err)
	if err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	return string(line), nil
}
