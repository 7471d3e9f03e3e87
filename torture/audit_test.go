package torture

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"wapas/desk"
	"wapas/ledger"
	"wapas/sqlstore"
)

// A fact is a thing that is in the books.
type fact struct {
	id     string
	amount int64
}

// A thing is what a deed makes: a kind and a reference.
type thing struct{ what, ref string }

// facts are all things that the load makes, as a book at an address has them.
func facts(t testing.TB, address string, book desk.BookID) map[thing][]fact {
	t.Helper()
	st, err := sqlstore.Open(context.Background(), address, sqlstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	d := &desk.Desk{Store: st}
	there := map[thing][]fact{}
	add := func(what, ref string, id desk.ID, amount ledger.Amount) {
		k := thing{what, ref}
		there[k] = append(there[k], fact{string(id), int64(amount)})
	}
	each(t, d, book, func(r desk.Order) { add("order", r.Receipt, r.ID, r.Amount) })
	each(t, d, book, func(r desk.Payment) {
		if r.Captured {
			add("payment", string(r.Order), r.ID, r.Amount)
		}
	})
	each(t, d, book, func(r desk.Credit) {
		what := "credit"
		if r.Type == desk.CreditOut {
			what = "spend"
		}
		add(what, r.Reference, r.ID, r.Amount)
	})
	// The load may go on meanwhile: what is caused is read before what causes it.
	refunded := map[desk.ID]desk.ID{}
	each(t, d, book, func(r desk.Remittance) {
		add("remittance", r.Ref, r.ID, r.Amount)
		if r.State == desk.RemitRefunded {
			refunded[r.ID] = r.Refund
			add("cash", r.Ref, r.Refund, r.Amount)
		}
	})
	refunds := map[desk.ID]desk.Refund{}
	each(t, d, book, func(r desk.Refund) {
		refunds[r.ID] = r
		ref := r.Receipt
		if r.Room == "phonepe" {
			ref = note(t, r.Notes, "message")
		}
		if r.Payment != "" {
			add("refund", ref, r.ID, r.Amount)
		}
	})
	for id, refund := range refunded {
		if _, ok := refunds[refund]; !ok {
			t.Errorf("%s is refunded by %s, which is not there", id, refund)
		}
	}
	splits := map[desk.ID]ledger.Amount{}
	each(t, d, book, func(r desk.Transfer) {
		if ref := note(t, r.Notes, "ref"); ref != "" {
			add("load", ref, r.ID, r.Amount)
		} else {
			splits[r.Source] += r.Amount
		}
	})
	for payment, amount := range splits {
		add("split", string(payment), "", amount)
	}
	pulled := map[desk.ID]ledger.Amount{} // from the sellers, by the refund
	each(t, d, book, func(r desk.Reversal) { pulled[r.Refund] += r.Amount })
	for id, r := range refunds {
		if r.ReverseAll && pulled[id] != splits[r.Payment] {
			t.Errorf("%s has pulled %d of %d back from the sellers", id, pulled[id], splits[r.Payment])
		}
	}
	return there
}

// each calls do with every row of a type that a book has.
func each[R desk.Row](t testing.TB, d *desk.Desk, book desk.BookID, do func(R)) {
	t.Helper()
	q := desk.Query{Book: book, Oldest: true, Count: 1000}
	for {
		page, err := desk.List[R](context.Background(), d, q)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page {
			do(r)
			q.After = string(r.RowID())
		}
		if len(page) < q.Count {
			return
		}
	}
}

func note(t testing.TB, ns desk.Notes, name string) string {
	if !strings.HasPrefix(string(ns), "{") {
		return ""
	}
	var all map[string]any
	if err := json.Unmarshal([]byte(ns), &all); err != nil {
		t.Errorf("notes %q: %v", ns, err)
	}
	s, _ := all[name].(string)
	return s
}

// audit compares what the witness has on disk with what is in the books: what
// was acknowledged is there, as it was acknowledged, and nothing is there twice.
// Firm says that a 5xx was a promise that nothing happened.
func (w *witness) audit(address string, firm bool) {
	w.t.Helper()
	all := w.book.read() // first: the load may go on meanwhile
	there := facts(w.t, address, w.of)
	wrong := 0
	say := func(format string, args ...any) {
		if wrong++; wrong <= 20 {
			w.t.Errorf(format, args...)
		}
	}
	keptAt := map[thing]bool{}
	for _, d := range all {
		if d.Said == kept {
			keptAt[thing{d.What, d.Ref}] = true
		}
	}
	for _, d := range all {
		k := thing{d.What, d.Ref}
		got := there[k]
		switch {
		case len(got) > 1 && d.What != "split":
			say("%s %s happened %d times: %v", d.What, d.Ref, len(got), got)
		case d.Said == kept && len(got) == 0:
			say("%s %s was acknowledged and is not there: %+v", d.What, d.Ref, d)
		case d.Said == kept && (d.ID != "" && d.ID != got[0].id || d.Amount != got[0].amount):
			say("%s %s was acknowledged as %+v and is %+v", d.What, d.Ref, d, got[0])
		case d.Said == fault && firm && len(got) > 0 && !keptAt[k]:
			say("%s %s was refused with a 5xx and is there: %v", d.What, d.Ref, got)
		}
	}
	for k, got := range there { // of what was not answered, too, there is one at most
		if len(got) > 1 && k.ref != "" {
			say("%s %s happened %d times: %v", k.what, k.ref, len(got), got)
		}
	}
	if wrong > 20 {
		w.t.Errorf("and %d more", wrong-20)
	}
}

// balances adds up what was done to each wallet and member, and asks the server
// what they hold.
func (s *shop) balances(w *witness, base, address string) {
	w.t.Helper()
	there := facts(w.t, address, w.of)
	sum := func(what string, of func(ref string) bool) (all int64) {
		for k, got := range there {
			if k.what == what && of(k.ref) {
				for _, f := range got {
					all += f.amount
				}
			}
		}
		return all
	}
	paid := map[string]int64{} // by the receipt of the order
	for k, got := range there {
		if k.what == "order" {
			for _, f := range got {
				for _, p := range there[thing{"payment", f.id}] {
					paid[k.ref] += p.amount
				}
			}
		}
	}
	for i := range s.customers {
		mine := func(ref string) bool { return strings.HasPrefix(ref, fmt.Sprint(i, "-")) }
		wallet := sum("load", mine)
		for ref, amount := range paid {
			if mine(ref) && strings.HasSuffix(ref, "w") {
				wallet -= amount
			}
		}
		_, said, err := w.send(base, "GET", "razorpay", "/v1/customers/"+s.customers[i]+"/balance", "", "")
		if got := said.text("balance"); err != nil || got != fmt.Sprint(wallet) {
			w.t.Errorf("the wallet of client %d holds %s, and %d by what was done (%v)", i, got, wallet, err)
		}
		credit := 100 + sum("credit", mine) - sum("spend", mine)
		_, said, err = w.send(base, "GET", "native", "/api/v1/members/"+s.members[i]+"/balance", "", "")
		if got := said.text("balance"); err != nil || got != fmt.Sprint(credit) {
			w.t.Errorf("member %d holds %v, and %d by what was done (%v)", i, said, credit, err)
		}
	}
}
