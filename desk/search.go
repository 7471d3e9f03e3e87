package desk

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
)

// namespaces are the rooms, and parts of them, in which callers have names of
// their own for things: the first part of HandleID.
var namespaces = []string{
	"phonepe", "phonepe.ref", "phonepe.refund", "remittance.tid", "remittance.ref", "sim", "sim.ref", "import.payment",
}

// maxFound is how many things of each sort a search follows, the newest first.
const maxFound = 100

// Search finds the refunds that somebody means who reads a text out: an id of
// ours (of a refund, payment, order, customer, member, agent, credit, transfer's
// reversal or remittance), what a merchant or a room's caller calls one of them,
// the number that a bank gave (ARN, RRN, UTR) to the refund or to the payment, a
// phone number in any usual spelling, or an e-mail address. Every step of it is
// an index's. The newest refund comes first; at most maxFound are found.
func (d *Desk) Search(ctx context.Context, book BookID, text string) ([]Refund, error) {
	f, err := d.Find(ctx, book, text)
	return f.Refunds, err
}

// Found is what somebody may mean who reads a text out, each sort the newest
// first.
type Found struct {
	Refunds   []Refund
	Payments  []Payment
	Orders    []Order
	Customers []Customer
	Payouts   []Payout
	Members   []Member
}

// Find finds what Search finds refunds by, with everything on the way to them:
// payments, orders and people who were never given anything back too, and the
// payouts that a reference or a UTR names.
func (d *Desk) Find(ctx context.Context, book BookID, text string) (Found, error) {
	s := &search{
		ctx: ctx, d: d, book: book, found: map[ID]Refund{}, seen: map[ID]bool{},
		paid: map[ID]Payment{}, orders: map[ID]Order{}, people: map[ID]Customer{}, sent: map[ID]Payout{}, members: map[ID]Member{},
	}
	if text = strings.TrimSpace(text); text != "" {
		s.id(ID(text))
		s.name(text)
	}
	return Found{newest(s.found), newest(s.paid), newest(s.orders), newest(s.people), newest(s.sent), newest(s.members)}, s.err
}

// newest are the newest of what was found of a sort.
func newest[R Row](found map[ID]R) []R {
	ids := slices.SortedFunc(maps.Keys(found), func(x, y ID) int { return -cmp.Compare(x, y) })
	out := make([]R, 0, min(len(ids), maxFound))
	for _, id := range ids[:min(len(ids), maxFound)] {
		out = append(out, found[id])
	}
	return out
}

// A search collects what it finds. After an error it does nothing more.
type search struct {
	ctx     context.Context
	d       *Desk
	book    BookID
	found   map[ID]Refund
	paid    map[ID]Payment
	orders  map[ID]Order
	people  map[ID]Customer
	sent    map[ID]Payout
	members map[ID]Member
	seen    map[ID]bool // ids that were followed
	err     error
}

// rows are the newest rows of a kind with a value in a column.
func rows[R Row](s *search, col, val string) (all []R) {
	if s.err == nil && val != "" {
		all, s.err = List[R](s.ctx, s.d, Query{Book: s.book, Where: map[string]string{col: val}, Count: maxFound})
	}
	return all
}

// one is the row of an id.
func one[R Row](s *search, id ID) *R {
	if s.err != nil {
		return nil
	}
	r, err := findIf[R](s.ctx, s.d, s.book, id)
	s.err = err
	return r
}

// keep reads a row among what was found, unless it is there already.
func keep[R Row](s *search, found map[ID]R, id ID) {
	if _, known := found[id]; known {
		return
	}
	if r := one[R](s, id); r != nil {
		found[id] = *r
	}
}

func (s *search) refunds(col, val string) {
	for _, r := range rows[Refund](s, col, val) {
		s.found[r.ID] = r
	}
}

func (s *search) payments(col, val string) {
	for _, p := range rows[Payment](s, col, val) {
		s.paid[p.ID] = p
		s.id(p.ID)
	}
}

// id follows an id of ours to the refunds behind it.
func (s *search) id(id ID) {
	if s.seen[id] || s.err != nil {
		return
	}
	s.seen[id] = true
	switch id.Prefix() {
	case "rfnd":
		if r := one[Refund](s, id); r != nil {
			s.found[id] = *r
		}
	case "pay":
		keep(s, s.paid, id)
		s.refunds("payment_id", string(id))
	case "order":
		keep(s, s.orders, id)
		s.payments("order_id", string(id))
		s.refunds("order_id", string(id))
	case "cust":
		keep(s, s.people, id)
		s.payments("customer_id", string(id))
	case "pout":
		keep(s, s.sent, id)
	case "iuser":
		keep(s, s.members, id)
		s.refunds("holder", string(id))
	case "agt":
		s.refunds("holder", string(id))
	case "ientxn":
		s.id(Credit{ID: id}.Refund())
	case "rvrsl":
		if r := one[Reversal](s, id); r != nil {
			s.id(r.Refund)
		}
	case "rmt":
		if r := one[Remittance](s, id); r != nil {
			s.id(r.Refund)
		}
	}
}

// name follows what a thing is called by others.
func (s *search) name(text string) {
	s.refunds("receipt", text)
	s.refunds("reference", text)
	s.payments("reference", text)
	for _, o := range rows[Order](s, "receipt", text) {
		s.orders[o.ID] = o
		s.id(o.ID)
	}
	for _, col := range []string{"utr", "reference"} {
		for _, p := range rows[Payout](s, col, text) {
			s.sent[p.ID] = p
		}
	}
	for _, space := range namespaces {
		if h := one[Handle](s, HandleID(space, text)); h != nil {
			s.id(h.Of)
		}
	}
	for _, x := range rows[Credit](s, "reference", text) {
		s.id(x.ID)
	}
	s.holders("known_as", text)
	if strings.Contains(text, "@") {
		for _, spelling := range spellings(text, strings.ToLower(text)) {
			s.person("email", spelling)
			s.holders("email", spelling)
		}
		return
	}
	if digits, ok := IndianMobile(text); ok {
		for _, spelling := range spellings(text, digits, "+91"+digits, "91"+digits, "0"+digits, "+91 "+digits) {
			s.person("contact", spelling)
		}
		s.holders("contact", digits)
		for _, r := range rows[Remittance](s, "customer", digits) {
			s.id(r.ID)
		}
	}
}

// spellings are those that differ.
func spellings(all ...string) []string {
	slices.Sort(all)
	return slices.Compact(all)
}

// person follows whom a payment was from.
func (s *search) person(col, val string) {
	s.payments(col, val)
	for _, c := range rows[Customer](s, col, val) {
		s.people[c.ID] = c
		s.id(c.ID)
	}
}

// holders follows those who hold store credit.
func (s *search) holders(col, val string) {
	for _, m := range rows[Member](s, col, val) {
		s.members[m.ID] = m
		s.id(m.ID)
	}
}
