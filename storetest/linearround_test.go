package storetest_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"wapas/desk"
	"wapas/ledger"
)

const (
	linearClients = 8
	linearDeeds   = 16 // of each client, in a round
	linearDoubts  = 6  // in a round, before nothing more is cancelled: each doubles the orders to be tried
)

// A round is a history with things of its own.
type round struct {
	*pair
	seed   uint64
	name   string
	wallet desk.ID // of a customer
	orders [slots]desk.ID
	paid   [slots]atomic.Value // desk.ID: the payments of the orders, once one was heard of
	member desk.ID
	loose  [2]desk.ID // payments by UPI

	mu     sync.Mutex
	doubts int // how many answers nobody heard
	deeds  []*deed
	keyed  []keyed
	counts map[string]int
}

// The things of a round.
const (
	theWallet = iota
	theMember
	thePayments // and on
)

// A keyed is a deed that may be repeated.
type keyed struct {
	deed deed // not done yet
	call call
}

// A call is a request to a room, and how its answer is read.
type call struct {
	method, path, header, key, body string
	read                            func(a reply) said
}

// A reply is what answers hold, all in one.
type reply struct {
	ID        string
	Code      string
	Detail    string
	PaymentID string `json:"razorpay_payment_id"`
	Balance   int64
	Usage     int64 `json:"monthly_usage"`
	Refunded  int64 `json:"amount_refunded"`
	Lots      []struct{ Left int64 }
	Items     []struct{ Balance, Amount int64 }
	Error     struct{ Description string }
}

// refusals are the words of the rooms that the model knows.
var refusals = map[string]string{
	"The wallet does not have enough balance for this payment.":                                                  "short",
	"Your payment has been declined as the order is already paid. Please initiate the payment with a new order.": "paid",
	"The payment has been fully refunded already":                                                                "exceeds",
	"The refund amount provided is greater than amount captured":                                                 "exceeds",
	"insufficient": "short",
	"exceeds":      "exceeds",
}

// round plays one round and returns when every request of it has ended.
func (p *pair) round(seed uint64) *round {
	r := &round{pair: p, seed: seed, name: fmt.Sprint("r", time.Now().UnixNano()), counts: map[string]int{}}
	r.begin()
	ctx, quiet := context.WithCancel(context.Background())
	var trouble sync.WaitGroup
	broken := map[string]int{}
	if p.faulty {
		trouble.Go(func() { p.trouble(ctx, rand.New(rand.NewPCG(seed, linearClients+1)), broken) })
	}
	var all sync.WaitGroup
	for i := range linearClients {
		all.Go(func() { r.client(i, rand.New(rand.NewPCG(seed, uint64(i)))) })
	}
	all.Wait()
	quiet()
	trouble.Wait()
	r.client(linearClients, rand.New(rand.NewPCG(seed, linearClients))) // what it has come to
	maps.Copy(r.counts, broken)
	return r
}

// begin makes the things. How it made them is part of the history.
func (r *round) begin() {
	ctx, d, t := context.Background(), r.plain, r.t
	made := func(x deed, a ledger.Amount) {
		x.amount, x.call = int64(a), time.Since(r.start)
		x.end = x.call + 1
		x.said, x.sent = said{value: -1, used: -1}, "made"
		r.deeds = append(r.deeds, &x)
	}
	order := func(a ledger.Amount) desk.ID {
		o, _, err := d.CreateOrder(ctx, r.book, desk.OrderRequest{Amount: a, Capture: true})
		return got(o, err)(t).ID
	}
	upi := func(a ledger.Amount) desk.ID {
		return got(d.CreatePayment(ctx, r.book, desk.PaymentRequest{
			Order: order(a), Amount: a, Method: "upi", VPA: "success@razorpay", Email: "a@example.com", Contact: "9876543210",
		}))(t).ID
	}
	upi(10_000_000) // so that the merchant is not short
	cust := got(d.CreateCustomer(ctx, r.book, desk.CustomerRequest{Name: "Asha", Contact: fmt.Sprint(9000000000 + r.seed%1000000000), Email: r.name + "@example.com"}))(t)
	r.wallet = cust.ID
	got(d.TransferDirect(ctx, r.book, transferOf(cust.ID, 3000)))(t)
	made(deed{thing: theWallet, what: "give"}, 3000)
	for i := range r.orders {
		r.orders[i] = order(amountOf(i))
		r.paid[i].Store(desk.ID(""))
	}
	m := got(d.LoadCredit(ctx, r.book, desk.CreditRequest{Partner: r.name, Contact: "9876543210", Amount: 3000, Purpose: desk.CreditGift, Reference: r.name}))(t)
	r.member = m.Member
	made(deed{thing: theMember, what: "give"}, 3000)
	for i := range r.loose {
		r.loose[i] = upi(5000)
		made(deed{thing: thePayments + i, what: "paid"}, 5000)
	}
}

