package desk

import (
	"context"
	"slices"
	"strings"

	"wapas/ledger"
)

// The rules of agents.
const (
	WhyInitiator     ledger.Why = "initiator"      // NotFound: no agent belongs to this API user
	WhyUserCode      ledger.Why = "user_code"      // NotFound: the API user has no agent of this code
	WhyAgentInactive ledger.Why = "agent_inactive" // WrongState: the agent may do nothing now
	WhyAgentExists   ledger.Why = "agent_exists"   // Duplicate: an agent has this code already
	WhyAgentCode     ledger.Why = "agent_code"     // Invalid: a code of letters and digits, at most 20
	WhyMobile        ledger.Why = "mobile"         // Invalid: not ten digits
	WhyService       ledger.Why = "service"        // Invalid: no code of a service
	WhyValueAmount   ledger.Why = "value_amount"   // Invalid: e-value of nothing
)

// An Agent takes cash from customers and sends it on from the e-value that it
// bought before, which lies in the account 2400 of its id. The initiator is the
// API user it belongs to: one mobile number may have many agents.
type Agent struct {
	ID           ID     // agt_
	Code         string // what the API user calls it: user_code
	Initiator    string // the API user's mobile
	Mobile, Name string
	Active       bool
	Services     string        // the codes of what was activated for it, with spaces between
	Bought       ledger.Amount // e-value, ever
	CreatedAt    ledger.Time
}

func (r Agent) Kind() Kind { return KindAgent }
func (r Agent) RowID() ID  { return r.ID }
func (r Agent) Parent() ID { return "" }

// Check is the rule of an agent row.
func (r Agent) Check() error {
	if r.Code == "" || r.Initiator == "" || r.Bought < 0 {
		return ledger.Refuse(ledger.Internal, ledger.WhyInvariant, "%s is agent %q of %q", r.ID, r.Code, r.Initiator)
	}
	return nil
}

// Value is the account that an agent's e-value lies in.
func (r Agent) Value() ledger.AccountID { return ledger.Account(ledger.AgentValue, string(r.ID)) }

// The names that agents hold: a code one agent, an initiator the first of its
// agents.
func agentName(code string) ID          { return ID("agent/" + code) }
func initiatorName(initiator string) ID { return ID("agent.initiator/" + initiator) }

// An AgentRequest asks for an agent.
type AgentRequest struct {
	Code, Initiator, Mobile, Name string
}

func (q AgentRequest) check() error {
	switch {
	case len(q.Code) == 0 || len(q.Code) > 20 || !only(q.Code, alphanumeric):
		return ledger.Refuse(ledger.Invalid, WhyAgentCode, "%.40s", q.Code).In("user_code")
	case !isMobile(q.Initiator):
		return ledger.Refuse(ledger.Invalid, WhyMobile, "%.40s", q.Initiator).In("initiator_id")
	case q.Mobile != "" && !isMobile(q.Mobile):
		return ledger.Refuse(ledger.Invalid, WhyMobile, "%.40s", q.Mobile).In("mobile")
	}
	return nil
}

