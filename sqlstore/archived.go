package sqlstore

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"math"
	"slices"
	"strconv"

	"wapas/archive"
	"wapas/desk"
	"wapas/ledger"
)

// A sequence is rows of a book in the order of their numbers, the older of which
// may lie in archives: a page of it is read as if all were in the table.
type sequence[T any] struct {
	number func(T) int64
	// dense says whether the rows that a query asks for are numbered without gaps
	// from 1. Nil: never.
	dense func(desk.Query) bool
	// torn says whether part of a page was moved to an archive while it was read, for
	// it takes more than one statement. Nil: it never is.
	torn func([]T) bool
	// inTable reads a page from the table, count how many rows of it a query finds,
	// whatever its page. Total is the number of the last of a dense sequence.
	inTable func(context.Context, reader, desk.Query) ([]T, error)
	count   func(context.Context, reader, desk.Query) (int64, error)
	total   func(context.Context, reader, desk.Query) (int64, error)
	// inFile goes through the rows of an archive that a query finds, in its order,
	// from where its page begins. It need not look at Skip and Count.
	inFile func(*shelf, *Archive, desk.Query) iter.Seq2[T, error]
}

// pageOf reads a page of a sequence. What is archived while it does is not
// missed: the table is read before the list of archives, and both again, as they
// were at one moment, if the page may be in both.
func pageOf[T any](ctx context.Context, st *Store, q desk.Query, s sequence[T]) ([]T, error) {
	rows, err := s.inTable(ctx, st.db, q)
	if err != nil || s.whole(q, rows) {
		return rows, err
	}
	all, err := st.archives(ctx, st.db, q.Book)
	if err != nil || len(all) == 0 {
		return rows, err
	}
	err = st.db.still(ctx, func(r reader) error {
		if all, err = st.archives(ctx, r, q.Book); err == nil {
			rows, err = s.across(ctx, r, &st.shelf, all, q)
		}
		return err
	})
	return rows, err
}

// whole says whether a page from the table is what it would be if nothing were
// archived: the newest are always there, and nothing is before the first.
func (s *sequence[T]) whole(q desk.Query, rows []T) bool {
	if s.torn != nil && s.torn(rows) {
		return false
	}
	if !q.Oldest && len(rows) == countOf(q) {
		return true
	}
	if len(rows) == 0 {
		return false
	}
	if !q.Oldest {
		return s.number(rows[len(rows)-1]) == 1
	}
	return s.dense != nil && s.dense(q) && s.number(rows[0]) == after(q, 0)+int64(q.Skip)+1
}

// after is behind which number a page begins.
func after(q desk.Query, otherwise int64) int64 {
	if n, err := strconv.ParseInt(q.After, 10, 64); err == nil { // the table has read it
		return n
	}
	return otherwise
}

// across reads a page from the table and archives.
func (s *sequence[T]) across(ctx context.Context, r reader, sh *shelf, all []Archive, q desk.Query) (rows []T, err error) {
	if q.Skip > 0 && s.dense != nil && s.dense(q) { // where it begins can be told
		begin := after(q, 0) + int64(q.Skip)
		if !q.Oldest {
			total, err := s.total(ctx, r, q)
			if err != nil {
				return nil, err
			}
			begin = min(after(q, total+1), total+1) - int64(q.Skip)
		}
		q.After, q.Skip = strconv.FormatInt(begin, 10), 0
	}
	q.Count = countOf(q)
	if q.Oldest {
		if rows, err = s.archived(ctx, sh, all, &q); err != nil || q.Count == 0 {
			return rows, err
		}
		more, err := s.inTable(ctx, r, q)
		return append(rows, more...), err
	}
	if rows, err = s.inTable(ctx, r, q); err != nil {
		return nil, err
	}
	if q.Skip > 0 {
		skipped := int64(q.Skip)
		if len(rows) == 0 {
			if skipped, err = s.count(ctx, r, q); err != nil {
				return nil, err
			}
		}
		q.Skip -= int(min(skipped, int64(q.Skip)))
	}
	q.Count -= len(rows)
	old, err := s.archived(ctx, sh, all, &q)
	return append(rows, old...), err
}

