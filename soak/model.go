package soak

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A model is what the books must be, in as few words as will do: it knows no
// entries, rows, locks or wires. Whatever a client asks for is one method, which
// changes the model and returns what must be answered: "ok" with the figures
// that must be in it, or the rule that refuses. Amounts are paise.
//
// It is told of a call at the moment when its change is made, so it need not
// guess what became of one that was never answered.
type model struct {
	available int64 // what the merchant may spend
	wallets   map[string]*wallet
	linked    map[string]int64 // what the sellers hold
	payments  []*payment
	holds     []*payment // from wallets, until they are captured or lapse
	refunds   []*refund
	byRef     map[string]*refund // those that went to a rail
	keys      map[string]remembered
	names     map[string]*refund // by a caller's name that is good once
	payouts   []*payout
	members   []*member
	agents    []*agent
	remits    []*remittance
	texts     map[mobileDay]int // codes that a mobile was sent
	now       time.Time         // of the server that makes the change
}

// A wallet is a customer's, cashback apart.
type wallet struct{ cash, promo int64 }

func (w *wallet) total() int64 { return w.cash + w.promo }

// An order waits for its payment.
type order struct {
	id     string
	amount int64
	byHand bool // its payments wait to be captured
	open   bool // one waits
	paid   bool
}

// A payment with all that came of it.
type payment struct {
	id        string
	order     *order
	amount    int64
	wallet    string    // the customer whose wallet paid; empty if a bank did
	promo     int64     // of amount: what cashback paid
	pending   int64     // on its way back
	back      int64     // given back
	promoBack int64     // of back
	excess    int64     // given back beyond the amount, by banks that changed their mind
	until     time.Time // when it lapses, while it is held
	lapsed    bool
	receipts  map[string]bool
	transfers []*transfer
	refunds   []*refund
}

func (p *payment) left() int64 { return p.amount - p.pending - p.back }

// taken is what its transfers took of it.
func (p *payment) taken() (all int64) {
	for _, t := range p.transfers {
		all += t.amount
	}
	return all
}

// A transfer passed money on, to a seller or as a load to a wallet.
type transfer struct {
	id       string
	to       string
	wallet   bool
	amount   int64
	reversed int64
	held     bool // until then: the seller cannot be paid it yet
	until    time.Time
}

// lies is where a seller's part of it is.
func (t *transfer) lies() string {
	if t.held {
		return t.to + " held"
	}
	return t.to
}

func (t *transfer) left() int64 { return t.amount - t.reversed }

// A payout left a wallet for a bank.
type payout struct {
	id, customer string
	ref          string // the caller's
	at           time.Time
	amount       int64
	state        string // pending, done, failed
}

// A refund of a payment. Word is the rail's last one, and heard how many there
// were.
type refund struct {
	id     string
	of     *payment
	amount int64
	room   string
	state  string // pending, done, failed
	word   string
	failed bool   // it did, even if it was done after all
	seen   string // its state, when it was last compared
	lost   bool   // the last word was that nobody knows
	heard  int
}

// What was answered under a key, for good.
type remembered struct{ request, answer string }

func newModel() *model {
	return &model{wallets: map[string]*wallet{}, linked: map[string]int64{}, byRef: map[string]*refund{}, keys: map[string]remembered{},
		names: map[string]*refund{}, texts: map[mobileDay]int{}}
}

func ok(format string, args ...any) string { return "ok " + fmt.Sprintf(format, args...) }

// once is what a key promises: the same request hears the first answer again,
// another one is refused. What was wrong with the request itself is forgotten.
func (m *model) once(key, request string, do func() string) string {
	if key == "" {
		return do()
	}
	if k, again := m.keys[key]; again {
		if k.request != request {
			return "another request under this key"
		}
		return k.answer
	}
	answer := do()
	if answer != "reverse_all of a part" {
		m.keys[key] = remembered{request, answer}
	}
	return answer
}

// forgiving is once for a key under which a refusal is forgotten.
func (m *model) forgiving(key, request string, do func() string) string {
	answer := m.once(key, request, do)
	if k := m.keys[key]; k.request == request && !strings.HasPrefix(k.answer, "ok") {
		delete(m.keys, key)
	}
	return answer
}

