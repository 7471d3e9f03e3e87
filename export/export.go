// Package export writes what is in a book for other programs and for people:
// journals, refunds, an account's postings and wallet statements, as CSV and as
// JSON lines, a statement as PDF too. The native API and the command line write
// with it, so that both write the same.
//
// It reads a page at a time, each behind the last row of the one before, and
// keeps nothing: an export of a million lines needs as much memory as one of
// ten. Only a PDF is built as a whole, and so it is bounded.
package export

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

// The formats, by their names, and their media types.
const (
	CSV   = "csv"
	Lines = "jsonl"
	PDF   = "pdf"
)

// Media says what each format is on the wire.
var Media = map[string]string{CSV: "text/csv", Lines: "application/jsonl", PDF: "application/pdf"}

const (
	pageOf  = 500              // rows read at once
	perPage = 30 * time.Second // that reading them may take
)

// A Job is one export: of which book, of which moments, in which format.
type Job struct {
	Desk     *desk.Desk
	Book     desk.BookID
	From, To ledger.Time // both inclusive; zero is open
	Format   string
}

// A writer takes rows of one sort.
type writer[R any] interface {
	write(R) error
	end() error
}

// A lineWriter writes rows as lines: structs whose fields have names in a json
// tag and hold texts, whole numbers or amounts, which come out as rupees.
type lineWriter[R any] struct {
	csv  *csv.Writer
	json *json.Encoder
}

func newLineWriter[R any](w io.Writer, format string) *lineWriter[R] {
	if format == Lines {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		return &lineWriter[R]{json: e}
	}
	l := &lineWriter[R]{csv: csv.NewWriter(w)}
	l.csv.Write(Columns[R]()) // the writer keeps its error
	return l
}

