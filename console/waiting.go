package console

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"wapas/desk"
	"wapas/ledger"
	"wapas/rail"
)

func waitingPages() []page {
	return slices.Concat([]page{
		{at: "GET /waiting", right: desk.RightSee, show: showWaiting},
	}, railOrderPages(), sheetPages(), approvalPages(), exceptionPages())
}

// A wait is one sort of what waits for a person: how it is called, what it means
// and what is to be done about it. Of what there may be much, rows are counted
// and read a page at a time; the rest is read whole.
type wait struct {
	Name, Short string
	Title, Text string
	rows        desk.Query
	page        func(q *visit, after string, n int) (lines []line, older string, err error)
	all         func(q *visit) ([]line, error)
}

// waits are all sorts, those first that hurt most.
var waits = []wait{
	{Name: "unknown", Short: "Unknown", Title: "Nobody knows whether it moved", Text: "The rail gave no clear answer. Find out from the bank or the provider, then record it. Never send it again.", rows: unknownOrders, page: readUnknown},
	{Name: "failed", Short: "Failed", Title: "Refunds that failed", Text: "The customer does not have the money, and nothing else has given it back since. Try again, or give it back another way.", all: readFailed},
	{Name: "late", Short: "Late", Title: "Taking too long", Text: "The rail has had these for a week or more. Ask the provider about them.", rows: openExceptions(desk.ExceptionPending), page: readLate},
	{Name: "exceptions", Short: "Unexpected", Title: "Something unexpected", Text: "Read what happened, look at what it is about, and close it with a note.", all: readExceptions},
	{Name: "approvals", Short: "Approvals", Title: "Waiting for a second person", Text: "Somebody asked for it. Another person must agree within a day, or it ends.", all: readApprovals},
	{Name: "by_hand", Short: "By hand", Title: "To be paid by hand", Text: "No rail carries these. Send the money through your bank, then record what became of it.", rows: manualOrders, page: readManual},
}

// A line is one thing that waits.
type line struct {
	ID     desk.ID
	Path   string // where it is dealt with, below the book's
	What   string
	Amount ledger.Amount
	Of     desk.ID // whose it is: a payment, a customer, what an exception is about
	Who    string  // a phone number, or what else is known of them
	State  string
	Says   string // how it stands, in a few words
	Since  ledger.Time
	Do     string // what to do
}

// A waitTab is a sort with how much of it waits.
type waitTab struct {
	wait
	N     int
	Count string // "" for none
	Here  bool
	Lines []line
	Older string
}

// maxWaits is how far badges count.
const maxWaits = desk.MaxWaits

// fewLines is how many of each sort the page of all sorts shows.
const fewLines = 6

type waitingPage struct {
	Tabs  []waitTab
	All   string // the badge of all
	Kind  string
	None  bool
	Deep  bool
	Hands bool // somebody has to pay by hand, or may have to
}

// showWaiting is the inbox: all sorts with the oldest of each, or one of them.
func showWaiting(q *visit) error {
	p := waitingPage{Kind: q.value("sort"), None: true, Deep: q.value("after") != ""}
	known := slices.ContainsFunc(waits, func(w wait) bool { return w.Name == p.Kind })
	if !known {
		p.Kind = ""
	}
	sum := 0
	for _, w := range waits {
		t := waitTab{wait: w, Here: w.Name == p.Kind}
		if err := t.read(q, p.Kind); err != nil {
			return err
		}
		sum += t.N
		p.None = p.None && len(t.Lines) == 0
		p.Tabs = append(p.Tabs, t)
	}
	p.All, p.Hands = badge(sum), p.Tabs[len(p.Tabs)-1].N > 0 || q.book.Mode == desk.Live
	return q.show("waiting", "Waiting", p)
}

