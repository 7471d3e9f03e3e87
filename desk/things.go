package desk

import "wapas/ledger"

// The things a book keeps. Each is a flat value of texts, whole numbers and
// flags, so that it is one row of one table; amounts are paise. The states of
// each are listed where its verbs are.

// A Customer of the merchant.
type Customer struct {
	ID                          ID // cust_
	Name, Email, Contact, GSTIN string
	Notes                       Notes
	CreatedAt                   ledger.Time
}

// A BankAccount of a customer, kept for refunds by transfer.
type BankAccount struct {
	ID       ID // ba_
	Customer ID
	IFSC, BankName, Name, Number,
	Line1, Line2, Line3, City, State, Country, PIN,
	Email, Mobile string
	Deleted   bool
	CreatedAt ledger.Time
}

// A Wallet is a customer's money with us; its id is the customer's. The money
// itself is in the accounts 2100 to 2102 of the same owner.
type Wallet struct {
	ID        ID            // cust_
	Lines     int64         // position of the last line of its statement
	Month     int64         // YYYYMM, in India, that Usage, Sent and Loaded count
	Usage     ledger.Amount // spent and paid out in Month
	Sent      ledger.Amount // of Usage: paid out to banks
	Loaded    ledger.Amount // loaded in Month
	OverLimit bool          // a refund took it above its limit: no loads until it is below
	CreatedAt ledger.Time
	Frozen    bool   // nothing is paid from it, paid out or loaded: see freeze.go
	FrozenFor string // why
	FrozenAt  ledger.Time
}

// An Order is what a customer is asked to pay.
type Order struct {
	ID           ID // order_
	Amount       ledger.Amount
	Paid         ledger.Amount
	Refunded     ledger.Amount // pending and done, over every payment and channel
	Receipt      string
	Status       string // created, attempted, paid
	Attempts     int64
	Capture      bool // payments are captured at once
	Partial      bool
	FirstMin     ledger.Amount
	AutoExpiry   int64  // minutes after which a late authorisation is not captured at once any more; 0: it always is
	ManualExpiry int64  // minutes an authorisation waits for its capture; 0: the terms' window
	RefundSpeed  string // of the refund of a payment that was not captured
	Authorized   bool   // a payment of it was authorised, ever
	Open         ID     // the authorised, uncaptured payment, if there is one
	HasTransfers bool   // transfers wait for it to be paid
	Notes        Notes
	CreatedAt    ledger.Time
}

// A Payment is the money-in that refunds and transfers refer to.
type Payment struct {
	ID                                                               ID // pay_
	Order                                                            ID
	Customer                                                         ID
	Amount                                                           ledger.Amount
	Status                                                           string // created, authorized, captured, refunded, failed
	Captured                                                         bool
	Method                                                           string // card, netbanking, wallet, upi
	Bank, Wallet, VPA                                                string
	CardID                                                           ID // card_
	CardName, CardLast4, CardNetwork, CardType, CardIssuer, CardIIN  string
	International                                                    bool
	Email, Contact, Description                                      string
	Notes                                                            Notes
	Fee, Tax                                                         ledger.Amount // Fee includes Tax
	Promo                                                            ledger.Amount // of a wallet payment: the part that cashback paid
	PromoBack                                                        ledger.Amount // the part of Promo that refunds have restored
	Refunded                                                         ledger.Amount // done, over every channel
	RefundPending                                                    ledger.Amount // accepted, not final
	Disputed                                                         ledger.Amount // disputes open or lost
	DisputeOpen                                                      ledger.Amount // the part of Disputed that is not decided
	Excess                                                           ledger.Amount // given back beyond what was captured: refunds that went after they had failed
	Transferred                                                      ledger.Amount // to linked accounts and wallets, with nothing taken off for reversals
	Provider                                                         string        // whose receivable it is: the owner of 1100 and 2200
	Reference                                                        string        // RRN, authorisation code or bank transaction id
	ErrorCode, ErrorDescription, ErrorSource, ErrorStep, ErrorReason string
	AuthorizedAt, CapturedAt, CreatedAt                              ledger.Time
}

// A Refund is a promise to give money for a payment back.
type Refund struct {
	ID                     ID // rfnd_
	Payment                ID
	Order                  ID
	Amount                 ledger.Amount
	Promo                  ledger.Amount // of a refund to a wallet: the part that goes back as cashback
	To                     string        // source, wallet
	State                  string        // pending, done, failed
	Speed                  string        // asked for: normal, optimum
	Done                   string        // the speed it had or will have: instant, normal
	Receipt                string
	Reference              string        // ARN, RRN or UTR, once known
	Reason                 string        // why it failed
	Fee, Tax               ledger.Amount // of an instant refund
	Unsettled              bool          // of a payment that was never captured: the merchant's balance is not touched
	ReverseAll             bool
	Credits                bool   // taken from the merchant's refund credits, not from the balance
	Confirm                bool   // the wire says processed only once the rail has said so
	Proof                  string // what Reference is: arn, rrn, utr; empty for a wallet
	Provider               string
	Notes                  Notes
	CreatedAt, ProcessedAt ledger.Time
	Room                   string // through which it was asked for; empty: razorpay
	Holder                 ID     // whose account with us it was given to, if that is no wallet: a member or an agent
	Again                  ID     // the refund that failed, which this one tries again
}

