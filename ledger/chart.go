package ledger

// The chart of accounts. One account for each owner where the comment says so,
// one for the book otherwise.
const (
	BankEscrow      = "1010" // pooled customer and merchant money
	BankOperating   = "1020" // own money
	PSPReceivable   = "1100" // {provider} captured, not settled
	PayoutFloat     = "1110" // {partner} prefunded for payouts
	MerchantOwes    = "1200" // report-time reclass of a negative 2010
	LinkedOwes      = "1210" // {linked account} recovery
	ProgrammeOwes   = "1220" // merchant's promise behind unfunded store credit
	GSTInput        = "1300" // input tax credit
	TDSReceivable   = "1310" // tax deducted on our own income
	SuspenseDebit   = "1900" // unexplained debits
	Available       = "2010" // what the merchant may spend
	Pending         = "2011" // captured, not yet available
	RefundCredits   = "2012" // prefunded for refunds
	Reserve         = "2013" // security balance
	DisputeHold     = "2014" // deducted when a dispute opens
	LinkedFree      = "2020" // {linked account} a seller's balance
	LinkedHeld      = "2021" // {linked account} on hold
	WalletCash      = "2100" // {customer} funded balance
	WalletPromo     = "2101" // {customer} cashback
	WalletHeld      = "2102" // {customer} authorised, not captured
	StoreCredit     = "2105" // {customer} closed-loop credit
	WalletExpired   = "2110" // {customer} expired, kept three years
	RefundClearing  = "2200" // {provider} accepted, not final
	PayoutClearing  = "2210" // {partner} in flight
	SettleClearing  = "2220" // settlement in flight
	FeeDeferred     = "2230" // contingent fee with its tax
	CGST            = "2301"
	SGST            = "2302"
	IGST            = "2303"
	TCSPayable      = "2310"
	TDSPayable      = "2320"
	AgentValue      = "2400" // {agent} prepaid e-value
	DMTInFlight     = "2410" // {agent} remittances sent
	DMTRefund       = "2420" // {agent} failed, owed until consent
	Compensation    = "2500"
	SuspenseCredit  = "2900"
	Equity          = "3000"
	FeePayment      = "4010"
	FeeTransfer     = "4020"
	FeePayout       = "4030"
	FeeInstant      = "4040"
	FeeDMT          = "4050"
	FeeDispute      = "4060"
	Breakage        = "4090"
	PSPCost         = "5010"
	PayoutCost      = "5020"
	TATCost         = "5030"
	WriteOff        = "5040"
	PromoPlatform   = "5050" // operator-funded cashback
	AgentCommission = "5060"
	Rounding        = "5090" // must stay zero
	CashAtAgent     = "9010"
	CashAtAgentC    = "9011"
	Authorised      = "9020"
	AuthorisedC     = "9021"
)

// A Heading is one line of the chart: its name for people, the side that makes
// it grow, whether it may never fall below zero, and whether there is one
// account for each owner or one for the book.
type Heading struct {
	Code   string
	Name   string
	Normal Side
	Floor  bool
	Owned  bool
}

// Chart is the chart of accounts, by code.
func Chart() []Heading { return headings }

// HeadingOf is the chart's line for a code.
func HeadingOf(code string) (Heading, bool) { h, ok := chart[code]; return h, ok }

var headings = []Heading{
	{BankEscrow, "bank.escrow", Debit, false, false},
	{BankOperating, "bank.operating", Debit, false, false},
	{PSPReceivable, "psp.receivable", Debit, false, true},
	{PayoutFloat, "payout.float", Debit, false, true},
	{MerchantOwes, "merchant.receivable", Debit, false, false},
	{LinkedOwes, "linked.receivable", Debit, false, true},
	{ProgrammeOwes, "programme.receivable", Debit, false, false},
	{GSTInput, "gst.input", Debit, false, false},
	{TDSReceivable, "tds.receivable", Debit, false, false},
	{SuspenseDebit, "suspense.debit", Debit, false, false},
	{Available, "merchant.available", Credit, true, false},
	{Pending, "merchant.pending", Credit, true, false},
	{RefundCredits, "merchant.refund_credits", Credit, true, false},
	{Reserve, "merchant.reserve", Credit, true, false},
	{DisputeHold, "merchant.dispute_hold", Credit, true, false},
	{LinkedFree, "linked.available", Credit, true, true},
	{LinkedHeld, "linked.on_hold", Credit, true, true},
	{WalletCash, "wallet.cash", Credit, true, true},
	{WalletPromo, "wallet.promo", Credit, true, true},
	{WalletHeld, "wallet.hold", Credit, true, true},
	{StoreCredit, "wallet.store_credit", Credit, true, true},
	{WalletExpired, "wallet.expired", Credit, true, true},
	{RefundClearing, "refund.clearing", Credit, true, true},
	{PayoutClearing, "payout.clearing", Credit, true, true},
	{SettleClearing, "settlement.clearing", Credit, true, false},
	{FeeDeferred, "fee.deferred", Credit, true, false},
	{CGST, "gst.cgst", Credit, false, false},
	{SGST, "gst.sgst", Credit, false, false},
	{IGST, "gst.igst", Credit, false, false},
	{TCSPayable, "tcs.payable", Credit, false, false},
	{TDSPayable, "tds.payable", Credit, false, false},
	{AgentValue, "agent.evalue", Credit, true, true},
	{DMTInFlight, "dmt.in_flight", Credit, true, true},
	{DMTRefund, "dmt.refund_pending", Credit, true, true},
	{Compensation, "compensation.payable", Credit, false, false},
	{SuspenseCredit, "suspense.credit", Credit, false, false},
	{Equity, "equity", Credit, false, false},
	{FeePayment, "fee.payment", Credit, false, false},
	{FeeTransfer, "fee.transfer", Credit, false, false},
	{FeePayout, "fee.payout", Credit, false, false},
	{FeeInstant, "fee.instant_refund", Credit, false, false},
	{FeeDMT, "fee.dmt", Credit, false, false},
	{FeeDispute, "fee.dispute", Credit, false, false},
	{Breakage, "breakage", Credit, false, false},
	{PSPCost, "psp.cost", Debit, false, false},
	{PayoutCost, "payout.cost", Debit, false, false},
	{TATCost, "tat.compensation", Debit, false, false},
	{WriteOff, "write_off", Debit, false, false},
	{PromoPlatform, "promo.platform", Debit, false, false},
	{AgentCommission, "agent.commission", Debit, false, false},
	{Rounding, "rounding", Debit, false, false},
	{CashAtAgent, "memo.cash_at_agent", Debit, false, false},
	{CashAtAgentC, "memo.cash_at_agent_contra", Credit, false, false},
	{Authorised, "memo.authorised", Debit, false, false},
	{AuthorisedC, "memo.authorised_contra", Credit, false, false},
}

var chart = func() map[string]Heading {
	m := make(map[string]Heading, len(headings))
	for _, h := range headings {
		m[h.Code] = h
	}
	return m
}()
