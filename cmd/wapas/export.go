package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"wapas/desk"
	"wapas/ledger"
)

func (p *program) export() *cobra.Command {
	c := &cobra.Command{
		Use:   "export",
		Short: "Write journals, refunds and wallet statements as CSV, JSON lines or PDF",
		Long: `Write what is in a book for other programs and for people, the oldest first. CSV
and JSON lines have the same columns; amounts are rupees in the columns debit,
credit, amount and balance, and times are India's.`,
		Example: `  wapas export journal --mode live --from 2026-04-01 --to 2026-04-30 > april.csv
  wapas export refunds --mode live --format jsonl --out refunds.jsonl
  wapas export statement cust_Qm1aB2cD3eF4gH --format pdf --out statement.pdf`,
	}
	return group(c, p.exportJournal(), p.exportRefunds(), p.exportStatement())
}

// An exporter is what the export verbs have in common.
type exporter struct {
	merchant, mode, from, to, format, out string
}

func (e *exporter) flags(c *cobra.Command, formats ...string) {
	c.Flags().StringVar(&e.merchant, "merchant", "", "whose book (may be left out if there is one merchant)")
	c.Flags().StringVar(&e.mode, "mode", "test", "which book: test or live")
	c.Flags().StringVar(&e.from, "from", "", "from this day in India on, such as 2026-04-01")
	c.Flags().StringVar(&e.to, "to", "", "up to and with this day")
	c.Flags().StringVar(&e.format, "format", "csv", strings.Join(formats, ", "))
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

// check is what is wrong with the flags.
func (e *exporter) check(formats ...string) error {
	if !slices.Contains(formats, e.format) {
		return usagef("--format is %s", strings.Join(formats, " or "))
	}
	return nil
}

// open is where the export goes. A file is there whole or not at all: it has
// its name when close is told that nothing went wrong.
func (e *exporter) open(p *program) (w io.Writer, close func(err error) error, err error) {
	if e.out == "" {
		b := bufio.NewWriter(p.out)
		return b, func(err error) error { return errors.Join(err, b.Flush()) }, nil
	}
	part := e.out + ".part"
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, nil, err
	}
	b := bufio.NewWriter(f)
	return b, func(err error) error {
		if err = errors.Join(err, b.Flush(), f.Close()); err != nil {
			return errors.Join(err, os.Remove(part))
		}
		return os.Rename(part, e.out)
	}, nil
}

// A lineWriter writes rows of one sort: structs whose fields have names in a
// json tag and hold texts, whole numbers or amounts, which come out as rupees.
type lineWriter[R any] struct {
	csv  *csv.Writer
	json *json.Encoder
}

func newLineWriter[R any](w io.Writer, format string) *lineWriter[R] {
	if format == "jsonl" {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		return &lineWriter[R]{json: e}
	}
	l := &lineWriter[R]{csv: csv.NewWriter(w)}
	var head []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[R]()) {
		head = append(head, f.Tag.Get("json"))
	}
	l.csv.Write(head) // the writer keeps its error
	return l
}

func (l *lineWriter[R]) write(r R) error {
	if l.json != nil {
		return l.json.Encode(r)
	}
	v := reflect.ValueOf(r)
	cells := make([]string, v.NumField())
	for i := range cells {
		cells[i] = fmt.Sprint(v.Field(i).Interface())
		if v.Field(i).Kind() == reflect.String { // a number is no formula, though it may begin like one
			cells[i] = harmless(cells[i])
		}
	}
	return l.csv.Write(cells)
}

func (l *lineWriter[R]) end() error {
	if l.csv == nil {
		return nil
	}
	l.csv.Flush()
	return l.csv.Error()
}

// money is an amount that JSON and CSV hold as rupees: "1234.50".
type money ledger.Amount

func (m money) String() string               { return ledger.Amount(m).String() }
func (m money) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// inIndia is a moment as India's clocks show it; empty for none.
func inIndia(t ledger.Time) string {
	if t == 0 {
		return ""
	}
	return t.Std().In(india).Format(time.RFC3339)
}

// A journalLine is one posting with the entry that it belongs to.
type journalLine struct {
	Entry   int64            `json:"entry"`
	At      string           `json:"at"`
	Reason  ledger.Reason    `json:"reason"`
	Cause   desk.ID          `json:"cause"`
	Line    int              `json:"line"`
	Account ledger.AccountID `json:"account"`
	Name    string           `json:"account_name"`
	Debit   money            `json:"debit"`
	Credit  money            `json:"credit"`
	Balance money            `json:"balance"`
}

func (p *program) exportJournal() *cobra.Command {
	var e exporter
	formats := []string{"csv", "jsonl"}
	c := &cobra.Command{
		Use:     "journal",
		Short:   "Every posting of every entry",
		Example: "  wapas export journal --mode live --from 2026-04-01 --to 2026-04-30 > april.csv",
		Args:    args(),
		RunE: p.unsealed(func(ctx context.Context, h *house, _ []string) error {
			return e.run(ctx, p, h, formats, func(q desk.Query, w io.Writer) error {
				out := newLineWriter[journalLine](w, e.format)
				err := pages(q, func(q desk.Query) (int, string, error) {
					list, err := h.store.Entries(ctx, q)
					last := ""
					for _, x := range list {
						last = strconv.FormatInt(x.No, 10)
						for i, l := range x.Lines {
							heading, _ := ledger.HeadingOf(l.Account.Code())
							line := journalLine{x.No, inIndia(x.At), x.Reason, x.Cause, i + 1, l.Account, heading.Name, 0, 0, money(l.Balance)}
							if l.Side == ledger.Debit {
								line.Debit = money(l.Amount)
							} else {
								line.Credit = money(l.Amount)
							}
							if err := out.write(line); err != nil {
								return 0, "", err
							}
						}
					}
					return len(list), last, err
				})
				return errors.Join(err, out.end())
			})
		}),
	}
	e.flags(c, formats...)
	return p.with(c, "db")
}

