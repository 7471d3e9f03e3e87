package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"wapas/desk"
	"wapas/export"
)

// An outcomeRow is what became of one row of results.
type outcomeRow struct {
	Line   int     `json:"line"`
	Order  desk.ID `json:"reference"`
	Result string  `json:"result"` // recorded, known, awaits_another, refused, none, checked
	State  string  `json:"state,omitempty"`
	Why    string  `json:"why,omitempty"`
}

// An outcomeSum is what became of all.
type outcomeSum struct {
	Rows     int          `json:"rows"`
	Recorded int          `json:"recorded"`
	Known    int          `json:"known"`
	Awaiting int          `json:"awaits_another"`
	None     int          `json:"none"`
	Refused  int          `json:"refused"`
	Results  []outcomeRow `json:"results"`
}

func (p *program) waitingImport() *cobra.Command {
	var w wording
	c := &cobra.Command{
		Use:   "import FILE.csv",
		Short: "Record what became of many at once, from a CSV file of results",
		Long: `Record the bank's results from a CSV file, whose first line names the columns:

  reference  the order's id, as the export has it
  outcome    done, refused or returned; a row without one has no result yet
  utr        the bank's proof of one that is done
  reason     why it was refused or returned, in words for the customer

and, if it is there, amount in rupees, which must be the order's. The columns of
an exported list may stay. The whole file is checked before any of it is
recorded. Every word is recorded once: run the same file again, after a crash or
by mistake, and only what is missing is done. Where two people are asked for, the
second runs the same file with another --as.`,
		Example: `  wapas waiting import results.csv --mode live
  wapas waiting import results.csv --mode live --as asha --json`,
		Args: args("FILE"),
		RunE: p.sealing(func(ctx context.Context, h *house, got []string) error {
			book, err := bookOf(ctx, h, w.merchant, w.mode)
			if err != nil {
				return err
			}
			s, err := readSheet(got[0], export.ResultColumns, export.ResultOptional)
			if err != nil {
				return err
			}
			return p.importOutcomes(ctx, h, book, w, s)
		}),
	}
	w.flags(c)
	return p.with(c, "db", "key-file")
}

func (p *program) importOutcomes(ctx context.Context, h *house, book desk.Book, w wording, s *sheet) error {
	sum := outcomeSum{Rows: len(s.rows), Results: make([]outcomeRow, len(s.rows))}
	var qs []desk.OutcomeRequest
	var at []int // which row each is of
	for n, r := range s.rows {
		row := &sum.Results[n]
		row.Line, row.Order, row.Result = r.Line, desk.ID(r.get("reference")), "checked"
		q, ok, err := export.Result(export.Row(r), w.by)
		if !ok {
			row.Result = "none"
			sum.None++
			continue
		}
		if err != nil {
			row.Result, row.Why = "refused", plain(err)
			sum.Refused++
			continue
		}
		qs, at = append(qs, q), append(at, n)
	}
	if sum.Refused > 0 {
		return p.refuseFile(sum, s, w.asJSON)
	}
	rs, ok, err := h.desk.RecordOutcomes(ctx, book.ID, qs)
	begun := false
	for i, r := range rs {
		row := &sum.Results[at[i]]
		row.State = r.Order.State
		switch {
		case r.Err != nil:
			row.Result, row.Why = "refused", plain(waitingWords(r.Err, book, r.OutcomeRequest.Order))
			sum.Refused++
			continue
		case r.State == desk.ResultNew:
			sum.Recorded++
		case r.State == desk.ResultKnown:
			sum.Known++
		case r.State == desk.ResultSecond:
			sum.Awaiting++
		}
		if r.State != "" {
			row.Result, begun = r.State, true
		}
	}
	switch {
	case err != nil && begun:
		return fmt.Errorf("%w\nRun the same again: what was recorded is not recorded twice", err)
	case err != nil:
		return err
	case !ok && !begun:
		return p.refuseFile(sum, s, w.asJSON)
	}
	return p.sayOutcomes(sum, s, w.asJSON)
}

// refuseFile says what is wrong with a file of which nothing was recorded.
func (p *program) refuseFile(sum outcomeSum, s *sheet, asJSON bool) error {
	if asJSON {
		if err := p.json(sum); err != nil {
			return err
		}
		return errSaid
	}
	said := 0
	for _, r := range sum.Results {
		if r.Result == "refused" {
			if said++; said <= maxFindings {
				fmt.Fprintf(p.err, "%s:%d: %s\n", s.name, r.Line, r.Why)
			}
		}
	}
	return fmt.Errorf("%d of %d rows are wrong; nothing was recorded", sum.Refused, sum.Rows)
}

// sayOutcomes says what became of each row.
func (p *program) sayOutcomes(sum outcomeSum, s *sheet, asJSON bool) error {
	if asJSON {
		if err := p.json(sum); err != nil {
			return err
		}
	} else {
		for _, r := range sum.Results {
			switch r.Result {
			case "refused":
				fmt.Fprintf(p.err, "%s:%d: %s\n", s.name, r.Line, r.Why)
			case desk.ResultNew:
				fmt.Fprintf(p.out, "%s is %s\n", r.Order, r.State)
			case desk.ResultSecond:
				fmt.Fprintf(p.out, "%s is still %s: somebody else must say the same within %s\n", r.Order, r.State, howLong(int64(desk.WordLife.Seconds())))
			}
		}
		fmt.Fprintf(p.out, "%d rows: %d recorded, %d known before, %d wait for another's word, %d have no result yet, %d refused\n",
			sum.Rows, sum.Recorded, sum.Known, sum.Awaiting, sum.None, sum.Refused)
	}
	if sum.Refused > 0 {
		return errSaid
	}
	return nil
}
