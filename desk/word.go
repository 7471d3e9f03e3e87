package desk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
	"unicode"

	"wapas/ledger"
	"wapas/rail"
)

// A Word is what one person said of an order whose end takes two. It counts
// once another person says the same, and is forgotten if nobody does in time.
// A person has one word on an order; people who disagree have one each, and
// the order waits until two of them are the same.
type Word struct {
	ID                   ID // word_
	Order                ID
	By                   string
	Outcome              string // done, refused, returned
	Code, Reason         string
	Reference            string
	Digest               string // of what was said, and of the state it was said about
	State                string // open, agreed, replaced, expired
	CreatedAt, ExpiresAt ledger.Time
}

func (r Word) Kind() Kind { return KindWord }
func (r Word) RowID() ID  { return r.ID }
func (r Word) Parent() ID { return r.Order }

// stands says whether a word waits for another person's at a moment.
func (r Word) stands(now ledger.Time) bool { return r.State == "open" && now < r.ExpiresAt }

// WordLife is how long a word waits for another person to say the same.
const WordLife = 24 * time.Hour

// takesTwo says whether an order takes the same word of two people.
func (c *change) takesTwo(o RailOrder) (bool, error) {
	t, err := c.terms()
	return t.needsTwo(o), err
}

func (t Terms) needsTwo(o RailOrder) bool { return t.TwoPeopleAbove > 0 && o.Amount > t.TwoPeopleAbove }

// say keeps a person's word on an order. If another person's stands that says
// the same, both have done their work, and say names the two.
func (c *change) say(o RailOrder, q OutcomeRequest) (by string, agreed bool, err error) {
	if q.By == "" {
		return "", false, ledger.Refuse(ledger.Invalid, WhyPerson, "%s of %s rupees takes the word of two people", o.What, o.Amount).In("by")
	}
	all, err := under[Word](c, o.ID)
	if err != nil {
		return "", false, err
	}
	w := Word{
		Order: o.ID, By: q.By, Outcome: string(q.Outcome), Code: q.Code, Reason: q.Reason, Reference: q.Reference,
		Digest: q.digest(o), State: "open", CreatedAt: c.now, ExpiresAt: c.now.Add(WordLife),
	}
	var mine, other *Word
	for i := range all {
		old := &all[i]
		switch {
		case old.State != "open":
		case c.now >= old.ExpiresAt:
			old.State = "expired"
			c.Put(*old)
		case samePerson(old.By, w.By):
			mine = old
		case old.Digest == w.Digest:
			other = old
		}
	}
	if mine != nil && mine.Digest == w.Digest && other == nil {
		return "", false, nil // said already; it does not live longer for being repeated
	}
	if mine != nil {
		mine.State = "replaced"
		c.Put(*mine)
	}
	w.ID = c.NewID("word")
	if other == nil {
		c.Put(w)
		return "", false, nil
	}
	other.State, w.State = "agreed", "agreed"
	c.Put(*other, w)
	for _, old := range all {
		if old.State == "open" && old.ID != other.ID && (mine == nil || old.ID != mine.ID) { // overruled
			old.State = "replaced"
			c.Put(old)
		}
	}
	return other.By + ", " + w.By, true, nil
}

// samePerson says whether two names are one person's: neither capitals nor
// blanks tell people apart.
func samePerson(a, b string) bool {
	return strings.EqualFold(strings.Join(strings.Fields(a), " "), strings.Join(strings.Fields(b), " "))
}

// digest is a hash of what is said, and of the state it is said about: words
// from before and after the rail was heard are not the same.
func (q OutcomeRequest) digest(o RailOrder) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %q %q %q %q", o.State, q.Outcome, q.Code, q.Reason, q.Reference))
	return hex.EncodeToString(sum[:])
}

// Words are those that stand on an order and wait for another person's, oldest
// first.
func (d *Desk) Words(ctx context.Context, book BookID, order ID) ([]Word, error) {
	b, err := d.Store.Book(ctx, book)
	if err != nil {
		return nil, err
	}
	all, err := List[Word](ctx, d, Query{Book: book, Parent: order, Where: map[string]string{"state": "open"}, Oldest: true})
	now := b.Clock.Now(ledger.At(d.Now()))
	var open []Word
	for _, w := range all {
		if w.stands(now) {
			open = append(open, w)
		}
	}
	return open, err
}

// Check is the rule of a word row.
func (r Word) Check() error {
	said := r.Outcome == string(rail.Done) || r.Outcome == string(rail.Refused) || r.Outcome == string(Returned)
	switch r.State {
	case "open", "agreed", "replaced", "expired":
		if r.Order != "" && r.By != "" && said && r.CreatedAt < r.ExpiresAt {
			return nil
		}
	}
	return ledger.Refuse(ledger.Internal, ledger.WhyInvariant, "%s of %q on %s is %q and says %q", r.ID, r.By, r.Order, r.State, r.Outcome)
}

// isName says whether a text can be a person's name: printable, and short.
func isName(text string) bool {
	return len([]rune(text)) <= 64 && strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
}
