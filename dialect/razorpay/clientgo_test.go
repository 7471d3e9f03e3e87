package razorpay

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	official "github.com/razorpay/razorpay-go"
	rzperrors "github.com/razorpay/razorpay-go/errors"
	"github.com/razorpay/razorpay-go/requests"
)

// m is what the Go client takes and gives.
type m = map[string]any

// A goClient is the official Go client and the test that uses it.
type goClient struct {
	*official.Client
	t *testing.T
	s *service
}

// ok checks that a call worked, and pairs of path and value in its answer.
func (c *goClient) ok(what string) func(got m, err error) func(pairs ...any) m {
	return func(got m, err error) func(...any) m {
		c.t.Helper()
		if err != nil {
			c.t.Fatalf("%s: %v", what, err)
		}
		return func(pairs ...any) m {
			c.t.Helper()
			for i := 0; i < len(pairs); i += 2 {
				v, there := look(got, pairs[i].(string))
				if !there || !same(v, pairs[i+1]) {
					c.t.Errorf("%s: %s is %v (there: %t), want %v", what, pairs[i], v, there, pairs[i+1])
				}
			}
			return got
		}
	}
}

// refused checks that a call failed as the client's own error, with this text.
func (c *goClient) refused(what, text string) func(got m, err error) {
	return func(got m, err error) {
		c.t.Helper()
		var bad *rzperrors.BadRequestError
		if !errors.As(err, &bad) || bad.Message != text {
			c.t.Errorf("%s: got %v, %v; want the refusal %q", what, got, err, text)
		}
	}
}

// text is a text in an answer.
func text1(v m, path string) string {
	s, _ := look(v, path)
	return fmt.Sprint(s)
}

