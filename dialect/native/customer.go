package native

import (
	"strconv"

	"wapas/desk"
	"wapas/ledger"
)

// A customer of the merchant.
type customer struct {
	ID        desk.ID `json:"id" doc:"cust_ and 14 characters."`
	Name      string  `json:"name,omitempty"`
	Email     string  `json:"email,omitempty"`
	Contact   string  `json:"contact,omitempty" doc:"A phone number, as it was given."`
	GSTIN     string  `json:"gstin,omitempty"`
	Notes     labels  `json:"notes"`
	CreatedAt moment  `json:"created_at"`
}

func wireCustomer(c desk.Customer) customer {
	return customer{c.ID, c.Name, c.Email, c.Contact, c.GSTIN, labels(c.Notes), moment(c.CreatedAt)}
}

func showCustomer(_ *request, c desk.Customer) (customer, error) { return wireCustomer(c), nil }

// A wallet is a customer's money with us.
type wallet struct {
	CustomerID desk.ID       `json:"customer_id"`
	Free       ledger.Amount `json:"free" doc:"What may be spent, cashback among it. Paise."`
	Cashback   ledger.Amount `json:"cashback" doc:"Of free."`
	Held       ledger.Amount `json:"held" doc:"For payments that are not captured yet."`
	Used       ledger.Amount `json:"used" doc:"Spent and paid out this month."`
	Max        ledger.Amount `json:"max" doc:"What it may hold; 0: no limit."`
	Frozen     bool          `json:"frozen" doc:"Nothing is paid from it, paid out or loaded; refunds arrive."`
	FrozenFor  string        `json:"frozen_for,omitempty" doc:"Why."`
	FrozenAt   moment        `json:"frozen_at,omitempty"`
}

// A walletLine is a line of a wallet's statement.
type walletLine struct {
	N           int64         `json:"n" doc:"Its position, dense from 1."`
	ID          desk.ID       `json:"id" doc:"ctxn_ and 14 characters."`
	Entry       int64         `json:"entry" doc:"The entry that it is of."`
	Source      desk.ID       `json:"source" doc:"The payment, transfer, refund or payout behind it."`
	Type        string        `json:"type"`
	Credit      ledger.Amount `json:"credit" doc:"Paise that came in."`
	Debit       ledger.Amount `json:"debit" doc:"Paise that went out."`
	Balance     ledger.Amount `json:"balance" doc:"What could be spent after it."`
	Description string        `json:"description"`
	CreatedAt   moment        `json:"created_at"`
}

func wireWalletLine(l desk.WalletLine) walletLine {
	return walletLine{l.N, l.ID, l.Entry, l.Source, l.Type, l.Credit, l.Debit, l.Balance, l.Description, moment(l.CreatedAt)}
}

func customerRoutes() []route {
	return under("Customers and wallets",
		read("/customers", "listCustomers", customerRead, "List customers", listCustomers).says("Newest first."),
		write("POST /customers", "createCustomer", customerWrite, "Add a customer", createCustomer, showCustomer).created().
			says("E-mail and contact together name a person: a second one is refused."),
		read("/customers/{customer_id}", "getCustomer", customerRead, "Read a customer", getCustomer),
		write("PATCH /customers/{customer_id}", "editCustomer", customerWrite, "Change a customer", editCustomer, showCustomer),
		read("/customers/{customer_id}/wallet", "getWallet", customerRead, "What a customer's wallet holds", getWallet),
		write("POST /customers/{customer_id}/wallet/freeze", "freezeWallet", customerWrite, "Freeze a customer's wallet", freezeWallet, showWallet).
			says("Nothing is paid from it, paid out or loaded. Refunds arrive all the same, and what was agreed before goes on."),
		write("POST /customers/{customer_id}/wallet/thaw", "thawWallet", customerWrite, "Thaw a customer's wallet", thawWallet, showWallet),
		read("/customers/{customer_id}/wallet/statement", "getStatement", customerRead, "A wallet's statement", getStatement).
			says("Newest first. A page deep in a long statement costs what the first one does."),
		read("/payments/{payment_id}", "getPayment", refundRead, "Read a payment, and what may still be given back of it", getPayment),
		read("/orders/{order_id}", "getOrder", refundRead, "Read an order", getOrder),
	)
}

type customerPath struct {
	ID desk.ID `path:"customer_id" form:"id" doc:"The customer's id."`
}