// pay is a payment through a bank, captured at once.
func (m *model) pay(p *payment) string {
	if p.order.paid {
		return "paid already"
	}
	p.order.paid = true
	m.available += p.amount
	m.payments = append(m.payments, p)
	return ok("paid")
}

// spend is a payment from a wallet, cashback first.
func (m *model) spend(p *payment) string {
	w := m.wallets[p.wallet]
	switch {
	case p.order.paid:
		return "paid already"
	case p.order.open:
		return "held already"
	case w.total() < p.amount:
		return "wallet short"
	}
	p.promo = min(w.promo, p.amount)
	w.promo -= p.promo
	w.cash -= p.amount - p.promo
	if p.order.byHand {
		p.order.open, p.until = true, m.now.Add(captureWithin)
		m.holds = append(m.holds, p)
		return ok("paid")
	}
	return m.pay(p)
}

// captureWithin is how long a payment waits to be captured.
const captureWithin = 72 * time.Hour

// capture takes what was held for a payment.
func (m *model) capture(p *payment) string {
	switch {
	case p.lapsed:
		return "voided"
	case p.until.IsZero():
		return "paid already"
	}
	p.until, p.order.open = time.Time{}, false
	m.pay(p)
	return ok("captured %d", p.amount)
}

// lapse gives back to the wallets what nobody captured.
func (m *model) lapse() {
	for _, p := range m.holds {
		if !p.lapsed && !p.until.IsZero() && !p.until.After(m.now) {
			p.order.open, p.lapsed = false, true
			m.wallets[p.wallet].promo += p.promo
			m.wallets[p.wallet].cash += p.amount - p.promo
		}
	}
}

// transfer passes a payment on.
func (m *model) transfer(p *payment, ts []*transfer) string {
	var total int64
	for _, t := range ts {
		total += t.amount
	}
	switch {
	case p.pending+p.back > 0:
		return "refund was started"
	case p.taken()+total > p.amount:
		return "more than was captured"
	case total > m.available:
		return "merchant short"
	}
	for _, t := range ts {
		m.move(t)
	}
	p.transfers = append(p.transfers, ts...)
	return ok("moved %d", total)
}

func (m *model) move(t *transfer) {
	m.available -= t.amount
	if t.wallet {
		m.wallets[t.to].cash += t.amount
	} else {
		m.linked[t.lies()] += t.amount
	}
}

// release lets go of what was held for sellers, when its time has come.
func (m *model) release() {
	for _, p := range m.payments {
		for _, t := range p.transfers {
			if t.held && !t.until.After(m.now) {
				m.linked[t.lies()] -= t.left()
				t.held = false
				m.linked[t.lies()] += t.left()
			}
		}
	}
}

// cashback is the merchant's gift to a wallet.
func (m *model) cashback(customer string, a int64) string {
	if a > m.available {
		return "merchant short"
	}
	m.available -= a
	m.wallets[customer].promo += a
	return ok("moved %d", a)
}

// reverse pulls a transfer back; zero is all that is left.
func (m *model) reverse(t *transfer, a int64) string {
	if a == 0 {
		a = t.left()
	}
	have := m.linked[t.lies()]
	if t.wallet {
		have = m.wallets[t.to].cash
	}
	switch {
	case t.left() == 0:
		return "nothing is left of it"
	case a > t.left():
		return "more than is left"
	case a > have:
		return "seller short"
	}
	t.reversed += a
	m.available += a
	if t.wallet {
		m.wallets[t.to].cash -= a
	} else {
		m.linked[t.lies()] -= a
	}
	return ok("reversed %d", a)
}

// A giving back is asked for through any room.
type giving struct {
	p       *payment
	amount  int64 // zero: all that is left
	receipt string
	all     bool // reverse the transfers first
	room    string
	made    *refund
}

