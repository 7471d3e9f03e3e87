package bench

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// A Workload is what one client does again and again. One operation of it is a
// request, or some that belong together.
type Workload struct {
	Name  string
	Says  string // what one operation is
	needs stock
	rooms []string
	each  int // things of a call, if it holds many
	do    func(c *client, s *Shop) error
}

// Workloads are all there are.
var Workloads = []Workload{
	{Name: "credit", Says: "Engage: ten rupees of store credit; the merchant's promise is one hot account", needs: members, rooms: []string{engage}, do: giveCredit},
	{Name: "pay", Says: "Razorpay: an order, its payment from a wallet, the refund; three requests", needs: wallets, rooms: []string{razorpay}, do: payAndRefund},
	{Name: "reverse", Says: "Razorpay: an order split to three sellers, its payment, a refund with reverse_all", needs: sellers, rooms: []string{razorpay}, do: splitAndReverse},
	{Name: "refund", Says: "PhonePe: one rupee of a payment goes back to where it came from", needs: payments, rooms: []string{phonepe}, do: sendBack},
	{Name: "consent", Says: "Eko: a remittance that fails, and the cash back against the OTP; two requests", needs: agents, rooms: []string{eko}, do: consent},
	{Name: "balance", Says: "Razorpay: what a wallet holds", needs: wallets, rooms: []string{razorpay}, do: readBalance},
	{Name: "statement", Says: "Razorpay: the first page of a wallet's long statement", needs: history, rooms: []string{razorpay}, do: readStatement},
	{Name: "statement-deep", Says: "Razorpay: a page a million lines deep in it, or as deep as it is", needs: history, rooms: []string{razorpay}, do: readDeep},
	many("bulk", 500, true), many("bulk-each", 500, false),
	{Name: "mixed", Says: "of a hundred: 30 credits, 25 balances, 15 statements, 15 pay, 10 refunds, 5 reverse", needs: members | wallets | sellers | payments | history, rooms: []string{razorpay, engage, phonepe}, do: mixed},
}

// many is the workload of calls that hold many credits.
func many(name string, each int, atomic bool) Workload {
	w := Workload{Name: name, needs: members, each: each}
	w.Says = fmt.Sprintf("native API: calls of %d credits, each for itself; credits are counted", each)
	if atomic {
		w.Says = fmt.Sprintf("native API: calls of %d credits, all or none; credits are counted", each)
	}
	w.do = func(c *client, s *Shop) error {
		return s.giveMany(c, atomic, each, func(int) int { return c.choose(s.size) })
	}
	return w
}

// Named is a workload by its name. Of bulk and bulk-each the name may say how
// many credits a call has, as in bulk:100.
func Named(name string) (Workload, error) {
	base, each, sized := strings.Cut(name, ":")
	i := slices.IndexFunc(Workloads, func(w Workload) bool { return w.Name == base })
	if i < 0 {
		var all []string
		for _, w := range Workloads {
			all = append(all, w.Name)
		}
		return Workload{}, fmt.Errorf("there is no workload %q: there are %s", name, strings.Join(all, ", "))
	}
	w := Workloads[i]
	if !sized {
		return w, nil
	}
	var n int
	if _, err := fmt.Sscanf(each+"\n", "%d\n", &n); err != nil || w.each == 0 || n < 1 || n > 1000 {
		return Workload{}, fmt.Errorf("%q: only bulk and bulk-each take a number, of 1 to 1000 credits a call", name)
	}
	return many(w.Name, n, w.Name == "bulk"), nil
}

// Rooms are those that a workload needs a credential of, besides the native
// one.
func (w Workload) Rooms() []string { return w.rooms }

func giveCredit(c *client, s *Shop) error {
	body := creditBody(c.choose(s.size), s.name(), c.dice)
	var t struct {
		ID     string
		Amount int64
	}
	if err := c.ask(engage, "POST", "/issuinghq/test/v3/engage/transactions/credit", body, &t); err != nil {
		return err
	}
	s.moved[codeCredit].Add(given)
	return want(t.ID != "" && t.Amount == given, "credit", t)
}

// creditBody is the body of a store credit.
func creditBody(member int, reference string, dice *rand.Rand) string {
	return fmt.Sprintf(`{"contact":"%s","partner_user_id":"%s","amount":%d,"action":"load","currency":"INR","reference_id":"%s","purpose":"refund","notes":{"order_id":"OD%010d"}}`,
		mobile(member), memberName(member), given, reference, dice.IntN(1e9))
}

func payAndRefund(c *client, s *Shop) error {
	payment, err := c.payFromWallet(s, s.wallets[c.choose(len(s.wallets))], given)
	if err != nil {
		return err
	}
	return c.refund(payment, "", given)
}

// payFromWallet makes an order and pays it from a wallet.
func (c *client) payFromWallet(s *Shop, customer string, amount int) (string, error) {
	order, err := c.order(s, amount, "")
	if err != nil {
		return "", err
	}
	return c.payment("/v1/payments/create/openwallet", order, fmt.Sprintf(
		`{"method":"wallet","wallet":"openwallet","customer_id":"%s","order_id":"%s","amount":%d,"currency":"INR","contact":"9876543210","email":"gaurav.kumar@example.com"}`, customer, order, amount))
}

