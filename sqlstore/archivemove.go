package sqlstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"wapas/archive"
	"wapas/desk"
	"wapas/ledger"
)

// ArchiveOptions say how much of a book is moved.
type ArchiveOptions struct {
	Before int64 // a month, YYYYMM in India: what was sealed in it or later stays
	Most   int64 // entries of one archive, unless one seal covers more; 5,000 if zero
	// Step, if it is not nil, is called before each step of making an archive; an
	// error of it ends the run there. It is for simulations.
	Step func(what string) error
}

// Archive moves what was sealed before a month into files, and returns the
// archives that it made.
//
// A file is written, flushed to the disk and read back before anything is
// deleted; then, in one transaction that holds the book, its row is inserted and
// its rows are deleted. Whoever is killed between leaves a file that no row names.
// The next run makes it again.
func (st *Store) Archive(ctx context.Context, book desk.BookID, o ArchiveOptions) ([]Archive, error) {
	if st.shelf.folder == "" {
		return nil, errors.New("nobody said where the files of archives shall be: give the folder with --archive")
	}
	if o.Step == nil {
		o.Step = func(string) error { return nil }
	}
	b, err := st.Book(ctx, book)
	if err != nil {
		return nil, err
	}
	var made []Archive
	for {
		a, err := st.archiveNext(ctx, b, o)
		if errors.Is(err, errOvertaken) {
			continue
		}
		if err != nil || a == nil {
			return made, err
		}
		made = append(made, *a)
	}
}

// errOvertaken says that somebody else made the archive.
var errOvertaken = errors.New("somebody else archives this book, too")

// archiveNext makes the next archive of a book; nil if there is none to make.
func (st *Store) archiveNext(ctx context.Context, b desk.Book, o ArchiveOptions) (*Archive, error) {
	var a *Archive
	var prev Archive
	var ends map[desk.ID]int64
	err := st.db.still(ctx, func(r reader) error {
		all, err := st.archives(ctx, r, b.ID)
		if err != nil {
			return err
		}
		prev = last(b.ID, all)
		if a, err = st.plan(ctx, r, b, prev, o); err != nil || a == nil {
			return err
		}
		if err := o.Step("write the file"); err != nil {
			return err
		}
		ends, err = st.write(ctx, r, b, a, o)
		return err
	})
	if err != nil || a == nil {
		return nil, err
	}
	if err := o.Step("read it back"); err != nil {
		return nil, err
	}
	if err := st.readBack(ctx, b, prev, a); err != nil {
		return nil, err
	}
	for try := 0; ; try++ {
		err := st.move(ctx, a, ends, o)
		switch {
		case err == nil:
			return a, nil
		case errors.Is(err, errOvertaken):
			return nil, err
		case st.lost(err): // it may have been kept
			if all, again := st.Archives(ctx, b.ID); again == nil && len(all) >= int(a.N) && all[a.N-1].Made == a.Made {
				return a, nil
			}
			return nil, err
		case !st.retry(err) || try == 5:
			return nil, err
		}
		sleep(try)
	}
}

// A shelver writes one archive.
type shelver struct {
	w      *archive.Writer
	a      *Archive
	pack   packer
	onto   map[ledger.AccountID][]posting
	causes map[string][]int64
	about  map[string][]int64
}

// A posting is where one lies: its position in its account's history, and its
// entry.
type posting struct{ n, entry int64 }

// write writes the file of an archive and completes its row. It returns the last
// position that it has of each wallet's statement.
func (st *Store) write(ctx context.Context, r reader, b desk.Book, a *Archive, o ArchiveOptions) (ends map[desk.ID]int64, err error) {
	folder, name := filepath.Split(a.File)
	w, err := archive.Create(filepath.Join(st.shelf.folder, folder), name)
	if err != nil {
		return nil, err
	}
	published := false
	defer func() {
		if !published {
			w.Discard()
		}
	}()
	s := &shelver{w: w, a: a, onto: map[ledger.AccountID][]posting{}, causes: map[string][]int64{}, about: map[string][]int64{}}
	v := &verifier{store: st, r: r, book: b.ID}
	if err := w.Add(inHead, archive.Key{}, s.pack.head(b, a)); err != nil {
		return nil, err
	}
	if err := s.sealed(ctx, v); err != nil {
		return nil, err
	}
	if ends, err = s.lines(ctx, v); err != nil {
		return nil, err
	}
	if err := s.runs(); err != nil {
		return nil, err
	}
	if err := o.Step("publish the file"); err != nil {
		return nil, err
	}
	a.Made, err = w.Publish(name)
	published = err == nil
	return ends, err
}

