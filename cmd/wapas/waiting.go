package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/user"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"wapas/desk"
	"wapas/dialect/razorpay"
	"wapas/ledger"
	"wapas/rail"
)

func (p *program) waiting() *cobra.Command {
	c := &cobra.Command{
		Use:   "waiting",
		Short: "Show the refunds, payouts and remittances that have not ended, and say how they ended",
		Long: `A refund to where the money came from, a payout or a remittance to a bank, ends
when its rail says so. A live book for which no provider is set up has none: you
send the money, and you record what became of it, one by one or from a file. The
same ends one whose rail never answers, as the simulated one does for amounts
that end in .29.

An order is waiting until a running server has sent it; then it is sent, or
unknown if its rail does not know it. Do not move the money before it is sent.

Above the terms' two_people_above an order ends only when two people have said
the same of it. Who says it is --as, your login if you leave it out; nobody
checks that here, so give this machine to people who may be trusted with it.`,
		Example: `  wapas waiting list --mode live
  wapas waiting export --format bank --out today.csv --mode live
  wapas waiting import results.csv --mode live
  wapas waiting done rfnd_Qm1aB2cD3eF4gH 74332745678901234567890 --mode live`,
	}
	return group(c, p.waitingList(), p.waitingExport(), p.waitingImport(), p.waitingDone(), p.waitingRefused(), p.waitingReturned(), p.waitingClose())
}

// An awaited is an order of a rail as it is shown. Its amount is paise.
type awaited struct {
	ID         desk.ID       `json:"id"`
	What       string        `json:"what"`
	Room       string        `json:"room"` // through which it was asked for
	Amount     ledger.Amount `json:"amount"`
	To         string        `json:"to"`
	About      desk.ID       `json:"about,omitempty"`
	Ref        string        `json:"caller_reference,omitempty"`
	Rail       string        `json:"rail"`
	State      string        `json:"state"`
	Code       string        `json:"code,omitempty"`
	Reference  string        `json:"reference,omitempty"`
	Reason     string        `json:"reason,omitempty"`
	Asked      int64         `json:"asked"`
	HeardAt    string        `json:"heard_at,omitempty"`
	Sheet      desk.ID       `json:"sheet,omitempty"`
	ExportedAt string        `json:"exported_at,omitempty"`
	EndedBy    string        `json:"ended_by,omitempty"`
	CreatedAt  string        `json:"created_at"`
	SentAt     string        `json:"sent_at,omitempty"`
	EndedAt    string        `json:"ended_at,omitempty"`
	Seconds    int64         `json:"waited_seconds"` // by the book's time
	Words      []spoken      `json:"words,omitempty"`
}

// A spoken is one person's word that waits for another's.
type spoken struct {
	By        string `json:"by"`
	Outcome   string `json:"outcome"`
	Reference string `json:"reference,omitempty"`
	Reason    string `json:"reason,omitempty"`
	CreatedAt string `json:"created_at"`
	ExpiresAt string `json:"expires_at"`
}

func (s spoken) String() string {
	say := s.By + " says " + s.Outcome
	if s.Reference != "" {
		say += " " + s.Reference
	}
	if s.Reason != "" {
		say += " (" + s.Reason + ")"
	}
	return say
}

// showAwaited shows an order as it is at a moment of the book's time, with the
// words that stand on it.
func showAwaited(o desk.RailOrder, now ledger.Time, words []desk.Word) awaited {
	if o.EndedAt != 0 {
		now = o.EndedAt
	}
	a := awaited{
		ID: o.ID, What: o.What, Room: cmp.Or(o.Room, razorpay.Room), Amount: o.Amount, To: o.To, About: o.Of, Ref: o.Ref, Rail: o.Rail, State: o.State, Code: o.Code,
		Reference: o.Reference, Reason: o.Reason, Asked: o.Asked, HeardAt: stamp(o.HeardAt), Sheet: o.Sheet, ExportedAt: stamp(o.ExportedAt),
		EndedBy: o.By, CreatedAt: stamp(o.CreatedAt), SentAt: stamp(o.SentAt), EndedAt: stamp(o.EndedAt), Seconds: now.Unix() - o.CreatedAt.Unix(),
	}
	for _, w := range words {
		a.Words = append(a.Words, spoken{w.By, w.Outcome, w.Reference, w.Reason, stamp(w.CreatedAt), stamp(w.ExpiresAt)})
	}
	return a
}

