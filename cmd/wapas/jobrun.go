package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"wapas/desk"
	"wapas/export"
	"wapas/ledger"
)

// A filled is a job that is made from a file, as it is asked for.
type filled struct {
	what, note, speed, budget, again string
	reverseAll                       bool
}

func (q *filled) flags(c *cobra.Command) {
	c.Flags().StringVar(&q.what, "what", desk.JobRefunds, "what the rows are: refund or credit")
	c.Flags().StringVar(&q.note, "note", "", "what it is for")
	c.Flags().StringVar(&q.speed, "speed", "", "of refunds: normal or optimum")
	c.Flags().BoolVar(&q.reverseAll, "reverse-all", false, "of refunds: pull the payments' transfers back first")
	c.Flags().StringVar(&q.budget, "budget", "", "pause before the row that would go above it, in rupees")
	c.Flags().StringVar(&q.again, "again", "", "a name: makes another job of a file that was one already")
}

// fill makes the job of a file, or finds it, and adds the rows that it has not:
// the file's content is its key.
func (f *foreman) fill(ctx context.Context, path string, q filled) (desk.Job, error) {
	limit, err := budgetOf(q.budget)
	if err != nil {
		return desk.Job{}, err
	}
	if q.speed != "" && q.speed != "normal" && q.speed != "optimum" {
		return desk.Job{}, usagef("--speed is normal or optimum, not %q", q.speed)
	}
	rows, lines, key, err := f.readRows(path, q.what)
	if err != nil {
		return desk.Job{}, err
	}
	ask := desk.JobRequest{What: q.what, Speed: q.speed, ReverseAll: q.reverseAll}
	ask.Key = desk.Once{Scope: "cli.job", Key: key + "/" + q.again, Digest: desk.Digest(ask)}
	ask.Note, ask.By = q.note, f.who()
	if limit != nil {
		ask.Budget = *limit
	}
	j, err := f.h.desk.CreateJob(ctx, f.book.ID, ask)
	if ledger.CodeOf(err) == ledger.Mismatch {
		return j, fmt.Errorf("this file is a job already, with another --speed or --reverse-all; \"wapas job list\" shows it, --again NAME makes another of it")
	}
	if err == nil {
		j, err = f.h.desk.Job(ctx, f.book.ID, j.ID) // as it is now
	}
	for err == nil && j.State == desk.JobDraft && int(j.Rows) < len(rows) {
		at := int(j.Rows)
		page := desk.JobPage{Job: j.ID, First: j.Rows + 1, Rows: rows[at:min(at+desk.MaxJobPage, len(rows))]}
		j, err = f.h.desk.AddJobRows(ctx, f.book.ID, page)
		var wrong *desk.ItemError
		if errors.As(err, &wrong) {
			return j, fmt.Errorf("%s:%d: %s", path, lines[at+wrong.Item], plain(wrong.Err))
		}
	}
	return j, err
}

// readRows reads a file's rows with the line of each, and what names its content.
func (f *foreman) readRows(path, what string) (rows []desk.JobRowRequest, lines []int, key string, err error) {
	if what != desk.JobRefunds && what != desk.JobCredits {
		return nil, nil, "", usagef("--what is refund or credit, not %q", what)
	}
	in := io.Reader(os.Stdin)
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return nil, nil, "", err
		}
		defer file.Close()
		in = file
	}
	content, err := io.ReadAll(in)
	if err != nil {
		return nil, nil, "", err
	}
	needed, known := export.JobColumns(what)
	table, err := export.Table(bytes.NewReader(content), needed, known, desk.MaxJobRows)
	if err != nil {
		return nil, nil, "", fmt.Errorf("%s: %w", path, err)
	}
	wrong := 0
	for _, r := range table {
		q, err := export.JobRow(r)
		if err == nil {
			err = q.Check(what)
		}
		if err != nil {
			if wrong++; wrong <= maxFindings {
				fmt.Fprintf(f.err, "%s:%d: %s\n", path, r.Line, plain(err))
			}
		}
		rows, lines = append(rows, q), append(lines, r.Line)
	}
	switch {
	case wrong > 0:
		return nil, nil, "", fmt.Errorf("%d of %d rows are wrong; nothing was done", wrong, len(rows))
	case len(rows) == 0:
		return nil, nil, "", fmt.Errorf("%s has no rows", path)
	}
	sum := sha256.Sum256(content)
	return rows, lines, what + "/" + hex.EncodeToString(sum[:]), nil
}

