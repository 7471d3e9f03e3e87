package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"wapas/desk"
	"wapas/export"
	"wapas/ledger"
)

func (p *program) job() *cobra.Command {
	c := &cobra.Command{
		Use:   "job",
		Short: "Do a long list of refunds or store credits, as of an event that was called off",
		Long: `A job does a list of refunds or store credits from a CSV file. First it is checked:
each row is tried and forgotten, so that you see what would happen, and nothing
has. Then you start it by saying the total that the check found, and the rows are
done in their order, each once, whatever breaks. It can be paused, has a budget if
you give it one, and ends with a report of every row.

"wapas job run FILE.csv" is all of that in one. A running server does a job by
itself; where none runs, "run", "preview" and --wait do it here.

The columns of a file of refunds are

  payment    an id of the payment or its order, an order's receipt, what you or
             the provider call it, or the bank's number
  amount     rupees; empty is all that is left
  reference  your own: once for each payment
  note       kept with the refund

and of one of store credits (--what credit) customer, contact, amount, and if you
like email, purpose (refund, gift, goodwill), order, reference, note. Above the
terms' two_people_above a start takes two people.`,
		Example: `  wapas job run refunds.csv --budget 100000.00 --mode live
  wapas job create refunds.csv --note "The concert is off" --mode live
  wapas job start job_Qm1aB2cD3eF4gH 48200.00 --mode live
  wapas job report job_Qm1aB2cD3eF4gH --out report.csv --mode live`,
	}
	return group(c, p.jobRun(), p.jobCreate(), p.jobList(), p.jobShow(), p.jobPreview(), p.jobStart(), p.jobAgree(), p.jobPause(), p.jobResume(), p.jobCancel(), p.jobReport())
}

// A shownJob is a job as it is shown. Amounts are paise.
type shownJob struct {
	ID         desk.ID       `json:"id"`
	What       string        `json:"what"`
	State      string        `json:"state"`
	Note       string        `json:"note,omitempty"`
	By         string        `json:"by"`
	Starter    string        `json:"started_by,omitempty"`
	Second     string        `json:"agreed_by,omitempty"`
	Speed      string        `json:"speed,omitempty"`
	ReverseAll bool          `json:"reverse_all"`
	Budget     ledger.Amount `json:"budget,omitempty"`
	Rows       int64         `json:"rows"`
	Waiting    int64         `json:"waiting"`
	Bad        int64         `json:"bad"`
	Ready      int64         `json:"ready"`
	Done       int64         `json:"done"`
	Refused    int64         `json:"refused"`
	Twins      int64         `json:"twins"`
	Left       ledger.Amount `json:"left"`
	Moved      ledger.Amount `json:"moved"`
	Quoted     ledger.Amount `json:"quoted,omitempty"`
	ToSource   ledger.Amount `json:"to_source"`
	ToWallet   ledger.Amount `json:"to_wallet"`
	ToCredit   ledger.Amount `json:"to_credit"`
	Fees       ledger.Amount `json:"fees"`
	Merchant   ledger.Amount `json:"merchant"`
	Reason     string        `json:"reason,omitempty"`
	CreatedAt  string        `json:"created_at"`
	CheckedAt  string        `json:"checked_at,omitempty"`
	StartedAt  string        `json:"started_at,omitempty"`
	EndedAt    string        `json:"ended_at,omitempty"`
}

func showJob(j desk.Job) shownJob {
	return shownJob{
		j.ID, j.What, j.State, j.Note, j.By, j.Starter, j.Second, j.Speed, j.ReverseAll, j.Budget,
		j.Rows, j.Waiting(), j.Bad, j.Ready, j.Done, j.Refused, j.Twins, j.Left, j.Moved, j.Quoted,
		j.ToSource, j.ToWallet, j.ToCredit, j.Fees, j.Merchant, j.Reason, stamp(j.CreatedAt), stamp(j.CheckedAt), stamp(j.StartedAt), stamp(j.EndedAt),
	}
}

// A foreman is what the job verbs have in common.
type foreman struct {
	settler
	*program
	h    *house
	book desk.Book
	// whole says that the verb fails unless the job came to this state and no row of
	// it is bad or refused; empty: it does not.
	whole string
}

