package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"wapas/desk"
	"wapas/ledger"
)

func (p *program) imports() *cobra.Command {
	c := &cobra.Command{
		Use:   "import",
		Short: "Bring in payments taken elsewhere, and the balances wallets had",
		Long: `Bring into a book what was done elsewhere: payments that a provider captured, so
that they can be refunded here, and the balances of wallets.

The file is CSV, its first line names the columns. All of it is checked before
any of it is done. Every row has a reference and is done once: run the same file
again, after a crash or by mistake, and only what is missing is done.`,
		Example: `  wapas import payments payments.csv --mode live --dry-run
  wapas import payments payments.csv --mode live --report done.csv
  wapas import wallets wallets.csv --mode live`,
	}
	return group(c, p.importPayments(), p.importWallets())
}

// A rowResult is what became of one row of a sheet.
type rowResult struct {
	Line   int     `json:"line"`
	Ref    string  `json:"reference"`
	Result string  `json:"result"` // done, refused
	ID     desk.ID `json:"id,omitempty"`
	Reason string  `json:"reason,omitempty"`
}

// An imported is the sum of an import.
type imported struct {
	Rows    int         `json:"rows"`
	Done    int         `json:"done"`
	Refused int         `json:"refused"`
	Results []rowResult `json:"results"`
}

// An importer is what the import verbs have in common.
type importer struct {
	settler
	dry    bool
	report string
}

func (i *importer) flags(c *cobra.Command) {
	i.settler.flags(c)
	c.Flags().BoolVar(&i.dry, "dry-run", false, "only check the file")
	c.Flags().StringVar(&i.report, "report", "", "write what became of each row to this CSV file")
}

var (
	paymentColumns  = []string{"provider", "reference", "amount", "method", "captured_at"}
	paymentOptional = []string{"id", "transaction", "order", "fee", "tax", "source", "proof", "email", "contact"}
	walletColumns   = []string{"reference", "contact", "cash"}
	walletOptional  = []string{"id", "promo", "email", "name"}
)

func (p *program) importPayments() *cobra.Command {
	var i importer
	c := &cobra.Command{
		Use:   "payments FILE.csv",
		Short: "Bring in payments that a provider captured",
		Long: `Bring in payments that a provider captured. Columns:

  provider     whose payment it is: razorpay, phonepe, …; also who sends its refunds
  reference    the provider's own id of it
  amount       rupees, such as 499.00
  method       card, netbanking, upi, wallet, emi, cash, bank_transfer
  captured_at  when, as 2026-11-22T14:30:00+05:30

and, where there is something to say:

  id           a pay_ id that your programs know it by
  transaction  your own transaction id (what a PhonePe refund names)
  order        your own order number
  fee, tax     what the provider kept, in rupees; the fee includes its tax
  source       the VPA, the card's last four digits, the bank
  proof        RRN, ARN or the bank's number
  email, contact`,
		Example: `  wapas import payments payments.csv --mode live --dry-run`,
		Args:    args("FILE"),
		RunE: p.unsealed(func(ctx context.Context, h *house, args []string) error {
			book, err := bookOf(ctx, h, i.merchant, i.mode)
			if err != nil {
				return err
			}
			s, err := readSheet(args[0], paymentColumns, paymentOptional)
			if err != nil {
				return err
			}
			began := seen(ctx, h, book.ID)
			return importSheet(ctx, p, i, s, paymentOf, func(q desk.ImportPaymentRequest) error {
				return q.Check(book.Clock.Now(ledger.At(h.desk.Now())))
			}, func(q desk.ImportPaymentRequest) (desk.ID, error) {
				if err := began(); err != nil {
					return "", err
				}
				got, err := h.desk.ImportPayment(desk.Unwatched(ctx), book.ID, q)
				return got.ID, err
			})
		}),
	}
	i.flags(c)
	return p.with(c, "db")
}

func (p *program) importWallets() *cobra.Command {
	var i importer
	c := &cobra.Command{
		Use:   "wallets FILE.csv",
		Short: "Bring in the balances that wallets had",
		Long: `Bring in the balances that wallets had in the books before these. As much money
must be in the bank account that stands behind them. Columns:

  reference    once for each balance: the old wallet's number
  contact      the customer's Indian mobile number
  cash         rupees that were paid in

and, where there is something to say:

  promo        rupees that were given as cashback
  email, name  of the customer, who is found by email and contact, or made
  id           a cust_ id that your programs know the customer by`,
		Example: `  wapas import wallets wallets.csv --mode live --dry-run`,
		Args:    args("FILE"),
		RunE: p.unsealed(func(ctx context.Context, h *house, args []string) error {
			book, err := bookOf(ctx, h, i.merchant, i.mode)
			if err != nil {
				return err
			}
			s, err := readSheet(args[0], walletColumns, walletOptional)
			if err != nil {
				return err
			}
			began := seen(ctx, h, book.ID)
			return importSheet(ctx, p, i, s, walletOf, desk.ImportWalletRequest.Check, func(q desk.ImportWalletRequest) (desk.ID, error) {
				if err := began(); err != nil {
					return "", err
				}
				got, err := h.desk.ImportWallet(desk.Unwatched(ctx), book.ID, q)
				return got.ID, err
			})
		}),
	}
	i.flags(c)
	return p.with(c, "db")
}

// cell reads a cell with money in it; an empty one is nothing.
func (r sheetRow) money(column string) (ledger.Amount, error) {
	text := r.get(column)
	if text == "" {
		return 0, nil
	}
	a, ok := ledger.ParseRupees(text)
	if !ok {
		return 0, fmt.Errorf("%s: %q is no amount in rupees, such as 499.00", column, text)
	}
	return a, nil
}

