package razorpay

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"wapas/desk"
	"wapas/dialect"
	"wapas/ledger"
)

// The rules of this room about linked accounts.
const (
	whyLinkedType     ledger.Why = "linked_type"
	whyBusinessType   ledger.Why = "business_type"
	whyLinkedForm     ledger.Why = "linked_form"
	whyLinkedBetween  ledger.Why = "linked_between"
	whyLinkedName     ledger.Why = "linked_name"
	whyLinkedIFSC     ledger.Why = "linked_ifsc"
	whyLinkedNumber   ledger.Why = "linked_account_number"
	whyProduct        ledger.Why = "product"
	whyTnC            ledger.Why = "tnc"
	whyAccountCodeOff ledger.Why = "account_code_off"
)

// The vendor's business types: those of Route and of the older account API.
var businessTypes = []string{
	"proprietorship", "partnership", "private_limited", "public_limited", "llp", "ngo", "trust", "society",
	"not_yet_registered", "huf", "individual", "educational_institutes", "other",
}

var (
	emailForm = regexp.MustCompile(`^[^\s@<>"]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z]{2,}$`)
	panForm   = regexp.MustCompile(`^[A-Za-z]{5}\d{4}[A-Za-z]$`)
	gstForm   = regexp.MustCompile(`^[0-3]\d[A-Za-z]{5}\d{4}[A-Za-z]\d[A-Za-z0-9]{2}$`)
	ifscForm  = regexp.MustCompile(`^[A-Za-z]{4}[A-Za-z0-9]{7}$`)
	nameForm  = regexp.MustCompile(`^[A-Za-z0-9 ]+$`)
)

// A linkedWire is a linked account. What the merchant sent of its profile comes
// back as it was sent.
type linkedWire struct {
	ID                 desk.ID         `json:"id"`
	Entity             string          `json:"entity"` // not in the manual; clients of it need one
	Type               string          `json:"type"`
	Status             string          `json:"status"`
	Email              string          `json:"email"`
	Profile            json.RawMessage `json:"profile,omitempty"`
	Notes              notesWire       `json:"notes"`
	CreatedAt          int64           `json:"created_at"`
	SuspendedAt        int64           `json:"suspended_at,omitempty"`
	Phone              string          `json:"phone"`
	ContactName        string          `json:"contact_name"`
	ReferenceID        string          `json:"reference_id,omitempty"`
	BusinessType       string          `json:"business_type"`
	LegalName          string          `json:"legal_business_name"`
	CustomerFacingName string          `json:"customer_facing_business_name"`
	LegalInfo          json.RawMessage `json:"legal_info,omitempty"`
	Brand              json.RawMessage `json:"brand,omitempty"`
	ContactInfo        json.RawMessage `json:"contact_info,omitempty"`
	Apps               json.RawMessage `json:"apps,omitempty"`
}

// profileParts are the objects of a profile that are kept as they are sent.
var profileParts = []string{"profile", "legal_info", "brand", "contact_info", "apps"}

func wireLinked(a desk.Linked) (linkedWire, error) {
	w := linkedWire{
		ID: a.ID, Entity: "account", Type: a.Type, Status: a.Status, Email: a.Email, Notes: notesWire(a.Notes),
		CreatedAt: a.CreatedAt.Unix(), SuspendedAt: a.SuspendedAt.Unix(), Phone: a.Phone, ContactName: a.ContactName,
		ReferenceID: a.Reference, BusinessType: a.BusinessType, LegalName: a.LegalName, CustomerFacingName: a.CustomerFacingName,
	}
	parts := map[string]json.RawMessage{}
	if a.Wire != "" {
		if err := json.Unmarshal([]byte(a.Wire), &parts); err != nil {
			return w, err
		}
	}
	w.Profile, w.LegalInfo, w.Brand, w.ContactInfo, w.Apps =
		parts["profile"], parts["legal_info"], parts["brand"], parts["contact_info"], parts["apps"]
	return w, nil
}

// createLinked: "Create a linked account".
func (r *room) createLinked(q *request) (any, error) {
	b := q.body()
	b.require("email", "phone", "legal_business_name", "business_type", "contact_name")
	a := desk.Linked{Type: "route"}
	a.Email = b.matching("email", emailForm, whyLinkedForm)
	if t := b.text("type", 255); t != "" && t != "route" && t != "standard" {
		b.refuseIn("type", whyLinkedType, dialect.Shorten(t, 64))
	} else if t != "" {
		a.Type = t
	}
	a.BusinessType = b.businessType("business_type")
	a = b.onLinked(a)
	if err := b.done(); err != nil {
		return nil, err
	}
	if a.CustomerFacingName == "" {
		a.CustomerFacingName = a.LegalName
	}
	a, err := r.desk.CreateLinked(q.Context(), q.book(), a)
	if err != nil {
		return nil, err
	}
	return wireLinked(a)
}

