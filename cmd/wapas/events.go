package main

import (
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

	api "wapas/client"
	"wapas/desk"
)

// A shownEvent is an event as it is listed.
type shownEvent struct {
	No    int64    `json:"no"`
	ID    string   `json:"id"`
	Name  string   `json:"name"`
	At    string   `json:"at"`
	About []string `json:"about"`
}

func showEvent(e api.Event) shownEvent {
	s := shownEvent{e.No, e.ID, e.Name, second(e.At), []string{}}
	for _, t := range e.About { // a thing may be there twice: as it is, and as it was
		if !slices.Contains(s.About, t.ID) {
			s.About = append(s.About, t.ID)
		}
	}
	return s
}

// about is what the event is about, for a terminal.
func (s shownEvent) about() string { return strings.Join(s.About, " ") }

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
		RunE: p.visiting(&s, false, func(ctx context.Context, v *visitor, _ []string) error {
			if count < 1 {
				return usagef("--count is at least 1")
			}
			if err := checkNames(names); err != nil {
				return err
			}
			if !s.asJSON {
				fmt.Fprintf(p.out, "%8s  %-20s  %-28s  %s\n", "NO", "AT", "EVENT", "ABOUT")
			}
			show := func(e api.Event) error {
				shown := showEvent(e)
				if s.asJSON {
					line, err := json.Marshal(shown)
					if err != nil {
						return err
					}
					_, err = fmt.Fprintf(p.out, "%s\n", line)
					return err
				}
				_, err := fmt.Fprintf(p.out, "%8d  %-20s  %-28s  %s\n", e.No, shown.At, e.Name, shown.about())
				return err
			}
			if after < 0 {
				after = v.me.Book.Events
				last, err := v.latest(ctx, names, count)
				for _, e := range last {
					err = errors.Join(err, show(e))
				}
				if err != nil || !follow {
					return err
				}
			}
			if follow {
				return v.Follow(ctx, after, func(e api.Event) error {
					if !oneOf(names, e.Name) {
						return nil
					}
					return show(e)
				}, p.lineSays(v))
			}
			for shown := 0; ; {
				page, err := v.Events(ctx, after)
				if err != nil || len(page) == 0 {
					return err
				}
				for _, e := range page {
					after = e.No
					if !oneOf(names, e.Name) {
						continue
					}
					if err := show(e); err != nil {
						return err
					}
					if shown++; shown == count {
						return nil
					}
				}
			}
		}),
	}
	s.flags(c)
	c.Flags().Int64Var(&after, "after", -1, "begin behind the event with this number; 0 begins with the first")
	c.Flags().IntVar(&count, "count", 20, "how many at most, unless --follow")
	c.Flags().StringSliceVar(&names, "name", nil, "only these, such as refund.processed or 'refund.*'")
	c.Flags().BoolVar(&follow, "follow", false, "go on with those that come, until Ctrl-C")
	c.Flags().Lookup("json").Usage = "print JSON, one event a line"
	return p.atServer(c)
}

// latest reads the last so many events of those asked for, in their order.
func (v *visitor) latest(ctx context.Context, names []string, count int) ([]api.Event, error) {
	var found []api.Event
	for end := v.me.Book.Events; end > 0 && len(found) < count; {
		begin := max(0, end-eventPage)
		page, err := v.Events(ctx, begin)
		if err != nil {
			return nil, err
		}
		page = slices.DeleteFunc(page, func(e api.Event) bool { return e.No > end || !oneOf(names, e.Name) })
		found, end = append(page, found...), begin
	}
	return found[max(0, len(found)-count):], nil
}

// eventPage is how many events a server hands out at once.
const eventPage = 100

// checkNames says which of the patterns is none, or fits no event there is.
func checkNames(names []string) error {
	vendor, own := desk.EventNames()
	known := append(vendor, own...)
	for _, n := range names {
		if _, err := path.Match(n, ""); err != nil {
			return usagef("--name %q is no pattern: write refund.processed or 'refund.*'", n)
		}
		if !slices.ContainsFunc(known, func(name string) bool { return oneOf([]string{n}, name) }) {
			return usagef("--name: no event is called %q%s", n, meant(n, known, ""))
		}
	}
	return nil
}

