package console

import (
	"context"
	"encoding/json"
	"fmt"

	"wapas/desk"
	"wapas/ledger"
	"wapas/rail"
)

// A newRefund is the page on which a refund is made: a payment is found, then it
// is said how much goes where, then it is shown what that does to the books.
type newRefund struct {
	Query string // what was searched for
	Found []foundPayment

	Payment   *desk.Payment // the one that was chosen
	Budget    budgetView
	Also      []desk.Refund // its refunds
	Transfers []desk.Transfer
	InPart    ledger.Amount // of Transfers: what may be pulled back
	Again     *desk.Refund  // the refund that failed, which this one tries again
	Ways      []refundWay
	Instant   bool        // it may go fast
	Fee       ledger.Rate // of that
	Limited   bool
	Alone     ledger.Amount // if so: what this person may still give back of it alone
	Outcomes  []string      // of the simulated rail; test books only

	Preview *refundPreview
}

// All is what is left of the payment, as a form is filled with it.
func (p newRefund) All() string { return p.Budget.Left().String() }

// A foundPayment is a payment that may be meant.
type foundPayment struct {
	desk.Payment
	Left ledger.Amount
}

// A refundWay is a destination, or why it is none.
type refundWay struct {
	To, Name, Small string
	No              string // why not
}

// A refundPreview is what a refund would do.
type refundPreview struct {
	Asked   desk.ManualRefund
	Reason  string
	Refund  desk.Refund
	Entries []entryLines
	Left    ledger.Amount // of the payment, after it
	Two     bool          // another person has to agree first
	Fields  [][2]string   // what was sent, to be sent again
}

// refundFields are what the form sends.
var refundFields = []string{"payment", "again", "amount", "to", "speed", "reverse_all", "reason", "reference", "outcome", "partner", "contact", "email", "consent"}

func showNewRefund(q *visit) error {
	p, err := q.newRefund()
	if err != nil {
		return err
	}
	title := "Make a refund"
	if p.Again != nil {
		title = "Try a refund again"
	}
	return q.show("newrefund", title, p)
}

// newRefund reads what the page needs: of a payment that is known, or of those
// that may be meant.
func (q *visit) newRefund() (p newRefund, err error) {
	p.Query = q.value("q")
	id := desk.ID(q.value("payment"))
	if again := q.value("again"); again != "" {
		r, err := desk.Find[desk.Refund](q.Context(), q.desk(), q.book.ID, desk.ID(again))
		if err != nil {
			return p, err
		}
		p.Again, id = &r, r.Payment
	}
	if id == "" {
		if p.Query == "" {
			return p, nil
		}
		f, err := q.desk().Find(q.Context(), q.book.ID, p.Query)
		if err != nil {
			return p, err
		}
		all := f.Payments
		for _, r := range f.Refunds { // whoever reads a refund out means its payment
			if r.Payment == "" || containsRow(all, r.Payment) {
				continue
			}
			x, err := desk.Find[desk.Payment](q.Context(), q.desk(), q.book.ID, r.Payment)
			if err != nil {
				return p, err
			}
			all = append(all, x)
		}
		for _, x := range all[:min(len(all), perPage)] {
			p.Found = append(p.Found, foundPayment{x, x.Budget().Left()})
		}
		return p, nil
	}
	x, err := desk.Find[desk.Payment](q.Context(), q.desk(), q.book.ID, id)
	if err != nil {
		return p, err
	}
	return p, q.choose(&p, x)
}

func containsRow[R desk.Row](all []R, id desk.ID) bool {
	for _, r := range all {
		if r.RowID() == id {
			return true
		}
	}
	return false
}

