package ledger

import "strings"

// A Side says which way money goes: a debit grows what we have, a credit grows
// what we owe.
type Side int64

const (
	Debit  Side = 1
	Credit Side = -1
)

func (s Side) String() string {
	if s == Debit {
		return "debit"
	}
	return "credit"
}

// An AccountID names an account of a book: the code of the chart, and, where
// there is one account for each owner, a slash and the owner: "2010",
// "2100/cust_MrZYbZYSmbUxz9".
type AccountID string

// Account makes the id of the account with this code that belongs to owner.
func Account(code, owner string) AccountID {
	if owner == "" {
		return AccountID(code)
	}
	return AccountID(code + "/" + owner)
}

// Code is the account's place in the chart.
func (id AccountID) Code() string {
	code, _, _ := strings.Cut(string(id), "/")
	return code
}

// Owner is whose account it is; empty where a book has just one.
func (id AccountID) Owner() string {
	_, owner, _ := strings.Cut(string(id), "/")
	return owner
}

// A Balance is what an account holds, counted on its normal side, and how many
// postings made it so: the position of the last one.
type Balance struct {
	Amount Amount
	N      int64
}

// Accounts are the balances of some accounts of one book.
type Accounts map[AccountID]Balance

// A Posting is one line of an entry. Its amount is always positive: the side
// says which way the money goes.
type Posting struct {
	Account AccountID
	Side    Side
	Amount  Amount
}

// A Line is a posting as it stands in the books: with its position in its
// account's history (dense, from 1) and the account's balance after it.
type Line struct {
	Posting
	N       int64
	Balance Amount
}

// MaxPostings is the most postings an entry may have.
const MaxPostings = 1000

// Apply works out the lines of an entry with these postings, and the balances
// it leaves; as itself is not changed. Floors are the lowest balances of
// accounts whose floor is not that of the chart (a merchant's reserve).
//
// It refuses, in this order: Internal if the postings do not balance, if there
// are none or too many, if an amount is below one or an account is not of the
// chart; Insufficient, naming the account in Field, if an account would fall
// below its floor. Only an account that ends lower than it began is refused:
// a balance already below its floor may always grow.
func (as Accounts) Apply(ps []Posting, floors map[AccountID]Amount) ([]Line, Accounts, error) {
	if err := CheckPostings(ps); err != nil {
		return nil, nil, err
	}
	lines := make([]Line, len(ps))
	next := make(Accounts, len(ps))
	for i, p := range ps {
		b, ok := next[p.Account]
		if !ok {
			b = as[p.Account]
		}
		k := chart[p.Account.Code()]
		if p.Side == k.Normal {
			b.Amount = b.Amount.Add(p.Amount)
		} else {
			b.Amount = b.Amount.Sub(p.Amount)
		}
		b.N++
		next[p.Account] = b
		lines[i] = Line{Posting: p, N: b.N, Balance: b.Amount}
	}
	for _, p := range ps { // in the order of the postings, so that the refusal is always the same one
		id, b := p.Account, next[p.Account]
		if floor, bounded := floorOf(id, floors); bounded && b.Amount < floor && b.Amount < as[id].Amount {
			return nil, nil, &Error{Code: Insufficient, Field: string(id), Detail: "balance would be " + b.Amount.String()}
		}
	}
	return lines, next, nil
}

func floorOf(id AccountID, floors map[AccountID]Amount) (Amount, bool) {
	if f, ok := floors[id]; ok {
		return f, true
	}
	return 0, chart[id.Code()].Floor
}

// CheckPostings is invariant I-1 for one entry: its postings balance, each is
// of at least one paisa, and each is on an account of the chart, with an owner
// where the chart wants one. What it refuses is our own fault, so the code is
// Internal.
func CheckPostings(ps []Posting) error {
	if len(ps) < 2 || len(ps) > MaxPostings {
		return Refuse(Internal, "postings", "an entry with %d postings", len(ps))
	}
	var sum Amount
	for _, p := range ps {
		if p.Amount < 1 || (p.Side != Debit && p.Side != Credit) {
			return Refuse(Internal, "postings", "a posting of %d on %s", p.Amount, p.Account)
		}
		if h, ok := chart[p.Account.Code()]; !ok || h.Owned != (p.Account.Owner() != "") {
			return Refuse(Internal, "chart", "no account %q", p.Account)
		}
		if p.Side == Debit {
			sum = sum.Add(p.Amount)
		} else {
			sum = sum.Sub(p.Amount)
		}
	}
	if sum != 0 {
		return Refuse(Internal, "unbalanced", "off by %d paise", sum)
	}
	return nil
}
