package console

import (
	"slices"
	"strings"

	"wapas/desk"
	"wapas/ledger"
)

func customerPages() []page {
	return []page{
		{at: "GET /customers", right: desk.RightSee, show: showCustomers},
		{at: "GET /customers/{id}", right: desk.RightSee, show: showCustomer},
		{at: "POST /customers/{id}/freeze", right: desk.RightFreeze, show: freezeCustomer},
		{at: "GET /customers/{id}/statement", right: desk.RightSee, show: showStatement},
		{at: "GET /customers/{id}/statement/{format}", right: desk.RightExport, show: exportStatement},
		{at: "GET /customers/{id}/adjust", right: desk.RightAdjust, show: showAdjust},
		{at: "POST /customers/{id}/adjust", right: desk.RightAdjust, show: adjustWallet},
	}
}

// A customerRow is a customer with what the wallet holds.
type customerRow struct {
	desk.Customer
	Money  desk.Money
	Wallet desk.Wallet
}

// showCustomers is the list of customers, of those whose wallets are frozen, or
// of whom a phone number, an e-mail address or an id names.
func showCustomers(q *visit) error {
	filters := []filter{q.text("who", "Phone, e-mail or id"), q.choice("wallet", "Wallet", "frozen")}
	var page listed[desk.Customer]
	var err error
	switch {
	case filters[0].Value != "":
		var found []desk.Customer
		found, err = q.customersCalled(filters[0].Value)
		page = listed[desk.Customer]{Filters: filters, Rows: found}
	case filters[1].Value != "":
		page, err = q.frozenCustomers(filters)
	default:
		page, err = rowsOf[desk.Customer](q, desk.Query{}, filters...)
	}
	if err != nil {
		return err
	}
	rows, err := q.withWallets(page.Rows)
	if err != nil {
		return err
	}
	return q.show("customers", "Customers", listed[customerRow]{Filters: page.Filters, Rows: rows, Older: page.Older, Deep: page.Deep})
}

// customersCalled are those whom a text names, the newest first, a page of them
// at most: an id, a phone number in any usual spelling, or an e-mail address.
func (q *visit) customersCalled(text string) ([]desk.Customer, error) {
	if desk.ID(text).Prefix() == "cust" {
		return ifThere[desk.Customer](q, desk.ID(text))
	}
	col, spellings := "contact", []string{text}
	if strings.Contains(text, "@") {
		col, spellings = "email", append(spellings, strings.ToLower(text))
	} else if digits, ok := desk.IndianMobile(text); ok {
		spellings = append(spellings, digits, "+91"+digits, "91"+digits, "0"+digits)
	}
	slices.Sort(spellings)
	return listEach[desk.Customer](q, col, slices.Compact(spellings))
}

// listEach are the newest rows that have one of some values in a column, a page
// of them at most.
func listEach[R desk.Row](q *visit, col string, values []string) ([]R, error) {
	var all []R
	for _, v := range values {
		rows, err := desk.List[R](q.Context(), q.desk(), desk.Query{Book: q.book.ID, Where: map[string]string{col: v}, Count: perPage})
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
	}
	slices.SortFunc(all, func(x, y R) int { return strings.Compare(string(y.RowID()), string(x.RowID())) })
	return all[:min(len(all), perPage)], nil
}

// ifThere is the row of an id, or none.
func ifThere[R desk.Row](q *visit, id desk.ID) ([]R, error) {
	r, err := desk.Find[R](q.Context(), q.desk(), q.book.ID, id)
	switch {
	case ledger.CodeOf(err) == ledger.NotFound:
		return nil, nil
	case err != nil:
		return nil, err
	}
	return []R{r}, nil
}

// frozenCustomers is a page of those whose wallets are frozen.
func (q *visit) frozenCustomers(filters []filter) (listed[desk.Customer], error) {
	wallets, err := rowsOf[desk.Wallet](q, desk.Query{Where: map[string]string{"frozen": "true"}}, filters...)
	page := listed[desk.Customer]{Filters: filters, Older: wallets.Older, Deep: wallets.Deep}
	for _, w := range wallets.Rows {
		if err != nil {
			break
		}
		var c desk.Customer
		c, err = desk.Find[desk.Customer](q.Context(), q.desk(), q.book.ID, w.ID)
		page.Rows = append(page.Rows, c)
	}
	return page, err
}

// withWallets puts beside each customer what the wallet holds: one read of all
// balances, and one of each wallet by its key.
func (q *visit) withWallets(all []desk.Customer) ([]customerRow, error) {
	var accounts []ledger.AccountID
	for _, c := range all {
		for _, code := range []string{ledger.WalletCash, ledger.WalletPromo, ledger.WalletHeld} {
			accounts = append(accounts, ledger.Account(code, string(c.ID)))
		}
	}
	rows := make([]customerRow, len(all))
	if len(all) == 0 {
		return rows, nil
	}
	as, err := q.desk().Store.Balances(q.Context(), q.book.ID, accounts...)
	if err != nil {
		return nil, err
	}
	for i, c := range all {
		held := func(n int) ledger.Amount { return as[accounts[3*i+n]].Amount }
		rows[i] = customerRow{Customer: c, Money: desk.Money{Cash: held(0), Promo: held(1), Held: held(2)}}
		w, err := ifThere[desk.Wallet](q, c.ID)
		if err != nil {
			return nil, err
		}
		if len(w) > 0 {
			rows[i].Wallet = w[0]
		}
	}
	return rows, nil
}
