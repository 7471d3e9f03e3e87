package desk

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"wapas/ledger"
)

// A Standing is what a book owes, and what in it waits for somebody, as of a
// moment ago. It reads a few rows for each question, however large the book is.
type Standing struct {
	Now  ledger.Time // of the book
	Owed []Owed      // one for each code of the chart that anything was posted under
	// What waits, the oldest of each known.
	Pending    Waits // refunds that have not ended
	Unknown    Waits // rail orders of which no rail knows
	ByHand     Waits // rail orders that a person carries out
	Exceptions Waits // open
	Approvals  Waits // what takes another person's word: bookings, refunds by hand, jobs, words on rail orders
	Endpoints  Listeners
}

// An Owed is what the accounts of a code of the chart hold together.
type Owed struct {
	ledger.Heading
	Amount   ledger.Amount // on the code's normal side
	Accounts int64
}

// MaxWaits is how far what waits is counted.
const MaxWaits = 1000

// A Waits is how many of a sort wait, and the oldest of them.
type Waits struct {
	N     int         // at most MaxWaits
	More  bool        // there are more
	First ID          // the oldest; empty if none waits
	Since ledger.Time // when it was made
}

// and counts two sorts as one.
func (w Waits) and(o Waits) Waits {
	if w.N == 0 || o.N > 0 && o.Since < w.Since {
		w.First, w.Since = o.First, o.Since
	}
	w.N += o.N
	w.More = w.More || o.More || w.N > MaxWaits
	w.N = min(w.N, MaxWaits)
	return w
}

// Listeners are a book's endpoints.
type Listeners struct {
	Active, Disabled int   // Disabled: by this program, because they did not answer
	Behind           int64 // events that the slowest active one has not been sent
	Waiting          int   // deliveries that failed and are tried again; at most MaxWaits
}

// Standing says how a book stands.
func (d *Desk) Standing(ctx context.Context, book BookID) (Standing, error) {
	b, err := d.Store.Book(ctx, book)
	if err != nil {
		return Standing{}, err
	}
	s := Standing{Now: b.Clock.Now(ledger.At(d.Now()))}
	if s.Owed, err = d.Trial(ctx, book, b.Entry); err != nil {
		return s, err
	}
	for _, w := range []struct {
		into  *Waits
		query Query
	}{
		{&s.Pending, Query{Kind: KindRefund, Where: map[string]string{"state": "pending"}}},
		{&s.Unknown, Query{Kind: KindRailOrder, Where: map[string]string{"state": "unknown"}}},
		{&s.ByHand, Query{Kind: KindRailOrder, Where: map[string]string{"rail": ManualRail, "ended_at": "0"}}},
		{&s.Exceptions, Query{Kind: KindException, Where: map[string]string{"closed_at": "0"}}},
		{&s.Approvals, Query{Kind: KindBooking, Where: map[string]string{"state": BookingAsked}}},
		{&s.Approvals, Query{Kind: KindProposal, Where: map[string]string{"state": ProposalAsked}}},
		{&s.Approvals, Query{Kind: KindJob, Where: map[string]string{"state": JobAsked}}},
	} {
		w.query.Book = book
		found, err := d.waits(ctx, w.query)
		if err != nil {
			return s, err
		}
		*w.into = w.into.and(found)
	}
	words, err := List[Word](ctx, d, Query{Book: book, Where: map[string]string{"state": "open"}, Oldest: true, Count: MaxWaits})
	if err != nil {
		return s, err
	}
	for _, w := range words {
		if w.stands(s.Now) { // one that has run out stays open until somebody speaks again
			s.Approvals = s.Approvals.and(Waits{N: 1, First: w.Order, Since: w.CreatedAt})
		}
	}
	s.Endpoints, err = d.listeners(ctx, b)
	return s, err
}

