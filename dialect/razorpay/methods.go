package razorpay

import (
	"wapas/desk"
	"wapas/ledger"
)

// methodsWire is the methods entity: how customers may pay.
type methodsWire struct {
	Entity        string            `json:"entity"`
	Card          bool              `json:"card"`
	DebitCard     bool              `json:"debit_card"`
	CreditCard    bool              `json:"credit_card"`
	PrepaidCard   bool              `json:"prepaid_card"`
	Networks      map[string]int    `json:"card_networks"`
	SubTypes      map[string]int    `json:"card_subtype"`
	Amex          bool              `json:"amex"`
	Netbanking    map[string]string `json:"netbanking"`
	Wallet        map[string]bool   `json:"wallet"`
	EMI           bool              `json:"emi"`
	UPI           bool              `json:"upi"`
	CardlessEMI   []empty           `json:"cardless_emi"`
	PayLater      []empty           `json:"paylater"`
	EMISubvention string            `json:"emi_subvention"`
	EMIPlans      empty             `json:"emi_plans"`
	EMIOptions    empty             `json:"emi_options"`
}

// "Methods API": what a book takes. A live one takes wallets; everything else
// comes in through its provider.
func (r *room) listMethods(q *request) (any, error) {
	test := q.caller.Mode == desk.Test
	on := 0
	if test {
		on = 1
	}
	w := methodsWire{
		Entity: "methods", Card: test, DebitCard: test, CreditCard: test, Amex: test,
		Networks:   map[string]int{"AMEX": on, "DICL": on, "MC": on, "MAES": 0, "VISA": on, "JCB": 0, "RUPAY": on, "BAJAJ": 0},
		SubTypes:   map[string]int{"consumer": on, "business": 0},
		Netbanking: map[string]string{}, Wallet: map[string]bool{desk.OpenWallet: true}, UPI: test,
		CardlessEMI: []empty{}, PayLater: []empty{}, EMISubvention: "customer",
	}
	if test {
		w.Netbanking = desk.Banks
	}
	return w, nil
}

// "Fetch Payment Downtime Details": nothing is ever known to be down.
func (r *room) listDowntimes(q *request) (any, error) {
	return collect[empty, empty](nil, nil), nil
}

func (r *room) fetchDowntime(q *request) (any, error) {
	return nil, ledger.Refuse(ledger.NotFound, desk.WhyUnknownID, "%s", q.id("down"))
}
