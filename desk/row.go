package desk

import "wapas/ledger"

// A Kind is a sort of row.
type Kind uint8

const (
	KindAccount Kind = iota // only in a Ref: an account's balance
	KindTerms
	KindKey
	KindTimer
	KindRailOrder
	KindException
	KindCustomer
	KindBankAccount
	KindWallet
	KindOrder
	KindPayment
	KindRefund
	KindTransfer
	KindReversal
	KindLinked
	KindStakeholder
	KindProduct
	KindDocument
	KindFundAccount
	KindPayout
	KindSettlement
	KindEndpoint
	KindHandle
	KindProgramme
	KindMember
	KindCredit
	KindAgent
	KindRemittance
	KindConsent
	KindMessage
	KindScenario
	KindWord
	KindTAT
	KindBooking
	KindAct
	KindJob
	KindJobRow
	KindProposal
	Kinds // how many there are
)

// Notes are a caller's labels on a thing: a JSON object as it was sent, or
// empty. Nobody here looks inside.
type Notes string

// An Entry is one immutable, balanced fact in the books: why, when, and the id
// of what caused it. Its lines are recorded with it.
type Entry struct {
	No     int64 // numbered from 1 in each book
	Reason ledger.Reason
	Cause  ID // the payment, transfer, refund… that this entry is about
	At     ledger.Time
}

// EntryLines is an entry with its lines in their order.
type EntryLines struct {
	Entry
	Lines []ledger.Line
}

// An AccountLine is a line of an account with the entry it belongs to.
type AccountLine struct {
	Entry
	ledger.Line
}

// A WalletLine is a line of a customer's statement: what an entry did to the
// wallet as the customer sees it. Balance is cash and cashback together after
// the line; money held for an uncaptured payment has left it.
type WalletLine struct {
	Wallet      ID    // the customer
	N           int64 // position in the statement, dense, from 1
	ID          ID    // ctxn_
	Entry       int64
	Source      ID // the payment, transfer or payout
	Type        string
	Credit      ledger.Amount
	Debit       ledger.Amount
	Balance     ledger.Amount
	Description string
	CreatedAt   ledger.Time
}

// An Event is a fact recorded with the change that made it.
type Event struct {
	No    int64 // numbered from 1 in each book, without gaps
	ID    ID    // bare, 14 characters: the same on every delivery
	Name  string
	At    ledger.Time
	About []Row // snapshots
}

// A Key is a remembered answer: which request was made under a key, and what
// was answered. It is kept for good.
type Key struct {
	ID                       ID     // scope and key
	Digest                   string // of the parsed request
	Refs                     string // what was answered: a snapshot of the rows, in the store's own words
	Code, Why, Field, Detail string // or what was refused
	CreatedAt                ledger.Time
}

// A Timer waits for a moment of the book's time.
type Timer struct {
	ID      ID // what for, and the subject: one timer of a sort for a thing
	What    string
	Subject ID
	At      ledger.Time
}

func (r Key) Kind() Kind   { return KindKey }
func (r Timer) Kind() Kind { return KindTimer }
func (r Key) RowID() ID    { return r.ID }
func (r Timer) RowID() ID  { return r.ID }
func (r Key) Parent() ID   { return "" }
func (r Timer) Parent() ID { return "" }
