package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	api "wapas/client"
	"wapas/ledger"
	"wapas/trigger"
)

// longestTrigger is how long a server is asked to wait in one go.
const longestTrigger = 20 * time.Second

func (p *program) trigger() *cobra.Command {
	var s settler
	var amount string
	var wait time.Duration
	var names []string
	var long strings.Builder
	for _, e := range trigger.Events() {
		names = append(names, e.Name+"\t"+e.How)
		fmt.Fprintf(&long, "  %-25s %s\n", e.Name, e.How)
	}
	c := &cobra.Command{
		Use:   "trigger EVENT",
		Short: "Make an event really happen in a test book",
		Long: `Make an event happen in a test book, the way it happens in life: the order, the
payment and all else that leads to it are made, the books are moved, and whoever
listens is told. There are:

` + long.String() + `
It does what is due, and waits for what takes a moment of the book's time. Two
of a book's events are not here: credit.expired (give credit, and move the
clock) and product.route.… (send the Razorpay room its forms).`,
		Example: `  wapas trigger refund.failed
  wapas trigger payment.captured --amount 250.00 --json`,
		Args:      args("EVENT"),
		ValidArgs: names,
		RunE: p.visiting(&s, true, func(ctx context.Context, v *visitor, args []string) error {
			paise, ok := ledger.ParseRupees(amount)
			if !ok || paise < trigger.MinAmount {
				return usagef("--amount is rupees, %s at least, such as 499.00", trigger.MinAmount)
			}
			if wait < 0 || wait != wait.Truncate(time.Second) {
				return usagef("--wait is whole seconds, such as 10s: %s is not", wait)
			}
			if strings.Trim(args[0], "abcdefghijklmnopqrstuvwxyz0123456789._") != "" { // no event's name, such as refund.*
				return unknownEvent(args[0])
			}
			ask := api.NewTriggered{Amount: int64(paise), Wait: int64(min(wait, longestTrigger) / time.Second)}
			got, err := v.Trigger(ctx, args[0], ask)
			switch {
			case ruleOf(err) == trigger.WhyUnknown:
				return unknownEvent(args[0])
			case ruleOf(err) == trigger.WhyTestBook, ruleOf(err) == "test_only":
				return usagef("things are only made to happen in a test book")
			case err != nil:
				return err
			case got.Event == nil && got.Frozen:
				return fmt.Errorf("what leads to it was done, but the book's clock stands still, so it will not happen: \"wapas clock move 5s\", or \"wapas clock resume\"")
			case got.Event == nil:
				return fmt.Errorf("what leads to it was done, but it has not happened in %s; \"wapas events --after %d --follow\" shows when it does", wait, got.Behind)
			}
			shown := showEvent(*got.Event)
			if s.asJSON {
				return p.json(shown)
			}
			_, err = fmt.Fprintf(p.out, "event %d, %s: %s\n", shown.No, shown.Name, shown.about())
			return err
		}),
	}
	s.flags(c)
	c.Flags().StringVar(&amount, "amount", trigger.DefaultAmount.String(), "in rupees")
	c.Flags().DurationVar(&wait, "wait", 10*time.Second, "how long to wait for it, 20s at most")
	return p.atServer(c, "key-file")
}

// unknownEvent says what can be made to happen instead: what is spelled alike,
// or all there is.
func unknownEvent(name string) error {
	for other, why := range trigger.Others {
		if oneOf([]string{other}, name) {
			return usagef("nobody can make %q happen: %s", name, why)
		}
	}
	var all, alike []string
	noun, _, _ := strings.Cut(name, ".")
	for _, e := range trigger.Events() {
		all = append(all, e.Name)
		if strings.HasPrefix(e.Name, noun+".") {
			alike = append(alike, e.Name)
		}
	}
	near := strings.TrimSuffix(meant(name, all, ""), "?")
	if len(alike) > 0 {
		all = alike
	}
	return usagef("nobody can make %q happen%s; there are: %s", name, near, strings.Join(all, ", "))
}
