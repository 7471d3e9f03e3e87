package native

import (
	"strings"

	"wapas/desk"
	"wapas/ledger"
)

// An agent takes cash and sends it on from the value it bought before.
type agent struct {
	ID        desk.ID  `json:"id" doc:"agt_ and 14 characters."`
	Code      string   `json:"user_code" doc:"What the API user calls it."`
	Initiator string   `json:"initiator_id" doc:"The API user's mobile."`
	Mobile    string   `json:"mobile,omitempty"`
	Name      string   `json:"name,omitempty"`
	Active    bool     `json:"active"`
	Services  []string `json:"services" doc:"The codes of what was activated for it."`
	CreatedAt moment   `json:"created_at"`
}

func wireAgent(a desk.Agent) agent {
	return agent{a.ID, a.Code, a.Initiator, a.Mobile, a.Name, a.Active, append([]string{}, strings.Fields(a.Services)...), moment(a.CreatedAt)}
}

func showAgent(_ *request, a desk.Agent) (agent, error) { return wireAgent(a), nil }

// A value is what an agent may send on.
type value struct {
	AgentID desk.ID       `json:"agent_id"`
	Value   ledger.Amount `json:"value" doc:"Paise."`
}

// A remittance is cash that an agent sent on.
type remittance struct {
	ID        desk.ID       `json:"id" doc:"rmt_ and 14 characters."`
	TID       string        `json:"tid" doc:"What the vendor's API calls it."`
	AgentID   desk.ID       `json:"agent_id"`
	Customer  string        `json:"customer" doc:"The mobile of who brought the cash."`
	Reference string        `json:"client_ref_id,omitempty" doc:"The caller's own."`
	Amount    ledger.Amount `json:"amount" doc:"Paise."`
	Fee       ledger.Amount `json:"fee" doc:"With its tax."`
	State     string        `json:"state"`
	Channel   string        `json:"channel"`
	BankRef   string        `json:"bank_ref,omitempty" doc:"The bank's number for it."`
	Reason    string        `json:"reason,omitempty" doc:"Why it failed."`
	RefundID  desk.ID       `json:"refund_id,omitempty" doc:"The refund that the customer agreed to."`
	CreatedAt moment        `json:"created_at"`
	EndedAt   moment        `json:"ended_at,omitempty"`
}

func wireRemittance(r desk.Remittance) remittance {
	return remittance{
		r.ID, r.TID, r.Agent, r.Customer, r.Ref, r.Amount, r.Fee, r.State, r.Channel, r.BankRef, r.Reason, r.Refund,
		moment(r.CreatedAt), moment(r.EndedAt),
	}
}

func agentRoutes() []route {
	return under("Agents",
		read("/agents", "listAgents", moneyRead, "List agents", listAgents).says("Newest first."),
		write("POST /agents", "openAgent", moneyWrite, "Open an agent", openAgent, showAgent).created(),
		read("/agents/{agent_id}", "getAgent", moneyRead, "Read an agent", getAgent),
		write("PATCH /agents/{agent_id}", "editAgent", moneyWrite, "Let an agent work, or stop it", editAgent, showAgent),
		read("/agents/{agent_id}/value", "getValue", moneyRead, "What an agent may send on", getValue),
		act("POST /agents/{agent_id}/value", "buyValue", moneyWrite, "Give an agent value for what it paid in", buyValue,
			func(q *request, in valueBought) (value, error) { return valueOf(q, in.ID) }).money().
			says("A repeat under the same key hears the value as it is now."),
		read("/remittances", "listRemittances", moneyRead, "List remittances", listRemittances).says("Newest first."),
		read("/remittances/{remittance_id}", "getRemittance", moneyRead, "Read a remittance", getRemittance),
	)
}

type agentPath struct {
	ID desk.ID `path:"agent_id" form:"id" doc:"The agent's id."`
}

func listAgents(q *request, in listing) (page[agent], error) { return list(q, in, nil, wireAgent) }

func getAgent(q *request, in agentPath) (agent, error) {
	a, err := desk.Find[desk.Agent](q.Context(), q.desk(), q.book(), in.ID)
	return wireAgent(a), err
}

type newAgent struct {
	Code      string `json:"user_code" len:"20" doc:"What the API user calls it: letters and digits."`
	Initiator string `json:"initiator_id" len:"10" doc:"The API user's mobile: ten digits."`
	Mobile    string `json:"mobile,omitempty" len:"10" doc:"Ten digits."`
	Name      string `json:"name,omitempty" len:"100"`
}

func openAgent(q *request, in newAgent) (desk.Agent, error) {
	return q.desk().OpenAgent(q.Context(), q.book(), desk.AgentRequest{Code: in.Code, Initiator: in.Initiator, Mobile: in.Mobile, Name: in.Name})
}

type agentEdit struct {
	agentPath
	Active bool `json:"active"`
}

func editAgent(q *request, in agentEdit) (desk.Agent, error) {
	return q.desk().EnableAgent(q.Context(), q.book(), in.ID, in.Active)
}

func getValue(q *request, in agentPath) (value, error) { return valueOf(q, in.ID) }

func valueOf(q *request, id desk.ID) (value, error) {
	a, err := desk.Find[desk.Agent](q.Context(), q.desk(), q.book(), id)
	if err != nil {
		return value{}, err
	}
	v, err := q.desk().ValueOf(q.Context(), q.book(), a)
	return value{id, v}, err
}

type valueBought struct {
	agentPath
	Amount ledger.Amount `json:"amount" min:"1" doc:"Paise."`
}

func buyValue(q *request, in valueBought) (value, error) {
	v, err := q.desk().BuyValue(q.Context(), q.book(), desk.ValueRequest{Agent: in.ID, Amount: in.Amount})
	return value{in.ID, v}, err
}

func listRemittances(q *request, in listing) (page[remittance], error) {
	return list(q, in, nil, wireRemittance)
}

type remittancePath struct {
	ID desk.ID `path:"remittance_id" form:"id" doc:"The remittance's id."`
}

func getRemittance(q *request, in remittancePath) (remittance, error) {
	r, err := desk.Find[desk.Remittance](q.Context(), q.desk(), q.book(), in.ID)
	return wireRemittance(r), err
}
