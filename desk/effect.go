package desk

import "wapas/ledger"

// What must be true between the rows of a book and its entries. Every rule is
// a sum that is told twice (see tally): once by the entries or by the parts of
// a thing, once by the row.

// effect is what the entries that a row caused add up to, written as the
// journals that led to its state. A fee's tax is written as one, whatever it
// was split into.
func effect(r Row) (j ledger.Journal) {
	switch r := r.(type) {
	case Payment:
		owner, fee := string(r.Customer), kept(r.Fee, r.Tax)
		switch {
		case r.Captured && r.fromWallet():
			j = ledger.Spend(owner, r.Amount, r.Promo, fee)
		case r.Captured:
			j = ledger.Capture(r.Provider, r.Amount, fee, false)
		case r.fromWallet() && r.Status != PaymentFailed: // held; what lets it go is caused by a refund
			j = ledger.Hold(owner, r.Amount, r.Promo)
		}
		lost := r.Disputed - r.DisputeOpen
		return append(append(j, ledger.OpenDispute(r.Disputed)...), ledger.LoseDispute(r.Provider, lost)...)
	case Refund:
		return refundEffect(r)
	case Transfer:
		to, fee := string(r.Recipient), kept(r.Fee, r.Tax)
		switch {
		case !r.made():
		case r.Promo:
			return ledger.GiveCashback(to, r.Amount, fee)
		case r.toWallet():
			return ledger.Load(to, r.Amount, fee)
		default:
			return ledger.Transfer(to, r.Amount, fee, r.OnHold)
		}
	case Reversal:
		return ledger.Reverse(ledger.LinkedAccount("", false), r.Amount)
	case Payout:
		fee := kept(r.Fee, r.Tax)
		if r.State == "reversed" {
			return nil
		}
		j = ledger.SendPayout(string(r.Customer), "", r.Amount, fee, r.feeFrom())
		if r.State == "processed" {
			j = append(j, ledger.PayoutGone("", r.Amount, fee)...)
		}
		return j
	case Settlement:
		var fee ledger.Fee
		if r.OnDemand { // of others it is what the payments in it paid
			fee = kept(r.Fee, r.Tax)
		}
		j = ledger.SendSettlement(r.Amount, fee)
		switch r.State {
		case SettlementProcessed:
			j = append(j, ledger.SettlementArrived(r.Amount)...)
		case SettlementFailed:
			j = append(j, ledger.SettlementReturned(r.Amount)...)
		}
		return j
	case Credit:
		return creditEffect(r)
	case TAT:
		return r.effect()
	case Booking:
		return r.effect()
	case Agent:
		return ledger.BuyValue("", r.Bought)
	case Remittance:
		return remittanceEffect(r)
	}
	return j
}

func refundEffect(r Refund) (j ledger.Journal) {
	switch {
	case r.To == "credit":
		return ledger.LoadCredit(r.From(), "", r.Amount)
	case r.To == "agent":
		return ledger.RemittanceRestored("", r.Amount, ledger.Fee{})
	case r.To == "wallet" && r.Unsettled:
		return ledger.Release("", r.Amount, r.Promo)
	case r.To == "wallet":
		return ledger.RefundToWallet(r.From(), "", r.Amount, r.Promo)
	case r.Unsettled && r.Again == "":
		j = ledger.AutoRefund(r.Provider, r.Amount)
	default:
		j = ledger.AcceptRefund(r.From(), r.Provider, r.Amount)
	}
	fee := kept(r.Fee, r.Tax) // of an instant refund; none once it was returned
	j = append(j, ledger.TakeInstantFee(fee)...)
	switch r.State {
	case "done":
		j = append(j, ledger.RefundGone(r.Provider, r.Amount)...)
		j = append(j, ledger.KeepInstantFee(fee)...)
	case "failed":
		j = append(j, ledger.RefundBack(r.From(), r.Provider, r.Amount)...)
	}
	return j
}

// kept is a fee as a row keeps it.
func kept(fee, tax ledger.Amount) ledger.Fee { return ledger.Fee{Base: fee - tax, IGST: tax} }

