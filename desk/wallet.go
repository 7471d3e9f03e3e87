package desk

import (
	"context"
	"strconv"
	"strings"

	"wapas/ledger"
)

// The rules that wallets refuse by.
const (
	WhyContact      ledger.Why = "contact"       // Invalid: no wallet without an Indian mobile number
	WhyMaxBalance   ledger.Why = "max_balance"   // Exceeds: more than the wallet may hold
	WhyMonthlyLoad  ledger.Why = "monthly_load"  // Exceeds: the 25,000-rupee rule
	WhyMonthlyUsage ledger.Why = "monthly_usage" // Exceeds: paid out to banks in a month
	WhyMonthlySpend ledger.Why = "monthly_spend" // Exceeds: spent and paid out in a month
	WhyWalletShort  ledger.Why = "wallet_short"  // Insufficient: the wallet holds less
)

// What a line of a wallet's statement is, in the words of the statement.
const (
	LineTransfer = "transfer"
	LineRefund   = "refund"
)

// Money is what a wallet holds: cash and cashback, which may be spent, and
// what is held for payments that are not captured yet.
type Money struct {
	Cash, Promo, Held ledger.Amount
}

// Free is what may be spent; Total also counts what is held, because it comes
// back if the payment is not captured.
func (m Money) Free() ledger.Amount  { return m.Cash.Add(m.Promo) }
func (m Money) Total() ledger.Amount { return m.Free().Add(m.Held) }

// walletAccounts are the accounts a wallet's money is in.
func walletAccounts(wallet ID) (cash, promo, held ledger.AccountID) {
	owner := string(wallet)
	return ledger.Account(ledger.WalletCash, owner), ledger.Account(ledger.WalletPromo, owner), ledger.Account(ledger.WalletHeld, owner)
}

// walletRefs names everything of a wallet that a change will look at.
func walletRefs(wallet ID) []Ref {
	cash, promo, held := walletAccounts(wallet)
	return []Ref{ref[Wallet](wallet), refAccount(cash), refAccount(promo), refAccount(held)}
}

func moneyIn(as ledger.Accounts, wallet ID) Money {
	cash, promo, held := walletAccounts(wallet)
	return Money{as[cash].Amount, as[promo].Amount, as[held].Amount}
}

// money is what a wallet holds now. A wallet that does not exist holds nothing.
func (c *change) money(wallet ID) (Money, error) {
	cash, promo, held := walletAccounts(wallet)
	as, err := c.Accounts(cash, promo, held)
	return moneyIn(as, wallet), err
}

// openWallet is the customer's wallet with the counts of this month: the one
// there is, or a new one, which is kept with its first line. A new one needs an
// Indian mobile number: Invalid (WhyContact) in field contact.
func (c *change) openWallet(cust Customer) (Wallet, error) {
	w, ok, err := get[Wallet](c, cust.ID)
	if err != nil {
		return w, err
	}
	if !ok {
		if _, mobile := IndianMobile(cust.Contact); !mobile {
			return w, ledger.Refuse(ledger.Invalid, WhyContact, "%s has no Indian mobile number", cust.ID).In("contact")
		}
		w = Wallet{ID: cust.ID, CreatedAt: c.now}
	}
	return w.in(c.now.Month()), nil
}

// in is the wallet with its counts started anew if they are of another month.
func (w Wallet) in(month int64) Wallet {
	if w.Month != month {
		w.Month, w.Usage, w.Sent, w.Loaded = month, 0, 0, 0
	}
	return w
}

// mayLoad says whether a more may be transferred into a wallet, as a load or as
// cashback. Refunds do not ask: money that was paid from a wallet may always
// come back to it.
//
// It refuses Exceeds: WhyMaxBalance, then WhyMonthlyLoad, in field amount.
func (c *change) mayLoad(t Terms, w Wallet, a ledger.Amount) error {
	m, err := c.money(w.ID)
	if err != nil {
		return err
	}
	if t.MaxBalance > 0 && m.Total().Add(a) > t.MaxBalance {
		return ledger.Refuse(ledger.Exceeds, WhyMaxBalance, "%d paise may still be loaded", max(0, t.MaxBalance-m.Total())).In("amount")
	}
	return within(t.MonthlyLoad, w.in(c.now.Month()).Loaded, a, WhyMonthlyLoad)
}

