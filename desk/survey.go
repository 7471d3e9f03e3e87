package desk

import (
	"context"
	"time"

	"wapas/ledger"
)

// A Survey is what an operator should be told of the books of one mode without
// having asked.
type Survey struct {
	Books      int           // that were looked at
	Unknown    time.Duration // how long the oldest order of which no rail knows has been out; zero if there is none
	Open       time.Duration // the same of orders that have not ended at all
	Exceptions time.Duration // how long the oldest open exception has stood
}

// maxSurveyed is how many books of a mode a survey looks at: the first ones.
const maxSurveyed = 1000

// Survey looks at the books of a mode, by each book's own clock. It reads a few
// rows of each by index.
func (d *Desk) Survey(ctx context.Context, mode Mode) (Survey, error) {
	var s Survey
	books, err := d.Store.Books(ctx, BookQuery{Mode: mode, Count: maxSurveyed})
	if err != nil {
		return s, err
	}
	s.Books = len(books)
	for _, b := range books {
		now := b.Clock.Now(ledger.At(d.Now()))
		for what := range endings {
			oldest := Query{Book: b.ID, Oldest: true, Count: 1, Where: map[string]string{"what": what, "ended_at": "0"}}
			if err := age[RailOrder](ctx, d, oldest, &s.Open, func(o RailOrder) time.Duration { return since(o.CreatedAt, now) }); err != nil {
				return s, err
			}
			oldest.Where["state"] = "unknown"
			if err := age[RailOrder](ctx, d, oldest, &s.Unknown, func(o RailOrder) time.Duration { return since(o.SentAt, now) }); err != nil {
				return s, err
			}
		}
		open := Query{Book: b.ID, Oldest: true, Count: 1, Where: map[string]string{"closed_at": "0"}}
		if err := age[Exception](ctx, d, open, &s.Exceptions, func(e Exception) time.Duration { return since(e.CreatedAt, now) }); err != nil {
			return s, err
		}
	}
	return s, nil
}

// age makes worst the age of the first row that q finds, if that is older.
func age[R Row](ctx context.Context, d *Desk, q Query, worst *time.Duration, of func(R) time.Duration) error {
	rows, err := List[R](ctx, d, q)
	for _, r := range rows {
		*worst = max(*worst, of(r))
	}
	return err
}

func since(at, now ledger.Time) time.Duration { return max(0, time.Duration(now-at)*time.Microsecond) }