// A Transfer moves money from the merchant to a linked account or a wallet.
type Transfer struct {
	ID                                                                           ID // trf_
	Source                                                                       ID // pay_, order_, or the merchant's acc_ for a direct one
	Of                                                                           ID // the payment it is made from; until its order is paid, the order; empty for a direct one
	Recipient                                                                    ID // acc_ or cust_
	Amount                                                                       ledger.Amount
	Reversed                                                                     ledger.Amount
	Fee, Tax                                                                     ledger.Amount // Fee includes Tax
	State                                                                        string        // created, pending, processed, failed, reversed, partially_reversed
	Promo                                                                        bool          // to a wallet as cashback
	OnHold                                                                       bool
	HoldUntil                                                                    ledger.Time
	Settlement                                                                   ID     // of the recipient
	SettlementState                                                              string // "", pending, on_hold, settled
	Tries                                                                        int64
	ErrorCode, ErrorDescription, ErrorReason, ErrorStep, ErrorSource, ErrorField string
	Notes                                                                        Notes
	LinkedNotes                                                                  string // keys of Notes that the linked account sees: a JSON array, or empty
	CreatedAt, ProcessedAt                                                       ledger.Time
}

// A Reversal pulls a transfer back, in whole or part. If it exists it happened.
type Reversal struct {
	ID        ID // rvrsl_
	Transfer  ID
	Refund    ID // the refund with reverse_all that caused it
	Amount    ledger.Amount
	Notes     Notes
	CreatedAt ledger.Time
}

// A Linked account is a seller's or vendor's account under the merchant. Wire
// is the profile as the merchant sent it: a JSON object that nobody here reads.
type Linked struct {
	ID                                                                                      ID // acc_
	Email, Phone, Type, Reference, LegalName, BusinessType, ContactName, CustomerFacingName string
	Wire                                                                                    string
	Status                                                                                  string // created, suspended
	Notes                                                                                   Notes
	SuspendedAt, CreatedAt                                                                  ledger.Time
}

// A Stakeholder of a linked account.
type Stakeholder struct {
	ID          ID // sth_
	Account     ID
	Name, Email string
	Wire        string
	Notes       Notes
	CreatedAt   ledger.Time
}

// A Product a linked account asked for; Route is the only one.
type Product struct {
	ID           ID // acc_prd_
	Account      ID
	Name, Status string
	Wire         string
	CreatedAt    ledger.Time
}

// A Document is what is known of a file that was sent about a linked account or
// its stakeholder. The file itself is kept nowhere.
type Document struct {
	ID         ID // doc_
	Owner      ID // acc_ or sth_
	Type, Name string
	Form       string // what its content is: image/jpeg, image/png, application/pdf
	Size       int64  // in bytes
	SHA256     string // of the file, in hex
	CreatedAt  ledger.Time
}

// A FundAccount is a customer's bank account that payouts go to.
type FundAccount struct {
	ID                                 ID // fa_
	Customer                           ID
	Type, Name, IFSC, BankName, Number string
	Active                             bool
	CreatedAt                          ledger.Time
}

// A Payout sends a customer's wallet money to a fund account.
type Payout struct {
	ID                                               ID // pout_
	Customer                                         ID
	FundAccount                                      ID
	Amount                                           ledger.Amount
	Fee, Tax                                         ledger.Amount // Fee includes Tax; taken from the wallet with Amount
	MerchantFee                                      bool          // the merchant bears the fee instead
	Borne                                            ledger.Amount // of Amount: what the merchant bore of a late success, for the wallet was short of it
	State                                            string        // processing, processed, reversed
	Purpose, UTR, Mode, Reference, Narration, Reason string
	Notes                                            Notes
	CreatedAt, ProcessedAt                           ledger.Time
}

// A Settlement closes what we and the merchant, or a linked account, owe each
// other for a period. The merchant's covers the lines First to Last of the
// merchant's available balance (2010), without gaps from one settlement to the
// next but for the line it makes itself; a linked account's covers the
// transfers that name it.
type Settlement struct {
	ID                     ID // setl_, or setlod_ for one on demand
	Account                ID // acc_: the linked account's, or the merchant's own
	Amount                 ledger.Amount
	Requested              ledger.Amount // on demand: what was asked for
	Fee, Tax               ledger.Amount
	State                  string // created, processed, failed
	OnDemand               bool
	Full                   bool // on demand: all there was
	First, Last            int64
	UTR, Description       string
	Notes                  Notes
	CreatedAt, ProcessedAt ledger.Time
}

// An Endpoint wants to hear of events.
type Endpoint struct {
	ID                   ID     // bare, 14 characters; or a room's callback: see CallbackID
	Account              ID     // acc_: the linked account it belongs to, or the merchant's own
	URL, AlertEmail      string // without a URL, it goes where the room's requests said
	Secret               string // sealed; empty if there is none
	Events               string // space-separated names; none: whatever the room tells
	Active               bool
	Deleted              bool
	CreatedAt, UpdatedAt ledger.Time
	Room                 string // whose words it is told in; empty: razorpay
	InOrder              bool   // one event after another: none is sent while one before it waits
	Since                int64  // it hears of events after this number
	Past                 string // the secrets it had before: for each, the number of the last event, a colon and the sealed secret
	DisabledAt           ledger.Time
	Reason               string // why it was disabled
}

