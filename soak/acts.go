package soak

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// An act is something that a client may do. Make returns nil if there is
// nothing to do it to.
type act struct {
	name  string
	often int
	make  func(w *world, r *rand.Rand, name string) *call
}

var acts = []act{
	{"order", 9, makeOrder},
	{"pay", 9, makePay},
	{"spend", 5, makeSpend},
	{"capture", 3, makeCapture},
	{"split", 4, makeSplit},
	{"load", 6, makeLoad},
	{"cashback", 2, makeCashback},
	{"reverse", 3, makeReverse},
	{"refund", 12, makeRefund},
	{"native refund", 6, makeNativeRefund},
	{"payout", 4, makePayout},
	{"credit", 6, makeCredit},
	{"credit spent", 4, makeCreditSpend},
	{"credit returned", 2, makeCreditReturn},
	{"PhonePe refund", 5, makePhonePeRefund},
	{"PhonePe status", 2, makePhonePeStatus},
	{"remit", 5, makeRemit},
	{"OTP", 2, makeOTP},
	{"cash given back", 6, makeGiveBack},
	{"repeat", 6, makeRepeat},
}

func pick[T any](r *rand.Rand, from []T) (one T) {
	if len(from) > 0 {
		one = from[r.IntN(len(from))]
	}
	return one
}

// recent picks one of the last few, so that clients meet.
func recent[T any](r *rand.Rand, from []T) (one T) {
	if n := len(from); n > 0 {
		if r.IntN(4) > 0 {
			from = from[max(0, n-4):]
		}
		one = pick(r, from)
	}
	return one
}

// likely picks one for which something can be done, mostly.
func likely[T any](r *rand.Rand, from []T, fit func(T) bool) (one T) {
	if r.IntN(5) > 0 {
		var some []T
		for _, x := range from {
			if fit(x) {
				some = append(some, x)
			}
		}
		if len(some) > 0 {
			return recent(r, some)
		}
	}
	return recent(r, from)
}

func sum(r *rand.Rand, most int64) int64 { return (1 + r.Int64N(most)) * 100 }

// part is all of it, some of it or too much.
func part(r *rand.Rand, left, whole int64) int64 {
	switch r.IntN(6) {
	case 0:
		return 0 // all there is
	case 1:
		return whole + 100
	case 2:
		return max(left, 100)
	}
	return 100 + r.Int64N(max(1, whole/100))*50
}

// razorpaySays are the refusals of that API in the model's words.
var razorpaySays = [][2]string{
	{"The wallet does not have enough balance", "wallet short"},
	{"order is already paid", "paid already"},
	{"Payment already done for this order", "held already"},
	{"either captured or voided", "voided"},
	{"balance of the wallet", "wallet short of cash"},
	{"once a refund has been initiated", "refund was started"},
	{"for transfer is greater than the captured amount", "more than was captured"},
	{"due to insufficient balance", "merchant short"},
	{"has been fully reversed", "nothing is left of it"},
	{"greater than the amount left of the transfer", "more than is left"},
	{"sufficient balance to process reversal", "seller short"},
	{"Duplicate receipt", "receipt used"},
	{"fully refunded already", "all given back"},
	{"greater than amount captured", "more than is left"},
	{"refund is greater than the available amount", "more than is left"},
	{"reverse_all cannot be used", "reverse_all of a part"},
	{"not have enough balance", "merchant short"},
	{"Another request with the same idempotency key is still", "busy"},
	{"Different request with the same idempotency key", "another request under this key"},
}

func razorpay(good func(said spoken) string) func(int, spoken) string {
	return func(status int, said spoken) string {
		if status == 200 {
			return good(said)
		}
		text := said.text("error", "description")
		for _, say := range razorpaySays {
			if status >= 400 && status < 500 && strings.Contains(text, say[0]) {
				return say[1]
			}
		}
		return fmt.Sprint(status, " ", text)
	}
}