// maySpend says whether a may be spent from a wallet this month: Exceeds
// (WhyMonthlySpend) in field amount if not.
func (w Wallet) maySpend(t Terms, a ledger.Amount) error {
	return within(t.MonthlySpend, w.Usage, a, WhyMonthlySpend)
}

// maySend says whether a may be paid out of a wallet to a bank this month. It
// refuses Exceeds: WhyMonthlyUsage, then WhyMonthlySpend, in field amount.
func (w Wallet) maySend(t Terms, a ledger.Amount) error {
	if err := within(t.MonthlyUsage, w.Sent, a, WhyMonthlyUsage); err != nil {
		return err
	}
	return w.maySpend(t, a)
}

// within holds used + a against a limit, which is none if it is zero.
func within(limit, used, a ledger.Amount, why ledger.Why) error {
	if limit > 0 && used.Add(a) > limit {
		return ledger.Refuse(ledger.Exceeds, why, "%d paise are left this month", max(0, limit-used)).In("amount")
	}
	return nil
}

// draw says how much of a debit of a is taken from cashback: all there is of
// it, first. It refuses Insufficient (WhyWalletShort) in field amount if the
// wallet holds less than a.
func (m Money) draw(a ledger.Amount) (promo ledger.Amount, err error) {
	if m.Free() < a {
		return 0, ledger.Refuse(ledger.Insufficient, WhyWalletShort, "the wallet holds %d paise", m.Free()).In("amount")
	}
	return min(m.Promo, a), nil
}

// walletLine writes what an entry did to a wallet on its statement and keeps
// the wallet. The line's balance is what may be spent after the entry. Source
// says what is counted: a payment that debits and a payout count as used, a
// transfer that credits as loaded; refunds and reversals change no count. An
// empty description becomes "NA".
func (c *change) walletLine(w Wallet, entry int64, source ID, typ string, credit, debit ledger.Amount, description string) (Wallet, error) {
	m, err := c.money(w.ID)
	if err != nil {
		return w, err
	}
	t, err := c.terms()
	if err != nil {
		return w, err
	}
	w = w.in(c.now.Month())
	switch source.Prefix() {
	case "pay":
		w.Usage = w.Usage.Add(debit)
	case "pout":
		w.Usage, w.Sent = w.Usage.Add(debit), w.Sent.Add(debit)
	case "trf":
		if typ == LineTransfer {
			w.Loaded = w.Loaded.Add(credit)
		}
	}
	if description == "" {
		description = noDescription
	}
	w.Lines++
	w.OverLimit = m.over(t)
	c.Append(WalletLine{
		Wallet: w.ID, N: w.Lines, ID: c.NewID("ctxn"), Entry: entry, Source: source, Type: typ,
		Credit: credit, Debit: debit, Balance: m.Free(), Description: description, CreatedAt: c.now,
	})
	c.Put(w)
	return w, nil
}

// over says whether a wallet holds more than it may.
func (m Money) over(t Terms) bool { return t.MaxBalance > 0 && m.Total() > t.MaxBalance }

// weigh marks anew whether a wallet is over its limit, after what was held left
// it: that is no line of its statement.
func (c *change) weigh(t Terms, wallet ID) error {
	m, err := c.money(wallet)
	if err != nil {
		return err
	}
	w, err := need[Wallet](c, wallet, "")
	if err == nil && w.OverLimit != m.over(t) {
		w.OverLimit = m.over(t)
		c.Put(w)
	}
	return err
}

// noDescription stands on a statement where nobody gave one.
const noDescription = "NA"

