package console

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"wapas/desk"
	"wapas/ledger"
)

func approvalPages() []page {
	return []page{
		{at: "GET /waiting/approvals/{id}", right: desk.RightSee, show: showApproval},
		{at: "POST /waiting/approvals/{id}", right: desk.RightAgree, show: decideApproval},
	}
}

func sortLines(lines []line) {
	slices.SortStableFunc(lines, func(x, y line) int { return cmp.Compare(x.Since, y.Since) })
}

// maxApprovals is how many of each sort are read: none waits longer than a day.
const maxApprovals = 200

// readApprovals are bookings and refunds that one person asked for, words that
// one person said of an order, and jobs whose start was asked for.
func readApprovals(q *visit) ([]line, error) {
	var lines []line
	bookings, _, err := oldest[desk.Booking](q, desk.Query{Where: map[string]string{"state": desk.BookingAsked}}, "", maxApprovals)
	if err != nil {
		return nil, err
	}
	for _, b := range bookings {
		lines = append(lines, approvalLine(b.ID, bookingTitle(b), b.Amount, cmp.Or(b.Of, desk.ID(b.Party)), b.By, q.written(b.Note), b.CreatedAt))
	}
	proposals, _, err := oldest[desk.Proposal](q, desk.Query{Where: map[string]string{"state": desk.ProposalAsked}}, "", maxApprovals)
	if err != nil {
		return nil, err
	}
	for _, p := range proposals {
		lines = append(lines, approvalLine(p.ID, "Refund", p.Amount, p.Payment, p.By, q.written(p.Note), p.CreatedAt))
	}
	jobs, _, err := oldest[desk.Job](q, desk.Query{Where: map[string]string{"state": desk.JobAsked}}, "", maxApprovals)
	if err != nil {
		return nil, err
	}
	for _, j := range jobs {
		l := approvalLine(j.ID, jobTitle(j), j.Left, "", j.Starter, q.written(j.Note), cmp.Or(j.CheckedAt, j.CreatedAt))
		l.Path = "jobs/" + string(j.ID)
		lines = append(lines, l)
	}
	words, err := wordLines(q)
	lines = append(lines, words...)
	sortLines(lines)
	return lines, err
}

func approvalLine(id desk.ID, what string, a ledger.Amount, of desk.ID, by, note string, at ledger.Time) line {
	says := by + " asks"
	if note != "" {
		says += ": " + note
	}
	return line{ID: id, Path: "waiting/approvals/" + string(id), What: what, Amount: a, Of: of, State: "asked", Says: says, Since: at, Do: "Look and decide"}
}

// wordLines are the orders that one person has ended and another is to confirm,
// one line each. A word that has expired is kept open until somebody speaks
// again, and is left out.
func wordLines(q *visit) ([]line, error) {
	words, _, err := oldest[desk.Word](q, desk.Query{Where: map[string]string{"state": "open"}}, "", maxApprovals)
	if err != nil {
		return nil, err
	}
	var lines []line
	now := q.now()
	for _, w := range words {
		if now >= w.ExpiresAt {
			continue
		}
		says := w.By + " says it " + map[string]string{"done": "went", "refused": "did not go", "returned": "came back"}[w.Outcome]
		if i := slices.IndexFunc(lines, func(l line) bool { return l.ID == w.Order }); i >= 0 {
			lines[i].Says += "; " + says
			continue
		}
		o, err := desk.Find[desk.RailOrder](q.Context(), q.desk(), q.book.ID, w.Order)
		if err != nil {
			return nil, err
		}
		l, err := q.orderLine(o, "Check and confirm")
		if err != nil {
			return nil, err
		}
		l.Says, l.Since = says, w.CreatedAt
		lines = append(lines, l)
	}
	return lines, nil
}

// bookingTitle is what a booking is called.
func bookingTitle(b desk.Booking) string {
	switch ledger.Reason(b.What) {
	case ledger.Adjusted:
		return "Correction by hand"
	case ledger.CompensationWaived:
		return "Let off a compensation"
	}
	return sentence(b.What)
}

// An approval is what one person asked for and another may agree to.
type approval struct {
	ID        desk.ID
	Title     string
	Amount    ledger.Amount
	State     string
	By, Note  string
	Second    string
	Reference string
	Facts     []fact // what else it is
	At, Ends  ledger.Time
	Open      bool
	Mine      bool         // who looks asked for it
	Entries   []entryLines // that agreeing would post
	Wrong     string       // why it could not be done now
	Declines  bool         // it may be declined
	Made      desk.ID
}

// A fact is a name and a value: a text, or an id with the way to it.
type fact struct {
	Name string
	Text string
	ID   desk.ID
}

// approvalLife is how long another person has.
const approvalLife = desk.WordLife

