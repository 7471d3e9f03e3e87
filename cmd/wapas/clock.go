package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	api "wapas/client"
	"wapas/desk"
	"wapas/ledger"
)

func (p *program) clock() *cobra.Command {
	c := &cobra.Command{
		Use:   "clock",
		Short: "Show, freeze and move a test book's clock",
		Long: `A test book has a clock of its own. Everything that waits obeys it: refunds that
are pending, payments that wait for their capture, holds. Moving it does what
becomes due before the command returns, and works beside a running server, or
at one with --server.`,
		Example: "  wapas clock show\n  wapas clock move 72h",
	}
	return group(c,
		p.clockVerb("show", "Show the time of a book", "wapas clock show --json", nil, nil),
		p.clockVerb("freeze", "Make the time stand still, now or at a moment", "wapas clock freeze\n  wapas clock freeze 2026-03-31T23:59:59+05:30", []string{"[MOMENT]"}, readFreeze),
		p.clockVerb("move", "Move the time ahead by a duration such as 90s, 30m or 72h", "wapas clock move 72h", []string{"DURATION"}, readMove),
		p.clockVerb("set", "Set the time; it stands or runs as before", "wapas clock set 2026-03-31T23:59:59+05:30", []string{"MOMENT"}, readSet),
		p.clockVerb("resume", "Let the time run on from where it stands; with --real, show the real time again", "wapas clock resume\n  wapas clock resume --real", nil, readResume),
	)
}

// A clockReader turns a verb's arguments into what is to be done to the clock.
type clockReader func(args []string, real bool) (api.ClockChange, error)

func (p *program) clockVerb(name, short, example string, takes []string, read clockReader) *cobra.Command {
	var s player
	var real bool
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
	visit := p.visiting(&s.settler, false, func(ctx context.Context, v *visitor, got []string) error {
		var face api.Clock
		var err error
		if read == nil {
			face, err = v.Clock(ctx)
		} else {
			var q api.ClockChange
			if q, err = read(got, real); err == nil {
				face, err = v.SetClock(ctx, q)
			}
		}
		if err != nil {
			return err
		}
		return p.printFace(v, face, s.asJSON)
	})
	c.RunE = func(c *cobra.Command, got []string) error {
		if read != nil { // what is asked wrongly is said before anything is opened
			if _, err := read(got, real); err != nil {
				return err
			}
		}
		return visit(c, got)
	}
	s.flags(c)
	if name == "resume" {
		c.Flags().BoolVar(&real, "real", false, "show the real time again")
	}
	return p.atServer(c)
}

func (p *program) printFace(v *visitor, f api.Clock, asJSON bool) error {
	if asJSON {
		return p.json(struct {
			Merchant string `json:"merchant"`
			Book     int64  `json:"book"`
			Now      string `json:"now"`
			Frozen   bool   `json:"frozen"`
			Ahead    int64  `json:"ahead_seconds"`
		}{v.me.Merchant.ID, v.me.Book.ID, f.Now.UTC().Format(time.RFC3339), f.Frozen, f.Ahead})
	}
	how := "running"
	if f.Frozen {
		how = "frozen"
	}
	ahead := time.Duration(f.Ahead) * time.Second
	switch {
	case ahead > 0:
		how += fmt.Sprintf(", %s ahead of the real time", ahead)
	case ahead < 0:
		how += fmt.Sprintf(", %s behind the real time", -ahead)
	default:
		how += ", the real time"
	}
	_, err := fmt.Fprintf(p.out, "%s (%s)\n", f.Now.In(india).Format("2006-01-02 15:04:05 MST"), how)
	return err
}

func readFreeze(args []string, _ bool) (api.ClockChange, error) {
	q := api.ClockChange{Do: desk.ClockFreeze}
	if len(args) == 0 {
		return q, nil
	}
	at, err := moment(args[0])
	q.At = at.Std()
	return q, err
}

func readSet(args []string, _ bool) (api.ClockChange, error) {
	at, err := moment(args[0])
	return api.ClockChange{Do: desk.ClockSet, At: at.Std()}, err
}

func readMove(args []string, _ bool) (api.ClockChange, error) {
	d, err := time.ParseDuration(args[0])
	if err != nil || d <= 0 {
		return api.ClockChange{}, usagef("%q is not a way ahead; say 90s, 30m or 72h", args[0])
	}
	if d != d.Truncate(time.Second) {
		return api.ClockChange{}, usagef("a clock is moved by whole seconds, such as 90s: %s is not", d)
	}
	return api.ClockChange{Do: desk.ClockMove, By: int64(d / time.Second)}, nil
}

func readResume(_ []string, real bool) (api.ClockChange, error) {
	if real {
		return api.ClockChange{Do: desk.ClockReal}, nil
	}
	return api.ClockChange{Do: desk.ClockRun}, nil
}

// moment reads a time with its zone.
func moment(text string) (ledger.Time, error) {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return 0, usagef("%q is not a moment; write it like 2026-03-31T23:59:59+05:30", text)
	}
	return ledger.At(at), nil
}
