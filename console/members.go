package console

import (
	"strings"

	"wapas/desk"
	"wapas/ledger"
)

func memberPages() []page {
	return []page{
		{at: "GET /members", right: desk.RightSee, show: showMembers},
		{at: "GET /members/{id}", right: desk.RightSee, show: showMember},
		{at: "POST /members/{id}/freeze", right: desk.RightFreeze, show: freezeMember},
		{at: "GET /credits/{id}", right: desk.RightSee, show: showCredit},
	}
}

// A memberRow is a member with what is held.
type memberRow struct {
	desk.Member
	Holds ledger.Amount
}

// showMembers is the list of members, of those that are frozen, or of whom a
// text names.
func showMembers(q *visit) error {
	filters := []filter{q.text("who", "Their name with you, phone, e-mail or id"), q.choice("credit", "Credit", "frozen")}
	page := listed[desk.Member]{Filters: filters}
	var err error
	switch {
	case filters[0].Value != "":
		page.Rows, err = q.membersCalled(filters[0].Value)
	case filters[1].Value != "":
		page, err = rowsOf[desk.Member](q, desk.Query{Where: map[string]string{"frozen": "true"}}, filters...)
	default:
		page, err = rowsOf[desk.Member](q, desk.Query{}, filters...)
	}
	if err != nil {
		return err
	}
	holds, err := q.balancesOf(ledger.StoreCredit, len(page.Rows), func(i int) desk.ID { return page.Rows[i].ID })
	if err != nil {
		return err
	}
	rows := make([]memberRow, len(page.Rows))
	for i, m := range page.Rows {
		rows[i] = memberRow{m, holds[i]}
	}
	return q.show("members", "Members", listed[memberRow]{Filters: filters, Rows: rows, Older: page.Older, Deep: page.Deep})
}

// balancesOf are what the accounts of a code hold for some owners, in one read.
func (q *visit) balancesOf(code string, count int, owner func(i int) desk.ID) ([]ledger.Amount, error) {
	holds, ids := make([]ledger.Amount, count), make([]ledger.AccountID, count)
	if count == 0 { // no account is every account
		return holds, nil
	}
	for i := range ids {
		ids[i] = ledger.Account(code, string(owner(i)))
	}
	as, err := q.desk().Store.Balances(q.Context(), q.book.ID, ids...)
	for i, id := range ids {
		holds[i] = as[id].Amount
	}
	return holds, err
}

// membersCalled are those whom a text names: an id, what the merchant calls
// them, a phone number in any usual spelling, or an e-mail address.
func (q *visit) membersCalled(text string) ([]desk.Member, error) {
	if desk.ID(text).Prefix() == "iuser" {
		return ifThere[desk.Member](q, desk.ID(text))
	}
	all, err := listEach[desk.Member](q, "known_as", []string{text})
	if err != nil || len(all) > 0 {
		return all, err
	}
	if strings.Contains(text, "@") {
		return listEach[desk.Member](q, "email", []string{text})
	}
	if digits, ok := desk.IndianMobile(text); ok {
		text = digits
	}
	return listEach[desk.Member](q, "contact", []string{text})
}

// A memberPage is all there is to know of a member.
type memberPage struct {
	Member    desk.Member
	Holds     ledger.Amount
	Programme desk.Programme
	Limit     *limit // what one member may hold, if that is limited
	Lots      []desk.Credit
	Moves     listed[movement]
}

// maxLotsShown is how many lots of a member are shown: those that are spent first.
const maxLotsShown = 100

func showMember(q *visit) error {
	d, ctx, book := q.desk(), q.Context(), q.book.ID
	var p memberPage
	var err error
	if p.Member, err = desk.Find[desk.Member](ctx, d, book, q.id("id")); err != nil {
		return err
	}
	if p.Holds, p.Lots, err = d.CreditHeld(ctx, book, p.Member.ID); err != nil {
		return err
	}
	if p.Programme, err = d.Programme(ctx, book); err != nil {
		return err
	}
	if p.Programme.MaxBalance > 0 {
		p.Limit = &limit{Name: "Holds", Text: "what one member may hold", Used: p.Holds, Max: p.Programme.MaxBalance}
	}
	p.Lots = p.Lots[:min(len(p.Lots), maxLotsShown)]
	if p.Moves, err = q.movementsOf(ledger.Account(ledger.StoreCredit, string(p.Member.ID))); err != nil {
		return err
	}
	return q.show("member", "Member "+string(p.Member.ID), p)
}

// freezeMember freezes what a member holds, or thaws it.
func freezeMember(q *visit) error {
	ask := desk.FreezeRequest{Holder: q.id("id"), Frozen: q.value("do") != "thaw", Reason: q.value("reason")}
	m, err := q.desk().FreezeMember(q.Context(), q.book.ID, ask)
	switch {
	case ledger.CodeOf(err) == ledger.NotFound:
		return err
	case q.refused(err):
		return showMember(q)
	case err != nil:
		return err
	case m.Frozen:
		return q.done("members/"+string(m.ID), "The credit is frozen: nothing of it is spent.")
	}
	return q.done("members/"+string(m.ID), "The credit can be spent again.")
}
