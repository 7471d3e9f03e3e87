package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"

	"wapas/desk"
)

// An archive is of one month at most, and of so much of it as can be deleted while
// the book's changes wait for a moment: so many entries, and twice as many events.
const maxArchived = 5_000

// Plan lists the archives that Archive would make, without their files.
func (st *Store) Plan(ctx context.Context, book desk.BookID, o ArchiveOptions) (all []Archive, err error) {
	b, err := st.Book(ctx, book)
	if err != nil {
		return nil, err
	}
	err = st.db.still(ctx, func(r reader) error {
		there, err := st.archives(ctx, r, book)
		if err != nil {
			return err
		}
		for prev := last(book, there); ; {
			next, err := st.plan(ctx, r, b, prev, o)
			if err != nil || next == nil {
				return err
			}
			all, prev = append(all, *next), *next
		}
	})
	return all, err
}

// last is the last of a book's archives; before the first it ends at nothing.
func last(book desk.BookID, all []Archive) Archive {
	if len(all) == 0 {
		return Archive{Book: book}
	}
	return all[len(all)-1]
}

// plan is what the archive after another would hold: the seals behind it that
// were made in one month, which is before a month, or nil if there are none that
// may leave the tables. Events that some endpoint has not heard of stay, and so
// do the seals that cover them.
func (st *Store) plan(ctx context.Context, r reader, b desk.Book, prev Archive, o ArchiveOptions) (*Archive, error) {
	v := &verifier{store: st, r: r, book: b.ID}
	heard, err := heardBy(ctx, r, b)
	if err != nil {
		return nil, err
	}
	seals := pages[sealRow]{fetch: v.sealRows, at: func(s sealRow) int64 { return s.N }, last: prev.Seal}
	most := cmp.Or(o.Most, maxArchived)
	var month int64
	var end sealRow
	for {
		s, ok, err := seals.next(ctx)
		if err != nil {
			return nil, err
		}
		if month == 0 && ok {
			month = s.At.Month()
		}
		full := end.N > 0 && (s.Entry > prev.Entry+most || s.Event > prev.Event+2*most)
		if !ok || s.At.Month() != month || month >= o.Before || s.Event > heard || full {
			break
		}
		end = s
	}
	if end.N == 0 {
		return nil, nil
	}
	n := prev.N + 1
	return &Archive{
		Book: b.ID, N: n,
		File:      filepath.Join(folderOf(b), fmt.Sprintf("%05d-%04d-%02d-%.8s.jsonl.gz", n, month/100, month%100, end.Hash)),
		FirstSeal: prev.Seal + 1, Seal: end.N, SealedAt: end.At, Hash: end.Hash,
		FirstEntry: prev.Entry + 1, Entry: end.Entry, FirstEvent: prev.Event + 1, Event: end.Event,
	}, nil
}

// heardBy is the last event of a book up to which every endpoint has heard of
// all, and every replay that was asked for.
func heardBy(ctx context.Context, r reader, b desk.Book) (heard int64, err error) {
	err = r.query(ctx, stmt{
		sql: `SELECT min(event) FROM (
			SELECT CAST($2 AS BIGINT) AS event
			UNION ALL SELECT CASE WHEN r.event > e.since THEN r.event ELSE e.since END FROM endpoints e
				LEFT JOIN delivery_runs r ON r.book = e.book AND r.id = e.id WHERE e.book = $1 AND e.active
			UNION ALL SELECT r.event FROM delivery_runs r WHERE r.book = $1 AND r.last > r.event
			UNION ALL SELECT d.event - 1 FROM deliveries d WHERE d.book = $1 AND d.due_at > 0) AS heard`,
		args: []any{int64(b.ID), b.Event},
		each: func(scan func(...any) error) error { return scan(&heard) },
	})
	return heard, err
}
