package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"wapas/desk"
	"wapas/ledger"
)

// A Finding is something that is wrong in a book: the rule it breaks, what
// breaks it (an account, an entry, a seal, a row), and how.
type Finding struct {
	Book               desk.BookID
	Rule, What, Detail string
}

// A Report counts what Verify looked at, and lists what is wrong, the first
// fault of each book first.
type Report struct {
	Books, Seals, Entries, Postings, Events, Rows int64
	Findings                                      []Finding
	Checkups                                      map[desk.BookID]desk.Checkup // what is to be kept of each book
}

// Verify reads every book whole, each as it stood at one moment, and adds
// everything up: the chain of seals over entries and events, the digest of
// every row, and all the rules of desk.Audit. It may run beside a server.
// Progress, if it is not nil, hears of the counts now and then.
func Verify(ctx context.Context, st *Store, progress func(Report)) (Report, error) {
	rep := Report{Checkups: map[desk.BookID]desk.Checkup{}}
	books, err := st.Books(ctx, desk.BookQuery{})
	if err != nil {
		return rep, err
	}
	for _, b := range books {
		if err := st.verify(ctx, b.ID, &rep, progress); err != nil {
			return rep, err
		}
	}
	return rep, nil
}

// Verify reads one book whole. See desk.Doctor.
func (st *Store) Verify(ctx context.Context, book desk.BookID, progress func(desk.Checkup)) (desk.Checkup, error) {
	rep := Report{Checkups: map[desk.BookID]desk.Checkup{}}
	err := st.verify(ctx, book, &rep, func(r Report) {
		if progress != nil {
			progress(desk.Checkup{Entries: r.Entries, Postings: r.Postings, Rows: r.Rows})
		}
	})
	return rep.Checkups[book], err
}

// verify adds what it finds of a book to a report.
func (st *Store) verify(ctx context.Context, book desk.BookID, rep *Report, progress func(Report)) error {
	if progress == nil {
		progress = func(Report) {}
	}
	began, was := st.now(), *rep
	v := &verifier{store: st, rep: rep, book: book, progress: progress, audit: desk.NewAudit(restore), recount: desk.NewRecount()}
	err := st.db.still(ctx, func(r reader) error {
		v.r = r
		return v.run(ctx)
	})
	if err != nil {
		return fmt.Errorf("verify book %d: %w", book, err)
	}
	rep.Books++
	c := desk.Checkup{
		At: ledger.At(began), Took: st.now().Sub(began), Seal: v.last.N, Hash: v.last.Hash,
		Entries: rep.Entries - was.Entries, Postings: rep.Postings - was.Postings, Rows: rep.Rows - was.Rows,
		Findings: int64(len(rep.Findings) - len(was.Findings)),
	}
	for i, f := range rep.Findings[len(was.Findings):] {
		if i == firstFindings {
			break
		}
		c.First += fmt.Sprintf("%s %s: %s\n", f.Rule, f.What, f.Detail)
	}
	rep.Checkups[book] = c
	return nil
}

// firstFindings are how many are kept with a checkup.
const firstFindings = 20

// A verifier goes through one book.
type verifier struct {
	store    *Store
	r        reader
	rep      *Report
	book     desk.BookID
	audit    *desk.Audit
	recount  *desk.Recount
	progress func(Report)
	last     sealRow // the last one
	whose    desk.Book
	archives []Archive
	blind    bool // an archive could not be read whole
}

func (v *verifier) found(rule, what, format string, args ...any) {
	v.rep.Findings = append(v.rep.Findings, Finding{v.book, rule, what, fmt.Sprintf(format, args...)})
}