// read counts a sort, and reads what of it is shown: a page if it is the one
// that was asked for, a few if all were.
func (t *waitTab) read(q *visit, kind string) (err error) {
	shown, n, after := kind == "" || t.Here, fewLines, ""
	if t.Here {
		n, after = perPage, q.value("after")
	}
	if t.all != nil {
		lines, err := t.all(q)
		if t.N, t.Count = len(lines), badge(len(lines)); shown {
			if t.Lines = lines; !t.Here {
				t.Lines = lines[:min(len(lines), n)]
			}
		}
		return err
	}
	if t.N, err = q.countOf(t.rows); err != nil {
		return err
	}
	if t.Count = badge(t.N); shown && t.N > 0 {
		t.Lines, t.Older, err = t.page(q, after, n)
	}
	return err
}

// badge is a count that ends somewhere.
func badge(n int) string {
	switch {
	case n == 0:
		return ""
	case n > maxWaits:
		return count(maxWaits) + "+"
	}
	return count(n)
}

// What the sorts are found by.
var (
	unknownOrders = desk.Query{Kind: desk.KindRailOrder, Where: map[string]string{"state": "unknown"}}
	manualOrders  = desk.Query{Kind: desk.KindRailOrder, Where: map[string]string{"rail": desk.ManualRail, "ended_at": "0"}}
)

func openExceptions(what string) desk.Query {
	return desk.Query{Kind: desk.KindException, Where: map[string]string{"what": what, "closed_at": "0"}}
}

// countOf counts what a query finds, as far as badges go.
func (q *visit) countOf(query desk.Query) (int, error) {
	query.Book, query.Count = q.book.ID, maxWaits+1
	return q.desk().Store.Count(q.Context(), query)
}

// oldest reads a page of rows, the oldest first, behind one.
func oldest[R desk.Row](q *visit, query desk.Query, after string, n int) (rows []R, older string, err error) {
	query.Book, query.Oldest, query.After, query.Count = q.book.ID, true, after, n+1
	rows, err = desk.List[R](q.Context(), q.desk(), query)
	if len(rows) > n {
		rows, older = rows[:n], string(rows[n-1].RowID())
	}
	return rows, older, err
}

func readUnknown(q *visit, after string, n int) ([]line, string, error) {
	return q.orderLines(unknownOrders, after, n, "Find out")
}

func readManual(q *visit, after string, n int) ([]line, string, error) {
	return q.orderLines(manualOrders, after, n, "Pay and record")
}

// orderLines are orders of rails.
func (q *visit) orderLines(query desk.Query, after string, n int, do string) ([]line, string, error) {
	orders, older, err := oldest[desk.RailOrder](q, query, after, n)
	if err != nil {
		return nil, "", err
	}
	lines := make([]line, len(orders))
	for i, o := range orders {
		if lines[i], err = q.orderLine(o, do); err != nil {
			return nil, "", err
		}
	}
	slices.SortStableFunc(lines, func(x, y line) int { return cmp.Compare(x.Since, y.Since) })
	return lines, older, nil
}

func (q *visit) orderLine(o desk.RailOrder, do string) (line, error) {
	who, err := q.whose(o.Of)
	l := line{
		ID: o.ID, Path: "waiting/orders/" + string(o.ID), What: o.What, Amount: o.Amount, Of: o.Of, Who: cmp.Or(who, o.To), State: o.State,
		Says: orderSays(o), Since: cmp.Or(o.SentAt, o.CreatedAt), Do: do,
	}
	return l, err
}

// orderSays is how an order stands, in a few words.
func orderSays(o desk.RailOrder) string {
	switch {
	case o.State == "waiting":
		return "is about to be sent"
	case o.Rail == desk.ManualRail && o.Sheet != "" && o.EndedAt == 0:
		return "handed out on " + short(o.Sheet)
	case o.Rail == desk.ManualRail && o.EndedAt == 0:
		return "not handed out yet"
	case o.State == "unknown" && o.Code != "":
		return fmt.Sprintf("%s; asked %s", codeSays(o.Code), again(o.Asked-1))
	case o.State == "unknown":
		return "asked " + again(o.Asked-1)
	}
	return ""
}

// again says how often.
func again(n int64) string {
	switch {
	case n <= 0:
		return "once, when it was sent"
	case n == 1:
		return "again once"
	}
	return "again " + count(n) + " times"
}

