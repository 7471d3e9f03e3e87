package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"wapas/desk"
	"wapas/ledger"
	"wapas/sqlstore"
)

func (p *program) archive() *cobra.Command {
	var a archiver
	c := &cobra.Command{
		Use:   "archive",
		Short: "Move closed months from the database to small files",
		Long: `Move what was sealed in months that are closed from the database to small files:
entries with their postings, events, the lines of statements, and the seals over
them. Nothing else changes: every page, statement and export reads both, and
"wapas verify" adds both up. Orders, payments, refunds, balances and all else
that may still change stay where they are.

The months before --before are moved, of all books or of those named, and the last
--keep closed months always stay. So do events that an endpoint has not
heard of yet. It may run beside a server, and may be broken off and run again:
a file is written and read back before anything is deleted.

The files lie in the folder of --archive. They never change; they belong to the
database as the master key does, and are to be kept as long. On PostgreSQL each
server needs the folder. A file is lines of JSON, packed by gzip: zcat reads it.`,
		Example: `  wapas archive --dry-run
  wapas archive --before 2026-04
  wapas archive --merchant mrch_Qm1aB2cD3eF4gH --mode live --keep 12 --json
  wapas archive --list`,
		Args: args(),
		RunE: p.unsealed(func(ctx context.Context, h *house, _ []string) error { return a.run(ctx, p, h) }),
	}
	c.Flags().StringVar(&a.before, "before", "", "a month, such as 2026-04: what is from before it is moved (default: all but the months that are kept)")
	c.Flags().IntVar(&a.keep, "keep", 3, "how many closed months stay in the database, besides this one; at least 1")
	c.Flags().StringVar(&a.merchant, "merchant", "", "whose books (default: everybody's)")
	c.Flags().StringVar(&a.mode, "mode", "", "which books: test or live (default: both)")
	c.Flags().BoolVar(&a.dry, "dry-run", false, "only say what would be moved")
	c.Flags().BoolVar(&a.list, "list", false, "only list the archives that there are")
	c.Flags().BoolVar(&a.asJSON, "json", false, "print JSON")
	return p.with(c, "db", "archive")
}

// An archiver is what the verb was asked for.
type archiver struct {
	before, merchant, mode string
	keep                   int
	dry, list, asJSON      bool
}

// A shelved is an archive as it is shown. Without a size it was not made.
type shelved struct {
	Book     int64  `json:"book"`
	N        int64  `json:"n"`
	File     string `json:"file"`
	Bytes    int64  `json:"bytes"`
	SHA256   string `json:"sha256"`
	Month    string `json:"month"`
	Seals    int64  `json:"seals"`
	Entries  int64  `json:"entries"`
	Postings int64  `json:"postings"`
	Events   int64  `json:"events"`
	Lines    int64  `json:"wallet_lines"`
}

func showShelved(a sqlstore.Archive) shelved {
	return shelved{int64(a.Book), a.N, a.File, a.Made.Size, a.Made.Sum, monthText(a.SealedAt.Month()), a.Seal - a.FirstSeal + 1,
		a.Entry - a.FirstEntry + 1, a.Postings, a.Event - a.FirstEvent + 1, a.Lines}
}

func monthText(m int64) string { return fmt.Sprintf("%04d-%02d", m/100, m%100) }

// month is the first that is not moved.
func (a *archiver) month(now time.Time) (int64, error) {
	if a.keep < 1 {
		return 0, usagef("--keep must be 1 or more: months are still read often when they have just ended")
	}
	this := now.In(india)
	kept := time.Date(this.Year(), this.Month()-time.Month(a.keep), 1, 0, 0, 0, 0, india)
	if a.before == "" {
		return ledger.At(kept).Month(), nil
	}
	before, err := time.ParseInLocation("2006-01", a.before, india)
	if err != nil {
		return 0, usagef("--before must be a month, such as 2026-04, not %q", a.before)
	}
	if before.After(kept) {
		return 0, usagef("--before %s would leave fewer than the %d closed months that --keep says: %s is the latest", a.before, a.keep, kept.Format("2006-01"))
	}
	return ledger.At(before).Month(), nil
}

// books are those that were asked for.
func (a *archiver) books(ctx context.Context, h *house) (some []desk.Book, err error) {
	if a.mode != "" && a.mode != string(desk.Test) && a.mode != string(desk.Live) {
		return nil, usagef("--mode is test or live, not %q", a.mode)
	}
	some, err = h.store.Books(ctx, desk.BookQuery{Merchant: desk.ID(a.merchant), Mode: desk.Mode(a.mode)})
	if err == nil && len(some) == 0 {
		return nil, errors.New("there is no such book: \"wapas merchant list\" shows who has books")
	}
	return some, err
}