// archived reads the part of a page that is in archives, and takes off the query
// what it has skipped and found.
func (s *sequence[T]) archived(ctx context.Context, sh *shelf, all []Archive, q *desk.Query) (rows []T, err error) {
	order := slices.All(all)
	if !q.Oldest {
		order = slices.Backward(all)
	}
	for _, a := range order {
		if q.Count == 0 {
			break
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if q.From != 0 && a.LastAt < q.From || q.To != 0 && a.FirstAt > toEnd(q.To) {
			continue
		}
		for row, err := range s.inFile(sh, &a, *q) {
			if err != nil {
				return nil, a.unreadable(err)
			}
			if q.Skip > 0 {
				q.Skip--
				continue
			}
			rows = append(rows, row)
			if q.Count--; q.Count == 0 {
				break
			}
		}
	}
	return rows, nil
}

// toEnd is the last moment of the second that a query ends with.
func toEnd(to ledger.Time) ledger.Time {
	if to%1e6 == 0 {
		to += 1e6 - 1
	}
	return to
}

// during says whether a moment is one of those that a query asks for.
func during(q desk.Query, at ledger.Time) bool {
	return (q.From == 0 || at >= q.From) && (q.To == 0 || at <= toEnd(q.To))
}

// within says whether a number is behind the one that a page begins after.
func within(q desk.Query, n int64) bool {
	switch {
	case q.After == "":
		return true
	case q.Oldest:
		return n > after(q, 0)
	}
	return n < after(q, 0)
}

// ordered goes through a section in the order of a query, from where its page
// begins: Text is the first part of the key.
func ordered(f *archive.File, section, text string, q desk.Query) iter.Seq2[[]byte, error] {
	if q.Oldest {
		return f.From(section, archive.Key{Text: text, N: after(q, math.MinInt64)})
	}
	return f.Back(section, archive.Key{Text: text, N: after(q, math.MaxInt64)})
}

// linesFor goes through the lines of a section that belong to one, by what a name
// says, in the order of a query and from where its page begins. Most of what is
// unpacked belongs to somebody else: only lines that begin as those of the one do are
// read as JSON, and those behind them.
func linesFor[T any](f *archive.File, section, name, one string, q desk.Query, read func([]byte) (T, error), whose func(T) string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var p packer
		p.row(section)
		p.text(name, one)
		begins := append(p.buf, ',')
		for text, err := range ordered(f, section, one, q) {
			if err == nil && !bytes.HasPrefix(text, begins) && bytes.Compare(text, begins) < 0 == q.Oldest {
				continue
			}
			var row T
			if err == nil {
				row, err = read(text)
			}
			if err != nil {
				yield(row, err)
				return
			}
			of := whose(row)
			if q.Oldest && of > one || !q.Oldest && of < one {
				return
			}
			if of == one && !yield(row, nil) {
				return
			}
		}
	}
}

// runsFor does so with numbers.
func runsFor(f *archive.File, section, one string, q desk.Query) iter.Seq2[run, error] {
	return linesFor(f, section, "of", one, q, readRun, func(r run) string { return r.Of })
}

// failing is a sequence of nothing but an error.
func failing[T any](err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		yield(none, err)
	}
}

// nothing is an empty one.
func nothing[T any](func(T, error) bool) {}

var statements = sequence[desk.WalletLine]{
	number:  func(l desk.WalletLine) int64 { return l.N },
	dense:   undated,
	inTable: statement,
	count: func(ctx context.Context, r reader, q desk.Query) (int64, error) {
		w := where{args: []any{int64(q.Book), string(q.Parent)}}
		w.between("created_at", q)
		return countRows(ctx, r, "wallet_lines WHERE book = $1 AND wallet = $2", "n", &w, q)
	},
	total: func(ctx context.Context, r reader, q desk.Query) (int64, error) {
		return number(ctx, r, "SELECT lines FROM wallets WHERE book = $1 AND id = $2", int64(q.Book), string(q.Parent))
	},
	inFile: func(sh *shelf, a *Archive, q desk.Query) iter.Seq2[desk.WalletLine, error] {
		f, err := sh.open(a)
		if err != nil {
			return failing[desk.WalletLine](err)
		}
		return func(yield func(desk.WalletLine, error) bool) {
			for l, err := range linesFor(f, inLines, "wallet", string(q.Parent), q, readLine, func(l desk.WalletLine) string { return string(l.Wallet) }) {
				if err == nil && !(within(q, l.N) && during(q, l.CreatedAt)) {
					continue
				}
				if !yield(l, err) {
					return
				}
			}
		}
	},
}

var accountLines = sequence[desk.AccountLine]{
	number:  func(l desk.AccountLine) int64 { return l.N },
	dense:   undated,
	inTable: linesOf,
	count: func(ctx context.Context, r reader, q desk.Query) (int64, error) {
		w := where{args: []any{int64(q.Book), string(q.Parent)}}
		w.between("e.at", q)
		return countRows(ctx, r, "postings p JOIN entries e ON e.book = $1 AND e.no = p.entry WHERE p.book = $1 AND p.account = $2", "p.n", &w, q)
	},
	total: func(ctx context.Context, r reader, q desk.Query) (int64, error) {
		return number(ctx, r, "SELECT n FROM accounts WHERE book = $1 AND id = $2", int64(q.Book), string(q.Parent))
	},
	inFile: func(sh *shelf, a *Archive, q desk.Query) iter.Seq2[desk.AccountLine, error] {
		f, err := sh.open(a)
		if err != nil {
			return failing[desk.AccountLine](err)
		}
		return func(yield func(desk.AccountLine, error) bool) {
			for r, err := range runsFor(f, ofAccount, string(q.Parent), q) {
				if err != nil {
					yield(desk.AccountLine{}, err)
					return
				}
				if !linesOfRun(f, r, q, yield) {
					return
				}
			}
		}
	},
}

