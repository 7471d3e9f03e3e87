package console

import (
	"wapas/desk"
	"wapas/ledger"
)

func agentPages() []page {
	return []page{
		{at: "GET /agents", right: desk.RightSee, show: showAgents},
		{at: "GET /agents/{id}", right: desk.RightSee, show: showAgent},
		{at: "POST /agents/{id}/work", right: desk.RightFreeze, show: letAgentWork},
		{at: "GET /remittances/{id}", right: desk.RightSee, show: showRemittance},
	}
}

// An agentRow is an agent with the value there is.
type agentRow struct {
	desk.Agent
	Value ledger.Amount
}

// showAgents is the list of agents, or the one whom a code or an id names.
func showAgents(q *visit) error {
	filters := []filter{q.text("who", "Code or id")}
	page := listed[desk.Agent]{Filters: filters}
	var err error
	switch who := filters[0].Value; {
	case desk.ID(who).Prefix() == "agt":
		page.Rows, err = ifThere[desk.Agent](q, desk.ID(who))
	case who != "":
		var a desk.Agent
		if a, err = q.desk().AgentCalled(q.Context(), q.book.ID, who); err == nil {
			page.Rows = []desk.Agent{a}
		} else if ledger.CodeOf(err) == ledger.NotFound {
			err = nil
		}
	default:
		page, err = rowsOf[desk.Agent](q, desk.Query{}, filters...)
	}
	if err != nil {
		return err
	}
	values, err := q.balancesOf(ledger.AgentValue, len(page.Rows), func(i int) desk.ID { return page.Rows[i].ID })
	if err != nil {
		return err
	}
	rows := make([]agentRow, len(page.Rows))
	for i, a := range page.Rows {
		rows[i] = agentRow{a, values[i]}
	}
	return q.show("agents", "Agents", listed[agentRow]{Filters: filters, Rows: rows, Older: page.Older, Deep: page.Deep})
}

// An agentPage is all there is to know of an agent.
type agentPage struct {
	Agent               desk.Agent
	Value, Under, Owing ledger.Amount // there; with remittances under way; owed to customers for those that failed
	Owed                []desk.Remittance
	Moves               listed[movement]
}

func showAgent(q *visit) error {
	d, ctx, book := q.desk(), q.Context(), q.book.ID
	var p agentPage
	var err error
	if p.Agent, err = desk.Find[desk.Agent](ctx, d, book, q.id("id")); err != nil {
		return err
	}
	owner := string(p.Agent.ID)
	under, owing := ledger.Account(ledger.DMTInFlight, owner), ledger.Account(ledger.DMTRefund, owner)
	as, err := d.Store.Balances(ctx, book, p.Agent.Value(), under, owing)
	if err != nil {
		return err
	}
	p.Value, p.Under, p.Owing = as[p.Agent.Value()].Amount, as[under].Amount, as[owing].Amount
	if p.Owed, err = d.OwedTo(ctx, book, "", p.Agent.ID, 0, perPage); err != nil {
		return err
	}
	if p.Moves, err = q.movementsOf(p.Agent.Value()); err != nil {
		return err
	}
	return q.show("agent", "Agent "+p.Agent.Code, p)
}

// letAgentWork stops an agent, or lets one work again.
func letAgentWork(q *visit) error {
	if _, err := desk.Find[desk.Agent](q.Context(), q.desk(), q.book.ID, q.id("id")); err != nil {
		return err
	}
	do := q.value("do")
	if do != "stop" && do != "start" {
		return ledger.Refuse(ledger.Invalid, "do", "say stop or start").In("do")
	}
	a, err := q.desk().EnableAgent(q.Context(), q.book.ID, q.id("id"), do == "start")
	switch {
	case err != nil:
		return err
	case a.Active:
		return q.done("agents/"+string(a.ID), "The agent may work again.")
	}
	return q.done("agents/"+string(a.ID), "The agent is stopped. Remittances under way go on, and cash that is owed goes back.")
}

// A remittancePage is a remittance and what it did to the books.
type remittancePage struct {
	desk.Remittance
	By      desk.Agent
	Order   desk.RailOrder
	Entries []entryLines
}

func showRemittance(q *visit) error {
	d, ctx, book := q.desk(), q.Context(), q.book.ID
	var p remittancePage
	var err error
	if p.Remittance, err = desk.Find[desk.Remittance](ctx, d, book, q.id("id")); err != nil {
		return err
	}
	if p.By, err = desk.Find[desk.Agent](ctx, d, book, p.Agent); err != nil {
		return err
	}
	orders, err := ifThere[desk.RailOrder](q, p.ID)
	if err != nil {
		return err
	}
	if len(orders) > 0 { // one that was declined has none
		p.Order = orders[0]
	}
	entries, err := d.Store.Entries(ctx, desk.Query{Book: book, Parent: p.ID, Count: perPage, Oldest: true})
	if err != nil {
		return err
	}
	p.Entries = entriesOf(entries)
	return q.show("remittance", "Remittance "+p.TID, p)
}