// jobVerb makes a verb about a job.
func (p *program) jobVerb(name, short, example string, takes []string, do func(ctx context.Context, f *foreman, got []string) (desk.Job, error)) (*cobra.Command, *foreman) {
	f := &foreman{program: p}
	c := &cobra.Command{Use: name, Short: short, Example: "  wapas job " + example, Args: args(takes...)}
	for _, a := range takes {
		c.Use += " " + a
	}
	f.settler.flags(c)
	c.RunE = p.unsealed(func(ctx context.Context, h *house, got []string) (err error) {
		f.h = h
		if f.book, err = bookOf(ctx, h, f.settler.merchant, f.mode); err != nil {
			return err
		}
		j, err := do(ctx, f, got)
		if err != nil {
			return f.words(err)
		}
		if f.asJSON {
			err = p.json(showJob(j))
		} else {
			err = errors.Join(f.why(context.WithoutCancel(ctx), j), f.say(j)) // after Ctrl-C, too
		}
		if err == nil && f.whole != "" && (j.State != f.whole || j.Bad+j.Refused > 0) {
			err = errSaid
		}
		return err
	})
	return p.with(c, "db"), f
}

// words says why a job was refused, and what to do about it.
func (f *foreman) words(err error) error {
	var e *ledger.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Why {
	case desk.WhyUnknownID:
		return fmt.Errorf("there is no job %s in the %s book of %s; \"wapas job list\" shows them", e.Detail, f.book.Mode, f.book.Merchant)
	case desk.WhyJobSame:
		return fmt.Errorf("it takes another person than the one who asked: %s; say who you are with --as", e.Detail)
	}
	return err
}

// whys is how many rows that were refused are told of.
const whys = 10

// why tells why the first rows of those that were refused were.
func (f *foreman) why(ctx context.Context, j desk.Job) error {
	rows, err := f.h.desk.JobRows(ctx, f.book.ID, j.ID, 0, whys, true)
	for _, r := range rows {
		fmt.Fprintf(f.err, "row %d, %s: %s\n", r.No, r.Names, jobWords(r.Refusal()))
	}
	if more := j.Bad + j.Refused - whys; more > 0 {
		fmt.Fprintf(f.err, "and %d more: wapas job report %s\n", more, j.ID)
	}
	return err
}

// jobWords says why a row was refused, where the desk gives only a value.
func jobWords(e *ledger.Error) string {
	switch e.Why {
	case desk.WhyUnknownID:
		return "there is nothing of this name"
	case desk.WhyRefundOld:
		return "the payment is more than six months old: its refund must be of optimum speed"
	case desk.WhyRefundReceipt:
		return "the payment has a refund with this reference"
	case desk.WhyKeyUsed:
		return "a credit has this reference"
	case ledger.WhyFullyRefunded:
		return "all of it was given back"
	}
	return plain(e)
}