// linesOfRun hands on the lines of an account at the positions of a run, and says
// whether more are wanted.
func linesOfRun(f *archive.File, r run, q desk.Query, yield func(desk.AccountLine, error) bool) bool {
	var wanted []posting
	for i, no := range r.No {
		if n := r.N + int64(i); within(q, n) {
			wanted = append(wanted, posting{n, no})
		}
	}
	if !q.Oldest {
		slices.Reverse(wanted)
	}
	for some := range slices.Chunk(wanted, atOnce(q)) {
		numbers := make([]int64, len(some))
		for i, p := range some {
			numbers[i] = p.entry
		}
		found, err := numbered(f, inEntries, readEntry, numbers)
		if err != nil {
			yield(desk.AccountLine{}, err)
			return false
		}
		for i, p := range some {
			e := found[i]
			at := slices.IndexFunc(e.Lines, func(l ledger.Line) bool { return l.Account == ledger.AccountID(q.Parent) && l.N == p.n })
			if at < 0 || e.No != p.entry {
				yield(desk.AccountLine{}, fmt.Errorf("posting %d of %s is not in entry %d", p.n, q.Parent, p.entry))
				return false
			}
			if during(q, e.At) && !yield(desk.AccountLine{Entry: e.Entry, Line: e.Lines[at]}, nil) {
				return false
			}
		}
	}
	return true
}

// atOnce is how many rows are looked for in a file at once: those of the page.
func atOnce(q desk.Query) int { return max(1, min(q.Count+q.Skip, 200)) }

