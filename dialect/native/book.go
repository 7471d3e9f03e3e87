package native

import (
	"strconv"

	"wapas/desk"
	"wapas/ledger"
)

// An account is a place where money can be in the book.
type account struct {
	ID      ledger.AccountID `json:"id" doc:"Its code in the chart, and whose it is." eg:"2100/cust_QgC3wXR2Q77wDN"`
	Name    string           `json:"name" doc:"What the chart calls it."`
	Owner   string           `json:"owner,omitempty" doc:"Whose it is, where there are many."`
	Normal  string           `json:"normal" enum:"debit|credit" doc:"The side that makes it grow."`
	Balance ledger.Amount    `json:"balance" doc:"Paise, on its normal side."`
	Lines   int64            `json:"lines" doc:"How many postings it has: the position of the last."`
}

func wireAccount(id ledger.AccountID, b ledger.Balance) account {
	h, _ := ledger.HeadingOf(id.Code())
	return account{id, h.Name, id.Owner(), side(h.Normal), b.Amount, b.N}
}

func side(s ledger.Side) string {
	if s == ledger.Credit {
		return "credit"
	}
	return "debit"
}

// An entry is one immutable, balanced fact in the book.
type entry struct {
	No       int64     `json:"no" doc:"Numbered from 1, without gaps."`
	Reason   string    `json:"reason" doc:"Why it was written." eg:"refund_accepted"`
	Cause    desk.ID   `json:"cause,omitempty" doc:"What it is about."`
	At       moment    `json:"at"`
	Postings []posting `json:"postings" doc:"Debits and credits add up to the same."`
}

// A posting is a line of an entry.
type posting struct {
	Account ledger.AccountID `json:"account"`
	Side    string           `json:"side" enum:"debit|credit"`
	Amount  ledger.Amount    `json:"amount" doc:"Paise; always above zero."`
	Balance ledger.Amount    `json:"balance" doc:"Of the account after it, on its normal side."`
	N       int64            `json:"n" doc:"Its position in the account, dense from 1."`
}

func wireEntry(e desk.EntryLines) entry {
	return entry{e.No, string(e.Reason), e.Cause, moment(e.At), each(e.Lines, wirePosting)}
}

func wirePosting(l ledger.Line) posting {
	return posting{l.Account, side(l.Side), l.Amount, l.Balance, l.N}
}

// An accountLine is a posting of an account with the entry it belongs to.
type accountLine struct {
	Entry   int64         `json:"entry"`
	Reason  string        `json:"reason"`
	Cause   desk.ID       `json:"cause,omitempty"`
	At      moment        `json:"at"`
	Side    string        `json:"side" enum:"debit|credit"`
	Amount  ledger.Amount `json:"amount" doc:"Paise."`
	Balance ledger.Amount `json:"balance" doc:"After it."`
	N       int64         `json:"n" doc:"Its position, dense from 1."`
}

func wireAccountLine(l desk.AccountLine) accountLine {
	return accountLine{l.No, string(l.Reason), l.Cause, moment(l.At), side(l.Side), l.Amount, l.Balance, l.N}
}

func bookRoutes() []route {
	return under("Books",
		read("/accounts", "listAccounts", moneyRead, "List accounts with their balances", listAccounts).says("In the order of their ids."),
		read("/accounts/{account_id}", "getAccount", moneyRead, "Read an account, now or at a moment", getAccount),
		read("/accounts/{account_id}/postings", "listPostings", moneyRead, "An account's postings", listPostings).says("Newest first. A page deep in a long history costs what the first one does."),
		read("/entries", "listEntries", moneyRead, "List entries with their postings", listEntries).says("Newest first."),
		read("/entries/{no}", "getEntry", moneyRead, "Read an entry", getEntry),
		read("/trial_balance", "getTrialBalance", moneyRead, "Add up the book", getTrialBalance),
	)
}

type accountFilter struct {
	listing
	Code string `query:"code" form:"code" doc:"Only accounts of this code in the chart." eg:"2100"`
}

func listAccounts(q *request, in accountFilter) (page[account], error) {
	p, err := q.query(in.listing)
	if err != nil {
		return page[account]{}, err
	}
	all, err := q.desk().Store.AccountsOf(q.Context(), q.book(), in.Code, ledger.AccountID(p.After), p.Count)
	if err != nil {
		return page[account]{}, err
	}
	return paged(q, p, all, func(a desk.AccountBalance) string { return string(a.ID) },
		func(a desk.AccountBalance) account { return wireAccount(a.ID, a.Balance) }), nil
}

type accountPath struct {
	ID ledger.AccountID `path:"account_id" form:"account" doc:"The account's id; a slash in it is written %2F."`
}

type accountAt struct {
	accountPath
	At moment `query:"at" doc:"What it held at this moment of the book's time."`
}

