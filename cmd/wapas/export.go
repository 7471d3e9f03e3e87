package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"wapas/export"
	"wapas/ledger"
)

func (p *program) export() *cobra.Command {
	c := &cobra.Command{
		Use:   "export",
		Short: "Write journals, postings, refunds and wallet statements as CSV, JSON lines or PDF",
		Long: `Write what is in a book for other programs and for people, the oldest first. CSV
and JSON lines have the same columns; amounts are rupees in the columns debit,
credit, amount and balance, and times are India's. It comes as it is read: a
year's journal needs no more memory than a day's.`,
		Example: `  wapas export journal --mode live --from 2026-04-01 --to 2026-04-30 > april.csv
  wapas export refunds --mode live --format jsonl --out refunds.jsonl
  wapas export statement cust_Qm1aB2cD3eF4gH --format pdf --out statement.pdf`,
	}
	lines := []string{export.CSV, export.Lines}
	return group(c,
		p.exportVerb("journal", "", "Every posting of every entry", "/exports/journal", lines,
			"  wapas export journal --from 2026-04-01 --to 2026-04-30 > april.csv"),
		p.exportVerb("postings", "ACCOUNT", "Every posting of one account, such as 2010 or 2100/cust_…", "/exports/postings/", lines,
			"  wapas export postings 2010 --from 2026-04-01\n  wapas export postings 2010 --json"),
		p.exportVerb("refunds", "", "Every refund of every room", "/exports/refunds", lines,
			"  wapas export refunds --from 2026-04-01 --format jsonl"),
		p.exportVerb("statement", "CUSTOMER", "A customer's wallet statement, also as a PDF to hand over", "/exports/statement/", append(lines, export.PDF),
			"  wapas export statement cust_Qm1aB2cD3eF4gH --from 2026-04-01\n  wapas export statement cust_Qm1aB2cD3eF4gH --format pdf --out statement.pdf"))
}

// An exporter is what the export verbs have in common.
type exporter struct {
	settler
	from, to, format, out string
}

func (e *exporter) flags(c *cobra.Command, formats []string) {
	e.settler.flags(c)
	c.Flags().Lookup("json").Usage = "the same as --format jsonl"
	c.Flags().StringVar(&e.from, "from", "", "from this day in India on, such as 2026-04-01 (default: the first)")
	c.Flags().StringVar(&e.to, "to", "", "up to and with this day (default: today)")
	c.Flags().StringVar(&e.format, "format", export.CSV, strings.Join(formats, ", "))
	c.Flags().StringVar(&e.out, "out", "", "the file to write (default: standard output)")
	c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp))
}

// period is what the days mean, as moments.
func (e *exporter) period() (from, to ledger.Time, err error) {
	for _, d := range []struct {
		text string
		at   *ledger.Time
		add  time.Duration
	}{{e.from, &from, 0}, {e.to, &to, 24*time.Hour - time.Microsecond}} {
		if d.text == "" {
			continue
		}
		day, ok := ledger.ParseDay(d.text)
		if !ok {
			return 0, 0, usagef("%q is no day, such as 2026-04-01", d.text)
		}
		*d.at = day.Start().Add(d.add)
	}
	if to != 0 && to < from {
		return 0, 0, usagef("the period ends before it begins")
	}
	return from, to, nil
}

// ask is what the API is asked, once the flags are right.
func (e *exporter) ask(formats []string) (url.Values, error) {
	if e.asJSON {
		e.format = export.Lines
	}
	if !slices.Contains(formats, e.format) {
		return nil, usagef("--format is %s", strings.Join(formats, " or "))
	}
	from, to, err := e.period()
	if err != nil {
		return nil, err
	}
	q := url.Values{"format": {e.format}}
	for name, at := range map[string]ledger.Time{"created_from": from, "created_to": to} {
		if at != 0 {
			q.Set(name, at.Std().UTC().Format(time.RFC3339Nano))
		}
	}
	return q, nil
}

// open is where the export goes. A file is there whole or not at all: it has
// its name when close is told that nothing went wrong.
func (e *exporter) open(p *program) (w io.Writer, close func(err error) error, err error) {
	if e.out == "" {
		if f, ok := p.out.(*os.File); ok && e.format == export.PDF && term.IsTerminal(int(f.Fd())) {
			return nil, nil, usagef("a PDF is not for a terminal: name a file with --out")
		}
		b := bufio.NewWriter(p.out)
		return b, func(err error) error { return cmp.Or(err, b.Flush()) }, nil // the first says why
	}
	part := e.out + ".part"
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, nil, err
	}
	b := bufio.NewWriter(f)
	return b, func(err error) error {
		if err = cmp.Or(err, b.Flush(), f.Close()); err != nil {
			return errors.Join(err, os.Remove(part))
		}
		return os.Rename(part, e.out)
	}, nil
}

// exportVerb writes what is at a path, of what the argument names if it takes
// one.
func (p *program) exportVerb(name, takes, short, path string, formats []string, example string) *cobra.Command {
	var e exporter
	c := &cobra.Command{Use: name, Short: short, Example: example, Args: args()}
	if takes != "" {
		c.Use, c.Args = name+" "+takes, args(takes)
	}
	c.RunE = p.visiting(&e.settler, false, func(ctx context.Context, v *visitor, got []string) error {
		q, err := e.ask(formats)
		if err != nil {
			return err
		}
		at := path
		if takes != "" {
			at += url.PathEscape(got[0])
		}
		w, close, err := e.open(p)
		if err != nil {
			return err
		}
		return close(v.Download(ctx, at, q, w))
	})
	e.flags(c, formats)
	return p.atServer(c)
}
