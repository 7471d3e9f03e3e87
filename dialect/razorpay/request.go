package razorpay

import (
	"net/http"
	"strings"

	"wapas/desk"
	"wapas/dialect"
	"wapas/ledger"
)

// A request is what a handler is given: the caller is known and the ids in the
// path look like ids. The query and the body are read when they are asked for.
type request struct {
	*http.Request
	room   *room
	w      http.ResponseWriter
	caller desk.Caller
	ids    map[string]string
	// linked is the linked account that the caller speaks for, if any:
	// X-Razorpay-Account.
	linked desk.ID
}

// book is the caller's.
func (q *request) book() desk.BookID { return q.caller.Book }

// id is the id in the path under its name in the route: "pay", "trf"…
func (q *request) id(name string) desk.ID { return desk.ID(q.ids[name]) }

// bare are the ids that have no prefix; words are no ids at all.
var (
	bare  = map[string]bool{"webhook": true}
	words = map[string]bool{"product_name": true}
)

// checkID says whether value looks like an id with this prefix: the prefix, an
// underscore and 14 letters and digits. The refusal prints the value without
// its prefix, as the vendor does.
func checkID(value, prefix string) error {
	if words[prefix] {
		return nil
	}
	rest, ok := value, true
	if !bare[prefix] {
		if rest, ok = strings.CutPrefix(value, prefix+"_"); !ok {
			if _, after, found := strings.Cut(value, "_"); found {
				rest = after
			}
		}
	}
	if ok && len(rest) == 14 && strings.IndexFunc(rest, notBase62) < 0 {
		return nil
	}
	return ledger.Refuse(ledger.Invalid, whyNotAnID, "%s", dialect.Shorten(rest, 64))
}

func notBase62(r rune) bool {
	return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}
