package ledger

import (
	"cmp"
	"slices"
)

// What must always be true of the books (I-1 to I-14 of docs/accounting.md),
// as far as balances and lines alone can tell. Whatever one of these functions
// refuses is Internal: the books contradict themselves.

// WhyInvariant says that the books contradict themselves: our fault, always
// Internal, and a reason to raise an alarm and to refuse the change.
const WhyInvariant Why = "invariant"

// A TrialLine is an account in the trial balance, on the side its balance lies.
type TrialLine struct {
	Account AccountID
	Debit   Amount
	Credit  Amount
}

// TrialBalance lists the accounts that are not at zero, by their ids, and adds
// up both sides. It is Internal (I-1) if the sides differ or if an account is
// not of the chart.
func TrialBalance(as Accounts) (lines []TrialLine, debit, credit Amount, err error) {
	for id, b := range as {
		h, ok := HeadingOf(id.Code())
		if !ok {
			return nil, 0, 0, Refuse(Internal, WhyInvariant, "no account %q in the chart", id)
		}
		switch {
		case b.Amount == 0:
		case (b.Amount > 0) == (h.Normal == Debit):
			lines = append(lines, TrialLine{Account: id, Debit: abs(b.Amount)})
		default:
			lines = append(lines, TrialLine{Account: id, Credit: abs(b.Amount)})
		}
	}
	slices.SortFunc(lines, func(a, b TrialLine) int { return cmp.Compare(a.Account, b.Account) })
	for _, l := range lines {
		debit, credit = debit.Add(l.Debit), credit.Add(l.Credit)
	}
	if debit != credit {
		return lines, debit, credit, Refuse(Internal, WhyInvariant, "trial balance: debits %d, credits %d", debit, credit)
	}
	return lines, debit, credit, nil
}

func abs(a Amount) Amount { return max(a, -a) }

// Signed is the balance of an account with its sign: debits are positive.
func Signed(id AccountID, a Amount) Amount {
	if chart[id.Code()].Normal == Debit {
		return a
	}
	return -a
}

// Follow is I-2: it takes an account's balance before a line and returns the
// balance after it. It is Internal if the line does not follow: its position
// is not the next one, or its balance is not the sum.
func (b Balance) Follow(l Line) (Balance, error) {
	next := Balance{Amount: b.Amount.Sub(l.Amount), N: b.N + 1}
	if l.Side == chart[l.Account.Code()].Normal {
		next.Amount = b.Amount.Add(l.Amount)
	}
	switch {
	case l.N != next.N:
		return b, Refuse(Internal, WhyInvariant, "%s: posting %d follows posting %d", l.Account, l.N, b.N)
	case l.Balance != next.Amount:
		return b, Refuse(Internal, WhyInvariant, "%s: balance after posting %d is %d, the postings make %d", l.Account, l.N, l.Balance, next.Amount)
	}
	return next, nil
}

// Floored says whether the chart keeps an account from falling below zero
// whatever happens (I-3): wallets, agents and linked accounts. The merchant's
// own balance has a floor too, but a lost dispute, a late success and a fee
// may take it lower.
func Floored(id AccountID) bool {
	switch id.Code() {
	case Available:
		return false
	}
	return chart[id.Code()].Floor
}

// Coverage is what stands behind the money we hold for others (I-7).
type Coverage struct {
	Bank      Amount // 1010: in escrow now
	Held      Amount // 1010 + 1100 + 1110: in escrow, or with those who bring it there or carry it out
	Owed      Amount // to merchants, linked accounts, customers and agents, and what is on its way to them
	Wallets   Amount // of Owed: what customers hold
	Own       Amount // earned and not swept out yet, less what we paid, and own money moved in
	Promised  Amount // 1220: merchants' promises behind store credit
	Unfunded  Amount // of 2105: what stands on those promises
	Surplus   Amount // Held − Owed − Own; zero in books that add up
	Shortfall Amount // how much of Wallets the bank does not hold yet, as far as they are funded
}

