package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"wapas/desk"
	"wapas/dialect/razorpay"
	"wapas/ledger"
)

func (p *program) key() *cobra.Command {
	c := &cobra.Command{
		Use:     "key",
		Short:   "Issue, list, rotate and revoke credentials; change the master key",
		Example: "  wapas key list\n  wapas key rotate rzp_test_… --grace 24h",
	}
	return group(c, p.keyIssue(), p.keyList(), p.keyRotate(), p.keyRevoke(), p.keyReseal())
}

func (p *program) keyIssue() *cobra.Command {
	var mode, room, kind, scopes string
	var asJSON bool
	c := &cobra.Command{
		Use:   "issue MERCHANT",
		Short: "Give a merchant another credential",
		Long: `Give a merchant another credential for one of its books. Its secret is shown
once, now. A bearer token is kept nowhere, only its hash is.`,
		Example: `  wapas key issue Qm1aB2cD3eF4gH
  wapas key issue Qm1aB2cD3eF4gH --mode live --room phonepe --kind client
  wapas key issue Qm1aB2cD3eF4gH --room native --scopes "refund:read"`,
		Args: args("MERCHANT"),
		RunE: p.sealed(func(ctx context.Context, h *house, args []string) error {
			of, err := kindNamed(room, kind)
			if err != nil {
				return err
			}
			book, err := bookOf(ctx, h, args[0], mode)
			if err != nil {
				return err
			}
			if err := checkScopes(of, scopes); err != nil {
				return err
			}
			key, err := issue(ctx, h, of, book, scopes)
			if err != nil {
				return err
			}
			if asJSON {
				return p.json(key)
			}
			return p.printIssued([]issued{key})
		}),
	}
	c.Flags().StringVar(&mode, "mode", "test", "which book: test or live")
	c.Flags().StringVar(&room, "room", razorpay.Room, "which API: "+strings.Join(roomNames(), ", "))
	c.Flags().StringVar(&scopes, "scopes", "", "what it may do, words with spaces between them (default: everything)")
	c.Flags().StringVar(&kind, "kind", "", "which of the room's: key, token, client, salt (default: the room's first)")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return p.with(c, "db", "key-file")
}

func (p *program) keyList() *cobra.Command {
	var merchant string
	var asJSON bool
	c := &cobra.Command{
		Use:     "list",
		Short:   "List credentials, without their secrets",
		Example: "  wapas key list --merchant Qm1aB2cD3eF4gH --json",
		Args:    args(),
		RunE: p.unsealed(func(ctx context.Context, h *house, _ []string) error {
			merchants, err := h.store.Merchants(ctx)
			if err != nil {
				return err
			}
			books, err := h.store.Books(ctx, desk.BookQuery{Merchant: desk.ID(merchant)})
			if err != nil {
				return err
			}
			mode := map[desk.BookID]desk.Mode{}
			for _, b := range books {
				mode[b.ID] = b.Mode
			}
			type line struct {
				Merchant  desk.ID   `json:"merchant"`
				Mode      desk.Mode `json:"mode"`
				Room      string    `json:"room"`
				Name      string    `json:"name"`
				Scopes    string    `json:"scopes"`
				State     string    `json:"state"`
				CreatedAt string    `json:"created_at"`
				RevokedAt string    `json:"revoked_at,omitempty"`
			}
			lines := []line{}
			for _, m := range merchants {
				if merchant != "" && string(m.ID) != merchant {
					continue
				}
				creds, err := h.store.Credentials(ctx, m.ID)
				if err != nil {
					return err
				}
				for _, k := range creds {
					lines = append(lines, line{m.ID, mode[k.Book], k.Room, k.Name, k.Scopes,
						keyState(k, ledger.At(time.Now())), stamp(k.CreatedAt), stamp(k.RevokedAt)})
				}
			}
			if asJSON {
				return p.json(lines)
			}
			w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "MERCHANT\tMODE\tROOM\tNAME\tSTATE\tCREATED\tENDS\tSCOPES")
			for _, l := range lines {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", l.Merchant, l.Mode, l.Room, l.Name, l.State, l.CreatedAt, l.RevokedAt, l.Scopes)
			}
			return w.Flush()
		}),
	}
	c.Flags().StringVar(&merchant, "merchant", "", "only this merchant's")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return p.with(c, "db")
}