func getAccount(q *request, in accountAt) (account, error) {
	if _, ok := ledger.HeadingOf(in.ID.Code()); !ok {
		return account{}, ledger.Refuse(ledger.NotFound, desk.WhyUnknownID, "%s", in.ID).In("account_id")
	}
	if in.At != 0 {
		b, err := q.desk().BalanceAt(q.Context(), q.book(), in.ID, ledger.Time(in.At))
		return wireAccount(in.ID, b), err
	}
	as, err := q.desk().Store.Balances(q.Context(), q.book(), in.ID)
	return wireAccount(in.ID, as[in.ID]), err
}

type postingFilter struct {
	accountPath
	listing
	Since moment `query:"created_from" doc:"Only those at or after this moment."`
	Until moment `query:"created_to" doc:"Only those at or before this moment."`
}

func listPostings(q *request, in postingFilter) (page[accountLine], error) {
	p, err := q.numbered(in.listing)
	if err != nil {
		return page[accountLine]{}, err
	}
	p.Parent, p.From, p.To = desk.ID(in.ID), ledger.Time(in.Since), ledger.Time(in.Until)
	lines, err := q.desk().Store.Lines(q.Context(), p)
	if err != nil {
		return page[accountLine]{}, err
	}
	return paged(q, p, lines, func(l desk.AccountLine) string { return strconv.FormatInt(l.N, 10) }, wireAccountLine), nil
}

type entryFilter struct {
	listing
	Cause desk.ID `query:"cause" form:"id" doc:"Only those about this."`
	Since moment  `query:"created_from" doc:"Only those at or after this moment."`
	Until moment  `query:"created_to" doc:"Only those at or before this moment."`
}

func listEntries(q *request, in entryFilter) (page[entry], error) {
	p, err := q.numbered(in.listing)
	if err != nil {
		return page[entry]{}, err
	}
	p.Parent, p.From, p.To = in.Cause, ledger.Time(in.Since), ledger.Time(in.Until)
	all, err := q.desk().Store.Entries(q.Context(), p)
	if err != nil {
		return page[entry]{}, err
	}
	return paged(q, p, all, func(e desk.EntryLines) string { return strconv.FormatInt(e.No, 10) }, wireEntry), nil
}

type entryPath struct {
	No int64 `path:"no" min:"1" doc:"The entry's number."`
}

func getEntry(q *request, in entryPath) (entry, error) {
	all, err := q.desk().Store.Entries(q.Context(), desk.Query{Book: q.book(), After: strconv.FormatInt(in.No+1, 10), Count: 1})
	switch {
	case err != nil:
		return entry{}, err
	case len(all) == 0 || all[0].No != in.No:
		return entry{}, ledger.Refuse(ledger.NotFound, desk.WhyUnknownID, "entry %d", in.No).In("no")
	}
	return wireEntry(all[0]), nil
}

// A trialBalance adds up the book: by the chart, so that it can be read.
type trialBalance struct {
	Debit  ledger.Amount `json:"debit" doc:"Of all lines. Paise."`
	Credit ledger.Amount `json:"credit" doc:"Likewise: the same, or the books are wrong."`
	Lines  []trialLine   `json:"lines" doc:"One for each heading of the chart that anything was posted under."`
	Escrow escrow        `json:"escrow" doc:"Whether what is owed to others is there."`
}

type trialLine struct {
	Code     string        `json:"code" eg:"2100"`
	Name     string        `json:"name"`
	Accounts int64         `json:"accounts" doc:"How many there are under it."`
	Debit    ledger.Amount `json:"debit" doc:"What they hold together, if that is a debit."`
	Credit   ledger.Amount `json:"credit" doc:"Likewise, if it is a credit."`
}

type escrow struct {
	Bank  ledger.Amount `json:"bank" doc:"In the escrow account."`
	Own   ledger.Amount `json:"own" doc:"Of it: the operator's own, earned and not swept."`
	Holds bool          `json:"holds" doc:"What is owed to others is covered."`
}

// getTrialBalance adds up what the store keeps the sums of: a book with a million
// wallets costs what one with ten does.
func getTrialBalance(q *request, _ nothing) (trialBalance, error) {
	b, err := q.desk().Store.Book(q.Context(), q.book())
	if err != nil {
		return trialBalance{}, err
	}
	sums, err := q.desk().Store.Sums(q.Context(), q.book(), b.Entry)
	if err != nil {
		return trialBalance{}, err
	}
	as := ledger.Accounts{} // one of each code
	out := trialBalance{Lines: []trialLine{}}
	for _, code := range sortedKeys(sums) {
		s, id := sums[code], ledger.AccountID(code)
		h, _ := ledger.HeadingOf(code)
		as[id] = ledger.Balance{Amount: ledger.Signed(id, s.Net)} // its own inverse
		out.Lines = append(out.Lines, trialLine{Code: code, Name: h.Name, Accounts: s.Accounts, Debit: max(s.Net, 0), Credit: max(-s.Net, 0)})
	}
	if _, out.Debit, out.Credit, err = ledger.TrialBalance(as); err != nil {
		return trialBalance{}, err
	}
	cover := ledger.Escrow(as)
	out.Escrow = escrow{cover.Bank, cover.Own, cover.Check() == nil}
	return out, nil
}