// aspect is under which rule and name a posting is held against its cause: tax
// is tax (I-9); for the rest accounts count by their code, and those count as
// one between which money may move, or of which the row does not tell which.
func aspect(cause ID, account ledger.AccountID) (rule, of string) {
	code := account.Code()
	switch code {
	case ledger.CGST, ledger.SGST, ledger.IGST:
		return "I-9", "tax posted"
	case ledger.Pending, ledger.RefundCredits:
		code = ledger.Available
	case ledger.LinkedHeld:
		code = ledger.LinkedFree
	}
	switch cause.Prefix() {
	case "rfnd": // a credit's: of the merchant's money or on its promise
		if code == ledger.ProgrammeOwes {
			code = ledger.Available
		}
	case "rvrsl": // from whoever had it
		if code == ledger.WalletCash || code == ledger.WalletPromo {
			code = ledger.LinkedFree
		}
	case "pout": // by the wallet or the merchant
		if code == ledger.WalletCash {
			code = ledger.Available
		}
	case "setl": // of the merchant or a linked account
		if code == ledger.LinkedFree {
			code = ledger.Available
		}
	}
	return "I-11", "posted on " + code
}

// operators are the reasons of entries that no row may stand behind: what the
// operator brings into the books from others, what the merchant sets aside, and
// what was done with money before there were bookings.
var operators = map[ledger.Reason]bool{ledger.Opened: true, ledger.OwnFunds: true, ledger.ProviderSettled: true, ledger.FloatToppedUp: true, ledger.CreditsBought: true}

// rowless says whether no row stands behind an entry. A booking's has a cause.
func rowless(e Entry) bool { return operators[e.Reason] && (e.Cause == "" || !opens[e.Reason]) }

// opens are the reasons of the entries that begin a thing: there is one for
// each thing whose money has moved.
var opens = map[ledger.Reason]bool{
	ledger.Captured: true, ledger.Spent: true, ledger.Held: true,
	ledger.Transferred: true, ledger.Loaded: true, ledger.Cashback: true, ledger.Reversed: true,
	ledger.RefundAccepted: true, ledger.RefundedWallet: true, ledger.AutoRefunded: true, ledger.HeldReleased: true,
	ledger.PayoutSent: true, ledger.SettlementSent: true,
	ledger.RemittanceSent: true, ledger.RemittanceRefunded: true,
	ledger.CreditLoaded: true, ledger.CreditSpent: true, ledger.CreditReturned: true, ledger.CreditExpired: true,
	ledger.OwnFunds: true, ledger.ProviderSettled: true, ledger.FloatToppedUp: true, ledger.FeesSwept: true, ledger.GSTPaid: true,
	ledger.CashbackOwn: true, ledger.ReceiptUnknown: true, ledger.ReceiptIdentified: true, ledger.Adjusted: true,
}

// opened says whether a row has such an entry.
func opened(r Row) bool {
	switch r := r.(type) {
	case Payment:
		return r.Captured || r.fromWallet() && r.Status != PaymentFailed
	case Transfer:
		return r.made()
	case Credit:
		return r.Refund() == "" // a refund's is caused by the refund
	case Booking:
		return len(r.effect()) > 0
	case Remittance:
		return r.State != RemitFailed
	case Refund, Reversal, Payout, Settlement:
		return true
	}
	return false
}

// clearing is what an account of things under way is called in the tally. A
// payout does not say through whom it goes, so its accounts count together.
func clearing(id ledger.AccountID) string {
	if code := id.Code(); code == ledger.PayoutClearing {
		return code
	}
	return string(id)
}

const (
	underWay     = "things under way" // on a clearing account (I-8)
	refundsDone  = "refunds done"
	refundsOpen  = "refunds pending"
	promoBack    = "cashback restored"
	refundsOf    = "refunds of its payments"
	paid         = "captured payments"
	transfersOf  = "transfers made"
	reversalsOf  = "reversals"
	railOrders   = "rail orders under way"
	railMoves    = "to be moved by its rail order"
	pendingMoney = "timers of pending money"
	identified   = "identified of a receipt"
	waived       = "agreed not to be owed"
)