// approvalOf reads what was asked for, and what agreeing does.
func (q *visit) approvalOf(id desk.ID) (a approval, agree, decline func(ctx context.Context) error, err error) {
	a.ID = id
	if id.Prefix() == "prop" {
		p, err := desk.Find[desk.Proposal](q.Context(), q.desk(), q.book.ID, id)
		if err != nil {
			return a, nil, nil, err
		}
		a = approval{
			ID: id, Title: "Refund of " + rupees(p.Amount), Amount: p.Amount, State: p.State, By: p.By, Note: p.Note, Second: p.Second, Reference: p.Receipt,
			Facts: []fact{{Name: "Of payment", ID: p.Payment}, {Name: "Goes to", Text: destinationSays(p.To)}}, At: p.CreatedAt, Open: p.State == desk.ProposalAsked,
			Declines: true, Made: p.Refund,
		}
		if p.Again != "" {
			a.Facts = append(a.Facts, fact{Name: "Tries again", ID: p.Again})
		}
		agree = func(ctx context.Context) error {
			_, err := q.desk().AgreeRefund(ctx, q.book.ID, id, q.by())
			return err
		}
		decline = func(ctx context.Context) error {
			_, err := q.desk().DeclineRefund(ctx, q.book.ID, id, q.by())
			return err
		}
		return a, agree, decline, nil
	}
	b, err := desk.Find[desk.Booking](q.Context(), q.desk(), q.book.ID, id)
	if err != nil {
		return a, nil, nil, err
	}
	a = approval{
		ID: id, Title: bookingTitle(b) + ": " + rupees(b.Amount), Amount: b.Amount, State: b.State, By: b.By, Note: b.Note, Second: b.Second, Reference: b.Reference,
		At: b.CreatedAt, Open: b.State == desk.BookingAsked,
	}
	for _, f := range []struct {
		name    string
		account string
	}{{"Debits", b.Debit}, {"Credits", b.Credit}} {
		if f.account != "" {
			account := ledger.AccountID(f.account)
			a.Facts = append(a.Facts, fact{Name: f.name, Text: accountName(account), ID: desk.ID(account.Owner())})
		}
	}
	if b.Of != "" {
		a.Facts = append(a.Facts, fact{Name: "About", ID: b.Of})
	}
	agree = func(ctx context.Context) error {
		_, err := q.desk().Agree(ctx, q.book.ID, desk.Agreement{Booking: id, By: q.by()})
		return err
	}
	return a, agree, nil, nil
}

// destinationSays is where a refund goes, in words.
func destinationSays(to string) string {
	return map[string]string{desk.ToSource: "where it came from", desk.ToWallet: "the wallet that paid", desk.ToCredit: "store credit"}[to]
}

// showApproval shows what was asked for with the entries that it would make now.
func showApproval(q *visit) error {
	a, agree, _, err := q.approvalOf(q.id("id"))
	if err != nil {
		return err
	}
	a.Mine = strings.EqualFold(a.By, q.by())
	a.Ends = a.At.Add(approvalLife)
	if a.Open {
		tried, err := q.desk().Preview(q.Context(), func(ctx context.Context) error { return q.asAnother(a, agree)(ctx) })
		if e := problemIn(err); e != nil {
			a.Wrong = e.Title + ". " + e.Detail
		} else if err != nil {
			return err
		}
		a.Entries = entriesOf(tried.Entries)
	}
	return q.show("approval", a.Title, a)
}

// asAnother tries an agreement as another person than the one who asked, so
// that who asked sees as well what it will do. It is only ever tried.
func (q *visit) asAnother(a approval, agree func(ctx context.Context) error) func(ctx context.Context) error {
	if !a.Mine {
		return agree
	}
	return func(ctx context.Context) error {
		other := *q
		other.person.Email, other.person.ID = "somebody else", "somebody else"
		_, agree, _, err := other.approvalOf(a.ID)
		if err != nil {
			return err
		}
		return agree(ctx)
	}
}

// problemIn is a refusal in words; nil if there is none.
func problemIn(err error) *problem {
	e, ok := err.(*ledger.Error)
	if !ok || e.Code == ledger.Internal {
		return nil
	}
	return problemOf(e)
}

// decideApproval agrees to what was asked for, or declines it. Sent twice it is
// refused the second time, for then it is decided.
func decideApproval(q *visit) error {
	a, agree, decline, err := q.approvalOf(q.id("id"))
	if err != nil {
		return err
	}
	var said string
	switch what := q.value("do"); {
	case what == "agree":
		said = "You agreed, and it was done: " + a.Title + "."
		err = agree(q.Context())
	case what == "decline" && decline != nil:
		said = "You declined it, and it has ended: " + a.Title + "."
		err = decline(q.Context())
	default: // money moves on nobody's silence
		err = ledger.Refuse(ledger.Invalid, "do", "say whether you agree")
	}
	if q.refused(err) {
		return showApproval(q)
	}
	if err != nil {
		return err
	}
	return q.done("waiting/approvals/"+string(a.ID), "%s", said)
}