// numbered reads rows by their numbers, in the order that they are named in.
func numbered[T any](f *archive.File, section string, read func([]byte) (T, error), numbers []int64) ([]T, error) {
	found := make([]T, len(numbers))
	var first int64
	var lines [][]byte
	order := make([]int, len(numbers))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(x, y int) int { return int(numbers[x] - numbers[y]) })
	for _, i := range order {
		no := numbers[i]
		if lines == nil || no-first >= int64(len(lines)) {
			var err error
			if first, lines, err = f.Numbered(section, no); err != nil {
				return nil, err
			}
		}
		if no < first || no-first >= int64(len(lines)) {
			return nil, fmt.Errorf("number %d of its %s is not there", no, section)
		}
		var err error
		if found[i], err = read(lines[no-first]); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// entriesBy is the sequence of all entries, or of those of a cause.
func (st *Store) entriesBy() sequence[desk.EntryLines] {
	return sequence[desk.EntryLines]{
		number: func(e desk.EntryLines) int64 { return e.No },
		dense:  func(q desk.Query) bool { return q.Parent == "" && undated(q) },
		torn: func(all []desk.EntryLines) bool {
			return slices.ContainsFunc(all, func(e desk.EntryLines) bool { return len(e.Lines) == 0 })
		},
		inTable: st.entries,
		count: func(ctx context.Context, r reader, q desk.Query) (int64, error) {
			w := entriesOf(q)
			return countRows(ctx, r, "entries WHERE book = $1", "no", &w, q)
		},
		total: func(ctx context.Context, r reader, q desk.Query) (int64, error) {
			return number(ctx, r, "SELECT entry FROM books WHERE book = $1", int64(q.Book))
		},
		inFile: func(sh *shelf, a *Archive, q desk.Query) iter.Seq2[desk.EntryLines, error] {
			if q.Parent != "" {
				return belonging(sh, a, q, ofCause, inEntries, readEntry, entryAt)
			}
			return throughout(sh, a, q, a.FirstEntry, a.Entry, inEntries, readEntry, entryAt)
		},
	}
}

func eventNo(e desk.Event) int64 { return e.No }

func entryAt(e desk.EntryLines) (int64, ledger.Time) { return e.No, e.At }

func eventAt(e event) (int64, ledger.Time) { return e.No, e.At }

var eventsAbout = sequence[desk.Event]{
	number: eventNo,
	inTable: func(ctx context.Context, r reader, q desk.Query) ([]desk.Event, error) {
		return eventsWhere(ctx, r, eventsOf(q), q)
	},
	count: func(ctx context.Context, r reader, q desk.Query) (int64, error) {
		return countRows(ctx, r, "events WHERE book = $1", "no", eventsOf(q), q)
	},
	inFile: func(sh *shelf, a *Archive, q desk.Query) iter.Seq2[desk.Event, error] {
		return telling(belonging(sh, a, q, ofSubject, inEvents, readEvent, eventAt), func(event) (bool, bool) { return true, true })
	},
}

// eventsIn goes through events of a name, if it is not empty, down to a floor.
func eventsIn(name string, floor int64) func(*shelf, *Archive, desk.Query) iter.Seq2[desk.Event, error] {
	return func(sh *shelf, a *Archive, q desk.Query) iter.Seq2[desk.Event, error] {
		if a.Event < floor {
			return nothing[desk.Event]
		}
		return telling(throughout(sh, a, q, a.FirstEvent, a.Event, inEvents, readEvent, eventAt), func(e event) (wanted, more bool) {
			return name == "" || e.Name == name, e.No >= floor
		})
	}
}

// telling hands events on with the rows that they are about.
func telling(events iter.Seq2[event, error], want func(event) (wanted, more bool)) iter.Seq2[desk.Event, error] {
	return func(yield func(desk.Event, error) bool) {
		for e, err := range events {
			wanted, more := want(e)
			if err == nil && !more {
				return
			}
			if err == nil && !wanted {
				continue
			}
			if err == nil {
				err = e.told()
			}
			if !yield(e.Event, err) || err != nil {
				return
			}
		}
	}
}

// throughout goes through a numbered section of an archive, first to last.
func throughout[T any](sh *shelf, a *Archive, q desk.Query, first, last int64, section string, read func([]byte) (T, error), at func(T) (int64, ledger.Time)) iter.Seq2[T, error] {
	if first > last || q.After != "" && (q.Oldest && last <= after(q, 0) || !q.Oldest && first >= after(q, 0)) {
		return nothing[T]
	}
	f, err := sh.open(a)
	if err != nil {
		return failing[T](err)
	}
	return func(yield func(T, error) bool) {
		for text, err := range ordered(f, section, "", q) {
			var row T
			if err == nil {
				row, err = read(text)
			}
			if err != nil {
				yield(row, err)
				return
			}
			if no, when := at(row); within(q, no) && during(q, when) && !yield(row, nil) {
				return
			}
		}
	}
}

// belonging goes through the rows of a numbered section that belong to what a query
// names.
func belonging[T any](sh *shelf, a *Archive, q desk.Query, finder, section string, read func([]byte) (T, error), at func(T) (int64, ledger.Time)) iter.Seq2[T, error] {
	if youth(q.Parent) > a.Youngest {
		return nothing[T]
	}
	f, err := sh.open(a)
	if err != nil {
		return failing[T](err)
	}
	return func(yield func(T, error) bool) {
		var numbers []int64
		for r, err := range runsFor(f, finder, string(q.Parent), desk.Query{Oldest: true}) {
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, no := range r.No {
				if within(q, no) {
					numbers = append(numbers, no)
				}
			}
		}
		if !q.Oldest {
			slices.Reverse(numbers)
		}
		for some := range slices.Chunk(numbers, atOnce(q)) {
			rows, err := numbered(f, section, read, some)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for i, row := range rows {
				no, when := at(row)
				if no != some[i] {
					yield(row, fmt.Errorf("number %d of its %s is at the place of number %d", no, section, some[i]))
					return
				}
				if during(q, when) && !yield(row, nil) {
					return
				}
			}
		}
	}
}

// entriesIn hands on the entries of an archive behind one, up to another.
func (s *shelf) entriesIn(a *Archive, behind, upto int64, do func(desk.EntryLines)) error {
	q := desk.Query{After: strconv.FormatInt(behind, 10), Oldest: true}
	for e, err := range throughout(s, a, q, a.FirstEntry, a.Entry, inEntries, readEntry, entryAt) {
		if err != nil {
			return a.unreadable(err)
		}
		if e.No > upto {
			break
		}
		do(e)
	}
	return nil
}

// undated says whether a query asks for no period.
func undated(q desk.Query) bool { return q.From == 0 && q.To == 0 }

// countRows counts what a query finds in a table, whatever its page.
func countRows(ctx context.Context, r reader, from, col string, w *where, q desk.Query) (int64, error) {
	if err := w.behind(col, true, q); err != nil {
		return 0, err
	}
	return number(ctx, r, "SELECT count(*) FROM "+from+w.text, w.args...)
}

// number reads one number; zero if there is none.
func number(ctx context.Context, r reader, sql string, args ...any) (n int64, err error) {
	err = r.query(ctx, stmt{sql, args, func(scan func(...any) error) error { return scan(&n) }})
	return n, err
}