// choose reads what is to be known of a payment before it is given back.
func (q *visit) choose(p *newRefund, x desk.Payment) (err error) {
	p.Payment = &x
	if p.Budget, p.Also, err = q.budgetOf(x); err != nil {
		return err
	}
	if p.Transfers, err = desk.List[desk.Transfer](q.Context(), q.desk(), desk.Query{Book: q.book.ID, Parent: x.ID, Count: maxWays, Oldest: true}); err != nil {
		return err
	}
	for _, t := range p.Transfers {
		p.InPart += t.Left()
	}
	terms, err := q.desk().Terms(q.Context(), q.book.ID)
	if err != nil {
		return err
	}
	if !q.person.May(desk.RightRefundAny) && terms.TwoPeopleAbove > 0 {
		given, err := q.desk().GivenByHand(q.Context(), q.book.ID, x.ID)
		if err != nil {
			return err
		}
		p.Limited, p.Alone = true, max(0, terms.TwoPeopleAbove-given)
	}
	p.Instant, p.Fee = x.MayGoInstantly(), terms.Instant()
	if q.book.Mode == desk.Test {
		p.Outcomes = rail.Scenarios
	}
	programme, err := q.desk().Programme(q.Context(), q.book.ID)
	if err != nil {
		return err
	}
	p.Ways = waysOf(x, p.Again, programme)
	return nil
}

// waysOf are the destinations of a payment's refund.
func waysOf(x desk.Payment, again *desk.Refund, programme desk.Programme) []refundWay {
	back := refundWay{To: x.CameFrom(), Name: "The way it was paid", Small: "Through the payment's provider. It takes some days."}
	if back.To == desk.ToWallet {
		back = refundWay{To: desk.ToWallet, Name: "The wallet that paid", Small: "At once."}
	}
	if !x.Captured && (again == nil || !again.Unsettled) {
		back.No = "The payment is not captured, so there is nothing to give back."
	}
	credit := refundWay{To: desk.ToCredit, Name: "Store credit instead", Small: "At once, with the customer's consent."}
	switch {
	case programme.Type == desk.GiftProgramme:
		credit.No = "The store credit of this book is for gifts, and takes no refunds."
	case !programme.CountsOrders:
		credit.No = "Store credit does not count against payments here. An admin sets that in the programme."
	case x.Order == "":
		credit.No = "The payment is of no order, which credit counts against."
	case !x.Captured:
		credit.No = "The payment is not captured."
	}
	return []refundWay{back, credit}
}

// makeRefund takes what the form says: first it shows what would happen, then it
// makes it happen, or asks another person to agree.
func makeRefund(q *visit) error {
	p, err := q.newRefund()
	if err != nil {
		return err
	}
	if p.Payment == nil {
		return q.show("newrefund", "Make a refund", p)
	}
	ask, reason, err := q.manualRefund(p)
	if err == nil && q.value("step") == "do" {
		var path, said string
		if path, said, err = q.giveBack(ask, reason); err == nil {
			return q.done(path, "%s", said)
		}
	}
	if err == nil && q.value("step") != "edit" {
		p.Preview, err = q.tryRefund(p, ask, reason)
	}
	if err != nil && !q.refused(err) {
		return err
	}
	title := "Make a refund"
	if p.Preview != nil {
		title = "Give back " + rupees(ask.Amount) + "?"
	}
	return q.show("newrefund", title, p)
}

// manualRefund is what the form asks for.
func (q *visit) manualRefund(p newRefund) (ask desk.ManualRefund, reason string, err error) {
	ask = desk.ManualRefund{
		Payment: p.Payment.ID, To: q.value("to"), Speed: q.value("speed"), Receipt: q.value("reference"), ReverseAll: q.value("reverse_all") != "",
		Partner: q.value("partner"), Email: q.value("email"),
	}
	if ask.To == "" {
		ask.To = p.Payment.CameFrom()
	}
	if p.Again != nil {
		ask.Again, ask.Amount = p.Again.ID, p.Again.Amount
	} else if ask.Amount, err = q.amount("amount"); err != nil {
		return ask, "", err
	}
	if q.book.Mode == desk.Test && ask.To == desk.ToSource {
		ask.Outcome = q.value("outcome")
	}
	reason = q.value("reason")
	labels := map[string]string{"reason": reason}
	if reason == "" || len([]rune(reason)) > 200 {
		return ask, reason, ledger.Refuse(ledger.Invalid, "reason", "say why, in at most 200 characters").In("reason")
	}
	if ask.To == desk.ToCredit {
		if q.value("consent") == "" {
			return ask, reason, ledger.Refuse(ledger.Invalid, "consent", "money goes another way only if the customer agrees").In("consent")
		}
		labels["consent"] = "the customer agreed to store credit"
		ask.Contact, _ = desk.IndianMobile(q.value("contact"))
		ask.Speed, ask.ReverseAll = "", false
		if ask.Receipt == "" {
			ask.Receipt = "console-" + q.key()
		}
	}
	text, err := json.Marshal(labels)
	ask.Notes = desk.Notes(text)
	return ask, reason, err
}

