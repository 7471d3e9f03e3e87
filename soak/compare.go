package soak

import (
	"context"
	"math/rand/v2"
	"time"

	"wapas/desk"
	"wapas/ledger"
	"wapas/sqlstore"
)

// holder notes that a member's credit may have changed.
func (w *world) holder(b *member) { w.members[b] = true }

// nameRemit binds a remittance to its number and its id.
func (w *world) nameRemit(x *remittance, tid string) {
	if x.tid != "" && x.tid != tid {
		w.fail("remittance %s has the number %s, and had %s", x.ref, tid, x.tid)
	}
	x.tid = tid
}

// compare holds what was touched against the model, as clients read it.
func (w *world) compare(r *rand.Rand) {
	w.bindAll()
	m := pick(r, w.machines)
	for _, p := range w.model.payments {
		if !w.touched[p] {
			continue
		}
		delete(w.touched, p)
		w.comparePayment(m, p)
	}
	for _, b := range w.model.members {
		if w.members[b] && b.id != "" {
			w.equal("credit of "+b.name, w.get(m, "native", "/api/v1/members/"+b.id+"/balance").number("balance"), b.held())
			delete(w.members, b)
		}
	}
	for _, c := range w.customers {
		if total := w.model.wallets[c].total(); total != w.seen[c] || r.IntN(8) == 0 {
			w.equal("balance of "+c, w.get(m, "razorpay", "/v1/customers/"+c+"/balance").number("balance"), total)
			w.seen[c] = total
		}
	}
}

// expire is what time does, once all that was due is done.
func (w *world) expire() {
	w.model.now = w.now
	w.model.expire()
	w.model.hold()
	w.model.lapse()
	w.model.release()
	for _, b := range w.model.members {
		w.members[b] = true
	}
}

// remitWord keeps what the rail said of a remittance.
func (w *world) remitWord(word *railAnswer) {
	x := w.remitOf(word.ref)
	if x == nil {
		w.fail("the rail has an order %s that nobody asked for", word.ref)
		return
	}
	w.model.remitOutcome(x, string(word.Outcome))
}

// payoutWord keeps what the rail said of a payout.
func (w *world) payoutWord(word *railAnswer) {
	row, err := w.machines[0].store.Find(context.Background(), w.book, desk.KindPayout, desk.ID(word.ref))
	p, _ := row.(desk.Payout)
	for _, o := range w.model.payouts {
		if err == nil && (o.id == word.ref || o.id == "" && o.ref == p.Reference) {
			o.id = word.ref
			w.model.paidOut(o, string(word.Outcome))
			return
		}
	}
	w.fail("the rail has a payout %s that nobody asked for: %v", word.ref, err)
}

// remitOf is the remittance with an id. If nobody heard that of its agent yet,
// the books know the caller's reference.
func (w *world) remitOf(id string) *remittance {
	for _, x := range w.model.remits {
		if x.id == id {
			return x
		}
	}
	row, err := w.machines[0].store.Find(context.Background(), w.book, desk.KindRemittance, desk.ID(id))
	if err != nil || row == nil {
		return nil
	}
	r := row.(desk.Remittance)
	for _, x := range w.model.remits {
		if x.id == "" && x.by.id == string(r.Agent) && x.ref == r.Ref {
			x.id = id
			w.nameRemit(x, r.TID)
			return x
		}
	}
	return nil
}

// equal fails unless two values are the same.
func (w *world) equal(what string, got, want any) {
	if got != want {
		w.fail("%s is %v, want %v", what, got, want)
	}
}

func (w *world) comparePayment(m *machine, p *payment) {
	said := w.get(m, "razorpay", "/v1/payments/"+p.id)
	w.equal("given back of "+p.id, said.number("amount_refunded"), p.back+p.pending)
	list := w.get(m, "razorpay", "/v1/payments/"+p.id+"/refunds?count=100").items()
	w.equal("refunds of "+p.id, len(list), len(p.refunds))
	for i, x := range list {
		if i >= len(p.refunds) {
			break
		}
		want := p.refunds[len(p.refunds)-1-i]
		w.equal("refund of "+p.id, x.text("id"), want.id)
		w.equal("amount of "+want.id, x.number("amount"), want.amount)
		status := map[string]string{"pending": "processed", "done": "processed", "failed": "failed"}[want.state]
		w.equal("status of "+want.id, x.text("status"), status)
		if want.seen == want.state {
			continue
		}
		want.seen = want.state
		w.equal("state of "+want.id, w.get(m, "native", "/api/v1/refunds/"+want.id).text("state"), want.state)
	}
	if len(p.transfers) == 0 && len(p.refunds) > 0 {
		return
	}
	list = w.get(m, "razorpay", "/v1/payments/"+p.id+"/transfers?count=100").items()
	w.equal("transfers of "+p.id, len(list), len(p.transfers))
	for _, x := range list {
		for _, t := range p.transfers {
			if t.id == x.text("id") {
				w.equal("reversed of "+t.id, x.number("amount_reversed"), t.reversed)
			}
		}
	}
}