// only says whether a text has characters of one sort only.
func only(s string, is func(c byte) bool) bool {
	for i := range len(s) {
		if !is(s[i]) {
			return false
		}
	}
	return true
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func alphanumeric(c byte) bool {
	return digit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// isMobile says whether a text is an Indian mobile number as these rooms write
// it: ten digits.
func isMobile(s string) bool { return len(s) == 10 && only(s, digit) }

// OpenAgent adds an agent, active at once. It refuses, in this order: Invalid;
// Duplicate (WhyAgentExists) if an agent has the code.
func (d *Desk) OpenAgent(ctx context.Context, book BookID, q AgentRequest) (Agent, error) {
	if err := q.check(); err != nil {
		return Agent{}, err
	}
	var a Agent
	name, initiator := agentName(q.Code), initiatorName(q.Initiator)
	err := d.change(ctx, book, append(keyRef(name), keyRef(initiator)...), func(c *change) error {
		there, err := c.claimed(name)
		switch {
		case err != nil:
			return err
		case there != "":
			return ledger.Refuse(ledger.Duplicate, WhyAgentExists, "%s", q.Code).In("user_code")
		}
		known, err := c.claimed(initiator)
		if err != nil {
			return err
		}
		a = Agent{ID: c.NewID("agt"), Code: q.Code, Initiator: q.Initiator, Mobile: q.Mobile, Name: q.Name, Active: true, CreatedAt: c.now}
		c.Put(a)
		if err := c.claim(name, a.ID); err != nil || known != "" {
			return err
		}
		return c.claim(initiator, a.ID)
	})
	return a, err
}

// EnableAgent lets an agent work, or stops it. It refuses NotFound.
func (d *Desk) EnableAgent(ctx context.Context, book BookID, id ID, active bool) (Agent, error) {
	return d.editAgent(ctx, book, id, func(a *Agent) error { a.Active = active; return nil })
}

// ActivateService says that a service works for an agent, by the code that the
// API user calls it by. It refuses, in this order: Invalid (WhyService);
// NotFound.
func (d *Desk) ActivateService(ctx context.Context, book BookID, id ID, service string) (Agent, error) {
	if len(service) == 0 || len(service) > 8 || !only(service, alphanumeric) {
		return Agent{}, ledger.Refuse(ledger.Invalid, WhyService, "%.40s", service).In("service_code")
	}
	return d.editAgent(ctx, book, id, func(a *Agent) error {
		switch {
		case a.Serves(service):
		case a.Services == "":
			a.Services = service
		case len(a.Services) > maxServices:
			return ledger.Refuse(ledger.Invalid, WhyService, "too many services").In("service_code")
		default:
			a.Services += " " + service
		}
		return nil
	})
}

// maxServices is how long the list of an agent's services may grow.
const maxServices = 500

func (d *Desk) editAgent(ctx context.Context, book BookID, id ID, edit func(a *Agent) error) (Agent, error) {
	var a Agent
	err := d.change(ctx, book, []Ref{ref[Agent](id)}, func(c *change) (err error) {
		if a, err = need[Agent](c, id, "user_code"); err != nil {
			return err
		}
		was := a
		if err := edit(&a); err != nil || a == was {
			return err
		}
		c.Put(a)
		return nil
	})
	return a, err
}

// AgentOf is the agent that an API user calls by a code. It refuses, in this
// order: NotFound if no agent belongs to the API user (WhyInitiator), if it has
// none of this code (WhyUserCode); WrongState (WhyAgentInactive).
func (d *Desk) AgentOf(ctx context.Context, book BookID, initiator, code string) (Agent, error) {
	a, err := named[Agent](ctx, d, book, agentName(code))
	switch {
	case ledger.CodeOf(err) == ledger.NotFound, err == nil && a.Initiator != initiator:
		if err := d.Initiator(ctx, book, initiator); err != nil {
			return Agent{}, err
		}
		return Agent{}, ledger.Refuse(ledger.NotFound, WhyUserCode, "%.40s", code).In("user_code")
	case err == nil && !a.Active:
		return a, ledger.Refuse(ledger.WrongState, WhyAgentInactive, "%s", a.ID).In("user_code")
	}
	return a, err
}

// Initiator refuses NotFound (WhyInitiator) if no agent belongs to this API
// user.
func (d *Desk) Initiator(ctx context.Context, book BookID, initiator string) error {
	_, err := find[Key](ctx, d, book, initiatorName(initiator))
	if ledger.CodeOf(err) == ledger.NotFound {
		return ledger.Refuse(ledger.NotFound, WhyInitiator, "%.40s", initiator).In("initiator_id")
	}
	return err
}

// AgentCalled is the agent of a code, whoever's and active or not: NotFound
// (WhyUserCode) if there is none.
func (d *Desk) AgentCalled(ctx context.Context, book BookID, code string) (Agent, error) {
	a, err := named[Agent](ctx, d, book, agentName(code))
	if ledger.CodeOf(err) == ledger.NotFound {
		err = ledger.Refuse(ledger.NotFound, WhyUserCode, "%.40s", code).In("user_code")
	}
	return a, err
}

// FirstAgent is the agent that an API user had first: the one whose balance an
// API user without another code asks for. It refuses as Initiator does.
func (d *Desk) FirstAgent(ctx context.Context, book BookID, initiator string) (Agent, error) {
	a, err := named[Agent](ctx, d, book, initiatorName(initiator))
	if ledger.CodeOf(err) == ledger.NotFound {
		err = ledger.Refuse(ledger.NotFound, WhyInitiator, "%.40s", initiator).In("initiator_id")
	}
	return a, err
}

// named reads what holds a name, outside a change: NotFound if nothing does.
func named[R Row](ctx context.Context, d *Desk, book BookID, name ID) (R, error) {
	k, err := find[Key](ctx, d, book, name)
	if err != nil {
		var none R
		return none, err
	}
	return find[R](ctx, d, book, ID(k.Refs))
}

// A ValueRequest is an agent's purchase of e-value, on the word of the bank
// that its money has come in.
type ValueRequest struct {
	Agent  ID
	Amount ledger.Amount
	Key    Once
}

// BuyValue gives an agent e-value for what it paid into escrow (J27), and
// returns its balance. It refuses, in this order: Invalid; NotFound.
func (d *Desk) BuyValue(ctx context.Context, book BookID, q ValueRequest) (ledger.Amount, error) {
	if q.Amount <= 0 || q.Amount > ledger.MaxAmount {
		return 0, ledger.Refuse(ledger.Invalid, WhyValueAmount, "%d", q.Amount).In("amount")
	}
	var balance ledger.Amount
	a, err := once(ctx, d, book, q.Key, []Ref{ref[Agent](q.Agent)}, func(c *change) (Agent, error) {
		a, err := need[Agent](c, q.Agent, "agent")
		if err != nil {
			return a, err
		}
		if _, err := c.post(ledger.ValueBought, a.ID, ledger.BuyValue(string(a.ID), q.Amount)); err != nil {
			return a, err
		}
		a.Bought = a.Bought.Add(q.Amount)
		c.Put(a)
		balance, err = c.balance(a.Value())
		c.emit("agent.value_bought", a)
		return a, err
	})
	if err == nil && balance == 0 { // a repeat heard the first answer
		balance, err = d.ValueOf(ctx, book, a)
	}
	return balance, err
}

// ValueOf is an agent's e-value as it was a moment ago.
func (d *Desk) ValueOf(ctx context.Context, book BookID, a Agent) (ledger.Amount, error) {
	as, err := d.Store.Balances(ctx, book, a.Value())
	return as[a.Value()].Amount, err
}

// Serves says whether a service was activated for the agent.
func (r Agent) Serves(service string) bool {
	return slices.Contains(strings.Fields(r.Services), service)
}
