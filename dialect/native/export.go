package native

import (
	"context"
	"io"
	"strings"

	"wapas/desk"
	"wapas/export"
	"wapas/ledger"
)

// exportRoutes are what is in the book for other programs and for people, in
// files that are written while they are read.
func exportRoutes() []route {
	media := []string{export.Media[export.CSV], export.Media[export.Lines]}
	columns := func(names []string) string {
		return "The oldest first, written while it is read. Columns: " + strings.Join(names, ", ") + ". Amounts are rupees, times are India's."
	}
	return under("Exports",
		download("/exports/journal", "exportJournal", moneyRead, "Every posting of every entry", media, exportJournal).
			says(columns(export.Columns[export.JournalLine]())),
		download("/exports/postings/{account_id}", "exportPostings", moneyRead, "Every posting of an account", media, exportPostings).
			says(columns(export.Columns[export.PostingLine]())),
		download("/exports/refunds", "exportRefunds", refundRead, "Every refund of every room", media, exportRefunds).
			says(columns(export.Columns[export.RefundLine]())),
		download("/exports/statement/{customer_id}", "exportStatement", customerRead, "A customer's wallet statement", append(media, export.Media[export.PDF]), exportStatement).
			says(columns(export.Columns[export.StatementLine]())+" The PDF is for the customer; it is refused as exceeds if it would be very long."),
	)
}

type exportPeriod struct {
	Since moment `query:"created_from" doc:"Only what happened at or after this moment."`
	Until moment `query:"created_to" doc:"Only what happened at or before this moment."`
}

type exportFormat struct {
	Format string `query:"format" enum:"csv|jsonl" doc:"csv if it is not said."`
	exportPeriod
}

// job is the export that is asked for.
func (in exportPeriod) job(q *request, format string) export.Job {
	if format == "" {
		format = export.CSV
	}
	return export.Job{Desk: q.desk(), Book: q.book(), From: ledger.Time(in.Since), To: ledger.Time(in.Until), Format: format}
}

// fileOf is an export under a name.
func fileOf(j export.Job, name string, write func(ctx context.Context, w io.Writer) error) file {
	return file{name: name + "." + j.Format, media: export.Media[j.Format], write: write}
}

func exportJournal(q *request, in exportFormat) (file, error) {
	j := in.job(q, in.Format)
	return fileOf(j, "journal", j.Journal), nil
}

type exportAccount struct {
	accountPath
	exportFormat
}

func exportPostings(q *request, in exportAccount) (file, error) {
	if _, ok := ledger.HeadingOf(in.ID.Code()); !ok {
		return file{}, ledger.Refuse(ledger.NotFound, desk.WhyUnknownID, "%s", in.ID).In("account_id")
	}
	j := in.job(q, in.Format)
	return fileOf(j, "postings-"+strings.ReplaceAll(string(in.ID), "/", "-"), func(ctx context.Context, w io.Writer) error {
		return j.Postings(ctx, in.ID, w)
	}), nil
}

func exportRefunds(q *request, in exportFormat) (file, error) {
	j := in.job(q, in.Format)
	return fileOf(j, "refunds", func(ctx context.Context, w io.Writer) error { return j.Refunds(ctx, roomOf(""), w) }), nil
}

type exportOfCustomer struct {
	ID     desk.ID `path:"customer_id" form:"id" doc:"The customer's id."`
	Format string  `query:"format" enum:"csv|jsonl|pdf" doc:"csv if it is not said."`
	exportPeriod
}

func exportStatement(q *request, in exportOfCustomer) (file, error) {
	j := in.job(q, in.Format)
	if _, err := desk.Find[desk.Customer](q.Context(), q.desk(), q.book(), in.ID); err != nil {
		return file{}, err
	}
	return fileOf(j, "statement-"+string(in.ID), func(ctx context.Context, w io.Writer) error { return j.Statement(ctx, in.ID, w) }), nil
}