// onLinked reads what may be sent when an account is made and when it is
// changed, and puts it onto the account.
func (f *fields) onLinked(a desk.Linked) desk.Linked {
	set := func(to *string, v string) {
		if v != "" {
			*to = v
		}
	}
	set(&a.Phone, f.phone("phone"))
	set(&a.LegalName, f.between("legal_business_name", 4, 200))
	set(&a.CustomerFacingName, f.between("customer_facing_business_name", 1, 255))
	set(&a.ContactName, f.between("contact_name", 4, 255))
	set(&a.Reference, f.between("reference_id", 1, 512))
	if f.has("account_code") {
		f.refuseIn("account_code", whyAccountCodeOff, "")
	}
	if n, sent := f.notes("notes"); sent {
		a.Notes = n
	}
	kept, _ := dialect.ParseJSON([]byte(a.Wire))
	wire, _ := kept.(*object)
	if wire == nil {
		wire = &object{}
	}
	for _, part := range profileParts {
		if o, ok := f.part(part); ok {
			old, _ := wire.Vals[part].(*object)
			wire.Set(part, merged(old, o))
		}
	}
	if len(wire.Keys) > 0 {
		a.Wire = dialect.WriteJSON(wire)
	}
	return a
}

// part is an object that is kept as it was sent, but for what the vendor
// checks in it or writes otherwise.
func (f *fields) part(name string) (*object, bool) {
	v := f.value(name)
	if v == nil {
		return nil, false
	}
	o, ok := v.(*object)
	if !ok {
		f.refuseIn(name, whyArray, "")
		return nil, false
	}
	switch name {
	case "legal_info":
		in := f.within(name, o)
		in.matching("pan", panForm, whyLinkedForm)
		in.matching("gst", gstForm, whyLinkedForm)
		in.ignore(o.Keys...)
	case "profile":
		o = upperStates(o)
	}
	return o, true
}

// upperStates writes the states of addresses in capitals, as the vendor does.
func upperStates(profile *object) *object {
	addresses, _ := profile.Vals["addresses"].(*object)
	if addresses == nil {
		return profile
	}
	for _, k := range addresses.Keys {
		if addr, ok := addresses.Vals[k].(*object); ok {
			if state, ok := addr.Vals["state"].(text); ok {
				addr.Set("state", text(strings.ToUpper(string(state))))
			}
		}
	}
	return profile
}

// merged is old with what changed puts over it, object by object.
func merged(old, changed *object) *object {
	if old == nil {
		return changed
	}
	for _, k := range changed.Keys {
		v := changed.Vals[k]
		was, _ := old.Vals[k].(*object)
		if now, ok := v.(*object); ok && was != nil {
			v = merged(was, now)
		}
		old.Set(k, v)
	}
	return old
}

// matching reads a text of a form.
func (f *fields) matching(name string, form *regexp.Regexp, why ledger.Why) string {
	s := f.text(name, 255)
	if s != "" && !form.MatchString(s) {
		f.refuseIn(name, why, dialect.Shorten(s, 64))
		return ""
	}
	return s
}

// between reads a text of at least min and at most max characters.
func (f *fields) between(name string, min, max int) string {
	s := f.text(name, 100_000)
	if n := utf8.RuneCountInString(s); s != "" && (n < min || n > max) {
		f.refuseIn(name, whyLinkedBetween, strconv.Itoa(min)+" and "+strconv.Itoa(max))
		return ""
	}
	return s
}

// phone reads a phone number, which clients send as a text or a number: 8 to 15
// digits, with a plus before them at most.
func (f *fields) phone(name string) string {
	s := f.text(name, 64)
	digits := strings.TrimPrefix(s, "+")
	if s != "" && (len(digits) < 8 || len(s) > 15 || strings.Trim(digits, "0123456789") != "") {
		f.refuseIn(name, whyLinkedForm, "")
		return ""
	}
	return s
}

func (f *fields) businessType(name string) string {
	s := f.text(name, 255)
	for _, t := range businessTypes {
		if s == t {
			return s
		}
	}
	if s != "" {
		f.refuseIn(name, whyBusinessType, dialect.Shorten(s, 64))
	}
	return ""
}

// fetchLinked: "Fetch a linked account".
func (r *room) fetchLinked(q *request) (any, error) {
	a, err := r.desk.Linked(q.Context(), q.book(), q.id("acc"))
	if err != nil {
		return nil, err
	}
	return wireLinked(a)
}

// editLinked: "Update a linked account". Everything but the address and the
// type of business may change.
func (r *room) editLinked(q *request) (any, error) {
	b := q.body()
	b.onLinked(desk.Linked{}) // what is wrong with the request is wrong with any account
	if err := b.done(); err != nil {
		return nil, err
	}
	a, err := r.desk.EditLinked(q.Context(), q.book(), q.id("acc"), func(a desk.Linked) (desk.Linked, error) {
		return b.onLinked(a), b.err()
	})
	if err != nil {
		return nil, err
	}
	return wireLinked(a)
}

// deleteLinked: "Delete an account", which suspends it.
func (r *room) deleteLinked(q *request) (any, error) {
	a, err := r.desk.SuspendLinked(q.Context(), q.book(), q.id("acc"))
	if err != nil {
		return nil, err
	}
	return wireLinked(a)
}
