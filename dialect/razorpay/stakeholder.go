package razorpay

import (
	"encoding/json"

	"wapas/desk"
	"wapas/dialect"
)

// A stakeholderWire is a person behind a linked account. What the merchant sent
// about them comes back as it was sent.
type stakeholderWire struct {
	Entity       string          `json:"entity"`
	Relationship json.RawMessage `json:"relationship,omitempty"`
	Phone        json.RawMessage `json:"phone,omitempty"`
	Notes        notesWire       `json:"notes"`
	KYC          json.RawMessage `json:"kyc,omitempty"`
	ID           desk.ID         `json:"id"`
	Name         string          `json:"name"`
	Email        string          `json:"email"`
	Ownership    json.RawMessage `json:"percentage_ownership,omitempty"`
	Addresses    json.RawMessage `json:"addresses,omitempty"`
}

// stakeholderParts are the parts of it that are kept as they are sent.
var stakeholderParts = []string{"relationship", "phone", "kyc", "addresses"}

func wireStakeholder(s desk.Stakeholder) (stakeholderWire, error) {
	w := stakeholderWire{Entity: "stakeholder", Notes: notesWire(s.Notes), ID: s.ID, Name: s.Name, Email: s.Email}
	parts := map[string]json.RawMessage{}
	if s.Wire != "" {
		if err := json.Unmarshal([]byte(s.Wire), &parts); err != nil {
			return w, err
		}
	}
	w.Relationship, w.Phone, w.KYC, w.Addresses = parts["relationship"], parts["phone"], parts["kyc"], parts["addresses"]
	w.Ownership = parts["percentage_ownership"]
	return w, nil
}

// onStakeholder reads what was sent about a stakeholder onto s.
func (f *fields) onStakeholder(s desk.Stakeholder) desk.Stakeholder {
	if name := f.between("name", 1, 255); name != "" {
		s.Name = name
	}
	if email := f.matching("email", emailForm, whyLinkedForm); email != "" {
		s.Email = email
	}
	if n, sent := f.notes("notes"); sent {
		s.Notes = n
	}
	kept, _ := dialect.ParseJSON([]byte(s.Wire))
	wire, _ := kept.(*object)
	if wire == nil {
		wire = &object{}
	}
	switch share := f.value("percentage_ownership").(type) {
	case number, text:
		wire.Set("percentage_ownership", share)
	case nil:
	default:
		f.refuseIn("percentage_ownership", whyText, "")
	}
	for _, part := range stakeholderParts {
		v := f.value(part)
		o, ok := v.(*object)
		switch {
		case v == nil:
			continue
		case !ok:
			f.refuseIn(part, whyArray, "")
			return s
		case part == "kyc":
			in := f.within(part, o)
			in.matching("pan", panForm, whyLinkedForm)
			in.ignore(o.Keys...)
		}
		old, _ := wire.Vals[part].(*object)
		wire.Set(part, merged(old, o))
	}
	if len(wire.Keys) > 0 {
		s.Wire = dialect.WriteJSON(wire)
	}
	return s
}

// createStakeholder: "Create a stakeholder".
func (r *room) createStakeholder(q *request) (any, error) {
	b := q.body()
	b.require("name")
	s := b.onStakeholder(desk.Stakeholder{Account: q.id("acc")})
	if err := b.done(); err != nil {
		return nil, err
	}
	s, err := r.desk.CreateStakeholder(q.Context(), q.book(), s)
	if err != nil {
		return nil, err
	}
	return wireStakeholder(s)
}

// listStakeholders: "Fetch all stakeholders".
func (r *room) listStakeholders(q *request) (any, error) {
	p, err := q.page()
	if err != nil {
		return nil, err
	}
	if _, err := r.desk.Linked(q.Context(), q.book(), q.id("acc")); err != nil {
		return nil, err
	}
	p.Parent = q.id("acc")
	all, err := desk.List[desk.Stakeholder](q.Context(), r.desk, p)
	if err != nil {
		return nil, err
	}
	items := make([]stakeholderWire, len(all))
	for i, s := range all {
		if items[i], err = wireStakeholder(s); err != nil {
			return nil, err
		}
	}
	return collection[stakeholderWire]{"collection", len(items), items}, nil
}

// fetchStakeholder: "Fetch a stakeholder".
func (r *room) fetchStakeholder(q *request) (any, error) {
	s, err := r.desk.Stakeholder(q.Context(), q.book(), q.id("acc"), q.id("sth"))
	if err != nil {
		return nil, err
	}
	return wireStakeholder(s)
}

// editStakeholder: "Update a stakeholder".
func (r *room) editStakeholder(q *request) (any, error) {
	b := q.body()
	b.onStakeholder(desk.Stakeholder{})
	if err := b.done(); err != nil {
		return nil, err
	}
	s, err := r.desk.EditStakeholder(q.Context(), q.book(), q.id("acc"), q.id("sth"), func(s desk.Stakeholder) (desk.Stakeholder, error) {
		return b.onStakeholder(s), b.err()
	})
	if err != nil {
		return nil, err
	}
	return wireStakeholder(s)
}
