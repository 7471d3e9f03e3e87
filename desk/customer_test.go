package desk_test

import (
	"testing"

	"wapas/desk"
	"wapas/ledger"
)

// Email and contact together are a customer.
func TestCreateCustomer(t *testing.T) {
	s := newShop(t)
	create := func(email, contact string, reuse bool) (desk.Customer, error) {
		return s.Desk.CreateCustomer(s.ctx, s.Book, desk.CustomerRequest{Name: "Asha", Email: email, Contact: contact, Reuse: reuse})
	}
	asha := must(create("asha@example.com", "+919876543210", false))(t)
	for _, tt := range []struct {
		what, email, contact string
		same                 bool
	}{
		{"both", "asha@example.com", "+919876543210", true},
		{"in other letters", "Asha@Example.com", "+919876543210", true},
		{"another email", "a@example.com", "+919876543210", false},
		{"another contact", "asha@example.com", "+919876543211", false},
		{"only the email", "asha@example.com", "", false},
		{"only the contact", "", "+919876543210", false},
		{"nothing", "", "", false},
		{"nothing again", "", "", false},
	} {
		c, err := create(tt.email, tt.contact, false)
		if tt.same {
			refused(t, tt.what, err, ledger.Duplicate, desk.WhyCustomerExists)
			if c := must(create(tt.email, tt.contact, true))(t); c != asha {
				t.Errorf("%s, reused: %+v", tt.what, c)
			}
		} else if err != nil || c.ID == asha.ID {
			t.Errorf("%s: %+v, %v", tt.what, c, err)
		}
	}
}

// An edit takes a customer's email and contact along, and lets the old go.
func TestEditCustomer(t *testing.T) {
	s := newShop(t)
	create := func(email string) (desk.Customer, error) {
		return s.Desk.CreateCustomer(s.ctx, s.Book, desk.CustomerRequest{Name: "Asha", Email: email})
	}
	asha, ravi := must(create("asha@example.com"))(t), must(create("ravi@example.com"))(t)
	edit := func(id desk.ID, email string) (desk.Customer, error) {
		return s.Desk.EditCustomer(s.ctx, s.Book, desk.CustomerEdit{Customer: id, Email: &email})
	}
	_, err := edit("cust_none", ravi.Email)
	refused(t, "no such customer, another's email", err, ledger.NotFound, desk.WhyUnknownID)
	_, err = edit(asha.ID, ravi.Email)
	refused(t, "another's email", err, ledger.Duplicate, desk.WhyCustomerExists)
	must(edit(asha.ID, "ASHA@example.com"))(t) // her own
	if c := must(edit(asha.ID, "a@example.com"))(t); c.Email != "a@example.com" || c.Name != "Asha" {
		t.Errorf("edited: %+v", c)
	}
	must(create("asha@example.com"))(t)
	_, err = create("a@example.com")
	refused(t, "the new email", err, ledger.Duplicate, desk.WhyCustomerExists)
}

func TestBankAccounts(t *testing.T) {
	s := newShop(t)
	c, other := s.customer(0, 0), must(s.Desk.CreateCustomer(s.ctx, s.Book, desk.CustomerRequest{Name: "Zoya"}))(t)
	_, err := s.Desk.AddBankAccount(s.ctx, s.Book, desk.BankAccountRequest{Customer: "cust_none"})
	refused(t, "no such customer", err, ledger.NotFound, desk.WhyUnknownID)
	b := must(s.Desk.AddBankAccount(s.ctx, s.Book, desk.BankAccountRequest{Customer: c.ID, IFSC: "UTIB0000194", Number: "916010080000000"}))(t)
	if b.BankName != "Axis Bank" || b.Deleted {
		t.Errorf("account: %+v", b)
	}
	for _, tt := range []struct {
		what         string
		customer, id desk.ID
	}{
		{"no such customer", "cust_none", b.ID},
		{"no such account", c.ID, "ba_none"},
		{"another's account", other.ID, b.ID},
	} {
		_, err := s.Desk.DeleteBankAccount(s.ctx, s.Book, tt.customer, tt.id)
		refused(t, tt.what, err, ledger.NotFound, desk.WhyUnknownID)
	}
	if b := must(s.Desk.DeleteBankAccount(s.ctx, s.Book, c.ID, b.ID))(t); !b.Deleted {
		t.Errorf("deleted: %+v", b)
	}
	_, err = s.Desk.DeleteBankAccount(s.ctx, s.Book, c.ID, b.ID)
	refused(t, "deleted before", err, ledger.NotFound, desk.WhyUnknownID)
}
