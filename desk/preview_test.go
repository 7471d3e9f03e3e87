package desk_test

import (
	"context"
	"reflect"
	"testing"

	"wapas/desk"
	"wapas/ledger"
)

// What a preview says is what then happens, to the paisa and to the balance;
// and until then nothing has.
func TestPreview(t *testing.T) {
	s := newShop(t)
	p := s.pay("card", 500_00)
	seller := s.linked("seller@example.com")
	s.transfer(p.ID, desk.TransferTo{Recipient: seller, Amount: 300_00})
	ask := desk.RefundRequest{Payment: p.ID, Amount: 500_00, ReverseAll: true, Receipt: "R1"}
	ask.Key = desk.Once{Scope: "test", Key: "k1", Digest: "d"}

	before := must(s.Desk.Store.Book(s.ctx, s.Book))(t)
	var would desk.Refund
	look := func() desk.Preview {
		t.Helper()
		return must(s.Desk.Preview(s.ctx, func(ctx context.Context) (err error) {
			would, err = s.Desk.Refund(ctx, s.Book, ask)
			return err
		}))(t)
	}
	again, got := look(), look()
	if after := must(s.Desk.Store.Book(s.ctx, s.Book))(t); after != before {
		t.Errorf("a preview left the book as %+v, it was %+v", after, before)
	}
	if n := len(must(desk.List[desk.Refund](s.ctx, s.Desk, desk.Query{Book: s.Book, Parent: p.ID, Count: 9}))(t)); n != 0 {
		t.Errorf("a preview left %d refunds", n)
	}
	if would.Amount != 500_00 || would.State != "pending" {
		t.Errorf("the refund would be %+v", would)
	}
	lines := func(entries []desk.EntryLines) (all [][]ledger.Line) {
		for _, e := range entries {
			all = append(all, e.Lines)
		}
		return all
	}
	if !reflect.DeepEqual(lines(got.Entries), lines(again.Entries)) {
		t.Errorf("a second look differs: %v, first %v", lines(again.Entries), lines(got.Entries))
	}

	s.refund(ask)
	made := must(s.Desk.Store.Entries(s.ctx, desk.Query{Book: s.Book, Oldest: true, Count: 100}))(t)[before.Entry:]
	if !reflect.DeepEqual(lines(got.Entries), lines(made)) {
		t.Errorf("a preview showed %v, then came %v", lines(got.Entries), lines(made))
	}
	var names, told []string
	for _, e := range got.Events {
		names = append(names, e.Name)
	}
	for _, e := range must(s.Desk.Store.Events(s.ctx, s.Book, before.Event, 100))(t) {
		told = append(told, e.Name)
	}
	if !reflect.DeepEqual(names, told) {
		t.Errorf("a preview told of %v, then came %v", names, told)
	}
	var refunds int
	for _, r := range got.Rows {
		if x, ok := r.(desk.Refund); ok {
			refunds++
			if x.ID != would.ID || x.Amount != 500_00 {
				t.Errorf("a row of the preview is %+v", x)
			}
		}
	}
	if refunds != 1 {
		t.Errorf("a preview has %d refunds among its rows, want 1", refunds)
	}
}

// A preview is refused as what it looks at is; and a refusal is not remembered
// under the key.
func TestPreviewRefused(t *testing.T) {
	s := newShop(t)
	p := s.pay("card", 500_00)
	ask := desk.RefundRequest{Payment: p.ID, Amount: 600_00, Key: desk.Once{Scope: "test", Key: "k1", Digest: "d"}}
	got, err := s.Desk.Preview(s.ctx, func(ctx context.Context) error {
		_, err := s.Desk.Refund(ctx, s.Book, ask)
		return err
	})
	if ledger.CodeOf(err) != ledger.Exceeds || len(got.Entries)+len(got.Rows)+len(got.Events) != 0 {
		t.Errorf("too much: %v with %+v", err, got)
	}
	ask.Amount = 100_00
	if r := s.refund(ask); r.Amount != 100_00 {
		t.Errorf("after the preview: %+v", r)
	}
}

// Of what is tried nobody is told, and nobody is written down for it.
func TestPreviewLeavesNoTrace(t *testing.T) {
	s := newShop(t)
	p := s.pay("card", 500_00)
	before := must(s.Desk.Store.Book(s.ctx, s.Book))(t)
	ctx := desk.As(s.ctx, desk.Actor{By: "per_1", Name: "Asha", What: "console.refunds"})
	key := desk.Once{Scope: "test", Key: "outer", Digest: "d"}
	ctx, end, err := s.Desk.Under(ctx, s.Book, key, desk.KindRefund)
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	must(s.Desk.Preview(ctx, func(ctx context.Context) error {
		_, err := s.Desk.Refund(ctx, s.Book, desk.RefundRequest{Payment: p.ID, Full: true})
		return err
	}))(t)
	if after := must(s.Desk.Store.Book(s.ctx, s.Book))(t); after != before {
		t.Errorf("the book is %+v, was %+v", after, before)
	}
	if r := must(s.Desk.Refund(ctx, s.Book, desk.RefundRequest{Payment: p.ID, Full: true}))(t); r.Amount != 500_00 {
		t.Errorf("the key of the context was used up: %+v", r)
	}
}
