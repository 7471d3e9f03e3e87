package soak

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

var ekoSays = [][2]string{
	{"Transaction with this client_ref_id already exists", "reference used"},
	{"Transaction declined", "agent short"},
	{"Agent not allowed", "another agent's"},
	{"already in refunded state", "refunded already"},
	{"not in a refundable state", "not to be refunded"},
	{"Wrong OTP", "code wrong"},
	{"OTP already Consumed", "code spent"},
	{"Too many wrong OTPs", "code dead"},
	{"OTP expired", "code expired"},
	{"sent a moment ago", "sent a moment ago"},
	{"sent too often", "sent too often"},
	{"Too many OTPs", "too many texts"},
}

// rupees are paise as this room writes them.
func rupees(a int64) string { return fmt.Sprintf("%d.%02d", a/100, a%100) }

func ekoRead(good int64, read func(said spoken) string) func(int, spoken) string {
	return func(status int, said spoken) string {
		if status == 200 && said.text("status") == fmt.Sprint(good) {
			return read(said)
		}
		for _, say := range ekoSays {
			if status == 200 && strings.Contains(said.text("message"), say[0]) {
				return say[1]
			}
		}
		return fmt.Sprint(status, " ", said.text("status"), " ", said.text("message"))
	}
}

// txStates are the states as this room counts them.
var txStates = map[string]string{"0": "done", "1": "failed", "2": "initiated", "3": "owed", "4": "refunded", "5": "held"}

func makeRemit(w *world, r *rand.Rand, name string) *call {
	x := &remittance{by: pick(r, w.model.agents), customer: fmt.Sprint("987654329", r.IntN(6)), ref: "R" + name, amount: sum(r, 600)}
	if r.IntN(5) == 0 {
		x.ref = fmt.Sprint("again", r.IntN(4))
	}
	no := ""
	c := &call{
		room: "eko", method: "POST", path: "/ekoapi/v3/customer/payment/ppi-digikhata",
		body: fmt.Sprintf(`{"initiator_id":"9962981729","user_code":%q,"recipient_id":"1","amount":%q,"customer_id":%q,"client_ref_id":%q,"channel":2,"currency":"INR","state":1}`,
			x.by.code, rupees(x.amount), x.customer, x.ref),
		plan: func() string { no = w.model.remit(x); return no },
		read: ekoRead(0, func(said spoken) string {
			return ok("%s %s, value %s", txStates[said.text("tx_status")], said.text("data", "amount"), said.text("data", "balance"))
		}),
		bind: func(said spoken) { w.nameRemit(x, said.text("data", "tid")) },
	}
	c.late = func() string {
		if no != "" {
			return no
		}
		return ok("%s %s, value %s", x.state, rupees(x.amount), rupees(x.by.value))
	}
	return c
}

// someRemittance is one whose number is known, rather one that is owed.
func (w *world) someRemittance(r *rand.Rand) *remittance {
	var owed, all []*remittance
	for _, x := range w.model.remits {
		if x.tid != "" {
			all = append(all, x)
			if x.state == "owed" {
				owed = append(owed, x)
			}
		}
	}
	if len(owed) > 0 && r.IntN(4) > 0 {
		return recent(r, owed)
	}
	return recent(r, all)
}

func (w *world) agentFor(r *rand.Rand, x *remittance) *agent {
	if r.IntN(8) == 0 {
		return pick(r, w.model.agents)
	}
	return x.by
}

func makeOTP(w *world, r *rand.Rand, name string) *call {
	x := w.someRemittance(r)
	if x == nil {
		return nil
	}
	by := w.agentFor(r, x)
	return w.resendBy(x, by)
}

func (w *world) resend(x *remittance) *call { return w.resendBy(x, x.by) }

func (w *world) resendBy(x *remittance, by *agent) *call {
	return &call{
		room: "eko", method: "POST", path: "/ekoapi/v3/customer/payment/refund/" + x.tid + "/otp",
		body: fmt.Sprintf(`{"initiator_id":"9962981729","user_code":%q}`, by.code),
		plan: func() string { return w.model.resend(x, by) },
		read: ekoRead(2133, func(spoken) string { return ok("code sent") }),
	}
}

func makeGiveBack(w *world, r *rand.Rand, name string) *call {
	x := w.someRemittance(r)
	if x == nil {
		return nil
	}
	by, digits := w.agentFor(r, x), rightCode
	if r.IntN(3) == 0 {
		digits = "654321"
	}
	return w.giveBack(x, by, digits)
}

// giveBack shows a code.
func (w *world) giveBack(x *remittance, by *agent, digits string) *call {
	return &call{
		room: "eko", method: "POST", path: "/ekoapi/v3/customer/payment/refund/" + x.tid,
		body: fmt.Sprintf(`{"initiator_id":"9962981729","user_code":%q,"otp":%s}`, by.code, digits),
		plan: func() string {
			return w.model.giveBack(x, by, digits)
		},
		read: ekoRead(0, func(said spoken) string {
			return ok("refunded %d, value %d", paise(said.text("data", "refunded_amount")), paise(said.text("data", "balance")))
		}),
	}
}

// paise reads rupees.
func paise(text string) int64 {
	var n int64
	fmt.Sscan(strings.Replace(text, ".", "", 1), &n)
	return n
}