func makeOrder(w *world, r *rand.Rand, name string) *call {
	o := &order{amount: sum(r, pick(r, []int64{30, 300, 3000})), byHand: r.IntN(6) == 0}
	if all := w.model.wallets[w.customers[0]].total(); all >= 100 && r.IntN(5) == 0 {
		o.amount = all // to the last paisa
	}
	auto := 1
	if o.byHand {
		auto = 0
	}
	return &call{
		room: "razorpay", method: "POST", path: "/v1/orders",
		body: fmt.Sprintf(`{"amount":%d,"currency":"INR","payment_capture":%d}`, o.amount, auto),
		plan: func() string { return ok("order %d", o.amount) },
		read: razorpay(func(said spoken) string { return ok("order %d", said.number("amount")) }),
		bind: func(said spoken) {
			o.id = said.text("id")
			w.orders = append(w.orders, o)
		},
	}
}

func makePay(w *world, r *rand.Rand, name string) *call {
	o := likely(r, w.orders, func(o *order) bool { return !o.paid && !o.byHand })
	if o == nil || o.byHand {
		return nil
	}
	p := &payment{order: o, amount: o.amount, receipts: map[string]bool{}}
	return &call{
		room: "razorpay", method: "POST", path: "/v1/payments/create/upi",
		body: fmt.Sprintf(`{"amount":%d,"currency":"INR","order_id":%q,"email":"asha@example.com","contact":"9876543210","upi":{"flow":"collect","vpa":"success@razorpay"}}`, o.amount, o.id),
		plan: func() string { w.touch(p); return w.model.pay(p) },
		read: razorpay(func(said spoken) string { return ok("paid") }),
		bind: func(said spoken) { p.id = said.text("razorpay_payment_id") },
	}
}

func makeSpend(w *world, r *rand.Rand, name string) *call {
	rich := w.model.wallets[w.customers[0]].total()
	o := likely(r, w.orders, func(o *order) bool { return !o.paid && o.amount <= rich })
	if o == nil {
		return nil
	}
	p := &payment{order: o, amount: o.amount, wallet: likely(r, w.customers, func(c string) bool { return c == w.customers[0] }), receipts: map[string]bool{}}
	return &call{
		room: "razorpay", method: "POST", path: "/v1/payments/create/openwallet",
		body: fmt.Sprintf(`{"method":"wallet","wallet":"openwallet","customer_id":%q,"order_id":%q,"amount":%d,"currency":"INR","contact":"9876543210","email":"asha@example.com"}`, p.wallet, o.id, o.amount),
		plan: func() string {
			answer := w.model.spend(p)
			if !o.byHand {
				w.touch(p)
			}
			return answer
		},
		read: razorpay(func(said spoken) string { return ok("paid") }),
		bind: func(said spoken) { p.id = said.text("razorpay_payment_id") },
	}
}

// makeCapture takes what a wallet holds for an order.
func makeCapture(w *world, r *rand.Rand, name string) *call {
	p := recent(r, w.model.holds)
	if p == nil || p.id == "" {
		return nil
	}
	return &call{
		room: "razorpay", method: "POST", path: "/v1/payments/" + p.id + "/capture",
		body: fmt.Sprintf(`{"amount":%d,"currency":"INR"}`, p.amount),
		plan: func() string {
			answer := w.model.capture(p)
			if answer[:2] == "ok" {
				w.touch(p)
			}
			return answer
		},
		read: razorpay(func(said spoken) string { return ok("captured %d", said.number("amount")) }),
	}
}

// transfers makes a call of the transfers of a payment.
func (w *world) transfers(p *payment, ts []*transfer) *call {
	var parts []string
	for _, t := range ts {
		field := "account"
		if t.wallet {
			field = "customer"
		}
		hold := ""
		if t.held {
			hold = fmt.Sprintf(`,"on_hold":1,"on_hold_until":%d`, t.until.Unix())
		}
		parts = append(parts, fmt.Sprintf(`{%q:%q,"amount":%d,"currency":"INR"%s}`, field, t.to, t.amount, hold))
	}
	return &call{
		room: "razorpay", method: "POST", path: "/v1/payments/" + p.id + "/transfers",
		body: `{"transfers":[` + strings.Join(parts, ",") + `]}`,
		plan: func() string { w.touch(p); return w.model.transfer(p, ts) },
		read: razorpay(func(said spoken) string {
			var total int64
			for _, x := range said.items() {
				total += x.number("amount")
			}
			return ok("moved %d", total)
		}),
		bind: func(said spoken) {
			for i, x := range said.items() {
				ts[i].id = x.text("id")
			}
		},
	}
}

func fresh(p *payment) bool { return p.pending+p.back == 0 && p.left() > 2*p.taken() }

