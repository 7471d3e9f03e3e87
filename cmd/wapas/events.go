package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"wapas/desk"
	"wapas/webhook"
)

// A shownEvent is an event as it is listed.
type shownEvent struct {
	No    int64     `json:"no"`
	ID    desk.ID   `json:"id"`
	Name  string    `json:"name"`
	At    string    `json:"at"`
	About []desk.ID `json:"about"`
}

func showEvent(e desk.Event) shownEvent {
	s := shownEvent{e.No, e.ID, e.Name, stamp(e.At), []desk.ID{}}
	for _, r := range e.About { // a row may be there twice: as it is, and as it was
		if !slices.Contains(s.About, r.RowID()) {
			s.About = append(s.About, r.RowID())
		}
	}
	return s
}

// about is what the event is about, for a terminal.
func (s shownEvent) about() string {
	var ids []string
	for _, id := range s.About {
		ids = append(ids, string(id))
	}
	return strings.Join(ids, " ")
}

// oneOf says whether a name is one of those asked for: none asks for all, and
// refund.* for every event of a refund.
func oneOf(asked []string, name string) bool {
	return len(asked) == 0 || slices.ContainsFunc(asked, func(a string) bool {
		ok, err := path.Match(a, name)
		return ok && err == nil
	})
}

func (p *program) events() *cobra.Command {
	var s settler
	var after int64
	var count int
	var names []string
	var follow bool
	c := &cobra.Command{
		Use:   "events",
		Short: "List what happened in a book, or watch it happen",
		Long: `List the events of a book. Each has a number, from 1 and without gaps, that
"wapas replay" takes. Without --after these are the latest.`,
		Example: `  wapas events
  wapas events --name 'refund.*' --follow
  wapas events --after 0 --json`,
		Args: args(),
		RunE: p.unsealed(func(ctx context.Context, h *house, _ []string) error {
			book, err := bookOf(ctx, h, s.merchant, s.mode)
			if err != nil {
				return err
			}
			if count < 1 {
				return usagef("--count is at least 1")
			}
			if after < 0 {
				after = max(0, book.Event-int64(count))
			}
			if !s.asJSON {
				fmt.Fprintf(p.out, "%8s  %-20s  %-28s  %s\n", "NO", "AT", "EVENT", "ABOUT")
			}
			shown := 0
			return watchEvents(ctx, h, book.ID, after, follow, func(e desk.Event) (bool, error) {
				if !oneOf(names, e.Name) {
					return true, nil
				}
				shown++
				if s.asJSON {
					line, err := json.Marshal(showEvent(e))
					if err != nil {
						return false, err
					}
					_, err = fmt.Fprintf(p.out, "%s\n", line)
					return follow || shown < count, err
				}
				_, err := fmt.Fprintf(p.out, "%8d  %-20s  %-28s  %s\n", e.No, stamp(e.At), e.Name, showEvent(e).about())
				return follow || shown < count, err
			})
		}),
	}
	s.flags(c)
	c.Flags().Int64Var(&after, "after", -1, "begin behind the event with this number; 0 begins with the first")
	c.Flags().IntVar(&count, "count", 20, "how many at most, unless --follow")
	c.Flags().StringSliceVar(&names, "name", nil, "only these, such as refund.processed or 'refund.*'")
	c.Flags().BoolVar(&follow, "follow", false, "go on with those that come, until Ctrl-C")
	c.Flags().Lookup("json").Usage = "print JSON, one event a line"
	return p.with(c, "db")
}

// lookEvery is the time between two looks for new events.
const lookEvery = 200 * time.Millisecond

