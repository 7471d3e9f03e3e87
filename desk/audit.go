package desk

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"wapas/ledger"
)

// A Finding is something in a book that cannot be: the invariant it breaks
// (I-1 to I-15 of docs/accounting.md), the id of the account, entry or row at
// fault, and what is wrong with it. Amounts are in paise.
type Finding struct {
	Rule   string
	What   string
	Detail string
}

func (f Finding) String() string { return f.Rule + " " + f.What + ": " + f.Detail }

// An Audit adds up everything that a book keeps and holds what the entries did
// against what the rows say. Entries and wallet lines are fed in their order;
// between the streams the order is free.
//
// Its memory grows with the number of accounts and wallets, and by eight bytes
// for a row; it does not grow with postings. The price is that what does not
// add up is seen in a first pass and named in a second: see Again.
type Audit struct {
	restore  func(string) ([]Row, error)
	found    []Finding
	more     int   // findings that were not kept
	last     int64 // number of the last entry
	accounts map[ledger.AccountID]*followed
	wallets  map[ID]*statement
	tally    tally
	ids      []uint64            // hashes of the ids of rows
	refs     []uint64            // hashes of the ids that keys point to
	look     map[uint64]struct{} // in a second pass: refs that point nowhere
}

// NewAudit begins an audit of one book. Restore reads the snapshots that keys
// hold.
func NewAudit(restore func(snapshot string) ([]Row, error)) *Audit {
	return &Audit{restore: restore, tally: newTally()}
}

// Again is asked after all was fed. It is nil if Findings has everything;
// otherwise the same book is fed once more, to the audit that it returns, and
// that one's Findings have everything.
func (a *Audit) Again() *Audit {
	if a.tally.open != nil {
		return nil // this was the second pass
	}
	tally, needed := a.tally.second()
	lost := a.lost()
	if !needed && len(lost) == 0 {
		return nil
	}
	return &Audit{restore: a.restore, tally: tally, look: lost}
}

// What is known of an account while its postings go by.
type followed struct {
	ledger.Balance                // as the last line left it
	sum            ledger.Balance // as the amounts make it
	kept           ledger.Balance // as it was fed
	low            ledger.Amount  // at the end of the entry before: it may not sink from there below its floor
}

// What is known of a wallet while its lines go by.
type statement struct {
	n       int64
	balance ledger.Amount
	lines   int64 // as the wallet's row has it
}

// maxFindings is how many findings are kept; the rest are counted.
const maxFindings = 1000

func (a *Audit) find(rule, what, format string, args ...any) {
	if len(a.found) == maxFindings {
		a.more++
		return
	}
	a.found = append(a.found, Finding{rule, what, fmt.Sprintf(format, args...)})
}

// Entry takes the next entry: balanced (I-1), numbered without gaps (I-14),
// each line following the last of its account (I-2), no account below its
// floor (I-3).
func (a *Audit) Entry(e EntryLines) {
	no := fmt.Sprintf("entry %d", e.No)
	if e.No != a.last+1 {
		a.find("I-14", no, "follows entry %d", a.last)
	}
	a.last = e.No
	ps := make([]ledger.Posting, len(e.Lines))
	for i, l := range e.Lines {
		ps[i] = l.Posting
	}
	if err := ledger.CheckPostings(ps); err != nil {
		a.find("I-1", no, "%s", told(err))
	}
	for _, l := range e.Lines {
		acc := a.account(l.Account)
		next, err := acc.Follow(l)
		if err != nil {
			// One break is one finding: what comes after is held against the line as it stands.
			a.find("I-2", string(l.Account), "%s: %s", no, told(err))
			next = ledger.Balance{Amount: l.Balance, N: l.N}
		}
		acc.Balance = next
		acc.sum.N++
		acc.sum.Amount += ledger.Signed(l.Account, ledger.Amount(l.Side)*l.Amount)
	}
	for _, l := range e.Lines {
		acc := a.account(l.Account)
		if acc.Amount < 0 && acc.Amount < acc.low && ledger.Floored(l.Account) {
			a.find("I-3", string(l.Account), "%s leaves it at %d", no, acc.Amount)
		}
		acc.low = acc.Amount
		a.caused(e.Entry, l.Posting)
		creditPosting(&a.tally, e.Cause, l)
	}
	if opens[e.Reason] && !rowless(e.Entry) {
		a.tally.adds("I-11", string(e.Cause), "opening entries", 1)
	}
}

