package console

import (
	"strconv"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

func bookPages() []page {
	return []page{
		{at: "GET /books", right: desk.RightBooks, show: showBooks},
		{at: "GET /books/entries", right: desk.RightBooks, show: showEntries},
		{at: "GET /books/entries/{no}", right: desk.RightBooks, show: showEntry},
		{at: "GET /books/{code}", right: desk.RightBooks, show: showCode},
		{at: "GET /books/{code}/{owner...}", right: desk.RightBooks, show: showOwned},
	}
}

// A booksPage is the chart of accounts with its balances, now or at a moment.
type booksPage struct {
	When          filter // the moment that was asked for, if one was
	Entry         int64  // the last one that counts
	Lines         []trialLine
	Debit, Credit ledger.Amount
	Unused        []ledger.Heading
}

// A trialLine is a code of the chart, its balance on the side that it lies on.
type trialLine struct {
	desk.Owed
	Said          string
	Debit, Credit ledger.Amount
}

// Even says whether both sides are the same.
func (p booksPage) Even() bool { return p.Debit == p.Credit }

// showBooks is the trial balance: as it is, or as it was at a moment.
func showBooks(q *visit) error {
	p := booksPage{Entry: q.book.Entry}
	var at ledger.Time
	var err error
	if p.When, at = q.whenAsked(); at != 0 {
		if p.Entry, err = q.desk().EntryAt(q.Context(), q.book.ID, at); err != nil {
			return err
		}
	}
	all, err := q.desk().Trial(q.Context(), q.book.ID, p.Entry)
	if err != nil {
		return err
	}
	used := map[string]bool{}
	for _, o := range all {
		used[o.Code] = true
		l := trialLine{Owed: o, Said: accountName(ledger.AccountID(o.Code))}
		if signed := ledger.Signed(ledger.AccountID(o.Code), o.Amount); signed > 0 {
			l.Debit = signed
		} else {
			l.Credit = -signed
		}
		p.Debit, p.Credit = p.Debit.Add(l.Debit), p.Credit.Add(l.Credit)
		p.Lines = append(p.Lines, l)
	}
	for _, h := range ledger.Chart() {
		if !used[h.Code] {
			p.Unused = append(p.Unused, h)
		}
	}
	return q.show("books", "Books", p)
}

// whenAsked is a moment in India that the address names, as a filter.
func (q *visit) whenAsked() (filter, ledger.Time) {
	f := filter{Name: "at", Label: "As of (IST)", Type: "datetime-local", Value: q.value("at")}
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if t, err := time.ParseInLocation(layout, f.Value, india); err == nil {
			if layout == "2006-01-02T15:04" {
				t = t.Add(time.Minute - time.Microsecond) // all of that minute
			}
			return f, ledger.At(t)
		}
	}
	f.Value = ""
	return f, 0
}

// Past says whether the page tells of a moment that has been.
func (p booksPage) Past() bool { return p.When.Value != "" }

// headingOf is the chart's line for the code in the address.
func (q *visit) headingOf() (ledger.Heading, error) {
	h, ok := ledger.HeadingOf(q.PathValue("code"))
	if !ok {
		return h, ledger.Refuse(ledger.NotFound, whyPage, "the chart has no account %q", q.PathValue("code"))
	}
	return h, nil
}

// A codePage is the accounts of a code, one for each owner.
type codePage struct {
	ledger.Heading
	Said string
	Sum  desk.Owed
	listed[desk.AccountBalance]
}