// test asks the service for something that only tests can have.
func (c *goClient) test(what string) {
	c.t.Helper()
	resp, err := http.Post(c.s.URL+"/test/"+what, "", nil)
	if err != nil {
		c.t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 200 {
		c.t.Fatalf("%s: %s", what, resp.Status)
	}
}

// pay makes an order and pays it by UPI; the payment is captured if the order
// says so and authorised otherwise.
func (c *goClient) pay(amount int, extra m) (order, payment string) {
	c.t.Helper()
	data := m{"amount": amount, "currency": "INR"}
	for k, v := range extra {
		data[k] = v
	}
	o := c.ok("Order.Create")(c.Order.Create(data, nil))("entity", "order", "amount", amount, "status", "created")
	order = text1(o, "id")
	p := c.ok("Payment.CreateUpi")(c.Payment.CreateUpi(m{
		"amount": amount, "currency": "INR", "order_id": order, "email": "gaurav@example.com", "contact": "9123456789",
		"method": "upi", "upi": m{"flow": "collect", "vpa": "success@razorpay", "expiry_time": 5},
	}, nil))("razorpay_payment_id", anyOf("pay_"))
	return order, text1(p, "razorpay_payment_id")
}

// TestGoClient takes the official Go client through every method that the room
// has a path for.
func TestGoClient(t *testing.T) {
	s := serve(t)
	c := &goClient{official.NewClient(testKey, testSecret), t, s}
	official.Request.BaseURL = s.URL

	c.customers()
	seller, other := c.accounts()
	c.orders()
	pay := c.payments()
	c.refunds(pay)
	c.transfers(seller, other)
	c.reverseAll(seller, other)
	c.wallet()
	c.settlements()
	c.webhooks(seller)
	c.endAccounts(seller)

	if missed := s.missed(
		"PUT /v1/webhooks/{webhook}",                      // the client sends no id
		"POST /v1/beta/accounts",                          // no method
		"GET /methods",                                    // the Python client's
		"GET /v1/payments/downtimes/{down}",               // there are none
		"GET /checkout/{order}", "POST /checkout/{order}", // for browsers
		"GET /checkout/payments/{pay}", "POST /checkout/payments/{pay}",
	); len(missed) > 0 {
		t.Errorf("the client was not taken through %q", missed)
	}

	// What is refused reaches the caller as an error with the vendor's text.
	c.refused("unknown id", "The id provided does not exist")(c.Payment.Fetch("pay_00000000000000", nil, nil))
	c.refused("not an id", "123 is not a valid id")(c.Payment.Fetch("pay_123", nil, nil))
	wrong := official.NewClient(testKey, "wrong")
	official.Request.BaseURL = s.URL
	c.refused("wrong secret", "Authentication failed")(wrong.Payment.All(nil, nil))
}

func (c *goClient) customers() {
	made := c.ok("Customer.Create")(c.Customer.Create(m{
		"name": "Gaurav Kumar", "contact": 9123456780, "email": "gaurav.kumar@example.com", "fail_existing": "0",
		"notes": m{"key": "value"},
	}, nil))("id", anyOf("cust_"), "entity", "customer", "contact", "+919123456780", "gstin", nil, "notes.key", "value")
	id := text1(made, "id")
	c.ok("Customer.Create again")(c.Customer.Create(m{
		"name": "Gaurav Kumar", "contact": 9123456780, "email": "gaurav.kumar@example.com", "fail_existing": "0",
	}, nil))("id", id)
	c.refused("Customer.Create twice", "Customer already exists for the merchant")(c.Customer.Create(m{
		"name": "Gaurav Kumar", "contact": 9123456780, "email": "gaurav.kumar@example.com",
	}, nil))
	c.ok("Customer.Edit")(c.Customer.Edit(id, m{"name": "Gaurav K"}, nil))("id", id, "name", "Gaurav K", "email", "gaurav.kumar@example.com")
	c.ok("Customer.Fetch")(c.Customer.Fetch(id, nil, nil))("id", id, "name", "Gaurav K")
	c.ok("Customer.All")(c.Customer.All(m{"count": 1}, nil))("entity", "collection", "count", 1, "items.0.id", id)
	bank := c.ok("Customer.AddBankAccount")(c.Customer.AddBankAccount(id, m{
		"ifsc_code": "UTIB0000194", "account_number": "916010082985661", "beneficiary_name": "Pratheek",
		"beneficiary_address1": "address 1", "beneficiary_email": "random@email.com", "beneficiary_mobile": "8762489310",
		"beneficiary_city": "Bangalore", "beneficiary_state": "KA", "beneficiary_country": "IN",
	}, nil))("id", anyOf("ba_"))
	c.ok("Customer.DeleteBankAccount")(c.Customer.DeleteBankAccount(id, text1(bank, "id"), nil, nil))("status", "deleted")
}

// file is a PDF on disk, as the client wants to send it.
func (c *goClient) file(name, documentType string) requests.FileUploadParams {
	path := filepath.Join(c.t.TempDir(), name)
	if err := os.WriteFile(path, []byte("%PDF-1.4 "+name), 0o600); err != nil {
		c.t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { f.Close() })
	return requests.FileUploadParams{File: f, Fields: map[string]string{"document_type": documentType}}
}

// accounts makes two sellers.
func (c *goClient) accounts() (seller, other string) {
	make := func(email, name string) string {
		got := c.ok("Account.Create")(c.Account.Create(m{
			"email": email, "phone": "9999999999", "type": "route", "reference_id": name,
			"legal_business_name": "Acme Corp", "business_type": "partnership", "contact_name": "Gaurav Kumar",
			"profile": m{
				"category": "healthcare", "subcategory": "clinic",
				"addresses": m{"registered": m{
					"street1": "507, Koramangala 1st block", "street2": "MG Road", "city": "Bengaluru",
					"state": "KARNATAKA", "postal_code": 560034, "country": "IN",
				}},
			},
			"legal_info": m{"pan": "AAACL1234C", "gst": "18AABCU9603R1ZM"},
		}, nil))("id", anyOf("acc_"), "entity", "account", "status", "created", "type", "route", "reference_id", name,
			"profile.addresses.registered.city", "Bengaluru", "legal_info.pan", "AAACL1234C")
		return text1(got, "id")
	}
	seller, other = make("seller@example.com", "seller1"), make("other@example.com", "seller2")
	c.ok("Account.Fetch")(c.Account.Fetch(seller, nil, nil))("id", seller, "email", "seller@example.com")
	c.ok("Account.Edit")(c.Account.Edit(seller, m{"customer_facing_business_name": "Acme"}, nil))("id", seller, "customer_facing_business_name", "Acme")

	holder := c.ok("Stakeholder.Create")(c.Stakeholder.Create(seller, m{
		"percentage_ownership": 10, "name": "Gaurav Kumar", "email": "gaurav.kumar@example.com",
		"relationship": m{"director": true, "executive": false},
		"phone":        m{"primary": "9000090000", "secondary": "9000090000"},
		"addresses":    m{"residential": m{"street": "506, Koramangala 1st block", "city": "Bengaluru", "state": "Karnataka", "postal_code": "560034", "country": "IN"}},
		"kyc":          m{"pan": "AVOPB1111K"},
		"notes":        m{"random_key": "random_value"},
	}, nil))("id", anyOf("sth_"), "entity", "stakeholder", "name", "Gaurav Kumar")
	id := text1(holder, "id")
	c.ok("Stakeholder.Fetch")(c.Stakeholder.Fetch(seller, id, nil, nil))("id", id)
	c.ok("Stakeholder.Edit")(c.Stakeholder.Edit(seller, id, m{"name": "Gauri Kumar"}, nil))("id", id, "name", "Gauri Kumar")
	c.ok("Stakeholder.All")(c.Stakeholder.All(seller, nil, nil))("entity", "collection", "count", 1, "items.0.id", id)

	c.ok("Account.UploadAccountDoc")(c.Account.UploadAccountDoc(seller, c.file("deed.pdf", "business_proof_url"), nil))(
		"business_proof_of_identification.0.type", "business_proof_url", "business_proof_of_identification.0.document_id", anyOf("doc_"))
	c.ok("Account.FetchAccountDoc")(c.Account.FetchAccountDoc(seller, nil, nil))("business_proof_of_identification.0.document_id", anyOf("doc_"))
	c.refused("Account.UploadAccountDoc of an unknown type", "The selected document type is invalid.")(c.Account.UploadAccountDoc(seller, c.file("deed.pdf", "deed"), nil))
	c.ok("Stakeholder.UploadStakeholderDoc")(c.Stakeholder.UploadStakeholderDoc(seller, id, c.file("aadhar.pdf", "aadhar_front"), nil))(
		"individual_proof_of_address.0.type", "aadhar_front", "individual_proof_of_address.0.document_id", anyOf("doc_"))
	c.ok("Stakeholder.FetchStakeholderDoc")(c.Stakeholder.FetchStakeholderDoc(seller, id, nil, nil))("individual_proof_of_address.0.type", "aadhar_front")

	product := c.ok("Product.RequestProductConfiguration")(c.Product.RequestProductConfiguration(seller, m{
		"product_name": "route", "tnc_accepted": true,
	}, nil))("id", anyOf("acc_prd_"))
	id = text1(product, "id")
	c.ok("Product.Fetch")(c.Product.Fetch(seller, id, nil, nil))("id", id)
	c.ok("Product.Edit")(c.Product.Edit(seller, id, m{
		"settlements":  m{"account_number": "1234567890", "ifsc_code": "HDFC0000317", "beneficiary_name": "Gaurav Kumar"},
		"tnc_accepted": true,
	}, nil))("id", id, "active_configuration.settlements.account_number", "1234567890")
	c.ok("Product.FetchTnc")(c.Product.FetchTnc("route", nil, nil))("product_name", "route")
	return seller, other
}

func (c *goClient) orders() {
	made := c.ok("Order.Create")(c.Order.Create(m{
		"amount": "50000", "currency": "INR", "receipt": "receipt#1", "partial_payment": false, "notes": m{"k": "v"},
	}, nil))("id", anyOf("order_"), "entity", "order", "amount", 50000, "amount_paid", 0, "amount_due", 50000, "status", "created",
		"receipt", "receipt#1", "attempts", 0, "offer_id", nil, "notes.k", "v")
	id := text1(made, "id")
	c.ok("Order.Fetch")(c.Order.Fetch(id, nil, nil))("id", id)
	c.ok("Order.Fetch expanded")(c.Order.Fetch(id, m{"expand[]": "transfers"}, nil))("transfers.count", 0)
	c.ok("Order.All")(c.Order.All(m{"receipt": "receipt#1"}, nil))("count", 1, "items.0.id", id)
	c.ok("Order.Update")(c.Order.Update(id, m{"notes": m{"k": "w"}}, nil))("notes.k", "w")
	c.ok("Order.Payments")(c.Order.Payments(id, nil, nil))("entity", "collection", "count", 0)
}

// payments gives a captured payment of 500 rupees.
func (c *goClient) payments() (pay string) {
	order, pay := c.pay(50000, nil)
	c.ok("Payment.Fetch")(c.Payment.Fetch(pay, nil, nil))("id", pay, "entity", "payment", "status", "authorized", "order_id", order,
		"method", "upi", "captured", false, "fee", nil)
	c.refused("Payment.Capture another amount", "Capture amount must be equal to the amount authorized.")(c.Payment.Capture(pay, 40000, m{"currency": "INR"}, nil))
	c.ok("Payment.Capture")(c.Payment.Capture(pay, 50000, m{"currency": "INR"}, nil))("id", pay, "status", "captured", "captured", true)
	c.ok("Payment.Edit")(c.Payment.Edit(pay, m{"notes": m{"k": "v"}}, nil))("notes.k", "v")
	c.ok("Payment.All")(c.Payment.All(m{"count": 5}, nil))("count", 1, "items.0.id", pay)
	c.ok("Order.Payments")(c.Order.Payments(order, nil, nil))("count", 1, "items.0.id", pay)
	c.ok("Order.Fetch paid")(c.Order.Fetch(order, m{"expand[]": "payments"}, nil))("status", "paid", "amount_due", 0, "payments.items.0.id", pay)
	c.refused("Payment.FetchCardDetails without a card", "Payment was not done using card.")(c.Payment.FetchCardDetails(pay, nil, nil))

	o := c.ok("Order.Create")(c.Order.Create(m{"amount": 10000, "currency": "INR", "payment_capture": 1}, nil))()
	card := c.ok("Payment.CreatePaymentJson")(c.Payment.CreatePaymentJson(m{
		"amount": 10000, "currency": "INR", "order_id": text1(o, "id"), "email": "gaurav@example.com", "contact": "9123456789", "method": "card",
		"card": m{"number": "4111111111111111", "cvv": "123", "expiry_month": "12", "expiry_year": "30", "name": "Gaurav Kumar"},
	}, nil))("razorpay_payment_id", anyOf("pay_"))
	id := text1(card, "razorpay_payment_id")
	c.ok("Payment.Fetch card")(c.Payment.Fetch(id, m{"expand[]": "card"}, nil))("method", "card", "card.last4", "1111", "card.network", "Visa")
	c.ok("Payment.FetchCardDetails")(c.Payment.FetchCardDetails(id, nil, nil))("entity", "card", "last4", "1111")

	c.ok("Payment.OtpGenerate")(c.Payment.OtpGenerate(id, nil, nil))("razorpay_payment_id", id)
	c.ok("Payment.OtpResend")(c.Payment.OtpResend(id, nil, nil))("razorpay_payment_id", id)
	c.ok("Payment.OtpSubmit")(c.Payment.OtpSubmit(id, m{"otp": "123456"}, nil))("razorpay_payment_id", id, "razorpay_order_id", text1(o, "id"))
	c.ok("Payment.Fetch after the OTP")(c.Payment.Fetch(id, nil, nil))("status", "captured")

	o = c.ok("Order.Create")(c.Order.Create(m{"amount": 10000, "currency": "INR", "payment_capture": 1}, nil))()
	cust := c.ok("Customer.Create")(c.Customer.Create(m{"name": "Ravi Shah", "contact": "9000000001", "email": "ravi@example.com"}, nil))()
	c.ok("Payment.CreateRecurringPayment")(c.Payment.CreateRecurringPayment(m{
		"amount": 10000, "currency": "INR", "order_id": text1(o, "id"), "customer_id": text1(cust, "id"), "token": "token_00000000000000",
		"email": "ravi@example.com", "contact": "9000000001", "recurring": "1",
	}, nil))("razorpay_payment_id", anyOf("pay_"), "razorpay_order_id", text1(o, "id"))

	c.ok("Payment.ValidateVpa")(c.Payment.ValidateVpa(m{"vpa": "success@razorpay"}, nil))("vpa", "success@razorpay", "success", true)
	c.ok("Payment.FetchMethods")(c.Payment.FetchMethods(nil, nil))("entity", "methods", "upi", true)
	c.ok("Payment.FetchPaymentDowntime")(c.Payment.FetchPaymentDowntime(nil, nil))("entity", "collection", "count", 0)
	return pay
}

func (c *goClient) refunds(pay string) {
	made := c.ok("Payment.Refund")(c.Payment.Refund(pay, 10000, m{"receipt": "rcpt-1", "speed": "normal", "notes": m{"k": "v"}}, nil))(
		"id", anyOf("rfnd_"), "entity", "refund", "amount", 10000, "payment_id", pay, "receipt", "rcpt-1", "status", "processed",
		"speed_processed", "normal", "speed_requested", "normal", "batch_id", nil, "acquirer_data.rrn", nil, "notes.k", "v")
	id := text1(made, "id")
	key := map[string]string{"X-Refund-Idempotency": "order-4711-refund"}
	first := c.ok("Payment.Refund with a key")(c.Payment.Refund(pay, 5000, nil, key))("amount", 5000)
	c.ok("Payment.Refund with the same key")(c.Payment.Refund(pay, 5000, nil, key))("id", text1(first, "id"), "created_at", text2(first, "created_at"))
	c.refused("Payment.Refund with the same key and another amount",
		"Different request with the same idempotency key has already been processed.")(c.Payment.Refund(pay, 6000, nil, key))
	c.refused("Payment.Refund too much", "The refund amount provided is greater than amount captured")(c.Payment.Refund(pay, 50000, nil, nil))
	c.ok("Payment.FetchMultipleRefund")(c.Payment.FetchMultipleRefund(pay, m{"count": 10}, nil))("count", 2, "items.1.id", id)
	c.ok("Payment.FetchRefund")(c.Payment.FetchRefund(pay, id, nil, nil))("id", id)
	c.ok("Refund.Create")(c.Refund.Create(m{"payment_id": pay, "amount": 1000}, nil))("amount", 1000, "payment_id", pay)
	c.ok("Refund.All")(c.Refund.All(m{"count": 100}, nil))("count", 3)
	c.ok("Refund.Fetch")(c.Refund.Fetch(id, nil, nil))("id", id)
	c.ok("Refund.Update")(c.Refund.Update(id, m{"notes": m{"k": "w"}}, nil))("id", id, "notes.k", "w")
	c.test("advance/3s")
	c.ok("Payment.Fetch")(c.Payment.Fetch(pay, nil, nil))("status", "captured", "amount_refunded", 16000, "refund_status", "partial")
}

// text2 is a number in an answer, as an int.
func text2(v m, path string) int {
	n, _ := look(v, path)
	f, _ := n.(float64)
	return int(f)
}

func (c *goClient) transfers(seller, other string) {
	_, pay := c.pay(100000, m{"payment_capture": true})
	got := c.ok("Payment.Transfer")(c.Payment.Transfer(pay, m{"transfers": []m{
		{"account": seller, "amount": 20000, "currency": "INR", "notes": m{"branch": "Acme"}, "linked_account_notes": []string{"branch"}, "on_hold": true},
		{"account": other, "amount": 30000, "currency": "INR"},
	}}, nil))("entity", "collection", "count", 2, "items.0.id", anyOf("trf_"), "items.0.source", pay, "items.0.recipient", seller,
		"items.0.on_hold", true, "items.0.amount_reversed", 0, "items.0.linked_account_notes.0", "branch")
	id := text1(got, "items.0.id")
	c.ok("Payment.Transfers")(c.Payment.Transfers(pay, nil, nil))("count", 2)
	c.ok("Transfer.Fetch")(c.Transfer.Fetch(id, nil, nil))("id", id, "amount", 20000, "error.id", id)
	c.ok("Transfer.Edit")(c.Transfer.Edit(id, m{"on_hold": false}, nil))("id", id, "on_hold", false)
	c.ok("Transfer.All")(c.Transfer.All(m{"expand[]": "recipient_settlement"}, nil))("count", 2)
	c.ok("Transfer.Create")(c.Transfer.Create(m{"account": seller, "amount": 1000, "currency": "INR"}, nil))("id", anyOf("trf_"), "status", "processed", "recipient", seller, "source", anyOf("acc_"))

	c.ok("Transfer.Reverse")(c.Transfer.Reverse(id, m{"amount": 5000}, nil))("id", anyOf("rvrsl_"), "entity", "reversal", "transfer_id", id, "amount", 5000, "customer_refund_id", nil)
	c.ok("Transfer.Reversals")(c.Transfer.Reversals(id, nil, nil))("count", 1, "items.0.amount", 5000)
	c.ok("Transfer.Fetch")(c.Transfer.Fetch(id, nil, nil))("status", "partially_reversed", "amount_reversed", 5000)

	made := c.ok("Order.Create with transfers")(c.Order.Create(m{
		"amount": 5000, "currency": "INR", "payment_capture": true,
		"transfers": []m{{"account": seller, "amount": 2000, "currency": "INR", "on_hold": 0}},
	}, nil))("transfers.0.status", "created", "transfers.0.recipient", seller)
	c.ok("Order.Fetch with transfers")(c.Order.Fetch(text1(made, "id"), m{"expand[]": "transfers"}, nil))("transfers.count", 1)
}

// reverseAll gives everything back in one request: the transfers first, then
// the customer's money.
func (c *goClient) reverseAll(seller, other string) {
	_, pay := c.pay(30000, m{"payment_capture": true})
	got := c.ok("Payment.Transfer")(c.Payment.Transfer(pay, m{"transfers": []m{
		{"account": seller, "amount": 10000, "currency": "INR"}, {"account": other, "amount": 15000, "currency": "INR"},
	}}, nil))("count", 2)
	refund := c.ok("Payment.Refund reverse_all")(c.Payment.Refund(pay, 30000, m{"reverse_all": 1}, nil))("amount", 30000, "status", "processed")
	for _, i := range []string{"0", "1"} {
		id := text1(got, "items."+i+".id")
		c.ok("Transfer.Fetch")(c.Transfer.Fetch(id, nil, nil))("status", "reversed")
		c.ok("Transfer.Reversals")(c.Transfer.Reversals(id, nil, nil))("count", 1, "items.0.customer_refund_id", text1(refund, "id"))
	}
	c.ok("Payment.Fetch")(c.Payment.Fetch(pay, nil, nil))("status", "refunded", "refund_status", "full", "amount_refunded", 30000)
}

// wallet uses raw calls, as clients of the wallet must: no official client has
// methods for it.
func (c *goClient) wallet() {
	raw := c.Payment.Request
	cust := text1(c.ok("Customer.Create")(c.Customer.Create(m{"name": "Asha Rao", "contact": "9876543210", "email": "asha@example.com"}, nil))(), "id")
	_, pay := c.pay(40000, m{"payment_capture": true})
	c.ok("load")(c.Payment.Transfer(pay, m{"transfers": []m{{"customer": cust, "amount": 30000, "currency": "INR"}}}, nil))(
		"count", 1, "items.0.status", "created", "items.0.recipient", cust, "items.0.source", pay)
	c.ok("cashback")(c.Transfer.Create(m{"customer": cust, "amount": 1000, "currency": "INR"}, nil))("recipient", cust, "source", anyOf("acc_"))
	c.ok("balance")(raw.Get("/v1/customers/"+cust+"/balance", nil, nil))("balance", 31000)

	order := text1(c.ok("Order.Create")(c.Order.Create(m{"amount": 12000, "currency": "INR"}, nil))(), "id")
	// The signature is checked by the Node client: the Go client's checks are in
	// a package that wants a test framework.
	paid := c.ok("openwallet")(raw.Post("/v1/payments/create/openwallet", m{
		"method": "wallet", "wallet": "openwallet", "customer_id": cust, "order_id": order, "amount": 12000, "currency": "INR",
		"contact": "9876543210", "email": "asha@example.com", "description": "Groceries", "notes": m{"k": "v"},
	}, nil))("razorpay_order_id", order, "razorpay_payment_id", anyOf("pay_"), "razorpay_signature", anyOf(""))
	wpay := text1(paid, "razorpay_payment_id")
	c.ok("Payment.Capture")(c.Payment.Capture(wpay, 12000, m{"currency": "INR"}, nil))("status", "captured", "method", "wallet", "wallet", "openwallet")
	c.ok("balance")(raw.Get("/v1/customers/"+cust+"/balance", nil, nil))("balance", 19000)
	c.ok("refund to the wallet")(c.Payment.Refund(wpay, 2000, nil, nil))("status", "processed")
	c.ok("balance")(raw.Get("/v1/customers/"+cust+"/balance", nil, nil))("balance", 21000)
	c.ok("statement")(raw.Get("/v1/customers/"+cust+"/statement", m{"count": 10}, nil))(
		"entity", "collection", "count", 4, "items.0.type", "refund", "items.0.credit", 2000, "items.0.balance", 21000)

	fund := c.ok("FundAccount.Create")(c.FundAccount.Create(m{
		"customer_id": cust, "account_type": "bank_account",
		"bank_account": m{"name": "Asha Rao", "account_number": "11214311215411", "ifsc": "HDFC0000053"},
	}, nil))("id", anyOf("fa_"), "entity", "fund_account", "customer_id", cust, "active", true, "bank_account.ifsc", "HDFC0000053")
	c.ok("FundAccount.All")(c.FundAccount.All(m{"customer_id": cust}, nil))("count", 1, "items.0.id", text1(fund, "id"))
	payout := c.ok("payout")(raw.Post("/v1/customers/"+cust+"/payouts", m{
		"amount": 5000, "currency": "INR", "fund_account_id": text1(fund, "id"), "purpose": "refund",
	}, nil))("id", anyOf("pout_"), "entity", "payout", "customer_id", cust, "status", "processing", "utr", nil)
	c.ok("balance")(raw.Get("/v1/customers/"+cust+"/balance", nil, nil))("balance", 16000)
	c.test("advance/3s")
	id := text1(payout, "id")
	c.ok("Payout.Fetch")(c.Payout.Fetch(id, nil, nil))("id", id, "status", "processed", "utr", anyOf(""))
	c.ok("Payout.All")(c.Payout.All(nil, nil))("count", 1, "items.0.id", id)
}

func (c *goClient) settlements() {
	c.ok("CreateOnDemandSettlement")(c.Settlement.CreateOnDemandSettlement(m{"amount": 20000, "settle_full_balance": false, "description": "Need this to buy stock."}, nil))(
		"id", anyOf("setlod_"), "entity", "settlement.ondemand", "amount_requested", 20000)
	all := c.ok("FetchAllOnDemandSettlement")(c.Settlement.FetchAllOnDemandSettlement(m{"expand[]": "ondemand_payouts"}, nil))("count", 1)
	id := text1(all, "items.0.id")
	c.ok("FetchOnDemandSettlementById")(c.Settlement.FetchOnDemandSettlementById(id, nil, nil))("id", id)
	c.test("settle")
	c.test("advance/3m")
	got := c.ok("Settlement.All")(c.Settlement.All(nil, nil))("entity", "collection", "count", 1, "items.0.status", "processed")
	id = text1(got, "items.0.id")
	c.ok("Settlement.Fetch")(c.Settlement.Fetch(id, nil, nil))("id", id, "entity", "settlement")
	c.ok("Settlement.Reports")(c.Settlement.Reports(m{"year": 2025, "month": 12}, nil))("entity", "collection", "items.0.settlement_id", id)
}

func (c *goClient) webhooks(seller string) {
	hook := m{"url": "https://example.com/hook", "alert_email": "ops@example.com", "secret": "12345", "events": []string{"payment.authorized", "refund.processed"}}
	mine := c.ok("Webhook.Create")(c.Webhook.Create("", hook, nil))("entity", "webhook", "url", "https://example.com/hook", "secret_exists", true, "active", true)
	c.ok("Webhook.All")(c.Webhook.All("", nil, nil))("count", 1, "items.0.id", text1(mine, "id"))
	theirs := c.ok("Webhook.Create for an account")(c.Webhook.Create(seller, hook, nil))("entity", "webhook", "events.0", "payment.authorized")
	id := text1(theirs, "id")
	c.ok("Webhook.Fetch")(c.Webhook.Fetch(id, seller, nil, nil))("id", id)
	c.ok("Webhook.Edit")(c.Webhook.Edit(id, seller, m{"url": "https://example.com/other", "events": []string{"payment.captured"}}, nil))("id", id, "url", "https://example.com/other", "events.0", "payment.captured")
	c.ok("Webhook.All of an account")(c.Webhook.All(seller, nil, nil))("count", 1)
	c.ok("Webhook.Delete")(c.Webhook.Delete(id, seller, nil, nil))()
	c.ok("Webhook.All of an account")(c.Webhook.All(seller, nil, nil))("count", 0)
	// The client forgets the id of a webhook of the merchant's own: it is told.
	c.refused("Webhook.Edit", "The requested URL was not found on the server.")(c.Webhook.Edit(text1(mine, "id"), "", hook, nil))
}

func (c *goClient) endAccounts(seller string) {
	c.ok("Account.Delete")(c.Account.Delete(seller, nil, nil))("id", seller, "status", "suspended")
}