// amountOf is what an order of the wallet asks for.
func amountOf(slot int) ledger.Amount { return ledger.Amount(1000 + 100*slot) }

// client does its deeds one after another.
func (r *round) client(client int, chance *rand.Rand) {
	for n := range linearDeeds {
		k, ok := r.again(chance)
		if !ok {
			k.deed, k.call = r.next(chance, fmt.Sprintf("%s-%d-%d", r.name, client, n))
		}
		k.deed.client = client
		if k.call.key != "" && !ok {
			k.deed.under = k.call.header + " " + k.call.key
			r.mu.Lock()
			r.keyed = append(r.keyed, k)
			r.mu.Unlock()
		}
		for !r.send(new(k.deed), k.call, chance) {
			client += linearClients + 1 // nobody knows whether the other has ended
			k.deed.client = client
			if k.call.key == "" || chance.IntN(5) == 0 {
				break
			}
			r.did("repeats")
		}
	}
}

// again is one of the last keyed deeds of anybody, which may be under way.
func (r *round) again(chance *rand.Rand) (k keyed, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.keyed) == 0 || chance.IntN(4) > 0 {
		return k, false
	}
	at := max(0, len(r.keyed)-1-chance.IntN(linearClients))
	r.counts["repeats"]++
	return r.keyed[at], true
}

// next is something new to do.
func (r *round) next(chance *rand.Rand, name string) (deed, call) {
	switch of := chance.IntN(20); {
	case of < 9:
		return r.nextOfWallet(chance, name)
	case of < 15:
		return r.nextOfMember(chance, name)
	default:
		i := chance.IntN(len(r.loose))
		if chance.IntN(3) == 0 {
			return deed{thing: thePayments + i, what: "backed"}, backed(r.loose[i], chance)
		}
		a := int64(100 + 100*chance.IntN(9))
		return deed{thing: thePayments + i, what: "back", amount: a}, refundOf(r.loose[i], a, name, chance)
	}
}

func (r *round) nextOfWallet(chance *rand.Rand, name string) (deed, call) {
	slot := chance.IntN(slots)
	pay := r.paid[slot].Load().(desk.ID)
	switch of := chance.IntN(10); {
	case of < 2:
		a, key := int64(100+100*chance.IntN(9)), name
		if chance.IntN(3) == 0 {
			key = "" // and is not repeated
		}
		if len(key) > 36 {
			key = key[len(key)-36:]
		}
		return deed{thing: theWallet, what: "give", amount: a}, call{"POST", "/v1/transfers", "X-Transfer-Idempotency", key,
			fmt.Sprintf(`{"customer":%q,"amount":%d,"currency":"INR"}`, r.wallet, a), idOnly}
	case of < 5:
		a := int64(amountOf(slot))
		return deed{thing: theWallet, what: "pay", slot: slot, amount: a}, call{"POST", "/v1/payments/create/openwallet", "", "",
			fmt.Sprintf(`{"method":"wallet","wallet":"openwallet","customer_id":%q,"order_id":%q,"amount":%d,"currency":"INR","contact":"9876543210","email":"a@example.com"}`, r.wallet, r.orders[slot], a),
			func(a reply) said {
				r.paid[slot].Store(desk.ID(a.PaymentID))
				return said{id: a.PaymentID, value: -1, used: -1}
			}}
	case of < 7 && pay != "":
		a := int64(100 + 100*chance.IntN(6))
		return deed{thing: theWallet, what: "home", slot: slot, amount: a}, refundOf(pay, a, name, chance)
	case of < 8 && pay != "":
		return deed{thing: theWallet, what: "backed", slot: slot}, backed(pay, chance)
	case of == 8:
		return deed{thing: theWallet, what: "holds"}, call{method: "GET", path: "/v1/customers/" + string(r.wallet) + "/statement?count=1", read: lastBalance}
	}
	return deed{thing: theWallet, what: "holds"}, call{method: "GET", path: "/v1/customers/" + string(r.wallet) + "/balance", read: func(a reply) said {
		return said{value: a.Balance, used: a.Usage}
	}}
}

func (r *round) nextOfMember(chance *rand.Rand, name string) (deed, call) {
	a, path := int64(100+100*chance.IntN(9)), "/api/v1/members/"+string(r.member)
	after := func(a reply) said { return said{id: a.ID, value: a.Balance, used: -1} }
	switch of := chance.IntN(8); {
	case of < 2:
		return deed{thing: theMember, what: "give", amount: a}, call{"POST", "/api/v1/credits", "Idempotency-Key", name,
			fmt.Sprintf(`{"partner_user_id":%q,"contact":"9876543210","amount":%d,"purpose":"goodwill","reference":%q}`, r.name, a, name), after}
	case of < 5:
		return deed{thing: theMember, what: "spend", amount: 2 * a}, call{"POST", path + "/spend", "Idempotency-Key", name, fmt.Sprintf(`{"amount":%d}`, 2*a), after}
	case of == 5:
		return deed{thing: theMember, what: "holds"}, call{method: "GET", path: path + "/transactions?limit=1", read: lastBalance}
	}
	return deed{thing: theMember, what: "holds"}, call{method: "GET", path: path + "/balance", read: func(a reply) said {
		x := said{value: a.Balance, used: -1}
		for _, l := range a.Lots {
			a.Balance -= l.Left
		}
		if a.Balance != 0 {
			x.why = "what is left of each credit is not the balance"
		}
		return x
	}}
}