// Escrow adds up the coverage of a book. Store credit counts as owed as far as
// no merchant's promise stands behind it.
func Escrow(as Accounts) Coverage {
	var c Coverage
	var credit Amount // 2105
	for id, b := range as {
		a, code := b.Amount, id.Code()
		switch escrowPart(code) {
		case held:
			c.Held = c.Held.Add(a)
			if code == BankEscrow {
				c.Bank = c.Bank.Add(a)
			}
		case owed:
			c.Owed = c.Owed.Sub(Signed(id, a))
			switch code {
			case WalletCash, WalletPromo, WalletHeld:
				c.Wallets = c.Wallets.Add(a)
			case StoreCredit:
				credit = credit.Add(a)
			}
		case promised:
			c.Promised = c.Promised.Add(a)
		case own:
			c.Own = c.Own.Sub(Signed(id, a))
		}
	}
	c.Unfunded = min(credit, c.Promised)
	c.Owed = c.Owed.Sub(c.Promised)
	c.Surplus = c.Held.Sub(c.Owed).Sub(c.Own)
	c.Shortfall = max(0, c.Wallets.Sub(c.Bank))
	return c
}

// Check is I-7: nothing is held that is nobody's, nothing is owed that is not
// held, and no more is promised than store credit stands on it. A shortfall of
// the bank is not against the rules of the books: money that was captured and
// not settled is with the provider. It is for the daily report.
func (c Coverage) Check() error {
	if c.Surplus != 0 {
		return Refuse(Internal, WhyInvariant, "escrow: %d held, %d owed, %d our own: off by %d", c.Held, c.Owed, c.Own, c.Surplus)
	}
	if c.Unfunded != c.Promised {
		return Refuse(Internal, WhyInvariant, "escrow: %d promised behind store credit of %d", c.Promised, c.Unfunded)
	}
	return nil
}

// Where an account stands in the coverage of escrow.
type part int

const (
	aside    part = iota // memo pairs: they balance by themselves
	held                 // what we hold for others
	owed                 // what we owe others; what they owe us comes off
	promised             // merchants' promises
	own                  // ours
)

func escrowPart(code string) part {
	switch code {
	case BankEscrow, PSPReceivable, PayoutFloat:
		return held
	case ProgrammeOwes:
		return promised
	case Available, Pending, RefundCredits, Reserve, DisputeHold, LinkedFree, LinkedHeld,
		WalletCash, WalletPromo, WalletHeld, StoreCredit, WalletExpired,
		RefundClearing, PayoutClearing, SettleClearing, FeeDeferred,
		AgentValue, DMTInFlight, DMTRefund, Compensation, TCSPayable, TDSPayable, SuspenseCredit,
		MerchantOwes, LinkedOwes, SuspenseDebit:
		return owed
	case CGST, SGST, IGST, GSTInput, TDSReceivable, BankOperating, Equity,
		FeePayment, FeeTransfer, FeePayout, FeeInstant, FeeDMT, FeeDispute, Breakage,
		PSPCost, PayoutCost, TATCost, WriteOff, PromoPlatform, AgentCommission, Rounding:
		return own
	}
	return aside
}

// OwnAccounts are the accounts that make up Coverage.Own.
func OwnAccounts() (ids []AccountID) {
	for _, h := range headings {
		if escrowPart(h.Code) == own {
			ids = append(ids, AccountID(h.Code))
		}
	}
	return ids
}

// CheckFee is I-9 for a fee as it is kept on a row: the total holds the tax,
// and neither is negative.
func CheckFee(total, tax Amount) error {
	if tax < 0 || total < tax {
		return Refuse(Internal, WhyInvariant, "a fee of %d with a tax of %d", total, tax)
	}
	return nil
}

// CheckMemos is I-7 for what stands beside the books: each memo account is as
// its contra.
func CheckMemos(as Accounts) error {
	for _, pair := range [][2]AccountID{{CashAtAgent, CashAtAgentC}, {Authorised, AuthorisedC}} {
		if memo, contra := as[pair[0]].Amount, as[pair[1]].Amount; memo != contra {
			return Refuse(Internal, WhyInvariant, "memo %s holds %d, its contra %d", pair[0], memo, contra)
		}
	}
	return nil
}

// CheckReversed is I-6 for one transfer: no less than nothing and no more than
// all of it was reversed.
func CheckReversed(amount, reversed Amount) error {
	if reversed < 0 || reversed > amount {
		return Refuse(Internal, WhyInvariant, "%d reversed of a transfer of %d", reversed, amount)
	}
	return nil
}

// CheckRounding is I-13: arithmetic is exact, so nothing is ever posted to the
// rounding account.
func CheckRounding(as Accounts) error {
	if b := as[AccountID(Rounding)]; b.Amount != 0 || b.N != 0 {
		return Refuse(Internal, WhyInvariant, "%d on the rounding account in %d postings", b.Amount, b.N)
	}
	return nil
}