// waits counts what a query finds and reads the oldest of it.
func (d *Desk) waits(ctx context.Context, q Query) (Waits, error) {
	q.Count = MaxWaits + 1
	n, err := d.Store.Count(ctx, q)
	if err != nil || n == 0 {
		return Waits{}, err
	}
	w := Waits{N: min(n, MaxWaits), More: n > MaxWaits}
	q.Oldest, q.Count = true, 1
	rows, err := d.Store.List(ctx, q)
	for _, r := range rows {
		w.First = r.RowID()
		switch r := r.(type) {
		case Refund:
			w.Since = r.CreatedAt
		case RailOrder:
			w.Since = cmp.Or(r.SentAt, r.CreatedAt)
		case Exception:
			w.Since = r.CreatedAt
		case Booking:
			w.Since = r.CreatedAt
		case Proposal:
			w.Since = r.CreatedAt
		case Job:
			w.Since = cmp.Or(r.CheckedAt, r.CreatedAt)
		}
	}
	return w, err
}

// listeners looks at the endpoints of a book: they are few.
func (d *Desk) listeners(ctx context.Context, b Book) (l Listeners, err error) {
	active, err := d.ActiveEndpoints(ctx, b.ID)
	if err != nil {
		return l, err
	}
	l.Active = len(active)
	off, err := List[Endpoint](ctx, d, Query{Book: b.ID, Where: map[string]string{"active": "false", "deleted": "false"}, Count: MaxWaits})
	if err != nil {
		return l, err
	}
	for _, e := range off {
		if e.DisabledAt != 0 {
			l.Disabled++
		}
	}
	runs, err := d.Store.Runs(ctx, b.ID)
	if err != nil {
		return l, err
	}
	for _, e := range active {
		seen := e.Since
		if i := slices.IndexFunc(runs, func(r Run) bool { return r.ID == e.ID }); i >= 0 {
			seen = max(seen, runs[i].Event)
		}
		l.Behind = max(l.Behind, b.Event-seen)
	}
	waiting, err := d.Store.Deliveries(ctx, DeliveryQuery{Book: b.ID, Due: LastMoment, Count: MaxWaits})
	l.Waiting = len(waiting)
	return l, err
}

// Trial is the trial balance as a book stood after an entry: one line for each
// code that anything had been posted under, in the order of the chart. What was
// owed then can be said however long ago it was, and costs the same.
func (d *Desk) Trial(ctx context.Context, book BookID, entry int64) ([]Owed, error) {
	sums, err := d.Store.Sums(ctx, book, entry)
	if err != nil {
		return nil, err
	}
	var all []Owed
	for code, s := range sums {
		h, ok := ledger.HeadingOf(code)
		if !ok {
			return nil, ledger.Refuse(ledger.Internal, ledger.WhyInvariant, "no account %q in the chart", code)
		}
		all = append(all, Owed{Heading: h, Amount: ledger.Signed(ledger.AccountID(code), s.Net), Accounts: s.Accounts})
	}
	slices.SortFunc(all, func(x, y Owed) int { return cmp.Compare(x.Code, y.Code) })
	return all, nil
}

// EntryAt is the number of the last entry at or before a moment of a book's
// time; zero if there is none. It is found in some twenty steps. A test book's
// clock may be set back; then it is the last time that the clock showed the
// moment, or one before.
func (d *Desk) EntryAt(ctx context.Context, book BookID, at ledger.Time) (int64, error) {
	b, err := d.Store.Book(ctx, book)
	if err != nil {
		return 0, err
	}
	low, high := int64(0), b.Entry+1 // low is at or before the moment, high is after it
	for high-low > 1 {
		middle := low + (high-low)/2
		found, err := d.Store.Entries(ctx, Query{Book: book, After: strconv.FormatInt(middle+1, 10), Count: 1})
		if err != nil {
			return 0, err
		}
		if len(found) == 1 && found[0].At <= at {
			low = middle
		} else {
			high = middle
		}
	}
	return low, nil
}