// note is what a person must know of an order before touching it.
func (a awaited) note() string {
	var parts []string
	if a.Code != "" {
		parts = append(parts, a.Code)
	}
	if a.Sheet != "" {
		parts = append(parts, "on "+string(a.Sheet))
	}
	for _, w := range a.Words {
		parts = append(parts, w.String()+", another must say the same")
	}
	return strings.Join(parts, "; ")
}

// An openException is what stands before a person, as it is shown.
type openException struct {
	ID        desk.ID `json:"id"`
	What      string  `json:"what"`
	Subject   desk.ID `json:"subject"`
	Detail    string  `json:"detail"`
	CreatedAt string  `json:"created_at"`
}

func showExceptions(all []desk.Exception) []openException {
	lines := []openException{}
	for _, e := range all {
		if e.ClosedAt == 0 {
			lines = append(lines, openException{e.ID, e.What, e.Subject, e.Detail, stamp(e.CreatedAt)})
		}
	}
	return lines
}

// A waitingRoom is all that waits in a book. More says that there is more of
// either than is shown.
type waitingRoom struct {
	Orders     []awaited       `json:"orders"`
	Exceptions []openException `json:"exceptions"`
	More       bool            `json:"more"`
}

// waits are a book's orders that have not ended and its open exceptions, the
// oldest of each.
func waits(ctx context.Context, h *house, book desk.Book) (waitingRoom, error) {
	var all []desk.RailOrder
	for _, what := range desk.RailSorts { // their ids do not sort together
		some, err := desk.List[desk.RailOrder](ctx, h.desk, desk.Query{
			Book: book.ID, Where: map[string]string{"what": what, "ended_at": "0"}, Oldest: true, Count: listed + 1})
		if err != nil {
			return waitingRoom{}, err
		}
		all = append(all, some...)
	}
	open, err := desk.List[desk.Exception](ctx, h.desk, desk.Query{
		Book: book.ID, Where: map[string]string{"closed_at": "0"}, Oldest: true, Count: listed + 1})
	if err != nil {
		return waitingRoom{}, err
	}
	slices.SortStableFunc(all, func(a, b desk.RailOrder) int { return cmp.Compare(a.CreatedAt, b.CreatedAt) })
	now := book.Clock.Now(ledger.At(h.desk.Now()))
	w := waitingRoom{Orders: []awaited{}, More: len(all) > listed || len(open) > listed}
	for _, o := range all[:min(len(all), listed)] {
		words, err := h.desk.Words(ctx, book.ID, o.ID)
		if err != nil {
			return w, err
		}
		w.Orders = append(w.Orders, showAwaited(o, now, words))
	}
	w.Exceptions = showExceptions(open[:min(len(open), listed)])
	return w, nil
}

func (p *program) waitingList() *cobra.Command {
	var s settler
	c := &cobra.Command{
		Use:   "list",
		Short: fmt.Sprintf("List what has not ended and what stands before a person, the oldest %d of each", listed),
		Long: `List the refunds, payouts and remittances that have not ended, and the open exceptions: what
the book puts before a person. How long each has waited is by the book's clock.`,
		Example: "  wapas waiting list --mode live",
		Args:    args(),
		RunE: p.unsealed(func(ctx context.Context, h *house, _ []string) error {
			book, err := bookOf(ctx, h, s.merchant, s.mode)
			if err != nil {
				return err
			}
			w, err := waits(ctx, h, book)
			if err != nil {
				return err
			}
			if s.asJSON {
				return p.json(w)
			}
			return p.printWaiting(w, book)
		}),
	}
	s.flags(c)
	return p.with(c, "db")
}

func (p *program) printWaiting(w waitingRoom, book desk.Book) error {
	if len(w.Orders) == 0 {
		fmt.Fprintf(p.out, "No refund, payout or remittance of the %s book waits for its end.\n", book.Mode)
	} else {
		t := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(t, "ORDER\tWHAT\tRUPEES\tTO\tSTATE\tFOR\tNOTE")
		for _, o := range w.Orders {
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", o.ID, o.What, o.Amount, o.To, o.State, howLong(o.Seconds), o.note())
		}
		if err := t.Flush(); err != nil {
			return err
		}
	}
	if len(w.Exceptions) > 0 {
		fmt.Fprintln(p.out)
		if err := p.printExceptions(w.Exceptions); err != nil {
			return err
		}
	}
	if w.More {
		fmt.Fprintf(p.out, "\nThere is more: these are the oldest %d of each.\n", listed)
	}
	return nil
}

func (p *program) printExceptions(all []openException) error {
	t := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "EXCEPTION\tABOUT\tWHAT\tSINCE\tDETAIL")
	for _, e := range all {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", e.ID, e.Subject, e.What, e.CreatedAt, e.Detail)
	}
	return t.Flush()
}

