package sqlstore

import (
	"context"
	"fmt"
	"iter"

	"wapas/archive"
	"wapas/desk"
)

func archiveName(a *Archive) string { return fmt.Sprintf("archive %d", a.N) }

// archived goes through the part of the chain that an archive holds, after the
// seal before it, and is its last seal. A file that is not there, or is not the
// one that was made, is found and named; of one that cannot be read to its end
// what is behind goes on from what its row says, and the verifier is blind.
func (v *verifier) archived(ctx context.Context, a *Archive, last sealRow) (sealRow, error) {
	what := archiveName(a)
	end := sealRow{N: a.Seal, Entry: a.Entry, Event: a.Event, At: a.SealedAt, Hash: a.Hash}
	if a.FirstSeal != last.N+1 || a.FirstEntry != last.Entry+1 || a.FirstEvent != last.Event+1 {
		v.found("archives", what, "it begins at seal %d, entry %d and event %d, and what is before it ends at %d, %d and %d",
			a.FirstSeal, a.FirstEntry, a.FirstEvent, last.N, last.Entry, last.Event)
	}
	path, err := v.store.shelf.path(a)
	if err == nil {
		var sum string
		if sum, err = archive.SumOf(path); err == nil && sum != a.Made.Sum {
			v.found("archives", what, "%s is not the file that was made: its SHA-256 is %s", a.File, sum)
		}
	}
	var got sealRow
	if err == nil {
		got, err = v.inFile(ctx, a, last)
	}
	if ctx.Err() != nil {
		return last, ctx.Err()
	}
	if err != nil {
		v.found("archives", what, "%s cannot be read: %v", a.File, err)
		v.blind = true
		v.last = end
		return end, nil
	}
	end.State = got.State
	if got != end {
		v.found("archives", what, "it ends at seal %d with entry %d and event %d, and its row says %d, %d and %d, or another hash",
			got.N, got.Entry, got.Event, a.Seal, a.Entry, a.Event)
	}
	return got, nil
}

// inFile goes through what is sealed in a file, and makes sure that what is found
// by account, cause and subject is all of it and no more.
func (v *verifier) inFile(ctx context.Context, a *Archive, last sealRow) (sealRow, error) {
	f, err := v.store.shelf.file(a)
	if err != nil {
		return last, err
	}
	var p packer
	head := string(p.head(v.whose, a))
	for line, err := range f.All(inHead) {
		if err != nil {
			return last, err
		}
		if string(line) != head {
			v.found("archives", archiveName(a), "its first line does not say what it is: %s", line)
		}
		head = ""
	}
	if head != "" {
		v.found("archives", archiveName(a), "its first line is missing")
	}
	var want [3]digest // as the entries and events make it
	var buf []byte
	entries, stop := fromFile(f, inEntries, readEntry, func(e desk.EntryLines) int64 { return e.No })
	defer stop()
	fetch := entries.fetch
	postings := int64(0)
	entries.fetch = func(ctx context.Context, after int64) ([]desk.EntryLines, error) {
		all, err := fetch(ctx, after)
		for _, e := range all {
			if e.Cause != "" {
				want[1].add(encodeFinder(&buf, string(e.Cause), 0, e.No))
			}
			for _, l := range e.Lines {
				postings++
				want[0].add(encodeFinder(&buf, string(l.Account), l.N, e.No))
			}
		}
		return all, err
	}
	events, stop := fromFile(f, inEvents, readEvent, func(e event) int64 { return e.No })
	defer stop()
	listen := events.fetch
	events.fetch = func(ctx context.Context, after int64) ([]event, error) {
		all, err := listen(ctx, after)
		for _, e := range all {
			if e.subject != "" {
				want[2].add(encodeFinder(&buf, string(e.subject), 0, e.No))
			}
		}
		return all, err
	}
	seals, stop := fromFile(f, inSeals, readSeal, func(s sealRow) int64 { return s.N })
	defer stop()
	end, err := v.chain(ctx, last, seals, entries, events)
	if err != nil {
		return end, err
	}
	if postings != a.Postings {
		v.found("archives", archiveName(a), "it has %d postings, and its row says %d", postings, a.Postings)
	}
	for i, section := range []string{ofAccount, ofCause, ofSubject} {
		var got digest
		for line, err := range f.All(section) {
			if err != nil {
				return end, err
			}
			r, err := readRun(line)
			if err != nil {
				return end, fmt.Errorf("its %s: %w", section, err)
			}
			for i, no := range r.No {
				n := int64(0)
				if section == ofAccount {
					n = r.N + int64(i)
				}
				got.add(encodeFinder(&buf, r.Of, n, no))
			}
		}
		if got != want[i] {
			v.found("archives", archiveName(a), "its %s does not say what its entries and events do", section)
		}
	}
	return end, nil
}

func encodeFinder(buf *[]byte, of string, n, no int64) []byte {
	*buf = appendInt(appendInt(appendText((*buf)[:0], of), n), no)
	return *buf
}

// fromFile reads a section of a file as pages are read from a table. Whoever ends
// before it does must stop it.
func fromFile[T any](f *archive.File, section string, read func([]byte) (T, error), at func(T) int64) (*pages[T], func()) {
	next, stop := iter.Pull2(f.All(section))
	return &pages[T]{at: at, last: -1 << 62, fetch: func(context.Context, int64) (all []T, err error) {
		for range pageSize {
			line, err, ok := next()
			if !ok {
				break
			}
			if err != nil {
				return nil, err
			}
			row, err := read(line)
			if err != nil {
				return nil, fmt.Errorf("its %s: %w", section, err)
			}
			all = append(all, row)
		}
		return all, nil
	}}, stop
}

// linesIn reads the lines of statements in a file: what their digest is, and
// whether all could be read. If not, the verifier has said so.
func (v *verifier) linesIn(a *Archive) (sum digest, ok bool) {
	failed := func(err error) (digest, bool) {
		if !v.blind {
			v.found("archives", archiveName(a), "%s cannot be read: %v", a.File, err)
		}
		v.blind = true
		return digest{}, false
	}
	f, err := v.store.shelf.file(a)
	if err != nil {
		return failed(err)
	}
	var buf []byte
	count := int64(0)
	for text, err := range f.All(inLines) {
		if err != nil {
			return failed(err)
		}
		l, err := readLine(text)
		if err != nil {
			return failed(fmt.Errorf("its %s: %w", inLines, err))
		}
		buf = encodeLine(buf[:0], l)
		sum.add(buf)
		v.audit.Line(l)
		v.rep.Rows++
		count++
	}
	if count != a.Lines || sum.String() != a.Digest {
		v.found("archives", archiveName(a), "its %d lines of statements are not the %d that its row says", count, a.Lines)
	}
	return sum, true
}

// left looks for rows that archives hold and that are in the tables all the same:
// nobody would look at them here.
func (v *verifier) left(ctx context.Context, last sealRow) error {
	if len(v.archives) == 0 {
		return nil
	}
	for _, t := range []struct {
		table, col string
		upto       int64
	}{{"entries", "no", last.Entry}, {"events", "no", last.Event}, {"seals", "n", last.N}} {
		var n int64
		err := v.r.query(ctx, stmt{
			fmt.Sprintf("SELECT count(*) FROM %s WHERE book = $1 AND %s <= $2", t.table, t.col), []any{int64(v.book), t.upto},
			func(scan func(...any) error) error { return scan(&n) },
		})
		if err != nil {
			return err
		}
		if n > 0 {
			v.found("archives", t.table, "%d are in the table, up to number %d, which is all in archives", n, t.upto)
		}
	}
	return nil
}
