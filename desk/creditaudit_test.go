package desk_test

import (
	"slices"
	"testing"

	. "wapas/desk"
	"wapas/ledger"
)

// creditBook is a good book in which store credit was given on the merchant's
// promise and on its money, as a refund and as a gift; spent from two lots, in
// part returned; and lost.
func creditBook(t *testing.T) *paperBook {
	b := goodBook(t)
	const m = "iuser_M"
	b.post(t, ledger.CreditLoaded, "rfnd_L1", ledger.LoadCredit(ledger.ProgrammeOwes, m, 3000))
	b.post(t, ledger.CreditLoaded, "rfnd_L2", ledger.LoadCredit(ledger.Available, m, 2000))
	b.post(t, ledger.CreditLoaded, "ientxn_L3", ledger.LoadCredit(ledger.ProgrammeOwes, m, 500))
	b.post(t, ledger.CreditSpent, "ientxn_S", ledger.SpendCredit(m, 3000, 1000))
	b.post(t, ledger.CreditReturned, "ientxn_R", ledger.ReturnCredit(m, 200, 1000))
	b.post(t, ledger.CreditExpired, "ientxn_E", ledger.ExpireCredit(m, 200, 0))
	lot := func(id ID, a, left, backed ledger.Amount, purpose string) Credit {
		c := Credit{ID: id, Member: m, Programme: "iprog_P", Type: "credit", Amount: a, Backed: backed, Purpose: purpose, Left: left}
		if left > 0 {
			c.LotOf = m
		}
		return c
	}
	l1, l2, l3 := lot("ientxn_L1", 3000, 0, 3000, "refund"), lot("ientxn_L2", 2000, 2000, 0, "refund"), lot("ientxn_L3", 500, 500, 500, "gift")
	l1.Balance, l2.Balance, l3.Balance = 3000, 5000, 5500
	l3.ExpiresAt = 99
	spend := Credit{ID: "ientxn_S", Member: m, Type: "debit", Amount: 4000, Backed: 3000, Purpose: "spend", Balance: 1500, Returned: 1200,
		Lots: "ientxn_L1:3000 ientxn_L2:1000"}
	back := Credit{ID: "ientxn_R", Member: m, Type: "credit", Amount: 1200, Backed: 200, Purpose: "return", Balance: 2700, Linked: "ientxn_S",
		Lots: "ientxn_L2:1000 ientxn_L1:200"}
	end := Credit{ID: "ientxn_E", Member: m, Type: "debit", Amount: 200, Backed: 200, Purpose: "expiry", Balance: 2500, Linked: "ientxn_L1",
		Lots: "ientxn_L1:200"}
	b.rows = append(b.rows, l1, l2, l3, spend, back, end,
		Programme{ID: "iprog_P", Type: "closed", Funding: "backed"},
		Member{ID: m, Partner: "cust-1", KnownAs: "cust-1"}, Member{ID: "iuser_O", Partner: "cust-0"},
		Refund{ID: "rfnd_L1", Amount: 3000, To: "credit", State: "done", ProcessedAt: 1, Holder: m, Room: "engage"},
		Refund{ID: "rfnd_L2", Payment: "pay_B", Order: "order_O", Amount: 2000, To: "credit", State: "done", ProcessedAt: 1, Holder: m, Room: "engage"},
		Timer{ID: "credit.expire/ientxn_L3", What: "credit.expire", Subject: "ientxn_L3", At: 99},
		Timer{ID: "credit.expire/ientxn_L1", What: "credit.expire", Subject: "ientxn_L1"},
	)
	edit(b, "pay_B", func(p *Payment) { p.Refunded = 2000 })
	edit(b, "order_O", func(o *Order) { o.Refunded = 2000 })
	return b
}

