package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"wapas/desk"
	"wapas/ledger"
)

func (p *program) clock() *cobra.Command {
	c := &cobra.Command{
		Use:   "clock",
		Short: "Show, freeze and move a test book's clock",
		Long: `A test book has a clock of its own. Everything that waits obeys it: refunds that
are pending, payments that wait for their capture, holds. Moving it does what
becomes due before the command returns, and works beside a running server.`,
		Example: "  wapas clock show\n  wapas clock move 72h",
	}
	return group(c,
		p.clockVerb("show", "Show the time of a book", "wapas clock show --json", nil, nil),
		p.clockVerb("freeze", "Make the time stand still, now or at a moment", "wapas clock freeze\n  wapas clock freeze 2026-03-31T23:59:59+05:30", []string{"[MOMENT]"}, readFreeze),
		p.clockVerb("move", "Move the time ahead", "wapas clock move 72h", []string{"DURATION"}, readMove),
		p.clockVerb("set", "Set the time; it stands or runs as before", "wapas clock set 2026-03-31T23:59:59+05:30", []string{"MOMENT"}, readSet),
		p.clockVerb("resume", "Let the time run on from where it stands; with --real, show the real time again", "wapas clock resume\n  wapas clock resume --real", nil, readResume),
	)
}

// A clockReader turns a verb's arguments into what is to be done to the clock.
type clockReader func(args []string, real bool) (desk.ClockRequest, error)

func (p *program) clockVerb(name, short, example string, takes []string, read clockReader) *cobra.Command {
	var merchant string
	var asJSON, real bool
	use := name
	for _, a := range takes {
		use += " " + a
	}
	c := &cobra.Command{Use: use, Short: short, Example: "  " + example}
	c.Args = args(takes...)
	if name == "freeze" {
		c.Args = func(c *cobra.Command, got []string) error {
			if len(got) > 1 {
				return args(takes...)(c, got)
			}
			return nil
		}
	}
	c.RunE = p.unsealed(func(ctx context.Context, h *house, got []string) error {
		var q desk.ClockRequest
		var err error
		if read != nil {
			if q, err = read(got, real); err != nil {
				return err
			}
		}
		book, err := bookOf(ctx, h, merchant, string(desk.Test))
		if err != nil {
			return err
		}
		var face desk.ClockFace
		if read == nil {
			face, err = h.desk.Clock(ctx, book.ID)
		} else {
			face, err = h.desk.SetClock(ctx, book.ID, q)
		}
		if err != nil {
			return err
		}
		return p.printFace(book, face, asJSON)
	})
	c.Flags().StringVar(&merchant, "merchant", "", "whose test book (may be left out if there is one merchant)")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	if name == "resume" {
		c.Flags().BoolVar(&real, "real", false, "show the real time again")
	}
	return p.with(c, "db")
}

func (p *program) printFace(book desk.Book, f desk.ClockFace, asJSON bool) error {
	if asJSON {
		return p.json(struct {
			Merchant desk.ID     `json:"merchant"`
			Book     desk.BookID `json:"book"`
			Now      string      `json:"now"`
			Frozen   bool        `json:"frozen"`
			Ahead    float64     `json:"ahead_seconds"`
		}{book.Merchant, book.ID, stamp(f.Now), f.Frozen, f.Ahead.Round(time.Millisecond).Seconds()})
	}
	how := "running"
	if f.Frozen {
		how = "frozen"
	}
	ahead := f.Ahead.Round(time.Second)
	switch {
	case ahead > 0:
		how += fmt.Sprintf(", %s ahead of the real time", ahead)
	case ahead < 0:
		how += fmt.Sprintf(", %s behind the real time", -ahead)
	default:
		how += ", the real time"
	}
	_, err := fmt.Fprintf(p.out, "%s (%s)\n", f.Now.Std().In(india).Format("2006-01-02 15:04:05 MST"), how)
	return err
}

func readFreeze(args []string, _ bool) (desk.ClockRequest, error) {
	q := desk.ClockRequest{Do: desk.ClockFreeze}
	if len(args) == 0 {
		return q, nil
	}
	at, err := moment(args[0])
	q.At = at
	return q, err
}

func readSet(args []string, _ bool) (desk.ClockRequest, error) {
	at, err := moment(args[0])
	return desk.ClockRequest{Do: desk.ClockSet, At: at}, err
}

func readMove(args []string, _ bool) (desk.ClockRequest, error) {
	d, err := time.ParseDuration(args[0])
	if err != nil || d <= 0 {
		return desk.ClockRequest{}, usagef("%q is not a way ahead; say 90s, 30m or 72h", args[0])
	}
	return desk.ClockRequest{Do: desk.ClockMove, By: d}, nil
}

func readResume(_ []string, real bool) (desk.ClockRequest, error) {
	if real {
		return desk.ClockRequest{Do: desk.ClockReal}, nil
	}
	return desk.ClockRequest{Do: desk.ClockRun}, nil
}

// moment reads a time with its zone.
func moment(text string) (ledger.Time, error) {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return 0, usagef("%q is not a moment; write it like 2026-03-31T23:59:59+05:30", text)
	}
	return ledger.At(at), nil
}