func (a *archiver) run(ctx context.Context, p *program, h *house) error {
	before, err := a.month(h.desk.Now())
	if err != nil {
		return err
	}
	books, err := a.books(ctx, h)
	if err != nil {
		return err
	}
	all, strays := []shelved{}, []string{}
	keep := func(made ...sqlstore.Archive) {
		for _, m := range made {
			all = append(all, showShelved(m))
		}
	}
	for _, b := range books {
		var made []sqlstore.Archive
		var err error
		switch {
		case a.list:
			made, err = h.store.Archives(ctx, b.ID)
		case a.dry:
			made, err = h.store.Plan(ctx, b.ID, sqlstore.ArchiveOptions{Before: before})
		default:
			made, err = h.store.Archive(ctx, b.ID, sqlstore.ArchiveOptions{Before: before})
		}
		keep(made...)
		if err != nil {
			return fmt.Errorf("book %d: %w", b.ID, err)
		}
		some, err := h.store.Strays(ctx, b)
		if err != nil {
			return err
		}
		strays = append(strays, some...)
	}
	if a.asJSON {
		return p.json(struct {
			Folder   string    `json:"archive"`
			Before   string    `json:"before"`
			Archives []shelved `json:"archives"`
			Strays   []string  `json:"strays"` // files that no archive names
		}{h.store.ArchiveFolder(), monthText(before), all, strays})
	}
	return a.print(p, h, before, all, strays)
}

func (a *archiver) print(p *program, h *house, before int64, all []shelved, strays []string) error {
	w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	var sum shelved
	fmt.Fprintln(w, "book\tmonth\tseals\tentries\tpostings\tevents\tlines\tbytes\t")
	row := func(name, month string, s shelved) {
		sizes := fmt.Sprintf("%d\t%d\t%d\t%d\t%d\t%d", s.Seals, s.Entries, s.Postings, s.Events, s.Lines, s.Bytes)
		if a.dry { // what is not written has not been counted
			sizes = fmt.Sprintf("%d\t%d\t\t%d\t\t", s.Seals, s.Entries, s.Events)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t\n", name, month, sizes)
	}
	for _, s := range all {
		row(fmt.Sprint(s.Book), s.Month, s)
		sum.Seals, sum.Entries, sum.Postings, sum.Events = sum.Seals+s.Seals, sum.Entries+s.Entries, sum.Postings+s.Postings, sum.Events+s.Events
		sum.Lines, sum.Bytes = sum.Lines+s.Lines, sum.Bytes+s.Bytes
	}
	if len(all) > 1 {
		row("all", "", sum)
	}
	if len(all) > 0 {
		if err := w.Flush(); err != nil {
			return err
		}
	}
	for _, s := range strays {
		fmt.Fprintf(p.out, "%s belongs to no archive: it was left behind by a run that was broken off, or by another database\n", s)
	}
	var err error
	switch {
	case len(all) == 0 && a.list:
		_, err = fmt.Fprintln(p.out, "there are no archives")
	case len(all) == 0:
		_, err = fmt.Fprintf(p.out, "nothing from before %s is left to move\n", monthText(before))
	case a.dry:
		_, err = fmt.Fprintf(p.out, "%d files would be made in %s\n", len(all), h.store.ArchiveFolder())
	case a.list:
		_, err = fmt.Fprintf(p.out, "%d files in %s\n", len(all), h.store.ArchiveFolder())
	default:
		_, err = fmt.Fprintf(p.out, "%d files in %s; keep copies of them with your backups\n", len(all), h.store.ArchiveFolder())
	}
	return err
}

// shelvedIn lists the archives that belong to a backup.
func shelvedIn(ctx context.Context, path string) ([]shelved, error) {
	all, err := sqlstore.ArchivesIn(ctx, path)
	shown := make([]shelved, len(all))
	for i, a := range all {
		shown[i] = showShelved(a)
	}
	return shown, err
}

// belonging says which files belong to a backup.
func (p *program) belonging(files []shelved, folder string) {
	if len(files) == 0 {
		return
	}
	var bytes int64
	for _, f := range files {
		bytes += f.Bytes
	}
	fmt.Fprintf(p.out, "with it belong %d archives, %d bytes, in %s, the last of which is %s: keep a copy of them\n",
		len(files), bytes, folder, filepath.Base(files[len(files)-1].File))
}
