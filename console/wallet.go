package console

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"wapas/desk"
	"wapas/export"
	"wapas/ledger"
)

// A share is one part of a bar: how it is called and drawn, and how wide, of
// 1000.
type share struct {
	Name, Style string
	Amount      ledger.Amount
	At, Width   int64
}

// sharesOf is what a wallet holds as the parts of a bar.
func sharesOf(m desk.Money) []share {
	return bar(share{Name: "Cash", Style: "s1", Amount: m.Cash}, share{Name: "Cashback", Style: "s4", Amount: m.Promo}, share{Name: "Held for payments", Style: "s3", Amount: m.Held})
}

// bar works out where the parts of a bar lie, together all of it.
func bar(parts ...share) []share {
	var all, at ledger.Amount
	for _, p := range parts {
		all += p.Amount
	}
	for i := range parts {
		parts[i].At = thousandths(at, all)
		at += parts[i].Amount
		parts[i].Width = thousandths(at, all) - parts[i].At
	}
	return parts
}

// thousandths is a part of a whole, of 1000.
func thousandths(a, of ledger.Amount) int64 {
	if of <= 0 {
		return 0
	}
	return int64(float64(max(0, min(a, of))) / float64(of) * 1000) // only for drawing
}

// A limit is how much of what the terms allow is used.
type limit struct {
	Name, Text string
	Used, Max  ledger.Amount
	Anew       bool // next month
}

// Left is what may still be used.
func (l limit) Left() ledger.Amount { return max(0, l.Max-l.Used) }

// Width is how much of the bar is full, of 1000.
func (l limit) Width() int64 { return thousandths(l.Used, l.Max) }

// Style says by its colour that little or nothing is left.
func (l limit) Style() string {
	if l.Used*10 >= l.Max*9 {
		return "s2"
	}
	return "s1"
}

// limitsOf are the limits that the terms set a wallet, those that are set.
func limitsOf(b desk.WalletBalance) []limit {
	var set []limit
	for _, l := range []limit{
		{"Holds", "what the wallet may hold, with what is held for payments", b.Total(), b.Terms.MaxBalance, false},
		{"Loaded this month", "loads and cashback", b.Wallet.Loaded, b.Terms.MonthlyLoad, true},
		{"Spent this month", "payments and payouts", b.Wallet.Usage, b.Terms.MonthlySpend, true},
		{"Paid out this month", "to bank accounts", b.Wallet.Sent, b.Terms.MonthlyUsage, true},
	} {
		if l.Max > 0 {
			set = append(set, l)
		}
	}
	return set
}

// Anew is the day on which monthly counts start anew.
func (s *sheet) Anew() ledger.Time {
	now := s.Now().Std().In(india)
	return ledger.At(time.Date(now.Year(), now.Month()+1, 1, 0, 0, 0, 0, india))
}

// A statementLine is a line of a wallet's statement, and what it is in a word.
type statementLine struct {
	desk.WalletLine
	What string
}

func statementLines(all []desk.WalletLine) []statementLine {
	lines := make([]statementLine, len(all))
	for i, l := range all {
		lines[i] = statementLine{l, lineWord(l)}
	}
	return lines
}

// lineWord is what moved a wallet, by whose line it is and which way it went.
func lineWord(l desk.WalletLine) string {
	words := map[string][2]string{ // in, out
		"pay": {"Hold let go", "Payment"}, "trf": {"Load", "Taken back"}, "rvrsl": {"Load", "Taken back"}, "rfnd": {"Refund", "Refund taken back"},
		"pout": {"Payout came back", "Payout"}, "bok": {"Credited by hand", "Debited by hand"},
		"cust": {"Opening balance", "Opening balance"}, "tat": {"Compensation", "Compensation"},
	}
	word, ok := words[l.Source.Prefix()]
	switch {
	case !ok:
		return plain(l.Type)
	case l.Debit > 0:
		return word[1]
	}
	return word[0]
}

// A statementPage is a page of a wallet's statement.
type statementPage struct {
	Customer desk.Customer
	listed[statementLine]
}

// showStatement is a wallet's statement. Where a period begins and ends in it is
// looked up by position, so that a page of last year costs what the first does.
func showStatement(q *visit) error {
	c, err := desk.Find[desk.Customer](q.Context(), q.desk(), q.book.ID, q.id("id"))
	if err != nil {
		return err
	}
	from, to, since, until := q.days()
	ask := desk.Query{Book: q.book.ID, Parent: c.ID, Count: perPage + 1}
	if n := q.number("after", 0); n > 0 {
		ask.After = strconv.FormatInt(n, 10)
	}
	lines, err := q.linesBetween(ask, since, until)
	if err != nil {
		return err
	}
	page := cutPage(q, statementLines(lines), func(l statementLine) string { return strconv.FormatInt(l.N, 10) }, from, to)
	return q.show("statement", "Statement", statementPage{c, page})
}

// linesBetween is a page of a statement's lines of a period.
func (q *visit) linesBetween(ask desk.Query, since, until ledger.Time) ([]desk.WalletLine, error) {
	first := int64(0)
	if since != 0 {
		before, err := q.desk().LineAt(q.Context(), q.book.ID, ask.Parent, since-1)
		if err != nil {
			return nil, err
		}
		first = before
	}
	if until != 0 && ask.After == "" {
		last, err := q.desk().LineAt(q.Context(), q.book.ID, ask.Parent, until)
		if err != nil {
			return nil, err
		}
		ask.After = strconv.FormatInt(last+1, 10)
	}
	if after, err := strconv.ParseInt(ask.After, 10, 64); err == nil {
		if ask.Count = int(min(int64(ask.Count), after-1-first)); ask.Count <= 0 {
			return nil, nil
		}
	}
	lines, err := q.desk().Statement(q.Context(), ask)
	for i, l := range lines {
		if l.N <= first {
			return lines[:i], err
		}
	}
	return lines, err
}

// exportStatement hands out a statement as a file.
func exportStatement(q *visit) error {
	c, err := desk.Find[desk.Customer](q.Context(), q.desk(), q.book.ID, q.id("id"))
	if err != nil {
		return err
	}
	format := q.PathValue("format")
	if _, ok := export.Media[format]; !ok {
		return ledger.Refuse(ledger.NotFound, whyPage, "a statement is written as csv, pdf or jsonl")
	}
	_, _, since, until := q.days()
	w := &fileWriter{visit: q, name: fmt.Sprintf("statement-%s.%s", c.ID, format), media: export.Media[format]}
	err = export.Job{Desk: q.desk(), Book: q.book.ID, From: since, To: until, Format: format}.Statement(q.Context(), c.ID, w)
	if err == nil {
		return w.begin() // of an empty one nothing was written
	}
	if !w.begun {
		return err
	}
	q.room.cfg.Log.Error("a file was broken off", "page", q.page.at, "book", q.book.ID, "err", err)
	panic(http.ErrAbortHandler) // so that nobody takes it for the whole
}

// A fileWriter is a file for the person to keep. Until something is written the
// answer may still be a page.
type fileWriter struct {
	*visit
	name, media string
	begun       bool
}

func (w *fileWriter) begin() error {
	if !w.begun {
		w.begun = true
		h := w.w.Header()
		h.Set("Content-Type", w.media+"; charset=utf-8")
		if w.media == export.Media[export.PDF] {
			h.Set("Content-Type", w.media)
		}
		h.Set("Content-Disposition", `attachment; filename="`+w.name+`"`)
		w.w.WriteHeader(http.StatusOK)
	}
	return nil
}

func (w *fileWriter) Write(data []byte) (int, error) {
	w.begin()
	return w.w.Write(data)
}