func (a *Audit) account(id ledger.AccountID) *followed {
	acc := a.accounts[id]
	if acc == nil {
		if a.accounts == nil {
			a.accounts = map[ledger.AccountID]*followed{}
		}
		acc = &followed{}
		a.accounts[id] = acc
	}
	return acc
}

// caused counts a posting towards what its cause's row says of it, and, on a
// wallet, towards what the statement tells of its entry.
func (a *Audit) caused(e Entry, p ledger.Posting) {
	x := ledger.Amount(p.Side) * p.Amount
	if !rowless(e) {
		rule, of := aspect(e.Cause, p.Account)
		a.tally.adds(rule, string(e.Cause), of, x)
	}
	pendingPosting(&a.tally, e.Cause, p)
	commissionPosting(&a.tally, e, p)
	switch p.Account.Code() {
	case ledger.WalletCash, ledger.WalletPromo:
		a.tally.adds("I-12", p.Account.Owner(), fmt.Sprintf("entry %d", e.No), -x)
	}
}

// Balance takes what is kept of an account.
func (a *Audit) Balance(id ledger.AccountID, b ledger.Balance) {
	a.account(id).kept = b
	switch id.Code() {
	case ledger.RefundClearing, ledger.PayoutClearing, ledger.SettleClearing, ledger.FeeDeferred, ledger.WalletHeld, ledger.DisputeHold,
		ledger.Compensation, ledger.SuspenseCredit, ledger.StoreCredit, ledger.ProgrammeOwes, ledger.DMTInFlight, ledger.DMTRefund, ledger.CashAtAgent:
		a.tally.says("I-8", clearing(id), underWay, b.Amount)
	}
}

// Line takes the next line of a wallet's statement (I-12).
func (a *Audit) Line(l WalletLine) {
	w := a.wallet(l.Wallet)
	if l.N != w.n+1 {
		a.find("I-12", string(l.Wallet), "line %d follows line %d", l.N, w.n)
	}
	if want := w.balance + l.Credit - l.Debit; l.Balance != want {
		a.find("I-12", string(l.Wallet), "line %d: the balance is %d, the lines make %d", l.N, l.Balance, want)
	}
	if l.Credit < 0 || l.Debit < 0 || (l.Credit == 0) == (l.Debit == 0) {
		a.find("I-12", string(l.Wallet), "line %d: a credit of %d with a debit of %d", l.N, l.Credit, l.Debit)
	}
	w.n, w.balance = l.N, l.Balance
	a.tally.says("I-12", string(l.Wallet), fmt.Sprintf("entry %d", l.Entry), l.Credit-l.Debit)
}

func (a *Audit) wallet(id ID) *statement {
	w := a.wallets[id]
	if w == nil {
		if a.wallets == nil {
			a.wallets = map[ID]*statement{}
		}
		w = &statement{}
		a.wallets[id] = w
	}
	return w
}

// Row takes a row: it keeps its own rule, and what it says of money is what
// its entries, its parts and the clearing accounts make of it.
func (a *Audit) Row(r Row) {
	if k, ok := r.(interface{ Check() error }); ok {
		if err := k.Check(); err != nil {
			a.find(ruleOf(r), string(r.RowID()), "%s", told(err))
		}
	}
	a.ids = append(a.ids, a.tally.hash(string(r.RowID())))
	switch r := r.(type) {
	case Wallet:
		a.wallet(r.ID).lines = r.Lines
	case Key:
		a.key(r)
	case JobRow:
		a.made(r)
	}
	for _, p := range effect(r) {
		rule, of := aspect(r.RowID(), p.Account)
		a.tally.says(rule, string(r.RowID()), of, ledger.Amount(p.Side)*p.Amount)
	}
	if opened(r) {
		a.tally.says("I-11", string(r.RowID()), "opening entries", 1)
	}
	compare(&a.tally, r)
}