// say tells how a job stands, and what to do next.
func (f *foreman) say(j desk.Job) error {
	w := tabwriter.NewWriter(f.out, 0, 0, 2, ' ', 0)
	line := func(name, format string, args ...any) { fmt.Fprintf(w, "%s\t%s\n", name, fmt.Sprintf(format, args...)) }
	line(string(j.ID), "%ss, %s", j.What, j.State)
	if j.Note != "" {
		line("", "%s", j.Note)
	}
	if j.Reason != "" {
		line("why", "%s", j.Reason)
	}
	line("rows", "%d", j.Rows)
	for _, n := range []struct {
		name  string
		rows  int64
		money ledger.Amount
		text  string
	}{
		{"  waiting", j.Waiting(), 0, ""}, {"  bad", j.Bad, 0, "refused by the check"}, {"  ready", j.Ready, j.Left, ""},
		{"  done", j.Done, j.Moved, ""}, {"  refused", j.Refused, 0, "the books had gone on"},
	} {
		switch {
		case n.rows > 0 && n.money > 0:
			line(n.name, "%d\t%s rupees", n.rows, n.money)
		case n.rows > 0:
			line(n.name, "%d\t%s", n.rows, n.text)
		}
	}
	if j.Twins > 0 {
		line("twins", "%d\tare about what an earlier row is about", j.Twins)
	}
	if j.State == desk.JobChecked || j.State == desk.JobAsked {
		for _, m := range []struct {
			name  string
			money ledger.Amount
		}{{"to source", j.ToSource}, {"to wallets", j.ToWallet}, {"as credit", j.ToCredit}, {"fees", j.Fees}, {"from merchant", j.Merchant}} {
			if m.money != 0 {
				line(m.name, "%s rupees", m.money)
			}
		}
	}
	if j.Budget > 0 {
		line("budget", "%s rupees", j.Budget)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	next := map[string]string{
		desk.JobDraft: "preview " + string(j.ID), desk.JobChecked: fmt.Sprintf("start %s %s", j.ID, j.Left), desk.JobAsked: "agree " + string(j.ID) + " --as NAME, by another person within a day",
		desk.JobPaused: "resume " + string(j.ID), desk.JobFailed: "resume " + string(j.ID), desk.JobDone: "report " + string(j.ID),
	}[j.State]
	if next != "" && (j.State != desk.JobChecked || j.Ready > 0) {
		fmt.Fprintf(f.out, "\nNext: wapas job %s\n", next)
	}
	return nil
}

// jobPatience is how long a job that works may stand still until it is taken to
// be nobody's, and is done here.
const jobPatience = 500 * time.Millisecond

// follow shows how a job comes along until it works no more. If no server is at
// it, it is done here.
func (f *foreman) follow(ctx context.Context, id desk.ID) (desk.Job, error) {
	j, err := f.h.desk.Job(ctx, f.book.ID, id)
	if err != nil || !j.Working() {
		return j, err
	}
	doing := map[string]string{desk.JobChecking: "checking", desk.JobRunning: "doing"}[j.State]
	var bar *bar
	if !f.asJSON {
		bar = f.progress(fmt.Sprintf("%s %d rows", doing, j.Rows))
	}
	began := time.Now()
	at, moved, ours := j.Next, began, false
	for j.Working() {
		if j.Next != at {
			at, moved = j.Next, time.Now()
		}
		if bar != nil {
			bar.said(int(j.Next-1), int(j.Rows))
		}
		if ours = ours || time.Since(moved) > jobPatience; ours {
			j, err = f.h.desk.WorkJob(ctx, f.book.ID, id)
		} else if err = nap(ctx, 50*time.Millisecond); err == nil {
			j, err = f.h.desk.Job(ctx, f.book.ID, id)
		}
		if err != nil {
			return j, err
		}
	}
	if bar != nil {
		bar.done(time.Since(began))
	}
	return j, nil
}

func nap(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *program) jobList() *cobra.Command {
	var s settler
	c := &cobra.Command{
		Use:     "list",
		Short:   fmt.Sprintf("List the latest %d jobs, newest first", listed),
		Example: "  wapas job list --mode live",
		Args:    args(),
		RunE: p.unsealed(func(ctx context.Context, h *house, _ []string) error {
			book, err := bookOf(ctx, h, s.merchant, s.mode)
			if err != nil {
				return err
			}
			all, err := desk.List[desk.Job](ctx, h.desk, desk.Query{Book: book.ID, Count: listed})
			if err != nil {
				return err
			}
			lines := make([]shownJob, len(all))
			for i, j := range all {
				lines[i] = showJob(j)
			}
			if s.asJSON {
				return p.json(lines)
			}
			w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "JOB\tWHAT\tSTATE\tROWS\tDONE\tREFUSED\tRUPEES\tCREATED\tNOTE")
			for _, l := range lines {
				fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%d\t%d\t%s\t%s\t%s\n", l.ID, l.What, l.State, l.Rows, l.Done, l.Bad+l.Refused, l.Moved, l.CreatedAt, l.Note)
			}
			return w.Flush()
		}),
	}
	s.flags(c)
	return p.with(c, "db")
}

func (p *program) jobShow() *cobra.Command {
	c, _ := p.jobVerb("show", "Show how a job stands", "show job_Qm1aB2cD3eF4gH --mode live", []string{"JOB"}, func(ctx context.Context, f *foreman, got []string) (desk.Job, error) {
		return f.h.desk.Job(ctx, f.book.ID, desk.ID(got[0]))
	})
	return c
}

func (p *program) jobPreview() *cobra.Command {
	c, _ := p.jobVerb("preview", "Check every row, and show what would happen: nothing has", "preview job_Qm1aB2cD3eF4gH --mode live", []string{"JOB"}, func(ctx context.Context, f *foreman, got []string) (desk.Job, error) {
		j, err := f.h.desk.Job(ctx, f.book.ID, desk.ID(got[0]))
		if err == nil && j.State != desk.JobChecking {
			j, err = f.h.desk.PreviewJob(ctx, f.book.ID, j.ID)
		}
		if err != nil {
			return j, err
		}
		return f.follow(ctx, j.ID)
	})
	return c
}

func (p *program) jobStart() *cobra.Command {
	var wait bool
	var budget string
	c, _ := p.jobVerb("start", "Start a job: say the total that its check found", "start job_Qm1aB2cD3eF4gH 48200.00 --mode live", []string{"JOB", "RUPEES"}, func(ctx context.Context, f *foreman, got []string) (desk.Job, error) {
		total, err := rupees("the total", got[1])
		limit, err2 := budgetOf(budget)
		if err = firstOf(err, err2); err != nil {
			return desk.Job{}, err
		}
		j, err := f.h.desk.StartJob(ctx, f.book.ID, desk.JobStart{Job: desk.ID(got[0]), Total: total, By: p.who(), Budget: limit})
		if err != nil || !wait {
			return j, err
		}
		return f.follow(ctx, j.ID)
	})
	c.Flags().BoolVar(&wait, "wait", false, "show how it comes along, and do it here if no server does")
	c.Flags().StringVar(&budget, "budget", "", "pause before the row that would go above it, in rupees")
	return c
}