// Check is what must hold of a wallet's own row.
func (w Wallet) Check() error {
	if w.Lines < 0 || w.Loaded < 0 || w.Sent < 0 || w.Usage < w.Sent {
		return ledger.Refuse(ledger.Internal, ledger.WhyInvariant, "wallet %s counts %d lines, %d used, %d sent, %d loaded", w.ID, w.Lines, w.Usage, w.Sent, w.Loaded)
	}
	return frozenWell(w.ID, w.Frozen, w.FrozenFor, w.FrozenAt)
}

// A WalletBalance is what a customer may know of a wallet: what it holds, what
// was used this month, and what it may hold (zero: no limit).
type WalletBalance struct {
	Money
	Usage  ledger.Amount
	Max    ledger.Amount
	Wallet Wallet // with the counts of this month; without an id if there is none
	Terms  Terms  // in force now
}

// WalletBalance reads a customer's balance, all of it as of one moment. A
// customer without a wallet has nothing in it; NotFound if there is no such
// customer.
func (d *Desk) WalletBalance(ctx context.Context, book BookID, customer ID) (WalletBalance, error) {
	seen, err := d.Store.Look(ctx, book, append(walletRefs(customer), refUnder[Terms](termsParent))...)
	if err != nil {
		return WalletBalance{}, err
	}
	w, ok := seen.Row(KindWallet, customer).(Wallet)
	if !ok { // nobody has used it yet
		if _, err := find[Customer](ctx, d, book, customer); err != nil {
			return WalletBalance{}, err
		}
	}
	t, now := d.termsIn(seen)
	w = w.in(now.Month())
	return WalletBalance{Money: moneyIn(seen.Accounts(walletAccounts(customer)), customer), Usage: w.Usage, Max: t.MaxBalance, Wallet: w, Terms: t}, nil
}

// Statement reads a page of a customer's statement, q.Parent, the newest line
// first. NotFound if there is no such customer.
func (d *Desk) Statement(ctx context.Context, q Query) ([]WalletLine, error) {
	lines, err := d.Store.Statement(ctx, q)
	if err == nil && len(lines) == 0 { // of nobody, perhaps
		_, err = find[Customer](ctx, d, q.Book, q.Parent)
	}
	return lines, err
}

// IndianMobile is a phone number's ten digits, if it is an Indian mobile
// number: ten digits of which the first is 6 to 9, with or without 91, +91,
// 0091 or 0 before them, and spaces or hyphens between.
func IndianMobile(contact string) (digits string, ok bool) {
	n := strings.NewReplacer(" ", "", "-", "").Replace(contact)
	for _, prefix := range []string{"+91", "0091", "91", "0"} {
		if rest, found := strings.CutPrefix(n, prefix); found && len(rest) == 10 {
			n = rest
			break
		}
	}
	if len(n) != 10 || n[0] < '6' || !allDigits(n) {
		return "", false
	}
	return n, true
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// LineAt is the position of the last line of a customer's statement at or before
// a moment of the book's time; zero if there is none. It looks at few lines,
// however long the statement is. Where a test book's clock was set back it is a
// line that such a one follows.
func (d *Desk) LineAt(ctx context.Context, book BookID, customer ID, at ledger.Time) (int64, error) {
	last, err := d.Store.Statement(ctx, Query{Book: book, Parent: customer, Count: 1})
	if err != nil || len(last) == 0 || last[0].CreatedAt <= at {
		if len(last) == 0 {
			return 0, err
		}
		return last[0].N, err
	}
	low, high := int64(0), last[0].N // line low is at or before the moment, line high is not
	for high-low > 1 {
		mid := low + (high-low)/2
		l, err := d.Store.Statement(ctx, Query{Book: book, Parent: customer, Count: 1, After: strconv.FormatInt(mid+1, 10)})
		if err != nil || len(l) == 0 {
			return 0, err
		}
		if l[0].CreatedAt <= at {
			low = mid
		} else {
			high = mid
		}
	}
	return low, nil
}