// whose is a phone number, an e-mail or a name of who a thing is of.
func (q *visit) whose(id desk.ID) (string, error) {
	switch id.Prefix() {
	case "pay":
		p, err := findIf[desk.Payment](q, id)
		if err != nil || p == nil {
			return "", err
		}
		return cmp.Or(p.Contact, p.Email, p.VPA), nil
	case "cust":
		c, err := findIf[desk.Customer](q, id)
		if err != nil || c == nil {
			return "", err
		}
		return cmp.Or(c.Contact, c.Email), nil
	}
	return "", nil
}

// findIf is a row of this book; nil if there is none.
func findIf[R desk.Row](q *visit, id desk.ID) (*R, error) {
	r, err := desk.Find[R](q.Context(), q.desk(), q.book.ID, id)
	if ledger.CodeOf(err) == ledger.NotFound {
		return nil, nil
	}
	return &r, err
}

// Failed refunds stay in the list for as long as nothing else has given their
// money back, and no longer than this: what is older, somebody has dealt with.
const failedFor = 30 * 24 * time.Hour

// failedLook is how many failed refunds are looked at, the newest first.
const failedLook = 100

func readFailed(q *visit) ([]line, error) {
	all, err := desk.List[desk.Refund](q.Context(), q.desk(), desk.Query{Book: q.book.ID, Where: map[string]string{"state": "failed"}, Count: failedLook})
	if err != nil {
		return nil, err
	}
	since := q.now().Add(-failedFor)
	var lines []line
	for _, r := range all {
		if r.CreatedAt < since {
			break
		}
		p, open, err := q.stillOwed(r)
		if err != nil {
			return nil, err
		}
		if open {
			lines = append(lines, line{
				ID: r.ID, Path: "refunds/" + string(r.ID), What: "refund", Amount: r.Amount, Of: r.Payment, Who: cmp.Or(p.Contact, p.Email, p.VPA), State: r.State,
				Says: r.Reason, Since: r.CreatedAt, Do: "Try again",
			})
		}
	}
	slices.Reverse(lines)
	return lines, nil
}

// stillOwed says whether the money of a refund that failed has not gone back
// another way: there is that much left of the payment, and no refund after it
// tries it again or gives as much.
func (q *visit) stillOwed(r desk.Refund) (p desk.Payment, open bool, err error) {
	if p, err = desk.Find[desk.Payment](q.Context(), q.desk(), q.book.ID, r.Payment); err != nil || p.Budget().Left() < r.Amount {
		return p, false, err
	}
	others, err := desk.List[desk.Refund](q.Context(), q.desk(), desk.Query{Book: q.book.ID, Parent: r.Payment, Count: 50})
	return p, !slices.ContainsFunc(others, func(o desk.Refund) bool {
		return o.State != "failed" && o.ID > r.ID && o.Amount >= r.Amount
	}), err
}

func readLate(q *visit, after string, n int) ([]line, string, error) {
	all, older, err := oldest[desk.Exception](q, openExceptions(desk.ExceptionPending), after, n)
	if err != nil {
		return nil, "", err
	}
	lines := make([]line, 0, len(all))
	for _, e := range all {
		o, err := findIf[desk.RailOrder](q, e.Subject)
		if err != nil {
			return nil, "", err
		}
		if o == nil {
			lines = append(lines, q.exceptionLine(e))
			continue
		}
		l, err := q.orderLine(*o, "Look into it")
		if err != nil {
			return nil, "", err
		}
		l.Says = "with the rail " + o.Rail
		lines = append(lines, l)
	}
	return lines, older, nil
}

// railWords say what rails mean by a code, where the code is not plain enough.
var railWords = map[string]string{
	rail.CodeTimeout: "no answer in time", rail.CodeFault: "the rail was broken", rail.CodeReturned: "it came back", rail.CodeHold: "the rail waits for somebody",
	rail.CodeTechnical: "a fault at the bank", rail.CodeCreditFailed: "the bank could not credit the account", rail.CodeInvalidVPA: "there is no such VPA, or no longer",
	rail.CodeNotFound: "there is no such account", rail.CodeWindow: "the payment is too old",
}

func codeSays(code string) string { return cmp.Or(railWords[code], plain(code)) }
