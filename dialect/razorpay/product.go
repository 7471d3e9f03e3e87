package razorpay

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"wapas/desk"
	"wapas/dialect"
	"wapas/ledger"
)

// A productWire is the configuration of a product for a linked account. For
// Route that is the bank account that settlements go to; the rest, which other
// products have, comes back as it was sent.
type productWire struct {
	Requested     []string                   `json:"requested_configuration"` // always empty: what is asked for is active at once
	Active        map[string]json.RawMessage `json:"active_configuration"`
	Requirements  []requirementWire          `json:"requirements"`
	TnC           *tncWire                   `json:"tnc,omitempty"`
	ID            desk.ID                    `json:"id"`
	Name          string                     `json:"product_name"`
	Status        string                     `json:"activation_status"`
	Account       desk.ID                    `json:"account_id"`
	RequestedTime int64                      `json:"requested_at"`
}

// A requirementWire says what is missing and where to send it.
type requirementWire struct {
	Field      string `json:"field_reference"`
	URL        string `json:"resolution_url"`
	ReasonCode string `json:"reason_code"`
	Status     string `json:"status"`
}

type tncWire struct {
	ID       string `json:"id"`
	Accepted bool   `json:"accepted"`
	At       int64  `json:"accepted_at"`
}

// The products that linked accounts can ask for; the vendor has the last two
// for other accounts, and its clients' examples ask for them.
var products = []string{"route", "payment_gateway", "payment_links"}

// productParts are the parts of a configuration that are kept as they are sent.
var productParts = []string{"checkout", "refund", "notifications", "payment_methods", "payment_capture"}

// settlementFields are what an account that gets settlements must have, in the
// order of the manual's requirements.
var settlementFields = []string{"beneficiary_name", "account_number", "ifsc_code"}

// tncAt is where the time is kept at which the terms were accepted.
const tncAt = "tnc_accepted_at"

func wireProduct(p desk.Product) (productWire, error) {
	w := productWire{
		Requested: []string{}, Active: map[string]json.RawMessage{}, Requirements: []requirementWire{},
		ID: p.ID, Name: p.Name, Status: p.Status, Account: p.Account, RequestedTime: p.CreatedAt.Unix(),
	}
	parts := map[string]json.RawMessage{}
	if err := json.Unmarshal([]byte(p.Wire), &parts); err != nil {
		return w, err
	}
	for name, part := range parts {
		if name == tncAt {
			at, err := strconv.ParseInt(string(part), 10, 64)
			if err != nil {
				return w, err
			}
			w.TnC = &tncWire{"tnc_" + strings.TrimPrefix(string(p.ID), "acc_prd_"), true, at}
			continue
		}
		w.Active[name] = part
	}
	settlements := map[string]*string{}
	if err := json.Unmarshal(parts["settlements"], &settlements); err != nil {
		return w, err
	}
	for _, name := range settlementFields {
		if settlements[name] == nil {
			w.Requirements = append(w.Requirements, requirementWire{
				"settlements." + name, "/accounts/" + string(p.Account) + "/products/" + string(p.ID), "field_missing", "required",
			})
		}
	}
	return w, nil
}

