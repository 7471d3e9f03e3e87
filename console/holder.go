package console

import (
	"html/template"
	"strconv"
	"strings"

	"wapas/desk"
	"wapas/ledger"
)

// An entryLines is an entry as it is shown: its lines with the names of their
// accounts.
type entryLines struct {
	desk.Entry
	Lines []entryLine
}

type entryLine struct {
	ledger.Line
	Name  string // of the account, as people call it
	Owner desk.ID
}

// Debits says whether a line stands on the debit side.
func (l entryLine) Debits() bool { return l.Side == ledger.Debit }

func entriesOf(all []desk.EntryLines) []entryLines {
	out := make([]entryLines, len(all))
	for i, e := range all {
		out[i].Entry = e.Entry
		for _, l := range e.Lines {
			out[i].Lines = append(out[i].Lines, entryLine{l, accountName(l.Account), desk.ID(l.Account.Owner())})
		}
	}
	return out
}

// accountNames are what people call the accounts.
var accountNames = map[string]string{
	ledger.BankEscrow: "Bank account in escrow", ledger.BankOperating: "Our own bank account", ledger.Available: "Merchant's balance",
	ledger.WalletCash: "Wallet, cash", ledger.WalletPromo: "Wallet, cashback", ledger.WalletHeld: "Wallet, held", ledger.WriteOff: "Written off (our cost)",
	ledger.StoreCredit: "Store credit", ledger.AgentValue: "Agent's value", ledger.DMTInFlight: "Remittances under way", ledger.DMTRefund: "Remittances owed",
	ledger.LinkedFree: "Linked account, available", ledger.LinkedHeld: "Linked account, on hold", ledger.ProgrammeOwes: "Merchant's promise of store credit",
	ledger.PSPReceivable: "Owed by the payment provider", ledger.PayoutFloat: "With the payout partner", ledger.GSTInput: "Tax we paid", ledger.TDSReceivable: "Tax kept back from us",
	ledger.MerchantOwes: "Owed by the merchant", ledger.LinkedOwes: "Owed by a linked account", ledger.SuspenseDebit: "Unexplained debits",
	ledger.Pending: "Merchant, captured and not yet available", ledger.RefundCredits: "Merchant's refund credits", ledger.Reserve: "Merchant's security balance", ledger.DisputeHold: "Merchant, held for disputes",
	ledger.WalletExpired: "Wallet, expired", ledger.RefundClearing: "Refunds on their way", ledger.PayoutClearing: "Payouts on their way", ledger.SettleClearing: "Settlements on their way", ledger.FeeDeferred: "Fees not earned yet",
	ledger.CGST: "Central tax owed", ledger.SGST: "State tax owed", ledger.IGST: "Tax owed between states", ledger.TCSPayable: "Tax collected from sellers", ledger.TDSPayable: "Tax kept back from agents",
	ledger.Compensation: "Compensation owed", ledger.SuspenseCredit: "Received, and not known whose", ledger.Equity: "Brought in by the operator",
	ledger.FeePayment: "Fees of payments", ledger.FeeTransfer: "Fees of transfers", ledger.FeePayout: "Fees of payouts", ledger.FeeInstant: "Fees of instant refunds", ledger.FeeDMT: "Fees of remittances", ledger.FeeDispute: "Fees of disputes",
	ledger.Breakage: "Expired for good", ledger.PSPCost: "Cost of payment providers", ledger.PayoutCost: "Cost of payouts", ledger.TATCost: "Cost of compensation", ledger.PromoPlatform: "Cost of cashback", ledger.AgentCommission: "Commission of agents", ledger.Rounding: "Rounding (stays zero)",
	ledger.CashAtAgent: "Beside the books: cash at agents", ledger.CashAtAgentC: "Beside the books: cash at agents, contra", ledger.Authorised: "Beside the books: authorised", ledger.AuthorisedC: "Beside the books: authorised, contra",
}

// accountName is what people call an account; without a name of its own, what
// the chart calls it.
func accountName(id ledger.AccountID) string {
	if name, ok := accountNames[id.Code()]; ok {
		return name
	}
	h, _ := ledger.HeadingOf(id.Code())
	return plain(strings.ReplaceAll(h.Name, ".", " "))
}

// Named is a word for a thing, with the way to its page if it has one.
func (s *sheet) Named(id desk.ID, word string) template.HTML {
	shown := template.HTML(template.HTMLEscapeString(word))
	if to, ok := s.place(id); ok {
		return `<a href="` + template.HTML(template.HTMLEscapeString(to)) + `">` + shown + `</a>`
	}
	return shown
}

// A movement is a line of an owner's account.
type movement struct {
	desk.AccountLine
	What    string
	Of      desk.ID // what is behind it
	In, Out ledger.Amount
}

// movementsOf is a page of what moved an account that grows by credits, the
// newest first. It begins behind the position that the address names.
func (q *visit) movementsOf(account ledger.AccountID) (listed[movement], error) {
	ask := desk.Query{Book: q.book.ID, Parent: desk.ID(account), Count: perPage + 1}
	if n := q.number("after", 0); n > 0 {
		ask.After = strconv.FormatInt(n, 10)
	}
	lines, err := q.desk().Store.Lines(q.Context(), ask)
	return cutPage(q, movementsFrom(lines), movement.position), err
}

// position is where a movement stands in its account.
func (m movement) position() string { return strconv.FormatInt(m.N, 10) }

func movementsFrom(lines []desk.AccountLine) []movement {
	all := make([]movement, len(lines))
	for i, l := range lines {
		all[i] = movement{AccountLine: l, What: sentence(l.Reason), Of: l.Cause}
		if l.Account.Code() == ledger.StoreCredit {
			all[i].Of = desk.CreditID(l.Cause)
		}
		if l.Side == ledger.Credit {
			all[i].In = l.Amount
		} else {
			all[i].Out = l.Amount
		}
	}
	return all
}
