package desk

import (
	"cmp"
	"context"
	"slices"

	"wapas/ledger"
)

// A Carry is an order that waits for a person, with what the person needs to
// move its money.
type Carry struct {
	Order         RailOrder
	Beneficiary   string // a name, if one is known
	Account, IFSC string // of a bank account
	VPA           string
	Narration     string
	Payment       ID     // of a refund
	PaidUnder     string // the provider's reference of that payment
	Customer      ID
}

// Bankable says whether a bank can carry it: it goes to a VPA or an account.
// The others go back to where they came from through the provider's dashboard.
func (k Carry) Bankable() bool { return k.VPA != "" || k.Account != "" && k.IFSC != "" }

// A Sheet is a list of orders that was handed to a person to carry out. An
// order is on one sheet at most, so that nobody carries it out twice.
type Sheet struct {
	ID      ID // sht_
	At      ledger.Time
	Orders  []Carry
	Skipped int  // of those looked at: no bank can carry them
	More    bool // there may be more than fit
}

// MaxSheet is how many orders fit on a sheet.
const MaxSheet = 500

// A SheetRequest asks for a sheet.
type SheetRequest struct {
	Bank  bool // only what a bank can carry
	Again ID   // not a new one but this, with those of its orders that have not ended
}

// WhySheetUnknown refuses a sheet that there is not: NotFound.
const WhySheetUnknown ledger.Why = "sheet_unknown"

// RailSorts are the sorts of things that rails move.
var RailSorts = []string{"refund", "payout", "remittance"}

// HandOut puts the orders of a book that wait for a person on a new sheet, the
// oldest first: those that no rail carries, have been sent, are on no other
// sheet and of which nobody has said yet what became of them. A sheet without
// orders is not kept and has no id.
//
// With Again it gives a sheet once more and changes nothing. It refuses
// NotFound, then.
func (d *Desk) HandOut(ctx context.Context, book BookID, q SheetRequest) (Sheet, error) {
	if q.Again != "" {
		return d.sheetAgain(ctx, book, q)
	}
	var s Sheet
	for _, what := range RailSorts {
		if err := d.gather(ctx, book, q, what, &s); err != nil {
			return Sheet{}, err
		}
	}
	slices.SortStableFunc(s.Orders, func(a, b Carry) int { return cmp.Compare(a.Order.CreatedAt, b.Order.CreatedAt) })
	if len(s.Orders) > MaxSheet {
		s.Orders, s.More = s.Orders[:MaxSheet], true
	}
	if len(s.Orders) == 0 {
		return s, nil
	}
	var reads []Ref
	for _, k := range s.Orders {
		reads = append(reads, ref[RailOrder](k.Order.ID), refUnder[Word](k.Order.ID))
	}
	found := s.Orders
	err := d.change(ctx, book, reads, func(c *change) error {
		s.ID, s.At, s.Orders = c.NewID("sht"), c.now, nil
		c.actOn(s.ID)
		for _, k := range found {
			o, err := need[RailOrder](c, k.Order.ID, "")
			if err != nil {
				return err
			}
			words, err := under[Word](c, o.ID)
			if err != nil {
				return err
			}
			if o.State != "sent" || o.Sheet != "" || slices.ContainsFunc(words, func(w Word) bool { return w.stands(c.now) }) {
				continue // somebody was faster
			}
			o.Sheet, o.ExportedAt = s.ID, c.now
			c.Put(o)
			k.Order = o
			s.Orders = append(s.Orders, k)
		}
		return nil
	})
	if len(s.Orders) == 0 {
		s.ID = ""
	}
	return s, err
}

// gather adds what may go on a sheet, of one sort and as much as could fit.
func (d *Desk) gather(ctx context.Context, book BookID, q SheetRequest, what string, s *Sheet) error {
	where := map[string]string{"what": what, "ended_at": "0", "rail": ManualRail, "state": "sent", "sheet": ""}
	for skip, took := 0, 0; ; skip += MaxSheet {
		some, err := List[RailOrder](ctx, d, Query{Book: book, Where: where, Oldest: true, Skip: skip, Count: MaxSheet})
		if err != nil {
			return err
		}
		for _, o := range some {
			words, err := d.Words(ctx, book, o.ID)
			if err != nil {
				return err
			}
			if len(words) > 0 {
				continue
			}
			k, err := d.Carry(ctx, book, o)
			switch {
			case err != nil:
				return err
			case q.Bank && !k.Bankable():
				s.Skipped++
			case took == MaxSheet:
				s.More = true
				return nil
			default:
				s.Orders = append(s.Orders, k)
				took++
			}
		}
		if len(some) < MaxSheet {
			return nil
		}
	}
}

func (d *Desk) sheetAgain(ctx context.Context, book BookID, q SheetRequest) (Sheet, error) {
	all, err := List[RailOrder](ctx, d, Query{Book: book, Where: map[string]string{"sheet": string(q.Again)}, Oldest: true, Count: MaxSheet})
	if err != nil {
		return Sheet{}, err
	}
	if len(all) == 0 {
		return Sheet{}, ledger.Refuse(ledger.NotFound, WhySheetUnknown, "%s", q.Again).In("sheet")
	}
	s := Sheet{ID: q.Again, At: all[0].ExportedAt}
	slices.SortStableFunc(all, func(a, b RailOrder) int { return cmp.Compare(a.CreatedAt, b.CreatedAt) })
	for _, o := range all {
		words, err := d.Words(ctx, book, o.ID)
		if err != nil {
			return Sheet{}, err
		}
		if o.EndedAt != 0 || len(words) > 0 {
			continue
		}
		k, err := d.Carry(ctx, book, o)
		if err != nil {
			return Sheet{}, err
		}
		s.Orders = append(s.Orders, k)
	}
	return s, nil
}

// Carry finds what a person needs to move the money of an order.
func (d *Desk) Carry(ctx context.Context, book BookID, o RailOrder) (Carry, error) {
	k := Carry{Order: o}
	switch o.What {
	case "refund":
		r, err := find[Refund](ctx, d, book, o.ID)
		if err != nil {
			return k, err
		}
		p, err := find[Payment](ctx, d, book, r.Payment)
		if err != nil {
			return k, err
		}
		k.Payment, k.Customer, k.PaidUnder, k.VPA, k.Beneficiary = p.ID, p.Customer, p.Reference, p.VPA, p.CardName
		k.Narration = "Refund " + string(o.ID[len(o.ID)-min(len(o.ID), 14):])
	case "payout":
		p, err := find[Payout](ctx, d, book, o.ID)
		if err != nil {
			return k, err
		}
		f, err := find[FundAccount](ctx, d, book, p.FundAccount)
		if err != nil {
			return k, err
		}
		k.Customer, k.Beneficiary, k.Account, k.IFSC, k.Narration = p.Customer, f.Name, f.Number, f.IFSC, p.Narration
	case "remittance":
		r, err := find[Remittance](ctx, d, book, o.ID)
		if err != nil {
			return k, err
		}
		k.Beneficiary, k.Account, k.IFSC = r.RecipientName, r.Account, r.IFSC
		k.Narration = "Remittance " + r.TID
	}
	return k, nil
}