// compare holds a row against its parts and its parts against it.
func compare(t *tally, r Row) {
	id := string(r.RowID())
	clear := func(account string, a ledger.Amount) { t.adds("I-8", account, underWay, a) }
	switch r := r.(type) {
	case Payment:
		t.says("I-4", id, refundsDone, r.Refunded+r.Excess)
		t.says("I-4", id, refundsOpen, r.RefundPending)
		t.says("I-4", id, promoBack, r.PromoBack)
		t.says("I-6", id, transfersOf, r.Transferred)
		if r.Captured {
			t.adds("I-5", string(r.Order), paid, r.Amount)
		}
		t.adds("I-5", string(r.Order), refundsOf, -r.Excess)
		if r.fromWallet() && r.Status == PaymentAuthorized {
			_, _, held := walletAccounts(r.Customer)
			clear(string(held), r.Amount)
		}
		clear(ledger.DisputeHold, r.DisputeOpen)
	case Order:
		t.says("I-5", id, paid, r.Paid)
		t.says("I-5", id, refundsOf, r.Refunded)
	case Refund:
		of := func(rule string, what ID, sum string, a ledger.Amount) {
			if what != "" { // a refund may be of no payment of this book
				t.adds(rule, string(what), sum, a)
			}
		}
		of("I-4", r.Payment, promoBack, r.Promo)
		if r.To == "source" {
			t.says("I-8", id, railMoves, r.Amount)
		}
		switch r.State {
		case "done":
			of("I-4", r.Payment, refundsDone, r.Amount)
		case "pending":
			of("I-4", r.Payment, refundsOpen, r.Amount)
			t.says("I-8", id, railOrders, 1)
			clear(clearing(ledger.Account(ledger.RefundClearing, r.Provider)), r.Amount)
			clear(ledger.FeeDeferred, r.Fee)
		case "failed":
			if r.Unsettled && r.To == "source" { // it could go nowhere: see From
				clear(ledger.SuspenseCredit, r.Amount)
			}
		}
		if r.Unsettled && r.Again != "" { // it was taken from where the first one left it
			clear(ledger.SuspenseCredit, -r.Amount)
		}
		if !r.Unsettled && r.State != "failed" {
			of("I-5", r.Order, refundsOf, r.Amount)
		}
		switch r.To {
		case "credit":
			t.says("I-11", id, creditOf, r.Amount)
		case "agent":
			t.adds("I-11", id, givenBack, r.Amount)
		}
	case Credit:
		compareCredit(t, r)
	case Transfer:
		t.says("I-6", id, reversalsOf, r.Reversed)
		if r.made() && r.Of != "" {
			t.adds("I-6", string(r.Of), transfersOf, r.Amount)
		}
	case Reversal:
		t.adds("I-6", string(r.Transfer), reversalsOf, r.Amount)
	case Payout:
		t.says("I-8", id, railMoves, r.Amount)
		if r.State == "processing" {
			t.says("I-8", id, railOrders, 1)
			clear(ledger.PayoutClearing, r.Amount)
			clear(ledger.FeeDeferred, r.Fee)
		}
	case Settlement:
		if r.State == SettlementCreated {
			clear(ledger.SettleClearing, r.Amount)
		}
	case RailOrder:
		t.adds("I-8", id, railMoves, r.Amount)
		if r.State == "waiting" || r.State == "sent" || r.State == "unknown" {
			t.adds("I-8", id, railOrders, 1)
		}
	case TAT:
		switch {
		case r.owes():
			clear(ledger.Compensation, r.Accrued)
		case r.State == TATWaived:
			t.says("I-11", id, waived, r.Accrued)
		}
	case Booking:
		r.compare(t)
	case Remittance:
		compareRemittance(t, r)
	case Job:
		r.compare(t)
	case JobRow:
		r.compare(t)
	case Consent:
		compareConsent(t, r)
	case Timer:
		if r.What == "payment.available" && r.At != 0 {
			t.adds("I-8", string(r.Subject), pendingMoney, 1)
		}
		if r.What == creditEnds && r.At != 0 {
			t.adds("I-8", string(r.Subject), creditWaiting, 1)
		}
	}
}

// pendingPosting counts the postings on pending money: one in for a payment
// whose timer waits, and one out once it has come.
func pendingPosting(t *tally, cause ID, p ledger.Posting) {
	if p.Account == ledger.Pending {
		t.says("I-8", string(cause), pendingMoney, -ledger.Amount(p.Side))
	}
}

// ruleOf is the invariant that a row's own rule belongs to.
func ruleOf(r Row) string {
	switch r.(type) {
	case Payment:
		return "I-4"
	case Order:
		return "I-5"
	case Transfer, Reversal:
		return "I-6"
	case Wallet:
		return "I-12"
	case RailOrder, Exception, Word:
		return "I-8"
	}
	return "I-11"
}