func paymentOf(r sheetRow) (desk.ImportPaymentRequest, error) {
	amount, e1 := r.money("amount")
	fee, e2 := r.money("fee")
	tax, e3 := r.money("tax")
	at, err := time.Parse(time.RFC3339, r.get("captured_at"))
	if err != nil {
		err = fmt.Errorf("captured_at: %q is no time, such as 2026-11-22T14:30:00+05:30", r.get("captured_at"))
	}
	return desk.ImportPaymentRequest{
		Provider: r.get("provider"), Reference: r.get("reference"), ID: desk.ID(r.get("id")),
		Transaction: r.get("transaction"), Order: r.get("order"), Amount: amount, Fee: fee, Tax: tax, Method: r.get("method"),
		Source: r.get("source"), Proof: r.get("proof"), Email: r.get("email"), Contact: r.get("contact"), CapturedAt: ledger.At(at),
	}, errors.Join(e1, e2, e3, err)
}

func walletOf(r sheetRow) (desk.ImportWalletRequest, error) {
	cash, e1 := r.money("cash")
	promo, e2 := r.money("promo")
	return desk.ImportWalletRequest{
		Reference: r.get("reference"), ID: desk.ID(r.get("id")), Name: r.get("name"), Email: r.get("email"), Contact: r.get("contact"),
		Cash: cash, Promo: promo,
	}, errors.Join(e1, e2)
}

// importLanes is how many rows are under way at the same time: they share
// commits.
const importLanes = 64

// seen writes down, before the first row, that somebody imports: one act, and
// not one for each row.
func seen(ctx context.Context, h *house, book desk.BookID) func() error {
	return sync.OnceValue(func() error { return h.desk.Witness(ctx, book, "") })
}

// importSheet checks every row, and then does them. A row that is refused stops
// no other: what it stands for is not in the books, and says why.
func importSheet[Q any](ctx context.Context, p *program, i importer, s *sheet, read func(sheetRow) (Q, error), check func(Q) error, do func(Q) (desk.ID, error)) error {
	rows := make([]Q, len(s.rows))
	lines := map[string]int{}
	wrong := 0
	for n, r := range s.rows {
		q, err := read(r)
		if err == nil {
			err = check(q)
		}
		ref := r.get("provider") + "/" + r.get("reference")
		if at, twice := lines[ref]; twice && err == nil {
			err = fmt.Errorf("reference: %q stands on line %d, too", r.get("reference"), at)
		}
		lines[ref] = r.Line
		if err != nil {
			if wrong++; wrong <= maxFindings {
				fmt.Fprintf(p.err, "%s:%d: %s\n", s.name, r.Line, strings.ReplaceAll(plain(err), "\n", "; "))
			}
		}
		rows[n] = q
	}
	if wrong > 0 {
		return fmt.Errorf("%d of %d rows are wrong; nothing was done", wrong, len(rows))
	}
	if i.dry {
		if i.asJSON {
			return p.json(imported{Rows: len(rows), Results: []rowResult{}})
		}
		fmt.Fprintf(p.out, "%d rows, all right; nothing was done\n", len(rows))
		return nil
	}
	sum := imported{Rows: len(rows), Results: make([]rowResult, len(rows))}
	var bar *bar
	if !i.asJSON {
		bar = p.progress(fmt.Sprintf("importing %d rows", len(rows)))
	}
	began := time.Now()
	var mu sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(importLanes)
	for n, q := range rows {
		if ctx.Err() != nil {
			break
		}
		g.Go(func() error {
			res := rowResult{Line: s.rows[n].Line, Ref: s.rows[n].get("reference"), Result: "done"}
			id, err := do(q)
			var refusal *ledger.Error
			switch {
			case errors.As(err, &refusal) && refusal.Code != ledger.Internal:
				res.Result, res.Reason = "refused", plain(err)
			case err != nil:
				return fmt.Errorf("%s:%d: %w\nRun the same again: what was done is not done twice", s.name, res.Line, err)
			default:
				res.ID = id
			}
			mu.Lock()
			defer mu.Unlock()
			sum.Results[n] = res
			if res.Result == "done" {
				sum.Done++
			} else {
				sum.Refused++
			}
			if bar != nil {
				bar.said(sum.Done+sum.Refused, len(rows))
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	if i.report != "" {
		if err := writeReport(i.report, sum.Results); err != nil {
			return err
		}
	}
	if i.asJSON {
		if err := p.json(sum); err != nil {
			return err
		}
	} else {
		bar.done(time.Since(began))
		for _, r := range sum.Results {
			if r.Result != "done" {
				fmt.Fprintf(p.err, "%s:%d: %s: %s\n", s.name, r.Line, r.Ref, r.Reason)
			}
		}
		fmt.Fprintf(p.out, "%d rows are in the book, %d were refused\n", sum.Done, sum.Refused)
	}
	if sum.Refused > 0 {
		return errSaid
	}
	return nil
}

// writeReport says of each row what became of it.
func writeReport(path string, results []rowResult) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600) // it names people
	if err != nil {
		return err
	}
	w := csv.NewWriter(f)
	w.Write([]string{"line", "reference", "result", "id", "reason"})
	for _, r := range results {
		w.Write([]string{strconv.Itoa(r.Line), r.Ref, r.Result, string(r.ID), r.Reason})
	}
	w.Flush()
	return errors.Join(w.Error(), f.Close())
}