// A RailOrder is what we ask of an outside mover of money. It is written with
// the change that causes it and sent after the commit, under a reference that
// never changes: its id.
type RailOrder struct {
	ID                         ID // the refund's, payout's or remittance's
	Rail                       string
	What                       string // refund, payout, remittance
	Speed                      string
	Method                     string // of the payment, or the payout's mode
	To                         string // the VPA, account or fund account it goes to, for a person to read
	Amount                     ledger.Amount
	State                      string // waiting, sent, done, refused, unknown
	Outcome                    string // forced by a tester: a scenario of the simulated rail
	Reason, Reference          string
	Asked                      int64 // how often the rail was heard, or asked in vain
	SentAt, EndedAt, CreatedAt ledger.Time
	Code                       string      // why it was refused, or is not known, in one word (rail.Words)
	Ref                        string      // the caller's own reference
	Of                         ID          // what it is about: the payment of a refund, the customer of a payout
	Room                       string      // through which it was asked for; empty: razorpay
	HeardAt                    ledger.Time // when the rail was last heard, or asked in vain
	PlayCode, PlayReason       string      // forced by a tester, with Outcome
	PlayAfter                  int64       // likewise: seconds until its last word
	Sheet                      ID          // the list it was handed to a person on
	ExportedAt                 ledger.Time
	By                         string // the person on whose word it ended; with two, both
}

// An Exception is put before a person: an outcome nobody knows, a success
// after a failure.
type Exception struct {
	ID                  ID // exc_
	What                string
	Subject             ID
	Detail              string
	CreatedAt, ClosedAt ledger.Time
}

func (r Customer) Kind() Kind    { return KindCustomer }
func (r BankAccount) Kind() Kind { return KindBankAccount }
func (r Wallet) Kind() Kind      { return KindWallet }
func (r Order) Kind() Kind       { return KindOrder }
func (r Payment) Kind() Kind     { return KindPayment }
func (r Refund) Kind() Kind      { return KindRefund }
func (r Transfer) Kind() Kind    { return KindTransfer }
func (r Reversal) Kind() Kind    { return KindReversal }
func (r Linked) Kind() Kind      { return KindLinked }
func (r Stakeholder) Kind() Kind { return KindStakeholder }
func (r Product) Kind() Kind     { return KindProduct }
func (r Document) Kind() Kind    { return KindDocument }
func (r FundAccount) Kind() Kind { return KindFundAccount }
func (r Payout) Kind() Kind      { return KindPayout }
func (r Settlement) Kind() Kind  { return KindSettlement }
func (r Endpoint) Kind() Kind    { return KindEndpoint }
func (r RailOrder) Kind() Kind   { return KindRailOrder }
func (r Exception) Kind() Kind   { return KindException }

func (r Customer) RowID() ID    { return r.ID }
func (r BankAccount) RowID() ID { return r.ID }
func (r Wallet) RowID() ID      { return r.ID }
func (r Order) RowID() ID       { return r.ID }
func (r Payment) RowID() ID     { return r.ID }
func (r Refund) RowID() ID      { return r.ID }
func (r Transfer) RowID() ID    { return r.ID }
func (r Reversal) RowID() ID    { return r.ID }
func (r Linked) RowID() ID      { return r.ID }
func (r Stakeholder) RowID() ID { return r.ID }
func (r Product) RowID() ID     { return r.ID }
func (r Document) RowID() ID    { return r.ID }
func (r FundAccount) RowID() ID { return r.ID }
func (r Payout) RowID() ID      { return r.ID }
func (r Settlement) RowID() ID  { return r.ID }
func (r Endpoint) RowID() ID    { return r.ID }
func (r RailOrder) RowID() ID   { return r.ID }
func (r Exception) RowID() ID   { return r.ID }

func (r Customer) Parent() ID    { return "" }
func (r BankAccount) Parent() ID { return r.Customer }
func (r Wallet) Parent() ID      { return "" }
func (r Order) Parent() ID       { return "" }
func (r Payment) Parent() ID     { return r.Order }
func (r Refund) Parent() ID      { return r.Payment }
func (r Transfer) Parent() ID    { return r.Of }
func (r Reversal) Parent() ID    { return r.Transfer }
func (r Linked) Parent() ID      { return "" }
func (r Stakeholder) Parent() ID { return r.Account }
func (r Product) Parent() ID     { return r.Account }
func (r Document) Parent() ID    { return r.Owner }
func (r FundAccount) Parent() ID { return r.Customer }
func (r Payout) Parent() ID      { return "" }
func (r Settlement) Parent() ID  { return r.Account }
func (r Endpoint) Parent() ID    { return r.Account }
func (r RailOrder) Parent() ID   { return "" }
func (r Exception) Parent() ID   { return r.Subject }