// refund gives all of a payment back; more is what its body says besides.
func (c *client) refund(payment, more string, amount int) error {
	var r struct {
		ID      string
		Payment string `json:"payment_id"`
		Amount  int
		Status  string
	}
	if err := c.ask(razorpay, "POST", "/v1/payments/"+payment+"/refund", fmt.Sprintf(`{"amount":%d%s}`, amount, more), &r); err != nil {
		return err
	}
	return want(r.ID != "" && r.Payment == payment && r.Amount == amount && r.Status == "processed", "refund", r)
}

func splitAndReverse(c *client, s *Shop) error {
	const part = 10_000
	var to []string
	for _, seller := range s.sellers {
		to = append(to, fmt.Sprintf(`{"account":"%s","amount":%d,"currency":"INR"}`, seller, part))
	}
	amount := part * len(to)
	order, err := c.order(s, amount, `,"transfers":[`+strings.Join(to, ",")+"]")
	if err != nil {
		return err
	}
	payment, err := c.payByUPI(order, amount)
	if err != nil {
		return err
	}
	return c.refund(payment, `,"reverse_all":1`, amount)
}

func sendBack(c *client, s *Shop) error {
	id := s.name()
	body := fmt.Sprintf(`{"merchantId":"%s","transactionId":"%s","originalTransactionId":"%s","amount":100,"message":"returned"}`, s.keys.Merchant, id, s.payments[c.choose(len(s.payments))])
	var r struct {
		Success bool
		Code    string
		Data    struct {
			TransactionID string
			Amount        int
		}
	}
	if err := c.ask(phonepe, "POST", "/v3/credit/backToSource", body, &r); err != nil {
		return err
	}
	return want(r.Success && r.Code == "PAYMENT_PENDING" && r.Data.TransactionID == id && r.Data.Amount == 100, "refund", r)
}

// An ekoAnswer is what there is in every answer of that room.
type ekoAnswer struct {
	Status int
	Data   struct {
		TID            string
		TxStatus       string `json:"tx_status"`
		RefundedAmount string `json:"refunded_amount"`
	}
}

func consent(c *client, s *Shop) error {
	a := s.agents[c.dice.IntN(len(s.agents))]
	who := fmt.Sprintf(`"initiator_id":"%s","user_code":"%s"`, a.initiator, a.code)
	body := fmt.Sprintf(`{%s,"recipient_id":10019064,"amount":"10.13","currency":"INR","customer_id":"%s","client_ref_id":"%s","channel":2,"state":1,"service_code":80}`,
		who, mobile(c.choose(1000)), s.name())
	var sent, back ekoAnswer
	if err := c.ask(eko, "POST", "/ekoapi/v3/customer/payment/ppi-digikhata", body, &sent); err != nil {
		return err
	}
	const refundPending = "3"
	if err := want(sent.Data.TID != "" && sent.Data.TxStatus == refundPending, "remittance", sent); err != nil {
		return err
	}
	if err := c.ask(eko, "POST", "/ekoapi/v3/customer/payment/refund/"+sent.Data.TID, fmt.Sprintf(`{%s,"otp":123456}`, who), &back); err != nil {
		return err
	}
	return want(back.Status == 0 && back.Data.TID == sent.Data.TID && back.Data.TxStatus == "4", "refund", back)
}

func readBalance(c *client, s *Shop) error {
	var b struct{ Balance *int64 }
	if err := c.ask(razorpay, "GET", "/v1/customers/"+s.wallets[c.choose(len(s.wallets))]+"/balance", "", &b); err != nil {
		return err
	}
	return want(b.Balance != nil && *b.Balance >= 0 && *b.Balance <= loaded, "balance", b)
}

func readStatement(c *client, s *Shop) error { return c.page(s, 0) }

// deepest is how far down the deep page lies, if the statement is that long.
const deepest = 1_000_000

func readDeep(c *client, s *Shop) error {
	return c.page(s, max(0, s.depth()-c.dice.Int64N(perPage)))
}

func (s *Shop) depth() int64 { return max(0, min(deepest, s.lines-perPage)) }

const perPage = 10

// page reads a page of the long statement: each line must follow from the one
// below it.
func (c *client) page(s *Shop, skip int64) error {
	var p struct {
		Count int
		Items []struct {
			ID                     string
			Credit, Debit, Balance int64
		}
	}
	if err := c.ask(razorpay, "GET", fmt.Sprintf("/v1/customers/%s/statement?count=%d&skip=%d", s.long, perPage, skip), "", &p); err != nil {
		return err
	}
	good := p.Count == perPage && len(p.Items) == perPage
	for i := 1; i < len(p.Items); i++ {
		newer, older := p.Items[i-1], p.Items[i]
		good = good && newer.ID > older.ID && newer.Balance == older.Balance+newer.Credit-newer.Debit
	}
	return want(good, "statement", p)
}

func mixed(c *client, s *Shop) error {
	n := c.dice.IntN(100)
	for _, part := range []struct {
		share int
		do    func(*client, *Shop) error
	}{{30, giveCredit}, {25, readBalance}, {15, readStatement}, {15, payAndRefund}, {10, sendBack}, {5, splitAndReverse}} {
		if n -= part.share; n < 0 {
			return part.do(c, s)
		}
	}
	panic("the shares of the mixed workload are less than a hundred")
}
