package sqlstore

import (
	"bytes"
	"encoding/json"
	"strconv"

	"wapas/desk"
	"wapas/ledger"
)

// The lines of an archive: one JSON object each, the first member of which says
// what it is, the others called as the columns are. The order in which they lie:
//
//	archive       which book, and which part of its past
//	seals         by number
//	entries       by number, each with its postings
//	events        by number
//	wallet_lines  by wallet and position
//	of_account    by account and position: the entries that its postings belong to
//	of_cause      by cause: the entries that it caused
//	of_subject    by subject: the events that are about it first of all
//
// The last three say nothing that the others do not: they are how a page finds
// its entries and events.
const (
	inHead    = "archive"
	inSeals   = "seals"
	inEntries = "entries"
	inEvents  = "events"
	inLines   = "wallet_lines"
	ofAccount = "of_account"
	ofCause   = "of_cause"
	ofSubject = "of_subject"
	maxRun    = 500 // numbers in one line of the last three
)

// A packer writes one line.
type packer struct{ buf []byte }

func (p *packer) row(what string) {
	p.buf = append(append(append(p.buf[:0], `{"row":"`...), what...), '"')
}

func (p *packer) name(name string) {
	p.buf = append(append(append(p.buf, `,"`...), name...), `":`...)
}

func (p *packer) text(name, text string) {
	p.name(name)
	p.buf = appendJSON(p.buf, text)
}

func (p *packer) int(name string, n int64) {
	p.name(name)
	p.buf = strconv.AppendInt(p.buf, n, 10)
}

func (p *packer) end() []byte {
	p.buf = append(p.buf, '}')
	return p.buf
}

// head says whose past it is, and which part of it.
func (p *packer) head(b desk.Book, a *Archive) []byte {
	p.row(inHead)
	p.int("version", 1)
	p.text("merchant_id", string(b.Merchant))
	p.text("mode", string(b.Mode))
	p.int("book", int64(b.ID))
	p.int("n", a.N)
	for _, l := range []struct {
		name        string
		first, last int64
	}{{"seal", a.FirstSeal, a.Seal}, {"entry", a.FirstEntry, a.Entry}, {"event", a.FirstEvent, a.Event}} {
		p.int("first_"+l.name, l.first)
		p.int(l.name, l.last)
	}
	p.text("hash", a.Hash)
	return p.end()
}

func (p *packer) seal(s sealRow) []byte {
	p.row(inSeals)
	p.int("n", s.N)
	p.int("sealed_at", int64(s.At))
	p.int("entry", s.Entry)
	p.int("event", s.Event)
	p.text("state", s.State)
	p.text("hash", s.Hash)
	return p.end()
}

func (p *packer) entry(e desk.EntryLines) []byte {
	p.row(inEntries)
	p.int("no", e.No)
	p.text("reason", string(e.Reason))
	p.text("cause", string(e.Cause))
	p.int("at", int64(e.At))
	p.name("postings")
	p.buf = append(p.buf, '[')
	for i, l := range e.Lines {
		if i > 0 {
			p.buf = append(p.buf, ',')
		}
		p.buf = append(p.buf, `{"account":`...)
		p.buf = appendJSON(p.buf, string(l.Account))
		p.int("n", l.N)
		p.int("side", int64(l.Side))
		p.int("amount", int64(l.Amount))
		p.int("balance", int64(l.Balance))
		p.buf = append(p.buf, '}')
	}
	p.buf = append(p.buf, ']')
	return p.end()
}

// event writes what an event is about as the JSON that it is, byte for byte, so
// that it can be read; what is none, which the program never wrote, as a text.
func (p *packer) event(e event) []byte {
	p.row(inEvents)
	p.int("no", e.No)
	p.text("id", string(e.ID))
	p.text("name", e.Name)
	p.int("at", int64(e.At))
	p.text("subject", string(e.subject))
	if about := []byte(e.about); len(about) > 0 && about[0] == '[' && json.Valid(about) && bytes.IndexByte(about, '\n') < 0 {
		p.name("about")
		p.buf = append(p.buf, about...)
	} else {
		p.text("about", e.about)
	}
	return p.end()
}

func (p *packer) line(l desk.WalletLine) []byte {
	p.row(inLines)
	p.text("wallet", string(l.Wallet))
	p.int("n", l.N)
	p.text("id", string(l.ID))
	p.int("entry", l.Entry)
	p.text("source", string(l.Source))
	p.text("type", l.Type)
	p.int("credit", int64(l.Credit))
	p.int("debit", int64(l.Debit))
	p.int("balance", int64(l.Balance))
	p.text("description", l.Description)
	p.int("created_at", int64(l.CreatedAt))
	return p.end()
}

