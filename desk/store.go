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

	// Accounts reads balances. An account without postings is at zero.
	Accounts(ids ...ledger.AccountID) (ledger.Accounts, error)
	// Record appends an entry to the books with its lines, which
	// ledger.Accounts.Apply worked out together with after. It numbers the
	// entry without gaps and returns the number.
	Record(e Entry, lines []ledger.Line, after ledger.Accounts) int64
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

// A Reader answers questions without waiting for a change. What it answers was
// true a moment ago.
type Reader interface {
	// Find reads one row; nil if there is none.
	Find(ctx context.Context, book BookID, kind Kind, id ID) (Row, error)
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
	// EventsOf reads a page of the events that are about a row first of all,
	// Query.Parent.
	EventsOf(ctx context.Context, q Query) ([]Event, error)
	// Balances reads the balances of accounts, all of the book if none is named.
	Balances(ctx context.Context, book BookID, ids ...ledger.AccountID) (ledger.Accounts, error)
	// Due reads up to count timers of a book that are due at a moment of the
	// book's time, the oldest first.
	Due(ctx context.Context, book BookID, at ledger.Time, count int) ([]Timer, error)
	// Book reads a book's own row.
	Book(ctx context.Context, book BookID) (Book, error)
	// Check does what Ping does and also compares the schema with the program's.
	Check(ctx context.Context) error
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
}

// A Registry keeps what lies outside books: merchants and credentials, and the
// list of books. Its changes are few and are made by operators.
type Registry interface {
	// PutMerchant creates a merchant with its books, all or nothing.
	PutMerchant(ctx context.Context, m Merchant, books ...Book) error
	Merchants(ctx context.Context) ([]Merchant, error)
	Books(ctx context.Context) ([]Book, error)
	// PutCredential creates or replaces a credential by its id.
	PutCredential(ctx context.Context, c Credential) error
	// Credential finds a credential; nil if there is none.
	Credential(ctx context.Context, room, name string) (*Credential, error)
	Credentials(ctx context.Context, merchant ID) ([]Credential, error)
	// Awake lists the books with a timer due at or before a moment of the
	// clock on the wall.
	Awake(ctx context.Context, now ledger.Time, count int) ([]BookID, error)
}