// howLong is a time that passed, in its two largest units.
func howLong(seconds int64) string {
	d := time.Duration(seconds) * time.Second
	switch {
	case d >= 24*time.Hour:
		return fmt.Sprintf("%dd %dh", d/(24*time.Hour), d%(24*time.Hour)/time.Hour)
	case d >= time.Hour:
		return fmt.Sprintf("%dh %dm", d/time.Hour, d%time.Hour/time.Minute)
	case d >= time.Minute:
		return fmt.Sprintf("%dm %ds", d/time.Minute, d%time.Minute/time.Second)
	}
	return fmt.Sprintf("%ds", max(d, 0)/time.Second)
}

func (p *program) waitingDone() *cobra.Command {
	c, w := p.wordVerb("done", "Record that the money went, and the bank's proof of it", "ID", "[REFERENCE]")
	c.Long = `Record that the money went. The reference is the bank's proof: an ARN, RRN or UTR.
It may be left out and recorded later by saying the same again with it.

Of one that was refused it says that the money went after all; then the books
follow, and an exception stands before a person.`
	c.Example = `  wapas waiting done rfnd_Qm1aB2cD3eF4gH 74332745678901234567890 --mode live
  wapas waiting done pout_Qm1aB2cD3eF4gH --mode live --as asha`
	exact := c.Args
	c.Args = func(c *cobra.Command, got []string) error {
		if len(got) == 1 {
			return nil
		}
		return exact(c, got)
	}
	c.RunE = p.sealing(func(ctx context.Context, h *house, got []string) error {
		q := desk.OutcomeRequest{Order: desk.ID(got[0]), Outcome: rail.Done, By: w.by}
		if len(got) > 1 {
			if q.Reference = got[1]; !utrForm.MatchString(q.Reference) {
				return usagef("%q is not a bank's reference: an ARN, RRN or UTR is 6 to 40 letters and digits", q.Reference)
			}
		}
		return p.recordOutcome(ctx, h, w.settler, q)
	})
	return p.with(c, "db", "key-file")
}

func (p *program) waitingRefused() *cobra.Command {
	c, w := p.wordVerb("refused", "Record that the money did not go, and will not: the books take it back", "ID", "REASON")
	c.Long = `Record that the money did not go, and why, in words for the customer. The refund
fails, the payout returns to the wallet, or the customer of a remittance is sent
the code by which the cash is given back. Be sure: what is refused is free to be
given back once more.`
	c.Example = `  wapas waiting refused rfnd_Qm1aB2cD3eF4gH "the account is closed" --mode live`
	c.RunE = p.sealing(p.reasoned(w, rail.Refused))
	return p.with(c, "db", "key-file")
}

func (p *program) waitingReturned() *cobra.Command {
	c, w := p.wordVerb("returned", "Record that the money went and came back", "ID", "REASON")
	c.Long = `Record that the money of one that is done came back, and why. A payout returns to
the wallet. A refund stays done, for the customer must still have it: an
exception stands before a person until it has gone again ("waiting done" with
the new reference) or been dealt with.`
	c.Example = `  wapas waiting returned pout_Qm1aB2cD3eF4gH "no such account" --mode live`
	c.RunE = p.sealing(p.reasoned(w, desk.Returned))
	return p.with(c, "db", "key-file")
}

// reasoned records an outcome that needs a reason.
func (p *program) reasoned(w *wording, o rail.Outcome) func(ctx context.Context, h *house, got []string) error {
	return func(ctx context.Context, h *house, got []string) error {
		reason := strings.TrimSpace(got[1])
		if reason == "" {
			return usagef("a refusal needs its reason, in words for the customer")
		}
		return p.recordOutcome(ctx, h, w.settler, desk.OutcomeRequest{Order: desk.ID(got[0]), Outcome: o, Reason: reason, By: w.by})
	}
}

// A wording is what the verbs have in common that record a person's word.
type wording struct {
	settler
	by string
}

func (w *wording) flags(c *cobra.Command) {
	w.settler.flags(c)
	c.Flags().StringVar(&w.by, "as", login(), "who says so")
}

// login is who runs the program, as the system knows them; empty if it does not.
func login() string {
	u, err := user.Current()
	if err != nil {
		return ""
	}
	return u.Username
}

func (p *program) wordVerb(name, short string, takes ...string) (*cobra.Command, *wording) {
	c := &cobra.Command{Use: name, Short: short, Args: args(takes...)}
	for _, a := range takes {
		c.Use += " " + a
	}
	w := &wording{}
	w.flags(c)
	return c, w
}