type customerFilter struct {
	listing
	Contact string `query:"contact" len:"20" doc:"Only those with this contact, spelled as it was given."`
	Email   string `query:"email" len:"254" doc:"Only those with this e-mail, spelled as it was given."`
}

func listCustomers(q *request, in customerFilter) (page[customer], error) {
	return list(q, in.listing, func(p *desk.Query) {
		p.Where = map[string]string{}
		if in.Contact != "" {
			p.Where["contact"] = in.Contact
		}
		if in.Email != "" {
			p.Where["email"] = in.Email
		}
	}, wireCustomer)
}

type newCustomer struct {
	Name    string `json:"name,omitempty" len:"50"`
	Email   string `json:"email,omitempty" form:"email" len:"64"`
	Contact string `json:"contact,omitempty" form:"contact" doc:"A phone number; an Indian mobile if the customer is to have a wallet." eg:"+919876543210"`
	GSTIN   string `json:"gstin,omitempty" len:"15"`
	Notes   labels `json:"notes,omitempty"`
}

func createCustomer(q *request, in newCustomer) (desk.Customer, error) {
	return q.desk().CreateCustomer(q.Context(), q.book(), desk.CustomerRequest{
		Name: in.Name, Email: in.Email, Contact: in.Contact, GSTIN: in.GSTIN, Notes: desk.Notes(in.Notes),
	})
}

func getCustomer(q *request, in customerPath) (customer, error) {
	c, err := desk.Find[desk.Customer](q.Context(), q.desk(), q.book(), in.ID)
	return wireCustomer(c), err
}

type customerEdit struct {
	customerPath
	Name    *string `json:"name" len:"50"`
	Email   *string `json:"email" form:"email" len:"64"`
	Contact *string `json:"contact" form:"contact"`
}

func editCustomer(q *request, in customerEdit) (desk.Customer, error) {
	return q.desk().EditCustomer(q.Context(), q.book(), desk.CustomerEdit{Customer: in.ID, Name: in.Name, Email: in.Email, Contact: in.Contact})
}

func getWallet(q *request, in customerPath) (wallet, error) {
	w, err := q.desk().WalletBalance(q.Context(), q.book(), in.ID)
	if err != nil {
		return wallet{}, err
	}
	return wallet{in.ID, w.Free(), w.Promo, w.Held, w.Usage, w.Max, w.Wallet.Frozen, w.Wallet.FrozenFor, moment(w.Wallet.FrozenAt)}, nil
}

type walletFreeze struct {
	customerPath
	Reason string `json:"reason" len:"200" doc:"Why, for whoever asks later."`
}

func freezeWallet(q *request, in walletFreeze) (desk.Wallet, error) {
	return q.desk().FreezeWallet(q.Context(), q.book(), desk.FreezeRequest{Holder: in.ID, Frozen: true, Reason: in.Reason})
}

func thawWallet(q *request, in customerPath) (desk.Wallet, error) {
	return q.desk().FreezeWallet(q.Context(), q.book(), desk.FreezeRequest{Holder: in.ID})
}

func showWallet(q *request, w desk.Wallet) (wallet, error) { return getWallet(q, customerPath{w.ID}) }

type statementPage struct {
	customerPath
	listing
	Since moment `query:"created_from" doc:"Only lines at or after this moment."`
	Until moment `query:"created_to" doc:"Only lines at or before this moment."`
}

func getStatement(q *request, in statementPage) (page[walletLine], error) {
	p, err := q.numbered(in.listing)
	if err != nil {
		return page[walletLine]{}, err
	}
	p.Parent, p.From, p.To = in.ID, ledger.Time(in.Since), ledger.Time(in.Until)
	lines, err := q.desk().Statement(q.Context(), p)
	if err != nil {
		return page[walletLine]{}, err
	}
	return paged(q, p, lines, func(l desk.WalletLine) string { return strconv.FormatInt(l.N, 10) }, wireWalletLine), nil
}

type paymentPath struct {
	ID desk.ID `path:"payment_id" form:"id" doc:"The payment's id."`
}

func getPayment(q *request, in paymentPath) (payment, error) {
	p, err := desk.Find[desk.Payment](q.Context(), q.desk(), q.book(), in.ID)
	if err != nil {
		return payment{}, err
	}
	return wirePayment(p), nil
}

type orderPath struct {
	ID desk.ID `path:"order_id" form:"id" doc:"The order's id."`
}

func getOrder(q *request, in orderPath) (order, error) {
	o, err := desk.Find[desk.Order](q.Context(), q.desk(), q.book(), in.ID)
	return wireOrder(o), err
}
