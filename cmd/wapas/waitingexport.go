package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"wapas/desk"
	"wapas/export"
	"wapas/ledger"
)

func (p *program) waitingExport() *cobra.Command {
	var s settler
	var format, out, again string
	c := &cobra.Command{
		Use:   "export",
		Short: "Write what waits for you to a CSV file, to carry out with your bank",
		Long: fmt.Sprintf(`Write the orders that no rail carries and that wait for you to a CSV file, the
oldest first, at most %d. Each is handed out once: a second export has only what
has come since, so that nobody carries it out twice. If the file is lost, write
the same sheet again with --again; it has those of its orders that have not ended.

  --format bank  only what a bank can carry, to a VPA or an account: %s
  --format list  everything, with what a person needs and room for the result

Amounts are rupees. A cell that a spreadsheet would take for a formula begins
with an apostrophe. The file has account numbers: it is made for you alone.`, desk.MaxSheet, strings.Join(export.BankColumns, ", ")),
		Example: `  wapas waiting export --format bank --out today.csv --mode live
  wapas waiting export --format list --mode live > dashboard.csv
  wapas waiting export --again sht_Qm1aB2cD3eF4gH --out again.csv --mode live`,
		Args: args(),
		RunE: p.unsealed(func(ctx context.Context, h *house, _ []string) error {
			if format != export.BankSheet && format != export.ListSheet {
				return usagef("--format is bank or list, not %q", format)
			}
			book, err := bookOf(ctx, h, s.merchant, s.mode)
			if err != nil {
				return err
			}
			// The file is there before anything is marked as handed out.
			var to io.Writer = p.out
			var f *os.File
			if out != "" && !s.asJSON {
				if f, err = os.OpenFile(out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600); err != nil {
					return err
				}
				to = f
			}
			sheet, err := h.desk.HandOut(ctx, book.ID, desk.SheetRequest{Bank: format == export.BankSheet, Again: desk.ID(again)})
			if err == nil && s.asJSON {
				return p.json(showSheet(sheet))
			}
			if err == nil && sheet.ID != "" {
				err = export.Sheet(to, format, sheet)
			}
			if f != nil {
				if err == nil {
					err = f.Sync()
				}
				err = errors.Join(err, f.Close())
				if err != nil || sheet.ID == "" {
					os.Remove(out)
				}
			}
			switch {
			case ledger.CodeOf(err) == ledger.NotFound && err != nil:
				return fmt.Errorf("there is no sheet %s in the %s book of %s; \"wapas waiting list\" shows the sheet of each order", again, book.Mode, book.Merchant)
			case err != nil && sheet.ID != "":
				return fmt.Errorf("%w\nThe orders are on %s now: write it with --again %s", err, sheet.ID, sheet.ID)
			case err != nil:
				return err
			}
			return p.saySheet(sheet, format)
		}),
	}
	s.flags(c)
	c.Flags().StringVar(&format, "format", "bank", "bank or list")
	c.RegisterFlagCompletionFunc("format", words(export.BankSheet, export.ListSheet).cobra())
	c.Flags().StringVar(&out, "out", "", "the file to make (default: print it)")
	c.Flags().StringVar(&again, "again", "", "not a new sheet but this one, once more")
	return p.with(c, "db")
}

// saySheet says how many were handed out, beside the file.
func (p *program) saySheet(s desk.Sheet, format string) error {
	if s.ID == "" {
		fmt.Fprintln(p.err, "Nothing waits for you that was not handed out before.")
	} else {
		var sum ledger.Amount
		for _, k := range s.Orders {
			sum = sum.Add(k.Order.Amount)
		}
		fmt.Fprintf(p.err, "%s: %d orders, %s rupees in all.\nCarry them out, then say what became of them: wapas waiting import FILE.csv\n", s.ID, len(s.Orders), sum)
	}
	if s.Skipped > 0 {
		fmt.Fprintf(p.err, "%d go back to where they came from, which no bank file can do: export them with --format list.\n", s.Skipped)
	}
	if s.More {
		fmt.Fprintln(p.err, "There is more: export again for the next sheet.")
	}
	return nil
}

// A sheetShown is a sheet as JSON. Amounts are paise.
type sheetShown struct {
	ID      desk.ID       `json:"id"`
	At      string        `json:"exported_at,omitempty"`
	Orders  []carryShown  `json:"orders"`
	Total   ledger.Amount `json:"total"`
	Skipped int           `json:"skipped"`
	More    bool          `json:"more"`
}

type carryShown struct {
	ID          desk.ID       `json:"reference"`
	What        string        `json:"what"`
	Amount      ledger.Amount `json:"amount"`
	Beneficiary string        `json:"beneficiary,omitempty"`
	Account     string        `json:"account,omitempty"`
	IFSC        string        `json:"ifsc,omitempty"`
	VPA         string        `json:"vpa,omitempty"`
	Narration   string        `json:"narration,omitempty"`
	To          string        `json:"to"`
	Payment     desk.ID       `json:"payment,omitempty"`
	PaidUnder   string        `json:"paid_under,omitempty"`
	Customer    desk.ID       `json:"customer,omitempty"`
}

func showSheet(s desk.Sheet) sheetShown {
	show := sheetShown{ID: s.ID, At: stamp(s.At), Orders: []carryShown{}, Skipped: s.Skipped, More: s.More}
	for _, k := range s.Orders {
		show.Total = show.Total.Add(k.Order.Amount)
		show.Orders = append(show.Orders, carryShown{k.Order.ID, k.Order.What, k.Order.Amount, k.Beneficiary, k.Account, k.IFSC, k.VPA,
			k.Narration, k.Order.To, k.Payment, k.PaidUnder, k.Customer})
	}
	return show
}