// showCode is the accounts of a code; of one that has no owners, its postings.
func showCode(q *visit) error {
	h, err := q.headingOf()
	if err != nil {
		return err
	}
	if !h.Owned {
		return q.account(ledger.AccountID(h.Code))
	}
	p := codePage{Heading: h, Said: accountName(ledger.AccountID(h.Code)), Sum: desk.Owed{Heading: h}}
	all, err := q.desk().Trial(q.Context(), q.book.ID, q.book.Entry)
	if err != nil {
		return err
	}
	for _, o := range all {
		if o.Code == h.Code {
			p.Sum = o
		}
	}
	after := ledger.AccountID(q.value("after"))
	owner := q.text("owner", "Owner's id")
	if owner.Value != "" { // whoever's id begins so
		after = max(after, ledger.Account(h.Code, owner.Value)[:len(h.Code)+len(owner.Value)])
	}
	rows, err := q.desk().Store.AccountsOf(q.Context(), q.book.ID, h.Code, after, perPage+1)
	if err != nil {
		return err
	}
	p.listed = cutPage(q, rows, func(a desk.AccountBalance) string { return string(a.ID) }, owner)
	return q.show("code", p.Said, p)
}

// showOwned is one owner's account.
func showOwned(q *visit) error {
	h, err := q.headingOf()
	if err != nil {
		return err
	}
	if !h.Owned {
		return ledger.Refuse(ledger.NotFound, whyPage, "account %s belongs to nobody", h.Code)
	}
	return q.account(ledger.Account(h.Code, q.PathValue("owner")))
}

// An accountPage is the postings of an account, the newest first.
type accountPage struct {
	ID      ledger.AccountID
	Said    string
	Owner   desk.ID
	Heading ledger.Heading
	Balance ledger.Balance
	When    filter
	From    filter          // the position to begin at
	Then    *ledger.Balance // at the moment that was asked for
	listed[desk.AccountLine]
	Newer string // what the page before this one begins behind
}

// account shows an account: behind a position, from a position, or from what it
// was at a moment.
func (q *visit) account(id ledger.AccountID) error {
	as, err := q.desk().Store.Balances(q.Context(), q.book.ID, id)
	if err != nil {
		return err
	}
	b, ok := as[id]
	h, _ := ledger.HeadingOf(id.Code())
	if !ok && h.Owned {
		return ledger.Refuse(ledger.NotFound, whyPage, "nothing was ever posted on account %s", id)
	}
	p := accountPage{ID: id, Said: accountName(id), Owner: desk.ID(id.Owner()), Heading: h, Balance: b}
	p.From = filter{Name: "n", Label: "From position", Type: "number", Value: q.value("n")}
	ask := desk.Query{Book: q.book.ID, Parent: desk.ID(id), Count: perPage + 1}
	var at ledger.Time
	p.When, at = q.whenAsked()
	first := q.number("after", 0) // lines below this position
	if n := q.number("n", 0); first == 0 && n > 0 {
		first = n + 1
	} else if p.From.Value = ""; first == 0 && at != 0 {
		then, err := q.desk().BalanceAt(q.Context(), q.book.ID, id, at)
		if err != nil {
			return err
		}
		p.Then, first = &then, then.N+1
	}
	if first > 0 {
		ask.After = strconv.FormatInt(first, 10)
	}
	lines, err := q.desk().Store.Lines(q.Context(), ask)
	if err != nil {
		return err
	}
	p.listed = cutPage(q, lines, func(l desk.AccountLine) string { return strconv.FormatInt(l.N, 10) }, p.When, p.From)
	if first > 0 && first <= b.N {
		p.Deep = true
		if newer := first + perPage; newer <= b.N {
			p.Newer = strconv.FormatInt(newer, 10)
		}
	}
	return q.show("postings", p.Said, p)
}

// An entriesPage is the journal, the newest first.
type entriesPage struct {
	listed[journalLine]
}

// A journalLine is an entry in one line.
type journalLine struct {
	desk.Entry
	Amount   ledger.Amount // of either side
	Accounts []string      // what was posted to, debits first
}