func (p *program) waitingClose() *cobra.Command {
	c, s := p.settleVerb("close", "Record that an exception has been dealt with: it is shown no more", "EXCEPTION")
	c.Example = `  wapas waiting close exc_Qm1aB2cD3eF4gH --mode live`
	c.RunE = p.unsealed(func(ctx context.Context, h *house, got []string) error {
		book, err := bookOf(ctx, h, s.merchant, s.mode)
		if err != nil {
			return err
		}
		e, err := h.desk.CloseException(ctx, book.ID, desk.ID(got[0]))
		if ledger.CodeOf(err) == ledger.NotFound {
			return fmt.Errorf("no exception %s is in the %s book of %s; \"wapas waiting list\" shows the open ones", got[0], book.Mode, book.Merchant)
		}
		if err != nil {
			return err
		}
		if s.asJSON {
			return p.json(openException{e.ID, e.What, e.Subject, e.Detail, stamp(e.CreatedAt)})
		}
		_, err = fmt.Fprintf(p.out, "%s about %s is closed\n", e.ID, e.Subject)
		return err
	})
	return p.with(c, "db")
}

// recordOutcome records a person's word, and says what stands open about the
// order after it.
func (p *program) recordOutcome(ctx context.Context, h *house, s settler, q desk.OutcomeRequest) error {
	book, err := bookOf(ctx, h, s.merchant, s.mode)
	if err != nil {
		return err
	}
	o, err := h.desk.RecordOutcome(ctx, book.ID, q)
	if err != nil {
		return waitingWords(err, book, q.Order)
	}
	words, err := h.desk.Words(ctx, book.ID, o.ID)
	if err != nil {
		return err
	}
	show := showAwaited(o, book.Clock.Now(ledger.At(h.desk.Now())), words)
	if s.asJSON {
		return p.json(show)
	}
	switch {
	case len(words) > 0:
		fmt.Fprintf(p.out, "%s is still %s: %s rupees take the word of two people, and somebody else must say the same within %s\n",
			o.ID, o.State, o.Amount, howLong(int64(desk.WordLife.Seconds())))
		for _, w := range show.Words {
			fmt.Fprintf(p.out, "  %s, until %s\n", w, w.ExpiresAt)
		}
		return nil
	case o.State == string(rail.Refused) && o.Code == rail.CodeReturned:
		fmt.Fprintf(p.out, "%s came back: the %s of %s rupees to %s went and was returned: %s\n", o.ID, o.What, o.Amount, o.To, o.Reason)
	case o.State == string(rail.Refused):
		fmt.Fprintf(p.out, "%s was refused: the %s of %s rupees to %s did not go: %s\n", o.ID, o.What, o.Amount, o.To, o.Reason)
	case o.Reference == "":
		fmt.Fprintf(p.out, "%s is done: %s rupees went to %s, without a reference yet\n", o.ID, o.Amount, o.To)
	default:
		fmt.Fprintf(p.out, "%s is done: %s rupees went to %s, reference %s\n", o.ID, o.Amount, o.To, o.Reference)
	}
	about, err := desk.List[desk.Exception](ctx, h.desk, desk.Query{Book: book.ID, Parent: o.ID, Oldest: true})
	if err != nil {
		return err
	}
	if open := showExceptions(about); len(open) > 0 {
		return p.printExceptions(open)
	}
	return nil
}

// waitingWords says why a word was not recorded, and what to do about it.
func waitingWords(err error, book desk.Book, about desk.ID) error {
	var e *ledger.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Why {
	case desk.WhyUnknownID:
		if about.Prefix() == "setl" {
			return fmt.Errorf("%s is a settlement: say \"wapas settle paid\" or \"wapas settle failed\"", about)
		}
		return fmt.Errorf("no refund to a source, no payout and no remittance %s is in the %s book of %s; \"wapas waiting list\" shows those that have not ended, with --mode live those of the live book", about, book.Mode, book.Merchant)
	case desk.WhyNotSent:
		return fmt.Errorf("%s has not been sent yet, so it cannot have ended: a running server sends it at once; start one with \"wapas serve\", and say it again when \"wapas waiting list\" shows it as sent", about)
	case desk.WhyOutcomeFinal:
		return fmt.Errorf("%s is done already, and cannot be refused any more: if its money came back, say \"wapas waiting returned %s REASON\"", about, about)
	case desk.WhyNotDone:
		return fmt.Errorf("%s has not gone, so it cannot have come back: if it never went, say \"wapas waiting refused %s REASON\"", e.Detail, about)
	case desk.WhyPerson:
		return usagef("%s: say who you are with --as NAME", e.Detail)
	}
	return err
}
