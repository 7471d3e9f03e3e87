package soak

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

var engageSays = map[string]string{
	"balance_limit_exceeded": "holds too much",
	"order_fully_refunded":   "all given back",
	"amount_exceeds_order":   "more than is left",
	"request_in_progress":    "busy",
	"reference_id_used":      "another request under this key",
}

// engage reads an answer of the Engage API.
func engage(status int, said spoken) string {
	if status == 200 {
		return ok("credit %d, holds %d", said.number("amount"), said.number("wallet", "balance"))
	}
	if word := engageSays[said.text("error", "reason")]; word != "" && status < 500 {
		return word
	}
	return fmt.Sprint(status, " ", said.text("error", "reason"), " ", said.text("error", "description"))
}

// makeCredit gives store credit, sometimes as the refund of an order.
func makeCredit(w *world, r *rand.Rand, name string) *call {
	b := pick(r, w.model.members)
	var p *payment
	order := ""
	if r.IntN(2) == 0 {
		if p = likely(r, w.known(), func(p *payment) bool { return p.left() > 0 }); p != nil {
			order = p.order.id
		}
	}
	a := sum(r, 1500)
	if p != nil {
		a = max(100, part(r, p.left(), p.amount))
	}
	ref := "credit-" + w.keyFor(r, "credit", name)
	c := &call{room: "engage", method: "POST", path: "/issuinghq/test/v3/engage/transactions/credit", key: "credit/" + ref,
		body: fmt.Sprintf(`{"contact":"9663957855","partner_user_id":%q,"amount":%d,"action":"load","currency":"INR","reference_id":%q,"purpose":"refund","notes":{"order_id":%q}}`, b.name, a, ref, order)}
	if order == "" {
		c.body = fmt.Sprintf(`{"contact":"9663957855","partner_user_id":%q,"amount":%d,"action":"load","currency":"INR","reference_id":%q,"purpose":"refund"}`, b.name, a, ref)
	}
	c.plan = func() string {
		if p != nil {
			w.touch(p)
		}
		w.holder(b)
		return w.model.forgiving(c.key, c.body, func() string { return w.model.credit(b, a, p) })
	}
	c.read = engage
	c.bind = func(said spoken) {
		if id := said.text("wallet", "user_id"); b.id == "" {
			b.id = id
		} else {
			w.equal("member "+b.name, id, b.id)
		}
	}
	return c
}

func nativeCredit(said spoken) string {
	return ok("credit %d, holds %d", said.number("amount"), said.number("balance"))
}

func makeCreditSpend(w *world, r *rand.Rand, name string) *call {
	b := pick(r, w.model.members)
	if b.id == "" {
		return nil
	}
	a := sum(r, 800)
	if r.IntN(4) == 0 {
		a = max(b.held(), 1)
	}
	s := &spending{}
	c := &call{room: "native", method: "POST", path: "/api/v1/members/" + b.id + "/spend", body: fmt.Sprintf(`{"amount":%d}`, a), key: "native/" + name, head: []string{"Idempotency-Key", name}}
	c.plan = func() string {
		w.holder(b)
		return w.model.once(c.key, c.path+c.body, func() string { return w.model.spendCredit(b, a, s) })
	}
	c.read = native(nativeCredit)
	c.bind = func(said spoken) { s.id = said.text("id") }
	return c
}

func makeCreditReturn(w *world, r *rand.Rand, name string) *call {
	b := pick(r, w.model.members)
	s := recent(r, b.spends)
	if s == nil || s.id == "" {
		return nil
	}
	a := part(r, s.amount-s.returned, s.amount)
	body := `{}`
	if a > 0 {
		body = fmt.Sprintf(`{"amount":%d}`, a)
	}
	c := &call{room: "native", method: "POST", path: "/api/v1/credits/" + s.id + "/return", body: body, key: "native/" + name, head: []string{"Idempotency-Key", name}}
	c.plan = func() string {
		w.holder(b)
		return w.model.once(c.key, c.path+c.body, func() string { return w.model.returnCredit(s, a) })
	}
	// A server whose clock is behind gives it back to a lot that has not ended yet, to
	// which the next worker with a right clock puts an end, in the middle of a wave.
	c.right = func() bool {
		return slices.ContainsFunc(s.parts, func(p lotPart) bool { return !p.ends.After(w.now) })
	}
	c.read = native(nativeCredit)
	return c
}
