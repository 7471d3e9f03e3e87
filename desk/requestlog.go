package desk

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"wapas/ledger"
)

// A RequestRow is a call of an API that came in, and what was answered. Path and
// bodies were masked before they come here (package mask), and the bodies are
// cut at MaxLogged bytes; headers are not kept at all.
type RequestRow struct {
	ID          ID     // req_: see RequestRowID
	Request     string // the request's id, as the caller and the log know it
	Book        BookID
	Room        string
	Method      string
	Path        string // with its query, masked
	Status      int64
	Took        time.Duration
	Caller      string // the name of the credential
	ContentType string // of the request
	Body        string
	Answer      string
	About       ID          // the first id of ours in the answer, or else in the path
	Ref         string      // the first id of ours in the path if that is another, or else the caller's own name for it
	At          ledger.Time // of the wall's clock
}

// MaxLogged is how many bytes of a body are kept.
const MaxLogged = 8 << 10

// RequestRowID is the id of a row about a moment of the wall's clock. Ids sort
// by that; what comes after it is up to chance.
func RequestRowID(at ledger.Time, chance string) ID {
	return ID(fmt.Sprintf("req_%014x%s", int64(at), chance))
}

// A RequestQuery asks for a page of requests, the newest first. Zero fields do
// not filter.
type RequestQuery struct {
	Book   BookID
	Room   string
	About  ID    // About or Ref is this
	Class  int64 // 4 asks for 4xx
	Before ID    // behind a row that was read before
	From   ledger.Time
	To     ledger.Time
	Count  int // a hundred if zero
}

// A Logbook keeps what is known of requests. It lies beside the books, as a
// Postbox does.
type Logbook interface {
	// KeepRequests writes rows of one book down.
	KeepRequests(ctx context.Context, book BookID, rows []RequestRow) error
	// Requests reads a page.
	Requests(ctx context.Context, q RequestQuery) ([]RequestRow, error)
	// Request reads the row with an id, or the newest of a request's id; nil if
	// there is none.
	Request(ctx context.Context, book BookID, id string) (*RequestRow, error)
	// OldRequests lists the books with rows from before a moment of the wall's clock.
	OldRequests(ctx context.Context, before ledger.Time) ([]BookID, error)
	// PruneRequests deletes rows from before a moment of the wall's clock, and
	// the oldest beyond most rows: up to count of them. It says how many went.
	PruneRequests(ctx context.Context, book BookID, before ledger.Time, most, count int) (int64, error)
}

// Requests are calls to a book that were kept, the newest first. What a server
// keeps, and for how long, is its --request-log.
func (d *Desk) Requests(ctx context.Context, q RequestQuery) ([]RequestRow, error) {
	return d.Store.Requests(ctx, q)
}

// Request is one by its row's id or by the request's own: NotFound
// (WhyUnknownID) if it was not kept.
func (d *Desk) Request(ctx context.Context, book BookID, id string) (RequestRow, error) {
	if strings.ContainsRune(id, 0) || len(id) > 128 {
		return RequestRow{}, ledger.Refuse(ledger.NotFound, WhyUnknownID, "no such request").In("request_id")
	}
	r, err := d.Store.Request(ctx, book, id)
	switch {
	case err != nil:
		return RequestRow{}, err
	case r == nil:
		return RequestRow{}, ledger.Refuse(ledger.NotFound, WhyUnknownID, "%s", id).In("request_id")
	}
	return *r, nil
}

// A Visit is what becomes known of a request on its way in: the credential that
// it showed. Whether the credential was good the answer says. From is the
// address that it comes from, which the server says.
type Visit struct {
	From   string
	Book   BookID
	Mode   Mode
	Caller string
}

type visitKey struct{}

// Visiting gives the context a Visit, which Identify, and all that lets callers
// in by it, fills.
func Visiting(ctx context.Context, v *Visit) context.Context {
	return context.WithValue(ctx, visitKey{}, v)
}

// noted fills the context's Visit, if there is one.
func noted(ctx context.Context, c Caller) {
	if v, ok := ctx.Value(visitKey{}).(*Visit); ok {
		v.Book, v.Mode, v.Caller = c.Book, c.Mode, c.Name
	}
}

// idForm is what an id looks like. Words of our own that do are all in small
// letters, which no id of this century is.
var idForm = regexp.MustCompile(`^[a-z]{2,10}_[0-9A-Z][0-9A-Za-z]{13}$`)

// IsID says whether a text looks like the id of a thing.
func IsID(text string) bool { return idForm.MatchString(text) }