func makeSplit(w *world, r *rand.Rand, name string) *call {
	p := likely(r, w.known(), fresh)
	if p == nil {
		return nil
	}
	var ts []*transfer
	for range 1 + r.IntN(3) {
		t := &transfer{to: pick(r, w.linked), amount: 100 + r.Int64N(max(1, p.amount*2/5)), held: r.IntN(3) == 0}
		t.until = w.now.Add(time.Duration(1+r.IntN(40)) * time.Hour)
		ts = append(ts, t)
	}
	return w.transfers(p, ts)
}

func makeLoad(w *world, r *rand.Rand, name string) *call {
	p := likely(r, w.known(), fresh)
	if p == nil {
		return nil
	}
	return w.transfers(p, []*transfer{{to: likely(r, w.customers, func(c string) bool { return c == w.customers[0] }), wallet: true, amount: 100 + r.Int64N(max(1, p.amount))}})
}

func makeCashback(w *world, r *rand.Rand, name string) *call {
	to, a := pick(r, w.customers), sum(r, 200)
	return &call{
		room: "razorpay", method: "POST", path: "/v1/transfers",
		body: fmt.Sprintf(`{"customer":%q,"amount":%d,"currency":"INR"}`, to, a),
		plan: func() string { return w.model.cashback(to, a) },
		read: razorpay(func(said spoken) string { return ok("moved %d", said.number("amount")) }),
	}
}

func makeReverse(w *world, r *rand.Rand, name string) *call {
	p := likely(r, w.known(), func(p *payment) bool { return len(p.transfers) > 0 })
	if p == nil || len(p.transfers) == 0 {
		return nil
	}
	t := pick(r, p.transfers)
	if t.id == "" {
		return nil
	}
	a := part(r, t.left(), t.amount)
	body := `{}`
	if a > 0 {
		body = fmt.Sprintf(`{"amount":%d}`, a)
	}
	return &call{
		room: "razorpay", method: "POST", path: "/v1/transfers/" + t.id + "/reversals", body: body,
		plan: func() string { w.touch(p); return w.model.reverse(t, a) },
		read: razorpay(func(said spoken) string { return ok("reversed %d", said.number("amount")) }),
	}
}

func makePayout(w *world, r *rand.Rand, name string) *call {
	o := &payout{customer: likely(r, w.customers, func(c string) bool { return w.model.wallets[c].cash >= 100 })}
	o.amount = max(100, part(r, w.model.wallets[o.customer].cash, 50_000))
	c := &call{
		room: "razorpay", method: "POST", path: "/v1/customers/" + o.customer + "/payouts",
		body: fmt.Sprintf(`{"fund_account_id":%q,"amount":%d,"currency":"INR","purpose":"refund","reference_id":%q,"notes":{}}`, w.funds[o.customer], o.amount, "P"+name),
		key:  "razorpay/payout-" + name, head: []string{"X-Payout-Idempotency", "payout-" + name},
	}
	c.plan = func() string {
		return w.model.once(c.key, c.path+c.body, func() string { o.ref = "P" + name; return w.model.payOut(o) })
	}
	c.read = razorpay(func(said spoken) string { return ok("payout %d", said.number("amount")) })
	c.bind = func(said spoken) {
		if id := said.text("id"); o.id == "" {
			o.id = id
		} else {
			w.equal("the payout of "+o.ref, id, o.id)
		}
	}
	return c
}

func (w *world) giving(r *rand.Rand, name, room string) *giving {
	p := likely(r, w.known(), func(p *payment) bool { return p.left() > 0 })
	if p == nil {
		return nil
	}
	g := &giving{p: p, amount: part(r, p.left(), p.amount), all: r.IntN(3) == 0, room: room}
	switch r.IntN(4) {
	case 0:
		g.receipt = "r" + name
	case 1:
		g.receipt = fmt.Sprint("again", r.IntN(3))
	}
	return g
}

