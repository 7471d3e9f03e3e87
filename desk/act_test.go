package desk_test

import (
	"context"
	"strings"
	"testing"

	"wapas/desk"
	"wapas/dialecttest"
	"wapas/ledger"
)

func (s *shop) acts() []desk.Act {
	s.t.Helper()
	return must(s.Desk.Acts(s.ctx, desk.Query{Book: s.Book, Oldest: true}))(s.t)
}

func TestActs(t *testing.T) {
	s := newShop(t)
	pay := s.pay("card", 5000)
	if all := s.acts(); len(all) != 0 {
		t.Fatalf("nobody did anything: %v", all)
	}
	ctx := desk.As(s.ctx, desk.Actor{By: "per_1", Name: "Asha", What: "refund.create", Detail: `{"amount":1000,"phone":"9876543210"}`, From: "10.0.0.1"})
	q := desk.RefundRequest{Payment: pay.ID, Amount: 1000, Key: desk.Once{Scope: "test", Key: "k1", Digest: "d"}}
	before := must(s.Desk.Store.Book(s.ctx, s.Book))(t)
	r := must(s.Desk.Refund(ctx, s.Book, q))(t)
	after := must(s.Desk.Store.Book(s.ctx, s.Book))(t)
	all := s.acts()
	if len(all) != 1 {
		t.Fatalf("got %v", all)
	}
	a := all[0]
	if a.By != "per_1" || a.Name != "Asha" || a.What != "refund.create" || a.Of != r.ID || a.From != "10.0.0.1" || a.At != r.CreatedAt ||
		strings.Contains(a.Detail, "987654") || !strings.Contains(a.Detail, "1000") {
		t.Errorf("got %+v", a)
	}
	if after.Seal != before.Seal+1 {
		t.Errorf("the act lies under another seal than the refund: %d, %d", before.Seal, after.Seal)
	}

	// The same again under its key, what is refused, and what changes nothing, is no act.
	must(s.Desk.Refund(ctx, s.Book, q))(t)
	for _, q := range []desk.RefundRequest{
		{Payment: pay.ID, Amount: 1 << 40},
		{Payment: pay.ID, Amount: 1 << 40, Key: desk.Once{Scope: "test", Key: "k2", Digest: "d"}}, // which is kept under the key
		{Payment: "pay_00000000000000", Amount: 1},
	} {
		if _, err := s.Desk.Refund(ctx, s.Book, q); err == nil {
			t.Errorf("%+v was not refused", q)
		}
	}
	inside, end, err := s.Desk.Under(ctx, s.Book, desk.Once{Scope: "native", Key: "k3", Digest: "d"}, desk.KindRefund)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Desk.Refund(inside, s.Book, desk.RefundRequest{Payment: pay.ID, Amount: 1 << 40}); err == nil {
		t.Error("too much was not refused")
	}
	end()
	if all := s.acts(); len(all) != 1 {
		t.Errorf("acts of what was refused: %v", all[1:])
	}

	// What turns the clock, what changes a thing, and what is named.
	clock := desk.As(s.ctx, desk.Actor{By: "cli:ops", Name: "ops", What: "clock.move"})
	must(s.Desk.SetClock(clock, s.Book, desk.ClockRequest{Do: desk.ClockFreeze}))(t)
	named := desk.As(s.ctx, desk.Actor{By: "cli:ops", Name: "ops", What: "refund.edit", Of: r.ID})
	if err := s.Desk.Witness(named, s.Book, "something else"); err != nil {
		t.Fatal(err)
	}
	if err := s.Desk.Witness(s.ctx, s.Book, "nobody does it"); err != nil {
		t.Fatal(err)
	}
	all = s.acts()
	if len(all) != 3 || all[1].What != "clock.move" || all[2].Of != r.ID {
		t.Errorf("got %+v", all)
	}
	of := must(s.Desk.Acts(s.ctx, desk.Query{Book: s.Book, Parent: r.ID}))(t)
	if len(of) != 2 || of[0].What != "refund.edit" {
		t.Errorf("acts of the refund: %+v", of)
	}
	by := must(s.Desk.Acts(s.ctx, desk.Query{Book: s.Book, Where: map[string]string{"person": "cli:ops"}}))(t)
	if len(by) != 2 {
		t.Errorf("acts of one: %+v", by)
	}
}