// Columns are the names of what a row holds.
func Columns[R any]() (names []string) {
	for _, f := range reflect.VisibleFields(reflect.TypeFor[R]()) {
		names = append(names, f.Tag.Get("json"))
	}
	return names
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
			cells[i] = Harmless(cells[i])
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

// pages reads page after page, the oldest first, each behind the last row of
// the one before. Page says how many rows it had, and which was the last.
func (j Job) pages(ctx context.Context, page func(ctx context.Context, q desk.Query) (n int, last string, err error)) error {
	q := desk.Query{Book: j.Book, From: j.From, To: j.To, Oldest: true, Count: pageOf}
	for {
		n, last, err := func() (int, string, error) {
			ctx, cancel := context.WithTimeout(ctx, perPage)
			defer cancel()
			return page(ctx, q)
		}()
		if err != nil || n < q.Count {
			return err
		}
		q.After = last
	}
}

// finish ends a writer, whatever went before.
func finish[R any](w writer[R], err error) error {
	if err != nil {
		return err
	}
	return w.end()
}

// rows writes what pages read: show makes lines of a row, at is where to go on
// behind it.
func rows[T, R any](ctx context.Context, j Job, to writer[R], read func(context.Context, desk.Query) ([]T, error), at func(T) string, show func(T) []R) error {
	return finish(to, j.pages(ctx, func(ctx context.Context, q desk.Query) (int, string, error) {
		list, err := read(ctx, q)
		if err != nil {
			return 0, "", err
		}
		last := ""
		for _, t := range list {
			last = at(t)
			for _, r := range show(t) {
				if err := to.write(r); err != nil {
					return 0, "", err
				}
			}
		}
		return len(list), last, nil
	}))
}

// A Money is an amount that JSON and CSV hold as rupees: "1234.50".
type Money ledger.Amount

func (m Money) String() string               { return ledger.Amount(m).String() }
func (m Money) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

var india = time.FixedZone("IST", 5*3600+1800)

// inIndia is a moment as India's clocks show it; empty for none.
func inIndia(t ledger.Time) string {
	if t == 0 {
		return ""
	}
	return t.Std().In(india).Format(time.RFC3339)
}

// A JournalLine is one posting with the entry that it belongs to.
type JournalLine struct {
	Entry   int64            `json:"entry"`
	At      string           `json:"at"`
	Reason  ledger.Reason    `json:"reason"`
	Cause   desk.ID          `json:"cause"`
	Line    int              `json:"line"`
	Account ledger.AccountID `json:"account"`
	Name    string           `json:"account_name"`
	Debit   Money            `json:"debit"`
	Credit  Money            `json:"credit"`
	Balance Money            `json:"balance"`
}

// sides puts an amount where its side is.
func sides(l ledger.Line) (debit, credit Money) {
	if l.Side == ledger.Debit {
		return Money(l.Amount), 0
	}
	return 0, Money(l.Amount)
}

// Journal writes every posting of every entry.
func (j Job) Journal(ctx context.Context, w io.Writer) error {
	return rows(ctx, j, newLineWriter[JournalLine](w, j.Format), j.Desk.Store.Entries,
		func(x desk.EntryLines) string { return strconv.FormatInt(x.No, 10) },
		func(x desk.EntryLines) (all []JournalLine) {
			for i, l := range x.Lines {
				heading, _ := ledger.HeadingOf(l.Account.Code())
				debit, credit := sides(l)
				all = append(all, JournalLine{x.No, inIndia(x.At), x.Reason, x.Cause, i + 1, l.Account, heading.Name, debit, credit, Money(l.Balance)})
			}
			return all
		})
}

// A PostingLine is a posting of one account.
type PostingLine struct {
	N       int64         `json:"n"`
	Entry   int64         `json:"entry"`
	At      string        `json:"at"`
	Reason  ledger.Reason `json:"reason"`
	Cause   desk.ID       `json:"cause"`
	Debit   Money         `json:"debit"`
	Credit  Money         `json:"credit"`
	Balance Money         `json:"balance"`
}

// Postings writes every posting of an account.
func (j Job) Postings(ctx context.Context, account ledger.AccountID, w io.Writer) error {
	return rows(ctx, j, newLineWriter[PostingLine](w, j.Format),
		func(ctx context.Context, q desk.Query) ([]desk.AccountLine, error) {
			q.Parent = desk.ID(account)
			return j.Desk.Store.Lines(ctx, q)
		},
		func(l desk.AccountLine) string { return strconv.FormatInt(l.N, 10) },
		func(l desk.AccountLine) []PostingLine {
			debit, credit := sides(l.Line)
			return []PostingLine{{l.N, l.No, inIndia(l.At), l.Reason, l.Cause, debit, credit, Money(l.Balance)}}
		})
}

// A RefundLine is a refund of any room.
type RefundLine struct {
	ID          desk.ID `json:"id"`
	Room        string  `json:"room"`
	CreatedAt   string  `json:"created_at"`
	ProcessedAt string  `json:"processed_at"`
	State       string  `json:"state"`
	Amount      Money   `json:"amount"`
	To          string  `json:"destination"`
	Payment     desk.ID `json:"payment"`
	Order       desk.ID `json:"order"`
	Holder      desk.ID `json:"holder"`
	Receipt     string  `json:"receipt"`
	Reference   string  `json:"reference"`
	Reason      string  `json:"reason"`
}

// Refunds writes every refund of every room. Home is the room of those that
// name none.
func (j Job) Refunds(ctx context.Context, home string, w io.Writer) error {
	return rows(ctx, j, newLineWriter[RefundLine](w, j.Format),
		func(ctx context.Context, q desk.Query) ([]desk.Refund, error) {
			return desk.List[desk.Refund](ctx, j.Desk, q)
		},
		func(r desk.Refund) string { return string(r.ID) },
		func(r desk.Refund) []RefundLine {
			room := r.Room
			if room == "" {
				room = home
			}
			return []RefundLine{{r.ID, room, inIndia(r.CreatedAt), inIndia(r.ProcessedAt), r.State, Money(r.Amount), r.To,
				r.Payment, r.Order, r.Holder, r.Receipt, r.Reference, r.Reason}}
		})
}

// A StatementLine is a line of a wallet's statement.
type StatementLine struct {
	ID          desk.ID `json:"id"`
	At          string  `json:"at"`
	Type        string  `json:"type"`
	Source      desk.ID `json:"source"`
	Description string  `json:"description"`
	Debit       Money   `json:"debit"`
	Credit      Money   `json:"credit"`
	Balance     Money   `json:"balance"`
}

// MaxPDF is how many lines a statement as PDF may have: about 350 pages.
const MaxPDF = 15_000

// WhyLong refuses a PDF that would have more than MaxPDF lines: Exceeds.
const WhyLong ledger.Why = "export_long"

// Statement writes a customer's wallet statement. It refuses NotFound, and
// Exceeds (WhyLong) a PDF that would be too long, before anything is written.
func (j Job) Statement(ctx context.Context, customer desk.ID, w io.Writer) error {
	who, err := desk.Find[desk.Customer](ctx, j.Desk, j.Book, customer)
	if err != nil {
		return err
	}
	var to writer[StatementLine]
	if j.Format != PDF {
		to = newLineWriter[StatementLine](w, j.Format)
	} else {
		b, err := j.Desk.Store.Book(ctx, j.Book)
		if err != nil {
			return err
		}
		to = newStatementPDF(w, b, who, j, b.Clock.Now(ledger.At(j.Desk.Now())))
	}
	return rows(ctx, j, to,
		func(ctx context.Context, q desk.Query) ([]desk.WalletLine, error) {
			q.Parent = customer
			return j.Desk.Store.Statement(ctx, q)
		},
		func(l desk.WalletLine) string { return strconv.FormatInt(l.N, 10) },
		func(l desk.WalletLine) []StatementLine {
			return []StatementLine{{l.ID, inIndia(l.CreatedAt), l.Type, l.Source, l.Description, Money(l.Debit), Money(l.Credit), Money(l.Balance)}}
		})
}

// errLong is a PDF that would be too long.
var errLong = ledger.Refuse(ledger.Exceeds, WhyLong, "a PDF may have %d lines: ask for a shorter period, or for CSV", MaxPDF).In("format")
