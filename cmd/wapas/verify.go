package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"wapas/desk"
	"wapas/sqlstore"
)

func (p *program) verify() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "verify",
		Short: "Add up everything and compare: exit 0 only if all holds",
		Long: `Read every book whole and add everything up: each entry, each balance and
position, each refund budget, each seal. It changes nothing in the books and may
run beside a server; beside the books it writes down that it was run, where it
may write. It exits 1 if anything is wrong, and names the first account, entry,
seal, row or archive of each book that is. What "wapas archive" moved to files is
read there and added up with the rest.`,
		Example: `  wapas verify
  wapas verify --db postgres://wapas@localhost/wapas --json`,
		Args: args(),
		RunE: p.unsealed(func(ctx context.Context, h *house, _ []string) error {
			began := time.Now()
			var bar *bar
			if !asJSON {
				bar = p.progress("verifying " + masked(h.cfg.value["db"]))
			}
			rep, err := sqlstore.Verify(ctx, h.store, func(r sqlstore.Report) {
				if bar != nil {
					bar.counted(r.Seals, "seals", r.Postings, "postings", r.Rows, "rows")
				}
			})
			if err != nil {
				return err
			}
			for book, c := range rep.Checkups {
				c.By, c.ID = "cli:"+p.who(), desk.CheckupID(c.At)
				if err := h.desk.Store.KeepCheckup(ctx, book, c); err != nil {
					fmt.Fprintf(p.err, "that book %d was verified could not be written down: %v\n", book, err)
				}
			}
			if asJSON {
				err = p.json(verdictOf(rep))
			} else {
				bar.done(time.Since(began))
				err = p.printVerdict(rep)
			}
			if err == nil && len(rep.Findings) > 0 {
				err = errSaid
			}
			return err
		}),
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return p.with(c, "db", "archive")
}

// A verdict is a report for another program.
type verdict struct {
	OK       bool      `json:"ok"`
	Books    int64     `json:"books"`
	Seals    int64     `json:"seals"`
	Entries  int64     `json:"entries"`
	Postings int64     `json:"postings"`
	Events   int64     `json:"events"`
	Rows     int64     `json:"rows"`
	Findings []finding `json:"findings"`
}

type finding struct {
	Book   int64  `json:"book"`
	Rule   string `json:"rule"`
	What   string `json:"what"`
	Detail string `json:"detail"`
}

func verdictOf(r sqlstore.Report) verdict {
	v := verdict{len(r.Findings) == 0, r.Books, r.Seals, r.Entries, r.Postings, r.Events, r.Rows, []finding{}}
	for _, f := range r.Findings {
		v.Findings = append(v.Findings, finding{int64(f.Book), f.Rule, f.What, f.Detail})
	}
	return v
}

// maxFindings is how many faults are printed; the rest is counted.
const maxFindings = 20

func (p *program) printVerdict(r sqlstore.Report) error {
	w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, l := range []struct {
		what string
		n    int64
	}{{"books", r.Books}, {"seals", r.Seals}, {"entries", r.Entries}, {"postings", r.Postings}, {"events", r.Events}, {"rows", r.Rows}} {
		fmt.Fprintf(w, "%s\t%d\t\n", l.what, l.n)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if len(r.Findings) == 0 {
		_, err := fmt.Fprintln(p.out, "\nall of it adds up")
		return err
	}
	fmt.Fprintf(p.out, "\nWRONG: %d\n", len(r.Findings))
	for i, f := range r.Findings {
		if i == maxFindings {
			fmt.Fprintf(p.out, "… and %d more (--json prints them all)\n", len(r.Findings)-i)
			break
		}
		fmt.Fprintf(p.out, "book %d, %s: %s: %s\n", f.Book, f.What, f.Rule, f.Detail)
	}
	return nil
}

// counted shows counts on a terminal while they grow.
func (b *bar) counted(pairs ...any) {
	if !b.moves {
		return
	}
	fmt.Fprintf(b.p.err, "\r%s ", b.what)
	for i := 0; i+1 < len(pairs); i += 2 {
		fmt.Fprintf(b.p.err, " %d %s", pairs[i], pairs[i+1])
	}
}
