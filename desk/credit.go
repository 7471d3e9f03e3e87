package desk

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"wapas/ledger"
)

// A Credit is a transaction of store credit: given, spent, returned, expired.
// One that was given is also a lot: what is left of it can be spent until it
// ends. One that is a refund is the other side of a Refund, and has its id with
// another prefix.
type Credit struct {
	ID        ID // ientxn_
	Member    ID
	Programme ID
	Type      string // credit, debit
	Amount    ledger.Amount
	Balance   ledger.Amount // of the member after it
	Backed    ledger.Amount // of Amount: on the merchant's promise, not on money
	Purpose   string        // refund, gift, goodwill; spend, expiry; return
	Reference string        // the caller's own
	Source    ID            // iload_: of what was given
	Linked    ID            // of a return: the spend; of an expiry: what was given and ended
	Order     string        // what the merchant calls the order that it is about
	Lots      string        // which lots it took from, or gave back to: see parts
	Left      ledger.Amount // of what was given: not spent yet
	LotOf     ID            // the member, while anything is left
	Returned  ledger.Amount // of a spend: what came back of it
	ExpiresAt ledger.Time   // of what was given; 0: never
	Notes     Notes
	CreatedAt ledger.Time
}

func (r Credit) Kind() Kind { return KindCredit }
func (r Credit) RowID() ID  { return r.ID }
func (r Credit) Parent() ID { return r.LotOf }

// The types of a credit: what it does to what the member holds.
const (
	CreditIn  = "credit"
	CreditOut = "debit"
)

// What a credit is for. The first three are given; only a refund is one.
const (
	CreditRefund   = "refund"
	CreditGift     = "gift"
	CreditGoodwill = "goodwill"
	CreditSpend    = "spend"
	CreditReturn   = "return" // of a spend
	CreditExpiry   = "expiry"
)

// given are the purposes that a credit may be given for.
var given = []string{CreditRefund, CreditGift, CreditGoodwill}

// lot says whether a credit was given, and is spent from.
func (r Credit) lot() bool { return slices.Contains(given, r.Purpose) }

// Refund is the id of the refund that a credit is: empty if it is none.
func (r Credit) Refund() ID {
	if r.Purpose != CreditRefund {
		return ""
	}
	return "rfnd_" + ID(strings.TrimPrefix(string(r.ID), "ientxn_"))
}

// CreditID is the id of the credit that caused an entry of a member's account:
// its own id, or that of the refund which it is.
func CreditID(cause ID) ID {
	if rest, ok := strings.CutPrefix(string(cause), "rfnd_"); ok {
		return "ientxn_" + ID(rest)
	}
	return cause
}

// A part is what was taken from a lot, or given back to it.
type part struct {
	lot ID
	ledger.Amount
}

// parts are what Lots says, in the order in which they were taken: each is the
// id of a lot, a colon and an amount, and spaces are between them. Text that
// says nothing of the sort ends them.
func (r Credit) parts() (all []part) {
	for f := range strings.FieldsSeq(r.Lots) {
		id, text, _ := strings.Cut(f, ":")
		a, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return all
		}
		all = append(all, part{ID(id), ledger.Amount(a)})
	}
	return all
}

// TakenFrom are the credits that a spend or an expiry took from, or a return gave
// back to, and how much of each.
func (r Credit) TakenFrom() iter.Seq2[ID, ledger.Amount] {
	return func(yield func(ID, ledger.Amount) bool) {
		for _, p := range r.parts() {
			if !yield(p.lot, p.Amount) {
				return
			}
		}
	}
}

// lotsText writes parts down.
func lotsText(parts []part) string {
	var b strings.Builder
	for i, p := range parts {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(string(p.lot))
		b.WriteByte(':')
		b.WriteString(strconv.FormatInt(int64(p.Amount), 10))
	}
	return b.String()
}

// Check is what must hold of a credit: a lot is its member's while something is
// left of it, and what was taken or given back is the sum of its parts.
func (r Credit) Check() error {
	var sum ledger.Amount
	for _, p := range r.parts() {
		sum += p.Amount // not checked: tampered books may hold anything
	}
	ok := r.Amount > 0 && r.Balance >= 0 && r.Backed >= 0 && r.Backed <= r.Amount
	if r.lot() {
		open := ID("")
		if r.Left > 0 {
			open = r.Member
		}
		ok = ok && (r.Backed == 0 || r.Backed == r.Amount) && r.Type == CreditIn && r.Left >= 0 && r.Left <= r.Amount && r.LotOf == open && sum == 0 && r.Returned == 0
	} else {
		in := r.Purpose == CreditReturn
		ok = ok && in == (r.Type == CreditIn) && r.Left == 0 && r.LotOf == "" && sum == r.Amount
		ok = ok && r.Returned >= 0 && r.Returned <= r.Amount && (r.Returned == 0 || r.Purpose == CreditSpend)
		ok = ok && (in || r.Purpose == CreditSpend || r.Purpose == CreditExpiry)
	}
	if !ok {
		return ledger.Refuse(ledger.Internal, ledger.WhyInvariant, "%s is a %s of %d for %q: %d left, %d returned, lots %q", r.ID, r.Type, r.Amount, r.Purpose, r.Left, r.Returned, r.Lots)
	}
	return nil
}