// A refundLine is a refund of any room.
type refundLine struct {
	ID          desk.ID `json:"id"`
	Room        string  `json:"room"`
	CreatedAt   string  `json:"created_at"`
	ProcessedAt string  `json:"processed_at"`
	State       string  `json:"state"`
	Amount      money   `json:"amount"`
	To          string  `json:"destination"`
	Payment     desk.ID `json:"payment"`
	Order       desk.ID `json:"order"`
	Holder      desk.ID `json:"holder"`
	Receipt     string  `json:"receipt"`
	Reference   string  `json:"reference"`
	Reason      string  `json:"reason"`
}

func (p *program) exportRefunds() *cobra.Command {
	var e exporter
	formats := []string{"csv", "jsonl"}
	c := &cobra.Command{
		Use:     "refunds",
		Short:   "Every refund of every room",
		Example: "  wapas export refunds --mode live --from 2026-04-01 --format jsonl",
		Args:    args(),
		RunE: p.unsealed(func(ctx context.Context, h *house, _ []string) error {
			return e.run(ctx, p, h, formats, func(q desk.Query, w io.Writer) error {
				out := newLineWriter[refundLine](w, e.format)
				err := pages(q, func(q desk.Query) (int, string, error) {
					list, err := desk.List[desk.Refund](ctx, h.desk, q)
					last := ""
					for _, r := range list {
						last = string(r.ID)
						room := r.Room
						if room == "" {
							room = "razorpay"
						}
						err := out.write(refundLine{r.ID, room, inIndia(r.CreatedAt), inIndia(r.ProcessedAt), r.State, money(r.Amount), r.To,
							r.Payment, r.Order, r.Holder, r.Receipt, r.Reference, r.Reason})
						if err != nil {
							return 0, "", err
						}
					}
					return len(list), last, err
				})
				return errors.Join(err, out.end())
			})
		}),
	}
	e.flags(c, formats...)
	return p.with(c, "db")
}

// A statementLine is a line of a wallet's statement.
type statementLine struct {
	ID          desk.ID `json:"id"`
	At          string  `json:"at"`
	Type        string  `json:"type"`
	Source      desk.ID `json:"source"`
	Description string  `json:"description"`
	Debit       money   `json:"debit"`
	Credit      money   `json:"credit"`
	Balance     money   `json:"balance"`
}

func (p *program) exportStatement() *cobra.Command {
	var e exporter
	formats := []string{"csv", "jsonl", "pdf"}
	c := &cobra.Command{
		Use:   "statement CUSTOMER",
		Short: "A customer's wallet statement, also as a PDF to hand over",
		Example: `  wapas export statement cust_Qm1aB2cD3eF4gH --from 2026-04-01
  wapas export statement cust_Qm1aB2cD3eF4gH --format pdf --out statement.pdf`,
		Args: args("CUSTOMER"),
		RunE: p.unsealed(func(ctx context.Context, h *house, args []string) error {
			return e.run(ctx, p, h, formats, func(q desk.Query, w io.Writer) error {
				q.Parent = desk.ID(args[0])
				customer, err := desk.Find[desk.Customer](ctx, h.desk, q.Book, q.Parent)
				if err != nil {
					return err
				}
				var out interface {
					write(statementLine) error
					end() error
				}
				if e.format == "pdf" {
					b, err := h.store.Book(ctx, q.Book)
					if err != nil {
						return err
					}
					out = newStatementPDF(w, b, customer, e, b.Clock.Now(ledger.At(h.desk.Now())))
				} else {
					out = newLineWriter[statementLine](w, e.format)
				}
				err = pages(q, func(q desk.Query) (int, string, error) {
					list, err := h.store.Statement(ctx, q)
					last := ""
					for _, l := range list {
						last = strconv.FormatInt(l.N, 10)
						err := out.write(statementLine{l.ID, inIndia(l.CreatedAt), l.Type, l.Source, l.Description, money(l.Debit), money(l.Credit), money(l.Balance)})
						if err != nil {
							return 0, "", err
						}
					}
					return len(list), last, err
				})
				return errors.Join(err, out.end())
			})
		}),
	}
	e.flags(c, formats...)
	return p.with(c, "db")
}

// run checks what was asked, and writes.
func (e *exporter) run(ctx context.Context, p *program, h *house, formats []string, do func(q desk.Query, w io.Writer) error) error {
	if err := e.check(formats...); err != nil {
		return err
	}
	from, to, err := e.period()
	if err != nil {
		return err
	}
	book, err := bookOf(ctx, h, e.merchant, e.mode)
	if err != nil {
		return err
	}
	w, close, err := e.open(p)
	if err != nil {
		return err
	}
	return close(do(desk.Query{Book: book.ID, From: from, To: to, Oldest: true, Count: 500}, w))
}

// pages reads page after page, each behind the last row of the one before: how
// many rows it had, and which was the last.
func pages(q desk.Query, page func(q desk.Query) (n int, last string, err error)) error {
	for {
		n, last, err := page(q)
		if err != nil || n < q.Count {
			return err
		}
		q.After = last
	}
}