func (v *verifier) run(ctx context.Context) error {
	var b desk.Book
	q := stmt{sql: "SELECT " + bookCols + " FROM books WHERE book = $1", args: []any{int64(v.book)},
		each: func(scan func(...any) error) error { return scan(bookFields(&b)...) }}
	if err := v.r.query(ctx, q); err != nil {
		return err
	}
	v.whose = b
	var err error
	if v.archives, err = archivesBehind(ctx, v.r, v.book, 0); err != nil {
		return err
	}
	if err := v.seals(ctx, b); err != nil {
		return err
	}
	if err := v.state(ctx, b); err != nil {
		return err
	}
	if v.blind {
		v.found("archives", fmt.Sprintf("book %d", v.book), "what cannot be read was not added up, and so nothing was: only seals, and the digest of the rows")
		v.progress(*v.rep)
		return nil
	}
	if again := v.audit.Again(); again != nil { // to name what does not add up
		w := &verifier{store: v.store, r: v.r, rep: new(Report), book: v.book, audit: again, recount: desk.NewRecount(), progress: func(Report) {}, whose: b, archives: v.archives}
		if err := errors.Join(w.seals(ctx, b), w.state(ctx, b)); err != nil {
			return err
		}
		v.audit = again
	}
	if err := v.counted(ctx); err != nil {
		return err
	}
	for _, f := range append(v.audit.Findings(), v.recount.Findings()...) {
		v.found(f.Rule, f.What, "%s", f.Detail)
	}
	v.progress(*v.rep)
	return nil
}

// seals walks the chain of seals, from archive to archive and then through the
// tables, with the entries, postings and events that each covers beside it, and
// works every hash out again.
func (v *verifier) seals(ctx context.Context, b desk.Book) error {
	last := sealRow{}
	for i := range v.archives {
		var err error
		if last, err = v.archived(ctx, &v.archives[i], last); err != nil {
			return err
		}
	}
	if err := v.left(ctx, last); err != nil {
		return err
	}
	before := v.rep.Postings
	entries := pages[desk.EntryLines]{fetch: v.entries, at: func(e desk.EntryLines) int64 { return e.No }, last: last.Entry}
	events := pages[event]{fetch: v.events, at: func(e event) int64 { return e.No }, last: last.Event}
	seals := pages[sealRow]{fetch: v.sealRows, at: func(s sealRow) int64 { return s.N }, last: last.N}
	last, err := v.chain(ctx, last, &seals, &entries, &events)
	if err != nil {
		return err
	}
	unseen := v.blind && last.State == "" // an archive's last, whose row does not say it
	if b.Seal != last.N || b.Hash != last.Hash || b.State != last.State && !unseen || b.Entry != last.Entry || b.Event != last.Event {
		v.found("seals", fmt.Sprintf("book %d", b.ID), "its row does not say what its last seal, %d, says", last.N)
	}
	return v.orphans(ctx, v.rep.Postings-before)
}

// chain goes through seals that follow one another, with what they cover, and is
// the last one. What no seal covers is found, too.
func (v *verifier) chain(ctx context.Context, last sealRow, seals *pages[sealRow], entries *pages[desk.EntryLines], events *pages[event]) (sealRow, error) {
	for {
		s, ok, err := seals.next(ctx)
		if err != nil {
			return last, err
		}
		if !ok {
			break
		}
		what := fmt.Sprintf("seal %d", s.N)
		if s.N != last.N+1 {
			v.found("seals", what, "the one before it is %d: seals are missing", last.N)
		}
		h := newSealHash(last.Hash, &desk.Book{ID: v.book, Seal: s.N, Entry: s.Entry, Event: s.Event, State: s.State}, s.At)
		for {
			e, ok, err := entries.nextUpTo(ctx, s.Entry)
			if err != nil {
				return last, err
			}
			if !ok {
				break
			}
			v.audit.Entry(e)
			v.recount.Entry(e)
			h.entry(e)
			v.rep.Entries++
			v.rep.Postings += int64(len(e.Lines))
		}
		for {
			e, ok, err := events.nextUpTo(ctx, s.Event)
			if err != nil {
				return last, err
			}
			if !ok {
				break
			}
			h.event(e)
			v.rep.Events++
		}
		if h.sum() != s.Hash {
			v.found("seals", what, "what it covers (entries %d to %d, events %d to %d) is not what was sealed",
				last.Entry+1, s.Entry, last.Event+1, s.Event)
		}
		last, v.last = s, s
		v.rep.Seals++
		if v.rep.Seals%1000 == 0 {
			v.progress(*v.rep)
		}
	}
	if e, ok, err := entries.next(ctx); err != nil {
		return last, err
	} else if ok {
		v.found("seals", fmt.Sprintf("entry %d", e.No), "no seal covers it")
	}
	if e, ok, err := events.next(ctx); err != nil {
		return last, err
	} else if ok {
		v.found("seals", fmt.Sprintf("event %d", e.No), "no seal covers it")
	}
	return last, nil
}