// watchEvents hands over the events behind a number in their order, and if it
// follows waits for more until ctx is done. A database that cannot be had for
// a while is tried again. Do says whether to go on.
func watchEvents(ctx context.Context, h *house, book desk.BookID, after int64, follow bool, do func(desk.Event) (bool, error)) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	lost := false
	for {
		page, err := h.store.Events(ctx, book, after, 100)
		switch {
		case ctx.Err() != nil:
			return nil // told to stop
		case err != nil && !follow:
			return err
		case err != nil && !lost:
			h.log.Warn("could not read events; trying again", "err", err)
		}
		lost = err != nil
		for _, e := range page {
			on, err := do(e)
			if err != nil || !on {
				return err
			}
			after = e.No
		}
		if len(page) > 0 {
			continue
		}
		if !follow {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (p *program) listen() *cobra.Command {
	var s settler
	var to, secret, room string
	var after int64
	var names []string
	c := &cobra.Command{
		Use:   "listen",
		Short: "Forward events to your program as they happen, signed as the vendor signs",
		Long: `Show each event of a book as it happens and, with --forward-to, send it there as
the vendor would: the same body, the same headers, signed with the secret that
is printed at the start, or given with --secret. Nothing needs a public address
and nothing is configured: it reads the books, beside a server or without one.

A receiver that is away is said so and missed; "wapas listen --after N" goes
back to where it was. Endpoints that were made through the API get their own
deliveries from the server, whether anybody listens here or not.`,
		Example: `  wapas listen --forward-to http://localhost:3000/hook
  wapas listen --forward-to http://localhost:3000/hook --name 'refund.*' --secret whsec
  wapas listen --room phonepe --forward-to http://localhost:3000/phonepe`,
		Args: args(),
		RunE: p.sealed(func(ctx context.Context, h *house, _ []string) error {
			book, err := bookOf(ctx, h, s.merchant, s.mode)
			if err != nil {
				return err
			}
			herald, err := heraldOf(room)
			if err != nil {
				return err
			}
			if to != "" {
				if u, err := url.Parse(to); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
					return usagef("%q is no address to forward to, such as http://localhost:3000/hook", to)
				}
			}
			if secret == "" {
				secret = "whsec_" + desk.Letters(24)
			}
			if after < 0 {
				after = book.Event
			}
			if !s.asJSON {
				fmt.Fprintf(p.out, "Listening to the %s book behind event %d. Ctrl-C ends it.\n", book.Mode, after)
				if to != "" {
					fmt.Fprintf(p.out, "Forwarding to %s, signed with the secret %s\n", to, secret)
				}
			}
			f := forwarder{to: to, client: &http.Client{Timeout: 5 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
			return watchEvents(ctx, h, book.ID, after, true, func(e desk.Event) (bool, error) {
				if !oneOf(names, e.Name) {
					return true, nil
				}
				m, err := herald.Tell(ctx, webhook.Notice{
					Desk: h.desk, Book: book, Event: e, Secret: []byte(secret),
					Endpoint: desk.Endpoint{Account: book.Account(), Room: herald.Room(), URL: to, Events: desk.AllEvents + " " + e.Name, Active: true},
				})
				if err != nil {
					return false, err
				}
				if m == nil {
					return true, nil // the room has no word for it
				}
				return true, p.forwarded(ctx, f, e, m, s.asJSON)
			})
		}),
	}
	s.flags(c)
	c.Flags().StringVar(&to, "forward-to", "", "the address to send events to")
	c.Flags().StringVar(&secret, "secret", "", "what to sign with (default: a new one, which is printed)")
	c.Flags().StringVar(&room, "room", "razorpay", "in whose words: "+strings.Join(heraldNames(), ", "))
	c.Flags().Int64Var(&after, "after", -1, "begin behind the event with this number (default: with what happens from now on)")
	c.Flags().StringSliceVar(&names, "name", nil, "only these, such as refund.processed or 'refund.*'")
	c.Flags().Lookup("json").Usage = "print JSON, one event a line"
	return p.with(c, "db", "key-file")
}

// A forwarder sends what is listened to.
type forwarder struct {
	to     string
	client *http.Client
}

// send makes the request and says what came back.
func (f forwarder) send(ctx context.Context, m *webhook.Message) string {
	method := m.Method
	if method == "" {
		method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(ctx, method, f.to, bytes.NewReader(m.Body))
	if err != nil {
		return err.Error()
	}
	r.Header = m.Header.Clone()
	resp, err := f.client.Do(r)
	var bad *url.Error
	switch {
	case errors.As(err, &bad):
		return bad.Err.Error()
	case err != nil:
		return err.Error()
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<20)) // so that the connection is used again
	return resp.Status
}

// forwarded sends an event on, if there is somewhere to, and shows it.
func (p *program) forwarded(ctx context.Context, f forwarder, e desk.Event, m *webhook.Message, asJSON bool) error {
	answer := ""
	if f.to != "" {
		answer = f.send(ctx, m)
	}
	if asJSON {
		line, err := json.Marshal(struct {
			shownEvent
			Body   json.RawMessage `json:"body"`
			Answer string          `json:"answer,omitempty"`
		}{showEvent(e), m.Body, answer})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(p.out, "%s\n", line)
		return err
	}
	arrow := ""
	if answer != "" {
		arrow = "→ " + answer
	}
	about := desk.ID("")
	if len(e.About) > 0 {
		about = e.About[0].RowID()
	}
	_, err := fmt.Fprintf(p.out, "%8d  %-28s  %-24s %s\n", e.No, e.Name, about, arrow)
	return err
}

func (p *program) replay() *cobra.Command {
	var s settler
	var from, to int64
	var endpoint string
	c := &cobra.Command{
		Use:   "replay [EVENT]",
		Short: "Send events again: one, a range, or everything since",
		Long: `Send events to an endpoint again, or to all of them: the one with this number, or
those from --from up to --to, or up to the last one. Each goes under its own
event id, signed with the secret of its time. A running server does the sending.`,
		Example: `  wapas replay 4711
  wapas replay --from 4000 --to 4999 --endpoint Qm1aB2cD3eF4gH
  wapas replay --from 1`,
		Args: func(c *cobra.Command, got []string) error {
			if len(got) > 1 || len(got) == 1 == (from != 0) {
				return usagef("replay takes the number of an event, or --from\nSee \"%s --help\"", c.CommandPath())
			}
			return nil
		},
		RunE: p.unsealed(func(ctx context.Context, h *house, args []string) error {
			book, err := bookOf(ctx, h, s.merchant, s.mode)
			if err != nil {
				return err
			}
			if len(args) == 1 {
				if _, err := fmt.Sscan(args[0], &from); err != nil {
					return usagef("%q is no number of an event: \"wapas events\" lists them", args[0])
				}
				to = from
			}
			runs, err := h.desk.Replay(ctx, book.ID, desk.ReplayRequest{Endpoint: desk.ID(endpoint), From: from, To: to})
			if err != nil {
				return err
			}
			type shown struct {
				Run      desk.ID `json:"replay"`
				Endpoint desk.ID `json:"endpoint"`
				From     int64   `json:"from"`
				To       int64   `json:"to"`
			}
			list := []shown{}
			for _, r := range runs {
				list = append(list, shown{r.ID, r.Endpoint, r.Event + 1, r.Last})
			}
			if s.asJSON {
				return p.json(list)
			}
			if len(list) == 0 {
				return errors.New("no endpoint is active, so there is nobody to send to: make one with POST /v1/webhooks, or see \"wapas listen\"")
			}
			for _, r := range list {
				fmt.Fprintf(p.out, "events %d to %d go to endpoint %s again\n", r.From, r.To, r.Endpoint)
			}
			return nil
		}),
	}
	s.flags(c)
	c.Flags().Int64Var(&from, "from", 0, "the first event")
	c.Flags().Int64Var(&to, "to", 0, "the last event (default: the last there is)")
	c.Flags().StringVar(&endpoint, "endpoint", "", "only to this one")
	return p.with(c, "db")
}