func makeRefund(w *world, r *rand.Rand, name string) *call {
	g := w.giving(r, name, "razorpay")
	if g == nil {
		return nil
	}
	var parts, head []string
	if g.amount > 0 {
		parts = append(parts, fmt.Sprintf(`"amount":%d`, g.amount))
	}
	if g.receipt != "" {
		parts = append(parts, fmt.Sprintf(`"receipt":%q`, g.receipt))
	}
	if g.all {
		parts = append(parts, `"reverse_all":1`)
	}
	c := &call{room: "razorpay", method: "POST", path: "/v1/payments/" + g.p.id + "/refund", body: "{" + strings.Join(parts, ",") + "}"}
	key := ""
	if r.IntN(2) == 0 {
		key = "refund-key-" + w.keyFor(r, "refund", name)
		c.body = strings.TrimSuffix(c.body, "}") + `,"notes":{"n":"` + name + `"}}`
		c.body = strings.Replace(c.body, "{,", "{", 1)
		c.head, c.key = append(head, "X-Refund-Idempotency", key), "razorpay/"+key
	}
	c.plan = func() string {
		w.touch(g.p)
		return w.model.once(c.key, c.path+c.body, func() string { return w.model.refund(g) })
	}
	c.read = razorpay(func(said spoken) string { return ok("refund %d", said.number("amount")) })
	c.bind = w.bindRefund(g, "id")
	return c
}

// keyFor is the key of a new request, or now and then one that another request
// has.
func (w *world) keyFor(r *rand.Rand, who, name string) string {
	if earlier := w.used[who]; len(earlier) > 0 && r.IntN(7) == 0 {
		return recent(r, earlier)
	}
	w.used[who] = append(w.used[who], name)
	return name
}

// bindRefund learns the id of a refund that was just made; of a repeat it is
// known already, and must be the same.
func (w *world) bindRefund(g *giving, field string) func(said spoken) {
	return func(said spoken) {
		id := said.text(field)
		if g.made == nil {
			w.fail("a refund %s was answered that nobody made", id)
			return
		}
		w.name(g.made, id)
	}
}

// name binds the model's refund to its id.
func (w *world) name(x *refund, id string) {
	if x.id != "" && x.id != id {
		w.fail("a refund of %d is %s, and was %s", x.amount, id, x.id)
	}
	x.id = id
	w.model.byRef[id] = x
}

var nativeSays = map[string]string{
	"refund_receipt":     "receipt used",
	"credit_short":       "member short",
	"credit_returned":    "more than was spent",
	"fully_refunded":     "all given back",
	"over_budget":        "more than is left",
	"refund_over_routed": "more than is left",
	"reverse_all":        "reverse_all of a part",

	"linked_account_short": "seller short",
	"refund_unavailable":   "merchant short",
	"in_progress":          "busy",
	"key_mismatch":         "another request under this key",
}

func native(good func(said spoken) string) func(int, spoken) string {
	return func(status int, said spoken) string {
		if status == 200 || status == 201 {
			return good(said)
		}
		if word := nativeSays[said.text("rule")]; word != "" && status < 500 {
			return word
		}
		return fmt.Sprint(status, " ", said.text("rule"), " ", said.text("detail"))
	}
}

func makeNativeRefund(w *world, r *rand.Rand, name string) *call {
	g := w.giving(r, name, "native")
	if g == nil {
		return nil
	}
	parts := []string{fmt.Sprintf(`"payment_id":%q`, g.p.id)}
	if g.amount > 0 {
		parts = append(parts, fmt.Sprintf(`"amount":%d`, g.amount))
	}
	if g.receipt != "" {
		parts = append(parts, fmt.Sprintf(`"reference":%q`, g.receipt))
	}
	if g.all {
		parts = append(parts, `"reverse_all":true`)
	}
	parts = append(parts, fmt.Sprintf(`"notes":{"n":%q}`, name))
	key := w.keyFor(r, "native", name)
	c := &call{room: "native", method: "POST", path: "/api/v1/refunds", body: "{" + strings.Join(parts, ",") + "}", key: "native/" + key, head: []string{"Idempotency-Key", key}}
	c.plan = func() string {
		w.touch(g.p)
		return w.model.once(c.key, c.path+c.body, func() string { return w.model.refund(g) })
	}
	c.read = native(func(said spoken) string { return ok("refund %d", said.number("amount")) })
	c.bind = w.bindRefund(g, "id")
	return c
}

// makeRepeat sends a request with a key again, as one does who has not heard.
func makeRepeat(w *world, r *rand.Rand, name string) *call {
	c := recent(r, w.keyed)
	if c == nil {
		return nil
	}
	again := *c
	again.planned, again.want, again.busy = false, "", false
	return &again
}
