package desk

import (
	"context"

	"wapas/ledger"
)

// A BookID names a book: one merchant's ledger in one mode, with everything
// that belongs to it. Nothing ever happens between two books in one change.
type BookID int64

// An ID names a thing in a book. It looks like the vendor's: a prefix that
// says what it is, an underscore, and fourteen characters that sort by time.
type ID string

// A Store keeps books.
//
// Changes to one book happen one after another, in one order, on however many
// servers, and the caller hears the answer only after they are on disk.
type Store interface {
	// Change runs do as the next change to the book and returns once it is
	// durable. Do must only read and write through tx: it may run more than
	// once. Reads names what do will likely look at; it makes the change faster
	// and is never needed. If do returns an error nothing of it is kept and
	// Change returns that error. An error that is not a refusal
	// (ledger.Error) means that the outcome may be unknown to the caller, but
	// never that half of it was kept.
	Change(ctx context.Context, book BookID, reads []Ref, do func(tx Tx) error) error

	Reader
	Registry
	Postbox
	Logbook
	Doctor
}

// A Tx is one change to everything a book keeps. It commits whole or not at
// all. Nobody else changes the book until the change ends, so what was read
// stays true.
type Tx interface {
	// Book is the book's own row. PutBook replaces what a change may replace
	// of it (see Book).
	Book() Book
	PutBook(Book)

	// NewID mints an id that sorts after every id of this book.
	NewID(prefix string) ID

	// Get reads a row; it is nil, without an error, if there is none.
	Get(kind Kind, id ID) (Row, error)
	// Under reads the rows of a kind that have this parent, oldest first.
	Under(kind Kind, parent ID) ([]Row, error)
	// Put keeps a row, new or changed. A row that was there must have been read
	// in this change before.
	Put(rows ...Row)

	// Part runs one of many like parts of a change. What it looks at is read together
	// with what the others do, so that a thousand are not a thousand trips to the
	// database: then all run again, and what a part made before is void. Its error is
	// do's, or nil where do will run again.
	Part(do func() error) error

	// Accounts reads balances. An account without postings is at zero.
	Accounts(ids ...ledger.AccountID) (ledger.Accounts, error)
	// Record appends an entry to the books with its lines, which
	// ledger.Accounts.Apply worked out together with after. It numbers the
	// entry without gaps and returns the number.
	Record(e Entry, lines []ledger.Line, after ledger.Accounts) int64
	// Count adds to what is counted of an hour (see Hour).
	Count(Hour)
	// Append adds a line to a wallet's statement.
	Append(WalletLine)
	// Emit records an event, numbered without gaps, with a snapshot of the rows
	// it is about as they stand now.
	Emit(name string, at ledger.Time, about ...Row)

	// Snapshot writes rows down as they are; Restore reads them back.
	Snapshot(rows ...Row) string
	Restore(snapshot string) ([]Row, error)

	// Reset forgets everything this change has written so far.
	Reset()
}

// A Ref names what a change will look at: a row, an account's balance (Kind
// KindAccount), or, with Under set, all rows of a kind with the parent ID.
type Ref struct {
	Kind  Kind
	ID    ID
	Under bool
}

// A Row is a thing with an id that a book keeps and may change. Rows are
// values: changing one that was read changes nothing until it is Put.
type Row interface {
	Kind() Kind
	RowID() ID
	// Parent is the row this one is found under, or empty.
	Parent() ID
}

// WhyArchiveAway is why a Reader cannot answer about the past: it is in an archive
// (a file) that is not there, or cannot be read. Internal: the caller may ask
// again when it is. Rooms answer 503.
const WhyArchiveAway ledger.Why = "archive_away"

// A Reader answers questions without waiting for a change. What it answers was
// true a moment ago. Lines, entries and events are answered alike whether they are
// in the database or in archives.
type Reader interface {
	// Find reads one row; nil if there is none.
	Find(ctx context.Context, book BookID, kind Kind, id ID) (Row, error)
	// Look reads what refs name, all as of one moment. It is NotFound if there is no
	// such book.
	Look(ctx context.Context, book BookID, refs ...Ref) (Sight, error)
	// List reads a page of rows.
	List(ctx context.Context, q Query) ([]Row, error)
	// Statement reads a page of a wallet's lines.
	Statement(ctx context.Context, q Query) ([]WalletLine, error)
	// Entries reads a page of entries with their lines; Query.Parent is the
	// cause, if one is asked for.
	Entries(ctx context.Context, q Query) ([]EntryLines, error)
	// Lines reads a page of an account's postings; Query.Parent is the account.
	Lines(ctx context.Context, q Query) ([]AccountLine, error)
	// Events reads events with a number above after, oldest first.
	Events(ctx context.Context, book BookID, after int64, count int) ([]Event, error)
	// EventsNamed reads events of a name with numbers below one, the newest
	// first, and looks no further back than to the number floor.
	EventsNamed(ctx context.Context, book BookID, name string, below, floor int64, count int) ([]Event, error)
	// EventsOf reads a page of the events that are about a row first of all,
	// Query.Parent.
	EventsOf(ctx context.Context, q Query) ([]Event, error)
	// Balances reads the balances of accounts, all of the book if none is named.
	Balances(ctx context.Context, book BookID, ids ...ledger.AccountID) (ledger.Accounts, error)
	// Hours reads what was counted in the hours from first to last, the oldest
	// first; Days the same of the days that begin with an hour between them.
	Hours(ctx context.Context, book BookID, first, last int64) ([]Hour, error)
	Days(ctx context.Context, book BookID, first, last int64) ([]Hour, error)
	// Sums are what the postings up to an entry, itself included, made of the
	// accounts of each code.
	Sums(ctx context.Context, book BookID, entry int64) (map[string]CodeSum, error)
	// AccountsOf reads a page of the accounts of a code, or of all, by their ids
	// after one.
	AccountsOf(ctx context.Context, book BookID, code string, after ledger.AccountID, count int) ([]AccountBalance, error)
	// Count is how many rows a query finds, at most its Count.
	Count(ctx context.Context, q Query) (int, error)
	// Due reads up to count timers of a book that are due at a moment of the
	// book's time, the oldest first.
	Due(ctx context.Context, book BookID, at ledger.Time, count int) ([]Timer, error)
	// Book reads a book's own row.
	Book(ctx context.Context, book BookID) (Book, error)
	// Check does what Ping does and also compares the schema with the program's.
	Check(ctx context.Context) error
	// Writable is why no change could be kept now; nil if one could. It may write
	// something that changes nothing.
	Writable(ctx context.Context) error
}