// keyState is what a credential is good for now.
func keyState(k desk.Credential, now ledger.Time) string {
	switch {
	case k.RevokedAt == 0:
		return "good"
	case k.RevokedAt > now:
		return "ending"
	}
	return "revoked"
}

func (p *program) keyRotate() *cobra.Command {
	var grace time.Duration
	var room string
	var asJSON bool
	c := &cobra.Command{
		Use:   "rotate NAME",
		Short: "Replace a credential; the old one stays good for a while",
		Long: `Issue another credential with the same book and scopes. The old one stays good
for --grace, so that running clients can change over, and then ends.`,
		Example: `  wapas key rotate rzp_test_Qm1aB2cD3eF4gH
  wapas key rotate rzp_test_Qm1aB2cD3eF4gH --grace 0s`,
		Args: args("NAME"),
		RunE: p.sealed(func(ctx context.Context, h *house, args []string) error {
			if grace < 0 {
				return usagef("--grace is %s; it must not be negative", grace)
			}
			if _, err := kindNamed(room, ""); err != nil {
				return err
			}
			old, err := h.store.Credential(ctx, room, args[0])
			if err != nil {
				return err
			}
			if old == nil {
				return fmt.Errorf("there is no %s key %s (wapas key list shows them)", room, args[0])
			}
			book, err := h.store.Book(ctx, old.Book)
			if err != nil {
				return err
			}
			kind, err := kindOf(room, old.Name)
			if err != nil {
				return err
			}
			name, secret := kind.Mint(book.Mode, old.Name)
			q := desk.IssueRequest{Name: name, Secret: []byte(secret)}
			cred, err := h.desk.Rotate(ctx, room, args[0], grace, q)
			if err != nil {
				return err
			}
			key := shown(kind, book, cred, secret)
			if asJSON {
				return p.json(key)
			}
			return p.printIssued([]issued{key})
		}),
	}
	c.Flags().DurationVar(&grace, "grace", 24*time.Hour, "how long the old one stays good")
	c.Flags().StringVar(&room, "room", razorpay.Room, "which API: "+strings.Join(roomNames(), ", "))
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return p.with(c, "db", "key-file")
}

func (p *program) keyRevoke() *cobra.Command {
	var room string
	var asJSON bool
	c := &cobra.Command{
		Use:     "revoke NAME",
		Short:   "End a credential now",
		Long:    "End a credential now. Running servers notice within five seconds.",
		Example: "  wapas key revoke rzp_test_Qm1aB2cD3eF4gH",
		Args:    args("NAME"),
		RunE: p.unsealed(func(ctx context.Context, h *house, args []string) error {
			cred, err := h.desk.Revoke(ctx, room, args[0])
			if err != nil {
				return err
			}
			if asJSON {
				return p.json(struct {
					Room      string `json:"room"`
					Name      string `json:"name"`
					RevokedAt string `json:"revoked_at"`
				}{cred.Room, cred.Name, stamp(cred.RevokedAt)})
			}
			_, err = fmt.Fprintf(p.out, "revoked %s\n", cred.Name)
			return err
		}),
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.Flags().StringVar(&room, "room", razorpay.Room, "which API: "+strings.Join(roomNames(), ", "))
	return p.with(c, "db")
}

// bookOf is a merchant's book in a mode. With one merchant only, its id may be
// left out.
func bookOf(ctx context.Context, h *house, merchant, mode string) (desk.Book, error) {
	if mode != string(desk.Test) && mode != string(desk.Live) {
		return desk.Book{}, usagef("--mode is %q; it must be test or live", mode)
	}
	found, err := h.store.Books(ctx, desk.BookQuery{Merchant: desk.ID(merchant), Mode: desk.Mode(mode)})
	if err != nil {
		return desk.Book{}, err
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) == 0 && merchant == "":
		return desk.Book{}, fmt.Errorf("there is no merchant yet: make one with \"wapas merchant create NAME\"")
	case len(found) == 0:
		return desk.Book{}, fmt.Errorf("there is no merchant %s; \"wapas merchant list\" shows them", merchant)
	}
	return desk.Book{}, usagef("there are %d merchants: say which with --merchant", len(found))
}
