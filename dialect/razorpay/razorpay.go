// Package razorpay is the room that speaks the Razorpay API: Wallet, Route and
// the neighbours those need. It promises what the official clients rely on: the
// paths, the shapes with their null and empty forms, the texts and the order of
// refusals. What the business does it leaves to the desk; the README says where
// we knowingly differ.
package razorpay

import (
	"net/http"

	"wapas/desk"
)

// A Config is what an operator may choose about the room. The zero Config
// works.
type Config struct {
	// PrintedDenials answers wrong credentials with the sentence printed in the
	// manual ("The api key provided is invalid") instead of the one that the
	// real API sends.
	PrintedDenials bool
	// Host is what goes before the paths in links that we hand out, such as
	// "https://pay.example.in"; if empty, it is what the caller called us by.
	Host string
}

// New speaks the Razorpay API at the desk.
func New(d *desk.Desk, cfg Config) http.Handler {
	r := &room{desk: d, cfg: cfg}
	for _, t := range r.routes() {
		r.tree.add(t)
	}
	return r
}

// A room holds no state: what happens, happens at the desk.
type room struct {
	desk *desk.Desk
	cfg  Config
	tree node
}

// Routes are all that the room answers, each a method, a blank and a path, for
// who must not forget one.
func (r *room) Routes() (all []string) {
	for _, t := range r.routes() {
		all = append(all, t.method+" "+t.path)
	}
	return all
}

// A route is one line of the API. The names in braces say what sort of id the
// path has there (see ids), and handlers ask for it by that name.
type route struct {
	method, path string
	handle       handler
	door         door
}

// A handler answers one request: read the wire, ask the desk, and return what
// is to be written as JSON (see write) or why not (see errors.go).
type handler func(q *request) (any, error)