// orphans looks for postings that belong to no entry. Looking is slow, so they
// are counted first.
func (v *verifier) orphans(ctx context.Context, belonging int64) error {
	var all int64
	err := v.r.query(ctx, stmt{"SELECT count(*) FROM postings WHERE book = $1", []any{int64(v.book)},
		func(scan func(...any) error) error { return scan(&all) }})
	if err != nil || all == belonging {
		return err
	}
	return v.r.query(ctx, stmt{
		sql: `SELECT p.account, p.n, p.entry FROM postings p WHERE p.book = $1
			AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.book = $1 AND e.no = p.entry) ORDER BY p.account, p.n LIMIT 10`,
		args: []any{int64(v.book)},
		each: func(scan func(...any) error) error {
			var account string
			var n, entry int64
			err := scan(&account, &n, &entry)
			v.found("I-1", fmt.Sprintf("account %s", account), "posting %d belongs to entry %d, which is not there", n, entry)
			return err
		},
	})
}

// state reads every row that may change, every balance and every line of a
// statement, and compares their digest with the book's.
func (v *verifier) state(ctx context.Context, b desk.Book) error {
	var sum digest
	var buf []byte
	if b.Seal > 0 { // before the first seal nothing is witnessed
		sum.add(encodeBook(nil, b))
	}
	count := func() {
		if v.rep.Rows++; v.rep.Rows%50_000 == 0 {
			v.progress(*v.rep)
		}
	}
	id := int64(v.book)
	for _, t := range tables {
		if t == nil {
			continue
		}
		// The program makes no row without an id; somebody else may have.
		err := v.r.query(ctx, stmt{t.selectWhere("id >= '' ORDER BY id"), []any{id}, t.each(func(r desk.Row) error {
			buf = t.encode(buf[:0], r)
			sum.add(buf)
			v.audit.Row(r)
			v.recount.Row(r)
			count()
			return nil
		})})
		if err != nil {
			return err
		}
	}
	for i := range v.archives { // each wallet's lines before those in the table
		lines, ok := v.linesIn(&v.archives[i])
		if !ok { // its row says what they come to
			var err error
			if lines, err = parseDigest(v.archives[i].Digest); err != nil {
				v.found("archives", archiveName(&v.archives[i]), "its row is no archive's: %v", err)
			}
		}
		sum.join(lines)
	}
	err := v.r.query(ctx, stmt{"SELECT wallet, " + lineSelect + " FROM wallet_lines WHERE book = $1 ORDER BY wallet, n", []any{id},
		func(scan func(...any) error) error {
			var l desk.WalletLine
			if err := scan(lineFields(&l)...); err != nil {
				return err
			}
			buf = encodeLine(buf[:0], l)
			sum.add(buf)
			v.audit.Line(l)
			count()
			return nil
		}})
	if err != nil {
		return err
	}
	err = v.r.query(ctx, stmt{"SELECT id, balance, n FROM accounts WHERE book = $1 ORDER BY id", []any{id},
		func(scan func(...any) error) error {
			var account string
			var bal ledger.Balance
			if err := scan(&account, (*int64)(&bal.Amount), &bal.N); err != nil {
				return err
			}
			buf = encodeBalance(buf[:0], ledger.AccountID(account), bal)
			sum.add(buf)
			v.audit.Balance(ledger.AccountID(account), bal)
			count()
			return nil
		}})
	if err != nil {
		return err
	}
	if want, err := parseDigest(b.State); err != nil || sum != want {
		v.found("state", fmt.Sprintf("book %d", b.ID), "a row was changed, added or taken away outside a change: the rows do not have the digest that seal %d says", b.Seal)
	}
	return nil
}