// creditReads names what a change to what a member holds will look at.
func creditReads(member ID) []Ref {
	return []Ref{
		ref[Member](member), refUnder[Credit](member), refAccount(creditAccount(member)),
		refAccount(ledger.ProgrammeOwes), refAccount(ledger.Available),
	}
}

// lots are a member's in the order in which they are spent: what ends first
// comes first, and of those that end together, or never, the oldest.
func (c *change) lots(member ID) ([]Credit, error) {
	all, err := under[Credit](c, member)
	sortLots(all)
	return all, err
}

func sortLots(all []Credit) {
	slices.SortFunc(all, func(x, y Credit) int {
		return cmp.Or(cmp.Compare(uint64(x.ExpiresAt-1), uint64(y.ExpiresAt-1)), cmp.Compare(x.ID, y.ID)) // zero is never
	})
}

// take takes a from a lot, and ends its timer with it. It returns the lot as it
// is then.
func (c *change) take(lot Credit, a ledger.Amount) (Credit, error) {
	lot.Left = lot.Left.Sub(a)
	if lot.Left == 0 {
		lot.LotOf = ""
		if lot.ExpiresAt != 0 {
			if err := c.unwait(creditEnds, lot.ID); err != nil {
				return lot, err
			}
		}
	}
	c.Put(lot)
	return lot, nil
}

// refill gives a back to a lot. It ends when it always did; if that has come
// meanwhile, the customer has ReturnedLife to spend what came back.
func (c *change) refill(lot Credit, a ledger.Amount) error {
	lot.Left, lot.LotOf = lot.Left.Add(a), lot.Member
	if lot.ExpiresAt != 0 {
		if lot.ExpiresAt <= c.now {
			lot.ExpiresAt = c.now.Add(ReturnedLife)
		}
		if err := c.wait(creditEnds, lot.ID, lot.ExpiresAt); err != nil {
			return err
		}
	}
	c.Put(lot)
	return nil
}

// ReturnedLife is how long credit that comes back after its end can be spent.
const ReturnedLife = 30 * 24 * time.Hour

// creditEnds is what a timer waits for when a lot has an end.
const creditEnds = "credit.expire"

// maxLots is how many lots of a member are listed.
const maxLots = 1000

// CreditHeld is what a member holds, and what is left of each credit that was
// given, in the order in which it is spent (the oldest thousand, if there are
// more), both as of one moment. Credit whose time has just come may still be in
// it for a moment. NotFound if there is no such member.
func (d *Desk) CreditHeld(ctx context.Context, book BookID, member ID) (ledger.Amount, []Credit, error) {
	if _, err := find[Member](ctx, d, book, member); err != nil {
		return 0, nil, err
	}
	account := creditAccount(member)
	as, err := d.Store.Balances(ctx, book, account)
	for err == nil {
		lots, failed := List[Credit](ctx, d, Query{Book: book, Parent: member, Count: maxLots, Oldest: true})
		if failed != nil {
			return 0, nil, failed
		}
		// No lot changes without a posting: if there is none since the balance was
		// read, they belong together.
		before := as[account]
		if as, err = d.Store.Balances(ctx, book, account); err == nil && as[account] == before {
			sortLots(lots)
			return before.Amount, lots, nil
		}
	}
	return 0, nil, err
}

// A CreditLine is a transaction with its position in the member's account, dense
// from 1.
type CreditLine struct {
	Credit
	N int64
}

// CreditStatement is a page of a member's transactions, the newest first unless
// q.Oldest is set. Of q it looks at Book, From, To, Skip, After (the position of
// a line that was read before), Count and Oldest. A page deep in a long history
// costs what the first one does.
func (d *Desk) CreditStatement(ctx context.Context, member ID, q Query) ([]CreditLine, error) {
	q.Parent = ID(creditAccount(member))
	lines, err := d.Store.Lines(ctx, q)
	if err != nil {
		return nil, err
	}
	all := make([]CreditLine, len(lines))
	for i, l := range lines {
		x, err := find[Credit](ctx, d, q.Book, CreditID(l.Cause))
		if err != nil {
			return nil, err
		}
		all[i] = CreditLine{x, l.N}
	}
	return all, nil
}
