package razorpay

import (
	"net/mail"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"wapas/desk"
	"wapas/ledger"
)

// The rules of customers' fields.
const (
	whyContactShort ledger.Why = "contact_short"
	whyContactLong  ledger.Why = "contact_long"
	whyContactForm  ledger.Why = "contact_form"
	whyNameShort    ledger.Why = "name_short"
	whyNameForm     ledger.Why = "name_form"
	whyEmail        ledger.Why = "email"
	whyGSTIN        ledger.Why = "gstin"
)

// The limits of customers' fields, in characters.
const (
	minName    = 3
	maxName    = 50
	minContact = 8  // digits
	maxContact = 15 // with the plus sign
	maxEmail   = 64
)

// customerWire is the customer entity.
type customerWire struct {
	ID        desk.ID   `json:"id"`
	Entity    string    `json:"entity"`
	Name      *string   `json:"name"`
	Email     *string   `json:"email"`
	Contact   *string   `json:"contact"`
	GSTIN     *string   `json:"gstin"`
	Notes     notesWire `json:"notes"`
	CreatedAt int64     `json:"created_at"`
}

func wireCustomer(x desk.Customer) customerWire {
	return customerWire{
		ID: x.ID, Entity: "customer", Name: orNull(x.Name), Email: orNull(x.Email), Contact: orNull(x.Contact),
		GSTIN: orNull(x.GSTIN), Notes: notesWire(x.Notes), CreatedAt: x.CreatedAt.Unix(),
	}
}

// "Create a Customer": every field is optional. The documented fail_existing is
// the text "0" or "1"; clients send numbers and booleans, which the real API
// does not understand and we do.
func (r *room) createCustomer(q *request) (any, error) {
	b := q.body()
	ask := desk.CustomerRequest{Name: b.personName("name"), Contact: b.contact("contact"), Email: b.email("email"), GSTIN: b.gstin("gstin")}
	ask.Notes, _ = b.notes("notes")
	fail, said := b.flag("fail_existing")
	ask.Reuse = said && !fail
	if err := b.done(); err != nil {
		return nil, err
	}
	cust, err := r.desk.CreateCustomer(q.Context(), q.book(), ask)
	if err != nil {
		return nil, err
	}
	return wireCustomer(cust), nil
}

// "Edit Customer Details": what is not sent stays as it is.
func (r *room) editCustomer(q *request) (any, error) {
	b := q.body()
	ask := desk.CustomerEdit{Customer: q.id("cust")}
	if s := b.personName("name"); s != "" {
		ask.Name = &s
	}
	if s := b.email("email"); s != "" {
		ask.Email = &s
	}
	if s := b.contact("contact"); s != "" {
		ask.Contact = &s
	}
	if err := b.done(); err != nil {
		return nil, err
	}
	cust, err := r.desk.EditCustomer(q.Context(), q.book(), ask)
	if err != nil {
		return nil, err
	}
	return wireCustomer(cust), nil
}

func (r *room) fetchCustomer(q *request) (any, error) {
	cust, err := desk.Find[desk.Customer](q.Context(), r.desk, q.book(), q.id("cust"))
	if err != nil {
		return nil, err
	}
	return wireCustomer(cust), nil
}

func (r *room) listCustomers(q *request) (any, error) {
	page, err := q.page()
	if err != nil {
		return nil, err
	}
	rows, err := desk.List[desk.Customer](q.Context(), r.desk, page)
	if err != nil {
		return nil, err
	}
	return collect(rows, wireCustomer), nil
}

// personName reads a customer's name. The manual lists the signs that may be
// in one; letters are those of any script.
func (f *fields) personName(name string) string {
	s := f.text(name, maxName)
	switch {
	case s == "":
	case utf8.RuneCountInString(s) < minName:
		f.refuseIn(name, whyNameShort, "")
		return ""
	case strings.IndexFunc(s, notInNames) >= 0:
		f.refuseIn(name, whyNameForm, "")
		return ""
	}
	return s
}

func notInNames(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" .'/@()\u200c\u200d", r)
}