// counted reads what is counted beside the book.
func (v *verifier) counted(ctx context.Context) error {
	for table, each := range map[string]func(desk.Hour){"hours": v.recount.Hour, "days": v.recount.Day} {
		all := stmt{"SELECT " + listed(strings.Join(hourCols, " ")) + " FROM " + table + " WHERE book = $1", []any{int64(v.book)}, eachHour(each)}
		if err := v.r.query(ctx, all); err != nil {
			return err
		}
	}
	return v.r.query(ctx, stmt{
		"SELECT " + listed(strings.Join(sumCols, " ")) + " FROM code_sums WHERE book = $1", []any{int64(v.book)},
		func(scan func(...any) error) error {
			var k desk.CodeKey
			var s desk.CodeSum
			err := scan(&k.Code, &k.Block, (*int64)(&s.Net), &s.Accounts)
			v.recount.Sum(k, s)
			return err
		}})
}

// A sealRow is a seal as it lies in the table.
type sealRow struct {
	N, Entry, Event int64
	At              ledger.Time
	State, Hash     string
}

func (v *verifier) sealRows(ctx context.Context, after int64) (all []sealRow, err error) {
	err = v.r.query(ctx, stmt{
		"SELECT n, sealed_at, entry, event, state, hash FROM seals WHERE book = $1 AND n > $2 ORDER BY n LIMIT $3",
		[]any{int64(v.book), after, pageSize},
		func(scan func(...any) error) error {
			var s sealRow
			err := scan(&s.N, (*int64)(&s.At), &s.Entry, &s.Event, &s.State, &s.Hash)
			all = append(all, s)
			return err
		}})
	return all, err
}

// entries reads entries with their lines. An entry that has lost all its
// lines comes without any.
func (v *verifier) entries(ctx context.Context, after int64) (all []desk.EntryLines, err error) {
	err = v.r.query(ctx, stmt{
		"SELECT no, reason, cause, at FROM entries WHERE book = $1 AND no > $2 ORDER BY no LIMIT $3",
		[]any{int64(v.book), after, pageSize},
		func(scan func(...any) error) error {
			var e desk.EntryLines
			err := scan(entryFields(&e.Entry)...)
			all = append(all, e)
			return err
		}})
	if err != nil || len(all) == 0 {
		return nil, err
	}
	i := 0
	return all, v.r.query(ctx, stmt{
		"SELECT entry, " + postingSelect + " FROM postings WHERE book = $1 AND entry > $2 AND entry <= $3 ORDER BY entry, line",
		[]any{int64(v.book), after, all[len(all)-1].No},
		eachLine(func(entry int64, l ledger.Line) {
			for all[i].No < entry {
				i++
			}
			if all[i].No == entry { // otherwise the entry is not there: see orphans
				all[i].Lines = append(all[i].Lines, l)
			}
		})})
}

func (v *verifier) events(ctx context.Context, after int64) (all []event, err error) {
	err = v.r.query(ctx, stmt{
		"SELECT no, id, name, at, about, subject FROM events WHERE book = $1 AND no > $2 ORDER BY no LIMIT $3",
		[]any{int64(v.book), after, pageSize},
		func(scan func(...any) error) error {
			var e event
			err := scan(&e.No, (*string)(&e.ID), &e.Name, (*int64)(&e.At), &e.about, (*string)(&e.subject))
			all = append(all, e)
			return err
		}})
	return all, err
}

const pageSize int64 = 5000

// pages goes through numbered things a page at a time, so that a long book
// needs little memory and no two queries are open at once.
type pages[T any] struct {
	fetch func(ctx context.Context, after int64) ([]T, error)
	at    func(T) int64
	page  []T
	last  int64
	end   bool
}

// peek looks at the next without taking it.
func (p *pages[T]) peek(ctx context.Context) (next T, ok bool, err error) {
	if len(p.page) == 0 && !p.end {
		if p.page, err = p.fetch(ctx, p.last); err != nil {
			return next, false, err
		}
		p.end = len(p.page) == 0
	}
	if p.end {
		return next, false, nil
	}
	return p.page[0], true, nil
}

func (p *pages[T]) next(ctx context.Context) (T, bool, error) {
	next, ok, err := p.peek(ctx)
	if ok {
		p.last = p.at(next)
		p.page = p.page[1:]
	}
	return next, ok, err
}

// nextUpTo takes the next if its number is at most limit.
func (p *pages[T]) nextUpTo(ctx context.Context, limit int64) (T, bool, error) {
	next, ok, err := p.peek(ctx)
	if !ok || p.at(next) > limit {
		var none T
		return none, false, err
	}
	return p.next(ctx)
}