func (p *program) jobCreate() *cobra.Command {
	var q filled
	c, _ := p.jobVerb("create", "Make a job of a CSV file, without checking or starting it", `create refunds.csv --note "The concert is off" --mode live`, []string{"FILE"}, func(ctx context.Context, f *foreman, got []string) (desk.Job, error) {
		return f.fill(ctx, got[0], q)
	})
	c.Long = `Make a job of a CSV file; "wapas job --help" has its columns. The same file is the
same job: after a crash, run it again, and the rows that are missing are added.`
	q.flags(c)
	return c
}

func (p *program) jobRun() *cobra.Command {
	var q filled
	var yes, dry bool
	var report string
	c, _ := p.jobVerb("run", "Make a job of a CSV file, check it, ask, start it, and see it to its end", "run refunds.csv --budget 100000.00 --report report.csv --mode live", []string{"FILE"}, func(ctx context.Context, f *foreman, got []string) (desk.Job, error) {
		if f.whole = desk.JobDone; dry {
			f.whole = desk.JobChecked
		}
		j, err := f.run(ctx, got[0], q, yes, dry)
		if err == nil && report != "" && j.StartedAt != 0 {
			err = f.report(context.WithoutCancel(ctx), j.ID, report) // after Ctrl-C, too
		}
		return j, err
	})
	c.Long = `Make a job of a CSV file, check it, show what it would do, ask, start it, show how
it comes along, and write the report; "wapas job --help" has the file's columns.

The same file is the same job. Ctrl-C pauses it; after that, after a crash, or when
its budget or the balance was raised, run the same again and it goes on where it
was. It exits 1 unless every row is done.`
	q.flags(c)
	c.Flags().BoolVar(&yes, "yes", false, "start it without asking")
	c.Flags().BoolVar(&dry, "dry-run", false, "only check it")
	c.Flags().StringVar(&report, "report", "", "write what became of each row to this CSV file")
	return c
}

// run takes a job from its file to its end, from wherever it stands.
func (f *foreman) run(ctx context.Context, path string, q filled, yes, dry bool) (desk.Job, error) {
	j, err := f.fill(ctx, path, q)
	if err != nil {
		return j, err
	}
	limit, err := budgetOf(q.budget)
	if err != nil {
		return j, err
	}
	d, book := f.h.desk, f.book.ID
	if j.State == desk.JobDraft {
		j, err = d.PreviewJob(ctx, book, j.ID)
	}
	if err == nil && j.State == desk.JobChecking {
		j, err = f.follow(ctx, j.ID)
		if err != nil && ctx.Err() != nil {
			err = fmt.Errorf("%s was being checked, and nothing was done: run the same again, and it goes on", j.ID)
		}
	}
	if err == nil && j.State == desk.JobChecked && j.Ready > 0 && !dry {
		if err = f.agreed(j, yes); err == nil {
			j, err = d.StartJob(ctx, book, desk.JobStart{Job: j.ID, Total: j.Left, By: f.who(), Budget: limit})
		}
	} else if err == nil && (j.State == desk.JobPaused || j.State == desk.JobFailed) && !dry {
		j, err = d.ResumeJob(ctx, book, desk.JobResume{JobWord: desk.JobWord{Job: j.ID, By: f.who()}, Budget: limit})
	}
	if err != nil || j.State != desk.JobRunning {
		return j, err
	}
	going, err := f.follow(ctx, j.ID)
	if err != nil && ctx.Err() != nil {
		// Ctrl-C: nobody goes on with it unasked.
		rest := context.WithoutCancel(ctx)
		if going, err = d.PauseJob(rest, book, desk.JobWord{Job: j.ID, By: f.who()}); ledger.CodeOf(err) == ledger.WrongState {
			going, err = d.Job(rest, book, j.ID)
		}
	}
	return going, err
}

// agreed asks the person at the terminal whether a job may start.
func (f *foreman) agreed(j desk.Job, yes bool) error {
	if yes {
		return nil
	}
	if f.asJSON || !term.IsTerminal(int(os.Stdin.Fd())) {
		return fmt.Errorf("%s would move %s rupees by %d rows: start it with --yes, or with \"wapas job start %s %s\"", j.ID, j.Left, j.Ready, j.ID, j.Left)
	}
	if err := f.say(j); err != nil {
		return err
	}
	fmt.Fprintf(f.out, "\nStart it? Type the total, %s: ", j.Left)
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil && err != io.EOF {
		return err
	}
	if a, ok := ledger.ParseRupees(strings.TrimSpace(line)); !ok || a != j.Left {
		return fmt.Errorf("%s was not started: run the same again, or \"wapas job cancel %s\"", j.ID, j.ID)
	}
	return nil
}