// contact reads a phone number and normalises those of Indian mobiles:
// "9876543210" becomes "+919876543210".
func (f *fields) contact(name string) string {
	s := f.text(name, 255)
	if s == "" {
		return ""
	}
	if mobile, ok := desk.IndianMobile(s); ok {
		return "+91" + mobile
	}
	n := strings.TrimPrefix(s, "+")
	switch {
	case strings.IndexFunc(n, func(r rune) bool { return r < '0' || r > '9' }) >= 0:
		f.refuseIn(name, whyContactForm, "")
	case len(n) < minContact:
		f.refuseIn(name, whyContactShort, "")
	case len(s) > maxContact:
		f.refuseIn(name, whyContactLong, "")
	default:
		return s
	}
	return ""
}

// email reads an address: just the address, no name around it.
func (f *fields) email(name string) string {
	s := f.text(name, maxEmail)
	if s == "" {
		return ""
	}
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || a.Name != "" {
		f.refuseIn(name, whyEmail, "")
		return ""
	}
	return s
}

var gstinForm = regexp.MustCompile(`^[0-9]{2}[A-Za-z0-9]{13}$`)

func (f *fields) gstin(name string) string {
	s := f.text(name, 255)
	if s != "" && !gstinForm.MatchString(s) {
		f.refuseIn(name, whyGSTIN, "")
		return ""
	}
	return s
}

var accountForm = regexp.MustCompile(`^[A-Za-z0-9]{5,35}$`)

// bankAccountWire is a customer's bank account. Entity and notes are not in
// the answer to a deletion, which has a status instead.
type bankAccountWire struct {
	ID       desk.ID    `json:"id"`
	Entity   string     `json:"entity,omitempty"`
	IFSC     string     `json:"ifsc"`
	BankName string     `json:"bank_name"`
	Name     string     `json:"name"`
	Notes    *notesWire `json:"notes,omitempty"`
	Number   string     `json:"account_number"`
	Status   string     `json:"status,omitempty"`
}

func wireBankAccount(x desk.BankAccount) bankAccountWire {
	w := bankAccountWire{ID: x.ID, IFSC: x.IFSC, BankName: x.BankName, Name: x.Name, Number: maskNumber(x.Number)}
	if x.Deleted {
		w.Status = "deleted"
		return w
	}
	w.Entity, w.Notes = "bank_account", new(notesWire)
	return w
}

// maskNumber leaves the last four digits of an account number.
func maskNumber(n string) string {
	shown := max(0, len(n)-4)
	return strings.Repeat("X", shown) + n[shown:]
}

// "Add Bank Account of Customer".
func (r *room) addBankAccount(q *request) (any, error) {
	b := q.body()
	ask := desk.BankAccountRequest{Customer: q.id("cust")}
	b.require("ifsc_code", "account_number", "beneficiary_name")
	ask.IFSC = strings.ToUpper(b.matching("ifsc_code", ifscForm, whyLinkedIFSC))
	ask.Number = b.matching("account_number", accountForm, whyLinkedNumber)
	ask.Name = b.text("beneficiary_name", 120)
	ask.Line1, ask.Line2, ask.Line3 = b.text("beneficiary_address1", 255), b.text("beneficiary_address2", 255), b.text("beneficiary_address3", 255)
	b.ignore("beneficiary_address4")
	ask.Email, ask.Mobile = b.email("beneficiary_email"), b.text("beneficiary_mobile", maxContact)
	ask.City, ask.State = b.text("beneficiary_city", 64), b.text("beneficiary_state", 64)
	ask.Country, ask.PIN = b.text("beneficiary_country", 64), b.text("beneficiary_pin", 15)
	if err := b.done(); err != nil {
		return nil, err
	}
	account, err := r.desk.AddBankAccount(q.Context(), q.book(), ask)
	if err != nil {
		return nil, err
	}
	return wireBankAccount(account), nil
}

func (r *room) deleteBankAccount(q *request) (any, error) {
	account, err := r.desk.DeleteBankAccount(q.Context(), q.book(), q.id("cust"), q.id("ba"))
	if err != nil {
		return nil, err
	}
	return wireBankAccount(account), nil
}