// onProduct reads what was sent of a configuration onto the product. A product
// is active once its settlements have somewhere to go.
func (f *fields) onProduct(p desk.Product, now int64) desk.Product {
	kept, _ := dialect.ParseJSON([]byte(p.Wire))
	wire, _ := kept.(*object)
	if wire == nil {
		wire = &object{}
	}
	bank, _ := wire.Vals["settlements"].(*object)
	if bank == nil {
		bank = &object{}
		for _, name := range []string{"account_number", "ifsc_code", "beneficiary_name"} {
			bank.Set(name, nil)
		}
	}
	in := f.object("settlements")
	for name, v := range map[string]string{
		"account_number":   in.accountNumber("account_number"),
		"ifsc_code":        in.matching("ifsc_code", ifscForm, whyLinkedIFSC),
		"beneficiary_name": in.matching("beneficiary_name", nameForm, whyLinkedName),
	} {
		if v != "" {
			bank.Set(name, text(v))
		}
	}
	wire.Set("settlements", bank)
	for _, part := range productParts {
		if v := f.value(part); v != nil {
			old, _ := wire.Vals[part].(*object)
			if o, ok := v.(*object); ok {
				v = merged(old, o)
			}
			wire.Set(part, v)
		}
	}
	switch accepted, sent := f.flag("tnc_accepted"); {
	case sent && !accepted && *f.fault == nil:
		f.refuseIn("tnc_accepted", whyTnC, "")
	case accepted:
		wire.Set(tncAt, number(strconv.FormatInt(now, 10)))
	}
	f.ignore("ip")
	p.Wire, p.Status = dialect.WriteJSON(wire), "activated"
	for _, name := range settlementFields {
		if bank.Vals[name] == nil {
			p.Status = "needs_clarification"
		}
	}
	return p
}

// accountNumber reads the number of a bank account, which clients send as a
// text or a number: 5 to 35 letters and digits.
func (f *fields) accountNumber(name string) string {
	s := f.text(name, 255)
	if s != "" && (len(s) < 5 || len(s) > 35 || strings.IndexFunc(s, notBase62) >= 0) {
		f.refuseIn(name, whyLinkedNumber, "")
		return ""
	}
	return s
}

// requestProduct: "Request a product configuration".
func (r *room) requestProduct(q *request) (any, error) {
	b := q.body()
	b.require("product_name")
	name := b.text("product_name", 255)
	known := false
	for _, p := range products {
		known = known || p == name
	}
	if !known {
		b.refuseIn("product_name", whyProduct, "")
	}
	b.onProduct(desk.Product{}, 0)
	if err := b.done(); err != nil {
		return nil, err
	}
	p, err := r.desk.RequestProduct(q.Context(), q.book(), q.id("acc"), name, b.productEdit)
	if err != nil {
		return nil, err
	}
	return wireProduct(p)
}

// productEdit is onProduct as the desk calls it.
func (f *fields) productEdit(p desk.Product, now int64) (desk.Product, error) {
	return f.onProduct(p, now), f.err()
}

// fetchProduct: "Fetch a product configuration".
func (r *room) fetchProduct(q *request) (any, error) {
	p, err := r.desk.Product(q.Context(), q.book(), q.id("acc"), q.id("acc_prd"))
	if err != nil {
		return nil, err
	}
	return wireProduct(p)
}

// editProduct: "Update a product configuration".
func (r *room) editProduct(q *request) (any, error) {
	b := q.body()
	b.onProduct(desk.Product{}, 0)
	if err := b.done(); err != nil {
		return nil, err
	}
	p, err := r.desk.EditProduct(q.Context(), q.book(), q.id("acc"), q.id("acc_prd"), b.productEdit)
	if err != nil {
		return nil, err
	}
	return wireProduct(p)
}

// fetchTnC: "Fetch terms and conditions for a sub-merchant". Whoever runs this
// server has terms of their own, which are not known here: the links are null.
func (r *room) fetchTnC(q *request) (any, error) {
	product := string(q.id("product_name"))
	if !slices.Contains(products, product) && product != "payments" {
		return nil, ledger.Refuse(ledger.Invalid, whyProduct, "").In("product_name")
	}
	type links struct {
		Terms     *string `json:"terms"`
		Privacy   *string `json:"privacy"`
		Agreement *string `json:"agreement"`
	}
	type tnc struct {
		Entity    string `json:"entity"`
		Product   string `json:"product_name"`
		ID        string `json:"id"`
		TnC       links  `json:"tnc"`
		Published int64  `json:"last_published_at"`
	}
	return tnc{Entity: "tnc_map", Product: product, ID: "tnc_map_wapas000000001", Published: minTime}, nil
}