// bindAll finds out the ids of what was made and never answered.
func (w *world) bindAll() {
	m := w.machines[0]
	for _, p := range w.model.payments {
		if !w.touched[p] {
			continue
		}
		if p.id == "" {
			for _, x := range w.get(m, "razorpay", "/v1/orders/"+p.order.id+"/payments").items() {
				if x.text("status") != "failed" {
					p.id = x.text("id")
				}
			}
			if p.id == "" {
				w.fail("a payment of order %s is not there", p.order.id)
				return
			}
			w.count("found after a lost answer", 1)
		}
		if p.unbound() != nil {
			list := w.get(m, "razorpay", "/v1/payments/"+p.id+"/refunds?count=100").items()
			if len(list) != len(p.refunds) {
				w.fail("%s has %d refunds, want %d", p.id, len(list), len(p.refunds))
				return
			}
			for i, x := range p.refunds {
				w.name(x, list[len(list)-1-i].text("id"))
			}
		}
		for _, t := range p.transfers {
			if t.id == "" {
				list := w.get(m, "razorpay", "/v1/payments/"+p.id+"/transfers?count=100").items()
				if len(list) != len(p.transfers) {
					w.fail("%s has %d transfers, want %d", p.id, len(list), len(p.transfers))
					return
				}
				for i, t := range p.transfers {
					t.id = list[len(list)-1-i].text("id")
				}
				break
			}
		}
	}
}

// verify adds up the books, and holds every balance against the model.
func (w *world) verify() {
	st := w.machines[0].store
	rep, err := sqlstore.Verify(context.Background(), st, nil)
	if err != nil {
		w.fail("verify: %v", err)
		return
	}
	for _, f := range rep.Findings {
		w.fail("verify: %s %s: %s", f.Rule, f.What, f.Detail)
	}
	w.count("verify", 1)
	as, err := st.Balances(context.Background(), w.book)
	if err != nil {
		w.fail("balances: %v", err)
		return
	}
	at := func(id ledger.AccountID) int64 { return int64(as[id].Amount) }
	w.equal("what the merchant may spend", at(ledger.Available), w.model.available)
	for _, c := range w.customers {
		w.equal("cash of "+c, at(ledger.Account(ledger.WalletCash, c)), w.model.wallets[c].cash)
		w.equal("cashback of "+c, at(ledger.Account(ledger.WalletPromo, c)), w.model.wallets[c].promo)
	}
	for _, a := range w.model.agents {
		w.equal("value of "+a.code, at(ledger.Account(ledger.AgentValue, a.id)), a.value)
	}
	for _, x := range w.model.remits {
		if x.id != "" {
			row, err := st.Find(context.Background(), w.book, desk.KindRemittance, desk.ID(x.id))
			if err != nil || row == nil {
				w.fail("remittance %s: %v", x.id, err)
				return
			}
			if x.state == "initiated" && x.waits && remitStates[row.(desk.Remittance).State] == "held" {
				continue // its time has come, in the middle of a wave
			}
			w.equal("state of "+x.id, remitStates[row.(desk.Remittance).State], x.state)
		}
	}
	for _, l := range w.linked {
		w.equal("balance of "+l, at(ledger.LinkedAccount(l, false)), w.model.linked[l])
		w.equal("held for "+l, at(ledger.LinkedAccount(l, true)), w.model.linked[l+" held"])
	}
}

// end lets enough time pass for everything to come to its end, and compares
// all there is.
func (w *world) end() {
	r := rand.New(rand.NewPCG(w.seed, 1<<40))
	for _, by := range []time.Duration{0, time.Hour, 23 * time.Hour, 24 * time.Hour, 24 * time.Hour, 8 * 24 * time.Hour, 40 * 24 * time.Hour} {
		w.now = w.now.Add(by)
		w.work(r, false)
	}
	for _, p := range w.model.payments {
		w.touch(p)
	}
	for quiet := 0; quiet < 2 && w.broken == ""; quiet++ {
		w.now = w.now.Add(time.Minute)
		if w.post(r, w.machines[0], false) > 0 {
			quiet = -1
		}
	}
	if w.broken == "" {
		w.compare(r)
		w.verify()
		w.compareHooks()
	}
	for _, o := range w.model.payouts {
		if o.state == "pending" && w.waitsForSomebody(o.id) {
			continue
		}
		if o.state == "pending" {
			w.fail("the payout %s is pending still, and never ends", o.ref)
			continue
		}
		state := map[string]string{"done": "processed", "failed": "reversed"}[o.state]
		w.equal("state of payout "+o.id, w.get(w.machines[0], "razorpay", "/v1/payouts/"+o.id).text("status"), state)
	}
	for _, x := range w.model.remits {
		if (x.state == "initiated" || x.state == "held") && !w.waitsForSomebody(x.id) {
			w.fail("remittance %s is %s still, and never ends", x.ref, x.state)
		}
	}
	for _, x := range w.model.refunds {
		if x.state == "pending" && !w.waitsForSomebody(x.id) {
			w.fail("the refund %s is pending still, and never ends", x.id)
		}
	}
}

// waitsForSomebody says whether an order is one that only a person can end: its
// server died or its connection broke when it was to be sent, and nobody knows
// whether it was.
func (w *world) waitsForSomebody(id string) bool {
	if w.rail.orders[id] != nil {
		return false
	}
	row, err := w.machines[0].store.Find(context.Background(), w.book, desk.KindRailOrder, desk.ID(id))
	o, ok := row.(desk.RailOrder)
	w.unsent++
	return err == nil && ok && o.State != "waiting" && w.unsent <= w.counts["work broken off"]+w.counts["call or work dropped by a restart"]+w.counts["call broken after its change"]
}

var remitStates = map[string]string{
	desk.RemitInitiated: "initiated", desk.RemitHeld: "held", desk.RemitDone: "done", desk.RemitOwed: "owed", desk.RemitRefunded: "refunded",
}