// refund gives money of a payment back: to the wallet that paid at once, to the
// source through the rail. All that is asked for is done, or nothing.
func (m *model) refund(g *giving) string {
	p, a := g.p, g.amount
	if a == 0 {
		a = max(p.left(), 1)
	}
	var live []*transfer
	var back int64
	for _, t := range p.transfers {
		if t.left() > 0 {
			live = append(live, t)
		}
	}
	switch {
	case g.receipt != "" && p.receipts[g.receipt]:
		return "receipt used"
	case a > p.left() && p.left() == 0:
		return "all given back"
	case a > p.left():
		return "more than is left"
	case g.all && a < p.left() && len(live) > 1:
		return "reverse_all of a part"
	}
	pull := make([]int64, len(live))
	if g.all {
		for i, t := range live {
			if pull[i] = t.left(); a < p.left() {
				pull[i] = min(a, pull[i])
			}
			have := m.linked[t.lies()]
			if t.wallet {
				have = m.wallets[t.to].cash
			}
			for j, earlier := range live[:i] {
				if earlier.lies() == t.lies() {
					have -= pull[j]
				}
			}
			if pull[i] > have {
				return "seller short"
			}
			back += pull[i]
		}
	}
	if a > m.available+back {
		return "merchant short"
	}
	for i, t := range live {
		if pull[i] > 0 {
			m.reverse(t, pull[i])
		}
	}
	m.available -= a
	r := &refund{of: p, amount: a, room: g.room, state: "pending"}
	if p.wallet != "" {
		r.state = "done"
		promo := a - min(a, p.amount-p.promo-(p.back-p.promoBack))
		p.back += a
		p.promoBack += promo
		m.wallets[p.wallet].promo += promo
		m.wallets[p.wallet].cash += a - promo
	} else {
		p.pending += a
	}
	if g.receipt != "" {
		p.receipts[g.receipt] = true
	}
	p.refunds = append(p.refunds, r)
	m.refunds = append(m.refunds, r)
	g.made = r
	return ok("refund %d", a)
}

// outcome keeps what the rail said of a refund. A word that contradicts the one
// before counts only if nothing was heard since it was asked for.
func (m *model) outcome(r *refund, word string, since int) {
	p := r.of
	contradicts := r.word == "done" && word == "refused" || r.word == "refused" && word == "done"
	if contradicts && r.heard != since {
		return
	}
	r.heard++
	r.lost = word == "unknown"
	switch {
	case word == r.word, word != "done" && word != "refused":
		return
	case word == "refused" && r.word == "done": // it came back: a person sees to it
	case word == "refused":
		r.state, r.failed = "failed", true
		p.pending -= r.amount
		m.available += r.amount
		fits := min(p.excess, p.left())
		p.back += fits
		p.excess -= fits
	case r.state == "done": // it went, came back and went again
	case word == "done" && r.word == "refused":
		r.state = "done"
		m.available -= r.amount
		counted := min(r.amount, p.left())
		p.back += counted
		p.excess += r.amount - counted
	default:
		r.state = "done"
		p.pending -= r.amount
		p.back += r.amount
	}
	r.word = word
}

// payOut sends a wallet's cash to a bank.
func (m *model) payOut(o *payout) string {
	w := m.wallets[o.customer]
	if w.cash < o.amount {
		return "wallet short of cash"
	}
	w.cash -= o.amount
	o.state, o.at = "pending", m.now
	m.payouts = append(m.payouts, o)
	return ok("payout %d", o.amount)
}

// paidOut keeps what the bank said of it.
func (m *model) paidOut(o *payout, word string) {
	switch {
	case o.state != "pending":
	case word == "done":
		o.state = "done"
	case word == "refused":
		o.state = "failed"
		m.wallets[o.customer].cash += o.amount
		if late := day(m.now) - day(o.at) - 1; late > 0 { // the law's compensation
			m.wallets[o.customer].cash += late * 100_00
		}
	}
}

// heard is how many words of the rail on an order are kept.
func (m *model) heard(ref string) int {
	if r := m.byRef[ref]; r != nil {
		return r.heard
	}
	return 0
}

// unbound is the first refund of a payment whose id nobody heard.
func (p *payment) unbound() *refund {
	if i := slices.IndexFunc(p.refunds, func(r *refund) bool { return r.id == "" }); i >= 0 {
		return p.refunds[i]
	}
	return nil
}