// takesTwo says whether this person needs another one for a refund. What people
// have given back of the payment already counts, or else many small refunds
// would go round the limit.
func (q *visit) takesTwo(ask desk.ManualRefund) (bool, error) {
	terms, err := q.desk().Terms(q.Context(), q.book.ID)
	if err != nil || !q.person.MayRefund(ask.Amount, terms) || q.person.May(desk.RightRefundAny) {
		return !q.person.MayRefund(ask.Amount, terms), err
	}
	given, err := q.desk().GivenByHand(q.Context(), q.book.ID, ask.Payment)
	return !q.person.MayRefund(ask.Amount.Add(given), terms), err
}

// giveBack makes the refund or the proposal of one, once for the form's key. It
// says where to look at it.
func (q *visit) giveBack(ask desk.ManualRefund, reason string) (path, said string, err error) {
	alone := ledger.Amount(0)
	if !q.person.May(desk.RightRefundAny) {
		terms, err := q.desk().Terms(q.Context(), q.book.ID)
		if err != nil {
			return "", "", err
		}
		alone = terms.TwoPeopleAbove
	}
	made, err := q.desk().GiveBack(q.Context(), q.book.ID, q.once(ask, reason), desk.ProposalRequest{ManualRefund: ask, By: q.by(), Note: reason, Alone: alone})
	switch r := made.(type) {
	case desk.Proposal:
		return "waiting/approvals/" + string(r.ID), rupees(ask.Amount) + " were asked for. Nothing moves until somebody else agrees.", err
	case desk.Refund:
		said = fmt.Sprintf("%s are on their way back.", rupees(ask.Amount))
		if r.State == "done" {
			said = fmt.Sprintf("%s were given back.", rupees(ask.Amount))
		}
		return "refunds/" + string(r.ID), said, err
	}
	return "", "", err
}

// tryRefund is what a refund would do now.
func (q *visit) tryRefund(p newRefund, ask desk.ManualRefund, reason string) (*refundPreview, error) {
	v := &refundPreview{Asked: ask, Reason: reason}
	var err error
	if v.Two, err = q.takesTwo(ask); err != nil {
		return nil, err
	}
	if err := v.try(q); err != nil {
		return nil, err
	}
	for _, name := range refundFields {
		if val := q.value(name); val != "" {
			v.Fields = append(v.Fields, [2]string{name, val})
		}
	}
	return v, nil
}

// try fills in what would be done.
func (v *refundPreview) try(q *visit) error {
	tried, err := q.desk().Preview(q.Context(), func(ctx context.Context) (err error) {
		v.Refund, err = q.desk().RefundByHand(ctx, q.book.ID, desk.Once{}, v.Asked)
		return err
	})
	if err != nil {
		return err
	}
	v.Entries = entriesOf(tried.Entries)
	for i := range v.Entries {
		v.Entries[i].No = 0 // it has none yet
	}
	for _, r := range tried.Rows {
		if x, ok := r.(desk.Payment); ok && x.ID == v.Asked.Payment {
			v.Left = x.Budget().Left()
		}
	}
	return nil
}