// key takes a remembered answer, or a name and who holds it (I-10): either is
// about things that are there.
func (a *Audit) key(k Key) {
	var about []ID
	switch {
	case k.Code != "" || k.Why == noRow || k.Refs == "" && k.Digest == "":
	case k.Digest == "": // a name
		about = []ID{ID(k.Refs)}
	case k.Refs == "":
		about = []ID{ID(k.Digest)}
	default:
		rows, err := a.restore(k.Refs)
		if err != nil || len(rows) == 0 {
			a.find("I-10", string(k.ID), "its answer cannot be read: %v", err)
		}
		for _, r := range rows {
			about = append(about, r.RowID())
		}
	}
	for _, id := range about {
		a.about(k.ID, id)
	}
}

// made takes the row of a job that says what it made: that is there.
func (a *Audit) made(r JobRow) {
	if r.Made != "" {
		a.about(r.ID, r.Made)
	}
}

// about takes a row, and another that it is about and that must be there.
func (a *Audit) about(row, id ID) {
	hash := a.tally.hash(string(id))
	a.refs = append(a.refs, hash)
	if _, lost := a.look[hash]; lost {
		a.find("I-10", string(row), "it is about %s, which is not there", id)
	}
}

// lost are the refs of keys that point nowhere.
func (a *Audit) lost() map[uint64]struct{} {
	slices.Sort(a.ids)
	lost := map[uint64]struct{}{}
	for _, ref := range a.refs {
		if _, there := slices.BinarySearch(a.ids, ref); !there {
			lost[ref] = struct{}{}
		}
	}
	return lost
}

// Findings is what was found, after all was fed, in a stable order: by the rule,
// then by what breaks it.
func (a *Audit) Findings() []Finding {
	stored := ledger.Accounts{}
	for id, acc := range a.accounts {
		stored[id] = acc.kept
		if acc.kept != acc.sum {
			a.find("I-2", string(id), "kept at %d after %d postings; its postings are %d and make %d", acc.kept.Amount, acc.kept.N, acc.sum.N, acc.sum.Amount)
		}
	}
	if _, _, _, err := ledger.TrialBalance(stored); err != nil {
		a.find("I-1", "book", "%s", told(err))
	}
	if err := ledger.Escrow(stored).Check(); err != nil {
		a.find("I-7", "book", "%s", told(err))
	}
	if err := ledger.CheckMemos(stored); err != nil {
		a.find("I-7", "book", "%s", told(err))
	}
	if err := ledger.CheckRounding(stored); err != nil {
		a.find("I-13", string(ledger.AccountID(ledger.Rounding)), "%s", told(err))
	}
	for id, w := range a.wallets {
		if w.n != w.lines {
			a.find("I-12", string(id), "its row counts %d lines, its statement has %d", w.lines, w.n)
		}
		cash, promo, _ := walletAccounts(id)
		if have := stored[cash].Amount + stored[promo].Amount; have != w.balance {
			a.find("I-12", string(id), "its statement ends at %d, its accounts hold %d", w.balance, have)
		}
	}
	a.tally.differ(func(k sum, adds, says ledger.Amount) {
		a.find(k.rule, k.what, "%s: %d, but %d is written down", k.of, adds, says)
	})
	slices.SortFunc(a.found, func(x, y Finding) int {
		return cmp.Or(cmp.Compare(len(x.Rule), len(y.Rule)), cmp.Compare(x.Rule, y.Rule), cmp.Compare(x.What, y.What), cmp.Compare(x.Detail, y.Detail))
	})
	if a.more > 0 {
		a.found = append(a.found, Finding{"…", "book", fmt.Sprintf("and %d more", a.more)})
	}
	return a.found
}

// told is what a refusal of our own says, without its code.
func told(err error) string {
	var e *ledger.Error
	if errors.As(err, &e) {
		return e.Detail
	}
	return err.Error()
}