func idOnly(a reply) said { return said{id: a.ID, value: -1, used: -1} }

// lastBalance is the balance that the newest line of a statement says.
func lastBalance(a reply) said {
	x := said{value: 0, used: -1}
	if len(a.Items) > 0 {
		x.value = a.Items[0].Balance
	}
	return x
}

func refundOf(pay desk.ID, a int64, name string, chance *rand.Rand) call {
	if chance.IntN(2) == 0 {
		return call{"POST", "/api/v1/refunds", "Idempotency-Key", name, fmt.Sprintf(`{"payment_id":%q,"amount":%d}`, pay, a), idOnly}
	}
	return call{"POST", "/v1/payments/" + string(pay) + "/refund", "X-Refund-Idempotency", name, fmt.Sprintf(`{"amount":%d}`, a), idOnly}
}

// backed asks how much of a payment was given back: the payment, or the list of
// its refunds.
func backed(pay desk.ID, chance *rand.Rand) call {
	if chance.IntN(2) == 0 {
		return call{method: "GET", path: "/v1/payments/" + string(pay), read: func(a reply) said { return said{value: a.Refunded, used: -1} }}
	}
	return call{method: "GET", path: "/v1/payments/" + string(pay) + "/refunds?count=100", read: func(a reply) said {
		x := said{used: -1}
		for _, i := range a.Items {
			x.value += i.Amount
		}
		return x
	}}
}

// send asks one of the servers, and writes down what was heard. It is not ok if
// that is in doubt.
func (r *round) send(d *deed, c call, chance *rand.Rand) (ok bool) {
	at := chance.IntN(2)
	base := r.servers[at].base.Load().(string)
	if base == "" { // it is down
		base = r.servers[1-at].base.Load().(string)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if r.faulty && chance.IntN(15) == 0 && r.inDoubt() < linearDoubts {
		time.AfterFunc(time.Duration(chance.IntN(4000))*time.Microsecond, cancel)
		r.did("cancelled")
	}
	q, err := http.NewRequestWithContext(ctx, c.method, base+c.path, strings.NewReader(c.body))
	if err != nil {
		r.t.Error(err)
		return true
	}
	q.GetBody = nil // so that it is sent once
	q.Header.Set("Content-Type", "application/json")
	if strings.HasPrefix(c.path, "/api/") {
		q.Header.Set("Authorization", "Bearer "+wireNative)
	} else {
		q.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(wireKey+":"+wireSecret)))
	}
	if c.key != "" {
		q.Header.Set(c.header, c.key)
	}
	d.sent = fmt.Sprint(c.method, " ", c.path, " ", c.body, " ", c.key, " at server ", at)
	d.call = time.Since(r.start)
	var status int
	var body []byte
	res, err := r.http.Do(q)
	if err == nil {
		status = res.StatusCode
		body, err = io.ReadAll(res.Body)
		res.Body.Close()
	}
	var a reply
	switch {
	case err != nil, status >= 500:
		d.said.doubt = true
	case json.Unmarshal(body, &a) != nil:
		r.t.Errorf("%s: %d %s", d.sent, status, body)
		return true
	case status == http.StatusConflict && (a.Code == "busy" || strings.Contains(a.Error.Description, "still in progress")):
		r.did("busy") // it was not done, and says nothing about anything
		return true
	case status <= 201:
		d.said = c.read(a)
	default:
		word, known := refusals[a.Error.Description+a.Code]
		if !known && r.faulty {
			r.t.Errorf("%s: %d %s", d.sent, status, body)
		}
		d.said = said{why: word, value: -1, used: -1}
		if !known {
			d.said.why = string(body)
		}
	}
	d.end = time.Since(r.start)
	if d.said.doubt && c.method == "GET" {
		return false // whatever it read, nobody heard it
	}
	r.mu.Lock()
	r.deeds = append(r.deeds, d)
	if d.said.doubt {
		r.doubts++
	}
	r.mu.Unlock()
	return !d.said.doubt
}

func (r *round) inDoubt() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.doubts
}

func (r *round) did(what string) {
	r.mu.Lock()
	r.counts[what]++
	r.mu.Unlock()
}

// count adds up what the round was made of.
func (r *round) count(n map[string]int) {
	for what, more := range r.counts {
		n[what] += more
	}
	for _, d := range r.deeds {
		n["requests"]++
		n[d.what]++
		if d.said.doubt {
			n["in doubt"]++
		}
		if d.said.why != "" {
			n["refused"]++
		}
	}
}