// What lies outside of books is written down in them all the same.
func TestActsOutside(t *testing.T) {
	d, test, live, _ := keyDesk(t)
	_, foreign, _, err := d.CreateMerchant(t.Context(), desk.MerchantRequest{Name: "Stranger"})
	if err != nil {
		t.Fatal(err)
	}
	ctx := desk.As(t.Context(), desk.Actor{By: "per_1", Name: "Asha", What: "x"})
	count := func(book desk.BookID, of desk.ID) int {
		t.Helper()
		all, err := d.Acts(t.Context(), desk.Query{Book: book, Parent: of})
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	p, err := d.AddPerson(ctx, desk.PersonRequest{Merchant: test.Merchant, Email: "a@example.in", Role: desk.Admin, Password: goodPassword})
	if err != nil {
		t.Fatal(err)
	}
	viewer, name := desk.Viewer, "Asha"
	_, err = d.AddPerson(ctx, desk.PersonRequest{Merchant: test.Merchant, Email: "a@example.in", Role: desk.Admin, Password: goodPassword})
	refused(t, "the e-mail taken", err, ledger.Duplicate, desk.WhyEmailTaken)
	_, err = d.EditPerson(ctx, p.ID, desk.PersonChange{Role: &viewer})
	refused(t, "the last admin", err, ledger.WrongState, desk.WhyLastAdmin)
	if _, err := d.EditPerson(ctx, p.ID, desk.PersonChange{Name: &name}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.EditPerson(ctx, p.ID, desk.PersonChange{Name: &name}); err != nil { // which changes nothing
		t.Fatal(err)
	}
	if a, b, c := count(test.ID, p.ID), count(live.ID, p.ID), count(foreign.ID, p.ID); a != 2 || b != 2 || c != 0 {
		t.Errorf("%d, %d and %d acts", a, b, c)
	}
	if _, err := d.Issue(ctx, desk.IssueRequest{Room: "razorpay", Book: live.ID, Name: "rzp_live_a", Secret: []byte("two")}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Revoke(ctx, "razorpay", "rzp_live_a"); err != nil {
		t.Fatal(err)
	}
	_, err = d.Revoke(ctx, "razorpay", "rzp_live_a")
	refused(t, "revoked already", err, ledger.WrongState, desk.WhyRevoked)
	if a, b := count(live.ID, "rzp_live_a"), count(test.ID, "rzp_live_a"); a != 2 || b != 0 {
		t.Errorf("%d and %d acts", a, b)
	}
}

// An actor's words are cut and cleaned, never a reason to refuse.
func TestActorsWords(t *testing.T) {
	s := newShop(t)
	for _, detail := range []string{"plain", `{"otp":"123456"}`, `{"a":"` + strings.Repeat("x y ", 1000) + `"}`, "\xff\x00"} {
		ctx := desk.As(s.ctx, desk.Actor{By: strings.Repeat("b", 300), Name: "a\x00\xffb" + strings.Repeat("न", 100), What: strings.Repeat("w", 300), Detail: detail})
		if err := s.Desk.Witness(ctx, s.Book, "x"); err != nil {
			t.Errorf("%.20q: %v", detail, err)
		}
	}
	for _, a := range s.acts() {
		if len(a.By) > 128 || len(a.Name) > 64 || !strings.HasPrefix(a.Name, "ab") || len(a.Detail) > 1010 || strings.Contains(a.Detail, "123456") {
			t.Errorf("got %+v", a)
		}
	}
}

// BenchmarkWatched says what an actor costs a change, and what asking for none
// does.
func BenchmarkWatched(b *testing.B) {
	for _, who := range []string{"", "per_1"} {
		b.Run("by "+who, func(b *testing.B) {
			h := dialecttest.Open(b)
			ctx := context.Background()
			if who != "" {
				ctx = desk.As(ctx, desk.Actor{By: who, What: "order.create"})
			}
			for b.Loop() {
				if _, _, err := h.Desk.CreateOrder(ctx, h.Book, desk.OrderRequest{Amount: 100}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
