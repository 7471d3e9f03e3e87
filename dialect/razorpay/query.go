package razorpay

import (
	"slices"
	"strconv"
	"strings"

	"wapas/desk"
	"wapas/dialect"
	"wapas/ledger"
)

// query reads the query string as fields. Clients add parameters of their own,
// so handlers ask for its fault (see fault) and not for done.
func (q *request) query() *fields {
	f := newFields(nil)
	o, err := dialect.ParseForm(q.URL.RawQuery)
	if err != nil {
		return f.refuse(ledger.Refuse(ledger.Invalid, whySyntax, "%s", dialect.Shorten(q.URL.RawQuery, 100)))
	}
	f.obj = o
	return f
}

// err is the fault, without a look at fields that nobody asked for.
func (f *fields) err() error { return *f.fault }

// The limits of pages.
const (
	usualPage = 10
	maxPage   = 100
)

// page reads from, to, count and skip: which page of a list is wanted. The
// handler adds what else it filters by.
func (q *request) page() (desk.Query, error) { return q.pageOf(maxPage) }

// pageOf is page where more than the usual hundred may be asked for at once.
func (q *request) pageOf(max int) (desk.Query, error) {
	f := q.query()
	p := desk.Query{Book: q.book(), Count: usualPage}
	if n, ok := f.integer("count"); ok {
		switch {
		case n < 1:
			f.refuseIn("count", whyAtLeast, "1")
		case n > int64(max):
			f.refuseIn("count", whyAtMost, strconv.Itoa(max))
		}
		p.Count = int(n)
	}
	if n, ok := f.integer("skip"); ok {
		switch {
		case n < 0:
			f.refuseIn("skip", whyAtLeast, "0")
		case n > maxSkip:
			f.refuseIn("skip", whyAtMost, strconv.Itoa(maxSkip))
		}
		p.Skip = int(n)
	}
	p.From, _ = f.time("from")
	p.To, _ = f.time("to")
	return p, f.err()
}

// maxSkip bounds how far into a list a page may lie.
const maxSkip = 1_000_000_000

// An expansion is what the caller wants to see in full.
type expansion map[string]bool

// expand reads what is to be expanded, in every spelling that clients are known
// to send: expand[]=x, expand=x, expand[0]=x, expand[expand]=x,
// expand[expand][0]=x, and Go's expand[]=[x y]. Kinds are those that the
// refusal lists; also are taken without being listed.
func (q *request) expand(kinds []string, also ...string) (expansion, error) {
	f := q.query()
	asked := expansion{}
	at := 0
	var walk func(v value)
	walk = func(v value) {
		switch v := v.(type) {
		case text:
			for word := range strings.FieldsSeq(strings.Trim(string(v), "[]")) {
				if !slices.Contains(kinds, word) && !slices.Contains(also, word) {
					f.refuseIn("expand."+strconv.Itoa(at), whyExpand, strings.Join(kinds, ", "))
				}
				asked[word] = true
				at++
			}
		case *object:
			for _, k := range v.Keys {
				walk(v.Vals[k])
			}
		}
	}
	walk(f.value("expand"))
	return asked, f.err()
}
