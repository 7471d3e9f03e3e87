package console

import (
	"strconv"

	"wapas/desk"
	"wapas/ledger"
)

func linkedPages() []page {
	return []page{
		{at: "GET /accounts", right: desk.RightSee, show: showLinkedAccounts},
		{at: "GET /accounts/{id}", right: desk.RightSee, show: showLinked},
		{at: "GET /settlements", right: desk.RightSee, show: showSettlements},
		{at: "GET /settlements/{id}", right: desk.RightSee, show: showSettlement},
	}
}

// A linkedRow is a linked account with what it has.
type linkedRow struct {
	desk.Linked
	Free, Held ledger.Amount
}

// showLinkedAccounts is the list of linked accounts, or the one whom an e-mail
// address or an id names.
func showLinkedAccounts(q *visit) error {
	filters := []filter{q.text("who", "E-mail or id")}
	page := listed[desk.Linked]{Filters: filters}
	var err error
	switch who := filters[0].Value; {
	case desk.ID(who).Prefix() == "acc":
		page.Rows, err = ifThere[desk.Linked](q, desk.ID(who))
	case who != "":
		var a desk.Linked
		if a, err = q.desk().LinkedCalled(q.Context(), q.book.ID, who); err == nil {
			page.Rows = []desk.Linked{a}
		} else if ledger.CodeOf(err) == ledger.NotFound {
			err = nil
		}
	default:
		page, err = rowsOf[desk.Linked](q, desk.Query{}, filters...)
	}
	if err != nil {
		return err
	}
	owner := func(i int) desk.ID { return page.Rows[i].ID }
	free, err := q.balancesOf(ledger.LinkedFree, len(page.Rows), owner)
	if err != nil {
		return err
	}
	held, err := q.balancesOf(ledger.LinkedHeld, len(page.Rows), owner)
	if err != nil {
		return err
	}
	rows := make([]linkedRow, len(page.Rows))
	for i, a := range page.Rows {
		rows[i] = linkedRow{a, free[i], held[i]}
	}
	return q.show("accounts", "Linked accounts", listed[linkedRow]{Filters: filters, Rows: rows, Older: page.Older, Deep: page.Deep})
}

// A linkedPage is all there is to know of a linked account.
type linkedPage struct {
	linkedRow
	Parts       []share
	Pending     []desk.Transfer // to be settled next
	OnHold      []desk.Transfer
	Settlements []desk.Settlement
	Which       string // of the two accounts: available, held
	Moves       listed[movement]
}

func showLinked(q *visit) error {
	d, ctx, book := q.desk(), q.Context(), q.book.ID
	var p linkedPage
	var err error
	if p.Linked, err = d.Linked(ctx, book, q.id("id")); err != nil {
		return err
	}
	id := string(p.ID)
	free, held := ledger.LinkedAccount(id, false), ledger.LinkedAccount(id, true)
	as, err := d.Store.Balances(ctx, book, free, held)
	if err != nil {
		return err
	}
	p.Free, p.Held = as[free].Amount, as[held].Amount
	p.Parts = bar(share{Name: "Available", Style: "s1", Amount: p.Free}, share{Name: "On hold", Style: "s3", Amount: p.Held})
	waiting := func(state string) ([]desk.Transfer, error) {
		return desk.List[desk.Transfer](ctx, d, desk.Query{Book: book, Count: beside, Where: map[string]string{"recipient": id, "settlement_state": state}})
	}
	if p.Pending, err = waiting("pending"); err != nil {
		return err
	}
	if p.OnHold, err = waiting("on_hold"); err != nil {
		return err
	}
	if p.Settlements, err = desk.List[desk.Settlement](ctx, d, desk.Query{Book: book, Parent: p.ID, Count: beside}); err != nil {
		return err
	}
	p.Which = "available"
	account := free
	if q.value("account") == "held" {
		p.Which, account = "held", held
	}
	if p.Moves, err = q.movementsOf(account); err != nil {
		return err
	}
	return q.show("account", "Linked account "+id, p)
}

// A settlementsPage is the list of settlements, of one account if the address
// says so.
type settlementsPage struct {
	Account desk.ID
	Own     desk.ID // the merchant's
	listed[desk.Settlement]
}

func showSettlements(q *visit) error {
	who := q.text("account", "Account")
	page, err := rowsOf[desk.Settlement](q, desk.Query{Parent: desk.ID(who.Value)}, who)
	if err != nil {
		return err
	}
	return q.show("settlements", "Settlements", settlementsPage{desk.ID(who.Value), q.book.Account(), page})
}

// A settlementPage is a settlement with what it covers: transfers of a linked
// account, or lines of the merchant's balance.
type settlementPage struct {
	desk.Settlement
	Own       bool // the merchant's
	Net       ledger.Amount
	Transfers listed[desk.Transfer]
	Moves     listed[movement]
	Entries   []entryLines
}

func showSettlement(q *visit) error {
	d, ctx, book := q.desk(), q.Context(), q.book.ID
	s, err := desk.Find[desk.Settlement](ctx, d, book, q.id("id"))
	if err != nil {
		return err
	}
	p := settlementPage{Settlement: s, Own: s.Account == q.book.Account()}
	if p.Own {
		p.Moves, err = q.coveredBy(s)
	} else {
		p.Transfers, err = rowsOf[desk.Transfer](q, desk.Query{Where: map[string]string{"settlement_id": string(s.ID)}})
	}
	if err != nil {
		return err
	}
	entries, err := d.Store.Entries(ctx, desk.Query{Book: book, Parent: s.ID, Count: beside, Oldest: true})
	if err != nil {
		return err
	}
	p.Entries = entriesOf(entries)
	return q.show("settlement", "Settlement", p)
}

// coveredBy is a page of the lines of the merchant's balance that a settlement
// covers, the newest first.
func (q *visit) coveredBy(s desk.Settlement) (listed[movement], error) {
	if s.First == 0 {
		return listed[movement]{}, nil
	}
	before := s.Last + 1
	if n := q.number("after", before); n > s.First && n < before {
		before = n
	}
	count := int(min(perPage+1, before-s.First))
	lines, err := q.desk().Store.Lines(q.Context(), desk.Query{Book: q.book.ID, Parent: ledger.Available, After: strconv.FormatInt(before, 10), Count: count})
	return cutPage(q, movementsFrom(lines), movement.position), err
}