// routes are all that this room answers. Static parts of a path win over ids.
func (r *room) routes() []route {
	return []route{
		// Customers, their bank accounts, wallets and payouts.
		{"POST", "/v1/customers", r.createCustomer, own},
		{"GET", "/v1/customers", r.listCustomers, own},
		{"GET", "/v1/customers/{cust}", r.fetchCustomer, own},
		{"PUT", "/v1/customers/{cust}", r.editCustomer, own},
		{"POST", "/v1/customers/{cust}/bank_account", r.addBankAccount, own},
		{"DELETE", "/v1/customers/{cust}/bank_account/{ba}", r.deleteBankAccount, own},
		{"GET", "/v1/customers/{cust}/balance", r.fetchBalance, own},
		{"GET", "/v1/customers/{cust}/statement", r.fetchStatement, own},
		{"POST", "/v1/customers/{cust}/payouts", r.createPayout, own},

		// Orders.
		{"POST", "/v1/orders", r.createOrder, own},
		{"GET", "/v1/orders", r.listOrders, own},
		{"GET", "/v1/orders/{order}", r.fetchOrder, own},
		{"PATCH", "/v1/orders/{order}", r.editOrder, own},
		{"GET", "/v1/orders/{order}/payments", r.listOrderPayments, own},

		// Payments.
		{"GET", "/v1/payments", r.listPayments, keyed},
		{"POST", "/v1/payments/create/json", r.createPaymentJSON, own},
		{"POST", "/v1/payments/create/upi", r.createPaymentUPI, own},
		{"POST", "/v1/payments/create/openwallet", r.createPaymentWallet, own},
		{"POST", "/v1/payments/create/recurring", r.createPaymentRecurring, own},
		{"POST", "/v1/payments/validate/vpa", r.validateVPA, own},
		{"GET", "/v1/payments/downtimes", r.listDowntimes, keyed},
		{"GET", "/v1/payments/downtimes/{down}", r.fetchDowntime, keyed},
		{"GET", "/v1/payments/{pay}", r.fetchPayment, keyed},
		{"PATCH", "/v1/payments/{pay}", r.editPayment, keyed},
		{"POST", "/v1/payments/{pay}/capture", r.capturePayment, keyed},
		{"GET", "/v1/payments/{pay}/card", r.fetchPaymentCard, keyed},
		{"POST", "/v1/payments/{pay}/otp_generate", r.generateOTP, public},
		{"POST", "/v1/payments/{pay}/otp/submit", r.submitOTP, public},
		{"POST", "/v1/payments/{pay}/otp/resend", r.resendOTP, public},
		{"GET", "/v1/methods", r.listMethods, public},
		{"GET", "/methods", r.listMethods, public}, // as the Python client asks

		// Refunds.
		{"POST", "/v1/payments/{pay}/refund", r.refundPayment, keyed},
		{"GET", "/v1/payments/{pay}/refunds", r.listPaymentRefunds, keyed},
		{"GET", "/v1/payments/{pay}/refunds/{rfnd}", r.fetchPaymentRefund, keyed},
		{"POST", "/v1/refunds", r.createRefund, keyed},
		{"GET", "/v1/refunds", r.listRefunds, keyed},
		{"GET", "/v1/refunds/{rfnd}", r.fetchRefund, keyed},
		{"PATCH", "/v1/refunds/{rfnd}", r.editRefund, keyed},

		// Transfers and their reversals.
		{"POST", "/v1/payments/{pay}/transfers", r.transferPayment, keyed},
		{"GET", "/v1/payments/{pay}/transfers", r.listPaymentTransfers, keyed},
		{"POST", "/v1/transfers", r.createTransfer, keyed},
		{"GET", "/v1/transfers", r.listTransfers, keyed},
		{"GET", "/v1/transfers/{trf}", r.fetchTransfer, keyed},
		{"PATCH", "/v1/transfers/{trf}", r.editTransfer, keyed},
		{"POST", "/v1/transfers/{trf}/reversals", r.reverseTransfer, keyed},
		{"GET", "/v1/transfers/{trf}/reversals", r.listReversals, keyed},

		// Fund accounts and payouts.
		{"POST", "/v1/fund_accounts", r.createFundAccount, own},
		{"GET", "/v1/fund_accounts", r.listFundAccounts, own},
		{"GET", "/v1/payouts", r.listPayouts, own},
		{"GET", "/v1/payouts/{pout}", r.fetchPayout, own},

		// Settlements.
		{"GET", "/v1/settlements", r.listSettlements, keyed},
		{"GET", "/v1/settlements/recon/combined", r.reconcile, keyed},
		{"POST", "/v1/settlements/ondemand", r.createOndemand, keyed},
		{"GET", "/v1/settlements/ondemand", r.listOndemand, keyed},
		{"GET", "/v1/settlements/ondemand/{setlod}", r.fetchOndemand, keyed},
		{"GET", "/v1/settlements/{setl}", r.fetchSettlement, keyed},

		// Linked accounts and what belongs to them.
		{"POST", "/v1/beta/accounts", r.createLinkedBeta, keyed},
		{"POST", "/v2/accounts", r.createLinked, keyed},
		{"GET", "/v2/accounts/{acc}", r.fetchLinked, keyed},
		{"PATCH", "/v2/accounts/{acc}", r.editLinked, keyed},
		{"DELETE", "/v2/accounts/{acc}", r.deleteLinked, keyed},
		{"POST", "/v2/accounts/{acc}/stakeholders", r.createStakeholder, keyed},
		{"GET", "/v2/accounts/{acc}/stakeholders", r.listStakeholders, keyed},
		{"GET", "/v2/accounts/{acc}/stakeholders/{sth}", r.fetchStakeholder, keyed},
		{"PATCH", "/v2/accounts/{acc}/stakeholders/{sth}", r.editStakeholder, keyed},
		{"POST", "/v2/accounts/{acc}/documents", r.uploadAccountDocument, keyed},
		{"GET", "/v2/accounts/{acc}/documents", r.listAccountDocuments, keyed},
		{"POST", "/v2/accounts/{acc}/stakeholders/{sth}/documents", r.uploadStakeholderDocument, keyed},
		{"GET", "/v2/accounts/{acc}/stakeholders/{sth}/documents", r.listStakeholderDocuments, keyed},
		{"POST", "/v2/accounts/{acc}/products", r.requestProduct, keyed},
		{"GET", "/v2/accounts/{acc}/products/{acc_prd}", r.fetchProduct, keyed},
		{"PATCH", "/v2/accounts/{acc}/products/{acc_prd}", r.editProduct, keyed},
		{"GET", "/v2/products/{product_name}/tnc", r.fetchTnC, keyed},

		// Webhooks: the merchant's own, and a linked account's.
		{"POST", "/v1/webhooks", r.createWebhook, keyed},
		{"GET", "/v1/webhooks", r.listWebhooks, keyed},
		{"PUT", "/v1/webhooks/{webhook}", r.editWebhook, keyed},
		{"POST", "/v2/accounts/{acc}/webhooks", r.createWebhook, keyed},
		{"GET", "/v2/accounts/{acc}/webhooks", r.listWebhooks, keyed},
		{"GET", "/v2/accounts/{acc}/webhooks/{webhook}", r.fetchWebhook, keyed},
		{"PATCH", "/v2/accounts/{acc}/webhooks/{webhook}", r.editWebhook, keyed},
		{"DELETE", "/v2/accounts/{acc}/webhooks/{webhook}", r.deleteWebhook, keyed},

		// The hosted checkout page of a test book, for people with a browser.
		{"GET", "/checkout/{order}", r.showCheckout, open},
		{"POST", "/checkout/{order}", r.payCheckout, open},
		{"GET", "/checkout/payments/{pay}", r.showBank, open},
		{"POST", "/checkout/payments/{pay}", r.answerBank, open},
	}
}