// budgetOf reads a budget as it was typed; nil if there is none.
func budgetOf(text string) (*ledger.Amount, error) {
	if text == "" {
		return nil, nil
	}
	a, err := rupees("--budget", text)
	return &a, err
}

func (p *program) jobAgree() *cobra.Command {
	c, _ := p.jobVerb("agree", "Agree to a start that another person asked for", "agree job_Qm1aB2cD3eF4gH --as ravi --mode live", []string{"JOB"}, func(ctx context.Context, f *foreman, got []string) (desk.Job, error) {
		return f.h.desk.AgreeJob(ctx, f.book.ID, desk.JobWord{Job: desk.ID(got[0]), By: p.who()})
	})
	return c
}

func (p *program) jobPause() *cobra.Command {
	c, _ := p.jobVerb("pause", "Stop a job before its next row", "pause job_Qm1aB2cD3eF4gH --mode live", []string{"JOB"}, func(ctx context.Context, f *foreman, got []string) (desk.Job, error) {
		return f.h.desk.PauseJob(ctx, f.book.ID, desk.JobWord{Job: desk.ID(got[0]), By: p.who()})
	})
	return c
}

func (p *program) jobResume() *cobra.Command {
	var wait bool
	var budget string
	c, _ := p.jobVerb("resume", "Go on with a job's next row", "resume job_Qm1aB2cD3eF4gH --budget 60000.00 --mode live", []string{"JOB"}, func(ctx context.Context, f *foreman, got []string) (desk.Job, error) {
		limit, err := budgetOf(budget)
		if err != nil {
			return desk.Job{}, err
		}
		j, err := f.h.desk.ResumeJob(ctx, f.book.ID, desk.JobResume{JobWord: desk.JobWord{Job: desk.ID(got[0]), By: p.who()}, Budget: limit})
		if err != nil || !wait {
			return j, err
		}
		return f.follow(ctx, j.ID)
	})
	c.Flags().BoolVar(&wait, "wait", false, "show how it comes along, and do it here if no server does")
	c.Flags().StringVar(&budget, "budget", "", "another budget, in rupees; 0 is none")
	return c
}

func (p *program) jobCancel() *cobra.Command {
	c, _ := p.jobVerb("cancel", "End a job: what was done stays done", "cancel job_Qm1aB2cD3eF4gH --mode live", []string{"JOB"}, func(ctx context.Context, f *foreman, got []string) (desk.Job, error) {
		return f.h.desk.CancelJob(ctx, f.book.ID, desk.JobWord{Job: desk.ID(got[0]), By: p.who()})
	})
	return c
}

func (p *program) jobReport() *cobra.Command {
	var s settler
	var out string
	c := &cobra.Command{
		Use:   "report JOB",
		Short: "Write what became of every row, as CSV",
		Long: `Write every row of a job and what became of it, in their order, as CSV, or with
--json as a JSON object a line. A row that is bad or refused says why.`,
		Example: `  wapas job report job_Qm1aB2cD3eF4gH --out report.csv --mode live`,
		Args:    args("JOB"),
		RunE: p.unsealed(func(ctx context.Context, h *house, got []string) error {
			f := &foreman{settler: s, program: p, h: h}
			var err error
			if f.book, err = bookOf(ctx, h, s.merchant, s.mode); err != nil {
				return err
			}
			j, err := h.desk.Job(ctx, f.book.ID, desk.ID(got[0]))
			if err != nil {
				return f.words(err)
			}
			return f.report(ctx, j.ID, out)
		}),
	}
	s.flags(c)
	c.Flags().StringVar(&out, "out", "", "the file to write (default: print it)")
	return p.with(c, "db")
}

// report writes the rows of a job to a file, or prints them.
func (f *foreman) report(ctx context.Context, id desk.ID, path string) error {
	x := export.Job{Desk: f.h.desk, Book: f.book.ID, Format: export.CSV}
	if f.asJSON {
		x.Format = export.Lines
	}
	to := io.Writer(f.out)
	if path == "" {
		return x.JobRows(ctx, id, to)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600) // it names people
	if err != nil {
		return err
	}
	return errors.Join(x.JobRows(ctx, id, file), file.Close())
}
