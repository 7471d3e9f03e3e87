package console

import (
	"net/http"

	"wapas/desk"
)

func findPages() []page {
	return []page{{at: "GET /find", right: desk.RightSee, show: showFind}}
}

// A findPage is what somebody may mean who reads a text out.
type findPage struct {
	Text      string
	Refunds   []refundRow
	Payments  []foundPayment
	Orders    []desk.Order
	Customers []desk.Customer
	Payouts   []desk.Payout
	Members   []desk.Member
}

// None says whether nothing was found.
func (p findPage) None() bool {
	return len(p.Refunds)+len(p.Payments)+len(p.Orders)+len(p.Customers)+len(p.Payouts)+len(p.Members) == 0
}

// maxFinds is how many of each sort are shown.
const maxFinds = 25

// showFind finds what a text means. What has a page and is called by its id is
// shown at once.
func showFind(q *visit) error {
	p := findPage{Text: q.value("q")}
	if p.Text == "" {
		return q.show("find", "Find", p)
	}
	if to, ok := (&sheet{q: q}).place(desk.ID(p.Text)); ok {
		if there, err := q.isThere(desk.ID(p.Text)); err != nil {
			return err
		} else if there {
			http.Redirect(q.w, q.Request, to, http.StatusSeeOther)
			return nil
		}
	}
	f, err := q.desk().Find(q.Context(), q.book.ID, p.Text)
	if err != nil {
		return err
	}
	if p.Refunds, err = q.withPayments(cutTo(f.Refunds)); err != nil {
		return err
	}
	for _, x := range cutTo(f.Payments) {
		p.Payments = append(p.Payments, foundPayment{x, x.Budget().Left()})
	}
	p.Orders, p.Customers, p.Payouts, p.Members = cutTo(f.Orders), cutTo(f.Customers), cutTo(f.Payouts), cutTo(f.Members)
	return q.show("find", "Find", p)
}

func cutTo[R any](all []R) []R { return all[:min(len(all), maxFinds)] }

// kindsOf are the kinds of rows by the prefix of their ids.
var kindsOf = map[string]desk.Kind{
	"rfnd": desk.KindRefund, "pay": desk.KindPayment, "order": desk.KindOrder, "cust": desk.KindCustomer, "trf": desk.KindTransfer,
	"rvrsl": desk.KindReversal, "pout": desk.KindPayout, "setl": desk.KindSettlement, "setlod": desk.KindSettlement, "acc": desk.KindLinked,
	"iuser": desk.KindMember, "ientxn": desk.KindCredit, "agt": desk.KindAgent, "rmt": desk.KindRemittance, "exc": desk.KindException,
	"job": desk.KindJob, "prop": desk.KindProposal,
}

// isThere says whether this book has a thing.
func (q *visit) isThere(id desk.ID) (bool, error) {
	kind, known := kindsOf[id.Prefix()]
	if !known {
		return false, nil
	}
	r, err := q.desk().Store.Find(q.Context(), q.book.ID, kind, id)
	return r != nil, err
}