func TestAuditOfCredit(t *testing.T) {
	for _, oddly := range []bool{false, true} {
		for _, f := range creditBook(t).audit(oddly) {
			t.Errorf("found %v", f)
		}
	}
	credit := func(id ID, f func(c *Credit)) func(b *paperBook) {
		return func(b *paperBook) { edit(b, id, f) }
	}
	for _, tt := range []struct {
		fault string
		do    func(b *paperBook)
		want  string // rule and what
	}{
		{"a payment that forgot a credit", func(b *paperBook) { edit(b, "pay_B", func(p *Payment) { p.Refunded = 0 }) }, "I-4 pay_B"},
		{"an order that forgot a credit", func(b *paperBook) { edit(b, "order_O", func(o *Order) { o.Refunded = 0 }) }, "I-5 order_O"},
		{"a lot that forgot a spend", credit("ientxn_L2", func(c *Credit) { c.Left = 1000 }), "I-6 ientxn_L2"},
		{"a spend from another lot", credit("ientxn_S", func(c *Credit) { c.Lots = "ientxn_L1:2000 ientxn_L2:2000" }), "I-6 ientxn_L1"},
		{"a return to another lot", credit("ientxn_R", func(c *Credit) { c.Lots = "ientxn_L1:1200" }), "I-6 ientxn_L1"},
		{"a spend that forgot a return", credit("ientxn_S", func(c *Credit) { c.Returned = 0 }), "I-6 ientxn_S"},
		{"a return of another spend", credit("ientxn_R", func(c *Credit) { c.Linked = "ientxn_E" }), "I-6 ientxn_S"},
		{"a member with more than there is", credit("ientxn_L1", func(c *Credit) { c.Left, c.LotOf = 1, c.Member }), "I-8 2105/iuser_M"},
		{"a lot that is somebody else's", credit("ientxn_L2", func(c *Credit) { c.Member, c.LotOf = "iuser_O", "iuser_O" }), "I-8 2105/iuser_M"},
		{"a promise nobody holds", credit("ientxn_L3", func(c *Credit) { c.Backed = 0 }), "I-8 1220"},
		{"credit that nobody will end", func(b *paperBook) { b.remove("credit.expire/ientxn_L3") }, "I-8 ientxn_L3"},
		{"an end of what is spent", func(b *paperBook) { edit(b, "credit.expire/ientxn_L1", func(r *Timer) { r.At = 9 }) }, "I-8 ientxn_L1"},
		{"a gift of another amount", credit("ientxn_L3", func(c *Credit) { c.Amount++ }), "I-11 ientxn_L3"},
		{"a gift on money, not on a promise", credit("ientxn_L3", func(c *Credit) { c.Backed = 0 }), "I-11 ientxn_L3"},
		{"a refund on money, not on a promise", credit("ientxn_L1", func(c *Credit) { c.Backed = 3000 - c.Backed }), "I-11 ientxn_L1"},
		{"a gift half on a promise", credit("ientxn_L3", func(c *Credit) { c.Backed = 250 }), "I-11 ientxn_L3"},
		{"a spend on money, not on a promise", credit("ientxn_S", func(c *Credit) { c.Backed = 2000 }), "I-11 ientxn_S"},
		{"a return of another amount", credit("ientxn_R", func(c *Credit) { c.Amount--; c.Lots = "ientxn_L2:1000 ientxn_L1:199" }), "I-11 ientxn_R"},
		{"an expiry that is gone", func(b *paperBook) { b.remove("ientxn_E") }, "I-11 ientxn_E"},
		{"a refund without its credit", func(b *paperBook) { b.remove("ientxn_L1") }, "I-11 rfnd_L1"},
		{"a credit without its refund", func(b *paperBook) { b.remove("rfnd_L1") }, "I-11 rfnd_L1"},
		{"a refund of another amount", func(b *paperBook) { edit(b, "rfnd_L1", func(r *Refund) { r.Amount++ }) }, "I-11 rfnd_L1"},
		{"parts that are not the whole", credit("ientxn_S", func(c *Credit) { c.Lots = "ientxn_L1:3000" }), "I-11 ientxn_S"},
		{"parts that nobody can read", credit("ientxn_S", func(c *Credit) { c.Lots = "?" }), "I-11 ientxn_S"},
		{"a lot open without a holder", credit("ientxn_L2", func(c *Credit) { c.LotOf = "" }), "I-11 ientxn_L2"},
		{"a spend that is a credit", credit("ientxn_S", func(c *Credit) { c.Type = "credit" }), "I-11 ientxn_S"},
		{"a member by another's name", func(b *paperBook) { edit(b, "iuser_M", func(m *Member) { m.KnownAs = "cust-0" }) }, "I-11 iuser_M"},
		{"a programme of no kind", func(b *paperBook) { edit(b, "iprog_P", func(p *Programme) { p.Type = "open" }) }, "I-11 iprog_P"},
		{"a balance that was not", credit("ientxn_S", func(c *Credit) { c.Balance++ }), "I-12 ientxn_S"},
		{"a refund's balance that was not", credit("ientxn_L1", func(c *Credit) { c.Balance++ }), "I-12 ientxn_L1"},
	} {
		for _, oddly := range []bool{false, true} {
			b := creditBook(t)
			tt.do(b)
			found := b.audit(oddly)
			if !slices.ContainsFunc(found, func(f Finding) bool { return f.Rule+" "+f.What == tt.want }) {
				t.Errorf("%s: want %s, found %v", tt.fault, tt.want, found)
			}
		}
	}
}