// A Sight is what of a book was looked at, as it was at one moment. It knows only
// what was asked for.
type Sight interface {
	Book() Book
	// Row is nil if there is none.
	Row(kind Kind, id ID) Row
	// Under are the rows of a kind that have this parent, oldest first.
	Under(kind Kind, parent ID) []Row
	// Accounts are balances. An account without postings is at zero.
	Accounts(ids ...ledger.AccountID) ledger.Accounts
}

// An AccountBalance is an account with what it holds.
type AccountBalance struct {
	ID ledger.AccountID
	ledger.Balance
}

// A Query asks for a page. Zero fields do not filter. The newest comes first
// unless Oldest is set.
type Query struct {
	Book   BookID
	Kind   Kind
	Parent ID                // rows under this parent; the wallet or account of a statement
	Where  map[string]string // column = value, by the names of the schema
	Has    []string          // columns of text that are not empty
	From   ledger.Time       // created at or after
	To     ledger.Time       // created at or before; whole seconds are inclusive
	Skip   int
	Count  int
	Oldest bool
	// After begins behind a row that was read before: its id, or its number or
	// position where rows have no id. A page costs the same however deep it is.
	After string
	// Least leaves out rows whose id is below it. No id is minted before the
	// moment its row was created, so that FirstID of From may stand here: a page
	// that finds nothing then need not go through all there is from before.
	Least ID
	// Until leaves out rows whose id is not below it.
	Until ID
}

// A BookQuery asks for books. Zero fields do not filter: a database may have a
// hundred thousand books, and who asks for all of them should want all of them.
type BookQuery struct {
	Merchant ID
	Mode     Mode
	Kind     Kind // with ID: only those that have the row
	ID       ID
	Count    int // the first so many
}

// A Registry keeps what lies outside books: merchants and credentials, and the
// list of books. Its changes are few and are made by operators.
type Registry interface {
	// PutMerchant creates a merchant with its books, all or nothing.
	PutMerchant(ctx context.Context, m Merchant, books ...Book) error
	Merchants(ctx context.Context) ([]Merchant, error)
	// Merchant finds a merchant; nil if there is none.
	Merchant(ctx context.Context, id ID) (*Merchant, error)
	// Books lists books by their numbers.
	Books(ctx context.Context, q BookQuery) ([]Book, error)
	// LastBook is the highest number of a book; zero if there is none.
	LastBook(ctx context.Context) (BookID, error)
	// PutCredential creates or replaces a credential by its id.
	PutCredential(ctx context.Context, c Credential) error
	// ResealCredential keeps a credential's secret in another seal, and touches
	// nothing else of it.
	ResealCredential(ctx context.Context, room, name string, sealed []byte) error
	// Credential finds a credential; nil if there is none.
	Credential(ctx context.Context, room, name string) (*Credential, error)
	Credentials(ctx context.Context, merchant ID) ([]Credential, error)
	// EveryCredential goes through all credentials of all merchants.
	EveryCredential(ctx context.Context, do func(Credential) error) error
	// Awake lists the books whose row says that they want to be looked at, at or
	// before a moment of the clock on the wall.
	Awake(ctx context.Context, now ledger.Time, count int) ([]BookID, error)
	// Overdue lists the books with a timer that is due by the book's own time,
	// whatever their row says, when the clock on the wall says now.
	Overdue(ctx context.Context, now ledger.Time) ([]BookID, error)

	// AddPerson keeps a new person: Duplicate if somebody has the e-mail.
	AddPerson(ctx context.Context, p Person) error
	// ChangePerson makes one change to a person's row, as it then is, and keeps
	// it: the merchant, the e-mail and LastSeen stay. All are the people of the
	// person's merchant, as they then are. Of two changes to people of a merchant
	// at once one waits.
	ChangePerson(ctx context.Context, id ID, do func(p *Person, all []Person) error) (Person, error)
	// Person and PersonNamed find a person by id or e-mail; nil if there is none.
	Person(ctx context.Context, id ID) (*Person, error)
	PersonNamed(ctx context.Context, email string) (*Person, error)
	People(ctx context.Context, merchant ID) ([]Person, error)
	// StartSession keeps a session, SeeSession that it was used and until when it
	// now lasts, EndSession ends it if there is one. SessionOf is nil if there is
	// none.
	StartSession(ctx context.Context, s Session) error
	SeeSession(ctx context.Context, s Session) error
	EndSession(ctx context.Context, id string) error
	SessionOf(ctx context.Context, id string) (*Session, *Person, error)
	// CountTry counts a try under a name, and says how many there were since the
	// first, the count of which ends at until. ForgiveTry takes one back.
	CountTry(ctx context.Context, name string, now, until ledger.Time) (int64, error)
	ForgiveTry(ctx context.Context, name string) error
	// Sweep deletes sessions and counts of tries that have ended by now.
	Sweep(ctx context.Context, now ledger.Time) error
}
