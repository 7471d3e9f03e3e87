package eko

import (
	"errors"
	"strings"

	"wapas/desk"
	"wapas/ledger"
)

// balance tells the e-value of an agent: of user_code if it is sent, else of
// the first agent of the initiator, who must then be the customer asked about.
func (r *room) balance(q *request) (any, error) {
	f, err := q.read()
	if err != nil {
		return nil, err
	}
	initiator, code := f.mobile("initiator_id"), f.text("user_code", 20)
	f.fixed("customer_id_type", "mobile_number")
	customer := initiator
	if f.raw("customer_id") != "" {
		customer = f.mobile("customer_id")
	}
	f.asked["customer_id"] = true
	if err := f.done(); err != nil {
		return nil, err
	}
	var a desk.Agent
	if code != "" {
		a, err = q.agent(initiator, code)
	} else {
		a, err = r.desk.FirstAgent(q.Context(), q.book(), initiator)
	}
	if err != nil {
		return nil, err
	}
	if customer != initiator && customer != a.Mobile {
		return nil, ledger.Refuse(ledger.NotFound, whyNoUser, "%s", customer).In("customer_id")
	}
	value, err := r.desk.ValueOf(q.Context(), q.book(), a)
	if err != nil {
		return nil, err
	}
	data := map[string]string{"balance": value.String(), "currency": "INR", "customer_id": customer, "customer_id_type": "mobile_number", "user_code": a.Code}
	return envelope{StatusID: sidRead, Data: data, Message: "Success! Account balance fetched."}, nil
}

// A serviceWire is a service of an agent. What an agent's papers say is not
// known here, so most of it is null.
type serviceWire struct {
	Status       int     `json:"status"`
	StatusDesc   string  `json:"status_desc"`
	Service      string  `json:"service_code"`
	Comments     *string `json:"comments"`
	City         *string `json:"city"`
	UserName     *string `json:"user_name"`
	Mobile       *string `json:"mobile"`
	Provider     *string `json:"service_provider"`
	Verification int     `json:"verification_status"`
	CreatedAt    string  `json:"createdAt"`
	UpdatedAt    string  `json:"updatedAt"`
	UserCode     *string `json:"user_code"`
	State        *string `json:"state"`
}

type servicesWire struct {
	UserCode  string        `json:"user_code"`
	Initiator string        `json:"initiator_id"`
	List      []serviceWire `json:"service_status_list"`
}

// services tells which services were activated for an agent, whom the path
// names as user_code:… — the first thing that the vendor's Node client asks.
func (r *room) services(q *request) (any, error) {
	f, err := q.read()
	if err != nil {
		return nil, err
	}
	initiator := f.mobile("initiator_id")
	code, named := strings.CutPrefix(q.parts["user_code"], "user_code:")
	if !named {
		return nil, errNoRoute
	}
	if err := f.done(); err != nil {
		return nil, err
	}
	a, err := q.onboarded(initiator, code)
	if err != nil {
		return nil, err
	}
	data := servicesWire{UserCode: a.Code, Initiator: initiator, List: []serviceWire{}}
	for service := range strings.FieldsSeq(a.Services) {
		data.List = append(data.List, serviceWire{Status: 1, StatusDesc: "ACTIVATED", Service: service, CreatedAt: localTime(a.CreatedAt) + ".0"})
	}
	return envelope{StatusID: sidFailed, Data: data, TypeID: typeServices, Message: "User services fetched successfully"}, nil
}

// onboarded is an agent, who is unknown in other words here than elsewhere.
func (q *request) onboarded(initiator, code string) (desk.Agent, error) {
	a, err := q.agent(initiator, code)
	var e *ledger.Error
	if errors.As(err, &e) && e.Why == desk.WhyUserCode {
		e.Why = whyNotOnboarded
	}
	return a, err
}

// activate says that a service works for an agent. It is kept and told again;
// what the service does is not in this room.
func (r *room) activate(q *request) (any, error) {
	f, err := q.read()
	if err != nil {
		return nil, err
	}
	initiator, code, service := f.mobile("initiator_id"), f.need("user_code", 20), f.need("service_code", 8)
	latlong := f.text("latlong", 64)
	if err := f.done(); err != nil {
		return nil, err
	}
	a, err := q.onboarded(initiator, code)
	if err != nil {
		return nil, err
	}
	if _, err := r.desk.ActivateService(q.Context(), q.book(), a.ID, service); err != nil {
		return nil, err
	}
	data := map[string]any{"service_code": number(service), "initiator_id": initiator, "user_code": code, "latlong": latlong}
	return envelope{StatusID: sidDone, Data: data, TypeID: typeOnboarded, Message: "Service activated successfully"}, nil
}