// lineSays tells of a line that broke, and of its return.
func (p *program) lineSays(v *visitor) func(error) {
	return func(err error) {
		if err != nil {
			fmt.Fprintf(p.err, "wapas: %s; trying again\n", plain(err))
			return
		}
		fmt.Fprintln(p.err, "wapas: it is back; going on")
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
is printed at the start, or given with --secret. (PhonePe's callbacks are signed
with the merchant's salt, as always; Eko signs nothing.) Nothing needs a public
address and nothing is configured: it reads the books, beside a server or
without one, or with --server those of a server. If that goes away it is waited
for, and nothing that happened meanwhile is left out.

A receiver that is away is said so and missed; "wapas listen --after N" goes
back to where it was. Endpoints that were made through the API get their own
deliveries from the server, whether anybody listens here or not.`,
		Example: `  wapas listen --forward-to http://localhost:3000/hook
  wapas listen --forward-to http://localhost:3000/hook --name 'refund.*' --secret whsec
  WAPAS_TOKEN=… wapas listen --server https://pay.example.in --room phonepe --forward-to http://localhost:3000/phonepe`,
		Args: args(),
		RunE: p.visiting(&s, true, func(ctx context.Context, v *visitor, _ []string) error {
			if !slices.Contains(heraldNames(), room) {
				return usagef("%q announces nothing; there are: %s", room, strings.Join(heraldNames(), ", "))
			}
			if err := checkNames(names); err != nil {
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
				after = v.me.Book.Events
			}
			if !s.asJSON {
				fmt.Fprintf(p.out, "Listening to the %s book behind event %d. Ctrl-C ends it.\n", v.me.Book.Mode, after)
				if to != "" {
					fmt.Fprintf(p.out, "Forwarding to %s, signed with the secret %s\n", to, secret)
				}
			}
			f := forwarder{to: to, client: &http.Client{Timeout: 5 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
			return v.Follow(ctx, after, func(e api.Event) error {
				if !oneOf(names, e.Name) {
					return nil
				}
				m, err := v.EventMessage(ctx, e.No, room, secret)
				if err != nil || !m.Told { // the room has no word for it
					return err
				}
				return p.forwarded(ctx, f, e, m, s.asJSON)
			}, p.lineSays(v))
		}),
	}
	s.flags(c)
	c.Flags().StringVar(&to, "forward-to", "", "the address to send events to")
	c.Flags().StringVar(&secret, "secret", "", "what to sign with (default: a new one, which is printed)")
	c.Flags().StringVar(&room, "room", "razorpay", "in whose words: "+strings.Join(heraldNames(), ", "))
	c.Flags().Int64Var(&after, "after", -1, "begin behind the event with this number (default: with what happens from now on)")
	c.Flags().StringSliceVar(&names, "name", nil, "only these, such as refund.processed or 'refund.*'")
	c.Flags().Lookup("json").Usage = "print JSON, one event a line"
	return p.atServer(c, "key-file")
}

// A forwarder sends what is listened to.
type forwarder struct {
	to     string
	client *http.Client
}

// send makes the request and says what came back.
func (f forwarder) send(ctx context.Context, m api.EventMessage) string {
	r, err := http.NewRequestWithContext(ctx, m.Method, f.to, strings.NewReader(m.Body))
	if err != nil {
		return err.Error()
	}
	for _, h := range m.Headers {
		r.Header.Add(h.Name, h.Value)
	}
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
func (p *program) forwarded(ctx context.Context, f forwarder, e api.Event, m api.EventMessage, asJSON bool) error {
	answer := ""
	if f.to != "" {
		answer = f.send(ctx, m)
	}
	if asJSON {
		line, err := json.Marshal(struct {
			shownEvent
			Body   json.RawMessage `json:"body"`
			Answer string          `json:"answer,omitempty"`
		}{showEvent(e), json.RawMessage(m.Body), answer})
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
	about := ""
	if len(e.About) > 0 {
		about = e.About[0].ID
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
		RunE: p.visiting(&s, false, func(ctx context.Context, v *visitor, args []string) error {
			if len(args) == 1 {
				if _, err := fmt.Sscan(args[0], &from); err != nil || from < 1 {
					return usagef("%q is no number of an event: \"wapas events\" lists them", args[0])
				}
				to = from
			}
			runs, err := v.Replay(ctx, endpoint, from, to)
			if err != nil {
				return err
			}
			type shown struct {
				Run      string `json:"replay"`
				Endpoint string `json:"endpoint"`
				From     int64  `json:"from"`
				To       int64  `json:"to"`
			}
			list := []shown{}
			for _, r := range runs {
				list = append(list, shown{r.ID, r.EndpointID, r.First, r.Last})
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
	return p.atServer(c)
}
