package desk_test

import (
	"slices"
	"testing"

	"wapas/desk"
)

// What is read out finds everything on the way to the refunds that it means,
// and what was never given back too.
func TestFindEverything(t *testing.T) {
	s := newShop(t)
	s.terms(func(t *desk.Terms) { t.AllowPayout = true })
	p, plain := s.pay("card", 500_00), s.pay("upi", 200_00)
	r := s.refund(desk.RefundRequest{Payment: p.ID, Amount: 100_00, Receipt: "RET-9"})
	c := s.customer(400_00, 0)
	out := must(s.Desk.CreatePayout(s.ctx, s.Book, desk.PayoutRequest{Customer: c.ID, FundAccount: s.account(c).ID, Amount: 100_00, Purpose: "refund", Reference: "PO-1"}))(t)
	x := must(s.Desk.LoadCredit(s.ctx, s.Book, desk.CreditRequest{Partner: "asha", Contact: "9123456789", Amount: 50_00, Purpose: desk.CreditRefund, Reference: "CR-1"}))(t)
	s.sent()
	out = row[desk.Payout](s, out.ID)
	for text, want := range map[string][]desk.ID{
		"98765 43210": {r.ID, p.ID, plain.ID}, "RET-9": {r.ID}, string(plain.ID): {plain.ID}, string(p.Order): {p.Order, p.ID, r.ID},
		"+91 98765 00001": {c.ID}, "PO-1": {out.ID}, "91-9123456789": {x.Member, x.Refund()}, "asha": {x.Member, x.Refund()},
		"  " + string(c.ID) + " ": {c.ID}, "nobody": nil, "": nil,
	} {
		f := must(s.Desk.Find(s.ctx, s.Book, text))(t)
		var got []desk.ID
		for _, x := range f.Refunds {
			got = append(got, x.ID)
		}
		for _, x := range f.Payments {
			got = append(got, x.ID)
		}
		for _, x := range f.Orders {
			got = append(got, x.ID)
		}
		for _, x := range f.Customers {
			got = append(got, x.ID)
		}
		for _, x := range f.Payouts {
			got = append(got, x.ID)
		}
		for _, x := range f.Members {
			got = append(got, x.ID)
		}
		for _, id := range want {
			if !slices.Contains(got, id) {
				t.Errorf("%q finds %v, and not %s", text, got, id)
			}
		}
		if len(want) == 0 && len(got) > 0 {
			t.Errorf("%q finds %v", text, got)
		}
	}
}
