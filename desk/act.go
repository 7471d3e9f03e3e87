package desk

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"wapas/ledger"
	"wapas/mask"
)

// An Act is what one person did by hand: a line of the audit log. It is written
// in the change that it tells of, lies under its seal, and is never changed or
// deleted. What was refused, or changed nothing, is no act.
type Act struct {
	ID     ID     // act_
	By     string // a person's id, a credential's name, or cli: and who is at the terminal
	Name   string // what people call them
	What   string // what was done: refund.create
	Of     ID     // to what: an id, or a credential's name
	Detail string // JSON, without personal data and secrets
	From   string // the address it was done from, if there is one
	At     ledger.Time
}

func (a Act) Kind() Kind { return KindAct }
func (a Act) RowID() ID  { return a.ID }
func (a Act) Parent() ID { return a.Of }
func (a Act) Check() error {
	if a.By == "" || a.What == "" {
		return ledger.Refuse(ledger.Internal, ledger.WhyInvariant, "act %s is by %q, who did %q", a.ID, a.By, a.What)
	}
	return nil
}

// An Actor is who is doing something by hand, and what. If Of is empty, it is
// the first thing that the change makes, or else the first that it changes.
type Actor struct {
	By, Name, What string
	Of             ID
	Detail         string // a JSON object; what may be personal data in it is masked
	From           string
}

type actorKey struct{}

// As puts an actor into the context: every change that is made with it, and
// writes something, writes an Act as well. An actor decides nothing: who may do
// a thing is settled before. Like a key (see Under) it is a passenger of the
// context, because every method of the desk ends in a change.
func As(ctx context.Context, a Actor) context.Context {
	a.By, a.Name, a.What, a.From = short(a.By, 128), short(a.Name, 64), short(a.What, 64), short(a.From, 64)
	if a.Detail != "" {
		if !json.Valid([]byte(a.Detail)) {
			text, _ := json.Marshal(map[string]string{"said": a.Detail})
			a.Detail = string(text)
		}
		a.Detail = mask.JSON(a.Detail, maxDetail)
		if !json.Valid([]byte(a.Detail)) { // it was cut
			a.Detail = `{"cut":true}`
		}
	}
	return context.WithValue(ctx, actorKey{}, &a)
}

// maxDetail is how many bytes an act tells of itself.
const maxDetail = 1000

// short is a text of printable runes, cut.
func short(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == utf8.RuneError {
			return -1
		}
		return r
	}, text)
	for len(text) > most {
		_, n := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-n]
	}
	return text
}

// Unwatched is the context without its actor.
func Unwatched(ctx context.Context) context.Context {
	return context.WithValue(ctx, actorKey{}, (*Actor)(nil))
}

// Watched says whether the context has an actor.
func Watched(ctx context.Context) bool { return actorOf(ctx) != nil }

func actorOf(ctx context.Context) *Actor {
	a, _ := ctx.Value(actorKey{}).(*Actor)
	return a
}

// witness writes the actor's act, if the change did something: put a row that
// is more than a key or a timer, or turned the book's clock.
func (c *change) witness() {
	if c.actor == nil || c.refused {
		return
	}
	of, did := c.actor.Of, c.turned
	var made, changed ID
	for _, r := range c.put {
		switch id := r.RowID(); {
		case r.Kind() == KindKey || r.Kind() == KindTimer:
			continue
		case made == "" && slices.Contains(c.minted, id):
			made = id
		case changed == "":
			changed = id
		}
		did = true
	}
	if !did {
		return
	}
	if of == "" {
		if of = made; of == "" {
			of = changed
		}
	}
	c.act(*c.actor, of)
}

// actOn says what a change is done to, where that has no row of its own.
func (c *change) actOn(of ID) {
	if c.actor != nil && c.actor.Of == "" {
		a := *c.actor
		a.Of = of
		c.actor = &a
	}
}

func (c *change) act(a Actor, of ID) {
	c.Put(Act{ID: c.Tx.NewID("act"), By: a.By, Name: a.Name, What: a.What, Of: of, Detail: a.Detail, From: a.From, At: c.now})
}

// NewID mints an id, and remembers it where somebody is watched.
func (c *change) NewID(prefix string) ID {
	id := c.Tx.NewID(prefix)
	if c.actor != nil {
		c.minted = append(c.minted, id)
	}
	return id
}

// PutBook replaces the book's row.
func (c *change) PutBook(b Book) {
	c.turned = c.turned || b.Clock != c.book.Clock
	c.Tx.PutBook(b)
}

// Witness writes the context's actor down in a book for something that changes
// no row there: a secret that was shown, a credential that was revoked. Without
// an actor it does nothing.
func (d *Desk) Witness(ctx context.Context, book BookID, of ID) error {
	a := actorOf(ctx)
	if a == nil {
		return nil
	}
	if a.Of != "" {
		of = a.Of
	}
	return d.change(Alone(Unwatched(ctx)), book, nil, func(c *change) error {
		c.act(*a, of)
		return nil
	})
}

// actOf writes the context's actor down in every book of a merchant: people are
// nobody else's.
func (d *Desk) actOf(ctx context.Context, merchant, of ID) error {
	if actorOf(ctx) == nil {
		return nil
	}
	books, err := d.Store.Books(ctx, BookQuery{Merchant: merchant})
	if err != nil {
		return err
	}
	for _, b := range books {
		if err := d.Witness(ctx, b.ID, of); err != nil {
			return err
		}
	}
	return nil
}

// Acts are a page of the audit log of a book, the newest first. Query.Parent is
// what they were done to, Where may name person.
func (d *Desk) Acts(ctx context.Context, q Query) ([]Act, error) {
	return List[Act](ctx, d, q)
}
