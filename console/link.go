package console

import (
	"wapas/desk"
	"wapas/ledger"
)

func linkPages() []page {
	return []page{{at: "POST /refunds/{id}/link", right: desk.RightRefund, show: makeLink}}
}

// A linkPage is a link that a customer may be sent.
type linkPage struct {
	Refund desk.ID
	URL    string
	Until  ledger.Time
}

// makeLink makes a link to a refund's page for its customer. Nothing is kept of
// it, so that a form that is sent twice makes two that are as good; who made one
// is written down.
func makeLink(q *visit) error {
	l, err := q.desk().LinkTo(q.Context(), q.book.ID, q.id("id"), 0)
	if err != nil {
		return err
	}
	return q.show("link", "Link for the customer", linkPage{l.Refund, q.origin() + LinkBase + "/" + l.Token, l.Expires})
}
