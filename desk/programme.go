package desk

import (
	"context"
	"slices"
	"strings"
	"time"

	"wapas/ledger"
)

// A Programme is what the merchant's store credit is. A book has one: it is
// made with the defaults when the first credit is given, or set by the operator.
type Programme struct {
	ID           ID            // iprog_
	Type         string        // closed, gift
	Funding      string        // Backed, Prefunded
	MaxBalance   ledger.Amount // of one member; 0: no limit
	Expiry       int64         // seconds that a credit lives after it was given; 0: for ever
	CountsOrders bool          // a refund that names an order of this book counts against what may be given back of it
	ThirdParty   bool          // it may be spent on what independent sellers sell
	Basis        string        // then: why this is still closed-loop, in the words of whoever decided it
	CreatedAt    ledger.Time
	UpdatedAt    ledger.Time
}

// What a programme's credit is. Closed credit buys from the merchant alone, and
// only it may take the refund of a card, UPI or netbanking payment. A gift
// programme takes gifts and goodwill, and no refunds.
const (
	ClosedProgramme = "closed"
	GiftProgramme   = "gift"
)

// What stands behind the credit: the merchant's promise to honour it, or the
// merchant's money, which is taken when a credit is given.
const (
	Backed    = "backed"
	Prefunded = "prefunded"
)

// The rules of programmes.
const (
	WhyProgramme        ledger.Why = "programme"         // Invalid: one that nobody can live by
	WhyProgrammeBasis   ledger.Why = "programme_basis"   // Invalid: sold on to others' goods, and nobody says why that is closed-loop
	WhyProgrammeFunding ledger.Why = "programme_funding" // WrongState: somebody holds credit under the old funding
)

// maxBasis is how many characters the basis of a programme may have.
const maxBasis = 2000

func (r Programme) Kind() Kind { return KindProgramme }
func (r Programme) RowID() ID  { return r.ID }
func (r Programme) Parent() ID { return programmeParent }

const programmeParent ID = "programme" // the one programme is found under this

// DefaultProgramme is that of a book where nobody has said otherwise: closed,
// on the merchant's promise, without limit or end.
func DefaultProgramme() Programme { return Programme{Type: ClosedProgramme, Funding: Backed} }

// Check says whether a programme can be lived by. The field at fault is named
// as in the schema. It refuses Invalid.
func (r Programme) Check() error {
	switch {
	case !slices.Contains([]string{ClosedProgramme, GiftProgramme}, r.Type):
		return ledger.Refuse(ledger.Invalid, WhyProgramme, "kind must be closed or gift").In("kind")
	case !slices.Contains([]string{Backed, Prefunded}, r.Funding):
		return ledger.Refuse(ledger.Invalid, WhyProgramme, "funding must be backed or prefunded").In("funding")
	case r.MaxBalance < 0 || r.MaxBalance > ledger.MaxAmount:
		return ledger.Refuse(ledger.Invalid, WhyProgramme, "max_balance must be between 0 and %d", ledger.MaxAmount).In("max_balance")
	case r.Expiry < 0 || r.Expiry > maxWait:
		return ledger.Refuse(ledger.Invalid, WhyProgramme, "expiry must be between 0 and %d", maxWait).In("expiry")
	case len([]rune(r.Basis)) > maxBasis:
		return ledger.Refuse(ledger.Invalid, WhyProgramme, "closed_loop_basis has at most %d characters", maxBasis).In("closed_loop_basis")
	case r.ThirdParty && strings.TrimSpace(r.Basis) == "":
		return ledger.Refuse(ledger.Invalid, WhyProgrammeBasis,
			"credit that buys from independent sellers needs a decision why it is closed-loop").In("closed_loop_basis")
	}
	return nil
}

// backed says whether the merchant's promise stands behind the credit.
func (r Programme) backed() bool { return r.Funding == Backed }

// expires is when a credit given now ends; zero if it does not.
func (r Programme) expires(now ledger.Time) ledger.Time {
	if r.Expiry == 0 {
		return 0
	}
	return now.Add(time.Duration(r.Expiry) * time.Second)
}

// programme is the book's, with the defaults and without an id if there is none
// yet.
func (c *change) programme() (Programme, error) {
	all, err := under[Programme](c, programmeParent)
	if err != nil || len(all) == 0 {
		return DefaultProgramme(), err
	}
	return all[0], nil
}

// ownProgramme is the book's programme, which is made if there is none.
func (c *change) ownProgramme() (Programme, error) {
	p, err := c.programme()
	if err == nil && p.ID == "" {
		p.ID, p.CreatedAt, p.UpdatedAt = c.NewID("iprog"), c.now, c.now
		c.Put(p)
	}
	return p, err
}

// Programme is the book's, or what it will be when the first credit is given:
// then it has no id.
func (d *Desk) Programme(ctx context.Context, book BookID) (Programme, error) {
	all, err := List[Programme](ctx, d, Query{Book: book, Count: 1})
	if err != nil || len(all) == 0 {
		return DefaultProgramme(), err
	}
	return all[0], nil
}

// SetProgramme sets what the book's store credit is from now on. What was given
// before keeps the end it has. Id and times of p are not looked at.
//
// The funding cannot change while anybody holds credit: the books would have to
// say what stands behind it now.
//
// It refuses, in this order: Invalid; WrongState (WhyProgrammeFunding); Busy if
// the book is so busy that nobody can say whether credit is held.
func (d *Desk) SetProgramme(ctx context.Context, book BookID, p Programme) (Programme, error) {
	if err := p.Check(); err != nil {
		return p, err
	}
	// Who holds credit is only known from all accounts, which a change does not
	// read. They are read before it, and believed if no entry was made since.
	for tries := 1; ; tries++ {
		still, err := d.unheld(ctx, book)
		if err != nil {
			return p, err
		}
		set, err := d.setProgramme(ctx, book, p, still)
		if ledger.CodeOf(err) != ledger.Busy || tries == 10 {
			return set, err
		}
	}
}

// setProgramme is one try of SetProgramme. Still is the number of the last
// entry when nobody held credit; -1 if somebody did. It is Busy, and nothing is
// kept, if it is not known whether anybody holds credit now.
func (d *Desk) setProgramme(ctx context.Context, book BookID, p Programme, still int64) (set Programme, err error) {
	reads := []Ref{refUnder[Programme](programmeParent)}
	err = d.change(ctx, book, reads, func(c *change) error {
		set = p
		old, err := c.ownProgramme()
		switch {
		case err != nil:
			return err
		case old.Funding == p.Funding:
		case still < 0:
			return ledger.Refuse(ledger.WrongState, WhyProgrammeFunding, "credit is held that is %s", old.Funding).In("funding")
		case still != c.Book().Entry:
			return ledger.Refuse(ledger.Busy, WhyInProgress, "the book is too busy to change its funding: try again")
		}
		set.ID, set.CreatedAt, set.UpdatedAt = old.ID, old.CreatedAt, c.now
		c.Put(set)
		return nil
	})
	return set, err
}

// unheld is the number of a book's last entry at a moment when nobody held
// credit; -1 if somebody does.
func (d *Desk) unheld(ctx context.Context, book BookID) (int64, error) {
	b, err := d.Store.Book(ctx, book)
	if err != nil {
		return 0, err
	}
	all, err := d.Store.Balances(ctx, book)
	if err != nil {
		return 0, err
	}
	for id, a := range all {
		if id.Code() == ledger.StoreCredit && a.Amount != 0 {
			return -1, nil
		}
	}
	return b.Entry, nil
}