func showEntries(q *visit) error {
	cause := q.text("cause", "About (id)")
	when, at := q.whenAsked()
	ask := desk.Query{Book: q.book.ID, Parent: desk.ID(cause.Value), Count: perPage + 1}
	if n := q.number("after", 0); n > 0 {
		ask.After = strconv.FormatInt(n, 10)
	} else if at != 0 {
		no, err := q.desk().EntryAt(q.Context(), q.book.ID, at)
		if err != nil {
			return err
		}
		ask.After = strconv.FormatInt(no+1, 10)
	}
	all, err := q.desk().Store.Entries(q.Context(), ask)
	if err != nil {
		return err
	}
	rows := make([]journalLine, len(all))
	for i, e := range all {
		rows[i] = journalOf(e)
	}
	return q.show("entries", "Journal", entriesPage{cutPage(q, rows, func(l journalLine) string { return strconv.FormatInt(l.No, 10) }, cause, when)})
}

func journalOf(e desk.EntryLines) journalLine {
	l := journalLine{Entry: e.Entry}
	for _, side := range []ledger.Side{ledger.Debit, ledger.Credit} {
		for _, x := range e.Lines {
			if x.Side != side {
				continue
			}
			if side == ledger.Debit {
				l.Amount += x.Amount
			}
			if len(l.Accounts) < 4 {
				l.Accounts = append(l.Accounts, accountName(x.Account))
			}
		}
	}
	return l
}

// An entryPage is one entry as a T, with the way on from each of its lines.
type entryPage struct {
	desk.Entry
	Debits, Credits []entryStep
	Sum             ledger.Amount
	First, Last     bool // of the book
	Life            []journalLine
}

// Earlier and Later are the numbers of the entries beside it.
func (p entryPage) Earlier() int64 { return p.No - 1 }
func (p entryPage) Later() int64   { return p.No + 1 }

// An entryStep is a line of an entry with the entries of the same account before
// and after it: following them follows the money.
type entryStep struct {
	entryLine
	Grew          bool // the account holds more after it
	Before, After *desk.AccountLine
}

// How much of an entry's surroundings is read.
const (
	maxSteps = 40 // lines whose account is looked at
	maxLife  = 50 // entries of the same cause
)

func showEntry(q *visit) error {
	no, err := strconv.ParseInt(q.PathValue("no"), 10, 64)
	if err != nil || no < 1 || no > q.book.Entry {
		return ledger.Refuse(ledger.NotFound, whyPage, "entries are numbered 1 to %d", q.book.Entry)
	}
	found, err := q.desk().Store.Entries(q.Context(), desk.Query{Book: q.book.ID, After: strconv.FormatInt(no+1, 10), Count: 1})
	if err != nil {
		return err
	}
	if len(found) == 0 || found[0].No != no {
		return ledger.Refuse(ledger.NotFound, whyPage, "there is no entry %d", no)
	}
	p := entryPage{Entry: found[0].Entry, First: no == 1, Last: no == q.book.Entry}
	for i, l := range entriesOf(found)[0].Lines {
		h, _ := ledger.HeadingOf(l.Account.Code())
		s := entryStep{entryLine: l, Grew: h.Normal == l.Side}
		if i < maxSteps {
			if s.Before, s.After, err = q.beside(l.Line); err != nil {
				return err
			}
		}
		if l.Debits() {
			p.Debits, p.Sum = append(p.Debits, s), p.Sum.Add(l.Amount)
		} else {
			p.Credits = append(p.Credits, s)
		}
	}
	if p.Cause != "" {
		life, err := q.desk().Store.Entries(q.Context(), desk.Query{Book: q.book.ID, Parent: p.Cause, Oldest: true, Count: maxLife})
		if err != nil {
			return err
		}
		for _, e := range life {
			p.Life = append(p.Life, journalOf(e))
		}
	}
	return q.show("entry", "Entry "+strconv.FormatInt(no, 10), p)
}

// beside are the postings of a line's account before and after it.
func (q *visit) beside(l ledger.Line) (before, after *desk.AccountLine, err error) {
	all, err := q.desk().Store.Lines(q.Context(), desk.Query{Book: q.book.ID, Parent: desk.ID(l.Account), Skip: int(max(0, l.N-2)), Count: 3, Oldest: true})
	for i := range all {
		switch all[i].N {
		case l.N - 1:
			before = &all[i]
		case l.N + 1:
			after = &all[i]
		}
	}
	return before, after, err
}