// sealed writes the seals, and the entries and events that they cover.
func (s *shelver) sealed(ctx context.Context, v *verifier) error {
	a := s.a
	seals := pages[sealRow]{fetch: v.sealRows, at: func(s sealRow) int64 { return s.N }, last: a.FirstSeal - 1}
	err := through(ctx, &seals, a.Seal, func(r sealRow) error {
		return s.w.Add(inSeals, archive.Key{N: r.N}, s.pack.seal(r))
	})
	if err != nil {
		return err
	}
	entries := pages[desk.EntryLines]{fetch: v.entries, at: func(e desk.EntryLines) int64 { return e.No }, last: a.FirstEntry - 1}
	err = through(ctx, &entries, a.Entry, func(e desk.EntryLines) error {
		s.saw(e.At, e.Cause)
		if e.Cause != "" {
			s.causes[string(e.Cause)] = append(s.causes[string(e.Cause)], e.No)
		}
		for _, l := range e.Lines {
			s.onto[l.Account] = append(s.onto[l.Account], posting{l.N, e.No})
		}
		a.Postings += int64(len(e.Lines))
		return s.w.Add(inEntries, archive.Key{N: e.No}, s.pack.entry(e))
	})
	if err != nil {
		return err
	}
	events := pages[event]{fetch: v.events, at: func(e event) int64 { return e.No }, last: a.FirstEvent - 1}
	return through(ctx, &events, a.Event, func(e event) error {
		s.saw(e.At, e.subject)
		if e.subject != "" {
			s.about[string(e.subject)] = append(s.about[string(e.subject)], e.No)
		}
		return s.w.Add(inEvents, archive.Key{N: e.No}, s.pack.event(e))
	})
}

// saw widens what the row says of the time and of the things in the archive.
func (s *shelver) saw(at ledger.Time, id desk.ID) {
	a := s.a
	if a.FirstAt == 0 || at < a.FirstAt {
		a.FirstAt = at
	}
	a.LastAt = max(a.LastAt, at)
	a.Youngest = max(a.Youngest, youth(id))
}

// through hands on all up to a number.
func through[T any](ctx context.Context, p *pages[T], upto int64, do func(T) error) error {
	for {
		next, ok, err := p.nextUpTo(ctx, upto)
		if err != nil || !ok {
			return err
		}
		if err := do(next); err != nil {
			return err
		}
	}
}

// lines writes the lines of statements that the archive's entries made. Only an
// entry with postings on a wallet makes one.
func (s *shelver) lines(ctx context.Context, v *verifier) (ends map[desk.ID]int64, err error) {
	wallets := map[desk.ID]bool{}
	for id := range s.onto {
		switch id.Code() {
		case ledger.WalletCash, ledger.WalletPromo, ledger.WalletHeld:
			wallets[desk.ID(id.Owner())] = true
		}
	}
	ends = map[desk.ID]int64{}
	var sum digest
	var buf []byte
	for _, wallet := range slices.Sorted(maps.Keys(wallets)) {
		lines := pages[desk.WalletLine]{at: func(l desk.WalletLine) int64 { return l.N }, last: -1 << 62,
			fetch: func(ctx context.Context, after int64) ([]desk.WalletLine, error) {
				return v.linesOf(ctx, wallet, after)
			}}
		for {
			l, ok, err := lines.next(ctx)
			if err != nil {
				return nil, err
			}
			if !ok || l.Entry > s.a.Entry {
				break
			}
			s.saw(l.CreatedAt, "")
			ends[wallet] = l.N
			s.a.Lines++
			buf = encodeLine(buf[:0], l)
			sum.add(buf)
			if err := s.w.Add(inLines, archive.Key{Text: string(wallet), N: l.N}, s.pack.line(l)); err != nil {
				return nil, err
			}
		}
	}
	s.a.Digest = sum.String()
	return ends, nil
}

// linesOf reads the next lines of a statement; few at first, for most are short.
func (v *verifier) linesOf(ctx context.Context, wallet desk.ID, after int64) (all []desk.WalletLine, err error) {
	count := pageSize
	if after < 0 {
		count = 50
	}
	err = v.r.query(ctx, stmt{
		"SELECT wallet, " + lineSelect + " FROM wallet_lines WHERE book = $1 AND wallet = $2 AND n > $3 ORDER BY n LIMIT $4",
		[]any{int64(v.book), string(wallet), after, count},
		func(scan func(...any) error) error {
			var l desk.WalletLine
			err := scan(lineFields(&l)...)
			all = append(all, l)
			return err
		}})
	return all, err
}

