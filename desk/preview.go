package desk

import (
	"context"
	"errors"
	"slices"

	"wapas/ledger"
)

// A Preview is what something would do to a book if it were done now: the
// entries with the balances that they would leave, the events, and the rows as
// they would then be. Ids and numbers are those that would be next: what is
// done a moment later has others.
type Preview struct {
	Entries []EntryLines
	Events  []Event
	Rows    []Row
}

// Preview does something exactly as it would be done, with the same checks on
// the books as they are, and keeps nothing of it. What do asks of the desk with
// the context that it is given is tried and thrown away; what it is refused is
// the error, as ever. A key of the request's own is looked at, and not used up;
// one of the context (see Under) and its actor are left out.
//
// What do asks for must be one change. Of several, each is tried on the books
// as they are, without those before it; and what is written outside a change
// (people, credentials, replays) would be written.
func (d *Desk) Preview(ctx context.Context, do func(ctx context.Context) error) (Preview, error) {
	t := &trial{}
	err := do(context.WithValue(Alone(Unwatched(ctx)), trialKey{}, t))
	if err != nil {
		return Preview{}, err
	}
	return t.Preview, nil
}

// A trial is a change that is to be thrown away, and what is remembered of it.
type trial struct {
	Preview
	mark Preview // before the change: it may run more than once
}

type trialKey struct{}

// errThrown ends a change that was only tried, so that the store keeps nothing.
var errThrown = errors.New("this was only tried")

// trialOf is the trial of a context, or nil.
func trialOf(ctx context.Context) *trial {
	t, _ := ctx.Value(trialKey{}).(*trial)
	return t
}

// begin marks where a change begins.
func (t *trial) begin() {
	if t != nil {
		t.mark = t.Preview
	}
}

// on is the Tx that a run of the change is given: it remembers what it is asked.
func (t *trial) on(tx Tx) Tx {
	if t == nil {
		return tx
	}
	t.back()
	return &tried{tx, t}
}

// back forgets what the change has done so far.
func (t *trial) back() {
	t.Preview = Preview{slices.Clone(t.mark.Entries), slices.Clone(t.mark.Events), slices.Clone(t.mark.Rows)}
}

// end is how a change ends of which everything went well.
func (t *trial) end(c *change) error {
	if t == nil {
		return nil
	}
	at := map[Ref]int{}
	for _, r := range c.put {
		k := Ref{Kind: r.Kind(), ID: r.RowID()}
		i, again := at[k]
		switch {
		case r.Kind() == KindKey || r.Kind() == KindTimer:
		case again:
			t.Rows[i] = r
		default:
			at[k] = len(t.Rows)
			t.Rows = append(t.Rows, r)
		}
	}
	return errThrown
}

// A tried is a Tx whose entries and events are remembered.
type tried struct {
	Tx
	trial *trial
}

func (x *tried) Record(e Entry, lines []ledger.Line, after ledger.Accounts) int64 {
	e.No = x.Tx.Record(e, lines, after)
	x.trial.Entries = append(x.trial.Entries, EntryLines{Entry: e, Lines: lines})
	return e.No
}

func (x *tried) Emit(name string, at ledger.Time, about ...Row) {
	x.Tx.Emit(name, at, about...)
	x.trial.Events = append(x.trial.Events, Event{No: x.Tx.Book().Event, Name: name, At: at, About: about})
}

func (x *tried) Reset() {
	x.Tx.Reset()
	x.trial.back()
}
