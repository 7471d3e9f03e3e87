package bench

import (
	"context"
	"encoding/json"
	"fmt"
)

// addMembers gives every member a first credit.
func (s *Shop) addMembers(ctx context.Context) error {
	const each = 500
	return s.lanes(ctx, (s.size+each-1)/each, func(c *client, i int) error {
		first := i * each
		return s.giveMany(c, true, min(each, s.size-first), func(n int) int { return first + n })
	})
}

func memberName(i int) string { return fmt.Sprintf("shopper-%07d", i) }
func mobile(i int) string     { return fmt.Sprint(9_000_000_000 + i) }

// giveMany gives n credits in one call.
func (s *Shop) giveMany(c *client, atomic bool, n int, member func(n int) int) error {
	type item struct {
		Partner   string `json:"partner_user_id"`
		Contact   string `json:"contact"`
		Amount    int    `json:"amount"`
		Purpose   string `json:"purpose"`
		Reference string `json:"reference"`
	}
	items := make([]item, n)
	for i := range items {
		who := member(i)
		items[i] = item{memberName(who), mobile(who), given, "refund", s.name()}
	}
	body, _ := json.Marshal(map[string]any{"atomic": atomic, "items": items}) // texts and numbers always can be
	var report struct{ Done, Refused int }
	if err := c.askOnce(native, "POST", "/api/v1/bulk/credits", string(body), s.name(), &report); err != nil {
		return err
	}
	s.moved[codeCredit].Add(int64(report.Done) * given)
	return want(report.Done == n && report.Refused == 0, "many credits", report)
}

// chunk is how many wallets are loaded out of one payment.
const chunk = 100

// addWallets makes customers and loads their wallets out of captured payments.
func (s *Shop) addWallets(ctx context.Context) error {
	from := make([]string, (s.size+chunk-1)/chunk)
	err := s.lanes(ctx, len(from), func(c *client, i int) (err error) {
		from[i], err = c.pay(s, chunk*loaded)
		return err
	})
	if err != nil {
		return err
	}
	s.wallets = make([]string, s.size)
	return s.lanes(ctx, s.size, func(c *client, i int) (err error) {
		s.wallets[i], err = s.addWallet(c, i, from[i/chunk])
		return err
	})
}

// addWallet makes a customer and loads the wallet out of a payment.
func (s *Shop) addWallet(c *client, i int, payment string) (string, error) {
	var cust struct{ ID string }
	body := fmt.Sprintf(`{"name":"Asha Rao","contact":"%s","email":"c%s@example.com"}`, mobile(i), s.name())
	if err := c.ask(razorpay, "POST", "/v1/customers", body, &cust); err != nil {
		return "", err
	}
	var to struct{ Items []struct{ Amount int64 } }
	body = fmt.Sprintf(`{"transfers":[{"customer":"%s","amount":%d,"currency":"INR"}]}`, cust.ID, loaded)
	if err := c.ask(razorpay, "POST", "/v1/payments/"+payment+"/transfers", body, &to); err != nil {
		return "", err
	}
	s.moved[codeCash].Add(loaded)
	return cust.ID, want(len(to.Items) == 1 && to.Items[0].Amount == loaded, "load", to)
}

// pay makes an order and pays it by UPI.
func (c *client) pay(s *Shop, amount int) (payment string, err error) {
	o, err := c.order(s, amount, "")
	if err != nil {
		return "", err
	}
	return c.payByUPI(o, amount)
}

// order makes an order; more is what its body says besides.
func (c *client) order(s *Shop, amount int, more string) (string, error) {
	var o struct {
		ID     string
		Amount int
		Status string
	}
	body := fmt.Sprintf(`{"amount":%d,"currency":"INR","receipt":"%s","payment_capture":1%s}`, amount, s.name(), more)
	if err := c.ask(razorpay, "POST", "/v1/orders", body, &o); err != nil {
		return "", err
	}
	return o.ID, want(o.ID != "" && o.Amount == amount && o.Status == "created", "order", o)
}

func (c *client) payByUPI(order string, amount int) (string, error) {
	return c.payment("/v1/payments/create/upi", order, fmt.Sprintf(
		`{"method":"upi","vpa":"gaurav.kumar@exampleupi","amount":%d,"currency":"INR","order_id":"%s","email":"gaurav.kumar@example.com","contact":"+919876543210"}`, amount, order))
}

func (c *client) payment(path, order, body string) (string, error) {
	var p struct {
		Payment string `json:"razorpay_payment_id"`
		Order   string `json:"razorpay_order_id"`
	}
	if err := c.ask(razorpay, "POST", path, body, &p); err != nil {
		return "", err
	}
	return p.Payment, want(p.Payment != "" && (p.Order == order || p.Order == ""), "payment", p)
}

func (s *Shop) addSellers(ctx context.Context) error {
	s.sellers = make([]string, 3)
	return s.lanes(ctx, len(s.sellers), func(c *client, i int) error {
		var a struct{ ID string }
		body := fmt.Sprintf(`{"email":"%s@example.com","phone":"9876543210","type":"route","legal_business_name":"Acme Corp","business_type":"partnership","contact_name":"Gaurav Kumar",`+
			`"profile":{"category":"healthcare","subcategory":"clinic","addresses":{"registered":{"street1":"507","street2":"MG Road","city":"Bengaluru","state":"Karnataka","postal_code":"560034","country":"IN"}}}}`, s.name())
		err := c.ask(razorpay, "POST", "/v2/accounts", body, &a)
		s.sellers[i] = a.ID
		return err
	})
}

func (s *Shop) addPayments(ctx context.Context) error {
	s.payments = make([]string, min(s.size, 1000))
	return s.lanes(ctx, len(s.payments), func(c *client, i int) error {
		var p struct {
			ID   string
			Left int
		}
		err := c.ask(native, "POST", "/api/v1/payments", fmt.Sprintf(`{"amount":%d}`, paid), &p)
		if err == nil {
			err = want(p.Left == paid, "payment", p)
		}
		s.payments[i] = p.ID
		return err
	})
}

func (s *Shop) addAgents(ctx context.Context) error {
	s.agents = make([]shopAgent, 8)
	return s.lanes(ctx, len(s.agents), func(c *client, i int) error {
		a := shopAgent{fmt.Sprintf("%s%d", s.tag, i), mobile(i)}
		s.agents[i] = a
		var made struct{ ID string }
		if err := c.ask(native, "POST", "/api/v1/agents", fmt.Sprintf(`{"user_code":"%s","initiator_id":"%s","name":"Asha Stores"}`, a.code, a.initiator), &made); err != nil {
			return err
		}
		var v struct{ Value int64 }
		if err := c.askOnce(native, "POST", "/api/v1/agents/"+made.ID+"/value", fmt.Sprintf(`{"amount":%d}`, value), s.name(), &v); err != nil {
			return err
		}
		s.moved[codeValue].Add(value)
		return want(v.Value == value, "value", v)
	})
}