// runs writes by what entries and events are found.
func (s *shelver) runs() error {
	for _, id := range slices.Sorted(maps.Keys(s.onto)) {
		ps := s.onto[id]
		slices.SortFunc(ps, func(x, y posting) int { return cmp.Compare(x.n, y.n) })
		for len(ps) > 0 {
			var numbers []int64
			for i, p := range ps {
				if i == maxRun || p.n != ps[0].n+int64(i) {
					break
				}
				numbers = append(numbers, p.entry)
			}
			if err := s.w.Add(ofAccount, archive.Key{Text: string(id), N: ps[0].n}, s.pack.run(ofAccount, string(id), ps[0].n, numbers)); err != nil {
				return err
			}
			ps = ps[len(numbers):]
		}
	}
	for _, l := range []struct {
		section string
		of      map[string][]int64
	}{{ofCause, s.causes}, {ofSubject, s.about}} {
		for _, id := range slices.Sorted(maps.Keys(l.of)) {
			for numbers := range slices.Chunk(l.of[id], maxRun) {
				if err := s.w.Add(l.section, archive.Key{Text: id, N: numbers[0]}, s.pack.run(l.section, id, numbers[0], numbers)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// readBack reads a file whole before the rows that it holds are deleted: its sum,
// the chain of its seals from the one before, and that pages find all of it.
func (st *Store) readBack(ctx context.Context, b desk.Book, prev Archive, a *Archive) error {
	rep := &Report{}
	v := &verifier{store: st, rep: rep, book: a.Book, whose: b, progress: func(Report) {}, audit: desk.NewAudit(restore), recount: desk.NewRecount()}
	if _, err := v.archived(ctx, a, sealRow{N: prev.Seal, Entry: prev.Entry, Event: prev.Event, Hash: prev.Hash}); err != nil {
		return err
	}
	if sum, ok := v.linesIn(a); !ok || sum.String() != a.Digest {
		v.found("archives", fmt.Sprintf("archive %d", a.N), "its lines of statements are not those that were written")
	}
	if len(rep.Findings) > 0 {
		f := rep.Findings[0]
		return fmt.Errorf("%s: nothing was deleted, for it does not read as it was written, or the book does not add up: %s %s: %s", a.File, f.Rule, f.What, f.Detail)
	}
	return nil
}

// move inserts an archive's row and deletes the rows that its file holds.
func (st *Store) move(ctx context.Context, a *Archive, ends map[desk.ID]int64, o ArchiveOptions) error {
	if err := o.Step("lock the book"); err != nil {
		return err
	}
	w, err := st.db.writer(ctx)
	if err != nil {
		return err
	}
	clean := false
	defer func() { w.close(clean) }()
	parts := []struct {
		table, col         string
		first, last, count int64
	}{
		{"entries", "no", a.FirstEntry, a.Entry, a.Entry - a.FirstEntry + 1},
		{"postings", "entry", a.FirstEntry, a.Entry, a.Postings},
		{"events", "no", a.FirstEvent, a.Event, a.Event - a.FirstEvent + 1},
		{"seals", "n", a.FirstSeal, a.Seal, a.Seal - a.FirstSeal + 1},
	}
	ctx = context.WithoutCancel(ctx)
	book := int64(a.Book)
	var b desk.Book
	var before int64
	there := make([]int64, len(parts))
	stmts := []stmt{{sql: begin}, st.lockBook(a.Book, &b), {
		sql: "SELECT COALESCE(max(n), 0) FROM archives WHERE book = $1", args: []any{book},
		each: func(scan func(...any) error) error { return scan(&before) },
	}}
	for i, p := range parts {
		stmts = append(stmts, stmt{
			sql:  fmt.Sprintf("SELECT count(*) FROM %s WHERE book = $1 AND %[2]s >= $2 AND %[2]s <= $3", p.table, p.col),
			args: []any{book, p.first, p.last},
			each: func(scan func(...any) error) error { return scan(&there[i]) },
		})
	}
	if err := w.run(ctx, stmts); err != nil {
		return err
	}
	if before != a.N-1 {
		return errOvertaken
	}
	for i, p := range parts {
		if there[i] != p.count {
			return fmt.Errorf("the archive has %d %s, and there are %d: nothing was deleted", p.count, p.table, there[i])
		}
	}
	if err := o.Step("delete the rows"); err != nil {
		return err
	}
	a.At = ledger.At(st.now())
	out := &out{book: book, engine: st.engine}
	out.insert("archives", strings.Fields(archiveCols), "", values([]Archive{*a}, archiveFields))
	for _, p := range parts {
		out.stmts = append(out.stmts, stmt{
			sql:  fmt.Sprintf("DELETE FROM %s WHERE book = $1 AND %[2]s >= $2 AND %[2]s <= $3", p.table, p.col),
			args: []any{book, p.first, p.last},
		})
	}
	for _, wallet := range slices.Sorted(maps.Keys(ends)) {
		out.stmts = append(out.stmts, stmt{
			sql:  "DELETE FROM wallet_lines WHERE book = $1 AND wallet = $2 AND n <= $3",
			args: []any{book, string(wallet), ends[wallet]},
		})
	}
	if err := w.run(ctx, out.stmts); err != nil {
		return err
	}
	if err := o.Step("commit"); err != nil {
		return err
	}
	if err := w.run(ctx, []stmt{{sql: commit}}); err != nil {
		return err
	}
	clean = true
	return o.Step("go on")
}