// run writes numbers that belong to one thing, and the position of the first
// where they have one.
func (p *packer) run(what, of string, n int64, numbers []int64) []byte {
	p.row(what)
	p.text("of", of)
	p.int("n", n)
	p.name("no")
	p.buf = append(p.buf, '[')
	for i, no := range numbers {
		if i > 0 {
			p.buf = append(p.buf, ',')
		}
		p.buf = strconv.AppendInt(p.buf, no, 10)
	}
	p.buf = append(p.buf, ']')
	return p.end()
}

func readSeal(line []byte) (s sealRow, err error) {
	var w struct {
		N     int64  `json:"n"`
		At    int64  `json:"sealed_at"`
		Entry int64  `json:"entry"`
		Event int64  `json:"event"`
		State string `json:"state"`
		Hash  string `json:"hash"`
	}
	err = json.Unmarshal(line, &w)
	return sealRow{N: w.N, Entry: w.Entry, Event: w.Event, At: ledger.Time(w.At), State: w.State, Hash: w.Hash}, err
}

func readEntry(line []byte) (e desk.EntryLines, err error) {
	var w struct {
		No       int64  `json:"no"`
		Reason   string `json:"reason"`
		Cause    string `json:"cause"`
		At       int64  `json:"at"`
		Postings []struct {
			Account string `json:"account"`
			N       int64  `json:"n"`
			Side    int64  `json:"side"`
			Amount  int64  `json:"amount"`
			Balance int64  `json:"balance"`
		} `json:"postings"`
	}
	if err := json.Unmarshal(line, &w); err != nil {
		return e, err
	}
	e.Entry = desk.Entry{No: w.No, Reason: ledger.Reason(w.Reason), Cause: desk.ID(w.Cause), At: ledger.Time(w.At)}
	for _, l := range w.Postings {
		e.Lines = append(e.Lines, ledger.Line{
			Posting: ledger.Posting{Account: ledger.AccountID(l.Account), Side: ledger.Side(l.Side), Amount: ledger.Amount(l.Amount)},
			N:       l.N, Balance: ledger.Amount(l.Balance),
		})
	}
	return e, nil
}

func readEvent(line []byte) (e event, err error) {
	var w struct {
		No      int64           `json:"no"`
		ID      string          `json:"id"`
		Name    string          `json:"name"`
		At      int64           `json:"at"`
		Subject string          `json:"subject"`
		About   json.RawMessage `json:"about"`
	}
	if err := json.Unmarshal(line, &w); err != nil {
		return e, err
	}
	e.Event = desk.Event{No: w.No, ID: desk.ID(w.ID), Name: w.Name, At: ledger.Time(w.At)}
	e.subject, e.about = desk.ID(w.Subject), string(w.About)
	if len(w.About) > 0 && w.About[0] == '"' {
		err = json.Unmarshal(w.About, &e.about)
	}
	return e, err
}

func readLine(line []byte) (l desk.WalletLine, err error) {
	var w struct {
		Wallet      string `json:"wallet"`
		N           int64  `json:"n"`
		ID          string `json:"id"`
		Entry       int64  `json:"entry"`
		Source      string `json:"source"`
		Type        string `json:"type"`
		Credit      int64  `json:"credit"`
		Debit       int64  `json:"debit"`
		Balance     int64  `json:"balance"`
		Description string `json:"description"`
		CreatedAt   int64  `json:"created_at"`
	}
	err = json.Unmarshal(line, &w)
	return desk.WalletLine{
		Wallet: desk.ID(w.Wallet), N: w.N, ID: desk.ID(w.ID), Entry: w.Entry, Source: desk.ID(w.Source), Type: w.Type,
		Credit: ledger.Amount(w.Credit), Debit: ledger.Amount(w.Debit), Balance: ledger.Amount(w.Balance),
		Description: w.Description, CreatedAt: ledger.Time(w.CreatedAt),
	}, err
}

// A run is numbers that belong to one thing.
type run struct {
	Of string  `json:"of"`
	N  int64   `json:"n"`  // of an account: the position of the first; otherwise the first number
	No []int64 `json:"no"` // ascending
}

func readRun(line []byte) (r run, err error) {
	err = json.Unmarshal(line, &r)
	return r, err
}
